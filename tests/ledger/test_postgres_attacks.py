"""A coder with a client of her own: what she may try by SQL against a ledger on a server, and what the server says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from eventcoder.errors import LedgerError, Refused
from eventcoder.identity import digest
from eventcoder.ledger import Entry, fold, new_entry, open_ledger
from eventcoder.ledger.heads import head_row
from eventcoder.ledger.placing import follow_coders, set_up, upgrade
from eventcoder.ledger.postgres import opening
from eventcoder.ledger.postgres.functions import ROW_VERSION
from eventcoder.ledger.postgres.guards import IMPORT
from eventcoder.ledger.postgres.layout import MIGRATIONS
from eventcoder.ledger.postgres.roles import group_of
from eventcoder.ledger.sqlite.layout import FORMAT
from eventcoder.ledger.work import body_of

from ..postgres import with_database
from .conftest import act, created, moment

PEOPLE = (("lea", "lead"), ("rob", "reviewer"), ("ana", "coder"), ("ben", "coder"), ("ray", "reader"))
DENIED = "permission denied|must be owner|must be able to"


def url_of(url: str, name: str) -> str:
    return with_database(url, str(psycopg.conninfo.conninfo_to_dict(url)["dbname"]), f"test_{name}")


def member(name: str, role: str, *, after: tuple[str, ...] = (), minute: int = 0, **changes: Any) -> Entry:
    body = {"name": name, "role": role, "state": "active", "login": f"test_{name}", "languages": [], "countries": [], "training": "none"}
    return new_entry("coder", name, {**body, **changes}, coder="lea", role="lead", time=moment(minute), parents=after)


@pytest.fixture
def team(postgres_url: str) -> str:
    """A ledger with five people, each with a database user; rob and ben have coded an event each, and a task is ben's."""
    with sql(postgres_url) as owner:
        known = {row[0] for row in owner.execute("SELECT rolname FROM pg_roles")}
        for name, _ in PEOPLE:
            if f"test_{name}" not in known:
                owner.execute(f"CREATE ROLE test_{name} LOGIN")
    with open_ledger(postgres_url) as ledger:
        ledger.append([member(*PEOPLE[0])])
    assert follow_coders(postgres_url) == []
    with open_ledger(url_of(postgres_url, "lea")) as lea:
        lea.append([member(name, role) for name, role in PEOPLE[1:]])
    assert follow_coders(postgres_url) == []
    with open_ledger(url_of(postgres_url, "rob")) as rob:
        rob.append([new_entry("act", "robs00000000", created().body, coder="rob", role="reviewer", time=moment(1))])
    with open_ledger(url_of(postgres_url, "ben")) as ben:
        ben.append([created("bens00000000", coder="ben", minute=1)])
    with open_ledger(url_of(postgres_url, "lea")) as lea:
        lea.append([new_entry("assignment", "doc/1", body_of("doc", 1, assigned_for="ben"), coder="lea", role="lead", time=moment(2))])
    return postgres_url


@contextmanager
def sql(url: str, name: str = "") -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url_of(url, name) if name else url, autocommit=True, options="-c search_path=eventcoder") as connection:
        yield connection


def store(connection: psycopg.Connection[Any], entry: Entry, *, batch: str | None = None, first: int | None = None, brought: bool = False) -> None:
    texts = [json.dumps([text]) for text in entry.row()]
    connection.execute(f"SELECT store_entries({', '.join(['%s::json'] * 8)}, %s::text, %s::bigint, %s::boolean)", [*texts, batch, first, brought])


def refused(connection: psycopg.Connection[Any], attempt: str, match: str = DENIED) -> None:
    with pytest.raises(psycopg.Error, match=match):
        connection.execute(attempt)


def as_it_was(url: str) -> None:
    with open_ledger(url) as owner:
        assert owner.verify() == [], "doctor finds something"


