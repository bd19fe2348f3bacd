"""Release folders of millions of invented events, made without a ledger, and the time and memory that `eventcoder check` takes for them.

    python benchmarks/releases.py [--rows 1000000] [--folder FOLDER] [--keep] [--only build|check|phases]

Two versions are made: a first one, and a second with 1% of the events revised, 0.1% retracted and 0.5% added, each with its reports, evidence,
actors, counts and acts, so that replay has something to do. `check` must find both whole. Then the second is checked phase by phase (in a process
of its own), and as a user would do it. Events come from `benchmarks/invented.py`; all that this file adds is invented too.
"""

from __future__ import annotations

import argparse
import importlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[1]
if str(TOP) not in sys.path:
    sys.path.insert(0, str(TOP))

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.compute as pc  # noqa: E402
from benchmarks.invented import write_events  # noqa: E402
from benchmarks.invented_acts import act_table  # noqa: E402

FIRST, SECOND = "2026.11.0", "2026.11.1"
TODAY = date(2026, 11, 20)
CREATED = "2026-11-19T12:00:00Z"
DOCUMENTS = 400_000
PUBLISHERS = ("The Weir Gazette", "Harbour Radio", "Qasr Daily", "Orsova Courier", "Night Courier")
# What `check` calls, in its order: module and name. Those indented stand inside the one before. CSV and fingerprint run beside the gate, and in it
# rules and profile beside the rest: their seconds overlap, and "of a core" counts what ran beside them too.
PHASES = (
    ("eventcoder.releases.checking.check", "check_files", "hashes, sizes and names"),
    ("eventcoder.releases.checking.check", "read_tables", "Parquet files"),
    ("eventcoder.releases.checking.check", "row_counts", "rows and counts"),
    ("eventcoder.releases.checking.check", "descriptor", "descriptor and schemas"),
    ("eventcoder.releases.checking.check", "_compare_all", "CSV against Parquet"),
    ("eventcoder.releases.checking.check", "fingerprint", "fingerprint"),
    ("eventcoder.releases.checking.check", "release_codebook", "codebook"),
    ("eventcoder.releases.checking.check", "_before", "events of the release before"),
    ("eventcoder.releases.checking.check", "rejudge", "gate:"),
    ("eventcoder.validation.release_gate", "row_problems", "  rules"),
    ("eventcoder.validation.release_gate", "keyed_checks", "  keys and references"),
    ("eventcoder.validation.release_gate", "across", "  places, actors, notes"),
    ("eventcoder.validation.release_gate", "compare", "  the release before"),
    ("eventcoder.validation.release_gate", "judge_thresholds", "  thresholds"),
    ("eventcoder.validation.release_gate", "profile", "  profile"),
    ("eventcoder.validation.release_gate", "_great_expectations", "  Great Expectations"),
    ("eventcoder.validation.release_gate", "_document", "  document"),
    ("eventcoder.releases.checking.check", "leaks", "undisclosed sources"),
    ("eventcoder.releases.checking.check", "_replayed", "replay of the changes"),
)


