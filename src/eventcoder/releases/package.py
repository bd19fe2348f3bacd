"""The descriptor: `datapackage.json` as a valid Data Package v2, with our block, and SHA256SUMS. Floor 6."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa

from eventcoder.codebook import Codebook
from eventcoder.codebook.tableschema import table_schema as codebook_schema
from eventcoder.dataset.schemas import EVENTS, SIDE_SCHEMAS, describe
from eventcoder.project import Settings
from eventcoder.releases.layout import CHECKSUMS, MANIFEST
from eventcoder.releases.manifest import FileFacts, Manifest

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
MEDIA = {
    "parquet": "application/vnd.apache.parquet", "csv": "text/csv", "json": "application/json", "html": "text/html", "md": "text/markdown",
    "cff": "text/yaml", "toml": "application/toml",
}  # fmt: skip
LICENCES = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC-BY-NC-4.0": "https://creativecommons.org/licenses/by-nc/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "ODbL-1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
    "ODC-By-1.0": "https://opendatacommons.org/licenses/by/1-0/",
}
# "parquet" makes frictionless guess a schema, over which it stumbles at lists; under this name it checks size and hash, and readers go by the ending
_FORMATS = {"parquet": "Parquet"}
_SAME = {"string": ("string", "text"), "integer": ("integer",), "number": ("number",), "boolean": ("boolean",), "date": ("date",)}
# bytes read at once: after each piece the thread waits for the interpreter, which an importing thread gives up every 5 ms at best
_BLOCK = 1 << 24


def file_facts(path: Path, rows: int | None = None) -> FileFacts:
    """Hash and size of a file, read in pieces."""
    found = hashlib.sha256()
    size = 0
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            found.update(block)
            size += len(block)
    return FileFacts(sha256=found.hexdigest(), bytes=size, rows=rows)


def facts_of(paths: Sequence[Path], rows: Sequence[int | None]) -> list[FileFacts]:
    """`file_facts` of many files, several at a time (hashing does not hold up other threads)."""
    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(file_facts, paths, rows))


def all_files(folder: Path) -> list[str]:
    """Relative names of everything in a release folder that is not a folder, sorted; links are named, not followed."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_symlink() or not p.is_dir())


def descriptor(
    manifest: Manifest, settings: Settings, csv_schemas: Mapping[str, pa.Schema], description: str, codebook: Codebook | None = None
) -> dict[str, Any]:
    """The Data Package: one resource a file, a Table Schema for every CSV file named in `csv_schemas` (file name -> schema of the table).

    With `codebook` the events' fields say what it demands of them (required, codes, bounds), and tables of events refer to the events.
    """
    resources = [_resource(name, facts, csv_schemas.get(name), codebook) for name, facts in sorted(manifest.files.items())]
    licence: dict[str, str] = {"name": settings.licence}
    if settings.licence in LICENCES:
        licence["path"] = LICENCES[settings.licence]
    package: dict[str, Any] = {
        "$schema": PROFILE,
        "name": _slug(settings.id),
        "title": settings.title,
        "description": description,
        "version": manifest.version,
        "created": manifest.created,
        "licenses": [licence],
        "resources": resources,
        "eventcoder": manifest.model_dump(mode="json"),
    }
    if settings.url:
        package["homepage"] = settings.url
    if settings.authors:
        package["contributors"] = [{"title": a, "roles": ["creator"]} for a in settings.authors]
    if settings.keywords:
        package["keywords"] = list(settings.keywords)
    if settings.doi:
        package["id"] = f"https://doi.org/{settings.doi}"
    return package


def write_descriptor(folder: Path, package: Mapping[str, Any], manifest: Manifest) -> str:
    """Write the descriptor that holds this manifest, and the checksums of everything; the descriptor's sha256."""
    text = json.dumps(package, ensure_ascii=False, indent=2) + "\n"
    (folder / MANIFEST).write_text(text, "utf-8", newline="\n")
    known = {name: facts.sha256 for name, facts in manifest.files.items()}
    (folder / CHECKSUMS).write_text(checksums(folder, known), "utf-8", newline="\n")
    return hashlib.sha256(text.encode()).hexdigest()


def checksums(folder: Path, known: Mapping[str, str] | None = None) -> str:
    """What SHA256SUMS must say, in the form of `sha256sum`; `known` saves hashing files twice."""
    known = known or {}
    return "".join(f"{known.get(n) or file_facts(folder / n).sha256}  {n}\n" for n in all_files(folder) if n != CHECKSUMS)


def table_schema(schema: pa.Schema, name: str, codebook: Codebook | None = None) -> dict[str, Any]:
    """The Table Schema of a CSV file made from a table of this schema; with `codebook` also what must hold of its values."""
    demands = {field["name"]: field for field in codebook_schema(codebook)["fields"]} if codebook is not None and name == f"{EVENTS}.csv" else {}
    fields = []
    for field in schema:
        told = demands.get(field.name, {})
        listed = pa.types.is_list(field.type)
        entry: dict[str, Any] = {
            "name": field.name,
            "title": told.get("title"),
            "type": type_name(field.type),
            "description": describe(schema, field.name),
        }
        if listed:
            entry["description"] = (entry["description"] + " Items are joined by '; '.").strip()
        elif told.get("type") in _SAME.get(entry["type"], ()):
            entry["constraints"] = told.get("constraints")
        entry["unit"] = told.get("unit")
        fields.append({k: v for k, v in entry.items() if v})
    out: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if name == f"{EVENTS}.csv":
        out["primaryKey"] = ["event_id"]
    elif codebook is not None and name.removesuffix(".csv") in SIDE_SCHEMAS and "event_id" in schema.names:
        out["foreignKeys"] = [{"fields": ["event_id"], "reference": {"resource": f"{EVENTS}.csv", "fields": ["event_id"]}}]
    return out


def _resource(name: str, facts: FileFacts, schema: pa.Schema | None, codebook: Codebook | None) -> dict[str, Any]:
    kind = name.rsplit(".", 1)[-1] if "." in name else "txt"
    entry: dict[str, Any] = {
        "name": name.lower(),
        "path": name,
        "format": _FORMATS.get(kind, kind),
        "mediatype": MEDIA.get(kind, "text/plain"),
        "bytes": facts.bytes,
        "hash": f"sha256:{facts.sha256}",
    }
    if kind != "parquet":
        entry["encoding"] = "utf-8"
    if schema is not None:
        entry["type"] = "table"
        entry["schema"] = table_schema(schema, name, codebook)
    return entry


def type_name(kind: pa.DataType) -> str:
    """What a Table Schema calls a type; a list is a text in CSV."""
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_floating(kind):
        return "number"
    if pa.types.is_boolean(kind):
        return "boolean"
    return "date" if pa.types.is_date(kind) else "string"


def _slug(text: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in text.lower()).strip("-") or "dataset"
