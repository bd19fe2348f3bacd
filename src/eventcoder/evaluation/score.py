"""Scores of drafts against gold: tallies of each document, and the evaluation that sums them. Floor 5."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eventcoder.evaluation.calibration import Scored, calibrate
from eventcoder.evaluation.effort import Keyboard, keystrokes
from eventcoder.evaluation.figures import FIELDS, Evaluation, Miss
from eventcoder.evaluation.gold import SAME_AS, GoldDocument, GoldStatement, same
from eventcoder.evaluation.judging import ACTORS, Judge
from eventcoder.evaluation.measures import Sums
from eventcoder.evaluation.pairing import JOINED, LEVELS, NONE, Paired, pair
from eventcoder.event import Draft

_COUNTS = ("injured_low", "arrested_low", "crowd_low")  # the gold names them where the text tells them


def evaluate(
    drafts: Mapping[str, Sequence[Draft]],
    gold: Iterable[GoldDocument],
    judge: Judge | None = None,
    *,
    texts: Mapping[str, str] | None = None,
    keyboard: Keyboard | None = None,
) -> Evaluation:
    """Score the drafts of each document (keys as in the gold's `document`) against the gold coding.

    `texts` are the stored texts of documents whose gold holds none; without one overlap is counted in words. Without `keyboard` no keystrokes
    are counted. The order of the documents and of the drafts changes nothing.
    """
    using = judge or Judge()
    tallies: list[Counter[str]] = []
    misses: list[Miss] = []
    types: list[Scored] = []
    rows: list[Scored] = []
    held = sorted(gold, key=lambda d: d.document)
    for number, document in enumerate(held):
        own = drafts.get(document.document, ())
        paired = pair(document, own, using, (texts or {}).get(document.document))
        tally = _Tally(document, paired, using, misses)
        tally.count()
        if keyboard is not None:
            tally.sums.update({f"keys.{name}": n for name, n in keystrokes(paired, using, keyboard).items()})
        tallies.append(tally.sums)
        types += [Scored(number, d.score, using.same_type(s, d)) for s, d in paired.told if "sub_event_type" in s.fields]
        strict = {d.draft_id for d in paired.levels["strict"].found.values()}
        rows += [Scored(number, d.score, d.draft_id in strict) for d in paired.drafts if d.status == "codable"]
    return Evaluation(
        documents=len(held),
        sums=Sums(tallies),
        misses=misses,
        type_calibration=calibrate(types, len(held)),
        row_calibration=calibrate(rows, len(held)),
        windows=using.windows.as_text(),
    )


class _Tally:
    """The sums and errors of one document."""

    def __init__(self, gold: GoldDocument, paired: Paired, judge: Judge, misses: list[Miss]) -> None:
        self.gold = gold
        self.paired = paired
        self.judge = judge
        self.sums: Counter[str] = Counter()
        self.misses = misses

    def count(self) -> None:
        self._events()
        self._never()
        self._statuses()
        for statement, draft in self.paired.told:
            for name in statement.fields:
                if name != SAME_AS:
                    self._field(statement, draft, name)
            self._together(statement, draft)

    def _events(self) -> None:
        for name in LEVELS:
            level = self.paired.levels[name]
            for part in ("found", "missed", "invented", "doubled"):
                self.sums[f"{name}.{part}"] += len(getattr(level, part))
        level = self.paired.levels["lenient"]
        told = {e.id: d for e, d in self.paired.told}
        for event in level.missed:
            near = told.get(event.id)
            got = None if near is None else _row(near)
            self._miss(event.id, "missed", _row_of(event.fields), got, event.quote)
        known = {d.draft_id for _, d in self.paired.never}
        for draft in level.invented:
            if draft.draft_id in known:
                continue  # told as what must never be
            self._miss("-", "invented", None, _row(draft), draft.statement.quote)
        for draft in level.doubled:
            self._miss("-", "doubled", None, _row(draft), draft.statement.quote)

    def _never(self) -> None:
        for statement, draft in self.paired.never:
            self.sums[f"never.{statement.status}"] += 1
            self._miss(statement.id, f"never: {statement.status}", None, _row(draft), draft.statement.quote)
        for draft in self.paired.drafts:
            if draft.status != "codable":
                continue
            self.sums["rows"] += 1
            day = draft.fields.get("event_date")
            if day and self.gold.published and str(day) > self.gold.published.isoformat():
                self.sums["never.future"] += 1
                self._miss("-", "never: future", f"<= {self.gold.published}", day, draft.statement.quote)
            for row in self.gold.forbidden:
                if all(same(_value(draft, name), value) for name, value in row.items()):
                    self.sums["never.forbidden"] += 1
                    self._miss("-", "never: forbidden", None, row, draft.statement.quote)

    def _statuses(self) -> None:
        for statement, _, got in self.paired.statuses:
            shown = statement.status if statement.accepts(got) or got == JOINED else got
            self.sums[f"status|{statement.status}|{shown}"] += 1
            self.sums["status_all.total"] += 1
            self.sums["status_all.right"] += shown == statement.status
            if got != NONE:
                self.sums[f"status_found|{statement.status}|{shown}"] += 1
                self.sums["status_found.total"] += 1
                self.sums["status_found.right"] += shown == statement.status
            if shown != statement.status and got != NONE:
                self._miss(statement.id, "status", statement.status, got, statement.quote)
            elif shown != statement.status and statement.status != "codable":
                self._miss(statement.id, "unread", statement.status, None, statement.quote)
        for draft in self.paired.stray:
            self.sums[f"stray.{draft.status}"] += 1

    def _field(self, statement: GoldStatement, draft: Draft, name: str) -> None:
        right = self.judge.right(name, statement, draft)
        value, wanted = draft.fields.get(name), statement.fields[name]
        self._score(name, right)
        if not right:
            self._miss(statement.id, name, wanted, value, statement.quote)
        if name == "sub_event_type":
            self.sums[f"type|{wanted}|{wanted if right else value or NONE}"] += 1
        if name == "fatalities":
            kind = "null" if wanted is None else "none" if wanted == 0 else "number"
            self._score(f"fatalities: {kind}", right)
        if name in ACTORS:
            self._score(f"{name}, years aside", right or self.judge.same_actor(name, statement, draft))

    def _together(self, statement: GoldStatement, draft: Draft) -> None:
        """Figures that need more than one column."""
        fields, judge = statement.fields, self.judge
        if "date_start" in fields and "date_end" in fields:
            self._score("interval", all(judge.right(name, statement, draft) for name in ("date_start", "date_end")))
        if fields.get("location") and judge.points(statement):
            named, far = judge.right("location", statement, draft), judge.distance(statement, draft)
            self._score(f"location within {judge.windows.far_km:g} km", named or (far is not None and far <= judge.windows.far_km))
        for one, two, label in (("actor1", "actor2", "both actors, either order"), ("inter1", "inter2", "both inter, either order")):
            if one in fields and two in fields:
                turned = draft.model_copy(update={"fields": {**draft.fields, one: draft.fields.get(two), two: draft.fields.get(one)}})
                self._score(label, any(judge.right(one, statement, d) and judge.right(two, statement, d) for d in (draft, turned)))
        for name in _COUNTS:
            if name not in fields and self.gold.text is not None:
                self.sums[f"unasked.{name}"] += draft.fields.get(name) not in (None, "")

    def _score(self, name: str, right: bool) -> None:
        self.sums[f"{FIELDS}{name}.total"] += 1
        self.sums[f"{FIELDS}{name}.right"] += right

    def _miss(self, statement: str, what: str, wanted: Any, got: Any, quote: str) -> None:
        self.misses.append(Miss(self.gold.document, statement, what, wanted, got, " ".join(quote.split())))


def _value(draft: Draft, name: str) -> Any:
    """A drafted value; the year comes from the day, because drafts carry no derived columns."""
    if name == "year" and draft.fields.get("event_date"):
        return int(str(draft.fields["event_date"])[:4])
    return draft.fields.get(name)


def _row(draft: Draft) -> str:
    return _row_of(draft.fields)


def _row_of(fields: Mapping[str, Any]) -> str:
    """An event in a line, for the table of errors."""
    return ", ".join(str(fields.get(n) or "-") for n in ("event_date", "location", "sub_event_type"))
