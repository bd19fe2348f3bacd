"""How long analysts wait: one country-year and everything out of millions of events, side by side with DuckDB and pyarrow on the same file.

    python benchmarks/releases.py --only build --rows 3000000 --folder FOLDER --keep
    python benchmarks/loading.py FOLDER [--times 5] [--country "Czech Republic"] [--year 2015]

All in one process, in turns, the best of several: `load` of one country-year against `SELECT *` of DuckDB into pandas; `load` of all against
`pyarrow.parquet.read_table().to_pandas()`; the helpers of `eventcoder.analysis` on all events; and in processes of their own `import eventcoder`
against bare Python. The goals are 1.5 times, 1.2 times and 30 ms.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

import eventcoder


def best(times: int, **turns: Callable[[], Any]) -> dict[str, tuple[float, float]]:
    """The shortest time of each and its work (seconds of a core), taken in turns so that both see the same machine."""
    found = dict.fromkeys(turns, (float("inf"), float("inf")))
    for _ in range(times):
        for name, run in turns.items():
            start, work = time.perf_counter(), time.process_time()
            run()
            found[name] = min(found[name], (time.perf_counter() - start, time.process_time() - work))
    return found


def told(what: str, found: dict[str, tuple[float, float]], goal: str) -> None:
    """One line: both times and their ratio, and that of the work."""
    (ours, (a, work)), (theirs, (b, other)) = found.items()
    ratios = f"{a / b:5.2f} times (goal {goal}), {work / other:.2f} of the work"
    print(f"{what:<34} {ours} {a:8.3f} s   {theirs} {b:8.3f} s   {ratios}", flush=True)


def starting(code: str, times: int) -> float:
    """The shortest time of a process that runs one line."""
    return min(_process(code) for _ in range(times))


def _process(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time load() and the helpers for analysts on a large release.")
    parser.add_argument("folder", type=Path, help="a folder made by benchmarks/releases.py")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--country", default="Czech Republic")
    parser.add_argument("--year", type=int, default=2015)
    parser.add_argument("--helpers", action="store_true", help="the helpers as well")
    given = parser.parse_args()
    source = given.folder / "releases"
    version = eventcoder.versions(source)[-1]["version"]
    path = source / version / "events.parquet"
    query = (
        f"SELECT * FROM read_parquet('{path}') WHERE country = '{given.country}' "
        f"AND event_date BETWEEN DATE '{given.year}-01-01' AND DATE '{given.year}-12-31'"
    )
    rows = len(eventcoder.load(source, version, country=given.country, since=given.year, until=given.year))
    print(f"{pq.read_metadata(path).num_rows:,} events; {rows:,} of {given.country} in {given.year}")
    told(
        "one country-year", best(
            3 * given.times,
            load=lambda: eventcoder.load(source, version, country=given.country, since=given.year, until=given.year),
            DuckDB=lambda: duckdb.execute(query).df(),
        ), "1.5",
    )  # fmt: skip
    told("everything", best(given.times, load=lambda: eventcoder.load(source, version), pyarrow=lambda: pq.read_table(path).to_pandas()), "1.2")
    bare, ours = starting("pass", 3 * given.times), starting("import eventcoder", 3 * given.times)
    print(f"{'import eventcoder':<34} {1000 * (ours - bare):8.1f} ms beyond bare Python (goal 30)")
    if given.helpers:
        helpers(source, version)


def helpers(source: Path, version: str) -> None:
    """Each helper once, on all events."""
    warnings.simplefilter("ignore")
    frame = eventcoder.load(source, version)
    calls: dict[str, Callable[[], Any]] = {
        "to_panel, weeks and countries": lambda: eventcoder.to_panel(frame),
        "to_panel, months and admin1 by type": lambda: eventcoder.to_panel(frame, "M", "admin1", by="event_type"),
        "fatality_scenarios by country": lambda: eventcoder.fatality_scenarios(frame, by=["country", "year"]),
        "long_by_actor": lambda: eventcoder.long_by_actor(frame),
        "as_ucdp": lambda: eventcoder.as_ucdp(frame),
        "as_acled": lambda: eventcoder.as_acled(frame),
    }
    for name, call in calls.items():
        start = time.perf_counter()
        found = call()
        print(f"{name:<34} {time.perf_counter() - start:8.2f} s  {len(found):,} rows", flush=True)


if __name__ == "__main__":
    main()
