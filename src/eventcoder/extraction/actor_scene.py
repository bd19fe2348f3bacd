"""One statement's people, votes, place and day, and the names that the codebook gives to its sides. Floor 5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from eventcoder.extraction.actor_grammar import BREAKS, GANG
from eventcoder.extraction.actor_votes import Vote
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.lexicon import Hit
from eventcoder.extraction.roles import Person
from eventcoder.extraction.tokens import Tokens

DEMONSTRATIONS = ("Peaceful protest", "Protest with intervention", "Excessive force against protesters")
ONE_SIDED = ("Attack", "Abduction/forced disappearance", "Sexual violence")
FIGHTS = ("Armed clash", "Government regains territory", "Non-state actor overtakes territory")
REMOTE = ("Air/drone strike", "Shelling/artillery/missile attack", "Remote explosive/landmine/IED", "Suicide bomb", "Grenade", "Chemical weapon")
_POLICE_WORK = (*DEMONSTRATIONS, "Violent demonstration", "Mob violence", "Arrests", "Disrupted weapons use")
_INTER = {
    "state": "State forces", "rebel": "Political militia", "militia": "Political militia", "identity": "Identity militia", "rioter": "Rioters",
    "protester": "Protesters", "crowd": "Protesters", "civilian": "Civilians", "people": "Civilians", "civilian_site": "Civilians",
    "state_site": "State forces", "rebel_site": "Political militia", "foreign": "External/Other forces",
}  # fmt: skip
_FORM = {
    "rebel": "armed_group", "militia": "armed_group", "rebel_site": "armed_group", "identity": "communal_militia", "rioter": "rioters",
    "protester": "protesters", "crowd": "protesters", "civilian": "civilians", "people": "civilians", "civilian_site": "civilians",
}  # fmt: skip
_BESIDE = frozenset({"alongside", "backed", "supported", "accompanied", "together", "allied", "assisted", "aided", "jointly", "helped", "joined"})
STATE, FOREIGN, CIVIL = "State forces", "External/Other forces", "Civilians"


@dataclass(frozen=True, slots=True)
class Role:
    """One actor of a statement: the name to store ("" where no country gives it one), its class, the span that names it (None for a name by
    convention) and the rule."""

    actor: str
    inter: str | None
    start: int | None
    end: int | None
    rule: str


@dataclass(slots=True)
class Cast:
    """The two sides and their associated groups. `undirected`: the text tells of both, but not who began."""

    first: Role | None = None
    second: Role | None = None
    groups_first: list[Role] = field(default_factory=list)
    groups_second: list[Role] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)
    undirected: bool = False
    presumed: str | None = None  # a side that the text does not name, but that a coder may mean: a candidate, unless the project presumes it


@dataclass(slots=True)
class Scene:
    """What the sides of one statement are chosen from."""

    tokens: Tokens
    hits: Sequence[Hit]
    people: list[Person]
    vote: dict[Person, Vote]
    kind: str
    country: str | None
    day: str | None
    kit: Kit
    topic_from: int

    def inter(self, person: Person) -> str:
        """The class of a person in this event."""
        if person.word == "people":
            return "Identity militia" if self.kind in (*FIGHTS, "Agreement") else CIVIL
        inter = person.inter or _INTER.get(person.kind, CIVIL)
        if inter == CIVIL and self.kind in FIGHTS and person.kind == "civilian" and self.vote[person].mutual > 0:
            return "Identity militia"  # "villagers clashed with gunmen"
        return inter

    def armed(self) -> list[Person]:
        """The people and sites of armed actors."""
        return [p for p in self.people if self.inter(p) not in (CIVIL, "Protesters", "Rioters")]


def each_other(scene: Scene) -> bool:
    """ "at each other", "faced one another", "two communities": both crowds use violence."""
    forms = scene.tokens.forms
    return any(
        (f in ("each", "another") and forms[i + 1 : i + 2] == ["other"]) or (f == "one" and forms[i + 1 : i + 2] == ["another"])
        for i, f in enumerate(forms)
    )


def unsaid(scene: Scene) -> Role:
    """Who attacks where the text names no armed side: herders of a community, the presumed side of a war, else the unnamed group."""
    agent = max((p for p in scene.people if scene.inter(p) == CIVIL and p.kind != "civilian_site"), key=lambda p: scene.vote[p].agent, default=None)
    if agent is not None and scene.vote[agent].agent >= 0.7 and scene.vote[agent].patient < 0.5:
        if agent.word == "people" and agent.actor:
            return Role(agent.actor, "Identity militia", agent.char_start, agent.char_end, "registry")
        if agent.word == "herders" or scene.tokens.forms[agent.end - 1] in ("herders", "herdsmen", "pastoralists"):
            return generic(scene, "communal_militia", "Identity militia", "class:herders", agent)
    return presumed_side(scene) or unnamed(scene)


def presumed_side(scene: Scene, *, told: bool = False) -> Role | None:
    """The side that a text of a country at war means where it names none ("the enemy", "a missile struck"): presumed_attackers.csv.

    Who did it is never filled in from the state of a war alone: where the text does not even say "the enemy", the side is only a candidate
    (`told=True` gives it), unless the project's setting `presume_sides` asks for more.
    """
    if scene.country is None:
        return None
    enemy = "enemy" in scene.tokens.forms
    if not (enemy or told or scene.kit.settings.presume_sides):
        return None
    means = {
        "Air/drone strike": "air", "Chemical weapon": "air", "Shelling/artillery/missile attack": "shell", "Disrupted weapons use": "enemy",
    }.get(scene.kind, "")  # fmt: skip
    actor = scene.kit.actors.presumed(scene.country, scene.day, ("enemy",) if enemy else (means,) if means else ())
    if actor is None and enemy:
        actor = scene.kit.actors.presumed(scene.country, scene.day, (means,))
    if actor is None:
        return None
    inter = scene.kit.actors.inter_of(actor, country=scene.country, on_date=scene.day)
    return Role(actor, inter, None, None, "presumed: the text names nobody")


def same_side(scene: Scene, a: Person, b: Person) -> bool:
    """One actor told twice: the same name, or two unnamed words of one class."""
    if a.actor is not None and a.actor == b.actor:
        return True
    inter = scene.inter(a)
    if b in scene.vote[a].allies or together(scene, a, b):
        return True
    if inter != scene.inter(b):
        return False
    one, two = scene.vote[a], scene.vote[b]
    if (one.agent - one.patient >= 0.7 and two.patient - two.agent >= 0.7) or (two.agent - two.patient >= 0.7 and one.patient - one.agent >= 0.7):
        return False
    named_a, named_b = a.word in ("named", "unknown", "people"), b.word in ("named", "unknown", "people")
    if inter in (STATE, FOREIGN):
        return not (scene.vote[a].mutual and scene.vote[b].mutual and scene.vote[a].agent > scene.vote[b].agent)
    if named_a and named_b:
        return False
    return not (scene.vote[a].mutual and scene.vote[b].mutual)


def beside(scene: Scene, first: Person, second: Person) -> bool:
    """ "soldiers, backed by militia", "rebels together with tribal fighters": the text says that they fight side by side."""
    first, second = (first, second) if first.start < second.start else (second, first)
    if any(first.end <= p.start < second.start for p in scene.people):
        return False
    between = scene.tokens.forms[first.end : second.start]
    return 0 < len(between) <= 7 and not _BESIDE.isdisjoint(between) and BREAKS.isdisjoint(between)


def together(scene: Scene, a: Person, b: Person) -> bool:
    """ "soldiers and allied fighters", "troops backed by militia": they fight side by side unless the text sets them against each other."""
    first, second = (a, b) if a.start < b.start else (b, a)
    between = scene.tokens.forms[first.end : second.start]
    if not between or len(between) > 7:
        return False
    if beside(scene, first, second):
        return True
    if between[0] not in ("and", ",", "&") or any(f in BREAKS for f in between):
        return False
    return not (scene.vote[a].mutual and scene.vote[b].mutual and abs(scene.vote[a].agent - scene.vote[b].agent) > 0.05)


def name_of(scene: Scene, person: Person) -> Role:
    """The name of a person or site in the event's country, by the registry or its class."""
    inter = scene.inter(person)
    start, end = person.char_start, person.char_end
    if inter == STATE and (person.actor is None or person.word in ("security", "government") or person.kind == "state_site"):
        if person.word == "named" and person.actor:
            return Role(person.actor, inter, start, end, "registry")
        named = person.word if person.word in ("police", "military", "government") else None
        if named == "government" and scene.kind in (*FIGHTS, *REMOTE, *ONE_SIDED):
            named = "military"
        words = scene.tokens.forms[person.start : person.end]
        if named is None:
            named = "police" if "police" in words or scene.kind in _POLICE_WORK else "military"
        return state_force(scene, named, person, "class:state")
    if person.word == "people" and inter == CIVIL:
        return generic(scene, "civilians", CIVIL, "class:civilian", person)
    civilians = person.kind == "civilian" and inter == "Identity militia" and person.word != "people"
    if gangs(scene, person):
        return generic(scene, "gang", inter, "class:gang", person)
    if person.actor is not None and not civilians and (inter not in ("Protesters", "Rioters", CIVIL) or person.word == "named"):
        return Role(person.actor, inter, start, end, "unknown group: " + person.actor if person.word == "unknown" else "registry")
    form = "communal_militia" if inter == "Identity militia" else _FORM.get(person.kind)
    if form is None:
        form = "unidentified_military" if inter == FOREIGN else "armed_group"
    if person.actor is None and inter == "Rebel group":
        inter = "Political militia"
    return generic(scene, form, inter, "class:" + person.kind, person)


