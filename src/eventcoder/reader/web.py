"""Files over HTTP(S), in pieces, from servers that may be slow, gone, or not what they seem. Floor 7.

Redirects are followed to http and https only, never from https to http; a name and password in the address go to its own host and no further.
"""

from __future__ import annotations

import base64
import http.client
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Iterator
from typing import IO

from eventcoder.errors import EventcoderError, ReleaseError, UsageError
from eventcoder.releases.storage import scrubbed, shown

TIMEOUT = 30  # seconds without an answer
BLOCK = 1 << 20
PATIENCE = 60.0  # seconds after which a server that sends less than `SLOWEST` is given up
SLOWEST = 1000  # bytes a second

_REMEDIES = {
    401: "It asks for a name and a password: write https://NAME:PASSWORD@host/...",
    403: "You may not read it: ask the publisher, also for a fresh address if yours is signed and has run out.",
    407: "The proxy asks for a name and a password: write them into https_proxy.",
}


class Unreachable(ReleaseError):
    """Nothing, or nothing whole, came back: what was kept from last time may serve."""


class _Redirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        old, new = urllib.parse.urlsplit(req.full_url), urllib.parse.urlsplit(newurl)
        if new.scheme not in ("http", "https") or (old.scheme == "https" and new.scheme == "http"):
            raise Unreachable(
                f"{shown(req.full_url)} sends on to {shown(newurl)}, which is not followed.", "Ask the publisher for the right address."
            )
        made = super().redirect_request(req, fp, code, msg, headers, newurl)
        if made is not None and (old.hostname, old.port) != (new.hostname, new.port):
            made.remove_header("Authorization")
        return made


def pieces(url: str) -> Iterator[bytes]:
    """The bytes behind a URL.

    Raises `Unreachable` when nothing comes, or less than the server announced; `ReleaseError` when it says that there is no such file or that it
    may not be read; `UsageError` for an address that is none. No message shows a password or a signature of the address.
    """
    began, had = time.monotonic(), 0
    try:
        with _open(url) as answer:
            announced = answer.length
            unpack = _packing(answer, url)
            while block := answer.read1(BLOCK):
                had += len(block)
                yield from _plain(block, unpack)
                spent = time.monotonic() - began
                if spent > PATIENCE and had < spent * SLOWEST:
                    raise Unreachable(f"{shown(url)} sends only {had:,} bytes in {spent:.0f} seconds.", "Try again later.")
        if announced is not None and had < announced:
            raise Unreachable(f"{shown(url)} breaks off after {had:,} of {announced:,} bytes (other sha256).", "Try again.")
        if unpack is not None and not unpack.eof:
            raise Unreachable(f"{shown(url)} breaks off after {had:,} packed bytes.", "Try again.")
    except urllib.error.HTTPError as error:
        kind = Unreachable if error.code >= 500 or error.code in (408, 429) else ReleaseError
        error.close()
        remedy = _REMEDIES.get(error.code, "Check the address and the network.")
        raise kind(f"{shown(url)} cannot be read: the server answers {error.code} {_line(error.reason)}.", remedy) from None
    except EventcoderError:
        raise
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError, zlib.error) as error:  # ValueError: sent on to no address
        why = _line(scrubbed(str(getattr(error, "reason", "") or error or type(error).__name__), url))
        clock = ", and the clock: an old or a future day refuses certificates" if "certificate" in why.lower() else ""
        raise Unreachable(f"{shown(url)} cannot be read: {why}.", f"Check the address and the network{clock}.") from None


def _packing(answer: http.client.HTTPResponse, url: str) -> zlib._Decompress | None:
    """How to unpack what a server packed that nobody asked to. Raises `Unreachable` for a way that is not known."""
    packed = (answer.headers.get("Content-Encoding") or "identity").strip().lower()
    if packed in ("gzip", "x-gzip"):
        return zlib.decompressobj(31)
    if packed not in ("identity", ""):
        raise Unreachable(f"{shown(url)} comes packed ({_line(packed)}), which nobody asked for.", "Tell the publisher.")
    return None


def _plain(block: bytes, unpack: zlib._Decompress | None) -> Iterator[bytes]:
    """What a block says, in pieces that are no larger however much was packed into it."""
    if unpack is None:
        yield block
        return
    while block:
        yield unpack.decompress(block, BLOCK)
        block = unpack.unconsumed_tail


def _line(said: str) -> str:
    """What a server said, on one line and without what a terminal would obey."""
    return " ".join("".join(c if c.isprintable() else " " for c in said).split())[:300]


def _open(url: str) -> http.client.HTTPResponse:
    headers = {"User-Agent": "eventcoder"}
    try:
        parts = urllib.parse.urlsplit(url)
        user, at, host = parts.netloc.rpartition("@")
        _ = parts.port
    except ValueError as error:
        what = "The port is no number." if "ort" in str(error) else f"{error}."
        raise UsageError(f"{shown(url)} is no address that releases can be read from.", what) from None
    if not host:
        raise UsageError(f"{shown(url)} is no address that releases can be read from.", "It names no host.")
    if at:
        headers["Authorization"] = "Basic " + base64.b64encode(urllib.parse.unquote(user).encode()).decode()
        url = parts._replace(netloc=host).geturl()
    opener = urllib.request.build_opener(_Redirects)
    answer: http.client.HTTPResponse = opener.open(urllib.request.Request(url, headers=headers), timeout=TIMEOUT)
    return answer
