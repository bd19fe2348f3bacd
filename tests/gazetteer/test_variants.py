"""Spellings of one name have one key; different names do not."""

from __future__ import annotations

import pytest

from eventcoder.gazetteer import Gazetteer
from eventcoder.gazetteer.variants import bare, plain
from eventcoder.names import fold


@pytest.mark.parametrize(
    "spellings",
    [
        ("Deir ez-Zor", "Dayr az Zawr", "Deir Ez Zor"),
        ("Khan Younis", "Khān Yūnis", "Khan Yunis"),
        ("Al-Nasiriyah", "An Nasiriya", "Nasiriyah"),
        ("Sheikh Zuweid", "Ash Shaykh Zuwayyid"),
        ("Ain Issa", "‘Ayn ‘Īsá"),
        ("Mekele", "Mekelle", "Mekʼele"),
        ("Bulo Marer", "Buulo Mareer"),
        ("Hodeidah", "Al Hudaydah", "Hudaydah"),
    ],
)
def test_spellings_of_one_name(spellings: tuple[str, ...]) -> None:
    assert len({plain(fold(name)) for name in spellings}) == 1


def test_other_names_stay_other_names() -> None:
    names = ["Hodeidah", "Hadibu", "Zawiya", "Zuwara", "Kano", "Kaduna", "Zaria", "Mosul", "Misrata"]
    assert len({bare(plain(fold(name))) for name in names}) == len(names)


@pytest.mark.parametrize("name", ["", "12", "тест", "الحديدة", "a"])
def test_what_has_no_latin_sound_has_no_key_or_a_short_one(name: str) -> None:
    assert len(plain(fold(name))) <= 1


@pytest.mark.parametrize(
    ("name", "country", "meant"),
    [
        ("Deir Ezzor", "Syria", "Deir ez-Zor"),
        ("Al-Nasiriyah", "Iraq", "Nasiriyah"),
        ("Sheikh Zuweid", "Egypt", "Ash Shaykh Zuwayd"),
        ("Kharkov Oblast", "Ukraine", None),
        ("Tehran", "Canada", None),
    ],
)
def test_another_spelling_is_found_in_its_country_only(gazetteer: Gazetteer, name: str, country: str, meant: str | None) -> None:
    found = gazetteer.similar(name, country=country)
    assert (found[0].name if found else None) == meant
    assert all(p.country == country for p in found)


def test_a_capital_a_region_and_a_district_are_found_by_id_and_name(gazetteer: Gazetteer) -> None:
    capital = gazetteer.capital("Libya")
    assert capital is not None and capital.name == "Tripoli"
    donbas = gazetteer.lookup("Donbas")[0]
    assert (donbas.kind, donbas.country) == ("region", "Ukraine") and gazetteer.place(donbas.gazetteer_id) == donbas
    district = next(p for p in gazetteer.lookup("Shariatpur", country="Bangladesh", limit=5) if p.kind == "admin2")
    assert gazetteer.place(district.gazetteer_id) is not None
