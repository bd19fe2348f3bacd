"""Faults of a server, with a real one: what was answered is there, nothing is doubled, and the message says what to do."""

from __future__ import annotations

import re
import signal
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import psycopg
import pytest

from eventcoder.errors import EventcoderError, LedgerError
from eventcoder.ledger import Entry, Ledger, new_entry, open_ledger
from eventcoder.ledger.address import Address
from eventcoder.ledger.fold import fold
from eventcoder.ledger.heads import head_row
from eventcoder.ledger.placing import follow_coders
from tests.conftest import Command
from tests.faults.server import PASSWORD, Proxy, Server, free_port
from tests.ledger.conftest import act, created
from tests.postgres import _emptied

pytestmark = pytest.mark.slow
_NUMBERS = count()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    one = Server()
    try:
        one.start()
        one.sql("CREATE DATABASE made")
        open_ledger(one.url("made"), project="sample").close()
        yield one
    finally:
        one.remove()


@pytest.fixture
def database(server: Server) -> str:
    """The name of a database with an empty ledger."""
    assert _emptied(server.url("made"), "sample")
    return "made"


@pytest.fixture
def altered(server: Server) -> Iterator[str]:
    """The same, for tests that leave more behind than entries."""
    name = f"events{next(_NUMBERS)}"
    server.sql(f"CREATE DATABASE {name}")
    open_ledger(server.url(name), project="sample").close()
    yield name
    server.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    one = Proxy(server.port)
    yield one
    one.close()


def event(number: int) -> Entry:
    return created(f"event{number:07d}", minute=number % 60, event_id_cnty=f"IRN{number}")


def restarted(server: Server, how: signal.Signals) -> None:
    server.stop(how)
    server.start()


def counted(ledger: Ledger) -> list[str]:
    """Ids of all entries, once each."""
    ids = [entry.id for entry in ledger.entries()]
    assert len(ids) == len(set(ids))
    return ids


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_a_server_that_stops_amid_many_appends(server: Server, database: str, how: signal.Signals) -> None:
    answered: list[str] = []
    told: list[EventcoderError] = []
    stop = threading.Event()

    def work() -> None:
        with open_ledger(server.url(database)) as ledger:
            for number in range(100_000):
                if stop.is_set():
                    return
                one = event(number)
                try:
                    ledger.append([one])
                    answered.append(one.id)
                except LedgerError as error:
                    told.append(error)
                    return

    worker = threading.Thread(target=work)
    worker.start()
    while len(answered) < 30:
        time.sleep(0.005)
    restarted(server, how)
    time.sleep(0.2)
    stop.set()
    worker.join(60)
    assert not worker.is_alive()
    with open_ledger(server.url(database), create=False) as ledger:
        here = counted(ledger)
        assert set(answered) <= set(here) and len(here) <= len(answered) + 1
        again = [event(number) for number in range(len(answered) + 2)]
        ledger.append(again)  # what the last one's fate was or not: the same again changes nothing
        assert set(counted(ledger)) >= {entry.id for entry in again}
        assert ledger.verify() == []
    for error in told:
        assert PASSWORD not in str(error) and "***" not in error.remedy
        assert re.search("stored|half written", str(error))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_a_server_that_stops_amid_a_bulk_append(server: Server, database: str, how: signal.Signals) -> None:
    entries = [event(number) for number in range(3_000)]

    def source() -> Iterator[Entry]:
        for number, entry in enumerate(entries):
            if number == 2_500:
                server.stop(how)
            yield entry

    with open_ledger(server.url(database)) as ledger, pytest.raises(LedgerError):
        ledger.append(source(), batch="big")
    server.start()
    with open_ledger(server.url(database)) as ledger:
        assert counted(ledger) == [] and list(ledger.events()) == []
        assert 0 < ledger.unsealed()["big"] < 3_000
        assert ledger.append(entries, batch="big")
        assert ledger.unsealed() == {"big": 3_000}
        ledger.seal("big", "ana", "2026-03-05T11:00:00Z")
        assert len(counted(ledger)) == 3_001 and ledger.states() == {"settled": 3_000}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_a_server_that_stops_amid_an_import(server: Server, database: str, how: signal.Signals) -> None:
    entries = [event(number) for number in range(1_200)]

    def imported(stop_at: int) -> None:
        with open_ledger(server.url(database)) as ledger, ledger.bulk("table", coder="ana", time="2026-03-05T10:00:00Z") as bulk:
            for start in range(0, 1_200, 300):
                if start == stop_at:
                    server.stop(how)
                piece = entries[start : start + 300]
                bulk.add([entry.row() for entry in piece], [head_row(fold([entry])) for entry in piece])
            bulk.seal("ana", "2026-03-05T11:00:00Z")

    with pytest.raises(LedgerError):
        imported(600)
    server.start()
    with open_ledger(server.url(database)) as ledger:
        assert counted(ledger) == [] and list(ledger.events()) == []
        imported(-1)
        assert len(counted(ledger)) == 1_201 and ledger.states() == {"settled": 1_200} and ledger.unsealed() == {}
        assert ledger.verify() == []


