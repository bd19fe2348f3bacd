"""Scores of drafts against gold: precision, recall and F1 of event finding, statuses, accuracy of each field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eventcoder.evaluation.gold import GoldDocument, GoldStatement
from eventcoder.event import Draft


@dataclass(frozen=True, slots=True)
class Miss:
    """One error, for the table that a lexicon's author reads."""

    document: str
    statement: str
    what: str
    wanted: Any
    got: Any
    quote: str


@dataclass(slots=True)
class Tally:
    """How many values were right of how many scored."""

    right: int = 0
    total: int = 0

    @property
    def share(self) -> float | None:
        """None where nothing was scored: an undefined share is not zero."""
        return self.right / self.total if self.total else None


@dataclass(slots=True)
class Evaluation:
    """What `evaluate` found. `found` are gold events with a codable draft, `invented` codable drafts without a gold event."""

    documents: int = 0
    found: int = 0
    missed: int = 0
    invented: int = 0
    statuses: Counter[tuple[str, str]] = field(default_factory=Counter)
    fields: dict[str, Tally] = field(default_factory=dict)
    forbidden: int = 0
    misses: list[Miss] = field(default_factory=list)

    @property
    def precision(self) -> float | None:
        return _ratio(self.found, self.found + self.invented)

    @property
    def recall(self) -> float | None:
        return _ratio(self.found, self.found + self.missed)

    @property
    def f1(self) -> float | None:
        return _ratio(2 * self.found, 2 * self.found + self.invented + self.missed)

    @property
    def status_accuracy(self) -> float | None:
        return _ratio(sum(n for (wanted, got), n in self.statuses.items() if wanted == got), sum(self.statuses.values()))

    def as_json(self) -> dict[str, Any]:
        """Every figure, with the counts behind it."""
        return {
            "documents": self.documents,
            "events": {
                "found": self.found,
                "missed": self.missed,
                "invented": self.invented,
                "precision": self.precision,
                "recall": self.recall,
                "f1": self.f1,
            },
            "status_accuracy": self.status_accuracy,
            "statuses": [{"gold": w, "draft": g, "n": n} for (w, g), n in sorted(self.statuses.items())],
            "fields": {name: {"right": t.right, "total": t.total, "accuracy": t.share} for name, t in sorted(self.fields.items())},
            "forbidden": self.forbidden,
            "misses": [{k: getattr(m, k) for k in m.__slots__} for m in self.misses],
        }

    def as_text(self, *, errors: int = 10) -> str:
        """The figures for people, then the first errors."""
        lines = [
            f"{self.documents} documents; matching by overlap of text",
            f"events      found {self.found}, missed {self.missed}, invented {self.invented}"
            f"   precision {_shown(self.precision)}  recall {_shown(self.recall)}  F1 {_shown(self.f1)}",
            f"statuses    {_shown(self.status_accuracy)} of {sum(self.statuses.values())} right",
            f"forbidden   {self.forbidden} rows that must not be",
        ]
        lines += [f"  {name:<16} {_shown(t.share)}  ({t.right} of {t.total})" for name, t in sorted(self.fields.items())]
        wrong = [(w, g, n) for (w, g), n in sorted(self.statuses.items(), key=lambda i: -i[1]) if w != g]
        lines += [f"  status {w} taken for {g}: {n}" for w, g, n in wrong]
        lines += [f"- {m.document} {m.statement}: {m.what} wanted {m.wanted!r}, got {m.got!r}   {m.quote[:90]!r}" for m in self.misses[:errors]]
        if len(self.misses) > errors:
            lines.append(f"... and {len(self.misses) - errors} more errors; --errors shows more.")
        return "\n".join(lines)


def evaluate(drafts: Mapping[str, Sequence[Draft]], gold: Iterable[GoldDocument]) -> Evaluation:
    """Score the drafts of each document (keys as in the gold's `document`) against the gold coding."""
    result = Evaluation()
    for document in gold:
        result.documents += 1
        _document(result, document, list(drafts.get(document.document, ())))
    return result


