"""CHANGES.md, `changes` with filters and `eventcoder diff`: figures first, what to look at, nothing of what did not change."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eventcoder.changelog import diff
from eventcoder.changelog.overview import overview
from eventcoder.cli import run
from eventcoder.errors import UsageError
from eventcoder.reader import changes
from eventcoder.releases.papers import changes_page as changespage
from eventcoder.releases.papers.changes_page import changes_page
from eventcoder.releases.tables import read_tables
from tests.releases.workshop import Workshop

OLD, NEW = "2026.11.0", "2026.11.1"
SCHEMA = pa.schema(
    [
        ("event_id", pa.string()), ("event_date", pa.date32()), ("event_type", pa.string()), ("sub_event_type", pa.string()),
        ("country", pa.string()), ("admin1", pa.string()), ("location", pa.string()), ("fatalities", pa.int64()),
        ("fatalities_low", pa.int64()), ("fatalities_high", pa.int64()), ("notes", pa.string()),
    ]
)  # fmt: skip


def events(*rows: dict[str, object]) -> pa.Table:
    base = {"event_date": date(2026, 11, 3), "event_type": "Protests", "sub_event_type": "Peaceful protest", "country": "Iran", "location": "Weir"}
    return pa.Table.from_pylist([{**base, **r} for r in rows], SCHEMA)


BEFORE = events(
    {"event_id": "moved", "fatalities": 2, "fatalities_low": 2, "fatalities_high": 2},
    {"event_id": "late"},
    {"event_id": "gone", "fatalities": 4, "fatalities_low": 4},
    {"event_id": "same", "notes": "kept"},
)
AFTER = events(
    {"event_id": "moved", "country": "Iraq", "fatalities": 30, "fatalities_low": 20, "event_type": "Riots"},
    {"event_id": "late", "event_date": date(2026, 11, 20)},
    {"event_id": "same", "notes": "kept"},
    {"event_id": "old", "event_date": date(2020, 1, 1), "country": "Chad", "fatalities": 5, "fatalities_low": 3, "fatalities_high": 9},
    {"event_id": "new", "country": "Chad|<b>"},
)


def test_the_overview_counts_places_deaths_and_age_and_names_what_to_look_at() -> None:
    found = overview(diff({"events": BEFORE}, {"events": AFTER}), BEFORE, AFTER, date(2026, 11, 25)).as_json()
    assert {k: n for k, n in found["counts"].items() if n} == {"added": 2, "revised": 2, "retracted": 1}
    assert [(t["name"], t["added"], t["revised"], t["retracted"]) for t in found["countries"]] == [
        ("Iran", 0, 1, 1), ("Chad", 1, 0, 0), ("Chad|<b>", 1, 0, 0), ("Iraq", 0, 1, 0),
    ]  # fmt: skip
    deaths = {k: (d["events"], d["reported"], d["low"], d["high"], d["open"], d["not_reported"]) for k, d in found["deaths"].items()}
    assert deaths == {
        "added": (2, 5, 3, 9, 0, 1), "retracted": (1, 4, 4, 4, 1, 0), "merged": (0,) * 6, "revised_before": (1, 2, 2, 2, 0, 0),
        "revised_now": (1, 30, 20, 30, 1, 0),
    }  # fmt: skip
    assert found["age_of_added"] == {"this_month": 1, "this_year": 0, "older": 1}
    first = {kind: [(i["event_id"], i["old"], i["new"]) for i in told["first"]] for kind, told in found["notable"].items()}
    assert first == {
        "fatalities": [("moved", "2", "30")], "redated": [("late", "2026-11-03", "2026-11-20")], "moved": [("moved", "Iran", "Iraq")],
        "retyped": [("moved", "Protests", "Riots")], "retracted": [("gone", None, None)],
    }  # fmt: skip


def test_the_page_cuts_its_lists_sums_the_rest_and_writes_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COUNTED", "LISTED"):
        monkeypatch.setattr(changespage, name, 1)
    page = changes_page(diff({"events": BEFORE}, {"events": AFTER}), NEW, OLD, "2026-11-25T00:00:00Z", "Notes.", BEFORE, AFTER)
    assert "| Iran | 0 | 1 | 1 |" in page and "| 3 others | 2 | 1 | 0 |" in page
    assert "- and 1 more" in page and "<b>" not in page and "it is no trend" in page
    first = changes_page(diff({}, {"events": AFTER}), OLD, None, "2026-11-25T00:00:00Z", "", None, AFTER)
    assert "First version: 5 events." in first and "Chad¦‹b›" not in first.split("By event type")[1] and "## To look at first" not in first


def test_the_page_of_a_release(releases: Path) -> None:
    page = (releases / NEW / "CHANGES.md").read_text("utf-8")
    assert "## By country" in page and "### Merged" in page and "the march was a film set" in page and "same march, two papers" in page
    assert "First version: 12 events." in (releases / OLD / "CHANGES.md").read_text("utf-8")


def test_filters_name_what_left_as_well(releases: Path, shared: Workshop) -> None:
    gone = shared.ids[2]
    country = shared.values[2]["country"]
    assert gone in set(changes(OLD, NEW, releases, country=country)["event_id"])
    assert set(changes(OLD, NEW, releases, field="location")["field"]) == {"location"}
    assert changes(OLD, NEW, releases).attrs["overview"]["counts"]["retracted"] == 1
    for wrong in ({"country": "Iraqq"}, {"event_type": "Protest"}, {"field": "locatio"}):
        with pytest.raises(UsageError, match="Did you mean"):
            changes(OLD, NEW, releases, **wrong)


def test_T26_T27_a_file_written_again_by_another_program_is_no_change(releases: Path, tmp_path: Path) -> None:
    """Through real files: other column order, row order, noise, dictionaries, pandas' types, chunks."""
    tables = read_tables(releases / NEW)
    frame = pq.read_table(releases / NEW / "events.parquet").to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    frame["latitude"] = frame["latitude"] + 1e-11
    frame["country"] = frame["country"].astype("category")
    frame.iloc[::-1][frame.columns[::-1]].to_parquet(tmp_path / "events.parquet", row_group_size=3, index=False)
    again = pq.read_table(tmp_path / "events.parquet")
    for many in (0, 10**9):
        told = diff(tables, {**tables, "events": again}, many=many).to_pylist()
        assert [r for r in told if r["op"] != "column_retyped"] == []
        assert [r["field"] for r in told if r["field"] in ("country", "latitude", "tags")] == []


