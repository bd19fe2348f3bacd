"""Which two of a statement's people are its sides, type by type, by the codebook's legal pairs. Floor 5.

Demonstrators come first in demonstrations, civilians second in violence against civilians, a fight has two armed sides, an attack from afar an
attacker and perhaps a target.
"""

from __future__ import annotations

from collections.abc import Sequence

from eventcoder.extraction.actor_crowds import first_bonus
from eventcoder.extraction.actor_grammar import PLANES
from eventcoder.extraction.actor_phrases import hangs
from eventcoder.extraction.actor_scene import (
    CIVIL,
    FOREIGN,
    STATE,
    Cast,
    Role,
    Scene,
    beside,
    generic,
    name_of,
    presumed_side,
    same_side,
    state_force,
    unnamed,
    unsaid,
)
from eventcoder.extraction.roles import Person

_FEUD = frozenset({"factions", "rival", "infighting", "clans", "families", "feuding", "themselves", "tribes", "subclans", "branches", "internal"})


def violence_sides(scene: Scene, out: Cast) -> None:
    attacker = _attacker(scene)
    out.first = name_of(scene, attacker) if attacker is not None else unsaid(scene)
    victims = [p for p in scene.people if p is not attacker]
    victim = max(
        victims, key=lambda p: (scene.vote[p].patient - scene.vote[p].agent + (0.5 if scene.inter(p) == CIVIL else 0), -p.start), default=None
    )
    if victim is not None and scene.inter(victim) != CIVIL and scene.vote[victim].patient <= 0:
        victim = None
    out.second = generic(scene, "civilians", CIVIL, "class:civilian", victim)
    if victim is not None and victim.actor and scene.inter(victim) in ("Political militia", "Rebel group") and victim.word == "named":
        out.groups_second.append(Role(victim.actor, None, victim.char_start, victim.char_end, "registry:group"))


def _attacker(scene: Scene, needs: float = 0.0) -> Person | None:
    """The armed side that acts: by its votes; of those without any, one that is not the state may stand for the perpetrator."""
    ranked = []
    for p in scene.armed():
        vote = scene.vote[p]
        if p.kind.endswith("_site"):
            continue
        score = vote.agent - 0.9 * vote.patient
        if scene.inter(p) not in (STATE, FOREIGN):
            loose = hangs(scene.tokens, p)
            score += 0.02 if vote.agent >= 0.3 else 0.1 if loose else 0.25
            if vote.patient == 0 and not vote.agent and not loose:
                score += 0.1
        elif vote.agent < 0.3:
            continue
        if p.word in ("named", "people", "unknown"):
            score += 0.05
        ranked.append((score, -p.start, p))
    if not ranked:
        return None
    score, _, best = max(ranked, key=lambda item: item[:2])
    return best if score > needs else None


def _told_again(scene: Scene, sides: Sequence[Person]) -> None:
    """ "JNIM fighters raided a camp; four attackers died": beside state forces the unnamed are the only group that is named."""
    if not any(scene.inter(p) in (STATE, FOREIGN) for p in sides):
        return
    groups = [p for p in sides if p.word in ("named", "unknown") and scene.inter(p) not in (STATE, FOREIGN)]
    if not groups or len({p.actor for p in groups}) > 1:
        return
    for person in sides:
        if person.word in ("armed_group", "gang", "") and person.kind in ("militia", "rebel"):
            vote, group = scene.vote[person], scene.vote[groups[0]]
            group.agent, group.patient, group.mutual = group.agent + vote.agent, group.patient + vote.patient, group.mutual + vote.mutual
            vote.agent = vote.patient = vote.mutual = 0.0


