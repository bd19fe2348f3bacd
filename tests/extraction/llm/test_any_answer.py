"""Whatever a model answers: no fault of ours, evidence verbatim, labels of the lists, drafts that can be stored."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventcoder.extraction.kit import Kit
from eventcoder.extraction.llm.answer import FIELDS, BadAnswer, read_answer
from eventcoder.extraction.llm.drafts import drafts_of
from eventcoder.extraction.places import read_places
from eventcoder.identity import canonical
from tests.extraction.llm.articles import CALI, GUSAU, GUSAU_ATTACK, SHIRAZ
from tests.extraction.llm.conftest import text_of

TEXTS = [(text_of(GUSAU), True), (text_of(SHIRAZ, language="fa"), False), (text_of(CALI, published=None, language="es"), False)]
_pieces = st.sampled_from(
    [
        "Gusau",
        "on Tuesday",
        "killed at least 12 people",
        "el martes",
        "Cali",
        "300",
        "شیراز",
        "Attack",
        "codable",
        "aggregate",
        "2026-05-05",
        "Nigeria",
        "Gunmen",
    ]
)
_any: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | _pieces,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
_field = _any | st.fixed_dictionaries({"value": _any | _pieces, "quote": _any | _pieces}, optional={"english": _any | _pieces, "actor_class": _any})
_statement = st.fixed_dictionaries(
    {"quote": st.sampled_from([GUSAU_ATTACK["quote"], CALI[15:80], SHIRAZ[8:60]]) | _any, "status": st.sampled_from(["codable", "aggregate"]) | _any},
    optional=dict.fromkeys((*FIELDS, "clue"), _field),
)


@pytest.mark.slow
@given(st.lists(_statement | _any, max_size=4))
@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_answer_gives_sound_drafts_or_problems(kit: Kit, statements: list[Any]) -> None:
    try:
        told, _ = read_answer(json.dumps({"statements": statements}))
    except BadAnswer:
        return
    for text, english in TEXTS:
        window = (0, len(text.text))
        drafts, problems = drafts_of(
            text.document, text.text, [(t, window) for t in told], kit, read_places(text.text, kit), english=english, engine="llm", version="t"
        )
        for draft in drafts:
            canonical(draft.as_json()).encode()  # no NaN, no half character
            for span in (draft.statement, *(s for spans in draft.evidence.values() for s in spans)):
                assert text.text[span.start : span.end] == span.quote
            assert draft.status in kit.codebook.lists["statuses"].codes
            assert draft.fields.get("sub_event_type") in (None, *kit.codebook.lists["sub_event_types"].codes)
            assert set(draft.fields) <= {*draft.evidence, "notes"}
            if draft.status not in ("codable", "lead", "background"):
                assert draft.fields == {}
            published = text.document.published
            assert published is None or str(draft.fields.get("event_date", "")) <= published.isoformat()
        for problem in problems:
            canonical(problem.as_json()).encode()


@given(st.text() | st.binary().map(lambda b: b.decode("latin-1")) | _any.map(lambda v: json.dumps(v)))
@settings(max_examples=300, deadline=None)
def test_any_words_are_read_or_called_a_bad_answer(content: str) -> None:
    try:
        read_answer(content)
    except BadAnswer as error:
        assert str(error)
