"""Rules on trial: every rule's `pass` and `fail` rows, run in both compiled forms. Part of the proof of a codebook.

A row names a few columns; all others are null. Both forms must give the verdict that the row says: `example-fails-closure` names rows on which
the Python form errs, `example-fails-duckdb` those of the bulk form. A rule is only as good as the rows that prove it, so one without any of a
kind is told as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.codebook.closures import LATEST_TODAY, compile_closure
from eventcoder.codebook.coercion import wrong_type
from eventcoder.codebook.read import RULES_FILE
from eventcoder.codebook.rules import Rule
from eventcoder.codebook.schema import Codebook
from eventcoder.codebook.suggestion import did_you_mean
from eventcoder.problem import Problem

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Trial:
    """One row of one rule: all columns of the codebook, and whether the rule must call it broken."""

    rule: Rule
    number: int  # from 1, within its kind
    broken: bool
    row: Mapping[str, Any]

    @property
    def where(self) -> str:
        return f"{RULES_FILE}, rule '{self.rule.id}', {'fail' if self.broken else 'pass'} row {self.number}"


def try_rules(codebook: Codebook, latest_today: date) -> list[Problem]:
    """What is wrong with the rules' rows: untyped values and unknown columns (`bad-rule`), missing kinds of rows, wrong verdicts of either form."""
    problems: list[Problem] = []
    trials: list[Trial] = []
    for rule in codebook.rules:
        for broken, rows in ((False, rule.passing), (True, rule.failing)):
            if not rows:
                where = f"{RULES_FILE}, rule '{rule.id}'"
                message = f"{where}: no {'fail' if broken else 'pass'} row proves it. Give at least one row of column values."
                problems.append(Problem("rule-without-example", message, "warning", where=where))
            for number, given in enumerate(rows, 1):
                row = {name: value.isoformat() if isinstance(value, date) else value for name, value in given.items()}
                trial = Trial(rule, number, broken, {**dict.fromkeys(codebook.names), **row})
                wrong = list(_misfits(codebook, trial, row))
                problems += wrong
                if not wrong:
                    trials.append(trial)
    problems += _by_closures(codebook, trials, latest_today)
    problems += _by_duckdb(codebook, trials, latest_today)
    return problems


def _misfits(codebook: Codebook, trial: Trial, row: Mapping[str, Any]) -> Iterator[Problem]:
    for name, value in row.items():
        column = codebook.columns_by_name.get(name)
        if column is None:
            message = f"{trial.where}: '{name}' is no column. {did_you_mean(name, codebook.names)}".rstrip()
            yield Problem("bad-rule", message, field=name, where=trial.where)
        elif wrong_type(column, value):
            message = f"{trial.where}: {name} = {value!r} is not a {column.type}."
            yield Problem("bad-rule", message, field=name, value=str(value), where=trial.where)


def _wrong_verdict(code: str, form: str, trial: Trial, given: str = "") -> Problem:
    said = given or ("calls it whole" if trial.broken else "calls it broken")
    must = "break" if trial.broken else "keep"
    message = f"{trial.where}: it must {must} the rule, but {form} {said}. Mend the rule or the row."
    return Problem(code, message, field=trial.rule.fields[0], value=trial.rule.id, where=trial.where)


def _by_closures(codebook: Codebook, trials: list[Trial], latest_today: date) -> Iterator[Problem]:
    compiled = {rule.id: compile_closure(rule.broken, codebook.lists) for rule in codebook.rules}
    for trial in trials:
        verdict = compiled[trial.rule.id]({**trial.row, LATEST_TODAY: latest_today.isoformat()}) is True
        if verdict is not trial.broken:
            yield _wrong_verdict("example-fails-closure", "the check of single events", trial)


def _by_duckdb(codebook: Codebook, trials: list[Trial], latest_today: date) -> Iterator[Problem]:
    if not trials:
        return
    import duckdb

    from eventcoder.codebook.duck import connect, prepare, rule_predicate

    of_rule: dict[str, list[int]] = {}
    for at, trial in enumerate(trials):
        of_rule.setdefault(trial.rule.id, []).append(at)
    con = connect()
    try:
        prepare(con, codebook, latest_today)
        con.register("trials", _relation(codebook, trials))
        for rule in codebook.rules:
            mine = of_rule.get(rule.id)
            if mine is None:
                continue
            first, last = mine[0], mine[-1]  # trials stand in the order of their rules
            query = f'SELECT "trial" FROM trials WHERE "trial" BETWEEN {first} AND {last} AND {rule_predicate(codebook, rule)}'
            try:
                broken = {number for (number,) in con.execute(query).fetchall()}
            except duckdb.Error as error:
                yield _wrong_verdict("example-fails-duckdb", "the bulk check", trials[first], f"stops: {str(error).splitlines()[0]}")
                continue
            for at in mine:
                if (at in broken) is not trials[at].broken:
                    yield _wrong_verdict("example-fails-duckdb", "the bulk check", trials[at])
    finally:
        con.close()


def _relation(codebook: Codebook, trials: list[Trial]) -> pa.Table:
    """The rows as a table of the columns' kinds (numbers as doubles: rows may lie outside of a column's range) and their number in `trial`."""
    import pyarrow as pa

    kinds = {"text": pa.string(), "number": pa.float64(), "date": pa.date32(), "bool": pa.bool_(), "list": pa.list_(pa.string())}
    arrays: dict[str, pa.Array] = {}
    for column in codebook.columns:
        cells = [trial.row[column.name] for trial in trials]
        array = pa.array(cells, pa.string() if column.kind == "date" else kinds[column.kind])
        arrays[column.name] = array.cast(pa.date32()) if column.kind == "date" else array
    return pa.table({**arrays, "trial": pa.array(range(len(trials)), pa.int64())})
