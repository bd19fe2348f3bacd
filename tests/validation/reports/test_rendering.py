"""A report as people, scripts, CI servers and GitHub read it."""

from __future__ import annotations

import json
import unicodedata
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from eventcoder.errors import UsageError
from eventcoder.problem import Problem, Report
from eventcoder.validation.reports.rendering import FORMATS, form_of, render

REPORT = Report(
    [
        Problem("crowd-size-tag", "Give one crowd size tag.", "warning", "b00000000001", "tags", []),
        *(
            Problem("unknown-code", f"'Peacefull protest' is no code. Row {i}.", "error", f"a0000000000{i}", "sub_event_type", "Peacefull")
            for i in range(7)
        ),
        Problem("future-date", "2031-01-01 lies in the future.", "error", None, "event_date", "2031-01-01", "events.csv, line 12"),
        Problem("notes-place", "Name the place.", "info", "b00000000002", "notes", "x" * 500),
    ]
)


def test_text_is_grouped_worst_first_with_a_few_examples_and_the_count() -> None:
    text = render(REPORT, "text", title="march.csv", examples=3)
    lines = text.splitlines()
    assert lines[0] == "march.csv: 8 errors, 1 warning, 1 info."
    heads = [line for line in lines if line and not line.startswith(" ")][1:]
    assert heads == ["error unknown-code (7)", "error future-date (1)", "warning crowd-size-tag (1)", "info notes-place (1)"]
    assert "  event a00000000000, sub_event_type=Peacefull: 'Peacefull protest' is no code. Row 0." in lines
    assert "  events.csv, line 12, event_date=2031-01-01: 2031-01-01 lies in the future." in lines
    assert "  ... and 4 more; --format json lists all, 'eventcoder explain unknown-code' says what it means." in lines
    assert max(map(len, lines)) < 200


def test_text_of_a_clean_report_says_so() -> None:
    assert render(Report(), title="march.csv") == "march.csv: no problems."


def test_json_has_the_shape_that_scripts_rely_on() -> None:
    told = json.loads(render(REPORT, "json"))
    assert set(told) == {"valid", "counts", "problems"}
    assert told["valid"] is False and told["counts"] == {"error": 8, "warning": 1, "info": 1}
    assert set(told["problems"][0]) == {"code", "severity", "event_id", "field", "value", "message"}


def test_json_is_json_for_strict_readers_too() -> None:
    told = render(Report([Problem("odd", "Look.", value=float("nan")), Problem("odd", "Look.", value=[float("inf"), 1.5])]), "json")
    values = [p["value"] for p in json.loads(told, parse_constant=pytest.fail)["problems"]]
    assert values == ["nan", ["inf", 1.5]]


# The structure that CI servers share: testsuites / testsuite / testcase, with skipped, error, failure, system-out, system-err. Times are optional.
JUNIT = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:element name="testsuites"><xs:complexType><xs:sequence><xs:element ref="testsuite" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
 <xs:attribute name="name"/><xs:attribute name="time" type="xs:decimal"/><xs:attribute name="tests" type="xs:nonNegativeInteger"/>
 <xs:attribute name="failures" type="xs:nonNegativeInteger"/><xs:attribute name="errors" type="xs:nonNegativeInteger"/></xs:complexType></xs:element>
<xs:element name="testsuite"><xs:complexType><xs:sequence><xs:element ref="testcase" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
 <xs:attribute name="name" use="required"/><xs:attribute name="tests" type="xs:nonNegativeInteger" use="required"/>
 <xs:attribute name="failures" type="xs:nonNegativeInteger"/><xs:attribute name="errors" type="xs:nonNegativeInteger"/>
 <xs:attribute name="skipped" type="xs:nonNegativeInteger"/><xs:attribute name="time" type="xs:decimal"/></xs:complexType></xs:element>
<xs:element name="testcase"><xs:complexType><xs:choice minOccurs="0" maxOccurs="unbounded">
 <xs:element name="failure"><xs:complexType mixed="true"><xs:attribute name="type"/><xs:attribute name="message"/></xs:complexType></xs:element>
 <xs:element name="system-out" type="xs:string"/></xs:choice>
 <xs:attribute name="name" use="required"/><xs:attribute name="classname"/><xs:attribute name="time" type="xs:decimal"/></xs:complexType></xs:element>
</xs:schema>"""


def as_junit(report: Report, **options: Any) -> ET.Element:
    """The report's JUnit form, which holds to the common structure."""
    text = render(report, "junit", **options)
    etree.XMLSchema(etree.fromstring(JUNIT.encode())).assertValid(etree.fromstring(text.encode()))
    return ET.fromstring(text)


def test_junit_fails_on_errors_only() -> None:
    root = as_junit(REPORT, title="march.csv")
    suite = root.find("testsuite")
    assert suite is not None and suite.get("tests") == "4" and suite.get("failures") == "2"
    assert [case.get("name") for case in suite if case.find("failure") is not None] == ["unknown-code", "future-date"]
    clean = as_junit(Report()).find("testsuite")
    assert clean is not None and clean.get("failures") == "0" and len(clean) == 1


MANY = Report(
    [Problem(f"code-{i % 40:02}", f"Wrong {i}. " + "y" * 200, ("error", "warning")[i % 2], f"a{i:011}", "notes", "z" * 300) for i in range(20_000)]
)


