"""What a file is, by its first bytes; its name only decides where they leave it open. Floor 5."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from typing import IO, Final, Literal

from eventcoder.errors import InputError
from eventcoder.intake.formats.origin import Packing

Kind = Literal["text", "xlsx", "parquet"]

AS_TABLE: Final = "Save it as .xlsx, or as CSV in UTF-8."
_EXPORT = "Export it as CSV in UTF-8, or as Parquet."
_UNPACK = "Unpack it, and import the table."
_FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF file", AS_TABLE),
    (b"{\\rtf", "an RTF file", AS_TABLE),
    (b"BZh", "packed by bzip2", _UNPACK),
    (b"\xfd7zXZ\x00", "packed by xz", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"PARE", "an encrypted Parquet file", "Decrypt it first."),
    (b"ARROW1", "an Arrow (Feather) file", "Save it as Parquet or CSV."),
    (b"SQLite format 3", "a SQLite database", _EXPORT),
    (b"\x89HDF", "an HDF5 file", _EXPORT),
    (b"<stata_dta>", "a Stata file (.dta)", _EXPORT),
    (b"$FL2", "an SPSS file (.sav)", _EXPORT),
    (b"$FL3", "an SPSS file (.zsav)", _EXPORT),
    (b"RDX2\n", "an R workspace (.RData)", _EXPORT),
    (b"RDX3\n", "an R workspace (.RData)", _EXPORT),
    (b"X\n\x00\x00\x00", "an R object (.rds)", _EXPORT),
    (b"\x80\x04\x95", "a Python pickle, which is never opened", _EXPORT),
    (b"\x80\x05\x95", "a Python pickle, which is never opened", _EXPORT),
    (b"\x89PNG", "an image", AS_TABLE),
    (b"\xff\xd8\xff", "an image", AS_TABLE),
    (b"GIF8", "an image", AS_TABLE),
)
_OLD_STATA = re.compile(rb"[\x6c-\x76][\x01\x02][\x01\x02\x00]\x00")
_WEB_PAGE = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*(?:<!doctype html|<html|<table|<head)", re.IGNORECASE)
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DOUBLE = "it is packed twice"


def packing_of(head: bytes) -> Packing | None:
    """How the bytes are packed (a ZIP may also be a workbook: see `in_zip`)."""
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"\x28\xb5\x2f\xfd") or (head[1:4] == b"\x2a\x4d\x18" and 0x50 <= head[0] <= 0x5F):
        return "zstd"
    return "zip" if head.startswith((b"PK\x03\x04", b"PK\x05\x06")) else None


def kind_of(head: bytes, name: str, whole: Callable[[], bytes] | None = None) -> Kind:
    """What the unpacked bytes are. Raises `InputError` for formats that are not read, saying what the file is and what to do.

    `whole` gives the first megabytes of the file, for the one case in which the head does not decide.
    """
    if head.startswith(b"PAR1"):
        return "parquet"
    if packing_of(head) is not None:
        raise refused(name, _DOUBLE, _UNPACK)
    if head.startswith(_OLE):
        if _ENCRYPTED in (whole() if whole else head):
            raise refused(name, "it is a workbook that is protected by a password", "Remove the password, or save it as CSV.")
        raise refused(name, "it is an old Excel workbook (.xls)", AS_TABLE)
    for magic, what, remedy in _FOREIGN:
        if head.startswith(magic):
            raise refused(name, f"it is {what}", remedy)
    if _OLD_STATA.match(head):
        raise refused(name, "it is a Stata file (.dta)", _EXPORT)
    if _WEB_PAGE.match(head):
        raise refused(name, "it is a web page, even if its name says that it is a workbook", f"Open it in a spreadsheet program. {AS_TABLE}")
    if _XML.match(head):
        raise refused(name, "it is XML", AS_TABLE)
    return "text"


def in_zip(file: IO[bytes], name: str) -> str | None:
    """The one table in a ZIP, or None if the ZIP is a workbook. Raises `InputError` for anything else."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise refused(name, f"it is a damaged ZIP archive or workbook ({error})", "Fetch it again; it may be cut off.") from None
    names = {member.filename for member in members}
    if "xl/workbook.xml" in names:
        return None
    for inside, what in (
        ("xl/workbook.bin", "a binary Excel workbook (.xlsb)"),
        ("content.xml", "an OpenDocument file (.ods)"),
        ("word/document.xml", "a Word document"),
    ):
        if inside in names:
            raise refused(name, f"it is {what}", AS_TABLE)
    if "[Content_Types].xml" in names:
        return None  # a workbook with its parts in other places
    files = [m for m in members if not m.is_dir() and not m.filename.startswith("__MACOSX/") and not m.filename.rsplit("/", 1)[-1].startswith(".")]
    if len(files) != 1:
        said = "".join(f", '{m.filename[:80]}'" for m in files[:5]) + (", ..." if len(files) > 5 else "")
        raise refused(name, f"it is a ZIP archive with {len(files)} files{said}", "Unpack it, and import one table at a time.")
    (only,) = files
    if only.flag_bits & 1:
        raise refused(name, "it is a ZIP archive that is protected by a password", _UNPACK)
    if only.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refused(name, "it is a ZIP archive packed in an unusual way", _UNPACK)
    return only.filename


def refused(name: str, what: str, remedy: str) -> InputError:
    return InputError(f"{name} cannot be read as a table: {what}.", remedy)
