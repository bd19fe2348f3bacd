"""Counts as coders' notes tell them: mixed lists, deaths without the word "killed", people of whom others only speak, named detainees, brackets."""

from __future__ import annotations

import pytest

from eventcoder.extraction.count_sums import combined_found
from eventcoder.extraction.counts import counts_in
from eventcoder.extraction.kit import Lexicon, find_people
from eventcoder.extraction.tokens import tokenize


def best(text: str, kind: str, lexicon: Lexicon) -> int | None:
    tokens = tokenize(text)
    found = counts_in(tokens, find_people(tokens, lexicon), lexicon)
    for f in found:
        assert text[f.count.start : f.count.end] == f.count.words
    sums = combined_found(found, kind)  # type: ignore[arg-type]
    return None if sums is None else sums[1] if sums[1] is not None else sums[0]


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("On 4 May 2023, 17 villagers and a Dozo hunter were killed when gunmen raided Bandiagara.", 18),
        ("Troops killed a rebel commander and his associate in a gunfight.", 2),
        ("Thirty passengers, mostly students, and the driver were killed when a mine exploded.", 31),
        ("Twelve worshippers, most of them elderly, and the attacker were killed.", 13),
        ("Five people, including a boy, and a girl, were killed.", 5),
        ("Three people, including a child, and the gunman were killed.", 4),
        ("Eleven IS fighters were killed and 3 more wounded.", 11),
        ("Four policemen, a prison warden and an inmate were killed in the riot.", 6),
    ],
)
def test_lists_add_up_and_parts_do_not(text: str, dead: int, lexicon: Lexicon) -> None:
    assert best(text, "killed", lexicon) == dead


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("Militants slit the throats of nine farm workers and wounded six others.", 9),
        ("Two teachers were found with their throats slit near Kidal.", 2),
        ("Seventeen detainees suffocated in a container.", 17),
        ("A crowd stoned to death and burned a man suspected of theft.", 1),
        ("A woman accused of witchcraft was stoned to death by a mob.", 1),
        ("Residents dragged two men out of a police station and burned them alive.", 2),
        ("A crowd seized 13 suspected gang members, beat them and burned them to death.", 13),
        ("Gunmen abducted five traders on the road and later executed them.", 5),
        ("The army announced the martyrdom of 12 civilians.", 12),
        ("Rebels executed three miners and shot a fourth.", 4),
        ("Attackers killed two guards and shot a third in the leg.", 2),
    ],
)
def test_deaths_without_the_word(text: str, dead: int, lexicon: Lexicon) -> None:
    assert best(text, "killed", lexicon) == dead


@pytest.mark.parametrize(
    "text",
    [
        "Settlers cut down about 60 olive trees belonging to farmers.",
        "Armed herders killed 40 cows and burned two barns.",
        "Protesters demanding justice for a man who died in custody set fire to patrol cars.",
        "Relatives demanded justice for three students who were killed by police last year.",
        "A mass grave with the remains of some 30 villagers killed by militants in 2014 was found.",
        "No casualty figures were given.",
        "No death toll was available.",
        "Dozens of residents suffocated from tear gas fired by the police.",
    ],
)
def test_nobody_is_counted_dead(text: str, lexicon: Lexicon) -> None:
    assert best(text, "killed", lexicon) is None


def test_a_denial_is_still_zero(lexicon: Lexicon) -> None:
    assert best("No casualties were reported.", "killed", lexicon) == 0


@pytest.mark.parametrize(
    ("text", "hurt"),
    [
        ("Police charged with batons, leaving some 10 workers with minor injuries.", 10),
        ("A rocket hit a kitchen, leaving three women with shrapnel wounds.", 3),
        ("Two of them died and three were taken to hospital.", 3),
        ("A shopkeeper was stabbed in the neck during the looting.", 1),
        ("A councillor was stabbed by unknown men and died on the spot.", None),
        ("Rioters beat a trader with sticks and stones in the old market, leaving him in serious condition.", 1),
        ("Dozens of residents suffocated from tear gas fired by the police.", 12),
    ],
)
def test_the_injured_by_what_became_of_them(text: str, hurt: int | None, lexicon: Lexicon) -> None:
    assert best(text, "injured", lexicon) == hurt


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Police detained the opposition leader Samuel Okoro and the lawyer Grace Atim in Lira.", 2),
        ("Journalists Mehmet Kaya, Elif Demir and Orhan Aksoy were detained in Diyarbakir.", 3),
        ("Officers arrested Rosa Quispe, 34, a union leader, outside the ministry.", 1),
        ("Two women and a man who scaled the roof have been charged with trespass.", 3),
        ("Police raided the house of a candidate and placed her under house arrest.", 1),
        ("Supporters rallied in support of a detained politician.", None),
        ("A rally in support of detained opposition leader Karim Yusuf took place.", None),
        ("Teachers marched to demand the release of 12 arrested colleagues.", None),
    ],
)
def test_detained_persons_by_name(text: str, held: int | None, lexicon: Lexicon) -> None:
    assert best(text, "arrested", lexicon) == held


@pytest.mark.parametrize(
    ("text", "crowd"),
    [
        ("Around 8,000 members of the Confederation of Trade Unions (CTU) marched in Seoul.", 8000),
        ("Between 6,000 and 20,000 people (police and union figures) marched through Lyon.", 6000),
        ("Workers of the mill, about 2,500, toured the avenue in a march.", 2500),
        ("Farmers, nearly 5,000 in number, gathered at the toll plaza.", 5000),
        ("The shopkeepers pulled down their shutters and several hundred of them gathered before the town hall.", 300),
    ],
)
def test_crowds_with_words_between(text: str, crowd: int, lexicon: Lexicon) -> None:
    tokens = tokenize(text)
    sums = combined_found(counts_in(tokens, find_people(tokens, lexicon), lexicon), "crowd")
    assert sums is not None and crowd in sums[:2]
