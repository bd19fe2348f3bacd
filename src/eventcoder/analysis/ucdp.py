"""`as_ucdp`: events in the columns of the UCDP Georeferenced Event Dataset, as far as ours have a counterpart. Floor 7."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from eventcoder.analysis.deaths import WANTED, bounds
from eventcoder.analysis.inputs import IDS, columns_of, frame_of, side_table
from eventcoder.analysis.victims import deaths_by_side
from eventcoder.crosswalks import Crosswalk, load_crosswalk
from eventcoder.errors import UsageError
from eventcoder.project import packaged_schema

if TYPE_CHECKING:
    import pandas as pd

CONVERTED = (  # our column, theirs
    ("sub_event_type", "type_of_violence"), ("geo_precision", "where_prec"), ("clarity", "event_clarity"), ("time_precision", "date_prec"),
)  # fmt: skip
NO_COUNTERPART = (
    "relid", "active_year", "code_status", "conflict_dset_id", "conflict_new_id", "conflict_name", "dyad_dset_id", "dyad_new_id", "dyad_name",
    "side_a_dset_id", "side_a_new_id", "side_b_dset_id", "side_b_new_id", "source_article", "source_date", "source_headline", "source_original",
    "geom_wkt", "priogrid_gid", "country_id", "gwnoa", "gwnob",
)  # fmt: skip
_SAID = (
    "side_a and side_b are the event's two actors: their order says nothing about who began.",
    "best is the codebook's conservative figure. best, low, high missing: not reported, or open upwards; GED has numbers there.",
    "deaths_a, deaths_b, deaths_civilians only where counts of the documents say so and come to best; all else is deaths_unknown.",
    "What the crosswalk does not make certain is missing and stands in the column with _candidates. type_of_violence is never certain: it needs "
    "UCDP's dyad and its 25 deaths in a year.",
)


def as_ucdp(events: Any, counts: Any = None) -> pd.DataFrame:
    """The events in columns of UCDP GED: one row an event, in the given order, nothing left out and nothing invented.

    `events`: a frame of `load`, a pyarrow table or dataset, a polars frame. `counts`: the table `event_counts` of the release, from which deaths are
    told by side; for frames of `load` it is found, and without it all deaths are `deaths_unknown`.

    Columns: `id` (our event_id, a text), `year`, `type_of_violence`, `side_a`, `side_b`, `number_of_sources`, `source_office`, `where_prec`,
    `where_coordinates`, `adm_1`, `adm_2`, `latitude`, `longitude`, `country`, `region`, `event_clarity`, `date_prec`, `date_start`, `date_end`,
    `deaths_a`, `deaths_b`, `deaths_civilians`, `deaths_unknown`, `best`, `high`, `low`; and `type_of_violence_candidates`,
    `where_prec_candidates`, `date_prec_candidates`: the codes between which a person has to decide, joined by `|`. The four deaths always add up to
    `best`. Codes follow `schema/crosswalks/ucdp_ged.csv`. `attrs["ucdp"]` says what differs, `attrs["no_counterpart"]` which columns of GED
    are not there.

    UCDP has only events with a death in a dyad that reached 25 in a year: this table has all. Raises `UsageError` for absent columns, and where an
    event stands in several rows.
    """
    import pandas as pd

    key = next((name for name in IDS if name in frame_of(events, names=IDS).columns), "event_id")
    needed = (key, "event_date", "time_precision", "sub_event_type", "actor1", "inter1", "actor2", "inter2", "country", "geo_precision", "fatalities")
    plain = ("year", "admin1", "admin2", "location", "latitude", "longitude", "region", "source", "n_publishers", "clarity", "date_start", "date_end")
    crosswalk = _crosswalk()
    reads = {name for column, field in CONVERTED for name in crosswalk.reads(column, field)}
    frame = columns_of(events, needed, (*plain, *WANTED, *sorted(reads)))
    codes = {field: _codes(frame, crosswalk, column, field) for column, field in CONVERTED}
    found = bounds(frame)
    if counts is None and key == IDS[0]:  # a frame in ACLED's form has no ids that counts go by
        counts = side_table(events, "event_counts")
    sides = deaths_by_side(
        pd.DataFrame({"event_id": frame[key], "figure": found["reported"], "inter1": frame["inter1"], "inter2": frame["inter2"]}),
        _counts(counts, key),
    )
    day = frame["event_date"].where((frame["time_precision"] == 1).fillna(False).to_numpy(dtype=bool))
    out = pd.DataFrame(
        {
            "id": frame[key],
            "year": frame["event_date"].dt.year.astype("Int64"),
            "type_of_violence": codes["type_of_violence"][0],
            "side_a": frame["actor1"],
            "side_b": frame["actor2"],
            "number_of_sources": frame["n_publishers"],
            "source_office": pd.Series(["; ".join(names) or None for names in frame["source"]], dtype="string"),
            "where_prec": codes["where_prec"][0],
            "where_coordinates": frame["location"],
            "adm_1": frame["admin1"],
            "adm_2": frame["admin2"],
            "latitude": frame["latitude"],
            "longitude": frame["longitude"],
            "country": frame["country"],
            "region": frame["region"],
            "event_clarity": codes["event_clarity"][0],
            "date_prec": codes["date_prec"][0],
            "date_start": frame["date_start"].fillna(day),
            "date_end": frame["date_end"].fillna(day),
            **{f"deaths_{side}": sides[side] for side in ("a", "b", "civilians", "unknown")},
            "best": found["reported"],
            "high": found["high"],
            "low": found["low"],
            **{f"{field}_candidates": codes[field][1] for field in ("type_of_violence", "where_prec", "date_prec")},
        }
    )
    said = (*_SAID, "No counts were given: all deaths are unknown by side.") if counts is None else _SAID
    out.attrs = {**frame.attrs, "ucdp": " ".join(said), "no_counterpart": list(NO_COUNTERPART)}
    return out


@cache
def _crosswalk() -> Crosswalk:
    from eventcoder.codebook import load_codebook

    return load_crosswalk(packaged_schema(), load_codebook(packaged_schema()), "ucdp_ged")


def _codes(frame: pd.DataFrame, crosswalk: Crosswalk, column: str, field: str) -> tuple[Any, Any]:
    """The certain codes (`Int64`), and the candidates joined by `|`; each combination of values is asked for once."""
    import pandas as pd

    names = list(crosswalk.reads(column, field))
    convert = crosswalk.converter(column, field)
    grouped = frame.groupby(names, dropna=False, sort=False)
    number = grouped.ngroup().to_numpy()
    certain: list[int | None] = []
    candidates: list[str | None] = []
    for values in grouped.size().reset_index()[names].itertuples(index=False):
        match = convert({name: _value(value) for name, value in zip(names, values, strict=True)})
        certain.append(int(match.codes[0]) if len(match.codes) == 1 else None)
        candidates.append("|".join(match.candidates if len(match.codes) < 2 else (*match.codes, *match.candidates)) or None)
    return pd.array(certain, dtype="Int64").take(number), pd.array(candidates, dtype="string").take(number)


def _value(value: Any) -> Any:
    import pandas as pd

    if pd.isna(value):
        return None
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else value if isinstance(value, str) else int(value)


def _counts(given: Any, key: str) -> pd.DataFrame:
    """event_id, document_id, kind, victim, best."""
    import pyarrow as pa

    names = ("event_id", "document_id", "kind", "victim", "best")
    if given is None:
        given = pa.table({name: pa.array([], pa.int64() if name == "best" else pa.string()) for name in names})
    elif key != "event_id":
        raise UsageError("counts are by event_id, which events has not.", "Load the events with event_id; ACLED's form does not have it.")
    return columns_of(given, ("event_id", "kind", "best"), ("document_id", "victim"), what="counts", repeats=True)
