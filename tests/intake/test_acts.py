"""What an import writes down in bulk is what the ledger would have made of the same acts one by one."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.identity import canonical, digest, event_id_from
from eventcoder.intake.acts import Acts, Origin
from eventcoder.intake.batch import Batch, plain
from eventcoder.intake.fragments import Fragments
from eventcoder.ledger import new_entry
from eventcoder.ledger.fold import fold
from eventcoder.ledger.heads import head_row

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8)
ROW = st.fixed_dictionaries(
    {},
    optional={
        "notes": TEXT, "event_date": st.sampled_from(["2024-05-09", "2023-12-31"]), "date_start": st.just("2024-05-01"),
        "fatalities": st.integers(0, 9),
        "latitude": st.floats(-90, 90).map(lambda f: round(f, 4) + 0.0), "tags": st.lists(TEXT, min_size=1, max_size=2).map(tuple),
        "country": TEXT,
        "event_id_cnty": st.just("IRN5"), "actor1": TEXT, "location": TEXT, "sub_event_type": TEXT,
    },
)  # fmt: skip
KEPT = st.dictionaries(TEXT, TEXT, max_size=2)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(ROW, KEPT, st.booleans(), st.booleans()), min_size=1, max_size=5), TEXT, st.none() | TEXT)
def test_entries_and_heads_are_those_of_the_ledger(
    rows: list[tuple[dict[str, Any], dict[str, str], bool, bool]], file: str, vintage: str | None
) -> None:
    origin = Origin(file, "ab" * 32, "acled", vintage, "1.0.0", "ana", "2026-11-20T12:00:00Z")
    names = sorted({name for row, *_ in rows for name in row})
    values = {n: [row.get(n, () if n == "tags" else None) for row, *_ in rows] for n in names}
    ids = [event_id_from(f"row {n}".encode()) for n in range(len(rows))]
    digests = [digest([n]) for n in range(len(rows))]
    originals = [canonical(kept) if kept else "" for _, kept, _, _ in rows]
    joined = {n: (n + 9,) for n, (_, _, _, pair) in enumerate(rows) if pair}
    batch = Batch(list(range(2, len(rows) + 2)), [()] * len(rows), {}, digests, originals, list(ids), [None] * len(rows), list(ids), joined)
    entries, heads = Acts(origin, Fragments()).creates(batch, ids, values, [good for _, _, good, _ in rows])
    for place, (row, kept, good, _) in enumerate(rows):
        body = {
            "act": "create", "codebook": "1.0.0", "values": plain(row), "settled": good,
            "import": origin.provenance(place + 2, digests[place], kept, joined.get(place, ())),
        }  # fmt: skip
        entry = new_entry("act", ids[place], body, coder="ana", time="2026-11-20T12:00:00Z")
        assert entries[place] == entry.row()
        assert heads[place] == head_row(fold([entry]))
        assert json.loads(entries[place][7])["values"] == plain(row)
