"""A codebook that changes says so by its version."""

from __future__ import annotations

import re

import pytest

from tests.ci.conftest import DataRepository
from tests.releases.workshop import book

pytestmark = pytest.mark.usefixtures("quick")


def add_code(clone: DataRepository) -> None:
    """A further scale of sources, as a team might need one."""
    path = clone.root / "schema" / "lists" / "source_scales.csv"
    lines = path.read_text("utf-8").splitlines()
    cells = lines[0].count(",")
    path.write_text("\n".join([*lines, "Riverside,Riverside,Papers of one river." + "," * (cells - 2)]) + "\n", "utf-8")


def set_version(clone: DataRepository, version: str) -> None:
    path = clone.root / "schema" / "codebook.toml"
    path.write_text(re.sub(r'(?m)^version = ".*?"', f'version = "{version}"', path.read_text("utf-8"), count=1), "utf-8")


def test_a_change_without_a_version(clone: DataRepository) -> None:
    add_code(clone)
    clone.commit()
    found = clone.inspect("codebook")
    assert found.codes == {"codebook-version-unchanged"}
    assert found.step("codebook").report.errors[0].where == "schema/codebook.toml"
    assert "needed: minor" in found.step("codebook").told[-1]


def test_a_change_with_the_right_version(clone: DataRepository) -> None:
    add_code(clone)
    major, minor, _ = book().version.split(".")
    set_version(clone, f"{major}.{int(minor) + 1}.0")
    clone.commit()
    assert clone.inspect("codebook").passed


def test_a_version_that_goes_back(clone: DataRepository) -> None:
    set_version(clone, "0.9.0")
    clone.commit()
    assert clone.errors("codebook") == {"codebook-version-backwards"}


def test_a_broken_codebook_is_told_once_and_the_files_are_checked_all_the_same(clone: DataRepository) -> None:
    (clone.root / "schema" / "columns.csv").write_text("order,name\n1,x\n", "utf-8")
    clone.commit()
    found = clone.inspect("journal", "rebuild", "codebook", "validate", "released", "build", "diff")
    assert {s.name: s.verdict for s in found.steps} == {
        "journal": "passed", "rebuild": "passed", "codebook": "failed", "validate": "skipped", "released": "passed", "build": "skipped",
        "diff": "skipped",
    }  # fmt: skip
    assert "codebook is broken" in found.step("build").reason


def test_a_project_that_takes_the_packaged_codebook(clone: DataRepository) -> None:
    import shutil

    shutil.rmtree(clone.root / "schema")
    clone.commit()
    found = clone.inspect("codebook")
    assert found.passed, "the same codebook, whether it lies in the project or in the package"
    assert not (clone.root / "schema").exists()
