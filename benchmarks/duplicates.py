"""Likely duplicates in a million invented events: time, memory, what is found of planted ones, and what is found beside them.

    python benchmarks/duplicates.py [--rows 1000000] [--plants 10000] [--events events.csv] [--threshold 0.62]

The events are those of `invented.py`; of `--plants` of them a second account is added (`planting.py`), each kind equally often. Everything that is
found and was not planted counts as false. Each measurement is a process of its own; the figures are printed with all parameters.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

TOP = Path(__file__).resolve().parents[1]
if str(TOP) not in sys.path:
    sys.path.insert(0, str(TOP))

DAYS = ("event_date", "date_start", "date_end")
COLUMNS = (
    "event_id", "event_date", "date_start", "date_end", "reported_date", "time_precision", "latitude", "longitude", "geo_precision", "fatalities",
    "fatalities_low", "fatalities_high", "country", "location", "admin1", "sub_event_type", "event_type", "disorder_type", "actor1", "actor2",
    "assoc_actor_1", "assoc_actor_2", "notes", "timestamp",
)  # fmt: skip
# an event of precision 2 happened in the week around its day, of precision 3 in its month
_TYPED = """
CREATE TABLE invented AS
SELECT event_id_cnty AS event_id, event_date,
    CASE time_precision WHEN 1 THEN event_date WHEN 2 THEN event_date - 3 ELSE date_trunc('month', event_date)::DATE END AS date_start,
    CASE time_precision WHEN 1 THEN event_date WHEN 2 THEN event_date + 3 ELSE last_day(event_date) END AS date_end, NULL::DATE AS reported_date,
    time_precision, latitude, longitude, geo_precision, fatalities, fatalities AS fatalities_low, fatalities AS fatalities_high, country, location,
    admin1, sub_event_type, event_type, disorder_type, actor1, actor2,
    list_filter(string_split(coalesce(assoc_actor_1, ''), '; '), lambda x: x <> '') AS assoc_actor_1,
    list_filter(string_split(coalesce(assoc_actor_2, ''), '; '), lambda x: x <> '') AS assoc_actor_2, notes, timestamp
