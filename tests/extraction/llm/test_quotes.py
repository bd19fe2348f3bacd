"""Quotes are found word for word or not at all; windows leave nothing out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.extraction.llm.quotes import find_quote
from eventcoder.extraction.llm.windows import OVERLAP, SIZE, windows


def found(text: str, quote: str, near: int | None = None) -> str | None:
    span = find_quote(text, quote, 0, len(text), near=near)
    if span is not None:
        assert text[span.start : span.end] == span.quote
    return span.quote if span is not None else None


def test_letters_must_be_the_same_and_marks_may_differ() -> None:
    text = "He said: “They didn’t stop –\nthey shot” … and left."
    assert found(text, '"They didn\'t stop - they shot"') == "“They didn’t stop –\nthey shot”"
    assert found(text, 'they shot" ... and left') == "they shot” … and left"
    assert found(text, "They did not stop") is None
    assert found(text, "they Shot") is None


@pytest.mark.parametrize(
    ("text", "quote"), [("A march in Tirana", "Iran"), ("120 people", "12"), ("the gunmen", "gun"), ("words", "..."), ("words", " ")]
)
def test_parts_of_words_and_bare_marks_are_no_quotes(text: str, quote: str) -> None:
    assert found(text, quote) is None


def test_scripts_that_join_words_are_found_inside_them() -> None:
    assert found("خرجوا بالخرطوم", "الخرطوم") == "الخرطوم"
    assert found("星期二数百人在北京示威", "北京") == "北京"


def test_the_nearest_of_several_is_meant() -> None:
    text = "In Kano on Monday. Later, in Kano on Friday."
    span = find_quote(text, "in Kano", 0, len(text), near=30)
    assert span is not None and span.start == 26


@given(st.text(max_size=60), st.text(min_size=1, max_size=30), st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_what_is_found_is_in_the_text_and_what_is_there_as_words_is_found(before: str, quote: str, after: str) -> None:
    text = f"{before} {quote} {after}"
    span = find_quote(text, quote, 0, len(text))
    if span is not None:
        assert text[span.start : span.end] == span.quote
    elif quote.isascii() and any(c.isalnum() for c in quote) and quote == quote.strip():
        pytest.fail("a quote between blanks was not found")


@given(st.lists(st.sampled_from(["word ", "End. ", "\n", "\n\n", "x" * 700, "کلمه "]), max_size=400))
@settings(max_examples=60, deadline=None)
def test_windows_cover_the_whole_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    parts = windows(text)
    assert parts[0][0] == 0 and parts[-1][1] == len(text)
    for (_, end), (start, _) in pairwise(parts):
        assert end - OVERLAP <= start <= end
    assert all(end - start <= SIZE for start, end in parts) and len(parts) <= 2 + len(text) // (SIZE // 2 - OVERLAP)
