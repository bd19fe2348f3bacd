"""A coder's sitting: the undecided drafts in order, and what the keys do. Floor 5.

`Review` appends the draft, the decision and the act that follows from it in one go, so that no decision can be lost or half stored. What was decided
never comes back, also not from a newer engine that reads the same words again. Documents that the coder codes apart (a blind task) show the drafts as
nobody had decided them; documents that others code apart do not show at all. A sitting can also be about single drafts (`drafts`) and decides just
these; single drafts that are coded apart are asked about in no other sitting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eventcoder.coding import Desk, NewEvent, Outcome
from eventcoder.coding.apart import (
    DOCUMENT,
    decision_subject,
    drafts_shown,
    elsewhere,
    not_yours,
    own_task,
    rounds_under_way,
    same_words,
    to_adjudicate,
    waiting_for_others,
)  # fmt: skip
from eventcoder.coding.attaching import create_apart
from eventcoder.coding.records import remark_text
from eventcoder.errors import NotFound, UsageError
from eventcoder.event import Draft
from eventcoder.ledger import Entry, new_entry
from eventcoder.review.session import DraftSession, StoredDrafts, draft_entry, stored_draft

if TYPE_CHECKING:
    from eventcoder.ledger.work import Task

REVIEWED = ("codable", "lead", "background")  # statuses that a coder sees by default; the others are proposals not to code
WITHOUT_DRAFTS = "coded without drafts"  # in the place of a language, of documents that a coder reads by himself


@dataclass(slots=True)
class Decided:
    """One decision of this sitting, kept for undo."""

    draft: Draft
    decision: str
    outcome: Outcome | None
    attached: tuple[str, ...] = ()
    made: bool = False  # an event of its own was made, and goes when this is undone
    joined: bool = False  # taken with the decision before it by one key, and given back with it


@dataclass(slots=True)
class Review:
    """A coder's sitting: the undecided drafts in order, and the decisions made.

    `skipped` drafts come again in the next sitting. Every method that decides has stored its decision when it returns. `order` is that of the
    documents (`learning.order`); `text` takes them as they are named, or the oldest first. Inside a document drafts follow the text.
    """

    desk: Desk
    session: DraftSession | StoredDrafts
    documents: Sequence[str] = ()
    drafts: Sequence[Draft] = ()  # in the place of documents: just these, whatever their status
    statuses: Sequence[str] = REVIEWED
    order: str = "text"
    watch: Callable[[Sequence[str]], Iterable[str]] = iter  # goes through the documents while they are read: a bar for whoever waits
    done: list[Decided] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    _queue: list[Draft] = field(default_factory=list)
    _supported: set[str] | None = None
    unreadable: list[str] = field(default_factory=list)
    by_hand: list[tuple[str, str]] = field(default_factory=list)  # documents that no event rests on and the engine does not read, with their language
    seen: set[str] = field(default_factory=set)  # documents of this sitting that could be read, or single drafts
    left: set[str] = field(default_factory=set)  # documents of which a draft was skipped
    tasks: dict[str, Task] = field(default_factory=dict)  # document, or single draft -> the blind task for which the coder codes it

    def __post_init__(self) -> None:
        past: dict[str, list[Mapping[str, Any]]] = {}
        for entry in self._standing_decisions():
            past.setdefault(str(entry.body.get("document")), []).append(entry.body)
        waiting: dict[str, list[Draft]] = {}
        under_way, handed_in = rounds_under_way(self.desk), waiting_for_others(self.desk)
        if self.drafts:
            self._just(self.drafts, under_way, handed_in, past)
            return
        apart = {d: whole for d, of in under_way.items() if (whole := [t for t in of if t.item_kind == DOCUMENT])}
        others = {} if self.documents else elsewhere(self.desk)
        single: dict[str, list[str]] = {}  # document -> drafts of it that are decided elsewhere
        for item, document in {**others, **{t.item: t.document for of in (*under_way.values(), *handed_in.values()) for t in of}}.items():
            if item != document:
                single.setdefault(document, []).append(item)
        known = {i: entry for i, entry in self.desk.ledger.latest("document").items() if not entry.body.get("redacted")}
        for document in self.watch(self.documents or sorted(known, key=self._order)):
            task = own_task(apart.get(document, ()), self.desk.coder)
            if (document in apart or document in others) and task is None:
                if self.documents:
                    self.unreadable.append(f"{document}: {' '.join(not_yours(apart[document], document, self.desk.coder))}")
                continue
            if task is None and (whole := [t for t in handed_in.get(document, ()) if t.item_kind == DOCUMENT]):
                if self.documents:
                    self.unreadable.append(f"{document}: {' '.join(to_adjudicate(whole, document))}")
                continue
            try:
                drafts = drafts_shown(self.desk, task, self.session.drafts_of(document))
            except NotFound as error:
                self.unreadable.append(f"{document}: {error}")
                continue
            self.seen.add(document)
            if task is not None:
                self.tasks[document] = task
                if not drafts:
                    self.by_hand.append((document, WITHOUT_DRAFTS))
                    continue
            said = [p for p in self.session.problems.get(document, ()) if p.code == "language-not-read"]
            if said and not self._reported(document):
                self.by_hand.append((document, str(said[0].value)))
            decided = [p for p in past.get(document, ()) if task is None or p.get("task") == task.task]
            waiting[document] = [d for d in drafts if d.status in self.statuses and not any(settled_by(p, d) for p in decided)]
            if task is None and waiting[document] and document in single:
                given = [found for item in single[document] if (found := stored_draft(self.desk, item)) is not None]
                waiting[document] = [d for d in waiting[document] if not any(same_words(d, other) for other in given)]
        from eventcoder.extraction.across import with_same_events

        self._queue += with_same_events([draft for document in self._ordered({d: w for d, w in waiting.items() if w}) for draft in waiting[document]])

    def _just(
        self,
        drafts: Sequence[Draft],
        under_way: Mapping[str, Sequence[Task]],
        handed_in: Mapping[str, Sequence[Task]],
        past: Mapping[str, Sequence[Mapping[str, Any]]],
    ) -> None:
        """Ask about single drafts: each for the blind task about it, or about its document, where there is one."""
        for draft in drafts:
            found = under_way.get(draft.document, ())
            apart = [t for t in found if t.item == draft.draft_id] or [t for t in found if t.item_kind == DOCUMENT]
            task = own_task(apart, self.desk.coder)
            if apart and task is None:
                self.unreadable.append(f"{draft.draft_id}: {' '.join(not_yours(apart, draft.document, self.desk.coder))}")
                continue
            waits = [t for t in handed_in.get(draft.document, ()) if t.item == draft.draft_id or t.item_kind == DOCUMENT]
            if task is None and waits:
                self.unreadable.append(f"{draft.draft_id}: {' '.join(to_adjudicate(waits, draft.document))}")
                continue
            self.seen.add(draft.draft_id)
            if task is not None:
                self.tasks[draft.draft_id] = task
            decided = [p for p in past.get(draft.document, ()) if task is None or p.get("task") == task.task]
            self._queue += [d for d in drafts_shown(self.desk, task, [draft]) if not any(settled_by(p, d) for p in decided)]

    def task_of(self, draft: Draft) -> Task | None:
        """The blind task for which the coder decides a draft."""
        return self.tasks.get(draft.draft_id) or self.tasks.get(draft.document)

    def through(self, task: Task) -> bool:
        """Whether this sitting was about a task's item, and nothing of it is left to decide."""
        if task.item_kind != DOCUMENT and task.item in self.seen:
            return task.item not in {d.draft_id for d in self._queue} | set(self.skipped)
        apart = task.item_kind != DOCUMENT and task.blind  # asked about by its own id alone
        return not apart and task.document in self.seen - self.left - {d.document for d in self._queue}

    @contextmanager
    def _at_hand(self, draft: Draft) -> Iterator[list[Entry]]:
        """As `Desk.together`, for the task of a draft."""
        task = self.task_of(draft)
        before, self.desk.at_hand = self.desk.at_hand, task.task if task is not None else ""
        try:
            with self.desk.together() as entries:
                yield entries
        finally:
            self.desk.at_hand = before

    def _ordered(self, waiting: Mapping[str, Sequence[Draft]]) -> Iterable[str]:
        if self.order == "text":
            return waiting
        from eventcoder.learning.order import in_order

        return in_order(waiting, self.order, {document: self._order(document)[0] for document in waiting})

    def _reported(self, document: str) -> bool:
        """Does an event rest on the document already?"""
        if self._supported is None:
            live = self.desk.ledger.events(states=("open", "settled"))
            self._supported = {str(report["document"]) for event in live for report in event.reports}
        return document in self._supported

    def _order(self, document: str) -> tuple[str, str]:
        return str(self.desk.document_meta(document).get("published") or ""), document

    def _standing_decisions(self) -> list[Entry]:
        """The last decision on each draft, without those that were undone."""
        return [e for e in self.desk.ledger.latest("decision").values() if e.body.get("decision") != "undo"]

    @property
    def waiting(self) -> list[Draft]:
        """What is left, first things first."""
        return self._queue

    @property
    def current(self) -> Draft | None:
        return self._queue[0] if self._queue else None

    def same_waiting(self, draft: Draft) -> list[tuple[Draft, float]]:
        """Drafts of other documents that wait too and may tell of the same event, best first, each with its score."""
        waiting = {d.draft_id: d for d in self._queue}
        linked = [(waiting.get(link.get("draft", "")), float(link.get("score", 0))) for link in draft.candidates.get("same_event", ())]
        if self.task_of(draft) is not None:
            return []  # what is coded apart is joined with nothing
        return [(f, score) for f, score in linked if f is not None and f.draft_id != draft.draft_id and self.task_of(f) is None]

    # -- decisions ----------------------------------------------------------------------------------------------------------------------

    def proposal(
        self, draft: Draft, edits: Mapping[str, Any] | None = None, marked: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
    ) -> NewEvent:
        """The event that accepting the draft would make, with the coder's `edits` and `marked` pieces of text in place."""
        given = edits or {}
        # what hangs on an edited value is worked out anew, unless the coder gave it too
        stale = self.desk.dependents(given, draft.fields) - set(given) if given else set()
        raw = {**{name: value for name, value in draft.fields.items() if name not in stale}, **given}
        if given and "notes" not in given and draft.fields.get("notes"):
            # the drafted note says what the fields say, so it follows them; a note that the coder typed stands
            raw["notes"] = self._note(raw) or draft.fields["notes"]
        evidence = {
            name: [{"document": draft.document, **span.model_dump()} for span in spans]
            for name, spans in draft.evidence.items()
            if name not in given and name not in stale
        }
        for name, spans in (marked or {}).items():
            evidence[name] = [{"document": draft.document, **span} for span in spans]
        counts = [{k: v for k, v in c.model_dump().items() if v is not None} | {"document": draft.document} for c in draft.counts]
        return NewEvent(
            {k: v for k, v in raw.items() if v is not None and v != ""},
            reports=[draft.document],
            evidence=evidence,
            counts=counts,
            draft=draft.draft_id,
        )

    def _note(self, raw: Mapping[str, Any]) -> str | None:
        from eventcoder.extraction.note import draft_note

        typed, _ = self.desk.codebook.coerce({name: value for name, value in raw.items() if value not in (None, "")})
        return draft_note(typed)

    def accept(
        self,
        draft: Draft,
        edits: Mapping[str, Any] | None = None,
        *,
        marked: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
        allow_open: bool = False,
    ) -> Outcome:
        """Make an event of the draft. Raises `Refused` with the problems when it may not be stored; nothing is decided then."""
        new = self.proposal(draft, edits, marked)
        decision = "edit" if edits else "accept"
        body = {"edits": dict(edits)} if edits else {}
        with self._at_hand(draft) as entries:
            outcome = self.desk.add(new, allow_open=allow_open)
            entries += self._entries(draft, decision, {**body, "event_id": outcome.event_id})
        self._next(Decided(draft, decision, outcome, made=True))
        return outcome

    def attach(self, draft: Draft, event_id: str) -> Outcome:
        """The draft tells of an event that is there already: tie the document to it, with its evidence and counts."""
        new = self.proposal(draft)
        event = self.desk.undisputed(event_id)
        had = {r["document"] for r in event.reports}
        if self.task_of(draft) is not None and not event.held:
            with self._at_hand(draft) as entries:
                outcome = create_apart(self.desk, new, event)
                entries += self._entries(draft, "attach", {"event_id": outcome.event_id})
            self._next(Decided(draft, "attach", outcome, made=True))
            return outcome
        with self._at_hand(draft) as entries:
            # a second report supports values that may differ from the event's: its evidence is kept for fields on which both agree
            held = self.desk.live(event_id).values
            agreeing = {name: spans for name, spans in new.evidence.items() if held.get(name) == new.raw.get(name)}
            outcome = self.desk.attach(event_id, [draft.document], evidence=agreeing, counts=new.counts, draft=draft.draft_id)
            entries += self._entries(draft, "attach", {"event_id": outcome.event_id})
        self._next(Decided(draft, "attach", outcome, () if draft.document in had else (draft.document,)))
        return outcome

    def join(
        self,
        draft: Draft,
        other: Draft,
        edits: Mapping[str, Any] | None = None,
        *,
        marked: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    ) -> Outcome:
        """Accept `draft` and attach `other`, which tells of the same event in another document. One `undo` takes both back."""
        outcome = self.accept(draft, edits, marked=marked)
        attached = self.attach(other, outcome.event_id)
        self.done[-1].joined = True
        return attached

    def reject(self, draft: Draft, reason: str, remark: str = "") -> None:
        """No event, for a reason of the codebook's list `reject_reasons`. Raises `UsageError` for another."""
        known = self.desk.codebook.lists["reject_reasons"].canonical(reason)
        if known is None:
            raise UsageError(f"Unknown reason {reason!r}.", f"Known: {', '.join(self.desk.codebook.lists['reject_reasons'].codes)}.")
        body = {"reason": known, **({"remark": remark_text(remark)} if remark else {})}
        self.desk.ledger.append(self._entries(draft, "reject", body))
        self._next(Decided(draft, "reject", None))

    def skip(self) -> None:
        """Leave the current draft for another sitting."""
        if self._queue:
            draft = self._queue.pop(0)
            self.skipped.append(draft.draft_id)
            self.left.add(draft.document)

    def undo(self) -> Draft | None:
        """Take the last decision of this sitting back: its event is retracted (or the report detached), and the draft waits again."""
        if not self.done:
            return None
        last = self.done[-1]
        with self.desk.together() as entries:
            if last.outcome is not None and last.made:
                self.desk.retract(last.outcome.event_id, reason="Undone by the coder during review.")
            elif last.outcome is not None and last.attached:
                self.desk.detach(last.outcome.event_id, last.attached, reason="Undone by the coder during review.")
            entries.append(self._decision(last.draft, "undo", {}))
        self.done.pop()
        self._queue.insert(0, last.draft)
        return self.undo() if last.joined else last.draft

    def _entries(self, draft: Draft, decision: str, body: Mapping[str, Any]) -> list[Entry]:
        known = any(True for _ in self.desk.ledger.entries(kind="draft", subject=draft.draft_id))
        made = self._decision(draft, decision, body)
        return [made] if known else [draft_entry(draft, self.desk), made]

    def _decision(self, draft: Draft, decision: str, body: Mapping[str, Any]) -> Entry:
        task = self.task_of(draft)
        subject = decision_subject(draft.draft_id, task)
        told = {
            "decision": decision,
            "document": draft.document,
            "start": draft.statement.start,
            "end": draft.statement.end,
            "engine": draft.engine,
            "engine_version": draft.engine_version,
            "location": draft.fields.get("location"),
            "sub_event_type": draft.fields.get("sub_event_type"),
            **({"task": task.task, "draft": draft.draft_id} if task else {}),
            **body,
        }
        # naming the decision that this one replaces, so that no clock decides which of the two holds
        before = self.desk.ledger.latest("decision").get(subject)
        said, parents = {k: v for k, v in told.items() if v is not None}, (before.id,) if before else ()
        return new_entry("decision", subject, said, coder=self.desk.coder, time=self.desk.moment, parents=parents)

    def _next(self, decided: Decided) -> None:
        self.done.append(decided)
        self._queue = [d for d in self._queue if d.draft_id != decided.draft.draft_id]


