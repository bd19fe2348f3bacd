"""`eventcoder learn`: the classifier of types from the team's decisions. Floor 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from eventcoder.cli.options import DryRunOption, JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say, table
from eventcoder.errors import Refused, UsageError
from eventcoder.project import open_project

if TYPE_CHECKING:
    from pathlib import Path

    from eventcoder.learning import Lesson, Version
    from eventcoder.learning.gains import Gain, Gains


def learn(
    use: Annotated[
        str | None, typer.Option("--use", help="Choose a learned version by number, or 'base': the packaged one.", show_default=False)
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the learned versions with their scores.")] = False,
    anyway: Annotated[bool, typer.Option("--anyway", help="Take the new version even if it is worse than the one in use.")] = False,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Learn event types from the coders' decisions, and use what was learned if it is no worse.

    Documents of gold codings (raw/gold) and those that two coders read are kept aside. Each version lies in classifier/N with its scores.
    """
    root = open_project(project).root
    if sum((use is not None, list_, anyway or dry_run)) > 1:
        raise UsageError("--use, --list and the options of learning exclude each other.", "Give one of them.")
    if list_:
        _list(root, as_json=json_)
        return
    if use is not None:
        _use(root, use, as_json=json_)
        return
    lesson = _learn(project)
    if not json_:
        _show(lesson)
    stored = None if dry_run else _store(lesson, root, anyway=anyway)
    if json_:
        emit({**lesson.as_json(), "stored": stored.number if stored else None})
    elif stored:
        say(f"{stored.name} is in use from now on. Drafts that wait are proposed anew; 'eventcoder learn --use' goes back.")
    elif lesson.voter is None:
        say(f"Nothing new: {lesson.before} has learned from exactly these decisions.")
    else:
        say("Nothing was stored.")


def _learn(project: Path | None) -> Lesson:
    from eventcoder.coding import Desk
    from eventcoder.learning import learn as teach
    from eventcoder.review import kit_of

    opened = open_project(project)
    with Desk(opened, readonly=True) as desk:
        return teach(desk, kit_of(opened, desk=desk, progress=note), progress=note)


def _store(lesson: Lesson, root: Path, *, anyway: bool) -> Version | None:
    """The new version, chosen; None where there is none. Raises `Refused` for a worse one."""
    from eventcoder.learning import store
    from eventcoder.learning import use as choose

    if lesson.voter is None:
        return None
    if lesson.worse and not anyway:
        raise Refused(f"The new model was not taken: {lesson.worse}.", "Decide more drafts and learn again, or give --anyway.")
    version = store(lesson, root)
    choose(root, str(version.number))
    return version


def _show(lesson: Lesson) -> None:
    gathered = lesson.gathered
    say(f"{len(gathered.decisions)} decisions on {gathered.documents} documents teach {len(gathered.by_type())} types.")
    for what, counts in (("Decisions not used", gathered.left), ("Documents kept aside", gathered.aside)):
        if counts:
            say(f"{what}: {', '.join(f'{n} {reason}' for reason, n in counts.items())}.")
    if lesson.by_document is None or lesson.calibration is None:
        return
    say(f"\nF1 against {lesson.before}, on documents that neither saw (cross-validation)")
    for line in _lines(lesson.by_document):
        say(line)
    if lesson.by_time is not None:
        f1 = lesson.by_time.f1
        told = f"by time: learned up to {lesson.until}" if lesson.until else "by time: learned from the earlier 80%"
        say(f"\nF1 {told}, tested on the {f1.number} decisions after")
        say(table([_cells(f1)], _HEADER)[1])
    else:
        say("\nBy time: too few later decisions to test on.")
    say("\nDo the new scores mean what they say?")
    say("\n".join(lesson.calibration.as_text()))
    say()


_HEADER = ("", "n", "before", "after", "change", "95% interval", "")


def _lines(gains: Gains) -> list[str]:
    return table([_cells(g) for g in (*gains.types, gains.f1, gains.accuracy)], _HEADER)


def _cells(gain: Gain) -> list[str]:
    between = "" if gain.low is None or gain.high is None else f"{gain.low:+.2f} to {gain.high:+.2f}"
    verdict = "too few to tell" if gain.verdict == "few" else gain.verdict
    return [f"  {gain.name}", str(gain.number), f"{gain.before:.2f}", f"{gain.after:.2f}", f"{gain.difference:+.2f}", between, verdict]


def _use(root: Path, wanted: str, *, as_json: bool) -> None:
    from eventcoder.learning import use as choose

    version = choose(root, wanted)
    if as_json:
        emit({"in_use": version.number if version else "base"})
    else:
        say(f"{version.name if version else 'The packaged model'} is in use from now on.")


def _list(root: Path, *, as_json: bool) -> None:
    from eventcoder.extraction.classifier.learned import FOLDER, in_use
    from eventcoder.learning import versions

    current = in_use(root / FOLDER)
    found = versions(root)
    if as_json:
        for version in found:
            emit({"version": version.number, "in_use": version.number == current, **version.scores})
        return
    if not found:
        say("Nothing was learned yet: the packaged model is in use.")
        return
    rows = [["*" if not current else "", "base", "", "", "", ""]]
    for version in found:
        f1 = version.scores["by_document"]["weighted_f1"]
        change = f"{f1['before']:.2f} ({version.scores['before']}) -> {f1['after']:.2f}"
        told = [str(version.scores["decisions"]), str(version.scores["documents"]), str(version.scores["last_decision"]), change]
        rows.append(["*" if version.number == current else "", version.name, *told])
    for line in table(rows, ("in use", "version", "decisions", "documents", "last decision", "F1 by documents")):
        say(line)
