"""Building releases: what is in them, what stops them, that they are whole, immutable and reproducible."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pyarrow.parquet as pq
import pytest

from eventcoder import validation
from eventcoder.codebook import load_codebook
from eventcoder.errors import ReleaseError, UsageError
from eventcoder.ledger import open_ledger
from eventcoder.problem import Report
from eventcoder.project import Project, Settings, packaged_schema
from eventcoder.releases import build_release, check_release
from eventcoder.releases.layout import ACLED_COLUMNS, required_files
from eventcoder.validation import GateResult
from tests.releases.workshop import START, Workshop, book


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_a_release_has_every_file_and_checks_clean(shared: Workshop) -> None:
    for version in ("2026.11.0", "2026.11.1"):
        folder = shared.project.releases_dir / version
        assert set(required_files()) <= {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
        assert [p for p in check_release(folder).problems if p.severity == "error"] == []
    assert sorted(p.name for p in shared.project.releases_dir.iterdir() if p.name != ".lock") == ["2026.11.0", "2026.11.1", "versions.json"]


def test_sha256sum_agrees(shared: Workshop) -> None:
    if shutil.which("sha256sum") is None:
        pytest.skip("sha256sum is not on this machine")
    done = subprocess.run(["sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"], cwd=shared.project.releases_dir / "2026.11.1", check=False)
    assert done.returncode == 0


def test_T25_the_second_release_says_what_became_of_every_event(shared: Workshop) -> None:
    a, b, c, d, e = shared.ids[:5]
    folder = shared.project.releases_dir / "2026.11.1"
    said = rows(folder, "changes.csv")
    own = [(r["op"], r["event_id"], r["field"], r["reason"], r["merged_into"]) for r in said]
    assert ("revised", a, "location", "misread map", "") in own
    assert ("attached", b, "", "", "") in own
    assert ("retracted", c, "", "the march was a film set", "") in own
    assert ("merged", e, "", "same march, two papers", d) in own
    assert ("added", shared.added, "", "", "") in own
    assert {r["event_id"] for r in said if r["event_id"]} == {a, b, c, d, e, shared.added}
    assert {r["coder"] for r in said} - {""} != {"ada"}
    gone = {r["event_id"]: (r["op"], r["version"], r["successor"], r["first_release"]) for r in rows(folder, "retracted.csv")}
    assert gone == {c: ("retracted", "2026.11.1", "", "2026.11.0"), e: ("merged", "2026.11.1", d, "2026.11.0")}


def test_first_release_and_last_changed(shared: Workshop) -> None:
    events = {r["event_id"]: (r["first_release"], r["last_changed"]) for r in rows(shared.project.releases_dir / "2026.11.1", "events.csv")}
    assert events[shared.ids[0]] == ("2026.11.0", "2026.11.1")
    assert events[shared.ids[1]] == ("2026.11.0", "2026.11.1"), "another report is a change of the event"
    assert events[shared.ids[9]] == ("2026.11.0", "2026.11.0")
    assert events[shared.added] == ("2026.11.1", "2026.11.1")


def test_nothing_of_an_undisclosed_source_gets_out(shared: Workshop) -> None:
    secret = ("Night Courier", "night.example", shared.secret, "Told")
    for folder in ("2026.11.0", "2026.11.1"):
        for path in sorted((shared.project.releases_dir / folder).rglob("*")):
            if path.is_file() and path.suffix != ".parquet":
                text = path.read_text("utf-8")
                assert not [s for s in secret if s in text], path
        for path in (shared.project.releases_dir / folder).glob("*.parquet"):
            text = str(pq.read_table(path).to_pylist())
            assert not [s for s in secret if s in text], path
    counted = [r for r in rows(shared.project.releases_dir / "2026.11.0", "event_sources.csv") if r["visibility"] == "undisclosed"]
    assert [(r["event_id"], r["publisher"], r["n_documents"], r["document_id"]) for r in counted] == [(shared.ids[0], "Undisclosed Source", "1", "")]


def test_the_acled_file_has_the_31_columns_and_no_empty_deaths(shared: Workshop) -> None:
    folder = shared.project.releases_dir / "2026.11.0"
    with (folder / "events_acled.csv").open(encoding="utf-8", newline="") as handle:
        assert tuple(next(csv.reader(handle))) == ACLED_COLUMNS
    native = {r["event_id_cnty"]: r["fatalities"] for r in rows(folder, "events.csv")}
    acled = {r["event_id_cnty"]: r["fatalities"] for r in rows(folder, "events_acled.csv")}
    assert any(v == "" for v in native.values()), "the sample needs an event of which nobody reported deaths"
    assert acled == {k: v or "0" for k, v in native.items()}


def test_T40_the_same_ledger_gives_the_same_bytes_in_two_folders_on_two_days(tmp_path: Path) -> None:
    folders = []
    for name, days in (("one", 1), ("two", 9)):
        workshop = Workshop(tmp_path / name / "project", 5)
        folders.append(workshop.release(time=workshop.moment + timedelta(days=days), gated="whole").folder)
        workshop.ledger.close()
    one, two = ({p.relative_to(f).as_posix(): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in folders if f)
    assert sorted(one) == sorted(two)
    assert [n for n in one if one[n] != two[n]] == []


def test_the_same_content_is_not_released_twice_and_numbers_are_not_reused(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "project", 4)
    assert workshop.release().version == "2026.11.0"
    again = workshop.release()
    assert (again.status, again.version) == ("nothing to release", "2026.11.0")
    with pytest.raises(UsageError, match="already there"):
        workshop.release(version="2026.11.0")
    with pytest.raises(UsageError, match="cannot be a version"):
        workshop.release(version="../2026.11.9")
    workshop.act(workshop.ids[0], {"act": "retract", "reason": "twice"})
    assert workshop.release(dry_run=True).status == "would release"
    assert not (workshop.project.releases_dir / "2026.11.1").exists()
    assert workshop.release(version="2026.11.5").version == "2026.11.5"
    workshop.act(workshop.ids[0], {"act": "restore", "settled": True, "reason": "found the second paper"})
    third = workshop.release()
    assert third.version == "2026.11.6"
    assert third.changes["restored"] == 1
    assert third.folder is not None
    event = next(r for r in rows(third.folder, "events.csv") if r["event_id"] == workshop.ids[0])
    assert event["first_release"] == "2026.11.0"
    assert [(r["version"], r["restored_in"]) for r in rows(third.folder, "retracted.csv")] == [("2026.11.5", "2026.11.6")]
    workshop.ledger.close()


def test_T39_events_younger_than_the_cut_off_stay_out(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "project", 3, cutoff_days=7)
    young = workshop.ids[0]
    day = START.date()
    values = {"event_date": day.isoformat(), "date_start": day.isoformat(), "date_end": day.isoformat(), "time_precision": 1, "year": day.year}
    workshop.act(young, {"act": "revise", "values": values, "settled": True})
    assert workshop.release(time=START + timedelta(days=3), dry_run=True).events == 2
    assert workshop.release(time=START + timedelta(days=20), dry_run=True).events == 3
    workshop.ledger.close()


def test_errors_stop_it_before_anything_is_written(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "project", 3)
    workshop.act(workshop.ids[0], {"act": "revise", "values": {"latitude": 120.5}, "settled": True})
    with pytest.raises(ReleaseError) as caught:
        workshop.release(gated="rules")
    assert workshop.ids[0] in [p.event_id for p in caught.value.problems if p.severity == "error"]
    assert [p.name for p in workshop.project.releases_dir.iterdir()] == [".lock"]
    workshop.ledger.close()


KILLED = """
import sys, time
from pathlib import Path
import eventcoder.releases.making.build as build
from tests.releases.workshop import Workshop
where = sys.argv[2]
def hang(*args, **more):
    print("here", flush=True)
    time.sleep(60)
