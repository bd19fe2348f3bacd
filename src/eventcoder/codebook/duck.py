"""Expressions as DuckDB SQL over a relation with the codebook's columns: the bulk form, with the verdicts of `closures`.

The text is written from the typed tree alone: names, literals and patterns were checked when the tree was made, nothing of a codebook reaches the
engine as it stands in the file. Numbers are doubles, dates are DATE, texts compare by code point, an empty list is a null list.

The connection cannot read files or the network and its configuration is locked: even a hole in the expression language would open onto nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from eventcoder.codebook.closures import interaction_table
from eventcoder.codebook.expression.nodes import BOOL, DATE, LIST, NUMBER, TEXT, Call, ColumnRef, Literal, Node
from eventcoder.codebook.expression.patterns import for_re2
from eventcoder.codebook.functions import MAX_DECIMALS, OPEN_END
from eventcoder.codebook.lists import CodeList
from eventcoder.codebook.rules import Rule

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from eventcoder.codebook.schema import Codebook

_SUFFIX = r"(?s)\(([^()]*)\)[^(]*\z"
_REGIME = r"\(([0-9]{4})-([0-9]{4})?\)"
_BETWEEN = "\x1e"  # between the cells of an attribute
_PAIR = "\x1f"  # between two actor classes in one key; no label can hold a control character
LONG = 400  # characters of an operand that is written out more than once
_TYPES = {TEXT: "VARCHAR", NUMBER: "DOUBLE", DATE: "DATE", BOOL: "BOOLEAN", LIST: "VARCHAR[]"}
Lists = Mapping[str, CodeList]


def connect() -> DuckDBPyConnection:
    """A database in memory that reaches nothing outside: no files, no network, no extensions, no Python variables; locked so."""
    import duckdb

    con = duckdb.connect(":memory:")
    for setting in (
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "python_enable_replacements = false",
        "enable_progress_bar = false",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        con.execute(f"SET {setting}")
    return con


def prepare(con: DuckDBPyConnection, codebook: Codebook, latest_today: date | None = None) -> None:
    """Make the code lists and the day of `latest_today()` known to the connection. Needed once, before predicates run on it.

    Each list becomes an enumeration: a look-up is then one hash and one index, four times faster than a constant map.
    """
    day = f"DATE '{latest_today.isoformat()}'" if latest_today else "CAST(NULL AS DATE)"
    con.execute(f"CREATE OR REPLACE TEMP MACRO eventcoder_latest_today() AS {day}")
    for code_list in codebook.lists.values():
        if code_list.codes:
            con.execute(f"CREATE TYPE {_enumeration(code_list)} AS ENUM ({_codes(code_list.codes)})")


def rule_predicate(codebook: Codebook, rule: Rule) -> str:
    """SQL that is true exactly where the rule is broken."""
    return node_sql(codebook, rule.broken)


def node_sql(codebook: Codebook, node: Node) -> str:
    """The SQL of an expression's tree, in parentheses."""
    return _sql(node, codebook.lists)


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _number(value: float) -> str:
    text = repr(float(value))
    return text if "e" in text else text + "e0"  # without an exponent DuckDB reads a DECIMAL


def _sql(node: Node, lists: Lists) -> str:
    if isinstance(node, Literal):
        return _literal(node)
    if isinstance(node, ColumnRef):
        # integers are compared as doubles, as in Python's form
        return f'CAST("{node.name}" AS DOUBLE)' if node.type == NUMBER else f'"{node.name}"'
    build = _BUILDERS.get(node.name)
    if build is not None:
        return build(node, lists)
    return _TEMPLATES[node.name].format(*(_sql(arg, lists) for arg in node.args))


def _literal(node: Literal) -> str:
    if node.value is None:
        return f"CAST(NULL AS {_TYPES.get(node.type, 'BOOLEAN')})"
    if node.type == BOOL:
        return "TRUE" if node.value else "FALSE"
    if node.type == NUMBER:
        return _number(float(node.value))
    if node.type == DATE:
        return f"DATE {quoted(str(node.value))}"
    return quoted(str(node.value))


def _name(node: Node) -> str:
    assert isinstance(node, Literal)
    return str(node.value)


def _codes(codes: Iterable[str]) -> str:
    return ", ".join(quoted(code) for code in codes) or "NULL"


