"""People counted in a text: killed, injured, arrested and crowds, as intervals with their words and the rule that read them.

A number counts people only as the subject or the object of an outcome ("three people were killed", "killing three"), beside its noun ("3 dead",
"death toll rose to 14") or as a crowd. Ages, years, prices, residents, houses and parts of a total ("two of whom", "including three children")
are no counts. Nothing is filled in: what is not told is absent, never 0. Floor 5.
"""

from __future__ import annotations

from collections.abc import Sequence

from eventcoder.event import Count, CountKind
from eventcoder.extraction.aftermath import aftermath_in
from eventcoder.extraction.count_crowds import Crowds
from eventcoder.extraction.count_lists import Group, grouped
from eventcoder.extraction.count_marks import outcome_marks
from eventcoder.extraction.count_none import may_deny, stated_none
from eventcoder.extraction.count_outcomes import Outcomes
from eventcoder.extraction.count_phrases import Phrase, number_phrases, people_heads
from eventcoder.extraction.count_pronouns import fates_of_pronouns, may_refer
from eventcoder.extraction.count_singles import beside_phrases, unknown_phrases, unnumbered_phrases
from eventcoder.extraction.count_words import CASUALTIES
from eventcoder.extraction.kit import Lexicon
from eventcoder.extraction.roles import Person
from eventcoder.extraction.tokens import Tokens
from eventcoder.extraction.victims import Found, named_victims

_OWN: tuple[CountKind, ...] = ("killed", "injured", "arrested")


def counts_in(tokens: Tokens, people: Sequence[Person], lexicon: Lexicon, start: int = 0, end: int | None = None) -> list[Found]:
    """Counts in the characters [start, end) of the tokens' text, in order of their place."""
    text = tokens.text
    stop = len(text) if end is None else end
    marks = outcome_marks(tokens)
    numbers = lexicon.numbers.find(tokens, start, stop)
    out = stated_none(text, start, stop) if may_deny(tokens) else []
    refers = may_refer(tokens)
    if not marks and not numbers:
        if refers:
            out.extend(fates_of_pronouns(tokens, marks, [], out))
        out.extend(aftermath_in(tokens, people, lexicon, out))
        return sorted((f for f in out if start <= f.start < stop), key=lambda f: f.start) if out else out
    heads = people_heads(tokens, people)
    phrases = number_phrases(tokens, numbers, heads)
    if marks:
        phrases += unnumbered_phrases(tokens, sorted(heads.values(), key=lambda p: p.start), phrases)
        used = {i for p in phrases for i in range(p.a, p.b)}
        phrases += unknown_phrases(tokens, {i: (m.use, m.end, m.kind == "killed") for i, m in marks.items() if m.use != "n"}, used)
        if "and" in tokens.forms:
            phrases += beside_phrases(tokens, phrases)
        phrases.sort(key=lambda p: p.a)
    settled: list[Group] = []
    if phrases:
        groups = grouped(tokens, phrases)
        settled = Outcomes(tokens, marks, {g.a: g for g in groups}).settle(groups) if marks else groups
        out.extend(_founds(tokens, settled, lexicon))
    if refers:
        out.extend(fates_of_pronouns(tokens, marks, settled, out))
    for kind in ("killed", "arrested"):
        if marks and not any(f.count.kind == kind for f in out):
            named = named_victims(tokens, marks, people, kind)
            if named is not None:
                out.append(named)
    out.extend(aftermath_in(tokens, people, lexicon, out))
    if out and "mass" in tokens.forms and not {"grave", "graves"}.isdisjoint(tokens.forms):
        out = [f for f in out if f.count.kind != "killed" or not _of_old(tokens, f)]
    if out:
        out = [f for f in out if start <= f.start < stop]
        out.sort(key=lambda f: f.start)
    return out


def _founds(tokens: Tokens, groups: Sequence[Group], lexicon: Lexicon) -> list[Found]:
    out: list[Found] = []
    crowds: Crowds | None = None
    last_crowd: Phrase | None = None
    for index, group in enumerate(groups, 1):
        casualties = tokens.forms[group.b : group.b + 1]
        if group.kind is None and casualties and casualties[0] in CASUALTIES and group.phrases[0].form == "n":
            group.kind, group.both = "killed", True
        if group.kind is not None:
            for phrase in group.phrases:
                if phrase.form == "p" and group.kind != "killed":
                    continue
                reach = max(phrase.end, tokens.ends[group.reach - 1] if group.reach else 0)
                if group.clause and phrase.form == "s":
                    # The clause may be a statement of its own: the count stands where its verb stands.
                    phrase.start, phrase.end = tokens.starts[group.clause], reach
                for kind in ("killed", "injured") if group.both else (group.kind,):
                    out.append(
                        Found(
                            _count(tokens, phrase, kind, either=group.both and phrase.high is not None),
                            phrase.start,
                            reach,
                            index,
                            more=phrase.more,
                            total=group.total,
                            running=group.running,
                        )
                    )
            continue
        if group.subset and (last_crowd is not None or not group.phrases[0].part):
            continue  # "several hundred of them gathered" counts where the rest has no number
        for phrase in group.phrases:
            if phrase.form != "n":
                continue
            if crowds is None:
                crowds = Crowds(tokens, lexicon.numbers.vague)
            is_crowd, rival = crowds.crowd(phrase, last_crowd)
            if is_crowd:
                out.append(Found(_count(tokens, phrase, "crowd"), phrase.start, _end(phrase), index, rival=rival, more=phrase.more))
                last_crowd = phrase
    return out


def _of_old(tokens: Tokens, found: Found) -> bool:
    """Bodies of a mass grave: who lies there was killed some other day."""
    forms = tokens.forms
    at = tokens.at(found.start)
    first = next((i + 1 for i in range(at - 1, -1, -1) if forms[i] == "."), 0)
    last = next((i for i in range(at, len(forms)) if forms[i] == "."), len(forms))
    return any(forms[i] in ("grave", "graves") and forms[i - 1] == "mass" for i in range(max(1, first), last))


def _end(phrase: Phrase) -> int:
    return phrase.person.char_end if phrase.person is not None else phrase.end


def _count(tokens: Tokens, phrase: Phrase, kind: CountKind, *, either: bool = False) -> Count:
    low, best, high, rule = phrase.low, phrase.best, phrase.high, phrase.rule
    if either:
        # One figure for the killed and the wounded together bounds each of them from above and no more.
        low, best, rule = None, None, "at-most:killed-or-injured"
    end = phrase.end
    return Count(
        kind=kind, low=low, best=best, high=high, words=tokens.text[phrase.start : end], rule=rule, victim=phrase.noun, start=phrase.start, end=end
    )
