"""The candidate channel: what is not settled is published apart, marked, and never mixed with releases unless somebody asks for it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from eventcoder import clock
from eventcoder.errors import NotFound, ReleaseError, UsageError
from eventcoder.ledger import new_entry
from eventcoder.ledger.exchange.journal import import_journal
from eventcoder.ledger.exchange.journal_line import entry_line, header_line
from eventcoder.reader import changes, load, resolve, scan, versions
from eventcoder.releases import check_release
from eventcoder.releases.csvfile import read_texts
from eventcoder.releases.making.build import pending
from eventcoder.releases.manifest import parse_manifest, read_manifest
from eventcoder.releases.versions import read_versions
from tests.releases.workshop import Workshop, book

RELEASE, FIRST = "2026.11.0", "2026.11.300"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workshop, dict[str, str]]]:
    """A release, and a candidate with: a released event that is open again, one withdrawn, one that got an error, a new open one, one in conflict."""
    shop = Workshop(tmp_path_factory.mktemp("weir") / "project", 8)
    shop.coverage(country="Iran", week="2026-10-26", sources=["The Weir Gazette"])
    shop.release(notes="The first week.")
    names = dict(zip(("reopened", "withdrawn", "broken", "torn"), shop.ids, strict=False))
    shop.act(names["reopened"], {"act": "revise", "values": {"location": "Weir Bridge"}, "settled": False, "reason": "misread map"})
    shop.act(names["withdrawn"], {"act": "retract", "reason": "a film set"})
    shop.act(names["broken"], {"act": "revise", "values": {"latitude": 999.0}, "settled": False, "reason": "a slip"})
    names["new"] = shop.create(31, settled=False)
    names["leaky"] = shop.create(35, settled=False, notes="Night Courier told of a march.")
    shop.act(names["leaky"], {"act": "attach", "reports": [{"document": shop.secret}], "settled": False})
    names["gap"] = shop.create(33, settled=False, latitude=None, longitude=None)
    names["undated"] = shop.create(34, settled=False, event_date=None)
    names["nonsense"] = shop.create(32, settled=False, fatalities="many")
    head = shop.ledger.head(names["torn"])
    assert head is not None
    for number, coder in enumerate(("bo", "cy")):
        shop.moment += timedelta(minutes=1)
        body = {"act": "revise", "values": {"location": f"Weir {number}"}, "settled": True, "reason": "map"}
        _side_by_side(shop, new_entry("act", names["torn"], body, coder=coder, time=shop.moment, parents=head.heads))
    shop.candidate(notes="The week so far.")
    yield shop, names
    shop.ledger.close()


def _side_by_side(shop: Workshop, entry: Any) -> None:
    """Store an act as the import of a journal does, which finds out only then that another coder acted meanwhile."""
    path = shop.project.root / f"{entry.coder}-{entry.time[:7]}.jsonl"
    path.write_text(header_line(shop.ledger.project) + entry_line(entry), "utf-8", newline="\n")
    import_journal(shop.ledger, [path])


@pytest.fixture
def releases(made: tuple[Workshop, dict[str, str]], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made[0].project.releases_dir, tmp_path / "releases"))


def test_a_candidate_stands_apart_and_says_what_it_is(made: tuple[Workshop, dict[str, str]], releases: Path) -> None:
    assert [v.version for v in read_versions(releases).versions] == [RELEASE], "the list of releases does not know it"
    listed = read_versions(releases / "candidate")
    assert (listed.channel, listed.latest, listed.versions[0].notes) == ("candidate", FIRST, "The week so far.")
    folder = releases / "candidate" / FIRST
    manifest, package = read_manifest(folder)
    assert (manifest.channel, manifest.previous) == ("candidate", RELEASE)
    assert package["title"] == "Weir Valley events (candidate, not settled)"
    assert "candidate, not settled" in manifest.citation
    for name in ("CITATION.cff", "LICENSE", "CHANGES.md"):
        assert "candidate" in (folder / name).read_text("utf-8"), name
    assert "will change" in (folder / "CHANGES.md").read_text("utf-8")
    deposit, croissant = (json.loads((folder / name).read_text("utf-8")) for name in ("zenodo.json", "croissant.json"))
    for text in (package["description"], deposit["metadata"]["description"], croissant["description"]):
        assert "A candidate and no release" in text
    assert f"It was compared with release {RELEASE}" in deposit["metadata"]["description"] and croissant["isLiveDataset"] is True
    settled = json.loads((releases / RELEASE / "zenodo.json").read_text("utf-8"))["metadata"]["description"]
    assert "candidate" not in settled
    assert "channel" not in json.loads((releases / RELEASE / "datapackage.json").read_text("utf-8"))["eventcoder"], (
        "read by every program of format 1"
    )
    assert "channel" not in json.loads((releases / "versions.json").read_text("utf-8"))


def test_every_event_is_in_it_or_named_with_what_is_wrong(made: tuple[Workshop, dict[str, str]], releases: Path) -> None:
    _, names = made
    rows = {r["event_id"]: r for r in read_texts(releases / "candidate" / FIRST / "unsettled.csv").to_pylist()}
    assert {n: rows[i]["state"] for n, i in names.items() if i in rows} == {
        "reopened": "open", "broken": "left out", "torn": "left out", "new": "open", "nonsense": "left out", "gap": "open", "undated": "left out",
        "leaky": "left out",
    }  # fmt: skip
    assert {n: rows[names[n]]["problems"] for n in ("torn", "nonsense")} == {"torn": "event-in-conflict", "nonsense": "value-of-another-type"}
    assert "out-of-range" in rows[names["broken"]]["problems"]
    assert rows[names["leaky"]]["problems"] == "undisclosed-source"
    assert not any(b"Night Courier" in p.read_bytes() for p in (releases / "candidate").rglob("*") if p.is_file())
    assert {n: rows[names[n]]["released"] for n in ("reopened", "broken", "new")} == {"reopened": RELEASE, "broken": RELEASE, "new": None}
    here = set(load(releases, channel="candidate")["event_id"])
    assert here & set(names.values()) == {names["reopened"], names["new"], names["gap"]}
    reasons = changes_of(releases).set_index("event_id")["reason"]
    assert "Left out of this candidate" in reasons[names["broken"]]
    assert reasons[names["withdrawn"]] == "a film set"


def changes_of(releases: Path) -> pd.DataFrame:
    frame = pd.read_csv(releases / "candidate" / FIRST / "changes.csv")
    return frame[frame["op"] == "retracted"]


@pytest.mark.usefixtures("without_rules")
def test_it_is_checked_like_a_release(releases: Path) -> None:
    report = check_release(releases)
    assert report.valid, [p.message for p in report.errors]
    assert not [p for p in report if p.code == "previous-absent"], "the changes were replayed against the release"
    (releases / "candidate" / FIRST / "unsettled.csv").write_text("event_id\n", "utf-8")
    found = [p for p in check_release(releases).errors if p.code == "changed-file"]
    assert [p.where for p in found] == [f"candidate/{FIRST}/unsettled.csv"]


@pytest.mark.slow
def test_the_rules_find_nothing_in_what_was_let_in(releases: Path) -> None:
    report = check_release(releases / "candidate" / FIRST)
    assert [p for p in report.errors if p.code != "validation-differs"] == []


def test_load_never_mixes_channels_unless_asked(made: tuple[Workshop, dict[str, str]], releases: Path) -> None:
    _, names = made
    plain = load(releases)
    assert len(plain) == 8 and "channel" not in plain
    assert "candidate" not in plain.attrs
    apart = load(releases, channel="candidate").set_index("event_id")
    assert set(apart["channel"]) == {"candidate"}
    assert (apart.loc[names["new"], "state"], apart.loc[names["reopened"], "state"]) == ("open", "open")
    assert apart.loc[names["reopened"], "location"] == "Weir Bridge"
    assert apart["state"].value_counts()["settled"] == 4
    assert pd.isna(apart.loc[names["new"], "first_release"]) and pd.isna(apart.loc[names["reopened"], "last_changed"]), "null: not yet released"
    both = load(releases, channel="both")
    assert both["event_id"].is_unique
    assert both["channel"].value_counts().to_dict() == {"released": 8, "candidate": 2}
    assert set(both[both["channel"] == "candidate"]["event_id"]) == {names["new"], names["gap"]}
    assert both.set_index("event_id").loc[names["reopened"], "location"] != "Weir Bridge", "the release stands until the next one"
    assert both.dtypes.drop(["channel", "state"]).equals(plain.dtypes)
    assert (both.attrs["version"], both.attrs["candidate"]["version"], both.attrs["rows"]) == (RELEASE, FIRST, 10)
    assert both.attrs["candidate"]["changes"]["retracted"] == 3


def test_filters_and_columns_hold_in_every_channel(made: tuple[Workshop, dict[str, str]], releases: Path) -> None:
    _, names = made
    country = load(releases, channel="candidate").set_index("event_id").loc[names["new"], "country"]
    both = load(releases, channel="both", country=country, columns=["country", "state", "notes"])
    assert list(both.columns) == ["country", "notes", "channel", "state"]
    assert set(both["country"]) == {country} and (both["channel"] == "candidate").sum() >= 1
    assert "state" in load(releases, channel="both", acled=True)
    assert scan(releases, channel="candidate").count_rows() == len(load(releases, channel="candidate"))
    with pytest.raises(UsageError, match="one channel"):
        scan(releases, channel="both")


def test_what_cannot_be_meant_is_refused(releases: Path) -> None:
    with pytest.raises(UsageError, match="released, candidate, both"):
        load(releases, channel="candidates")
    with pytest.warns(UserWarning, match="is a candidate and no release"):
        assert len(load(releases / "candidate")) == 7
    assert len(load(releases / "candidate", channel="candidate")) == 7
    with pytest.raises(UsageError, match="Name the folder of releases above it"):
        load(releases / "candidate", channel="both")
    shutil.rmtree(releases / "candidate")
    with pytest.raises(NotFound, match="has no candidates"):
        load(releases, channel="both")


def test_versions_tell_how_fresh_each_is(releases: Path) -> None:
    (only,) = versions(releases)
    assert (only["channel"], only["coverage_through"]) == ("released", "2026-10-30") or only["coverage_through"] == "2026-11-01"
    assert only["last_event_date"] == str(load(releases)["event_date"].max().date())
    assert [(v["version"], v["channel"]) for v in versions(releases, "both")] == [(RELEASE, "released"), (FIRST, "candidate")]
    assert [v["previous"] for v in versions(releases / "candidate")] == [RELEASE]


def test_an_id_of_a_candidate_is_told_as_not_released(made: tuple[Workshop, dict[str, str]], releases: Path) -> None:
    with pytest.raises(NotFound, match=f"It is in candidate {FIRST}: no release holds it yet"):
        resolve(made[1]["new"], releases)
    assert resolve(made[1]["new"], releases / "candidate")["first_release"] is None


def test_a_program_that_knows_no_candidates_refuses_them(releases: Path) -> None:
    text = (releases / "candidate" / FIRST / "datapackage.json").read_text("utf-8")
    with pytest.raises(ReleaseError, match="channel"):
        parse_manifest(text.replace('"channel": "candidate"', '"channel": "draft"'), "datapackage.json")


def test_candidates_follow_each_other_and_old_ones_go(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "project", 4)
    shop.release()
    nothing = shop.candidate(gated="")
    assert (nothing.status, nothing.version) == ("nothing to release", RELEASE)
    assert "the latest release, 2026.11.0, holds the same 4 events" in nothing.summary
    assert not (shop.project.releases_dir / "candidate" / FIRST).exists()
    shop.create(31, settled=False)
    assert shop.candidate(gated="", dry_run=True).status == "would release"
    first = shop.candidate(gated="")
    assert (first.version, first.unsettled.open if first.unsettled else 0) == (FIRST, 1)
    again = shop.candidate(gated="")
    assert (again.status, again.version) == ("nothing to release", FIRST)
    shop.create(32, settled=False)
    second, place = shop.candidate(gated=""), shop.project.releases_dir / "candidate"
    assert second.version == "2026.11.301"
    assert len(changes(FIRST, "latest", place)) > 0, "two candidates can be compared"
    shop.create(33, settled=False)
    third = shop.candidate(gated="", keep=1)
    assert third.unsettled is not None and third.unsettled.dropped == (FIRST, "2026.11.301")
    assert "Replaced and removed: 2026.11.300, 2026.11.301" in third.summary
    assert [p.name for p in place.iterdir() if p.name.startswith("2026")] == ["2026.11.302"]
    with pytest.raises(NotFound, match=rf"{FIRST}.*was removed when newer ones came; the newest is 2026\.11\.302"):
        load(shop.project.root, FIRST, channel="candidate")
    with pytest.raises(UsageError, match="cannot be kept"):
        shop.candidate(gated="", keep=-1)
    shop.ledger.close()


def test_after_a_release_the_same_events_are_another_candidate_and_a_broken_off_removal_misleads_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Workshop(tmp_path / "project", 4)
    shop.release()
    shop.create(31)
    shop.create(32, settled=False)
    first = shop.candidate(gated="")
    shop.release()
    second = shop.candidate(gated="")
    assert (first.events, second.events, second.fingerprint) == (6, 6, first.fingerprint)
    assert (first.previous, second.previous, second.status) == ("2026.11.0", "2026.11.1", first.status), "its changes are against the newer release"
    shop.create(33, settled=False)

    def killed(path: Path) -> None:
        raise OSError(5, "Input/output error", str(path))

    with monkeypatch.context() as patched:
        patched.setattr("eventcoder.releases.making.channel.shutil.rmtree", killed)
        with pytest.raises(ReleaseError, match="Input/output"):
            shop.candidate(gated="", keep=1)
    place = shop.project.releases_dir / "candidate"
    assert [v.version for v in read_versions(place).versions if v.withdrawn is None] == ["2026.11.302"], "no longer named, though still there"
    assert len(load(shop.project.root, channel="candidate")) == 7
    shop.ledger.close()


def test_a_candidate_older_than_the_release_is_told(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "project", 4)
    shop.release()
    new = shop.create(31, settled=False)
    shop.candidate(gated="")
    shop.act(new, {"act": "settle", "settled": True})
    shop.act(shop.ids[0], {"act": "retract", "reason": "twice"})
    shop.release()
    with pytest.warns(UserWarning, match=r"made beside release 2026\.11\.0, and this is 2026\.11\.1"):
        both = load(shop.project.root, channel="both")
    assert len(both) == 4 and shop.ids[0] not in set(both["event_id"]), "what was withdrawn since does not come back through an old candidate"
    shop.act(new, {"act": "retract", "reason": "never happened"})
    shop.release()
    with pytest.warns(UserWarning, match="made beside"):
        assert new not in set(load(shop.project.root, channel="both")["event_id"])
    shop.ledger.close()


def test_what_is_too_young_for_a_release_is_in_the_candidate(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "project", 4, cutoff_days=10)
    young = shop.create(31, event_date="2026-10-30", year=2026)
    shop.release()
    assert young not in set(load(shop.project.root)["event_id"])
    result = shop.candidate(gated="")
    assert result.unsettled is not None and (result.unsettled.recent, result.unsettled.open) == (1, 0)
    frame = load(shop.project.root, channel="both")
    assert frame[frame["event_id"] == young][["channel", "state"]].values.tolist() == [["candidate", "recent"]]
    shop.ledger.close()


def test_what_is_missing_is_marked_and_what_is_wrong_left_out(made: tuple[Workshop, dict[str, str]], releases: Path) -> None:
    """A place that is not known to the point is why events are open; a day that is not known leaves an event out of every count."""
    _, names = made
    rows = {r["event_id"]: r for r in read_texts(releases / "candidate" / FIRST / "unsettled.csv").to_pylist()}
    assert (rows[names["gap"]]["state"], rows[names["gap"]]["missing"]) == ("open", "latitude; longitude")
    assert (rows[names["undated"]]["state"], rows[names["undated"]]["problems"]) == ("left out", "missing-required")
    frame = load(releases, channel="both").set_index("event_id")
    assert pd.isna(frame.loc[names["gap"], "latitude"]) and names["undated"] not in frame.index


def test_likely_duplicates_are_in_and_marked(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "project", 4, duplicate_stop=0.9)
    shop.release()
    twin = {k: v for k, v in shop.values[0].items() if k not in ("event_id", "event_id_cnty")}
    other = shop.create(31, settled=False, **twin)
    result = shop.candidate()
    assert result.report.valid and result.events == 5
    assert result.folder is not None
    rows = {r["event_id"]: r for r in read_texts(result.folder / "unsettled.csv").to_pylist()}
    assert rows[other]["problems"] == rows[shop.ids[0]]["problems"] == "undecided-duplicate"
    assert rows[shop.ids[0]]["state"] == "settled"
    shop.ledger.close()


def test_without_any_release_the_candidate_is_the_first_thing_there_is(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "project", 2)
    result = shop.candidate(gated="")
    assert (result.previous, result.events) == (None, 2)
    assert len(load(shop.project.releases_dir / "candidate", channel="candidate")) == 2
    first = shop.project.releases_dir / "candidate" / result.version
    shutil.copytree(first, tmp_path / "kept")
    shutil.rmtree(shop.project.releases_dir / "candidate")
    again = shop.candidate(gated="").folder
    assert again is not None
    for path in (p for p in (tmp_path / "kept").rglob("*") if p.is_file()):
        assert path.read_bytes() == (again / path.relative_to(tmp_path / "kept")).read_bytes(), path.name
    shop.ledger.close()


def test_a_release_does_not_care_about_candidates(made: tuple[Workshop, dict[str, str]]) -> None:
    shop, _ = made
    assert pending(shop.project, shop.ledger, book(), time=shop.moment).version == "2026.11.1"


def test_a_release_says_which_events_leave_it_without_having_been_withdrawn(made: tuple[Workshop, dict[str, str]]) -> None:
    shop, names = made
    result = shop.release(dry_run=True)
    left = {names["reopened"], names["broken"], names["torn"]}
    assert set(result.held) == left == set(result.as_json()["held"])
    assert "Left out without having been withdrawn: 3 events" in result.summary and names["torn"] in result.summary


def test_T36_a_copy_that_is_no_longer_brought_up_to_date_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Workshop(tmp_path / "project", 4, stale_days=7)
    shop.coverage(country="Iran", week="2026-10-26", sources=["The Weir Gazette"])
    result = shop.release()
    assert result.fresh.coverage_through == "2026-11-01" or result.fresh.coverage_through is not None
    assert f"read through {result.fresh.coverage_through}" in result.summary
    made_on = datetime(2026, 11, 2, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: made_on + timedelta(days=7))
    load(shop.project.root)
    monkeypatch.setattr(clock, "now", lambda: made_on + timedelta(days=8))
    with pytest.warns(UserWarning, match="8 days old; its publisher promises at most 7"):
        load(shop.project.root)
    load(shop.project.root, RELEASE)  # who pins a version knows that it is old
    load(shop.project.root, max_age_days=30)
    with pytest.warns(UserWarning, match=r"What was read goes through 2026-1.*older than the 3 days"):
        load(shop.project.root, RELEASE, max_age_days=3)
    monkeypatch.setattr(clock, "now", lambda: made_on - timedelta(days=400))
    load(shop.project.root)  # a clock that is wrong is no news about the data
    with pytest.raises(UsageError, match="no number of days"):
        load(shop.project.root, max_age_days=-1)
    shop.ledger.close()
