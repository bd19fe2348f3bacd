"""`validate` holds the ledger against what is at hand: gazetteer, registers, texts, the latest release."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq

from tests.releases.workshop import Workshop


def test_points_actors_and_the_latest_release_are_looked_at(command, tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "weir")
    root, ids = workshop.project.root, workshop.ids
    folder = workshop.release(gated="rules").folder
    before = command("validate", "--project", root)
    assert "no errors, no warnings" in before.out and "document-text-missing" in before.out
    wrong = {"country": "Iraq", "location": "Nowhere", "latitude": 33.5736, "longitude": 46.7185, "geo_precision": 1, "admin1": None}
    workshop.act(ids[4], {"act": "revise", "values": wrong, "reason": "a test", "settled": True})
    workshop.ledger.close()
    assert folder is not None
    events = pq.read_table(folder / "events.parquet")
    rows = events.to_pylist()
    next(row for row in rows if row["event_id"] == ids[7])["notes"] = "On 1 May 2020, something else was published in the release."
    pq.write_table(events.from_pylist(rows, events.schema), folder / "events.parquet")
    problems = json.loads(command("validate", "--project", root, "--json", code=1).out)["problems"]
    told = {(p["code"], p["event_id"]) for p in problems}
    assert {("point-outside-country", ids[4]), ("released-value-rewritten", ids[7])} <= told
    message = next(p["message"] for p in problems if p["code"] == "point-outside-country")
    assert "Sarāb-e Kalān in Iran, 0 km away" in message


def test_a_damaged_release_is_said_and_the_rest_is_checked(command, tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "weir")
    folder = workshop.release(gated="rules").folder
    workshop.ledger.close()
    assert folder is not None
    (folder / "events.parquet").write_bytes(b"PAR1")
    ran = command("validate", "--project", workshop.project.root)
    assert "The ledger is not compared with the latest release" in ran.err and "no errors" in ran.out
