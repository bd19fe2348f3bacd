"""The sides of demonstrations and mobs: whom a crowd stands against, and when two crowds fight each other. Floor 5."""

from __future__ import annotations

from eventcoder.extraction.actor_scene import CIVIL, FOREIGN, STATE, Cast, Role, Scene, each_other, generic, name_of, state_force
from eventcoder.extraction.actor_votes import MUTUAL
from eventcoder.extraction.roles import Person

_PAIRS = frozenset({"two", "rival", "between", "opposing", "each", "both", "factions", "groups", "camps", "among"})
_ASSAULT = frozenset({"BURN", "VANDAL", "ATTACK", "LOOT", "DEMOLISH", "STORM", "STONES"})
_PREMISES = frozenset({"office", "offices", "headquarters", "premises", "bureau", "base", "compound", "secretariat", "hq"})
_HARM = frozenset({"KILL", "DEATH", "INJURE", "SHOT_DEAD", "LYNCH", "BEAT", "STAB", "SHOOT"})


def crowd_sides(scene: Scene, out: Cast) -> None:
    rioting = scene.kind == "Violent demonstration"
    crowd = next((p for p in scene.people if p.kind in ("protester", "rioter", "crowd") and p.start < scene.topic_from), None) or next(
        (p for p in scene.people if p.kind in ("civilian", "people") and p.start < scene.topic_from), None
    )
    out.first = generic(scene, "rioters" if rioting else "protesters", "Rioters" if rioting else "Protesters", "codebook:demonstrators", crowd)
    if scene.kind == "Peaceful protest":
        return
    # what a crowd attacks is often told after the words that say what it wants
    struck = 0.2 if rioting else float("inf")
    against = [
        p for p in scene.armed()
        if p.start < scene.topic_from or scene.vote[p].agent >= 0.3 or scene.vote[p].mutual > 0 or scene.vote[p].patient >= struck
    ]  # fmt: skip
    if rioting:
        clash = any(h.label in ("CLASH_POLICE", "CROWD_CONTROL", "DISPERSE", "SCUFFLE", "STONES", "ARREST", "DETAIN") for h in scene.hits)
        against = [
            p
            for p in against
            if (p.kind != "state_site" or scene.vote[p].patient >= 0.2)
            and scene.vote[p].agent + scene.vote[p].patient + scene.vote[p].mutual >= (0.1 if clash else 0.2)
        ]
    against = [p for p in against if not _of_the_crowd(scene, p)]
    part = 1.0 if rioting else 0.0  # those who suffer stand against rioters, not against peaceful people
    best = max(
        against,
        key=lambda p: (scene.vote[p].agent + part * scene.vote[p].patient + scene.vote[p].mutual + first_bonus(p), -p.start),
        default=None,
    )
    member = next((p for p in scene.people if p.word == "member" and p.group and scene.vote[p].agent >= 0.7), None)
    if best is None and not rioting and member is not None and member.group:
        out.second = Role(member.group, "Political militia", member.char_start, member.char_end, "registry")
    elif best is not None and rioting and best.word == "named" and scene.inter(best) == "Political militia" and not _owner(scene, best):
        out.second = generic(scene, "rioters", "Rioters", "codebook:two-crowds", best)
    elif best is not None:
        out.second = name_of(scene, best)
    elif not rioting:
        out.second = state_force(scene, "police", None, "codebook:intervention")
    elif any(h.label in ("CROWD_CONTROL",) for h in scene.hits):
        out.second = state_force(scene, "police", None, "codebook:crowd-control")
    elif _two_crowds(scene):
        out.second = generic(scene, "rioters", "Rioters", "codebook:two-crowds", None)


def _of_the_crowd(scene: Scene, person: Person) -> bool:
    """ "PTI supporters ransacked a house", "police foiled a BNP rally": the party that demonstrates is no opponent."""
    vote = scene.vote[person]
    if scene.inter(person) in (STATE, FOREIGN) or person.word != "named":
        return False
    if scene.kind == "Violent demonstration":
        return not vote.mutual and not _owner(scene, person)
    return not vote.mutual and vote.agent < 0.6 and (vote.patient > 0 or any(scene.inter(p) in (STATE, FOREIGN) for p in scene.people))


