"""`eventcoder evaluate`: drafts scored against a gold coding. Floor 8."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventcoder.cli.options import JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say
from eventcoder.cli.progress import counted
from eventcoder.errors import InputError, NotFound, ProjectError, UsageError
from eventcoder.problem import Problem
from eventcoder.project import Project, open_project, packaged_schema

if TYPE_CHECKING:
    from eventcoder.coding import Desk
    from eventcoder.evaluation import GoldDocument, Keyboard, Miss
    from eventcoder.event import Draft
    from eventcoder.extraction.kit import Kit
    from eventcoder.extraction.protocol import Engine, Text

STEPS = ("type",)
_MOST_WORDS = 400


def evaluate(
    gold: Annotated[Path, typer.Argument(help="Gold coding: JSON Lines, one document a line (see docs/gold.md).", show_default=False)],
    engine: Annotated[str | None, typer.Option("--engine", help="rules, semantic or llm; else the project's setting.", show_default=False)] = None,
    step: Annotated[str | None, typer.Option("--step", help="type: score the types of the gold quotes alone.", show_default=False)] = None,
    errors: Annotated[int, typer.Option("--errors", help="How many of the errors to show, the gravest first.", min=0)] = 10,
    errors_csv: Annotated[Path | None, typer.Option("--errors-csv", help="Write all errors to this CSV file.", show_default=False)] = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Score the drafts of an engine against a gold coding: events, fields, types, statuses, calibration, keystrokes.

    Gold that carries its own texts needs no project and no ingest. Nothing is stored. Every figure comes with a bootstrap interval.
    """
    from eventcoder.evaluation import Judge, as_text, check_values, evaluate_types, read_gold
    from eventcoder.evaluation import evaluate as score
    from eventcoder.extraction.engines import open_engine

    if step is not None and step not in STEPS:
        raise UsageError(f"Unknown step {step!r}.", f"Known: {', '.join(STEPS)}.")
    lines = read_gold(gold)
    opened = _project(project, needed=step is None and any(line.text is None for line in lines))
    with _Source(opened, lines) as source:
        kit = source.kit
        for problem in check_values(lines, kit.codebook):
            note(f"note: {problem.message}")
        chosen = open_engine(engine or opened.settings.engine, kit, opened)
        try:
            if step == "type":
                result: Any = evaluate_types(lines, _types_of(chosen, kit))
                shown = result.as_text(errors=errors)
            else:
                drafts, failed = source.drafts(chosen)
                known = [line for line in lines if line.document in drafts]
                judge = Judge(kit.codebook, kit.gazetteer, kit.actors)
                result = score(drafts, known, judge, texts=source.texts, keyboard=_keyboard(kit))
                shown = as_text(result, errors=errors)
        finally:
            chosen.close()
    named = f"{chosen.name} {chosen.version}"
    if errors_csv is not None:
        _write_errors(errors_csv, result.misses)
    if json_:
        emit({"engine": chosen.name, "engine_version": chosen.version, "gold": gold.name, **result.as_json()})
    else:
        say(f"{gold.name}, engine {named}")
        say(shown)
    if step is None and failed:
        for problem in failed:
            note(f"{problem.where}: {problem.message}")
        raise typer.Exit(1)


def _project(given: Path | None, *, needed: bool) -> Project:
    """The project; without one the packaged schema, unless the gold names documents that must have been ingested."""
    try:
        return open_project(given)
    except ProjectError:
        if given is not None or needed:
            raise
        return Project(packaged_schema().parent)


