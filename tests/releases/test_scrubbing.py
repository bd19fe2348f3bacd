"""The tables of a release without a document, row by row."""

from __future__ import annotations

import pyarrow as pa

from eventcoder.dataset.schemas import SIDE_SCHEMAS, UNDISCLOSED
from eventcoder.ledger.secrets import MARK, Secrets
from eventcoder.releases.redaction.scrubbing import scrubbed


def test_a_title_goes_wherever_it_stands_and_the_document_counts_as_an_undisclosed_one() -> None:
    """Also in rows on other events; an event that has undisclosed reports has one more of them."""
    title = "What the gatekeeper of the mill saw"
    sources = [
        {"event_id": "a", "document_id": "d1", "publisher": "Mill Road Bulletin", "title": title, "visibility": "public", "n_documents": 1},
        {"event_id": "a", "publisher": UNDISCLOSED, "visibility": "undisclosed", "n_documents": 1},
    ]
    tables = {
        "events": pa.table(
            {"event_id": ["a", "b"], "notes": ["A march.", f"See: {title}."], "source": [["Mill Road Bulletin"], ["Radio"]], "n_publishers": [2, 1]}
        ),
        "event_sources": pa.Table.from_pylist(sources, SIDE_SCHEMAS["event_sources"]),
    }
    found = scrubbed(tables, Secrets(document="d1", phrases=(title,), publisher="Mill Road Bulletin"))
    assert [(r["document_id"], r["publisher"], r["n_documents"]) for r in found["event_sources"].to_pylist()] == [(None, UNDISCLOSED, 2)]
    assert title not in str(found["events"].to_pylist()) and MARK in found["events"]["notes"][1].as_py()
