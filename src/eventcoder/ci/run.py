"""Run the steps over a project in git, one after the other; what one cannot do is told, and the others go on. Floor 7."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from eventcoder.ci.base import Base, choose_base
from eventcoder.ci.git import Repository, open_repository
from eventcoder.ci.report import STEPS, Inspection, Step
from eventcoder.errors import CodebookError, EventcoderError, UsageError
from eventcoder.problem import Problem
from eventcoder.project import SETTINGS_FILE, Project, packaged_schema

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook
    from eventcoder.ledger import Ledger
    from eventcoder.releases.making.build import Pending

Deep = Literal["all", "latest"]
NEEDS_LEDGER = frozenset({"rebuild", "validate", "build", "diff"})


@dataclass(slots=True)
class Workbench:
    """What the steps share: the project, its repository, and what earlier steps made in the temporary folder."""

    project: Project
    repository: Repository
    base: Base
    temporary: Path
    moment: datetime
    head: str | None  # the commit that is checked out
    deep: Deep
    stack: ExitStack  # closed at the end of the run
    ledger: Ledger | None = None
    missing: str = ""  # why there is no ledger
    incomplete: bool = False  # journal lines had to be left out of the ledger
    unreleasable: str = ""  # where it is told why nothing can be released
    codebook: Codebook | None = None
    pending: Pending | None = None
    told_places: frozenset[str | None] = frozenset()  # where the step `journal` has found errors
    warnings: tuple[Problem, ...] = ()  # of the gate, over what is pending

    @property
    def commits(self) -> list[str | None]:
        """The base (None: none), and HEAD where that is another one: what is not committed yet must not take away what was committed last."""
        return [self.base.commit, *([self.head] if self.head not in (None, self.base.commit) else [])]

    @property
    def prefix(self) -> str:
        return self.repository.prefix

    def need_codebook(self) -> Codebook:
        """The project's codebook. Raises `CodebookError` if it is broken."""
        from eventcoder.codebook import load_codebook

        if self.codebook is None:
            self.codebook = load_codebook(self.project.schema_dir)
        return self.codebook


def inspect(
    project: Project,
    *,
    moment: datetime,
    base: str | None = None,
    steps: Collection[str] = (),
    without: Collection[str] = (),
    deep: Deep = "all",
    environment: Mapping[str, str] | None = None,
    tell: Callable[[str], None] | None = None,
) -> Inspection:
    """Check the project as it lies in its work tree against an older commit of its repository.

    `steps` are names of `STEPS` (none: all), `without` those to leave out; `deep` is whether every release or only the latest is checked beyond
    its hashes; `tell` is called with the name of each step that begins. The project is only read. Raises `UsageError` for an unknown step, without
    git or a repository, or when the clone lacks what is compared with.
    """
    from eventcoder.ci import steps as work

    unknown = sorted({*steps, *without} - STEPS.keys())
    if unknown:
        raise UsageError(f"There is no step {unknown[0]!r}.", f"Steps: {', '.join(STEPS)}.")
    repository = open_repository(project.root)
    chosen = choose_base(repository, base, os.environ if environment is None else environment)
    head = repository.resolve("HEAD")
    result = Inspection(project.settings.id, head, chosen)
    wanted = [name for name in STEPS if (not steps or name in steps) and name not in without]
    with ExitStack() as stack:
        temporary = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="eventcoder-ci-", ignore_cleanup_errors=True)))
        bench = Workbench(project, repository, chosen, temporary, moment, head, deep, stack)
        for name in STEPS:
            if name == "rebuild" and name not in wanted and NEEDS_LEDGER & set(wanted):
                work.rebuild(bench, Step("rebuild"))  # not asked for, but others stand on it: its own problems are then not told
            if name not in wanted:
                continue
            if tell is not None:
                tell(name)
            step = Step(name)
            begun = time.perf_counter()
            _attempt(bench, step, getattr(work, name))
            step.seconds = time.perf_counter() - begun
            result.steps.append(step)
            if name == "diff" and bench.pending is not None:
                from eventcoder.ci.pending import pending_page

                result.pending = pending_page(bench.pending, bench.warnings)
    return result


def _attempt(bench: Workbench, step: Step, work: Callable[[Workbench, Step], None]) -> None:
    """Run one step. What cannot be read fails it, and does not stop the others."""
    try:
        work(bench, step)
    except UsageError:
        raise
    except CodebookError as error:
        if step.name == "codebook":
            step.add(error.problems or [Problem("bad-codebook", str(error))])
        else:
            step.skip("the codebook is broken; see the step codebook")
    except EventcoderError as error:
        step.add(getattr(error, "problems", None) or [Problem("unreadable-file", str(error))])


def base_schema(bench: Workbench) -> Path | None:
    """The codebook folder of the base, written out; None if the base has no project here. A base without `schema/` used the packaged one."""
    if bench.base.commit is None or SETTINGS_FILE not in bench.repository.files(bench.base.commit, SETTINGS_FILE):
        return None
    found = {n: b for n, b in bench.repository.files(bench.base.commit, "schema").items() if n.startswith("schema/") and not b.link}
    if not found:
        return packaged_schema()
    folder = bench.temporary / "base"
    for name, blob in found.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bench.repository.read(blob))
    return folder / "schema"
