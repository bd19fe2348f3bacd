"""What a table of changes comes to: by country and type, deaths that came and went, what a reader should look at first. Floor 3.

The rows of the events stand beside the changes (`added` does not repeat them): `older` and `newer` are the events of both versions. Millions of
rows are counted column by column; only what is listed becomes Python values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.changelog.diff import counts, revised_ids
from eventcoder.changelog.schema import BEGINNINGS, ENDINGS
from eventcoder.dataset.schemas import EVENTS

REDATED = 7  # days from which on another date is more than a slip of the pen, and moves an event to another week
LISTED = 20  # notable events of a kind that are named
_FACTS = (
    "event_id",
    "event_date",
    "event_type",
    "sub_event_type",
    "country",
    "admin1",
    "location",
    "fatalities",
    "fatalities_low",
    "fatalities_high",
)
_WHERE = ("country", "admin1")
_WHAT = ("disorder_type", "event_type", "sub_event_type")
KINDS = {
    "fatalities": "Deaths corrected",
    "redated": f"Moved by more than {REDATED} days",
    "moved": "Moved to another country or division",
    "retyped": "Another type",
    "retracted": "Retracted",
    "merged": "Merged",
}


@dataclass(frozen=True, slots=True)
class Tally:
    """Events of a country or type. `added` counts restored and split ones too; a revised event counts where it stands now."""

    name: str
    added: int = 0
    revised: int = 0
    retracted: int = 0
    merged: int = 0

    @property
    def total(self) -> int:
        return self.added + self.revised + self.retracted + self.merged


@dataclass(frozen=True, slots=True)
class Deaths:
    """Deaths of some events: the reported figures, the interval, how many bounds are open upward, and how many events say nothing."""

    events: int
    reported: int
    low: int
    high: int
    open: int
    not_reported: int


@dataclass(frozen=True, slots=True)
class Notable:
    """An event that a reader should look at: what it was and is, as texts, and the reason."""

    event_id: str
    label: str
    old: str | None
    new: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """`counts` by operation; tallies biggest first; `deaths` of the events added, retracted, merged, and before and after a correction;
    `notable` by kind (`KINDS`): how many there are and the first `LISTED`; `age` of the added events: this month, this year, older."""

    counts: Mapping[str, int]
    countries: tuple[Tally, ...]
    types: tuple[Tally, ...]
    deaths: Mapping[str, Deaths]
    notable: Mapping[str, tuple[int, tuple[Notable, ...]]]
    age: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        return {
            "counts": dict(self.counts),
            "countries": [asdict(t) for t in self.countries],
            "types": [asdict(t) for t in self.types],
            "deaths": {k: asdict(d) for k, d in self.deaths.items()},
            "notable": {k: {"events": n, "first": [asdict(i) for i in items]} for k, (n, items) in self.notable.items()},
            "age_of_added": dict(self.age),
        }


def overview(changes: pa.Table, older: pa.Table | None, newer: pa.Table, day: date | None = None, *, listed: int = LISTED) -> Overview:
    """Sum the changes up. `day` is that of the newer version, against which the age of added events is told (none: it is not told)."""
    changes = changes.filter(pc.is_valid(changes.column("event_id"))).select(
        ["op", "table", "event_id", "field", "old", "new", "reason", "merged_into"]
    )
    came = _ids(changes, BEGINNINGS)
    gone = {op: _ids(changes, (op,)) for op in ENDINGS}
    revised = revised_ids(changes)
    fields = changes.filter(pc.and_(pc.equal(changes.column("op"), "revised"), pc.equal(changes.column("table"), EVENTS)))
    before = _facts(older, pa.concat_arrays([*gone.values(), revised]) if older is not None else came.slice(0, 0), newer)
    now = _facts(newer, came)
    changed = _facts(newer, revised)
    groups = {"added": now, "revised": changed, **{op: _of(before, ids) for op, ids in gone.items()}}
    corrected = pc.unique(
        fields.filter(pc.match_substring_regex(fields.column("field"), "^fatalities(_low|_high)?$")).column("event_id").combine_chunks()
    )
    deaths = {"added": _deaths(now), **{op: _deaths(groups[op]) for op in ENDINGS}}
    deaths |= {"revised_before": _deaths(_of(before, corrected)), "revised_now": _deaths(_of(changed, corrected))}
    return Overview(
        counts(changes),
        _tallies(groups, "country"),
        _tallies(groups, "event_type"),
        deaths,
        _notable(changes, fields, before, changed, listed),
        _age(now, day) if day is not None else {},
    )


def facts(events: pa.Table) -> pa.Table:
    """The columns that `overview` and `labels` look at: for who must keep the events of a version for them, and nothing else of it."""
    return events.select([n for n in (*_FACTS, "disorder_type") if n in events.column_names])


def _ids(changes: pa.Table, ops: tuple[str, ...]) -> pa.Array:
    return changes.filter(pc.is_in(changes.column("op"), value_set=pa.array(ops))).column("event_id").combine_chunks()


def _facts(events: pa.Table | None, ids: pa.Array, like: pa.Table | None = None) -> pa.Table:
    """What is told of these events; a column that a codebook does not have is null."""
    table = events if events is not None else like
    assert table is not None
    kept = facts(table)
    kept = kept.slice(0, 0) if events is None or not len(ids) else kept if len(ids) == len(kept) else _of(kept, ids)
    for name in _FACTS:
        if name not in kept.column_names:
            kept = kept.append_column(name, pa.nulls(len(kept), pa.int64() if name.startswith("fatal") else pa.string()))
    return kept


def _of(events: pa.Table, ids: pa.Array) -> pa.Table:
    return events.filter(pc.is_in(events.column("event_id"), value_set=ids))


def _tallies(groups: Mapping[str, pa.Table], column: str) -> tuple[Tally, ...]:
    found: dict[str, dict[str, int]] = {}
    for name, table in groups.items():
        for pair in pc.value_counts(table.column(column).combine_chunks()).to_pylist():
            found.setdefault(str(pair["values"] or "not told"), {})[name] = pair["counts"]
    return tuple(sorted((Tally(name, **n) for name, n in found.items()), key=lambda t: (-t.total, t.name)))


def _deaths(events: pa.Table) -> Deaths:
    reported, low, high = (events.column(n).cast(pa.int64(), safe=False) for n in ("fatalities", "fatalities_low", "fatalities_high"))
    low = pc.coalesce(low, reported)
    unbounded = pc.and_(pc.is_valid(events.column("fatalities_low")), pc.is_null(high))
    silent = pc.and_(pc.is_null(reported), pc.is_null(low))
    total = [int(pc.sum(c).as_py() or 0) for c in (reported, low, pc.coalesce(high, reported, low), unbounded, silent)]
    return Deaths(events.num_rows, total[0], total[1], total[2], total[3], total[4])


def _age(added: pa.Table, day: date) -> dict[str, int]:
    days = added.column("event_date")
    if not pa.types.is_date(days.type):
        return {}
    recent, of_year = (pc.sum(pc.greater_equal(days, pa.scalar(d, pa.date32()))).as_py() or 0 for d in (day.replace(day=1), date(day.year, 1, 1)))
    known = len(days) - days.null_count
    return {"this_month": recent, "this_year": of_year - recent, "older": known - of_year}


def _notable(changes: pa.Table, fields: pa.Table, before: pa.Table, now: pa.Table, listed: int) -> dict[str, tuple[int, tuple[Notable, ...]]]:
    """By kind: the largest first, and where size says nothing the order of the changes."""
    chosen: dict[str, tuple[int, list[tuple[str, str | None, str | None, str | None, bool]]]] = {}

    def choose(kind: str, rows: list[tuple[float, tuple[str, str | None, str | None, str | None, bool]]]) -> None:
        chosen[kind] = (len(rows), [row for _, row in sorted(rows, key=lambda r: -r[0])[:listed]])

    def revisions(*names: str) -> list[dict[str, Any]]:
        return list(fields.filter(pc.is_in(fields.column("field"), value_set=pa.array(names))).to_pylist())

    told = [(r, json.loads(r["old"]), json.loads(r["new"])) for r in revisions("fatalities")]
    sized = [(abs(_number(b) - _number(a)), (str(r["event_id"]), _text(a), _text(b), r["reason"], False)) for r, a, b in told]
    choose("fatalities", [s for s in sized if s[0]])
    moved = [(_days(r["old"], r["new"]), (r["event_id"], _text(json.loads(r["old"])), _text(json.loads(r["new"])), r["reason"], False))
             for r in revisions("event_date")]  # fmt: skip
    choose("redated", [m for m in moved if m[0] > REDATED])
    for kind, names in (("moved", _WHERE), ("retyped", _WHAT)):
        parts: dict[str, tuple[list[str], list[str], str | None]] = {}
        for r in sorted(revisions(*names), key=lambda r: names.index(r["field"])):
            olds, news, _ = parts.setdefault(r["event_id"], ([], [], r["reason"]))
            olds.append(_text(json.loads(r["old"])) or "none")
            news.append(_text(json.loads(r["new"])) or "none")
        choose(kind, [(0, (i, ", ".join(a), ", ".join(b), why, False)) for i, (a, b, why) in parts.items()])
    heavy = dict(zip(before.column("event_id").to_pylist(), before.column("fatalities").to_pylist(), strict=True))
    for op in ENDINGS:
        ended = changes.filter(pc.equal(changes.column("op"), op)).select(["event_id", "merged_into", "reason"]).to_pylist()
        choose(op, [(_number(heavy.get(r["event_id"])), (r["event_id"], None, r["merged_into"], r["reason"], True)) for r in ended])
    wanted = [{row[0] for _, rows in chosen.values() for row in rows if row[4] is ended} for ended in (True, False)]
    named = {**labels(before, wanted[0]), **labels(now, wanted[1])}
    return {
        kind: (chosen[kind][0], tuple(Notable(i, named.get(i, ""), a, b, why) for i, a, b, why, _ in chosen[kind][1]))
        for kind in KINDS
        if chosen[kind][0]
    }


def labels(events: pa.Table, wanted: set[str]) -> dict[str, str]:
    """A short description of events (type, place, day) by id."""
    if not wanted:
        return {}
    rows = _of(events, pa.array(sorted(wanted), pa.string()))
    names = ("sub_event_type", "location", "country", "event_date")
    rows = rows.select(["event_id", *(n for n in names if n in rows.column_names)])
    return {r["event_id"]: ", ".join(str(r[n]) for n in names if r.get(n) is not None) for r in rows.to_pylist()}


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _days(old: str | None, new: str | None) -> int:
    try:
        a, b = (date.fromisoformat(str(json.loads(t or "null"))) for t in (old, new))
    except ValueError:
        return 0
    return abs((b - a).days)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
