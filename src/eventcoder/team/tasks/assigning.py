"""Giving documents, or single drafts, to coders: what `assign` does. Floor 5.

A share of the documents, stratified by type and country, goes to two coders, each blind to the other. Of these some are controls, which are coded
without drafts, and in some a wrong draft is planted. All of it is decided by hashes of the document and the round: the same documents give the same
plan on every machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from eventcoder.clock import stamp
from eventcoder.coding.apart import DOCUMENT
from eventcoder.coding.records import reason_text
from eventcoder.errors import Refused, UsageError
from eventcoder.ledger.work import Task, body_of, task_id, tasks, the_task
from eventcoder.team.members.enrolling import the_member
from eventcoder.team.tasks.codings import held_events
from eventcoder.team.tasks.items import DRAFT, UNKNOWN, Facts, barred, document_facts, draft_facts
from eventcoder.team.tasks.plans import PLANS, Dealer, Reader, Stratum, lot, some, stratified
from eventcoder.team.tasks.planting import plant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventcoder.coding import Desk
    from eventcoder.event import Draft
    from eventcoder.ledger import Entry

MAIN = "main"  # the round where none is named
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What `assign` was asked for. Shares are parts of 1; `days` until what is assigned to a coder becomes anybody's (None: never)."""

    plan: str = "round-robin"
    to: Sequence[str] = ()
    double: float = 0.1
    control: float = 0.0
    plant: float = 0.0
    round: str = MAIN
    days: int | None = None
    blind: bool = False  # every item blind, also where one coder reads it


