"""One statement as read: type, status, date, places, counts; and the readings of the same event that were joined to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from eventcoder.extraction.dates import Resolved
from eventcoder.extraction.geography import Mention
from eventcoder.extraction.mentions import Statement
from eventcoder.extraction.scene import Scene
from eventcoder.extraction.status import Judged
from eventcoder.extraction.typing import Typed
from eventcoder.extraction.victims import Found
from eventcoder.extraction.word_sets import word_set

ENGINE = "rules"
ENGINE_VERSION = "2.0.0"


def engine_version(model: str) -> str:
    """The version that stands in drafts; `model` is `Kit.model_version`, "" for the packaged classifier."""
    return f"{ENGINE_VERSION}+{model}" if model else ENGINE_VERSION


def _is_name(m: Mention) -> bool:
    """A name that can only be a town's: after a word for it ("the village of X") or a preposition of place, and no body's."""
    if m.name.split()[0].casefold() in _PARTS:
        return False
    if not m.name[:1].isupper() or m.name.split()[-1].casefold() in _BODIES | _SITES - {"camp"} or m.name.isdigit():
        return False
    return m.context in ("town", "near", "sub") or (m.context == "in" and m.preposition in _AT)


_AT = frozenset({"in", "at", "near", "outside", "inside", "into", "of"})
_BODIES = word_set("bodies")
_SITES = word_set("sites")
_PARTS = word_set("parts")


@dataclass(slots=True)
class Reading:
    """What the rules found in one statement. `joined` are later statements of the same event."""

    statement: Statement
    typed: Typed
    judged: Judged
    when: Resolved | None = None
    places: list[Mention] = field(default_factory=list)
    counts: list[Found] = field(default_factory=list)
    country: str | None = None
    country_mention: Mention | None = None
    scene: Scene | None = None
    published: date | None = None
    joined: list[Reading] = field(default_factory=list)
    mere_name: bool = False  # "the attack": names an event without telling anything of it
    separate: bool = False  # "Separately, ...": another event than the one before, whatever else agrees
    headline: bool = False  # told in the headline: whose event it is, is only likely
    first: Any = None  # the side that acts (`actors.Role`), once the event is cast
    place_rule: str | None = None  # from where the place was taken over, if this statement does not name it
    when_offset: int | None = None  # where the sentence begins that gave the date, if it is another one
    claims: list[tuple[int, int]] = field(default_factory=list)  # sentences in which somebody claims this event

    @property
    def settled_places(self) -> list[Mention]:
        return [m for m in self.places if m.best is not None and m.best.kind != "country"]

    @property
    def named_places(self) -> list[Mention]:
        """Places that the statement names though the gazetteer cannot settle them ("in Qatiya")."""
        found = [m for m in self.places if m.best is None and not m.excluded and not m.country_only and _is_name(m) and not self._site(m)]
        return sorted(found, key=lambda m: (not m.candidates, m.context != "town"))

    def _site(self, m: Mention) -> bool:
        """ "the Al-Nour Square", "Johnstone Park": a place inside a town that the text names elsewhere."""
        if self.scene is None:
            return False
        after = self.scene.text[m.end : m.end + 16].split()
        return bool(after) and after[0].strip(".,;").casefold() in _BODIES | _SITES

    @property
    def named_or_settled(self) -> bool:
        """Is a place below the country told, found or not?"""
        return bool(self.settled_places or self.named_places)

    @property
    def only_regions(self) -> bool:
        """Are all settled places regions or districts, within which an unsettled town may be named?"""
        return bool(self.settled_places) and all(m.best is not None and m.best.kind in ("admin1", "admin2", "region") for m in self.settled_places)

    @property
    def dated(self) -> bool:
        return self.when is not None and self.when.known
