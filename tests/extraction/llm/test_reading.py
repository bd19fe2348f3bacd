"""What becomes of a model's statements: quotes looked for, labels checked, values found again by our own resolvers."""

from __future__ import annotations

from typing import Any

import pytest

from eventcoder.event import Draft
from eventcoder.extraction.protocol import Extracted
from tests.extraction.llm.articles import CALI, CALI_MARCH, GUSAU, GUSAU_ATTACK, GUSAU_SPEECH, GUSAU_SUM, SHIRAZ, SHIRAZ_PROTEST
from tests.extraction.llm.conftest import Bench, says, text_of


def one(bench: Bench, text: str, *statements: dict[str, Any], published: str | None = "2026-05-07", language: str | None = "en") -> Extracted:
    """The reading of one text when the model tells these statements."""
    bench.server.reply = lambda request, number: says(*statements)
    (out,) = bench.read(text_of(text, published, language))
    assert not out.failed
    return out


def only(out: Extracted) -> Draft:
    (draft,) = out.drafts
    return draft


def codes(out: Extracted) -> list[str]:
    return [p.code for p in out.problems]


def test_a_statement_becomes_a_draft_with_values_from_our_own_resolvers(bench: Bench) -> None:
    out = one(bench, GUSAU, GUSAU_ATTACK, GUSAU_SPEECH, GUSAU_SUM)
    attack, speech, total = out.drafts
    fields = attack.fields
    assert (attack.status, fields["sub_event_type"]) == ("codable", "Attack")
    assert (fields["event_date"], fields["time_precision"], attack.rules["event_date"]) == ("2026-05-05", 1, "weekday")
    assert (fields["country"], fields["location"], fields["geo_precision"]) == ("Nigeria", "Gusau", 1)
    assert fields["gazetteer_id"].startswith("geonames:") and abs(fields["latitude"] - 12.17) < 0.1
    assert (fields["fatalities"], fields["fatalities_low"], fields.get("fatalities_high")) == (12, 12, None)
    assert (fields["actor1"], fields["inter1"]) == ("Unidentified Armed Group (Nigeria)", "Political militia")
    assert (fields["actor2"], fields["inter2"]) == ("Civilians (Nigeria)", "Civilians")
    assert [s.quote for s in attack.evidence["event_date"]] == ["Tuesday"] and [s.quote for s in attack.evidence["location"]] == ["Gusau"]
    assert fields["notes"].startswith("On 5 May 2026")
    assert (attack.engine, attack.engine_version) == ("llm", bench.engine.version if bench.engine else "")
    assert (speech.status, speech.fields) == ("speech_act", {})
    assert (total.status, total.fields, total.counts[0].low) == ("aggregate", {}, 400)
    assert out.problems == []


def test_persian_spanish_and_french_texts_keep_their_quotes_and_get_resolved_values(bench: Bench) -> None:
    protest = only(one(bench, SHIRAZ, SHIRAZ_PROTEST, language="fa"))
    assert (protest.status, protest.fields["event_date"], protest.fields["location"], protest.fields["admin1"]) == (
        "codable",
        "2026-05-05",
        "Shiraz",
        "Fars",
    )
    assert protest.rules["event_date"] == "llm-translation:weekday" and protest.evidence["event_date"][0].quote == "روز سه‌شنبه"
    assert (protest.fields["actor1"], protest.fields["assoc_actor_1"]) == ("Protesters (Iran)", ["Teachers (Iran)"])
    assert (protest.fields["crowd_low"], protest.fields["crowd_text"], protest.fields["arrested_low"]) == (12, "ده‌ها معلم", 3)
    march = only(one(bench, CALI, CALI_MARCH, language="es"))
    assert (march.fields["event_date"], march.fields["country"], march.fields["crowd_low"]) == ("2026-05-05", "Colombia", 300)
    lille = "Lille - Deux cents soignants ont manifesté mardi à Lille, selon la préfecture."
    told = {
        "quote": "Deux cents soignants ont manifesté mardi à Lille",
        "status": "codable",
        "sub_event_type": {"value": "Peaceful protest", "quote": "ont manifesté"},
        "date": {"value": "2026-05-05", "quote": "mardi", "english": "Tuesday"},
        "location": {"value": "Lille", "quote": "à Lille", "english": "in Lille"},
        "crowd": {"value": 200, "quote": "Deux cents soignants", "english": "Two hundred health workers demonstrated"},
    }
    french = only(one(bench, lille, told, language="fr"))
    assert (french.status, french.fields["location"], french.fields["crowd_low"]) == ("codable", "Lille", 200)


