"""Coders apart who meet by a folder of journals alone: nothing is lost, and all end with the same ledger, in whatever order they come."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.cli.setup import UNTOUCHED
from eventcoder.clock import stamp, unstamp
from eventcoder.errors import LedgerError
from eventcoder.ledger import Entry, Folded, Ledger, new_entry, open_ledger
from eventcoder.ledger.exchange.journal import export_journal, import_journal
from eventcoder.ledger.exchange.syncing import LOCK, sync
from eventcoder.ledger.file_lock import alone
from eventcoder.ledger.work import body_of, find_task, stored_rows, task_id
from tests.ci.conftest import git

from .conftest import VALUES, act, created, moment

ROLES = {"ana": "lead", "ben": "reviewer", "cem": "coder"}
TASK = task_id("d1", 1)
FIELDS = ("fatalities", "location", "notes")


def registration(name: str, role: str, *, state: str = "active", parents: tuple[str, ...] = (), minute: int = 0) -> Entry:
    login = "postgres" if role == "lead" else None  # the server's user in these tests
    body = {"name": name, "role": role, "state": state, "login": login, "languages": [], "countries": [], "training": "none"}
    return new_entry("coder", name, body, coder="ana", role="lead", time=moment(minute), parents=parents)


class Coder:
    """A coder with a ledger of his own, who acts on what it holds."""

    def __init__(self, name: str, where: Path | str, shared: Path) -> None:
        self.name, self.role, self.shared = name, ROLES[name], shared
        self.ledger = open_ledger(where, project="sample")
        self.number = 0

    def entry(self, kind: str, subject: str, body: dict[str, Any], minute: int, parents: tuple[str, ...] = ()) -> Entry:
        return new_entry(kind, subject, body, coder=self.name, role=self.role, time=moment(minute), parents=parents)

    def create(self, which: int, minute: int, **body: Any) -> None:
        self.number += 1
        values = {**VALUES, "event_id_cnty": None, "notes": f"{self.name} {self.number}", "fatalities": which}
        self.ledger.append([self.entry("act", f"{self.name}{self.number:09d}", {"act": "create", "values": values, **body}, minute)])

    def hold(self, which: int, minute: int) -> None:
        self.create(which, minute, held=TASK)

    def change(self, which: int, minute: int) -> None:
        """Revise an event, or end its conflict."""
        events = list(self.ledger.events(states=("open", "settled", "conflict", "held")))
        if not events:
            return
        event: Folded = events[which % len(events)]
        verb = "revise" if event.state != "conflict" else "resolve" if self.role != "coder" else ""
        values = {FIELDS[which % 3]: f"{self.name} {minute}", **(dict.fromkeys(event.differing, "decided"))}
        if verb:
            self.ledger.append([self.entry("act", event.event_id, {"act": verb, "values": values, "settled": not event.held}, minute, event.heads)])

    def work(self, which: int, minute: int) -> None:
        task = find_task(self.ledger.store, TASK)
        state = ("claimed", "skipped", "done", "returned")[which % 4]
        assert task is not None
        self.ledger.append([self.entry("assignment", TASK, task.body_with(state=state, by=self.name), minute, task.heads)])

    def ask(self, which: int, minute: int) -> None:
        self.ledger.append([self.entry("query", f"event{which}", {"says": "question", "field": "location", "text": f"Which, {minute}?"}, minute)])

    def batch(self, which: int, minute: int) -> None:
        self.number += 1
        name = f"{self.name}-{self.number}"
        self.ledger.append([self.entry("act", f"b{name}", {"act": "create", "values": {**VALUES, "fatalities": which}}, minute)], batch=name)
        if which % 3:
            self.ledger.seal(name, self.name, moment(minute), role=self.role)

    def redact(self, which: int, minute: int) -> None:
        acts = [e for e in self.ledger.entries("act") if e.body.get("values")]
        if acts and self.role == "lead":
            entry = acts[which % len(acts)]
            self.ledger.redact(entry.id, {"act": entry.body["act"]}, coder=self.name, role=self.role, time=moment(minute), reason="source safety")

    def sync(self, which: int = 0, minute: int = 0) -> None:
        done = sync(self.ledger, self.shared)
        assert [p for p in done.came.problems if p.severity == "error"] == []

    def whole(self) -> dict[str, Any]:
        """All that the ledger says: what two ledgers must have in common."""
        rows = self.ledger.store.rows
        entries = sorted((e.id, e.body.get("values", {}) == {}) for e in self.ledger.entries())
        heads = rows("SELECT event_id, state, revision, heads, changed, folded FROM heads ORDER BY event_id")
        return {"entries": entries, "heads": heads, "work": stored_rows(self.ledger.store)}


DEEDS: tuple[Callable[[Coder, int, int], None], ...] = (
    Coder.create, Coder.hold, Coder.change, Coder.change, Coder.work, Coder.ask, Coder.batch, Coder.redact, Coder.sync,
)  # fmt: skip
STEPS = st.lists(st.tuples(st.sampled_from(sorted(ROLES)), st.sampled_from(DEEDS), st.integers(0, 7), st.integers(0, 59)), min_size=4, max_size=18)


def meet(steps: list[Any], order: list[str], where: Callable[[str, Path], Path | str]) -> None:
    """Coders do these steps apart, then sync in this order: all their ledgers must say the same."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        coders = {who: Coder(who, where(who, folder), folder / "shared") for who in ROLES}
        try:
            common = [registration(who, role) for who, role in ROLES.items()]
            for event in ("aaaaaaaaaaaa", "bbbbbbbbbbbb"):
                common.append(new_entry("act", event, {"act": "create", "values": VALUES, "settled": True}, coder="ana", role="lead", time=moment(1)))
            common.append(new_entry("assignment", TASK, body_of("d1", 1, blind=True), coder="ana", role="lead", time=moment(2)))
            for coder in coders.values():
                coder.ledger.append(common)
            for who, deed, which, minute in steps:
                deed(coders[who], which, minute)
            for who in [*order, *reversed(order), *order]:
                coders[who].sync()
            first, *others = (coder.whole() for coder in coders.values())
            assert all(other == first for other in others)
            assert [p for coder in coders.values() for p in coder.ledger.verify() if p.severity == "error"] == []
        finally:
            for coder in coders.values():
                coder.ledger.close()