def fight_sides(scene: Scene, out: Cast) -> None:
    sides = [p for p in scene.armed() if scene.inter(p) not in ("Rioters", "Protesters")]
    _told_again(scene, sides)
    first, second = _two_sides(scene, sides)
    if first is None and second is None and scene.people:
        # "two families fought with rifles": armed people of a community
        out.reasons["actor1"] = "the text names no armed side"
    first, second = _leader(scene, sides, first, second), _leader(scene, sides, second, first)
    overtakes = scene.kind == "Non-state actor overtakes territory"
    regains = scene.kind == "Government regains territory"
    one = first or second
    if one is not None and (first is None or second is None):
        state = scene.inter(one) in (STATE, FOREIGN)
        role = name_of(scene, one)
        other = (presumed_side(scene) or unnamed(scene)) if state else state_force(scene, "military", None, "codebook:other-side")
        if scene.inter(one) == FOREIGN and scene.country is not None and one.actor == scene.kit.actors.presumed(scene.country, scene.day, ("enemy",)):
            other = state_force(scene, "military", None, "codebook:other-side")
        if one.word == "vigilante" and scene.vote[one].patient > scene.vote[one].agent:
            other = unnamed(scene)
        if not state and scene.inter(one) == "Identity militia":
            alike = one.actor is None or one.word not in ("named", "people", "unknown") or not _FEUD.isdisjoint(scene.tokens.forms)
            if not _plural_sides(scene):
                other = unnamed(scene)
            elif alike:
                other = name_of(scene, one)
            else:  # a people does not fight itself unless the text says so
                other = generic(scene, "communal_militia", "Identity militia", "codebook:other-side", None)
        out.first, out.second = (role, other) if (first is not None and not (state and overtakes)) else (other, role)
    elif one is not None:
        out.first = name_of(scene, first) if first is not None else None
        out.second = name_of(scene, second) if second is not None else None
    for side, groups in ((first, out.groups_first), (second, out.groups_second)):
        for ally in _allies(scene, side, (first, second)):
            role = name_of(scene, ally)
            if role.actor and all(role.actor != r.actor for r in (out.first, out.second, *groups) if r is not None):
                groups.append(role)
    if out.first is None and out.second is None:
        if scene.kind == "Armed clash" and not regains:
            out.first, out.second = unnamed(scene), None
        else:
            holder, taker = state_force(scene, "military", None, "codebook:other-side"), unnamed(scene)
            out.first, out.second = (holder, taker) if regains else (taker, holder)
    if regains and out.first is not None and out.second is not None and out.second.inter == STATE and out.first.inter != STATE:
        out.first, out.second = out.second, out.first
    if overtakes and out.first is not None and out.second is not None and out.first.inter == STATE and out.second.inter not in (STATE, None):
        out.first, out.second = out.second, out.first


def _allies(scene: Scene, side: Person | None, pair: Sequence[Person | None]) -> list[Person]:
    """Named groups and forces that the text sets beside one of the two ("the army, backed by local militias")."""
    if side is None:
        return []
    rest = [p for p in scene.armed() if p not in pair and not p.kind.endswith("_site") and (p.actor or p.word in ("police", "military"))]
    return [p for p in rest if p in scene.vote[side].allies or (p.actor != side.actor and beside(scene, side, p))]


def _leader(scene: Scene, sides: Sequence[Person], side: Person | None, other: Person | None) -> Person | None:
    """ "The army, backed by peacekeepers": of two who fight side by side the one that is helped, even if only the helper's losses are told."""
    if side is None or side.actor is None:
        return side
    again = [q for q in sides if q.actor == side.actor]
    taken = other.actor if other is not None else None
    leads = [p for p in sides if p.actor and p.actor not in (side.actor, taken) and any(p.end <= q.start and beside(scene, p, q) for q in again)]
    return leads[0] if leads else side


def _plural_sides(scene: Scene) -> bool:
    """ "rival clans", "two communities", "tribal clashes": one word for both sides."""
    return any(f in ("two", "both", "rival", "between", "feuding", "inter", "each", "clashes", "clans", "tribes") for f in scene.tokens.forms)


