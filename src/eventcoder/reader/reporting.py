"""`report`: a release, or what a query finds in it, as one HTML page. Floor 7."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.dataset as ds

from eventcoder.errors import ReleaseError
from eventcoder.reader.source import Release, find
from eventcoder.releases.layout import CHANGES, CODEBOOK, CODES, VALIDATION_JSON
from eventcoder.releases.manifest import CANDIDATE

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook


def report(
    source: str | Path | None = None,
    version: str = "latest",
    *,
    country: str | Sequence[str] | None = None,
    type: str | Sequence[str] | None = None,
    since: str | None = None,
    until: str | None = None,
    where: str | None = None,
) -> str:
    """The page (HTML) about a release: map, time, deaths, precision, what was read, what changed, what was checked. It opens without a network.

    `source` and `version` are those of `load`. With any of the filters the page shows what they find, and says that it does: `country` and
    `type` (an event type, sub-event type or disorder type) by code, `since` and `until` as days of `event_date` (or `YYYY-MM`, `YYYY`),
    `where` an expression of the codebook such as "fatalities > 10 AND geo_precision = 1". Events are counted where they lie, not loaded: three
    million take seconds. Write it with `Path("page.html").write_text(page, "utf-8")`.

    Raises `UsageError` (unknown codes, days), `CodebookError` (a wrong expression), `NotFound` (unknown version), `ReleaseError` (damaged).
    """
    from eventcoder.reportpage import Query, Subject, asked, report_page

    place = find(source)
    release = place.release(version)
    manifest = release.manifest
    codebook = release_codebook(release)
    query = Query(_several(country), _several(type), since, until, where)
    found = asked(query, codebook)
    title, licence = _described(release)
    entry = place.versions.entry(release.version)
    withdrawn = entry.withdrawn if entry is not None else None
    said = [f"This version was withdrawn on {withdrawn.time[:10]}: {withdrawn.reason}"] if withdrawn else []
    if manifest.channel == CANDIDATE:
        said.append("This is a candidate: its events are not settled and will change.")
    subject = Subject(
        title=title,
        version=release.version,
        citation=manifest.citation,
        created=manifest.created,
        licence=licence,
        codebook=f"{manifest.codebook.id} {manifest.codebook.version}",
        previous=manifest.previous,
        query=found.words,
        warnings=tuple(said),
    )
    whole = not found.words
    try:
        return report_page(
            subject,
            ds.dataset(release.path("events.parquet"), format="parquet"),
            coverage=release.table("coverage"),
            changes=release.table(CHANGES) if whole else None,
            validation=json.loads(release.path(VALIDATION_JSON).read_text("utf-8")),
            codebook=codebook,
            condition=found.condition,
            countries=found.countries,
        )
    except (OSError, ValueError, KeyError) as error:
        told = f"Version {release.version} cannot be read: {str(error)[:200]}."
        raise ReleaseError(told, "Run 'eventcoder check' on it, or fetch it again.") from None


def release_codebook(release: Release) -> Codebook:
    """The codebook that lies in a release, wherever that is."""
    from eventcoder.codebook import load_codebook

    with tempfile.TemporaryDirectory(prefix="eventcoder-") as temporary:
        schema = Path(temporary) / "schema"
        (schema / "lists").mkdir(parents=True)
        for name in release.manifest.files:
            folder, _, file = name.partition("/")
            if folder in (CODES, CODEBOOK) and file:
                target = (schema / "lists" if folder == CODES else schema) / Path(file).name
                target.write_bytes(release.path(name).read_bytes())
        return load_codebook(schema)


def _several(given: str | Sequence[str] | None) -> tuple[str, ...]:
    return () if given is None else (given,) if isinstance(given, str) else tuple(given)


def _described(release: Release) -> tuple[str, str]:
    """Title and licence, which stand in the descriptor outside our own block; the project's id where it is not here."""
    if release.folder is None:
        return release.manifest.project, ""
    try:
        package = json.loads((release.folder / "datapackage.json").read_text("utf-8"))
        return str(package.get("title") or release.manifest.project), str((package.get("licenses") or [{}])[0].get("name", ""))
    except (OSError, ValueError, AttributeError, IndexError):
        return release.manifest.project, ""
