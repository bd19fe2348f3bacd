"""The import of a large table beside its floors, in one run: python benchmarks/intake.py [--rows N] [--ours] (or run.py import).

Ours is `eventcoder import` as a whole process into an empty project, while a coder appends an event every half second; then the same file again,
a copy saved anew by another program, and a copy with one cell in a hundred rows changed. The floors are whole processes too:

    pyarrow      pyarrow.csv reads the same file and writes Parquet (zstd); run three times over the whole run, its median is what ratios refer to
    pandas       read_csv, then to_sql into SQLite
    sqlite3      executemany of the entries that our import made, read from a file; then with the head rows; then with all indexes of the ledger
    pydantic     one validation a row, of typed values

Figures: wall seconds, CPU seconds of all processes, peak memory (the largest process, or the sum of a command's processes where it has several:
proportional set size, sampled). Nothing here judges, but an account that is not what it should be is marked. Everything lies in one temporary folder
(TMPDIR), which is removed: some 20 GB for a million rows. Rows: --rows, else EVENTCODER_BENCH_ROWS, else 1,000,000.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[1]
ROWS = 1_000_000
EVERY = 100  # one row in so many is changed for the last import
EVENTCODER = [sys.executable, "-c", "from eventcoder.cli import main; main()"]
SAMPLE_SECONDS = 0.5

PYARROW = """
import sys
import pyarrow.csv, pyarrow.parquet
table = pyarrow.csv.read_csv(sys.argv[1], parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True))
pyarrow.parquet.write_table(table, sys.argv[2], compression='zstd')
"""
PANDAS = """
import sqlite3, sys
import pandas
connection = sqlite3.connect(sys.argv[2])
pandas.read_csv(sys.argv[1]).to_sql('events', connection, index=False, chunksize=10_000)
connection.close()
"""
# Each file begins with {table, sql, indexes}; then come lists of 10,000 rows.
SQLITE = """
import marshal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute('PRAGMA journal_mode=WAL'); connection.execute('PRAGMA synchronous=FULL')
for name in sys.argv[3:]:
    with open(name, 'rb') as file:
        about = marshal.load(file)
        connection.execute(about['sql'])
        for sql in about['indexes'] if sys.argv[2] == 'indexes' else ():
            connection.execute(sql)
        while rows := marshal.load(file):
            connection.execute('BEGIN IMMEDIATE')
            connection.executemany(f"INSERT INTO {about['table']} VALUES ({', '.join('?' * len(rows[0]))})", rows)
            connection.execute('COMMIT')
