"""Lists of people that share one outcome ("two soldiers, a driver and three farmers") and parts of a total told before. Floor 5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from eventcoder.event import CountKind
from eventcoder.extraction.count_phrases import MARKS, Phrase
from eventcoder.extraction.count_words import BE, CLAUSE, CROWD_VERBS, DETERMINERS, HAVE, OUTCOMES, SAYING, SUBSET_WORDS
from eventcoder.extraction.tokens import Tokens

_JOINTS = frozenset(
    {
        (",",), ("and",), ("&",), (",", "and"), ("as", "well", "as"), (",", "as", "well", "as"), ("plus",), ("along", "with"), ("together", "with"),
        ("and", "also"), (",", "along", "with"), ("alongside",), (",", "and", "also"), ("+",), ("and", "all"), ("and", "both"),
    }
)  # fmt: skip


@dataclass(slots=True)
class Group:
    """Phrases joined by commas and "and", which share one outcome."""

    phrases: list[Phrase] = field(default_factory=list)
    subset: bool = False
    kind: CountKind | None = None
    total: bool = False  # a toll, which counts also those told before it
    running: bool = False  # a toll of more than the event told ("bringing to five the number of people killed in the riots")
    both: bool = False  # "killed or injured": one figure for two outcomes
    clause: int = 0  # the verb's token where a relative clause tells the outcome ("the commander, who was killed in January")
    reach: int = 0  # the token after the words that gave the outcome, where they follow the list

    @property
    def a(self) -> int:
        return self.phrases[0].a

    @property
    def b(self) -> int:
        return self.phrases[-1].b


def grouped(tokens: Tokens, phrases: Sequence[Phrase]) -> list[Group]:
    """Phrases in lists; parts of a total told before ("including two children", "(three men and a boy)") are marked as subsets."""
    forms = tokens.forms
    out: list[Group] = []
    for phrase in phrases:
        if len(out) > 1 and _beyond(forms, out[-2], out[-1], phrase):
            out[-2].phrases.append(phrase)
            continue
        parts = bool(out) and out[-1].subset and phrase.more  # "among them three children, and 20 others were wounded"
        if out and not phrase.part and not parts and phrase.a - out[-1].b < 9 and not _speaks(forms, phrase):
            last = out[-1]
            gap = tuple(forms[last.b : phrase.a])
            if (
                (
                    gap in _JOINTS
                    or (gap and len(gap) < 9 and _apposition(tokens, last.b, phrase.a))
                    or (2 < len(gap) < 10 and _mostly(gap))
                    or (len(gap) < 9 and gap and _in_between(gap))
                )
                and not (last.phrases[0].part)
                and not (
                    gap == (",",)
                    and phrase.form != "n"
                    and forms[phrase.b : phrase.b + 1] not in ([","], ["and"], ["&"])
                    and not _headline(forms, last.phrases[-1], phrase)
                )
            ):
                last.phrases.append(phrase)
                continue
        group = Group([phrase])
        group.subset = _subset(forms, phrase, out[-1] if out else None)
        out.append(group)
    split: list[Group] = []
    for group in out:
        split.extend(_apart(forms, group))
    return split


def _beyond(forms: list[str], total: Group, part: Group, phrase: Phrase) -> bool:
    """ "84 people, mostly policemen, and the bomber died": what follows the part in commas comes on top of the total."""
    if not part.subset or total.subset or len(part.phrases) > 1 or phrase.part or phrase.form == "p" or part.a - total.b > 8:
        return False
    return (
        tuple(forms[part.b : phrase.a]) in ((",", "and"), (")", "and"), (",", "along", "with"), (",", "as", "well", "as"))
        and forms[total.b : total.b + 1] in ([","], ["("])
        and forms[phrase.b : phrase.b + 1] != [","]  # "including a boy, and a girl, were killed"
        and "." not in forms[total.b : part.a]
    )


def _mostly(gap: tuple[str, ...]) -> bool:
    """ "twelve worshippers, most of them elderly, and the attacker": an aside without people between two phrases."""
    return (
        gap[0] in (",", "(")
        and gap[-2:] in ((",", "and"), (")", "and"))
        and gap[1] in ("most", "mostly", "mainly", "many", "all", "some", "largely", "both")
        and not any(f in OUTCOMES or f in BE or f in MARKS for f in gap[1:-2])
    )


def _speaks(forms: list[str], phrase: Phrase) -> bool:
    """ "killing three, police said", "and a medic in the local hospital said": a source, not a victim."""
    for form in forms[phrase.b : phrase.b + (2 if phrase.form == "n" else 8)]:
        if form in SAYING:
            return True
        if form in MARKS or form in OUTCOMES:
            return False
    return False


def _headline(forms: list[str], one: Phrase, two: Phrase) -> bool:
    """ "Gunmen kill pastor, wife": single people without articles."""
    return one.form == two.form == "s" and forms[one.a] not in DETERMINERS and forms[two.a] not in DETERMINERS


def _apposition(tokens: Tokens, start: int, end: int) -> bool:
    """Only a name and an age between two phrases ("a trader, Musa Ali, 45, and his son")."""
    if tokens.forms[end - 1] not in ("and", ","):
        return False
    for i in range(start, end):
        form = tokens.forms[i]
        if not (
            form in (",", "and", "aged", "(", ")", "identified", "as", "named") or form[0].isdigit() or (form.isalpha() and tokens.is_capital(i))
        ):
            return False
    return True


def _in_between(gap: tuple[str, ...]) -> bool:
    """Only a place or the like between two phrases ("two farmers in Ngala and a trader")."""
    return (
        gap[0] in ("in", "at", "from", "near", "of", "on")
        and gap[-1] == "and"
        and gap.count("and") + gap.count(",") == 1
        and not any(
            f in OUTCOMES or f in BE or f in HAVE or (f in CLAUSE and f != "and") or f in CROWD_VERBS or f.endswith(("ed", "ing")) for f in gap
        )
    )


def _subset(forms: list[str], phrase: Phrase, before: Group | None) -> bool:
    if phrase.part:
        return True
    k = phrase.a - 1
    if k >= 0 and forms[k] in ("also", ":"):
        k -= 1
    if k < 0:
        return False
    if (
        before is not None
        and before.b <= k
        and (forms[k] in ("mostly", "mainly", "largely", "predominantly") or (forms[k] == "all" and k == before.b + 1))
    ):
        return True
    if forms[k] in SUBSET_WORDS or (forms[k] in ("of", "are", "were") and k and forms[k - 1] in ("consisting", "them", "whom", "made", "up")):
        return True
    if forms[k] in ("them", "whom", "which") and k and forms[k - 1] in ("among", "of", "with"):
        return True
    # "(three men and a boy)", "- two women and a child -": right behind what they explain
    return before is not None and phrase.a - before.b == 1 and forms[phrase.a - 1] in ("(", "–", "—", "-", ":")


def _apart(forms: list[str], group: Group) -> list[Group]:
    """ "three people, a woman and two children, were killed": what follows a total and adds up to it repeats it."""
    first, rest = group.phrases[0], group.phrases[1:]
    if len(rest) < 1 or first.form != "n" or forms[first.b : first.b + 1] != [","] or first.best is None:
        return [group]
    total = sum(p.best or 0 for p in rest)
    if first.generic or (first.person is not None and first.person.kind in ("people", "civilian")):
        enclosed = forms[group.b : group.b + 1] in ([","], [")"], ["–"], ["—"]) and total <= first.best and (first.generic or len(rest) == 1)
        if (total == first.best and first.best > 1) or (enclosed and total < first.best):
            return [Group([first], subset=group.subset), Group(list(rest), subset=True)]
    return [group]
