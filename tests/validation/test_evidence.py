"""Quotes against the stored texts: verbatim, at their offsets, counted in code points."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventcoder.documents import Article, DocumentStore
from eventcoder.validation.evidence import Span, _judged, evidence_problems

TEXT = "On Tuesday evening 😀 weavers in Kesra marched. The weavers in Kesra went home — later."
QUOTE = "weavers in Kesra"


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return DocumentStore(tmp_path / "documents")


def saved(store: DocumentStore, text: str = TEXT) -> str:
    return store.save(Article(text=text, source_name="a.txt", source_sha256="0" * 64, extractor="plain", extractor_version="1"))[0].id


def span(document: str, start: object, end: object, quote: object, event_id: str = "a00000000001") -> Span:
    return Span(event_id, "actor1", document, start, end, quote)


def test_offsets_count_code_points_of_the_stored_text(store: DocumentStore) -> None:
    document = saved(store)
    at = TEXT.index(QUOTE)
    assert at == 21  # the sign before it is one code point, two units of UTF-16 and four bytes
    assert list(evidence_problems([span(document, at, at + len(QUOTE), QUOTE)], store)) == []


def test_a_quote_that_stands_elsewhere_says_where(store: DocumentStore) -> None:
    document = saved(store)
    (problem,) = evidence_problems([span(document, 3, 3 + len(QUOTE), QUOTE)], store)
    assert (problem.code, problem.severity, problem.event_id, problem.field) == ("quote-misplaced", "error", "a00000000001", "actor1")
    assert f"21-{21 + len(QUOTE)}, {TEXT.rindex(QUOTE)}-" in problem.message


@pytest.mark.parametrize(
    ("start", "end", "quote", "code"),
    [
        (0, 10, "On Tuesday", None),
        (0, 10, "on Tuesday", "quote-not-verbatim"),
        (0, 12, "bakers of Kesra", "quote-not-verbatim"),
        (0, 9_000, "bakers of Kesra", "bad-span"),
        (-5, 3, "bakers of Kesra", "bad-span"),
        (7, 7, "bakers of Kesra", "bad-span"),
        (None, None, "bakers of Kesra", "bad-span"),
        ("0", "10", "On Tuesday", "quote-misplaced"),
        (0, 3, "   ", "empty-quote"),
        (0, 3, None, "empty-quote"),
    ],
)
def test_what_is_wrong_with_a_span(store: DocumentStore, start: object, end: object, quote: object, code: str | None) -> None:
    problems = list(evidence_problems([span(saved(store), start, end, quote)], store))
    assert [p.code for p in problems] == ([code] if code else [])


def test_a_text_kept_out_of_git_is_one_info_and_an_altered_one_an_error(store: DocumentStore) -> None:
    absent, altered, whole = saved(store), saved(store, "Another text about a quarry."), saved(store, "A third text.")
    (store.folder / f"{absent}.txt").unlink()
    (store.folder / f"{altered}.txt").write_text("Another text about a factory.", "utf-8")
    spans = [span(absent, 0, 2, "On", f"a0000000000{n}") for n in range(5)]
    spans += [span(altered, 0, 7, "Another"), span(whole, 0, 7, "A third"), span("0" * 16, 0, 3, "any")]
    found = {(p.code, p.severity, p.value) for p in evidence_problems(spans, store)}
    assert found == {
        ("document-text-missing", "info", absent), ("document-text-missing", "info", "0" * 16), ("document-altered", "error", altered),
    }  # fmt: skip


def test_each_text_is_read_once(store: DocumentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = saved(store), saved(store, "Another text.")
    reads: list[str] = []
    text = DocumentStore.text
    monkeypatch.setattr(DocumentStore, "text", lambda self, document: reads.append(document) or text(self, document))
    spans = [span((first, second)[n % 2], 0, 2, ("On", "An")[n % 2], f"a{n:011d}") for n in range(100)]
    assert list(evidence_problems(spans, store)) == [] and sorted(reads) == sorted({first, second})


@given(st.text(min_size=1, max_size=60), st.data())
def test_any_piece_of_any_text_is_found_at_its_offsets_and_never_called_wrong(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    quote = text[start:end]
    problem = _judged(span("d" * 16, start, end, quote), text)
    assert problem is None or not quote.strip()
    shifted = _judged(span("d" * 16, start + 1, end + 1, quote), text)
    assert shifted is not None or text[start + 1 : end + 1] == quote
