"""What a team's registers say: of the entries about one name, which holds, which proposals wait, which were turned down. Floor 2.

Kinds `actor`, `publisher` and `place`; the subject is the name (the id of a place). A body's `status` is `accepted` (also where there is none: what
was added before there were proposals), `proposed` or `rejected`; a proposal that is `withdrawn` takes back the same coder's earlier ones. Only what
is accepted is used. An entry names as parents those that it answers, so that a proposal to change a name never puts the accepted one out of use, and
the result is the same in whatever order journals arrive.

On one ledger a decision has to answer what was decided before it (`NameSwaps`, compare-and-swap): the second of two leads at one name is refused.
Only journals of different places can bring decisions that were made apart.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventcoder.errors import LedgerConflict
from eventcoder.ledger.entry import Entry, from_row
from eventcoder.ledger.hidden import VISIBLE

if TYPE_CHECKING:
    from eventcoder.ledger.backend import Store
    from eventcoder.ledger.store import Ledger

KINDS = ("actor", "publisher", "place")
ACCEPTED, PROPOSED, REJECTED, WITHDRAWN = "accepted", "proposed", "rejected", "withdrawn"


@dataclass(frozen=True, slots=True)
class Word:
    """What the ledger says of one name of a register.

    `accepted` is the entry that holds (None: none was accepted), `rivals` are others that were accepted apart from it and say something else, or that
    turned down apart from it what it accepted,
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
    by_subject: dict[str, list[Entry]] = {}
    for entry in _entries(ledger.store, kind, subject):
        by_subject.setdefault(entry.subject, []).append(entry)
    return {name: word_of(name, by_subject[name]) for name in sorted(by_subject)}


def _entries(store: Store, kind: str, subject: str | None) -> Iterable[Entry]:
    sql = f"SELECT e.id, e.kind, e.subject, e.parents, e.coder, e.role, e.time, e.body FROM entries AS e WHERE e.kind = ? AND {VISIBLE}"
    if subject is None:
        return map(from_row, store.rows(sql, (kind,)))
    return map(from_row, store.rows(f"{sql} AND e.subject = ?", (kind, subject)))


def accepted(ledger: Ledger, kind: str) -> dict[str, Entry]:
    """subject -> the entry that holds, of those that have one; bodies with `removed` or `merged_into` among them."""
    return {name: word.accepted for name, word in words(ledger, kind).items() if word.accepted is not None}


def word_of(name: str, entries: Iterable[Entry]) -> Word:
    """What these entries about one name come to; their order does not matter."""
    entries = sorted(entries, key=lambda e: (e.time, e.id))
    before = _ancestors(entries)
    # decisions answer all that they build on; a proposal, or taking one back, answers own proposals alone, whatever the entry says
    here = {entry.id: entry for entry in entries if status_of(entry) == PROPOSED}
    asks = (PROPOSED, WITHDRAWN)
    own = {e.id: {i for i in e.parents if i in here and here[i].coder == e.coder} for e in entries if status_of(e) in asks}
    answered = {i for entry in entries for i in own.get(entry.id, before[entry.id])}
    standing = [e for e in entries if status_of(e) == ACCEPTED]
    overtaken = {i for entry in standing for i in before[entry.id]}
    standing = [e for e in standing if e.id not in overtaken]
    heads = [e for e in entries if e.id not in answered]
    holds = standing[-1] if standing else None
    # entries of the time before there were parents are one after the other: the newest counts
    rivals = tuple(e for e in standing[:-1] if holds is not None and (e.parents or holds.parents) and _said(e) != _said(holds))
    if holds is not None and not holds.body.get("merged_into"):  # one lead accepted what another turned down; a name that is gone is said no more of
        asked = before[holds.id] & here.keys()
        refused = (e for e in heads if status_of(e) == REJECTED and holds.id not in before[e.id] and asked & set(e.parents))
        rivals += tuple(refused)
    proposed = tuple(e for e in heads if status_of(e) == PROPOSED)
    decided = [e for e in heads if status_of(e) in (ACCEPTED, REJECTED)]
    turned_down = decided[-1] if decided and not proposed and holds is None and status_of(decided[-1]) == REJECTED else None
    return Word(name, holds, rivals, proposed, turned_down, tuple(sorted(e.id for e in heads)))


class NameSwaps:
    """Compare-and-swap of what is decided about names of registers, one entry after the other (inside a writing transaction that has the names
    for itself)."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._about: dict[tuple[str, str], list[Entry]] = {}

    def take(self, entry: Entry) -> None:
        """Let an entry about a name follow what the ledger says of it: a decision answers every other, and nothing is answered that was answered
        already. A proposal may always be made. Raises `LedgerConflict` that says who did what meanwhile."""
        key = (entry.kind, entry.subject)
        if key not in self._about:
            self._about[key] = list(_entries(self._store, *key))
        about = self._about[key]
        status = status_of(entry)
        if status != PROPOSED:
            word = word_of(entry.subject, about)
            ids = {e.id for e in about}
            needed = {e.id for e in about if e.id in word.heads and status_of(e) in (ACCEPTED, REJECTED)} if status != WITHDRAWN else set()
            parents = set(entry.parents)
            if not needed <= parents or (parents & ids) - set(word.heads):
                raise _conflict(entry, about, word.heads)
        about.append(entry)


def _conflict(entry: Entry, about: list[Entry], heads: tuple[str, ...]) -> LedgerConflict:
    """The error that says what was done about a name since `entry` was prepared."""
    before = _ancestors([*about, entry])[entry.id] - {entry.id}
    others = sorted((e for e in about if e.id not in before), key=lambda e: (e.time, e.id))
    decided = [e for e in others if status_of(e) != PROPOSED]
    said = "decided on" if decided else "proposed anew"  # a coder's further proposal takes the place of the one that is answered
    told = "; ".join(f"{e.coder} {done(e)}, {e.time}" for e in (decided or others)[-5:])
    look = f"eventcoder {entry.kind}s " + ("list" if entry.kind == "place" else f"show {shlex.quote(entry.subject)}")
    return LedgerConflict(
        f"The {entry.kind} '{entry.subject}' was {said} meanwhile: {told}. Nothing was changed.",
        f"If that is not what you want, look at it and decide anew: {look}",
        current=heads,
    )


def overtaken(word: Word, proposal: Entry) -> str:
    """The name that this one was merged into, or renamed to, since it was proposed for; "" where it was not."""
    held = word.accepted
    return "" if held is None or held.id in proposal.parents else str(held.body.get("merged_into") or "")


def done(entry: Entry) -> str:
    """What its coder did with the name of an entry, in words: "accepted it", "renamed it to X from 2024-03-01 on"."""
    status, into = status_of(entry), entry.body.get("merged_into")
    if status == ACCEPTED and into:
        return f"renamed it to {into} from {entry.body['renamed']} on" if entry.body.get("renamed") else f"merged it into {into}"
    return {ACCEPTED: "accepted it", REJECTED: "turned it down", WITHDRAWN: "took a proposal back"}.get(status, "proposed it")


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
