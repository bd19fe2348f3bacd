"""What waits for an adjudicator: items that all their coders have handed in, and events on which merged journals differ. Floor 5."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from eventcoder.errors import NotFound, Refused
from eventcoder.ledger import Entry, Folded, fold
from eventcoder.ledger.blind import TRAINING
from eventcoder.ledger.entry import from_row
from eventcoder.ledger.hidden import VISIBLE
from eventcoder.ledger.work import ENDED, Task, tasks
from eventcoder.ledger.writing import portions
from eventcoder.team.adjudication.aligning import Contrast, Row, Side, aligned, contrasts
from eventcoder.team.adjudication.grounds import Grounds, read_grounds
from eventcoder.team.adjudication.twice import adjudicated_twice

if TYPE_CHECKING:
    from eventcoder.coding import Desk
    from eventcoder.team.tasks.codings import Coding

_ENTRY = "e.id, e.kind, e.subject, e.parents, e.coder, e.role, e.time, e.body"
Kind = Literal["codings", "conflict", "twice"]


@dataclass(slots=True)
class Case:
    """An item with its codings side by side, or an event in conflict (`item` is then its id, and its one row has a side a head).

    `coders` are those whose sides stand here, by slot; `round` is that of the tasks. `planted` are held events that came of planted drafts and
    that no row shows: they end with the case. Of an item that was adjudicated twice apart (`twice`) `coders` are the adjudicators, and there are
    no rows: see `team.twice`.
    """

    item: str
    kind: Kind
    document: str
    coders: tuple[str, ...]
    rows: list[Row]
    round: str = ""
    planted: tuple[Side, ...] = ()
    grounds: Grounds = field(repr=False, kw_only=True)

    def contrasts(self, desk: Desk, row: Row) -> list[Contrast]:
        return contrasts(row, desk.codebook, self.grounds)

    def to_decide(self, desk: Desk) -> tuple[int, int]:
        """How many events one coder alone saw, and in how many columns the others differ."""
        return sum(row.single for row in self.rows), sum(c.open for row in self.rows for c in self.contrasts(desk, row))

    def row(self, number: int) -> Row:
        """The row of this number. Raises `NotFound`."""
        for row in self.rows:
            if row.number == number:
                return row
        raise NotFound(f"{self.item} has no row {number}.", f"'eventcoder adjudicate {self.item} --json' shows its {len(self.rows)} rows.")


def waiting(desk: Desk, *, round: str | None = None, items: Iterable[str] | None = None) -> list[Case]:
    """Everything that can be adjudicated now: items first, then conflicts, each by id. `items` asks for these items and events alone."""
    if not desk.has_ledger:
        return []
    grounds = read_grounds(desk.project.schema_dir)
    only = None if items is None else set(items)
    out = _handed_in(desk, grounds, round, only)
    if round is None:
        conflicts = [e for e in desk.ledger.events(states=("conflict",)) if not e.held and (only is None or e.event_id in only)]
        out += [conflict_case(desk, event, grounds) for event in sorted(conflicts, key=lambda e: e.event_id)]
        twice = adjudicated_twice(desk, only)
        out += [
            Case(item, "twice", item, tuple(sorted({n for acts in ends.values() for n in acts})), [], grounds=grounds) for item, ends in twice.items()
        ]
    return out


def case_of(desk: Desk, prefix: str) -> Case:
    """The one case whose item (or document, or event in conflict) begins with `prefix`.

    Raises `NotFound` that says whether it is decided already or whose coding is missing.
    """
    held = _held_items(desk)
    events = [e.event_id for e in desk.ledger.events(states=("conflict",)) if not e.held]
    known = {item: {item, *(t.document for t in found)} for item, found in held.items()}
    known |= {key: {key} for key in (*events, *adjudicated_twice(desk))}
    meant = [key for key, names in known.items() if any(name.startswith(prefix) for name in names)] if prefix else []
    if len(meant) > 1 and prefix in known:
        meant = [prefix]
    if len(meant) > 1:
        raise NotFound(f"{len(meant)} items begin with {prefix!r}: {', '.join(sorted(meant)[:5])}.", "Give more of the id.")
    if not meant:
        why = _why_not(desk, prefix)
        undo = f"; 'eventcoder adjudicate {prefix} --reopen' takes the decision back" if "adjudicated it" in why else ""
        raise NotFound(f"Nothing of {prefix!r} waits for an adjudicator{why}.", f"'eventcoder adjudicate --list' shows what does{undo}.")
    found = waiting(desk, items=meant)
    if not found:
        missing = [t for t in held[meant[0]] if t.state not in ENDED]
        if not missing and all(t.plan == TRAINING for t in held[meant[0]]):
            raise NotFound(
                f"{meant[0]} was coded for training: nobody adjudicates it.", "'eventcoder coders qualify' holds it against the gold coding."
            )
        told = "; ".join(f"{t.task} is {t.state}{f' by {t.holder}' if t.holder else ''}" for t in missing)
        raise NotFound(
            f"{meant[0]} is not handed in by all its coders: {told}.", "It can be adjudicated when they are done, or the task is withdrawn."
        )
    return found[0]


def _why_not(desk: Desk, prefix: str) -> str:
    """Who has decided it before."""
    done = [t for t in tasks(desk.ledger.store, blind=True) if prefix and (t.item.startswith(prefix) or t.document.startswith(prefix))]
    if not done:
        return ""
    names = {t.task for t in done}
    for event in desk.ledger.events(states=("adjudicated",)):
        if event.held in names:
            last = desk.ledger.acts(event.event_id)[-1]
            return f": {last.coder} adjudicated it at {last.time}"
    return ": its coders found no event in it" if all(t.state in ENDED for t in done) else ": nobody has handed in an event of it yet"


def _held_items(desk: Desk) -> dict[str, list[Task]]:
    """Item -> its blind tasks, of items with an event that is held."""
    held = desk.ledger.store.rows("SELECT DISTINCT held FROM heads WHERE state = 'held' AND held IS NOT NULL")
    found = {str(task).rpartition("/")[0] for (task,) in held}
    if not found:
        return {}
    out: dict[str, list[Task]] = {}
    for task in tasks(desk.ledger.store, blind=True):
        if task.item in found:
            out.setdefault(task.item, []).append(task)
    return out


def _handed_in(desk: Desk, grounds: Grounds, round: str | None, only: set[str] | None) -> list[Case]:
    from eventcoder.team.tasks.codings import codings

    complete = {
        item: found
        for item, found in _held_items(desk).items()
        if all(t.state in ENDED for t in found) and any(t.state == "done" for t in found) and (only is None or item in only)
    }
    if round is not None:
        complete = {item: found for item, found in complete.items() if any(t.round == round for t in found)}
    if not complete:
        return []
    found_codings = codings(desk, items=sorted(complete))
    held = [event.event_id for of in found_codings.values() for coding in of for event in coding.events if event.state == "held"]
    acts: dict[str, list[Entry]] = {}
    for act in acts_of(desk, held):  # not one query an event: there may be thousands
        acts.setdefault(act.subject, []).append(act)
    cases = [_case(acts, item, found_codings[item], grounds) for item in sorted(complete) if found_codings.get(item)]
    return [case for case in cases if case.rows or case.planted]  # what is left of a claim that ran out is no coding


def _case(acts: Mapping[str, Sequence[Entry]], item: str, found: Sequence[Coding], grounds: Grounds) -> Case:
    coders = tuple(coding.coder for coding in found)
    sides = [[side_of(acts[event.event_id], coding, event) for event in coding.events if event.state == "held"] for coding in found]
    rows = aligned(sides, coders, grounds)
    shown = [row for row in rows if row.genuine]
    apart = tuple(side for row in rows if not row.genuine for side in row.sides)
    # who was shown a true draft made wrong, and rejected it, has not missed what it told of
    misled = {coding.coder: coding.planted.get("draft") for coding in found if coding.planted}
    absent = [tuple(c for c in row.absent if c not in misled or misled[c] not in {s.draft for s in row.sides}) for row in shown]
    numbered = [Row(number, row.sides, absent[number - 1]) for number, row in enumerate(shown, 1)]
    return Case(item, "codings", found[0].document, coders, numbered, found[0].round, apart, grounds=grounds)


def side_of(acts: Sequence[Entry], coding: Coding, event: Folded) -> Side:
    """A coder's version of an event, with where its values came from by its acts."""
    draft = next((a.body["draft"] for a in acts if a.body.get("draft")), None)
    planted = bool(coding.planted) and draft == (coding.planted or {}).get("draft")
    return Side(coding.coder, event, fold(acts).provenance, coding.task, event.heads[0], planted, draft)


