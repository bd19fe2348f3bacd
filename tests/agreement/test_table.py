"""`agree --table`: any table of codes, long or wide, with what is wrong in it told by its place."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.agreement.test_coefficients import FOUR

WIDE = "unit,A,B,C,D\n" + "".join(f"{u + 1},{','.join('' if v is None else str(v) for v in row)}\n" for u, row in enumerate(zip(*FOUR, strict=True)))
LONG = [(u + 1, "ABCD"[c], row[u]) for c, row in enumerate(FOUR) for u in range(12)]


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    path = tmp_path / "wide.csv"
    path.write_text(WIDE, "utf-8")
    return path


@pytest.fixture
def long(tmp_path: Path) -> Path:
    path = tmp_path / "long.parquet"
    pq.write_table(pa.table({"sentence": [x[0] for x in LONG], "who": [x[1] for x in LONG], "code": [x[2] for x in LONG]}), path)
    return path


@pytest.mark.parametrize(("metric", "answer"), [("nominal", 0.7434), ("ordinal", 0.8154), ("interval", 0.8491), ("ratio", 0.7974)])
def test_long_and_wide_say_the_same(command, wide: Path, long: Path, metric: str, answer: float) -> None:
    assert "taken for a coder" in command("agree", "--table", wide, "--bootstrap", "0").err, "a forgotten --unit is no coder in silence"
    assert "taken for a coder" not in command("agree", "--table", wide, "--unit", "unit", "--bootstrap", "0").err
    one = command("agree", "--table", wide, "--unit", "unit", "--metric", metric, "--json", "--bootstrap", "0").one
    other = command(
        "agree", "--table", long, "--unit", "sentence", "--coder", "who", "--value", "code", "--metric", metric, "--json", "--bootstrap", "0"
    ).one
    assert one["alpha"]["value"] == other["alpha"]["value"] == answer
    assert one["coders"] == other["coders"] == ["A", "B", "C", "D"]
    assert (one["units"], one["units_in_table"]) == (11, 12)


def test_empty_cells_are_counted_both_ways_and_pairs_are_told(command, wide: Path) -> None:
    plain = command("agree", "--table", wide, "--unit", "unit", "--json").one
    valued = command("agree", "--table", wide, "--unit", "unit", "--absent-as-value", "--by", "coder-pair", "--json").one
    assert plain["alpha"]["value"] == valued["alpha_otherwise"]["value"] == 0.7434
    assert plain["alpha_otherwise"]["value"] == valued["alpha"]["value"] < 0.7434
    assert list(valued["by"]["coder-pair"]) == ["A + B", "A + C", "A + D", "B + C", "B + D", "C + D"]
    assert valued["by"]["coder-pair"]["A + B"]["cohens_kappa"]["value"] is not None
    assert "two coders, and there are 4" in valued["cohens_kappa"]["reason"]
    shown = command("agree", "--table", wide, "--unit", "unit").out
    assert "12 units, 4 coders (A, B, C, D)" in shown
    assert "0.743" in shown
    assert "0.381 to 0.939" in shown


def test_a_column_headed_unit_is_no_coder(command, wide: Path) -> None:
    said, unsaid = (command("agree", "--table", wide, *args, "--json", "--bootstrap", "0").one for args in (("--unit", "unit"), ()))
    assert said == unsaid and "unit" not in unsaid["coders"]


def test_csv_has_a_row_a_statistic(command, wide: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(command("agree", "--table", wide, "--unit", "unit", "--csv", "--by", "coder-pair").out)))
    assert len(rows) == 7 * 5
    assert rows[0]["statistic"] == "alpha"
    assert float(rows[0]["value"]) == 0.7434


def test_units_of_one_document_are_resampled_together(command, tmp_path: Path) -> None:
    path = tmp_path / "grouped.csv"
    path.write_text("doc,u,A,B\n" + "".join(f"d{u // 4},{u},{u % 3},{(u + (u % 16 < 4)) % 3}\n" for u in range(48)), "utf-8")
    alone = command("agree", "--table", path, "--unit", "u", "--group", "doc", "--json").one["alpha"]
    apart = command("agree", "--table", path, "--unit", "doc", "--json", code=2).err
    assert alone["low"] < alone["value"] < alone["high"]
    assert "gave unit 'd0' a value before" in apart


def test_what_is_undefined_says_why_and_nothing_is_nan(command, tmp_path: Path) -> None:
    path = tmp_path / "same.csv"
    path.write_text("A,B\n" + "x,x\n" * 20, "utf-8")
    found = command("agree", "--table", path, "--json").one
    assert found["alpha"]["value"] is None
    assert "all 40 values are the same" in found["alpha"]["reason"]
    assert found["percent_agreement"]["value"] == 1.0
    assert "all are 'x'" in command("agree", "--table", path).out


@pytest.mark.parametrize(
    ("text", "args", "said"),
    [
        ("u,c,v\n1,A,x\n1,A,y\n", ["--unit", "u", "--coder", "c", "--value", "v"], "line 3: A gave unit '1' a value before"),
        ("u,c,v\n1,A,x\n1,,y\n", ["--unit", "u", "--coder", "c", "--value", "v"], "no coder is named"),
        ("u,c,v\n1,A,x\n2,A,y\n", ["--unit", "u", "--coder", "c", "--value", "v"], "has one coder (A)"),
        ("u,c,v\n1,A,x\n", ["--unit", "u", "--value", "v"], "needs --unit, --coder and --value"),
        ("u,A,B\n1,2,NA\n", ["--unit", "u", "--metric", "interval"], "--missing 'NA'"),
        ("u,A,B\n1,2,-3\n", ["--unit", "u", "--metric", "ratio"], "is negative"),
        ("u,A,B\n1,2,3\n", ["--unit", "w"], "has no column 'w'"),
        ("u,A,B\n1,2,3\n", ["--unit", "u", "--metric", "cosine"], "Known: nominal"),
        ("u,A,B\n1,2,3\n", ["--unit", "u", "--round", "May"], "speak of the project's codings"),
        ("u,A,B\n1,2,3\n", ["--unit", "u", "--by", "month"], "coder-pair only"),
        ("u,A,B\n1,2,3\n", ["--unit", "u", "--metric", "interval", "--absent-as-value"], "no distance"),
        ("", [], "empty"),
    ],
)
def test_what_cannot_be_compared_is_told_by_its_place(command, tmp_path: Path, text: str, args: list[str], said: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text, "utf-8")
    assert said in command("agree", "--table", path, *args, code=2).err


def test_words_for_an_empty_cell_points_and_sets(command, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("u,A,B\n1,2,NA\n2,4,4\n3,5,5\n4,9,8\n", "utf-8")
    assert command("agree", "--table", path, "--unit", "u", "--metric", "interval", "--missing", "NA", "--json").one["units"] == 3
    path.write_text("u;A;B\n1;35.7 51.4;35.7, 51.4\n2;29.6 52.5;29.6 52.5\n3;31.9 54.4;32.1 54.4\n", "utf-8")
    found = command("agree", "--table", path, "--unit", "u", "--metric", "kilometres", "--json").one
    assert found["mean_apart"] == pytest.approx(22.2 / 3, abs=0.1)
    path.write_text("u,A,B\n1,x; y,y;x\n2,z,z\n3,x,x; w\n", "utf-8")
    assert command("agree", "--table", path, "--unit", "u", "--metric", "sets", "--json").one["percent_agreement"]["value"] == 0.6667
