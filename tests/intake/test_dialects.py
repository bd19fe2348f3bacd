"""Dialects as data."""

import pytest

from eventcoder.codebook import load_codebook
from eventcoder.errors import CodebookError
from eventcoder.intake.dialects import choose, load_dialects
from eventcoder.project import packaged_schema

from .material import ACLED


@pytest.fixture(scope="module")
def codebook(tmp_path_factory):
    return load_codebook(packaged_schema(), tmp_path_factory.mktemp("cache"))


def test_the_header_shows_the_dialect(codebook):
    dialects = load_dialects(packaged_schema())
    shown = {
        "acled": [list(ACLED), [c.upper() for c in ACLED], [c for c in ACLED if c not in ("timestamp", "tags")], [*ACLED, "data_id", "iso3"]],
        "native": [["event_id", *ACLED], [*ACLED, "fatalities_low"], ["event_date", "country"], ["anything"]],
    }
    for name, headers in shown.items():
        assert [choose(dialects, "auto", header, codebook).id for header in headers] == [name] * len(headers)


def test_dialects_name_only_columns_that_exist(codebook):
    for dialect in load_dialects(packaged_schema()).values():
        named = {*dialect.has, *dialect.renamed.values(), *dialect.identity, *dialect.nulls}
        named |= {*dialect.keep_system, *dialect.blank_stands, *dialect.recomputed}
        assert named <= set(codebook.names) and not set(dialect.ignored) & set(codebook.names)


def test_a_project_without_dialects_uses_ours(tmp_path):
    assert set(load_dialects(tmp_path)) == {"acled", "native"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "native"', 'id = "native"\ncolour = 1', "colour"),
        ('"ymd"', '"mdy"', "mdy"),
        ("[identity]", "[identiti]", "identiti"),
        ("[detect]", "[detect", ""),
    ],
)
def test_a_broken_dialect_is_named(tmp_path, old, new, said):
    folder = tmp_path / "dialects"
    folder.mkdir()
    text = (packaged_schema() / "dialects" / "native.toml").read_text("utf-8")
    assert old in text
    (folder / "native.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(CodebookError, match=f"native.toml.*{said}"):
        load_dialects(tmp_path)