def test_a_cut_connection_is_made_again_for_reading(server: Server, database: str) -> None:
    with open_ledger(server.url(database)) as ledger:
        ledger.append([event(1)])
        server.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")
        assert [e.event_id for e in ledger.events()] == ["event0000001"]
        server.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")
        with suppress(LedgerError):
            ledger.append([event(2)])
        ledger.append([event(2)])
        assert len(counted(ledger)) == 2


def test_a_connection_that_is_cut_after_any_number_of_bytes_doubles_nothing(server: Server, database: str, proxy: Proxy) -> None:
    """The cut comes before the append arrives, amid it, or after it with the answer under way."""
    for number, left in enumerate([0, 1, 300, 900, 1500, 2200, 3000]):
        one = event(number)
        with open_ledger(server.url(database, port=proxy.port)) as ledger:
            ledger.states()
            proxy.left = left
            try:
                ledger.append([one])
            except LedgerError as error:
                said = str(error)
                assert PASSWORD not in said
                with open_ledger(server.url(database)) as direct:
                    stored = one.id in counted(direct)
                assert not stored or "stored" in said, f"after {left} bytes: {said}"
            proxy.left = None
        with open_ledger(server.url(database)) as direct:
            direct.append([one])
            assert counted(direct).count(one.id) == 1 and len(counted(direct)) == number + 1
            assert direct.head(one.subject) is not None


@pytest.mark.parametrize(("number", "answer"), [(1, b""), (2, b"COMMIT")], ids=["one", "several"])
def test_an_answer_that_never_came_is_found_out(server: Server, database: str, proxy: Proxy, number: int, answer: bytes) -> None:
    """The commit reached the server, and the connection ended before it could say so."""
    with open_ledger(server.url(database, port=proxy.port)) as ledger:
        ledger.states()
        proxy.swallow = answer
        stored = ledger.append([event(n) for n in range(number)])
        assert proxy.swallow is None
        assert len(stored) == number == len(counted(ledger)) and ledger.states() == {"settled": number}


@pytest.mark.parametrize(("number", "last"), [(1, b"append_act"), (2, b"COMMIT")], ids=["one", "several"])
def test_a_commit_that_outlasts_its_connection_is_waited_for(server: Server, altered: str, proxy: Proxy, number: int, last: bytes) -> None:
    """The connection ends while the server is still writing: that the entries are not there yet does not mean that they never will be."""
    server.sql(
        "CREATE FUNCTION eventcoder.slowly() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(0.4); RETURN NULL; END$$",
        "CREATE CONSTRAINT TRIGGER slowly AFTER INSERT ON eventcoder.entries DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
        "WHEN (NEW.subject = 'event0000000') EXECUTE FUNCTION eventcoder.slowly()",
        database=altered,
    )
    with open_ledger(server.url(altered, port=proxy.port)) as ledger:
        ledger.states()
        proxy.last = last
        assert len(ledger.append([event(n) for n in range(number)])) == number
        assert proxy.last is None and len(counted(ledger)) == number and ledger.states() == {"settled": number}


