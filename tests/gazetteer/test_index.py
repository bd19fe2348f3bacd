"""The index file: built aside, rebuilt when damaged, safe when two build at once. Runs on a handful of places."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventcoder.gazetteer import index, open_gazetteer, source
from eventcoder.gazetteer.source import SourcePlace
from tests.register_lists import Lists


def few_places() -> Iterator[SourcePlace]:
    yield SourcePlace(112931, "Tehran", "IR", "Tehran", None, 35.6944, 51.4215, 7153309, "place", "26", ["Teheran"])
    yield SourcePlace(99071, "As Sulaymānīyah", "IQ", "Sulaymaniyah", None, 35.565, 45.4329, 723170, "place", "05", [])
    yield SourcePlace(-1, "Sulaymaniyah", "IQ", "Sulaymaniyah", None, 35.565, 45.4329, 723170, "admin1", "05")


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(source, "read_places", few_places)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temp"))


def test_it_is_built_once_says_so_and_credits_the_source(tmp_path: Path, codebook: Lists) -> None:
    said: list[str] = []
    for _ in range(2):
        with_index = open_gazetteer(codebook, cache_dir=tmp_path / "here", progress=said.append)
        assert with_index.lookup("Teheran")[0].name == "Tehran"
        with_index.close()
    assert len(said) == 2
    assert "GeoNames" in said[1]
    assert "CC BY 4.0" in said[1]
    assert [p.name for p in (tmp_path / "here").iterdir()] == [index.index_name()]


def test_without_a_folder_it_lies_in_the_users_cache(tmp_path: Path) -> None:
    _, path = index.open_index()
    assert path == tmp_path / "cache" / "eventcoder" / index.index_name()


def test_an_unwritable_folder_is_passed_over(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    _, path = index.open_index(blocked / "sub")
    assert path.parent == tmp_path / "cache" / "eventcoder"


def test_nowhere_to_write_is_an_os_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setattr(index, "cache_folders", lambda given: iter([blocked / "sub"]))
    with pytest.raises(OSError, match="sub"):
        index.open_index()


@pytest.mark.parametrize("damage", ["empty", "cut", "text", "unfinished"])
def test_a_damaged_file_is_rebuilt(tmp_path: Path, damage: str, codebook: Lists) -> None:
    path = index.build_index(tmp_path / index.index_name())
    whole = path.read_bytes()
    if damage == "empty":
        path.write_bytes(b"")
    elif damage == "cut":
        path.write_bytes(whole[: len(whole) - 4096])
    elif damage == "text":
        path.write_text("this is not a database " * 500)
    else:
        with sqlite3.connect(path) as connection:
            connection.execute("DELETE FROM meta WHERE key = 'complete'")
        connection.close()
    said: list[str] = []
    gazetteer = open_gazetteer(codebook, cache_dir=tmp_path, progress=said.append)
    assert len(said) == 2, "it was built again before anybody asked"
    assert gazetteer.lookup("Tehran")[0].country == "Iran"
    assert gazetteer.path == path


def test_damage_that_shows_only_while_reading_is_mended(tmp_path: Path, codebook: Lists) -> None:
    path = index.build_index(tmp_path / index.index_name())
    gazetteer = open_gazetteer(codebook, cache_dir=tmp_path)
    page = gazetteer._rows("SELECT rootpage FROM sqlite_master WHERE name = 'name'")[0][0]
    gazetteer.close()
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    path.write_bytes(content)
    said: list[str] = []
    opened = open_gazetteer(codebook, cache_dir=tmp_path, progress=said.append)
    assert opened.lookup("Tehran")[0].name == "Tehran"
    assert len(said) == 2, "it was built again"


def test_several_may_build_at_once(tmp_path: Path) -> None:
    failed: list[BaseException] = []

    def build() -> None:
        try:
            index.open_index(tmp_path / "shared")[0].close()
        except (OSError, sqlite3.Error) as error:
            failed.append(error)

    threads = [threading.Thread(target=build) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [p.name for p in (tmp_path / "shared").iterdir()] == [index.index_name()]


def test_another_version_of_the_data_is_another_file(monkeypatch: pytest.MonkeyPatch) -> None:
    before = index.index_name()
    monkeypatch.setattr(source, "package_version", lambda package: "99.0")
    assert index.index_name() != before


def test_a_build_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Iterator[SourcePlace]:
        yield from few_places()
        raise RuntimeError("data file broken")

    monkeypatch.setattr(source, "read_places", broken)
    with pytest.raises(RuntimeError):
        index.build_index(tmp_path / "x.sqlite")
    assert list(tmp_path.glob("x.sqlite*")) == []


def test_divisions_lose_the_word_for_their_kind_only_where_a_name_is_left() -> None:
    assert index.short_division("khuzestan province") == "khuzestan"
    assert index.short_division("province of bolzano") == "bolzano"
    assert index.short_division("federal district") == "federal district"
