"""Places of events against the gazetteer: country, division, name and identity of each point. Floor 4.

The rules of the codebook know a box for each country; here the places around a point speak. Rows are first reduced to distinct spots (three
million rows have some hundred thousand), spots are judged by `points`, and what is found is told for every row that has the spot. The message
of a spot is one text, however many rows share it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.names import fold
from eventcoder.problem import Problem
from eventcoder.validation.points import Found, base_name, judged, thresholds
from eventcoder.validation.tally import limited

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook import Codebook
    from eventcoder.gazetteer.atlas import Atlas
    from eventcoder.problem import Severity

#: codes and their (highest) severity, for the document of a release
GEOGRAPHY: tuple[tuple[str, Severity], ...] = (
    ("coordinates-mistyped", "error"),
    ("point-outside-country", "error"),
    ("gazetteer-point-differs", "error"),
    ("point-near-border", "warning"),
    ("point-far-from-country", "warning"),
    ("point-outside-division", "warning"),
    ("point-of-another-place", "warning"),
    ("location-far-away", "warning"),
    ("town-precision-for-region", "warning"),
    ("many-places-one-point", "warning"),
)
_COLUMNS = {
    "latitude": "DOUBLE", "longitude": "DOUBLE", "country": "VARCHAR", "admin1": "VARCHAR", "location": "VARCHAR", "geo_precision": "INTEGER",
    "gazetteer_id": "VARCHAR",
}  # fmt: skip
_NEEDED = ("event_id", "latitude", "longitude", "country")
_NAMED = 3  # names that a message about a shared point quotes


def open_reference(codebook: Codebook) -> tuple[Atlas | None, list[Problem]]:
    """The packaged gazetteer, or None and one `no-gazetteer` that says why nothing is compared with it."""
    from eventcoder.errors import MissingPart
    from eventcoder.gazetteer.atlas import open_atlas

    try:
        return open_atlas(codebook), []
    except (MissingPart, OSError) as error:
        said = f"Points were not compared with the gazetteer: {error} Install it and check again."
        return None, [Problem("no-gazetteer", said, "info")]


def geography_problems(
    events: pa.Table, codebook: Codebook, atlas: Atlas, *, schema_dir: Path | None = None, most: int | None = None
) -> list[Problem]:
    """What the gazetteer says against the places of these events (a table with the codebook's columns; without point or country: nothing).

    `schema_dir` is the project's `schema/`, whose registers hold the thresholds and the disputed areas (default: the packaged ones).
    With `most`, so many problems of one check are told and the further ones counted (`tally`).
    """
    if not set(_NEEDED) <= set(events.column_names):
        return []
    import pyarrow as pa

    from eventcoder.codebook.duck import connect

    limits = thresholds(schema_dir)
    con = connect()
    try:
        con.register("events", events.select([name for name in ("event_id", *_COLUMNS) if name in events.column_names]))
        given = ", ".join(f"TRY_CAST({name if name in events.column_names else 'NULL'} AS {kind}) AS {name}" for name, kind in _COLUMNS.items())
        con.execute(f"CREATE VIEW spotted AS SELECT event_id, {given} FROM events")
        con.execute(
            f"""CREATE TABLE spots AS SELECT row_number() OVER (ORDER BY {", ".join(_COLUMNS)}) - 1 AS spot, * FROM (
            SELECT DISTINCT {", ".join(_COLUMNS)} FROM spotted
            WHERE country IS NOT NULL AND latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180)"""
        )
        spots = con.execute(f"SELECT {', '.join(_COLUMNS)} FROM spots ORDER BY spot").fetchall()
        found = list(judged(spots, atlas, codebook, limits, schema_dir))
        if found:
            pairs = pa.table({"spot": pa.array([f.spot for f in found], pa.int64()), "finding": pa.array(range(len(found)), pa.int64())})
            con.register("found", pairs)
        out = limited(_rows(con, found), most)
        out += _shared(con, int(limits["shared_point"]))
        return out
    finally:
        con.close()


def _rows(con: Any, found: list[Found]) -> Iterator[Problem]:
    """One problem for each row of each spot."""
    if not found:
        return
    same = " AND ".join(f"e.{name} IS NOT DISTINCT FROM s.{name}" for name in _COLUMNS)
    query = f"SELECT e.event_id, s.finding FROM spotted e JOIN (SELECT * FROM spots JOIN found USING (spot)) s ON {same} ORDER BY ALL"
    cursor = con.execute(query)
    while rows := cursor.fetchmany(50_000):
        for event_id, number in rows:
            one = found[number]
            yield Problem(one.code, one.message, one.severity, event_id, one.field, one.value)


def _shared(con: Any, most: int) -> Iterator[Problem]:
    """Points on which many different places stand with the precision of a town; once a point."""
    rows = con.execute(
        f"""SELECT latitude, longitude, country, min(event_id), count(*), list(DISTINCT location ORDER BY location) AS names FROM spotted
        WHERE geo_precision = 1 AND location IS NOT NULL AND latitude IS NOT NULL AND longitude IS NOT NULL
        GROUP BY latitude, longitude, country HAVING count(DISTINCT split_part(location, ' - ', 1)) >= {most} ORDER BY ALL"""
    ).fetchall()
    for latitude, longitude, country, event_id, count, names in rows:
        by_key = {fold(base_name(name)): base_name(name) for name in reversed(names)}
        if len(by_key) < most:
            continue
        few = ", ".join(sorted(by_key.values())[:_NAMED])
        said = (
            f"{len(by_key)} different places of {country} stand on one point ({latitude:g}, {longitude:g}) with geo_precision 1 in {count} events:"
            f" {few}, ... Look them up one by one, or give geo_precision 2 where the point only stands for them."
        )
        yield Problem("many-places-one-point", said, "warning", event_id, "latitude", latitude)
