"""validation.html: whole, quiet about the network, and sensible with nothing and with very much to tell."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from eventcoder.codebook import Codebook
from eventcoder.validation import gate
from eventcoder.validation.reports.page import validation_page
from tests.synthetic_events import synthetic_values
from tests.validation.reports.test_rendering import HOSTILE, Outline
from tests.validation.tables import TODAY, release_tables


@pytest.fixture(scope="module")
def document(codebook: Codebook) -> dict[str, Any]:
    return gate(release_tables(synthetic_values(30, 2), codebook), codebook, latest_today=TODAY, great_expectations=False).document


def changed(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(document), **changes}


def read(page: str) -> Outline:
    outline = Outline()
    outline.feed(page)
    assert outline.open == [] and outline.outside == [] and not {"script", "link", "img"} & set(outline.tags)
    assert all(link[1:] in outline.ids for link in outline.links) and len(set(outline.ids)) == len(outline.ids)
    return outline


def test_nothing_to_tell_is_said_in_words(document: dict[str, Any]) -> None:
    page = validation_page(changed(document, remaining=[], valid=True, counts={"error": 0, "warning": 0, "info": 0}))
    read(page)
    assert "Passed: no errors." in page and "Nothing: every check holds." in page and "Accepted warnings" not in page


def test_two_hundred_codes_are_two_hundred_rows_with_their_counts(document: dict[str, Any]) -> None:
    events = [f"a{i:011}" for i in range(50)]
    one = {"severity": "warning", "problems": 12_345, "example": "Look.", "events": events, "more_events": 12_295}
    page = validation_page(changed(document, remaining=[{"code": f"code-{i}", **one} for i in range(200)]))
    read(page)
    assert page.count("12,345") == 200 and page.count("and 12,335 more") == 200 and len(page) < 400_000


def test_what_was_accepted_and_every_hostile_value_is_shown_and_harmless(document: dict[str, Any]) -> None:
    accepted = [{"code": "likely-same-event", "reason": HOSTILE, "by": "ada", "since": "2026-11-02", "until": "2027-03-01", "value": HOSTILE}]
    remaining = [{"code": HOSTILE, "severity": HOSTILE, "problems": 1, "example": HOSTILE, "events": [HOSTILE], "more_events": 0}]
    page = validation_page(changed(document, accepted=accepted, remaining=remaining))
    outline = read(page)
    assert "accepted" in outline.ids and "2027-03-01" in page
    assert "\x1b" not in page and "\u202e" not in page and "\\x1b" in page


def test_a_verdict_is_said_in_words_beside_its_colour(document: dict[str, Any]) -> None:
    thresholds = [{**t, "verdict": "fails" if n == 3 else t["verdict"]} for n, t in enumerate(document["thresholds"])]
    page = validation_page(changed(document, thresholds=thresholds, valid=False, counts={"error": 1, "warning": 0, "info": 0}))
    first = page[page.index('id="thresholds"') :]
    assert "Failed: 1 error." in page and first.index('<td class="word-fails">fails</td>') < first.index(">holds<")
