"""Registrations at their edges: chains of leads, whom the first one names, what nobody can read, and journals that are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from eventcoder.ledger import open_ledger
from eventcoder.ledger.exchange.journal import export_journal, import_journal
from eventcoder.ledger.people.roster import Member, Roster, member_of, roster

from .test_roster import LEA, TEAM, by, coder, import_entries, journal


def test_a_lead_whom_a_lead_made_whom_a_lead_made_registers_coders(tmp_path: Path) -> None:
    chain = [coder("ana", "lead", minute=1), coder("ben", "lead", by="ana", minute=2), coder("cyd", "lead", by="ben", minute=3)]
    folder = journal(tmp_path, "chain", [LEA, *chain[::-1], coder("dan", by="cyd", minute=4)])
    with open_ledger(tmp_path / "team.sqlite", project="sample") as ledger:
        found = import_journal(ledger, folder)
        assert found.problems == [] and [m.name for m in roster(ledger).members] == ["ana", "ben", "cyd", "dan", "lea"]


def test_what_is_known_is_not_asked_about_again(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "team.sqlite", project="sample") as ledger:
        import_entries(ledger, [*TEAM, by("zoe", "coder", minute=6)])
        export_journal(ledger, tmp_path / "journal")
        assert import_journal(ledger, tmp_path / "journal").problems == []


def test_a_registration_that_says_nothing_known_gives_nothing_away() -> None:
    odd = replace(TEAM[1], body={**TEAM[1].body, "training": "nearly done"})
    assert member_of(odd).in_training and not member_of(TEAM[1]).in_training
    team = Roster({"ana": Member("ana", "coder", state="disabled", login="ana_db"), "ben": Member("ben", "coder", login="ben_db")})
    assert team.by_login("ana_db") is None and team.by_login("ben_db") == team.get("ben")
