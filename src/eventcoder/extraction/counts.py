"""People counted in a text: killed, injured, arrested and crowds, as intervals with their words and the rule that read them.

A number counts people only beside a noun for people or directly beside an outcome ("12 dead"). Ages, years, prices, residents, houses and
parts of a total ("two of whom", "including three children") are no counts. Nothing is filled in: what is not told is absent, never 0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from eventcoder.event import Count, CountKind
from eventcoder.extraction.kit import Lexicon
from eventcoder.extraction.numbers import Number
from eventcoder.extraction.roles import Person
from eventcoder.extraction.tokens import Tokens

_KILLED = frozenset(
    ["killed", "dead", "died", "deaths", "fatalities", "massacred", "murdered", "slain", "executed", "assassinated", "slaughtered", "perished", "lynched", "beheaded", "death", "corpses", "bodies", "martyred"]
)
_KILL_ACTIVE = frozenset(
    ["killing", "kill", "kills", "killed", "murdered", "murdering", "massacred", "massacring", "executed", "executing", "assassinated", "slaughtered", "lynched", "leaving", "left", "claimed", "claiming", "martyring"]
)
_INJURED = frozenset(["injured", "wounded", "hurt", "injuries", "wounding", "injuring", "injure", "wound", "hospitalized", "hospitalised", "casualties_injured"])
_ARRESTED = frozenset(
    ["arrested", "detained", "apprehended", "arresting", "detaining", "arrests", "detentions", "jailed", "imprisoned", "rounded", "detainees", "arrestees", "captured", "handcuffed"]
)
_CROWD_NOUNS = frozenset(["protesters", "protestors", "demonstrators", "marchers", "picketers", "strikers", "participants", "attendees"])
_CROWD_VERBS = frozenset(
    ["protested", "protest", "protesting", "demonstrated", "demonstrate", "demonstrating", "marched", "march", "marching", "rallied", "rally", "rallying", "gathered", "gather", "gathering", "took", "taken", "taking", "attended", "joined", "participated", "turned", "poured", "assembled", "picketed", "blocked", "blocking", "staged", "held", "stormed", "flooded", "filled", "congregated", "chanted", "walked", "converged", "thronged", "occupied", "massed", "organized", "organised", "attending", "participating", "joining", "staging", "holding", "convened", "rioted", "camped"]
)
_CROWD_BEFORE = frozenset(
    {
        "crowd",
        "crowds",
        "gathering",
        "rally",
        "march",
        "demonstration",
        "protest",
        "attended",
        "drew",
        "attracted",
        "numbering",
        "mobilized",
        "mobilised",
        "brought",
        "sit",
        "participation",
        "group",
        "joined",
    }
)
_NOT_PEOPLE = frozenset(
    ["year", "years", "month", "months", "week", "weeks", "day", "days", "hour", "hours", "minute", "minutes", "km", "kilometers", "kilometres", "kilometre", "kilometer", "miles", "mile", "meters", "metres", "meter", "metre", "percent", "per", "%", "dollars", "dollar", "euros", "euro", "pounds", "naira", "rupees", "usd", "houses", "homes", "house", "home", "huts", "shops", "vehicles", "vehicle", "cars", "trucks", "buses", "motorcycles", "cattle", "cows", "goats", "sheep", "camels", "villages", "towns", "cities", "districts", "provinces", "states", "countries", "attacks", "attack", "protests", "demonstrations", "incidents", "rockets", "missiles", "drones", "shells", "bombs", "rounds", "mortars", "weapons", "rifles", "guns", "kg", "kilograms", "tons", "tonnes", "acres", "hectares", "buildings", "schools", "churches", "mosques", "tanks", "times", "years'", "locations", "areas", "regions", "seats", "votes", "points", "degrees", "tyres", "tires", "bullets", "o'clock", "am", "pm", "feet", "inches", "litres", "liters", "strikes", "airstrikes", "raids", "explosions", "blasts", "family", "families", "household", "households"]
)
_RESIDENT = frozenset(["residents", "inhabitants", "population", "citizens"])
_RESIDENT_CONTEXT = re.compile(
    r"\b(?:home\s+to|population\s+of|live[sd]?\s+in|living\s+(?:in|at)|inhabitants|inhabited|population|members\s+of\s+the\s+community|displaced|displacing|fled|flee|houses|hosts?|hosting|sheltering)\b",
    re.IGNORECASE,
)
_SUBSET = re.compile(
    r"(?:including|among\s+them|of\s+whom|of\s+them|most\s+of|of\s+which|comprising)(?:\s+(?:at\s+least|about|around|also))?[\s,]*$", re.IGNORECASE
)
_SUBSET_AFTER = re.compile(
    r"\s+(?:of\s+(?:whom|them|which|those)|were\s+(?:children|women|minors)|others\s+(?:remain|are)\s+missing)\b", re.IGNORECASE
)
_PART_WITH_OUTCOME = re.compile(
    r"\s+of\s+(?:whom|them|those)\s+(?:were|was|have\s+been)\s+(?:\w+ly\s+)?(?:arrested|detained|injured|wounded|killed)", re.IGNORECASE
)
_OUTCOME_BEFORE = re.compile(
    r"\b(?:killed|killing|wounded|wounding|injured|injuring|arrested|arresting|detained|detaining)\s+(?:[\w\s]{0,12})$", re.IGNORECASE
)
_SUBSET_ITEM = re.compile(r"(?:including|among\s+them)\b[^.;]{0,60}$", re.IGNORECASE)
_AGE = re.compile(r"(?:\s*[-–]?\s*years?\s*[-–]?\s*old\b|\s*y/?o\b|\s*[-–]year\b|\s+years?\s+of\s+age\b)", re.IGNORECASE)
_AGE_BEFORE = re.compile(r"\b(?:aged?|ages)\s*(?:between\s+)?$", re.IGNORECASE)
_MONEY_BEFORE = re.compile(r"(?:[$€£₦₹]|\b(?:Rs\.?|USD|EUR|US\$|N))\s*$")
_MONEY_AFTER = re.compile(
    r"\s*(?:%|percent\b|per\s+cent\b|dollars?\b|euros?\b|USD\b|naira\b|pesos?\b|rupees?\b|[-–]\s*(?:km|kilomet|mile|mm|hour|day|month|week|minute|member\s+council|storey))",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"\b(?:no\s+(?:one|body)\s+(?:was|were|has\s+been|had\s+been|is)\s+(?:reported\s+)?(?:(?P<k>killed)|(?P<i>injured|hurt|wounded|harmed))|"
    r"(?:there\s+(?:were|was|are)\s+)?(?:no|without(?:\s+any)?)\s+(?:reported\s+|immediate\s+reports\s+of\s+|reports\s+of\s+)?(?P<n>casualt(?:y|ies)|deaths?|fatalit(?:y|ies)|injuries|arrests?|victims)|nobody\s+was\s+(?P<b>killed|injured|hurt|arrested))",
    re.IGNORECASE,
)
_TOGETHER = re.compile(r"^\s*(?:or|and/or)\s+(?:wounded|injured)", re.IGNORECASE)
_ACTIVE_NEAR = 7
_OTHER_VERBS = frozenset(
    ["abducted", "abducting", "kidnapped", "kidnapping", "burned", "burning", "burnt", "looted", "looting", "took", "taking", "displaced", "displacing", "evacuated", "rescued", "rescuing", "freed", "freeing", "released", "releasing", "destroyed", "destroying", "seized", "seizing", "fired", "firing", "stole", "stealing", "forced", "forcing", "left", "hit"]
)


@dataclass(frozen=True, slots=True)
class Found:
    """A count with its place: `start` and `end` span the number and the words that made it a count."""

    count: Count
    start: int
    end: int


def counts_in(tokens: Tokens, people: Sequence[Person], lexicon: Lexicon, start: int = 0, end: int | None = None) -> list[Found]:
    """Counts in the characters [start, end) of the tokens' text, in order of their place."""
    text = tokens.text
    stop = len(text) if end is None else end
    out = _explicit_none(text, start, stop)
    numbers = [n for n in lexicon.numbers.find(text, start, stop) if not _excluded(text, n, tokens, stop)]
    previous: tuple[CountKind, int] | None = None
    heads: set[int] = set()
    for number in numbers:
        found = _classify(text, tokens, people, number, start, stop, previous)
        if found is None:
            continue
        kind, evidence_end, victim, head = found
        if head is not None:
            heads.add(head)
        count = Count(
            kind=kind,
            low=number.low,
            best=number.best,
            high=number.high,
            words=number.words,
            rule=number.rule,
            victim=victim,
            start=number.start,
            end=number.end,
        )
        out.append(Found(count, number.start, evidence_end))
        previous = (kind, number.end)
    if not any(f.count.kind == "killed" for f in out):
        out.extend(_unnumbered(text, tokens, people, start, stop, heads))
    return sorted(out, key=lambda f: f.start)


