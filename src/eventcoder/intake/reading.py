"""Pieces of a sheet -> typed columns of ours; what cannot be typed, or names no event, becomes problems of its row. Floor 5.

A row's key is its identity within the file: its event id or ACLED id, the id that its own dataset gave it (`natural:`), or, failing all of these,
its content (`content:`). Its digest is the sha256 of everything it says, so that a row is known again whoever saved the file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from eventcoder.codebook.coercion import coerce_cell, shortcut
from eventcoder.codebook.completion import Remembered
from eventcoder.identity import canonical
from eventcoder.intake.batch import EMPTY, Batch
from eventcoder.intake.dialects import UNCERTAIN, Plan, Producer
from eventcoder.intake.dialects.cells import nulls_of
from eventcoder.intake.dialects.model import plain
from eventcoder.intake.formats import Piece, Sheet
from eventcoder.intake.fragments import Fragments, objects
from eventcoder.intake.rejects import NO_EVENT
from eventcoder.problem import Problem

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook

ID, CNTY, REVISION = "event_id", "event_id_cnty", "revision"
CONTENT, NATURAL = "content:", "natural:"  # a natural key is natural:DIALECT:ID
MEMORY = 20_000  # cells that a column remembers
_WHOLE_FLOAT = re.compile(r"(\d+)\.0+")  # "7.0": what a whole number becomes in a column with gaps, in many programs
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")

_NUMBER_FIRST = re.compile(r"(\d+)([A-Z]{3})")

Wrong = dict[int, list[Problem]]  # place in the piece -> what is wrong with the row


def restore(cell: str) -> str:
    """A cell without the apostrophe that keeps spreadsheets from running it."""
    return cell[1:] if _NEUTRALISED.match(cell) else cell


def folded(identity: str) -> str:
    """An id in the one form in which ids of a file are compared before they are read: capitals, and the old "1BNG" as "BNG1"."""
    text = identity.strip().upper()
    found = _NUMBER_FIRST.fullmatch(text)
    return found[2] + found[1] if found else text


def bare(key: str) -> str:
    """The id in a key, without what says of which kind it is."""
    return key.split(":", 2)[2] if key.startswith(NATURAL) else key


class Reader:
    """Reads the pieces of one sheet under one plan. Not to be shared between threads."""

    def __init__(self, codebook: Codebook, plan: Plan, sheet: Sheet, fragments: Fragments) -> None:
        self.plan = plan
        self.targets = tuple(p.target for p in plan.producers)
        self._sheet = sheet
        self._fragments = fragments
        self._columns = [_Column(codebook, producer, sheet.typed) for producer in plan.producers]
        self._required = plan.identity_required
        self._kept = [sheet.columns[place] for place in plan.kept]
        self._nulls = {name: nulls_of(plan.dialect, plain(name)) for name in sheet.columns}
        self._beside = Remembered(lambda cells: self._said(self._kept, cells), MEMORY)

    def read(self, piece: Piece) -> tuple[Batch, Wrong]:
        """All rows of the piece as a batch, and what is wrong with some of them (they are to be left out of what follows)."""
        rows, length = piece.rows, len(piece.rows)
        cells: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [() for _ in self._sheet.columns]
        wrong: Wrong = {}
        beside: list[dict[str, str]] = [{}] * length
        if self._kept:
            columns = [_keys([cells[place]], self._sheet.typed) for place in self.plan.kept]
            beside = list(self._beside.each(list(zip(*columns, strict=True))))
        given: dict[str, list[Any]] = {}
        for column in self._columns:
            keys = column.keys(cells, self._sheet.typed)
            given[column.target] = column.each(keys)
            if column.wrong:
                self._collect(column, keys, piece, wrong)
            if column.uncertain:
                names = [self._sheet.columns[place] for place in column.sources]
                for place, key in enumerate(keys):
                    if key in column.uncertain:
                        beside[place] = {**beside[place], **self._said(names, [cells[source][place] for source in column.sources])}
        for place, reason in self.plan.not_events(cells, length):
            wrong.setdefault(place, []).append(
                Problem(NO_EVENT, f"the row is no event: {reason}.", "info", where=self._sheet.where(piece.lines[place]))
            )
        ids: list[Any] = given.pop(ID, []) or [None] * length
        revisions: list[Any] = given.pop(REVISION, []) or [None] * length
        parts = self._fragments.columns(given)
        texts = objects(parts, length)
        originals = [canonical(kept) if kept else "" for kept in beside] if any(beside) else [""] * length
        digests = [_digest(text, kept) for text, kept in zip(texts, originals, strict=True)]
        keys = self._identities(cells, given, ids, texts, length)
        if self._required or "{}" in texts:
            self._nameless(piece, keys, texts, wrong)
        known = {name: (given[name], made) for name, made in parts.items()}
        return Batch(piece.lines, list(rows), given, digests, originals, ids, revisions, keys, texts=known), wrong

    def _said(self, names: Sequence[str], cells: Sequence[Any]) -> dict[str, str]:
        """The cells that say something, as texts by column."""
        texts = zip(names, map(cell_text, cells), strict=True)
        return {name: text for name, text in texts if text and text not in self._nulls[name]}

    def renew(self, batch: Batch) -> Batch:
        """The batch with digests of what its rows say now (after two rows were joined)."""
        texts = objects(self._fragments.columns(batch.given), len(batch))
        batch.digests = [_digest(text, kept) for text, kept in zip(texts, batch.originals, strict=True)]
        return batch

    def _identities(self, cells: Sequence[Sequence[Any]], given: dict[str, list[Any]], ids: list[Any], texts: list[str], length: int) -> list[str]:
        numbers = given.get(CNTY) or [None] * length
        natural = self.plan.natural
        prefix = f"{NATURAL}{self.plan.dialect.id}:"
        own = [None] * length if not natural else [natural_key(row) for row in zip(*(cells[place] for place in natural), strict=True)]
        return [
            event_id or number or (prefix + name if name else CONTENT + hashlib.sha256(text.encode()).hexdigest())
            for event_id, number, name, text in zip(ids, numbers, own, texts, strict=True)
        ]

    def _nameless(self, piece: Piece, keys: list[str], texts: list[str], wrong: Wrong) -> None:
        """Rows that say nothing at all, and rows without the id that rows of their kind must have."""
        for place, (key, text) in enumerate(zip(keys, texts, strict=True)):
            if place in wrong or not (key.startswith(CONTENT) or text == "{}"):
                continue
            where = self._sheet.where(piece.lines[place])
            if text == "{}":
                wrong[place] = [Problem("empty-row", "the row has no value at all.", where=where)]
            elif self._required:
                names = " or ".join(self.plan.identity_names)
                said = f"the row has no {names}, by which rows of this kind are known again."
                wrong[place] = [Problem("missing-id", said, field=self.plan.identity_names[0], where=where)]

    def _collect(self, column: _Column, keys: Sequence[Any], piece: Piece, wrong: Wrong) -> None:
        name = self._sheet.columns[column.sources[0]] if column.sources else None
        for place, key in enumerate(keys):
            problem = column.wrong.get(key)
            if problem is not None:
                wrong.setdefault(place, []).append(replace(problem, where=self._sheet.where(piece.lines[place], name)))


class _Column:
    """One producer with its memory. `wrong` and `uncertain` tell of the keys seen so far that gave no value."""

    def __init__(self, codebook: Codebook, producer: Producer, typed: bool) -> None:
        self.target = producer.target
        self.sources = producer.sources
        self._only_with = producer.only_with
        self.wrong: dict[Any, Problem] = {}
        self.uncertain: set[Any] = set()
        self.values = Remembered(self._calculator(codebook, producer, typed), MEMORY)

    def keys(self, cells: Sequence[Sequence[Any]], typed: bool) -> Sequence[Any]:
        """What the values of the rows are remembered by."""
        asked = [cells[place] for place in self.sources]
        if self._only_with is not None:
            number, pattern = self._only_with
            found = pattern.search
            asked[number] = [c if c.__class__ is str and found(c) else "" for c in asked[number]]
        return _keys(asked, typed)

    def each(self, keys: Sequence[Any]) -> list[Any]:
        """The typed values of the cells. A column of ever new mistakes does not fill the memory: it forgets between pieces, never within one."""
        if len(self.wrong) + len(self.uncertain) > MEMORY:
            self.values.forget()
            self.wrong.clear()
            self.uncertain.clear()
        return self.values.each(keys)

    def _calculator(self, codebook: Codebook, producer: Producer, typed: bool) -> Callable[[Any], Any]:
        column = codebook.column(producer.target)
        several = len(producer.sources) != 1
        quick = shortcut(column)

        def calculate(key: Any) -> Any:
            if not several and not typed:
                raw = producer.read(restore(key) if key[:1] == "'" else key)
            else:
                cells = key if several else (key,)
                raw = producer.read(*((c[1] for c in cells) if typed else map(restore, cells)))
            if (value := quick(raw)) is not None:
                return value
            if raw is UNCERTAIN:
                self.uncertain.add(key)
                return () if column.type == "list" else None
            value, problem = coerce_cell(codebook, column, _whole(raw) if column.list else raw)
            if problem is not None:
                self.wrong[key] = problem
                return () if column.type == "list" else None
            return tuple(value) if isinstance(value, list) else value

        return calculate


def _digest(text: str, kept: str) -> str:
    return hashlib.sha256((text + kept).encode()).hexdigest()


def _whole(raw: Any) -> Any:
    """A code that became a decimal number on its way, as the whole number it was."""
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    if isinstance(raw, str) and (found := _WHOLE_FLOAT.fullmatch(raw.strip())):
        return found[1]
    return raw


def _keys(columns: Sequence[Sequence[Any]], typed: bool) -> Sequence[Any]:
    """What a producer is remembered by: the cell, or the tuple of cells. Typed cells carry their type: 1, 1.0 and True are one key otherwise."""
    if typed:
        columns = [[(c.__class__, tuple(c) if isinstance(c, list) else c) for c in column] for column in columns]
    return columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))


def cell_text(cell: Any) -> str:
    """A cell as the text that is kept of it, "" for a blank one."""
    if isinstance(cell, tuple) and len(cell) == 2 and isinstance(cell[0], type):
        cell = cell[1]
    if cell in EMPTY:
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return cell.strip() if isinstance(cell, str) else "; ".join(map(str, cell)) if isinstance(cell, list | tuple) else str(cell)


def natural_key(cells: Sequence[Any]) -> str:
    """The id that another dataset gave the row, "" if one of its parts is blank."""
    parts = [cell_text(int(c) if isinstance(c, float) and c.is_integer() else c) for c in cells]
    return "|".join(parts) if all(parts) else ""
