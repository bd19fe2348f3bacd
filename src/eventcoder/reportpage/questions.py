"""Tables -> figures. Floor 5.

Every question is an aggregate that DuckDB answers over Arrow data where they lie: in memory, or in a Parquet file that is read in pieces, two or
three columns at a time. Nothing here grows with the number of events but through the places and countries that they have. Sums are of whole
numbers and every order has a last word, so that the same events give the same figures whatever thread came first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.reportpage.periods import Periods, between, start_sql

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.dataset as ds
    from duckdb import DuckDBPyConnection

    from eventcoder.codebook import Codebook

LISTED = 20  # places, actors and countries that the page names
POINTS = 1500  # places that are drawn one by one; more are drawn as clusters
CLUSTERS = 1200
GRIDS = (0.25, 0.5, 1, 2, 3, 5, 8)  # sides of a cluster's cell in degrees: the finest with at most `CLUSTERS` of them is taken
_KINDS = {
    "event_id": "VARCHAR", "event_date": "DATE", "country": "VARCHAR", "admin1": "VARCHAR", "location": "VARCHAR", "event_type": "VARCHAR",
    "sub_event_type": "VARCHAR", "actor1": "VARCHAR", "actor2": "VARCHAR", "latitude": "DOUBLE", "longitude": "DOUBLE",
    "time_precision": "BIGINT", "geo_precision": "BIGINT", "fatalities": "BIGINT", "fatalities_low": "BIGINT", "fatalities_high": "BIGINT",
    "fatalities_basis": "VARCHAR",
}  # fmt: skip
_REPORTED = "coalesce(fatalities, fatalities_low)"
# who says that nobody was killed has said the highest figure too: the rules of `analysis.deaths`, so that page and fatality_scenarios() agree
_HIGH = f"coalesce(fatalities_high, CASE WHEN {_REPORTED} = 0 AND fatalities_basis = 'none' THEN 0 END)"
_DEATHS = (
    f"CAST(coalesce(sum(coalesce(fatalities_low, fatalities)), 0) AS BIGINT) AS low, CAST(coalesce(sum({_REPORTED}), 0) AS BIGINT) AS reported, "
    f"CAST(coalesce(sum(coalesce({_HIGH}, greatest({_REPORTED}, fatalities_low))), 0) AS BIGINT) AS high, "
    f"count(*) FILTER ({_HIGH} IS NULL AND {_REPORTED} IS NOT NULL) AS unbounded, count(*) FILTER ({_REPORTED} IS NULL) AS silent"
)


@dataclass(frozen=True, slots=True)
class Deaths:
    """People killed in some events: sums of what was reported. `high` is a least sum where `unbounded` events have no highest figure;
    `silent` events say nothing of deaths and are in no sum."""

    events: int
    low: int
    reported: int
    high: int
    unbounded: int
    silent: int

    @property
    def sums(self) -> tuple[int | None, int | None, int | None]:
        """Low, reported, high; None where no event says anything of deaths, which is not zero."""
        return (self.low, self.reported, self.high) if self.events > self.silent else (None, None, None)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the map, or a cell with its middle, and how many events it stands for; `exact` ones among them are placed at a town."""

    name: str
    latitude: float
    longitude: float
    events: int
    exact: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a page says in numbers. Lists are in the order in which they are shown."""

    total: Deaths
    first: date | None
    last: date | None
    countries: list[tuple[str, Deaths, date | None]]  # and the day of the last event
    types: list[tuple[str, str, Deaths]]  # event type, sub-event type
    places: list[tuple[str, Deaths]]
    actors: list[tuple[str, int]]
    n_places: int
    n_actors: int
    precision: dict[tuple[int | None, int | None], int]  # (time, place) -> events
    spots: list[Spot]
    clustered: float  # side of a cell in degrees; 0: each spot is one place
    unplaced: int
    periods: Periods
    timeline: dict[tuple[date, str], int] = field(default_factory=dict)
    deaths: dict[date, Deaths] = field(default_factory=dict)
    by_week: dict[tuple[str, date], int] = field(default_factory=dict)  # (country, first day) -> events: what coverage is held against
    by_year: dict[tuple[str, date], int] = field(default_factory=dict)


def figures(events: pa.Table | ds.Dataset, condition: str = "TRUE", codebook: Codebook | None = None, today: date | None = None) -> Figures:
    """The figures of the events for which `condition` (SQL, see `codebook.duck.node_sql`) is true. `codebook` is needed by conditions that
    look up codes. A column that the events lack is null."""
    from eventcoder.codebook.duck import connect, prepare

    with connect() as con:
        if codebook is not None:
            prepare(con, codebook, today)
        con.register("source", events)
        names = set(events.schema.names)
        columns = ", ".join(f'CAST("{n}" AS {kind}) AS {n}' if n in names else f"CAST(NULL AS {kind}) AS {n}" for n, kind in _KINDS.items())
        if condition == "TRUE":
            con.execute(f"CREATE TEMP VIEW asked AS SELECT {columns} FROM source")
        else:  # looked for once: every question would look again
            con.execute(f"CREATE TEMP TABLE asked AS SELECT {columns} FROM ({_nulled(events)}) AS given WHERE {condition}")
        return _answers(con)


def _nulled(events: pa.Table | ds.Dataset) -> str:
    """The source with null for empty lists, as the expressions of a codebook see them."""
    import pyarrow as pa

    lists = [f.name for f in events.schema if pa.types.is_list(f.type)]
    if not lists:
        return "SELECT * FROM source"
    replaced = ", ".join(f'CASE WHEN len("{name}") > 0 THEN "{name}" END AS "{name}"' for name in lists)
    return f"SELECT * REPLACE ({replaced}) FROM source"


def _answers(con: DuckDBPyConnection) -> Figures:
    def ask(sql: str) -> list[tuple[Any, ...]]:
        return con.execute(sql).fetchall()

    *facts, first, last, unplaced = ask(
        f"SELECT count(*), {_DEATHS}, min(event_date), max(event_date), count(*) FILTER (latitude IS NULL OR longitude IS NULL) FROM asked"
    )[0]
    periods = between(first, last)
    spots, clustered = _spots(con)
    start = start_sql(periods.unit)
    place = "concat_ws(', ', location, admin1, country)"
    actors = (
        "SELECT actor, count(*) AS n FROM (SELECT actor1 AS actor FROM asked UNION ALL "
        "SELECT actor2 FROM asked WHERE actor2 IS DISTINCT FROM actor1) WHERE actor IS NOT NULL GROUP BY actor"
    )
    return Figures(
        total=Deaths(*facts),
        first=first,
        last=last,
        countries=[
            (row[0], Deaths(*row[1:-1]), row[-1])
            for row in ask(f"SELECT coalesce(country, '') AS c, count(*) AS n, {_DEATHS}, max(event_date) FROM asked GROUP BY c ORDER BY n DESC, c")
        ],
        types=[
            (row[0], row[1], Deaths(*row[2:]))
            for row in ask(
                f"SELECT coalesce(event_type, '') AS t, coalesce(sub_event_type, '') AS s, count(*) AS n, {_DEATHS} FROM asked GROUP BY t, s "
                "ORDER BY sum(n) OVER (PARTITION BY t) DESC, t, n DESC, s"
            )
        ],
        places=[
            (row[0], Deaths(*row[1:]))
            for row in ask(
                f"SELECT {place} AS p, count(*) AS n, {_DEATHS} FROM asked WHERE location IS NOT NULL GROUP BY p ORDER BY n DESC, p LIMIT {LISTED}"
            )
        ],
        actors=[(row[0], row[1]) for row in ask(f"{actors} ORDER BY n DESC, actor LIMIT {LISTED}")],
        n_places=ask("SELECT count(*) FROM (SELECT DISTINCT country, admin1, location FROM asked WHERE location IS NOT NULL)")[0][0],
        n_actors=ask(f"SELECT count(*) FROM ({actors})")[0][0],
        precision={(row[0], row[1]): row[2] for row in ask("SELECT time_precision, geo_precision, count(*) FROM asked GROUP BY ALL ORDER BY ALL")},
        spots=spots,
        clustered=clustered,
        unplaced=unplaced,
        periods=periods,
        timeline={
            (row[0], row[1]): row[2]
            for row in ask(
                f"SELECT {start} AS d, coalesce(event_type, '') AS t, count(*) FROM asked WHERE event_date IS NOT NULL GROUP BY d, t ORDER BY d, t"
            )
        },
        deaths={
            row[0]: Deaths(*row[1:])
            for row in ask(f"SELECT {start} AS d, count(*), {_DEATHS} FROM asked WHERE event_date IS NOT NULL GROUP BY d ORDER BY d")
        },
        by_week=_by_country(con, "week"),
        by_year=_by_country(con, "year"),
    )


def _by_country(con: DuckDBPyConnection, unit: str) -> dict[tuple[str, date], int]:
    rows = con.execute(
        f"SELECT country, {start_sql(unit)} AS d, count(*) FROM asked WHERE country IS NOT NULL AND event_date IS NOT NULL GROUP BY country, d"
    ).fetchall()
    return {(country, day): n for country, day, n in rows}


def _spots(con: DuckDBPyConnection) -> tuple[list[Spot], float]:
    """One spot a place while they are few, else one a cell of a grid, at the middle of its events, named after its most frequent place."""
    points = (
        "SELECT CAST(round(latitude * 10000) AS BIGINT) AS y, CAST(round(longitude * 10000) AS BIGINT) AS x, location AS name, "
        "count(*) AS n, count(*) FILTER (geo_precision = 1) AS exact FROM asked "
        "WHERE latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180 GROUP BY y, x, name"
    )
    con.execute(f"CREATE TEMP TABLE points AS {points}")
    if con.execute("SELECT count(*) FROM points").fetchall()[0][0] <= POINTS:
        rows = con.execute("SELECT name, y / 10000, x / 10000, n, exact FROM points ORDER BY n DESC, y, x, name").fetchall()
        return [Spot(row[0] or "", *row[1:]) for row in rows], 0.0
    for side in GRIDS:
        cell = f"y // {int(side * 10000)} AS cy, x // {int(side * 10000)} AS cx"
        rows = con.execute(
            f"SELECT arg_max(name, (n, name)), (sum(y * n) / sum(n)) / 10000, (sum(x * n) / sum(n)) / 10000, CAST(sum(n) AS BIGINT), "
            f"CAST(sum(exact) AS BIGINT) FROM (SELECT *, {cell} FROM points) GROUP BY cy, cx ORDER BY 4 DESC, cy, cx"
        ).fetchall()
        if len(rows) <= CLUSTERS or side == GRIDS[-1]:
            break
    return [Spot(row[0] or "", *row[1:]) for row in rows], side


def grouped(types: Sequence[tuple[str, str, Deaths]]) -> list[tuple[str, Deaths]]:
    """Sums by event type, in the order of the list."""
    out: dict[str, list[Deaths]] = {}
    for kind, _, one in types:
        out.setdefault(kind, []).append(one)
    return [(kind, added(several)) for kind, several in out.items()]


def added(several: Sequence[Deaths]) -> Deaths:
    """The sum of several."""
    return Deaths(*(sum(getattr(one, name) for one in several) for name in Deaths.__dataclass_fields__))
