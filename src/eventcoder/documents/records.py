"""Files of many articles -> one record each: JSON, JSON Lines, CSV. Floor 2."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from eventcoder.documents.delimited import BadTable, read_table
from eventcoder.documents.metadata import KEYS, canonical_key

WRAPPERS = ("articles", "documents", "items", "results", "data", "records")  # {"articles": [...]}, as services answer


@dataclass(frozen=True, slots=True)
class Record:
    """One article's text and raw metadata, or `fault` (code, message) in its place. `label` names the row ("line 12"), "" for the file."""

    label: str
    extractor: str
    text: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)
    fault: tuple[str, str] | None = None


def rows_of(text: str, suffix: str) -> Iterator[Record]:
    """The records of a file with this suffix (`.json`, `.jsonl`, `.ndjson`, `.csv`, `.tsv`)."""
    if suffix == ".json":
        yield from _json(text)
    elif suffix in (".jsonl", ".ndjson"):
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield _line(f"line {number}", line)
    else:
        yield from _csv(text)


def _line(label: str, line: str) -> Record:
    try:
        return _record(label, json.loads(line), "jsonl")
    except (ValueError, RecursionError) as error:
        return Record(label, "jsonl", fault=("document-format", _not_json(error)))


def _not_json(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else f"it is not JSON ({error})"


def _json(text: str) -> Iterator[Record]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        yield Record("", "json", fault=("document-format", _not_json(error)))
        return
    if isinstance(value, dict) and _text_key(value) is None:
        value = next((value[w] for w in WRAPPERS if isinstance(value.get(w), list)), value)
    if not isinstance(value, list):
        yield _record("", value, "json")
        return
    if not value:
        yield Record("", "json", fault=("document-empty", "its list is empty"))
    for number, item in enumerate(value, 1):
        yield _record(f"item {number}", item, "json")


def _record(label: str, value: Any, extractor: str) -> Record:
    if not isinstance(value, dict):
        return Record(label, extractor, fault=("document-format", f"it is {type(value).__name__}, not an object with the article's fields"))
    key = _text_key(value)
    if key is None:
        return Record(label, extractor, fault=("document-format", f"it has no text; name the field {', '.join(KEYS['text'].split()[:4])}"))
    text = value[key]
    if isinstance(text, list) and all(isinstance(part, str) for part in text):
        text = "\n\n".join(text)
    if not isinstance(text, str):
        return Record(label, extractor, fault=("document-format", f"its '{key}' is not a text"))
    return Record(label, extractor, text, {k: v for k, v in value.items() if k != key})


def _text_key(value: Mapping[str, Any]) -> str | None:
    found = [k for k, v in value.items() if canonical_key(k) == "text" and v not in (None, "")]
    order = KEYS["text"].split()
    return min(found, key=lambda k: order.index(k.strip().casefold().replace(" ", "_").replace("-", "_")), default=None)


def _csv(text: str) -> Iterator[Record]:
    try:
        table = read_table(text)
    except BadTable as error:
        yield Record("", "csv", fault=("document-format", str(error)))
        return
    if not any(canonical_key(name) == "text" for name in table.header):
        said = f"none of its columns ({', '.join(table.header)[:200]}) holds the text; name it {', '.join(KEYS['text'].split()[:4])}"
        yield Record("", "csv", fault=("document-format", said))
        return
    if not table.rows and table.broken is None:
        yield Record("", "csv", fault=("document-empty", "it has a header and no rows"))
    for row in table.rows:
        label = f"line {row.line}"
        if row.fault is not None:
            cut = "; the file seems to be cut off" if row.fault == "row-truncated" else ""
            said = f"it has {len(row.cells)} cells where the header has {len(table.header)}{cut}"
            yield Record(label, "csv", fault=("document-format", said))
        else:
            yield _record(label, dict(zip(table.header, row.cells, strict=True)), "csv")
    if table.broken is not None:
        line, why = table.broken
        yield Record(f"line {line}", "csv", fault=("document-format", f"reading stopped here ({why}); nothing after it was read"))
