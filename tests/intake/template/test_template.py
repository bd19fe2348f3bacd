"""The workbook as openpyxl reads it: columns, drop-downs, limits, examples, the same bytes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventcoder.codebook import Codebook
from eventcoder.errors import ProjectError, Refused, UsageError
from eventcoder.intake.template import fields_of, last_events, write_template
from eventcoder.intake.template.cells import cell_value, fits, put
from eventcoder.intake.template.wording import cut, units
from eventcoder.ledger import Ledger, new_entry, open_ledger
from eventcoder.project import Project
from eventcoder.text import clean
from tests.intake.template.conftest import MOMENT, Make
from tests.intake.template.filling import CLASH, MARCH, fill, read

IDS = ["event_id", "event_id_cnty", "revision"]


def validations(path: Path) -> dict[str, Any]:
    """Column name -> its validation; every column has exactly one."""
    sheet = openpyxl.load_workbook(path)["events"]
    out: dict[str, Any] = {}
    for one in sheet.data_validations.dataValidation:
        first, last = str(one.sqref).split(":")
        letter = first.rstrip("0123456789")
        assert first == f"{letter}2" and last.startswith(letter)
        name = sheet[f"{letter}1"].value
        assert name not in out
        out[name] = one
    assert list(out) == [cell.value for cell in sheet[1]]
    return out


def offered(path: Path, formula: str) -> list[Any]:
    """What stands in a range of the hidden sheet."""
    book = openpyxl.load_workbook(path)
    sheet, _, place = formula.partition("!")
    assert book[sheet].sheet_state == "hidden"
    return [cell.value for (cell,) in book[sheet][place.replace("$", "")]]


def test_the_columns_are_those_that_a_coder_enters_in_the_codebook_s_order(codebook: Codebook, make: Make) -> None:
    header = [cell.value for cell in openpyxl.load_workbook(make(codebook))["events"][1]]
    entered = [c.name for c in codebook.columns if c.entered in ("coder", "default") and c.name not in IDS]
    assert header[-3:] == IDS
    assert [name for name in header[:-3] if name != "event_type"] == entered
    assert header.index("event_type") == header.index("sub_event_type") - 1


def test_every_header_tells_what_the_column_means_and_what_an_empty_cell_means(codebook: Codebook, make: Make) -> None:
    for cell in openpyxl.load_workbook(make(codebook))["events"][1]:
        column = codebook.column(cell.value)
        assert cell.comment.text.startswith(column.label)
        assert "Source: ACLED" not in cell.comment.text
        if column.entered == "coder":
            assert "\nEmpty" in cell.comment.text
        needed = column.required and column.entered == "coder"
        assert ("Needed" in cell.comment.text) == needed == bool(cell.font.b)


def test_drop_downs_offer_the_codes_and_nothing_else(codebook: Codebook, make: Make) -> None:
    path = make(codebook)
    for name, rule in validations(path).items():
        column = codebook.column(name)
        if not column.list or column.type == "list" or name in ("sub_event_type", *IDS):
            assert rule.type != "list" or name == "sub_event_type"
            continue
        assert (rule.type, rule.errorStyle, rule.showErrorMessage) == ("list", "stop", True), name
        got = offered(path, rule.formula1)
        assert sorted(str(code) for code in got) == sorted(codebook.lists[column.list].codes), name
        assert all(isinstance(code, int) == (column.type == "integer") for code in got), name
    countries = offered(path, validations(path)["country"].formula1)
    assert countries[:2] == ["Iran", "Iraq"], "the project's own come first"
    assert countries[2:] == [c for c in codebook.lists["countries"] if c not in ("Iran", "Iraq")]


def test_the_sub_types_of_a_type_stand_in_one_block(codebook: Codebook, make: Make) -> None:
    path = make(codebook)
    rule = validations(path)["sub_event_type"]
    types, everything, *_ = re.findall(r"codes!\$[A-Z]+\$2:\$[A-Z]+\$\d+", rule.formula1)
    pairs = list(zip(offered(path, types), offered(path, everything), strict=True))
    listed = codebook.lists["sub_event_types"]
    assert {sub: type_ for type_, sub in pairs} == {code: listed.attribute(code, "event_type") for code in listed}
    order = [type_ for type_, _ in pairs]
    assert list(dict.fromkeys(order)) == sorted(set(order), key=order.index) == list(codebook.lists["event_types"])
    assert all(order[order.index(t) : order.index(t) + order.count(t)] == [t] * order.count(t) for t in set(order))


def test_numbers_days_and_texts_have_the_bounds_of_their_columns(codebook: Codebook, make: Make) -> None:
    rules = validations(make(codebook))

    def told(name: str) -> tuple[Any, ...]:
        rule = rules[name]
        return rule.type, rule.operator, rule.formula1, rule.formula2

    assert told("latitude") == ("decimal", "between", "-90", "90")
    assert told("longitude") == ("decimal", "between", "-180", "180")
    assert told("fatalities") == ("whole", "between", "0", "1000000")
    assert told("event_date") == ("date", "between", "DATE(1900,1,1)", "TODAY()+1")
    assert told("notes") == ("textLength", "lessThanOrEqual", "20000", None)
    assert told("location")[2] == "1000"
    assert "2026-05-09" in rules["event_date"].error and "leave the cell empty" in rules["latitude"].error
    assert all(rules[name].type is None and rules[name].showInputMessage for name in ("source", "assoc_actor_1", *IDS))


def test_columns_of_a_project_s_own(own_codebook: Codebook, make: Make) -> None:
    path = make(own_codebook)
    rules = validations(path)
    assert (rules["trial_date"].operator, rules["trial_date"].formula1) == ("greaterThanOrEqual", "DATE(2020,1,1)"), "a trial may lie ahead"
    assert offered(path, rules["is_filmed"].formula1) == ["yes", "no"]
    assert rules["demands"].type is None and "list demands" in rules["demands"].prompt
    assert (rules["share_women"].type, rules["share_women"].formula1) == ("decimal", "0")
    assert offered(path, rules["weapon"].formula1) == ["rifle", "knife", "musket"], "retired codes come last"
    lists = {(row[0], row[1]): row for row in openpyxl.load_workbook(path)["lists"].iter_rows(min_row=2, values_only=True)}
    assert lists[("weapon", "musket")][-1] == "2020-12-31"
    assert lists[("demands", "=water")][4] == "Water for fields."


def test_cells_are_formatted_for_what_they_hold(codebook: Codebook, make: Make) -> None:
    sheet = openpyxl.load_workbook(make(codebook))["events"]
    formats = {cell.value: sheet.column_dimensions[cell.column_letter].number_format for cell in sheet[1]}
    assert formats["event_date"] == formats["reported_date"] == "yyyy-mm-dd"
    assert formats["fatalities"] == "0"
    for field in fields_of(codebook):
        assert (formats[field.name] == "@") == (field.column.type in ("string", "text", "list", "boolean")), field.name
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref.startswith("A1:")


def test_prepared_rows_hold_no_cells_and_end_where_they_should(codebook: Codebook, make: Make) -> None:
    path = make(codebook, rows=37)
    assert openpyxl.load_workbook(path)["events"].max_row == 1
    assert all(str(rule.sqref).endswith("38") for rule in validations(path).values())


def test_texts_are_within_excel_s_limits(own_codebook: Codebook, make: Make, project: Project) -> None:
    long = replace(own_codebook.column("notes"), description="A sentence that does not end " * 40 + ". Null: " + "x " * 300, label="Ü𝄞" * 40)
    columns = tuple(long if c.name == "notes" else c for c in own_codebook.columns)
    path = make(replace(own_codebook, columns=columns))
    for name, rule in validations(path).items():
        assert 0 < units(rule.promptTitle) <= 32, name
        assert 0 < units(rule.prompt) <= 255, name
        assert units(rule.errorTitle or "") <= 32 and units(rule.error or "") <= 225, name
        assert len(rule.formula1 or "") <= 255, name


@given(st.text(max_size=80), st.integers(1, 40))
def test_cutting_keeps_the_limit_and_a_beginning(text: str, limit: int) -> None:
    got = cut(text, limit)
    assert units(got) <= limit
    assert got == text or (got.endswith("…") and text.startswith(got[:-1]))


def test_no_cell_is_a_formula_whatever_the_project_is_called(own_codebook: Codebook, make: Make, project: Project) -> None:
    odd = Project(project.root, replace(project.settings, title="=HYPERLINK(1)\x01", id="-1"))
    event = {**MARCH, "notes": "=SUM(A1)", "location": "#N/A", "actor1": "+Group", "admin1": "@Fars", "admin2": "'quoted", "source": ["-a", "b"]}
    path = make(own_codebook, project=odd, examples=[event])
    book = openpyxl.load_workbook(path)
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n", "d"}, kinds
    (row,) = read(path)
    assert [row[n] for n in ("notes", "location", "actor1", "source")] == ["=SUM(A1)", "#N/A", "+Group", "-a; b"]
    quoted = {cell.value for cell in book["events"][2] if cell.quotePrefix}
    assert quoted == {"=SUM(A1)", "+Group", "@Fars", "'quoted", "-a; b"}
    assert book["guide"]["A1"].value.startswith("=HYPERLINK(1)")


VALUES = st.fixed_dictionaries({
    "event_date": st.none() | st.dates(min_value=date(1850, 1, 1)).map(str),
    "notes": st.none() | st.text().map(clean).filter(bool),
    "location": st.none() | st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1).map(clean).filter(bool),
    "assoc_actor_1": st.lists(st.sampled_from(["Women (Iran)", "=x", "-1", "Students (Iran)"]), unique=True),
    "latitude": st.none() | st.floats(-90, 90).map(lambda x: round(x, 4)),
    "fatalities": st.none() | st.integers(0, 1_000_000),
    "time_precision": st.none() | st.integers(1, 3),
})  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(values=st.lists(VALUES, min_size=1, max_size=4))
def test_what_is_written_reads_back_as_the_same_values(codebook: Codebook, tmp_path: Path, values: list[dict[str, Any]]) -> None:
    book = openpyxl.Workbook()
    for number, event in enumerate(values, 1):
        for at, (name, value) in enumerate(event.items(), 1):
            cell = cell_value(codebook.column(name), value)
            if cell is not None and fits(cell):
                put(book.active.cell(number, at), cell)
    book.save(tmp_path / "small.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "small.xlsx").active
    for number, event in enumerate(values, 1):
        raw = {name: sheet.cell(number, at).value for at, name in enumerate(event, 1)}
        told = {n: v for n, v in event.items() if fits(cell_value(codebook.column(n), v))}
        found, problems = codebook.coerce({n: raw[n] for n in told})
        assert not problems
        assert found == told


def test_days_that_programs_count_differently_are_written_as_text(codebook: Codebook) -> None:
    day = codebook.column("event_date")
    assert cell_value(day, "1900-02-28") == "1900-02-28"
    assert cell_value(day, "1900-03-01") == date(1900, 3, 1)


def stored(ledger: Ledger, number: int, coder: str, second: int, **values: Any) -> str:
    event_id = f"a{number:011d}"
    made = new_entry("act", event_id, {"act": "create", "values": values, "settled": False}, coder=coder, time=MOMENT.replace(second=second))
    ledger.append([made])
    return event_id


def test_examples_are_the_coder_s_own_last_changed_first(codebook: Codebook, tmp_path: Path) -> None:
    fields = fields_of(codebook)
    with open_ledger(tmp_path / "ledger.sqlite") as ledger:
        mine = [stored(ledger, n, "ana", n, location=f"Town {n}") for n in range(1, 8)]
        stored(ledger, 50, "ben", 30, location="Elsewhere")
        head = ledger.head(mine[2])
        assert head is not None
        change = {"act": "revise", "values": {"location": "New"}, "reason": "Misread."}
        ledger.append([new_entry("act", mine[2], change, coder="ben", time=MOMENT.replace(second=40), parents=head.heads)])
        gone = {"act": "retract", "reason": "Twice."}
        ledger.append([new_entry("act", mine[6], gone, coder="ana", time=MOMENT.replace(second=50), parents=ledger.head(mine[6]).heads)])
        found, passed = last_events(ledger, "ana", fields, limit=3)
        assert [(e["event_id"], e["location"], e["revision"]) for e in found] == [(mine[2], "New", 2), (mine[5], "Town 6", 1), (mine[4], "Town 5", 1)]
        assert passed == 0
        assert last_events(ledger, "carla", fields) == ([], 0)


def test_events_that_a_cell_cannot_give_back_are_passed_over(codebook: Codebook, tmp_path: Path) -> None:
    with open_ledger(tmp_path / "ledger.sqlite") as ledger:
        stored(ledger, 1, "ana", 1, assoc_actor_1=[f"Group {n} of the long name of a village" for n in range(1200)])
        stored(ledger, 2, "ana", 2, notes="A file called x_x0041_.pdf was found.")
        kept = stored(ledger, 3, "ana", 3, notes="On 3 May 2026, …")
        found, passed = last_events(ledger, "ana", fields_of(codebook))
        assert ([e["event_id"] for e in found], passed) == ([kept], 2)


def test_an_example_comes_back_with_its_identity_and_typed_cells(codebook: Codebook, make: Make) -> None:
    event = {
        "event_id": "a1b2c3d4e5f6", "event_id_cnty": "IRN9000000001", "revision": 4, "event_date": "2026-05-03", "time_precision": 1,
        "event_type": "Protests", "sub_event_type": "Peaceful protest", "latitude": 29.6104, "source": ["Qasr Daily", "Mill Gazette"],
        "fatalities": 0, "year": 2026, "disorder_type": "Demonstrations",
    }  # fmt: skip
    path = make(codebook, examples=[event], rows=10)
    (row,) = read(path)
    assert {k: v for k, v in row.items() if v is not None} == {
        "event_id": "a1b2c3d4e5f6", "event_id_cnty": "IRN9000000001", "revision": 4, "event_date": datetime(2026, 5, 3), "time_precision": 1,
        "event_type": "Protests", "sub_event_type": "Peaceful protest", "latitude": 29.6104, "source": "Qasr Daily; Mill Gazette",
        "fatalities": 0,
    }  # fmt: skip
    assert openpyxl.load_workbook(path)["events"]["A2"].is_date
    assert str(validations(path)["event_date"].sqref) == "A2:A12", "the prepared rows come after the examples"


def test_a_filled_workbook_gives_the_values_that_were_typed(codebook: Codebook, make: Make) -> None:
    path = make(codebook)
    assert fill(path, codebook, [MARCH, CLASH]) == [2, 3]
    assert fill(path, codebook, [MARCH], first=9) == [9]
    rows = read(path)
    assert len(rows) == 3
    assert rows[0]["event_date"] == datetime(2026, 5, 9)
    for row, meant in zip(rows, (MARCH, CLASH, MARCH), strict=True):
        found, problems = codebook.coerce({k: v for k, v in row.items() if v is not None})
        assert not problems
        assert found == codebook.coerce(meant)[0]
    assert len(validations(path)) == len(fields_of(codebook)), "filling in loses no validation"


def test_the_lists_and_the_guide_tell_what_a_coder_asks(codebook: Codebook, make: Make) -> None:
    book = openpyxl.load_workbook(make(codebook))
    assert book.sheetnames == ["events", "lists", "guide", "codes"]
    assert book.active.title == "events"
    told = {(row[0], row[1]): row for row in book["lists"].iter_rows(min_row=2, values_only=True)}
    for field in fields_of(codebook):
        if field.single and field.name not in IDS:
            column = next(columns for columns, _ in told if field.name in columns.split(", "))
            for code in field.codes or ():
                assert told[(column, code)][4] == field.codes.attribute(code, "definition")  # type: ignore[union-attr]
    assert told[("sub_event_type", "Mob violence")][3] == "Riots"
    assert ("tags", "women targeted") in told, "a list that only the description names"
    page = "\n".join(str(cell) for row in book["guide"].iter_rows(values_only=True) for cell in row if cell)
    for said in (
        "Alburia protest events",
        f"acled-compat {codebook.version}",
        "2026-11-23T12:30:06Z",
        "ana",
        "; ",
        "2026-05-09",
        "--dry-run",
        "event_date",
    ):
        assert said in page
    assert "Rows with event_id" not in page
    page = "\n".join(str(row[0]) for row in openpyxl.load_workbook(make(codebook, examples=[MARCH]))["guide"].iter_rows(values_only=True))
    assert "Rows with event_id" in page


SAME = """
import sys, pathlib, datetime
from eventcoder.codebook import load_codebook
from eventcoder.intake.template import write_template
from eventcoder.project import open_project
project = open_project(sys.argv[1])
write_template(project, load_codebook(project.schema_dir), pathlib.Path(sys.argv[2]), coder="ana", examples=[{"event_date": "2026-05-03"}],
               moment=datetime.datetime(2026, 11, 23, 12, 30, 6, tzinfo=datetime.timezone.utc))
