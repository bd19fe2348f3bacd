"""Languages that the rules read, and what is said of the others. Floor 5.

The seam: words of events, people, statuses, dates, numbers and places are tables in `schema/lexicon`, all of English now; sentences are cut in
`sentences`, dates in `date_grammar`. Another language needs the same tables and its code in `READ`; none was tried yet.
"""

from __future__ import annotations

from eventcoder.documents.language import guess_language
from eventcoder.event import Document
from eventcoder.problem import Problem

READ = ("en",)
NAMES = {
    "ar": "Arabic", "bn": "Bengali", "de": "German", "es": "Spanish", "fa": "Persian", "fr": "French", "he": "Hebrew", "hi": "Hindi",
    "id": "Indonesian", "it": "Italian", "my": "Burmese", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ru": "Russian", "sw": "Swahili",
    "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "zh": "Chinese",
}  # fmt: skip


def language_of(document: Document, text: str) -> str | None:
    """The document's language as its sidecar says it, else a guess; None where neither tells. "en-GB" is "en"."""
    named = (document.language or "").split("-")[0].split("_")[0].strip().lower()
    return named or guess_language(text)


def not_read(document: Document, text: str, engine: str) -> Problem | None:
    """Why the rules do not read this document, or None if they do. A document whose language cannot be told is read."""
    language = language_of(document, text)
    if language is None or language in READ:
        return None
    name = NAMES.get(language, language)
    return Problem(
        "language-not-read",
        f"language {name} is not read by the engine '{engine}': {document.id} was kept as it is. Code it by hand with "
        f"'eventcoder add --document {document.id}' or in 'eventcoder review' (key h), or extract it with --engine llm.",
        severity="warning",
        field="language",
        value=language,
        where=document.id,
    )
