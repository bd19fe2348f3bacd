"""`to_panel`: one row an area and period, with 0 only where somebody read and found nothing. Floor 7."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from eventcoder.analysis import deaths
from eventcoder.analysis.covered import recorded
from eventcoder.analysis.inputs import LIST, columns_of, kind_of
from eventcoder.analysis.periods import NAMES, day_numbers, frequency, sequence
from eventcoder.analysis.precision import FINE_ENOUGH, inexact_places, periods_touched, warn
from eventcoder.analysis.scope import Scope, scope_of
from eventcoder.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from eventcoder.analysis.covered import Covered
    from eventcoder.analysis.periods import Days

Imprecise = Literal["nominal", "drop"]
LEVELS = {
    "country": ("country",), "admin1": ("country", "admin1"), "admin2": ("country", "admin1", "admin2"),
    "location": ("country", "admin1", "location"),
}  # fmt: skip
MOST_ROWS = 20_000_000  # of a panel; some 3 GB


def to_panel(
    events: Any,
    freq: str = "W",
    level: str = "country",
    *,
    coverage: Any = None,
    by: str | None = None,
    since: str | date | None = None,
    until: str | date | None = None,
    countries: str | Sequence[str] | None = None,
    imprecise: Imprecise | None = None,
) -> pd.DataFrame:
    """Events and deaths of every area and period.

    `events`: a frame of `load`, a pyarrow table or dataset, a polars frame. `freq`: D, W (Saturday to Friday), M, Q, Y. `level`: country, admin1,
    admin2 or location. `coverage`: the table `coverage` of a release; for frames of `load` it is found. `by`: one more column, such as `event_type`.
    `since`, `until`, `countries`: what the panel covers; without them what the frame was loaded with, and else what events and coverage span.
    `imprecise`: what becomes of events whose day is not known within the period: `nominal` counts them at `event_date` (what happens, with a
    warning, without the option), `drop` leaves them out. Nothing is ever split over periods.

    Columns: the area, `period` and `period_end` (its first and last day), `by`, then
    `events`, and between which bounds it lies by what is known of the days: `events_min` (surely in the period), `events_max` (may be);
    `events_place_inexact` (counted here by a place that stands for a wider area; not at country level);
    the deaths as in `fatality_scenarios`; and `days` of the period, `days_covered` of them, `covered` (whole, part, none).

    A number is 0 only where every day of the period was read for in the area (`covered` is whole). Where less or nothing was read, an area and period
    without events is missing, not 0; with events it has what was found, which may be less than happened. With `drop`, a 0 in a period into
    which an event that was left out may fall is missing too.
    Areas are those with events or with coverage of their own; rows whose area or `by` is not told are kept where they have events.

    `attrs["panel"]` says in words what was done. Raises `UsageError` (unknown freq, level, column; an event in several rows; more than 20 million
    rows). Warns (UserWarning, once each) where events are taken as more exact than they are, where the frame was cut after loading, and where no
    coverage is known.
    """
    import numpy as np
    import pandas as pd

    letter, area, how = frequency(freq), _level(level), _imprecise(imprecise)
    if by in area or by == "event_date" or (by is not None and kind_of(by) == LIST):
        raise UsageError(
            f"by={by!r} cannot divide the panel.", "Give a column that has one value an event and is not its place or day, such as event_type."
        )
    keys = list(area) + ([by] if by else [])
    frame = columns_of(events, ("event_date", "time_precision", *keys, *deaths.NEEDED), ("date_start", "date_end", "geo_precision", *deaths.WANTED))
    scope = scope_of(events, len(frame), since, until, countries)
    frame = frame[frame["event_date"].notna()].reset_index(drop=True)
    frame = frame[scope.holds(frame)].reset_index(drop=True)
    if scope.cut:
        scope = scope.narrowed(frame)
        warn(scope.cut)
    found = recorded(coverage, events, (scope.first, scope.end))
    if found is None:
        warn("No coverage is known, so nothing says where somebody looked: no row is 0, and no row is without events. Give coverage=.")
    span = _span(frame, scope, found)
    if span is None:
        return _told(_empty(keys, area), frame, letter, level, 0, 0, how, scope)
    bounds = sequence(span[0], span[1], letter)
    heads, group = _areas(frame, area, found, scope)
    kinds, kind = _kinds(frame, by, scope)
    size = (len(bounds) - 1) * len(heads) * len(kinds)
    if size > MOST_ROWS:
        told = f"{len(heads):,} areas, {len(bounds) - 1:,} periods" + (f", {len(kinds)} of {by}" if by else "")
        raise UsageError(f"The panel would have {size:,} rows ({told}).", "Take a coarser freq or level, fewer countries, or a shorter time.")
    period, early, late = periods_touched(frame, letter, span[0], span[1])
    late = np.minimum(late, len(bounds) - 2)
    exact = (early == period) & (late == period)
    row = group * (len(bounds) - 1) * len(kinds) + period * len(kinds) + kind
    may = _may(row, period, early, late, exact, len(kinds), size)
    sure = np.bincount(row[exact], minlength=size)
    rough = int((~exact).sum())
    if rough and imprecise is None:
        warn(_said_imprecise(rough, len(frame), letter))
    outside = inexact_places(frame, level)
    if outside.any() and level != "country":
        warn(_said_places(int(outside.sum()), len(frame), level))
    kept = exact if how == "drop" else np.ones(len(frame), dtype=bool)
    count, dead = deaths.sums(frame[kept], row[kept], size)
    days = np.diff(bounds)
    read = np.concatenate([found.days(one, bounds) for one in heads]) if found and heads else np.zeros(len(heads) * len(days), dtype=np.int64)
    read, length = np.repeat(read, len(kinds)), np.repeat(np.tile(days, len(heads)), len(kinds))
    known = (count > 0) | ((read == length) & ~((may > 0) & (how == "drop")))
    columns: dict[str, Any] = {}
    which = np.repeat(np.arange(len(heads)), len(days) * len(kinds))
    for at, name in enumerate(area):
        columns[name] = pd.array([head[at] for head in heads], dtype="string").take(which)
    begin = np.tile(np.repeat(bounds[:-1], len(kinds)), len(heads)).astype("datetime64[D]").astype("datetime64[s]")
    columns["period"], columns["period_end"] = begin, (begin.astype("datetime64[D]") + (length - 1)).astype("datetime64[s]")
    if by:
        columns[by] = pd.Series(kinds, dtype=frame[by].dtype).array.take(np.tile(np.arange(len(kinds)), len(heads) * len(days)))
    bound = (count > 0) | (read == length) | (may > 0)
    columns["events"] = _numbers(count, known)
    columns["events_min"], columns["events_max"] = _numbers(sure, bound), _numbers(may, bound)
    if level != "country":
        columns["events_place_inexact"] = _numbers(np.bincount(row[kept & outside], minlength=size), known)
    for name, values in dead.items():
        values[~known] = pd.NA
        columns[name] = values
    columns["days"], columns["days_covered"] = length, read
    share = np.where(read == length, 2, np.where(read > 0, 1, 0)).astype(np.int8)
    columns["covered"] = pd.Categorical.from_codes(share, pd.Index(["none", "part", "whole"]), ordered=True)
    out = pd.DataFrame(columns)
    named = ~out[keys].isna().any(axis=1).to_numpy()
    out = out[named | (count > 0) | (may > 0)].reset_index(drop=True)
    if found is None:
        out = out[out["events"].fillna(0) > 0].reset_index(drop=True)
    return _told(out, frame, letter, level, rough, int(outside.sum()), how, scope)


def _level(level: str) -> tuple[str, ...]:
    if level not in LEVELS:
        raise UsageError(f"level={level!r} is no level of a panel.", f"There are {', '.join(LEVELS)}.")
    return LEVELS[level]


def _imprecise(given: str | None) -> str:
    if given not in (None, "nominal", "drop"):
        raise UsageError(f"imprecise={given!r} is not known.", "'nominal' counts such events at event_date, 'drop' leaves them out.")
    return given or "nominal"


def _span(frame: pd.DataFrame, scope: Scope, found: Covered | None) -> tuple[int, int] | None:
    """First and last day of the panel."""
    days = day_numbers(frame["event_date"])
    firsts = [scope.first] if scope.first is not None else ([int(days.min())] if len(days) else [])
    lasts = [scope.end - 1] if scope.end is not None else ([int(days.max())] if len(days) else [])
    read = found.span() if found else None
    if read is not None and scope.first is None:
        firsts.append(read[0])
    if read is not None and scope.end is None:
        lasts.append(read[1] - 1)
    return (min(firsts), max(lasts)) if firsts and lasts and min(firsts) <= max(lasts) else None


def _areas(frame: pd.DataFrame, area: tuple[str, ...], found: Covered | None, scope: Scope) -> tuple[list[tuple[str | None, ...]], Days]:
    """All areas in order, and the number of each event's."""
    import numpy as np
    import pandas as pd

    grouped = frame.groupby(list(area), dropna=False, sort=False)
    own = grouped.ngroup().to_numpy(dtype=np.int64)
    seen = [tuple(None if pd.isna(v) else str(v) for v in head) for head in grouped.size().reset_index()[list(area)].itertuples(index=False)]
    level = next(name for name, columns in LEVELS.items() if columns == area)
    more = [one for one in (found.areas(level) if found else []) if one[0] is not None and scope.has_country(one[0])]
    asked = [(country,) for country in scope.countries or ()] if level == "country" else []
    heads = sorted({*seen, *more, *asked}, key=lambda one: tuple((v is None, v or "") for v in one))
    place = {head: at for at, head in enumerate(heads)}
    numbers = np.array([place[head] for head in seen], dtype=np.int64)
    return heads, numbers[own].astype(np.int64)


