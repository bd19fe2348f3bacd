"""Thresholds of the whole dataset: what `[[expectation]]` of `schema/checks.toml` measures and demands. Floor 4.

    kind        measures                                                                 further keys
    fill_rate   share of rows in which `column` has a value                              where
    share       share of rows (of those for which `of` holds) for which `where` holds    where, of
    mean        mean of the numeric `column`                                             where
    distinct    number of different values of `column`                                   where
    rows        number of rows                                                           where
    lost_rows   share of the previous release's events that are gone without a trace     (needs a previous release)
    drop        share by which the number of rows fell against the previous release      (needs a previous release)

`where` and `of` are conditions in the language of the rules. Below `min` fails, above `max` warns (habit 20: thresholds are data with a
reason). What cannot be measured (no rows, no previous release) is told as such and judged neither way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.errors import CodebookError
from eventcoder.problem import Problem

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook import Codebook

KINDS = ("fill_rate", "share", "mean", "distinct", "rows", "lost_rows", "drop")
AGAINST_PREVIOUS = ("lost_rows", "drop")


@dataclass(frozen=True, slots=True)
class Judged:
    """One threshold with what was measured; `value` None: could not be measured."""

    id: str
    kind: str
    column: str | None
    value: float | None
    least: float | None
    most: float | None
    why: str

    @property
    def verdict(self) -> str:
        """ "fails" below the minimum, "warns" above the maximum, "unmeasured", else "holds"."""
        if self.value is None:
            return "unmeasured"
        if self.least is not None and self.value < self.least:
            return "fails"
        return "warns" if self.most is not None and self.value > self.most else "holds"

    def as_json(self) -> dict[str, Any]:
        out = {"id": self.id, "kind": self.kind, "column": self.column, "value": self.value, "min": self.least, "max": self.most}
        return {**out, "verdict": self.verdict, "why": self.why}

    def problem(self) -> Problem | None:
        """The finding, if the threshold does not hold."""
        if self.verdict not in ("fails", "warns"):
            return None
        low = self.verdict == "fails"
        bound = f"below the minimum {self.least:g}" if low else f"above the maximum {self.most:g}"
        message = f"{self.kind}{f' of {self.column}' if self.column else ''} is {self.value:.6g}, {bound}. {self.why}"
        return Problem(self.id, message, "error" if low else "warning", field=self.column, value=self.value)


def judge_thresholds(
    events: pa.Table, codebook: Codebook, *, latest_today: date, previous: Mapping[str, pa.Table] | None = None, traced: frozenset[str] = frozenset()
) -> tuple[list[Judged], list[Problem]]:
    """All thresholds with their measures, and the problems: thresholds that do not hold, and `bad-expectation` for those that make no sense.

    `events` has the codebook's columns and types. `previous` are the tables of the release before; `traced` the ids of events that were
    retracted, merged or split since, which may be gone.
    """
    wanted: list[tuple[Mapping[str, Any], str | None]] = []
    problems: list[Problem] = []
    for threshold in codebook.expectations:
        try:
            wanted.append((threshold, _term(threshold, codebook)))
        except CodebookError as error:
            message = f"checks.toml, expectation '{threshold['id']}': {error.message}"
            problems.append(Problem("bad-expectation", message, where="checks.toml"))
    measured = _measure(events, [term for _, term in wanted if term is not None], codebook, latest_today)
    judged: list[Judged] = []
    for threshold, term in wanted:
        value = measured.pop(0) if term is not None else _against(events, previous, threshold["kind"], traced)
        value = None if value is None else round(float(value), 6)
        judged.append(
            Judged(threshold["id"], threshold["kind"], threshold.get("column"), value, threshold.get("min"), threshold.get("max"), threshold["why"])
        )
    return judged, problems + [problem for one in judged if (problem := one.problem())]


def _term(threshold: Mapping[str, Any], codebook: Codebook) -> str | None:
    """The SQL aggregate that measures it; None for what is measured against the previous release. Raises `CodebookError`."""
    from eventcoder.codebook.suggestion import did_you_mean

    kind, column = threshold.get("kind"), threshold.get("column")
    if kind not in KINDS:
        raise CodebookError(f"unknown kind {kind!r}. {did_you_mean(str(kind), KINDS)}".rstrip())
    for bound in ("min", "max"):
        if isinstance(threshold.get(bound, 0), bool) or not isinstance(threshold.get(bound, 0), int | float):
            raise CodebookError(f"{bound} must be a number, not {threshold[bound]!r}.")
    if kind in AGAINST_PREVIOUS:
        return None
    if kind in ("fill_rate", "mean", "distinct") and column not in codebook.names:
        raise CodebookError(f"there is no column {column!r}. {did_you_mean(str(column), codebook.names)}".rstrip())
    if kind == "share" and not threshold.get("where"):
        raise CodebookError("a share needs 'where', the condition that it counts.")
    where = _condition(threshold.get("where"), codebook)
    if kind == "rows":
        return f"count(*) FILTER ({where})"
    if kind == "share":
        of = _condition(threshold.get("of"), codebook)
        return f"count(*) FILTER (({of}) AND ({where})) / nullif(count(*) FILTER ({of}), 0)"
    name = f'"{column}"'
    if kind == "distinct":
        return f"count(DISTINCT {name}) FILTER ({where})"
    if kind == "mean":
        if codebook.column(str(column)).kind != "number":
            raise CodebookError(f"a mean needs a column of numbers; '{column}' is none.")
        return f"avg({name}) FILTER ({where})"
    present = f"len({name}) > 0" if codebook.column(str(column)).type == "list" else f"{name} IS NOT NULL"
    return f"count(*) FILTER (({present}) AND ({where})) / nullif(count(*) FILTER ({where}), 0)"


def _condition(text: str | None, codebook: Codebook) -> str:
    from eventcoder.codebook.duck import node_sql

    return node_sql(codebook, codebook.expression(text)) if text else "TRUE"


def _measure(events: pa.Table, terms: list[str], codebook: Codebook, latest_today: date) -> list[Any]:
    from eventcoder.codebook.duck import connect, prepare

    if not terms:
        return []
    con = connect()
    try:
        prepare(con, codebook, latest_today)
        con.register("events", events)
        return list(con.execute(f"SELECT {', '.join(terms)} FROM events").fetchall()[0])
    finally:
        con.close()


def _against(events: pa.Table, previous: Mapping[str, pa.Table] | None, kind: str, traced: frozenset[str]) -> float | None:
    if previous is None or "events" not in previous or not len(previous["events"]):
        return None
    before = previous["events"]
    if kind == "drop":
        return max(0.0, 1 - len(events) / len(before))
    return len(vanished(events, before, traced)) / len(before)


def vanished(events: pa.Table, before: pa.Table, traced: frozenset[str]) -> list[str]:
    """Ids of events that were in the release before, are not among `events`, and were not withdrawn with a trace; sorted."""
    import pyarrow.compute as pc

    if "event_id" not in before.column_names or "event_id" not in events.column_names:
        return []
    gone = before["event_id"].filter(pc.invert(pc.is_in(before["event_id"], value_set=events["event_id"].combine_chunks())))
    return sorted({event_id for event_id in gone.to_pylist() if event_id is not None and event_id not in traced})
