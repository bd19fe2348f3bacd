"""What is left out to save time changes no answer."""

from __future__ import annotations

from datetime import date

import pytest

from eventcoder.extraction.date_patterns import expressions, may_date
from eventcoder.extraction.lexicon import CueMatcher, Inflector, share
from eventcoder.extraction.sentences import sentences
from eventcoder.extraction.tokens import tokenize
from eventcoder.extraction.trial import _told_at, try_date, try_places

TEXTS = [
    "Gunmen killed two farmers in Borno on Tuesday. A day earlier, traders had marched in Kano against new levies.",
    "Dockers plan to march in Mombasa next week, the union said in Nairobi. Police fired at vendors in Kisumu.",
    "Soldiers shelled a market near Goma, in North Kivu, wounding a trader from Bukavu.",
    "Residents of Ahvaz and Abadan gathered to demand water.",
    "A roadside bomb exploded in Baquba 03/05/2026, and a second one in Muqdadiya.",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_without_words_of_time_has_no_dates(text):
    found = expressions(text) or [e for a, b in sentences(text) for e in expressions(text[a:b])]
    assert may_date(text) or not found


def test_a_text_without_a_date_is_answered_without_being_read(kit):
    answer = try_date({"id": "7", "text": TEXTS[3], "published": date(2026, 5, 20)}, kit)
    assert (answer["id"], answer["start"], answer["rule"]) == ("7", None, "no-date")


@pytest.mark.parametrize("text", TEXTS)
def test_places_stand_in_the_order_that_the_events_of_the_text_give_them(text, kit):
    """Texts in which the order cannot matter are not read for events; the order must be the same as if they had been."""
    rows = try_places({"text": text}, kit)["places"]
    told = _told_at(text, None, kit)
    rank = [(r["geo_precision"] is None, r["gazetteer_id"] is None, told.get((r["start"], r["end"]), (2, 0))) for r in rows]
    assert rank == sorted(rank)


def test_matchers_that_share_their_look_at_the_words_find_what_each_finds_alone():
    inflector = Inflector([("fight", "fought", "fought")])
    tables = [[("v:fight", "CLASH", 1.0), ("opened fire", "SHOOT", 1.0)], [("n:soldier", "state", 1.0)], [("fire ... station", "site", 1.0)]]
    text = "Soldiers fought gunmen who opened fire at a fire and rescue station; the soldier fights on."
    alone = [CueMatcher(rows, inflector).find(tokenize(text)) for rows in tables]
    joint = [CueMatcher(rows, inflector) for rows in tables]
    share(joint)
    tokens = tokenize(text)
    assert [matcher.find(tokens) for matcher in joint] == alone
    assert [matcher.find(tokens) for matcher in reversed(joint)] == alone[::-1]
    assert alone[0] and alone[1] and alone[2]
    part = (3, 7)
    assert joint[0].find(tokens, *part) == CueMatcher(tables[0], inflector).find(tokenize(text), *part)
