"""What a file is, whatever its name: packed, piped, foreign, changed meanwhile, in an old encoding."""

import gzip
import hashlib
import io
import os
import random
import sys
import threading
import tracemalloc
import zipfile

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.errors import InputError
from eventcoder.intake.formats import open_sheet, origin
from tests.intake.formats.reading import HEADER, csv_of, event, put, read, read_file
from tests.intake.formats.test_workbook import ROWS, saved

ROWS_OF_TEXT = [event(n, notes=f"Bäcker in Shiraz, {n}.") for n in range(50)]
TEXT = csv_of(ROWS_OF_TEXT)


def zstd(data):
    return pa.compress(data, codec="zstd", asbytes=True)


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


PACKED = {
    "gzip": lambda data: gzip.compress(data),
    "gzip in two members": lambda data: gzip.compress(data[:100]) + gzip.compress(data[100:]),
    "zstd": zstd,
    "zstd in two frames": lambda data: zstd(data[:100]) + zstd(data[100:]),
    "zip": lambda data: zipped({"folder/events": data, "__MACOSX/x": b"1", ".DS_Store": b"1"}),
}


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_packed_tables_are_read_as_if_they_were_not(tmp_path, packing, suffix):
    data = TEXT.encode() if suffix == "csv" else "\n".join(f'{{"id": "IRN{n}"}}' for n in range(50)).encode()
    path = put(tmp_path, PACKED[packing](data), f"events.{suffix}.{packing[:3]}")
    with open_sheet(path) as sheet:
        first, faults = read(sheet)
        assert (sheet.format, len(first), faults, sheet.notes) == (suffix, 50, [], [])
        assert read(sheet)[0] == first and sheet.done == 1.0
        assert sheet.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert sheet.where(3).startswith(f"events.{suffix}.{packing[:3]}, line 3")