def test_an_arabic_name_with_a_particle_written_to_it_is_found(bench: Bench) -> None:
    text = "خرج مئات المتظاهرين يوم الثلاثاء بالخرطوم للمطالبة بالخبز."
    told = {
        "quote": text.rstrip("."),
        "status": "codable",
        "sub_event_type": {"value": "Peaceful protest", "quote": "خرج مئات المتظاهرين"},
        "date": {"value": "2026-05-05", "quote": "يوم الثلاثاء", "english": "on Tuesday"},
        "location": {"value": "Khartoum", "quote": "بالخرطوم", "english": "in Khartoum"},
    }
    draft = only(one(bench, text, told, language="ar"))
    assert (draft.fields["country"], draft.fields["location"], draft.evidence["location"][0].quote) == ("Sudan", "Khartoum", "بالخرطوم")


@pytest.mark.parametrize(
    ("language", "text", "quote", "english", "name", "country"),
    [
        ("ru", "Жители вышли на площадь в Махачкале.", "в Махачкале", "in Makhachkala", "Makhachkala", "Russia"),
        ("ko", "화요일 부산에서 노동자 수백 명이 시위했다.", "부산에서", "in Busan", "Busan", "South Korea"),
        ("hu", "Több százan tüntettek Debrecenben.", "Debrecenben", "in Debrecen", "Debrecen", "Hungary"),
        ("tr", "Diyarbakır'da yüzlerce kişi yürüdü.", "Diyarbakır'da", "in Diyarbakir", "Diyarbakir", "Turkey"),
    ],
)
def test_inflected_names_lead_to_the_place(bench: Bench, language: str, text: str, quote: str, english: str, name: str, country: str) -> None:
    told = {"quote": text, "status": "codable", "location": {"value": name, "quote": quote, "english": english}}
    assert only(one(bench, text, told, language=language)).fields["country"] == country
    # the same words bear no other place out
    told = {"quote": text, "status": "codable", "location": {"value": "Nairobi", "quote": quote, "english": "in Nairobi"}}
    assert only(one(bench, text, told, language=language)).fields.get("country") != "Kenya"


def test_a_dateline_is_no_place_of_the_event(bench: Bench) -> None:
    text = "KANO, Nigeria, May 6 (Plain Wire) - Gunmen killed three farmers on Tuesday."
    told = {
        "quote": "Gunmen killed three farmers on Tuesday",
        "status": "codable",
        "sub_event_type": {"value": "Attack", "quote": "killed three farmers"},
        "date": {"value": "2026-05-05", "quote": "on Tuesday"},
        "location": {"value": "Kano", "quote": "KANO"},
    }
    draft = only(one(bench, text, told))
    assert draft.status == "lead" and "location" not in draft.fields and "head of the report" in draft.rules["location"]


def test_the_class_of_a_crowd_is_the_models_and_other_contradictions_are_the_coders(bench: Bench) -> None:
    text = "In Ibadan, Nigeria, students blocked a road on Tuesday and soldiers watched."
    told: dict[str, Any] = {
        "quote": "students blocked a road on Tuesday and soldiers watched",
        "status": "codable",
        "sub_event_type": {"value": "Peaceful protest", "quote": "students blocked a road"},
        "date": {"value": "2026-05-05", "quote": "on Tuesday"},
        "location": {"value": "Ibadan", "quote": "Ibadan"},
        "actor1": {"value": "students", "quote": "students", "actor_class": "Protesters"},
        "actor2": {"value": "soldiers", "quote": "soldiers", "actor_class": "Civilians"},
    }
    out = one(bench, text, told)
    draft = only(out)
    assert (draft.fields["actor1"], draft.fields["assoc_actor_1"]) == ("Protesters (Nigeria)", ["Students (Nigeria)"])
    assert "actor2" not in draft.fields and draft.candidates["actor2"][0]["inter"] == "State forces"
    assert codes(out) == ["value-not-confirmed"]


def test_a_clue_counts_only_in_the_documents_own_words(bench: Bench) -> None:
    (kept, dropped) = one(bench, GUSAU, GUSAU_SPEECH, {**GUSAU_SUM, "clue": "it is a sum, trust me"}).drafts
    assert kept.clue == "read by the model: 'condemned'" and dropped.clue == "read by the model"


def test_a_value_whose_quote_is_not_in_the_text_is_dropped_and_reported(bench: Bench) -> None:
    told = {**GUSAU_ATTACK, "killed": {"value": 40, "quote": "killing 40 people on the spot", "english": None}}
    out = one(bench, GUSAU, told)
    draft = only(out)
    assert "fatalities" not in draft.fields and draft.counts == []
    assert codes(out) == ["quote-not-in-text"]
    (problem,) = out.problems
    assert problem.field == "killed" and problem.value == 40 and "killing 40 people on the spot" in problem.message
    assert draft.rules["fatalities"].startswith("dropped")


