"""What a release holds, so that an audit can say what came after it: its acts, its events, and those that were withdrawn by then. Floor 7."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from eventcoder.dataset.schemas import WITHHELD
from eventcoder.errors import ReleaseError
from eventcoder.reader.source import Release, find
from eventcoder.releases.layout import RETRACTED
from eventcoder.releases.tables import read_retracted

_ACT, _EVENT = 16, 12  # characters of an act's id that tell it from all others; length of an event's id


@dataclass(frozen=True, slots=True)
class Holding:
    """What one version holds. `created` is the time of the last act in it; `exact` is False for a release without a table of acts.

    `withheld` maps events whose acts are not all named (they draw on undisclosed documents) to their number of acts.
    """

    version: str
    created: str
    exact: bool
    withheld: Mapping[str, int]
    withdrawn: frozenset[str]
    _events: Any  # sorted arrays of ASCII texts: millions of them are a few megabytes
    _acts: Any

    def has_event(self, event_id: str) -> bool:
        """Whether the event is among those of the version."""
        return _has(self._events, event_id, _EVENT)

    def has_act(self, act: str) -> bool:
        """Whether the version names this act."""
        return _has(self._acts, act, _ACT)


def holding(source: str | Path | None = None, version: str = "latest") -> Holding:
    """What a version holds. Raises as `reader.load` does."""
    release = find(source).release(version, warn=False)
    exact = "acts.parquet" in release.manifest.files
    names, withheld = _acts_of(release) if exact else ((), {})
    return Holding(
        release.version,
        release.manifest.created,
        exact,
        withheld,
        _withdrawn(release),
        _sorted(_texts(release, "events", "event_id"), _EVENT),
        _sorted(names, _ACT),
    )


def _acts_of(release: Release) -> tuple[Iterable[str], dict[str, int]]:
    table = _columns(release, "acts", ["event_id", "act"])
    hidden = pc.equal(table.column("act"), WITHHELD)
    touched = pc.unique(table.column("event_id").filter(hidden))
    of_these = table.column("event_id").filter(pc.is_in(table.column("event_id"), value_set=touched)) if len(touched) else ()
    named = table.column("act").filter(pc.invert(hidden))
    return (text for chunk in named.chunks for text in chunk.to_pylist()), dict(Counter(str(i) for i in of_these))


def _texts(release: Release, table: str, column: str) -> Iterable[str]:
    return (text for chunk in _columns(release, table, [column]).column(column).chunks for text in chunk.to_pylist())


def _columns(release: Release, table: str, names: list[str]) -> pa.Table:
    path = release.path(f"{table}.parquet")
    try:
        return pq.read_table(path, columns=names)
    except (pa.ArrowException, OSError) as error:
        raise ReleaseError(f"{path} cannot be read: {error}", "Run 'eventcoder check' on the release, or fetch it again.") from None


def _withdrawn(release: Release) -> frozenset[str]:
    rows = read_retracted(release.path(RETRACTED)).to_pylist()
    return frozenset(row["event_id"] for row in rows if row["restored_in"] is None)


def _sorted(texts: Iterable[str], width: int) -> Any:
    return np.sort(np.fromiter((text[:width].encode() for text in texts), dtype=f"S{width}"))


def _has(texts: Any, text: str, width: int) -> bool:
    wanted = np.bytes_(text[:width].encode("ascii", "replace"))
    place = int(np.searchsorted(texts, wanted))
    return place < len(texts) and texts[place] == wanted
