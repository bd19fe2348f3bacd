"""`template`: the workbook by the command line."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

EPOCH = "1795000000"  # 2026-11-18


def cells(path: Path | str) -> list[dict[str, object]]:
    rows = openpyxl.load_workbook(path)["events"].iter_rows(values_only=True)
    header = next(rows)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_a_workbook_is_written_and_not_overwritten(command, options) -> None:
    ran = command("template", "book.xlsx")
    assert ran.out.startswith("book.xlsx  ")
    assert "1000 empty rows" in ran.out
    assert cells("book.xlsx") == []
    before = Path("book.xlsx").read_bytes()
    again = command("template", "book.xlsx", "--rows", "7", code=1)
    assert "there already" in again.err and "--force" in again.err
    assert Path("book.xlsx").read_bytes() == before
    assert "7 empty rows" in command("template", "book.xlsx", "--rows", "7", "--force").out
    assert Path("book.xlsx").read_bytes() != before
    assert [p.name for p in Path().iterdir() if p.name.endswith(".part")] == []


def test_examples_are_the_coder_s_own(command, options) -> None:
    for place in ("Shiraz", "Yazd"):
        command("add", *options(location=place))
    command("add", *options(location="Qom"), "--coder", "ben")
    ran = command("template", "mine.xlsx", "--examples")
    assert "2 events of ana" in ran.out
    rows = cells("mine.xlsx")
    assert {row["location"] for row in rows} == {"Shiraz", "Yazd"}
    assert {row["event_id"] for row in rows} == {e["event_id"] for e in command("list", "--json").lines if e["location"] != "Qom"}
    assert {row["revision"] for row in rows} == {1}
    assert {row["event_type"] for row in rows} == {"Protests"}
    assert [row["location"] for row in cells_of(command, "ben")] == ["Qom"]
    assert "no events yet" in command("template", "new.xlsx", "--examples", "--coder", "carla").err


def cells_of(command, coder: str) -> list[dict[str, object]]:
    command("template", f"{coder}.xlsx", "--examples", "--coder", coder)
    return cells(f"{coder}.xlsx")


def test_a_project_without_ledger_gets_its_workbook(command) -> None:
    assert "0 events of ana" in command("template", "book.xlsx", "--examples").out


def test_without_a_coder_only_examples_are_refused(command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVENTCODER_CODER")
    command("template", "book.xlsx")
    assert "EVENTCODER_CODER" in command("template", "other.xlsx", "--examples", code=2).err
    assert not Path("other.xlsx").exists()


@pytest.mark.parametrize("words", [["book.csv"], ["none/book.xlsx"], ["book.xlsx", "--rows", "0"], ["book.xlsx", "--rows", "2000000"], []])
def test_wrong_use_is_said_and_nothing_is_written(command, words: list[str]) -> None:
    assert command("template", *words, code=2).err
    assert not list(Path().glob("*.xlsx"))


def test_the_clock_is_the_only_thing_that_changes_the_bytes(command, options, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    command("add", *options())
    for name in ("one.xlsx", "two.xlsx"):
        command("template", name, "--examples")
    assert Path("one.xlsx").read_bytes() == Path("two.xlsx").read_bytes()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(EPOCH) + 60))
    command("template", "three.xlsx", "--examples")
    assert Path("one.xlsx").read_bytes() != Path("three.xlsx").read_bytes()
