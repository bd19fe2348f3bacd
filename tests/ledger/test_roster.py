"""Who is registered, and what the library refuses under which name: appends, batches, bulk imports, journals.

All of the team have the login of whoever runs these tests: a server asks for the database user as well.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from eventcoder.errors import Refused
from eventcoder.ledger import Entry, Ledger, new_entry, open_ledger
from eventcoder.ledger.exchange.journal import export_journal, import_journal
from eventcoder.ledger.fold import fold
from eventcoder.ledger.heads import head_row
from eventcoder.ledger.people.rights import RIGHTS, ROLES, reaches, right_for
from eventcoder.ledger.people.roster import Roster, roster
from tests.ledger.conftest import VALUES, created, moment

LOGIN = "postgres"


def coder(
    name: str, role: str = "coder", *, by: str = "lea", by_role: str = "lead", minute: int = 0, before: Entry | None = None, **more: Any
) -> Entry:
    body = {"name": name, "role": role, "state": "active", "login": LOGIN, "languages": [], "countries": [], "training": "none", **more}
    return new_entry("coder", name, body, coder=by, role=by_role, time=moment(minute), parents=(before.id,) if before else ())


LEA = coder("lea", "lead", by_role="coder")
TEAM = [LEA, coder("ana", minute=1), coder("rob", "reviewer", minute=1), coder("rea", "reader", minute=1)]


def by(name: str, role: str, event: str = "aaaaaaaaaaa1", minute: int = 5) -> Entry:
    return new_entry("act", event, {"act": "create", "values": VALUES}, coder=name, role=role, time=moment(minute))


def follow(entry: Entry, name: str, role: str, **body: Any) -> Entry:
    return new_entry("act", entry.subject, body, coder=name, role=role, time=moment(9), parents=(entry.id,))


def test_where_nobody_is_registered_anybody_stores_anything(ledger: Ledger) -> None:
    first = created()
    ledger.append([first, follow(first, "somebody", "coder", act="merge", merged=["bbbbbbbbbbb1"])])
    assert roster(ledger).empty and roster(ledger).role_of("ana") == "coder"


def test_the_first_coder_is_a_lead_and_the_last_one_stays(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="first coder must be a lead"):
        ledger.append([coder("ana")])
    ledger.append(TEAM)
    assert [(m.name, m.role) for m in roster(ledger).members] == [("ana", "coder"), ("lea", "lead"), ("rea", "reader"), ("rob", "reviewer")]
    with pytest.raises(Refused, match="only active lead"):
        ledger.append([coder("lea", "lead", before=LEA, minute=3, state="disabled")])
    with pytest.raises(Refused, match="may not register coders"):
        ledger.append([coder("ana", "lead", by="ana", by_role="coder", before=TEAM[1], minute=3)])


def test_strangers_disabled_coders_and_forged_roles_are_refused(ledger: Ledger) -> None:
    ledger.append(TEAM)
    for name, role, said in (
        ("anna", "coder", "Did you mean 'ana'"),
        ("rea", "reader", "may not code events"),
        ("ana", "lead", "registered as coder"),
    ):
        with pytest.raises(Refused, match=said):
            ledger.append([by(name, role)])
    ledger.append([by("ana", "coder")])
    ledger.append([coder("ana", before=TEAM[1], minute=6, state="disabled", reason="left the house")])
    with pytest.raises(Refused, match=r"disabled \(left the house\).*coders enable ana"):
        ledger.append([by("ana", "coder", "bbbbbbbbbbb1")])
    assert ledger.count("act") == 1


def test_coders_merge_what_is_theirs_and_reviewers_what_is_others(ledger: Ledger) -> None:
    ledger.append(TEAM)
    own, other = by("ana", "coder"), by("rob", "reviewer", "bbbbbbbbbbb1")
    ledger.append([own, other])
    with pytest.raises(Refused, match="somebody else coded"):
        ledger.append([follow(other, "ana", "coder", act="merge", successor=own.subject, reason="one")])
    ledger.append([follow(own, "ana", "coder", act="merge", successor=other.subject, reason="one")])
    ledger.append([follow(other, "rob", "reviewer", act="merge", merged=[own.subject], reason="one")])
    draft = new_entry("draft", "d1", {"document": "x"}, coder="rules-1.0", role="machine", time=moment(9))
    assert ledger.append([draft]) == [draft]


def test_a_batch_is_sealed_by_its_coder_or_a_lead(ledger: Ledger) -> None:
    ledger.append(TEAM)
    ledger.append([by("ana", "coder")], batch="b1")
    with pytest.raises(Refused, match="bring in entries of others"):
        ledger.seal("b1", "rob", moment(9))
    assert ledger.seal("b1", "lea", moment(9)).role == "lead"
    with pytest.raises(Refused, match="not a registered coder"):
        ledger.append([by("zoe", "coder", "bbbbbbbbbbb1")], batch="b2")


def test_a_bulk_import_is_asked_too(ledger: Ledger) -> None:
    ledger.append(TEAM)
    for name, role, who in (("zoe", "coder", "zoe"), ("ana", "coder", "rob"), ("ana", "lead", "ana"), ("rea", "reader", "rea")):
        act = by(name, role)
        with pytest.raises(Refused), ledger.bulk("b", coder=who, time=moment(7)) as bulk:
            bulk.add([act.row()], [head_row(fold([act]))])
    assert ledger.states() == {} and ledger.unsealed() == {}
    act = by("ana", "coder")
    with ledger.bulk("b", coder="ana", time=moment(7)) as bulk:
        bulk.add([act.row()], [head_row(fold([act]))])
        assert bulk.seal("ana", moment(8)).role == "coder"
    assert ledger.states() == {"open": 1}


def test_the_newest_registration_holds_whatever_the_order(ledger: Ledger) -> None:
    later = coder("ana", "reviewer", before=TEAM[1], minute=0)  # its clock runs behind: what follows is newer all the same
    for entries in itertools.permutations([*TEAM[:2], later]):
        assert Roster.of(entries).role_of("ana") == "reviewer"
    ledger.append([*TEAM, later])
    assert roster(ledger).role_of("ana") == "reviewer"
    ledger.redact(later.id, {}, coder="lea", time=moment(9), reason="personal data", role="lead")
    now = roster(ledger).get("ana")
    assert now is not None and not now.active and now.role == "reader"  # what was taken away gives no rights


def test_every_kind_and_role_has_its_right() -> None:
    from eventcoder.ledger import KINDS

    assert {right.kind for right in RIGHTS} == set(KINDS)
    assert all(right.least in ROLES and right.own in ROLES and reaches(right.least, right.own) for right in RIGHTS)
    assert right_for("act", {"act": "adjudicate"}).least == "reviewer" and right_for("act", {"act": "revise"}).least == "coder"
    assert right_for("actor", {"status": "proposed"}).least == "coder" and right_for("actor", {}).least == "lead"
    assert not any(reaches("reader", right.own) for right in RIGHTS) and all(reaches("lead", right.least) for right in RIGHTS)


# -- journals


def journal(folder: Path, name: str, entries: list[Entry]) -> Path:
    """A journal as somebody's laptop exports it, where nobody is registered yet or somebody else's registrations hold."""
    with open_ledger(folder / f"{name}.sqlite", project="sample") as other:
        import_entries(other, entries)
        export_journal(other, folder / name)
    return folder / name


def import_entries(ledger: Ledger, entries: list[Entry]) -> None:
    """Store entries without being asked who may: as they stand in a laptop's ledger that was written by force."""
    from eventcoder.ledger.heads import write_heads
    from eventcoder.ledger.writing import insert

    with ledger.store.writing():
        insert(ledger.store, [entry.row() for entry in entries])
        acts: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.kind == "act":
                acts.setdefault(entry.subject, []).append(entry)
        write_heads(ledger.store, [fold(own) for own in acts.values()])


