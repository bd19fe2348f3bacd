"""Derived and default columns of very many events at once: `derivation.derive`, part by part, each worked out once for each combination. Floor 1.

What is filled in falls into parts that do not touch each other (the day gives the year, the country its region, ...). A part has few inputs, and a
million events have few combinations of them, so a part is calculated by `derive` itself for the first event of its kind and remembered for the
rest: one meaning, two speeds. A test holds both equal.

Columns are lists of one length; null is None, and lists are tuples (they serve as keys), the empty one being null.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eventcoder.codebook import derivation
from eventcoder.codebook.expression.nodes import Call, ColumnRef, Node

if TYPE_CHECKING:
    from eventcoder.codebook.schema import Codebook

Columns = dict[str, list[Any]]
MEMORY = 50_000  # combinations that a part remembers before it begins anew: bounds what a file of ever new values costs

ENOUGH = 5_000  # keys from which it can be said that a column never repeats

#: inputs (their present values included) -> outputs, in the order in which `derive` fills them
_BEFORE = ((("actor1", "country", "inter1"), ("inter1",)), (("actor2", "country", "inter2"), ("inter2",)),
           (("sub_event_type", "inter1", "inter2", "civilian_targeting"), ("civilian_targeting",)))  # fmt: skip
_AFTER = (
    (("event_date", "time_precision", "date_start", "date_end"), ("date_start", "date_end")),
    (("fatalities", "fatalities_low", "fatalities_high", "fatalities_basis"), ("fatalities_low", "fatalities_high", "fatalities_basis")),
    (("geo_precision", "point_kind"), ("point_kind",)),
    (("event_type", "tags", "crowd_text"), ("tags",)),
)


class Remembered:
    """A function's answers by its argument; all forgotten when they are many. The argument must be hashable."""

    def __init__(self, function: Callable[[Any], Any], limit: int = MEMORY) -> None:
        self._function = function
        self._limit = limit
        self._answers: dict[Any, Any] = {}
        self._always_new = False

    def each(self, keys: Sequence[Any]) -> list[Any]:
        """The answers for all keys, in their order. Where nearly every key is new (texts, numbers of rows), remembering costs more than it saves."""
        if self._always_new:
            return list(map(self._function, keys))
        if len(self._answers) > self._limit:
            self._answers.clear()
        answers, function = self._answers, self._function
        before = len(answers)
        for key in set(keys).difference(answers):
            answers[key] = function(key)
        self._always_new = len(keys) >= ENOUGH and len(answers) - before > 0.9 * len(keys)
        return list(map(answers.__getitem__, keys))

    def one(self, key: Any) -> Any:
        """The answer for one key."""
        if key not in self._answers:
            self._answers[key] = self._function(key)
        return self._answers[key]

    def forget(self) -> None:
        """Begin anew."""
        self._answers.clear()


@dataclass(frozen=True, slots=True)
class _Part:
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    answers: Remembered


class Completer:
    """Completes columns of events under one codebook. Not to be shared between threads."""

    def __init__(self, codebook: Codebook) -> None:
        self._codebook = codebook
        self._has = set(codebook.names)
        self._before = [self._part(inputs, outputs) for inputs, outputs in _BEFORE]
        self._derived = [self._part(tuple(sorted(columns_of(tree))), (name,)) for name, tree in codebook.derivations.items()]
        self._after = [self._part(inputs, outputs) for inputs, outputs in _AFTER]

    def complete(self, columns: Columns, length: int) -> list[tuple[int, str, Any, Any]]:
        """Fill in what follows, in place (new columns are added). Gives (row, column, given value, computed value) where a derived one differs."""
        for part in self._before:
            self._fill(part, columns, length)
        differing: list[tuple[int, str, Any, Any]] = []
        for part in self._derived:
            name = part.outputs[0]
            given = columns.get(name)
            (right,) = self._outputs(part, columns, length)
            if given is not None:
                for row, (old, new) in enumerate(zip(given, right, strict=True)):
                    if old != new and old is not None:
                        if new is None:
                            right[row] = old
                        else:
                            differing.append((row, name, old, new))
            columns[name] = right
        for part in self._after:
            self._fill(part, columns, length)
        return differing

    def _fill(self, part: _Part, columns: Columns, length: int) -> None:
        if part.outputs[0] in self._has:
            for name, values in zip(part.outputs, self._outputs(part, columns, length), strict=True):
                columns[name] = values

    def _outputs(self, part: _Part, columns: Columns, length: int) -> list[list[Any]]:
        blank = [None] * length
        found = part.answers.each(list(zip(*(columns.get(name, blank) for name in part.inputs), strict=True)))
        if len(part.outputs) == 1:
            return [found]
        return [list(values) for values in zip(*found, strict=True)] or [[] for _ in part.outputs]

    def _part(self, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> _Part:
        def calculate(given: tuple[Any, ...]) -> Any:
            values = {n: list(v) if isinstance(v, tuple) else v for n, v in zip(inputs, given, strict=True) if v not in (None, ())}
            out, _ = derivation.derive(self._codebook, values)
            found = tuple(tuple(v) if isinstance(v := out.get(name), list) else v for name in outputs)
            return found if len(found) > 1 else found[0]

        return _Part(inputs, outputs, Remembered(calculate))


def columns_of(node: Node) -> set[str]:
    """Names of the columns that an expression reads."""
    if isinstance(node, ColumnRef):
        return {node.name}
    return {name for arg in node.args for name in columns_of(arg)} if isinstance(node, Call) else set()
