"""The functions by which entries get into a ledger on a server. They run with the rights of the database's owner, and nobody else has the right to
insert: so what they check holds for whatever program asks.

    store_entries   stores entries: each must bear the id that its content gives, and be the caller's own (`session_user` stands in `logins`)
    append_act      the same for one act, with compare-and-swap of its event's head: a coder's append in one round trip
    reserve_numbers, replace_body, remove_entries: the rest of what only the owner could do

Names of parameters begin with `p_`, so that none is taken for a column. Floor 2.
"""

from __future__ import annotations

from eventcoder.ledger.heads import COLUMNS
from eventcoder.ledger.postgres.faults import EXISTS, NOT_AS_SIGNED, NOT_YOURS
from eventcoder.ledger.rights import MACHINE, ROLES

ALL, EVENTS = 4_563_479_010, 1_163_282  # advisory locks: of the whole ledger, and the class of those of single events
_DEFINER = "SECURITY DEFINER SET search_path = eventcoder, pg_temp"
_VISIBLE = "NOT EXISTS (SELECT 1 FROM hidden AS p WHERE p.last_seq >= e.seq AND p.first_seq <= e.seq)"
_TYPES = {"revision": "bigint"}
_ORDER = "ARRAY[" + ", ".join(f"'{role}'" for role in ROLES) + "]"
# The row of `heads` that an append brings, but for its key
_SHORT = tuple(name for name in COLUMNS if name != "event_id")
_HEAD_PARAMETERS = ", ".join(f"h_{name} {_TYPES.get(name, 'text')}" for name in _SHORT)

# The canonical JSON of an entry: keys in order, no spaces. `to_json` escapes a text as the JSON of Python does, for everything that can be printed.
_ID = """CREATE OR REPLACE FUNCTION entry_id(p_kind text, p_subject text, p_parents text, p_coder text, p_role text, p_time text, p_body text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT encode(sha256(convert_to('{"body":' || p_body || ',"coder":' || to_json(p_coder)::text || ',"kind":'
 || to_json(p_kind)::text || ',"parents":' || p_parents || ',"role":' || to_json(p_role)::text || ',"subject":'
 || to_json(p_subject)::text || ',"time":' || to_json(p_time)::text || '}', 'UTF8')), 'hex') $$"""

_PORTABLE = (  # what SQLite calls so
    """CREATE OR REPLACE FUNCTION json_extract(p_text text, p_path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT p_text::json #>> string_to_array(substr(p_path, 3), '.') $$""",
    "CREATE OR REPLACE FUNCTION instr(p_text text, p_part text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ "
    "SELECT strpos(p_text, p_part) $$",
)

