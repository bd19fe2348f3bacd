"""The registers of a team: coders propose actors, publishers and places, leads accept, reject, change, merge and rename them. Floor 5.

Where nobody is registered as a coder, anybody may do all of it. Nothing here touches an event or a release: what was coded stays as it was coded,
and a name that is not accepted is not used. `ledger.registered` says which entry holds, and refuses a decision about what another has decided
meanwhile: what an entry answers is read before what it says is made up (`_seen`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eventcoder.coding.records import reason_text
from eventcoder.errors import NotFound, Refused, UsageError
from eventcoder.ledger import Entry, new_entry
from eventcoder.ledger.people.rights import right_for
from eventcoder.ledger.people.roster import roster
from eventcoder.ledger.registered import ACCEPTED, PROPOSED, REJECTED, WITHDRAWN, Word, done, overtaken, status_of, words
from eventcoder.team.registers.describing import body_by, called, check_days, described, name_given, present_body, registered_body
from eventcoder.team.registers.naming import (
    Bodies,
    asked,
    carried_out,
    items,
    joined,
    merged,
    names_another,
    refuse_borne,
    renamed,
    replayed,
    word_on,
)

if TYPE_CHECKING:
    from eventcoder.coding import Desk

_ABOUT_ENTRY = ("status", "reason")  # of a body: what is said of the entry, not of the actor
_REGISTERS = ("actors", "publishers", "team_places")  # what a desk keeps of them


def may_decide(desk: Desk, kind: str) -> bool:
    """Whether the desk's coder may change this register, or only propose."""
    people = roster(desk.ledger)
    member = people.get(desk.coder)
    return people.empty or (member is not None and member.active and member.role == right_for(kind, {}).least)


def propose(desk: Desk, kind: str, name: str, given: Mapping[str, Any], reason: str, drop: Sequence[str] = ()) -> Entry:
    """Propose a new name, or a change to one that is registered; `drop` empties properties first. A coder's further proposal adds to the own one.

    Raises `UsageError`, `Refused` where it says nothing new.
    """
    name = name_given(name)
    said = _seen(desk, kind, name)
    before = registered_body(desk, kind, name)
    own = _own(desk, kind, said, naming=False)
    base = before if not own else _wanted(desk, kind, said, own[-1], before)
    if drop and base is None:
        raise UsageError(f"'{name}' is not registered: there is nothing to empty.", "Leave --drop out.")
    body = joined(_without(name, base, drop) if base is not None else {"name": name}, described(desk, kind, given))
    check_days(body)
    refuse_borne(desk, kind, name, body, before)
    if before is not None and body == before:
        raise Refused(f"The {kind} {name!r} is in the register already, just so.", "Say what shall be changed, or nothing need be done.")
    return _proposed_anew(desk, kind, said, body, reason, own)


def propose_merge(desk: Desk, kind: str, name: str, into: str, reason: str) -> Entry:
    """Propose to make one of two names. It is checked as the merge itself will be: raises what `merge` does."""
    return _propose_naming(desk, kind, name, {"merge_into": name_given(into)}, reason)


def propose_rename(desk: Desk, kind: str, old: str, new: str, since: str, reason: str) -> Entry:
    """Propose another name from a day on. It is checked as the rename itself will be: raises what `rename` does."""
    return _propose_naming(desk, kind, old, {"rename_to": name_given(new), "from": since}, reason)


def _propose_naming(desk: Desk, kind: str, name: str, asks: Mapping[str, Any], reason: str) -> Entry:
    name = name_given(name)
    said = _seen(desk, kind, name)
    carried_out(desk, kind, name, asks)
    return _proposed_anew(desk, kind, said, {"name": name, **asks}, reason, _own(desk, kind, said, naming=True))


def _proposed_anew(desk: Desk, kind: str, said: Word, body: Mapping[str, Any], reason: str, own: Sequence[Entry]) -> Entry:
    for other in said.proposed:
        if _said(other.body) == body:
            raise Refused(f"{other.coder} proposed just this on {other.time[:10]}.", f"A lead decides: eventcoder {kind}s accept {said.name!r}")
    earlier = [part for entry in own for part in str(entry.body.get("reason") or "").split("; ") if part]
    why = "; ".join(dict.fromkeys(filter(None, [*earlier, reason])))
    return _store(desk, kind, [(said.name, body, PROPOSED, why, [*_base(said), *(entry.id for entry in own)])])[0]


