"""`add` shows what may be the same event, and says why."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.errors import CodebookError
from eventcoder.project import packaged_schema
from eventcoder.validation.duplicates.parameters import read_parameters
from eventcoder.validation.duplicates.similar import DEFAULT, Features, features, haversine_km, likely_duplicates, score
from tests.synthetic_events import synthetic_values

PROTEST: dict[str, Any] = {
    "event_id": "a00000000001",
    "event_date": "2026-03-04",
    "date_start": "2026-03-04",
    "date_end": "2026-03-04",
    "time_precision": 1,
    "disorder_type": "Demonstrations",
    "event_type": "Protests",
    "sub_event_type": "Peaceful protest",
    "actor1": "Protesters (Iran)",
    "assoc_actor_1": [],
    "actor2": None,
    "assoc_actor_2": [],
    "country": "Iran",
    "admin1": "Khuzestan",
    "location": "Ahvaz",
    "latitude": 31.3203,
    "longitude": 48.6693,
    "geo_precision": 1,
    "notes": "On 4 March 2026, workers of the Sahel sugar mill gathered in front of the governor's office in Ahvaz over five months of unpaid wages.",
    "fatalities": 0,
    "fatalities_low": 0,
    "fatalities_high": 0,
}


def other(event_id: str = "a00000000002", state: str = "settled", **changes: Any) -> Any:
    return SimpleNamespace(event_id=event_id, state=state, values={**PROTEST, **changes})


def test_T14_the_same_protest_in_other_words_is_found_with_its_reasons() -> None:
    words = "Around 80 workers of the Sahel sugar mill rallied at the governor's office in Ahvaz as their wages had not been paid for months."
    retold = other(notes=words)
    found = likely_duplicates(PROTEST, [retold])
    assert [likely.event_id for likely in found] == ["a00000000002"]
    assert found[0].score >= DEFAULT.stop_from
    assert found[0].reasons[:4] == ("same day", "same place", "same sub-event type", "same actors")
    assert found[0].folded is retold


def test_T14_a_day_off_and_three_kilometres_off_is_still_listed() -> None:
    moved = other(event_date="2026-03-05", date_start="2026-03-05", date_end="2026-03-05", latitude=31.3473)
    (likely,) = likely_duplicates(PROTEST, [moved])
    assert DEFAULT.list_from <= likely.score < DEFAULT.stop_from
    assert likely.reasons[:2] == ("1 day apart", "3.0 km apart")


def test_T14_the_second_day_of_a_strike_is_a_second_event() -> None:
    notes = "On {} March 2026, teachers held the {} day of their strike in front of the school board in Ahvaz over class sizes."
    days = {f"2026-03-0{d}": notes.format(d, word) for d, word in ((4, "first"), (5, "second"), (6, "third"))}

    def on(day: str, **more: Any) -> dict[str, Any]:
        return {"event_date": day, "date_start": day, "date_end": day, "reported_date": day, "notes": days[day], **more}

    first = {**PROTEST, **on("2026-03-04")}
    for second in (on("2026-03-05"), on("2026-03-06"), on("2026-03-05", reported_date=None), on("2026-03-05", reported_date="2026-03-04")):
        assert all(likely.score <= 0.85 for likely in likely_duplicates(first, [other(**second)])), "far from what stops a release"
    told_late = likely_duplicates({**first, "reported_date": "2026-03-05"}, [other(**on("2026-03-05"))])
    assert 0.6 <= told_late[0].score <= 0.85, "perhaps one report took its own day for the event's: still to be looked at"
    assert "first reported on one day" in told_late[0].reasons
    vague = other(**on("2026-03-05", time_precision=2, date_start="2026-03-02", date_end="2026-03-08"))
    assert likely_duplicates(first, [vague])[0].score >= 0.9, "a day that is only known to the week may be the same"


def test_separate_demonstrations_in_one_town_on_one_day_do_not_stop_anything() -> None:
    teachers = other(assoc_actor_1=["Teachers (Iran)"], notes="On 4 March 2026, teachers stood outside the school board for smaller classes.")
    workers = {**PROTEST, "assoc_actor_1": ["Labor Group (Iran)"]}
    found = likely_duplicates(workers, [teachers])
    assert all(likely.score < DEFAULT.list_from for likely in found)
    same_words_other_people = other(assoc_actor_1=["Teachers (Iran)"])
    (likely,) = likely_duplicates(workers, [same_words_other_people])
    assert likely.score < DEFAULT.stop_from
    assert "other associated actors" in likely.reasons


def test_without_notes_day_place_and_type_alone_never_stop_a_release() -> None:
    (likely,) = likely_duplicates({**PROTEST, "notes": None}, [other(notes=None)])
    assert likely.score < DEFAULT.stop_from


def test_events_far_off_in_time_or_space_are_passed_over() -> None:
    later = other("a00000000003", event_date="2026-03-09", date_start="2026-03-09", date_end="2026-03-09")
    elsewhere = other("a00000000004", latitude=32.6525, longitude=51.6746, location="Isfahan")
    assert likely_duplicates(PROTEST, [later, elsewhere]) == []


def test_the_event_itself_and_withdrawn_events_are_passed_over() -> None:
    assert likely_duplicates(PROTEST, [other("a00000000001"), other("a00000000005", "retracted"), other("a00000000006", "merged")]) == []


def test_values_that_are_hardly_filled_in_find_nothing_and_break_nothing() -> None:
    assert likely_duplicates({}, [other()]) == []
    assert likely_duplicates({"event_date": "2026-03-04"}, [other()]) == []


def test_an_event_without_coordinates_meets_its_place_by_name() -> None:
    (likely,) = likely_duplicates({**PROTEST, "latitude": None, "longitude": None, "location": "AHVAZ"}, [other()])
    assert "same place name" in likely.reasons


def test_fatalities_that_contradict_lower_the_score() -> None:
    clash = {**PROTEST, "fatalities": 3, "fatalities_low": 3, "fatalities_high": 3}
    agree = other(fatalities=4, fatalities_low=2, fatalities_high=None)
    differ = other(fatalities=30, fatalities_low=30, fatalities_high=30)
    first, second = likely_duplicates(clash, [differ, agree])
    assert first.folded is agree and "fatalities agree" in first.reasons
    assert second.score < first.score and "fatalities differ" in second.reasons


def test_only_the_best_are_given() -> None:
    many = [other(f"a0000000010{i}") for i in range(8)]
    assert len(likely_duplicates(PROTEST, many)) == 5
    assert len(likely_duplicates(PROTEST, many, limit=0)) == 8


def test_distance_matches_a_known_one() -> None:
    assert haversine_km(35.6944, 51.4215, 31.3203, 48.6693) == pytest.approx(548.6, abs=1.5)  # Tehran to Ahvaz
    assert haversine_km(0, 179.9, 0, -179.9) == pytest.approx(22.24, abs=0.05)


ROWS = [told for values in synthetic_values(120, 5) if (told := features(values))]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ROWS), st.sampled_from(ROWS))
def test_a_score_lies_between_0_and_1_and_is_the_same_both_ways(a: Features, b: Features) -> None:
    near = replace(b, first=a.first, last=a.last, latitude=a.latitude, longitude=a.longitude)
    for one, two in ((a, b), (a, near)):
        points, reasons = score(one, two)
        assert 0 <= points <= 1
        assert (points, reasons) == score(two, one)


def test_the_parameters_of_a_team_stand_in_its_schema_with_reasons(tmp_path: Path) -> None:
    assert read_parameters(packaged_schema()) == DEFAULT, "what the packaged schema gives reasons for is what the code has by default"
    assert read_parameters(tmp_path) == DEFAULT
    file = tmp_path / "duplicates.toml"
    row = '[[parameter]]\nname = "{}"\nvalue = {}\nwhy = "{}"\n'
    file.write_text(row.format("cluster_days", 5, "Reports are weekly.") + row.format("unnamed_actors", '["Unknown "]', "Our names."), "utf-8")
    own = read_parameters(tmp_path)
    assert (own.cluster_days, own.unnamed_actors, own.cluster_km) == (5, ("Unknown ",), DEFAULT.cluster_km)
    wrong = (
        ("cluster_day", 5, "w", "cluster_days"),
        ("cluster_days", 5.5, "w", "fit"),
        ("cluster_days", 5, "", "reason"),
        ("far_km", -1, "w", "fit"),
    )
    for name, value, why, said in (*wrong, ("day_gates", "[1.0]", "w", "fit"), ("far_km", '"x"', "w", "fit"), ("near_km", "true", "w", "fit")):
        file.write_text(row.format(name, value, why), "utf-8")
        with pytest.raises(CodebookError, match=said):
            read_parameters(tmp_path)
    for text in ("not toml", "cluster_days = 5", "parameter = 1"):
        file.write_text(text, "utf-8")
        with pytest.raises(CodebookError, match="parameter"):
            read_parameters(tmp_path)


def test_an_actor_without_a_name_may_be_the_one_that_the_other_report_names() -> None:
    named = {**PROTEST, "event_type": "Battles", "sub_event_type": "Armed clash", "actor1": "JNIM: Group for Support of Islam and Muslims"}
    (unnamed,) = likely_duplicates(named, [other(**{**named, "actor1": "Unidentified Armed Group (Iran)", "event_id": "a00000000002"})])
    (another,) = likely_duplicates(named, [other(**{**named, "actor1": "Military Forces of Iran (1989-)", "event_id": "a00000000002"})])
    assert "an actor is named by one only" in unnamed.reasons and "other actors" in another.reasons
    assert another.score < unnamed.score < 1


def test_the_path_of_add_imports_nothing_heavy() -> None:
    heavy = {"pandas", "pyarrow", "duckdb", "numpy", "rapidfuzz", "great_expectations"}
    code = f"import sys; import eventcoder.validation.duplicates.similar; print(sorted({heavy!r} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
