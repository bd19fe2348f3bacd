"""Appending entries: compare-and-swap on an event's heads, and the head table kept in the same transaction."""

from __future__ import annotations

import json
import random
import time as clocks
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from eventcoder.clock import stamp
from eventcoder.errors import LedgerConflict, LedgerError, NotFound, Refused, UsageError
from eventcoder.ledger import swift
from eventcoder.ledger.backend import Repeatable, Store
from eventcoder.ledger.entry import Entry, from_row
from eventcoder.ledger.fold import fold, in_order
from eventcoder.ledger.folded import Folded
from eventcoder.ledger.heads import write_heads
from eventcoder.ledger.hidden import IN_HIDDEN, VISIBLE, hide, runs, uncover
from eventcoder.ledger.people.permission import refuse_entries
from eventcoder.ledger.people.roster import forget as forget_roster
from eventcoder.ledger.redaction import envelope, is_same_trace, least_stub
from eventcoder.ledger.registered import KINDS as REGISTERS
from eventcoder.ledger.registered import NameSwaps
from eventcoder.ledger.work import KIND as ASSIGNMENT
from eventcoder.ledger.work import TaskSwaps, refresh

TRIES = 6  # of an append that the database gave up for another's sake
_ALONE = ("redaction", "coder")  # kinds that change what others may do or see: stored while nobody else appends


def time_text(moment: datetime | str | None) -> str | None:
    return stamp(moment) if isinstance(moment, datetime) else moment


def known(store: Store, ids: Iterable[str]) -> dict[str, tuple[int, bool]]:
    """id -> (sequence number, whether visible) of those that are stored."""
    out: dict[str, tuple[int, bool]] = {}
    wanted = list(dict.fromkeys(ids))
    for part in portions(store, wanted):
        rows = store.rows(f"SELECT e.id, e.seq, {IN_HIDDEN} FROM entries AS e WHERE e.id IN ({', '.join('?' * len(part))})", part)
        out.update({row[0]: (row[1], not row[2]) for row in rows})
    return out


def portions(store: Store, values: Sequence[str]) -> Iterator[Sequence[str]]:
    """Pieces of a list that fit into one `IN (?, ...)`."""
    most = store.most_parameters
    return (values[start : start + most] for start in range(0, len(values), most))


def insert(store: Store, rows: Sequence[tuple[str, ...]], batch: str | None = None, *, brought: bool = False) -> int:
    """Insert entry rows behind all others (inside a writing transaction), hidden if they are of a batch; the first one's number.

    `brought`: they were made elsewhere, under names that need not be the caller's (a journal, a copy of a ledger).
    """
    if not rows:
        return 0
    first = store.reserve(len(rows))
    if batch is not None:
        hide(store, batch, first, len(rows))
    store.insert_entries(rows, batch, first, brought=brought)
    return first


def reveal(store: Store, numbers: Iterable[int]) -> None:
    """Make entries of unsealed batches visible."""
    uncover(store, runs(numbers))


def acts_of(store: Store, event_id: str) -> list[Entry]:
    """The visible acts of an event, in the order in which they came."""
    return [
        from_row(row)
        for row in store.rows(
            "SELECT e.id, e.kind, e.subject, e.parents, e.coder, e.role, e.time, e.body FROM entries AS e WHERE e.kind = 'act' AND e.subject = ? "
            f"AND {VISIBLE} ORDER BY e.seq",
            (event_id,),
        )
    ]


def refold(store: Store, events: Iterable[str]) -> Iterator[Folded]:
    """Fold events from their stored acts and write their heads (inside a writing transaction)."""
    for event_id in events:
        folded = fold(acts_of(store, event_id))
        write_heads(store, [folded])
        yield folded


