"""One draft under way: fields with their evidence, rules and candidates, and the problems met while filling them in. Floor 5."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import Any, cast

from eventcoder.event import Count, Document, Span
from eventcoder.extraction.geography import Geography
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.llm.answer import ACTORS, PLACES, Quoted
from eventcoder.extraction.llm.quotes import find_quote
from eventcoder.problem import Problem, Severity


@dataclass(slots=True)
class Making:
    """One draft under way."""

    document: Document
    text: str
    kit: Kit
    geography: Geography
    statement: Span
    window: tuple[int, int]
    english: bool  # is the document in English? Then the model's translations count nothing
    problems: list[Problem]
    fields: dict[str, Any] = field(default_factory=dict)
    evidence: dict[str, list[Span]] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    candidates: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    counts: list[Count] = field(default_factory=list)
    told: int = 0
    confirmed: int = 0

    def report(self, code: str, message: str, name: str | None = None, value: Any = None, severity: Severity = "warning") -> None:
        """One finding about the document."""
        self.problems.append(Problem(code, message, severity, field=name, value=value, where=self.document.id))

    def quoted(self, name: str, given: Quoted) -> Span | None:
        """Where the words for a field stand; None, and reported, where they do not."""
        span = find_quote(self.text, given.quote, *self.window, near=self.statement.start)
        if span is None:
            what = f"its quote {short(given.quote)} is not in the text" if given.quote.strip() else "no quote"
            self.report("quote-not-in-text", f"'{name}' = {short(given.value)} has {what}; the value was dropped.", name, stored(given.value))
            self.rules[name] = (
                "dropped: the model's words for it are not in the text" if given.quote.strip() else "dropped: the model gave no words for it"
            )
        return span

    def label(self, name: str, listed: str, raw: object) -> str | None:
        """The code that a label means; None, and reported, where the list has none."""
        code = self.kit.codebook.lists[listed].canonical(str(raw))
        if code is None:
            self.report("unknown-label", f"'{name}': {short(raw)} is not in the list '{listed}'; the value was dropped.", name, stored(raw))
        return cast("str | None", code)

    def set(self, name: str, value: Any, span: Span, rule: str) -> None:
        """A confirmed field."""
        self.fields[name], self.evidence[name], self.rules[name] = value, [span], rule

    def offer(self, name: str, given: Quoted, span: Span, why: str, more: list[dict[str, Any]] | None = None) -> None:
        """A value that the quoted words do not bear out: for the coder to choose, never a field."""
        self.rules[name] = why
        self.evidence.setdefault(name, [span])
        offered = list(more or [])
        if given.value not in (None, "") and not offered:
            # a name is offered in the document's own words: no free text of the model gets into a draft
            offered = [{"value": plain(span.quote) if name in (*PLACES, *ACTORS) else stored(given.value), "score": 0.3}]
        if offered:
            self.candidates[name] = offered
        self.report(
            "value-not-confirmed",
            f"'{name}' = {short(given.value)} ({short(span.quote)}): {why}; left to the coder.",
            name,
            stored(given.value),
            "info",
        )


def short(value: Any) -> str:
    """A value as a message quotes it."""
    text = str(value) if value is not None else "null"
    return repr(text if len(text) <= 80 else text[:80] + "…")


def plain(text: str) -> str:
    """Words of the document on one line, cut where they are many."""
    text = " ".join(text.split())
    return text if len(text) <= 80 else text[:80] + "…"


def stored(value: Any) -> Any:
    """A model's value as it may be stored and shown: no half characters, no NaN."""
    if isinstance(value, str):
        return value[:200].encode("utf-8", "replace").decode()
    return str(value) if isinstance(value, float) and not isfinite(value) else value
