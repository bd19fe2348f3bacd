"""Edges of what a team's ledger keeps: rows that nothing explains, forged roles in a row, heads that changed meanwhile, names that are too long."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventcoder.errors import EventcoderError, Refused
from eventcoder.ledger import Ledger, new_entry, open_ledger
from eventcoder.ledger.address import read_address
from eventcoder.ledger.exchange.copying import copy_ledger, fingerprint
from eventcoder.ledger.fold import fold
from eventcoder.ledger.heads import head_row
from eventcoder.ledger.people.rights import ROLES
from eventcoder.ledger.placing import follow_coders
from eventcoder.ledger.postgres.roles import group_of
from eventcoder.ledger.work import body_of, stored_rows, task_id
from tests.ledger.conftest import act, created, moment
from tests.ledger.test_roster import TEAM, by, coder, follow


def test_a_row_of_work_that_no_entry_explains_is_told_and_goes_when_the_table_is_made_anew(ledger: Ledger) -> None:
    ledger.append([new_entry("assignment", task_id("d1", 1), body_of("d1", 1), coder="lea", time=moment(1))])
    before = stored_rows(ledger.store)
    with ledger.store.writing():
        ledger.store.execute("INSERT INTO work SELECT 'd9/1', 'd9', " + ", ".join(_but_task_and_item()) + " FROM work")
    assert ledger.verify() != []
    ledger.rebuild()
    assert stored_rows(ledger.store) == before and ledger.verify() == []


def _but_task_and_item() -> list[str]:
    from eventcoder.ledger.work import COLUMNS

    return [name for name in COLUMNS if name not in ("task", "item")]


def test_an_act_carries_the_registered_role_and_no_lesser_one(ledger: Ledger) -> None:
    ledger.append(TEAM)
    for role in ("coder", "reviewer"):
        with pytest.raises(Refused, match="registered as lead"):
            ledger.append([by("lea", role)])
    assert ledger.count("act") == 0 and ledger.append([by("lea", "lead")])


def test_who_makes_an_event_may_merge_it_in_the_same_append(ledger: Ledger) -> None:
    ledger.append([*TEAM, by("rob", "reviewer", "bbbbbbbbbbb1")])
    own = by("ana", "coder")
    assert len(ledger.append([own, follow(own, "ana", "coder", act="merge", successor="bbbbbbbbbbb1", reason="one")])) == 2
    assert ledger.head(own.subject).state == "merged"  # type: ignore[union-attr]


def test_one_forged_role_among_many_rows_of_an_import_is_found(ledger: Ledger) -> None:
    ledger.append(TEAM)
    acts = [by("ana", "coder"), by("ana", "lead", "bbbbbbbbbbb1")]
    with pytest.raises(Refused), ledger.bulk("b", coder="ana", time=moment(7)) as bulk:
        bulk.add([one.row() for one in acts], [head_row(fold([one])) for one in acts])
        bulk.seal("ana", moment(8))
    assert ledger.states() == {} and ledger.unsealed() == {}


def test_a_copy_shows_what_an_unsealed_import_of_the_target_hid(where: Path | str, tmp_path: Path) -> None:
    with open_ledger(tmp_path / "source.sqlite", project="sample") as source, open_ledger(where, project="sample") as target:
        entries = [created("event0000001"), created("event0000002")]
        source.append(entries)
        target.append(entries[:1], batch="begun and left")
        assert copy_ledger(source, target).new == 2
        assert fingerprint(target.store) == fingerprint(source.store) and target.states() == {"settled": 2}


# -- on a server


def test_the_server_itself_compares_and_swaps(postgres_url: str) -> None:
    """An act made upon a head that this connection saw, and that another one has changed since: the second is told so, and nothing is lost."""
    with open_ledger(postgres_url) as ledger, open_ledger(postgres_url) as elsewhere:
        first = created()
        ledger.append([first])
        one, other = (act("revise", parents=(first.id,), coder=who, values={"location": town}) for who, town in (("ana", "Fasa"), ("ben", "Taft")))
        elsewhere.append([one])
        for lost in (other, created(coder="ben")):
            with pytest.raises(EventcoderError):
                ledger.append([lost])
        assert ledger.head(first.subject).values["location"] == "Fasa" and ledger.count("act") == 2  # type: ignore[union-attr]
        ledger.append([act("revise", parents=(one.id,), coder="ben", values={"notes": "Both."})])
        assert ledger.head(first.subject).values["location"] == "Fasa" and ledger.verify() == []  # type: ignore[union-attr]


def test_a_registration_that_is_redacted_takes_its_login_away_on_the_server(postgres_url: str) -> None:
    with open_ledger(postgres_url) as ledger:
        ana = coder("ana", minute=1)
        ledger.append([TEAM[0], ana])
        ledger.redact(ana.id, {}, coder="lea", time=moment(9), reason="personal data", role="lead")
        assert ledger.store.rows("SELECT coder, role, state FROM logins ORDER BY coder") == [("ana", "reader", "disabled"), ("lea", "lead", "active")]


def test_who_is_disabled_or_has_another_role_leaves_the_groups_of_the_database(postgres_url: str) -> None:
    database = read_address(postgres_url).database
    login = f"staff_of_{database}"
    with open_ledger(postgres_url) as ledger:

        def groups() -> set[str]:
            sql = "SELECT g.rolname FROM pg_roles AS g WHERE g.rolname LIKE 'eventcoder_%' AND pg_has_role(?, g.oid, 'MEMBER')"
            return {name for (name,) in ledger.store.rows(sql, (login,))}

        ledger.store.execute(f'CREATE ROLE "{login}" LOGIN')
        try:
            ben = coder("ben", minute=1, login=login)
            ledger.append([TEAM[0], ben])
            assert follow_coders(postgres_url) == [] and groups() == {group_of(database, "coder")}
            promoted = coder("ben", "reviewer", before=ben, minute=2, login=login)
            ledger.append([promoted])
            assert follow_coders(postgres_url) == [] and groups() == {group_of(database, "reviewer")}
            ledger.append([coder("ben", "reviewer", before=promoted, minute=3, login=login, state="disabled")])
            assert follow_coders(postgres_url) == [] and groups() == set()
        finally:
            ledger.store.execute(f'DROP ROLE "{login}"')


@pytest.mark.parametrize("name", ["events", "e" * 48, "é" * 30, "e" * 63])
def test_groups_of_databases_with_long_names_stay_apart(name: str) -> None:
    groups = [group_of(database, role) for database in (name, name[:-1] + "x") for role in ROLES]
    assert len(set(groups)) == len(groups) and all(len(group.encode()) <= 63 for group in groups)
