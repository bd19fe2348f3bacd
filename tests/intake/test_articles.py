"""Ingest: every item counted once, nothing changes silently, a second run changes nothing."""

import json
import random
from datetime import UTC, date, datetime

import pytest

from eventcoder.documents import DocumentStore
from eventcoder.errors import UsageError
from eventcoder.intake.articles import ingest
from eventcoder.ledger import open_ledger
from eventcoder.project import Project

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "project")


@pytest.fixture
def ledger(project):
    project.state_dir.mkdir(parents=True)
    with open_ledger(project.ledger_path) as opened:
        yield opened


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "a.txt").write_text(" date 2020-01-17 Bakers marched through Alburia on Tuesday.\n", "utf-8")
    (folder / "b.jsonl").write_text(
        "\n".join(json.dumps({"text": f"Story {n} of the mill.", "date": "2020-01-18", "source": "Courier"}) for n in range(3)) + "\n{broken\n"
    )
    (folder / "c.txt").write_bytes(b"\x00\x01")
    (folder / "d.txt").write_text("Bakers marched through Alburia on Tuesday.", "utf-8")  # the text of a.txt, without its date
    return folder


def counts(result):
    assert result.read == result.created + result.unchanged + result.refused
    return (result.read, result.created, result.unchanged, result.refused)


def test_each_item_is_counted_once_and_twice_is_once(project, ledger, raw):
    first = ingest(project, ledger, [raw], coder="ana", time=NOW)
    assert counts(first) == (7, 4, 1, 2)
    assert sorted(p.code for p in first.problems) == ["document-binary", "document-format", "document-no-date"]
    again = ingest(project, ledger, [raw], coder="ben", time=LATER)
    assert counts(again) == (7, 0, 5, 2)
    assert again.documents == first.documents and len(first.documents) == 4
    assert ledger.count("document") == 4
    assert DocumentStore(project.documents_dir).ids() == sorted(first.documents)


def test_the_ledger_holds_the_metadata_and_no_text(project, ledger, raw):
    result = ingest(project, ledger, [raw / "a.txt"], coder="ana", time=NOW, publisher="Alburia Courier", licence="CC0-1.0")
    entry = ledger.latest("document")[result.documents[0]]
    assert (entry.coder, entry.time) == ("ana", "2026-11-23T12:00:00Z")
    assert entry.body["published"] == "2020-01-17" and entry.body["publisher"] == "Alburia Courier" and entry.body["source_name"] == "a.txt"
    assert "Bakers" not in json.dumps(entry.body)


def test_other_metadata_are_kept_as_one_more_entry_and_said(project, ledger, raw):
    one = ingest(project, ledger, [raw / "a.txt"], coder="ana", time=NOW, publisher="Courier")
    two = ingest(project, ledger, [raw / "a.txt"], coder="ben", time=LATER, publisher="Alburia Courier")
    assert counts(two) == (1, 0, 1, 0)
    assert [(p.code, p.field) for p in two.problems] == [("document-metadata-changed", "publisher")]
    identity = one.documents[0]
    entries = list(ledger.entries(kind="document", subject=identity))
    assert [e.body["publisher"] for e in entries] == ["Courier", "Alburia Courier"]
    assert entries[1].parents == (entries[0].id,)
    assert DocumentStore(project.documents_dir).document(identity).publisher == "Alburia Courier"
    silent = ingest(project, ledger, [raw / "a.txt"], coder="ben", time=LATER)
    assert silent.problems == () and ledger.count("document") == 2


def test_an_undisclosed_source_never_becomes_public_by_silence(project, ledger, raw):
    identity = ingest(project, ledger, [raw / "a.txt"], coder="ana", time=NOW, visibility="undisclosed").documents[0]
    ingest(project, ledger, [raw / "a.txt"], coder="ana", time=LATER)
    assert ledger.latest("document")[identity].body["visibility"] == "undisclosed"


