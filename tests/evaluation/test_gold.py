"""Gold files: every broken line named, nothing guessed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eventcoder.codebook import load_codebook
from eventcoder.errors import InputError, Refused
from eventcoder.evaluation import check_values, read_gold
from eventcoder.project import packaged_schema

STATEMENT = {"id": "a", "quote": "Teachers marched", "status": "codable", "fields": {"country": "Iran"}}
LINE = {"document": "one.txt", "published": "2026-05-04", "statements": [STATEMENT]}


def write(path: Path, *lines: Any) -> Path:
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines), "utf-8")
    return path


def test_a_gold_file_is_read_with_its_alternatives(tmp_path: Path) -> None:
    (found,) = read_gold(write(tmp_path / "g.jsonl", "", {**LINE, "forbidden": [{"country": "Iraq"}]}))
    assert (found.document, found.statements[0].status, found.forbidden) == ("one.txt", "codable", [{"country": "Iraq"}])


def test_every_broken_line_is_named_at_once(tmp_path: Path) -> None:
    bad = [
        "{broken", {**LINE, "statements": [{**STATEMENT, "status": "maybe"}]}, {**LINE, "statemnts": []},
        {**LINE, "statements": [{**STATEMENT, "quote": ""}]}, [LINE],
    ]  # fmt: skip
    with pytest.raises(Refused) as refused:
        read_gold(write(tmp_path / "g.jsonl", LINE, *bad))
    assert {(p.code, p.where) for p in refused.value.problems} == {
        ("not-json" if n == 2 else "gold-malformed", f"g.jsonl, line {n}") for n in range(2, 7)
    }


@pytest.mark.parametrize("data", [b"", b"\n\n", b'{"document": "Bogot\xe1"}'])
def test_files_that_hold_no_gold(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "g.jsonl").write_bytes(data)
    with pytest.raises(InputError, match=r"g\.jsonl"):
        read_gold(tmp_path / "g.jsonl")
    with pytest.raises(InputError, match="cannot be read"):
        read_gold(tmp_path / "absent.jsonl")


def test_gold_may_carry_its_text_and_each_quote_stands_in_it_once(tmp_path: Path) -> None:
    own = {**LINE, "text": "Teachers marched in Shiraz.", "title": "March", "publisher": "Qasr Daily", "language": "en", "style": "wire"}
    (found,) = read_gold(write(tmp_path / "g.jsonl", own))
    assert (found.text, found.publisher) == ("Teachers marched in Shiraz.", "Qasr Daily")
    for text in ("Nurses marched in Shiraz.", "Teachers marched. Teachers marched."):
        with pytest.raises(Refused) as refused:
            read_gold(write(tmp_path / "g.jsonl", {**own, "text": text}))
        assert [p.field for p in refused.value.problems] == ["quote"]


@pytest.mark.parametrize(
    ("statements", "field"),
    [
        ([STATEMENT, STATEMENT], "id"),
        ([STATEMENT, {"id": "b", "quote": "the march", "status": "attribute", "fields": {"same_as": "z"}}], "same_as"),
        ([{"id": "b", "quote": "the march", "status": "attribute", "fields": {"same_as": "b"}}], "same_as"),
    ],
)
def test_ids_and_second_tellings_must_hold_together(tmp_path: Path, statements: list[Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        read_gold(write(tmp_path / "g.jsonl", {**LINE, "statements": statements}))
    assert {p.field for p in refused.value.problems} == {field}


def test_a_document_may_not_count_twice(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"1 problem") as refused:
        read_gold(write(tmp_path / "g.jsonl", LINE, LINE))
    assert "line 1 already" in refused.value.problems[0].message


def test_slips_in_the_values_are_named(tmp_path: Path) -> None:
    slips = {"country": "Persia Minor", "sub_event_typ": "Attack", "event_date": "2026-05-09", "date_start": "2026-05-10", "date_end": "2026-05-12"}
    line = {**LINE, "statements": [{**STATEMENT, "fields": slips}], "forbidden": [{"deaths": 3}]}
    found = check_values(read_gold(write(tmp_path / "g.jsonl", line)), load_codebook(packaged_schema()))
    assert [p.field for p in found] == ["country", "sub_event_typ", "event_date", "event_date", "deaths"]
    assert check_values(read_gold(write(tmp_path / "g.jsonl", LINE)), load_codebook(packaged_schema())) == []


FILES = sorted((Path(__file__).parents[2] / "raw" / "gold").glob("*.jsonl"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_the_gold_files_of_the_project_keep_their_form(path: Path) -> None:
    """Form only: what the statements say is their authors' matter."""
    documents = read_gold(path)
    faults = check_values(documents, load_codebook(packaged_schema()))
    assert not faults, [p.message for p in faults]
    told = [s for d in documents if d.text is not None for s in d.statements if s.status == "codable"]
    needed = {"event_date", "date_start", "date_end", "time_precision", "sub_event_type", "country", "location", "geo_precision", "fatalities"}
    needed |= {"actor1", "inter1", "actor2", "inter2"}
    assert all(needed <= s.fields.keys() for s in told), "a codable statement of a full text is coded in full"