def event_table(rows: int, folder: Path, seed: int, version: str, start: int = 0) -> pa.Table:
    """Events in the codebook's schema and canonical order; `start` is where their ids begin to be counted."""
    import pyarrow.csv

    from eventcoder.codebook import load_codebook
    from eventcoder.codebook.arrow import arrow_schema
    from eventcoder.dataset.canonical import canonical_table

    book = load_codebook(TOP / "schema")
    schema = arrow_schema(book)
    path = folder / f"invented-{seed}.csv"
    write_events(path, rows, seed)
    kinds = {f.name: pa.string() if pa.types.is_list(f.type) else f.type for f in schema}
    convert = pyarrow.csv.ConvertOptions(column_types=kinds, strings_can_be_null=True, null_values=[""])
    raw = pyarrow.csv.read_csv(path, parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True), convert_options=convert).combine_chunks()
    path.unlink()
    columns: dict[str, Any] = {}
    for field in schema:
        if field.name in raw.column_names:
            column = raw.column(field.name)
            if pa.types.is_list(field.type):
                parts = pc.split_pattern(pc.fill_null(column, ""), "; ")
                column = pc.if_else(pc.is_null(column), pa.scalar([], parts.type), parts)
            columns[field.name] = column
    if start:
        prefix = pc.utf8_slice_codeunits(raw["event_id_cnty"], 0, 3)
        columns["event_id_cnty"] = pc.binary_join_element_wise(prefix, _texts(np.arange(rows) + 10**8), "")
    columns |= {
        "event_id": event_ids(np.arange(start, start + rows)),
        "fatalities_low": raw["fatalities"],
        "fatalities_basis": pa.repeat("unknown", rows),
        "n_reports": pa.array(1 + np.arange(rows) % 4 // 3, pa.int64()),
        "n_publishers": pa.array(np.ones(rows), pa.int64()),
        "codebook_version": pa.repeat(book.version, rows),
        "revision": pa.array(np.ones(rows), pa.int64()),
        "first_release": pa.repeat(version, rows),
        "last_changed": pa.repeat(version, rows),
    }
    return canonical_table("events", pa.table(columns), schema)


def event_ids(numbers: Any) -> pa.Array:
    """Ids in the project's form, different for different numbers, in no order."""
    alphabet = np.frombuffer(b"0123456789abcdefghjkmnpqrstvwxyz", np.uint8)
    mixed = (numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) & np.uint64(2**55 - 1)  # odd factor: one to one modulo a power of two
    cells = np.empty((len(numbers), 12), np.uint8)
    cells[:, 0] = ord("k")
    for place in range(11):
        cells[:, place + 1] = alphabet[(mixed >> np.uint64(5 * place)) & np.uint64(31)]
    offsets = pa.py_buffer((np.arange(len(numbers) + 1) * 12).astype(np.int32).tobytes())
    return pa.StringArray.from_buffers(len(numbers), offsets, pa.py_buffer(cells.tobytes()))


def side_tables(events: pa.Table) -> dict[str, pa.Table]:
    """Reports, evidence, actors, counts, relations and coverage that fit the events, in their schemas and orders."""
    from eventcoder.dataset.canonical import canonical_table
    from eventcoder.dataset.schemas import SIDE_SCHEMAS

    n = events.num_rows
    ids = events["event_id"].combine_chunks()
    reports = events["n_reports"].to_numpy()
    owner = np.repeat(np.arange(n), reports)
    second = np.concatenate([[False], owner[1:] == owner[:-1]])
    # what an event cites follows from its id, so that both versions say the same of an event
    seeds = np.frombuffer(ids.buffers()[2], np.uint8)[ids.offset * 12 : (ids.offset + n) * 12].reshape(n, 12)[:, 1:5].astype(np.int64)
    seed = seeds @ np.array([1, 131, 17_161, 2_248_091])
    number = (seed[owner] + second * 7) % DOCUMENTS
    documents = pc.binary_join_element_wise("d0c00000000", pc.utf8_lpad(_texts(number), 5 + (DOCUMENTS > 99_999), "0"), "").cast(pa.string())
    published = pc.add(events["event_date"].combine_chunks().cast(pa.int32()), pa.scalar(1, pa.int32())).cast(pa.date32())
    publishers = pa.array(PUBLISHERS).take(pa.array(number % len(PUBLISHERS)))
    raw = {
        "event_sources": {
            "event_id": ids.take(pa.array(owner)),
            "document_id": documents,
            "publisher": publishers,
            "published": published.take(pa.array(owner)),
            "url": pc.binary_join_element_wise("https://weir.example/", documents, ""),
            "title": pc.binary_join_element_wise("Invented headline about", documents, "on an invented day", " "),
            "language": pa.repeat("en", len(owner)),
            "visibility": pa.repeat("public", len(owner)),
            "n_documents": pa.array(np.ones(len(owner)), pa.int64()),
        }
    }
    first = documents.filter(pa.array(~second))
    notes = events["notes"].combine_chunks()
    quotes = [pc.utf8_slice_codeunits(notes, 0, 14), events["location"].combine_chunks()]
    ends = pa.chunked_array([pc.utf8_length(q).cast(pa.int64()) for q in quotes])
    raw["evidence"] = {
        "event_id": pa.chunked_array([ids, ids]),
        "field": pa.chunked_array([pa.repeat(f, n) for f in ("event_date", "location")]),
        "document_id": pa.chunked_array([first, first]),
        "start": pa.array(np.zeros(2 * n), pa.int64()),
        "end": ends,
        "quote": pa.chunked_array(quotes),
        "cut": pa.array(np.zeros(2 * n, bool)),
    }
    raw["event_actors"] = _event_actors(events, ids)
    counted = events.filter(pc.greater(events["fatalities"], 0))
    dead = counted["fatalities"].combine_chunks().cast(pa.int64())
    raw["event_counts"] = {
        "event_id": counted["event_id"], "number": pa.array(np.ones(len(counted)), pa.int64()), "kind": pa.repeat("killed", len(counted)),
        "low": dead, "best": dead, "high": dead, "words": pc.cast(dead, pa.string()), "rule": pa.repeat("number", len(counted)),
    }  # fmt: skip
    used = pa.table({k: raw["event_actors"][k] for k in ("actor", "inter")}).group_by("actor").aggregate([("inter", "distinct")])
    inter = [sorted({i for i in several if i}) for several in used["inter_distinct"].to_pylist()]
    raw["actors"] = {
        "actor": used["actor"], "inter": pa.array(inter, pa.list_(pa.string())), "aliases": pa.array([[]] * len(used), pa.list_(pa.string())),
        "registered": pa.array(np.zeros(len(used), bool)),
    }  # fmt: skip
    return {name: canonical_table(name, pa.table(raw.get(name, {})) if raw.get(name) else schema.empty_table(), schema)
            for name, schema in SIDE_SCHEMAS.items()}  # fmt: skip


def _event_actors(events: pa.Table, ids: pa.Array) -> dict[str, Any]:
    pieces = []
    for side in (1, 2):
        named = events.filter(pc.is_valid(events[f"actor{side}"]))
        size = len(named)
        pieces.append(
            pa.table({"event_id": named["event_id"], "side": _whole(np.full(size, side)), "role": pa.repeat("actor", size),
                      "number": _whole(np.ones(size)), "actor": named[f"actor{side}"], "inter": named[f"inter{side}"]})
        )  # fmt: skip
        lists = events[f"assoc_actor_{side}"].combine_chunks()
        parents = pc.list_parent_indices(lists)
        lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy()
        places = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths) + 1
        size = len(parents)
        pieces.append(
            pa.table({"event_id": ids.take(parents), "side": _whole(np.full(size, side)), "role": pa.repeat("associated", size),
                      "number": _whole(places), "actor": pc.list_flatten(lists).cast(pa.string()), "inter": pa.nulls(size, pa.string())})
        )  # fmt: skip
    whole = pa.concat_tables(pieces)
    return {name: whole[name] for name in whole.column_names}


