"""What changed in the columns between two codebooks. Floor 1."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from eventcoder.codebook.change import Change, Kind, quoted, same_words
from eventcoder.codebook.columns import Column
from eventcoder.codebook.schema import Codebook

ACLED = "acled"  # the group of columns that the export for other programs has


def column_changes(old: Codebook, new: Codebook, renamed: Mapping[str, str], dropped: Collection[str]) -> Iterator[Change]:
    """`renamed` (old name -> new) and `dropped` are what the migrations of the newer codebook declare."""
    before, after = old.columns_by_name, new.columns_by_name
    moved = {a: b for a, b in renamed.items() if a in before and a not in after and b in after and b not in before}
    for name, column in before.items():
        if name in moved:
            said = f"Column {name} is called {moved[name]} now; a migration moves its values. Programs that read it by name must follow."
            yield Change("column-renamed", "breaking", moved[name], name, moved[name], said, True)
        elif name not in after:
            declared = name in dropped
            rest = "a migration takes its values out of the events" if declared else "no migration says what becomes of its values"
            yield Change("column-removed", "breaking", name, column.type, None, f"Column {name} is gone; {rest}.", declared)
    came_from = {b: a for a, b in moved.items()}
    for name, column in after.items():
        if name in before or name in came_from:
            yield from _one(before[came_from.get(name, name)], column)
            continue
        yield Change("column-added", "additive", name, None, column.type, f"Column {name} ({column.type}) is new.")
        if column.required and column.entered != "system":
            said = f"{name} is required: events that were whole lack it now."
            yield Change("required-added", "narrowing", name, None, "yes", said)
    kept = [name for name in after if name in before]
    order = [name for name in before if name in after]
    if kept != order:
        first = next(a for a, b in zip(kept, order, strict=True) if a != b)
        said = "Columns stand in another order: programs that read them by position take one for another."
        yield Change("columns-reordered", "breaking", first, None, None, said, True)


def _one(old: Column, new: Column) -> Iterator[Change]:
    name = new.name

    def told(what: str, kind: Kind, a: Any, b: Any, said: str, migrated: bool = False) -> Change:
        return Change(what, kind, name, a, b, said, migrated)

    if old.type != new.type:
        wider = (old.type, new.type) == ("string", "text")
        narrower = (old.type, new.type) == ("text", "string")
        kind: Kind = "additive" if wider else "narrowing" if narrower else "breaking"
        yield told("column-retyped", kind, old.type, new.type, f"{name} is {new.type}, it was {old.type}.")
    if old.required != new.required:
        if new.required:
            yield told("required-added", "narrowing", "no", "yes", f"{name} is required now: events without it are not whole any more.")
        else:
            yield told("required-removed", "additive", "yes", "no", f"{name} is not required any more: readers will meet nulls.")
    if old.entered != new.entered:
        kind = "additive" if new.entered == "coder" and old.entered == "default" else "narrowing"
        yield told("entered-changed", kind, old.entered, new.entered, f"{name} is entered as '{new.entered}', it was '{old.entered}'.")
    if old.list != new.list:
        kind = "breaking" if old.list and new.list else "narrowing" if new.list else "additive"
        yield told("list-changed", kind, old.list, new.list, f"{name} takes codes of {quoted(new.list)}, it was {quoted(old.list)}.")
    yield from _range(old, new)
    if old.pattern != new.pattern:
        kind = "narrowing" if new.pattern else "additive"
        yield told("pattern-changed", kind, old.pattern, new.pattern, f"The form of {name} is {quoted(new.pattern)}, it was {quoted(old.pattern)}.")
    if old.unit != new.unit:
        kind = "wording" if same_words(old.unit, new.unit) else "breaking"
        yield told("unit-changed", kind, old.unit, new.unit, f"{name} is in {quoted(new.unit)}, it was in {quoted(old.unit)}.")
    if old.group != new.group:
        kind = "breaking" if ACLED in (old.group, new.group) else "wording"
        yield told("group-changed", kind, old.group, new.group, f"{name} is of group {new.group}, it was {old.group}.", True)
    if old.label != new.label:
        yield told("label-changed", "wording", old.label, new.label, f"{name} is labelled {quoted(new.label)}, it was {quoted(old.label)}.")
    if old.description != new.description:
        yield told("description-changed", "wording", old.description, new.description, f"The description of {name} reads otherwise.")


def _range(old: Column, new: Column) -> Iterator[Change]:
    if (old.min, old.max) == (new.min, new.max) or old.type != new.type:
        return
    narrower = _above(new.min, old.min) or _above(old.max, new.max, open_end=True)
    what, kind = ("range-narrowed", "narrowing") if narrower else ("range-widened", "additive")
    a, b = (f"{_end(c.min)} to {_end(c.max)}" for c in (old, new))
    yield Change(what, "narrowing" if kind == "narrowing" else "additive", new.name, a, b, f"{new.name} ranges from {b}, it was {a}.")


def _above(a: float | str | None, b: float | str | None, *, open_end: bool = False) -> bool:
    """Whether bound `a` is higher than bound `b`; no bound is lowest, or highest with `open_end`."""
    if a is None or b is None:
        return (a is None and b is not None) if open_end else (a is not None and b is None)
    return a > b if isinstance(a, (int, float)) and isinstance(b, (int, float)) else str(a) > str(b)


def _end(bound: float | str | None) -> str:
    return "any" if bound is None else str(bound)
