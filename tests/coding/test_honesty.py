"""What an act records beside its values: the codebook of that day, and how exact a point is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eventcoder.coding import Desk, NewEvent
from eventcoder.errors import Refused
from eventcoder.project import open_project, packaged_schema

EVENT = {
    "event_date": "2026-05-03", "time_precision": 1, "sub_event_type": "Peaceful protest", "actor1": "Protesters (Iran)", "country": "Iran",
    "admin1": "Fars", "location": "Shiraz", "latitude": 29.6104, "longitude": 52.5311, "geo_precision": 3, "source": ["Qasr Daily"],
    "source_scale": "National", "notes": "On 3 May 2026, protesters gathered in the province of Fars.",
}  # fmt: skip


def project(folder: Path) -> Path:
    (folder / "eventcoder.toml").write_text('id = "trial"\n', "utf-8")
    shutil.copytree(packaged_schema(), folder / "schema")
    return folder


def test_T6_the_capital_of_a_province_is_never_an_exact_point(tmp_path: Path) -> None:
    with Desk(open_project(project(tmp_path)), coder="ana") as desk:
        kept = desk.event(desk.add(NewEvent(EVENT)).event_id)
        assert kept.values["point_kind"] == "representative"
        with pytest.raises(Refused) as refused:
            desk.add(NewEvent({**EVENT, "event_date": "2026-05-09", "point_kind": "exact"}))
        assert "point_kind" in [p.field for p in refused.value.problems]


def test_T28_values_keep_the_codebook_of_their_day(tmp_path: Path) -> None:
    root = project(tmp_path)
    with Desk(open_project(root), coder="ana") as desk:
        old = desk.add(NewEvent(EVENT)).event_id
        before = desk.event(old)
    settings = root / "schema" / "codebook.toml"
    text = settings.read_text("utf-8")
    assert f'version = "{before.codebook}"' in text
    settings.write_text(text.replace(f'version = "{before.codebook}"', 'version = "1.99.0"', 1), "utf-8")
    types = root / "schema" / "lists" / "regions.csv"
    types.write_text(types.read_text("utf-8").replace("Middle East,Middle East", "Middle East,The Middle East"), "utf-8")
    with Desk(open_project(root), coder="ana") as desk:
        assert desk.codebook.version == "1.99.0"
        assert (desk.event(old).codebook, desk.event(old).values) == (before.codebook, before.values)
        new = desk.add(NewEvent({**EVENT, "event_date": "2026-06-01"})).event_id
        assert desk.event(new).codebook == "1.99.0"
