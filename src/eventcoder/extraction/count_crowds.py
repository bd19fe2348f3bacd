"""Numbers of people at gatherings: "thousands took to the streets", "a 4,000-strong march", "organisers said 10,000, police 4,000". Floor 5."""

from __future__ import annotations

from eventcoder.extraction.count_phrases import MARKS, Phrase
from eventcoder.extraction.count_words import (
    BE,
    CROWD_BEFORE,
    CROWD_CUES,
    CROWD_HELD,
    CROWD_NOUNS,
    CROWD_OF,
    CROWD_PHRASES,
    CROWD_VERBS,
    DETERMINERS,
    FORCES,
    GROUPS,
    LIGHT,
    OUTCOMES,
    PREPOSITIONS,
    PUTTING,
    RESIDENT_CONTEXT,
    RIVAL_SIGNS,
    RIVALS,
    SAYING,
    adverb,
    words,
)
from eventcoder.extraction.tokens import Tokens

_PROTEST = words("protest protests protesting protested march marched marching demonstrate demonstrated demonstrating rally rallied strike picketed")
_GATHERING = _PROTEST | {"gathered", "took", "turned", "walked", "participated", "attended", "joined", "staged", "blocked"}
_DEALT_WITH = words("jailed fined released sentenced charged freed prosecuted summoned expelled dismissed identified")
_ANY = (
    CROWD_CUES | CROWD_VERBS | CROWD_PHRASES.keys() | CROWD_BEFORE | CROWD_OF | CROWD_NOUNS | RIVAL_SIGNS | GROUPS
    | words("strong held holding hold formed forming activists brought bringing together size people")
)  # fmt: skip
_TURNOUT = frozenset(["turnout", "attendance", "crowd", "participants"])
_NOUNS = words("protest march rally gathering picket strike demonstration stage")


