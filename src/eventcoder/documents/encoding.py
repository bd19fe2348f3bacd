"""Bytes to text: which encoding, and whether an earlier wrong guess can be undone. Floor 2.

Order: byte order mark, strict UTF-8, the charset that the file declares (HTML), then a guess by charset-normalizer that is always reported.
Mojibake (UTF-8 that somebody once read as Windows-1252: "donâ€™t") is repaired only where the round trip is certain: the whole text goes back to
Windows-1252 bytes, these are valid UTF-8, and no tell-tale sequence remains. Anything less is reported and left as it is.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = {
    b"%PDF": "a PDF file",
    b"PK\x03\x04": "a ZIP archive (as .docx, .xlsx and .odt files are)",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"{\\rtf": "an RTF file",
    b"\x1f\x8b": "a gzip file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"SQLite format 3": "a SQLite database",
    b"PAR1": "a Parquet file",
}
# Windows-1252 leaves five bytes undefined; programs that made the mojibake passed them through as control characters.
_C1252 = {bytes([b]).decode("cp1252", "ignore") or chr(b): b for b in range(256)}
_CONTINUATION = "".join(re.escape(c) for c, b in _C1252.items() if 0x80 <= b <= 0xBF)
_TELLTALE = re.compile(
    f"[\u00c3\u00c2\u00d0\u00d1\u00d8\u00d9\u00da\u00db\u00c4\u00c5\u00ce\u00cf\u00d7][{_CONTINUATION}]"
    f"|[\u00e0-\u00ef][{_CONTINUATION}]{{2}}|\u00f0[{_CONTINUATION}]{{3}}"
)
# Signs at the edge of or inside a word where Windows-1252 has no letter, and letters of Icelandic that are Turkish ones in its own encoding.
_NOT_WESTERN = re.compile(
    "[A-Za-z][^\x00-\x7f\\w\u2018\u2019\u201c\u201d\u2013\u2014\u2026\xb7\xa0\xbb][A-Za-z]|[\xa5\xb9\xb3\xbc\xbe\xd0\xf0\xde\xfe\xdd\xfd]"
)
FEW = 20  # non-ASCII bytes below which statistics of letters say little
_REPLACEMENT = "\ufffd"
MAX_ROUNDS = 3  # text that went through the wrong door more often is beyond certain repair


class Undecodable(ValueError):
    """Bytes that are no text. `code` is the problem's code, the message says what they are."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the encoding it was read with, what was mended (`repairs`) and what the reader should be warned of (`warnings`)."""

    text: str
    encoding: str
    repairs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def garbled(self) -> str | None:
        """What to say if the text still looks like mojibake."""
        return garbled(self.text)


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Decode the bytes of a text file. `declared` is a charset that the file names itself (tried after UTF-8).

    Raises `Undecodable` with code `document-empty`, `document-binary` or `document-encoding`.
    """
    if not data.strip():
        raise Undecodable("document-empty", "it is empty")
    for magic, what in _MAGIC.items():
        if data.startswith(magic):
            raise Undecodable("document-binary", f"it is {what}, not text")
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return _mend(data.decode(encoding), encoding.removesuffix("-sig"))
            except UnicodeDecodeError as error:
                said = f"it begins with the mark of {encoding}, but byte {error.start} does not fit that encoding"
                raise Undecodable("document-encoding", said) from None
    if b"\x00" in data:
        said = f"it holds NUL bytes (the first at byte {data.index(0)}), so it is binary, damaged, or UTF-16 without its mark"
        raise Undecodable("document-binary", said)
    try:
        return _mend(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        bad = error.start
    if declared:
        try:
            return _mend(data.decode(declared), codecs.lookup(declared).name)
        except (UnicodeDecodeError, LookupError):
            pass  # a wrong declaration is common; the guess below is reported in its place
    return _guess(data, bad)


def _guess(data: bytes, bad: int) -> Decoded:
    encoding = guess(data)
    if encoding is None:
        raise Undecodable("document-encoding", f"it is not UTF-8 (byte {bad}) and no other encoding fits")
    if encoding == "cp1252" and (mixed := _side_by_side(data)) is not None:
        text, number = mixed
        told = f"it holds UTF-8 and Windows-1252 side by side: {number} bytes that are no UTF-8 were read as Windows-1252"
        return Decoded(text, "utf-8", (told,), (told,))
    decoded = _mend(data.decode(encoding), encoding)
    said = f"decoded as {encoding}: a guess, because it is not UTF-8 (byte {bad})"
    return Decoded(decoded.text, encoding, (said, *decoded.repairs), (said, *decoded.warnings))


def _side_by_side(data: bytes) -> tuple[str, int] | None:
    """Text pasted together from two encodings: each piece in its own, and how many bytes were Windows-1252; None where there is no UTF-8 in it.

    Bytes that make a letter of UTF-8 hardly ever make sense as two or three signs of Windows-1252; a single one among many stray bytes may.
    """
    text = data.decode("utf-8", "surrogateescape")
    stray = [ord(c) - 0xDC00 for c in text if "\udc80" <= c <= "\udcff"]
    whole = sum(c > "\x7f" for c in text) - len(stray)
    if not whole or 4 * whole < len(stray) or any(chr(b) in _C1252 for b in stray if 0x80 <= b < 0xA0):
        return None
    own = {0xDC00 + b: bytes([b]).decode("cp1252", "replace") for b in stray}
    return text.translate(own), len(stray)


def guess(data: bytes) -> str | None:
    """The likeliest encoding of bytes that are not UTF-8 (Python's name of it); None if none fits."""
    from charset_normalizer import from_bytes

    matches = from_bytes(data)
    best = matches.best()
    if best is None:
        return None
    # Single-byte encodings of Latin script differ in few characters, and short texts cannot tell them apart: the commonest one wins a draw.
    draw = any("cp1252" in (m.encoding, *m.could_be_from_charset) and m.chaos <= best.chaos and m.coherence >= best.coherence for m in matches)
    if draw or (sum(b >= 0x80 for b in data) < FEW and _reads_as_western(data, data.decode(best.encoding))):
        return "cp1252"
    return best.encoding


def _reads_as_western(data: bytes, guessed: str) -> bool:
    """Whether bytes that were taken for another encoding of Latin script make words as Windows-1252 too.

    Letters of Polish or Czech become signs inside words there, those of Turkish letters that only Icelandic has: such texts are left to the guess.
    """
    if any(c.isalpha() and not unicodedata.name(c, "").startswith("LATIN") for c in guessed):
        return False
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return False
    return not _NOT_WESTERN.search(text)


def _mend(text: str, encoding: str) -> Decoded:
    mended, rounds = unscramble(text)
    repairs: tuple[str, ...] = ()
    warnings: list[str] = []
    if rounds:
        count = len(_TELLTALE.findall(text))
        repairs = (f"mojibake undone: UTF-8 had been read as Windows-1252 {'once' if rounds == 1 else f'{rounds} times'} ({count} places)",)
    if _REPLACEMENT in mended:
        warnings.append(f"{mended.count(_REPLACEMENT)} characters were lost before this file was written (U+FFFD)")
    return Decoded(mended, encoding, repairs, tuple(warnings))


def garbled(text: str) -> str | None:
    """What to say of mojibake that is not certain enough to be undone; None if there is none."""
    left = _TELLTALE.findall(text)
    return f"{len(left)} places look like UTF-8 read as Windows-1252 (the first: {left[0]!r}); they are left as they are" if left else None


def unscramble(text: str) -> tuple[str, int]:
    """Undo mojibake where that is certain; the text and how many rounds it took (0: untouched)."""
    rounds = 0
    current = text
    while rounds < MAX_ROUNDS and _TELLTALE.search(current):
        try:
            data = bytes(_C1252[c] for c in current)
            current = data.decode("utf-8")
        except (KeyError, UnicodeDecodeError):
            break
        rounds += 1
    if rounds and _TELLTALE.search(current):
        return text, 0
    return current, rounds
