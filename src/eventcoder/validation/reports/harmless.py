"""Values from files made harmless for a terminal, a log, a page: what would act or hide is shown as an escape instead. Floor 4.

Control characters move the cursor and recolour the screen, bidirectional marks turn words around, tag characters hide text. All of them are shown
as `\\x1b`, `\\u202e` and so on; letters, combining signs and the joiners that Persian and Hindi are written with stay as they are.
"""

from __future__ import annotations

import re

# C0 and C1 controls, Arabic letter mark, zero width space and direction marks, line and paragraph separators, embeddings, overrides, isolates
# and invisible operators, byte order mark, interlinear signs, halves of characters, noncharacters, tags.
_ACTING = "\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\ufffe\\uffff\\ud800-\\udfff"
_HARMFUL = re.compile(f"[{_ACTING}\U000e0000-\U000e007f]")
_WITHIN_JSON = re.compile(f"[\\x7f-\\x9f{_ACTING.partition('9f')[2]}\U000e0000-\U000e007f]")


def harmless(text: str, *, lines: bool = False) -> str:
    """The text with an escape in place of every sign that acts or hides; line breaks stay where `lines` is set."""
    return _HARMFUL.sub(lambda found: found.group() if lines and found.group() == "\n" else _escape(found.group()), text)


def harmless_json(text: str) -> str:
    """JSON text that means the same and shows the same signs as JSON's own escapes (they can stand nowhere but inside its texts)."""
    return _WITHIN_JSON.sub(lambda found: "".join(f"\\u{unit:04x}" for unit in _units(found.group())), text)


def _escape(sign: str) -> str:
    if sign in "\n\t\r":
        return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}[sign]
    code = ord(sign)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _units(sign: str) -> list[int]:
    """Its UTF-16 units."""
    data = sign.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2)]
