"""`eventcoder export` as a person or a script runs it."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from eventcoder.releases.exporting.forms import FORMS
from tests.releases.workshop import Workshop


@pytest.fixture
def released(command, tmp_path: Path) -> Path:
    """A project with twelve events released, made the current one; its release folder."""
    made = Workshop(tmp_path / "weir", 12)
    made.release()
    made.ledger.close()
    return Path(next(p for p in made.project.releases_dir.iterdir() if p.is_dir()))


@pytest.fixture
def export(command, released: Path):
    def run(*words: str | Path, code: int = 0):
        return command("export", *words, "--project", released.parents[1], code=code)

    return run


def test_it_prints_the_file_and_its_rows_and_tells_losses_on_stderr(export) -> None:
    ran = export("latest", "--out", "acled.csv")
    assert ran.out == "acled.csv  12 rows, 12 events\n"
    assert "1 event: fatalities without a value (not reported) is written as 0" in ran.err
    with Path("acled.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 12


def test_json_says_the_same_in_one_object(export, released: Path) -> None:
    one = export("latest", "--dialect", "acled-monadic", "--out", "m.parquet", "--json").one
    assert {k: one[k] for k in ("file", "dialect", "format", "events", "version")} == {
        "file": "m.parquet", "dialect": "acled-monadic", "format": "parquet", "events": 12, "version": released.name,
    }  # fmt: skip
    assert one["rows"] > 12
    assert [loss["events"] for loss in one["losses"]] == [1]
    assert one["withdrawn"] is None


@pytest.mark.parametrize("dialect", FORMS)
def test_every_dialect_can_be_written_and_is_named_in_the_help(export, command, dialect: str) -> None:
    ran = export("latest", "--dialect", dialect)
    assert Path(ran.out.split("  ")[0]).stat().st_size > 500
    assert f"{dialect}:" in command("export", "--help").out


def test_a_dialect_that_cannot_be_written_says_why_and_writes_nothing(export) -> None:
    ran = export("latest", "--dialect", "ucdp_ged", "--out", "ged.csv", code=2)
    assert "dyads" in ran.err and "schema/crosswalks/ucdp_ged.csv" in ran.err
    assert not Path("ged.csv").exists()
    assert "acled-2023" in export("latest", "--dialect", "acledd", code=2).err


def test_a_file_that_is_there_needs_force(export) -> None:
    Path("a.csv").write_text("mine", "utf-8")
    assert "--force" in export("latest", "--out", "a.csv", code=1).err
    assert Path("a.csv").read_text("utf-8") == "mine"
    export("latest", "--out", "a.csv", "--force")


def test_a_release_folder_needs_no_project(command, released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert "12 events" in command("export", released, "--dialect", "plover", "--out", "p.csv").out
    assert "eventcoder.toml" in command("export", "latest", code=2).err
    assert "no version" in command("export", "2020.01.0", "--project", released.parents[1], code=2).err
    assert [p.name for p in elsewhere.iterdir()] == ["p.csv"]


def test_the_points_are_valid_json(export) -> None:
    export("latest", "--dialect", "geojson", "--out", "e.geojson")
    assert len(json.loads(Path("e.geojson").read_text("utf-8"))["features"]) == 12


def test_the_help_page_imports_no_engine() -> None:
    heavy = "{'pandas', 'pyarrow', 'duckdb', 'great_expectations'}"
    code = f"import sys; from eventcoder.cli import run; run(['export', '--help']); print(sorted({heavy} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"
