"""Every column check and rule of the codebook over a whole table: one pass in DuckDB, details only for rows that break something. Floor 4.

The checks are those of `Codebook.check`, compiled to SQL instead of closures, and a finding's text is made by the same function, so that a row
gets the same verdict from `add` and from here (a test holds them equal). DuckDB packs the verdicts of one row into a few whole numbers, a bit
a check, and gives only rows in which one is set; the values for the messages are fetched for these rows alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from eventcoder.codebook.rules import PLACEHOLDER
from eventcoder.problem import Problem, Report
from eventcoder.validation.conform import conform

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook import Codebook
    from eventcoder.codebook.rules import Check

ROW = "_row"
WORD = 62  # checks packed into one whole number of 64 bits with sign
BATCH = 20_000  # rows whose values are held as Python objects at a time


def validate_events(events: pa.Table, codebook: Codebook, *, latest_today: date) -> Report:
    """Everything that is wrong with the rows of `events`: types, required values, codes, ranges, patterns, derived values, every rule.

    `latest_today` is the latest day that counts as "not in the future" (`clock.latest_today`). Problems come in the order of the rows and, in a row,
    of columns and rules. Columns and types that do not fit are problems too, never exceptions; a required column that is absent altogether
    is told once and not again for every row.
    """
    table, problems, absent = conform(events, codebook)
    report = Report(problems)
    report.extend(row_problems(table, codebook, latest_today=latest_today, absent=absent))
    return report


def row_problems(table: pa.Table, codebook: Codebook, *, latest_today: date, absent: frozenset[str] = frozenset()) -> Iterator[Problem]:
    """The problems of rows of a table that has the codebook's columns and types (`conform`)."""
    import pyarrow as pa

    checks = [check for check in codebook.checks if not (check.code == "missing-required" and check.field in absent)]
    flagged = _flagged(table, checks, codebook, latest_today)
    words = flagged.num_columns - 1
    reads = [{"event_id"} | ({check.field} if check.field else set()) | set(PLACEHOLDER.findall(check.message)) for check in checks]
    for start in range(0, len(flagged), BATCH):
        part = flagged.slice(start, BATCH)
        rows = part[ROW].to_pylist()
        bits = [part[f"w{i}"].to_pylist() for i in range(words)]
        broken = {word * WORD + at for word in range(words) for at in _set_bits(reduce(or_, bits[word]))}
        needed = set().union(*(reads[at] for at in broken))
        met = table.select([name for name in table.column_names if name in needed]).take(part[ROW])
        for name in met.column_names:
            if pa.types.is_date(met[name].type):
                met = met.set_column(met.column_names.index(name), name, met[name].cast(pa.string()))
        for at, values in enumerate(met.to_pylist()):
            for word in range(words):
                for bit in _set_bits(bits[word][at]):
                    yield _told(codebook, checks[word * WORD + bit], values, rows[at])


def _flagged(table: pa.Table, checks: list[Check], codebook: Codebook, latest_today: date) -> pa.Table:
    """The rows that break something: their number (from 0, in order) and the bits of the broken checks in columns w0, w1, ..."""
    import pyarrow as pa

    from eventcoder.codebook.duck import connect, node_sql, prepare

    terms = [f"CASE WHEN {node_sql(codebook, check.broken)} THEN {1 << at % WORD} ELSE 0 END" for at, check in enumerate(checks)]
    words = [" + ".join(terms[start : start + WORD]) for start in range(0, len(terms), WORD)] or ["0"]
    names = [f"w{i}" for i in range(len(words))]
    sums = ", ".join(f"CAST({word} AS BIGINT) AS {name}" for word, name in zip(words, names, strict=True))
    con = connect()
    try:
        prepare(con, codebook, latest_today)
        con.register("events", table.append_column(ROW, pa.array(range(len(table)), pa.int64())))
        query = f"SELECT * FROM (SELECT {ROW}, {sums} FROM events) WHERE {' OR '.join(f'{name} <> 0' for name in names)} ORDER BY {ROW}"
        return con.sql(query).to_arrow_table()
    finally:
        con.close()


def _set_bits(number: int) -> Iterator[int]:
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest


def _told(codebook: Codebook, check: Check, values: dict[str, Any], row: int) -> Problem:
    from eventcoder.codebook.verdict import problem_of

    problem = problem_of(codebook, check, values, values["event_id"])
    if problem.event_id is None:
        return Problem(problem.code, problem.message, problem.severity, None, problem.field, problem.value, f"row {row + 1}")
    return problem
