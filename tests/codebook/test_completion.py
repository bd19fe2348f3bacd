"""Filling in many events at once gives what filling in one by one gives."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.codebook import Codebook
from eventcoder.codebook.completion import Completer, Remembered
from tests.synthetic_events import synthetic_values

EMPTY: tuple[Any, ...] = (None, [], ())


def one_by_one(codebook: Codebook, rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[tuple[int, str, Any]]]:
    done = [codebook.derive({k: v for k, v in row.items() if v not in EMPTY}) for row in rows]
    wrong = [(n, p.field, p.value) for n, (_, problems) in enumerate(done) for p in problems]
    return [{k: v for k, v in values.items() if v not in EMPTY} for values, _ in done], sorted(wrong)


def together(codebook: Codebook, rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[tuple[int, str, Any]]]:
    names = sorted({name for row in rows for name in row})
    columns = {n: [tuple(v) if isinstance(v := row.get(n), list) else v for row in rows] for n in names}
    differing = Completer(codebook).complete(columns, len(rows))
    back = [{n: list(v) if isinstance(v := c[i], tuple) else v for n, c in columns.items() if c[i] not in EMPTY} for i in range(len(rows))]
    return back, sorted((row, name, given) for row, name, given, _ in differing)


FILLED = ("year", "disorder_type", "event_type", "interaction", "region", "iso", "civilian_targeting", "date_start", "date_end", "inter1", "inter2",
          "point_kind", "tags", "fatalities_low", "fatalities_high", "fatalities_basis")  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_rows_with_gaps_and_contradictions_are_completed_alike(codebook: Codebook, seed: int) -> None:
    rng = random.Random(seed)
    rows = []
    for values in synthetic_values(400, seed):
        row = {k: v for k, v in values.items() if k not in FILLED or rng.random() < 0.4}
        for name in rng.sample(list(row), 3):
            row[name] = None if rng.random() < 0.5 else synthetic_values(1, rng.randrange(99))[0][name]
        rows.append(row)
    done, wrong = together(codebook, rows)
    assert (done, wrong) == one_by_one(codebook, rows) and len(wrong) > 20


inter = st.sampled_from([None, "State forces", "Protesters", "Rioters", "Civilians", "Political militia", "External/Other forces"])
actor = st.sampled_from([None, "Protesters (Iran)", "Civilians (Iraq)", "Military Forces of Iran (1989-)", "Unidentified Armed Group (Iran)", "NRF"])
figure = st.none() | st.integers(0, 12)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "event_date": st.sampled_from([None, "2024-05-09", "2023-12-31"]), "time_precision": st.sampled_from([None, 1, 2]),
                "sub_event_type": st.sampled_from([None, "Peaceful protest", "Mob violence", "Attack", "Armed clash"]),
                "event_type": st.sampled_from([None, "Riots", "Protests"]), "actor1": actor, "actor2": actor, "inter1": inter, "inter2": inter,
                "country": st.sampled_from([None, "Iran", "Iraq", "Kosovo"]), "iso": st.sampled_from([None, 364, 0]),
                "fatalities": figure, "fatalities_low": figure, "fatalities_high": figure, "fatalities_basis": st.sampled_from([None, "word"]),
                "geo_precision": st.sampled_from([None, 1, 2, 3]), "point_kind": st.sampled_from([None, "exact"]),
                "tags": st.sampled_from([[], ["crowd size=about 5"], ["women targeted: voters"]]), "crowd_text": st.sampled_from([None, "dozens"]),
                "civilian_targeting": st.sampled_from([None, "Civilian targeting"]), "year": st.sampled_from([None, 2024]),
                "date_start": st.sampled_from([None, "2024-05-08"]), "date_end": st.sampled_from([None, "2024-05-10"]), "notes": st.just("x"),
            },
        ),
        min_size=1,
        max_size=6,
    )
)  # fmt: skip
def test_any_rows_are_completed_alike(codebook: Codebook, rows: list[dict[str, Any]]) -> None:
    assert together(codebook, rows) == one_by_one(codebook, rows)


def test_no_rows_are_no_work(codebook: Codebook) -> None:
    assert Completer(codebook).complete({"event_date": []}, 0) == []


def test_what_is_remembered_is_bounded() -> None:
    asked: list[int] = []

    def double(number: int) -> int:
        asked.append(number)
        return number * 2

    memory = Remembered(double, 3)
    assert memory.each([1, 1, 2, 3, 4]) == [2, 2, 4, 6, 8] and sorted(asked) == [1, 2, 3, 4]
    assert memory.each([4]) == [8] and asked[-1] == 4 and len(asked) == 5
