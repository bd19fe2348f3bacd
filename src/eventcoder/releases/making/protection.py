"""What a release shows of the ledger's acts, and what it must not tell of documents that are not public. Floor 6.

The tables of `dataset` leave out what belongs to an undisclosed document. What is left is free text of coders, and the identities of acts, which are
hashes of all that an act says: both are looked through here, in every table that shows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from eventcoder.dataset.acts import Account, account, concealed_in
from eventcoder.dataset.canonical import canonical_table
from eventcoder.dataset.hiding import LONG_QUOTE, Hiding
from eventcoder.dataset.schemas import EVENTS, RECORD_SCHEMAS, UNDISCLOSED
from eventcoder.ledger.scanning import words_of
from eventcoder.problem import Problem

if TYPE_CHECKING:
    from eventcoder.event import Document
    from eventcoder.ledger import Ledger
    from eventcoder.project import Settings

ACTS = "acts"
SPOKEN = ("notes", "crowd_text")  # free texts of an event in which its source may be named by mistake
_NAMED = ("actor1", "actor2", "location", "admin1", "admin2", "admin3")


class Protection:
    """The acts on all events of a version and of those that its changes name."""

    def __init__(
        self, ledger: Ledger, tables: Mapping[str, pa.Table], changes: pa.Table, documents: Mapping[str, Document], settings: Settings
    ) -> None:
        self._events = tables[EVENTS].column("event_id").combine_chunks()
        named = changes.column("event_id").combine_chunks().drop_null()
        self._found: Account = account(ledger, pa.concat_arrays([self._events, named]), documents=documents, settings=settings)

    def acts(self) -> pa.Table:
        """The table `acts`: the acts on the events of the version."""
        table = self._found.table
        if len(table):
            table = table.filter(pc.is_in(table.column("event_id"), value_set=self._events))
        return canonical_table(ACTS, table, RECORD_SCHEMAS[ACTS])

    def shown(self, table: pa.Table) -> pa.Table:
        """Changes, or withdrawn events, without reasons and acts that tell of an undisclosed document."""
        return concealed_in(table, self._found)


def hidden_words(ledger: Ledger, documents: Mapping[str, Document]) -> set[str]:
    """What acts ever quoted from documents that are not public, as far as it is more than a name."""
    hidden = [d.id for d in documents.values() if d.visibility != "public"]
    return words_of(ledger.store, hidden, LONG_QUOTE) if hidden else set()


def exposed(tables: Mapping[str, pa.Table], documents: Mapping[str, Document]) -> list[Problem]:
    """Events whose own free texts tell of the undisclosed document that they rest on.

    Looked at are events with such a document; a publisher's name counts where no public document bears it and the event names nobody so (a ministry
    may be source and actor). Only the first hundred are given: each is an error that stops the release.
    """
    hiding = Hiding(documents)
    sources = tables["event_sources"]
    resting = sources.filter(pc.equal(sources.column("visibility"), "undisclosed")).column("event_id").combine_chunks()
    if not hiding or not len(resting):
        return []
    events = tables[EVENTS]
    wanted = [n for n in ("event_id", *SPOKEN, *_NAMED) if n in events.column_names]
    out: list[Problem] = []
    for row in events.filter(pc.is_in(events.column("event_id"), value_set=resting)).select(wanted).to_pylist():
        for name in SPOKEN:
            text = row.get(name)
            publisher = hiding.publisher_in(text) if text else None
            if publisher and any(publisher in (row.get(n) or "").casefold() for n in _NAMED):
                publisher = None
            if text and (publisher or hiding.identifies(text)):
                what = "the publisher" if publisher else "the address, headline or identity"
                said = f"{name} gives {what} of a document that is not public. Reword it with 'eventcoder amend', or name '{UNDISCLOSED}'."
                out.append(Problem("undisclosed-source", said, event_id=row["event_id"], field=name))
        if len(out) >= 100:
            break
    return out
