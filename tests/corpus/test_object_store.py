"""Datasets that do not lie on a disk: through a file system of Arrow always, through the S3 protocol where 'moto_server' is installed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from eventcoder.corpus.pieces import Answer, Item
from eventcoder.corpus.places import Place, place
from eventcoder.corpus.source import ParquetSource
from eventcoder.corpus.target import Counts, ParquetTarget
from eventcoder.errors import InputError
from tests.corpus.conftest import article, ran
from tests.faults.server import free_port

ABOUT = {"engine": "rules", "engine_version": "1", "state": "s", "source": "news"}


def test_an_object_is_written_in_place_and_only_when_it_is_whole(tmp_path: Path) -> None:
    store = Place(fs.SubTreeFileSystem(str(tmp_path), fs.LocalFileSystem()), "bucket/drafts", "s3://bucket/drafts", False)
    (tmp_path / "bucket").mkdir()
    pq.write_table(pa.Table.from_pylist([article(n) for n in range(7)]), tmp_path / "bucket" / "news.parquet")
    source = ParquetSource(Place(store.files, "bucket/news.parquet", "s3://bucket/news.parquet", False))
    items = list(source.items({0}))
    assert len(items) == source.documents == 7 and items[3].text is not None
    part = source.parts[0]
    target = ParquetTarget(store, ABOUT)
    counts = target.write(part.name, part.key, [(item, Answer(item.id)) for item in items])
    assert counts == Counts(7, 0, 0, 0, 0)
    assert ParquetTarget(store, ABOUT).done(part.name, part.key) == counts
    assert ParquetTarget(store, ABOUT).done(part.name, "another key") is None
    assert sorted(p.name for p in (tmp_path / "bucket" / "drafts").iterdir()) == ["_run.json", part.name]


def test_a_part_with_a_passing_failure_is_done_again_and_one_with_a_lasting_failure_is_not(tmp_path: Path) -> None:
    where = place(str(tmp_path / "drafts"))
    for lasting in (False, True):
        target = ParquetTarget(where, ABOUT)
        target.write("part-1.parquet", "k", [(Item("one"), Answer("one", failed=True, lasting=lasting))])
        known = ParquetTarget(where, ABOUT).done("part-1.parquet", "k")
        assert known == (Counts(1, 0, 1, 0, 0) if lasting else None)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The address of an empty bucket of a local server; `{}` stands for the path in it."""
    beside = Path(sys.executable).with_name("moto_server")
    server = os.environ.get("MOTO_SERVER") or (str(beside) if beside.exists() else None)
    if server is None:
        pytest.skip("moto_server is not installed (it brings 60 packages)")
    port = free_port()
    for name, value in (("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_EC2_METADATA_DISABLED", "true")):
        monkeypatch.setenv(name, value)
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen([server, "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/news", method="PUT")).close()
                break
            except (urllib.error.URLError, ConnectionError):
                assert time.monotonic() < deadline
                time.sleep(0.2)
        yield f"s3://news/{{}}?region=us-east-1&scheme=http&endpoint_override=127.0.0.1%3A{port}"
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.slow
def test_from_a_bucket_into_a_bucket(project: Path, tmp_path: Path, bucket: str) -> None:
    source = place(bucket.format("in/news.parquet"))
    source.write(lambda stream: pq.write_table(pa.Table.from_pylist([article(n) for n in range(620)]), stream))
    pq.write_table(pa.Table.from_pylist([article(n) for n in range(620)]), tmp_path / "news.parquet")
    ran(project, "extract", "--from", bucket.format("in"), "--to", bucket.format("out"), "--jobs", "2")
    _, said = ran(project, "extract", "--from", bucket.format("in"), "--to", bucket.format("out"))
    assert "(620 documents of them before)" in said and "endpoint_override" not in said
    ran(project, "extract", "--from", tmp_path / "news.parquet", "--to", tmp_path / "out", "--jobs", "2")
    there = place(bucket.format("out"))
    tables = [pq.read_table(pa.BufferReader(there.under(name).read())) for name in there.inside()]
    here = [pq.read_table(path) for path in sorted((tmp_path / "out").glob("part-*.parquet"))]
    assert [t.to_pylist() for t in tables] == [t.to_pylist() for t in here] and len(tables) == 2
    with pytest.raises(InputError, match="cannot be read"):
        place(bucket.format("in").replace("news/", "absent-bucket/")).under("x.parquet").read()
