"""Bring events of earlier codebooks over to the present one, and list the values that a person must decide. Floor 5.

Every change is an act (`revise`) with the migration as its reason and the present version as its codebook. Nothing is lost: the old value
stays in the history. The state of an event does not change: a settled event that breaks the present rules stays settled and stops the next
release with a message, for an event that silently became open would silently leave the dataset.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from eventcoder import clock
from eventcoder.codebook.coercion import coerce_cell
from eventcoder.coding.migration_plan import Plan, Planner, Waiting
from eventcoder.coding.migration_verdicts import Verdicts
from eventcoder.coding.opened import LIVE_STATES
from eventcoder.coding.records import LONGEST_REASON, remark_text
from eventcoder.errors import EventcoderError, NotFound, Refused, UsageError
from eventcoder.ledger import Entry, Folded, new_entry
from eventcoder.problem import Problem

if TYPE_CHECKING:
    from datetime import datetime

    from eventcoder.codebook.migrations import Migration
    from eventcoder.coding.desk import Desk

AT_ONCE = 2_000  # acts that go in by one transaction; more go in by many short ones, and become visible together
_NOBODY = "nobody"  # whose acts are only counted
_BATCH = "codebook-migration "  # beginning of the batches' names
DECISION_COLUMNS = ("event_id", "field", "value", "decision")


@dataclass(frozen=True, slots=True)
class Item:
    """One value on the worklist; `command` decides it (empty where only the codebook can)."""

    event_id: str
    state: str
    field: str
    value: str
    choices: tuple[str, ...]
    why: str
    command: str

    def as_json(self) -> dict[str, Any]:
        return {
            "event_id": self.event_id,
            "state": self.state,
            "field": self.field,
            "value": self.value,
            "choices": list(self.choices),
            "why": self.why,
            "command": self.command,
        }


@dataclass(slots=True)
class Account:
    """What a run did, or would do. `steps` counts (migration's number, column, old, new) by events; `waiting` counts values for a person.

    `broken` counts changed events by the rule that they break under the present codebook.
    """

    codebook: str
    migrations: tuple[Migration, ...] = ()
    changed: int = 0
    waiting: int = 0
    conflicts: int = 0
    more: bool = False  # there is more than `limit` allowed
    skipped: int = 0  # rows without a decision
    already: int = 0  # rows whose decision is the event's value by now
    steps: Counter[tuple[int, str, str | None, str | None]] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        steps = [{"migration": n, "field": f, "old": a, "new": b, "events": k} for (n, f, a, b), k in sorted(self.steps.items(), key=str)]
        return {
            "codebook": self.codebook,
            "changed": self.changed,
            "waiting": self.waiting,
            "conflicts": self.conflicts,
            "more": self.more,
            "skipped": self.skipped,
            "already": self.already,
            "steps": steps,
            "broken": dict(sorted(self.broken.items())),
        }


def migrate(desk: Desk, *, dry_run: bool = False, limit: int = 0) -> Account:
    """Apply the declared migrations to all live events of earlier codebooks; `limit` events at most (0: all), all of them or none.

    Raises `LedgerConflict` if a coder changed one of the events meanwhile: then nothing was stored, and running it again is right.
    """
    account = Account(desk.codebook.version, tuple(_planner(desk).migrations))
    acts = _acts(desk, account, limit)
    if dry_run:
        for _ in acts:
            pass
    else:
        _store(desk, acts)
    return account


def worklist(desk: Desk) -> Iterator[Item]:
    """The values that wait for a person: those of which a migration says so, and those that the codebook does not have."""
    planner = _planner(desk)
    for event, _plan, waiting in _examined(desk, planner):
        yield from _listed(event, waiting)


def decide(desk: Desk, rows: Iterable[Mapping[str, Any]], *, dry_run: bool = False, where: str = "") -> Account:
    """Store decisions of a worklist: rows with `event_id`, `field`, `value`, `decision` and perhaps `reason`; rows without decision are skipped.

    Rows whose decision holds by now are passed over, so that a worklist may be filled in and given bit by bit. All or none. Raises `Refused`
    with every other row that does not fit: an event that is not there, a value that does not wait (any more), a
    decision that is not among the choices, a field of which another value still waits.
    """
    planner = _planner(desk)
    account = Account(desk.codebook.version, tuple(planner.migrations))
    decided: dict[str, dict[tuple[str, str], tuple[str, str, str]]] = {}
    problems: list[Problem] = []
    for number, row in enumerate(rows, 2):
        place = f"{where}, line {number}" if where else f"row {number - 1}"
        given = {name: str(row.get(name) or "").strip() for name in (*DECISION_COLUMNS, "reason")}
        if not given["decision"]:
            account.skipped += 1
            continue
        key, mine = (given["field"], given["value"]), decided.setdefault(given["event_id"], {})
        if key in mine and mine[key][0] != given["decision"]:
            said = f"{key[0]} {key[1]!r} of event {given['event_id']} is decided twice, differently. Keep one of the rows."
            problems.append(Problem("decision-stale", said, event_id=given["event_id"], field=key[0], value=key[1], where=place))
        mine[key] = (given["decision"], place, given["reason"])
    acts: list[Entry] = []
    moment = desk.moment
    verdicts = Verdicts(desk.codebook, clock.latest_today(moment))
    for event_id, wanted in decided.items():
        act, wrong = _decided(desk, planner, account, verdicts, event_id, wanted, moment)
        problems += wrong
        if act is not None:
            acts.append(act)
    if problems:
        count = f"{len(problems)} row{'s'[: len(problems) != 1]} cannot be taken"
        raise Refused(f"{count}: nothing was stored.", "Mend the rows, or print the worklist anew.", problems)
    account.broken = verdicts.finish()
    if not dry_run:
        _store(desk, iter(acts))
    return account


def _planner(desk: Desk) -> Planner:
    return Planner(desk.codebook, clock.latest_today(desk.moment))


def _examined(desk: Desk, planner: Planner) -> Iterator[tuple[Folded, Plan, list[Waiting]]]:
    """The events that are concerned, with what happens to them and what waits in them."""
    for event in desk.ledger.events(states=LIVE_STATES):
        plan = planner.plan(event, desk.ledger.acts(event.event_id)) if planner.concerns(event.values) else Plan()
        after = {**event.values, **plan.values} if plan.values else event.values
        waiting = plan.waiting + planner.unaccounted({k: v for k, v in after.items() if v is not None}, {w.field for w in plan.waiting})
        if plan.values or waiting:
            yield event, plan, waiting


def _acts(desk: Desk, account: Account, limit: int) -> Iterator[Entry]:
    moment, role = desk.moment, desk.people.role_of(desk.coder)
    verdicts = Verdicts(desk.codebook, clock.latest_today(moment))
    for event, plan, waiting in _examined(desk, _planner(desk)):
        account.waiting += len(waiting)
        if not plan.values:
            continue
        if event.state == "conflict":
            account.conflicts += 1
        elif limit and account.changed >= limit:
            account.more = True
        else:
            yield _act(desk, account, verdicts, event, plan, plan.reason, moment, role, mechanical=True)
    account.broken = verdicts.finish()


def _act(
    desk: Desk, account: Account, verdicts: Verdicts, event: Folded, plan: Plan, reason: str, moment: datetime, role: str, *, mechanical: bool = False
) -> Entry:
    """The act that carries a plan out. `mechanical`: nobody judged a value, so whoever ran the migration may still be the event's second person."""
    account.changed += 1
    whole = {m.number for m, *_ in plan.applied if m.rename or m.drop}  # what stood in the column does not matter
    account.steps.update({(m.number, name, *((None, None) if m.number in whole else (old, new))) for m, name, old, new in plan.applied})
    verdicts.take(event, {**event.values, **plan.values}, {w.field for w in plan.waiting})  # what waits is told by the worklist
    body: dict[str, Any] = {
        "act": "revise",
        "values": plan.values,
        "reason": reason[:LONGEST_REASON],
        "codebook": desk.codebook.version,
        "settled": event.state == "settled",
    }
    if plan.evidence:
        body["evidence"] = plan.evidence
    if mechanical:
        body["mechanical"] = True
    return new_entry("act", event.event_id, body, coder=desk.coder or _NOBODY, role=role, time=moment, parents=event.heads)


def _store(desk: Desk, acts: Iterator[Entry]) -> None:
    """Few acts in one transaction; many by short ones, so that coders need not wait, and visible together."""
    first = list(islice(acts, AT_ONCE))
    following = next(acts, None)
    ledger = desk.ledger
    for name in ledger.unsealed():  # what a killed run left: never visible, and this run does it anew
        if name.startswith(_BATCH):
            ledger.drop(name)
    if following is None:
        ledger.append(first)
        return
    moment = clock.stamp(desk.moment)
    batch = f"{_BATCH}{moment} {desk.coder}"
    try:
        ledger.append(chain(first, [following], acts), batch=batch)
        ledger.seal(batch, desk.coder, moment)
    except EventcoderError:
        if batch in ledger.unsealed():
            ledger.drop(batch)
        raise


def _listed(event: Folded, waiting: list[Waiting]) -> Iterator[Item]:
    open_ = [w.field for w in waiting if w.choices]
    sets = " ".join(f"--set {name}=..." for name in dict.fromkeys(open_))
    for one in waiting:
        by_amend = one.choices and not isinstance(event.values.get(one.field), list)  # an item of a list is decided by a file
        command = f'eventcoder amend {event.event_id} {sets} --reason "..."' if by_amend else ""
        why = one.why
        if event.state == "conflict":
            command, why = f"eventcoder resolve {event.event_id}", f"{why}. The event is in conflict: that comes first"
        yield Item(event.event_id, event.state, one.field, one.value, one.choices, why, command)


def _decided(
    desk: Desk,
    planner: Planner,
    account: Account,
    verdicts: Verdicts,
    event_id: str,
    wanted: Mapping[tuple[str, str], tuple[str, str, str]],
    moment: datetime,
) -> tuple[Entry | None, list[Problem]]:
    """The act that stores one event's decisions, or what is wrong with them."""

    def wrong(code: str, said: str, key: tuple[str, str]) -> Problem:
        return Problem(code, said, event_id=event_id, field=key[0] or None, value=key[1], where=wanted[key][1])

    any_row = next(iter(wanted))
    try:
        event = desk.undisputed(event_id)
    except (NotFound, Refused, UsageError) as error:
        return None, [wrong("decision-stale", str(error), any_row)]
    acts = desk.ledger.acts(event.event_id)
    plan = planner.plan(event, acts)
    lost = planner.unaccounted({**event.values, **plan.values}, {w.field for w in plan.waiting})
    waiting = {(w.field, w.value): w for w in [*plan.waiting, *lost] if w.choices}
    problems: list[Problem] = []
    taken: dict[tuple[str, str], str] = {}
    for key, (decision, _place, reason) in wanted.items():
        open_ = waiting.get(key)
        if open_ is None and _holds_already(event.values.get(key[0]), decision):
            account.already += 1  # the same worklist, with more of it filled in
            continue
        if open_ is None:
            said = f"{key[0]} {key[1]!r} of event {event_id} does not wait for a decision (any more). Print the worklist anew."
            problems.append(wrong("decision-stale", said, key))
            continue
        parts = [p.strip() for p in decision.split(";")] if isinstance(event.values.get(key[0]), list) else [decision]
        for part in parts:
            if part not in open_.choices or _untyped(desk, key[0], part):
                shown = ", ".join(open_.choices[:12]) + (", ..." if len(open_.choices) > 12 else "")
                problems.append(wrong("decision-not-a-choice", f"{part!r} is none of the choices for {key[0]} {key[1]!r}: {shown}.", key))
        try:
            remark_text(reason)
        except UsageError as error:
            problems.append(wrong("decision-not-a-choice", str(error), key))
        taken[key] = decision
    undecided = [w for k, w in waiting.items() if k not in taken and k[0] in {name for name, _ in taken}]
    problems += [wrong("decision-stale", f"{w.field} of event {event_id} also has {w.value!r}, undecided. Decide both.", any_row) for w in undecided]
    if problems or not taken:
        return None, problems
    plan = planner.plan(event, acts, taken)
    for one in lost:
        if (one.field, one.value) in taken:
            _replace(planner, event, plan, one, taken)
    reasons = [plan.reason or f"not a code of codebook {desk.codebook.version}", *(reason for _, _, reason in wanted.values() if reason)]
    told = "; ".join(dict.fromkeys(reasons))
    return _act(desk, account, verdicts, event, plan, told, moment, desk.people.role_of(desk.coder)), []


def _holds_already(value: Any, decision: str) -> bool:
    if isinstance(value, list):
        return {p.strip() for p in decision.split(";")} <= {str(item) for item in value}
    return value is not None and str(value) == decision


def _replace(planner: Planner, event: Folded, plan: Plan, one: Waiting, taken: Mapping[tuple[str, str], str]) -> None:
    """Put a decision in the place of a value that no migration speaks of."""
    value = plan.values.get(one.field, event.values.get(one.field))
    items = value if isinstance(value, list) else [str(value)]
    decided = taken[one.field, one.value]
    into = [part.strip() for part in decided.split(";")] if isinstance(value, list) else [decided]
    new = [part for item in items for part in (into if item == one.value else [item])]
    plan.values[one.field] = planner.typed(one.field, new, value)


def _untyped(desk: Desk, column: str, text: str) -> bool:
    """Whether a column of the codebook could not store the text."""
    known = desk.codebook.columns_by_name.get(column)
    return known is not None and coerce_cell(desk.codebook, known, [text] if known.type == "list" else text)[1] is not None
