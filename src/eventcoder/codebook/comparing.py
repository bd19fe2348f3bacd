"""Two codebooks compared: every difference with its weight, the step of the version that it demands, and what is missing. Floor 1."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from eventcoder.codebook.change import DEMANDS, KINDS, STEPS, Change, Kind, Step, quoted
from eventcoder.codebook.column_changes import column_changes
from eventcoder.codebook.list_changes import list_changes
from eventcoder.codebook.migrations import Migration, migrations_of, parse_version
from eventcoder.codebook.read import CODEBOOK_FILE
from eventcoder.codebook.rule_changes import rule_changes
from eventcoder.codebook.schema import Codebook
from eventcoder.problem import Problem

__all__ = ["Change", "Comparison", "compare"]

Declared = Literal["none", "patch", "minor", "major", "backwards"]
_TEXTS = ("title", "licence", "basis")
#: changes after which stored values may not fit any more
_MOVING = ("column-removed", "code-removed", "column-retyped", "list-changed", "list-removed", "unit-changed")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is different in the newer of two codebooks. `changes` are ordered worst first; `migrations` are those that lead over from `old`."""

    old: Codebook
    new: Codebook
    changes: tuple[Change, ...]
    migrations: tuple[Migration, ...]

    @property
    def required(self) -> Step:
        """The least step of the version that the changes demand."""
        return max((DEMANDS[c.kind] for c in self.changes), key=STEPS.index, default="none")

    @property
    def declared(self) -> Declared:
        """The step between both versions as they are written."""
        a, b = parse_version(self.old.version), parse_version(self.new.version)
        if a == b:
            return "none"
        if b < a:
            return "backwards"
        return "major" if b[0] > a[0] else "minor" if b[1] > a[1] else "patch"

    def of(self, kind: Kind) -> tuple[Change, ...]:
        return tuple(c for c in self.changes if c.kind == kind)

    def problems(self) -> list[Problem]:
        """What is wrong with the step from one to the other; every message says what to do."""
        return list(self._problems())

    def as_json(self) -> dict[str, Any]:
        return {
            "old": {"id": self.old.id, "version": self.old.version, "hash": self.old.hash},
            "new": {"id": self.new.id, "version": self.new.version, "hash": self.new.hash},
            "required": self.required,
            "declared": self.declared,
            "changes": [c.as_json() for c in self.changes],
            "problems": [p.as_json() for p in self.problems()],
        }

    def _problems(self) -> Iterator[Problem]:
        old, new, required, declared = self.old.version, self.new.version, self.required, self.declared
        if self.old.id != self.new.id:
            said = f"The codebook is called {self.new.id!r}, it was {self.old.id!r}: readers take it for another one. Put the id back."
            yield Problem("codebook-id-changed", said, field="id", value=self.new.id, where=CODEBOOK_FILE)
        worst = next(iter(self.changes), None)
        because = f"{len(self.changes)} change{'s'[: len(self.changes) != 1]}, the gravest: {worst.sentence}" if worst else ""
        if declared == "backwards":
            said = f"The version went back from {old} to {new}. Take one after {old}; a version is never used twice."
            yield Problem("codebook-version-backwards", said, field="version", value=new, where=CODEBOOK_FILE)
        elif worst is not None and declared == "none":
            said = f"The codebook changed, but its version is still {old}: take {self._next()} ({required} step). {because}"
            yield Problem("codebook-version-unchanged", said, field="version", value=new, where=CODEBOOK_FILE)
        elif STEPS.index(declared) < STEPS.index(required):
            said = f"{old} to {new} is a {declared} step, but the changes demand a {required} one: take {self._next()}. {because}"
            yield Problem("codebook-version-too-small", said, field="version", value=new, where=CODEBOOK_FILE)
        for change in self.changes:
            if change.kind == "breaking" and change.what in _MOVING and not change.migrated:
                said = f"{change.sentence} If events have such values, declare a [[migration]]; 'eventcoder codebook migrate --worklist' finds them."
                yield Problem("migration-missing", said, "warning", field=change.subject, value=change.old, where=CODEBOOK_FILE)
        told = {str(item.get("version")) for item in self.new.about.get("changelog", []) if isinstance(item, Mapping)}
        if declared in STEPS and declared != "none" and new not in told:
            said = f"[[changelog]] has no entry for {new}. Say in a sentence what changed, for those who use the data."
            yield Problem("codebook-changelog-missing", said, "warning", field="changelog", value=new, where=CODEBOOK_FILE)

    def _next(self) -> str:
        """The smallest version after the old one that would do."""
        a, b, c = parse_version(self.old.version)
        return {"major": f"{a + 1}.0.0", "minor": f"{a}.{b + 1}.0"}.get(self.required, f"{a}.{b}.{c + 1}")


