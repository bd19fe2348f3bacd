"""People in hospital or in custody, told by what happened to them afterwards rather than by a word for harm or arrest. Floor 5.

"Sixteen people needed treatment", "medics treated 55 for gas", "one officer sustained a head injury", "two more are in hospital with bullets in
the legs", "eight were loaded into a police van". Read only where the counts of outcomes (`counts`) found nothing of the kind in the sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

from eventcoder.event import Count, CountKind
from eventcoder.extraction.count_phrases import Phrase, number_phrases, people_heads
from eventcoder.extraction.count_pronouns import GRAVE
from eventcoder.extraction.count_singles import unnumbered_phrases
from eventcoder.extraction.kit import Lexicon
from eventcoder.extraction.roles import Person
from eventcoder.extraction.tokens import Tokens
from eventcoder.extraction.victims import Found
from eventcoder.extraction.word_sets import word_set

_REACH = 13  # tokens between the people and what was done with them
_STOPS = frozenset({".", ";", ":", "who", "which", "but", "while"})
_OTHER_FATES = frozenset({"died", "killed", "dead", "succumbed", "arrested", "detained", "missing", "wounded", "injured", "hurt"})
_STABBED = frozenset({"stabbed", "knifed", "slashed"})
_SHOT = frozenset({"shot", "unconscious", "condition"})
_BE = frozenset({"was", "were", "is", "are", "been", "being", "be"})


def aftermath_in(tokens: Tokens, people: Sequence[Person], lexicon: Lexicon, known: Sequence[Found]) -> list[Found]:
    """Counts of the injured and the arrested that `known` lacks, in order of their place."""
    forms = tokens.forms
    seen = {f.count.kind for f in known}
    harm = "injured" not in seen and not (_HARM_WORDS.isdisjoint(forms) and _STABBED.isdisjoint(forms) and _SHOT.isdisjoint(forms))
    held = "arrested" not in seen and not _HELD_WORDS.isdisjoint(forms)
    if not harm and not held:
        return []
    heads = people_heads(tokens, people)
    phrases = number_phrases(tokens, lexicon.numbers.find(tokens, 0, len(tokens.text)), heads)
    phrases += [p for p in unnumbered_phrases(tokens, sorted(heads.values(), key=lambda p: p.start), phrases) if p.form == "s"]
    # "seven more, among them two women": the two are of the seven.
    phrases = [p for p in phrases if {"among", "including"}.isdisjoint(forms[max(0, p.a - 3) : p.a])]
    phrases.sort(key=lambda p: p.a)
    dead = {f.start for f in known if f.count.kind == "killed"}
    out: list[Found] = []
    for number, phrase in enumerate(phrases):
        if phrase.part or phrase.start in dead or any(f.start <= phrase.start < f.end for f in known if f.count.kind != "crowd"):
            continue
        end = phrases[number + 1].a if number + 1 < len(phrases) else len(tokens)
        kind = _fate(tokens, phrase, harm=harm, held=held, limit=end)
        if kind is not None:
            out.append(_found(tokens, phrase, kind, len(out)))
            before = phrases[number - 1] if number else phrase
            joined = tuple(forms[before.b : phrase.a]) in (("and",), (",", "and")) and not before.part and before.start not in dead
            if joined and all(f.start != before.start for f in out):  # "two women and a man were charged"
                out.append(_found(tokens, before, kind, len(out)))
    return out


_HARM_WORDS = word_set("harm_words")
_HELD_WORDS = word_set("held_words")
_CARE = word_set("care_places")
_CUSTODY = word_set("custody_places")
_BROUGHT = word_set("brought") - {"to", "fled", "buried", "died"}
_INJURIES = word_set("injuries")
_BORE = word_set("bears_injury")
_HURTS = frozenset({"strained", "broke", "fractured", "dislocated", "sprained", "lost", "burned", "twisted"})
_BODY = word_set("body_parts")


def _fate(tokens: Tokens, phrase: Phrase, *, harm: bool, held: bool, limit: int) -> CountKind | None:
    """What became of the people: told after them, or by "treated" and "charged" right before them."""
    forms = tokens.forms
    before = [f for f in forms[max(0, phrase.a - 3) : phrase.a] if f not in ("the", "some", "about", "at", "least", "another", "further", "up", "to")]
    if before and before[-1] in ("treated", "treating", "hospitalised", "hospitalized") and not _be_before(forms, phrase.a):
        return "injured" if harm else None
    if before and before[-1] == "shot" and phrase.more and not _be_before(forms, phrase.a) and not _ends_dead(forms, phrase.b):
        return "injured" if harm else None  # "killed four guards and shot a fifth"
    if before and before[-1] in ("charged", "charging") and not _be_before(forms, phrase.a):
        return "arrested" if held else None
    stop = min(len(forms), phrase.b + _REACH, max(limit, phrase.b + 1))
    for i in range(phrase.b, stop):
        form = forms[i]
        if (form in _STOPS and not (form == "who" and i == phrase.b)) or form in _OTHER_FATES:
            return None
        after = forms[i + 1 : i + 6]
        passive = form in _BE or (i > phrase.b and forms[i - 1] in _BE)
        if harm and (
            form in ("hospitalised", "hospitalized")
            or (form in ("in", "to", "at") and bool(after) and _CARE.intersection(after[:4]) and (form == "in" or _brought(forms, phrase.b, i)))
            or (form == "under" and after[:1] == ["treatment"])
            or (form == "in" and "condition" in after[:4] and not GRAVE.isdisjoint(after[:4]))
            or (form == "with" and i == phrase.b and not _INJURIES.isdisjoint(after[:3]) and _left(forms, phrase.a))
            or form == "unconscious"
            or (form in _STABBED and passive and not _ends_dead(forms, i))
            or (form == "treated" and (passive or after[:1] in (["for"], ["at"], ["in"])))
            or (form in _BORE and not _INJURIES.isdisjoint(after))
            or (form in _HURTS and after[:1] and after[0] in ("a", "an", "his", "her", "the", "their") and not _BODY.isdisjoint(after))
            or (form == "hit" and passive and "by" in after[:1] and not _INJURIES.isdisjoint(after))
        ):
            return "injured"
        if held and (
            (form in ("in", "into") and not _CUSTODY.isdisjoint(after[:4]))
            or (form == "to" and not _CUSTODY.isdisjoint(after[:4]) and _brought(forms, phrase.b, i))
            or (form in ("led", "taken") and after[:1] == ["away"] and passive)
            or (form == "charged" and passive and "with" in after[:1])
            or (form == "under" and after[:2] == ["house", "arrest"])
        ):
            return "arrested"
    return None


def _left(forms: Sequence[str], at: int) -> bool:
    return any(f in ("left", "leaving", "leaves") for f in forms[max(0, at - 5) : at])


def _ends_dead(forms: Sequence[str], at: int) -> bool:
    """ "was stabbed to death", "was stabbed and killed", "was stabbed; he died on the spot"."""
    return not {"death", "dead", "killed", "died", "fatally", "succumbed", "murdered"}.isdisjoint(forms[max(0, at - 3) : at + 25])


def _be_before(forms: Sequence[str], at: int) -> bool:
    return any(f in _BE for f in forms[max(0, at - 5) : at])


def _brought(forms: Sequence[str], start: int, end: int) -> bool:
    return any(f in _BROUGHT or f in ("loaded", "driven", "bundled", "herded", "hauled") for f in forms[start:end])


def _found(tokens: Tokens, phrase: Phrase, kind: CountKind, group: int) -> Found:
    text = tokens.text[phrase.start : phrase.end]
    count = Count(
        kind=kind, low=phrase.low, best=phrase.best, high=phrase.high, words=text, rule=phrase.rule, victim=phrase.noun,
        start=phrase.start, end=phrase.end,
    )  # fmt: skip
    return Found(count, phrase.start, phrase.end, 500 + group, more=phrase.more)
