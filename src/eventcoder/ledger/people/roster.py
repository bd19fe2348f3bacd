"""The roster: who is registered as a coder, and whether an entry may be stored under a name. Floor 2.

    people = roster(ledger)
    people.empty                 # open project: nobody is registered, anybody may do anything
    people.get("ana")            # Member or None
    people.check(entry)          # raises Refused

A coder is an entry of kind `coder`; of several about one name the newest counts. What a role may do stands in `rights`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from eventcoder.errors import Refused
from eventcoder.ledger.entry import Entry, from_row
from eventcoder.ledger.hidden import VISIBLE
from eventcoder.ledger.people.rights import MACHINE, ROLES, reaches, right_for

if TYPE_CHECKING:
    from eventcoder.ledger.backend import Row, Store
    from eventcoder.ledger.store import Ledger

STATES = ("active", "disabled")
TRAINING = ("none", "in-training", "qualified")
BeganBy = Callable[[str], str | None]  # event id -> who made its first act


@dataclass(frozen=True, slots=True)
class Member:
    """One registered coder. `login` is the database's user (the name itself where none was given); `entry` the id of the newest registration."""

    name: str
    role: str
    state: str = "active"
    login: str = ""
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    training: str = "none"
    reason: str | None = None
    entry: str = ""
    time: str = ""

    @property
    def active(self) -> bool:
        return self.state == "active"

    @property
    def in_training(self) -> bool:
        return self.training == "in-training"

    def body(self) -> dict[str, Any]:
        """As the body of an entry of kind `coder`."""
        out: dict[str, Any] = {
            "name": self.name, "role": self.role, "state": self.state, "login": None if self.login in ("", self.name) else self.login,
            "languages": list(self.languages), "countries": list(self.countries), "training": self.training,
        }  # fmt: skip
        return {**out, "reason": self.reason} if self.reason else out


