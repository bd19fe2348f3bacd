"""A case as JSON, and decisions on it as a user writes them: options of a command, or a file of many. Floor 5."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eventcoder.errors import InputError, NotFound, UsageError
from eventcoder.team.adjudication.adjudicating import EVENT, Decision, composed, side_named
from eventcoder.team.adjudication.aligning import Row, Side, row_of
from eventcoder.team.adjudication.cases import Case, case_of

if TYPE_CHECKING:
    from eventcoder.coding import Desk

ALL = "all"  # in place of a column: every one that differs
CONTEXT = 160  # characters shown before and after marked words where no sentence ends sooner
_ROW_KEYS = ("row", "events", "exists", "take", "set", "error", "reason")
_FORM = '{"item": ID, "rows": [{"row": N or "events": [IDS], "exists": true, "take": {}, "set": {}, "error": {}, "reason": TEXT}]}'
_END = re.compile(r"[.!?؟。]\s|\n")


def case_json(desk: Desk, case: Case) -> dict[str, Any]:
    """Everything an adjudicator sees of a case. `decide` are the columns (and "event") about which something has to be said."""
    rows = []
    for row in case.rows:
        contrasts = case.contrasts(desk, row)
        fields = [
            {
                "field": c.column,
                "agreed": c.agreed,
                "follows": c.lead,
                "values": {side.coder: value for side, value in zip(row.genuine, c.values, strict=True)},
                "quotes": {s.coder: [span["quote"] for span in s.event.evidence.get(c.column, ())] for s in row.genuine if s.event.evidence},
            }
            for c in contrasts
        ]
        rows.append(
            {
                "row": row.number,
                "events": {side.coder: side.event.event_id for side in row.genuine},
                "not_seen_by": list(row.absent),
                "decide": [*([EVENT] if row.single else []), *(c.column for c in contrasts if c.open)],
                "text": passage(desk, row.genuine),
                "fields": fields,
            }
        )
    return {"item": case.item, "kind": case.kind, "document": case.document, "round": case.round, "coders": list(case.coders), "rows": rows}


def passage(desk: Desk, sides: Iterable[Side]) -> str | None:
    """The sentences of the document that the sides have marked; None where none is marked or the text is not on this machine."""
    spans = [span for side in sides for found in side.event.evidence.values() for span in found]
    if not spans:
        return None
    document = spans[0]["document"]
    try:
        text = desk.documents.text(document)
    except NotFound:
        return None
    pieces: list[tuple[int, int]] = []
    for start, end in sorted((s["start"], s["end"]) for s in spans if s["document"] == document):
        ends = [m.end() for m in _END.finditer(text, max(0, start - CONTEXT), start)]
        first = ends[-1] if ends else max(0, start - CONTEXT)
        stop = _END.search(text, max(start, end - 1))
        last = min(stop.end() if stop else len(text), end + CONTEXT)
        if pieces and first <= pieces[-1][1] + 1:
            pieces[-1] = (pieces[-1][0], max(last, pieces[-1][1]))
        else:
            pieces.append((first, last))
    return " … ".join(text[a:b].strip() for a, b in pieces)


def by_options(
    desk: Desk,
    case: Case,
    *,
    take: Mapping[str, str],
    given: Mapping[str, str | None],
    errors: Mapping[str, str],
    reason: str,
    found: Sequence[str] = (),
    drop: Sequence[str] = (),
) -> list[tuple[Row, Decision]]:
    """Decisions on every row of a case, from NAME=TEXT pairs; a name is a column, `ROW.COLUMN`, or "all"; of `given` None clears the column.

    Raises `UsageError`, `NotFound`.
    """
    decided = {row.number: Decision(reason=reason) for row in case.rows}
    for prefix, exists in [*((p, True) for p in found), *((p, False) for p in drop)]:
        decided[_seen(case, prefix).number].exists = exists
    for name, coder in take.items():
        for row, column in _meant(desk, case, name):
            decided[row.number].take[column] = coder
    for name, value in given.items():
        for row, column in _meant(desk, case, name):
            if column == ALL:
                raise UsageError("--set all=VALUE: a value belongs to one column.", "Name the column.")
            decided[row.number].take.pop(column, None)
            decided[row.number].given[column] = value
    for name, klass in errors.items():
        for row, column in _meant(desk, case, name):
            decided[row.number].errors[column] = klass
    for row in case.rows:
        _spread(desk, case, row, decided[row.number])
    return [(row, decided[row.number]) for row in case.rows]


def _spread(desk: Desk, case: Case, row: Row, decision: Decision) -> None:
    """Put what was said of "all" columns in place of each that differs and of which nothing was said. Raises `UsageError` for a coder of no side."""
    coder = decision.take.pop(ALL, None)
    if coder is not None and coder not in row.absent:
        side_named(row, coder, ALL)
        open_ = [c.column for c in case.contrasts(desk, row) if c.open and c.column not in decision.given]
        decision.take = dict.fromkeys(open_, coder) | decision.take
    klass = decision.errors.pop(ALL, None)
    if klass is not None:
        dropped = decision.exists is False
        wrong = [] if dropped else [column for side in composed(desk, case, row, decision).overruled for column in side]
        decision.errors = dict.fromkeys([*wrong, *([EVENT] if dropped else [])], klass) | decision.errors


def _seen(case: Case, prefix: str) -> Row:
    """The row in which the held event that begins so stands."""
    rows = [row for row in case.rows if prefix and any(side.event.event_id.startswith(prefix) for side in row.genuine)]
    if len(rows) != 1:
        known = ", ".join(side.event.event_id for row in case.rows for side in row.genuine)
        raise NotFound(
            f"{'Several events' if rows else 'No event'} of {case.item} begin{'' if rows else 's'} with {prefix!r}.", f"There are {known}."
        )
    return rows[0]


def _meant(desk: Desk, case: Case, name: str) -> list[tuple[Row, str]]:
    """The rows and the column that a name such as `2.location` means. Raises `UsageError` where it might be several rows."""
    number, dot, column = name.rpartition(".")
    if dot and not number.isdecimal():
        raise UsageError(f"{name!r} is neither FIELD nor ROW.FIELD.", "Rows are numbered as 'eventcoder adjudicate ITEM --list' shows them.")
    rows = [case.row(int(number))] if dot else case.rows
    if column == ALL:
        return [(row, ALL) for row in rows]
    if column != EVENT:
        desk.codebook.column(column)  # an unknown one is said here, with the nearest
        if not dot and len(rows) > 1:
            rows = [row for row in rows if any(c.column == column and not c.agreed for c in case.contrasts(desk, row))]
    elif not dot:
        rows = [row for row in rows if row.single] or rows
    if len(rows) != 1 and column != EVENT:
        told = f"rows {', '.join(str(row.number) for row in rows)} differ" if rows else "no row differs"
        raise UsageError(f"{name}: in {column} {told}.", f"Say which row is meant: {(rows or case.rows)[0].number}.{name}")
    return [(row, column) for row in rows]


def by_file(desk: Desk, text: str) -> list[tuple[Case, list[tuple[Row, Decision]]]]:
    """Decisions on many cases from JSON (an array, an object, or one object a line). Raises `InputError` for another form."""
    out = []
    for raw in _objects(text):
        case = case_of(desk, raw["item"])
        rows: list[tuple[Row, Decision]] = []
        told: set[str] = set()
        for said in raw.get("rows", []):
            row = _row_said(case, said)
            told |= {side.event.event_id for side in row.sides}
            decision = _decision(case, said)
            _spread(desk, case, row, decision)
            rows.append((row, decision))
        rest = [row for row in case.rows if not any(side.event.event_id in told for side in row.sides)]
        out.append((case, [*rows, *((row, Decision()) for row in rest)]))
    return out


def _objects(text: str) -> list[dict[str, Any]]:
    try:
        read = json.loads(text)
    except ValueError:
        try:
            read = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise InputError(f"The file of decisions is not JSON: {error}.", f"It holds objects such as {_FORM}.") from None
    found = read if isinstance(read, list) else [read]
    for raw in found:
        fits = isinstance(raw, dict) and isinstance(raw.get("item"), str) and isinstance(raw.get("rows", []), list)
        if not fits or not all(isinstance(row, dict) and not row.keys() - set(_ROW_KEYS) for row in raw.get("rows", [])):
            raise InputError("The file of decisions has another form.", f"It holds objects such as {_FORM}.")
    items = [raw["item"] for raw in found]
    if len(set(items)) != len(items):
        raise InputError("The file of decisions names an item twice.", "Put all its rows into one object.")
    return found


def _row_said(case: Case, said: Mapping[str, Any]) -> Row:
    """The row that is meant, or the one that these events make: so rows can be joined or taken apart."""
    ids = said.get("events")
    if ids is None:
        if not isinstance(said.get("row"), int):
            raise InputError("A row of a decision names neither 'row' nor 'events'.", f"Write {_FORM}.")
        return case.row(said["row"])
    names = list(ids.values()) if isinstance(ids, dict) else ids if isinstance(ids, list) else [ids]
    sides = {side.event.event_id: side for row in case.rows for side in row.sides}
    chosen = []
    for name in names:
        found = [side for event_id, side in sides.items() if isinstance(name, str) and name and event_id.startswith(name)]
        if len(found) != 1:
            raise NotFound(f"{name!r} is no event of {case.item}.", f"There are {', '.join(sides)}.")
        chosen.append(found[0])
    return joined(case, chosen)


def joined(case: Case, sides: Sequence[Side]) -> Row:
    """A row of sides that an adjudicator puts together. Raises `UsageError` for two of one coder."""
    coders = [side.coder for side in sides]
    if len(set(coders)) != len(coders):
        raise UsageError("Two events of one coder cannot be one event.", "Drop one of them, or let it stand by itself.")
    number = next((row.number for row in case.rows if any(side in row.sides for side in sides)), 1)
    return row_of(number, sides, case.coders)


def _decision(case: Case, said: Mapping[str, Any]) -> Decision:
    parts = {name: said.get(name) or {} for name in ("take", "set", "error")}
    if not all(isinstance(part, dict) for part in parts.values()) or not isinstance(said.get("exists"), bool | None):
        raise InputError(f"A decision about {case.item} has another form.", f"Write {_FORM}.")
    take = {str(k): str(v) for k, v in parts["take"].items()}
    errors = {str(k): str(v) for k, v in parts["error"].items()}
    return Decision(take, dict(parts["set"]), errors, str(said.get("reason") or ""), said.get("exists"))
