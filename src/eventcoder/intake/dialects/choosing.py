"""Which dialect a header shows, and which vintage header and cells show. Floor 5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventcoder.codebook.suggestion import did_you_mean
from eventcoder.errors import UsageError
from eventcoder.intake.dialects.files import NATIVE
from eventcoder.intake.dialects.model import INDEX_NAMES, Dialect, Shape, Survey, Vintage, plain

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook

AUTO = "auto"
MANY = 10  # columns from which on their alphabetical order is no accident


def choose(dialects: Mapping[str, Dialect], wanted: str, header: Sequence[str], codebook: Codebook) -> Dialect:
    """The dialect called `wanted`, or with "auto" the one that the header shows: the most demanding that fits, else `native`.

    Raises `UsageError` for an unknown name.
    """
    if wanted != AUTO:
        if wanted not in dialects:
            raise UsageError(f"Unknown dialect {wanted!r}.", f"{did_you_mean(wanted, dialects)} Known: {AUTO}, {', '.join(dialects)}.".strip())
        return dialects[wanted]
    names = {plain(name) for name in header}
    group = {c.name: c.group for c in codebook.columns}
    best, weight = dialects[NATIVE], 0
    for dialect in dialects.values():
        ours = {dialect.column(name) for name in names}
        for shape in dialect.shapes:
            foreign = any(group.get(name) in shape.lacks_groups for name in ours)
            if not foreign and fits_header(shape, names) and shape.weight > weight:
                best, weight = dialect, shape.weight
    return best


def fits_header(shape: Shape, names: set[str]) -> bool:
    return names.issuperset(shape.has) and (not shape.has_any or not names.isdisjoint(shape.has_any)) and names.isdisjoint(shape.lacks)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A vintage and why it was taken; None where nothing shows which it is."""

    vintage: Vintage | None
    because: str


def choose_vintage(dialect: Dialect, wanted: str | None, columns: Sequence[str], survey: Survey) -> Chosen:
    """The vintage called `wanted` (any unique beginning of its name will do), or the first that header and cells fit.

    Raises `UsageError` for an unknown or ambiguous name.
    """
    if wanted is not None:
        return Chosen(_named(dialect, wanted), "as asked for")
    for vintage in dialect.vintages:
        for shape in vintage.shapes:
            if (because := _because(shape, columns, survey)) is not None:
                return Chosen(vintage, because)
    return Chosen(None, "")


def _named(dialect: Dialect, wanted: str) -> Vintage:
    folded = wanted.strip().casefold()
    exact = [v for v in dialect.vintages if v.name.casefold() == folded]
    found = exact or [v for v in dialect.vintages if folded and v.name.casefold().startswith(folded)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"'{v.name}'" for v in (found or dialect.vintages)) or "none"
    said = "could be several" if found else "is unknown"
    raise UsageError(f"The vintage {wanted!r} of dialect {dialect.id} {said}.", f"{'These' if found else 'Known'}: {known}.")


def _because(shape: Shape, columns: Sequence[str], survey: Survey) -> str | None:
    """Why the table has this shape, in words; None if it has not."""
    names = [plain(name) for name in columns]
    if not fits_header(shape, set(names)):
        return None
    said: list[str] = []
    if shape.has:
        said.append(f"the header has {', '.join(shape.has)}")
    if shape.has_any:
        said.append(f"the header has {', '.join(n for n in shape.has_any if n in names)}")
    if shape.lacks:
        said.append(f"the header has no {' or '.join(shape.lacks)}")
    if shape.alphabetical:
        own = [name for name in names if name not in INDEX_NAMES]
        if len(own) < MANY or own != sorted(own):
            return None
        said.append("its columns are in alphabetical order")
    for kind, forms in (("every", shape.every), ("some", shape.some)):
        for name, form in forms.items():
            texts = (survey.distinct(names.index(name)) if name in names else None) or frozenset()
            given = [text for text in sorted(texts) if text]
            shown = next((text for text in given if form.fullmatch(text)), None)
            if shown is None or (kind == "every" and not all(form.fullmatch(text) for text in given)):
                return None
            said.append(f"{name} holds values such as '{shown}'")
    return "; ".join(said)
