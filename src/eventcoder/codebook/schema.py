"""The codebook as one object: columns, lists, rules; what others call. Made by `build` or `cache`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from eventcoder import clock
from eventcoder.codebook import derivation, verdict
from eventcoder.codebook.closures import LATEST_TODAY, Closure, compile_closure
from eventcoder.codebook.coercion import coerce
from eventcoder.codebook.columns import Column
from eventcoder.codebook.expression.nodes import Node
from eventcoder.codebook.lists import CodeList
from eventcoder.codebook.rules import Check, Keyed, Rule, column_checks
from eventcoder.codebook.suggestion import did_you_mean
from eventcoder.errors import CodebookError, NotFound
from eventcoder.problem import Problem

if TYPE_CHECKING:
    from eventcoder.codebook.expression.parser import Scope


@dataclass(frozen=True, repr=False)
class Codebook:
    """A codebook. `hash` is the sha256 of its files; `about` is the whole of `codebook.toml`."""

    about: Mapping[str, Any]
    hash: str
    columns: tuple[Column, ...]
    lists: Mapping[str, CodeList]
    rules: tuple[Rule, ...]
    keyed: tuple[Keyed, ...]
    expectations: tuple[Mapping[str, Any], ...]
    derivations: Mapping[str, Node]  # derived column -> tree of its computation
    patterns: dict[str, re.Pattern[str]] = field(default_factory=dict, repr=False, compare=False)  # compiled at first use

    def __repr__(self) -> str:
        return f"<Codebook {self.id} {self.version}: {len(self.columns)} columns, {len(self.rules)} rules>"

    @property
    def id(self) -> str:
        return str(self.about.get("id", ""))

    @property
    def version(self) -> str:
        return str(self.about.get("version", ""))

    @property
    def title(self) -> str:
        return str(self.about.get("title", ""))

    @property
    def licence(self) -> str:
        return str(self.about.get("licence", ""))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of all columns in order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def columns_by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> Column:
        """The column called `name`. Raises `NotFound` naming the nearest."""
        found = self.columns_by_name.get(name)
        if found is None:
            raise NotFound(f"There is no column '{name}'.", did_you_mean(name, self.names))
        return found

    def rule(self, rule_id: str) -> Rule:
        """The rule with this id. Raises `NotFound` naming the nearest."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise NotFound(f"There is no rule '{rule_id}'.", did_you_mean(rule_id, [rule.id for rule in self.rules]))

    def inter_code(self, number: str) -> str | None:
        """The label of the actor class with this number ("1" state forces ... "8" external forces)."""
        inter = self.lists.get("inter")
        return next((code for code in inter.codes if inter.attribute(code, "number") == number), None) if inter else None

    @property
    def scope(self) -> Scope:
        """What names mean inside this codebook's expressions."""
        from eventcoder.codebook.expression.parser import Scope

        return Scope({column.name: column.kind for column in self.columns}, self.lists)

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """Every condition of one event: what the columns demand, in their order, then the rules."""
        out: list[Check] = []
        for column in self.columns:
            codes = self.lists[column.list].codes if column.list else ()
            out += column_checks(column, self.derivations.get(column.name), codes)
        out += [Check(rule.id, rule.severity, rule.fields[0], rule.message, rule.broken) for rule in self.rules]
        return tuple(out)

    @cached_property
    def compiled(self) -> tuple[tuple[Check, Closure], ...]:
        """The checks with their closures; made at first use."""
        return tuple((check, compile_closure(check.broken, self.lists)) for check in self.checks)

    @cached_property
    def derivers(self) -> dict[str, Closure]:
        """Derived column -> closure that computes it."""
        return {name: compile_closure(tree, self.lists) for name, tree in self.derivations.items()}

    def expression(self, text: str, want: str = "bool") -> Node:
        """The tree of an expression over this codebook's columns (for `--where`). Raises `CodebookError` with place and reason."""
        from eventcoder.codebook.expression.parser import parse
        from eventcoder.codebook.expression.tokens import ExpressionError

        try:
            return parse(text, self.scope, want)
        except ExpressionError as error:
            said = error.reason.rstrip(".")
            stop = "" if said.endswith("?") else "."
            raise CodebookError(f"Expression, column {error.offset + 1}: {said}{stop}", "See 'Expressions' in the documentation.") from None

    def predicate(self, text: str, *, latest_today: date | None = None) -> Closure:
        """A condition as a function of an event's values (missing columns are null): true, false or None. Raises `CodebookError`.

        `latest_today` is the day that `latest_today()` stands for; default: the clock's.
        """
        closure = compile_closure(self.expression(text), self.lists)
        today = latest_today or clock.latest_today(clock.now())
        blank: dict[str, Any] = {**dict.fromkeys(self.names), LATEST_TODAY: today.isoformat()}
        return lambda values: closure({**blank, **values})

    def coerce(self, raw: Mapping[str, Any], *, where: str | None = None) -> tuple[dict[str, Any], list[Problem]]:
        """Text or JSON to typed values of the known columns, and structural problems (those values are left out). "" becomes None.

        Codes match exactly, then whatever their case, then by an old spelling. `where` goes into the problems ("events.csv, line 12").
        """
        return coerce(self, raw, where)

    def derive(self, values: Mapping[str, Any], *, regiven: Collection[str] = ()) -> tuple[dict[str, Any], list[Problem]]:
        """`values` with derived and default columns filled. See `derivation.derive` for `regiven` (columns given in this act, when revising)."""
        return derivation.derive(self, values, regiven)

    def check(self, values: Mapping[str, Any], *, latest_today: date, event_id: str | None = None) -> list[Problem]:
        """Everything that is wrong with one event: required columns, codes, ranges, forms, derived values, all rules."""
        return verdict.check_event(self, values, latest_today=latest_today, event_id=event_id)
