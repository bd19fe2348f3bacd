"""What a user may hand in by mistake: a clear message, the other documents go on, exit code 1, nothing lost."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.conftest import Command

HEAD = "Title: Bakers rally\nDate: 2026-05-12\nPublisher: Orsova Courier\n\n"
STORY = "Around 80 bakers rallied outside the town hall of Orsova in Romania on Monday over the price of flour. The mayor urged calm.\n"


def put(name: str, content: str | bytes) -> Path:
    path = Path(name)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def codable(command: Command, code: int = 0) -> list[dict[str, object]]:
    """The fields of the codable drafts."""
    return [d["fields"] for d in command("extract", "--json", "--status", "codable", code=code).lines]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bad.txt", b"", "it is empty"),
        ("bad.txt", b" \n\n\t\n", "it is empty"),
        ("bad.txt", HEAD, "it holds no text"),
        ("bad.txt", os.urandom(64) + b"\x00" + os.urandom(64), "NUL bytes"),
        ("bad.txt", b"\x89PNG\r\n\x1a\n1234", "an image, not text"),
        ("bad.docx", b"PK\x03\x04....", "save it as .txt"),
        ("bad.html", "<html><script>var x = 'Police killed 40 protesters in Cluj on Monday';</script></html>", "no article text"),
        ("bad.txt", HEAD + STORY * 90_000, "10 MB is the limit"),
        ("bad.json", '{"text": "abc"', "it is not JSON"),
        ("bad.json", "[" * 100_000, "nested too deeply"),
        ("bad.txt", HEAD.replace("2026-05-12", "03/04/2026") + STORY, "two different days"),
        ("bad.txt", HEAD.replace("2026-05-12", "2026-02-30") + STORY, "not a day of the calendar"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_the_others_go_on(command: Command, name: str, content: str | bytes, said: str) -> None:
    Path("in").mkdir()
    put(f"in/{name}", content)
    put("in/good.txt", HEAD + STORY)
    told = command("ingest", "in", code=1)
    assert said in told.err and name in told.err
    assert "1 new" in told.out and "1 refused" in told.out
    assert [e["location"] for e in codable(command)] == ["Orsova"]


def test_a_document_longer_than_is_read_fails_alone_at_once_and_stays_stored(command: Command) -> None:
    put("dump.txt", HEAD + STORY * 10_000)
    told = command("ingest", "dump.txt")
    assert "Split it into its articles" in told.err
    command("ingest", put("good.txt", HEAD + STORY))
    assert [e["location"] for e in codable(command, code=1)] == ["Orsova"]
    assert len(command("documents", "--json").lines) == 2
    review = command("review", "--status", "codable", stdin="q\n")
    assert "is the most that is read as one document" in review.err and "1 drafts wait" in review.out


def test_mojibake_is_undone_and_the_article_is_read(command: Command) -> None:
    scrambled = "The bakersâ€™ union didnâ€™t strike. " + STORY.replace("Orsova", "Orsova", 1)
    command("ingest", put("one.txt", HEAD + scrambled))
    (document,) = command("documents", "--json").lines
    assert Path(f"raw/documents/{document['id']}.txt").read_text("utf-8").startswith("The bakers’ union didn’t strike.")
    assert [e["location"] for e in codable(command)] == ["Orsova"]


def test_two_encodings_in_one_file_are_each_read_as_what_they_are(command: Command) -> None:
    mixed = HEAD.encode() + "The café of José said so. ".encode() + "Le maire l'a déclaré. ".encode("cp1252") + STORY.encode()
    told = command("ingest", put("one.txt", mixed))
    assert "side by side" in told.err
    (document,) = command("documents", "--json").lines
    assert "The café of José said so. Le maire l'a déclaré." in Path(f"raw/documents/{document['id']}.txt").read_text("utf-8")


def test_scripts_of_a_page_are_no_news(command: Command) -> None:
    page = (
        "<html lang='en'><head><title>Bakers rally</title><meta property='article:published_time' content='2026-05-12T10:00:00Z'>"
        "<script>var x = 'Police killed 40 protesters in Cluj on Monday';</script></head><body><article><h1>Bakers rally in Orsova</h1>"
        f"<p>{STORY}</p><p>They demand lower prices of flour and bread, and a meeting with the county council on the matter.</p>"
        "<script>document.write('A bomb killed 12 people in Bucharest on Monday')</script></article><footer>Copyright 2019</footer></body></html>"
    )
    command("ingest", put("page.html", page))
    assert [(e["location"], e["event_date"]) for e in codable(command)] == [("Orsova", "2026-05-11")]


def test_the_sidecar_stands_over_the_text_and_both_over_nothing(command: Command) -> None:
    put("one.txt.json", json.dumps({"date": "2026-05-12"}))
    command("ingest", put("one.txt", HEAD.replace("2026-05-12", "2026-05-19") + STORY))
    assert [e["event_date"] for e in codable(command)] == ["2026-05-11"]


def test_the_same_text_with_another_day_says_what_changed(command: Command) -> None:
    command("ingest", put("one.txt", HEAD + STORY))
    told = command("ingest", put("one.txt", HEAD.replace("2026-05-12", "2026-05-19") + STORY))
    assert "published is now 2026-05-19" in told.err and "stay in its history" in told.err


def test_an_article_dated_later_than_today_is_warned_of(command: Command) -> None:
    told = command("ingest", put("one.txt", HEAD.replace("2026-05-12", "2131-05-12") + STORY))
    assert "which is still to come" in told.err


def test_an_event_after_its_publication_is_never_codable(command: Command) -> None:
    command(
        "ingest",
        put("one.txt", HEAD + "Around 80 bakers rallied outside the town hall of Orsova in Romania on 20 May 2026 over the price of flour.\n"),
    )
    drafts = command("extract", "--json").lines
    assert drafts and all(d["status"] != "codable" and d["fields"].get("event_date") is None for d in drafts)


def test_no_day_of_publication_leaves_relative_days_open(command: Command) -> None:
    told = command("ingest", put("one.txt", HEAD.replace("Date: 2026-05-12\n", "") + STORY))
    assert "no publication date" in told.err
    drafts = command("extract", "--json").lines
    assert drafts and all(d["fields"].get("event_date") is None for d in drafts)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (None, "is not there"),
        ({}, "tokenizer.json"),
        ({"config.json": b"{", "tokenizer.json": b"{}", "model.onnx": b"\x00\x01\x02" * 99}, "Copy the model's folder anew"),
    ],
)
def test_a_model_folder_that_is_missing_or_damaged_is_said_and_nothing_is_lost(command: Command, files: dict[str, bytes] | None, said: str) -> None:
    command("ingest", put("one.txt", HEAD + STORY))
    before = command("extract", "--json").lines
    if files is not None:
        Path("model").mkdir()
        for name, content in files.items():
            put(f"model/{name}", content)
    Path("eventcoder.toml").write_text('id = "trial"\nsemantic_model = "model"\n', "utf-8")
    told = command("extract", "--engine", "semantic", code=1)
    assert said in told.err and told.out == ""
    assert command("extract", "--again", "--json").lines == before, "the other engines go on"


def test_an_endpoint_that_does_not_answer_is_said_for_each_document_and_leaves_none_behind(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventcoder.extraction.llm.client.TRIES", 1)  # how it tries again, and waits seconds, is in extraction/llm/
    settings = 'id = "trial"\nllm_url = "http://127.0.0.1:9/v1"\nllm_model = "m"\nllm_timeout = 0.5\n'
    Path("eventcoder.toml").write_text(settings, "utf-8")
    command("ingest", put("one.txt", HEAD + STORY), put("two.txt", HEAD + STORY.replace("80", "90")))
    told = command("extract", "--engine", "llm", code=1)
    assert told.err.count("[llm-unreachable]") == 2 and "2 documents were not read" in told.err
    unread = command("review", "--engine", "llm")
    assert "2 documents: the engine 'llm' has not read it" in unread.err and "Nothing waits" in unread.out
