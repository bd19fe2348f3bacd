"""The codebook in words: what a coder reads on the terminal, and CODEBOOK.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventcoder.codebook import Codebook, load_codebook
from eventcoder.codebook.page import WIDTH, codebook_markdown, definition
from eventcoder.errors import NotFound
from tests.codebook.conftest import SCHEMA, Damage


def test_a_definition_says_what_counts_and_what_does_not(codebook: Codebook) -> None:
    text = definition(codebook, "sub_event_types", "Attack")
    row = codebook.lists["sub_event_types"].get("Attack")
    assert row is not None
    told = " ".join(text.split())
    assert text.startswith("Attack (sub_event_types)\n") and text.endswith("\n")
    for part in (row["definition"], f"includes: {row['includes']}", f"excludes: {row['excludes']}", "event type: Violence against civilians"):
        assert part in told
    assert "Rebel group-Civilians" in told, "legal interactions are named, not numbered"


def test_definitions_fit_a_terminal_and_exist_for_every_code(codebook: Codebook) -> None:
    for name, codes in codebook.lists.items():
        for code in codes:
            lines = definition(codebook, name, code).splitlines()
            assert len(lines) >= 2 and max(map(len, lines)) <= WIDTH, (name, code)


def test_a_definition_is_found_by_case_and_old_spelling(codebook: Codebook) -> None:
    assert definition(codebook, "regions", "South-Eastern Asia") == definition(codebook, "regions", "Southeast Asia")
    assert definition(codebook, "sub_event_types", "armed clash").startswith("Armed clash ")
    assert definition(codebook, "inter", "7").startswith("Civilians ")
    assert definition(codebook, "time_precision", "2").startswith("2: Week ")


def test_a_definition_joins_the_ends_of_a_range(codebook: Codebook) -> None:
    text = definition(codebook, "countries", "Fiji")
    assert "lat: " in text and " to " in text and "lat min" not in text and "box basis" not in text


def test_unknown_names_are_told_with_the_nearest(codebook: Codebook) -> None:
    with pytest.raises(NotFound, match="Did you mean 'Armed clash'"):
        definition(codebook, "sub_event_types", "Armed clahs")
    with pytest.raises(NotFound, match="Did you mean 'sub_event_types'"):
        definition(codebook, "sub_event_type", "Attack")


def test_the_page_holds_every_column_code_rule_and_check(codebook: Codebook) -> None:
    page = codebook_markdown(codebook)
    lines = page.splitlines()
    for column in codebook.columns:
        assert lines.count(f"### `{column.name}`") == 1
    for rule in codebook.rules:
        at = lines.index(f"#### `{rule.id}`")
        assert f"- Severity: {rule.severity}" in lines[at : at + 6]
        assert any(line.startswith("- Source: ") for line in lines[at : at + 9])
    for keyed in codebook.keyed:
        assert f"| `{keyed.id}` | {keyed.severity} |" in page
    for item in codebook.expectations:
        assert f"| `{item['id']}` |" in page
    for name, codes in codebook.lists.items():
        assert lines.count(f"### {name}") == 1
        for code in codes:
            assert f"#### {code}" in lines or f"| {code} |" in page or f"| {code.replace('_', chr(92) + '_')} |" in page, (name, code)
    assert codebook.hash in page and "What no machine checks" in page and "1.0.0 (2026-11-23)" in page


def test_tables_keep_their_columns_whatever_the_cells_hold(damaged: Damage) -> None:
    nasty = '56,odd,project,string,no,coder,,,,^a|b$,,"A | label\nof *two* lines","Null: `none` | <b>nothing</b>."\n'
    threshold = '\n[[expectation]]\nid = "odd"\nkind = "share"\nwhere = "matches(notes, \'a|b\')"\nmin = 0.1\nwhy = "Why not."\n'
    damaged("checks.toml", "", threshold)
    page = codebook_markdown(load_codebook(damaged("columns.csv", "", nasty)))
    assert "| `odd` | kind share, where `matches(notes, 'a\\|b')`, min 0.1 | Why not. |" in page.splitlines()
    assert "| `odd` | string |  | A \\| label of \\*two\\* lines |" in page.splitlines()
    assert "Null: \\`none\\` \\| \\<b\\>nothing\\</b\\>." in page.splitlines()
    assert "- Form: `^a|b$`" in page.splitlines()
    width = 0
    for line in page.splitlines():
        bars = line.replace("\\|", "").count("|") if line.startswith("|") else 0
        assert not (bars and width) or bars == width, line
        width = bars


def test_the_page_is_the_same_from_files_and_from_the_cache(tmp_path: Path) -> None:
    first = codebook_markdown(load_codebook(SCHEMA, tmp_path))
    assert list(tmp_path.glob("codebook-*.json"))
    assert codebook_markdown(load_codebook(SCHEMA, tmp_path)) == first == codebook_markdown(load_codebook(SCHEMA))
