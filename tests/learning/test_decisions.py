"""Which decisions teach, what they teach, and which documents are kept aside."""

from __future__ import annotations

import json

import pytest

from eventcoder.errors import Refused
from eventcoder.learning.aside import ALIKE, DOUBLE, GOLD
from eventcoder.learning.decisions import gather
from eventcoder.ledger import new_entry
from eventcoder.ledger.work import body_of, task_id
from eventcoder.review import Review, draft_session
from tests.learning.team import Team, mixed, sentences, usage

ARTICLE = """Title: Bakers rally
Date: 2026-05-12
Publisher: Orsova Courier
Language: en

Around 80 bakers rallied outside the town hall of Orsova in Romania on Monday over the price of flour. The rally ended peacefully.
"""


def types(team: Team) -> dict[str, str]:
    with team.desk() as desk:
        return {d.sentence: d.sub_event_type for d in gather(desk).decisions}


def left(team: Team) -> dict[str, int]:
    with team.desk() as desk:
        return gather(desk).left


def test_accepting_in_review_teaches_the_statement_s_words(fresh: Team) -> None:
    from eventcoder.intake.articles import ingest

    (fresh.root / "one.txt").write_text(ARTICLE, "utf-8")
    with fresh.desk() as desk:
        ingest(desk.project, desk.ledger, [fresh.root / "one.txt"], coder="ana", time=desk.moment)
        review = Review(desk, draft_session(desk))
        draft = review.current
        assert draft is not None
        review.accept(draft)
        (decision,) = gather(desk).decisions
        assert decision.sentence == " ".join(draft.statement.quote.split())
        assert decision.sub_event_type == "Peaceful protest"
        review.undo()
        assert gather(desk).decisions == []
        assert gather(desk).left["undone"] == 1


def test_an_edit_in_review_and_a_later_amendment_teach_the_final_type(fresh: Team) -> None:
    from eventcoder.intake.articles import ingest

    (fresh.root / "one.txt").write_text(ARTICLE, "utf-8")
    with fresh.desk() as desk:
        ingest(desk.project, desk.ledger, [fresh.root / "one.txt"], coder="ana", time=desk.moment)
        review = Review(desk, draft_session(desk))
        assert review.current is not None
        outcome = review.accept(review.current, {"sub_event_type": "Violent demonstration"}, allow_open=True)
        assert [d.sub_event_type for d in gather(desk).decisions] == ["Violent demonstration"]
        desk.amend(outcome.event_id, {"sub_event_type": "Mob violence"}, reason="It was no demonstration.")
        assert [d.sub_event_type for d in gather(desk).decisions] == ["Mob violence"]


def test_a_report_attached_to_an_event_teaches_the_event_s_type(fresh: Team) -> None:
    from eventcoder.intake.articles import ingest

    (fresh.root / "one.txt").write_text(ARTICLE, "utf-8")
    (fresh.root / "two.txt").write_text(ARTICLE.replace("Around 80 bakers rallied", "Some 90 bakers marched"), "utf-8")
    with fresh.desk() as desk:
        ingest(desk.project, desk.ledger, [fresh.root / "one.txt", fresh.root / "two.txt"], coder="ana", time=desk.moment)
        review = Review(desk, draft_session(desk))
        first, other = (next(d for d in review.waiting if word in d.statement.quote) for word in ("rallied outside", "marched outside"))
        outcome = review.accept(first, {"sub_event_type": "Violent demonstration"}, allow_open=True)
        review.attach(other, outcome.event_id)
    assert sorted(types(fresh).values()) == ["Violent demonstration"] * 2


def test_a_merged_event_teaches_the_type_of_the_one_that_took_it_in(fresh: Team) -> None:
    attack, arrest = sentences()["Attack"][40], sentences()["Arrests"][40]
    fresh.decide(fresh.ingest([attack, arrest]))
    with fresh.desk() as desk:
        events = {e.values["sub_event_type"]: e.event_id for e in desk.ledger.events()}
        desk.merge(events["Attack"], [events["Arrests"]], reason="One event.")
    assert types(fresh) == {attack.sentence: "Attack", arrest.sentence: "Attack"}


