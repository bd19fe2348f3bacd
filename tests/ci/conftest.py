"""A data repository with two releases, built once; each test works on a clone of its own and commits one change."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from eventcoder.ci.report import Inspection
from eventcoder.ci.run import inspect
from eventcoder.clock import unstamp
from eventcoder.codebook import load_codebook
from eventcoder.errors import MissingPart
from eventcoder.ledger import Entry, Ledger, new_entry, open_ledger
from eventcoder.ledger.exchange.journal import export_journal, import_journal
from eventcoder.project import Project, open_project, packaged_schema
from eventcoder.releases import ReleaseResult, build_release
from eventcoder.releases.versions import Versions, read_versions, write_versions
from eventcoder.validation import gate
from tests.releases.conftest import shared as shared
from tests.releases.workshop import SYSTEM, Workshop, book, drawn
from tests.synthetic_events import synthetic_values

NOW = "2026-11-10T12:00:00Z"
SETTINGS = 'id = "weir"\ntitle = "Weir Valley events"\nauthors = ["Okafor, Ada", "The Weir Team"]\nduplicate_stop = 1.01\n'
WHO = ("-c", "user.name=Ada", "-c", "user.email=ada@weir.example", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main")


def git(folder: Path, *args: str) -> str:
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", *WHO, "-c", "core.autocrlf=false", "-c", "protocol.file.allow=always", *args]
    return subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True, text=True).stdout.strip()


class DataRepository:
    """A clone with short ways to change it. `root` is the project's folder, `top` the repository's."""

    def __init__(self, top: Path, root: Path | None = None) -> None:
        self.top = top
        self.root = root or top

    @property
    def journal(self) -> Path:
        return self.root / "raw" / "journal"

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    def commit(self, message: str = "A change.") -> str:
        git(self.top, "add", "--all", "--force", ".")
        git(self.top, "commit", "--quiet", "--allow-empty", "-m", message)
        return git(self.top, "rev-parse", "HEAD")

    def inspect(self, *steps: str, **more: Any) -> Inspection:
        more.setdefault("environment", {})
        return inspect(open_project(self.root), moment=unstamp(NOW), steps=steps, **more)

    def errors(self, *steps: str, **more: Any) -> set[str]:
        return self.inspect(*steps, **more).codes

    def lines(self, name: str = "ada-2026-11.jsonl") -> list[str]:
        return (self.journal / name).read_text("utf-8").splitlines()

    def write(self, lines: list[str], name: str = "ada-2026-11.jsonl", end: str = "\n") -> None:
        (self.journal / name).write_bytes("".join(line + end for line in lines).encode())

    def with_ledger(self, work: Callable[[Ledger], None], *, folder: Path | None = None) -> None:
        """What a coder does: journal in, work, journal out."""
        state = self.top.parent / f"{self.top.name}-ledger"
        shutil.rmtree(state, ignore_errors=True)
        state.mkdir()
        with open_ledger(state / "ledger.sqlite") as ledger:
            import_journal(ledger, self.journal)
            work(ledger)
            export_journal(ledger, folder or self.journal)

    def act(self, event_id: str, body: dict[str, Any], *, coder: str = "ada", minute: int = 0, folder: Path | None = None) -> None:
        def work(ledger: Ledger) -> None:
            head = ledger.head(event_id)
            time = f"2026-11-05T10:{minute:02d}:00Z"
            ledger.append([new_entry("act", event_id, body, coder=coder, time=time, parents=head.heads if head else ())])

        self.with_ledger(work, folder=folder)

    def create(self, seed: int = 31, **values: Any) -> str:
        """A new settled event; its id."""
        given = dict(synthetic_values(14, seed)[13])
        kept = {k: v for k, v in given.items() if k not in SYSTEM and k != "event_id" and v not in (None, [])} | values
        self.act(given["event_id"], {"act": "create", "values": kept, "settled": True, "codebook": book().version})
        return str(given["event_id"])

    def release(self, **more: Any) -> ReleaseResult:
        made: list[ReleaseResult] = []
        project = Project(self.root, open_project(self.root).settings)
        with drawn(False):
            self.with_ledger(lambda ledger: made.append(build_release(project, ledger, load_codebook(project.schema_dir), time=unstamp(NOW), **more)))
        return made[0]

    def events(self) -> list[str]:
        """Ids of the events of the journal, in order."""
        entries = [json.loads(line) for path in sorted(self.journal.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()[1:]]
        return sorted({e["subject"] for e in entries if e["kind"] == "act"})

    def entry(self, line: str) -> Entry:
        raw = json.loads(line)
        return Entry(raw["id"], raw["kind"], raw["subject"], tuple(raw["parents"]), raw["coder"], raw["role"], raw["time"], raw["body"])


@pytest.fixture(scope="session")
def good(shared: Workshop, tmp_path_factory: pytest.TempPathFactory) -> DataRepository:
    """Two commits, a release in each, of the project that the tests of releases use too; the gate of the releases ran as a whole."""
    top = tmp_path_factory.mktemp("origin") / "weir"
    top.mkdir()
    (top / "eventcoder.toml").write_text(SETTINGS, "utf-8")
    (top / ".gitignore").write_text(".eventcoder/\nreleases/.lock\n", "utf-8")
    shutil.copytree(packaged_schema(), top / "schema", ignore=shutil.ignore_patterns("classifier"))
    made = DataRepository(top)
    git(top, "init", "--quiet")
    export_journal(shared.ledger, made.journal)
    header, *lines = made.lines()
    versions = read_versions(shared.project.releases_dir)
    so_far = Versions()
    for version in versions.versions:
        made.write([header, *[line for line in lines if json.loads(line)["time"] <= version.created]])
        shutil.copytree(shared.project.releases_dir / version.version, made.releases / version.version)
        so_far = so_far.adding(version)
        write_versions(made.releases, so_far)
        git(top, "add", "--all")
        git(top, "commit", "--quiet", "-m", "A release.")
    return made


@pytest.fixture
def clone(good: DataRepository, tmp_path: Path) -> DataRepository:
    git(tmp_path, "clone", "--quiet", str(good.top), "clone")
    return DataRepository(tmp_path / "clone")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out Great Expectations and the gazetteer, which take seconds, where a test is about something else."""

    def no_atlas(*_: object, **__: object) -> None:
        raise MissingPart("left out of this test")

    monkeypatch.setattr("eventcoder.gazetteer.atlas.open_atlas", no_atlas)
    monkeypatch.setattr("eventcoder.releases.checking.check.rejudge", lambda *_, **__: [])
    monkeypatch.setattr("eventcoder.validation.gate", partial(gate, great_expectations=False))
