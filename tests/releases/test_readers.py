"""The tools that analysts have read every table of a release, Parquet and CSV, with right types and the same cells (T29, T30)."""

from __future__ import annotations

import datetime
import json
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eventcoder.releases.csvfile import as_csv
from tests.releases.workshop import SYSTEM, Workshop, book
from tests.synthetic_events import synthetic_values

TABLES = ("events", "event_sources", "evidence", "event_actors", "event_counts", "actors", "relations", "coverage", "changes", "acts")
ODD = (
    {"location": "NA", "notes": 'Line one.\nLine two says "no", twice.\r\nThe end,\nreally.', "tags": ["007", "crowd size=no report"]},
    {"location": "Katima Mulilo", "country": "Namibia", "region": "Southern Africa", "iso": 516, "notes": "NULL", "tags": []},
    {"location": "مأرب", "notes": "🚜 Ô ‏مسيرة سلمية‏ – l'été ,;\t\"", "actor1": 'Farmers, "North"; South (Weir)', "assoc_actor_1": ['a "b"', "c, d"]},
    {"location": "=1+1", "notes": "nan", "admin1": "0012", "admin2": "1e5", "admin3": "True"},
)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Ordinary events and some that have broken somebody's reader before."""
    made = Workshop(tmp_path_factory.mktemp("readers") / "project", 6)
    made.coverage(country="Namibia", week="2026-10-26", sources=["NA", 'The "Weir" Gazette'], note="line\nbreak")
    for values, odd in zip(synthetic_values(40, 31)[-len(ODD) :], ODD, strict=True):
        kept = {k: v for k, v in values.items() if k not in SYSTEM and k != "event_id" and v not in (None, [])} | odd
        made.act(values["event_id"], {"act": "create", "values": kept, "settled": True, "codebook": book().version})
    made.release()
    yield made.project.releases_dir / "2026.11.0"
    made.ledger.close()


def stored(release: Path, name: str) -> pa.Table:
    return pq.read_table(release / f"{name}.parquet")


def fields(release: Path, name: str) -> dict[str, str]:
    """Types by column as the descriptor has them: what a reader of CSV goes by."""
    package = json.loads((release / "datapackage.json").read_text("utf-8"))
    (schema,) = (r["schema"] for r in package["resources"] if r["path"] == f"{name}.csv")
    return {field["name"]: field["type"] for field in schema["fields"]}


def plain(value: Any) -> Any:
    """A cell as any tool means it: one kind of null, whole numbers whole, days as days, lists as lists. A float for a whole number is told apart."""
    if type(value).__name__ == "ndarray" or isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if value is None or type(value).__name__ in ("NaTType", "NAType") or value != value:
        return None
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    return value.date() if isinstance(value, datetime.datetime) else value


def same(found: list[dict[str, Any]], table: pa.Table) -> None:
    expected = table.to_pylist()
    assert len(found) == len(expected)
    for row, other in zip(found, expected, strict=True):
        cells = {k: plain(v) for k, v in row.items()}
        assert cells == {k: plain(v) for k, v in other.items()}
        assert {k: type(v) for k, v in cells.items() if v is not None} == {k: type(plain(v)) for k, v in other.items() if v is not None}


def test_the_sample_is_awkward(release: Path) -> None:
    events = stored(release, "events")
    texts = " ".join(t for t in events["notes"].to_pylist() if t)
    assert all(odd in texts for odd in ("\n", '"', "🚜", "مسيرة", "NULL")) and "NA" in events["location"].to_pylist()
    assert [] in events["tags"].to_pylist() and any("007" in tags for tags in events["tags"].to_pylist())
    assert pa.types.is_integer(events.schema.field("fatalities").type) and events["fatalities"].null_count


@pytest.mark.parametrize("name", TABLES)
def test_duckdb(release: Path, name: str) -> None:
    import duckdb

    kinds = {"string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE"}
    with duckdb.connect() as con:
        same(con.sql(f"SELECT * FROM '{release / name}.parquet'").to_arrow_table().to_pylist(), stored(release, name))
        columns = {column: kinds[kind] for column, kind in fields(release, name).items()}
        found = con.sql(f"SELECT * FROM read_csv('{release / name}.csv', columns = {columns}, header = true)")
        same(found.to_arrow_table().to_pylist(), as_csv(stored(release, name)))


