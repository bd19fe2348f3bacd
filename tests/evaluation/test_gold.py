"""Gold files: every broken line named, nothing guessed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eventcoder.errors import InputError, Refused
from eventcoder.evaluation import read_gold

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
