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


@dataclass(slots=True)
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
        vague: set[str] = set()
        self._times: dict[str, float] = {}
        for row in rows:
            if row["kind"] == "times":
                self._times[row["words"]] = float(row["best"])
            elif row["scale"] == scale:
                self._amounts[row["words"]] = (int(row["low"]), int(row["best"]))
                if row["kind"] == "vague":
                    vague.add(row["words"])
        self.vague = frozenset(vague)  # words that count only the dead and the injured ("some")
        # First words that may open a number: a text without any of them, and without a digit, needs no search.
        first = {w.split()[0] for w in (*self._amounts, *self._times)} | {w.split()[1] for w in self._amounts if w.startswith(("a ", "an "))}
        self.first_words = frozenset((first | _ONES.keys() | _TENS.keys() | _UNITS.keys()) - _ARTICLES)
        amounts = "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(self._amounts, key=len, reverse=True))
        times = "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(self._times, key=len, reverse=True))
        unit = r"(?:dozen|score|hundred|thousand|million|lakh|crore)s?"
        value = rf"(?P<times>(?:{times})\s+{unit})|"
        value += rf"(?P<digits>{_DIGITS})(?:\s*[-–—]?\s*(?P<scale>{unit}|k|m)\b)?(?P<plus>\+)?|"
        value += rf"(?P<spelled>{_SPELLED})(?!\w)|(?P<amount>{amounts})(?!\w)"
        self._value = re.compile(value, re.IGNORECASE)
        bound = rf"(?P<low>{_LOW_BOUND})|(?P<high>{_HIGH_BOUND})|(?P<near>{_NEAR})|(?P<about>{_ABOUT})"
        self._bound = re.compile(rf"(?:{bound})\s*$", re.IGNORECASE)
        self._number_next = re.compile(rf"\s+(?:\d|{_WORD}\b|(?:{amounts})\b)", re.IGNORECASE)
        self._range = re.compile(r"\s*(?:-|–|—|to|or|and|&)\s*", re.IGNORECASE)
        self._between = re.compile(r"(?:between|from)\s+$", re.IGNORECASE)
        self._after_plus = re.compile(r"\s+(?:or\s+(?:more|so)|and\s+more|plus|at\s+least(?=\s*(?:[,.;)]|$)))(?!\w)", re.IGNORECASE)

    def find(self, tokens: Tokens, start: int = 0, end: int | None = None) -> list[Number]:
        """Numbers in the characters [start, end) of the tokens' text, left to right; bounds and ranges are part of the number's words."""
        text = tokens.text
        stop = len(text) if end is None else end
        out: list[Number] = []
        at = start
        words, starts, forms = self.first_words, tokens.starts, tokens.forms
        last = len(forms) - 1
        if _DIGIT.search(text, start, stop):
            candidates = [i for i, form in enumerate(forms) if form in words or "0" <= form[0] <= "9"]
        elif words.isdisjoint(forms):
            return out
        else:
            candidates = [i for i, form in enumerate(forms) if form in words]
        for i in candidates:
            form = forms[i]
            following = forms[i + 1] if i < last else ""
            begin = starts[i]
            if form in _AFTER_ARTICLE and i and forms[i - 1] in _ARTICLES:
                begin = starts[i - 1]
            if begin < at or begin >= stop:
                continue
            if begin > start and (text[begin - 1] in ".," or text[begin - 1].isalnum()):
                continue
            after = tokens.ends[i]
            follower = text[after : after + 1]
            if form in _SIMPLE and following not in _JOINED and follower in _SPACING:
                low = best = _SIMPLE[form]
                rule, plus = "spelled", False
            elif (
                form.isdigit()
                and len(form) <= _LONGEST
                and follower in _SPACING
                and following not in _JOINED
                and following not in _SCALES
                and _alone(text, after, following)
            ):
                low = best = int(form)
                rule, plus = "digits", False
            else:
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
            unit, end = (match["scale"] or "").lower(), match.end()
            if unit.endswith("s") and _YEAR.fullmatch(raw):
                unit, end = "", match.end("digits")  # "in 2012 dozens perished"
            if unit:
                value *= {"k": 1000, "m": 1000000}.get(unit) or _UNITS[unit.rstrip("s")]
            if value != int(value):
                return None
            return int(value), int(value), "digits" if not unit else "digits-unit", end, bool(match["plus"])
        if match["times"]:
            *factor, unit = re.split(r"\s+", match["times"].lower())
            value = self._times[" ".join(factor)] * _UNITS[unit.rstrip("s")]
            return int(value), int(value), f"{self.scale}:{' '.join(factor)} {unit}", match.end(), False
        if match["spelled"]:
            words, end = match["spelled"], match.end()
            pair = _PAIR.match(words) if self._between.search(text, max(0, at - 9), at) else None
            if pair:  # "between two and three thousand" are two numbers
                words, end = pair[1], at + pair.end(1)
            number = spelled(words)
            return None if number is None else (number, number, "spelled", end, False)
        word = re.sub(r"\s+", " ", match["amount"].lower())
        if (word in self.vague and self._number_next.match(text, match.end())) or (
            word in ("many", "few") and _NOT_A_COUNT.search(text, max(0, at - 6), at)
        ):
            return None
        low, best = self._amounts[word]
        return low, best, f"{self.scale}:{word}", match.end(), False

    def _bounded(self, text: str, begin: int, after: int, low: int, best: int, rule: str, plus: bool, stop: int, floor: int) -> Number:
        vague = rule.startswith(self.scale + ":") and rule.split(":")[1] not in _EXACT and not rule.endswith("half a dozen")
        before = text[max(floor, begin - 24) : begin]
        ahead = text[after : after + 3].lstrip()[:1]
        follow = self._range.match(text, after, stop) if ahead and ahead in "-–—toa&TOA" else None
        if follow and not vague:
            second = self._read(text, follow.end(), stop)
            joint = follow.group().strip().lower()
            between = self._between.search(before)
            if second and second[0] > low and (joint not in ("and", "&") or between) and (not second[2].startswith(self.scale + ":")):
                unit_word = text[follow.end() : second[3]].lower().rsplit(None, 1)[-1].rstrip("s")
                if second[2] == "spelled" and low < 100 and unit_word in _UNITS and text[begin:after].lower().rsplit(None, 1)[-1] not in _UNITS:
                    low *= _UNITS[unit_word] if low * _UNITS[unit_word] < second[0] else 1  # "two or three hundred"
                if second[2] == "digits-unit" and rule == "digits" and low < 1000:
                    unit = second[0] // max(1, int(re.sub(r"\D", "", text[follow.end() : second[3]]) or 1))
                    low *= unit if low * unit <= second[0] else 1
                if joint == "to" and between and _RISE.search(text, max(floor, begin - 24), begin):
                    # "rose from 10 to 14": the figure is what it rose to.
                    return Number(follow.end(), second[3], second[0], second[1], second[1], second[2], text[follow.end() : second[3]], True)
                first = begin - len(between.group()) if between else begin
                return Number(first, second[3], low, low, second[0], "range", text[first : second[3]], False)
        bound = self._bound.search(before) if _may_bound(before) else None
        more = self._after_plus.match(text, after, stop) if ahead and ahead in "opa" else None
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
            if more and more.group().lower().endswith("so"):
                return Number(begin, end, low, best, None if vague else best, f"about:{rule}", text[begin:end], False)
            return Number(begin, end, low, best, None, f"at-least:{rule}", text[begin:end], False)
        return Number(begin, after, low, best, None if vague else best, rule, text[begin:after], not vague)


