"""One event told several times is one draft; every further telling is shown with the draft that it belongs to; totals show what they sum."""

from __future__ import annotations

import pytest

from eventcoder.event import Draft
from tests.extraction.conftest import Reader

QUETTA = """Bomb kills nine at Quetta market

QUETTA, Pakistan, May 7 (Newswire) - A bomb hidden in a rickshaw exploded in a market in Quetta on Tuesday, killing seven people, police said.

The blast tore through stalls at around 10 a.m. The explosion also damaged a dozen shops. Officials later said the death toll had risen to nine.

No group has claimed responsibility for the attack."""


def rows(drafts: list[Draft]) -> list[tuple[str, str | None]]:
    return [(d.fields["event_date"], d.fields.get("location")) for d in drafts if d.status == "codable"]


def test_headline_lead_and_details_are_one_event_with_their_tellings_linked(read: Reader) -> None:
    drafts = read(QUETTA)
    assert rows(drafts) == [("2025-05-06", "Quetta")] and not [d for d in drafts if d.status == "lead"]
    (event,) = [d for d in drafts if d.status == "codable"]
    again = [d for d in drafts if d.status == "attribute"]
    assert len(again) >= 2 and all(d.candidates["same_as"][0]["draft"] == event.draft_id and not d.fields for d in again)


@pytest.mark.parametrize(
    "later",
    [
        "They also burned three houses.",
        "The attack left nine people wounded.",
        "The attackers fled on motorcycles, firing in the air.",
        "The clash lasted until Wednesday morning.",
        "15 people were injured in the attack.",
    ],
)
def test_what_goes_on_with_the_event_opens_no_other(later: str, read: Reader) -> None:
    assert rows(read(f"Gunmen attacked villagers and clashed with police in Zaria, Nigeria, on Tuesday. {later}")) == [("2025-05-06", "Zaria")]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "In Kaduna, Nigeria, soldiers killed two farmers on Sunday, while in Zaria police arrested nine activists on Monday.",
            [("2025-05-04", "Kaduna"), ("2025-05-05", "Zaria")],
        ),
        (
            "Rebels attacked an army post near Goma on Monday and soldiers shelled a village outside Bukavu on Tuesday.",
            [("2025-05-05", "Goma"), ("2025-05-06", "Bukavu")],
        ),
        (
            "- 3 May: Shelling hit a school in Kherson, injuring two.\n- 4 May: A drone struck a bus in Nikopol.",
            [("2025-05-03", "Kherson"), ("2025-05-04", "Nikopol")],
        ),
        ("Hundreds marched in Tbilisi on Monday. Hundreds more marched on Tuesday.", [("2025-05-05", "Tbilisi"), ("2025-05-06", "Tbilisi")]),
    ],
)
def test_several_events_stay_several(text: str, wanted: list[tuple[str, str]], read: Reader) -> None:
    assert rows(read(text)) == wanted


def test_the_day_of_the_talk_gives_way_to_the_day_of_the_event(read: Reader) -> None:
    drafts = read("Gunmen killed three farmers in Zaria, Nigeria, police said on Wednesday. The attack took place on Sunday night.")
    assert rows(drafts) == [("2025-05-04", "Zaria")]


@pytest.mark.parametrize(
    "text",
    [
        "Gunmen killed a mayor in Zaria, Nigeria, on Tuesday, bringing to six the number of mayors killed this year.",
        "Gunmen killed a mayor in Zaria, Nigeria, on Tuesday, the sixth such killing this year.",
        "Gunmen killed a mayor in Zaria, Nigeria, on Tuesday. It was the sixth such killing this year.",
    ],
)
def test_a_total_is_no_row_and_shows_the_event_that_it_sums(text: str, read: Reader) -> None:
    drafts = read(text)
    assert rows(drafts) == [("2025-05-06", "Zaria")]
    (event,) = [d for d in drafts if d.status == "codable"]
    (total,) = [d for d in drafts if d.status == "aggregate"]
    assert total.candidates["parts"][0]["draft"] == event.draft_id
    assert event.fields.get("fatalities") == 1
