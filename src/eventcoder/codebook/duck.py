"""Expressions as DuckDB SQL: the bulk form of the rules, with the verdicts of the closures (a property test holds them equal).

The engine never sees the text of a rule, only SQL written here from the typed tree. Numbers are doubles, texts compare by code point, an empty
list is null. A code is found by casting it to an inline ENUM (a hash lookup) and its attribute by position in a constant list: no joins.
Connections have external access off and their configuration locked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.codebook.closures import interaction_table
from eventcoder.codebook.expression.nodes import LIST, Call, ColumnRef, Literal, Node
from eventcoder.codebook.expression.patterns import for_re2
from eventcoder.codebook.functions import MAX_DECIMALS, OPEN_END
from eventcoder.codebook.lists import CodeList
from eventcoder.codebook.rules import Rule

if TYPE_CHECKING:
    import duckdb

    from eventcoder.codebook.schema import Codebook

WORD = 62  # checks packed into one signed 64-bit number
SQL_TYPES = {"text": "VARCHAR", "number": "DOUBLE", "date": "DATE", "bool": "BOOLEAN", "list": "VARCHAR[]"}
_SUFFIX = r"(?s)^.*\(([^()]*)\)"
_REGIME_START = r"\(([0-9]{4})-(?:[0-9]{4})?\)"
_REGIME_END = r"\([0-9]{4}-((?:[0-9]{4})?\))"


def connect() -> duckdb.DuckDBPyConnection:
    """A connection to a database in memory that can read no file, no network and no Python variable, and whose settings cannot be changed."""
    import duckdb

    settings: dict[str, Any] = {
        "python_enable_replacements": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "enable_external_access": False,
        "lock_configuration": True,
    }
    return duckdb.connect(config=settings)


def prepare(con: duckdb.DuckDBPyConnection, codebook: Codebook, latest_today: date) -> None:
    """Make what the predicates need: the macro `latest_today()`."""
    con.execute(f"CREATE OR REPLACE TEMP MACRO latest_today() AS DATE '{latest_today.isoformat()}'")


def node_sql(codebook: Codebook, node: Node) -> str:
    """The node as a SQL expression over columns of the codebook's names and types."""
    return _Writer(codebook.lists).sql(node)


def rule_predicate(codebook: Codebook, rule: Rule) -> str:
    """A SQL condition that is true where the rule is broken and false elsewhere, never null."""
    return f"COALESCE({node_sql(codebook, rule.broken)}, FALSE)"


