"""Adjudication: of several codings of one event the one that stands, every value with the act that it came from. Floor 5.

Per row of a case a `Decision` says whether the event exists, which side each differing column is taken from, or what stands instead, with a class of
error for every coder who is overruled. `adjudicate` appends it all in one transaction: the event (`taken`: column -> act of the side), and an act
on every held event with its successor and what was overruled. An event in conflict ends with a `resolve` that records the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from eventcoder.coding import Outcome, Prepared
from eventcoder.coding.apart import refuse_reopened
from eventcoder.coding.records import reason_text
from eventcoder.errors import LedgerConflict, Refused, UsageError
from eventcoder.identity import assigned_event_id_cnty, canonical, new_event_id
from eventcoder.problem import Problem
from eventcoder.team.adjudication.aligning import Contrast, Row, Side
from eventcoder.team.adjudication.cases import Case, refuse_unfit
from eventcoder.team.adjudication.reopening import moved_on

if TYPE_CHECKING:
    from eventcoder.coding import Desk

EVENT = "event"  # stands among the columns of an overruling: that the event exists at all
PLANTED = "The draft was planted with a mistake; nothing comes of it."
AGREED = "The coders agree."
_COUNTS = {"killed": "fatalities", "injured": "injured_low", "arrested": "arrested_low", "crowd": "crowd_low"}


@dataclass(slots=True)
class Decision:
    """What an adjudicator says about one row. `take`: column -> coder; `given`: column -> a third value (None: none); `errors`: column (or "event")
    -> class of error. `exists` must be said where one coder alone saw the event."""

    take: dict[str, str] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    exists: bool | None = None


@dataclass(frozen=True, slots=True)
class Composed:
    """What a decision comes to. `undecided` are columns that still need a word; `taken`: column -> side; `overruled`: one mapping a side, in the
    row's order, of column -> (was, now)."""

    ready: Prepared
    taken: dict[str, Side]
    undecided: tuple[str, ...]
    overruled: tuple[dict[str, tuple[Any, Any]], ...]


def composed(desk: Desk, case: Case, row: Row, decision: Decision) -> Composed:
    """The values that a decision gives, without storing anything. Raises `UsageError` for a column or coder that is none of the row's."""
    sides = row.genuine
    found = {c.column: c for c in case.contrasts(desk, row)}
    chosen = {column: side_named(row, coder, column) for column, coder in decision.take.items()}
    for column in (*chosen, *decision.given):
        if desk.codebook.column(column).entered not in ("coder", "default"):
            raise UsageError(f"{column} cannot be decided: it is computed.", "Decide a column that a coder fills in.")
    given = dict(decision.given)
    dropped = desk.dependents(given, sides[0].event.values) - given.keys() - chosen.keys() if given else set()
    taken: dict[str, Side] = {}
    undecided: list[str] = []
    for column, contrast in found.items():
        if column in given or (column in dropped and column not in chosen):
            continue
        side = chosen.get(column) or _follows(desk, contrast, found, chosen, given, case) or (sides[0] if contrast.agreed else None)
        if side is not None:
            taken[column] = side
        elif not contrast.free and not _recomputed(desk, contrast, case, chosen):
            undecided.append(column)
    # a column whose lead is not decided yet is decided with it
    undecided = [column for column in undecided if found[column].lead not in undecided]
    base = _base(sides, [taken[c.column] for c in found.values() if c.open and c.column in taken])
    taken |= {column: base for column, contrast in found.items() if contrast.free and column not in taken and column not in given}
    raw = {column: side.event.values.get(column) for column, side in taken.items()}
    raw = {column: value for column, value in (raw | given).items() if value not in (None, "", [])}
    reports = list(dict.fromkeys(r["document"] for side in sides for r in side.event.reports))
    ready = desk.prepare(raw, reports=reports)
    # what belongs to a third value (the point of a place that nobody named) is part of that correction and none of its own
    along = {c for c in given if any(lead in given for lead in case.grounds.leads.get(c, ()))}
    judged = [c for c in dict.fromkeys([*(c for c in found if found[c].open), *chosen, *given]) if c not in along]
    overruled = tuple({c: (_v(side, c), ready.values.get(c)) for c in judged if c not in undecided and _v(side, c) != _n(ready, c)} for side in sides)
    return Composed(ready, taken, tuple(undecided), overruled)


def left_blank(desk: Desk, case: Case, row: Row, decision: Decision, result: Composed) -> list[str]:
    """Columns that belong to a third value, that a coder had filled in, and that nothing stands in now: somebody may know them."""
    follow = [c.name for c in desk.codebook.columns if any(lead in decision.given for lead in case.grounds.leads.get(c.name, ()))]
    had = [c for c in follow if any(_v(side, c) is not None for side in row.genuine) and c not in case.grounds.free]
    return [c for c in had if c not in decision.given and c not in decision.take and _n(result.ready, c) is None]