def _own(desk: Desk, kind: str, said: Word, *, naming: bool) -> list[Entry]:
    """The coder's own open proposals of a name, which a further one takes up. Raises `Refused` where the two are of another kind."""
    own = [entry for entry in said.proposed if entry.coder == desk.coder]
    for entry in own:
        if naming or names_another(entry.body):
            what = asked(entry.body) or "a change"
            raise Refused(
                f"You proposed something for '{said.name}' on {entry.time[:10]} ({what}), and no lead has decided yet.",
                f"Take that back first, if it shall not be: eventcoder {kind}s reject {said.name!r} --reason TEXT",
            )
    return own


def enter(desk: Desk, kind: str, name: str, given: Mapping[str, Any], reason: str = "") -> Entry:
    """Register a new name at once; open proposals of it are answered by this. Raises `Refused` for one that is registered."""
    _demand(desk, kind, f"{name!r} ...")
    name = name_given(name)
    said = _seen(desk, kind, name)
    if registered_body(desk, kind, name) is not None:
        raise Refused(
            f"The {kind} {name!r} is in the register already.", f"Nothing was changed. 'eventcoder {kind}s change' changes what is said of it."
        )
    body = joined({"name": name}, described(desk, kind, given))
    check_days(body)
    refuse_borne(desk, kind, name, body, None)
    return _store(desk, kind, [(name, body, ACCEPTED, reason, said.heads)])[0]


def enter_or_propose(desk: Desk, kind: str, name: str, given: Mapping[str, Any]) -> Entry:
    """Register a new name, or propose it where the coder may not decide."""
    return enter(desk, kind, name, given) if may_decide(desk, kind) else propose(desk, kind, name, given, "")


def change(desk: Desk, kind: str, name: str, given: Mapping[str, Any], reason: str, drop: Sequence[str] = ()) -> Entry:
    """Say something else of a registered name; other names and domains are added to those there are, `drop` empties properties first. Open
    proposals of it are answered by this: who changes a name has seen them."""
    _demand(desk, kind, f"{name!r} ...")
    name = name_given(name)
    said = _seen(desk, kind, name)
    before = present_body(desk, kind, name)
    body = joined(_without(name, before, drop), described(desk, kind, given))
    check_days(body)
    refuse_borne(desk, kind, name, body, before)
    if body == before and not said.rivals:  # where leads decided apart, saying once more what holds ends it
        raise Refused(f"The {kind} {name!r} is in the register already, just so.", "Nothing was changed.")
    return _store(desk, kind, [(name, body, ACCEPTED, reason, said.heads)])[0]


def accept(desk: Desk, kind: str, name: str, given: Mapping[str, Any] = {}, *, by: str | None = None, reason: str = "") -> list[Entry]:
    """Accept a proposal (of the coder `by`, where there are several), with what is `given` changed in it; a merge or rename is carried out.

    Of a proposal to change a name that was changed meanwhile, only what it proposes to change is taken. Proposals of others for a registered name
    stay open. Raises `NotFound`, `Refused`.
    """
    _demand(desk, kind)
    said = _proposed(desk, kind, name, by)
    chosen, name = said.proposed[-1], said.name
    if into := overtaken(said, chosen):
        raise Refused(f"'{name}' is another name of '{into}' by now.", f"Reject it, or say it of the other: eventcoder {kind}s change {into!r}")
    before = None if kind == "place" else registered_body(desk, kind, name)
    own = {entry.id for entry in said.proposed}
    open_still = {e.id for e in word_on(desk, kind, name).proposed} - own if before is not None else set()
    answered = [i for i in said.heads if i not in open_still]
    if names_another(chosen.body):
        if any(value not in (None, "", [], ()) for value in given.values()):
            raise UsageError(
                f"{chosen.coder} proposed to {asked(chosen.body)}: there is nothing to put right.", f"{kind.title()}s are described by 'change'."
            )
        asks = chosen.body | ({"merge_into": called(desk, kind, chosen.body["merge_into"])} if chosen.body.get("merge_into") else {})
        other = str(asks.get("merge_into") or asks["rename_to"])
        heads = {name: answered, other: _decided(desk, kind, _seen(desk, kind, other))}
        return _store_naming(desk, kind, carried_out(desk, kind, name, asks), reason, heads)
    body = _said(chosen.body) if kind == "place" else _wanted(desk, kind, said, chosen, before)
    if kind != "place":
        body = joined(body, described(desk, kind, given))
        check_days(body)
        refuse_borne(desk, kind, name, body, before)
        key = "inter" if kind == "actor" else "scale"
        if before is None and not body.get(key):
            raise UsageError(f"Nobody has said the {'kind' if key == 'inter' else 'scale'} of {name}.", f"Accept it with --{key}.")
    return _store(desk, kind, [(name, body, ACCEPTED, reason, answered)])


