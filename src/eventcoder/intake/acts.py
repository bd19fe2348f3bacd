"""Acts of an import as the rows that the ledger stores, made in bulk. Floor 5.

An act carries where it came from: `import` names file, sha256, line, dialect and vintage, the digest of the row, and the cells that have no
column here. What is made from pieces here is letter by letter what `new_entry` and `fold` would make (a test holds it).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventcoder.codebook.completion import Columns
from eventcoder.identity import canonical
from eventcoder.intake.batch import Batch
from eventcoder.intake.fragments import Fragments, objects

ROW = 32  # characters of a row's digest that an act carries
NONE = "[]"  # the heads that a first act follows, and its parents


@dataclass(frozen=True, slots=True)
class Origin:
    """What all acts of one import share."""

    file: str
    sha256: str
    dialect: str
    vintage: str | None
    codebook: str
    coder: str
    time: str
    role: str = "coder"

    def provenance(self, line: int, digest: str, original: Mapping[str, str] | None, joined: Sequence[int] = ()) -> dict[str, Any]:
        """The act's `import`."""
        out: dict[str, Any] = {"file": self.file, "sha256": self.sha256, "line": line, "dialect": self.dialect, "vintage": self.vintage}
        out["row"] = digest[:ROW]
        if original:
            out["original"] = dict(original)
        if joined:
            out["lines"] = [line, *joined]
        return out


class Acts:
    """Makes the rows of first acts."""

    def __init__(self, origin: Origin, fragments: Fragments) -> None:
        self._fragments = fragments
        end = f'"sha256":{canonical(origin.sha256)},"vintage":{canonical(origin.vintage)}}},"settled":'
        self._import = f'{{"act":"create","codebook":{canonical(origin.codebook)},"import":{{"dialect":{canonical(origin.dialect)},'
        self._import += f'"file":{canonical(origin.file)},"line":'
        self._end = end
        self._coder, self._role, self._time = origin.coder, origin.role, origin.time
        self._tail = f',"coder":{canonical(origin.coder)},"kind":"act","parents":[],"role":{canonical(origin.role)},"subject":'
        self._when = f',"time":{canonical(origin.time)}}}'
        changed, coder = canonical(origin.time), canonical(origin.coder)
        self._head = f'{{"changed":{changed},"codebook":{canonical(origin.codebook)},"coder":{coder},"created":{changed},"event_id":'

    def creates(
        self, batch: Batch, ids: Sequence[str], values: Columns, settled: Sequence[bool]
    ) -> tuple[list[tuple[str, ...]], list[tuple[Any, ...]]]:
        """Entry rows and head rows (`ledger.heads.COLUMNS`) of events that did not exist."""
        length = len(batch)
        made = objects(self._fragments.columns(values, batch.texts), length)
        blank = [None] * length
        looked = [values.get(n, blank) for n in ("event_id_cnty", "event_date", "date_start", "date_end", "country", "sub_event_type", "location",
                                                 "actor1")]  # fmt: skip
        entries: list[tuple[str, ...]] = []
        heads: list[tuple[Any, ...]] = []
        coder, role, time = self._coder, self._role, self._time
        for place, (line, digest, kept, event_id, text, good, cnty, day, start, end, country, type_, location, actor) in enumerate(
            zip(batch.lines, batch.digests, batch.originals, ids, made, settled, *looked, strict=True)
        ):
            row = digest[:ROW]
            lines = f',"lines":{canonical([line, *batch.joined[place]])}' if place in batch.joined else ""
            original = f',"original":{kept}' if kept else ""
            body = f'{self._import}{line}{lines}{original},"row":"{row}",{self._end}{"true" if good else "false"},"values":{text}}}'
            entry = hashlib.sha256(f'{{"body":{body}{self._tail}"{event_id}"{self._when}'.encode()).hexdigest()
            state = "settled" if good else "open"
            entries.append((entry, "act", event_id, NONE, coder, role, time, body))
            shown = f',"values":{text}' if text != "{}" else ""
            folded = f'{self._head}"{event_id}","heads":["{entry}"],"imported":"{row}","revision":1,"state":"{state}"{shown}}}'
            heads.append(
                (event_id, state, 1, f'["{entry}"]', cnty, day, start or day, end or day, country, type_, location, actor, time, row, None, folded)
            )
        return entries, heads