def _v(side: Side, column: str) -> Any:
    value = side.event.values.get(column)
    return None if value in ("", []) else value


def _n(ready: Prepared, column: str) -> Any:
    value = ready.values.get(column)
    return None if value in ("", []) else value


def side_named(row: Row, name: str, column: str) -> Side:
    """The side of a coder, or of this number (from 1). Raises `UsageError`."""
    found = next((side for side in row.genuine if side.coder == name), None)
    if found is None and name.isdecimal() and 1 <= int(name) <= len(row.genuine):
        found = row.genuine[int(name) - 1]
    if found is None:
        known = ", ".join(f"{number} {side.coder}" for number, side in enumerate(row.genuine, 1))
        raise UsageError(f"{column} cannot be taken from {name!r}: row {row.number} has no such side.", f"Its sides: {known}.")
    return found


def _follows(
    desk: Desk, contrast: Contrast, found: Mapping[str, Contrast], chosen: Mapping[str, Side], given: Mapping[str, Any], case: Case
) -> Side | None:
    """The side that a column comes from because its lead does."""
    if contrast.lead is None or contrast.agreed:
        return None
    sides = _leading(contrast, case, chosen)
    if len({side.coder for side in sides}) == 1:
        return sides[0]
    if sides and desk.codebook.column(contrast.column).entered != "default":
        return sides[0]
    above = found.get(contrast.lead)
    if not sides and above is not None and above.lead is not None and contrast.lead not in given:
        return _follows(desk, above, found, chosen, given, case)
    return None


def _leading(contrast: Contrast, case: Case, chosen: Mapping[str, Side]) -> list[Side]:
    """The sides from which the leads of a column were taken, the first lead first."""
    return [chosen[lead] for lead in case.grounds.leads.get(contrast.column, ()) if lead in chosen]


def _recomputed(desk: Desk, contrast: Contrast, case: Case, chosen: Mapping[str, Side]) -> bool:
    """Whether a column is left to the codebook: its leads were taken from different sides, and it has a default."""
    return contrast.lead is not None and len({s.coder for s in _leading(contrast, case, chosen)}) > 1


def _base(sides: Sequence[Side], taken: Iterable[Side]) -> Side:
    """The side that most was taken from; the first of several."""
    names = [side.coder for side in taken]
    return max(sides, key=lambda side: (names.count(side.coder), -sides.index(side)))


def missing_words(case: Case, row: Row, decision: Decision, result: Composed | None) -> list[str]:
    """What the adjudicator still has to say about a row, in words; [] when it can be stored."""
    out = []
    if row.single and decision.exists is None:
        seen = " and ".join(s.coder for s in row.genuine)
        return [f"only {seen} saw it: is it an event? (--found or --drop {row.genuine[0].event.event_id})"]
    if row.withdrawn and decision.exists is None:
        return [f"{' and '.join(row.withdrawn)} withdrew it: does it stand? (--found or --drop {case.item})"]
    if decision.exists is False or result is None:
        if EVENT not in decision.errors:
            out.append(f"why it was taken for an event (--error {EVENT}=CLASS)")
        return out if decision.reason.strip() else [*out, "the reason (--reason TEXT)"]
    out += [f"{column} differs (--take {column}=CODER or --set {column}=VALUE)" for column in result.undecided]
    wrong = dict.fromkeys(column for side in result.overruled for column in side)
    out += [f"a class of error for {column} (--error {column}=CLASS)" for column in wrong if column not in decision.errors]
    if (wrong or row.absent) and not decision.reason.strip():
        out.append("the reason (--reason TEXT)")
    return out


def adjudicate(
    desk: Desk, decided: Sequence[tuple[Case, Sequence[tuple[Row, Decision]]]], *, allow_open: bool = False, dry_run: bool = False
) -> list[Outcome]:
    """Store decisions on whole cases, all in one transaction; the outcomes of the events that stand.

    `allow_open`: events that break rules are stored too and stay open. Raises `Refused` with everything that is missing or broken, and
    `LedgerConflict` that tells what somebody else decided meanwhile: then nothing is stored.
    """
    outcomes: list[Outcome] = []
    problems: list[Problem] = []
    try:
        with desk.together(dry_run=dry_run):
            taken: set[str] = set()
            for case, rows in decided:
                refuse_unfit(desk, case)
                left = {side.event.event_id for row in case.rows for side in row.sides} - {s.event.event_id for row, _ in rows for s in row.sides}
                if left:
                    where = f"item {case.item}"
                    problems.append(Problem("undecided-coding", f"Nothing is said about {', '.join(sorted(left))}.", where=where))
                for row, decision in rows:
                    _row(desk, case, row, decision, allow_open, taken, outcomes, problems)
                for side in case.planted:
                    desk.store([desk.act(side.event.event_id, {"act": "adjudicate", "reason": PLANTED}, side.event.heads)])
            if problems:
                many = "1 thing is" if len(problems) == 1 else f"{len(problems)} things are"
                unsaid = any(p.code == "undecided-coding" for p in problems)
                remedy = "Say it and try again." if unsaid else "Give another value (--set FIELD=VALUE), or store the event open with --open."
                raise Refused(f"{many} missing or wrong: nothing was stored.", remedy, problems)
    except LedgerConflict as error:
        raise _told(desk, [case for case, _ in decided], error) from None
    return outcomes


