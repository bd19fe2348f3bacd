"""The same event told in two documents is proposed as one; events of other days, places or types are not."""

from __future__ import annotations

from eventcoder.event import Draft
from eventcoder.extraction.across import with_same_events
from tests.extraction.conftest import Reader

FIRST = "Gunmen killed three traders in Zaria, Nigeria, on Tuesday."
AGAIN = "Three traders were shot dead by gunmen in Zaria, Nigeria, on Tuesday, residents said."
OTHERS = [
    "Gunmen killed three traders in Kano, Nigeria, on Tuesday.",
    "Gunmen killed three traders in Zaria, Nigeria, on 2 May.",
    "Hundreds of teachers marched in Zaria, Nigeria, on Tuesday for higher pay.",
]


def drafts(read: Reader, *texts: str) -> list[Draft]:
    return [d for text in texts for d in read(text) if d.status == "codable"]


def test_two_documents_on_one_event_point_to_each_other(read: Reader) -> None:
    one, two = with_same_events(drafts(read, FIRST, AGAIN))
    assert one.candidates["same_event"][0]["draft"] == two.draft_id and two.candidates["same_event"][0]["document"] == one.document
    assert (one.draft_id, one.fields) == (drafts(read, FIRST)[0].draft_id, drafts(read, FIRST)[0].fields)


def test_other_events_are_not_proposed(read: Reader) -> None:
    linked = with_same_events(drafts(read, FIRST, *OTHERS))
    assert len(linked) == 4 and not any("same_event" in d.candidates for d in linked)


def test_two_events_of_one_document_are_never_proposed(read: Reader) -> None:
    both = with_same_events(drafts(read, FIRST + " Separately, gunmen killed three traders in Zaria on Tuesday."))
    assert not any("same_event" in d.candidates for d in both)
