"""Workbooks: typed cells with sheet, row and column; nothing computed, nothing expanded, nothing hidden without a word."""

import io
import re
import time
import tracemalloc
import zipfile
from datetime import date, datetime, timedelta
from datetime import time as clock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from eventcoder.errors import InputError
from eventcoder.intake.formats import open_sheet
from tests.intake.formats.reading import codes, put, read, read_file

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff\ufffd"), min_size=1, max_size=12)
CELL = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**9), 10**9), st.floats(-1e6, 1e6).map(lambda f: round(f, 6)), TEXT.filter(lambda t: t[0] not in "=#"),
    st.datetimes(datetime(1901, 1, 1), datetime(2100, 1, 1)).map(lambda d: d.replace(microsecond=0)),
)  # fmt: skip


def saved(rows=(), *, title="Events", change=None):
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if change is not None:
        change(book, sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rebuilt(data, change):
    """The workbook with its parts changed: name and bytes to bytes, or None to leave it out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if (content := change(name, old.read(name))) is not None:
                new.writestr(name, content)
    return out.getvalue()


def with_shared_texts(data):
    """The workbook as Excel writes it: texts in a part of their own."""
    texts = []

    def number(found):
        texts.append(found[2])
        return found[1] + b't="s"><v>%d</v></c>' % (len(texts) - 1)

    def change(name, content):
        if name == SHEET:
            return re.sub(rb'(<c [^>]*)t="inlineStr"><is>(.*?)</is></c>', number, content, flags=re.DOTALL)
        if name == "[Content_Types].xml":
            kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
            return content.replace(b"</Types>", b'<Override PartName="/xl/sharedStrings.xml" ContentType="' + kind + b'"/></Types>')
        return content

    out = io.BytesIO(rebuilt(data, change))
    with zipfile.ZipFile(out, "a") as book:
        items = b"".join(b"<si>%b</si>" % text for text in texts)
        book.writestr("xl/sharedStrings.xml", b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%b</sst>' % items)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
ROWS = [["id", "event_date", "n"], ["IRN1", date(2025, 5, 16), 40], ["IRN2", date(2025, 5, 17), 3.5]]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=6), st.booleans(), st.booleans(), st.sampled_from([1, 1000]))
def test_what_was_saved_is_read(tmp_path_factory, rows, mac, shared, size):
    def change(book, _):
        if mac:
            book.epoch = CALENDAR_MAC_1904

    if mac:
        rows = [[c if not isinstance(c, datetime) or c.year > 1904 else None for c in row] for row in rows]
    data = saved([["a", "b", "c"], *rows], change=change)
    data = with_shared_texts(data) if shared else data
    with open_sheet(put(tmp_path_factory.mktemp("t"), data, "book.xlsx")) as sheet:
        found, faults = read(sheet, size)
        assert (sheet.format, sheet.typed, sheet.columns, sheet.notes, faults) == ("xlsx", True, ("a", "b", "c"), [], [])
    assert found == [(n, row) for n, row in enumerate(rows, 2) if any(c is not None for c in row)]
    # A workbook has one kind of number: what is whole comes back as int.
    as_read = [[int if isinstance(c, float) and c.is_integer() else type(c) for c in row] for row in rows if any(c is not None for c in row)]
    assert [[type(c) for c in row] for _, row in found] == as_read


def test_places_are_those_of_the_sheet_on_the_screen(tmp_path):
    def change(_, sheet):
        sheet["B4"], sheet["C4"], sheet["D4"] = "id", "n", "when"
        sheet["B7"], sheet["C7"], sheet["D7"] = "IRN1", 5, clock(14, 30)
        sheet["B9"] = "IRN2"
        sheet["D9"] = timedelta(hours=30)

    with open_sheet(put(tmp_path, saved(change=change), "book.xlsx")) as sheet:
        assert sheet.columns == ("", "id", "n", "when")
        rows, _ = read(sheet)
        assert rows == [(7, [None, "IRN1", 5, "14:30:00"]), (9, [None, "IRN2", None, "1 day, 6:00:00"])]
        assert sheet.where(7, "n") == "book.xlsx, sheet 'Events', row 7, column C (n)" and sheet.where(7) == "book.xlsx, sheet 'Events', row 7"
        assert [(n.code, "row 4" in n.message) for n in sheet.notes] == [("header-row", True)]


def test_formulas_and_errors_are_faults_that_name_their_cell(tmp_path):
    def change(_, sheet):
        sheet["C3"] = '=HYPERLINK("http://example.org/" & A2, "open")' + " " * 200
        sheet["B4"] = "#N/A"
        sheet["B4"].data_type = "e"
        sheet["A4"] = "IRN3"
        sheet["A5"], sheet["F5"] = "IRN4", "a remark"

    with open_sheet(put(tmp_path, saved(ROWS, change=change), "book.xlsx")) as sheet:
        rows, faults = read(sheet)
    assert [line for line, _ in rows] == [2]
    assert codes(faults) == [(3, "formula-cell"), (4, "error-cell"), (5, "wrong-cell-count")]
    first = faults[0].problem
    assert first.where == "book.xlsx, sheet 'Events', row 3, column C (n)" and first.field == "n"
    assert "sheet 'Events', row 3, column C (n) has the formula =HYPERLINK(" in first.message and len(first.message) < 300
    assert faults[0].raw["id"] == "IRN2" and faults[0].raw["n"].startswith("=HYPERLINK")
    assert "#N/A" in faults[1].problem.message and faults[2].raw == {"id": "IRN4", "_extra": "a remark"}


def test_a_cached_result_is_not_taken_for_the_formula(tmp_path):
    data = saved(ROWS, change=lambda _, sheet: sheet.__setitem__("C3", "=1+1"))
    data = rebuilt(
        data, lambda name, content: content.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>").replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
    )
    assert codes(read_file(put(tmp_path, data, "book.xlsx"))[2]) == [(3, "formula-cell")]


def test_what_the_screen_hides_or_joins_is_told(tmp_path):
    def change(_, sheet):
        sheet.row_dimensions[2].hidden = True
        sheet.column_dimensions["C"].hidden = True
        sheet.merge_cells("A3:A4")

    sheet, rows, _ = read_file(put(tmp_path, saved(ROWS, change=change), "book.xlsx"))
    assert len(rows) == 2
    assert [n.code for n in sheet.notes] == ["hidden-cells", "merged-cells"]
    assert "1 hidden row" in sheet.notes[0].message and "A3:A4" in sheet.notes[1].message


def with_sheets(**others):
    """Events in the first sheet; others by name: (state, has data)."""

    def change(book, _):
        for name, (state, full) in others.items():
            sheet = book.create_sheet(name)
            sheet.sheet_state = state
            if full:
                sheet.append(["x"])
                sheet.append([1])

    return change


def test_hidden_sheets_are_left_and_named(tmp_path):
    sheet, rows, _ = read_file(
        put(tmp_path, saved(ROWS, title="Data", change=with_sheets(old=("hidden", True), deep=("veryHidden", True))), "b.xlsx")
    )
    assert len(rows) == 2 and [n.code for n in sheet.notes] == ["hidden-sheet"] and "'old', 'deep'" in sheet.notes[0].message


def test_which_sheet_is_read(tmp_path):
    path = put(tmp_path, saved(ROWS, title="Data", change=with_sheets(empty=("visible", False))), "b.xlsx")
    assert read_file(path)[0].columns == ("id", "event_date", "n")
    path = put(tmp_path, saved(ROWS, title="EVENTS", change=with_sheets(notes=("visible", True))), "b.xlsx")
    sheet, rows, _ = read_file(path)
    assert len(rows) == 2 and [(n.code, n.severity) for n in sheet.notes] == [("sheet-left-out", "info")]
    path = put(tmp_path, saved(ROWS, title="Data", change=with_sheets(notes=("visible", True), old=("hidden", True))), "b.xlsx")
    with pytest.raises(InputError, match="several sheets with data") as refusal:
        open_sheet(path)
    assert "--sheet" in refusal.value.remedy and "'Data', 'notes', 'old'" in refusal.value.remedy
    assert read_file(path, sheet="notes")[1] == [[1]]
    assert read_file(path, sheet="OLD")[1] == [[1]]
    with pytest.raises(InputError, match="no sheet 'none'"):
        open_sheet(path, sheet="none")


def test_our_own_template_is_read_without_a_word(tmp_path):
    for state in ("visible", "hidden"):
        path = put(tmp_path, saved(ROWS, title="events", change=with_sheets(guide=("visible", True), lists=(state, True))), "b.xlsx")
        sheet, rows, _ = read_file(path)
        assert len(rows) == 2 and sheet.notes == []


def test_absurd_dimensions_cost_nothing(tmp_path):
    def change(name, content):
        if name != SHEET:
            return content
        content = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', content)
        return content.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>')

    path = put(tmp_path, rebuilt(saved(ROWS), change), "book.xlsx")
    start = time.process_time()
    _, rows, faults = read_file(path)
    assert len(rows) == 2 and faults == []
    assert time.process_time() - start < 20  # minutes, if every declared cell were made


def test_characters_that_xml_has_not(tmp_path):
    data = rebuilt(saved([["notes"], ["oneXXtwo"]]), lambda _, content: content.replace(b"XX", b"_x000D_\n"))
    assert read_file(put(tmp_path, data, "book.xlsx"))[1] == [["one\r\ntwo"]]


def test_a_row_number_beyond_all_rows_ends_the_sheet(tmp_path):
    data = rebuilt(saved(ROWS), lambda name, c: c.replace(b'<row r="3"', b'<row r="999999999999"') if name == SHEET else c)
    assert read_file(put(tmp_path, data, "book.xlsx"))[1] == [["IRN1", datetime(2025, 5, 16), 40]]


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


def harmful(kind):
    def change(name, content):
        body = content[content.index(b"?>") + 2 :] if content.startswith(b"<?xml") else content
        if kind == "entities" and name == SHEET:
            return BOMB + body
        if kind == "behind a comment" and name == "xl/workbook.xml":
            return b"<!-- x --><!-- y -->" + BOMB.removeprefix(b'<?xml version="1.0"?>') + body
        if kind == "in utf-16" and name == SHEET:
            return (BOMB + body).decode().encode("utf-16")
        if kind == "in ebcdic" and name == SHEET:
            return b'<?xml version="1.0" encoding="cp037"?>' + body.decode().encode("cp037")
        if kind == "zeros" and name == SHEET:
            return content.replace(b"</sheetData>", b" " * 30_000_000 + b"</sheetData>")
        if kind == "strings" and name == "xl/sharedStrings.xml":
            return content.replace(b"</sst>", b"<si/>" * 6_000_000 + b"</sst>")
        return content

    return change


@pytest.mark.parametrize("kind", ["entities", "behind a comment", "in utf-16", "in ebcdic", "zeros", "strings"])
def test_a_workbook_made_to_do_harm_is_refused(tmp_path, kind):
    path = put(tmp_path, rebuilt(with_shared_texts(saved(ROWS)), harmful(kind)), "book.xlsx")
    tracemalloc.start()
    try:
        with pytest.raises(InputError) as refusal:
            open_sheet(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "book.xlsx cannot be read" in refusal.value.message and refusal.value.remedy
    assert peak < 60_000_000


def test_a_bomb_with_noise_among_it_is_still_seen(tmp_path, monkeypatch):
    monkeypatch.setattr("eventcoder.intake.formats.workbookparts.MAX_STRETCH", 100_000)
    data = rebuilt(saved(ROWS), lambda name, c: c.replace(b"<sheetData>", b"<sheetData><row>" + b"<c/>" * 60_000 + b"</row>") if name == SHEET else c)
    with pytest.raises(InputError, match="immense"):
        open_sheet(put(tmp_path, data, "book.xlsx"))
    monkeypatch.setattr("eventcoder.intake.formats.workbookparts.MAX_N_STRINGS", 3)
    with pytest.raises(InputError, match="different texts"):
        open_sheet(put(tmp_path, with_shared_texts(saved(ROWS)), "book.xlsx"))


@pytest.mark.parametrize("name", ["../../evil.xml", "/etc/evil.xml", "C:\\evil.xml", "xl\\..\\..\\evil.xml"])
def test_a_part_that_leads_out_of_the_workbook(tmp_path, name):
    out = io.BytesIO(saved(ROWS))
    with zipfile.ZipFile(out, "a") as book:
        book.writestr(name, "<x/>")
    with pytest.raises(InputError, match="leads out of it"):
        open_sheet(put(tmp_path, out.getvalue(), "book.xlsx"))


@pytest.mark.parametrize(
    "change",
    [
        lambda name, c: None if name == "xl/workbook.xml" else c,
        lambda name, c: None if name == SHEET else c,
        lambda name, c: c[: len(c) // 2] if name == SHEET else c,
        lambda name, c: c.replace(b'<v>0</v>', b'<v>99999</v>') if name == SHEET else c,
        lambda name, c: b"<x/>" if name == "[Content_Types].xml" else c,
        lambda name, c: b"<x/>" if name == "xl/styles.xml" else c,
    ],
)  # fmt: skip
def test_a_damaged_workbook_is_refused_or_read_but_never_breaks(tmp_path, change):
    path = put(tmp_path, rebuilt(saved(ROWS), change), "book.xlsx")
    try:
        read_file(path)
    except InputError as error:
        assert error.remedy


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 5000), st.binary(min_size=1, max_size=4))
def test_no_bytes_break_it(tmp_path_factory, place, noise):
    data = bytearray(saved(ROWS))
    place %= len(data)
    data[place : place + len(noise)] = noise
    try:
        read_file(put(tmp_path_factory.mktemp("t"), bytes(data), "book.xlsx"))
    except InputError as error:
        assert error.remedy


@pytest.mark.parametrize(
    ("rows", "said"),
    [([], "is empty"), ([["id", "id"]], "'id' more than once"), ([["id", "=A1"]], "column B of row 1 .* formula"), ([[None], ["", " "]], "is empty")],
)
def test_a_sheet_without_a_header(tmp_path, rows, said):
    with pytest.raises(InputError, match=said):
        open_sheet(put(tmp_path, saved(rows), "book.xlsx"))


def test_our_own_columns_are_left_out(tmp_path):
    data = saved([["_line", "id", "_problems", "n"], [7, "IRN1", "=1+1", 4]])
    sheet, rows, faults = read_file(put(tmp_path, data, "book.xlsx"))
    assert sheet.columns == ("id", "n") and rows == [["IRN1", 4]] and faults == []
    with open_sheet(put(tmp_path, data, "book.xlsx")) as sheet:
        assert sheet.where(2, "n").endswith("column D (n)")
