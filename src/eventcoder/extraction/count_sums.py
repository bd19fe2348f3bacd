"""Several counts of one statement as one figure: classes of victims add up, the same figure told twice does not."""

from __future__ import annotations

from collections.abc import Sequence

from eventcoder.event import Count, CountKind


def together(counts: Sequence[Count], kind: CountKind) -> tuple[int | None, int | None, int | None, str] | None:
    """(low, best, high, rule) of all counts of a kind in one statement: classes of victims add up, the same figure told twice does not."""
    mine = [c for c in counts if c.kind == kind]
    if not mine:
        return None
    if len(mine) == 1 or kind == "crowd":
        one = mine[0]
        return one.low, one.best, one.high, one.rule
    distinct: dict[str, Count] = {}
    for c in mine:
        distinct.setdefault((c.victim or "").lower(), c)
    general = [c for v, c in distinct.items() if v in ("", "people", "persons", "others", "victims", "person")]
    if general:
        best = max(general, key=lambda c: c.best or 0)
        return best.low, best.best, best.high, best.rule
    rows = list(distinct.values())
    if len(rows) == 1:
        return rows[0].low, rows[0].best, rows[0].high, rows[0].rule
    low = None if any(c.low is None for c in rows) else sum(c.low or 0 for c in rows)
    best_sum = None if any(c.best is None for c in rows) else sum(c.best or 0 for c in rows)
    high = None if any(c.high is None for c in rows) else sum(c.high or 0 for c in rows)
    return low, best_sum, high, "sum-of-classes"
