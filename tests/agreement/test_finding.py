"""Which events of two coders are one: the window, the choice between several, and what F1 makes of it."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.agreement.finding import Window, find
from tests.agreement.coded import SHIRAZ, YAZD, coding

WINDOW = Window(7, 50)


def pairs(a: list[dict[str, Any]], b: list[dict[str, Any]], window: Window = WINDOW) -> set[tuple[str, str]]:
    found = find([coding("d", "ana", *a), coding("d", "ben", *b, slot=2)], window)
    return {(unit[0]["notes"], unit[1]["notes"]) for unit in found.units if len(unit) == 2}


def event(name: str, **changes: Any) -> dict[str, Any]:
    return {**SHIRAZ, "notes": name, **changes}


def test_the_same_two_events_in_another_order_are_found() -> None:
    found = find([coding("d", "ana", SHIRAZ, YAZD), coding("d", "ben", YAZD, SHIRAZ, slot=2)], WINDOW)
    assert (found.matched, found.given) == (2, 4)
    assert all(unit[0] == unit[1] for unit in found.units)


@pytest.mark.parametrize(
    ("changes", "one"),
    [
        ({"event_date": "2026-05-10"}, True),
        ({"event_date": "2026-05-11"}, False),
        ({"event_date": "2026-05-20", "date_start": "2026-05-09", "date_end": "2026-05-31"}, True),
        ({"latitude": 29.9}, True),
        ({"latitude": 30.2}, False),
        ({"latitude": None, "longitude": None}, True),
        ({"latitude": None, "longitude": None, "event_date": None}, False),
        ({"sub_event_type": "Attack", "event_type": "Violence against civilians", "actor1": "Rioters (Iran)"}, True),
        ({"event_date": "3 May"}, True),
    ],
)
def test_the_window_decides_and_not_the_type(changes: dict[str, Any], one: bool) -> None:
    assert bool(pairs([event("a")], [event("b", **changes)])) is one


def test_of_several_the_nearest_is_taken_and_none_is_taken_twice() -> None:
    early, late = event("early"), event("late", event_date="2026-05-06")
    assert pairs([early, late], [event("x", event_date="2026-05-07"), event("y", event_date="2026-05-02")]) == {("early", "y"), ("late", "x")}
    assert len(pairs([early], [event("x"), event("y")])) == 1


@pytest.mark.parametrize("said", [{"sub_event_type": "Protest with intervention"}, {"event_type": "Riots"}, {"actor1": "Labor Group (Iran)"}])
def test_equal_types_and_actors_decide_where_day_and_place_are_the_same(said: dict[str, str]) -> None:
    assert pairs([event("march"), event("other", **said)], [event("x", **said), event("y")]) == {("march", "y"), ("other", "x")}


def test_three_coders_are_compared_pair_by_pair() -> None:
    found = find([coding("d", "ana", SHIRAZ, YAZD), coding("d", "ben", SHIRAZ, slot=2), coding("d", "cy", YAZD, SHIRAZ, slot=3)], WINDOW)
    assert sorted(len(unit) for unit in found.units) == [2, 3]
    assert (found.matched, found.given) == (1 + 1 + 2, 3 + 4 + 3)


def test_who_found_nothing_is_told_apart_from_who_was_not_asked() -> None:
    found = find([coding("d", "ana", SHIRAZ), coding("d", "ben", slot=2)], WINDOW)
    assert (found.matched, found.given, found.any_event) == (0, 1, [True, False])


day = st.integers(1, 20).map(lambda d: f"2026-05-{d:02d}")
some = st.lists(st.builds(lambda d, far: event(d, event_date=d, latitude=29.0 + far / 10), day, st.integers(0, 8)), max_size=4)


@given(some, some)
@settings(max_examples=60, deadline=None)
def test_no_other_matching_pairs_more_events(a: list[dict[str, Any]], b: list[dict[str, Any]]) -> None:
    """Held against every possible matching; and it does not matter whose codings come first."""
    found = find([coding("d", "ana", *a), coding("d", "ben", *b, slot=2)], WINDOW)
    turned = find([coding("d", "ben", *b), coding("d", "ana", *a, slot=2)], WINDOW)
    fits = [[bool(pairs([one], [other])) for other in b] for one in a]
    short, table = (len(a), fits) if len(a) <= len(b) else (len(b), [list(row) for row in zip(*fits, strict=True)])
    most = max((sum(table[i][j] for i, j in enumerate(order)) for order in permutations(range(max(len(a), len(b))), short)), default=0)
    assert found.matched == turned.matched == most
