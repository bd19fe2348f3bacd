"""The functions by which entries get into a ledger on a server. They run with the rights of the database's owner, and nobody else has the right to
insert: so what they check holds for whatever program asks.

    store_entries   stores entries: each must bear the id that its content gives, and be the caller's own (`session_user` stands in `logins`)
    append_act      the same for one act, with compare-and-swap of its event's head: a coder's append in one round trip
    reserve_numbers, replace_body, remove_entries: the rest of what only the owner could do

Names of parameters begin with `p_`, so that none is taken for a column. Floor 2.
"""

from __future__ import annotations

from eventcoder.ledger.entry import ACTS
from eventcoder.ledger.heads import COLUMNS
from eventcoder.ledger.people.rights import MACHINE, ROLES
from eventcoder.ledger.postgres.faults import EXISTS, NOT_AS_SIGNED, NOT_YOURS
from eventcoder.ledger.postgres.guards import ALL

EVENTS = 1_163_282  # the class of advisory locks of single events
MOST_NUMBERS = 10_000_000  # that one may reserve at a time: nobody uses all of them up
_DEFINER = "SECURITY DEFINER SET search_path = eventcoder, pg_temp"
_VISIBLE = "NOT EXISTS (SELECT 1 FROM hidden AS p WHERE p.last_seq >= e.seq AND p.first_seq <= e.seq)"
_TYPES = {"revision": "bigint"}
# Who wrote a row and where it lies: another one after every change of it
ROW_VERSION = "xmin::text || ctid::text"
_ORDER = "ARRAY[" + ", ".join(f"'{role}'" for role in ROLES) + "]"
# The row of `heads` that an append brings, but for its key
_SHORT = tuple(name for name in COLUMNS if name != "event_id")
_HEAD_PARAMETERS = ", ".join(f"h_{name} {_TYPES.get(name, 'text')}" for name in _SHORT)


def _id_of(kind: str) -> str:
    """The id of an entry, in SQL: the hash of its canonical JSON, keys in order, no spaces. `to_json` escapes a text as the JSON of Python does, for
    everything that can be printed. `kind` is the kind's JSON; the rest are the function's parameters."""
    role, subject, time, coder = (f"to_json(p_{name})::text" for name in ("role", "subject", "time", "coder"))
    text = (
        f"""'{{"body":' || p_body || ',"coder":' || {coder} || ',"kind":' || {kind} || ',"parents":' || p_parents || ',"role":' || {role} """
        f"""|| ',"subject":' || {subject} || ',"time":' || {time} || '}}'"""
    )
    return f"encode(sha256(convert_to({text}, 'UTF8')), 'hex')"


_ID = f"""CREATE OR REPLACE FUNCTION entry_id(p_kind text, p_subject text, p_parents text, p_coder text, p_role text, p_time text, p_body text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT {_id_of("to_json(p_kind)::text")} $$"""

_ACT_ID = _id_of("""'"act"'""")  # an expression of its own: a call of the function above costs the server a query

# No backslashes: what they mean in a text depends on a setting of the caller
_TIME = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$"
_PARENTS = '^[[]("[0-9a-f]{64}"(,"[0-9a-f]{64}")*)?[]]$'
_UNREADABLE = "^[[:space:]]*$|[[:cntrl:]]"
_VERBS = ", ".join(f"'{verb}'" for verb in ACTS)


def _misshapen(prefix: str) -> str:
    """Whether an entry lacks what `entry.content_fault` asks for and readers count on, as far as it is cheaply seen. What is stored stays."""
    texts = " OR ".join(f"{prefix}{name} ~ '{_UNREADABLE}'" for name in ("subject", "coder", "role"))
    return f"{texts} OR {prefix}time !~ '{_TIME}' OR {prefix}parents !~ '{_PARENTS}' OR json_typeof({prefix}body::json) <> 'object'"


_PORTABLE = (  # what SQLite calls so
    """CREATE OR REPLACE FUNCTION json_extract(p_text text, p_path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT p_text::json #>> string_to_array(substr(p_path, 3), '.') $$""",
    "CREATE OR REPLACE FUNCTION instr(p_text text, p_part text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ "
    "SELECT strpos(p_text, p_part) $$",
)

