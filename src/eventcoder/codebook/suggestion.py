"""The nearest known word, for messages that end in "Did you mean ...?". Imports nothing of ours."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(text: str, known: Iterable[str]) -> str | None:
    """The known word most like `text` (case aside), or None where nothing is like it."""
    import difflib

    folded = {word.lower(): word for word in known}
    found = difflib.get_close_matches(text[:200].lower(), folded, 1, 0.6)
    return folded[found[0]] if found else None


def did_you_mean(text: str, known: Iterable[str]) -> str:
    """`Did you mean 'X'?`, or the known words where they are few, or an empty text."""
    words = list(known)
    found = nearest(text, words)
    if found is not None:
        return f"Did you mean '{found}'?"
    return f"Known: {', '.join(words)}." if 0 < len(words) <= 12 else ""
