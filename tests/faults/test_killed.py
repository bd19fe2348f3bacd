"""kill -9 in the middle of work, and two coders at once: processes of their own."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Command

COMMAND = [sys.executable, "-m", "eventcoder"]
# An import in many small transactions with a pause after each: the signal comes between the first and the last of them, also on a busy machine.
IN_STEPS = """
import time
from eventcoder.cli import main
from eventcoder.intake import outbox
from eventcoder.ledger.bulk import Bulk

def add(*given, whole=Bulk.add):
    stored = whole(*given)
    time.sleep(0.03)
    return stored

Bulk.add, outbox.SENT = add, 500
main()
"""


def start(*words: str, program: tuple[str, ...] = ("-m", "eventcoder"), **more: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, *program, *words]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)  # type: ignore[call-overload,no-any-return]


def events(clean: dict[str, str], n: int) -> list[bytes]:
    """Different clean events, one JSON line each."""
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 11) for day in range(1, 29)]
    made = []
    for i, day in zip(range(n), days * (n // len(days) + 1), strict=False):
        changes = {"event_date": day, "location": f"Village {i}", "notes": f"Around {day}, teachers met in Village {i}."}
        made.append(json.dumps({**clean, **changes}).encode() + b"\n")
    return made


def kill(process: subprocess.Popen[bytes]) -> bytes:
    os.kill(process.pid, signal.SIGKILL)
    rest, _ = process.communicate(timeout=30)
    return rest


def test_every_acknowledged_event_of_a_killed_stream_is_there(command: Command, clean: dict[str, str]) -> None:
    process = start("add", "--json", "-", "--keep-going")
    assert process.stdin is not None and process.stdout is not None
    lines = events(clean, 60)
    acknowledged = []
    for line in lines[:25]:
        process.stdin.write(line)
        process.stdin.flush()
        acknowledged.append(json.loads(process.stdout.readline())["event_id"])  # answered before the next is sent: it is durable now
    process.stdin.write(b"".join(lines[25:]))
    process.stdin.flush()
    acknowledged += [json.loads(line)["event_id"] for line in kill(process).splitlines() if line.endswith(b"}")]
    stored = {e["event_id"] for e in command("list", "--json", "--limit", "0").lines}
    assert stored.issuperset(acknowledged)
    assert len(stored) <= len(acknowledged) + 1
    assert "All is well" in command("doctor").out
    command("add", "--json", "-", stdin=lines[59])


def test_a_killed_batch_is_stored_whole_or_not_at_all(command: Command, clean: dict[str, str]) -> None:
    lines = events(clean, 400)
    chance = random.Random(5)
    seen = 0
    for _ in range(2):
        process = start("add", "--json", "-")
        assert process.stdin is not None
        process.stdin.write(b"".join(lines))
        process.stdin.close()
        process.stdin = None
        time.sleep(0.3 + chance.random() * 0.9)
        acknowledged = len([line for line in kill(process).splitlines() if line.endswith(b"}")])
        stored = len(command("list", "--json", "--limit", "0").lines) - seen
        assert stored in (0, len(lines))
        assert stored >= acknowledged
        seen += stored
    assert "All is well" in command("doctor").out


def test_two_coders_who_add_at_once_both_get_their_event(command: Command, clean: dict[str, str]) -> None:
    both = [start("add", "--json", "-", "--coder", coder) for coder in ("ben", "eve")]
    lines = events(clean, 20)
    for process, mine in zip(both, (lines[:10], lines[10:]), strict=True):
        assert process.stdin is not None
        process.stdin.write(b"".join(mine))
    answers = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], answers
    assert len(command("list", "--json", "--limit", "0").lines) == 20
    assert {line["coder"] for line in command("log", "--json", "--limit", "0").lines} == {"ben", "eve"}


def test_a_killed_release_leaves_no_half_version(released: Path, command: Command) -> None:
    event = command("list", "--json", "--limit", "1").one["event_id"]
    command("amend", event, "--set", "admin2=Shiraz", "--reason", "Division added.")
    before = sorted(p.name for p in Path("releases").iterdir() if p.name[0].isdigit())
    process = start("release")
    until = time.monotonic() + 60
    while not list(Path("releases").glob(".staging-*")) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(random.Random().random() * 0.15)  # somewhere between the first file and the last rename, another place each time
    kill(process)
    names = sorted(p.name for p in Path("releases").iterdir() if p.name[0].isdigit())
    assert names[: len(before)] == before and len(names) <= len(before) + 1
    report = command("check", "releases", "--json").one
    assert report["valid"], report["problems"]
    ran = command("release", "--json").one
    assert ran["status"]
    assert command("check", "releases", "--json").one["valid"]
    names = [p.name for p in Path("releases").iterdir() if p.is_dir()]
    assert len(names) == len(before) + 1 and not [n for n in names if n.startswith(".")], "what was left over is cleared away"
    latest = json.loads(Path("releases/versions.json").read_text("utf-8"))["latest"]
    assert latest == max(names)


def test_ctrl_c_stops_without_a_traceback(command: Command, clean: dict[str, str]) -> None:
    process = start("add", "--json", "-", "--keep-going")
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(events(clean, 1)[0])
    process.stdin.flush()
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in err and out == b""
    assert len(command("list", "--json").lines) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="a shell with pipes")
def test_a_reader_that_has_seen_enough_is_no_error(command: Command, clean: dict[str, str]) -> None:
    command("add", "--json", "-", stdin=b"".join(events(clean, 400)))
    words = " ".join([*COMMAND, "list", "--json", "--limit", "0"])
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {words} | head -n 1"], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["country"] == "Iran"


@pytest.mark.skipif(sys.platform == "win32", reason="a shell with closed streams")
def test_closed_and_full_outputs_are_no_crash(command: Command, clean: dict[str, str]) -> None:
    command("add", "--json", "-", stdin=json.dumps(clean))
    words = " ".join([*COMMAND, "list", "--json"])
    closed = subprocess.run(["bash", "-c", f"{words} <&- >&- 2>&-"], check=False)
    assert closed.returncode == 0
    if Path("/dev/full").exists():
        full = subprocess.run(["bash", "-c", f"{words} > /dev/full"], capture_output=True, text=True, check=False)
        assert full.returncode == 2
        assert full.stderr.startswith("error: No space left on device") and "Traceback" not in full.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("after", [1, 4_000])
def test_a_killed_import_shows_nothing_and_is_simply_run_again(
    command: Command, clean: dict[str, str], after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventcoder.ledger.bulk.IN_PLACE", 1_000)  # a new table of heads, as for an import of very many rows
    rows = 8_000
    names = [*clean, "fatalities"]
    text = [",".join(names)]
    for i in range(rows):
        row = {**clean, "notes": f"On 3 May 2026 teachers gathered in Shiraz (Fars) for the {i}. time.", "fatalities": "0"}
        text.append(",".join(f'"{row[name]}"' for name in names))
    Path("many.csv").write_text("\n".join(text) + "\n", "utf-8")
    process = start("import", "many.csv", program=("-c", IN_STEPS))
    ledger, stored = Path(".eventcoder/ledger.sqlite"), 0
    while process.poll() is None and stored < after:
        time.sleep(0.01)
        stored = count_entries(ledger)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)
    assert command("list", "--json").lines == []
    command("add", "--json", "-", stdin=json.dumps(clean))
    again = command("import", "many.csv", "--json").one
    assert (again["read"], again["created"], again["rejected"], again["stored"]) == (rows, rows, 0, True)
    assert count_entries(ledger) == rows + 2, "the acts, one by hand and one seal: nothing is stored twice"
    assert "All is well" in command("doctor").out
    assert command("import", "many.csv", "--json").one["unchanged"] == rows


def count_entries(ledger: Path) -> int:
    """How many entries are in the file, seen or not."""
    import sqlite3

    try:
        with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as con:
            return int(con.execute("SELECT COUNT(*) FROM entries").fetchone()[0])
    except sqlite3.Error:
        return 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_in_an_import_says_how_it_goes_on(command: Command, clean: dict[str, str]) -> None:
    names = [*clean]
    rows = [
        ",".join(f'"{ {**clean, "notes": f"On 3 May 2026, teachers met in Shiraz (Fars), number {i}."}[name] }"' for name in names)
        for i in range(8_000)
    ]
    Path("many.csv").write_text("\n".join([",".join(names), *rows]) + "\n", "utf-8")
    process = start("import", "many.csv", program=("-c", IN_STEPS), preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    while process.poll() is None and not count_entries(Path(".eventcoder/ledger.sqlite")):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and b"Traceback" not in err and b"Run the same command again" in err
    assert command("list", "--json").lines == []
    assert command("import", "many.csv", "--json").one["rejected"] == 0
    assert len(command("list", "--json", "--limit", "0").lines) == 8_000