# Whether the database's user may store this. Nobody is registered: anybody may.
_CHANGED = "ARRAY['state', 'for', 'by', 'until', 'reason', 'refused']"  # what entries about a task change of it
_REFUSE = f"""CREATE OR REPLACE FUNCTION refuse_stranger(p_kind text, p_subject text, p_coder text, p_role text, p_body text, p_brought boolean)
RETURNS void LANGUAGE plpgsql STABLE SET search_path = eventcoder, pg_temp AS $$
DECLARE mine record; wanted record; needed text;
BEGIN
 IF current_setting('transaction_isolation') <> 'read committed' THEN  -- an older state would know older rights
  RAISE EXCEPTION 'entries are stored in READ COMMITTED only' USING ERRCODE = '{NOT_AS_SIGNED}';
 END IF;
 IF NOT EXISTS (SELECT 1 FROM logins) THEN RETURN; END IF;
 IF p_kind = 'draft' AND p_role = '{MACHINE}' THEN
  SELECT l.coder, l.role INTO mine FROM logins AS l WHERE l.login = session_user AND l.state = 'active' LIMIT 1;
 ELSE
  SELECT l.coder, l.role INTO mine FROM logins AS l WHERE l.login = session_user AND l.state = 'active' AND l.coder = p_coder;
 END IF;
 IF mine.coder IS NULL THEN
  IF p_brought AND EXISTS (SELECT 1 FROM logins AS l WHERE l.login = session_user AND l.state = 'active' AND l.role = 'lead') THEN RETURN; END IF;
  SELECT string_agg(l.coder || CASE WHEN l.state = 'active' THEN '' ELSE ' (disabled)' END, ', ') INTO needed FROM logins AS l
  WHERE l.login = session_user;
  RAISE EXCEPTION 'the database user % may not store what % did: it is the login of %', session_user, p_coder, COALESCE(needed, 'no registered coder')
  USING ERRCODE = '{NOT_YOURS}';
 END IF;
 IF p_kind = 'act' AND COALESCE((p_body::json ->> 'act') NOT IN ({_VERBS}), NOT p_brought) THEN  -- what a redaction left has no verb
  RAISE EXCEPTION 'entries about % have not the form of an act', p_subject USING ERRCODE = '{NOT_AS_SIGNED}';
 END IF;
 SELECT r.least, r.own, r.what INTO wanted FROM rights AS r WHERE r.kind = p_kind
 AND (r.key = '' OR (r.value = (p_body::json ->> r.key))) ORDER BY r.key DESC LIMIT 1;
 needed := COALESCE(wanted.least, 'lead');
 IF wanted.own <> wanted.least AND p_coder = (
  SELECT e.coder FROM entries AS e WHERE e.kind = 'act' AND e.subject = p_subject AND e.parents = '[]' ORDER BY e.seq LIMIT 1)
 THEN needed := wanted.own; END IF;
 IF array_position({_ORDER}, mine.role) < array_position({_ORDER}, needed) THEN
  RAISE EXCEPTION '% is registered as % and may not %: that takes a %', mine.coder, mine.role, COALESCE(wanted.what, 'do this'), needed
  USING ERRCODE = '{NOT_YOURS}';
 END IF;
 IF NOT (p_kind = 'draft' AND p_role = '{MACHINE}') AND NOT (p_brought AND EXISTS (  -- what one was when it was made
  SELECT 1 FROM entries AS e WHERE e.kind = 'coder' AND e.subject = p_coder AND e.body::json ->> 'role' = p_role))
 AND (CASE WHEN p_kind = 'act' AND NOT p_brought THEN p_role <> mine.role
  ELSE COALESCE(array_position({_ORDER}, mine.role) < array_position({_ORDER}, p_role), true) END) THEN
  RAISE EXCEPTION 'the % about % says that % is %, who is registered as %', p_kind, p_subject, p_coder, p_role, mine.role
  USING ERRCODE = '{NOT_YOURS}';
 END IF;
 IF p_kind = 'assignment' AND mine.role <> 'lead' AND NOT EXISTS (  -- takes, skips or hands in herself what a lead assigned, as it was assigned
  SELECT 1 FROM work AS w WHERE w.task = p_subject AND w.body::jsonb - {_CHANGED} = p_body::jsonb - {_CHANGED}
  AND COALESCE(p_body::json ->> 'by', p_coder) = p_coder AND (p_brought OR p_body::json ->> 'state' <> 'done' OR w.holder = p_coder)) THEN
  RAISE EXCEPTION '% may take, skip and hand in the task % as it was assigned, and for nobody else', p_coder, p_subject USING ERRCODE = '{NOT_YOURS}';
 END IF;
END $$"""

