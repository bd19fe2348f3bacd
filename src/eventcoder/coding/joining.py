"""Merging events that are one, and taking a merge back.

A merge gives the kept event the reports, evidence, counts, relations and sources of the others, which point to it and keep their own history.
Its values stay unless one is taken from another by name (`taken` in the act says which came from whom). Taking a merge back computes what the kept
event would hold if the merge had never happened: a value that was corrected since stays corrected, a report that was attached since stays attached.
So merges may be undone in any order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eventcoder.coding.records import Outcome, reason_text
from eventcoder.coding.relating import is_symmetric, says
from eventcoder.errors import Refused, UsageError
from eventcoder.identity import canonical
from eventcoder.ledger import Entry, Folded
from eventcoder.problem import Problem
from eventcoder.validation.duplicates.cluster import Extent, extent
from eventcoder.validation.duplicates.similar import Parameters

if TYPE_CHECKING:
    from eventcoder.coding.desk import Desk

DIFFERENT = "different"  # the relation that clears a pair of likely duplicates
_SOURCES = ("source", "source_scale")


@dataclass(frozen=True, slots=True)
class Difference:
    """A column in which events that are merged differ: the kept value, and event id -> the others' values."""

    field: str
    kept: Any
    others: dict[str, Any]


def differences(desk: Desk, keep: Folded, others: Sequence[Folded]) -> list[Difference]:
    """The columns that a coder fills in and in which an event differs from the one that is kept, in the codebook's order."""
    out = []
    for column in desk.codebook.columns:
        if column.entered not in ("coder", "default") or column.name in _SOURCES:
            continue
        kept = keep.values.get(column.name)
        differing = {o.event_id: o.values.get(column.name) for o in others if o.values.get(column.name) != kept}
        if differing:
            out.append(Difference(column.name, kept, differing))
    return out


def merge(
    desk: Desk,
    survivor: str,
    losers: Sequence[str],
    *,
    reason: str,
    take: Mapping[str, str] | None = None,
    beyond: bool = False,
    parameters: Parameters,
) -> Outcome:
    """What `Desk.merge` does."""
    keep, others = together(desk, survivor, losers)
    text = reason_text(reason)
    members = [keep, *others, *(found for event in (keep, *others) for found in absorbed(desk, event))]
    if not beyond:
        refuse_different(members)
        spread = extent([m.values | {"event_id": m.event_id} for m in members], parameters)
        if len(members) > 2:
            refuse_wide(spread, parameters)
        else:
            refuse_elsewhere(spread, parameters)
    body: dict[str, Any] = {"act": "merge", "merged": [o.event_id for o in others], "reason": text, "codebook": desk.codebook.version}
    have = {r["document"] for r in keep.reports}
    carried = list(dict.fromkeys(r["document"] for o in others for r in o.reports if r["document"] not in have))
    if carried:
        body["reports"] = [{"document": document} for document in carried]
    counts = _new([c for o in others for c in o.counts], keep.counts)
    if counts:
        body["counts"] = counts
    fields = dict.fromkeys(name for o in others for name in o.evidence)
    evidence = {name: _new([s for o in others for s in o.evidence.get(name, [])], keep.evidence.get(name, [])) for name in fields}
    relations = _carried(desk, keep, others, {m.event_id for m in members})
    if relations:
        body["relations"] = relations
    if any(evidence.values()):
        body["evidence"] = {name: spans for name, spans in evidence.items() if spans}
    values, taken = _chosen(desk, keep, others, take or {})
    sources = list(dict.fromkeys([*(keep.values.get("source") or []), *(s for o in others for s in o.values.get("source") or [])]))
    if sources != (keep.values.get("source") or []):
        values |= {"source": sources, "source_scale": desk.publishers.scale(sources) or keep.values.get("source_scale")}
    ready = desk.prepare({k: v for k, v in values.items() if v not in (None, [])}, event_id=keep.event_id)
    if ready.structural:
        raise Refused(f"Nothing was merged: the values of {keep.event_id} would not fit.", "Take other values.", ready.structural)
    changed = changes_of(keep.values, ready.values if taken else values)
    if changed:
        body["values"] = changed
    if taken:
        body["taken"] = {name: taken[name] for name in sorted(taken.keys() & changed.keys())} | {
            name: next(iter(taken.values())) for name in sorted(changed.keys() - taken.keys() - set(_SOURCES))
        }
    body["settled"] = desk.settles(ready)
    gone = [desk.act(o.event_id, {"act": "merge", "successor": keep.event_id, "reason": text}, o.heads) for o in others]
    entry = desk.act(keep.event_id, body, keep.heads)
    desk.store([entry, *gone])
    return Outcome(keep.event_id, keep.revision + 1, "settled" if body["settled"] else "open", entry.id, ready.problems)


