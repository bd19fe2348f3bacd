"""Expressions as Python closures over one row (a dict that has every column; missing values are None, empty lists are null).

Three-valued logic as in SQL: a comparison with null is null; AND, OR and NOT follow Kleene. The bulk form is `duck`; a property test holds
both equal.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from eventcoder.codebook import functions
from eventcoder.codebook.expression.nodes import LIST, Call, ColumnRef, Literal, Node
from eventcoder.codebook.expression.patterns import for_python
from eventcoder.codebook.lists import CodeList

Row = Mapping[str, Any]
Closure = Callable[[Row], Any]
LATEST_TODAY = "latest_today()"  # the key under which a row carries the day (ISO text)

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TWO: dict[str, Callable[[Any, Any], Any]] = {
    **_COMPARE,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "has_word": functions.has_word,
    "mentions": functions.mentions,
    "days_between": functions.days_between,
    "+": lambda a, b: float(a) + float(b),
    "-": lambda a, b: float(a) - float(b),
    "*": lambda a, b: float(a) * float(b),
}
_ONE: dict[str, Callable[[Any], Any]] = {
    "negate": operator.neg,
    "suffix": functions.suffix,
    "regime_start": functions.regime_start,
    "regime_end": functions.regime_end,
    "year": functions.year,
    "month": functions.month,
    "day": functions.day,
    "decimals": functions.decimals,
    "lower": functions.lower,
}


def interaction_table(lists: Mapping[str, CodeList]) -> dict[tuple[str, str | None], str]:
    """(inter1, inter2 or None) -> interaction label, from the numbers of both lists: 16 is 1 with 6 in either order, 60 is 6 alone."""
    by_number = {lists["interactions"].attribute(code, "number"): code for code in lists["interactions"].codes}
    inter = {code: lists["inter"].attribute(code, "number") for code in lists["inter"].codes}
    out: dict[tuple[str, str | None], str] = {}
    for first, one in inter.items():
        if one is None:
            continue
        alone = by_number.get(f"{one}0")
        if alone:
            out[first, None] = alone
        for second, two in inter.items():
            label = by_number.get("".join(sorted((one, two)))) if two is not None else None
            if label:
                out[first, second] = label
    return out


def compile_closure(node: Node, lists: Mapping[str, CodeList]) -> Closure:
    """A function from a row to the node's value (None is null)."""
    if isinstance(node, Literal):
        constant = node.value
        return lambda row: constant
    if isinstance(node, ColumnRef):
        return operator.itemgetter(node.name)
    build = _BUILDERS.get(node.name)
    if build is not None:
        return build(node, lists)
    args = [compile_closure(arg, lists) for arg in node.args]
    if node.name in _ONE:
        return _unary(_ONE[node.name], args[0])
    return _binary(_TWO[node.name], args[0], args[1])


def _unary(function: Callable[[Any], Any], arg: Closure) -> Closure:
    def run(row: Row) -> Any:
        value = arg(row)
        return None if value is None else function(value)

    return run


def _binary(function: Callable[[Any, Any], Any], left: Closure, right: Closure) -> Closure:
    def run(row: Row) -> Any:
        a = left(row)
        if a is None:
            return None
        b = right(row)
        return None if b is None else function(a, b)

    return run


def _and(node: Call, lists: Mapping[str, CodeList]) -> Closure:
    args = [compile_closure(arg, lists) for arg in node.args]

    def run(row: Row) -> Any:
        result: bool | None = True
        for arg in args:
            value = arg(row)
            if value is False:
                return False
            if value is None:
                result = None
        return result

    return run


def _or(node: Call, lists: Mapping[str, CodeList]) -> Closure:
    args = [compile_closure(arg, lists) for arg in node.args]

    def run(row: Row) -> Any:
        result: bool | None = False
        for arg in args:
            value = arg(row)
            if value is True:
                return True
            if value is None:
                result = None
        return result

    return run


def _is_null(node: Call, lists: Mapping[str, CodeList]) -> Closure:
    arg = compile_closure(node.args[0], lists)
    if node.args[0].type == LIST:
        return lambda row: not arg(row)
    return lambda row: arg(row) is None


def _in(node: Call, lists: Mapping[str, CodeList]) -> Closure:
    arg = compile_closure(node.args[0], lists)
    items = frozenset(item.value for item in node.args[1:] if isinstance(item, Literal))
    return _unary(items.__contains__, arg)