def reject(desk: Desk, kind: str, name: str, reason: str, *, by: str | None = None) -> list[Entry]:
    """Turn down the proposals of a name (those of `by`), or a name that waits in the queue; what is accepted stays. Raises `NotFound`.

    Who may not decide takes back own proposals by it, and nothing else.
    """
    reason = reason_text(reason)
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
        said = word_on(desk, kind, name)
    gone = _said(said.proposed[-1].body) if kind == "place" else {"name": said.name}
    others = {e.id for e in word_on(desk, kind, said.name).proposed} - {e.id for e in said.proposed}
    return _store(desk, kind, [(said.name, gone, REJECTED, reason, [i for i in said.heads if i not in others])])


def _take_back(desk: Desk, kind: str, name: str, reason: str) -> list[Entry]:
    """Withdraw the coder's own open proposals of a name; [] where there are none."""
    try:
        said = _proposed(desk, kind, name, desk.coder, several=True)
    except NotFound:
        return []
    body = {"name": said.proposed[-1].body.get("name", said.name), WITHDRAWN: True}
    return _store(desk, kind, [(said.name, body, PROPOSED, reason, [entry.id for entry in said.proposed])])


def merge(desk: Desk, kind: str, name: str, into: str, reason: str) -> list[Entry]:
    """Let one name be another name of `into`, at once: see `naming.merged`. Raises what that does."""
    reason = reason_text(reason)
    _demand(desk, kind, f"{name!r} --merge-into {into!r}")
    said = {one: _seen(desk, kind, one) for one in (name_given(name), name_given(into))}
    heads = {one: word.heads if one == name_given(name) else _decided(desk, kind, word) for one, word in said.items()}
    return _store_naming(desk, kind, merged(desk, kind, name, into), reason, heads)


def rename(desk: Desk, kind: str, old: str, new: str, since: str, reason: str) -> list[Entry]:
    """Let an actor or publisher be called `new` from a day on, at once: see `naming.renamed`. Raises what that does.

    Events keep the name that they were coded with: `renaming.named_otherwise` lists those of later days.
    """
    reason = reason_text(reason)
    _demand(desk, kind, f"{old!r} --rename {new!r} --from {since}")
    said = {one: _seen(desk, kind, one) for one in (name_given(old), name_given(new))}
    heads = {one: word.heads if one == name_given(old) else _decided(desk, kind, word) for one, word in said.items()}
    return _store_naming(desk, kind, renamed(desk, kind, old, new, since), reason, heads)


def _store_naming(desk: Desk, kind: str, bodies: Bodies, reason: str, answered: Mapping[str, Iterable[str]]) -> list[Entry]:
    """Store what a merge or rename makes of two names; `answered` are the entries that each answers, where they were read before."""
    return _store(desk, kind, [(name, body, ACCEPTED, reason, answered[name]) for name, body in bodies])


def propose_place(desk: Desk, body: Mapping[str, Any], reason: str) -> Entry:
    """Propose a place whose body was checked (`Desk.new_place`); what the coder proposed for it before is replaced. Raises `Refused`."""
    reason, key = reason_text(reason), str(body["gazetteer_id"])
    said = _seen(desk, "place", key)
    stated = _stated(body)
    if said.accepted is not None and _said(said.accepted.body) == stated:
        raise Refused(f"The place {body['name']!r} is registered already, just so.", "Say what shall be changed, or nothing need be done.")
    own = [entry for entry in said.proposed if entry.coder == desk.coder]
    return _proposed_anew(desk, "place", said, stated, reason, own)


def enter_place(desk: Desk, body: Mapping[str, Any]) -> Entry:
    """Register a place whose body was checked; one that is registered is described anew."""
    _demand(desk, "place", f"{body['name']!r} ...")
    key = str(body["gazetteer_id"])
    return _store(desk, "place", [(key, body, ACCEPTED, "", word_on(desk, "place", key).heads)])[0]


