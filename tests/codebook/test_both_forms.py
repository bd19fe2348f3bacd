"""Closures and DuckDB give one verdict: random well-typed expressions over random rows with nulls."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventcoder.codebook import Codebook
from eventcoder.codebook.arrow import arrow_schema
from eventcoder.codebook.closures import LATEST_TODAY, compile_closure
from eventcoder.codebook.duck import connect, node_sql, prepare

TODAY = date(2024, 2, 29)
#: texts with everything on which engines like to differ: case, accents, combining marks, ligatures, brackets, line ends, patterns' signs
TEXTS = [
    "", " ", "March", "march", "Riot", "Sit-in", "Pupils", "Students", "Nurses", "Protesters", "Civilians", "State forces",
    "Protesters (Iran)", "Forces of Chad (2021-) Guard", "Forces (1990-2021)", "Forces (1990-2021) (2021-)", "a (b) ()", "x (y (z) w)", "(", ")(", "()",
    "İstanbul", "i̇stanbul", "ISTANBUL", "ıi", "Straße", "STRASSE", "ΟΔΟΣ", "οδος", "οδοσ", "ﬁre", "é", "e\u0301", "É", "Ω", "Ω", "ǅ", "تهران", "मार्च", "🔥 fire",
    "a b  c", "size=ten", "size=", "=", "100%", "a_b", "it's", 'say "no"', "back\\slash", "line\nbreak", "tab\there", "end\n", "12", "٣", "x.y", "xay",
]  # fmt: skip
PATTERNS = [
    "^[A-Z]", "[a-z]+$", "a.b", "^$", r"\d", r"\w+\b", r"\s", r"[^a-z]", "(?:March|Riot)", r"\(", "e.?$", "[À-ÿ]", "^.{3}$", "fire|march", r"x\.y", r"^[^=]+=.+$",
    r"\bfire\b", "i{2,3}|s{2}", "",
]  # fmt: skip
DAYS = ["0001-01-01", "1900-02-28", "1999-12-31", "2000-01-01", "2000-02-29", "2024-02-29", "2024-03-01", "9999-12-31"]
NUMBERS = [0.0, -0.0, 1.0, 2.0, 3.0, 100.0, -90.0, 90.0, 0.1, 0.3, 35.6892, 12.345678, -0.5, 1e-7, 99999.9999]


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def literal(value: float) -> str:
    text = f"{abs(value):.9f}".rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 else text


texts = st.deferred(lambda: st.one_of(
    st.sampled_from(["kind", "actor", "town", "notes"]),
    st.sampled_from([t for t in TEXTS if t.isprintable()]).map(quoted),
    st.builds("lookup(kinds, {}, {})".format, texts, st.sampled_from(["calm", "label", "'legacy'"])),
    st.builds("suffix({})".format, texts),
    st.builds("lower({})".format, texts),
    st.builds("combine_inter({}, {})".format, texts, texts),
    st.builds("COALESCE({}, {})".format, texts, texts),
    st.builds("CASE WHEN {} THEN {} ELSE {} END".format, bools, texts, texts),
    st.builds("CASE WHEN {} THEN {} END".format, bools, texts),
))  # fmt: skip
numbers = st.deferred(lambda: st.one_of(
    st.sampled_from(["year", "precision", "latitude", "people"]),
    st.sampled_from(NUMBERS).map(literal),
    st.builds("({} {} {})".format, numbers, st.sampled_from("+-*"), numbers),
    st.builds("-({})".format, numbers),
    st.builds("length({})".format, st.one_of(texts, lists)),
    st.builds("{}({})".format, st.sampled_from(["year", "month", "day"]), dates),
    st.builds("days_between({}, {})".format, dates, dates),
    st.builds("{}({})".format, st.sampled_from(["regime_start", "regime_end"]), texts),
    st.builds("lookup_number(kinds, {}, weight)".format, texts),
    st.builds("count_items_matching({}, {})".format, lists, st.sampled_from(PATTERNS).map(quoted)),
    st.builds("decimals({})".format, numbers),
    st.builds("COALESCE({}, {})".format, numbers, numbers),
))  # fmt: skip
dates = st.deferred(lambda: st.one_of(
    st.just("event_date"), st.just("latest_today()"), st.sampled_from(DAYS).map("DATE '{}'".format), st.builds("COALESCE({}, {})".format, dates, dates),
))  # fmt: skip
lists = st.sampled_from(["groups", "tags"])
comparisons = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
bools = st.deferred(lambda: st.one_of(
    st.sampled_from(["planned", "TRUE", "FALSE", "planned IS NULL", "groups IS NULL", "tags IS NOT NULL"]),
    st.builds("({} {} {})".format, texts, comparisons, texts),
    st.builds("({} {} {})".format, numbers, comparisons, numbers),
    st.builds("({} {} {})".format, dates, comparisons, dates),
    st.builds("({} BETWEEN {} AND {})".format, numbers, numbers, numbers),
    st.builds("({} NOT BETWEEN {} AND {})".format, dates, dates, dates),
    st.builds("({} IS NULL)".format, st.one_of(texts, numbers, dates)),
    st.builds("({} AND {})".format, bools, bools),
    st.builds("({} OR {} OR {})".format, bools, bools, bools),
    st.builds("(NOT {})".format, bools),
    st.builds("({} IN ('March', 'riot', {}))".format, texts, st.sampled_from(["''", "'é'"])),
    st.builds("({} NOT IN (1, 2.5, -3))".format, numbers),
    st.builds("{}({}, {})".format, st.sampled_from(["starts_with", "ends_with", "has_word", "mentions"]), texts, texts),
    st.builds("matches({}, {})".format, texts, st.sampled_from(PATTERNS).map(quoted)),
    st.builds("in_list(kinds, {})".format, texts),
    st.builds("all_in_list(kinds_of_people, {})".format, lists),
    st.builds("has_item({}, {})".format, lists, texts),
    st.builds("any_item_matches({}, {})".format, lists, st.sampled_from(PATTERNS).map(quoted)),
    st.builds("(planned = {})".format, bools),
))  # fmt: skip


def some_rows() -> list[dict[str, Any]]:
    """Rows that meet every text, day and number with its neighbours; a third of the values is null."""
    rows: list[dict[str, Any]] = [{}]
    for i in range(120):
        pick = lambda values, step, i=i: None if (i * step) % 3 == 2 else values[(i * step) % len(values)]  # noqa: E731
        rows.append({
            "event_date": pick(DAYS, 1) or pick([(date(2024, 1, 1) + timedelta(days=i)).isoformat()], 2),
            "year": pick([1900, 2024, 2200], 1), "precision": pick([1, 2, 3], 4), "people": pick([0, 2, 3, 100_000], 5),
            "kind": pick(TEXTS, 1) or None, "actor": pick(TEXTS, 7) or None, "town": pick(TEXTS, 11) or None, "notes": pick(TEXTS, 13) or None,
            "latitude": pick([n for n in NUMBERS if abs(n) <= 90], 7), "planned": pick([True, False], 1),
            "groups": [t for t in (pick(TEXTS, 5), pick(TEXTS, 8)) if t], "tags": [t for t in (pick(TEXTS, 17), pick(TEXTS, 19)) if t],
        })  # fmt: skip
    return rows


ROWS = some_rows()


class Bulk:
    """The rows as a table in DuckDB; an empty list is null in every second row, as other programs write it."""

    def __init__(self, codebook: Codebook) -> None:
        self.con = connect()
        prepare(self.con, codebook, TODAY)
        columns = []
        for field in arrow_schema(codebook):
            cells = [row.get(field.name) for row in ROWS]
            if pa.types.is_date(field.type):
                columns.append(pa.array(cells, pa.string()).cast(field.type))
            elif pa.types.is_list(field.type):
                columns.append(pa.array([None if not cell and i % 2 else cell or [] for i, cell in enumerate(cells)], field.type))
            else:
                columns.append(pa.array(cells, field.type))
        self.con.register("rows", pa.Table.from_arrays(columns, schema=arrow_schema(codebook)))

    def values(self, sql: str) -> list[Any]:
        return [row[0] for row in self.con.execute(f"SELECT {sql} FROM rows").fetchall()]


@pytest.fixture(scope="module")
def bulk(small: Codebook) -> Bulk:
    return Bulk(small)


def both(small: Codebook, bulk: Bulk, text: str, want: str) -> tuple[list[Any], list[Any]]:
    node = small.expression(text, want)
    closure = compile_closure(node, small.lists)
    blank = dict.fromkeys(small.names)
    one_by_one = [closure({**blank, LATEST_TODAY: TODAY.isoformat(), **row}) for row in ROWS]
    return one_by_one, bulk.values(node_sql(small, node))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(text=bools.filter(lambda text: len(text) < 1_500))
def test_conditions_have_the_same_verdict_in_both_forms(small: Codebook, bulk: Bulk, text: str) -> None:
    one_by_one, all_at_once = both(small, bulk, text, "bool")
    assert one_by_one == all_at_once, text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(text=numbers.filter(lambda text: len(text) < 800))
def test_numbers_have_the_same_value_in_both_forms(small: Codebook, bulk: Bulk, text: str) -> None:
    one_by_one, all_at_once = both(small, bulk, text, "number")
    for row, (a, b) in enumerate(zip(one_by_one, all_at_once, strict=True)):
        assert a is b is None or (a is not None and b is not None and math.isclose(a, b, rel_tol=1e-15)), (text, ROWS[row], a, b)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(text=texts.filter(lambda text: len(text) < 800))
def test_texts_have_the_same_value_in_both_forms(small: Codebook, bulk: Bulk, text: str) -> None:
    one_by_one, all_at_once = both(small, bulk, text, "text")
    assert one_by_one == all_at_once, text


@pytest.mark.parametrize("text", TEXTS)
def test_lower_length_and_mentions_agree_on_every_awkward_text(small: Codebook, bulk: Bulk, text: str) -> None:
    if not text.isprintable():
        pytest.skip("no expression can hold it; the rows do")
    for expression, want in ((f"lower({quoted(text)})", "text"), (f"length({quoted(text)})", "number")):
        assert len(set(map(repr, [*both(small, bulk, expression, want)[0], *both(small, bulk, expression, want)[1]]))) == 1 or want == "number"
    for column in ("actor", "notes"):
        a, b = both(small, bulk, f"mentions({column}, {quoted(text)})", "bool")
        assert a == b


def test_nothing_outside_can_be_read(bulk: Bulk) -> None:
    import duckdb

    for sql in ("SELECT * FROM read_text('/etc/passwd')", "COPY rows TO '/tmp/rows.csv'", "INSTALL httpfs", "SET enable_external_access = true", "FROM ROWS"):
        with pytest.raises(duckdb.Error):
            bulk.con.execute(sql if sql != "FROM ROWS" else "ATTACH '/tmp/other.db'")
