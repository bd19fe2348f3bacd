"""All places as arrays: the same answers as the gazetteer gives one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from eventcoder.codebook import Codebook, load_codebook
from eventcoder.gazetteer import Place, open_gazetteer
from eventcoder.gazetteer.atlas import Atlas, kilometres, open_atlas


@pytest.fixture(scope="module")
def book() -> Codebook:
    return load_codebook(Path(__file__).parents[2] / "schema")


@pytest.fixture(scope="module")
def atlas(book: Codebook) -> Atlas:
    return open_atlas(book)


@pytest.mark.parametrize("point", [(35.69, 51.42), (-16.99, -179.97), (78.2, 15.6), (-54.8, -68.3), (0.35, 32.58), (-89.0, 10.0)])
def test_the_nearest_place_is_that_of_the_gazetteer(atlas: Atlas, book: Codebook, point: tuple[float, float]) -> None:
    (place, km), *_ = open_gazetteer(book).nearest(*point)
    found_km, found = atlas.nearest([point[0]], [point[1]], 3)
    assert place.gazetteer_id == f"geonames:{next(key for key, n in atlas._row_of.items() if n == found[0, 0])}"
    assert found_km[0, 0] == pytest.approx(km, abs=0.01) and (np.diff(found_km[0]) >= 0).all()


def test_of_one_country_or_division_and_of_too_few(atlas: Atlas) -> None:
    iran, vatican = atlas.country_number("Iran"), atlas.country_number("Vatican City")
    km, rows = atlas.nearest([33.3], [44.4], 5, iran)
    assert (atlas.country[rows[0]] == iran).all() and km[0, 0] > 100
    km, rows = atlas.nearest([41.9], [12.45], 4, vatican)
    assert rows[0].tolist()[1:] == [-1, -1, -1] and np.isinf(km[0, 1:]).all()
    fars = atlas.division_of(iran, "Fars Province")
    assert fars >= 0 and atlas.division_of(iran, "fars") == fars and atlas.division_of(iran, "Nowhere") == -1
    assert atlas.division_of(atlas.country_number("Iraq"), "Anbar") == atlas.division_of(atlas.country_number("Iraq"), "Al Anbar") >= 0
    _, rows = atlas.nearest([29.6], [52.5], 1, division=fars)
    assert atlas.names[rows[0, 0]] == "Shiraz"


def test_names_in_other_scripts_lead_to_their_places(atlas: Atlas) -> None:
    named = atlas.named(["Шираз", "Shiraz", "Qwxnowhere", ""])
    assert set(named) == {"шираз", "shiraz"}
    assert set(named["шираз"]) & set(named["shiraz"])


def test_the_teams_own_places_are_there(book: Codebook) -> None:
    own = Place("team:iran-mill-quarter", "Mill Quarter", "Iran", "Fars", None, 30.0, 55.0, aliases=("The Grist Works",))
    atlas = open_atlas(book, team=[own])
    row = atlas.row("team:iran-mill-quarter")
    assert atlas.names[row] == "Mill Quarter" and atlas.named(["The Grist Works"]) == {"the grist works": [row]}
    assert atlas.division[row] == atlas.division_of(atlas.country_number("Iran"), "Fars")
    assert atlas.nearest([30.0], [55.0], 1)[1][0, 0] == row


def test_what_one_team_added_no_other_atlas_of_the_process_knows(book: Codebook, atlas: Atlas) -> None:
    near = atlas.nearest([30.0], [55.0], 1)
    theirs = open_atlas(book, team=[Place("team:iran-lock-house", "Lock House", "Iran", "Weirland", None, 30.0, 55.0)])
    iran = theirs.country_number("Iran")
    assert theirs.division_of(iran, "Weirland") >= 0 and theirs.nearest([30.0], [55.0], 1)[0][0, 0] == 0
    for other in (atlas, open_atlas(book, team=[Place("team:iran-kiln", "Kiln", "Iran", "Fars", None, 30.2, 55.2)])):
        assert other.division_of(iran, "Weirland") == -1 and other.row("team:iran-lock-house") == -1
    assert atlas.nearest([30.0], [55.0], 1)[1].tolist() == near[1].tolist()


def test_distances_along_a_meridian_and_over_the_date_line() -> None:
    assert kilometres(0.0, 0.0, 1.0, 0.0) == pytest.approx(111.19, abs=0.1)
    assert kilometres(0.0, 179.5, 0.0, -179.5) == pytest.approx(111.19, abs=0.1)
