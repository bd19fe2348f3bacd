"""Where very many events came from: the import that created each, in a few queries. Floor 2."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from eventcoder.ledger.backend import Store
from eventcoder.ledger.hidden import VISIBLE
from eventcoder.ledger.writing import portions


def imports_of(store: Store, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """event id -> the part `import` of the act that created it, of those events that an import brought."""
    out: dict[str, dict[str, Any]] = {}
    for part in portions(store, sorted(set(ids))):
        rows = store.rows(
            f"SELECT e.subject, e.body FROM entries AS e WHERE e.kind = 'act' AND e.parents = '[]' AND e.subject IN ({', '.join('?' * len(part))}) "
            f"AND {VISIBLE}",
            part,
        )
        for subject, body in rows:
            origin = json.loads(body).get("import")
            if isinstance(origin, dict):
                out[subject] = origin
    return out
