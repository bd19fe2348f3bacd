"""What rows say -> whole values of events: what the registers know, what follows, and what the dialect leaves as it is. Floor 5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventcoder.codebook.completion import Columns, Completer, Remembered
from eventcoder.intake.batch import EMPTY
from eventcoder.problem import Problem

if TYPE_CHECKING:
    from eventcoder.actors import ActorRegistry
    from eventcoder.codebook import Codebook
    from eventcoder.intake.dialects import Dialect
    from eventcoder.publishers import PublisherRegistry

FATALITIES = ("fatalities_low", "fatalities_high", "fatalities_basis")
TAKEN_OVER = "unknown"  # basis of a figure from a dataset that does not say how it came about


class Completion:
    """Completes the rows of one file. `recomputed` counts, by column, given values that the codebook computes otherwise. Not for several threads."""

    def __init__(self, codebook: Codebook, dialect: Dialect, actors: ActorRegistry, publishers: PublisherRegistry) -> None:
        self._dialect = dialect
        self._completer = Completer(codebook)
        self._known = set(codebook.names)
        self.recomputed: dict[str, int] = {}

        def scale(sources: Any) -> Any:
            return publishers.scale(list(sources)) if sources else None

        def inter(asked: tuple[Any, Any, Any]) -> Any:
            return actors.inter_of(asked[0], country=asked[1], on_date=asked[2])

        self._scale = Remembered(scale)
        self._inter = Remembered(inter)

    def complete(self, given: Columns, length: int) -> tuple[Columns, dict[int, list[Problem]]]:
        """The events' values by column, and by row where a given derived value contradicts the others (that value is replaced)."""
        recomputed = {name: given[name] for name in self._dialect.recomputed if name in given}
        values = {name: column for name, column in given.items() if name not in recomputed}
        figures = values.get("fatalities")
        if self._dialect.conservative_fatalities and figures is not None:
            # One figure, the conservative one: its low end is known, its high end is not.
            low, _, basis = FATALITIES
            if low in self._known:
                before = values.get(low, [None] * length)
                values[low] = [old if new is None else new for new, old in zip(figures, before, strict=True)]
            if basis in self._known:
                before = values.get(basis, [None] * length)
                values[basis] = [old if new is None else TAKEN_OVER for new, old in zip(figures, before, strict=True)]
        self._registers(values, length)
        differing = self._completer.complete(values, length)
        for name in self._dialect.blank_stands:
            if name in given and name in values:
                values[name] = [None if said in EMPTY else value for said, value in zip(given[name], values[name], strict=True)]
        for name, told in recomputed.items():
            if other := sum(a != b for a, b in zip(told, values.get(name) or [None] * length, strict=True) if a not in EMPTY):
                self.recomputed[name] = self.recomputed.get(name, 0) + other
        wrong: dict[int, list[Problem]] = {}
        for row, name, old, new in differing:
            said = f"{name} is {old!r}, but the other values give {new!r}. Leave {name} out: it is computed."
            wrong.setdefault(row, []).append(Problem("derived-mismatch", said, field=name, value=old))
        return values, wrong

    def one(self, given: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
        """`complete` for one row; lists as lists, nulls left out."""
        columns = {name: [tuple(value) if isinstance(value, list) else value] for name, value in given.items()}
        values, wrong = self.complete(columns, 1)
        return {n: list(v) if isinstance(v := c[0], tuple) else v for n, c in sorted(values.items()) if c[0] not in EMPTY}, wrong.get(0, [])

    def _registers(self, values: Columns, length: int) -> None:
        """Fill what the registers of actors and publishers know and the row does not say, as they do when a coder types."""
        blank = [None] * length
        sources = values.get("source")
        if sources is not None and "source_scale" in self._known:
            known = self._scale.each(sources)
            values["source_scale"] = [a or b for a, b in zip(values.get("source_scale", blank), known, strict=True)]
        countries, days = values.get("country", blank), values.get("event_date", blank)
        for actor, inter in (("actor1", "inter1"), ("actor2", "inter2")):
            named = values.get(actor)
            if named is None or inter not in self._known:
                continue
            classes = list(values.get(inter, blank))
            for row, (name, found) in enumerate(zip(named, classes, strict=True)):
                if found is None and name is not None:
                    classes[row] = self._inter.one((name, countries[row], days[row]))
            values[inter] = classes

    def remarks(self) -> list[Problem]:
        """What was recomputed, told once a column."""
        said = "Column {}: {} rows have another value than the codebook computes; the codebook's stands."
        return [Problem("value-recomputed", said.format(name, count), "info", field=name) for name, count in sorted(self.recomputed.items())]
