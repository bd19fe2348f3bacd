"""Exports of a release, cell by cell against the release itself."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eventcoder.crosswalks import NONE, load_crosswalk
from eventcoder.errors import CodebookError, NotFound, Refused, ReleaseError, UsageError
from eventcoder.intake.dialects import Dialect, load_dialects
from eventcoder.project import packaged_schema
from eventcoder.releases import release_folder, withdraw
from eventcoder.releases.csvfile import restore
from eventcoder.releases.exporting import ExportResult, export_release, run
from eventcoder.releases.exporting.forms import FORMS, REFUSED
from eventcoder.releases.exporting.run import find_release
from eventcoder.releases.exporting.shapes import AREA, NOWHERE, Points
from eventcoder.releases.exporting.written import CODELESS, FILLED, SIDELESS, Written
from eventcoder.releases.layout import ACLED_COLUMNS
from eventcoder.releases.package import file_facts
from tests.releases.workshop import SYSTEM, Workshop, book
from tests.synthetic_events import synthetic_values

Export = Callable[..., ExportResult]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """A project with 81 events released; one has a text that a spreadsheet would run and associated actors on both sides."""
    made = Workshop(tmp_path_factory.mktemp("exports") / "project", 80)
    odd = next(v for v in synthetic_values(300, 21) if v["actor2"] and v["sub_event_type"] == "Protest with intervention")
    kept = {k: v for k, v in odd.items() if k not in SYSTEM and k != "event_id" and v not in (None, [])}
    kept |= {"location": "=Weir", "assoc_actor_1": ["Teachers (Iran)", "Women (Iran)"], "assoc_actor_2": ["Police Forces of Iran (1989-) Drill Unit"]}
    kept |= {"arrested_low": 3, "arrested_high": 5}
    made.act(odd["event_id"], {"act": "create", "values": kept, "settled": True, "codebook": book().version})
    made.odd = odd["event_id"]
    made.release()
    yield made
    made.ledger.close()


@pytest.fixture(scope="module")
def release(workshop: Workshop) -> Path:
    return release_folder(workshop.project)


@pytest.fixture(scope="module")
def events(release: Path) -> list[dict[str, Any]]:
    """The events as the release's Parquet file has them."""
    rows: list[dict[str, Any]] = pq.read_table(release / "events.parquet").to_pylist()
    return rows


@pytest.fixture
def export(release: Path, tmp_path: Path) -> Export:
    def write(dialect: str, name: str, **more: Any) -> ExportResult:
        return export_release(release, dialect, tmp_path / name, **more)

    return write


