"""Every code that anybody can meet is explained."""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path

import pytest

from eventcoder.codebook import Codebook
from eventcoder.codebook.coercion import _PHRASES
from eventcoder.errors import NotFound
from eventcoder.project import packaged_schema
from eventcoder.validation.explanation import all_codes, explain, explain_all, problem_codes
from eventcoder.validation.references import CHECKS

SOURCE = Path(__file__).parents[2] / "src" / "eventcoder"
KEBAB = re.compile(r"[a-z]+(-[a-z0-9]+)+")


def codes_in_source() -> set[str]:
    """Texts that stand as the code of a `Problem(...)` anywhere in the source."""
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem" and node.args:
                constants = (part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant))
                found |= {value for value in constants if isinstance(value, str) and KEBAB.fullmatch(value)}
    return found


def test_every_code_that_the_software_can_give_is_explained(codebook: Codebook) -> None:
    given = codes_in_source() | set(_PHRASES) | {check.id for check in CHECKS} | {check.code for check in codebook.checks}
    assert len(given) > 60
    assert sorted(given - set(all_codes(codebook))) == []


def test_every_explanation_says_what_it_means_and_what_to_do(codebook: Codebook) -> None:
    for code in all_codes(codebook):
        text = explain(code, codebook)
        assert text.startswith(f"{code}: ") and text.count("\n") >= 2
    for code, (area, meaning, remedy) in problem_codes().items():
        assert KEBAB.fullmatch(code) and area and len(meaning) > 15, code
        assert remedy.endswith("."), code


def test_a_rule_is_explained_with_its_condition_and_its_source(codebook: Codebook) -> None:
    rule = codebook.rule("protesters-missing")
    text = explain("protesters-missing", codebook)
    assert rule.expect in text and rule.source in text and rule.message in text
    assert "a release stops" in text.splitlines()[0]


def test_no_code_has_two_meanings(codebook: Codebook) -> None:
    own = {rule.id for rule in codebook.rules} | {keyed.id for keyed in codebook.keyed} | {str(e["id"]) for e in codebook.expectations}
    assert sorted(own & set(problem_codes())) == []
    with (packaged_schema() / "problems.csv").open(encoding="utf-8", newline="") as file:
        codes = [row["code"] for row in csv.DictReader(file)]
    assert codes == sorted(set(codes))


def test_all_codes_are_listed_once_with_a_line_and_in_parts(codebook: Codebook) -> None:
    every = explain_all(codebook)
    assert sorted(one.code for one in every) == all_codes(codebook)
    assert [one.kind for one in every] == sorted(one.kind for one in every)
    for one in every:
        assert one.line.startswith(f"{one.code}: ") and "\n" not in one.line and len(one.line) > len(one.code) + 15
        assert one.text == explain(one.code, codebook)
        assert {"code", "kind"} < set(one.as_json())


def test_an_unknown_code_names_the_nearest(codebook: Codebook) -> None:
    with pytest.raises(NotFound, match="unknown-code"):
        explain("unknwon-code", codebook)


def test_a_threshold_says_what_can_be_done(codebook: Codebook) -> None:
    told = explain("row-drop", codebook)
    assert "What to do:" in told and "eventcoder checks accept" in told and "schema/checks.toml" in told
