"""The ledger: append-only entries, and events as what folding their acts gives. Floor 2.

    with open_ledger(project.ledger_at) as ledger:
        act = new_entry("act", event_id, {"act": "create", "values": {...}}, coder="ana", time=now())
        ledger.append([act])          # on disk when it returns
        ledger.head(event_id).values

`sqlite/` and `postgres/` are the two places that it may lie in, `backend` what each must be able to do; `exchange/` is the way between ledgers, with
the text form that goes into git; `people/` says who may store what. Nothing here imports more than the standard library and floor 0 (on a server also
psycopg): `add` and `list` pass through it.
"""

from eventcoder.ledger.address import ledger_exists
from eventcoder.ledger.entry import ACTS, KINDS, Entry, new_entry
from eventcoder.ledger.fold import fold
from eventcoder.ledger.folded import STATES, Folded
from eventcoder.ledger.store import Ledger, open_ledger

__all__ = ["ACTS", "KINDS", "STATES", "Entry", "Folded", "Ledger", "fold", "ledger_exists", "new_entry", "open_ledger"]
