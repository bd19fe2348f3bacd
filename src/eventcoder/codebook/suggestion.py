"""The nearest known word, for messages that end in "Did you mean ...?". Imports nothing of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


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


def no_column(name: str, names: Iterable[str], migrations: object) -> str:
    """What to say of a column that the codebook does not have. `migrations` are the raw `[[migration]]` tables, which know where old names went."""
    said = f"There is no column '{name}'."
    for table in migrations if isinstance(migrations, list) else ():
        if isinstance(table, Mapping) and table.get("column") == name and table.get("rename"):
            return f"{said} It is called '{table['rename']}' now; 'eventcoder codebook migrate' brings older events over."
        if isinstance(table, Mapping) and table.get("column") == name and table.get("drop"):
            return f"{said} It was given up; 'eventcoder codebook migrate' takes it out of older events."
    return f"{said} {did_you_mean(name, names)}".rstrip()
