"""The files of a release and of the folder around it: names, and which goes where. Floor 6.

releases/versions.json          the only file that ever changes; see `versions`
releases/candidate/             the same again for candidates: what is not settled yet, with `unsettled.csv` that says which events
releases/.staging-VERSION/      a release being built; whatever is found there later is what an interrupted build left
releases/2026.11.0/
    datapackage.json            the manifest: a Data Package v2 descriptor with our own block `eventcoder`; see `manifest`
    SHA256SUMS                  one line a file but itself; `sha256sum -c SHA256SUMS` verifies
    events.parquet events.csv   and so for every table of `dataset.TABLES`, changes.*, and acts.* (not in releases before 0.2.0)
    events_acled.csv            the 31 columns; see `acled`
    retracted.csv               every id that was ever withdrawn
    codes/*.csv codebook/*      the codebook as it was: with it a release can be checked by its own files alone
    validation.json validation.html statistics.json CODEBOOK.md CHANGES.md CITATION.cff LICENSE
    croissant.json zenodo.json dictionary.csv   for catalogues, for the deposit, and what each column means (not in releases before 0.2.0)
    report.html                 the release on one page that opens without a network; see the package `reportpage` (not before 0.2.0)
    reliability.json reliability.html   how far coders agree, where documents were coded by two of them apart
"""

from __future__ import annotations

import re

from eventcoder.dataset.schemas import TABLES

MANIFEST = "datapackage.json"
CHECKSUMS = "SHA256SUMS"
VERSIONS = "versions.json"
STAGING = ".staging-"
PULLED = ".pulled.json"  # in a local copy that `pull` made: one version of what lies elsewhere
ACLED = "events_acled.csv"
CHANGES = "changes"
RETRACTED = "retracted.csv"
CANDIDATES = "candidate"  # the folder of candidates inside the folder of releases
UNSETTLED = "unsettled.csv"  # of a candidate: its events that are not settled, and those that were left out
CODES = "codes"
CODEBOOK = "codebook"
CODEBOOK_FILES = ("codebook.toml", "columns.csv", "rules.toml", "checks.toml")
VALIDATION_JSON, VALIDATION_HTML, STATISTICS = "validation.json", "validation.html", "statistics.json"
CODEBOOK_PAGE, CHANGES_PAGE, CITATION, LICENCE = "CODEBOOK.md", "CHANGES.md", "CITATION.cff", "LICENSE"
CROISSANT, DEPOSIT, DICTIONARY = "croissant.json", "zenodo.json", "dictionary.csv"
REPORT = "report.html"
RELIABILITY, RELIABILITY_PAGE = "reliability.json", "reliability.html"
PAPERS = (VALIDATION_JSON, VALIDATION_HTML, STATISTICS, CODEBOOK_PAGE, CHANGES_PAGE, CITATION, LICENCE)
# Papers that came after the first releases: a release has them where its manifest lists them.
LATER_PAPERS = (CROISSANT, DEPOSIT, DICTIONARY, REPORT, RELIABILITY, RELIABILITY_PAGE)

VERSION_PATTERN = re.compile(r"([0-9]{4})\.(0[1-9]|1[0-2])\.(0|[1-9][0-9]{0,4})")

# The 31 columns of an ACLED export in their order: the contract of that file, whatever a project adds to its codebook.
ACLED_COLUMNS = (
    "event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type", "sub_event_type", "actor1", "assoc_actor_1",
    "inter1", "actor2", "assoc_actor_2", "inter2", "interaction", "civilian_targeting", "iso", "region", "country", "admin1", "admin2",
    "admin3", "location", "latitude", "longitude", "geo_precision", "source", "source_scale", "notes", "fatalities", "tags", "timestamp",
)  # fmt: skip


def table_files() -> tuple[str, ...]:
    """The files that hold the tables, changes included."""
    return tuple(f"{name}.{kind}" for name in (*TABLES, CHANGES) for kind in ("parquet", "csv"))


def required_files() -> tuple[str, ...]:
    """Every file that a release must have, apart from the manifest, the checksums and the copies of the codebook."""
    return (*table_files(), ACLED, RETRACTED, *PAPERS)


def version_key(version: str) -> tuple[int, int, int]:
    """What versions are sorted by. Raises ValueError for anything that is not `YYYY.MM.N`."""
    found = VERSION_PATTERN.fullmatch(version)
    if found is None:
        raise ValueError(f"{version!r} is not of the form YYYY.MM.N")
    return int(found[1]), int(found[2]), int(found[3])
