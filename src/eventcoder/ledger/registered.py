"""What a team's registers say: of the entries about one name, which holds, which proposals wait, which were turned down. Floor 2.

Kinds `actor`, `publisher` and `place`; the subject is the name (the id of a place). A body's `status` is `accepted` (also where there is none: what
was added before there were proposals), `proposed` or `rejected`; a proposal that is `withdrawn` takes back the same coder's earlier ones. Only what
is accepted is used. An entry names as parents those that it answers, so that a proposal to change a name never puts the accepted one out of use, and
the result is the same in whatever order journals arrive.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventcoder.ledger.entry import Entry, from_row
from eventcoder.ledger.hidden import VISIBLE

if TYPE_CHECKING:
    from eventcoder.ledger.store import Ledger

KINDS = ("actor", "publisher", "place")
ACCEPTED, PROPOSED, REJECTED, WITHDRAWN = "accepted", "proposed", "rejected", "withdrawn"


@dataclass(frozen=True, slots=True)
class Word:
    """What the ledger says of one name of a register.

    `accepted` is the entry that holds (None: none was accepted), `rivals` are others that were accepted apart from it and say something else,
    `proposed` the proposals that nobody answered, oldest first, `rejected` the newest entry where it turns the name down and nothing else holds
    or waits, `heads` the entries that an answer names as parents.
    """

    name: str
    accepted: Entry | None = None
    rivals: tuple[Entry, ...] = ()
    proposed: tuple[Entry, ...] = ()
    rejected: Entry | None = None
    heads: tuple[str, ...] = ()


def status_of(entry: Entry) -> str:
    """The status that an entry gives its name. One that a newer version wrote counts as a proposal: it is shown, and not used."""
    status = entry.body.get("status", ACCEPTED)
    if status == PROPOSED and entry.body.get(WITHDRAWN):
        return WITHDRAWN
    return status if status in (ACCEPTED, REJECTED) else PROPOSED


def words(ledger: Ledger, kind: str, subject: str | None = None) -> dict[str, Word]:
    """subject -> what the ledger says of it, in the order of the subjects; only of one subject if it is given."""
    sql = f"SELECT e.id, e.kind, e.subject, e.parents, e.coder, e.role, e.time, e.body FROM entries AS e WHERE e.kind = ? AND {VISIBLE}"
    if subject is None:
        rows = ledger.store.rows(sql, (kind,))
    else:
        rows = ledger.store.rows(f"{sql} AND e.subject = ?", (kind, subject))
    by_subject: dict[str, list[Entry]] = {}
    for row in rows:
        by_subject.setdefault(row[2], []).append(from_row(row))
    return {name: word_of(name, by_subject[name]) for name in sorted(by_subject)}


def accepted(ledger: Ledger, kind: str) -> dict[str, Entry]:
    """subject -> the entry that holds, of those that have one; bodies with `removed` or `merged_into` among them."""
    return {name: word.accepted for name, word in words(ledger, kind).items() if word.accepted is not None}


def word_of(name: str, entries: Iterable[Entry]) -> Word:
    """What these entries about one name come to; their order does not matter."""
    entries = sorted(entries, key=lambda e: (e.time, e.id))
    before = _ancestors(entries)
    # nobody takes back another's proposal, whatever the entry says
    here = {entry.id: entry for entry in entries if status_of(entry) == PROPOSED}
    own = {e.id: {i for i in e.parents if i in here and here[i].coder == e.coder} for e in entries if status_of(e) == WITHDRAWN}
    answered = {i for entry in entries for i in own.get(entry.id, before[entry.id])}
    standing = [e for e in entries if status_of(e) == ACCEPTED]
    overtaken = {i for entry in standing for i in before[entry.id]}
    standing = [e for e in standing if e.id not in overtaken]
    heads = [e for e in entries if e.id not in answered]
    holds = standing[-1] if standing else None
    # entries of the time before there were parents are one after the other: the newest counts
    rivals = tuple(e for e in standing[:-1] if holds is not None and (e.parents or holds.parents) and _said(e) != _said(holds))
    proposed = tuple(e for e in heads if status_of(e) == PROPOSED)
    turned_down = heads[-1] if heads and not proposed and holds is None and status_of(heads[-1]) == REJECTED else None
    return Word(name, holds, rivals, proposed, turned_down, tuple(sorted(e.id for e in heads)))


def _said(entry: Entry) -> dict[str, object]:
    return {key: value for key, value in entry.body.items() if key not in ("reason", "status")}


def _ancestors(entries: list[Entry]) -> dict[str, set[str]]:
    """entry id -> all of these entries that it builds on."""
    here = {entry.id: entry for entry in entries}
    out: dict[str, set[str]] = {}
    for entry in entries:
        seen: set[str] = set()
        todo = list(entry.parents)
        while todo:
            i = todo.pop()
            if i in here and i not in seen:
                seen.add(i)
                todo += here[i].parents
        out[entry.id] = seen
    return out
