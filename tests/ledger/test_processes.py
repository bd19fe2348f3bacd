"""Several processes at once, and processes that are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from eventcoder.ledger import open_ledger

WRITER = """
import sys
from eventcoder.ledger import new_entry, open_ledger
path, name, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
sys.stdin.readline()
for i in range(number):
    with open_ledger(path) as ledger:
        body = {"act": "create", "values": {"country": "Iran", "notes": "x" * 300}, "settled": True}
        ledger.append([new_entry("act", f"{name}-{i}", body, coder=name, time="2026-03-05T10:00:00Z")])
        print(f"{name}-{i}", flush=True)
"""


def started(where: Path | str, name: str, number: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", "-c", WRITER, str(where), name, str(number)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_eight_writers_that_begin_together_lose_nothing(where: Path | str) -> None:
    writers = [started(where, f"coder{n}", 30) for n in range(8)]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert (writer.returncode, errors) == (0, "")
    with open_ledger(where, readonly=True) as ledger:
        assert ledger.states() == {"settled": 240} and ledger.count("act") == 240
        assert ledger.verify() == []


def test_what_was_acknowledged_survives_kill_9(where: Path | str) -> None:
    writer = started(where, "ana", 100_000)
    assert writer.stdin is not None and writer.stdout is not None
    writer.stdin.write("go\n")
    writer.stdin.flush()
    acknowledged = [writer.stdout.readline().strip() for _ in range(60)]
    os.kill(writer.pid, signal.SIGKILL)
    rest, _ = writer.communicate(timeout=30)
    acknowledged += [line for line in rest.splitlines() if line]
    with open_ledger(where) as ledger:
        stored = {f.event_id for f in ledger.events()}
        assert stored.issuperset(acknowledged) and len(stored) <= len(acknowledged) + 1
        assert ledger.verify() == []


def test_the_hot_path_imports_no_engine_and_no_pydantic() -> None:
    code = "import sys, eventcoder.ledger; print([m for m in ('pydantic', 'pandas', 'pyarrow', 'duckdb', 'great_expectations') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