# Whether the database's user may store this. Nobody is registered: anybody may.
_REFUSE = f"""CREATE OR REPLACE FUNCTION refuse_stranger(p_kind text, p_subject text, p_coder text, p_role text, p_body text, p_brought boolean)
RETURNS void LANGUAGE plpgsql STABLE SET search_path = eventcoder, pg_temp AS $$
DECLARE mine record; wanted record; needed text;
BEGIN
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
 SELECT r.least, r.own, r.what INTO wanted FROM rights AS r WHERE r.kind = p_kind
 AND (r.key = '' OR (r.value = (p_body::json ->> r.key))) ORDER BY r.key DESC LIMIT 1;
 needed := COALESCE(wanted.least, 'lead');
 IF wanted.own <> wanted.least AND EXISTS (
  SELECT 1 FROM entries AS e WHERE e.kind = 'act' AND e.subject = p_subject AND e.parents = '[]' AND e.coder = p_coder)
 THEN needed := wanted.own; END IF;
 IF array_position({_ORDER}, mine.role) < array_position({_ORDER}, needed) THEN
  RAISE EXCEPTION '% is registered as % and may not %: that takes a %', mine.coder, mine.role, COALESCE(wanted.what, 'do this'), needed
  USING ERRCODE = '{NOT_YOURS}';
 END IF;
 IF p_role <> '{MACHINE}' AND NOT p_brought AND (CASE WHEN p_kind = 'act' THEN p_role <> mine.role
  ELSE COALESCE(array_position({_ORDER}, mine.role) < array_position({_ORDER}, p_role), true) END) THEN
  RAISE EXCEPTION 'the % about % says that % is %, who is registered as %', p_kind, p_subject, p_coder, p_role, mine.role
  USING ERRCODE = '{NOT_YOURS}';
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
 PERFORM pg_advisory_xact_lock_shared({ALL});
 SELECT array_agg(DISTINCT k) INTO kinds FROM json_array_elements_text(p_kinds) AS k;
 guarded := EXISTS (SELECT 1 FROM logins) OR 'coder' = ANY(kinds);
 IF guarded THEN  -- one after the other: a registration counts for what follows it
  FOR one IN SELECT * FROM ROWS FROM (json_array_elements_text(p_ids), json_array_elements_text(p_kinds), json_array_elements_text(p_subjects),
   json_array_elements_text(p_parents), json_array_elements_text(p_coders), json_array_elements_text(p_roles), json_array_elements_text(p_times),
   json_array_elements_text(p_bodies)) WITH ORDINALITY AS t (id, kind, subject, parents, coder, role, time, body, n) ORDER BY n
  LOOP
   PERFORM refuse_stranger(one.kind, one.subject, one.coder, one.role, one.body, p_brought);
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
 {_HEAD_PARAMETERS}) RETURNS boolean LANGUAGE plpgsql {_DEFINER} AS $$
BEGIN
 PERFORM pg_advisory_xact_lock_shared({ALL}), pg_advisory_xact_lock({EVENTS}, hashtext(p_subject));
 PERFORM refuse_stranger('act', p_subject, p_coder, p_role, p_body, false);
 IF entry_id('act', p_subject, p_parents, p_coder, p_role, p_time, p_body) <> p_id THEN
  RAISE EXCEPTION 'entry % does not match its id', left(p_id, 12) USING ERRCODE = '{NOT_AS_SIGNED}';
 END IF;
 IF p_parents = '[]' THEN
  INSERT INTO heads (event_id, {", ".join(_SHORT)}) VALUES (p_subject, {", ".join(f"h_{name}" for name in _SHORT)}) ON CONFLICT DO NOTHING;
 ELSE
  UPDATE heads SET {", ".join(f"{name} = h_{name}" for name in _SHORT)} WHERE event_id = p_subject AND heads = p_parents;
 END IF;
 IF NOT FOUND THEN RETURN false; END IF;
 INSERT INTO entries (seq, id, kind, subject, parents, coder, role, time, body)
 VALUES (nextval('numbers'), p_id, 'act', p_subject, p_parents, p_coder, p_role, p_time, p_body);
 RETURN true;
END $$"""

_OTHERS = (
    f"""CREATE OR REPLACE FUNCTION reserve_numbers(p_number bigint) RETURNS bigint LANGUAGE plpgsql {_DEFINER} AS $$
DECLARE first bigint;
BEGIN  -- alone with the ledger: nobody else takes a number meanwhile
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
SOURCES = {sql.split("(", 1)[0].split()[-1]: (sql.split("$$")[1], "SECURITY DEFINER" in sql) for sql in FUNCTIONS}
# name, body, whether it runs as its owner; then whoever but the owner may change entries
PRESENT = """SELECT p.proname, p.prosrc, p.prosecdef FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname = 'eventcoder'"""
GRANTED = """SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(a.grantee) END FROM pg_catalog.pg_class AS c
CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS a WHERE c.oid IN ('entries'::regclass, 'logins'::regclass, 'rights'::regclass)
AND a.grantee <> c.relowner AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER') ORDER BY 1"""


def altered(present: list[tuple[object, ...]]) -> list[str]:
    """Functions that are absent or not those of this version, by the rows of `PRESENT`."""
    found = {row[0]: row[1:] for row in present}
    return [name for name, source in SOURCES.items() if found.get(name) != source]


# what a coder's user may call; `refuse_stranger` and `keep_logins` are called by these only
CALLED = ("store_entries", "append_act", "reserve_numbers", "replace_body", "remove_entries")
READ_BY = ("entry_id", "json_extract", "instr")
