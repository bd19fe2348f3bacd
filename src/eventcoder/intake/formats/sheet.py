"""What every format gives: a sheet with columns, and its rows in pieces, each row with its place. Floor 5.

The rest of intake knows tables only through these classes. Nothing is interpreted here: cells are handed on as they stand in the file, a row that
cannot be split into cells becomes a `Fault` with its raw text, and rows and faults together are all that the file holds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, ClassVar, Self

from eventcoder.errors import InputError
from eventcoder.intake.formats.limits import MAX_COLUMNS
from eventcoder.intake.formats.origin import Origin
from eventcoder.problem import Problem

OWN = "_"  # first character of the columns of a rejects file that are not the event's
EXTRA = OWN + "extra"
RAW = OWN + "raw"


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that has no cells to be read. `raw`: what it had, by column; without a column under `_extra`; not to be split, under `_raw`."""

    line: int
    raw: Mapping[str, Any]
    problem: Problem


@dataclass(slots=True)
class Piece:
    """Some rows in the order of the file: where each begins, its cells (as many as the sheet has columns), and the faults met among them."""

    lines: list[int] = field(default_factory=list)
    rows: list[Sequence[Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows) + len(self.faults)


class Sheet(ABC):
    """One table. `columns` are stripped names in the order of the file, "" for those without a name; those that begin with `_` are left out.

    `notes` are findings about the whole file; `typed` is False where every cell is text, else cells are str, int, float, bool, datetime, date,
    None or a list. A sheet is a context manager, or is closed with `close`.
    """

    format: ClassVar[str]
    typed: ClassVar[bool] = True
    counted: ClassVar[str] = "row"  # what `line` counts, in words

    def __init__(self, origin: Origin, columns: Sequence[str], notes: Sequence[Problem] = ()) -> None:
        self._origin = origin
        self.name = origin.name
        self.sha256 = origin.sha256
        self.columns = tuple(columns)
        self.notes = list(notes)

    @abstractmethod
    def pieces(self, size: int = 10_000) -> Iterator[Piece]:
        """All rows from the beginning, at most `size` in a piece. Raises `InputError` if the file was changed since it was opened."""

    @property
    def done(self) -> float:
        """The share of the input that the pass under way has read, 0 to 1."""
        return self._origin.done

    def where(self, line: int, column: str | None = None) -> str:
        """A place in words."""
        place = f"{self.name}, {self.counted} {line}"
        return f"{place}, column {column}" if column else place

    def close(self) -> None:
        """Let the file go and remove a temporary copy of it."""
        self._origin.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _fault(self, code: str, line: int, said: str, raw: Mapping[str, Any], *, column: str | None = None, value: Any = None) -> Fault:
        return Fault(line, raw, Problem(code, said, field=column or None, value=value, where=self.where(line, column)))


def checked(names: Sequence[str], place: str) -> tuple[str, ...]:
    """The names of columns, stripped. Raises `InputError` for none at all, too many, and one that comes twice."""
    header = tuple(name.strip() for name in names)
    if not any(header):
        raise InputError(f"{place} cannot be read as a table: no column has a name.", "Check that its first line names the columns.")
    if len(header) > MAX_COLUMNS:
        raise InputError(f"{place} cannot be read as a table: it has {len(header):,} columns.", "Check that its first line names the columns.")
    seen: set[str] = set()
    if twice := sorted({name for name in header if name and (name in seen or seen.add(name))}):  # type: ignore[func-returns-value]
        said = ", ".join(f"'{name}'" for name in twice)
        raise InputError(f"{place} cannot be read as a table: its header names {said} more than once.", "Give each column a name of its own.")
    return header


def counted(number: int, one: str, many: str | None = None) -> str:
    """`3 rows`, `1 row`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
