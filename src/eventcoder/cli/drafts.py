"""`eventcoder extract`: drafts from documents. Floor 8."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from eventcoder.cli.options import JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say
from eventcoder.cli.progress import counted
from eventcoder.coding import Desk
from eventcoder.errors import NotFound, UsageError
from eventcoder.event import Draft
from eventcoder.project import open_project

ENGINES = ("rules",)


def extract(
    documents: Annotated[
        list[str] | None,
        typer.Argument(help="Document ids or beginnings; all if none is given. A path of a text file works too.", show_default=False),
    ] = None,
    engine: Annotated[str, typer.Option("--engine", help="rules: offline, deterministic.")] = "rules",
    status: Annotated[str | None, typer.Option("--status", help="Only drafts of this status, e.g. codable.", show_default=False)] = None,
    store: Annotated[bool, typer.Option("--store/--no-store", help="Keep the drafts for 'review'.")] = True,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Propose drafts from documents. A draft is a proposal: only a coder's decision makes an event of it.

    The same text, engine and version always give the same drafts; what was decided never comes back.
    """
    from eventcoder.review import draft_session

    if engine not in ENGINES:
        raise UsageError(f"Unknown engine {engine!r}.", f"Known: {', '.join(ENGINES)}.")
    with Desk(open_project(project), readonly=not store) as desk:
        ids, failed = _chosen(desk, documents)
        session = draft_session(desk, progress=note)
        total = 0
        for document in counted(ids, "Extracting"):
            try:
                drafts = session.drafts_of(document)
            except NotFound as error:
                note(f"{document}: {error}")
                failed = True
                continue
            for draft in drafts:
                if status and draft.status != status:
                    continue
                total += 1
                if json_:
                    emit(draft.as_json())
                else:
                    _show(draft)
        if store and ids:
            session.keep()
        if not json_:
            note(f"{total} drafts from {len(ids)} documents.")
        if failed:
            raise typer.Exit(1)


def _chosen(desk: Desk, documents: list[str] | None) -> tuple[list[str], bool]:
    if not documents:
        return sorted(desk.ledger.latest("document")), False
    ids: list[str] = []
    failed = False
    for name in documents:
        try:
            ids.append(desk.find_document(name))
        except NotFound as error:
            if Path(name).exists():
                raise UsageError(f"{name} is a file that is not in the project yet.", f"Run 'eventcoder ingest {name}' first.") from None
            note(str(error))
            failed = True
    return ids, failed


def _show(draft: Draft) -> None:
    fields = draft.fields
    what = fields.get("sub_event_type") or "no type"
    where = fields.get("location") or fields.get("country") or "no place"
    when = fields.get("event_date") or "no date"
    say(f"{draft.draft_id[:12]}  {draft.document}  {draft.status:<12}  {when}  {where}  {what}  ({draft.score:.2f}; {draft.clue})")
    quote = " ".join(draft.statement.quote.split())
    say(f"    {json.dumps(quote[:150], ensure_ascii=False)}{'…' if len(quote) > 150 else ''}")