def together(desk: Desk, survivor: str, losers: Sequence[str]) -> tuple[Folded, list[Folded]]:
    """The event that is kept and the others. Raises `UsageError`, `NotFound`, or `Refused` for one that was withdrawn or is in conflict."""
    keep = desk.undisputed(survivor)
    others = [desk.undisputed(i) for i in losers]
    ids = [o.event_id for o in others]
    if not others:
        raise UsageError("Merging needs the event that stays and at least one other.", "eventcoder merge KEPT OTHER... --reason TEXT")
    if keep.event_id in ids:
        raise UsageError(f"Event {keep.event_id} cannot be merged with itself.", "Name the event that stays first, then other events.")
    if len(set(ids)) != len(ids):
        raise UsageError("An event is named twice.", "Name each event once.")
    return keep, others


def absorbed(desk: Desk, event: Folded) -> list[Folded]:
    """Every event that went into this one, or into one that did."""
    out: dict[str, Folded] = {}
    waiting = list(event.merged)
    while waiting:
        found = desk.head(waiting.pop())
        if found is not None and found.event_id not in out and found.event_id != event.event_id:
            out[found.event_id] = found
            waiting += found.merged
    return list(out.values())


def refuse_different(members: Sequence[Folded]) -> None:
    """Raise `Refused` when a coder has called two of these events different, also where only a chain of merges would bring them together."""
    ids = {m.event_id for m in members}
    for member in members:
        other = next((r["event_id"] for r in member.relations if r.get("kind") == DIFFERENT and r.get("event_id") in ids), None)
        if other is not None:
            raise Refused(
                f"Nothing was merged: a coder has said that {member.event_id} and {other} are different events.",
                f"'eventcoder history {member.event_id}' shows who and why. If that was wrong, repeat with --beyond and say why in --reason.",
            )


def refuse_wide(found: Extent, parameters: Parameters) -> None:
    """Raise `Refused` for events that lie too far apart to be merged without a second look: likenesses add up along a chain (T15)."""
    told = found.beyond(parameters)
    if told:
        raise Refused(
            f"Nothing was merged: the {found.events} events together {'; '.join(told)}."
            " That A is like B and B like C does not make A and C one event.",
            "Compare the two that are farthest apart with 'eventcoder show'; if they are one event, repeat with --beyond and say why in --reason.",
            [Problem("merge-too-wide", f"{found.farthest[0]} and {found.farthest[1]} are the least alike (score {found.score:.2f}).")],
        )


def refuse_elsewhere(found: Extent, parameters: Parameters) -> None:
    """Raise `Refused` for two events that agree neither in day nor in place: one of the ids is a slip. One of the two may well be miscoded."""
    if found.days > parameters.cluster_days and found.km > parameters.cluster_km:
        raise Refused(
            f"Nothing was merged: {found.farthest[0]} and {found.farthest[1]} lie {found.days:,} days and {found.km:,.0f} km apart.",
            "Compare them with 'eventcoder show'; if they are one event, repeat with --beyond and say why in --reason.",
            [Problem("merge-too-wide", f"{found.farthest[0]} and {found.farthest[1]} agree neither in day nor in place (score {found.score:.2f}).")],
        )


