"""`checks`: thresholds listed, measured and proposed; and the gate with coverage, drift and withdrawn events, by the command line."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from eventcoder.codebook import load_codebook
from eventcoder.project import packaged_schema
from tests.releases.workshop import Workshop


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two releases."""
    workshop = Workshop(tmp_path_factory.mktemp("checks") / "project")
    workshop.coverage(country="Iran", week="2018-01-06", sources=["The Weir Gazette"])
    workshop.release(gated="rules")
    workshop.second(gated="rules")
    workshop.ledger.close()
    return workshop.project.root


def test_the_list_shows_bounds_and_reasons_without_a_project_of_releases(command) -> None:
    shown = command("checks", "list").out.splitlines()
    assert shown[0].split() == ["id", "kind", "column", "min", "max", "why"]
    found = {row["id"]: row for row in command("checks", "list", "--json").lines}
    assert len(found) == len(shown) - 1 and found["rows-drift"]["max"] == 1.7 and "value" not in found["rows-drift"]
    assert "There is no release 'latest'. 'eventcoder release' makes the first one." in command("checks", "list", "latest", code=2).err
    assert "nothing to release" in command("checks", "list", "--ledger", code=1).err
    assert "exclude each other" in command("checks", "list", "latest", "--ledger", code=2).err


def test_a_release_and_the_ledger_are_measured(command, twice: Path) -> None:
    latest = {row["id"]: row for row in command("checks", "list", "latest", "--json", "--project", twice).lines}
    assert latest["lost-rows"]["value"] == 0 and latest["rows-drift"]["verdict"] == "holds"
    assert latest["reports-per-event"]["value"] > 1 and latest["uncovered-weeks"]["value"] > 0.5
    assert latest["heaping-hundred"]["verdict"] == "unmeasured" and "it takes 30" in latest["heaping-hundred"]["note"]
    first = {row["id"]: row for row in command("checks", "list", "2026.11.0", "--json", "--project", twice).lines}
    assert first["lost-rows"]["note"] == "no previous release" and first["fill-source"]["value"] == 1
    ledger = {row["id"]: row for row in command("checks", "list", "--ledger", "--json", "--project", twice).lines}
    assert ledger == latest, "nothing was coded since"
    shown = command("checks", "list", "latest", "--project", twice)
    assert "measured  verdict" in shown.out and "[uncovered-weeks]" in shown.err
    assert "There is no release '2030.01.0'. Known: 2026.11.0, 2026.11.1." in command("checks", "list", "2030.01.0", "--project", twice, code=2).err


def test_a_faulty_threshold_is_told_with_its_name(command) -> None:
    shutil.copytree(packaged_schema(), "schema")
    path = Path("schema/checks.toml")
    path.write_text(path.read_text("utf-8") + '\n[[expectation]]\nid = "odd"\nkind = "shar"\nmax = 1\nwhy = "A test."\n', "utf-8")
    assert "expectation 'odd': unknown kind 'shar'. Did you mean 'share'?" in command("checks", "list", code=1).err


def test_two_releases_are_thin_evidence(command, twice: Path) -> None:
    found = command("checks", "suggest", "--project", twice)
    assert "2 releases measured. The evidence is thin: three are needed." in found.err
    assert "# share-day-unknown: 2 releases (2026.11.0 to 2026.11.1): " in found.out and "[[expectation]]" not in found.out
    assert "\n\n" not in found.out, "a line for each, and no page of empty ones"
    backwards = command("diff", "2026.11.1", "2026.11.0", "--project", twice, code=2).err
    assert "Name the older one first: 2026.11.0 2026.11.1." in backwards
    row = next(r for r in command("checks", "suggest", "--json", "--project", twice).lines if r["id"] == "fill-source")
    assert row["versions"] == {"2026.11.0": 1.0, "2026.11.1": 1.0} and row["proposed"] is None
    assert "is no release and holds none" in command("checks", "suggest", ".", code=2).err


def test_what_is_proposed_can_be_pasted(command, twice: Path) -> None:
    releases = twice / "releases"
    named = [releases / "2026.11.0", releases / "2026.11.1", shutil.copytree(releases / "2026.11.1", "2026.11.1")]
    found = command("checks", "suggest", *named, "--project", twice)
    proposed = {one["id"]: one for one in tomllib.loads(found.out)["expectation"]}
    assert found.out.rindex("[[expectation]]") < found.out.index("# rows-drift"), "what can be pasted comes first"
    assert "3 releases measured" in found.err and "rows-drift" not in proposed and proposed["fill-source"]["min"] == 1
    assert "Measured in 3 releases (2026.11.0 to 2026.11.1)" in proposed["share-town-unknown"]["why"]
    shutil.copytree(packaged_schema(), "schema")
    checks = Path("schema/checks.toml")
    checks.write_text(checks.read_text("utf-8").partition("[[expectation]]\n")[0] + found.out, "utf-8")
    book = load_codebook(Path("schema"))
    assert {one["id"]: one for one in book.expectations} == proposed
    Path("eventcoder.toml").write_text('id = "weir"\n', "utf-8")
    assert {row["verdict"] for row in command("checks", "list", releases / "2026.11.1", "--json").lines} <= {"holds", "unmeasured"}
