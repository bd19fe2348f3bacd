"""Great Expectations judges profiles as it would judge the full rows, quietly and the same way twice."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from eventcoder.codebook import Codebook
from eventcoder.codebook.arrow import arrow_schema
from eventcoder.releases.csvfile import write_csv
from eventcoder.validation import expectations, gate
from eventcoder.validation.expectations import judge_profile, judge_rows
from eventcoder.validation.profiles import profile
from eventcoder.validation.rows.conform import conform
from eventcoder.validation.suite import measure_item, row_items, suite_json, suite_text, unique_columns
from eventcoder.validation.thresholds import judge_thresholds
from tests.synthetic_events import synthetic_values
from tests.validation.tables import TODAY, events_table


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


def verdicts_on_profile(table: pa.Table, codebook: Codebook) -> dict[str, bool]:
    """As the gate judges: counts and shares as measures, everything else on the condensed frame."""
    facts = profile(table, codebook, unique=unique_columns(codebook))
    judged, _ = judge_thresholds({"events": table}, codebook, latest_today=TODAY)
    measures: dict[str, float] = {}
    items = []
    for name in unique_columns(codebook):
        distinct = facts.columns[name].distinct
        assert distinct is not None
        measures[f"{name}:unique"] = facts.rows - facts.columns[name].nulls - distinct
        items.append(measure_item(f"{name}:unique", f"{name}:unique", 0, 0, "unique"))
    asked = {item.id for item in row_items(codebook)}
    for one in judged:
        for bound, low, high in (("min", one.least, None), ("max", None, one.most)):
            if f"{one.id}:{bound}" in asked and one.value is not None:
                measures[f"{one.id}:{bound}"] = one.value
                items.append(measure_item(f"{one.id}:{bound}", f"{one.id}:{bound}", low, high, one.why))
    return {one["id"]: one["success"] for one in judge_profile(facts, codebook, measures, items)}


def verdicts_on_rows(table: pa.Table, codebook: Codebook) -> dict[str, bool]:
    told = judge_rows(table, codebook)
    assert not any("exception" in one for one in told)
    return {one["id"]: one["success"] for one in told}


@pytest.mark.parametrize("seed", [1, 2])
def test_profiles_get_the_verdicts_of_the_full_rows(codebook: Codebook, seed: int) -> None:
    values = damaged(seed) if seed > 1 else synthetic_values(2500, 1)
    table = events_table(values, codebook)
    full = verdicts_on_rows(table, codebook)
    assert verdicts_on_profile(table, codebook) == full
    assert len(full) > 100
    if seed == 1:
        assert all(full.values())
    else:
        assert sum(not success for success in full.values()) >= 8


# Each row of a small table draws its cells from these; what is damaged stands at the end.
CELLS: dict[str, list[Any]] = {
    "event_id": ["a00000000001", "a00000000002", "k3m9x2p7q4ra", None, "K3M9", "a00000000001\n", "é0000000000a"],
    "event_id_cnty": ["IRN1", "IRN2", "IRQ99", None, "IR12", "xIRN1", "IRN\u0661"],
    "event_date": ["2024-02-29", "2026-01-31", None],
    "time_precision": [1, 2, 3, None, 0, 4],
    "sub_event_type": ["Peaceful protest", "Armed clash", None, "Peacefull protest", "peaceful protest", "Armed\u00a0clash", ""],
    "inter2": ["Civilians", "Protesters", None, "7"],
    "latitude": [0.0, 51.5, -90.0, 90.0, None, 90.0001, -1e300, float("nan"), float("inf")],
    "fatalities": [0, 3, 1_000_000, None, -1, 1_000_001, 2**31 - 1],
    "source": [["Weir Post"], ["Weir Post", "Radio Ufer"], ["\u062e\u0628\u0631"], [], [""], [" padded"], ["a;b"], ["two\nlines"], [None]],
    "tags": [["Battles"], ["Battles", "Riots"], [], ["Battles", "Riot"], ["battles"], ["Battles; Riots"]],
    "notes": ["Crowds met.", "\u200b", None, ""],
}


@pytest.fixture(scope="module")
def small(codebook: Codebook) -> Codebook:
    """A few columns of every kind; `tags` takes its items from a list, and there is a threshold of every kind that a suite can say."""
    columns = [replace(codebook.column(name), list="event_types" if name == "tags" else codebook.column(name).list) for name in CELLS]
    thresholds: list[dict[str, Any]] = [
        {"id": "fill", "kind": "fill_rate", "column": "notes", "min": 0.5, "why": "x"},
        {"id": "mean", "kind": "mean", "column": "fatalities", "min": 0, "max": 1000, "why": "x"},
        {"id": "values", "kind": "distinct", "column": "sub_event_type", "min": 1, "max": 3, "why": "x"},
        {"id": "size", "kind": "rows", "min": 2, "max": 7, "why": "x"},
    ]
    about = {"hash": "small", "columns": tuple(columns), "rules": (), "expectations": tuple(thresholds), "derivations": {}}
    return replace(codebook, **about)  # type: ignore[arg-type]


def table_of(rows: list[dict[str, Any]], codebook: Codebook) -> pa.Table:
    schema = arrow_schema(codebook)
    cells = {f.name: [row[f.name] for row in rows] for f in schema}
    days = pa.array(cells["event_date"], pa.string()).cast(pa.date32())
    return pa.table({f.name: days if f.name == "event_date" else pa.array(cells[f.name], f.type) for f in schema}, schema=schema)


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), phases=[Phase.generate])  # a run is dear
@given(data=st.data())
def test_every_kind_of_expectation_has_the_verdict_of_the_full_rows(small: Codebook, data: st.DataObject) -> None:
    sound = {name: 2 if name not in ("latitude",) else 4 for name in CELLS}
    broken = data.draw(st.sets(st.sampled_from(sorted(CELLS)), max_size=6), label="columns with damage")
    row = st.fixed_dictionaries({name: st.sampled_from(cells if name in broken else cells[: sound[name]]) for name, cells in CELLS.items()})
    table = table_of(data.draw(st.lists(row, max_size=9), label="rows"), small)
    full = verdicts_on_rows(table, small)
    quick = verdicts_on_profile(table, small)
    if len(table):
        unmeasured = set(full) - set(quick)
        assert unmeasured <= {"mean:min", "mean:max"}  # a mean of nothing is judged neither way
    assert {id_: full[id_] for id_ in quick} == quick


@pytest.mark.parametrize(
    ("column", "cell", "failing"),
    [
        ("event_id", "a00000000001\n", "event_id:form"), ("event_id_cnty", "IRN1", "event_id_cnty:unique"),
        ("time_precision", 4, "time_precision:codes"),
        ("sub_event_type", None, "sub_event_type:required"), ("latitude", float("nan"), "latitude:required"), ("latitude", 90.0001, "latitude:range"),
        ("fatalities", 2**31 - 1, "fatalities:range"), ("source", [" padded"], "source:items"), ("tags", ["Battles", "Riot"], "tags:items"),
        ("inter2", "7", "inter2:codes"),
    ],
)  # fmt: skip
def test_each_damage_fails_its_own_expectation(small: Codebook, column: str, cell: Any, failing: str) -> None:
    rows = [{name: cells[0] for name, cells in CELLS.items()} | {"event_id": f"a0000000000{i}", "event_id_cnty": f"IRN{i}"} for i in range(4)]
    sound = {id_ for id_, success in verdicts_on_profile(table_of(rows, small), small).items() if not success}
    rows[3] |= {column: cell}
    found = {id_ for id_, success in verdicts_on_profile(table_of(rows, small), small).items() if not success}
    assert sound == set() and failing in found


def test_what_is_no_number_does_not_hide_what_lies_out_of_range(small: Codebook) -> None:
    """DuckDB counts NaN as the greatest number; pandas, and so GX, as no value."""
    rows = [{name: cells[0] for name, cells in CELLS.items()} | {"latitude": value} for value in (float("nan"), 90.0001, 1.0)]
    told = verdicts_on_profile(table_of(rows, small), small)
    assert not told["latitude:required"] and not told["latitude:range"]


@pytest.mark.slow
def test_a_gate_over_fifty_thousand_damaged_rows_says_what_gx_says_of_all_of_them(codebook: Codebook) -> None:
    values = damaged(11, 50_000)
    table = events_table(values, codebook)
    fraction = table.column("fatalities").cast(pa.float64()).to_pylist()
    fraction[3] = 2.5  # the program refuses it and reads nothing
    raw = table.set_column(table.column_names.index("fatalities"), "fatalities", pa.array(fraction, pa.float64()))
    result = gate({"events": raw}, codebook, latest_today=TODAY)
    assert ("not-a-whole-number", "fatalities") in result.report.flatten("code", "field")
    told = {one["id"]: one["success"] for one in result.document["great_expectations"]["results"]}
    full = verdicts_on_rows(conform(raw, codebook)[0], codebook)
    assert set(full) <= set(told) and {id_: told[id_] for id_ in full} == full
    assert sum(not success for success in full.values()) >= 8


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory, codebook: Codebook) -> Path:
    """A folder with a release's CSV and the suite, as a team would have them."""
    folder = tmp_path_factory.mktemp("team")
    write_csv(events_table(synthetic_values(300, 5), codebook), folder / "events.csv")
    (folder / "suite.json").write_text(suite_text(codebook), "utf-8")
    return folder


