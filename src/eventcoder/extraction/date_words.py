"""The words of time of `schema/lexicon/date_words*.csv`: what class each belongs to, what it stands for, and a text cut into such words.

A class is one letter, so that a stretch of text becomes a string over which the grammar of dates runs. Floor 5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from eventcoder.errors import CodebookError
from eventcoder.extraction.lexicon import read_table
from eventcoder.project import packaged_schema

CLASSES = {
    "month": "M", "month_weak": "m", "weekday": "W", "weekday_short": "w", "solar_month": "S", "lunar_month": "L", "ethiopian_month": "E",
    "other_month": "K", "unit": "U", "units": "V", "weekend": "k", "part_of_day": "P", "season": "z", "article": "a", "number": "n", "vague": "v",
    "ordinal_word": "o", "half": "h", "quarter": "q", "part": "Z", "earlier": "e", "later": "l", "before": "b", "after": "f", "ago": "g",
    "yesterday": "y", "today": "t", "tomorrow": "u", "overnight": "O", "last": "1", "previous": "2", "this": "3", "next": "4", "coming": "5",
    "following": "6", "that": "7", "same": "8", "recent": "9", "every": "0", "the": "T", "between": "B", "from": "F", "since": "s", "in": "i",
    "during": "d", "on": "j", "at": "@", "of": "p", "by": "Y", "and": "&", "to": "=", "approximate": "~", "so_far": "!", "starting": "A",
    "ending": "C", "function": "x", "name_before": "N", "name_after": "H", "place_name": "G", "ordinal_noun": "r", "counted": "c", "era": "J",
    "era_kind": "Q", "holiday": "%", "said": '"', "told": "^",
}  # fmt: skip
SHAPES = {
    "day": "D", "ordinal": "R", "year": ">", "other_year": "<", "integer": "I", "numeric": "#", "dash": "_", "comma": ",", "stop": ";",
    "open": "{", "close": "}", "slash": "/", "genitive": "'", "word": "X", "name": "$", "mark": ":",
}  # fmt: skip
LETTERS = CLASSES | SHAPES
# Words first, signs second: they are most of a text. Then numeric dates, ordinals, numbers that are none of a date (prices, times, "5pm"), the rest.
_TOKEN = re.compile(
    r"[^\W\d_]\w*+|[^\w\s$€£¥₦₹#'’]|(?<![\d.])\d{1,4}([./-])\d{1,2}\1\d{1,4}(?![\d]|[./-]\d)|[0-3]?\d(?:st|nd|rd|th|ST|ND|RD|TH)\b"
    r"|[$€£¥₦₹#]\s?\d[\d,.]*|\d[\d.,:]*(?:[^\W\d_]|%)[\w%]*|\d+[.,:]\d[\d.,:]*\b|\d+|['’](?:s\b|(?=\s))|[^\w\s]|_"
)
_NUMERIC = re.compile(r"\d+([./-])\d+\1\d+")
_MARKS = {"-": "_", "–": "_", "—": "_", "‑": "_", ",": ",", "،": ",", ".": ";", "(": "{", "[": "{", ")": "}", "]": "}", "/": "/", "&": "&",
          "'s": "'", "’s": "'", "'": "'", "’": "'"}  # fmt: skip
_CORE_CLASSES = frozenset("MmWwSLEKUVkPzytuO%")
_DIGITS = re.compile(r"[0-9٠-٩۰-۹][./-][0-9٠-٩۰-۹]")
_REMEMBERED = 60_000
_BEFORE, _AFTER = 80, 50  # characters of context that an expression needs around its words of time
_WORDS = re.compile(r"\w+")


class Letters(dict[str, str]):
    """The letter of every form; of those that no table knows by their shape, remembered for the next time."""

    def __missing__(self, form: str) -> str:
        letter = _shape(form)
        if len(self) < _REMEMBERED and len(form) < 20:
            self[form] = letter
        return letter


class Holiday(NamedTuple):
    """A named day: its calendar, month and day there, and its length."""

    calendar: str
    month: int
    day: int
    days: int


@dataclass(frozen=True, slots=True)
class DateWords:
    """The words of one language: classes and values by form, phrases of several words, and which single words make a look worth while."""

    letters: Letters
    values: dict[str, str]
    phrases: re.Pattern[str]
    phrase_words: frozenset[str]
    of_phrase: dict[str, tuple[str, str]]
    core: frozenset[str]
    holidays: dict[str, Holiday]

    def may_tell(self, text: str, start: int, end: int) -> bool:
        """Is there any word of time, or any date in digits?"""
        return not self.core.isdisjoint(_WORDS.findall(text, start, end)) or _DIGITS.search(text, start, end) is not None

    def read(self, text: str, start: int, end: int) -> tuple[str, list[re.Match[str]]]:
        """Letters and tokens of the part of text[start:end] that has words of time; both empty where there are none."""
        seen = set(_WORDS.findall(text, start, end))
        told = seen & self.core
        digits = [found.start() for found in _DIGITS.finditer(text, start, end)]
        if not told and not digits:
            return "", []
        # Only the stretch around the words of time is cut into tokens.
        first = min([text.find(word, start, end) for word in told] + digits) - _BEFORE
        last = max([text.rfind(word, start, end) for word in told] + digits) + _AFTER
        if first > start:
            start = text.rfind(" ", start, first) + 1 or start
        if last < end:
            end = (text.find(" ", last, end) + 1 or end + 1) - 1
        if seen.isdisjoint(self.phrase_words):
            tokens = list(_TOKEN.finditer(text, start, end))
            return self._letters(tokens), tokens
        letters, tokens, at = "", [], start
        for found in self.phrases.finditer(text, start, end):
            before = list(_TOKEN.finditer(text, at, found.start()))
            letters += self._letters(before) + self.of_phrase[squeeze(found.group())][0]
            tokens += [*before, found]
            at = found.end()
        rest = list(_TOKEN.finditer(text, at, end))
        return letters + self._letters(rest), tokens + rest

    def value(self, token: re.Match[str]) -> str:
        """What a token stands for: of a word of the tables their value, of "12th" the number, else its own text."""
        form = token.group()
        if token.re is self.phrases:
            return self.of_phrase[squeeze(form)][1]
        known = self.values.get(form)
        if known is not None:
            return known
        return form[:-2] if form[0].isdecimal() and form[-1].isalpha() else form

    def _letters(self, tokens: list[re.Match[str]]) -> str:
        known = self.letters
        return "".join([known[token.group()] for token in tokens])


def _shape(form: str) -> str:
    """The letter of a token that no table knows."""
    if form.islower() and form.isalpha():
        return "X"
    if form[0].isalpha():
        return ":" if not form.isalpha() else "$" if form[0].isupper() else "X"
    if form.isdecimal():
        number = int(form)
        if len(form) <= 2:
            return "D" if 1 <= number <= 31 else "I"
        if len(form) == 4:
            return ">" if 1800 <= number <= 2099 else "<" if 1200 <= number <= 1499 or 2500 <= number <= 2599 else "I"
        return "I"
    if form[0].isdecimal():
        if form[-2:].lower() in ("st", "nd", "rd", "th") and form[:-2].isdecimal():
            return "R" if 1 <= int(form[:-2]) <= 31 else "r"
        if _NUMERIC.fullmatch(form):
            return "#"
    return ":"


def squeeze(phrase: str) -> str:
    """A phrase without what its spellings differ in: case, spaces, hyphens, apostrophes."""
    return re.sub(r"[\s'’‘`-]+", "", phrase).lower()


@cache
def open_date_words(folder: Path | None = None) -> DateWords:
    """All date_words*.csv in `folder` (without one: the packaged lexicon). Raises CodebookError for an unknown class or a word given twice."""
    folder = folder or packaged_schema() / "lexicon"
    letters = Letters(_MARKS)
    values: dict[str, str] = {}
    phrases: dict[str, tuple[str, str]] = {}
    patterns: list[str] = []
    starts: set[str] = set()
    telling: set[str] = set()  # first words of phrases that are themselves words of time
    holidays: dict[str, Holiday] = {}
    others: list[tuple[str, bool]] = []

    def phrase(form: str, letter: str, value: str, any_case: bool = False) -> None:
        phrases[squeeze(form)] = (letter, value)
        words = [re.sub(r"['’]", "['’‘`]?", re.escape(w)) for w in re.split(r"[ -]", form)]
        pattern = (r"[\s-]*" if letter == "L" else r"[\s-]+").join(words)
        patterns.append(f"(?i:{pattern})" if any_case else pattern)
        first = re.split(r"[ '’-]", form)[0]
        opens = {first, first.capitalize(), first.upper()} if any_case else {first}
        starts.update(opens)
        if letter in _CORE_CLASSES:
            telling.update(opens)

    for path in sorted(folder.glob("date_words*.csv")):
        if "holidays" in path.stem:
            for row in read_table(path, ("words", "calendar", "month", "day", "days")):
                for form in row["words"].split("/"):
                    phrase(form, "%", squeeze(form))
                    holidays[squeeze(form)] = Holiday(row["calendar"], int(row["month"] or 0), int(row["day"] or 0), int(row["days"] or 1))
            continue
        for row in read_table(path, ("words", "class", "value", "case")):
            letter = CLASSES.get(row["class"])
            if letter is None:
                raise CodebookError(f"{path.name}: unknown class '{row['class']}'.", f"Known: {', '.join(CLASSES)}.")
            for form in row["words"].split("/"):
                value = (letter if letter in "SLEK" else "") + (row["value"] or form.lower())
                if re.search(r"[ '’-]", form) and len(form) > 1:
                    phrase(form, letter, value, row["case"] == "any")
                    continue
                if letters.get(form, letter) != letter:
                    raise CodebookError(f"{path.name}: '{form}' has two classes.", "Keep one of the rows.")
                letters[form], values[form] = letter, value
                others.append((form, row["case"] == "any"))
    for form, any_case in others:  # spellings that no row claims
        for spelling in (form.upper(), form.capitalize()) if any_case else (form.upper(),):
            values.setdefault(spelling, values[form])
            letters.setdefault(spelling, letters[form])
    years = {str(year) for year in (*range(1200, 1500), *range(1800, 2100), *range(2500, 2600))}
    ordinals = {f"{day}{end}" for day in range(1, 32) for end in ("st", "nd", "rd", "th", "ST", "ND", "RD", "TH")}
    core = frozenset(f for f, c in letters.items() if c in _CORE_CLASSES) | telling | years | ordinals
    compiled = re.compile(r"\b(?:" + "|".join(sorted(patterns, key=len, reverse=True)) + r")\b")
    return DateWords(letters, values, compiled, frozenset(starts), phrases, core, holidays)
