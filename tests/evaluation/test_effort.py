"""Keystrokes counted by hand against the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from eventcoder.evaluation import Keyboard
from eventcoder.evaluation.effort import typed
from tests.evaluation.material import FEAR, MARCH, SHIRAZ, draft, gold, score, wanted

LISTS = {"sub_event_type": ["Attack", "Armed clash", "Agreement", "Peaceful protest", "Protest with intervention"], "country": ["Iran", "Iraq"]}
BOARD = Keyboard(
    form=("event_date", "time_precision", "sub_event_type", "country", "location", "fatalities", "crowd_low", "notes"),
    always=("event_date", "time_precision", "sub_event_type", "country", "location", "fatalities", "notes"),
    prompts=("event_date", "time_precision", "sub_event_type", "country", "location", "latitude", "longitude", "fatalities", "crowd_text", "notes"),
    defaults={"time_precision": "1"},
    columns=("event_date", "time_precision", "sub_event_type", "country", "location", "fatalities", "crowd_low", "crowd_high"),
    listed=("sub_event_type", "country"),
    reviewed=("codable", "lead", "background"),
    words=lambda name, values: LISTS.get(name, []),
    place_known=lambda name, country: name != "Nowhere",
    note=lambda fields: "x" * 20,
)
EVENT: dict[str, Any] = {**SHIRAZ, "time_precision": 1, "fatalities": 12}
# called again 2, "2026-05-03" 10+1, the default 1, "Pe" 2+1, "I" and Tab 2+1, "Shiraz" 6+1, the place 1, "12" 2+1, no crowd 1, no note 1
BLANK = 2 + 11 + 1 + 3 + 3 + 7 + 1 + 3 + 1 + 1


def keys(*drafts: Any, event: Mapping[str, Any] = EVENT, board: Keyboard = BOARD) -> tuple[int, int]:
    found = score(gold(wanted(MARCH, **event)), *drafts, keyboard=board)
    return found.sums.count("keys.review"), found.sums.count("keys.blank")


def test_a_line_takes_the_shortest_way() -> None:
    def line(value: Any, name: str, default: str = "") -> int:
        return typed(value, name, {}, BOARD, default)

    assert line("Attack", "sub_event_type") == 3, "'At' begins nothing else"
    assert line("Agreement", "sub_event_type") == 3
    assert line("Iran", "country") == 3, "'Ira' is not unique, but Tab takes the first that begins with I"
    assert line("Iraq", "country") == 5, "typed out, or four letters that are unique"
    assert line("2026-05-03", "event_date") == 11
    assert line("2026-05-03", "event_date", "2026-05-04") == 12, "what stands there is cleared first"
    assert line(1, "time_precision", "1") == 1
    assert line(None, "fatalities", "3") == 2


def test_a_blank_add_by_hand() -> None:
    assert keys()[1] == BLANK == 33
    nowhere = keys(event={**EVENT, "location": "Nowhere"})[1]
    assert nowhere == BLANK + 1 - 1 + 2, "one letter more, no place to choose, two empty lines for its point"
    crowd = keys(event={**EVENT, "crowd_low": 200})[1]
    assert crowd == BLANK + 3


def test_review_by_hand() -> None:
    assert keys(draft(MARCH, **EVENT)) == (1, BLANK), "accept"
    # e, field 6 and Enter, clear, 12 and Enter; accept
    assert keys(draft(MARCH, **EVENT | {"fatalities": 7})) == (1 + 2 + 1 + 3 + 1, BLANK)
    # e, field 5 and Enter, clear, Shiraz and Enter, the first place; accept
    assert keys(draft(MARCH, **EVENT | {"location": "Yazd"})) == (1 + 2 + 1 + 7 + 1 + 1, BLANK)
    # a field that the form does not show is named: "crowd_l" is unique
    assert keys(draft(MARCH, **EVENT), event={**EVENT, "crowd_low": 200})[0] == 1 + 8 + 4 + 1
    assert keys()[0] == 1 + BLANK - 2, "missed: c, and the form without calling a command"
    assert keys(draft(MARCH, "lead", **EVENT))[0] == 1, "a lead is shown and can be accepted"
    assert keys(draft(MARCH, "hypothetical", **EVENT))[0] == 1 + BLANK - 2, "what review does not show must be coded"


def test_a_value_that_the_screen_offers_costs_its_digit() -> None:
    board = replace(BOARD, offers=lambda draft: [{"location": "Yazd"}, {"location": "Shiraz"}, {"sub_event_type": "Attack"}])
    assert keys(draft(MARCH, **EVENT | {"location": "Yazd"}), board=board)[0] == 1 + 1
    assert keys(draft(MARCH, **EVENT | {"location": "Yazd", "sub_event_type": "Agreement"}), board=board)[0] == 1 + 1 + 1 + 2 + 1 + 3, (
        "the type is not offered: e, 3, Enter, clear, Pe, Enter"
    )


def test_drafts_that_are_no_event_cost_a_decision_each() -> None:
    invented = draft("Nothing happened at all", start=500, **EVENT | {"location": "Yazd"})
    assert keys(draft(MARCH, **EVENT), invented)[0] == 1 + 2, "r and the key of the reason"
    again = draft(MARCH, start=100, **EVENT)
    assert keys(draft(MARCH, **EVENT), again)[0] == 1 + 1, "the digit of the event"
    assert keys(draft(MARCH, **EVENT), draft(FEAR, "hypothetical", start=600))[0] == 1


def test_the_note_is_typed_in_add_alone() -> None:
    found = score(gold(wanted(MARCH, **EVENT)), draft(MARCH, **EVENT), keyboard=BOARD)
    assert (found.sums["keys.review_note"], found.sums["keys.blank_note"]) == (1, BLANK + 20)
    assert found.effort().value == 1 / BLANK
    missed = score(gold(wanted(MARCH, **EVENT)), keyboard=replace(BOARD, note=lambda fields: None))
    assert missed.sums["keys.review_note"] == missed.sums["keys.review"]
