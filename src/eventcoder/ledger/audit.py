"""Checking a ledger and rebuilding what is derived. Finds an edited database, which the guards alone cannot prevent.

A gap in the numbers is damage, unless the ledger says that entries of a dropped import stood there. Floor 2.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from eventcoder.errors import LedgerError
from eventcoder.ledger import work
from eventcoder.ledger.backend import Store
from eventcoder.ledger.batches import unsealed
from eventcoder.ledger.entry import content_fault, from_row
from eventcoder.ledger.fold import fold
from eventcoder.ledger.folded import Folded
from eventcoder.ledger.heads import COLUMNS, head_row
from eventcoder.ledger.hidden import VISIBLE, joined, without
from eventcoder.ledger.redaction import is_redacted_form, least_stub
from eventcoder.ledger.sweep import abandon
from eventcoder.problem import Problem

_RESTORE = "Restore a backup, or build the ledger anew from raw/journal/."
_ALL = "SELECT e.id, e.kind, e.subject, e.parents, e.coder, e.role, e.time, e.body, e.seq FROM entries AS e"


def rebuild(store: Store, *, first: Callable[[], None] | None = None, last: Callable[[], None] | None = None) -> int:
    """What `Ledger.rebuild` does: the same acts give the same rows, byte for byte. What killed imports left behind goes, too.

    `first` and `last` are done in the same transaction, before and after.
    """
    counted = 0

    def counting() -> Iterator[Folded]:
        nonlocal counted
        for folded in _folds(store):
            counted += 1
            yield folded

    with store.importing():
        abandon(store)
        with store.writing():
            store.restore_guards()
            if first is not None:
                first()
            store.staging.replace(store, map(head_row, counting()))
            work.rebuild(store)
            if last is not None:
                last()
        store.staging.clear(store)
    return counted


def _folds(store: Store) -> Iterator[Folded]:
    rows = store.each(f"{_ALL} WHERE e.kind = 'act' AND {VISIBLE} ORDER BY e.subject, e.seq")
    for _, group in groupby(rows, key=lambda row: row[2]):
        yield fold([from_row(row) for row in group])


def verify(store: Store) -> list[Problem]:
    """What `Ledger.verify` does; [] if all is well."""
    damage = store.damage()
    if damage:
        return [Problem("ledger-file-damaged", f"The ledger's file is damaged: {'; '.join(damage)}. {_RESTORE}")]
    with store.snapshot() as still:
        problems = [
            Problem("ledger-guard-missing", f"The guard '{name}' that keeps entries from being changed is missing or altered. "
                    "Run 'eventcoder doctor --rebuild', and check this ledger against its journal.")
            for name in still.missing_guards()
        ]  # fmt: skip
        problems += _entry_problems(still)
        if not any(p.code in ("ledger-entry-altered", "ledger-parent-missing") for p in problems):
            problems += _head_problems(still)
            if work.derived_rows(still) != work.stored_rows(still):
                told = "The table of tasks is not what the assignments give. Run 'eventcoder doctor --rebuild'."
                problems.append(_error("ledger-work-wrong", told))
        for batch, number in unsealed(still).items():
            problems.append(
                Problem("ledger-batch-unsealed", f"Import '{batch}' was begun and not finished: {number} entries are stored but not visible. "
                        "Run it again and it goes on; 'eventcoder doctor --rebuild' removes what it left.", "warning")
            )  # fmt: skip
    return problems


def _entry_problems(store: Store) -> list[Problem]:
    """Hashes, shapes, parents, the sequence."""
    problems: list[Problem] = []
    swept = joined(store.rows("SELECT first_seq, last_seq FROM gaps"))
    stubs: dict[str, list[dict[str, Any]]] = {}
    for target, body in store.rows("SELECT subject, body FROM entries WHERE kind = 'redaction'"):
        stubs.setdefault(target, []).append(json.loads(body))
    parents: dict[str, list[tuple[str, str, str]]] = {}
    ids: dict[str, tuple[str, str]] = {}
    expected, ended = 0, store.last_sequence()  # on a server a transaction that is rolled back leaves a gap
    for row in store.each(f"{_ALL} ORDER BY e.seq"):
        expected += 1
        if row[8] != expected and ended is not None:
            for first, last in without([(expected, row[8] - 1)], swept):
                problems.append(_error("ledger-sequence-broken", f"Entries {first} to {last} are missing. {_RESTORE}", row[2], row[1]))
        expected = row[8]
        ids[row[0]] = (row[1], row[2])
        try:
            entry = from_row(row)
            whole = entry.intact() and not content_fault(entry.content())
            if not whole and row[0] in stubs:
                whole = row[7] == least_stub(stubs[row[0]]) and is_redacted_form(entry, stubs[row[0]])
        except (ValueError, TypeError, RecursionError):
            whole = False
        if not whole:
            what = f"Entry {row[0][:12]} ({row[1]} about {row[2]}, {row[4]}, {row[6]}) does not match its id: it was edited. {_RESTORE}"
            problems.append(_error("ledger-entry-altered", what, row[2], row[1]))
            continue
        for parent in json.loads(row[3]):
            parents.setdefault(parent, []).append((row[0], row[1], row[2]))
    for first, last in without([(expected + 1, ended)], swept) if ended is not None and ended > expected else ():
        problems.append(_error("ledger-sequence-broken", f"Entries {first} to {last} are missing at the end. {_RESTORE}"))
    for parent, named_by in parents.items():
        for child, kind, subject in named_by:
            found = ids.get(parent)
            if found is None or (kind == "act" and found != ("act", subject)):
                what = f"Entry {child[:12]} names the parent {parent[:12]}, which is not among the entries about {subject}. {_RESTORE}"
                problems.append(_error("ledger-parent-missing", what, subject, kind))
    return problems


def _head_problems(store: Store) -> list[Problem]:
    """The head table against what the acts give."""
    problems = []
    try:
        derived = list(map(head_row, _folds(store)))
    except LedgerError as error:
        return [_error("ledger-parent-missing", str(error))]
    stored = store.rows(f"SELECT {', '.join(COLUMNS)} FROM heads ORDER BY event_id")
    if derived != stored:
        mine, theirs = {row[0]: row for row in derived}, {row[0]: row for row in stored}
        for event_id in sorted(mine.keys() | theirs.keys()):
            if mine.get(event_id) != theirs.get(event_id):
                what = f"The head of event {event_id} is not what its acts give. Run 'eventcoder doctor --rebuild'."
                problems.append(_error("ledger-head-wrong", what, event_id, "act"))
    return problems


def _error(code: str, message: str, subject: str | None = None, kind: str = "") -> Problem:
    return Problem(code, message, event_id=subject if kind == "act" else None, where=None if kind in ("", "act") else f"{kind} {subject}")
