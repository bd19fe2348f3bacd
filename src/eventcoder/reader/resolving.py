"""`resolve`: what became of an event, or of every id in a table of the analyst's own. Floor 7.

An id means one event for ever. Whoever kept ids of an older version learns here which of them still stand, which went into another event (through
all merges), and which were withdrawn and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from eventcoder.changelog.reasons import SPLIT_FROM
from eventcoder.errors import NotFound, ReleaseError, UsageError
from eventcoder.reader.channels import candidates
from eventcoder.reader.source import Release, Source, find
from eventcoder.releases.manifest import CANDIDATE
from eventcoder.releases.tables import read_retracted

if TYPE_CHECKING:
    import pandas as pd

CURRENT, UNKNOWN = "current", "unknown"
FIELDS = ("event_id", "state", "current_id", "via", "parts", "reason", "version", "first_release", "last_changed")


@overload
def resolve(event_id: str, source: str | Path | None = None, version: str = "latest") -> dict[str, Any]: ...  # type: ignore[overload-overlap]
@overload
def resolve(event_id: Iterable[str | None], source: str | Path | None = None, version: str = "latest") -> pd.DataFrame: ...
def resolve(event_id: str | Iterable[str | None], source: str | Path | None = None, version: str = "latest") -> dict[str, Any] | pd.DataFrame:
    """What became of an event: of one id a dict, of many (a list, a column) a DataFrame with one row an id, in their order.

    `event_id`; `state` (current, merged, retracted; of many also unknown); `current_id` (after all merges; None if no event stands for it); `via`
    (ids on the way, oldest first); `parts` (events that were split off it and stand); `reason` and `version` (from which on it was gone; None for
    a current one); `first_release`, `last_changed`. Ids may also be `event_id_cnty`. `version`: as it was then.

    Of one id raises `NotFound` for an event that no release ever held; of many these are `unknown`, and `attrs["unknown"]` counts them.
    """
    if not isinstance(event_id, (str, Iterable)) or isinstance(event_id, Mapping) or hasattr(event_id, "columns"):
        what = f"event_id is {type(event_id).__name__}, which is neither an id nor a list of them."
        raise UsageError(what, "Give one id, a list, or a column such as table['event_id'].")
    found = find(source)
    known = _Known.of(found.release(version))
    if isinstance(event_id, str):
        row = known.row(event_id.strip())
        if row is None:
            raise NotFound(f"No release up to {known.release.version} has an event {event_id!r}.", _hint(found, known, event_id.strip()))
        return row
    return _frame(known, event_id)


def _frame(known: _Known, given: Iterable[str | None]) -> pd.DataFrame:
    import pandas as pd

    asked = [i.strip() if isinstance(i, str) else None for i in given]
    ids = pa.array(asked, pa.string())
    found = pc.index_in(ids, value_set=known.events.column("event_id").combine_chunks())  # most still stand: all of these at once
    rows: dict[str, list[Any]] = {name: [None] * len(asked) for name in FIELDS}
    stands = pc.is_valid(found)
    rows["event_id"] = asked
    rows["state"] = pc.if_else(stands, CURRENT, UNKNOWN).to_pylist()
    rows["current_id"] = pc.if_else(stands, ids, None).to_pylist()
    rows["via"] = [[] for _ in asked]
    rows["parts"] = [known.parts.get(i, []) if i else [] for i in asked]
    for name in ("first_release", "last_changed"):
        rows[name] = known.events.column(name).take(found).to_pylist()
    others = pc.indices_nonzero(pc.invert(stands)).to_pylist()
    known.index([i for n in others if (i := asked[n])])
    for n in others:
        row = known.row(asked[n]) if asked[n] else None
        if row is not None:
            for name in FIELDS[1:]:
                rows[name][n] = row[name]
    frame = pd.DataFrame(rows, columns=list(FIELDS))
    for name in FIELDS:
        if name not in ("via", "parts"):
            frame[name] = frame[name].astype(pd.StringDtype("pyarrow"))
    unknown = int((frame["state"] == UNKNOWN).sum())
    frame.attrs.update(version=known.release.version, unknown=unknown)
    index = getattr(given, "index", None)
    if isinstance(index, pd.Index):  # a column of the analyst's own table: the answer stands beside it
        frame.index = index
    return frame


@dataclass(slots=True)
class _Known:
    """Ids of one version: of its events, and of those that were withdrawn."""

    release: Release
    events: pa.Table
    withdrawn: dict[str, dict[str, Any]]
    parts: dict[str, list[str]]
    at: dict[str, int] | None = None  # row of each event that is asked for, where many are

    @classmethod
    def of(cls, release: Release) -> _Known:
        names = ["event_id", "event_id_cnty", "first_release", "last_changed"]
        path = release.path("events.parquet")
        try:
            events = pq.read_table(path, columns=names)
        except (pa.ArrowException, OSError) as error:
            raise ReleaseError(f"{path} cannot be read: {error}", "Run 'eventcoder check' on the release, or fetch it again.") from None
        gone = {r["event_id"]: r for r in read_retracted(release.path("retracted.csv")).to_pylist() if r["restored_in"] is None}
        relations = release.table("relations")
        came = relations.filter(pc.equal(relations.column("kind"), SPLIT_FROM))
        parts: dict[str, list[str]] = {}
        for part, whole in zip(came.column("event_id").to_pylist(), came.column("other_event_id").to_pylist(), strict=True):
            parts.setdefault(whole, []).append(part)
        return cls(release, events, gone, parts)

    def index(self, asked: list[str]) -> None:
        """Find all of these at once, and all that stand for withdrawn ones."""
        successors = (r["successor"] for r in self.withdrawn.values() if r["successor"])
        wanted = pa.array(list(dict.fromkeys([*asked, *map(str.lower, asked), *successors])), pa.string())
        self.at = {}
        for name in ("event_id_cnty", "event_id"):
            rows = pc.index_in(wanted, value_set=self.events.column(name).combine_chunks())
            self.at |= {i: n for i, n in zip(wanted.to_pylist(), rows.to_pylist(), strict=True) if n is not None}

    def row(self, given: str) -> dict[str, Any] | None:
        """What became of one id; None if it was never released."""
        event_id = self._id(given)
        here = self._event(event_id)
        if here is not None:
            return self._told(event_id, CURRENT, event_id, [], here)
        first = self.withdrawn.get(event_id)
        if first is None:
            return None
        via: list[str] = []
        current: str | None = first["successor"]
        while current is not None and current in self.withdrawn and current not in via and current != event_id:
            via.append(current)
            current = self.withdrawn[current]["successor"]
        if current is not None and self._event(current) is None:
            current = None  # it went in a circle, or into an event that is not in this version
        return self._told(event_id, first["op"], current, via, first)

    def _told(self, event_id: str, state: str, current: str | None, via: list[str], facts: dict[str, Any]) -> dict[str, Any]:
        values = (event_id, state, current, via, self.parts.get(event_id, []), facts.get("reason"), facts.get("version"), facts.get("first_release"))
        return dict(zip(FIELDS, (*values, facts.get("last_changed")), strict=True))

    def _id(self, given: str) -> str:
        """The event's id, from an `event_id_cnty` or an id in other letters."""
        for form in dict.fromkeys((given, given.lower())):
            if self._event(form) is not None or form in self.withdrawn:
                return form
        at = self._row("event_id_cnty", given)
        if at is not None:
            return str(self.events.column("event_id")[at].as_py())
        return next((i for i, r in self.withdrawn.items() if r["event_id_cnty"] == given), given)

    def _event(self, event_id: str) -> dict[str, Any] | None:
        at = self._row("event_id", event_id)
        return None if at is None else dict(self.events.slice(at, 1).to_pylist()[0])

    def _row(self, name: str, value: str) -> int | None:
        if self.at is not None and (value in self.at or name == "event_id_cnty"):
            at = self.at.get(value)
            return at if at is not None and self.events.column(name)[at].as_py() == value else None
        if self.at is not None:
            return None
        at = pc.index(self.events.column(name), value).as_py()
        return at if at >= 0 else None


def _hint(found: Source, known: _Known, given: str) -> str:
    """Where the id may be, or what may be meant."""
    if known.release.manifest.channel != CANDIDATE:
        try:
            candidate = candidates(found).release(warn=False)
            if _Known.of(candidate).row(given) is not None:
                return f"It is in candidate {candidate.version}: no release holds it yet."
        except (NotFound, ReleaseError):
            pass  # there are no candidates
    latest = found.versions.latest
    if latest not in (None, known.release.version) and _Known.of(found.release(warn=False)).row(given) is not None:
        return f"Version {latest} knows it."
    ids = known.events.column("event_id")
    near = ids.filter(pc.or_(pc.starts_with(ids, given[:6].lower()), pc.ends_with(ids, given[-6:].lower()))) if len(given) >= 6 else ids.slice(0, 0)
    if len(near):
        return f"Did you mean {near[0].as_py()}?"
    return "Event ids have 12 characters; event_id_cnty has the country's letters and a number."