@dataclass(slots=True)
class Assigned:
    """What `assign` did: tasks by coder ("": anybody's), (documents, read twice) by stratum, and what could not be done."""

    documents: int = 0
    tasks: int = 0
    double: int = 0
    control: int = 0
    planted: int = 0
    by_coder: Counter[str] = field(default_factory=Counter)
    by_stratum: dict[Stratum, list[int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    kind: str = DOCUMENT  # of the items that `documents` counts


def assign(
    desk: Desk,
    documents: Sequence[str],
    wish: Wish,
    *,
    drafts: Sequence[Draft] | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Assigned:
    """Share documents out (all that nobody has coded or been given, if none is named), or these single drafts. Stores all tasks in one transaction.

    Nobody gets a draft in a round in which he has its document, nor the other way round; a single draft is never a control.
    Raises `UsageError` for a plan and `NotFound` for a coder that is not known, `Refused` for coders who cannot code.
    """
    if wish.plan not in PLANS:
        raise UsageError(f"Unknown plan {wish.plan!r}.", f"Known: {', '.join(PLANS)}.")
    desk.people.demand(desk.coder, "lead", "assign work")
    done = Assigned()
    readers = _readers(desk, wish.to, done)
    chosen = _chosen(desk, documents, wish.round, done) if drafts is None else []
    known = document_facts(desk, chosen, progress) if drafts is None else draft_facts(desk, _chosen_drafts(desk, drafts, wish.round, done))
    facts = {f.item.id: f for f in known}
    away = barred(desk, wish.round)
    dealer = Dealer(wish.plan, readers, _loads(desk, readers), {i: away.get((f.document, f.kind), ()) for i, f in facts.items()})
    entries: list[Entry] = []
    if facts:
        for body, draft in _bodies(desk, facts, wish, dealer, done):
            if draft is not None and not any(True for _ in desk.ledger.entries(kind="draft", subject=draft.draft_id)):
                from eventcoder.review import draft_entry

                entries.append(draft_entry(draft, desk))
            entries.append(desk.entry("assignment", task_id(body["item"], body["slot"]), body))
    if entries and not dry_run:
        desk.ledger.append(entries)
    return done


def change(desk: Desk, names: Sequence[str], state: str, reason: str) -> list[Task]:
    """Give tasks back to their coders (`returned`) or take them out of the work (`withdrawn`); all or none. Raises `NotFound`, `Refused`."""
    desk.people.demand(desk.coder, "lead", "assign work")
    said = reason_text(reason)
    entries, out = [], []
    for name in names:
        task = the_task(desk.ledger.store, name)
        if state == "returned" and task.state != "done":
            raise Refused(f"Task {name} is {task.state}: only what was handed in can be given back.", "'eventcoder queue --tasks' shows the tasks.")
        if any(event.state == "adjudicated" for event in held_events(desk, name)):
            raise Refused(
                f"Task {name} was compared with the others and adjudicated.",
                f"Amend the event that came of it, or take the decision back: eventcoder adjudicate {task.item} --reopen --reason TEXT",
            )
        owner = task.holder if state == "returned" else task.assigned_for
        body = task.body_with(**{"state": state, "for": owner, "by": None, "until": None, "reason": said})
        entries.append(desk.entry("assignment", name, body, task.heads))
        out.append(task)
    desk.ledger.append(entries)
    return out


# -- who, and what --------------------------------------------------------------------------------------------------------------------------


def _readers(desk: Desk, names: Sequence[str], done: Assigned) -> list[Reader]:
    """Those who are named; else the active coders who are not in training: what these code does not settle, and no pair is measured by it."""
    people = desk.people
    if people.empty:
        if not names:
            raise UsageError("Nobody is registered as a coder.", "Name them: --to ana --to ben; or register them: eventcoder coders add NAME")
        for name in names:
            if "," in name or not name.strip():
                each = " ".join(f"--to {part.strip()}" for part in name.split(",") if part.strip())
                raise UsageError(f"--to {name!r} is not the name of one coder.", f"Say --to for each: {each or '--to ana --to ben'}")
        return [Reader(name) for name in dict.fromkeys(names)]
    for name in names:
        the_member(desk, name)
        people.demand(name, "coder", "code documents")
    active = [m for m in people.members if m.active and m.role != "reader"]
    trained = [m for m in active if not m.in_training]
    chosen = [m for m in active if m.name in names] if names else [m for m in trained if m.role == "coder"] or trained
    if not names and len(trained) < len(active):
        young = ", ".join(m.name for m in active if m.in_training)
        done.notes.append(f"{young}: in training, so given nothing ('coders train' gives them gold documents; --to NAME gives them others).")
    return [Reader(m.name, m.languages, m.countries) for m in chosen]


def _chosen(desk: Desk, documents: Sequence[str], round: str, done: Assigned) -> list[str]:
    """The documents to be shared out: none that has tasks of this round, none that was redacted."""
    has: dict[str, set[str]] = {}
    for task in tasks(desk.ledger.store):
        if task.state != "withdrawn":
            has.setdefault(task.item, set()).add(task.round)
    if documents:
        named = list(dict.fromkeys(desk.find_document(d) for d in documents))
        again = [d for d in named if round in has.get(d, ())]
        if again:
            done.notes.append(f"{_many(again)} in round '{round}' already: left as they are. Another --round codes them again.")
        if before := [d for d in named if d not in again and has.get(d)]:
            rounds = ", ".join(sorted({f"'{name}'" for d in before for name in has[d]}))
            done.notes.append(f"{_many(before)} in round {rounds}, too, and coded again now: --to NAME names those who have not read them.")
        return [d for d in named if d not in again]
    known = {d for d, entry in desk.ledger.latest("document").items() if not entry.body.get("redacted")}
    decided = {str(e.body.get("document")) for e in desk.ledger.latest("decision").values() if e.body.get("decision") != "undo"}
    reported = {str(report.get("document")) for event in desk.ledger.events() for report in event.reports}
    in_pieces = {task.document for task in tasks(desk.ledger.store) if task.item_kind == DRAFT and task.state != "withdrawn"}
    return sorted(known - set(has) - decided - reported - in_pieces)


def _chosen_drafts(desk: Desk, drafts: Sequence[Draft], round: str, done: Assigned) -> list[Draft]:
    """The drafts to be shared out: none that has tasks of this round."""
    done.kind = DRAFT
    has = {task.item for task in tasks(desk.ledger.store, round=round) if task.state != "withdrawn"}
    again = [draft.draft_id for draft in drafts if draft.draft_id in has]
    if again:
        many = f"Draft {again[0]} is" if len(again) == 1 else f"{len(again)} drafts are"
        done.notes.append(f"{many} in round '{round}' already: left as they are. Another --round codes them again.")
    return [draft for draft in drafts if draft.draft_id not in has]


def _many(ids: Sequence[str]) -> str:
    return f"{ids[0]} is" if len(ids) == 1 else f"{len(ids)} documents are"


def _loads(desk: Desk, readers: Sequence[Reader]) -> Counter[str]:
    names = {reader.name for reader in readers}
    under_way = (task.holder or task.assigned_for for task in tasks(desk.ledger.store) if task.state not in ("done", "withdrawn"))
    return Counter(name for name in under_way if name in names)


# -- the tasks ------------------------------------------------------------------------------------------------------------------------------


def _bodies(desk: Desk, facts: Mapping[str, Facts], wish: Wish, dealer: Dealer, done: Assigned) -> Iterator[tuple[dict[str, Any], Draft | None]]:
    """The bodies of the tasks, each with the draft that is planted in it."""
    from eventcoder.learning.order import in_order

    order = in_order({d: f.drafts for d, f in facts.items()}, desk.project.settings.review_order, {d: f.published for d, f in facts.items()})
    double, control, planted = _lots(desk, facts, wish, dealer, done)
    places = [draft.fields for f in facts.values() for draft in f.drafts if draft.fields.get("location")]
    slots_before: Counter[str] = Counter()
    for task in tasks(desk.ledger.store):
        slots_before[task.item] = max(slots_before[task.item], task.slot)
    until = stamp(desk.moment + timedelta(days=wish.days)) if wish.days else None
    nobody: Counter[str] = Counter()
    kept_apart = 0
    for rank, document in enumerate(order):
        item = facts[document].item
        names = dealer.deal(item, 2 if document in double else 1)
        if not names and dealer.barred.get(document):
            kept_apart += 1
            continue
        if not names:
            nobody[(item.country if wish.plan == "country" else item.language) or UNKNOWN] += 1
            continue
        wrong = plant(desk, facts[document].drafts, places, wish.round) if document in planted and len(names) > 1 else None
        at = lot(wish.round, document) % len(names)
        row = done.by_stratum.setdefault(item.stratum, [0, 0])
        row[0] += 1
        row[1] += len(names) > 1
        done.documents += 1
        done.double += len(names) > 1
        done.control += document in control
        done.planted += wrong is not None
        for number, name in enumerate(names):
            body = body_of(
                document, slots_before[document] + number + 1, item_kind=facts[document].kind, document=facts[document].document,
                slots=len(names), assigned_for=name, round=wish.round, plan=wish.plan,
                blind=wish.blind or len(names) > 1, control=document in control, planted=wrong[1] if wrong and number == at else None,
                language=item.language, country=item.country, type=None if item.stratum[0] == UNKNOWN else item.stratum[0], rank=rank,
            )  # fmt: skip
            body["until"] = until if name is not None else None
            done.tasks += 1
            done.by_coder[name or ""] += 1
            yield body, wrong[0] if wrong and number == at else None
    for what, number in sorted(nobody.items()):
        many = f"{number} {done.kind}s ({what}) were" if number > 1 else f"1 {done.kind} ({what}) was"
        done.notes.append(f"{many} given to nobody: no coder is registered for that {_asks(wish.plan)}.")
    if kept_apart:
        other = "the document" if done.kind == DRAFT else "a draft of it"
        many = f"{kept_apart} {done.kind}s were" if kept_apart > 1 else f"1 {done.kind} was"
        done.notes.append(f"{many} given to nobody: in round '{wish.round}' every coder has {other}. Take another --round.")


def _asks(plan: str) -> str:
    return "country" if plan == "country" else "language"


def _lots(desk: Desk, facts: Mapping[str, Facts], wish: Wish, dealer: Dealer, done: Assigned) -> tuple[set[str], set[str], set[str]]:
    """Which documents are read twice, which of them without drafts, and which with a planted one."""
    items = [f.item for f in facts.values()]
    readers = {item.id: len(dealer.able(item)) for item in items}
    able = [item for item in items if readers[item.id] > 1]
    alone = sum(1 for number in readers.values() if number == 1)
    if alone and wish.double > 0:
        done.notes.append(f"{alone} {done.kind}{'s' * (alone > 1)} can be read by one coder only, so none of them is read twice.")
    double = set(stratified(able, wish.double, f"double {wish.round}"))
    ids = [item.id for item in able]
    # to read a single draft without it makes no sense
    control = set(some(ids, double, round(wish.control * len(ids)), f"control {wish.round}")) if done.kind == DOCUMENT else set()
    rest = [d for d in ids if d not in control and any(draft.status == "codable" for draft in facts[d].drafts)]
    planted = set(some(rest, double, round(wish.plant * len(ids)), f"plant {wish.round}"))
    return double | control | planted, control, planted
