"""The shipped codebook, and copies of it that tests may damage."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from eventcoder.codebook import Codebook, load_codebook
from tests.codebook.small import write

SCHEMA = Path(__file__).parents[2] / "schema"
Damage = Callable[[str, str, str], Path]


@pytest.fixture(scope="session")
def codebook() -> Codebook:
    return load_codebook(SCHEMA)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Codebook:
    """A codebook with every type of column and few rules."""
    return load_codebook(write(tmp_path_factory.mktemp("small")))


@pytest.fixture
def schema_copy(tmp_path: Path) -> Path:
    """A copy of the files that make up the codebook."""
    folder = tmp_path / "schema"
    shutil.copytree(SCHEMA / "lists", folder / "lists")
    for name in ("codebook.toml", "columns.csv", "rules.toml", "checks.toml"):
        shutil.copy(SCHEMA / name, folder / name)
    return folder


@pytest.fixture
def damaged(schema_copy: Path) -> Damage:
    """Replace the first occurrence of a text in a file of the copy (an empty old text: append); the copy's folder."""

    def damage(file: str, old: str, new: str) -> Path:
        path = schema_copy / file
        text = path.read_text("utf-8")
        assert old in text, f"{old!r} does not stand in {file}"
        path.write_text(text.replace(old, new, 1) if old else text + new, "utf-8", newline="\n")
        return schema_copy

    return damage
