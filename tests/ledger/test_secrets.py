"""What goes out of a text, and what stays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eventcoder.ledger import new_entry
from eventcoder.ledger.redaction import document_stub, stub_of
from eventcoder.ledger.secrets import HIDDEN_PUBLISHER, MARK, RUN, Secrets

from .conftest import act, created, moment

TEXT = "The guards looked away when the gate fell, and nobody counted the loaves that were gone."
DOCUMENT = "ab" * 8
SALT = Secrets(document=DOCUMENT, phrases=("Whistle over the salt works", "Queues"), publisher="Lantern Post", text=TEXT)
words = st.lists(st.sampled_from([*TEXT.replace(",", "").rstrip(".").split(), "Whistle over the salt works", "Lantern Post", "march"]), max_size=30)


def test_words_in_a_row_go_and_single_ones_stay() -> None:
    said = "On 3 May, as told, the Guards looked away when the gate fell. The gate fell."
    assert SALT.clean(said, tied=True) == f"On 3 May, as told, {MARK}. The gate fell."
    assert SALT.clean(said) == said  # of an event that does not rest on the document


def test_titles_go_wherever_they_stand_unless_they_are_a_common_word() -> None:
    assert SALT.clean("See 'Whistle over the salt works'. Queues formed.") == f"See '{MARK}'. Queues formed."


def test_a_publisher_stays_where_another_document_has_it() -> None:
    names = ["Lantern Post", "Harbour Radio", "Lantern Post"]
    assert SALT.sources(names, keeps=False) == [HIDDEN_PUBLISHER, "Harbour Radio"]
    assert SALT.sources(names, keeps=True) == ["Lantern Post", "Harbour Radio"]
    known = Secrets(document=DOCUMENT, publisher="Lantern Post", known=True, others=frozenset({"cd" * 8}))
    assert known.clean("As the Lantern Post had it", tied=True) == "As the Lantern Post had it"
    assert known.keeps_publisher({"cd" * 8}) and not known.keeps_publisher({DOCUMENT})
    assert SALT.clean("The Lantern Posts are a street", tied=True) == "The Lantern Posts are a street"


@given(words)
def test_cleaning_leaves_no_run_and_cleans_nothing_twice(given_words: list[str]) -> None:
    said = " ".join(given_words)
    once = SALT.clean(said, tied=True)
    assert SALT.clean(once, tied=True) == once
    plain = TEXT.replace(",", "").rstrip(".").split()
    assert not any(" ".join(plain[i : i + RUN]) in once for i in range(len(plain) - RUN + 1))
    assert "Whistle over the salt works" not in once and "Lantern Post" not in once


@given(words, st.booleans())
def test_an_entry_that_was_cleaned_holds_nothing_more(given_words: list[str], keeps: bool) -> None:
    first = created(notes=" ".join(given_words) or "none", source=["Lantern Post"])
    second = act("revise", parents=(first.id,), reports=[{"document": DOCUMENT}], evidence={"notes": [{"document": DOCUMENT, "quote": TEXT}]})
    for entry in (first, second):
        stub = stub_of(entry, SALT, tied=True, keeps=keeps)
        if stub is not None:
            left = type(entry)(entry.id, entry.kind, entry.subject, entry.parents, entry.coder, entry.role, entry.time, stub)
            assert stub_of(left, SALT, tied=True, keeps=keeps) is None and TEXT not in str(stub)


def test_what_stays_of_a_record_says_nothing() -> None:
    from eventcoder.ledger import new_entry

    entry = new_entry("document", DOCUMENT, {"id": DOCUMENT, "title": "Queues", "publisher": "Lantern Post"}, coder="ana", time=moment(1))
    assert stub_of(entry, SALT, tied=False, keeps=False) == document_stub(DOCUMENT)


def test_short_words_of_a_field_go_wherever_the_field_stands() -> None:
    secrets = Secrets(event="e" * 12, field="crowd_text", values=("Zari",))
    cell = {"was": "Zari", "now": None, "class": "slip", "reason": "Read."}
    gone = {**cell, "was": "[redacted]"}
    shown = "[redacted]"
    bodies = {
        "decision": ({"edits": {"crowd_text": "Zari", "location": "Zari"}}, {"edits": {"crowd_text": shown, "location": "Zari"}}),
        "act": ({"act": "adjudicate", "overruled": {"crowd_text": cell, "location": cell}}, {"overruled": {"crowd_text": gone, "location": cell}}),
        "assignment": ({"planted": {"draft": "d", "also": {"crowd_text": "Zari"}}}, {"planted": {"draft": "d", "also": {"crowd_text": shown}}}),
    }
    for kind, (body, left) in bodies.items():
        entry = new_entry(kind, "s", body, coder="ana", time="2026-11-02T09:00:00Z")
        assert stub_of(entry, secrets, tied=True, keeps=False) == {**body, **left}
    head = {"act": "resolve", "overruled": {"a" * 64: {"crowd_text": cell}}}
    entry = new_entry("act", "e" * 12, head, coder="ana", time="2026-11-02T09:00:00Z")
    assert stub_of(entry, secrets, tied=True, keeps=False) == {**head, "overruled": {"a" * 64: {"crowd_text": gone}}}