def _explicit_none(text: str, start: int, stop: int) -> list[Found]:
    out = []
    for match in _NONE.finditer(text, start, stop):
        word = (match["k"] or match["i"] or match["n"] or match["b"]).lower()
        kinds: tuple[CountKind, ...] = (
            ("arrested",)
            if word.startswith("arrest")
            else ("injured",)
            if word in ("injured", "hurt", "wounded", "harmed", "injuries")
            else ("killed",)
        )
        if word.startswith("casualt"):
            kinds = ("killed", "injured")
        for kind in kinds:
            out.append(
                Found(
                    Count(kind=kind, low=0, best=0, high=0, words=match.group(), rule="none-stated", start=match.start(), end=match.end()),
                    match.start(),
                    match.end(),
                )
            )
    return out


def _excluded(text: str, number: Number, tokens: Tokens, stop: int) -> bool:
    before, after = text[max(0, number.start - 30) : number.start], text[number.end : number.end + 40]
    if number.words.lower() == "one" and re.search(r"\b(?:[Nn]o|[Nn]ot|[Tt]hat|[Tt]his|[Ww]hich|[Ee]very|[Aa]ny)\s+$", before):
        return True
    if _AGE.match(after) or _AGE_BEFORE.search(before) or _MONEY_BEFORE.search(before) or _MONEY_AFTER.match(after):
        return True
    if number.exact and number.rule == "digits" and number.low is not None and 1900 <= number.low <= 2099 and "," not in number.words:
        following = tokens.forms[tokens.at(number.end)] if tokens.at(number.end) < len(tokens) else ""
        if re.search(
            r"\b(?:in|since|of|by|until|from|during|year|and|between|January|February|March|April|May|June|July|August|September|October|November|December|\d{1,2},?)\s*$",
            before,
            re.IGNORECASE,
        ) or following in (",", ".", ")", ""):
            return True
    part = _SUBSET_AFTER.match(after) and not _PART_WITH_OUTCOME.match(after) and not _OUTCOME_BEFORE.search(before)
    return bool(
        _SUBSET.search(before)
        or part
        or (
            _SUBSET_ITEM.search(text[max(0, number.start - 70) : number.start])
            and re.match(r"\s+(?:children|child|women|woman|girls?|boys?|minors?|babies|infants?|police|policem|soldiers?|civilians?)", after)
        )
    )


