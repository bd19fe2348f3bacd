"""`extract` as a coder uses it: a few articles, what is shown, what is told."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Command

ARTICLE = """Title: Bakers rally
Date: {date}
Publisher: Orsova Courier
Language: en

Around 80 bakers rallied outside the town hall of Orsova in Romania on Monday over the price of flour. The mayor urged calm.
"""


def put(name: str, date: str) -> Path:
    path = Path(name)
    path.write_text(ARTICLE.format(date=date).replace("Date: \n", ""), "utf-8")
    return path


def test_extract_shows_and_keeps_drafts_and_the_next_call_has_nothing_to_do(command: Command) -> None:
    command("ingest", put("one.txt", "2026-05-12"))
    first = command("extract")
    assert "2026-05-11  Orsova  Peaceful protest" in first.out and "drafts from 1 documents." in first.err
    again = command("extract")
    assert again.out == "" and "0 drafts from 0 documents; 1 were extracted before" in again.err
    assert command("extract", "--again", "--json").lines[0]["document"] == first.out.split()[1]


def test_only_drafts_of_the_status_are_shown(command: Command) -> None:
    command("ingest", put("one.txt", "2026-05-12"))
    shown = command("extract", "--no-store", "--json", "--status", "codable").lines
    assert {d["status"] for d in shown} == {"codable"}
    assert len(command("extract", "--no-store", "--json").lines) > len(shown)


def test_how_many_drafts_a_blind_document_has_is_not_told(command: Command) -> None:
    """Of a control the number alone would say how many events the machine sees in it."""
    command("coders", "add", "lea", "--role", "lead", "--coder", "lea")
    for name in ("ana", "ben"):
        command("coders", "add", name, "--coder", "lea")
    command("ingest", put("one.txt", "2026-05-12"))
    command("assign", "--double", "1", "--control", "1", "--coder", "lea")
    shown = command("extract")
    assert shown.out == "" and "1 document was read." in shown.err and "drafts from" not in shown.err


def test_no_date_of_publication_is_told_once_with_the_remedy_that_works(command: Command) -> None:
    path = put("one.txt", "")
    command("ingest", path)
    told = command("extract", "--json")
    assert told.err.count("no date of publication") == 1 and "--published YYYY-MM-DD" in told.err
    assert all(d["fields"].get("event_date") is None for d in told.lines)
    command("ingest", path, "--published", "2026-05-12")
    dated = command("extract", "--json")
    assert "2026-05-11" in {d["fields"].get("event_date") for d in dated.lines} and "no date of publication" not in dated.err


def test_a_file_that_was_not_ingested_is_named(command: Command) -> None:
    assert "Run 'eventcoder ingest one.txt' first" in command("extract", str(put("one.txt", "2026-05-12")), code=2).err
    assert "0 drafts from 0 documents." in command("extract").err
