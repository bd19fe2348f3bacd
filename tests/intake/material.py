"""Invented rows for the tests of intake, written out as a foreign program or a person would."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

ACLED = (
    "event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type", "sub_event_type", "actor1", "assoc_actor_1", "inter1",
    "actor2", "assoc_actor_2", "inter2", "interaction", "civilian_targeting", "iso", "region", "country", "admin1", "admin2", "admin3", "location",
    "latitude", "longitude", "geo_precision", "source", "source_scale", "notes", "fatalities", "tags", "timestamp",
)  # fmt: skip


def protest(**changes: str) -> dict[str, str]:
    """A peaceful protest in Shiraz as an export of 2024 or later has it."""
    row = {
        "event_id_cnty": "IRN90001", "event_date": "2025-05-16", "year": "2025", "time_precision": "1", "disorder_type": "Demonstrations",
        "event_type": "Protests", "sub_event_type": "Peaceful protest", "actor1": "Protesters (Iran)", "assoc_actor_1": "Labor Group (Iran)",
        "inter1": "Protesters", "actor2": "", "assoc_actor_2": "", "inter2": "", "interaction": "Protesters only", "civilian_targeting": "",
        "iso": "364", "region": "Middle East", "country": "Iran", "admin1": "Fars", "admin2": "Shiraz", "admin3": "", "location": "Shiraz",
        "latitude": "29.6104", "longitude": "52.5311", "geo_precision": "1", "source": "Alburia Courier; Mill Gazette", "source_scale": "National",
        "notes": "On 16 May 2025, about 40 bakers gathered in Shiraz (Fars) over the price of flour.", "fatalities": "0",
        "tags": "crowd size=about 40", "timestamp": "1748000000",
    }  # fmt: skip
    return {**row, **changes}


def clash(**changes: str) -> dict[str, str]:
    """An armed clash in Maiduguri with five dead."""
    row = protest(
        event_id_cnty="NIG90002", event_date="2025-05-17", disorder_type="Political violence", event_type="Battles", sub_event_type="Armed clash",
        actor1="Military Forces of Nigeria (2023-)", assoc_actor_1="", inter1="State forces", actor2="Unidentified Armed Group (Nigeria)",
        inter2="Political militia", interaction="State forces-Political militia", iso="566", region="Western Africa", country="Nigeria",
        admin1="Borno", admin2="Maiduguri", location="Maiduguri", latitude="11.8464", longitude="13.1603", fatalities="5", tags="",
        notes="On 17 May 2025, soldiers and unidentified gunmen exchanged fire at a bridge in Maiduguri (Borno). Five people were killed.",
    )  # fmt: skip
    return {**row, **changes}


def numeric(row: Mapping[str, str]) -> dict[str, str]:
    """The row as a file of 2023 has it: numbers for classes of actors, 0 for no second actor, the export tool's dates."""
    codes = {"State forces": "1", "Political militia": "3", "Protesters": "6", "": "0"}
    first, second = codes[row["inter1"]], codes[row["inter2"]]
    pair = "".join(sorted(first + second)) if second != "0" else first + "0"
    day = {"2025-05-16": "16 May 2025", "2025-05-17": "17 May 2025"}.get(row["event_date"], row["event_date"])
    return {**row, "inter1": first, "inter2": second, "interaction": pair, "event_date": day}


def csv_text(rows: Iterable[Mapping[str, str]], columns: Sequence[str] = ACLED, delimiter: str = ",", newline: str = "\n") -> str:
    """CSV of the rows."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=newline)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([row.get(c, "") for c in columns])
    return out.getvalue()
