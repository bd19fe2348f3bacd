"""CSV that other programs read as it was meant."""

from __future__ import annotations

import csv
from pathlib import Path
from unittest import mock

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.releases.csvfile import as_csv, is_csv_of, neutralise, read_texts, restore, same_as_csv, typed, write_csv

texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00\r"), min_size=1, max_size=12) | st.sampled_from(
    ["=1+1", "'=1+1", "+49 30", "-", "@here", "\tx", 'say "no"', "two\nlines", "a; b", "'''=x", "'plain"]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(texts | st.none(), st.integers(-(2**60), 2**60) | st.none()), max_size=6))
def test_T29_an_independent_reader_gets_every_cell_back(tmp_path_factory: object, rows: list[tuple[str | None, int | None]]) -> None:
    table = pa.table({"text": pa.array([r[0] for r in rows], pa.string()), "whole": pa.array([r[1] for r in rows], pa.int64())})
    path = tmp_path_factory.mktemp("csv") / "t.csv"  # type: ignore[attr-defined]
    write_csv(table, path)
    with path.open(encoding="utf-8", newline="") as handle:
        found = list(csv.reader(handle, strict=True))[1:]
    assert [(restore(a) or None, int(b) if b else None) for a, b in found] == rows
    assert not [a for a, _ in found if a[:1] in ("=", "+", "-", "@", "\t")]
    assert same_as_csv(table, path) == []
    back, misfits = typed(read_texts(path), {"text": pa.string(), "whole": pa.int64()})
    assert back.equals(table)
    assert misfits == []


def test_T30_big_ids_and_missing_whole_numbers_stay_exact(tmp_path: Path) -> None:
    table = pa.table({"id": ["IRN1000000000017"], "fatalities": pa.array([None], pa.int64()), "n": [2**53 + 1]})
    write_csv(table, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text("utf-8") == '"id","fatalities","n"\n"IRN1000000000017",,9007199254740993\n'


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(texts | st.none(), st.lists(texts, max_size=2)), min_size=1, max_size=5), st.integers(0, 4), st.integers(1, 2))
def test_bytes_and_reading_give_one_verdict(tmp_path_factory: object, rows: list[tuple[str | None, list[str]]], place: int, at_once: int) -> None:
    table = pa.table({"text": pa.array([r[0] for r in rows], pa.string()), "tags": pa.array([r[1] for r in rows], pa.list_(pa.string()))})
    path = tmp_path_factory.mktemp("csv") / "t.csv"  # type: ignore[attr-defined]
    with mock.patch("eventcoder.releases.csvfile.ROWS_AT_ONCE", at_once):
        write_csv(table, path)
    assert is_csv_of(table, path) and is_csv_of(pa.concat_tables([table.slice(0, 1), table.slice(1)]), path)
    shown = [["text", "tags"], *([c or "" for c in r] for r in zip(*as_csv(table).to_pydict().values(), strict=True))]
    with path.open("w", encoding="utf-8", newline="") as handle:  # the same table by another writer: other bytes, the same cells
        csv.writer(handle, lineterminator="\n").writerows(shown)
    assert same_as_csv(table, path) == []
    other = table.set_column(0, "text", pa.array([f"{r[0]}!" if i == place % len(rows) else r[0] for i, r in enumerate(rows)], pa.string()))
    assert not is_csv_of(other, path)
    assert same_as_csv(other, path) == ["text"]
    write_csv(table, path)
    assert (same_as_csv(other, path), same_as_csv(table.slice(1), path)) == (["text"], [""])


def test_lists_are_joined_and_an_empty_one_is_an_empty_cell() -> None:
    shown = as_csv(pa.table({"tags": pa.array([["a", "b"], [], ["=x"]], pa.list_(pa.string()))}))
    assert shown.column("tags").to_pylist() == ["a; b", None, "'=x"]


def test_carriage_returns_are_neutralised_too() -> None:
    assert neutralise(pa.array(["\r=1", "plain"])).to_pylist() == ["'\r=1", "plain"]


def test_cells_that_do_not_fit_are_named(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("year,event_date\n2020,2020-02-30\nabc,2020-01-01\n", "utf-8")
    table, misfits = typed(read_texts(tmp_path / "t.csv"), {"year": pa.int64(), "event_date": pa.date32()})
    assert misfits == [("year", 1, "abc"), ("event_date", 0, "2020-02-30")]
    assert table.column("year").to_pylist() == [2020, None]


@pytest.mark.parametrize("header", ["year,year", ",".join(map(str, range(3_000))), "x" * 300_000])
def test_headers_that_are_none_are_refused(tmp_path: Path, header: str) -> None:
    (tmp_path / "t.csv").write_text(f"{header}\n1,2\n", "utf-8")
    with pytest.raises(pa.ArrowInvalid, match=r"its (header|first line)"):
        read_texts(tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("län,país\n1,2\n".encode("latin-1"), "not UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        (b"a;b\n1;2\n", "separated by ';'"),
        (b"a\tb\n1\t2\n", "separated by"),
    ],
)
def test_files_of_other_programs_are_refused_by_what_is_odd_about_them(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(content)
    with pytest.raises(pa.ArrowInvalid, match=said):
        read_texts(path)
