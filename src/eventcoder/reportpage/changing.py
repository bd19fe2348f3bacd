"""What changed since the version before: counts, and the changes that alter what a reader would say. Floor 5."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 8  # of each kind of notable change
FAR = 7  # days by which an event must have moved in time to be worth a line
_OF_EVENTS = "op = 'revised' AND \"table\" = 'events'"
_DAY = "TRY_CAST(trim({}, '\"') AS DATE)"


@dataclass(frozen=True, slots=True)
class Notable:
    """One kind of change: what it is, how many events, and some of them as (event, before, after, reason)."""

    what: str
    events: int
    rows: list[tuple[str, str, str, str]]


@dataclass(frozen=True, slots=True)
class Changed:
    """`counts` is events by operation; `deaths` the difference that revisions make to the reported sum."""

    counts: dict[str, int]
    notable: list[Notable]
    deaths: int


def changed(changes: pa.Table) -> Changed:
    """The summary of a table of changes."""
    from eventcoder.changelog import counts
    from eventcoder.codebook.duck import connect

    with connect() as con:
        con.register("changes", changes)
        apart = f"date_diff('day', {_DAY.format('old')}, {_DAY.format('new')})"
        killed = "TRY_CAST(new AS BIGINT) - TRY_CAST(old AS BIGINT)"
        kinds = (
            ("Fatalities revised", f"{_OF_EVENTS} AND field = 'fatalities'", f"abs(coalesce({killed}, 1000000))"),
            ("Retracted", "op = 'retracted'", "op"),
            ("Merged into another", "op = 'merged'", "op"),
            (f"Moved by more than {FAR} days", f"{_OF_EVENTS} AND field = 'event_date' AND abs({apart}) > {FAR}", f"abs({apart})"),
            ("Moved to another country or first-level division", f"{_OF_EVENTS} AND field IN ('country', 'admin1')", "op"),
            ("Of another type", f"{_OF_EVENTS} AND field = 'sub_event_type'", "op"),
        )
        found = []
        for what, condition, weight in kinds:
            n = con.execute(f"SELECT count(DISTINCT event_id) FROM changes WHERE {condition}").fetchall()[0][0]
            if not n:
                continue
            rows = con.execute(
                f"SELECT event_id, old, coalesce(new, merged_into), reason FROM changes WHERE {condition} "
                f"ORDER BY {weight} DESC, event_id, field LIMIT {SHOWN}"
            ).fetchall()
            found.append(Notable(what, n, [(event or "", _said(old), _said(new), reason or "") for event, old, new, reason in rows]))
        deaths = con.execute(f"SELECT coalesce(sum({killed}), 0) FROM changes WHERE {_OF_EVENTS} AND field = 'fatalities'").fetchall()[0][0]
    return Changed(dict(counts(changes)), found, int(deaths))


def _said(value: str | None) -> str:
    """A value out of its JSON, as words."""
    if value is None:
        return ""
    try:
        plain: Any = json.loads(value)
    except ValueError:
        return value  # the id of the event that it went into
    return "not reported" if plain is None else plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