def test_two_papers_with_one_text_do_not_grow_the_ledger_for_ever(project, ledger, tmp_path):
    for paper in ("Courier", "Herald"):
        (tmp_path / f"{paper}.txt").write_text(f"Date: 2020-01-17\nSource: {paper}\n\nThe same wire story.")
    paths = [tmp_path / "Courier.txt", tmp_path / "Herald.txt"]
    first = ingest(project, ledger, paths, coder="ana", time=NOW)
    assert counts(first) == (2, 1, 1, 0) and [p.code for p in first.problems] == ["document-metadata-changed"]
    ingest(project, ledger, paths, coder="ana", time=LATER)
    assert ledger.count("document") == 1
    assert ledger.latest("document")[first.documents[0]].body["publisher"] == "Herald"


def test_an_interrupted_run_is_completed_by_the_next(project, ledger, raw):
    from eventcoder.documents import read_articles

    DocumentStore(project.documents_dir).save(next(iter(read_articles(raw / "a.txt"))))
    assert counts(ingest(project, ledger, [raw / "a.txt"], coder="ana", time=NOW)) == (1, 1, 0, 0)
    assert ledger.count("document") == 1


def test_documents_kept_elsewhere_come_back_with_the_ledgers_metadata(project, ledger, raw):
    identity = ingest(project, ledger, [raw / "a.txt"], coder="ana", time=NOW, publisher="Courier").documents[0]
    for path in project.documents_dir.iterdir():
        path.unlink()
    again = ingest(project, ledger, [raw / "a.txt"], coder="ana", time=LATER)
    assert counts(again) == (1, 0, 1, 0) and again.problems == ()
    assert DocumentStore(project.documents_dir).document(identity).publisher == "Courier"


def test_redacted_documents_are_not_stored_again(project, ledger, raw):
    identity = ingest(project, ledger, [raw / "a.txt"], coder="ana", time=NOW).documents[0]
    entry = ledger.latest("document")[identity]
    ledger.redact(entry.id, {}, coder="lead", time=NOW, reason="court order")
    for path in project.documents_dir.iterdir():
        path.unlink()
    again = ingest(project, ledger, [raw / "a.txt"], coder="ana", time=LATER)
    assert counts(again) == (1, 0, 0, 1) and [p.code for p in again.problems] == ["document-redacted"]
    assert DocumentStore(project.documents_dir).ids() == []


def test_near_duplicates_are_named_when_they_arrive(project, ledger, tmp_path):
    rng = random.Random(1)
    story = " ".join(str(rng.randrange(10**6)) for _ in range(100))
    for n, text in enumerate((story, "Wire: " + story, "Something else about the harvest")):
        (tmp_path / f"{n}.txt").write_text(f" date 2020-01-17 {text}")
    first = ingest(project, ledger, [tmp_path / "0.txt"], coder="ana", time=NOW)
    assert first.near_duplicates == ()
    second = ingest(project, ledger, [tmp_path / "1.txt", tmp_path / "2.txt"], coder="ana", time=NOW)
    assert [{a, b} for a, b, _ in second.near_duplicates] == [{first.documents[0], second.documents[0]}]


def test_keywords_that_cannot_be_understood_stop_before_anything_is_read(project, ledger, raw):
    for wrong in ({"published": "03/04/2020"}, {"visibility": "secret"}, {"language": "???"}):
        with pytest.raises(UsageError, match=f"--{next(iter(wrong))}"):
            ingest(project, ledger, [raw], coder="ana", time=NOW, **wrong)
    assert ledger.count("document") == 0 and not project.documents_dir.exists()
    given = ingest(project, ledger, [raw / "d.txt"], coder="ana", time=NOW, published="17 January 2020")
    assert ledger.latest("document")[given.documents[0]].body["published"] == str(date(2020, 1, 17))


def test_a_day_to_come_is_warned_of(project, ledger, tmp_path):
    (tmp_path / "a.txt").write_text(" date 2026-11-30 Bakers will march.")
    assert [p.code for p in ingest(project, ledger, [tmp_path / "a.txt"], coder="ana", time=NOW).problems] == ["document-future-date"]
