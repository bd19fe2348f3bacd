"""What a release says of itself to other tools: Data Package, CITATION.cff, Croissant, the deposit, the data dictionary, the checksums."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eventcoder.errors import ProjectError
from eventcoder.project import Settings, read_settings
from eventcoder.releases import layout
from eventcoder.releases.papers import dictionary as dictionary_paper
from eventcoder.releases.papers.citing import citation, citation_file
from eventcoder.releases.papers.deposit import deposit, person
from eventcoder.releases.papers.dictionary import SCHEMA, dictionary_table, write_dictionary
from tests.releases.workshop import Workshop, book

FULL = Settings(
    id="weir", title='Weir "Valley": events', authors=("Okafor, Ada", "The Weir Team", "O'Neill-Šef, Zoë B."), url="https://weir.example/data",
    doi="10.5281/zenodo.123", keywords=("protest", "weir: valley"),
)  # fmt: skip


@pytest.fixture(scope="module")
def release(shared: Workshop) -> Path:
    return shared.project.releases_dir / "2026.11.1"


def raw(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


# ------------------------------------------------------------------------------------------------ Data Package


def test_the_whole_package_is_valid_with_its_constraints_and_keys(release: Path) -> None:
    frictionless = pytest.importorskip("frictionless")
    package = raw(release / "datapackage.json")
    assert list(frictionless.Package.metadata_validate(package)) == []
    report = frictionless.validate(str(release / "datapackage.json"))
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "message"])
    assert len(report.tasks) == len(package["resources"])
    fields = {f["name"]: f for r in package["resources"] if r["path"] == "events.csv" for f in r["schema"]["fields"]}
    assert fields["event_id"]["constraints"] == {"required": True, "unique": True, "pattern": "^[a-z][0-9a-z]{11}$"}
    assert "Protests" in fields["event_type"]["constraints"]["enum"] and fields["latitude"]["constraints"]["maximum"] == 90
    assert fields["event_type"]["title"] and fields["latitude"]["type"] == "number"
    keys = {r["path"]: r["schema"]["foreignKeys"] for r in package["resources"] if "foreignKeys" in r.get("schema", {})}
    assert {"event_sources.csv", "evidence.csv", "event_actors.csv", "event_counts.csv", "relations.csv"} <= set(keys)
    assert "changes.csv" not in keys and "coverage.csv" not in keys


@pytest.mark.parametrize(
    ("name", "column", "value", "code"),
    [
        ("events.csv", "event_type", "Protest marches", "constraint-error"),
        ("events.csv", "latitude", "91", "constraint-error"),
        ("events.csv", "country", "", "constraint-error"),
        ("event_actors.csv", "event_id", "zzzzzzzzzzz1", "foreign-key"),
    ],
)
def test_what_breaks_a_constraint_or_a_key_is_seen(release: Path, tmp_path: Path, name: str, column: str, value: str, code: str) -> None:
    frictionless = pytest.importorskip("frictionless")
    with (release / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0][column] = value
    package = raw(release / "datapackage.json")
    package["resources"] = [r for r in package["resources"] if r["path"] in (name, "events.csv")]
    for resource in package["resources"]:
        del resource["hash"], resource["bytes"]
        shutil.copy(release / resource["path"], tmp_path)
    with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, rows[0], lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
    (tmp_path / "datapackage.json").write_text(json.dumps(package), "utf-8")
    assert frictionless.validate(str(tmp_path / "datapackage.json")).flatten(["type", "fieldName"])[0][0] == code


# ------------------------------------------------------------------------------------------------ CITATION.cff

CFF_KEYS = {"cff-version", "message", "type", "title", "version", "date-released", "license", "url", "doi", "keywords", "authors"}


@pytest.mark.parametrize("settings", [Settings(), FULL])
def test_the_citation_file_keeps_to_format_1_2_0(settings: Settings) -> None:
    yaml = pytest.importorskip("yaml")
    text = citation_file(settings, "2026.11.1", "2026-11-19T12:00:00Z")
    found = yaml.load(text, yaml.BaseLoader)  # CFF demands text where YAML would see dates and numbers
    assert set(found) <= CFF_KEYS and {"cff-version", "message", "title", "authors"} <= set(found)
    assert found["cff-version"] == "1.2.0" and found["type"] == "dataset"
    assert date.fromisoformat(found["date-released"]) and found["version"] == "2026.11.1"
    assert found["title"] == settings.title and found["authors"]
    for author in found["authors"]:
        assert set(author) in ({"family-names", "given-names"}, {"name"}) and all(author.values())
    if settings.doi:
        assert re.fullmatch(r"10\.\d{4,9}(\.\d+)?/\S+", found["doi"]) and found["url"].startswith("https://")
        assert found["authors"][2] == {"family-names": "O'Neill-Šef", "given-names": "Zoë B."}
    assert len(set(found["keywords"])) == len(found["keywords"]) >= 1


def test_a_citation_names_version_address_and_doi() -> None:
    assert citation(FULL, "2026.11.1", "2026-11-19T12:00:00Z").endswith(
        "version 2026.11.1. https://weir.example/data https://doi.org/10.5281/zenodo.123"
    )


def test_a_doi_is_the_bare_identifier(tmp_path: Path) -> None:
    settings = tmp_path / "eventcoder.toml"
    settings.write_text('doi = "https://doi.org/10.5281/zenodo.123"\n', "utf-8")
    with pytest.raises(ProjectError, match=r"bare identifier, such as 10\.5281"):
        read_settings(settings)


# ------------------------------------------------------------------------------------------------ deposit


def test_the_deposit_has_what_zenodo_asks_for(release: Path) -> None:
    found = raw(release / layout.DEPOSIT)["metadata"]
    assert {"title", "upload_type", "description", "creators", "publication_date", "access_right", "license"} <= set(found)
    assert (found["upload_type"], found["access_right"], found["license"], found["language"]) == ("dataset", "open", "cc-by-4.0", "eng")
    assert found["version"] == "2026.11.1" and found["creators"] == [{"name": "Okafor, Ada"}, {"name": "The Weir Team"}]
    assert date.fromisoformat(found["publication_date"])
    days = pq.read_table(release / "events.parquet", columns=["event_date"])["event_date"].to_pylist()
    assert found["dates"] == [{"type": "Collected", "start": str(min(days)), "end": str(max(days)), "description": "Days of the events."}]
    assert found["related_identifiers"] == []  # nothing is made up where no address is known


def test_the_deposit_follows_the_version_before_and_escapes_what_is_typed() -> None:
    given: dict[str, Any] = {
        "version": "2026.11.1",
        "created": "2026-11-19T12:00:00Z",
        "citation": "<i>",
        "description": "a & b",
        "since": None,
        "until": None,
    }
    first, second = (deposit(FULL, previous=previous, **given)["metadata"] for previous in (None, "2026.11.0"))
    assert [r["relation"] for r in first["related_identifiers"]] == ["isVersionOf", "isDocumentedBy"]
    assert [r["relation"] for r in second["related_identifiers"]] == ["isVersionOf", "isNewVersionOf", "isDocumentedBy"]
    assert "2026.11.0" in second["description"] and "<i>" not in second["description"] and "a &amp; b" in second["description"]
    assert "dates" not in second
    assert [person(a) for a in ("Okafor, Ada", "The Weir Team", "Solo,")] == [("Okafor", "Ada"), ("The Weir Team", ""), ("Solo", "")]


# ------------------------------------------------------------------------------------------------ Croissant


def test_croissant_is_valid_and_gives_the_records_of_every_table(release: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own dependencies
        dataset = mlcroissant.Dataset(str(release / layout.CROISSANT))
        assert (list(dataset.metadata.ctx.issues.errors), list(dataset.metadata.ctx.issues.warnings)) == ([], [])
        tables = {record_set.uuid: record_set for record_set in dataset.metadata.record_sets}
        assert {"events", "event_sources", "evidence", "event_actors", "event_counts", "actors", "relations", "coverage", "changes"} <= set(tables)
        for name in tables:
            table = pq.read_table(release / f"{name}.parquet")
            assert [field.uuid.split("/")[1] for field in tables[name].fields] == table.column_names
            records = list(dataset.records(name))
            assert len(records) == table.num_rows
            for record, row in zip(records, table.to_pylist(), strict=True):
                assert {k.split("/")[1]: plain(v) for k, v in record.items()} == {k: plain(v) for k, v in row.items()}


def plain(value: Any) -> Any:
    """A value as any reader means it: nulls are one, texts are text, dates are days."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, (list, tuple)) or type(value).__name__ == "ndarray":
        return [plain(one) for one in value]
    if value is None or value != value or type(value).__name__ == "NaTType":
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.isoformat()[:10] if isinstance(value, date) else value