def take_back(desk: Desk, merged: Folded, *, reason: str, decided: bool = True) -> tuple[Outcome, Outcome]:
    """Undo the merge of one event: the outcomes of the event that comes back and of the one that had taken it in.

    Raises `UsageError` when it is not merged, `Refused` when what it went into was withdrawn itself.
    """
    if merged.state != "merged" or not merged.successor:
        raise UsageError(f"Event {merged.event_id} is {merged.state}, not merged.", "'eventcoder history' shows what happened to it.")
    text = reason_text(reason)
    keep = desk.event(merged.successor)
    if keep.state in ("merged", "retracted"):
        into = f" into {keep.successor}" if keep.successor else ""
        raise Refused(
            f"Event {merged.event_id} went into {keep.event_id}, which was {keep.state}{into}.",
            f"Bring {keep.event_id} back first: eventcoder restore {keep.event_id} --reason TEXT",
        )
    keep = desk.undisputed(keep.event_id)
    ready = desk.prepare(merged.values, event_id=merged.event_id)
    settled = desk.settles(ready)
    came: dict[str, Any] = {"act": "restore", "reason": text, "origin": keep.event_id, "settled": settled}
    known = desk.codebook.lists["relation_kinds"].canonical(DIFFERENT)
    told = any(r.get("kind") == known and r.get("event_id") == two[1].event_id for two in ((merged, keep), (keep, merged)) for r in two[0].relations)
    if known is not None and decided and not told:  # whoever takes two events apart has compared them: the pair is decided
        came["relations"] = [{"kind": known, "event_id": keep.event_id}]
    back = desk.act(merged.event_id, came, merged.heads)
    restored = Outcome(merged.event_id, merged.revision + 1, "settled" if settled else "open", back.id, ready.problems)
    if merged.event_id not in keep.merged:  # a journal brought one half of the merge only
        desk.store([back])
        return restored, Outcome(keep.event_id, keep.revision, keep.state, "")
    body: dict[str, Any] = {"act": "split", "merged": [merged.event_id], "reason": text, "codebook": desk.codebook.version}
    acts = desk.acts(keep.event_id)
    left = {i: found for i in keep.merged if i != merged.event_id and (found := desk.head(i)) is not None}
    withdrawn = _withdrawn(acts, merged, list(left.values()), keep.relations)
    if withdrawn:
        body["withdraw"] = withdrawn
    values = _undone(desk, acts, keep, merged, left)
    if values:
        body["values"] = values
    now = desk.prepare({k: v for k, v in (keep.values | values).items() if v not in (None, [])}, event_id=keep.event_id)
    body["settled"] = desk.settles(now) if keep.state != "settled" else not now.errors
    entry = desk.act(keep.event_id, body, keep.heads)
    desk.store([entry, back])
    return restored, Outcome(keep.event_id, keep.revision + 1, "settled" if body["settled"] else "open", entry.id, now.problems)


