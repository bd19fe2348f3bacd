"""What the next release would change, as Markdown for a reviewer: schema first, then figures, then the events. Floor 7."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eventcoder.changelog import BEGINNINGS, ENDINGS, counts
from eventcoder.ci.markdown import plain, table
from eventcoder.dataset.schemas import EVENTS
from eventcoder.validation.reports.rendering import grouped

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.problem import Problem
    from eventcoder.releases.making.build import Pending

SHOWN = 50  # events, and fields that were revised
COUNTED = 15  # countries
CODES = 20  # kinds of warnings
_BOOKKEEPING = {"timestamp", "revision", "first_release", "last_changed", "n_reports", "n_publishers", "codebook_version"}
_LABEL = ["event_id", "event_date", "event_type", "sub_event_type", "location", "country", "fatalities"]
_EVENT_OPS = (*BEGINNINGS, "revised", "attached", "detached", *ENDINGS)


def pending_page(pending: Pending, warnings: Sequence[Problem]) -> str:
    """The Markdown of what is pending, without a bound on its length. `warnings` are those of the gate over what is pending."""
    if pending.same is not None:
        return f"Nothing is pending: {plain(pending.same.version)} holds the same {pending.same.events} events.\n"
    changes = pending.changes.to_pylist() if pending.before else _first(pending)
    events = _facts(pending, {r["event_id"] for r in changes if r["event_id"]})
    against = f"against {plain(pending.previous)}" if pending.previous else "no release yet"
    lines = [f"**{pending.tables[EVENTS].num_rows} events** would be released ({against}).", ""]
    lines += _schema(changes)
    lines += _figures(pending, changes, events)
    lines += _warnings(warnings)
    lines += _events(changes, events)
    lines += _revisions(changes, events)
    return "\n".join(lines) + "\n"


def _first(pending: Pending) -> list[dict[str, Any]]:
    """The rows of a first release that a page can show and count: all of its events."""
    return [r for r in pending.changes.to_pylist() if r["table"] == EVENTS]


def _facts(pending: Pending, wanted: set[str]) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """event id -> its row before and its row now ({} where there is none), for the events that the changes name."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {i: ({}, {}) for i in wanted}
    for at, events in enumerate((pending.before.get(EVENTS), pending.tables[EVENTS])):
        if events is None:
            continue
        rows: pa.Table = events.filter(pc.is_in(events.column("event_id"), value_set=pa.array(sorted(wanted), pa.string())))
        for row in rows.select([c for c in _LABEL if c in rows.column_names]).to_pylist():
            found[row["event_id"]][at].update(row)
    return found


