"""Relations that lead round in a circle, of kinds of which none may: an event cannot be a part of its own part. Floor 4.

Nobody need have made a mistake that a check at entry could have refused: two offline coders each say one half, about different events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from eventcoder.problem import Problem

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook import Codebook

CODE = "relation-circle"
NEEDED = frozenset({"event_id", "kind", "other_event_id"})


def acyclic_kinds(codebook: Codebook) -> list[str]:
    """The kinds of relations that may not lead round in a circle, as the codebook's list says; none where it does not say."""
    kinds = codebook.lists.get("relation_kinds")
    return [code for code in kinds.codes if kinds.attribute(code, "acyclic") == "yes"] if kinds is not None else []


def circles(relations: pa.Table, codebook: Codebook) -> Iterator[Problem]:
    """One problem for each event that a circle of relations leads through, by kind and event. Time grows with the number of relations alone."""
    import pyarrow.compute as pc

    if not set(relations.column_names) >= NEEDED:
        return
    for kind in acyclic_kinds(codebook):
        rows = relations.filter(pc.equal(relations.column("kind"), kind))
        pairs = zip(rows.column("event_id").to_pylist(), rows.column("other_event_id").to_pylist(), strict=True)
        leads: dict[str, set[str]] = {}
        for one, other in pairs:
            if one is not None and other is not None and one != other:
                leads.setdefault(one, set()).add(other)
        for event, following in sorted(_left(leads).items()):
            told = (
                f"The relation '{kind}' leads from this event over {following} back to it. Take one of them back: "
                f"eventcoder relate {event} {kind} {following} --withdraw --reason TEXT"
            )
            yield Problem(CODE, told, "error", event, "relations", following)


def _left(leads: Mapping[str, set[str]]) -> dict[str, str]:
    """Events on circles, each with the next one on it: what is left when those that lead nowhere, and those that nothing leads to, are taken away."""
    out = {one: set(others) for one, others in leads.items()}
    into: dict[str, set[str]] = {}
    for one, others in out.items():
        for other in others:
            into.setdefault(other, set()).add(one)
    for forward, backward in ((out, into), (into, out)):
        ends = [event for event in list(backward) if not forward.get(event)]
        while ends:
            end = ends.pop()
            for before in backward.pop(end, ()):
                forward[before].discard(end)
                if not forward[before]:
                    del forward[before]
                    ends.append(before)
    return {event: min(others) for event, others in out.items() if others}