def _owner(scene: Scene, person: Person) -> bool:
    """ "stormed the office of X", "X's headquarters was torched": whose place the crowd attacks."""
    forms = scene.tokens.forms
    if not any(h.label in _ASSAULT or forms[h.start] in ("stormed", "attacked", "ransacked") for h in scene.hits):
        return False
    after = forms[person.end : person.end + 3]
    before = forms[max(0, person.start - 4) : person.start]
    return not _PREMISES.isdisjoint(after) or ("of" in before and not _PREMISES.isdisjoint(before))


def first_bonus(person: Person) -> float:
    """A little more for forces and names than for words that may mean anybody."""
    return 0.2 if person.word in ("police", "security", "military", "named") else 0.0


def _two_crowds(scene: Scene) -> bool:
    """ "supporters of A clashed with supporters of B": a mutual cue and nobody in arms."""
    mutual = any(h.label in MUTUAL - {"CLASH_POLICE"} for h in scene.hits)
    rivals = any(f in ("rival", "counter", "between", "opposing", "each") for f in scene.tokens.forms)
    return (
        each_other(scene)
        or (mutual and rivals)
        or any(f.startswith(("counterp", "counterd")) for f in scene.tokens.forms)
        or (mutual and not scene.armed())
    )


def _crowds_clash(scene: Scene) -> bool:
    """ "supporters of A and B clashed", "fans fought": both crowds fight unless the fight is said to be with somebody in arms."""
    forms = scene.tokens.forms
    fights = [h for h in scene.hits if h.label in MUTUAL - {"CLASH_POLICE", "AGREE"}]
    if not fights or any(scene.vote[p].mutual > 0 and scene.inter(p) in (STATE, FOREIGN, "Rebel group", "Identity militia") for p in scene.people):
        return False
    for hit in fights:
        before = forms[max(0, hit.start - 25) : hit.end]
        after = forms[hit.end - 1 : hit.end + 6]
        if not _PAIRS.isdisjoint((*before, *after)) or "and" in before[2:] or "with" in after[:5] or "against" in after[:5]:
            return True
    return False


def mob_sides(scene: Scene, out: Cast) -> None:
    crowd = next((p for p in scene.people if p.kind == "rioter"), None) or max(
        (p for p in scene.people if p.kind in ("civilian", "people", "crowd", "protester")), key=lambda p: scene.vote[p].agent, default=None
    )
    out.first = generic(scene, "rioters", "Rioters", "codebook:mob", crowd)
    victims = [p for p in scene.people if p is not crowd and p.kind in ("civilian", "people", "civilian_site", "militia", "rebel")]
    best = max(victims, key=lambda p: (scene.vote[p].patient + (0.2 if scene.inter(p) == CIVIL else 0.0), -p.start), default=None)
    state = [p for p in scene.armed() if p.kind in ("state", "foreign", "state_site") and scene.vote[p].patient >= 0.7]
    if state and not any(scene.vote[p].patient >= 0.7 for p in victims):
        out.second = name_of(scene, state[0])
    elif _crowds_clash(scene):
        out.second = generic(scene, "rioters", "Rioters", "codebook:two-crowds", None)
        out.undirected = True
    elif best is not None and scene.vote[best].patient > 0.2 and not each_other(scene):
        out.second = generic(scene, "civilians", CIVIL, "class:civilian", best)
    elif _two_crowds(scene):
        out.second = generic(scene, "rioters", "Rioters", "codebook:two-crowds", None)
        out.undirected = True
    elif any(h.label in (_HARM | {"LOOT", "BURN", "VANDAL", "DEMOLISH"}) for h in scene.hits) or (best is not None and best.kind == "civilian_site"):
        out.second = generic(scene, "civilians", CIVIL, "class:civilian", best)
