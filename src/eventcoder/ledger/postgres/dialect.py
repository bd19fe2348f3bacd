"""SQL as it is written above the stores, made what PostgreSQL reads: `?` becomes `$1`, `$2`, ... but inside quotes. Floor 2."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import count

_PIECE = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\?")


@lru_cache(maxsize=2000)
def numbered(sql: str) -> str:
    """The statement with numbered parameters."""
    numbers = count(1)
    return _PIECE.sub(lambda found: f"${next(numbers)}" if found[0] == "?" else found[0], sql)