def cells(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file as text, formulas restored."""
    with path.open(encoding="utf-8", newline="") as file:
        return [{k: restore(v) for k, v in row.items()} for row in csv.DictReader(file)]


def shown(value: Any) -> str:
    """A value as CSV shows it."""
    if isinstance(value, list):
        return "; ".join(value)
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return "" if value is None else str(value)


# ------------------------------------------------------------------------------------------------ our own table


def test_native_is_the_table_as_released_in_every_format(export: Export, release: Path, events: list[dict[str, Any]]) -> None:
    table = export("native", "e.csv")
    assert table.file.read_bytes() == (release / "events.csv").read_bytes()
    assert (table.rows, table.events, table.losses) == (81, 81, ())
    parquet = pq.read_table(export("native", "e.parquet").file)
    assert parquet.equals(pq.read_table(release / "events.parquet"))
    assert parquet.schema.field("notes").metadata[b"description"]
    lines = export("native", "e.jsonl").file.read_text("utf-8").splitlines()
    days = ("event_date", "date_start", "date_end", "reported_date")
    assert [json.loads(line) for line in lines] == [{**e, **{d: shown(e[d]) or None for d in days}} for e in events]


def test_points_carry_all_columns_and_feign_nothing(export: Export, events: list[dict[str, Any]]) -> None:
    result = export("geojson", "e.geojson")
    found = json.loads(result.file.read_text("utf-8"))
    assert found["type"] == "FeatureCollection"
    assert [(f["id"], f["geometry"]["coordinates"]) for f in found["features"]] == [(e["event_id"], [e["longitude"], e["latitude"]]) for e in events]
    for feature, event in zip(found["features"], events, strict=True):
        assert set(feature["properties"]) == set(event) - {"latitude", "longitude"}
        assert feature["properties"]["geo_precision"] == event["geo_precision"]
        assert feature["properties"]["source"] == event["source"]
    assert dict(result.losses) == {AREA: sum(e["geo_precision"] > 1 for e in events)}


def test_a_place_without_coordinates_has_no_point(release: Path, tmp_path: Path) -> None:
    from eventcoder.releases.exporting.writers import open_writer

    table = pq.read_table(release / "events.parquet").slice(0, 2)
    nowhere = table.set_column(table.column_names.index("latitude"), "latitude", pa.array([None, 1.5]))
    shape = Points()
    with open_writer("geojson", tmp_path / "e.geojson", nowhere.schema) as writer:
        writer.write(shape.shape(nowhere))
    features = json.loads((tmp_path / "e.geojson").read_text("utf-8"))["features"]
    assert [f["geometry"] is None for f in features] == [True, False]
    assert shape.losses[NOWHERE] == 1


# ------------------------------------------------------------------------------------------------ ACLED's forms


def test_acled_is_the_releases_own_file_and_says_what_it_hides(export: Export, release: Path, events: list[dict[str, Any]]) -> None:
    result = export("acled", "a.csv")
    assert result.file.read_bytes() == (release / "events_acled.csv").read_bytes()
    unreported = sum(e["fatalities"] is None for e in events)
    assert unreported
    assert dict(result.losses) == {FILLED.format(column="fatalities", text="0"): unreported}


@pytest.mark.parametrize("dialect", ["acled", "acled-2023"])
def test_acled_files_are_read_by_pandas_cell_by_cell(export: Export, events: list[dict[str, Any]], dialect: str) -> None:
    frame = pd.read_csv(export(dialect, "a.csv").file, keep_default_na=False)
    assert tuple(frame.columns) == ACLED_COLUMNS
    inter = {code: int(number) for code, number in zip(book().lists["inter"].codes, book().lists["inter"].column("number"), strict=True)}
    together = {
        code: int(number) for code, number in zip(book().lists["interactions"].codes, book().lists["interactions"].column("number"), strict=True)
    }
    for row, event in zip(frame.to_dict("records"), events, strict=True):
        expected = {name: event[name] for name in ACLED_COLUMNS} | {"fatalities": event["fatalities"] or 0}
        if dialect == "acled-2023":
            expected |= {"inter1": inter[event["inter1"]], "inter2": inter[event["inter2"]] if event["actor2"] else 0}
            expected |= {"interaction": together[event["interaction"]]}
        assert {k: restore(str(v)) for k, v in row.items() if k not in ("latitude", "longitude")} == {
            k: shown(v) for k, v in expected.items() if k not in ("latitude", "longitude")
        }
        assert (row["latitude"], row["longitude"]) == (event["latitude"], event["longitude"])
    if dialect == "acled-2023":
        assert {str(frame[c].dtype) for c in ("inter1", "inter2", "interaction")} == {"int64"}
        assert set(frame.inter2) >= {0, 1}


def acled_edition(vintage: str) -> Dialect:
    return load_dialects(packaged_schema())["acled"].edition(vintage)


def test_numbers_are_those_of_the_lists_and_absent_where_a_code_has_none(release: Path) -> None:
    table = pq.read_table(release / "events.parquet")
    odd = table.set_column(table.column_names.index("inter1"), "inter1", pa.array(["Guards", *table.column("inter1").to_pylist()[1:]]))
    shape = Written(acled_edition("2023").write, book())
    assert shape.shape(odd).column("inter1").to_pylist()[0] is None
    assert shape.losses[CODELESS.format(column="inter1")] == 1


def test_monadic_files_repeat_ids_and_fold_back_into_the_events(export: Export, events: list[dict[str, Any]]) -> None:
    result = export("acled-monadic", "m.csv")
    rows = cells(result.file)
    assert tuple(rows[0]) == tuple(c for c in ACLED_COLUMNS if c not in ("actor2", "assoc_actor_2", "inter2"))
    assert (result.rows, result.events) == (len(rows), 81)
    times = Counter(r["event_id_cnty"] for r in rows)
    assert times == {e["event_id_cnty"]: 2 if e["actor2"] else 1 for e in events}
    at = iter(rows)
    for event in events:  # both sides of an event stand together, in order
        for side in (1, 2)[: times[event["event_id_cnty"]]]:
            row = next(at)
            assert row["event_id_cnty"] == event["event_id_cnty"]
            assert (row["actor1"], row["assoc_actor_1"], row["inter1"]) == tuple(
                shown(event[name]) for name in (f"actor{side}", f"assoc_actor_{side}", f"inter{side}")
            )
            assert (row["interaction"], row["notes"], row["location"]) == (event["interaction"], event["notes"], event["location"])
    own = ("actor1", "assoc_actor_1", "inter1")
    once = {r["event_id_cnty"]: {k: v for k, v in r.items() if k not in own} for r in rows}
    acled = {r["event_id_cnty"]: {k: v for k, v in r.items() if k in rows[0] and k not in own} for r in cells(export("acled", "a.csv").file)}
    assert once == acled


def test_associates_of_nobody_are_counted_and_not_dropped_in_silence(release: Path) -> None:
    table = pq.read_table(release / "events.parquet")
    alone = table.filter(pa.compute.is_null(table.column("actor2"))).slice(0, 3)
    groups = pa.array([["Women (Iran)"], [], []], table.schema.field("assoc_actor_2").type)
    shape = Written(acled_edition("2024+ actor-based").write, book())
    assert shape.shape(alone.set_column(alone.column_names.index("assoc_actor_2"), "assoc_actor_2", groups)).num_rows == 3
    assert shape.losses[SIDELESS] == 1


# ------------------------------------------------------------------------------------------------ the long form


def test_long_form_is_event_actors_with_the_events_beside(export: Export, release: Path, workshop: Workshop, events: list[dict[str, Any]]) -> None:
    result = export("long", "l.parquet")
    rows = pq.read_table(result.file).to_pylist()
    keys = ("event_id", "side", "role", "number", "actor", "inter")
    actors = pq.read_table(release / "event_actors.parquet").to_pylist()
    assert sorted(str([r[k] for k in keys]) for r in rows) == sorted(str([a[k] for k in keys]) for a in actors)
    assert (result.rows, result.events) == (len(actors), 81)
    by_id = {e["event_id"]: e for e in events}
    left_out = {f"{name}{side}" for name in ("actor", "assoc_actor_", "inter") for side in (1, 2)}
    for row in rows:
        assert {k: v for k, v in row.items() if k not in keys[1:]} == {k: v for k, v in by_id[row["event_id"]].items() if k not in left_out}
    order = {e["event_id"]: n for n, e in enumerate(events)}
    assert rows == sorted(rows, key=lambda r: (order[r["event_id"]], r["side"], r["role"], r["number"]))
    odd = [(r["side"], r["role"], r["number"], r["actor"]) for r in rows if r["event_id"] == workshop.odd]
    assert (1, "associated", 2, "Women (Iran)") in odd and (2, "associated", 1, "Police Forces of Iran (1989-) Drill Unit") in odd


def test_a_projects_own_column_of_the_same_name_is_kept_beside_ours(release: Path) -> None:
    from eventcoder.releases.exporting.shapes import Long

    table = pq.read_table(release / "events.parquet").append_column("role", pa.array(["leader"] * 81))
    shaped = Long().shape(table)
    assert set(shaped.column("role").to_pylist()) == {"actor", "associated"}
    assert set(shaped.column("event_role").to_pylist()) == {"leader"}


# ------------------------------------------------------------------------------------------------ codes of other schemes


@pytest.mark.parametrize("dialect", ["plover", "cameo"])
def test_codes_come_from_the_crosswalk_alone(export: Export, events: list[dict[str, Any]], workshop: Workshop, dialect: str) -> None:
    result = export(dialect, "c.parquet")
    rows = pq.read_table(result.file).to_pylist()
    crosswalk = load_crosswalk(workshop.project.schema_dir, book(), dialect)
    allowed: dict[str, set[str]] = {}
    for row in crosswalk.rows:
        if row.to and row.theirs != NONE:
            allowed.setdefault(row.ours, set()).add(row.theirs)
    convert = crosswalk.converter("sub_event_type", FORMS[dialect].field)
    for row, event in zip(rows, events, strict=True):
        assert {**row} == {**row, **{k: event[k] for k in row if k in event}}
        match = convert({**event})
        assert (tuple(row["codes"]), tuple(row["candidates"]), row["certain"]) == (match.codes, match.candidates, match.certain)
        assert {*row["codes"], *row["candidates"]} <= allowed.get(event["sub_event_type"], set())
        assert row["loss"] or row["certain"]
    assert sum(n for text, n in result.losses if "candidates" in text) == sum(bool(r["candidates"]) for r in rows)
    odd = next(r for r in rows if r["event_id"] == workshop.odd)
    assert odd["codes"] == (["PROTEST/demo", "COERCE/arrest"] if dialect == "plover" else ["141", "173"])
    assert next(r for r in cells(export(dialect, "c.csv").file) if r["event_id"] == workshop.odd)["codes"] == "; ".join(odd["codes"])


def test_a_projects_own_crosswalk_is_used_and_a_broken_one_stops_the_export(export: Export, tmp_path: Path) -> None:
    folder = tmp_path / "schema" / "crosswalks"
    folder.mkdir(parents=True)
    header = "column,ours,field,theirs,condition,direction,certain,loss,source\n"
    (folder / "plover.csv").write_text(header + "sub_event_type,Peaceful protest,event/mode,PROTEST/x,,to,yes,,Team\n", "utf-8")
    rows = cells(export("plover", "c.csv", schema_dir=tmp_path / "schema").file)
    assert {(r["sub_event_type"] == "Peaceful protest", r["codes"]) for r in rows} == {(True, "PROTEST/x"), (False, "")}
    assert all("no row for" in r["loss"] for r in rows if not r["codes"])
    (folder / "plover.csv").write_text(header + "sub_event_type,Peaceful protest,event/mode,PROTEST/x,,to,perhaps,,Team\n", "utf-8")
    with pytest.raises(CodebookError, match=r"plover\.csv, line 2"):
        export("plover", "d.csv", schema_dir=tmp_path / "schema")
    assert not list(tmp_path.glob("*d.csv*"))


# ------------------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize("dialect", [*REFUSED, "ALCED"])
def test_what_cannot_be_written_is_refused_with_the_reason_and_nothing_is_written(export: Export, tmp_path: Path, dialect: str) -> None:
    with pytest.raises(UsageError) as caught:
        export(dialect, "x.csv")
    assert REFUSED.get(dialect, "Unknown dialect") in caught.value.message
    assert "acled-monadic" in caught.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_crosswalks_that_refusals_point_to_are_there(workshop: Workshop) -> None:
    for name, reason in REFUSED.items():
        if "crosswalks" in reason:
            assert (workshop.project.schema_dir / "crosswalks" / f"{name}.csv").is_file()


@pytest.mark.parametrize(("name", "more", "said"), [
    ("x.xlsx", {}, "ending"), ("x", {}, "ending"), ("x.csv", {"format": "geojson"}, "csv, parquet, jsonl"), ("gone/x.csv", {}, "no folder"),
])  # fmt: skip
def test_formats_and_places_that_do_not_fit(export: Export, tmp_path: Path, name: str, more: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        export("acled", name, **more)
    assert list(tmp_path.iterdir()) == []


def test_the_format_asked_for_beats_the_ending(export: Export) -> None:
    assert export("native", "x.dat", format="parquet").format == "parquet"


def test_a_file_that_is_there_stays_unless_forced(export: Export, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("mine", "utf-8")
    with pytest.raises(Refused, match="--force"):
        export("acled", "a.csv")
    assert (tmp_path / "a.csv").read_text("utf-8") == "mine"
    export("acled", "a.csv", force=True)
    assert len(cells(tmp_path / "a.csv")) == 81
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UsageError, match="no file"):
        export("acled", "folder.csv", force=True)


@pytest.mark.parametrize("place", [".", "codes", ".."])
def test_nothing_is_ever_written_among_the_releases(release: Path, place: str) -> None:
    before = sorted(release.parent.rglob("*"))
    with pytest.raises(UsageError, match="published files never change"):
        export_release(release, "acled", release / place / "mine.csv", force=True)
    with pytest.raises(UsageError, match="published files never change"):
        export_release(release, "acled", release / "events_acled.csv", force=True)
    assert sorted(release.parent.rglob("*")) == before


def test_an_export_that_fails_half_way_leaves_nothing_and_spares_what_was_there(
    export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "ROWS_AT_ONCE", 20)
    (tmp_path / "l.csv").write_text("mine", "utf-8")
    seen: list[int] = []

    def full(self: Any, events: pa.Table) -> pa.Table:
        seen.append(events.num_rows)
        if len(seen) == 3:
            raise OSError(28, "No space left on device")
        return events

    monkeypatch.setattr("eventcoder.releases.exporting.shapes.Native.shape", full)
    with pytest.raises(UsageError, match="No space left"):
        export("native", "l.csv", force=True)
    assert seen == [0, 20, 20]
    assert [(p.name, p.read_text("utf-8")) for p in tmp_path.iterdir()] == [("l.csv", "mine")]


@pytest.fixture
def copied(release: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(release, tmp_path / "copy"))


def test_a_damaged_release_is_not_passed_on(copied: Path, tmp_path: Path) -> None:
    path = copied / "events.parquet"
    path.write_bytes(path.read_bytes()[:-9] + b"123456789")
    with pytest.raises(ReleaseError, match=r"events\.parquet is damaged"):
        export_release(copied, "native", tmp_path / "e.csv")
    path.unlink()
    with pytest.raises(ReleaseError, match=r"events\.parquet is missing"):
        export_release(copied, "native", tmp_path / "e.csv")
    assert not (tmp_path / "e.csv").exists()


def tiled(folder: Path, name: str, times: int) -> None:
    """Repeat a table of a release, and let the manifest know."""
    table = pq.read_table(folder / f"{name}.parquet")
    pq.write_table(pa.concat_tables([table] * times), folder / f"{name}.parquet", row_group_size=131_072)
    whole = json.loads((folder / "datapackage.json").read_text("utf-8"))
    whole["eventcoder"]["files"][f"{name}.parquet"]["sha256"] = file_facts(folder / f"{name}.parquet").sha256
    (folder / "datapackage.json").write_text(json.dumps(whole), "utf-8")


def test_actors_that_do_not_fit_their_events_are_refused(copied: Path, tmp_path: Path) -> None:
    tiled(copied, "event_actors", 2)
    with pytest.raises(ReleaseError, match=r"event_actors of .* rows"):
        export_release(copied, "long", tmp_path / "l.csv")
    assert not list(tmp_path.glob("*l.csv*"))


@pytest.mark.parametrize(("dialect", "name"), [("acled-monadic", "m.csv"), ("long", "l.parquet"), ("plover", "p.csv"), ("native", "n.jsonl")])
def test_a_hundred_thousand_rows_pass_in_batches(copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dialect: str, name: str) -> None:
    from eventcoder.releases.exporting import writers

    times = 1235  # 100,035 events
    tiled(copied, "events", times)
    tiled(copied, "event_actors", times)
    sizes: list[int] = []
    kind = {"csv": "_Csv", "parquet": "_Parquet", "jsonl": "_JsonLines"}[name.split(".")[1]]
    real = getattr(writers, kind).write

    def counted(self: Any, table: pa.Table) -> None:
        sizes.append(table.num_rows)
        real(self, table)

    monkeypatch.setattr(getattr(writers, kind), "write", counted)
    pa.default_memory_pool().release_unused()
    before = pa.total_allocated_bytes()
    result = export_release(copied, dialect, tmp_path / name)
    assert result.events == 81 * times == 100_035
    assert sum(sizes) == result.rows and len(sizes) >= 4 and max(sizes) <= 4 * run.ROWS_AT_ONCE
    assert pa.total_allocated_bytes() - before < 1_000_000  # nothing is held on to


# ------------------------------------------------------------------------------------------------ which release


def test_a_version_latest_or_a_folder(workshop: Workshop, release: Path) -> None:
    assert find_release(workshop.project, "latest") == find_release(workshop.project, release.name) == release
    assert find_release(None, str(release)) == release
    with pytest.raises(NotFound, match=release.name):
        find_release(workshop.project, "2020.01.0")
    with pytest.raises(NotFound, match="--project"):
        find_release(None, "latest")


def test_the_default_name_says_which_version_it_is(release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert export_release(release, "acled").file == Path(f"weir-{release.name}-acled.csv")
    assert export_release(release, "geojson").file == Path(f"weir-{release.name}-geojson.geojson")


def test_a_withdrawn_version_is_exported_with_its_reason(tmp_path: Path) -> None:
    made = Workshop(tmp_path / "project", 3)
    made.release()
    folder = release_folder(made.project)
    withdraw(made.project, folder.name, "Wrong map.")
    made.ledger.close()
    result = export_release(folder, "acled", tmp_path / "a.csv")
    assert (result.withdrawn, result.as_json()["withdrawn"]) == ("Wrong map.", "Wrong map.")


OWN = """
id = "weir"
title = "The Weir team's old sheets"
source = "the team"

[[detect]]
has = ["day", "land", "kind"]

[columns]
day = "event_date"
land = "country"
kind = "sub_event_type"
side = "inter1"
dead = "fatalities"

[identity]
columns = []
required = false

[treatment]
keep_system = []
blank_stands = []
recomputed = []
fatalities = "given"

[write]
possible = true
columns = ["Day", "Land", "Kind", "Side", "Dead"]
names = { Day = "event_date", Land = "country", Kind = "sub_event_type", Side = "inter1", Dead = "fatalities" }
codes = { inter1 = "number" }
values.sub_event_type = { "Peaceful protest" = "calm" }
nulls = { inter1 = "0" }
dates = "day Month year"
"""


def test_a_dialect_of_the_projects_own_is_written_as_its_table_says(release: Path, tmp_path: Path, events: list[dict[str, Any]]) -> None:
    """A team's own form, with names, codes, nulls and days of its own, without a line of code."""
    schema = tmp_path / "schema"
    shutil.copytree(packaged_schema() / "dialects", schema / "dialects")
    (schema / "dialects" / "weir.toml").write_text(OWN, "utf-8")
    result = export_release(release, "weir", tmp_path / "w.csv", schema_dir=schema)
    rows = cells(result.file)
    assert tuple(rows[0]) == ("Day", "Land", "Kind", "Side", "Dead") and result.rows == 81
    for row, event in zip(rows, events, strict=True):
        day = date.fromisoformat(str(event["event_date"]))
        kind = event["sub_event_type"]
        assert (row["Day"], row["Kind"]) == (day.strftime("%d %B %Y"), {"Peaceful protest": "calm"}.get(kind, kind))
        assert row["Dead"] == ("" if event["fatalities"] is None else str(event["fatalities"]))
        assert row["Side"] == (book().lists["inter"].attribute(event["inter1"], "number") or "0")
    closed = OWN.replace("possible = true", 'possible = false\nreason = "It is read only."')
    (schema / "dialects" / "weir.toml").write_text(closed, "utf-8")
    with pytest.raises(UsageError, match="It is read only"):
        export_release(release, "weir", tmp_path / "x.csv", schema_dir=schema)
