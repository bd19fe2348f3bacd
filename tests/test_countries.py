"""Country names in running words."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventcoder.countries import CountryNames
from tests.register_lists import packaged_lists

NAMES = CountryNames(packaged_lists())


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Iran", "Iran"),
        ("Iranian", "Iran"),
        ("iranian", "Iran"),
        ("IRN", "Iran"),
        ("U.S.", "United States"),
        ("the Netherlands", "Netherlands"),
        ("Burma", "Myanmar"),
        ("Türkiye", "Turkey"),
        ("Georgia", "Georgia"),
        ("Guinea", "Guinea"),
        ("Nigerien", "Niger"),
        ("DRC", "Democratic Republic of Congo"),
        ("Democratic Republic of the Congo", "Democratic Republic of Congo"),
        ("Côte d'Ivoire", "Ivory Coast"),
    ],
)
def test_names_demonyms_and_codes(text: str, country: str) -> None:
    assert NAMES.country(text) == country


@pytest.mark.parametrize("text", ["us", "irn", "Atlantis", "", "...", "it", "Tehran"])
def test_what_is_no_country(text: str) -> None:
    assert NAMES.country(text) is None
    assert NAMES.countries(text) == ()


@pytest.mark.parametrize(
    ("text", "several"),
    [
        ("Congo", {"Democratic Republic of Congo", "Republic of Congo"}),
        ("Congolese", {"Democratic Republic of Congo", "Republic of Congo"}),
        ("Korean", {"North Korea", "South Korea"}),
    ],
)
def test_a_name_of_several_countries_is_not_decided(text: str, several: set[str]) -> None:
    assert NAMES.country(text) is None
    assert set(NAMES.countries(text)) == several


def test_every_country_of_the_codebook_is_found_by_its_own_name() -> None:
    codes = packaged_lists().lists["countries"].codes
    assert [code for code in codes if NAMES.country(code) != code] == []


def test_a_projects_own_register_counts_for_it_alone_and_as_it_stands_now(tmp_path: Path) -> None:
    register = tmp_path / "registers" / "country_names.csv"
    register.parent.mkdir()
    lists = packaged_lists()
    for country in ("Iran", "Iraq"):
        register.write_text(f"name,countries,kind\nWeirland,{country},name\n", "utf-8")
        assert CountryNames(lists, schema_dir=tmp_path).country("Weirland") == country
    assert CountryNames(lists).country("Weirland") is None and CountryNames(lists).countries("Korea") == ("North Korea", "South Korea")
    assert CountryNames(lists, codes={"QQ": "Iran", "IRN": "Iraq"}).country("QQ") == "Iran"
    assert CountryNames(lists, codes={"QQ": "Iran", "IRN": "Iraq"}).country("IRN") == "Iran" and CountryNames(lists).country("QQ") is None


def test_a_name_of_a_country_that_the_codebook_has_not_means_nothing(tmp_path: Path) -> None:
    (tmp_path / "registers").mkdir()
    (tmp_path / "registers" / "country_names.csv").write_text("name,countries,kind\nAtlantean,Atlantis,demonym\nPersian,Iran,demonym\n", "utf-8")
    names = CountryNames(packaged_lists(), schema_dir=tmp_path)
    assert (names.country("Atlantean"), names.country("Persian")) == (None, "Iran")