def _pattern(node: Node) -> str:
    return quoted(for_re2(_name(node)))


def _enumeration(code_list: CodeList) -> str:
    return f'"codes of {code_list.name}"'


def _joined(word: str) -> Callable[[Call, Lists], str]:
    return lambda node, lists: "(" + f" {word} ".join(_sql(arg, lists) for arg in node.args) + ")"


def _is_null(node: Call, lists: Lists) -> str:
    arg = _sql(node.args[0], lists)
    return f"(coalesce(len({arg}), 0) = 0)" if node.args[0].type == LIST else f"({arg} IS NULL)"


def _in(node: Call, lists: Lists) -> str:
    arg, *items = (_sql(part, lists) for part in node.args)
    return f"({arg} IN ({', '.join(items)}))"


def _case(node: Call, lists: Lists) -> str:
    args = [_sql(arg, lists) for arg in node.args]
    pairs = " ".join(f"WHEN {when} THEN {then}" for when, then in zip(args[:-1:2], args[1:-1:2], strict=True))
    return f"(CASE {pairs} ELSE {args[-1]} END)"


def _coalesce(node: Call, lists: Lists) -> str:
    args = [_sql(arg, lists) for arg in node.args]
    if node.type == LIST:
        args = [_once(arg, lambda bound: f"(CASE WHEN len({bound}) > 0 THEN {bound} END)") for arg in args]
    return f"coalesce({', '.join(args)})"


def _once(arg: str, use: Callable[[str], str]) -> str:
    """`use` of an operand that it names several times. A long operand is bound to a name: nested, its text would double with each level."""
    return use(arg) if len(arg) <= LONG else f"list_transform([{arg}], lambda bound: {use('bound')})[1]"


def _lookup(node: Call, lists: Lists) -> str:
    code_list = lists[_name(node.args[0])]
    cells = code_list.column(_name(node.args[2]))
    number = node.name == "lookup_number"
    if not any(cells):
        return f"CAST(NULL AS {'DOUBLE' if number else 'VARCHAR'})"
    # one text that DuckDB folds into a constant list: hundreds of literals would make planning slower than the run itself
    if number:
        values = f"CAST('[{', '.join('NULL' if cell is None else repr(float(cell)) for cell in cells)}]' AS DOUBLE[])"
    else:
        values = f"string_split({quoted(_BETWEEN.join(cell or '' for cell in cells))}, {quoted(_BETWEEN)})"

    def found(key: str) -> str:
        cell = f"list_extract({values}, enum_code(TRY_CAST({key} AS {_enumeration(code_list)})) + 1)"
        return cell if number else f"nullif({cell}, '')"

    key = _sql(node.args[1], lists)
    if isinstance(node.args[1], ColumnRef):
        return found(key)
    # a failing cast costs ten microseconds a row: a calculated key is mostly no code (the years of a regime), a column of codes mostly is one
    return _once(key, lambda bound: f"(CASE WHEN {bound} IN ({_codes(code_list.codes)}) THEN {found(bound)} END)")


def _in_list(node: Call, lists: Lists) -> str:
    code_list, value = lists[_name(node.args[0])], _sql(node.args[1], lists)
    return f"({value} IN ({_codes(code_list.codes)}))" if code_list.codes else f"(CASE WHEN {value} IS NULL THEN NULL ELSE FALSE END)"


def _all_in_list(node: Call, lists: Lists) -> str:
    code_list, items = lists[_name(node.args[0])], _sql(node.args[1], lists)
    unknown = f"item NOT IN ({_codes(code_list.codes)})" if code_list.codes else "TRUE"
    return f"(coalesce(len(list_filter({items}, lambda item: {unknown})), 0) = 0)"


def _has_item(node: Call, lists: Lists) -> str:
    items, wanted = (_sql(arg, lists) for arg in node.args)
    return _once(wanted, lambda bound: f"(CASE WHEN {bound} IS NULL THEN NULL ELSE coalesce(list_contains({items}, {bound}), FALSE) END)")


def _matching(node: Call, lists: Lists) -> str:
    """How many items hold the pattern, as an integer."""
    return f"coalesce(len(list_filter({_sql(node.args[0], lists)}, lambda item: regexp_matches(item, {_pattern(node.args[1])}))), 0)"


