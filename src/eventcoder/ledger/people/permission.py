"""Ask the roster at every way into the ledger: appends, batches and their seals, bulk imports, journals. Floor 2.

Where nobody is registered all of this is one query that finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

from eventcoder.errors import Refused
from eventcoder.ledger.entry import Entry, from_row
from eventcoder.ledger.hidden import VISIBLE
from eventcoder.ledger.people.rights import MACHINE
from eventcoder.ledger.people.roster import Roster, began_by, roster
from eventcoder.project import coder_name

if TYPE_CHECKING:
    from eventcoder.ledger.backend import Store
    from eventcoder.ledger.store import Ledger
    from eventcoder.project import Project

OTHERS = "bring in entries of others"
_ACT = '{"act":"'


def demand_lead(project: Project, given: str | None, what: str, ledger: Ledger | None = None) -> None:
    """Raise `Refused`, saying who may, unless who acts is a lead: for what goes out of the project and leaves no entry that could be asked about.

    `given` is the name that was typed, else whom environment and settings name; where nobody is registered (or no ledger was ever made) no name is
    needed. On a server the lead has to be there as the database's user. `ledger`: the one that is open already.
    """
    from eventcoder.ledger import ledger_exists, open_ledger

    if ledger is None and not ledger_exists(project.ledger_at):
        return
    with open_ledger(project.ledger_at, create=False, readonly=True) if ledger is None else nullcontext(ledger) as opened:
        people = roster(opened)
        lead = people.demand(coder_name(project, given), "lead", what) if not people.empty else None
        if lead is None or opened.store.backend != "postgresql":
            return
        login, (user,) = lead.login or lead.name, opened.store.rows("SELECT session_user::text")[0]
        if user != login:
            raise Refused(f"{lead.name} may {what} as the database's user {login} only, not as {user}.", f"Connect as {login}, or ask {lead.name}.")


def refuse_entries(store: Store, new: Sequence[Entry]) -> None:
    """Raise `Refused` if an entry's coder may not store it (inside a writing transaction, so that nobody is disabled meanwhile)."""
    people = roster(store)
    if people.empty and not any(entry.kind == "coder" for entry in new):
        return
    begun = {entry.subject: entry.coder for entry in new if entry.kind == "act" and entry.body.get("act") == "create"}
    stored = began_by(store)
    people.check_all(new, lambda event_id: begun.get(event_id) or stored(event_id))


def refuse_rows(store: Store, rows: Iterable[tuple[str, ...]], coder: str) -> None:
    """The same for the rows of a bulk import that `coder` makes: one check for those that are alike. Raises `Refused`."""
    people = roster(store)
    if people.empty:
        return
    people.demand(coder, "coder", "import events")
    alike: dict[tuple[str, ...], tuple[str, ...]] = {}
    for row in rows:
        # the first key of an act's body is its verb, in almost all of them; the others are looked at one by one
        verb = row[7][len(_ACT) : row[7].find('"', len(_ACT))] if row[1] == "act" and row[7].startswith(_ACT) else row[0]
        alike.setdefault((row[1], row[4], row[5], verb), row)
    for row in alike.values():
        people.check(from_row(row))
    _refuse_others(people, coder, {row[4] for row in alike.values() if row[5] != MACHINE})


def refuse_seal(store: Store, coder: str, ranges: Iterable[tuple[int, int]] | None = None) -> str:
    """Whether `coder` may seal a batch, whose entries have the numbers of `ranges` (None: they were looked at before); the role that the seal
    carries. Raises `Refused`."""
    people = roster(store)
    if people.empty:
        return "coder"
    people.demand(coder, "coder", "import events")
    for first, last in ranges or ():
        rows = store.rows("SELECT DISTINCT coder FROM entries WHERE seq BETWEEN ? AND ? AND role <> ?", (first, last, MACHINE))
        _refuse_others(people, coder, {row[0] for row in rows})
    return people.role_of(coder)


def _refuse_others(people: Roster, coder: str, names: set[str]) -> None:
    if names - {coder}:
        people.demand(coder, "lead", OTHERS)


def unregistered(store: Store, entries: Iterable[Entry], new: set[str]) -> dict[str, tuple[str, str]]:
    """Of a journal's entries those that the roster does not bear, as id -> (code, what is wrong). `new` are the ids that are not here yet.

    An entry under a name that neither the ledger nor any of the journals registers, and later than the first registration, is nobody's work; a
    registration by somebody who was never made a lead gives no rights. All journals are looked at as one, so their order does not matter. Whether a
    name may do what it did is not asked: roles change, and journals come late.
    """
    entries = list(entries)
    stored = store.rows(
        f"SELECT e.id, e.kind, e.subject, e.parents, e.coder, e.role, e.time, e.body FROM entries AS e WHERE e.kind = 'coder' AND {VISIBLE}"
    )
    here = list(map(from_row, stored))
    both = {entry.id: entry for entry in (*here, *(e for e in entries if e.kind == "coder"))}
    if not both:
        return {}
    known = {entry.subject for entry in both.values()}
    began = min(both.values(), key=lambda e: (e.time, e.id)) if not here else min(here, key=lambda e: (e.time, e.id))
    leads = _leads(both.values(), began)
    out: dict[str, tuple[str, str]] = {}
    for entry in entries:
        if entry.id not in new:
            continue
        if entry.kind == "coder" and entry.id != began.id and entry.coder not in leads:
            told = f"{entry.coder} is no lead and registers {entry.subject}. A lead must register them: eventcoder coders add {entry.subject}"
            out[entry.id] = ("coder-by-no-lead", told)
        elif entry.coder not in known and entry.time > began.time and not (entry.kind == "draft" and entry.role == MACHINE):
            told = f"Entry {entry.id[:12]} ({entry.kind} about {entry.subject}) is by {entry.coder}, whom nobody has registered. "
            out[entry.id] = ("unknown-coder", told + f"A lead can run: eventcoder coders add {entry.coder}; then import again.")
    return out


def _leads(registrations: Iterable[Entry], began: Entry) -> set[str]:
    """Names that were ever made a lead by one who was: beginning with whom the first registration names."""
    found = {began.subject, began.coder}
    made = [e for e in registrations if e.body.get("role") == "lead"]
    grown = True
    while grown:
        more = {e.subject for e in made if e.coder in found} - found
        found |= more
        grown = bool(more)
    return found


def strangers(store: Store) -> list[tuple[str, int]]:
    """Names that stand in this ledger's entries and are not registered, with the number of entries, drafts of engines apart."""
    people = roster(store)
    rows = store.rows(
        f"SELECT e.coder, COUNT(*) FROM entries AS e WHERE {VISIBLE} AND NOT (e.kind = 'draft' AND e.role = ?) GROUP BY e.coder ORDER BY e.coder",
        (MACHINE,),
    )
    return [(str(name), int(number)) for name, number in rows if people.get(name) is None]
