"""A bulk import of invented events, also as a program that tests start and kill: `LEDGER NAME FIRST LAST IN_PLACE [STATEMENT [NUMBER]]`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eventcoder.ledger import Entry, Ledger, bulk, fold, new_entry, open_ledger, sweep
from eventcoder.ledger.bulk import Bulk
from eventcoder.ledger.heads import head_row
from eventcoder.ledger.sqlite import fresh_heads

TIME = "2026-04-01T08:00:00Z"
LATER = "2026-04-02T09:30:00Z"
PIECE = 20


def imported(number: int, time: str, *, notes: str = "Teachers gathered.") -> Entry:
    """The act that creates the event of one row."""
    values = {
        "event_id_cnty": f"IRN{number}",
        "event_date": f"2025-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
        "country": "Iran" if number % 3 else "Iraq",
        "location": f"Place {number % 7}",
        "sub_event_type": "Peaceful protest",
        "notes": f"{notes} {number}",
    }
    origin = {"file": "big.csv", "line": number + 2, "row": f"digest{number}"}
    return new_entry("act", name_of(number), {"act": "create", "values": values, "settled": True, "import": origin}, coder="ana", time=time)


def name_of(number: int) -> str:
    return f"big{(number * 7919) % 100_003:09d}"


def give(under_way: Bulk, histories: Sequence[Sequence[Entry]], new: int = 1) -> int:
    """Add events, each with all its acts, of which the last `new` are of this batch."""
    entries = [act.row() for acts in histories for act in acts[-new:]]
    heads: list[tuple[Any, ...]] = [head_row(fold(acts)) for acts in histories]
    return under_way.add(entries, heads)


def run(ledger: Ledger, name: str, first: int, last: int, *, time: str = TIME, seal: bool = True) -> int:
    """Import the events `first` to `last` (exclusive); how many entries were stored by this run."""
    stored = 0
    with ledger.bulk(name, coder="ana", time=time) as under_way:
        for start in range(first, last, PIECE):
            stored += give(under_way, [[imported(n, under_way.time)] for n in range(start, min(last, start + PIECE))])
        if seal:
            under_way.seal("ana", time, body={"created": last - first})
    return stored


def die_at(ledger: Ledger, statement: str, number: int) -> None:
    """Kill this process when the database is about to run, for the `number`th time, a statement that begins with `statement`."""
    left = number

    def watch(sql: str) -> None:
        nonlocal left
        left -= sql.startswith(statement)
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    ledger.store._connection.set_trace_callback(watch)


def main(path: str, name: str, first: str, last: str, in_place: str, statement: str = "", number: str = "1") -> None:
    bulk.IN_PLACE, fresh_heads.CHUNK, sweep.CHUNK = int(in_place), 30, 30
    with open_ledger(Path(path)) as ledger:
        if statement:
            die_at(ledger, statement, int(number))
        run(ledger, name, int(first), int(last))
    print("sealed", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
