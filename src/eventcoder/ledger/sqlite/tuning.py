"""How SQLite is set while a bulk import lasts, and how its file is made small again. SQLite's own. Floor 2."""

from __future__ import annotations

import os
import sys
import time as clocks
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from eventcoder.errors import LedgerError
from eventcoder.ledger.sqlite.store import SqliteStore

CACHE = 320_000  # kB: the indexes of entries, touched at random, of nearly three million
LOG, PART = 400_000_000, 8  # the write-ahead log is carried over at so many bytes, or that part of the file: pages that change often are written once
SORTED = 32_000  # kB that are sorted at a time
SORTERS = 2  # threads that sort for an index beside the one that writes
PATIENCE = 200  # milliseconds
NOTICED, TURN = 0.05, 0.11  # seconds
SWITCH_SECONDS = 0.0005  # for a thread that computes beside: each statement would else wait 5 ms for the interpreter, several times
WORTH_SHRINKING = 64_000_000  # bytes
SMALL_ENOUGH = 256_000_000
_NORMAL, _FULL = 1, 2


@contextmanager
def tuned(store: SqliteStore) -> Iterator[None]:
    """Settings for storing very many unseen entries. Until `durable` a commit may be lost with the machine (not with the process); the file holds
    together all the same."""
    names = ("cache_size", "wal_autocheckpoint", "synchronous", "threads")
    before = [_setting(store, name) for name in names]
    interval = sys.getswitchinterval()
    spared = _NORMAL if _setting(store, "synchronous") == _FULL else before[2]  # a rollback journal is never spared
    for name, value in zip(names, (-CACHE, 0, spared, SORTERS), strict=True):
        store.rows(f"PRAGMA {name}={value}")
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        store.roll_back()  # in a transaction that Ctrl-C left open nothing can be set
        for name, value in zip(names, before, strict=True):
            store.rows(f"PRAGMA {name}={value}")
        store.rows("PRAGMA shrink_memory")
        carry_over(store)


def flush(store: SqliteStore) -> None:
    """Bring what was committed to the disk without holding any lock: a coder's commit, which has to, would wait for all of it. And carry over a log
    that has grown large: left to itself it would grow on, since it begins anew only when nobody has committed since."""
    log = store.path.with_name(store.path.name + "-wal")
    try:
        if log.stat().st_size > max(LOG, store.path.stat().st_size // PART):
            carry_over(store)
            return
        handle = os.open(log, os.O_RDWR)
    except OSError:
        return  # no such log, or not ours: the seal is durable by itself
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def carry_over(store: SqliteStore) -> None:
    """Write the log into the file and empty it: nearly all while others write, the rest with a moment's lock. A long reader is not waited for."""
    wait = _setting(store, "busy_timeout")
    store.rows(f"PRAGMA busy_timeout={PATIENCE}")
    try:
        with suppress(LedgerError):
            store.rows("PRAGMA wal_checkpoint(PASSIVE)")
            store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        store.rows(f"PRAGMA busy_timeout={wait}")


@contextmanager
def long_writing(store: SqliteStore) -> Iterator[None]:
    """A writing transaction that may take a while. Afterwards others get their turn: who waits for the lock asks for it every tenth of a second,
    and would miss a shorter moment again and again."""
    began = clocks.monotonic()
    with store.writing():
        yield
    flush(store)
    if clocks.monotonic() - began > NOTICED:
        clocks.sleep(TURN)


@contextmanager
def sorting(store: SqliteStore) -> Iterator[None]:
    """For making indexes: with a small cache SQLite sorts by pieces, which other threads do (a third less time than in one piece)."""
    cache = _setting(store, "cache_size")
    store.rows(f"PRAGMA cache_size=-{SORTED}")
    try:
        yield
    finally:
        store.rows(f"PRAGMA cache_size={cache}")


def durable(store: SqliteStore) -> None:
    """End what `tuned` spares: from now on what is committed, with all before it, is on disk."""
    if _setting(store, "synchronous") == _NORMAL:
        store.execute(f"PRAGMA synchronous={_FULL}")


def shrink(store: SqliteStore) -> None:
    """Give the space of what was removed back to the disk, where the rest of the file is small; else later entries will fill it."""
    pages, free, size = (_setting(store, name) for name in ("page_count", "freelist_count", "page_size"))
    if free * size > WORTH_SHRINKING and (pages - free) * size < SMALL_ENOUGH:
        with suppress(LedgerError):  # no space for a copy, or others at work: nothing is lost
            store.execute("VACUUM")
            store.wipe_traces()


def _setting(store: SqliteStore, name: str) -> int:
    return int(store.rows(f"PRAGMA {name}")[0][0])
