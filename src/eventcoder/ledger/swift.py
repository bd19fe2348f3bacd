"""Appending one act in one round trip, where the database decides and stores it in a single call.

The act is folded onto the head that this connection saw last, without asking for it again: what stands may have changed since, so the database is
told which version of the head was meant, and stores nothing if it has another one. Then (and for whatever is not a plain act on a plain event) the
long way of `writing` does it, or says why not. Floor 2.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from eventcoder.errors import Refused
from eventcoder.ledger.fold import fold, fold_onto
from eventcoder.ledger.folded import Folded, from_text
from eventcoder.ledger.heads import head_row

if TYPE_CHECKING:
    from eventcoder.ledger.backend import Store
    from eventcoder.ledger.entry import Entry

_KEPT = 64  # heads for each connection
Seen = tuple[str, str]  # the version of an event's row in `heads`, and its folded text
# Texts, not objects: whoever was given an object may have changed it
_SEEN: WeakKeyDictionary[Store, OrderedDict[str, Seen]] = WeakKeyDictionary()


def append_act(store: Store, entry: Entry) -> bool:
    """Store a single act. False, and nothing stored, if it is not one that the database can decide on, or if its event stands otherwise."""
    if not store.swift or entry.kind != "act" or entry.body.get("act") == "resolve":
        return False
    version, after = _folded(store, entry)
    if after is None:
        return False
    head = head_row(after)
    try:
        made = store.append_swiftly(entry.row(), head, version)
    except Refused:
        return False
    if made:
        _remember(store, entry.subject, (made, head[-1]))
    else:
        forget(store, entry.subject)
    return made is not None


def _folded(store: Store, entry: Entry) -> tuple[str, Folded | None]:
    """What the event is with this act, and the version of the head before it ("" if it had none)."""
    if entry.body.get("act") == "create":
        return "", None if entry.parents else fold([entry])
    known = _SEEN.get(store)
    seen = (known.get(entry.subject) if known else None) or see(store, entry.subject)
    before = from_text(seen[1]) if seen is not None else None
    if before is not None and before.heads != entry.parents and (seen := see(store, entry.subject)) is not None:
        before = from_text(seen[1])
    return (seen[0], fold_onto(before, entry)) if seen is not None and before is not None else ("", None)


def see(store: Store, event_id: str) -> Seen | None:
    """An event's head as it stands, which is remembered for the act that may follow; None if there is no such event."""
    row = store.row(f"SELECT {store.row_version}, folded FROM heads WHERE event_id = ?", (event_id,))
    if row is None:
        forget(store, event_id)
        return None
    seen = (str(row[0]), str(row[1]))
    if store.swift:
        _remember(store, event_id, seen)
    return seen


def _remember(store: Store, event_id: str, seen: Seen) -> None:
    known = _SEEN.setdefault(store, OrderedDict())
    known[event_id] = seen
    known.move_to_end(event_id)
    if len(known) > _KEPT:
        known.popitem(last=False)


def forget(store: Store, event_id: str) -> None:
    """Ask for the event's head the next time."""
    if known := _SEEN.get(store):
        known.pop(event_id, None)
