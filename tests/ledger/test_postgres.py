"""A ledger on a server: what the database itself refuses, whose entries get in, and connections that are lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventcoder.errors import LedgerConflict, LedgerError, Refused, UsageError
from eventcoder.identity import canonical
from eventcoder.ledger import Entry, Ledger, new_entry, open_ledger
from eventcoder.ledger.people.permission import demand_lead
from eventcoder.ledger.postgres import dialect, opening
from eventcoder.ledger.postgres import store as stores
from eventcoder.ledger.postgres.guards import GUARDS
from eventcoder.ledger.postgres.layout import MIGRATIONS, OLDEST
from eventcoder.ledger.postgres.prepared import Call
from eventcoder.ledger.postgres.roles import give_rights
from eventcoder.ledger.postgres.session import Connection
from eventcoder.ledger.postgres.store import PostgresStore
from eventcoder.ledger.redaction import redaction_of
from eventcoder.ledger.sqlite.layout import FORMAT
from eventcoder.project import Project, Settings

from ..postgres import with_database
from .conftest import EVENT, act, created, moment


@pytest.fixture
def server(postgres_url: str) -> Iterator[Ledger]:
    with open_ledger(postgres_url) as opened:
        yield opened


def raw(url: str, user: str = "") -> psycopg.Connection[Any]:
    name = str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])
    return psycopg.connect(with_database(url, name, user), autocommit=True, options="-c search_path=eventcoder")


ATTEMPTS = [
    "UPDATE entries SET body = '{}'",
    "UPDATE entries SET seq = seq + 5",
    "UPDATE entries SET coder = 'eve'",
    "DELETE FROM entries WHERE seq = 1",
    "TRUNCATE entries CASCADE",
    "TRUNCATE hidden",
    "TRUNCATE gaps",
    "SET session_replication_role = replica; DELETE FROM entries WHERE seq = 1",
    "INSERT INTO hidden (first_seq, last_seq, batch, dropped) VALUES (1, 1, 'x', 1)",
    "UPDATE hidden SET first_seq = 1",
    "INSERT INTO gaps (first_seq, last_seq, batch) VALUES (1, 1, 'x')",
    "INSERT INTO gaps (first_seq, last_seq, batch) VALUES (100, 120, 'x')",
]


def test_T31_T32_the_server_itself_refuses_to_change_hide_or_delete_an_entry(server: Ledger, postgres_url: str) -> None:
    server.append([created(), created("two")])
    server.append([created(f"hidden{n}") for n in range(3)], batch="b")
    with raw(postgres_url) as owner:
        before = owner.execute("SELECT * FROM entries ORDER BY seq").fetchall()
        for attempt in ATTEMPTS:
            with pytest.raises(psycopg.Error, match="append-only"):
                owner.execute(attempt)
        assert owner.execute("SELECT * FROM entries ORDER BY seq").fetchall() == before
        with pytest.raises(psycopg.Error, match="duplicate key"):
            owner.execute("INSERT INTO entries SELECT seq + 90, id, kind, subject, parents, 'eve', role, time, batch, body FROM entries")


def test_the_guard_lets_pass_the_stub_of_a_redaction_and_nothing_else(server: Ledger, postgres_url: str) -> None:
    first = created(notes="Zahra the baker told us")
    server.append([first])
    server.redact(first.id, {"act": "create"}, coder="lead", time=moment(30), reason="court")
    assert server.acts(EVENT)[0].body == {"act": "create"} and server.verify() == []
    with raw(postgres_url) as owner, pytest.raises(psycopg.Error, match="append-only"):
        owner.execute("UPDATE entries SET body = '{\"act\":\"retract\"}' WHERE kind = 'act'")


@pytest.mark.parametrize("edit", ["DROP TRIGGER entries_no_delete ON entries", "ALTER TABLE entries DISABLE TRIGGER entries_no_update",
                                  "CREATE OR REPLACE FUNCTION hidden_only_unseen() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                                  "ALTER FUNCTION remove_entries SECURITY INVOKER", "UPDATE rights SET least = 'reader' WHERE kind = 'redaction'",
                                  "DROP FUNCTION refuse_stranger", "GRANT INSERT ON entries TO PUBLIC"])  # fmt: skip
def test_T32_a_guard_that_was_dropped_disabled_or_altered_is_reported_and_put_back(server: Ledger, postgres_url: str, edit: str) -> None:
    with raw(postgres_url) as owner:
        owner.execute(edit)
    assert [p.code for p in server.verify()] == ["ledger-guard-missing"]
    server.rebuild()
    assert server.verify() == [] and server.store.missing_guards() == []
    assert len(GUARDS) == len(set(GUARDS))


# -- whose entries ------------------------------------------------------------------------------------------------------------------------------


def member(name: str, role: str, **changes: Any) -> Entry:
    body = {"name": name, "role": role, "state": "active", "login": f"test_{name}", "languages": [], "countries": [], "training": "none"}
    return new_entry("coder", name, {**body, **changes}, coder="lea", role="lead", time=moment(0))


@pytest.fixture
def team(postgres_url: str) -> str:
    """A ledger with a lead (lea), a reviewer (rob), a coder (ana) and a reader (ray), each with a database user."""
    with raw(postgres_url) as owner:
        known = {row[0] for row in owner.execute("SELECT rolname FROM pg_roles")}
        for name in ("lea", "rob", "ana", "ray"):
            if f"test_{name}" not in known:
                owner.execute(f"CREATE ROLE test_{name} LOGIN")
    with open_ledger(postgres_url) as ledger:
        ledger.append([created("before000000", coder="old")])
        for name, role in (("lea", "lead"), ("rob", "reviewer"), ("ana", "coder"), ("ray", "reader")):
            if name == "lea":
                ledger.append([member(name, role)])
        assert isinstance(ledger.store, PostgresStore)
        with ledger.store.writing():
            give_rights(ledger.store)
    with open_ledger(as_user(postgres_url, "lea")) as ledger:
        ledger.append([member("rob", "reviewer"), member("ana", "coder"), member("ray", "reader")])
    with opening.opened_for_care(postgres_url) as store:
        assert opening.set_up(store) == []
    return postgres_url


def as_user(url: str, name: str) -> str:
    return with_database(url, str(psycopg.conninfo.conninfo_to_dict(url)["dbname"]), f"test_{name}")


def test_the_server_takes_only_what_is_the_users_own(team: str) -> None:
    with open_ledger(as_user(team, "ana")) as ana:
        mine = created("anasevent000", coder="ana")
        assert ana.append([mine]) == [mine]
        draft = new_entry("draft", "d1", {"draft_id": "d1"}, coder="rules 1.0", role="machine", time=moment(1))
        assert ana.append([draft, new_entry("decision", "d1", {"decision": "reject"}, coder="ana", time=moment(2))])
        forged = new_entry("act", "forged000000", created().body, coder="rob", role="reviewer", time=moment(3))
        with pytest.raises(Refused, match="The database user test_ana may not store what rob did"):
            ana.append([forged])
        with pytest.raises(Refused, match="lead"):
            ana.append([member("eve", "lead")])
        store = ana.store
        assert isinstance(store, PostgresStore)
        altered = (forged.id, *forged.row()[1:4], "ana", "coder", *forged.row()[6:])
        with pytest.raises(LedgerError, match="does not match its id"), store.writing():
            store.insert_entries([altered], None, store.reserve(1))
        assert ana.head("forged000000") is None and ana.count("coder") == 4
    with raw(team, "test_ana") as bare:
        for attempt in ("INSERT INTO entries SELECT * FROM entries", "UPDATE entries SET coder = 'ana'", "DELETE FROM entries", "TRUNCATE entries",
                        "DELETE FROM logins", "UPDATE logins SET role = 'lead'", "UPDATE rights SET least = 'reader'", "DROP TABLE heads",
                        "UPDATE meta SET value = 'x'", "SELECT keep_logins()", "CREATE TABLE eventcoder.mine (x int)",
                        "ALTER TABLE entries DISABLE TRIGGER ALL"):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                bare.execute(attempt)
    with open_ledger(as_user(team, "ray")) as ray:
        assert ray.head("anasevent000") is not None
        with pytest.raises(LedgerError):
            ray.append([created("raysevent000", coder="ray")])


def test_a_lead_brings_the_journals_of_others_and_a_coder_only_his_own(team: str, tmp_path: Any) -> None:
    from eventcoder.ledger.exchange.journal import export_journal, import_journal

    with open_ledger(tmp_path / "laptop.sqlite") as laptop:
        laptop.append([created("laptop000000", coder="ana", minute=0)])
        export_journal(laptop, tmp_path / "journal")
    with open_ledger(as_user(team, "rob")) as rob, pytest.raises(Refused, match="test_rob may not store what ana did"):
        import_journal(rob, tmp_path / "journal")
    with open_ledger(as_user(team, "lea")) as lea:
        assert import_journal(lea, tmp_path / "journal").new == 1
    with open_ledger(as_user(team, "ana")) as ana:
        assert ana.head("laptop000000") is not None


def test_who_releases_is_there_as_the_leads_own_user(team: str, tmp_path: Path) -> None:
    for name, refused in (("lea", False), ("ana", True)):
        project = Project(tmp_path, Settings(id="trial", ledger=as_user(team, name)))
        with (
            open_ledger(project.ledger_at) as ledger,
            pytest.raises(Refused, match="as the database's user test_lea only") if refused else nullcontext(),
        ):
            demand_lead(project, "lea", "release", ledger)


def test_a_disabled_coder_is_refused_by_the_server_at_once(team: str) -> None:
    with open_ledger(as_user(team, "ana")) as ana:
        ana.append([created("anasevent000", coder="ana")])
        with open_ledger(as_user(team, "lea")) as lea:
            old = next(e for e in lea.entries("coder") if e.subject == "ana")
            lea.append([new_entry("coder", "ana", {**old.body, "state": "disabled"}, coder="lea", role="lead", time=moment(9), parents=[old.id])])
        with pytest.raises(Refused, match="disabled"):
            ana.append([created("afterwards00", coder="ana")])


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
printable = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)
values = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
                      lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=6)  # fmt: skip


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(printable, printable, printable, st.dictionaries(texts, values, max_size=4))
def test_the_server_computes_the_same_ids(server: Ledger, subject: str, coder: str, role: str, body: dict[str, Any]) -> None:
    entry = new_entry("place", subject, body, coder=coder, role=role, time=moment(1), parents=["a" * 64, "b" * 64])
    assert server.store.row("SELECT entry_id(?, ?, ?, ?, ?, ?, ?)", entry.row()[1:]) == (entry.id,)


def test_what_a_server_cannot_store_is_told_and_all_else_comes_back(server: Ledger) -> None:
    for several in (False, True):
        with pytest.raises(UsageError, match="cannot store"):
            server.append([created(country="a\0b"), *([created("two")] if several else [])])
    assert list(server.entries()) == []
    server.append([created(notes="a\0b \\u0000 ? %s $1 'x' \u2028", codes=["?"])])
    assert server.head(EVENT).values["notes"] == "a\0b \\u0000 ? %s $1 'x' \u2028"  # type: ignore[union-attr]
    assert server.verify() == []


def test_question_marks_in_quotes_are_no_parameters() -> None:
    assert dialect.numbered("SELECT '?', \"a?\", ? WHERE x = '''?' AND y LIKE '%' AND z = ?") == (
        "SELECT '?', \"a?\", $1 WHERE x = '''?' AND y LIKE '%' AND z = $2"
    )


# -- formats and connections --------------------------------------------------------------------------------------------------------------------


def test_another_format_is_refused_with_a_remedy_and_an_empty_database_is_told(server: Ledger, postgres_url: str) -> None:
    assert set(MIGRATIONS) == set(range(OLDEST, FORMAT + 1)), "a new format of the file needs its migration for servers"
    for number, remedy in ((FORMAT + 4, "pip install --upgrade"), (FORMAT - 1, "ledger upgrade")):
        with raw(postgres_url) as owner:
            owner.execute("UPDATE meta SET value = %s WHERE name = 'format'", (str(number),))
        with pytest.raises(LedgerError, match=f"format {number}") as caught:
            open_ledger(postgres_url)
        assert remedy in caught.value.remedy
    with raw(postgres_url) as owner:
        owner.execute("DROP SCHEMA eventcoder CASCADE")
    with pytest.raises(LedgerError, match="There is no ledger") as caught:
        open_ledger(postgres_url, create=False)
    assert "ledger setup" in caught.value.remedy
    with open_ledger(postgres_url, project="again") as ledger:
        assert ledger.project == "again"


def test_where_no_server_answers_is_said_without_the_password() -> None:
    with pytest.raises(LedgerError, match="does not answer") as caught:
        open_ledger("postgresql://ana:s3cr3tword@127.0.0.1:1/x")
    assert "s3cr3tword" not in str(caught.value) and caught.value.__cause__ is not None and "s3cr3tword" not in str(caught.value.__cause__)


def cut(ledger: Ledger, url: str) -> None:
    """End the ledger's session from outside, as a server that restarts does."""
    found = re.search(r"\d+", str(ledger.store.row("SELECT pg_backend_pid()")))
    assert found
    with raw(url) as owner:
        owner.execute("SELECT pg_terminate_backend(%s::int, 5000)", (found[0],))


