"""Dates as news, bulletins and notes write them; what is no date; which date of a text is that of its event."""

from __future__ import annotations

from datetime import date

import pytest

from eventcoder.errors import CodebookError
from eventcoder.extraction.date_heads import head_order
from eventcoder.extraction.date_words import open_date_words
from eventcoder.extraction.dates import resolve_all
from eventcoder.extraction.engine import read_document
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.trial import try_date

MONDAY = "2024-06-10"


def read(text: str, published: str | None = MONDAY) -> list[str]:
    """ "first..last/precision" or "!reason" of every expression."""
    out = []
    for found in resolve_all(text, date.fromisoformat(published) if published else None):
        span = str(found.first) if found.first == found.last else f"{found.first}..{found.last}"
        out.append(f"{span}/{found.precision or 0}" if found.known else f"!{found.rule}")
    return out


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("On 8 June 2024, gunmen on motorcycles raided Tsibiri.", "2024-06-08/1"),
        ("On the 8th of June, about 50 youths stoned the bus.", "2024-06-08/1"),
        ("The 8 of June the population of the barrio blocked the avenue.", "2024-06-08/1"),
        ("Police confirmed that on Saturday, June 8, 2024 two men were shot.", "2024-06-08/1"),
        ("The blast occurred Jun. 8 near the terminal.", "2024-06-08/1"),
        ("On Saturday (June 8), a drone hit a car.", "2024-06-08/1"),
        ("Date of incident: 8-Jun-2024", "2024-06-08/1"),
        ("dated 08.06.2024, the report names nobody", "2024-06-08/1"),
        ("Sat 8/6: farmers blocked the A7.", "2024-06-08/1"),
        ("On Saturday, 8/6/2024, farmers blocked the A7.", "2024-06-08/1"),
        ("Posted 2024-06-09T14:22:00Z by the brigade's channel", "2024-06-09/1"),
        ("18 MAY 2024, MOGADISHU", "2024-05-18/1"),
        ("on saturday the police beat us", "2024-06-08/1"),
        ("On June 6 20 shops were looted.", "2024-06-06/1"),
        ("Police shot a protester on June 6; 2,300 others were detained.", "2024-06-06/1"),
        ("On the 28th of last month, the police raided the club.", "2024-05-28/1"),
        ("Two nights ago, unknown persons defaced the church.", "2024-06-08/1"),
        ("The strike began last Wednesday.", "2024-06-05/1"),
        ("On Friday last week, soldiers dispersed the sit-in.", "2024-06-07/1"),
        ("Overnight into Sunday, crowds broke into a depot.", "2024-06-09/1"),
        ("Clashes on 5-6 June left nine dead.", "2024-06-05..2024-06-06/2"),
        ("Rallies took place on June 3, 4 and 6 in the old town.", "2024-06-03..2024-06-06/2"),
        ("Rockets were fired on 3, 4 and 6 June.", "2024-06-03..2024-06-06/2"),
        ("On the night of 4 to 5 June, the town hall burned.", "2024-06-04..2024-06-05/2"),
        ("On the night of June 4-5, the town hall burned.", "2024-06-04..2024-06-05/2"),
        ("In the night from Friday to Saturday, three houses burned.", "2024-06-07..2024-06-08/2"),
        ("During the night of Saturday to Sunday 9 June, assailants came.", "2024-06-08..2024-06-09/2"),
        ("Fighting went on from Saturday night into Sunday.", "2024-06-08..2024-06-09/2"),
        ("Activists were arrested on Thursday, Friday and Saturday.", "2024-06-06..2024-06-08/2"),
        ("Villagers fled on May 30 and June 1.", "2024-05-30..2024-06-01/2"),
        ("Reporting period: 28 May – 3 June 2024", "2024-05-28..2024-06-03/2"),
        ("During the weekend of 8-9 June, gangs fought.", "2024-06-08..2024-06-09/2"),
        ("Around 5 June (as reported), militants abducted a chief.", "2024-06-02..2024-06-08/2"),
        ("Week of 3 June: inmates rioted.", "2024-06-03..2024-06-09/2"),
        ("Seven people were killed over the past 48 hours.", "2024-06-08..2024-06-10/2"),
        ("Two or three days ago a church was defaced.", "2024-06-07..2024-06-08/2"),
        ("Late last week, fighters burned the granaries.", "2024-06-06..2024-06-09/2"),
        ("A fortnight ago a policeman was lynched.", "2024-05-24..2024-05-30/2"),
        ("Earlier this month, the rebels took the town.", "2024-06-01..2024-06-10/3"),
        ("In mid-May, a mob set fire to the warehouse.", "2024-05-11..2024-05-20/3"),
        ("Late last month, two bombs were found.", "2024-05-21..2024-05-31/3"),
        ("In the second half of May, attacks doubled.", "2024-05-16..2024-05-31/3"),
        ("In May 20 people were abducted along the same road.", "2024-05-01..2024-05-31/3"),
        ("A similar attack in March last year killed six.", "2023-03-01..2023-03-31/3"),
        ("The group was formed in late 2019.", "2019-09-01..2019-12-31/0"),
        ("On Good Friday a bomb went off outside a church.", "2024-03-29/1"),
        ("Unions rallied on May Day.", "2024-05-01/1"),
    ],
)
def test_forms_of_dates(text: str, want: str) -> None:
    assert " ".join(read(text)) == want


