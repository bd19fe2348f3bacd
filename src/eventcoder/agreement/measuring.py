"""Agreement over many documents: event finding, then every field on the events that coders both found. Floor 5."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eventcoder.agreement.choosing import pair_name, parted
from eventcoder.agreement.coefficients import Coefficient, alpha, share
from eventcoder.agreement.columns import FieldAgreement, compared
from eventcoder.agreement.fields import Field, Fields
from eventcoder.agreement.finding import Found, Window, find
from eventcoder.agreement.ratings import ABSENT, Numbering, Rated, Ratings, Units
from eventcoder.agreement.sampling import LEVEL, Figure, Samples

if TYPE_CHECKING:
    from eventcoder.team.tasks.codings import Coding

FORMAT = 1
NO_EVENT = "nobody found an event"
NO_DOCUMENT = "no document was coded by two coders"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was measured over some documents. `events` were found by anybody, `shared` of them by two coders or more; `both_empty` are documents in
    which nobody found one. `any_event` is the alpha of whether a document holds an event at all, `any_share` the percent agreement on it."""

    documents: int
    codings: int
    coders: tuple[str, ...]
    events: int
    shared: int
    both_empty: int
    f1: Figure
    any_event: Figure
    any_share: Figure
    fields: tuple[FieldAgreement, ...]
    parts: Mapping[str, Mapping[str, Agreement]]  # "round" -> its name -> the same for that part

    def of(self, column: str) -> FieldAgreement | None:
        return next((one for one in self.fields if one.column == column), None)

    def as_json(self, shown: Callable[[str], str] = str) -> dict[str, Any]:
        """`shown` gives the name under which a coder is told."""
        names = {pair_name(a, b): pair_name(shown(a), shown(b)) for a in self.coders for b in self.coders if a != b}
        out: dict[str, Any] = {
            "documents": self.documents, "codings": self.codings, "coders": sorted(map(shown, self.coders)),
            "finding": {
                "f1": self.f1.as_json(), "events": self.events, "found_by_several": self.shared, "documents_without_event": self.both_empty,
                "any_event_alpha": self.any_event.as_json(), "any_event_agreement": self.any_share.as_json(),
            },
            "fields": [one.as_json() for one in self.fields],
        }  # fmt: skip
        if self.parts:
            out["by"] = {
                by: {name: part.as_json(shown) for name, part in sorted((names.get(n, n) if by == "coder-pair" else n, p) for n, p in of.items())}
                for by, of in self.parts.items()
            }
        return out


@dataclass(frozen=True, slots=True)
class Plan:
    """How it is measured."""

    fields: Fields
    window: Window
    samples: int = 200

    def as_json(self) -> dict[str, Any]:
        return {
            "window": {"days": self.window.days, "km": self.window.km},
            "bootstrap": {"samples": self.samples, "of": "documents", "interval": LEVEL, "kind": "percentile"},
            "columns": {one.column: {"metric": one.metric, "absent": one.absent, "level": one.level, "why": one.why} for one in self.fields.measured},
        }


def measure(documents: Sequence[Sequence[Coding]], plan: Plan, by: Sequence[str] = ()) -> Agreement:
    """Compare the codings of documents, in all and by the parts that are named (`choosing.PARTS`)."""
    found = [find(codings, plan.window) for codings in documents]
    coders = sorted({one.coder for codings in documents for one in codings})
    groups: dict[str, int] = {}  # drafts of one document hang together
    at = [groups.setdefault(codings[0].document, len(groups)) for codings in documents]
    number = {name: n for n, name in enumerate(coders)}
    samples = Samples(len(groups), plan.samples)
    matched = [(group, one.coders, unit) for group, one in zip(at, found, strict=True) for unit in one.units if len(unit) > 1]
    units = Units.of(((group, [number[names[c]] for c in unit]) for group, names, unit in matched), len(groups))
    events = [values for _, _, unit in matched for values in unit.values()]
    says: list[Rated] = [
        (group, [(number[name], here) for name, here in zip(one.coders, one.any_event, strict=True)]) for group, one in zip(at, found, strict=True)
    ]
    whether = Ratings.of(says, "nominal", len(groups))
    return Agreement(
        documents=len(groups),
        codings=sum(map(len, documents)),
        coders=tuple(coders),
        events=sum(len(one.units) for one in found),
        shared=len(matched),
        both_empty=sum(1 for one in found if not one.units),
        f1=samples.figure(_f1(found, at, len(groups))),
        any_event=samples.figure(alpha(whether)),
        any_share=samples.figure(share(whether)),
        fields=tuple(_field(one, units, events, samples) for one in plan.fields.measured),
        parts={part: {name: measure(some, plan) for name, some in parted(documents, part).items()} for part in by},
    )


def _f1(found: Sequence[Found], at: Sequence[int], groups: int) -> Coefficient:
    import numpy as np

    if not found:
        return Coefficient(lambda weights: np.full(len(weights), np.nan), NO_DOCUMENT)
    matched = np.bincount(at, [one.matched for one in found], minlength=groups)
    given = np.bincount(at, [one.given for one in found], minlength=groups)
    if not given.sum():
        return Coefficient(lambda weights: np.full(len(weights), np.nan), NO_EVENT)

    def of(weights: Any) -> Any:
        total = weights @ given
        return np.divide(2 * (weights @ matched), total, out=np.full(len(weights), np.nan), where=total > 0)

    return Coefficient(of)


def _field(field: Field, units: Units, events: Sequence[Mapping[str, Any]], samples: Samples) -> FieldAgreement:
    import numpy as np

    raw = Numbering()
    number = Numbering()
    given = np.array([raw[value] for value in field.raw(events)], np.int64)
    read = [field.read(value) for value in raw]
    codes = np.array([ABSENT if value is None else number[value] for value in read], np.int64)[given] if read else given
    return compared(field, units, codes, list(number), samples)
