"""`croissant.json`: the release as Croissant 1.1 describes data sets, so that machine-learning tools load its tables by name. Floor 6.

Each table is a record set that reads its Parquet file (which keeps types and lists); the CSV files stand in the distribution beside it. Files are
named relative to this one, so that a copy of the folder works wherever it lies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from eventcoder.dataset.schemas import EVENTS, describe
from eventcoder.project import Settings
from eventcoder.releases.manifest import FileFacts
from eventcoder.releases.package import LICENCES, MEDIA
from eventcoder.releases.papers.deposit import person

SPECIFICATION = "http://mlcommons.org/croissant/1.1"
# The context that the specification asks for, word for word: tools compare it.
CONTEXT: dict[str, Any] = {
    "@language": "en", "@vocab": "https://schema.org/", "arrayShape": "cr:arrayShape", "citeAs": "cr:citeAs", "column": "cr:column",
    "conformsTo": "dct:conformsTo", "containedIn": "cr:containedIn", "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/", "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"}, "dct": "http://purl.org/dc/terms/", "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty", "examples": {"@id": "cr:examples", "@type": "@json"}, "extract": "cr:extract",
    "field": "cr:field", "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject", "fileSet": "cr:fileSet", "format": "cr:format",
    "includes": "cr:includes", "isArray": "cr:isArray", "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key",
    "md5": "cr:md5", "name": {"@container": "@language"}, "parentField": "cr:parentField", "path": "cr:path", "recordSet": "cr:recordSet",
    "references": "cr:references", "regex": "cr:regex", "repeated": "cr:repeated", "replace": "cr:replace", "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/", "separator": "cr:separator", "source": "cr:source", "subField": "cr:subField", "transform": "cr:transform",
}  # fmt: skip


def croissant(
    settings: Settings,
    *,
    version: str,
    created: str,
    citation: str,
    description: str,
    files: Mapping[str, FileFacts],
    tables: Mapping[str, tuple[pa.Schema, str]],
    candidate: bool = False,
) -> dict[str, Any]:
    """The description. `files` are those of the distribution with their hashes; `tables` schemas and what a row is, by name; each must have its
    Parquet file among the files. A `candidate` is live data and bears no identifier of the dataset. Every column `event_id` beside the events' own
    refers to theirs."""
    out: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": settings.title,
        "alternateName": settings.id,
        "description": description,
        "conformsTo": SPECIFICATION,
        "license": LICENCES.get(settings.licence, settings.licence),
        "citeAs": citation,
        "creator": [_creator(author) for author in settings.authors or (settings.title,)],
        "datePublished": created[:10],
        "inLanguage": "en",
        "isLiveDataset": candidate,
        "keywords": list(settings.keywords),
        "version": version,
        "distribution": [_file(name, facts) for name, facts in sorted(files.items())],
        "recordSet": [_records(name, schema, about) for name, (schema, about) in tables.items() if f"{name}.parquet" in files],
    }
    if settings.url:
        out["url"] = settings.url
    if settings.doi and not candidate:
        out["sameAs"] = f"https://doi.org/{settings.doi}"
    return out


def _creator(author: str) -> dict[str, str]:
    family, given = person(author)
    if given:
        return {"@type": "sc:Person", "name": f"{given} {family}", "givenName": given, "familyName": family}
    return {"@type": "sc:Organization", "name": author}


def _file(name: str, facts: FileFacts) -> dict[str, Any]:
    kind = name.rsplit(".", 1)[-1]
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{facts.bytes} B",
        "encodingFormat": "application/x-parquet" if kind == "parquet" else MEDIA.get(kind, "text/plain"),  # the name that Croissant knows
        "sha256": facts.sha256,
    }


def _records(name: str, schema: pa.Schema, about: str) -> dict[str, Any]:
    out: dict[str, Any] = {"@type": "cr:RecordSet", "@id": name, "name": name, "description": about}
    if name == EVENTS:
        out["key"] = {"@id": f"{name}/event_id"}
    out["field"] = [_field(name, schema, column) for column in schema.names]
    return out


def _field(table: str, schema: pa.Schema, column: str) -> dict[str, Any]:
    kind = schema.field(column).type
    entry: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{table}/{column}",
        "name": f"{table}/{column}",
        "description": describe(schema, column) or column,
        "dataType": _type(kind),
        "source": {"fileObject": {"@id": f"{table}.parquet"}, "extract": {"column": column}},
    }
    if pa.types.is_list(kind):
        entry |= {"isArray": True, "arrayShape": "-1"}
    if column == "event_id" and table not in (EVENTS, "changes"):  # changes also name events that are gone
        entry["references"] = {"field": {"@id": f"{EVENTS}/event_id"}}
    return entry


def _type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return _type(kind.value_type)
    if pa.types.is_integer(kind):
        return "sc:Integer"
    if pa.types.is_floating(kind):
        return "sc:Float"
    if pa.types.is_boolean(kind):
        return "sc:Boolean"
    return "sc:Date" if pa.types.is_date(kind) else "sc:Text"
