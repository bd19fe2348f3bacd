"""Files of a codebook that cannot be read are refused with file, line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventcoder.codebook import load_codebook
from eventcoder.codebook.read import content_hash, read_files
from eventcoder.errors import CodebookError
from tests.codebook.small import ABOUT, COLUMNS, LISTS, RULES, write


@pytest.mark.parametrize(("file", "text", "told"), [
    ("columns.csv", "", "columns.csv cannot be read"),
    ("columns.csv", "\n", "columns.csv is empty"),
    ("columns.csv", COLUMNS.replace("order,name", "order,nane"), "columns.csv, line 1: unknown column 'nane'. Did you mean 'name'?"),
    ("columns.csv", COLUMNS.replace("order,name", "name,name"), "columns.csv, line 1: two columns are called 'name'"),
    ("columns.csv", COLUMNS.replace(",description\n", "\n", 1), "column 'description' is missing"),
    ("columns.csv", COLUMNS.replace("Who did it.", "Who, and why."), "columns.csv, line 7: 14 cells, but the header has 13"),
    ("columns.csv", COLUMNS.replace("Who did it.", '"Who'), "columns.csv, line 14"),
    ("columns.csv", COLUMNS.replace("Who did it.", "Who\0"), "columns.csv, line 7: a NUL character"),
    ("columns.csv", COLUMNS.replace("Who did it.", "Wh\udcff"), "columns.csv, line 7: not UTF-8"),
    ("lists/kinds.csv", LISTS["kinds"].replace("code,label", "codes,label"), "lists/kinds.csv, line 1: column 'code' is missing"),
    ("lists/kinds.csv", LISTS["kinds"] + "March,March,Again.,,,,,,,,,\n", "lists/kinds.csv, line 5: code 'March' stands on line 2 already"),
    ("codebook.toml", ABOUT.replace("=", "", 1), "codebook.toml is not valid TOML"),
    ("codebook.toml", ABOUT.replace("1.2.0", "1.2"), "version '1.2' is not MAJOR.MINOR.PATCH"),
    ("rules.toml", RULES.replace("people >= 3", "peeple >= 3"), "rule 'riot-without-people', expect, column 1: unknown column 'peeple'"),
    ("rules.toml", RULES.replace("people >= 3", "people >= 3; DROP TABLE events"), "';' is not part of the language"),
    ("rules.toml", RULES.replace("people >= 3", "read_text('/etc/passwd') = 'x'"), "unknown function 'read_text'"),
    ("rules.toml", RULES.replace("{town}", "{twon}"), "placeholder {twon} is no column. Did you mean 'town'?"),
    ("rules.toml", RULES.replace("severity", "severtiy", 1), "unknown key 'severtiy'. Did you mean 'severity'?"),
    ("rules.toml", RULES.replace("in-the-future", "riot-without-people"), "a second rule or check called 'riot-without-people'"),
    ("rules.toml", RULES.replace("[[rule]]", "[[rules]]"), "unknown table 'rules'. Did you mean 'rule'?"),
])  # fmt: skip
def test_a_broken_file_is_named_with_place_and_reason(tmp_path: Path, file: str, text: str, told: str) -> None:
    with pytest.raises(CodebookError) as caught:
        load_codebook(write(tmp_path, {file: text}))
    assert told in str(caught.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    rules = RULES.replace("people >= 3", "people >= 'x'").replace("{town}", "{twon}")
    broken = {"columns.csv": COLUMNS.replace("kinds,,,", "kins,,,", 1), "rules.toml": rules}
    with pytest.raises(CodebookError) as caught:
        load_codebook(write(tmp_path, broken))
    assert sorted({problem.code for problem in caught.value.problems}) == ["bad-expression", "bad-rule", "unknown-list"]


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match="no folder"):
        load_codebook(tmp_path / "nowhere")


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    plain = load_codebook(write(tmp_path / "a"))
    files = {"columns.csv": "\ufeff" + COLUMNS.replace("\n", "\r\n"), "rules.toml": RULES.replace("\n", "\r\n")}
    windows = load_codebook(write(tmp_path / "b", files))
    assert (windows.columns, windows.rules) == (plain.columns, plain.rules)


def test_the_hash_changes_with_every_file_of_the_codebook_and_with_no_other(tmp_path: Path) -> None:
    write(tmp_path)
    first = content_hash(read_files(tmp_path))
    (tmp_path / "event.schema.json").write_text("{}", "utf-8")
    (tmp_path / "lexicon").mkdir()
    (tmp_path / "lexicon" / "words.csv").write_text("word\n", "utf-8")
    assert content_hash(read_files(tmp_path)) == first
    (tmp_path / "lists" / "precisions.csv").write_text(LISTS["precisions"] + " ", "utf-8")
    assert content_hash(read_files(tmp_path)) != first