@pytest.mark.parametrize("packing", PACKED)
def test_what_is_cut_off_while_packed_is_refused(tmp_path, packing):
    data = PACKED[packing](random.Random(1).randbytes(2000).hex().encode())
    with pytest.raises(InputError, match=r"cannot be (unpacked|read)"):
        open_sheet(put(tmp_path, data[: len(data) // 2], "events.csv.gz"))


@pytest.mark.parametrize("packing", ["gzip", "zstd", "zip"])
def test_bombs_are_stopped(tmp_path, monkeypatch, packing):
    monkeypatch.setattr(origin, "FLOOD", 5_000_000)
    data = PACKED[packing](b"id,notes\n" + b"1,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" * 2_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="unpacks to more than") as refusal:
            open_sheet(put(tmp_path, data, "events.csv.gz"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "Mistrust" in refusal.value.remedy and peak < 30_000_000


def test_a_table_that_is_merely_large_is_no_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr(origin, "FLOOD", 100_000)
    rng = random.Random(3)
    rows = [event(n, notes=" ".join(rng.choice(["march", "police", "bridge", "flour"]) for _ in range(40))) for n in range(3000)]
    assert len(read_file(put(tmp_path, gzip.compress(csv_of(rows).encode()), "e.csv.gz"))[1]) == 3000


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (zipped({"a": b"x", "b": b"y"}), "2 files, 'a', 'b'"),
        (zipped({}), "0 files"),
        (gzip.compress(gzip.compress(b"a,b\n1,2\n", mtime=0), mtime=0), "packed twice"),
        (gzip.compress(saved(ROWS), mtime=0), "packed twice"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (zipped({"xl/workbook.bin": b""}), r"\.xlsb"),
        (zipped({"content.xml": b"", "mimetype": b""}), r"\.ods"),
        (zipped({"word/document.xml": b""}), "Word document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, r"old Excel workbook \(\.xls\)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600_000 + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (b"<stata_dta><header>", r"Stata file \(\.dta\)"),
        (b"\x72\x02\x01\x00abc", r"Stata file \(\.dta\)"),
        (b"$FL2@(#) SPSS DATA FILE", r"SPSS file \(\.sav\)"),
        (gzip.compress(b"RDX3\nX\n", mtime=0), "R workspace"),
        (gzip.compress(b"X\n\x00\x00\x00\x03", mtime=0), r"\.rds"),
        (b"\x80\x04\x95abc", "pickle, which is never opened"),
        (b"SQLite format 3\0", "SQLite"),
        (b"%PDF-1.7", "PDF"),
        (b"ARROW1\0\0", "Feather"),
        (b"BZh91AY", "bzip2"),
        (b"\xfd7zXZ\x00", "xz"),
        (b"<html><table><tr><td>id</td></tr></table></html>", "web page"),
        (b'<?xml version="1.0"?><Workbook/>', "XML"),
        (b"\x00\x01\x02" * 500, "NUL bytes"),
        ("a,b\n1,2\n".encode("utf-16-le"), "UTF-16 without its mark"),
        (b"", "is empty"),
        (b" \r\n\n", "is empty"),
        (b"\xef\xbb\xbf\n", "is empty"),
        (b"PAR1 and no more", "Parquet"),
        (b"PK\x03\x04 and no more", "damaged ZIP"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_by_what_it_is(tmp_path, data, said):
    for name in ("events.csv", "events.xlsx"):
        with pytest.raises(InputError, match=said) as refusal:
            open_sheet(put(tmp_path, data, name))
        assert refusal.value.remedy and refusal.value.exit_code == 2


@pytest.mark.parametrize(
    ("data", "name", "format_", "noted"),
    [
        (saved(ROWS), "events.csv", "xlsx", "format-differs"),
        (saved(ROWS), "events.xlsm", "xlsx", None),
        (saved(ROWS), "events", "xlsx", None),
        (TEXT.encode(), "events.xlsx", "csv", "format-differs"),
        (TEXT.encode(), "events.xls", "csv", "format-differs"),
        (TEXT.encode(), "events.parquet", "csv", "format-differs"),
        (TEXT.encode(), "events.txt", "csv", None),
        (gzip.compress(TEXT.encode(), mtime=0), "events.csv", "csv", None),
    ],
)
def test_the_bytes_decide_and_a_wrong_name_is_told(tmp_path, data, name, format_, noted):
    with open_sheet(put(tmp_path, data, name)) as sheet:
        assert sheet.format == format_ and sum(len(p.rows) for p in sheet.pieces()) >= 2
        assert [note.code for note in sheet.notes] == ([noted] if noted else [])


def test_a_sheet_is_asked_of_a_table_that_has_none(tmp_path):
    with pytest.raises(InputError, match="no workbook"):
        open_sheet(put(tmp_path, TEXT), sheet="events")


def test_paths_that_cannot_be_read(tmp_path):
    for path, said in (
        (tmp_path / "none.csv", "No such file"),
        (tmp_path, "is a folder"),
        ("/dev/null", "is a device"),
        (tmp_path / ("x" * 300), "too long"),
    ):
        with pytest.raises(InputError, match=said) as refusal:
            open_sheet(path)
        assert refusal.value.remedy


@pytest.mark.parametrize("data", [TEXT.encode(), gzip.compress(TEXT.encode()), saved(ROWS)], ids=["csv", "gzip", "xlsx"])
def test_standard_input_is_put_aside_and_removed(tmp_path, monkeypatch, data):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    with open_sheet("-") as sheet:
        assert sheet.name == "standard input" and len(list(tmp_path.iterdir())) == 1
        assert read(sheet) == read(sheet)
        assert sheet.where(2).startswith("standard input")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"a,a\n"])
def test_nothing_stays_behind_of_what_is_refused(tmp_path, monkeypatch, data):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    with pytest.raises(InputError, match="standard input"):
        open_sheet("-")
    assert list(tmp_path.iterdir()) == []


def test_a_named_pipe_is_read_like_a_file(tmp_path):
    path = tmp_path / "pipe.csv"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=(TEXT,))
    writer.start()
    with open_sheet(path) as sheet:
        assert len(read(sheet)[0]) == len(read(sheet)[0]) == 50
    writer.join()


@pytest.mark.parametrize("name", ["events.csv", "events.jsonl", "events.json", "book.xlsx", "events.parquet"])
def test_a_file_that_changes_meanwhile_is_refused(tmp_path, name):
    import pyarrow.parquet as pq

    objects = ",\n".join(f'{{"id": "IRN{n}"}}' for n in range(9))
    data = {"events.csv": TEXT, "events.jsonl": objects.replace(",", ""), "events.json": f"[{objects}]", "book.xlsx": saved(ROWS)}.get(name)
    if data is None:
        out = io.BytesIO()
        pq.write_table(pa.table({"id": ["IRN1", "IRN2"]}), out)
        data = out.getvalue()
    path = put(tmp_path, data, name)
    with open_sheet(path) as sheet:
        before = path.stat()
        read(sheet)
        path.write_bytes(path.read_bytes())
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
        with pytest.raises(InputError, match="was changed while it was read"):
            next(sheet.pieces(1))


def test_a_file_that_grows_during_a_pass_is_refused_at_its_end(tmp_path):
    path = put(tmp_path, TEXT)
    with open_sheet(path) as sheet:
        pieces = sheet.pieces(10)
        next(pieces)
        with path.open("a") as more:
            more.write(",".join(event(99)) + "\n")
        with pytest.raises(InputError, match="was changed while it was read"):
            list(pieces)


WORDS = {
    "cp1252": "Générale — “Côte d’Ivoire”, la marche des enseignants à Abidjan été dispersée; Año Nuevo, Cúcuta, manifestación",
    "cp1251": "В Москве прошёл митинг против повышения цен, полиция задержала участников у здания мэрии и отпустила вечером",
    "gb18030": "在广州的工人聚集在工厂门口要求支付拖欠的工资，警察在现场维持秩序，没有人受伤，抗议持续了几个小时",
    "shift_jis": "東京で労働者が工場の前に集まり、未払い賃金の支払いを求めた。警察が見守ったが、けが人はいなかった",
    "cp1256": "تجمع العمال أمام المصنع في المدينة للمطالبة بدفع الأجور المتأخرة وحضرت الشرطة ولم يصب أحد",
}


@pytest.mark.parametrize("encoding", WORDS)
def test_old_encodings_are_guessed_and_told(tmp_path, encoding):
    rows = [event(n, notes=WORDS[encoding]) for n in range(400)]
    plain = [event(n) for n in range(400)]
    sheet, found, faults = read_file(put(tmp_path, csv_of([*plain, *rows]).encode(encoding)))
    assert found == [*plain, *rows] and faults == []
    assert [(note.code, note.severity) for note in sheet.notes] == [("table-encoding", "warning")]
    assert "a guess" in sheet.notes[0].message


def test_accents_among_plain_letters_are_not_taken_for_east_asian_signs(tmp_path):
    rows = [event(n, notes="On 3 May, marchers met évér the river and wént on to the markét") for n in range(300)]
    sheet, found, _ = read_file(put(tmp_path, csv_of(rows).encode("cp1252")))
    assert found == rows and "cp1252" in sheet.notes[0].message


def test_a_few_foreign_bytes_in_a_utf8_file_do_not_spoil_the_rest(tmp_path):
    lines = csv_of([event(n, notes="Générale à Abidjan, 漢字") for n in range(200)]).encode().split(b"\n")
    lines[150] = lines[150].replace("é".encode(), "é".encode("cp1252"))
    sheet, rows, _ = read_file(put(tmp_path, b"\n".join(lines)))
    assert {row[4] for row in rows} == {"Générale à Abidjan, 漢字"}
    assert "2 bytes are not UTF-8" in sheet.notes[0].message and "read as Windows-1252" in sheet.notes[0].message


def test_undefined_bytes_and_lost_characters_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr("eventcoder.intake.formats.charset.guess", lambda _: None)
    sheet, rows, _ = read_file(put(tmp_path, csv_of([event(1, notes="caf\ufffd \ufffd")]).encode()))
    assert rows[0][4] == "caf\ufffd \ufffd" and "2 characters were lost" in sheet.notes[0].message
    sheet, rows, _ = read_file(put(tmp_path, csv_of([]).encode() + b"1,2,3,4,caf\xe9 \x81,6,7,8,9\n"))
    assert rows[0][4] == "café \x81" and "a guess" in sheet.notes[0].message
    sheet, rows, _ = read_file(put(tmp_path, csv_of([event(1, notes="été")]).encode() + b"1,2,3,4,\xc3"))
    assert len(rows) == 1 and "middle of a character" in sheet.notes[0].message
    with pytest.raises(InputError, match="mark of utf-16"):
        open_sheet(put(tmp_path, b"\xff\xfe" + "a,b\n1,2\n".encode("utf-16-le") + b"\x00\xd8,\x00"))


def test_one_nul_in_a_large_file_costs_no_more_than_its_cell(tmp_path):
    rows = [event(n) for n in range(200)]
    data = csv_of(rows).encode().replace(b"IRN9100", b"IRN\x009100")
    sheet, found, faults = read_file(put(tmp_path, data))
    assert len(found) == 200 and found[100][0] == "IRN\x009100" and faults == []
    assert "1 NUL bytes" in sheet.notes[0].message


@settings(deadline=None, max_examples=150)
@given(
    st.binary(max_size=300),
    st.sampled_from(["a.csv", "a.json", "a.jsonl", "a.xlsx", "a.parquet", "a.gz"]),
    st.sampled_from([b"", b"a,b\n", b'{"a":1}\n', b"[", b"\x1f\x8b", b"PK\x03\x04", b"PAR1"]),
)
def test_no_bytes_at_all_break_it(tmp_path_factory, data, name, start):
    try:
        read_file(put(tmp_path_factory.mktemp("t"), start + data, name))
    except InputError as error:
        assert error.message and error.remedy


def test_nothing_heavy_is_imported_for_a_csv(tmp_path):
    import subprocess

    path = put(tmp_path, TEXT)
    code = (
        "import sys; from eventcoder.intake.formats import open_sheet; s = open_sheet(sys.argv[1]); n = sum(len(p.rows) for p in s.pieces());"
        "heavy = {'pandas', 'pyarrow', 'openpyxl', 'duckdb', 'charset_normalizer'} & set(sys.modules); print(n, sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "50 []"


def test_done_grows_from_nothing_to_all(tmp_path):
    path = put(tmp_path, csv_of([event(n, notes="x" * 3000) for n in range(1000)]))
    with open_sheet(path) as sheet:
        shares = [sheet.done for _ in sheet.pieces(100)]
    assert shares == sorted(shares) and 0 < shares[0] < 0.5 and shares[-1] == 1.0 and len(HEADER) == len(sheet.columns)