def _length(node: Call, lists: Lists) -> str:
    arg = _sql(node.args[0], lists)
    return f"CAST(coalesce(len({arg}), 0) AS DOUBLE)" if node.args[0].type == LIST else f"CAST(length({arg}) AS DOUBLE)"


def _combine_inter(node: Call, lists: Lists) -> str:
    pairs = {first + _PAIR + (second or ""): label for (first, second), label in interaction_table(lists).items()}
    if not pairs:
        return "CAST(NULL AS VARCHAR)"
    first, second = (_sql(arg, lists) for arg in node.args)
    table = ", ".join(f"{quoted(key)}: {quoted(label)}" for key, label in pairs.items())
    return f"map_extract_value(MAP {{{table}}}, {first} || {quoted(_PAIR)} || coalesce({second}, ''))"


def _mentions(node: Call, lists: Lists) -> str:
    text, word = (_sql(arg, lists) for arg in node.args)
    exact = f"contains(lower({text}), lower({word}))"
    if not isinstance(node.args[0], ColumnRef) or len(word) > 5 * LONG:
        return exact
    # most texts that mention a word have it in the same case, and lower() costs six times what contains() does
    return f"(CASE WHEN contains({text}, {word}) THEN TRUE ELSE {exact} END)"


def _decimals(node: Call, lists: Lists) -> str:
    def steps(number: str) -> str:
        scaled = [f"({number} * {_number(10.0**k)})" for k in range(MAX_DECIMALS)]
        counted = " + ".join(f"(CASE WHEN abs({s} - floor({s} + 0.5e0)) > 1e-6 THEN 1e0 ELSE 0e0 END)" for s in scaled)
        return f"(CASE WHEN {number} IS NULL THEN NULL ELSE {counted} END)"

    return _once(_sql(node.args[0], lists), steps)


def _regime_end(node: Call, lists: Lists) -> str:
    pattern = quoted(_REGIME)

    def end(text: str) -> str:
        year = f"coalesce(CAST(nullif(regexp_extract({text}, {pattern}, 2), '') AS DOUBLE), {OPEN_END}e0)"
        return f"(CASE WHEN regexp_matches({text}, {pattern}) THEN {year} END)"

    return _once(_sql(node.args[0], lists), end)


_BUILDERS: dict[str, Callable[[Call, Lists], str]] = {
    "and": _joined("AND"),
    "or": _joined("OR"),
    "is null": _is_null,
    "in": _in,
    "case": _case,
    "coalesce": _coalesce,
    "lookup": _lookup,
    "lookup_number": _lookup,
    "in_list": _in_list,
    "all_in_list": _all_in_list,
    "has_item": _has_item,
    "any_item_matches": lambda node, lists: f"({_matching(node, lists)} > 0)",
    "count_items_matching": lambda node, lists: f"CAST({_matching(node, lists)} AS DOUBLE)",
    "matches": lambda node, lists: f"regexp_matches({_sql(node.args[0], lists)}, {_pattern(node.args[1])})",
    "length": _length,
    "mentions": _mentions,
    "combine_inter": _combine_inter,
    "decimals": _decimals,
    "regime_end": _regime_end,
    "latest_today": lambda node, lists: "eventcoder_latest_today()",
}
_REGIME_SQL = quoted(_REGIME).replace("{", "{{").replace("}", "}}")
_TEMPLATES: dict[str, str] = {
    "not": "(NOT {0})",
    **{sign: f"({{0}} {sign} {{1}})" for sign in ("=", "<>", "<", "<=", ">", ">=", "+", "-", "*")},
    "negate": "(-{0})",
    "starts_with": "starts_with({0}, {1})",
    "ends_with": "ends_with({0}, {1})",
    "has_word": "contains(' ' || {0} || ' ', ' ' || {1} || ' ')",
    "lower": "lower({0})",
    "suffix": "nullif(regexp_extract({0}, " + quoted(_SUFFIX) + ", 1), '')",
    "regime_start": "CAST(nullif(regexp_extract({0}, " + _REGIME_SQL + ", 1), '') AS DOUBLE)",
    "year": "CAST(year({0}) AS DOUBLE)",
    "month": "CAST(month({0}) AS DOUBLE)",
    "day": "CAST(day({0}) AS DOUBLE)",
    "days_between": "CAST(date_diff('day', {0}, {1}) AS DOUBLE)",
}
