"""How long the table `acts` of millions of acts takes, read out of a ledger: one row an event, one more for each hundredth, in SQLite.

    python benchmarks/acts.py [--events 3000000] [--folder FOLDER]

The entries are invented, as coders' and engines' acts look (31 values, a note, a report, two quotes; about 1.4 kB each), and are put into the file by
bare `sqlite3`, without the events' heads: only the acts are read. One in 200 rests on an undisclosed document.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[1]
if str(TOP) not in sys.path:
    sys.path.insert(0, str(TOP))

import pyarrow as pa  # noqa: E402

DOCUMENTS = 20_000
CODERS = ("ana", "ben", "chidi")


def event_id(number: int) -> str:
    return f"k{(number * 0x9E3779B97F4A7C15) % 2**48:012x}"[:12]


def entries(events: int) -> Iterator[tuple[str, ...]]:
    """Rows of the table `entries`: a create for each event, a revise for each hundredth."""
    quote = "people gathered in front of the town hall"
    values: dict[str, Any] = {f"column_{n}": f"value {n}" for n in range(22)} | {"country": "Iran", "fatalities": 0, "tags": [], "notes": "NOTE"}
    whole: dict[str, Any] = {"act": "create", "codebook": "1.4.0", "values": values, "settled": True, "reports": [{"document": "DOC"}]}
    whole["evidence"] = {name: [{"document": "DOC", "start": 10, "end": 51, "quote": quote}] for name in ("event_date", "location")}
    create = json.dumps(whole, sort_keys=True, separators=(",", ":"))
    revise = json.dumps({"act": "revise", "reason": "A later report.", "values": {"notes": "NOTE"}}, sort_keys=True, separators=(",", ":"))
    for number in range(events):
        subject, document = event_id(number), f"{number % DOCUMENTS:016x}"
        note = f"On day {number}, as {document} reported, {quote} and asked the mayor to open the archive. " * 4
        first = hashlib.sha256(subject.encode()).hexdigest()
        coder, minute = CODERS[number % 3], f"2026-0{1 + number % 9}-11T{number % 24:02}:{number // 7 % 60:02}:00Z"
        yield first, "act", subject, "[]", coder, "coder", minute, create.replace("DOC", document).replace("NOTE", note)
        if number % 100 == 0:
            yield first[::-1], "act", subject, f'["{first}"]', coder, "coder", "2026-11-01T08:00:00Z", revise.replace("NOTE", note + "Twice.")


def build(path: Path, events: int) -> None:
    """The ledger's file."""
    from eventcoder.ledger import open_ledger

    open_ledger(path, project="invented").close()
    with sqlite3.connect(path) as con:
        con.execute("PRAGMA synchronous=OFF")
        con.execute("DROP TRIGGER entries_no_replace")  # looks each entry up, which no reader notices
        con.executemany("INSERT INTO entries (id, kind, subject, parents, coder, role, time, body) VALUES (?,?,?,?,?,?,?,?)", entries(events))
    con.close()


def main() -> None:
    """Build, read, print."""
    from eventcoder.dataset.acts import account
    from eventcoder.event import Document
    from eventcoder.ledger import open_ledger
    from eventcoder.project import Settings

    parser = argparse.ArgumentParser(description="Time the table of acts of a large ledger.")
    parser.add_argument("--events", type=int, default=3_000_000)
    parser.add_argument("--folder", type=Path, help="where the ledger is kept for another run; else a temporary folder")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="eventcoder-bench-"))
    try:
        path = folder / "ledger.sqlite"
        if not path.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            build(path, given.events)
        names = [f"{n:016x}" for n in range(DOCUMENTS)]
        documents = {
            i: Document.model_validate({"id": i, "sha256": i * 4, "length": 900, "visibility": "undisclosed" if n % 200 == 0 else "public"})
            for n, i in enumerate(names)
        }
        ids = pa.array([event_id(n) for n in range(given.events)], pa.string())
        with open_ledger(path, readonly=True) as ledger:
            start, work = time.perf_counter(), time.process_time()
            found = account(ledger, ids, documents=documents, settings=Settings(id="invented"))
        wall, work = time.perf_counter() - start, time.process_time() - work
        size = path.stat().st_size >> 20
        print(f"{found.table.num_rows:,} acts out of {size:,} MB: {wall:.1f} s, {work:.1f} s of a core; {len(found.concealed):,} concealed")
    finally:
        if not given.folder:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
