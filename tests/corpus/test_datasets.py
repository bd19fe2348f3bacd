"""Parquet datasets in and out: parts, resuming, refusals, and rows that are no articles."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from eventcoder.corpus.places import place
from eventcoder.corpus.source import ParquetSource
from eventcoder.errors import InputError
from tests.corpus.conftest import article, drafts_in, here, started, take_in


def dataset(folder: Path, articles: list[dict[str, Any]], files: int = 1, **options: Any) -> Path:
    """Articles as a Parquet dataset of some files."""
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(files):
        pq.write_table(pa.Table.from_pylist(articles[n::files]), folder / f"news-{n}.parquet", **options)
    return folder


def rows(folder: Path) -> list[dict[str, Any]]:
    """All drafts of a dataset, in a fixed order."""
    return sorted(ds.dataset(folder).to_table().to_pylist(), key=lambda r: (r["document"], r["start"], r["draft_id"]))


def files(folder: Path) -> dict[str, int]:
    return {p.name: p.stat().st_mtime_ns for p in folder.glob("part-*.parquet")}


def test_a_dataset_holds_what_the_ledger_would(project: Path, tmp_path: Path) -> None:
    articles = [article(n) for n in range(30)]
    source = dataset(tmp_path / "in", articles, files=2)
    _, said = here(project, "extract", "--from", source, "--to", tmp_path / "out", "--jobs", "2")
    assert "drafts from 30 documents in" in said
    take_in(project, articles)
    here(project, "extract", "--jobs", "1")
    stored = drafts_in(project)
    got = rows(tmp_path / "out")
    assert {r["draft_id"] for r in got} == set(stored) and len(got) == len(stored)
    for row in got:
        body = stored[row["draft_id"]]
        assert json.loads(row["fields"]) == body["fields"] and json.loads(row["evidence"]) == body["evidence"]
        assert (str(row["event_date"]) if row["event_date"] else None) == body["fields"].get("event_date")
        assert row["quote"] == body["statement"]["quote"] and row["document"] == row["text_id"] == body["document"]
    here(project, "extract", "--to", tmp_path / "own", "--jobs", "1")
    assert [r["draft_id"] for r in rows(tmp_path / "own")] == [r["draft_id"] for r in got]


def test_pandas_and_duckdb_read_it_with_types(project: Path, tmp_path: Path) -> None:
    source = dataset(tmp_path / "in", [{**article(n), "id": f"A-{n}"} for n in range(5)] + [{**article(6), "id": "A-6", "text": ""}])
    here(project, "extract", "--from", source, "--to", tmp_path / "out", code=1)
    frame = pd.read_parquet(tmp_path / "out")
    assert set(frame["document"]) == {f"A-{n}" for n in range(5)} and frame["latitude"].dtype == "float64"
    assert all(isinstance(day, date) for day in frame["event_date"].dropna())
    found = duckdb.sql(f"SELECT document, max(event_date) FROM '{tmp_path}/out/*.parquet' WHERE country IS NOT NULL GROUP BY 1 ORDER BY 1").fetchall()
    assert found and found[0][0] == "A-0"
    problems = duckdb.sql(f"SELECT document, code, failed FROM '{tmp_path}/out/_problems/*.parquet'").fetchall()
    assert ("A-6", "document-empty", True) in problems


def test_a_file_is_cut_into_parts_of_five_hundred_rows(tmp_path: Path) -> None:
    parts = ParquetSource(place(str(dataset(tmp_path, [{"text": str(n)} for n in range(1100)])))).parts
    assert [(part.start, part.stop) for part in parts] == [(0, 500), (500, 1000), (1000, 1100)]


def test_parts_that_are_there_are_passed_over_and_new_files_are_read(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventcoder.corpus.source.PART", 18)
    source = dataset(tmp_path / "in", [article(n) for n in range(45)])
    out = tmp_path / "out"
    here(project, "extract", "--from", source, "--to", out, "--jobs", "1", "--json")
    first = files(out)
    assert len(first) == 3
    pq.write_table(pa.Table.from_pylist([article(9000)]), source / "a-new.parquet")
    told, _ = here(project, "extract", "--from", source, "--to", out, "--json")
    after = files(out)
    assert {n: t for n, t in after.items() if n in first} == first and len(after) == 4
    assert json.loads(told)["documents"] == 46 and json.loads(told)["known"] == 45
    victim = sorted(first)[1]
    (out / victim).unlink()
    here(project, "extract", "--from", source, "--to", out)
    again = files(out)
    assert {n for n in first if again[n] != first[n]} == {victim}
    (source / "a-new.parquet").unlink()
    here(project, "extract", "--from", source, "--to", out)
    assert set(files(out)) == set(first)


@pytest.mark.slow
def test_after_a_kill_the_dataset_is_the_same_as_of_an_undisturbed_run(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = dataset(tmp_path / "in", [article(n) for n in range(510)], files=2, row_group_size=39)
    out = tmp_path / "out"
    process = started(project, "extract", "--from", source, "--to", out, "--jobs", "2", out=subprocess.DEVNULL, smaller="source.PART = 150")
    monkeypatch.setattr("eventcoder.corpus.source.PART", 150)
    deadline = time.monotonic() + 90
    while not files(out) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    before = files(out)
    assert process.returncode == -signal.SIGKILL and 0 < len(before) < 4
    here(project, "extract", "--from", source, "--to", out, "--jobs", "2")
    after = files(out)
    assert len(after) == 4 and {n: after[n] for n in before} == before
    here(project, "extract", "--from", source, "--to", tmp_path / "calm", "--jobs", "1")
    assert rows(out) == rows(tmp_path / "calm")
    assert {n: (out / n).read_bytes() for n in after} == {n: (tmp_path / "calm" / n).read_bytes() for n in after}


def test_one_folder_is_of_one_engine_state_and_source(project: Path, tmp_path: Path) -> None:
    source = dataset(tmp_path / "in", [article(1)])
    out = tmp_path / "out"
    here(project, "extract", "--from", source, "--to", out)
    told = json.loads((out / "_run.json").read_text())
    (out / "_run.json").write_text(json.dumps({**told, "engine_version": "0.0.1"}))
    _, said = here(project, "extract", "--from", source, "--to", out, code=1)
    assert "holds drafts of the engine rules 0.0.1" in said and "--again to replace" in said
    here(project, "extract", "--from", source, "--to", out, "--again")
    (project / "eventcoder.toml").write_text('id = "trial"\nwindow_days = 2\n')
    _, said = here(project, "extract", "--from", source, "--to", out, code=1)
    assert "another state of codebook" in said
    _, said = here(project, "extract", "--from", dataset(tmp_path / "other", [article(2)]), "--to", out, "--again", code=1)
    assert f"holds drafts of {source}" in said
    _, said = here(project, "extract", "--from", source, "--to", source, code=2)
    assert "Name another folder" in said
    _, said = here(project, "extract", "--to", source, code=2)
    assert "holds other Parquet files (news-0.parquet)" in said


def test_rows_that_are_no_articles_are_told_and_the_others_go_on(project: Path, tmp_path: Path) -> None:
    good = article(1)
    broken = [
        {"id": "empty", "text": "  \n "}, {"id": "null", "text": None}, {"id": "binary", "text": "\x00\x01\x02\x03" * 30},
        {"id": "bad-date", "text": good["text"] + " 1", "published": "31.02.2026"},
        {"id": "two-days", "text": good["text"] + " 2", "published": "03/04/2026"},
        {"id": "visibility", "text": good["text"] + " 3", "visibility": "secret"}, {"id": "huge", "text": "Protest in Lyon. " * 70_000},
    ]  # fmt: skip
    fine = [{"id": "mojibake", "text": "Protesters in MedellÃ\xadn said itâ€™s over. On 3 May 2026 miners rallied in Lyon."}, {"id": "fine", **good}]
    columns = ("id", "text", "published", "visibility")
    source = dataset(tmp_path / "in", [{c: r.get(c) for c in columns} for r in (*broken, *fine)])
    told, said = here(project, "extract", "--from", source, "--to", tmp_path / "out", "--json", code=1)
    assert json.loads(told) == {"documents": 9, "known": 0, "drafts": len(rows(tmp_path / "out")), "failed": 7, "undated": 2}
    for code in ("document-empty", "document-binary", "document-bad-date", "document-bad-visibility", "document-too-large"):
        assert f"[{code}]" in said
    assert {r["document"] for r in rows(tmp_path / "out")} == {"mojibake", "fine"}
    assert any("it’s over" in r["quote"] or "Lyon" in r["quote"] for r in rows(tmp_path / "out") if r["document"] == "mojibake")
    told, _ = here(project, "extract", "--from", source, "--to", tmp_path / "out", "--json", code=1)
    assert json.loads(told)["known"] == 9 and json.loads(told)["failed"] == 7


def test_texts_in_bytes_and_dates_in_any_type_are_read(tmp_path: Path) -> None:
    moment = datetime(2026, 5, 3, 23, 30, tzinfo=UTC)
    data = {
        "text": pa.array(["Protesta en Bogotá ayer.".encode("latin-1"), "Протест в Киеве".encode()], pa.binary()),
        "published": pa.array([moment, None], pa.timestamp("us", "UTC")),
        "language": pa.array(["es", None]).dictionary_encode(),
    }
    pq.write_table(pa.table(data), tmp_path / "one.parquet")
    first, second = ParquetSource(place(str(tmp_path / "one.parquet"))).items({0})
    assert first.text is not None and first.text.text == "Protesta en Bogotá ayer." and first.text.document.published == date(2026, 5, 3)
    assert second.text is not None and second.text.document.published is None and second.id == second.text.document.id


def test_strings_that_are_not_utf8_are_read_as_bytes(tmp_path: Path) -> None:
    bad = b"Manifestation \xe0 Lyon, \xe9tudiants en gr\xe8ve \xe0 l'universit\xe9"
    buffers = [None, pa.array([0, len(bad)], pa.int32()).buffers()[1], pa.py_buffer(bad)]
    column = pa.Array.from_buffers(pa.string(), 1, buffers)
    pq.write_table(pa.table({"text": column, "title": column}), tmp_path / "one.parquet")
    (only,) = ParquetSource(place(str(tmp_path))).items({0})
    assert only.text is not None and only.text.text.startswith("Manifestation à Lyon, étudiants")


def test_what_is_no_dataset_of_articles_is_refused(project: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    pq.write_table(pa.table({"body": ["x"]}), tmp_path / "body.parquet")
    pq.write_table(pa.table({"text": [1]}), tmp_path / "numbers.parquet")
    (tmp_path / "damaged.parquet").write_bytes(b"PAR1 and then nothing")
    for name, said in (
        ("empty", "holds no Parquet file"), ("absent", "holds no Parquet file"), ("body.parquet", "has no column 'text'. It has body"),
        ("numbers.parquet", "holds int64, not text"), ("damaged.parquet", "cannot be read"),
    ):  # fmt: skip
        assert said in here(project, "extract", "--from", tmp_path / name, code=2)[1], name
    with pytest.raises(InputError, match="not read from ftp://"):
        place("ftp://somewhere/news")
    assert place(f"file://{tmp_path}/in").local


def test_addresses_are_shown_without_keys(tmp_path: Path) -> None:
    try:
        where = place("s3://AKIAKEY:secretword@bucket/news?endpoint_override=127.0.0.1%3A9&scheme=http")
    except InputError as error:
        assert "secretword" not in str(error) and "AKIAKEY" not in str(error)
    else:
        assert where.shown == "s3://bucket/news"


def test_a_dataset_alone_is_shown_and_nothing_is_stored(project: Path, tmp_path: Path) -> None:
    source = dataset(tmp_path / "in", [article(1)])
    out, _ = here(project, "extract", "--from", source, "--json")
    assert {json.loads(line)["engine"] for line in out.splitlines()} == {"rules"}
    assert drafts_in(project) == {}