def test_croissant_names_the_files_by_their_hashes_and_refers_to_events(release: Path) -> None:
    found = raw(release / layout.CROISSANT)
    manifest = raw(release / "datapackage.json")["eventcoder"]["files"]
    assert found["distribution"] and all(f["sha256"] == manifest[f["contentUrl"]]["sha256"] for f in found["distribution"])
    references = {f["@id"] for r in found["recordSet"] for f in r["field"] if f.get("references") == {"field": {"@id": "events/event_id"}}}
    assert {"evidence/event_id", "event_actors/event_id"} <= references and "changes/event_id" not in references
    assert found["version"] == "2026.11.1" and found["citeAs"] == manifest_citation(release)
    fields = {f["@id"]: f for r in found["recordSet"] for f in r["field"]}
    assert (fields["events/tags"]["dataType"], fields["events/tags"].get("isArray")) == ("sc:Text", True)
    assert "isArray" not in fields["events/notes"]
    types = ("event_date", "sc:Date"), ("fatalities", "sc:Integer"), ("latitude", "sc:Float"), ("notes", "sc:Text")
    assert [(name, fields[f"events/{name}"]["dataType"]) for name, _ in types] == list(types)


def manifest_citation(release: Path) -> str:
    return str(raw(release / "datapackage.json")["eventcoder"]["citation"])


