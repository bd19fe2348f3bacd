"""A generator that runs ahead in a thread of its own, by a few items. Floor 5.

What it raises is raised where its items are taken; when nobody takes any more, it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, Full, Queue
from threading import Event
from typing import TypeVar

T = TypeVar("T")
WAIT = 0.05  # seconds after which a waiting side looks whether the other is still there


def pumped(make: Callable[[], Iterator[T]], ahead: int = 2) -> Iterator[T]:
    """The items of `make()`, which is called and gone through in another thread."""
    box: Queue[T] = Queue(ahead)
    stop = Event()

    def run() -> None:
        for item in make():
            while not stop.is_set():
                try:
                    box.put(item, timeout=WAIT)
                    break
                except Full:
                    continue
            if stop.is_set():
                return

    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(run)
        try:
            while True:
                try:
                    yield box.get(timeout=WAIT)
                except Empty:
                    if running.done() and box.empty():
                        running.result()
                        return
        finally:
            stop.set()
