"""The benchmarks: each command beside its floor, in turn (A B A B ...), in one run on one machine. python benchmarks/run.py [NAME ...]

Figures are medians of whole processes; the ratio is the median of the ratios pair by pair, so that a machine whose speed drifts does not
decide. Nothing here judges: benchmarks/README.md holds the figures and what they are compared with.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP))
ROUNDS = 11
EVENTS = 100_000
EVENTCODER = [sys.executable, "-c", "from eventcoder.cli import main; main()"]

BARE_HELP = """
import typer
app = typer.Typer()
@app.command()
def first(name: str = 'x'):
    'Do the first thing.'
@app.command()
def second(name: str = 'x'):
    'Do the second thing.'
app()
"""
BARE_ADD = """
import json, sqlite3, sys
import typer, pydantic
app = typer.Typer()
@app.command()
def add(db: str, body: str):
    con = sqlite3.connect(db, isolation_level=None)
    con.execute('PRAGMA journal_mode=WAL'); con.execute('PRAGMA synchronous=FULL')
    con.execute('BEGIN IMMEDIATE')
    con.execute('INSERT INTO bare(body) VALUES (?)', (body,))
    con.execute('COMMIT')
    print(json.dumps({'event_id': 'x', 'revision': 1}))
app()
"""
BARE_LIST = """
import json, sqlite3, sys
import typer, pydantic
app = typer.Typer()
@app.command()
def ls(db: str):
    con = sqlite3.connect(db)
    for (folded,) in con.execute('SELECT folded FROM heads ORDER BY event_date DESC, event_id DESC LIMIT 20'):
        print(json.dumps(json.loads(folded)['values']))
app()
"""


def once(command: list[str], cwd: Path) -> float:
    """Wall seconds of one run; its output is read and thrown away."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{command[:4]} ended with {done.returncode}: {done.stderr.decode()[-800:]}")
    return seconds


def pair(name: str, ours: Callable[[int], list[str]], floor: Callable[[int], list[str]], cwd: Path) -> None:
    """Run both in turn and print medians and the median of the pairwise ratios."""
    once(ours(-1), cwd), once(floor(-1), cwd)
    got = [(once(ours(i), cwd), once(floor(i), cwd)) for i in range(ROUNDS)]
    a, b = statistics.median(g[0] for g in got), statistics.median(g[1] for g in got)
    ratio = statistics.median(g[0] / g[1] for g in got)
    print(f"{name:<22} {a * 1000:7.0f} ms   floor {b * 1000:7.0f} ms   ratio {ratio:.2f}", flush=True)


