"""A workbook as bytes that depend on its content and the time passed in alone, written aside and renamed. Floor 5.

openpyxl stamps the clock into the document's properties and into every entry of the archive; both are set here.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from eventcoder.clock import stamp
from eventcoder.errors import ProjectError, Refused, UsageError

if TYPE_CHECKING:
    from openpyxl import Workbook

_CORE = "docProps/core.xml"
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
_OLDEST = datetime(1980, 1, 1, tzinfo=UTC)  # an archive knows no earlier time


def packed(workbook: Workbook, moment: datetime) -> bytes:
    """The file's bytes."""
    workbook.properties.created = moment.astimezone(UTC).replace(tzinfo=None)
    raw = io.BytesIO()
    workbook.save(raw)
    out = io.BytesIO()
    when = max(moment.astimezone(UTC), _OLDEST).timetuple()[:6]
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == _CORE:
                data = _MODIFIED.sub(rb"\g<1>" + stamp(moment).encode(), data)
            entry = zipfile.ZipInfo(name, when)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # else it names the system that it was made on
            entry.external_attr = 0o644 << 16
            new.writestr(entry, data)
    return out.getvalue()


def refuse_target(path: Path, *, force: bool) -> None:
    """Say before the work that the file cannot be written there. Raises as `write_template` says."""
    if path.suffix.lower() != ".xlsx":
        raise UsageError(f"{path} is not the name of an Excel workbook.", f"Name it {path.with_suffix('.xlsx').name}.")
    try:
        folder, parent, there = path.is_dir(), path.parent.is_dir(), path.exists()
    except OSError as error:
        raise _unwritable(path, error) from None
    if folder:
        raise UsageError(f"{path} is a folder.", "Name a file in it.")
    if not parent:
        raise UsageError(f"There is no folder {path.parent}.", "Make it first, or name another.")
    if there and not force:
        raise Refused(f"{path} is there already.", "Somebody may have filled it in: name another file, or use --force to replace it.")


def write_aside(path: Path, data: bytes) -> None:
    """Write the file under another name beside it, then rename it. Raises `ProjectError` where that is not possible."""
    aside = path.with_name(f".template-{os.getpid()}.part")
    try:
        aside.write_bytes(data)
        aside.replace(path)
    except OSError as error:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> ProjectError:
    return ProjectError(f"{path} cannot be written: {error.strerror}.", "Close it if it is open, or name a file where you may write.")
