"""Entries that the roster of their time did not allow: journals and copies bring them, and the program that made them asked another roster. Floor 2.

What a coder stored is held against the registration that was the newest at the time of the entry; before the first one of a name against that.
Clocks differ, and an offline coder may not have known of a change: so it is told, and nothing is refused for it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from eventcoder.ledger.entry import Entry, from_row
from eventcoder.ledger.hidden import VISIBLE
from eventcoder.ledger.people.rights import MACHINE, RIGHTS, reaches, right_for
from eventcoder.ledger.people.roster import Member, began_by, member_of
from eventcoder.problem import Problem

if TYPE_CHECKING:
    from eventcoder.ledger.backend import Store

_ENTRY = "e.id, e.kind, e.subject, e.parents, e.coder, e.role, e.time, e.body"
_ORDINARY = {right.kind for right in RIGHTS if right.least == "coder" and not right.key}  # what an active coder may do whatever it says


def doubtful_entries(store: Store) -> list[Problem]:
    """Warnings, one for each coder and thing that was done: under names that nobody registered, and beyond the role of the time."""
    registrations = [from_row(row) for row in store.rows(f"SELECT {_ENTRY} FROM entries AS e WHERE e.kind = 'coder' AND {VISIBLE}")]
    if not registrations:
        return []
    began = min(registrations, key=lambda e: (e.time, e.id))
    past: dict[str, list[Member]] = {}
    for entry in sorted(registrations, key=lambda e: (e.time, e.id)):
        past.setdefault(entry.subject, []).append(member_of(entry))
    whose = began_by(store)
    found: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in _looked_at(store, past):
        if entry.id == began.id or entry.body.get("redacted"):
            continue
        members = past.get(entry.coder)
        if members is None:
            if entry.time > began.time:
                found.setdefault((entry.coder, "unregistered", ""), []).append(entry)
            continue
        right = right_for(entry.kind, entry.body)
        own = right.own != right.least and whose(entry.subject) == entry.coder
        times = [m.time for m in members]
        # of a change in the same second nobody knows what came first: what either allows is fine
        stood = members[max(0, bisect_left(times, entry.time) - 1) : max(0, bisect_right(times, entry.time) - 1) + 1]
        wrong = [_wrong(then, entry, right.own if own else right.least, right.what) for then in stood]
        if all(wrong) and (newest := wrong[-1]) is not None:
            found.setdefault((entry.coder, *newest), []).append(entry)
    return [_told(*key, entries) for key, entries in sorted(found.items())]


def _wrong(then: Member, entry: Entry, least: str, what: str) -> tuple[str, str] | None:
    """Why a coder who stood so might not store the entry: state or role, and since when or what; None if it was fine."""
    if not then.active:
        return "disabled", then.time
    if not reaches(then.role, least):
        return then.role, what
    return None if reaches(then.role, entry.role) else (then.role, f"act as {entry.role}")


def _looked_at(store: Store, past: dict[str, list[Member]]) -> Iterator[Entry]:
    """The entries that could be beyond a right: most of a ledger is what every coder may do, by people who were nothing less all the time."""
    steady = [name for name, members in past.items() if all(m.active and m.role != "reader" for m in members)]
    free = [name for name in steady if all(m.role == "lead" for m in past[name])]
    said = [f'%"{right.key}":"{right.value}"%' for right in RIGHTS if right.kind in ("act", "query") and right.value and right.least != "coder"]
    doubt = ["e.role NOT IN ('coder', 'reader')", f"e.kind NOT IN ({_marks(_ORDINARY)})", *["e.body LIKE ?"] * len(said)]
    where, values = "1 = 1", []
    drafts = f"e.kind = 'draft' AND e.role = '{MACHINE}'"  # made by an engine, whoever ran it
    if steady:
        where = f"({' OR '.join([*doubt, f'e.coder NOT IN ({_marks(steady)})'])})"
        values = [*sorted(_ORDINARY), *said, *steady]
    if free:
        where += f" AND e.coder NOT IN ({_marks(free)})"
        values += free
    with store.snapshot() as still:
        yield from map(from_row, still.each(f"SELECT {_ENTRY} FROM entries AS e WHERE {where} AND NOT ({drafts}) AND {VISIBLE}", values))


def _marks(values: Collection[str]) -> str:
    return ", ".join("?" * len(values))


def _told(coder: str, state: str, what: str, entries: list[Entry]) -> Problem:
    first = min(entries, key=lambda e: (e.time, e.id))
    many = f"{len(entries):,} entries" if len(entries) != 1 else "1 entry"
    example = f"the first at {first.time}: {first.kind} about {first.subject}, entry {first.id[:12]}"
    if state == "unregistered":
        said = f"{many} by {coder}, whom nobody has registered, {example}. If the name is right: eventcoder coders add {coder}"
        return Problem("entry-by-stranger", said, "warning", value=coder)
    look = f"Look at them with 'eventcoder log --by {coder}', and amend or retract what should not stand."
    if state == "disabled":
        said = f"{many} by {coder} after the name was disabled at {what}, {example}. {look}"
    else:
        said = f"{many} by {coder}, who was registered as {state} then and may not {what}, {example}. {look}"
    return Problem("entry-beyond-role", said, "warning", value=coder)