def settled_by(decision: Mapping[str, Any], draft: Draft) -> bool:
    """Whether a past decision settles this draft: it is about the same words and the same place.

    Drafts change without a new engine too (a place that the team has added since), so that the id alone does not tell. Several events told in
    the same words differ by place, or, where the engine is the same, by type.
    """
    if decision.get("document") != draft.document:
        return False
    start, end = max(decision["start"], draft.statement.start), min(decision["end"], draft.statement.end)
    shorter = min(decision["end"] - decision["start"], draft.statement.end - draft.statement.start)
    places = {decision.get("location"), draft.fields.get("location")} - {None}
    same_engine = (decision.get("engine"), decision.get("engine_version")) == (draft.engine, draft.engine_version)
    types = {decision.get("sub_event_type"), draft.fields.get("sub_event_type")} - {None} if same_engine else set()
    return 2 * (end - start) > shorter and len(places) <= 1 and len(types) <= 1


def span_of(text: str, piece: str, *, near: int = 0) -> dict[str, Any]:
    """A piece of text that the coder typed or marked, as a span of the document: the occurrence nearest to `near`.

    White space may differ (a line break in the source is a blank to the coder). Raises `UsageError` if the words are not in the text.
    """
    import re

    words = piece.split()
    if not words:
        raise UsageError("No words were marked.", "Type a piece of the text as it stands there.")
    pattern = re.compile(r"\s+".join(map(re.escape, words)))
    matches = list(pattern.finditer(text)) or list(re.compile(pattern.pattern, re.IGNORECASE).finditer(text))
    if not matches:
        raise UsageError(f"{piece!r} is not in the text.", "Type a piece of the text as it stands there.")
    found = min(matches, key=lambda m: abs(m.start() - near))
    return {"start": found.start(), "end": found.end(), "quote": found.group()}


def documents_of(drafts: Iterable[Draft]) -> list[str]:
    """The documents of drafts, each once, in order."""
    return list(dict.fromkeys(d.document for d in drafts))