WRITES = (
    "INSERT INTO entries SELECT seq + 50, repeat('a', 64), kind, subject, parents, coder, role, time, batch, body FROM entries",
    "UPDATE entries SET body = '{}'", "DELETE FROM entries", "TRUNCATE entries CASCADE", "TRUNCATE heads, work, hidden", "DELETE FROM heads",
    "UPDATE logins SET role = 'lead' WHERE coder = 'ana'", "INSERT INTO rights VALUES ('redaction', 'x', 'y', 'reader', 'reader', '')",
    "UPDATE meta SET value = '9'", "SELECT nextval('numbers')", "SELECT setval('numbers', 1)", "ALTER SEQUENCE numbers RESTART",
    "DROP TRIGGER entries_no_update ON entries", "ALTER TABLE heads DISABLE TRIGGER heads_of_own", "DROP SCHEMA eventcoder CASCADE",
    "CREATE TRIGGER mine BEFORE INSERT ON heads FOR EACH ROW EXECUTE FUNCTION heads_of_own()", "ALTER FUNCTION append_act SET search_path = pg_temp",
    "CREATE OR REPLACE FUNCTION instr(text, text) RETURNS integer LANGUAGE sql AS 'SELECT 1'", "CREATE VIEW eventcoder.mine AS SELECT 1",
    "SELECT keep_logins()", "SELECT refuse_stranger('act', 'x', 'rob', 'coder', '{}', false)", "SET SESSION AUTHORIZATION postgres",
    "SET ROLE postgres", "SET session_replication_role = replica", "SET ROLE test_lea", "GRANT test_lea TO test_ana",
)  # fmt: skip


@pytest.mark.parametrize("name", ["ana", "ray"])
def test_nobody_but_the_owner_writes_entries_guards_functions_or_rights(team: str, name: str) -> None:
    with sql(team, name) as bare:
        for attempt in WRITES:
            refused(bare, attempt)
        if name == "ray":
            for attempt in ("UPDATE heads SET state = 'open'", "DELETE FROM work", "INSERT INTO hidden VALUES (1, 1, 'x', 0)"):
                refused(bare, attempt)
            with pytest.raises(psycopg.Error, match=DENIED):
                store(bare, created("rays00000000", coder="ray"))
    as_it_was(team)


def test_names_that_hide_the_ledgers_own_change_nothing_for_its_functions(team: str) -> None:
    with sql(team, "ana") as bare:
        bare.execute("CREATE TEMPORARY TABLE logins AS SELECT 'rob'::text AS coder, 'test_ana'::text AS login, 'lead'::text AS role, "
                     "'active'::text AS state, ''::text AS entry")  # fmt: skip
        bare.execute("CREATE TEMPORARY TABLE rights AS SELECT * FROM eventcoder.rights WHERE false")
        bare.execute("CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1'")
        bare.execute("SET search_path = pg_temp, eventcoder, pg_catalog")
        forged = new_entry("act", "forged000000", created().body, coder="rob", role="lead", time=moment(3))
        with pytest.raises(psycopg.Error, match="may not store what rob did"):
            store(bare, forged)
        with pytest.raises(psycopg.Error, match="that takes a lead"):
            store(bare, new_entry("coder", "ana", member("ana", "lead").body, coder="ana", time=moment(3)))
        with pytest.raises(psycopg.Error, match="that takes a lead"):
            bare.execute("SELECT replace_body((SELECT id FROM eventcoder.entries WHERE kind = 'act' LIMIT 1), '{}')")
    as_it_was(team)


@pytest.mark.parametrize("brought", [False, True])
def test_an_entry_bears_the_name_and_the_role_of_who_stores_it(team: str, brought: bool) -> None:
    with sql(team, "ana") as bare:
        for role in ("machine", "reviewer", "lead", "owner"):
            with pytest.raises(psycopg.Error, match="who is registered as coder"):
                store(bare, new_entry("act", f"{role}00000", created().body, coder="ana", role=role, time=moment(3)), brought=brought)
        for name in ("rob", "rules 1.0", "test_ana"):
            with pytest.raises(psycopg.Error, match="may not store what"):
                store(bare, new_entry("act", "forged000000", created().body, coder=name, time=moment(3)), brought=brought)
        with pytest.raises(psycopg.Error, match="that takes a reviewer"):
            store(bare, act("adjudicate", event="bens00000000", coder="ana"), brought=brought)
    as_it_was(team)


