"""`changes`: what makes one version out of another, over any number of versions in between. Floor 7.

Between neighbours the table of changes that the newer one published speaks. Over several, the two versions are compared with each other, and the
steps in between give the reasons: what came and went again is no change, nor is a value that is back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from eventcoder.changelog import ChainReasons, Overview, composed, diff, overview
from eventcoder.dataset.schemas import EVENTS, TABLES
from eventcoder.errors import ReleaseError, UsageError
from eventcoder.reader.filters import codes, column_names
from eventcoder.reader.source import Release, Source, find, in_order
from eventcoder.releases.tables import read_changes

if TYPE_CHECKING:
    import pandas as pd

Names = str | Sequence[str] | None
_TOLD = (
    "event_id", "event_date", "disorder_type", "event_type", "sub_event_type", "country", "admin1", "location", "fatalities", "fatalities_low",
    "fatalities_high",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes from one version to another (those that were asked for), what they come to, and the newer events in the columns that this takes."""

    older: str
    newer: str
    table: pa.Table
    overview: Overview
    events: pa.Table


def changes(
    older: str, newer: str = "latest", source: str | Path | None = None, *, country: Names = None, event_type: Names = None, field: Names = None
) -> pd.DataFrame:
    """What makes version `newer` out of version `older`, in the columns of `changes.csv`; also over several versions in between.

    `country` and `event_type` keep every change of an event that stands or stood there: one that moved away is told too. `field` keeps the
    corrections of these columns. What the changes come to (by operation, country and type, deaths, what to look at first) is in
    `frame.attrs["overview"]`. Raises `NotFound` for an unknown version, `UsageError` when `older` is not the older one or a name is not known.
    """
    from eventcoder.reader.frame import to_pandas

    found = compared(older, newer, source, country=country, event_type=event_type, field=field)
    frame = to_pandas(found.table)
    frame.attrs.update(older=found.older, newer=found.newer, overview=found.overview.as_json())
    return frame


def compared(
    older: str, newer: str = "latest", source: str | Path | None = None, *, country: Names = None, event_type: Names = None, field: Names = None
) -> Changes:
    """The same as an Arrow table with its overview. Raises as `changes` does."""
    found = find(source)
    a, b = found.release(older, warn=False), found.release(newer, warn=False)
    if a.version == b.version:
        raise UsageError(f"{a.version} cannot be compared with itself.", "Name two versions.")
    if not in_order(a.version, b.version):
        back = f"To bring a copy back to {b.version}: eventcoder pull --version {b.version}."
        raise UsageError(f"{a.version} is newer than {b.version}.", f"Name the older one first: {b.version} {a.version}. {back}")
    table = _between(found, a, b)
    was, now = (_events(r) for r in (a, b))
    wanted: dict[str, list[str]] = {}
    for column, listed, given in (("country", "countries", country), ("event_type", "event_types", event_type)):
        if given is not None and given != () and given != []:
            wanted[column] = _codes(a, b, listed, given)
    if wanted:
        table = table.filter(pc.is_in(table.column("event_id"), value_set=_standing(wanted, was, now)))
    if field is not None and len(field):
        names = column_names(list(dict.fromkeys([*now.schema.names, *was.schema.names, *_columns(a), *_columns(b)])), field)
        table = table.filter(pc.and_(pc.equal(table.column("op"), "revised"), pc.is_in(table.column("field"), value_set=pa.array(names))))
    return Changes(a.version, b.version, table, overview(table, was, now, date.fromisoformat(b.manifest.created[:10])), now)


class _Tables(Mapping[str, pa.Table]):
    """The tables of a release, each read when it is asked for and not kept: both versions as a whole would not fit into a small machine."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._names = [n for n in TABLES if f"{n}.parquet" in release.manifest.files]

    def __getitem__(self, name: str) -> pa.Table:
        if name not in self._names:
            raise KeyError(name)
        return self._release.table(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _between(found: Source, a: Release, b: Release) -> pa.Table:
    if b.manifest.previous == a.version:
        return read_changes(b.path("changes.parquet"))
    steps = [read_changes(step.path("changes.parquet")) for step in _steps(found, a.version, b.version)]
    why = ChainReasons(steps)
    return diff(_Tables(a), _Tables(b), reasons=why, withheld=why.withheld, codebook=composed(steps))


def _steps(found: Source, older: str, newer: str) -> list[Release]:
    """The releases in between that can be read; a redacted one is gone, and with it only its reasons."""
    chain: list[Release] = []
    name: str | None = newer
    while name is not None and name != older:
        entry = found.versions.entry(name)
        if entry is None:
            return []
        if entry.withdrawn is None or not entry.withdrawn.redacted:
            chain.append(found.release(name, warn=False))
        name = entry.previous
    return chain[::-1] if name == older else []


def _columns(release: Release) -> list[str]:
    return list(pq.read_schema(release.path(f"{EVENTS}.parquet")).names)


def _events(release: Release) -> pa.Table:
    """What an overview needs to know of the events."""
    path = release.path(f"{EVENTS}.parquet")
    try:
        file = pq.ParquetFile(path)
        return file.read(columns=[n for n in _TOLD if n in file.schema_arrow.names])
    except (pa.ArrowException, OSError) as error:
        raise ReleaseError(f"{path} cannot be read as Parquet: {str(error)[:300]}", "Fetch the release again.") from None


def _codes(a: Release, b: Release, listed: str, given: str | Sequence[str]) -> list[str]:
    """The names as codes of either version: a code may have gone since."""
    out = []
    for name in [given] if isinstance(given, str) else given:
        try:
            out += codes(b, listed, name)
        except UsageError:
            try:
                out += codes(a, listed, name)
            except UsageError:
                codes(b, listed, name)  # the newer version's message names the nearest
    return out


def _standing(wanted: Mapping[str, list[str]], *versions: pa.Table) -> pa.Array:
    """Events that fit in either version."""
    found = []
    for events in versions:
        fits = pa.repeat(True, events.num_rows)
        for column, names in wanted.items():
            fits = pc.and_(fits, pc.is_in(events.column(column), value_set=pa.array(names)))
        found += events.column("event_id").filter(fits).chunks
    return pa.chunked_array(found, pa.string()).unique()