def append(store: Store, entries: Sequence[Entry]) -> list[Entry]:
    """What `Ledger.append` does without a batch."""
    for entry in entries:
        if entry.kind == "seal":
            raise UsageError("A seal is made by seal(batch) only.")
    if not entries:
        return []
    if len(entries) == 1 and swift.append_act(store, entries[0]):
        return list(entries)
    for left in range(TRIES, 0, -1):
        try:
            with store.writing() if any(e.kind in _ALONE for e in entries) else store.appending(_locked(entries)):
                new, wiped = append_within(store, entries)
            break
        except Repeatable:
            if left == 1:
                raise
            clocks.sleep(random.uniform(0.002, 0.05) * (TRIES - left + 1))
    if wiped:
        store.wipe_traces()
    return new


def _locked(entries: Iterable[Entry]) -> list[str]:
    """The events, tasks and names of registers whose newest entries these have to follow."""
    return list(dict.fromkeys(entry.subject for entry in entries if entry.kind in ("act", ASSIGNMENT, *REGISTERS)))


def append_within(store: Store, entries: Sequence[Entry]) -> tuple[list[Entry], bool]:
    """As `append`, inside the caller's writing transaction; the new entries, and whether `store.wipe_traces` has to follow it."""
    store.lock(_locked(entries))
    here = known(store, [i for entry in entries for i in (entry.id, *entry.parents)])
    new: list[Entry] = []
    shown: list[int] = []
    swaps, tasks, names = Swaps(store), TaskSwaps(store), NameSwaps(store)
    seen = {i for i, (_, visible) in here.items() if visible}
    for entry in entries:
        if entry.id in seen:
            continue
        if entry.kind == "act":
            swaps.take(entry)
        elif missing := [p for p in entry.parents if p not in seen]:
            raise LedgerError(f"The entry about {entry.subject} names the parent {missing[0][:12]}, which is not in this ledger.")
        elif entry.kind == ASSIGNMENT:
            tasks.take(entry)
        elif entry.kind in REGISTERS:
            names.take(entry)
        seen.add(entry.id)
        new.append(entry)
        if entry.id in here:
            shown.append(here[entry.id][0])
    refuse_entries(store, new)
    if shown:
        store.lock_hidden()
        reveal(store, shown)
    insert(store, [entry.row() for entry in new if entry.id not in here])
    tasks.keep()
    touched = redact_all(store, [entry for entry in new if entry.kind == "redaction"])
    for folded in refold(store, dict.fromkeys([*swaps.events, *touched])):
        refuse_undecided(folded, swaps.events.get(folded.event_id, ()))
    return new, bool(touched) or any(entry.kind == "redaction" for entry in new)


def redact_all(store: Store, redactions: Sequence[Entry]) -> list[str]:
    """Replace the bodies that redactions name; the events that need folding again. Raises `NotFound`, `UsageError`.

    Of several redactions of one entry the one that leaves least stands (then the smaller text), whatever order they came in. The text goes
    from what an import has put aside or left behind, too.
    """
    touched = []
    targets = list(dict.fromkeys(entry.subject for entry in redactions))
    found = {}
    for target in targets:  # grows: what a redacted redaction is about is looked at again
        found[target] = store.row("SELECT id, kind, subject, parents, coder, role, time, body FROM entries WHERE id = ?", (target,))
        if (row := found[target]) is not None and row[1] == "redaction" and row[2] not in targets:
            targets.append(row[2])
    # first the redactions that are redacted themselves: what they leave decides what stands of the entries that they are about
    for target in sorted(targets, key=lambda i: (row := found[i]) is None or row[1] != "redaction"):
        row = found[target]
        if row is None:
            raise NotFound(f"There is no entry {target[:12]} to redact.", "Give an entry's id as 'history' shows it.")
        entry = from_row(row)
        bodies = [json.loads(r[0]) for r in store.rows("SELECT body FROM entries WHERE kind = 'redaction' AND subject = ?", (target,))]
        trace = entry.kind == "redaction"
        fits = all(body["envelope"] == envelope(entry) and (not trace or is_same_trace(entry.body, body["stub"])) for body in bodies)
        if entry.kind == "seal" or not fits:
            raise UsageError(f"The redaction of {entry.kind} entry {target[:12]} does not fit it.", "Make it with redaction_of().")
        stub = least_stub(bodies)
        if stub != row[7]:
            store.replace_body(target, stub)
        if entry.kind == "act":
            touched.append(entry.subject)
    store.staging.forget(store, touched)
    refresh(store, [row[2] for row in found.values() if row is not None and row[1] == ASSIGNMENT])
    if any(row is not None and row[1] in ("coder", "redaction") for row in found.values()):
        forget_roster(store)
    return touched


