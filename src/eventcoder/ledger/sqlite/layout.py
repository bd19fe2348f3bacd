"""The tables, indexes and guards of a ledger file in SQLite, and how a file of an older format becomes one of this.

Format 1 kept one row in `pending` for each invisible entry. Format 2 keeps ranges of sequence numbers (`hidden`), so that a million entries are
shown or dropped by one row, and the numbers of what was dropped and swept (`gaps`), so that the audit can tell them from what was cut out.
Format 3 has the tasks of a team (`work`), and with the heads the task that an event is held for. Floor 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventcoder.ledger.sqlite.store import SqliteStore

FORMAT = 3
APPLICATION_ID = 0x45564C47  # "EVLG" in the file's header

_HEAD_COLUMNS = """event_id TEXT NOT NULL, state TEXT NOT NULL, revision INTEGER NOT NULL, heads TEXT NOT NULL, event_id_cnty TEXT, event_date TEXT,
  first_day TEXT, last_day TEXT, country TEXT, sub_event_type TEXT, location TEXT, actor1 TEXT, changed TEXT NOT NULL, imported TEXT,
  held TEXT, folded TEXT NOT NULL"""
# The key is an index like the others, not a PRIMARY KEY: a big import makes a table without indexes and sorts each of them in one go.
_HEAD_INDEXES = {
    "event": "(event_id)",
    "day": "(event_date, event_id)",
    "country": "(country, event_date, event_id)",
    "state": "(state, event_date, event_id)",
    "type": "(sub_event_type, event_date, event_id)",
    "changed": "(changed, event_id)",
    "cnty": "(event_id_cnty)",
    "span": "(first_day, last_day) WHERE first_day < last_day",
    "held": "(held) WHERE held IS NOT NULL",
}


def head_table(name: str) -> str:
    """The statement that makes a table of heads, without indexes."""
    return f"CREATE TABLE {name} ({_HEAD_COLUMNS})"


def head_indexes(table: str, mark: str = "") -> list[str]:
    """The statements that make its indexes, the unique one first. Names are unique in a file and cannot be changed: `mark` tells two sets apart."""
    return [f"CREATE {'UNIQUE ' if name == 'event' else ''}INDEX heads_{name}{mark} ON {table} {columns}" for name, columns in _HEAD_INDEXES.items()]


_HIDDEN = (
    # Entries whose number lies in a range are stored and not visible. `dropped` 0: of a batch that may still be sealed; 1: to be swept.
    """CREATE TABLE hidden (
  first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, batch TEXT NOT NULL, dropped INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX hidden_range ON hidden (last_seq, first_seq)",  # most entries lie behind all ranges: one step tells
    # Numbers of dropped entries that were swept: never facts, never to be used again.
    "CREATE TABLE gaps (first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, batch TEXT NOT NULL)",
    # Bulk imports that were begun and not ended, with the time that their entries carry: the same entries again get the same ids.
    "CREATE TABLE batches (batch TEXT PRIMARY KEY, time TEXT NOT NULL, coder TEXT NOT NULL)",
)

WORK = (
    # What the newest `assignment` entry of each task says, derived from the entries (`ledger/work`). `queue`: whose turn it is: a name, '' for
    # anybody's, NULL while nobody is to be given the task. `refused`: `|name|` of each coder who skipped it.
    """CREATE TABLE work (
  task TEXT NOT NULL PRIMARY KEY, item TEXT NOT NULL, item_kind TEXT NOT NULL, document TEXT NOT NULL, slot INTEGER NOT NULL, state TEXT NOT NULL,
  assigned_for TEXT, holder TEXT, until TEXT, round TEXT NOT NULL, language TEXT, country TEXT, type TEXT, blind INTEGER NOT NULL,
  rank INTEGER NOT NULL, queue TEXT, refused TEXT NOT NULL, changed TEXT NOT NULL, entry TEXT NOT NULL, heads TEXT NOT NULL, body TEXT NOT NULL)""",
    "CREATE INDEX work_queue ON work (queue, rank, task)",
    "CREATE INDEX work_item ON work (item)",
    "CREATE INDEX work_document ON work (document)",
    "CREATE INDEX work_holder ON work (holder, state)",
    "CREATE INDEX work_until ON work (state, until)",
)

