"""The table of tasks: kept with the entries, the same whatever way they came, and nobody overtakes anybody unseen."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from eventcoder.errors import LedgerConflict
from eventcoder.ledger import Entry, Ledger, new_entry, open_ledger
from eventcoder.ledger.exchange.journal import export_journal, import_journal
from eventcoder.ledger.work import any_tasks, body_of, find_task, stored_rows, task_id, tasks

from .conftest import created, moment


def assignment(
    item: str = "a1", slot: int = 1, *, coder: str = "lea", minute: int = 0, parents: tuple[str, ...] = (), state: str = "assigned", **more: Any
) -> Entry:
    body = {**body_of(item, slot), "state": state, **more}
    return new_entry("assignment", task_id(item, slot), body, coder=coder, time=moment(minute), parents=parents)


def test_a_task_follows_its_entries(ledger: Ledger) -> None:
    assert not any_tasks(ledger.store)
    first = assignment(language="fr", **{"for": "ana"})
    ledger.append([first, assignment(slot=2, blind=True)])
    claimed = assignment(state="claimed", by="ana", until="2026-04-01T00:00:00Z", parents=(first.id,), coder="ana", minute=1)
    ledger.append([claimed])
    task = find_task(ledger.store, "a1/1")
    assert task is not None and (task.state, task.holder, task.until, task.heads) == ("claimed", "ana", "2026-04-01T00:00:00Z", (claimed.id,))
    assert [t.task for t in tasks(ledger.store, item="a1")] == ["a1/1", "a1/2"]
    assert [t.task for t in tasks(ledger.store, blind=True)] == ["a1/2"] and [t.task for t in tasks(ledger.store, holder="ana")] == ["a1/1"]
    assert ledger.verify() == []


def test_who_comes_second_is_told_who_was_first(ledger: Ledger) -> None:
    first = assignment()
    ledger.append([first])
    ledger.append([assignment(state="claimed", by="ana", parents=(first.id,), coder="ana", minute=1)])
    with pytest.raises(LedgerConflict, match="it is claimed by ana since 2026-03-05T10:01:00Z"):
        ledger.append([assignment(state="claimed", by="ben", parents=(first.id,), coder="ben", minute=2)])
    with pytest.raises(LedgerConflict, match="changed meanwhile"):
        ledger.append([assignment(minute=3)])
    with pytest.raises(LedgerConflict, match="There is no task a2/1"):
        ledger.append([assignment("a2", parents=(first.id,))])
    assert ledger.count("assignment") == 2 and ledger.verify() == []


def test_journals_give_one_table_in_any_order(tmp_path: Path) -> None:
    first = assignment(minute=1)
    ana = assignment(state="claimed", by="ana", parents=(first.id,), coder="ana", minute=2)
    done = assignment(state="done", by="ana", parents=(ana.id,), coder="ana", minute=3)
    ben = assignment(state="skipped", reason="ill", refused=["ben"], parents=(first.id,), coder="ben", minute=9)
    files = []
    for name, entries in (("lea", [first]), ("ana", [ana, done]), ("ben", [ben])):
        folder = tmp_path / name
        with open_ledger(tmp_path / f"{name}.sqlite", project="trial") as made:
            made.append([first])
            made.append(entries)
            export_journal(made, folder)
        files.append(folder)
    found = []
    for number, order in enumerate(permutations(files)):
        with open_ledger(tmp_path / f"all{number}.sqlite", project="trial") as ledger:
            for folder in order:
                assert not import_journal(ledger, folder).problems
            task = find_task(ledger.store, "a1/1")
            assert task is not None and ledger.verify() == []
            found.append(stored_rows(ledger.store))
            # what was handed in stands, although the other entry is later; that ben skipped it is not forgotten
            assert (task.state, task.holder, task.refused) == ("done", "ana", ("ben",)) and set(task.heads) == {done.id, ben.id}
            with pytest.raises(LedgerConflict):
                ledger.append([assignment(state="returned", parents=(done.id,), minute=20)])
            ledger.append([assignment(state="returned", parents=tuple(sorted(task.heads)), minute=20)])
            assert ledger.verify() == []
    assert all(rows == found[0] for rows in found)


def test_a_batch_brings_tasks_when_it_is_sealed(ledger: Ledger) -> None:
    ledger.append([created("dropped"), assignment("a9")], batch="b")
    assert not any_tasks(ledger.store)
    ledger.seal("b", "ana", moment(5))
    assert [t.task for t in tasks(ledger.store)] == ["a9/1"] and ledger.verify() == []


def test_a_redacted_assignment_is_no_work(ledger: Ledger) -> None:
    first = assignment()
    ledger.append([first])
    ledger.redact(first.id, {}, coder="lea", time=moment(9), reason="Named by mistake.")
    task = find_task(ledger.store, "a1/1")
    assert task is not None and task.state == "withdrawn" and ledger.verify() == []


def test_an_edited_table_is_found_and_made_anew(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.append([assignment(), assignment("a2")])
        ledger.store.execute("UPDATE work SET holder = 'eve' WHERE task = 'a2/1'")
        assert [p.code for p in ledger.verify()] == ["ledger-work-wrong"]
        ledger.rebuild()
        assert ledger.verify() == []
