"""Reading rows: what a writer wrote, a reader gets."""

import csv
import io
import string

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.documents.delimited import read_table
from eventcoder.intake.source import read_source, restore
from eventcoder.releases.csvfile import neutralise

CELL = st.text(st.one_of(st.sampled_from("\",;|\t\n'=+-@ \r"), st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])), max_size=12)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]), st.integers(2, 4), st.data())
def test_T29_csv_round_trip(delimiter, newline, width, data):
    rows = data.draw(st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=6))
    header = list(string.ascii_lowercase[:width])
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=newline, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    table = read_table(out.getvalue())
    assert (list(table.header), table.delimiter, table.broken) == (header, delimiter, None)
    assert [list(r.cells) for r in table.rows] == rows
    assert all(r.fault is None for r in table.rows)


@settings(deadline=None, max_examples=200)
@given(st.lists(CELL, min_size=1, max_size=5))
def test_what_the_release_neutralises_the_import_restores(cells):
    shown = neutralise(pa.array(cells, pa.string())).to_pylist()
    assert [restore(c) for c in shown] == cells
    assert not any(c.startswith(("=", "+", "-", "@", "\t", "\r")) for c in shown)


@settings(deadline=None, max_examples=150)
@given(st.text(st.sampled_from('ab",;\n\r \t|'), max_size=40))
def test_any_text_is_read_or_refused_with_its_line(text):
    from eventcoder.documents.delimited import BadTable

    try:
        table = read_table("a,b\n" + text)
    except BadTable:
        raise AssertionError("a good header is enough to be a table") from None
    lines = [r.line for r in table.rows]
    assert lines == sorted(set(lines)) and all(line >= 2 for line in lines)
    for row in table.rows:
        assert (row.fault is None) == (len(row.cells) == len(table.header))


def test_lines_are_those_of_the_file(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('notes,location\n"one\ntwo",A\n\nthree,B\n')
    assert [(r.line, r.cells["location"]) for r in read_source(path).rows] == [(2, "A"), (5, "B")]


def test_our_own_columns_of_a_rejects_file_are_read_over(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("_line,_problems,notes\n7,not-a-date: ...,text\n")
    found = read_source(path)
    assert found.columns == ("notes",) and dict(found.rows[0].cells) == {"notes": "text"}
