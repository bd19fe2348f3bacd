"""Where a ledger lies: a file, or a database on a server; and how to name the place without telling its password.

`Project.ledger_at` gives a `Path` (SQLite) or a `str` that begins with "postgresql://". A URL is read by the rules of PostgreSQL's own client
library, because that library reads it in the end: the first "@" ends the user's part, values are percent-encoded, the query may name anything.
Nothing here connects, and no message of this module repeats a URL as it came. Floor 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode

from eventcoder.errors import LedgerError
from eventcoder.project import SERVER_SCHEMES

HIDDEN = "***"
# Parameters of a connection whose values are secrets or name where secrets lie; PostgreSQL's list of parameters, chapter "Parameter Key Words".
SECRET_PARAMETERS = ("password", "passfile", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key")
_SECRET_PART = re.compile(rf"(?i)\b({'|'.join(SECRET_PARAMETERS)})(\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&;,)]+)")
_USER_PART = re.compile(r"(?i)(postgres(?:ql)?(?:\+\w+)?:/{0,3})([^\s/@:]*):(\S*)@")
_BROKEN = re.compile(r"(?s)(://[^:@/]*):.*@")  # of a URL that cannot be read: all that may be a password
_FEWEST = 3  # characters: a shorter password is not looked for in texts of others, where it would black out half of the words


@dataclass(frozen=True, slots=True)
class Address:
    """A database on a server. Every part may be empty: then the client library's own rules fill it (PGHOST, PGUSER, ~/.pgpass, ...)."""

    user: str = ""
    password: str = field(default="", repr=False)
    host: str = ""  # one name, several by commas, or the folder of a socket
    port: str = ""
    database: str = ""
    parameters: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # sslmode, connect_timeout, ...

    @property
    def url(self) -> str:
        """The whole URL, password included: for the client library only, never for a message."""
        return self._built(quote(self.password, safe=""), self.parameters)

    @property
    def shown(self) -> str:
        """The URL as it may be printed."""
        shown = tuple((name, HIDDEN if name.lower() in SECRET_PARAMETERS else value) for name, value in self.parameters)
        return self._built(HIDDEN if self.password else "", shown)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text of it that must not be seen, as it is and percent-encoded."""
        found = [self.password, *(value for name, value in self.parameters if name.lower() in SECRET_PARAMETERS)]
        return tuple(dict.fromkeys(form for text in found if text for form in (text, quote(text, safe=""))))

    def _built(self, password: str, parameters: Iterable[tuple[str, str]]) -> str:
        who = quote(self.user, safe="") + (f":{password}" if password else "")
        hosts = self.host.split(",") if not self.host.startswith("/") else [quote(self.host, safe="")]
        ports = self.port.split(",") if self.port else []
        if len(ports) == 1:
            ports *= len(hosts)
        where = ",".join(f"{h}:{ports[i]}" if ports and ports[i] else h for i, h in enumerate(hosts))
        query = urlencode(list(parameters), safe="/*,", quote_via=quote)
        return f"postgresql://{who}{'@' if who else ''}{where}/{quote(self.database, safe='')}{'?' if query else ''}{query}"


def is_server(where: str | Path) -> bool:
    """True for a ledger on a server, False for a file."""
    return isinstance(where, str) and where.lower().startswith(SERVER_SCHEMES)


def ledger_exists(where: str | Path) -> bool:
    """False where no ledger was ever made, which is no mistake in a young project. A server's is taken to be there: opening it tells."""
    return is_server(where) or Path(where).exists()


def shown(where: str | Path) -> str:
    """The place as it may be printed: a path as it is, a URL without its password, whatever shape it has."""
    text = str(where)
    if not is_server(where):
        return _without_passwords(text)
    try:
        return read_address(text).shown
    except LedgerError:
        return _without_passwords(_BROKEN.sub(rf"\1:{HIDDEN}@", text))


def read_address(url: str) -> Address:
    """Take a URL apart. Raises `LedgerError` for what the client library would misread: most often a password that is not percent-encoded."""
    scheme = next((s for s in SERVER_SCHEMES if url.lower().startswith(s)), None)
    if scheme is None:
        raise LedgerError("The ledger's URL does not begin with postgresql://.", _FORM)
    body, _, query = url[len(scheme) :].partition("?")
    place, slash, database = body.partition("/")
    who, at, hosts = place.partition("@")
    if not at:
        who, hosts = "", place
    user, _, password = who.partition(":")
    if "@" in hosts or "@" in database or ("/" in database):
        raise LedgerError("The ledger's URL cannot be read: it has an '@' or a '/' too many.", _ENCODE)
    if re.search(r"%(?![0-9A-Fa-f]{2})", url):
        raise LedgerError("The ledger's URL cannot be read: it has a '%' that does not begin a code of two digits.", _ENCODE)
    named, ports = [], []
    for one in hosts.split(","):
        found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]*)(?::(\d*))?", one)
        if not found or (found[2] and not 0 < int(found[2]) < 65536):
            raise LedgerError("The ledger's URL cannot be read: after the host stands what is not a port.", _ENCODE)
        named.append(unquote(found[1]))
        ports.append(found[2] or "")
    try:
        parameters = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), errors="strict")
        parts = [unquote(part, errors="strict") for part in (user, password, database)]
    except ValueError:
        raise LedgerError("The ledger's URL cannot be read: after '?' stand NAME=VALUE parts joined by '&', percent-encoded.", _ENCODE) from None
    if any("\0" in part or "\n" in part for part in (*parts, *named)):
        raise LedgerError("The ledger's URL holds characters that no name of a server may have.", _ENCODE)
    port = ",".join(ports) if any(ports) else ""
    return Address(parts[0], parts[1], ",".join(named), port, parts[2] if slash else "", tuple(parameters))


def scrubbed(text: str, where: str | Path = "") -> str:
    """A text of somebody else (the server, the client library) without the passwords that it may repeat: those of `where`, and any URL's."""
    if is_server(where):
        try:
            hidden = read_address(str(where)).secrets
        except LedgerError:  # then the library may quote any piece of it
            hidden = tuple(piece for piece in re.split(r"[:/@?&=]", str(where)) if piece)
        for secret in sorted(hidden, key=len, reverse=True):
            if len(secret) >= _FEWEST:
                text = text.replace(secret, HIDDEN)
    return _without_passwords(text)


_VEILED: dict[str, str] = {}


def veiled(argument: str) -> str:
    """An argument of a command as messages about it may repeat it; `unveiled` gives it back in the same process."""
    if not is_server(argument):
        return argument
    harmless = shown(argument)
    return argument if harmless == argument or _VEILED.setdefault(harmless, argument) != argument else harmless


def unveiled(argument: str) -> str:
    """What `veiled` was given."""
    return _VEILED.get(argument, argument)


def _without_passwords(text: str) -> str:
    return _SECRET_PART.sub(rf"\1\2{HIDDEN}", _USER_PART.sub(rf"\1\2:{HIDDEN}@", text))


_FORM = "Write postgresql://USER@HOST:PORT/DATABASE; the password may stand in PGPASSWORD or ~/.pgpass."
_ENCODE = (
    "In a password, write % as %25, / as %2F, : as %3A, @ as %40, ? as %3F, # as %23; better: leave it out and use PGPASSWORD or ~/.pgpass. "
    "The form is postgresql://USER:PASSWORD@HOST:PORT/DATABASE."
)