TABLES = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE entries (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, subject TEXT NOT NULL, parents TEXT NOT NULL,
  coder TEXT NOT NULL, role TEXT NOT NULL, time TEXT NOT NULL, batch TEXT, body TEXT NOT NULL)""",
    "CREATE INDEX entries_subject ON entries (kind, subject)",
    *_HIDDEN,
    head_table("heads"),
    *head_indexes("heads"),
    *WORK,
)

EXISTS = "this entry exists"  # what the guard says that lets no entry in twice

# A delete trigger alone lets INSERT OR REPLACE through (its deletion fires no trigger unless recursive_triggers is on), hence the insert guard.
# The update guard lets exactly one change pass: the body becomes the stub of a redaction entry that names this entry. A redaction's body is
# canonical JSON whose last key is "stub", so comparing its end needs no JSON functions (which SQLite refuses in triggers it does not trust).
# The delete guard lets pass what was dropped before anybody could see it. That this cannot be turned against a visible entry is the work of the
# guards of `hidden`: a range may grow over numbers that no entry has yet, or repeat what is hidden already, and never cover what is visible.
GUARDS = {
    "entries_no_replace": """CREATE TRIGGER entries_no_replace BEFORE INSERT ON entries
WHEN EXISTS (SELECT 1 FROM entries WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: this entry exists'); END""",
    "entries_no_delete": """CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries
WHEN NOT EXISTS (SELECT 1 FROM hidden WHERE last_seq >= OLD.seq AND first_seq <= OLD.seq AND dropped = 1)
 OR EXISTS (SELECT 1 FROM hidden WHERE last_seq >= OLD.seq AND first_seq <= OLD.seq AND dropped = 0)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: entries are never deleted'); END""",
    "entries_no_update": """CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries
WHEN NOT (NEW.seq IS OLD.seq AND NEW.id IS OLD.id AND NEW.kind IS OLD.kind AND NEW.subject IS OLD.subject AND NEW.parents IS OLD.parents
 AND NEW.coder IS OLD.coder AND NEW.role IS OLD.role AND NEW.time IS OLD.time AND NEW.batch IS OLD.batch AND OLD.kind <> 'redaction'
 AND EXISTS (SELECT 1 FROM entries AS r WHERE r.kind = 'redaction' AND r.subject = OLD.id
  AND substr(r.body, length(r.body) - length(NEW.body) - 8) = ',"stub":' || NEW.body || '}'))
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: entries are never edited'); END""",
    "hidden_only_unseen": """CREATE TRIGGER hidden_only_unseen BEFORE INSERT ON hidden
WHEN NOT (NEW.first_seq <= NEW.last_seq AND (NEW.first_seq > (SELECT COALESCE(MAX(seq), 0) FROM entries)
 OR EXISTS (SELECT 1 FROM hidden WHERE first_seq <= NEW.first_seq AND last_seq >= NEW.last_seq)))
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: what is visible is never hidden'); END""",
    "hidden_no_growth": """CREATE TRIGGER hidden_no_growth BEFORE UPDATE ON hidden
WHEN NOT (NEW.first_seq >= OLD.first_seq AND NEW.first_seq <= NEW.last_seq
 AND (NEW.last_seq <= OLD.last_seq OR OLD.last_seq >= (SELECT COALESCE(MAX(seq), 0) FROM entries)))
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: what is visible is never hidden'); END""",
    "gaps_only_dropped": """CREATE TRIGGER gaps_only_dropped BEFORE INSERT ON gaps
WHEN NOT EXISTS (SELECT 1 FROM hidden WHERE first_seq <= NEW.first_seq AND last_seq >= NEW.last_seq AND dropped = 1)
 OR EXISTS (SELECT 1 FROM entries WHERE seq BETWEEN NEW.first_seq AND NEW.last_seq)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: only what was dropped leaves a gap'); END""",
    "gaps_no_edit": """CREATE TRIGGER gaps_no_edit BEFORE UPDATE ON gaps
WHEN NOT (NEW.first_seq = OLD.first_seq AND NEW.last_seq >= OLD.last_seq
 AND EXISTS (SELECT 1 FROM hidden WHERE first_seq <= OLD.last_seq + 1 AND last_seq >= NEW.last_seq AND dropped = 1)
 AND NOT EXISTS (SELECT 1 FROM entries WHERE seq BETWEEN OLD.last_seq + 1 AND NEW.last_seq))
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: only what was dropped leaves a gap'); END""",
}
SINCE_FORMAT_1 = ("entries_no_replace", "entries_no_update")  # guards that a file of format 1 has in the same words

