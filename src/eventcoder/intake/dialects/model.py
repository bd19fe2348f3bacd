"""What a dialect is: the parts of one `schema/dialects/NAME.toml` as values. Floor 5.

Everything here speaks of *their* columns (plain names: lower case, spaces as underscores, `#` for a run of digits) and of *our* columns (those of
the codebook). `schema/dialects/README.md` explains every key to those who write dialects; `files` reads and proves them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from eventcoder.problem import Problem

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook
    from eventcoder.intake.dates import DateFacts

INDEX_NAMES: Final = ("", "unnamed:_0")  # what spreadsheets and data frames call a column of row numbers
SPANNED: Final = ("event_date", "time_precision", "date_start", "date_end")  # our columns that a `when` fills
_DIGITS = re.compile(r"[0-9]+")


class _Uncertain:
    """The one value of its kind; see `UNCERTAIN`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNCERTAIN"

    def __reduce__(self) -> str:
        return "UNCERTAIN"  # stays the one value when it is copied or sent to another process


#: A cell that says something which has no certain counterpart here: the field stays empty, the original is kept, the event stays open.
UNCERTAIN: Final = _Uncertain()


def plain(name: str) -> str:
    """A header cell as dialects write it."""
    return name.strip().casefold().replace(" ", "_")


def pattern_of(name: str) -> str:
    """The plain name with every run of digits as `#`: source_1, source_2 ... are all `source_#`."""
    return _DIGITS.sub("#", name)


@dataclass(frozen=True, slots=True)
class Shape:
    """One way to know a dialect or a vintage: by its header, and a vintage by its cells too.

    `every`: the column is there, and all its cells that are not blank (at least one) have the form. `some`: at least one has it.
    """

    has: tuple[str, ...] = ()
    has_any: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    lacks_groups: tuple[str, ...] = ()
    alphabetical: bool = False
    every: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    some: Mapping[str, re.Pattern[str]] = field(default_factory=dict)

    @property
    def weight(self) -> int:
        """How much it demands of a header: of two that fit, the more demanding one is meant."""
        return len(self.has) + bool(self.has_any)


@dataclass(frozen=True, slots=True)
class Values:
    """What the cells of one of their columns mean. `known` maps folded texts to ours; `certain`: what it does not match whole is uncertain."""

    known: Mapping[str, str] = field(default_factory=dict)
    uncertain: frozenset[str] = frozenset()
    certain: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """One of our columns computed from several of theirs. Where the expression is null and they say something, the value is uncertain."""

    column: str
    sources: tuple[str, ...]  # in the order in which `compute` takes their texts
    compute: Callable[[Mapping[str, Any]], Any]
    blank: bool = False  # null means nothing, rather than "uncertain"


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A cell that matches as a whole is written anew: `{1}` stands for the first group."""

    column: str
    pattern: re.Pattern[str]
    to: str


@dataclass(frozen=True, slots=True)
class Extract:
    """A piece of one column's text that belongs into a list column of ours. It is taken out where it is found exactly once."""

    source: str
    pattern: re.Pattern[str]
    into: str
    form: str
    prefix: str  # an item that begins so is there already: then nothing is taken


@dataclass(frozen=True, slots=True)
class Day:
    """Where a day stands: in one column, or in three."""

    column: str | None = None
    parts: tuple[str, str, str] | None = None  # year, month, day

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.column,) if self.column else self.parts or ()


@dataclass(frozen=True, slots=True)
class When:
    """How their dates become event_date, time_precision, date_start and date_end. See `spans`."""

    start: Day
    end: Day | None
    precision: str | None  # their column whose values (through `values`) are our codes of time_precision
    unknown: frozenset[str]  # what stands for an unknown month or day


@dataclass(frozen=True, slots=True)
class Write:
    """How events are written in this dialect, for `export --dialect`; `possible` false says why not in `reason`.

    `columns`: header names in order (empty: all columns of the codebook in its order). `names`: theirs -> ours where they differ.
    `codes`: ours -> the attribute of its code list that is written instead of the code. `values`: ours -> {our value: theirs}.
    `nulls`: ours -> what is written for null (else nothing). `dates`: "iso" or "day Month year" (16 May 2025). `separator` joins lists.
    `pairs`: one row for each actor, with the columns of the first. `losses`: what cannot be said in this form, in sentences.
    """

    possible: bool = False
    reason: str = ""
    columns: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    nulls: Mapping[str, str] = field(default_factory=dict)
    dates: str = "iso"
    separator: str = "; "
    pairs: bool = False
    losses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vintage:
    """An edition of a dialect: how it is known, what it is (a sentence), and the whole dialect as it is in that edition."""

    name: str
    title: str
    shapes: tuple[Shape, ...]
    dialect: Dialect


