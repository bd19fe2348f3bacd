"""Speed of the engine semantic: articles of 2,500 characters a second on all cores beside the rules, sentences a second, memory. Called by run.py.

The texts are those of `extraction.py`. Memory is the sum over all processes of what each has for itself and its part of what it shares (Linux).
"""

from __future__ import annotations

import itertools
import json
import re
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.extraction import dense, news

TIMES = 3  # the 300 articles so often: starting the processes is part of a run, but not of its speed


class Cost(NamedTuple):
    """What a run took."""

    seconds: float
    cpu: float
    peak: float  # MB


def comparing(root: Path, folder: Path) -> None:
    """Rules and semantic over the same Parquet dataset, then the model by itself."""
    import pyarrow
    import pyarrow.parquet

    for name, articles in (("news", news()), ("dense", dense(root / "raw" / "documents"))):
        for size in (1, TIMES):
            marks = itertools.count(1000)
            rows = [{"text": _once(text, marks), "published": day} for _ in range(size) for text, day in articles]
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), folder / f"{name}-{size}.parquet")
        for engine in ("rules", "semantic"):
            few, many = _run(root, folder, name, 1, engine), _run(root, folder, name, TIMES, engine)
            more = len(articles) * (TIMES - 1)
            print(
                f"{engine + ', ' + name:<22} {more / (many.seconds - few.seconds):7.1f} articles/s on all cores, {more / (many.cpu - few.cpu):.1f} "
                f"a second of CPU, peak {many.peak:.0f} MB in all processes",
                flush=True,
            )
    _sentences(root)


def _once(text: str, marks: Iterator[int]) -> str:
    """The text with a number of its own in every sentence: vectors are remembered, and no sentence shall be met again."""
    return re.sub(r"(?<=[a-z])\.(?=\s)", lambda _: f" ({next(marks)}).", text)


def _run(root: Path, folder: Path, name: str, size: int, engine: str) -> Cost:
    """One whole run of the command."""
    out = folder / f"{name}-{size}-{engine}"
    command = [sys.executable, "-c", "from eventcoder.cli import main; main()", "extract", "--engine", engine, "--from"]
    start, used = time.perf_counter(), _cpu()
    process = subprocess.Popen([*command, str(folder / f"{name}-{size}.parquet"), "--to", str(out)], cwd=root, stdout=-3, stderr=subprocess.PIPE)
    peaks = [0.0]
    watcher = threading.Thread(target=_watch, args=(process, peaks), daemon=True)
    watcher.start()
    _, said = process.communicate()
    seconds = time.perf_counter() - start
    watcher.join()
    if process.returncode:
        sys.exit(f"extract --engine {engine} ended with {process.returncode}: {said.decode()[-800:]}")
    return Cost(seconds, _cpu() - used, peaks[0])


def _cpu() -> float:
    """Seconds of CPU of all processes that this one has started and that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _watch(process: subprocess.Popen[bytes], peaks: list[float]) -> None:
    while process.poll() is None:
        peaks[0] = max(peaks[0], sum(_memory(pid) for pid in _family(process.pid)))
        time.sleep(0.2)


def _family(pid: int) -> list[int]:
    """The process and all below it."""
    try:
        children = [int(c) for task in Path(f"/proc/{pid}/task").iterdir() for c in (task / "children").read_text().split()]
    except OSError:
        return [pid]
    return [pid, *(one for child in children for one in _family(child))]


def _memory(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _sentences(root: Path) -> None:
    """The model alone, on one core: sentences of the development set."""
    from eventcoder.extraction.semantic.embedder import open_embedder
    from eventcoder.extraction.semantic.models import find_model
    from eventcoder.project import open_project

    lines = (Path(__file__).resolve().parents[1] / "raw" / "gold" / "development.jsonl").read_text("utf-8").splitlines()
    quotes = list({s["quote"] for line in lines for s in json.loads(line)["statements"]})
    project = open_project(root)
    files = find_model(project.settings.semantic_model, project.root)
    for name, exact in (("eight bits", False), ("floats", True)):
        start = time.perf_counter()
        embedder = open_embedder(files, exact=exact)
        opened = time.perf_counter() - start
        start = time.process_time()
        embedder.embed(quotes)
        rate = len(quotes) / (time.process_time() - start)
        print(f"{'model, ' + name:<22} {rate:7.0f} sentences/s on one core ({sum(map(len, quotes)) / len(quotes):.0f} characters each), ", end="")
        print(f"opened in {opened:.2f} s", flush=True)
