"""The cache of the parsed codebook: the same codebook, never trusted when damaged, never in the way."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from eventcoder.codebook import cache, load_codebook
from eventcoder.errors import CodebookError
from tests.codebook.conftest import SCHEMA, Damage
from tests.synthetic_events import synthetic_values

TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _from_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing from the memory of this process: the cache is what is tested."""
    monkeypatch.setattr("eventcoder.codebook.KEPT", 0)
    monkeypatch.setattr("eventcoder.codebook._KEPT", {})


def entry(folder: Path) -> Path:
    (path,) = folder.glob("*")
    return path


def test_the_cached_codebook_is_the_same(tmp_path: Path) -> None:
    fresh, cached = load_codebook(SCHEMA, tmp_path), load_codebook(SCHEMA, tmp_path)
    assert (cached.id, cached.hash, cached.columns, cached.rules) == (fresh.id, fresh.hash, fresh.columns, fresh.rules)
    assert cached.checks == fresh.checks and cached.derivations == fresh.derivations
    assert {n: c.as_json() for n, c in cached.lists.items()} == {n: c.as_json() for n, c in fresh.lists.items()}
    assert [(k.id, k.key, k.where_tree) for k in cached.keyed] == [(k.id, k.key, k.where_tree) for k in fresh.keyed]
    broken = [{**event, "country": "Kenya", "fatalities": -1} for event in synthetic_values(10)]
    assert [cached.check(e, latest_today=TODAY) for e in broken] == [fresh.check(e, latest_today=TODAY) for e in broken]


def test_a_hit_neither_parses_nor_imports_the_parsers(tmp_path: Path) -> None:
    load_codebook(SCHEMA, tmp_path)
    code = (
        "import sys; from pathlib import Path; from eventcoder.codebook import load_codebook; "
        f"load_codebook(Path({str(SCHEMA)!r}), Path({str(tmp_path)!r})).checks; "
        "print([m for m in sys.modules if m in ('tomllib', 'csv', 'duckdb', 'pyarrow', 'pydantic', 'pandas', 'numpy',"
        " 'eventcoder.codebook.expression.parser', 'eventcoder.codebook.build')])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


@pytest.mark.parametrize("junk", ["", "{", "null", "[]", '{"format": 1}', "\0\0", "[" * 100_000, '{"format": 1, "hash": 5, "about": 3}'])
def test_a_damaged_cache_is_built_anew(tmp_path: Path, junk: str) -> None:
    load_codebook(SCHEMA, tmp_path)
    path = entry(tmp_path)
    good = path.read_bytes()
    path.write_text(junk, "utf-8")
    assert len(load_codebook(SCHEMA, tmp_path).rules) > 100
    assert path.read_bytes() == good, "and written anew"


@pytest.mark.parametrize("key", ["columns", "lists", "rules", "keyed", "derivations", "about", "expectations"])
def test_a_cache_with_a_missing_or_mistyped_part_is_built_anew(tmp_path: Path, key: str) -> None:
    whole = load_codebook(SCHEMA, tmp_path)
    path = entry(tmp_path)
    data = json.loads(path.read_bytes())
    for wrong in (None, 7):
        path.write_text(json.dumps({**data, key: wrong}), "utf-8")
        assert load_codebook(SCHEMA, tmp_path).names == whole.names
    path.write_text(json.dumps({name: part for name, part in data.items() if name != key}), "utf-8")
    assert load_codebook(SCHEMA, tmp_path).about == whole.about or key != "about"


def test_another_format_or_hash_is_not_trusted(tmp_path: Path) -> None:
    book = load_codebook(SCHEMA, tmp_path)
    path = entry(tmp_path)
    data = json.loads(path.read_bytes())
    for change in ({"format": cache.FORMAT + 1}, {"hash": "0" * 64}):
        path.write_text(json.dumps({**data, **change}), "utf-8")
        assert cache.load(tmp_path, book.hash) is None


def test_any_edit_of_the_codebook_counts_at_once(damaged: Damage, tmp_path: Path) -> None:
    cache_dir = tmp_path / "cache"
    folder = damaged("codebook.toml", 'title = "', 'title = "Our ')
    assert load_codebook(folder, cache_dir).title.startswith("Our ")
    damaged("lists/clarity.csv", "", "hazy,hazy,Neither.,,,,,,,\n")
    assert "hazy" in load_codebook(folder, cache_dir).lists["clarity"]
    assert len(list(cache_dir.glob("codebook-*.json"))) == 2


def test_a_broken_codebook_is_never_cached(damaged: Damage, tmp_path: Path) -> None:
    folder = damaged("rules.toml", "year(event_date)", "yaer(event_date)")
    with pytest.raises(CodebookError) as told:
        load_codebook(folder, tmp_path / "cache")
    assert [p.code for p in told.value.problems] == ["bad-expression"]
    assert not (tmp_path / "cache").exists()


def test_a_cache_that_cannot_be_written_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", "utf-8")
    assert load_codebook(SCHEMA, blocked / "cache").names
    assert blocked.read_text("utf-8") == "not a folder"

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("read-only file system")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    assert load_codebook(SCHEMA, tmp_path / "readonly").names
    assert list((tmp_path / "readonly").glob("*")) == []


def test_a_process_keeps_the_last_codebooks_and_gives_none_for_other_files(damaged: Damage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventcoder.codebook.KEPT", 2)
    first = load_codebook(SCHEMA)
    assert load_codebook(SCHEMA) is first
    assert load_codebook(SCHEMA, tmp_path / "cache") is first and entry(tmp_path / "cache").is_file(), "the next process finds it"
    folder = damaged("codebook.toml", 'title = "', 'title = "Our ')
    assert load_codebook(folder).title == "Our " + first.title
    damaged("codebook.toml", 'title = "Our ', 'title = "Their ')
    assert load_codebook(folder).title == "Their " + first.title
    assert load_codebook(SCHEMA) is not first and load_codebook(SCHEMA).title == first.title
