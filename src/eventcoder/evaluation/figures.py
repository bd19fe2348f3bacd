"""What an evaluation found: its figures, as JSON and as text. Floor 5."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from eventcoder.evaluation.calibration import Calibration
from eventcoder.evaluation.measures import COVERAGE, RESAMPLES, ClassScore, Figure, Sums
from eventcoder.evaluation.pairing import LEVELS, NEVER, NONE, LevelName

FIELDS = "field."
ORDER = (
    "event_date", "interval", "date_start", "date_end", "time_precision", "sub_event_type", "actor1", "actor1, years aside", "inter1", "actor2",
    "actor2, years aside", "inter2", "both actors, either order", "both inter, either order", "country", "admin1", "location",
    "location within 161 km", "geo_precision", "fatalities", "fatalities: null", "fatalities: none", "fatalities: number",
)  # fmt: skip
_GRAVITY = ("never", "missed", "invented", "doubled", "status", "sub_event_type")
_RULES = {"strict": "day, place, same type", "lenient": "day, place, same family", "words": "same words"}


@dataclass(frozen=True, slots=True)
class Miss:
    """One error, for the table that a lexicon's author reads. `statement` is "-" for a draft without a gold statement."""

    document: str
    statement: str
    what: str
    wanted: Any
    got: Any
    quote: str

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Evaluation:
    """All figures of a run. A figure without anything to score is undefined (None), never 0 and never NaN."""

    documents: int
    sums: Sums
    type_calibration: Calibration
    row_calibration: Calibration
    windows: Sequence[str] = ()
    misses: list[Miss] = field(default_factory=list)

    def __post_init__(self) -> None:
        rank = {what: at for at, what in enumerate(_GRAVITY)}
        self.misses.sort(key=lambda m: (rank.get(m.what.partition(":")[0], len(rank)), _place(m.what), m.what, m.document, m.statement, m.quote))

    # -- event finding

    def precision(self, level: LevelName = "lenient") -> Figure:
        return self.sums.ratio({f"{level}.found": 1}, {f"{level}.found": 1, f"{level}.invented": 1}, "no codable draft")

    def recall(self, level: LevelName = "lenient") -> Figure:
        return self.sums.ratio({f"{level}.found": 1}, {f"{level}.found": 1, f"{level}.missed": 1}, "the gold has no codable event")

    def f1(self, level: LevelName = "lenient", *, doubles: bool = False) -> Figure:
        """F1 of event finding; with `doubles` a second row of one event counts as invented."""
        wrong: dict[str, float] = {f"{level}.invented": 1, f"{level}.missed": 1, **({f"{level}.doubled": 1} if doubles else {})}
        return self.sums.ratio({f"{level}.found": 2}, {f"{level}.found": 2, **wrong}, "neither gold nor drafts have an event")

    # -- the rest

    @property
    def never_rows(self) -> dict[str, int]:
        """Rows that must not be: totals, other past and forecasts that became codable drafts, rows dated later than the text, forbidden rows."""
        return {name: self.sums.count(f"never.{name}") for name in (*NEVER, "future", "forbidden")}

    @property
    def fields(self) -> dict[str, Figure]:
        """Field -> accuracy over the gold events that a codable draft tells of."""
        names = [n.removesuffix(".total") for n in self.sums.names(FIELDS) if n.endswith(".total")]
        return {name: self.sums.share(FIELDS + name) for name in sorted(names, key=lambda n: (_place(n), n))}

    @property
    def types(self) -> list[ClassScore]:
        return self.sums.classes("type")

    def type_f1(self, *, weighted: bool) -> Figure:
        return self.sums.f1_of_classes("type", weighted=weighted, without=NONE)

    def status_f1(self, *, found: bool = False) -> Figure:
        """Macro F1 over the statuses; with `found` only over statements that have a draft (or went into one)."""
        return self.sums.f1_of_classes("status_found" if found else "status", weighted=False, without=NONE)

    def status_accuracy(self, *, found: bool = False) -> Figure:
        return self.sums.share("status_found" if found else "status_all", "no statement")

    def effort(self, *, note: bool = False) -> Figure:
        """Keys of `review` to gold as a share of those of blank adds."""
        end = "_note" if note else ""
        return self.sums.ratio({f"keys.review{end}": 1}, {f"keys.blank{end}": 1}, "no event to type")

    def as_json(self) -> dict[str, Any]:
        """Every figure with the sums behind it, and every error."""
        events = {}
        for level in LEVELS:
            numbers = {part: self.sums.count(f"{level}.{part}") for part in ("found", "missed", "invented", "doubled")}
            shares = {"precision": self.precision(level), "recall": self.recall(level), "f1": self.f1(level)}
            shares["f1_doubles_invented"] = self.f1(level, doubles=True)
            events[level] = {"rule": _RULES[level], **numbers, **{name: figure.as_json() for name, figure in shares.items()}}
        return {
            "documents": self.documents,
            "interval": {"coverage": COVERAGE, "resamples": RESAMPLES, "unit": "document"},
            "windows": list(self.windows),
            "events": events,
            "never_rows": self.never_rows,
            "fields": {name: figure.as_json() for name, figure in self.fields.items()},
            "unasked": {name: self.sums.count(f"unasked.{name}") for name in self.sums.names("unasked.")},
            "types": {
                "weighted_f1": self.type_f1(weighted=True).as_json(),
                "macro_f1": self.type_f1(weighted=False).as_json(),
                "classes": [_class_json(row) for row in self.types if row.name != NONE],
                "calibration": self.type_calibration.as_json(),
            },
            "rows": {"calibration": self.row_calibration.as_json()},
            "statuses": {
                "macro_f1": self.status_f1().as_json(),
                "macro_f1_found": self.status_f1(found=True).as_json(),
                "accuracy": self.status_accuracy().as_json(),
                "accuracy_found": self.status_accuracy(found=True).as_json(),
                "confusion": [{"gold": w, "draft": g, "n": n} for (w, g), n in sorted(self.sums.pairs("status").items())],
                "classes": [_class_json(row) for row in self.sums.classes("status") if row.name != NONE],
                "drafts_beside_gold": {name: self.sums.count(f"stray.{name}") for name in self.sums.names("stray.")},
            },
            "keystrokes": {
                **{name: self.sums.count(f"keys.{name}") for name in self.sums.names("keys.")},
                "ratio": self.effort().as_json(),
                "ratio_with_note": self.effort(note=True).as_json(),
            },
            "errors": dict(Counter(m.what for m in self.misses)),
            "misses": [m.as_json() for m in self.misses],
        }


def _class_json(row: ClassScore) -> dict[str, Any]:
    shares = {"precision": row.precision, "recall": row.recall, "f1": row.f1}
    rounded = {k: None if v is None else round(v, 4) for k, v in shares.items()}
    return {"name": row.name, "gold": row.gold, "drafted": row.drafted, "right": row.right, **rounded}


def _place(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)