class _Source:
    """The texts of the gold's documents: those that it carries, else those of the project."""

    def __init__(self, project: Project, lines: Sequence[GoldDocument]) -> None:
        self.project = project
        self.lines = lines
        self.texts: dict[str, str] = {}
        self._desk: Desk | None = None

    def __enter__(self) -> _Source:
        from eventcoder.coding import Desk
        from eventcoder.review import kit_of

        if any(line.text is None for line in self.lines):
            self._desk = Desk(self.project, readonly=True)
        self.kit: Kit = kit_of(self.project, desk=self._desk, progress=note)
        return self

    def __exit__(self, *_: object) -> None:
        if self._desk is not None:
            self._desk.close()

    def drafts(self, engine: Engine) -> tuple[dict[str, list[Draft]], list[Problem]]:
        """Drafts by the gold's document, and what could not be read. A document that failed is scored no more than one that is not there."""
        failed: list[Problem] = []
        named: list[str] = []
        texts: list[Text] = []
        for line in self.lines:
            try:
                text = self._text(line)
            except NotFound as error:
                failed.append(Problem("unknown-document", str(error), where=line.document))
                continue
            named.append(line.document)
            texts.append(text)
            self.texts[line.document] = text.text
        out: dict[str, list[Draft]] = {}
        read = engine.read(texts)
        for name in counted(named, "Extracting"):
            answer = next(read)
            for problem in answer.problems:
                note(f"note: {name}: {problem.message}")
            if answer.failed:
                told = answer.problems[0].message if answer.problems else "the engine could not read it."
                failed.append(Problem("unread-document", told, where=name))
            else:
                out[name] = answer.drafts
        return out, failed

    def _text(self, line: GoldDocument) -> Text:
        from eventcoder.documents.article import Article
        from eventcoder.event import Document
        from eventcoder.extraction.protocol import Text
        from eventcoder.text import normalise

        if line.text is not None:
            article = Article(normalise(line.text))
            meta = Document(
                id=article.id, sha256=article.sha256, length=len(article.text), published=line.published, publisher=line.publisher,
                title=line.title, language=line.language, url=line.url, source_name=line.document,
            )  # fmt: skip
            return Text(meta, article.text)
        assert self._desk is not None
        documents = self._desk.ledger.latest("document")
        names = {str(e.body.get("source_name")): s for s, e in documents.items()}
        found = names.get(line.document) or (line.document if line.document in documents else None)
        if found is None:
            raise NotFound(f"gold names {line.document!r}, which was not ingested.", "Ingest it, or give its text in the gold.")
        return Text(Document.model_validate(dict(self._desk.document_meta(found))), self._desk.documents.text(found))


def _types_of(engine: Engine, kit: Kit) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    """The engine's own answer to one text, where it has one; else that of `try type`."""
    own = getattr(engine, "try_type", None)
    if own is not None:
        return lambda record: dict(own(record))
    if engine.name != "rules":
        raise UsageError(f"The engine {engine.name} does not type single quotes.", "Leave --step out, or use the engine rules.")
    from eventcoder.extraction.trial import try_type

    return lambda record: try_type(record, kit)


def _keyboard(kit: Kit) -> Keyboard:
    """The keys of `review` and `add` as they are, in a project without events: nothing is completed from earlier ones."""
    from eventcoder.cli.form import DEFAULTS, ORDER
    from eventcoder.cli.offers import MOST, value_offers
    from eventcoder.cli.screen import ALWAYS, FORM
    from eventcoder.evaluation import Keyboard
    from eventcoder.extraction.note import draft_note
    from eventcoder.review import REVIEWED

    book = kit.codebook
    groups = kit.actors.complete("", limit=_MOST_WORDS)

    @cache
    def offered(name: str, country: str | None) -> tuple[str, ...]:
        column = book.columns_by_name.get(name)
        if column is not None and column.list:
            return tuple(book.lists[column.list].codes)
        if name in ("actor1", "actor2"):
            kinds = ("protesters", "rioters", "civilians", "unidentified")
            generic = [kit.actors.generic(kind, country) for kind in kinds] if country in book.lists["countries"] else []
            return tuple(dict.fromkeys([*generic, *groups]))[:_MOST_WORDS]
        return ()

    def place_known(name: str, country: str | None) -> bool:
        return any(p.point is not None for p in kit.gazetteer.lookup(name, country=country, limit=6, strict=False))

    return Keyboard(
        form=FORM,
        always=ALWAYS,
        prompts=ORDER,
        defaults=DEFAULTS,
        columns=[c.name for c in book.columns if c.entered in ("coder", "default")],
        listed=frozenset(c.name for c in book.columns if c.list),
        reviewed=REVIEWED,
        words=lambda name, values: offered(name, values.get("country")),
        place_known=cache(place_known),
        note=draft_note,
        offers=lambda draft: [offer.edits for offer in value_offers(draft, draft.fields)[:MOST]],
    )


def _write_errors(path: Path, misses: Sequence[Miss]) -> None:
    """All errors as a table. Raises `InputError` where the file cannot be written."""
    import csv

    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(("document", "statement", "what", "wanted", "got", "quote"))
            table.writerows((m.document, m.statement, m.what, _cell(m.wanted), _cell(m.got), m.quote) for m in misses)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.", "Give another file with --errors-csv.") from None


def _cell(value: Any) -> Any:
    return "; ".join(map(str, value)) if isinstance(value, list) else value
