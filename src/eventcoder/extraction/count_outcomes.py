"""Which outcome a list of people has: the word right after it, the verb that it is the subject or the object of, or the noun before "of". Floor 5."""

from __future__ import annotations

from collections.abc import Sequence

from eventcoder.event import CountKind
from eventcoder.extraction.count_lists import Group
from eventcoder.extraction.count_marks import Mark
from eventcoder.extraction.count_phrases import MARKS, PAST
from eventcoder.extraction.count_topics import is_background, is_remembered, is_topic
from eventcoder.extraction.count_words import (
    ADVERBS,
    BE,
    CASUALTIES,
    DAY_WORDS,
    DETERMINERS,
    HAVE,
    LIGHT,
    MONTH_WORDS,
    NUMBER_NOUNS,
    OF_NOUNS,
    PREPOSITIONS,
    RISES,
    SAYING,
    TOLL_NOUNS,
    adverb,
    words,
)
from eventcoder.extraction.tokens import Tokens

_ENDS = frozenset(".;!?")
_REACH = 22
_RUNNING = words("bringing brings brought raising raises taking takes")
_NEAR = 13  # for people without a number, whose verb stands nearer
_BACK = 10
_TOLL_REACH = 22
_AUXILIARY = BE | HAVE
_OTHER_VERBS = words("fled escaped remain remains remained surrendered survived vanished managed went took opened attacked are is missing hid") | PAST
_ABOUT = words("about some nearly around over almost approximately")
_MEASURES = (["km"], ["kilometers"], ["kilometres"], ["miles"], ["metres"], ["meters"], ["years"], ["days"])
_HURTS = words("injuries injury wounds burns bruises fractures")
_COLON = frozenset(":=-–—(")
GROUP_WORDS = words("lives life body bodies group groups number total family")
_ABBREVIATIONS = words(
    "jan feb mar apr jun jul aug sep sept oct nov dec st gen col lt sgt capt maj mr mrs ms dr prof gov sen rep no vs cpl pvt insp supt brig hon"
)


