"""The triggers that make the entries of a server append-only, whoever asks: the same rules as `ledger.layout.GUARDS` has for files.

They fire ALWAYS, so that a session that plays a replica does not pass them. What remains is the owner of the tables, who can take them away; `verify`
tells of that. Floor 2.
"""

from __future__ import annotations

from eventcoder.ledger.postgres.faults import APPEND_ONLY

_EDITED, _DELETED = "entries are never edited", "entries are never deleted"
_HIDES, _LEAVES = "what is visible is never hidden", "only what was dropped leaves a gap"

# name -> (when, on which table, for each what, the condition under which it is allowed, what is said)
_RULES = {
    "entries_no_truncate": ("BEFORE TRUNCATE", "entries", "STATEMENT", "false", _DELETED),
    "hidden_no_truncate": ("BEFORE TRUNCATE", "hidden", "STATEMENT", "false", _HIDES),
    "gaps_no_truncate": ("BEFORE TRUNCATE", "gaps", "STATEMENT", "false", _LEAVES),
    "entries_no_delete": (
        "BEFORE DELETE",
        "entries",
        "ROW",
        "EXISTS (SELECT 1 FROM hidden WHERE last_seq >= OLD.seq AND first_seq <= OLD.seq AND dropped = 1) "
        "AND NOT EXISTS (SELECT 1 FROM hidden WHERE last_seq >= OLD.seq AND first_seq <= OLD.seq AND dropped = 0)",
        _DELETED,
    ),
    "entries_no_update": (
        "BEFORE UPDATE",
        "entries",
        "ROW",
        "(NEW.seq, NEW.id, NEW.kind, NEW.subject, NEW.parents, NEW.coder, NEW.role, NEW.time) = "
        "(OLD.seq, OLD.id, OLD.kind, OLD.subject, OLD.parents, OLD.coder, OLD.role, OLD.time) AND NEW.batch IS NOT DISTINCT FROM OLD.batch "
        # a redaction is edited by `replace_body` alone, which says so for a moment
        "AND (OLD.kind <> 'redaction' OR current_setting('eventcoder.redacting', true) = OLD.id) "
        "AND EXISTS (SELECT 1 FROM entries AS r WHERE r.kind = 'redaction' AND r.subject = OLD.id "
        "AND right(r.body, length(NEW.body) + 9) = ',\"stub\":' || NEW.body || '}')",
        _EDITED,
    ),
    "hidden_only_unseen": (
        "BEFORE INSERT",
        "hidden",
        "ROW",
        "NEW.first_seq <= NEW.last_seq AND (NEW.first_seq > (SELECT COALESCE(MAX(seq), 0) FROM entries) "
        "OR EXISTS (SELECT 1 FROM hidden WHERE first_seq <= NEW.first_seq AND last_seq >= NEW.last_seq))",
        _HIDES,
    ),
    "hidden_no_growth": (
        "BEFORE UPDATE",
        "hidden",
        "ROW",
        "NEW.first_seq >= OLD.first_seq AND NEW.first_seq <= NEW.last_seq "
        "AND (NEW.last_seq <= OLD.last_seq OR OLD.last_seq >= (SELECT COALESCE(MAX(seq), 0) FROM entries))",
        _HIDES,
    ),
    "gaps_only_dropped": (
        "BEFORE INSERT",
        "gaps",
        "ROW",
        "EXISTS (SELECT 1 FROM hidden WHERE first_seq <= NEW.first_seq AND last_seq >= NEW.last_seq AND dropped = 1) "
        "AND NOT EXISTS (SELECT 1 FROM entries WHERE seq BETWEEN NEW.first_seq AND NEW.last_seq)",
        _LEAVES,
    ),
    "gaps_no_edit": (
        "BEFORE UPDATE",
        "gaps",
        "ROW",
        "NEW.first_seq = OLD.first_seq AND NEW.last_seq >= OLD.last_seq "
        "AND EXISTS (SELECT 1 FROM hidden WHERE first_seq <= OLD.last_seq + 1 AND last_seq >= NEW.last_seq AND dropped = 1) "
        "AND NOT EXISTS (SELECT 1 FROM entries WHERE seq BETWEEN OLD.last_seq + 1 AND NEW.last_seq)",
        _LEAVES,
    ),
}
GUARDS = tuple(_RULES)


def function_of(name: str) -> str:
    """The body of the guard's function, as the catalogue keeps it."""
    when, _, _, allowed, said = _RULES[name]
    given = "OLD" if when == "BEFORE DELETE" else "NULL" if when == "BEFORE TRUNCATE" else "NEW"
    return (
        f"BEGIN IF ({allowed}) IS NOT TRUE THEN RAISE EXCEPTION 'the ledger is append-only: {said}' USING ERRCODE = '{APPEND_ONLY}'; END IF; "
        f"RETURN {given}; END"
    )


def statements(name: str) -> list[str]:
    """What makes the guard (again)."""
    when, table, each, _, _ = _RULES[name]
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = eventcoder, pg_temp AS $guard$"
        f"{function_of(name)}$guard$",
        f"CREATE OR REPLACE TRIGGER {name} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {name}()",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
    ]


# name, whether it fires always, when it fires (as bits), and the body of its function
PRESENT = """SELECT t.tgname, t.tgenabled::text, c.relname, t.tgtype, p.prosrc, p.proconfig::text FROM pg_catalog.pg_trigger AS t
JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid WHERE n.nspname = 'eventcoder' AND NOT t.tgisinternal"""
_BITS = {"ROW": 1, "STATEMENT": 0, "BEFORE INSERT": 2 + 4, "BEFORE DELETE": 2 + 8, "BEFORE UPDATE": 2 + 16, "BEFORE TRUNCATE": 2 + 32}


def missing(present: list[tuple[object, ...]]) -> list[str]:
    """Guards that are absent, disabled or altered, by the rows of `PRESENT`."""
    found = {row[0]: row[1:] for row in present}
    return [
        name
        for name, (when, table, each, _, _) in _RULES.items()
        if found.get(name) != ("A", table, _BITS[when] + _BITS[each], function_of(name), '{"search_path=eventcoder, pg_temp"}')
    ]
