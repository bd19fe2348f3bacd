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
from collections.abc import Iterator
from typing import IO

from eventcoder.errors import ReleaseError, UsageError
from eventcoder.releases.storage import scrubbed, shown

TIMEOUT = 30  # seconds without an answer
BLOCK = 1 << 20
PATIENCE = 60.0  # seconds after which a server that sends less than `SLOWEST` is given up
SLOWEST = 1000  # bytes a second


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
            while block := answer.read1(BLOCK):
                had += len(block)
                yield block
                spent = time.monotonic() - began
                if spent > PATIENCE and had < spent * SLOWEST:
                    raise Unreachable(f"{shown(url)} sends only {had:,} bytes in {spent:.0f} seconds.", "Try again later.")
        if announced is not None and had < announced:
            raise Unreachable(f"{shown(url)} breaks off after {had:,} of {announced:,} bytes (other sha256).", "Try again.")
    except urllib.error.HTTPError as error:
        kind = Unreachable if error.code >= 500 or error.code in (408, 429) else ReleaseError
        error.close()
        raise kind(f"{shown(url)} cannot be read: the server answers {error.code} {error.reason}.", "Check the address and the network.") from None
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        why = scrubbed(str(getattr(error, "reason", "") or error or type(error).__name__), url)
        raise Unreachable(
            f"{shown(url)} cannot be read: {why}.", "Check the address and the network, and the clock if certificates are refused."
        ) from None


def _open(url: str) -> http.client.HTTPResponse:
    parts = urllib.parse.urlsplit(url)
    headers = {"User-Agent": "eventcoder"}
    user, at, host = parts.netloc.rpartition("@")
    try:
        _ = parts.port
    except ValueError:
        raise UsageError(f"{shown(url)} is no address that releases can be read from.", "The port is no number.") from None
    if not host:
        raise UsageError(f"{shown(url)} is no address that releases can be read from.", "It names no host.")
    if at:
        headers["Authorization"] = "Basic " + base64.b64encode(urllib.parse.unquote(user).encode()).decode()
        url = parts._replace(netloc=host).geturl()
    opener = urllib.request.build_opener(_Redirects)
    answer: http.client.HTTPResponse = opener.open(urllib.request.Request(url, headers=headers), timeout=TIMEOUT)
    return answer
