"""What rows and tables say about each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from eventcoder.codebook import Codebook
from eventcoder.validation.keyed import keyed_checks
from eventcoder.validation.references import CHECKS
from tests.synthetic_events import synthetic_values
from tests.validation.tables import events_table, release_tables, side_table

VALUES = synthetic_values(40, 31)
A, B = VALUES[0]["event_id"], VALUES[1]["event_id"]
NOWHERE = "z00000000009"


def codes(problems: list[Any]) -> set[tuple[str, str | None]]:
    return {(problem.code, problem.event_id) for problem in problems}


def with_rows(tables: dict[str, pa.Table], name: str, *rows: dict[str, Any]) -> dict[str, pa.Table]:
    return {**tables, name: pa.concat_tables([tables[name], side_table(name, rows)])}


def test_tables_that_agree_have_no_problems(codebook: Codebook) -> None:
    assert keyed_checks(release_tables(VALUES, codebook), codebook) == []
    assert keyed_checks({}, codebook) == []


def test_a_doubled_event_id_is_an_error_that_no_decision_clears(codebook: Codebook) -> None:
    tables = {"events": events_table([*VALUES, {**VALUES[5], "event_id": A}], codebook)}
    (problem,) = [p for p in keyed_checks(tables, codebook, decisions_different=[(A, A)]) if p.code == "duplicate-event-id"]
    assert (problem.severity, problem.event_id) == ("error", A)
    assert A in problem.message


def test_T24_rows_without_an_id_are_named(codebook: Codebook) -> None:
    tables = {"events": events_table([{**VALUES[0], "event_id": None}, {**VALUES[1], "event_id": None}], codebook)}
    problems = [p for p in keyed_checks(tables, codebook) if p.field == "event_id"]
    assert [p.code for p in problems] == ["missing-event-id", "missing-event-id"]


def test_T14_rows_that_share_day_place_actors_and_type_are_told_until_somebody_decides(codebook: Codebook) -> None:
    twins = [{**VALUES[0], "event_id": f"a0000000000{i}", "event_id_cnty": f"IRN{i}", "notes": f"Note {i}."} for i in range(3)]
    tables = {"events": events_table([*VALUES[1:], *twins], codebook)}
    found = [p for p in keyed_checks(tables, codebook) if p.code == "likely-same-event"]
    assert [(p.event_id, p.severity) for p in found] == [("a00000000001", "warning"), ("a00000000002", "warning")]
    assert "Compare with event a00000000000." in found[0].message
    one_left = [("a00000000000", "a00000000001"), ("a00000000002", "a00000000001")]
    found = [p for p in keyed_checks(tables, codebook, decisions_different=one_left) if p.code == "likely-same-event"]
    assert [p.event_id for p in found] == ["a00000000002"]
    all_decided = [*one_left, ("a00000000002", "a00000000000")]
    assert [p for p in keyed_checks(tables, codebook, decisions_different=all_decided) if p.code == "likely-same-event"] == []


def test_rows_that_differ_in_associates_are_separate_demonstrations(codebook: Codebook) -> None:
    teachers, workers = ({**VALUES[0], "event_id": i, "event_id_cnty": None, "notes": i, "assoc_actor_1": [who]} for i, who in (
        ("a00000000001", "Teachers (Iran)"), ("a00000000002", "Labor Group (Iran)")))  # fmt: skip
    assert keyed_checks({"events": events_table([teachers, workers], codebook)}, codebook) == []


def withdrawn(*pairs: tuple[str, str | None]) -> pa.Table:
    return pa.table({"event_id": [a for a, _ in pairs], "successor": pa.array([b for _, b in pairs], pa.string())})


def both_ways(kind: str) -> list[dict[str, Any]]:
    return [{"event_id": A, "kind": kind, "other_event_id": B}, {"event_id": B, "kind": kind, "other_event_id": A}]


Change = Callable[[dict[str, pa.Table]], dict[str, pa.Table]]
EVIDENCE = {"event_id": A, "field": "country", "start": 0, "end": 4, "quote": "Iran", "cut": False}


@pytest.mark.parametrize(
    ("code", "event_id", "change"),
    [
        ("unknown-event", NOWHERE, lambda t: with_rows(t, "event_counts", {"event_id": NOWHERE, "number": 1, "kind": "killed", "low": 1})),
        ("unknown-event", NOWHERE, lambda t: with_rows(t, "relations", {"event_id": NOWHERE, "kind": "different", "other_event_id": A})),
        ("unknown-related-event", A, lambda t: with_rows(t, "relations", {"event_id": A, "kind": "part_of_campaign", "other_event_id": NOWHERE})),
        ("self-relation", A, lambda t: with_rows(t, "relations", {"event_id": A, "kind": "part_of_campaign", "other_event_id": A})),
        ("retracted-event-present", A, lambda t: {**t, "retracted": pa.table({"event_id": [A], "successor": pa.nulls(1, pa.string())})}),
        ("unknown-successor", NOWHERE, lambda t: {**t, "retracted": pa.table({"event_id": [NOWHERE], "successor": ["z00000000008"]})}),
        ("evidence-without-report", A, lambda t: with_rows(t, "evidence", {**EVIDENCE, "document_id": "f" * 16})),
        ("empty-quote", A, lambda t: with_rows(t, "evidence", {**EVIDENCE, "quote": " "})),
        ("bad-span", A, lambda t: with_rows(t, "evidence", {**EVIDENCE, "end": 40})),
        ("bad-span", A, lambda t: with_rows(t, "evidence", {**EVIDENCE, "start": 9, "end": 5})),
        ("report-count-mismatch", A, lambda t: with_rows(t, "event_sources", {"event_id": A, "visibility": "undisclosed", "n_documents": 2})),
        ("missing-actor-row", A, lambda t: with_rows(t, "event_actors", {"event_id": A, "side": 1, "role": "associated", "actor": "Weavers (Iran)"})),
        ("count-out-of-order", A, lambda t: with_rows(t, "event_counts", {"event_id": A, "number": 1, "kind": "killed", "low": 5, "high": 2})),
        ("count-out-of-order", A, lambda t: with_rows(t, "event_counts", {"event_id": A, "number": 1, "kind": "killed", "low": -1})),
        ("count-without-report", A, lambda t: with_rows(t, "event_counts", {"event_id": A, "number": 1, "kind": "killed", "document_id": "f" * 16})),
        ("source-twice", A, lambda t: {**t, "event_sources": pa.concat_tables([t["event_sources"]] * 2)}),
        ("source-without-document", A, lambda t: with_rows(t, "event_sources", {"event_id": A, "visibility": "public", "n_documents": 0})),
        ("actors-differ", A, lambda t: {**t, "event_actors": t["event_actors"].filter(pc.not_equal(t["event_actors"]["event_id"], A))}),
        ("actors-differ", A, lambda t: with_rows(t, "event_actors", {"event_id": A, "side": 1, "role": "actor", "actor": "Weavers (Iran)"})),
        ("successor-loop", NOWHERE, lambda t: {**t, "retracted": withdrawn((NOWHERE, "z00000000008"), ("z00000000008", NOWHERE))}),
        ("successor-withdrawn", NOWHERE, lambda t: {**t, "retracted": withdrawn((NOWHERE, "z00000000008"), ("z00000000008", None))}),
        ("relation-told-twice", max(A, B), lambda t: with_rows(t, "relations", *both_ways("different"))),
    ],
)
def test_each_reference_is_held(codebook: Codebook, code: str, event_id: str, change: Change) -> None:
    assert (code, event_id) in codes(keyed_checks(change(release_tables(VALUES, codebook)), codebook))


def test_withdrawn_events_may_be_successors_and_relatives(codebook: Codebook) -> None:
    tables = with_rows(release_tables(VALUES, codebook), "relations", {"event_id": A, "kind": "response_to", "other_event_id": NOWHERE})
    tables["retracted"] = pa.table({"event_id": [NOWHERE, "z00000000008"], "successor": [B, NOWHERE]})
    assert keyed_checks(tables, codebook) == []


def test_directed_relations_both_ways_and_symmetric_ones_told_once_are_fine(codebook: Codebook) -> None:
    tables = release_tables(VALUES, codebook)
    assert keyed_checks(with_rows(tables, "relations", *both_ways("response_to")), codebook) == []
    assert keyed_checks(with_rows(tables, "relations", both_ways("different")[0], both_ways("same_incident")[1]), codebook) == []


def test_long_chains_of_successors_that_end_in_an_event_are_fine(codebook: Codebook) -> None:
    chain = [(f"z{n:011d}", f"z{n + 1:011d}") for n in range(40)]
    tables = {**release_tables(VALUES, codebook), "retracted": withdrawn(*chain, (chain[-1][1], A))}
    assert keyed_checks(tables, codebook) == []


def test_nulls_in_a_key_are_equal_and_a_null_day_or_place_is_no_likeness(codebook: Codebook) -> None:
    alone = {**VALUES[0], "actor2": None, "inter2": None, "assoc_actor_1": [], "assoc_actor_2": []}
    twins = [{**alone, "event_id": f"a0000000000{i}", "event_id_cnty": None, "notes": f"Note {i}."} for i in range(2)]
    assert {("likely-same-event", "a00000000001")} <= codes(keyed_checks({"events": events_table(twins, codebook)}, codebook))
    mixed = events_table(twins, codebook)
    lists = pa.array([None, []], mixed.schema.field("assoc_actor_1").type)
    mixed = mixed.set_column(mixed.column_names.index("assoc_actor_1"), "assoc_actor_1", lists)
    assert ("likely-same-event", "a00000000001") in codes(keyed_checks({"events": mixed}, codebook))
    for column in ("event_date", "location"):
        vague = [{**twin, column: None} for twin in twins]
        assert "likely-same-event" not in {p.code for p in keyed_checks({"events": events_table(vague, codebook)}, codebook)}


def test_an_open_bound_and_a_shortened_quote_are_fine(codebook: Codebook) -> None:
    tables = with_rows(release_tables(VALUES, codebook), "event_counts", {"event_id": A, "number": 1, "kind": "killed", "low": 52, "best": 52})
    document = tables["evidence"].slice(0, 1)["document_id"][0].as_py()
    cut = {"event_id": A, "field": "notes", "document_id": document, "start": 0, "end": 400, "quote": "x" * 200 + "…", "cut": True}
    assert keyed_checks(with_rows(tables, "evidence", cut), codebook) == []


def test_tables_with_missing_columns_are_no_traceback(codebook: Codebook) -> None:
    tables = release_tables(VALUES, codebook)
    maimed = {name: table.select(table.column_names[1:]) for name, table in tables.items()}
    assert keyed_checks(maimed, codebook) == []


def test_every_message_can_be_filled() -> None:
    for check in CHECKS:
        assert check.message.format(event="e", field="f", value="v", detail="d")
