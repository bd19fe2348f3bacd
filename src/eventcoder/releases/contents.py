"""Write every file of a release into a folder. Floor 6. Nothing here knows the clock, the ledger or where the folder will go."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

import eventcoder
from eventcoder.codebook import Codebook
from eventcoder.codebook.page import codebook_markdown
from eventcoder.codebook.read import LISTS_DIR, read_files
from eventcoder.dataset.schemas import EVENTS
from eventcoder.project import Settings
from eventcoder.releases import layout, papers
from eventcoder.releases.acled import acled_table
from eventcoder.releases.csvfile import write_csv
from eventcoder.releases.manifest import FORMAT, CodebookFacts, Engine, Manifest
from eventcoder.releases.package import all_files, descriptor, facts_of, write_descriptor
from eventcoder.releases.tables import RETRACTED_SCHEMA, write_parquet
from eventcoder.statistics import summarise


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that goes into a release, decided and checked."""

    version: str
    previous: str | None
    created: str
    notes: str
    tables: Mapping[str, pa.Table]
    changes: pa.Table
    retracted: pa.Table
    labels: Mapping[str, str]
    fingerprint: str
    validation: Mapping[str, Any]
    validation_page: str
    counts: Mapping[str, int]


def write_contents(folder: Path, contents: Contents, codebook: Codebook, schema_dir: Path, settings: Settings) -> str:
    """Write all files, the manifest and the checksums last; the manifest's sha256."""
    rows: dict[str, int] = {}
    schemas: dict[str, pa.Schema] = {}
    for name, table in (*contents.tables.items(), (layout.CHANGES, contents.changes)):
        rows[f"{name}.parquet"] = rows[f"{name}.csv"] = table.num_rows
        schemas[f"{name}.csv"] = table.schema
    acled = acled_table(contents.tables[EVENTS])
    for name, table, schema in (
        (layout.ACLED, acled, _described(acled.schema, contents.tables[EVENTS].schema)),
        (layout.RETRACTED, contents.retracted, RETRACTED_SCHEMA),
    ):
        rows[name], schemas[name] = table.num_rows, schema
    with ThreadPoolExecutor(2) as threads:  # Arrow writes and hashes without holding up Python
        waiting = [threads.submit(write_csv, acled, folder / layout.ACLED), threads.submit(write_csv, contents.retracted, folder / layout.RETRACTED)]
        for name, table in (*contents.tables.items(), (layout.CHANGES, contents.changes)):
            waiting.append(threads.submit(write_csv, table, folder / f"{name}.csv"))
            waiting.append(threads.submit(write_parquet, table, folder / f"{name}.parquet"))
        _write_codebook(folder, schema_dir)
        _write_papers(folder, contents, codebook, settings)
        for one in waiting:
            one.result()
    names = all_files(folder)
    manifest = Manifest(
        format=FORMAT,
        version=contents.version,
        previous=contents.previous,
        created=contents.created,
        project=settings.id,
        counts={**{name: table.num_rows for name, table in contents.tables.items()}, **contents.counts},
        files=dict(zip(names, facts_of([folder / name for name in names], [rows.get(name) for name in names]), strict=True)),
        fingerprint=contents.fingerprint,
        codebook=CodebookFacts(id=codebook.id, version=codebook.version, hash=codebook.hash),
        engine=Engine(eventcoder=eventcoder.__version__, pyarrow=pa.__version__),
        citation=papers.citation(settings, contents.version, contents.created),
    )
    about = f"{codebook.title}, version {codebook.version}. {contents.tables[EVENTS].num_rows} events. Begin with CODEBOOK.md and CHANGES.md."
    return write_descriptor(folder, descriptor(manifest, settings, schemas, about), manifest)


def _write_codebook(folder: Path, schema_dir: Path) -> None:
    """The codebook's own files, byte for byte, so that its hash can be computed from them."""
    for name, data in read_files(schema_dir).items():
        target = folder / layout.CODES / name.removeprefix(f"{LISTS_DIR}/") if name.startswith(f"{LISTS_DIR}/") else folder / layout.CODEBOOK / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(data)


def _write_papers(folder: Path, contents: Contents, codebook: Codebook, settings: Settings) -> None:
    texts = {
        layout.VALIDATION_JSON: _json(contents.validation),
        layout.VALIDATION_HTML: contents.validation_page,
        layout.STATISTICS: _json(summarise(contents.tables)),
        layout.CODEBOOK_PAGE: codebook_markdown(codebook),
        layout.CHANGES_PAGE: papers.changes_page(contents.changes, contents.version, contents.previous, contents.notes, contents.labels),
        layout.CITATION: papers.citation_file(settings, contents.version, contents.created),
        layout.LICENCE: papers.licence_text(settings),
    }
    for name, text in texts.items():
        (folder / name).write_text(text if text.endswith("\n") else text + "\n", "utf-8", newline="\n")


def _described(schema: pa.Schema, source: pa.Schema) -> pa.Schema:
    """The schema with the descriptions that the columns of the same name have in the native table."""
    return pa.schema([f.with_metadata(source.field(f.name).metadata) if f.name in source.names else f for f in schema])


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False) + "\n"
