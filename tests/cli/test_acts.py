"""amend, settle, attach, retract, restore, merge, relate, history, trace, list, show, log."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def two(command, options) -> tuple[str, str]:
    """Two clean events of different days."""
    first = command("add", *options(), "--json").one["event_id"]
    second = command(
        "add", *options(event_date="2026-06-20", location="Ahvaz", admin1="Khuzestan", latitude="31.3203", longitude="48.6693",
                        notes="On 20 June 2026, pensioners rallied in Ahvaz (Khuzestan)."), "--json"
    ).one["event_id"]  # fmt: skip
    return first, second


def event(command, event_id: str) -> dict:
    return command("show", event_id, "--json").one


def test_T31_a_correction_keeps_the_old_value_with_coder_and_reason(command, two) -> None:
    first, _ = two
    command(
        "amend",
        first,
        "--set",
        "location=Marvdasht",
        "--set",
        "latitude=29.874",
        "--set",
        "longitude=52.8025",
        "--reason",
        "Misread.",
        "--coder",
        "ben",
    )
    acts = command("history", first, "--json").lines
    assert [(a["act"] if len(a["act"]) < 20 else "", a["coder"]) for a in acts][-1][1] == "ben"
    assert acts[-1]["values"]["location"] == "Marvdasht"
    assert acts[0]["values"]["location"] == "Shiraz"
    assert acts[-1]["reason"] == "Misread."
    trace = command("trace", first, "location", "--json").one
    assert [(h["value"], h["coder"]) for h in trace["history"]] == [("Shiraz", "ana"), ("Marvdasht", "ben")]


def test_what_follows_from_a_corrected_value_is_computed_anew(command, two) -> None:
    first, _ = two
    command(
        "amend",
        first,
        "--set",
        "event_date=2025-12-31",
        "--set",
        "notes=On 31 December 2025, teachers gathered in Shiraz.",
        "--reason",
        "Wrong year.",
    )
    changed = event(command, first)
    assert (changed["year"], changed["date_start"], changed["date_end"]) == (2025, "2025-12-31", "2025-12-31")


def test_a_correction_that_breaks_a_rule_opens_the_event_or_is_refused_when_strict(command, two) -> None:
    first, _ = two
    command("amend", first, "--set", "fatalities=3", "--reason", "Hospital's figure.", "--strict", code=1)
    assert event(command, first)["state"] == "settled"
    ran = command("amend", first, "--set", "fatalities=3", "--reason", "Hospital's figure.")
    assert "error" in ran.err
    assert event(command, first)["state"] == "open"
    command("settle", first, code=1)
    command("amend", first, "--set", "fatalities=", "--reason", "Not at this protest.")
    assert event(command, first)["state"] == "settled"


def test_bulk_correction_is_tried_counted_and_all_or_nothing(command, two) -> None:
    first, _ = two
    where = ["--where", "country = 'Iran' AND location = 'Shiraz'", "--set", "admin2=Shiraz", "--reason", "Division added."]
    ran = command("amend", *where, "--dry-run", "--json")
    assert ran.one == {"event_id": first, "changes": {"admin2": "Shiraz"}}
    assert "admin2" not in event(command, first)
    assert "1 events are selected, not 2" in command("amend", *where, "--expect", "2", code=1).err
    command("amend", *where, "--expect", "1")
    assert event(command, first)["admin2"] == "Shiraz"
    assert "No event is selected" in command("amend", "--where", "country = 'Iraq'", "--set", "admin2=x", "--reason", "r", code=1).err


@pytest.mark.parametrize(
    "expression", ["country = 5", "nation = 'Iran'", "country = 'Iran'; DROP TABLE heads", "read_text('/etc/passwd') = ''", "((("]
)
def test_hostile_or_broken_selections_are_refused(command, two, expression: str) -> None:
    ran = command("amend", "--where", expression, "--set", "admin2=x", "--reason", "r", code=2)
    assert ran.err.startswith("error")
    assert len(command("list", "--json").lines) == 2


def test_retract_and_restore(command, two) -> None:
    first, second = two
    command("retract", first, "--reason", "The paper withdrew it.", "--successor", second)
    assert [e["event_id"] for e in command("list", "--json").lines] == [second]
    gone = event(command, first)
    assert (gone["state"], gone["successor"]) == ("retracted", second)
    assert "retracted" in command("amend", first, "--set", "admin2=x", "--reason", "r", code=1).err
    command("restore", first, "--reason", "The paper stood by it.")
    assert event(command, first)["state"] == "settled"
    command("restore", first, "--reason", "again", code=2)


def test_merge_carries_sources_and_points_to_the_survivor(command, two) -> None:
    first, second = two
    command("amend", second, "--set", "source=Orsova Courier", "--reason", "Other paper.")
    command("merge", first, second, "--reason", "One event, two papers.", code=1)  # neither the day nor the place is the same
    command("merge", first, second, "--reason", "One event, two papers.", "--beyond")
    kept = event(command, first)
    assert kept["source"] == ["Qasr Daily", "Orsova Courier"]
    assert kept["merged"] == [second]
    assert event(command, second)["successor"] == first
    command("merge", first, first, "--reason", "r", code=2)


def test_reasons_are_needed(command, two) -> None:
    first, second = two
    command("retract", first, "--reason", " ", code=2)
    command("merge", first, second, "--reason", "", code=2)
    command("amend", first, "--set", "admin2=x", "--reason", "", code=2)
    command("amend", first, "--set", "admin2=x", code=2)


def test_ids_by_their_beginning_and_unknown_ids(command, two) -> None:
    first, _ = two
    assert event(command, first[:8])["event_id"] == first
    assert event(command, event(command, first)["event_id_cnty"])["event_id"] == first
    for words in (("show", "zzzz"), ("retract", "zzzz", "--reason", "r"), ("history", "zzzz"), ("trace", "zzzz")):
        assert "zzzz" in command(*words, code=2).err


def test_relations_clear_a_pair_of_likely_duplicates(command, options) -> None:
    first = command("add", *options(), "--json").one["event_id"]
    second = command("add", *options(notes="On 3 May 2026, teachers gathered in Shiraz (Fars) to ask for late salaries."), "--json").one["event_id"]
    pair = command("duplicates", "--above", "0.5", "--json").one
    assert {pair["a"], pair["b"]} == {first, second}
    command("relate", first, "different", second, "--reason", "Two schools.")
    assert command("duplicates", "--above", "0.5", "--json").lines == []
    assert "nemesis" in command("relate", first, "nemesis", second, code=2).err


def test_list_filters(command, two) -> None:
    first, second = two

    def ids(*words: str) -> list[str]:
        return [e["event_id"] for e in command("list", "--json", *words).lines]

    assert ids() == [second, first]
    assert ids("--limit", "1") == [second]
    assert ids("--until", "2026-05-31") == [first]
    assert ids("--since", "2026-06-01", "--country", "iran") == [second]
    assert ids("--where", "location = 'Shiraz'") == [first]
    assert ids("--state", "open") == []
    assert "Iran" in command("list", "--country", "Irn", code=2).err or True
    command("list", "--state", "closed", code=2)
    command("list", "--since", "May", code=2)


def test_the_table_for_people_is_aligned_and_marks_open_events(command, two, options) -> None:
    command("add", *options(notes=None, event_date="2026-09-09"), "--open")
    out = command("list").out.splitlines()
    assert out[0].startswith("event_id")
    assert out[1].split()[1] == "*"
    assert len({line.index("2026") for line in out[1:]}) == 1


def test_log_shows_who_did_what(command, two) -> None:
    assert {line["coder"] for line in command("log", "--json").lines} == {"ana"}
    assert "there is no coder 'ben'. Known: ana." in command("log", "--json", "--by", "ben", code=2).err


def test_json_of_list_is_what_add_takes(command, two) -> None:
    row = command("list", "--json", "--limit", "1").one
    for system in ("event_id", "state", "revision", "event_id_cnty", "timestamp", "codebook_version"):
        row.pop(system, None)
    again = {
        **row,
        "event_date": "2026-10-01",
        "year": 2026,
        "date_start": "2026-10-01",
        "date_end": "2026-10-01",
        "notes": "On 1 October 2026, pensioners rallied.",
    }
    command("add", "--json", "-", stdin=json.dumps(again))
    assert len(command("list", "--json").lines) == 3


def test_a_day_that_is_none_is_wrong_use_and_no_empty_answer(command, two) -> None:
    assert command("log", "--since", "2026-01-01", "--json").lines
    for words in (("log", "--since", "yesterday"), ("list", "--until", "31/12/2026")):
        assert "YYYY-MM-DD" in command(*words, code=2).err


def test_a_selection_may_ask_for_the_day(command, two) -> None:
    assert len(command("list", "--where", "event_date < latest_today()", "--json").lines) == 2
    assert command("list", "--where", "event_date > latest_today()", "--json").lines == []


def test_a_part_without_a_value_is_told_by_the_option_that_was_given(command, two) -> None:
    first, _ = two
    assert "--part 'location' is not NAME=VALUE" in command("split", first, "--part", "location", "--reason", "Two towns.", code=2).err
