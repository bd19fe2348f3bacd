"""The engine `llm`: documents asked about at an OpenAI-compatible endpoint, answers kept, drafts made of what the text bears out. Floor 5.

Requests run in threads, `llm_parallel` at once; resolving and drafting stay in the thread that reads. A document is whole or it failed: one part
without an answer, and nothing of it is drafted, while the parts that were answered are kept and not asked again.
"""

from __future__ import annotations

import os
import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any

from eventcoder.documents.language import guess_language
from eventcoder.errors import EventcoderError, UsageError
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.llm.answer import BadAnswer, Statement, answer_schema, read_answer
from eventcoder.extraction.llm.budget import Account, expected, tokens_of
from eventcoder.extraction.llm.cache import Answers
from eventcoder.extraction.llm.client import KEY, Endpoint, Unanswered
from eventcoder.extraction.llm.drafts import drafts_of
from eventcoder.extraction.llm.prompt import message, system_prompt
from eventcoder.extraction.llm.requests import Asker
from eventcoder.extraction.llm.windows import MOST, SIZE, windows
from eventcoder.extraction.places import read_places
from eventcoder.extraction.protocol import Extracted, Text, Workers
from eventcoder.extraction.reading import ENGINE_VERSION
from eventcoder.identity import digest
from eventcoder.problem import Problem
from eventcoder.project import Project

ENGINE = "llm"
READING = "1"  # of what is made of an answer; part of the version beside model and prompt
REPLAY = "EVENTCODER_LLM_REPLAY"
PATIENCE = 5  # documents in a row that found nobody there; then the endpoint counts as gone
_LONGEST_MODEL = 40  # characters of the model's name in the version


@dataclass(slots=True)
class _Asked:
    """What came back for one document."""

    records: list[tuple[dict[str, Any], tuple[int, int]]] = field(default_factory=list)
    failure: Problem | None = None


