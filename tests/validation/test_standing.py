"""What `eventcoder validate` says about the events of a ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eventcoder.codebook import Codebook
from eventcoder.ledger import Ledger, new_entry, open_ledger
from eventcoder.validation import project_report
from tests.synthetic_events import synthetic_values
from tests.validation.tables import TODAY

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SYSTEM = {"event_id", "timestamp", "n_reports", "n_publishers", "codebook_version", "revision", "first_release", "last_changed"}


def store(ledger: Ledger, values: dict[str, Any], *, settled: bool = True, **body: Any) -> str:
    kept = {name: value for name, value in values.items() if name not in SYSTEM}
    act = {"act": "create", "values": kept, "codebook": "1.0.0", "settled": settled, **body}
    ledger.append([new_entry("act", values["event_id"], act, coder="ana", time=NOON)])
    return str(values["event_id"])


def test_clean_events_stand_well(tmp_path: Path, codebook: Codebook) -> None:
    with open_ledger(tmp_path / "ledger.sqlite") as ledger:
        for values in synthetic_values(20, 61):
            store(ledger, values)
        assert project_report(ledger, codebook, latest_today=TODAY).problems == []


def test_an_empty_ledger_stands_well(tmp_path: Path, codebook: Codebook) -> None:
    with open_ledger(tmp_path / "ledger.sqlite") as ledger:
        assert project_report(ledger, codebook, latest_today=TODAY).problems == []


def test_an_open_event_may_lack_things_and_a_settled_one_may_not(tmp_path: Path, codebook: Codebook) -> None:
    one, two = synthetic_values(2, 62)
    with open_ledger(tmp_path / "ledger.sqlite") as ledger:
        open_id = store(ledger, {**one, "location": None}, settled=False)
        settled_id = store(ledger, {**two, "location": None})
        report = project_report(ledger, codebook, latest_today=TODAY)
    told = {(p.code, p.event_id, p.severity) for p in report if p.field == "location"}
    assert told == {("missing-required", open_id, "warning"), ("missing-required", settled_id, "error")}
    assert not report.valid


def test_values_of_a_wrong_type_in_the_ledger_are_problems(tmp_path: Path, codebook: Codebook) -> None:
    (one,) = synthetic_values(1, 63)
    with open_ledger(tmp_path / "ledger.sqlite") as ledger:
        store(ledger, {**one, "fatalities": "a dozen", "tags": "crowd size=no report"})
        codes = {(p.code, p.field) for p in project_report(ledger, codebook, latest_today=TODAY)}
    assert ("not-a-whole-number", "fatalities") in codes