def _row(
    desk: Desk, case: Case, row: Row, decision: Decision, allow_open: bool, taken: set[str], outcomes: list[Outcome], problems: list[Problem]
) -> None:
    where = f"item {case.item} row {row.number}"
    decision.errors = {column: case.grounds.error_class(named) for column, named in decision.errors.items()}
    exists = decision.exists is not False
    result = composed(desk, case, row, decision) if exists else None
    words = missing_words(case, row, decision, result)
    problems += [Problem("undecided-coding", f"Missing: {word}.", event_id=row.genuine[0].event.event_id, where=where) for word in words]
    if words:
        return
    reason = reason_text(decision.reason or AGREED)
    if result is None:
        _drop(desk, case, row, decision, reason)
        return
    stop = result.ready.structural if allow_open else result.ready.errors
    if stop:
        problems += [replace(p, where=where) for p in stop]
        return
    if case.kind == "conflict":
        outcomes.append(_resolve(desk, case, row, decision, result, reason))
    else:
        outcomes.append(_create(desk, row, decision, result, reason, taken, case.grounds.proposed("missed")))


def _create(desk: Desk, row: Row, decision: Decision, result: Composed, reason: str, numbers: set[str], proposed: str | None) -> Outcome:
    """The event that stands, and the end of the held ones."""
    event_id = new_event_id()
    values = {k: v for k, v in result.ready.values.items() if v not in (None, []) and k != "event_id"}
    prefix = desk.codebook.lists["countries"].attribute(values.get("country", ""), "prefix") if values.get("country") else None
    if prefix and not values.get("event_id_cnty"):
        values["event_id_cnty"] = assigned_event_id_cnty(prefix, event_id)
    ready = replace(result.ready, values={**values, "event_id": event_id})
    body: dict[str, Any] = {
        "act": "create",
        "values": dict(sorted(values.items())),
        "codebook": desk.codebook.version,
        "settled": desk.settles(ready) or _seen_by_two(desk, decision, ready),
        "reason": reason,
        "taken": {c: s.provenance[c] for c, s in sorted(result.taken.items()) if c in s.provenance and c in values},
        "adjudicated": [side.event.event_id for side in row.sides],
        **_support(row, result),
    }
    draft = next((side.draft for side in row.genuine if side.draft), None)
    if draft:
        body["draft"] = draft
    entry = desk.act(event_id, body, ())
    missed = [{"coder": c, "class": decision.errors.get(EVENT) or proposed, "reason": reason} for c in row.absent]
    ends = []
    overruled = dict(zip((side.event.event_id for side in row.genuine), result.overruled, strict=True))
    for number, side in enumerate(row.sides):
        end: dict[str, Any] = {"act": "adjudicate", "reason": PLANTED if side.planted else reason}
        if not side.planted:
            end |= {"successor": event_id, "overruled": _overruled(overruled[side.event.event_id], decision, reason)}
        if missed and number == row.sides.index(row.genuine[0]):
            end["missed"] = missed
        ends.append(desk.act(side.event.event_id, end, side.event.heads))
    desk.store([entry, *ends, *moved_on(desk, row, event_id, reason)])
    return Outcome(event_id, 1, "settled" if body["settled"] else "open", entry.id, result.ready.problems)


def _seen_by_two(desk: Desk, decision: Decision, ready: Prepared) -> bool:
    """Whether coder and adjudicator are the two persons that approval asks for: a value that the adjudicator wrote was seen by one only."""
    return not ready.errors and not decision.given and desk.coder not in desk.people.trainees


def _overruled(found: Mapping[str, tuple[Any, Any]], decision: Decision, reason: str) -> dict[str, Any]:
    return {column: {"was": was, "now": now, "class": decision.errors[column], "reason": reason} for column, (was, now) in found.items()}


