"""What became of codings that were adjudicated: where a coder was overruled, by whom, in which words of the text, and why. Floor 5."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eventcoder.errors import Refused
from eventcoder.ledger import Entry, Folded
from eventcoder.ledger.entry import from_row
from eventcoder.ledger.hidden import VISIBLE
from eventcoder.ledger.people.roster import roster
from eventcoder.ledger.work import Task, tasks
from eventcoder.team.adjudication.adjudicating import EVENT
from eventcoder.team.adjudication.cases import acts_of, before

if TYPE_CHECKING:
    from eventcoder.coding import Desk

MISSED, NONE, PLANTED = "missed", "no event", "planted"
SHOWN_QUOTES = 3
_ENTRY = "e.id, e.kind, e.subject, e.parents, e.coder, e.role, e.time, e.body"


@dataclass(frozen=True, slots=True)
class Correction:
    """One point on which an adjudicator decided otherwise than a coder.

    `what` is "field", "missed" (the coder did not see the event), "no event" (what was coded is none) or "planted" (a draft planted with a mistake
    was accepted). `held` is the coder's version (None where it was missed), `event_id` what stands. `quotes` are the words that the coder had marked
    for the field, `quotes_now` those that support what stands. `error` is the class of error.
    """

    coder: str
    what: str
    field: str
    was: Any
    now: Any
    error: str | None
    reason: str
    by: str
    time: str
    item: str
    document: str
    round: str
    held: str | None
    event_id: str | None
    quotes: tuple[str, ...] = ()
    quotes_now: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {name: list(v) if isinstance(v := getattr(self, name), tuple) else v for name in self.__slots__}


@dataclass(slots=True)
class Judged:
    """An adjudicated coding of one event: as it was handed in, the act that ended it, and the act that made what stands (None: nothing does)."""

    held: Folded
    end: Entry
    made: Entry | None
    task: Task | None
    overruled: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def planted(self) -> bool:
        """Whether it came of a draft that was made wrong on purpose."""
        return self.made is None and not self.overruled and self.task is not None and bool(self.task.planted)


def judged(desk: Desk, *, round: str | None = None) -> Iterator[Judged]:
    """All adjudicated codings, by the time of their decision."""
    store = desk.ledger.store
    known = {task.task: task for task in tasks(store, blind=True)}
    held = {event.event_id: event for event in desk.ledger.events(states=("adjudicated",))}
    if round is not None:
        held = {i: event for i, event in held.items() if (task := known.get(event.held or "")) is not None and task.round == round}
    ends = {act.subject: act for act in acts_of(desk, held) if act.id in held[act.subject].heads}
    made = {act.subject: act for act in acts_of(desk, {e.successor for e in held.values() if e.successor}) if act.body.get("act") == "create"}
    for event_id in sorted(ends, key=lambda i: (ends[i].time, i)):
        event, end = held[event_id], ends[event_id]
        overruled = end.body.get("overruled")
        told = {k: v for k, v in overruled.items() if isinstance(v, dict)} if isinstance(overruled, dict) else {}
        yield Judged(event, end, made.get(event.successor or ""), known.get(event.held or ""), told)


def corrections(desk: Desk, *, coder: str | None = None, round: str | None = None) -> list[Correction]:
    """Where coders (or this one) were overruled, oldest first."""
    if not desk.has_ledger:
        return []
    out = [c for one in judged(desk, round=round) for c in _of(one)]
    if round is None:
        out += _of_conflicts(desk)
    return sorted((c for c in out if coder in (None, c.coder)), key=lambda c: (c.time, c.item, c.held or "", c.field))


def _of(one: Judged) -> Iterator[Correction]:
    event, end, made, task = one.held, one.end, one.made, one.task
    item = task.item if task else (event.held or "").rpartition("/")[0]
    document = task.document if task else item
    place: dict[str, Any] = {"by": end.coder, "time": end.time, "item": item, "document": document, "round": task.round if task else ""}
    stands = event.successor
    reason = str(end.body.get("reason") or "")
    for column, said in one.overruled.items():
        what = NONE if column == EVENT else "field"
        words = _any_quotes(event.evidence) if column == EVENT else _quotes(event.evidence.get(column))
        now = _quotes((made.body.get("evidence") or {}).get(column)) if made else ()
        why = str(said.get("reason") or reason)
        yield Correction(
            event.coder, what, column, said.get("was"), said.get("now"), said.get("class"), why, **place, held=event.event_id, event_id=stands,
            quotes=words, quotes_now=now,
        )  # fmt: skip
    for said in end.body.get("missed") or ():
        yield Correction(
            str(said.get("coder")), MISSED, EVENT, None, event.values.get("sub_event_type"), said.get("class"), str(said.get("reason") or reason),
            **place, held=None, event_id=stands, quotes_now=_any_quotes(event.evidence),
        )  # fmt: skip
    if one.planted and task and task.planted and str(event.values.get(task.planted["field"])) == str(task.planted["wrong"]):
        column = task.planted["field"]
        yield Correction(
            event.coder, PLANTED, column, event.values.get(column), task.planted["true"], None, reason, **place, held=event.event_id, event_id=None,
            quotes=_quotes(event.evidence.get(column)),
        )  # fmt: skip


def _of_conflicts(desk: Desk) -> Iterator[Correction]:
    """Sides of merged journals that a `resolve` did not take."""
    sql = f"SELECT {_ENTRY} FROM entries AS e WHERE e.kind = 'act' AND e.parents LIKE ? AND {VISIBLE} ORDER BY e.seq"
    for act in map(from_row, desk.ledger.store.rows(sql, ("%,%",))):  # several parents
        overruled = act.body.get("overruled")
        if act.body.get("act") not in ("resolve", "retract") or not isinstance(overruled, dict):
            continue
        acts = {entry.id: entry for entry in desk.ledger.acts(act.subject)}
        coders = {i: entry.coder for i, entry in acts.items()}
        said_by = _said_apart(acts, act.parents)
        event = desk.ledger.head(act.subject)
        document = event.reports[0]["document"] if event is not None and event.reports else ""
        for head, fields in overruled.items():
            for column, said in fields.items():
                if column != EVENT and EVENT not in said_by.get(head, (EVENT,)) and column not in said_by[head]:
                    continue  # it stood so before: whoever left it as it was is corrected in nothing
                words = _quotes(event.evidence.get(column)) if event else ()
                what, why = NONE if column == EVENT else "field", str(said.get("reason") or "")
                yield Correction(
                    coders.get(head, ""), what, column, said.get("was"), said.get("now"), said.get("class"), why, act.coder, act.time,
                    act.subject, document, "", act.subject, act.subject, (), words,
                )  # fmt: skip


def _said_apart(acts: Mapping[str, Entry], heads: Sequence[str]) -> dict[str, set[str]]:
    """Head of a conflict -> the columns of which its acts said something after the sides had parted; `EVENT`: they withdrew it whole."""
    sides = {head: {act.id for act in before(acts, head)} for head in heads}
    shared = set.intersection(*sides.values()) if sides else set()
    out: dict[str, set[str]] = {head: set() for head in heads}
    for head, side in sides.items():
        for act in (acts[i] for i in side - shared):
            out[head].update([EVENT] if act.body.get("act") in ("retract", "merge") else act.body.get("values") or ())
    return out


def _quotes(spans: Sequence[dict[str, Any]] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(span.get("quote")) for span in spans or () if span.get("quote")))[:SHOWN_QUOTES]


def _any_quotes(evidence: dict[str, list[dict[str, Any]]]) -> tuple[str, ...]:
    return _quotes([span for spans in evidence.values() for span in spans])


def whose(desk: Desk, named: str | None) -> str | None:
    """Whose corrections the person at the desk may read: the one named, or in a team with roles one's own; None is everybody's.

    Raises `Refused` for a coder who asks for somebody else's.
    """
    people = roster(desk.ledger) if desk.has_ledger else None
    if people is None or people.empty:
        return named
    member = people.demand(desk.coder, "reader", "read feedback")
    if member is not None and member.role in ("reviewer", "lead"):
        return named
    if named not in (None, desk.coder):
        raise Refused(f"{desk.coder} may read the feedback to {desk.coder} only.", "Reviewers and leads may read everybody's.")
    return desk.coder


def demand_lead(desk: Desk) -> None:
    """Raise `Refused` unless the person at the desk may see who errs how often: a reviewer or lead, or anybody where there are no roles."""
    if desk.has_ledger:
        roster(desk.ledger).demand(desk.coder, "reviewer", "see the confusion of all coders")
