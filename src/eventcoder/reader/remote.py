"""Releases by URL: fetched once, verified by hash, kept in the user's cache, readable offline afterwards. Floor 7.

`http://` and `https://` are read by `web`, every other URL (s3://, gs://, az:// ...) through fsspec. Layout of the cache
(`EVENTCODER_CACHE`, else the system's folder for caches):

    files/<sha256>              a file of a release under the hash that its manifest gives; damaged ones are fetched again
    lists/<sha256 of URL>.json  the last versions.json of a URL, for when the network is away
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
import time
import urllib.parse
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from eventcoder.errors import ReleaseError
from eventcoder.reader import web
from eventcoder.releases.manifest import parse_manifest
from eventcoder.releases.package import file_facts
from eventcoder.releases.storage import open_store, shown

T = TypeVar("T")
_LEFT = 86400.0  # seconds after which half a file is nobody's any more
SMALL = 64_000_000  # bytes; lists and manifests


def cache_folder() -> Path:
    """Where fetched files are kept. Raises `ReleaseError` where there is no home folder and none is named."""
    named = os.environ.get("EVENTCODER_CACHE")
    try:
        return Path(named).expanduser() if named else _usual()
    except RuntimeError as error:  # containers and services run as users without a home
        raise ReleaseError(f"There is no folder to keep fetched files in: {error}", "Name one in EVENTCODER_CACHE.") from None


def _usual() -> Path:
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "eventcoder" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "eventcoder"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "eventcoder"


def fetch_list(url: str, understood: Callable[[bytes, str], T]) -> T:
    """A file that may change (versions.json), as `understood` reads it: the newest, else with a warning the one of last time.

    Only what could be understood is kept. Raises `ReleaseError` if there is neither, and what `understood` raises for what a server that answers
    properly gives.
    """
    kept = cache_folder() / "lists" / f"{hashlib.sha256(shown(url).encode()).hexdigest()}.json"
    try:
        data = b"".join(_pieces(url, SMALL))
        _look(url, data)
    except web.Unreachable as error:
        try:
            then, data = datetime.fromtimestamp(kept.stat().st_mtime, UTC), kept.read_bytes()
            found = understood(data, "The list that was kept")
        except FileNotFoundError:
            raise ReleaseError(error.message, error.remedy) from None
        except (OSError, ReleaseError) as damaged:
            why = damaged.message if isinstance(damaged, ReleaseError) else f"{damaged.strerror}."
            said = f"{error.message} What was kept of it in {kept} cannot be used: {why}"
            raise ReleaseError(said, f"{error.remedy} Then it is kept anew.") from None
        days = int((time.time() - then.timestamp()) // 86400)
        age = f"{days} day{'' if days == 1 else 's'} old" if days >= 0 else "of a day that this machine's clock has not reached"
        said = f"{shown(url)} cannot be reached; the list of versions is the one of {then.date()} ({age}). {error.message}"
        warnings.warn(said, UserWarning, stacklevel=5)
        return found
    found = understood(data, shown(url))
    _keep(kept, data)
    return found


def _look(url: str, data: bytes) -> None:
    """Raises `web.Unreachable` for what is no list at all: the one of last time serves better."""
    if data.lstrip()[:1] == b"<":  # a page of a proxy, of a hotel's network, of a server that has moved
        raise web.Unreachable(f"{shown(url)} gives a web page instead of a list of versions.", "Check the address and the network.")
    try:
        json.loads(data)
    except RecursionError:
        return  # whoever understands lists says so
    except ValueError:  # empty; or half, on its way to the server, which copies it where readers read
        what = f"is not JSON ({len(data):,} bytes)" if data.strip() else "is empty"
        raise web.Unreachable(f"{shown(url)} {what}: it is no list of versions.", "Try again; tell the publisher if it stays so.") from None


def fetch_file(url: str, sha256: str, size: int | None = None) -> Path:
    """A file that never changes, from the cache if it is there and intact. Raises `ReleaseError` if what comes is not what was announced."""
    kept = cache_folder() / "files" / sha256
    if not intact(kept, sha256, size):
        download(url, kept, sha256, size)
    return kept


def forget(manifest_sha256: str) -> None:
    """Take a redacted version out of the cache: what its manifest, if it was ever fetched, names. What others share with it is fetched again."""
    folder = cache_folder() / "files"
    kept = folder / manifest_sha256
    with contextlib.suppress(OSError, ReleaseError):
        manifest, _ = parse_manifest(kept.read_bytes(), str(kept))
        for facts in manifest.files.values():
            (folder / facts.sha256).unlink(missing_ok=True)
        kept.unlink()


def intact(path: Path, sha256: str, size: int | None = None) -> bool:
    """Whether a file is there and holds what it should."""
    try:
        return path.is_file() and (size is None or path.stat().st_size == size) and file_facts(path).sha256 == sha256
    except OSError:
        return False


def download(url: str, to: Path, sha256: str, size: int | None = None) -> None:
    """Fetch a file beside `to`, verify it, and only then give it its name. Raises `ReleaseError`; nothing is left behind then."""
    temporary = None
    try:
        try:
            to.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=to.parent, prefix=".part-")
            temporary = Path(name)
            found, had = hashlib.sha256(), 0
            with os.fdopen(handle, "wb") as out:
                for block in _pieces(url, SMALL if size is None else size):
                    had += len(block)
                    found.update(block)
                    out.write(block)
            _expect(url, found.hexdigest() == sha256, had, size)
            temporary.replace(to)
            _sweep(to.parent)
        except OSError as error:
            remedy = "Make room or name another folder (EVENTCODER_CACHE, pull --to) and try again; nothing half fetched was kept."
            raise ReleaseError(f"{to.parent} cannot be written: {error.strerror or error}.", remedy) from None
        except web.Unreachable as error:
            raise ReleaseError(error.message, f"{error.remedy} Nothing damaged was kept.") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def join(base: str, *parts: str) -> str:
    """The URL of a file below a folder's URL; what follows a `?` stays at the end."""
    address, mark, query = base.partition("?")
    quote = urllib.parse.quote if address.startswith(("http://", "https://")) else str
    return "/".join([address.rstrip("/"), *(quote(p) for p in parts)]) + mark + query


