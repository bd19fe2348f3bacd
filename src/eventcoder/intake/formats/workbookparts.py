"""The parts of a workbook, looked at before anything opens them: sizes, names, and what an XML part may begin with. Floor 5.

A workbook is a ZIP of XML. A declared size binds Python's zipfile (it reads no more), so bounds on what is declared are bounds on what comes. No part
may have a DOCTYPE, so there is no entity that could be expanded and nothing external that could be fetched. Archives inside, macros, pictures
and links to other files are never opened.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from eventcoder.errors import InputError
from eventcoder.intake.formats.detection import AS_TABLE, refused
from eventcoder.intake.formats.limits import MAX_MEMBERS, MAX_N_STRINGS, MAX_PART, MAX_ROWS, MAX_SHEET, MAX_STRETCH, MAX_STRINGS, RATIO, SUSPECT

_MISTRUST = f"Mistrust where it came from. If it is in order, {AS_TABLE[0].lower()}{AS_TABLE[1:]}"
_CHUNK = 1 << 20
_PROLOG = 1 << 16  # bytes within which the first element must come
_XML = (".xml", ".rels", ".vml")
_DECLARED = re.compile(rb"<\?xml[^>]*?\bencoding\s*=\s*[\"']([^\"']*)[\"']")
_PLAIN = (b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1")  # in all others the bytes below might mean something else
_SPACES = b" \t\r\n"
_TAG = re.compile(rb"<(?:\w+:)?(row|col|mergeCell)\b([^>]*)>")
_HIDDEN = re.compile(rb"\bhidden\s*=\s*[\"'](?:1|true)[\"']")
_REF = re.compile(rb"\bref\s*=\s*[\"']([A-Z0-9:$]{1,40})[\"']")


@dataclass(slots=True)
class Seen:
    """What a sheet holds beside its cells. `merged`: the first few ranges."""

    rows: int = 0
    hidden_rows: int = 0
    hidden_columns: int = 0
    n_merged: int = 0
    merged: list[str] = field(default_factory=list)


def check_parts(archive: zipfile.ZipFile, name: str) -> None:
    """Raises `InputError` for a workbook that is damaged, protected, or made to do harm."""
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise refused(name, f"it is a workbook with {len(members):,} parts", _MISTRUST)
    names = [member.filename for member in members]
    if len(set(names)) < len(names):
        raise refused(name, "two parts of the workbook have one name", _MISTRUST)
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise refused(name, f"a part of the workbook has a name that leads out of it ('{member.filename[:80]}')", _MISTRUST)
        if member.is_dir() or path.suffix.lower() not in _XML:
            continue
        if member.flag_bits & 1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise refused(name, "it is a workbook packed in an unusual way or protected", AS_TABLE)
        bound = MAX_STRINGS if path.name.lower() == "sharedstrings.xml" else MAX_SHEET if "worksheets" in path.parts else MAX_PART
        ratio = member.file_size / max(member.compress_size, 1)
        if member.file_size > bound or (member.file_size > SUSPECT and ratio > RATIO):
            said = f"the workbook's part '{member.filename[:80]}' unpacks to {member.file_size >> 20:,} MB from {member.compress_size >> 10:,} KB"
            raise refused(name, said, _MISTRUST)
        _check_prolog(archive, member, name)
        if path.name.lower() == "sharedstrings.xml" and _count(archive, member, name) > MAX_N_STRINGS:
            raise refused(name, f"the workbook has more than {MAX_N_STRINGS:,} different texts", AS_TABLE)


def look_through(archive: zipfile.ZipFile, part: str, name: str) -> Seen:
    """One fast pass over a sheet's bytes. Raises `InputError` for what could not be held row by row."""
    seen = Seen()
    carry = b""
    before = longest = 0  # bytes since a row began, at the beginning of `data`
    for data in _chunks(archive, part, name):
        data = carry + data
        cut = data.rfind(b">") + 1
        carry = data[cut:]
        last = -before
        for tag in _TAG.finditer(data, 0, cut):
            if tag[1] == b"row":
                seen.rows += 1
                longest = max(longest, tag.start() - last)
                last = tag.start()
                seen.hidden_rows += _HIDDEN.search(tag[2]) is not None
            elif tag[1] == b"col":
                seen.hidden_columns += _HIDDEN.search(tag[2]) is not None
            else:
                seen.n_merged += 1
                if len(seen.merged) < 3 and (ref := _REF.search(tag[2])):
                    seen.merged.append(ref[1].decode("ascii"))
        before = cut - last
        if seen.rows > MAX_ROWS or max(longest, before + len(carry)) > MAX_STRETCH:
            raise refused(name, "a sheet of the workbook has more rows than there can be, or one of immense size", _MISTRUST)
    return seen


def _check_prolog(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> None:
    head = next(_chunks(archive, member.filename, name, _PROLOG), b"")
    declared = _DECLARED.match(head.removeprefix(b"\xef\xbb\xbf"))
    rest = head.removeprefix(b"\xef\xbb\xbf").lstrip(_SPACES)
    plain = declared is None or declared[1].lower() in _PLAIN
    while plain and rest.startswith((b"<?", b"<!--")):
        end = rest.find(b"?>" if rest.startswith(b"<?") else b"-->")
        rest = rest[end + 2 :].lstrip(b">" + _SPACES) if end >= 0 else b""
    if not plain or not re.match(rb"<[A-Za-z_]", rest):
        what = "declares entities" if rest.startswith(b"<!") else "is not plain XML in UTF-8"
        raise refused(name, f"the workbook's part '{member.filename[:80]}' {what}", _MISTRUST)


def _count(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> int:
    return sum(data.count(b"<si") + data.count(b":si") for data in _chunks(archive, member.filename, name))


def _chunks(archive: zipfile.ZipFile, part: str, name: str, size: int = _CHUNK) -> Iterator[bytes]:
    try:
        with archive.open(part) as source:
            while data := source.read(size):
                yield data
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError, RuntimeError) as error:
        raise damaged(name, error) from None


def damaged(name: str, error: object) -> InputError:
    return refused(name, f"the workbook is damaged ({error})", f"Open it in a spreadsheet program and {AS_TABLE[0].lower()}{AS_TABLE[1:]}")