def _withdrawn(acts: Sequence[Entry], merged: Folded, left: Sequence[Folded], had: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Reports, counts, relations and evidence that the kept event has of the merged one alone: neither by its own acts nor of another that stays
    merged."""
    own = [act.body for act in acts if act.body.get("act") != "merge"]
    out: dict[str, Any] = {}
    for key in ("reports", "counts", "relations"):
        kept = [item for body in own for item in body.get(key, ())] + [item for event in left for item in getattr(event, key)]
        items = _new(getattr(merged, key), kept)
        if key == "relations":  # those between events that were merged did not come along
            items = [item for item in items if item in had]
        if items:
            out[key] = items
    spans = {}
    for name, given in merged.evidence.items():
        kept = [s for body in own for s in body.get("evidence", {}).get(name, ())] + [s for event in left for s in event.evidence.get(name, ())]
        if found := _new(given, kept):
            spans[name] = found
    if spans:
        out["evidence"] = spans
    return out


def _undone(desk: Desk, acts: Sequence[Entry], keep: Folded, merged: Folded, left: Mapping[str, Folded]) -> dict[str, Any]:
    """The values that change when the merge had never happened."""
    before = _replayed(acts, {merged.event_id: merged, **left})
    after = _replayed(acts, left)
    out = {name: after.get(name) for name in before.keys() | after.keys() if before.get(name) != after.get(name) and name not in _SOURCES}
    sources = after.get("source") or []
    if before.get("source") != after.get("source") and sources != (keep.values.get("source") or []):
        out["source"] = sources or None
        told = sources and desk.publishers.scale(sources)
        plain = not left and not any(act.body.get("act") == "attach" for act in acts)
        out["source_scale"] = after.get("source_scale") if plain else told or after.get("source_scale")
    return {name: out[name] for name in sorted(out) if out[name] != keep.values.get(name)}


def _replayed(acts: Sequence[Entry], present: Mapping[str, Folded]) -> dict[str, Any]:
    """The kept event's values if only the events that are `present` had been merged into it."""
    values: dict[str, Any] = {}
    actual: list[str] = []  # the sources as they stood before each act
    sources: list[str] = []
    for act in acts:
        body = act.body
        verb, given = body.get("act"), body.get("values", {})
        if verb == "merge":
            taken = body.get("taken", {})
            values.update((name, value) for name, value in given.items() if taken.get(name) in present)
            came = [s for i in body.get("merged", ()) if i in present for s in present[i].values.get("source") or []]
            sources = list(dict.fromkeys([*sources, *came]))
        elif verb != "split":
            values.update((name, value) for name, value in given.items() if name != "source")
        if "source" in given:
            told = given["source"] or []
            if verb == "attach" or body.get("detach"):
                dropped = set(actual) - set(told)
                sources = [s for s in dict.fromkeys([*sources, *(s for s in told if s not in actual)]) if s not in dropped]
            elif verb not in ("merge", "split"):
                sources = list(told)
            actual = list(told)
    if sources:
        values["source"] = sources
    return values


def _chosen(desk: Desk, keep: Folded, others: Sequence[Folded], take: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of the merged event before its sources, and field -> the event that a taken one came from. Raises `UsageError`."""
    values = dict(keep.values)
    taken: dict[str, str] = {}
    by_id = {o.event_id: o for o in others}
    derived = {c.name for c in desk.codebook.columns if c.entered == "derived"}
    for name, prefix in take.items():
        column = desk.codebook.column(name)
        if column.entered not in ("coder", "default") or name in _SOURCES:
            raise UsageError(f"{name} cannot be taken: it is {'joined' if name in _SOURCES else 'computed'}.", "Take a column that a coder fills in.")
        other = by_id.get(desk.event(prefix).event_id)
        if other is None:
            raise UsageError(f"--take {name}={prefix}: this event is not among those that are merged.", "Name one of them.")
        follows = desk.dependents({name: other.values.get(name)}, keep.values)
        for each in (name, *sorted(follows - derived - set(take) - set(_SOURCES))):
            values[each] = other.values.get(each)
            taken[each] = other.event_id
        for each in follows & derived:
            values.pop(each, None)
    return values, taken


def _carried(desk: Desk, keep: Folded, others: Sequence[Folded], members: Collection[str]) -> list[dict[str, Any]]:
    """The relations that the kept event gets from the others: to events outside of the merge, each once, also where the other side tells them."""
    out = []
    for relation in _new([r for o in others for r in o.relations if r.get("event_id") not in members], keep.relations):
        other = desk.head(str(relation.get("event_id")))
        if other is None or not (is_symmetric(desk.codebook, relation.get("kind")) and says(other, str(relation.get("kind")), keep.event_id)):
            out.append(relation)
    return out


def changes_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Field -> its new value (None: cleared), of those that differ; the event id aside."""
    names = sorted((before.keys() | after.keys()) - {"event_id"})
    return {n: after.get(n) for n in names if (before.get(n) or None) != (after.get(n) or None) or type(before.get(n)) is not type(after.get(n))}


def _new(items: Sequence[Any], have: Sequence[Any]) -> list[Any]:
    """Items that are not among `have`, each once."""
    seen = {canonical(item) for item in have}
    out = []
    for item in items:
        key = canonical(item)
        if key not in seen:
            seen.add(key)
            out.append(dict(item))
    return out
