"""With which encoding a scanned input is to be read, and what its reader should be told of it. Floor 5.

Order: byte order mark, UTF-8, UTF-8 with a few bytes of Windows-1252 among it (files that were put together from several), then a guess by
charset-normalizer from lines that are not ASCII. A guess is always told, and must fit every byte of the file; Windows-1252, the commonest, is what
remains, its five undefined bytes read as the control characters that the checks of values refuse. No byte is ever dropped.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from eventcoder.documents.encoding import guess
from eventcoder.errors import InputError
from eventcoder.intake.formats.origin import Origin, Reader
from eventcoder.intake.formats.scan import Scan
from eventcoder.problem import Problem

_WESTERN = "eventcoder-western"  # our own error handler: a byte that does not fit is read as Windows-1252
_MIXED = 10  # so many times more bytes must belong to right UTF-8 before stray ones are taken for another encoding among it
_FEW_NULS = 1000  # one NUL in so many bytes is damage to a cell; more of them is no text
_BLOCK = 1 << 18  # bytes: measured fastest, and fits the processor's cache
_RUNS = re.compile(rb"[\x80-\xff]+")
_REMEDY = "Save it as CSV in UTF-8, as XLSX, or as JSON Lines."


@dataclass(frozen=True, slots=True)
class Charset:
    """An encoding and what to do with bytes that do not fit (a name of an error handler of Python's codecs)."""

    encoding: str
    errors: str = "strict"

    def texts(self, reader: Reader, size: int = _BLOCK) -> Iterator[str]:
        """The input as text, in blocks, without its byte order mark. Raises `UnicodeDecodeError`."""
        decoder = codecs.getincrementaldecoder(self.encoding)(self.errors)
        first = True
        while data := reader.read(size):
            if text := decoder.decode(data):
                if first:
                    text = text.removeprefix("\ufeff")
                    first = False
                yield text
        if text := decoder.decode(b"", True):
            yield text

    def beginning(self, seen: Scan) -> str:
        """The first bytes of an input as text; half a character is left out where more follows."""
        return codecs.getincrementaldecoder(self.encoding)(self.errors).decode(seen.head, seen.complete).removeprefix("\ufeff")


def choose_charset(seen: Scan, origin: Origin) -> tuple[Charset, list[Problem]]:
    """The encoding, and warnings. Raises `InputError` for what is not text."""
    name = origin.name
    if not seen.head.strip(b" \t\r\n\xef\xbb\xbf"):
        raise InputError(f"{name} cannot be read as a table: it is empty.", _REMEDY)
    if seen.broken:
        raise InputError(f"{name} cannot be read as a table: {seen.broken}.", _REMEDY)
    told: list[str] = []
    if seen.nul is not None and seen.marked not in ("utf-16", "utf-32"):
        if seen.n_nul * _FEW_NULS > seen.size:
            said = f"it holds NUL bytes (the first at byte {seen.nul}), so it is binary, damaged, or UTF-16 without its mark"
            raise InputError(f"{name} cannot be read as a table: {said}.", _REMEDY)
        told.append(f"it holds {seen.n_nul} NUL bytes (the first at byte {seen.nul}); the rows with them are refused")
    charset = Charset(seen.marked or "utf-8")
    if seen.bad is not None:
        charset, said = _guessed(seen, origin)
        told.append(said)
    if seen.n_lost:
        told.append(f"{seen.n_lost:,} characters were lost before this file was written (U+FFFD)")
    return charset, [Problem("table-encoding", f"{name}: {said}.", "warning", where=name) for said in told]


def _guessed(seen: Scan, origin: Origin) -> tuple[Charset, str]:
    if seen.cut:
        return Charset("utf-8", _WESTERN), f"it ends in the middle of a character (byte {seen.bad}): it seems to be cut off"
    if seen.marked or seen.n_multi >= _MIXED * seen.n_bad:
        said = f"{seen.n_bad:,} bytes are not UTF-8 (the first is byte {seen.bad}) and were read as Windows-1252; the rest is UTF-8"
        return Charset("utf-8", _WESTERN), said
    sample = bytes(seen.sample)
    encoding = guess(sample)
    if encoding is not None and _single_letters(sample) and len(sample.decode(encoding, "replace")) < len(sample):
        encoding = "cp1252"  # letters among plain ones are not the halves of signs of East Asia
    charset = Charset("cp1252", _WESTERN)
    if encoding not in (None, "cp1252") and _fits(Charset(str(encoding)), origin):
        charset = Charset(str(encoding))
    return charset, f"decoded as {charset.encoding}: a guess, because it is not UTF-8 (byte {seen.bad})"


def _single_letters(sample: bytes) -> bool:
    runs = _RUNS.findall(sample)
    return sum(len(run) == 1 for run in runs) > 0.9 * len(runs)


def _fits(charset: Charset, origin: Origin) -> bool:
    reader = origin.open()
    try:
        for _ in charset.texts(reader):
            pass
    except (UnicodeDecodeError, LookupError):
        return False
    finally:
        reader.close()
    return True


def _western(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    stray = error.object[error.start : error.end]
    return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in stray), error.end


codecs.register_error(_WESTERN, _western)