@settings(max_examples=10, deadline=None)
@given(STEPS, st.permutations(sorted(ROLES)))
def test_coders_apart_end_with_the_same_ledger_in_whatever_order_they_sync(steps: list[Any], order: list[str]) -> None:
    meet(steps, order, lambda who, folder: folder / f"{who}.sqlite")


def test_the_teams_server_and_laptops_end_with_the_same_ledger(postgres_new: Callable[..., str]) -> None:
    def where(who: str, folder: Path) -> Path | str:
        return postgres_new(1, project="sample") if who == "ana" else folder / f"{who}.sqlite"

    @settings(max_examples=4, deadline=None)
    @given(STEPS, st.permutations(sorted(ROLES)))
    def check(steps: list[Any], order: list[str]) -> None:
        meet(steps, order, where)

    check()


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    return tmp_path / "shared"


def test_syncing_again_changes_no_byte_and_a_lock_is_left_by_nobody(ledger: Ledger, shared: Path) -> None:
    ledger.append([created()])
    first = sync(ledger, shared)
    before = {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in shared.iterdir()}
    again = sync(ledger, shared)
    assert (first.written, first.came.new, again.written, again.came.read) == (1, 0, 1, 0)
    assert {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in shared.iterdir()} == before and LOCK not in before


def test_what_came_is_told_by_coder_and_what(ledger: Ledger, shared: Path, tmp_path: Path) -> None:
    with open_ledger(tmp_path / "ben.sqlite", project="sample") as own:
        own.append([created("aaaaaaaaaaaa", coder="ben"), created("bbbbbbbbbbbb", coder="ben")])
        own.append([new_entry("query", "aaaaaaaaaaaa", {"says": "question", "text": "When?"}, coder="ben", time=moment(3))])
        sync(own, shared)
    assert sync(ledger, shared).came.came == {("ben", "create"): 2, ("ben", "query"): 1}


