"""Identity: canonical JSON, content hashes, event ids. Floor 0.

`event_id` is opaque: 12 characters of Crockford's base 32 without look-alikes (no i, l, o, u), the first a letter so that no spreadsheet
reads it as a number or as 1e5. It is never reused and says nothing of country or date (both may be corrected).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LETTERS = "abcdfghjkmnpqrstvwxyz"  # without e: "1e5" is a number to a spreadsheet; digits may follow the first letter only
EVENT_ID_LENGTH = 12
_PAIRS = tuple(ALPHABET[n % 32] + ALPHABET[n // 32] for n in range(1024))  # two digits at a time: a million ids are made in an import
_ID_BASE = 10**9  # ACLED's own running numbers stay far below: an id that we assign cannot meet a real one
_CANONICAL = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
)  # made once: dumps() would each time


def canonical(value: Any) -> str:
    """JSON with sorted keys, no spaces, UTF-8 kept: the same value always gives the same text. NaN and infinity raise ValueError."""
    return _CANONICAL.encode(value)


def digest(value: Any) -> str:
    """sha256 (hex) of the canonical JSON of `value`, or of `value` itself if it is bytes."""
    data = value if isinstance(value, bytes) else canonical(value).encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()


def event_id_from(seed: bytes) -> str:
    """The event id that 16 or more bytes of randomness (or of a hash, for repeatable imports) stand for."""
    number, first = divmod(int.from_bytes(hashlib.sha256(seed).digest()[:10], "big"), len(LETTERS))
    return (
        LETTERS[first]
        + _PAIRS[number & 1023]
        + _PAIRS[number >> 10 & 1023]
        + _PAIRS[number >> 20 & 1023]
        + _PAIRS[number >> 30 & 1023]
        + _PAIRS[number >> 40 & 1023]
        + ALPHABET[number >> 50 & 31]
    )


def new_event_id() -> str:
    """A fresh random event id (about 59 bits)."""
    return event_id_from(secrets.token_bytes(16))


def assigned_event_id_cnty(prefix: str, event_id: str) -> str:
    """`event_id_cnty` for an event that came without one: the country's prefix and a number of at least 10 digits made from `event_id`."""
    number = int.from_bytes(hashlib.sha256(event_id.encode()).digest()[:6], "big") % (9 * 10**11)
    return f"{prefix}{_ID_BASE + number}"
