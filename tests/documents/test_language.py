"""The offline guess of a language."""

import pytest

from eventcoder.documents import guess_language

SENTENCES = {
    "en": "Dozens of bakers marched through the town on Tuesday and said that they were angry with the mayor.",
    "es": "Decenas de panaderos marcharon por la ciudad el martes para protestar por el precio de la harina, según la alcaldía.",
    "fr": "Des dizaines de boulangers ont défilé dans la ville mardi pour protester contre le prix de la farine, selon la mairie.",
    "de": "Dutzende Bäcker zogen am Dienstag durch die Stadt, um gegen den Preis des Mehls zu protestieren, und die Polizei war nicht dabei.",
    "pt": "Dezenas de padeiros marcharam pela cidade na terça-feira e não foram recebidos pelo prefeito, segundo os organizadores do protesto.",
    "ar": "تظاهر العشرات من الخبازين في المدينة يوم الثلاثاء احتجاجا على سعر الدقيق",
    "fa": "ده‌ها نانوا روز سه‌شنبه در شهر علیه قیمت آرد تجمع کردند و پلیس دخالتی نکرد، گفته شد",
    "ru": "Десятки пекарей прошли по городу во вторник, протестуя против цены на муку",
    "zh": "星期二数十名面包师在镇上游行抗议面粉价格上涨警方没有介入也没有人受伤",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_known_languages(language):
    assert guess_language(SENTENCES[language]) == language


def test_it_abstains():
    assert guess_language("") is None
    assert guess_language("Alburia 2020") is None
    assert guess_language("Qwerty asdf zxcv uiop hjkl bnm rtyu fghj vbnm qaz wsx edc rfv") is None