_KEEP_LOGINS = f"""CREATE OR REPLACE FUNCTION keep_logins() RETURNS void LANGUAGE plpgsql {_DEFINER} AS $$
BEGIN
 DELETE FROM logins;
 INSERT INTO logins (coder, login, role, state, entry)
 SELECT DISTINCT ON (e.subject) e.subject, COALESCE(NULLIF(e.body::json ->> 'login', ''), e.subject),
  CASE WHEN e.body::json ->> 'role' = ANY({_ORDER}) THEN e.body::json ->> 'role' ELSE 'reader' END,
  CASE WHEN e.body::json ->> 'role' = ANY({_ORDER}) AND e.body::json ->> 'state' = 'active' THEN 'active' ELSE 'disabled' END, e.id
 FROM entries AS e WHERE e.kind = 'coder' AND {_VISIBLE} AND NOT EXISTS (
  SELECT 1 FROM entries AS n WHERE n.kind = 'coder' AND n.subject = e.subject AND strpos(n.parents, e.id) > 0)
 ORDER BY e.subject, e.time DESC, e.id DESC;
END $$"""

_STORE = f"""CREATE OR REPLACE FUNCTION store_entries(p_ids json, p_kinds json, p_subjects json, p_parents json, p_coders json, p_roles json,
 p_times json, p_bodies json, p_batch text, p_first bigint, p_brought boolean) RETURNS void LANGUAGE plpgsql {_DEFINER} AS $$
DECLARE one record; strange text; guarded boolean; kinds text[];
BEGIN
 IF p_first IS NULL AND p_batch IS NULL THEN
  PERFORM pg_advisory_xact_lock_shared({ALL});
 ELSE  -- numbers that were reserved, and hidden if they are of a batch; nobody else stores meanwhile
  PERFORM pg_advisory_xact_lock({ALL});
  IF p_first IS NULL OR p_first < 1 OR p_first + json_array_length(p_ids) - 1 > COALESCE((SELECT last_value FROM numbers WHERE is_called), 0)
   OR EXISTS (SELECT 1 FROM hidden WHERE last_seq >= p_first AND first_seq < p_first + json_array_length(p_ids)
    AND batch IS DISTINCT FROM p_batch)
   OR (p_batch IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM hidden WHERE batch = p_batch AND first_seq <= p_first AND last_seq >= p_first + json_array_length(p_ids) - 1)) THEN
   RAISE EXCEPTION 'the numbers from % on were not reserved for this', p_first USING ERRCODE = '{NOT_AS_SIGNED}';
  END IF;
 END IF;
 SELECT array_agg(DISTINCT k) INTO kinds FROM json_array_elements_text(p_kinds) AS k;
 guarded := EXISTS (SELECT 1 FROM logins) OR 'coder' = ANY(kinds);
 IF guarded THEN  -- one after the other: a registration counts for what follows it
  FOR one IN SELECT * FROM ROWS FROM (json_array_elements_text(p_ids), json_array_elements_text(p_kinds), json_array_elements_text(p_subjects),
   json_array_elements_text(p_parents), json_array_elements_text(p_coders), json_array_elements_text(p_roles), json_array_elements_text(p_times),
   json_array_elements_text(p_bodies)) WITH ORDINALITY AS t (id, kind, subject, parents, coder, role, time, body, n) ORDER BY n
  LOOP
   PERFORM refuse_stranger(one.kind, one.subject, one.coder, one.role, one.body, p_brought);
   IF {_misshapen("one.")} THEN
    RAISE EXCEPTION 'entry % has not the form of an entry', left(one.id, 12) USING ERRCODE = '{NOT_AS_SIGNED}';
   END IF;
   INSERT INTO entries (seq, id, kind, subject, parents, coder, role, time, batch, body)
   VALUES (COALESCE(p_first + one.n - 1, nextval('numbers')), one.id, one.kind, one.subject, one.parents, one.coder, one.role, one.time, p_batch,
    one.body);
   IF one.kind = 'coder' THEN PERFORM keep_logins(); END IF;
  END LOOP;
 ELSE
  INSERT INTO entries (seq, id, kind, subject, parents, coder, role, time, batch, body)
  SELECT COALESCE(p_first + t.n - 1, nextval('numbers')), t.id, t.kind, t.subject, t.parents, t.coder, t.role, t.time, p_batch, t.body
  FROM ROWS FROM (json_array_elements_text(p_ids), json_array_elements_text(p_kinds), json_array_elements_text(p_subjects),
   json_array_elements_text(p_parents), json_array_elements_text(p_coders), json_array_elements_text(p_roles), json_array_elements_text(p_times),
   json_array_elements_text(p_bodies)) WITH ORDINALITY AS t (id, kind, subject, parents, coder, role, time, body, n) ORDER BY t.n;
 END IF;
 SELECT t.id INTO strange FROM ROWS FROM (json_array_elements_text(p_ids), json_array_elements_text(p_kinds), json_array_elements_text(p_subjects),
  json_array_elements_text(p_parents), json_array_elements_text(p_coders), json_array_elements_text(p_roles), json_array_elements_text(p_times),
  json_array_elements_text(p_bodies)) AS t (id, kind, subject, parents, coder, role, time, body)
 WHERE entry_id(t.kind, t.subject, t.parents, t.coder, t.role, t.time, t.body) <> t.id
 AND NOT EXISTS (SELECT 1 FROM entries AS r WHERE r.kind = 'redaction' AND r.subject = t.id) LIMIT 1;  -- what a redaction left keeps its old id
 IF strange IS NOT NULL THEN
  RAISE EXCEPTION 'entry % does not match its id', left(strange, 12) USING ERRCODE = '{NOT_AS_SIGNED}';
 END IF;
EXCEPTION WHEN unique_violation THEN
 RAISE EXCEPTION 'the ledger is append-only: this entry exists' USING ERRCODE = '{EXISTS}';
END $$"""