def test_withdrawn_events_and_rejections_teach_nothing(fresh: Team) -> None:
    found = mixed(1)[:4]
    documents = fresh.ingest(found)
    fresh.decide(documents)
    with fresh.desk() as desk:
        first = next(iter(desk.ledger.events()))
        desk.retract(first.event_id, reason="Never happened.")
        other = next(iter(fresh.ingest(mixed(2)[10:12], name="b")))
        fresh.decision(desk, "reject", other, 0, 20, reason="not_an_event")
    assert len(types(fresh)) == 3
    assert left(fresh) == {"event withdrawn or in conflict": 1, "rejected (no event, so no type)": 1}


def test_the_same_words_teach_once(fresh: Team) -> None:
    attack = sentences()["Attack"][40]
    other = sentences()["Attack"][41]
    fresh.decide(fresh.ingest([attack], name="b"))
    fresh.decide(fresh.ingest([other, attack], name="c"))
    assert len(types(fresh)) == 2
    assert left(fresh) == {"same words as another": 1}


def gold(team: Team, *records: dict[str, object]) -> None:
    folder = team.root / "raw" / "gold"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "held.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records), "utf-8")


def test_documents_of_a_gold_coding_never_teach(fresh: Team) -> None:
    """Named by id, by the file they came from, or by their own text."""
    documents = fresh.ingest(mixed(2)[:10])
    fresh.decide(documents)
    ids = sorted(documents)
    with fresh.desk() as desk:
        source = str(desk.document_meta(ids[1])["source_name"])
        text = desk.documents.text(ids[2])
    gold(
        fresh,
        {"document": ids[0], "statements": []},
        {"document": source, "statements": []},
        {"document": "g-3", "text": "\r\n" + text.replace("\n", "\r\n"), "statements": []},
    )
    kept = {e.sentence for d in ids[3:] for e in documents[d]}
    assert set(types(fresh)) == kept
    with fresh.desk() as desk:
        assert gather(desk).aside == {GOLD: 3}


def test_a_reprint_of_a_gold_document_is_kept_aside_too(fresh: Team) -> None:
    found = mixed(2)[:6]
    documents = fresh.ingest(found)
    fresh.decide(documents)
    printed = "By our reporter. " + "\n\n".join(e.sentence for e in found[:2])
    gold(fresh, {"document": "g-1", "text": printed, "statements": []})
    assert set(types(fresh)) == {e.sentence for e in found[2:]}
    assert left(fresh) == {f"document {ALIKE}": 2}


def test_a_gold_coding_that_cannot_be_read_stops_everything(fresh: Team) -> None:
    fresh.decide(fresh.ingest(mixed(1)))
    gold(fresh, {"statements": []})
    with fresh.desk() as desk, pytest.raises(Refused, match="kept aside is not known") as stop:
        gather(desk)
    assert [p.code for p in stop.value.problems] == ["gold-malformed"]


def test_documents_that_two_coders_read_never_teach(fresh: Team) -> None:
    documents = fresh.ingest(mixed(2)[:8])
    ids = sorted(documents)
    fresh.decide(documents)
    fresh.decide({ids[0]: documents[ids[0]]}, coder="ben")
    with fresh.desk("lea") as desk:
        for document, slot, coder in ((ids[1], 1, "ana"), (ids[1], 2, "ben"), (ids[2], 1, "ana")):
            body = body_of(document, slot, assigned_for=coder, blind=document == ids[1])
            desk.ledger.append([new_entry("assignment", task_id(document, slot), body, coder="lea", time=desk.moment)])
    assert set(types(fresh)) == {e.sentence for d in ids[2:] for e in documents[d]}
    with fresh.desk() as desk:
        assert gather(desk).aside == {DOUBLE: 2}


def test_the_state_of_the_ledger_is_hashed_whatever_the_order(fresh: Team) -> None:
    documents = fresh.ingest(mixed(1))
    fresh.decide(documents, usage)
    with fresh.desk() as desk:
        before = gather(desk).ledger
        assert gather(desk).ledger == before
        event = next(iter(desk.ledger.events()))
        desk.amend(event.event_id, {"sub_event_type": "Other"}, reason="Looked again.")
        assert gather(desk).ledger != before
