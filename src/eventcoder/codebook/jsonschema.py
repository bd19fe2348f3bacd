"""The JSON Schema of one event, derived from the codebook; `schema/event.schema.json` is its copy (a test keeps it true).

`python -m eventcoder.codebook.jsonschema` writes that copy for the project's own codebook.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from eventcoder.codebook.columns import Column
from eventcoder.codebook.schema import Codebook

SCHEMA_FILE = "event.schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = {"string": "string", "text": "string", "date": "string", "integer": "integer", "number": "number", "boolean": "boolean", "list": "array"}


def event_json_schema(codebook: Codebook) -> dict[str, Any]:
    """The schema of an event as JSON: every column may be null or absent (an open event has gaps); `x-required` names what settling needs."""
    return {
        "$schema": DIALECT,
        "$id": f"urn:eventcoder:codebook:{codebook.id}:{codebook.version}:event",
        "title": f"Event, {codebook.title}",
        "type": "object",
        "additionalProperties": False,
        "properties": {column.name: property_schema(codebook, column) for column in codebook.columns},
        "x-required": [column.name for column in codebook.columns if column.required],
    }


def property_schema(codebook: Codebook, column: Column) -> dict[str, Any]:
    """The schema of one column's value."""
    kind = _TYPES[column.type]
    out: dict[str, Any] = {"title": column.label or column.name, "description": column.description, "type": [kind, "null"]}
    value = out
    if column.type == "list":
        out["type"] = "array"
        value = out["items"] = {"type": "string"}
    if column.type == "date":
        out["format"] = "date"
    if column.kind in ("text", "list"):
        value["maxLength"] = column.longest
    if column.pattern:
        value["pattern"] = column.pattern
    if column.list:
        codes: list[Any] = list(codebook.lists[column.list].codes)
        if column.type == "integer":
            codes = [int(code) for code in codes]
        value["enum"] = codes if column.type == "list" else [*codes, None]
    if column.type in ("integer", "number"):
        out.update({key: bound for key, bound in (("minimum", column.min), ("maximum", column.max)) if bound is not None})
    out.update({f"x-{key}": text for key, text in (("unit", column.unit), ("entered", column.entered), ("codes", column.list)) if text})
    return out


def write_event_schema(schema_dir: Path) -> Path:
    """Write `event.schema.json` beside the codebook it is derived from; the path. Raises `CodebookError` for a broken codebook."""
    path = schema_dir / SCHEMA_FILE
    path.write_text(event_schema_text(schema_dir), "utf-8", newline="\n")
    return path


def event_schema_text(schema_dir: Path) -> str:
    """What `event.schema.json` of the codebook in `schema_dir` must hold, to the byte. Raises `CodebookError` for a broken codebook."""
    from eventcoder.codebook import load_codebook

    return schema_text(load_codebook(schema_dir))


def schema_text(codebook: Codebook) -> str:
    """The file's text."""
    return json.dumps(event_json_schema(codebook), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    from eventcoder.project import packaged_schema

    write_event_schema(Path(sys.argv[1]) if len(sys.argv) > 1 else packaged_schema())
