"""`add`: options, JSON, verdicts, likely duplicates."""

from __future__ import annotations

import json

import pytest

from eventcoder.cli.add import ASKED
from eventcoder.codebook import load_codebook
from eventcoder.project import packaged_schema


def test_the_options_are_the_columns_that_a_coder_may_give() -> None:
    book = load_codebook(packaged_schema())
    assert {a.column for a in ASKED} == {c.name for c in book.columns if c.entered in ("coder", "default")}


def test_an_event_by_options_is_stored_completed_and_settled(command, options) -> None:
    answer = command("add", *options(), "--json").one
    assert set(answer) == {"event_id", "revision"}
    assert answer["revision"] == 1
    event = command("list", "--json").one
    assert event["event_id"] == answer["event_id"]
    assert event["state"] == "settled"
    derived = {k: event[k] for k in ("year", "event_type", "disorder_type", "inter1", "interaction", "iso", "region", "tags")}
    assert derived == {
        "year": 2026,
        "event_type": "Protests",
        "disorder_type": "Demonstrations",
        "inter1": "Protesters",
        "interaction": "Protesters only",
        "iso": 364,
        "region": "Middle East",
        "tags": ["crowd size=no report"],
    }
    assert event["assoc_actor_1"] == ["Teachers (Iran)"]


def test_short_options_and_underscores_do_the_same(command, options) -> None:
    given = [o.replace("--event-date", "--date").replace("--sub-event-type", "--type") for o in options()]
    command("add", *given)
    command("add", *(o.replace("-", "_").replace("__", "--", 1) if o.startswith("--") else o for o in options(event_date="2026-06-03")))
    assert [e["event_date"] for e in command("list", "--json").lines] == ["2026-06-03", "2026-05-03"]


def test_everything_wrong_is_reported_at_once_and_nothing_stored(command, options) -> None:
    ran = command("add", *options(sub_event_type="Peacful protest", latitude="95", event_date="2026-02-30", fatalities="three"), code=1)
    for part in ("unknown-code", "Peaceful protest", "out-of-range", "impossible-date", "not-a-", "the event was not stored"):
        assert part in ran.err
    assert ran.err.count("event_date") == 1, "one mistake is said once, not also as a missing value"
    assert command("list", "--json").lines == []


def test_problems_come_as_json_too(command, options) -> None:
    ran = command("add", *options(country="Irann"), "--json", code=1)
    (problem,) = [p for p in ran.one["problems"] if p["code"] == "unknown-code"]
    assert (problem["field"], problem["value"], problem["severity"]) == ("country", "Irann", "error")
    assert "Iran" in problem["message"]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("country", "Atlantis", "unknown-code"),
        ("event_date", "2026-02-30", "impossible-date"),
        ("event_date", "3 May", "not-a-date"),
        ("latitude", "129", "out-of-range"),
        ("fatalities", "-1", "out-of-range"),
        ("fatalities", "1.5", "not-a-whole-number"),
        ("fatalities", "some", "not-a-whole-number"),
        ("latitude", "north", "not-a-number"),
        ("notes", "On 3 May 2026, a\x00b gathered", "bad-character"),
        ("notes", "x" * 10_000_000, "text-too-long"),
    ],
)
def test_structural_mistakes_are_refused_even_with_open(command, options, column: str, value: str, code: str) -> None:
    for flags in ((), ("--open",)):
        ran = command("add", "--json", "-", *flags, stdin=json.dumps({**_values(options()), column: value}), code=1)
        assert code in [p["code"] for p in ran.one["problems"]]
    assert command("list", "--json").lines == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"event_date": "2031-01-01", "notes": "On 1 January 2031, teachers gathered in Shiraz (Fars)."}, "future-date"),
        ({"latitude": "52.5311", "longitude": "29.6104"}, "coordinates-swapped"),
        ({"latitude": "-33.4", "longitude": "-70.6"}, "place-outside-country"),
        ({"actor2": "Police Forces of Iran (1989-)"}, None),
        ({"notes": None}, "missing-required"),
    ],
)
def test_broken_rules_and_gaps_need_open(command, options, changes: dict[str, str], code: str | None) -> None:
    ran = command("add", *options(**changes), "--json", code=1)
    codes = [p["code"] for p in ran.one["problems"]]
    assert codes
    assert code is None or code in codes
    command("add", *options(**changes), "--open")
    (event,) = command("list", "--json").lines
    assert event["state"] == "open"
    # the same verdict when it is looked at again
    shown = command("show", event["event_id"], "--json").one
    assert {p["code"] for p in shown["problems"] if p["severity"] == "error"} == set(codes)


def test_a_wrong_derived_value_is_a_problem_and_names_the_right_one(command, options) -> None:
    ran = command("add", *options(), "--set", "event_type=Riots", "--json", code=1)
    (problem,) = ran.one["problems"]
    assert (problem["code"], problem["field"]) == ("derived-mismatch", "event_type")
    assert "Protests" in problem["message"]


