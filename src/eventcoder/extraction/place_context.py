"""What the words beside a name say of it: preposition, kind of place, person, organisation, capital that speaks for its government. Floor 5."""

from __future__ import annotations

import re
from dataclasses import dataclass

from eventcoder.extraction.place_patterns import WORD
from eventcoder.extraction.place_words import PlaceWords

REACH = 72  # characters before a name that may tell about it
_SKIPPED_ENDINGS = ("-held", "-controlled", "-rich", "-torn", "-hit", "-affected", "-based", "-dominated", "-occupied", "-ravaged", "-majority")
_CONTEXT = {"admin1": "admin", "region": "admin", "admin2": "sub", "town": "town"}
_FOLLOW = re.compile(r"(?P<own>[’']s?)?[ ](?P<one>[\w.-]+)(?:[ ](?P<two>[\w.-]+))?(?:[ ](?P<three>[\w.-]+))?")


@dataclass(slots=True)
class Before:
    """`context` as in `Mention`, the preposition that leads there, and what kind of place the words before say it is."""

    context: str = "none"
    preposition: str = ""
    level: str | None = None
    level_word: str = ""
    linked: bool = False  # "and", "or": goes on with the name before
    of: str = ""  # the noun before "of"
    distance: bool = False  # "30 km north of"


NOTHING = Before()  # never changed: most names have nothing before them that tells


def before_name(text: str, start: int, words: PlaceWords) -> Before:
    """Walk back from a name over modifiers and kinds of place to the word that says how the event lies to it."""
    last = text[max(text.rfind(" ", 0, start - 1), text.rfind("\n", 0, start - 1)) + 1 : start].strip(" \xa0(\"“‘'\n").casefold()
    if last not in words.leads and not last.endswith(_SKIPPED_ENDINGS) and not last.endswith(("'s", "’s")):
        return NOTHING
    found = Before()
    near = words.of("near")
    inside = words.of("in:in")
    to = words.of("in:to")
    modifiers = words.of("modifier")
    tail = WORD.findall(text[max(0, start - REACH) : start])
    at = len(tail) - 1
    while at >= 0:
        raw = tail[at]
        word = raw.casefold()
        if at and f"{tail[at - 1].casefold()} {word}" in near:
            found.context, found.preposition = "near", tail[at - 1].casefold()
            return found
        if word == "of" and at:
            noun = tail[at - 1].casefold()
            level = words.level(noun)
            if level is not None and noun not in ("area", "areas", "border"):
                found.level, found.level_word = found.level or level, found.level_word or noun
                at -= 2
                continue
            if noun in words.of("near_noun") and at > 1 and tail[at - 2][0].isupper() and words.level(noun) is not None:
                break  # "the Jalawla area of Diyala" leads outwards
            if noun in words.of("near_noun"):
                found.context, found.preposition = "near", noun
                found.distance = True
                return found
            if noun in words.of("part_noun") or noun in words.of("event_noun"):
                found.preposition, found.of = "of", noun
                break
            found.of, found.preposition = tail[at - 1], "of"
            if noun in words.of("org_before") or tail[at - 1] in words.of("org_before"):
                return found
            break
        if word in near:
            found.context, found.preposition = "near", word
            return found
        if word in ("from", "off") and at and tail[at - 1].casefold() in words.of("near_noun"):
            found.context, found.preposition, found.distance = "near", tail[at - 1].casefold(), True
            return found
        if word in inside:
            found.preposition = word
            break
        if word in words.of("verb"):
            found.preposition = word
            break
        if word in to:
            found.preposition = word
            break
        if word in ("and", "or", "&") and at == len(tail) - 1:
            found.linked = True
            return found
        level = words.level(raw)
        if level is not None and (word not in modifiers or at == len(tail) - 1):
            found.level, found.level_word = found.level or level, found.level_word or word
            at -= 1
            continue
        if word in modifiers or word.endswith(_SKIPPED_ENDINGS) or (word == "'s" or word == "’s"):
            at -= 1
            continue
        if raw[0].isupper() and found.level is not None and at and tail[at - 1].casefold() in modifiers:
            at -= 1  # "in the Iraqi town of"
            continue
        break
    if found.level is not None:
        found.context = _CONTEXT[found.level]
    elif found.preposition:
        found.context = "in"
    return found


@dataclass(slots=True)
class After:
    """What follows a name: the kind of place it says, how many characters belong to that, and a reason why it is no place of an event."""

    level: str | None = None
    level_word: str = ""
    length: int = 0
    site: bool = False
    excluded: str | None = None


_NOTHING = After()


def after_name(text: str, end: int, words: PlaceWords) -> After:
    """Read up to three words after a name."""
    match = _FOLLOW.match(text, end)
    if match is None:
        return _NOTHING
    own, one, two, three = match.groups("")
    if not own and one.rstrip(".,").casefold() not in words.follows:
        return _NOTHING
    found = After()
    for phrase, stop in ((f"{one} {two} {three}", match.end("three")), (f"{one} {two}", match.end("two")), (one, match.end("one"))):
        level = words.level(phrase.rstrip(".,"))
        if level is not None and not (phrase == one and two in words.of("organisation")):
            found.level, found.level_word, found.length = level, phrase.casefold().rstrip(".,"), stop - end
            return found
    plain = one.rstrip(".,")
    if own:
        if plain.casefold() in words.of("metonym_possessive"):
            found.excluded = "metonym"
        elif plain in words.of("site") or plain.casefold() in words.of("site"):
            found.site = True
        return found
    if plain in words.of("organisation") or f"{plain} {two.rstrip('.,')}" in words.of("organisation"):
        found.excluded = None if plain in words.of("site") else "organisation"
        found.site = plain in words.of("site")
        return found
    if plain in words.of("site"):
        found.site = True
        return found
    speaks = words.of("metonym_after")
    if one in speaks or f"{one} {two}" in speaks or (one in ("also", "again", "later", "then") and two in speaks):
        found.excluded = "metonym"
    return found


def speaks_before(text: str, start: int, words: PlaceWords) -> bool:
    """ "warned Tehran", "relations with Moscow": a government, not a town."""
    tail = [w.casefold() for w in WORD.findall(text[max(0, start - 40) : start])[-2:]]
    if not tail:
        return False
    speaking = words.of("metonym_before")
    return tail[-1] in speaking or " ".join(tail) in speaking


def is_title(text: str, start: int, words: PlaceWords) -> bool:
    """Does a title or a calling stand right before the name ("Governor Lincoln")?"""
    tail = text[max(0, start - 30) : start].split()
    if not tail or text[start - 1 : start] not in (" ", "\xa0"):
        return False
    last = tail[-1].rstrip(".")
    return last in words.of("title") or " ".join(tail[-2:]) in words.of("title")
