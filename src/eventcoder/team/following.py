"""Following what was done: the entries of the ledger by filters, what came after a release and from whom, and the whole story of one event. Floor 5.

An entry's time is what its coder's clock said; "after a release" does not trust it: an act that came late, by the journal of a coder who was
offline, is after every release that does not hold it, whenever it was made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from eventcoder.coding.opened import Opened
from eventcoder.errors import UsageError
from eventcoder.identity import canonical
from eventcoder.ledger import Entry, Folded
from eventcoder.ledger.entry import ACTS, KINDS
from eventcoder.team.tasks.blind import drafts_concealed, shown_entry, visible, visible_entry

_LEADING = ("draft", "decision", "assignment")  # stored with the act that they led to
ANY = "*"  # of `Wanted.imported`: whatever the file
FIELDS = ("time", "coder", "role", "kind", "what", "subject", "fields", "values", "was", "reason", "id", "parents", "body")


class Since(Protocol):
    """A release, as far as it says what came after it: `reader.holding.Holding`."""

    @property
    def version(self) -> str: ...
    @property
    def created(self) -> str: ...
    @property
    def exact(self) -> bool: ...
    @property
    def withheld(self) -> Mapping[str, int]: ...
    @property
    def withdrawn(self) -> Collection[str]: ...
    def has_event(self, event_id: str) -> bool: ...
    def has_act(self, act: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; what is None (or empty) does not choose. Conditions hold together.

    `kind` is a kind of entry, `act` the verb of an act, `event` a whole event id, `column` one that an act sets, clears or gives evidence for (or
    that a question is about), `since` and `until` days (inclusive), `imported` the file that an import read (`ANY`: any), `after` a release.
    """

    by: str | None = None
    kind: str | None = None
    act: str | None = None
    event: str | None = None
    column: str | None = None
    since: str | None = None
    until: str | None = None
    imported: str | None = None
    after: Since | None = None


def entries_of(opened: Opened, wanted: Wanted) -> Iterator[Entry]:
    """The entries that `wanted` names, the latest time first. What the person who looks may not see yet is left out.

    Raises `UsageError` for an unknown kind or act, `NotFound` for an unknown column.
    """
    if wanted.act is not None and wanted.act not in ACTS:
        raise UsageError(f"Unknown act {wanted.act!r}.", f"Known: {', '.join(ACTS)}.")
    if wanted.column is not None:
        opened.codebook.column(wanted.column)
    acts_only = wanted.act is not None or wanted.imported is not None
    if acts_only and wanted.kind not in (None, "act"):
        raise UsageError(f"Entries of kind {wanted.kind} have no act and no import.", "Leave --kind out.")
    sieve = [f'"act":"{wanted.act}"'] if wanted.act else []
    sieve += [f'"{wanted.column}"'] if wanted.column else []
    sieve += ['"import":{'] if wanted.imported else []
    found = opened.ledger.entries(
        "act" if acts_only else wanted.kind,
        wanted.event,
        wanted.by,
        wanted.since,
        until=f"{wanted.until}T23:59:59Z" if wanted.until else None,
        saying=sieve,
        newest_first=True,
    )
    concealed = concealed_events(opened)
    unread = drafts_concealed(opened) if wanted.kind in (None, "draft") else frozenset()
    later = _later(opened, wanted.after) if wanted.after is not None else None
    for entry in found:
        if entry.subject in concealed if entry.kind == "act" else not visible_entry(opened, entry):
            continue
        if entry.kind == "draft" and entry.body.get("document") in unread:
            continue
        if _chosen(entry, wanted) and (later is None or later(entry)):
            yield shown_entry(opened, entry)


def concealed_events(opened: Opened) -> frozenset[str]:
    """Events that were coded blind and that the person who looks may not see yet."""
    return frozenset(event.event_id for event in opened.ledger.events(states=("held", "adjudicated", "conflict")) if not visible(opened, event))


def _chosen(entry: Entry, wanted: Wanted) -> bool:
    body = entry.body
    if wanted.act is not None and body.get("act") != wanted.act:
        return False
    if wanted.column is not None and wanted.column not in columns_of(entry):
        return False
    if wanted.imported is not None:
        origin = body.get("import")
        return isinstance(origin, dict) and wanted.imported in (ANY, origin.get("file"), origin.get("sha256"))
    return True


def columns_of(entry: Entry) -> list[str]:
    """The columns of an event that an entry is about: set or cleared by an act, given evidence by it, named by a question."""
    body = entry.body
    if entry.kind == "act":
        return sorted({*body.get("values", {}), *body.get("evidence", {})})
    return [body["field"]] if isinstance(body.get("field"), str) else []


def _later(opened: Opened, release: Since) -> Callable[[Entry], bool]:
    """Whether an entry came after a release.

    An act did if the release does not hold it, though it holds the event, or a later clock says so, or the event is settled now and was not in it.
    """
    held: dict[str, frozenset[str]] = {}  # of events whose acts the release does not name: those that it counts

    def counted(event_id: str) -> frozenset[str]:
        if event_id not in held:
            held[event_id] = frozenset(act.id for act in opened.ledger.acts(event_id)[: release.withheld[event_id]])
        return held[event_id]

    def settled(event_id: str) -> bool:
        head = opened.ledger.head(event_id)
        return head is not None and head.state == "settled"

    def later(entry: Entry) -> bool:
        if entry.kind != "act" or not release.exact:
            return entry.time > release.created
        if release.has_act(entry.id):
            return False
        if entry.subject in release.withheld:
            return entry.id not in counted(entry.subject)
        if release.has_event(entry.subject) or entry.time > release.created:
            return True
        return entry.subject not in release.withdrawn and settled(entry.subject)

    return later


