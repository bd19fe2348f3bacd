"""People whom no number counts: "a farmer", "his wife", "a third person", "villagers", "his body", and nouns unknown to the lexicon. Floor 5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eventcoder.extraction.count_phrases import MARKS, STOP, Phrase, abbreviation
from eventcoder.extraction.count_words import (
    BE,
    CROWD_VERBS,
    DETERMINERS,
    ENTITIES,
    GROUPS,
    HAVE,
    NOT_PEOPLE,
    OF_NOUNS,
    ORDINALS,
    OUTCOMES,
    PLURAL_END,
    PREPOSITIONS,
    SUBSET_WORDS,
    WITH_DEATH,
    adverb,
    words,
)
from eventcoder.extraction.roles import Person
from eventcoder.extraction.tokens import Tokens

_SELF = frozenset(["himself", "herself", "themselves", "itself"])
_ADJECTIVES = words("acting leading serving visiting ruling")
_PAIRS = {"couple": 2, "twins": 2, "trio": 3, "brothers": 2}
_BEFORE_NOUN = words("a an the his her their its another")
_NOBODY = words(
    "number total group band crowd mob series lot fire spree case incident operation campaign order sentence attack power dream "
    "hope idea law bill process deal peace economy trade animal bear lion snake crocodile bird fish blast bomb explosion policy "
    "plan family families crew"
)
_TEAMS = words("mob mobs crowd crowds militia gang army military family group groups team unit units gangs")
_FOUND = words("found recovered discovered dumped lying abandoned")
_PRONOUNS = words("himself herself themselves itself another a the all he she his her him")
_ALL = frozenset(["all"])


def unnumbered_phrases(tokens: Tokens, people: Sequence[Person], taken: Sequence[Phrase]) -> list[Phrase]:
    """One person ("a farmer", "his wife", "a third person", "himself") and bare plurals ("villagers") that no number counts."""
    forms = tokens.forms
    used = {i for p in taken for i in range(p.a, p.b)}
    out: list[Phrase] = []
    for person in people:
        if not person.counted or person.start in used:
            continue
        k = person.start - 1
        found = -1
        steps = 0
        while k >= 0 and steps < 6:
            form = forms[k]
            if form in DETERMINERS:
                found = k
                break
            if (
                (form in STOP and not abbreviation(tokens, k))
                or k in used
                or (form in OUTCOMES and OUTCOMES[form].use != "n")
                or form in CROWD_VERBS
                or form in WITH_DEATH
                or form == "down"
            ):
                break
            k -= 1
            steps += 1
        a = found if found >= 0 else person.start
        if found > 0 and forms[found] in ("his", "her", "their", "its") and forms[found - 1] == "of":
            continue
        before = forms[a - 1] if a else ""
        if a and a - 1 in used and forms[a - 1] != ",":
            continue
        if before in PREPOSITIONS and before != "of":
            continue
        if before == "many" and forms[a - 2 : a - 1] == ["how"]:
            continue
        if before == "of" and (a < 2 or not (forms[a - 2] in OF_NOUNS or forms[a - 2] in GROUPS) or forms[a - 2] in ("number", "total")):
            continue
        noun = tokens.text[person.char_start : person.char_end]
        last = forms[person.end - 1]
        plural = PLURAL_END.search(last) is not None and last not in ("passers",) and last != "congress"
        if found >= 0 and forms[found] in ("a", "an", "another", "one") and last not in _TEAMS:
            plural = plural and last in ("police",)
        following = forms[person.end] if person.end < len(forms) else "."
        if last in _TEAMS or last in ENTITIES or (last == "displaced" and found < 0):
            continue
        if before.endswith("ing") and before != "leaving" and before not in OUTCOMES and before not in WITH_DEATH and before not in SUBSET_WORDS:
            continue  # "escorting teachers": the object of another verb
        if tokens.text[person.char_start - 1 : person.char_start] in ("'", "’", "`"):
            continue  # the end of a name ("an-Nu'man")
        if found < 0 and person.end - person.start == 1 and PLURAL_END.search(last) is None and following.endswith("s") and _noun_like(following):
            continue  # "civilian auxiliaries": an adjective
        if last in ("police", "security") and following.isalpha() and _noun_like(following):
            continue  # "a police uniform"
        start = tokens.starts[a]
        if last in _PAIRS:
            size = _PAIRS[last]
            out.append(Phrase(a, person.end, "s", size, size, size, last, start, person.char_end, noun, person, number_end=a))
        elif plural:
            out.append(Phrase(a, person.end, "p", 2, 3, None, "plural-acled", start, person.char_end, noun, person, number_end=a))
        else:
            more = found >= 0 and (forms[found] == "another" or not ORDINALS.isdisjoint(forms[found : person.start]))
            out.append(Phrase(a, person.end, "s", 1, 1, 1, "one-person", start, person.char_end, noun, person, more=more, number_end=a))
    out.extend(_pronouns(tokens, used))
    out.sort(key=lambda p: p.a)
    return out


def _noun_like(form: str) -> bool:
    return not (
        form in STOP
        or form in OUTCOMES
        or form in WITH_DEATH
        or form in CROWD_VERBS
        or (form.endswith(("ed", "ing")) and form not in _ADJECTIVES)
        or adverb(form)
        or form in ("also", "all")
    )


def unknown_phrases(tokens: Tokens, killing: Mapping[int, tuple[str, int, bool]], used: set[int]) -> list[Phrase]:
    """What is killed lives: "killed a catechist", "the 27-year-old was killed" count although the lexicon does not know the noun.

    `killing` gives for each token of an outcome's verb its use, the token after it and whether it kills.
    """
    forms = tokens.forms
    size = len(forms)
    out: list[Phrase] = []
    for at, (use, end, deadly) in killing.items():
        if use in ("pp", "ing", "base") and end < size and forms[end] in _BEFORE_NOUN and not (at and forms[at - 1] in BE):
            a, j = end, end + 1
        elif use == "base" and end < size and end not in used and _noun_like(forms[end]) and not tokens.is_capital(end) and forms[end].isalpha():
            a = j = end  # a headline: "Gunmen kill traditional ruler"
        elif use in ("pp", "in"):
            k = at - 1
            while k > 0 and (forms[k] in BE or forms[k] in HAVE or adverb(forms[k]) or forms[k] in ("also", "later", "shot")):
                k -= 1
            if k == at - 1 and use == "pp":
                continue
            a = next((i for i in range(k, max(-1, k - 6), -1) if forms[i] in _BEFORE_NOUN), -1)
            if (
                a < 0
                or (a and (forms[a - 1] in PREPOSITIONS or forms[a - 1] in ("and", "or")))
                or any(forms[i] in STOP or i in used for i in range(a + 1, k + 1))
            ):
                continue
            if (forms[a] in ("a", "an") and forms[k + 1 : k + 2] in (["were"], ["are"], ["have"])) or forms[a - 1].endswith("ing"):
                continue  # "people attending a jirga were killed"
            j, size = a + 1, k + 1
        else:
            continue
        last = -1
        while j < min(size, a + 6) and j not in used and _noun_like(forms[j]) and not (forms[j] in NOT_PEOPLE and forms[j] not in ("year", "years")):
            last = j
            j += 1
        size = len(forms)
        if (
            last < 0
            or (j < size and (j in used or forms[j] in NOT_PEOPLE))
            or (forms[last] != "old" and not forms[last].isalpha())
            or forms[last] in _NOBODY
            or forms[last] + "s" in NOT_PEOPLE
        ):
            continue
        if not deadly and forms[last] != "old":
            continue
        if forms[last] in ("year", "years", "other", "same", "first", "last"):
            continue
        plural = forms[last].endswith("s") and forms[a] not in ("a", "an", "another") and not forms[last].endswith("ss")
        low, best, high, rule = (2, 3, None, "plural-acled") if plural else (1, 1, 1, "one-person")
        start, stop = tokens.starts[a], tokens.ends[last]
        out.append(
            Phrase(a, last + 1, "p" if plural else "s", low, best, high, rule, start, stop, tokens.text[tokens.starts[last] : stop], number_end=a)
        )
    return out


def beside_phrases(tokens: Tokens, phrases: Sequence[Phrase]) -> list[Phrase]:
    """ "A beekeeper and his son": one person by a noun that the lexicon does not know, listed beside one that it knows."""
    forms = tokens.forms
    out: list[Phrase] = []
    ends = {p.b for p in phrases}
    starts = {p.a for p in phrases}
    for phrase in phrases:
        after = _after_it(tokens, phrase, starts)
        if after is not None:
            out.append(after)
        j = phrase.a - 2
        if j < 1 or forms[j + 1] != "and" or j + 1 in ends or phrase.form == "p":
            continue
        last = j
        while j >= 0 and last - j < 4 and forms[j].isalpha() and _noun_like(forms[j]) and forms[j] not in DETERMINERS and forms[j] not in NOT_PEOPLE:
            j -= 1
        if j < 0 or j == last or forms[j] not in ("a", "an") or (j and forms[j - 1] in PREPOSITIONS):
            continue
        if forms[last] in _NOBODY or forms[last] + "s" in NOT_PEOPLE or forms[last].endswith("s"):
            continue
        start, stop = tokens.starts[j], tokens.ends[last]
        out.append(Phrase(j, last + 1, "s", 1, 1, 1, "one-person", start, stop, tokens.text[tokens.starts[last] : stop], number_end=j))
    return out


def _after_it(tokens: Tokens, phrase: Phrase, starts: set[int]) -> Phrase | None:
    """ "22 soldiers and a female Maoist were killed": the one listed last, by a noun that the lexicon does not know, right before the verb."""
    forms = tokens.forms
    a = phrase.b + 1
    if (
        forms[phrase.b : a] != ["and"]
        or phrase.form == "p"
        or phrase.part
        or a in starts
        or forms[a : a + 1] not in (["a"], ["an"], ["his"], ["her"], ["their"])
    ):
        return None
    j = a + 1
    while j < len(forms) and j - a < 5 and forms[j].isalpha() and forms[j] not in NOT_PEOPLE and j not in starts and _noun_like(forms[j]):
        j += 1
    last = j - 1
    if last <= a or j >= len(forms) or forms[last] in _NOBODY or forms[last] + "s" in NOT_PEOPLE or forms[last].endswith("s"):
        return None
    verb = j + 1 if forms[j] in BE or forms[j] in HAVE else j
    while verb < len(forms) and (adverb(forms[verb]) or forms[verb] in ("also", "been", "all", "both")):
        verb += 1
    outcome = OUTCOMES.get(forms[verb]) if verb < len(forms) else None
    if outcome is None or not (outcome.use == "in" or (outcome.use == "pp" and forms[j] in ("were", "have", "are", "had"))):
        return None
    start, stop = tokens.starts[a], tokens.ends[last]
    return Phrase(a, last + 1, "s", 1, 1, 1, "one-person", start, stop, tokens.text[tokens.starts[last] : stop], number_end=a)


def _pronouns(tokens: Tokens, used: set[int]) -> list[Phrase]:
    forms = tokens.forms
    out = []
    for i in [i for i, form in enumerate(forms) if form in _PRONOUNS]:
        if i in used:
            continue
        form = forms[i]
        rule, one = "one-person", True
        if form in _SELF:
            one = form != "themselves"
        elif form in ("another", "a", "the") and i + 1 < len(forms) and forms[i + 1] not in ("body", "corpse"):
            following = forms[i + 1]
            ordinal = form != "another" and following in ORDINALS and (i + 2 >= len(forms) or forms[i + 2] in STOP or forms[i + 2] in OUTCOMES)
            if ordinal or (form == "another" and (following in MARKS or following in STOP or following in OUTCOMES)):
                end = i + 2 if ordinal else i + 1
                out.append(Phrase(i, end, "s", 1, 1, 1, rule, tokens.starts[i], tokens.ends[end - 1], None, None, more=True, number_end=i))
            continue
        elif form in ("his", "her", "a", "the") and forms[i + 1 : i + 2] in (["body"], ["corpse"]) and not _FOUND.isdisjoint(forms[i + 2 : i + 5]):
            start, end = tokens.starts[i], tokens.ends[i + 1]
            out.append(Phrase(i, i + 2, "s", 1, 1, 1, rule, start, end, None, None, attribute="killed", number_end=i))
            continue
        elif form in ("him", "her") and i and forms[i - 1] in OUTCOMES and forms[i + 1 : i + 2] in (["and"], ["."], [","], ["on"], ["in"], []):
            pass  # "killing him and his two sons"
        elif form in ("he", "she"):
            if not (i + 1 < len(forms) and (forms[i + 1] in ("died", "was", "later", "succumbed", "had"))):
                continue
        elif (
            form in _ALL
            and i + 1 < len(forms)
            and (forms[i + 1] in BE or forms[i + 1] in ("died", "perished"))
            and (i == 0 or forms[i - 1] not in PREPOSITIONS)
        ):
            one = False
        else:
            continue
        low, best, high = (1, 1, 1) if one else (2, 3, None)
        out.append(
            Phrase(
                i,
                i + 1,
                "s" if one else "p",
                low,
                best,
                high,
                rule if one else "plural-acled",
                tokens.starts[i],
                tokens.ends[i],
                None,
                None,
                number_end=i,
            )
        )
    return out
