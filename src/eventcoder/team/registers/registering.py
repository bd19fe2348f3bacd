"""The registers of a team: coders propose actors, publishers and places, leads accept, reject, change, merge and rename them. Floor 5.

Where nobody is registered as a coder, anybody may do all of it. Nothing here touches an event or a release: what was coded stays as it was coded,
and a name that is not accepted is not used. `ledger.registered` says which entry holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from eventcoder.errors import NotFound, Refused, UsageError
from eventcoder.ledger import Entry, new_entry
from eventcoder.ledger.people.rights import right_for
from eventcoder.ledger.people.roster import roster
from eventcoder.ledger.registered import ACCEPTED, PROPOSED, REJECTED, WITHDRAWN, Word, status_of, words
from eventcoder.names import Period, edge, period_rows, periods_of
from eventcoder.team.registers.describing import check_days, day_given, described, name_given, present_body, registered_body

if TYPE_CHECKING:
    from eventcoder.coding import Desk

_ABOUT_ENTRY = ("status", "reason")  # of a body: what is said of the entry, not of the actor


def may_decide(desk: Desk, kind: str) -> bool:
    """Whether the desk's coder may change this register, or only propose."""
    people = roster(desk.ledger)
    member = people.get(desk.coder)
    return people.empty or (member is not None and member.active and member.role == right_for(kind, {}).least)


def propose(desk: Desk, kind: str, name: str, given: Mapping[str, Any], reason: str) -> Entry:
    """Propose a new name, or a change to one that is registered. Raises `UsageError`, `Refused` where it says nothing new."""
    name = name_given(name)
    before = registered_body(desk, kind, name)
    changes = described(desk, kind, given)
    body = _joined(before or {"name": name}, changes)
    check_days(body)
    if before is not None and body == before:
        raise Refused(f"The {kind} {name!r} is in the register already, just so.", "Say what shall be changed, or nothing need be done.")
    said = _word(desk, kind, name)
    for other in said.proposed:
        if _said(other.body) == body:
            raise Refused(f"{other.coder} proposed just this on {other.time[:10]}.", f"A lead decides: eventcoder {kind}s accept {name!r}")
    return _store(desk, kind, [(name, body, PROPOSED, reason, _base(said))])[0]


def enter(desk: Desk, kind: str, name: str, given: Mapping[str, Any], reason: str = "") -> Entry:
    """Register a new name at once; open proposals of it are answered by this. Raises `Refused` for one that is registered."""
    _demand(desk, kind, name)
    name = name_given(name)
    if registered_body(desk, kind, name) is not None:
        raise Refused(
            f"The {kind} {name!r} is in the register already.", f"Nothing was changed. 'eventcoder {kind}s change' changes what is said of it."
        )
    body = _joined({"name": name}, described(desk, kind, given))
    check_days(body)
    return _store(desk, kind, [(name, body, ACCEPTED, reason, _word(desk, kind, name).heads)])[0]


def enter_or_propose(desk: Desk, kind: str, name: str, given: Mapping[str, Any]) -> Entry:
    """Register a new name, or propose it where the coder may not decide."""
    return enter(desk, kind, name, given) if may_decide(desk, kind) else propose(desk, kind, name, given, "")


def change(desk: Desk, kind: str, name: str, given: Mapping[str, Any], reason: str, drop: Sequence[str] = ()) -> Entry:
    """Say something else of a registered name; other names and domains are added to those there are, `drop` empties properties first."""
    _demand(desk, kind, name)
    name = name_given(name)
    before = present_body(desk, kind, name)
    unknown = [key for key in drop if key not in before or key in ("name", "named")]
    if unknown:
        raise UsageError(f"Nothing is said of {unknown[0]!r} for {name}.", f"Known: {', '.join(sorted(before.keys() - {'name', 'named'}))}.")
    body = _joined({key: value for key, value in before.items() if key not in drop}, described(desk, kind, given))
    check_days(body)
    if body == before:
        raise Refused(f"The {kind} {name!r} is in the register already, just so.", "Nothing was changed.")
    return _store(desk, kind, [(name, body, ACCEPTED, reason, _word(desk, kind, name).heads)])[0]


def accept(desk: Desk, kind: str, name: str, given: Mapping[str, Any] = {}, *, by: str | None = None, reason: str = "") -> Entry:
    """Accept a proposal (of the coder `by`, where there are several), with what is `given` changed in it. Raises `NotFound`, `Refused`.

    Of a proposal to change a name that was changed meanwhile, only what it proposes to change is taken.
    """
    _demand(desk, kind)
    said = _proposed(desk, kind, name, by)
    chosen = said.proposed[-1]
    body = _said(chosen.body)
    if said.accepted is not None and said.accepted.id not in chosen.parents:
        base = next((_said(e.body) for e in map(desk.ledger.entry, chosen.parents) if status_of(e) == ACCEPTED), {})
        body = {**_said(said.accepted.body), **{key: value for key, value in body.items() if value != base.get(key)}}
    if kind != "place":
        body = _joined(body, described(desk, kind, given))
        check_days(body)
    heads = _word(desk, kind, said.name).heads
    return _store(desk, kind, [(said.name, body, ACCEPTED, reason, heads)])[0]


