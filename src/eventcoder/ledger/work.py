"""The table of work: one row a task with what its newest `assignment` entry says. Derived from the entries; can be rebuilt.

A task is `"<item>/<slot>"`; each entry about it names the one before as its parent. Where journals of several coders brought two newest entries,
what was handed in stands before what was not, then the later one stands; the next entry names them all. Floor 2.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventcoder.errors import LedgerConflict, NotFound
from eventcoder.identity import canonical
from eventcoder.ledger.backend import Store
from eventcoder.ledger.entry import Entry, from_row
from eventcoder.ledger.hidden import IN_HIDDEN, VISIBLE

KIND = "assignment"
STATES = ("assigned", "claimed", "done", "skipped", "returned", "withdrawn")
WAITING = ("assigned", "returned", "skipped")  # states in which a task may be handed out
ENDED = ("done", "withdrawn")

COLUMNS = (
    "task",
    "item",
    "item_kind",
    "document",
    "slot",
    "state",
    "assigned_for",
    "holder",
    "until",
    "round",
    "language",
    "country",
    "type",
    "blind",
    "rank",
    "queue",
    "refused",
    "changed",
    "entry",
    "heads",
    "body",
)  # fmt: skip; `layout` says what they hold
_WRITE = (
    f"INSERT INTO work ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))}) "
    f"ON CONFLICT (task) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in COLUMNS[1:])}"
)
_ENTRY = "e.id, e.kind, e.subject, e.parents, e.coder, e.role, e.time, e.body"


@dataclass(frozen=True, slots=True)
class Task:
    """A task as it stands. `assigned_for` is who is to do it (None: anybody), `holder` who has it or handed it in, `until` when the claim ends.

    `changed` and `coder` are of the newest entry; `heads` are the entries that the next one names as parents; `body` is as it was stored.
    """

    task: str
    item: str
    item_kind: str
    document: str
    slot: int
    slots: int
    state: str
    assigned_for: str | None
    holder: str | None
    until: str | None
    round: str
    plan: str
    blind: bool
    control: bool
    planted: dict[str, Any] | None
    language: str | None
    country: str | None
    type: str | None
    rank: int
    reason: str | None
    refused: tuple[str, ...]
    changed: str
    entry: str
    heads: tuple[str, ...]
    body: dict[str, Any]

    def body_with(self, **changes: Any) -> dict[str, Any]:
        """The body of the next entry about this task."""
        return {**self.body, "refused": list(self.refused), **changes}


def body_of(
    item: str,
    slot: int,
    *,
    item_kind: str = "document",
    document: str | None = None,
    slots: int = 1,
    assigned_for: str | None = None,
    round: str = "",
    plan: str = "",
    blind: bool = False,
    control: bool = False,
    planted: Mapping[str, Any] | None = None,
    language: str | None = None,
    country: str | None = None,
    type: str | None = None,
    rank: int = 0,
) -> dict[str, Any]:
    """The body of a task's first entry (whose subject is `task_id(item, slot)`)."""
    return {
        "item": item, "item_kind": item_kind, "document": document or item, "state": "assigned", "for": assigned_for, "by": None, "until": None,
        "round": round, "plan": plan, "slots": slots, "slot": slot, "blind": blind, "control": control,
        "planted": dict(planted) if planted else None, "language": language, "country": country, "type": type, "rank": rank, "reason": None,
        "refused": [],
    }  # fmt: skip


def task_id(item: str, slot: int) -> str:
    return f"{item}/{slot}"


# -- the row of a task ----------------------------------------------------------------------------------------------------------------------


def work_row(entries: Sequence[Entry]) -> tuple[Any, ...]:
    """The row that these entries about one task make, in whatever order they come."""
    named = {parent for entry in entries for parent in entry.parents}
    heads = sorted((entry for entry in entries if entry.id not in named), key=_weight)
    body = heads[-1].body
    refused = sorted({name for entry in entries for name in _texts(entry.body.get("refused"))})
    return _row(heads[-1], body, [entry.id for entry in heads], refused)


def _weight(entry: Entry) -> tuple[bool, str, str]:
    return entry.body.get("state") == "done", entry.time, entry.id


