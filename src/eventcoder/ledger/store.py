"""The ledger: append entries, look events up. One class over a `Store`; the SQL here is plain and portable."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from eventcoder.errors import NotFound, UsageError
from eventcoder.ledger import batches, heads, swift, writing
from eventcoder.ledger.address import is_server
from eventcoder.ledger.entry import COLUMNS, KINDS, Entry, from_row
from eventcoder.ledger.fold import in_order
from eventcoder.ledger.folded import Folded, from_text
from eventcoder.ledger.hidden import VISIBLE
from eventcoder.ledger.redaction import redaction_of

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from eventcoder.ledger.backend import Store
    from eventcoder.ledger.bulk import Bulk
    from eventcoder.ledger.standings import Standings
    from eventcoder.problem import Problem

BATCH_CHUNK = 2000  # entries a transaction of a bulk append: coders wait for milliseconds, not for the import
_ENTRY = ", ".join(f"e.{name}" for name in COLUMNS.split(", "))


def open_ledger(where: str | Path, *, create: bool = True, readonly: bool = False, project: str = "", fallback: bool | None = None) -> Ledger:
    """Open the ledger: a file at a path, or a database at `postgresql://...`; with `create` an absent one is made (never with `readonly`).

    `project` is the project's id, written into a new ledger and into its journals' header. `fallback` allows a rollback journal on network
    drives (default: whether EVENTCODER_LEDGER_JOURNAL is "delete"). Raises `LedgerError` with the remedy: absent, not a ledger, truncated,
    of a newer format, no permission, on a network drive; of a server: no answer, no such database, no right.
    """
    if is_server(where):
        from eventcoder.ledger.postgres.opening import open_database

        return Ledger(open_database(str(where), create=create, readonly=readonly, project=project))
    from eventcoder.ledger.sqlite.opening import open_store

    return Ledger(open_store(Path(where), create=create, readonly=readonly, project=project, fallback=fallback))


class Ledger:
    """An open ledger. A context manager; not to be shared between threads."""

    def __init__(self, store: Store) -> None:
        self.store = store
        row = store.row("SELECT value FROM meta WHERE name = 'project'")
        self.project: str = row[0] if row else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.store.close()

    # Writing

    def append(self, entries: Iterable[Entry], *, batch: str | None = None) -> list[Entry]:
        """Store entries in one transaction, durable when it returns; the entries that were new. Entries that are here already change nothing.

        Each act must name exactly its event's heads as parents (none for `create`): raises `LedgerConflict` that says what changed, and
        stores nothing. With `batch` the entries go in by short transactions and stay invisible until `seal(batch)`, where the same check is
        made. Raises `Refused` for a `resolve` that leaves fields undecided, `LedgerError` for unknown parents.
        """
        if batch is None:
            return writing.append(self.store, list(entries))
        out: list[Entry] = []
        source = iter(entries)
        while chunk := list(islice(source, BATCH_CHUNK)):
            out += batches.append(self.store, chunk, batch)
        return out

    def seal(self, batch: str, coder: str, time: datetime | str, *, role: str = "coder") -> Entry:
        """Make a batch visible, all of it or nothing. Raises `LedgerConflict` if an event was changed meanwhile, `NotFound` for no such batch."""
        return batches.seal(self.store, batch, coder=coder, role=role, time=time)

    def drop(self, batch: str) -> int:
        """Give up an unsealed batch: its entries were never visible, and are removed. Returns how many they were."""
        return batches.drop(self.store, batch)

    def bulk(self, batch: str, *, coder: str, time: datetime | str) -> Bulk:
        """A bulk import of very many entries, as a context manager: see `bulk.Bulk`. One at a time for a ledger: raises `LedgerError` if another
        is under way or `batch` is sealed already."""
        from eventcoder.ledger.bulk import Bulk

        return Bulk(self.store, batch, coder=coder, time=time)

    def standings(self) -> AbstractContextManager[Standings]:
        """A context manager that gives a reader of how very many events stand, on a connection of the calling thread: see `standings.Standings`."""
        from eventcoder.ledger.standings import standings

        return standings(self.store)

    def unsealed(self) -> dict[str, int]:
        """Batches that were begun and neither sealed nor dropped (a killed import leaves one), with their number of entries."""
        return batches.unsealed(self.store)

    def redact(self, entry_id: str, stub: dict[str, Any], *, coder: str, time: datetime | str, reason: str, role: str = "coder") -> Entry:
        """Replace an entry's body by `stub` (what may stay of it) for good; the redaction entry is the trace. Raises `NotFound`."""
        redaction = redaction_of(self.entry(entry_id), stub, coder=coder, role=role, time=time, reason=reason)
        self.append([redaction])
        return redaction

    # Events

    def head(self, event_id: str) -> Folded | None:
        """The event as it stands, without provenance (`fold(ledger.acts(id))` has it); None if there is no such event."""
        seen = swift.see(self.store, event_id)
        return from_text(seen[1]) if seen is not None else None

    def find(self, prefix: str) -> str:
        """The event id that begins with `prefix`, or whose `event_id_cnty` is exactly that. Raises `NotFound` for none and for several."""
        text = prefix.strip()
        if text:
            for form in dict.fromkeys((text, text.lower())):
                if self.store.row("SELECT 1 FROM heads WHERE event_id = ?", (form,)):
                    return form
                found = self.store.rows(
                    "SELECT event_id FROM heads WHERE event_id >= ? AND event_id < ? ORDER BY event_id LIMIT 6", (form, form + "\U0010ffff")
                )
                if len(found) == 1:
                    return str(found[0][0])
                if found:
                    named = ", ".join(row[0] for row in found[:5]) + (", ..." if len(found) > 5 else "")
                    raise NotFound(f"'{prefix}' begins the ids of several events: {named}.", "Give more of the id.")
            by_number = self.find_cnty(text)
            if by_number:
                return by_number
        raise NotFound(f"No event '{prefix}'.", "Run 'eventcoder list' to see events and their ids.")

    def find_cnty(self, event_id_cnty: str) -> str | None:
        """The event with this `event_id_cnty`: a live one first, then the smallest id; None if there is none."""
        row = self.store.row(
            "SELECT event_id FROM heads WHERE event_id_cnty = ? ORDER BY CASE WHEN state IN ('retracted', 'merged') THEN 1 ELSE 0 END, event_id",
            (event_id_cnty,),
        )
        return row[0] if row else None

    def acts(self, event_id: str) -> list[Entry]:
        """The event's acts, parents before children; [] if there is no such event."""
        return in_order(writing.acts_of(self.store, event_id))

    def events(
        self,
        *,
        states: Collection[str] | None = None,
        country: str | None = None,
        since: date | str | None = None,
        until: date | str | None = None,
        sub_event_type: str | None = None,
        location: str | None = None,
        limit: int = 0,
        newest_first: bool = False,
        by: str = "event_date",
    ) -> Iterator[Folded]:
        """Events ordered by `event_date` (or `by="changed"`) and id. `since` and `until` are days of `event_date`, inclusive; `limit` 0 is all.

        Without a limit the events are those of the moment of the first one: what is appended meanwhile does not show.
        """
        return heads.select_events(
            self.store, states=states, country=country, since=since, until=until, sub_event_type=sub_event_type, location=location, limit=limit,
            newest_first=newest_first, by=by,
        )  # fmt: skip

    def related_to(self, event_id: str) -> list[Folded]:
        """The events that tell of a relation to this one, by id. No index helps: every event is looked at."""
        return [found for found in heads.select_saying(self.store, event_id) if any(r.get("event_id") == event_id for r in found.relations)]

    def event_texts(self, state: str, *, until: date | str | None = None) -> Iterator[str]:
        """What `events` gives, of one state, as the JSON texts that are kept (`folded.to_text`): for building tables of very many of them."""
        return heads.select_texts(self.store, state, heads.day_text(until, "until"))

    def last_change(self) -> str | None:
        """Time of the last act on any event, whatever its state; None if there is no event."""
        row = self.store.row("SELECT MAX(changed) FROM heads")
        return row[0] if row else None

    def near(self, first_day: date | str, last_day: date | str, country: str | None = None) -> list[Folded]:
        """Events that are neither retracted nor merged and may have happened from `first_day` to `last_day` (inclusive), by day and id."""
        first, last = heads.day_text(first_day, "first_day"), heads.day_text(last_day, "last_day")
        if first is None or last is None:
            raise UsageError("near() needs a first and a last day.")
        return heads.select_near(self.store, first, last, country)

    def states(self) -> dict[str, int]:
        """How many events are in each state that occurs."""
        return dict(self.store.rows("SELECT state, COUNT(*) FROM heads GROUP BY state ORDER BY state"))

    # Entries

    def entry(self, prefix: str) -> Entry:
        """The entry whose id begins with `prefix`. Raises `NotFound` for none and for several."""
        sql = f"SELECT {_ENTRY} FROM entries AS e WHERE e.id >= ? AND e.id < ? AND {VISIBLE} ORDER BY e.id LIMIT 2"
        found = self.store.rows(sql, (prefix, prefix + "g")) if prefix else []
        if len(found) != 1:
            what = "Several entries begin" if found else "No entry begins"
            raise NotFound(f"{what} with '{prefix}'.", "Give more of the id, as 'history' shows it.")
        return from_row(found[0])

    def entries(
        self,
        kind: str | None = None,
        subject: str | None = None,
        coder: str | None = None,
        since: datetime | str | None = None,
        *,
        until: datetime | str | None = None,
        saying: Collection[str] = (),
        newest_first: bool = False,
    ) -> Iterator[Entry]:
        """Visible entries in the order in which this ledger got them, or the latest time first.

        `since` and `until` compare entries' own times, inclusive. `saying`: only those whose body, as canonical JSON, has all these texts, letter
        by letter.
        """
        if kind is not None and kind not in KINDS:
            raise UsageError(f"Unknown kind of entry {kind!r}.", f"Known: {', '.join(KINDS)}.")
        conditions, parameters = [VISIBLE], []
        kinds = [kind] if kind else list(KINDS) if subject else []  # the index leads with the kind
        if kinds:
            conditions.append(f"e.kind IN ({', '.join('?' * len(kinds))})")
            parameters += kinds
        times = (("e.time >= ?", writing.time_text(since)), ("e.time <= ?", writing.time_text(until)))
        said = (("instr(e.body, ?) > 0", text) for text in saying)
        for column, value in (("e.subject = ?", subject), ("e.coder = ?", coder), *times, *said):
            if value is not None:
                conditions.append(column)
                parameters.append(value)
        sql = f"SELECT {_ENTRY} FROM entries AS e WHERE {' AND '.join(conditions)} ORDER BY {'e.time DESC, e.seq DESC' if newest_first else 'e.seq'}"
        if subject is not None:
            yield from map(from_row, self.store.rows(sql, parameters))
            return
        with self.store.snapshot() as still:
            yield from map(from_row, still.each(sql, parameters))

    def latest(self, kind: str) -> dict[str, Entry]:
        """subject -> its newest entry of this kind: one that no other names as parent; of several, the last by time, then id."""
        rows = self.store.rows(
            f"SELECT e.id, e.kind, e.subject, e.parents, e.coder, e.role, e.time, e.body FROM entries AS e WHERE e.kind = ? AND {VISIBLE}", (kind,)
        )
        named = {parent for row in rows if row[3] != "[]" for parent in json.loads(row[3])}
        best: dict[str, tuple[Any, ...]] = {}
        for row in rows:
            if row[0] not in named:
                other = best.get(row[2])
                if other is None or (row[6], row[0]) > (other[6], other[0]):
                    best[row[2]] = row
        return {subject: from_row(best[subject]) for subject in sorted(best)}

    def count(self, kind: str) -> int:
        """How many visible entries of a kind there are."""
        row = self.store.row(f"SELECT COUNT(*) FROM entries AS e WHERE e.kind = ? AND {VISIBLE}", (kind,))
        return int(row[0]) if row else 0

    # Care

    def rebuild(self) -> int:
        """Make the head table anew from the acts, put back missing guards, remove what killed imports left; the number of events.

        Raises `LedgerError` while a bulk import is under way.
        """
        from eventcoder.ledger.audit import rebuild

        return rebuild(self.store)

    def verify(self) -> list[Problem]:
        """Check everything: hashes, parents, sequence, guards, heads against the acts, the file itself."""
        from eventcoder.ledger.audit import verify

        return verify(self.store)

    def backup(self, path: str | Path) -> None:
        """Copy the ledger into a new file while others work. Raises `LedgerError` if it exists or cannot be written."""
        self.store.backup(Path(path))
