"""`report`: a release, or what a query finds in it, as one HTML page. Floor 7."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.dataset as ds

from eventcoder.errors import ReleaseError
from eventcoder.reader import remote
from eventcoder.reader.filters import Countries, Day, Names, day
from eventcoder.reader.source import Release, find
from eventcoder.releases.layout import CHANGES, CODEBOOK, CODES, MANIFEST, VALIDATION_JSON
from eventcoder.releases.manifest import CANDIDATE

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook


def report(
    source: str | Path | None = None,
    version: str = "latest",
    *,
    country: Countries = None,
    type: Names = None,
    since: Day = None,
    until: Day = None,
    where: str | None = None,
) -> str:
    """The page (HTML) about a release: map, time, deaths, precision, what was read, what changed, what was checked. It opens without a network.

    `source` and `version` are those of `load`. With any of the filters the page shows what they find, and says that it does: `country` as in
    `load`, `type` (an event type, sub-event type or disorder type) by code, `since` and `until` as days of `event_date` (or `YYYY-MM`, `YYYY`),
    `where` an expression of the codebook such as "fatalities > 10 AND geo_precision = 1". Events are counted where they lie, not loaded: three
    million take seconds. Write it with `Path("page.html").write_text(page, "utf-8")`.

    Raises `UsageError` (unknown codes, days), `CodebookError` (a wrong expression), `NotFound` (unknown version), `ReleaseError` (damaged).
    """
    from eventcoder.reportpage import Query, Subject, asked, report_page

    place = find(source)
    release = place.release(version)
    manifest = release.manifest
    codebook = release_codebook(release)
    first, last = day(since, "since"), day(until, "until", end=True)
    query = Query(_several(country), _several(type), str(first) if first else None, str(last) if last else None, where)
    found = asked(query, codebook)
    entry = place.versions.entry(release.version)
    title, licence = _described(release, entry.manifest_sha256 if entry is not None else "")
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


def _several(given: Countries) -> tuple[str, ...]:
    return () if given is None else (str(given),) if isinstance(given, (str, int)) else tuple(str(one) for one in given)


def _described(release: Release, sha256: str) -> tuple[str, str]:
    """Title and licence, which stand in the descriptor outside our own block. A remote one was fetched with the release and lies in the cache."""
    try:
        path = release.folder / MANIFEST if release.folder is not None else remote.fetch_file(remote.join(release.url, MANIFEST), sha256)
        package = json.loads(path.read_text("utf-8"))
        return str(package.get("title") or release.manifest.project), str((package.get("licenses") or [{}])[0].get("name", ""))
    except (OSError, ValueError, AttributeError, IndexError):
        return release.manifest.project, ""