@dataclass(frozen=True, slots=True)
class Dialect:
    """One dialect. Names of theirs are plain; `columns` maps them to ours, `kept` and `ignored` to what they are and why."""

    id: str
    title: str
    source: str
    own_names: bool
    shapes: tuple[Shape, ...]
    columns: Mapping[str, str]
    kept: Mapping[str, str]
    ignored: Mapping[str, str]
    values: Mapping[str, Values]
    nulls: Mapping[str, frozenset[str]]
    null_texts: frozenset[str]
    years: Mapping[str, str]
    settings: tuple[Setting, ...]
    rewrites: tuple[Rewrite, ...]
    extracts: tuple[Extract, ...]
    constants: Mapping[str, str]
    when: When | None
    skip: Setting | None
    skip_reason: str
    pairs: bool
    identity: tuple[str, ...]
    natural: tuple[str, ...]
    identity_required: bool
    keep_system: tuple[str, ...]
    blank_stands: tuple[str, ...]
    recomputed: tuple[str, ...]
    conservative_fatalities: bool
    losses: tuple[str, ...]
    write: Write
    vintages: tuple[Vintage, ...] = ()

    def known(self, name: str, table: Mapping[str, Any]) -> str | None:
        """The key of `table` that a plain name falls under: itself, or its form with `#` for digits."""
        return name if name in table else form if (form := pattern_of(name)) in table else None

    def column(self, name: str) -> str:
        """The name of our column that a header cell means (which may be none of ours)."""
        key = self.known(plain(name), self.columns)
        return plain(name) if key is None else self.columns[key]

    @property
    def editions(self) -> tuple[Dialect, ...]:
        """The dialect in each of its vintages, and by itself."""
        return (self, *(v.dialect for v in self.vintages))

    def edition(self, vintage: str | None) -> Dialect:
        """The dialect in the vintage of exactly this name; itself without one. Raises KeyError for none of its own."""
        return self if vintage is None else {v.name: v.dialect for v in self.vintages}[vintage]

    @property
    def uncertain_targets(self) -> frozenset[str]:
        """Our columns for which a row may say something that has no certain counterpart here."""
        doubtful = {theirs for theirs, values in self.values.items() if values.uncertain or values.certain is not None}
        mapped = {self.columns.get(theirs, theirs) for theirs in doubtful}
        computed = {setting.column for setting in self.settings if not setting.blank}
        return frozenset(mapped | computed | set(SPANNED if self.when is not None else ()))

    def natural_places(self, columns: Sequence[str]) -> tuple[int, ...]:
        """Places of the columns that make up the id which their own dataset gives a row; none if one of them is missing."""
        names = [plain(name) for name in columns]
        return tuple(names.index(name) for name in self.natural) if all(name in names for name in self.natural) else ()

    def distinct_places(self, columns: Sequence[str]) -> tuple[int, ...]:
        """Places of the columns whose distinct texts tell the vintages apart."""
        asked = {name for v in self.vintages for shape in v.shapes for name in (*shape.every, *shape.some)}
        return tuple(place for place, name in enumerate(columns) if plain(name) in asked)

    def index_places(self, columns: Sequence[str]) -> tuple[int, ...]:
        """Places of columns that may be a count of the rows: they have no name, or the one that data frames give them."""
        return tuple(place for place, name in enumerate(columns) if plain(name) in INDEX_NAMES)

    def date_places(self, columns: Sequence[str], codebook: Codebook) -> dict[int, int | None]:
        """Places of columns that hold days -> the place of the row's own year, if the dialect knows one for it."""
        names = [plain(name) for name in columns]
        out: dict[int, int | None] = {}
        for edition in self.editions:
            spans = edition.when
            whole = {day.column for day in (spans.start, spans.end) if day is not None and day.column} if spans else set()
            for place, name in enumerate(names):
                ours = edition.columns.get(edition.known(name, edition.columns) or "") or (name if edition.own_names else None)
                typed = codebook.columns_by_name.get(ours or "")
                if name in whole or (typed is not None and typed.type == "date"):
                    year = edition.years.get(name)
                    out[place] = names.index(year) if year in names else out.get(place)
        return out


@dataclass(frozen=True, slots=True)
class Producer:
    """One column of ours from the cells of some columns of theirs.

    `read` is pure; it is called with the cells as they stand, in the order of `sources`, and gives a raw value for `codebook.coerce`
    (None, str, int, float, bool, date, list of str), or `UNCERTAIN`.
    """

    target: str
    sources: tuple[int, ...]
    read: Callable[..., Any]
    # (number in `sources`, pattern): that cell counts only where the pattern is found in it; else `read` may be given "" in its place. It spares the
    # importer the memory of every long text for the sake of the few that hold something.
    only_with: tuple[int, re.Pattern[str]] | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """Which rows are no events: `test` is called with the cells of `sources`, and gives the reason or None."""

    sources: tuple[int, ...]
    test: Callable[..., str | None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How one table is to be read. `dialect` is the dialect as it is in the vintage; `because` says why that vintage."""

    dialect: Dialect
    vintage: str | None
    because: str
    producers: tuple[Producer, ...]
    kept: tuple[int, ...]
    natural: tuple[int, ...]
    identity_names: tuple[str, ...]
    identity_required: bool
    pairs: bool
    skip: Skip | None
    notes: tuple[Problem, ...]

    def not_events(self, cells: Sequence[Sequence[Any]], length: int) -> list[tuple[int, str]]:
        """(row, reason) of the rows that are no events; `cells` holds the table by columns."""
        if self.skip is None:
            return []
        asked = [cells[place] for place in self.skip.sources]
        reasons = ((row, self.skip.test(*key)) for row, key in enumerate(zip(*asked, strict=True)))
        return [(row, reason) for row, reason in reasons if reason is not None]


class Survey(Protocol):
    """What a first pass over the table saw, by place of the column."""

    @property
    def rows(self) -> int: ...
    def distinct(self, place: int) -> frozenset[str] | None:
        """The stripped texts of a column (for `distinct_places` at least); None if there are too many to hold."""
        ...

    def dates(self, place: int) -> DateFacts:
        """For `date_places`."""
        ...

    def counting(self, place: int) -> bool:
        """For `index_places`: the cells are whole numbers that go up by one, or all blank. `counting.IndexFacts` finds out."""
        ...