def test_a_second_beginning_makes_nobody_the_owner_of_an_event(team: str) -> None:
    with sql(team, "ana") as bare:
        store(bare, new_entry("act", "robs00000000", {"act": "create", "values": {}, "settled": False}, coder="ana", time=moment(4)))
        with pytest.raises(psycopg.Error, match="merge events that somebody else coded: that takes a reviewer"):
            store(bare, act("merge", event="robs00000000", coder="ana", successor="bens00000000"))


def test_how_an_event_stands_is_written_by_who_stored_its_newest_act_only(team: str) -> None:
    with sql(team, "ana") as bare:
        new = "INSERT INTO heads (event_id, state, revision, heads, changed, folded) VALUES ('x', 'settled', 1, '[]', '', '{}')"
        for attempt in ("UPDATE heads SET state = 'retracted'", "UPDATE heads SET folded = '{}' WHERE event_id = 'bens00000000'", new):
            refused(bare, attempt, "only who stored the newest act of an event")
    with open_ledger(url_of(team, "ana")) as ana, open_ledger(url_of(team, "ben")) as ben:
        mine = ana.append([created("anas00000000", coder="ana")])
        old = ana.store.row("SELECT heads FROM heads WHERE event_id = 'anas00000000'")
        ben.append([act("revise", event="anas00000000", coder="ben", parents=(mine[0].id,), values={"notes": "b"})])
        assert old is not None
        with sql(team, "ana") as bare:
            refused(bare, f"UPDATE heads SET state = 'open', heads = '{old[0]}' WHERE event_id = 'anas00000000'", "only who stored the newest act")
            row = new_entry("act", "anas00000000", {"act": "settle"}, coder="ana", time=moment(7), parents=json.loads(heads_of(bare, "anas00000000")))
            given = [row.row()[0], *row.row()[2:], version_of(bare, "anas00000000"), "settled", 3, old[0], *[None] * 12]
            with pytest.raises(psycopg.Error, match="does not match its id"):  # it names another act as the newest
                bare.execute(f"SELECT append_act({', '.join(['%s'] * len(given))})", given)
    as_it_was(team)


BAD = ({"subject": ""}, {"subject": " "}, {"subject": "a\nb"}, {"subject": "a\x7f"}, {"time": ""}, {"time": "2026-13-01T00:00:00Z"},
       {"time": "later"}, {"body": []}, {"body": None}, {"body": "create"}, {"body": {}}, {"body": {"act": "fly"}})  # fmt: skip
FORMLESS = "ha(s|ve) not the form of an (act|entry)"


def test_what_readers_could_not_read_is_not_stored(team: str) -> None:
    """What is stored stays for ever: an entry without form would keep every journal of the team from being read."""
    with sql(team, "ana") as bare:
        bare.execute("SET standard_conforming_strings = off")  # what a backslash means in a text of the functions must not be hers to say
        for changes in BAD:
            entry = replace(created("anas00000000", coder="ana"), **changes)  # type: ignore[arg-type]
            entry = replace(entry, id=digest(entry.content()))
            given = [entry.id, *entry.row()[2:], "", "open", 1, json.dumps([entry.id]), *[None] * 8, "", None, None, "{}"]
            with pytest.raises(psycopg.Error, match=FORMLESS):
                bare.execute(f"SELECT append_act({', '.join(['%s'] * len(given))})", given)
            with pytest.raises(psycopg.Error, match=FORMLESS):
                store(bare, entry)
        entry = created("anas00000000", coder="ana")
        for parents in ("", "{}", '["a"]', "[ ]", f'["{"a" * 64}",]'):
            texts = [json.dumps([text]) for text in (*entry.row()[:3], parents, *entry.row()[4:])]
            with pytest.raises(psycopg.Error, match="has not the form of an entry"):
                bare.execute(f"SELECT store_entries({', '.join(['%s::json'] * 8)}, NULL, NULL, false)", texts)
        refused(bare, "SELECT reserve_numbers(NULL)", "nobody needs")
    as_it_was(team)


