"""The triggers that make the entries of a server append-only, whoever asks: the same rules as `ledger.layout.GUARDS` has for files.

They fire ALWAYS, so that a session that plays a replica does not pass them. What remains is the owner of the tables, who can take them away; `verify`
tells of that. Others who may write the derived tables write only what their own newest entries give. Floor 2.
"""

from __future__ import annotations

from eventcoder.ledger.people.rights import MACHINE
from eventcoder.ledger.postgres.faults import APPEND_ONLY, NOT_YOURS
from eventcoder.ledger.work import STATES, WAITING

ALL = 4_563_479_010  # the advisory lock of the whole ledger
IMPORT = ALL + 1  # the lock of whoever imports; it ends with its session
_EDITED, _DELETED = "entries are never edited", "entries are never deleted"
_HIDES, _LEAVES = "what is visible is never hidden", "only what was dropped leaves a gap"
_IMPORTED = "an import is shown or given up by who made it, or a lead"

# The owner, as which our functions run. Asked in this form it is no query of its own: every append would pay for one.
_OWNER = "has_table_privilege(current_user, TG_RELID, 'TRUNCATE')"
_LEAD = "EXISTS (SELECT 1 FROM logins WHERE login = session_user AND state = 'active' AND role = 'lead')"
_MINE = "(SELECT coder FROM logins WHERE login = session_user AND state = 'active')"
_SHOWN = "NOT EXISTS (SELECT 1 FROM hidden AS h WHERE h.last_seq >= n.seq AND h.first_seq <= n.seq)"
# Nobody else imports: then what a killed import left may be cleared away, whoever made it
_IMPORTS = (
    "EXISTS (SELECT 1 FROM pg_locks AS k WHERE k.locktype = 'advisory' AND k.pid = pg_backend_pid() AND k.granted AND k.objsubid = 1 "
    f"AND k.mode = 'ExclusiveLock' AND (k.classid::bigint << 32) + k.objid::bigint = {IMPORT})"
)
# Only numbers that were given already can be hidden: those of what others will store never. What is compared must be the newest, which in a
# transaction that looks at an older state it is not.
_GIVEN = "current_setting('transaction_isolation') = 'read committed' AND NEW.last_seq <= (SELECT last_value FROM numbers WHERE is_called)"

_STATES, _WAITING = (", ".join(f"'{state}'" for state in states) for states in (STATES, WAITING))