def test_with_a_damaged_file_nothing_is_stored_and_nothing_written(ledger: Ledger, shared: Path, tmp_path: Path) -> None:
    with open_ledger(tmp_path / "ben.sqlite", project="sample") as own:
        own.append([created("aaaaaaaaaaaa", coder="ben")])
        sync(own, shared)
    file = shared / "ben-2026-03.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole[:-30])
    ledger.append([created()])
    done = sync(ledger, shared)
    assert [p.code for p in done.came.problems] == ["journal-truncated"] and done.written is None
    assert sum(1 for _ in ledger.entries()) == 1 and [p.name for p in shared.iterdir()] == [file.name]
    file.write_bytes(whole)
    assert sync(ledger, shared).written == 2


def test_two_at_once_wait_for_each_other_and_lose_nothing(shared: Path, tmp_path: Path) -> None:
    def code(name: str) -> None:
        with open_ledger(tmp_path / f"{name}.sqlite", project="sample") as own:
            for number in range(6):
                own.append([created(f"{name}{number:06d}", coder=name)])
                sync(own, shared)

    threads = [threading.Thread(target=code, args=(name,)) for name in ("anaana", "benben", "cemcem")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open_ledger(tmp_path / "all.sqlite", project="sample") as everything:
        assert sync(everything, shared).came.new == 18


def test_a_sync_that_waits_too_long_says_so(ledger: Ledger, shared: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    shared.mkdir()
    with (shared / LOCK).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(LedgerError, match="Another sync"):
            sync(ledger, shared, patience=0.0)
    assert sync(ledger, shared).written == 0, "the lock of a process that died is no lock"


@pytest.mark.parametrize(("days", "warned"), [(0, False), (3, True)])
def test_a_clock_far_ahead_is_told_and_takes_nothing_from_anybody(ledger: Ledger, tmp_path: Path, days: int, warned: bool) -> None:
    here = unstamp(moment(30))
    ahead = stamp(here.replace(day=here.day + days, hour=9))
    first = created()
    ledger.append([first])
    with open_ledger(tmp_path / "ben.sqlite", project="sample") as own:
        own.append([first])
        wrong = new_entry(
            "act", first.subject, {"act": "revise", "values": {"fatalities": 3}, "settled": True}, coder="ben", time=ahead, parents=[first.id]
        )
        own.append([wrong])
        export_journal(own, tmp_path / "journal")
    result = import_journal(ledger, tmp_path / "journal", moment=here)
    assert [(p.code, p.severity) for p in result.problems] == [("journal-time-ahead", "warning")] * warned
    assert result.new == 1 and (not warned or ahead in result.problems[0].message)
    ledger.append([act("revise", parents=(wrong.id,), coder="ana", values={"fatalities": 4}, settled=True, minute=1)])
    head = ledger.head(first.subject)
    assert head is not None and head.values["fatalities"] == 4, "what comes after it holds, though its clock says otherwise"
    assert import_journal(ledger, tmp_path / "journal", moment=here).problems == [], "what is known is not told again"


def test_a_warning_keeps_nobody_from_syncing(ledger: Ledger, tmp_path: Path) -> None:
    with open_ledger(tmp_path / "ben.sqlite", project="sample") as own:
        ahead = new_entry("act", "a" * 12, {"act": "create", "values": {}}, coder="ben", time="9999-01-01T00:00:00Z")
        own.append([ahead])
        export_journal(own, tmp_path / "shared")
    ledger.append([created()])
    done = sync(ledger, tmp_path / "shared")
    assert [p.severity for p in done.came.problems] == ["warning"] and done.written == 2


def written(folder: Path, name: str, entries: list[Entry]) -> Path:
    """A journal with these entries, as a ledger that never heard of a roster would have written it."""
    with open_ledger(folder / f"{name}.sqlite", project="sample") as own:
        own.append(entries)
        export_journal(own, folder / name)
    return folder / name


def test_what_a_disabled_coder_did_since_is_stored_and_told(ledger: Ledger, tmp_path: Path) -> None:
    first = registration("ben", "coder")
    ledger.append([registration("ana", "lead"), first, registration("ben", "coder", state="disabled", parents=(first.id,), minute=20)])
    journal = written(tmp_path, "ben", [created("aaaaaaaaaaaa", coder="ben", minute=10), created("bbbbbbbbbbbb", coder="ben", minute=30)])
    result = import_journal(ledger, journal)
    assert [(p.code, p.severity) for p in result.problems] == [("journal-coder-disabled", "warning")]
    assert result.new == 2 and result.problems[0].message.startswith("1 entry by ben") and ledger.head("bbbbbbbbbbbb") is not None


def test_a_journal_of_somebody_whom_nobody_registered_waits_for_a_lead_in_whatever_order(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append([registration("ana", "lead")])
    strange = written(tmp_path, "dee", [created("aaaaaaaaaaaa", coder="dee", minute=10)])
    refused = import_journal(ledger, strange)
    assert ({p.code for p in refused.problems}, refused.new) == ({"unknown-coder"}, 0) and "coders add dee" in refused.problems[0].message
    lead = written(tmp_path, "ana", [registration("ana", "lead"), registration("dee", "coder", minute=40)])
    for number, order in enumerate(([strange, lead], [lead, strange])):
        with open_ledger(tmp_path / f"{number}.sqlite", project="sample") as other:
            other.append([registration("ana", "lead")])
            assert import_journal(other, order).problems == [] and other.head("aaaaaaaaaaaa") is not None


def test_two_clones_of_a_repository_meet_without_a_conflict_of_git(tmp_path: Path) -> None:
    """Drafts of one engine stand in one file, whoever's machine made them: git joins the lines of both sides, the next sync puts them in order."""
    top = tmp_path / "top"
    git(tmp_path, "init", "--quiet", "--bare", "top")
    clones = []
    for name in ("ana", "ben"):
        git(tmp_path, "clone", "--quiet", str(top), name)
        clones.append((tmp_path / name, open_ledger(tmp_path / f"{name}.sqlite", project="sample")))
    (one, first), (two, second) = clones
    (one / ".gitattributes").write_text(UNTOUCHED, "utf-8")

    def meet(clone: Path, ledger: Ledger) -> None:
        sync(ledger, clone / "raw" / "journal")
        git(clone, "add", ".")
        git(clone, "commit", "--quiet", "--allow-empty", "-m", "Journal.")
        git(clone, "push", "--quiet", "origin", "HEAD:main")

    draft = {"document": "d1", "fields": {}}
    first.append([new_entry("draft", "one", draft, coder="rules-1", role="machine", time=moment(1))])
    meet(one, first)
    git(two, "pull", "--quiet", "origin", "main")
    second.append([new_entry("draft", "three", draft, coder="rules-1", role="machine", time=moment(3))])
    sync(second, two / "raw" / "journal")
    git(two, "add", ".")
    git(two, "commit", "--quiet", "-m", "Journal.")
    first.append([new_entry("draft", "two", draft, coder="rules-1", role="machine", time=moment(2))])
    meet(one, first)
    git(two, "pull", "--quiet", "--no-rebase", "--no-edit", "origin", "main")
    meet(two, second)
    git(one, "pull", "--quiet", "origin", "main")
    sync(first, one / "raw" / "journal")
    assert git(one, "status", "--porcelain") == "" == git(two, "status", "--porcelain")
    assert [entry.subject for ledger in (first, second) for entry in ledger.entries(newest_first=True)] == ["three", "two", "one"] * 2
    first.close()
    second.close()


def test_a_lock_that_its_holder_took_away_is_not_the_lock(tmp_path: Path) -> None:
    """Who waited on the old file would else work beside whoever made the new one."""
    fcntl = pytest.importorskip("fcntl")
    path = tmp_path / "lock"
    real = fcntl.flock
    swaps = iter([True])

    def slow(handle: int, how: int) -> None:
        real(handle, how)
        if next(swaps, False):  # between opening and locking the holder ended, and another made the file anew
            path.unlink()
            path.touch()

    with mock.patch.object(fcntl, "flock", slow), alone(path, busy="taken"), pytest.raises(LedgerError, match="taken"), alone(path, busy="taken"):
        pass
    assert not path.exists()


def test_on_a_drive_that_knows_no_locks_it_goes_without(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    with mock.patch.object(fcntl, "flock", side_effect=OSError(37, "No locks available")), alone(tmp_path / "lock", busy="taken"):
        pass
    assert not (tmp_path / "lock").exists()
