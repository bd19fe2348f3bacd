"""One raw row of a table -> typed, completed values of an event, in the sense of its dialect. Floor 5."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from eventcoder.codebook import Codebook
from eventcoder.codebook.suggestion import did_you_mean
from eventcoder.errors import Refused
from eventcoder.identity import canonical, digest
from eventcoder.intake.dates import date_reader
from eventcoder.intake.dialects import Dialect
from eventcoder.intake.source import Source, SourceRow
from eventcoder.problem import Problem

if TYPE_CHECKING:
    from eventcoder.actors import ActorRegistry
    from eventcoder.publishers import PublisherRegistry

FATALITIES = ("fatalities_low", "fatalities_high", "fatalities_basis")
ID = "event_id"
CNTY = "event_id_cnty"
_WHOLE_FLOAT = re.compile(r"(\d+)\.0+")  # "7.0": what a whole number becomes in a column with gaps, in many programs


@dataclass(slots=True)
class Row:
    """A row as it was read. `given` holds what the file says (None or [] where a cell is blank); `problems` are structural: they reject the row.

    `key` is the row's identity within the file: an id, or the hash of its content and how often this content came before.
    """

    source: SourceRow
    given: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    event_id: str | None = None
    revision: int | None = None
    key: str = ""

    @property
    def line(self) -> int:
        return self.source.line


class Registers:
    """Registered actors and publishers, which fill an actor's class and a source's scale as they do when a coder types."""

    def __init__(self, actors: ActorRegistry, publishers: PublisherRegistry) -> None:
        self.actors = actors
        self.publishers = publishers

    def fill(self, values: dict[str, Any]) -> None:
        """Add what the registers know and the row does not say."""
        if values.get("source") and not values.get("source_scale") and (scale := self.publishers.scale(values["source"])):
            values["source_scale"] = scale
        for actor, inter in (("actor1", "inter1"), ("actor2", "inter2")):
            if values.get(actor) and not values.get(inter):
                found = self.actors.inter_of(values[actor], country=values.get("country"), on_date=values.get("event_date"))
                if found:
                    values[inter] = found


class RowReader:
    """Reads the rows of one file under one dialect. `notes` are remarks on whole columns; `scope` names those that count in comparisons."""

    def __init__(self, codebook: Codebook, dialect: Dialect, source: Source, registers: Registers) -> None:
        self.codebook = codebook
        self.dialect = dialect
        self.name = source.name
        self.registers = registers
        self.notes: list[Problem] = []
        self.recomputed: dict[str, int] = {}
        self._columns = self._match(source.columns)
        self._readers: dict[str, Any] = {}
        for header, name in self._columns.items():
            if codebook.column(name).type == "date":
                reader, told = date_reader([r.cells.get(header) for r in source.rows], dialect.date_formats)
                self._readers[name] = reader
                if told:
                    self.notes.append(Problem("not-a-date", f"Column {header}: {told}.", "warning", field=name, where=source.name))
        system = {c.name for c in codebook.columns if c.entered == "system"} - set(dialect.keep_system)
        self._taken = {h: n for h, n in self._columns.items() if n not in system or n in (ID, "revision")}
        self.scope = [n for n in self._taken.values() if n not in (ID, "revision", *dialect.keep_system, *dialect.recomputed)]
        if dialect.conservative_fatalities and "fatalities" in self.scope:
            self.scope += [n for n in FATALITIES if n in codebook.columns_by_name]
        self.vintage = dialect.vintage(
            {n: [str(r.cells.get(h) or "") for r in source.rows if r.fault is None] for h, n in self._columns.items() if n.startswith("inter")}
        )

    def _match(self, header: tuple[str, ...]) -> dict[str, str]:
        """Header name -> our column. Raises `Refused` with every unknown or doubled column at once."""
        problems: list[Problem] = []
        found: dict[str, str] = {}
        for name in header:
            ours = self.dialect.column(name)
            if ours in self.dialect.ignored:
                continue
            if ours not in self.codebook.columns_by_name:
                message = f"There is no column '{name}' in the codebook. {did_you_mean(ours, self.codebook.names)}".rstrip()
                problems.append(Problem("unknown-column", message, field=name, where=f"{self.name}, header"))
            elif ours in found.values():
                problems.append(Problem("duplicate-column", f"Two columns of the header mean '{ours}'.", field=name, where=f"{self.name}, header"))
            else:
                found[name] = ours
        if not problems and self.dialect.identity_required and not set(found.values()) & set(self.dialect.identity):
            problems.append(Problem("missing-column", f"The header has no {' or '.join(self.dialect.identity)}.", where=f"{self.name}, header"))
        if problems:
            remedy = "Rename the columns, or remove those that the codebook does not have."
            raise Refused(f"{self.name} does not fit: {'; '.join(p.message for p in problems[:3])}", remedy, problems)
        return found

    def read(self, source: SourceRow) -> Row:
        """Type one row. Rejected rows have `problems`."""
        row = Row(source)
        if source.fault is not None:
            row.problems.append(source.fault)
            return row
        where = f"{self.name}, line {source.line}"
        raw = {name: self._plain(name, source.cells.get(header)) for header, name in self._taken.items()}
        row.given, row.problems = self.codebook.coerce(raw, where=where)
        row.event_id = row.given.pop(ID, None)
        row.revision = row.given.pop("revision", None)
        if self.dialect.identity_required and not any(row.given.get(c) for c in self.dialect.identity) and not row.problems:
            said = f"the row has no {' or '.join(self.dialect.identity)}, by which rows of this kind are known again."
            row.problems.append(Problem("missing-id", said, field=self.dialect.identity[0], where=where))
        if not row.problems and not any(v not in (None, []) for v in row.given.values()):
            row.problems.append(Problem("empty-row", "the row has no value at all.", where=where))
        row.key = row.event_id or row.given.get(CNTY) or "content:" + digest({k: v for k, v in row.given.items() if v not in (None, [])})
        return row

    def _plain(self, name: str, cell: Any) -> Any:
        """A cell before it is typed: the dialect's nulls and dates, and whole numbers that became floats."""
        if isinstance(cell, float) and cell.is_integer() and self.codebook.column(name).list:
            return int(cell)
        if not isinstance(cell, str):
            return cell
        text = cell.strip()
        if self.codebook.column(name).list and (m := _WHOLE_FLOAT.fullmatch(text)):
            text = cell = m[1]
        if text in self.dialect.nulls.get(name, ()):
            return None
        return self._readers[name](cell) if name in self._readers and text else cell

    def complete(self, row: Row) -> tuple[dict[str, Any], list[Problem]]:
        """The event's values that the row stands for, and where given derived values contradict the others."""
        given = {k: v for k, v in row.given.items() if v not in (None, [])}
        recomputed = {k: given.pop(k) for k in self.dialect.recomputed if k in given}
        if self.dialect.conservative_fatalities and "fatalities" in given:
            figure = given["fatalities"]
            given |= {"fatalities_low": figure, "fatalities_basis": "unknown"}
        self.registers.fill(given)
        values, problems = self.codebook.derive(given)
        for name in self.dialect.blank_stands:
            if name in row.given and name not in given:
                values.pop(name, None)
        for name, told in recomputed.items():
            if values.get(name) != told:
                self.recomputed[name] = self.recomputed.get(name, 0) + 1
        where = f"{self.name}, line {row.line}"
        return stored(values), [replace(p, where=where) for p in problems]

    def remarks(self) -> list[Problem]:
        """What was recomputed, told once a column."""
        said = "Column {}: {} rows have another value than the codebook computes; the codebook's stands."
        return [Problem("value-recomputed", said.format(name, count), "info", field=name) for name, count in sorted(self.recomputed.items())]


def stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """What an act holds: no nulls, no empty lists, no event id."""
    return {k: v for k, v in sorted(values.items()) if v is not None and v != [] and k != ID}


def same(a: Row, b: Row) -> bool:
    """True if two rows of one identity say the same."""
    return canonical(a.given) == canonical(b.given) and a.event_id == b.event_id
