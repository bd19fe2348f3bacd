"""The type of an event from all that is told of it: its first statement and the sentences that go on with it. Floor 5.

A peaceful march becomes Protest with intervention where the next sentence tells that police dispersed it, a Violent demonstration where it tells
of stones thrown; fighting becomes a change of territory where the next sentence tells who holds the town. Headlines give no evidence: they sum up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from eventcoder.extraction.reading import Reading

_RISING = ("Peaceful protest", "Protest with intervention", "Excessive force against protesters", "Violent demonstration")
_TERRITORY = ("Government regains territory", "Non-state actor overtakes territory")
_VAGUE = ("Attack", "Armed clash")
_MEANS = frozenset({
    "Air/drone strike", "Shelling/artillery/missile attack", "Remote explosive/landmine/IED", "Suicide bomb", "Grenade", "Chemical weapon",
})  # fmt: skip
_FIGURES = frozenset({"DEATH", "INJURE", "KILL", "SHOT_DEAD", "BODY_FOUND", "ARREST", "DETAIN"})
_UNRULY = frozenset({"STONES", "BURN", "BURN_TYRES", "LOOT", "VANDAL", "RIOT", "CLASH_POLICE"})
_SURE = 0.45  # below this score a later statement does not raise the type
_FIRM = 0.8  # from this score on the first statement's type stands against later ones of its kind


def settled_type(readings: Sequence[Reading]) -> tuple[str | None, float]:
    """Type and score of the event that `readings` tell, the first of them in the lead."""
    first = readings[0].typed
    later = [r for r in readings[1:] if not r.headline and r.typed.sub_event_type is not None]
    if first.sub_event_type in _RISING:
        return _raised(readings[0], later, readings)
    if first.sub_event_type in ("Disrupted weapons use", "Arrests", "Looting/property destruction"):
        # Same day, place and pair: the tactic of the highest rank gives the type.
        clash = next((r.typed for r in later if r.typed.sub_event_type in _VAGUE and not _mere_figures(r)), None)
        if clash is not None and clash.score >= 0.5:
            return clash.sub_event_type, clash.score
    if first.sub_event_type in _VAGUE:
        ground = next((r.typed for r in later if r.typed.sub_event_type in _TERRITORY and r.typed.score >= 0.7), None)
        if ground is not None:
            return ground.sub_event_type, ground.score
        means = next((r.typed for r in later if r.typed.sub_event_type in _MEANS and r.typed.score >= 0.6), None)
        if means is not None and first.score < 0.6:
            return means.sub_event_type, means.score
    kind, score = _together(readings[0], later)
    if any(f.count.kind == "killed" and (f.count.low or 0) > 0 for r in readings if not r.headline for f in r.counts):
        return _deadly(kind, score, readings)
    return kind, score


def _deadly(kind: str | None, score: float, readings: Sequence[Reading]) -> tuple[str | None, float]:
    """Deaths told of looting make it an attack or a fight; soldiers or police who died of an attack make it a fight."""
    forces = any(_of_the_forces(r) for r in readings[1:] if not r.headline)
    if kind == "Looting/property destruction":
        able = [(share, k) for k, share in readings[0].typed.alternatives if k in (*_VAGUE, "Mob violence")]
        share, other = max(able, default=(0.0, "Attack"))
        return ("Armed clash" if forces and other != "Mob violence" else other), round(max(share, 0.4), 3)
    if kind == "Attack" and forces and score < _FIRM:
        return "Armed clash", round(max(0.5, 1 - score), 3)
    return kind, score


def _of_the_forces(reading: Reading) -> bool:
    """ "Sixteen soldiers were killed": the dead that a later sentence counts are of the state's forces."""
    people = reading.statement.sentence.people
    return any(
        f.count.kind == "killed" and any(p.kind == "state" and p.char_start < f.end and f.start < p.char_end for p in people) for f in reading.counts
    )


def _raised(host: Reading, later: Sequence[Reading], readings: Sequence[Reading]) -> tuple[str | None, float]:
    """The weightiest form of demonstration that any of its statements tells."""
    best, score = host.typed.sub_event_type or "", host.typed.score
    for reading in later:
        kind, sure = reading.typed.sub_event_type or "", reading.typed.score
        labels = {h.label for h in reading.statement.hits}
        if kind in ("Mob violence", "Looting/property destruction") and sure >= _SURE and not labels.isdisjoint(_UNRULY):
            kind = "Violent demonstration"
        if kind in _RISING and sure >= _SURE and _RISING.index(kind) > _RISING.index(best):
            best, score = kind, sure
    told = [r for r in readings[1:] if not r.headline]
    if best == "Peaceful protest" and any(_held(r) for r in told):
        best, score = "Protest with intervention", min(score, 0.8)
    killed = any(f.count.kind == "killed" and (f.count.low or 0) > 0 for r in told for f in r.counts)
    if killed and best in ("Peaceful protest", "Protest with intervention"):
        return "Excessive force against protesters", round(score * 0.8, 3)
    return best, score


def _held(reading: Reading) -> bool:
    """Were people arrested there, as a later sentence tells?"""
    arrests = [f for f in reading.counts if f.count.kind == "arrested"]
    if any(f.count.high == 0 for f in arrests):
        return False
    return bool(arrests) or any(h.label in ("ARREST", "DETAIN") for h in reading.statement.hits)


def _mere_figures(reading: Reading) -> bool:
    return {h.label for h in reading.statement.hits} <= _FIGURES


def _together(host: Reading, later: Sequence[Reading]) -> tuple[str | None, float]:
    """A doubtful first statement and what is told on, weighed together by their shares; types that none of the later ones names stay as they are."""
    first = host.typed
    able = [r for r in later if not _mere_figures(r) and r.statement.sentence.index - host.statement.sentence.index <= 3]
    if first.score >= _FIRM or not able:
        return first.sub_event_type, first.score
    shares: defaultdict[str, float] = defaultdict(float)
    for reading, weight in ((host, 1.0), *((r, 0.6) for r in able[:3])):
        for kind, share in ((reading.typed.sub_event_type, reading.typed.score), *reading.typed.alternatives):
            if kind is not None:
                shares[kind] += weight * share
    known = {first.sub_event_type, *(kind for kind, _ in first.alternatives)}
    ranked = sorted(((share, kind) for kind, share in shares.items() if kind in known), key=lambda item: (-item[0], item[1]))
    best = ranked[0]
    return best[1], round(min(0.99, best[0] / sum(shares.values())), 3)
