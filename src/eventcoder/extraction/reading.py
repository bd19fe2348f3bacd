"""One statement as read: type, status, date, places, counts; and the readings of the same event that were joined to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from eventcoder.extraction.dates import Resolved
from eventcoder.extraction.geography import Geography, Mention
from eventcoder.extraction.mentions import Statement
from eventcoder.extraction.status import Judged
from eventcoder.extraction.typing import Typed
from eventcoder.extraction.victims import Found

ENGINE = "rules"
ENGINE_VERSION = "1.1.1"


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
    geography: Geography | None = None
    published: date | None = None
    joined: list[Reading] = field(default_factory=list)
    mere_name: bool = False  # "the attack": names an event without telling anything of it
    separate: bool = False  # "Separately, ...": another event than the one before, whatever else agrees
    when_offset: int | None = None  # where the sentence begins that gave the date, if it is another one
    claims: list[tuple[int, int]] = field(default_factory=list)  # sentences in which somebody claims this event

    @property
    def settled_places(self) -> list[Mention]:
        return [m for m in self.places if m.best is not None and m.best.kind != "country"]

    @property
    def dated(self) -> bool:
        return self.when is not None and self.when.known
