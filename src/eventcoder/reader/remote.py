"""Releases over HTTP(S): fetched once, verified by hash, kept in the user's cache, readable offline afterwards. Floor 7.

Layout of the cache (`EVENTCODER_CACHE`, else the system's folder for caches):

    files/<sha256>              a file of a release under the hash that its manifest gives; damaged ones are fetched again
    lists/<sha256 of URL>.json  the last versions.json of a URL, for when the network is away
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import warnings
from datetime import UTC, datetime
from pathlib import Path

from eventcoder.errors import ReleaseError, UsageError
from eventcoder.releases.package import file_facts

TIMEOUT = 30  # seconds without an answer
SMALL = 64_000_000  # bytes; lists and manifests
_BLOCK = 1 << 20


def cache_folder() -> Path:
    """Where fetched files are kept."""
    named = os.environ.get("EVENTCODER_CACHE")
    if named:
        return Path(named)
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "eventcoder" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "eventcoder"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "eventcoder"


def fetch_list(url: str) -> bytes:
    """A file that may change (versions.json): the newest, else with a warning the one of last time. Raises `ReleaseError` if there is neither."""
    kept = cache_folder() / "lists" / f"{hashlib.sha256(url.encode()).hexdigest()}.json"
    try:
        data = _get(url)
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        if isinstance(error, urllib.error.HTTPError) or not kept.is_file():
            raise ReleaseError(f"{url} cannot be read: {_why(error)}.", "Check the address and the network.") from None
        day = datetime.fromtimestamp(kept.stat().st_mtime, UTC).date()
        warnings.warn(f"{url} cannot be reached; the list of versions is the one of {day} and may be old.", UserWarning, stacklevel=4)
        return kept.read_bytes()
    _keep(kept, data)
    return data


def fetch_file(url: str, sha256: str, size: int | None = None) -> Path:
    """A file that never changes, from the cache if it is there and intact. Raises `ReleaseError` if what comes is not what was announced."""
    kept = cache_folder() / "files" / sha256
    if kept.is_file() and file_facts(kept).sha256 == sha256:
        return kept
    try:
        _download(url, kept, sha256, size)
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        raise ReleaseError(f"{url} cannot be read: {_why(error)}.", "Check the network and try again; nothing damaged was kept.") from None
    return kept


def join(base: str, *parts: str) -> str:
    """The URL of a file below a folder's URL."""
    return "/".join([base.rstrip("/"), *(urllib.parse.quote(p) for p in parts)])


def _open(url: str) -> http.client.HTTPResponse:
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise UsageError(f"{url} is no address that releases can be read from.", "Use http:// or https://, or a folder.")
    request = urllib.request.Request(url, headers={"User-Agent": "eventcoder"})
    answer: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=TIMEOUT)
    return answer


def _get(url: str) -> bytes:
    with _open(url) as answer:
        data = answer.read(SMALL + 1)
    if len(data) > SMALL:
        raise ReleaseError(f"{url} is larger than a list of versions can be.", "Check the address.")
    return data


def _download(url: str, kept: Path, sha256: str, size: int | None) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=kept.parent, prefix=".part-")
    temporary = Path(name)
    try:
        found, had = hashlib.sha256(), 0
        with os.fdopen(handle, "wb") as out, _open(url) as answer:
            while block := answer.read(_BLOCK):
                had += len(block)
                if size is not None and had > size:
                    break
                found.update(block)
                out.write(block)
        if found.hexdigest() != sha256 or (size is not None and had != size):
            raise ReleaseError(f"{url} is not what the release's manifest announces (other sha256).", "Try again; tell the publisher if it stays so.")
        temporary.replace(kept)
    finally:
        temporary.unlink(missing_ok=True)


def _keep(path: Path, data: bytes) -> None:
    """Keep a copy for offline use; a cache that cannot be written only means that there is none."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        Path(name).replace(path)


def _why(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answers {error.code} {error.reason}"
    return str(getattr(error, "reason", "") or error or type(error).__name__)
