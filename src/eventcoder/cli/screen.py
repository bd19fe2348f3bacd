"""The screen of `review`: the statement with its evidence marked, the form, the type's definition, what is wrong, what is alike. Floor 8."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from eventcoder.cli.twins import differing

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook
    from eventcoder.coding import Prepared
    from eventcoder.event import Draft
    from eventcoder.validation.similar import Likely

CONTEXT = 220  # characters of the document shown before and after the statement
STYLES = (
    "bold black on yellow",
    "bold black on cyan",
    "bold black on green",
    "bold white on magenta",
    "bold white on blue",
    "bold black on bright_red",
)
FORM = (
    "event_date", "time_precision", "sub_event_type", "actor1", "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2",
    "country", "admin1", "location", "latitude", "longitude", "geo_precision",
    "fatalities", "fatalities_low", "fatalities_high", "injured_low", "injured_high", "arrested_low", "arrested_high",
    "crowd_low", "crowd_high", "crowd_text", "source", "notes", "tags",
)  # fmt: skip
ALWAYS = (
    "event_date",
    "time_precision",
    "sub_event_type",
    "actor1",
    "actor2",
    "country",
    "location",
    "geo_precision",
    "fatalities",
    "source",
    "notes",
)
# one line of 79 cells; the help names 'd' too
KEYS = " ".join(
    f"[b]{key}[/b] {name} "
    for key, name in zip("aemtrsouq?", ("accept", "edit", "mark", "attach", "reject", "skip", "open", "undo", "quit", "help"), strict=True)
).rstrip()
HELP = """\
  a  accept: the draft becomes an event, with everything you edited
  o  accept although rules are broken or values are missing; the event stays open
  e  edit a field: type its number or name, then the value (Tab completes; empty clears it)
  m  mark a piece of the text for a field: type the words as they stand in the text
  t  attach this report to an event that is there already (the list below the form)
  r  reject: no event, with a reason
  s  skip: comes again in the next sitting
  u  undo the last decision of this sitting
  d  show the whole document
  q  quit; every decision is stored, and the next 'eventcoder review' goes on here"""


def fields_shown(values: Mapping[str, Any]) -> list[str]:
    """The form's fields, in a fixed order: those that always matter, and the others that have a value. Their position is their number."""
    return [name for name in FORM if name in ALWAYS or values.get(name) not in (None, "", [])]


def show_draft(
    console: Console,
    draft: Draft,
    text: str,
    head: str,
    prepared: Prepared,
    codebook: Codebook,
    twins: Sequence[Likely],
    edited: Mapping[str, Any],
) -> None:
    """Everything a coder needs for one decision."""
    console.rule(head, style="dim")
    console.print(Text.assemble((draft.status, "bold"), f"  {draft.score:.2f}  ", (draft.clue, "italic")))
    console.print(_statement(draft, text))
    console.print()
    colours = _colours(draft)
    for number, name in enumerate(fields_shown(prepared.values), 1):
        value = prepared.values.get(name)
        shown = "; ".join(value) if isinstance(value, list) else "" if value is None else str(value)
        line = Text(f"{number:>3} ")
        line.append(f"{name:<16}", style=colours.get(name, "dim" if not shown else "bold"))
        line.append(f" {shown}")
        if name in edited:
            line.append("  (yours)", style="green")
        elif draft.evidence.get(name):
            line.append(f"  <- {' '.join(draft.evidence[name][0].quote.split())!r}", style="dim")
        elif not shown and name in draft.rules:
            line.append(f"  {draft.rules[name]}", style="dim italic")
        console.print(line)
        if name in draft.candidates and not shown:
            for candidate in draft.candidates[name][:4]:
                console.print(f"      or {escape(', '.join(f'{v}' for v in candidate.values() if v not in (None, '')))}", style="dim")
    kind = prepared.values.get("sub_event_type")
    if kind:
        row = codebook.lists["sub_event_types"].get(kind) or {}
        for name, label in (("definition", kind), ("includes", "includes"), ("excludes", "not")):
            if row.get(name):
                console.print(Text.assemble((f"{label}: ", "bold cyan"), (row[name], "cyan")))
    for problem in prepared.structural + prepared.problems:
        if problem.severity != "info":
            console.print(Text(f"{problem.severity}: {problem.message} [{problem.code}]", style="red" if problem.severity == "error" else "yellow"))
    for number, twin in enumerate(twins, 1):
        held = twin.folded.values
        console.print(
            Text(
                f"alike {number}: {twin.event_id} {held.get('event_date')} {held.get('location')} {held.get('sub_event_type')} ({twin.score:.2f})",
                style="magenta",
            )
        )
        for difference in differing(prepared.values, held):
            console.print(Text(f"       {difference}", style="magenta dim"))
    console.print(KEYS)


def _colours(draft: Draft) -> dict[str, str]:
    return {name: STYLES[i % len(STYLES)] for i, name in enumerate(n for n in FORM if draft.evidence.get(n))}


def _statement(draft: Draft, text: str) -> Text:
    """The statement in its context, each field's evidence in the field's colour."""
    start, end = max(0, draft.statement.start - CONTEXT), min(len(text), draft.statement.end + CONTEXT)
    out = Text(text[start:end], style="dim")
    out.stylize("not dim", draft.statement.start - start, draft.statement.end - start)
    for name, style in _colours(draft).items():
        for span in draft.evidence[name]:
            if span.end > start and span.start < end:
                out.stylize(style, max(0, span.start - start), min(end, span.end) - start)
    return Text.assemble("… " if start else "", out, " …" if end < len(text) else "")
