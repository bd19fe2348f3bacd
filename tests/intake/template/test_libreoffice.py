"""The workbook in LibreOffice: what it keeps when it saves the file, and what its own calculation makes of our formulas."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from eventcoder.codebook import Codebook
from eventcoder.intake.template import fields_of
from eventcoder.intake.template.ranges import Ranges
from eventcoder.intake.template.validations import missing, wrong_pair
from tests.intake.template.conftest import Make
from tests.intake.template.filling import CLASH, MARCH, fill, read

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(OFFICE is None, reason="LibreOffice (soffice) is not installed")]


@pytest.fixture
def office(tmp_path: Path) -> Any:
    """Convert a workbook with LibreOffice to `form`; the path of the new file."""

    def convert(path: Path, form: str, name: str) -> Path:
        out = tmp_path / name
        # a profile of its own: two of them at once, or one that a person has open, would refuse
        words = [OFFICE, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", form, "--outdir", out, path]
        done = subprocess.run(words, capture_output=True, text=True, timeout=180, check=True)
        (made,) = list(out.iterdir())
        assert made.stat().st_size > 0, done.stderr
        return made

    return convert


def calculated(sheet: Any, column: int) -> list[Any]:
    """What an array formula in rows 1 to 40 of a column came to, without its empty and #N/A rest."""
    return [v for v in (sheet.cell(row, column).value for row in range(1, 41)) if v not in (None, "", 0, "#N/A")]


def test_libreoffice_keeps_rules_days_and_notes(codebook: Codebook, make: Make, office: Any) -> None:
    path = make(codebook, examples=[{"event_date": "2026-05-03", "notes": "=On 3 May 2026, …", "revision": 1, "source": ["A", "B"]}])
    fill(path, codebook, [MARCH, CLASH])
    saved = office(path, "xlsx", "saved")
    before, after = read(path), read(saved)
    assert [{k: v for k, v in row.items() if v is not None} for row in after] == [{k: v for k, v in row.items() if v is not None} for row in before]
    assert [row["event_date"] for row in after] == [datetime(2026, 5, day) for day in (3, 9, 10)]
    sheet, ours = (openpyxl.load_workbook(p)["events"] for p in (saved, path))
    assert sheet.parent.sheetnames == ["events", "lists", "guide", "codes"]
    assert sheet.parent["codes"].sheet_state == "hidden"
    assert all(sheet.cell(1, n).comment.text == ours.cell(1, n).comment.text for n in range(1, ours.max_column + 1))

    def rules(of: Any) -> dict[str, tuple[Any, ...]]:
        found = {}
        for rule in of.data_validations.dataValidation:
            for place in str(rule.sqref).split():
                letter = re.match("[A-Z]+", place)[0]  # type: ignore[index]
                formula = (rule.formula1 or "").replace("codes!", "").replace("$codes.", "")
                found[of[f"{letter}1"].value] = (rule.type, rule.operator if rule.type != "list" else None, formula, rule.prompt, rule.error)
        return found

    kept, made = rules(sheet), rules(ours)
    assert kept.keys() == made.keys()
    for name, (kind, operator, formula, prompt, error) in made.items():
        got = kept[name]
        assert (got[0] or "none") == (kind or "none"), name
        assert got[3:] == (prompt, error), name
        if kind == "list":
            assert got[2] == formula, name
        elif kind is not None:
            assert got[1] == operator, name


def test_the_dependent_list_and_the_colours_as_libreoffice_calculates_them(codebook: Codebook, make: Make, office: Any, tmp_path: Path) -> None:
    path = make(codebook)
    listed = codebook.lists["sub_event_types"]
    chosen = [*codebook.lists["event_types"], None, "no such type"]
    book = openpyxl.load_workbook(path)
    events, trial = book["events"], book.create_sheet("trial")
    places = {cell.value: cell.column_letter for cell in events[1]}
    type_, sub = (f"events!${places[name]}$" for name in ("event_type", "sub_event_type"))
    rule = next(r for r in events.data_validations.dataValidation if str(r.sqref).startswith(f"{places['sub_event_type']}2"))
    assert f"${places['event_type']}2" in rule.formula1
    for at, code in enumerate(chosen, 1):
        events[f"{places['event_type']}{at + 1}"] = code
        here = rule.formula1.replace(f"${places['event_type']}2", f"{type_}{at + 1}")
        trial.cell(1, at).value = ArrayFormula(f"{trial.cell(1, at).coordinate}:{trial.cell(40, at).coordinate}", f"={here}")
    events[f"{places['sub_event_type']}2"], events[f"{places['sub_event_type']}3"] = "Armed clash", "Armed clash"  # under Battles, under Protests
    types, subs = re.findall(r"codes!\$[A-Z]+\$2:\$[A-Z]+\$\d+", rule.formula1)[:2]
    for row in (2, 3, 4):
        trial.cell(50 + row, 1).value = "=" + wrong_pair(Ranges({}, (types, subs)), f"{type_}{row}", f"{sub}{row}")
        trial.cell(50 + row, 2).value = "=" + missing(f"{sub}{row}", f"events!$A${row}", f"events!$AN${row}")
    trial.cell(60, 2).value = "=" + missing(f"{sub}60", "events!$A$60", "events!$AN$60")
    book.save(tmp_path / "trial.xlsx")
    trial = openpyxl.load_workbook(office(tmp_path / "trial.xlsx", "xlsx", "calculated"), data_only=True)["trial"]
    for at, code in enumerate(chosen, 1):
        belongs = [c for c in listed if listed.attribute(c, "event_type") == code]
        got = calculated(trial, at)
        assert sorted(got) == sorted(belongs or listed), code
    assert [trial.cell(50 + row, 1).value for row in (2, 3, 4)] == [False, True, False]
    assert [trial.cell(50 + row, 2).value for row in (2, 3, 4)] == [False, False, True]
    assert trial.cell(60, 2).value is False, "an empty row lacks nothing"


def test_the_sheet_as_csv_shows_days_and_texts_as_they_are(codebook: Codebook, make: Make, office: Any) -> None:
    path = make(codebook)
    odd = {**MARCH, "location": "1-2", "admin1": "=1+1", "admin2": "007"}
    fill(path, codebook, [odd])
    with office(path, "csv:Text - txt - csv (StarCalc):44,34,76,1", "csv").open(encoding="utf-8", newline="") as file:
        header, row = list(csv.reader(file))[:2]
    told = dict(zip(header, row, strict=True))
    assert header == [field.name for field in fields_of(codebook)]
    for name in ("event_date", "time_precision", "location", "admin1", "admin2", "latitude", "notes", "crowd_low", "sub_event_type"):
        assert told[name] == odd[name], name
    assert not any(cell.startswith(("#", "Err:")) for cell in row)
