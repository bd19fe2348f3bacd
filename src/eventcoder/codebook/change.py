"""One difference between two codebooks, its weight, and the step of the version that it demands. Floor 1."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["breaking", "narrowing", "additive", "wording"]
Step = Literal["none", "patch", "minor", "major"]
KINDS: tuple[Kind, ...] = ("breaking", "narrowing", "additive", "wording")  # worst first
STEPS: tuple[Step, ...] = ("none", "patch", "minor", "major")
#: what a change of this kind demands at least
DEMANDS: dict[str, Step] = {"breaking": "major", "narrowing": "minor", "additive": "minor", "wording": "patch"}
#: what each kind means, for those who read a comparison
MEANINGS: dict[str, str] = {
    "breaking": "stored values or programs that read them stop fitting",
    "narrowing": "an event that was valid may be invalid now, or a code may mean less",
    "additive": "more is possible, nothing that was valid is invalid",
    "wording": "texts only",
}
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `subject` is the column, rule, check or `list.code` that it is about; `old` and `new` are texts, numbers or None.

    `migrated` tells whether a declared migration says what becomes of the values.
    """

    what: str
    kind: Kind
    subject: str
    old: Any
    new: Any
    sentence: str
    migrated: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def same_words(a: str, b: str) -> bool:
    """Whether two texts differ in capitals, punctuation and spaces only."""
    return [w.casefold() for w in _WORD.findall(a)] == [w.casefold() for w in _WORD.findall(b)]


def quoted(value: Any) -> str:
    """A value inside a sentence, cut to a readable length."""
    text = str(value) if isinstance(value, (int, float)) else repr(value)
    return text if len(text) <= 100 else text[:96] + "...'"
