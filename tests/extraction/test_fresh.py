"""Short invented texts in styles that the sample articles do not have, written before the engine was tried on them (docs/extraction.md: scores)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eventcoder.event import Draft
from tests.extraction.conftest import Reader

TEXTS: list[dict[str, Any]] = [json.loads(line) for line in (Path(__file__).parent / "fresh.jsonl").read_text("utf-8").splitlines()]
FIELDS_RIGHT = 0.88  # of all expected fields over all texts; docs/extraction.md names today's figure
NUMBERS_RIGHT = 0.84  # of texts with exactly the expected number of codable drafts


def matched(drafts: list[Draft], wanted: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each expected event with the fields of the codable draft or lead that agrees best and is not taken, codable drafts first."""
    free = sorted((d for d in drafts if d.status in ("codable", "lead")), key=lambda d: d.status)
    out = []
    for event in wanted:
        best = max(free, key=lambda d: sum(d.fields.get(k) == v for k, v in event.items()), default=None)
        if best is not None:
            free.remove(best)
        out.append((event, best.fields if best is not None else {}))
    return out


def score(read: Reader) -> tuple[float, float, list[str]]:
    """Share of expected fields that are right, share of texts with the right number of codable drafts, and what is wrong."""
    right = total = numbers = 0
    wrong: list[str] = []
    for text in TEXTS:
        drafts = read(text["text"], text["published"])
        codable = sum(d.status == "codable" for d in drafts)
        numbers += codable == text["codable"]
        if codable != text["codable"]:
            wrong.append(f"{text['style']}: {codable} codable drafts, not {text['codable']}")
        for event, fields in matched(drafts, text["events"]):
            for name, value in event.items():
                # An event that was not found is wrong in everything, in what it rightly lacks too.
                good = bool(fields) and fields.get(name) == value
                right, total = right + good, total + 1
                if not good:
                    wrong.append(f"{text['style']}: {name} is {fields.get(name)!r}, not {value!r}")
    return right / total, numbers / len(TEXTS), wrong


def test_unseen_styles_keep_their_score(read: Reader) -> None:
    fields, numbers, wrong = score(read)
    assert fields >= FIELDS_RIGHT and numbers >= NUMBERS_RIGHT, f"{fields:.3f} {numbers:.3f}\n" + "\n".join(wrong)


@pytest.mark.parametrize("text", TEXTS, ids=lambda t: t["style"])
def test_no_total_talk_or_plan_becomes_codable(text: dict[str, Any], read: Reader) -> None:
    """No codable draft stands on figures that the text gives for totals, displaced people or other years."""
    for draft in read(text["text"], text["published"]):
        if draft.status == "codable":
            assert draft.fields.get("fatalities") not in (30, 40, 310, 4000), draft.statement.quote
            assert draft.fields["event_date"] <= text["published"]
