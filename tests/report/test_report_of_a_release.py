"""report.html in a release, `eventcoder report`, and `report(...)`: of a release, of a query over it, of the ledger."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from lxml import html

import eventcoder
from eventcoder.errors import NotFound, UsageError
from eventcoder.reader import report
from tests.conftest import Command
from tests.releases import workshop
from tests.releases.workshop import Workshop


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Two releases, the second with its page, and one open event that is in neither."""
    shop = Workshop(tmp_path_factory.mktemp("reported") / "project")
    shop.release()
    original = workshop.drawn
    workshop.drawn = lambda _: original(True)
    try:
        shop.second()
    finally:
        workshop.drawn = original
    shop.create(9, settled=False, country="Mali")
    return shop


def text(page: str) -> str:
    return " ".join(html.fromstring(page).text_content().split())


def test_a_release_has_its_page_and_lists_it(made: Workshop) -> None:
    folder = made.project.releases_dir / "2026.11.1"
    page = (folder / "report.html").read_text("utf-8")
    assert "report.html" in json.loads((folder / "datapackage.json").read_text())["eventcoder"]["files"]
    said = text(page)
    assert "Version 2026.11.1" in said
    assert "Against 2026.11.0" in said
    assert "the march was a film set" in said
    assert "same march, two papers" in said


def test_nothing_of_undisclosed_documents_is_in_the_page(made: Workshop) -> None:
    page = (made.project.releases_dir / "2026.11.1" / "report.html").read_text("utf-8")
    for secret in ("Night Courier", "night.example", "Told in", made.secret):
        assert secret not in page


def test_a_query_is_counted_and_said(made: Workshop) -> None:
    events = eventcoder.load(made.project.root)
    country = events["country"].iloc[0]
    page = report(made.project.root, country=country, since=date(2020, 1, 1), where="fatalities >= 0 OR fatalities IS NULL")
    assert f"does not show the whole: country {country}; from 2020-01-01; where fatalities >= 0" in text(page)
    glance = html.fromstring(page).xpath("string(//dl[@class='facts']/div[1]/dd/text())")
    assert int(glance) == int((events["country"] == country).sum())
    assert "does not tell what changed" in text(page)


def test_the_public_name_is_the_function() -> None:
    import eventcoder.reportpage

    assert eventcoder.reportpage.report_page  # a package of the function's name would take its place in `eventcoder`
    assert eventcoder.report is report


def test_the_command_writes_a_file_and_never_over_one(command: Command, made: Workshop, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    here = ("--project", made.project.root, "--out", out)
    assert command("report", *here, "--json").one == {"file": str(out), "bytes": len(out.read_bytes())}
    assert "is there already" in command("report", *here, code=1).err
    assert command("report", *here, "--force").out.strip() == str(out)


def test_it_is_never_written_into_a_release(command: Command, made: Workshop) -> None:
    inside = made.project.releases_dir / "2026.11.1" / "other.html"
    assert "published files never change" in command("report", "--project", made.project.root, "--out", inside, code=2).err


def test_the_ledger_shows_open_events_and_says_so(command: Command, made: Workshop, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    command("report", "--project", made.project.root, "--ledger", "--out", out)
    said = text(out.read_text("utf-8"))
    assert "not released" in said
    assert "Mali" in said
    assert "Leave --release" in command("report", "--project", made.project.root, "--ledger", "--release", "2026.11.0", code=2).err


def test_what_is_not_known_is_told_with_the_nearest(made: Workshop) -> None:
    with pytest.raises(UsageError, match="Did you mean 'Mali'"):
        report(made.project.root, country="Malii")
    with pytest.raises(NotFound, match=r"2026\.11\.1"):
        report(made.project.root, "2026.11.7")


def test_elsewhere_needs_no_project(command: Command, made: Workshop) -> None:
    assert command("report", "--source", made.project.releases_dir, "--release", "2026.11.0").out.strip() == "report-2026.11.0.html"
    assert Path("report-2026.11.0.html").is_file()


def test_a_withdrawn_version_says_why(made: Workshop) -> None:
    from eventcoder.releases import withdraw

    withdraw(made.project, "2026.11.0", "dates of a week are wrong")
    with pytest.warns(UserWarning, match="withdrawn"):
        page = report(made.project.root, "2026.11.0")
    assert "withdrawn on" in text(page)
    assert "dates of a week are wrong" in text(page)