@pytest.mark.parametrize("form", ["text", "junit", "github", "html"])
def test_many_problems_make_a_short_report_with_exact_counts(form: str) -> None:
    told = render(MANY, form)
    assert len(told) < 600_000
    assert "10,000 error" in told or form == "junit"
    assert told.count("Wrong") <= 40 * 22
    assert "500 problems" in told or "(500)" in told


def test_examples_are_shown_as_asked() -> None:
    assert render(REPORT, "text", examples=0).count("is no code") == 7
    assert render(REPORT, "html", examples=2).count("is no code") == 3  # two, and the one of the overview
    assert render(REPORT, "html", examples=0).count("is no code") == 8


def test_github_points_to_the_line_and_escapes() -> None:
    placed = Problem("bad-row", "100% wrong,\nsee: line", "error", None, "notes", None, "raw/a,b.csv, line 12")
    report = Report([placed, Problem("w", "Look.", "warning")])
    first, second, last = render(report, "github", file="events.csv").splitlines()
    assert first == "::error file=raw/a%2Cb.csv,line=12,title=bad-row::raw/a,b.csv, line 12, notes: 100%25 wrong,%0Asee: line"
    assert second == "::warning file=events.csv,title=w::Look."
    assert last == "events: 1 error, 1 warning, no infos."


def test_github_is_given_no_more_annotations_than_it_shows() -> None:
    """A step shows ten of each severity and drops the rest without a word: one a code, the worst first, and the last names what is left."""
    lines = render(MANY, "github").splitlines()
    for kind in ("error", "warning"):
        own = [line for line in lines if line.startswith(f"::{kind} ")]
        assert len(own) == 10
        assert own[0].startswith(f"::{kind} title=code-0{0 if kind == 'error' else 1} (500)::") and "... and 497 more" in own[0]
        assert own[-1].startswith(f"::{kind} title=11 further codes::") and "(500)" in own[-1]
    assert lines[-1] == "events: 10,000 errors, 10,000 warnings, no infos."
    assert len(lines) == 21


HOSTILE = "\x1b[31mred\x9b2J \u202egnp.exe\u2066 ]]> <script>alert(1)</script> %0A::error::x ##[error]z\n::error::y\r\u2028\x00\U000e0041"


@pytest.mark.parametrize("form", FORMATS)
def test_values_that_act_or_hide_are_shown_and_do_nothing(form: str) -> None:
    report = Report([Problem("odd", f"It says {HOSTILE}", "error", "a00000000001", "notes", HOSTILE, f"{HOSTILE}.csv, line 3")] * 3)
    told = render(report, form, title=HOSTILE)
    acting = [c for c in told if c != "\n" and (unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c in "\u202e\u2066\U000e0041")]
    assert acting == []
    assert ("\\u001b" if form == "json" else "\\x1b") in told and "\\u202e" in told
    if form == "json":
        assert json.loads(told) == report.as_json()
    if form == "junit":
        as_junit(report, title=HOSTILE)
    if form == "github":
        assert len([line for line in told.split("\n") if line.startswith("::")]) == 1
        assert "::" not in told.split("\n")[-1] and "##[" not in told.split("\n")[-1]
    if form == "html":
        assert "<script" not in told and "&lt;script&gt;" in told


def test_letters_of_every_script_stay_as_they_are() -> None:
    text = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u0939\u093f\u0928\u094d\u200d\u0926\u0940 e\u0301 \u4e2d\u6587 \U0001f6a9"
    for form in FORMATS:
        assert text in render(Report([Problem("odd", text)]), form)


class Outline(HTMLParser):
    """Tags, what leads outside, and whether every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.outside: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.outside += [key for key in given if key in ("src", "srcset", "action") or key.startswith("on")]
        self.links += [given.get("href") or ""] if tag == "a" else []
        self.ids += [given["id"] or ""] if "id" in given else []
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    "report", [Report(), REPORT, Report([Problem(f"code-{i}", "Look.", "warning") for i in range(200)])], ids=["none", "some", "200"]
)
def test_the_page_is_whole_and_leads_nowhere_outside(report: Report) -> None:
    page = Outline()
    page.feed(render(report, "html", title="march.csv"))
    assert page.open == [] and page.outside == []
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert page.tags.count("caption") == page.tags.count("table")
    assert page.tags.count("table") == (0 if not report.problems else 1 + len({p.code for p in report}))


def test_the_name_of_a_file_says_which_form_it_wants() -> None:
    assert [form_of(Path(name)) for name in ("a.html", "b.XML", "c.json", "d.txt")] == ["html", "junit", "json", "text"]
    with pytest.raises(UsageError, match=r"\.html"):
        form_of(Path("report.pdf"))


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="text, json, junit, github, html"):
        render(REPORT, "yaml")


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_gives_valid_xml_and_one_line_an_annotation(message: str, value: str) -> None:
    report = Report([Problem("odd", message, "error", "a00000000001", "notes", value, message)])
    ET.fromstring(render(report, "junit", title=value))
    annotations = [line for line in render(report, "github", title=value).split("\n") if line.startswith("::")]
    assert len(annotations) == 1
    assert json.loads(render(report, "json")) == report.as_json()
    page = Outline()
    page.feed(render(report, "html", title=value))
    assert page.open == []
