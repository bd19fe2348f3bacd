"""The sub-event type of a statement: signals of the lexicon, who acts on whom, and the codebook's decision tests.

Each signal speaks for a type with a weight; the decision tests (demonstrations, territory, armed against civilian) then move weight where
several signals meet. What a demonstration is about ("against the killing of a teacher") is its topic and counts little for its type.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from eventcoder.extraction.lexicon import Hit
from eventcoder.extraction.roles import ARMED_NON_STATE, Person, roles
from eventcoder.extraction.tokens import Tokens
from eventcoder.extraction.topics import topics

DEMO_SIGNALS = frozenset({"PROTEST", "CROWD", "BLOCK", "STRIKE", "GATHER"})
CROWD_VIOLENCE = frozenset({"RIOT", "STONES", "BURN_TYRES", "BARRICADE", "VANDAL", "CLASH_POLICE"})
FORCE = frozenset({"KILL", "SHOT_DEAD", "SHOOT", "STAB", "BEAT", "ATTACK", "EXECUTE", "ASSASSINATE", "AMBUSH", "CLASH", "NEUTRALISE", "ATTACKED"})
TERRITORY = frozenset({"CAPTURE", "TAKEOVER", "RECAPTURE"})
_NO_CROWD = frozenset({"SUICIDE", "AIR", "SHELL", "IED", "SEX", "ABDUCT"})
_CROWD_SIGNALS = frozenset(
    {"LYNCH", "BRAWL", "RIOT", "BURN_TYRES", "CLASH_POLICE", "COMMUNAL", "LIVE_FIRE", "CROWD_CONTROL", "DISPERSE", "BARRICADE", "STONES"}
)
_MEANS = frozenset({"AIR", "SHELL", "IED", "SUICIDE", "GRENADE", "CHEM", "EXPLODE", "SEX", "ABDUCT", "BOMB", "SHOOT_DOWN"})
REMOTE = frozenset({"AIR", "SHELL", "IED", "SUICIDE", "GRENADE", "CHEM", "EXPLODE", "SHOOT_DOWN"})


@dataclass(frozen=True, slots=True)
class Signal:
    """What the lexicon says about a signal."""

    name: str
    sub_event_type: str
    weight: float
    opens: str
    family: str


@dataclass(slots=True)
class Typed:
    """The best type with its share of the weight, the others best first, and the rule that decided."""

    sub_event_type: str | None
    score: float
    alternatives: list[tuple[str, float]] = field(default_factory=list)
    rule: str = "signals"


def decide(tokens: Tokens, hits: Sequence[Hit], people: Sequence[Person], signals: dict[str, Signal]) -> Typed:
    """Type of the statement that the tokens are, from its `hits` and `people` (positions are token indices)."""
    if not hits:
        return Typed(None, 0.0, rule="no-cue")
    scores: dict[str, float] = {}
    live, topic_from = _without_topic(tokens, hits)
    present: dict[str, float] = {}
    rule = "signals"
    first_sentence = _first_stop(tokens)
    for hit, share in live:
        signal = signals[hit.label]
        if hit.start > first_sentence:
            share *= 0.75
        present[hit.label] = max(present.get(hit.label, 0.0), share if hit.weight >= 0.5 else share * hit.weight)
        if signal.sub_event_type:
            value = signal.weight * hit.weight * share
            scores[signal.sub_event_type] = scores.get(signal.sub_event_type, 0.0) + value
    demo = max((present.get(s, 0.0) for s in ("PROTEST", "CROWD", "BLOCK")), default=0.0)
    agents = {p.kind for p in people if p.start < topic_from}
    if (
        demo >= 0.7
        or ("protester" in agents and not present.get("SUICIDE"))
        or (present.get("GATHER") and present.get("DEMAND"))
        or _strike_demo(present)
    ):
        rule = _demonstration(tokens, live, people, present, scores)
    elif _crowd(present, agents):
        rule = _crowd_violence(present, agents, scores)
    else:
        rule = _violence(tokens, live, people, present, scores)
    ranked = sorted(((t, s) for t, s in scores.items() if s > 0), key=lambda item: (-item[1], item[0]))
    if not ranked:
        return Typed(None, 0.0, rule="no-cue")
    total = sum(s for _, s in ranked)
    best, top = ranked[0]
    confidence = round(min(0.99, (top / total) * min(1.0, 0.45 + top / 6)), 3)
    return Typed(best, confidence, [(t, round(s / total, 3)) for t, s in ranked[1:4]], rule)


def _first_stop(tokens: Tokens) -> int:
    forms = tokens.forms
    return forms.index(".", 7) if "." in forms[7:] else len(forms)


def _without_topic(tokens: Tokens, hits: Sequence[Hit]) -> tuple[list[tuple[Hit, float]], int]:
    """Hits with their share: what a demonstration is about counts a tenth. Also the token at which the first topic begins."""
    about = topics(tokens, hits)
    if not about:
        return [(h, 1.0) for h in hits], len(tokens)
    out = []
    for hit in hits:
        inside = any(start <= hit.start < end for start, end in about)
        out.append(
            (
                hit,
                0.1
                if inside
                and hit.label not in ("PROTEST", "CROWD", "SLOGAN", "GATHER", "DEMAND", "CROWD_CONTROL", "DISPERSE", "SOLIDARITY", "BURN_TYRES")
                else 1.0,
            )
        )
    return out, about[0][0]


def _strike_demo(present: dict[str, float]) -> bool:
    return present.get("STRIKE", 0) > 0 and REMOTE.isdisjoint(present) and FORCE.isdisjoint(present)


def _demonstration(
    tokens: Tokens, live: Sequence[tuple[Hit, float]], people: Sequence[Person], present: dict[str, float], scores: dict[str, float]
) -> str:
    """The codebook's tests for demonstrations: violence by the crowd, then lethal force, then intervention, else peaceful."""
    base = 4.0
    for name in ("Peaceful protest", "Protest with intervention", "Excessive force against protesters", "Violent demonstration"):
        scores[name] = scores.get(name, 0.0) * 0.25
    for name in (
        "Attack",
        "Armed clash",
        "Remote explosive/landmine/IED",
        "Arrests",
        "Agreement",
        "Change to group/activity",
        "Other",
        "Looting/property destruction",
    ):
        scores[name] = scores.get(name, 0.0) * 0.3
    rioters = any(p.kind == "rioter" for p in people)
    violent = sum(min(1.0, present.get(s, 0.0)) for s in CROWD_VIOLENCE if present.get(s, 0.0) > 0.3)
    burned = any(h.label in ("BURN", "LOOT") and share > 0.5 for h, share in live)
    stones_by_others = False
    for hit, share in live:
        if hit.label in ("STONES", "ATTACK", "BEAT") and share > 0.5:
            who, whom = roles(tokens, hit, people)
            if whom is not None and whom.kind == "protester" and (who is None or who.kind != "protester"):
                stones_by_others = True
                violent -= 0.8 if hit.label == "STONES" else 0
            elif hit.label != "STONES" and who is not None and who.kind in ("protester", "rioter"):
                violent += 1
    clash = present.get("CLASH", 0) > 0.5
    if max(present.get("COMMUNAL", 0), present.get("LYNCH", 0)) > 0.5 and not present.get("CROWD_CONTROL") and not present.get("CLASH_POLICE"):
        scores["Mob violence"] = scores.get("Mob violence", 0.0) + base + violent
        return "demonstration:mob"
    if violent > 0.3 or rioters or burned or clash:
        scores["Violent demonstration"] += base + violent
        return "demonstration:violent"
    lethal = present.get("LIVE_FIRE", 0) > 0.5 or any(
        h.label in ("KILL", "SHOT_DEAD", "SHOOT", "DEATH") and share > 0.5 and not _in_air(tokens, h) for h, share in live
    )
    hurt = any(h.label == "INJURE" and share > 0.5 for h, share in live)
    if lethal:
        scores["Excessive force against protesters"] += base
        return "demonstration:lethal-force"
    intervention = sum(
        min(1.0, present.get(s, 0.0))
        for s in ("CROWD_CONTROL", "DISPERSE", "ARREST", "DETAIN", "SCUFFLE", "BEAT", "ATTACK")
        if present.get(s, 0.0) > 0.3
    )
    if stones_by_others:
        intervention += 1
    if intervention and hurt and (present.get("BEAT") or present.get("ATTACK") or present.get("SHOOT")):
        scores["Excessive force against protesters"] += base * 0.55
    if intervention > 0.3:
        scores["Protest with intervention"] += base
        return "demonstration:intervention"
    scores["Peaceful protest"] += base
    return "demonstration:peaceful"


