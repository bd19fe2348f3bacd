"""JSON, JSON Lines and GeoJSON: numbers and texts as they stand; what is no row is a fault with its place."""

import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.errors import InputError
from eventcoder.intake.formats import limits, open_sheet
from tests.intake.formats.reading import codes, put, read, read_file

NUMBER = st.integers(-(10**40), 10**40) | st.floats(allow_nan=False, allow_infinity=False)
VALUE = st.none() | st.booleans() | NUMBER | st.text(max_size=10) | st.lists(st.text(max_size=5), max_size=3)
KEY = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=6)
OBJECTS = st.lists(st.dictionaries(KEY, VALUE, max_size=5), min_size=1, max_size=8).filter(any)
LINE = '{"id": "IRN1", "size": 40}'


def expected(objects):
    columns = list(dict.fromkeys(key for item in objects for key in item))
    return columns, [[item.get(key) for key in columns] for item in objects]


@settings(deadline=None, max_examples=150)
@given(OBJECTS, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.sampled_from([1, 3, 1000]))
def test_json_lines_come_back(tmp_path_factory, objects, newline, ascii_only, size):
    text = newline.join(json.dumps(item, ensure_ascii=ascii_only) for item in objects) + newline
    with open_sheet(put(tmp_path_factory.mktemp("t"), text.encode("utf-8", "surrogatepass"), "events.jsonl")) as sheet:
        columns, rows = expected(objects)
        found, faults = read(sheet, size)
        assert (sheet.format, sheet.typed, list(sheet.columns), faults) == ("jsonl", True, columns, [])
        assert [cells for _, cells in found] == rows and [line for line, _ in found] == list(range(1, len(rows) + 1))
        assert [list(map(type, cells)) for _, cells in found] == [list(map(type, cells)) for cells in rows]


@settings(deadline=None, max_examples=150)
@given(OBJECTS, st.sampled_from(["list", "answer", "indented"]), st.sampled_from([1, 3, 1000]))
def test_a_document_comes_back(tmp_path_factory, objects, form, size):
    content = {"status": 200, "success": True, "data": objects, "messages": [], "count": len(objects)} if form == "answer" else objects
    text = json.dumps(content, indent=2 if form == "indented" else None)
    with open_sheet(put(tmp_path_factory.mktemp("t"), text, "events.json")) as sheet:
        columns, rows = expected(objects)
        found, faults = read(sheet, size)
        assert (sheet.format, list(sheet.columns), faults) == ("json", columns, [])
        assert found == list(enumerate(rows, 1))


def test_bad_lines_are_faults_and_the_others_are_read(tmp_path):
    lines = [
        LINE, "", "{not json}", '{"id": "IRN2", "id": "IRN3"}', "[1, 2]", '"text"', '{"id": "IRN4", "size": NaN}', '{"id": "IRN5", "size": 1e999}',
        '{"id": "IRN6", "place": {"lat": 1}}', '{"id": "IRN7", "place": null}', '{"id": "IRN8", "tags": ["a", "b"]}', "[" * 100_000,
        '{"id": "IRN9", "tags": [["a"]]}', '{"id": ' + "9" * 5000 + "}", '{"id": "IRN10", "_id": {"oid": 1}}', '{"id": "IRN11", "si',
    ]  # fmt: skip
    sheet, rows, faults = read_file(put(tmp_path, "\n".join(lines), "events.jsonl"))
    assert sheet.columns == ("id", "size", "place", "tags")
    assert [row[0] for row in rows] == ["IRN1", "IRN7", "IRN8", "IRN10"]
    assert codes(faults) == [
        (3, "not-json"), (4, "duplicate-key"), (5, "not-an-object"), (6, "not-an-object"), (7, "not-json"), (8, "not-json"), (9, "nested-value"),
        (12, "not-json"), (13, "nested-value"), (14, "not-json"), (16, "row-truncated"),
    ]  # fmt: skip
    assert faults[0].raw == {"_raw": "{not json}"} and faults[4].problem.field == "size" and faults[6].raw["place"] == '{"lat": 1}'


def test_a_line_over_ten_megabytes_is_refused_and_not_held(tmp_path):
    path = tmp_path / "events.jsonl"
    with path.open("w") as out:
        out.write(LINE + '\n{"id": "')
        for _ in range(600):
            out.write("word " * 20_000)
        out.write('"}\n' + LINE)
    tracemalloc.start()
    try:
        _, rows, faults = read_file(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert codes(faults) == [(2, "field-too-large")] and len(rows) == 2 and peak < 120_000_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "no object with columns"),
        ('[{"a": 1}, {"a": ', "cannot be read as JSON: .*line 1"),
        ('[{"a": 1}\n {"a": 2}]', "',' is missing .*line 2"),
        ('[{"a": 1}] x', "more follows"),
        ('{"status": 401, "error": {"message": "no"}}\n\n', "no list of objects, only status, error"),
        ('{\n"events": [{"a": 1}], "actors": [{"b": 1}]}', "lists of objects: events, actors"),
        ('{\n"a": ' + '{"a":' * 100_000, "nested too deeply"),
        ("nothing", "neither a list nor an object"),
        ("[1, 2]", "no object with columns"),
    ],
)
def test_a_document_that_is_no_table_is_refused_with_the_place(tmp_path, text, said):
    with pytest.raises(InputError, match=said):
        open_sheet(put(tmp_path, text, "events.json"))


