"""What writing a release of millions of invented events costs, beside its floor: the same files by pyarrow and hashlib alone, in turn.

    python benchmarks/writing.py [--rows 3000000] [--folder FOLDER] [--rounds 2] [--keep]

FOLDER holds the releases of `benchmarks/releases.py` (made if it is not there). Both sides read the tables of the newest version, put their rows
out of order, as a ledger gives them, and only then start the clock. Ours: canonical order, fingerprint, every file of a release with hashes and
statistics, as `eventcoder release` does after its gate. The floor: the same tables sorted by the same keys, written as Parquet (zstd) and CSV
(lists joined, as Arrow's CSV must have them), the 31 columns as CSV, and a sha256 of each file; nothing else. Peak memory is that of the writing,
with the tables that stand in it.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[1]
if str(TOP) not in sys.path:
    sys.path.insert(0, str(TOP))

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.compute as pc  # noqa: E402
import pyarrow.csv  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from benchmarks.releases import CREATED, FIRST, SECOND  # noqa: E402


def out_of_order(release: Path) -> dict[str, pa.Table]:
    """The tables of a release, rows of each in an order of its own."""
    from eventcoder.releases.tables import read_records, read_tables

    rng = np.random.default_rng(3)
    both = {**read_tables(release), **read_records(release, ["acts.parquet"])}
    for name in list(both):
        table = both.pop(name)  # only one of them stands in memory twice
        both[name] = table.take(pa.array(rng.permutation(table.num_rows)))
    return both


def forget_peak() -> None:
    """From now on the peak of memory is that of what follows (on Linux), the tables that stand in it included."""
    pa.default_memory_pool().release_unused()
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_mb() -> int:
    """Peak resident memory in MB."""
    with contextlib.suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
        if found:
            return int(found[1]) >> 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def ours(release: Path, out: Path) -> None:
    """Everything that a release writes."""
    from eventcoder.changelog import counts, facts
    from eventcoder.codebook import load_codebook
    from eventcoder.dataset.canonical import canonical_table, fingerprint
    from eventcoder.project import Settings
    from eventcoder.releases.making.contents import Contents, write_contents
    from eventcoder.releases.tables import read_changes, read_parquet, read_retracted

    book = load_codebook(TOP / "schema")
    tables = out_of_order(release)
    changes = read_changes(release / "changes.parquet")
    gone = read_retracted(release / "retracted.csv")
    checked = json.loads((release / "validation.json").read_text("utf-8"))
    older = facts(read_parquet(release.parent / FIRST / "events.parquet"))
    settings = Settings(id="invented", title="Invented events")
    forget_peak()
    start, work = time.perf_counter(), time.process_time()
    for name in tables:
        tables[name] = canonical_table(name, tables[name], tables[name].schema)
    print_ = fingerprint(tables)
    contents = Contents(SECOND, FIRST, CREATED, "Invented.", tables, changes, gone, older, print_, checked, "<p>", counts(changes))
    write_contents(out, contents, book, TOP / "schema", settings)
    print(peak_mb(), time.process_time() - work, time.perf_counter() - start)


def floor(release: Path, out: Path) -> None:
    """The same tables in the same order, and their hashes."""
    from eventcoder.dataset.schemas import SORT_KEYS
    from eventcoder.releases.layout import ACLED_COLUMNS
    from eventcoder.releases.tables import ROW_GROUP, read_changes

    tables = out_of_order(release)
    changes = read_changes(release / "changes.parquet")
    forget_peak()
    start, work = time.perf_counter(), time.process_time()
    for name in tables:
        tables[name] = tables[name].sort_by([(key, "ascending") for key in SORT_KEYS[name]]).combine_chunks()
    for name, table in (*tables.items(), ("changes", changes)):
        pq.write_table(table, out / f"{name}.parquet", compression="zstd", compression_level=3, row_group_size=ROW_GROUP)
        flat = _flat(table)
        pyarrow.csv.write_csv(flat, out / f"{name}.csv")
        if name == "events":
            pyarrow.csv.write_csv(flat.select([c for c in ACLED_COLUMNS if c in flat.column_names]), out / "events_acled.csv")
    for path in out.iterdir():
        with path.open("rb") as file:
            hashlib.file_digest(file, "sha256")
    print(peak_mb(), time.process_time() - work, time.perf_counter() - start)


def _flat(table: pa.Table) -> pa.Table:
    columns: dict[str, Any] = {}
    for field in table.schema:
        column = table.column(field.name)
        columns[field.name] = pc.binary_join(column.combine_chunks().cast(pa.list_(pa.string())), "; ") if pa.types.is_list(field.type) else column
    return pa.table(columns)


def measured(which: str, folder: Path) -> tuple[float, float, int, int]:
    """Seconds, seconds of a core, peak MB and MB written of one side in a process of its own."""
    out = Path(tempfile.mkdtemp(prefix="eventcoder-writing-", dir=folder))
    try:
        command = [sys.executable, __file__, "--only", which, "--folder", str(folder), "--out", str(out)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stdout[-2000:] + done.stderr[-2000:])
        written = sum(p.stat().st_size for p in out.rglob("*") if p.is_file()) >> 20
        peak, work, seconds = map(float, done.stdout.split()[-3:])
        return seconds, work, int(peak), written
    finally:
        shutil.rmtree(out)


def main() -> None:
    """Ours and the floor in turn."""
    parser = argparse.ArgumentParser(description="Time the writing of a release beside pyarrow alone.")
    parser.add_argument("--rows", type=int, default=3_000_000, help="events of the first version, where the releases have to be made")
    parser.add_argument("--folder", type=Path, help="folder of benchmarks/releases.py; else a temporary one")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--keep", action="store_true", help="leave the folder in place")
    parser.add_argument("--only", choices=("ours", "floor"), help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="eventcoder-bench-"))
    release = folder / "releases" / SECOND
    if given.only:
        {"ours": ours, "floor": floor}[given.only](release, given.out)
        return
    try:
        if not release.is_dir():
            build = [
                sys.executable,
                str(TOP / "benchmarks" / "releases.py"),
                "--only",
                "build",
                "--rows",
                str(given.rows),
                "--folder",
                str(folder),
                "--keep",
            ]
            subprocess.run(build, check=True)
        found: dict[str, list[tuple[float, float, int, int]]] = {"ours": [], "floor": []}
        for _ in range(given.rounds):
            for which, several in found.items():
                several.append(measured(which, folder))
                seconds, work, peak, size = several[-1]
                print(f"  {which:<6} {seconds:7.1f} s, {work:7.1f} s of a core, peak {peak:,} MB, {size:,} MB written", flush=True)
        wall, cores = (statistics.median(a[i] / b[i] for a, b in zip(found["ours"], found["floor"], strict=True)) for i in (0, 1))
        print(f"  ratio  {wall:7.2f}, {cores:.2f} of the work")
    finally:
        if not given.keep and not given.folder:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