def run_as_documented(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The code of docs/great_expectations.md, run where the two files lie; the ids of what fails."""
    page = (Path(__file__).parents[2] / "docs" / "great_expectations.md").read_text("utf-8")
    found = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert found is not None
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GX_ANALYTICS_ENABLED", "false")
    names: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(found.group(1), "great_expectations.md", "exec"), names)
    assert len(names["result"].results) == len(suite_json_of(folder)["expectations"]) > 100
    failed: list[str] = names["failed"]
    return failed


def suite_json_of(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "suite.json").read_text("utf-8"))
    return told


def test_a_team_can_run_the_suite_in_its_own_gx_project(team: Path, codebook: Codebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import great_expectations as gx

    assert run_as_documented(team, monkeypatch) == []
    lines = (team / "events.csv").read_text("utf-8").split("\n")
    (tmp_path / "suite.json").write_bytes((team / "suite.json").read_bytes())
    lines[7] = lines[7].replace(values_of_line(7)["sub_event_type"], "Peacefull protest")
    (tmp_path / "events.csv").write_text("\n".join([*lines[:-1], lines[3], ""]), "utf-8")
    assert sorted(run_as_documented(tmp_path, monkeypatch)) == ["event_id:unique", "event_id_cnty:unique", "sub_event_type:codes"]
    (tmp_path / "quality" / "gx" / "expectations" / "copied.json").write_bytes((team / "suite.json").read_bytes())
    copied = gx.get_context(mode="file", project_root_dir=tmp_path / "quality").suites.get("copied")
    assert {one.column for one in copied.expectations} == set(codebook.names)


def values_of_line(line: int) -> dict[str, Any]:
    return synthetic_values(300, 5)[line - 1]


def test_the_suite_is_the_same_bytes_twice_and_says_why(codebook: Codebook) -> None:
    assert suite_text(codebook) == suite_text(codebook)
    told = suite_json(codebook)
    assert json.loads(suite_text(codebook)) == told
    assert all(one["meta"]["eventcoder"]["why"] for one in told["expectations"])
    ids = [one["meta"]["eventcoder"]["id"] for one in told["expectations"]]
    assert len(ids) == len(set(ids))


def test_absent_columns_fail_and_nothing_else_is_asked_of_them(codebook: Codebook) -> None:
    table = events_table(synthetic_values(50, 4), codebook)
    verdicts = judge_profile(profile(table, codebook), codebook, {}, [], absent=frozenset({"notes"}))
    assert [(one["id"], one["success"]) for one in verdicts if one["column"] == "notes"] == [("notes:exists", False)]
    assert all(one["success"] for one in verdicts if one["column"] != "notes")


def test_no_events_break_nothing(codebook: Codebook) -> None:
    verdicts = judge_profile(profile(events_table([], codebook), codebook, unique=["event_id"]), codebook, {}, [])
    assert all(one["success"] for one in verdicts)


def test_what_is_asked_once_for_many_is_what_each_would_be_told(codebook: Codebook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most measures are the same number under the same bounds; another number or bound is another question."""
    measures = {"none": 0, "too": 0, "some": 3, "half": 0.5, "zero": 0.0, "last": 3}
    items = [measure_item(name, name, 0, 0, f"Of {name}.") for name in measures]
    items += [measure_item("few", "last", None, 5, "x"), measure_item("warned", "last", 0, 0, "x", "warning"), measure_item("odd", "some", 5, 1, "x")]
    items += [measure_item("odder", "last", 5, 1, "x")]  # bounds that GX refuses to judge
    facts = profile(events_table(synthetic_values(3, 4), codebook), codebook)
    asked: list[int] = []
    whole = expectations._run

    def counted(frame: Any, given: list[Any]) -> list[dict[str, Any]]:
        asked.append(len(given))
        return whole(frame, given)

    monkeypatch.setattr(expectations, "_run", counted)
    quick = judge_profile(facts, codebook, measures, items)
    fewer = sum(asked)
    monkeypatch.setattr(expectations, "_run_once", counted)
    assert judge_profile(facts, codebook, measures, items) == quick
    assert sum(asked) - fewer == len(quick) > fewer
    told = {one["id"]: (one["success"], "exception" in one) for one in quick[-len(items) :]}
    assert [name for name, (success, _) in told.items() if success] == ["none", "too", "zero", "few"]
    assert [name for name, (_, raised) in told.items() if raised] == ["odd", "odder"]


def test_only_one_module_imports_great_expectations() -> None:
    source = Path(__file__).parents[2] / "src" / "eventcoder"
    importing = re.compile(r"^\s*(import|from) great_expectations", re.MULTILINE)
    importers = [path.name for path in source.rglob("*.py") if importing.search(path.read_text("utf-8"))]
    assert importers == ["expectations.py"]


def test_gx_says_nothing_asks_nobody_and_leaves_nothing_behind(codebook: Codebook, tmp_path: Path) -> None:
    code = """
import warnings; warnings.simplefilter("error")
import socket
def refuse(*_, **__): raise AssertionError("network")
socket.socket.connect = socket.socket.connect_ex = socket.create_connection = socket.getaddrinfo = refuse
from eventcoder.codebook import load_codebook
from eventcoder.validation.expectations import judge_profile
from eventcoder.validation.profiles import profile
from eventcoder.codebook.arrow import arrow_schema
from eventcoder.project import packaged_schema
codebook = load_codebook(packaged_schema())
table = arrow_schema(codebook).empty_table()
assert judge_profile(profile(table, codebook), codebook, {}, [])
"""
    for name in ("home", "tmp", "here"):
        (tmp_path / name).mkdir()
    surroundings = {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "tmp")}
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "here", env=surroundings, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["here", "home", "tmp"]
