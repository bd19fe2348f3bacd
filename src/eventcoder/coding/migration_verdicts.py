"""Which rules of the present codebook migrated events break: few one by one, many in bulk. Both forms give the same verdicts. Floor 5."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from eventcoder.codebook import Codebook
    from eventcoder.ledger import Folded

FEW = 300  # below, starting the engine of the bulk form takes longer than it saves
MANY = 10_000  # events whose values are held at a time


class Verdicts:
    """Takes events as they will be; `broken` counts, for each rule, the events that break it, once `finish` was called."""

    def __init__(self, codebook: Codebook, today: date) -> None:
        self.broken: Counter[str] = Counter()
        self._codebook = codebook
        self._today = today
        self._held: list[Folded] = []
        self._but: dict[str, frozenset[str]] = {}

    def take(self, event: Folded, values: Mapping[str, Any], but: Collection[str]) -> None:
        """The event with its values after the migration (nulls are left out); what is wrong with fields in `but` does not count."""
        self._held.append(replace(event, values={n: v for n, v in values.items() if v is not None and v != []}, codebook=self._codebook.version))
        if but:
            self._but[event.event_id] = frozenset(but)
        if len(self._held) == MANY:
            self.finish()

    def finish(self) -> Counter[str]:
        """Judge what is held."""
        found = self._one_by_one() if len(self._held) < FEW else self._in_bulk()
        self.broken.update(code for code, _ in found)
        self._held.clear()
        self._but.clear()
        return self.broken

    def _one_by_one(self) -> set[tuple[str, str]]:
        found = set()
        for event in self._held:
            values = {**event.values, "event_id": event.event_id}
            problems = self._codebook.check(values, latest_today=self._today, event_id=event.event_id)
            found |= {(p.code, event.event_id) for p in problems if p.severity == "error" and p.field not in self._but.get(event.event_id, ())}
        return found

    def _in_bulk(self) -> set[tuple[str, str]]:
        from eventcoder.validation.rows.bulk import validate_events
        from eventcoder.validation.standing import values_table

        problems = validate_events(values_table(self._held, self._codebook), self._codebook, latest_today=self._today)
        errors = [p for p in problems if p.severity == "error" and p.event_id is not None]
        return {(p.code, str(p.event_id)) for p in errors if p.field not in self._but.get(str(p.event_id), ())}