_OLD_HEADS = (
    "event_id, state, revision, heads, event_id_cnty, event_date, first_day, last_day, country, sub_event_type, location, actor1, changed, folded"
)
# pending (seq, batch, dropped), one row an entry, as ranges of numbers that follow each other
_OLD_RANGES = (
    "SELECT MIN(seq), MAX(seq), batch, dropped FROM (SELECT seq, batch, dropped, seq - ROW_NUMBER() OVER (PARTITION BY batch, dropped ORDER BY seq) "
    "AS island FROM main.pending) GROUP BY batch, dropped, island"
)


def lay_out(store: SqliteStore, project: str) -> None:
    """Make everything in an empty file, unless another process did so meanwhile."""
    with store.writing():
        if store.row("SELECT 1 FROM sqlite_master LIMIT 1") is not None:
            return
        for statement in TABLES:
            store.execute(statement)
        store.restore_guards()
        store.execute(f"PRAGMA application_id={APPLICATION_ID}")
        store.execute("INSERT INTO meta (name, value) VALUES ('format', ?), ('project', ?)", (str(FORMAT), project))


def upgrade(store: SqliteStore) -> None:
    """Bring a file of an older format to this one, in one transaction."""
    from eventcoder.ledger import work

    with store.writing():
        row = store.row("SELECT value FROM meta WHERE name = 'format'")
        if row == (str(FORMAT),):
            return  # another process was faster
        if row == ("1",):
            _since_2(store)
        else:
            store.execute("ALTER TABLE heads ADD COLUMN held TEXT")  # NULL: no event was held before this format
            mark = "_2" if store.row("SELECT 1 FROM sqlite_master WHERE type = 'index' AND tbl_name = 'heads' AND name = 'heads_event_2'") else ""
            store.execute(head_indexes("heads", mark)[-1])
        for statement in WORK:
            store.execute(statement)
        work.rebuild(store)
        store.execute("UPDATE meta SET value = ? WHERE name = 'format'", (str(FORMAT),))


def _since_2(store: SqliteStore) -> None:
    """What came with format 2, in a file of format 1."""
    for statement in _HIDDEN:
        store.execute(statement)
    store.execute(f"INSERT INTO hidden (first_seq, last_seq, batch, dropped) {_OLD_RANGES}")
    store.execute("DROP TABLE pending")
    store.execute("ALTER TABLE heads RENAME TO heads_old")
    for name in _HEAD_INDEXES:
        store.execute(f"DROP INDEX IF EXISTS heads_{name}")
    store.execute(head_table("heads"))
    store.execute(f"INSERT INTO heads ({_OLD_HEADS}) SELECT {_OLD_HEADS} FROM heads_old")
    store.execute("DROP TABLE heads_old")
    for statement in head_indexes("heads"):
        store.execute(statement)
    store.restore_guards()


def imitate(store: SqliteStore) -> None:
    """Let a file of an older format that may not be written look like one of this to its connection: temporary tables go before the file's."""
    from eventcoder.ledger import work

    added = "NULL AS held, folded"
    if store.row("SELECT value FROM meta WHERE name = 'format'") == ("1",):
        store.execute("CREATE TEMPORARY TABLE hidden (first_seq, last_seq, batch, dropped)")
        store.execute(f"INSERT INTO hidden {_OLD_RANGES}")
        store.execute("CREATE TEMPORARY TABLE gaps (first_seq, last_seq, batch)")
        store.execute("CREATE TEMPORARY TABLE batches (batch, time, coder)")
        added = f"NULL AS imported, {added}"
        own = _OLD_HEADS
    else:
        own = _OLD_HEADS.replace("folded", "imported, folded")
    store.execute(f"CREATE TEMPORARY VIEW heads AS SELECT {own.replace('folded', added)} FROM main.heads")
    store.execute(WORK[0].replace("CREATE TABLE", "CREATE TEMPORARY TABLE"))
    work.rebuild(store)