def _classify(
    text: str, tokens: Tokens, people: Sequence[Person], number: Number, start: int, stop: int, previous: tuple[CountKind, int] | None
) -> tuple[CountKind, int, str | None, int | None] | None:
    """(kind, end of evidence, class of victims, token of the head noun) of the people that a number counts; None if it counts none."""
    forms = tokens.forms
    i = tokens.at(number.end)
    limit = tokens.at(stop)
    person = next(
        (
            p
            for p in people
            if p.start >= i and p.start <= i + 4 and p.counted and not any(f in _NOT_PEOPLE or f in (",", ".", ";", "(") for f in forms[i : p.start])
        ),
        None,
    )
    if i < limit and forms[i] in _NOT_PEOPLE:
        return None
    if any(f in _NOT_PEOPLE for f in forms[i : min(limit, i + 2)]) and (person is None or person.start > i):
        return None
    direct = forms[i : min(limit, i + 3)]
    skip = [
        f
        for f in direct
        if f
        not in (
            "were",
            "was",
            "others",
            "other",
            "people",
            "persons",
            "more",
            "of",
            "them",
            "been",
            "have",
            "had",
            "are",
            "is",
            "reportedly",
            "also",
            "reported",
            "confirmed",
            "seriously",
            "critically",
        )
    ]
    first = skip[0] if skip else ""
    victim = text[person.char_start : person.char_end] if person else None
    head = person.start if person else None
    if first in _KILLED:
        return "killed", _word_end(tokens, i, first), victim, head
    if first in _INJURED:
        return "injured", _word_end(tokens, i, first), victim, head
    if first in _ARRESTED:
        return "arrested", _word_end(tokens, i, first), victim, head
    n = tokens.at(number.start)
    before = _kind_before(forms, n, tokens.at(start))
    if person is None and not (before or (previous and previous[0] == "crowd")) and not _strength(text, number):
        return None
    if person is not None:
        after = _kind_after(tokens, person.end, limit)
        if after and after[0] != "crowd":
            return after[0], after[1], victim, head
        if before in ("killed", "injured", "arrested"):
            return before, person.char_end, victim, head
        if victim and (victim.lower() in _CROWD_NOUNS or (after and after[0] == "crowd") or before == "crowd"):
            if _population(text, number, person):
                return None
            return "crowd", person.char_end, victim, head
        return None
    if before in ("killed", "injured", "arrested"):
        return (before, number.end, None, None) if _bare_after_outcome(forms, i, limit) else None
    if before == "crowd" or _strength(text, number):
        if forms[i : i + 1] and forms[i] in _NOT_PEOPLE:
            return None
        return "crowd", number.end, None, None
    return None


