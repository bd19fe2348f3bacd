"""What a release tells of codings: from whose each value of an adjudicated event was taken, and nothing else of them."""

from __future__ import annotations

import json
from pathlib import Path
from unittest import mock

import pyarrow.parquet as pq
import pytest

from eventcoder import load, trace, validation
from eventcoder.clock import unstamp
from eventcoder.problem import Report
from eventcoder.releases import check_release
from eventcoder.releases.csvfile import write_csv
from eventcoder.releases.making.build import build_release
from eventcoder.releases.tables import write_parquet
from eventcoder.team.adjudication.adjudicating import Decision, adjudicate
from eventcoder.team.adjudication.cases import case_of
from eventcoder.validation import GateResult
from tests.conftest import Command
from tests.releases.sealing import seal, write_descriptor
from tests.team.blindly import SHELLING, TEXT, Room

UNTAKEN = "On 4 May 2026, teachers stood before the ministry in Shiraz (Fars)."


@pytest.mark.usefixtures("without_rules")
def test_a_release_says_from_whose_coding_a_value_came(tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(tmp_path, (TEXT, "Hidden words of a second paper on Shiraz."))
    hidden = room.documents[1]
    held = room.coded(1, "ana", {}, SHELLING) + room.coded(2, "ben", {"event_date": "2026-05-04", "notes": UNTAKEN}, SHELLING)
    held += room.coded(1, "ana", {"location": "Yazd"}, document=1, done=False)  # not adjudicated yet
    with room.desk("lea") as desk:
        known = desk.ledger.latest("document")[hidden]
        desk.ledger.append([desk.entry("document", hidden, {**known.body, "visibility": "undisclosed"}, [known.id])])
        case = case_of(desk, room.documents[0])
        shelling = next(row for row in case.rows if row.genuine[0].event.values["location"] == "Yazd")
        march = next(row for row in case.rows if row is not shelling)
        said = Decision(take={"event_date": "ben"}, given={"notes": "On 4 May 2026, teachers gathered in Shiraz (Fars)."}, reason="Read.",
                        errors={"event_date": "slip", "notes": "judgement"})  # fmt: skip
        event, other = (o.event_id for o in adjudicate(desk, [(case, [(march, said), (shelling, Decision(reason="Same."))])], allow_open=False))
        passed = GateResult(Report(), {}, "<html></html>")
        with mock.patch.object(validation, "gate", lambda *_, **__: passed):
            build_release(desk.project, desk.ledger, desk.codebook, time=unstamp(max(e.time for e in desk.ledger.entries())))
        releases = desk.project.releases_dir
    folder = next(p for p in releases.iterdir() if p.is_dir())
    assert sorted(load(releases)["event_id"]) == sorted([event, other])

    (act,) = (a for a in pq.read_table(folder / "acts.parquet").to_pylist() if a["event_id"] == event)
    taken = dict(text.split("=") for text in act["taken"])
    assert taken["event_date"] != taken["location"] and "notes" not in taken and act["decision"] == "adjudicated"
    found = trace(event, releases).set_index("field")["taken_from"]
    assert found["event_date"] == taken["event_date"] and found["location"] == taken["location"]
    assert found[["notes", "event_type"]].isna().all()
    monkeypatch.chdir(tmp_path)
    assert f"taken from the coding of {taken['event_date']}" in command("trace", event, "event_date", "--release", "latest").out

    # of the codings themselves there is nothing in any file
    secret = [*held, UNTAKEN, hidden, "Hidden words", f"{room.documents[0]}/1", "ana", "ben"]
    told = {}
    for path in folder.rglob("*"):
        if path.suffix == ".parquet":
            told[path.name] = json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False)
        elif path.is_file() and path.parts[-2] not in ("codebook", "codes", "lists"):
            told[path.name] = path.read_text("utf-8")
    assert len(told) > 20 and [(name, s) for name, text in told.items() for s in secret if f'"{s}"' in text or (len(s) > 5 and s in text)] == []

    # a release from before there was the column stays whole, and is read
    assert check_release(folder).errors == []
    acts = pq.read_table(folder / "acts.parquet").drop_columns(["taken"])
    write_parquet(acts, folder / "acts.parquet")
    write_csv(acts, folder / "acts.csv")
    raw = json.loads((folder / "datapackage.json").read_text("utf-8"))
    for resource in raw["resources"]:
        if resource["path"] == "acts.csv":
            resource["schema"]["fields"] = [f for f in resource["schema"]["fields"] if f["name"] != "taken"]
    write_descriptor(folder, raw)
    seal(folder)
    assert {p.code for p in check_release(folder).errors} <= {"dictionary-differs", "croissant-differs"}
    assert trace(event, folder).set_index("field")["taken_from"].isna().all()