def _schema(changes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Whatever changes no event and names no field of one: tables, columns, codes."""
    rows = [r for r in changes if r["event_id"] is None and r["op"] not in _EVENT_OPS]
    if not rows:
        return []
    told = [
        f"- {plain(r['op'].replace('_', ' '))}: {plain(r['table'] or '')}{'.' + plain(r['field']) if r['field'] else ''}{_from_to(r)}"
        for r in rows[:SHOWN]
    ]
    return ["#### Schema", "", *told, *_more(len(rows)), ""]


def _from_to(row: Mapping[str, Any]) -> str:
    old, new = (_value(row[k]) for k in ("old", "new"))
    if row["old"] is None and row["new"] is None:
        return ""
    return f" ({new})" if row["old"] is None else f" ({old})" if row["new"] is None else f" ({old} → {new})"


def _value(text: str | None) -> str:
    if text is None:
        return "none"
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    if isinstance(value, list):
        value = "; ".join(map(str, value))
    return "null" if value is None else plain(value)


def _figures(pending: Pending, changes: Sequence[Mapping[str, Any]], events: Mapping[str, tuple[dict[str, Any], dict[str, Any]]]) -> list[str]:
    found = {op: n for op, n in counts(pending.changes).items() if n}
    lines = table(["what", "how many"], found.items()) if found else ["No event changed.", ""]
    plus = minus = 0
    places: dict[str, Counter[str]] = {"country": Counter(), "event_type": Counter()}
    came: dict[str, Counter[str]] = {name: Counter() for name in places}
    for row in changes:
        ended, began = row["op"] in ENDINGS, row["op"] in BEGINNINGS
        if not (ended or began) or row["table"] != EVENTS:
            continue
        facts = events[row["event_id"]][0 if ended else 1]
        killed = facts.get("fatalities") or 0
        plus, minus = (plus, minus + killed) if ended else (plus + killed, minus)
        for name, seen in places.items():
            (seen if ended else came[name])[str(facts.get(name) or "null")] += 1
    for row in changes:
        if row["op"] == "revised" and row["field"] == "fatalities" and row["table"] == EVENTS:
            old, new = (json.loads(row[k] or "null") or 0 for k in ("old", "new"))
            plus, minus = plus + max(0, new - old), minus + max(0, old - new)
    lines += [f"Fatalities: {plus} added, {minus} removed.", ""] if plus or minus else []
    for name, gone in places.items():
        names = sorted(came[name] | gone, key=lambda k: (-came[name][k] - gone[k], k))
        if names:
            rows = [(k, f"+{came[name][k]}" if came[name][k] else "", f"-{gone[k]}" if gone[k] else "") for k in names[:COUNTED]]
            lines += table([name.replace("_", " "), "came", "went"], rows)
            lines += [f"and {len(names) - COUNTED} more.", ""] if len(names) > COUNTED else []
    return lines


def _warnings(warnings: Sequence[Problem]) -> list[str]:
    told = [(code, members) for code, members in grouped([w for w in warnings if w.severity == "warning"])]
    if not told:
        return []
    told.sort(key=lambda item: ("drift" not in item[0], -len(item[1]), item[0]))  # a reviewer sees drift nowhere else
    lines = [f"- `{code}` ({len(members)}): {plain(members[0].message, 300)}" for code, members in told[:CODES]]
    more = [f"- and {len(told) - CODES} more kinds"] if len(told) > CODES else []
    return ["#### Warnings of the gate", "", *lines, *more, ""]


def _events(changes: Sequence[Mapping[str, Any]], events: Mapping[str, tuple[dict[str, Any], dict[str, Any]]]) -> list[str]:
    rows = [r for r in changes if r["table"] == EVENTS and (r["op"] in BEGINNINGS or r["op"] in ENDINGS)]
    rows.sort(key=lambda r: (r["op"] in BEGINNINGS, r["op"], r["event_id"]))  # what went is what a reviewer must see
    if not rows:
        return []
    cells = []
    for row in rows[:SHOWN]:
        facts = events[row["event_id"]][0 if row["op"] in ENDINGS else 1]
        into = f" into {row['merged_into']}" if row["merged_into"] else ""
        told = [facts.get(k) for k in ("event_date", "sub_event_type", "location", "country", "fatalities")]
        cells.append([row["op"] + into, row["event_id"], *("" if c is None else str(c) for c in told), row["reason"] or ""])
    head = ["what", "event", "day", "type", "place", "country", "fatalities", "reason"]
    return ["#### Events", "", *table(head, cells), *_more(len(rows)), ""]


def _revisions(changes: Sequence[Mapping[str, Any]], events: Mapping[str, tuple[dict[str, Any], dict[str, Any]]]) -> list[str]:
    rows = [r for r in changes if r["op"] == "revised" and r["table"] == EVENTS and r["field"] not in _BOOKKEEPING]
    if not rows:
        return []
    lines = []
    for row in rows[:SHOWN]:
        facts = events[row["event_id"]][1]
        where = ", ".join(plain(str(facts[k])) for k in ("sub_event_type", "location", "event_date") if facts.get(k))
        because = f" ({plain(row['reason'])})" if row["reason"] else ""
        lines.append(f"- {plain(row['event_id'])} {where}: **{plain(row['field'])}** {_value(row['old'])} → {_value(row['new'])}{because}")
    return ["#### Revisions, field by field", "", *lines, *_more(len(rows)), ""]


def _more(n: int) -> list[str]:
    return [f"- and {n - SHOWN} more"] if n > SHOWN else []
