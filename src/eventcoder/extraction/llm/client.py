"""One OpenAI-compatible endpoint over HTTP: ask, try again within bounds, say plainly what went wrong. Floor 5.

The standard library is enough: one POST with JSON in and out. A client library would bring its own retries and caches beside ours, which a replay
and a budget must know in full, and a dependency that changes weekly. Redirects are not followed: a text goes where the settings say, nowhere else.
The key comes from EVENTCODER_LLM_KEY, is sent as a header, and is taken out of every message.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

from eventcoder import __version__
from eventcoder.clock import now
from eventcoder.errors import EventcoderError, UsageError

KEY = "EVENTCODER_LLM_KEY"
TRIES = 5
TRIES_AFTER_TIMEOUT = 2  # who did not answer in time will hardly do so the third time, and every wait is long
LONGEST_WAIT = 120.0  # seconds; an endpoint that asks for more is given up
BIGGEST = 16_000_000  # bytes of an answer
_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
_ABOUT_THE_REQUEST = frozenset({400, 404, 405, 413, 415, 422, 501})


class Unanswered(EventcoderError):
    """No answer, for the reason that `code` (of `schema/problems.csv`) names. `lasting`: another document would fare the same."""

    exit_code = 1

    def __init__(self, code: str, message: str, remedy: str = "", *, lasting: bool = False, unreachable: bool = False) -> None:
        super().__init__(message, remedy)
        self.code = code
        self.lasting = lasting
        self.unreachable = unreachable


class Unaccepted(Unanswered):
    """The endpoint read the request and does not take it as it is (400, 422): another form may do. `reason` is what it said."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(
            "llm-refused", f"the endpoint refuses the request ({status}: {reason})", "See what it says; docs/llm.md lists the usual causes."
        )
        self.status = status
        self.reason = reason


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Endpoint:
    """An address with the way to it. `sleep` and `clock` are passed in so that tests need not wait."""

    def __init__(self, url: str, key: str, timeout: float, *, sleep: Callable[[float], object], clock: Callable[[], float] = time.monotonic) -> None:
        self.url = address_of(url)
        self.shown = url.strip()
        self._key = key
        self._timeout = timeout
        self._sleep = sleep
        self._clock = clock
        self.stopped = False
        host = urllib.parse.urlsplit(self.url).hostname or ""
        # A model on this machine is never behind a proxy, even where the environment names one for everything.
        own = host == "localhost" or host == "::1" or host.startswith("127.")
        handlers: list[urllib.request.BaseHandler] = [_Stay(), *([urllib.request.ProxyHandler({})] if own else [])]
        self._opener = urllib.request.build_opener(*handlers)

    def ask(self, body: bytes) -> dict[str, Any]:
        """The endpoint's answer as JSON. Raises `Unanswered` after the last try, `Unaccepted` at once for a request that it does not take."""
        timeouts = 0
        for attempt in range(1, TRIES + 1):
            wait = 2.0 ** (attempt - 1)
            try:
                return self._once(body)
            except urllib.error.HTTPError as error:
                with error:
                    trouble, asked = self._status(error), _retry_after(error)
                    again = error.code in _AGAIN
                if asked is not None:
                    wait = max(asked, 0.0)
            except TimeoutError:
                timeouts += 1
                again = timeouts < TRIES_AFTER_TIMEOUT
                trouble = Unanswered(
                    "llm-unreachable",
                    f"{self.shown} gave no answer within {self._timeout:g} seconds",
                    "Raise llm_timeout, or lower llm_parallel if the model is busy.",
                    unreachable=True,
                )
            except (http.client.HTTPException, OSError) as error:
                again = not isinstance(_reason(error), ssl.SSLCertVerificationError)
                trouble = Unanswered(
                    "llm-unreachable",
                    f"{self.shown} cannot be reached: {_why(error)}",
                    "Check llm_url and that the model's server is running.",
                    unreachable=True,
                )
            if not again or trouble.lasting or attempt == TRIES or not wait <= LONGEST_WAIT or self.stopped:
                raise trouble
            self._sleep(wait)
            if self.stopped:
                raise trouble
        raise AssertionError("unreachable")  # the loop always returns or raises

    def _once(self, body: bytes) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": f"eventcoder/{__version__}"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        request = urllib.request.Request(self.url, body, headers, method="POST")
        deadline = self._clock() + self._timeout
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                data = self._read(response, deadline)
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise TimeoutError from None
            raise
        try:
            answer = json.loads(data)
        except (ValueError, RecursionError):
            raise Unanswered(
                "llm-bad-answer",
                f"{self.shown} did not answer with JSON but with {self._clean(data.decode('utf-8', 'replace'))!r}",
                "llm_url must be an OpenAI-compatible address, usually ending in /v1.",
            ) from None
        if not isinstance(answer, dict):
            raise Unanswered("llm-bad-answer", f"{self.shown} answered with JSON of another form", "llm_url must be an OpenAI-compatible address.")
        return answer

    def _read(self, response: http.client.HTTPResponse, deadline: float) -> bytes:
        """The body, given up at the deadline even while it drips in."""
        blocks: list[bytes] = []
        size = 0
        while block := response.read1(65_536):
            blocks.append(block)
            size += len(block)
            if size > BIGGEST:
                raise Unanswered("llm-bad-answer", f"{self.shown} answered with more than {BIGGEST:,} bytes", "Ask another model.")
            if self._clock() > deadline:
                raise TimeoutError
        if response.length:  # announced, and the connection closed before it came
            raise http.client.IncompleteRead(b"", response.length)
        return b"".join(blocks)

    def _status(self, error: urllib.error.HTTPError) -> Unanswered:
        said = self._said(error)
        if error.code in (401, 403):
            told = f"{KEY} is set but not accepted" if self._key else f"{KEY} is not set"
            return Unanswered(
                "llm-refused", f"{self.shown} refuses access ({error.code}: {said}); {told}", f"Set {KEY} to a valid key.", lasting=True
            )
        if error.code in range(300, 400):
            to = self._clean(str(error.headers.get("Location") or "another address"))
            return Unanswered(
                "llm-refused",
                f"{self.shown} sends on to {to}; texts go nowhere but to llm_url",
                "Put that address into llm_url if you trust it.",
                lasting=True,
            )
        if error.code == 402 or "insufficient_quota" in said:
            return Unanswered("llm-refused", f"{self.shown} asks for payment ({error.code}: {said})", "Settle the account there.", lasting=True)
        if error.code in _ABOUT_THE_REQUEST:
            return Unaccepted(error.code, said)
        return Unanswered(
            "llm-unreachable", f"{self.shown} fails ({error.code}: {said})", "Try again later; what was answered is kept.", unreachable=True
        )

    def _said(self, error: urllib.error.HTTPError) -> str:
        """The endpoint's own message, short and without the key."""
        try:
            data = error.read(65_536).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            return str(error.reason)
        try:
            found = json.loads(data)
        except (ValueError, RecursionError):
            return self._clean(data) or str(error.reason)
        for name in ("error", "message", "detail"):
            found = found.get(name, found) if isinstance(found, dict) else found
        return self._clean(found if isinstance(found, str) else data)

    def _clean(self, text: str) -> str:
        if self._key:
            text = text.replace(self._key, "***")
        text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        return text[:300] + ("…" if len(text) > 300 else "")


