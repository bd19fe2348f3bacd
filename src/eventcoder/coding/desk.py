"""The desk: acts of a coder, checked and then appended to the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from eventcoder.coding.apart import own_held, refuse_held, refuse_reopened, refuse_unseen, task_for
from eventcoder.coding.approving import refuse_approval, settles
from eventcoder.coding.checking import Checking, where_points_are
from eventcoder.coding.opened import refuse_conflict
from eventcoder.coding.records import NewEvent, Outcome, Prepared, reason_text
from eventcoder.coding.support import put_support, read_support
from eventcoder.errors import Refused, UsageError
from eventcoder.identity import assigned_event_id_cnty, new_event_id
from eventcoder.ledger import Entry, Folded, fold, new_entry
from eventcoder.ledger.people.roster import Roster, roster
from eventcoder.problem import Problem
from eventcoder.project import Project
from eventcoder.validation.lots import Approval, second_person


class Desk(Checking):
    """An opened project with a coder sitting at it."""

    def __init__(self, project: Project, *, coder: str = "", moment: datetime | None = None, readonly: bool = False) -> None:
        super().__init__(project, moment=moment, readonly=readonly)
        self.coder = coder
        self.at_hand = ""  # the task that events are stored for where the coder has several about one document
        self._together: tuple[list[Entry], list[Entry]] | None = None
        self._waiting: dict[str, list[Entry]] = {}  # event id -> its acts of a block `together`, which the ledger does not have yet

    def __enter__(self) -> Self:
        """Raises `Refused` for a coder who may not store anything, before the work is done."""
        if self.coder and not self.readonly and self.has_ledger:
            try:
                self.people.demand(self.coder)
            except Refused:
                self.close()
                raise
        return self

    @cached_property
    def second_person(self) -> Approval | None:
        """Whether an event (id, values) needs a second person by the project's setting; None if none does."""
        return second_person(self.project, self.codebook)

    @property
    def people(self) -> Roster:
        """Who is registered as a coder now."""
        return roster(self.ledger)

    def event(self, prefix: str) -> Folded:
        """As `Opened.event`; inside `together` with the acts that wait there."""
        return self._with_waiting(super().event(prefix))

    def head(self, event_id: str) -> Folded | None:
        """The event with exactly this id, whatever its state; inside `together` with the acts that wait there."""
        found = self.ledger.head(event_id)
        return self._with_waiting(found) if found is not None else None

    def acts(self, event_id: str) -> list[Entry]:
        """The acts of an event, parents first, those that wait included."""
        return [*self.ledger.acts(event_id), *self._waiting.get(event_id, ())]

    def _with_waiting(self, event: Folded) -> Folded:
        return fold(self.acts(event.event_id)) if event.event_id in self._waiting else event

    def live(self, prefix: str) -> Folded:
        """As `Opened.live`; an event that is coded apart is live to its coder, until it is handed in."""
        found = self.event(prefix)
        return own_held(self, found) if found.held else super().live(prefix)

    def add(self, new: NewEvent, *, allow_open: bool = False) -> Outcome:
        """Create one event. Raises `Refused` with every problem when it may not be stored."""
        return self.add_many([new], allow_open=allow_open)[0]

    def add_many(self, news: Iterable[NewEvent], *, allow_open: bool = False, relations: Sequence[Mapping[str, Any]] = ()) -> list[Outcome]:
        """Create several events in one transaction, all or none, each with these `relations`. Raises `Refused` with all their problems."""
        entries: list[Entry] = []
        prepared: list[Prepared] = []
        refused: list[Problem] = []
        taken: dict[str, str | None] = {}
        for new in news:
            ready, entry, problems = self._create(new, allow_open, taken, relations)
            refused.extend(problems)
            prepared.append(ready)
            if entry is not None:
                entries.append(entry)
        if refused:
            count = len(prepared)
            what = "the event was not" if count == 1 else f"none of the {count} events was"
            raise Refused(
                f"{len(refused)} problem{'s'[: len(refused) != 1]}: {what} stored.",
                "Mend them, or store it open with --open (rules and gaps only)." + where_points_are(refused),
                refused,
            )
        self.store(entries)
        return [
            Outcome(e.subject, 1, "held" if e.body.get("held") else "settled" if e.body.get("settled") else "open", e.id, ready.problems)
            for e, ready in zip(entries, prepared, strict=True)
        ]

    def _create(
        self, new: NewEvent, allow_open: bool, taken: dict[str, str | None], relations: Sequence[Mapping[str, Any]]
    ) -> tuple[Prepared, Entry | None, list[Problem]]:
        event_id = new_event_id()
        support = read_support(self, new)
        refused = self.refuse_system(new.raw, where=new.where)
        system = {p.field for p in refused}
        raw = {k: v for k, v in new.raw.items() if k not in system}
        ready = self.prepare(raw, reports=support.reports, where=new.where, event_id=event_id)
        values = ready.values
        held = task_for(self, support.reports, support.draft)
        if held:  # no part of the dataset, so no number in it
            values.pop("event_id_cnty", None)
            ready = replace(ready, problems=[p for p in ready.problems if p.field != "event_id_cnty"])
        cnty = values.get("event_id_cnty")
        if not held and not cnty and values.get("country"):
            prefix = self.codebook.lists["countries"].attribute(values["country"], "prefix")
            if prefix:
                values["event_id_cnty"] = cnty = assigned_event_id_cnty(prefix, event_id)
                ready = replace(ready, problems=[p for p in ready.problems if p.field != "event_id_cnty"])
        structural = [*refused, *support.problems, *ready.structural]
        # review stores the draft together with the decision; anybody else names one that is there
        if support.draft and self._together is None and not any(True for _ in self.ledger.entries(kind="draft", subject=support.draft)):
            said = f"No draft {support.draft!r} in this project. 'eventcoder extract' shows the ids; leave 'draft' out if a person wrote this."
            structural.append(Problem("unknown-draft", said, field="draft", value=support.draft, where=new.where))
        if cnty and (cnty in taken or self.ledger.find_cnty(cnty)):
            other = taken.get(cnty) or self.ledger.find_cnty(cnty)
            message = f"event_id_cnty {cnty} already belongs to event {other}. Leave it out, or amend that event."
            structural.append(Problem("duplicate-id", message, event_id=event_id, field="event_id_cnty", value=cnty, where=new.where))
        if cnty:
            taken[cnty] = event_id
        ready = replace(ready, structural=structural)
        stop = ready.structural if allow_open else ready.errors
        if stop:
            return ready, None, stop
        body: dict[str, Any] = {"act": "create", "values": _stored(values), "codebook": self.codebook.version}
        body |= {"settled": False, "held": held.task} if held else {"settled": self.settles(ready)}
        put_support(body, support.reports, support.evidence, support.counts)
        if support.draft:
            body["draft"] = support.draft
        if support.reason:
            body["reason"] = support.reason
        if relations:
            body["relations"] = [dict(relation) for relation in relations]
        return ready, self.act(event_id, body, ()), []

    def amend(
        self, event_id: str, changes: Mapping[str, Any], *, reason: str, allow_open: bool = True, evidence: Mapping[str, Any] | None = None
    ) -> Outcome:
        """Correct fields of one event. Raises `Refused` for structural problems (and for broken rules unless `allow_open`).

        Derived and default values that follow from a changed field are computed anew.
        """
        entry, outcome = self.amendment(self.live(event_id), changes, reason=reason, allow_open=allow_open, evidence=evidence)
        if entry is not None:
            self.store([entry])
        return outcome

    def amendment(
        self, event: Folded, changes: Mapping[str, Any], *, reason: str, allow_open: bool = True, evidence: Mapping[str, Any] | None = None
    ) -> tuple[Entry | None, Outcome]:
        """The act that `amend` would append, and its outcome; the act is None when nothing would change."""
        reason = reason_text(reason)
        refuse_conflict(event)
        cleared = {name for name, value in changes.items() if value is None or value == "" or value == []}
        typed, structural = self.codebook.coerce({k: v for k, v in changes.items() if k not in cleared})
        structural += self.refuse_assigned(changes, already={p.field for p in structural})
        if structural:
            raise Refused(f"Event {event.event_id} was not changed: {len(structural)} problem(s).", "Mend the values and try again.", structural)
        base = {k: v for k, v in event.values.items() if k not in cleared}
        for name in self.dependents(changes, event.values):
            if name not in changes:
                base.pop(name, None)
        base.update(typed)
        ready = self.prepare(base, event_id=event.event_id)
        stop = list(ready.structural) if allow_open else ready.errors
        if stop:
            raise Refused(f"Event {event.event_id} was not changed: {len(stop)} problem(s).", "Mend the values and try again.", stop)
        after = _stored(ready.values)
        before = _stored(event.values)
        changed = {k: after.get(k) for k in sorted(before.keys() | after.keys()) if before.get(k) != after.get(k)}
        if not changed and not evidence:
            return None, Outcome(event.event_id, event.revision, event.state, "", ready.problems)
        body = {"act": "revise", "values": changed, "reason": reason, "codebook": self.codebook.version, "settled": self.settles(ready)}
        if evidence:
            body["evidence"] = {k: [dict(s) for s in v] for k, v in evidence.items()}
        entry = self.act(event.event_id, body, event.heads)
        state = "held" if event.held else "settled" if body["settled"] else "open"
        return entry, Outcome(event.event_id, event.revision + 1, state, entry.id, ready.problems)

    def attach(
        self,
        event_id: str,
        documents: Sequence[str],
        *,
        evidence: Mapping[str, Any] | None = None,
        counts: Sequence[Any] = (),
        draft: str | None = None,
    ) -> Outcome:
        """Tie more reports to an event: its sources grow, its values stay. A report that is coded blind makes an event of its own, coded apart."""
        from eventcoder.coding.attaching import attach

        return attach(self, event_id, documents, evidence=evidence, counts=counts, draft=draft)

    def settle(self, event_id: str) -> Outcome:
        """Declare an open event fit for release. Raises `Refused` while it has errors."""
        event = self.undisputed(event_id)
        refuse_held([event], "settled")
        ready = self.prepare(event.values, event_id=event.event_id)
        if ready.errors:
            raise Refused(
                f"Event {event.event_id} cannot settle: {len(ready.errors)} problem(s).", "Mend them with 'eventcoder amend'.", ready.errors
            )
        if event.state == "settled":
            return Outcome(event.event_id, event.revision, event.state, "", ready.problems)
        refuse_approval(self, event)
        return self.follow(event, {"act": "settle", "settled": True}, "settled", ready.problems)

    def retract(self, event_id: str, *, reason: str, successor: str | None = None) -> Outcome:
        """Withdraw an event: it leaves the dataset, its id and history stay, with the reason and the successor if there is one."""
        event = self.undisputed(event_id)
        body: dict[str, Any] = {"act": "retract", "reason": reason_text(reason)}
        if successor:
            other = self.live(successor)
            if other.event_id == event.event_id:
                raise UsageError("An event cannot be its own successor.")
            body["successor"] = other.event_id
        return self.follow(event, body, "retracted")

    def restore(self, event_id: str, *, reason: str) -> Outcome:
        """Bring a retracted or merged event back; what a merge gave to the event that took it in goes with it (`split` is the same)."""
        event = self.event(event_id)
        refuse_unseen(self, event)
        if event.state not in ("retracted", "merged"):
            raise UsageError(f"Event {event.event_id} is {event.state}, not retracted or merged.", "There is nothing to restore.")
        if event.state == "merged":
            return self.unmerge(event.event_id, reason=reason)[0]
        refuse_reopened(self, event)
        ready = self.prepare(event.values, event_id=event.event_id)
        settled = self.settles(ready)
        return self.follow(
            event, {"act": "restore", "reason": reason_text(reason), "settled": settled}, "settled" if settled else "open", ready.problems
        )

    def merge(self, survivor: str, losers: Sequence[str], *, reason: str, take: Mapping[str, str] | None = None, beyond: bool = False) -> Outcome:
        """Join events that are one: the survivor gets their reports, evidence and counts, the others point to it. `unmerge` undoes it.

        Values are the survivor's; `take` maps a field to the event whose value shall stand (what belongs to the field comes along). With what
        was merged before, more than two events may not lie farther apart than the bounds of `similar.Parameters`, unless `beyond`.
        Raises `UsageError`, and `Refused` for events that were withdrawn, are in conflict, or lie too far apart.
        """
        from eventcoder.coding.joining import merge
        from eventcoder.validation.duplicates.parameters import read_parameters

        refuse_held((self.event(prefix) for prefix in (survivor, *losers)), "merged")
        parameters = read_parameters(self.project.schema_dir)
        return merge(self, survivor, losers, reason=reason, take=take, beyond=beyond, parameters=parameters)

    def unmerge(self, event_id: str, *, reason: str, decided: bool = True) -> tuple[Outcome, Outcome]:
        """Take one event out of the one it was merged into: it comes back with its own values; the outcomes of both.

        The other gives back what came with it alone. `decided`: the two are different (a relation says so), else the pair is open again.
        Raises `UsageError` if it is not merged, `Refused` if the other was withdrawn since.
        """
        from eventcoder.coding.joining import take_back

        return take_back(self, self.event(event_id), reason=reason, decided=decided)

    def split(self, event_id: str, parts: Sequence[Mapping[str, Any]], *, reason: str, allow_open: bool = False) -> list[Outcome]:
        """Make several events of one, all or nothing; see `coding.splitting`. The outcomes: the event's own, then those of the new ones."""
        from eventcoder.coding.splitting import split

        refuse_held([self.event(event_id)], "split")
        return split(self, event_id, parts, reason=reason, allow_open=allow_open)

    def relate(self, event_id: str, kind: str, other: str, *, reason: str = "") -> Outcome:
        """Say how an event stands to another (codebook list `relation_kinds`), e.g. a decision that two likely duplicates are different."""
        from eventcoder.coding.relating import relate

        refuse_held([self.event(other)], "related to")
        return relate(self, event_id, kind, other, reason=reason)

    def unrelate(self, event_id: str, other: str, *, reason: str, kind: str | None = None) -> Outcome:
        """Take back what was said about how an event stands to another (of every kind or of one, from this event's side)."""
        from eventcoder.coding.relating import unrelate

        return unrelate(self, event_id, other, reason=reason, kind=kind)

    def resolve(self, event_id: str, values: Mapping[str, Any], *, reason: str) -> Outcome:
        """End a conflict of merged journals: one act that names all heads, with the values that shall hold."""
        event = self.event(event_id)
        if event.state != "conflict":
            raise UsageError(f"Event {event.event_id} is not in conflict.", "Use 'eventcoder amend' to correct it.")
        refuse_reopened(self, event)
        raw = {**event.values, **values}
        ready = self.prepare({k: v for k, v in raw.items() if v is not None}, event_id=event.event_id)
        if ready.structural:
            raise Refused("The conflict was not resolved.", "Mend the values and try again.", ready.structural)
        body = {
            "act": "resolve",
            "values": _stored(ready.values),
            "reason": reason_text(reason),
            "codebook": self.codebook.version,
            "settled": self.settles(ready),
        }
        return self.follow(event, body, "settled" if body["settled"] else "open", ready.problems)

    def detach(self, event_id: str, documents: Sequence[str], *, reason: str) -> Outcome:
        """Take reports away from an event again: their evidence and counts go with them, the history keeps all."""
        event = self.undisputed(event_id)
        gone = {d for d in documents if any(r["document"] == d for r in event.reports)}
        if not gone:
            return Outcome(event.event_id, event.revision, event.state, "")
        left = [r["document"] for r in event.reports if r["document"] not in gone]
        names: dict[str, Any] = {}
        lost: dict[str, Any] = {}
        self.fill_from_registers(names, left)
        self.fill_from_registers(lost, sorted(gone))
        dropped = set(lost.get("source") or []) - set(names.get("source") or [])
        body: dict[str, Any] = {"act": "revise", "detach": sorted(gone), "reason": reason_text(reason), "codebook": self.codebook.version}
        values = dict(event.values)
        if dropped:
            sources = [s for s in values.get("source") or [] if s not in dropped]
            body["values"] = {"source": sources, "source_scale": self.publishers.scale(sources) if sources else None}
            values.update(body["values"])
        ready = self.prepare({k: v for k, v in values.items() if v not in (None, [])}, event_id=event.event_id)
        body["settled"] = self.settles(ready)
        return self.follow(event, body, "settled" if body["settled"] else "open", ready.problems)

    @contextmanager
    def together(self, *, dry_run: bool = False) -> Iterator[list[Entry]]:
        """Acts inside the block, and the entries put on the list, are appended in one transaction at its end: all or none.

        Acts inside the block build on each other: an event looked at is as the acts so far have left it. `dry_run`: nothing is appended.
        """
        if self._together is not None:
            raise UsageError("Acts are being collected already.")
        self._together = ([], [])
        try:
            yield self._together[1]
            acts, more = self._together
        finally:
            self._together = None
            self._waiting = {}
        # what supports an act stands before it, so that a reader of the ledger never meets an act without its draft
        if not dry_run:
            self.ledger.append([*more, *acts])

    def store(self, entries: Sequence[Entry]) -> None:
        """Append acts, or let them wait for the end of the block `together`."""
        if self._together is None:
            self.ledger.append(entries)
            return
        self._together[0].extend(entries)
        for entry in entries:
            self._waiting.setdefault(entry.subject, []).append(entry)

    # -- what acts are made of ----------------------------------------------------------------------------------------------------

    def settles(self, ready: Prepared) -> bool:
        """Whether the event is settled with these values, without anybody approving it."""
        return not ready.errors and settles(self, str(ready.values.get("event_id", "")), ready.values)

    def entry(self, kind: str, subject: str, body: Mapping[str, Any], parents: Iterable[str] = ()) -> Entry:
        """An entry by who sits at the desk, with the registered role."""
        return new_entry(kind, subject, body, coder=self.coder, role=self.people.role_of(self.coder), time=self.moment, parents=parents)

    def act(self, event_id: str, body: Mapping[str, Any], parents: Sequence[str]) -> Entry:
        return self.entry("act", event_id, body, parents)

    def follow(self, event: Folded, body: dict[str, Any], state: str, problems: Sequence[Problem] = ()) -> Outcome:
        """Store one more act on an event; the outcome with the state that it has then."""
        entry = self.act(event.event_id, body, event.heads)
        self.store([entry])
        state = "held" if event.held and state in ("open", "settled") else state
        return Outcome(event.event_id, event.revision + 1, state, entry.id, list(problems))


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """What goes into an act: no nulls, no empty lists, no event id (it is the act's subject)."""
    return {k: v for k, v in sorted(values.items()) if v is not None and v != [] and k != "event_id"}
