"""Which drafts a coder is asked about first. Floor 5.

A coder reads an article once, so documents are put in order and the drafts inside one keep the order of the text. `uncertain` gives first what is
worth most for the coder's time: documents with events that can be coded before those with leads or background alone, and among them those whose
types are least certain for the time that reading and deciding takes. Such decisions teach the classifier most.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import log2

from eventcoder.event import Draft

READING = 2.0  # reading an article takes a coder about as long as this many decisions
_TIERS = ("codable", "lead", "background")
_SURE = 1e-9


def in_order(by_document: Mapping[str, Sequence[Draft]], order: str, published: Mapping[str, str]) -> list[str]:
    """The documents as they should be read. `by_document` holds the drafts that wait, `published` the days ("" if unknown).

    `text`: the oldest first, `newest`: the newest first, `uncertain`: see above. Documents without a day come first by `text`, else last.
    """
    names = sorted(by_document, key=lambda d: (published.get(d, ""), d))
    if order == "newest":
        return sorted(names, key=lambda d: published.get(d, ""), reverse=True)
    if order == "uncertain":
        return sorted(names, key=lambda d: (_tier(by_document[d]), -worth(by_document[d])))
    return names


def worth(drafts: Iterable[Draft]) -> float:
    """Bits of uncertainty that a coder settles for the time of one decision, over the drafts of a document's best status."""
    held = list(drafts)
    tier = _tier(held)
    settled = sum(uncertainty(d) for d in held if _rank(d) == tier)
    return round(settled / (READING + len(held)), 6)


def uncertainty(draft: Draft) -> float:
    """Entropy in bits of the type: 0 where nothing else comes into question. Where an engine names no alternatives, its score has to do."""
    others = [float(c["score"]) for c in draft.candidates.get("sub_event_type", ()) if c.get("score")]
    if others:
        shares = [max(1.0 - sum(others), _SURE), *others]
    elif draft.fields.get("sub_event_type") is None:
        return 0.0
    else:
        sure = min(max(draft.score, 0.5), 1.0)
        shares = [sure, 1.0 - sure]
    total = sum(shares)
    return -sum(s / total * log2(s / total) for s in shares if s > 0)


def _tier(drafts: Sequence[Draft]) -> int:
    return min((_rank(d) for d in drafts), default=len(_TIERS))


def _rank(draft: Draft) -> int:
    return _TIERS.index(draft.status) if draft.status in _TIERS else len(_TIERS)
