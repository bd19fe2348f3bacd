"""`ledger`: places named, looked at, copied; and what is said about places that are none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Command

SECRET = "postgresql://ana:QZsecretZQ@127.0.0.1:1/events"


def test_a_ledger_is_copied_and_used_in_its_new_place(command: Command, options: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    command("add", *options())
    listed = command("list").out
    ran = command("ledger", "copy", ".", "aside.sqlite")
    assert ran.out.startswith("entries 1 (") and "the same on both sides; 1 entries were new" in ran.out and "'ledger'" in ran.err
    assert command("ledger", "copy", ".", "aside.sqlite", "--json").one["known"] == 1
    assert "events     1\n" in command("ledger", "status", "aside.sqlite").out
    monkeypatch.setenv("EVENTCODER_LEDGER", "aside.sqlite")
    assert command("list").out == listed
    assert command("ledger", "status", "--json").one["where"].endswith("aside.sqlite")
    assert "anybody may do anything" in command("ledger", "setup").out
    command("ledger", "upgrade")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("copy", ".", "."), "FROM and TO are the same"),
        (("copy", "nothing.sqlite", "aside.sqlite"), "no ledger"),
        (("copy", ".", "mysql://ana:QZsecretZQ@db.lab/events"), "neither a file nor a URL"),
        (("copy", ".", "postgresql//ana:QZsecretZQ@db.lab/events"), "neither a file nor a URL"),
        (("setup", "ana:QZsecretZQ@db.lab/events"), "neither a file nor a URL"),
        (("status", f"{SECRET}?sslmode=sometimes"), 'invalid sslmode value: "sometimes"'),
        (("copy", ".", "postgresql://ana:QZ/secretZQ@db.lab/events"), "%2F"),
        (("copy", ".", "aside.sqlite", SECRET), "ana:***@127.0.0.1:1/events"),
        (("copy", ".", SECRET), "does not answer"),
        (("status", SECRET), "does not answer"),
        (("setup", SECRET), "does not answer"),
        (("upgrade", SECRET), "does not answer"),
        (("status", "eventcoder.toml"), "not a ledger"),
    ],
)
def test_what_is_no_place_is_said_without_its_password(command: Command, options: Callable[..., list[str]], args: tuple[str, ...], said: str) -> None:
    command("add", *options())
    ran = command("ledger", *args, code=2)
    assert said in " ".join((ran.out + ran.err).split())
    assert "QZ" not in ran.out + ran.err
    assert not Path("aside.sqlite").exists()


def test_a_password_in_the_settings_is_a_warning_of_the_doctor(command: Command) -> None:
    Path("eventcoder.toml").write_text(f'ledger = "{SECRET}"\n', "utf-8")
    ran = command("doctor", "--json", code=1)
    assert "QZ" not in ran.out + ran.err
    codes = [problem["code"] for problem in ran.one["problems"]]
    assert codes == ["ledger-password-in-settings", "ledger-unusable"]
