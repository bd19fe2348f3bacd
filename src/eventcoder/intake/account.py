"""The account of an import: what became of every row, and what is to be said of it. Floor 5.

    read = created + revised + unchanged + rejected

Problems are kept whole up to `SHOWN`, beyond that counted: a million rows with a warning each must not fill the memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from eventcoder.problem import Problem

SHOWN = 5_000
Told = tuple[str, str, str | None]  # severity, code, column


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a user may say about a table beside its path; None and "auto" leave it to the table itself."""

    dialect: str = "auto"
    vintage: str | None = None
    day_order: str | None = None
    sheet: str | None = None
    keep_unknown: bool = False
    keep_going: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The account of one import. `incomplete` counts events among created and revised that stay open, `joined` the rows among unchanged that
    were joined into another row's event (the second side of an actor-based pair), `no_events` the rejected rows that tell of no event by their own
    dataset's rules and so hold nothing up. `vintage` is the edition of a foreign format.

    `problems` holds the first few thousand, `told` counts all by (severity, code, column). When rows were rejected and `keep_going` was not given,
    the counts say what would have been done, and `stored` is False; so in a dry run.
    """

    read: int
    created: int
    revised: int
    unchanged: int
    rejected: int
    incomplete: int
    joined: int
    no_events: int
    dialect: str
    vintage: str | None
    rejects_file: Path | None
    problems: tuple[Problem, ...]
    told: dict[Told, int]
    stored: bool

    @property
    def wrong(self) -> int:
        """Rejected rows that somebody has to look at: they keep a file from being stored."""
        return self.rejected - self.no_events

    @property
    def counts(self) -> dict[str, int]:
        """The figures by name, in the order in which they are told."""
        return {name: getattr(self, name) for name in ("read", "created", "revised", "unchanged", "rejected", "incomplete")}


@dataclass(slots=True)
class Account:
    """The figures while they grow."""

    read: int = 0
    created: int = 0
    revised: int = 0
    unchanged: int = 0
    rejected: int = 0
    incomplete: int = 0
    joined: int = 0
    no_events: int = 0
    problems: list[Problem] = field(default_factory=list)
    told: Counter[Told] = field(default_factory=Counter)

    def tell(self, problems: Iterable[Problem]) -> None:
        """Note problems."""
        for problem in problems:
            self.told[problem.severity, problem.code, problem.field] += 1
            if len(self.problems) < SHOWN:
                self.problems.append(problem)

    @property
    def wrong(self) -> int:
        """Rejected rows that somebody has to look at."""
        return self.rejected - self.no_events

    @property
    def room(self) -> bool:
        """Whether a further problem would be kept whole (else `count` is enough)."""
        return len(self.problems) < SHOWN

    def count(self, severity: str, code: str, field: str | None) -> None:
        """Note a problem by its number alone."""
        self.told[severity, code, field] += 1