class LlmEngine:
    """Reads any language that the model reads. See docs/llm.md.

    `replay` (default: `EVENTCODER_LLM_REPLAY`) answers from the cache alone and opens no connection. `account` holds the sums of the run,
    `summary()` says them. Raises `UsageError` for settings that lack or cannot be used.
    """

    name = ENGINE
    workers: Workers = "threads"

    def __init__(
        self,
        kit: Kit,
        project: Project,
        *,
        replay: bool | None = None,
        sleep: Callable[[float], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        settings = project.settings
        self.kit = kit
        self.replay = os.environ.get(REPLAY, "") not in ("", "0") if replay is None else replay
        if not settings.llm_model:
            raise UsageError("Which model to ask is not known.", 'Write llm_model = "..." into eventcoder.toml, as the endpoint calls it.')
        if not settings.llm_url and not self.replay:
            raise UsageError(
                "Where the model is asked is not known.", 'Write llm_url = "http://localhost:11434/v1" (or another) into eventcoder.toml.'
            )
        self._undisclosed = settings.llm_undisclosed
        self._parallel = max(1, settings.llm_parallel)
        self._stop = Event()
        self._lock = Lock()
        self._gone: Problem | None = None
        self._misses = 0
        self.account = Account(settings.llm_tokens, settings.llm_price_in, settings.llm_price_out)
        system, schema = system_prompt(kit.codebook, kit.schema_dir), answer_schema(kit.codebook)
        endpoint = None
        if not self.replay:
            timeout = settings.llm_timeout if settings.llm_timeout > 0 else 120.0
            endpoint = Endpoint(settings.llm_url, os.environ.get(KEY, "").strip(), timeout, sleep=sleep or self._stop.wait, clock=clock)
        self._asker = Asker(settings.llm_model, system, schema, Answers(project.state_dir), self.account, endpoint)
        shown = re.sub(r"[^\w.-]+", "-", settings.llm_model)[:_LONGEST_MODEL].strip("-.")
        sign = digest({"model": settings.llm_model, "system": system, "schema": schema, "reading": READING, "rules": ENGINE_VERSION, "size": SIZE})
        self.version = f"{shown}-{sign[:8]}"

    def read(self, texts: Sequence[Text]) -> Iterator[Extracted]:
        """One answer a text, in order; see `protocol.Engine`. Give many texts at once: they are asked about in parallel."""
        pool = ThreadPoolExecutor(self._parallel, thread_name_prefix="llm")
        waiting: deque[tuple[Text, Future[_Asked]]] = deque()
        rest = iter(texts)
        try:
            while True:
                while len(waiting) < 2 * self._parallel and (one := next(rest, None)) is not None:
                    waiting.append((one, pool.submit(self._asked, one)))
                if not waiting:
                    return
                text, future = waiting.popleft()
                yield self._extracted(text, future.result())
        except KeyboardInterrupt:
            self.close()
            raise
        finally:
            pool.shutdown(wait=not self._stop.is_set(), cancel_futures=True)

    def close(self) -> None:
        """Ask nothing more. Requests under way end by themselves; their answers are kept."""
        self._stop.set()
        if self._asker.endpoint is not None:
            self._asker.endpoint.stopped = True

    def summary(self) -> str:
        """Requests, answers from the cache, tokens and cost of the run so far, as one line."""
        return self.account.line()

    def outlook(self, texts: Sequence[Text]) -> str:
        """What reading `texts` would take, as one line, before anything is sent. Tokens are an estimate."""
        requests = cached = tokens_in = answers = 0
        for one in texts:
            if self._barred(one) is not None:
                continue
            for start, end, words in self._messages(one):
                if self._known(one, words) is not None:
                    cached += 1
                    continue
                requests += 1
                size = self._asker.size(words)
                tokens_in += tokens_of(size)
                answers += expected(size, end - start) - tokens_of(size)
        money = Account(0, self.account.price_in, self.account.price_out, tokens_in=tokens_in, tokens_out=answers).cost
        cost = f", cost about {money:.4f}" if money is not None else ""
        return (
            f"llm: {requests:,} requests to send, {cached:,} answers in the cache; about {tokens_in:,} tokens to read and {answers:,} to write{cost}."
        )

    # -- asking (in threads)

    def _messages(self, one: Text) -> list[tuple[int, int, str]]:
        parts = windows(one.text)
        return [(start, end, message(one.document, one.text, start, end, i, len(parts))) for i, (start, end) in enumerate(parts, 1)]

    def _known(self, one: Text, words: str) -> dict[str, Any] | None:
        """An answer of the cache; one that could not be used is asked again, except in a replay."""
        record = self._asker.known(one.document.id, words)
        return record if record is not None and (self.replay or record.get("usable") is not False) else None

    def _barred(self, one: Text) -> Problem | None:
        """Why a document is not sent at all."""
        if one.document.visibility != "public" and not self._undisclosed:
            told = (
                "is not public and was not sent to the model. Set llm_undisclosed = true in eventcoder.toml if your sources allow it, "
                "or code it by hand."
            )
            return _problem(one, "llm-undisclosed", told)
        if len(one.text) > SIZE * MOST // 2 and len(windows(one.text)) > MOST:
            return _problem(one, "llm-too-long", f"has {len(one.text):,} characters, more than {MOST} requests take. Cut it into several documents.")
        return None

    def _asked(self, one: Text) -> _Asked:
        if not one.text.strip():
            return _Asked()
        barred = self._barred(one)
        if barred is not None:
            return _Asked(failure=barred)
        out = _Asked()
        missing: list[tuple[int, int, str]] = []
        parts = self._messages(one)
        found: dict[int, dict[str, Any]] = {}
        for start, end, words in parts:
            record = self._known(one, words)
            if record is None:
                missing.append((start, end, words))
            else:
                found[start] = record
                self.account.from_cache()
        if missing:
            out.failure = self._ask_all(one, missing, found, len(parts))
        out.records = [(found[start], (start, end)) for start, end, _ in parts if start in found]
        return out

    def _ask_all(self, one: Text, missing: Sequence[tuple[int, int, str]], found: dict[int, dict[str, Any]], parts: int) -> Problem | None:
        if self.replay:
            which = "" if parts == 1 else f" for {len(missing)} of its {parts} parts"
            told = f"has no answer in the cache{which} for this model and prompt, and a replay asks nobody. Run again without replay."
            return _problem(one, "llm-no-answer", told)
        if self._stop.is_set():
            return _problem(one, "llm-unreachable", "was not read: the run was stopped. Run again; what was answered is kept.")
        if self._gone is not None:
            return _problem(one, self._gone.code, f"was not read: {self._gone.message}")
        reserved = sum(expected(self._asker.size(words), end - start) for start, end, words in missing)
        if not self.account.reserve(reserved):
            told = f"was not read: about {reserved:,} tokens more would pass the budget of {self.account.limit:,}. Raise llm_tokens, or run again."
            return _problem(one, "llm-budget", told)
        try:
            for start, _, words in missing:
                found[start] = self._asker.ask(one.document.id, words)
                self._misses = 0
        except Unanswered as error:
            told = f"{error.message}. {error.remedy}".strip()
            with self._lock:
                self._misses = self._misses + 1 if error.unreachable else 0
                if error.lasting or self._misses >= PATIENCE:
                    self._gone = Problem(error.code, f"the endpoint is not asked any more, because for an earlier document {told}")
            return _problem(one, error.code, f"was not read: {told}")
        except EventcoderError as error:  # the disk does not take the answer: a matter of this machine, told for every document
            return _problem(one, "llm-not-stored", f"was not read: {error}")
        finally:
            self.account.release(reserved)
        return None

    # -- drafting (in the reader's thread)

    def _extracted(self, one: Text, asked: _Asked) -> Extracted:
        problems: list[Problem] = []
        if asked.failure is not None:
            return Extracted(one.document.id, [], [asked.failure], failed=True)
        told: list[tuple[Statement, tuple[int, int]]] = []
        for record, window in asked.records:
            if record.get("finish") == "length":
                told_why = (
                    "was not read: the model's answer breaks off at its greatest length. Give the endpoint a greater one, or ask another model."
                )
                return Extracted(one.document.id, [], [_problem(one, "llm-bad-answer", told_why)], failed=True)
            try:
                statements, faults = read_answer(record["answer"])
            except BadAnswer as error:
                told_why = (
                    f"was not read: the model answered with {error}. Run again, or ask another model; the answer is kept under .eventcoder/llm."
                )
                return Extracted(one.document.id, [], [_problem(one, "llm-bad-answer", told_why)], failed=True)
            problems += [
                Problem("llm-bad-statement", f"A part of the answer was dropped: {fault}.", "warning", where=one.document.id) for fault in faults
            ]
            if record.get("cut"):
                told_why = (
                    "the endpoint counts far fewer tokens than were sent: it may cut long requests. Give the model a longer context (docs/llm.md)."
                )
                problems.append(_problem(one, "llm-prompt-cut", told_why, "warning"))
            told += [(statement, window) for statement in statements]
        if not told:
            return Extracted(one.document.id, [], problems)
        language = (one.document.language or guess_language(one.text) or "en").casefold()
        drafts, found = drafts_of(
            one.document, one.text, told, self.kit, read_places(one.text, self.kit),
            english=language.startswith("en"), engine=self.name, version=self.version,
        )  # fmt: skip
        return Extracted(one.document.id, drafts, [*problems, *found])


def _problem(one: Text, code: str, told: str, severity: Any = "error") -> Problem:
    return Problem(
        code, f"Document {one.document.id} {told}" if severity == "error" else f"Document {one.document.id}: {told}", severity, where=one.document.id
    )


def forget_document(project: Project, document: str) -> bool:
    """Remove the requests and answers about a document (its text stands in them): for `redact`. Whether there were any."""
    return Answers(project.state_dir).forget(document)
