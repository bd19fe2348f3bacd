"""The ledger against the latest release (T25, T31)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from eventcoder.changelog.reasons import HELD
from eventcoder.codebook import Codebook
from eventcoder.documents import DocumentStore
from eventcoder.ledger import Ledger, new_entry, open_ledger
from eventcoder.validation import project_report
from eventcoder.validation.leftover import Leftovers
from eventcoder.validation.standing import values_table
from tests.synthetic_events import synthetic_values
from tests.validation.tables import TODAY

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 13, tzinfo=UTC)
SYSTEM = {"event_id", "timestamp", "n_reports", "n_publishers", "codebook_version", "revision", "first_release", "last_changed"}
VALUES = synthetic_values(6, 71)
IDS = [values["event_id"] for values in VALUES]


def act(ledger: Ledger, event_id: str, body: dict[str, Any]) -> None:
    head = ledger.head(event_id)
    ledger.append([new_entry("act", event_id, body, coder="ana", time=LATER if head else NOON, parents=head.heads if head else ())])


@pytest.fixture
def ledger(tmp_path: Path) -> Any:
    with open_ledger(tmp_path / "ledger.sqlite") as opened:
        for values in VALUES:
            kept = {name: value for name, value in values.items() if name not in SYSTEM}
            act(opened, values["event_id"], {"act": "create", "values": kept, "codebook": "1.0.0", "settled": True})
        yield opened


def tables(ledger: Ledger, codebook: Codebook) -> dict[str, pa.Table]:
    events = list(ledger.events(states=("settled",)))
    withdrawn = [e.event_id for e in ledger.events(states=("retracted", "merged"))]
    return {"events": values_table(events, codebook), "retracted": pa.table({"event_id": pa.array(withdrawn, pa.string())})}


def told(ledger: Ledger, codebook: Codebook, released: dict[str, pa.Table]) -> list[tuple[str, str | None, str | None]]:
    report = project_report(ledger, codebook, latest_today=TODAY, released=released)
    return [(p.code, p.event_id, p.field) for p in report if p.severity == "error"]


def changed(released: dict[str, pa.Table], event_id: str, column: str, value: Any) -> dict[str, pa.Table]:
    rows = released["events"].to_pylist()
    for row in rows:
        if row["event_id"] == event_id:
            row[column] = value
    return {**released, "events": pa.Table.from_pylist(rows, released["events"].schema)}


def test_what_was_released_as_the_ledger_has_it_is_fine(ledger: Ledger, codebook: Codebook) -> None:
    assert told(ledger, codebook, tables(ledger, codebook)) == []


def test_an_act_explains_the_columns_that_it_gives_and_no_others(ledger: Ledger, codebook: Codebook) -> None:
    released = tables(ledger, codebook)
    act(ledger, IDS[0], {"act": "revise", "values": {"location": "Tabriz"}, "reason": "corrected", "codebook": "1.0.0", "settled": True})
    assert told(ledger, codebook, released) == []
    before = changed(released, IDS[0], "notes", "On 1 May 2020, something else was written here and published.")
    assert told(ledger, codebook, before) == [("released-value-rewritten", IDS[0], "notes")]


def test_T31_a_released_value_that_changed_without_any_act(ledger: Ledger, codebook: Codebook) -> None:
    released = changed(tables(ledger, codebook), IDS[2], "fatalities", 917)
    assert told(ledger, codebook, released) == [("released-value-rewritten", IDS[2], "fatalities")]


def test_T25_released_events_that_the_ledger_does_not_have(ledger: Ledger, codebook: Codebook) -> None:
    released = tables(ledger, codebook)
    strange = released["events"].slice(0, 1).to_pylist()[0] | {"event_id": "z00000000001"}
    released["events"] = pa.concat_tables([released["events"], pa.Table.from_pylist([strange], released["events"].schema)])
    assert told(ledger, codebook, released) == [("released-event-absent", "z00000000001", "event_id")]
    released = changed(tables(ledger, codebook), IDS[1], "revision", 4)
    assert told(ledger, codebook, released) == [("revision-went-back", IDS[1], "revision")]


def test_a_withdrawn_event_comes_back_by_an_act_alone(ledger: Ledger, codebook: Codebook) -> None:
    gone = {**tables(ledger, codebook), "retracted": pa.table({"event_id": [IDS[3]]})}
    assert told(ledger, codebook, gone) == [("withdrawn-event-back", IDS[3], "event_id")]
    held = pa.table({"event_id": [IDS[3]], "reason": [f"{HELD} A better map."]})
    assert told(ledger, codebook, {**tables(ledger, codebook), "retracted": held}) == [], "it was open again, and nobody withdrew it"
    act(ledger, IDS[4], {"act": "retract", "reason": "did not happen"})
    released = tables(ledger, codebook)
    assert told(ledger, codebook, released) == []
    act(ledger, IDS[4], {"act": "restore", "reason": "it did"})
    assert told(ledger, codebook, released) == []


def test_acts_that_name_unknown_documents_and_drafts(ledger: Ledger, codebook: Codebook) -> None:
    act(ledger, IDS[0], {"act": "attach", "reports": [{"document": "f" * 16}], "settled": True})
    act(ledger, IDS[1], {"act": "revise", "values": {}, "draft": "d" * 12, "reason": "r", "settled": True})
    found = [(p.code, p.event_id, p.severity) for p in project_report(ledger, codebook, latest_today=TODAY)]
    assert found == [("unknown-document", IDS[0], "error"), ("unknown-draft", IDS[1], "error")]
    ledger.append([
        new_entry("document", "f" * 16, {"id": "f" * 16}, coder="ana", time=NOON),
        new_entry("draft", "d" * 12, {"fields": {}}, coder="rules", time=NOON),
    ])  # fmt: skip
    assert project_report(ledger, codebook, latest_today=TODAY).problems == []


def test_quotes_relations_and_successors_of_a_ledger_are_looked_at(ledger: Ledger, codebook: Codebook, tmp_path: Path) -> None:
    act(ledger, IDS[0], {"act": "relate", "relations": [{"kind": "response_to", "event_id": "z00000000009"}]})
    act(ledger, IDS[5], {"act": "merge", "successor": "z00000000008", "reason": "the same"})
    evidence = {"location": [{"document": "e" * 16, "start": 0, "end": 5, "quote": "Kesra"}]}
    act(ledger, IDS[1], {"act": "attach", "reports": [{"document": "e" * 16}], "evidence": evidence})
    ledger.append([new_entry("document", "e" * 16, {"id": "e" * 16}, coder="ana", time=NOON)])
    report = project_report(ledger, codebook, latest_today=TODAY, documents=DocumentStore(tmp_path / "documents"))
    assert {(p.code, p.event_id) for p in report} == {
        ("unknown-related-event", IDS[0]), ("unknown-successor", IDS[5]), ("document-text-missing", None),
    }  # fmt: skip


def test_values_in_columns_that_the_codebook_does_not_have_are_told(ledger: Ledger, codebook: Codebook) -> None:
    """T28: no table shows them, so nobody would see them go. What a migration gives up is meant to go."""
    act(ledger, IDS[0], {"act": "revise", "values": {"weather": "wet", "mood": "glad"}, "codebook": "1.0.0", "settled": True, "reason": "x"})
    version = codebook.version
    told = {"from": "0.9.0", "to": version, "column": "mood", "drop": True, "why": "Nobody used it."}
    given_up = replace(codebook, about={**codebook.about, "migration": [told]})
    found = [p for p in project_report(ledger, given_up, latest_today=TODAY) if p.code == "column-left-behind"]
    assert {(p.event_id, p.field, p.severity) for p in found} == {(IDS[0], "weather", "error"), (IDS[0], "mood", "warning")}
    assert all("codebook migrate" in p.message for p in found)
    stopping = Leftovers(given_up).stopping(ledger.event_texts("settled"), ["weather", "mood", "country"])
    assert [(p.field, p.value) for p in stopping] == [("weather", 1)]
