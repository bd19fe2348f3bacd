"""Names that somebody types: of coders, rounds and imported files. Floor 5.

One that nobody here bears is refused with those that there are: "nothing" would be read as an answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from eventcoder.errors import UsageError
from eventcoder.ledger.hidden import VISIBLE
from eventcoder.ledger.people.rights import MACHINE
from eventcoder.ledger.people.roster import roster

if TYPE_CHECKING:
    from eventcoder.coding.opened import Opened

SHOWN = 12  # names in a message


def known_coder(opened: Opened, name: str | None, option: str, *, engines: bool = False) -> str | None:
    """The name as given, of somebody who is registered, has a task, or stored an entry here; with `engines` also of what made drafts.

    Raises `UsageError`.
    """
    if name is None:
        return None
    known: set[str] = set()
    if opened.has_ledger:
        store = opened.ledger.store
        people = roster(store).people
        asked = "SELECT 1 FROM work WHERE assigned_for = ? OR holder = ? LIMIT 1"
        which = VISIBLE if engines else f"{VISIBLE} AND e.role <> '{MACHINE}'"
        stored = f"SELECT 1 FROM entries AS e WHERE e.coder = ? AND {which} LIMIT 1"
        if name in people or store.row(asked, (name, name)) or store.row(stored, (name,)):
            return name
        named = ("SELECT assigned_for FROM work", "SELECT holder FROM work", f"SELECT DISTINCT e.coder FROM entries AS e WHERE {which}")
        known = {*people, *(row[0] for sql in named for row in store.rows(sql) if row[0])}
    raise _unknown(f"{option}: there is no coder {name!r}.", name, known, "Nobody has stored anything here yet.")


def known_round(opened: Opened, name: str | None, *, blind: bool = False) -> str | None:
    """The name as given, of a round in which tasks were assigned; with `blind` of one in which documents are coded apart. Raises `UsageError`."""
    if name is None:
        return None
    where = " WHERE blind = 1" if blind else ""
    found = {row[0] for row in opened.ledger.store.rows(f"SELECT DISTINCT round FROM work{where}")} if opened.has_ledger else set()
    if name not in found:
        what = " in which documents are coded apart" if blind else ""
        how = "'eventcoder assign --double SHARE' hands documents out twice." if blind else "'eventcoder assign' makes tasks."
        raise _unknown(f"There is no round {name!r}{what}.", name, found, f"There is none yet: {how}")
    return name


def known_import(opened: Opened, name: str | None, option: str) -> str | None:
    """The name or sha256 as given, of a table that was imported; "*" stands for any. Raises `UsageError`."""
    if name in (None, "*"):
        return name
    seals = opened.ledger.latest("seal").values() if opened.has_ledger else ()
    told = [body for entry in seals if isinstance(body := entry.body.get("import"), dict)]
    if not any(name in (body.get("file"), body.get("sha256")) for body in told):
        raise _unknown(f"{option}: no file {name!r} was imported.", str(name), {str(body.get("file")) for body in told}, "None was yet.")
    return name


def _unknown(said: str, name: str, known: Iterable[str], none: str) -> UsageError:
    names = sorted(known)
    near = [one for one in names if one.casefold() == name.casefold()] or get_close_matches(name, names, 1)
    meant = f"Did you mean {near[0]!r}? " if near else ""
    return UsageError(said, f"{meant}Known: {', '.join(names[:SHOWN])}{' ...' if len(names) > SHOWN else ''}." if names else none)
