"""Several counts of one statement as one figure: classes of victims add up, the same figure told twice does not. Floor 5."""

from __future__ import annotations

import re
from collections.abc import Sequence

from eventcoder.event import Count, CountKind
from eventcoder.extraction.count_words import words
from eventcoder.extraction.victims import Found

Interval = tuple[int | None, int | None, int | None, str]
_END = re.compile(r"[.!?]\s+(?=[A-Z\"'“])")
_GENERAL = frozenset({""}) | words("people persons others other victims person individuals bodies")


def together(counts: Sequence[Count], kind: CountKind) -> Interval | None:
    """(low, best, high, rule) of all counts of a kind in one statement: classes of victims add up, the same figure told twice does not."""
    return combined_found([Found(c, c.start or 0, c.end or 0, group=-1 - i) for i, c in enumerate(counts)], kind)


def combined_found(found: Sequence[Found], kind: CountKind) -> Interval | None:
    """As `together`, knowing which counts were told as one list, which come on top of others and which are another source's."""
    mine = [f for f in found if f.count.kind == kind]
    if not mine:
        return None
    if kind == "crowd":
        return _crowd(mine)
    if any((f.count.best or f.count.low or f.count.high or 0) > 0 for f in mine):
        mine = [f for f in mine if f.count.rule != "none-stated"]
    if any(not f.total and not f.more for f in mine):
        mine = [f for f in mine if not f.running]
    if any(f.count.rule != "plural-acled" for f in mine):
        # A number told anywhere says more than "villagers were killed".
        groups = {f.group for f in mine if f.count.rule != "plural-acled"}
        mine = [f for f in mine if f.count.rule != "plural-acled" or f.group in groups]
    if any(f.total for f in mine):
        mine = [f for f in mine if not f.more]
    lists: dict[int, list[Found]] = {}
    for f in mine:
        lists.setdefault(f.group, []).append(f)
    told: list[tuple[str, bool, Interval]] = []
    for group in lists.values():
        noun = "+" if group[0].total else (group[0].count.victim or "").lower() if len(group) == 1 else "+"
        more = group[0].more and all(f.more for f in group)
        told.append((noun, more, _sum([_interval(f.count) for f in group])))
    bounded = [t for t in told if t[2][1] is not None or t[2][0] is not None]
    if not bounded:
        return max((t[2] for t in told), key=lambda i: i[2] or 0)
    told = bounded
    base = [t for t in told if not t[1]] or told[:1]
    extra = [t for t in told if t[1] and t not in base]
    general = [i for noun, _, i in base if noun in _GENERAL or noun == "+"]
    if general:
        figure = max(general, key=lambda i: i[1] or i[0] or 0)
    else:
        distinct: dict[str, Interval] = {}
        for noun, _, interval in base:
            distinct.setdefault(_stem(noun), interval)
        figure = _sum(list(distinct.values()))
    return _sum([figure, *(i for _, _, i in extra)]) if extra else figure


def _stem(noun: str) -> str:
    return noun.removesuffix("s").replace("men", "man")


def _interval(count: Count) -> Interval:
    return count.low, count.best, count.high, count.rule


def _sum(rows: Sequence[Interval]) -> Interval:
    if len(rows) == 1:
        return rows[0]
    low = None if any(r[0] is None for r in rows) else sum(r[0] or 0 for r in rows)
    best = None if any(r[1] is None for r in rows) else sum(r[1] or 0 for r in rows)
    high = None if any(r[2] is None for r in rows) else sum(r[2] or 0 for r in rows)
    return low, best, high, "sum-of-classes"


def _crowd(found: Sequence[Found]) -> Interval:
    """The first figure, widened by what other sources say ("the organisers said 10,000, police 4,000")."""
    first = _interval(found[0].count)
    rivals = [_interval(f.count) for f in found[1:] if f.rival]
    if not rivals:
        return first
    values = [v for low, best, _, _ in (first, *rivals) if (v := best if low is None else low) is not None]
    highs = [high for _, _, high, _ in (first, *rivals)]
    top = None if any(h is None for h in highs) else max(h for h in highs if h is not None)
    if not values:
        return first
    if top is not None and top < min(values):
        top = None
    return min(values), min(values), top, "rival-figures"


def within_sentence(text: str, found: Sequence[Found]) -> list[Found]:
    """The counts told in the sentence of the first one; those that come on top or from another source also in the next."""
    first = found[0]
    out = [first]
    for f in found[1:]:
        ends = len(_END.findall(text, first.start, f.start))
        if not ends or (ends == 1 and (f.more or f.rival)):
            out.append(f)
    return out