def compare(old: Codebook, new: Codebook) -> Comparison:
    """Every difference that makes `new` out of `old`. The order of files, comments and the rows that prove rules are no differences."""
    if old.hash == new.hash:
        return Comparison(old, new, (), ())
    steps = tuple(m for m in migrations_of(new) if parse_version(m.to) > parse_version(old.version))
    renamed = _renames(steps)
    dropped = {name for m in steps if m.drop for name in m.columns}
    mapped, decided = _by_list(old, new, steps, renamed)
    found = [
        *_texts(old, new),
        *column_changes(old, new, renamed, dropped),
        *list_changes(old, new, mapped, decided),
        *rule_changes(old, new),
        *_migrations(old, new),
    ]
    return Comparison(old, new, tuple(sorted(found, key=lambda c: KINDS.index(c.kind))), steps)


def _renames(steps: Collection[Migration]) -> dict[str, str]:
    """Old name -> name in the end, through several steps."""
    found: dict[str, str] = {}
    for migration in steps:
        if migration.rename:
            (name,) = migration.columns
            found = {a: migration.rename if b == name else b for a, b in found.items()}
            found.setdefault(name, migration.rename)
    return found


def _by_list(
    old: Codebook, new: Codebook, steps: Collection[Migration], renamed: Mapping[str, str]
) -> tuple[dict[str, dict[str, str]], dict[str, set[str]]]:
    """List -> what becomes of its codes in the end; and those that a person decides."""
    users: dict[str, set[str]] = defaultdict(set)
    for column in old.columns:
        if column.list:
            users[column.list] |= {column.name, renamed.get(column.name, column.name)}
    mapped: dict[str, dict[str, str]] = defaultdict(dict)
    decided: dict[str, set[str]] = defaultdict(set)
    for migration in steps:
        for name in {migration.list} - {""} or {n for n, columns in users.items() if columns.intersection(migration.columns)}:
            then = mapped[name]
            mapped[name] = {a: migration.map.get(b, b) for a, b in then.items()}
            for code, into in migration.map.items():
                if not migration.where:  # a condition makes something of some values only: that is no new name
                    mapped[name].setdefault(code, into)
                else:
                    decided[name].add(code)
            decided[name] |= migration.decide.keys()
    return mapped, decided


def _texts(old: Codebook, new: Codebook) -> Iterator[Change]:
    for key in _TEXTS:
        a, b = old.about.get(key), new.about.get(key)
        if a != b:
            yield Change(f"{key}-changed", "wording", key, a, b, f"The codebook's {key} is {quoted(b)}, it was {quoted(a)}.")


def _migrations(old: Codebook, new: Codebook) -> Iterator[Change]:
    before = [{k: str(v) for k, v in m.items()} for m in old.about.get("migration", [])]
    after = [{k: str(v) for k, v in m.items()} for m in new.about.get("migration", [])]
    for item in after:
        if item not in before:
            said = f"A migration from {item.get('from')} to {item.get('to')} is declared: {item.get('why')}"
            yield Change("migration-added", "wording", str(item.get("to")), None, item.get("why"), said)
    for item in before:
        if item not in after:
            said = f"The migration from {item.get('from')} to {item.get('to')} is gone: values that were not migrated yet lose their way."
            yield Change("migration-removed", "narrowing", str(item.get("to")), item.get("why"), None, said)
