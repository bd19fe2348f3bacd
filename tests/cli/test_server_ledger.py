"""A project whose ledger is a database on a server: the same commands, and the same bytes released."""

from __future__ import annotations

import csv
import pickle
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from eventcoder.coding import Desk
from eventcoder.corpus.recipe import recipe_of
from eventcoder.ledger import open_ledger
from eventcoder.ledger.exchange.copying import copy_ledger
from eventcoder.project import open_project
from tests.conftest import Command
from tests.postgres import with_database
from tests.releases.workshop import Workshop

COMMON = {"time_precision": "1", "geo_precision": "1", "source_scale": "National", "sub_event_type": "Peaceful protest", "country": "Iran",
          "actor1": "Protesters (Iran)", "admin1": "Fars", "source": "Orsova Courier", "fatalities": "0"}  # fmt: skip
FARMERS = [
    {
        "event_date": "2026-05-08",
        "location": "Fasa",
        "latitude": "28.9383",
        "longitude": "53.6482",
        "notes": "On 8 May 2026, farmers rallied in Fasa.",
    },
    {
        "event_date": "2026-05-09",
        "location": "Jahrom",
        "latitude": "28.5",
        "longitude": "53.5605",
        "notes": "On 9 May 2026, farmers rallied in Jahrom.",
    },
]
ARTICLE = "Teachers marched in Shiraz, Iran, on Sunday to demand late salaries. Their leader spoke in confidence of further marches."


@pytest.mark.slow
def test_a_day_of_work_with_a_database(
    postgres_url: str, command: Command, options: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVENTCODER_LEDGER", postgres_url)
    Path("march.txt").write_text(ARTICLE, "utf-8")
    with Path("farmers.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, [*COMMON, *FARMERS[0]])
        table.writeheader()
        table.writerows(COMMON | row for row in FARMERS)
    command("ingest", "march.txt", "--published", "2026-05-04", "--publisher", "Qasr Daily")
    document = command("documents", "--json").lines[0]["id"]
    command("extract")
    event_id = command("add", *options()).out.split()[0]
    assert "created 2" in command("import", "farmers.csv", code=None).out
    command("attach", event_id, document[:8])
    command("amend", event_id, "--set", "fatalities=0", "--reason", "said so")
    listed = command("list", "--json").lines
    assert len(listed) == 3
    for args in (("show", event_id), ("history", event_id), ("trace", event_id), ("log",), ("documents",), ("journal", "export")):
        assert command(*args).out
    command("validate", code=None)
    Path("march.txt").unlink()
    command("redact", document[:8], "--reason", "asked for", "--yes")
    assert "All is well" in command("doctor").out
    assert command("ledger", "status", "--json").one["backend"] == "postgresql"
    assert not Path(".eventcoder", "ledger.sqlite").exists()

    command("ledger", "backup", "kept.sqlite")
    with sqlite3.connect("kept.sqlite") as kept:
        assert kept.execute("SELECT COUNT(*) FROM heads").fetchone() == (3,)
    kept.close()
    assert b"in confidence" not in Path("kept.sqlite").read_bytes()
    monkeypatch.setenv("EVENTCODER_LEDGER", "kept.sqlite")
    assert command("list", "--json").lines == command("list", "--json").lines
    again = command("ledger", "copy", postgres_url, "kept.sqlite", "--json").one
    assert again["new"] == 0 and again["known"] == again["fingerprint"]["entries"]


def test_a_release_from_a_database_is_the_same_bytes(postgres_url: str, tmp_path: Path) -> None:
    one = Workshop(tmp_path / "one", 12)
    one.coverage(country="Iran", week="2026-10-26", sources=["Harbour Radio"])
    one.second()
    other = Workshop(tmp_path / "other", 0)
    with open_ledger(postgres_url) as there:
        copy_ledger(one.ledger, there)
        other.ledger.close()
        other.ledger, other.moment = there, one.moment
        other.release(notes="Corrections of the first week.")
    one.ledger.close()
    files = {p.relative_to(tmp_path / "one"): p for p in (tmp_path / "one" / "releases").rglob("*") if p.is_file()}
    assert len(files) > 10
    for name, path in files.items():
        assert (tmp_path / "other" / name).read_bytes() == path.read_bytes(), name


def test_psycopg_that_is_not_there_is_named(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("eventcoder.ledger.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.setenv("EVENTCODER_LEDGER", "postgresql://ana:QZsecretZQ@db.lab/events")
    ran = command("list", code=2)
    assert "pip install 'eventcoder[postgres]'" in ran.err and "QZ" not in ran.err


def test_what_is_sent_to_other_machines_holds_no_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "eventcoder.toml").write_text('ledger = "postgresql://ana:QZsecretZQ@db.lab/events"\n', "utf-8")
    monkeypatch.setenv("EVENTCODER_LEDGER", "none.sqlite")  # the settings go with the recipe, whatever ledger is in use
    with Desk(open_project(tmp_path), coder="ana") as desk:
        sent = recipe_of(desk, "rules").for_other_machines()
    assert b"QZsecretZQ" not in pickle.dumps(sent)


def test_registering_and_disabling_gives_and_takes_the_rights_of_the_databases_users(
    command: Command, monkeypatch: pytest.MonkeyPatch, postgres_url: str
) -> None:
    name = str(psycopg.conninfo.conninfo_to_dict(postgres_url)["dbname"])

    def sits(user: str) -> None:
        monkeypatch.setenv("EVENTCODER_LEDGER", with_database(postgres_url, name, f"test_{user}" if user != "lea" else ""))
        monkeypatch.setenv("EVENTCODER_CODER", user)

    with psycopg.connect(postgres_url, autocommit=True) as admin:
        for user in ("eva", "ben"):
            if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (f"test_{user}",)).fetchone():
                admin.execute(f"CREATE ROLE test_{user} LOGIN")
    sits("lea")
    command("coders", "add", "lea", "--role", "lead")
    told = command("coders", "add", "zoe", "--login", "test_nobody").err
    assert "The server has no user 'test_nobody' yet" in told and "ledger setup" in told
    assert command("coders", "add", "eva", "--role", "lead", "--login", "test_eva").err == ""
    command("coders", "add", "ben", "--login", "test_ben")
    command("actors", "add", "Weir Men", "--inter", "Rebel group")
    sits("ben")
    command("actors", "propose", "Weir Men", "--rename", "Weir Front", "--from", "2026-01-01", "--reason", "congress")
    assert command("list").code == 0
    told = command("doctor", "--rebuild", code=1).out
    assert "Only the owner of the tables" in told and "Ask the owner to run 'eventcoder doctor --rebuild'" in told
    assert "takes a lead" in command("coders", "disable", "eva", "--reason", "x", code=1).err
    sits("eva")  # a lead, and not the tables' owner
    assert "Weir Men  is Weir Front from 2026-01-01 on" in command("actors", "accept", "Weir Men").out
    told = command("coders", "disable", "ben", "--reason", "on leave").err
    assert "The database's owner takes away test_ben's rights there by running 'eventcoder ledger setup'." in told
    sits("ben")
    assert "ben is disabled (on leave)" in command("ask", "x", "y", code=None).err
    sits("lea")
    command("ledger", "setup")
    sits("ben")
    assert "The database user test_ben has no rights in the ledger" in command("list", code=2).err
    sits("lea")
    command("coders", "enable", "ben")
    sits("ben")
    assert command("list").code == 0
