"""Whatever was done to a release is found from its own files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eventcoder.errors import InputError
from eventcoder.releases import check_release
from eventcoder.releases.checking.check import leaks
from eventcoder.releases.csvfile import write_csv
from eventcoder.releases.manifest import read_manifest
from eventcoder.releases.package import all_files
from eventcoder.releases.tables import read_tables, write_parquet
from tests.releases.sealing import seal
from tests.releases.workshop import Workshop, book

NEW = "2026.11.1"


def codes(folder: Path, *, deep: bool = True) -> set[str]:
    return {p.code for p in check_release(folder, deep=deep).problems if p.severity == "error"}


@pytest.mark.usefixtures("without_rules")
def test_one_changed_byte_in_any_file_is_found(releases: Path) -> None:
    folder = releases / NEW
    assert codes(folder) == set()
    names = all_files(folder)
    assert len(names) > 40
    for name in names:
        path = folder / name
        good = path.read_bytes()
        for at in {0, len(good) // 2, len(good) - 1}:
            path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
            assert codes(folder, deep=False), (name, at)
        path.write_bytes(good[:-1])
        assert codes(folder, deep=False), (name, "cut")
        path.write_bytes(good)
    assert codes(folder, deep=False) == set()


@pytest.mark.usefixtures("without_rules")
def test_missing_extra_and_linked_files_are_found(releases: Path, tmp_path: Path) -> None:
    folder = releases / NEW
    (folder / "events.csv").rename(tmp_path / "events.csv")
    assert codes(folder) >= {"missing-file"}
    (folder / "events.csv").symlink_to(tmp_path / "events.csv")
    assert codes(folder) >= {"link-in-release"}
    (folder / "events.csv").unlink()
    (tmp_path / "events.csv").rename(folder / "events.csv")
    (folder / "codes" / "more.csv").write_text("code\n", "utf-8")
    assert codes(folder) >= {"extra-file", "checksums-differ"}


def manifest_edit(folder: Path, edit: Callable[[dict[str, object]], object]) -> set[str]:
    raw = json.loads((folder / "datapackage.json").read_text("utf-8"))
    edit(raw["eventcoder"])
    (folder / "datapackage.json").write_text(json.dumps(raw), "utf-8")
    return codes(folder)


@pytest.mark.usefixtures("without_rules")
def test_a_manifest_that_leads_out_or_is_unknown_is_refused(releases: Path) -> None:
    facts = {"sha256": "0" * 64, "bytes": 1, "rows": None}
    assert manifest_edit(releases / NEW, lambda m: m["files"].update({"../secret": facts})) == {"bad-manifest"}  # type: ignore[attr-defined]
    assert manifest_edit(releases / NEW, lambda m: m["files"].pop("../secret")) != {"bad-manifest"}  # type: ignore[attr-defined]
    assert manifest_edit(releases / NEW, lambda m: m.update(extra=1)) == {"bad-manifest"}
    assert manifest_edit(releases / NEW, lambda m: (m.pop("extra"), m.update(format=2))) == {"bad-manifest"}
    said = check_release(releases / NEW).problems[0].message
    assert "format 2" in said
    assert "Upgrade" in said


def edited(folder: Path, name: str, edit: Callable[[pa.Table], pa.Table], *, csv: bool = True) -> set[str]:
    table = edit(pq.read_table(folder / f"{name}.parquet"))
    write_parquet(table, folder / f"{name}.parquet")
    if csv:
        write_csv(table, folder / f"{name}.csv")
    seal(folder)
    return codes(folder)


def set_cell(name: str, value: object) -> Callable[[pa.Table], pa.Table]:
    def edit(table: pa.Table) -> pa.Table:
        index = table.column_names.index(name)
        values = table.column(name).to_pylist()
        values[0] = value
        return table.set_column(index, table.schema.field(index), pa.array(values, table.schema.field(index).type))

    return edit


@pytest.mark.usefixtures("without_rules")
def test_a_value_changed_with_all_hashes_mended_is_found_by_fingerprint_and_changes(releases: Path) -> None:
    assert {"fingerprint-mismatch", "changes-do-not-replay"} <= edited(releases / NEW, "events", set_cell("notes", "Nothing happened."))


@pytest.mark.usefixtures("without_rules")
def test_T30_csv_that_says_something_else_than_parquet_is_found(releases: Path) -> None:
    assert "csv-differs" in edited(releases / NEW, "event_sources", set_cell("publisher", "Harbour Times"), csv=False)


@pytest.mark.usefixtures("without_rules")
def test_a_row_left_out_is_found(releases: Path) -> None:
    found = edited(releases / NEW, "events", lambda t: t.slice(1))
    assert {"count-mismatch", "fingerprint-mismatch", "changes-do-not-replay"} <= found


def test_a_code_that_the_codebook_does_not_have_is_found(releases: Path) -> None:
    assert "unknown-code" in edited(releases / NEW, "events", set_cell("country", "Atlantis"))


@pytest.mark.usefixtures("without_rules")
def test_a_retyped_column_is_found(releases: Path) -> None:
    def as_text(table: pa.Table) -> pa.Table:
        index = table.column_names.index("start")
        return table.set_column(index, "start", table.column("start").cast(pa.string()))

    assert "schema-mismatch" in edited(releases / NEW, "evidence", as_text)


def test_an_undisclosed_document_that_shows_is_found(shared: Workshop) -> None:
    tables = read_tables(shared.project.releases_dir / "2026.11.0")
    assert list(leaks(tables)) == []
    sources = tables["event_sources"].to_pylist()
    hidden = next(r for r in sources if r["visibility"] == "undisclosed")
    hidden.update(url="https://night.example/1", publisher="Night Courier")
    tables["event_sources"] = pa.Table.from_pylist(sources, tables["event_sources"].schema)
    assert {(p.code, p.field) for p in leaks(tables)} == {("undisclosed-source", "url"), ("undisclosed-source", "publisher")}


def test_a_folder_of_releases_is_checked_as_a_whole(releases: Path) -> None:
    (releases / "2026.11.0" / "LICENSE").write_text("All rights reserved.\n", "utf-8")
    assert {(p.code, p.where) for p in check_release(releases).errors} >= {("changed-file", "2026.11.0/LICENSE")}


def test_a_single_file_of_events_is_checked_too(releases: Path, tmp_path: Path) -> None:
    assert check_release(releases / NEW / "events.parquet").valid
    text = (releases / NEW / "events.csv").read_text("utf-8").replace(",2026,", ",two thousand,").replace('"Iran"', '"Iram"')
    (tmp_path / "mine.csv").write_text(text, "utf-8")
    found = {p.code for p in check_release(tmp_path / "mine.csv").errors}
    assert {"not-a-whole-number", "unknown-code"} & found
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\x00\x01\xff")
    with pytest.raises(InputError):
        check_release(tmp_path / "picture.csv")
    with pytest.raises(InputError, match="There is no"):
        check_release(tmp_path / "nowhere")


def test_the_manifest_counts_what_is_there(shared: Workshop) -> None:
    manifest, _ = read_manifest(shared.project.releases_dir / NEW)
    assert manifest.counts["events"] == 11
    assert {k: manifest.counts[k] for k in ("added", "revised", "attached", "retracted", "merged")} == {
        "added": 1, "revised": 1, "attached": 1, "retracted": 1, "merged": 1,
    }  # fmt: skip


def test_a_file_in_acled_form_is_not_blamed_for_columns_that_it_cannot_have(tmp_path: Path) -> None:
    made = Workshop(tmp_path / "weir", n=6)
    folder = made.release().folder
    assert folder is not None
    report = check_release(folder / "events_acled.csv", book())
    assert report.errors == [] and {p.code for p in report} == {"missing-column"}
    broken = tmp_path / "broken.csv"
    broken.write_text((folder / "events_acled.csv").read_text("utf-8").replace("Peaceful protest", "Peaceful protests"), "utf-8")
    assert "unknown-code" in {p.code for p in check_release(broken, book()).errors}


def test_a_file_without_rows_is_not_silently_fine(tmp_path: Path) -> None:
    made = Workshop(tmp_path / "weir", n=6)
    folder = made.release().folder
    assert folder is not None
    empty = tmp_path / "events.csv"
    empty.write_text((folder / "events.csv").read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    assert [p.code for p in check_release(empty, book())] == ["no-rows"]


def test_a_description_that_is_no_text_is_told_and_not_thrown(tmp_path: Path) -> None:
    made = Workshop(tmp_path / "weir", n=6)
    folder = made.release().folder
    assert folder is not None
    table = pq.read_table(folder / "events.parquet")
    damaged = [field.with_metadata({b"description": b"Lowest cr\xe0 figure"}) for field in table.schema]
    pq.write_table(table.cast(pa.schema(damaged)), folder / "events.parquet")
    assert "changed-file" in {p.code for p in check_release(folder).errors}
