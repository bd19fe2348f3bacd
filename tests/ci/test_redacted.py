"""A redaction rewrites what was released, and passes; any other rewriting under its name does not."""

from __future__ import annotations

import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eventcoder.clock import unstamp
from eventcoder.ledger import Ledger
from eventcoder.problem import Report
from eventcoder.project import open_project
from eventcoder.releases.papers.dictionary import SCHEMA
from eventcoder.releases.redaction.redacting import redact
from eventcoder.releases.redaction.traces import secrets_of_document
from eventcoder.releases.versions import Version, Versions, read_versions, write_versions
from eventcoder.validation import GateResult
from tests.ci.conftest import NOW, DataRepository, git

STEPS = ("journal", "rebuild", "released", "check", "build")


@pytest.fixture
def redacted(clone: DataRepository, quick: None, monkeypatch: pytest.MonkeyPatch) -> DataRepository:
    """A clone in which the document 'More people' was redacted: the second of the two releases shows it."""
    monkeypatch.setattr("eventcoder.validation.gate", lambda *_, **__: GateResult(Report(), {}, "<html></html>"))
    monkeypatch.setattr("eventcoder.releases.making.contents.dictionary_table", lambda *_: SCHEMA.empty_table())
    monkeypatch.setattr("eventcoder.releases.making.contents.release_report", lambda *_, **__: "<html></html>")

    def work(ledger: Ledger) -> None:
        project = open_project(clone.root)
        document = next(i for i, e in ledger.latest("document").items() if e.body.get("title") == "More people")
        done = redact(project, ledger, secrets_of_document(project, ledger, document), reason="court order", coder="ada", time=unstamp(NOW))
        assert [(v.version, v.successor) for v in done.versions] == [("2026.11.1", "2026.11.2")]

    clone.with_ledger(work)
    return clone


def entry(repository: DataRepository, version: str) -> Version:
    return next(v for v in read_versions(repository.releases).versions if v.version == version)


def test_a_redaction_passes(redacted: DataRepository) -> None:
    base = git(redacted.top, "rev-parse", "HEAD")
    redacted.commit("A redaction.")
    found = redacted.inspect(*STEPS, base=base)
    assert found.codes == set() and found.passed


def test_a_successor_that_says_something_else_does_not(redacted: DataRepository) -> None:
    path = redacted.releases / "2026.11.2" / "events.parquet"
    table = pq.read_table(path)
    at = table.schema.get_field_index("location")
    changed = pa.array(["Elsewhere", *table.column("location").to_pylist()[1:]], pa.string())
    pq.write_table(table.set_column(at, table.schema.field(at), changed), path)
    assert "released-file-changed" in redacted.errors("released")


def test_files_do_not_go_without_a_redaction_in_the_journal(redacted: DataRepository) -> None:
    redacted.write([line for line in redacted.lines() if '"kind":"redaction"' not in line])
    assert "release-missing" in redacted.errors("released")


def test_a_folder_that_is_half_gone_is_no_redaction(redacted: DataRepository, good: DataRepository) -> None:
    shutil.copytree(good.releases / "2026.11.1", redacted.releases / "2026.11.1")
    (redacted.releases / "2026.11.1" / "events.csv").unlink()
    assert "released-file-removed" in redacted.errors("released")


def test_a_redaction_that_changes_other_words_of_the_list_does_not_pass(redacted: DataRepository) -> None:
    versions = read_versions(redacted.releases)
    other = entry(redacted, "2026.11.1").model_copy(update={"events": 3})
    write_versions(
        redacted.releases, Versions(latest=versions.latest, versions=[other if v.version == other.version else v for v in versions.versions])
    )
    assert "versions-rewritten" in redacted.errors("released")
