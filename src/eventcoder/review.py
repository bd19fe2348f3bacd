"""Decisions on drafts: what waits for a coder, and what the coder's keys do. Floor 5.

A draft is the machine's proposal and is never edited; a coder's decision is a record of its own (ledger kind `decision`), kept beside the draft
for ever. `Review` appends the draft, the decision and the act that follows from it in one go, so that no decision can be lost or half stored.
What was decided never comes back, also not from a newer engine that reads the same words again. Nothing here prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eventcoder.coding import Desk, NewEvent, Outcome
from eventcoder.coding.records import remark_text
from eventcoder.documents.article import MAX_READ
from eventcoder.errors import NotFound, UsageError
from eventcoder.event import Document, Draft
from eventcoder.ledger import Entry, new_entry

if TYPE_CHECKING:
    from eventcoder.extraction.kit import Kit
    from eventcoder.extraction.protocol import Engine
    from eventcoder.problem import Problem
    from eventcoder.project import Project

Progress = Callable[[str], None]
REVIEWED = ("codable", "lead", "background")  # statuses that a coder sees by default; the others are proposals not to code
MACHINE_ROLE = "machine"


def kit_of(project: Project, *, desk: Desk | None = None, progress: Progress | None = None) -> Kit:
    """The extraction kit of a project: its codebook, gazetteer (the team's and earlier events' places first), actors and learned classifier."""
    from eventcoder.extraction.classifier.learned import take_learned
    from eventcoder.extraction.kit import Kit

    own = desk or Desk(project, readonly=True)
    try:
        kit = Kit(own.codebook, own.gazetteer(progress=progress), own.actors, project.settings, schema_dir=project.schema_dir)
        take_learned(kit, project.root)
        return kit
    finally:
        if desk is None:
            own.close()


class DraftSession:
    """Drafts of documents by one engine, made when asked for and kept while the session lasts.

    `rules` and `semantic` read on the spot: a place that was added a minute ago counts at once. What `llm` drafted is taken from the ledger, where
    `extract` put it: a coder's sitting never waits for an endpoint, and costs nothing. `problems` holds what the engine said of each document.
    """

    def __init__(self, desk: Desk, progress: Progress | None = None, *, engine: str = "rules") -> None:
        self.desk = desk
        self.kit = kit_of(desk.project, desk=desk, progress=progress)
        self.engine = engine
        self.problems: dict[str, list[Problem]] = {}
        self._reader: Engine | None = None
        self._stored: dict[str, list[Draft]] | None = None
        self._made: dict[str, list[Draft]] = {}

    def drafts_of(self, document: str) -> list[Draft]:
        """All drafts of one document, in the order of the text. Raises `NotFound` when its text is not on this machine."""
        if self.desk.document_meta(document).get("redacted"):
            raise NotFound("its content was redacted")
        if document not in self._made:
            self._made[document] = self._kept(document) if self.engine == "llm" else self._read(document)
        return self._made[document]

    def _read(self, document: str) -> list[Draft]:
        from eventcoder.extraction.engines import open_engine
        from eventcoder.extraction.protocol import Text

        if self._reader is None:
            self._reader = open_engine(self.engine, self.kit, self.desk.project)
        meta = Document.model_validate(dict(self.desk.document_meta(document)))
        if meta.length > MAX_READ:
            raise NotFound(
                f"it has {meta.length:,} characters, and {MAX_READ:,} is the most that is read as one document: split it into its articles"
            )
        (found,) = self._reader.read([Text(meta, self.desk.documents.text(document))])
        if found.problems:
            self.problems[document] = found.problems
        return found.drafts

    def _kept(self, document: str) -> list[Draft]:
        if self._stored is None:
            self._stored = _newest(self.desk, self.engine)
        if document not in self._stored:
            raise NotFound(f"the engine '{self.engine}' has not read it; run 'eventcoder extract --engine {self.engine}' first")
        return self._stored[document]


def draft_session(desk: Desk, *, progress: Progress | None = None, engine: str | None = None) -> DraftSession:
    """A session on the project's documents with `engine`, or the one of the settings."""
    return DraftSession(desk, progress, engine=engine or desk.project.settings.engine)


def _newest(desk: Desk, engine: str) -> dict[str, list[Draft]]:
    """Stored drafts of an engine by document: of several versions the one that read the document last."""
    last: dict[str, tuple[str, str]] = {}
    found: dict[tuple[str, str], list[Draft]] = {}
    for entry in desk.ledger.latest("draft").values():
        if entry.body.get("engine") != engine:
            continue
        draft = Draft.model_validate(entry.body)
        found.setdefault((draft.document, draft.engine_version), []).append(draft)
        last[draft.document] = max(last.get(draft.document, ("", "")), (entry.time, draft.engine_version))
    return {
        document: sorted(found[document, version], key=lambda d: (d.statement.start, d.statement.end, d.draft_id))
        for document, (_, version) in last.items()
    }


