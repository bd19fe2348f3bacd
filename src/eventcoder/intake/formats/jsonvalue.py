"""JSON values that keep what they mean, and the rows that can be made of objects. Floor 5.

Python's reader takes more than JSON allows and hides what it dropped: here a key given twice, NaN, Infinity and numbers too large for a float
are seen and refused. Numbers with a point become float, all others int, of whatever size.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from eventcoder.errors import InputError
from eventcoder.intake.formats.limits import MAX_COLUMNS
from eventcoder.intake.formats.sheet import OWN

_SCALARS = frozenset((str, int, float, bool, type(None)))


class Twice(dict[str, Any]):
    """An object in which a key stands more than once; `key` is the first such."""

    key: str


class NoNumber:
    """What stands for a number and is none: NaN, Infinity, 1e999."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    twice = Twice(found)
    keys = [key for key, _ in pairs]
    twice.key = next(key for key in keys if keys.count(key) > 1)
    return twice


def _float(text: str) -> float | NoNumber:
    number = float(text)
    return number if math.isfinite(number) else NoNumber(text)


DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_constant=NoNumber)


def why_not(error: Exception) -> str:
    """A decoder's complaint in words."""
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def misfit(item: Any) -> tuple[str, str, str | None, Any] | None:
    """Why a value cannot be a row: code, what is wrong, column and value; None if it can."""
    if not isinstance(item, dict):
        return "not-an-object", f"the row is {_called(item)}, not an object of columns and values.", None, None
    if isinstance(item, Twice):
        return "duplicate-key", f"the row gives '{item.key}' more than once, so it is unclear which one counts. Keep one of them.", item.key, None
    if set(map(type, item.values())) <= _SCALARS:
        return None
    for key, value in item.items():
        if key.startswith(OWN):
            continue
        parts = value if isinstance(value, list) else [value]
        if bad := next((part for part in parts if isinstance(part, NoNumber)), None):
            return "not-json", f"{key} is {bad}, which is no number that JSON knows. Write null where there is none.", key, str(bad)
        if any(isinstance(part, dict | list) for part in parts):
            said = f"{key} holds an object or a list in a list. Give each of its parts a column of its own."
            return "nested-value", said, key, shown(value)[:200]
    return None


def shown(value: Any) -> str:
    """A value as JSON, for a raw row."""
    return json.dumps(value, ensure_ascii=False, default=str)


def raw_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """An object's members as they can be shown by column."""
    return {
        key.strip(): value if type(value) in _SCALARS or (isinstance(value, list) and set(map(type, value)) <= _SCALARS) else shown(value)
        for key, value in item.items()
        if not key.startswith(OWN)
    }


class Columns:
    """The keys of objects in the order of their first appearance."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.keys: dict[str, None] = {}

    def add(self, keys: Iterable[str]) -> None:
        """Raises `InputError` for more keys than any table has columns."""
        self.keys.update(dict.fromkeys(keys))
        if len(self.keys) > MAX_COLUMNS:
            said = f"{self._name} cannot be read as a table: its objects have more than {MAX_COLUMNS:,} different keys."
            raise InputError(said, "Give the columns as keys, and values as values.")

    def read(self) -> tuple[str, ...]:
        """The keys of columns that are read. Raises `InputError` if there is none."""
        if not self.keys:
            said = f"{self._name} cannot be read as a table: it holds no object with columns and values."
            raise InputError(said, 'Write one {"column": value, ...} for each event.')
        return tuple(key for key in self.keys if not key.startswith(OWN))


def _called(item: Any) -> str:
    for kind, name in ((bool, "a truth value"), (str, "a text"), (list, "a list"), (int | float | NoNumber, "a number")):
        if isinstance(item, kind):
            return name
    return "null"
