"""Pairs of events that lie near enough to be compared: same day and grid cell, never all pairs. Floor 4.

Every row stands at home on the days on which it can have happened, in the grid cell of its place. The row of a pair that reaches farther is spread
over the days before and after and over the cells within its reach, so that every pair within reach meets at least once. A grid cell is twice
the reach wide. Where a row has no point, all rows of its place's name meet it as in a cell of their own. A block (day and cell) with more
events than `Parameters.block_events` is narrowed: its events are compared only with those of the same event type, then also of the same point,
then of the same actors. What was narrowed is told, never dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eventcoder.validation.duplicates.similar import Parameters

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

KM_PER_DEGREE = 111.195
BATCH = 500_000  # pairs that are handed on at a time: some 150 MB while they are scored
NARROWED_BY = ("event type", "sub-event type and point", "sub-event type, point and actors")
_KEYS = (
    "hash(event_type)",
    "hash(event_type, sub_event_type, lat, lon)",
    "hash(event_type, sub_event_type, lat, lon, least(actor1, actor2), greatest(actor1, actor2))",
)
_BASE = """
CREATE TEMP TABLE base AS
WITH told AS (
    SELECT _row AS i, latitude AS lat, longitude AS lon, CASE WHEN location <> '' THEN coalesce(country, '') || '/' || lower(location) END AS place,
        {fresh} AS fresh, date_diff('day', DATE '1970-01-01', least(coalesce(date_start, event_date), event_date)) AS first,
        date_diff('day', DATE '1970-01-01', greatest(coalesce(date_end, event_date), event_date)) AS last,
        CASE WHEN geo_precision > 1 THEN $reach_imprecise ELSE $reach END AS reach, event_type, sub_event_type, actor1, actor2
    FROM events WHERE event_date IS NOT NULL
),
pointless AS (SELECT DISTINCT place FROM told WHERE lat IS NULL OR lon IS NULL)
SELECT *, lat IS NOT NULL AND lon IS NOT NULL AS placed,
    CASE WHEN place IN (SELECT place FROM pointless WHERE place IS NOT NULL) THEN -1 - CAST(hash(place) % 1099511627776 AS BIGINT) END AS named,
    CAST(floor((lat + 90) / $cell) AS BIGINT) AS row_cell, CAST(floor((lon + 180) / $wide) AS BIGINT) % $columns AS column_cell
FROM told
"""
_HOME = """
CREATE TEMP TABLE home AS
SELECT i, fresh, reach, CAST(unnest(range(first, last + 1)) AS INTEGER) AS day, row_cell * $columns + column_cell AS cell{keys} FROM base WHERE placed
UNION ALL
SELECT i, fresh, reach, CAST(unnest(range(first, last + 1)) AS INTEGER), named{keys} FROM base WHERE named IS NOT NULL
"""
_SPREAD = """
    SELECT i, fresh, {reach} AS reach, day, row_cell * $columns + (unnest(range(CAST(floor((lon + 180 - across) / $wide) AS BIGINT),
        CAST(floor((lon + 180 + across) / $wide) AS BIGINT) + 1)) + 2 * $columns) % $columns AS cell{keys}
    FROM (
        SELECT * EXCLUDE (row_cell), CAST(unnest(range(CAST(floor((lat + 90 - {reach}) / $cell) AS BIGINT),
            CAST(floor((lat + 90 + {reach}) / $cell) AS BIGINT) + 1)) AS BIGINT) AS row_cell,
            least({reach} / greatest(cos(radians(least(abs(lat) + {reach}, 89))), 0.02), 179) AS across
        FROM (SELECT *, CAST(unnest(range(first - $days, last + $days + 1)) AS INTEGER) AS day FROM base WHERE placed {only}))
    UNION ALL
    SELECT i, fresh, {reach}, CAST(unnest(range(first - $days, last + $days + 1)) AS INTEGER), named{keys} FROM base WHERE named IS NOT NULL {only}
"""
_MEET = "SELECT home.i AS a, spread.i AS b FROM home JOIN ({spread}) AS spread USING (day, cell{key}) WHERE {once}"


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Too many events to compare each with each: their `day` (ISO), one of their places, how many `events`, and by what they were narrowed."""

    day: str
    place: str
    events: int
    by: str

    def __str__(self) -> str:
        return f"{self.events:,} events near {self.place} on {self.day} were compared only where they agree in {self.by}."


