"""Write every file of a release into a folder. Floor 6. Nothing here knows the clock, the ledger or where the folder will go."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

import eventcoder
from eventcoder.codebook import Codebook
from eventcoder.codebook.page import codebook_markdown
from eventcoder.codebook.read import LISTS_DIR, read_files
from eventcoder.dataset.schemas import EVENTS
from eventcoder.project import Settings
from eventcoder.releases import layout
from eventcoder.releases.acled import acled_table
from eventcoder.releases.csvfile import write_csv
from eventcoder.releases.manifest import CANDIDATE, FORMAT, RELEASED, CodebookFacts, Engine, FileFacts, Manifest
from eventcoder.releases.package import all_files, descriptor, facts_of, file_facts, write_descriptor
from eventcoder.releases.papers import citing as papers
from eventcoder.releases.papers.changes_page import changes_page
from eventcoder.releases.papers.croissant import croissant
from eventcoder.releases.papers.deposit import deposit
from eventcoder.releases.papers.dictionary import dictionary_table, write_dictionary
from eventcoder.releases.papers.reliability import reliability_page
from eventcoder.releases.papers.report_page import release_report
from eventcoder.releases.tables import RETRACTED_SCHEMA, write_parquet
from eventcoder.statistics import summarise

# How a candidate is described wherever a description travels without the folder: data packages, deposits, catalogues.
UNSETTLED_NOTICE = (
    f"A candidate and no release: it holds events that are not settled ({layout.UNSETTLED} names them), it will change, and it may be removed. "
    "Cite a release."
)


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
    older: pa.Table | None  # events of the version before, for CHANGES.md; None: there is none
    fingerprint: str
    validation: Mapping[str, Any]
    validation_page: str
    counts: Mapping[str, int]
    reliability: Mapping[str, Any] | None = None  # how far coders agree; None: nothing was coded by two
    unsettled: pa.Table | None = None  # of a candidate: which of its events are not settled, and which were left out


def write_contents(folder: Path, contents: Contents, codebook: Codebook, schema_dir: Path, settings: Settings) -> str:
    """Write all files, the manifest and the checksums last; the manifest's sha256."""
    about = _about(contents, codebook)
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
        described = {**contents.tables, layout.CHANGES: contents.changes, layout.RETRACTED.removesuffix(".csv"): contents.retracted}
        for name, table in (*contents.tables.items(), (layout.CHANGES, contents.changes)):
            waiting.append(threads.submit(write_csv, table, folder / f"{name}.csv"))
            waiting.append(threads.submit(write_parquet, table, folder / f"{name}.parquet"))
        if contents.unsettled is not None:
            write_csv(contents.unsettled, folder / layout.UNSETTLED)
            schemas[layout.UNSETTLED] = contents.unsettled.schema
        _write_codebook(folder, schema_dir)
        _write_papers(folder, contents, codebook, settings)
        dictionary = dictionary_table(described, codebook)
        schemas[layout.DICTIONARY] = dictionary.schema
        write_dictionary(dictionary, folder / layout.DICTIONARY)
        for one in waiting:
            one.result()
    names = all_files(folder)
    files = dict(zip(names, facts_of([folder / name for name in names], [rows.get(name) for name in names]), strict=True))
    files[layout.CROISSANT] = _write_croissant(folder, contents, settings, files, described, about)
    manifest = Manifest(
        format=FORMAT,
        version=contents.version,
        previous=contents.previous,
        created=contents.created,
        project=settings.id,
        counts={**{name: table.num_rows for name, table in contents.tables.items()}, **contents.counts},
        files=dict(sorted(files.items())),
        fingerprint=contents.fingerprint,
        codebook=CodebookFacts(id=codebook.id, version=codebook.version, hash=codebook.hash),
        engine=Engine(eventcoder=eventcoder.__version__, pyarrow=pa.__version__),
        citation=papers.citation(settings, contents.version, contents.created),
        channel=RELEASED if contents.unsettled is None else CANDIDATE,
        stale_days=settings.stale_days,
    )
    promised = codebook if manifest.channel == RELEASED else None  # events of a candidate may still lack what the codebook demands
    return write_descriptor(folder, descriptor(manifest, settings, schemas, about, promised), manifest)


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
        layout.CHANGES_PAGE: changes_page(
            contents.changes, contents.version, contents.previous, contents.created, contents.notes, contents.older, contents.tables[EVENTS]
        ),
        layout.CITATION: papers.citation_file(settings, contents.version, contents.created),
        layout.LICENCE: papers.licence_text(settings),
        layout.DEPOSIT: _json(_deposit(contents, codebook, settings)),
        layout.REPORT: release_report(
            settings, codebook, version=contents.version, previous=contents.previous, created=contents.created, tables=contents.tables,
            citation=papers.citation(settings, contents.version, contents.created), changes=contents.changes, validation=contents.validation,
            candidate=contents.unsettled is not None,
        ),
    }  # fmt: skip
    if contents.reliability is not None:
        texts[layout.RELIABILITY] = _json(contents.reliability)
        texts[layout.RELIABILITY_PAGE] = reliability_page(contents.reliability, settings.title, contents.version)
    for name, text in texts.items():
        (folder / name).write_text(text if text.endswith("\n") else text + "\n", "utf-8", newline="\n")


def _about(contents: Contents, codebook: Codebook) -> str:
    events = contents.tables[EVENTS].num_rows
    many = "1 event" if events == 1 else f"{events:,} events"
    said = f"{codebook.title}, version {codebook.version}. {many}. Begin with CODEBOOK.md and CHANGES.md."
    return said if contents.unsettled is None else f"{UNSETTLED_NOTICE} {said}"


def _deposit(contents: Contents, codebook: Codebook, settings: Settings) -> dict[str, Any]:
    events = contents.tables[EVENTS]
    days = pc.min_max(events.column("event_date")).as_py() if events.num_rows else {"min": None, "max": None}
    since, until = (None if day is None else day.isoformat() for day in (days["min"], days["max"]))
    return deposit(
        settings, version=contents.version, previous=contents.previous, created=contents.created, description=_about(contents, codebook),
        citation=papers.citation(settings, contents.version, contents.created), since=since, until=until, candidate=contents.unsettled is not None,
    )  # fmt: skip


def _write_croissant(
    folder: Path, contents: Contents, settings: Settings, files: Mapping[str, FileFacts], tables: Mapping[str, pa.Table], about: str
) -> FileFacts:
    """The description names the hashes of the tables' files, so it is written after them; its own hash and size."""
    described = croissant(
        settings,
        version=contents.version,
        created=contents.created,
        citation=papers.citation(settings, contents.version, contents.created),
        description=about,
        candidate=contents.unsettled is not None,
        files={name: facts for name, facts in files.items() if "/" not in name and name.endswith((".parquet", ".csv"))},
        tables={
            name: (table.schema, f"One row of {name}.parquet; {layout.DICTIONARY} says what its columns mean.") for name, table in tables.items()
        },
    )
    path = folder / layout.CROISSANT
    path.write_text(json.dumps(described, ensure_ascii=False, indent=2) + "\n", "utf-8", newline="\n")
    return file_facts(path)


def _described(schema: pa.Schema, source: pa.Schema) -> pa.Schema:
    """The schema with the descriptions that the columns of the same name have in the native table."""
    return pa.schema([f.with_metadata(source.field(f.name).metadata) if f.name in source.names else f for f in schema])


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False) + "\n"