_APPEND = f"""CREATE OR REPLACE FUNCTION append_act(p_id text, p_subject text, p_parents text, p_coder text, p_role text, p_time text, p_body text,
 p_version text, {_HEAD_PARAMETERS}) RETURNS text LANGUAGE plpgsql {_DEFINER} AS $$
DECLARE made text;
BEGIN
 -- expressions without tables are no queries of their own; PERFORM would make them such
 made := pg_advisory_xact_lock_shared({ALL})::text || pg_advisory_xact_lock({EVENTS}, hashtext(p_subject))::text;
 made := refuse_stranger('act', p_subject, p_coder, p_role, p_body, false)::text;
 IF {_ACT_ID} <> p_id OR h_heads IS DISTINCT FROM '["' || p_id || '"]' THEN
  RAISE EXCEPTION 'entry % does not match its id', left(p_id, 12) USING ERRCODE = '{NOT_AS_SIGNED}';
 END IF;
 -- name, role and verb were compared with those that there are, if anybody is registered
 IF p_subject ~ '{_UNREADABLE}' OR p_time !~ '{_TIME}' OR json_typeof(p_body::json) <> 'object' THEN
  RAISE EXCEPTION 'entry % has not the form of an act', left(p_id, 12) USING ERRCODE = '{NOT_AS_SIGNED}';
 END IF;
 IF p_parents = '[]' THEN
  INSERT INTO heads (event_id, {", ".join(_SHORT)}) VALUES (p_subject, {", ".join(f"h_{name}" for name in _SHORT)})
  RETURNING {ROW_VERSION} INTO made;
 ELSE
  UPDATE heads SET {", ".join(f"{name} = h_{name}" for name in _SHORT)} WHERE event_id = p_subject AND heads = p_parents
  AND {ROW_VERSION} = p_version RETURNING {ROW_VERSION} INTO made;
 END IF;
 IF made IS NULL THEN RETURN NULL; END IF;
 INSERT INTO entries (seq, id, kind, subject, parents, coder, role, time, body)
 VALUES (nextval('numbers'), p_id, 'act', p_subject, p_parents, p_coder, p_role, p_time, p_body);
 RETURN made;
END $$"""

