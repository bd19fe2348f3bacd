"""`load` and `scan`. Floor 7."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.dataset as ds

from eventcoder.reader import filters
from eventcoder.reader.filters import Day, Names
from eventcoder.reader.source import Release, find
from eventcoder.releases.acled import acled_table
from eventcoder.releases.layout import ACLED_COLUMNS, STATISTICS

if TYPE_CHECKING:
    import pandas as pd


def load(
    source: str | Path | None = None,
    version: str = "latest",
    *,
    country: Names = None,
    since: Day = None,
    until: Day = None,
    event_type: Names = None,
    columns: Sequence[str] | None = None,
    acled: bool = False,
) -> pd.DataFrame:
    """The events of a release as a pandas DataFrame.

    `source` is a project, a folder of releases, one release folder, or the URL of a folder of releases (default: the project around the
    current folder). `since` and `until` are days of `event_date`, inclusive. With `acled=True` the frame has the 31 columns of an ACLED
    export as `pandas.read_csv` gives them: days and lists as text, blanks as missing, deaths that nobody reported as 0.
    `frame.attrs` has `version`, `fingerprint`, `citation`, `codebook_version`, and how fresh the data are: `created` (time of the last act in it),
    `last_event_date`, and `coverage_through` (the last day up to which somebody recorded what was read; None if nobody did).

    Raises `UsageError` (unknown codes, columns, days), `NotFound` (unknown version), `ReleaseError` (damaged, or of a newer format).
    Warns (UserWarning) when the version was withdrawn.
    """
    from eventcoder.reader.frame import to_pandas

    release = find(source).release(version)
    dataset = _dataset(release)
    wanted = filters.expression(release, country=country, since=since, until=until, event_type=event_type)
    if acled:
        names = filters.column_names(ACLED_COLUMNS, columns)
        native = dataset.to_table(columns=[n for n in ACLED_COLUMNS if n in dataset.schema.names], filter=wanted)
        frame = _as_read_csv(acled_table(native).select(names))
    else:
        frame = to_pandas(dataset.to_table(columns=filters.column_names(dataset.schema.names, columns), filter=wanted))
    frame.attrs.update(
        version=release.version,
        fingerprint=release.manifest.fingerprint,
        citation=release.manifest.citation,
        codebook_version=release.manifest.codebook.version,
        created=release.manifest.created,
        **_freshness(release),
    )
    return frame


def _freshness(release: Release) -> dict[str, str | None]:
    """A new version number says nothing of new events: these two days do."""
    from eventcoder.errors import ReleaseError

    path = release.path(STATISTICS)
    try:
        found = json.loads(path.read_text("utf-8"))
        return {"last_event_date": found["last_event_date"], "coverage_through": found["coverage"]["through"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReleaseError(f"{path} cannot be read: {error!r}.", "Run 'eventcoder check' on the release, or fetch it again.") from None


def scan(
    source: str | Path | None = None,
    version: str = "latest",
    *,
    country: Names = None,
    since: Day = None,
    until: Day = None,
    event_type: Names = None,
) -> ds.Dataset:
    """The events of a release as a lazy `pyarrow.dataset.Dataset` (for Arrow, DuckDB, polars), filtered as in `load`. Raises as `load` does."""
    release = find(source).release(version)
    wanted = filters.expression(release, country=country, since=since, until=until, event_type=event_type)
    dataset = _dataset(release)
    return dataset if wanted is None else dataset.filter(wanted)


def _dataset(release: Release) -> ds.Dataset:
    from eventcoder.errors import ReleaseError

    path = release.path("events.parquet")
    try:
        return ds.dataset(path, format="parquet")
    except (pa.ArrowInvalid, OSError) as error:
        raise ReleaseError(f"{path} cannot be read: {error}", "Run 'eventcoder check' on the release, or fetch it again.") from None


def _as_read_csv(table: pa.Table) -> pd.DataFrame:
    """As `pandas.read_csv` would give the CSV: days as text, whole numbers plain where complete, texts with missing values where blank."""
    columns = [c.cast(pa.string()) if pa.types.is_date(c.type) else c.cast(pa.int64()) if pa.types.is_integer(c.type) else c for c in table.columns]
    frame: pd.DataFrame = pa.table(columns, names=table.column_names).to_pandas()
    return frame