def _bare_after_outcome(forms: list[str], i: int, limit: int) -> bool:
    """After "killing 12" without a noun: the number must end its phrase."""
    return i >= limit or forms[i] in (",", ".", ";", "and", "in", "on", "at", "others", "during", "while", "near", ")", "of", "more", "from")


def _strength(text: str, number: Number) -> bool:
    return bool(re.match(r"[-–\s]strong\b", text[number.end : number.end + 8]))


def _word_end(tokens: Tokens, i: int, word: str) -> int:
    for j in range(i, min(len(tokens), i + 6)):
        if tokens.forms[j] == word:
            return tokens.ends[j]
    return tokens.ends[i]


def _kind_before(forms: list[str], n: int, floor: int) -> CountKind | None:
    """The outcome whose object the number is: "killed 12", "killing and wounding 5", "arrest of 30", "a crowd of 500"."""
    for j in range(n - 1, max(floor - 1, n - 1 - _ACTIVE_NEAR), -1):
        form = forms[j]
        if form in (".", ";", ":", "who", "which", ")"):
            return None
        if form in ("leaving", "left") or form in _OTHER_VERBS:
            return None
        if form in _INJURED:
            return "injured" if forms[j - 1 : j] != ["and"] or forms[j - 2] not in _KILLED | _KILL_ACTIVE else "killed"
        if form in _KILL_ACTIVE or (
            form in ("death", "deaths", "killing", "massacre", "toll", "murder", "execution", "shooting", "shot", "assassination")
            and "to" in [*forms[j:j + 4], "to"]
            and ("of" in forms[j:n] or form == "toll" or form == "shot")
        ):
            if form == "shot" and "dead" not in forms[j:n] and "killed" not in forms[j:n]:
                return None
            return "killed"
        if form == "dead" and forms[j - 1 : j] == ["shot"]:
            return "killed"
        if form in _ARRESTED or (form in ("arrest", "detention") and "of" in forms[j:n]):
            return "arrested"
        if form in _CROWD_BEFORE and (
            form in ("attended", "drew", "attracted", "numbering", "mobilized", "mobilised", "brought", "joined")
            or "of" in forms[j:n]
            or "by" in forms[j:n]
        ):
            return "crowd"
        if form == "estimated" and "crowd" in forms[max(floor, j - 6) : j]:
            return "crowd"
    return None


