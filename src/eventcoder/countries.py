"""Names of countries in running words: from a name, an older name, a demonym or an ISO code to the codebook's country. Floor 1.

The countries are the codebook's list `countries`; `schema/registers/country_names.csv` (name, countries, kind) adds names that the list
does not hold, and names that mean several countries ("Congo", "Korean"): those are never decided here, only listed.
ISO 3166 is the one code system; codes count in upper case only ("US", never "us"), FIPS codes are not known at all ("SD" is Sudan).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from eventcoder.names import fold
from eventcoder.project import packaged_schema

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook, CodeList

REGISTER = "country_names.csv"
_CODE = re.compile(r"[A-Z]{2,4}")
_ARTICLE = re.compile(r"^(?:the|republic of the|republic of|state of) (?=.)")


class CountryNames:
    """Looks country names up. `codes` maps further upper-case codes (ISO 3166 alpha-2) to countries."""

    def __init__(self, codebook: Codebook, *, schema_dir: Path | None = None, codes: Mapping[str, str] | None = None) -> None:
        found = _tables(codebook.lists["countries"], register_bytes(schema_dir, REGISTER))
        self._exact, self._other, self._demonym = found.exact, found.other, found.demonym
        self._codes: Mapping[str, str] = {**(codes or {}), **found.codes}

    def countries(self, text: str) -> tuple[str, ...]:
        """All countries that `text` may mean; () for none. A country's own name means that country alone ("Georgia", "Guinea")."""
        return self._find(text)[0]

    def country(self, text: str) -> str | None:
        """The one country that `text` names by name, older name, demonym or upper-case ISO code; None for none or for several."""
        found = self.countries(text)
        return found[0] if len(found) == 1 else None

    def is_demonym(self, text: str) -> bool:
        """Whether `text` means its country as an adjective or a people ("Iranian"), not as a name ("Iran")."""
        return self._find(text)[1]

    @property
    def codes(self) -> Mapping[str, str]:
        """Upper-case codes and abbreviations ("IRN", "UK") with their countries."""
        return self._codes

    def surfaces(self) -> Iterable[tuple[str, tuple[str, ...], bool]]:
        """Every folded name with its countries and whether it is a demonym: what a scan of running text needs."""
        for key, code in self._exact.items():
            yield key, (code,), False
        for table, demonym in ((self._other, False), (self._demonym, True)):
            for key, codes in table.items():
                if key not in self._exact and not (demonym and key in self._other):
                    yield key, tuple(codes), demonym

    def _find(self, text: str) -> tuple[tuple[str, ...], bool]:
        return self._cached(text)

    @lru_cache(maxsize=4096)  # noqa: B019  a handful of these objects live as long as the process
    def _cached(self, text: str) -> tuple[tuple[str, ...], bool]:
        plain = text.replace(".", "").strip()
        if _CODE.fullmatch(plain) and plain in self._codes:
            return (self._codes[plain],), False
        key = fold(text)
        for _ in range(2):
            if key in self._exact:
                return (self._exact[key],), False
            if key in self._other:
                return tuple(self._other[key]), False
            if key in self._demonym:
                return tuple(self._demonym[key]), True
            shorter = _ARTICLE.sub("", key)
            if shorter == key:
                break
            key = shorter
        return (), False


class _Tables:
    """Folded names of countries, demonyms and codes in capitals, from the list and the register."""

    def __init__(self, listed: CodeList, register: bytes) -> None:
        self.exact: dict[str, str] = {}
        self.other: dict[str, list[str]] = {}
        self.demonym: dict[str, list[str]] = {}
        self.codes: dict[str, str] = {}
        for code in listed.codes:
            row = listed.get(code) or {}
            self.exact[fold(code)] = code
            if row.get("iso3"):
                self.codes[row["iso3"]] = code
            for alias in split_names(row.get("aliases")) + split_names(row.get("legacy")) + split_names(row.get("label")):
                self._add(alias, code, self.other)
            for demonym in split_names(row.get("demonyms")):
                self._add(demonym, code, self.demonym)
        for named in register_rows(register):
            for country in split_names(named["countries"]):
                if country in listed:
                    self._add(named["name"], country, self.demonym if named["kind"] == "demonym" else self.other)

    def _add(self, name: str, code: str, table: dict[str, list[str]]) -> None:
        plain = name.replace(".", "")
        if _CODE.fullmatch(plain):  # an abbreviation: matched in upper case only
            self.codes[plain] = code
            return
        found = table.setdefault(fold(name), [])
        if code not in found:
            found.append(code)


@lru_cache(maxsize=4)
def _tables(listed: CodeList, register: bytes) -> _Tables:
    """Made once for a codebook (lists are told apart by identity): every registry of a process asks for them."""
    return _Tables(listed, register)


def split_names(cell: str | None) -> list[str]:
    """The names of a cell that separates them by ` | ` or `; `."""
    return [name for part in re.split(r"[|;]", cell or "") if (name := part.strip())]


def read_register(schema_dir: Path | None, name: str, folder: str = "registers") -> list[dict[str, str]]:
    """The rows of `schema/<folder>/<name>`; a project without that file uses the one that ships with the package; [] if neither has it."""
    return [dict(row) for row in register_rows(register_bytes(schema_dir, name, folder))]


def register_bytes(schema_dir: Path | None, name: str, folder: str = "registers") -> bytes:
    """The file whose rows `read_register` gives; empty if neither the project nor the package has it."""
    path = schema_dir / folder / name if schema_dir is not None else None
    if path is None or not path.is_file():
        path = packaged_schema() / folder / name
    return path.read_bytes() if path.is_file() else b""


@lru_cache(maxsize=64)
def register_rows(data: bytes) -> tuple[Mapping[str, str], ...]:
    """The rows of such a file. Kept: a process that opens several projects or releases meets the same registers again and again."""
    rows = csv.DictReader(StringIO(data.decode("utf-8"), newline=""))
    return tuple({key: (value or "").strip() for key, value in row.items() if key} for row in rows)
