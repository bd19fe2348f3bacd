"""The bulk form of the codebook: the same verdicts as `Codebook.check`, and bad tables as problems."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pytest

from eventcoder.codebook import Codebook
from eventcoder.problem import Problem
from eventcoder.validation import validate_events
from eventcoder.validation.rows.bulk import row_problems
from eventcoder.validation.tally import by_code
from tests.synthetic_events import synthetic_values
from tests.validation.tables import TODAY, events_table

VALUES = synthetic_values(200, 51)

# column -> values that real files have held there; each may or may not break something
DAMAGE: dict[str, list[Any]] = {
    "event_date": [None, "2031-05-01", "1890-01-01", "2026-11-24", "2026-11-25"],
    "year": [None, 2019, 1890],
    "time_precision": [None, 1, 2, 3, 4, 0],
    "sub_event_type": [None, "Peacefull protest", "Attack", "Mob violence", "Suicide bomb", "Agreement", "Abduction/forced disappearance"],
    "event_type": [None, "Riots", "riots", "Battles"],
    "disorder_type": [None, "Demonstrations", "Political violence; Demonstrations"],
    "actor1": [
        None,
        "Protesters (Atlantis)",
        "Military Forces of Iran (1989-)",
        "Police Forces of France (2005-2012)",
        "Civilians (Iran)",
        "Protesters",
        "Weavers",
        "Police Forces of Iran",
        "Weavers (Iran); Farmers (Iran)",
    ],
    "actor2": [None, "Civilians (Kenya)", "Military Forces of Turkey (2016-)", "Mutiny of Military Forces of Uganda (1986-)", "Rioters", "Civilians"],
    "inter1": [None, "State forces", "Rioters", "Civilians", "External/Other forces", "6"],
    "inter2": [None, "Civilians", "External/Other forces", "Protesters"],
    "interaction": [None, "Protesters only", "External/Other forces-Civilians", "Civilians-External/Other forces"],
    "assoc_actor_1": [[], ["Civilians (Iran)"], ["Women (Iran)", "Women (Iran)"], [""], ["Women"], ["Labour Group (Iran)"]],
    "assoc_actor_2": [["Students (Iran)"], ["Civilians (Iran)"], ["Teachers (Iran); Women (Iran)"]],
    "timestamp": [None, 4_000_000_000, -1],
    "civilian_targeting": [None, "Civilian targeting", "Civilians targeted"],
    "country": [None, "Atlantis", "Iraq", "Chile"],
    "region": [None, "Southern Asia", "Europe"],
    "iso": [None, 0, 364, 1001],
    "admin1": [None],
    "location": [None, "Iran", "Kano"],
    "latitude": [None, 0.0, 91.0, 51.4215, -33.456912, 35.7],
    "longitude": [None, 0.0, -180.1, 35.6944, 12.3456789],
    "geo_precision": [None, 1, 2, 3, 4],
    "source": [[], ["Undisclosed Source"], ["The Lantern", "The Lantern"], ["undisclosed"], ["The Lantern; Crossroads Wire"]],
    "source_scale": [None, "National-Subnational", "Galactic", "Subnational-National"],
    "notes": [
        None,
        "Short.",
        "On 5 May 2020 something happened.",
        "x" * 20_001,
        "[size=no report]",
        "Tear gas, petrol bombs and a hunger strike were reported across the country.",
    ],
    "fatalities": [None, 0, 3, 10, -1, 2_000_000],
    "fatalities_low": [None, 0, 5, -2],
    "fatalities_high": [None, 0, 2, 50],
    "fatalities_basis": [None, "none", "number", "word", "split", "unknown", "rumour"],
    "tags": [
        [],
        ["crowd size=no report"],
        ["crowd size=1", "crowd size=2"],
        ["women targeted: girls"],
        ["banner"],
        ["women targeted: robots"],
        ["=5"],
        ["count every vote"],
    ],
    "date_start": [None, "2026-01-01", "2015-01-01"],
    "date_end": [None, "2026-01-01", "2015-01-01"],
    "reported_date": [None, "2015-06-01", "2027-01-01"],
    "crowd_low": [None, 2, 500, -1],
    "crowd_high": [None, 1, 400],
    "crowd_text": [None, "hundreds"],
    "injured_low": [None, 4, -4],
    "injured_high": [None, 2],
    "arrested_low": [None, 4],
    "arrested_high": [None, 2],
    "point_kind": [None, "exact", "representative", "centroid"],
    "event_id_cnty": [None, "PRT12", "IRN1", "irn1", "IRQ777"],
    "event_id": ["a1", "UPPERCASE123"],
    "gazetteer_id": ["geonames:112931", "geonames 112931"],
    "clarity": [None, "murky"],
}
# damage that takes several columns
TOGETHER: list[dict[str, Any]] = [
    {"country": "Iran", "latitude": 51.4215, "longitude": 35.6944},
    {"latitude": 0.0, "longitude": 0.0},
    {"latitude": 36.0, "longitude": 51.0, "geo_precision": 1},
    {"actor1": "Rioters (Iran)", "assoc_actor_1": ["Rioters (Iran)"]},
    {"actor2": "Civilians (Iran)", "assoc_actor_2": ["Civilians (Iran)"]},
    {"actor1": "LDM: Liberation of the Dry Mountains", "actor2": "LDM: Liberation of the Dry Mountains"},
    {"sub_event_type": "Chemical weapon", "notes": "On 5 May 2020, police fired tear gas in Kano."},
    {"sub_event_type": "Grenade", "notes": "On 5 May 2020, youths threw petrol bombs in Kano."},
    {"event_date": "2026-05-10", "reported_date": "2026-05-09"},
    {"event_date": "2026-05-10", "time_precision": 3, "date_start": None},
]


def damaged(n: int, seed: int) -> list[dict[str, Any]]:
    """Events of which most have one to four values replaced by something that real files have held."""
    rng = random.Random(seed)
    rows = synthetic_values(n, seed)
    for row in rows:
        for column in rng.sample(sorted(DAMAGE), rng.choice((0, 1, 1, 2, 4))):
            row[column] = rng.choice(DAMAGE[column])
        if rng.random() < 0.1:
            row |= rng.choice(TOGETHER)
    return rows


def flat(problems: Iterable[Problem]) -> Counter[tuple[Any, ...]]:
    return Counter((p.event_id, p.code, p.field, p.severity, p.message) for p in problems)


def test_clean_events_break_nothing(codebook: Codebook) -> None:
    values = synthetic_values(4500, 52)
    assert validate_events(events_table(values, codebook), codebook, latest_today=TODAY).flatten("code", "message") == []


def test_bulk_and_single_form_give_the_same_verdicts(codebook: Codebook) -> None:
    rows = damaged(3000, 53)
    single = flat(p for row in rows for p in codebook.check(row, latest_today=TODAY, event_id=row["event_id"]))
    table = events_table(rows, codebook)
    in_bulk = list(row_problems(table, codebook, latest_today=TODAY, few=0))
    assert in_bulk == list(row_problems(table, codebook, latest_today=TODAY, few=len(rows)))
    bulk = flat(in_bulk)
    assert bulk - single == Counter() and single - bulk == Counter()
    broken = {code for _, code, _, _, _ in bulk}
    unbroken = {check.code for check in codebook.checks} - broken
    assert len(unbroken) <= 0.05 * len({check.code for check in codebook.checks}), unbroken
    assert sum(bulk.values()) > 3000


def test_problems_come_in_the_order_of_the_rows(codebook: Codebook) -> None:
    rows = damaged(500, 54)
    order = {row["event_id"]: n for n, row in enumerate(rows) if row["event_id"] not in DAMAGE["event_id"]}
    found = [order[p.event_id] for p in row_problems(events_table(rows, codebook), codebook, latest_today=TODAY, few=0) if p.event_id in order]
    assert found == sorted(found)


def told(codebook: Codebook, table: pa.Table) -> set[tuple[str, str | None]]:
    return {(p.code, p.field) for p in validate_events(table, codebook, latest_today=TODAY) if p.severity == "error"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"latitude": 51.4215, "longitude": 35.6944}, "latitude"),
        ({"latitude": 0.0, "longitude": 0.0}, "latitude"),
        ({"latitude": 45.2517, "longitude": 19.8369}, "latitude"),
    ],
)
def test_T12_swapped_zero_and_foreign_coordinates_are_errors(codebook: Codebook, changes: dict[str, float], field: str) -> None:
    tehran = next(v for v in synthetic_values(2000, 55) if v["location"] == "Tehran")
    found = [p for p in validate_events(events_table([{**tehran, **changes}], codebook), codebook, latest_today=TODAY) if p.severity == "error"]
    assert found and {p.field for p in found} <= {"latitude", "longitude", "country", "location"}


def test_T18_fatalities_need_their_order(codebook: Codebook) -> None:
    clash = next(v for v in VALUES if v["sub_event_type"] == "Armed clash" and v["fatalities"])
    assert told(codebook, events_table([clash], codebook)) == set()
    upside_down = {**clash, "fatalities_low": clash["fatalities"] + 2}
    assert any(field and field.startswith("fatalities") for _, field in told(codebook, events_table([upside_down], codebook)))


def test_T19_unknown_fatalities_are_not_none(codebook: Codebook) -> None:
    clash = next(v for v in VALUES if v["sub_event_type"] == "Armed clash")
    nothing = dict.fromkeys(("fatalities", "fatalities_low", "fatalities_high", "fatalities_basis"))
    assert told(codebook, events_table([{**clash, **nothing}], codebook)) == set()
    assert told(codebook, events_table([{**clash, "fatalities": -1}], codebook)) != set()


def replaced(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


def test_fractional_and_worded_fatalities_in_a_file_are_problems(codebook: Codebook) -> None:
    table = events_table(VALUES[:4], codebook)
    fractions = replaced(table, "fatalities", pa.array([0.0, 2.5, None, 1e300]))
    found = [p for p in validate_events(fractions, codebook, latest_today=TODAY) if p.field == "fatalities" and p.value is not None]
    assert [(p.event_id, p.code) for p in found] == [(VALUES[1]["event_id"], "not-a-whole-number"), (VALUES[3]["event_id"], "out-of-range")]
    words = replaced(table, "fatalities", pa.array(["0", "12 people", "1e5", "1,000"]))
    found = [p for p in validate_events(words, codebook, latest_today=TODAY) if p.code.startswith("not-a-")]
    assert [p.value for p in found] == ["12 people", "1e5", "1,000"]


def test_dates_and_lists_may_come_as_text(codebook: Codebook) -> None:
    rows = VALUES[:50]
    table = events_table(rows, codebook)
    text = replaced(table, "event_date", pa.array([row["event_date"] for row in rows]))
    text = replaced(text, "tags", pa.array(["; ".join(row["tags"]) for row in rows]))
    text = replaced(text, "iso", pa.array([str(row["iso"]) for row in rows]).dictionary_encode())
    assert validate_events(text, codebook, latest_today=TODAY).problems == []
    bad = replaced(text, "event_date", pa.array(["30 February 2020", "2020-02-30", *[row["event_date"] for row in rows[2:]]]))
    assert {("not-a-date", "event_date"), ("impossible-date", "event_date")} <= told(codebook, bad)


def test_T27_renamed_added_doubled_and_missing_columns_are_problems(codebook: Codebook) -> None:
    table = events_table(VALUES, codebook)
    renamed = table.rename_columns(["sub_eventtype" if name == "sub_event_type" else name for name in table.column_names])
    found = validate_events(renamed, codebook, latest_today=TODAY)
    by_code = Counter(p.code for p in found)
    assert by_code["unknown-column"] == by_code["missing-column"] == 1 and by_code["missing-required"] == 0
    assert "sub_event_type" in next(p.message for p in found if p.code == "unknown-column")
    doubled = validate_events(table.append_column("country", table["country"]), codebook, latest_today=TODAY)
    assert doubled.flatten("code", "field") == [("duplicate-column", "country")]
    optional = validate_events(table.drop_columns(["clarity"]), codebook, latest_today=TODAY)
    assert optional.flatten("code", "severity", "field") == [("missing-column", "warning", "clarity")]


def test_rows_without_an_id_are_named_by_their_number(codebook: Codebook) -> None:
    rows = [{**VALUES[0], "event_id": None}, {**VALUES[1], "event_id": None, "country": "Atlantis"}]
    found = [p for p in validate_events(events_table(rows, codebook), codebook, latest_today=TODAY) if p.code == "unknown-code"]
    assert [(p.event_id, p.where, p.value) for p in found] == [(None, "row 2", "Atlantis")]


def test_an_empty_table_is_fine(codebook: Codebook) -> None:
    assert validate_events(events_table([], codebook), codebook, latest_today=TODAY).problems == []


def test_the_register_decides_how_a_name_is_written_however_many_rows_bear_it(codebook: Codebook) -> None:
    rows = [
        {**values, "actor1": name} for values, name in zip(VALUES, ["Sons of the Weir", "Weavers", "Protesters (Iran)", "Dyers"] * 50, strict=True)
    ]
    table = events_table(rows, codebook)
    registered = {"Sons of the Weir", "Dyers"}.__contains__
    found = [list(row_problems(table, codebook, latest_today=TODAY, few=few, registered=registered)) for few in (0, len(rows))]
    assert found[0] == found[1]
    assert Counter(p.value for p in found[0] if p.code == "actor-form") == {"Weavers": 50}
    cut = validate_events(table, codebook, latest_today=TODAY, most=20, registered=registered)
    assert by_code(cut)["actor-form"] == 50, "nor do they count where not all are listed"