class Swaps:
    """Compare-and-swap of acts against the heads of their events, in a row."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._heads: dict[str, frozenset[str]] = {}
        self.events: dict[str, list[Entry]] = {}

    def take(self, act: Entry, heads: Iterable[str] | None = None) -> None:
        """Let `act` follow its event's heads (`heads` if they are known already). Raises `LedgerConflict`."""
        if act.subject not in self._heads:
            if heads is None:
                row = self._store.row("SELECT heads FROM heads WHERE event_id = ?", (act.subject,))
                heads = json.loads(row[0]) if row else ()
            self._heads[act.subject] = frozenset(heads)
        current = self._heads[act.subject]
        if frozenset(act.parents) != current:
            raise conflict(self._store, act, tuple(sorted(current)))
        if not current and act.body.get("act") != "create":
            raise NotFound(f"There is no event {act.subject} to {act.body.get('act')}.", "Run 'eventcoder list' to see events and their ids.")
        if current and act.body.get("act") == "create":
            raise UsageError(f"Event {act.subject} exists; 'create' is its first act only.")
        self._heads[act.subject] = frozenset([act.id])
        self.events.setdefault(act.subject, []).append(act)


def refuse_undecided(folded: Folded, acts: Iterable[Entry]) -> None:
    """Raise `Refused` if one of the acts just taken is a `resolve` and fields still differ."""
    if folded.differing and any(act.body.get("act") == "resolve" for act in acts):
        said = "; ".join(f"{name}: {' or '.join(repr(v) for v in sides.values())}" for name, sides in sorted(folded.differing.items()))
        raise Refused(f"Event {folded.event_id} is still in conflict on {said}.", "Name a value (null to clear it) for each of these fields.")


def conflict(store: Store, act: Entry, current: tuple[str, ...]) -> LedgerConflict:
    """The error that says what happened to the event since `act` was prepared."""
    stored = {entry.id: entry for entry in acts_of(store, act.subject)}
    seen: set[str] = set()
    todo = [p for p in act.parents if p in stored]
    while todo:
        i = todo.pop()
        if i not in seen:
            seen.add(i)
            todo += stored[i].parents
    others = [entry for entry in in_order(stored.values()) if entry.id not in seen]
    verb = act.body.get("act")
    if not current:
        message, remedy = f"There is no event {act.subject} (any more) to {verb}: its last act is not in this ledger.", "Import its journal first."
    elif len(current) > 1:
        message = f"Event {act.subject} is in conflict, and this {verb} does not name both sides: {'; '.join(map(_told, others[-5:]))}."
        remedy = f"Resolve it first: 'eventcoder show {act.subject}' shows the sides."
    else:
        message = f"Event {act.subject} changed meanwhile: {'; '.join(_told(entry) for entry in others[-5:])}."
        remedy = f"Look at it ('eventcoder show {act.subject}') and repeat your {verb} if it still applies."
    return LedgerConflict(message, remedy, event_id=act.subject, current=current)


def _told(act: Entry) -> str:
    """One act in words: who, when, what."""
    body = act.body
    fields = [*sorted(body.get("values", {})), *(k for k in ("reports", "counts", "relations") if body.get(k))]
    shown = f" ({', '.join(fields[:8])}{', ...' if len(fields) > 8 else ''})" if fields else ""
    return f"{act.coder}, {act.time}: {body.get('act', 'redacted act')}{shown}"