def different(count: int) -> list[dict[str, Any]]:
    """`count` invented events of which no two are so alike that they would stop a release (the generator knows few phrases)."""
    from tests.synthetic_events import synthetic_values
    from tests.validation.tables import events_table

    from eventcoder.codebook import load_codebook
    from eventcoder.validation.duplicates.search import candidates

    values = synthetic_values(count + count // 100, 7)
    alike = {pair.b for pair in candidates(events_table(values, load_codebook(TOP / "schema")), at_least=0.9)}
    return [v for v in values if v["event_id"] not in alike][:count]


def project(folder: Path) -> Path:
    """A project with EVENTS invented events in its ledger."""
    from eventcoder.clock import unstamp
    from eventcoder.codebook import load_codebook
    from eventcoder.ledger import new_entry, open_ledger
    from eventcoder.project import open_project

    root = folder / "project"
    once([*EVENTCODER, "init", str(root)], folder)
    opened = open_project(root)
    version = load_codebook(opened.schema_dir).version
    system = ("event_id", "timestamp", "n_reports", "n_publishers", "codebook_version", "revision", "first_release", "last_changed")
    when = unstamp("2026-11-20T12:00:00Z")
    invented = different(EVENTS)
    start = time.perf_counter()
    with open_ledger(opened.ledger_path) as ledger:
        acts = []
        for values in invented:
            stored = {k: v for k, v in values.items() if v not in (None, []) and k not in system}
            body = {"act": "create", "values": stored, "codebook": version, "settled": True}
            acts.append(new_entry("act", values["event_id"], body, coder="ana", time=when))
        ledger.append(acts, batch="benchmark")
        ledger.seal("benchmark", "ana", when)
    print(f"{'ledger of 100,000':<22} {time.perf_counter() - start:7.1f} s", flush=True)
    return root


def hot_path(folder: Path) -> None:
    """--help, add and list beside bare scripts."""
    root = project(folder)
    bare = folder / "bare.sqlite"
    subprocess.run(
        [sys.executable, "-c", f"import sqlite3; sqlite3.connect({str(bare)!r}).execute('CREATE TABLE bare(id INTEGER PRIMARY KEY, body TEXT)')"],
        check=True,
    )
    ledger = root / ".eventcoder" / "ledger.sqlite"
    body = json.dumps({"values": {"notes": "x" * 300, "source": ["Qasr Daily"]}})
    pair("--help", lambda _: [*EVENTCODER, "--help"], lambda _: [sys.executable, "-c", BARE_HELP, "--help"], root)

    def add(number: int) -> list[str]:
        day = f"2026-06-{number % 28 + 1:02}"
        notes = f"On {number % 28 + 1} June 2026, teachers gathered in Marvdasht (Fars) to demand late salaries, for the {number + 2}. time."
        given = {
            "event-date": day, "time-precision": "1", "sub-event-type": "Peaceful protest", "actor1": "Protesters (Iran)",
            "assoc-actor-1": "Teachers (Iran)", "inter1": "Protesters", "country": "Iran", "admin1": "Fars", "admin2": "Marvdasht",
            "location": "Marvdasht", "latitude": "29.8742", "longitude": "52.8025", "geo-precision": "1", "source": "Qasr Daily",
            "source-scale": "National", "notes": notes, "tags": "crowd size=around 80", "crowd-low": "80", "crowd-high": "80",
            "crowd-text": "around 80", "reported-date": day, "date-start": day, "date-end": day, "point-kind": "exact", "clarity": "clear",
        }  # fmt: skip
        return [*EVENTCODER, "add", *(part for name, value in given.items() for part in ("--" + name, value)), "--coder", "ana", "--json"]

    pair("add", add, lambda _: [sys.executable, "-c", BARE_ADD, str(bare), body], root)
    pair("list --limit 20", lambda _: [*EVENTCODER, "list", "--json"], lambda _: [sys.executable, "-c", BARE_LIST, str(ledger)], root)


def timed(name: str, command: list[str], cwd: Path) -> float:
    """One long command: wall seconds and peak memory."""
    start = time.perf_counter()
    done = subprocess.run([sys.executable, str(TOP / "benchmarks" / "peak.py"), *command], cwd=cwd, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{name} ended with {done.returncode}: {done.stdout[-1000:]} {done.stderr[-1500:]}")
    print(f"{name:<22} {seconds:7.1f} s   peak {done.stderr.strip().splitlines()[-1]} MB", flush=True)
    return seconds


def publishing(folder: Path) -> None:
    """release and check of 100,000 events."""
    root = project(folder)
    first = timed("release 100,000", [*EVENTCODER, "release"], root)
    second = timed("check 100,000", [*EVENTCODER, "check", str(next((root / "releases").glob("[0-9]*")))], root)
    print(f"{'together':<22} {first + second:7.1f} s", flush=True)


def extraction(folder: Path) -> None:
    """extract on one core, articles of 2,500 characters, beside spaCy's tokenizer; the first draft of one article."""
    from benchmarks.extraction import reading

    root = folder / "project"
    once([*EVENTCODER, "init", str(root)], folder)
    once([*EVENTCODER, "ingest", str(TOP / "raw" / "articles"), "--coder", "ana"], root)
    reading(root, folder, pair)


def semantics(folder: Path) -> None:
    """extract --engine semantic beside the rules, on all cores; needs the extra."""
    from benchmarks.semantic import comparing

    root = folder / "project"
    once([*EVENTCODER, "init", str(root)], folder)
    once([*EVENTCODER, "ingest", str(TOP / "raw" / "articles"), "--coder", "ana"], root)
    comparing(root, folder)


def importing(folder: Path) -> None:
    """import of a million rows (EVENTCODER_BENCH_ROWS) beside pyarrow, pandas, sqlite3 and pydantic."""
    from benchmarks.intake import importing as whole

    whole(folder)


def judging(folder: Path) -> None:
    """All row rules over a million invented events beside queries by hand (EVENTCODER_BENCH_ROWS)."""
    from benchmarks.validation import validating

    validating(folder, int(os.environ.get("EVENTCODER_BENCH_ROWS", "1000000")))


BENCHMARKS = {"hot": hot_path, "extract": extraction, "semantic": semantics, "release": publishing, "import": importing, "validation": judging}
USUAL = ("hot", "extract", "release")  # importing a million rows in eleven ways takes a quarter of an hour and 20 GB of disk: only by name


def main() -> None:
    """The usual benchmarks, or those named."""
    chosen = sys.argv[1:] or list(USUAL)
    os.environ.pop("SOURCE_DATE_EPOCH", None)
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, medians of {ROUNDS} runs", flush=True)
    for name in chosen:
        folder = Path(tempfile.mkdtemp(prefix="eventcoder-bench-"))
        try:
            BENCHMARKS[name](folder)
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
