"""A real HTTP server on loopback that plays an OpenAI-compatible endpoint, and an engine that asks it."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from eventcoder.event import Document
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.llm import LlmEngine
from eventcoder.extraction.protocol import Extracted, Text
from eventcoder.project import Project, Settings

WORLD = "eventcoder-secret-0123456789"


@dataclass
class Response:
    """What the server sends: by default a completion whose content is `content`."""

    content: str = '{"statements": []}'
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None  # the whole body instead
    delay: float = 0.0
    drip: float = 0.0  # seconds between pieces of ten bytes
    hang_up: bool = False  # announce more than is sent
    finish: str = "stop"
    usage: dict[str, int] | None = field(default_factory=lambda: {"prompt_tokens": 6000, "completion_tokens": 150})

    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        choice = {"index": 0, "message": {"role": "assistant", "content": self.content}, "finish_reason": self.finish}
        out: dict[str, Any] = {"id": "c", "object": "chat.completion", "model": "tiny", "choices": [choice]}
        if self.usage is not None:
            out["usage"] = self.usage
        return json.dumps(out).encode()


def says(*statements: dict[str, Any], **more: Any) -> Response:
    """An answer with these statements."""
    return Response(json.dumps({"statements": list(statements)}, ensure_ascii=False), **more)


def refuses(status: int, message: str, **headers: str) -> Response:
    """An error in the form in which endpoints tell them."""
    return Response(status=status, raw=json.dumps({"error": {"message": message, "type": "invalid_request_error"}}).encode(), headers=headers)


Reply = Callable[[dict[str, Any], int], Response]


class Server:
    """Records what it was asked; `reply(request, number)` gives the answers."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.reply: Reply = lambda request, number: Response()
        self.at_once = 0
        self.most_at_once = 0
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with outer._lock:
                    outer.requests.append(json.loads(body))
                    outer.headers.append(dict(self.headers))
                    outer.paths.append(self.path)
                    number = len(outer.requests)
                    outer.at_once += 1
                    outer.most_at_once = max(outer.most_at_once, outer.at_once)
                try:
                    response = outer.reply(outer.requests[number - 1], number)
                    time.sleep(response.delay)
                finally:
                    with outer._lock:
                        outer.at_once -= 1  # before the answer goes out: a client that has it may ask the next thing at once
                with suppress(BrokenPipeError, ConnectionResetError):  # the client did not wait
                    self._send(response)

            def _send(self, response: Response) -> None:
                data = response.body()
                self.send_response(response.status)
                for name, value in response.headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data) + (500 if response.hang_up else 0)))
                self.end_headers()
                for at in range(0, len(data), 10 if response.drip else len(data)) if data else ():
                    self.wfile.write(data[at : at + (10 if response.drip else len(data))])
                    self.wfile.flush()
                    time.sleep(response.drip)

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def asked_about(self, number: int = -1) -> str:
        """The user's message of a request."""
        return str(self.requests[number]["messages"][-1]["content"])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("EVENTCODER_LLM_KEY", WORLD)
    monkeypatch.delenv("EVENTCODER_LLM_REPLAY", raising=False)
    one = Server()
    yield one
    one.close()


def text_of(text: str, published: str | None = "2026-05-07", language: str | None = None, visibility: Any = "public") -> Text:
    """A document as it lies in a project."""
    sha = hashlib.sha256(text.encode()).hexdigest()
    day = date.fromisoformat(published) if published else None
    return Text(Document(id=sha[:16], sha256=sha, length=len(text), published=day, language=language, visibility=visibility), text)


class Bench:
    """Opens engines on one project folder and reads with them; `slept` holds how long they would have waited."""

    def __init__(self, kit: Kit, root: Path, server: Server) -> None:
        self.kit = kit
        self.root = root
        self.server = server
        self.slept: list[float] = []
        self.engine: LlmEngine | None = None

    def project(self, **settings: Any) -> Project:
        return Project(self.root, Settings(**{"llm_url": self.server.url, "llm_model": "tiny", "llm_timeout": 5.0, **settings}))

    def open(self, replay: bool = False, **settings: Any) -> LlmEngine:
        self.engine = LlmEngine(self.kit, self.project(**settings), replay=replay, sleep=self.slept.append)
        return self.engine

    def read(self, *texts: Text, replay: bool = False, **settings: Any) -> list[Extracted]:
        engine = self.open(replay, **settings)
        try:
            out = list(engine.read(texts))
        finally:
            engine.close()
        for one, text in zip(out, texts, strict=True):
            assert one.document == text.document.id
            for draft in one.drafts:
                for span in (draft.statement, *(s for spans in draft.evidence.values() for s in spans)):
                    assert text.text[span.start : span.end] == span.quote  # evidence is always verbatim
                for count in draft.counts:
                    assert count.start is not None and text.text[count.start : count.end] == count.words
        return out

    @property
    def cached(self) -> list[Path]:
        return sorted((self.root / ".eventcoder" / "llm").rglob("*.json"))


@pytest.fixture
def bench(kit: Kit, tmp_path: Path, server: Server) -> Bench:
    return Bench(kit, tmp_path, server)
