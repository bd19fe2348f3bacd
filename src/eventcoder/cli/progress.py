"""Signs of life for work that takes longer than a second: on a terminal only, on stderr, gone when the work is done. Floor 8."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager
from typing import Protocol, TypeVar

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