def reject(desk: Desk, kind: str, name: str, reason: str, *, by: str | None = None) -> list[Entry]:
    """Turn down the proposals of a name (those of `by`), or a name that waits in the queue; what is accepted stays. Raises `NotFound`.

    Who may not decide takes back own proposals by it, and nothing else.
    """
    if not may_decide(desk, kind) and by in (None, desk.coder) and (taken_back := _take_back(desk, kind, name, reason)):
        return taken_back
    _demand(desk, kind)
    try:
        said = _proposed(desk, kind, name, by, several=True)
    except NotFound:
        if kind == "place" or by is not None or registered_body(desk, kind, name_given(name)) is not None:
            raise
        from eventcoder.team.registers.unregistered import queue

        if name not in (waiting.name for waiting in queue(desk, kind, limit=1)):
            raise
        said = _word(desk, kind, name)
    gone = _said(said.proposed[-1].body) if kind == "place" else {"name": said.name}
    return _store(desk, kind, [(said.name, gone, REJECTED, reason, [e.id for e in said.proposed] or list(said.heads))])


def _take_back(desk: Desk, kind: str, name: str, reason: str) -> list[Entry]:
    """Withdraw the coder's own open proposals of a name; [] where there are none."""
    try:
        said = _proposed(desk, kind, name, desk.coder, several=True)
    except NotFound:
        return []
    body = {"name": said.proposed[-1].body.get("name", said.name), WITHDRAWN: True}
    return _store(desk, kind, [(said.name, body, PROPOSED, reason, [entry.id for entry in said.proposed])])


def merge(desk: Desk, kind: str, name: str, into: str, reason: str) -> list[Entry]:
    """Let one name be another name of `into`: its other names go with it. A name that nobody registered becomes an alias.

    Raises `Refused` for one that is merged already, `NotFound` where `into` is not registered.
    """
    _demand(desk, kind)
    name, into = name_given(name), name_given(into)
    if name == into:
        raise UsageError("A name cannot be merged with itself.", "Give two names.")
    target = present_body(desk, kind, into)
    own = registered_body(desk, kind, name) or {"name": name}
    for bound, last in (("since", False), ("until", True)):  # one actor, known earlier or later under the other name
        edges = [day for day in (edge(own.get(bound), last=last), edge(target.get(bound), last=last)) if day is not None]
        if len(edges) == 2 and "named" not in target:
            target[bound] = (max if last else min)(edges).isoformat()
    names = [name, *(p["name"] for p in own.get("named", ())), *own.get("aliases", ()), *([own["acronym"]] if own.get("acronym") else [])]
    taken: dict[str, Any] = {"aliases": [n for n in names if n != into]}
    for key in ("local_aliases", "areas", "domain"):
        if own.get(key):
            taken[key] = own[key]
    body = _joined(target, taken)
    held = _word(desk, kind, name).accepted
    if held is not None and held.body.get("merged_into") == into and body == target:
        raise Refused(f"'{name}' is merged into '{into}' already.", "Nothing was changed.")
    gone = {**own, "merged_into": into}
    rows = [(name, gone, ACCEPTED, reason, _word(desk, kind, name).heads), (into, body, ACCEPTED, reason, _word(desk, kind, into).heads)]
    return _store(desk, kind, rows)


def rename(desk: Desk, kind: str, old: str, new: str, since: str, reason: str) -> list[Entry]:
    """Let an actor or publisher be called `new` from a day on; before it the old name stands. Raises `Refused` where that cannot be.

    Events keep the name that they were coded with: `renaming.named_otherwise` lists those of later days.
    """
    _demand(desk, kind)
    old, new, day = name_given(old), name_given(new), day_given(since)
    body = present_body(desk, kind, old)
    other = desk.actors.get(new) if kind == "actor" else (desk.publishers.get(new) if desk.publishers.known(new) else None)
    if other is not None and other.name != old:
        raise Refused(f"'{new}' is in the register already.", f"If the two are one: eventcoder {kind}s merge {old!r} {new!r} --reason TEXT")
    if new == old or (other is None and kind == "actor" and desk.actors.known(new)):
        raise Refused(f"'{old}' cannot be renamed to '{new}'.", "Give a name that is not in use.")
    named = list(periods_of(body.get("named"))) or [Period(old, edge(body.get("since"), last=False), None)]
    end = edge(body.get("until"), last=True)
    if (named[-1].since is not None and day <= named[-1].since) or (end is not None and day > end):
        raise Refused(f"'{old}' is registered {_span(named[-1].since, end)}: it cannot have another name from {day} on.", "Check the day.")
    named = [*named[:-1], replace(named[-1], until=day - timedelta(days=1)), Period(new, day, end)]
    kept = {key: value for key, value in body.items() if key != "acronym"}
    aliases = [*body.get("aliases", ()), *([body["acronym"]] if body.get("acronym") else [])]
    fresh = {**kept, "name": new, "aliases": [a for a in aliases if a != new], "named": period_rows(tuple(named))}
    gone = {**body, "merged_into": new, "renamed": day.isoformat()}
    rows = [(old, gone, ACCEPTED, reason, _word(desk, kind, old).heads), (new, fresh, ACCEPTED, reason, _word(desk, kind, new).heads)]
    return _store(desk, kind, rows)