def _case(node: Call, lists: Mapping[str, CodeList]) -> Closure:
    args = [compile_closure(arg, lists) for arg in node.args]
    pairs = list(zip(args[:-1:2], args[1:-1:2], strict=True))
    otherwise = args[-1]

    def run(row: Row) -> Any:
        for condition, value in pairs:
            if condition(row) is True:
                return value(row)
        return otherwise(row)

    return run


def _coalesce(node: Call, lists: Mapping[str, CodeList]) -> Closure:
    args = [compile_closure(arg, lists) for arg in node.args]
    empty_is_null = node.type == LIST

    def run(row: Row) -> Any:
        for arg in args:
            value = arg(row)
            if value is not None and not (empty_is_null and not value):
                return value
        return None

    return run


def _named(node: Node) -> str:
    assert isinstance(node, Literal)
    return str(node.value)


def _lookup(node: Call, lists: Mapping[str, CodeList]) -> Closure:
    attribute = lists[_named(node.args[0])].attribute
    name = _named(node.args[2])
    code = compile_closure(node.args[1], lists)
    if node.name == "lookup":
        return lambda row: attribute(code(row), name)

    def number(row: Row) -> float | None:
        cell = attribute(code(row), name)
        return None if cell is None else float(cell)

    return number


def _in_list(node: Call, lists: Mapping[str, CodeList]) -> Closure:
    return _unary(lists[_named(node.args[0])].__contains__, compile_closure(node.args[1], lists))


def _all_in_list(node: Call, lists: Mapping[str, CodeList]) -> Closure:
    code_list = lists[_named(node.args[0])]
    arg = compile_closure(node.args[1], lists)
    return lambda row: all(item in code_list for item in arg(row) or ())


def _has_item(node: Call, lists: Mapping[str, CodeList]) -> Closure:
    items, arg = (compile_closure(part, lists) for part in node.args)

    def run(row: Row) -> Any:
        wanted = arg(row)
        return None if wanted is None else wanted in (items(row) or ())

    return run


class _Search:
    """A search for a pattern that is compiled when first asked: most rules do not apply to most events, and compiling is slow."""

    __slots__ = ("pattern", "search")

    def __init__(self, node: Node) -> None:
        self.pattern = _named(node)
        self.search: Callable[[str], Any] | None = None

    def __call__(self, text: str) -> bool:
        if self.search is None:
            self.search = re.compile(for_python(self.pattern), re.ASCII).search
        return self.search(text) is not None


def _matches(node: Call, lists: Mapping[str, CodeList]) -> Closure:
    return _unary(_Search(node.args[1]), compile_closure(node.args[0], lists))


def _any_item_matches(node: Call, lists: Mapping[str, CodeList]) -> Closure:
    search, items = _Search(node.args[1]), compile_closure(node.args[0], lists)
    return lambda row: any(search(item) for item in items(row) or ())


def _count_items_matching(node: Call, lists: Mapping[str, CodeList]) -> Closure:
    search, items = _Search(node.args[1]), compile_closure(node.args[0], lists)
    return lambda row: sum(1 for item in items(row) or () if search(item))


def _length(node: Call, lists: Mapping[str, CodeList]) -> Closure:
    arg = compile_closure(node.args[0], lists)
    if node.args[0].type == LIST:
        return lambda row: len(arg(row) or ())
    return _unary(len, arg)


def _combine_inter(node: Call, lists: Mapping[str, CodeList]) -> Closure:
    table = interaction_table(lists)
    first, second = (compile_closure(arg, lists) for arg in node.args)
    return lambda row: table.get((first(row), second(row)))


_BUILDERS: dict[str, Callable[[Call, Mapping[str, CodeList]], Closure]] = {
    "and": _and,
    "or": _or,
    "not": lambda node, lists: _unary(operator.not_, compile_closure(node.args[0], lists)),
    "is null": _is_null,
    "in": _in,
    "case": _case,
    "coalesce": _coalesce,
    "lookup": _lookup,
    "lookup_number": _lookup,
    "in_list": _in_list,
    "all_in_list": _all_in_list,
    "has_item": _has_item,
    "any_item_matches": _any_item_matches,
    "count_items_matching": _count_items_matching,
    "matches": _matches,
    "length": _length,
    "combine_inter": _combine_inter,
    "latest_today": lambda node, lists: operator.itemgetter(LATEST_TODAY),
}