connection.close()
"""
DUMP = """
import json, marshal, sqlite3, sys
connection = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True)
for table in ('entries', 'heads'):
    sql = connection.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()[0]
    indexes = [r[0] for r in connection.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql NOT NULL", (table,))]
    cursor = connection.execute(f'SELECT * FROM {table} ORDER BY rowid')
    names = [column[0] for column in cursor.description]
    with open(f'{sys.argv[2]}/{table}', 'wb') as file, open(f'{sys.argv[2]}/values', 'ab') as values:
        marshal.dump({'table': table, 'sql': sql, 'indexes': indexes}, file)
        while rows := cursor.fetchmany(10_000):
            marshal.dump(rows, file)
            if table == 'entries':
                kind, body = names.index('kind'), names.index('body')
                marshal.dump([json.loads(row[body])['values'] for row in rows if row[kind] == 'act'], values)
        marshal.dump([], file)
        if table == 'entries':
            marshal.dump(None, values)
"""
PYDANTIC = """
import marshal, sys, time
from pathlib import Path
from eventcoder.codebook import load_codebook
from eventcoder.codebook.model import event_model
model = event_model(load_codebook(Path(sys.argv[1])))
seconds = count = 0
with open(sys.argv[2], 'rb') as file:
    while (rows := marshal.load(file)) is not None:
        start = time.perf_counter()
        for row in rows:
            model.model_validate(row)
        seconds += time.perf_counter() - start
        count += len(rows)
print(f'{count / seconds:,.0f} validations/s, {seconds:.1f} s without start and reading')
"""
CODER = """
import json, sys, threading, time
from eventcoder.clock import now
from eventcoder.errors import LedgerError
from eventcoder.identity import new_event_id
from eventcoder.ledger import new_entry, open_ledger
from eventcoder.project import open_project
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
values = {'event_date': '2026-06-09', 'country': 'Kenya', 'sub_event_type': 'Peaceful protest', 'notes': 'On 9 June 2026, ' + 'x' * 200}
waits, failed = [], 0
with open_ledger(open_project(sys.argv[1]).ledger_path) as ledger:
    print('ready', flush=True)
    while not stop.wait(0.5):
        act = new_entry('act', new_event_id(), {'act': 'create', 'values': values, 'codebook': '1.0.0', 'settled': False}, coder='ben', time=now())
        start = time.perf_counter()
        try:
            ledger.append([act])
        except LedgerError:
            failed += 1
        waits.append(time.perf_counter() - start)
print(json.dumps([waits, failed]), flush=True)
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One process that was measured; `peak` in MB."""

    name: str
    seconds: float
    cpu: float
    peak: int
    told: str = ""


def _family(pid: int) -> list[int]:
    """The processes below `pid` (Linux; else none)."""
    try:
        children = [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [p for child in children for p in (child, *_family(child))]


def _shared_out(pid: int) -> int:
    """Proportional set size of a process in kB."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def measured(name: str, command: list[str], cwd: Path) -> Figure:
    """Run one whole process to its end. A failure ends the benchmark."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    run = subprocess.Popen(
        [sys.executable, str(TOP / "benchmarks" / "peak.py"), *command], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    sums, ended = [0], threading.Event()

    def watch() -> None:
        while not ended.wait(SAMPLE_SECONDS):
            family = _family(run.pid)
            if len(family) > 1:  # a single process knows its own peak exactly
                sums.append(sum(map(_shared_out, family)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, told = run.communicate()
    seconds = time.perf_counter() - start
    ended.set()
    watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode:
        sys.exit(f"{name} ended with {run.returncode}: {out[-1500:]} {told[-3000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    figure = Figure(name, seconds, cpu, max(int(told.split()[-1]), max(sums) // 1024), out.strip())
    print(f"  {name:<44} {seconds:8.1f} s   {figure.peak:6} MB", file=sys.stderr, flush=True)
    return figure


def python(name: str, code: str, cwd: Path, *arguments: str | Path) -> Figure:
    """A floor: Python code with arguments."""
    return measured(name, [sys.executable, "-c", code, *map(str, arguments)], cwd)


@contextlib.contextmanager
def coder_at_work(root: Path, waits: list[float]) -> Iterator[None]:
    """Somebody who appends an event every half second meanwhile; how long each took goes into `waits`."""
    process = subprocess.Popen([sys.executable, "-c", CODER, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield
    finally:
        out, _ = process.communicate("")
    took, failed = json.loads(out)
    waits += took
    if failed:
        print(f"!! {failed} of the coder's events were refused because the ledger was locked")


def imported(name: str, file: Path, root: Path, expected: dict[str, int]) -> Figure:
    """`eventcoder import`; the account is marked where it is not as expected."""
    figure = measured(name, [*EVENTCODER, "import", str(file), "--coder", "ana", "--json"], root)
    account: dict[str, Any] = json.loads(figure.told.splitlines()[-1])
    counts = {key: account[key] for key in ("read", "created", "revised", "unchanged", "rejected", "incomplete")}
    wanted = {**dict.fromkeys(counts, 0), **expected}
    told = ", ".join(f"{key} {count:,}" for key, count in counts.items() if count or wanted[key])
    told += f"; {account['dialect']} {account['vintage'] or ''}".rstrip()
    if wrong := [key for key in counts if counts[key] != wanted[key]]:
        told += " !! " + ", ".join(f"{key} should be {wanted[key]:,}" for key in wrong)
    return Figure(figure.name, figure.seconds, figure.cpu, figure.peak, told)


def copy(function: str, source: Path, target: Path) -> Path:
    """One of the changed copies of `benchmarks.invented`, made by a process of its own so that this one stays small."""
    code = f"import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from benchmarks.invented import {function}; "
    code += f"{function}(Path(sys.argv[2]), Path(sys.argv[3]))"
    subprocess.run([sys.executable, "-c", code, str(TOP), str(source), str(target)], check=True)
    return target


def floors(folder: Path, source: Path, root: Path, ledger: Path) -> list[Figure]:
    """pandas, sqlite3 three times, pydantic."""
    out = [python("pandas read_csv, to_sql", PANDAS, folder, source, folder / "pandas.sqlite")]
    (folder / "pandas.sqlite").unlink()
    subprocess.run([sys.executable, "-c", DUMP, str(ledger), str(folder)], check=True)
    schema = root / "schema" if (root / "schema").is_dir() else TOP / "schema"
    out.append(python("pydantic, one validation a row", PYDANTIC, folder, schema, folder / "values"))
    (folder / "values").unlink()
    for name, indexes, tables in (
        ("sqlite3 executemany of the entries", "bare", ("entries",)),
        ("sqlite3, entries and head rows", "bare", ("entries", "heads")),
        ("sqlite3, both with all indexes", "indexes", ("entries", "heads")),
    ):
        out.append(python(name, SQLITE, folder, folder / "bare.sqlite", indexes, *(folder / table for table in tables)))
        for file in folder.glob("bare.sqlite*"):
            file.unlink()
    for table in ("entries", "heads"):
        (folder / table).unlink()
    return out


def run(folder: Path, rows: int, *, given: Path | None = None, ours_only: bool = False, seed: int = 1) -> None:
    """Everything, for a file of `rows` invented events (or `given`, which must be such a file), and the table."""
    source = given or folder / "events.csv"
    if given is None:
        subprocess.run(
            [sys.executable, str(TOP / "benchmarks" / "invented.py"), "--rows", str(rows), "--seed", str(seed), "--out", str(source)], check=True
        )
    root = folder / "project"
    subprocess.run([*EVENTCODER, "init", str(root)], cwd=folder, check=True, capture_output=True)
    ledger = root / ".eventcoder" / "ledger.sqlite"
    bases: list[Figure] = []

    def base() -> None:
        bases.append(python("pyarrow.csv, write Parquet (zstd)", PYARROW, folder, source, folder / "floor.parquet"))
        (folder / "floor.parquet").unlink()

    base()
    waits: list[float] = []
    with coder_at_work(root, waits):
        ours = [imported("eventcoder import, empty ledger", source, root, {"read": rows, "created": rows})]
    size = sum(f.stat().st_size for f in ledger.parent.glob("ledger.sqlite*"))
    others: list[Figure] = []
    if not ours_only:
        base()
        others = floors(folder, source, root, ledger)
        ours.append(imported("eventcoder import, the same file again", source, root, {"read": rows, "unchanged": rows}))
        resaved = copy("write_resaved", source, folder / "resaved.csv")
        ours.append(imported("eventcoder import, saved anew (noise, CRLF)", resaved, root, {"read": rows, "unchanged": rows}))
        resaved.unlink()
        revised, changed = copy("write_revised", source, folder / "revised.csv"), rows // EVERY
        expected = {"read": rows, "unchanged": rows - changed, "revised": changed}
        ours.append(imported("eventcoder import, 1% of the rows changed", revised, root, expected))
        revised.unlink()
        base()
    _show(rows, source.stat().st_size, size, bases, [*ours, *others], waits)


def _show(rows: int, file_size: int, ledger_size: int, bases: list[Figure], figures: list[Figure], waits: list[float]) -> None:
    floor = statistics.median(b.seconds for b in bases)
    base = Figure(bases[0].name, floor, statistics.median(b.cpu for b in bases), max(b.peak for b in bases), f"median of {len(bases)}")
    machine = f"Python {sys.version.split()[0]}, {os.cpu_count()} cores"
    print(f"\n{rows:,} rows, {file_size / 1e6:,.0f} MB of CSV, ledger {ledger_size / 1e6:,.0f} MB; {machine}")
    print(f"{'what':<44} {'s':>8} {'CPU s':>8} {'µs/row':>8} {'peak MB':>8} {'ratio':>7}")
    for f in (base, *figures):
        print(f"{f.name:<44} {f.seconds:8.1f} {f.cpu:8.1f} {f.seconds / rows * 1e6:8.1f} {f.peak:8} {f.seconds / floor:7.1f}  {f.told}")
    if waits:
        print(f"a coder's append meanwhile: median {statistics.median(waits) * 1000:.0f} ms, longest {max(waits) * 1000:.0f} ms of {len(waits)}")
    sys.stdout.flush()


def importing(folder: Path) -> None:
    """What `run.py import` calls: all of it, rows from EVENTCODER_BENCH_ROWS."""
    run(folder, int(os.environ.get("EVENTCODER_BENCH_ROWS", ROWS)))


def main() -> None:
    """Arguments, a temporary folder, the run."""
    parser = argparse.ArgumentParser(description="Import of a large table beside its floors.")
    parser.add_argument("--rows", type=int, default=int(os.environ.get("EVENTCODER_BENCH_ROWS", ROWS)))
    parser.add_argument("--file", type=Path, help="a file made by invented.py with so many rows, instead of a new one")
    parser.add_argument("--ours", action="store_true", help="only pyarrow once and our first import: for larger numbers of rows")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="eventcoder-bench-"))
    try:
        run(folder, given.rows, given=given.file and given.file.resolve(), ours_only=given.ours, seed=given.seed)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
