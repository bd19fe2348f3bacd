"""Who acts and who suffers, summed over all cues of a statement: a vote for every person or site that the text names. Floor 5.

A surface reading, not a parse. Read are active ("gunmen killed a farmer"), passive and reduced passive ("a farmer, shot dead by gunmen"),
nominal ("an attack by X on Y", "the killing of Y", "X's shelling of Y", "an X air strike"), mutual forms ("X and Y clashed", "clashes between X
and Y") and blame ("X claimed the attack", "blamed on X").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from eventcoder.extraction.actor_grammar import ACTS, HITTING, LAUNCH, NOUNISH, OF, PARTICLES, PAST, TRODDEN, WEAPONS
from eventcoder.extraction.actor_phrases import first_after, hangs, joined_to, object_follows, subject_of, was_done, word_at
from eventcoder.extraction.lexicon import Hit
from eventcoder.extraction.roles import BE, PREPOSITIONS, STOPS, Person, is_passive
from eventcoder.extraction.tokens import Tokens

MUTUAL = frozenset({"CLASH", "BATTLE", "CLASH_POLICE", "BRAWL", "COMMUNAL", "SCUFFLE", "AGREE"})
_SUFFERED = frozenset({"DEATH", "INJURE", "BODY_FOUND", "DISPLACE", "SURRENDER", "ATTACKED"})  # their subject is the one who suffers
_TRANSITIVE = frozenset(
    {
        "KILL", "SHOT_DEAD", "INJURE", "ABDUCT", "ARREST", "DETAIN", "EXECUTE", "ASSASSINATE", "BEAT", "STAB", "SEX", "LYNCH", "DISPERSE",
        "SHOOT", "NEUTRALISE", "BURN", "LOOT", "DEMOLISH", "RECAPTURE", "CAPTURE", "RELEASE", "LIVE_FIRE", "ATTACK", "SHELL", "BOMB", "DEFUSE",
        "INTERCEPT", "WEAPON_SEIZED", "VANDAL", "AMBUSH", "TAKEOVER", "HANDOVER",
    }
)  # fmt: skip
_BLAMED = frozenset(
    {"blamed", "blame", "blames", "accused", "accuses", "attributed", "suspected", "alleged", "presumed", "believed", "blaming", "accusing"}
)
_CLAIM = frozenset(
    {"responsibility", "attack", "bombing", "blast", "ambush", "raid", "killing", "strike", "credit", "assault", "explosion", "operation", "it"}
)
_LAID = LAUNCH | {"behind", "left", "emplaced", "buried"}
_AIMS = ("on", "against", "at", "targeting", "upon", "toward", "towards", "into", "near", "inside", "in", "outside")
_AT = frozenset({"on", "at", "upon", "against", "into", "towards", "toward", "with", "to"})


@dataclass(slots=True)
class Vote:
    """How much speaks for a person as the one who acts and as the one who suffers; `near` for sites and people that only stand close by."""

    agent: float = 0.0
    patient: float = 0.0
    mutual: float = 0.0
    allies: list[Person] = field(default_factory=list)  # those who fight at its side


def votes(tokens: Tokens, hits: Sequence[Hit], people: Sequence[Person], limit: int | None = None) -> dict[Person, Vote]:
    """A vote for each of `people` from all `hits`; cues from token `limit` on (a demonstration's topic) count little."""
    out = {p: Vote() for p in people}
    for hit in hits:
        share = 0.25 if limit is not None and hit.start >= limit else 1.0
        if hit.start and tokens.forms[hit.start - 1] == "had":
            share *= 0.5
        _vote(tokens, hit, hits, people, out, share)
    _blame(tokens, people, out)
    _acts(tokens, hits, people, out)
    return out


def _acts(tokens: Tokens, hits: Sequence[Hit], people: Sequence[Person], out: dict[Person, Vote]) -> None:
    """ "Israel struck the village", "shells hit the market": verbs that alone are no cue, but say who and whom."""
    forms = tokens.forms
    for at, form in enumerate(forms):
        if form not in ACTS or any(h.start <= at < h.end and h.form in ("d", "s") for h in hits):
            continue
        if at and forms[at - 1] in BE:
            hurt = subject_of(tokens, at, people) if form in HITTING else None
            if hurt is not None:
                _patients(tokens, hurt, people, out, 0.6)
            continue
        subject = subject_of(tokens, at, people)
        if subject is not None and at - subject.end <= 2 and subject.kind not in ("civilian", "people", "civilian_site", "state_site"):
            _agents(tokens, subject, people, out, 0.8)
        target = first_after(tokens, people, at + 1, 9)
        if target is not None and form in HITTING and not (at + 1 < len(forms) and forms[at + 1] in ("an", "in", "from")):
            out[target].patient += 0.6 if target.kind == "civilian_site" else 0.8


def _vote(tokens: Tokens, hit: Hit, hits: Sequence[Hit], people: Sequence[Person], out: dict[Person, Vote], share: float) -> None:
    forms = tokens.forms
    if hit.form == "n" and any(p.start <= hit.start and hit.end == p.end and p.kind not in ("civilian_site", "foreign", "state") for p in people):
        return  # "kidnappers", "rioters": the noun for a person, no act
    if hit.form == "n" and hit.end - hit.start > 2 and not {"fired", "opened", "shot"}.isdisjoint(forms[hit.start : hit.end]):
        # a cue that holds its own subject: "police fired at demonstrators"
        _agents(tokens, next((p for p in people if p.start == hit.start and p.end < hit.end), None), people, out, share)
    if hit.label == "NOFIGHT":
        for person in people:
            if hit.start <= person.start < hit.end:
                out[person].patient += share
        return
    if hit.form == "n" and (forms[hit.end - 1] in PAST or forms[hit.start] in ("lost", "blew")):
        hit = hit._replace(form="d")
    if hit.label in MUTUAL and _mutual(tokens, hit, people, out, share):
        return
    if hit.label == "IED" and hit.end - hit.start > 1 and forms[hit.start] in TRODDEN:
        _patients(tokens, subject_of(tokens, hit.start, people), people, out, share)
        return
    gerund = hit.form == "g" and hit.end < len(forms) and forms[hit.end] in NOUNISH and not (hit.start and forms[hit.start - 1] in BE | {","})
    if hit.form == "n" or gerund:
        _nominal(tokens, hit, people, out, share)
        return
    subject = subject_of(tokens, hit.start, people)
    if hit.label in _SUFFERED and (hit.label != "INJURE" or hit.form == "d"):
        if hit.label == "INJURE" and object_follows(tokens, hit, people) and not was_done(tokens, hit):
            _agents(tokens, subject, people, out, share)
            _objects(tokens, hit, people, out, share)
        else:
            _patients(tokens, subject, people, out, share)
            _by(tokens, hit, people, out, share)
        return
    reduced = hit.form == "d" and hit.label in _TRANSITIVE and (hit.end - hit.start == 1 or forms[hit.end - 1] in PARTICLES)
    passive = is_passive(tokens, hit) or was_done(tokens, hit) or (reduced and not object_follows(tokens, hit, people, hits))
    if passive:
        _by(tokens, hit, people, out, share)
        _patients(tokens, subject, people, out, share)
        return
    if hit.form == "g":
        # "killing three policemen": whoever it was, these suffered
        if hit.start and forms[hit.start - 1] not in (",", "and", "as", "by", "after"):
            _agents(tokens, subject, people, out, share * 0.6)
        elif subject is not None and hit.start and forms[hit.start - 1] != "of":
            _agents(tokens, subject, people, out, share * 0.4)
        _objects(tokens, hit, people, out, share)
        return
    _agents(tokens, subject, people, out, share)
    _objects(tokens, hit, people, out, share)


def _agents(tokens: Tokens, person: Person | None, people: Sequence[Person], out: dict[Person, Vote], share: float) -> None:
    if person is None:
        return
    out[person].agent += share * (0.6 if hangs(tokens, person) else 1.0)
    other = joined_to(tokens, person, people, back=True)
    if other is not None:
        out[other].agent += share * 1.1


def _patients(tokens: Tokens, person: Person | None, people: Sequence[Person], out: dict[Person, Vote], share: float) -> None:
    if person is None:
        return
    out[person].patient += share * (0.6 if hangs(tokens, person) else 1.0)
    other = joined_to(tokens, person, people, back=True)
    if other is not None:
        out[other].patient += share


def _by(tokens: Tokens, hit: Hit, people: Sequence[Person], out: dict[Person, Vote], share: float) -> None:
    at = word_at(tokens, hit.end, ("by",), 14)
    person = first_after(tokens, people, at + 1, 9) if at is not None else None
    if person is not None:
        out[person].agent += 1.5 * share
        other = joined_to(tokens, person, people, back=False)
        if other is not None:
            out[other].agent += share


def _objects(tokens: Tokens, hit: Hit, people: Sequence[Person], out: dict[Person, Vote], share: float) -> None:
    forms = tokens.forms
    person = next((p for p in people if hit.start < p.start < hit.end), None) or first_after(tokens, people, hit.end, 14)
    if person is None:
        return
    weight = 1.0
    for i in range(person.start - 1, max(hit.end - 1, person.start - 6), -1):
        if forms[i] in PREPOSITIONS and forms[i] not in _AT:
            weight = 0.8 if forms[i] == "of" else 0.35
            break
    if person.kind == "civilian_site":
        weight *= 0.4 if person.start and forms[person.start - 1] in ("their", "his", "her", "its") else 0.8
    out[person].patient += weight * share
    other = joined_to(tokens, person, people, back=False)
    if other is not None:
        out[other].patient += 0.8 * weight * share
    among = first_after(tokens, people, person.end, 6)
    if among is not None and not {"including", "among", "them"}.isdisjoint(forms[person.end : among.start]):
        out[among].patient += 0.4 * weight * share
    if person.kind.endswith("_site"):
        # "a vehicle carrying fighters": who is in it is meant
        inside = first_after(tokens, people, person.end, 4)
        if inside is not None and not {"carrying", "transporting", "belonging", "of"}.isdisjoint(forms[person.end : inside.start]):
            out[inside].patient += (weight + 0.3) * share


def _nominal(tokens: Tokens, hit: Hit, people: Sequence[Person], out: dict[Person, Vote], share: float) -> None:
    forms = tokens.forms
    before = [p for p in people if p.start < hit.start or p.start < hit.end < p.end + 1]
    whose = next((p for p in reversed(before) if p.start < hit.start), None)
    overlap = next(
        (p for p in people if (p.start <= hit.start and p.end >= hit.end and p.end - p.start > hit.end - hit.start) or p.start < hit.end < p.end),
        None,
    )
    by = word_at(tokens, hit.end, ("by", "from"), 12)
    agent = first_after(tokens, people, by + 1, 8) if by is not None else None
    if agent is not None and by is not None and (forms[by] == "by" or agent.kind not in ("civilian_site", "state_site")):
        out[agent].agent += (1.5 if forms[by] == "by" else 0.7) * share
        other = joined_to(tokens, agent, people, back=False)
        if other is not None:
            out[other].agent += share
    elif overlap is not None:
        out[overlap].agent += 1.3 * share
    elif whose is not None and hit.start - whose.end <= 3 and _modifies(tokens, whose, hit):
        out[whose].agent += 1.3 * share
    elif any(f in LAUNCH for f in forms[max(0, hit.start - 6) : hit.start]):
        launch = next(i for i in range(hit.start - 1, -1, -1) if forms[i] in LAUNCH)
        subject = subject_of(tokens, launch, people)
        if launch and forms[launch - 1] in BE | {"and"} and subject is not None and forms[launch - 1] in BE:
            pass
        elif subject is not None:
            _agents(tokens, subject, people, out, share)
    aim = word_at(tokens, hit.end, _AIMS, 7)
    of = word_at(tokens, hit.end, ("of",), 3) if hit.label in OF else None
    at = of if of is not None else aim
    target = first_after(tokens, people, at + 1, 8) if at is not None else None
    if target is not None and at is not None and target is not agent:
        weight = 1.2 if of is not None or forms[at] in ("on", "against", "at", "targeting", "upon") else 0.5
        if target.kind == "civilian_site":
            weight *= 0.7
        out[target].patient += weight * share
        other = joined_to(tokens, target, people, back=False)
        if other is not None:
            out[other].patient += 0.8 * weight * share
    elif hit.end < len(forms) and forms[hit.end] in (
        "hit",
        "struck",
        "killed",
        "targeted",
        "destroyed",
        "landed",
        "damaged",
        "injured",
        "wounded",
        "hits",
        "kills",
        "strikes",
    ):
        target = first_after(tokens, people, hit.end + 1, 9)
        if target is not None:
            out[target].patient += share


def _modifies(tokens: Tokens, person: Person, hit: Hit) -> bool:
    """ "an Israeli air strike", "the army's nightly shelling": only adjectives stand between, and the noun does not end another phrase."""
    between = tokens.forms[person.end : hit.start]
    if any(b in STOPS or b in PREPOSITIONS or b in BE or b in LAUNCH or b in (",", "and", "in", "a", "an", "the", "after", "when") for b in between):
        return False
    return person.kind not in ("civilian", "people") or (bool(between) is False and person.kind == "country")


def _mutual(tokens: Tokens, hit: Hit, people: Sequence[Person], out: dict[Person, Vote], share: float) -> bool:
    """Both sides of a fight or a deal; False where the words name no pair."""
    forms = tokens.forms
    between = word_at(tokens, hit.end, ("between", "among", "involving", "pitting"), 8)
    if between is None and forms[hit.end - 1] in ("between", "among"):
        between = hit.end - 1  # a cue that holds the word: "fighting between"
    if between is None and forms[max(0, hit.start - 1) : hit.start] == ["between"]:
        between = hit.start - 1
    first = second = None
    if between is not None:
        first = first_after(tokens, people, between + 1, 8)
        second = first_after(tokens, people, first.end, 14) if first is not None else None
    else:
        second = next((p for p in people if hit.start < p.start < hit.end), None)
        against = word_at(tokens, max(hit.start, hit.end - 1), ("with", "against"), 10) if second is None else None
        against = None if against is not None and "," in forms[hit.end : against] else against  # "A and B fought in X, with troops intervening"
        second = first_after(tokens, people, against + 1, 9) if against is not None else second
        if second is not None:
            first = subject_of(tokens, hit.start, people)
        else:
            one = subject_of(tokens, hit.start, people)
            other = joined_to(tokens, one, people, back=True) if one is not None else None
            if other is not None:
                first, second = other, one
            elif one is not None and hit.start - one.end <= 1 and hit.form == "n" and (joined := _hyphen(tokens, one, people)) is not None:
                first, second = joined, one
    if second is None or first is second:
        if second is not None:
            out[second].mutual += share
        elif first is not None:
            out[first].mutual += share
        return False
    if first is not None:
        out[first].agent += share
        out[first].mutual += share
        ally = joined_to(tokens, first, people, back=True)
        if ally is not None and ally is not second:
            out[ally].agent += 1.1 * share
            out[ally].mutual += share
            if between is None:
                # "A and B fought with C": two against one
                out[ally].allies.append(first)
                out[first].allies.append(ally)
    out[second].patient += 0.6 * share
    out[second].mutual += share
    out[second].agent += 0.4 * share
    return True


def _hyphen(tokens: Tokens, person: Person, people: Sequence[Person]) -> Person | None:
    """ "army-rebel clashes": the noun right before."""
    return next((p for p in people if p.end == person.start), None)


def _blame(tokens: Tokens, people: Sequence[Person], out: dict[Person, Vote]) -> None:
    """ "blamed on X", "X claimed responsibility", "suspected X", "X was blamed for the attack"."""
    forms = tokens.forms
    for person in people:
        before = forms[max(0, person.start - 4) : person.start]
        suffers = out[person].patient >= 0.6 and out[person].agent < 0.3  # "villagers killed three suspected bandits"
        if any(b in _BLAMED for b in before) and not any(b in STOPS for b in before) and not (suffers and before[-1] in _BLAMED):
            out[person].agent += 0.9
            other = joined_to(tokens, person, people, back=True)
            if other is not None and out[other].agent < 0.9:
                out[other].agent += 0.95
        after = forms[person.end : person.end + 5]
        if (
            (after and after[0] in ("claimed", "claims") and any(a in _CLAIM for a in after[1:]))
            or (len(after) > 2 and after[0] == "did" and after[1] == "claim")
            or (
                len(after) > 2
                and after[0] in ("has", "have", "had", "later", "also")
                and after[1] == "claimed"
                and any(a in _CLAIM for a in after[2:])
            )
            or (len(before) > 1 and before[-1] == "by" and "claimed" in before)
        ):
            out[person].agent += 1.5
        if before[-1:] == ["with"] and any(b in ("exchanged", "traded", "confronted", "faced", "battled") for b in before):
            out[person].mutual += 0.8
        if before[-1:] == ["by"] and len(before) > 1 and before[-2] in _LAID:
            out[person].agent += 1.0  # "an IED, likely planted by X"
        if "of" in before[-2:] and any(b in WEAPONS for b in before):
            out[person].agent += 1.0
            out[person].patient = 0.0
        if any(b in ("operation", "operations", "raid", "sweep") for b in before) and any(b in ("of", "by") for b in before):
            out[person].agent += 0.9
