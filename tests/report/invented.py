"""A few invented events as a table, with the columns that the page asks for; the rest of the codebook is not needed to count."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from eventcoder.dataset.schemas import SIDE_SCHEMAS

KINDS: dict[str, pa.DataType] = {
    "event_id": pa.string(), "event_date": pa.date32(), "country": pa.string(), "admin1": pa.string(), "location": pa.string(),
    "event_type": pa.string(), "sub_event_type": pa.string(), "disorder_type": pa.string(), "actor1": pa.string(), "actor2": pa.string(),
    "tags": pa.list_(pa.string()), "latitude": pa.float64(), "longitude": pa.float64(), "time_precision": pa.int64(), "geo_precision": pa.int64(),
    "fatalities": pa.int64(), "fatalities_low": pa.int64(), "fatalities_high": pa.int64(),
    "fatalities_basis": pa.string(),
}  # fmt: skip
FIRST = date(2026, 3, 7)  # a Saturday
BLANK: dict[str, Any] = {
    "country": "Iran", "admin1": "Fars", "location": "Shiraz", "event_type": "Protests", "sub_event_type": "Peaceful protest",
    "disorder_type": "Demonstrations", "actor1": "Protesters (Iran)", "tags": [], "latitude": 29.6, "longitude": 52.5, "time_precision": 1,
    "geo_precision": 1,
}  # fmt: skip


def event(number: int = 0, **given: Any) -> dict[str, Any]:
    """One event: a peaceful protest in Shiraz on the first day, of which nobody says whether people died."""
    return {"event_id": f"e{number:011d}", "event_date": FIRST, **BLANK, **given}


def table(*events: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(events), schema=pa.schema(list(KINDS.items())))


def several(n: int) -> pa.Table:
    """Events of three types in three countries over many weeks, with and without deaths."""
    kinds = (("Protests", "Peaceful protest"), ("Battles", "Armed clash"), ("Violence against civilians", "Attack"))
    places = (("Iran", "Shiraz", 29.6, 52.5), ("Nigeria", "Kano", 12.0, 8.5), ("Chile", "Santiago", -33.4, -70.6))
    out = []
    for number in range(n):
        kind, sub = kinds[number % 3]
        country, town, latitude, longitude = places[number % 7 % 3]
        killed = {"fatalities": number % 5, "fatalities_low": number % 5, "fatalities_high": number % 5 + 2} if kind != "Protests" else {}
        place = {"country": country, "location": town, "latitude": latitude + number % 11 / 10, "longitude": longitude + number % 13 / 10}
        day = FIRST + timedelta(days=number * 3 % 200)
        out.append(event(number, event_type=kind, sub_event_type=sub, event_date=day, geo_precision=1 + number % 3, **place, **killed))
    return table(*out)


def read(*rows: tuple[str, str | None, date, date]) -> pa.Table:
    """A table `coverage`: country, division, first and last day."""
    blank = {"publishers": [], "coder": "coder-1", "note": None}
    return pa.Table.from_pylist(
        [{"country": c, "admin1": a, "since": since, "until": until, **blank} for c, a, since, until in rows], schema=SIDE_SCHEMAS["coverage"]
    )