def test_a_connection_that_was_lost_between_commands_is_made_anew(server: Ledger, postgres_url: str) -> None:
    server.append([created()])
    cut(server, postgres_url)
    assert server.states() == {"settled": 1}
    cut(server, postgres_url)
    server.append([created("two")])
    cut(server, postgres_url)
    server.append([new_entry("place", "x", {}, coder="ana", time=moment(0))])
    assert server.states() == {"settled": 2} and server.count("place") == 1 and server.verify() == []


def test_a_connection_that_is_lost_under_way_leaves_nothing_half_written(server: Ledger, postgres_url: str) -> None:
    with pytest.raises(LedgerError, match="lost"), server.store.writing():
        server.store.insert_entries([created().row()], None, server.store.reserve(1))
        cut(server, postgres_url)
        server.store.insert_entries([created("two").row()], None, server.store.reserve(1))
    assert list(server.entries()) == [] and server.verify() == []


@pytest.mark.parametrize("stored", [True, False])
def test_after_a_commit_of_unknown_outcome_the_server_is_asked(server: Ledger, monkeypatch: pytest.MonkeyPatch, stored: bool) -> None:
    assert isinstance(server.store, PostgresStore)
    connection = server.store._connection
    real = connection.execute

    def failing(query: Any, *given: Any, **how: Any) -> Any:
        if query == "COMMIT":
            real("COMMIT" if stored else "ROLLBACK")
            connection.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return real(query, *given, **how)

    monkeypatch.setattr(connection, "execute", failing)
    entry = new_entry("place", "x", {}, coder="ana", time=moment(0))
    if stored:
        assert server.append([entry]) == [entry]
    else:
        with pytest.raises(LedgerError, match="nothing was stored"):
            server.append([entry])
    assert server.count("place") == stored


