"""What a release writes, an import takes back without a change."""

from datetime import UTC, datetime

import pytest

from eventcoder.codebook import load_codebook
from eventcoder.dataset import build_tables
from eventcoder.intake.tables import import_table
from eventcoder.ledger import new_entry, open_ledger
from eventcoder.project import Project, packaged_schema
from eventcoder.releases.acled import acled_table
from eventcoder.releases.csvfile import write_csv
from tests.synthetic_events import synthetic_values

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def codebook(tmp_path_factory):
    return load_codebook(packaged_schema(), tmp_path_factory.mktemp("cache"))


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path / "project")
    made.state_dir.mkdir(parents=True)
    return made


@pytest.fixture
def ledger(project, codebook):
    """120 events as coders would have added them; one has a text that a spreadsheet would run, one no figure of deaths, one an interval."""
    system = {c.name for c in codebook.columns if c.entered == "system"}
    acts = []
    for number, full in enumerate(synthetic_values(120, 3)):
        values = {k: v for k, v in full.items() if k not in system and v not in (None, [])}
        if number == 0:
            values["admin3"] = '=Quarter "9"; north, east'
        if number == 1:
            values = {k: v for k, v in values.items() if not k.startswith("fatalities")}
        if number == 2:
            known = values.setdefault("fatalities", 0)
            values |= {"fatalities_low": known, "fatalities_high": known + 4, "fatalities_basis": "number"}
        body = {"act": "create", "values": values, "settled": True, "codebook": codebook.version}
        acts.append(new_entry("act", full["event_id"], body, coder="ben", time=NOW))
    with open_ledger(project.ledger_path) as opened:
        opened.append(acts)
        yield opened


@pytest.mark.parametrize("dialect", ["native", "acled"])
def test_T19_T23_T29_T30_our_own_exports_come_back_unchanged(project, ledger, codebook, tmp_path, dialect):
    events = build_tables(ledger.events(), codebook, documents={}, settings=project.settings)["events"]
    path = tmp_path / "events.csv"
    write_csv(events if dialect == "native" else acled_table(events), path)
    before = {e.event_id: e.values for e in ledger.events()}
    result = import_table(project, ledger, codebook, path, coder="ana", time=LATER)
    assert (result.dialect, result.read, result.unchanged) == (dialect, 120, 120), [p for p in result.problems if p.severity != "info"][:3]
    assert {e.event_id: e.values for e in ledger.events()} == before


def test_a_native_export_fills_an_empty_project_with_the_same_events(project, ledger, codebook, tmp_path):
    events = build_tables(ledger.events(), codebook, documents={}, settings=project.settings)["events"]
    path = tmp_path / "events.csv"
    write_csv(events, path)
    other = Project(tmp_path / "other")
    other.state_dir.mkdir(parents=True)
    with open_ledger(other.ledger_path) as empty:
        assert import_table(other, empty, codebook, path, coder="ana", time=LATER).created == 120
        assert {e.event_id: e.values for e in empty.events()} == {e.event_id: e.values for e in ledger.events()}