FROM read_csv(?, header = true, types = {'event_date': 'DATE'}, null_padding = false)
"""


def crowd(table: pa.Table, events: int, days: int) -> pa.Table:
    """The table with its newest `events` events in the middle of one city, within `days` days: what a war or a capital does to blocks."""
    import pyarrow as pa

    if not events:
        return table
    newest = table["event_date"].to_pylist()
    top = max(newest)
    rows = sorted(range(len(table)), key=lambda row: newest[row], reverse=True)[:events]
    columns = {name: table[name].to_pylist() for name in ("country", "location", "admin1", "latitude", "longitude", *DAYS)}
    for number, row in enumerate(rows):
        columns["country"][row], columns["location"][row], columns["admin1"][row] = "Iraq", "Baghdad", "Baghdad"
        columns["latitude"][row], columns["longitude"][row] = 33.3406, 44.4009
        for name in DAYS:
            columns[name][row] = top - timedelta(days=number % days)
    for name, cells in columns.items():
        table = table.set_column(table.column_names.index(name), name, pa.array(cells, table.schema.field(name).type))
    return table


def prepare(csv: Path, parquet: Path, plants: int, city: int = 0, days: int = 365, seed: int = 5) -> list[tuple[str, str, str]]:
    """Write the events and their second accounts; the planted pairs as (kind, id, id)."""
    import duckdb
    import pyarrow as pa
    import pyarrow.parquet as pq
    from benchmarks.planting import KINDS, accounts, fits, second_account

    con = duckdb.connect()
    con.execute(_TYPED, [str(csv)])
    table = con.sql(f"SELECT {', '.join(COLUMNS)} FROM invented").to_arrow_table()
    con.close()
    table = crowd(table, city, days)
    rng = random.Random(seed)
    order = list(KINDS)
    planted: list[tuple[str, str, str]] = []
    first_notes: dict[int, str] = {}
    second = []
    for row in rng.sample(range(len(table)), min(len(table), plants * 3)):
        if len(planted) == plants:
            break
        values = table.slice(row, 1).to_pylist()[0]
        kind = order[len(planted) % len(order)]
        if fits(kind, values):
            first_notes[row], notes = accounts(values, rng)
            copy = second_account(kind, values, rng) | {"event_id": f"{values['event_id']}b", "notes": notes}
            second.append(copy)
            planted.append((kind, values["event_id"], copy["event_id"]))
    notes = table["notes"].to_pylist()
    for row, text in first_notes.items():
        notes[row] = text
    table = table.set_column(table.column_names.index("notes"), "notes", pa.array(notes, pa.string()))
    pq.write_table(pa.concat_tables([table, pa.Table.from_pylist(second, table.schema)]), parquet)
    return planted


def measure(parquet: Path, threshold: float, new: int) -> None:
    """One search in this process; its figures and pairs as JSON."""
    import pyarrow.parquet as pq

    from eventcoder.validation.duplicates.search import search

    start = time.perf_counter()
    events = pq.read_table(parquet, memory_map=True)
    loaded = time.perf_counter()
    only = set(events["event_id"].slice(len(events) - new).to_pylist()) if new else None
    begun, busy = time.perf_counter(), time.process_time()
    found = search(events, only=only, at_least=threshold)
    done, cpu = time.perf_counter(), time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    figures = {
        "rows": len(events),
        "load_s": round(loaded - start, 1),
        "search_s": round(done - begun, 2),
        "cpu_s": round(cpu, 1),
        "peak_mb": peak,
        "compared": found.compared,
    }
    print(json.dumps({**figures, "narrowed": len(found.narrowed), "pairs": [(p.a, p.b, p.score) for p in found.pairs]}))


def measured(parquet: Path, threshold: float, new: int = 0) -> dict[str, object]:
    words = [sys.executable, __file__, "--measure", str(parquet), "--threshold", str(threshold), "--new", str(new)]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(ran.stderr)
    return dict(json.loads(ran.stdout))


def main() -> None:
    from eventcoder.validation.duplicates.similar import DEFAULT

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--plants", type=int, default=10_000)
    parser.add_argument("--events", type=Path, help="an invented export that is there already")
    parser.add_argument("--threshold", type=float, default=DEFAULT.list_from)
    parser.add_argument("--city", type=int, default=0, help="so many of the newest events lie in one city")
    parser.add_argument("--days", type=int, default=365, help="with --city: within so many days")
    parser.add_argument("--new", type=int, default=0)
    parser.add_argument("--measure", type=Path)
    given = parser.parse_args()
    if given.measure:
        measure(given.measure, given.threshold, given.new)
        return
    from benchmarks.invented import write_events

    with tempfile.TemporaryDirectory() as folder:
        csv = given.events or Path(folder) / "events.csv"
        if given.events is None:
            write_events(csv, given.rows)
        parquet = Path(folder) / "events.parquet"
        planted = prepare(csv, parquet, given.plants, given.city, given.days)
        whole = measured(parquet, given.threshold)
        some = measured(parquet, given.threshold, new=1000)
    pairs = {(a, b): score for a, b, score in whole.pop("pairs")}  # type: ignore[attr-defined]
    few = len(some.pop("pairs"))  # type: ignore[arg-type]
    print("parameters ", json.dumps(DEFAULT.as_json()))
    print("all        ", json.dumps(whole))
    print("1,000 new  ", json.dumps(some), f"{few} pairs")
    hit, tried = Counter(), Counter()
    for kind, a, b in planted:
        tried[kind] += 1
        hit[kind] += (min(a, b), max(a, b)) in pairs
    for kind in tried:
        print(f"  {kind:<22} {hit[kind]:>6} of {tried[kind]:>6}  {hit[kind] / tried[kind]:7.2%}")
    false = len(pairs) - sum(hit.values())
    rows = int(str(whole["rows"]))
    print(f"found {sum(hit.values()) / max(len(planted), 1):.2%} of the planted; {false} others: {false / rows * 20:.3f} in 20 events")


if __name__ == "__main__":
    main()