def _support(row: Row, result: Composed) -> dict[str, Any]:
    """Reports, evidence, counts and draft of the sides that the values came from. What all agree on is supported by all of them."""
    out: dict[str, Any] = {}
    sides = row.genuine
    reports = list(dict.fromkeys(r["document"] for side in sides for r in side.event.reports))
    if reports:
        out["reports"] = [{"document": d} for d in reports]
    evidence: dict[str, list[dict[str, Any]]] = {}
    for column, side in result.taken.items():
        value = side.event.values.get(column)
        same = [s for s in sides if s.event.values.get(column) == value]
        spans = [span for s in same for span in s.event.evidence.get(column, ())]
        if spans and value not in (None, "", []):
            evidence[column] = list({canonical(span): dict(span) for span in spans}.values())
    if evidence:
        out["evidence"] = dict(sorted(evidence.items()))
    counts = []
    for side in sides:
        for count in side.event.counts:
            column = _COUNTS.get(count.get("kind", ""), "")
            source = result.taken.get(column)
            if (source is None and column not in result.taken) or (source and source.event.values.get(column) == side.event.values.get(column)):
                counts.append(count)
    if counts:
        out["counts"] = list({canonical(count): dict(count) for count in counts}.values())
    return out


def _drop(desk: Desk, case: Case, row: Row, decision: Decision, reason: str) -> None:
    """No event: the held ones end without a successor; one in conflict is retracted."""
    if case.kind == "conflict":
        none = {"now": None, "class": decision.errors[EVENT], "reason": reason}
        over = {s.head: {EVENT: {"was": s.event.values.get("sub_event_type"), **none}} for s in row.sides if s.coder not in row.withdrawn}
        body = {"act": "retract", "reason": reason} | ({"overruled": over} if over else {})
        desk.store([desk.act(case.item, body, [side.head for side in row.sides])])
        return
    for side in row.sides:
        end: dict[str, Any] = {"act": "adjudicate", "reason": PLANTED if side.planted else reason}
        if not side.planted:
            was = side.event.values.get("sub_event_type")
            end["overruled"] = {EVENT: {"was": was, "now": None, "class": decision.errors[EVENT], "reason": reason}}
        desk.store([desk.act(side.event.event_id, end, side.event.heads)])


def _resolve(desk: Desk, case: Case, row: Row, decision: Decision, result: Composed, reason: str) -> Outcome:
    """One act that names all heads of the event."""
    event = desk.event(case.item)
    refuse_reopened(desk, event)
    values: dict[str, Any] = {k: v for k, v in result.ready.values.items() if v not in (None, []) and k != "event_id"}
    keep = {n: event.values[n] for n in ("event_id_cnty",) if n in event.values}
    values |= keep | {name: None for name in (*event.differing, *event.values) if name not in values and name not in keep}
    body = {
        "act": "resolve",
        "values": dict(sorted(values.items())),
        "reason": reason,
        "codebook": desk.codebook.version,
        "settled": desk.settles(replace(result.ready, values={**result.ready.values, "event_id": case.item})),
        "taken": {c: s.provenance[c] for c, s in sorted(result.taken.items()) if c in event.differing and c in s.provenance},
        "overruled": {side.head: _overruled(found, decision, reason) for side, found in zip(row.genuine, result.overruled, strict=True) if found},
    }
    entry = desk.act(event.event_id, body, [side.head for side in row.sides])
    desk.store([entry])
    return Outcome(event.event_id, event.revision + 1, "settled" if body["settled"] else "open", entry.id, result.ready.problems)


def _told(desk: Desk, cases: Sequence[Case], error: LedgerConflict) -> LedgerConflict:
    """The conflict, with what somebody else has decided about the cases meanwhile."""
    said = []
    for case in cases:
        for row in case.rows:
            for side in row.sides:
                acts = desk.ledger.acts(side.event.event_id)
                last = acts[-1] if acts else None
                if last is None or last.body.get("act") not in ("adjudicate", "resolve") or last.id == side.head:
                    continue
                fate = (
                    f"became {last.body['successor']}" if last.body.get("successor") else "was dropped" if case.kind == "codings" else "was resolved"
                )
                over = ", ".join(f"{c}: {v['was']} -> {v['now']}" for c, v in (last.body.get("overruled") or {}).items() if "was" in v)
                said.append(f"{side.coder}'s {side.event.event_id} {fate}{f' ({over})' if over else ''}, by {last.coder} at {last.time}")
    if not said:
        return error
    message = f"Somebody was faster: {'; '.join(said)}. Nothing of yours was stored."
    return LedgerConflict(
        message,
        "'eventcoder show' shows what stands; 'eventcoder amend' corrects it; 'eventcoder adjudicate ITEM --reopen' takes a decision back.",
        event_id=error.event_id,
        current=error.current,
    )
