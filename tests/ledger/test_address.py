"""Where a ledger lies: URLs read as the client library reads them, and passwords that no message shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eventcoder.errors import LedgerError, ProjectError
from eventcoder.ledger.address import Address, is_server, ledger_exists, read_address, scrubbed, shown
from eventcoder.project import Project, Settings, open_project

NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789_", min_size=1, max_size=12)
# between letters that occur nowhere else in a URL, so that finding one means that a part of the password was shown
PASSWORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0\n"), max_size=12).map(lambda t: f"QZ{t}ZQ")


@given(NAMES, PASSWORDS, NAMES, st.integers(1, 65535), NAMES)
@example("ana", "QZ@:/?#%ZQ", "db.lab", 5432, "events")
def test_a_url_with_any_password_is_read_back_and_shown_without_it(user: str, password: str, host: str, port: int, database: str) -> None:
    one = Address(user, password, host, str(port), database, (("sslmode", "require"), ("connect_timeout", "5")))
    assert read_address(one.url) == one
    assert shown(one.url) == one.shown == f"postgresql://{user}:***@{host}:{port}/{database}?sslmode=require&connect_timeout=5"
    said = scrubbed(f"connection to {one.url} failed: {password} or {one.secrets[-1]}", one.url)
    assert "QZ" not in said and "ZQ" not in said


@given(NAMES, PASSWORDS, NAMES)
@example("ana", "QZ@ZQ", "h")
@example("ana", "QZ/ZQ", "h")
@example("ana", "QZ%zzZQ", "h")
@example("ana", "QZ?a=b@ZQ", "h")
def test_a_password_that_was_not_encoded_is_shown_no_more_than_another(user: str, password: str, host: str) -> None:
    url = f"postgresql://{user}:{password}@{host}/events"
    assert "QZ" not in shown(url) and "ZQ" not in shown(url)
    try:
        found = read_address(url)
    except LedgerError as error:
        assert "QZ" not in str(error) and "ZQ" not in str(error) and "%40" in str(error)
    else:
        assert found.host == host  # nothing of a password is taken for the name of a server, which messages repeat


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("postgresql:///events", Address(database="events")),
        ("postgres://db.lab", Address(host="db.lab")),
        ("POSTGRESQL://ana@db.lab/events", Address("ana", host="db.lab", database="events")),
        ("postgresql://ana@%2Ftmp%2Fserver/events", Address("ana", host="/tmp/server", database="events")),
        ("postgresql://[::1]:5433/events", Address(host="[::1]", port="5433", database="events")),
        ("postgresql://one:5432,two:5433/events", Address(host="one,two", port="5432,5433", database="events")),
        ("postgresql:///?dbname=events&host=%2Ftmp", Address(parameters=(("dbname", "events"), ("host", "/tmp")))),
    ],
)
def test_forms_of_urls(url: str, parts: Address) -> None:
    assert read_address(url) == parts
    assert read_address(parts.url) == parts


def test_passwords_in_the_query_are_hidden() -> None:
    url = "postgresql://db.lab/events?user=ana&password=QZsecretZQ&sslpassword=QZotherZQ&sslmode=require"
    assert shown(url) == "postgresql://db.lab/events?user=ana&password=***&sslpassword=***&sslmode=require"
    assert scrubbed("invalid: password=QZsecretZQ user=ana", "") == "invalid: password=*** user=ana"


@pytest.mark.parametrize("url", ["postgresql://ana@h:port/db", "postgresql://h:70000/db", "postgresql://h/a/b", "postgresql://h/db?sslmode"])
def test_what_is_no_url_says_the_form(url: str) -> None:
    with pytest.raises(LedgerError, match="postgresql://USER:PASSWORD@HOST:PORT/DATABASE"):
        read_address(url)


def test_a_project_names_a_file_or_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVENTCODER_LEDGER", raising=False)
    assert Project(tmp_path).ledger_at == tmp_path / ".eventcoder" / "ledger.sqlite" == Project(tmp_path).ledger_path
    assert not ledger_exists(Project(tmp_path).ledger_at)
    (tmp_path / "eventcoder.toml").write_text('ledger = "postgresql://ana@db.lab/events"\n', "utf-8")
    team = open_project(tmp_path)
    assert team.ledger_at == "postgresql://ana@db.lab/events" and is_server(team.ledger_at) and ledger_exists(team.ledger_at)
    with pytest.raises(ProjectError, match="not a file"):
        _ = team.ledger_path
    monkeypatch.setenv("EVENTCODER_LEDGER", "aside/mine.sqlite")
    assert team.ledger_at == (tmp_path / "aside" / "mine.sqlite").resolve()


@pytest.mark.parametrize(
    "named",
    [
        "postgresql:/ana:QZsecretZQ@h/db",
        "postgresql//ana:QZsecretZQ@h/db",
        "ana:QZsecretZQ@h/db",
        "postgresql+psycopg://ana:QZsecretZQ@h/db",
        "mysql://ana:QZsecretZQ@h/db",
        "host=h password=QZsecretZQ",
        "port=5433 password=QZsecretZQ",
        "application_name=desk password=QZsecretZQ",
    ],
)
def test_what_is_almost_a_url_never_becomes_the_name_of_a_file(tmp_path: Path, named: str) -> None:
    project = Project(tmp_path, Settings(ledger=named))
    with pytest.raises(ProjectError, match="postgresql://USER@HOST") as caught:
        _ = project.ledger_at
    assert "QZ" not in str(caught.value) and "QZ" not in repr(project)
