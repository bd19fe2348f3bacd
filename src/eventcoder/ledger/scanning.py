"""Acts of a whole ledger, and what was decided on drafts, read in bulk: for tables of millions of acts, where one event at a time would take hours.

Rows come as the ledger keeps them, texts and all; nothing is folded here. Floor 2.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from eventcoder.ledger.backend import Store
from eventcoder.ledger.hidden import VISIBLE
from eventcoder.ledger.writing import portions

ActRow = tuple[str, str, str, str, str, str, str]


def act_rows(store: Store) -> Iterator[ActRow]:
    """All visible acts as (event id, act id, parents, coder, role, time, body), in the order in which this ledger got them.

    `parents` and `body` are canonical JSON. The ledger is seen in one state, whatever others write meanwhile.
    """
    # SQLite is kept from its index, which would walk the file in the order of the events: a jump on the disk for every act
    kind = store.unindexed("e.kind")
    sql = f"SELECT e.subject, e.id, e.parents, e.coder, e.role, e.time, e.body FROM entries AS e WHERE {kind} = 'act' AND {VISIBLE} ORDER BY e.seq"
    with store.snapshot() as still:
        yield from still.each(sql)


def words_of(store: Store, documents: Collection[str], least: int) -> set[str]:
    """Quotes and counted words of at least so many characters that acts ever took from these documents, whatever became of them."""
    wanted, found = set(documents), set()
    for row in act_rows(store):
        body = row[6]
        if '"quote":' in body or '"words":' in body:
            found |= {text for text in _words(json.loads(body), wanted) if len(text) >= least}
    return found


def _words(value: Any, documents: set[str]) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("document") in documents:
            yield from (value[key] for key in ("quote", "words") if isinstance(value.get(key), str))
        for inner in value.values():
            yield from _words(inner, documents)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner, documents)


def coders_of(store: Store, entries: Collection[str]) -> dict[str, str]:
    """entry id -> its coder, of those entries that the ledger has."""
    out: dict[str, str] = {}
    for part in portions(store, sorted(set(entries))):
        marks = ", ".join("?" * len(part))
        out |= dict(store.rows(f"SELECT e.id, e.coder FROM entries AS e WHERE e.id IN ({marks}) AND {VISIBLE}", part))
    return out


def proposals(store: Store, drafts: Collection[str]) -> dict[str, tuple[str, dict[str, Any]]]:
    """draft id -> (engine with its version, the values that it proposed), of those drafts that the ledger has."""
    out: dict[str, tuple[str, dict[str, Any]]] = {}
    for part in portions(store, sorted(set(drafts))):
        rows = store.rows(
            "SELECT e.subject, e.coder, json_extract(e.body, '$.fields') FROM entries AS e WHERE e.kind = 'draft' "
            f"AND e.subject IN ({', '.join('?' * len(part))}) AND {VISIBLE} ORDER BY e.seq",
            part,
        )
        for subject, engine, fields in rows:
            found = json.loads(fields) if fields else {}
            out.setdefault(subject, (engine, found if isinstance(found, dict) else {}))
    return out


def verdicts(store: Store, drafts: Collection[str]) -> dict[tuple[str, str], str]:
    """(draft id, event id) -> accept, edit or attach: the last decision that led from this draft to this event."""
    out: dict[tuple[str, str], str] = {}
    for part in portions(store, sorted(set(drafts))):
        rows = store.rows(
            "SELECT e.subject, json_extract(e.body, '$.event_id'), json_extract(e.body, '$.decision') FROM entries AS e WHERE e.kind = 'decision' "
            f"AND e.subject IN ({', '.join('?' * len(part))}) AND {VISIBLE} ORDER BY e.seq",
            part,
        )
        out |= {(draft, event_id): decision for draft, event_id, decision in rows if isinstance(event_id, str) and isinstance(decision, str)}
    return out