def test_a_deadlock_is_repeated_and_nobody_sees_it(server: Server, altered: str) -> None:
    """Somebody at a console locks what an append needs, in the other order, and is more patient: the append is the one that gives way."""
    server.sql(f"ALTER DATABASE {altered} SET deadlock_timeout = '400ms'")
    with open_ledger(server.url(altered)) as ledger, psycopg.connect(server.url(altered)) as other:
        first, second = event(1), event(2)
        ledger.append([first, second])
        other.execute("SET deadlock_timeout = '60s'")
        other.execute("SELECT 1 FROM eventcoder.heads WHERE event_id = 'event0000002' FOR UPDATE")
        later = [act("revise", event=one.subject, parents=(one.id,), minute=30, values={"location": "Fasa"}) for one in (first, second)]
        worker = threading.Thread(target=lambda: Ledger.append(ledger, later))
        worker.start()
        time.sleep(0.15)
        other.execute("SELECT 1 FROM eventcoder.heads WHERE event_id = 'event0000001' FOR UPDATE")  # comes back once the append gave way
        other.rollback()
        worker.join(30)
        assert not worker.is_alive()
        assert [e.values["location"] for e in ledger.events()] == ["Fasa", "Fasa"] and len(counted(ledger)) == 4


def test_a_full_disk_stores_nothing_and_says_so(server: Server, altered: str) -> None:
    """The server's own code for a full disk, raised where it would be: a real one cannot be filled without rights that a test must not need."""
    server.sql(
        "CREATE FUNCTION eventcoder.full_disk() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END$$",
        "CREATE TRIGGER full_disk BEFORE INSERT ON eventcoder.entries FOR EACH ROW WHEN (NEW.subject = 'event0000002') "
        "EXECUTE FUNCTION eventcoder.full_disk()",
        database=altered,
    )
    with open_ledger(server.url(altered)) as ledger:
        ledger.append([event(1)])
        with pytest.raises(LedgerError, match=r"no space left.*Nothing was stored.*administrator"):
            ledger.append([event(3), event(2)])
        assert len(counted(ledger)) == 1
        ledger.append([event(4)])
        assert len(counted(ledger)) == 2


def test_a_clock_that_goes_backwards_loses_nothing(server: Server, database: str) -> None:
    with open_ledger(server.url(database)) as ledger:
        first = created(minute=50)
        ledger.append([first])
        ledger.append([act("revise", parents=(first.id,), minute=10, values={"location": "Fasa"})])
        (now,) = ledger.events()
        assert now.values["location"] == "Fasa" and now.revision == 2
        assert ledger.verify() == []


