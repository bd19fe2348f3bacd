"""The screen of `review`: the statement with its evidence, the form, the type's definition, what is wrong, alike, or done by one key. Floor 8."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from eventcoder.cli.offers import Offer
    from eventcoder.codebook import Codebook
    from eventcoder.coding import Prepared
    from eventcoder.event import Draft
    from eventcoder.problem import Problem

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
# one line of less than 80 cells; the help names the other keys too
KEYS = " ".join(
    f"[b]{key}[/b] {name}"
    for key, name in zip("aemtrscuq?", ("accept", "edit", "mark", "attach", "reject", "skip", "code", "undo", "quit", "help"), strict=True)
)
HELP = """\
  1-9  take what the list "or with one key" offers: another place or type, an event to attach this report to, a report to join with it
  a  accept: the draft becomes an event, with everything you edited
  o  accept although rules are broken or values are missing; the event stays open
  e  edit a field: type its number or name, then the value (Tab completes; empty clears it)
  m  mark a piece of the text for a field: type the words as they stand in the text
  t  attach this report to an event that is there already, by its id
  p  say of what scale the publisher is (national, regional ...), once and for all its reports
  r  reject: no event, with a reason; Enter takes the one that is proposed
  s  skip: comes again in the next sitting
  u  undo the last decision of this sitting
  c  code an event of this document that no draft proposes, in the form of 'add'
  d  show the whole document
  h  documents in languages that the engine does not read: read them and code their events yourself
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
    edited: Mapping[str, Any],
    offered: Sequence[Offer] = (),
    hint: str = "",
) -> None:
    """Everything a coder needs for one decision."""
    console.rule(Text(head), style="dim")
    console.print(Text.assemble((draft.status, "bold"), f"  {draft.score:.2f}  ", (draft.clue, "italic")))
    console.print(_statement(draft, text))
    console.print()
    colours = _colours(draft)
    form = Table.grid(padding=(0, 1, 0, 0))
    form.add_column(justify="right", width=3, style="dim", no_wrap=True)
    form.add_column(width=16, no_wrap=True)
    form.add_column(overflow="fold")
    for number, name in enumerate(fields_shown(prepared.values), 1):
        value = prepared.values.get(name)
        shown = "; ".join(value) if isinstance(value, list) else "" if value is None else str(value)
        line = Text(shown)
        if name in edited:
            line.append("  (yours)", style="green")
        elif draft.evidence.get(name):
            line.append(f"  <- {' '.join(draft.evidence[name][0].quote.split())!r}", style="dim")
        elif not shown and name in draft.rules:
            line.append(draft.rules[name], style="dim italic")
        form.add_row(str(number), Text(name, style=colours.get(name, "dim" if not shown else "bold")), line)
    console.print(form)
    for link, said in (("same_as", "tells again of"), ("parts", "holds, among others")):
        for other in draft.candidates.get(link, ()):
            console.print(Text(f"{said}: {' '.join(str(other.get('words', '')).split())!r}", style="cyan"))
    kind = prepared.values.get("sub_event_type")
    if kind:
        row = codebook.lists["sub_event_types"].get(kind) or {}
        for name, label in (("definition", kind), ("includes", "includes"), ("excludes", "not")):
            if row.get(name):
                console.print(Text.assemble((f"{label}: ", "bold cyan"), (row[name], "cyan")))
    for problem in folded(prepared.structural + prepared.problems):
        if problem.severity != "info":
            console.print(Text(f"{problem.severity}: {problem.message} [{problem.code}]", style="red" if problem.severity == "error" else "yellow"))
    if offered:
        console.print(Text("or with one key:", style="bold"))
        for number, offer in enumerate(offered, 1):
            console.print(Text.assemble(("  ", ""), (f"{number}", "bold yellow"), (f"  {offer.label}", "")))
            for detail in offer.details:
                console.print(Text(f"       {detail}", style="magenta dim"))
    if hint:
        console.print(Text(hint, style="bold"))
    console.print(KEYS)


def folded(problems: Sequence[Problem]) -> list[Problem]:
    """The problems with all missing values in one line."""
    missing = [p for p in problems if p.code == "missing-required"]
    if len(missing) < 2:
        return list(problems)
    from eventcoder.problem import Problem

    told = Problem("missing-required", f"missing: {', '.join(str(p.field) for p in missing)}.")
    return [told, *(p for p in problems if p.code != "missing-required")]


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
