from __future__ import annotations

import pytest

from eventcoder.codebook import load_codebook
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.lexicon import read_table
from eventcoder.extraction.trial import try_type
from eventcoder.project import packaged_schema

NOTES = """\
Attack|On 3 May, gunmen shot dead two villagers in Tarwa.
Attack|The body of a local official was found with gunshot wounds.
Attack|Police shot dead a 17-year-old boy at a roadblock.
Attack|Gang members stabbed a shopkeeper.
Air/drone strike|Security forces carried out an air strike on militant hideouts near the border, killing eight fighters.
Air/drone strike|A drone dropped explosives on a military vehicle.
Remote explosive/landmine/IED|A roadside bomb exploded near a bus on the highway, killing 12 passengers.
Remote explosive/landmine/IED|A landmine detonated under a truck carrying soldiers, two killed.
Violent demonstration|Residents set up barricades and burned tyres to demand the repair of the road.
Violent demonstration|Students clashed with police during a demonstration against tuition fees, throwing stones.
Protest with intervention|Police fired tear gas to disperse hundreds of demonstrators in front of the parliament.
Protest with intervention|Farmers blocked a highway to demand compensation. Police arrested five of them.
Excessive force against protesters|Police opened fire on protesters who were demanding the release of a student leader. Two protesters were killed.
Peaceful protest|Dozens of teachers protested in front of the ministry to demand payment of salaries.
Peaceful protest|Residents held a vigil against the killing of a journalist by gunmen.
Peaceful protest|Around 200 health workers staged a sit-in over unpaid wages after three colleagues were killed last week.
Government regains territory|The army recaptured the town of Kidira from rebels after two days of fighting.
Non-state actor overtakes territory|Rebels captured the town after heavy fighting with the army.
Non-violent transfer of territory|Government troops withdrew from the town; rebels took over without fighting.
Armed clash|Militants attacked a military checkpoint, killing three soldiers.
Armed clash|Gunmen ambushed a police patrol. Two officers were killed and three injured.
Mob violence|A mob lynched a man accused of stealing a motorcycle.
Mob violence|Supporters of two parties clashed with sticks and stones during a rally.
Chemical weapon|Shells containing chlorine gas were fired at the district.
Suicide bomb|A suicide bomber detonated his vest at a checkpoint, killing four policemen.
Shelling/artillery/missile attack|Government forces shelled the village with artillery and mortars.
Grenade|Unidentified men threw a hand grenade at a bar; three people were injured.
Sexual violence|Armed men raped two women on their way to the farm.
Abduction/forced disappearance|Militants abducted three traders on the road to the market.
Agreement|A ceasefire agreement was signed between the two armed groups.
Arrests|Security forces arrested 12 suspected members of the group.
Change to group/activity|Two rebel factions announced a merger under the name of the Northern Front.
Disrupted weapons use|Security forces seized a cache of weapons in a house.
Disrupted weapons use|Police defused a bomb planted near a school.
Disrupted weapons use|Air defence forces shot down five drones over the region.
Headquarters or base established|Rebels established a base in the hills.
Looting/property destruction|Militants looted shops and burned houses in the village.
Other|A mass grave with 20 bodies was discovered."""


@pytest.mark.parametrize(("wanted", "text"), [tuple(line.split("|", 1)) for line in NOTES.splitlines()])
def test_short_notes_get_their_type(wanted: str, text: str, kit: Kit) -> None:
    answer = try_type({"id": 1, "text": text}, kit)
    assert answer["sub_event_type"] == wanted
    assert 0 < answer["score"] <= 1


def test_the_lexicon_speaks_for_every_type_of_the_codebook_and_for_no_other() -> None:
    codes = set(load_codebook(packaged_schema()).lists["sub_event_types"].codes)
    rows = read_table(packaged_schema() / "lexicon" / "signals.csv", ("signal", "sub_event_type"))
    assert {r["sub_event_type"] for r in rows} - {""} == codes - set()
    assert {line.split("|")[0] for line in NOTES.splitlines()} == codes


def test_tear_gas_is_no_chemical_weapon_and_a_petrol_bomb_no_grenade(kit: Kit) -> None:
    assert try_type({"text": "Police used tear gas against marchers."}, kit)["sub_event_type"] == "Protest with intervention"
    assert try_type({"text": "Protesters threw petrol bombs at police."}, kit)["sub_event_type"] == "Violent demonstration"
