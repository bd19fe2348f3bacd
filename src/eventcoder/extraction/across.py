"""Drafts of different documents that may tell of one event, as candidates `same_event`: proposed to the coder, never joined by themselves. Floor 5.

Compared by days, distance, type, actors, deaths and notes with the scores of `validation.similar`, only within a country and a few days, so that
a long queue stays quick.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from eventcoder.event import Draft
from eventcoder.validation.duplicates.similar import DEFAULT, Features, features, score

_DAYS = 3
_SHOWN = 3
_MOST = 60  # drafts of one country and day that are compared with each other: more is a list of one day's protests, not one event


def with_same_events(drafts: Sequence[Draft]) -> list[Draft]:
    """The same drafts in the same order; codable ones and leads carry what may be the same event in another document, best first."""
    seen: dict[str, Features] = {}
    by_day: defaultdict[tuple[str | None, int], list[Draft]] = defaultdict(list)
    for draft in drafts:
        found = features(draft.fields) if draft.status in ("codable", "lead") else None
        if found is not None:
            seen[draft.draft_id] = found
            by_day[draft.fields.get("country"), found.first].append(draft)
    return [_linked(draft, seen, by_day) if draft.draft_id in seen else draft for draft in drafts]


def _linked(draft: Draft, seen: dict[str, Features], by_day: dict[tuple[str | None, int], list[Draft]]) -> Draft:
    mine = seen[draft.draft_id]
    rated: list[tuple[float, str, Draft]] = []
    for day in range(mine.first - _DAYS, mine.first + _DAYS + 1):
        for other in by_day.get((draft.fields.get("country"), day), ())[:_MOST]:
            if other.document == draft.document:
                continue
            points, _ = score(mine, seen[other.draft_id])
            if points >= DEFAULT.show_from:
                rated.append((points, other.draft_id, other))
    if not rated:
        return draft
    rated.sort(key=lambda item: (-item[0], item[1]))
    links = [{"draft": d.draft_id, "document": d.document, "score": points, "words": d.statement.quote[:80]} for points, _, d in rated[:_SHOWN]]
    return draft.model_copy(update={"candidates": {**draft.candidates, "same_event": links}})
