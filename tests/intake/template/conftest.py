"""A project, its codebook, and workbooks made from them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eventcoder.codebook import Codebook, load_codebook
from eventcoder.intake.template import write_template
from eventcoder.project import Project, open_project, packaged_schema

MOMENT = datetime(2026, 11, 23, 12, 30, 6, tzinfo=UTC)
OWN_COLUMNS = """\
56,trial_date,project,date,no,coder,,2020-01-01,,,,Day of the trial,When the trial is to begin. Null: none is known.
57,is_filmed,project,boolean,no,coder,,,,,,Filmed,Whether a film of the event exists. Null: not known.
58,demands,project,list,no,coder,demands,,,,,Demands,What was asked for. Null (empty list): nothing told.
59,share_women,project,number,no,coder,,0,,,,Share of women,Estimate of the source. Null: not told.
60,weapon,project,string,no,coder,weapons,,,,,Weapon,The main weapon. Null: none told.
"""
LIST_HEAD = "code,label,definition,includes,excludes,parent,rank,since,until,legacy\n"
OWN_LISTS = {
    "demands": "wages,wages,Higher or late pay.,,,,,,,\n=water,=water,Water for fields.,,,,,,,\n",
    "weapons": "rifle,rifle,A rifle.,,,,,,,\nmusket,musket,An old rifle.,,,,,,2020-12-31,\nknife,knife,A knife.,,,,,,,\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "project"
    root.mkdir()
    (root / "eventcoder.toml").write_text('id = "alburia"\ntitle = "Alburia protest events"\ncountries = ["Iraq", "Iran"]\n', "utf-8")
    return open_project(root)


@pytest.fixture
def codebook(project: Project) -> Codebook:
    return load_codebook(project.schema_dir)


@pytest.fixture
def own_codebook(project: Project) -> Codebook:
    """The codebook with columns of every other kind, as a project may add them."""
    schema = project.root / "schema"
    shutil.copytree(packaged_schema(), schema)
    with (schema / "columns.csv").open("a", encoding="utf-8") as file:
        file.write(OWN_COLUMNS)
    for name, rows in OWN_LISTS.items():
        (schema / "lists" / f"{name}.csv").write_text(LIST_HEAD + rows, "utf-8")
    return load_codebook(schema)


Make = Callable[..., Path]


@pytest.fixture
def make(project: Project, tmp_path: Path) -> Make:
    """Write a workbook for the coder 'ana' and return its path."""

    def build(book: Codebook, name: str = "book.xlsx", **given: object) -> Path:
        target = tmp_path / name
        write_template(given.pop("project", project), book, target, moment=MOMENT, coder="ana", force=True, **given)  # type: ignore[arg-type]
        return target

    return build
