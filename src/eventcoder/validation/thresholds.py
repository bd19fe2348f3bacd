"""Thresholds of the whole dataset: what `[[expectation]]` of `schema/checks.toml` demands, judged. Floor 4.

The kinds and how they are measured stand in `measures`; three are measured against the previous release:

    lost_rows   share of the previous release's events that are gone without a trace
    drop        share by which the number of rows fell
    drift       number of country-months beyond the bounds (see `drift`)

Below `min` fails, above `max` warns (habit 20: thresholds are data with a reason). What cannot be measured (no rows, no previous release) is told
as such with the reason, and judged neither way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.errors import CodebookError
from eventcoder.problem import Problem
from eventcoder.validation.drift import drift
from eventcoder.validation.measures import KINDS, OF_CODERS, Measure, Value, compiled, measure, of_coders

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook import Codebook

__all__ = ["KINDS", "Judged", "judge_thresholds", "misshapen", "vanished"]


@dataclass(frozen=True, slots=True)
class Judged:
    """One threshold with what was measured; `value` None: could not be measured, and `note` says why. `alarms` are the findings of a kind that
    tells more than one."""

    id: str
    kind: str
    column: str | None
    value: float | None
    least: float | None
    most: float | None
    why: str
    note: str = ""
    alarms: tuple[Problem, ...] = ()

    @property
    def verdict(self) -> str:
        """ "fails" below the minimum, "warns" above the maximum, "unmeasured", else "holds"."""
        if self.value is None:
            return "unmeasured"
        if any(alarm.severity == "error" for alarm in self.alarms) or (self.least is not None and self.value < self.least):
            return "fails"
        return "warns" if self.most is not None and self.value > self.most else "holds"

    def as_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {"id": self.id, "kind": self.kind, "column": self.column, "value": self.value, "min": self.least, "max": self.most}
        return {**out, "verdict": self.verdict, **({"note": self.note} if self.note else {}), "why": self.why}

    def _figure(self) -> str:
        """The value in as few digits as tell it from its bounds."""
        texts = [f"{self.value:.{digits}g}" for digits in (4, 8, 13)]
        return next((text for text in texts if float(text) not in (self.least, self.most)), texts[-1])

    def problems(self) -> list[Problem]:
        """The findings, if the threshold does not hold, and what else there is to tell."""
        if self.kind == "drift" or self.verdict not in ("fails", "warns"):
            return list(self.alarms)
        low = self.verdict == "fails"
        bound = f"below the minimum {self.least:g}" if low else f"above the maximum {self.most:g}"
        message = f"{self.kind}{f' of {self.column}' if self.column else ''} is {self._figure()}, {bound}. {self.why}"
        if self.kind in OF_CODERS:  # nothing that can be done to events changes it
            message += " 'eventcoder agree' shows the figures; clearer words in the codebook and another round change them, adjudication does not."
        return [Problem(self.id, message, "error" if low else "warning", field=self.column, value=self.value)]


def judge_thresholds(
    tables: Mapping[str, pa.Table],
    codebook: Codebook,
    *,
    latest_today: date,
    previous: Mapping[str, pa.Table] | None = None,
    traced: frozenset[str] = frozenset(),
    reliability: Mapping[str, Any] | None = None,
) -> tuple[list[Judged], list[Problem]]:
    """All thresholds with their measures, and the problems: thresholds that do not hold, and `bad-expectation` for those that make no sense.

    `tables` holds `events` with the codebook's columns and types, and what side tables there are. `previous` are the tables of the release
    before; `traced` the ids of events that were retracted, merged or split since, which may be gone. `reliability` is what reliability.json says.
    """
    wanted, problems = _compiled(codebook)
    values = measure([one for _, one in wanted if one is not None], tables, codebook, latest_today)
    judged: list[Judged] = []
    for threshold, one in wanted:
        if threshold["kind"] == "drift":
            judged.append(_drifted(threshold, tables["events"], previous, traced, latest_today))
            continue
        if one is not None:
            value, note = values.pop(0)
        elif threshold["kind"] in OF_CODERS:
            value, note = of_coders(threshold, reliability)
        else:
            value, note = _against(tables["events"], previous, threshold["kind"], traced)
        value = None if value is None else round(value, 12)  # the last digits of a mean depend on the order of summing
        judged.append(
            Judged(
                threshold["id"], threshold["kind"], threshold.get("column"), value,
                threshold.get("min"), threshold.get("max"), threshold["why"], note,
            )
        )  # fmt: skip
    return judged, problems + [problem for one in judged for problem in one.problems()]


def misshapen(codebook: Codebook) -> list[Problem]:
    """The thresholds that make no sense, as `bad-expectation`; nothing is measured."""
    return _compiled(codebook)[1]


def _compiled(codebook: Codebook) -> tuple[list[tuple[Mapping[str, Any], Measure | None]], list[Problem]]:
    wanted: list[tuple[Mapping[str, Any], Measure | None]] = []
    problems: list[Problem] = []
    for threshold in codebook.expectations:
        try:
            wanted.append((threshold, compiled(threshold, codebook)))
        except CodebookError as error:
            message = f"checks.toml, expectation '{threshold['id']}': {error.message}"
            problems.append(Problem("bad-expectation", message, where="checks.toml"))
            continue
        least, most = threshold.get("min"), threshold.get("max")
        if least is not None and most is not None and least > most:
            message = f"checks.toml, expectation '{threshold['id']}': min {least:g} lies above max {most:g}, so that no value holds. Exchange them."
            problems.append(Problem("bad-expectation", message, where="checks.toml"))
    return wanted, problems


def _drifted(
    threshold: Mapping[str, Any], events: pa.Table, previous: Mapping[str, pa.Table] | None, traced: frozenset[str], latest_today: date
) -> Judged:
    """The bound of what is shown is 0 country-months: `min` and `max` of this kind bound each of them."""
    note = _nothing_before(previous)
    found = None if note or previous is None else drift(threshold, events, previous["events"], traced=traced, latest_today=latest_today)
    about = (str(threshold["id"]), "drift", None)
    if found is None:
        return Judged(*about, None, None, 0.0, threshold["why"], note or "one of the releases has no dated rows")
    return Judged(*about, float(found.alarms), None, 0.0, threshold["why"], "", found.problems)


def _nothing_before(previous: Mapping[str, pa.Table] | None) -> str:
    if previous is None or "events" not in previous:
        return "no previous release"
    return "" if len(previous["events"]) else "the previous release has no events"


def _against(events: pa.Table, previous: Mapping[str, pa.Table] | None, kind: str, traced: frozenset[str]) -> Value:
    note = _nothing_before(previous)
    if note or previous is None:
        return None, note
    before = previous["events"]
    if kind == "drop":
        return max(0.0, 1 - len(events) / len(before)), ""
    if kind == "kept":
        return (len(events) + len(traced & set(_gone(events, before)))) / len(before), ""
    return len(vanished(events, before, traced)) / len(before), ""


def vanished(events: pa.Table, before: pa.Table, traced: frozenset[str]) -> list[str]:
    """Ids of events that were in the release before, are not among `events`, and were not withdrawn with a trace; sorted."""
    return sorted({event_id for event_id in _gone(events, before) if event_id not in traced})


def _gone(events: pa.Table, before: pa.Table) -> list[str]:
    import pyarrow.compute as pc

    if "event_id" not in before.column_names or "event_id" not in events.column_names:
        return []
    gone = before["event_id"].filter(pc.invert(pc.is_in(before["event_id"], value_set=events["event_id"].combine_chunks())))
    return [event_id for event_id in gone.to_pylist() if event_id is not None]