_OTHERS = (
    f"""CREATE OR REPLACE FUNCTION reserve_numbers(p_number bigint) RETURNS bigint LANGUAGE plpgsql {_DEFINER} AS $$
DECLARE first bigint;
BEGIN
 IF (p_number BETWEEN 1 AND {MOST_NUMBERS}) IS NOT TRUE THEN
  RAISE EXCEPTION 'nobody needs % numbers', p_number USING ERRCODE = '{NOT_AS_SIGNED}';
 END IF;
 -- alone with the ledger: nobody else takes a number meanwhile
 PERFORM pg_advisory_xact_lock({ALL});
 first := nextval('numbers');
 IF p_number > 1 THEN PERFORM setval('numbers', first + p_number - 1); END IF;
 RETURN first;
END $$""",
    f"""CREATE OR REPLACE FUNCTION replace_body(p_id text, p_body text) RETURNS void LANGUAGE plpgsql {_DEFINER} AS $$
BEGIN
 IF EXISTS (SELECT 1 FROM logins) AND NOT EXISTS (
  SELECT 1 FROM logins AS l WHERE l.login = session_user AND l.state = 'active' AND l.role = 'lead') THEN
  RAISE EXCEPTION 'the database user % may not redact: that takes a lead', session_user USING ERRCODE = '{NOT_YOURS}';
 END IF;
 PERFORM set_config('eventcoder.redacting', p_id, true);
 UPDATE entries SET body = p_body WHERE id = p_id;
 PERFORM set_config('eventcoder.redacting', '', true);
 IF EXISTS (SELECT 1 FROM entries WHERE id = p_id AND kind = 'coder') THEN PERFORM keep_logins(); END IF;
END $$""",
    f"""CREATE OR REPLACE FUNCTION remove_entries(p_first bigint, p_last bigint) RETURNS bigint LANGUAGE plpgsql {_DEFINER} AS $$
DECLARE number bigint;
BEGIN  -- the guard lets go only what was dropped before anybody saw it
 DELETE FROM entries WHERE seq BETWEEN p_first AND p_last;
 GET DIAGNOSTICS number = ROW_COUNT;
 RETURN number;
END $$""",
)

FUNCTIONS = (_ID, *_PORTABLE, _REFUSE, _KEEP_LOGINS, _STORE, _APPEND, *_OTHERS)
_PATH = '{"search_path=eventcoder, pg_temp"}'
SOURCES = {
    sql.split("(", 1)[0].split()[-1]: (sql.split("$$")[1], "SECURITY DEFINER" in sql, _PATH if "SET search_path" in sql else None)
    for sql in FUNCTIONS
}
# name, body, whether it runs as its owner, its settings, how it is called; then whoever but the owner may change entries
PRESENT = """SELECT p.proname, p.prosrc, p.prosecdef, p.proconfig::text, p.oid::regprocedure::text FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace WHERE n.nspname = 'eventcoder' AND p.prorettype <> 'trigger'::regtype"""
GRANTED = """SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(a.grantee) END FROM pg_catalog.pg_class AS c
CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS a WHERE c.oid IN ('entries'::regclass, 'logins'::regclass, 'rights'::regclass)
AND a.grantee <> c.relowner AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER') ORDER BY 1"""


def altered(present: list[tuple[object, ...]]) -> list[str]:
    """Functions that are absent, not those of this version, or none of ours, by the rows of `PRESENT`."""
    found = {row[0] for row in present if SOURCES.get(str(row[0])) == row[1:4]}
    absent = [name for name in SOURCES if name not in found]
    return absent + [name for name in foreign(present) if name.split("(", 1)[0] not in absent]


def foreign(present: list[tuple[object, ...]]) -> list[str]:
    """How functions are called that this version does not have: an older one's must not stay, for it may let through what its successor refuses."""
    return sorted(str(row[4]) for row in present if SOURCES.get(str(row[0])) != row[1:4])


# what a coder's user may call; `refuse_stranger` and `keep_logins` are called by these only
CALLED = ("store_entries", "append_act", "reserve_numbers", "replace_body", "remove_entries")
READ_BY = ("entry_id", "json_extract", "instr")