def heads_of(connection: psycopg.Connection[Any], event: str) -> str:
    return str(connection.execute("SELECT heads FROM heads WHERE event_id = %s", (event,)).fetchone()[0])  # type: ignore[index]


def version_of(connection: psycopg.Connection[Any], event: str) -> str:
    return str(connection.execute(f"SELECT {ROW_VERSION} FROM heads WHERE event_id = %s", (event,)).fetchone()[0])  # type: ignore[index]


def test_a_task_stands_as_its_newest_entry_says(team: str) -> None:
    with sql(team, "ana") as bare:
        for attempt in ("UPDATE work SET assigned_for = 'ana', queue = 'ana'", "UPDATE work SET state = 'done'", "UPDATE work SET holder = 'ana'",
                        "UPDATE work SET queue = ''", "DELETE FROM work", "UPDATE work SET body = '{}'"):  # fmt: skip
            refused(bare, attempt, "a task stands as its newest entry says")
        before = bare.execute("SELECT entry, heads, body FROM work").fetchone()
        assert before is not None
        with open_ledger(url_of(team, "ben")) as ben:
            body = {**json.loads(before[2]), "state": "claimed", "by": "ben", "until": "2026-12-01T00:00:00Z"}
            ben.append([new_entry("assignment", "doc/1", body, coder="ben", time=moment(5), parents=[before[0]])])
        with pytest.raises(psycopg.Error, match="a task stands as its newest entry says"):  # what it was before
            bare.execute("UPDATE work SET state = 'assigned', holder = NULL, until = NULL, queue = 'ben', entry = %s, heads = %s, body = %s", before)
    as_it_was(team)


@pytest.mark.parametrize("brought", [False, True])
def test_a_coder_takes_tasks_for_herself_and_changes_nothing_else_of_them(team: str, brought: bool) -> None:
    with sql(team, "ana") as bare:
        entry, stored = bare.execute("SELECT entry, body FROM work").fetchone()  # type: ignore[misc]
        task = json.loads(stored)
        claimed = {**task, "state": "claimed", "by": "ana", "for": None, "until": "2026-12-01T00:00:00Z"}
        for changes in ({"by": "ben"}, {"blind": True}, {"planted": {"draft": "d"}}, {"document": "other"}, {"round": "x"}, {"rank": 5}, {"new": 1}):
            with pytest.raises(psycopg.Error, match="as it was assigned, and for nobody else"):
                store(bare, new_entry("assignment", "doc/1", {**claimed, **changes}, coder="ana", time=moment(5), parents=[entry]), brought=brought)
        with pytest.raises(psycopg.Error, match="as it was assigned"):
            store(bare, new_entry("assignment", "none/1", claimed, coder="ana", time=moment(5)), brought=brought)
        if not brought:  # she has not taken it
            with pytest.raises(psycopg.Error, match="as it was assigned"):
                store(bare, new_entry("assignment", "doc/1", {**claimed, "state": "done"}, coder="ana", time=moment(5), parents=[entry]))
    with open_ledger(url_of(team, "ana")) as ana:
        taken = ana.append([new_entry("assignment", "doc/1", claimed, coder="ana", time=moment(5), parents=[entry])])
        done = {**claimed, "state": "done", "until": None}
        ana.append([new_entry("assignment", "doc/1", done, coder="ana", time=moment(6), parents=[taken[0].id])])
    as_it_was(team)