def _kind_after(tokens: Tokens, start: int, limit: int) -> tuple[CountKind, int] | None:
    """The verb of which the counted people are the subject, looked for up to ten words on."""
    forms = tokens.forms
    passive = False
    for j in range(start, min(limit, start + 12)):
        form = forms[j]
        if form in (".", ";", ":", "whom") or (form in ("who", "that") and j > start + 1):
            return None
        if form == ",":
            passive = False
        if form in ("was", "were", "been", "be", "being", "are"):
            passive = True
            continue
        if form in ("killing", "wounding", "injuring", "arresting", "detaining"):
            return None
        if form == "dead" and forms[j - 1] == "the":
            return None
        if form in _KILLED and (passive or form in ("dead", "died", "perished")):
            return "killed", tokens.ends[j]
        if form == "shot" and passive and "dead" in forms[j : j + 3]:
            return "killed", tokens.ends[j + 1]
        if form == "lost" and forms[j + 1 : j + 3] == ["their", "lives"]:
            return "killed", tokens.ends[j + 2]
        if form in _INJURED and (passive or form in ("injured", "wounded", "hurt", "hospitalized")):
            return "injured", tokens.ends[j]
        if form == "sustained" and "injuries" in forms[j : j + 4]:
            return "injured", tokens.ends[j + 1]
        if form in _ARRESTED and passive:
            return "arrested", tokens.ends[j]
        if form == "taken" and passive and forms[j + 1 : j + 3] == ["into", "custody"]:
            return "arrested", tokens.ends[j + 2]
        if form == "went" and forms[j + 1 : j + 3] == ["on", "strike"]:
            return "crowd", tokens.ends[j + 2]
        if form in ("come", "came") and forms[j + 1 : j + 2] == ["to"] and forms[j + 2 : j + 3] in (["demand"], ["protest"], ["denounce"]):
            return "crowd", tokens.ends[j]
        if form in _CROWD_VERBS and not passive:
            return "crowd", tokens.ends[j]
        if form in _KILL_ACTIVE and not passive and j > start:
            return None
    return None


def _population(text: str, number: Number, person: Person) -> bool:
    """Numbers about residents are no crowd: "thousands of whom were living at", "a town of 12,000 inhabitants"."""
    window = text[max(0, number.start - 40) : person.char_end + 40]
    return text[person.char_start : person.char_end].lower() in ("inhabitants",) or bool(
        _RESIDENT_CONTEXT.search(window) and not re.search(r"\b(?:protest|demonstrat|march|rall)", window)
    )


_SINGLE = re.compile(r"(?:^|\b)(?:an?|one|the|another|his|her|their)\s+(?:[\w'-]+\s+){0,4}$", re.IGNORECASE)
_PLURAL_END = re.compile(r"(?:s|men|people|children|women|police|personnel|youth|troops)$", re.IGNORECASE)
_KILLED_VERB = re.compile(
    r"(?:(?P<pas>\b(?:was|were|been|be|being)\s+(?:\w+ly\s+)?(?:shot\s+dead|shot\s+and\s+killed|killed|murdered|assassinated|beheaded|executed|stabbed\s+to\s+death|beaten\s+to\s+death|lynched|gunned\s+down|hacked\s+to\s+death))|(?P<act>\b(?:killed|killing|murdered|murdering|assassinated|assassinating|shot\s+dead|fatally\s+shot|gunned\s+down|lynched|executed|beheaded|kill|beat(?=\s+(?:[\w'-]+\s+){1,6}to\s+death)|shot\s+and\s+killed|stabbed\s+to\s+death|beat\s+to\s+death)\b))"
)


