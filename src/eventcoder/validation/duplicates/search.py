"""Pairs of events of a whole dataset that are perhaps one event: by blocking, never all pairs. Floor 4.

`blocking` brings together what lies at most a day and some kilometres apart, `likeness` leaves out what cannot reach the threshold, and
`similar.score` judges the few that are left. Only pairs are given, never groups: that A is like B and B like C does
not make A and C one event (T15), and no pair is merged without a person (T14).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eventcoder.validation.duplicates.blocking import BATCH, Blocks, Narrowed
from eventcoder.validation.duplicates.likeness import Columns, Fingerprints
from eventcoder.validation.duplicates.similar import DEFAULT, Features, Parameters, features, score

if TYPE_CHECKING:
    import pyarrow as pa

DATES = ("event_date", "date_start", "date_end", "reported_date")
NUMBERS = ("time_precision", "latitude", "longitude", "geo_precision", "fatalities", "fatalities_low", "fatalities_high")
TEXTS = ("event_id", "country", "location", "admin1", "sub_event_type", "event_type", "disorder_type", "actor1", "actor2", "notes")
LISTS = ("assoc_actor_1", "assoc_actor_2")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two events (`a` < `b` by event id) that may be one, with the score and the reasons in words."""

    a: str
    b: str
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found: `pairs` best first, how many pairs were `compared`, and the blocks that were `narrowed`."""

    pairs: list[Pair]
    compared: int
    narrowed: list[Narrowed]


def candidates(
    events: pa.Table,
    since: int | None = None,
    *,
    only: Collection[str] | None = None,
    parameters: Parameters = DEFAULT,
    at_least: float | None = None,
) -> list[Pair]:
    """The pairs of `search`."""
    return search(events, since, only=only, parameters=parameters, at_least=at_least).pairs


def search(
    events: pa.Table,
    since: int | None = None,
    *,
    only: Collection[str] | None = None,
    parameters: Parameters = DEFAULT,
    at_least: float | None = None,
) -> Search:
    """Pairs of rows of `events` that score at least `at_least` (default `parameters.list_from`), best first.

    `since` (seconds since 1970, compared with the column `timestamp`) or `only` (event ids) restrict the work to pairs in which one event
    is new. Rows without `event_date` take no part. Deterministic: the order of the rows plays no role.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    threshold = parameters.list_from if at_least is None else at_least
    table = _needed(events)
    where = table.append_column("_row", pa.array(range(len(table)), pa.int64()))
    fresh = "TRUE"
    if only is not None:
        where = where.append_column("_new", pc.is_in(table["event_id"], value_set=pa.array(sorted(only), pa.string())))
        fresh = "_new"
    elif since is not None:
        where = where.append_column("timestamp", events["timestamp"])
        fresh = "coalesce(timestamp >= $since, TRUE)"
    where = where.drop_columns(["notes", *LISTS])
    with Blocks(where, fresh=fresh, since=since, threshold=threshold, parameters=parameters) as blocks:
        met: Iterable[tuple[Any, Any]] = blocks.pairs()
        if fresh != "TRUE":
            table, met = _those_that_met(table, list(met))
        found, compared = _likely(table, met, parameters, threshold)
        return Search(_scored(table, found, parameters, threshold), compared, blocks.narrowed)


def _those_that_met(table: pa.Table, met: list[tuple[Any, Any]]) -> tuple[pa.Table, list[tuple[Any, Any]]]:
    """The rows that met another one, and the pairs with their numbers among those."""
    import numpy as np
    import pyarrow as pa

    if not met:
        return table.slice(0, 0), []
    rows = np.unique(np.concatenate([side for pair in met for side in pair]))
    return table.take(pa.array(rows)), [(np.searchsorted(rows, a), np.searchsorted(rows, b)) for a, b in met]


