"""`trace`: what a release says of where each value comes from."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import eventcoder
from eventcoder.dataset import pseudonym
from eventcoder.errors import NotFound, UsageError
from eventcoder.reader.tracing import COLUMNS, trace
from tests.conftest import Command
from tests.releases.workshop import Workshop

OLD, NEW = "2026.11.0", "2026.11.1"
SAMPLES = Path(__file__).resolve().parents[2] / "releases"


def test_each_value_has_its_source_its_coder_and_its_past(shared: Workshop) -> None:
    frame = trace(shared.ids[0], shared.project.releases_dir)
    assert tuple(frame.columns) == COLUMNS
    assert (frame.attrs["acts"], frame.attrs["complete"], frame.attrs["version"]) == (True, True, NEW)
    told = frame.set_index("field")
    assert told.index.is_unique
    place = told.loc["location"]
    assert (place["value"], place["since_version"], place["reason"], place["decision"]) == ("Weir Bridge", NEW, "misread map", "by hand")
    (before,) = place["history"]
    assert (before["value"], before["until"], before["reason"]) == (shared.values[0]["location"], NEW, "misread map")
    day = told.loc["event_date"]
    assert (day["quote"], day["publisher"], day["url"], day["n_quotes"]) == ("A day", "The Weir Gazette", "https://weir.example/7", 1)
    assert day["document_id"] == shared.public
    assert isinstance(day["value"], date)
    assert (day["since_version"], day["history"]) == (OLD, [])
    assert day["coder"] == pseudonym("ada", shared.project.settings)
    assert told.loc["year"]["decision"] == told.loc["n_reports"]["decision"] == "computed"
    assert pd.isna(told.loc["n_reports"]["coder"])
    assert pd.isna(told.loc["actor1"]["quote"]), "the quote is of an undisclosed document"
    assert "assoc_actor_2" not in told.index or told.loc["assoc_actor_2"]["value"], "only what has a value"


def test_an_older_version_is_told_as_it_was(shared: Workshop) -> None:
    place = trace(shared.ids[0], shared.project.releases_dir, OLD, field="location").iloc[0]
    assert (place["value"], place["since_version"], place["history"]) == (shared.values[0]["location"], OLD, [])
    added = trace(shared.added, shared.project.releases_dir, field="country").iloc[0]
    assert added["since_version"] == NEW


def test_what_is_not_there_is_said(shared: Workshop) -> None:
    folder = shared.project.releases_dir
    with pytest.raises(NotFound, match=rf"It was merged in {NEW}; see {shared.ids[3]}"):
        trace(shared.ids[4], folder)
    with pytest.raises(NotFound, match="no event 'kzzzzzzzzzzz'"):
        trace("kzzzzzzzzzzz", folder)
    with pytest.raises(UsageError, match="Did you mean 'location'"):
        trace(shared.ids[0], folder, field="locatoin")
    number = str(trace(shared.ids[0], folder, field="event_id_cnty").iloc[0]["value"])
    assert trace(number, folder).attrs["event_id"] == trace(shared.ids[0][:8], folder).attrs["event_id"] == shared.ids[0]


def test_a_release_alone_says_that_its_past_is_not_at_hand(shared: Workshop, tmp_path: Path) -> None:
    alone = shutil.copytree(shared.project.releases_dir / NEW, tmp_path / "alone")
    frame = trace(shared.ids[0], alone).set_index("field")
    assert frame.attrs["complete"] is False
    assert frame.loc["location"]["since_version"] == NEW
    assert pd.isna(frame.loc["country"]["since_version"])


def test_releases_from_before_there_were_acts_are_read() -> None:
    events = eventcoder.load(SAMPLES, "2026.10.0", columns=["event_id"])
    frame = eventcoder.trace(events["event_id"].iloc[0], SAMPLES, "2026.10.0")
    assert frame.attrs["acts"] is False
    assert frame[["coder", "decision", "act", "engine"]].isna().all().all()
    assert frame["since_version"].notna().all()
    assert frame["quote"].notna().any()


def test_the_command_uses_the_same_words_for_ledger_and_release(shared: Workshop, command: Command) -> None:
    project = ("--project", shared.project.root)
    ledger = command("trace", shared.ids[0], "location", *project).out.splitlines()
    release = command("trace", shared.ids[0][:8], "location", "--release", "latest", *project).out.splitlines()
    assert ledger[0].startswith("location = 'Weir Bridge'  (ada, ")
    assert release[0].startswith("location = 'Weir Bridge'  (coder-")
    assert f"    before {NEW}: {shared.values[0]['location']!r}  because: misread map" in release
    assert f"    since {NEW}" in release
    line = json.loads(command("trace", shared.ids[0], "event_date", "--release", OLD, "--json", *project).out)
    assert (line["version"], line["value"], line["quote"]) == (OLD, shared.values[0]["event_date"], "A day")