def test_a_value_without_any_quote_is_dropped_whatever_its_form(bench: Bench) -> None:
    told = {**GUSAU_ATTACK, "killed": 12, "location": "Gusau", "actor1": {"value": "gunmen"}, "actor2": None, "country": "null"}
    out = one(bench, GUSAU, told)
    assert not {"fatalities", "location", "actor1"} & set(only(out).fields)
    assert sorted((p.code, p.field) for p in out.problems) == [("quote-not-in-text", n) for n in ("actor1", "killed", "location")]


def test_a_statement_that_is_not_in_the_text_is_dropped_with_all_its_values(bench: Bench) -> None:
    out = one(bench, GUSAU, {**GUSAU_ATTACK, "quote": "Gunmen killed twelve people in Gusau on Tuesday"}, GUSAU_SPEECH)
    assert [d.status for d in out.drafts] == ["speech_act"]
    assert codes(out) == ["quote-not-in-text"]


def test_labels_that_are_not_in_the_lists_are_reported_with_what_was_answered(bench: Bench) -> None:
    out = one(
        bench,
        GUSAU,
        {**GUSAU_ATTACK, "sub_event_type": {"value": "Massacre", "quote": "killed at least 12 people"}},
        {**GUSAU_SPEECH, "status": "opinion"},
    )
    draft = only(out)
    assert "sub_event_type" not in draft.fields and "Massacre" in draft.rules["sub_event_type"]
    assert draft.status == "lead" and "no type" in draft.clue
    assert [(p.code, p.field, p.value) for p in out.problems] == [
        ("unknown-label", "sub_event_type", "Massacre"),
        ("unknown-label", "status", "opinion"),
    ]


def test_old_spellings_and_other_case_of_a_label_are_the_label(bench: Bench) -> None:
    told = {**GUSAU_ATTACK, "sub_event_type": {"value": "EXCESSIVE FORCE AGAINST PROTESTORS", "quote": "killed"}}
    assert only(one(bench, GUSAU, told)).fields["sub_event_type"] == "Excessive force against protesters"


def test_the_words_stand_against_the_model(bench: Bench) -> None:
    told = {
        **GUSAU_ATTACK,
        "date": {"value": "2026-05-02", "quote": "on Tuesday", "english": None},
        "killed": {"value": 120, "quote": "killed at least 12 people", "english": None},
    }
    out = one(bench, GUSAU, told)
    fields = only(out).fields
    assert (fields["event_date"], fields["fatalities"]) == ("2026-05-05", 12)
    assert "the model said 2026-05-02" in only(out).rules["event_date"]
    assert codes(out) == ["value-not-confirmed"]


def test_a_day_after_publication_is_refused(bench: Bench) -> None:
    text = "Gunmen attacked the town of Gusau, Nigeria, on 9 May 2026, killing a farmer."
    told = {
        "quote": "Gunmen attacked the town of Gusau",
        "status": "codable",
        "sub_event_type": {"value": "Attack", "quote": "attacked"},
        "date": {"value": "2026-05-09", "quote": "on 9 May 2026"},
        "location": {"value": "Gusau", "quote": "Gusau"},
    }
    for published in ("2026-05-07", "2026-05-08"):
        out = one(bench, text, told, published=published)
        assert only(out).status == "lead" and "event_date" not in only(out).fields and "event_date" not in only(out).candidates
    assert only(one(bench, text, told, published="2026-05-10")).fields["event_date"] == "2026-05-09"


def test_without_a_date_of_publication_relative_words_stay_unresolved_and_a_full_date_counts(bench: Bench) -> None:
    out = one(bench, GUSAU, GUSAU_ATTACK, published=None)
    assert only(out).status == "lead" and "event_date" not in only(out).fields
    assert "no-publication-date" in only(out).rules["event_date"]
    text = "El 3 de febrero de 2024 unas 50 personas marcharon en Cali."
    told = {
        "quote": "unas 50 personas marcharon en Cali",
        "status": "codable",
        "sub_event_type": {"value": "Peaceful protest", "quote": "marcharon"},
        "date": {"value": "2024-02-03", "quote": "El 3 de febrero de 2024"},
        "location": {"value": "Cali", "quote": "Cali"},
    }
    draft = only(one(bench, text, told, published=None, language="es"))
    assert (draft.status, draft.fields["event_date"], draft.rules["event_date"]) == ("codable", "2024-02-03", "llm:full-date")


