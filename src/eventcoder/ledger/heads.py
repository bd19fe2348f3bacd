"""The head table: one row an event with its folded form and a few columns to look it up by. Derived from the acts; can be rebuilt."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any

from eventcoder.errors import UsageError
from eventcoder.ledger.backend import Store
from eventcoder.ledger.entry import ids_text
from eventcoder.ledger.folded import STATES, Folded, from_text, to_text

COLUMNS = (
    "event_id", "state", "revision", "heads", "event_id_cnty", "event_date", "first_day", "last_day",
    "country", "sub_event_type", "location", "actor1", "changed", "imported", "held", "folded",
)  # fmt: skip
LIVE = ("open", "settled", "conflict")
_REPLACE = f"ON CONFLICT (event_id) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in COLUMNS[1:])}"
_WRITE = f"INSERT INTO heads ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))}) {_REPLACE}"


def head_row(folded: Folded) -> tuple[Any, ...]:
    """The row of an event."""
    get = folded.values.get
    day = get("event_date")
    return (
        folded.event_id,
        folded.state,
        folded.revision,
        ids_text(folded.heads),
        _text(get("event_id_cnty")),
        _text(day),
        _text(get("date_start") or day),
        _text(get("date_end") or day),
        _text(get("country")),
        _text(get("sub_event_type")),
        _text(get("location")),
        _text(get("actor1")),
        folded.changed,
        folded.imported,
        folded.held,
        to_text(folded),
    )


def _text(value: Any) -> str | None:
    """Lookup columns hold texts only; a value of another type (an event still open may have anything) is found through its fold."""
    return value if isinstance(value, str) else None


def write_heads(store: Store, events: Iterable[Folded]) -> None:
    """Insert or replace the rows of these events (inside a writing transaction)."""
    store.executemany(_WRITE, map(head_row, events))


def stage_heads(store: Store, events: Iterable[Folded]) -> None:
    """Put rows aside in a table of this connection alone: takes no lock on the ledger."""
    store.execute("CREATE TEMPORARY TABLE IF NOT EXISTS staged_heads AS SELECT * FROM heads WHERE 1 = 0")
    store.execute("DELETE FROM staged_heads")
    row = f"INSERT INTO staged_heads ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
    store.executemany(row, map(head_row, events))


def take_staged(store: Store) -> None:
    """Move the rows put aside into the head table (inside a writing transaction)."""
    take_rows(store, "staged_heads")


def take_rows(store: Store, table: str) -> None:
    """Insert or replace the heads that stand in another table (inside a writing transaction)."""
    names = ", ".join(COLUMNS)
    store.execute(f"INSERT INTO heads ({names}) SELECT {names} FROM {table} WHERE 1 = 1 {_REPLACE}")


def day_text(value: date | str | None, name: str) -> str | None:
    """A day given as date or ISO text. Raises `UsageError`."""
    if value is None or isinstance(value, date):
        return value.isoformat()[:10] if value else None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise UsageError(f"{name}={value!r} is not a day.", "Write it as YYYY-MM-DD.") from None


def select_events(
    store: Store,
    *,
    states: Collection[str] | None,
    country: str | None,
    since: date | str | None,
    until: date | str | None,
    sub_event_type: str | None,
    location: str | None,
    limit: int,
    newest_first: bool,
    by: str,
) -> Iterator[Folded]:
    """The rows that `Ledger.events` gives; arguments as there."""
    conditions: list[str] = []
    parameters: list[Any] = []
    if states is not None:
        wanted = [states] if isinstance(states, str) else list(states)
        if unknown := set(wanted) - set(STATES):
            raise UsageError(f"Unknown state {sorted(unknown)[0]!r}.", f"Known: {', '.join(STATES)}.")
        if set(wanted) != set(STATES):
            conditions.append(f"state IN ({', '.join('?' * len(wanted))})")
            parameters += wanted
    for column, value in (("country", country), ("sub_event_type", sub_event_type), ("location", location)):
        if value is not None:
            conditions.append(f"{column} = ?")
            parameters.append(value)
    for operator, day in ((">=", day_text(since, "since")), ("<=", day_text(until, "until"))):
        if day is not None:
            conditions.append(f"event_date {operator} ?")
            parameters.append(day)
    if by not in ("event_date", "changed"):
        raise UsageError(f"Events are ordered by 'event_date' or 'changed', not {by!r}.")
    direction, nothing = ("DESC", "LAST") if newest_first else ("ASC", "FIRST")  # said, since databases differ in where NULL comes
    sql = "SELECT folded FROM heads"
    if conditions:
        sql += " WHERE " + " AND ".join(conditions)
    sql += f" ORDER BY {by} {direction} NULLS {nothing}, event_id {direction}"
    if limit > 0:
        rows: Iterable[tuple[Any, ...]] = store.rows(sql + " LIMIT ?", [*parameters, limit])
        for row in rows:
            yield from_text(row[0])
        return
    with store.snapshot() as still:
        for row in still.each(sql, parameters):
            yield from_text(row[0])


def select_texts(store: Store, state: str, last_day: str | None) -> Iterator[str]:
    """The folded texts of the events in one state, in the order of the file; those after `last_day` are left out, those without day are not."""
    sql, parameters = "SELECT folded FROM heads WHERE state = ?", [state]
    if last_day is not None:
        sql += " AND (event_date IS NULL OR event_date <= ?)"
        parameters.append(last_day)
    with store.snapshot() as still:
        for row in still.each(sql, parameters):
            yield row[0]


def select_saying(store: Store, text: str) -> list[Folded]:
    """The events whose folded form has this text anywhere, by id."""
    rows = store.rows("SELECT folded FROM heads WHERE instr(folded, ?) > 0 ORDER BY event_id", (text,))
    return [from_text(row[0]) for row in rows]


def select_near(store: Store, first: str, last: str, country: str | None) -> list[Folded]:
    """Live events whose possible days meet `first` to `last`, by day and id."""
    place = " AND country = ?" if country is not None else ""
    extra = [country] if country is not None else []
    # States (and the country of the few events that span days) are sifted here: in the query they would tempt the planner away from the
    # indexes of days to a walk over all events of a state or country.
    found = store.rows(
        f"SELECT event_date, event_id, state, country, folded FROM heads WHERE event_date BETWEEN ? AND ?{place} UNION ALL "
        "SELECT event_date, event_id, state, country, folded FROM heads WHERE first_day < last_day AND first_day <= ? AND last_day >= ? "
        "AND (event_date IS NULL OR event_date NOT BETWEEN ? AND ?)",
        [first, last, *extra, last, first, first, last],
    )
    kept = [row for row in found if row[2] in LIVE and country in (None, row[3])]
    return [from_text(row[4]) for row in sorted(kept, key=lambda row: (row[0] or "", row[1]))]