class Blocks:
    """The blocks of one table of events. `narrowed` is known from the start; `pairs()` gives the pairs, some of them more than once."""

    def __init__(self, events: pa.Table, *, fresh: str, since: int | None, threshold: float, parameters: Parameters) -> None:
        """`events` has a column `_row`; `fresh` is the condition under which one of them is new ("TRUE": all are)."""
        from eventcoder.codebook.duck import connect

        self._all = fresh == "TRUE"
        self._con: DuckDBPyConnection = connect()
        self._con.register("events", events)
        near, far = (reach(km, threshold, parameters) / KM_PER_DEGREE for km in (parameters.far_km, parameters.far_km_imprecise))
        cell = 2 * max(near, 0.01)
        columns = max(4, int(360 / cell))
        self._given = {"cell": cell, "wide": 360 / columns, "columns": columns, "reach": near, "reach_imprecise": far}
        self._given["days"] = max((gap for gap, gate in enumerate(parameters.day_gates) if gate >= threshold), default=0)
        keys = "".join(f", {key} AS key{number}" for number, key in enumerate(_KEYS))
        more = {"since": since} if "$since" in fresh else {}
        self._run(_BASE.replace("{fresh}", fresh), **more)
        self._run(_HOME.replace("{keys}", keys))
        self.narrowed = self._narrow(parameters.block_events)

    def __enter__(self) -> Blocks:
        return self

    def __exit__(self, *_: object) -> None:
        self._con.close()

    def _run(self, statement: str, **more: Any) -> None:
        self._con.execute(statement, self._values(statement, **more))

    def _values(self, statement: str, **more: Any) -> dict[str, Any]:
        """The values that a statement asks for, and no others: DuckDB refuses what it is not asked."""
        asked = set(re.findall(r"\$(\w+)", statement))
        return {name: value for name, value in {**self._given, **more}.items() if name in asked}

    def _narrow(self, most: int) -> list[Narrowed]:
        """Find the blocks that are too big (table `big0`), and what in them is still too big by the next key (`big1`, `big2`)."""
        told: list[tuple[int, str, str, int]] = []
        for level in range(len(_KEYS)):
            names = self._joined(level)
            before = f"SEMI JOIN big{level - 1} USING ({self._joined(level - 1)})" if level else ""
            self._con.execute(
                f"CREATE TEMP TABLE big{level} AS SELECT {names}, count(*) AS events, min(i) AS one FROM home {before} "
                f"GROUP BY {names} HAVING count(*) > ?",
                [most],
            )
            rows = self._con.execute(
                f"SELECT CAST(DATE '1970-01-01' + day AS VARCHAR), base.place, events FROM big{level} AS big JOIN base ON base.i = big.one"
            ).fetchall()
            told += [(level, day, place or "an unnamed place", events) for day, place, events in rows]
        return [Narrowed(day, place, events, NARROWED_BY[level]) for level, day, place, events in sorted(told, key=lambda t: (-t[3], *t[:3]))]

    @staticmethod
    def _joined(level: int) -> str:
        """The columns by which rows find the table `big` of a level."""
        return ", ".join(["day", "cell", *([f"key{level - 1}"] if level else [])])

    def _with_key(self, rows: str) -> str:
        """Rows with the key by which they meet: that of the last level on which there are too many of them. Two rows with one key agree on it."""
        chosen = "CASE WHEN big2.one IS NOT NULL THEN key2 WHEN big1.one IS NOT NULL THEN key1 WHEN big0.one IS NOT NULL THEN key0 ELSE 0 END AS key"
        joins = " ".join(f"LEFT JOIN big{level} USING ({self._joined(level)})" for level in range(len(_KEYS)))
        return f"SELECT i, fresh, reach, day, cell, {chosen} FROM {rows} {joins}"

    def pairs(self) -> Iterator[tuple[Any, Any]]:
        """Two arrays of row numbers, `BATCH` pairs at most a time."""
        one, reaching = ("", "reach") if self._all else ("AND fresh", "$reach_imprecise")
        inner = "".join(f", {key} AS key{number}" for number, key in enumerate(_KEYS)) if self.narrowed else ""
        spread = _SPREAD.replace("{reach}", reaching).replace("{only}", one).replace("{keys}", inner)
        # of two rows that reach equally far the earlier one is spread: each pair of exact days meets once
        once = "(spread.reach > home.reach OR (spread.reach = home.reach AND spread.i < home.i))"
        if not self._all:
            once = "spread.i <> home.i AND (NOT home.fresh OR spread.i < home.i)"
        statement = _MEET
        if self.narrowed:
            spread = self._with_key(f"({spread}) AS spread")
            statement = statement.replace("home JOIN", f"({self._with_key('home')}) AS home JOIN", 1)
        statement = statement.replace("{spread}", spread).replace("{key}", ", key" if self.narrowed else "").replace("{once}", once)
        for batch in self._con.sql(statement, params=self._values(statement)).to_arrow_reader(BATCH):
            yield batch.column(0).to_numpy(), batch.column(1).to_numpy()


def reach(far: float, threshold: float, parameters: Parameters) -> float:
    """Kilometres beyond which the place alone keeps a pair below the threshold."""
    if parameters.far_gate >= threshold:
        return far
    return parameters.near_km + (far - parameters.near_km) * (1 - threshold) / (1 - parameters.far_gate)