def _likely(table: pa.Table, met: Iterable[tuple[Any, Any]], parameters: Parameters, threshold: float) -> tuple[tuple[Any, Any], int]:
    """Of the pairs that met those that may reach the threshold, each once; and how many were looked at."""
    import numpy as np

    columns, least = Columns(table, parameters), threshold - 0.0005  # a score is rounded to three decimals
    kept: list[tuple[Any, ...]] = []
    compared = 0
    for a, b in met:
        compared += len(a)
        gates = columns.gates(a, b)
        near = np.flatnonzero(gates >= least - 1e-6)
        a, b, gates = a[near], b[near], gates[near]
        top, weights = columns.means(a, b)
        likely = columns.most(gates, top, weights) >= least
        kept.append(tuple(part[likely] for part in (a, b, gates, top, weights)))
    if not kept:
        return (np.zeros(0, np.int64), np.zeros(0, np.int64)), compared
    a, b, gates, top, weights = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    kept.clear()
    _, once = np.unique(np.minimum(a, b) * len(table) + np.maximum(a, b), return_index=True)
    a, b, gates, top, weights = (part[once] for part in (a, b, gates, top, weights))
    rows = np.unique(np.concatenate([a, b]))
    told = Fingerprints(_texts(table, rows), len(rows), parameters.full_notes)
    chosen = []
    for start in range(0, len(a), BATCH):  # two fingerprints a pair are 128 bytes
        part = slice(start, start + BATCH)
        notes = told.most(np.searchsorted(rows, a[part]), np.searchsorted(rows, b[part]))
        chosen.append(columns.most(gates[part], top[part], weights[part], notes) >= least)
    likely = np.concatenate(chosen) if chosen else np.zeros(0, bool)
    return (a[likely], b[likely]), compared


def _texts(table: pa.Table, rows: Any) -> Iterator[tuple[Any, ...]]:
    """Notes, location, admin1 and country of some rows."""
    import pyarrow as pa

    columns = table.select(["notes", "location", "admin1", "country"])
    for start in range(0, len(rows), 50_000):
        part = columns.take(pa.array(rows[start : start + 50_000]))
        yield from zip(*(part[name].to_pylist() for name in part.column_names), strict=True)


def _kinds() -> dict[tuple[str, ...], pa.DataType]:
    import pyarrow as pa

    return {DATES: pa.date32(), NUMBERS: pa.float64(), TEXTS: pa.string(), LISTS: pa.list_(pa.string())}


def _needed(events: pa.Table) -> pa.Table:
    """The columns that a comparison looks at; absent ones as nulls."""
    import pyarrow as pa

    columns = {}
    for names, kind in _kinds().items():
        for name in names:
            columns[name] = events[name] if name in events.column_names else pa.nulls(len(events), kind)
    return pa.table(columns)


def _scored(table: pa.Table, likely: tuple[Any, Any], parameters: Parameters, threshold: float) -> list[Pair]:
    """Score the pairs that are left, one by one. Features are worked out once a row, and only for those rows."""
    import numpy as np
    import pyarrow as pa

    first, second = likely
    rows = np.unique(np.concatenate([first, second]))
    met = table.take(pa.array(rows, pa.int64()))
    for name in DATES:
        met = met.set_column(met.column_names.index(name), name, met[name].cast(pa.string()))
    known: dict[int, tuple[str, Features]] = {}
    for batch in met.to_batches(max_chunksize=20_000):
        for row, values in zip(rows[len(known) : len(known) + len(batch)].tolist(), batch.to_pylist(), strict=True):
            told = features(values)
            if told is not None:  # nobody without a day met another one
                known[row] = (values["event_id"], told)
    found: list[Pair] = []
    for i, j in zip(first.tolist(), second.tolist(), strict=True):
        (a, one), (b, other) = known[i], known[j]
        points, reasons = score(one, other, parameters)
        if points >= threshold and a != b:
            found.append(Pair(min(a, b), max(a, b), points, reasons))
    found.sort(key=lambda pair: (-pair.score, pair.a, pair.b))
    return found