def check_sql(codebook: Codebook, relation: str) -> str:
    """A query over `relation` (all columns of the codebook) that gives one row for every broken check: row (from 0), event_id, code, field.

    Verdicts are packed into whole numbers, a bit a check, so that rows without fault cost nothing further.
    """
    checks = codebook.checks
    terms = [f"CASE WHEN {node_sql(codebook, check.broken)} THEN {1 << at % WORD} ELSE 0 END" for at, check in enumerate(checks)]
    words = [" + ".join(terms[start : start + WORD]) for start in range(0, len(terms), WORD)] or ["0"]
    packed = ", ".join(f"CAST({word} AS BIGINT) AS w{at}" for at, word in enumerate(words))
    broken = " OR ".join(f"w{at} <> 0" for at in range(len(words)))
    found = ", ".join(f"CASE WHEN w{at // WORD} & {1 << at % WORD} <> 0 THEN {at} END" for at in range(len(checks))) or "NULL"
    codes = ", ".join(_text(check.code) for check in checks)
    fields = ", ".join(_text(check.field) if check.field else "NULL" for check in checks)
    return (
        f'SELECT "row", event_id, [{codes}][number + 1] AS code, [{fields}][number + 1] AS field FROM (SELECT "row", event_id, '
        f"unnest(list_filter([{found}], lambda hit: hit IS NOT NULL)) AS number FROM "
        f'(SELECT row_number() OVER () - 1 AS "row", event_id, {packed} FROM {relation}) WHERE {broken}) ORDER BY "row", number'
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _number(value: float) -> str:
    """A literal that DuckDB reads as DOUBLE, not as DECIMAL."""
    written = repr(float(value))
    return written if "e" in written else f"{written}e0"


class _Writer:
    def __init__(self, lists: Mapping[str, CodeList]) -> None:
        self.lists = lists
        self.names = 0

    def sql(self, node: Node) -> str:
        if isinstance(node, Literal):
            return self.literal(node)
        if isinstance(node, ColumnRef):
            name = f'"{node.name}"'
            return f"CAST({name} AS DOUBLE)" if node.type == "number" else f"COALESCE({name}, [])" if node.type == LIST else name
        special = _SPECIAL.get(node.name)
        if special is not None:
            return special(self, node)
        return "(" + _PLAIN[node.name].format(*(self.sql(arg) for arg in node.args)) + ")"

    def literal(self, node: Literal) -> str:
        value = node.value
        if value is None:
            return f"CAST(NULL AS {SQL_TYPES[node.type]})"
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, (int, float)):
            return _number(value)
        return f"DATE '{value}'" if node.type == "date" else _text(value)

    def once(self, node: Node, use: Callable[[str], str]) -> str:
        """`use` of a value that it names several times: written out for columns, bound to a name otherwise, so that SQL stays short."""
        if isinstance(node, (ColumnRef, Literal)):
            return use(self.sql(node))
        self.names += 1
        name = f"v{self.names}"
        return f"list_transform([{self.sql(node)}], lambda {name}: {use(name)})[1]"

    def table(self, key: str, cells: Mapping[str, str], type_: str) -> str:
        """The cell of `key` in a constant table (values are SQL literals); null for any other key."""
        if not cells:
            return f"CAST(NULL AS {type_})"
        codes = ", ".join(_text(code) for code in cells)
        return f"[{', '.join(cells.values())}][enum_code(TRY_CAST({key} AS ENUM({codes}))) + 1]"

    def lookup(self, node: Call) -> str:
        code_list, attribute = self.lists[_named(node.args[0])], _named(node.args[2])
        number = node.name == "lookup_number"
        cells = {
            code: _number(float(cell)) if number else _text(cell)
            for code, cell in zip(code_list.codes, code_list.column(attribute), strict=True)
            if cell is not None
        }
        return self.table(self.sql(node.args[1]), cells, "DOUBLE" if number else "VARCHAR")

    def in_list(self, node: Call) -> str:
        codes = ", ".join(_text(code) for code in self.lists[_named(node.args[0])].codes)
        known = f"TRY_CAST({{0}} AS ENUM({codes})) IS NOT NULL".replace("{0}", "\0") if codes else "FALSE"
        return self.once(node.args[1], lambda text: f"(CASE WHEN {text} IS NOT NULL THEN {known.replace(chr(0), text)} END)")

    def all_in_list(self, node: Call) -> str:
        codes = ", ".join(_text(code) for code in self.lists[_named(node.args[0])].codes)
        known = f"TRY_CAST(item AS ENUM({codes})) IS NULL" if codes else "TRUE"
        return f"(len(list_filter({self.items(node.args[1])}, lambda item: {known})) = 0)"

    def items(self, node: Node) -> str:
        text = self.sql(node)
        return text if isinstance(node, ColumnRef) else f"COALESCE({text}, [])"

    def has_item(self, node: Call) -> str:
        items = self.items(node.args[0])
        return self.once(node.args[1], lambda text: f"(CASE WHEN {text} IS NOT NULL THEN list_contains({items}, {text}) END)")

    def matching(self, node: Call) -> str:
        pattern = _text(for_re2(_named(node.args[1])))
        return f"len(list_filter({self.items(node.args[0])}, lambda item: regexp_matches(item, {pattern})))"

    def combine_inter(self, node: Call) -> str:
        labels = {f"{first}\1{second or chr(2)}": _text(label) for (first, second), label in interaction_table(self.lists).items()}
        first, second = (self.sql(arg) for arg in node.args)
        return self.table(f"({first} || chr(1) || COALESCE({second}, chr(2)))", labels, "VARCHAR")

    def case(self, node: Call) -> str:
        parts = [self.sql(arg) for arg in node.args]
        whens = " ".join(f"WHEN {parts[at]} THEN {parts[at + 1]}" for at in range(0, len(parts) - 1, 2))
        return f"(CASE {whens} ELSE {parts[-1]} END)"

    def coalesce(self, node: Call) -> str:
        parts = [self.sql(arg) for arg in node.args]
        return f"COALESCE({', '.join(f'nullif({part}, [])' if node.type == LIST else part for part in parts)})"

    def is_null(self, node: Call) -> str:
        arg = node.args[0]
        return f"(len({self.items(arg)}) = 0)" if arg.type == LIST else f"({self.sql(arg)} IS NULL)"

    def length(self, node: Call) -> str:
        arg = node.args[0]
        return f"CAST(len({self.items(arg)}) AS DOUBLE)" if arg.type == LIST else f"CAST(length({self.sql(arg)}) AS DOUBLE)"

    def decimals(self, node: Call) -> str:
        def use(text: str) -> str:
            terms = (
                f"CASE WHEN abs({text} * 1e{k} - floor({text} * 1e{k} + 5e-1)) > 1e-6 THEN 1 ELSE 0 END" for k in range(MAX_DECIMALS)
            )
            return f"(CASE WHEN {text} IS NOT NULL THEN CAST({' + '.join(terms)} AS DOUBLE) END)"

        return self.once(node.args[0], use)

    def regime_end(self, node: Call) -> str:
        def use(text: str) -> str:
            end = f"nullif(regexp_extract({text}, '{_REGIME_END}', 1), '')"
            return f"(CASE WHEN {end} = ')' THEN {OPEN_END}e0 ELSE TRY_CAST(left({end}, 4) AS DOUBLE) END)"

        return self.once(node.args[0], use)


