"""Closures and DuckDB give one verdict: random well-typed expressions over random rows with nulls."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.codebook import Codebook, functions
from eventcoder.codebook.arrow import arrow_schema
from eventcoder.codebook.closures import LATEST_TODAY, compile_closure
from eventcoder.codebook.duck import connect, node_sql, prepare
from tests.synthetic_events import synthetic_values

TODAY = date(2024, 2, 29)
#: texts with everything on which engines like to differ: case, accents, combining marks, ligatures, brackets, line ends, patterns' signs
TEXTS = [
    "", " ", "March", "march", "Riot", "Sit-in", "Pupils", "Students", "Nurses", "Protesters", "Civilians", "State forces", "Protesters (Iran)",
    "Forces of Chad (2021-) Guard", "Forces (1990-2021)", "Forces (1990-2021) (2021-)", "a (b) ()", "x (y (z) w)", "(", ")(", "()",
    "İstanbul", "i̇stanbul", "ISTANBUL", "ıi", "Straße", "STRASSE", "ΟΔΟΣ", "οδος", "οδοσ", "ﬁre", "é", "e\u0301", "É", "\u2126", "\u03a9", "ǅ",
    "تهران", "मार्च", "🔥 fire", "a b  c", "size=ten", "size=", "=", "100%", "a_b", "it's", 'say "no"', "back\\slash", "line\nbreak", "tab\there",
    "end\n", "12", "٣", "x.y", "xay",
]  # fmt: skip
PATTERNS = [
    "^[A-Z]", "[a-z]+$", "a.b", "^$", r"\d", r"\w+\b", r"\s", r"[^a-z]", "(?:March|Riot)", r"\(", "e.?$", "[À-ÿ]", "^.{3}$", "fire|march", r"x\.y",
    r"^[^=]+=.+$", r"\bfire\b", "i{2,3}|s{2}", "",
]  # fmt: skip
DAYS = ["0001-01-01", "1900-02-28", "1999-12-31", "2000-01-01", "2000-02-29", "2024-02-29", "2024-03-01", "9999-12-31"]
NUMBERS = [0.0, -0.0, 1.0, 2.0, 3.0, 100.0, -90.0, 90.0, 0.1, 0.3, 35.6892, 12.345678, -0.5, 1e-7, 99999.9999]


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def literal(value: float) -> str:
    text = f"{abs(value):.9f}".rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 else text


class Writer:
    """Random well-typed expressions of bounded depth."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.depth = 0

    def write(self, kind: str) -> str:
        self.depth += 1
        forms = LEAVES[kind] if self.depth > 4 else LEAVES[kind] + FORMS[kind] * 2
        text = self.random.choice(forms)(self)
        self.depth -= 1
        return text

    def filled(self, form: str) -> str:
        """`form` with its holes filled: T text, N number, D date, B condition, L list, P pattern, C comparison, S sign."""
        return re.sub(r"\b[TNDBLPCS]\b", lambda found: self.hole(found[0]), form)

    def hole(self, name: str) -> str:
        if name in ("T", "N", "D", "B"):
            return self.write(name)
        return self.random.choice(HOLES[name])


HOLES: dict[str, list[str]] = {
    "T": [], "N": [], "D": [], "B": [],
    "L": ["groups", "tags"], "P": [quoted(p) for p in PATTERNS], "C": ["=", "<>", "<", "<=", ">", ">="], "S": ["+", "-", "*"],
}  # fmt: skip


def _forms(*texts: str) -> list[Callable[[Writer], str]]:
    return [lambda writer, text=text: writer.filled(text) for text in texts]


def _words(words: list[str]) -> list[Callable[[Writer], str]]:
    return [lambda writer: writer.random.choice(words)]


LEAVES = {
    "T": _words(["kind", "actor", "town", "notes"]) * 3 + _words([quoted(t) for t in TEXTS if t.isprintable()]),
    "N": _words(["year", "precision", "latitude", "people"]) * 2 + _words([literal(n) for n in NUMBERS]) + _forms("length(L)"),
    "D": _words(["event_date", "event_date", "latest_today()"]) + _words([f"DATE '{day}'" for day in DAYS]),
    "B": _words(["planned", "planned", "TRUE", "FALSE", "NULL", "(groups IS NULL)", "(tags IS NOT NULL)"])
    + _forms("matches(actor, P)", "any_item_matches(L, P)"),
}
FORMS = {
    "T": _forms(
        "lookup(kinds, T, calm)", "lookup(kinds, T, 'label')", "suffix(T)", "suffix(T)", "lower(T)", "combine_inter(T, T)", "COALESCE(T, T)",
        "CASE WHEN B THEN T ELSE T END", "CASE WHEN B THEN T WHEN B THEN T END",
    ),
    "N": _forms(
        "(N S N)", "(N S N)", "-(N)", "length(T)", "year(D)", "month(D)", "day(D)", "days_between(D, D)", "regime_start(T)", "regime_end(T)",
        "lookup_number(kinds, T, weight)", "count_items_matching(L, P)", "decimals(N)", "COALESCE(N, N)", "CASE WHEN B THEN N ELSE N END",
    ),
    "D": _forms("COALESCE(D, D)", "CASE WHEN B THEN D END"),
    "B": _forms(
        "(T C T)", "(T C T)", "(N C N)", "(N C N)", "(D C D)", "(N BETWEEN N AND N)", "(D NOT BETWEEN D AND D)", "(T IS NULL)", "(N IS NOT NULL)",
        "(B AND B)", "(B OR B OR B)", "(NOT B)", "(T IN ('March', 'riot', 'é', ''))", "(N NOT IN (1, 2.5, -3))", "starts_with(T, T)",
        "ends_with(T, T)", "has_word(T, T)", "mentions(T, T)", "matches(T, P)", "in_list(kinds, T)", "all_in_list(kinds_of_people, L)",
        "has_item(L, T)",
        "(count_items_matching(L, P) > 1)", "(planned = B)", "(planned <> B)",
    ),
}  # fmt: skip


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

    def values(self, sql: list[str]) -> list[tuple[Any, ...]]:
        """The values of many expressions, one tuple for each of them."""
        return list(zip(*self.con.execute(f"SELECT {', '.join(sql)} FROM rows").fetchall(), strict=True))


