"""Reads a table of cells through a dialect, as the importer does, but in memory and without the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from eventcoder.codebook import Codebook
from eventcoder.intake.dates import DateFacts
from eventcoder.intake.dialects import UNCERTAIN, Dialect, IndexFacts, Plan, plan

TODAY = date(2026, 11, 26)


class TableSurvey:
    """What a first pass over these rows sees."""

    def __init__(self, dialect: Dialect, columns: Sequence[str], rows: Sequence[Sequence[Any]], codebook: Codebook) -> None:
        self.rows = len(rows)
        self._columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [() for _ in columns]
        self._years = dialect.date_places(columns, codebook)

    def distinct(self, place: int) -> frozenset[str] | None:
        return frozenset("" if cell is None else str(cell).strip() for cell in self._columns[place])

    def dates(self, place: int) -> DateFacts:
        facts = DateFacts(latest_today=TODAY)
        year = self._years[place]
        facts.add(self._columns[place], None if year is None else self._columns[year])
        return facts

    def counting(self, place: int) -> bool:
        facts = IndexFacts()
        facts.add(self._columns[place])
        return facts.counting


@dataclass(frozen=True)
class Read:
    """`values` are typed (nulls left out), `uncertain` the columns that stayed empty for doubt, `problems` the codes of what was refused."""

    values: dict[str, Any]
    uncertain: set[str]
    problems: list[tuple[str, str | None]]
    originals: dict[str, str]


@dataclass(frozen=True)
class Table:
    plan: Plan
    rows: list[Read]
    not_events: list[tuple[int, str]]

    @property
    def notes(self) -> list[str]:
        return [note.code for note in self.plan.notes]


def read_table(dialect: Dialect, columns: Sequence[str], rows: Sequence[Sequence[Any]], codebook: Codebook, **options: Any) -> Table:
    made = plan(dialect, columns, TableSurvey(dialect, columns, rows, codebook), codebook, where="events.csv", **options)
    out = []
    for row in rows:
        raw = {p.target: p.read(*(row[place] for place in p.sources)) for p in made.producers}
        uncertain = {name for name, value in raw.items() if value is UNCERTAIN}
        values, problems = codebook.coerce({name: value for name, value in raw.items() if name not in uncertain})
        originals = {columns[place]: str(row[place]) for place in made.kept if str(row[place]).strip()}
        given = {name: value for name, value in values.items() if value not in (None, [])}
        out.append(Read(given, uncertain, [(p.code, p.field) for p in problems], originals))
    return Table(made, out, made.not_events(list(zip(*rows, strict=True)), len(rows)))
