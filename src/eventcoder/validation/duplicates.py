"""Pairs of events of a whole dataset that are perhaps one event: by blocking, never all pairs. Floor 4.

DuckDB brings together what lies at most a day and some kilometres apart (a grid cell is twice the reach, so that an event meets its
neighbours in one to four cells); `similar.score` judges those few. Only pairs are given, never groups: that A is like B and B like C does
not make A and C one event (T15), and no pair is merged without a person (T14).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eventcoder.validation.similar import DEFAULT, Features, Parameters, features, score

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.ledger import Folded

_DATES = ("event_date", "date_start", "date_end", "reported_date")
_NUMBERS = ("time_precision", "latitude", "longitude", "geo_precision", "fatalities", "fatalities_low", "fatalities_high")
_TEXTS = ("event_id", "country", "location", "admin1", "sub_event_type", "event_type", "disorder_type", "actor1", "actor2", "notes")
_LISTS = ("assoc_actor_1", "assoc_actor_2")
_KM_PER_DEGREE = 111.195

# One row an event and day it can have happened on ("spread" also the day before and after, and every cell within reach). The last condition
# leaves out pairs that day, type, actors and associates alone keep below the threshold, whatever their notes say.
_BLOCKING = """
WITH base AS (
    SELECT _row AS i, latitude AS lat, longitude AS lon, country || '/' || lower(location) AS place, {is_new} AS fresh,
        least(coalesce(date_start, event_date), event_date) AS first, greatest(coalesce(date_end, event_date), event_date) AS last,
        coalesce(time_precision, 1) = 1 AND coalesce(date_start, event_date) = event_date AND coalesce(date_end, event_date) = event_date AS exact,
        CASE WHEN geo_precision > 1 THEN $reach_imprecise ELSE $reach END AS reach,
        sub_event_type, event_type, list_filter([actor1, actor2], lambda x: x IS NOT NULL) AS actors,
        list_concat(coalesce(assoc_actor_1, []), coalesce(assoc_actor_2, [])) AS associates
    FROM events WHERE event_date IS NOT NULL
),
home AS (
    SELECT i, fresh, unnest(generate_series(first, last, INTERVAL 1 DAY))::DATE AS day,
        CASE WHEN lat IS NULL OR lon IS NULL THEN place
             ELSE CAST(floor(lat / $cell) AS INTEGER) || '/' || CAST(floor(lon / $cell) AS INTEGER) END AS cell
    FROM base
),
spread_days AS (
    SELECT *, unnest(generate_series(first - $days, last + $days, INTERVAL 1 DAY))::DATE AS day FROM base
),
spread AS (
    SELECT i, fresh, day, row_cell || '/' || unnest(generate_series(
        CAST(floor((lon - reach / greatest(cos(radians(lat)), 0.05)) / $cell) AS INTEGER),
        CAST(floor((lon + reach / greatest(cos(radians(lat)), 0.05)) / $cell) AS INTEGER))) AS cell
    FROM (SELECT *, unnest(generate_series(CAST(floor((lat - reach) / $cell) AS INTEGER), CAST(floor((lat + reach) / $cell) AS INTEGER))) AS row_cell
          FROM spread_days WHERE lat IS NOT NULL AND lon IS NOT NULL)
    UNION ALL
    SELECT i, fresh, day, place FROM spread_days WHERE lat IS NULL OR lon IS NULL
),
met AS (
    SELECT DISTINCT least(home.i, spread.i) AS a, greatest(home.i, spread.i) AS b
    FROM home JOIN spread USING (day, cell) WHERE home.i <> spread.i AND (home.fresh OR spread.fresh)
),
facing AS (
    SELECT met.a, met.b, greatest(date_diff('day', x.last, y.first), date_diff('day', y.last, x.first), 0) AS gap, x.exact AND y.exact AS exact,
        greatest(date_diff('day', x.first, x.last), date_diff('day', y.first, y.last)) AS span,
        CASE WHEN coalesce(x.sub_event_type = y.sub_event_type, TRUE) THEN 0
             WHEN coalesce(x.event_type = y.event_type, TRUE) THEN 1 - $same_event_type ELSE 1 - $same_disorder_type END AS type,
        CASE WHEN len(x.actors) > 0 AND len(y.actors) > 0 AND NOT list_has_any(x.actors, y.actors) THEN 1 ELSE 0 END AS actors,
        CASE WHEN len(x.associates) = 0 AND len(y.associates) = 0 THEN 0 WHEN len(x.associates) = 0 OR len(y.associates) = 0 THEN 0.5
             WHEN NOT list_has_any(x.associates, y.associates) THEN 1 ELSE 0 END AS associates
    FROM met JOIN base x ON x.i = met.a JOIN base y ON y.i = met.b
)
SELECT a, b FROM facing
WHERE (1 - $type * type - $actors * actors - $associates * associates
) * (CASE WHEN gap > 0 THEN list_extract(CASE WHEN exact THEN $exact_gates ELSE $gates END, 1 + gap)
          WHEN span = 0 THEN 1 WHEN span < $week_days THEN $week_gate ELSE $month_gate END) > $threshold - 0.001
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two events (`a` < `b` by event id) that may be one, with the score and the reasons in words."""

    a: str
    b: str
    score: float
    reasons: tuple[str, ...]


def candidates(
    events: pa.Table,
    since: int | None = None,
    *,
    only: Collection[str] | None = None,
    parameters: Parameters = DEFAULT,
    at_least: float | None = None,
) -> list[Pair]:
    """Pairs of rows of `events` that score at least `at_least` (default `parameters.list_from`), best first.

    `since` (seconds since 1970, compared with the column `timestamp`) or `only` (event ids) restrict the work to pairs in which one event
    is new. Rows without `event_date` take no part. Deterministic: the order of the rows plays no role.
    """
    import pyarrow as pa

    from eventcoder.codebook.duck import connect

    threshold = parameters.list_from if at_least is None else at_least
    days = max((gap for gap, gate in enumerate(parameters.day_gates) if gate >= threshold), default=0)
    reach, imprecise = (_reach(far, threshold, parameters) / _KM_PER_DEGREE for far in (parameters.far_km, parameters.far_km_imprecise))
    table = _needed(events)
    if since is not None:
        table = table.append_column("timestamp", events["timestamp"])
    is_new = "TRUE"
    if only is not None:
        table = table.append_column("_new", pa.array([event in only for event in table["event_id"].to_pylist()], pa.bool_()))
        is_new = "_new"
    elif since is not None:
        is_new = "coalesce(timestamp >= $since, TRUE)"
    con = connect()
    con.register("events", table.append_column("_row", pa.array(range(len(table)), pa.int64())))
    values: dict[str, Any] = {"cell": 2 * max(reach, 0.01), "days": days, "reach": reach, "reach_imprecise": imprecise}
    values |= {"type": parameters.weight_type, "actors": parameters.weight_actors, "same_event_type": parameters.same_event_type}
    values |= {"same_disorder_type": max(parameters.same_disorder_type, parameters.other_type), "threshold": threshold}
    values |= {name: getattr(parameters, name) for name in ("week_days", "week_gate", "month_gate")}
    values |= {"associates": parameters.weight_associates, "gates": list(parameters.day_gates)}
    values["exact_gates"] = [max(gate, parameters.reported_gate) if gap == 1 else gate for gap, gate in enumerate(parameters.exact_gates)]
    if "$since" in is_new:
        values["since"] = since
    try:
        blocked = con.sql(_BLOCKING.format(is_new=is_new), params=values).to_arrow_table()
    finally:
        con.close()
    return _judge(table, blocked, parameters, threshold)


def _reach(far: float, threshold: float, parameters: Parameters) -> float:
    """Kilometres beyond which the place alone keeps a pair below the threshold."""
    if parameters.far_gate >= threshold:
        return far
    return parameters.near_km + (far - parameters.near_km) * (1 - threshold) / (1 - parameters.far_gate)


def undecided_pairs(events: Sequence[Folded], *, at_least: float = DEFAULT.show_from) -> list[Pair]:
    """Candidate pairs among folded events that no relation joins yet, best first (the list that `eventcoder duplicates` shows).

    A relation of any kind between two events says that somebody looked at both and found them different.
    """
    import pyarrow as pa

    decided: set[frozenset[str]] = set()
    for event in events:
        decided |= {frozenset((event.event_id, str(relation.get("event_id")))) for relation in event.relations}
    columns: dict[str, Any] = {}
    for names, kind in _kinds().items():
        for name in names:
            cells = [event.event_id if name == "event_id" else event.values.get(name) for event in events]
            columns[name] = pa.array(cells, pa.string()).cast(kind) if pa.types.is_date(kind) else pa.array(cells, kind)
    return [pair for pair in candidates(pa.table(columns), at_least=at_least) if frozenset((pair.a, pair.b)) not in decided]


def _kinds() -> dict[tuple[str, ...], pa.DataType]:
    import pyarrow as pa

    return {_DATES: pa.date32(), _NUMBERS: pa.float64(), _TEXTS: pa.string(), _LISTS: pa.list_(pa.string())}


def _needed(events: pa.Table) -> pa.Table:
    """The columns that a comparison looks at; absent ones as nulls."""
    import pyarrow as pa

    columns = {}
    for names, kind in _kinds().items():
        for name in names:
            columns[name] = events[name] if name in events.column_names else pa.nulls(len(events), kind)
    return pa.table(columns)


def _judge(table: pa.Table, blocked: pa.Table, parameters: Parameters, threshold: float) -> list[Pair]:
    """Score the blocked pairs. Features are worked out once a row, and only for rows that met another one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    first, second = blocked["a"], blocked["b"]
    rows = pc.unique(pa.chunked_array(first.chunks + second.chunks, pa.int64()))
    met = table.take(rows)
    for name in _DATES:
        met = met.set_column(met.column_names.index(name), name, met[name].cast(pa.string()))
    known: dict[int, tuple[str, Features]] = {}
    for batch in met.to_batches(max_chunksize=20_000):
        for row, values in zip(rows.slice(len(known), len(batch)).to_pylist(), batch.to_pylist(), strict=True):
            told = features(values)
            if told is not None:
                known[row] = (values["event_id"], told)
    found: list[Pair] = []
    for i, j in zip(first.to_pylist(), second.to_pylist(), strict=True):
        (a, one), (b, other) = known[i], known[j]
        points, reasons = score(one, other, parameters)
        if points >= threshold and a != b:
            found.append(Pair(min(a, b), max(a, b), points, reasons))
    found.sort(key=lambda pair: (-pair.score, pair.a, pair.b))
    return found
