"""Gold and drafts in a few words, for the tests of the scores."""

from __future__ import annotations

from typing import Any

from eventcoder.evaluation import Evaluation, GoldDocument, GoldStatement, evaluate
from eventcoder.event import Draft, Span

MARCH = "Teachers marched in Shiraz on Sunday"
CLASH = "Two soldiers were killed near Damboa on Friday"
FEAR = "Shopkeepers fear that more riots will follow"
TOTAL = "At least 140 people have died in the province since 2021"
SHIRAZ: dict[str, Any] = {"event_date": "2026-05-03", "sub_event_type": "Peaceful protest", "country": "Iran", "location": "Shiraz"}
DAMBOA: dict[str, Any] = {"event_date": "2026-05-01", "sub_event_type": "Armed clash", "country": "Nigeria", "location": "Damboa", "fatalities": 2}


def gold(*statements: GoldStatement, **more: Any) -> GoldDocument:
    return GoldDocument(**{"document": "one.txt", "statements": list(statements), **more})


def wanted(
    quote: str, status: str = "codable", accept: dict[str, list[Any]] | None = None, name: str | None = None, /, **fields: Any
) -> GoldStatement:
    return GoldStatement(id=name or quote, quote=quote, status=status, fields=fields, accept=accept or {})  # type: ignore[arg-type]


def draft(quote: str, status: str = "codable", start: int = 0, score: float = 0.9, **fields: Any) -> Draft:
    name = f"{quote}{status}{start}{sorted((k, str(v)) for k, v in fields.items())}"
    span = Span(start=start, end=start + len(quote), quote=quote)
    return Draft(
        draft_id=name, document="d", status=status, clue="", statement=span, fields=fields, score=score, engine="rules", engine_version="1"  # type: ignore[arg-type]
    )  # fmt: skip


def score(document: GoldDocument, *drafts: Draft, **more: Any) -> Evaluation:
    return evaluate({document.document: drafts}, [document], **more)


def numbers(found: Evaluation, level: str = "lenient") -> tuple[int, int, int, int]:
    """Found, missed, invented, doubled."""
    return tuple(found.sums.count(f"{level}.{part}") for part in ("found", "missed", "invented", "doubled"))  # type: ignore[return-value]
