"""The language of the rules: what it means, and that hostile text is refused with its place, quickly and without running anything."""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.codebook import Codebook, load_codebook
from eventcoder.codebook.expression.nodes import from_json, to_json
from eventcoder.codebook.expression.parser import parse
from eventcoder.codebook.expression.patterns import PatternError, for_python, for_re2
from eventcoder.codebook.expression.tokens import ExpressionError
from eventcoder.errors import CodebookError
from tests.codebook.conftest import SCHEMA

BOOK = load_codebook(SCHEMA)
WORDS = ["country", "fatalities", "=", "<", "(", ")", "AND", "NOT", "'x'", "1", "IS", "NULL", ",", "year", "CASE", "WHEN",
    "THEN", "END", "IN", "BETWEEN", "-", "source", "matches"]  # fmt: skip


def refused(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as told:
        parse(text, BOOK.scope)
    assert 0 <= told.value.offset <= len(text) and told.value.reason
    return told.value


@pytest.mark.parametrize(
    ("text", "values", "verdict"),
    [
        ("fatalities > 3", {"fatalities": 4}, True), ("fatalities > 3", {}, None), ("NOT fatalities > 3", {}, None),
        ("fatalities > 3 OR country = 'Iran'", {"country": "Iran"}, True), ("fatalities > 3 AND country = 'Iran'", {"country": "Iraq"}, False),
        ("fatalities IS NULL", {}, True), ("source IS NULL", {"source": []}, True), ("source IS NOT NULL", {"source": ["Radio Example"]}, True),
        ("country IN ('Iran', 'Iraq')", {"country": "Iraq"}, True), ("country NOT IN ('Iran')", {}, None),
        ("fatalities BETWEEN 1 AND 3", {"fatalities": 3}, True), ("event_date >= DATE '2024-02-29'", {"event_date": "2024-02-28"}, False),
        ("CASE WHEN fatalities > 3 THEN 'many' ELSE 'few' END = 'few'", {}, True), ("COALESCE(fatalities, 0) = 0", {}, True),
        ("fatalities + 2 * 3 = 10", {"fatalities": 4}, True), ("-fatalities < -3", {"fatalities": 4}, True), ("NOT NOT TRUE", {}, True),
        ("lookup(countries, country, region) = 'Middle East'", {"country": "Iran"}, True),
        ("in_list(countries, country)", {"country": "Iram"}, False),
        ("has_item(source, 'Radio Example')", {"source": ["Radio Example"]}, True), ("has_item(source, 'x')", {}, False),
        ("matches(notes, '^On [0-9]+ May')", {"notes": "On 9 May 2024"}, True), ("suffix(actor1) = 'Iran'", {"actor1": "Protesters (Iran)"}, True),
        ("days_between(date_start, date_end) = 2", {"date_start": "2024-02-28", "date_end": "2024-03-01"}, True),
        ("notes = 'it''s'", {"notes": "it's"}, True), ("TRUE or FALSE and FALSE", {}, True),
    ],
)  # fmt: skip
def test_the_meaning_of_expressions(text: str, values: dict[str, Any], verdict: bool | None) -> None:
    assert BOOK.predicate(text)(values) is verdict


@pytest.mark.parametrize(
    "text",
    [
        "read_text('/etc/passwd') = 'x'", "1 = 1; DROP TABLE events", "1 = 1; DROP TABLE events --", "1 = 1 -- comment", "1 = 1 /* x */",
        "country = 'Iran' UNION SELECT 1", "(SELECT 1) = 1", "EXISTS (SELECT 1)", '"country" = 1', "`country` = 1", "country LIKE 'I%'",
        "country::int = 1", "CAST(country AS INT) = 1", "getenv('HOME') = 'x'", "query('select 1') = 1", "read_csv('x') IS NULL", "glob('*') = 1",
        "__import__('os').system('id')", "country.__class__ = 1", "lambda: 1", "eval('1') = 1", "country = $1", "country = ?", "country = :x",
        "ATTACH 'x'", "country = E'\\x41'", "country = 'a", "country = \"Iran\"", "country || 'x' = 'y'", "1 / 0 = 1", "1 % 2 = 1", "1 != 2",
        "1 == 1",
        "a = b = c", "1 < 2 < 3", "events.country = 'x'", "main.events IS NULL", "latest_today", "lookup(countries) = 'x'", "", "   ", "(", ")", "()",
        "AND", "NOT", "country", "country =", "IN (1)", "CASE END", "CASE WHEN TRUE THEN 1 END", "fatalities IN ()", "fatalities IN (crowd_low)",
        "NULL = NULL", "COALESCE() = 1", "country = 'a\0b'", "country = '\ud800'", "ｃountry = 'x'", "country = ‘Iran’", "1e5 > fatalities",
        "0x10 = 16",
        "1_000 = 1000", "１ = 1", ".5 = 1", "1. = 1", "1.2.3 = 1", "DATE '2023-02-29' = event_date", "DATE 'x' = event_date",
        "DATE country = event_date",
    ],
)  # fmt: skip
def test_everything_outside_the_language_is_refused(text: str) -> None:
    refused(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("country = 1", "text and a number"), ("fatalities = '1'", "number and a text"), ("event_date = '2024-01-01'", "date and a text"),
        ("source = 'x'", "list"), ("year = TRUE", "number"), ("country + 1 = 2", "calculates with numbers"), ("NOT fatalities", "condition"),
        ("fatalities AND TRUE", "conditions"), ("length(fatalities) = 1", "text or a list"), ("year(country) = 2024", "date"),
        ("has_item(country, 'x')", "list"), ("fatalities", "must be a bool"), ("contry = 'x'", "Did you mean 'country'"),
        ("in_list(contries, country)", "Did you mean 'countries'"), ("lookup(countries, country, regoin) = 'x'", "Did you mean 'region'"),
        ("lookup_number(countries, country, aliases) = 1", "numbers"), ("yaer(event_date) = 1", "year"),
        ("CASE WHEN TRUE THEN 1 ELSE 'x' END = 1", "go together"),
        ("TRUE < FALSE", "order"),
    ],
)  # fmt: skip
def test_wrong_types_and_names_are_told(text: str, reason: str) -> None:
    assert reason in refused(text).reason


