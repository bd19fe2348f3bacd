"""`redact` at the keyboard: it says what it will do, asks, does it, and says what is left to people."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import CLEAN, Command

TEXT = "On Sunday some two hundred teachers stood before the school office of Shiraz and asked for their wages of the winter.\n"
TITLE = "Teachers at the school office"


def filled(command: Command) -> str:
    """A project with one document, its drafts and an event that rests on it; the document's id."""
    article = Path("raw/articles/teachers.txt")
    article.parent.mkdir(parents=True)
    article.write_text(TEXT, "utf-8")
    Path("raw/articles/teachers.txt.toml").write_text(f'title = "{TITLE}"\n', "utf-8")
    options = ("--publisher", "Qasr Weekly Letter", "--published", "2026-05-04", "--language", "en")
    document = command("ingest", article, *options, "--json").one["documents"][0]
    values = {**CLEAN, "source": "Qasr Weekly Letter"}
    command("add", *(x for k, v in values.items() for x in ("--set", f"{k}={v}")), "--document", document, "--json")
    command("journal", "export")
    return str(document)


def words_left() -> list[Path]:
    gone = (b"two hundred teachers stood", TITLE.encode(), b"Qasr Weekly Letter")
    return [p for p in Path.cwd().rglob("*") if p.is_file() and any(word in p.read_bytes() for word in gone)]


def test_it_asks_does_it_and_nothing_is_left(command: Command) -> None:
    document = filled(command)
    assert len(words_left()) >= 4
    shown = command("redact", document[:6], "--dry-run")
    assert document in shown.out and "raw/articles/teachers.txt" in shown.out and "1 event(s) rest on it" in shown.out
    assert len(words_left()) >= 4
    assert "--yes" in command("redact", document, "--reason", "the source asked", code=2).err
    done = command("redact", document, "--reason", "the source asked", "--yes")
    assert "nothing of it was found any more" in done.out and "git" in done.err
    assert words_left() == []
    assert command("doctor").code == 0
    listed = command("list", "--json").one
    assert command("validate", "--json", code=None).code in (0, 1) and listed["event_id"]
    assert "redacted" in command("documents", "--json").out
    again = command("redact", document, "--reason", "the source asked", "--yes")
    assert "nothing is left of it" in again.out


def test_what_is_said_to_a_program(command: Command) -> None:
    document = filled(command)
    planned = command("redact", document, "--dry-run", "--json").one
    assert planned["done"] is False and planned["entries"]["document"] == 1 and planned["versions"] == []
    done = command("redact", document, "--reason", "the source asked", "--yes", "--json").one
    assert done["done"] is True and done["held"] == [] and done["files"] == planned["files"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["abc"], "No document 'abc'"),
        ([], "Say what is to go"),
        (["abc", "--event", "x"], "Say what is to go"),
        (["--event", "x"], "Say what is to go"),
    ],
)
def test_wrong_use_is_told(command: Command, args: list[str], said: str) -> None:
    command("add", *(x for k, v in CLEAN.items() for x in ("--set", f"{k}={v}")))
    ran = command("redact", *args, "--reason", "court", "--yes", code=2)
    assert said in ran.err


def test_the_words_of_one_field_go(command: Command) -> None:
    event = command("add", *(x for k, v in CLEAN.items() for x in ("--set", f"{k}={v}")), "--json").one["event_id"]
    assert "no field of free text" in command("redact", "--event", event, "--field", "fatalities", "--reason", "x", "--yes", code=2).err
    command("redact", "--event", event[:6], "--field", "notes", "--reason", "a private person", "--yes")
    assert "[redacted]" in command("show", event).out
    assert not any(b"demand the payment of late salaries" in p.read_bytes() for p in Path.cwd().rglob("*") if p.is_file())