# ------------------------------------------------------------------------------------------------ dictionary


@pytest.fixture(scope="module")
def dictionary(release: Path) -> dict[tuple[str, str], dict[str, str]]:
    with (release / layout.DICTIONARY).open(encoding="utf-8", newline="") as file:
        return {(row["table"], row["column"]): row for row in csv.DictReader(file)}


def test_the_dictionary_has_every_column_of_every_table(release: Path, dictionary: dict[tuple[str, str], dict[str, str]]) -> None:
    for path in release.glob("*.parquet"):
        table = pq.read_table(path)
        assert [column for name, column in dictionary if name == path.stem] == table.column_names
        for column in table.column_names:
            row = dictionary[path.stem, column]
            values = [v for v in table[column].to_pylist() if v not in (None, [])]
            assert row["definition"] and row["label"] and int(row["rows"]) == table.num_rows
            if table.num_rows:
                assert float(row["filled"]) == round(len(values) / table.num_rows, 4)
            assert (int(row["distinct"]), row["distinct_exact"]) == (len({json.dumps(v, default=str) for v in values}), "true")
            if row["lowest"]:
                assert (row["lowest"], row["highest"]) == (str(min(values)), str(max(values)))
            assert bool(row["example"]) == any(v != "" for v in values) or path.stem == "event_sources"
            if row["code_list"]:
                assert (release / row["code_list"]).is_file()
    assert ("retracted", "event_id") in dictionary
    latitude = dictionary["events", "latitude"]
    assert (latitude["minimum"], latitude["maximum"], latitude["type"], latitude["required"]) == ("-90", "90", "number", "true")
    assert dictionary["events", "country"]["code_list"] == "codes/countries.csv" and dictionary["evidence", "event_id"]["required"] == "true"


def test_the_dictionary_shows_nothing_of_undisclosed_documents(shared: Workshop, release: Path) -> None:
    text = (release / layout.DICTIONARY).read_text("utf-8")
    for secret in (shared.secret, "Night Courier", "night.example", "Told"):
        assert secret not in text