def _named(node: Node) -> str:
    assert isinstance(node, Literal)
    return str(node.value)


def _joined(word: str) -> Callable[[_Writer, Call], str]:
    return lambda writer, node: "(" + f" {word} ".join(writer.sql(arg) for arg in node.args) + ")"


_PLAIN = {
    **{sign: f"{{0}} {sign} {{1}}" for sign in ("=", "<>", "<", "<=", ">", ">=", "+", "-", "*")},
    "negate": "- {0}",
    "not": "NOT {0}",
    "starts_with": "starts_with({0}, {1})",
    "ends_with": "suffix({0}, {1})",
    "has_word": "contains(' ' || {0} || ' ', ' ' || {1} || ' ')",
    "mentions": "contains(lower(replace({0}, 'İ', 'i')), lower(replace({1}, 'İ', 'i')))",
    "lower": "lower(replace({0}, 'İ', 'i'))",
    "suffix": f"nullif(regexp_extract({{0}}, '{_SUFFIX}', 1), '')",
    "regime_start": f"TRY_CAST(nullif(regexp_extract({{0}}, '{_REGIME_START.replace('{', '{{').replace('}', '}}')}', 1), '') AS DOUBLE)",
    "year": "CAST(year({0}) AS DOUBLE)",
    "month": "CAST(month({0}) AS DOUBLE)",
    "day": "CAST(day({0}) AS DOUBLE)",
    "days_between": "CAST(date_diff('day', {0}, {1}) AS DOUBLE)",
}

_SPECIAL: dict[str, Callable[[_Writer, Call], str]] = {
    "and": _joined("AND"),
    "or": _joined("OR"),
    "in": lambda writer, node: f"({writer.sql(node.args[0])} IN ({', '.join(writer.sql(arg) for arg in node.args[1:])}))",
    "is null": _Writer.is_null,
    "case": _Writer.case,
    "coalesce": _Writer.coalesce,
    "lookup": _Writer.lookup,
    "lookup_number": _Writer.lookup,
    "in_list": _Writer.in_list,
    "all_in_list": _Writer.all_in_list,
    "has_item": _Writer.has_item,
    "any_item_matches": lambda writer, node: f"({writer.matching(node)} > 0)",
    "count_items_matching": lambda writer, node: f"CAST({writer.matching(node)} AS DOUBLE)",
    "matches": lambda writer, node: f"regexp_matches({writer.sql(node.args[0])}, {_text(for_re2(_named(node.args[1])))})",
    "length": _Writer.length,
    "combine_inter": _Writer.combine_inter,
    "decimals": _Writer.decimals,
    "regime_end": _Writer.regime_end,
    "latest_today": lambda writer, node: "latest_today()",
}