def _two_sides(scene: Scene, sides: Sequence[Person]) -> tuple[Person | None, Person | None]:
    """The pair that fights: the best agent, and the best of the others who is not on its side."""
    best: tuple[float, Person | None, Person | None] = (-1.0, None, None)
    states = any(scene.inter(p) in (STATE, FOREIGN) for p in sides)
    for a in sides:
        if a.kind.endswith("_site"):
            continue
        for b in sides:
            if a is b or same_side(scene, a, b):
                continue
            one, two = scene.vote[a], scene.vote[b]
            score = one.agent - 0.4 * one.patient + two.patient - 0.4 * two.agent + 0.5 * (one.mutual + two.mutual)
            score += 0.4 * (a.word in ("named", "unknown")) + 0.4 * (b.word in ("named", "unknown"))
            score += 0.2 if scene.inter(a) != scene.inter(b) else 0.0
            if scene.kind == "Government regains territory":
                score += (scene.inter(a) in (STATE, FOREIGN)) + (scene.inter(b) not in (STATE, FOREIGN))
            elif scene.kind == "Non-state actor overtakes territory":
                score += (scene.inter(a) != STATE) + 0.5 * (scene.inter(b) == STATE)
            score -= 0.001 * (a.start + b.start)
            if scene.inter(a) == STATE and scene.inter(b) == STATE:
                score -= 0.8
            if states and not {scene.inter(a), scene.inter(b)} & {STATE, FOREIGN} and not (one.mutual and two.mutual):
                score -= 0.8  # "repelled an insurgent attack, killing eight militants": one side told twice
            if score > best[0]:
                best = (score, a, b)
    if best[1] is not None:
        return best[1], best[2]
    if not sides:
        return None, None
    one_side = max(sides, key=lambda p: (scene.vote[p].agent + scene.vote[p].patient + scene.vote[p].mutual + 0.3 * (p.word == "named"), -p.start))
    vote = scene.vote[one_side]
    return (one_side, None) if vote.agent >= vote.patient and not one_side.kind.endswith("_site") else (None, one_side)


def remote_sides(scene: Scene, out: Cast) -> None:
    attacker = _attacker(scene, 0.28)
    if attacker is not None and not PLANES.isdisjoint(scene.tokens.forms[attacker.start : attacker.end]) and scene.inter(attacker) == STATE:
        # "warplanes bombed": whose they are the text does not say; at war they are presumed to be the other side's
        attacker = None if presumed_side(scene) is not None else attacker
    if attacker is not None:
        out.first = name_of(scene, attacker)
    elif (presumed := presumed_side(scene)) is not None:
        out.first = presumed
    elif (scene.kind == "Air/drone strike" and not PLANES.isdisjoint(scene.tokens.forms)) or (
        scene.kind == "Air/drone strike" and "air" in scene.tokens.forms
    ):
        out.first = state_force(scene, "military", None, "codebook:only states have aircraft")
    else:
        out.first = unnamed(scene)
    rest = [
        p
        for p in scene.people
        if p is not attacker
        and not (attacker is not None and ((p.actor is not None and p.actor == attacker.actor) or _same_side_weak(scene, p, attacker)))
    ]

    def weight(p: Person) -> float:
        value = scene.vote[p].patient - 0.3 * scene.vote[p].agent
        if scene.inter(p) != CIVIL and value > 0:
            # a police van and two policemen are one target
            value += 0.3 + sum(scene.vote[q].patient for q in rest if q is not p and scene.inter(q) == scene.inter(p))
        return value

    target = max(rest, key=lambda p: (weight(p), -p.start), default=None)
    if target is not None and weight(target) > 0.2:
        out.second = name_of(scene, target)
    elif civil := [p for p in rest if scene.inter(p) == CIVIL and p.kind != "civilian_site" and scene.vote[p].agent < 0.7]:
        out.second = name_of(scene, civil[0])
    elif any(h.label in ("KILL", "DEATH", "INJURE") and h.form != "n" for h in scene.hits) and not any(
        scene.vote[p].patient > 0 for p in scene.armed()
    ):
        out.second = generic(scene, "civilians", CIVIL, "codebook:unnamed-victims", None)
    if out.second is not None and out.second.inter in ("Protesters", "Rioters"):
        out.second = generic(scene, "civilians", CIVIL, "class:civilian", target)


def _same_side_weak(scene: Scene, person: Person, attacker: Person) -> bool:
    return scene.inter(person) == scene.inter(attacker) and scene.inter(person) in (STATE, FOREIGN) and scene.vote[person].patient < 0.5


