"""Is each quote where its offsets say, in the stored text of its document? Floor 4.

Each document is read once, whatever the number of its quotes. A text that is not here (kept out of git for copyright) is no error, and is told
once. Offsets count code points, as the store's texts do in Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventcoder.errors import InputError, NotFound
from eventcoder.problem import Problem

if TYPE_CHECKING:
    from eventcoder.documents import DocumentStore
    from eventcoder.ledger import Folded

_SHOWN = 60  # characters of a quote that a message repeats
_PLACES = 3  # places that a message names where the words stand elsewhere


@dataclass(frozen=True, slots=True)
class Span:
    """One piece of evidence: the words `quote` support `field` of `event_id`."""

    event_id: str
    field: str
    document: str
    start: object
    end: object
    quote: object


def spans_of(event: Folded) -> Iterator[Span]:
    """The evidence of an event."""
    for field, spans in event.evidence.items():
        for span in spans:
            yield Span(event.event_id, field, str(span.get("document")), span.get("start"), span.get("end"), span.get("quote"))


def evidence_problems(spans: Iterable[Span], store: DocumentStore) -> Iterator[Problem]:
    """Quotes that are not in their documents, by document; texts that are absent (info) or altered (error), once each."""
    by_document: dict[str, list[Span]] = {}
    for span in spans:
        by_document.setdefault(span.document, []).append(span)
    for document in sorted(by_document):
        cited = by_document[document]
        try:
            text = store.text(document)
        except NotFound:
            if not any(span.quote for span in cited):
                continue  # the document was redacted, and its quotes with it
            # whether the ledger knows the document at all is told of the acts that name it
            said = f"The text of document {document} is not here, so {len(cited)} quote(s) from it were not looked for."
            said += " Copy it into raw/documents/ from where the texts are kept to check them."
            yield Problem("document-text-missing", said, "info", value=document, where=f"document {document}")
            continue
        except InputError as error:
            yield Problem("document-altered", str(error), "error", cited[0].event_id, value=document, where=f"document {document}")
            continue
        for span in cited:
            if (problem := _judged(span, text)) is not None:
                yield problem


def _judged(span: Span, text: str) -> Problem | None:
    """The problem of one span in the whole text of its document, or None."""
    start, end, quote = span.start, span.end, span.quote
    if not isinstance(quote, str) or not quote.strip():
        said = f"The evidence for '{span.field}' quotes nothing. Mark the words of document {span.document} that support the value."
        return Problem("empty-quote", said, "error", span.event_id, span.field, span.document)
    inside = isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)
    there = text[start:end] if isinstance(start, int) and isinstance(end, int) and inside else ""
    if inside and there == quote:
        return None
    shown = quote if len(quote) <= _SHOWN else quote[: _SHOWN - 1] + "…"
    found = _places(text, quote)
    if found:
        places = ", ".join(f"{at}-{at + len(quote)}" for at in found[:_PLACES]) + (", ..." if len(found) > _PLACES else "")
        said = f"'{shown}' ({span.field}) does not stand at {start}-{end} of document {span.document}, but at {places}. Give those offsets."
        return Problem("quote-misplaced", said, "error", span.event_id, span.field, span.document)
    if not inside:
        said = (
            f"The span {start}-{end} ({span.field}) lies outside document {span.document} ({len(text)} characters), and '{shown}' is nowhere in it."
        )
        return Problem("bad-span", f"{said} Mark the words again.", "error", span.event_id, span.field, span.document)
    there = there if len(there) <= _SHOWN else there[: _SHOWN - 1] + "…"
    said = f"'{shown}' ({span.field}) stands nowhere in document {span.document}; at {start}-{end} it has '{there}'. Quote the source's own words."
    return Problem("quote-not-verbatim", said, "error", span.event_id, span.field, span.document)


def _places(text: str, quote: str) -> list[int]:
    """Where the words begin, up to one more than a message names."""
    out: list[int] = []
    at = text.find(quote)
    while at >= 0 and len(out) <= _PLACES:
        out.append(at)
        at = text.find(quote, at + 1)
    return out
