"""Request bodies in the forms that endpoints take, and the asking: cache first, then the endpoint, form after form. Floor 5.

Strict endpoints take a JSON Schema, others only "some JSON object", the oldest nothing but text. The first form is tried first; what the endpoint
refuses is remembered for the run. Which one was taken is part of the request and so of its key: a replay looks under all of them.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from eventcoder.clock import now, stamp
from eventcoder.extraction.llm.answer import BadAnswer, read_answer
from eventcoder.extraction.llm.budget import Account
from eventcoder.extraction.llm.cache import Answers, key_of
from eventcoder.extraction.llm.client import Endpoint, Unaccepted, Unanswered
from eventcoder.identity import canonical

FORMS = ("json_schema", "json_object", "text")
_ABOUT_FORM = re.compile(r"response_format|json_schema|json_object|schema|structured|grammar|guided|format", re.IGNORECASE)
_ABOUT_LENGTH = re.compile(r"context|too long|too large|maximum.{0,30}(?:tokens|length)|max_tokens|token limit", re.IGNORECASE)
_MOST_A_TOKEN = 5.5  # characters; English prose has 4 to 5, other scripts fewer: an endpoint that counts fewer tokens has hardly read everything


class Asker:
    """Asks about pieces of documents. `endpoint` None: a replay, which never opens a connection."""

    def __init__(self, model: str, system: str, schema: Mapping[str, Any], answers: Answers, account: Account, endpoint: Endpoint | None) -> None:
        self.model = model
        self.answers = answers
        self.account = account
        self.endpoint = endpoint
        self._schema = dict(schema)
        self._system = system
        self._told = f"{system}\n\nAnswer with one JSON object of this JSON Schema:\n{canonical(self._schema)}"
        # (form, with temperature): what is tried, first things first; what the endpoint refuses is taken out
        self._ways = [(form, warm) for form in FORMS for warm in (True, False)]

    def body(self, message: str, form: str, temperature: bool = True) -> dict[str, Any]:
        """The request as it is sent."""
        out: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": "system", "content": self._system if form == FORMS[0] else self._told}, {"role": "user", "content": message}],
        }
        if temperature:
            out["temperature"] = 0
        if form == "json_schema":
            out["response_format"] = {"type": form, "json_schema": {"name": "statements", "strict": True, "schema": self._schema}}
        elif form == "json_object":
            out["response_format"] = {"type": form}
        return out

    def size(self, message: str) -> int:
        """Characters of the request about `message`."""
        return len(self._told) + len(message)

    def known(self, document: str, message: str) -> dict[str, Any] | None:
        """The answer that was given before, in whichever form; a usable one first."""
        spoilt = None
        for form in FORMS:
            for warm in (True, False):
                record = self.answers.get(document, key_of(self.body(message, form, warm)))
                if record is not None and record.get("usable") is not False:
                    return record
                spoilt = spoilt or record
        return spoilt

    def ask(self, document: str, message: str) -> dict[str, Any]:
        """A new answer, stored before it is returned. Raises `Unanswered` (or `Unaccepted`, when no form is taken)."""
        assert self.endpoint is not None
        while True:
            form, warm = self._ways[0]
            body = self.body(message, form, warm)
            sent = json.dumps(body, ensure_ascii=True).encode()
            began = time.monotonic()
            try:
                raw = self.endpoint.ask(sent)
            except Unaccepted as error:
                if not self._step_down(error, form, warm):
                    raise _explained(error, self.model) from None
                continue
            return self._kept(document, body, raw, time.monotonic() - began, self.size(message))

    def _step_down(self, error: Unaccepted, form: str, warm: bool) -> bool:
        """Leave out what the endpoint does not take; False if there is nothing to leave out."""
        if _ABOUT_LENGTH.search(error.reason):
            return False
        if warm and "temperature" in error.reason:
            left = [way for way in self._ways if not way[1]]
        elif form != FORMS[-1] and _ABOUT_FORM.search(error.reason):
            left = [way for way in self._ways if way[0] != form]
        else:
            return False
        if self._ways[0] == (form, warm):  # else another thread has learned it meanwhile
            self._ways = left
        return True

    def _kept(self, document: str, body: Mapping[str, Any], raw: Mapping[str, Any], seconds: float, size: int) -> dict[str, Any]:
        usage = raw.get("usage")
        counted = usage if isinstance(usage, dict) else {}
        read, written = _number(counted.get("prompt_tokens")), _number(counted.get("completion_tokens"))
        # booked first: an answer that cannot be used has been paid for too
        booked = self.account.spent(read, written, request=size, answer=len(str(raw.get("choices", ""))))
        content, finish = _content(raw)
        told = sum(len(m["content"]) for m in body["messages"])
        record = {
            "request": dict(body), "answer": content, "finish": finish, "usable": _usable(content, finish),
            "model": str(raw.get("model") or self.model),
            "tokens_in": booked[0], "tokens_out": booked[1], "counted": read is not None and written is not None,
            "cut": read is not None and 0 < read * _MOST_A_TOKEN < told, "seconds": round(seconds, 3), "time": stamp(now()),
        }  # fmt: skip
        self.answers.put(document, key_of(body), record)
        return record


def _explained(error: Unaccepted, model: str) -> Unanswered:
    if error.status == 404:
        return Unanswered(
            "llm-refused",
            f"the endpoint does not know the address or the model {model!r} ({error.reason})",
            "Check llm_url and llm_model.",
            lasting=True,
        )
    if _ABOUT_LENGTH.search(error.reason):
        return Unanswered(
            "llm-refused", f"the request is too long for the model ({error.reason})", "Give the model a context of 16,000 tokens or more."
        )
    return error


def _content(raw: Mapping[str, Any]) -> tuple[str, str | None]:
    """The words of the answer and why they end."""
    choices = raw.get("choices")
    first = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else None
    message = first.get("message") if first is not None else None
    if first is None or not isinstance(message, dict):
        said = raw.get("error")
        told = said.get("message") if isinstance(said, dict) else said
        tail = f": {str(told)[:200]!r}" if told else ""
        raise Unanswered(
            "llm-bad-answer", f"the endpoint answered without 'choices', not in the form of OpenAI's chat completions{tail}", "Check llm_url."
        )
    finish = first.get("finish_reason")
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    if not content and message.get("refusal"):
        raise Unanswered(
            "llm-bad-answer", f"the model declines to answer: {str(message['refusal'])[:200]!r}", "Code the document by hand, or ask another model."
        )
    return content if isinstance(content, str) else "", finish if isinstance(finish, str) else None


def _usable(content: str, finish: str | None) -> bool:
    if finish == "length":
        return False
    try:
        read_answer(content)
    except BadAnswer:
        return False
    return True


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


Sleep = Callable[[float], object]
