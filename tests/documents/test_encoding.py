"""Encodings: what is certain is mended, what is guessed is said."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.documents.encoding import Undecodable, decode, unscramble

TEXT = "The mayor’s office said “nobody” was hurt in Bogotá – près de l’hôtel."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_marked_encodings_and_utf8_need_no_remark(encoding):
    found = decode(TEXT.encode(encoding))
    assert (found.text, found.repairs, found.warnings) == (TEXT, (), ())


def test_a_guess_is_right_and_reported():
    found = decode((TEXT * 3).encode("cp1252"))
    assert found.text == TEXT * 3 and found.encoding == "cp1252"
    assert "a guess" in found.repairs[0] and found.warnings == found.repairs


def test_a_guess_for_arabic():
    text = "تظاهر العشرات من الخبازين في مدينة ألبوريا يوم الثلاثاء احتجاجا على ارتفاع سعر الدقيق. " * 3
    assert decode(text.encode("cp1256")).text == text


@pytest.mark.parametrize("rounds", [1, 2])
def test_certain_mojibake_is_undone_and_recorded(rounds):
    scrambled = TEXT.replace("”", '"').replace("à", "a")
    for _ in range(rounds):
        scrambled = scrambled.encode("utf-8").decode("cp1252")
    found = decode(scrambled.encode("utf-8"))
    assert found.text == TEXT.replace("”", '"').replace("à", "a")
    assert found.repairs[0].startswith("mojibake undone") and found.warnings == () and found.garbled is None


def test_mojibake_with_bytes_that_windows_1252_does_not_define():
    assert unscramble("â€œnobodyâ€\x9d") == ("“nobody”", 1)


def test_mojibake_beyond_counting_is_left_and_reported():
    scrambled = "Bogotá – cañón"
    for _ in range(4):
        scrambled = "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in scrambled.encode())
    found = decode(scrambled.encode())
    assert found.text == scrambled and found.repairs == () and found.garbled


def test_uncertain_mojibake_is_left_and_reported():
    mixed = "The mayorâ€™s office in Bogotá said – in شیراز – nothing."
    found = decode(mixed.encode())
    assert found.text == mixed and found.repairs == ()
    assert "look like UTF-8 read as Windows-1252" in found.garbled


def test_lost_characters_are_reported():
    assert "U+FFFD" in decode("caf\ufffd".encode()).warnings[0]


@pytest.mark.parametrize("text", ["Ângela Âncora à Évora, São João; NÃO!", "Straße Übergröße", "Ça coûte 5 € à Besançon", "Москва – столица", TEXT])
def test_honest_text_is_never_touched(text):
    assert unscramble(text) == (text, 0)
    assert decode(text.encode()).warnings == () and decode(text.encode()).garbled is None


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(data):
    try:
        found = decode(data)
    except Undecodable as error:
        assert error.code in ("document-empty", "document-binary", "document-encoding")
    else:
        assert isinstance(found.text, str)


@settings(deadline=None, max_examples=200)
@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_what_unscramble_changes_can_be_scrambled_again(text):
    mended, rounds = unscramble(text)
    if rounds == 0:
        assert mended == text
    else:
        assert len(mended) < len(text)


@pytest.mark.parametrize("text", ["Bogotá", "Teachers met in Bogotá and Ibagué.", "Cúcuta; Medellín; Popayán", "Évreux, près de Rouen", "Münster"])
def test_short_texts_in_latin_script_are_taken_for_the_commonest_encoding(text):
    found = decode(text.encode("cp1252"))
    assert (found.text, found.encoding) == (text, "cp1252") and "a guess" in found.warnings[0]


@pytest.mark.parametrize(("text", "encoding"), [("Strajk nauczycieli w Łodzi i w Rzeszowie trwał trzy dni, żądano podwyżek.", "cp1250"),
                                                ("Рабочие вышли на площадь в Омске", "cp1251")])  # fmt: skip
def test_a_guess_of_another_encoding_stands_where_western_letters_make_no_words(text, encoding):
    assert decode(text.encode(encoding)).encoding != "cp1252"


def test_pieces_of_two_encodings_are_each_read_as_what_they_are():
    data = "The café of José. ".encode() + "Le maire l'a déclaré".encode("cp1252") + "’ said".encode()
    found = decode(data)
    assert found.text == "The café of José. Le maire l'a déclaré’ said" and found.garbled is None
    assert "side by side" in found.repairs[0] and found.warnings == found.repairs


def test_windows_1252_without_any_utf8_in_it_is_not_taken_for_a_mixture():
    assert "a guess" in decode(TEXT.encode("cp1252")).repairs[0]
