"""Numbers as news writes them: digits with any separator, number words, vague words, bounds and ranges.

"1,365", "1 365" and "1.365" are one number, "1365+" and "> 3000" and "at least 12" are open above, "up to 300" is open below, "between 200
and 300" is a range whose best figure is the lower one (the codebook's conservative rule). Vague words take the value of the project's scale.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from eventcoder.extraction.tokens import Tokens

_ONES = {
    w: i
    for i, w in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {w: 10 * (i + 2) for i, w in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])}
_UNITS = {"dozen": 12, "score": 20, "hundred": 100, "thousand": 1000, "million": 1000000, "lakh": 100000, "crore": 10000000}
_LOW_BOUND = (
    r"(?:at\s+least|a\s+minimum\s+of|no\s+(?:fewer|less)\s+than|not\s+less\s+than|more\s+than|"
    r"over|upwards?\s+of|in\s+excess\s+of|above|exceeding|greater\s+than|well\s+over|≥|>=?)"
)
_HIGH_BOUND = r"(?:up\s+to|as\s+many\s+as|at\s+most|no\s+more\s+than|not\s+more\s+than|fewer\s+than|less\s+than|a\s+maximum\s+of|under|below|≤|<=?)"
_NEAR = r"(?:nearly|almost|close\s+to|just\s+under)"
_ABOUT = r"(?:about|around|approximately|roughly|some|an\s+estimated|estimated|circa|ca\.?|~|≈|approx\.?|reportedly|just\s+over)"
_DIGITS = r"\d{1,3}(?:[,.'’  ]\d{3})+(?![\d])|\d+(?:\.\d+)?"
_WORD = (
    r"(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|"
    r"twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|dozen)"
)
_SPELLED = rf"(?:(?:an?\s+)(?=hundred|thousand|million|dozen))?{_WORD}(?:(?:[\s-]+(?:and\s+)?){_WORD})*"

_LONGEST = 15  # characters of digits; what is longer counts no people
_NOT_A_COUNT = re.compile(r"(?:as|how|so|too)\s+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Number:
    """A number at [start, end) of a text: what the words support as low, best, high (None = open) and the rule that read them."""

    start: int
    end: int
    low: int | None
    best: int | None
    high: int | None
    rule: str
    words: str
    exact: bool


class NumberWords:
    """The number words of `schema/lexicon/number_words.csv` under one scale, compiled."""

    def __init__(self, rows: Iterable[Mapping[str, str]], scale: str) -> None:
        self.scale = scale
        self._amounts: dict[str, tuple[int, int]] = {}
        self._vague: set[str] = set()
        self._times: dict[str, float] = {}
        for row in rows:
            if row["kind"] == "times":
                self._times[row["words"]] = float(row["best"])
            elif row["scale"] == scale:
                self._amounts[row["words"]] = (int(row["low"]), int(row["best"]))
                if row["kind"] == "vague":
                    self._vague.add(row["words"])
        # First words that may open a number: a text without any of them, and without a digit, needs no search.
        self.first_words = frozenset(w.split()[0] for w in (*self._amounts, *self._times)) | _ONES.keys() | _TENS.keys() | _UNITS.keys() | {"a", "an"}
        amounts = "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(self._amounts, key=len, reverse=True))
        times = "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(self._times, key=len, reverse=True))
        unit = r"(?:dozen|score|hundred|thousand|million|lakh|crore)s?"
        value = rf"(?P<times>(?:{times})\s+{unit})|"
        value += rf"(?P<digits>{_DIGITS})(?:\s*[-–—]?\s*(?P<scale>{unit}|k|m)\b)?(?P<plus>\+)?|"
        value += rf"(?P<spelled>{_SPELLED})(?!\w)|(?P<amount>{amounts})(?!\w)"
        self._value = re.compile(value, re.IGNORECASE)
        bound = rf"(?P<low>{_LOW_BOUND})|(?P<high>{_HIGH_BOUND})|(?P<near>{_NEAR})|(?P<about>{_ABOUT})"
        self._bound = re.compile(rf"(?:{bound})\s*$", re.IGNORECASE)
        self._trigger = re.compile(rf"(?<![\w.,])(?:\d|{times}|{_WORD}|an?\s+(?:hundred|thousand|million|dozen)|{amounts})", re.IGNORECASE)
        self._number_next = re.compile(rf"\s+(?:\d|{_WORD}\b|(?:{amounts})\b)", re.IGNORECASE)
        self._range = re.compile(r"\s*(?:-|–|—|to|or|and|&)\s*", re.IGNORECASE)
        self._between = re.compile(r"(?:between|from)\s+$", re.IGNORECASE)
        self._after_plus = re.compile(r"\s+(?:or\s+more|and\s+more|plus|at\s+least)\b", re.IGNORECASE)

    def find(self, tokens: Tokens, start: int = 0, end: int | None = None) -> list[Number]:
        """Numbers in the characters [start, end) of the tokens' text, left to right; bounds and ranges are part of the number's words."""
        text = tokens.text
        stop = len(text) if end is None else end
        out: list[Number] = []
        at = start
        words, starts = self.first_words, tokens.starts
        for begin in [starts[i] for i, form in enumerate(tokens.forms) if form in words or form[0].isdigit()]:
            if begin < at or begin >= stop or not self._trigger.match(text, begin, stop):
                continue
            read = self._read(text, begin, stop)
            if read is None:
                continue
            low, best, rule, after, plus = read
            number = self._bounded(text, begin, after, low, best, rule, plus, stop, start)
            out.append(number)
            at = number.end
        return out

    def _read(self, text: str, at: int, stop: int) -> tuple[int, int, str, int, bool] | None:
        match = self._value.match(text, at, stop)
        if match is None or (match.end() < len(text) and text[match.end()].isalpha()):
            return None
        if match["digits"]:
            raw = match["digits"]
            if len(raw) > _LONGEST:
                return None
            value = float(re.sub(r"[,'’  .]", "", raw)) if re.search(r"[,'’  .]\d{3}(?!\d)", raw) and not re.fullmatch(r"0\.\d+", raw) else float(raw)
            unit = (match["scale"] or "").lower()
            if unit:
                value *= {"k": 1000, "m": 1000000}.get(unit) or _UNITS[unit.rstrip("s")]
            if value != int(value):
                return None
            return int(value), int(value), "digits" if not unit else "digits-unit", match.end(), bool(match["plus"])
        if match["times"]:
            *factor, unit = re.split(r"\s+", match["times"].lower())
            value = self._times[" ".join(factor)] * _UNITS[unit.rstrip("s")]
            return int(value), int(value), f"{self.scale}:{' '.join(factor)} {unit}", match.end(), False
        if match["spelled"]:
            number = spelled(match["spelled"])
            return None if number is None else (number, number, "spelled", match.end(), False)
        word = re.sub(r"\s+", " ", match["amount"].lower())
        if (word in self._vague and self._number_next.match(text, match.end())) or (
            word in ("many", "few") and _NOT_A_COUNT.search(text, max(0, at - 6), at)
        ):
            return None
        low, best = self._amounts[word]
        return low, best, f"{self.scale}:{word}", match.end(), False

    def _bounded(self, text: str, begin: int, after: int, low: int, best: int, rule: str, plus: bool, stop: int, floor: int) -> Number:
        vague = rule.startswith(self.scale + ":") and rule.split(":")[1] not in ("both", "a couple", "a couple of", "a pair of")
        before = text[max(floor, begin - 24) : begin]
        follow = self._range.match(text, after, stop)
        if follow and not vague:
            second = self._read(text, follow.end(), stop)
            joint = follow.group().strip().lower()
            between = self._between.search(before)
            if second and second[0] > low and (joint not in ("and", "&") or between) and (not second[2].startswith(self.scale + ":")):
                if second[2] == "digits-unit" and rule == "digits" and low < 1000:
                    unit = second[0] // max(1, int(re.sub(r"\D", "", text[follow.end() : second[3]]) or 1))
                    low *= unit if low * unit <= second[0] else 1
                first = begin - len(between.group()) if between else begin
                return Number(first, second[3], low, low, second[0], "range", text[first : second[3]], False)
        bound = self._bound.search(before) if _may_bound(before) else None
        more = self._after_plus.match(text, after, stop)
        if bound:
            start = begin - (len(before) - bound.start())
            words = text[start:after]
            if bound["low"]:
                return Number(start, after, low, best, None, f"at-least:{rule}", words, False)
            if bound["high"]:
                return Number(start, after, None, best if not vague else None, best, f"at-most:{rule}", words, False)
            if bound["near"]:
                return Number(start, after, None, best, best, f"nearly:{rule}", words, False)
            return Number(start, after, low, best, None if vague else best, f"about:{rule}", words, False)
        if plus or more:
            end = more.end() if more else after
            return Number(begin, end, low, best, None, f"at-least:{rule}", text[begin:end], False)
        return Number(begin, after, low, best, None if vague else best, rule, text[begin:after], not vague)


_LAST_OF_BOUND = frozenset(
    [
        "least", "of", "than", "over", "above", "exceeding", "to", "as", "most", "under", "below", "nearly", "almost", "about", "around",
        "approximately", "roughly", "some", "estimated", "circa", "ca", "ca.", "approx", "approx.", "reportedly",
    ]
)  # fmt: skip


def _may_bound(before: str) -> bool:
    """Can the text before a number end in a bound? A cheap look at its last word."""
    last = before.rstrip().rsplit(None, 1)[-1:]
    return bool(last) and (last[0][-1] in "≥>=≤<~≈" or last[0].lstrip("([\"'“‘-–—").lower() in _LAST_OF_BOUND)


def spelled(words: str) -> int | None:
    """The number that English number words say ("a hundred and fifty-two" 152), None if they say none."""
    total = current = 0
    seen = False
    for word in re.split(r"[\s-]+", words.lower()):
        if word in ("and", ""):
            continue
        if word in ("a", "an"):
            current, seen = 1, True
        elif word in _ONES:
            current, seen = current + _ONES[word], True
        elif word in _TENS:
            current, seen = current + _TENS[word], True
        elif word in ("hundred", "dozen"):
            current, seen = max(1, current) * _UNITS[word], True
        elif word in _UNITS:
            total, current, seen = total + max(1, current) * _UNITS[word], 0, True
        else:
            return None
    return total + current if seen else None
