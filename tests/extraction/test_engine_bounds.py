"""Bad input: nothing crashes, nothing is lost, quotes stay verbatim, and the work grows with the text and no faster."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventcoder.extraction.sentences import sentences
from tests.extraction.conftest import Reader

WORDS = st.sampled_from(
    (
        "gunmen killed three people in Kano on Tuesday protesters marched police said denied will would not since May has been the attack They"
        + ' bringing to the number of before who which , . ; : - – \n \n\n • " ” 2019 12 1,200 Nigeria near and while but no any court sentenced'
        + " anniversary planned for next week according An ÉTÉ مسلحون 袭击 Ã© \u200f"
    ).split(" ")
)


@given(st.lists(WORDS, max_size=70).map(" ".join))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_mix_of_words_is_read_the_same_way_twice(read: Reader, text: str) -> None:
    drafts = read(text)
    assert [d.draft_id for d in drafts] == [d.draft_id for d in read(text)]
    assert all(0 <= d.statement.start < d.statement.end <= len(text) and d.clue for d in drafts)
    assert all(d.fields["event_date"] <= "2025-05-08" for d in drafts if d.status == "codable")


@given(st.text(max_size=300))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_read_with_and_without_a_day_of_publication(read: Reader, text: str) -> None:
    read(text)
    read(text + "\nGunmen killed three farmers in Kano, Nigeria, on Tuesday.", published=None)


UNIT = "Gunmen killed 12 people in an attack on Gusau on Tuesday, police said and protesters marched in Kano while "


@pytest.mark.parametrize(
    "unit",
    [
        UNIT,
        UNIT.upper(),
        "Gunmen attacked Kano. They burned houses. ",
        "- 3 May: Shelling hit a school in Kherson.\n",
        "Kano\t12\tkilled\t3 May\n",
        "Nobody claimed the attack. The incident happened on Monday. ",
        "قتل مسلحون في هجوم على بلدة ",
        "\n\r",
        "killed and ",
        "—,;",
    ],
)
def test_the_work_grows_with_the_text_and_no_faster(unit: str, read: Reader) -> None:
    """Counted in calls, which do not depend on the machine: four times the text; sixteen times the calls would be quadratic."""
    calls = []
    for size in (10_000, 40_000):
        read.kit.caches.clear()
        calls.append(counted(lambda size=size: read(unit * (size // len(unit)))))
    assert calls[1] < max(50_000, 7 * calls[0])


def counted(work: Callable[[], object]) -> int:
    """How many functions are called, Python's and C's."""
    number = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal number
        number += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return number


def test_a_paragraph_without_full_stops_is_cut_and_loses_no_word() -> None:
    text = "word, " * 5000
    spans = sentences(text)
    assert max(b - a for a, b in spans) <= 1500
    assert "".join("".join(text[a:b] for a, b in spans).split()) == "".join(text.split())