def test_duckdb_guesses_the_types_of_events_by_itself(release: Path) -> None:
    import duckdb

    with duckdb.connect() as con:
        found = con.sql(f"SELECT * FROM '{release / 'events.csv'}'").to_arrow_table()
    same(found.select(["event_id", "event_date", "year", "location", "notes", "latitude"]).to_pylist(), as_csv(
        stored(release, "events").select(["event_id", "event_date", "year", "location", "notes", "latitude"])))  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_polars(release: Path, name: str) -> None:
    polars = pytest.importorskip("polars")
    kinds = {"string": polars.String, "integer": polars.Int64, "number": polars.Float64, "boolean": polars.Boolean, "date": polars.Date}
    same(polars.read_parquet(release / f"{name}.parquet").to_dicts(), stored(release, name))
    overrides = {column: kinds[kind] for column, kind in fields(release, name).items()}
    same(polars.read_csv(release / f"{name}.csv", schema_overrides=overrides).to_dicts(), as_csv(stored(release, name)))


@pytest.mark.parametrize("name", TABLES)
def test_pandas(release: Path, name: str) -> None:
    import pandas

    from_parquet = pandas.read_parquet(release / f"{name}.parquet", dtype_backend="pyarrow")
    same(from_parquet.to_dict("records"), stored(release, name))
    told = fields(release, name)
    kinds = {"string": "string", "integer": "Int64", "number": "float64", "boolean": "boolean", "date": "string"}
    frame = pandas.read_csv(
        release / f"{name}.csv", dtype={column: kinds[kind] for column, kind in told.items()}, keep_default_na=False, na_values=[""]
    )
    for column in (c for c, kind in told.items() if kind == "date"):
        frame[column] = pandas.to_datetime(frame[column]).dt.date
    same(frame.to_dict("records"), as_csv(stored(release, name)))


@pytest.mark.parametrize("name", ["events", "evidence"])
def test_hugging_face_datasets(release: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own dependencies
        datasets = pytest.importorskip("datasets")
        datasets.disable_progress_bars()
        found = datasets.load_dataset("parquet", data_files=str(release / f"{name}.parquet"), cache_dir=str(tmp_path), split="train")
        same(found.with_format("arrow")[:].to_pylist(), stored(release, name))
        # its CSV reader knows no missing whole numbers: they are read as float64, or from Parquet
        kinds = {"string": "string", "integer": "float64", "number": "float64", "boolean": "bool", "date": "string"}
        features = datasets.Features({column: datasets.Value(kinds[kind]) for column, kind in fields(release, name).items()})
        lines = {"keep_default_na": False, "na_values": [""], "cache_dir": str(tmp_path / "csv"), "split": "train"}
        found = datasets.load_dataset("csv", data_files=str(release / f"{name}.csv"), features=features, **lines)
    shown = as_csv(stored(release, name))
    read_as = {"date": pa.string(), "integer": pa.float64()}
    told = fields(release, name)
    same(found.to_list(), shown.cast(pa.schema([pa.field(f.name, read_as.get(told[f.name], f.type)) for f in shown.schema])))


def test_r_arrow(release: Path) -> None:
    rscript = shutil.which("Rscript") or pytest.skip("R is not there")
    if subprocess.run([rscript, "-e", "library(arrow)"], capture_output=True, check=False).returncode:
        pytest.skip("R has no package arrow")
    script = f"""suppressMessages(library(arrow)); e <- read_parquet("{release}/events.parquet", as_data_frame = FALSE)
    cat(nrow(e), e$schema$GetFieldByName("event_date")$type$ToString(), e$schema$GetFieldByName("fatalities")$type$ToString(), sep = "|")"""
    said = subprocess.run([rscript, "-e", script], capture_output=True, text=True, check=True).stdout
    assert said == f"{stored(release, 'events').num_rows}|date32[day]|int64"