class Crowds:
    """Answers for the phrases of one text whether they count a crowd."""

    def __init__(self, tokens: Tokens, vague: frozenset[str]) -> None:
        self.tokens = tokens
        self.forms = tokens.forms
        self._vague = vague
        self.possible = not _ANY.isdisjoint(tokens.forms)
        self.rivals = not RIVAL_SIGNS.isdisjoint(tokens.forms)

    @property
    def cued(self) -> bool:
        """Does the text speak of a gathering at all?"""
        return not CROWD_CUES.isdisjoint(self.forms)

    def crowd(self, phrase: Phrase, before: Phrase | None) -> tuple[bool, bool]:
        """(is a crowd, is another source's figure for the one told before). `before` is the last crowd found."""
        forms = self.forms
        if not self.possible:
            return False, False
        if phrase.rule.rsplit(":", 1)[-1] in self._vague or (phrase.part and before is not None):
            return False, False
        following = forms[phrase.number_end] if phrase.number_end < len(forms) else ""
        if following == "strong":
            return True, False
        a = phrase.a
        person = phrase.person
        bare = phrase.noun is None
        if self.rivals and (bare or phrase.generic or (person is not None and forms[person.start] in CROWD_NOUNS)) and self._by_source(a):
            return True, True
        if (best := phrase.best) is not None and best < 1:
            return False, False
        if bare and (self.rivals or before is not None) and self._told_by(phrase.b):
            return True, before is not None
        if bare and a > 1 and forms[a - 1] == "," and forms[a - 2] in CROWD_NOUNS and self._ends(phrase.b):
            return True, False  # "the demonstrators, around 60 in total"
        if a and (forms[a - 1] in _DEALT_WITH or forms[a - 1] in OUTCOMES):
            return False, False
        lead = self._lead(a)
        if lead:
            return not self._population(phrase), False
        if before is not None and bare and a and forms[a - 1] in ("of", "at", "only", "just", "counted", "estimated") and self._ends(phrase.b):
            return True, not RIVALS.isdisjoint(forms[max(0, a - 6) : a])
        if person is not None and person.kind == "protester":
            return not self._population(phrase), False
        if person is not None and forms[person.start] in CROWD_NOUNS:
            return not self._population(phrase), False
        if bare and a and a - 1 >= 0 and forms[a - 1] in ("with", "by") and not self.cued:
            return False, False
        if a and (forms[a - 1] == "of" or (a > 1 and forms[a - 1] in DETERMINERS and forms[a - 2] == "of")):
            return False, False  # "relatives of the 43 students marched"
        verb = self._verb(phrase.b)
        if verb is None or (bare and phrase.number_end == phrase.b and not self._bare_subject(phrase)):
            return False, False
        if person is not None and person.kind in FORCES and verb not in _PROTEST:
            return False, False
        if person is None and not bare and not (verb in _GATHERING and (phrase.noun or "").endswith("s")):
            return False, False
        return not self._population(phrase), False

    def _bare_subject(self, phrase: Phrase) -> bool:
        """A number without noun is a crowd's subject only where its verb comes at once ("thousands marched", "hundreds more took part")."""
        forms = self.forms
        i = phrase.b
        if forms[i : i + 2] in (["in", "number"], ["in", "total"], ["in", "all"]):
            i += 2
        if i < len(forms) and forms[i] == "," and phrase.a and forms[phrase.a - 1] == ",":
            i += 1  # "Workers of the mill, about 700, went on strike"
        elif i < len(forms) and forms[i] == ",":  # "Hundreds, mostly women, marched"
            i = next((j + 1 for j in range(i + 1, min(len(forms), i + 8)) if forms[j] == ","), i)
        while i < len(forms) and (adverb(forms[i]) or forms[i] in ("also", "more", "have", "had", "then", "again", "others", "of")):
            i += 1
        return i < len(forms) and (forms[i] in CROWD_VERBS or forms[i] in CROWD_PHRASES or forms[i] in ("held", "were"))

    def _ends(self, i: int) -> bool:
        forms = self.forms
        return i >= len(forms) or forms[i] in MARKS or forms[i] in PREPOSITIONS or forms[i] in ("and", "while", "but")

    def _lead(self, a: int) -> bool:
        """ "a crowd of about 2,000", "attended by 500", "drew tens of thousands", "numbering in the thousands"."""
        forms = self.forms
        of = by = False
        if a > 1 and forms[a - 1] in (":", "=") and (forms[a - 2] in CROWD_NOUNS or forms[a - 2] in CROWD_OF or forms[a - 2] == "size"):
            return True
        if a and forms[a - 1] in ("at", "to", "reached") and not _TURNOUT.isdisjoint(forms[max(0, a - 9) : a]):
            return True
        for j in range(a - 1, max(-1, a - 8), -1):
            form = forms[j]
            if form in CROWD_BEFORE:
                if form == "gathered" and not CROWD_OF.isdisjoint(forms[max(0, j - 3) : j]):
                    return True
                if form in ("attended", "gathered", "joined"):
                    return by or (form == "attended" and a - j < 3 and forms[j - 1] in BE)
                return True
            if form in ("turnout", "attendance", "crowd") and (of or forms[a - 1] in ("at", "to")):
                return True
            if form in CROWD_OF and (of or "by" in forms[j:a]):
                return True
            if form in GROUPS and of:
                return self.cued
            if form == "of":
                of = True
            elif form == "by":
                by = True
            elif form in ("brought", "bringing", "together") and a - j < 5 and self.cued:
                return True
            elif (
                form not in LIGHT and not adverb(form) and form not in ("in", "participation", "crowds", "large", "big", "huge", "small", "estimated")
            ):
                return False
        return False

    def _by_source(self, a: int) -> bool:
        """ "the organisers said 10,000", "police put the figure at 4,000", "(police 4,000)"."""
        forms = self.forms
        said = False
        for j in range(a - 1, max(-1, a - 12), -1):
            form = forms[j]
            if form in PUTTING or (form in (",", "(", ":") and j == a - 1):
                said = True
            elif form in RIVALS:
                return said or j == a - 1
            elif form in (".", ";") or (form == "and" and j < a - 1 and not said):
                return False
        return False

    def _told_by(self, b: int) -> bool:
        """ "1,500 by police", "4,000 according to the organisers"."""
        forms = self.forms
        if forms[b : b + 1] == ["by"] or forms[b : b + 2] == ["according", "to"]:
            return not RIVALS.isdisjoint(forms[b + 1 : b + 4])
        return False

    def _verb(self, start: int) -> str | None:
        """The verb of gathering of which the people are the subject, up to twenty words on."""
        forms = self.forms
        passive = False
        close = -1  # words in brackets are no part of the clause: "20,000 people (police figures) marched"
        for j in range(start, min(len(forms), start + 20)):
            form = forms[j]
            if j <= close:
                continue
            if form == "(" and ")" in forms[j + 1 : j + 12]:
                close = forms.index(")", j)
                continue
            if form in (".", ";", ":", "whom", '"', "”", "(") or (form in SAYING and not passive):
                return None
            if form in ("was", "were", "been", "are", "is"):
                passive = True
                continue
            if form in (",", "and", "have"):
                passive = False
            if form in CROWD_PHRASES and not passive and j + 1 < len(forms):
                near = forms[j + 1 : j + 3]
                if not set(CROWD_PHRASES[form]).isdisjoint(near):
                    return form
                continue
            if form in ("held", "holding", "hold", "formed", "forming") and not passive and not CROWD_HELD.isdisjoint(forms[j + 1 : j + 6]):
                return form
            if forms[j - 1] == "to" and not passive:
                continue  # "seized four labourers to protest against a dam"
            if form == "march" and self.tokens.is_capital(j):
                continue
            if form in CROWD_VERBS and not (form in _NOUNS and not DETERMINERS.isdisjoint(forms[max(0, j - 2) : j])):
                if passive and not form.endswith("ing"):
                    continue
                return form
        return None

    def _population(self, phrase: Phrase) -> bool:
        """Numbers about residents are no crowd: "thousands of whom were living at", "a town of 12,000 inhabitants"."""
        text = self.tokens.text
        end = phrase.person.char_end if phrase.person is not None else phrase.end
        window = text[max(0, phrase.start - 40) : end + 40]
        noun = (phrase.noun or "").lower()
        return noun == "inhabitants" or (
            RESIDENT_CONTEXT.search(window) is not None
            and not any(w in window for w in ("protest", "demonstrat", "march", "rall", "gather", "street"))
        )
