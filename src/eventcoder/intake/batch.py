"""Rows of a table on their way into events, held as columns: what makes a million of them quick. Floor 5.

Values are typed; null is None, lists are tuples (so that any value can be a key), the empty one being null.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

EMPTY: tuple[Any, ...] = (None, (), [])


@dataclass(slots=True)
class Batch:
    """Some rows. All lists have one length, that of `lines`.

    `given` holds what the file says in our columns (without `event_id` and `revision`, which stand apart); `raws` are the cells as they stood.
    `digests` are hashes of all that a row says; `originals` the JSON of cells that are kept beside the event, "" for none.
    `keys` are identities within the file (see `reading`). `joined` maps a row's place to the lines of further rows that were joined into it.
    """

    lines: list[int]
    raws: list[Sequence[Any]]
    given: dict[str, list[Any]]
    digests: list[str]
    originals: list[str]
    event_ids: list[str | None]
    revisions: list[int | None]
    keys: list[str]
    joined: dict[int, tuple[int, ...]] = field(default_factory=dict)
    texts: dict[str, tuple[list[Any], list[str]]] = field(default_factory=dict)  # JSON made of `given`, to be used again (see `fragments`)

    def __len__(self) -> int:
        return len(self.lines)

    def select(self, wanted: Sequence[bool]) -> Batch:
        """The rows for which `wanted` is true, in their order; itself if that is all of them."""
        if all(wanted):
            return self
        joined = {}
        if self.joined:
            places = list(compress(range(len(self)), wanted))
            joined = {new: self.joined[old] for new, old in enumerate(places) if old in self.joined}
        return Batch(
            list(compress(self.lines, wanted)),
            list(compress(self.raws, wanted)),
            {name: list(compress(values, wanted)) for name, values in self.given.items()},
            list(compress(self.digests, wanted)),
            list(compress(self.originals, wanted)),
            list(compress(self.event_ids, wanted)),
            list(compress(self.revisions, wanted)),
            list(compress(self.keys, wanted)),
            joined,
        )

    def row(self, place: int) -> dict[str, Any]:
        """What one row says, nulls included; lists as lists."""
        return {name: list(v) if isinstance(v := values[place], tuple) else v for name, values in self.given.items()}

    def beside(self, place: int) -> dict[str, str]:
        """The cells of one row that are kept beside its event."""
        return dict(json.loads(self.originals[place])) if self.originals[place] else {}

    def one(self, place: int) -> Batch:
        """A batch of one row."""
        return Batch(
            [self.lines[place]],
            [self.raws[place]],
            {name: [values[place]] for name, values in self.given.items()},
            [self.digests[place]],
            [self.originals[place]],
            [self.event_ids[place]],
            [self.revisions[place]],
            [self.keys[place]],
            {0: self.joined[place]} if place in self.joined else {},
        )


def together(batches: Iterable[Batch]) -> list[Batch]:
    """The rows of several batches in few: one for each set of columns, rows of lowest line first.

    Rows that lack a column are never given it: to be silent about a value and to say that there is none are different things.
    """
    out: dict[tuple[str, ...], Batch] = {}
    for part in sorted((b for b in batches if len(b)), key=lambda b: b.lines[0]):
        names = tuple(sorted(part.given))
        whole = out.setdefault(names, Batch([], [], {name: [] for name in part.given}, [], [], [], [], []))
        whole.joined |= {place + len(whole): lines for place, lines in part.joined.items()}
        for name, values in part.given.items():
            whole.given[name] += values
        for attribute in ("raws", "digests", "originals", "event_ids", "revisions", "keys", "lines"):
            getattr(whole, attribute).extend(getattr(part, attribute))
    return list(out.values())


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the ledger holds them: lists as lists, nulls left out."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value not in EMPTY}
