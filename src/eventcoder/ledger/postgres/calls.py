"""The statements by which a store calls the functions and the locks of a ledger on a server. Floor 2."""

from __future__ import annotations

from collections.abc import Sequence

from eventcoder.identity import canonical
from eventcoder.ledger.heads import COLUMNS

_ENTRY_TEXTS = 8
STORE = f"SELECT store_entries({', '.join(f'${n}::json' for n in range(1, _ENTRY_TEXTS + 1))}, $9::text, $10::bigint, $11::boolean)"
APPEND = f"SELECT append_act({', '.join(f'${n}' for n in range(1, _ENTRY_TEXTS + len(COLUMNS)))})"
LOCK = (
    "SELECT pg_advisory_xact_lock_shared($1::bigint), (SELECT count(pg_advisory_xact_lock($2::int, k)) FROM (SELECT DISTINCT hashtext(e) AS k "
    "FROM unnest($3::text[]) AS e ORDER BY 1) AS keys)"
)

# Appends find rows by keys alone: one plan for whatever values, else the server makes a new one each of the first five times in a session
ONE_PLAN = "SET LOCAL plan_cache_mode = force_generic_plan"


def columns_of(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows as the arrays of their columns, in JSON: what `store_entries` takes."""
    return [canonical(list(texts)) for texts in zip(*rows, strict=True)]
