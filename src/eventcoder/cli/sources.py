"""`ingest` and `documents`. Floor 8."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eventcoder import clock
from eventcoder.cli.looking import reading_desk
from eventcoder.cli.options import CoderOption, JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say, show_problems, table, terminal_width
from eventcoder.cli.progress import working
from eventcoder.errors import NotFound
from eventcoder.project import coder_name, open_project


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders: text, Markdown, HTML, JSON, JSON Lines, CSV.", show_default=False)],
    publisher: Annotated[str | None, typer.Option("--publisher", help="For articles that do not say.", show_default=False)] = None,
    published: Annotated[str | None, typer.Option("--published", help="YYYY-MM-DD, for articles that do not say.", show_default=False)] = None,
    language: Annotated[str | None, typer.Option("--language", help="Two letters, for articles that do not say.", show_default=False)] = None,
    licence: Annotated[str | None, typer.Option("--licence", help="Licence of the texts.", show_default=False)] = None,
    visibility: Annotated[
        str | None, typer.Option("--visibility", help="public, or undisclosed: releases then never name or quote them.", show_default=False)
    ] = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Read articles into the project. The same text again changes nothing; what cannot be read is named, the rest goes on."""
    from eventcoder.intake.articles import ingest as take_in
    from eventcoder.ledger import open_ledger

    opened = open_project(project)
    name = coder_name(opened, coder)
    with open_ledger(opened.ledger_at, project=opened.ledger_project) as ledger, working("Reading articles ..."):
        result = take_in(
            opened,
            ledger,
            paths,
            coder=name,
            time=clock.now(),
            publisher=publisher,
            published=published,
            language=language,
            licence=licence,
            visibility=visibility,
        )
    near = [[*pair] for pair in result.near_duplicates]
    if json_:
        emit(
            {
                "read": result.read,
                "created": result.created,
                "unchanged": result.unchanged,
                "refused": result.refused,
                "documents": list(result.documents),
                "near_duplicates": near,
                "problems": [p.as_json() for p in result.problems],
            }
        )
    else:
        say(f"read {result.read}: {result.created} new, {result.unchanged} known, {result.refused} refused")
    for first, second, score in near:
        note(f"note: {first} and {second} tell nearly the same text ({score:.0%}).")
    show_problems(result.problems)
    if result.refused:
        raise typer.Exit(1)


def documents(
    document: Annotated[str | None, typer.Argument(help="Show this one, with its text.", show_default=False)] = None,
    undecided: Annotated[bool, typer.Option("--undecided", help="Only those without any event or decision yet.")] = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """List the documents, or show one with its text."""
    from eventcoder.team.tasks.blind import visible, visible_entry

    with reading_desk(project) as desk:
        if document is not None:
            found = desk.find_document(document)
            meta = dict(desk.document_meta(found))
            try:
                text: str | None = desk.documents.text(found)
            except NotFound as error:
                note(f"note: {error}")
                text = None
            if json_:
                emit({**meta, "text": text})
            else:
                for key, value in meta.items():
                    if value not in (None, ""):
                        say(f"{key:<18} {value}")
                say()
                say(text or "")
            return
        made = [e for e in desk.ledger.entries(kind="decision") if visible_entry(desk, e)] if undecided else []
        seen, decided = {e.subject for e in made}, {e.body.get("document") for e in made}
        reported = {r["document"] for event in desk.ledger.events() if visible(desk, event) for r in event.reports} if undecided else set()
        rows = []
        for key, entry in desk.ledger.latest("document").items():
            if undecided and key in seen | reported | decided:
                continue
            meta = dict(entry.body)
            if json_:
                emit(meta)
            rows.append(
                [
                    key,
                    str(meta.get("published") or ""),
                    str(meta.get("publisher") or ""),
                    str(meta.get("language") or ""),
                    str(meta.get("title") or meta.get("source_name") or ("[redacted]" if meta.get("redacted") else "")),
                ]
            )
        if not json_:
            for line in (
                table(sorted(rows, key=lambda r: (r[1], r[0])), ["document", "published", "publisher", "language", "title"], width=terminal_width())
                if rows
                else []
            ):
                say(line)
            if not rows:
                note("No document. 'eventcoder ingest PATH' reads some.")