def _row(entry: Entry, body: Mapping[str, Any], heads: Iterable[str], refused: Iterable[str]) -> tuple[Any, ...]:
    item, _, slot = entry.subject.rpartition("/")
    state = body.get("state") if body.get("state") in STATES else "withdrawn"  # a redacted entry says nothing: there is nothing to do
    assigned = _text(body.get("for"))
    return (
        entry.subject,
        _text(body.get("item")) or item,
        _text(body.get("item_kind")) or "document",
        _text(body.get("document")) or item,
        _whole(body.get("slot"), _whole(slot, 1)),
        state,
        assigned,
        _text(body.get("by")),
        _text(body.get("until")),
        _text(body.get("round")) or "",
        _text(body.get("language")),
        _text(body.get("country")),
        _text(body.get("type")),
        int(bool(body.get("blind"))),
        _whole(body.get("rank"), 0),
        (assigned or "") if state in WAITING else None,
        "".join(f"|{name}|" for name in refused),
        entry.time,
        entry.id,
        canonical(sorted(heads)),
        canonical(dict(body)),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _whole(value: Any, default: int) -> int:
    if isinstance(value, str) and value.isdecimal() and value.isascii():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31 else default


def _names(refused: str) -> list[str]:
    return [name for name in refused.split("|") if name]


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


# -- kept with the entries ------------------------------------------------------------------------------------------------------------------


class TaskSwaps:
    """Compare-and-swap of assignments against the newest entries of their tasks, in a row (inside a writing transaction)."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._heads: dict[str, tuple[str, ...]] = {}
        self._refused: dict[str, set[str]] = {}
        self.tasks: dict[str, Entry] = {}

    def take(self, entry: Entry) -> None:
        """Let `entry` follow its task's newest entries. Raises `LedgerConflict` that says who was faster."""
        current = self._heads.get(entry.subject)
        if current is None:
            # who hands out a task holds its row: on a server this waits until that is decided
            lock = self._store.skip_locked.removesuffix(" SKIP LOCKED")
            row = self._store.row(f"SELECT heads, refused FROM work WHERE task = ?{lock}", (entry.subject,))
            current = tuple(json.loads(row[0])) if row else ()
            self._refused[entry.subject] = set(_names(row[1])) if row else set()
        if frozenset(entry.parents) != frozenset(current):
            raise _conflict(self._store, entry, current)
        self.put(entry)

    def put(self, entry: Entry) -> None:
        """Let `entry` be the task's newest without asking."""
        self._heads[entry.subject] = (entry.id,)
        self._refused.setdefault(entry.subject, set()).update(_texts(entry.body.get("refused")))
        self.tasks[entry.subject] = entry

    def keep(self) -> None:
        """Write the rows of what was taken."""
        self._store.executemany(_WRITE, [_row(e, e.body, [e.id], sorted(self._refused[task])) for task, e in self.tasks.items()])


def append_claim(store: Store, entry: Entry, refused: Iterable[str]) -> None:
    """Store an assignment and its task's row as the last of a transaction that holds the row, where the roster was asked. `refused`: of the task."""
    names = sorted({*refused, *_texts(entry.body.get("refused"))})
    store.append_last(entry.row(), _WRITE, _row(entry, entry.body, [entry.id], names))


def _conflict(store: Store, entry: Entry, current: Sequence[str]) -> LedgerConflict:
    now = find_task(store, entry.subject)
    if now is None:
        return LedgerConflict(f"There is no task {entry.subject} (any more).", "'eventcoder queue' shows the tasks.")
    who = f" by {now.holder}" if now.holder else ""
    message = f"Task {entry.subject} changed meanwhile: it is {now.state}{who} since {now.changed}."
    remedy = "'eventcoder next' gives another one; 'eventcoder queue' shows where the tasks are."
    return LedgerConflict(message, remedy, current=tuple(current))


def refresh(store: Store, tasks: Iterable[str]) -> None:
    """Make the rows of these tasks anew from their visible entries (inside a writing transaction)."""
    for task in dict.fromkeys(tasks):
        found = store.rows(f"SELECT {_ENTRY} FROM entries AS e WHERE e.kind = ? AND e.subject = ? AND {VISIBLE}", (KIND, task))
        if found:
            store.executemany(_WRITE, [work_row([from_row(row) for row in found])])
        else:
            store.execute("DELETE FROM work WHERE task = ?", (task,))


def unseen_tasks(store: Store) -> list[str]:
    """Tasks about which entries are stored that nobody sees yet: an import that is sealed brings them, and `refresh` then counts them in."""
    return [row[0] for row in store.rows(f"SELECT DISTINCT e.subject FROM entries AS e WHERE e.kind = ? AND {IN_HIDDEN}", (KIND,))]


def derived_rows(store: Store) -> list[tuple[Any, ...]]:
    """The whole table as the visible entries make it, by task."""
    found: dict[str, list[Entry]] = {}
    for row in store.each(f"SELECT {_ENTRY} FROM entries AS e WHERE e.kind = ? AND {VISIBLE} ORDER BY e.subject", (KIND,)):
        found.setdefault(row[2], []).append(from_row(row))
    return [work_row(entries) for _, entries in sorted(found.items())]


def stored_rows(store: Store) -> list[tuple[Any, ...]]:
    """The table as it stands, by task."""
    return sorted(store.rows(f"SELECT {', '.join(COLUMNS)} FROM work"))


def rebuild(store: Store) -> None:
    """Make the table anew (inside a writing transaction)."""
    store.execute("DELETE FROM work")
    store.executemany(_WRITE, derived_rows(store))


# -- read -----------------------------------------------------------------------------------------------------------------------------------

READ = "w.task, w.item, w.item_kind, w.document, w.slot, w.state, w.changed, w.entry, w.heads, w.refused, w.body"  # what `to_task` reads


def find_task(store: Store, task: str) -> Task | None:
    """The task with exactly this id."""
    row = store.row(f"SELECT {READ} FROM work AS w WHERE task = ?", (task,))
    return to_task(row) if row else None


def the_task(store: Store, task: str) -> Task:
    """As `find_task`. Raises `NotFound`."""
    found = find_task(store, task)
    if found is None:
        raise NotFound(f"There is no task {task!r}.", "'eventcoder queue --tasks' shows the tasks; their ids look like DOCUMENT/1 or DRAFT/1.")
    return found


def tasks(
    store: Store,
    *,
    item: str | None = None,
    document: str | None = None,
    holder: str | None = None,
    assigned_for: str | None = None,
    state: str | None = None,
    round: str | None = None,
    blind: bool | None = None,
) -> Iterator[Task]:
    """Tasks by item and slot; each condition given has to hold."""
    given = {"item": item, "document": document, "holder": holder, "assigned_for": assigned_for, "state": state, "round": round,
             "blind": None if blind is None else int(blind)}  # fmt: skip
    conditions = [f"{name} = ?" for name, value in given.items() if value is not None]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    parameters = [value for value in given.values() if value is not None]
    return map(to_task, store.rows(f"SELECT {READ} FROM work AS w{where} ORDER BY item, slot", parameters))


def any_tasks(store: Store) -> bool:
    """Whether there is any task at all: projects without are spared every further question."""
    return store.row("SELECT 1 FROM work LIMIT 1") is not None


def claims(store: Store) -> dict[str, str]:
    """Task -> who has taken it and not handed it in."""
    return {row[0]: row[1] for row in store.rows("SELECT task, holder FROM work WHERE state = 'claimed' AND holder IS NOT NULL")}


def lost_claims(store: Store, before: Mapping[str, str]) -> list[tuple[Task, str]]:
    """Of these `claims`, the tasks that somebody else has taken or handed in since, each with who had it."""
    if not before:
        return []
    now = (task for task in tasks(store) if task.task in before)
    return [(task, before[task.task]) for task in now if task.holder and task.holder != before[task.task]]


def task_of(entry: Entry) -> Task:
    """The task as its newest entry, which follows all others, makes it."""
    found = dict(zip(COLUMNS, work_row([entry]), strict=True))
    return to_task(tuple(found[name.removeprefix("w.")] for name in READ.split(", ")))


def to_task(row: tuple[Any, ...]) -> Task:
    """The task of a row of `READ`."""
    body = json.loads(row[10])
    get = body.get
    planted = get("planted")
    return Task(
        row[0], row[1], row[2], row[3], row[4], _whole(get("slots"), 1), row[5], _text(get("for")), _text(get("by")), _text(get("until")),
        _text(get("round")) or "", _text(get("plan")) or "", bool(get("blind")), bool(get("control")), planted if isinstance(planted, dict) else None,
        _text(get("language")), _text(get("country")), _text(get("type")), _whole(get("rank"), 0), _text(get("reason")),
        tuple(_names(row[9])), row[6], row[7], tuple(json.loads(row[8])), body,
    )  # fmt: skip
