"""One line of a journal: written, read, judged. A journal is JSON Lines in UTF-8; the first line of a file is its header."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eventcoder.identity import canonical
from eventcoder.ledger.entry import Entry, content_fault
from eventcoder.problem import Problem

FORMAT = 2  # 2 is said only by files that hold what a reader of format 1 does not know: the others stay as they are, byte for byte
SUFFIX = ".jsonl"
_KEYS = {"id", "kind", "subject", "parents", "coder", "role", "time", "body"}
_SAFE = re.compile(r"[^a-z0-9._-]+")


def header_line(project: str, *, format: int = 1) -> str:
    """The first line of a file. Headers of all formats are equally long, so that one can be put in the place of another."""
    return canonical({"journal": format, "project": project}) + "\n"


def format_of(entry: Entry) -> int:
    """The journal format that a reader must know to read this entry."""
    if entry.kind in ("actor", "publisher", "place") and not entry.body.keys().isdisjoint(("status", "merged_into", "named")):
        return 2  # a reader of format 1 would use what was only proposed
    return 2 if entry.kind == "query" or (entry.kind == "act" and (entry.body.get("act") == "adjudicate" or "held" in entry.body)) else 1


def entry_line(entry: Entry) -> str:
    return canonical(entry.as_json()) + "\n"


def file_name(coder: str, month: str) -> str:
    """`<coder>-<YYYY-MM>.jsonl`. Names that are not plain lower-case ASCII get a short hash, so that two coders never share a file, not even
    where file names ignore case."""
    slug = _SAFE.sub("_", coder.lower()).strip(".")[:48]
    if slug != coder:
        slug = f"{slug or '_'}~{hashlib.sha256(coder.encode()).hexdigest()[:6]}"
    return f"{slug}-{month}{SUFFIX}"


def read_lines(path: Path) -> Iterator[tuple[str, Entry | dict[str, Any] | Problem]]:
    """Entries, headers (as dict) and problems of one file, in order, each with its place. Hashes are not checked here.

    Raises OSError. Codes: `journal-not-text`, `journal-not-json`, `journal-truncated`, `journal-entry-invalid`, `journal-newer-format`,
    `journal-empty`, `journal-header-missing` (warning).
    """
    number = 0
    headed = False
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            where = f"{path.name}, line {number}"
            data = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
            if not data.strip():
                continue
            item = _parsed(data, where)
            if isinstance(item, Problem):
                yield where, item
                if item.code in ("journal-not-text", "journal-newer-format"):
                    return
                continue
            if isinstance(item, dict):
                headed = True
            elif not headed:
                headed = True
                told = "The file has no header that names its project; its entries are taken as this project's."
                yield where, Problem("journal-header-missing", told, "warning", where=where)
            yield where, item
    if not number:
        yield path.name, Problem("journal-empty", "The file is empty. Restore it, or delete it.", where=path.name)


def _parsed(data: bytes, where: str) -> Entry | dict[str, Any] | Problem:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return Problem("journal-not-text", "This is not UTF-8 text, so not a journal. Restore the file.", where=where)
    try:
        raw = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        if text.startswith(("<<<<<<<", "=======", ">>>>>>>", "|||||||")):
            return Problem("journal-not-json", "A git merge was left unfinished here. Keep the lines of both sides, delete this one.", where=where)
        if not text.endswith("\n"):
            return Problem("journal-truncated", "The last line breaks off. Restore the file from git or from its coder.", where=where)
        return Problem("journal-not-json", f"This line is not a JSON entry ({error}). Restore the file from git.", where=where)
    if isinstance(raw, dict) and "journal" in raw:
        if not isinstance(raw["journal"], int) or raw["journal"] > FORMAT:
            return Problem("journal-newer-format", f"The journal has format {raw['journal']!r}; this eventcoder reads up to {FORMAT}. "
                           "Upgrade eventcoder.", where=where)  # fmt: skip
        return raw
    if not isinstance(raw, dict) or raw.keys() != _KEYS:
        return Problem("journal-entry-invalid", f"An entry has exactly the keys {', '.join(sorted(_KEYS))}. Restore the line.", where=where)
    entry_id = raw.pop("id")
    body = raw["body"]
    redacted = isinstance(body, dict) and raw["kind"] == "act" and "act" not in body  # a redacted act may keep nothing
    fault = content_fault({**raw, "kind": "draft"} if redacted else raw)
    if fault or not isinstance(entry_id, str):
        return Problem("journal-entry-invalid", f"This is no entry: {fault or 'its id is not a text'}. Restore the line.", where=where)
    return Entry(entry_id, raw["kind"], raw["subject"], tuple(raw["parents"]), raw["coder"], raw["role"], raw["time"], body)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, refused if it names a key twice (of which only the last would count, unseen)."""
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError("a key stands twice")
    return out
