"""Open any table: find out what it is, and hand it to the reader of its format. Floor 5."""

from __future__ import annotations

from pathlib import Path

from eventcoder.errors import InputError
from eventcoder.intake.formats.charset import choose_charset
from eventcoder.intake.formats.delimited import open_delimited
from eventcoder.intake.formats.detection import Kind, in_zip, kind_of, packing_of, refused
from eventcoder.intake.formats.jsonopening import is_json, open_json
from eventcoder.intake.formats.origin import Origin, find_origin
from eventcoder.intake.formats.parquet import ParquetSheet
from eventcoder.intake.formats.scan import HEAD, scan
from eventcoder.intake.formats.sheet import Sheet
from eventcoder.intake.formats.workbook import open_workbook
from eventcoder.problem import Problem

_WHOLE = 8 << 20  # bytes of an old Office file in which the mark of encryption is looked for
_PACKED = (".gz", ".gzip", ".zst", ".zstd", ".zip")
_SAID = {"xlsx": "an Excel workbook", "parquet": "a Parquet file"}
_NAMED = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv", ".psv": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx", ".json": "json", ".jsonl": "json",
    ".ndjson": "json", ".geojson": "json", ".parquet": "parquet", ".pq": "parquet", ".xls": "xls", ".ods": "ods", ".xlsb": "xlsb",
}  # fmt: skip


def open_sheet(path: Path | str, *, sheet: str | None = None) -> Sheet:
    """Open a table of events; `-` reads standard input. `sheet` names the sheet of a workbook.

    Raises `InputError` for what cannot be read as a table at all.
    """
    origin = find_origin(path)
    opened: Sheet | None = None
    try:
        opened = _opened(origin, sheet)
    finally:
        if opened is None:
            origin.close()
    return opened


def _opened(origin: Origin, sheet: str | None) -> Sheet:
    kind = _kind(origin)
    origin.digest()
    notes = _renamed(origin, kind)
    if sheet is not None and kind != "xlsx":
        said = f"{origin.name} is no workbook, so it has no sheet '{sheet}'."
        raise InputError(said, "Leave --sheet out, or give the workbook.")
    if kind == "xlsx":
        return open_workbook(origin, sheet, notes)
    if kind == "parquet":
        return ParquetSheet(origin, notes)
    seen = scan(origin)
    charset, told = choose_charset(seen, origin)
    notes += told
    if is_json(charset.beginning(seen), origin.name):
        return open_json(origin, charset, seen, notes)
    return open_delimited(origin, charset, seen, notes)


def _kind(origin: Origin) -> Kind:
    head = _head(origin)
    packing = packing_of(head)
    if packing is None:
        return kind_of(head, origin.name, lambda: _head(origin, _WHOLE))
    if packing == "zip":
        with origin.path.open("rb") as file:
            member = in_zip(file, origin.name)
        if member is None:
            return "xlsx"
        origin.member = member
    origin.packing = packing
    head = _head(origin)
    if not head:
        raise refused(origin.name, "it is empty", "Give the path of a table.")
    kind = kind_of(head, origin.name)
    if kind != "text":
        raise refused(origin.name, f"it is {_SAID[kind]} that was packed once more", "Unpack it, and import the table.")
    return kind


def _head(origin: Origin, size: int = HEAD) -> bytes:
    reader = origin.open()
    try:
        head = b""
        while len(head) < size and (data := reader.read(size - len(head))):
            head += data
        return head
    finally:
        reader.close()


def _renamed(origin: Origin, kind: Kind) -> list[Problem]:
    """A note if the name says another format than the bytes."""
    name = origin.name.lower()
    suffix = Path(name).suffix
    if suffix in _PACKED and origin.packing:
        return []
    named = _NAMED.get(suffix)
    if named is None or named == kind or (kind == "text" and named in ("csv", "json")):
        return []
    what = _SAID.get(kind, "a text table")
    return [Problem("format-differs", f"{origin.name} is {what} and was read as such, whatever its name says.", "warning", where=origin.name)]
