"""Files that are no tables, no texts or no projects: said so, with the exit code, and nothing half stored."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sqlite3
import zipfile
from pathlib import Path

import pytest

from eventcoder.ledger.sqlite.layout import FORMAT
from tests.conftest import Command
from tests.faults.conftest import EVENTS
from tests.faults.test_values import codes_said, write_csv


def as_zip() -> bytes:
    """A workbook, as far as its first bytes go."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>" * 50)
    return out.getvalue()


BINARY = {"workbook": as_zip(), "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "nulls": b"\0" * 64}


@pytest.mark.parametrize("words", [("add",), ("import",)])
@pytest.mark.parametrize("data", [b"", b"\n \n", *BINARY.values()], ids=["empty", "blank", *BINARY])
def test_empty_and_binary_files_cannot_be_read_at_all(command: Command, words: tuple[str, ...], data: bytes) -> None:
    Path("events.csv").write_bytes(data)
    ran = command(*words, "events.csv", code=None)
    assert ran.code == 2
    assert ran.err.startswith("error: events.csv")
    assert command("list", "--json").lines == []


@pytest.mark.parametrize(("data", "code"), [(b"", "document-empty"), *((d, "document-binary") for d in BINARY.values())], ids=["empty", *BINARY])
def test_ingest_names_what_is_no_text_and_reads_the_rest(command: Command, data: bytes, code: str) -> None:
    Path("bad.txt").write_bytes(data)
    Path("good.txt").write_text("Teachers marched in Shiraz, Iran, on Sunday.", "utf-8")
    ran = command("ingest", "bad.txt", "good.txt", "--published", "2026-05-04", "--publisher", "Qasr Daily", "--json", code=1)
    assert (ran.one["created"], ran.one["refused"]) == (1, 1)
    assert [p["code"] for p in ran.one["problems"] if p["severity"] == "error"] == [code]
    assert len(command("documents", "--json").lines) == 1


def test_a_table_in_an_old_encoding_is_read_with_a_warning_and_json_must_be_utf8(command: Command, clean: dict[str, str]) -> None:
    values = {**clean, "country": "Colombia", "admin1": "Bogotá", "location": "Bogotá", "latitude": "4.6097", "longitude": "-74.0817",
              "actor1": "Protesters (Colombia)", "assoc_actor_1": "", "notes": "On 3 May 2026, people rallied in Bogotá."}  # fmt: skip
    path = write_csv("latin.csv", [values])
    path.write_bytes(path.read_text("utf-8").encode("cp1252"))
    ran = command("import", path)
    assert "1252" in ran.err or "latin" in ran.err.lower()
    assert command("list", "--json").one["location"] == "Bogotá", "not BogotÃ¡, not Bogot?"
    lines = json.dumps(values, ensure_ascii=False).encode("cp1252")
    assert "not UTF-8" in command("add", "--json", "-", stdin=lines, code=2).err


def test_with_keep_going_a_line_in_a_wrong_encoding_costs_only_itself(command: Command, clean: dict[str, str]) -> None:
    good = [json.dumps({**clean, **changes}).encode() for changes in EVENTS[:2]]
    bad = [b'{"notes": "Bogot\xe1"}', b'{"notes": "a\0b"}', b"{" * 60_000, b'{"country": "Iran", "country": "Iraq"}', b'{"documents": ["zz"]}']
    ran = command("add", "--json", "-", "--keep-going", stdin=b"\n".join([good[0], *bad, good[1]]), code=1)
    assert len(ran.lines) == 2
    assert [bool(re.search(f"input, line {n}[:, ]", ran.err)) for n in range(1, 8)] == [False, True, True, True, True, True, False]
    assert "'country' stands twice" in ran.err
    assert len(command("list", "--json").lines) == 2


def test_a_truncated_last_row_rejects_the_table_and_costs_one_row_with_keep_going(command: Command, clean: dict[str, str]) -> None:
    rows = [{**clean, "event_date": f"2026-05-{d:02}", "notes": f"On {d} May 2026, teachers gathered in Shiraz (Fars)."} for d in (3, 13, 23)]
    whole = write_csv("cut.csv", rows).read_bytes()
    for cut in (60, 20):  # in the middle of a cell; inside quotes
        Path("cut.csv").write_bytes(whole[:-cut])
        ran = command("import", "cut.csv", "--json", code=1)
        assert (ran.one["read"], ran.one["rejected"], ran.one["stored"]) == (3, 1, False)
        assert codes_said(ran.err) == {"row-truncated"}
        assert "Nothing was stored" in ran.err
        assert command("list", "--json").lines == []
    ran = command("import", "cut.csv", "--keep-going", "--json", code=1)
    assert (ran.one["created"], ran.one["rejected"]) == (2, 1)
    Path("cut.jsonl").write_text("\n".join(json.dumps(r) for r in rows)[:-30], "utf-8")
    assert codes_said(command("import", "cut.jsonl", code=1).err) == {"row-truncated"}
    assert len(command("list", "--json").lines) == 2


def test_rejected_rows_are_mended_in_their_file_and_imported_from_there(command: Command, clean: dict[str, str]) -> None:
    rows = [clean, {**clean, "event_date": "2026-05-32"}, {**clean, "event_date": "2026-06-03", "notes": "On 3 June 2026, teachers met in Shiraz."}]
    rejects = command("import", write_csv("may.csv", rows), "--keep-going", "--json", code=1).one["rejects_file"]
    with Path(rejects).open(encoding="utf-8", newline="") as file:
        (kept,) = csv.DictReader(file)
    assert (kept["_line"], kept["event_date"]) == ("3", "2026-05-32")
    assert "not-a-date" in kept["_problems"] or "impossible-date" in kept["_problems"]
    write_csv("mended.csv", [{**kept, "event_date": "2026-05-30", "notes": "On 30 May 2026, teachers met in Shiraz."}])
    assert command("import", "mended.csv", "--json").one["created"] == 1
    assert len(command("list", "--json").lines) == 3


def test_file_names_that_are_not_utf8_do_no_harm(command: Command, clean: dict[str, str]) -> None:
    text, table = os.fsdecode(b"m\xe4rz.txt"), os.fsdecode(b"m\xe4rz.csv")
    try:
        Path(text).write_text("Teachers marched in Shiraz, Iran, on Sunday.", "utf-8")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    write_csv(table, [clean, {**clean, "country": "Irann"}])
    assert command("ingest", text, "--published", "2026-05-04", "--publisher", "Qasr Daily", "--json").one["created"] == 1
    assert command("documents", "--json").one["source_name"] == "m\ufffdrz.txt"
    ran = command("import", table, "--keep-going", "--json", code=1)
    assert Path(os.fsdecode(ran.one["rejects_file"].encode("utf-8", "surrogateescape"))).exists() or "rz.csv" in ran.out
    assert len(command("list", "--json").lines) == 1


def test_arguments_in_a_wrong_encoding_are_named(command: Command) -> None:
    broken = os.fsdecode(b"Bogot\xe1")
    for words in (("list", "--country", broken), ("show", broken), ("add", "--notes", broken), ("ingest", broken), ("try", "type", broken)):
        assert "is not UTF-8" in command(*words, code=2).err


@pytest.mark.parametrize("reason", ["bell\x07", "x" * 1001, " \n "])
def test_reasons_are_short_plain_texts(command: Command, clean: dict[str, str], reason: str) -> None:
    event = command("add", "--json", "-", stdin=json.dumps(clean)).one["event_id"]
    for words in (("retract", event), ("amend", event, "--set", "admin2=Shiraz")):
        assert "reason" in command(*words, "--reason", reason, code=2).err
    assert command("show", event, "--json").one["revision"] == 1


def test_what_stands_behind_an_event_is_held_against_the_project(command: Command, clean: dict[str, str]) -> None:
    text = "Teachers marched in Shiraz, Iran, on Sunday."
    Path("march.txt").write_text(text, "utf-8")
    command("ingest", "march.txt", "--published", "2026-05-04", "--publisher", "Qasr Daily")
    document = command("documents", "--json").one["id"]

    def refused(**support: object) -> list[tuple[str, str]]:
        ran = command("add", "--json", "-", "--open", stdin=json.dumps({**clean, **support}), code=1)
        return [(p["code"], p["field"]) for p in ran.one["problems"]]

    span = {"document": document, "start": 0, "end": 8, "quote": "Teachers"}
    assert refused(documents=[document, "zz"]) == [("unknown-document", "documents")]
    assert refused(documents="march.txt") == [("bad-support", "documents")]
    assert refused(evidence={"actor1": [{**span, "quote": "Farmers!"}]}) == [("quote-not-verbatim", "actor1")]
    assert refused(evidence={"actor1": [{**span, "document": "zz"}]}) == [("unknown-document", "evidence.actor1")]
    assert refused(evidence={"actor1": [{**span, "end": 4}]}) == [("bad-support", "evidence.actor1")]
    assert refused(evidence={"actor": [span]}) == [("bad-support", "evidence")]
    assert refused(evidence="Teachers") == [("bad-support", "evidence")]
    assert refused(counts=[{"kind": "killed", "low": 5, "high": 2}]) == [("bad-support", "counts")]
    assert refused(counts=[{"kind": "eaten"}]) == [("bad-support", "counts")]
    assert refused(draft="no-such-draft") == [("unknown-draft", "draft")]
    assert refused(reason=["x"]) == [("bad-support", "reason")]
    assert command("list", "--json").lines == []
    count = {"kind": "crowd", "low": 20, "best": 20, "high": 40, "words": "dozens", "document": document[:6]}
    good = {**clean, "documents": [document[:6]], "evidence": {"actor1": [span]}, "counts": [count]}
    event = command("show", command("add", "--json", "-", stdin=json.dumps(good)).one["event_id"], "--json").one
    assert event["reports"][0]["document"] == document
    assert event["evidence"]["actor1"][0]["quote"] == "Teachers"


def test_without_a_project_every_command_says_so(command: Command, clean: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    Path("t.csv").write_text("event_date\n2026-05-03\n", "utf-8")
    for words in (
        ("add", "-"), ("import", "t.csv"), ("ingest", "t.csv"), ("validate",), ("list",), ("journal", "import"), ("journal", "export"),
        ("release",), ("diff", "2026.11.0"), ("review",), ("extract",), ("doctor",), ("documents",), ("duplicates",), ("amend", "x", "--reason", "r"),
    ):  # fmt: skip
        ran = command(*words, stdin=json.dumps(clean), code=2)
        assert "eventcoder.toml" in ran.err or "Nothing to change" in ran.err
    assert sorted(p.name for p in empty.iterdir()) == ["t.csv"], "nothing is made where no project is"
    assert "not a project" in command("list", "--project", "t.csv", code=2).err


def test_looking_at_a_new_project_is_no_mistake(command: Command) -> None:
    for words in (("list",), ("validate",), ("duplicates",), ("log",), ("documents",), ("extract",), ("coverage", "list"), ("settle", "--all")):
        command(*words)
    assert "No event is settled" in command("release", code=1).err
    assert "Run 'eventcoder release' first" in command("publish", "site", code=1).err


def set_format(ledger: Path, value: str) -> None:
    connection = sqlite3.connect(ledger, isolation_level=None)
    connection.execute(f"UPDATE meta SET value = {value} WHERE name = 'format'")
    connection.close()


def test_a_ledger_of_a_newer_version_is_left_alone(command: Command, clean: dict[str, str]) -> None:
    command("add", "--json", "-", stdin=json.dumps(clean))
    ledger = Path(".eventcoder/ledger.sqlite")
    set_format(ledger, "'99'")
    for words in (("list",), ("add", "-"), ("validate",), ("release",), ("journal", "export"), ("journal", "import")):
        assert "pip install --upgrade" in command(*words, stdin=json.dumps(clean), code=2).err
    assert "ledger-unusable" in command("doctor", code=1).out
    set_format(ledger, f"'{FORMAT}'")
    assert len(command("list", "--json").lines) == 1, "nothing of it was touched"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET body = '{}'",
        "UPDATE entries SET coder = 'ben' WHERE kind = 'act'",
        "DELETE FROM entries",
        "INSERT OR REPLACE INTO entries SELECT seq, id, kind, subject, parents, 'ben', role, time, batch, body FROM entries",
        "REPLACE INTO entries SELECT NULL, id, kind, subject, parents, 'ben', role, time, batch, body FROM entries",
    ],
)
def test_T32_another_program_cannot_edit_the_ledger_and_work_goes_on(command: Command, clean: dict[str, str], statement: str) -> None:
    event = command("add", "--json", "-", stdin=json.dumps(clean)).one["event_id"]
    connection = sqlite3.connect(".eventcoder/ledger.sqlite")
    with pytest.raises(sqlite3.DatabaseError, match="append-only"):
        connection.execute(statement)
    connection.close()
    command("amend", event, "--set", "admin2=Shiraz", "--reason", "Division added.")
    assert [line["coder"] for line in command("history", event, "--json").lines] == ["ana", "ana"]
    assert "All is well" in command("doctor").out
