"""Code lists: what `lists/NAME.csv` says; matching of spellings to the canonical code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from eventcoder.codebook.read import Table
from eventcoder.problem import Problem

REQUIRED = ("code", "label", "definition", "includes", "excludes", "parent", "rank", "since", "until", "legacy")
SEPARATOR = "|"  # between old spellings, aliases and demonyms in one cell


class CodeList:
    """One code list: codes in the order of the file, each with its row (every cell a text, "" where empty)."""

    def __init__(self, name: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self.name = name
        self.header = tuple(header)
        self._cells = rows
        at = self.header.index("code")
        self.codes: tuple[str, ...] = tuple(row[at] for row in rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self.codes)

    def __len__(self) -> int:
        return len(self.codes)

    def __contains__(self, code: object) -> bool:
        return code in self._places

    @cached_property
    def _places(self) -> dict[str, int]:
        return {code: at for at, code in enumerate(self.codes)}

    @cached_property
    def _attributes(self) -> dict[str, int]:
        return {name: at for at, name in enumerate(self.header)}

    @cached_property
    def _spellings(self) -> dict[str, str]:
        out: dict[str, str] = {}
        if "legacy" in self._attributes:
            at = self._attributes["legacy"]
            for code, row in zip(self.codes, self._cells, strict=True):
                for old in row[at].split(SEPARATOR):
                    if old.strip():
                        out.setdefault(old.strip().casefold(), code)
        for code in self.codes:  # a code beats every old spelling
            out[code.casefold()] = code
        return out

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names of all columns of the list."""
        return self.header

    @property
    def labels(self) -> dict[str, str]:
        """code -> label (the code where no label is given), in order."""
        return {code: self.attribute(code, "label") or code for code in self.codes}

    @property
    def rows(self) -> list[dict[str, str]]:
        """All rows as dicts, in order."""
        return [dict(zip(self.header, row, strict=True)) for row in self._cells]

    def get(self, code: str) -> Mapping[str, str] | None:
        """The code's row, or None for an unknown code."""
        at = self._places.get(code)
        return None if at is None else dict(zip(self.header, self._cells[at], strict=True))

    def attribute(self, code: str | None, name: str) -> str | None:
        """One cell of the code's row; None for an unknown code, an unknown attribute or an empty cell."""
        at = self._places.get(code) if code is not None else None
        column = self._attributes.get(name)
        return None if at is None or column is None else self._cells[at][column] or None

    def column(self, name: str) -> tuple[str | None, ...]:
        """An attribute of all codes, in their order; empty cells are None. Raises KeyError for an unknown attribute."""
        at = self._attributes[name]
        return tuple(row[at] or None for row in self._cells)

    def canonical(self, text: str) -> str | None:
        """The code that `text` stands for: exactly, else whatever its case, else as a known old spelling; None if unknown."""
        return text if text in self._places else self._spellings.get(text.strip().casefold())

    def as_json(self) -> list[object]:
        return [self.name, list(self.header), [list(row) for row in self._cells]]


def parse_list(name: str, table: Table) -> tuple[CodeList, list[Problem]]:
    """The list, and what makes it unusable: empty or doubled codes, a parent that exists nowhere in it is left to the proof."""
    problems: list[Problem] = []
    at = table.header.index("code")
    first: dict[str, int] = {}
    for line, row in zip(table.lines, table.rows, strict=True):
        code, where = row[at], f"{table.file}, line {line}"
        if not code:
            problems.append(Problem("duplicate-code", f"{where}: a row without a code.", where=where))
        elif code in first:
            problems.append(Problem("duplicate-code", f"{where}: code '{code}' stands on line {first[code]} already.", value=code, where=where))
        else:
            first[code] = line
    keep = [row for line, row in zip(table.lines, table.rows, strict=True) if first.get(row[at]) == line]
    return CodeList(name, table.header, keep), problems
