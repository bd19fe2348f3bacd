"""Planted drafts: a true draft with one field made wrong, shown to one coder, to see how often a suggestion is accepted unread. Floor 5.

What was planted stands in the assignment alone. The draft keeps its id and its quotes, so that it looks as any other; the event that comes of it is
held like all of a blind task, and adjudication ends it without a successor.
"""

from __future__ import annotations

import calendar
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import TYPE_CHECKING, Any

from eventcoder.coding.apart import decision_subject
from eventcoder.ledger.work import Task, tasks

if TYPE_CHECKING:
    from eventcoder.coding import Desk
    from eventcoder.coding.opened import Opened
    from eventcoder.event import Draft

FIELDS = ("event_date", "location", "sub_event_type", "fatalities")
_PLACE = ("location", "admin1", "admin2", "admin3", "latitude", "longitude", "gazetteer_id", "gazetteer_version", "geo_precision")
_DAYS = ("event_date", "date_start", "date_end")
ACCEPTED, CORRECTED, REJECTED = "accepted", "corrected", "rejected"
FEWEST = 3  # coders of whom a share is published together
_Z = 1.96  # of the normal distribution, for 95%


@dataclass(frozen=True, slots=True)
class Planted:
    """What became of a planted draft: `verdict` is accepted (the wrong value stands), corrected, rejected, or None while it is undecided."""

    task: str
    document: str
    coder: str
    round: str
    draft: str
    field: str
    true: Any
    wrong: Any
    verdict: str | None


def planted_results(opened: Opened, *, round: str | None = None) -> dict[str, list[Planted]]:
    """coder -> what became of the drafts that were planted for this coder, of tasks that were handed in."""
    out: dict[str, list[Planted]] = {}
    for task in tasks(opened.ledger.store, state="done", round=round, blind=True):
        if task.planted and task.holder:
            out.setdefault(task.holder, []).append(_result(opened, task, task.planted))
    return dict(sorted(out.items()))


def planted_counts(opened: Opened, *, round: str | None = None, coder: str | None = None) -> list[dict[str, Any]]:
    """A row a coder: how many planted drafts were accepted unread, corrected and rejected (`none`: nothing was decided about them), and the share
    accepted of those decided with its 95% interval (null: none was decided).

    With `coder` that one's row alone, of items that were adjudicated: who asks for his own must not learn which drafts to distrust.
    """
    out = []
    for name, results in planted_results(opened, round=round).items():
        if coder is not None and name != coder:
            continue
        said = [result.verdict for result in results if coder is None or _is_over(opened, result)]
        counts = {verdict: said.count(verdict) for verdict in (ACCEPTED, CORRECTED, REJECTED)}
        if said:
            out.append({"coder": name, "planted": len(said), **counts, "none": said.count(None), **_share(counts)})
    return out


def planted_share(opened: Opened) -> dict[str, Any] | None:
    """What all coders together did with planted drafts: `decided`, `accepted`, `share` and its interval `low` to `high`; None where none was planted.

    The share is null where fewer than three coders decided any: each of two could work out the other's.
    """
    results = planted_results(opened)
    if not results:
        return None
    verdicts = [result.verdict for of in results.values() for result in of]
    counts = {verdict: verdicts.count(verdict) for verdict in (ACCEPTED, CORRECTED, REJECTED)}
    coders = sum(any(result.verdict for result in of) for of in results.values())
    told = {"accepted": counts[ACCEPTED], **_share(counts)} if coders >= FEWEST else dict.fromkeys(("accepted", "share", "low", "high"))
    return {"coders": coders, "decided": sum(counts.values()), **told}


def _share(counts: Mapping[str, int]) -> dict[str, float | None]:
    """The share accepted with its 95% interval (Wilson's, which fits small numbers)."""
    number = sum(counts.values())
    if not number:
        return dict.fromkeys(("share", "low", "high"))
    share, square = counts[ACCEPTED] / number, _Z**2 / number
    middle, half = share + square / 2, _Z * sqrt(share * (1 - share) / number + square / 4 / number)
    low, high = (round((middle + sign * half) / (1 + square), 4) for sign in (-1, 1))
    return {"share": round(share, 4), "low": max(0.0, low), "high": min(1.0, high)}


def _is_over(opened: Opened, planted: Planted) -> bool:
    """Whether everybody has handed the item in, and no event that was held for it waits for an adjudicator."""
    item = planted.task.rpartition("/")[0]
    of = [task for task in tasks(opened.ledger.store, item=item, blind=True) if task.state != "withdrawn"]
    marks = ", ".join("?" * len(of))
    waits = opened.ledger.store.row(f"SELECT 1 FROM heads WHERE held IN ({marks}) AND state = 'held' LIMIT 1", [task.task for task in of])
    return all(task.state == "done" for task in of) and waits is None