def test_what_others_will_store_is_not_hidden_beforehand(team: str) -> None:
    with sql(team, "ana") as bare, sql(team, "ana") as old:
        top = bare.execute("SELECT MAX(seq) FROM entries").fetchone()[0]  # type: ignore[index]
        refused(bare, f"INSERT INTO hidden VALUES ({top + 1}, {top + 10**6}, 'x', 1)", "append-only")
        old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT COUNT(*) FROM entries")
        with open_ledger(url_of(team, "ben")) as ben:
            ben.append([created("bens00000001", coder="ben")])
        refused(old, f"INSERT INTO hidden VALUES ({top + 1}, {top + 1}, 'x', 1)", "append-only")  # it does not see what was stored since
        old.execute("ROLLBACK")
        first = bare.execute("SELECT reserve_numbers(5)").fetchone()[0]  # type: ignore[index]
        bare.execute("INSERT INTO hidden VALUES (%s, %s, 'mine', 0)", (first, first + 4))
        refused(bare, f"UPDATE hidden SET last_seq = {first + 10**6} WHERE batch = 'mine'", "append-only")
        refused(bare, "UPDATE hidden SET batch = 'other' WHERE batch = 'mine'", "append-only")
        refused(bare, "SELECT reserve_numbers(9000000000000000000)", "nobody needs")
        bare.execute("DELETE FROM hidden WHERE batch = 'mine'")
    as_it_was(team)


def test_entries_get_the_numbers_that_were_reserved_for_them(team: str) -> None:
    with open_ledger(url_of(team, "ben")) as ben:
        ben.append([created(f"bens0000010{n}", coder="ben") for n in range(3)], batch="bens")
    with sql(team, "ana") as bare:
        entry = created("anas00000000", coder="ana")
        inside = bare.execute("SELECT first_seq FROM hidden").fetchone()[0]  # type: ignore[index]
        for batch, first in ((None, 2**62), (None, -5), (None, inside), ("bens", None), ("other", inside), ("bens", inside + 10**6)):
            with pytest.raises(psycopg.Error, match="were not reserved"):
                store(bare, entry, batch=batch, first=first)
        refused(bare, "DELETE FROM hidden", "an import is shown or given up by who made it")
        refused(bare, "UPDATE hidden SET dropped = 1", "append-only")
        refused(bare, "INSERT INTO batches VALUES ('bens', '', 'ben')", "by who made it")
        refused(bare, "INSERT INTO batches VALUES ('bens', '', 'ana')", "by who made it")
        bare.execute("SELECT pg_advisory_lock(%s::bigint)", (IMPORT,))
        refused(bare, "UPDATE hidden SET dropped = 1", "append-only")
        refused(bare, "SELECT remove_entries(1, 1000000)", "append-only")
    with open_ledger(url_of(team, "ben")) as ben:
        assert ben.unsealed() == {"bens": 3}
        ben.seal("bens", coder="ben", time=moment(9))
        assert ben.head("bens00000102") is not None
    as_it_was(team)


def test_a_disabled_coder_gets_nothing_in_by_any_open_connection_and_reads_no_more(team: str) -> None:
    with sql(team, "ana") as bare, sql(team, "ana") as old:
        old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT COUNT(*) FROM logins")
        with open_ledger(url_of(team, "lea")) as lea:
            before = next(e for e in lea.entries("coder") if e.subject == "ana")
            lea.append([member("ana", "coder", state="disabled", after=(before.id,), minute=9)])
        for connection, words in ((bare, r"ana \(disabled\)"), (old, "READ COMMITTED")):
            with pytest.raises(psycopg.Error, match=words):
                store(connection, created("anas00000000", coder="ana"))
        old.execute("ROLLBACK")
        assert follow_coders(url_of(team, "lea")) is None, "lea does not own the tables"
        assert follow_coders(team) == []
        refused(bare, "SELECT * FROM eventcoder.entries")
        with pytest.raises(LedgerError, match="test_ana has no rights in the ledger") as caught:
            open_ledger(url_of(team, "ana"))
        assert "disabled" in caught.value.remedy
    as_it_was(team)


def test_the_rights_of_a_login_that_is_no_longer_a_coders_are_taken_away(team: str) -> None:
    with open_ledger(url_of(team, "lea")) as lea:
        before = {e.subject: e.id for e in lea.entries("coder")}
        lea.append([member("ben", "reader", after=(before["ben"],), minute=9), member("rob", "reviewer", login="test_gone", after=(before["rob"],))])
    assert follow_coders(team) == ["test_gone"]
    with sql(team, "rob") as bare:
        refused(bare, "SELECT * FROM eventcoder.entries")
    with sql(team, "ben") as bare:
        assert bare.execute("SELECT COUNT(*) FROM entries").fetchone() == (10,)
        with pytest.raises(psycopg.Error, match=DENIED):
            store(bare, created("bens00000002", coder="ben"))


