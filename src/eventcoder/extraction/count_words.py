"""The words that make a number a count: outcomes with their grammar, crowds, things that are no people, and the small words between. Floor 5."""

from __future__ import annotations

import re
from typing import NamedTuple

from eventcoder.event import CountKind


class Outcome(NamedTuple):
    """What a word says of people: `use` is pp (participle: "was killed", "killed two"), ing, base ("kills two"), in ("died") or n (a noun)."""

    kind: CountKind
    use: str


def words(listed: str) -> frozenset[str]:
    """The words of a list written as one text."""
    return frozenset(listed.split())


_NO_ADVERBS = words("rally family assembly ally bully italy july supply reply fly only elderly daily weekly early friendly")


def adverb(form: str) -> bool:
    """Does the word look like an adverb in -ly?"""
    return form.endswith("ly") and form not in _NO_ADVERBS


def _rows(kind: CountKind, use: str, listed: str) -> dict[str, Outcome]:
    return {w: Outcome(kind, use) for w in listed.split()}


OUTCOMES: dict[str, Outcome] = {
    **_rows(
        "killed",
        "pp",
        "killed murdered massacred slain slayed slew executed assassinated slaughtered lynched beheaded decapitated butchered martyred neutralized "
        "neutralised liquidated hanged eliminated suffocated asphyxiated",
    ),
    **_rows(
        "killed",
        "ing",
        "killing murdering massacring executing assassinating slaughtering lynching beheading butchering martyring neutralizing neutralising",
    ),
    **_rows("killed", "base", "kill kills murder murders massacre massacres execute executes assassinate assassinates behead behead slaughter lynch"),
    **_rows("killed", "in", "died die dies perished perish succumbed drowned dying"),
    **_rows(
        "killed",
        "n",
        "dead death deaths martyrs martyr fatality fatalities killings corpse corpses body bodies lives life toll assassination assassinations "
        "execution executions murders beheadings fatal martyrdom",
    ),
    **_rows("injured", "pp", "injured wounded hurt hospitalized hospitalised maimed"),
    **_rows("injured", "ing", "injuring wounding hurting maiming"),
    **_rows("injured", "base", "injure injures wound wounds"),
    **_rows("injured", "n", "injuries injury wounded"),
    **_rows("arrested", "pp", "arrested detained apprehended captured nabbed arraigned"),
    **_rows("arrested", "ing", "arresting detaining apprehending capturing nabbing"),
    **_rows("arrested", "base", "arrest arrests detain detains apprehend nab nabs"),
    **_rows("arrested", "n", "detentions detention detainees"),
}
# "wounded" and "injured" are participles first; the table's later rows must not turn them into nouns.
OUTCOMES |= _rows("injured", "pp", "injured wounded hurt") | _rows("arrested", "base", "arrests arrest") | _rows("killed", "base", "murders murder")
# Verbs that kill only together with other words: "shot dead", "beaten to death", "gunned down", "burned alive".
WITH_DEATH = {
    w: use
    for use, listed in (
        (
            "pp",
            "shot stabbed beaten beat hacked burned burnt stoned tortured trampled crushed clubbed bludgeoned strangled gunned mowed "
            "mown knifed cut struck "
            "blown hit run pelted thrashed set buried whipped starved choked",
        ),
        ("ing", "shooting stabbing beating hacking burning stoning torturing trampling clubbing strangling gunning mowing cutting"),
        ("base", "shoot shoots stab stabs gun guns beats hack hacks"),
    )
    for w in listed.split()
}
CASUALTIES = frozenset({"casualties", "casualty"})
OF_NOUNS = words(
    "death deaths killing killings murder murders massacre assassination execution executions corpse corpses body bodies lives "
    "life slaying slaughter lynching beheading toll fatalities arrest arrests detention detentions apprehension capture injury "
    "injuries wounding total martyrdom throat throats"
)
GROUPS = words("crowd crowds group groups family families party number total gathering team crew")
BE = words("was were been be being are is got")
HAVE = frozenset(["have", "has", "had", "having"])
MODALS = words("to will would could can may might must should not cannot did didn't don't never would-be shall")
DETERMINERS = words("a an the another his her their its this that one these those our my")
PREPOSITIONS = words(
    "in at near from of with outside inside on against to for by under towards toward around into between among amid across along "
    "behind over throughout within during since until than via"
)
SUBSET_WORDS = words("including includes include included comprising notably namely besides excluding except")
LIGHT = words(
    "a an the at least of total some about up to as many more than over also reportedly another further other additional what were "
    "least most yet his her their its dead down death alive no fewer less only just both all another nearly almost around and or "
    "in cold blood estimated those these approximately and/or"
)
ADVERBS = words(
    "also later then reportedly allegedly already all both still now again more others other instantly subsequently immediately "
    "either feared confirmed reported believed found presumed declared pronounced left shot have had has been was were is are be "
    "being said to and himself themselves seriously badly so far resulted result ended fell"
)
SAYING = words("said says say told adds added claims claimed claiming announced stated warned accused accuses denied insisted telling saying")
CLAUSE = words("and but while when as after before because where which who whom that if though although")
PLANTS = words("trees tree saplings sapling seedlings olive vines plants crops")
NOT_PEOPLE = PLANTS | words(
    "year years yr yrs month months week weeks day days night nights hour hours minute minutes second seconds km kms kilometers "
    "kilometres kilometre kilometer miles mile meters metres meter metre mm cm percent per % dollars dollar euros euro pounds "
    "naira rupees usd shillings pesos rubles houses homes house home huts shops shop stores stalls vehicles vehicle cars car "
    "trucks truck buses bus motorcycles motorcycle motorbikes bikes boats ships cattle cows cow goats goat sheep camels camel "
    "donkeys dogs dog horses elephants livestock animals horse chickens pigs buffaloes oxen villages village towns cities city "
    "districts provinces states countries counties communities neighbourhoods neighborhoods attacks attack protests protest "
    "demonstrations rallies marches incidents events clashes rockets rocket missiles missile drones drone shells shell bombs bomb "
    "grenades mines rounds mortars weapons rifles guns pistols kg kilograms tons tonnes acres hectares buildings schools school "
    "churches church mosques mosque tanks tank times years' locations areas regions places sites seats votes points degrees tyres "
    "tires bullets bullet o'clock am pm feet inches litres liters strikes strike airstrikes raids explosions blasts operations "
    "households household sides parties fronts occasions counts charges cases phones phone hostage-takings checkpoints posts "
    "outposts bases positions camps hospitals bridges roads warplanes helicopters jets aircraft planes plane apartments flats "
    "tents bags sacks thirds quarters halves others' ballots barrels wards floors storeys kilometre-long legs arms coronavirus "
    "covid road traffic maternal poles pylons cables wires fences "
    "flags posters banners statues crosses graves tombs gravestones headstones families tribes clans battalions brigades centres centers"
)
ENTITIES = words("families family households household tribes clans")
CROWD_NOUNS = words("protesters protestors demonstrators marchers picketers strikers participants attendees")
CROWD_VERBS = words(
    "protested protest protesting demonstrated demonstrate demonstrating marched march marching rallied rally rallying gathered "
    "gather gathering attended attend joined participated participate poured pour assembled picketed picket blocked blocking "
    "staged stage stormed flooded filled congregated chanted walked converged thronged occupied massed organized organised "
    "attending participating joining staging convened rioted camped blockaded glued chained chanting knelt squatted linked "
    "surrounded besieged closed lined queued demanded shouted waved toured paraded"
)
CROWD_PHRASES = {
    "took": ("to", "part"), "take": ("to", "part"), "taking": ("to", "part"), "taken": ("to", "part"), "turned": ("out", "up"),
    "came": ("out", "to"), "went": ("on", "out"), "sat": ("in", "down", "outside"), "lay": ("down", "on"), "kept": ("vigil", "up"),
    "showed": ("up",), "stood": ("outside", "in", "before", "silently", "quietly"),
}  # fmt: skip
CROWD_HELD = words(
    "protest rally march demonstration sit vigil procession gathering picket strike banners placards signs photos portraits "
    "pictures flags candles hands chain"
)
CROWD_BEFORE = words("attended drew attracted drawing attracting numbering numbered mobilized mobilised gathered joined")
CROWD_OF = words("crowd crowds sit gathering rally march demonstration protest participation turnout attendance audience procession strike picket")
CROWD_CUES = words(
    "protest protests protested protesting protesters protestors march marched marchers marching rally rallied rallies "
    "demonstration demonstrations demonstrated demonstrators demonstrating gathered gathering sit vigil picket picketed strike "
    "streets turnout crowd crowds participants attended attendance organisers organizers procession blockade slogans"
)
RIVALS = words("organisers organizers organiser organizer union unions police authorities ministry prefecture activists opposition")
RIVAL_SIGNS = words("organisers organizers turnout crowd participants attendance protesters demonstrators marchers prefecture")
PUTTING = words("said says put puts estimated counted claimed spoke of at figure reported gave estimate estimates citing")
FORCES = frozenset({"state", "rebel", "militia", "foreign"})
RISES = words(
    "rose risen rises rising climbed climbs climbing increased increases grew grown jumped reached reaches hit hits stands stood "
    "stand soared passed surpassed exceeded revised updated put"
)
TOLL_NOUNS = frozenset(["toll"])
NUMBER_NOUNS = words("dead deaths killed fatalities victims slain fatality")
RESIDENT_CONTEXT = re.compile(
    r"\b(?:home\s+to|population\s+of|live[sd]?\s+in|"
    r"living\s+(?:in|at)|inhabitants|inhabited|population|members\s+of\s+the\s+community|(?<!among them )displaced|"
    r"displacing|fled|flee|houses|hosts?|hosting|sheltering)\b",
    re.IGNORECASE,
)
AGE_AFTER = words("year years yr yrs y yo")
AGE_OLD = words("old olds o age yo")
AGE_BEFORE = words("aged age ages")
HYPHENATED = re.compile(r"[-–](?!strong|to\b)[a-z]|s\b|(?:st|nd|rd|th)\b", re.IGNORECASE)
CLOCK = re.compile(r"\s*(?:%|[:/]\d|h\d\d|[ap]\.\s?m\b|\.\d)", re.IGNORECASE)
UNITS_AFTER = words("percent per dollars dollar euros euro usd naira pesos peso rupees rupee am pm hrs hr pct")
LABELS = words("highway route section article ward zone sector block unit phase number no rs usd eur us n chapter room page gate terminal group")
SYMBOLS = frozenset("$€£₦₹#/")
YEAR_BEFORE = words(
    "in since of by until from during year and between before after january february march april may june july august september "
    "october november december jan feb mar apr jun jul aug sep sept oct nov dec"
)
PLURAL_END = re.compile(r"(?:[^su]s|men|people|children|women|police|personnel|youth|troops|folk)$", re.IGNORECASE)
RANKS = words(
    "commander commanders bodyguard bodyguards aide aides constable constables sergeant sergeants inspector inspectors corporal "
    "corporals lieutenant lieutenants colonel colonels brigadier brigadiers cadet cadets jawan jawans trooper troopers apprentice "
    "apprentices rider riders cyclist cyclists biker bikers hawker hawkers escort escorts conductor watchman captain captains "
    "private privates commandant commandants catechist catechists headmen headman chairman chairmen accomplice accomplices bomber "
    "bombers shooter shooters sniper snipers pilot pilots crewmen crewman rescuer rescuers firefighter firefighters  staffers "
    "staffer evacuee evacuees deminer deminers sailors prisoners parishioner parishioners devotee devotees beggar beggars herdsboy "
    "porters porter scavenger scavengers ringleader ringleaders operatives operative agents agent spy spies informant informants "
    "associate associates attacker attackers assailant assailants collaborator collaborators deserter deserters guest guests customer customers"
)
DAY_WORDS = words("monday tuesday wednesday thursday friday saturday sunday")
MONTH_WORDS = words(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec"
)
ORDINALS = words("second third fourth fifth sixth seventh eighth ninth tenth")
COURT = words("sentenced convicted charged trial court jailed acquitted wanted suspected prosecutors tribunal arrested arrest detained suspects")
TOPIC = words(
    "for over against about protest protesting protested denounce denouncing denounced condemn condemned condemning condemns mourn "
    "mourning mourned commemorate commemorating avenge avenging anniversary decry decrying remember marking demanding "
    "investigating investigate into regarding concerning planning planned plotting plot"
)
REAL = words("responsibility responsible blamed blame blames blaming credit")
