"""What a release writes, an import takes back without a change."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventcoder.codebook import load_codebook
from eventcoder.dataset import build_tables
from eventcoder.intake.dialects import load_dialects
from eventcoder.intake.reading import restore
from eventcoder.intake.tables import Wishes, import_table
from eventcoder.ledger import new_entry, open_ledger
from eventcoder.project import Project, packaged_schema
from eventcoder.releases.acled import acled_table
from eventcoder.releases.csvfile import write_csv
from eventcoder.releases.exporting import shapes
from eventcoder.releases.exporting.writers import open_writer
from eventcoder.releases.exporting.written import Written
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


VINTAGES = {"acled": "2024+", "acled-2023": "2023", "acled-monadic": "2024+ actor-based"}
FORMS = [
    *((form, kind) for form in ("native", "acled", "acled-2023", "acled-monadic") for kind in ("csv", "parquet", "jsonl")),
    ("geojson", "geojson"),
]


def written(form, kind, events, codebook, path):
    """Write events as `export` does."""
    if form in VINTAGES:
        shape = Written(load_dialects(packaged_schema())["acled"].edition(VINTAGES[form]).write, codebook)
    else:
        shape = shapes.Points() if form == "geojson" else shapes.Native()
    table = shape.shape(events)
    with open_writer(kind, path, table.schema) as out:
        out.write(table)
    return table.num_rows


@pytest.mark.parametrize(("form", "kind"), FORMS)
def test_every_form_that_is_exported_comes_back(project, ledger, codebook, tmp_path, form, kind):
    """Into the project that it came from: nothing changes. Into an empty one: the same events, as far as the form can say them."""
    events = build_tables(ledger.events(), codebook, documents={}, settings=project.settings)["events"]
    path = tmp_path / f"events.{kind}"
    rows = written(form, kind, events, codebook, path)
    before = {e.event_id: e.values for e in ledger.events()}
    same = import_table(project, ledger, codebook, path, coder="ana", time=LATER)
    assert (same.read, same.unchanged, same.revised, same.created) == (rows, rows, 0, 0), [p for p in same.problems if p.severity == "error"][:3]
    assert {e.event_id: e.values for e in ledger.events()} == before
    if form == "acled-monadic":
        assert same.vintage == "2024+ actor-based" and same.joined == rows - 120
    other = Project(tmp_path / "other")
    other.state_dir.mkdir(parents=True)
    with open_ledger(other.ledger_path) as empty:
        result = import_table(other, empty, codebook, path, coder="ana", time=LATER)
        assert (result.created, result.rejected) == (120, 0)
        found = {e.values["event_id_cnty"]: e.values for e in empty.events()}
    # what the form does not carry, and what is filled in again another way (codebook: basis 'unknown' for a figure taken over, ...)
    own = {c.name for c in codebook.columns if c.group != "acled"} if form.startswith("acled") else set()
    for values in before.values():
        mine = {k: v for k, v in values.items() if k not in own}
        back = {k: v for k, v in found[values.get("event_id_cnty") or _assigned(events, values)].items() if k not in own}
        if form.startswith("acled"):
            mine.setdefault("fatalities", 0)
        mine.setdefault("event_id_cnty", back["event_id_cnty"])
        back.pop("timestamp", None)
        assert back == mine


def _assigned(events, values):
    """The number that a release gave an event which has none yet."""
    at = events.column("notes").to_pylist().index(values["notes"])
    return events.column("event_id_cnty")[at].as_py()


TEXT = st.text(st.one_of(st.sampled_from("\",;|\t'=+-@ é–"), st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"])), max_size=15)
PLACE = TEXT.map(lambda t: " ".join(t.replace("\t", " ").split())).filter(bool)
ROW = st.fixed_dictionaries(
    {"notes": PLACE, "location": PLACE, "event_date": st.dates(datetime(2000, 1, 1).date(), datetime(2026, 1, 1).date()).map(str)},
    optional={
        "fatalities": st.integers(0, 500).map(str), "latitude": st.floats(-90, 90).map(lambda f: repr(round(f, 4) + 0.0)),
        "source": st.lists(PLACE.filter(lambda t: ";" not in t), min_size=1, max_size=3).map("; ".join), "admin1": PLACE,
        "country": st.sampled_from(["Iran", "Nigeria"]), "crowd_text": PLACE,
    },
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(ROW, min_size=2, max_size=6, unique_by=lambda row: row["notes"]),
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_any_table_that_can_be_written_is_read_back_equal(codebook, tmp_path_factory, rows, delimiter, encoding, newline):
    folder = tmp_path_factory.mktemp("any")
    names = sorted({name for row in rows for name in row})
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=newline, quoting=csv.QUOTE_ALL).writerows(
        [names, *([r.get(n, "") for n in names] for r in rows)]
    )
    (folder / "events.csv").write_bytes(out.getvalue().encode(encoding))
    home = Project(folder / "home")
    home.state_dir.mkdir(parents=True)
    with open_ledger(home.ledger_path) as ledger:
        result = import_table(home, ledger, codebook, folder / "events.csv", coder="ana", time=LATER, wishes=Wishes(dialect="native"))
        assert (result.read, result.created) == (len(rows), len(rows)), result.problems
        found = {e.values["notes"]: e.values for e in ledger.events()}
    for row in rows:
        expected, problems = codebook.coerce({k: restore(v) for k, v in row.items()})
        assert problems == []
        values = found[expected["notes"]]
        assert {k: values.get(k) for k in expected} == expected