@pytest.mark.parametrize(
    "text",
    [
        "Residents may march on the ministry if wages are not paid.",
        "Theresa May said the march was peaceful.",
        "The Sun and the Sunday Times reported it.",
        "The floods killed 2019 people.",
        "Around 2000 demonstrators and 1900 police faced each other.",
        "Ahmed Sani, 31, and a 17-year-old boy were shot.",
        "A 12-day strike and a three-week siege followed.",
        "The April 6 Youth Movement called for calm at 17 October Square.",
        "April Okoye, 24, and June Mwangi were among the wounded.",
        "The 5th Brigade and 12th Division fought on the 31st floor.",
        "Faithful hold vigils every Friday outside the Friday mosque.",
        "Mehr News Agency and Mizan reported from Bahman district.",
        "Apartment 2019 burned; Article 144 was imposed at 14:20.",
    ],
)
def test_T1_what_only_looks_like_a_date(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Shelling hit the market on Friday. The following day two more shells landed.", "2024-06-07/1 2024-06-08/1"),
        ("On 1 June gunmen seized a bus. Three days later they released the driver.", "2024-06-01/1 2024-06-04/1"),
        ("On Friday police shot a boy. That same night a mob burned the station.", "2024-06-07/1 2024-06-07/1"),
        ("On 1 June a raid failed. The following Friday they came back.", "2024-06-01/1 2024-06-07/1"),
        ("On 3 May 2014 the war began. In July of that year it ended.", "2014-05-03/1 2014-07-01..2014-07-31/3"),
        ("Later that day an IED went off.", "!no-anchor"),
    ],
)
def test_days_that_refer_to_a_day_told_before(text: str, want: str) -> None:
    assert " ".join(read(text)) == want


@pytest.mark.parametrize(
    ("text", "published", "want"),
    [
        ("On 20 Khordad 1401, retirees gathered in Ahvaz.", "2022-06-14", "2022-06-10/1"),
        ("The meeting took place on ۲۰ خرداد ۱۴۰۱ in Tehran.", "2022-06-14", "2022-06-10/1"),
        ("Rallies were held on 22 Bahman in Tabriz.", "2023-02-13", "2023-02-11/1"),
        ("on Tuesday 16 Dey the shopkeepers closed", "2026-01-07", "2026-01-06/1"),
        ("On 15 Ramadan 1443, clashes broke out.", "2022-04-20", "2022-04-15..2022-04-17/2"),
        ("On Saturday, 15 Ramadan 1443, clashes broke out.", "2022-04-20", "2022-04-16/1"),
        ("On the second day of Eid, clashes broke out.", "2024-06-20", "2024-06-16..2024-06-18/2"),
        ("In Meskerem 2016, farmers clashed.", "2023-12-01", "2023-09-12..2023-10-11/3"),
        ("On 12 September 2566 BE villagers protested.", "2023-09-20", "2023-09-12/1"),
        ("Date: 1402/06/27", "2023-09-20", "!foreign-calendar"),
        ("On 31 Mehr 1402 nothing happened.", "2023-12-20", "!impossible-date"),
    ],
)
def test_other_calendars_are_recognised_and_said(text: str, published: str, want: str) -> None:
    assert " ".join(read(text, published)) == want
    found = resolve_all(text, date.fromisoformat(published))[0]
    if found.known and "Eid" not in text and "BE" not in text:
        assert found.rule.startswith("foreign-calendar:")


def test_the_day_of_talk_gives_way_to_the_day_told() -> None:
    assert read("Drones killed three people over the weekend, prosecutors said on Monday.") == ["2024-06-08..2024-06-09/2"]
    assert read("LAGOS, June 10 (Wire) - Gunmen killed 14 people on Friday.") == ["2024-06-07/1"]
    assert read("Two were killed in an overnight gunfight, police said Saturday.") == ["2024-06-07..2024-06-08/2"]
    alone = resolve_all("Gunmen killed 14 people, police said on Sunday.", date.fromisoformat(MONDAY))[0]
    assert str(alone.first) == "2024-06-09" and alone.spoken


def test_a_named_day_dates_only_where_nothing_else_does() -> None:
    assert read("On Eid al-Adha last year two were shot; on Friday three more.")[-1] == "2024-06-07/1"
    assert read("On 1 June, during Easter, they marched.") == ["2024-06-01/1"]