def conflict_case(desk: Desk, event: Folded, grounds: Grounds) -> Case:
    """An event that journals changed apart, as one row: each head is a side, as the event stood for whoever wrote it."""
    acts = desk.ledger.acts(event.event_id)
    by_id = {act.id: act for act in acts}
    sides: list[Side] = []
    for head in event.heads:
        stood = fold(before(by_id, head))
        name = by_id[head].coder
        again = sum(side.coder.partition("#")[0] == name for side in sides)
        sides.append(Side(f"{name}#{again + 1}" if again else name, stood, stood.provenance, "", head))
    document = event.reports[0]["document"] if event.reports else ""
    return Case(event.event_id, "conflict", document, tuple(s.coder for s in sides), [Row(1, tuple(sides))], grounds=grounds)


def before(by_id: Mapping[str, Entry], head: str) -> list[Entry]:
    """An act and everything before it."""
    seen: dict[str, Any] = {}
    todo = [head]
    while todo:
        i = todo.pop()
        if i in by_id and i not in seen:
            seen[i] = by_id[i]
            todo += by_id[i].parents
    return list(seen.values())


def acts_of(desk: Desk, events: Iterable[str]) -> Iterator[Entry]:
    """The visible acts of these events, in the order in which the ledger got them."""
    store = desk.ledger.store
    for part in portions(store, sorted(events)):
        marks = ", ".join("?" * len(part))
        sql = f"SELECT {_ENTRY} FROM entries AS e WHERE e.kind = 'act' AND e.subject IN ({marks}) AND {VISIBLE} ORDER BY e.seq"
        yield from map(from_row, store.rows(sql, part))


def refuse_unfit(desk: Desk, case: Case) -> None:
    """Raise `Refused` unless the person at the desk may adjudicate this case: a reviewer or lead, and none of its coders."""
    from eventcoder.ledger.people.roster import roster

    people = roster(desk.ledger)
    people.demand(desk.coder, "reviewer", "adjudicate")
    if case.kind == "twice":
        return
    if case.kind == "codings" or not people.empty:
        refuse_coders(desk, case.item, case.coders)


def refuse_coders(desk: Desk, item: str, coders: Iterable[str]) -> None:
    """Raise `Refused`, with who might do it, if the person at the desk is one of these coders of an item."""
    names = {name.partition("#")[0] for name in coders}
    if desk.coder in names:
        others = [m.name for m in desk.people.members if m.active and m.role in ("reviewer", "lead") and m.name not in names]
        ask = f"Ask {' or '.join(others[:3])}." if others else "Somebody else has to decide it: --coder NAME."
        raise Refused(f"{desk.coder} is one of the coders of {item} and cannot adjudicate it.", ask)
