"""Two names made one, and another name from a day on: the bodies that a register gets, nothing stored. Floor 5.

A merge and a rename change two names at once: the one that goes (`merged_into`, and `renamed` with the first day of the new name) and the one
that stays. Both may be proposed: the proposal says `merge_into`, or `rename_to` and `from`, and is carried out when a lead accepts it, on what the
register holds then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from eventcoder.errors import Refused, UsageError
from eventcoder.ledger.registered import Word, words
from eventcoder.names import Period, edge, fold, period_rows, periods_of
from eventcoder.team.registers.describing import day_given, name_given, present_body, registered_body, way_in

if TYPE_CHECKING:
    from eventcoder.coding import Desk

Bodies = tuple[tuple[str, dict[str, Any]], tuple[str, dict[str, Any]]]  # the name that goes and the one that stays, with what each is from now on


def names_another(body: Mapping[str, Any]) -> bool:
    """Whether a proposal's body asks for a merge or a rename."""
    return bool(body.get("merge_into") or body.get("rename_to"))


def asked(body: Mapping[str, Any]) -> str:
    """A proposed merge or rename in words; "" for what is neither."""
    if body.get("merge_into"):
        return f"merge into {body['merge_into']}"
    return f"rename to {body['rename_to']} from {body.get('from')} on" if body.get("rename_to") else ""


def carried_out(desk: Desk, kind: str, name: str, body: Mapping[str, Any]) -> Bodies:
    """What a proposed merge or rename comes to now. Raises `Refused`, `NotFound`, `UsageError` where it cannot be."""
    if body.get("merge_into"):
        return merged(desk, kind, name, str(body["merge_into"]))
    return renamed(desk, kind, name, str(body["rename_to"]), str(body.get("from") or ""))


def merged(desk: Desk, kind: str, name: str, into: str) -> Bodies:
    """`name` becomes another name of `into`, and its other names go with it. A name that nobody registered becomes an alias.

    Raises `Refused` for one that is merged already, `NotFound` where `into` is not registered.
    """
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
    body = joined(target, taken)
    held = word_on(desk, kind, name).accepted
    if held is not None and held.body.get("merged_into") == into and body == target:
        raise Refused(f"'{name}' is merged into '{into}' already.", "Nothing was changed.")
    return (name, {**own, "merged_into": into}), (into, body)


def renamed(desk: Desk, kind: str, old: str, new: str, since: str) -> Bodies:
    """`old` is called `new` from a day on; before it the old name stands. Raises `Refused` where that cannot be."""
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
    return (old, {**body, "merged_into": new, "renamed": day.isoformat()}), (new, fresh)


def refuse_borne(desk: Desk, kind: str, name: str, body: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
    """Raise `Refused` where a publisher gets a domain or another name that is another's: each must lead to one. Actors may share names."""
    if kind != "publisher":
        return
    fresh = [(key, value) for key in ("domain", "aliases") for value in items(body.get(key)) if value not in items((before or {}).get(key))]
    for other in desk.publishers.publishers if fresh else ():
        if name in other.names:
            continue
        for key, value in fresh:
            theirs = items(getattr(other, "domains" if key == "domain" else "aliases"))
            if fold(value) in map(fold, theirs if key == "domain" else (*theirs, *other.names)):
                how = f"merge {name!r} {other.name!r}" if way_in(desk, kind) == "add" else f"propose {name!r} --merge-into {other.name!r}"
                away = f" If it is no longer theirs: eventcoder publishers change {other.name!r} --drop {f'{key}={value}'!r}"
                one = f"If the two are one: eventcoder publishers {how} --reason TEXT."
                raise Refused(f"'{value}' belongs to the publisher '{other.name}'.", one + (away if value in theirs else ""))


def word_on(desk: Desk, kind: str, name: str) -> Word:
    """What the ledger says of a name now."""
    return words(desk.ledger, kind, name).get(name, Word(name))


def joined(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A body with changes: other names and domains are added, all else is replaced."""
    out = dict(before)
    for key, value in changes.items():
        if key in LISTS and out.get(key):
            grown = [n for n in dict.fromkeys([*items(out[key]), *items(value)]) if n != before.get("name")]
            out[key] = grown[0] if key == "domain" and len(grown) == 1 else grown
        else:
            out[key] = [n for n in value if n != before.get("name")] if key in LISTS and not isinstance(value, str) else value
    return out


def replayed(base: Mapping[str, Any], wanted: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """What `wanted` changes in `base`, done to `now`: a proposal whose name was changed by others meanwhile."""
    out = dict(now)
    for key in dict.fromkeys([*base, *wanted]):
        old, new = base.get(key), wanted.get(key)
        if old == new:
            continue
        if key in LISTS:
            kept = [n for n in items(now.get(key)) if n not in items(old) or n in items(new)]
            out = joined({**out, key: kept}, {key: [n for n in items(new) if n not in items(old)]})
        elif key in wanted:
            out[key] = new
        else:
            out.pop(key, None)
    return out


def altered(now: Mapping[str, Any], wanted: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What `wanted` says anew, and in words what it no longer says: for showing a proposal beside what the register holds."""
    fresh: dict[str, Any] = {}
    gone: list[str] = []
    for key in dict.fromkeys([*now, *wanted]):
        old, new = now.get(key), wanted.get(key)
        if key in LISTS:
            if added := [n for n in items(new) if n not in items(old)]:
                fresh[key] = added
            gone += [n for n in items(old) if n not in items(new)]
        elif new is None:
            gone.append(f"{key} {'; '.join(items(old))}")
        elif new != old:
            fresh[key] = new
    return fresh, gone


LISTS = ("aliases", "local_aliases", "areas", "domain")  # properties to which values are added; a single domain stands as a text


def items(value: Any) -> list[str]:
    """The values of a property, of which there may be one, several or none."""
    return [value] if isinstance(value, str) else list(value or ())


def _span(since: object, until: object) -> str:
    return " ".join(part for part in (f"from {since}" if since else "", f"until {until}" if until else "") if part) or "without days"
