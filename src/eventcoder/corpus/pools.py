"""Hands on one machine: processes of its own. Floor 5.

Processes are started afresh (`spawn`) and open the recipe for themselves: a fork would share connections to SQLite and the threads of Arrow.
A worker that dies (out of memory, a fault in a library) costs no more than the document over which it died: its pieces are read again one
document at a time, and the one that kills its worker when alone is reported.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import queue
import signal
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from eventcoder.corpus.pieces import Answer, not_read
from eventcoder.errors import EventcoderError, UsageError
from eventcoder.extraction.protocol import Text

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from eventcoder.corpus.recipe import Recipe

AHEAD = 2  # pieces that a worker has: one that it reads, one that waits for it
BUFFERED = 8  # pieces a worker that may be under way or wait for an earlier one
PATIENCE = 900.0  # seconds without an answer after which a worker is taken for stuck


@dataclass(eq=False, slots=True)
class Task:
    """A piece on its way: `answers` fills up, in any order."""

    texts: list[Text]
    answers: list[Answer | None]

    @property
    def whole(self) -> bool:
        return None not in self.answers


@dataclass(eq=False, slots=True)
class Part:
    """What a worker is given of a task: texts from `start` on."""

    task: Task
    start: int
    texts: list[Text]
    alone: bool = False  # read a second time, one text only

    def fill(self, answers: list[Answer]) -> None:
        self.task.answers[self.start : self.start + len(answers)] = answers

    def singly(self) -> list[Part]:
        """The same, one text each."""
        return [Part(self.task, self.start + n, [text], alone=True) for n, text in enumerate(self.texts)]


@dataclass(eq=False, slots=True)
class _Hand:
    process: SpawnProcess
    connection: Connection
    parts: deque[Part] = field(default_factory=deque)
    since: float = 0.0
    ready: bool = False


class Processes:
    """`number` processes of this machine."""

    def __init__(self, recipe: Recipe, number: int, patience: float = PATIENCE) -> None:
        self._recipe = recipe
        self._number = number
        self._patience = patience
        self._hands: list[_Hand] = []
        self._again: deque[Part] = deque()

    def run(self, pieces: Iterable[list[Text]]) -> Iterator[list[Answer]]:
        """See `pieces.Pool`."""
        source = iter(pieces)
        order: deque[Task] = deque()
        more = True
        while True:
            while more and len(self._again) < self._number and len(order) < self._number * BUFFERED:
                texts = next(source, None)
                if texts is None:
                    more = False
                    break
                task = Task(texts, [None] * len(texts))
                order.append(task)
                if texts:
                    self._again.append(Part(task, 0, texts))
            self._give()
            while order and order[0].whole:
                yield [answer for answer in order.popleft().answers if answer is not None]
            if not order and not more:
                return
            if any(hand.parts for hand in self._hands):
                self._listen()

    def close(self) -> None:
        """End the workers."""
        for hand in self._hands:
            hand.connection.close()
            hand.process.terminate()
        for hand in self._hands:
            hand.process.join(5)
            if hand.process.is_alive():
                hand.process.kill()
                hand.process.join()
        self._hands = []

    def _give(self) -> None:
        """Hand out what waits: to those that have least, a new worker before a second piece for an old one."""
        while self._again:
            free = [hand for hand in self._hands if len(hand.parts) < AHEAD]
            hand = min(free, key=lambda h: len(h.parts), default=None)
            if (hand is None or hand.parts) and len(self._hands) < self._number:
                hand = self._start()
            if hand is None:
                return
            part = self._again.popleft()
            if not hand.parts:
                hand.since = time.monotonic()
            hand.parts.append(part)
            try:
                hand.connection.send(part.texts)
            except OSError:  # it died this moment
                self._bury(hand)

    def _start(self) -> _Hand:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs, self._recipe), daemon=True)
        process.start()
        theirs.close()
        hand = _Hand(process, ours)
        self._hands.append(hand)
        return hand

    def _listen(self) -> None:
        """Wait for something to happen, and take it in."""
        by_connection = {hand.connection: hand for hand in self._hands if hand.parts or not hand.ready}
        heard = wait(list(by_connection), timeout=5.0)
        for connection in heard:
            assert isinstance(connection, Connection)
            hand = by_connection[connection]
            try:
                told = connection.recv()
            except (EOFError, OSError):
                self._bury(hand)
                continue
            if isinstance(told, EventcoderError):
                raise told
            hand.since = time.monotonic()
            if told is None:
                hand.ready = True
            else:
                hand.parts.popleft().fill(told)
        for hand in self._hands:
            patience = self._patience if hand.ready else max(self._patience, PATIENCE)  # a worker may be slow to begin on a busy machine
            if hand.parts and time.monotonic() - hand.since > patience:
                hand.process.kill()
                self._bury(hand, f"it took longer than {self._patience / 60:.0f} minutes.")
                break

    def _bury(self, hand: _Hand, why: str = "") -> None:
        """A worker is gone: what it had is read again, one document at a time; a document that was alone with it is given up."""
        hand.connection.close()
        hand.process.join(5)
        self._hands.remove(hand)
        if not hand.ready:
            raise UsageError(
                f"A worker process could not be started ({_ended(hand.process.exitcode)}).",
                "Give --jobs 1 to read in this process, and see what it says.",
            )
        for number, part in enumerate(hand.parts):
            if number == 0 and part.alone:
                said = why or f"the worker process that read it died ({_ended(hand.process.exitcode)}); most often the memory was not enough."
                part.fill([not_read(part.texts[0], "reader-died", said)])
            elif number == 0:
                self._again.extendleft(reversed(part.singly()))
            else:
                self._again.append(part)


def serve(connection: Connection, recipe: Recipe) -> None:
    """What a worker process does: open the recipe, then read what comes until nobody is there any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all processes of the terminal; the first one ends the others
    with contextlib.suppress(OSError, EOFError):
        try:
            opened = recipe.open()
        except EventcoderError as error:
            connection.send(error)
            return
        connection.send(None)
        inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        threading.Thread(target=_receive, args=(connection, inbox), daemon=True).start()
        while (texts := inbox.get()) is not None:
            try:
                told: object = opened.read(texts)
            except EventcoderError as error:
                told = error
            connection.send(told)


def _receive(connection: Connection, inbox: queue.SimpleQueue[Any]) -> None:
    """Take pieces off the pipe while the worker reads: neither side ever waits for the other with a full pipe."""
    try:
        while True:
            inbox.put(connection.recv())
    except (EOFError, OSError):
        inbox.put(None)


def _ended(code: int | None) -> str:
    if code is None:
        return "it was stopped"
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"