def _in_air(tokens: Tokens, hit: Hit) -> bool:
    return "air" in tokens.forms[hit.start : hit.end + 4]


def _crowd(present: dict[str, float], agents: set[str]) -> bool:
    if not _NO_CROWD.isdisjoint(present):
        return False
    return "rioter" in agents or not _CROWD_SIGNALS.isdisjoint(present)


def _crowd_violence(present: dict[str, float], agents: set[str], scores: dict[str, float]) -> str:
    """Violence by a crowd without the word protest: a demonstration if it has that form, else a mob."""
    demonstrative = any(present.get(s) for s in ("BURN_TYRES", "BARRICADE", "CLASH_POLICE", "RIOT", "DEMAND", "SLOGAN"))
    mob = any(present.get(s) for s in ("LYNCH", "BRAWL", "COMMUNAL", "ACCUSED", "CRUDE_ARMS"))
    armed = bool(agents & ARMED_NON_STATE) and (present.get("BATTLE") or present.get("AMBUSH") or present.get("SHOOT"))
    if mob and not armed:
        for name in ("Attack", "Armed clash", "Looting/property destruction", "Arrests", "Other"):
            scores[name] = scores.get(name, 0.0) * 0.4
        scores["Mob violence"] = scores.get("Mob violence", 0.0) + 1.5
        return "crowd:mob"
    if present.get("LIVE_FIRE"):
        scores["Excessive force against protesters"] = scores.get("Excessive force against protesters", 0.0) + 2
        return "crowd:lethal-force"
    if demonstrative:
        for name in ("Armed clash", "Attack", "Looting/property destruction", "Arrests"):
            scores[name] = scores.get(name, 0.0) * 0.5
        scores["Violent demonstration"] = scores.get("Violent demonstration", 0.0) + 2
        return "crowd:demonstration"
    if present.get("CROWD_CONTROL") or present.get("DISPERSE"):
        if present.get("STONES"):
            scores["Violent demonstration"] = scores.get("Violent demonstration", 0.0) + 2
        return "crowd:intervention"
    if "rioter" in agents or present.get("STONES"):
        scores["Mob violence"] = scores.get("Mob violence", 0.0) + (2.5 if not armed else 0.5)
        scores["Attack"] = scores.get("Attack", 0.0) * 0.5
        scores["Violent demonstration"] = scores.get("Violent demonstration", 0.0) * 0.7
        return "crowd:mob"
    return "crowd:weak"


