"""Expressions of time in English news, recognised but not yet resolved.

One pattern a rule, tried in the order of the table: the longest and most explicit forms first. Month and weekday names need a capital,
so that "may" and "march" are not months. Resolution is the job of `dates`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug", "september sept sep", "october oct",
            "november nov", "december dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ("monday mon", "tuesday tues tue", "wednesday wed", "thursday thurs thur thu", "friday fri", "saturday sat", "sunday sun")
    )
    for name in names.split()
}
SMALL = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "couple of": 2, "a couple of": 2, "several": 5, "few": 3, "a few": 3,
}  # fmt: skip
FOREIGN_MONTHS = (
    "Farvardin|Ordibehesht|Khordad|Tir|Mordad|Amordad|Shahrivar|Mehr|Aban|Azar|Dey|Bahman|Esfand|Muharram|Moharram|Safar|Rabi|Jumada|Rajab|Sha'?ban|Ramadan|"
    "Ramazan|Shawwal|Dhu|Zul|Hamal|Sawr|Jawza|Saratan|Asad|Sonbola|Mizan|Aqrab|Qaws|Jadi|Dalwa|Hut|Meskerem|Tikimt|Hidar|Tahsas|Yekatit|Megabit|Miazia|Ginbot|"
    "Sene|Hamle|Nehase|Baisakh|Jestha|Asar|Shrawan|Bhadra|Ashwin|Kartik|Mangsir|Poush|Magh|Falgun|Chaitra"
)

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan\b\.?|Feb\b\.?|Mar\b\.?|Apr\b\.?|Jun\b\.?|Jul\b\.?|"
    r"Aug\b\.?|Sept?\b\.?|Oct\b\.?|Nov\b\.?|Dec\b\.?|JANUARY|FEBRUARY|MARCH|APRIL|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER)"
)
_DAYNAME = r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)"
_LONGDAY = r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?:1[89]\d\d|20\d\d)"
_N = r"(?:\d{1,3}|(?i:an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|(?:a )?couple of|several|(?:a )?few))"
_TO = r"\s*(?:-|–|—|to|until|till|through|and|&)\s*"
_AND = r"\s*(?:,|and|&|or)\s*"
_WEEKDAY_FIRST = rf"(?:{_DAYNAME}\.?,?\s+(?:the\s+)?)?"

# (rule, pattern): the rule names are what drafts show; keep them stable.
PATTERNS: tuple[tuple[str, str], ...] = (
    ("iso", rf"(?P<y>{_YEAR})[-/](?P<m>\d{{1,2}})[-/](?P<d>\d{{1,2}})(?!\d)"),
    ("foreign-calendar",
     rf"1[2-4]\d\d[-/]\d{{1,2}}[-/]\d{{1,2}}(?!\d)|{_DAY}\s+(?:of\s+)?(?:{FOREIGN_MONTHS})\b[\w'-]*(?:,?\s+\d{{4}}\b)?|\b(?:{FOREIGN_MONTHS})"
     rf"\b[\w'-]*(?:\s+{_DAY}\b)?,?\s+1[2-4]\d\d\b|25[4-9]\d[-/]\d{{1,2}}[-/]\d{{1,2}}|1[34]\d\d\s*(?:AH|A\.H\.|AP|H\.?)(?!\w)"),
    ("numeric", r"(?P<a>\d{1,2})(?P<sep>[/.-])(?P<b>\d{1,2})(?P=sep)(?P<y>(?:19|20)\d\d|\d\d)(?![\d/])"),
    ("day-range-months",
     rf"{_WEEKDAY_FIRST}(?P<d1>{_DAY})\s+(?P<m1>{_MONTH})(?:,?\s+(?P<y1>{_YEAR}))?{_TO}{_WEEKDAY_FIRST}(?P<d2>{_DAY})\s+(?:of\s+"
     rf")?(?P<m2>{_MONTH})(?:,?\s+(?P<y>{_YEAR})\b)?"),
    ("month-day-range-months",
     rf"(?P<m1>{_MONTH})\s+(?P<d1>{_DAY})(?:,?\s+(?P<y1>{_YEAR}))?{_TO}(?P<m2>{_MONTH})\s+(?P<d2>{_DAY})\b(?:,?\s+(?P<y>{_YEAR})"
     rf"\b)?"),
    ("day-range", rf"(?P<d1>{_DAY}){_TO}(?:the\s+)?(?P<d2>{_DAY})\s+(?:of\s+)?(?P<m>{_MONTH})(?:,?\s+(?P<y>{_YEAR})\b)?"),
    ("month-day-range",
     rf"(?P<m>{_MONTH})\s+(?P<d1>{_DAY}){_TO}(?P<d2>{_DAY})\b(?!\s*(?:people|protest|killed|dead|wounded|injured|months?|days?|"
     rf"hours?))(?:,?\s+(?P<y>{_YEAR})\b)?"),
    ("day-month", rf"{_WEEKDAY_FIRST}(?P<d>{_DAY})\s+(?:of\s+)?(?P<m>{_MONTH})(?:,?\s+(?P<y>{_YEAR}))?\b"),
    ("month-day", rf"{_WEEKDAY_FIRST}(?P<m>{_MONTH})\s+(?P<d>{_DAY})\b(?!\s*%)(?:,?\s+(?P<y>{_YEAR})\b)?"),
    ("part-of-month",
     rf"(?P<part>[Ee]arly|[Mm]id|[Ll]ate|(?:the\s+)?(?:[Bb]eginning|[Ss]tart|[Ee]nd|[Mm]iddle)\s+of|(?:the\s+)?(?:first|second|"
     rf"last)\s+(?:week|half)\s+of)[ -](?:in\s+)?(?P<m>{_MONTH})(?:,?\s+(?:of\s+)?(?P<y>{_YEAR})\b)?"),
    ("month-range",
     rf"(?:between|from|From|Between)\s+(?P<m1>{_MONTH})(?:\s+(?P<y1>{_YEAR}))?\s*(?:and|to|until|till|through|-|–)\s*(?P<m2>{_MONTH})"
     rf"(?:\s+(?P<y>{_YEAR}))?\b"),
    ("month-year", rf"(?P<m>{_MONTH})(?:\s+of)?,?\s+(?P<y>{_YEAR})\b"),
    ("month-last-year", rf"(?P<m>{_MONTH})\s+(?:of\s+)?(?P<which>last|this)\s+year\b"),
    ("year-range",
     rf"(?:(?:between|from|Between|From)\s+(?P<y1>{_YEAR})\s*(?:and|to|until|till|through|-|–)\s*(?P<y2>{_YEAR})\b|(?P<y3>{_YEAR})"
     rf"\s*[-–]\s*(?P<y4>{_YEAR}|\d\d)\b)"),
    ("weekday-and-number", rf"(?P<w>{_LONGDAY})\s*\((?:the\s+)?(?P<d>{_DAY})(?:\s+(?P<m>{_MONTH}))?\)"),
    ("weekday-ordinal", rf"(?P<w>{_LONGDAY}),?\s+(?:the\s+)?(?P<d>\d{{1,2}}(?:st|nd|rd|th))\b"),
    ("weekday-range",
     rf"(?:(?:between|from|Between|From)\s+)?(?P<w1>{_LONGDAY})(?:\s+(?:morning|afternoon|evening|night))?\s*(?:-|–|to|and|until|"
     rf"through|into|or)\s*(?P<w2>{_LONGDAY})\b"),
    ("weekday-week",
     rf"(?P<w>{_LONGDAY})\s+(?P<which>last|of last|of this|this|next)\s+week\b|(?P<which2>[Ll]ast|[Tt]his|[Nn]ext)\s+week['’]?s?"
     rf"\s+(?P<w3>{_LONGDAY})"),
    ("weekday-before", rf"(?P<which>[Ll]ast|[Tt]his|[Nn]ext|[Pp]ast|[Cc]oming)\s+(?P<w>{_LONGDAY})\b|(?P<w4>{_LONGDAY})\s+(?P<next>next)\b"),
    ("weekday", rf"(?:(?P<when>[Ll]ate|[Ee]arly|[Ll]ater|[Ee]arlier)\s+(?:on\s+)?)?(?P<w>{_LONGDAY})\b(?!s\b)"),
    ("ordinal-day",
     r"(?:on|On)\s+the\s+(?P<d>(?:[12]?\d|3[01])(?:st|nd|rd|th))(?!\s+(?:anniversary|day|floor|birthday|of|and|time|consecutive|"
     r"straight|week|year|century|\w+iversary))\b"),
    ("past-span",
     rf"(?:over|in|during|for|within|of)?\s*(?:the|these)?\s*(?:past|last|previous|recent|preceding)\s+(?P<n>\d{{1,3}}|{_N})\s*(?"
     rf":-|to|or)?\s*(?P<n2>\d{{1,3}}|two|three|four|five)?\s+(?P<u>hours?|days?|nights?|weeks?|weekends?|months?|years?|decades?"
     rf")\b"),
    ("past-unit",
     r"(?:(?:over|in|during|for|within)\s+(?:the|this)\s+(?:past|last)|(?:the|this)\s+past)\s+(?P<u>week|month|year|decade|weekend|"
     r"days|weeks|months|years|day)\b"),
    ("ago",
     rf"(?:(?:about|around|some|nearly|over|more than|just|only|almost)\s+)?(?P<n>{_N})\s+(?P<u>hours?|days?|nights?|weeks?|months?"
     rf"|years?|decades?)\s+(?:ago|back)\b(?:\s+(?:today|this\s+(?:week|month)))?"),
    ("days-later",
     rf"(?P<n>{_N})\s+(?P<u>days?|weeks?|hours?)\s+(?P<dir>later|earlier|before|after that)\b(?!\s+the\b)|the\s+(?P<rel>following|"
     rf"next|previous)\s+(?P<u2>day|morning|night|evening|week)\b|(?P<rel2>the same|that(?: same| very)?)\s+(?P<u3>day|morning|"
     rf"afternoon|evening|night)\b|the\s+day\s+(?P<dir2>before|after)\b"),
    ("calendar-unit",
     r"(?P<pre>[Ee]arlier|[Ll]ater|[Ll]ate|[Ee]arly|[Ss]ince|(?:[Ii]n\s+)?[Rr]ecent|[Uu]ntil)?\s*\b(?P<which>[Ll]ast|[Tt]his|[Nn]ext|"
     r"[Pp]revious)\s+(?P<u>weekend|week|month|year|morning|afternoon|evening|night|spring|summer|autumn|winter)\b"),
    ("last-month-name", rf"(?P<which>[Ll]ast|[Tt]his|[Nn]ext|[Pp]ast)\s+(?P<m>{_MONTH})\b"),
    ("recent", r"[Ii]n\s+(?:the\s+)?(?:recent|past|last)\s+(?P<u>days|weeks|months|years|hours)\b|[Rr]ecent\s+(?P<u2>days|weeks|months|years)\b"),
    ("weekend", r"(?:over|at|on|during|this)\s+(?:the\s+)?weekend\b|\b[Tt]he\s+weekend\b"),
    ("so-far", r"[Ss]o\s+far\s+this\s+(?P<u>week|month|year)\b"),
    ("week-of",
     rf"(?:the\s+)?week\s+(?:of|starting|beginning|from)\s+(?:(?P<d>{_DAY})\s+(?P<m>{_MONTH})|(?P<m2>{_MONTH})\s+(?P<d2>{_DAY})"
     rf")(?:,?\s+(?P<y>{_YEAR})\b)?"),
    ("season", rf"(?:the\s+)?(?P<s>[Ss]pring|[Ss]ummer|[Aa]utumn|[Ww]inter)\s+(?:of\s+)?(?P<y>{_YEAR})\b"),
    ("yesterday", r"[Tt]he\s+day\s+before\s+yesterday\b|\b(?:[Ll]ate\s+|[Ee]arly\s+|[Ee]arlier\s+)?[Yy]esterday\b|[Ll]ast\s+night\b"),
    ("today", r"\b[Tt]oday\b|\b[Tt]onight\b|[Ee]arlier\s+today\b|[Tt]his\s+(?:morning|afternoon|evening)\b"),
    ("tomorrow", r"\b[Tt]omorrow\b|\b[Tt]he\s+day\s+after\s+tomorrow\b"),
    ("overnight", r"\b[Oo]vernight\b"),
    ("month",
     rf"(?:(?P<pre>in|since|during|until|through|by|of|from|for|In|Since|During|Until|By)\s+|(?<![\w.]))(?P<m>{_MONTH})(?![\w’'-])"
     rf"(?!,?\s+(?:of\s+)?\d)"),
    ("year",
     rf"(?:(?P<pre>in|since|during|until|of|from|by|In|Since|During|Until|From)\s+(?:the\s+(?:year\s+)?)?)(?P<y>{_YEAR})(?!\d|[-–/.,]\d|"
     rf"\s*(?:people|protesters|houses|families|residents|troops|soldiers|members|men|women))\b"),
    ("bare-year",
     rf"(?<![\w,.$€£/-])(?P<y>{_YEAR})(?![\w%]|[-–/.,]\d|\s+(?:people|protesters|demonstrators|houses|homes|families|residents|"
     rf"troops|soldiers|members|men|women|civilians|workers|students|were|dead|killed|migrants|refugees|fighters|militants))"),
)  # fmt: skip

_COMPILED = {rule: re.compile(r"(?<!\w)(?:" + pattern + ")") for rule, pattern in PATTERNS}
# A cheap first look at every place where an expression may begin; the table decides.
_TRIGGER = re.compile(
    r"(?<![\w.,])(?:\d{1,4}|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|JAN|FEB|MAR|APR|JUN|JUL|AUG|SEP|OCT|NOV|DEC|Mon|Tue|Wed|Thu|Fri|Sat|Sun|"
    r"[Ee]arl|[Ll]ate|[Mm]id|[Bb]eginning|[Ss]tart|[Ee]nd|the|[Tt]his|[Ll]ast|[Nn]ext|[Pp]ast|[Pp]revious|[Cc]oming|between|from|Between|From|over|"
    r"in|In|on|On|during|for|within|of|"
    r"[Aa]n?\b|[Oo]ne|[Tt]wo|[Tt]hree|[Ff]our|[Ff]ive|[Ss]ix|[Ss]even|[Ee]ight|[Nn]ine|[Tt]en|[Ee]leven|[Tt]welve|[Ff]ifteen|[Tt]wenty|[Tt]hirty|"
    r"couple|[Ss]everal|[Ff]ew|about|around|some|nearly|more|just|only|almost|The|These|these|that|"
    r"[Rr]ecent|[Ss]o far|[Ww]eek|[Ss]pring|[Ss]ummer|[Aa]utumn|[Ww]inter|[Yy]esterday|[Tt]o(?:day|night|morrow)|[Oo]vernight|at|until|through|by|"
    r"since|During|Since|Until|By|" + FOREIGN_MONTHS + r")"
)
_CORE = re.compile(
    r"\b(?=[0-9A-Zadehmnostwy])(?:(?<![.,])\d{1,4}|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|JAN|FEB|MAR|APR|JUN|JUL|AUG|SEP|OCT|NOV|DEC|"
    r"Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w*|"
    r"(?:hours?|days?|nights?|weeks?|weekends?|months?|years?|decades?|morning|afternoon|evening|ago|[Yy]esterday|[Tt]o(?:day|night|morrow)|"
    r"[Oo]vernight|"
    r"[Ss]pring|[Ss]ummer|[Aa]utumn|[Ww]inter)\b|(?:" + FOREIGN_MONTHS + r")\b)"
)
_LEAD = 40
_BY_START = {
    "digit": (
        "iso", "foreign-calendar", "numeric", "day-range-months", "day-range", "day-month", "year-range", "ago", "days-later", "bare-year",
    ),
    "month": ("month-day-range-months", "month-day-range", "month-day", "month-year", "month-last-year", "month"),
    "day": (
        "day-range-months", "day-month", "month-day", "weekday-and-number", "weekday-ordinal", "weekday-range", "weekday-week", "weekday",
    ),
}  # fmt: skip
_AGO = "a an one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty couple several few"
# The rules that an expression opening with this word can follow.
_BY_WORD = {
    word: tuple(rules.split())
    for words, rules in (
        ("early late", "part-of-month weekday yesterday calendar-unit"),
        ("later", "weekday calendar-unit"),
        ("earlier", "weekday yesterday today calendar-unit"),
        ("mid beginning start end middle", "part-of-month"),
        ("last", "part-of-month weekday-week weekday-before past-span yesterday calendar-unit last-month-name"),
        ("this", "weekday-week weekday-before past-unit today calendar-unit last-month-name"),
        ("next", "weekday-week weekday-before calendar-unit last-month-name"),
        ("past", "weekday-before past-span last-month-name"),
        ("previous", "past-span calendar-unit"),
        ("preceding", "past-span"),
        ("recent", "past-span calendar-unit recent"),
        ("coming", "weekday-before"),
        ("between from", "month-range year-range weekday-range month year"),
        ("in", "past-span past-unit calendar-unit recent month year"),
        ("over", "past-span past-unit ago weekend"),
        ("on", "ordinal-day weekend"),
        ("during", "past-span past-unit weekend month year"),
        ("for", "past-span past-unit month"),
        ("within", "past-span past-unit"),
        ("of", "past-span month year"),
        ("the", "part-of-month past-span past-unit days-later yesterday weekend week-of season tomorrow"),
        ("these", "past-span"),
        (_AGO, "ago days-later"),
        ("about around some nearly more just only almost", "ago"),
        ("that", "days-later"),
        ("so", "so-far"),
        ("week", "week-of"),
        ("spring summer autumn winter", "season"),
        ("yesterday", "yesterday"),
        ("today tonight", "today"),
        ("tomorrow", "tomorrow"),
        ("overnight", "overnight"),
        ("at", "weekend"),
        ("until since", "calendar-unit month year"),
        ("through", "month"),
        ("by", "month year"),
    )
    for word in words.split()
}
_WORD = re.compile(r"[^\W\d_]+")
_MONTH_START = re.compile(r"Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|JAN|FEB|MAR|APR|JUN|JUL|AUG|SEP|OCT|NOV|DEC")
_DAY_START = re.compile(r"Mon|Tue|Wed|Thu|Fri|Sat|Sun")
# A weekday with nothing after it that could belong to it: most of them.
_PLAIN_DAY = re.compile(
    rf"(?<!\w)(?P<w>{_LONGDAY})\b(?=[.;:!?)\"”’]|$|,\s+[a-z]|\s+(?!(?:the|to|and|until|through|into|or|last|of|this|next|morning|afternoon|evening|"
    rf"night)\b)[a-z])(?![’']s)"
)
_FOREIGN_START = re.compile(FOREIGN_MONTHS)
_NOT_A_DAY_BEFORE = re.compile(r"(?:Black|Bloody|Good|Ash|Palm|Easter|Cyber|Super)\s+$")
_NOT_A_DAY_AFTER = re.compile(r"\s+(?:Times|Telegraph|Mirror|Mail|Express|Herald|Tribune|Post|Standard|Punch|Trust|Vanguard|Star|school|School)\b")
_WEEKLY = re.compile(r"(?:every|each|Every|Each)\s+$")


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression of time at [start, end) of a text, with the rule that recognised it and the match's parts."""

    start: int
    end: int
    rule: str
    words: str
    parts: dict[str, str]


