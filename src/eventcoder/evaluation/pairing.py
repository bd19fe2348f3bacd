"""Which draft is which gold statement: one-to-one by windows and by words, and what the drafts left over are. Floor 5."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from eventcoder.evaluation.assignment import assign
from eventcoder.evaluation.gold import GoldDocument, GoldStatement
from eventcoder.evaluation.judging import Judge
from eventcoder.event import Draft
from eventcoder.text import normalise

LevelName = Literal["strict", "lenient", "words"]
LEVELS: tuple[LevelName, ...] = ("strict", "lenient", "words")
NEVER = ("aggregate", "background", "hypothetical")  # totals, anniversaries and other past, forecasts and denials: never rows
NONE = "none"
JOINED = "joined"


@dataclass(slots=True)
class Level:
    """Event finding under one rule of matching. `doubled` drafts tell again of an event that is found: a join missed, not an invention."""

    found: dict[str, Draft] = field(default_factory=dict)
    missed: list[GoldStatement] = field(default_factory=list)
    invented: list[Draft] = field(default_factory=list)
    doubled: list[Draft] = field(default_factory=list)


@dataclass(slots=True)
class Paired:
    """A document's drafts beside its gold statements.

    `told` are the gold events with the codable draft that tells of them, found by the windows or, failing that, by the words: fields are scored
    on these, so that neither a wrong place nor a wrong day hides itself. `statuses` has every gold statement with its draft and the status
    drafted: "none" without a draft, "joined" where the words went into the draft of the event that they belong to.
    """

    drafts: list[Draft] = field(default_factory=list)
    levels: dict[LevelName, Level] = field(default_factory=dict)
    told: list[tuple[GoldStatement, Draft]] = field(default_factory=list)
    statuses: list[tuple[GoldStatement, Draft | None, str]] = field(default_factory=list)
    never: list[tuple[GoldStatement, Draft]] = field(default_factory=list)
    excused: list[Draft] = field(default_factory=list)
    stray: list[Draft] = field(default_factory=list)  # drafts of any status on words that the gold says nothing about


def pair(gold: GoldDocument, drafts: Sequence[Draft], judge: Judge, text: str | None = None) -> Paired:
    """Match a document's drafts. `text` is the stored text; without it (and without one in the gold) overlap is counted in words."""
    return _Pairing(gold, sorted(drafts, key=lambda d: (d.statement.start, d.statement.end, d.draft_id)), judge, text).paired()


