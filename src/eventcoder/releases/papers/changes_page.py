"""CHANGES.md: what is different from the version before, for people. Floor 6.

Figures first (operations, countries, types, deaths, age of what was added), then what a reader should look at, then the lists, each cut at a
length that can be read: `changes.csv` has every change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.changelog import BEGINNINGS, ENDINGS, SCHEMA_OPS, schema_change
from eventcoder.changelog.overview import KINDS, Notable, Overview, Tally, labels, overview
from eventcoder.dataset.schemas import EVENTS

LISTED = 50  # events that a list names
COUNTED = 15  # countries and types that a table names; the rest is summed
BOOKKEEPING = ("timestamp", "revision", "last_changed", "first_release", "n_reports", "n_publishers", "codebook_version")  # change with any act
_DEATHS = {
    "added": "events added",
    "retracted": "events retracted",
    "merged": "events merged into others",
    "revised_before": "events corrected, before",
    "revised_now": "events corrected, now",
}


def changes_page(changes: pa.Table, version: str, previous: str | None, created: str, notes: str, older: pa.Table | None, newer: pa.Table) -> str:
    """The page as Markdown. `older` and `newer` are the events of the version before (None: there is none) and of this one; `created` is its time."""
    lines = [f"# Changes in {version}", ""]
    lines += [notes.strip(), ""] if notes.strip() else []
    found = overview(changes, older, newer, date.fromisoformat(created[:10]))
    if previous is None:
        lines += [f"First version: {found.counts['added']} events.", ""]
        return "\n".join([*lines, *_both_tallies(found), *_deaths(found)])
    lines += [f"Compared with {previous}. `changes.csv` has every change; {previous} and these changes give {version} exactly.", ""]
    counted = {op: n for op, n in found.counts.items() if n}
    lines += ["| events | how many |", "|---|---:|", *(f"| {op} | {n} |" for op, n in counted.items()), ""] if counted else ["No event changed.", ""]
    lines += _both_tallies(found) + _deaths(found) + _age(found, created)
    schema = changes.filter(pc.is_in(changes.column("op"), value_set=pa.array(SCHEMA_OPS))).to_pylist()
    if schema:
        lines += ["## Columns and codes", "", *(f"- {r['op'].replace('_', ' ')}: {_plain(schema_change(r))}" for r in schema), ""]
    lines += _notable(found)
    return "\n".join(lines + _lists(changes, older, newer))


def _both_tallies(found: Overview) -> list[str]:
    return [line for what, tallies in (("country", found.countries), ("event type", found.types)) for line in _tallies(what, tallies, came(found))]


def came(found: Overview) -> str:
    """What the events of `Tally.added` are called: restored and split ones are among them."""
    return "added or restored" if found.counts["restored"] or found.counts["split"] else "added"


def _tallies(what: str, tallies: Sequence[Tally], came: str) -> list[str]:
    if not tallies:
        return []
    names = [n for n in ("added", "revised", "retracted", "merged") if any(getattr(t, n) for t in tallies)]
    shown, rest = list(tallies[:COUNTED]), tallies[COUNTED:]
    if rest:
        summed = {n: sum(getattr(t, n) for t in rest) for n in names}
        shown.append(Tally(f"{len(rest)} others", **summed))
    rows = [f"| {_plain(t.name)} | {' | '.join(str(getattr(t, n)) for n in names)} |" for t in shown]
    titles = " | ".join(came if n == "added" else n for n in names)
    return [f"## By {what}", "", f"| {what} | {titles} |", "|---|" + "---:|" * len(names), *rows, ""]


def _deaths(found: Overview) -> list[str]:
    deaths, names = found.deaths, {**_DEATHS, "added": f"events {came(found)}"}
    rows = [f"| {names[k]} | {d.events} | {d.reported} | {d.low} | {d.high} | {d.open} | {d.not_reported} |" for k, d in deaths.items() if d.events]
    if not rows:
        return []
    said = "A bound that is open upward counts with the figure that is known; an event that does not say whether people died counts as none here."
    header = ["| deaths of | events | reported | lowest | highest | open upward | not reported |", "|---|" + "---:|" * 6]
    return ["## Deaths", "", *header, *rows, "", said, ""]


def _age(found: Overview, created: str) -> list[str]:
    if not found.counts["added"] or not any(found.age.values()):
        return []
    month, year, older = found.age["this_month"], found.age["this_year"], found.age["older"]
    parts = {f"in {created[:7]} or later": month, f"earlier in {created[:4]}": year, f"before {created[:4]}": older}
    told = f"Of the events {came(found)}, {', '.join(f'{n} happened {when}' for when, n in parts.items() if n)}."
    more = " What was added to older months makes them fuller than they were: it is no trend." if year or older else ""
    return ["## How old these events are", "", told + more, ""]


def _notable(found: Overview) -> list[str]:
    lines: list[str] = []
    for kind, (number, items) in found.notable.items():
        lines += [f"### {KINDS[kind]}", "", *(_item(kind, item) for item in items), *_more(number, len(items)), ""]
    return ["## To look at first", "", *lines] if lines else []


def _item(kind: str, item: Notable) -> str:
    if kind in ENDINGS:
        change = f" → `{item.new}`" if item.new else ""
    else:
        change = f": {_short(item.old or 'not told')} → {_short(item.new or 'not told')}"
    label = f" {_plain(item.label)}" if item.label else ""
    return f"- `{item.event_id}`{label}{change}{_because(item.reason)}"


def _lists(changes: pa.Table, older: pa.Table | None, newer: pa.Table) -> list[str]:
    """Added, restored and split events, corrections, reports: what the notable ones do not list already."""
    lines: list[str] = []
    for op in (*BEGINNINGS, "attached", "detached"):
        title = f"Reports {op}" if op in ("attached", "detached") else op.capitalize()
        rows, number = _first(changes, pc.equal(changes.column("op"), op))
        known = labels(newer, {r["event_id"] for r in rows}) if rows else {}
        lines += _section(title, [_event_line(r, known) for r in rows], number)
    mask = pc.and_(pc.equal(changes.column("op"), "revised"), pc.fill_null(pc.equal(changes.column("table"), EVENTS), False))
    mask = pc.and_(mask, pc.invert(pc.is_in(changes.column("field"), value_set=pa.array(BOOKKEEPING))))
    rows, number = _first(changes, mask)
    known = labels(newer, {r["event_id"] for r in rows}) if rows else {}
    told = []
    for _, group in groupby(rows, key=lambda r: (r["event_id"], r["reason"])):  # an act corrects several values at once: said once
        values = list(group)
        told += ["\n".join([_event_line(values[0], known), *(f"  - {r['field']}: {value_text(r['old'])} → {value_text(r['new'])}" for r in values)])]
    return lines + _section("Revised", told, number, len(rows))


def _first(changes: pa.Table, mask: Any) -> tuple[list[dict[str, Any]], int]:
    found = changes.filter(mask)
    return list(found.slice(0, LISTED).to_pylist()), found.num_rows


def _section(title: str, items: list[str], number: int, shown: int | None = None) -> list[str]:
    """A list under a title; `number` are all, of which `shown` stand in the items (none given: one in each)."""
    return [f"## {title}", "", *items, *_more(number, len(items) if shown is None else shown), ""] if items else []


def _more(number: int, shown: int) -> list[str]:
    return [f"- and {number - shown} more"] if number > shown else []


def _event_line(row: Mapping[str, Any], known: Mapping[str, str]) -> str:
    label = _plain(known.get(row["event_id"] or "", ""))
    origin = f" (out of `{row['split_from']}`)" if row["split_from"] else ""
    return f"- `{row['event_id']}`{origin}{' ' + label if label else ''}{_because(row['reason'])}"


def _because(reason: str | None) -> str:
    return f" ({_plain(reason)})" if reason else ""


def value_text(text: str | None) -> str:
    """A value of the changes (JSON) as a person writes it."""
    try:
        value = json.loads(text or "null")
    except ValueError:
        value = text
    if value in (None, [], ""):
        return "nothing"
    if isinstance(value, list):
        value = "; ".join(map(str, value))
    return _short(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _short(text: str | None) -> str:
    plain = _plain(text or "null")
    return plain if len(plain) <= 80 else plain[:79] + "…"


def _plain(text: str) -> str:
    """One line without characters that would be markup."""
    return " ".join(text.split()).replace("`", "'").replace("|", "¦").replace("<", "‹").replace(">", "›")


def readable(changes: pa.Table) -> pa.Table:
    """The changes without counters and side tables other than reports: what a person reads one by one."""
    shown = pc.fill_null(pc.is_in(changes.column("table"), value_set=pa.array([EVENTS, "event_sources", "codebook"])), True)
    quiet = pc.is_in(changes.column("field"), value_set=pa.array(BOOKKEEPING))
    schema = pc.is_in(changes.column("op"), value_set=pa.array(SCHEMA_OPS))
    return changes.filter(pc.or_(schema, pc.and_not(shown, quiet)))
