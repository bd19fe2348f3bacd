"""Findings without number: the first of each check are told, all are counted, and the counts stay exact whatever is done with the list. Floor 4.

A table of millions of rows that are all broken in twenty ways would fill the memory with findings, and nobody reads on. What is not told becomes
one problem a check that says how many there are; `weight` is how many findings a problem stands for, so that counts can be taken from any list
of problems, passed on, prefixed or accepted as it may be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast

from eventcoder.problem import SEVERITIES, Problem, Report, Severity

MOST = 10_000  # problems told of one check
FURTHER = "further rows"  # where the problems are that one problem stands for

Key = tuple[str, str | None, str]  # code, field, severity


def weight(problem: Problem) -> int:
    """How many findings a problem stands for: 1, or those that were counted and not told."""
    at = problem.where
    if at is not None and (at == FURTHER or at.endswith(f"/{FURTHER}")) and type(problem.value) is int:
        return problem.value
    return 1


def by_code(problems: Iterable[Problem]) -> Counter[str]:
    """How many findings there are of each code."""
    counts: Counter[str] = Counter()
    for problem in problems:
        counts[problem.code] += weight(problem)
    return counts


@dataclass(slots=True)
class Tally:
    """How often each check was broken: exact, however many were told (at most `most` of a check's field and severity)."""

    most: int = MOST
    broken: Counter[Key] = field(default_factory=Counter)

    def count(self, code: str, name: str | None, severity: str, found: int = 1) -> int:
        """Count so many findings more, and say how many of them are to be told: the first."""
        key = (code, name, severity)
        before = self.broken[key]
        self.broken[key] = before + found
        return min(max(0, self.most - before), found)

    def limited(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """Those that are to be told; all are counted."""
        for problem in problems:
            if self.count(problem.code, problem.field, problem.severity):
                yield problem

    def untold(self) -> Iterator[Problem]:
        """One problem for each check that was broken more often than was told."""
        for (code, name, severity), count in self.broken.items():
            if count > self.most:
                message = f"{count:,} rows in all break {code}; the first {self.most:,} are listed. Mend what they have in common and check again."
                yield Problem(code, message, cast(Severity, severity), None, name, count - self.most, FURTHER)


def limited(problems: Iterable[Problem], most: int | None) -> list[Problem]:
    """All problems, or (with `most`) so many of each check and one more that counts the further ones; what is not told is never held."""
    if most is None:
        return list(problems)
    tally = Tally(most)
    return [*tally.limited(problems), *tally.untold()]


@dataclass(slots=True)
class BulkReport(Report):
    """A report on a large table: `counts` are exact where not every problem is listed."""

    @property
    def counts(self) -> dict[str, int]:
        seen: Counter[str] = Counter()
        for problem in self.problems:
            seen[problem.severity] += weight(problem)
        return {severity: seen[severity] for severity in SEVERITIES}
