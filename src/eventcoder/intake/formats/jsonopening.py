"""Whether a text is JSON, and of which kind: a document, lines of objects, or GeoJSON. Floor 5."""

from __future__ import annotations

import re
from pathlib import PurePath

from eventcoder.intake.formats.charset import Charset
from eventcoder.intake.formats.geojson import GeoJsonSheet
from eventcoder.intake.formats.jsondocument import JsonSheet, read_document
from eventcoder.intake.formats.jsonlines import JsonLinesSheet
from eventcoder.intake.formats.jsonvalue import DECODER
from eventcoder.intake.formats.origin import Origin
from eventcoder.intake.formats.scan import Scan
from eventcoder.intake.formats.sheet import Sheet
from eventcoder.problem import Problem

_LINES = (".jsonl", ".ndjson")
_NAMED = (".json", ".geojson", *_LINES)
_PACKED = (".gz", ".gzip", ".zst", ".zstd", ".zip")
_LIST = re.compile(r"\[\s*[\]{]")  # a CSV may begin with "[", but not with an object in it


def is_json(text: str, name: str) -> bool:
    """By its beginning, or else by the file's name."""
    text = text.lstrip()
    return text.startswith("{") or _LIST.match(text) is not None or _suffix(name) in _NAMED


def open_json(origin: Origin, charset: Charset, seen: Scan, notes: list[Problem]) -> Sheet:
    """Raises `InputError` for what is not JSON, or holds no objects."""
    if _is_lines(charset.beginning(seen).lstrip(), origin.name, seen.complete):
        return JsonLinesSheet(origin, charset, notes)
    document = read_document(origin, charset, seen.size)
    collection = document.members.get("type") == "FeatureCollection"
    return GeoJsonSheet(origin, document, notes) if collection else JsonSheet(origin, document, notes)


def _is_lines(text: str, name: str, complete: bool) -> bool:
    by_name = _suffix(name) in _LINES
    if not text.startswith("{"):
        return by_name and not text.startswith("[")
    line, _, rest = text.partition("\n")
    try:
        first = DECODER.decode(line.strip())
    except (ValueError, RecursionError):
        return by_name
    if rest.strip() or not complete:
        return True
    # One object on one line: a single row, unless it is built around a list of others, or (going by its name) around anything.
    values = list(first.values())
    if any(isinstance(value, list) and value and all(isinstance(item, dict) for item in value) for value in values):
        return False
    return by_name or not any(isinstance(value, dict) or value == [] for value in values)


def _suffix(name: str) -> str:
    """The name's suffix, before that of its packing."""
    path = PurePath(name.lower())
    return PurePath(path.stem).suffix if path.suffix in _PACKED else path.suffix