"""


def test_the_same_input_gives_the_same_bytes(project: Project, tmp_path: Path) -> None:
    files = []
    for seed, zone in (("1", "UTC"), ("2", "Asia/Tehran")):
        target = tmp_path / f"{seed}.xlsx"
        subprocess.run([sys.executable, "-c", SAME, project.root, target], check=True, env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone})
        files.append(target.read_bytes())
    assert files[0] == files[1]
    with zipfile.ZipFile(target) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 11, 23, 12, 30, 6)}
        about = archive.read("docProps/core.xml").decode()
    assert re.findall(r"\d{4}-\d\d-\d\dT[^<]*", about) == ["2026-11-23T12:30:06Z"] * 2


def test_a_file_that_is_there_stays_unless_forced(codebook: Codebook, project: Project, tmp_path: Path) -> None:
    target = tmp_path / "mine.xlsx"
    target.write_bytes(b"filled in")
    with pytest.raises(Refused, match="there already"):
        write_template(project, codebook, target, moment=MOMENT)
    assert target.read_bytes() == b"filled in"
    written = write_template(project, codebook, target, moment=MOMENT, force=True, rows=5)
    assert (written.rows, written.examples, written.columns[0]) == (5, 0, "event_date")
    assert target.read_bytes()[:2] == b"PK"
    for wrong in (tmp_path / "mine.csv", tmp_path / "none" / "mine.xlsx", tmp_path):
        with pytest.raises(UsageError):
            write_template(project, codebook, wrong, moment=MOMENT, force=True)
    with pytest.raises(ProjectError, match="cannot be written"):
        write_template(project, codebook, tmp_path / f"{'n' * 251}.xlsx", moment=MOMENT, force=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine.xlsx", "project"]