def test_faults_in_a_document_are_told_by_item(tmp_path):
    _, rows, faults = read_file(put(tmp_path, '[{"a": 1}, 7, {"a": 1, "a": 2}, {"a": Infinity}, {"a": {}}, {"a": 5}]', "events.json"))
    assert rows == [[1], [5]] and codes(faults) == [(2, "not-an-object"), (3, "duplicate-key"), (4, "not-json"), (5, "nested-value")]
    assert faults[2].problem.where == "events.json, item 4, column a"


def test_a_document_too_large_to_hold_is_refused_with_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr("eventcoder.intake.formats.jsondocument.MAX_JSON", 1000)
    with pytest.raises(InputError, match="up to 0 MB") as refusal:
        open_sheet(put(tmp_path, json.dumps([{"a": n} for n in range(1000)]), "events.json"))
    assert "JSON Lines" in refusal.value.remedy and limits.MAX_JSON == 200 << 20


@pytest.mark.parametrize(
    ("text", "name", "format_"),
    [
        (LINE + "\n" + LINE, "events.json", "jsonl"),
        (LINE + "\n" + LINE, "events", "jsonl"),
        (LINE, "events.csv", "jsonl"),
        ("\ufeff [" + LINE + "]", "events.txt", "json"),
        ('{"data": [' + LINE + "]}", "events.jsonl", "json"),
        ("[id],[size]\n1,2\n", "events.csv", "csv"),
    ],
)
def test_the_content_says_which_kind_it_is(tmp_path, text, name, format_):
    with open_sheet(put(tmp_path, text, name)) as sheet:
        assert sheet.format == format_ and sum(len(piece.rows) for piece in sheet.pieces()) >= 1


def test_more_keys_than_columns_can_be(tmp_path):
    with pytest.raises(InputError, match="different keys"):
        open_sheet(put(tmp_path, "\n".join(json.dumps({f"k{n}_{m}": 1 for m in range(100)}) for n in range(200)), "events.jsonl"))


def feature(geometry, /, **properties):
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def point(*degrees):
    return {"type": "Point", "coordinates": list(degrees)}


def collection(*features, **more):
    return json.dumps({"type": "FeatureCollection", **more, "features": features})


def test_points_become_rows_with_coordinates(tmp_path):
    text = collection(
        feature(point(52.5311, 29.6104), id="IRN1"),
        feature(point(52.53111, 29.6104, 1500), id="IRN2", longitude="52.5311", latitude=None),
        feature(None, id="IRN3"),
        feature(point(52.5, 29.6), id="IRN4", longitude=51.4),
        feature({"type": "Polygon", "coordinates": []}, id="IRN5"),
        feature(point("52", "29"), id="IRN6"),
        {"type": "Feature", "geometry": None, "properties": [1]},
        feature(point(1, 2), id="IRN7", place={"name": "Shiraz"}),
        crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
    )
    sheet, rows, faults = read_file(put(tmp_path, text, "events.geojson"))
    assert (sheet.format, sheet.columns) == ("geojson", ("id", "longitude", "latitude", "place"))
    assert rows == [["IRN1", 52.5311, 29.6104, None], ["IRN2", "52.5311", 29.6104, None], ["IRN3", None, None, None]]
    assert codes(faults) == [(4, "coordinates-differ"), (5, "not-a-point"), (6, "not-a-point"), (7, "not-an-object"), (8, "nested-value")]
    assert faults[1].raw["id"] == "IRN5" and faults[0].problem.where == "events.geojson, feature 4, column longitude"


def test_ids_outside_the_properties_are_told(tmp_path):
    text = collection({**feature(point(1, 2), a=1), "id": 7})
    sheet, rows, _ = read_file(put(tmp_path, text, "events.geojson"))
    assert rows == [[1, 1, 2]] and [note.code for note in sheet.notes] == ["feature-ids"]


def test_projected_coordinates_are_refused(tmp_path):
    text = collection(feature(point(500000, 3275000), a=1), crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32639"}})
    with pytest.raises(InputError, match="EPSG::32639") as refusal:
        open_sheet(put(tmp_path, text, "events.geojson"))
    assert "EPSG:4326" in refusal.value.remedy
