"""Reading `schema/`: TOML and CSV with errors that name file, line and column; the content's hash.

Layout (see docs/architecture.md):

    codebook.toml   rules.toml   checks.toml   columns.csv   lists/NAME.csv

These files are the codebook proper and make up its hash; `lexicon/` and `examples/` serve extraction and are read by it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventcoder.codebook.suggestion import did_you_mean
from eventcoder.errors import CodebookError

CODEBOOK_FILE = "codebook.toml"
COLUMNS_FILE = "columns.csv"
RULES_FILE = "rules.toml"
CHECKS_FILE = "checks.toml"
LISTS_DIR = "lists"

MAX_FILE = 20_000_000  # bytes; a codebook is read by people, anything larger is a mistake or an attack


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file as read: its header and its rows; `lines[i]` is the line on which row i begins."""

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def dicts(self) -> list[dict[str, str]]:
        return [dict(zip(self.header, row, strict=True)) for row in self.rows]


def read_files(schema_dir: Path) -> dict[str, bytes]:
    """The codebook's files by their relative name, in a fixed order. Raises `CodebookError` where one is absent or unreadable."""
    if not schema_dir.is_dir():
        raise CodebookError(f"There is no folder {schema_dir}.", "A codebook is a folder with codebook.toml, columns.csv, rules.toml and lists/.")
    lists = schema_dir / LISTS_DIR
    names = [CODEBOOK_FILE, COLUMNS_FILE, RULES_FILE]
    if (schema_dir / CHECKS_FILE).exists():
        names.append(CHECKS_FILE)
    if lists.is_dir():
        names += [f"{LISTS_DIR}/{path.name}" for path in sorted(lists.iterdir()) if path.suffix == ".csv" and not path.name.startswith(".")]
    out: dict[str, bytes] = {}
    for name in names:
        path = schema_dir / name
        try:
            if path.stat().st_size > MAX_FILE:
                raise CodebookError(f"{path} is larger than {MAX_FILE // 1_000_000} MB.", "That cannot be a codebook's file.")
            out[name] = path.read_bytes()
        except OSError as error:
            raise CodebookError(f"{path} cannot be read: {error.strerror}.", "A codebook needs this file.") from None
    return out


def content_hash(files: dict[str, bytes]) -> str:
    """sha256 (hex) over names and contents of the codebook's files."""
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name}\0{len(files[name])}\0".encode())
        total.update(files[name])
    return total.hexdigest()


def text_of(file: str, data: bytes) -> str:
    """The file's text. Raises `CodebookError` for anything that is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise CodebookError(f"{file}, line {line}: not UTF-8.", "Save the file as UTF-8.") from None


def read_toml(file: str, data: bytes) -> dict[str, Any]:
    """A TOML file's content. Raises `CodebookError` naming file, line and column."""
    import tomllib

    try:
        return tomllib.loads(text_of(file, data))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise CodebookError(f"{file} is not valid TOML: {error}.", "Mend the place it names.") from None


def read_csv(file: str, data: bytes, required: tuple[str, ...], *, others: bool) -> Table:
    """A CSV file with a header that has at least `required` (and nothing else unless `others`).

    Raises `CodebookError` naming file and line for a missing, doubled or unknown header, a row of the wrong length, broken quoting.
    """
    import csv
    import io

    text = text_of(file, data)
    if "\0" in text:
        raise CodebookError(f"{file}, line {text[: text.index(chr(0))].count(chr(10)) + 1}: a NUL character.", "Is this a text file?")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    begin = 1
    try:
        for cells in reader:
            if not header and any(cell.strip() for cell in cells):
                header = tuple(cell.strip() for cell in cells)
                _check_header(file, header, required, others)
            elif any(cell.strip() for cell in cells):
                if len(cells) != len(header):
                    raise CodebookError(
                        f"{file}, line {begin}: {len(cells)} cells, but the header has {len(header)}.",
                        "Add or remove a comma, or put a cell that holds a comma into double quotes.",
                    )
                rows.append(tuple(cell.strip() for cell in cells))
                lines.append(begin)
            begin = reader.line_num + 1
    except csv.Error as error:
        raise CodebookError(f"{file}, line {reader.line_num}: {error}.", "Check the double quotes.") from None
    if not header:
        raise CodebookError(f"{file} is empty.", f"Its header must be {','.join(required)}.")
    return Table(file, header, tuple(rows), tuple(lines))


def _check_header(file: str, header: tuple[str, ...], required: tuple[str, ...], others: bool) -> None:
    seen: set[str] = set()
    for at, name in enumerate(header, 1):
        if not name:
            raise CodebookError(f"{file}, line 1: column {at} has no name.")
        if name in seen:
            raise CodebookError(f"{file}, line 1: two columns are called '{name}'.")
        seen.add(name)
        if not others and name not in required:
            raise CodebookError(f"{file}, line 1: unknown column '{name}'.", did_you_mean(name, required))
    for name in required:
        if name not in seen:
            raise CodebookError(f"{file}, line 1: column '{name}' is missing.", f"The header must be {','.join(required)}.")
