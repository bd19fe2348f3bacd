"""Who did what to whom, as the codebook names them: the two sides of a statement of a known type, with their associated groups. Floor 5.

The votes of all cues (`actor_votes`) say who acts and who suffers; the type says which pairs are legal: demonstrators stand first in
demonstrations, civilians second in violence against civilians, a fight has two armed sides. A perpetrator whom the text leaves unnamed is the
codebook's Unidentified Armed Group. Where the text does not say who began (`Cast.undirected`), the order of the two carries no meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eventcoder.extraction.actor_crowds import crowd_sides, mob_sides
from eventcoder.extraction.actor_grammar import ACTS, AIMS_OF_CROWDS
from eventcoder.extraction.actor_people import people_with_names
from eventcoder.extraction.actor_phrases import hangs
from eventcoder.extraction.actor_scene import CIVIL, DEMONSTRATIONS, FIGHTS, ONE_SIDED, REMOTE, Cast, Role, Scene, presumed_side
from eventcoder.extraction.actor_sides import fight_sides, remote_sides, strategic_sides, violence_sides
from eventcoder.extraction.actor_votes import votes
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.lexicon import Hit
from eventcoder.extraction.roles import Person
from eventcoder.extraction.tokens import Tokens

__all__ = ["DEMONSTRATIONS", "Cast", "Role", "cast", "found_actors", "people_with_names"]


def found_actors(text: str, kit: Kit, country: str | None, day: str | None) -> list[Any]:
    """The registry's finds in a text for an event in `country` on `day`, countries that act ("an Israeli strike") included."""
    memory = kit.cache("actors")
    key = (text, country, day)
    if key not in memory:
        if len(memory) > 5_000:
            memory.clear()
        memory[key] = kit.actors.find(text, country=country, on_date=day, countries=True)
    return list(memory[key])


def cast(
    tokens: Tokens,
    hits: Sequence[Hit],
    people: Sequence[Person],
    matches: Sequence[Any],
    sub_event_type: str,
    country: str | None,
    day: str | None,
    kit: Kit,
    topic_from: int,
    *,
    nameless: bool = False,
) -> Cast:
    """The actors of a statement of a known type. Offsets are those of the tokens' text.

    Without a country the codebook has no names for generic actors: such sides are left out, or with `nameless` given with their class and "".
    """
    people = _countries_that_act(tokens, hits, people)
    scene = Scene(tokens, hits, people, votes(tokens, hits, people, topic_from), sub_event_type, country, day, kit, topic_from)
    out = Cast()
    if sub_event_type in DEMONSTRATIONS or sub_event_type == "Violent demonstration":
        crowd_sides(scene, out)
    elif sub_event_type == "Mob violence":
        mob_sides(scene, out)
    elif sub_event_type in ONE_SIDED:
        violence_sides(scene, out)
    elif sub_event_type in FIGHTS:
        fight_sides(scene, out)
    elif sub_event_type in REMOTE:
        remote_sides(scene, out)
    else:
        strategic_sides(scene, out)
    _groups(scene, matches, out)
    if out.first is not None and out.first.start is None and sub_event_type in (*REMOTE, *FIGHTS, *ONE_SIDED):
        side = presumed_side(scene, told=True)
        out.presumed = side.actor if side is not None and side.actor != out.first.actor else None
    if not nameless:
        out.first = out.first if out.first is not None and out.first.actor else None
        out.second = out.second if out.second is not None and out.second.actor else None
    unknown = [m.actor for m in matches if m.kind == "unknown"]
    for name, role in (("actor1", out.first), ("actor2", out.second)):
        if role is not None and role.actor in unknown:
            out.reasons[name] = f"unknown group: {role.actor}"
    return out


def _countries_that_act(tokens: Tokens, hits: Sequence[Hit], people: Sequence[Person]) -> list[Person]:
    """Countries count as forces where one acts ("Israel struck", "an Israeli strike"), not where one is a place or an adjective."""
    out: list[Person] = []
    forms = tokens.forms
    for person in people:
        if person.word == "country":
            after = next((h for h in hits if 0 <= h.start - person.end <= 3 and h.label not in ("GATHER", "PROTEST", "CROWD")), None)
            if forms[person.end : person.end + 1] == ["side"] and forms[person.end + 1 : person.end + 2] != ["of"]:
                out.append(person)  # "a deal with the Russian side"
                continue
            had = forms[person.end : person.end + 1] in (["has"], ["have"], ["had"])  # "missiles that Russia had launched"
            acts = not ACTS.isdisjoint(forms[person.end + had : person.end + had + 1])
            if acts and not hangs(tokens, person):
                out.append(person)
                continue
            by = bool(person.start) and forms[person.start - 1] in ("by", "blamed", "accused", "from")
            if (after is None or (hangs(tokens, person) and after.form != "n" and not by)) and not (by and any(h.end <= person.start for h in hits)):
                continue
            if any(forms[i] in (",", "in", "a", "the", "was", "were", "and") for i in range(person.end, after.start if after else person.end)):
                continue
        out.append(person)
    return out


def _topic(forms: Sequence[str]) -> int:
    """Where the words begin that say what a crowd wants ("to protest the killing of a student"); people named there are no part of it."""
    for i, form in enumerate(forms):
        if i > 1 and (form in ("demanding", "denouncing", "condemning", "against") or (forms[i - 1] == "to" and form in AIMS_OF_CROWDS)):
            return i
    return len(forms)


def _groups(scene: Scene, matches: Sequence[Any], out: Cast) -> None:
    """Associated groups go to the crowd or to the civilian side."""
    if scene.kind in FIGHTS:
        return
    topic = min(scene.topic_from, _topic(scene.tokens.forms))
    limit = scene.tokens.starts[topic] if topic < len(scene.tokens) else len(scene.tokens.text)
    demonstration = scene.kind in DEMONSTRATIONS or scene.kind == "Violent demonstration"
    side = (
        out.groups_second
        if out.second is not None and out.second.inter == CIVIL
        else out.groups_first
        if out.first is not None and out.first.inter in ("Rioters", "Protesters", CIVIL)
        else None
    )
    if side is None:
        return
    taken = {r.actor for r in (out.first, out.second) if r is not None}
    for match in matches:
        group = match.group
        if demonstration and match.kind == "named" and match.inter in ("Political militia", "Rebel group", None) and match.actor:
            group = match.actor
        if not group or group in taken or (demonstration and match.start >= limit) or match.kind in ("police", "military", "security", "government"):
            continue
        if match.kind in ("named", "unknown") and match.inter not in (None, CIVIL) and not demonstration:
            continue
        if any(r.actor == group for r in side):
            continue
        side.append(Role(group, None, match.start, match.end, "registry:group"))
