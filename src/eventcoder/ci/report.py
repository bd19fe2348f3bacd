"""What an inspection found: steps with verdicts and problems. Floor 7."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from eventcoder.ci.base import Base
from eventcoder.problem import Problem, Report

Verdict = Literal["passed", "failed", "skipped"]
STEPS = {
    "journal": "every line intact, in its place, and none taken away",
    "rebuild": "the ledger from the journal, conflicts",
    "codebook": "the codebook proves itself, its version fits its changes",
    "validate": "every event against the codebook",
    "released": "released files are as they were",
    "check": "every release by its own files",
    "build": "the next release would pass",
    "diff": "what is pending against the last release",
}


@dataclass(slots=True)
class Step:
    """One step. `told` are lines for people, `reason` why it was skipped, `seconds` how long it took (shown to people, in no file)."""

    name: str
    verdict: Verdict = "passed"
    reason: str = ""
    told: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, problems: Iterable[Problem]) -> None:
        """Take problems in; an error among them fails the step."""
        self.problems += problems
        if self.verdict == "passed" and not self.report.valid:
            self.verdict = "failed"

    def skip(self, reason: str) -> None:
        """Say why there was nothing to do. A step that has failed stays failed."""
        if self.verdict == "passed":
            self.verdict, self.reason = "skipped", reason

    @property
    def report(self) -> Report:
        return Report(self.problems)

    def as_json(self) -> dict[str, Any]:
        return {
            "step": self.name,
            "verdict": self.verdict,
            "reason": self.reason or None,
            "told": self.told,
            "counts": self.report.counts,
            "problems": [p.as_json() for p in self.problems],
        }


@dataclass(slots=True)
class Inspection:
    """All steps of a run, with what was compared. `pending` is the Markdown of what the next release would bring ("" if not asked for)."""

    project: str
    head: str | None
    base: Base
    steps: list[Step] = field(default_factory=list)
    pending: str = ""

    @property
    def passed(self) -> bool:
        return not any(step.verdict == "failed" for step in self.steps)

    def step(self, name: str) -> Step:
        """The step of this name. Raises KeyError if it was not asked for."""
        return {s.name: s for s in self.steps}[name]

    @property
    def codes(self) -> set[str]:
        """The codes of all errors."""
        return {p.code for step in self.steps for p in step.problems if p.severity == "error"}

    def as_json(self) -> dict[str, Any]:
        return {
            "passed": self.passed,
            "project": self.project,
            "head": self.head,
            "base": {"commit": self.base.commit, "why": self.base.why},
            "steps": [step.as_json() for step in self.steps],
        }
