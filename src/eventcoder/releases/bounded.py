"""Files of others, opened so that none of them can hang, lead elsewhere or fill the memory. Floor 6.

A release comes from a stranger until it is checked. Small files are read here: plain files only (no links, pipes, devices), never more than a bound,
JSON without repeated keys. `parquetfile` and `csvfile` do the same for tables. Every bound leaves room for a release of ten million events; each
stands here with its reason.
"""

from __future__ import annotations

import json
import os
import stat
from collections import Counter
from pathlib import Path
from typing import Any, Literal

from eventcoder.errors import ReleaseError

Kind = Literal["file", "folder", "link", "other", "absent"]
AGAIN = "Fetch the release again."

LARGEST_FILE = 64 << 30  # bytes; events.csv of ten million events has about 10 GB, and hashing more than this takes minutes
LARGEST_JSON = 64 << 20  # bytes; validation.json, versions.json: a tenth of a megabyte, and grows with codes and versions, not with events
LARGEST_SUMS = 4 << 20  # bytes; a line a file
LARGEST_CODEBOOK = 64 << 20  # bytes of all its files together; ours has 0.3 MB
LARGEST_RETRACTED = 2 << 30  # bytes of retracted.csv, which is read whole: some ten million withdrawn events
MOST_FILES = 5_000  # a release has about sixty files and its lists; more are named by their number


def kind_of(path: Path) -> Kind:
    """What lies there; links are told, not followed. Raises `ReleaseError` where the system does not say."""
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "absent"
    except OSError as error:
        raise ReleaseError(f"{path} cannot be read: {error.strerror}.", "Look at its permissions, and at those of the folder around it.") from None
    if stat.S_ISLNK(mode):
        return "link"
    return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "other"


def read_bytes(path: Path, most: int) -> bytes:
    """A small file, whole. Raises `ReleaseError` if it is absent, no plain file, larger than `most` bytes or cannot be read."""
    kind = kind_of(path)
    if kind != "file":
        what = {"absent": "is missing", "link": "is a link", "folder": "is a folder"}.get(kind, "is no plain file")
        raise ReleaseError(f"{path} {what}.", AGAIN)
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise ReleaseError(f"{path} cannot be read: {error.strerror}.", "Look at its permissions.") from None
    if len(data) > most:
        raise ReleaseError(f"{path} is larger than such a file can be ({most:,} bytes).", AGAIN)
    return data


def strict_json(data: bytes | str, where: str, remedy: str = AGAIN) -> Any:
    """JSON without repeated keys and without NaN. Raises `ReleaseError`.

    Programs take the first or the last of two equal keys: two readers of one manifest would read different ones.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
            raise ValueError(f"the key {twice[:40]!r} stands twice")
        return found

    def no_number(text: str) -> Any:
        raise ValueError(f"{text} is no JSON")

    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data  # json alone would also take UTF-16
        return json.loads(text, object_pairs_hook=once, parse_constant=no_number)
    except (ValueError, RecursionError) as error:  # ValueError: syntax, encoding, numbers of thousands of digits
        told = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]
        raise ReleaseError(f"{where} is not JSON: {told}.", remedy) from None
