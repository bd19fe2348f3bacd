"""Second accounts of invented events: the same event in other words, and with the small differences that two coders or two papers make.

An account is put together from facts (what it was about, where it stood, how many came, who spoke) and one of several wordings; the same fact has
several phrases. No wording of one event shares more than its facts with another.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

# phrases for one and the same matter
MATTERS = (
    ("unpaid wages at the textile mill", "the textile mill's wages, unpaid for months", "wages that the textile mill owes"),
    ("the price of bread and flour", "bread and flour becoming dearer", "dear flour and bread"),
    ("power cuts in the eastern quarter", "the lack of electricity, with power cuts in the eastern quarter", "cuts of power in eastern streets"),
    ("the closing of the maternity ward", "plans to close the hospital's maternity ward", "a maternity ward that is to close"),
    ("the arrest of a village teacher", "a teacher whom officers had arrested", "the teacher under arrest"),
    ("a landfill beside the river", "the river landfill", "waste dumped at a landfill by the river"),
    ("the route of the new motorway", "a motorway whose route crosses orchards", "the planned motorway and its route"),
    ("pensions that came late", "late payment of pensions", "pensions paid months late"),
    ("water shortages in the upper town", "taps without water in the upper town", "the shortage of water uphill"),
    ("the election of the mayor", "a mayor's disputed election", "how the mayor won the election"),
)  # fmt: skip
TARGETS = (
    ("a convoy of grain lorries", "lorries that carried grain in convoy", "a grain convoy"),
    ("a checkpoint near the cement works", "the cement works checkpoint", "soldiers' checkpoint by the cement works"),
    ("a market street with fruit stalls", "fruit stalls along the market street", "the fruit market and its stalls"),
    ("the house of a council member", "a council member's house", "a house where a council member lives"),
    ("a fuel depot beside the railway", "the railway's fuel depot", "a depot with fuel on the railway"),
    ("two fishing boats at the jetty", "boats of fishermen tied to the jetty", "fishing boats beside a jetty"),
    ("the radio mast on the hill", "a hilltop radio mast", "the mast of the radio station"),
    ("a minibus with seasonal workers", "seasonal workers in a minibus", "a minibus that took workers to the harvest"),
    ("the district court's archive", "an archive inside the district court", "court buildings with the archive"),
    ("a bridge over the canal", "the canal bridge", "the canal's only bridge"),
)  # fmt: skip
SPOTS = (
    ("outside the governor's office", "in front of the office of the governor", "at the governor's building"),
    ("on the bridge of the ring road", "blocking the ring road bridge", "where the ring road crosses the bridge"),
    ("beside the old grain silo", "near the silo", "around the disused silo"),
    ("at the gate of the harbour", "by the harbour gate", "before the port's gate, at the harbour"),
    ("on the university's sports ground", "at the sports field of the university", "inside the university grounds"),
    ("before the tax office", "at the door of the tax authority", "near the tax building"),
)  # fmt: skip
VOICES = ("Amina Okoro", "Tomás Echeverría", "Zoë Lindqvist", "Ngọc Trần", "Pavel Osei", "Halima Marlowe")
CROWD = (
    "On {day}, {who} gathered {spot} in {place} over {matter}. {voice} addressed them.",
    "{matter_}: because of this {who} rallied {spot} in {place} on {day}, where {voice} spoke.",
    "Local media report that {who} came together {spot} of {place} ({day}); they complained about {matter}, said {voice}.",
    "As reported, {spot} in {place} demonstrators voiced anger about {matter} on {day}; among the speakers was {voice}.",
)
FIGHT = (
    "On {day}, {who} attacked {target} {spot} in {place}. {voice} confirmed it.",
    "{target_} came under attack by {who} {spot}, {place}, on {day}, according to {voice}.",
    "Residents of {place} tell that {who} struck at {target} {spot} on {day}; {voice}, an eyewitness, described it.",
    "{who_} hit {target}, as {voice} said, {spot} in {place} ({day}).",
)


def accounts(row: dict[str, Any], rng: random.Random) -> tuple[str, str]:
    """Two notes about one event."""
    crowd = row["event_type"] in ("Protests", "Riots")
    matter, target, spot, voice = rng.choice(MATTERS), rng.choice(TARGETS), rng.choice(SPOTS), rng.choice(VOICES)
    wordings = rng.sample(CROWD if crowd else FIGHT, 2)
    told = []
    for wording, n in zip(wordings, rng.sample(range(3), 2), strict=True):
        who = rng.choice(("residents", "a crowd", "several dozen people")) if crowd else rng.choice(("gunmen", "fighters", "armed men"))
        facts = {"who": who, "matter": matter[n], "target": target[n], "spot": spot[n], "voice": voice if n else voice.split()[1]}
        facts |= {"day": f"{row['event_date']:%d %B %Y}", "place": row["location"]}
        facts |= {name + "_": text[0].upper() + text[1:] for name, text in facts.items()}
        told.append(wording.format(**facts))
    return told[0], told[1]


def _day_off(row: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    day = row["event_date"] + timedelta(days=rng.choice((-1, 1)))
    return dict.fromkeys(("event_date", "date_start", "date_end"), day)


def _moved(row: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    return {"latitude": round(row["latitude"] + rng.choice((-0.027, 0.027)), 4)}


def _unnamed(row: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    return {"actor1": f"Unidentified Armed Group ({row['country']})"}


def _type(row: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    return {"sub_event_type": next(t for t in NEIGHBOURS[row["event_type"]] if t != row["sub_event_type"])}


def _bare(row: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    return {"assoc_actor_1": [], "assoc_actor_2": []}


def _deaths(row: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    return dict.fromkeys(("fatalities", "fatalities_low", "fatalities_high"), row["fatalities"] + rng.choice((1, 2, 3)))


NEIGHBOURS = {
    "Protests": ("Peaceful protest", "Protest with intervention"),
    "Riots": ("Violent demonstration", "Mob violence"),
    "Battles": ("Armed clash", "Non-state actor overtakes territory"),
    "Explosions/Remote violence": ("Shelling/artillery/missile attack", "Air/drone strike"),
    "Violence against civilians": ("Attack", "Abduction/forced disappearance"),
    "Strategic developments": ("Looting/property destruction", "Disrupted weapons use"),
}
Change = Callable[[dict[str, Any], random.Random], dict[str, Any]]
KINDS: dict[str, tuple[Change, ...]] = {
    "other words only": (),
    "a day off": (_day_off,),
    "3 km off": (_moved,),
    "a day and 3 km off": (_day_off, _moved),
    "actor unidentified": (_unnamed,),
    "type one level off": (_type,),
    "without associates": (_bare,),
    "fatalities differ": (_deaths,),
}


def fits(kind: str, row: dict[str, Any]) -> bool:
    """Whether an event can have such a second account."""
    if row["time_precision"] != 1 or row["event_date"] >= date(2026, 10, 19):
        return False
    if kind == "actor unidentified":
        return row["event_type"] not in ("Protests", "Riots") and not row["actor1"].startswith("Unidentified") and row["actor1"] != row["actor2"]
    return kind != "without associates" or bool(row["assoc_actor_1"])


def second_account(kind: str, row: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """The event as another coder has it, without its notes."""
    out = dict(row)
    for change in KINDS[kind]:
        out |= change(out, rng)
    return out
