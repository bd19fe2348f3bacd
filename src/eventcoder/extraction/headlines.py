"""What headlines tell: the same event as the text below, once more and often with its town. Floor 5.

A headline opens no event of its own where the text below tells events: it joins the one that it fits best by place, type and words.
"""

from __future__ import annotations

from collections.abc import Sequence

from eventcoder.extraction.joining import family
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.reading import Reading
from eventcoder.extraction.scene import Scene
from eventcoder.extraction.status import dated

_ENOUGH = 2.0


def headlines(events: Sequence[Reading], scene: Scene | None) -> tuple[list[Reading], list[Reading]]:
    """(readings of the headline without a day of their own, all others). All are others in a text that is only a headline."""
    if scene is None or not scene.headline_end:
        return [], list(events)
    heads = [
        r for r in events if r.statement.sentence.offset < scene.headline_end and not r.dated and r.judged.status in ("lead", "codable", "background")
    ]
    rest = [r for r in events if not any(r is h for h in heads)] if heads else list(events)
    for head in heads:
        head.headline = True
    return (heads, rest) if any(r.judged.status in ("codable", "lead") for r in rest) else ([], list(events))


def under_headlines(heads: Sequence[Reading], events: list[Reading], scene: Scene, kit: Kit) -> list[Reading]:
    """Join each headline to the event below that it tells; one that fits none stays beside them, as told again of the first."""
    able = [r for r in events[:40] if r.judged.status in ("codable", "lead")]
    for head in heads:
        ranked = sorted(((_fit(head, r), -i) for i, r in enumerate(able)), reverse=True)
        if not ranked:
            continue
        best, place = ranked[0]
        host = able[-place]
        host.joined.append(head)
        if best >= _ENOUGH and not host.places and len(head.settled_places) == 1 and host.country_mention is None:
            host.places, host.place_rule = head.settled_places, "continued:headline"
            if host.dated and host.judged.status == "lead":
                host.judged = dated(host.statement, host.when, True, host.published, kit.settings.window_days)
    # A text whose events could not be told from its headline keeps it as a lead.
    return events if able else [*heads, *events]


def _fit(head: Reading, event: Reading) -> float:
    ids = {m.best.gazetteer_id for m in head.settled_places if m.best is not None}
    theirs = {m.best.gazetteer_id for r in (event, *event.joined) for m in r.settled_places if m.best is not None}
    place = 1.5 if ids & theirs else -0.5 if ids and theirs else 0.0
    names = {m.name.lower() for m in head.places} & {m.name.lower() for r in (event, *event.joined) for m in r.places}
    kind = (
        1.5
        if head.typed.sub_event_type == event.typed.sub_event_type
        else 1.0
        if family(head.typed.sub_event_type) == family(event.typed.sub_event_type)
        else 0.0
    )
    words = _words(head) & set().union(*(_words(r) for r in (event, *event.joined)))
    return place + (1.0 if names and not ids else 0.0) + kind + min(1.5, 0.4 * len(words))


def _words(reading: Reading) -> set[str]:
    tokens = reading.statement.sentence.tokens
    return {f.rstrip("s") for p in reading.statement.pieces for f in tokens.forms[p.start : p.end] if len(f) > 3}