def test_T2_a_note_without_publication_date_keeps_its_full_dates() -> None:
    assert read("On 3 May 2026, fighters attacked a base; on 5 May they returned.", None) == ["2026-05-03/1", "2026-05-05/1"]


@pytest.mark.parametrize(
    ("text", "start", "end", "precision"),
    [
        ("Two soldiers died in the 2019 coup. On Sunday, gunmen killed a farmer in Maiduguri, Nigeria.", "2024-06-09", "2024-06-09", 1),
        ("Families of the victims of the 3 May massacre protested in Abuja, Nigeria, on Saturday.", "2024-06-08", "2024-06-08", 1),
        ("Gunmen killed four farmers in Maiduguri, Nigeria, police said on Monday. The attack happened on Saturday.", "2024-06-08", "2024-06-08", 1),
        ("Workers will march next Friday.", "2024-06-14", "2024-06-14", 1),
        ("The war has killed 90 people since January.", "2024-01-01", "2024-06-10", None),
        ("date 2020-01-17 Police shot a protester in Abuja, Nigeria, on Thursday.", "2020-01-16", "2020-01-16", 1),
    ],
)
def test_the_date_of_the_event_is_chosen_among_several(text: str, start: str, end: str, precision: int | None, kit: Kit) -> None:
    record = {"text": text} | ({} if text.startswith("date ") else {"published": MONDAY})
    answer = try_date(record, kit)
    assert (answer["start"], answer["end"], answer["time_precision"]) == (start, end, precision)


def test_T1_an_event_that_happened_never_lies_ahead(kit: Kit) -> None:
    text = "Jets that no one would own bombed a base near Tripoli, Libya, in the night from Saturday to Sunday."
    answer = try_date({"text": text, "published": "2020-07-07"}, kit)
    assert (answer["start"], answer["end"]) == ("2020-07-04", "2020-07-05")


def test_a_word_of_two_classes_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    table = tmp_path / "date_words.csv"
    table.write_text("words,class,value,case\nmañana,tomorrow,,any\nmañana,part_of_day,,any\n", "utf-8")
    with pytest.raises(CodebookError, match="two classes"):
        open_date_words(tmp_path)
    table.write_text("words,class,value,case\nmañana,demain,,any\n", "utf-8")
    with pytest.raises(CodebookError, match="unknown class"):
        open_date_words(tmp_path)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("During the week of 27 May to 2 June 2024, warplanes struck the valley.", "2024-05-27..2024-06-02/2"),
        ("In the week of June 3-7, police broke up three rallies.", "2024-06-03..2024-06-07/2"),
        ("As reported on 8 June 2024, during the previous week farmers blocked roads.", "2024-06-02..2024-06-08/2"),
        ("25/05: Gunmen attacked a village.", "2024-05-25/1"),
        ("- 25.05 - Gunmen attacked a village.", "2024-05-25/1"),
        ("04.06 – Gunmen attacked a village.", "2024-06-04/1"),
        ("28/12: Gunmen attacked a village.", "2023-12-28/1"),
        ("04/06: Gunmen attacked a village.", "!ambiguous-day-month"),
    ],
)
def test_bulletins_and_weeks(text: str, want: str) -> None:
    assert want in read(text)


def test_a_score_inside_a_sentence_heads_no_item() -> None:
    assert read("The vote went 25/05: nobody was surprised.") == []


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Bulletin, 1 March to 7 March 2024\n\n02/03: A strike.\n\n05/03: Gunmen came.", "day"),
        ("Bulletin\n\n02/03: A strike.\n\n25/03: Gunmen came.", "day"),
        ("Bulletin\n\n03/02: A strike.\n\n03/25: Gunmen came.", "month"),
        ("Bulletin\n\n02/03: A strike.\n\n05/03: Gunmen came.", None),
    ],
)
def test_the_period_of_a_bulletin_tells_day_from_month(text: str, want: str | None) -> None:
    assert head_order(text, date(2024, 3, 28)) == want


def test_the_day_at_a_possessive_says_which_event_is_meant() -> None:
    found = resolve_all("Officials said that Sunday's bombing killed three.", date.fromisoformat(MONDAY))
    assert [r.attributive for r in found] == [True]


@pytest.mark.parametrize(
    ("after", "day"),
    [
        ("They came on motorcycles on Wednesday evening and left within an hour.", "2024-06-05"),
        ("The governor visited the wounded on Sunday.", "2024-06-07"),
        ("\n\nThe market had been open on Wednesday.", "2024-06-07"),
    ],
)
def test_the_day_of_the_talk_gives_way(after: str, day: str, kit: Kit) -> None:
    text = f"Gunmen killed three farmers in Maiduguri in Nigeria, the governor said on Friday. {after}"
    events, _, _ = read_document(text, date.fromisoformat(MONDAY), kit)
    assert [str(r.when.first) for r in events if r.when is not None] == [day]
