"""Problems: the findings of checks as records with stable codes. Floor 0.

Nothing here prints. Commands render a `Report`; tests assert on `report.flatten("code", "field")`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding.

    `code` is stable kebab-case (a rule's id, or one of `eventcoder explain`); `message` says what is wrong and how to mend it;
    `where` is the place in an input ("events.csv, line 12") when there is no event yet.
    """

    code: str
    message: str
    severity: Severity = "error"
    event_id: str | None = None
    field: str | None = None
    value: Any = None
    where: str | None = None

    def as_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {
            "code": self.code,
            "severity": self.severity,
            "event_id": self.event_id,
            "field": self.field,
            "value": self.value,
            "message": self.message,
        }
        if self.where is not None:
            out["where"] = self.where
        return out


@dataclass(slots=True)
class Report:
    """A collection of problems. `valid` means: no error among them."""

    problems: list[Problem] = field(default_factory=list)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.problems)

    def __len__(self) -> int:
        return len(self.problems)

    def extend(self, problems: Iterable[Problem]) -> None:
        self.problems.extend(problems)

    @property
    def counts(self) -> dict[str, int]:
        """How many of each severity, always with all three keys."""
        seen = Counter(p.severity for p in self.problems)
        return {severity: seen.get(severity, 0) for severity in SEVERITIES}

    @property
    def valid(self) -> bool:
        return not any(p.severity == "error" for p in self.problems)

    @property
    def errors(self) -> list[Problem]:
        return [p for p in self.problems if p.severity == "error"]

    def flatten(self, *names: str) -> list[tuple[Any, ...]]:
        """The problems as tuples of the named attributes, in order: what tests assert on."""
        return [tuple(getattr(p, name) for name in names) for p in self.problems]

    def as_json(self) -> dict[str, Any]:
        return {"valid": self.valid, "counts": self.counts, "problems": [p.as_json() for p in self.problems]}