def address_of(url: str) -> str:
    """The address for chat completions at `llm_url`. Raises `UsageError` for what is no web address, or holds a password."""
    url = url.strip()
    try:
        parts = urllib.parse.urlsplit(url)
        parts.port  # noqa: B018  raises ValueError for a port that is none
    except ValueError:
        parts = urllib.parse.SplitResult("", "", "", "", "")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"llm_url = {url!r} is not a web address.", 'Write it in eventcoder.toml, e.g. llm_url = "http://localhost:11434/v1".')
    if parts.username or parts.password:
        raise UsageError("llm_url holds a name or password.", f"Take it out, and set {KEY} in the environment instead.")
    path = parts.path.rstrip("/")
    if not path.endswith("/chat/completions"):
        path += "/chat/completions"
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def _retry_after(error: urllib.error.HTTPError) -> float | None:
    """Seconds that the endpoint asks to wait, given as a number or as a date."""
    told = error.headers.get("Retry-After") if error.headers else None
    if not told:
        return None
    try:
        return float(told)
    except ValueError:
        pass
    try:
        return (parsedate_to_datetime(told) - now()).total_seconds()
    except (ValueError, TypeError):
        return None


def _reason(error: BaseException) -> object:
    return error.reason if isinstance(error, urllib.error.URLError) else error


def _why(error: BaseException) -> str:
    reason = _reason(error)
    if isinstance(reason, socket.gaierror):
        return "its name is not known"
    if isinstance(reason, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(reason, ssl.SSLError):
        return f"its certificate or encryption is not accepted ({reason.reason or reason})"
    if isinstance(reason, http.client.HTTPException | ConnectionError):
        return "the connection broke off"
    return str(reason) or type(reason).__name__
