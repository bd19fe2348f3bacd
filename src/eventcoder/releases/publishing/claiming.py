"""One publisher at a time in a store, which has no locks: a claim that its holder keeps renewing. Floor 6.

The claim is a small file. It names its holder by a token of the project on this machine, so that a publication that was killed is taken up again
at once by the next one from there. A claim of somebody else counts as living as long as it changes: it is watched for `PATIENCE` seconds, and
no clock of one machine is compared with that of another.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from eventcoder.errors import ReleaseError
from eventcoder.releases.storage import Store

CLAIM = ".publishing.json"
BEAT = 5.0  # seconds between two signs of life
PATIENCE = 20.0  # seconds without one after which a claim is taken for abandoned
_LARGEST = 4096  # bytes


class Claim:
    """The right to publish; `held` asks the store whether it is still ours."""

    def __init__(self, store: Store, token: str) -> None:
        self._store = store
        self._token = token
        self._beats = 0
        self._ended = threading.Event()

    def take(self) -> None:
        """Raises `ReleaseError` if another publisher is at work."""
        found = self._store.read(CLAIM, _LARGEST)
        if found is not None and _holder(found) != self._token:
            self._watch(found)
            found = self._store.read(CLAIM, _LARGEST)
        if not self._store.write(CLAIM, self._said(), new=found is None) or not self.held():
            raise self._busy()

    def held(self) -> bool:
        """Whether the claim in the store is ours."""
        found = self._store.read(CLAIM, _LARGEST)
        return found is not None and _holder(found) == self._token

    def renew(self) -> None:
        """Give signs of life until `end`."""
        while not self._ended.wait(BEAT):
            with suppress(ReleaseError):  # what is wrong with the store shows itself where the work is done
                if not self.held():
                    return
                self._beats += 1
                self._store.write(CLAIM, self._said())

    def end(self) -> None:
        """No further signs of life."""
        self._ended.set()

    def _watch(self, found: bytes) -> None:
        for _ in range(10):
            time.sleep(PATIENCE / 10)
            now = self._store.read(CLAIM, _LARGEST)
            if now is None:
                return
            if now != found:
                raise self._busy()

    def _said(self) -> bytes:
        return json.dumps({"by": self._token, "beat": self._beats}).encode()

    def _busy(self) -> ReleaseError:
        return ReleaseError(f"Somebody else is publishing to {self._store.shown} right now.", "Wait until it is done and run this again.")


@contextmanager
def claimed(store: Store, state: Path) -> Iterator[Claim]:
    """Hold the store for one publication. `state` is a folder of the project in which its token is kept."""
    claim = Claim(store, _token(state))
    claim.take()
    beating = threading.Thread(target=claim.renew, daemon=True)
    beating.start()
    try:
        yield claim
    finally:
        claim.end()
        beating.join(BEAT)
        with suppress(ReleaseError):
            if claim.held():
                store.remove(CLAIM)


def _holder(data: bytes) -> str | None:
    try:
        found = json.loads(data)
    except ValueError:
        return None
    return found.get("by") if isinstance(found, dict) else None


def _token(state: Path) -> str:
    """Who we are: the same at every run from this folder of this machine, another one in a copy of the project elsewhere."""
    path = state / "token"
    state.mkdir(parents=True, exist_ok=True)
    if not path.is_file():
        aside = path.with_name(f"token.{os.getpid()}")
        aside.write_text(secrets.token_hex(16), "ascii")
        aside.replace(path)
    told = f"{path.read_text('ascii')} {socket.gethostname()} {path.resolve()}"
    return hashlib.sha256(told.encode()).hexdigest()[:32]