def _said(name: str) -> str:
    """A text of a task's body, as `work._text` reads it."""
    return f"CASE WHEN json_typeof(e.body::json -> '{name}') = 'string' THEN NULLIF(e.body::json ->> '{name}', '') END"


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
        f"NEW.first_seq <= NEW.last_seq AND (NEW.first_seq > (SELECT COALESCE(MAX(seq), 0) FROM entries) AND {_GIVEN} "
        "OR EXISTS (SELECT 1 FROM hidden WHERE first_seq <= NEW.first_seq AND last_seq >= NEW.last_seq))",
        _HIDES,
    ),
    "hidden_no_growth": (
        "BEFORE UPDATE",
        "hidden",
        "ROW",
        "NEW.batch = OLD.batch AND NEW.first_seq = OLD.first_seq "
        "AND (NEW.last_seq = OLD.last_seq OR NEW.last_seq > OLD.last_seq "
        f"AND OLD.last_seq >= (SELECT COALESCE(MAX(seq), 0) FROM entries) AND {_GIVEN}) "
        f"AND (NEW.dropped = OLD.dropped OR {_OWNER} OR {_LEAD} OR {_IMPORTS} AND EXISTS (SELECT 1 FROM batches AS b WHERE b.batch = OLD.batch) "
        f"OR NOT EXISTS (SELECT 1 FROM entries AS n WHERE n.seq BETWEEN OLD.first_seq AND OLD.last_seq AND n.role <> '{MACHINE}' "
        f"AND n.coder NOT IN {_MINE}))",
        _HIDES,
    ),
    "batches_by_name": (
        "BEFORE INSERT",
        "batches",
        "ROW",
        f"{_OWNER} OR {_LEAD} OR NEW.coder IN {_MINE} AND (NOT EXISTS (SELECT 1 FROM hidden AS h WHERE h.batch = NEW.batch AND h.dropped = 0) "
        "OR EXISTS (SELECT 1 FROM batches AS b WHERE b.batch = NEW.batch))",
        _IMPORTED,
    ),
    "batches_no_delete": ("BEFORE DELETE", "batches", "ROW", f"{_OWNER} OR {_LEAD} OR OLD.coder IN {_MINE} OR {_IMPORTS}", _IMPORTED),
    "hidden_no_showing": (
        "AFTER DELETE",
        "hidden",
        "ROW",
        f"{_OWNER} OR {_LEAD} OR NOT EXISTS (SELECT 1 FROM entries AS n WHERE n.seq BETWEEN OLD.first_seq AND OLD.last_seq AND n.role <> '{MACHINE}' "
        f"AND n.coder NOT IN {_MINE} AND {_SHOWN})",
        _IMPORTED,
    ),
    "work_as_entered": (
        "BEFORE INSERT OR UPDATE",
        "work",
        "ROW",
        f"{_OWNER} OR (EXISTS (SELECT 1 FROM entries AS e WHERE e.id = NEW.entry AND e.kind = 'assignment' AND e.subject = NEW.task "
        f"AND e.body = NEW.body AND NEW.holder IS NOT DISTINCT FROM {_said('by')} AND NEW.until IS NOT DISTINCT FROM {_said('until')} "
        f"AND NEW.assigned_for IS NOT DISTINCT FROM {_said('for')} AND NEW.state = CASE WHEN e.body::json ->> 'state' IN ({_STATES}) "
        "THEN e.body::json ->> 'state' ELSE 'withdrawn' END "
        f"AND NEW.queue IS NOT DISTINCT FROM CASE WHEN NEW.state IN ({_WAITING}) THEN COALESCE(NEW.assigned_for, '') END) "
        "AND NOT EXISTS (SELECT 1 FROM entries AS n WHERE n.kind = 'assignment' AND n.subject = NEW.task AND strpos(n.parents, NEW.entry) > 0 "
        f"AND {_SHOWN}))",
        "a task stands as its newest entry says",
    ),
    "work_no_delete": (
        "BEFORE DELETE",
        "work",
        "ROW",
        f"{_OWNER} OR NOT EXISTS (SELECT 1 FROM entries AS n WHERE n.kind = 'assignment' AND n.subject = OLD.task AND {_SHOWN})",
        "a task stands as its newest entry says",
    ),
    "heads_of_own": (
        "BEFORE INSERT OR UPDATE",
        "heads",
        "ROW",
        f"{_OWNER} OR {_LEAD} OR (EXISTS (SELECT 1 FROM entries AS e WHERE e.kind = 'act' AND e.subject = NEW.event_id "
        f"AND strpos(NEW.heads, e.id) > 0 AND e.coder IN {_MINE}) AND NOT EXISTS (SELECT 1 FROM entries AS n, entries AS e WHERE n.kind = 'act' "
        "AND n.subject = NEW.event_id AND e.kind = 'act' AND e.subject = NEW.event_id AND strpos(NEW.heads, e.id) > 0 "
        f"AND strpos(n.parents, e.id) > 0 AND {_SHOWN}))",
        "only who stored the newest act of an event says how it stands",
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
# What is done before it is looked: no other append is under way, for its number is given and its entry not seen yet
_FIRST = {
    "hidden_only_unseen": "IF NOT EXISTS (SELECT 1 FROM hidden WHERE first_seq <= NEW.first_seq AND last_seq >= NEW.last_seq) THEN "
    f"PERFORM pg_advisory_xact_lock({ALL}); END IF; ",
    "hidden_no_growth": f"IF NEW.last_seq > OLD.last_seq THEN PERFORM pg_advisory_xact_lock({ALL}); END IF; ",
}
_NOT_YOURS = ("batches_by_name", "batches_no_delete", "hidden_no_showing", "work_as_entered", "work_no_delete", "heads_of_own")


def function_of(name: str) -> str:
    """The body of the guard's function, as the catalogue keeps it."""
    when, _, _, allowed, said = _RULES[name]
    given = "OLD" if when.endswith("DELETE") else "NULL" if when == "BEFORE TRUNCATE" else "NEW"
    told, code = (said, NOT_YOURS) if name in _NOT_YOURS else (f"the ledger is append-only: {said}", APPEND_ONLY)
    first, others = _FIRST.get(name, ""), allowed.removeprefix(f"{_OWNER} OR ")
    if others != allowed:
        first += f"IF {_OWNER} THEN RETURN {given}; END IF; "
    return f"BEGIN {first}IF ({others}) IS NOT TRUE THEN RAISE EXCEPTION '{told}' USING ERRCODE = '{code}'; END IF; RETURN {given}; END"


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
_BITS = {"ROW": 1, "STATEMENT": 0, "BEFORE INSERT": 2 + 4, "BEFORE DELETE": 2 + 8, "BEFORE UPDATE": 2 + 16, "BEFORE TRUNCATE": 2 + 32,
         "BEFORE INSERT OR UPDATE": 2 + 4 + 16, "AFTER DELETE": 8}  # fmt: skip


def missing(present: list[tuple[object, ...]]) -> list[str]:
    """Guards that are absent, disabled or altered, by the rows of `PRESENT`."""
    found = {row[0]: row[1:] for row in present}
    return [
        name
        for name, (when, table, each, _, _) in _RULES.items()
        if found.get(name) != ("A", table, _BITS[when] + _BITS[each], function_of(name), '{"search_path=eventcoder, pg_temp"}')
    ]
