"""Registering coders: who may do what from now on. Floor 5.

A registration is an entry, so it is signed, dated and never lost; what it says of a coder holds until the next one about the same name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from eventcoder.coding.records import reason_text
from eventcoder.errors import LedgerConflict, NotFound, Refused, UsageError
from eventcoder.ledger.people.rights import ROLES
from eventcoder.ledger.people.roster import Member, roster
from eventcoder.ledger.work import KIND as ASSIGNMENT
from eventcoder.ledger.work import any_tasks, tasks
from eventcoder.project import coder_name

if TYPE_CHECKING:
    from eventcoder.coding.desk import Desk
    from eventcoder.ledger import Entry

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_ATTEMPTS = 5


def enrol(
    desk: Desk,
    name: str,
    role: str,
    *,
    languages: Sequence[str] = (),
    countries: Sequence[str] = (),
    login: str | None = None,
    in_training: bool = False,
) -> Member:
    """Register a coder. Raises `UsageError` for a name that is registered, an unknown role, language or country, `Refused` if it may not be."""
    coder_name(desk.project, name)
    if desk.people.get(name) is not None:
        raise UsageError(f"{name} is registered already.", f"eventcoder coders change {name} changes what is said of them.")
    training = "in-training" if in_training else "none"
    if login is None and desk.people.empty and name == desk.coder and desk.ledger.store.backend == "postgresql":
        row = desk.ledger.store.row("SELECT session_user")  # whoever registers himself first must not lock himself out
        login = str(row[0]) if row else None
    return _store(desk, Member(name, _role(role), "active", login or name, _languages(languages), _countries(desk, countries), training))


def change(
    desk: Desk,
    name: str,
    *,
    role: str | None = None,
    languages: Sequence[str] | None = None,
    countries: Sequence[str] | None = None,
    login: str | None = None,
    training: str | None = None,
    reason: str | None = None,
) -> Member:
    """Change what is said of a coder; None leaves it. Raises `NotFound`, and as `enrol`."""
    member = the_member(desk, name)
    new = replace(
        member,
        role=member.role if role is None else _role(role),
        languages=member.languages if languages is None else _languages(languages),
        countries=member.countries if countries is None else _countries(desk, countries),
        login=member.login if login is None else login or name,
        training=member.training if training is None else training,
        reason=reason_text(reason) if reason else None,
    )
    return member if _says_the_same(member, new) else _store(desk, new)


def disable(desk: Desk, name: str, reason: str) -> int:
    """Take a coder's rights away; work that they had taken is anybody's again, in the same transaction. How many tasks that were."""
    text = reason_text(reason)
    for attempt in range(_ATTEMPTS):
        member = the_member(desk, name)
        if not member.active:
            raise UsageError(f"{name} is disabled already.", f"eventcoder coders enable {name} gives the rights back.")
        given = [] if not any_tasks(desk.ledger.store) else _claims_given_back(desk, name)
        try:
            _store(desk, replace(member, state="disabled", reason=text), given)
        except LedgerConflict:  # they handed a task in just now
            if attempt + 1 == _ATTEMPTS:
                raise
        else:
            break
    return len(given)


def enable(desk: Desk, name: str, reason: str | None = None) -> Member:
    """Give a disabled coder the rights back. Raises `NotFound`, `UsageError` if they have them."""
    member = the_member(desk, name)
    if member.active:
        raise UsageError(f"{name} is active.", "There is nothing to enable.")
    return _store(desk, replace(member, state="active", reason=reason_text(reason) if reason else None))


def the_member(desk: Desk, name: str) -> Member:
    """The registered coder of this name. Raises `NotFound`."""
    member = desk.people.get(name)
    if member is None:
        known = f"Registered: {', '.join(desk.people.people)}. " if not desk.people.empty else ""
        raise NotFound(f"{name} is not a registered coder.", f"{known}'eventcoder coders add {name}' registers the name.")
    return member


def _store(desk: Desk, member: Member, more: Sequence[Entry] = ()) -> Member:
    people = desk.people
    if member.active:
        same = next((m for m in people.members if m.active and m.name != member.name and m.login == member.login), None)
        if same is not None:
            raise Refused(f"{same.name} has the login {member.login!r} already: acts of {member.name} would be theirs.", "Give --login another user.")
    before = people.get(member.name)
    heads = heads_of(desk, member.name) if before else ()
    entry = desk.entry("coder", member.name, member.body(), heads)
    desk.ledger.append([entry, *more])
    return replace(member, entry=entry.id, time=entry.time)


def heads_of(desk: Desk, name: str) -> list[str]:
    """The registrations that no other follows: one, or several that journals brought."""
    found = list(desk.ledger.entries("coder", subject=name))
    named = {parent for entry in found for parent in entry.parents}
    return [entry.id for entry in found if entry.id not in named]


def _claims_given_back(desk: Desk, name: str) -> list[Entry]:
    return [
        desk.entry(
            ASSIGNMENT,
            task.task,
            {**task.body_with(state="returned", by=None, until=None, reason=f"{name} was disabled"), "for": None},
            task.heads,
        )
        for task in tasks(desk.ledger.store, holder=name, state="claimed")
    ]


def _says_the_same(one: Member, other: Member) -> bool:
    return one.body() == other.body()


def _role(role: str) -> str:
    if role not in ROLES:
        raise UsageError(f"Unknown role {role!r}.", f"One of {', '.join(ROLES)}; each may do what those before it may.")
    return role


def _languages(given: Sequence[str]) -> tuple[str, ...]:
    """Codes as documents carry them. Raises `UsageError`."""
    found = tuple(dict.fromkeys(code.strip().casefold() for code in given if code.strip()))
    for code in found:
        if not _LANGUAGE.fullmatch(code):
            raise UsageError(f"{code!r} is no code of a language.", "Give codes such as en, fr, ar.")
    return found


def _countries(desk: Desk, given: Sequence[str]) -> tuple[str, ...]:
    """Names as the codebook has them. Raises `UsageError`."""
    out = []
    for text in given:
        if not text.strip():
            continue
        code = desk.codebook.lists["countries"].canonical(text.strip())
        if code is None:
            raise UsageError(f"Unknown country {text!r}.", "'eventcoder codebook show countries' lists them.")
        out.append(code)
    return tuple(dict.fromkeys(out))


def unregistered_names(desk: Desk) -> list[tuple[str, int]]:
    """Names of this ledger's entries that nobody has registered, with the number of their entries."""
    from eventcoder.ledger.people.permission import strangers

    return [] if roster(desk.ledger).empty else strangers(desk.ledger.store)
