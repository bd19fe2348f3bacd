"""Where the bytes of an input lie, packed or not, and whether they are still the same. Floor 5.

A file is read several times (detection, survey, transform), so what comes by a pipe is first put into a temporary file, which `close` removes.
Packed inputs are unpacked again at every pass and never written out: what a bomb holds passes by, is counted and stopped (`limits`).
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import stat
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Literal

from eventcoder.errors import InputError
from eventcoder.intake.formats.limits import FLOOD, MAX_UNPACKED, RATIO
from eventcoder.text import file_name

STANDARD_INPUT = "standard input"
Packing = Literal["gzip", "zstd", "zip"]
_CHUNK = 1 << 20


class Origin:
    """One input. `name` is for messages, `sha256` that of the bytes as they were given, `packing` how they are packed.

    `member`: which file of a ZIP; `share`: how far a pass is that does not read through `open`.
    """

    def __init__(self, path: Path, name: str, remove: Callable[[], None] | None = None) -> None:
        self.path = path
        self.name = name
        self.packing: Packing | None = None
        self.member = ""
        self.sha256 = ""
        self.size = path.stat().st_size
        self._stamp = _stamp(path.stat())
        self._remove = remove
        self._reader: Reader | None = None
        self.share: float | None = None

    def open(self) -> Reader:
        """Begin a pass over the unpacked bytes. Raises `InputError` if the file is gone, or is not what it was."""
        try:
            file = self.path.open("rb", buffering=0)
        except OSError as error:
            raise InputError(f"{self.name} cannot be read: {error.strerror}.", "Check the path and its permissions.") from None
        if _stamp(os.fstat(file.fileno())) != self._stamp:
            file.close()
            raise self.changed()
        self._reader = Reader(self, file)
        return self._reader

    def check(self) -> None:
        """Raises `InputError` if the file was changed since it was opened first."""
        try:
            same = _stamp(self.path.stat()) == self._stamp
        except OSError:
            same = False
        if not same:
            raise self.changed()

    def changed(self) -> InputError:
        return InputError(f"{self.name} was changed while it was read.", "Wait until whatever writes it has finished, then import it again.")

    def digest(self) -> None:
        """Compute `sha256`."""
        try:
            with self.path.open("rb") as file:
                self.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise InputError(f"{self.name} cannot be read: {error.strerror}.", "Check the path and its permissions.") from None
        self.check()

    @property
    def done(self) -> float:
        """How much of the bytes as given was taken in by the latest pass, 0 to 1."""
        if self.share is not None:
            return self.share
        return min(1.0, self._reader.taken / self.size) if self._reader and self.size else 0.0

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
        if self._remove is not None:
            self._remove()
            self._remove = None


class Reader:
    """The unpacked bytes of an origin, once, in order."""

    def __init__(self, origin: Origin, file: IO[bytes]) -> None:
        self._origin = origin
        self._file = file
        self._given = 0
        self.taken = 0
        self._content: Any = file
        try:
            if origin.packing == "gzip":
                self._content = gzip.GzipFile(fileobj=file)
            elif origin.packing == "zstd":
                import pyarrow as pa

                self._content = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")
            elif origin.packing == "zip":
                archive = zipfile.ZipFile(file)
                self._content = archive.open(origin.member)
        except (OSError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile, KeyError) as error:
            self.close()
            raise self._damaged(error) from None

    def read(self, size: int = _CHUNK) -> bytes:
        """The next bytes, at most `size`; empty at the end. Raises `InputError` for what is damaged, cut off or a bomb."""
        try:
            data: bytes = self._content.read(size)
            self.taken = self._file.tell() if data else self._origin.size  # behind the table in a ZIP its list of contents follows
        except (OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile) as error:
            raise self._damaged(error) from None
        if self._origin.packing is not None:
            self._given += len(data)
            if (self._given > FLOOD and self._given > RATIO * max(self.taken, 1)) or self._given > MAX_UNPACKED:
                said = f"{self._origin.name} unpacks to more than {self._given >> 20:,} MB from {self.taken >> 10:,} KB; no table of events does."
                raise InputError(said, "Mistrust where it came from. If it is in order, unpack it yourself and import the table.")
        return data

    def _damaged(self, error: Exception) -> InputError:
        if self._origin.packing is None:
            return InputError(f"{self._origin.name} cannot be read: {error}.", "Check the disk that it lies on.")
        return InputError(f"{self._origin.name} cannot be unpacked ({self._origin.packing}): {error}.", "Fetch it again; it may be cut off.")

    def close(self) -> None:
        if self._content is not self._file:
            self._content.close()
        self._file.close()


def find_origin(path: Path | str) -> Origin:
    """The file of that path, `-` for standard input. Raises `InputError` for what is missing, a folder, empty, or cannot be read."""
    if str(path) == "-":
        return _spooled(sys.stdin.buffer, STANDARD_INPUT)
    path = Path(path)
    name = file_name(path.name)
    remedy = "Give the path of a table (CSV, XLSX, JSON, JSON Lines, GeoJSON or Parquet)."
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputError(f"{file_name(str(path))} is a folder.", remedy)
        if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
            with path.open("rb") as pipe:
                return _spooled(pipe, name)
        if not stat.S_ISREG(mode):
            raise InputError(f"{file_name(str(path))} is a device, not a file.", remedy)
        with path.open("rb"):
            pass
        origin = Origin(path, name)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{file_name(str(path))} cannot be read: {getattr(error, 'strerror', None) or error}.", remedy) from None
    if not origin.size:
        raise InputError(f"{name} cannot be read as a table: it is empty.", remedy)
    return origin


def _spooled(stream: IO[bytes], name: str) -> Origin:
    folder = Path(tempfile.mkdtemp(prefix="eventcoder-"))  # only this user can look into it

    def remove() -> None:
        shutil.rmtree(folder, ignore_errors=True)

    origin = None
    copy = folder / "input"
    try:
        with copy.open("wb") as out:
            shutil.copyfileobj(stream, out, _CHUNK)
        if not copy.stat().st_size:
            raise InputError(f"{name} cannot be read as a table: it is empty.", "Pipe a table into it.")
        origin = Origin(copy, name, remove)
    except OSError as error:
        raise InputError(f"{name} cannot be put aside: {error.strerror}.", "Make room in the folder for temporary files.") from None
    finally:
        if origin is None:
            remove()
    return origin


def _stamp(found: os.stat_result) -> tuple[int, int, int, int]:
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