def _document(result: Evaluation, gold: GoldDocument, drafts: list[Draft]) -> None:
    matched = _matched(gold.statements, drafts)
    for statement in gold.statements:
        draft = matched.get(statement.id)
        got = draft.status if draft else "none"
        accepted = statement.status if got in statement.accept.get("status", ()) else got
        result.statuses[statement.status, accepted] += 1
        if accepted != statement.status:
            result.misses.append(Miss(gold.document, statement.id, "status", statement.status, got, statement.quote))
        if statement.status == "codable" and "codable" not in statement.accept.get("status", ()):
            if got == "codable":
                result.found += 1
            elif accepted != statement.status:
                result.missed += 1
        if draft is not None and accepted == statement.status:
            for name in statement.fields:
                tally = result.fields.setdefault(name, Tally())
                tally.total += 1
                value = draft.fields.get(name)
                if statement.right(name, value):
                    tally.right += 1
                else:
                    result.misses.append(Miss(gold.document, statement.id, name, statement.fields[name], value, statement.quote))
    used = {d.draft_id for d in matched.values()}
    wanted = {s.id: s for s in gold.statements}
    for key, draft in matched.items():
        if draft.status == "codable" and wanted[key].status != "codable" and "codable" not in wanted[key].accept.get("status", ()):
            result.invented += 1
    for draft in drafts:
        if draft.status != "codable":
            continue
        if draft.draft_id not in used and not _second_reading(draft, gold, drafts):
            result.invented += 1
            result.misses.append(Miss(gold.document, "-", "invented", None, draft.fields.get("sub_event_type"), draft.statement.quote))
        for row in gold.forbidden:
            if all(_value(draft, name) == value for name, value in row.items()):
                result.forbidden += 1
                result.misses.append(Miss(gold.document, "-", "forbidden", None, row, draft.statement.quote))


def _value(draft: Draft, name: str) -> Any:
    """A drafted value; the year comes from the day, because drafts carry no derived columns."""
    if name == "year" and draft.fields.get("event_date"):
        return int(str(draft.fields["event_date"])[:4])
    return draft.fields.get(name)


def _second_reading(draft: Draft, gold: GoldDocument, drafts: list[Draft]) -> bool:
    """A further codable draft of the words that a matched gold event stands on is not counted as invented if it names the same event."""
    for statement in gold.statements:
        if statement.status == "codable" and _overlap(statement, draft) > 0:
            same = ("event_date", "location", "sub_event_type")
            return any(d is not draft and all(d.fields.get(n) == draft.fields.get(n) for n in same) for d in drafts)
    return False


def _matched(statements: Sequence[GoldStatement], drafts: Sequence[Draft]) -> dict[str, Draft]:
    """Statement id -> draft: pairs by overlap, the larger first; a codable draft before others for a gold event at equal overlap."""
    pairs = [(overlap, s.status == d.status, -i, s.id, d) for i, s in enumerate(statements) for d in drafts if (overlap := _overlap(s, d)) > 0]
    pairs.sort(key=lambda p: (-p[0], not p[1], -p[2], p[4].draft_id))
    out: dict[str, Draft] = {}
    taken: set[str] = set()
    for _, _, _, key, draft in pairs:
        if key not in out and draft.draft_id not in taken:
            out[key] = draft
            taken.add(draft.draft_id)
    return out


def _overlap(statement: GoldStatement, draft: Draft) -> float:
    """Share of the shorter text that both have in common, in words; places tell apart drafts that share their words."""
    wanted, got = statement.quote.split(), draft.statement.quote.split()
    common = sum((Counter(wanted) & Counter(got)).values())
    share = common / min(len(wanted), len(got)) if wanted and got else 0.0
    if share < 0.5:
        return 0.0
    place = draft.fields.get("location")
    if place and "location" in statement.fields:
        share += 0.5 if statement.right("location", place) else 0.0
    return round(share, 3)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _shown(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.2f}"
