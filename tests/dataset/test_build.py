"""Tables from folded events: types, order, and what must not get in."""

from __future__ import annotations

import pyarrow as pa
import pytest

from eventcoder.dataset import SIDE_SCHEMAS, TABLES, build_tables, fingerprint, pseudonym
from eventcoder.dataset.canonical import row_texts
from eventcoder.event import Document
from eventcoder.ledger.folded import Folded
from eventcoder.project import Settings
from eventcoder.statistics import summarise
from tests.releases.workshop import book
from tests.synthetic_events import synthetic_values

PUBLIC, SECRET = "a" * 16, "b" * 16
QUOTE = "The queue at the mill was long, and the march that followed was longer still."


def document(identity: str, publisher: str, visibility: str) -> Document:
    return Document.model_validate({"id": identity, "sha256": identity * 4, "length": 90, "publisher": publisher, "visibility": visibility})


def folded(values: dict[str, object], **more: object) -> Folded:
    facts: dict[str, object] = {"reports": [], "evidence": {}, "counts": [], "relations": [], "state": "settled", "revision": 1, "heads": ("0" * 64,)}
    times = {"created": "2026-11-01T00:00:00Z", "changed": "2026-11-02T00:00:00Z", "coder": "ada", "codebook": "1.0.0"}
    return Folded(event_id=str(values["event_id"]), values=values, **{**facts, **times, **more})  # type: ignore[arg-type]


def tables(events: list[Folded], documents: list[Document] | None = None, **settings: object) -> dict[str, pa.Table]:
    known = {d.id: d for d in documents or ()}
    return build_tables(events, book(), documents=known, settings=Settings(**settings))  # type: ignore[arg-type]


def test_tables_are_sorted_typed_and_the_same_in_any_order() -> None:
    events = [folded(v) for v in synthetic_values(40, 3)]
    found = tables(events)
    assert tuple(found) == TABLES
    keys = [(r["country"], r["event_date"], r["event_id"]) for r in found["events"].to_pylist()]
    assert keys == sorted(keys)
    assert all(found[n].schema.equals(s) for n, s in SIDE_SCHEMAS.items())
    again = tables(events[::-1])
    assert fingerprint(again) == fingerprint(found)
    assert all(again[n].equals(found[n]) for n in TABLES)
    assert row_texts(found["events"]) == row_texts(again["events"])


def test_no_events_give_empty_tables_of_the_same_types() -> None:
    empty, full = tables([]), tables([folded(v) for v in synthetic_values(2, 3)])
    assert [empty[n].schema for n in TABLES] == [full[n].schema for n in TABLES]
    assert summarise(empty)["rows"]["events"] == 0


def test_undisclosed_documents_are_counted_and_nothing_else() -> None:
    values = {**synthetic_values(1, 3)[0], "source": ["The Weir Gazette", "Night Courier"]}
    spans = [{"document": d, "start": 0, "end": 9, "quote": "The queue"} for d in (PUBLIC, SECRET)]
    counts = [{"document": SECRET, "kind": "killed", "low": 2, "words": "two of ours", "rule": "number"}]
    reports = [{"document": PUBLIC}, {"document": SECRET}, {"document": "c" * 16}]
    event = folded(values, reports=reports, evidence={"notes": spans}, counts=counts)
    found = tables([event], [document(PUBLIC, "The Weir Gazette", "public"), document(SECRET, "Night Courier", "undisclosed")])
    text = str({n: t.to_pylist() for n, t in found.items()})
    assert "Night Courier" not in text
    assert SECRET not in text
    assert "two of ours" not in text
    row = found["events"].to_pylist()[0]
    assert (row["source"], row["n_reports"], row["n_publishers"]) == (["The Weir Gazette", "Undisclosed Source"], 3, 2)
    kept = [(r["document_id"], r["visibility"], r["n_documents"]) for r in found["event_sources"].to_pylist()]
    assert sorted(kept, key=str) == [(PUBLIC, "public", 1), (None, "undisclosed", 2)]


@pytest.mark.parametrize(("length", "quote", "cut"), [(200, QUOTE, False), (20, "The queue at the mil…", True), (9, "The queue…", True)])
def test_quotes_are_cut_at_the_length_that_the_project_allows(length: int, quote: str, cut: bool) -> None:
    spans = [{"document": PUBLIC, "start": 3, "end": 3 + len(QUOTE), "quote": QUOTE}]
    event = folded(synthetic_values(1, 3)[0], reports=[{"document": PUBLIC}], evidence={"notes": spans})
    row = tables([event], [document(PUBLIC, "The Weir Gazette", "public")], quote_length=length)["evidence"].to_pylist()[0]
    assert (row["quote"], row["cut"], row["start"], row["end"]) == (quote, cut, 3, 3 + len(QUOTE))


def test_coders_have_one_pseudonym_a_project() -> None:
    one, two = Settings(id="weir"), Settings(id="harbour")
    assert pseudonym("ada", one) == pseudonym("ada", one) != pseudonym("ada", two)
    assert str(pseudonym("ada", one)).startswith("coder-")
    assert pseudonym("ada", Settings(public_coders=True)) == "ada"
    assert pseudonym(None, one) is None


def test_T19_statistics_count_what_was_not_reported_apart() -> None:
    plain = [{k: v for k, v in x.items() if not k.startswith("fatalities")} for x in synthetic_values(3, 3)]
    plain[0].update(fatalities=4, fatalities_low=4, fatalities_high=4)
    found = summarise(tables([folded(v) for v in plain]))
    assert (found["people"]["fatalities"]["fatalities"], found["people"]["fatalities"]["fatalities_not_reported"]) == (4, 2)
    assert sum(found["by"]["country"].values()) == 3
    assert found["filled"]["event_id"] == 1.0


def test_whole_numbers_are_never_rounded() -> None:
    values = {k: v for k, v in synthetic_values(1, 3)[0].items() if not k.startswith("crowd")}
    assert tables([folded({**values, "crowd_low": 3.0})])["events"].column("crowd_low").to_pylist() == [3]
    for wrong in (3.5, "about three"):
        with pytest.raises(pa.ArrowInvalid):
            tables([folded({**values, "crowd_low": wrong})])


def test_events_that_fill_several_batches_give_the_tables_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    spans = [{"document": PUBLIC, "start": 0, "end": 9, "quote": "The queue"}] * 2
    counts = [{"document": d, "kind": "crowd", "low": 5, "best": None, "high": None, "words": "five"} for d in (SECRET, PUBLIC, None)]
    relations = [{"kind": "different", "event_id": "a00000000001", "note": None}]
    more = {"reports": [{"document": PUBLIC}] * 2, "evidence": {"notes": spans}, "counts": counts, "relations": relations}
    events = [folded(v, **(more if i % 3 == 0 else {})) for i, v in enumerate(synthetic_values(40, 3))]
    known = [document(PUBLIC, "The Weir Gazette", "public"), document(SECRET, "Night Courier", "undisclosed")]
    whole = tables(events, known)
    assert [whole[n].num_rows for n in ("event_sources", "evidence", "event_counts", "relations")] == [14, 14, 28, 14]
    assert sorted(set(whole["event_counts"].column("number").to_pylist())) == [1, 2]
    assert whole["evidence"].column("quote").to_pylist() == ["The queue"] * 14
    monkeypatch.setattr("eventcoder.dataset.build.BATCH", 7)
    again = tables(events, known)
    assert all(again[n].equals(whole[n]) for n in TABLES)
