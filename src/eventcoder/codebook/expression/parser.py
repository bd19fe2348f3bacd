"""Parsing an expression into its typed tree (Pratt parser). Refuses everything outside the language with the place and the reason.

Precedence, low to high: OR, AND, NOT, comparison (= <> < <= > >= IN BETWEEN IS; none of them chains), + and -, *, sign.
No value changes its type by itself; a comparison needs two sides of one type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from eventcoder.codebook.expression.nodes import BOOL, DATE, LIST, NUMBER, TEXT, Call, ColumnRef, Literal, Node
from eventcoder.codebook.expression.patterns import PatternError, for_python
from eventcoder.codebook.expression.tokens import ExpressionError, Token, tokenize
from eventcoder.codebook.functions import ATTRIBUTE, FUNCTIONS, LIST_NAME, NUMBER_ATTRIBUTE, PATTERN
from eventcoder.codebook.suggestion import did_you_mean

MAX_DEPTH = 40  # nested parentheses, functions and CASEs
MAX_CALCULATIONS = 60  # + - * in one expression
MAX_NUMBER = 1e15  # of a literal
MAX_MAGNITUDE = 1e100  # of anything calculated: no expression can overflow to infinity
NULL = "null"  # the type of a bare NULL until its neighbour is known

_COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)


class ListLike(Protocol):
    """What the parser needs of a code list."""

    @property
    def attributes(self) -> tuple[str, ...]: ...
    def column(self, name: str) -> tuple[str | None, ...]: ...


@dataclass(frozen=True, slots=True)
class Scope:
    """What names mean: columns with their types, code lists."""

    columns: Mapping[str, str]
    lists: Mapping[str, ListLike]


def parse(text: str, scope: Scope, want: str = BOOL) -> Node:
    """The tree of `text`, of type `want`. Raises `ExpressionError` with offset and reason."""
    parser = _Parser(tokenize(text), scope)
    node = parser.expression()
    end = parser.token
    if end.kind != "end":
        raise ExpressionError(f"{end.text!r} is one word too many here", end.offset)
    if node.type == NULL:
        node = Literal(None, want)
    if node.type != want:
        raise ExpressionError(f"the whole must be a {want}, but it is a {node.type}", 0)
    return node


class _Parser:
    def __init__(self, tokens: list[Token], scope: Scope) -> None:
        self.tokens = tokens
        self.scope = scope
        self.at = 0
        self.depth = 0
        self.calculations = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def accept(self, *texts: str) -> Token | None:
        token = self.token
        return self.take() if token.kind in ("symbol", "keyword") and token.text in texts else None

    def expect(self, text: str, after: str) -> Token:
        found = self.accept(text)
        if found is None:
            got = repr(self.token.text) if self.token.kind != "end" else "the end"
            raise ExpressionError(f"'{text}' is missing {after} (found {got})", self.token.offset)
        return found

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"nested deeper than {MAX_DEPTH}", self.token.offset)
        node = self.logic("OR")
        self.depth -= 1
        return node

    def logic(self, word: str) -> Node:
        """A chain of OR, or of AND: one flat node however long."""
        begin = self.token.offset
        items = [self.logic("AND") if word == "OR" else self.negation()]
        while self.accept(word):
            offset = self.token.offset
            items[-1] = self.typed(items[-1], BOOL, begin, f"{word} joins conditions")
            items.append(self.typed(self.logic("AND") if word == "OR" else self.negation(), BOOL, offset, f"{word} joins conditions"))
        return items[0] if len(items) == 1 else Call(word.lower(), tuple(items), BOOL)

    def negation(self) -> Node:
        negative = False
        seen = False
        while self.accept("NOT"):
            negative, seen = not negative, True
        offset = self.token.offset
        node = self.comparison()
        if seen:
            node = self.typed(node, BOOL, offset, "NOT turns a condition round")
        return Call("not", (node,), BOOL) if negative else node

    def comparison(self) -> Node:
        offset = self.token.offset
        left = self.sum()
        sign = self.accept(*_COMPARISONS)
        if sign is not None:
            right = self.sum()
            left, right = self.same(left, right, sign.offset, f"'{sign.text}'")
            if left.type == LIST:
                raise ExpressionError("a list column stands only inside list functions (has_item, length, ...) and IS NULL", offset)
            if left.type == BOOL and sign.text not in ("=", "<>"):
                raise ExpressionError(f"'{sign.text}' does not order conditions", sign.offset)
            node: Node = Call(sign.text, (left, right), BOOL)
        elif self.accept("IS"):
            negative = self.accept("NOT") is not None
            self.expect("NULL", "after IS")
            node = Call("is null", (left,), BOOL)
            node = Call("not", (node,), BOOL) if negative else node
        else:
            negative = self.accept("NOT") is not None
            if self.accept("IN"):
                node = self.membership(left, offset)
            elif word := self.accept("BETWEEN"):
                node = self.between(left, word.offset)
            elif negative:
                raise ExpressionError("NOT here needs IN or BETWEEN after it", self.token.offset)
            else:
                return left
            node = Call("not", (node,), BOOL) if negative else node
        if self.token.text in _COMPARISONS or (self.token.kind == "keyword" and self.token.text in ("IN", "BETWEEN", "IS")):
            raise ExpressionError("comparisons do not chain: join them with AND, or use parentheses", self.token.offset)
        return node

    def membership(self, left: Node, offset: int) -> Node:
        if left.type in (LIST, BOOL, NULL):
            raise ExpressionError(f"IN needs a text, number or date before it, not a {left.type}", offset)
        self.expect("(", "after IN")
        items: list[Node] = []
        while True:
            at = self.token.offset
            item = self.sum()
            if not isinstance(item, Literal) or item.value is None:
                raise ExpressionError("IN takes literals only", at)
            if item.type != left.type:
                raise ExpressionError(f"IN compares a {left.type} with a {item.type}", at)
            items.append(item)
            if not self.accept(","):
                break
        self.expect(")", "to close IN")
        return Call("in", (left, *items), BOOL)

    def between(self, left: Node, offset: int) -> Node:
        low = self.sum()
        self.expect("AND", "in BETWEEN")
        high = self.sum()
        left, low = self.same(left, low, offset, "BETWEEN")
        left, high = self.same(left, high, offset, "BETWEEN")
        if left.type in (LIST, BOOL):
            raise ExpressionError(f"BETWEEN does not order a {left.type}", offset)
        return Call("and", (Call(">=", (left, low), BOOL), Call("<=", (left, high), BOOL)), BOOL)

    def sum(self) -> Node:
        return self.chain(("+", "-"))

    def chain(self, signs: tuple[str, ...]) -> Node:
        offset = self.token.offset
        node = self.chain(("*",)) if "+" in signs else self.sign()
        while sign := self.accept(*signs):
            self.calculations += 1
            if self.calculations > MAX_CALCULATIONS:
                raise ExpressionError(f"more than {MAX_CALCULATIONS} calculations", sign.offset)
            at = self.token.offset
            right = self.typed(self.chain(("*",)) if "+" in signs else self.sign(), NUMBER, at, f"'{sign.text}' calculates with numbers")
            node = Call(sign.text, (self.typed(node, NUMBER, offset, f"'{sign.text}' calculates with numbers"), right), NUMBER)
            if _magnitude(node) > MAX_MAGNITUDE:
                raise ExpressionError("the result could be too large to be exact", sign.offset)
        return node

    def sign(self) -> Node:
        minus = self.accept("-")
        if minus is None:
            return self.primary()
        node = self.typed(self.primary(), NUMBER, minus.offset, "'-' needs a number")
        return Literal(-node.value, NUMBER) if isinstance(node, Literal) and isinstance(node.value, float) else Call("negate", (node,), NUMBER)

    def primary(self) -> Node:
        token = self.take()
        if token.kind == "number":
            if len(token.text) > 32 or float(token.text) > MAX_NUMBER:
                raise ExpressionError(f"a number larger than {MAX_NUMBER:.0e} or with too many digits", token.offset)
            return Literal(float(token.text), NUMBER)
        if token.kind == "text":
            return Literal(token.text, TEXT)
        if token.kind == "name":
            return self.call(token) if self.token.text == "(" and self.token.kind == "symbol" else self.column(token)
        if token.kind == "symbol" and token.text == "(":
            node = self.expression()
            self.expect(")", "to close '('")
            return node
        if token.kind == "keyword":
            if token.text in ("TRUE", "FALSE"):
                return Literal(token.text == "TRUE", BOOL)
            if token.text == "NULL":
                return Literal(None, NULL)
            if token.text == "DATE":
                return self.date(token)
            if token.text == "CASE":
                return self.case(token)
            if token.text == "COALESCE":
                return self.coalesce(token)
        found = "the end" if token.kind == "end" else repr(token.text)
        raise ExpressionError(f"a value is missing here (found {found})", token.offset)

    def date(self, word: Token) -> Node:
        token = self.take()
        if token.kind != "text" or not _DATE.fullmatch(token.text):
            raise ExpressionError("a date is written DATE '2020-01-31'", word.offset)
        try:
            date.fromisoformat(token.text)
        except ValueError:
            raise ExpressionError(f"there is no day {token.text}", token.offset) from None
        return Literal(token.text, DATE)

    def column(self, token: Token) -> Node:
        type_ = self.scope.columns.get(token.text)
        if type_ is None:
            raise ExpressionError(f"unknown column '{token.text}'. {did_you_mean(token.text, self.scope.columns)}".rstrip(), token.offset)
        return ColumnRef(token.text, type_)

    def case(self, word: Token) -> Node:
        self.depth += 1
        if self.token.text != "WHEN":
            raise ExpressionError("CASE is followed by WHEN", self.token.offset)
        parts: list[Node] = []
        values: list[tuple[int, int]] = []  # index in parts, offset
        while self.accept("WHEN"):
            offset = self.token.offset
            parts.append(self.typed(self.expression(), BOOL, offset, "WHEN needs a condition"))
            self.expect("THEN", "after WHEN")
            values.append((len(parts), self.token.offset))
            parts.append(self.expression())
        if self.accept("ELSE"):
            values.append((len(parts), self.token.offset))
            parts.append(self.expression())
        else:
            values.append((len(parts), self.token.offset))
            parts.append(Literal(None, NULL))
        self.expect("END", "to close CASE")
        type_ = self.unify([parts[at] for at, _ in values], word.offset, "the values of CASE")
        for at, _offset in values:
            parts[at] = _settled(parts[at], type_)
        self.depth -= 1
        return Call("case", tuple(parts), type_)

    def coalesce(self, word: Token) -> Node:
        self.expect("(", "after COALESCE")
        items = [self.expression()]
        while self.accept(","):
            items.append(self.expression())
        self.expect(")", "to close COALESCE")
        type_ = self.unify(items, word.offset, "the values of COALESCE")
        return Call("coalesce", tuple(_settled(item, type_) for item in items), type_)

    def call(self, token: Token) -> Node:
        signature = FUNCTIONS.get(token.text)
        if signature is None:
            raise ExpressionError(f"unknown function '{token.text}'. {did_you_mean(token.text, FUNCTIONS)}".rstrip(), token.offset)
        self.expect("(", "after the function's name")
        args: list[Node] = []
        for number, kind in enumerate(signature.args):
            if number:
                self.expect(",", f"in {token.text}, which takes {len(signature.args)} values")
            args.append(self.argument(token, number, kind, args))
        self.expect(")", f"to close {token.text}, which takes {len(signature.args)} value{'' if len(signature.args) == 1 else 's'}")
        if token.text == "combine_inter":
            for needed in ("inter", "interactions"):
                self.known_list(needed, token.offset)
        return Call(token.text, tuple(args), signature.result)

    def argument(self, function: Token, number: int, kind: str, before: list[Node]) -> Node:
        token = self.token
        if kind in (LIST_NAME, ATTRIBUTE, NUMBER_ATTRIBUTE):
            if token.kind not in ("name", "text"):
                raise ExpressionError(f"value {number + 1} of {function.text} is a {kind.replace('number ', '')}", token.offset)
            self.take()
            if kind == LIST_NAME:
                self.known_list(token.text, token.offset)
            else:
                self.known_attribute(before[0], token, kind)
            return Literal(token.text, TEXT)
        if kind == PATTERN:
            if token.kind != "text":
                raise ExpressionError(f"value {number + 1} of {function.text} is a pattern in single quotes", token.offset)
            self.take()
            try:
                for_python(token.text)
            except PatternError as error:
                raise ExpressionError(f"pattern: {error.reason}", token.offset + 1 + error.offset) from None
            return Literal(token.text, TEXT)
        node = self.expression()
        if kind == "measurable":
            if node.type not in (TEXT, LIST):
                raise ExpressionError(f"{function.text} takes a text or a list, not a {node.type}", token.offset)
            return node
        return self.typed(node, kind, token.offset, f"value {number + 1} of {function.text} is a {kind}")

    def known_list(self, name: str, offset: int) -> None:
        if name not in self.scope.lists:
            raise ExpressionError(f"unknown list '{name}'. {did_you_mean(name, self.scope.lists)}".rstrip(), offset)

    def known_attribute(self, named: Node, token: Token, kind: str) -> None:
        assert isinstance(named, Literal)
        code_list = self.scope.lists[str(named.value)]
        if token.text not in code_list.attributes:
            known = did_you_mean(token.text, code_list.attributes)
            raise ExpressionError(f"list '{named.value}' has no attribute '{token.text}'. {known}".rstrip(), token.offset)
        if kind == NUMBER_ATTRIBUTE and not all(cell is None or _NUMBER.fullmatch(cell) for cell in code_list.column(token.text)):
            raise ExpressionError(f"attribute '{token.text}' of list '{named.value}' holds more than numbers", token.offset)

    def typed(self, node: Node, type_: str, offset: int, reason: str) -> Node:
        if node.type == NULL:
            return _settled(node, type_)
        if node.type != type_:
            raise ExpressionError(f"{reason}; this is a {node.type}", offset)
        return node

    def same(self, left: Node, right: Node, offset: int, what: str) -> tuple[Node, Node]:
        type_ = self.unify([left, right], offset, what)
        return _settled(left, type_), _settled(right, type_)

    def unify(self, nodes: Sequence[Node], offset: int, what: str) -> str:
        types = list(dict.fromkeys(node.type for node in nodes if node.type != NULL))
        if not types:
            raise ExpressionError(f"{what}: nothing but NULL", offset)
        if len(types) > 1:
            raise ExpressionError(f"{what}: a {types[0]} and a {types[1]} do not go together", offset)
        return types[0]


def _settled(node: Node, type_: str) -> Node:
    return Literal(None, type_) if node.type == NULL else node


def _magnitude(node: Node) -> float:
    """The largest absolute value that a number may have; columns are bounded by 2**53 when they are read."""
    if isinstance(node, Literal):
        return abs(node.value) if isinstance(node.value, float) else 0.0
    if not isinstance(node, Call) or node.type != NUMBER:
        return 1e16
    if node.name == "*":
        return _magnitude(node.args[0]) * _magnitude(node.args[1])
    if node.name in ("+", "-"):
        return _magnitude(node.args[0]) + _magnitude(node.args[1])
    if node.name in ("negate", "coalesce", "case"):
        return max((_magnitude(arg) for arg in node.args if arg.type == NUMBER), default=0.0)
    return 1e16
