"""CSV of every punctuation, encoding and kind of damage: what can be read is read, the rest is a fault, and nothing is lost between."""

import csv
import io
import itertools
import string
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.errors import InputError
from eventcoder.intake.formats import open_sheet
from eventcoder.intake.formats.lines import Lines
from tests.intake.formats.reading import HEADER, codes, csv_of, event, put, read, read_file

SIGNS = "\",;|\t^'\\\n\r \u2028\x85\x0cé€漢𐍈"
CELL = st.text(st.one_of(st.sampled_from(SIGNS), st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0\ufffd")), max_size=12)
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le+mark", "utf-16-be+mark"]


def encoded(text, encoding):
    if encoding.endswith("+mark"):
        return ("\ufeff" + text).encode(encoding.removesuffix("+mark"))
    return text.encode(encoding)


def beginnings(text, delimiter):
    """The lines on which the rows of a well-formed CSV begin."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found, start = [], 1
    for cells in reader:
        if cells:
            found.append(start)
        start = reader.line_num + 1
    return found[1:]


@settings(deadline=None, max_examples=250)
@given(
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(ENCODINGS),
    st.integers(2, 6),
    st.sampled_from([1, 3, 1000]),
    st.data(),
)
def test_what_a_writer_wrote_is_read_with_its_lines(tmp_path_factory, delimiter, newline, encoding, width, size, data):
    rows = data.draw(st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=8))
    header = list(string.ascii_lowercase[:width])
    # With other line ends Python's writer leaves a lone CR or LF in a cell without quotes.
    quoting = data.draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])) if newline == "\r\n" else csv.QUOTE_ALL
    text = csv_of(rows, header, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    path = put(tmp_path_factory.mktemp("t"), encoded(text, encoding))
    with open_sheet(path) as sheet:
        assert (sheet.format, sheet.typed, list(sheet.columns), sheet.notes) == ("csv", False, header, [])
        for _ in range(2):  # every pass begins anew
            found, faults = read(sheet, size)
            assert faults == []
            assert [cells for _, cells in found] == rows
            assert [line for line, _ in found] == beginnings(text, delimiter)
        assert sheet.done == 1.0


@settings(deadline=None, max_examples=200)
@given(st.text(st.sampled_from('ab",;\n\r \t|'), max_size=60))
def test_any_text_is_read_or_faulted_and_no_line_is_counted_twice(tmp_path_factory, text):
    path = put(tmp_path_factory.mktemp("t"), "one,two\n" + text)
    try:
        with open_sheet(path) as sheet:
            read(sheet)
    except InputError as error:
        assert "can be split" in error.message


DAMAGE = {
    "stray-quote": (lambda cells: line_of(cells).replace("over the", '"over" the'), "bad-quoting"),
    "text-behind-quote": (lambda cells: ",".join([*cells[:4], '"He said "no" and left"', *cells[5:]]), "bad-quoting"),
    "never-closed": (lambda cells: ",".join([*cells[:4], '"Bakers gathered', *cells[5:]]), "bad-quoting"),
    "unquoted-comma": (lambda cells: ",".join([*cells[:4], "Bakers, teachers", *cells[5:]]), "wrong-cell-count"),
    "too-few": (lambda cells: line_of(cells[:-2]), "wrong-cell-count"),
}


def line_of(cells):
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="", quoting=csv.QUOTE_ALL).writerow(cells)
    return out.getvalue()


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(["good", "good", "two-lines", *DAMAGE]), min_size=1, max_size=25), st.sampled_from([2, 10_000]), st.booleans())
def test_one_broken_row_costs_one_row(tmp_path_factory, kinds, size, quoted):
    lines, expected, rows, number = [",".join(HEADER)], [], [], 2
    # A row of too few cells right behind a quote that is never closed may be the rest of that row: nobody can tell.
    behind = [("good", kind) if before == "never-closed" and kind == "too-few" else (kind,) for before, kind in itertools.pairwise(["good", *kinds])]
    for n, kind in enumerate([*itertools.chain.from_iterable(behind), "good"]):
        cells = event(n)
        if kind in DAMAGE:
            damage, code = DAMAGE[kind]
            lines.append(damage(cells))
            expected.append((number, code))
        else:
            if kind == "two-lines":
                cells[4] = 'Bakers gathered.\nThe police "watched", and left.'
            lines.append(line_of(cells) if quoted or kind == "two-lines" else ",".join(cells))
            rows.append((number, cells))
        number += lines[-1].count("\n") + 1
    path = put(tmp_path_factory.mktemp("t"), "\n".join(lines) + "\n")
    with open_sheet(path) as sheet:
        found, faults = read(sheet, size)
    assert codes(faults) == expected
    assert found == rows
    raw = {fault.line: fault.raw.get("_raw") for fault in faults if fault.problem.code == "bad-quoting"}
    assert all(text and text.startswith(("IRN", '"IRN')) for text in raw.values())


def test_a_broken_row_of_several_lines_is_one_fault_with_its_lines(tmp_path):
    bad = 'IRN2,2025-05-02,Iran,Shiraz,"They said\n"no"\nand left",0,a,b,c\n'
    _, rows, faults = read_file(put(tmp_path, csv_of([event(1)]) + bad + csv_of([event(3)]).split("\n", 1)[1]))
    assert codes(faults) == [(3, "bad-quoting")] and faults[0].raw == {"_raw": bad}
    assert rows == [event(1), event(3)]


def test_a_row_that_took_in_others_by_a_quote_gives_them_back(tmp_path):
    """A quote at the beginning of one note and at the end of another: for the csv module all between is one cell."""
    lines = csv_of([event(n) for n in range(6)]).splitlines()
    lines[2] = lines[2].replace("Bakers", '"Bakers')
    lines[4] = lines[4].replace("flour.", 'flour."')
    _, rows, faults = read_file(put(tmp_path, "\n".join(lines)))
    assert codes(faults) == [(3, "bad-quoting")]
    assert rows == [event(0), event(2), [*event(3)[:4], event(3)[4] + '"', *event(3)[5:]], event(4), event(5)]


def test_a_quote_that_is_never_closed_does_not_swallow_a_large_file(tmp_path):
    line = ",".join(event(1, notes="x" * 300)) + "\n"
    n = 12_000_000 // len(line) * 3
    path = put(tmp_path, csv_of([]) + line + line.replace("xxx", '"xx', 1) + line * n)
    tracemalloc.start()
    try:
        with open_sheet(path) as sheet:
            found = [(len(piece.rows), codes(piece.faults)) for piece in sheet.pieces(1000)]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(rows for rows, _ in found) == n + 1
    assert [fault for _, faults in found for fault in faults] == [(3, "bad-quoting")]
    assert peak < 120_000_000


@pytest.mark.parametrize("newlines", [False, True])
@pytest.mark.parametrize("quoted", [False, True])
def test_a_cell_over_ten_megabytes_is_refused_and_not_held(tmp_path, quoted, newlines):
    path = tmp_path / "events.csv"
    with path.open("w") as out:
        out.write(csv_of([event(1)]))
        out.write("IRN2,2025-05-02,Iran,Shiraz," + ('"' if quoted else ""))
        for _ in range(600):
            out.write("word " * 20_000 + ("\n" if newlines and quoted else ""))
        out.write(('"' if quoted else "") + ",0,a,b,c\n")
        out.write(csv_of([event(3)]).split("\n", 1)[1])
    tracemalloc.start()
    try:
        _, rows, faults = read_file(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert codes(faults) == [(3, "field-too-large")] and rows == [event(1), event(3)]
    assert len(str(faults[0].raw)) < 10_000 and faults[0].raw["_raw"].startswith("IRN2,")
    assert peak < 150_000_000


def test_a_row_of_many_long_cells_is_refused_too(tmp_path):
    long = event(2)
    long[2:8] = [("word " * 50 + "\n") * 16_000] * 6
    _, rows, faults = read_file(put(tmp_path, csv_of([event(1), long, event(3)])))
    assert codes(faults) == [(3, "field-too-large")] and rows == [event(1), event(3)]


def test_lines_that_are_no_rows_behind_a_broken_one_are_told_one_by_one(tmp_path):
    lines = (
        csv_of([event(1)]).splitlines()
        + ['IRN2,2025-05-02,Iran,Shiraz,"Bakers']
        + ["and more words"] * 12
        + csv_of([event(3), event(4)]).splitlines()[1:]
    )
    _, rows, faults = read_file(put(tmp_path, "\n".join(lines)))
    assert codes(faults) == [(3, "bad-quoting"), *((line, "wrong-cell-count") for line in range(4, 16))]
    assert rows == [event(1), event(3), event(4)]


@settings(deadline=None, max_examples=300)
@given(st.text(st.sampled_from("ab\n\r\x0b\x85\u2028"), max_size=40), st.lists(st.integers(0, 40), max_size=5))
def test_lines_are_the_same_however_the_text_comes(text, cuts):
    places = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    blocks = [text[start:end] for start, end in itertools.pairwise(places)]
    assert list(Lines(blocks).since(1)) == io.StringIO(text, newline="").readlines()


def test_rows_of_megabytes_come_in_small_pieces(tmp_path):
    row = event(1, notes="x" * 5_000_000)
    path = put(tmp_path, csv_of(itertools.repeat(row, 20)))
    with open_sheet(path) as sheet:
        assert [len(piece.rows) for piece in sheet.pieces()] == [7, 7, 6]


def test_the_last_line_without_its_end(tmp_path):
    whole = csv_of([event(1), event(2)])
    for cut, expected in ((1, []), (20, [(3, "row-truncated")]), (26, [(3, "row-truncated")])):
        _, rows, faults = read_file(put(tmp_path, whole[:-cut]))
        assert codes(faults) == expected and len(rows) == 2 - len(expected)
    _, rows, faults = read_file(put(tmp_path, csv_of([event(1)]) + 'IRN2,2025-05-02,Iran,Shiraz,"Bakers\ngathered'))
    assert codes(faults) == [(3, "row-truncated")] and faults[0].raw == {"_raw": 'IRN2,2025-05-02,Iran,Shiraz,"Bakers\ngathered'}


def test_a_row_of_the_wrong_length_keeps_its_cells_by_name(tmp_path):
    text = csv_of([event(1), [*event(2), "more", "of it"], event(3)[:2]])
    _, rows, faults = read_file(put(tmp_path, text))
    assert rows == [event(1)] and codes(faults) == [(3, "wrong-cell-count"), (4, "wrong-cell-count")]
    assert faults[0].raw == {**dict(zip(HEADER, event(2), strict=True)), "_extra": "more,of it"}
    assert faults[1].raw == {"event_id_cnty": "IRN9003", "event_date": "2025-05-04"}
    assert "11 cells where the header has 9" in faults[0].problem.message


def test_blank_lines_and_mixed_line_ends_are_passed_over(tmp_path):
    text = "\n  \r\n" + ",".join(HEADER) + "\r" + ",".join(event(1)) + "\r\n\n\r \n" + ",".join(event(2)) + "\n\n\n"
    with open_sheet(put(tmp_path, text)) as sheet:
        rows, faults = read(sheet)
    assert rows == [(4, event(1)), (8, event(2))] and faults == []


@pytest.mark.parametrize("delimiter", list("^~\x01\x1f:#§"))
def test_an_unusual_delimiter_that_the_rows_prove(tmp_path, delimiter):
    _, rows, faults = read_file(put(tmp_path, csv_of([event(1), event(2)], delimiter=delimiter)))
    assert rows == [event(1), event(2)] and faults == []


def test_an_unusual_delimiter_that_the_rows_do_not_prove_is_not_one(tmp_path):
    sheet, rows, _ = read_file(put(tmp_path, "a~b~c\n1~2~3\nonly one\n"))
    assert sheet.columns == ("a~b~c",) and rows == [["1~2~3"], ["only one"]]


def test_the_rows_decide_between_two_delimiters(tmp_path):
    text = "id;place, country;size\n1;Shiraz;about 40, or 50, they say\n2;Fasa;many\n"
    sheet, rows, _ = read_file(put(tmp_path, text))
    assert sheet.columns == ("id", "place, country", "size") and rows[0] == ["1", "Shiraz", "about 40, or 50, they say"]


@pytest.mark.parametrize("text", ["a,b;c\n1,2;3\n4,5;6\n", "a,b;c\n", "a^b~c^d~e\n1^2~3^4~5\n"])
def test_a_tie_between_two_delimiters_is_refused(tmp_path, text):
    with pytest.raises(InputError, match=r"can be split at .* and at ") as refusal:
        open_sheet(put(tmp_path, text))
    assert "one sign between cells" in refusal.value.remedy


def test_excels_line_that_names_the_delimiter(tmp_path):
    with open_sheet(put(tmp_path, "sep=|\na,x|b,y\n1,2|3,4\n")) as sheet:
        assert sheet.columns == ("a,x", "b,y") and read(sheet) == ([(3, ["1,2", "3,4"])], [])


def test_single_quotes_only_where_they_are_certain(tmp_path):
    _, rows, faults = read_file(put(tmp_path, "id,notes,n\n1,'Bakers, teachers',3\n2,'It''s said',4\n"))
    assert rows == [["1", "Bakers, teachers", "3"], ["2", "It's said", "4"]] and faults == []
    sheet, rows, _ = read_file(put(tmp_path, "'id','notes'\n'1','a'\n"))
    assert sheet.columns == ("id", "notes") and rows == [["1", "a"]]
    _, rows, _ = read_file(put(tmp_path, "id,notes\n1,'tis said\n2,'Freedom'\n"))
    assert rows == [["1", "'tis said"], ["2", "'Freedom'"]]


def test_quotes_escaped_by_backslashes_where_that_is_certain(tmp_path):
    bad = 'id,notes,n\n1,"He said \\"no\\" and left",C:\\news\n2,"plain",\\N\n'
    _, rows, faults = read_file(put(tmp_path, bad))
    assert rows == [["1", 'He said "no" and left', "C:\\news"], ["2", "plain", "\\N"]] and faults == []
    _, rows, faults = read_file(put(tmp_path, 'id,notes,n\n1,"in C:\\",3\n2,"a ""b"" c",4\n'))
    assert rows == [["1", "in C:\\", "3"], ["2", 'a "b" c', "4"]] and faults == []


def test_backslashes_are_proven_by_rows_far_down_too(tmp_path):
    rows = [event(n) for n in range(5000)]
    text = csv_of(rows) + ",".join([*event(7)[:4], '"He said \\"no\\", and left"', *event(7)[5:]]) + "\n"
    _, found, faults = read_file(put(tmp_path, text))
    assert faults == [] and found == [*rows, event(7, notes='He said "no", and left')]


def test_a_space_behind_the_delimiter_before_a_quote(tmp_path):
    _, rows, faults = read_file(put(tmp_path, 'id, notes, n\n1, "Bakers, teachers", 3\n2, "x", 4\n'))
    assert rows == [["1", "Bakers, teachers", "3"], ["2", "x", "4"]] and faults == []


def test_rows_that_all_differ_from_the_header_by_one_empty_or_numbered_cell(tmp_path):
    sheet, rows, faults = read_file(put(tmp_path, "a,b,\n1,2,\n3,4,\n"))
    assert sheet.columns == ("a", "b", "") and rows == [["1", "2", ""], ["3", "4", ""]] and sheet.notes == []
    sheet, rows, faults = read_file(put(tmp_path, "a,b\n1,2,\n3,4,\n"))
    assert sheet.columns == ("a", "b", "") and not faults and [n.code for n in sheet.notes] == ["table-shape"]
    sheet, rows, faults = read_file(put(tmp_path, "a,b,\n1,2\n3,4\n"))
    assert sheet.columns == ("a", "b") and rows == [["1", "2"], ["3", "4"]] and not faults
    sheet, rows, faults = read_file(put(tmp_path, 'a,b\n"1",x,y\n"2",x,z\n'))
    assert sheet.columns == ("", "a", "b") and rows == [["1", "x", "y"], ["2", "x", "z"]] and not faults
    sheet, rows, faults = read_file(put(tmp_path, "a,b\n7,x,y\n2,x,z\n"))
    assert sheet.columns == ("a", "b") and len(faults) == 2


@pytest.mark.parametrize(
    ("text", "said"), [("a,b,a,b,c\n", "'a', 'b' more than once"), (",,\n1,2,3\n", "no column has a name"), ('a,"b"c\n1,2\n', "not CSV")]
)
def test_a_header_that_cannot_be_one(tmp_path, text, said):
    with pytest.raises(InputError, match=said):
        open_sheet(put(tmp_path, text))


def test_our_own_columns_of_a_rejects_file_are_read_over(tmp_path):
    text = "_line,_problems,notes,n,_extra\n7,not-a-date: ...,text,1,\n8,x,other,2,more\n9,y\n"
    sheet, rows, faults = read_file(put(tmp_path, text))
    assert sheet.columns == ("notes", "n") and rows == [["text", "1"], ["other", "2"]]
    assert faults[0].raw == {}
    sheet, rows, _ = read_file(put(tmp_path, "_line,notes\n7,text\n"))
    assert sheet.columns == ("notes",) and rows == [["text"]]


def test_a_file_without_rows_and_one_with_a_single_column(tmp_path):
    assert read_file(put(tmp_path, "a,b"))[1:] == ([], [])
    assert read_file(put(tmp_path, 'notes\none\n""\n\nthree\n'))[1] == [["one"], [""], ["three"]]
