"""`places import`: a table with mistakes."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from eventcoder.errors import InputError
from eventcoder.gazetteer import Gazetteer, Place, open_gazetteer, places_from_entries, read_places_csv
from eventcoder.problem import Report
from tests.conftest import Command
from tests.register_lists import Lists


def write(path: Path, text: str) -> Path:
    file = path / "places.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_T12_each_mistake_is_named_with_its_line(tmp_path: Path, codebook: Lists) -> None:
    file = write(
        tmp_path,
        "name,country,latitude,longitude,admin1,aliases\n"
        "Camp Ashraf,Iraq,33.81,44.52,Diyala,Ashraf | Camp New Iraq\n"
        "Veranda Square,Atlantis,1,2,,\n"
        "Qasr Bridge,Iraq,44.52,33.81,,\n"
        "Sea Point,Iraq,0,0,,\n"
        "High Place,Iraq,93,44,,\n"
        "Worded,Iraq,north,44,,\n"
        ",Iraq,33,44,,\n"
        "Empty,Iraq,,44,,\n"
        "Camp Ashraf,Iraqi,33.82,44.53,,\n",
    )
    places, problems = read_places_csv(file, codebook)
    assert places == [
        {
            "gazetteer_id": "team:iraq-camp-ashraf",
            "name": "Camp Ashraf",
            "country": "Iraq",
            "admin1": "Diyala",
            "admin2": None,
            "latitude": 33.81,
            "longitude": 44.52,
            "aliases": ["Ashraf", "Camp New Iraq"],
        }
    ]
    assert places_from_entries(places)[0].body == places[0]
    assert Report(problems).flatten("code", "where") == [
        ("unknown-country", "places.csv, line 3"),
        ("coordinates-swapped", "places.csv, line 4"),
        ("place-outside-country", "places.csv, line 5"),
        ("out-of-range", "places.csv, line 6"),
        ("not-a-number", "places.csv, line 7"),
        ("missing-required", "places.csv, line 8"),
        ("missing-required", "places.csv, line 9"),
        ("place-twice", "places.csv, line 10"),
    ]


def test_a_country_across_the_date_line(tmp_path: Path, codebook: Lists) -> None:
    places, problems = read_places_csv(write(tmp_path, "name;country;lat;lon\nTaveuni;Fiji;-16.9;-179.98\nSuva Yard;Fiji;-18.13;178.44\n"), codebook)
    assert [p["name"] for p in places] == ["Taveuni", "Suva Yard"]
    assert problems == []


@pytest.mark.parametrize(
    "content", [b"", b"name,country\nx,y\n", b"PK\x03\x04\x00\x00", b"name,country,latitude,longitude\nQu\xe9bec,Canada,46,-71\n"]
)
def test_files_that_cannot_be_read_at_all(tmp_path: Path, codebook: Lists, content: bytes) -> None:
    file = tmp_path / "places.csv"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"places\.csv"):
        read_places_csv(file, codebook)


def test_T12_a_point_among_the_places_of_another_country_is_refused_one_at_a_border_is_not(
    tmp_path: Path, codebook: Lists, gazetteer: Gazetteer
) -> None:
    # all three lie in the box of their country; Ciudad Juarez and El Paso lie on either side of one river
    file = write(
        tmp_path,
        "name,country,latitude,longitude\nBorder Yard,Mexico,31.745,-106.487\nPaved Square,Mexico,29.424,-98.494\nPlaza Norte,Mexico,19.44,-99.14\n",
    )
    places, problems = read_places_csv(file, codebook, gazetteer)
    assert [p["name"] for p in places] == ["Border Yard", "Plaza Norte"]
    assert [(p.code, p.where) for p in problems] == [("place-outside-country", "places.csv, line 3")]
    assert "United States" in problems[0].message


def test_a_point_in_another_country_is_refused_also_among_many_places_of_the_teams_own(tmp_path: Path, codebook: Lists) -> None:
    own = [Place(f"team:n{n}", f"Corner {n}", "Mexico", None, None, 29.424, -98.494 + n / 1e4, version="team", origin="team") for n in range(12)]
    file = write(tmp_path, "name,country,latitude,longitude\nPaved Square,Mexico,29.424,-98.494\n")
    with closing(open_gazetteer(codebook, team=own)) as gazetteer:
        assert gazetteer.nearest(29.424, -98.494)[0][0].name == "Corner 0"
        places, problems = read_places_csv(file, codebook, gazetteer)
    assert places == [] and [p.code for p in problems] == ["place-outside-country"] and "United States" in problems[0].message


def test_the_same_table_again_stores_nothing_and_a_changed_row_alone_is_stored(command: Command) -> None:
    head = "name,country,latitude,longitude,admin1,admin2,aliases\n"
    rows = ["Zarlan Ford,Iran,31.5,54.2,Yazd,,\n", "Weir Camp,Iraq,33.8,44.5,,,\n"]
    write(Path.cwd(), head + "".join(rows))
    assert "2 stored, 0 known" in command("places", "import", "places.csv").out
    assert "0 stored, 2 known" in command("places", "import", "places.csv").out
    write(Path.cwd(), head + rows[0] + rows[1].replace("33.8", "33.9"))
    assert "1 stored, 1 known" in command("places", "import", "places.csv").out
