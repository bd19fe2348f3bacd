"""A Dask cluster: a real scheduler and two worker processes on this machine."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corpus.conftest import article, drafts_in, here, ran, take_in

TOP = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="the extra 'cluster' is not installed"),
]


def dask(*args: str, log: Path) -> subprocess.Popen[bytes]:
    few = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}  # workers that a text may kill: each takes seconds to start again
    env = {**os.environ, **few, "PYTHONPATH": os.pathsep.join(filter(None, (str(TOP), os.environ.get("PYTHONPATH"))))}  # workers need test_pools, too
    with log.open("wb") as out:
        return subprocess.Popen([sys.executable, "-m", "dask", *args], stdout=out, stderr=subprocess.STDOUT, cwd=log.parent, env=env)


def heard(log: Path, pattern: str, number: int = 1) -> list[str]:
    """Wait until a log holds a pattern so many times."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found: list[str] = re.findall(pattern, log.read_text("utf-8", "replace"))
        if len(found) >= number:
            return found
        time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8", "replace"))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with two workers, each a process of its own."""
    folder = tmp_path_factory.mktemp("cluster")
    running = [dask("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", log=folder / "scheduler.log")]
    try:
        (found, *_) = heard(folder / "scheduler.log", r"Scheduler at:\s+(tcp://\S+)")
        for n in (1, 2):
            running.append(dask("worker", found, "--nthreads", "1", "--no-dashboard", "--name", f"w{n}", log=folder / f"w{n}.log"))
        for n in (1, 2):
            heard(folder / f"w{n}.log", r"Registered to:")
        yield found
    finally:
        for process in reversed(running):
            process.terminate()
        for process in running:
            process.wait(30)


def test_a_cluster_gives_the_same_drafts_in_the_same_order(project: Path, tmp_path: Path, address: str) -> None:
    # a word list of the project's own: workers get what they do not have
    with (project / "schema" / "lexicon" / "event_cues.csv").open("a", encoding="utf-8") as cues:
        cues.write("v:zorb,PROTEST,1\n")
    own = [{**a, "text": a["text"].replace("rallied", "zorbed")} for a in (article(500), article(501))]
    take_in(project, [*(article(n) for n in range(60)), *own])
    alone, _ = here(project, "extract", "--jobs", "1", "--json", "--no-store")
    there, _ = ran(project, "extract", "--scheduler", address, "--json")
    assert alone == there and alone.count("zorbed outside") >= 2
    assert {line.split('"')[3] for line in alone.splitlines()} == set(drafts_in(project))
    ran(project, "extract", "--scheduler", address, "--to", tmp_path / "there")
    here(project, "extract", "--jobs", "1", "--to", tmp_path / "here")
    for part in (tmp_path / "here").glob("*.parquet"):
        assert part.read_bytes() == (tmp_path / "there" / part.name).read_bytes()


def test_the_document_over_which_workers_die_is_named_and_no_other_is_lost(address: str) -> None:
    """In a process of its own: a client leaves threads behind."""
    script = f"""
from tests.corpus.test_pools import recipe, items
from eventcoder.corpus.cluster import Cluster
from eventcoder.corpus.pieces import answered
pool = Cluster(recipe(), {address!r})
given = items(*(f"text {{n}}" for n in range(9)), "KILL", "STUMBLE", "the end")
for item, answer in answered(pool, given, 4):
    print(item.id, answer.failed, *(p.code for p in answer.problems))
pool.close()
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=TOP, capture_output=True, text=True, timeout=120, check=False)
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == [str(n) for n in range(12)], done.stderr
    assert [line for line in lines if "True" in line] == ["9 True reader-died", "10 True reading-stumbled"]


def test_no_scheduler_is_told(project: Path) -> None:
    take_in(project, [article(1)])
    _, said = ran(project, "extract", "--scheduler", "tcp://127.0.0.1:1", code=2, smaller="cluster.WAIT = '1s'")
    assert "No Dask scheduler answers at tcp://127.0.0.1:1" in said and "dask scheduler" in said
    _, said = here(project, "extract", "--scheduler", "nonsense", code=2)
    assert "'nonsense' is not the address of a scheduler" in said