def test_what_is_wrong_with_a_connection_is_said(server: Server, database: str, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = free_port()
    for url, said in (
        (server.url(database, password="QZwrongZQ"), "password"),
        (server.url("nothing"), "nothing"),
        (server.url(database, user="nobody_here"), "nobody_here"),
        (server.url(database, port=nowhere), str(nowhere)),
        (server.url(database, sslmode="require"), "SSL"),
        (Address("ana", "QZwrongZQ", "no-such-host.invalid", "", "events").url, "no-such-host.invalid"),
        (server.url(database, sslmode="sometimes"), "sslmode"),
    ):
        monkeypatch.setenv("EVENTCODER_LEDGER", url)
        for args in (("list", "--json"), ("journal", "import"), ("doctor",)):
            ran = command(*args, code=None, stdin="{}")
            text = ran.out + ran.err
            assert ran.code in (1, 2) and said in text, text
            assert "QZ" not in text and "ZQ" not in text and "%23" not in text
            assert "cannot be used" in text or re.search(r"\. [A-Z][^.]+", ran.err), text
        try:
            open_ledger(url, create=False)
        except LedgerError:
            told = traceback.format_exc()
            assert "QZ" not in told and "ZQ" not in told


def test_no_file_and_no_output_holds_the_password(
    server: Server, database: str, command: Command, monkeypatch: pytest.MonkeyPatch, options: object
) -> None:
    monkeypatch.setenv("EVENTCODER_LEDGER", server.url(database))
    assert callable(options)
    event_id = command("add", *options()).out.split()[0]
    for args in (("list",), ("show", event_id), ("ledger", "status"), ("doctor",), ("journal", "export"), ("ledger", "backup", "kept.sqlite"),
                 ("show", "zzzz"), ("ledger", "copy", ".", server.url("nothing")), ("list", server.url(database))):  # fmt: skip
        ran = command(*args, code=None)
        assert "QZ" not in ran.out + ran.err
    for path in Path().rglob("*"):
        assert "QZ" not in path.name
        assert not path.is_file() or b"QZ#1" not in path.read_bytes()


def test_a_server_that_is_too_old_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventcoder.ledger.postgres.opening.OLDEST_SERVER", 99)
    with pytest.raises(LedgerError, match=r"PostgreSQL 18; a ledger needs PostgreSQL 99"):
        open_ledger(server.url("made"))


def test_a_newer_format_is_refused_with_the_remedy(server: Server, altered: str) -> None:
    server.sql("UPDATE eventcoder.meta SET value = '99' WHERE name = 'format'", database=altered)
    with pytest.raises(LedgerError, match=r"format 99.*pip install --upgrade eventcoder"):
        open_ledger(server.url(altered))


def test_an_empty_database_is_set_up_by_its_owner_only(server: Server) -> None:
    name = f"empty{next(_NUMBERS)}"
    server.sql(f"CREATE DATABASE {name}", f"CREATE ROLE guest{name} LOGIN PASSWORD 'guest'")
    try:
        with pytest.raises(LedgerError, match="ledger setup"):
            open_ledger(server.url(name), create=False)
        with pytest.raises(LedgerError, match="owner"):
            open_ledger(server.url(name, user=f"guest{name}", password="guest"))
        with open_ledger(server.url(name), project="sample") as ledger:
            assert ledger.project == "sample"
    finally:
        server.sql(f"DROP DATABASE {name} WITH (FORCE)", f"DROP ROLE guest{name}")


def test_a_user_who_may_only_read_is_told_so(server: Server, altered: str) -> None:
    ben = f"ben{altered}"
    server.sql(f"CREATE ROLE {ben} LOGIN PASSWORD 'ben'")
    try:
        with open_ledger(server.url(altered)) as ledger:
            for name, role, login in (("ana", "lead", "postgres"), ("ben", "reader", ben)):
                body = {"name": name, "role": role, "state": "active", "login": login, "languages": [], "countries": [], "training": "none"}
                ledger.append([new_entry("coder", name, body, coder="ana", role="lead", time="2026-03-05T09:00:00Z")])
            first = event(1)
            ledger.append([new_entry("act", first.subject, first.body, coder="ana", role="lead", time=first.time)])
        assert follow_coders(server.url(altered, user=ben, password="ben")) is None
        assert follow_coders(server.url(altered)) == []
        with open_ledger(server.url(altered, user=ben, password="ben")) as ledger:
            assert len(list(ledger.events())) == 1
            with pytest.raises(EventcoderError, match=r"[Rr]eader"):
                ledger.append([created("event0000005", coder="ben")])
            other = event(5)
            with pytest.raises(EventcoderError, match=r"may not"):  # in another's name: the library cannot know, the database does
                ledger.append([new_entry("act", other.subject, other.body, coder="ana", role="lead", time=other.time)])
            assert len(counted(ledger)) == 3
    finally:
        server.sql(f"DROP OWNED BY {ben}", database=altered)
        server.sql(f"DROP ROLE {ben}")