class Outcomes:
    """The outcome words of one text and the questions asked of them."""

    def __init__(self, tokens: Tokens, marks: dict[int, Mark], starts: dict[int, Group]) -> None:
        self.tokens = tokens
        self.forms = tokens.forms
        self.marks = marks
        self._groups = starts
        self._taken: set[int] = set()  # outcome words that already belong to the list before them ("31 injured and 112 arrested")

    def settle(self, groups: Sequence[Group]) -> list[Group]:
        """The groups with their outcomes; a list whose last member goes on with a verb of its own is divided there."""
        out: list[Group] = []
        parent: Group | None = None
        for group in groups:
            for one in self._settled(group):
                if one.subset and parent is not None and (one.kind is None or one.kind == parent.kind):
                    continue
                if not one.subset:
                    parent = one
                out.append(one)
        return out

    def _settled(self, group: Group) -> list[Group]:
        if group.a and self.forms[group.a - 1] in ("whether", "if"):
            return [group]
        if is_remembered(self.tokens, self.marks, group.a):
            group.subset = True  # "justice for two students killed in May": whom a gathering is about
            return [group]
        attribute = group.phrases[0].attribute
        if attribute is not None and len(group.phrases) == 1 and not group.subset:
            after = self.after(group)
            group.kind = after if after in ("killed", "arrested") else self.before(group) or attribute
            return [group]
        if not group.subset or group.phrases[0].part:
            kind = self.before(group)
            if kind is not None:
                group.kind, group.subset = kind, False
                return self._divided(group)
        group.kind = self.after(group)
        last = group.phrases[-1]
        if (
            group.kind is not None
            and len(group.phrases) > 1
            and last.noun is None
            and last.form == "n"
            and group.phrases[0].noun
            and last.b in self.marks
        ):
            rest = Group(group.phrases[:-1], subset=group.subset)  # "six martyrs and eleven wounded"
            rest.kind = "killed" if rest.phrases[0].noun in ("martyrs", "martyr") else None
            return [rest, Group([last], kind=group.kind, both=group.both, reach=group.reach)]
        return [group]

    def _divided(self, group: Group) -> list[Group]:
        """ "killing three people and five others were wounded", "killed two and 12 injured": the last member has an outcome of its own."""
        last = group.phrases[-1]
        at = last.b
        forms = self.forms
        if at >= len(forms):
            return [group]
        own: CountKind | None = None
        mark = self.marks.get(at)
        while at < len(forms) and adverb(forms[at]):
            at += 1
        if mark is not None and mark.use in ("pp", "in", "n") and not self._object_follows(mark.end):
            own = mark.kind
        elif at < len(forms) and forms[at] in _AUXILIARY:
            own = self._ahead(at, Group([last]))
            if own is None and len(group.phrases) > 1 and forms[last.a - 1] == "and":
                return [Group(group.phrases[:-1], kind=group.kind, both=group.both)]  # "and five others were abducted"
        elif at < len(forms) and forms[at] in _OTHER_VERBS and len(group.phrases) > 1:
            return [Group(group.phrases[:-1], kind=group.kind, both=group.both)]
        if own is None or len(group.phrases) == 1:
            return [group]
        return [Group(group.phrases[:-1], kind=group.kind), Group([last], kind=own)]

    # -- after the list

    def after(self, group: Group) -> CountKind | None:
        """The outcome of which the list is the subject: "12 dead", "two were later shot dead", "five people, all civilians, died"."""
        return self._ahead(group.b, group)

    def _ahead(self, start: int, group: Group) -> CountKind | None:
        forms, marks = self.forms, self.marks
        size = min(len(forms), start + (_REACH if group.phrases[0].form == "n" else _NEAR))
        passive = False
        direct = True
        relative = False
        j = start
        while j < size:
            form = forms[j]
            other = self._groups.get(j)
            if other is not None and other is not group and j > start and not other.subset:
                return None
            if other is not None and other is not group and other.phrases[0].part and forms[j - 1] in ("and", "but", "while"):
                return None  # "rioters looted shops and two of them were killed": a clause of its own
            if other is not None and other.subset and other is not group:
                j = max(j + 1, other.b)
                direct = True
                continue
            if form in _ENDS and not _abbreviated(self.tokens, j):
                return None
            if form in _AUXILIARY:
                passive = passive or form in BE
                j += 1
                continue
            mark = marks.get(j)
            if mark is not None:
                if form in CASUALTIES:
                    return None
                if mark.use == "pp":
                    if passive or (direct and not relative and not self._object_follows(mark.end)):
                        group.both, group.reach = self._either(mark), mark.end
                        self._taken.add(j)
                        group.clause = j if relative else 0
                        return mark.kind
                    return None
                if mark.use == "in":
                    group.reach = mark.end
                    self._taken.add(j)
                    group.clause = j if relative else 0
                    return mark.kind
                if mark.use == "n" and (direct or (form == "dead" and (passive or forms[j - 1] not in DETERMINERS))):
                    group.both, group.reach = self._either(mark), mark.end
                    return mark.kind if form != "toll" else None
                if mark.use in ("ing", "base"):
                    return None
                j = mark.end
                continue
            if form == "with" and (j == start or forms[j - 1] in ("escaped", "left", "survived")) and not _HURTS.isdisjoint(forms[j + 1 : j + 4]):
                group.reach = j + 2
                return "injured"  # "left 12 worshippers with (minor) injuries"
            if form in ("who", "whom") and not {"a", "an", "one"}.isdisjoint(forms[max(start, j - 6) : j]):
                return None  # "students, angry about a girl who was killed": the clause is about her
            if form in ("who", "that", "whom"):
                relative = True
            elif form in SAYING and not passive and not (form == "accused" and forms[j + 1 : j + 2] == ["of"]):
                return None
            elif form == "by" and not passive and j - start > 2:
                pass
            elif form == ",":
                if passive and not relative:
                    passive = False
                direct = False
            elif form in ("and", "but") and not direct and passive:
                passive = self.has_verb(j + 1)
            elif form not in ADVERBS and not adverb(form) and not form.endswith("ed"):
                direct = False
            j += 1
        return None

    def _either(self, mark: Mark) -> bool:
        """ "12 people were killed or wounded": one figure for both."""
        forms = self.forms
        following = self.marks.get(mark.end + 1)
        return (
            mark.end + 1 < len(forms)
            and forms[mark.end] in ("or", "and", "/")
            and following is not None
            and {mark.kind, following.kind} == {"killed", "injured"}
            and following.use in ("pp", "n")
            and not self._object_follows(following.end)
        )

    def has_verb(self, j: int) -> bool:
        """ "was overpowered and (later) arrested": the auxiliary holds for the second participle too."""
        forms = self.forms
        while j < len(forms) and (forms[j] in ADVERBS or adverb(forms[j])):
            j += 1
        mark = self.marks.get(j)
        return mark is not None and mark.use == "pp" and not self._object_follows(mark.end)

    def _object_follows(self, at: int) -> bool:
        """Does an object come next, so that the people before act ("three gunmen killed five villagers")?"""
        forms = self.forms
        while at < len(forms) and at not in self._groups and adverb(forms[at]):
            at += 1
        if at in self._groups:
            return True
        number = at + 1 if forms[at : at + 1] and forms[at] in _ABOUT else at
        if number < len(forms) and forms[number][0].isdigit() and forms[number + 1 : number + 2] not in _MEASURES:
            return True  # "settlers killed 30 sheep"
        if at >= len(forms) or forms[at] in MARKS or forms[at] in PREPOSITIONS:
            return False
        name = self.tokens.is_capital(at) and forms[at].isalpha() and forms[at] not in MONTH_WORDS and forms[at] not in DAY_WORDS
        return forms[at] in DETERMINERS or name

    # -- before the list

    def before(self, group: Group) -> CountKind | None:
        """The outcome whose object the list is: "killed 12", "the death of", "toll rose to 15", "Fatalities: 3"."""
        forms, marks = self.forms, self.marks
        a = group.a
        of = False
        number = group.phrases[0].form == "n"
        j = a - 1
        if number and j >= 0 and forms[j] == "to" and forms[group.b : group.b + 3] == ["the", "number", "of"]:
            named = forms[group.b + 3 : group.b + 10]  # "bringing to five the number of people killed"
            if not NUMBER_NOUNS.isdisjoint(named):
                group.total = group.running = True
                return "killed"
        if number and j >= 0 and (forms[j] in ("to", "at", "as", "of", "from") or forms[j] in RISES or forms[j] in BE or forms[j] in _COLON):
            toll = self._toll(j)
            if toll is not None:
                group.total = True
                group.running = not _RUNNING.isdisjoint(forms[max(0, j - 8) : j])
                return toll
        floor = max(-1, a - 1 - _BACK)
        while j > floor:
            form = forms[j]
            mark = marks.get(j)
            if mark is not None:
                if j in self._taken:
                    return None
                if mark.use == "n":
                    if of and form in OF_NOUNS and not is_topic(self.tokens, self.marks, j):
                        return mark.kind
                    if j == a - 1 and number and form not in ("body", "bodies", "dead", "life", "lives") and (j == 0 or self.tokens.is_capital(j)):
                        return mark.kind  # "Fatalities 3"
                    if form in ("injuries", "injury") and forms[j + 1 : j + 2] == ["to"]:
                        return mark.kind
                    if form == "dead":
                        j -= 1
                        continue
                    return None
                if mark.use == "in":
                    return None
                if mark.use == "pp" and self._is_passive(j):
                    return None
                if mark.use == "ing" and of and form in OF_NOUNS:
                    return None if is_topic(self.tokens, self.marks, j) else mark.kind
                if (
                    mark.use == "ing"
                    and j
                    and forms[j - 1] in ("for", "of", "over", "against", "about", "from", "with", "without", "avoid")
                    and is_background(self.tokens, j)
                ):
                    return None
                if of and mark.use in ("pp", "base") and form not in OF_NOUNS:
                    pass
                before = j - 1
                if before > 0 and forms[before] in ("and", "or", "/") and before - 1 in marks:
                    other = marks[before - 1]
                    if (
                        {other.kind, mark.kind} == {"killed", "injured"}
                        and other.use == mark.use
                        and not (other.use == "pp" and self._is_passive(before - 1))
                    ):
                        group.both = True
                        return "killed"
                    if other.kind == "killed" and form not in ("injured", "wounded"):
                        return "killed"
                return mark.kind
            if form == "of":
                of = True
            elif form in _COLON:
                if (
                    j
                    and j - 1 in marks
                    and number
                    and j == a - 1
                    and (forms[j] != "(" or marks[j - 1].use in ("n", "pp"))
                    and not self._is_passive(j - 1)
                ):
                    return marks[j - 1].kind
                return None
            elif form in MARKS:
                return None
            elif form in GROUP_WORDS and of:
                pass
            elif form not in LIGHT and not adverb(form):
                joined = self._joined(j)
                if not joined:
                    return None
                j = joined  # "stoned to death and burned a man"
                continue
            j -= 1
        return None

    def _joined(self, j: int) -> int:
        """The token of the outcome that a second verb goes on from ("killed and robbed a trader"); 0 if there is none."""
        forms = self.forms
        if forms[j - 1 : j] != ["and"] or not forms[j].endswith(("ed", "burnt")):
            return 0
        return next((k for k in range(j - 2, max(-1, j - 6), -1) if k in self.marks and self.marks[k].end == j - 1 and self.marks[k].use == "pp"), 0)

    def _toll(self, j: int) -> CountKind | None:
        """ "the death toll from the blast rose to 14", "put the number of dead at 27", "Deaths: 3"."""
        forms = self.forms
        rise = forms[j] in RISES or forms[j] in ("to", "at", "as", "of") or forms[j] in BE
        if not rise:
            return None
        for k in range(j, max(-1, j - _TOLL_REACH), -1):
            form = forms[k]
            if form in _ENDS and not _abbreviated(self.tokens, k):
                return None
            if form in TOLL_NOUNS:
                return "injured" if not {"injured", "injury", "wounded"}.isdisjoint(forms[max(0, k - 2) : k]) else "killed"
            if form in ("number", "total", "count") and forms[k + 1 : k + 2] in (["of"], ["killed"]) and k + 2 <= j:
                named = forms[k + 1 : k + 5]
                if not NUMBER_NOUNS.isdisjoint(named):
                    return "killed"
                if not {"injured", "wounded", "injuries"}.isdisjoint(named):
                    return "injured"
                if not {"arrested", "detained", "arrests", "detainees"}.isdisjoint(named):
                    return "arrested"
            if (
                form in ("fatalities", "deaths")
                and forms[j] in ("at", "to")
                and j - k < 6
                and k + 1 <= j
                and not {"put", "rose", "risen", "stood", "stands"}.isdisjoint(forms[max(0, k - 3) : j])
            ):
                return "killed"
        return None

    def _is_passive(self, j: int) -> bool:
        forms = self.forms
        k = j - 1
        while k >= 0 and (adverb(forms[k]) or forms[k] in ("also", "later", "then", "not", "both", "all", "been", "shot", "and", "or", "being")):
            if forms[k] in ("been", "being"):
                return True
            if forms[k] in ("and", "or") and not (k - 1 in self.marks and self.marks[k - 1].use == "pp"):
                return False
            k -= 1
            if k >= 0 and k in self.marks and forms[k + 1] in ("and", "or"):
                k -= 1
        return k >= 0 and forms[k] in BE


def _abbreviated(tokens: Tokens, j: int) -> bool:
    """A full stop that ends no sentence: "Jan.", "St.", "a.m."."""
    if tokens.forms[j] != "." or j + 1 >= len(tokens.forms):
        return False
    nearby = tokens.starts[j + 1] == tokens.ends[j]
    before = tokens.forms[j - 1] if j else ""
    return nearby or before in _ABBREVIATIONS or (len(before) == 1 and before.isalpha()) or tokens.text[tokens.starts[j + 1]].islower()
