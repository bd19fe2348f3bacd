"""Events beside each other: what they are in one line, and where they differ. Floor 8."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from eventcoder.coding import Desk
    from eventcoder.ledger import Folded
    from eventcoder.validation.duplicates.search import Pair

_ONE_LINE = ("event_date", "sub_event_type", "location", "country", "actor1", "actor2")
# columns that differ between any two events and say nothing about whether they are one
_SILENT = frozenset({"event_id_cnty", "gazetteer_id", "gazetteer_version", "fatalities_basis", "interaction", "notes"})
_SHOWN = 60  # characters of a differing value in a list


def label(event: Folded) -> str:
    """An event in one line: day, type, place, actors, deaths."""
    parts = [str(event.values[name]) for name in _ONE_LINE if event.values.get(name)]
    dead = event.values.get("fatalities")
    return "  ".join([*parts, f"{dead} dead"] if dead else parts)


def text_of(value: Any) -> str:
    """A value for a person; "-" for none."""
    return "; ".join(map(str, value)) if isinstance(value, list) and value else "-" if value in (None, "", []) else str(value)


def differing(desk: Desk, a: Folded, b: Folded) -> list[tuple[str, str, str]]:
    """Column, value of `a`, value of `b`, of those that a coder fills in and that differ, in the codebook's order."""
    names = [c.name for c in desk.codebook.columns if c.entered in ("coder", "default") and c.name not in _SILENT]
    pairs = [(name, a.values.get(name), b.values.get(name)) for name in names]
    return [(name, text_of(one), text_of(other)) for name, one, other in pairs if (one or None) != (other or None)]


def pair_lines(desk: Desk, pair: Pair, a: Folded, b: Folded) -> list[str]:
    """A pair in a list: the score and its reasons, a line for each event, and the fields that differ."""
    fields = "  ".join(f"{name} {_cut(one)} | {_cut(other)}" for name, one, other in differing(desk, a, b))
    return [
        f"{pair.score:.2f}  {'; '.join(pair.reasons)}",
        f"  {a.event_id}  {label(a)}",
        f"  {b.event_id}  {label(b)}",
        f"    differ: {fields or 'in the notes only'}",
    ]


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def differing_lines(desk: Desk, survivor: str, others: Sequence[str], chosen: Mapping[str, str]) -> list[str]:
    """What a merge is about to do where values differ."""
    from eventcoder.coding.joining import differences, together

    keep, gone = together(desk, survivor, others)
    out = []
    for found in differences(desk, keep, gone):
        if (found.field in _SILENT and found.field != "notes") or found.field in chosen:
            continue
        those = ", ".join(f"{_cut(text_of(value))} ({event_id})" for event_id, value in found.others.items())
        out.append(f"{found.field}: {_cut(text_of(found.kept))} stays, not {those}")
    return [*out, "--take FIELD=ID chooses otherwise; 'eventcoder split' undoes a merge."] if out else []


def show_pair(console: Console, desk: Desk, pair: Pair, a: Folded, b: Folded, head: str) -> None:
    """A pair for a decision: both events in columns, fields that differ marked, the notes in full. `a` is the older one."""
    from rich.table import Table
    from rich.text import Text

    console.rule(Text(head), style="dim")
    console.print(Text.assemble((f"{pair.score:.2f}", "bold"), f"  {'; '.join(pair.reasons)}"))
    unlike = {name for name, _, _ in differing(desk, a, b)}
    grid = Table.grid(padding=(0, 1, 0, 0), expand=True)
    grid.add_column(width=16, no_wrap=True)
    for _ in range(2):
        grid.add_column(ratio=1, overflow="fold")
    grid.add_row("", Text(f"A  {a.event_id} (older)", style="bold"), Text(f"B  {b.event_id}", style="bold"))
    same = ("event_date", "sub_event_type", "location", "actor1")
    for name in [c.name for c in desk.codebook.columns if c.name in unlike or c.name in same]:
        style = "bold yellow" if name in unlike else "dim"
        grid.add_row(Text(name, style=style), Text(text_of(a.values.get(name))), Text(text_of(b.values.get(name))))
    grid.add_row(Text("reports", style="dim"), Text(_reports(desk, a)), Text(_reports(desk, b)))
    grid.add_row(Text("notes", style="dim"), Text(text_of(a.values.get("notes"))), Text(text_of(b.values.get("notes"))))
    console.print(grid)


def _reports(desk: Desk, event: Folded) -> str:
    names = [str(desk.document_meta(r["document"]).get("publisher") or "unknown publisher") for r in event.reports]
    return "; ".join(dict.fromkeys(names)) or text_of(event.values.get("source"))
