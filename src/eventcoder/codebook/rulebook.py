"""Reading `rules.toml` and `checks.toml`: every table checked key by key, every expression parsed, all faults collected with their place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from eventcoder.codebook.expression.nodes import TRUE, Node
from eventcoder.codebook.expression.parser import Scope, parse
from eventcoder.codebook.expression.tokens import ExpressionError
from eventcoder.codebook.read import CHECKS_FILE, RULES_FILE
from eventcoder.codebook.rules import PLACEHOLDER, Keyed, Rule
from eventcoder.codebook.suggestion import did_you_mean
from eventcoder.problem import SEVERITIES, Problem

RULE_KEYS = ("id", "severity", "applies", "expect", "fields", "message", "source", "pass", "fail")
KEYED_KEYS = ("id", "severity", "key", "where", "message", "source")
ALLOW_KEYS = ("check", "country", "from", "until", "reason", "expires")
KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
DAY = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


def parse_rules(raw: Mapping[str, Any], scope: Scope) -> tuple[list[Rule], list[Problem]]:
    """The rules of `rules.toml`, and what is wrong with them: `bad-rule`, `duplicate-code`, `bad-expression`."""
    rules: list[Rule] = []
    problems = [_bad("bad-rule", RULES_FILE, f"unknown table '{key}'. {did_you_mean(key, ('rule',))}") for key in raw if key != "rule"]
    seen: set[str] = set()
    for number, table in enumerate(_tables(raw, "rule", RULES_FILE, problems), 1):
        where = f"{RULES_FILE}, rule {_name(table, number)}"
        wrong = _shape(table, RULE_KEYS, ("id", "severity", "expect", "fields", "message", "source"), where)
        wrong += _identity(table, seen, where)
        fields = table.get("fields", [])
        if isinstance(fields, list):
            for name in fields:
                if name not in scope.columns:
                    wrong.append(_bad("bad-rule", where, f"fields names '{name}', which is no column. {did_you_mean(str(name), scope.columns)}"))
            if not fields:
                wrong.append(_bad("bad-rule", where, "fields is empty: name the columns that the rule is about, the chief one first."))
        wrong += _message(table, scope.columns, where)
        trees = {key: _tree(table.get(key), scope, f"{where}, {key}", wrong) for key in ("applies", "expect")}
        for key in ("pass", "fail"):
            if key in table and not (isinstance(table[key], list) and all(isinstance(row, dict) for row in table[key])):
                wrong.append(_bad("bad-rule", where, f"{key} must be an array of tables of column values."))
        problems += wrong
        if not wrong:
            rules.append(
                Rule(
                    table["id"],
                    table["severity"],
                    table.get("applies", ""),
                    table["expect"],
                    tuple(fields),
                    table["message"],
                    table["source"],
                    tuple(table.get("pass", ())),
                    tuple(table.get("fail", ())),
                    trees["applies"],
                    trees["expect"],
                )
            )
    return rules, problems


def parse_checks(raw: Mapping[str, Any], scope: Scope, taken: set[str]) -> tuple[list[Keyed], list[dict[str, Any]], list[Problem]]:
    """Keyed checks and expectations of `checks.toml`, each expectation with the `[[allow]]` tables that name it as its list `allow`.

    Ids are unique among them and the rules (`taken`). Problems: `bad-rule`, `duplicate-code`, `bad-expression`, `bad-allowance`.
    """
    keyed: list[Keyed] = []
    expectations: list[dict[str, Any]] = []
    allowed = ("keyed", "expectation", "allow")
    problems = [_bad("bad-rule", CHECKS_FILE, f"unknown table '{key}'. {did_you_mean(key, allowed)}") for key in raw if key not in allowed]
    seen = set(taken)
    for number, table in enumerate(_tables(raw, "keyed", CHECKS_FILE, problems), 1):
        where = f"{CHECKS_FILE}, keyed {_name(table, number)}"
        extra = {key: value for key, value in table.items() if key not in KEYED_KEYS}
        wrong = _shape(table, tuple(table), ("id", "severity", "key", "message", "source"), where) + _identity(table, seen, where)
        tree = _tree(table.get("where"), scope, f"{where}, where", wrong)
        problems += wrong
        if not wrong:
            keyed.append(
                Keyed(table["id"], table["severity"], tuple(table["key"]), table.get("where", ""), table["message"], table["source"], tree, extra)
            )
    for number, table in enumerate(_tables(raw, "expectation", CHECKS_FILE, problems), 1):
        where = f"{CHECKS_FILE}, expectation {_name(table, number)}"
        wrong = _shape(table, tuple(table), ("id", "why"), where) + _identity(table, seen, where, severity=False)
        problems += wrong
        if not wrong:
            expectations.append(dict(table))
    for number, table in enumerate(_tables(raw, "allow", CHECKS_FILE, problems), 1):
        problems += _allowance(table, f"{CHECKS_FILE}, allow number {number}", expectations, scope)
    return keyed, expectations, problems


def _allowance(table: Mapping[str, Any], where: str, expectations: list[dict[str, Any]], scope: Scope) -> list[Problem]:
    """Give the allowance to the expectation that it names; what is wrong with it as `bad-allowance`. Months and days become texts."""
    fair = {key: (value.isoformat() if hasattr(value, "isoformat") else value) for key, value in table.items()}
    out = [f"unknown key '{key}'. {did_you_mean(key, ALLOW_KEYS)}" for key in fair if key not in ALLOW_KEYS]
    out += [f"'{key}' is missing." for key in ("check", "reason") if key not in fair]
    out += [f"'{key}' must be a text." for key in ALLOW_KEYS if key in fair and (not isinstance(fair[key], str) or not fair[key].strip())]
    if not out:
        drifts = {str(one["id"]): one for one in expectations if one.get("kind") == "drift"}
        if fair["check"] not in drifts:
            out.append(f"'{fair['check']}' is no expectation of kind drift. {did_you_mean(fair['check'], drifts)}")
        known = [code for code in scope.lists["countries"].column("code") if code] if "countries" in scope.lists else []
        if known and fair.get("country", known[0]) not in known:
            out.append(f"'{fair['country']}' is no country of the list countries. {did_you_mean(fair['country'], known)}")
        out += [f"'{key}' must be a month, YYYY-MM." for key in ("from", "until") if key in fair and not MONTH.fullmatch(fair[key])]
        if "expires" in fair and not DAY.fullmatch(fair["expires"]):
            out.append("'expires' must be a day, YYYY-MM-DD.")
        if not {"country", "from", "until"} & set(fair):
            out.append("it would allow everything. Name a country, or months (from, until), or both.")
        if fair.get("from", "0") > fair.get("until", "9"):
            out.append("'from' lies after 'until'.")
        if not out:
            drifts[fair["check"]].setdefault("allow", []).append(fair)
    return [_bad("bad-allowance", where, text) for text in out]


def _bad(code: str, where: str, text: str) -> Problem:
    return Problem(code, f"{where}: {text}".rstrip(), where=where)


def _name(table: Mapping[str, Any], number: int) -> str:
    return f"'{table['id']}'" if isinstance(table.get("id"), str) else f"number {number}"


def _tables(raw: Mapping[str, Any], key: str, file: str, problems: list[Problem]) -> list[dict[str, Any]]:
    tables = raw.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        problems.append(_bad("bad-rule", file, f"'{key}' must be written [[{key}]]."))
        return []
    return tables


def _shape(table: Mapping[str, Any], known: tuple[str, ...], required: tuple[str, ...], where: str) -> list[Problem]:
    out = [_bad("bad-rule", where, f"unknown key '{key}'. {did_you_mean(key, known)}") for key in table if key not in known]
    out += [_bad("bad-rule", where, f"'{key}' is missing.") for key in required if key not in table]
    for key in ("id", "severity", "applies", "expect", "where", "message", "source", "why"):
        if key in table and not isinstance(table[key], str):
            out.append(_bad("bad-rule", where, f"'{key}' must be a text."))
    for key in ("fields", "key"):
        if key in table and not (isinstance(table[key], list) and all(isinstance(item, str) for item in table[key])):
            out.append(_bad("bad-rule", where, f"'{key}' must be a list of column names."))
    return out


def _identity(table: Mapping[str, Any], seen: set[str], where: str, *, severity: bool = True) -> list[Problem]:
    out: list[Problem] = []
    name = table.get("id")
    if isinstance(name, str):
        if not KEBAB.fullmatch(name):
            out.append(_bad("bad-rule", where, f"id {name!r} must be kebab-case (lower case words joined by '-')."))
        if name in seen:
            out.append(_bad("duplicate-code", where, f"a second rule or check called '{name}'."))
        seen.add(name)
    if severity and isinstance(table.get("severity"), str) and table["severity"] not in SEVERITIES:
        out.append(_bad("bad-rule", where, f"severity {table['severity']!r} is not one of {', '.join(SEVERITIES)}."))
    return out


def _message(table: Mapping[str, Any], columns: Mapping[str, str], where: str) -> list[Problem]:
    message = table.get("message")
    if not isinstance(message, str):
        return []
    return [
        _bad("bad-rule", where, f"the message's placeholder {{{name}}} is no column. {did_you_mean(name, columns)}")
        for name in PLACEHOLDER.findall(message)
        if name not in columns
    ]


def _tree(text: Any, scope: Scope, where: str, problems: list[Problem]) -> Node:
    if not isinstance(text, str) or not text.strip():
        return TRUE
    try:
        return parse(text, scope)
    except ExpressionError as error:
        at = max(0, error.offset - 25)
        near = text[at : error.offset + 25].replace("\n", " ")
        place = f"{where}, column {error.offset + 1}"
        problems.append(Problem("bad-expression", f"{place}: {error.reason} (near: {near!r}).", value=near, where=place))
        return TRUE