def gangs(scene: Scene, person: Person) -> bool:
    """Unnamed armed men where they are as a rule of a gang (presumed_attackers.csv: gunmen), or where the text speaks of gangs (gang)."""
    if person.word != "armed_group" and not (person.word == "" and person.kind == "militia"):
        return False
    if scene.country is None or scene.inter(person) != "Political militia":
        return False
    means = ("gunmen", "gang") if not GANG.isdisjoint(scene.tokens.forms) else ("gunmen",)
    return scene.kit.actors.presumed(scene.country, scene.day, means) is not None


def generic(scene: Scene, kind: str, inter: str, rule: str, person: Person | None) -> Role:
    name = scene.kit.actors.generic(kind, scene.country) if scene.country is not None else ""
    return Role(name, inter, person.char_start if person else None, person.char_end if person else None, rule)


def unnamed(scene: Scene) -> Role:
    return generic(scene, "armed_group", "Political militia", "codebook:unnamed-perpetrator", None)


def state_force(scene: Scene, kind: str, person: Person | None, rule: str) -> Role:
    """Police or army of the event's country; without a day those of its last regime on file."""
    name = ""
    if scene.country is not None:
        listed = scene.kit.actors.candidates(kind, scene.country)
        name = scene.kit.actors.state_force(kind, scene.country, scene.day) or (listed[0] if listed else "")
    return Role(name, STATE, person.char_start if person else None, person.char_end if person else None, rule)
