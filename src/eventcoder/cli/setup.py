"""`init` and `doctor`: make a project, and see whether one holds together. Floor 8."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path
from typing import Annotated

import typer

from eventcoder.cli.options import JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say
from eventcoder.errors import EventcoderError, LedgerError, ProjectError, UsageError
from eventcoder.problem import Problem, Report
from eventcoder.project import SETTINGS_FILE, Project, open_project, packaged_schema

SETTINGS_TEMPLATE = """\
# Settings of this project; every key is optional. 'eventcoder doctor' names mistakes.
id = {id}
title = {title}
licence = "CC-BY-4.0"        # of the released data
authors = []
# coder = "ana"              # default for --coder; better: set EVENTCODER_CODER on each machine
countries = []               # scope; empty = the world
# ledger = "postgresql://db.example/events"  # a database for a team ('eventcoder ledger --help'); else a file in .eventcoder
window_days = 7              # an event is current if it lies at most so many days before its report
approval = "none"            # "all": an event settles only by 'eventcoder approve'; "share": a part does (schema/team/approval.csv)
# double_share = 0.1         # 'eventcoder assign': part of the documents that two coders read, each blind to the other
# claim_days = 14            # a task that a coder took is anybody's again after so many days
"""
IGNORED = ".eventcoder/\n"
# git must not change line ends: released bytes and the journal's are checked. Lines of a journal that two coders added both stand: a sync sorts them
UNTOUCHED = "raw/journal/** -text merge=union\nreleases/** -text\n"


def init(
    directory: Annotated[Path, typer.Argument(help="Folder of the new project; made if it is not there.", show_default=False)],
    title: Annotated[str | None, typer.Option("--title", help="Title of the dataset.", show_default=False)] = None,
    schema: Annotated[bool, typer.Option("--schema/--no-schema", help="Copy the default codebook into the project, to be changed there.")] = True,
) -> None:
    """Make a new project: eventcoder.toml, schema/, raw/, releases/."""
    import json

    target = directory.resolve()
    if (target / SETTINGS_FILE).exists():
        raise ProjectError(f"{directory} is a project already.", "Nothing was changed.")
    if target.exists() and not target.is_dir():
        raise ProjectError(f"{directory} is a file.", "Name a folder.")
    if title is not None and not title.isprintable():
        raise UsageError(f"{title!r} cannot be a title.", "Use one line of printable characters.")
    if (target / "schema").exists() and schema:
        raise ProjectError(f"{directory / 'schema'} is there already.", "Use --no-schema to keep it, or another folder.")
    for folder in ("raw/articles", "raw/journal", "releases"):
        (target / folder).mkdir(parents=True, exist_ok=True)
    if schema:
        shutil.copytree(packaged_schema(), target / "schema")
        for path in (target / "schema", *(target / "schema").rglob("*")):  # installed packages may be read-only, a project's codebook is not
            path.chmod(path.stat().st_mode | stat.S_IWUSR)
    name = "".join(c if c.isalnum() else "-" for c in target.name.casefold()).strip("-") or "dataset"
    _ensure_lines(target / ".gitignore", IGNORED)
    _ensure_lines(target / ".gitattributes", UNTOUCHED)
    # a JSON text is a valid TOML basic string, whatever characters the title holds
    text = SETTINGS_TEMPLATE.format(id=json.dumps(name), title=json.dumps(title or target.name, ensure_ascii=False))
    (target / SETTINGS_FILE).write_text(text, "utf-8")
    say(f"Made the project {directory}.")
    note(f"Next: cd {directory}; export EVENTCODER_CODER=YOURNAME; eventcoder ingest raw/articles; eventcoder review")


def _ensure_lines(path: Path, lines: str) -> None:
    """Add the lines to a file of git's where they are not in it yet."""
    before = path.read_text("utf-8") if path.exists() else ""
    missing = [line for line in lines.splitlines() if line not in before.splitlines()]
    if missing:
        path.write_text(before + ("" if before.endswith("\n") or not before else "\n") + "\n".join(missing) + "\n", "utf-8")


