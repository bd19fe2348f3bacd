"""All row rules over a large table beside others, in one run: python benchmarks/validation.py [--rows N] (or run.py validation).

The same invented events (`benchmarks/invented.py`) in one Parquet file; each candidate is a process of its own that reads what it needs and says
how long the judging took, without reading; the peak memory is that of the whole process, the table included.

    ours           every rule and column check of the codebook (225) on the table in memory; then `validate_parquet` on the file, reading included
    ours, profile  what Great Expectations is given
    duckdb         27 checks written by hand, one query
    polars         the same 27 as expressions         (pip install polars; not a dependency: left out by name where it is absent)
    pandera        9 checks of columns                (pip install pandera; likewise)
    gx on pandas   the codebook's own suite of Great Expectations on full rows; a million rows at most

Rows: --rows, else 1,000,000. For another interpreter with polars and pandera: --python PATH.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[1]
if str(TOP) not in sys.path:
    sys.path.insert(0, str(TOP))
ROUNDS = 3
SOURCES = {**os.environ, "PYTHONPATH": str(TOP / "src")}  # another interpreter finds this project there
HEAD = "import resource, sys, time\nfrom datetime import date\nfrom pathlib import Path\npath, schema = sys.argv[1:3]\n"
TAIL = "\nprint(f'{seconds:.2f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} {told}')\n"
CODEBOOK = "from eventcoder.codebook import load_codebook\nbook = load_codebook(Path(schema))\nday = date(2026, 11, 24)\n"
READ = "import pyarrow.parquet as pq\ntable = pq.read_table(path)\n"
OURS = f"""{CODEBOOK}{READ}
from eventcoder.validation.rows.bulk import validate_events
start = time.perf_counter(); told = validate_events(table, book, latest_today=day).counts; seconds = time.perf_counter() - start
"""
FILE = f"""{CODEBOOK}
from eventcoder.validation.rows.pieces import validate_parquet
start = time.perf_counter(); told = validate_parquet(Path(path), book, latest_today=day).counts; seconds = time.perf_counter() - start
"""
PROFILE = f"""{CODEBOOK}{READ}
from eventcoder.validation.profiles import profile
start = time.perf_counter(); told = profile(table, book).rows; seconds = time.perf_counter() - start
"""
GX = f"""{CODEBOOK}{READ}
from eventcoder.validation.expectations import judge_rows
start = time.perf_counter(); told = len(judge_rows(table, book)); seconds = time.perf_counter() - start
"""
LISTED = ("sub_event_type", "event_type", "disorder_type", "inter1", "inter2", "interaction", "country", "region", "source_scale")
NEEDED = ("event_date", "sub_event_type", "actor1", "inter1", "country", "location", "latitude", "longitude", "notes")
DUCKDB = f"""{CODEBOOK}{READ}
import duckdb
def text(codes): return ', '.join("'" + code.replace("'", "''") + "'" for code in codes)
checks = [f'"{{name}}" NOT IN ({{text(book.lists[book.column(name).list].codes)}})' for name in {LISTED!r}]
checks += [f'"{{name}}" IS NULL' for name in {NEEDED!r}]
checks += ['latitude NOT BETWEEN -90 AND 90', 'longitude NOT BETWEEN -180 AND 180', 'fatalities < 0', 'year <> year(event_date)',
           "event_date > DATE '2026-11-24'", 'actor2 IS NULL AND inter2 IS NOT NULL', 'length(notes) < 30',
           'time_precision NOT IN (1, 2, 3)', "NOT regexp_matches(event_id_cnty, '^[A-Z]{{3}}[0-9]+$')"]
start = time.perf_counter()
told = sum(duckdb.sql('SELECT ' + ', '.join(f'count(*) FILTER ({{check}})' for check in checks) + ' FROM table').fetchall()[0])
seconds = time.perf_counter() - start
""".replace("FROM table'", "FROM rows'").replace("start = time.perf_counter()\n", "duckdb.register('rows', table)\nstart = time.perf_counter()\n", 1)
POLARS = f"""{CODEBOOK}
import polars as pl
c, frame = pl.col, pl.read_parquet(path)
checks = [~c(name).is_in(list(book.lists[book.column(name).list].codes)) for name in {LISTED!r}] + [c(name).is_null() for name in {NEEDED!r}]
checks += [~c('latitude').is_between(-90, 90), ~c('longitude').is_between(-180, 180), c('fatalities') < 0, c('year') != c('event_date').dt.year(),
           c('event_date') > day, c('actor2').is_null() & c('inter2').is_not_null(), c('notes').str.len_chars() < 30,
           ~c('time_precision').is_in([1, 2, 3]), ~c('event_id_cnty').str.contains('^[A-Z]{{3}}[0-9]+$')]
