"""`codebook diff` and `codebook migrate` from the outside: what a person types and reads."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from eventcoder.coding import Desk
from eventcoder.ledger import new_entry, open_ledger
from eventcoder.project import open_project
from eventcoder.validation import project_report
from tests.codebook.small import ABOUT, COLUMNS, LISTS, RULES, write
from tests.conftest import Command

NARROW = COLUMNS.replace("0,100000", "0,50")
SPLIT = """
[[migration]]
from = "1.2.0"
to = "2.0.0"
column = "kind"
map = { "Sit-in" = "March" }
decide = { "Riot" = ["March", "Riot"] }
why = "A riot may have been a march."
"""
Codebook = Callable[..., Path]


@pytest.fixture
def codebook(tmp_path: Path) -> Codebook:
    """Write the project's codebook: `codebook("columns.csv", text)`, with a version and migrations."""

    def make(version: str = "1.2.0", migrations: str = "", columns: str = COLUMNS, folder: str = "project/schema") -> Path:
        about = ABOUT.replace("1.2.0", version) + migrations
        checks = '[[expectation]]\nid = "some"\nkind = "rows"\nmin = 0\nwhy = "x"\n'
        kinds = LISTS["kinds"]
        files = {"codebook.toml": about, "columns.csv": columns, "rules.toml": RULES, "checks.toml": checks, "lists/kinds.csv": kinds}
        return write(tmp_path / folder, files)

    return make


def test_a_change_without_its_version_fails_and_says_which_to_take(command: Command, codebook: Codebook) -> None:
    old = codebook(folder="old")
    codebook(columns=NARROW)
    ran = command("codebook", "diff", old, code=1)
    assert ran.out.index("narrowing (1)") < ran.out.index("take 1.3.0")
    assert "people ranges from 0 to 50, it was 0 to 100000." in ran.out
    codebook("1.3.0", columns=NARROW)
    assert "demand at least a minor step; the version is a minor step" in command("codebook", "diff", old).out


def test_the_same_in_every_form(command: Command, codebook: Codebook) -> None:
    old = codebook(folder="old")
    codebook(columns=NARROW)
    one = command("codebook", "diff", old, "current", "--json", code=1).one
    assert (one["required"], one["declared"]) == ("minor", "none")
    assert [(c["what"], c["kind"], c["subject"]) for c in one["changes"]] == [("range-narrowed", "narrowing", "people")]
    assert [p["code"] for p in one["problems"]] == ["codebook-version-unchanged"]
    suite = ElementTree.fromstring(command("codebook", "diff", old, "--format", "junit", code=1).out)
    assert "codebook-version-unchanged" in ElementTree.tostring(suite, "unicode")
    assert command("codebook", "diff", old, "--format", "github", code=1).out.startswith("::error")
    assert "### Narrowing (1)" in command("codebook", "diff", old, "--markdown", code=1).out


def test_a_revision_of_git_and_what_cannot_be_one(command: Command, codebook: Codebook) -> None:
    folder = codebook()
    person = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    for args in (["init", "-q"], ["add", "-A"], [*person, "commit", "-q", "-m", "one"]):
        subprocess.run(["git", *args], cwd=folder.parent, check=True, capture_output=True)
    codebook(columns=NARROW)
    assert "range-narrowed" in command("codebook", "diff", "git:HEAD", code=1).out
    assert "small 1.2.0: no difference." in command("codebook", "diff", "current").out
    for name in ("git:nowhere", "git:", "nothing-here", "2026.01.0", "--", "."):
        ran = command("codebook", "diff", name, code=None)
        assert ran.code == (0 if name == "." else 2) and "Traceback" not in ran.err, name