def _violence(
    tokens: Tokens, live: Sequence[tuple[Hit, float]], people: Sequence[Person], present: dict[str, float], scores: dict[str, float]
) -> str:
    """Armed violence and strategic developments: who acts on whom decides between Armed clash and Attack, and who holds territory."""
    rule = "signals"
    kinds = {p.kind for p in people}
    armed_sides = {k for k in kinds if k in ARMED_NON_STATE or k in ("state", "state_site", "foreign", "rebel_site")}
    attack, clash = scores.get("Attack", 0.0), 0.0
    for hit, share in live:
        if hit.label not in FORCE or share < 0.5:
            continue
        who, whom = roles(tokens, hit, people)
        weight = {"CLASH": 2.0, "AMBUSH": 1.5, "ATTACKED": 1.2}.get(hit.label, 1.6)
        if whom is not None and whom.kind in ("state", "state_site", "foreign", "rebel_site", "rebel", "militia", "identity"):
            if who is None or who.kind not in ("civilian", "people", "rioter", "protester"):
                clash += weight
        elif whom is not None and whom.kind in ("civilian", "people", "civilian_site"):
            attack += weight * (0.8 if whom.kind == "people" else 1.0)
            if hit.label in ("AMBUSH",) and whom.kind != "civilian_site":
                scores["Armed clash"] = max(0.0, scores.get("Armed clash", 0.0) - 2.0)
    fights = present.get("BATTLE", 0) + present.get("CLASH", 0) + present.get("ATTACK_SITE", 0)
    if clash > 0:
        scores["Armed clash"] = scores.get("Armed clash", 0.0) + clash
        attack *= 0.55 if clash >= attack - scores.get("Attack", 0.0) else 0.9
        rule = "force:armed-target"
    elif attack > scores.get("Attack", 0.0):
        rule = "force:civilian-target"
    if fights:
        attack *= 0.5
    scores["Attack"] = attack
    if not _MEANS.isdisjoint(present):
        # The means is the more specific finding: deaths and "attack" belong to it unless both sides fight on the ground.
        scores["Attack"] *= 0.35
        scores["Armed clash"] = scores.get("Armed clash", 0.0) * (0.35 if not present.get("BATTLE") and not (clash and present.get("SHOOT")) else 1.0)
    _explosives(present, scores)
    territory = not TERRITORY.isdisjoint(present)
    if territory or present.get("HANDOVER") or present.get("NOFIGHT"):
        rule = _territory(tokens, live, people, present, scores)
    if present.get("INTERCEPT"):
        scores["Air/drone strike"] = scores.get("Air/drone strike", 0.0) * 0.3
        scores["Shelling/artillery/missile attack"] = scores.get("Shelling/artillery/missile attack", 0.0) * 0.3
    if present.get("DEFUSE") or present.get("WEAPON_SEIZED"):
        for name in ("Remote explosive/landmine/IED", "Grenade", "Suicide bomb", "Arrests", "Attack", "Shelling/artillery/missile attack"):
            scores[name] = scores.get(name, 0.0) * 0.4
    if present.get("GRAVE"):
        scores["Attack"] *= 0.4
    if present.get("ABDUCT") and (present.get("KILL") or present.get("EXECUTE") or present.get("SHOT_DEAD") or present.get("BODY_FOUND")):
        scores["Attack"] = max(scores["Attack"] + 3.2, 1.2 * scores.get("Abduction/forced disappearance", 0.0))
        rule = "abduction-with-death"
    if present.get("DETAIN") and not present.get("ARREST") and kinds & ARMED_NON_STATE and not kinds & {"state"}:
        scores["Abduction/forced disappearance"] = scores.get("Abduction/forced disappearance", 0.0) + scores.pop("Arrests", 0.0) + 0.5
        rule = "detained-by-armed-group"
    if present.get("LOOT") or present.get("BURN") or present.get("DEMOLISH"):
        hurt = any(present.get(s, 0) > 0.5 for s in ("KILL", "SHOT_DEAD", "STAB", "BEAT", "EXECUTE"))
        if hurt:
            scores["Looting/property destruction"] *= 0.45
        else:
            scores["Attack"] *= 0.5
    if present.get("ARREST") and any(present.get(s, 0) > 0.5 for s in ("KILL", "SHOT_DEAD", "BATTLE", "STAB", "SHOOT")):
        scores["Arrests"] *= 0.5
    if present.get("AGREE") and (fights or clash):
        scores["Agreement"] = scores.get("Agreement", 0.0) * 0.7
    if present.get("SURRENDER") and "state" in armed_sides and not fights:
        scores["Change to group/activity"] = scores.get("Change to group/activity", 0.0) + 0.5
    return rule


