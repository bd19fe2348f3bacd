"""Signs of life for work that takes longer than a second: on a terminal only, on stderr, gone when the work is done. Floor 8."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from rich.progress import TaskID

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class SizedIterable(Sized, Iterable[T_co], Protocol[T_co]):
    """Something that can be counted and gone through."""


@contextmanager
def working(text: str) -> Iterator[None]:
    """A turning sign with a line of text while the block runs."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


def counted(items: SizedIterable[T], text: str) -> Iterator[T]:
    """Go through `items` with a bar that shows how many are done and the time left."""
    if not sys.stderr.isatty() or len(items) < 2:
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, description=text, console=Console(stderr=True), transient=True)


@contextmanager
def rows_done() -> Iterator[Callable[[str, int, float], None]]:
    """A bar for work on very many rows: gives a function to be told (what is being done, rows so far, share of the file from 0 to 1)."""
    if not sys.stderr.isatty():
        yield lambda phase, rows, share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows, {task.fields[rate]:,} a second"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(phase: str, rows: int, share: float) -> None:
            if phase not in tasks:
                tasks[phase] = bars.add_task(phase, total=1.0, rows=0, rate=0)
            elapsed = bars.tasks[tasks[phase]].elapsed or 0.0
            bars.update(tasks[phase], completed=share, rows=rows, rate=int(rows / elapsed) if elapsed else 0)

        yield tell
