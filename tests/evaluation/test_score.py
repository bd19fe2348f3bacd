"""Scores with known answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eventcoder.evaluation import GoldDocument, GoldStatement, evaluate
from eventcoder.event import Draft, Span

MARCH = "Teachers marched in Shiraz on Sunday"
CLASH = "Two soldiers were killed near Damboa on Friday"
FEAR = "Shopkeepers fear that more riots will follow"


def gold(*statements: GoldStatement, **more: Any) -> GoldDocument:
    return GoldDocument(document="one.txt", statements=list(statements), **more)


def wanted(quote: str, status: str = "codable", accept: dict[str, list[Any]] | None = None, **fields: Any) -> GoldStatement:
    return GoldStatement(id=quote.split()[0], quote=quote, status=status, fields=fields, accept=accept or {})  # type: ignore[arg-type]


def draft(quote: str, status: str = "codable", **fields: Any) -> Draft:
    name = f"{quote}{status}{sorted(fields.items())}"
    span = Span(start=0, end=len(quote), quote=quote)
    return Draft(draft_id=name, document="d", status=status, clue="", statement=span, fields=fields, score=0.9, engine="rules", engine_version="1")  # type: ignore[arg-type]


def score(document: GoldDocument, *drafts: Draft) -> Any:
    return evaluate({"one.txt": drafts}, [document])


def test_perfect_drafts_score_one() -> None:
    document = gold(wanted(MARCH, country="Iran", fatalities=None), wanted(FEAR, "hypothetical"))
    result = score(document, draft(MARCH, country="Iran"), draft(FEAR, "hypothetical"))
    assert (result.precision, result.recall, result.f1, result.status_accuracy) == (1, 1, 1, 1)
    assert {name: t.share for name, t in result.fields.items()} == {"country": 1, "fatalities": 1}
    assert result.misses == []


def test_known_answer_of_found_missed_and_invented() -> None:
    document = gold(wanted(MARCH, country="Iran"), wanted(CLASH, country="Nigeria", fatalities=2), wanted(FEAR, "hypothetical"))
    result = score(document, draft(MARCH, country="Iraq"), draft(FEAR, "codable", country="Iran"), draft("Prices of bread rose again last month"))
    assert (result.found, result.missed, result.invented) == (1, 1, 2)
    assert (result.precision, result.recall) == (pytest.approx(1 / 3), 0.5)
    assert result.f1 == pytest.approx(2 / 5)
    assert result.status_accuracy == pytest.approx(1 / 3)
    assert (result.fields["country"].right, result.fields["country"].total) == (0, 1), "fields of what was not found are not scored"
    assert {(m.statement, m.what) for m in result.misses} >= {("Two", "status"), ("Teachers", "country"), ("-", "invented")}


def test_T33_what_was_never_scored_is_undefined_and_neither_zero_nor_one() -> None:
    nothing = score(gold(wanted(FEAR, "hypothetical")), draft(FEAR, "hypothetical"))
    assert (nothing.precision, nothing.recall, nothing.f1) == (None, None, None)
    assert "undefined" in nothing.as_text()
    assert json.loads(json.dumps(nothing.as_json(), allow_nan=False))["events"]["f1"] is None
    assert evaluate({}, []).status_accuracy is None
    # one class throughout, all right: accuracy is plainly 1, not undefined
    unanimous = score(gold(wanted(MARCH), wanted(CLASH)), draft(MARCH), draft(CLASH))
    assert unanimous.status_accuracy == 1


def test_an_invented_value_is_wrong_and_zero_is_not_null() -> None:
    document = gold(wanted(MARCH, fatalities=None, injured_low=0, assoc_actor_1=["A", "B"]))
    result = score(document, draft(MARCH, fatalities=0, assoc_actor_1=["B", "A"]))
    assert {name: t.right for name, t in result.fields.items()} == {"fatalities": 0, "injured_low": 0, "assoc_actor_1": 1}


def test_accepted_alternatives_count_as_right() -> None:
    either = wanted(MARCH, accept={"location": ["Shiraz city"], "status": ["lead"]}, location="Shiraz")
    document = gold(either, wanted(CLASH, "lead", {"status": ["codable"]}))
    result = score(document, draft(MARCH, "lead", location="Shiraz city"), draft(CLASH, "codable"))
    assert (result.status_accuracy, result.fields["location"].share, result.invented, result.missed) == (1, 1, 0, 0)


def test_forbidden_rows_are_counted_for_codable_drafts_only() -> None:
    document = gold(wanted(MARCH, country="Iran"), forbidden=[{"country": "Iran", "year": 1979}, {"location": "Tehran"}])
    rows = [{"country": "Iran", "event_date": "1979-02-11"}, {"location": "Tehran"}]
    assert score(document, draft(MARCH, country="Iran", event_date="2026-05-03")).forbidden == 0
    assert score(document, *(draft(CLASH, **row) for row in rows)).forbidden == 2
    assert score(document, *(draft(CLASH, "background", **row) for row in rows)).forbidden == 0


def test_drafts_that_share_their_words_are_told_apart_by_the_place() -> None:
    text = "Rallies were held in Shiraz and in Yazd on Sunday"
    both = [wanted(text, location="Shiraz"), wanted(text, location="Yazd")]
    document = GoldDocument(document="one.txt", statements=[s.model_copy(update={"id": str(s.fields["location"])}) for s in both])
    result = score(document, draft(text, location="Yazd"), draft(text, location="Shiraz"))
    assert (result.found, result.invented, result.fields["location"].share) == (2, 0, 1)


def test_a_wrong_value_cannot_hide_a_found_event() -> None:
    result = score(gold(wanted(CLASH, country="Nigeria", location="Damboa")), draft(CLASH, country="Mali", location="Gao"))
    assert (result.found, result.missed) == (1, 0)
    assert [t.right for t in result.fields.values()] == [0, 0]