@pytest.fixture(scope="module")
def bulk(small: Codebook) -> Bulk:
    return Bulk(small)


def compare(small: Codebook, bulk: Bulk, texts: list[str], want: str) -> None:
    """Assert that both forms give equal values for all rows."""
    nodes = [small.expression(text, want) for text in texts]
    blank = {**dict.fromkeys(small.names), LATEST_TODAY: TODAY.isoformat()}
    rows = [{**blank, **row} for row in ROWS]
    for text, node, all_at_once in zip(texts, nodes, bulk.values([node_sql(small, node) for node in nodes]), strict=True):
        closure = compile_closure(node, small.lists)
        for row, there in zip(rows, all_at_once, strict=True):
            here = closure(row)
            assert here == there, f"{text}\n{row}\nclosure: {here!r}, DuckDB: {there!r}"


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
@pytest.mark.parametrize(("hole", "want"), [("B", "bool"), ("N", "number"), ("T", "text")])
def test_random_expressions_have_the_same_values_in_both_forms(small: Codebook, bulk: Bulk, hole: str, want: str, seed: int) -> None:
    writer = Writer(seed)
    texts = [text for text in (writer.write(hole) for _ in range(12)) if len(text) < 2_000]
    compare(small, bulk, texts or ["NULL"], want)


def test_awkward_texts_agree_with_each_other(small: Codebook, bulk: Bulk) -> None:
    """Each text against every other one (as a value of a row): order, case, length, words, patterns."""
    some = [quoted(text) for text in TEXTS if text.isprintable()]
    for column in ("actor", "notes"):
        compare(small, bulk, [f"mentions({column}, {text})" for text in some] + [f"{column} < {text}" for text in some], "bool")
        compare(small, bulk, [f"has_word({column}, {text})" for text in some] + [f"has_item(groups, {text})" for text in some], "bool")
        compare(small, bulk, [f"matches({column}, {quoted(pattern)})" for pattern in PATTERNS], "bool")
        compare(small, bulk, [f"length({column})", f"regime_start({column})", f"regime_end({column})"], "number")
        compare(small, bulk, [f"suffix({column})", f"lower({column})"], "text")
    assert functions.lower("İΣ") == "iσ"


def test_every_check_of_the_shipped_codebook_has_the_same_verdict_on_rows_with_gaps(codebook: Codebook) -> None:
    values = list(synthetic_values(40, 7))
    rows = values + [{name: value for at, (name, value) in enumerate(row.items()) if (at * 7 + number) % 5} for number, row in enumerate(values)]
    con = connect()
    prepare(con, codebook, TODAY)
    columns = []
    for field in arrow_schema(codebook):
        cells = [row.get(field.name) for row in rows]
        columns.append(pa.array(cells, pa.string()).cast(field.type) if pa.types.is_date(field.type) else pa.array(cells, field.type))
    con.register("rows", pa.Table.from_arrays(columns, schema=arrow_schema(codebook)))
    here = [(number, p.code, p.field) for number, row in enumerate(rows) for p in codebook.check(row, latest_today=TODAY)]
    verdicts = con.execute(f"SELECT {', '.join(node_sql(codebook, check.broken) for check in codebook.checks)} FROM rows").fetchall()
    there = [(n, check.code, check.field) for n, row in enumerate(verdicts) for check, broken in zip(codebook.checks, row, strict=True) if broken]
    assert here == there
    assert len({code for _, code, _ in here}) > 10


def test_nested_functions_do_not_swell_in_sql(small: Codebook, bulk: Bulk) -> None:
    """Operands that the SQL names several times would double its length with each level."""
    number = text = "actor"
    for _ in range(12):
        text = f"lookup(kinds, {text}, label)"
    number = "latitude"
    for _ in range(25):
        number = f"decimals({number})"
    assert len(node_sql(small, small.expression(number, "number"))) < 50_000
    compare(small, bulk, [number], "number")
    compare(small, bulk, [text], "text")


@pytest.mark.parametrize("sql", [
    "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM '/etc/passwd'", "COPY rows TO 'rows.csv'", "ATTACH 'other.db'", "INSTALL httpfs",
    "LOAD httpfs", "SET enable_external_access = true", "SET lock_configuration = false", "SELECT * FROM ROWS_OF_PYTHON",
])  # fmt: skip
def test_the_connection_reaches_nothing_outside(bulk: Bulk, sql: str) -> None:
    ROWS_OF_PYTHON = pa.table({"x": [1]})  # noqa: F841 (an engine that looks into Python's variables would find it)
    with pytest.raises(duckdb.Error):
        bulk.con.execute(sql)
