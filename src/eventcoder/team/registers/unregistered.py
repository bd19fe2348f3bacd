"""What waits for the lead of a register: proposals, and names in events, drafts and documents that nobody registered. Floor 5.

Events that are held apart do not count: nobody shall learn from a queue what another coder found. Publishers of undisclosed documents never show.
"""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eventcoder.coding import LIVE_STATES
from eventcoder.ledger import Entry
from eventcoder.ledger.registered import overtaken, words
from eventcoder.team.registers.describing import similar, way_in

if TYPE_CHECKING:
    from eventcoder.coding import Desk

UNKNOWN = "unknown group: "  # how the engine's rule for an actor begins when nobody registered the group
EXAMPLES = 3
_NO_NAMES = ("Undisclosed Source",)


@dataclass
class Waiting:
    """One name that waits: where it stands (`events`, `drafts`, `documents`: how many), some of these, the countries, and what is spelt alike.

    `hints` are what events say of it (inter, scale), the most frequent value first; `proposed` the proposals; `into` the name that it was merged
    into, or renamed to, since `late` proposed something for it; `same` the registered name that bears it as another name, if any; `command` the line
    that would settle it.
    """

    kind: str
    name: str
    events: int = 0
    drafts: int = 0
    documents: int = 0
    examples: list[str] = field(default_factory=list)
    countries: Counter[str] = field(default_factory=Counter)
    hints: Counter[str] = field(default_factory=Counter)
    domain: str = ""
    language: str = ""
    proposed: tuple[Entry, ...] = ()
    rivals: tuple[Entry, ...] = ()
    into: str = ""
    late: str = ""
    same: str | None = None
    similar: tuple[str, ...] = ()
    command: str = ""

    @property
    def country(self) -> str | None:
        """The country that it is met in most."""
        return min(self.countries.items(), key=lambda item: (-item[1], item[0]))[0] if self.countries else None

    @property
    def hint(self) -> str | None:
        return min(self.hints.items(), key=lambda item: (-item[1], item[0]))[0] if self.hints else None

    def as_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {
            "kind": self.kind, "name": self.name, "events": self.events, "drafts": self.drafts, "documents": self.documents,
            "examples": self.examples, "country": self.country, "used_as": self.hint, "same_as": self.same, "similar": list(self.similar),
            "proposed": [{"coder": e.coder, "time": e.time, "reason": e.body.get("reason"), "body": _plain(e)} for e in self.proposed],
            "decided_apart": [{"coder": e.coder, "time": e.time, "body": _plain(e)} for e in self.rivals], "command": self.command,
        }  # fmt: skip
        return out


def queue(desk: Desk, kind: str, *, rejected: bool = False, limit: int = 0) -> list[Waiting]:
    """What waits: proposals first, the oldest first, then names that nobody registered, the most frequent first.

    With `rejected`, names that a lead turned down show again. With a `limit` only so many get what is spelt alike and the line that settles them.
    """
    if not desk.has_ledger:
        return []
    said = words(desk.ledger, kind)
    asked = {name for name, word in said.items() if word.proposed or word.rivals}
    found = _met_actors(desk, asked) if kind == "actor" else _met_publishers(desk)
    # another name of a publisher does for its scale, and events may bear it
    known = desk.actors.known if kind == "actor" else lambda name: desk.publishers.canonical(name) is not None
    out = []
    for name, waiting in found.items():
        word = said.get(name)
        if known(name) or (word is not None and word.accepted is not None and word.accepted.body.get("merged_into")):
            continue  # registered, or merged into another on purpose
        if word is not None and word.rejected is not None and not rejected:
            continue
        out.append(waiting)
    for name, word in said.items():
        if word.proposed or word.rivals:
            waiting = found.get(name) or Waiting(kind, name)
            waiting.proposed, waiting.rivals = word.proposed, word.rivals
            late = next((entry for entry in word.proposed if overtaken(word, entry)), None)
            if late is not None:
                waiting.into, waiting.late = overtaken(word, late), late.coder
            if waiting not in out:
                out.append(waiting)
    out.sort(key=lambda w: (not w.proposed, not w.rivals, w.proposed[0].time if w.proposed else "", -(w.events + w.drafts + w.documents), w.name))
    for waiting in out[: limit or None]:
        _complete(desk, waiting)
    return out


def unknown_groups(desk: Desk) -> list[tuple[str, str, int]]:
    """(name, country or "", drafts) of the groups that stored drafts name and the register does not know, the most frequent first."""
    counts = Counter((name, country) for name, country, _, _ in _draft_groups(desk) if not desk.actors.known(name))
    return sorted(((name, country, n) for (name, country), n in counts.items()), key=lambda row: (-row[2], row[0], row[1]))


