"""Releases that were changed, projects that are read-only, and texts that a spreadsheet would run."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.conftest import Command


def found(command: Command, target: Path | str) -> set[str]:
    """The codes of the errors that `check` finds."""
    report = command("check", target, "--json", code=None).one
    return {p["code"] for p in report["problems"] if p["severity"] == "error"}


@pytest.fixture
def version(released: Path, command: Command) -> Path:
    """The folder of the released version (its number says in which month the tests run)."""
    (only,) = (p for p in Path("releases").iterdir() if p.is_dir() and p.name[0].isdigit())
    return only


def test_an_untouched_release_is_fine(command: Command, version: Path) -> None:
    report = command("check", "releases", "--json").one
    assert report["valid"] and report["counts"]["error"] == 0
    assert set(report) == {"valid", "counts", "problems"}


def test_one_changed_byte_in_any_file_is_found(command: Command, version: Path, without_rules: None) -> None:
    # every file is gone through in tests/releases; here two, through the command
    for name in ("events.parquet", "codes/countries.csv"):
        path = version / name
        before = path.read_bytes()
        middle = len(before) // 2
        path.write_bytes(before[:middle] + bytes([before[middle] ^ 1]) + before[middle + 1 :])
        assert command("check", version, code=1).out, path
        path.write_bytes(before)


def test_missing_extra_and_renamed_files_are_found_and_the_reader_is_warned(command: Command, version: Path, without_rules: None) -> None:
    extra = version / "notes to self.txt"
    extra.write_text("x", "utf-8")
    assert "extra-file" in found(command, version)
    extra.unlink()
    table = version / "events.csv"
    kept = table.read_bytes()
    table.unlink()
    assert "missing-file" in found(command, version)
    table.write_bytes(kept[:-10])
    assert "changed-file" in found(command, version)
    assert command("publish", "site", code=1).err.startswith("error"), "what is damaged is not published"
    assert not list(Path("site").glob("2*"))
    table.write_bytes(kept)
    (version / "datapackage.json").unlink()
    assert "bad-manifest" in found(command, version)


def test_a_release_after_a_damaged_one_is_refused_before_anything_is_written(command: Command, version: Path) -> None:
    path = version / "events.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    event = command("list", "--json", "--limit", "1").one["event_id"]
    command("amend", event, "--set", "admin2=Shiraz", "--reason", "Division added.")
    before = sorted(p.name for p in Path("releases").iterdir())
    ran = command("release", code=None)
    assert ran.code in (1, 2) and ran.err.startswith("error")
    assert sorted(p.name for p in Path("releases").iterdir()) == before


def test_texts_that_a_spreadsheet_would_run_are_neutralised_in_csv_only_and_come_back(
    command: Command, version: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow.parquet

    (event,) = (e for e in command("list", "--json").lines if e["location"] == "@Shiraz")
    (row,) = (r for r in pyarrow.parquet.read_table(version / "events.parquet").to_pylist() if r["event_id"] == event["event_id"])
    assert (row["notes"], row["location"]) == (event["notes"], "@Shiraz")
    for name in ("events.csv", "events_acled.csv"):
        with (version / name).open(encoding="utf-8-sig", newline="") as file:
            cells = [r for r in csv.DictReader(file) if r["location"] == "'@Shiraz"]
        assert [c["notes"] for c in cells] == ["'" + event["notes"]]
        with (version / name).open(encoding="utf-8-sig", newline="") as file:
            assert not [c for r in csv.reader(file) for c in r if c[:1] in ("=", "+", "@", "\t", "\r")]
    command("export", "latest", "--out", "out.csv")
    assert "'=On 2 July" in Path("out.csv").read_text("utf-8-sig")
    other = tmp_path / "other"
    other.mkdir()
    (other / "eventcoder.toml").write_text('id = "other"\n', "utf-8")
    command("import", version / "events.csv", "--project", other)
    again = command("list", "--json", "--project", other).lines
    assert {e["event_id"]: (e["notes"], e["location"]) for e in again} == {
        e["event_id"]: (e["notes"], e["location"]) for e in command("list", "--json").lines
    }


def test_a_read_only_project_can_be_read_in_every_way(
    command: Command, read_only: Path, as_nobody: Callable[[], AbstractContextManager[None]]
) -> None:
    event = command("list", "--json", "--limit", "1").one["event_id"]
    words = [("list",), ("show", event), ("history", event), ("trace", event), ("log",), ("validate",), ("duplicates",), ("documents",), ("doctor",)]
    words += [("release", "--dry-run"), ("check", "releases")]
    for asked in words:
        command(*asked)  # what is needed is imported, and indexes are built, with all rights
    with as_nobody():
        for asked in words:
            command(*asked)


def test_a_read_only_project_refuses_every_write_and_stays_as_it_is(
    command: Command, read_only: Path, as_nobody: Callable[[], AbstractContextManager[None]], clean: dict[str, str], tmp_path: Path
) -> None:
    def state() -> dict[str, bytes]:
        return {str(p): p.read_bytes() for p in read_only.rglob("*") if p.is_file() and not p.name.endswith(("-shm", "-wal"))}

    event = command("list", "--json", "--limit", "1").one["event_id"]
    before = state()
    row = json.dumps({**clean, "event_date": "2026-09-09", "notes": "On 9 September 2026, teachers gathered in Shiraz (Fars)."})
    writes: list[tuple[str, ...]] = [
        ("add", "-"), ("amend", event, "--set", "admin2=Shiraz", "--reason", "r"), ("retract", event, "--reason", "r"),
        ("journal", "export", "journal"), ("publishers", "add", "Weir Post", "--scale", "National"),
        ("withdraw", "2026.11.0", "--reason", "r"), ("export", "latest"), ("init", "sub"),
    ]  # fmt: skip
    command("journal", "export", tmp_path / "elsewhere")  # imports what an export needs
    with as_nobody():
        for words in writes:
            ran = command(*words, stdin=row, code=2)
            assert ran.err.splitlines()[-1].startswith("error"), words
            assert "ermission denied" in ran.err or "writ" in ran.err or "read" in ran.err or "no version" in ran.err, ran.err
    assert state() == before


def test_release_twice_says_that_there_is_nothing_new(command: Command, version: Path) -> None:
    ran = command("release", "--json").one
    assert (ran["status"], ran["version"]) == ("nothing-to-release", version.name) or "nothing" in ran["status"]
    assert len([p for p in Path("releases").iterdir() if p.is_dir() and p.name[0].isdigit()]) == 1


def test_a_version_is_never_used_twice_and_never_leads_out_of_the_folder(command: Command, version: Path) -> None:
    event = command("list", "--json", "--limit", "1").one["event_id"]
    command("retract", event, "--reason", "The paper withdrew it.")
    for name, code in ((version.name, 2), ("../2026.12.0", 2), ("2026.13.0", 2), ("2026.11", 2), ("latest", 2)):
        assert command("release", "--version", name, code=code).err.startswith("error")
    assert len([p for p in Path("releases").iterdir() if p.is_dir() and p.name[0].isdigit()]) == 1