def draft_entry(draft: Draft, desk: Desk) -> Entry:
    """The ledger entry of a draft; its author is the engine, not the coder who asked for it."""
    return new_entry("draft", draft.draft_id, draft.as_json(), coder=f"{draft.engine}-{draft.engine_version}", role=MACHINE_ROLE, time=desk.moment)


@dataclass(slots=True)
class Decided:
    """One decision of this sitting, kept for undo."""

    draft: Draft
    decision: str
    outcome: Outcome | None
    attached: tuple[str, ...] = ()
    joined: bool = False  # taken with the decision before it by one key, and given back with it


@dataclass(slots=True)
class Review:
    """A coder's sitting: the undecided drafts in order, and the decisions made.

    `skipped` drafts come again in the next sitting. Every method that decides has stored its decision when it returns. `order` is that of the
    documents (`learning.order`); `text` takes them as they are named, or the oldest first. Inside a document drafts follow the text.
    """

    desk: Desk
    session: DraftSession
    documents: Sequence[str] = ()
    statuses: Sequence[str] = REVIEWED
    order: str = "text"
    watch: Callable[[Sequence[str]], Iterable[str]] = iter  # goes through the documents while they are read: a bar for whoever waits
    done: list[Decided] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    _queue: list[Draft] = field(default_factory=list)
    _supported: set[str] | None = None
    unreadable: list[str] = field(default_factory=list)
    by_hand: list[tuple[str, str]] = field(default_factory=list)  # documents that no event rests on and the engine does not read, with their language

    def __post_init__(self) -> None:
        past: dict[str, list[Mapping[str, Any]]] = {}
        for entry in self._standing_decisions():
            past.setdefault(str(entry.body.get("document")), []).append(entry.body)
        waiting: dict[str, list[Draft]] = {}
        known = {i: entry for i, entry in self.desk.ledger.latest("document").items() if not entry.body.get("redacted")}
        for document in self.watch(self.documents or sorted(known, key=self._order)):
            try:
                drafts = self.session.drafts_of(document)
            except NotFound as error:
                self.unreadable.append(f"{document}: {error}")
                continue
            said = [p for p in self.session.problems.get(document, ()) if p.code == "language-not-read"]
            if said and not self._reported(document):
                self.by_hand.append((document, str(said[0].value)))
            decided = past.get(document, ())
            waiting[document] = [d for d in drafts if d.status in self.statuses and not any(_decides(p, d) for p in decided)]
        from eventcoder.extraction.across import with_same_events

        self._queue += with_same_events([draft for document in self._ordered({d: w for d, w in waiting.items() if w}) for draft in waiting[document]])

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
        return [(found, score) for found, score in linked if found is not None and found.draft_id != draft.draft_id]

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
        with self.desk.together() as entries:
            outcome = self.desk.add(new, allow_open=allow_open)
            entries += self._entries(draft, decision, {**body, "event_id": outcome.event_id})
        self._next(Decided(draft, decision, outcome))
        return outcome

    def attach(self, draft: Draft, event_id: str) -> Outcome:
        """The draft tells of an event that is there already: tie the document to it, with its evidence and counts."""
        new = self.proposal(draft)
        had = {r["document"] for r in self.desk.live(event_id).reports}
        with self.desk.together() as entries:
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
            self.skipped.append(self._queue.pop(0).draft_id)

    def undo(self) -> Draft | None:
        """Take the last decision of this sitting back: its event is retracted (or the report detached), and the draft waits again."""
        if not self.done:
            return None
        last = self.done[-1]
        with self.desk.together() as entries:
            if last.outcome is not None and last.decision in ("accept", "edit"):
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
        told = {
            "decision": decision,
            "document": draft.document,
            "start": draft.statement.start,
            "end": draft.statement.end,
            "engine": draft.engine,
            "engine_version": draft.engine_version,
            "location": draft.fields.get("location"),
            "sub_event_type": draft.fields.get("sub_event_type"),
            **body,
        }
        # naming the decision that this one replaces, so that no clock decides which of the two holds
        before = self.desk.ledger.latest("decision").get(draft.draft_id)
        return new_entry(
            "decision",
            draft.draft_id,
            {k: v for k, v in told.items() if v is not None},
            coder=self.desk.coder,
            time=self.desk.moment,
            parents=(before.id,) if before else (),
        )

    def _next(self, decided: Decided) -> None:
        self.done.append(decided)
        self._queue = [d for d in self._queue if d.draft_id != decided.draft.draft_id]


def _decides(decision: Mapping[str, Any], draft: Draft) -> bool:
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