@dataclass(slots=True)
class Line:
    """What one coder did of one kind: how many entries, about how many subjects (events, documents), from when to when."""

    coder: str
    what: str
    entries: int = 0
    subjects: set[str] = field(default_factory=set)
    first: str = ""
    last: str = ""

    def as_json(self) -> dict[str, Any]:
        found = {"coder": self.coder, "what": self.what, "entries": self.entries, "subjects": len(self.subjects)}
        return {**found, "first": self.first, "last": self.last}


def summary(entries: Iterable[Entry]) -> list[Line]:
    """Who did what, how often: by coder and operation."""
    lines: dict[tuple[str, str], Line] = {}
    for entry in entries:
        line = lines.setdefault((entry.coder, what(entry)), Line(entry.coder, what(entry), first=entry.time, last=entry.time))
        line.entries += 1
        line.subjects.add(entry.subject)
        line.first, line.last = min(line.first, entry.time), max(line.last, entry.time)
    return [lines[key] for key in sorted(lines)]


def what(entry: Entry) -> str:
    """What an entry did, in a word: an act's verb, a decision on a draft, what a question is, else its kind."""
    body = entry.body
    if entry.kind == "act":
        return str(body.get("act") or "redacted act")
    if entry.kind == "decision":
        return str(body.get("decision") or "decision")
    state = body.get("says") if entry.kind == "query" else body.get("state") if entry.kind == "assignment" else None
    return f"{entry.kind} {state}" if isinstance(state, str) else entry.kind


def story(opened: Opened, event: Folded) -> list[Entry]:
    """Everything about one event: its acts in the order in which they hold, and between them by time the questions and answers about it, the drafts
    that it came from and what was decided on them, the tasks that it was coded for, and the acts on the codings that were adjudicated into it."""
    ledger = opened.ledger
    acts = ledger.acts(event.event_id)
    drafts = {str(act.body["draft"]) for act in acts if act.body.get("draft")}
    codings = {i for act in acts for i in act.body.get("adjudicated") or () if isinstance(i, str)}
    tasks = {event.held} if event.held else set()
    more: dict[str, Entry] = {}
    for coding in sorted(codings):
        for act in ledger.acts(coding):
            more[act.id] = act
            drafts |= {str(act.body["draft"])} if act.body.get("draft") else set()
            tasks |= {str(act.body["held"])} if act.body.get("held") else set()
    for draft in sorted(drafts):
        subjects = [draft, *(f"{draft}@{task}" for task in sorted(tasks))]
        found = [*ledger.entries("draft", draft), *(entry for subject in subjects for entry in ledger.entries("decision", subject))]
        more.update((entry.id, entry) for entry in found)
    more.update((entry.id, entry) for task in sorted(tasks) for entry in ledger.entries("assignment", task))
    more.update((entry.id, entry) for entry in ledger.entries("query", event.event_id))
    seen = [shown_entry(opened, entry) for entry in more.values() if visible_entry(opened, entry)]
    return _between(acts, sorted(seen, key=lambda entry: (entry.time, KINDS.index(entry.kind), entry.id)))


def _between(acts: Iterable[Entry], others: Iterable[Entry]) -> list[Entry]:
    """Acts in their own order, which is not that of clocks; the others before the first act that is later than they are."""
    out: list[Entry] = []
    waiting = list(others)
    for act in acts:
        while waiting and (waiting[0].time < act.time or (waiting[0].time == act.time and waiting[0].kind in _LEADING)):
            out.append(waiting.pop(0))
        out.append(act)
    return out + waiting


def record(entry: Entry) -> dict[str, str]:
    """An entry as one row of texts (`FIELDS`): for a spreadsheet."""
    body = entry.body
    values = body.get("values") if entry.kind == "act" else None
    overruled = body.get("overruled")
    was = {name: cell.get("was") for name, cell in overruled.items() if isinstance(cell, dict)} if isinstance(overruled, dict) else None
    return {
        "time": entry.time,
        "coder": entry.coder,
        "role": entry.role,
        "kind": entry.kind,
        "what": what(entry),
        "subject": entry.subject,
        "fields": "; ".join(columns_of(entry)),
        "values": canonical(values) if values else "",
        "was": canonical(was) if was else "",
        "reason": str(body.get("reason") or body.get("text") or ""),
        "id": entry.id,
        "parents": "; ".join(entry.parents),
        "body": canonical(body),
    }


def day(option: str, value: str | None) -> str | None:
    """The day as given. Raises `UsageError` for what is none: a filter that cannot be understood would look like an empty answer."""
    try:
        return date.fromisoformat(value).isoformat() if value is not None else None
    except ValueError:
        raise UsageError(f"{option} {value!r} is not a day.", "Write it as YYYY-MM-DD.") from None
