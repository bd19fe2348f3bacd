"""The tables of a release on disk: Parquet out and in, and what ties them to the version before. Floor 6."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from eventcoder.changelog import BEGINNINGS, CHANGES_SCHEMA, ENDINGS
from eventcoder.dataset.canonical import canonical_table
from eventcoder.dataset.schemas import EVENTS, RECORDS, TABLES
from eventcoder.errors import ReleaseError
from eventcoder.releases.bounded import LARGEST_RETRACTED
from eventcoder.releases.csvfile import read_texts
from eventcoder.releases.parquetfile import read_parquet as read_parquet

ROW_GROUP = 131_072
DATES = ("first_release", "last_changed")  # columns of the events that only a release knows
RETRACTED_SCHEMA = pa.schema(
    [
        pa.field(name, pa.string(), metadata={"description": text})
        for name, text in (
            ("event_id", "Event that was withdrawn. Its id is never given to another one."),
            ("event_id_cnty", "Its identifier in ACLED's form."),
            ("first_release", "Version that first held it."),
            ("version", "Version from which on it is not there."),
            ("op", "retracted, or merged into another event."),
            ("reason", "Reason that the coder gave."),
            ("successor", "Event that stands for it now. Null: none."),
            ("restored_in", "Version that holds it again. Null: none."),
        )
    ]
)


def write_parquet(table: pa.Table, path: Path) -> None:
    """One file, one chunk a column, zstd: the same table gives the same bytes with the same pyarrow."""
    pq.write_table(table.combine_chunks(), path, compression="zstd", compression_level=3, row_group_size=ROW_GROUP)


def read_tables(folder: Path) -> dict[str, pa.Table]:
    """The tables that every release has, as its Parquet files have them (`read_records` reads the later ones).

    Raises `ReleaseError` for a file that is missing or damaged.
    """
    return {name: read_parquet(folder / f"{name}.parquet") for name in TABLES}


def read_records(folder: Path, listed: Collection[str]) -> dict[str, pa.Table]:
    """Those tables of `dataset.RECORDS` whose file is among `listed` (the manifest's): older releases have none. Raises `ReleaseError`."""
    return {name: read_parquet(folder / f"{name}.parquet") for name in RECORDS if f"{name}.parquet" in listed}


def read_changes(path: Path) -> pa.Table:
    """A file of changes (Parquet). Raises `ReleaseError` if it has other columns."""
    try:
        return read_parquet(path).select(CHANGES_SCHEMA.names).cast(CHANGES_SCHEMA)
    except (pa.ArrowInvalid, KeyError) as error:
        raise ReleaseError(f"{path} is no table of changes: {error}", "Fetch the release again.") from None


def read_retracted(path: Path) -> pa.Table:
    """A file of withdrawn events (`retracted.csv`). Raises `ReleaseError` if it has other columns, or is larger than such a file can be."""
    try:
        if path.stat().st_size > LARGEST_RETRACTED:
            raise ReleaseError(f"{path} is larger than a list of withdrawn events can be.", "Fetch the release again.")
        return read_texts(path).select(RETRACTED_SCHEMA.names).cast(RETRACTED_SCHEMA)
    except (pa.ArrowInvalid, KeyError, OSError) as error:
        raise ReleaseError(f"{path} cannot be read: {error}", "Fetch the release again.") from None


def read_states(path: Path) -> dict[str, str]:
    """The states of a candidate's unsettled events (`unsettled.csv`), by event. Raises `ReleaseError` for a file that is no such list."""
    try:
        table = read_texts(path).select(["event_id", "state"])
        return dict(zip(table.column("event_id").to_pylist(), table.column("state").to_pylist(), strict=True))
    except (pa.ArrowInvalid, KeyError, OSError) as error:
        raise ReleaseError(f"{path} cannot be read: {error}", "Fetch the candidate again.") from None


def still_withdrawn(retracted: pa.Table) -> pa.Table:
    """Those that are not back."""
    return retracted.filter(pc.is_null(retracted.column("restored_in")))


def next_retracted(before: pa.Table, changes: pa.Table, old_events: pa.Table, version: str) -> pa.Table:
    """The list of withdrawn events after these changes: those that went are added, those that came back are marked."""
    rows = before.to_pylist()
    back = set(changes.filter(pc.is_in(changes.column("op"), value_set=pa.array(BEGINNINGS))).column("event_id").to_pylist()) if rows else set()
    for row in rows:
        if row["event_id"] in back and row["restored_in"] is None:
            row["restored_in"] = version
    went = changes.filter(pc.is_in(changes.column("op"), value_set=pa.array(ENDINGS))).to_pylist()
    if went:
        gone = old_events.filter(pc.is_in(old_events.column("event_id"), value_set=pa.array([r["event_id"] for r in went])))
        facts: dict[str, dict[str, Any]] = {r["event_id"]: r for r in gone.select(["event_id", "event_id_cnty", "first_release"]).to_pylist()}
        for row in went:
            known = facts.get(row["event_id"], {})
            rows.append(
                {
                    "event_id": row["event_id"],
                    "event_id_cnty": known.get("event_id_cnty"),
                    "first_release": known.get("first_release"),
                    "version": version,
                    "op": row["op"],
                    "reason": row["reason"],
                    "successor": row["merged_into"],
                }
            )
    rows.sort(key=lambda r: (r["event_id"], r["version"]))
    return pa.Table.from_pylist(rows, RETRACTED_SCHEMA)


def dated(
    tables: Mapping[str, pa.Table], changes: pa.Table, old_events: pa.Table | None, retracted: pa.Table, version: str | None
) -> dict[str, pa.Table]:
    """The tables with `first_release` and `last_changed`: kept from the version before where nothing changed, this version elsewhere.

    A change in a side table (another report, a quote) counts as a change of its event. Without `version` what is new stays without: a candidate
    is no version that anything was released in.
    """
    events = tables[EVENTS]
    ids = events.column("event_id").combine_chunks()
    touched = pc.is_in(ids, value_set=pc.unique(changes.filter(pc.is_valid(changes.column("event_id"))).column("event_id").combine_chunks()))
    now = pa.scalar(version, pa.string())
    first: pa.Array = pa.nulls(len(ids), pa.string())
    changed: pa.Array = pa.nulls(len(ids), pa.string())
    if old_events is not None:
        at = pc.index_in(ids, value_set=old_events.column("event_id").combine_chunks())
        first, changed = (old_events.column(n).combine_chunks().take(at) for n in ("first_release", "last_changed"))
    if retracted.num_rows:
        at = pc.index_in(ids, value_set=retracted.column("event_id").combine_chunks())
        first = pc.coalesce(first, retracted.column("first_release").combine_chunks().take(at))
    filled = {"first_release": pc.fill_null(first, now), "last_changed": pc.if_else(touched, now, pc.fill_null(changed, now))}
    for name, values in filled.items():
        index = events.column_names.index(name)
        events = events.set_column(index, events.schema.field(index), values)
    return {**tables, EVENTS: events}


def undated(events: pa.Table) -> pa.Table:
    """The events without the two columns that only a release knows."""
    for name in DATES:
        index = events.column_names.index(name)
        events = events.set_column(index, events.schema.field(index), pa.nulls(events.num_rows, pa.string()))
    return events


def canonical(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Tables as read, in canonical order (a release has them so already; a damaged or foreign one may not)."""
    return {name: canonical_table(name, table, table.schema) for name, table in tables.items()}
