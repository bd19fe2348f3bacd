"""`eventcoder evaluate` as a user calls it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Command

TEXT = """Teachers march in Shiraz over late salaries

SHIRAZ, Iran (QD) - Some 200 teachers marched peacefully through Shiraz on Sunday to demand the payment of late salaries, organisers said.

At least 140 people have been killed in protests across the country since 2021, according to rights groups."""
GOLD: dict[str, Any] = {
    "document": "march", "published": "2026-05-04", "text": TEXT, "language": "en", "publisher": "Qasr Daily",
    "statements": [
        {"id": "h", "quote": "Teachers march in Shiraz over late salaries", "status": "attribute", "fields": {"same_as": "a"}},
        {
            "id": "a", "quote": "Some 200 teachers marched peacefully through Shiraz on Sunday", "status": "codable",
            "fields": {
                "event_date": "2026-05-03", "sub_event_type": "Peaceful protest", "country": "Iran", "location": "Shiraz",
                "crowd_low": 200, "fatalities": None,
            },
        },
        {"id": "t", "quote": "At least 140 people have been killed in protests across the country since 2021", "status": "aggregate"},
    ],
    "forbidden": [{"fatalities": 140}],
}  # fmt: skip


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(GOLD) + "\n", "utf-8")
    return path


def test_gold_with_its_own_text_needs_no_project_and_no_ingest(command: Command, gold: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    ran = command("evaluate", gold)
    for told in ("engine rules", "within 25 km", "lenient", "Rows that must not be", "Keystrokes from draft to gold", "1 documents"):
        assert told in ran.out
    assert not list(elsewhere.iterdir()), "nothing is stored"


def test_json_has_every_figure_and_strict_readers_can_read_it(command: Command, gold: Path) -> None:
    found = command("evaluate", gold, "--json").one
    assert found["engine"] == "rules" and found["documents"] == 1
    assert found["events"]["lenient"]["found"] == 1 and found["events"]["lenient"]["f1"]["value"] == 1
    assert found["fields"]["location"]["value"] == 1
    assert sum(found["never_rows"].values()) == 0
    assert found["keystrokes"]["review"] < found["keystrokes"]["blank"]
    again = command("evaluate", gold, "--json").one
    assert again == found, "the same drafts, the same figures and intervals"


def test_errors_are_written_as_a_table(command: Command, tmp_path: Path, gold: Path) -> None:
    wrong = json.loads(gold.read_text("utf-8"))
    wrong["statements"][1]["fields"]["fatalities"] = 3
    gold.write_text(json.dumps(wrong) + "\n", "utf-8")
    command("evaluate", gold, "--errors-csv", tmp_path / "errors.csv")
    with (tmp_path / "errors.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {"statement": "a", "what": "fatalities", "wanted": "3", "got": ""}.items() <= next(r for r in rows if r["what"] == "fatalities").items()
    refused = command("evaluate", gold, "--errors-csv", tmp_path / "absent" / "errors.csv", code=None)
    assert refused.code == 2 and "cannot be written" in refused.err


def test_one_step_can_be_scored_alone(command: Command, gold: Path) -> None:
    found = command("evaluate", gold, "--step", "type", "--json").one
    assert (found["step"], found["quotes"], found["weighted_f1"]["value"]) == ("type", 1, 1)
    assert "Unknown step" in command("evaluate", gold, "--step", "colour", code=None).err


def test_unknown_engines_and_documents_are_named(command: Command, gold: Path) -> None:
    assert "Unknown engine 'oracle'" in command("evaluate", gold, "--engine", "oracle", code=None).err
    with gold.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({"document": "absent.txt", "statements": []}) + "\n")
    ran = command("evaluate", gold, "--json", code=1)
    assert "absent.txt" in ran.err and ran.one["documents"] == 1, "what can be scored is scored"


def test_ingested_documents_are_found_by_their_names(command: Command, gold: Path, tmp_path: Path) -> None:
    (tmp_path / "march.txt").write_text(f"Date: 2026-05-04\n\n{TEXT}\n", "utf-8")
    command("ingest", tmp_path / "march.txt", "--published", "2026-05-04", code=None)
    named = {k: v for k, v in GOLD.items() if k not in ("text", "language", "publisher")} | {"document": "march.txt"}
    gold.write_text(json.dumps(named) + "\n", "utf-8")
    assert command("evaluate", gold, "--json").one["events"]["lenient"]["found"] == 1