def _result(opened: Opened, task: Task, planted: Mapping[str, Any]) -> Planted:
    draft, field = str(planted.get("draft")), str(planted.get("field"))
    found = [e for e in opened.ledger.entries(kind="decision", subject=decision_subject(draft, task)) if e.coder == task.holder]
    named = {parent for entry in found for parent in entry.parents}
    last = next((entry for entry in found if entry.id not in named), None)
    verdict = None
    if last is not None and last.body.get("decision") == "reject":
        verdict = REJECTED
    elif last is not None and last.body.get("event_id"):
        event = opened.ledger.head(str(last.body["event_id"]))
        if event is not None and event.state != "retracted":
            verdict = ACCEPTED if event.values.get(field) == planted.get("wrong") else CORRECTED
    return Planted(task.task, task.document, task.holder or "", task.round, draft, field, planted.get("true"), planted.get("wrong"), verdict)


# -- making one -----------------------------------------------------------------------------------------------------------------------------


def plant(desk: Desk, drafts: Sequence[Draft], places: Sequence[Mapping[str, Any]], salt: str) -> tuple[Draft, dict[str, Any]] | None:
    """A draft among these and what to plant in it (the body's `planted`); None if nothing plausible can be made of any.

    `places` are fields of other drafts, of which a town of the same country is taken. The same arguments give the same result.
    """
    able = sorted((d for d in drafts if d.status == "codable"), key=lambda d: _lot(salt, d.draft_id))
    for draft in able:
        for field in sorted((f for f in FIELDS if draft.fields.get(f) not in (None, "")), key=lambda f: _lot(salt, draft.draft_id, f)):
            for changes in _wrong(desk, draft, field, places, salt):
                also = _with_note(desk, draft, changes)
                if _plausible(desk, draft, also):
                    wrong = also.pop(field)
                    return draft, {"draft": draft.draft_id, "field": field, "true": draft.fields[field], "wrong": wrong, "also": also}
    return None


def _wrong(desk: Desk, draft: Draft, field: str, places: Sequence[Mapping[str, Any]], salt: str) -> Iterator[dict[str, Any]]:
    """Other values of a field with those that hang on it, the likeliest first."""
    fields, lot = draft.fields, _lot(salt, draft.draft_id, "value")
    if field == "event_date":
        for step in (1 + lot % 2, 3, 4):
            yield {name: _earlier(str(fields[name]), step) for name in _DAYS if fields.get(name)}
    elif field == "location":
        towns = {str(p["location"]): p for p in places if p.get("country") == fields.get("country") and p.get("latitude") is not None}
        for name in sorted((n for n in towns if n != fields["location"]), key=lambda n: _lot(salt, draft.draft_id, n)):
            yield {column: towns[name].get(column) for column in _PLACE}
    elif field == "sub_event_type":
        types = desk.codebook.lists["sub_event_types"]
        above = types.attribute(str(fields[field]), "event_type")
        siblings = [code for code in types.codes if code != fields[field] and types.attribute(code, "event_type") == above]
        for code in sorted(siblings, key=lambda c: _lot(salt, draft.draft_id, c)):
            yield {field: code}
    elif field == "fatalities" and isinstance(fields[field], int):
        number = fields[field] * 2 + 1 + lot % 3
        yield {name: number for name in ("fatalities", "fatalities_low", "fatalities_high") if fields.get(name) is not None}


def _earlier(day: str, months: int) -> str:
    """The same day so many months before, or the last of a shorter month."""
    when = date.fromisoformat(day)
    month = when.year * 12 + when.month - 1 - months
    year, number = divmod(month, 12)
    return date(year, number + 1, min(when.day, calendar.monthrange(year, number + 1)[1])).isoformat()


def _with_note(desk: Desk, draft: Draft, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes with a note that says the same, and without what would be worked out anew."""
    from eventcoder.extraction.note import draft_note

    stale = desk.dependents(changes, draft.fields) & set(draft.fields) - set(changes)
    out = {**dict.fromkeys(sorted(stale)), **changes}
    if draft.fields.get("notes"):
        typed, _ = desk.codebook.coerce({k: v for k, v in {**draft.fields, **out}.items() if v not in (None, "")})
        out["notes"] = draft_note(typed) or draft.fields["notes"]
    return out


def _plausible(desk: Desk, draft: Draft, changes: Mapping[str, Any]) -> bool:
    """Whether no rule gives the draft away that did not complain before."""

    def broken(fields: Mapping[str, Any]) -> set[tuple[str, str | None]]:
        ready = desk.prepare({k: v for k, v in fields.items() if v not in (None, "")}, reports=[draft.document])
        return {(p.code, p.field) for p in ready.errors}

    return broken({**draft.fields, **changes}) <= broken(draft.fields)


def _lot(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:6], "big")
