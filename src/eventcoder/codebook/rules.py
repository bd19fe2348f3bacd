"""Rules, keyed checks and checks as records: what `rules.toml` and `checks.toml` say, parsed. Reading them is `rulebook`'s job.

A `Check` is one condition that means "broken" where it is true: every rule is one, and so is everything that `columns.csv` demands (required, codes,
bounds, patterns, derived values). Both compiled forms are made of the same checks, so that they cannot differ in what they look for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eventcoder.codebook.columns import Column
from eventcoder.codebook.expression.nodes import BOOL, LIST, NUMBER, TEXT, TRUE, Call, ColumnRef, Literal, Node
from eventcoder.problem import Severity

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Rule:
    """A row rule: broken where `applies` is true and `expect` is false. `passing` and `failing` are rows that prove it."""

    id: str
    severity: Severity
    applies: str
    expect: str
    fields: tuple[str, ...]
    message: str
    source: str
    passing: tuple[dict[str, Any], ...] = ()
    failing: tuple[dict[str, Any], ...] = ()
    applies_tree: Node = TRUE
    expect_tree: Node = TRUE

    @property
    def broken(self) -> Node:
        """The condition that is true exactly where the rule is broken."""
        return Call("and", (self.applies_tree, Call("not", (self.expect_tree,), BOOL)), BOOL)


@dataclass(frozen=True, slots=True)
class Keyed:
    """A check over several rows: no two rows for which `where` holds share the values of `key`. `extra` holds further keys of the table."""

    id: str
    severity: Severity
    key: tuple[str, ...]
    where: str
    message: str
    source: str
    where_tree: Node = TRUE
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """A condition over one row that is true where the row is broken. `message` may hold {column} placeholders."""

    code: str
    severity: Severity
    field: str | None
    message: str
    broken: Node


def _not(node: Node) -> Node:
    return Call("not", (node,), BOOL)


def column_checks(column: Column, derivation: Node | None, codes: tuple[str, ...] = ()) -> list[Check]:
    """What `columns.csv` demands of one column, as checks; `codes` are those of its list. System columns may be absent, never wrong."""
    name, me = column.name, ColumnRef(column.name, column.kind)
    out: list[Check] = []

    def add(code: str, message: str, broken: Node) -> None:
        out.append(Check(code, "error", name, message, broken))

    if column.required and column.entered != "system":
        add("missing-required", f"{name} ({column.label or name}) is required. Give a value, or leave the event open.", Call("is null", (me,), BOOL))
    if column.list:
        listed = Literal(column.list, TEXT)
        if column.kind == LIST:
            known: Node = Call("all_in_list", (listed, me), BOOL)
        elif column.kind == NUMBER:
            known = Call("in", (me, *(Literal(float(code), NUMBER) for code in codes)), BOOL)
        else:
            known = Call("in_list", (listed, me), BOOL)
        add("unknown-code", f"{{{name}}} is not a code of the list {column.list} ({name}). Choose one of its codes.", _not(known))
    for bound, sign in ((column.min, "<"), (column.max, ">")):
        if bound is not None:
            edge = Literal(float(bound), NUMBER) if column.kind == NUMBER else Literal(bound, column.kind)
            add("out-of-range", f"{name} {{{name}}} is out of range: {range_text(column)}.", Call(sign, (me, edge), BOOL))
    if column.pattern:
        pattern = Literal(column.pattern, TEXT)
        if column.kind == LIST:
            broken: Node = Call("<>", (Call("count_items_matching", (me, pattern), NUMBER), Call("length", (me,), NUMBER)), BOOL)
        else:
            broken = _not(Call("matches", (me, pattern), BOOL))
        add("pattern-mismatch", f"{name} {{{name}}} does not have the form {column.pattern.replace('{', '{{').replace('}', '}}')}.", broken)
    if column.kind == TEXT:
        limit = Literal(float(column.longest), NUMBER)
        long = Call(">", (Call("length", (me,), NUMBER), limit), BOOL)
        add("text-too-long", f"{name} is longer than {column.longest:,} characters. Shorten it.", long)
    if derivation is not None:
        message = f"{name} {{{name}}} is not what the other values give. Leave {name} out: it is computed."
        add("derived-mismatch", message, Call("<>", (me, derivation), BOOL))
    return out


def range_text(column: Column) -> str:
    """The allowed range in words."""
    if column.min is None or column.max is None:
        return f"at least {column.min}" if column.max is None else f"at most {column.max}"
    return f"{column.min} to {column.max}"
