"""Every column check and rule of the codebook over a whole table: one pass in DuckDB, details only for rows that break something. Floor 4.

The checks are those of `Codebook.check`, compiled to SQL instead of closures, and a finding's text is made by the same function, so that a row
gets the same verdict from `add` and from here (a test holds them equal). DuckDB packs the verdicts of one row into a few whole numbers, a bit
a check, and gives only rows in which one is set; the values for the messages are fetched for these rows alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.codebook.closures import LATEST_TODAY
from eventcoder.codebook.rules import PLACEHOLDER
from eventcoder.problem import Problem, Report
from eventcoder.validation.conform import conform

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook import Codebook
    from eventcoder.codebook.rules import Check

ROW = "_row"
FEW = 4_000  # rows; about what the closures judge while DuckDB plans
PIECE = 8_192  # rows that one thread takes at a time
BATCH = 20_000  # problems whose rows' values are held as Python objects at a time


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


def row_problems(
    table: pa.Table, codebook: Codebook, *, latest_today: date, absent: frozenset[str] = frozenset(), few: int = FEW
) -> Iterator[Problem]:
    """The problems of rows of a table that has the codebook's columns and types (`conform`).

    Up to `few` rows are judged by the closures: they are done before DuckDB has planned its query. The verdicts are the same.
    """
    checks = [check for check in codebook.checks if not (check.code == "missing-required" and check.field in absent)]
    if len(table) <= few:
        wanted = set(map(id, checks))
        closures = [(check, broken) for check, broken in codebook.compiled if id(check) in wanted]
        for row, values in enumerate(_iso_dates(table).to_pylist()):
            values[LATEST_TODAY] = latest_today.isoformat()
            for check, broken in closures:
                if broken(values) is True:
                    yield _told(codebook, check, values, row)
        return
    yield from _in_bulk(table, checks, codebook, latest_today)


def _in_bulk(table: pa.Table, checks: list[Check], codebook: Codebook, latest_today: date) -> Iterator[Problem]:
    import pyarrow as pa

    rows, broken = _broken(table, checks, codebook, latest_today)
    reads = [{"event_id"} | ({check.field} if check.field else set()) | set(PLACEHOLDER.findall(check.message)) for check in checks]
    for start in range(0, len(rows), BATCH):
        numbers, which = rows[start : start + BATCH].tolist(), broken[start : start + BATCH].tolist()
        needed = set().union(*(reads[at] for at in set(which)))
        distinct = list(dict.fromkeys(numbers))
        met = table.select([name for name in table.column_names if name in needed]).take(pa.array(distinct, pa.int64()))
        values = dict(zip(distinct, _iso_dates(met).to_pylist(), strict=True))
        for row, at in zip(numbers, which, strict=True):
            yield _told(codebook, checks[at], values[row], row)


def _iso_dates(table: pa.Table) -> pa.Table:
    """The table with its days as ISO text, the form in which values are held everywhere else."""
    import pyarrow as pa

    for at, field in enumerate(table.schema):
        if pa.types.is_date(field.type):
            table = table.set_column(at, field.name, table.column(at).cast(pa.string()))
    return table


def _broken(table: pa.Table, checks: list[Check], codebook: Codebook, latest_today: date) -> tuple[Any, Any]:
    """What is broken where, as two numpy arrays: numbers of rows (from 0, ascending) and places in `checks` (ascending within a row).

    Every check is a column of truth values (a bit a row): packing them into bits, or asking DuckDB for the broken rows only, made it plan for
    2 to 5 s (225 checks) and work out each check twice.
    """
    import numpy as np
    import pyarrow as pa

    from eventcoder.codebook.duck import connect, node_sql, prepare

    verdicts = "".join(f", {node_sql(codebook, check.broken)} AS c{at}" for at, check in enumerate(checks))
    rows, broken = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    con = connect()
    try:
        prepare(con, codebook, latest_today)
        numbered = table.combine_chunks().append_column(ROW, pa.array(np.arange(len(table))))
        con.register("events", pa.Table.from_batches(numbered.to_batches(max_chunksize=PIECE)))
        for batch in con.sql(f"SELECT {ROW}{verdicts} FROM events").to_arrow_table().to_batches():
            for at in range(len(checks)):
                verdict = batch.column(at + 1)
                if verdict.true_count:
                    rows.append(batch.column(0).filter(verdict).to_numpy())
                    broken.append(np.full(len(rows[-1]), at))
    finally:
        con.close()
    every, each = np.concatenate(rows), np.concatenate(broken)
    order = np.lexsort((each, every))
    return every[order], each[order]


def _told(codebook: Codebook, check: Check, values: dict[str, Any], row: int) -> Problem:
    from eventcoder.codebook.verdict import problem_of

    problem = problem_of(codebook, check, values, values["event_id"])
    if problem.event_id is None:
        return Problem(problem.code, problem.message, problem.severity, None, problem.field, problem.value, f"row {row + 1}")
    return problem
