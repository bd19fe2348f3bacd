"""The figures of the page, worked out by hand on a few events."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise, product
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.analysis import fatality_scenarios
from eventcoder.changelog import CHANGES_SCHEMA
from eventcoder.codebook import Codebook
from eventcoder.dataset.coverage import week_of
from eventcoder.errors import CodebookError, UsageError
from eventcoder.reportpage import Query, asked
from eventcoder.reportpage.changing import changed
from eventcoder.reportpage.charts import ticks
from eventcoder.reportpage.periods import between, unit_for
from eventcoder.reportpage.questions import Deaths, figures
from eventcoder.reportpage.reading import PART, READ, UNREAD, coverage
from tests.releases.workshop import book
from tests.report.invented import FIRST, event, read, several, table


@pytest.fixture(scope="module")
def codebook() -> Codebook:
    return book()


class TestDeaths:
    def test_an_interval_sums_what_is_known_and_counts_what_is_not(self) -> None:
        found = figures(
            table(
                event(1, fatalities=3, fatalities_low=2, fatalities_high=5),
                event(2, fatalities=52, fatalities_low=52),  # "at least 52"
                event(3),  # nobody says
                event(4, fatalities=0, fatalities_low=0, fatalities_high=0),  # nobody died
            )
        )
        assert found.total == Deaths(events=4, low=54, reported=55, high=57, unbounded=1, silent=1)

    def test_page_and_fatality_scenarios_say_the_same(self) -> None:
        rows = [
            event(at, country=f"Land {at}", fatalities=best, fatalities_low=low, fatalities_high=high, fatalities_basis=basis)
            for at, (best, low, high, basis) in enumerate(product((None, 0, 3), (None, 0, 2), (None, 5), (None, "none")))
        ]
        told = fatality_scenarios(table(*rows), by="country").set_index("country")
        for country, one, _ in figures(table(*rows)).countries:
            row = told.loc[country]
            sums = row[["fatalities_low", "fatalities", "fatalities_high_floor"]]
            assert one.sums == tuple(None if pd.isna(v) else v for v in sums), country
            assert (one.unbounded, one.silent) == (row["fatalities_open"], row["fatalities_not_reported"]), country

    def test_events_that_say_nothing_have_no_sum(self) -> None:
        found = figures(table(event(1), event(2)))
        assert found.total.sums == (None, None, None)
        assert found.countries[0][1].sums == (None, None, None)


class TestCounting:
    def test_an_actor_on_both_sides_counts_once(self) -> None:
        found = figures(table(event(1, actor1="A", actor2="A"), event(2, actor1="A", actor2="B"), event(3, actor1="C")))
        assert found.actors == [("A", 2), ("B", 1), ("C", 1)]
        assert found.n_actors == 3

    def test_places_of_one_name_in_two_countries_are_two(self) -> None:
        found = figures(table(event(1), event(2, country="Iraq", admin1=None)))
        assert found.places[0][0] == "Shiraz, Fars, Iran"
        assert found.n_places == 2

    def test_a_week_begins_on_saturday(self) -> None:
        days = [FIRST + timedelta(days=n) for n in range(80)]
        found = figures(table(*(event(n, event_date=day) for n, day in enumerate(days))))
        assert found.periods.unit == "week"
        assert found.timeline == {(start, "Protests"): n for start, n in Counter(week_of(day) for day in days).items()}

    def test_events_without_date_place_or_type_are_counted_and_not_drawn(self) -> None:
        found = figures(table(event(1, event_date=None, latitude=None, event_type=None, country=None, location=None)))
        assert found.total.events == 1
        assert (found.first, found.spots, found.unplaced, found.timeline) == (None, [], 1, {})

    def test_columns_that_a_codebook_does_not_have_are_null(self) -> None:
        found = figures(pa.table({"event_id": ["a"], "country": ["Iran"]}))
        assert found.total == Deaths(1, 0, 0, 0, 0, 1)

    def test_many_places_become_clusters_that_hold_every_event(self) -> None:
        spread = [event(n, location=f"P{n}", latitude=-60 + n % 120, longitude=-170 + n // 120 * 20 + n % 7) for n in range(2000)]
        found = figures(table(*spread))
        assert found.clustered > 0
        assert len(found.spots) <= 1200
        assert sum(s.events for s in found.spots) == 2000

    @settings(max_examples=12, deadline=None)
    @given(st.lists(st.tuples(st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.sampled_from(["Battles", "Riots", None])), max_size=20))
    def test_the_timeline_holds_every_dated_event_once(self, rows: list[tuple[date, str | None]]) -> None:
        found = figures(table(*(event(n, event_date=day, event_type=kind) for n, (day, kind) in enumerate(rows))))
        assert sum(found.timeline.values()) == len(rows) == sum(d.events for d in found.deaths.values())
        assert {start for start, _ in found.timeline} <= set(found.periods.starts)


class TestPeriods:
    @pytest.mark.parametrize(("days", "unit"), [(1, "day"), (62, "day"), (63, "week"), (400, "week"), (900, "month"), (9000, "year")])
    def test_the_span_chooses_the_unit(self, days: int, unit: str) -> None:
        assert unit_for(FIRST, FIRST + timedelta(days=days - 1)) == unit

    def test_periods_reach_over_the_end_of_a_year(self) -> None:
        found = between(date(2025, 12, 30), date(2026, 2, 1), "month")
        assert [found.name(s) for s in found.starts] == ["2025-12", "2026-01", "2026-02"]
        assert found.ends()[-1] == date(2026, 3, 1)

    @given(st.integers(0, 10**9))
    def test_ticks_are_whole_and_reach_the_top(self, top: int) -> None:
        values = ticks(top)
        assert values[0] == 0
        assert values[-1] >= top
        assert 2 <= len(values) <= 6
        assert len({b - a for a, b in pairwise(values)}) == 1


class TestReading:
    def test_a_zero_stands_only_where_the_whole_country_was_read(self) -> None:
        """T36: elsewhere the absence of events is no zero."""
        weeks = {("Iran", FIRST): 2, ("Chile", FIRST): 1}
        rows = read(
            ("Iran", None, FIRST, FIRST + timedelta(days=9)),  # a week and three days
            ("Iran", None, FIRST + timedelta(days=10), FIRST + timedelta(days=20)),  # goes on: three weeks in all
            ("Nigeria", "Kano", FIRST, FIRST + timedelta(days=20)),
            ("Iraq", None, FIRST, FIRST + timedelta(days=3)),
        )
        matrix = coverage(rows, weeks, {}).matrices[0]
        cells = dict(matrix.rows)
        assert cells["Iran"] == [(READ, 2), (READ, 0), (READ, 0)]
        assert cells["Nigeria"] == [(PART, None)] * 3
        assert cells["Iraq"] == [(PART, None), (UNREAD, None), (UNREAD, None)]
        assert cells["Chile"] == [(UNREAD, 1), (UNREAD, None), (UNREAD, None)]

    def test_without_records_nothing_is_a_zero(self) -> None:
        found = coverage(None, {("Iran", FIRST): 2}, {})
        assert (found.through, found.matrices) == (None, [])

    def test_a_running_year_counts_as_far_as_it_has_gone(self) -> None:
        rows = read(("Iran", None, date(2025, 1, 1), date(2026, 3, 31)))
        found = coverage(rows, {("Iran", date(2026, 3, 28)): 1}, {("Iran", date(2026, 1, 1)): 1})
        assert dict(found.matrices[1].rows)["Iran"] == [(READ, 0), (READ, 1)]

    def test_countries_that_were_not_asked_for_are_left_out(self) -> None:
        rows = read(("Iran", None, FIRST, FIRST), ("Chile", None, FIRST, FIRST + timedelta(days=900)))
        assert coverage(rows, {}, {}, ["Iran"]).through == FIRST


def change(op: str, event_id: str = "a", **given: Any) -> dict[str, Any]:
    return {"op": op, "event_id": event_id, "table": "events", **given}


def test_what_changed_names_what_alters_a_readers_words() -> None:
    rows = [
        change("added", "new"),
        change("revised", field="fatalities", old="2", new="9", reason="the hospital's list"),
        change("revised", "b", field="fatalities", old="null", new="1"),
        change("revised", "b", field="event_date", old='"2026-01-01"', new='"2026-01-05"'),
        change("revised", "c", field="event_date", old='"2026-01-01"', new='"2026-02-01"'),
        change("revised", "d", field="country", old='"Iran"', new='"Iraq"'),
        change("retracted", "e", reason="a film set"),
        change("merged", "f", merged_into="a"),
    ]
    found = changed(pa.Table.from_pylist(rows, schema=CHANGES_SCHEMA))
    assert found.deaths == 7
    kinds = {one.what: one for one in found.notable}
    assert kinds["Fatalities revised"].rows[0] == ("b", "not reported", "1", "")  # of unknown size: first
    assert kinds["Fatalities revised"].rows[1] == ("a", "2", "9", "the hospital's list")
    assert [row[0] for row in kinds["Moved by more than 7 days"].rows] == ["c"]
    assert kinds["Moved to another country or first-level division"].rows == [("d", "Iran", "Iraq", "")]
    assert kinds["Merged into another"].rows == [("f", "", "a", "")]
    assert kinds["Retracted"].rows == [("e", "", "", "a film set")]
    assert found.counts["added"] == 1


class TestQuery:
    def test_codes_days_and_an_expression_must_all_hold(self, codebook: Codebook) -> None:
        query = Query(["iran"], ["battles", "Peaceful protest"], "2026-03", "2026", "fatalities >= 0 OR fatalities IS NULL")
        found = asked(query, codebook)
        assert found.countries == ("Iran",)
        assert found.words.startswith("country Iran; type Battles or Peaceful protest; from 2026-03-01; until 2026-12-31; where ")
        rows = table(event(1), event(2, country="Iraq"), event(3, event_date=date(2026, 2, 28)), event(4, sub_event_type="Mob violence"))
        assert figures(rows, found.condition, codebook).total.events == 1

    def test_an_empty_list_is_null_as_in_every_expression(self, codebook: Codebook) -> None:
        rows = table(event(1), event(2, tags=["crowd size=10"]))
        wanted = asked(Query(where="tags IS NULL"), codebook)
        assert figures(rows, wanted.condition, codebook).total.events == 1

    def test_countries_go_by_iso_codes_as_in_load(self, codebook: Codebook) -> None:
        for name in ("NGA", "ng", "566", "Nigeria"):
            assert asked(Query([name]), codebook).countries == ("Nigeria",)
        with pytest.raises(UsageError) as told:
            asked(Query(["XX"]), codebook)
        assert "Did you mean" not in f"{told.value.remedy}"

    def test_quotes_in_a_condition_are_text(self, codebook: Codebook) -> None:
        found = asked(Query(where="actor1 = 'a'' OR 1=1 --'"), codebook)
        assert figures(several(5), found.condition, codebook).total.events == 0

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            (Query(["Irann"]), "Did you mean 'Iran'"),
            (Query(types=["Protets"]), "Did you mean 'Protests'"),
            (Query(since="2026-13"), "is not a day"),
            (Query(since="2026-02-01", until="2026-01"), "lies after"),
        ],
    )
    def test_what_is_not_understood_is_told(self, query: Query, said: str, codebook: Codebook) -> None:
        with pytest.raises(UsageError, match=said):
            asked(query, codebook)

    def test_a_wrong_expression_is_told(self, codebook: Codebook) -> None:
        with pytest.raises(CodebookError, match="unknown column"):
            asked(Query(where="deaths > 1"), codebook)
