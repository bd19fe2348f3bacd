"""Why something changed: from the ledger's acts, or from the change tables of the releases in between. Floor 3.

Nothing here looks at clocks: journals of offline coders may bring acts with older times. What counts is the last act, in the order of
folding, that says something about the field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from eventcoder.changelog.schema import BEGINNINGS, ENDINGS
from eventcoder.dataset.schemas import EVENTS

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.ledger import Entry

SPLIT_FROM = "split_from"  # the relation by which a coder says that an event came out of another
# Why an event that nobody withdrew is not in a release any more.
HELD = "Not in this release: open again, in conflict, or kept back by the project's settings."
_PARTS = {
    "event_sources": ("reports", "detach", "withdraw"),
    "evidence": ("evidence", "detach", "withdraw"),
    "event_counts": ("counts", "detach", "withdraw"),
    "relations": ("relations", "withdraw"),
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """The columns of a change that say why; `op` where the reason decides which operation it is."""

    op: str = ""
    reason: str | None = None
    coder: str | None = None
    role: str | None = None
    act: str | None = None
    merged_into: str | None = None
    split_from: str | None = None


class Reasons(Protocol):
    """What `diff` asks."""

    def began(self, event_id: str) -> Explanation: ...

    def ended(self, event_id: str) -> Explanation: ...

    def field(self, event_id: str, name: str) -> Explanation: ...

    def row(self, event_id: str, table: str) -> Explanation: ...


class NoReasons:
    """For tables whose ledger is not at hand: only what happened."""

    def began(self, event_id: str) -> Explanation:
        return Explanation("added")

    def ended(self, event_id: str) -> Explanation:
        return Explanation("retracted")

    def field(self, event_id: str, name: str) -> Explanation:
        return Explanation()

    def row(self, event_id: str, table: str) -> Explanation:
        return Explanation()


class LedgerReasons:
    """Reasons from acts. `acts` gives those of an event in folding order, `name` the shown name of a coder.

    `withdrawn` maps the ids that were withdrawn by a release and are not back to their operation (retracted, merged) and where they went.
    """

    def __init__(
        self,
        acts: Callable[[str], Sequence[Entry]],
        *,
        name: Callable[[str], str | None],
        withdrawn: Mapping[str, tuple[str, str | None]] | None = None,
    ) -> None:
        self._load = acts
        self._name = name
        self._withdrawn = withdrawn or {}
        self._last: tuple[str, Sequence[Entry]] = ("", ())

    def began(self, event_id: str) -> Explanation:
        if event_id in self._withdrawn:
            op, into = self._withdrawn[event_id]
            found = self._of(self._latest(event_id, lambda b: b.get("act") in ("restore", "resolve", "settle", "revise")))
            return replace(found, op="split", split_from=into) if op == "merged" else replace(found, op="restored")
        first = self._acts(event_id)[:1]
        related = (r for a in self._acts(event_id) for r in a.body.get("relations", ()))
        origin = next((r.get("event_id") for r in related if r.get("kind") == SPLIT_FROM), None)
        found = self._of(first[0] if first else None)
        return replace(found, op="split", split_from=origin) if origin else replace(found, op="added")

    def ended(self, event_id: str) -> Explanation:
        act = self._latest(event_id, lambda b: b.get("act") == "retract" or (b.get("act") == "merge" and b.get("successor")))
        later = self._latest(event_id, lambda b: b.get("act") in ("restore", "resolve"))
        order = [a.id for a in self._acts(event_id)]
        if act is not None and (later is None or order.index(later.id) < order.index(act.id)):
            op = "merged" if act.body["act"] == "merge" else "retracted"
            return replace(self._of(act), op=op, merged_into=act.body.get("successor"))
        found = self._of(self._latest(event_id, lambda b: True))
        return replace(found, op="retracted", reason=f"{HELD} {found.reason}" if found.reason else HELD)

    def field(self, event_id: str, name: str) -> Explanation:
        if name == "n_reports":
            return self.row(event_id, "event_sources")
        return self._of(self._latest(event_id, lambda b: name in b.get("values", {})) or self._latest(event_id, lambda b: True))

    def row(self, event_id: str, table: str) -> Explanation:
        parts = _PARTS.get(table, ("values",))
        return self._of(self._latest(event_id, lambda b: any(b.get(p) for p in parts)) or self._latest(event_id, lambda b: True))

    def _acts(self, event_id: str) -> Sequence[Entry]:
        if self._last[0] != event_id:
            self._last = (event_id, self._load(event_id))
        return self._last[1]

    def _latest(self, event_id: str, fits: Callable[[Mapping[str, Any]], Any]) -> Entry | None:
        return next((a for a in reversed(self._acts(event_id)) if fits(a.body)), None)

    def _of(self, act: Entry | None) -> Explanation:
        if act is None:
            return Explanation()
        return Explanation("", act.body.get("reason"), self._name(act.coder), act.role, act.id)


class ChainReasons:
    """Reasons from the change tables of the releases between two versions, oldest first: what `changes(a, b)` over many versions needs.

    Of a field the last step that touched it speaks; an event that came back came whole, so what was said of its fields before does not count.
    An event that was merged into one which was merged further leads to the last of them.
    """

    def __init__(self, tables: Iterable[pa.Table]) -> None:
        self._began: dict[str, Explanation] = {}
        self._ended: dict[str, Explanation] = {}
        self._gone: dict[str, str | None] = {}  # ids that are not there now -> where they went
        self._said: dict[str, dict[tuple[str, str | None], Explanation]] = {}  # id -> (table, field) -> what the last step says
        self._any: dict[str, Explanation] = {}
        self.withheld: set[tuple[str, str]] = set()  # events and tables of which a step gives rows by their hash only
        for table in tables:
            for row in table.to_pylist():
                if row["event_id"] is not None:
                    self._read(row["event_id"], row)

    def _read(self, event_id: str, row: dict[str, Any]) -> None:
        found = Explanation(**{k: row[k] for k in Explanation.__slots__})
        self._any[event_id] = found
        if row["op"] in BEGINNINGS:
            self._began.setdefault(event_id, found)
            self._said.pop(event_id, None)
            self._gone.pop(event_id, None)
        elif row["op"] in ENDINGS:
            self._ended[event_id] = found
            self._gone[event_id] = row["merged_into"]
        else:
            self._said.setdefault(event_id, {})[row["table"], row["field"]] = found
        if (row["old"] or "").startswith('{"withheld":'):
            self.withheld.add((event_id, row["table"]))

    def began(self, event_id: str) -> Explanation:
        return self._began.get(event_id, Explanation("added"))

    def ended(self, event_id: str) -> Explanation:
        found = self._ended.get(event_id, Explanation("retracted"))
        into, seen = found.merged_into, {event_id}
        while into is not None and into not in seen and self._gone.get(into) is not None:
            seen.add(into)
            into = self._gone[into]
        return replace(found, merged_into=into)

    def field(self, event_id: str, name: str) -> Explanation:
        return self._said.get(event_id, {}).get((EVENTS, name)) or self._any.get(event_id, Explanation())

    def row(self, event_id: str, table: str) -> Explanation:
        return self._said.get(event_id, {}).get((table, None)) or self._any.get(event_id, Explanation())
