"""Scores with known answers, worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eventcoder.evaluation import GoldDocument, as_text, evaluate
from tests.evaluation.material import CLASH, DAMBOA, FEAR, MARCH, SHIRAZ, TOTAL, draft, gold, numbers, score, wanted


def test_perfect_drafts_score_one() -> None:
    document = gold(wanted(MARCH, **SHIRAZ, fatalities=None), wanted(FEAR, "hypothetical"))
    result = score(document, draft(MARCH, **SHIRAZ), draft(FEAR, "hypothetical"))
    for level in ("strict", "lenient", "words"):
        assert numbers(result, level) == (1, 0, 0, 0)
    assert (result.precision().value, result.recall().value, result.f1().value, result.status_accuracy().value) == (1, 1, 1, 1)
    assert {name: f.value for name, f in result.fields.items()} == dict.fromkeys([*SHIRAZ, "fatalities", "fatalities: null"], 1)
    assert result.misses == []


def test_known_answer_of_found_missed_and_invented() -> None:
    document = gold(wanted(MARCH, **SHIRAZ), wanted(CLASH, **DAMBOA), wanted(FEAR, "hypothetical"))
    drafts = [draft(MARCH, **SHIRAZ), draft("Prices of bread rose again last month", **DAMBOA | {"location": "Gao", "country": "Mali"})]
    result = score(document, *drafts, draft("Fuel was dear", **SHIRAZ | {"event_date": "2026-05-01"}))
    # one of two events is found, two rows are no event
    assert numbers(result) == (1, 1, 2, 0)
    assert (result.precision().value, result.recall().value) == (pytest.approx(1 / 3), 0.5)
    assert result.f1().value == pytest.approx(2 / 5)
    assert result.status_accuracy().value == pytest.approx(1 / 3), "an event and a forecast without a draft"
    assert "fatalities" not in result.fields, "fields of what was not found are not scored"
    assert {m.what for m in result.misses} == {"missed", "invented", "unread"}


def test_windows_decide_what_is_found_and_words_find_it_all_the_same() -> None:
    document = gold(wanted(CLASH, **DAMBOA))
    late = score(document, draft(CLASH, **DAMBOA | {"event_date": "2026-05-02"}))
    assert numbers(late) == (1, 0, 0, 0), "a day apart is within the window"
    assert late.fields["event_date"].value == 0, "and yet the day is wrong"
    for change in ({"event_date": "2026-05-03"}, {"location": "Gao"}, {"country": "Mali"}):
        other = score(document, draft(CLASH, **DAMBOA | change))
        assert numbers(other) == (0, 1, 1, 0)
        assert numbers(other, "words") == (1, 0, 0, 0)
        assert other.fields[next(iter(change))].value == 0, "a wrong value cannot hide itself by making the event unfound"


def test_the_type_is_strict_or_by_family(judge: Any) -> None:
    document = gold(wanted(CLASH, **DAMBOA))
    kin = score(document, draft(CLASH, **DAMBOA | {"sub_event_type": "Government regains territory"}), judge=judge)
    assert (numbers(kin, "strict"), numbers(kin)) == ((0, 1, 1, 0), (1, 0, 0, 0))
    stranger = score(document, draft(CLASH, **DAMBOA | {"sub_event_type": "Peaceful protest"}), judge=judge)
    assert numbers(stranger) == (0, 1, 1, 0)
    either = gold(wanted(CLASH, "codable", {"sub_event_type": ["Peaceful protest"]}, **DAMBOA))
    assert numbers(score(either, draft(CLASH, **DAMBOA | {"sub_event_type": "Peaceful protest"}), judge=judge), "strict") == (1, 0, 0, 0)


def test_each_draft_is_one_event_and_the_matching_finds_the_most() -> None:
    # the first draft fits both events, the second only the first of them
    one, two = wanted(MARCH, **SHIRAZ), wanted(CLASH, **SHIRAZ | {"event_date": "2026-05-05"})
    result = score(gold(one, two), draft("x y z", **SHIRAZ | {"event_date": "2026-05-04"}), draft("u v w", **SHIRAZ | {"event_date": "2026-05-02"}))
    assert numbers(result) == (2, 0, 0, 0)


def test_a_second_row_of_a_found_event_is_doubled_and_not_invented() -> None:
    again = "The protest of the teachers drew a large crowd"
    document = gold(wanted(MARCH, **SHIRAZ), wanted(again, "attribute", same_as=MARCH))
    result = score(document, draft(MARCH, **SHIRAZ), draft(again, start=60, **SHIRAZ | {"sub_event_type": "Violent demonstration"}))
    assert numbers(result) == (1, 0, 0, 1)
    assert (result.f1().value, result.f1(doubles=True).value) == (1, pytest.approx(2 / 3))
    assert result.sums.pairs("status") == {("codable", "codable"): 1, ("attribute", "codable"): 1}
    joined = score(document, draft(MARCH, **SHIRAZ))
    assert joined.status_accuracy().value == 1, "a second telling that went into the event's draft was rightly joined"
    elsewhere = score(document, draft(MARCH, **SHIRAZ), draft(again, start=60, **SHIRAZ | {"location": "Yazd"}))
    assert numbers(elsewhere) == (1, 0, 1, 0), "another place is another row"


def test_an_event_drafted_at_its_second_telling_is_found() -> None:
    again = "Teachers take to the streets"
    text = f"{again}\n\n{MARCH}."
    document = gold(wanted(MARCH, **SHIRAZ), wanted(again, "attribute", same_as=MARCH), text=text)
    result = score(document, draft(again, start=0, **SHIRAZ))
    assert numbers(result, "words") == (1, 0, 0, 0)
    assert result.status_accuracy().value == 1


def test_totals_memories_and_forecasts_are_never_rows() -> None:
    document = gold(wanted(MARCH, **SHIRAZ), wanted(TOTAL, "aggregate"), wanted(FEAR, "hypothetical"))
    rows = [draft(MARCH, **SHIRAZ), draft(TOTAL, start=60, **SHIRAZ), draft(FEAR, start=160, **SHIRAZ)]
    result = score(document, *rows)
    assert result.never_rows == {"aggregate": 1, "background": 0, "hypothetical": 1, "future": 0, "forbidden": 0}
    assert numbers(result) == (1, 0, 2, 0), "also where their values are those of an event"
    alone = score(document, draft(TOTAL, start=60, **SHIRAZ))
    assert numbers(alone) == (0, 1, 1, 0), "a total does not find the event beside it"
    defended = gold(wanted(TOTAL, "aggregate", {"status": ["codable"]}))
    assert score(defended, draft(TOTAL, **SHIRAZ)).never_rows["aggregate"] == 0


def test_a_row_later_than_its_text_is_counted() -> None:
    document = gold(wanted(MARCH, **SHIRAZ), published="2026-05-04")
    assert score(document, draft(MARCH, **SHIRAZ)).never_rows["future"] == 0
    assert score(document, draft(MARCH, **SHIRAZ | {"event_date": "2026-05-05"})).never_rows["future"] == 1


def test_T33_what_was_never_scored_is_undefined_and_neither_zero_nor_one() -> None:
    nothing = score(gold(wanted(FEAR, "hypothetical")), draft(FEAR, "hypothetical"))
    assert [f.value for f in (nothing.precision(), nothing.recall(), nothing.f1(), nothing.type_f1(weighted=True), nothing.effort())] == [None] * 5
    assert nothing.precision().why == "no codable draft" and nothing.recall().why == "the gold has no codable event"
    assert "undefined (no codable draft)" in as_text(nothing)
    told = json.loads(json.dumps(nothing.as_json(), allow_nan=False))
    assert told["events"]["lenient"]["f1"]["value"] is None and told["types"]["calibration"]["expected_error"] is None
    empty = evaluate({}, [])
    assert empty.status_accuracy().value is None and "undefined" in as_text(empty)
    silent = score(gold(wanted(MARCH, **SHIRAZ)))
    assert (silent.precision().value, silent.recall().value, silent.f1().value) == (None, 0, 0)
    unanimous = score(gold(wanted(MARCH), wanted(CLASH)), draft(MARCH), draft(CLASH, start=60))
    assert unanimous.status_accuracy().value == 1, "one class throughout, all right: plainly 1, not undefined"


def test_an_invented_value_is_wrong_and_zero_is_not_null() -> None:
    document = gold(wanted(MARCH, fatalities=None, injured_low=0, assoc_actor_1=["A", "B"]))
    result = score(document, draft(MARCH, fatalities=0, assoc_actor_1=["B", "A"]))
    shares = {name: f.value for name, f in result.fields.items()}
    assert shares == {"fatalities": 0, "fatalities: null": 0, "injured_low": 0, "assoc_actor_1": 1}


def test_accepted_alternatives_count_as_right() -> None:
    either = wanted(MARCH, "codable", {"location": ["Shiraz city"], "status": ["lead"]}, **SHIRAZ)
    document = gold(either, wanted(CLASH, "lead", {"status": ["codable"]}))
    result = score(document, draft(MARCH, "lead", location="Shiraz city"), draft(CLASH, "codable", start=60))
    assert (result.status_accuracy().value, numbers(result)) == (1, (0, 0, 0, 0))
    assert score(document, draft(MARCH, **SHIRAZ | {"location": "Shiraz city"})).fields["location"].value == 1


def test_names_are_compared_without_case_accents_and_words_for_the_kind_of_division(judge: Any) -> None:
    document = gold(wanted(MARCH, **SHIRAZ | {"location": "Bouaké", "country": "Ivory Coast"}, admin1="Gbeke", actor1="Protesters (Ivory Coast)"))
    told = {"location": "Bouake", "country": "Ivory Coast", "admin1": "Gbêkê Region", "actor1": "protesters (Ivory Coast)"}
    result = score(document, draft(MARCH, **SHIRAZ | told), judge=judge)
    assert {n: f.value for n, f in result.fields.items() if n in told} == dict.fromkeys(told, 1)


def test_years_of_a_regime_are_told_apart_from_the_actor(judge: Any) -> None:
    document = gold(wanted(CLASH, **DAMBOA, actor1="Military Forces of Nigeria (2023-)", actor2="Boko Haram"))
    drafted = draft(CLASH, **DAMBOA, actor1="Boko Haram", actor2="Military Forces of Nigeria (2015-2023)")
    result = score(document, drafted, judge=judge)
    assert (result.fields["actor1"].value, result.fields["both actors, either order"].value) == (0, 0)
    turned = draft(CLASH, **DAMBOA, actor1="Boko Haram", actor2="Military Forces of Nigeria (2023-)")
    assert score(document, turned, judge=judge).fields["both actors, either order"].value == 1
    dated = score(document, draft(CLASH, **DAMBOA, actor1="Military Forces of Nigeria (2015-2023)", actor2="Boko Haram"), judge=judge)
    assert (dated.fields["actor1"].value, dated.fields["actor1, years aside"].value) == (0, 1)


def test_forbidden_rows_are_counted_for_codable_drafts_only() -> None:
    document = gold(wanted(MARCH, country="Iran"), forbidden=[{"country": "Iran", "year": 1979}, {"location": "Tehran"}])
    rows = [{"country": "Iran", "event_date": "1979-02-11"}, {"location": "Tehran"}]
    assert score(document, draft(MARCH, country="Iran", event_date="2026-05-03")).never_rows["forbidden"] == 0
    assert score(document, *(draft(CLASH, **row) for row in rows)).never_rows["forbidden"] == 2
    assert score(document, *(draft(CLASH, "background", **row) for row in rows)).never_rows["forbidden"] == 0


def test_drafts_that_share_their_words_are_told_apart_by_the_place() -> None:
    text = "Rallies were held in Shiraz and in Yazd on Sunday"
    both = [wanted(text, "codable", None, place, **SHIRAZ | {"location": place}) for place in ("Shiraz", "Yazd")]
    result = score(GoldDocument(document="one.txt", statements=both), *(draft(text, **SHIRAZ | {"location": p}) for p in ("Yazd", "Shiraz")))
    for level in ("strict", "words"):
        assert numbers(result, level) == (2, 0, 0, 0)
    assert result.fields["location"].value == 1


def test_statuses_are_confused_as_counted() -> None:
    document = gold(wanted(MARCH, **SHIRAZ), wanted(TOTAL, "aggregate"), wanted(FEAR, "hypothetical"), wanted(CLASH, "background"))
    given = [draft(MARCH, "lead"), draft(TOTAL, "aggregate"), draft(FEAR, "hypothetical")]
    result = score(document, *given, draft("Nobody said a word of it", "lead"))
    assert result.sums.pairs("status") == {
        ("codable", "lead"): 1,
        ("aggregate", "aggregate"): 1,
        ("hypothetical", "hypothetical"): 1,
        ("background", "none"): 1,
    }
    # F1: aggregate 1, hypothetical 1, codable 0, background 0; of those with a draft codable 0 and two times 1
    assert [result.status_f1().value, result.status_f1(found=True).value] == pytest.approx([0.5, 2 / 3])
    assert [result.status_accuracy().value, result.status_accuracy(found=True).value] == pytest.approx([0.5, 2 / 3])
    assert result.as_json()["statuses"]["drafts_beside_gold"] == {"lead": 1}
    # the event is missed, the lead on its words is a wrong status
    assert {(m.what, m.statement) for m in result.misses} == {("missed", MARCH), ("status", MARCH), ("unread", CLASH)}


def test_types_have_a_score_each() -> None:
    statements = [wanted(f"{word} told of an event", **SHIRAZ | {"location": word, "sub_event_type": kind}) for word, kind in _KINDS]
    given = [{"location": word, "sub_event_type": got} for (word, _), got in zip(_KINDS, "AABBA", strict=True)]
    drafts = [draft(f"{change['location']} told of an event", **SHIRAZ | change) for change in given]
    result = score(gold(*statements), *drafts)
    # A: 2 of 3, drafted 3 times; B: 1 of 1, drafted 2 times; C: 0 of 1
    assert [(r.name, r.gold, r.drafted, r.right) for r in result.types] == [("A", 3, 3, 2), ("B", 1, 2, 1), ("C", 1, 0, 0)]
    assert result.type_f1(weighted=False).value == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)
    assert result.type_f1(weighted=True).value == pytest.approx((3 * 2 / 3 + 2 / 3 + 0) / 5)


_KINDS = [("Arak", "A"), ("Borujerd", "A"), ("Chalus", "A"), ("Dezful", "B"), ("Evaz", "C")]


def test_the_table_of_errors_begins_with_the_gravest() -> None:
    document = gold(wanted(MARCH, **SHIRAZ), wanted(TOTAL, "aggregate"), wanted(CLASH, **DAMBOA))
    result = score(document, draft(TOTAL, **DAMBOA), draft(MARCH, **SHIRAZ | {"country": ""}))
    assert [m.what for m in result.misses] == ["never: aggregate", "missed", "status", "country"]
    shown = as_text(result, errors=1)
    assert "never: aggregate" in shown and "... and 3 more" in shown
