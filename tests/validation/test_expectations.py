"""Great Expectations judges profiles as it would judge the full rows, quietly and the same way twice."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from eventcoder.codebook import Codebook
from eventcoder.validation.expectations import judge_profile, judge_rows
from eventcoder.validation.profiles import profile
from eventcoder.validation.suite import measure_item, row_items, suite_json, unique_columns
from tests.synthetic_events import synthetic_values
from tests.validation.tables import events_table


def damaged(seed: int, n: int = 2500) -> list[dict[str, Any]]:
    """Events with one kind of damage in a few rows of about a third of the columns."""
    rng = random.Random(seed)
    values = synthetic_values(n, seed)
    bad: dict[str, Any] = {
        "sub_event_type": "Peacefull protest", "country": None, "time_precision": 4, "latitude": 123.4, "fatalities": -3, "event_id": "NOT AN ID",
        "source_scale": "Galactic", "notes": None, "inter1": "6", "event_id_cnty": "IR12", "geo_precision": None, "iso": 1000, "year": 1850,
        "source": [], "longitude": -180.5, "fatalities_basis": "rumour", "clarity": "murky", "revision": 0,
    }  # fmt: skip
    for column in rng.sample(sorted(bad), len(bad) // 2):
        for row in rng.sample(values, rng.choice((1, 3, n // 10))):
            row[column] = bad[column]
    if rng.random() < 0.5:
        values[7]["event_id"] = values[8]["event_id"]
    return values


def verdicts_on_profile(values: list[dict[str, Any]], codebook: Codebook) -> dict[str, bool]:
    table = events_table(values, codebook)
    facts = profile(table, codebook, unique=unique_columns(codebook))
    measures: dict[str, float] = {}
    items = []
    for item in row_items(codebook):
        column = facts.columns[item.arguments["column"]]
        if item.id.endswith(":unique"):
            assert column.distinct is not None
            measures[item.id] = facts.rows - column.nulls - column.distinct
            items.append(measure_item(item.id, item.id, 0, 0, item.why))
        else:
            measures[item.id] = 1 - column.nulls / facts.rows
            items.append(measure_item(item.id, item.id, item.arguments["mostly"], None, item.why))
    return {one["id"]: one["success"] for one in judge_profile(facts, codebook, measures, items)}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_profiles_get_the_verdicts_of_the_full_rows(codebook: Codebook, seed: int) -> None:
    values = damaged(seed) if seed > 1 else synthetic_values(2500, 1)
    full = {one["id"]: one["success"] for one in judge_rows(events_table(values, codebook), codebook)}
    assert verdicts_on_profile(values, codebook) == full
    assert len(full) > 100
    if seed == 1:
        assert all(full.values())
    else:
        assert sum(not success for success in full.values()) >= 8


def test_a_team_can_run_the_suite_in_its_own_gx_project(codebook: Codebook) -> None:
    import great_expectations as gx

    told = suite_json(codebook)
    assert json.loads(json.dumps(told)) == told == suite_json(codebook)
    suite = gx.ExpectationSuite(**told)
    assert len(suite.expectations) == len(told["expectations"])
    assert {one.column for one in suite.expectations} == set(codebook.names)


def test_absent_columns_fail_and_nothing_else_is_asked_of_them(codebook: Codebook) -> None:
    table = events_table(synthetic_values(50, 4), codebook)
    verdicts = judge_profile(profile(table, codebook), codebook, {}, [], absent=frozenset({"notes"}))
    assert [(one["id"], one["success"]) for one in verdicts if one["column"] == "notes"] == [("notes:exists", False)]
    assert all(one["success"] for one in verdicts if one["column"] != "notes")


def test_no_events_break_nothing(codebook: Codebook) -> None:
    verdicts = judge_profile(profile(events_table([], codebook), codebook, unique=["event_id"]), codebook, {}, [])
    assert all(one["success"] for one in verdicts)


def test_only_one_module_imports_great_expectations() -> None:
    source = Path(__file__).parents[2] / "src" / "eventcoder"
    importing = re.compile(r"^\s*(import|from) great_expectations", re.MULTILINE)
    importers = [path.name for path in source.rglob("*.py") if importing.search(path.read_text("utf-8"))]
    assert importers == ["expectations.py"]


def test_gx_says_nothing_and_leaves_nothing_behind(codebook: Codebook, tmp_path: Path) -> None:
    code = """
import warnings; warnings.simplefilter("error")
from pathlib import Path
from eventcoder.codebook import load_codebook
from eventcoder.validation.expectations import judge_profile
from eventcoder.validation.profiles import profile
from eventcoder.codebook.arrow import arrow_schema
from eventcoder.project import packaged_schema
codebook = load_codebook(packaged_schema())
table = arrow_schema(codebook).empty_table()
assert judge_profile(profile(table, codebook), codebook, {}, [])
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={"HOME": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
