"""A cheap offline guess of a text's language: script first, then frequent words. Floor 2.

The guess only fills a gap in the metadata; it abstains (None) rather than choose between near equals. The words were chosen for this module:
function words that are frequent in one of the languages and rare in the others.
"""

from __future__ import annotations

import re
from collections import Counter

_WORDS = {
    "en": "the and of to was were that with from said have has been are which their after for on by",
    "es": "el los las una del que por con para como pero fue según sobre entre también han más este y",
    "fr": "le les des une dans est pour que qui sur avec par été ont selon aux cette leur et du",
    "de": "der die das und ist nicht mit von den dem ein eine auf für sich auch nach wurde bei im",
    "pt": "o os as uma do da dos das não que por com para foi segundo mais também pelo em são",
    "it": "il gli della che di per con una sono nel alla dei è anche stato hanno dopo più le dal",
    "nl": "de het een van en dat met voor zijn niet werd door naar ook bij aan heeft uit op werden",
    "tr": "ve bir bu için ile olarak da olan çok daha sonra gibi kadar göre ancak en her tarafından de ise",
    "id": "yang dan di dengan untuk dari pada ini itu tidak dalam akan oleh telah juga para karena kepada adalah mereka",
    "pl": "w i na z się nie że do przez jest oraz po od dla są jak tym został o który",
    "sw": "ya wa na kwa ni katika za la hiyo huo kuwa watu baada wakati huku alisema pia hilo kama cha",
}
_STOP = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_SCRIPTS = (
    ("arabic", re.compile("[\u0600-\u06ff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("bn", re.compile("[\u0980-\u09ff]")),
    ("ta", re.compile("[\u0b80-\u0bff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("my", re.compile("[\u1000-\u109f]")),
    ("ka", re.compile("[\u10a0-\u10ff]")),
    ("hy", re.compile("[\u0530-\u058f]")),
    ("am", re.compile("[\u1200-\u137f]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
)
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")
SAMPLE = 4000  # characters that are looked at
MIN_WORDS = 8


def guess_language(text: str) -> str | None:
    """The ISO 639-1 code of the text's language, or None where the text is short, mixed, or in a language not known here."""
    sample = text[:SAMPLE]
    letters = len(_LETTER.findall(sample))
    if letters < 20:
        return None
    for name, pattern in _SCRIPTS:
        share = len(pattern.findall(sample)) / letters
        # Japanese is mostly kanji: kana need not be the majority, and are asked for before Chinese.
        if share > (0.15 if name == "ja" else 0.5):
            return _by_letters(name, sample)
    words = [w.casefold() for w in _WORD.findall(sample)]
    if len(words) < MIN_WORDS:
        return None
    counts = Counter(words)
    scores = sorted(((sum(counts[w] for w in stop) / len(words), language) for language, stop in _STOP.items()), reverse=True)
    (best, language), (second, _) = scores[0], scores[1]
    return language if best >= 0.08 and best >= 1.3 * second else None


def _by_letters(script: str, sample: str) -> str | None:
    """Tell apart the languages of one script by letters that only one of them uses."""
    if script == "arabic":
        if len(re.findall("[ٹڈڑںےہ]", sample)) >= 3:
            return "ur"
        return "fa" if len(re.findall("[پچژگکی]", sample)) >= 3 else "ar"
    if script == "ru":
        return "uk" if len(re.findall("[іїєґ]", sample)) >= 3 else "ru"
    return script
