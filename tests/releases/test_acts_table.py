"""The table of acts in a release: it fits the events, a damaged one is told, and releases from before there was one stay whole."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from eventcoder.releases import check_release
from eventcoder.releases.csvfile import write_csv
from eventcoder.releases.tables import read_records, write_parquet
from tests.releases.sealing import seal, write_descriptor
from tests.releases.workshop import Workshop

NEW = "2026.11.1"
pytestmark = pytest.mark.usefixtures("without_rules")


def rewritten(folder: Path, acts: pa.Table) -> None:
    write_parquet(acts, folder / "acts.parquet")
    write_csv(acts, folder / "acts.csv")
    raw = json.loads((folder / "datapackage.json").read_text("utf-8"))
    raw["eventcoder"]["counts"]["acts"] = raw["eventcoder"]["files"]["acts.csv"]["rows"] = acts.num_rows
    write_descriptor(folder, raw)
    seal(folder)


def codes(folder: Path) -> set[str]:
    return {p.code for p in check_release(folder).errors}


def test_every_act_of_every_event_is_there(shared: Workshop) -> None:
    folder = shared.project.releases_dir / NEW
    acts = read_records(folder, ["acts.parquet"])["acts"]
    events = pq.read_table(folder / "events.parquet", columns=["event_id", "revision"])
    assert set(acts["event_id"].to_pylist()) == set(events["event_id"].to_pylist()), "none of events that are not in it"
    assert acts.num_rows == pc.sum(events["revision"]).as_py()
    assert not codes(folder)
    changes = pq.read_table(folder / "changes.parquet")
    assert "acts" not in changes["table"].to_pylist(), "who decided is no change of what happened"
    manifest = json.loads((folder / "datapackage.json").read_text("utf-8"))["eventcoder"]
    assert manifest["counts"]["acts"] == acts.num_rows


def test_acts_that_do_not_fit_the_events_are_told(releases: Path) -> None:
    folder = releases / NEW
    acts = pq.read_table(folder / "acts.parquet")
    rewritten(folder, acts.slice(1))
    assert codes(folder) == {"acts-differ"}
    rewritten(folder, acts)
    assert not codes(folder)
    foreign = acts.slice(0, 1).set_column(0, acts.schema.field(0), pa.array(["kzzzzzzzzzzz"]))
    rewritten(folder, pa.concat_tables([acts, foreign]))
    assert codes(folder) == {"acts-differ"}
    rewritten(folder, acts.rename_columns([*acts.column_names[:-1], "else"]))
    assert "schema-mismatch" in codes(folder)


def test_a_csv_that_differs_is_told(releases: Path) -> None:
    folder = releases / NEW
    text = (folder / "acts.csv").read_text("utf-8")
    (folder / "acts.csv").write_text(text.replace("misread map", "misread"), "utf-8")
    seal(folder)
    assert codes(folder) == {"csv-differs"}


def test_a_release_from_before_there_was_such_a_table_is_whole(releases: Path) -> None:
    folder = releases / NEW
    for name in ("acts.csv", "acts.parquet"):
        (folder / name).unlink()
    raw = json.loads((folder / "datapackage.json").read_text("utf-8"))
    for name in ("acts.csv", "acts.parquet"):
        del raw["eventcoder"]["files"][name]
    del raw["eventcoder"]["counts"]["acts"]
    raw["resources"] = [r for r in raw["resources"] if not r["path"].startswith("acts.")]
    write_descriptor(folder, raw)
    assert not codes(folder)