def _kinds(frame: pd.DataFrame, by: str | None, scope: Scope) -> tuple[list[Any], Days]:
    """The values of `by` in order (those that the frame was filtered to are there even without events), and the number of each event's."""
    import numpy as np
    import pandas as pd

    if by is None:
        return [None], np.zeros(len(frame), dtype=np.int64)
    codes, values = pd.factorize(frame[by], use_na_sentinel=False)
    seen = [None if pd.isna(v) else v for v in values]
    kinds = sorted({*seen, *scope.values_of(by)}, key=lambda v: (v is None, v if v is not None else ""))
    place = {kind: at for at, kind in enumerate(kinds)}
    return kinds, np.array([place[v] for v in seen], dtype=np.int64)[codes] if len(codes) else codes.astype(np.int64)


def _may(row: Days, period: Days, early: Days, late: Days, exact: npt.NDArray[np.bool_], kinds: int, size: int) -> Days:
    """How many events may lie in each row's period."""
    import numpy as np

    out = np.bincount(row[exact], minlength=size)
    rough = ~exact
    if rough.any():
        many = late[rough] - early[rough] + 1
        first = row[rough] + (early[rough] - period[rough]) * kinds
        step = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        out = out + np.bincount(np.repeat(first, many) + step * kinds, minlength=size)
    return out.astype(np.int64)


