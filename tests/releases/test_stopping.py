"""Likely duplicates stop a release until a person decides; what a coder says about two events, and where they come from, counts."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from eventcoder.errors import ReleaseError
from eventcoder.releases import ReleaseResult, check_release
from tests.releases.test_check import codes, seal
from tests.releases.workshop import SYSTEM, Workshop, book

TWIN = "a00000000009"


def with_twin(root: Path, origin: dict[str, str] | None = None, other_origin: dict[str, str] | None = None) -> Workshop:
    """A workshop in which the first event was told a second time by another paper."""
    workshop = Workshop(root, 6, duplicate_stop=0.9)
    first = workshop.values[0]
    told = {k: v for k, v in first.items() if k not in SYSTEM and k not in ("event_id", "event_id_cnty") and v not in (None, [])}
    told |= {"event_id_cnty": first["event_id_cnty"][:3] + "1000000009", "notes": told["notes"].replace("On ", "It is said that on ")}
    body: dict[str, Any] = {"act": "create", "values": told, "settled": True, "codebook": book().version}
    if other_origin:
        body["import"] = other_origin
    workshop.act(TWIN, body)
    if origin:
        imported = {**told, "event_id_cnty": first["event_id_cnty"][:3] + "1000000010", "notes": told["notes"] + " More is expected."}
        workshop.act("a00000000010", {**body, "values": imported, "import": origin})
        workshop.act(first["event_id"], {"act": "retract", "reason": "taken from elsewhere instead"})
    return workshop


def stopped(workshop: Workshop) -> list[tuple[str, str | None]]:
    """What stops the release of this workshop, by code and event."""
    try:
        workshop.release(gated="rules", dry_run=True)
    except ReleaseError as error:
        return [(p.code, p.event_id) for p in error.problems if p.severity == "error"]
    finally:
        workshop.ledger.close()
    return []


def test_T14_an_undecided_pair_stops_the_release_and_nothing_is_written(tmp_path: Path) -> None:
    workshop = with_twin(tmp_path / "project")
    later = max(TWIN, workshop.ids[0])
    with pytest.raises(ReleaseError, match=r"Merge them with 'eventcoder merge .*eventcoder duplicates") as caught:
        workshop.release(gated="rules")
    assert [(p.code, p.event_id) for p in caught.value.problems if p.severity == "error"] == [("undecided-duplicate", later)]
    assert [p.name for p in workshop.project.releases_dir.iterdir()] == [".lock"]
    workshop.ledger.close()


def test_T14_a_coder_who_calls_them_different_clears_the_pair(tmp_path: Path) -> None:
    workshop = with_twin(tmp_path / "project")
    said = {"kind": "different", "event_id": workshop.ids[0], "note": "two marches, an hour apart"}
    workshop.act(TWIN, {"act": "relate", "relations": [said], "settled": True})
    assert stopped(workshop) == []


def test_merging_them_clears_the_pair(tmp_path: Path) -> None:
    workshop = with_twin(tmp_path / "project")
    workshop.act(workshop.ids[0], {"act": "merge", "merged": [TWIN], "settled": True})
    workshop.act(TWIN, {"act": "merge", "successor": workshop.ids[0], "reason": "one march"})
    assert stopped(workshop) == []


@pytest.mark.parametrize(
    ("one", "other", "stops"),
    [
        ({"dialect": "acled", "file": "a.csv"}, {"dialect": "acled", "file": "b.csv"}, False),
        ({"dialect": "native", "file": "a.csv"}, {"dialect": "native", "file": "a.csv"}, False),
        ({"dialect": "native", "file": "a.csv"}, {"dialect": "native", "file": "b.csv"}, True),
        ({"dialect": "acled", "file": "a.csv"}, None, True),
    ],
)
def test_T14_two_events_of_one_dataset_do_not_stop_it(tmp_path: Path, one: dict[str, str], other: dict[str, str] | None, stops: bool) -> None:
    found = stopped(with_twin(tmp_path / "project", one, other))
    assert [code for code, _ in found] == (["undecided-duplicate"] if stops else [])


def changes_of(result: ReleaseResult) -> list[dict[str, str]]:
    assert result.folder is not None
    with (result.folder / "changes.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_T25_events_that_come_out_of_another_are_split(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "project", 4)
    workshop.act(workshop.ids[0], {"act": "merge", "merged": [workshop.ids[1]], "settled": True})
    workshop.act(workshop.ids[1], {"act": "merge", "successor": workshop.ids[0], "reason": "one march"})
    kept = {k: v for k, v in workshop.values[2].items() if k not in SYSTEM and k not in ("event_id", "event_id_cnty") and v not in (None, [])}
    workshop.release()
    workshop.act(workshop.ids[2], {"act": "merge", "successor": workshop.ids[3], "reason": "one raid"})
    workshop.release()
    workshop.act(workshop.ids[2], {"act": "restore", "settled": True, "reason": "two raids after all"})
    part = {"act": "create", "values": kept, "settled": True, "codebook": book().version, "reason": "a second town"}
    workshop.act("a00000000011", {**part, "relations": [{"kind": "split_from", "event_id": workshop.ids[3]}]})
    result = workshop.release()
    split = [(r["event_id"], r["split_from"], r["reason"]) for r in changes_of(result) if r["op"] == "split"]
    assert sorted(split) == sorted([(workshop.ids[2], workshop.ids[3], "two raids after all"), ("a00000000011", workshop.ids[3], "a second town")])
    assert (result.changes["split"], result.changes["added"]) == (2, 0)
    workshop.ledger.close()


def test_check_finds_a_validation_that_the_tables_do_not_give(releases: Path) -> None:
    folder = releases / "2026.11.1"
    path = folder / "validation.json"
    said = json.loads(path.read_text("utf-8"))
    assert said["great_expectations"]["evaluated"] > 100
    said["rules"][0]["problems"] = 99
    said["great_expectations"]["results"].pop()
    path.write_text(json.dumps(said), "utf-8")
    seal(folder)
    (problem,) = check_release(folder).errors
    assert (problem.code, problem.where) == ("validation-differs", "validation.json")
    assert "rules, great_expectations" in problem.message


def test_check_finds_what_a_release_without_its_gate_let_through(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "project", 4)
    same = {k: v for k, v in workshop.values[0].items() if k not in SYSTEM and k != "event_id" and v not in (None, [])}
    workshop.act("a00000000012", {"act": "create", "values": same, "settled": True, "codebook": book().version})
    folder = workshop.release(gated="").folder
    assert folder is not None
    assert codes(folder) == {"validation-differs", "duplicate-event-id-cnty"}, "the keyed checks are run, and the empty verdict is seen"
    workshop.ledger.close()
