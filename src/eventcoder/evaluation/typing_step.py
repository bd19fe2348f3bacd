"""The step `type` alone: the gold quotes of events read one by one, their type held against the gold. Floor 5."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from eventcoder.evaluation.calibration import Calibration, Scored, calibrate
from eventcoder.evaluation.figures import Miss
from eventcoder.evaluation.gold import GoldDocument
from eventcoder.evaluation.measures import Figure, Sums
from eventcoder.evaluation.pairing import NONE

TypeOf = Callable[[Mapping[str, Any]], Mapping[str, Any]]  # a record as `try type` takes it -> its answer


@dataclass(slots=True)
class TypeStep:
    """Figures of the types given to gold quotes."""

    sums: Sums
    calibration: Calibration
    misses: list[Miss] = field(default_factory=list)

    @property
    def accuracy(self) -> Figure:
        return self.sums.share("quotes", "no codable statement names a type")

    def f1(self, *, weighted: bool) -> Figure:
        return self.sums.f1_of_classes("type", weighted=weighted, without=NONE)

    def as_json(self) -> dict[str, Any]:
        rows = [r for r in self.sums.classes("type") if r.name != NONE]
        return {
            "step": "type",
            "quotes": self.sums.count("quotes.total"),
            "accuracy": self.accuracy.as_json(),
            "weighted_f1": self.f1(weighted=True).as_json(),
            "macro_f1": self.f1(weighted=False).as_json(),
            "classes": [{"name": r.name, "gold": r.gold, "drafted": r.drafted, "right": r.right, "f1": r.f1} for r in rows],
            "calibration": self.calibration.as_json(),
            "misses": [m.as_json() for m in self.misses],
        }

    def as_text(self, *, errors: int = 10) -> str:
        from eventcoder.evaluation.printing import class_lines, errors_text

        lines = [f"Types of {self.sums.count('quotes.total')} gold quotes, each read alone", *class_lines(self.sums.classes("type"))]
        lines.append(f"  accuracy {self.accuracy.as_text()}")
        lines.append(f"  weighted F1 {self.f1(weighted=True).as_text()}   macro F1 {self.f1(weighted=False).as_text()}")
        lines += ["", "Do the scores mean what they say?", *self.calibration.as_text(), "", *errors_text(self.misses, errors)]
        return "\n".join(line.rstrip() for line in lines)


def evaluate_types(gold: Iterable[GoldDocument], type_of: TypeOf) -> TypeStep:
    """Score the best type of each codable quote; an accepted type counts as the gold one."""
    held = sorted(gold, key=lambda d: d.document)
    tallies: list[Counter[str]] = []
    answers: list[Scored] = []
    misses: list[Miss] = []
    for number, document in enumerate(held):
        tally: Counter[str] = Counter()
        for statement in document.statements:
            wanted = statement.fields.get("sub_event_type")
            if statement.status != "codable" or not wanted:
                continue
            published = document.published.isoformat() if document.published else None
            record = {"id": statement.id, "text": statement.quote, "published": published, "country": statement.fields.get("country")}
            answer = type_of(record)
            got = answer.get("sub_event_type")
            right = statement.right("sub_event_type", got)
            tally.update({f"type|{wanted}|{wanted if right else got or NONE}": 1, "quotes.total": 1, "quotes.right": int(right)})
            answers.append(Scored(number, float(answer.get("score") or 0.0), right))
            if not right:
                misses.append(Miss(document.document, statement.id, "sub_event_type", wanted, got, " ".join(statement.quote.split())))
        tallies.append(tally)
    return TypeStep(Sums(tallies), calibrate(answers, len(held)), misses)