def strategic_sides(scene: Scene, out: Cast) -> None:
    kind = scene.kind
    if kind in ("Agreement", "Non-violent transfer of territory"):
        sides = scene.armed()
        pool = sides if len(sides) > 1 or kind != "Agreement" else [p for p in scene.people if p.kind != "civilian_site"]
        first, second = _two_sides(scene, pool)
        if first is None:
            first, second = second, None
        if kind == "Non-violent transfer of territory":
            gains = [p for p in pool if scene.vote[p].agent > 0]
            first = first or (gains[0] if gains else None)
        out.first = name_of(scene, first) if first is not None else None
        out.second = name_of(scene, second) if second is not None else None
        out.undirected = kind == "Agreement"
        if out.undirected and first is not None and second is not None and second.start < first.start and out.second is not None:
            out.first, out.second = out.second, out.first  # nobody acts on the other: in the order of the text
        return
    if kind == "Looting/property destruction":
        attacker = _attacker(scene)
        out.first = name_of(scene, attacker) if attacker is not None else unsaid(scene)
        out.second = generic(scene, "civilians", CIVIL, "class:civilian", next((p for p in scene.people if scene.inter(p) == CIVIL), None))
        return
    if kind in ("Arrests", "Disrupted weapons use"):
        state = [p for p in scene.armed() if scene.inter(p) in (STATE, FOREIGN) and not p.kind.endswith("_site")]
        own = [p for p in state if scene.inter(p) == STATE]
        if kind == "Disrupted weapons use" and own:
            state = own
        best = max(state, key=lambda p: (scene.vote[p].agent - scene.vote[p].patient + first_bonus(p), -p.start), default=None)
        named = (
            [p for p in scene.armed() if p is not best and scene.inter(p) not in (STATE, FOREIGN) and scene.vote[p].agent > 0.9]
            if best is None
            else []
        )
        best = best or (named[0] if named else None)
        shot_down = any(h.label in ("INTERCEPT", "SHOOT_DOWN") for h in scene.hits)
        out.first = (
            name_of(scene, best) if best is not None else state_force(scene, "military" if shot_down else "police", None, "codebook:state-act")
        )
        others = [
            p
            for p in scene.people
            if p is not best and p.kind not in ("civilian_site", "state_site") and (scene.inter(p) != STATE or scene.vote[p].patient > 0.9)
        ]
        if kind == "Disrupted weapons use":
            others = [
                p
                for p in others
                if (p.word in ("named", "unknown", "country") and scene.inter(p) not in (CIVIL, STATE))
                or (scene.vote[p].agent >= 0.9 and p in scene.armed())
            ]
        whom = max(others, key=lambda p: (scene.vote[p].patient + 0.5 * (p.word == "named"), -p.start), default=None)
        if whom is not None:
            out.second = name_of(scene, whom)
        elif kind == "Disrupted weapons use" and shot_down:
            out.second = presumed_side(scene)
        elif kind == "Arrests":
            out.second = generic(scene, "civilians", CIVIL, "class:civilian", None)
        if out.second is not None and out.second.inter in ("Protesters", "Rioters"):
            out.second = generic(scene, "civilians", CIVIL, "class:civilian", whom)
        return
    pool = [p for p in scene.people if p.kind != "civilian_site"]
    armed = scene.armed()
    first = max(armed or pool, key=lambda p: scene.vote[p].agent + 0.3 * (p.word == "named") - 0.01 * p.start, default=None)
    out.first = name_of(scene, first) if first is not None else None
    rest = [p for p in armed if p is not first and not (first is not None and same_side(scene, p, first))]
    if kind == "Other" and any(h.label == "COUP" for h in scene.hits) and (first is None or scene.inter(first) == STATE):
        _coup(scene, first, out)
        return
    if kind in ("Change to group/activity", "Other"):
        second = max(rest, key=lambda p: scene.vote[p].patient + scene.vote[p].mutual, default=None)
        if second is not None and (scene.vote[second].patient >= 0.5 or _after_to(scene, second)):
            out.second = name_of(scene, second)
        elif kind == "Other" and armed and (civil := next((p for p in pool if scene.inter(p) == CIVIL and scene.vote[p].patient >= 0.5), None)):
            out.second = generic(scene, "civilians", CIVIL, "class:civilian", civil)


def _coup(scene: Scene, first: Person | None, out: Cast) -> None:
    """Soldiers against the government of the day, also where the text names only one of the two."""
    soldiers = [p for p in scene.armed() if p.word == "military" or (p.word == "named" and scene.inter(p) == STATE)]
    acts = first if first is not None and first.word != "government" else max(soldiers, key=lambda p: scene.vote[p].agent, default=None)
    ruled = next((p for p in scene.people if p.word == "government"), None)
    if acts is None and (ruled is None or scene.vote[ruled].patient < 0.5):
        return
    out.first = name_of(scene, acts) if acts is not None else state_force(scene, "military", None, "codebook:coup")
    out.second = state_force(scene, "government", ruled, "class:government")


def _after_to(scene: Scene, person: Person) -> bool:
    """ "surrendered to the army"."""
    before = scene.tokens.forms[max(0, person.start - 3) : person.start]
    return "to" in before