def _sweep(folder: Path) -> None:
    """Remove what processes that were killed left here."""
    for path in folder.glob(".part-*"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _LEFT:
                path.unlink()


def _expect(url: str, same: bool, had: int, size: int | None) -> None:
    if size is not None and had < size:
        said = f"{shown(url)} breaks off after {had:,} of {size:,} bytes: it is not what the manifest announces (other sha256)."
    elif not same:
        said = f"{shown(url)} is not what the release's manifest announces (other sha256)."
    else:
        return
    raise ReleaseError(said, "Try again; tell the publisher if it stays so.")


def _pieces(url: str, most: int) -> Iterator[bytes]:
    """A file in pieces. Raises `web.Unreachable`, and `ReleaseError` for more than `most` bytes."""
    had = 0
    for block in web.pieces(url) if url.startswith(("http://", "https://")) else _stored(url):
        had += len(block)
        if had > most:
            raise ReleaseError(
                f"{shown(url)} is longer than announced: more than {most:,} bytes (other sha256).", "Check the address; tell the publisher."
            )
        yield block


def _stored(url: str) -> Iterator[bytes]:
    address, mark, query = url.partition("?")
    folder, _, name = address.rpartition("/")
    store = open_store(folder + mark + query)
    try:
        with store.opened(name) as handle:
            while block := handle.read(web.BLOCK):
                yield bytes(block)
    except ReleaseError as error:
        if "is not there" in error.message:
            raise
        raise web.Unreachable(error.message, error.remedy) from None


def _keep(path: Path, data: bytes) -> None:
    """Keep a copy for offline use; a cache that cannot be written only means that there is none."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(data)
            Path(name).replace(path)
            _sweep(path.parent)
        finally:
            Path(name).unlink(missing_ok=True)
