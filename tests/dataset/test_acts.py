"""The table of acts: order, what an engine had proposed, and that it says nothing of undisclosed documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.dataset import RECORD_SCHEMAS, fingerprint, pseudonym
from eventcoder.dataset.acts import account
from eventcoder.dataset.hiding import Hiding
from eventcoder.dataset.schemas import WITHHELD
from eventcoder.event import Document
from eventcoder.ledger import Entry, Ledger, fold, new_entry, open_ledger
from eventcoder.ledger.fold import in_order
from eventcoder.ledger.writing import insert
from eventcoder.project import Settings

PUBLIC, SECRET = "a" * 16, "b" * 16
SETTINGS = Settings(id="weir")
EVENT = "kaaaaaaaaaa1"


def document(identity: str, visibility: str, **facts: Any) -> Document:
    return Document.model_validate({"id": identity, "sha256": identity * 4, "length": 90, "visibility": visibility, **facts})


DOCUMENTS = {
    PUBLIC: document(PUBLIC, "public", publisher="The Weir Gazette"),
    SECRET: document(SECRET, "undisclosed", publisher="Night Courier", url="https://night.example/told/1", title="What the watchman saw"),
}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path / "ledger.sqlite") as opened:
        yield opened


def acted(ledger: Ledger, body: dict[str, Any], event: str = EVENT, minute: int = 0, coder: str = "ana-maria") -> Entry:
    head = ledger.head(event)
    entry = new_entry("act", event, body, coder=coder, time=f"2026-11-02T09:{minute:02d}:00Z", parents=head.heads if head else ())
    ledger.append([entry])
    return entry


def rows(ledger: Ledger, *events: str, documents: dict[str, Document] | None = None, **changed: Any) -> list[dict[str, Any]]:
    known = DOCUMENTS if documents is None else documents
    chosen = Settings(id="weir", **changed)
    found = account(ledger, pa.array(events or (EVENT,), pa.string()), documents=known, settings=chosen).table
    assert found.schema.equals(RECORD_SCHEMAS["acts"])
    return found.to_pylist()


def test_every_act_is_told_with_what_it_set(ledger: Ledger) -> None:
    created = acted(ledger, {"act": "create", "values": {"country": "Iran", "tags": ["a"]}, "codebook": "1.0.0"})
    acted(ledger, {"act": "revise", "values": {"location": "Qasr", "country": None}, "reason": "ana-maria misread it; banana"}, minute=1)
    acted(ledger, {"act": "create", "values": {"country": "Iraq"}, "import": {"dialect": "native", "file": "a.csv"}}, event="kaaaaaaaaaa2")
    first, second = rows(ledger)
    assert (first["number"], first["act"], first["kind"], first["codebook_version"]) == (1, created.id, "create", "1.0.0")
    assert first["fields"] == [], "the act that creates sets all that no later one names"
    assert second["fields"] == ["country", "location"], "what was emptied was set too"
    shown = pseudonym("ana-maria", SETTINGS)
    assert first["coder"] == shown != "ana-maria"
    assert second["reason"] == f"{shown} misread it; banana", "a coder's name in a reason is shown as everywhere else"
    assert (first["decision"], first["engine"], first["origin"]) == ("by hand", None, None)
    both = rows(ledger, EVENT, "kaaaaaaaaaa2", public_coders=True)
    assert [r["coder"] for r in both] == ["ana-maria"] * 3
    assert (both[2]["decision"], both[2]["origin"]) == ("imported", "native")
    assert rows(ledger, "kaaaaaaaaaa3") == []


def test_no_acts_give_an_empty_table(ledger: Ledger) -> None:
    assert rows(ledger) == []


def test_a_draft_names_its_engine_and_the_values_that_it_proposed(ledger: Ledger) -> None:
    fields = {"country": "Iran", "fatalities": 3, "location": "Qasr", "admin1": None}
    for number, typed in enumerate(({}, {"location": "Weir"}, {"location": "Weir"})):
        draft = f"{number}" * 8
        ledger.append(
            [new_entry("draft", draft, {"document": PUBLIC, "fields": fields}, coder="rules-0.5.0", role="machine", time="2026-11-02T08:00:00Z")]
        )
        event = f"kaaaaaaaaaa{number}"
        if number == 2:
            body = {"decision": "edit", "event_id": event}
            ledger.append([new_entry("decision", draft, body, coder="ana-maria", time="2026-11-02T09:00:00Z")])
        acted(ledger, {"act": "create", "values": {**fields, "iso": 364, **typed}, "draft": draft, "reports": [{"document": PUBLIC}]}, event=event)
    acted(ledger, {"act": "create", "values": {"country": "Iran"}, "draft": "f" * 8}, event="kaaaaaaaaaa3")
    found = rows(ledger, *(f"kaaaaaaaaaa{n}" for n in range(4)))
    assert [r["engine"] for r in found] == ["rules-0.5.0"] * 3 + [None]
    assert [r["decision"] for r in found] == ["accepted", "edited", "edited", "by hand"]
    assert found[0]["proposed"] == ["country", "fatalities", "location"]
    assert found[1]["proposed"] == ["country", "fatalities"]


def test_an_act_that_draws_on_a_hidden_document_and_all_after_it_are_not_named(ledger: Ledger) -> None:
    first = acted(ledger, {"act": "create", "values": {"country": "Iran"}, "reports": [{"document": PUBLIC}]})
    acted(ledger, {"act": "attach", "reports": [{"document": SECRET}]}, minute=1)
    acted(ledger, {"act": "revise", "detach": [SECRET], "reason": "not the same march"}, minute=2)
    last = acted(ledger, {"act": "revise", "values": {"country": "Iraq"}}, minute=3)
    assert [r["act"] for r in rows(ledger)] == [first.id, *[WITHHELD] * 3]
    everything_public = {i: d.model_copy(update={"visibility": "public"}) for i, d in DOCUMENTS.items()}
    assert rows(ledger, documents=everything_public)[3]["act"] == last.id
    assert [r["act"] for r in rows(ledger, documents={})] == [WITHHELD] * 4, "a document that is not known counts as undisclosed"


@pytest.mark.parametrize(
    "body",
    [
        {"act": "create", "values": {}, "reports": [{"document": SECRET}]},
        {"act": "create", "values": {}, "evidence": {"notes": [{"document": SECRET, "start": 0, "end": 3, "quote": "Abc"}]}},
        {"act": "create", "values": {}, "counts": [{"document": SECRET, "kind": "killed", "words": "two"}]},
        {"act": "create", "values": {}, "detach": [SECRET]},
        {"act": "create", "values": {}, "withdraw": {"reports": [{"document": SECRET}]}},
    ],
)
def test_wherever_an_act_names_the_document(ledger: Ledger, body: dict[str, Any]) -> None:
    acted(ledger, body)
    assert rows(ledger)[0]["act"] == WITHHELD


def test_a_text_that_looks_like_a_reference_is_none(ledger: Ledger) -> None:
    entry = acted(ledger, {"act": "create", "values": {"notes": f'He wrote "document":"{SECRET}" on the wall.'}, "reports": [{"document": PUBLIC}]})
    assert rows(ledger)[0]["act"] == entry.id


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("misread map", False),
        ("the night was long; a courier came", False),
        ("Night Courier corrected the toll", True),
        ("see night.example/told/1/", True),
        (f"as in {SECRET}", True),
        (f"sha {SECRET * 4}", True),
        ("WHAT THE  WATCHMAN SAW says otherwise", True),
        ("it says: the watchman counted forty carts at dawn", True),
        ("The Weir Gazette corrected the toll", False),
    ],
)
def test_a_reason_that_tells_of_a_hidden_document_is_withheld(ledger: Ledger, reason: str, told: bool) -> None:
    quote = {"document": SECRET, "start": 0, "end": 44, "quote": "the watchman counted forty carts at dawn"}
    acted(ledger, {"act": "create", "values": {}, "evidence": {"notes": [quote]}, "reports": [{"document": SECRET}]})
    acted(ledger, {"act": "revise", "values": {}, "reason": reason}, minute=1)
    acted(ledger, {"act": "create", "values": {}, "reason": reason}, event="kaaaaaaaaaa2", minute=2)
    found = rows(ledger, EVENT, "kaaaaaaaaaa2")
    assert [found[1]["reason"], found[2]["reason"]] == [WITHHELD if told else reason] * 2


def test_a_publisher_of_both_kinds_is_withheld_only_where_the_event_has_a_hidden_document() -> None:
    hiding = Hiding({**DOCUMENTS, "c" * 16: document("c" * 16, "public", publisher="Night Courier")})
    found = hiding.masked(pa.array(["Night Courier said so", "Night Courier said so"]), ["one", "two"], {"one"})
    assert found.to_pylist() == [WITHHELD, "Night Courier said so"]


def test_the_fingerprint_leaves_acts_out(ledger: Ledger) -> None:
    acted(ledger, {"act": "create", "values": {"country": "Iran"}})
    acts = account(ledger, pa.array([EVENT]), documents=DOCUMENTS, settings=SETTINGS).table
    table = pa.table({"event_id": [EVENT]})
    assert fingerprint({"events": table, "acts": acts}) == fingerprint({"events": table})


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 59)), max_size=14))
def test_the_order_is_that_of_folding_whatever_the_clocks_say(tmp_path_factory: pytest.TempPathFactory, plan: list[tuple[int, int, int]]) -> None:
    """Offline journals: an act may name an older act than the last as its parent, and clocks run as they like."""
    made: dict[str, list[Entry]] = {}
    for event, back, minute in plan:
        name, time = f"kaaaaaaaaaa{event}", f"2026-11-02T09:{minute:02d}:00Z"
        mine = made.setdefault(name, [])
        parents = [mine[max(0, len(mine) - 1 - back)].id] if mine else []
        body = {"act": "revise", "values": {"location": f"{len(mine)}"}} if mine else {"act": "create", "values": {}}
        mine.append(new_entry("act", name, body, coder="ada", time=time, parents=parents))
    with open_ledger(tmp_path_factory.mktemp("order") / "ledger.sqlite") as opened:
        with opened.store.writing():
            insert(opened.store, [entry.row() for entries in made.values() for entry in entries])
        found = rows(opened, *made)
    for name, entries in made.items():
        mine = [r for r in found if r["event_id"] == name]
        assert [r["act"] for r in mine] == [e.id for e in in_order(entries)]
        assert [r["number"] for r in mine] == list(range(1, fold(entries).revision + 1))