class _Pairing:
    def __init__(self, gold: GoldDocument, drafts: list[Draft], judge: Judge, text: str | None) -> None:
        self.statements = sorted(gold.statements, key=lambda s: s.id)
        self.drafts = drafts
        self.judge = judge
        stored = text if text is not None else normalise(gold.text) if gold.text is not None else None
        self.starts = {s.id: _start(s, stored) for s in self.statements}
        self.events = [s for s in self.statements if s.status == "codable"]
        self.rows = [d for d in drafts if d.status == "codable"]
        self.tellings = {e.id: [s for s in self.statements if s.same_as == e.id] for e in self.events}
        self._words: dict[tuple[str, str], float] = {}

    def paired(self) -> Paired:
        out = Paired(self.drafts)
        barred = {d.draft_id: s for d in self.rows if (s := self._never(d)) is not None}
        out.never = [(barred[d.draft_id], d) for d in self.rows if d.draft_id in barred]
        free = [d for d in self.rows if d.draft_id not in barred]
        found: dict[LevelName, dict[str, Draft]] = {
            "strict": self._assigned(self.events, free, lambda e, d: self._agreed(e, d, self.judge.same_type)),
            "lenient": self._assigned(self.events, free, lambda e, d: self._agreed(e, d, self.judge.same_family)),
            "words": self._assigned(self.events, free, lambda e, d: self._event_words(e, d) or None),
        }
        told = dict(found["lenient"])
        used = {d.draft_id for d in told.values()}
        rest = [d for d in free if d.draft_id not in used]
        told |= self._assigned([e for e in self.events if e.id not in told], rest, lambda e, d: self._event_words(e, d) or None)
        out.told = [(e, told[e.id]) for e in self.events if e.id in told]
        out.statuses = self._statuses(told)
        of_draft = {d.draft_id: s for s, d, _ in out.statuses if d is not None}
        out.stray = [d for d in self.drafts if d.draft_id not in of_draft and self._best(d) is None]
        out.excused = [d for d in self.rows if (s := of_draft.get(d.draft_id)) is not None and s.status != "codable" and s.accepts("codable")]
        status_of = {s.id: got for s, _, got in out.statuses}
        for name in LEVELS:
            out.levels[name] = self._level(name, found[name], {d.draft_id for d in out.excused}, barred, status_of)
        return out

    def _level(
        self, name: LevelName, found: dict[str, Draft], excused: set[str], barred: Mapping[str, GoldStatement], status_of: Mapping[str, str]
    ) -> Level:
        level = Level(found=found)
        # an event that a coder could also call a lead is not missed where the draft says so
        level.missed = [e for e in self.events if e.id not in found and not (status_of[e.id] != "codable" and e.accepts(status_of[e.id]))]
        used = {d.draft_id for d in found.values()}
        for draft in self.rows:
            if draft.draft_id in used or draft.draft_id in excused:
                continue
            again = draft.draft_id not in barred and any(self._again(name, e, draft) for e in self.events if e.id in found)
            (level.doubled if again else level.invented).append(draft)
        return level

    def _again(self, name: LevelName, event: GoldStatement, draft: Draft) -> bool:
        """Whether a draft tells once more of an event that another draft tells of already."""
        if name == "words":
            return self._event_words(event, draft) > 0
        if self._agreed(event, draft, self.judge.same_type if name == "strict" else self.judge.same_family) is not None:
            return True
        return self._event_words(event, draft) > 0 and self.judge.near_in_time(event, draft) and self.judge.near_in_space(event, draft)

    def _statuses(self, told: Mapping[str, Draft]) -> list[tuple[GoldStatement, Draft | None, str]]:
        used = {d.draft_id for d in told.values()}
        others = [s for s in self.statements if s.id not in told]
        drafts = [d for d in self.drafts if d.draft_id not in used]
        found = {**told, **self._assigned(others, drafts, self._by_words)}
        out: list[tuple[GoldStatement, Draft | None, str]] = []
        for statement in self.statements:
            draft = found.get(statement.id)
            if draft is not None:
                out.append((statement, draft, draft.status))
            elif statement.status == "attribute" and self._joined(statement, told):
                out.append((statement, None, JOINED))
            else:
                out.append((statement, None, NONE))
        return out

    def _joined(self, statement: GoldStatement, told: Mapping[str, Draft]) -> bool:
        """A second telling, or a detail, that has no draft of its own because it went into the draft of its event."""
        if statement.same_as is not None:
            return statement.same_as in told
        start = self.starts[statement.id]
        if start is None:
            return False
        end = start + len(statement.quote)
        spans = [s for d in told.values() for s in (d.statement, *(e for spans in d.evidence.values() for e in spans))]
        return any(s.start < end and start < s.end for s in spans)

    # -- weights of pairs

    def _assigned(
        self, statements: Sequence[GoldStatement], drafts: Sequence[Draft], weight: Callable[[GoldStatement, Draft], float | None]
    ) -> dict[str, Draft]:
        weights = {(i, j): w for i, s in enumerate(statements) for j, d in enumerate(drafts) if (w := weight(s, d)) is not None}
        return {statements[i].id: drafts[j] for i, j in assign(weights).items()}

    def _agreed(self, event: GoldStatement, draft: Draft, kind: Callable[[GoldStatement, Draft], bool]) -> float | None:
        """None outside the windows; else how well the pair fits, for the choice between several: type, then words, then values."""
        judge = self.judge
        if not (kind(event, draft) and judge.near_in_time(event, draft) and judge.near_in_space(event, draft)):
            return None
        exact = sum(judge.right(name, event, draft) for name in ("event_date", "location", "fatalities") if name in event.fields)
        return 4.0 * judge.same_type(event, draft) + 2.0 * self._event_words(event, draft) + 0.5 * exact

    def _event_words(self, event: GoldStatement, draft: Draft) -> float:
        """Overlap with the event's own clause or, a little less, with a second telling of it; places part drafts that share their words."""
        own = self._shared(event, draft)
        again = max((self._shared(s, draft) for s in self.tellings.get(event.id, ())), default=0.0)
        best = max(own, 0.9 * again)
        return best + (0.5 if "location" in event.fields and self.judge.right("location", event, draft) else 0.0) if best else 0.0

    def _by_words(self, statement: GoldStatement, draft: Draft) -> float | None:
        share = self._shared(statement, draft)
        if not share:
            return None
        place = "location" in statement.fields and self.judge.right("location", statement, draft)
        return share + 0.5 * place + 0.1 * statement.accepts(draft.status)

    def _shared(self, statement: GoldStatement, draft: Draft) -> float:
        key = (statement.id, draft.draft_id)
        if key not in self._words:
            self._words[key] = self.judge.shared_words(statement, draft, self.starts[statement.id])
        return self._words[key]

    def _best(self, draft: Draft) -> GoldStatement | None:
        """The statement on whose words a draft stands; of several as good, one that is told of an event."""
        rated = [(self._shared(s, draft), s.status == "codable" or s.same_as is not None, s) for s in self.statements]
        share, _, statement = max(rated, key=lambda r: r[:2], default=(0.0, False, None))
        return statement if share else None

    def _never(self, draft: Draft) -> GoldStatement | None:
        """The total, memory or forecast that a codable draft makes a row of, or None."""
        if any(self._event_words(e, draft) for e in self.events):
            return None
        best = self._best(draft)
        return best if best is not None and best.status in NEVER and not best.accepts("codable") else None


def _start(statement: GoldStatement, text: str | None) -> int | None:
    at = text.find(normalise(statement.quote)) if text is not None else -1
    return at if at >= 0 else None