def member_of(entry: Entry) -> Member:
    """What a registration says. One that was redacted, or that cannot be read, leaves a disabled reader: nobody gains a right by it."""
    body = entry.body
    role, state, training = body.get("role"), body.get("state"), body.get("training", "none")
    login, reason = body.get("login"), body.get("reason")
    return Member(
        entry.subject,
        role if role in ROLES else "reader",
        state if state in STATES and role in ROLES else "disabled",
        login if isinstance(login, str) and login else entry.subject,
        _texts(body.get("languages")),
        _texts(body.get("countries")),
        training if training in TRAINING else "in-training",
        reason if isinstance(reason, str) else None,
        entry.id,
        entry.time,
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()


def newest(entries: Iterable[Entry]) -> dict[str, Entry]:
    """subject -> its newest entry: one that no other names as parent; of several, the last by time, then id. The order given does not matter."""
    entries = list(entries)
    named = {parent for entry in entries for parent in entry.parents}
    best: dict[str, Entry] = {}
    for entry in entries:
        other = best.get(entry.subject)
        if entry.id not in named and (other is None or (entry.time, entry.id) > (other.time, other.id)):
            best[entry.subject] = entry
    return best


@dataclass(frozen=True)
class Roster:
    """Everybody who is registered, by name."""

    people: Mapping[str, Member] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Roster:
        """From entries of kind `coder`, in any order."""
        found = newest(entry for entry in entries if entry.kind == "coder")
        return cls({name: member_of(found[name]) for name in sorted(found)})

    @property
    def empty(self) -> bool:
        """Nobody is registered: the project is open."""
        return not self.people

    @property
    def members(self) -> tuple[Member, ...]:
        """All of them by name, disabled ones too."""
        return tuple(self.people.values())

    @property
    def trainees(self) -> frozenset[str]:
        return frozenset(m.name for m in self.people.values() if m.in_training)

    def get(self, name: str) -> Member | None:
        return self.people.get(name)

    def by_login(self, login: str) -> Member | None:
        """The active coder whose database user this is."""
        return next((m for m in self.people.values() if m.active and m.login == login), None)

    def role_of(self, name: str) -> str:
        """The role that acts of this coder carry: the registered one, "coder" in an open project and for a name that is not registered."""
        member = self.people.get(name)
        return member.role if member else "coder"

    def demand(self, name: str, least: str = "coder", what: str = "store anything") -> Member | None:
        """The member of this name, who must be active and have at least the role; None in an open project. Raises `Refused`."""
        if self.empty:
            return None
        member = self.people.get(name)
        if member is None:
            near = get_close_matches(name, self.people, 1)
            meant = f" Did you mean '{near[0]}'?" if near else ""
            raise Refused(f"{name} is not a registered coder of this project.{meant}", f"A lead can register the name: eventcoder coders add {name}")
        if not member.active:
            why = f" ({member.reason})" if member.reason else ""
            raise Refused(f"{name} is disabled{why}, and nothing can be stored under this name.", f"A lead can run: eventcoder coders enable {name}")
        if not reaches(member.role, least):
            others = [m.name for m in self.members if m.active and reaches(m.role, least)]
            raise Refused(
                f"{name} is registered as {member.role} and may not {what}: that takes a {least}.", f"Ask {' or '.join(others[:3]) or 'a lead'}."
            )
        return member

    def check(self, entry: Entry, began_by: BeganBy | None = None) -> None:
        """Whether this entry may be stored as new. Raises `Refused` that says what to do.

        `began_by` tells whose event an act is about; without it every event counts as somebody else's.
        """
        if entry.kind == "coder":
            self._check_registration(entry)
        if self.empty or (entry.kind == "draft" and entry.role == MACHINE):
            return
        right = right_for(entry.kind, entry.body)
        least = right.least
        if right.own != least and began_by is not None and began_by(entry.subject) == entry.coder:
            least = right.own
        member = self.demand(entry.coder, least, right.what)
        if member is not None and (entry.role != member.role if entry.kind == "act" else not reaches(member.role, entry.role)):
            raise Refused(
                f"The {entry.kind} about {entry.subject} says that {entry.coder} is {entry.role}, who is registered as {member.role}.",
                "If the role was changed just now, do it again.",
            )

    def _check_registration(self, entry: Entry) -> None:
        body, name = entry.body, entry.subject
        for key, allowed in (("role", ROLES), ("state", STATES), ("training", TRAINING)):
            if body.get(key) not in allowed:
                raise Refused(f"The registration of {name} has the {key} {body.get(key)!r}.", f"It must be one of {', '.join(allowed)}.")
        first = self.empty
        leads = any(m.active and m.role == "lead" for m in self.plus(entry).members)
        if not leads and first:
            raise Refused(
                f"The first coder must be a lead, who registers the others; {name} would be {body['role']}.",
                f"eventcoder coders add {name} --role lead",
            )
        if not leads:
            raise Refused(f"{name} is the only active lead: without one nobody could register coders.", "Make somebody else a lead first.")

    def plus(self, entry: Entry) -> Roster:
        """With one more registration, which follows those that are here."""
        return Roster(dict(sorted({**self.people, entry.subject: member_of(entry)}.items())))

    def check_all(self, entries: Sequence[Entry], began_by: BeganBy | None = None) -> Roster:
        """`check` of entries in a row, each registration counting for what follows; the roster after them."""
        now = self
        for entry in entries:
            now.check(entry, began_by)
            if entry.kind == "coder":
                now = now.plus(entry)
        return now


# (number of registrations, the last one's number) when they were read. The count is asked too: the order in which numbers are given need not be that
# in which transactions end.
ASK = f"SELECT COUNT(*), COALESCE(MAX(e.seq), 0) FROM entries AS e WHERE e.kind = 'coder' AND {VISIBLE}"
_READ: WeakKeyDictionary[Store, tuple[tuple[Any, ...], Roster]] = WeakKeyDictionary()
OPEN = Roster()


def roster(where: Ledger | Store) -> Roster:
    """Who is registered in this ledger now: one cheap query, and all registrations only when there are new ones."""
    from eventcoder.ledger.store import Ledger

    store = where.store if isinstance(where, Ledger) else where
    return standing(store, store.row(ASK))


def standing(store: Store, state: Row | None) -> Roster:
    """The same where `ASK` was put to the ledger already, together with other questions: `state` is its row."""
    if state is None or not state[0]:
        return OPEN
    known = _READ.get(store)
    if known is None or known[0] != state:
        rows = store.rows(
            f"SELECT e.id, e.kind, e.subject, e.parents, e.coder, e.role, e.time, e.body FROM entries AS e WHERE e.kind = 'coder' AND {VISIBLE}"
        )
        known = (state, Roster.of(map(from_row, rows)))
        _READ[store] = known
    return known[1]


def forget(store: Store) -> None:
    """Read the roster anew the next time: a registration was redacted."""
    _READ.pop(store, None)


def began_by(store: Store) -> BeganBy:
    """A look-up of who made an event's first act, by the head table."""

    def look(event_id: str) -> str | None:
        row = store.row("SELECT folded FROM heads WHERE event_id = ?", (event_id,))
        return str(json.loads(row[0])["coder"]) if row else None

    return look
