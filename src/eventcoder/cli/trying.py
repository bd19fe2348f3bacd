"""`eventcoder try type|date|places|actors|count`: one step on one text, or thousands from standard input. Floor 8."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from eventcoder.cli.options import JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say
from eventcoder.errors import ProjectError, UsageError
from eventcoder.project import Project, open_project, packaged_schema

app = typer.Typer(help="Try type, date, places, actors or counts on a text.", no_args_is_help=True)

TYPING = ("rules", "semantic")  # engines that can be asked for a type alone

TextArgument = Annotated[
    str, typer.Argument(help="A text; or - for JSON Lines {id, text, published?, country?} from standard input.", show_default=False)
]
PublishedOption = Annotated[str | None, typer.Option("--published", help="Publication date, YYYY-MM-DD; relative dates need it.", show_default=False)]
CountryOption = Annotated[str | None, typer.Option("--country", help="Country that the text is about.", show_default=False)]


def _run(step: str, text: str, published: str | None, country: str | None, project: Any, as_json: bool, engine: str = "rules") -> None:
    from eventcoder.extraction import trial
    from eventcoder.review import kit_of

    action: Callable[[dict[str, Any], Any], dict[str, Any]] = getattr(trial, f"try_{step}")
    try:
        opened = open_project(project)
    except ProjectError:
        if project is not None:
            raise
        opened = None
    place = opened or Project(packaged_schema().parent)
    kit = kit_of(place, progress=note)
    if engine == "semantic":
        from eventcoder.extraction.semantic import semantic_kit

        kit = semantic_kit(kit, place)
    if text != "-":
        result = action({"text": text, "published": published, "country": country}, kit)
        if as_json:
            emit(result)
        else:
            for key, value in result.items():
                say(f"{key:<16} {json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value}")
        return
    gc.freeze()  # the kit stays to the end: no search for rubbish among its word lists, thousands of times
    failed = 0
    try:
        for number, line in enumerate(sys.stdin.buffer, 1):
            if not line.strip():
                continue
            record: dict[str, Any] = {}
            try:
                record = json.loads(line.decode("utf-8"))
                if not isinstance(record, dict) or not isinstance(record.get("text"), str):
                    raise UsageError("an object with a 'text' is needed.")
                answer = action({"published": published, "country": country, **{k: v for k, v in record.items() if v is not None}}, kit)
            except (ValueError, UsageError) as error:
                # one bad line does not stop thousands; its answer says so, in its place
                answer = {"error": f"line {number}: {error}"}
                failed += 1
            emit({"id": record.get("id") if isinstance(record, dict) else None, **answer})
    finally:
        gc.unfreeze()
    if failed:
        raise typer.Exit(1)


@app.command("type")
def type_(
    text: TextArgument,
    published: PublishedOption = None,
    country: CountryOption = None,
    engine: Annotated[str, typer.Option("--engine", help="rules or semantic.")] = "rules",
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """The sub-event type, with score and alternatives."""
    if engine not in TYPING:
        raise UsageError(f"Unknown engine {engine!r}.", f"Known here: {', '.join(TYPING)}. The engine llm reads whole documents only ('extract').")
    _run("type", text, published, country, project, json_, engine)


@app.command()
def date(
    text: TextArgument, published: PublishedOption = None, country: CountryOption = None, json_: JsonOption = False, project: ProjectOption = None
) -> None:
    """The day or interval, its precision and the rule that gave it."""
    _run("date", text, published, country, project, json_)


@app.command()
def places(
    text: TextArgument, published: PublishedOption = None, country: CountryOption = None, json_: JsonOption = False, project: ProjectOption = None
) -> None:
    """The places named, each with its best match in the gazetteer."""
    _run("places", text, published, country, project, json_)


@app.command()
def actors(
    text: TextArgument, published: PublishedOption = None, country: CountryOption = None, json_: JsonOption = False, project: ProjectOption = None
) -> None:
    """The actors named, with kind and role."""
    _run("actors", text, published, country, project, json_)


@app.command()
def count(
    text: TextArgument, published: PublishedOption = None, country: CountryOption = None, json_: JsonOption = False, project: ProjectOption = None
) -> None:
    """People killed, injured, arrested or gathered: low, best, high and the rule."""
    _run("count", text, published, country, project, json_)