def test_a_table_that_only_counts_undisclosed_documents_has_no_examples() -> None:
    hidden = pa.table(
        {"event_id": ["k00000000001"], "publisher": ["Undisclosed Source"], "visibility": ["undisclosed"], "n": pa.array([None], pa.int64())}
    )
    rows = {row["column"]: row for row in dictionary_table({"event_sources": hidden}, book()).to_pylist()}
    assert [row["example"] for row in rows.values()] == [None] * 4
    assert (rows["publisher"]["filled"], rows["publisher"]["distinct"]) == (1.0, 1)


def test_figures_of_the_dictionary_do_not_round_to_full_and_bear_empty_tables() -> None:
    holes = pa.table({"event_id": ["x"] * 29_999 + [None], "tags": pa.array([[]] * 29_999 + [["a", "b"]], pa.list_(pa.string()))})
    first, second = dictionary_table({"events": holes}, book()).to_pylist()
    assert first["filled"] == 0.9999 and (second["distinct"], second["example"]) == (1, "a; b")
    empty = dictionary_table({"events": holes.slice(0, 0)}, book())
    assert empty.schema == SCHEMA and empty["filled"].null_count == 2


def test_a_large_table_has_the_same_figures_by_one_query(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table(
        {
            "event_date": [date(2026, 3, 7), None, date(2026, 1, 2)], "latitude": [-5.5, 3.0, None], "notes": ["b", None, "b"],
            "tags": pa.array([[], ["a", "b"], None], pa.list_(pa.string())),
        }
    )  # fmt: skip
    counted = dictionary_table({"events": table}, book()).to_pylist()
    monkeypatch.setattr(dictionary_paper, "EXACT", 2)
    queried = dictionary_table({"events": table}, book()).to_pylist()
    assert [r["filled"] for r in counted] == [0.6667, 0.6667, 0.6667, 0.3333]
    assert {r.pop("distinct_exact") for r in counted} == {True} and {r.pop("distinct_exact") for r in queried} == {False}
    assert queried == counted


def test_an_example_that_a_spreadsheet_would_run_is_harmless_and_a_sign_stays(tmp_path: Path) -> None:
    table = pa.table({"notes": ["=HYPERLINK(1)"], "latitude": [-5.5]})
    write_dictionary(dictionary_table({"events": table}, book()), tmp_path / "dictionary.csv")
    with (tmp_path / "dictionary.csv").open(encoding="utf-8", newline="") as file:
        assert [row["example"] for row in csv.DictReader(file)] == ["'=HYPERLINK(1)", "-5.5"]


def test_the_dictionary_says_since_when_where_the_codebook_does() -> None:
    from dataclasses import replace

    changes = [{"version": "1.2.0", "changes": "Column crowd_text reworded."}, {"version": "1.1.0", "changes": "New columns 'notes' and crowd_text."}]
    told = replace(book(), about={**book().about, "changelog": changes})
    table = pa.table({"crowd_text": ["a"], "notes": ["b"], "year": ["c"]})
    assert [row["since_codebook"] for row in dictionary_table({"events": table}, told).to_pylist()] == ["1.1.0", "1.1.0", None]


# ------------------------------------------------------------------------------------------------ checksums


def test_sha256sum_verifies_a_release(release: Path, tmp_path: Path) -> None:
    tool = shutil.which("sha256sum") or pytest.skip("sha256sum is not there")
    assert subprocess.run([tool, "-c", "--quiet", "SHA256SUMS"], cwd=release, capture_output=True, check=False).returncode == 0
    copy = Path(shutil.copytree(release, tmp_path / "release"))
    (copy / layout.DICTIONARY).write_text("changed", "utf-8")
    said = subprocess.run([tool, "-c", "--quiet", "SHA256SUMS"], cwd=copy, capture_output=True, text=True, check=False)
    assert said.returncode == 1 and layout.DICTIONARY in said.stdout
