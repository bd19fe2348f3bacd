"""A coder's last events as rows of the workbook. Floor 5."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eventcoder.intake.template.cells import cell_value, fits
from eventcoder.intake.template.fields import Field
from eventcoder.ledger import Ledger

LAST = 50
STATES = ("open", "settled")  # an event in conflict takes no revision, a withdrawn one none either


def last_events(ledger: Ledger, coder: str, fields: Sequence[Field], limit: int = LAST) -> tuple[list[dict[str, Any]], int]:
    """The events that `coder` made, the one changed last first, each with `event_id` and `revision`; and how many were passed over.

    Passed over are events with a text that a cell cannot give back as it is (longer than Excel's limit, or with its escapes): importing the
    row would change the event.
    """
    found: list[dict[str, Any]] = []
    passed = 0
    for event in ledger.events(states=STATES, by="changed", newest_first=True):
        if event.coder != coder:
            continue
        row = {**event.values, "event_id": event.event_id, "revision": event.revision}
        if all(fits(cell_value(field.column, row.get(field.name))) for field in fields):
            found.append(row)
        else:
            passed += 1
        if len(found) == limit:
            break
    return found, passed
