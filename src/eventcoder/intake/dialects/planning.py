"""The plan of one table: which of its columns become which of ours, what is kept beside them, what is read over, and what to tell. Floor 5."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eventcoder.codebook.suggestion import did_you_mean
from eventcoder.errors import Refused
from eventcoder.intake.dates import DateReading, Undecided
from eventcoder.intake.dialects import cells, spans
from eventcoder.intake.dialects.choosing import choose_vintage
from eventcoder.intake.dialects.model import (
    INDEX_NAMES,
    SPANNED,
    Day,
    Dialect,
    Extract,
    Plan,
    Producer,
    Setting,
    Skip,
    Survey,
    When,
    pattern_of,
    plain,
)
from eventcoder.intake.dialects.proof import prove
from eventcoder.problem import Problem, Severity

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook

ALWAYS_TAKEN = ("event_id", "revision")  # columns of the ledger that a file may bring along, to be compared and never stored as given


def plan(
    dialect: Dialect,
    columns: Sequence[str],
    survey: Survey,
    codebook: Codebook,
    *,
    vintage: str | None = None,
    day_order: str | None = None,
    keep_unknown: bool = False,
    where: str = "",
) -> Plan:
    """How a table with these columns is to be read in `dialect`.

    `vintage` overrules the detection; `day_order` is a person's word for dates that the column leaves open; with `keep_unknown`, columns that nobody
    knows are kept beside the events instead of refusing the table. `where` names the table in problems.
    Raises `Refused` with every unknown, doubled or missing column at once; `UsageError` for an unknown vintage or order; `Undecided` for dates;
    `CodebookError` for a dialect that does not fit the codebook.
    """
    prove(dialect, codebook)
    chosen = choose_vintage(dialect, vintage, columns, survey)
    edition = chosen.vintage.dialect if chosen.vintage else dialect
    table = _Table(edition, codebook, [plain(name) for name in columns], tuple(columns), where)
    table.sort(survey, keep_unknown)
    table.require()
    producers = _Producers(table, survey, day_order).all()
    targets = {p.target for p in producers}
    name = chosen.vintage.name if chosen.vintage else None
    if chosen.vintage is not None:
        said = f"read as {dialect.id}, vintage {name}: {chosen.vintage.title} Why: {chosen.because}."
        table.note("vintage-told", said, "info")
    elif dialect.vintages:
        table.note("vintage-told", f"read as {dialect.id}; nothing in the table shows which vintage it is.", "info")
    return Plan(
        dialect=edition,
        vintage=name,
        because=chosen.because,
        producers=producers,
        kept=tuple(sorted(table.kept)),
        natural=edition.natural_places(columns),
        identity_names=(*edition.identity, *edition.natural),
        identity_required=edition.identity_required,
        # Two rows of one id are the two sides of one event only in files that have no second actor.
        pairs=edition.pairs and "actor2" not in targets,
        skip=_skip(edition, table),
        notes=tuple(table.notes),
    )


@dataclass(slots=True)
class _Table:
    """The columns of the table by what the dialect makes of them."""

    dialect: Dialect
    codebook: Codebook
    names: list[str]
    headers: tuple[str, ...]
    where: str
    places: dict[str, int] = field(default_factory=dict)  # plain name -> place, of every column that the dialect knows
    mapped: dict[str, list[int]] = field(default_factory=dict)  # our column -> places
    kept: list[int] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def sort(self, survey: Survey, keep_unknown: bool) -> None:
        for place, name in enumerate(self.names):
            header, dialect = self.headers[place], self.dialect
            if name in self.places:
                self._refuse("duplicate-column", f"Two columns of the header are called '{header}'.", header)
                continue
            ours = dialect.columns.get(dialect.known(name, dialect.columns) or "")
            if ours is None and dialect.own_names and name in self.codebook.columns_by_name and name not in dialect.ignored:
                ours = name
            if dialect.known(name, dialect.kept) is not None:
                self.kept.append(place)
                self.places[name] = place
            if ours is not None:
                self.places[name] = place
                self._map(ours, place)
            elif name in self.places or self._is_index(place, name, survey):
                continue
            elif dialect.known(name, dialect.ignored) is not None:
                self.places[name] = place
            elif keep_unknown:
                self.kept.append(place)
                self.places[name] = place
                said = f"Column '{header}' is unknown to dialect {dialect.id}; what it says is kept beside the events."
                self.note("unknown-column-kept", said, "warning", header)
            else:
                known = [*dialect.columns, *dialect.kept, *(self.codebook.names if dialect.own_names else ())]
                said = f"Dialect {dialect.id} has no column '{header}'." if header else f"Column {place + 1} has no name and does not count the rows."
                self._refuse("unknown-column", f"{said} {did_you_mean(name, known) if len(known) > 12 and header else ''}".rstrip(), header)

    def _map(self, ours: str, place: int) -> None:
        column = self.codebook.column(ours)
        if column.entered == "system" and ours not in (*ALWAYS_TAKEN, *self.dialect.keep_system):
            return  # the ledger says these itself
        numbered = column.type == "list" and all(
            pattern_of(self.names[other]) == pattern_of(self.names[place]) for other in self.mapped.get(ours, ())
        )
        if ours in self.mapped and not numbered:
            self._refuse("duplicate-column", f"Two columns of the header mean '{ours}'.", self.headers[place])
            return
        self.mapped.setdefault(ours, []).append(place)

    def _is_index(self, place: int, name: str, survey: Survey) -> bool:
        if name not in INDEX_NAMES or not survey.counting(place):
            return False
        self.note("index-column", f"column {place + 1} ('{self.headers[place]}') only counts the rows, or is empty; it was read over.", "info")
        return True

    def require(self) -> None:
        """Refuse the table if columns are wrong, or if it has none by which its rows would be known again although they must be."""
        dialect = self.dialect
        known = set(self.mapped) & set(dialect.identity) or (dialect.natural and all(n in self.places for n in dialect.natural))
        if not self.problems and dialect.identity_required and not known:
            self._refuse("missing-column", f"The header has no {' or '.join((*dialect.identity, *dialect.natural))}.", None)
        if self.problems:
            remedy = "Rename or remove the columns, name the right dialect, or keep the unknown ones beside the events (--keep-unknown)."
            first = "; ".join(p.message for p in self.problems[:3])
            more = f" (and {len(self.problems) - 3} more)" if len(self.problems) > 3 else ""
            raise Refused(f"{self.where or 'The table'} does not fit: {first}{more}", remedy, self.problems)

    def note(self, code: str, said: str, severity: Severity, header: str | None = None) -> None:
        self.notes.append(Problem(code, said, severity, field=header or None, where=self.where or None))

    def _refuse(self, code: str, said: str, header: str | None) -> None:
        self.problems.append(Problem(code, said, field=header, where=f"{self.where}, header" if self.where else "header"))


class _Producers:
    """Makes the producers of a table whose columns are sorted."""

    def __init__(self, table: _Table, survey: Survey, day_order: str | None) -> None:
        self.table = table
        self.dialect = table.dialect
        self.survey = survey
        self.day_order = day_order
        self._readings: dict[int, DateReading] = {}

    def all(self) -> tuple[Producer, ...]:
        out: dict[str, Producer] = {}
        out |= {ours: _constant(ours, value) for ours, value in self.dialect.constants.items()}
        for ours, places in self.table.mapped.items():
            out[ours] = self._mapped(ours, places)
        if self.dialect.when is not None:
            out |= {p.target: p for p in self._span(self.dialect.when)}
        for setting in self.dialect.settings:
            if any(name in self.table.places for name in setting.sources):
                out[setting.column] = self._setting(setting)
        for extract in self.dialect.extracts:
            self._extract(extract, out)
        order = {name: number for number, name in enumerate(self.table.codebook.names)}
        return tuple(sorted(out.values(), key=lambda p: order[p.target]))

    def _mapped(self, ours: str, places: list[int]) -> Producer:
        column = self.table.codebook.column(ours)
        readers = [
            cells.column_reader(self.dialect, self.table.names[place], column, self._reading(place) if column.type == "date" else None)
            for place in places
        ]
        return Producer(ours, tuple(places), readers[0] if len(places) == 1 else cells.joined_reader(readers))

    def _reading(self, place: int) -> DateReading:
        """How the days of the column are to be read; told once."""
        if place not in self._readings:
            header = self.table.headers[place]
            try:
                reading = self.survey.dates(place).reader(self.day_order)
            except Undecided as error:
                raise Undecided(f"{self.table.where or 'The table'}, column {header}: {error.message}", error.remedy) from None
            self._readings[place] = reading
            if reading.note:
                self.table.note("dates-told", f"Column {header}: {reading.note}.", "info", header)
        return self._readings[place]

    def _setting(self, setting: Setting) -> Producer:
        there = [name for name in setting.sources if name in self.table.places]
        readers = {name: cells.text_reader(self.dialect, name) for name in there}
        return Producer(setting.column, tuple(self.table.places[name] for name in there), cells.setting_reader(setting, readers))

    def _extract(self, extract: Extract, out: dict[str, Producer]) -> None:
        """The list column gets the piece, and the column that the text goes into loses it."""
        place = self.table.places.get(extract.source)
        text = next((p for p in out.values() if p.sources == (place,)), None)
        own = out.get(extract.into)
        if place is None or text is None or (own is not None and len(own.sources) != 1):
            return
        beside = own.sources if own is not None else ()
        out[text.target] = Producer(text.target, (place, *beside), cells.remaining_reader(text.read, extract, own is not None))
        read = cells.extracting_reader(own.read if own is not None else None, extract)
        out[extract.into] = Producer(extract.into, (*beside, place), read, (len(beside), extract.pattern))

    def _span(self, when: When) -> list[Producer]:
        places = self.table.places
        if not any(name in places for name in when.start.sources):
            return []
        sources: list[int] = []
        read_start, starts = self._bounds(when.start, when.unknown, sources)
        there = when.end is not None and any(name in places for name in when.end.sources)
        read_end, ends = self._bounds(when.end, when.unknown, sources) if there and when.end is not None else (None, 0)
        read_code = None
        if when.precision is not None and when.precision in places:
            sources.append(places[when.precision])
            read_code = cells.value_reader(self.dialect, when.precision)
        read = spans.reader(read_start, starts, read_end, ends, read_code, spans.longest_spans(self.table.codebook))
        return [Producer(target, tuple(sources), _part(read, target)) for target in SPANNED]

    def _bounds(self, day: Day, unknown: frozenset[str], sources: list[int]) -> tuple[Callable[..., Any], int]:
        """A function from the day's cells to its bounds, and how many cells; their places are added to `sources`."""
        there = [name for name in day.sources if name in self.table.places]
        sources += [self.table.places[name] for name in there]
        texts = {name: cells.text_reader(self.dialect, name) for name in there}
        if day.column is not None:
            name, reading = day.column, self._reading(self.table.places[day.column])

            def whole(cell: Any) -> spans.Bounds | None:
                return spans.day_of(None if texts[name](cell) is None else str(reading.read(cell)))

            return whole, 1

        def of_parts(*given: Any) -> spans.Bounds | None:
            read = {name: texts[name](cell) for name, cell in zip(there, given, strict=True)}
            year, month, number = (read.get(name) for name in day.sources)
            return spans.day_of_parts(year, month, number, unknown)

        return of_parts, len(there)


def _constant(ours: str, value: str) -> Producer:
    """The same for every row; it hangs on the first column so that each row asks for it."""
    return Producer(ours, (0,), lambda cell: value)


def _part(read: Callable[..., dict[str, Any]], target: str) -> Callable[..., Any]:
    return lambda *given: read(*given)[target]


def _skip(dialect: Dialect, table: _Table) -> Skip | None:
    if dialect.skip is None:
        return None
    there = [name for name in dialect.skip.sources if name in table.places]
    if not there:
        return None
    texts = {name: cells.text_reader(dialect, name) for name in there}
    blank, compute = dict.fromkeys(dialect.skip.sources), dialect.skip.compute

    def test(*given: Any) -> str | None:
        row = {**blank, **{name: texts[name](cell) for name, cell in zip(there, given, strict=True)}}
        return dialect.skip_reason if compute(row) is True else None

    return Skip(tuple(table.places[name] for name in there), test)
