"""Codings without a ledger: what a coder handed in, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventcoder.ledger import Folded
from eventcoder.team.tasks.codings import Coding

SHIRAZ: dict[str, Any] = {
    "event_date": "2026-05-03", "sub_event_type": "Peaceful protest", "event_type": "Protests", "actor1": "Protesters (Iran)", "country": "Iran",
    "location": "Shiraz", "latitude": 29.6104, "longitude": 52.5311, "time_precision": 1, "geo_precision": 1, "fatalities": None,
}  # fmt: skip
YAZD = {
    **SHIRAZ, "event_date": "2026-05-04", "sub_event_type": "Attack", "event_type": "Violence against civilians", "location": "Yazd",
    "latitude": 31.8974, "longitude": 54.3569, "fatalities": 2,
}  # fmt: skip


def coding(item: str, coder: str, *events: Mapping[str, Any], slot: int = 1, done: str | None = "2026-06-01T10:00:00Z", **more: Any) -> Coding:
    held = [_held(f"{item}{coder}{n}", values) for n, values in enumerate(events)]
    facts = {"document": item, "round": "May", "control": False, "planted": None, **more}
    return Coding(task=f"{item}/{slot}", item=item, coder=coder, blind=True, done=done, events=held, **facts)


def _held(name: str, values: Mapping[str, Any]) -> Folded:
    kept = {column: value for column, value in values.items() if value not in (None, [])}
    return Folded(name, kept, [], {}, [], [], "held", 1, (), "", "", "")


def items(*codings: Coding) -> dict[str, Sequence[Coding]]:
    out: dict[str, list[Coding]] = {}
    for one in codings:
        out.setdefault(one.item, []).append(one)
    return dict(out)
