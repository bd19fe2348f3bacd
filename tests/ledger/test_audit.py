"""An edited database is found, and what is derived can be made anew."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from eventcoder.ledger import Ledger
from eventcoder.ledger.sqlite.layout import GUARDS

from .conftest import EVENT, act, created


@pytest.mark.parametrize(
    ("edit", "codes"),
    [
        ("UPDATE entries SET body = replace(body, '\"fatalities\":2', '\"fatalities\":9')", {"ledger-entry-altered"}),
        ("UPDATE entries SET coder = 'eve' WHERE seq = 1", {"ledger-entry-altered"}),
        ("UPDATE entries SET body = 'rubbish' WHERE seq = 1", {"ledger-entry-altered"}),
        ("DELETE FROM entries WHERE seq = 1", {"ledger-sequence-broken", "ledger-parent-missing"}),
        ("DELETE FROM entries WHERE seq = 3", {"ledger-sequence-broken", "ledger-head-wrong"}),
        ("UPDATE heads SET state = 'retracted'", {"ledger-head-wrong"}),
        ("UPDATE heads SET folded = replace(folded, 'Shiraz', 'Fasa')", {"ledger-head-wrong"}),
        ("DELETE FROM heads", {"ledger-head-wrong"}),
    ],
)
def test_T31_an_edit_behind_the_guards_is_found(ledger: Ledger, path: Path, edit: str, codes: set[str]) -> None:
    first = created()
    ledger.append([first, act("revise", parents=(first.id,), values={"fatalities": 2}), created("other")])
    assert ledger.verify() == []
    raw = sqlite3.connect(path)
    for name in GUARDS:
        raw.execute(f"DROP TRIGGER {name}")
    raw.execute(edit)
    for sql in GUARDS.values():
        raw.execute(sql)
    raw.commit()
    raw.close()
    assert {p.code for p in ledger.verify()} == codes


def test_heads_are_rebuilt_byte_for_byte(ledger: Ledger) -> None:
    first = created()
    ledger.append([first, created("other", date_start="2026-03-01")])
    ledger.append([act("retract", parents=(first.id,), reason="double", successor="other")])
    before = ledger.store.rows("SELECT * FROM heads ORDER BY event_id")
    ledger.store.execute("DELETE FROM heads WHERE event_id = ?", (EVENT,))
    ledger.store.execute("UPDATE heads SET country = 'x'")
    assert ledger.rebuild() == 2
    assert ledger.store.rows("SELECT * FROM heads ORDER BY event_id") == before
