"""Bounds proposed from what past releases measured, as TOML to paste into `checks.toml`. Floor 4.

    bound = median - margin (min), median + margin (max);  margin = 4 * 1.4826 * MAD, at least the floor of the kind

Median and MAD (median of the distances from the median) over the versions, so that one odd release does not move a bound. The floor is 0.02 for
shares and 0.1 * |median| (at least 1) for numbers. `rows` and `distinct` grow: there the newest version stands for the median. A bound at the
natural end (min 1 or max 0 of a share) that every version kept is a principle, not a figure, and stays. Nothing is proposed for `drift` and
`lost_rows`, nor from fewer than three measured versions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from statistics import median
from typing import Any

LEAST_VERSIONS = 3
DEVIATIONS = 4 * 1.4826
SHARES = frozenset(
    {
        "fill_rate", "share", "heaping", "single_report", "unidentified_actors", "unregistered_actors", "uncovered_weeks", "drop", "alpha",
        "event_finding",
    }
)  # fmt: skip
SHARE_FLOOR, NUMBER_FLOOR = 0.02, 0.1
GROWING = frozenset({"rows", "distinct"})
BY_PRINCIPLE = frozenset({"drift", "lost_rows"})
_EVIDENCE = " Measured in "


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One expectation with its measured values, oldest version first, and the bounds that follow; `note` says why there is none."""

    threshold: Mapping[str, Any]
    values: tuple[tuple[str, float | None], ...]
    bounds: Mapping[str, float]
    note: str

    @property
    def measured(self) -> list[float]:
        return [value for _, value in self.values if value is not None]

    def as_json(self) -> dict[str, Any]:
        """id, kind, what was measured a version, least, median and most, the bounds that stand and those that are proposed."""
        known = self.measured
        facts = {"min": min(known), "median": median(known), "max": max(known)} if known else {"min": None, "median": None, "max": None}
        return {
            "id": self.threshold["id"], "kind": self.threshold.get("kind"), "column": self.threshold.get("column"), "versions": dict(self.values),
            "measured": facts, "bounds": {key: self.threshold[key] for key in ("min", "max") if key in self.threshold},
            "proposed": dict(self.bounds) or None, "note": self.note,
        }  # fmt: skip

    def as_toml(self) -> str:
        """The expectation with the proposed bounds and the evidence in its `why`; comments alone where nothing is proposed."""
        head = f"# {self.threshold['id']}: {self._evidence()}"
        if not self.bounds:
            return f"{head} {self.note}".rstrip()
        now = ", ".join(f"{key} = {self.threshold[key]}" for key in ("min", "max") if key in self.threshold)
        why = str(self.threshold.get("why", "")).partition(_EVIDENCE)[0] + _EVIDENCE + self._evidence()
        lines = [f"# now: {now}", "[[expectation]]"]
        for key, value in self.threshold.items():
            if key not in ("why", "allow"):
                lines.append(f"{key} = {_toml(self.bounds.get(key, value))}")
        return "\n".join([*lines, f"why = {_toml(why)}"])

    def _evidence(self) -> str:
        known = [(version, value) for version, value in self.values if value is not None]
        if not known:
            return "no version could be measured."
        numbers = [value for _, value in known]
        span = f"{known[0][0]} to {known[-1][0]}" if len(known) > 1 else known[0][0]
        beyond = sum(value < self.bounds.get("min", value) or value > self.bounds.get("max", value) for value in numbers)
        told = f"; {beyond} of them beyond these bounds" if beyond else ""
        count = f"{len(known)} release{'s'[: len(known) != 1]}"
        return f"{count} ({span}): {min(numbers):.4g} to {max(numbers):.4g}, median {median(numbers):.4g}{told}."


def suggest(threshold: Mapping[str, Any], values: Sequence[tuple[str, float | None]]) -> Suggestion:
    """The bounds that the measures of past versions (oldest first) support for one expectation."""
    known = [value for _, value in values if value is not None]
    kind = threshold.get("kind")
    note = ""
    if kind in BY_PRINCIPLE:
        note = "A principle or a bound of single cells: nothing is proposed."
    elif len(known) < LEAST_VERSIONS:
        note = f"Too few for a bound ({LEAST_VERSIONS} are needed)."
    if note:
        return Suggestion(threshold, tuple(values), {}, note)
    centre = known[-1] if kind in GROWING else median(known)
    usual = DEVIATIONS * median([abs(value - median(known)) for value in known])
    margin = max(usual, SHARE_FLOOR if kind in SHARES else max(1.0, NUMBER_FLOOR * abs(centre)))
    lowest, highest = (-1.0 if kind == "heaping" else 0.0, 1.0) if kind in SHARES else (0.0 if centre >= 0 else -float("inf"), float("inf"))
    bounds: dict[str, float] = {}
    if "min" in threshold:
        kept = kind in SHARES and threshold["min"] == highest and min(known) >= highest
        bounds["min"] = threshold["min"] if kept else max(lowest, _rounded(centre - margin, down=True))
    if "max" in threshold:
        kept = threshold["max"] == 0 and max(known) <= 0
        bounds["max"] = threshold["max"] if kept else min(highest, _rounded(centre + margin, down=False))
    return Suggestion(threshold, tuple(values), bounds, "" if bounds else "It has neither min nor max.")


def _rounded(value: float, *, down: bool) -> float:
    """Away from the median, to three significant digits."""
    if value == 0:
        return 0.0
    step = 10.0 ** (floor(log10(abs(value))) - 2)
    return float(f"{(floor if down else ceil)(round(value / step, 6)) * step:.6g}")


def _toml(value: Any) -> str:
    """A text, number or list of them as TOML writes it."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
