from __future__ import annotations

import pytest

from eventcoder.errors import CodebookError, UsageError
from eventcoder.extraction.kit import Kit, open_lexicon
from eventcoder.extraction.trial import try_actors, try_count, try_date, try_places, try_type


def test_date(kit: Kit) -> None:
    answer = try_date({"id": "a", "text": "Gunmen killed two farmers late on Thursday.", "published": "2019-08-01"}, kit)
    assert {k: answer[k] for k in ("id", "start", "end", "time_precision", "rule")} == {
        "id": "a", "start": "2019-08-01", "end": "2019-08-01", "time_precision": 1, "rule": "weekday",
    }  # fmt: skip
    assert try_date({"id": "b", "text": "03/04/2019", "published": "2019-08-01"}, kit)["rule"] == "ambiguous-day-month"
    assert try_date({"id": "c", "text": "Activists will march on Friday", "published": "2019-08-01"}, kit)["start"] == "2019-08-02"
    assert try_date({"id": "d", "text": "Nothing here."}, kit) == {
        "id": "d", "start": None, "end": None, "time_precision": None, "event_date": None, "rule": "no-date", "words": None,
    }  # fmt: skip


def test_date_is_not_that_of_the_anniversary(kit: Kit) -> None:
    answer = try_date({"text": "On the anniversary of the 3 May massacre, gunmen killed two farmers on Monday.", "published": "2019-08-01"}, kit)
    assert answer["start"] == "2019-07-29"


def test_places(kit: Kit) -> None:
    text = "Clashes broke out in Maiduguri, Nigeria, the University of Ibadan said."
    answer = try_places({"id": 1, "text": text}, kit)
    first = answer["places"][0]
    assert text[first["start"] : first["end"]] == first["name"] == "Maiduguri"
    assert first["country"] == answer["country"] == "Nigeria" and first["gazetteer_id"].startswith("geonames:") and 11 < first["latitude"] < 12.5


def test_T9_T10_unsettled_places_keep_their_candidates(kit: Kit) -> None:
    answer = try_places({"text": "A bomb exploded in Tripoli."}, kit)
    place = answer["places"][0]
    assert place["name"] == "Tripoli" and (place["gazetteer_id"] is not None or len(place["candidates"]) > 1)
    lebanon = try_places({"text": "A bomb exploded in Tripoli, Lebanon."}, kit)["places"][0]
    assert lebanon["country"] == "Lebanon"


def test_count(kit: Kit) -> None:
    answer = try_count({"id": 1, "text": "At least 12 people were killed and 30 wounded."}, kit)
    assert {k: answer[k] for k in ("kind", "low", "best", "high")} == {"kind": "killed", "low": 12, "best": 12, "high": None}
    assert [c["kind"] for c in answer["counts"]] == ["killed", "injured"]
    assert try_count({"text": "Nothing."}, kit)["low"] is None


def test_actors(kit: Kit) -> None:
    answer = try_actors({"id": 1, "text": "Taliban fighters attacked Afghan soldiers near Kunduz, Afghanistan.", "published": "2020-01-02"}, kit)
    roles = {a["role"]: (a["actor"], a["inter"]) for a in answer["actors"]}
    assert roles["actor1"] == ("Taliban", "Rebel group")
    assert roles["actor2"][0].startswith("Military Forces of Afghanistan") and roles["actor2"][1] == "State forces"


def test_passive_turns_the_sides(kit: Kit) -> None:
    answer = try_actors({"text": "Three villagers were killed by gunmen in Kano, Nigeria."}, kit)
    roles = {a["role"]: a["actor"] for a in answer["actors"]}
    assert roles["actor1"] == "Unidentified Armed Group (Nigeria)" and roles["actor2"] == "Civilians (Nigeria)"


def test_wrong_records_say_so(kit: Kit) -> None:
    with pytest.raises(UsageError, match="no text"):
        try_type({"id": 1}, kit)
    with pytest.raises(UsageError, match="published"):
        try_date({"text": "x", "published": "soon"}, kit)


def test_a_lexicon_with_an_unknown_signal_is_refused(tmp_path: object, kit: Kit) -> None:
    import shutil
    from pathlib import Path

    folder = Path(str(tmp_path)) / "lexicon"
    shutil.copytree(kit.schema_dir / "lexicon", folder)
    with (folder / "event_cues.csv").open("a", encoding="utf-8") as stream:
        stream.write("zap,ZAP,1\n")
    with pytest.raises(CodebookError, match="ZAP"):
        open_lexicon(folder)
    (folder / "signals.csv").unlink()
    with pytest.raises(CodebookError, match="cannot be read"):
        open_lexicon(folder)


def test_a_lexicon_is_given_also_where_others_push_it_out_at_once(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    class Emptied(dict[tuple[object, ...], object]):
        """What is kept, while other threads read lexicons of other projects."""

        def __setitem__(self, key: tuple[object, ...], value: object) -> None:
            pass

    monkeypatch.setattr("eventcoder.extraction.kit._KEPT", Emptied())
    assert open_lexicon(kit.schema_dir / "lexicon").signals == kit.lexicon.signals
