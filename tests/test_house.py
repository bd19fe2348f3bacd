"""The house: floors of imports, sizes, names, and what must not be in the repository."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
SOURCE = TOP / "src" / "eventcoder"

# A module may import from its own floor's package and from floors with a smaller number; docs/architecture.md shows the same table.
FLOORS = {
    "errors": 0, "problem": 0, "clock": 0, "identity": 0, "text": 0, "names": 0, "project": 0,
    "codebook": 1, "event": 1, "countries": 1,
    "crosswalks": 2, "ledger": 2, "documents": 2, "gazetteer": 2, "actors": 2, "publishers": 2,
    "dataset": 3, "changelog": 3, "statistics": 3,
    "validation": 4,
    "agreement": 5,
    "team": 5, "coding": 5, "corpus": 5, "extraction": 5, "intake": 5, "review": 5, "evaluation": 5, "learning": 5, "reportpage": 5,
    "releases": 6,
    "ci": 7, "reader": 7, "analysis": 7,
    "cli": 8, "__main__": 9, "__init__": 9,
}  # fmt: skip
# Same-floor imports that are meant: a decision on a draft needs the engine that made it, and so does a run over many documents.
NEIGHBOURS = {
    ("agreement", "evaluation"),
    ("agreement", "intake"),
    ("agreement", "team"),
    ("review", "coding"),
    ("review", "extraction"),
    ("corpus", "coding"),
    ("corpus", "extraction"),
    ("learning", "coding"),
    ("learning", "extraction"),
    ("learning", "evaluation"),
    ("review", "learning"),
    ("team", "coding"),
    ("team", "extraction"),
    ("team", "review"),
    ("team", "evaluation"),
    ("team", "learning"),
    ("analysis", "reader"),
    ("changelog", "dataset"),
    ("statistics", "dataset"),
    ("errors", "problem"),
    ("problem", "errors"),
    ("clock", "errors"),
    ("project", "errors"),
}
MODULES = sorted(SOURCE.rglob("*.py"))
CEILING = 400  # lines


def room(path: Path) -> str:
    """The package or top-level module that a file belongs to."""
    first = path.relative_to(SOURCE).parts[0]
    return first.removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Rooms that a file imports, at run time (imports for type checking alone do not count)."""
    out = set()
    tree = ast.parse(path.read_text("utf-8"))
    skipped = {id(n) for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) for n in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        names = [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
        names += [a.name for a in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            parts = name.split(".")
            if parts[0] == "eventcoder":
                rooms = [parts[1]] if len(parts) > 1 else [a.name for a in node.names]
                out |= {r for r in rooms if r in FLOORS}
    return out


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_point_upwards(path: Path) -> None:
    here = room(path)
    assert here in FLOORS, f"{here} has no floor: add it to docs/architecture.md and to this test"
    for other in imported(path) - {here}:
        allowed = FLOORS[other] < FLOORS[here] or (here, other) in NEIGHBOURS
        assert allowed, f"{path.relative_to(SOURCE)} (floor {FLOORS[here]}) imports {other} (floor {FLOORS[other]})"


def test_only_one_module_imports_great_expectations() -> None:
    users = {
        p.relative_to(SOURCE).as_posix() for p in MODULES if re.search(r"^\s*(import|from) great_expectations", p.read_text("utf-8"), re.MULTILINE)
    }
    assert users == {"validation/expectations.py"}


def test_the_reader_knows_releases_by_their_files_only() -> None:
    for path in (SOURCE / "reader").rglob("*.py"):
        used = set(re.findall(r"from eventcoder\.releases\.(\w+)", path.read_text("utf-8")))
        assert used <= {"manifest", "versions", "layout", "tables", "acled", "package", "storage", "staging", "expected"}, path.name


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_module_says_its_job_and_is_no_longer_than_it_should_be(path: Path) -> None:
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text)), "a module's docstring says its one job first"
    assert text.count("\n") <= CEILING
    assert not re.search(r"(utils?|helpers?|common|misc)", path.stem)


def test_the_floors_are_those_of_the_map() -> None:
    table = (TOP / "docs" / "architecture.md").read_text("utf-8")
    for name, floor in FLOORS.items():
        if floor <= 8:
            row = next(line for line in table.splitlines() if line.startswith(f"| {floor} |"))
            assert f"`{name}`" in row or f"`{name}/`" in row, f"{name} is not on floor {floor} of docs/architecture.md"


def test_nothing_of_the_machine_stands_in_the_repository() -> None:
    files = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, capture_output=True, text=True, check=False).stdout.split("\0")
    if files == [""]:
        pytest.skip("not a git checkout")
    paths = re.compile(r"(?<![\w.-])/(?:work|farm|root|Users)/\w")
    hosts = re.compile(r"index.url|https?://registry\.|https?://[\w./-]+/simple\b", re.IGNORECASE)
    for name in filter(None, files):
        path = TOP / name
        if path.suffix in (".parquet", ".png") or not path.is_file() or name == "tests/test_house.py":
            continue
        text = path.read_text("utf-8", "replace")
        assert not paths.search(text), f"{name} names a path of a machine"
        assert not hosts.search(text), f"{name} names a package registry"