def test_a_journal_of_a_stranger_is_an_error_in_any_order_and_good_once_registered(tmp_path: Path) -> None:
    zoe = [by("zoe", "coder", "bbbbbbbbbbb1", minute=5)]
    before = [by("yan", "coder", "ccccccccccc1", minute=0)]  # older than the first registration, which is of the same minute
    parts = {"team": TEAM, "zoe": zoe, "yan": before}
    folders = {name: journal(tmp_path, name, entries) for name, entries in parts.items()}
    for number, order in enumerate(itertools.permutations(folders.values())):
        with open_ledger(tmp_path / f"{number}.sqlite", project="sample") as ledger:
            found = import_journal(ledger, order)
            assert [(p.code, p.severity) for p in found.problems] == [("unknown-coder", "error")] and "zoe" in found.problems[0].message
            assert found.new == 0
            found = import_journal(ledger, order, keep_going=True)
            assert found.new == 5 and ledger.states() == {"open": 1}
    with open_ledger(tmp_path / "0.sqlite") as ledger:
        assert import_journal(ledger, folders["zoe"]).problems[0].code == "unknown-coder"  # the ledger itself registers others
        ledger.append([coder("zoe", minute=6)])
        assert import_journal(ledger, folders["zoe"]).new == 1


def test_nobody_makes_himself_a_lead_by_a_journal(tmp_path: Path) -> None:
    ana = coder("ana", "lead", by="ana", by_role="coder", before=TEAM[1], minute=7)
    friend = coder("max", "lead", by="ana", by_role="lead", minute=8)
    folder = journal(tmp_path, "ana", [*TEAM, ana, friend])
    with open_ledger(tmp_path / "team.sqlite", project="sample") as ledger:
        ledger.append(TEAM)
        found = import_journal(ledger, folder, keep_going=True)
        assert [p.code for p in found.problems] == ["coder-by-no-lead"] * 2
        assert roster(ledger).role_of("ana") == "coder" and roster(ledger).get("max") is None
        assert import_journal(ledger, journal(tmp_path, "lea", [*TEAM, coder("ana", "lead", before=TEAM[1], minute=7)])).new == 1
        assert roster(ledger).role_of("ana") == "lead"