def _numbers(values: Days, known: npt.NDArray[np.bool_]) -> Any:
    import pandas as pd

    return pd.arrays.IntegerArray(values.astype("int64"), ~known)


def _empty(keys: list[str], area: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    names = [*area, "period", "period_end", *keys[len(area):], "events", "events_min", "events_max", *deaths.COLUMNS]  # fmt: skip
    out = pd.DataFrame({name: pd.Series(dtype="Int64") for name in [*names, "days", "days_covered"]} | {"covered": pd.Series(dtype="category")})
    return out.astype({**dict.fromkeys(keys, "string"), "period": "datetime64[s]", "period_end": "datetime64[s]"})


def _said_imprecise(rough: int, events: int, letter: str) -> str:
    return (
        f"Of {rough:,} of {events:,} events the {NAMES[letter]} is not surely known: they are counted at event_date, the middle of the days on which "
        "they may have been. events_min and events_max give the bounds; imprecise='drop' leaves them out, 'nominal' keeps them without this "
        "warning, and a coarser freq has fewer of them."
    )


def _said_places(outside: int, events: int, level: str) -> str:
    most = FINE_ENOUGH[level]
    return (
        f"{outside:,} of {events:,} events are counted in the {level} of a place that stands for a wider area (geo_precision above {most}): "
        f"events_place_inexact has them. load(max_geo_precision={most}) leaves them out, but then a 0 may hide one; a coarser level has fewer."
    )


def _told(out: pd.DataFrame, frame: pd.DataFrame, letter: str, level: str, rough: int, outside: int, how: str, scope: Scope) -> pd.DataFrame:
    sentences = [
        f"{len(frame):,} events by {level} and {NAMES[letter]}" + (" (Saturday to Friday)" if letter == "W" else "") + ".",
        "0: every day of the period was read for, and nothing was found. Missing: not, or only in part, read for.",
        f"{rough:,} events whose {NAMES[letter]} is not surely known were {'left out' if how == 'drop' else 'counted at event_date'}.",
        f"{outside:,} events stand in an area by a place of lower precision." if level != "country" else "",
        *scope.said,
    ]
    out.attrs = {**frame.attrs, "panel": " ".join(filter(None, sentences))}
    return out