def doctor(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make the head table and the caches anew from the entries.")] = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Check that project, codebook, ledger, documents and releases hold together. Exit code 1 if something is wrong."""
    opened = open_project(project)
    report = Report()
    lines: list[str] = [f"project    {opened.settings.id}: {opened.settings.title}"]
    if rebuild:
        shutil.rmtree(opened.state_dir / "cache", ignore_errors=True)
    for examine in (_codebook, _ledger, _documents, _leftovers):
        try:
            lines.append(examine(opened, report, rebuild))
        except EventcoderError as error:
            report.extend(getattr(error, "problems", None) or [Problem("doctor", str(error))])
    if json_:
        emit({**report.as_json(), "lines": lines})
    else:
        for line in lines:
            say(line)
        for problem in report:
            say(f"{problem.severity}: {problem.message} [{problem.code}]")
        say("All is well." if report.valid else "Something is wrong: see above.")
    if not report.valid:
        raise typer.Exit(1)


def _codebook(project: Project, report: Report, rebuild: bool) -> str:
    from eventcoder.codebook import load_codebook

    book = load_codebook(project.schema_dir, project.state_dir / "cache")
    return f"codebook   {book.id} {book.version}, {len(book.columns)} columns, {len(book.rules)} rules"


def _ledger(project: Project, report: Report, rebuild: bool) -> str:
    from eventcoder.ledger import ledger_exists, open_ledger
    from eventcoder.ledger.address import read_address, shown
    from eventcoder.ledger.blind import beside_codings
    from eventcoder.ledger.folded import OF_DATASET
    from eventcoder.ledger.people.past_rights import doubtful_entries

    at = project.ledger_at
    if isinstance(at, str) and at == project.settings.ledger.strip() and read_address(at).secrets:
        report.extend([Problem("ledger-password-in-settings", f"{SETTINGS_FILE} holds a password of the ledger's database, and git keeps what is in "
                               "it for ever. Take it out, change it on the server, and use PGPASSWORD or ~/.pgpass.", "warning")])  # fmt: skip
    if not ledger_exists(at):
        journals = sorted(project.journal_dir.glob("*.jsonl"))
        if journals:
            return f"ledger     none yet; 'eventcoder journal import' reads {len(journals)} journal file(s)"
        return "ledger     none yet"
    try:
        with open_ledger(at, create=False, readonly=not rebuild) as ledger:
            if rebuild:
                ledger.rebuild()
            report.extend([*ledger.verify(), *doubtful_entries(ledger.store), *beside_codings(ledger.store)])
            place = f" in {shown(at)}" if isinstance(at, str) else ""
            events = sum(1 for _ in ledger.events(states=OF_DATASET))
            return f"ledger     {ledger.count('act')} acts, {ledger.count('document')} documents, {events} events{place}"
    except LedgerError as error:
        report.extend([Problem("ledger-unusable", str(error))])
        return "ledger     cannot be used"


def _documents(project: Project, report: Report, rebuild: bool) -> str:
    from eventcoder.documents import DocumentStore

    store = DocumentStore(project.documents_dir)
    ids = list(store.ids())
    missing = 0
    for document in ids:
        try:
            store.text(document)
        except EventcoderError as error:
            if "altered" in error.message or "changed" in error.message:
                report.extend([Problem("document-altered", str(error), value=document)])
            else:
                missing += 1
    return f"documents  {len(ids)}" + (f", the texts of {missing} are not on this machine" if missing else "")


def _leftovers(project: Project, report: Report, rebuild: bool) -> str:
    stale = sorted(p.name for p in project.releases_dir.glob(".staging-*"))
    if stale and rebuild:
        for name in stale:
            shutil.rmtree(project.releases_dir / name)
        return f"releases   removed {len(stale)} half-built version(s) of an interrupted 'release'"
    if stale:
        report.extend(
            [Problem("release-leftover", f"releases/{stale[0]} is left of an interrupted 'release'. The next release removes it.", "warning")]
        )
    return f"releases   {len([p for p in project.releases_dir.glob('[0-9]*') if p.is_dir()])}"
