"""How words of time combine into expressions: one rule a line, in names of classes of words, compiled to patterns over their letters.

Syntax: names of classes (date_words.CLASSES and SHAPES) or of the groups below; a|b one of them; x? optional; k:name keeps the token as part k;
name=value only with that value; ( ) group; ~name what must not follow, +name what must (+a,b one after the other). The longest match counts, of
equally long ones the first rule. Floor 5.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from eventcoder.extraction.date_words import LETTERS

GROUPS = {
    "MON": "month|month_weak", "DAY": "day|ordinal", "WD": "weekday|weekday_short", "TO": "dash|to|and|slash", "THRU": "dash|to|and",
    "N": "number|day|integer|article|vague", "TIME": "unit|units|part_of_day|weekend", "WHICH": "last|this|next|coming|previous|following",
    "FROM": "between|from", "BACK": "last|previous|recent", "OVER": "in|during|at|of|on|from|since", "JOIN": "and|dash|to|slash",
    "FOREIGN": "solar_month|lunar_month|ethiopian_month|other_month",
    "NOUN": "word|name|counted|ordinal_noun|number|integer|vague|unit|units",
    "ENDS": "comma|stop|close|open|in|during|at|on|by|function|from|to|and|dash|mark|before|after|of|since|genitive",
}  # fmt: skip
# fmt: off
RULES: tuple[tuple[str, str], ...] = (
    ("numeric", "wd:WD? comma? open? x:numeric"),
    ("slashed-day", "wd:WD stop? comma? open? d1:DAY slash d2:DAY"),
    ("foreign-date", "between|from? d1:DAY TO d:DAY of? c:FOREIGN comma? y:other_year|year? era_kind? era?"),
    ("foreign-date", "wd:WD? comma? open? the? d:DAY of? c:FOREIGN comma? y:other_year|year? era_kind? era?"),
    ("foreign-date", "c:FOREIGN d:DAY ~counted (comma? y:other_year|year)? era_kind? era?"),
    ("foreign-date", "on? the? d:ordinal_word|ordinal u:unit=day of the? (unit of)? c:lunar_month comma? y:other_year|year?"),
    ("foreign-month", "part? in|during|of? the? c:FOREIGN comma? y:other_year era_kind? era?"),
    ("foreign-month", "part? in|during|of? c:ethiopian_month comma? y:year"),
    ("foreign-month", "in|during|since the? c:lunar_month"),
    ("foreign-month", "this|last c:lunar_month"),
    ("foreign-year", "y:other_year|year era_kind? era"),
    ("day-range-months", "FROM? WD? comma? the? d1:DAY of? m1:MON stop? comma? y1:year? TO WD? comma? the? d:DAY of? m:MON stop? comma? y:year?"),
    ("day-range-months", "between|from? WD? comma? m1:MON stop? d1:DAY comma? y1:year? comma? TO on? WD? comma? m:MON stop? d:DAY (comma? y:year)?"),
    ("day-range", "FROM? the? WD? comma? the? d1:DAY (comma WD? comma? DAY)* comma? TO the? WD? comma? the? d:DAY of? m:MON stop? comma? y:year?"),
    ("day-range", "between|from? WD? comma? m:MON stop? the? d1:DAY (comma the? DAY)* comma? and the? d:DAY (comma? y:year | ~NOUN)"),
    ("day-range", "between|from? WD? comma? m:MON stop? the? d1:DAY dash|to|slash the? d:DAY ~counted (comma? y:year)?"),
    ("day-range-months", "between|from m1:MON d1:DAY THRU d:DAY m:MON comma? y:year?"),
    ("day-month", "last|this? wd:WD? stop? comma? part_of_day? comma? the? d:DAY dash? of? m:MON stop? comma? y:year?"),
    ("day-month", "last|this? wd:WD? stop? comma? part_of_day? comma? m:MON stop? the? d:DAY ((comma|slash)? y:year)?"),
    ("day-month", "wd:WD? comma? the? d:DAY of? m:MON stop? open y:year close"),
    ("day-month", "d:DAY of? m:MON comma? of? which:last|this|next|that u:unit=year"),
    ("day-month", "m:MON d:DAY comma? of? which:last|this|next|that u:unit=year"),
    ("day-month", "d:DAY dash|slash m:MON dash|slash y:year"),
    ("part-of-month", "the? part:part (THRU part)? of|in|dash? the? m:MON stop? (comma|of? y:year)?"),
    ("part-of-month", "part:part of|in|dash? which:last|this|next m:MON"),
    ("weeks-of-month", "the? o:ordinal_word|last|ordinal o2:unit|half|weekend of|in m:MON stop? (comma|of? y:year)?"),
    ("weeks-of-month", "the? o:ordinal_word|last|ordinal o2:unit|half|units of|in the? which:last|this|next|previous|that? u:unit=month"),
    ("weeks-of-month", "the? o:ordinal_word|last N u2:units of|in m:MON (comma|of? y:year)?"),
    ("part-of-unit", "the? part:part of|in the? which:last|this|next|previous? u:unit"),
    ("part-of-unit", "part:earlier|later in the u:unit"),
    ("part-of-unit", "part:part which:last|next u:unit"),
    ("part-of-year", "the? part:part of|in|dash? y:year ~counted"),
    ("part-of-year", "the? o:ordinal_word|last o2:half|quarter of|in y:year"),
    ("month-range", "between|from m1:MON (of? y1:year)? THRU m:MON (comma|of? y:year)?"),
    ("month-range", "between|from? m1:MON THRU m:MON comma? of? which:last|this|that u:unit=year"),
    ("month-range", "in|during? m1:MON dash|and|to m:MON (comma|of? y:year)?"),
    ("month-year", "m:MON stop? of|comma? y:year ~counted"),
    ("month-year", "m:MON stop? open y:year close"),
    ("month-year", "m:MON comma? of? which:last|this|next|that u:unit=year"),
    ("year-range", "between|from y1:year THRU y:year"),
    ("year-range", "y1:year dash|slash y:year|day"),
    ("weekday-and-number", "w:WD stop? comma? open the? d:DAY of? (m:MON stop? comma? y:year?)? close"),
    ("weekday-and-number", "w:WD stop? comma? open m:MON stop? d:DAY comma? y:year? close"),
    ("weekday-ordinal", "w:WD stop? comma? the? d:ordinal ~NOUN"),
    ("weekday-ordinal", "w:WD stop? d:day +ENDS"),
    ("weekday-range", "between|from? w1:WD (part_of_day)? (comma WD)* comma? JOIN on|the? part? on? w:WD part_of_day?"),
    ("weekday-range", "between|from? w1:WD part_of_day? TO w:WD part_of_day? comma? the? d:DAY of? m:MON (comma? y:year)?"),
    ("weekday-week", "w:WD part_of_day? comma? of? the? which:last|this|next|previous u:unit=week"),
    ("weekday-week", "which:last|this|next u:unit=week genitive? comma? on? w:WD"),
    ("weekday-ago", "n:N u:unit|units ago on w:WD"),
    ("weekday-ago", "w:WD part_of_day? n:N u:unit|units ago"),
    ("weekday-before", "on? the? which:WHICH w:WD part_of_day?"),
    ("weekday-before", "this which:coming w:WD"),
    ("weekday-before", "w:weekday which:next|last ~unit|month|month_weak"),
    ("weekday-overnight", "overnight on|from? w:WD (TO w2:WD)?"),
    ("weekday-overnight", "overnight to w:WD"),
    ("weekday-overnight", "w:WD overnight"),
    ("weekday", "part|earlier|later? on? w:weekday part_of_day?"),
    ("weekday", "part? on w:weekday_short part_of_day?"),
    ("weekday", "w:weekday_short stop? +ENDS"),
    ("ordinal-range", "from|between|on? the d1:ordinal TO the? d:ordinal ~ordinal_noun|word"),
    ("day-of-month", "the d:DAY of which:this|last|next u:unit=month"),
    ("ordinal-day", "on|since|from the d:ordinal ~ordinal_noun|and"),
    ("past-span", "OVER? the? BACK of? n:N of? (dash? n3:number)? (dash|to|and n2:number|day)? u:units|unit|weekend"),
    ("past-span", "OVER? the? n:N BACK u:units"),
    ("past-unit", "in|during the|this BACK u:unit|units|weekend"),
    ("past-unit", "the|this BACK u:units"),
    ("past-unit", "the|this p:last u:unit|weekend"),
    ("recent", "in? the? recent|last u:units"),
    ("ago", "approximate? article? n:N u:units|unit and article half ago"),
    ("ago", "approximate? article? n:N of? (dash n3:number)? (dash|to|and n2:number|day)? u:TIME ago (t:today | this unit)?"),
    ("days-later", "half n:article u:unit dir:later|earlier"),
    ("days-later", "article? n:N of? u:units|unit dir:later|earlier ~on"),
    ("days-later", "article? n:N of? u:units|unit dir:before|after +stop|comma"),
    ("next-day", "the which:following|next|previous u:unit|part_of_day|weekend"),
    ("next-day", "on|in? which:that same? u:unit|part_of_day"),
    ("next-day", "on|in? the which:same u:unit|part_of_day"),
    ("next-day", "the u:unit=day which:before|after +stop|comma"),
    ("coming-span", "in? the coming|next N? u:units"),
    ("coming-span", "in? the coming N? u:unit|part_of_day|weekend"),
    ("yesterday", "the u:unit=day dir:before yesterday part_of_day?"),
    ("tomorrow", "the u:unit=day dir:after tomorrow"),
    ("calendar-unit", "pre:earlier|later|part|since? which:last|this|next|previous u:unit|part_of_day|weekend|season"),
    ("calendar-unit", "every|during unit which:this|last u:unit|weekend"),
    ("this-unit", "during the u:unit"),
    ("last-month-name", "which:last|this|next|coming m:MON ~day"),
    ("weekend", "OVER? the? weekend of d1:DAY (TO d2:DAY)? m:MON (comma? y:year)?"),
    ("weekend", "OVER? the? weekend of m:MON d1:DAY (TO d2:DAY)? (comma? y:year)?"),
    ("weekend", "during|on|at|in? the weekend"),
    ("weekend", "during|on|at weekend"),
    ("so-far", "so_far this u:unit"),
    ("day-range", "during|in? the? u:unit=week of|from? the? d1:DAY TO the? d:DAY of? m:MON stop? comma? y:year?"),
    ("day-range", "during|in? the? u:unit=week of|from? m:MON stop? d1:DAY TO the? d:DAY ~counted (comma? y:year)?"),
    ("day-range-months", "during|in? the? u:unit=week of|from? d1:DAY of? m1:MON y1:year? TO d:DAY of? m:MON stop? comma? y:year?"),
    ("day-range-months", "during|in? the? u:unit=week of|from? m1:MON d1:DAY TO m:MON d:DAY (comma? y:year)?"),
    ("week-of", "during|in? the? u:unit=week of|starting|from|ending|part the? WD? d:DAY of? m:MON (comma? y:year)?"),
    ("week-of", "during|in? the? u:unit=week of|starting|from|ending|part WD? m:MON d:DAY (comma? y:year)?"),
    ("around-day", "approximate on? WD? comma? the? d:DAY of? m:MON stop? comma? y:year?"),
    ("around-day", "approximate WD? comma? m:MON stop? the? d:DAY (comma? y:year)?"),
    ("season", "the? s:season of? y:year"),
    ("yesterday", "part|earlier? yesterday part_of_day?"),
    ("yesterday", "part? last p:part_of_day"),
    ("today", "earlier|later|part? on? today part_of_day?"),
    ("tomorrow", "tomorrow part_of_day?"),
    ("overnight", "overnight"),
    ("month", "pre:in m:MON +day,counted"),
    ("month", "pre:in|since|during|to|of|from|by? m:month ~dash|day|ordinal|genitive"),
    ("month", "pre:in|since|during|of|from m:month_weak stop? ~dash|day|ordinal|genitive"),
    ("month", "the m:month_weak +word"),
    ("of-year", "in m:MON of which:that u:unit=year"),
    ("year", "pre:in|since|during the? (unit of?)? y:year ~dash|slash"),
    ("year", "pre:to|of|from|by the? (unit of?)? y:year ~counted|dash|slash"),
    ("year", "the|article y:year +word|name"),
    ("year", "open y:year close"),
    ("bare-year", "y:year ~counted|word|name|dash|slash|unit|units"),
    ("year", "u:unit=year y:year ~counted"),
)
# fmt: on
_NEVER_FIRST = ",;P"  # signs and "night" that only go on
_ITEM = re.compile(r"\(|\)\??\*?|[^\s()]+")


def _letters(name: str) -> str:
    out = ""
    for one in name.split("|"):
        out += _letters(GROUPS[one]) if one in GROUPS else LETTERS[one]
    return out


def _class(name: str) -> str:
    letters = _letters(name)
    return re.escape(letters) if len(letters) == 1 else "[" + re.escape(letters) + "]"


def _compile(source: str) -> tuple[str, str, tuple[str, str] | None]:
    """Pattern over letters, the letters that a match can begin with, and the part that must have a value."""
    out: list[str] = []
    must: tuple[str, str] | None = None
    first, opened, depth = "", True, 0
    for item in _ITEM.findall(source):
        if item == "(":
            out.append("(?:")
            depth += 1
            continue
        if item[0] == ")":
            out.append(item)
            depth -= 1
            continue
        if item == "|":
            out.append("|")
            continue
        if item[0] in "~+" and len(item) > 1:
            ahead = "".join(_class(one) for one in item[1:].split(","))
            out.append(f"(?!{ahead})" if item[0] == "~" else f"(?={ahead})" if "," in item or "word" in item else f"(?=$|{ahead})")
            continue
        optional = item[-1] == "?"
        item = item.rstrip("?")
        key, _, name = item.rpartition(":")
        name, _, value = name.partition("=")
        if value:
            must = (key, value)
        pattern = _class(name)
        out.append((f"(?P<{key}>{pattern})" if key else pattern) + ("?" if optional else ""))
        if opened:
            first += _letters(name)
        if not optional and depth == 0:
            opened = False
    return "".join(out), first, must


class Rule(NamedTuple):
    """A compiled rule: its id, the pattern over letters, and the value that a part must have."""

    id: str
    pattern: re.Pattern[str]
    must: tuple[str, str] | None


class Table(NamedTuple):
    """The rules that can begin with one letter, and one pattern that tells whether any of them does."""

    any: re.Pattern[str]
    rules: tuple[Rule, ...]


@cache
def rules_by_letter() -> dict[str, Table]:
    """For each letter the rules that can begin with it, in the order of the table."""
    found: dict[str, list[Rule]] = {}
    for name, source in RULES:
        pattern, first, must = _compile(source)
        rule = Rule(name, re.compile(pattern), must)
        for letter in dict.fromkeys(x for x in first if x not in _NEVER_FIRST):
            found.setdefault(letter, []).append(rule)
    nameless = re.compile(r"\(\?P<\w+>")
    return {
        letter: Table(re.compile("|".join(nameless.sub("(?:", rule.pattern.pattern) for rule in rules)), tuple(rules))
        for letter, rules in found.items()
    }
