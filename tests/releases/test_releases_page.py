"""docs/releases.md is true: files, columns and operations are those of a release, and its examples run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from eventcoder.changelog import CHANGES_SCHEMA, OPS
from eventcoder.dataset.schemas import RECORD_SCHEMAS, RECORDS, SIDE_SCHEMAS
from eventcoder.releases.layout import CHECKSUMS, LATER_PAPERS, MANIFEST, required_files
from tests.releases.workshop import Workshop

PAGE = (Path(__file__).parents[2] / "docs" / "releases.md").read_text("utf-8")


def test_every_file_of_a_release_is_described_and_no_other() -> None:
    table = PAGE.split("## Every file")[1].split("\n## ")[0]
    named = {name for line in table.splitlines() if line.startswith("| `") for name in re.findall(r"`([^`]+)`", line.split("|")[1])}
    records = {f"{name}.{kind}" for name in RECORDS for kind in ("parquet", "csv")}
    assert named == {*required_files(), *records, *LATER_PAPERS, MANIFEST, CHECKSUMS, "codes/", "codebook/"}


def test_the_columns_of_the_side_tables_are_those_of_the_files() -> None:
    described = dict(re.findall(r"- \*\*(\w+)\*\*: ((?:`\w+`(?:, )?)+)", PAGE))
    assert {name: re.findall(r"`(\w+)`", columns) for name, columns in described.items()} == {
        **{name: schema.names for name, schema in {**SIDE_SCHEMAS, **RECORD_SCHEMAS}.items()},
        "changes": CHANGES_SCHEMA.names,
    }


def test_every_operation_of_a_change_is_named() -> None:
    assert [op for op in OPS if f"`{op}`" not in PAGE] == []


@pytest.mark.parametrize("number", range(4))
def test_the_examples_run(shared: Workshop, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    examples = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(examples) == 4
    monkeypatch.chdir(shared.project.root)
    names: dict[str, object] = {}
    exec(compile(examples[number], "docs/releases.md", "exec"), names)
    assert len(names) > 1


def test_null_deaths_are_told_apart_in_csv_and_parquet_as_the_page_reads_them(shared: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shared.project.root)
    names: dict[str, object] = {}
    exec(compile(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[1], "docs/releases.md", "exec"), names)
    for name in ("events", "from_csv"):
        column = names[name]["fatalities"]  # type: ignore[index]
        assert (str(column.dtype).startswith("Int"), int(column.isna().sum())) == (True, 1)