BOMBS = {
    "parentheses": "(" * 3_000 + "TRUE" + ")" * 3_000,
    "a million parentheses": "(" * 1_000_000,
    "a megabyte of text": "country = '" + "x" * 1_000_000 + "'",
    "a megabyte of conditions": " AND ".join(["fatalities = 1"] * 60_000),
    "functions": "lower(" * 1_000 + "country" + ")" * 1_000 + " = 'x'",
    "cases": "CASE WHEN TRUE THEN " * 300 + "TRUE" + " END" * 300,
    "coalesces": "COALESCE(" * 500 + "TRUE" + ")" * 500,
    "a long number": "fatalities = " + "9" * 5_000,
    "powers": "fatalities" + " * 999999999999999" * 30 + " > 1",
    "many additions": "fatalities" + " + 1" * 1_000 + " > 1",
    "a long literal": "country = '" + "x" * 1_001 + "'",
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_without_growing(name: str) -> None:
    tracemalloc.start()
    try:
        error = refused(BOMBS[name])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000 and len(error.reason) < 300


def test_long_but_allowed_chains_do_not_exhaust_the_stack() -> None:
    assert BOOK.predicate("NOT " * 1_500 + "TRUE")({}) is True
    assert BOOK.predicate(" OR ".join(["fatalities = 1"] * 400))({"fatalities": 1}) is True


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$", "(a*)*b", "(a|a)*b", "(a|aa)+$", "(.*)*x", "(?=a)", "(?!a)", "(?<=a)b", r"(a)\1", "(?P<n>a)", "(?i)a", "a{1,100000}", "a{1000}",
        "x" * 201, "[a-", "[", "(", ")", "a**", "a*?", "a++", "*a", r"\p{L}", r"\x41", r"\u0041", "a{2,1}", ".*.*.*.*=.*", "[[:alpha:]]", "\\", "^*",
    ],
)  # fmt: skip
def test_dangerous_patterns_are_refused(pattern: str) -> None:
    for form in (for_python, for_re2):
        with pytest.raises(PatternError):
            form(pattern)
    assert "pattern" in refused(f"matches(notes, '{pattern}')").reason


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("^[A-Z]{3}[0-9]+$", "IRN12", "IRN12\n"), (r"\d", "5", "५"), (r"\bfire\b", "a fire!", "fireman"), ("^a|b$", "xb", "bx"), (r"a\.b", "a.b",
        "axb"),
        ("a.b", "a-b", "a\nb"), (r"\w", "a", "é"), ("[^0-9]", "x", "12"),
    ],
)  # fmt: skip
def test_allowed_patterns_mean_one_thing(pattern: str, yes: str, no: str) -> None:
    search = re.compile(for_python(pattern), re.ASCII).search
    assert search(yes) and not search(no)


def test_hostile_rules_are_refused_when_the_codebook_is_read(schema_copy: Path, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    witness.write_text("secret", "utf-8")
    for expect in (f"read_text('{witness}') = 'secret'", "TRUE; DROP TABLE events", "(" * 5_000, "matches(notes, '(a+)+$')", "x" * 1_000_000):
        rule = f'[[rule]]\nid = "evil"\nseverity = "error"\nexpect = "{expect}"\nfields = ["notes"]\nmessage = "Evil."\nsource = "Nobody"\n'
        (schema_copy / "rules.toml").write_text(rule, "utf-8")
        with pytest.raises(CodebookError) as told:
            load_codebook(schema_copy)
        assert [p.code for p in told.value.problems] == ["bad-expression"]
        assert "rule 'evil', expect, column" in told.value.problems[0].message and len(told.value.problems[0].message) < 500
        assert "secret" not in told.value.problems[0].message.replace("'secret'", "")


def test_an_expression_of_the_command_line_says_where_it_is_wrong(codebook: Codebook) -> None:
    with pytest.raises(CodebookError, match=r"column 14: unknown column 'fatalites'\. Did you mean 'fatalities'"):
        codebook.expression("TRUE AND NOT fatalites = 0")


def test_trees_survive_the_cache(codebook: Codebook) -> None:
    for rule in codebook.rules:
        for tree in (rule.applies_tree, rule.expect_tree):
            assert from_json(to_json(tree)) == tree


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)))
def test_any_text_is_an_expression_or_an_error_with_a_place(text: str) -> None:
    try:
        node = parse(text, BOOK.scope)
    except ExpressionError as error:
        assert 0 <= error.offset <= len(text) and error.reason
    else:
        assert node.type == "bool"