start = time.perf_counter()
told = frame.select([check.sum().alias(str(at)) for at, check in enumerate(checks)]).sum_horizontal().item()
seconds = time.perf_counter() - start
""".replace("told = frame.select", "told = frame.lazy().select").replace(".sum_horizontal().item()", ".collect().row(0)")
PANDERA = f"""{CODEBOOK}{READ}
import pandera.pandas as pa
frame = table.select(list({LISTED!r})).to_pandas()
columns = {{name: pa.Column(str, pa.Check.isin(list(book.lists[book.column(name).list].codes)), nullable=True) for name in {LISTED!r}}}
start = time.perf_counter(); told = len(pa.DataFrameSchema(columns).validate(frame, lazy=True)); seconds = time.perf_counter() - start
"""
CANDIDATES = {
    "ours, table in memory": OURS, "ours, Parquet in pieces": FILE, "ours, profile": PROFILE, "duckdb, 27 by hand": DUCKDB,
    "polars, 27 by hand": POLARS, "pandera, 9 columns": PANDERA, "gx on pandas, full rows": GX,
}  # fmt: skip


def invented_parquet(csv: Path, out: Path) -> None:
    """The rows of `benchmarks/invented.py` with the columns that ours adds, in the codebook's types."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv
    import pyarrow.parquet as pq

    from eventcoder.codebook import load_codebook
    from eventcoder.codebook.arrow import arrow_schema

    schema = arrow_schema(load_codebook(TOP / "schema"))
    names = csv.open(encoding="utf-8").readline().strip().split(",")
    types = {name: pa.string() if pa.types.is_list(schema.field(name).type) else schema.field(name).type for name in names}
    convert = pa.csv.ConvertOptions(column_types=types, strings_can_be_null=True, null_values=[""])
    read = pa.csv.open_csv(csv, convert_options=convert, parse_options=pa.csv.ParseOptions(newlines_in_values=True))
    made = 0
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for batch in read:
            got: dict[str, Any] = dict(zip(names, batch.columns, strict=True))
            day = got["event_date"]
            exact = pc.equal(got["time_precision"], 1)
            reports = pc.fill_null(exact, False).cast("int8")
            numbers = range(made, made := made + len(batch))
            got |= {
                "event_id": pa.array([f"a{np.base_repr(n, 36).lower():0>11}" for n in numbers]), "fatalities_low": got["fatalities"],
                "fatalities_high": got["fatalities"], "fatalities_basis": pc.if_else(pc.equal(got["fatalities"], 0), "none", "number"),
                "date_start": pc.if_else(exact, day, None), "date_end": pc.if_else(exact, day, None), "n_reports": reports,
                "gazetteer_id": pa.array([f"geonames:{n * 7919 % 10_000}" for n in numbers]),
                "point_kind": pc.if_else(pc.equal(got["geo_precision"], 1), "exact", "representative"),
            }  # fmt: skip
            plain = {"clarity": "clear", "gazetteer_version": "2026-10", "revision": 1, "codebook_version": "1.0.0", "last_changed": "2026.11.1"}
            columns = []
            for field in schema:
                column = got.get(field.name)
                if column is None:
                    column = pa.array([plain.get(field.name)] * len(batch), field.type)
                elif pa.types.is_list(field.type):
                    column = pa.array([cell.split("; ") if cell else [] for cell in column.to_pylist()], field.type)
                columns.append(column.cast(field.type))
            writer.write_table(pa.table(columns, schema=schema))


def validating(folder: Path, rows: int = 1_000_000, python: str = sys.executable) -> None:
    """Make the rows, run each candidate and print its median seconds, peak memory and ratio to the query by hand."""
    csv, parquet = folder / "events.csv", folder / "events.parquet"
    subprocess.run([sys.executable, str(TOP / "benchmarks" / "invented.py"), "--rows", str(rows), "--out", str(csv)], check=True, capture_output=True)
    invented_parquet(csv, parquet)
    csv.unlink()
    got: dict[str, tuple[float, int, str]] = {}
    for name, code in CANDIDATES.items():
        if code is GX and rows > 1_000_000:
            print(f"{name:<26} left out: more than a million rows", flush=True)
            continue
        runs = []
        for _ in range(1 if code is GX else ROUNDS):
            other = python if name.startswith(("polars", "pandera")) else sys.executable
            done = subprocess.run(
                [other, "-c", HEAD + code + TAIL, str(parquet), str(TOP / "schema")], capture_output=True, text=True, check=False, env=SOURCES
            )
            if done.returncode:
                break
            runs.append(done.stdout.split(maxsplit=2))
        if done.returncode:
            reason = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"ended with {done.returncode}"
            print(f"{name:<26} left out: {reason}", flush=True)
            continue
        middle = sorted(runs, key=lambda run: float(run[0]))[len(runs) // 2]
        got[name] = (float(middle[0]), max(int(run[1]) for run in runs), middle[2].strip())
    floor = got.get("duckdb, 27 by hand", (0.0, 0, ""))[0]
    print(f"{rows:,} rows, {parquet.stat().st_size / 1e6:.0f} MB of Parquet; median of {ROUNDS}")
    for name, (seconds, peak, told) in got.items():
        ratio = f"{seconds / floor:5.1f}" if floor else "    -"
        print(f"{name:<26} {seconds:7.2f} s   peak {peak:6,} MB   ratio {ratio}   {told[:60]}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has polars and pandera beside this project")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="eventcoder-bench-") as folder:
        validating(Path(folder), asked.rows, asked.python)


if __name__ == "__main__":
    main()