def test_unknown_columns_name_the_nearest(command, options) -> None:
    ran = command("add", *options(), "--set", "fatalites=3", code=1)
    assert "unknown-column" in ran.err
    assert "fatalities" in ran.err


def test_many_events_from_json_lines_all_or_none(command, clean) -> None:
    good = [{**clean, "event_date": f"2026-05-{d:02}", "notes": f"On {d} May 2026, teachers gathered in Shiraz."} for d in (4, 5, 6)]
    bad = {**clean, "country": "Atlantis"}
    text = "\n".join(json.dumps(e) for e in [*good, bad])
    ran = command("add", "--json", "-", stdin=text, code=1)
    assert ran.one["problems"][0]["where"] == "standard input, line 4"
    assert command("list", "--json").lines == []
    ran = command("add", "--json", "-", "--keep-going", stdin=text, code=1)
    assert len(ran.lines) == 3
    assert len(command("list", "--json").lines) == 3


def test_an_array_and_one_pretty_object_are_read(command, clean) -> None:
    command("add", "-", stdin=json.dumps([clean], indent=2))
    command("add", "-", stdin=json.dumps({**clean, "event_date": "2026-07-01"}, indent=2))
    assert len(command("list", "--json").lines) == 2


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (b"", 2, "no event"),
        (b"\x00\x01\x02", 2, "NUL"),
        (b'{"notes": "\xff\xfe"}', 2, "UTF-8"),
        (b'{"event_date": "2026-05-03"', 2, "JSON"),
        (b"[1, 2]", 1, "object"),
        (b'"text"', 1, "object"),
        (b"not json\n", 1, "JSON"),
    ],
)
def test_input_that_cannot_be_read_says_so(command, data: bytes, code: int, said: str) -> None:
    assert said in command("add", "--json", "-", stdin=data, code=code).err


def test_the_same_acled_id_twice_is_refused(command, options) -> None:
    command("add", *options(event_id_cnty="IRN123"))
    ran = command("add", *options(event_id_cnty="IRN123", event_date="2026-06-06"), "--json", code=1)
    assert [p["code"] for p in ran.one["problems"]] == ["duplicate-id"]


def test_T24_an_assigned_id_cannot_meet_one_of_acled(command, options) -> None:
    command("add", *options())
    event = command("list", "--json").one
    assert event["event_id_cnty"].startswith("IRN")
    assert int(event["event_id_cnty"][3:]) >= 10**9


def test_likely_duplicates_are_named_before_anything_is_stored_twice_unseen(command, options) -> None:
    first = command("add", *options(), "--json").one["event_id"]
    ran = command("add", *options(notes="On 3 May 2026, educators rallied in Shiraz over salaries that were not paid."))
    assert f"may be the same as {first}" in ran.err


def test_a_known_place_brings_its_coordinates(command, options) -> None:
    command("add", *options())
    command(
        "add", *options(event_date="2026-08-03", latitude=None, longitude=None, admin1=None, notes="On 3 August 2026, teachers gathered in Shiraz.")
    )
    later, first = command("list", "--json").lines
    assert (later["latitude"], later["longitude"], later["admin1"]) == (first["latitude"], first["longitude"], first["admin1"])


def test_the_id_of_a_place_brings_its_point_and_the_way_to_it_is_said(command, options) -> None:
    unplaced = options(latitude=None, longitude=None, admin1=None)
    assert "places find NAME" in command("add", *unplaced, code=1).err
    found = command("places", "find", "Shiraz", "--country", "Iran", "--json").lines[0]
    assert "places find NAME" in command("add", *options(latitude=None, longitude=None, gazetteer_id="geonames:98182"), code=1).err, "Baghdad"
    elsewhere = options(latitude=None, longitude=None, location="Tehran", notes="On 3 May 2026, teachers gathered in Tehran.")
    assert "latitude" in command("add", *elsewhere, "--gazetteer-id", found["gazetteer_id"], code=1).err, "the point of another place"
    command("add", *unplaced, "--gazetteer-id", found["gazetteer_id"])
    stored = command("list", "--json").one
    assert (stored["latitude"], stored["longitude"]) == (round(found["latitude"], 4), round(found["longitude"], 4))
    assert (stored["admin1"], stored["gazetteer_version"]) == (found["admin1"], found["version"])


def test_the_coder_must_be_known(command, options, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVENTCODER_CODER")
    assert "--coder" in command("add", *options(), code=2).err
    command("add", *options(), "--coder", "ben")
    (line,) = command("history", command("list", "--json").one["event_id"], "--json").lines
    assert line["coder"] == "ben"


def test_nothing_given_without_a_terminal_is_wrong_use(command) -> None:
    assert "No event was given" in command("add", code=2).err


def test_T19_missing_fatalities_are_not_zero(command, options) -> None:
    command("add", *options())
    assert "fatalities" not in command("list", "--json").one


def _values(options: list[str]) -> dict[str, str]:
    return {options[i][2:].replace("-", "_"): options[i + 1] for i in range(0, len(options), 2)}