def _unnumbered(text: str, tokens: Tokens, people: Sequence[Person], start: int, stop: int, heads: set[int]) -> list[Found]:
    """Deaths told without a number: one person ("a farmer was killed") is 1; a plural ("villagers were killed") is the codebook's 3."""
    for match in _KILLED_VERB.finditer(text, start, stop):
        at = tokens.at(match.start())
        after_at = tokens.at(match.end())
        if match["pas"]:
            subject = _subject(text, tokens, people, at)
            passive = True
        else:
            passive = at > 0 and tokens.forms[at - 1] in ("was", "were", "who", "been", "be")
            subject = next(
                (
                    p
                    for p in people
                    if after_at <= p.start <= after_at + 6
                    and not any(f in (".", ";", ",", "in", "by", "on", "at") for f in tokens.forms[after_at : p.start])
                ),
                None,
            )
        if subject is not None:
            if subject.start in heads or not subject.counted:
                continue
            noun = text[subject.char_start : subject.char_end]
            lead = text[max(start, subject.char_start - 60) : subject.char_start]
            if _PLURAL_END.search(noun) and not noun.lower().endswith(("ss", "us")):
                if re.search(r"\b(?:one|an?)\s+(?:of\s+)?[\w\s'-]{0,24}$", lead) and "," not in lead[-24:]:
                    number, rule = 1, "one-person"
                else:
                    return [_single(match, subject, 2, 3, None, "plural-acled", text)]
            elif _SINGLE.search(lead) or passive or not re.search(r"\d", lead[-15:]):
                number, rule = 1, "one-person"
            else:
                continue
            return [_single(match, subject, number, number, number, rule, text)]
        if match["pas"]:
            named = _NAME_BEFORE.search(text, max(start, match.start() - 60), match.start())
            if named and "." not in named.group(1)[-2:]:
                return [_plain(match, text)]
    return []


_NAME_BEFORE = re.compile(r"([A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)*)(?:,\s+[^,.;]{3,60},|,)?\s+(?:who\s+|whom\s+)?(?:had\s+|has\s+)?$")


def _subject(text: str, tokens: Tokens, people: Sequence[Person], at: int) -> Person | None:
    """The people before a passive verb, unless a proper name stands nearer."""
    for person in reversed(people):
        if person.end <= at:
            gap = text[person.char_end : tokens.starts[at]] if at < len(tokens) else ""
            if at - person.end > 10 or any(mark in gap for mark in ".;:"):
                return None
            if re.search(r"\b[A-Z]\w+,?\s+(?:who\s+)?$", gap):
                return None
            return person
    return None


def _single(match: re.Match[str], subject: Person, low: int, best: int, high: int | None, rule: str, text: str) -> Found:
    start, end = min(match.start(), subject.char_start), max(match.end(), subject.char_end)
    count = Count(
        kind="killed",
        low=low,
        best=best,
        high=high,
        words=text[start:end],
        rule=rule,
        victim=text[subject.char_start : subject.char_end],
        start=start,
        end=end,
    )
    return Found(count, start, end)


def _plain(match: re.Match[str], text: str) -> Found:
    return Found(
        Count(kind="killed", low=1, best=1, high=1, words=match.group(), rule="one-person", start=match.start(), end=match.end()),
        match.start(),
        match.end(),
    )


def together(counts: Sequence[Count], kind: CountKind) -> tuple[int | None, int | None, int | None, str] | None:
    """(low, best, high, rule) of all counts of a kind in one statement: classes of victims add up, the same figure told twice does not."""
    mine = [c for c in counts if c.kind == kind]
    if not mine:
        return None
    if len(mine) == 1 or kind == "crowd":
        one = mine[0]
        return one.low, one.best, one.high, one.rule
    distinct: dict[str, Count] = {}
    for c in mine:
        distinct.setdefault((c.victim or "").lower(), c)
    general = [c for v, c in distinct.items() if v in ("", "people", "persons", "others", "victims", "person")]
    if general:
        best = max(general, key=lambda c: c.best or 0)
        return best.low, best.best, best.high, best.rule
    rows = list(distinct.values())
    if len(rows) == 1:
        return rows[0].low, rows[0].best, rows[0].high, rows[0].rule
    low = None if any(c.low is None for c in rows) else sum(c.low or 0 for c in rows)
    best_sum = None if any(c.best is None for c in rows) else sum(c.best or 0 for c in rows)
    high = None if any(c.high is None for c in rows) else sum(c.high or 0 for c in rows)
    return low, best_sum, high, "sum-of-classes"
