"""What no row can know of itself: unique keys, atomicity, references between tables. Floor 4.

Keys come from `[[keyed]]` of `schema/checks.toml`, references from `references.CHECKS`. All of it runs in DuckDB over the Arrow tables, one
query a check.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING, Any

from eventcoder.codebook.verdict import formatted
from eventcoder.problem import Problem
from eventcoder.validation.circles import circles
from eventcoder.validation.ordered import PROOFS
from eventcoder.validation.references import CHECKS, Reference
from eventcoder.validation.tally import limited

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook import Codebook
    from eventcoder.codebook.rules import Keyed

AT_ONCE = 20_000  # findings that are held as Python objects at a time
MOST_ALIKE = 200  # rows of one key up to which decisions about their pairs are looked up


def keyed_checks(
    tables: Mapping[str, pa.Table], codebook: Codebook, *, decisions_different: Collection[tuple[str, str]] = (), most: int | None = None
) -> list[Problem]:
    """Every keyed and referential problem of a set of tables (names of `dataset.TABLES`, and `retracted` where there is one).

    `decisions_different` are pairs of event ids that a coder has looked at and called different events: they clear the warnings of keyed
    checks about likenesses (T14), but never an error such as a doubled event id. Tables and columns that are absent are other checks' matter.
    With `most`, so many problems of one check are told and the further ones counted (`tally`).
    """
    from eventcoder.codebook.duck import connect, prepare

    con = connect()
    try:
        prepare(con, codebook)
        for name, table in tables.items():
            con.register(name, table)
        if "retracted" not in tables:
            con.register("retracted", _no_retractions())
        columns = {name: set(table.column_names) for name, table in tables.items()}
        columns.setdefault("retracted", {"event_id", "successor"})
        problems: list[Problem] = []
        symmetric = _symmetric(codebook)
        if "events" in tables:
            different = {(min(pair), max(pair)) for pair in decisions_different}
            for check in codebook.keyed:
                problems += limited(_repeated(con, check, columns["events"], tables["events"].schema, codebook, different), most)
        for reference in CHECKS:
            proof = PROOFS.get(reference.id)
            if all(set(needed) <= columns.get(table, set()) for table, needed in reference.needs.items()) and not (proof and proof(tables)):
                problems += limited(_broken(con, reference, symmetric), most)
        if "relations" in tables:
            problems += limited(circles(tables["relations"], codebook), most)
        return problems
    finally:
        con.close()


def _no_retractions() -> pa.Table:
    import pyarrow as pa

    return pa.table({"event_id": pa.array([], pa.string()), "successor": pa.array([], pa.string())})


def _symmetric(codebook: Codebook) -> str:
    """The kinds of relations that mean the same from both sides, as SQL literals."""
    kinds = codebook.lists.get("relation_kinds")
    codes = [code for code in kinds.codes if kinds.attribute(code, "symmetric") == "yes"] if kinds is not None else []
    return ", ".join("'" + code.replace("'", "''") + "'" for code in codes) or "NULL"


def _broken(con: Any, reference: Reference, symmetric: str) -> Iterator[Problem]:
    query = reference.query.replace("{symmetric}", symmetric)
    for event_id, field, value, detail in _found(con, f"SELECT event_id, field, value, detail FROM ({query}) ORDER BY ALL"):
        message = reference.message.format(event=event_id, field=field, value=value, detail=detail)
        yield Problem(reference.id, message, reference.severity, event_id, field, value)


def _found(con: Any, query: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, some at a time."""
    cursor = con.execute(query)
    while rows := cursor.fetchmany(AT_ONCE):
        yield from rows


def _repeated(con: Any, check: Keyed, present: set[str], schema: pa.Schema, codebook: Codebook, different: set[tuple[str, str]]) -> Iterator[Problem]:
    """One problem for each row whose key an earlier row (by event id) has already."""
    import pyarrow as pa

    from eventcoder.codebook.duck import node_sql

    if not set(check.key) <= present:
        return
    # the order of a list says nothing, and an empty list is a null list
    parts = [f'CASE WHEN len("{k}") > 0 THEN list_sort("{k}") END' if pa.types.is_list(schema.field(k).type) else f'"{k}"' for k in check.key]
    where = f"WHERE {node_sql(codebook, check.where_tree)}" if check.where else ""
    names = ", ".join(f"{part} AS k{i}" for i, part in enumerate(parts))
    keys = ", ".join(f"k{i}" for i in range(len(parts)))
    identity = "event_id" if "event_id" in present else "NULL"
    # Nearly all keys are unique: hashes find the few that are not, and only their rows are grouped. Nulls are equal to each other in both.
    query = f"""WITH keyed AS (SELECT {names}, {identity} AS id, hash({", ".join(parts)}) AS h FROM events {where})
        SELECT {keys}, list(id ORDER BY id NULLS LAST) AS ids FROM keyed
        WHERE h IN (SELECT h FROM keyed GROUP BY h HAVING count(*) > 1) GROUP BY {keys} HAVING count(*) > 1 ORDER BY ALL"""
    for *key, ids in _found(con, query):
        values = {name: value.isoformat() if isinstance(value, date) else value for name, value in zip(check.key, key, strict=True)}
        repeats = [i for i in ids if i is not None]
        if check.severity != "error":
            repeats = _undecided(repeats, different)
        first, others = (repeats[0], repeats[1:]) if repeats else (None, [])
        for event_id in others:
            message = formatted(check.message, {**values, "event_id": event_id})
            if first != event_id:
                message = f"{message} Compare with event {first}."
            yield Problem(check.id, message, check.severity, event_id, check.key[0], values[check.key[0]])


def _undecided(ids: list[str], different: set[tuple[str, str]]) -> list[str]:
    """Those of the sorted ids (one key may join thousands: then all of them) that share an undecided pair with another one."""
    if len(ids) > MOST_ALIKE or not different:
        return ids
    open_ids = {event_id for pair in combinations(ids, 2) if pair not in different for event_id in pair}
    return [event_id for event_id in ids if event_id in open_ids]