def _explosives(present: dict[str, float], scores: dict[str, float]) -> None:
    bombs = "Remote explosive/landmine/IED"
    if present.get("SUICIDE"):
        scores[bombs] = scores.get(bombs, 0.0) * 0.4
        if present.get("AIR"):
            scores["Suicide bomb"] = scores.get("Suicide bomb", 0.0) * 0.6
    for label, name in (("AIR", "Air/drone strike"), ("SHELL", "Shelling/artillery/missile attack"), ("GRENADE", "Grenade")):
        if present.get(label):
            scores[bombs] = scores.get(bombs, 0.0) * (0.45 if not present.get("IED") else 0.8)
            if present.get("BOMB"):
                scores[name] += 0.8
    if present.get("AIR") and present.get("SHELL"):
        scores["Shelling/artillery/missile attack"] *= 0.75
    if present.get("CHEM"):
        for name in ("Air/drone strike", "Shelling/artillery/missile attack", bombs, "Grenade"):
            scores[name] = scores.get(name, 0.0) * 0.5


def _territory(
    tokens: Tokens, live: Sequence[tuple[Hit, float]], people: Sequence[Person], present: dict[str, float], scores: dict[str, float]
) -> str:
    """Who took ground from whom, and whether there was fighting."""
    regains, overtakes, transfer = "Government regains territory", "Non-state actor overtakes territory", "Non-violent transfer of territory"
    taken = scores.pop(overtakes, 0.0)
    back = scores.pop(regains, 0.0)
    state = rebel = 0.0
    for hit, share in live:
        if hit.label not in TERRITORY or share < 0.5:
            continue
        who, whom = roles(tokens, hit, people)
        if who is not None and who.kind in ("state", "foreign"):
            state += 1
        elif who is not None and who.kind in ARMED_NON_STATE:
            rebel += 1
        elif whom is not None and whom.kind in ARMED_NON_STATE:
            state += 0.7
        elif whom is not None and whom.kind in ("state", "state_site"):
            rebel += 0.7
    peaceful = present.get("NOFIGHT", 0) + present.get("HANDOVER", 0) + (0.8 if present.get("WITHDRAW") and not present.get("BATTLE") else 0)
    total = taken + back
    if peaceful and not (present.get("BATTLE") or present.get("CLASH")):
        scores[transfer] = scores.get(transfer, 0.0) + 1.5 * peaceful + total * 0.7
        scores["Change to group/activity"] = scores.get("Change to group/activity", 0.0) * 0.5
        total *= 0.4
    lean_state = state + (0.6 if back else 0.0)
    if rebel > lean_state:
        scores[overtakes], scores[regains] = total + 1, total * 0.3
    elif lean_state > rebel:
        scores[regains], scores[overtakes] = total + 1, total * 0.3
    else:
        scores[regains], scores[overtakes] = back, taken
    scores["Armed clash"] = scores.get("Armed clash", 0.0) * 0.6
    scores["Attack"] = scores.get("Attack", 0.0) * 0.5
    return "territory:peaceful" if peaceful else "territory"