def test_the_command_says_the_same_in_text_json_and_csv(releases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], shared: Workshop) -> None:
    root = tmp_path / "copy"
    shutil.copytree(releases, root / "releases")
    (root / "eventcoder.toml").write_text('id = "weir"\n', "utf-8")

    def call(*more: str) -> str:
        assert run(["diff", OLD, *more, "--project", str(root)]) == 0
        return capsys.readouterr().out

    text = call()
    assert text.startswith(f"{OLD} -> {NEW}: 1 added, 1 revised") and "film set" in text and f"into {shared.ids[3]}" in text
    found = json.loads(call("--json", "--csv", str(tmp_path / "out.csv")))
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as handle:
        assert [r["event_id"] for r in csv.DictReader(handle)] == [r["event_id"] or "" for r in found["changes"]]
    assert (found["older"], found["retracted"], found["notable"]["retracted"]["events"]) == (OLD, 1, 1)
    assert json.loads(call("--json", "--field", "location"))["retracted"] == 0
    assert run(["diff", OLD, "--csv", str(tmp_path / "no" / "out.csv"), "--project", str(root)]) == 2


def test_a_correction_reads_as_one_line_an_event_with_values_as_people_write_them() -> None:
    now = events({"event_id": "late", "location": "Weir Bridge", "event_date": date(2026, 11, 4), "notes": "Told | anew."})
    page = changes_page(diff({"events": BEFORE.slice(1, 1)}, {"events": now}), NEW, OLD, "2026-11-25T00:00:00Z", "", BEFORE, now)
    assert (
        "- `late` Peaceful protest, Weir Bridge, Iran, 2026-11-04\n  - event_date: 2026-11-03 → 2026-11-04\n  - location: Weir → Weir Bridge" in page
    )
    assert "  - notes: nothing → Told ¦ anew." in page and page.count("`late`") == 1
    assert "| revised | 1 |" in page and "| split |" not in page
