"""The ledger against the latest release: what was published may change by an act alone, and may not be gone. Floor 4.

The caller hands over the tables of the release; nothing here reads files of releases. A value counts as explained when an act after the released
revision gives that column (T31).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eventcoder.changelog.reasons import HELD
from eventcoder.problem import Problem
from eventcoder.validation.past import MOVING

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.ledger import Entry

_LIVE = ("open", "settled", "conflict")
_BACK = ("restore", "resolve", "split")


def release_problems(
    events: pa.Table, states: Mapping[str, str], released: Mapping[str, pa.Table], acts: Callable[[str], Sequence[Entry]]
) -> Iterator[Problem]:
    """Released values that differ without an act, released ids that the ledger does not have, withdrawn events that are back without an act.

    `events` are the live events as the ledger has them, `states` those of all events by id, `released` the tables of the latest release (with
    `retracted`: those withdrawn by then), `acts` gives the acts of an event, parents first.
    """
    before = released.get("events")
    if before is not None and "event_id" in before.column_names:
        for event_id in before["event_id"].to_pylist():
            if event_id not in states:
                said = "The event was released and is not in the ledger. Read the journal that has it ('eventcoder journal import')."
                yield Problem("released-event-absent", said, "error", event_id, "event_id", event_id)
        yield from _rewritten(events, states, before, acts)
    gone = released.get("retracted")
    if gone is not None and "event_id" in gone.column_names:
        reasons = gone["reason"].to_pylist() if "reason" in gone.column_names else [None] * gone.num_rows
        for event_id, reason in zip(gone["event_id"].to_pylist(), reasons, strict=True):
            if str(reason or "").startswith(HELD):
                continue  # nobody withdrew it: it was open again when the release was built, and may settle
            if states.get(event_id) in _LIVE and not any(entry.body.get("act") in _BACK for entry in acts(event_id)):
                said = "The event was withdrawn in the latest release and is back although nobody restored it. Read the journals again."
                yield Problem("withdrawn-event-back", said, "error", event_id, "event_id", event_id)


def _rewritten(events: pa.Table, states: Mapping[str, str], before: pa.Table, acts: Callable[[str], Sequence[Entry]]) -> Iterator[Problem]:
    from eventcoder.codebook.duck import connect

    if not {"event_id", "revision"} <= set(events.column_names) & set(before.column_names):
        return
    names = [n for n in events.column_names if n in before.column_names and n not in MOVING and events[n].type == before[n].type]
    compared = [name for name in names if name not in ("event_id", "revision")]
    if not compared:
        return
    changed = ", ".join(f"""CASE WHEN {_filled("n", n, events)} IS DISTINCT FROM {_filled("o", n, events)} THEN '{n}' END""" for n in compared)
    con = connect()
    try:
        con.register("now", events.select(names))
        con.register("was", before.select(names))
        rows = con.execute(
            f"""SELECT event_id, now_revision, was_revision, fields FROM (
            SELECT n.event_id, n.revision AS now_revision, o.revision AS was_revision, concat_ws(',', {changed}) AS fields
            FROM now n JOIN was o USING (event_id)) WHERE fields <> '' OR now_revision < was_revision ORDER BY ALL"""
        ).fetchall()
    finally:
        con.close()
    for event_id, now, was, fields in rows:
        yield from _explained(event_id, now, was, [f for f in fields.split(",") if f], states.get(event_id), acts)


def _explained(event_id: str, now: int, was: int, fields: list[str], state: str | None, acts: Callable[[str], Sequence[Entry]]) -> Iterator[Problem]:
    if now < was:
        said = f"Revision {was} was released and the ledger has revision {now}: acts are missing. Read the journal with them."
        yield Problem("revision-went-back", said, "error", event_id, "revision", now)
        return
    if state == "conflict":
        return  # nothing is decided yet, and the conflict is told
    later = acts(event_id)[was:] if now > was else []
    given = {name for entry in later for name in entry.body.get("values") or {}}
    rewritten = [name for name in fields if name not in given]
    if rewritten:
        since = f"revision {was}" if now == was else f"revisions {was} to {now}"
        said = (
            f"{', '.join(rewritten)} differs from what was released, and no act since changed it ({since}). Restore the ledger"
            " from its journal, then amend the event with a reason."
        )
        yield Problem("released-value-rewritten", said, "error", event_id, rewritten[0], now)


def _filled(side: str, name: str, events: pa.Table) -> str:
    """A column where an empty list and a null list are the same."""
    import pyarrow as pa

    cell = f'{side}."{name}"'
    return f"CASE WHEN len({cell}) > 0 THEN {cell} END" if pa.types.is_list(events.schema.field(name).type) else cell


def reference_problems(named: Sequence[tuple[str, Any]], kind: str, known: Any) -> Iterator[Problem]:
    """Acts that name a document or draft that the ledger does not have; `named` are (event id, name)."""
    for event_id, name in named:
        if name not in known:
            said = f"An act on the event names the {kind} {name}, which the ledger does not have. Read the journal that has it."
            yield Problem(f"unknown-{kind}", said, "error", event_id, "draft" if kind == "draft" else "reports", name)