def test_a_translation_that_does_not_agree_with_the_model_settles_nothing(bench: Bench) -> None:
    told = {**SHIRAZ_PROTEST, "date": {"value": "2026-05-01", "quote": "روز سه‌شنبه", "english": "on Tuesday"}}
    told["crowd"] = {"value": 500, "quote": "ده‌ها معلم", "english": "dozens of teachers gathered"}
    out = one(bench, SHIRAZ, told, language="fa")
    draft = only(out)
    assert draft.status == "lead" and "event_date" not in draft.fields and "crowd_low" not in draft.fields
    assert draft.candidates["event_date"] == [{"value": "2026-05-01", "score": 0.3}]
    assert codes(out) == ["value-not-confirmed", "value-not-confirmed"]


def test_translations_count_nothing_in_an_english_text(bench: Bench) -> None:
    told = {**GUSAU_ATTACK, "date": {"value": "2026-05-04", "quote": "on motorcycles", "english": "on Monday"}}
    draft = only(one(bench, GUSAU, told))
    assert draft.status == "lead" and "event_date" not in draft.fields


def test_a_place_that_the_gazetteer_does_not_know_is_left_to_the_coder(bench: Bench) -> None:
    text = "Nigeria: gunmen killed two farmers in Qwaxunto on Tuesday."
    told = {
        **GUSAU_ATTACK,
        "quote": "gunmen killed two farmers in Qwaxunto on Tuesday",
        "sub_event_type": {"value": "Attack", "quote": "killed two farmers"},
        "location": {"value": "Gusau", "quote": "Qwaxunto"},
        "actor1": None,
        "actor2": None,
        "killed": {"value": 2, "quote": "killed two farmers"},
    }
    draft = only(one(bench, text, told))
    # the model's own name for the place is no evidence: it is offered, not filled in
    assert "location" not in draft.fields and draft.status == "lead" and draft.fields["country"] == "Nigeria"
    assert draft.candidates["location"][0]["name"] == "Gusau"


def test_a_name_of_several_countries_is_settled_by_the_country_that_the_text_names(bench: Bench) -> None:
    text = "Dozens of residents marched in Cordoba, Argentina, on Tuesday."
    told = {
        "quote": "Dozens of residents marched in Cordoba",
        "status": "codable",
        "sub_event_type": {"value": "Peaceful protest", "quote": "marched"},
        "date": {"value": "2026-05-05", "quote": "on Tuesday"},
        "location": {"value": "Cordoba", "quote": "Cordoba"},
        "country": {"value": "Argentina", "quote": "Argentina"},
    }
    assert only(one(bench, text, told)).fields["country"] == "Argentina"


def test_an_event_before_the_window_is_background_whatever_the_model_says(bench: Bench) -> None:
    text = "On 3 March 2025 gunmen killed four people in Gusau, Nigeria."
    told = {
        "quote": "gunmen killed four people in Gusau",
        "status": "codable",
        "sub_event_type": {"value": "Attack", "quote": "killed four people"},
        "date": {"value": "2025-03-03", "quote": "On 3 March 2025"},
        "location": {"value": "Gusau", "quote": "Gusau"},
        "killed": {"value": 4, "quote": "killed four people"},
    }
    draft = only(one(bench, text, told))
    assert draft.status == "background" and draft.fields["event_date"] == "2025-03-03"


def test_abstention_is_no_failure(bench: Bench) -> None:
    out = one(bench, "The council met on Tuesday to discuss the budget.")
    assert (out.drafts, out.problems, out.failed) == ([], [], False)


@pytest.mark.parametrize(
    "quote",
    [
        "Gunmen on motorcycles  killed at least\n12 people in an attack on the town of Gusau on Tuesday",
        "“Gunmen on motorcycles killed at least 12 people in an attack on the town of Gusau on Tuesday.”",
    ],
)
def test_white_space_and_marks_around_a_quote_may_differ(bench: Bench, quote: str) -> None:
    assert only(one(bench, GUSAU, {**GUSAU_ATTACK, "quote": quote})).statement.quote == GUSAU_ATTACK["quote"]


def test_statements_of_a_damaged_answer_are_told_apart(bench: Bench) -> None:
    out = one(bench, GUSAU, {**GUSAU_SPEECH, "killed": {"value": ["many"], "quote": "x"}}, GUSAU_SUM, "nothing")  # type: ignore[arg-type]
    assert [d.status for d in out.drafts] == ["aggregate"]
    assert codes(out) == ["llm-bad-statement", "llm-bad-statement"]
