"""Redaction removes content from every file and leaves a trace that can be checked."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from eventcoder.errors import NotFound, UsageError
from eventcoder.ledger import Ledger, open_ledger
from eventcoder.ledger.exchange.journal import export_journal, import_journal
from eventcoder.ledger.redaction import redaction_of, without_document

from .conftest import EVENT, act, created, moment

SECRET = "Zahra the baker told us"


def test_a_redacted_act_keeps_its_place_and_loses_its_content(ledger: Ledger, path: Path, tmp_path: Path) -> None:
    first = created(notes=SECRET)
    second = act("revise", parents=(first.id,), values={"fatalities": 2}, settled=True)
    ledger.append([first, second])
    stub = {**first.body, "values": {k: v for k, v in first.body["values"].items() if k != "notes"}}
    trace = ledger.redact(first.id, stub, coder="lead", time=moment(30), reason="source safety")
    head = ledger.head(EVENT)
    assert head is not None and "notes" not in head.values and (head.revision, head.values["fatalities"]) == (2, 2)
    assert [e.id for e in ledger.acts(EVENT)] == [first.id, second.id]
    assert [e.id for e in ledger.entries("redaction", subject=first.id)] == [trace.id]
    assert ledger.verify() == []
    assert all(SECRET.encode() not in file.read_bytes() for file in path.parent.iterdir())
    export_journal(ledger, tmp_path / "journal")
    assert all(SECRET not in file.read_text() for file in (tmp_path / "journal").iterdir())
    with open_ledger(tmp_path / "new.sqlite") as other:
        result = import_journal(other, tmp_path / "journal")
        assert result.problems == [] and other.head(EVENT) == head and other.verify() == []


def test_the_guard_lets_pass_the_stub_of_a_redaction_and_nothing_else(ledger: Ledger, path: Path) -> None:
    first = created(notes=SECRET)
    ledger.append([first, created("other")])
    ledger.redact(first.id, {"act": "create"}, coder="lead", time=moment(30), reason="court")
    raw = sqlite3.connect(path)
    for attempt in (
        "UPDATE entries SET body = '{}' WHERE seq = 1",
        "UPDATE entries SET body = '{\"act\":\"create\"}', coder = 'eve' WHERE seq = 1",
        'UPDATE entries SET body = \'{"act":"create"}\' WHERE seq = 2',
        'UPDATE entries SET body = \'{"act":"create"}\' WHERE seq = 3',
    ):
        with pytest.raises(sqlite3.IntegrityError):
            raw.execute(attempt)
    raw.close()


def test_the_old_content_does_not_come_back_with_an_old_journal(ledger: Ledger, tmp_path: Path) -> None:
    first = created(notes=SECRET)
    ledger.append([first])
    export_journal(ledger, tmp_path / "old")
    ledger.redact(first.id, {"act": "create", "values": {"country": "Iran"}}, coder="lead", time=moment(30), reason="court")
    export_journal(ledger, tmp_path / "new")
    heads = ledger.store.rows("SELECT * FROM heads")
    assert import_journal(ledger, tmp_path / "old").problems == []
    for order in (["old", "new"], ["new", "old"]):
        with open_ledger(tmp_path / f"{order[0]}.sqlite") as other:
            for name in order:
                assert import_journal(other, tmp_path / name).problems == []
            assert other.store.rows("SELECT * FROM heads") == heads and other.verify() == []
    assert ledger.store.rows("SELECT * FROM heads") == heads


def test_a_redacted_entry_cannot_be_given_to_another_coder(ledger: Ledger, tmp_path: Path) -> None:
    first = created(notes=SECRET)
    ledger.append([first])
    ledger.redact(first.id, {}, coder="lead", time=moment(30), reason="court")
    export_journal(ledger, tmp_path / "journal")
    file = tmp_path / "journal" / "ana-2026-03.jsonl"
    file.write_text(file.read_text().replace('"coder":"ana"', '"coder":"eve"'))
    with open_ledger(tmp_path / "new.sqlite") as other:
        assert "journal-entry-altered" in {p.code for p in import_journal(other, tmp_path / "journal").problems}


def test_of_two_redactions_the_one_that_leaves_less_stands_in_either_order(ledger: Ledger, tmp_path: Path) -> None:
    first = created(notes=SECRET)
    more = redaction_of(first, {"act": "create", "values": {"country": "Iran"}}, coder="lead", time=moment(2), reason="a")
    less = redaction_of(first, {"act": "create"}, coder="ben", time=moment(1), reason="b")
    for number, order in enumerate([[more, less], [less, more]]):
        with open_ledger(tmp_path / f"{number}.sqlite") as other:
            other.append([first, *order])
            assert other.head(EVENT).values == {} and other.verify() == []  # type: ignore[union-attr]


def test_a_redaction_needs_an_entry_and_a_reason_and_is_not_redacted_itself(ledger: Ledger) -> None:
    first = created()
    ledger.append([first])
    with pytest.raises(NotFound):
        ledger.redact("abc", {}, coder="lead", time=moment(1), reason="x")
    with pytest.raises(UsageError, match="reason"):
        ledger.redact(first.id, {}, coder="lead", time=moment(1), reason=" ")
    trace = ledger.redact(first.id, {}, coder="lead", time=moment(1), reason="x")
    with pytest.raises(UsageError, match="the trace"):
        ledger.redact(trace.id, {}, coder="lead", time=moment(1), reason="x")


def test_a_documents_quotes_can_be_taken_out_of_an_act() -> None:
    body = {
        "act": "create",
        "evidence": {"country": [{"document": "a", "quote": SECRET, "start": 1}, {"document": "b", "quote": "kept"}]},
        "counts": [{"document": "a", "words": "two", "low": 2}],
    }
    assert without_document(body, "a") == {
        "act": "create",
        "evidence": {"country": [{"document": "a", "quote": "", "start": 1}, {"document": "b", "quote": "kept"}]},
        "counts": [{"document": "a", "words": "", "low": 2}],
    }
