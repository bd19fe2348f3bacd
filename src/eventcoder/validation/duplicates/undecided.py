"""Undecided pairs of likely duplicates in a ledger: columns in batches, no event is folded and none becomes a dict. Floor 4."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from eventcoder.validation.duplicates.search import DATES, LISTS, NUMBERS, TEXTS, Pair, search
from eventcoder.validation.duplicates.similar import DEFAULT, Parameters

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.ledger import Ledger
    from eventcoder.validation.duplicates.blocking import Narrowed

BATCH = 16_384
_VALUES = {name: "VARCHAR" for name in (*DATES, *NUMBERS, *TEXTS) if name != "event_id"} | dict.fromkeys(LISTS, "JSON")
_SHAPE = json.dumps(
    {"event_id": "VARCHAR", "changed": "VARCHAR", "relations": [{"event_id": "VARCHAR"}], "values": _VALUES},
)


@dataclass(frozen=True, slots=True)
class Undecided:
    """`pairs` that nobody has decided, best first; how many pairs were `compared` among how many `events`, how many of the likely ones are `decided`
    already, and the blocks that were `narrowed`."""

    pairs: list[Pair]
    events: int
    compared: int
    decided: int
    narrowed: list[Narrowed]


def undecided(
    ledger: Ledger, *, at_least: float | None = None, since: str | None = None, parameters: Parameters = DEFAULT, only: Collection[str] | None = None
) -> Undecided:
    """The pairs among the open and settled events of a ledger that score at least `at_least` (default `parameters.list_from`).

    `since` (a time as the ledger writes it) leaves only pairs in which one event was added or changed after it; `only` those in which one has
    one of these ids. A relation of any kind between two events says that somebody looked at both and found them two.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    told = [table for state in ("open", "settled") for table in _tables(ledger.event_texts(state))]
    if not told:
        return Undecided([], 0, 0, 0, [])
    events = pa.concat_tables(told)
    told.clear()
    if since is not None:
        newer = events.filter(pc.greater(events["changed"], since))["event_id"].to_pylist()
        only = set(newer) if only is None else set(newer) & set(only)
    found = search(events, only=only, at_least=at_least, parameters=parameters)
    decided = _decided(events)
    pairs = [pair for pair in found.pairs if (pair.a, pair.b) not in decided]
    return Undecided(pairs, len(events), found.compared, len(found.pairs) - len(pairs), found.narrowed)


def _tables(texts: Iterable[str]) -> Iterable[pa.Table]:
    """Tables of the columns that a comparison needs. A value that is no day or number (an open event may have anything) counts as not told."""
    import pyarrow as pa

    from eventcoder.codebook.duck import connect

    cells = [f"TRY_CAST(e.values.{name} AS DATE) AS {name}" for name in DATES]
    cells += [f"TRY_CAST(e.values.{name} AS DOUBLE) AS {name}" for name in NUMBERS]
    cells += [f"e.values.{name} AS {name}" for name in TEXTS if name != "event_id"]
    cells += [f"coalesce(TRY_CAST(e.values.{name} AS VARCHAR[]), []) AS {name}" for name in LISTS]
    own = "e.event_id AS event_id, e.changed AS changed, list_transform(coalesce(e.relations, []), lambda r: r.event_id) AS related"
    query = f"SELECT {own}, {', '.join(cells)} FROM (SELECT from_json(text, '{_SHAPE}') AS e FROM texts)"
    waiting = iter(texts)
    while batch := list(islice(waiting, BATCH)):
        con = connect()
        try:
            con.register("texts", pa.table({"text": pa.array(batch, pa.string())}))
            yield con.sql(query).to_arrow_table()
        finally:
            con.close()


def _decided(events: pa.Table) -> set[tuple[str, str]]:
    """The pairs that relations join, each in order."""
    import pyarrow.compute as pc

    whole = events.select(["event_id", "related"]).filter(pc.greater(pc.list_value_length(events["related"]), 0))
    rows: list[dict[str, Any]] = whole.to_pylist()
    return {(min(row["event_id"], other), max(row["event_id"], other)) for row in rows for other in row["related"] if other}