def seeded(command: Command) -> list[str]:
    path = open_project(Path()).ledger_path
    path.parent.mkdir(exist_ok=True)
    with open_ledger(path) as ledger:
        for number, kind in enumerate(("March", "Sit-in", "Riot", "Riot")):
            values = {"event_date": f"2026-05-0{number + 1}", "year": 2026, "kind": kind, "town": "Weir", "people": 20, "notes": "x"}
            body = {"act": "create", "values": values, "codebook": "1.2.0", "settled": True}
            ledger.append([new_entry("act", f"e0000000000{number}", body, coder="ben", time="2026-11-01T00:00:00Z")])
        return [event.event_id for event in ledger.events()]


def test_migrate_worklist_and_decisions_as_a_person_does_it(command: Command, codebook: Codebook, tmp_path: Path) -> None:
    codebook("2.0.0", SPLIT)
    ids = seeded(command)
    dry = command("codebook", "migrate", "--dry-run")
    assert "kind: Sit-in -> March  (1 event)" in dry.out and "1 event would change" in dry.out
    ran = command("codebook", "migrate")
    assert "1 event changed." in ran.out and "2 values wait for a person: 'eventcoder codebook migrate --worklist'" in ran.err
    assert "0 events changed." in command("codebook", "migrate").out
    listed = command("codebook", "migrate", "--worklist").out
    assert f"{ids[2]}  kind: Riot" in listed and "choices: March | Riot" in listed and f"eventcoder amend {ids[2]} --set kind=..." in listed
    assert [line["event_id"] for line in command("codebook", "migrate", "--worklist", "--json").lines] == ids[2:]
    work = tmp_path / "work.csv"
    command("codebook", "migrate", "--worklist", "--to", work)
    with work.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row, decision in zip(rows, ("March", "Riot"), strict=True):
        row["decision"] = decision
    with work.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    command("codebook", "migrate", "--worklist", "--to", work, code=2)  # decisions are not written over
    assert command("codebook", "migrate", "--decide", work, "--json").one["changed"] == 2
    assert "No value waits" in command("codebook", "migrate", "--worklist").err
    assert "2 decisions held already" in command("codebook", "migrate", "--decide", work).err  # given again, with or without more rows
    work.write_text(work.read_text("utf-8").replace("March | Riot,March", "March | Riot,Riot"), "utf-8")
    assert "does not wait for a decision" in command("codebook", "migrate", "--decide", work, code=1).err
    assert "because: migration 1.2.0 -> 2.0.0: A riot may have been a march." in command("history", ids[2]).out


def test_the_events_that_a_migration_leaves_out_of_the_rules_are_named(command: Command, codebook: Codebook) -> None:
    codebook("2.0.0", SPLIT.replace('"Sit-in" = "March"', '"March" = "Sit-in"'), columns=NARROW.replace("0,50", "0,10"))
    seeded(command)
    assert "out-of-range (1). See 'eventcoder validate'" in command("codebook", "migrate").err
    with Desk(open_project(Path()), readonly=True) as desk:
        report = project_report(desk.ledger, desk.codebook, latest_today=date(2026, 12, 1))
    assert {p.code for p in report.errors} == {"out-of-range"}


def test_codebook_check_tells_of_a_migration_that_cannot_be(command: Command, codebook: Codebook) -> None:
    codebook("2.0.0", SPLIT.replace('"Sit-in" = "March"', '"Sit-in" = "Parade"'))
    ran = command("codebook", "check", code=1)
    assert "'Parade' is not a code of the list kinds (kind)" in ran.out and "bad-migration" in ran.out
    assert "codebook.toml, migration 1" in command("codebook", "migrate", code=2).err


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"event_id,field\n", b'event_id,field,value,decision\n"x', b"event_id,field,value,decision\na,b\n"]
)
def test_a_file_of_decisions_that_cannot_be_read(command: Command, codebook: Codebook, tmp_path: Path, content: bytes) -> None:
    codebook()
    path = tmp_path / "work.csv"
    path.write_bytes(content)
    assert "error: work.csv" in command("codebook", "migrate", "--decide", path, code=2).err
    command("codebook", "migrate", "--decide", tmp_path, code=2)
    command("codebook", "migrate", "--worklist", "--decide", path, code=2)
    command("codebook", "migrate", "--to", path, code=2)
