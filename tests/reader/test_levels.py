"""Events by their reports, and the crosswalk between the two: one report tells of many events, one event is told by many reports."""

from __future__ import annotations

from pathlib import Path

import pytest

import eventcoder
from eventcoder.errors import UsageError
from eventcoder.releases.tables import read_parquet
from tests.releases.workshop import Workshop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Six events: the first rests on a public and an undisclosed document, the next two on the same public one, the second on another one too."""
    shop = Workshop(tmp_path_factory.mktemp("levels") / "weir", 6)
    a, b, _, d, e = shop.ids[:5]
    shop.act(b, {"act": "attach", "reports": [{"document": shop.later}], "settled": True})
    shop.act(a, {"act": "relate", "relations": [{"kind": "part_of", "event_id": d}, {"kind": "response_to", "event_id": e}]})
    shop.release()
    shop.act(e, {"act": "retract", "reason": "a film set"})
    shop.release()
    return shop


def releases(shop: Workshop) -> Path:
    return shop.project.releases_dir


def test_a_row_for_each_report_of_each_event(shop: Workshop) -> None:
    frame = eventcoder.load(releases(shop), level="reports")
    a, b, c, d = shop.ids[:4]
    by = {i: sorted(g["report_document_id"].fillna("none")) for i, g in frame.groupby("event_id")}
    assert by[a] == sorted([shop.public, "none"]) and by[b] == sorted([shop.public, shop.later])
    assert by[c] == [shop.public] and by[d] == ["none"], "an event without reports has one row"
    assert set(frame.loc[frame["report_document_id"] == shop.public, "event_id"]) == {a, b, c}, "one report tells of three events"
    hidden = frame[(frame["event_id"] == a) & frame["report_document_id"].isna()].iloc[0]
    assert (hidden["report_visibility"], hidden["report_n_documents"]) == ("undisclosed", 1)
    assert frame.attrs["level"] == "reports" and frame.attrs["rows"] == len(frame)
    events = eventcoder.load(releases(shop))
    assert list(dict.fromkeys(frame["event_id"])) == list(events["event_id"]) and "report_url" not in events


def test_the_crosswalk_counts_what_the_events_say(shop: Workshop) -> None:
    frame = eventcoder.load(releases(shop), level="reports")
    counted = frame.groupby("event_id")["report_n_documents"].sum().astype(int).to_dict()
    assert counted == eventcoder.load(releases(shop)).set_index("event_id")["n_reports"].fillna(0).astype(int).to_dict()


def test_filters_and_columns_hold_for_reports_too(shop: Workshop) -> None:
    country = eventcoder.load(releases(shop))["country"].iloc[0]
    frame = eventcoder.load(releases(shop), level="reports", country=country, columns=["country", "fatalities"])
    assert list(frame.columns[:3]) == ["country", "fatalities", "report_document_id"] and set(frame["country"]) == {country}
    for more in ({"level": "report"}, {"level": "reports", "acled": True}):
        with pytest.raises(UsageError):
            eventcoder.load(releases(shop), **more)


def test_relations_of_a_release_lead_to_withdrawn_events_too(shop: Workshop) -> None:
    table = read_parquet(sorted(releases(shop).glob("2*"))[-1] / "relations.parquet")
    rows = set(zip(*(table.column(c).to_pylist() for c in ("event_id", "kind", "other_event_id")), strict=True))
    a, _, _, d, e = shop.ids[:5]
    assert rows == {(a, "part_of", d), (a, "response_to", e)}
    assert eventcoder.resolve(e, releases(shop))["state"] == "retracted"
