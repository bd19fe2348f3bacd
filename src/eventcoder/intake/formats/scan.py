"""One look at every byte of a text input: is it UTF-8, what does it hold that is no text, what was lost. Floor 5.

All in one stream at the speed of the disk, because it stands before every import: chunks of plain ASCII, which most are, are only looked through.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

from eventcoder.intake.formats.origin import Origin

HEAD = 1 << 18  # bytes that detection looks at
_SAMPLE = 1 << 17  # bytes of lines that are not ASCII, from which an encoding is guessed
_ESCAPED = 50  # lines with a backslash before a quote that are looked at
_LONG_LINE = 100_000
_ESCAPE = b'\\"'
_STRAY = re.compile("[\udc80-\udcff]")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(slots=True)
class Scan:
    """What was seen. Offsets count bytes after unpacking; `marked` is the encoding of a byte order mark, `broken` says that it does not fit."""

    head: bytes = b""
    size: int = 0
    marked: str | None = None
    broken: str | None = None
    bad: int | None = None  # the first byte that is not UTF-8
    n_bad: int = 0
    n_multi: int = 0  # bytes that belong to characters of two bytes and more, beyond the first of each
    cut: bool = False  # the only fault is half a character at the end
    sample: bytearray = field(default_factory=bytearray)
    nul: int | None = None  # the first NUL byte
    n_nul: int = 0
    n_lost: int = 0  # U+FFFD
    escaped: list[bytes] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether `head` is the whole input."""
        return self.size <= len(self.head)


def mark(head: bytes) -> str | None:
    """The encoding whose byte order mark the bytes begin with."""
    return next((encoding for bom, encoding in _MARKS if head.startswith(bom)), None)


def scan(origin: Origin) -> Scan:
    """Read the input once. Raises `InputError` for what cannot be unpacked."""
    seen = Scan()
    reader = origin.open()
    decoder: codecs.IncrementalDecoder | None = None
    waiting = False  # the decoder holds half a character
    try:
        while data := reader.read():
            if not seen.size:
                seen.marked = mark(data)
                decoder = codecs.getincrementaldecoder(seen.marked or "utf-8")("strict" if seen.marked else "surrogateescape")
            if len(seen.head) < HEAD:
                seen.head += data[: HEAD - len(seen.head)]
            assert decoder is not None
            if seen.marked in ("utf-16", "utf-32"):
                _wide(seen, decoder, data, final=False)
            else:
                if waiting or not data.isascii():
                    text = decoder.decode(data)
                    waiting = bool(decoder.getstate()[0])
                    _counted(seen, text, data, seen.size)
                if b"\0" in data:
                    seen.nul = seen.size + data.index(0) if seen.nul is None else seen.nul
                    seen.n_nul += data.count(0)
                if len(seen.escaped) < _ESCAPED and _ESCAPE in data:
                    _escapes(seen, data)
            seen.size += len(data)
        if decoder is not None:
            if seen.marked in ("utf-16", "utf-32"):
                _wide(seen, decoder, b"", final=True)
            elif waiting:
                seen.cut = seen.bad is None
                _counted(seen, decoder.decode(b"", True), b"", seen.size)
    finally:
        reader.close()
    origin.check()
    return seen


def _wide(seen: Scan, decoder: codecs.IncrementalDecoder, data: bytes, final: bool) -> None:
    if seen.broken is not None:
        return
    try:
        text = decoder.decode(data, final)
    except UnicodeDecodeError as error:
        seen.broken = f"it begins with the mark of {seen.marked}, but about byte {seen.size + error.start} it does not fit that encoding"
        return
    seen.n_lost += text.count("\ufffd")


def _counted(seen: Scan, text: str, data: bytes, offset: int) -> None:
    seen.n_multi += max(0, len(data) - len(text))
    seen.n_lost += text.count("\ufffd")
    try:
        text.encode("utf-8")  # ten times faster than to look for what cannot be encoded
        return
    except UnicodeEncodeError:
        stray = _STRAY.search(text)
    if stray is None:
        return
    if seen.bad is None:
        seen.bad = offset + len(text[: stray.start()].encode("utf-8"))
    seen.n_bad += len(_STRAY.findall(text))
    if len(seen.sample) < _SAMPLE:
        for line in data.split(b"\n"):
            if not line.isascii():
                seen.sample += line[:_LONG_LINE] + b"\n"
                if len(seen.sample) >= _SAMPLE:
                    break


def _escapes(seen: Scan, data: bytes) -> None:
    place = data.find(_ESCAPE)
    while place >= 0 and len(seen.escaped) < _ESCAPED:
        start, end = data.rfind(b"\n", 0, place) + 1, data.find(b"\n", place)
        if end < 0:
            return  # cut off by the edge of the chunk: what it would have shown, others will
        if end - start < _LONG_LINE:
            seen.escaped.append(data[start:end])
        place = data.find(_ESCAPE, end)
