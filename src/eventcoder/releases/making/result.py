"""What a build of a release or candidate did, and how fresh its data are: for the program and, in a few lines, for people. Floor 6."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.dataset.schemas import EVENTS
from eventcoder.problem import Problem, Report
from eventcoder.releases.manifest import CANDIDATE, RELEASED, Channel

NAMED = 5  # events that a line names
BUILT, NOTHING, WOULD = "released", "nothing to release", "would release"


@dataclass(frozen=True, slots=True)
class Freshness:
    """A new version number says nothing of new events (T36): these days do.

    `created` is the time of the last act or record in it, `last_event_date` the day of its last event, `coverage_through` the last day up to
    which somebody recorded what was read; None: no event, or nobody recorded.
    """

    created: str = ""
    last_event_date: str | None = None
    coverage_through: str | None = None

    @property
    def summary(self) -> str:
        """One line for people."""
        read = f"read through {self.coverage_through}" if self.coverage_through else "nobody recorded through which day was read"
        return f"Last event on {self.last_event_date or 'no day'}, {read}, last act on {self.created[:10]}."

    def as_json(self) -> dict[str, str | None]:
        return {"created": self.created, "last_event_date": self.last_event_date, "coverage_through": self.coverage_through}


def freshness(tables: Mapping[str, pa.Table], created: str) -> Freshness:
    """How fresh these tables are."""
    event = pc.max(tables[EVENTS].column("event_date")).as_py()
    read = pc.max(tables["coverage"].column("until")).as_py() if "coverage" in tables else None
    return Freshness(created, *(None if day is None else day.isoformat() for day in (event, read)))


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Of a candidate: how many of its events are not settled (`open`), are settled and younger than the project's cut-off (`recent`), or lack a value
    that the codebook demands (`gaps`); which events were left out (`left_out`: id -> what is wrong with it), which older candidates `dropped`."""

    open: int = 0
    recent: int = 0
    gaps: int = 0
    left_out: Mapping[str, Sequence[Problem]] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """A line or two for people."""
        recent = f", {self.recent} settled but younger than the cut-off" if self.recent else ""
        gaps = f", {self.gaps} without a value that a release demands" if self.gaps else ""
        lines = [f"Not settled: {self.open} open{recent}{gaps}. unsettled.csv in its folder names them."]
        if self.left_out:
            lines.append(f"Left out: {len(self.left_out)} event(s) that a release could not hold; unsettled.csv names them with what is wrong.")
        if self.dropped:
            lines.append(f"Replaced and removed: {', '.join(self.dropped)}.")
        return "\n".join(lines)

    def reasons(self, most: int = 10) -> list[str]:
        """What is wrong with the events that were left out: one line for each of the first ones."""
        lines = [f"left out {event_id}: {problems[0].message} [{problems[0].code}]" for event_id, problems in self.left_out.items()]
        return [*lines[:most], *([f"... and {len(lines) - most} more"] if len(lines) > most else [])]

    def as_json(self) -> dict[str, Any]:
        left_out = {event_id: sorted({p.code for p in problems}) for event_id, problems in self.left_out.items()}
        return {"open": self.open, "recent": self.recent, "gaps": self.gaps, "left_out": left_out, "dropped": list(self.dropped)}


@dataclass(frozen=True, slots=True)
class ReleaseResult:
    """What a build did. `status` is `released`, `nothing to release` or `would release`; `changes` counts events by operation.

    `held` are events of the release before that this one lacks though nobody withdrew them: they are open again, in conflict, or too young.
    `unsettled` is set for a candidate, whose `previous` is the release that it was compared with.
    """

    status: str
    version: str
    folder: Path | None
    previous: str | None
    events: int
    fingerprint: str
    changes: Mapping[str, int] = field(default_factory=dict)
    report: Report = field(default_factory=Report)
    fresh: Freshness = field(default_factory=Freshness)
    unsettled: Unsettled | None = None
    held: tuple[str, ...] = ()

    @property
    def channel(self) -> Channel:
        return RELEASED if self.unsettled is None else CANDIDATE

    @property
    def summary(self) -> str:
        """A few lines for people."""
        name = f"candidate {self.version}" if self.unsettled is not None else self.version
        if self.status == NOTHING and self.unsettled is not None and self.folder is None:
            lines = [f"No candidate to release: the latest release, {self.version}, holds the same {self.events} events."]
            if self.unsettled.left_out:
                lines.append(f"Left out: {len(self.unsettled.left_out)} event(s) that a release could not hold.")
            return "\n".join([*lines, self.fresh.summary])
        if self.status == NOTHING:
            return f"Nothing to release: {name} holds the same {self.events} events.\n{self.fresh.summary}"
        changed = ", ".join(f"{n} {op}" for op, n in self.changes.items() if n) or "no event changed, the codebook did"
        against = f" (against {self.previous}: {changed})" if self.previous else ""
        done = {BUILT: "Released", WOULD: "Would release"}[self.status]
        lines = [f"{done} {name}: {self.events} events{against}."]
        if self.held:
            named = ", ".join(self.held[:NAMED]) + (", ..." if len(self.held) > NAMED else "")
            many = "1 event that was released" if len(self.held) == 1 else f"{len(self.held)} events that were released"
            lines.append(f"Left out without having been withdrawn: {many} before ({named}). 'eventcoder validate' says what they lack.")
        if self.unsettled is not None:
            lines.append(self.unsettled.summary)
        return "\n".join([*lines, self.fresh.summary])

    def as_json(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "channel": self.channel,
            "version": self.version,
            "previous": self.previous,
            "events": self.events,
            "fingerprint": self.fingerprint,
            "changes": dict(self.changes),
            "problems": self.report.counts,
            "held": list(self.held),
            **self.fresh.as_json(),
            **(self.unsettled.as_json() if self.unsettled is not None else {}),
        }
