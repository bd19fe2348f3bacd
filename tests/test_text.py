"""Cleaning of values and of documents."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.text import bad_characters, clean, normalise


def test_values_are_composed_and_lose_control_characters():
    assert clean("  Cafe\u0301\x00 Bagdad\u200c \r\n") == "Café Bagdad\u200c"
    assert bad_characters("a\x00b\x07\x00\r\n\tc") == ("U+0000", "U+0007")
    assert bad_characters("Fine text,\r\nin two lines\twith a tab") == ()


def test_documents_keep_paragraphs_and_right_to_left_marks():
    text = "\ufeffمعترضان\u200cدر شیراز  \r\n\r\n\r\n\r\nتجمع کردند.\u200f \n"
    assert normalise(text) == "معترضان\u200cدر شیراز\n\nتجمع کردند.\u200f"


ANY = st.text(st.one_of(st.characters(), st.sampled_from("\r\n\t \u0301e\x00\ufeff\xa0\u2028\ud800")), max_size=60)


@settings(deadline=None, max_examples=300)
@given(ANY)
def test_normal_form_is_stable_and_can_be_stored(text):
    once = normalise(text)
    assert normalise(once) == once
    assert bad_characters(once) == ()
    assert unicodedata.is_normalized("NFC", once)
    assert once.encode("utf-8").decode("utf-8") == once
    assert "\r" not in once and "\n\n\n" not in once
    assert clean(clean(text)) == clean(text)
