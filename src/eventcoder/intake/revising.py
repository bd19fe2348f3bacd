"""A row about an event that the ledger has: unchanged, a revision, or a reason why it cannot be applied. Floor 5."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.intake.acts import Origin
from eventcoder.intake.batch import EMPTY, Batch, plain
from eventcoder.intake.completing import FATALITIES, Completion
from eventcoder.intake.reading import CNTY, CONTENT
from eventcoder.intake.standing import compare
from eventcoder.ledger import Entry, new_entry
from eventcoder.ledger.fold import fold
from eventcoder.problem import Problem
from eventcoder.validation.lots import Approval

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook
    from eventcoder.intake.account import Account
    from eventcoder.intake.dialects import Plan
    from eventcoder.intake.formats import Sheet
    from eventcoder.intake.rejects import Rejects
    from eventcoder.ledger.standings import Standing

WITHDRAWN = ("retracted", "merged")
APART = ("held", "adjudicated")


class Reviser:
    """Compares rows with events and makes the acts that follow, one by one: few rows of a re-imported file come here."""

    def __init__(
        self,
        codebook: Codebook,
        plan: Plan,
        sheet: Sheet,
        completion: Completion,
        origin: Origin,
        account: Account,
        rejects: Rejects,
        *,
        latest_today: date,
        approval: Approval | None,
        redacted: Collection[str] = (),
    ) -> None:
        """`redacted` are the ids of entries whose content was taken away for good: what a file still says of their events is not brought back."""
        self._codebook = codebook
        self._dialect = plan.dialect
        self._sheet = sheet
        self._completion = completion
        self._origin = origin
        self._account = account
        self._rejects = rejects
        self._today = latest_today
        self._approval = approval
        self._redacted = frozenset(redacted)
        system = {c.name for c in codebook.columns if c.entered in ("system", "derived")}
        self._never = system | set(plan.dialect.keep_system) | set(plan.dialect.recomputed)

    def revise(self, batch: Batch, place: int, standing: Standing, acts: Sequence[Entry]) -> Entry | None:
        """The act that the row at `place` means for its event; None where there is nothing to do or it cannot be done (counted and told)."""
        line, key = batch.lines[place], batch.keys[place]
        if key.startswith(CONTENT):
            self._account.unchanged += 1  # its content is its identity: it came in before, whatever coders made of it since
            return None
        if any(act.id in self._redacted for act in acts):
            self._account.unchanged += 1
            said = "something of the event was redacted here; the row was not applied, so that it does not come back."
            self._note("event-redacted", said, line, standing.event_id)
            return None
        if standing.state in WITHDRAWN:
            self._account.unchanged += 1
            successor = fold(acts).successor
            into = f" into {successor}" if successor else ""
            said = f"the event was {standing.state}{into}; the row was not applied. Restore it first if that was a mistake."
            self._note("event-withdrawn", said, line, standing.event_id)
            return None
        if standing.state == "conflict":
            said = f"event {standing.event_id} is in conflict. Resolve it first."
            problem = Problem("event-in-conflict", said, event_id=standing.event_id, where=self._sheet.where(line))
            self._rejects.add(line, batch.raws[place], [problem])
            return None
        if standing.state in APART:
            said = f"event {standing.event_id} was coded blind and is no part of the dataset: adjudication decides what of it is. Take the row out."
            problem = Problem("event-coded-blind", said, event_id=standing.event_id, where=self._sheet.where(line))
            self._rejects.add(line, batch.raws[place], [problem])
            return None
        return self._differences(batch, place, acts)

    def _differences(self, batch: Batch, place: int, acts: Sequence[Entry]) -> Entry | None:
        event, line = fold(acts), batch.lines[place]
        given = batch.row(place)
        values, mismatches = self._completion.one(given)
        scope = [n for n in given if n not in self._never and not (n == CNTY and not values.get(CNTY))]
        scope = [n for n in scope if not self._says_nothing(n, given, batch.originals[place])]
        if self._dialect.conservative_fatalities and "fatalities" in scope:
            if (values.get("fatalities") or 0) == (event.values.get("fatalities") or 0):
                # Such files write 0 for "not reported" and know no interval: the same figure takes nothing away from what stands here.
                scope = [n for n in scope if n not in ("fatalities", *FATALITIES)]
            else:
                scope += [n for n in FATALITIES if n in self._codebook.columns_by_name and n not in scope]
        found = compare(acts, event, values, scope, batch.revisions[place])
        for name, new in found.kept.items():
            said = f"{name} was amended here to {event.values.get(name)!r} and is {new!r} in the file; the coder's value stands."
            self._note("amended-here", said, line, event.event_id, name)
        if not found.changes:
            self._account.unchanged += 1
            return None
        after = {k: v for k, v in event.values.items() if k not in found.changes}
        after |= {k: v for k, v in found.changes.items() if v not in EMPTY}
        completed, _ = self._codebook.derive(after, regiven=set(found.changes))
        for name in scope:  # what the file or a coder says is not filled in anew
            wanted = found.changes[name] if name in found.changes else event.values.get(name)
            if wanted in EMPTY:
                completed.pop(name, None)
            else:
                completed[name] = wanted
        completed |= {name: values[name] for name in self._dialect.keep_system if name in values}
        new, old = plain(completed), plain(event.values)
        delta = {name: new.get(name) for name in sorted(new.keys() | old.keys()) if new.get(name) != old.get(name)}
        problems = self._codebook.check({**new, "event_id": event.event_id}, latest_today=self._today, event_id=event.event_id)
        where = self._sheet.where(line)
        told = [replace(p, event_id=event.event_id, where=where) for p in (*mismatches, *problems)]
        self._account.tell(told)
        waits = self._approval is not None and self._approval(event.event_id, completed)
        settled = not waits and not any(p.severity == "error" for p in told)
        self._account.incomplete += not settled
        self._account.revised += 1
        kept = batch.beside(place)
        body = {
            "act": "revise",
            "values": delta,
            "reason": f"import {self._origin.file}",
            "settled": settled,
            "codebook": self._origin.codebook,
            "import": self._origin.provenance(line, batch.digests[place], kept, batch.joined.get(place, ())),
        }
        return new_entry("act", event.event_id, body, coder=self._origin.coder, role=self._origin.role, time=self._origin.time, parents=event.heads)

    def _says_nothing(self, name: str, given: dict[str, Any], originals: str) -> bool:
        """An old value without a certain counterpart: the field is empty in the row, but not because the file says that it is."""
        return bool(originals) and given[name] in EMPTY and name in self._dialect.uncertain_targets

    def _note(self, code: str, said: str, line: int, event_id: str, name: str | None = None) -> None:
        self._account.tell([Problem(code, said, "warning", event_id=event_id, field=name, where=self._sheet.where(line))])