def _complete(desk: Desk, waiting: Waiting) -> None:
    kind, name = waiting.kind, waiting.name
    quoted = shlex.quote(name)
    if waiting.proposed:
        by = f" --by {shlex.quote(waiting.late or waiting.proposed[-1].coder)}" if len({e.coder for e in waiting.proposed}) > 1 else ""
        waiting.command = f"eventcoder {kind}s accept {quoted}{by}"
        if waiting.into:
            waiting.command = f"eventcoder {kind}s reject {quoted}{by} --reason {shlex.quote(f'It is called {waiting.into} now.')}"
        return
    if waiting.rivals:
        waiting.command = f"eventcoder {kind}s change {quoted} --reason TEXT"  # with options says something else, without what holds once more
        return
    waiting.same = desk.actors.resolve(name, country=waiting.country) if kind == "actor" else None
    waiting.similar = tuple(n for n in similar(desk, kind, name) if n != name)
    may_add = way_in(desk, kind) == "add"
    if waiting.same is not None and not may_add:
        waiting.command = f"eventcoder actors propose {quoted} --merge-into {shlex.quote(waiting.same)} --reason TEXT"
        return
    if waiting.same is not None:
        waiting.command = f"eventcoder actors merge {quoted} {shlex.quote(waiting.same)} --reason TEXT"  # says how to amend the events
        return
    country = f" --country {shlex.quote(waiting.country)}" if waiting.country else ""
    if kind == "actor":
        waiting.command = f"eventcoder actors add {quoted} --inter {shlex.quote(waiting.hint or 'KIND')}{country}"
    else:
        domain = f" --domain {waiting.domain}" if waiting.domain else ""
        language = f" --language {waiting.language}" if waiting.language else ""
        waiting.command = f"eventcoder publishers add {quoted} --scale {shlex.quote(waiting.hint or 'SCALE')}{domain}{country}{language}"
    if not may_add:
        waiting.command = f"{waiting.command.replace('s add ', 's propose ', 1)} --reason TEXT"


def _met_actors(desk: Desk, asked: Container[str]) -> dict[str, Waiting]:
    """Actors' names in events and drafts that are not written as the register writes them, or of which a lead is `asked`."""
    found: dict[str, Waiting] = {}
    known: dict[str, bool] = {}
    for event_id, values in _live_values(desk):
        sides = [(values.get(f"actor{n}"), values.get(f"inter{n}")) for n in (1, 2)]
        sides += [(name, None) for n in (1, 2) for name in values.get(f"assoc_actor_{n}") or ()]
        for name, inter in dict.fromkeys(sides):
            if not name:
                continue
            if name not in known:
                known[name] = desk.actors.known(name)
            if known[name] and name not in asked:
                continue
            waiting = _met(found, "actor", name, event_id)
            waiting.events += 1
            if values.get("country"):
                waiting.countries[values["country"]] += 1
            if inter:
                waiting.hints[inter] += 1
    for name, country, inter, document in _draft_groups(desk):
        waiting = _met(found, "actor", name, document)
        waiting.drafts += 1
        if country:
            waiting.countries[country] += 1
        if inter:
            waiting.hints[inter] += 1
    return found


def _met_publishers(desk: Desk) -> dict[str, Waiting]:
    """Publishers of documents that may be named, sources of events, and what was read for coverage."""
    from eventcoder.publishers import host_of

    found: dict[str, Waiting] = {}
    for document, entry in desk.ledger.latest("document").items():
        name = str(entry.body.get("publisher") or "")
        if not name or entry.body.get("visibility") == "undisclosed":
            continue
        waiting = _met(found, "publisher", name, document)
        waiting.documents += 1
        waiting.domain = waiting.domain or host_of(str(entry.body.get("url") or ""))
        waiting.language = waiting.language or str(entry.body.get("language") or "")
    for event_id, values in _live_values(desk):
        sources = values.get("source") or ()
        for name in sources:
            if name in _NO_NAMES:
                continue
            waiting = _met(found, "publisher", name, event_id)
            waiting.events += 1
            if values.get("country"):
                waiting.countries[values["country"]] += 1
            scale = values.get("source_scale")
            if scale and len(sources) == 1 and "-" not in scale:
                waiting.hints[scale] += 1
    for entry in desk.ledger.latest("coverage").values():
        for name in () if entry.body.get("removed") else entry.body.get("sources") or ():
            _met(found, "publisher", name, "")
    return found


def _met(found: dict[str, Waiting], kind: str, name: str, example: str) -> Waiting:
    waiting = found.get(name)
    if waiting is None:
        waiting = found[name] = Waiting(kind, name)
    if example and len(waiting.examples) < EXAMPLES and example not in waiting.examples:
        waiting.examples.append(example)
    return waiting


def _live_values(desk: Desk) -> Iterator[tuple[str, dict[str, Any]]]:
    for state in LIVE_STATES:
        for text in desk.ledger.event_texts(state):
            raw = json.loads(text)
            yield raw["event_id"], raw.get("values") or {}


def _draft_groups(desk: Desk) -> Iterable[tuple[str, str, str | None, str]]:
    """(name, country, class, document) of each unknown group that a stored draft names."""
    for entry in desk.ledger.latest("draft").values() if desk.has_ledger else ():
        rules, fields = entry.body.get("rules") or {}, entry.body.get("fields") or {}
        for side in ("1", "2"):
            name = str(rules.get(f"actor{side}", "")).partition(UNKNOWN)[2]
            if name:
                yield name, str(fields.get("country") or ""), fields.get(f"inter{side}"), str(entry.body.get("document") or "")


def _plain(entry: Entry) -> dict[str, Any]:
    return {key: value for key, value in entry.body.items() if key not in ("status", "reason")}
