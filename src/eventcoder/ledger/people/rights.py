"""What each role of a registered coder may store: one table, for the library and for a database that checks it again. Floor 2.

A project in which no coder is registered has no roles: anybody may do anything. On SQLite the program keeps these rules, and they are no protection
against the owner of the file; PostgreSQL is given the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

ROLES = ("reader", "coder", "reviewer", "lead")  # each may do what those before it may
MACHINE = "machine"  # the role of drafts that an engine made: nobody is registered under an engine's name


class Right(NamedTuple):
    """Who may store an entry of `kind` whose body has `value` under `key` ("" and "": any other of this kind).

    `least` is the least role; `own` the least role where the event was begun by the same coder. `what` is for messages.
    """

    kind: str
    key: str
    value: str
    least: str
    own: str
    what: str


RIGHTS = (
    Right("document", "", "", "coder", "coder", "take in documents"),
    Right("draft", "", "", "coder", "coder", "store drafts"),
    Right("decision", "", "", "coder", "coder", "decide drafts"),
    Right("coverage", "", "", "coder", "coder", "say what was read"),
    Right("act", "", "", "coder", "coder", "code events"),
    Right("act", "act", "merge", "reviewer", "coder", "merge events that somebody else coded"),
    Right("act", "act", "resolve", "reviewer", "reviewer", "decide a conflict"),
    Right("act", "act", "adjudicate", "reviewer", "reviewer", "adjudicate codings"),
    Right("query", "", "", "coder", "coder", "ask and answer"),
    Right("query", "says", "return", "reviewer", "reviewer", "return events"),
    Right("assignment", "", "", "lead", "lead", "assign work"),
    Right("assignment", "state", "claimed", "coder", "coder", "take work"),
    Right("assignment", "state", "done", "coder", "coder", "finish work"),
    Right("assignment", "state", "skipped", "coder", "coder", "skip work"),
    Right("assignment", "state", "returned", "coder", "coder", "give work back"),
    Right("actor", "", "", "lead", "lead", "change the register of actors"),
    Right("actor", "status", "proposed", "coder", "coder", "propose actors"),
    Right("place", "", "", "lead", "lead", "change the register of places"),
    Right("place", "status", "proposed", "coder", "coder", "propose places"),
    Right("publisher", "", "", "lead", "lead", "change the register of publishers"),
    Right("publisher", "status", "proposed", "coder", "coder", "propose publishers"),
    Right("coder", "", "", "lead", "lead", "register coders"),
    Right("redaction", "", "", "lead", "lead", "redact"),
    Right("seal", "", "", "coder", "coder", "import events"),
)
_BY_KEY = {(right.kind, right.key, right.value): right for right in RIGHTS}
_KEYS = {right.kind: right.key for right in RIGHTS if right.key}


def right_for(kind: str, body: Mapping[str, Any]) -> Right:
    """The row that holds for an entry: that of its body's value, else that of its kind."""
    key = _KEYS.get(kind, "")
    found = _BY_KEY.get((kind, key, str(body.get(key, "")))) if key else None
    return found or _BY_KEY[(kind, "", "")]


def reaches(role: str, least: str) -> bool:
    """Whether a role may do what `least` may. A role that is none reaches nothing."""
    return role in ROLES and ROLES.index(role) >= ROLES.index(least)