def _whole(values: Any) -> pa.Array:
    return pa.array(np.asarray(values).astype(np.int64))


def _texts(numbers: Any) -> pa.Array:
    return pa.array(numbers).cast(pa.string())


def later_events(events: pa.Table, folder: Path, seed: int) -> tuple[pa.Table, pa.Array]:
    """The events of the second version, and the ids that were retracted."""
    from eventcoder.dataset.canonical import canonical_table

    rng = np.random.default_rng(seed)
    n = events.num_rows
    fate = rng.random(n)
    gone, revised = fate < 0.001, (fate > 0.5) & (fate < 0.51)
    marked = pa.array(revised)
    for name, value in (
        ("notes", pc.binary_join_element_wise(events["notes"], "A later report confirms this account.", " ")),
        ("revision", pc.add(events["revision"], 1).cast(events.schema.field("revision").type)),
        ("last_changed", pa.repeat(SECOND, n)),
    ):
        at = events.column_names.index(name)
        events = events.set_column(at, events.schema.field(at), pc.if_else(marked, value, events[name]))
    retracted = events.filter(pa.array(gone))["event_id"].combine_chunks()
    fresh = event_table(max(1, n // 200), folder, seed + 1, SECOND, start=n)
    kept = events.filter(pa.array(~gone))
    return canonical_table("events", pa.concat_tables([kept, fresh]), events.schema), retracted


def build(folder: Path, rows: int) -> None:
    """Both versions and the list of versions."""
    from eventcoder.changelog import diff
    from eventcoder.releases.tables import RETRACTED_SCHEMA, next_retracted
    from eventcoder.releases.versions import Versions, write_versions

    releases = folder / "releases"
    releases.mkdir(parents=True)
    start = _now()
    events = event_table(rows, folder, 1, FIRST)
    tables = {"events": events, **side_tables(events)}
    _said("first version's tables", start)
    start = _now()
    versions = _write(releases, FIRST, None, tables, diff({}, tables), RETRACTED_SCHEMA.empty_table(), {}, Versions())
    _said("first version written", start)
    start = _now()
    changed, _ = later_events(events, folder, 2)
    newer = {"events": changed, **side_tables(changed)}
    changes = diff(tables, newer)
    _said(f"differences ({changes.num_rows:,} rows)", start)
    gone = next_retracted(RETRACTED_SCHEMA.empty_table(), changes, events, SECOND)
    start = _now()
    versions = _write(releases, SECOND, FIRST, newer, changes, gone, tables, versions)
    _said("second version written", start)
    write_versions(releases, versions)


def _write(
    releases: Path, version: str, previous: str | None, tables: dict[str, pa.Table], changes: pa.Table, gone: pa.Table, before: dict[str, pa.Table],
    versions: Any,
) -> Any:  # fmt: skip
    from eventcoder.changelog import counts
    from eventcoder.codebook import load_codebook
    from eventcoder.dataset.canonical import fingerprint
    from eventcoder.project import Settings
    from eventcoder.releases.making.contents import Contents, write_contents
    from eventcoder.releases.tables import still_withdrawn
    from eventcoder.releases.versions import Version
    from eventcoder.validation import gate

    book = load_codebook(TOP / "schema")
    found = gate({**tables, "retracted": still_withdrawn(gone)}, book, latest_today=TODAY, previous=before or None)
    if not found.passed:
        sys.exit(f"The invented events do not pass the gate: {found.report.errors[0]}")
    print_ = fingerprint(tables)
    older, told = before.get("events"), counts(changes)
    written = {**tables, "acts": act_table(tables["events"])}
    contents = Contents(version, previous, CREATED, "Invented.", written, changes, gone, older, print_, found.document, found.html, told)
    (releases / version).mkdir()
    settings = Settings(id="invented", title="Invented events")
    hash_ = write_contents(releases / version, contents, book, TOP / "schema", settings)
    return versions.adding(
        Version(version=version, created=CREATED, previous=previous, manifest_sha256=hash_, fingerprint=print_, events=tables["events"].num_rows)
    )


def phases(release: Path) -> None:
    """Check a release in this process and say what each phase took, and the peak of memory so far."""
    from eventcoder.releases import check_release

    taken: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    peaks: dict[str, int] = {}
    for module, name, label in PHASES:
        _timed(importlib.import_module(module), name, label, taken, peaks)
    start, work = time.perf_counter(), time.process_time()
    report = check_release(release, latest_today=datetime.now(UTC).date())
    whole = [time.perf_counter() - start, time.process_time() - work]
    print(f"  {'':<34} {'seconds':>9} {'of a core':>10} {'peak MB':>8}")
    for _, _, label in PHASES:
        print(f"  {label:<34} {taken[label][0]:9.2f} {taken[label][1]:10.2f} {peaks.get(label, 0):8,}")
    print(f"  {'together':<34} {whole[0]:9.2f} {whole[1]:10.2f}   {report.counts}", flush=True)


def _timed(module: Any, name: str, label: str, taken: dict[str, list[float]], peaks: dict[str, int]) -> None:
    """Put a clock around a function; what it gives piece by piece is gathered first, so that the clock sees it."""
    inner: Callable[..., Any] = getattr(module, name)

    @wraps(inner)
    def outer(*args: Any, **more: Any) -> Any:
        start, work = time.perf_counter(), time.process_time()
        found = inner(*args, **more)
        if isinstance(found, Iterator):
            found = iter(list(found))
        taken[label][0] += time.perf_counter() - start
        taken[label][1] += time.process_time() - work
        peaks[label] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        return found

    setattr(module, name, outer)


def _said(what: str, start: tuple[float, float]) -> None:
    """Seconds, and seconds of a core, since `start` (`_now`)."""
    wall, work = (now - then for now, then in zip(_now(), start, strict=True))
    print(f"  {what:<34} {wall:7.2f} s, {work:7.2f} s of a core", flush=True)


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def measure(folder: Path) -> None:
    """The command as a user gives it, in a process of its own, with its peak of memory."""
    for version in (FIRST, SECOND):
        command = [sys.executable, "-c", "from eventcoder.cli import main; main()", "check", str(folder / "releases" / version)]
        start = time.perf_counter()
        done = subprocess.run([sys.executable, str(TOP / "benchmarks" / "peak.py"), *command], capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - start
        print(f"check {version}: {seconds:.1f} s, peak {done.stderr.strip().splitlines()[-1]} MB, exit {done.returncode}", flush=True)
        if done.returncode:
            sys.exit(done.stdout[-2000:] + done.stderr[-1000:])


def main() -> None:
    """Build, check phase by phase, check as a user does."""
    parser = argparse.ArgumentParser(description="Time 'eventcoder check' on release folders of invented events.")
    parser.add_argument("--rows", type=int, default=1_000_000, help="events of the first version")
    parser.add_argument("--folder", type=Path, help="where the releases go (and are looked for by --only check); else a temporary folder")
    parser.add_argument("--keep", action="store_true", help="leave the folder in place")
    parser.add_argument("--only", choices=("build", "check", "phases"), help="one step alone")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="eventcoder-bench-"))
    try:
        if given.only in (None, "build"):
            print(f"{given.rows:,} events:", flush=True)
            if given.only == "build":
                build(folder, given.rows)
                return
            subprocess.run([sys.executable, __file__, "--only", "build", "--rows", str(given.rows), "--folder", str(folder), "--keep"], check=True)
        if given.only == "phases":
            phases(folder / "releases" / SECOND)
            return
        if given.only is None:
            subprocess.run([sys.executable, __file__, "--only", "phases", "--folder", str(folder), "--keep"], check=True)
        measure(folder)
    finally:
        if not given.keep and given.only is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
