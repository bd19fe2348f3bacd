"""Derived values are computed, defaults are filled in, and a revision renews what rested on what changed."""

from __future__ import annotations

from typing import Any

import pytest

from eventcoder.codebook import Codebook
from tests.synthetic_events import synthetic_values

PROTEST = {
    "event_date": "2024-05-09", "time_precision": 1, "sub_event_type": "Peaceful protest", "actor1": "Protesters (Iran)", "country": "Iran",
    "geo_precision": 1,
}  # fmt: skip


def derived(codebook: Codebook, **values: Any) -> dict[str, Any]:
    out, problems = codebook.derive(values)
    assert problems == []
    return out


def test_everything_that_follows_from_the_rest_is_filled_in(codebook: Codebook) -> None:
    out = derived(codebook, **PROTEST)
    expected = {
        "year": 2024, "event_type": "Protests", "disorder_type": "Demonstrations", "inter1": "Protesters", "interaction": "Protesters only",
        "region": "Middle East", "iso": 364, "date_start": "2024-05-09", "date_end": "2024-05-09", "point_kind": "exact",
        "tags": ["crowd size=no report"],
    }  # fmt: skip
    assert {name: out.get(name) for name in expected} == expected
    assert out.get("civilian_targeting") is None and out.get("fatalities_low") is None


@pytest.mark.parametrize(
    ("fatalities", "low_high_basis"), [(0, (0, 0, "none")), (7, (7, 7, "number")), (None, (None, None, None))]
)  # fmt: skip
def test_T19_figures_follow_only_from_figures(codebook: Codebook, fatalities: int | None, low_high_basis: tuple[Any, ...]) -> None:
    out = derived(codebook, fatalities=fatalities)
    assert tuple(out.get(f"fatalities_{name}") for name in ("low", "high", "basis")) == low_high_basis


def test_a_given_interval_is_left_alone(codebook: Codebook) -> None:
    out = derived(codebook, fatalities=52, fatalities_low=52, fatalities_basis="number")
    assert out.get("fatalities_high") is None, "'at least 52' stays open upwards"


def test_forces_are_at_home_or_abroad(codebook: Codebook) -> None:
    soldiers = "Military Forces of Kenya (2013-2022)"
    assert derived(codebook, country="Kenya", actor1=soldiers)["inter1"] == "State forces"
    assert derived(codebook, country="Somalia", actor1=soldiers)["inter1"] == "External/Other forces"
    assert derived(codebook, country="Kenya", actor1="Unidentified Armed Group (Kenya)")["inter1"] == "Political militia"
    assert derived(codebook, country="Kenya", actor1="Green Valley Band").get("inter1") is None, "unknown names are not guessed"


def test_an_interaction_waits_for_the_class_of_the_second_actor(codebook: Codebook) -> None:
    event = {"country": "Kenya", "actor1": "Rioters (Kenya)", "actor2": "Green Valley Band"}
    assert derived(codebook, **event).get("interaction") is None
    assert derived(codebook, **event, inter2="Identity militia")["interaction"] == "Identity militia-Rioters"


def test_civilians_are_targeted_by_type_or_by_actor(codebook: Codebook) -> None:
    assert derived(codebook, sub_event_type="Attack")["civilian_targeting"] == "Civilian targeting"
    strike = {"sub_event_type": "Air/drone strike", "country": "Mali", "actor2": "Civilians (Mali)"}
    assert derived(codebook, **strike)["civilian_targeting"] == "Civilian targeting"
    assert derived(codebook, **{**strike, "actor2": "Unidentified Armed Group (Mali)"}).get("civilian_targeting") is None


def test_the_crowds_words_become_one_tag_that_stays_one_item(codebook: Codebook) -> None:
    told = derived(codebook, sub_event_type="Peaceful protest", crowd_text="hundreds; later thousands")
    assert told["tags"] == ["crowd size=hundreds, later thousands"]
    assert derived(codebook, sub_event_type="Armed clash").get("tags") in (None, [])
    kept = derived(codebook, sub_event_type="Peaceful protest", tags=["crowd size=about 50"], crowd_text="dozens")
    assert kept["tags"] == ["crowd size=about 50"], "what was given wins"


def test_vague_days_and_places_are_not_made_exact(codebook: Codebook) -> None:
    out = derived(codebook, event_date="2024-05-09", time_precision=2, geo_precision=2)
    assert out.get("date_start") is None and out["point_kind"] == "representative"


def test_a_wrong_derived_value_is_told_with_the_right_one(codebook: Codebook) -> None:
    out, problems = codebook.derive({**PROTEST, "year": 2023, "region": "Europe"})
    assert [(p.code, p.field, p.value) for p in problems] == [("derived-mismatch", "year", 2023), ("derived-mismatch", "region", "Europe")]
    assert "2024" in problems[0].message and (out["year"], out["region"]) == (2024, "Middle East")


def test_a_revision_renews_what_rested_on_what_changed(codebook: Codebook) -> None:
    before = derived(codebook, **PROTEST, fatalities=0)
    changed = {**before, "event_date": "2023-12-31", "sub_event_type": "Mob violence", "country": "Iraq", "fatalities": 4, "actor1": "Rioters (Iraq)"}
    after, problems = codebook.derive(changed, regiven={"event_date", "sub_event_type", "country", "fatalities", "actor1"})
    expected = {
        "year": 2023, "date_start": "2023-12-31", "event_type": "Riots", "disorder_type": "Political violence", "iso": 368, "inter1": "Rioters",
        "interaction": "Rioters only", "fatalities_low": 4, "fatalities_high": 4, "fatalities_basis": "number",
    }  # fmt: skip
    assert problems == [] and {name: after[name] for name in expected} == expected


def test_a_revision_leaves_alone_what_did_not_rest_on_it(codebook: Codebook) -> None:
    before = derived(codebook, **{**PROTEST, "time_precision": 2, "date_start": "2024-05-06", "date_end": "2024-05-12"})
    after, problems = codebook.derive({**before, "location": "Ahvaz"}, regiven={"location"})
    assert problems == [] and after == {**before, "location": "Ahvaz"}


def test_deriving_finished_events_changes_nothing(codebook: Codebook) -> None:
    for event in synthetic_values(100, 5):
        assert codebook.derive(event) == (event, [])