def enter_places(desk: Desk, bodies: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """The same for many places, all or none; those that are registered just so are no part of what is stored."""
    said = words(desk.ledger, "place")
    keyed = {str(body["gazetteer_id"]): body for body in bodies}
    now = {key: _said(word.accepted.body) for key in keyed if (word := said.get(key)) is not None and word.accepted is not None}
    fresh = [(key, body) for key, body in keyed.items() if now.get(key) != _stated(body)]
    return _store(desk, "place", [(key, body, ACCEPTED, "", said.get(key, Word(key)).heads) for key, body in fresh])


def _decided(desk: Desk, kind: str, said: Word) -> list[str]:
    """What a merge into a name answers, or a new name that is it: not the proposals of a registered name, which no one has looked at for that."""
    waits = {e.id for e in said.proposed} if said.proposed and registered_body(desk, kind, said.name) is not None else set()
    return [i for i in said.heads if i not in waits]


def _seen(desk: Desk, kind: str, name: str) -> Word:
    """What the ledger says of a name. What the desk keeps of the registers is read anew after it: then whatever is made up of that is no older
    than what it answers, and what comes in between is found out when it is stored."""
    said = word_on(desk, kind, name)
    for kept in _REGISTERS:
        desk.__dict__.pop(kept, None)
    return said


def _wanted(desk: Desk, kind: str, said: Word, proposal: Entry, now: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a proposal makes of what the register holds now."""
    wanted = _said(proposal.body)
    if now is None or said.accepted is None or said.accepted.id in proposal.parents:
        return wanted
    based = [_said(e.body) for e in map(desk.ledger.entry, proposal.parents) if status_of(e) == ACCEPTED]
    return replayed(body_by(desk, kind, said.name, *based[-1:]) or {"name": said.name}, wanted, now)


def _without(name: str, body: Mapping[str, Any], drop: Sequence[str]) -> dict[str, Any]:
    """A body with properties emptied ("until"), or values taken out of them ("aliases=ZLF"). Raises `UsageError` for what is not said of the name."""
    out = dict(body)
    for text in drop:
        key, parted, value = (part.strip() for part in text.partition("="))
        if key not in out or key in ("name", "named"):
            known = ", ".join(sorted(body.keys() - {"name", "named"})) or "nothing"
            raise UsageError(f"Nothing is said of {key!r} for {name}.", f"Known: {known}.")
        if parted and value not in items(out[key]):
            raise UsageError(f"{value!r} is not what is said of {name}.", f"Its {key}: {'; '.join(items(out[key]))}.")
        kept = [one for one in items(out.pop(key)) if parted and one != value]
        if kept:
            out[key] = kept[0] if key in ("domain", "country") and len(kept) == 1 else kept
    return out


def _base(said: Word) -> list[str]:
    """What a proposal builds on: what holds, or what turned the name down; never another proposal, which it would answer."""
    return [entry.id for entry in (said.accepted, said.rejected) if entry is not None]


def _proposed(desk: Desk, kind: str, name: str, by: str | None, *, several: bool = False) -> Word:
    """The name's open proposals; a place is found by its name, too. Raises `NotFound` for none, `Refused` for several where one is wanted."""
    found = words(desk.ledger, kind)
    said = found.get(name) or next((w for w in found.values() if any(e.body.get("name") == name for e in w.proposed)), Word(name))
    for kept in _REGISTERS:  # as `_seen` does
        desk.__dict__.pop(kept, None)
    chosen = tuple(e for e in said.proposed if by in (None, e.coder))
    if not chosen:
        last = said.accepted or said.rejected
        told = f" {last.coder} {done(last)} on {last.time[:10]}." if last is not None and by is None else ""
        said_by = f" by {by}" if by else ""
        raise NotFound(f"No open proposal of the {kind} {name!r}{said_by}.{told}", f"'eventcoder {kind}s list --proposed' shows what waits.")
    coders = list(dict.fromkeys(e.coder for e in chosen))
    if len(coders) > 1 and not several:
        raise Refused(f"'{name}' is proposed by {', '.join(coders)}, each in another way.", "Say whose proposal it is: --by NAME.")
    return replace(said, proposed=chosen)


def _stated(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body as it is stored: what is empty says nothing."""
    return {key: value for key, value in body.items() if value not in (None, "", [])}


def _said(body: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key not in _ABOUT_ENTRY}


def _demand(desk: Desk, kind: str, instead: str = "") -> None:
    """Whether the coder may decide. Raises `Refused`, with the proposal to make in its place."""
    right = right_for(kind, {})
    try:
        roster(desk.ledger).demand(desk.coder, right.least, right.what)
    except Refused as error:
        member = roster(desk.ledger).get(desk.coder)
        if not instead or member is None or not member.active or member.role == "reader":
            raise
        raise Refused(error.message, f"{error.remedy} Or propose it: eventcoder {kind}s propose {instead} --reason TEXT") from None


def _store(desk: Desk, kind: str, rows: Iterable[tuple[str, Mapping[str, Any], str, str, Iterable[str]]]) -> list[Entry]:
    """Store (subject, body, status, reason, parents) in one transaction; the registers are read anew after it."""
    entries = []
    role = roster(desk.ledger).role_of(desk.coder)
    for subject, body, status, reason, parents in rows:
        full = _stated(body)
        if status != ACCEPTED:
            full["status"] = status
        if reason:
            full["reason"] = reason
        entries.append(new_entry(kind, subject, full, coder=desk.coder, role=role, time=desk.moment, parents=parents))
    desk.ledger.append(entries)
    for kept in _REGISTERS:
        desk.__dict__.pop(kept, None)
    return entries