# -- rights and care that the database's owner gives --------------------------------------------------------------------------------------------


def test_an_owner_who_may_make_no_roles_gives_the_rights_to_each_user_by_name(postgres_new: Any) -> None:
    url = postgres_new(3)
    name = str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])
    with sql(url) as admin:
        admin.execute("DROP SCHEMA eventcoder CASCADE")
        for user in ("test_own", "test_ana", "test_ben"):
            if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (user,)).fetchone():
                admin.execute(f"CREATE ROLE {user} LOGIN")
        for role in ("reader", "coder", "reviewer", "lead"):
            admin.execute(f"DROP OWNED BY {group_of(name, role)}; DROP ROLE {group_of(name, role)}")
        admin.execute(f"GRANT CREATE ON DATABASE {name} TO test_own")
    try:
        with open_ledger(url_of(url, "own")) as own:
            own.append([member("lea", "lead", login="test_own")])
        with open_ledger(url_of(url, "own")) as lea:
            lea.append([member("ana", "coder"), member("ben", "reader")])
        assert follow_coders(url_of(url, "own")) == []
        with open_ledger(url_of(url, "ana")) as ana:
            first = ana.append([created("anas00000000", coder="ana")])
            ana.append([act("revise", event="anas00000000", coder="ana", parents=(first[0].id,), minute=1, values={"notes": "x"})])
        with open_ledger(url_of(url, "ben"), readonly=True) as ben:
            assert ben.states() == {"open": 1} and ben.verify() == []
            before = next(e.id for e in ben.entries("coder") if e.subject == "ana")
        with sql(url, "ben") as bare:
            refused(bare, "UPDATE heads SET state = 'open'")
        with open_ledger(url_of(url, "own")) as lea:
            lea.append([member("ana", "coder", state="disabled", after=(before,), minute=2)])
        assert follow_coders(url_of(url, "own")) == []
        with pytest.raises(LedgerError, match="has no rights"):
            open_ledger(url_of(url, "ana"))
    finally:
        with sql(url) as admin:
            admin.execute("DROP OWNED BY test_own, test_ana, test_ben")


def test_the_tables_are_made_anew_by_their_owner_only(team: str) -> None:
    with open_ledger(url_of(team, "lea")) as lea, pytest.raises(Refused, match="Only the owner of the tables") as caught:
        lea.rebuild()
    assert "doctor --rebuild" in caught.value.remedy
    with sql(team) as owner:
        owner.execute("UPDATE heads SET state = 'open'; UPDATE work SET holder = 'ana'")
    with open_ledger(team) as owner_:
        assert {p.code for p in owner_.verify()} == {"ledger-head-wrong", "ledger-work-wrong"}
        owner_.rebuild()
    as_it_was(team)


def test_an_older_functions_rights_go_with_it(team: str) -> None:
    with sql(team) as owner:
        owner.execute("CREATE FUNCTION store_entries(p_ids json) RETURNS void LANGUAGE sql SECURITY DEFINER AS 'SELECT NULL'")
        owner.execute("ALTER FUNCTION append_act SET search_path = public")
    with open_ledger(team) as ledger:
        found = ledger.store.missing_guards()
    assert found == ["function append_act", "function store_entries(json)"]
    set_up(team)
    as_it_was(team)


# -- formats ------------------------------------------------------------------------------------------------------------------------------------


