from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.extraction.sentences import sentences


def split(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text)]


def test_abbreviations_initials_and_numbers_do_not_end_a_sentence() -> None:
    assert split("Gen. A. Moreno met the U.S. envoy on Jan. 3 near St. Pierre. About 1.5 million live there. They left.") == [
        "Gen. A. Moreno met the U.S. envoy on Jan. 3 near St. Pierre.", "About 1.5 million live there.", "They left.",
    ]  # fmt: skip


def test_quotes_close_with_their_sentence_and_paragraphs_divide() -> None:
    assert split('"We will stay." He left.\n\nNo stop here\n\nNext') == ['"We will stay."', "He left.", "No stop here", "Next"]


def test_the_header_of_the_seed_form_is_no_sentence() -> None:
    assert split(" date 2020-01-17 The crowd grew. It left.") == ["The crowd grew.", "It left."]


def test_a_headline_without_full_stop_stands_alone() -> None:
    assert (
        split("Two dead in clash\nTwo rebels were killed on Tuesday in fighting with troops near the border town, the army said.")[0]
        == "Two dead in clash"
    )


@given(st.text(alphabet='aB .!?\n"’0…', max_size=80))
@settings(max_examples=60, deadline=None)
def test_sentences_are_ordered_disjoint_and_lose_no_word(text: str) -> None:
    spans = sentences(text)
    assert all(a < b and text[a:b] == text[a:b].strip() for a, b in spans)
    assert all(one[1] <= two[0] for one, two in itertools.pairwise(spans))
    assert "".join("".join(text[a:b] for a, b in spans).split()) == "".join(text.split())


def test_headings_and_items_of_a_bulletin_stand_alone() -> None:
    body = "Since the fighting began, more than forty families have left the northern villages for the town, partners said."
    assert split(f"SITUATION OVERVIEW\n{body}") == ["SITUATION OVERVIEW", body]
    assert split("3 May: Shelling hit a school\n4 May: A drone struck a bus\n▪ Nothing on 5 May") == [
        "3 May: Shelling hit a school", "4 May: A drone struck a bus", "▪ Nothing on 5 May",
    ]  # fmt: skip


def test_a_hard_wrapped_paragraph_stays_whole() -> None:
    text = "Gunmen killed three farmers on Tuesday, the head of\nKano State police said, and burned two barns before they fled\nto the hills."
    assert split(text) == [text]