def test_an_act_whose_answer_was_lost_is_not_stored_twice(server: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(server.store, PostgresStore)
    lost = []

    def failing(self: Call, connection: Connection, values: Any, real: Any = Call.__call__) -> Any:
        found = real(self, connection, values)
        if not lost:
            lost.append(1)
            connection.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return found

    monkeypatch.setattr(Call, "__call__", failing)
    assert server.append([created()]) == [created()] and lost
    assert server.count("act") == 1 and server.states() == {"settled": 1}


def test_T32_what_was_redacted_meanwhile_does_not_come_back_with_the_next_act(server: Ledger, postgres_url: str) -> None:
    """An act is folded onto the head that was read last: a redaction changes that head, and not the act that the next one follows."""
    first = server.append([created(notes="A name to be forgotten")])[0]
    assert server.head(EVENT) is not None
    with open_ledger(postgres_url) as other:
        other.redact(first.id, {**first.body, "values": {"country": "Iran"}}, coder="lea", time=moment(5), reason="a request")
    second = act("revise", parents=(first.id,), values={"fatalities": 2})
    server.append([second])
    head = server.head(EVENT)
    assert head is not None and head.values == {"country": "Iran", "fatalities": 2} and head.heads == (second.id,)
    assert server.verify() == []


def test_after_ctrl_c_among_statements_the_same_ledger_goes_on(server: Ledger) -> None:
    assert isinstance(server.store, PostgresStore)
    server.append([created()])
    server.store._connection.pgconn.send_query(b"SELECT 1")  # the signal comes before the answer
    assert server.count("act") == 1
    server.store._connection.pgconn.send_query(b"SELECT 1")
    server.append([created("second000000"), created("third0000000")])
    server.store._connection.pgconn.enter_pipeline_mode()  # or before what was sent together is answered: to ask more would wait for ever
    server.store.roll_back()
    assert server.store._connection.closed
    server.append([created("fourth000000"), created("fifth0000000")])
    for interrupt in (KeyboardInterrupt, SystemExit):
        with pytest.raises(interrupt), server.store.writing(), stores.together(server.store._connection):
            server.store._connection.execute("DELETE FROM heads")
            raise interrupt
        assert server.store._connection.closed and server.states() == {"settled": 5}
    with pytest.raises(KeyboardInterrupt), server.store.writing():
        server.store._connection.pgconn.send_query(b"DELETE FROM heads")
        raise KeyboardInterrupt
    assert server.store._connection.closed, "the server takes back what it did not finish, and frees its locks"
    assert server.states() == {"settled": 5}
    server.append([created("sixth0000000")])
    server.store._append._prepared = None  # or between the preparing of the call and the note of it
    server.append([created("seventh00000")])
    assert server.verify() == [] and server.count("act") == 7


@pytest.mark.parametrize(
    "setting", ["client_encoding=latin1", "client_encoding=sql_ascii", "options=-c%20default_transaction_isolation%3Dserializable"]
)
def test_settings_of_a_url_or_a_user_that_the_work_cannot_stand_do_not_hold(postgres_url: str, setting: str) -> None:
    with open_ledger(f"{postgres_url}&{setting}") as ledger:
        first = created(notes="İzmir, ایران, 東京")
        ledger.append([first])
        ledger.append([act("revise", parents=(first.id,), values={"fatalities": 1}), created("second000000")])
        head = ledger.head(EVENT)
        assert head is not None and head.values["notes"] == "İzmir, ایران, 東京"


def test_an_act_that_follows_takes_one_question_to_the_server(server: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    first = server.append([created()])[0]
    assert isinstance(server.store, PostgresStore)
    asked: list[str] = []
    connection = server.store._connection
    real = connection.execute
    monkeypatch.setattr(connection, "execute", lambda query, *given, **how: (asked.append(str(query)), real(query, *given, **how))[1])
    called = []
    monkeypatch.setattr(Call, "__call__", lambda *given, real=Call.__call__: (called.append(1), real(*given))[1])
    second = act("revise", parents=(first.id,), values={"fatalities": 2})
    server.append([second])
    assert not asked and called == [1]
    with pytest.raises(LedgerConflict, match="changed meanwhile: ana"):
        server.append([act("revise", parents=(first.id,), values={"fatalities": 4})])


def test_what_the_database_gave_up_for_anothers_sake_is_tried_again(server: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    real, failed = PostgresStore.insert_entries, []

    def failing(self: PostgresStore, *given: Any, **how: Any) -> None:
        if len(failed) < 2:
            failed.append(1)
            raise stores.explained(self.shown, "", psycopg.errors.DeadlockDetected("deadlock detected"))
        real(self, *given, **how)

    monkeypatch.setattr(PostgresStore, "insert_entries", failing)
    server.append([created(), created("two")])
    assert len(failed) == 2 and server.states() == {"settled": 2}


def test_two_sessions_that_revise_one_event_are_told_and_others_do_not_wait(server: Ledger, postgres_url: str) -> None:
    first = created()
    server.append([first, created("other")])
    with open_ledger(postgres_url) as ben:
        with server.store.appending([EVENT]):  # somebody is about to append to this event
            ben.append([act("revise", event="other", parents=(created("other").id,), coder="ben", values={"fatalities": 1}, settled=True)])
            assert ben.head("other").revision == 2  # type: ignore[union-attr]
        ben.append([act("revise", parents=(first.id,), coder="ben", values={"fatalities": 4}, minute=7)])
    with pytest.raises(LedgerConflict, match="ben, 2026-03-05T10:07:00Z: revise"):
        server.append([act("revise", parents=(first.id,), values={"fatalities": 5}, minute=9)])


def test_ids_and_texts_are_ordered_by_their_bytes_whatever_the_database_sorts_by(server: Ledger) -> None:
    for name in ("b", "B", "a", "é", "Z", "_"):
        server.append([created(name, minute=1)])
    assert [f.event_id for f in server.events()] == sorted(["b", "B", "a", "é", "Z", "_"])
    assert canonical([1]) == "[1]"
    assert redaction_of(server.acts("b")[0], {"act": "create"}, coder="lea", time=moment(3), reason="x").kind == "redaction"
