"""Invented events as small frames, one line a case."""

from __future__ import annotations

from typing import Any

import pandas as pd

PLAIN: dict[str, Any] = {
    "event_date": "2024-03-06", "time_precision": 1, "date_start": None, "date_end": None, "country": "Mali", "admin1": "Gao", "admin2": None,
    "location": "Ansongo", "geo_precision": 1, "event_type": "Battles", "sub_event_type": "Armed clash", "fatalities": None, "fatalities_low": None,
    "fatalities_high": None, "fatalities_basis": None, "actor1": "Rioters (Mali)", "inter1": "Rioters", "actor2": None, "inter2": None,
    "assoc_actor_1": [], "assoc_actor_2": [],
}  # fmt: skip


def events(*rows: dict[str, Any]) -> pd.DataFrame:
    """A frame of events that differ from the plain one as told; ids are e0, e1, ..."""
    frame = pd.DataFrame([{"event_id": f"e{n}", **PLAIN, **row} for n, row in enumerate(rows)], columns=["event_id", *PLAIN])
    for name in ("event_date", "date_start", "date_end"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    for name in ("time_precision", "geo_precision", "fatalities", "fatalities_low", "fatalities_high"):
        frame[name] = frame[name].astype("Int64")
    return frame


def coverage(*rows: tuple[str, str | None, str, str]) -> pd.DataFrame:
    """A table of coverage: country, admin1, since, until."""
    return pd.DataFrame(list(rows), columns=["country", "admin1", "since", "until"])