if where == "writing":
    build.staging.put_in_place = hang
else:
    build.write_versions = hang
Workshop(Path(sys.argv[1]), 4).release()
"""


@pytest.mark.parametrize("where", ["writing", "listing"])
def test_a_kill_during_release_leaves_no_half_release(tmp_path: Path, where: str) -> None:
    root = tmp_path / "project"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in (str(Path.cwd()), *sys.path) if p)}
    with subprocess.Popen([sys.executable, "-c", KILLED, str(root), where], stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout is not None
        said = child.stdout.readline()
        child.send_signal(signal.SIGKILL)
    assert said == "here\n"
    assert not (root / "releases" / "versions.json").exists(), "nothing is released for a reader"
    project = Project(root, Settings(id="weir", title="Weir Valley events", authors=("Okafor, Ada", "The Weir Team"), duplicate_stop=1.01))
    passing = GateResult(Report(), {}, "<html></html>")
    with open_ledger(project.ledger_path, create=False, readonly=True) as ledger, mock.patch.object(validation, "gate", lambda *_, **__: passing):
        result = build_release(project, ledger, book(), time=datetime(2026, 11, 9, tzinfo=UTC))
    assert result.version == "2026.11.0"
    assert result.status == ("released" if where == "writing" else "nothing to release")
    assert [p.name for p in (root / "releases").glob(".staging-*")] == []
    assert check_release(root / "releases", deep=False).valid


def test_a_new_codebook_is_news_for_readers_even_where_no_event_changed(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "project", 4)
    workshop.release()
    schema = workshop.project.root / "schema"
    shutil.copytree(packaged_schema(), schema, ignore=shutil.ignore_patterns("classifier"))
    path = schema / "codebook.toml"
    path.write_text(path.read_text("utf-8").replace(f'version = "{book().version}"', 'version = "7.0.0"', 1), "utf-8")
    newer = load_codebook(schema)
    with mock.patch.object(validation, "gate", lambda *_, **__: GateResult(Report(), {}, "<html></html>")):
        made, again = (build_release(workshop.project, workshop.ledger, newer, time=workshop.moment) for _ in range(2))
    assert made.version == "2026.11.1" and "no event changed, the codebook did" in made.summary
    assert again.status == "nothing to release"


def test_a_value_of_another_type_stops_a_release_with_a_message(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "project", 4)
    workshop.act(workshop.ids[0], {"act": "revise", "values": {"fatalities": "many"}, "settled": True, "reason": "x"})
    with pytest.raises(ReleaseError, match="not of the type of its column") as caught:
        workshop.release()
    assert [p.code for p in caught.value.problems] == ["value-of-another-type"]
