"""The gate: nothing wrong gets through, nothing right is stopped, and it says so in a document and on a page."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pyarrow as pa
import pytest

from eventcoder.codebook import Codebook
from eventcoder.validation import gate
from eventcoder.validation.release_gate import GateResult
from tests.synthetic_events import synthetic_values
from tests.validation.tables import TODAY, events_table, release_tables, side_table

VALUES = [values for values in synthetic_values(330, 41) if values["time_precision"] == 1][:300]
A, B = VALUES[0]["event_id"], VALUES[1]["event_id"]


def run(tables: dict[str, pa.Table], codebook: Codebook, **more: Any) -> GateResult:
    return gate(tables, codebook, latest_today=TODAY, great_expectations=False, **more)


def errors(result: GateResult) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.event_id) for problem in result.report.errors]


def test_clean_events_pass_with_great_expectations(codebook: Codebook) -> None:
    result = gate(release_tables(VALUES, codebook), codebook, latest_today=TODAY, previous=release_tables(VALUES[:250], codebook))
    assert result.passed and errors(result) == []
    judged = result.document["great_expectations"]
    assert judged["evaluated"] > 100 and judged["failed"] == 0
    assert result.document["rows"]["events"] == 300
    assert {rule["id"] for rule in result.document["rules"]} == {rule.id for rule in codebook.rules}


def test_the_same_tables_give_the_same_bytes(codebook: Codebook) -> None:
    tables = release_tables([*VALUES[:80], {**VALUES[90], "country": "Atlantis"}], codebook)
    first, second = (gate(tables, codebook, latest_today=TODAY) for _ in range(2))
    assert json.dumps(first.document) == json.dumps(second.document)
    assert first.html == second.html
    assert not re.search(r"run_id|batch_id|\d{4}-\d\d-\d\dT\d\d:", json.dumps(first.document["great_expectations"]))


def test_an_unknown_code_fails_in_our_checks_and_in_gx(codebook: Codebook) -> None:
    tables = release_tables([*VALUES[:50], {**VALUES[60], "sub_event_type": "Peacefull protest"}], codebook)
    result = gate(tables, codebook, latest_today=TODAY)
    assert not result.passed
    assert ("unknown-code", VALUES[60]["event_id"]) in errors(result)
    failed = {one["id"] for one in result.document["great_expectations"]["results"] if not one["success"]}
    assert "sub_event_type:codes" in failed
    assert "expectation-failed" not in {problem.code for problem in result.report}
    assert result.document["remaining"][0]["severity"] == "error"


def test_T28_an_event_coded_under_a_codebook_to_come_stops_the_release(codebook: Codebook) -> None:
    tables = release_tables([{**VALUES[0], "codebook_version": "99.0.0"}, *VALUES[1:40]], codebook)
    assert errors(run(tables, codebook)) == [("codebook-ahead", A)]


def test_an_event_that_vanished_stops_the_release_unless_withdrawn(codebook: Codebook) -> None:
    before = release_tables(VALUES, codebook)
    after = release_tables(VALUES[1:], codebook)
    assert errors(run(after, codebook, previous=before)) == [("event-vanished", A)]
    after["retracted"] = pa.table({"event_id": [A], "successor": [B]})
    assert errors(run(after, codebook, previous=before)) == []


def test_a_past_that_changed_without_an_act_stops_the_release(codebook: Codebook) -> None:
    before = release_tables(VALUES, codebook)
    silent = release_tables([{**VALUES[0], "admin3": "Old Town"}, *VALUES[1:]], codebook)
    assert errors(run(silent, codebook, previous=before)) == [("changed-without-act", A)]
    amended = release_tables([{**VALUES[0], "admin3": "Old Town", "revision": 2}, *VALUES[1:]], codebook)
    assert errors(run(amended, codebook, previous=before)) == []
    assert errors(run(before, codebook, previous=amended)) == [("revision-went-back", A)]
    counted = release_tables([{**VALUES[0], "timestamp": VALUES[0]["timestamp"] + 9, "first_release": "2026.11.0"}, *VALUES[1:]], codebook)
    assert errors(run(counted, codebook, previous=before)) == []


def test_a_name_that_the_team_registered_is_not_told_to_be_registered(codebook: Codebook) -> None:
    values = [{**row, "actor1": name} for row, name in zip(VALUES[:4], ["Sons of the Weir", "Weavers"] * 2, strict=True)]
    tables = release_tables(values, codebook)
    rows = [{"actor": name, "inter": [], "aliases": [], "registered": name == "Sons of the Weir"} for name in ("Sons of the Weir", "Weavers")]
    result = run({**tables, "actors": side_table("actors", rows)}, codebook)
    assert [p.value for p in result.report if p.code == "actor-form"] == ["Weavers"] * 2
    assert next(rule for rule in result.document["rules"] if rule["id"] == "actor-form")["problems"] == 2


def test_T14_an_undecided_duplicate_stops_the_release(codebook: Codebook) -> None:
    twin = {**VALUES[0], "event_id": "a00000000001", "event_id_cnty": VALUES[0]["event_id_cnty"][:3] + "1000000007"}
    twin["notes"] += " More are expected."
    tables = release_tables([*VALUES, twin], codebook)
    assert ("undecided-duplicate", A) in errors(run(tables, codebook, duplicate_stop=0.9))
    assert errors(run(tables, codebook)) == []
    assert errors(run(tables, codebook, duplicate_stop=0.9, decisions_different=[(A, "a00000000001")])) == []
    assert errors(run(tables, codebook, duplicate_stop=0.9, imported=lambda ids: dict.fromkeys(ids, "other-set"))) == []
    related = {**tables, "relations": side_table("relations", [{"event_id": "a00000000001", "kind": "different", "other_event_id": A}])}
    assert errors(run(related, codebook, duplicate_stop=0.9)) == []


@pytest.mark.parametrize("broken", ["no tables", "no columns", "wrong types", "no rows"])
def test_tables_that_make_no_sense_are_problems_not_tracebacks(codebook: Codebook, broken: str) -> None:
    events = events_table(VALUES[:5], codebook)
    tables: dict[str, dict[str, pa.Table]] = {
        "no tables": {},
        "no columns": {"events": pa.table({"colour": ["red", "blue"]})},
        "wrong types": {"events": pa.table({name: pa.array([{"a": 1}, None, {"a": 2}]) for name in events.column_names})},
        "no rows": {"events": events.slice(0, 0)},
    }
    result = gate(tables[broken], codebook, latest_today=TODAY, previous={"events": events})
    assert not result.passed
    assert result.html.startswith("<!DOCTYPE html>")
    json.dumps(result.document)


class Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.outside: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.outside += [f"{tag} {key}" for key, _ in attrs if key in ("src", "srcset", "action") or key.startswith("on")]
        self.outside += [f"{tag} {key}" for key, value in attrs if key == "href" and not (value or "").startswith("#")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_refers_to_nothing_outside_and_escapes_what_it_shows(codebook: Codebook) -> None:
    hostile = "<script src=https://bad.example/x.js>alert('x')</script>"
    result = run(release_tables([*VALUES[:20], {**VALUES[30], "country": hostile}], codebook), codebook)
    page = Outline()
    page.feed(result.html)
    assert page.open == [] and page.outside == []
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert "alert(&#x27;x&#x27;)" in result.html
    assert "http" not in result.html.replace("https://bad.example", "").replace("http-equiv", "")
    assert page.tags.count("caption") == page.tags.count("table") > 5
    assert "Failed: " in result.html and "unknown-code" in result.html


def test_every_row_broken_in_many_ways_is_counted_whole_and_told_in_part(codebook: Codebook) -> None:
    broken = {"country": "Atlantis", "sub_event_type": "Fuss", "latitude": 99.0, "event_id_cnty": "X", "year": 1800}
    rows = [{**row, **broken, "event_id": A} if n % 2 else {**row, **broken} for n, row in enumerate(VALUES[:60])]
    tables = release_tables(rows, codebook)
    texts = pa.array(["some"] * len(rows))
    events = tables["events"]
    tables["events"] = events.set_column(events.column_names.index("fatalities"), "fatalities", texts)
    before = release_tables(VALUES, codebook)
    whole, cut = (gate(tables, codebook, latest_today=TODAY, previous=before, most=most) for most in (10_000, 7))
    assert cut.report.counts == whole.report.counts and len(cut.report) < len(whole.report) / 3
    for part in ("counts", "rules", "keyed", "references", "column_checks", "across", "great_expectations", "valid"):
        assert cut.document[part] == whole.document[part], part
    told = {one["code"]: (one["severity"], one["problems"]) for one in whole.document["remaining"]}
    assert {one["code"]: (one["severity"], one["problems"]) for one in cut.document["remaining"]} == told
    assert not cut.passed and told["unknown-code"][1] >= 120 and told["duplicate-event-id"][1] >= 29
