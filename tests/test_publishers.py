"""Publishers and the scale of a list of sources."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.publishers import PublisherRegistry, host_of
from tests.register_lists import packaged_lists

CODEBOOK = packaged_lists()
REGISTRY = PublisherRegistry(CODEBOOK)
ATOMS = ("Local partner", "Other", "New media", "Subnational", "National", "Regional", "International")
LOCAL = {"name": "Riverside Observers", "scale": "Local partner", "aliases": ["RO Network"], "domain": "riverside.example"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Qasr Daily", "Qasr Daily"),
        ("the qasr daily", "Qasr Daily"),
        ("https://www.qasrdaily.example/2026/03/02/march?page=1", "Qasr Daily"),
        ("Agence France-Presse", "AFP"),
        ("arabic.reuters.com", "Reuters"),
        ("BBC", "BBC News"),
        ("El País", "El Pais"),
    ],
)
def test_names_aliases_domains_and_addresses(text: str, name: str) -> None:
    assert REGISTRY.canonical(text) == name


@pytest.mark.parametrize("text", ["", "Unheard-of Gazette", "example.com", "https://", "notreuters.com", "com"])
def test_unknown_publishers(text: str) -> None:
    assert REGISTRY.canonical(text) is None


@pytest.mark.parametrize(
    ("sources", "scale"),
    [
        (["Qasr Daily"], "National"),
        (["Qasr Daily", "Delta Morning Post"], "National"),
        (["Veranda Wire", "Qasr Daily"], "National-International"),
        (["Qasr Daily", "Veranda Wire"], "National-International"),
        (["Veranda Wire", "Relief Watch Bulletin", "Northern Lakes Herald"], "Other-International"),
        (["Radio Sahel Libre", "Unheard-of Gazette"], "Regional"),
        (["Unheard-of Gazette"], None),
        (["Undisclosed Source"], None),
        ([], None),
    ],
)
def test_the_scale_spans_from_the_nearest_to_the_farthest(sources: list[str], scale: str | None) -> None:
    assert REGISTRY.scale(sources) == scale


def test_what_a_team_registers_wins() -> None:
    registry = PublisherRegistry(CODEBOOK, [LOCAL, {"name": "Qasr Daily", "scale": "Subnational"}, {"name": "Reuters", "removed": True}])
    assert registry.scale(["RO Network", "Qasr Daily"]) == "Local partner-Subnational"
    assert registry.known("Riverside Observers")
    assert not registry.known("RO Network")
    assert registry.canonical("reuters.com") is None
    assert registry.complete("river") == ["Riverside Observers"]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(ATOMS), min_size=1, max_size=7), st.randoms(use_true_random=False))
def test_every_mixture_gives_a_code_of_the_list_in_any_order(atoms: list[str], random: object) -> None:
    registry = PublisherRegistry(CODEBOOK, [{"name": f"Outlet {i}", "scale": atom} for i, atom in enumerate(atoms)])
    names = [f"Outlet {i}" for i in range(len(atoms))]
    scale = registry.scale(names)
    random.shuffle(names)  # type: ignore[attr-defined]
    assert scale == registry.scale(names)
    ordered = sorted(set(atoms), key=ATOMS.index)
    assert scale == (ordered[0] if len(ordered) == 1 else f"{ordered[0]}-{ordered[-1]}")
    assert scale in CODEBOOK.lists["source_scales"].codes


def test_the_packaged_register_holds_together() -> None:
    scales, countries = CODEBOOK.lists["source_scales"].codes, CODEBOOK.lists["countries"].codes
    assert [p.name for p in REGISTRY.publishers if p.scale is not None and p.scale not in scales] == []
    assert [p.name for p in REGISTRY.publishers if p.country is not None and p.country not in countries] == []
    assert len(REGISTRY.publishers) >= 120
    every = [domain for publisher in REGISTRY.publishers for domain in publisher.domains]
    assert len(every) == len(set(every))
    for one, other in itertools.combinations(REGISTRY.publishers, 2):
        assert not {a.casefold() for a in (one.name, *one.aliases)} & {a.casefold() for a in (other.name, *other.aliases)}, (one.name, other.name)


def test_host_names() -> None:
    assert host_of("HTTPS://user@WWW.Example.ORG:8080/x") == "example.org"
    assert host_of("Qasr Daily") == ""