def test_a_newer_version_brings_the_tables_to_its_format_whole_or_not_at_all(team: str, monkeypatch: pytest.MonkeyPatch) -> None:
    new = FORMAT + 1
    with monkeypatch.context() as newer:
        newer.setattr(opening, "FORMAT", new)
        newer.setitem(MIGRATIONS, new, ("CREATE TABLE remarks (event_id text PRIMARY KEY)", "ALTER TABLE heads ADD COLUMN remarks nonsense"))
        for attempt, remedy in ((open_ledger, "ledger upgrade"), (set_up, "ledger upgrade")):
            with pytest.raises(LedgerError, match=f"has format {FORMAT}; this eventcoder needs format {new}") as caught:
                attempt(team)
            assert remedy in caught.value.remedy
        with pytest.raises(LedgerError, match="nonsense"):
            upgrade(team)  # the second step fails
        with sql(team) as owner:
            assert owner.execute("SELECT value, to_regclass('remarks') FROM meta WHERE name = 'format'").fetchone() == (str(FORMAT), None)
        newer.setitem(MIGRATIONS, new, ("CREATE TABLE remarks (event_id text PRIMARY KEY)", "ALTER TABLE heads ADD COLUMN remarks bigint"))
        with pytest.raises(LedgerError, match="permission denied"):
            upgrade(url_of(team, "ana"))
        assert upgrade(team) == [] and upgrade(team) == []
        with open_ledger(url_of(team, "ben")) as ben:
            ben.append([created("bens00000009", coder="ben")])
            assert ben.states() == {"settled": 3} and ben.verify() == []
    with pytest.raises(LedgerError, match=f"has format {new}; this eventcoder reads format {FORMAT}") as caught:
        open_ledger(url_of(team, "ben"))
    assert "pip install --upgrade" in caught.value.remedy
    with sql(team) as owner:
        owner.execute("DROP SCHEMA eventcoder CASCADE")


def test_what_belongs_to_ones_work_passes_all_guards(team: str) -> None:
    """Several acts at once, an import that goes on after a kill, one that somebody else left, and a lead's redactions: none is the tables' owner."""
    with open_ledger(url_of(team, "ben")) as ben:
        ben.append([created(f"bens0000020{n}", coder="ben", minute=n) for n in range(3)])
        mine = [e for e in ben.entries("act", coder="ben") if e.subject.startswith("bens0000020")]
        ben.append([act("revise", event=e.subject, coder="ben", parents=(e.id,), minute=9, values={"notes": "x"}) for e in mine])
        with pytest.raises(KeyboardInterrupt), ben.bulk("rows", coder="ben", time=moment(10)) as killed:
            killed.add(*piece("ben", range(4)))
            raise KeyboardInterrupt
        with ben.bulk("rows", coder="ben", time=moment(11)) as again:
            killed_time = again.time
            assert again.add(*piece("ben", range(6), killed_time)) == 2
            again.seal("ben", moment(12))
        with pytest.raises(KeyboardInterrupt), ben.bulk("left", coder="ben", time=moment(13)) as killed:
            killed.add(*piece("ben", range(20, 23)))
            with sql(team, "ana") as bare:
                refused(bare, "DELETE FROM batches", "an import is shown or given up by who made it")
                refused(bare, "UPDATE hidden SET dropped = 1", "append-only")
            raise KeyboardInterrupt
    with open_ledger(url_of(team, "ana")) as ana:
        with ana.bulk("hers", coder="ana", time=moment(14)) as hers:
            hers.add(*piece("ana", range(30, 33)))
            hers.seal("ana", moment(15))
        assert ana.unsealed() == {} and ana.states() == {"settled": 11, "open": 3}
    with open_ledger(url_of(team, "lea")) as lea:
        lea.redact(lea.acts("bens00000200")[0].id, {"act": "create"}, coder="lea", role="lead", time=moment(16), reason="court")
        task = next(iter(lea.entries("assignment")))
        lea.redact(task.id, {"item": "doc"}, coder="lea", role="lead", time=moment(17), reason="court")
        assert lea.acts("bens00000200")[0].body == {"act": "create"}
    as_it_was(team)


def piece(coder: str, numbers: range, time: str = "") -> tuple[list[tuple[str, ...]], list[tuple[Any, ...]]]:
    made = [new_entry("act", f"row{n:09d}", created().body, coder=coder, time=time or moment(10)) for n in numbers]
    return [e.row() for e in made], [head_row(fold([e])) for e in made]