def expressions(text: str, start: int = 0, end: int | None = None) -> list[Expression]:
    """All expressions of time in text[start:end], left to right, not overlapping."""
    stop = len(text) if end is None else end
    out: list[Expression] = []
    at = start
    core = _CORE.search(text, at, stop)
    while core is not None:
        # No expression begins far before its first word of time: most words need no look at all.
        trigger = _TRIGGER.search(text, max(at, core.start() - _LEAD), stop)
        if trigger is None:
            break
        begin = trigger.start()
        if begin > core.start():
            core = _CORE.search(text, core.end(), stop)
            continue
        found = _recognise(text, begin, stop)
        at = found.end if found is not None else begin + 1
        if found is not None:
            out.append(found)
        if at > core.start():
            core = _CORE.search(text, at, stop)
    return out


def _recognise(text: str, begin: int, stop: int) -> Expression | None:
    if text[begin].isdigit():
        kind = "digit"
    elif _MONTH_START.match(text, begin):
        kind = "month"
    elif _DAY_START.match(text, begin):
        kind = "day"
        plain = _PLAIN_DAY.match(text, begin, stop)
        if plain is not None:
            return None if _is_name(text, plain) else _expression("weekday", plain)
    elif _FOREIGN_START.match(text, begin):
        match = _COMPILED["foreign-calendar"].match(text, begin, stop)
        return _expression("foreign-calendar", match) if match else None
    else:
        kind = "word"
    best: Expression | None = None
    for rule in _BY_START[kind] if kind != "word" else _BY_WORD.get(_WORD.match(text, begin).group().lower(), ()):  # type: ignore[union-attr]
        match = _COMPILED[rule].match(text, begin, stop)
        if match is None or not match.group().strip():
            continue
        if rule.startswith("weekday") and _is_name(text, match):
            continue
        if best is None or match.end() > best.end:
            best = _expression(rule, match)
        if kind != "word":
            # The tables of digits, months and weekdays are ordered: the first match is the right one.
            return best
    return best


def _is_name(text: str, match: re.Match[str]) -> bool:
    """ "Bloody Sunday", "Sunday Times", "every Friday" are no dates of an event."""
    before = text[max(0, match.start() - 8) : match.start()]
    return bool(_NOT_A_DAY_BEFORE.search(before) or _NOT_A_DAY_AFTER.match(text, match.end()) or _WEEKLY.search(before))


def _expression(rule: str, match: re.Match[str]) -> Expression:
    words = match.group()
    lead = len(words) - len(words.lstrip())
    tail = len(words.rstrip())
    return Expression(match.start() + lead, match.start() + tail, rule, words.strip(), {k: v for k, v in match.groupdict().items() if v is not None})
