"""Fold the acts of one event into what holds now.

Acts form a graph along `parents`. The result depends on that graph alone: not on the order in which entries arrived, not on clocks.

- A chain of acts is applied in its order. Values of an act replace (null clears); reports, evidence, counts and relations are added, but
  evidence that a `revise` gives for a field replaces that field's. `detach` takes a document's report, evidence and counts away again,
  `withdraw` single ones by their content (the undoing of a merge; a document may support both events).
- `retracted` and `merged` end only with `restore` or `resolve`: a revision of a retracted event does not bring it back.
- Several heads (offline journals): state `conflict`. Where the heads agree, their value; else the value of their common ancestor, and
  `differing` names every side. An act that names all heads as parents ends it; fields that differ and that it does not decide stay in
  conflict: nothing is ever picked silently.
- An event that was created with `held` (the task it was coded for) stays apart from the dataset in state `held`, until `adjudicate` ends it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from eventcoder.errors import LedgerError
from eventcoder.identity import canonical
from eventcoder.ledger.entry import Entry
from eventcoder.ledger.folded import Folded

_ENDED = ("retracted", "merged", "adjudicated")
_LISTS = ("reports", "counts", "relations")
_MISSING = object()


def in_order(acts: Iterable[Entry], *, complete: bool = True) -> list[Entry]:
    """Entries with parents before children; those that no parent orders are sorted by time, then id. The same entries give the same list.

    Raises `LedgerError` if a parent is not among them, unless `complete` is False: then such parents do not count.
    """
    by_id = {act.id: act for act in acts}
    waiting: dict[str, int] = {}
    children: dict[str, list[str]] = {}
    ready: list[tuple[str, str]] = []
    for act in by_id.values():
        inside = [parent for parent in act.parents if parent in by_id]
        if complete:
            for parent in set(act.parents).difference(inside):
                raise LedgerError(
                    f"Act {act.id[:12]} of event {act.subject} names the parent {parent[:12]}, which is not here.",
                    "Import the journal that holds it, then run 'eventcoder doctor --rebuild'.",
                )
        for parent in inside:
            children.setdefault(parent, []).append(act.id)
        waiting[act.id] = len(inside)
        if not inside:
            heapq.heappush(ready, (act.time, act.id))
    ordered: list[Entry] = []
    while ready:
        act = by_id[heapq.heappop(ready)[1]]
        ordered.append(act)
        for child in children.get(act.id, ()):
            waiting[child] -= 1
            if not waiting[child]:
                heapq.heappush(ready, (by_id[child].time, child))
    return ordered


def heads_of(acts: Iterable[Entry]) -> tuple[str, ...]:
    """Ids of the acts that no other act names as parent, sorted."""
    acts = list(acts)
    named = {parent for act in acts for parent in act.parents}
    return tuple(sorted({act.id for act in acts} - named))


def fold(acts: Sequence[Entry]) -> Folded:
    """The event that these acts make, in whatever order they come. Raises `LedgerError` for no acts, a missing parent, or several events."""
    if not acts:
        raise LedgerError("An event without acts cannot be folded.")
    if len(acts) == 1 and not acts[0].parents:  # most events: one act that creates them
        side, only = _Side(), acts[0]
        side.apply(only)
        return _event(side, only.subject, 1, (only.id,), only.time, only.time, only.coder)
    if len({act.subject for act in acts}) > 1:
        raise LedgerError("Acts of several events cannot be folded into one.")
    ordered = in_order(acts) if len(acts) > 1 else list(acts)
    if len(ordered) == 1 and ordered[0].parents:
        in_order(ordered)
    heads = heads_of(ordered)
    chain = all(len(act.parents) == 1 and act.parents[0] == before.id for before, act in pairwise(ordered))
    if chain:
        side = _Side()
        for act in ordered:
            side.apply(act)
    else:
        side = _Graph(ordered).combined(heads)
    first = ordered[0]
    changed = max(act.time for act in ordered if act.id in heads)
    return _event(side, first.subject, len(ordered), heads, first.time, changed, first.coder)


def _event(side: _Side, event_id: str, revision: int, heads: tuple[str, ...], created: str, changed: str, coder: str) -> Folded:
    unclear = len(heads) > 1 or (side.differing and side.state not in _ENDED)
    return Folded(
        event_id=event_id,
        values=side.values,
        reports=side.reports,
        evidence=side.evidence,
        counts=side.counts,
        relations=side.relations,
        state="conflict" if unclear else side.state,
        revision=revision,
        heads=heads,
        created=created,
        changed=changed,
        coder=coder,
        successor=side.successor,
        merged=tuple(side.merged),
        reason=side.reason,
        codebook=side.codebook,
        imported=side.imported,
        held=side.held,
        provenance=side.provenance,
        differing=side.differing,
    )


def fold_onto(before: Folded, act: Entry) -> Folded | None:
    """The event with one more act that follows its only head, without provenance but for what the act gives: what `fold` makes of all of them. None
    where that takes all of them: in a conflict, or for an act that does not follow."""
    if before.heads != act.parents or len(before.heads) != 1 or before.state == "conflict" or before.differing:
        return None
    side = _Side()
    side.values, side.evidence, side.merged = dict(before.values), dict(before.evidence), list(before.merged)
    for name in ("reports", "counts", "relations", "state", "successor", "reason", "codebook", "imported", "held"):
        setattr(side, name, getattr(before, name))
    side.apply(act)
    return _event(side, before.event_id, before.revision + 1, (act.id,), before.created, act.time, before.coder)


class _Side:
    """What holds after one act and everything before it."""

    __slots__ = (
        "codebook",
        "counts",
        "differing",
        "evidence",
        "held",
        "imported",
        "merged",
        "provenance",
        "reason",
        "relations",
        "reports",
        "state",
        "successor",
        "values",
    )

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.provenance: dict[str, str] = {}
        self.reports: list[dict[str, Any]] = []
        self.evidence: dict[str, list[dict[str, Any]]] = {}
        self.counts: list[dict[str, Any]] = []
        self.relations: list[dict[str, Any]] = []
        self.state = "open"
        self.successor: str | None = None
        self.merged: list[str] = []
        self.reason: str | None = None
        self.codebook: str | None = None
        self.imported: str | None = None
        self.held: str | None = None
        self.differing: dict[str, dict[str, Any]] = {}

    def copy(self) -> _Side:
        other = _Side()
        for name in self.__slots__:
            value = getattr(self, name)
            setattr(other, name, value.copy() if isinstance(value, dict | list) else value)
        other.evidence = {name: spans.copy() for name, spans in self.evidence.items()}
        return other

    def apply(self, act: Entry) -> None:
        body = act.body
        verb = body.get("act", "")  # a redacted act may keep nothing, not even this
        for document in body.get("detach", ()):
            self._detach(document)
        if isinstance(body.get("withdraw"), dict):
            self._withdraw(body["withdraw"])
        revises = verb in ("revise", "resolve")
        for name, value in body.get("values", {}).items():
            self.differing.pop(name, None)
            if value is None or value == "" or value == []:
                if name in self.values:
                    del self.values[name]
                    self.provenance[name] = act.id
                self.evidence.pop(name, None)
            else:
                self.values[name] = value
                self.provenance[name] = act.id
        for name, spans in body.get("evidence", {}).items():
            self.evidence[name] = _added([] if revises else self.evidence.get(name, []), spans)
        for key in _LISTS:
            if body.get(key):
                setattr(self, key, _added(getattr(self, key), body[key]))
        self.reason = body.get("reason")
        self.codebook = body.get("codebook") or self.codebook
        origin = body.get("import")
        row = origin.get("row") if isinstance(origin, dict) else None
        self.imported = row if isinstance(row, str) else self.imported
        self._move(verb, body)

    def _move(self, verb: str, body: dict[str, Any]) -> None:
        """The state after the act."""
        if verb == "create":
            self.held = body.get("held")
        settled = "held" if self.held else "settled" if body.get("settled") else "open"
        if verb in ("restore", "resolve"):
            self.state, self.successor = settled, None
        elif verb == "retract":
            self.state, self.successor = "retracted", body.get("successor")
        elif verb == "merge" and body.get("successor"):
            self.state, self.successor = "merged", body["successor"]
        elif verb == "adjudicate":
            self.state, self.successor = "adjudicated", body.get("successor")
        elif verb == "settle":
            if self.state not in _ENDED:
                self.state = "held" if self.held else "settled"
        elif self.state not in _ENDED and (verb in ("create", "revise", "attach") or "settled" in body):
            self.state = settled
        if verb == "merge" and body.get("merged"):
            self.merged = [*self.merged, *(m for m in body["merged"] if m not in self.merged)]
        elif verb == "split" and body.get("merged"):  # takes back an earlier merge
            self.merged = [m for m in self.merged if m not in body["merged"]]

    def _detach(self, document: str) -> None:
        self.reports = [r for r in self.reports if r.get("document") != document]
        self.counts = [c for c in self.counts if c.get("document") != document]
        kept = {name: [s for s in spans if s.get("document") != document] for name, spans in self.evidence.items()}
        self.evidence = {name: spans for name, spans in kept.items() if spans}

    def _withdraw(self, items: dict[str, Any]) -> None:
        """Take away single reports, counts, relations and spans: what came with an event whose merge is undone, a decision taken back."""

        def left(have: list[dict[str, Any]], gone: Any) -> list[dict[str, Any]]:
            keys = {canonical(item) for item in gone} if isinstance(gone, list) else set()
            return [item for item in have if canonical(item) not in keys]

        for key in _LISTS:
            setattr(self, key, left(getattr(self, key), items.get(key)))
        spans = items.get("evidence")
        if isinstance(spans, dict):
            kept = {name: left(have, spans.get(name)) for name, have in self.evidence.items()}
            self.evidence = {name: have for name, have in kept.items() if have}


class _Graph:
    """Acts that branch: every act's side, and what several of them have in common."""

    def __init__(self, ordered: Sequence[Entry]) -> None:
        self.sides: dict[str, _Side] = {}
        self.before: dict[str, frozenset[str]] = {}
        self.common: dict[tuple[str, ...], _Side] = {}
        for act in ordered:
            self.before[act.id] = frozenset([act.id]).union(*(self.before[p] for p in act.parents))
            side = self.combined(self._latest(act.parents)).copy()
            side.apply(act)
            self.sides[act.id] = side

    def _latest(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Those of `ids` that lie before no other of them."""
        ids = set(ids)
        return tuple(sorted(i for i in ids if not any(i != j and i in self.before[j] for j in ids)))

    def combined(self, ids: tuple[str, ...]) -> _Side:
        """One side as it is; none as nothing; several as what they agree on, and for the rest what held before they parted."""
        if not ids:
            return _Side()
        if len(ids) == 1:
            return self.sides[ids[0]]
        if ids not in self.common:
            self.common[ids] = self._combine(ids)
        return self.common[ids]

    def _combine(self, ids: tuple[str, ...]) -> _Side:
        sides = [self.sides[i] for i in ids]
        shared = frozenset.intersection(*(self.before[i] for i in ids))
        base = self.combined(self._latest(shared))
        out = _Side()
        for name in sorted({name for side in [base, *sides] for name in side.values} | {n for side in sides for n in side.differing}):
            given = [side.values.get(name, _MISSING) for side in sides]
            undecided = any(name in side.differing for side in sides)
            agreed = not undecided and all(type(v) is type(given[0]) and v == given[0] for v in given)
            source, value = (sides[0], given[0]) if agreed else (base, base.values.get(name, _MISSING))
            if not agreed:
                per_head: dict[str, Any] = {}
                for i, side, v in zip(ids, sides, given, strict=True):
                    per_head[i] = None if v is _MISSING else v
                    per_head.update({k: old for k, old in side.differing.get(name, {}).items() if name in side.differing})
                out.differing[name] = per_head
            if value is not _MISSING:
                out.values[name] = value
                acts = {side.provenance[name] for side in sides if name in side.provenance} if agreed else {source.provenance[name]}
                out.provenance[name] = min(acts)
        for key in _LISTS:
            setattr(out, key, _three_way(getattr(base, key), [getattr(side, key) for side in sides]))
        for name in sorted({name for side in sides for name in side.evidence}):
            spans = _three_way(base.evidence.get(name, []), [side.evidence.get(name, []) for side in sides])
            if spans:
                out.evidence[name] = spans
        states = {side.state for side in sides}
        out.state = states.pop() if len(states) == 1 else "held" if all(side.held for side in sides) else "open"
        successors = {side.successor for side in sides}
        out.successor = successors.pop() if len(successors) == 1 else None
        out.merged = sorted({m for side in sides for m in side.merged if m not in base.merged or all(m in s.merged for s in sides)})
        held = {side.held for side in sides}
        out.held = held.pop() if len(held) == 1 else base.held
        codebooks = {side.codebook for side in sides}
        out.codebook = codebooks.pop() if len(codebooks) == 1 else base.codebook
        # What one side alone imported was imported; of two different rows none is known to be the one that stands: None compares by values.
        imported = {side.imported for side in sides if side.imported != base.imported} or {base.imported}
        out.imported = imported.pop() if len(imported) == 1 else None
        return out


def _added(old: list[dict[str, Any]], new: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """A new list: `old` and what is new in `new`, each once."""
    out = list(old)
    new = list(new)
    if not out and len(new) == 1:
        return new
    seen = {canonical(item) for item in out} if out else set()
    for item in new:
        key = canonical(item)
        if key not in seen:
            seen.add(key)
            out.append(item)
    return out


def _three_way(base: list[dict[str, Any]], sides: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What any side added, without what any side took away."""
    have = [{canonical(item) for item in side} for side in sides]
    gone = {canonical(item) for item in base if not all(canonical(item) in keys for keys in have)}
    return [item for item in _added([], (item for side in sides for item in side)) if canonical(item) not in gone]
