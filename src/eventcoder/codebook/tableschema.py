"""The events' Table Schema (Data Package v2), derived from the columns: what a release's descriptor says about `events.*`."""

from __future__ import annotations

from typing import Any

from eventcoder.codebook.schema import Codebook

_TYPES = {"string": "string", "text": "string", "date": "date", "integer": "integer", "number": "number", "boolean": "boolean", "list": "list"}


def table_schema(codebook: Codebook) -> dict[str, Any]:
    """A Table Schema descriptor. `required` is set on the columns that every settled event has; lists are separated by "; "."""
    fields: list[dict[str, Any]] = []
    for column in codebook.columns:
        field: dict[str, Any] = {"name": column.name, "title": column.label or column.name, "type": _TYPES[column.type]}
        field["description"] = column.description
        if column.type == "list":
            field |= {"delimiter": "; ", "itemType": "string"}
        constraints: dict[str, Any] = {}
        if column.required:
            constraints["required"] = True
        if column.name == "event_id":
            constraints |= {"required": True, "unique": True}
        if column.pattern and column.type != "list":
            constraints["pattern"] = column.pattern
        if column.list and column.type != "list":
            codes = codebook.lists[column.list].codes
            constraints["enum"] = [int(code) for code in codes] if column.type == "integer" else list(codes)
        constraints.update({key: bound for key, bound in (("minimum", column.min), ("maximum", column.max)) if bound is not None})
        if constraints:
            field["constraints"] = constraints
        if column.unit:
            field["unit"] = column.unit
        fields.append(field)
    return {"fields": fields, "primaryKey": ["event_id"], "missingValues": [""]}
