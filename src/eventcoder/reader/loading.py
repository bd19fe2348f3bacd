"""`load` and `scan`. Floor 7."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.dataset as ds

from eventcoder.reader import channels, filters, levels
from eventcoder.reader.filters import Countries, Day, Filters, Names
from eventcoder.reader.selecting import rows
from eventcoder.reader.source import Release, find
from eventcoder.releases.acled import acled_table
from eventcoder.releases.layout import ACLED_COLUMNS, STATISTICS

if TYPE_CHECKING:
    import pandas as pd


def load(
    source: str | Path | None = None,
    version: str = "latest",
    *,
    country: Countries = None,
    region: Names = None,
    since: Day = None,
    until: Day = None,
    event_type: Names = None,
    sub_event_type: Names = None,
    disorder_type: Names = None,
    actor: Names = None,
    max_time_precision: int | None = None,
    max_geo_precision: int | None = None,
    columns: Sequence[str] | None = None,
    acled: bool = False,
    level: str = "events",
    channel: str = "released",
    max_age_days: int | None = None,
) -> pd.DataFrame:
    """The events of a release as a pandas DataFrame.

    `source` is a project, a folder of releases, one release folder, or the URL of a folder of releases (default: the project around the
    current folder).

    Filters hold together; within one, a list means any of them. `country`: names, or ISO 3166-1 codes (`IRQ`, `IQ`, 368). `region`,
    `event_type`, `sub_event_type`, `disorder_type`: codes of the release's lists. `actor`: events in which the actor takes part, on either
    side, as actor or associated; of one that was renamed or merged any of its names finds the events of all (as far as the release's table of
    actors tells; `attrs["filters"]` lists them). `since` and `until`: days of `event_date`, inclusive; also a month (`2026-03`) or a year.
    `max_time_precision` and `max_geo_precision`: the coarsest level to keep (1: the day, or the town, is known; 2: the week, or near there; 3: the
    month, or the region). `columns`: those wanted, in their order.

    With `acled=True` the frame has the 31 columns of an ACLED export as `pandas.read_csv` gives them: days and lists as text, blanks as missing,
    deaths that nobody reported as 0.
    With `level="reports"` there is a row for each report of each event (each document that it rests on): the event's columns and, after them, those
    of `event_sources` with the prefix `report_`. What a report says of deaths or of the crowd stands in the table `event_counts`, by `event_id` and
    `document_id`; count events by `event_id`, never by rows.
    `frame.attrs` has where it came from (`source`, `version`, `fingerprint`, `citation`, `codebook_version`), what was asked for (`filters`) and
    how many `rows` it gave, and how fresh the data are: `created` (time of the last act in it), `last_event_date`, and `coverage_through` (the
    last day up to which somebody recorded what was read; None if nobody did).

    `channel`: "released"; "candidate" for the newest candidate (or the one that `version` names): the whole as it would be, with what is not
    settled yet; "both" for the release and those of the candidate's events that no release ever held. Unless it is "released", columns `channel` and
    `state` (settled, recent, open) say what each row is, and `attrs["candidate"]` which candidate it was. `max_age_days`: warn when what was read
    (or, where nobody recorded that, the last event) is older than so many days; without it the publisher's own promise counts, if there is one,
    for the latest version only.

    Raises `UsageError` (unknown codes, actors, columns, days), `NotFound` (unknown version), `ReleaseError` (damaged, or of a newer format).
    Warns (UserWarning) when the version was withdrawn, is older than promised or asked for, or is a candidate that was not asked for.
    """
    given = Filters(country, region, since, until, event_type, sub_event_type, disorder_type, actor, max_time_precision, max_geo_precision)
    parts = channels.parts(find(source), version, channel)
    reports = levels.checked(level, acled=acled) == levels.REPORTS
    asked = [columns] if isinstance(columns, str) else columns
    keyed = reports and asked is not None and "event_id" not in asked
    frames = [_frame(part, given, ["event_id", *asked] if keyed and asked is not None else asked, acled) for part in parts]
    if reports:
        frames = [levels.by_report(part.release, frame) for part, frame in zip(parts, frames, strict=True)]
        frames = [frame.drop(columns="event_id") if keyed else frame for frame in frames]
    for part, frame in zip(parts, frames, strict=True):
        channels.warn_of_age(part.release, frame.attrs, max_age_days, promised=version == "latest")
    return channels.joined(parts, frames)


def _frame(part: channels.Part, given: Filters, columns: Sequence[str] | None, acled: bool) -> pd.DataFrame:
    """The events of one release or candidate."""
    from eventcoder.reader.frame import to_pandas

    release = part.release
    dataset = _dataset(release)
    asked = given.resolved(release)
    if part.marked and columns is not None:  # these two come after the others, asked for or not
        columns = [name for name in ([columns] if isinstance(columns, str) else columns) if name not in channels.MARKS]
    actors = release.path("event_actors.parquet") if asked.actor is not None else None

    def wanted() -> ds.Expression | None:
        return part.narrowed(filters.expression(release, asked))

    def read(names: Sequence[str]) -> pa.Table:
        if part.without is not None:  # those that are left out are known to Arrow's expression only
            return dataset.to_table(columns=list(names), filter=wanted())
        return rows(release.path("events.parquet"), actors, dataset, names, asked, wanted)

    if acled:
        names = filters.column_names(ACLED_COLUMNS, columns)
        native = read([n for n in ACLED_COLUMNS if n in dataset.schema.names] + part.needs(ACLED_COLUMNS))
        frame = _as_read_csv(acled_table(native).select(names))
    else:
        names = filters.column_names(dataset.schema.names, columns)
        native = read(names + part.needs(names))
        frame = to_pandas(native.select(names))
    part.mark(frame, native)
    frame.attrs.update(
        source=str(release.folder.absolute()) if release.folder else release.url.rpartition("/")[0],
        filters=asked.told(),
        rows=len(frame),
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
    country: Countries = None,
    region: Names = None,
    since: Day = None,
    until: Day = None,
    event_type: Names = None,
    sub_event_type: Names = None,
    disorder_type: Names = None,
    actor: Names = None,
    max_time_precision: int | None = None,
    max_geo_precision: int | None = None,
    channel: str = "released",
) -> ds.Dataset:
    """The events of a release as a lazy `pyarrow.dataset.Dataset` (for Arrow, DuckDB, polars), filtered as in `load`. Raises as `load` does.

    `channel`: "released" or "candidate"; both at once have a column that no file has: `load` gives them.
    """
    release = channels.one(find(source), version, channel)
    given = Filters(country, region, since, until, event_type, sub_event_type, disorder_type, actor, max_time_precision, max_geo_precision)
    asked = given.resolved(release)
    wanted = filters.expression(release, asked)
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