_SIMPLE = {**_ONES, **_TENS}
_ARTICLES = frozenset(["a", "an"])
_AFTER_ARTICLE = frozenset(
    [
        "hundred",
        "thousand",
        "million",
        "dozen",
        "score",
        "few",
        "handful",
        "couple",
        "pair",
        "number",
        "good",
        "large",
        "unknown",
        "unspecified",
        "undisclosed",
    ]
)
_DIGIT = re.compile("[0-9]")
_SPACING = frozenset(["", " ", ",", ".", ";", ":", ")"])
_SCALES = frozenset(["k", "m", "lakhs", "crores", "scores", "-", "–", "—"])
_JOINED = frozenset([*_ONES, *_TENS, *_UNITS, "dozens", "hundreds", "thousands", "and", "or", "to", "million", "plus", "more", "-", "–"])
_YEAR = re.compile(r"(?:19|20)\d\d")
_PAIR = re.compile(r"((?:(?!hundred|thousand|million)[\w-]+\s+)*?(?!hundred|thousand|million)[\w-]+)\s+and\s", re.IGNORECASE)
_EXACT = frozenset(["both", "a couple", "a couple of", "a pair of"])
_RISE = re.compile(r"\b(?:ro?i?se[ns]?|rising|climb\w*|increas\w*|gr[eo]w\w*|jump\w*|up|revis\w*|updat\w*|soar\w*)\s+from\s+$", re.IGNORECASE)
_LAST_OF_BOUND = frozenset(
    [
        "least", "of", "than", "over", "above", "exceeding", "to", "as", "most", "under", "below", "nearly", "almost", "about", "around",
        "approximately", "roughly", "some", "estimated", "circa", "ca", "ca.", "approx", "approx.", "reportedly",
    ]
)  # fmt: skip


def _alone(text: str, after: int, following: str) -> bool:
    """Do the digits before `after` stand alone, with no group of thousands behind them?"""
    return not ("0" <= following[:1] <= "9") and not text[after + 1 : after + 2].isdigit()


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
