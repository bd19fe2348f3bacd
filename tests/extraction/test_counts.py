from __future__ import annotations

import pytest

from eventcoder.event import Count
from eventcoder.extraction.count_sums import together
from eventcoder.extraction.counts import counts_in
from eventcoder.extraction.kit import Lexicon, find_people, open_lexicon
from eventcoder.extraction.tokens import tokenize
from eventcoder.project import packaged_schema


def counts(text: str, lexicon: Lexicon) -> list[Count]:
    tokens = tokenize(text)
    return [f.count for f in counts_in(tokens, find_people(tokens, lexicon), lexicon)]


@pytest.mark.parametrize(
    ("text", "kind", "low", "best", "high"),
    [
        ("At least 12 people were killed in the blast.", "killed", 12, 12, None),
        ("The blast left four dead.", "killed", 4, 4, 4),
        ("Gunmen shot dead two villagers.", "killed", 2, 2, 2),
        ("The death toll rose to 15.", "killed", 15, 15, 15),
        ("Between 8 and 12 people died.", "killed", 8, 8, 12),
        ("A farmer was killed near his house.", "killed", 1, 1, 1),
        ("Dozens of civilians were killed.", "killed", 12, 12, None),
        ("Up to 300 people marched to the square.", "crowd", None, 300, 300),
        ("Tens of thousands of people took to the streets.", "crowd", 10000, 10000, None),
        ("Several hundred students protested.", "crowd", 300, 300, None),
        ("Between 200 and 300 workers rallied.", "crowd", 200, 200, 300),
        ("> 3000 people demonstrated.", "crowd", 3000, 3000, None),
        ("1365+ people demonstrated.", "crowd", 1365, 1365, None),
        ("A crowd of 1 500 gathered.", "crowd", 1500, 1500, 1500),
        ("Nine officers were injured.", "injured", 9, 9, 9),
        ("Police arrested 30 protesters.", "arrested", 30, 30, 30),
        ("A hundred and fifty-two people were detained.", "arrested", 152, 152, 152),
    ],
)
def test_T18_counts_are_intervals(text: str, kind: str, low: int | None, best: int | None, high: int | None, lexicon: Lexicon) -> None:
    first = counts(text, lexicon)[0]
    assert (first.kind, first.low, first.best, first.high) == (kind, low, best, high)
    assert first.start is not None and text[first.start : first.end] == first.words and first.rule


@pytest.mark.parametrize(
    "text",
    [
        "The town of 12,000 residents lies in the hills.", "Tens of thousands of whom were living at the camp.",
        "The 24-year-old activist spoke.", "Dozens of houses were burned.",
        "They demanded $500 for 3 cows.", "The strike entered its 12th day.",
        "In 2019 people protested.", "The bridge is 300 metres long.", "Police fired 40 rounds.",
    ],
)  # fmt: skip
def test_numbers_that_count_no_people_of_an_event(text: str, lexicon: Lexicon) -> None:
    assert counts(text, lexicon) == []


def test_T17_words_keep_their_text_and_their_rule_and_the_scale_decides_the_number(lexicon: Lexicon) -> None:
    ccc = open_lexicon(packaged_schema() / "lexicon", "ccc")
    text = "Hundreds of people marched."
    one, other = counts(text, lexicon)[0], counts(text, ccc)[0]
    assert (one.best, one.rule, one.words) == (100, "acled:hundreds", "Hundreds")
    assert (other.best, other.rule, other.words) == (200, "ccc:hundreds", "Hundreds")


def test_T19_missing_is_not_zero(lexicon: Lexicon) -> None:
    assert counts("Gunmen attacked the village.", lexicon) == []
    none = counts("No one was killed in the attack.", lexicon)
    assert [(c.kind, c.low, c.high, c.rule) for c in none] == [("killed", 0, 0, "none-stated")]


def test_T20_sides_are_kept_as_victims_and_added_without_attribution(lexicon: Lexicon) -> None:
    found = counts("The fighting killed five soldiers and eight militants.", lexicon)
    assert [(c.best, c.victim) for c in found] == [(5, "soldiers"), (8, "militants")]
    assert together(found, "killed") == (13, 13, 13, "sum-of-classes")


def test_a_part_of_a_total_is_not_added(lexicon: Lexicon) -> None:
    found = counts("The blast killed three people, two of whom were children, and wounded seven others.", lexicon)
    assert [(c.kind, c.best) for c in found] == [("killed", 3), ("injured", 7)]
    assert [(c.kind, c.best) for c in counts("Twelve people, including three children, were killed.", lexicon)] == [("killed", 12)]
