"""`trace`: where each value of an event comes from, in the ledger or in a release. Floor 8."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from eventcoder.cli.looking import reading_desk, refuse_concealed
from eventcoder.cli.options import EventArgument, JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say
from eventcoder.coding.origin import origin, told
from eventcoder.ledger import Entry
from eventcoder.team.adjudication.taken import Taken, taken_from


def trace(
    event: EventArgument,
    field: Annotated[str | None, typer.Argument(help="One column; else all.", show_default=False)] = None,
    release: Annotated[
        str | None, typer.Option("--release", help="A version, or 'latest': what that release says, instead of the ledger.", show_default=False)
    ] = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Where each value comes from: the act, its coder, the codebook of that day, the draft and the span of text.

    With --release it says what the release shows: coders by pseudonym, quotes of public documents, and since which version the value holds.
    """
    if release is not None:
        _released(event, field, release, json_, project)
        return
    with reading_desk(project) as desk:
        found = desk.event(event)
        refuse_concealed(desk, found)
        if field:
            desk.codebook.column(field)  # an unknown one is said here, with the nearest
        if found.state in ("retracted", "merged"):
            last = desk.ledger.acts(found.event_id)[-1]
            instead = f" See {found.successor}." if found.successor else ""
            note(f"{found.event_id} is {found.state}, by {last.coder} at {last.time}: {found.reason}{instead}")
        for line in _lines(desk, found, field):
            if json_:
                emit(line)
                continue
            _say(line)


def _lines(desk: Any, found: Any, field: str | None) -> list[dict[str, Any]]:
    """One line a column, from the ledger's acts."""
    from eventcoder.ledger import fold

    acts = desk.ledger.acts(found.event_id)
    by_id = {entry.id: entry for entry in acts}
    folded = fold(acts)
    draft = next((e.body["draft"] for e in acts if e.body.get("draft")), None)
    proposed = next(iter(desk.ledger.entries(kind="draft", subject=draft)), None) if draft else None
    names = [field] if field else [c.name for c in desk.codebook.columns if found.values.get(c.name) not in (None, [])]
    sources: dict[str, dict[str, Taken]] = {}  # act -> what it took from others' codings
    lines = []
    for name in names:
        act = by_id.get(folded.provenance.get(name, ""))
        past = [
            {"value": e.body["values"][name], "act": e.id, "coder": e.coder, "time": e.time, "reason": e.body.get("reason")}
            for e in acts
            if name in (e.body.get("values") or {})
        ]
        if act is not None and act.id not in sources:
            sources[act.id] = taken_from(desk.ledger, act.body)
        source = sources[act.id].get(name) if act is not None else None
        line = {
            "event_id": found.event_id,
            "field": name,
            "value": found.values.get(name),
            "act": act.id if act else None,
            "coder": act.coder if act else None,
            "time": act.time if act else None,
            "codebook": act.body.get("codebook") if act else None,
            "draft": draft,
            **_suggestion(proposed, name),
            "decided_by": act.coder if act else None,
            "taken_from": source.as_json() if source else None,
            "import": act.body.get("import") if act else origin(acts),
            "evidence": found.evidence.get(name, []),
            "history": past,
        }
        lines.append(line)
    return lines


def _say(line: dict[str, Any]) -> None:
    _head(line["field"], line["value"], line["coder"], line["time"], line["codebook"])
    if line["act"] and isinstance(line["import"], dict):
        say(f"    from {told(line['import'])}")
    if line["suggested_by"]:
        say(f"    suggested by {line['suggested_by']}: {line['suggested']!r}")
    if line["taken_from"]:
        say(f"    taken from the coding of {line['taken_from']['coder']}, {line['taken_from']['time']} ({line['taken_from']['event_id']})")
    for span in line["evidence"]:
        say(f"    {span['document']}[{span['start']}:{span['end']}] {span['quote']!r}")
    for earlier in line["history"][:-1]:
        say(f"    before: {earlier['value']!r} by {earlier['coder']}, {earlier['time']}")


def _suggestion(draft: Entry | None, name: str) -> dict[str, Any]:
    """What a machine proposed for the column, and which one: kept apart from who decided."""
    value = (draft.body.get("fields") or {}).get(name) if draft else None
    return {"suggested": value, "suggested_by": draft.coder if draft and value not in (None, [], "") else None}


def _head(name: str, value: Any, coder: str | None, time: str | None, codebook: str | None, nobody: str = "system") -> None:
    say(f"{name} = {value!r}  ({f'{coder}, {time}, codebook {codebook}' if coder else nobody})")


def _released(event: str, field: str | None, version: str, json_: bool, project: Path | None) -> None:
    from eventcoder.project import open_project
    from eventcoder.reader import trace as released

    frame = released(event, open_project(project).releases_dir, version, field=field)
    texts = frame.astype(object).where(frame.notna(), None).to_dict("records")
    for row in json.loads(json.dumps(texts, default=str)):  # days as ISO texts
        if json_:
            emit({"event_id": frame.attrs["event_id"], "version": frame.attrs["version"], **row})
            continue
        _head(row["field"], row["value"], row["coder"], row["time"], row["codebook_version"], "system" if row["decision"] else "by whom is not told")
        if row["decision"]:
            why = f"  because: {row['reason']}" if row["reason"] else ""
            say(f"    {row['decision']}{', suggested by ' + row['engine'] if row['engine'] else ''}{why}")
        if row["taken_from"]:
            say(f"    taken from the coding of {row['taken_from']}")
        if row["quote"]:
            more = f"  (and {row['n_quotes'] - 1} more)" if row["n_quotes"] > 1 else ""
            say(f"    {row['publisher'] or row['document_id']}: {row['quote']!r}{more}")
        for earlier in row["history"]:
            say(f"    before {earlier['until']}: {earlier['value']!r}{'  because: ' + earlier['reason'] if earlier['reason'] else ''}")
        if row["since_version"]:
            say(f"    since {row['since_version']}")
    if not frame.attrs["acts"]:
        note(f"{frame.attrs['version']} was built before releases had a table of acts: who decided is known to the ledger alone.")
    if not frame.attrs["complete"]:
        note("Not all earlier versions are at hand: since when a value holds is told only where it was revised later.")
