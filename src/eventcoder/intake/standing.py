"""A row against the event that it is about: what the file changes, and what a coder changed here since. Floor 5.

Three values of each field are compared: the row's, the event's now, and the one that the file is a copy of (what an import of it said last, or the
event at the revision that the row names). A field that the file did not change keeps what coders made of it; a field that both changed keeps the
coder's value, with a warning: a table never overwrites a person's decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eventcoder.ledger import Entry, Folded, fold

EMPTY: tuple[Any, ...] = (None, [])


@dataclass(slots=True)
class Difference:
    """`changes`: field -> new value (None clears it). `kept`: fields that both sides changed -> the file's value, which is not taken."""

    changes: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)


def compare(acts: Sequence[Entry], event: Folded, values: Mapping[str, Any], scope: Iterable[str], revision: int | None) -> Difference:
    """What the row's `values` in the columns of `scope` change about the event that `acts` fold to.

    `revision` is the one that the row was exported at, if it says so.
    """
    found = Difference()
    differing = [n for n in scope if _plain(values.get(n)) != _plain(event.values.get(n))]
    if not differing:
        return found
    earlier = _earlier(acts, revision)
    for name in differing:
        new = values.get(name)
        if earlier is None or _plain(earlier.get(name)) == _plain(event.values.get(name)):
            found.changes[name] = new
        elif _plain(earlier.get(name)) != _plain(new):
            found.kept[name] = new
    return found


def _earlier(acts: Sequence[Entry], revision: int | None) -> dict[str, Any] | None:
    """The values that the file's row started from; None where nothing is known of that (the event's present ones are meant)."""
    known: dict[str, Any] | None = None
    begin = 0
    if revision is not None and 1 <= revision <= len(acts):
        known = dict(fold(acts[:revision]).values)
        begin = revision
    elif acts and "import" in acts[0].body:
        known = {}
    if known is None:
        return None
    for act in acts[begin:]:
        if "import" in act.body:
            known.update(act.body.get("values", {}))
    return known


def _plain(value: Any) -> Any:
    if value in EMPTY:
        return None
    return round(value, 4) if isinstance(value, float) else value
