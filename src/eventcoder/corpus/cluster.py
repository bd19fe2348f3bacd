"""Hands on other machines: the workers of a Dask scheduler (extra `cluster`). Floor 5.

Workers need the package and nothing of the project: word lists, registers and texts are sent. Each worker process opens the recipe once.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from eventcoder.corpus.pieces import Answer, not_read
from eventcoder.corpus.pools import Part, Task
from eventcoder.errors import MissingPart, UsageError
from eventcoder.extraction.protocol import Text

if TYPE_CHECKING:
    from eventcoder.corpus.recipe import Opened, Recipe

WAIT = "5s"  # for the scheduler to answer
AHEAD = 4  # pieces a thread of the cluster that may be under way
_ADDRESS = re.compile(r"(tcp|tls|ucx|ucxx|wss?)://[^/\s:]+:\d+/?|(tcp|tls|ucx|ucxx|wss?)://\[[0-9a-fA-F:]+\]:\d+/?")
_opened: OrderedDict[str, Opened] = OrderedDict()
_lock = threading.Lock()


class Cluster:
    """The workers of the scheduler at `address` ("tcp://host:8786"). Raises `MissingPart`, `UsageError`."""

    def __init__(self, recipe: Recipe, address: str) -> None:
        if not _ADDRESS.fullmatch(address):
            raise UsageError(f"{address!r} is not the address of a scheduler.", "It looks like tcp://host:8786, as 'dask scheduler' prints it.")
        try:
            self._dask: Any = import_module("distributed")  # has no types
        except ImportError:
            raise MissingPart("A cluster needs the package 'distributed'.", "Run: pip install 'eventcoder[cluster]'") from None
        try:
            self._client: Any = self._dask.Client(address, timeout=WAIT, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UsageError(
                f"No Dask scheduler answers at {address} ({type(error).__name__}).",
                "Start one with 'dask scheduler', and give the address that it prints.",
            ) from None
        threads = sum(self._client.nthreads().values())
        if not threads:
            self._client.close()
            raise UsageError(f"The scheduler at {address} has no worker.", f"Start some: dask worker {address} --nthreads 1 --nworkers -1")
        self._window = threads * AHEAD
        sent = recipe.for_other_machines()
        self._key = f"{recipe.key}-{recipe.form}-{'-'.join(recipe.expected)}"
        # a task, not scattered data: the scheduler makes it anew when the workers that had it died
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that it is large: it is sent once
            self._recipe = self._client.submit(handed_on, sent, pure=False)

    def run(self, pieces: Iterable[list[Text]]) -> Iterator[list[Answer]]:
        """See `pieces.Pool`. Workers take pieces as they are free; answers are given out in order."""
        waiting: deque[tuple[Any, Task]] = deque()
        for texts in pieces:
            task = Task(texts, [None] * len(texts))
            waiting.append((self._submit(texts), task))
            if len(waiting) >= self._window:
                yield self._take(*waiting.popleft())
        while waiting:
            yield self._take(*waiting.popleft())

    def close(self) -> None:
        """Give up what is under way; the cluster stays."""
        self._client.close()

    def _submit(self, texts: list[Text]) -> Any:
        return self._client.submit(read_there, self._recipe, self._key, texts, pure=False) if texts else None

    def _take(self, future: Any, task: Task) -> list[Answer]:
        """Wait for one piece. Where workers died over it, its documents go out one at a time, and the one that kills them again is reported."""
        killed: type[Exception] = self._dask.KilledWorker
        if future is not None:
            whole = Part(task, 0, task.texts)
            try:
                whole.fill(_result(future))
            except killed:
                for part in whole.singly():
                    try:
                        part.fill(_result(self._submit(part.texts)))
                    except killed as error:
                        died = f"workers of the cluster died over it ({_where(error)} the last); most often the memory was not enough."
                        part.fill([not_read(part.texts[0], "reader-died", died)])
        return [answer for answer in task.answers if answer is not None]


def _where(error: Any) -> str:
    return str(getattr(error.last_worker, "address", error.last_worker))


def _result(future: Any) -> list[Answer]:
    """What a worker answered. Raises `UsageError` where the cluster is gone or cannot run our code, `KilledWorker` where workers died over it."""
    from concurrent.futures import CancelledError

    try:
        answers: list[Answer] = future.result()
    except (CancelledError, OSError) as error:
        raise UsageError(
            f"The cluster was lost ({type(error).__name__}).", "What was stored is kept: start it again and repeat the command."
        ) from None
    except (ImportError, AttributeError, RuntimeError) as error:
        if type(error).__name__ == "KilledWorker":
            raise
        raise UsageError(
            f"The cluster cannot run this ({type(error).__name__}: {error}).",
            "Install the same eventcoder on scheduler and workers, with the engine's extra.",
        ) from error
    return answers


def handed_on(recipe: Recipe) -> Recipe:
    """The recipe, on a worker."""
    return recipe


def read_there(recipe: Recipe, key: str, texts: list[Text]) -> list[Answer]:
    """Read a piece in a worker process of the cluster. Its threads take turns: an engine reads one piece at a time."""
    with _lock:
        opened = _opened.get(key)
        if opened is None:
            while len(_opened) > 1:  # a worker outlives many runs
                _opened.popitem(last=False)[1].close()
            opened = _opened[key] = recipe.open()
        return opened.read(texts)
