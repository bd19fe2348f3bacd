"""Every column check and rule of the codebook over a whole table; details only for rows that break something. Floor 4.

The checks are those of `Codebook.check`, and a finding's text is made by the same function, so that a row gets the same verdict from `add` and
from here (a test holds them equal). A large table is judged in pieces (`sweep`); the values for the messages are fetched for broken rows alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.codebook.closures import LATEST_TODAY
from eventcoder.codebook.expression.nodes import column_names
from eventcoder.codebook.rules import PLACEHOLDER
from eventcoder.problem import Problem, Report
from eventcoder.validation.actor_use import FORM
from eventcoder.validation.rows.conform import conform
from eventcoder.validation.tally import MOST, BulkReport, Tally

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook import Codebook
    from eventcoder.codebook.rules import Check
    from eventcoder.validation.rows.sweep import Sweep

Registered = Callable[[str], bool]  # whether the register of actors has a name
FEW = 4_000  # rows; about what the closures judge while DuckDB is loaded
ROWS = 1_000_000  # rows judged at a time: the places of all that is broken in them, even if that is every check, take 2 GB at most
BATCH = 20_000  # problems whose rows' values are held as Python objects at a time


def validate_events(events: pa.Table, codebook: Codebook, *, latest_today: date, most: int = MOST, registered: Registered | None = None) -> Report:
    """Everything that is wrong with the rows of `events`: types, required values, codes, ranges, patterns, derived values, every rule.

    `latest_today` is the latest day that counts as "not in the future" (`clock.latest_today`). Problems come in the order of the rows and, in a row,
    of columns and rules. Columns and types that do not fit are problems too, never exceptions; a column that is absent altogether
    is told once, and what reads it is not judged. Of one check that is broken in more than `most` rows, the first are listed and one more problem
    tells how many there are. `registered` tells names of actors that the register has, which decides how they are written.
    """
    tally = Tally(most)
    table, problems, absent = conform(events, codebook, dictionaries=True, tally=tally)
    report = BulkReport(problems)
    report.extend(row_problems(table, codebook, latest_today=latest_today, absent=absent, tally=tally, registered=registered))
    report.extend(tally.untold())
    return report


def row_problems(
    table: pa.Table,
    codebook: Codebook,
    *,
    latest_today: date,
    absent: frozenset[str] = frozenset(),
    few: int = FEW,
    tally: Tally | None = None,
    sweep: Sweep | None = None,
    before: int = 0,
    registered: Registered | None = None,
) -> Iterator[Problem]:
    """The problems of rows of a table that has the codebook's columns and types (`conform`).

    Up to `few` rows are judged by the closures: they are done before DuckDB is loaded. The verdicts are the same. With a `tally`, all are counted
    and only the first of each check are given. `sweep` is used if given; `before` is the number of rows before this table; `registered` as above.
    """
    # what reads a column that is not there at all says nothing: "no value" would be the fault of every row
    checks = [check for check in codebook.checks if absent.isdisjoint(column_names(check.broken))]
    if len(table) <= few:
        wanted = set(map(id, checks))
        closures = [(check, broken) for check, broken in codebook.compiled if id(check) in wanted]
        for row, values in enumerate(_iso_dates(table).to_pylist()):
            values[LATEST_TODAY] = latest_today.isoformat()
            for check, broken in closures:
                if broken(values) is True and not _is_registered(check, values, registered) and _counted(tally, check):
                    yield _told(codebook, check, values, before + row)
        return
    from eventcoder.validation.rows.sweep import Sweep

    with nullcontext(sweep) if sweep else Sweep(codebook, latest_today) as judge:
        for start in range(0, len(table), ROWS):
            piece = table.slice(start, ROWS)
            found = judge.true(piece, [check.broken for check in checks])
            for at in (at for at, check in enumerate(checks) if check.code == FORM and registered is not None and at in found):
                found[at] = _not_registered(piece, checks[at], found[at], registered)
            yield from _piece(piece, checks, codebook, found, tally, before + start)


def _is_registered(check: Check, values: dict[str, Any], registered: Registered | None) -> bool:
    """Whether the check doubts the form of a name that the register has."""
    return registered is not None and check.code == FORM and check.field is not None and registered(values[check.field])


def _not_registered(table: pa.Table, check: Check, rows: Any, registered: Registered | None) -> Any:
    """Of the rows in which a name's form is doubted, those whose name the register does not have."""
    import numpy as np
    import pyarrow as pa

    if registered is None or not check.field or not len(rows):
        return rows
    names = table.column(check.field).take(pa.array(rows, pa.int64())).cast(pa.string()).to_pylist()
    known = {name: registered(name) for name in set(names)}
    return rows[np.array([not known[name] for name in names], bool)]


def _counted(tally: Tally | None, check: Check, found: int = 1) -> int:
    """Count broken rows and say how many of them are to be told."""
    return found if tally is None else tally.count(check.code, check.field, check.severity, found)


def _piece(
    table: pa.Table, checks: Sequence[Check], codebook: Codebook, found: dict[int, Any], tally: Tally | None, before: int
) -> Iterator[Problem]:
    """The problems of a piece from the rows in which each check is broken, by row and check."""
    import numpy as np
    import pyarrow as pa

    first = {at: rows[: _counted(tally, checks[at], len(rows))] for at, rows in sorted(found.items())}
    every = np.concatenate([np.empty(0, np.int32), *first.values()], dtype=np.int32, casting="same_kind")
    each = np.concatenate([np.empty(0, np.int16), *(np.full(len(rows), at, np.int16) for at, rows in first.items())])
    order = np.argsort(every, kind="stable")
    rows, broken = every[order], each[order]
    reads = [{"event_id"} | ({check.field} if check.field else set()) | set(PLACEHOLDER.findall(check.message)) for check in checks]
    for start in range(0, len(rows), BATCH):
        numbers, which = rows[start : start + BATCH].tolist(), broken[start : start + BATCH].tolist()
        needed = set().union(*(reads[at] for at in set(which)))
        distinct = list(dict.fromkeys(numbers))
        span = table.select([name for name in table.column_names if name in needed]).slice(distinct[0], distinct[-1] - distinct[0] + 1)
        met = span.take(pa.array([number - distinct[0] for number in distinct], pa.int64()))
        values = dict(zip(distinct, _iso_dates(met).to_pylist(), strict=True))
        for row, at in zip(numbers, which, strict=True):
            yield _told(codebook, checks[at], values[row], before + row)


def _iso_dates(table: pa.Table) -> pa.Table:
    """The table with its days as ISO text, the form in which values are held everywhere else."""
    import pyarrow as pa

    for at, column in enumerate(table.schema):
        if pa.types.is_date(column.type):
            table = table.set_column(at, column.name, table.column(at).cast(pa.string()))
    return table


def _told(codebook: Codebook, check: Check, values: dict[str, Any], row: int) -> Problem:
    from eventcoder.codebook.verdict import problem_of

    problem = problem_of(codebook, check, values, values["event_id"])
    if problem.event_id is None:
        return Problem(problem.code, problem.message, problem.severity, None, problem.field, problem.value, f"row {row + 1}")
    return problem