def propose_place(desk: Desk, body: Mapping[str, Any], reason: str) -> Entry:
    """Propose a place whose body was checked (`Desk.new_place`)."""
    key = str(body["gazetteer_id"])
    return _store(desk, "place", [(key, dict(body), PROPOSED, reason, _base(_word(desk, "place", key)))])[0]


def enter_place(desk: Desk, body: Mapping[str, Any]) -> Entry:
    """Register a place whose body was checked; one that is registered is described anew."""
    _demand(desk, "place", str(body["name"]))
    key = str(body["gazetteer_id"])
    return _store(desk, "place", [(key, dict(body), ACCEPTED, "", _word(desk, "place", key).heads)])[0]


def _word(desk: Desk, kind: str, name: str) -> Word:
    return words(desk.ledger, kind, name).get(name, Word(name))


def _base(said: Word) -> list[str]:
    """What a proposal builds on: what holds, or what turned the name down; never another proposal, which it would answer."""
    return [entry.id for entry in (said.accepted, said.rejected) if entry is not None]


def _proposed(desk: Desk, kind: str, name: str, by: str | None, *, several: bool = False) -> Word:
    """The name's open proposals; a place is found by its name, too. Raises `NotFound` for none, `Refused` for several where one is wanted."""
    found = words(desk.ledger, kind)
    said = found.get(name) or next((w for w in found.values() if any(e.body.get("name") == name for e in w.proposed)), Word(name))
    chosen = tuple(e for e in said.proposed if by in (None, e.coder))
    if not chosen:
        last = said.accepted or said.rejected
        done = f" {last.coder} {status_of(last)} it on {last.time[:10]}." if last is not None and by is None else ""
        said_by = f" by {by}" if by else ""
        raise NotFound(f"No open proposal of the {kind} {name!r}{said_by}.{done}", f"'eventcoder {kind}s list --proposed' shows what waits.")
    if len(chosen) > 1 and not several:
        coders = ", ".join(dict.fromkeys(e.coder for e in chosen))
        if len({e.coder for e in chosen}) > 1:
            raise Refused(f"'{name}' is proposed by {coders}, each in another way.", "Say whose proposal it is: --by NAME.")
    return replace(said, proposed=chosen)


def _joined(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A body with changes: other names and domains are added, all else is replaced."""
    out = dict(before)
    for key, value in changes.items():
        old = out.get(key)
        if key in ("aliases", "local_aliases", "areas"):
            out[key] = [n for n in dict.fromkeys([*(old or ()), *value]) if n != before.get("name")]
        elif key == "domain" and old:
            grown = list(dict.fromkeys(host for hosts in (old, value) for host in ([hosts] if isinstance(hosts, str) else hosts)))
            out[key] = grown[0] if len(grown) == 1 else grown
        else:
            out[key] = value
    return out


def _said(body: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key not in _ABOUT_ENTRY}


def _span(since: object, until: object) -> str:
    return " ".join(part for part in (f"from {since}" if since else "", f"until {until}" if until else "") if part) or "without days"


def _demand(desk: Desk, kind: str, instead_of: str = "") -> None:
    """Whether the coder may decide. Raises `Refused`, with the proposal to make in place of saying something of a name."""
    right = right_for(kind, {})
    try:
        roster(desk.ledger).demand(desk.coder, right.least, right.what)
    except Refused as error:
        member = roster(desk.ledger).get(desk.coder)
        if not instead_of or member is None or not member.active or member.role == "reader":
            raise
        raise Refused(error.message, f"{error.remedy} Or propose it: eventcoder {kind}s propose {instead_of!r} ... --reason TEXT") from None


def _store(desk: Desk, kind: str, rows: Iterable[tuple[str, Mapping[str, Any], str, str, Iterable[str]]]) -> list[Entry]:
    """Store (subject, body, status, reason, parents) in one transaction; the registers are read anew after it."""
    entries = []
    for subject, body, status, reason, parents in rows:
        full = {key: value for key, value in body.items() if value not in (None, "", [])}
        if status != ACCEPTED:
            full["status"] = status
        if reason:
            full["reason"] = reason
        entries.append(new_entry(kind, subject, full, coder=desk.coder, time=desk.moment, parents=parents))
    desk.ledger.append(entries)
    for name in ("actors", "publishers", "team_places"):
        desk.__dict__.pop(name, None)
    return entries
