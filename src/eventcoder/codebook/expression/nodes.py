"""The syntax tree of an expression: three frozen node classes, each with its type; their compact JSON form for the cache.

Types are text, number, date, bool and list (of texts). Everything that is calculated is a `Call`: operators, CASE, COALESCE and functions alike,
so that a compiler is one table from the operation's name to its meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TEXT, NUMBER, DATE, BOOL, LIST = "text", "number", "date", "bool", "list"


@dataclass(frozen=True, slots=True)
class ColumnRef:
    """The value of a column."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: str (also for dates, as ISO text), float, bool or None."""

    value: str | float | bool | None
    type: str


@dataclass(frozen=True, slots=True)
class Call:
    """An operation over arguments. `name` is a function of the registry or an operator ("=", "and", "case", ...)."""

    name: str
    args: tuple[Node, ...]
    type: str


Node = ColumnRef | Literal | Call

TRUE = Literal(True, BOOL)


def to_json(node: Node) -> list[Any]:
    """The node as nested lists: `["c", name, type]`, `["l", value, type]`, `["f", name, [args], type]`."""
    if isinstance(node, ColumnRef):
        return ["c", node.name, node.type]
    if isinstance(node, Literal):
        return ["l", node.value, node.type]
    return ["f", node.name, [to_json(arg) for arg in node.args], node.type]


def from_json(data: list[Any]) -> Node:
    """The inverse of `to_json`. Raises ValueError, TypeError or IndexError for anything else (the cache is rebuilt then)."""
    if data[0] == "f":
        return Call(data[1], tuple([from_json(arg) for arg in data[2]]), data[3])
    if data[0] == "c":
        return ColumnRef(data[1], data[2])
    if data[0] == "l":
        return Literal(data[1], data[2])
    raise ValueError(f"no node begins with {data[0]!r}")


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    if isinstance(node, Call):
        for arg in node.args:
            yield from walk(arg)


def column_names(node: Node) -> list[str]:
    """Names of the columns that the node reads, in order of first use."""
    return list(dict.fromkeys(part.name for part in walk(node) if isinstance(part, ColumnRef)))
