"""Names that readers take for the same give the same key, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.names import fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Deir ez-Zor", "DEIR EZ ZOR"),
        ("Sana’a", "Sanaa"),
        ("São Paulo", "Sao Paulo"),
        ("Łódź", "Lodz"),
        ("Ağrı", "Agri"),
        ("Ta‘izz", "Taizz"),
        ("تِهران", "تهران"),
        ("Guinea-Bissau", "guinea  bissau"),
        ("Weißenburg", "Weissenburg"),
    ],
)
def test_spellings_that_mean_the_same_name(one: str, other: str) -> None:
    assert fold(one) == fold(other) != ""


@pytest.mark.parametrize(("one", "other"), [("Mali", "Bali"), ("Niger", "Nigeria"), ("北京", "南京"), ("दिल्ली", "दाल"), ("New Port", "Newport")])
def test_different_names_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
