"""`eventcoder extract`: drafts from documents. Floor 8."""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventcoder.cli.options import JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say, show_problems
from eventcoder.cli.progress import rows_done
from eventcoder.coding import Desk
from eventcoder.errors import NotFound, UsageError
from eventcoder.event import Draft
from eventcoder.project import ENGINES, open_project

if TYPE_CHECKING:
    from collections.abc import Generator

    from eventcoder.corpus import Read, Run
    from eventcoder.corpus.pieces import Answer, Item

SHOWN = 20  # problems of one kind that are shown; the others are counted


def extract(
    documents: Annotated[
        list[str] | None,
        typer.Argument(help="Document ids or beginnings; else all that were not extracted yet.", show_default=False),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            "--engine",
            help="rules (English, offline), semantic (the same with a small model) or llm (any endpoint); else the project's setting.",
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=0, help="Processes; 0: all cores for more than 20 documents, else this process.", show_default=False)
    ] = 0,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help="Read on the workers of this Dask scheduler (tcp://host:8786).", show_default=False)
    ] = None,
    source: Annotated[
        str | None, typer.Option("--from", help="Read a Parquet dataset (column text): file, folder, s3://, gs://, abfs://.", show_default=False)
    ] = None,
    target: Annotated[
        str | None, typer.Option("--to", help="Write a Parquet dataset into this folder or URL, not into the ledger.", show_default=False)
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Read also what was extracted before. (--json always prints the drafts of all.)")] = False,
    budget: Annotated[
        int | None,
        typer.Option("--budget", min=0, help="llm: tokens that this run may spend; 0 for no bound.", show_default="llm_tokens of the settings"),
    ] = None,
    replay: Annotated[bool, typer.Option("--replay", help="llm: answers that are kept, and no connection.")] = False,
    status: Annotated[str | None, typer.Option("--status", help="Show only drafts of this status, e.g. codable.", show_default=False)] = None,
    store: Annotated[bool, typer.Option("--store/--no-store", help="Keep the drafts for 'review'.")] = True,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Propose drafts from documents. A draft is a proposal: only a coder's decision makes an event of it.

    The same text, engine and version always give the same drafts; what was decided never comes back. A run that was stopped goes on where it was.
    """
    from eventcoder.corpus import Read, Run, only_read, to_dataset, to_ledger
    from eventcoder.team.tasks.blind import drafts_concealed

    if documents and (source or target):
        raise UsageError("Single documents are not named together with --from or --to.", "Leave out one or the other.")
    opened = open_project(project)
    name = engine or opened.settings.engine
    if (budget is not None or replay) and name != "llm":
        raise UsageError("--budget and --replay are for the engine llm.", "Add --engine llm, or leave them out.")
    if budget is not None:
        opened = replace(opened, settings=replace(opened.settings, llm_tokens=budget))
    if replay:
        os.environ["EVENTCODER_LLM_REPLAY"] = "1"
    if name not in ENGINES:
        raise UsageError(f"Unknown engine {name!r}.", f"Known: {', '.join(ENGINES)}.")
    keeps = store and source is None and target is None
    with Desk(opened, readonly=not keeps) as desk:
        if status and status not in desk.codebook.lists["statuses"].codes:
            raise UsageError(f"Unknown status {status!r}.", f"Known: {', '.join(desk.codebook.lists['statuses'].codes)}.")
        ids, unknown = _chosen(desk, documents)
        run = Run(name, jobs, scheduler or "", again, known=json_, progress=note)
        read = Read()
        if target is not None:
            answers = to_dataset(desk, run, read, target, source)
        elif source is not None:
            answers = only_read(desk, run, read, source)
        else:
            answers = to_ledger(desk, run, read, ids, store=store)
        try:
            apart = drafts_concealed(desk) if source is None and target is None else frozenset()
            seen, hidden = _show_all(answers, run, status, apart, show=target is None, as_json=json_)
        except KeyboardInterrupt:
            kept = " What was read is stored; the same command goes on from there." if keeps or target is not None else ""
            note(f"\nStopped after {read.documents} documents.{kept}")
            raise typer.Exit(130) from None
        if target is not None and json_:
            emit({"documents": read.documents, "known": read.known, "drafts": read.drafts, "failed": read.failed, "undated": read.undated})
        elif not json_:
            note(_summary(read, target, hidden))
            if foreign := seen["language-not-read"]:
                note(f"note: {foreign} of them {'is' if foreign == 1 else 'are'} in languages that the engine '{name}' does not read.")
        if read.undated:
            note(_undated(read.undated, source))
    if unknown or read.failed:
        raise typer.Exit(1)


def _show_all(
    answers: Generator[tuple[Item, Answer], None, None], run: Run, status: str | None, apart: frozenset[str], *, show: bool, as_json: bool
) -> tuple[Counter[str], int]:
    """Take the answers, show the drafts (but of documents that are to be coded `apart`) and what went wrong.

    How often each problem was told, and of how many documents the drafts were not shown.
    """
    seen: Counter[str] = Counter()
    kept: set[str] = set()
    with rows_done() as bar, closing(answers):
        run.told = lambda done, total: bar("Extracting", done, done / total if total else 1.0)
        for _, answer in answers:
            for problem in answer.problems:
                seen[problem.code] += 1
                if seen[problem.code] <= SHOWN:
                    show_problems([problem])
            for draft in answer.drafts if show else ():
                if draft.document in apart:
                    kept.add(draft.document)
                    continue
                if status and draft.status != status:
                    continue
                if as_json:
                    emit(draft.as_json())
                else:
                    _show(draft)
    if kept:
        several = f"{len(kept)} documents are" if len(kept) > 1 else "1 document is"
        note(f"note: {several} coded apart by several: the drafts, if they get any, are in 'eventcoder review' of whose task it is.")
    for code, number in seen.items():
        if number > SHOWN:
            note(f"... and {number - SHOWN} more of [{code}].")
    return seen, len(kept)


def _chosen(desk: Desk, documents: list[str] | None) -> tuple[list[str] | None, bool]:
    """The ids of the documents that were named (None: no one was), and whether some are not known."""
    if not documents:
        return None, False
    from eventcoder.corpus.register import find_document

    ids: list[str] = []
    unknown = False
    for name in documents:
        try:
            ids.append(find_document(desk, name))
        except NotFound as error:
            if Path(name).exists():
                raise UsageError(f"{name} is a file that is not in the project yet.", f"Run 'eventcoder ingest {name}' first.") from None
            note(str(error))
            unknown = True
    return list(dict.fromkeys(ids)), unknown


def _summary(read: Read, target: str | None, hidden: int) -> str:
    said = f"{read.drafts} drafts from {read.documents} documents"
    if hidden:  # how many drafts a control has would tell how many events the machine sees in it
        said = f"{read.documents} document{' was' if read.documents == 1 else 's were'} read"
    if target is not None:
        from eventcoder.corpus.places import without_keys

        said += f" in {without_keys(target)}" + (f" ({read.known} documents of them before)" if read.known else "")
    elif read.known:
        said += f"; {read.known} were extracted before (--again extracts them again)"
    return said + (f"; {read.failed} documents were not read." if read.failed else ".")


def _undated(number: int, source: str | None) -> str:
    how = "Fill the column 'published'." if source is not None else "Give it with 'eventcoder ingest PATH --published YYYY-MM-DD' (their texts stay)."
    return f"note: {number} documents have no date of publication, so that 'yesterday' and 'on Monday' stay unresolved in them. {how}"


def _show(draft: Draft) -> None:
    fields = draft.fields
    what = fields.get("sub_event_type") or "no type"
    where = fields.get("location") or fields.get("country") or "no place"
    when = fields.get("event_date") or "no date"
    say(f"{draft.draft_id[:12]}  {draft.document}  {draft.status:<12}  {when}  {where}  {what}  ({draft.score:.2f}; {draft.clue})")
    quote = " ".join(draft.statement.quote.split())
    say(f"    {json.dumps(quote[:150], ensure_ascii=False)}{'…' if len(quote) > 150 else ''}")
