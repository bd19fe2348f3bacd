"""Migrations: what `[[migration]]` in codebook.toml says of values that were coded under an earlier version. Floor 1.

Every value keeps the version of the codebook under which it was coded. A migration to version T is meant for values of `from` or later and
before T; all migrations to one version are applied at once, those to later versions after them.

    from, to, why      required; versions as MAJOR.MINOR.PATCH, `to` not ahead of the codebook itself
    column or list     whose values: one column, or every column that takes its codes from the list
    map                { "old" = "new" }
    decide             { "old" = ["one choice", "another"] }: a person decides; [] offers every code of the list
    rename             new name of the column
    drop = true        the column is gone; its values stay in the history of the events
    recompute          derived columns that are computed anew where this migration changes an event (alone: wherever their value differs)
    where              only events for which this expression is true, seen as they were before
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from eventcoder.codebook.coercion import coerce_cell
from eventcoder.codebook.expression.nodes import TRUE, Node
from eventcoder.codebook.expression.parser import Scope, parse
from eventcoder.codebook.expression.tokens import ExpressionError
from eventcoder.codebook.read import CODEBOOK_FILE
from eventcoder.codebook.schema import Codebook
from eventcoder.codebook.suggestion import did_you_mean
from eventcoder.problem import Problem

KEYS = ("from", "to", "column", "list", "map", "decide", "rename", "drop", "recompute", "where", "why")
_SEMVER = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")
Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Migration:
    """One `[[migration]]`. `columns` are those whose values it is about (several for a list); `rename` is "" where nothing is renamed."""

    number: int  # from 1, in the order of the file
    since: str
    to: str
    columns: tuple[str, ...]
    list: str
    map: Mapping[str, str]
    decide: Mapping[str, tuple[str, ...]]
    rename: str
    drop: bool
    recompute: tuple[str, ...]
    where: str
    where_tree: Node
    why: str

    @property
    def reason(self) -> str:
        """What the acts give as their reason."""
        return f"migration {self.since} -> {self.to}: {self.why}"

    @property
    def subject(self) -> str:
        """What it is about, in a word: for people."""
        return self.list or ", ".join(self.columns) or ", ".join(self.recompute)

    def meant_for(self, version: Version | None) -> bool:
        """Whether a value coded under this version (None: not known, so the oldest) is one that the migration speaks of.

        Versions of one major number differ by additions only, so a value somewhat older than `from` means the same.
        """
        if version is None:
            return True
        since = parse_version(self.since)
        return version < parse_version(self.to) and (since <= version or since[0] == version[0])


@lru_cache(maxsize=1000)  # asked for every value of every event
def parse_version(text: str) -> Version:
    """`1.2.3` as numbers. Raises `ValueError` for anything else."""
    found = _SEMVER.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not MAJOR.MINOR.PATCH")
    return int(found[1]), int(found[2]), int(found[3])


def read_migrations(codebook: Codebook) -> tuple[list[Migration], list[Problem]]:
    """The migrations in the order in which they apply (by `to`, then as they stand), and what is wrong with them (`bad-migration`)."""
    raw = codebook.about.get("migration", [])
    if not isinstance(raw, list) or not all(isinstance(item, Mapping) for item in raw):
        return [], [_bad(CODEBOOK_FILE, "'migration' must be written [[migration]].")]
    problems: list[Problem] = []
    scope = _scope(codebook, raw)
    found: list[Migration] = []
    for number, table in enumerate(raw, 1):
        where = f"{CODEBOOK_FILE}, migration {number}"
        wrong = [_bad(where, text) for text in _shape(codebook, table)]
        if not wrong:
            tree, wrong = _condition(table.get("where", ""), scope, where)
            found.append(_migration(codebook, number, table, tree))
        problems += wrong
    found = [replace(m, columns=_with_earlier_names(m, found)) if m.list else m for m in found]
    ordered = sorted(found, key=lambda m: (parse_version(m.to), m.number))
    if not problems:
        for at, migration in enumerate(ordered):
            where = f"{CODEBOOK_FILE}, migration {migration.number}"
            problems += [_bad(where, text) for text in _meaning(codebook, migration, ordered[at + 1 :])]
        problems += _overlaps(ordered)
        problems += _holes(ordered)
    return ordered, problems


def migrations_of(codebook: Codebook) -> list[Migration]:
    """The migrations of a codebook that was read without a fault."""
    return read_migrations(codebook)[0]


def row_scope(codebook: Codebook) -> dict[str, str]:
    """Column -> kind, with columns of earlier versions that a migration renames or drops: what `where` may name."""
    return dict(_scope(codebook, codebook.about.get("migration", [])).columns)


def _scope(codebook: Codebook, raw: Sequence[Mapping[str, Any]]) -> Scope:
    columns = {column.name: column.kind for column in codebook.columns}
    for table in reversed(raw):
        name = table.get("column")
        if isinstance(name, str) and ("rename" in table or "drop" in table):
            columns.setdefault(name, columns.get(str(table.get("rename")), "text"))
    return Scope(columns, codebook.lists)


def _shape(codebook: Codebook, table: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with one table by itself."""
    for key in table:
        if key not in KEYS:
            yield f"unknown key '{key}'. {did_you_mean(key, KEYS)}".rstrip()
    for key in ("from", "to", "why"):
        if not isinstance(table.get(key), str) or not str(table[key]).strip():
            yield f"'{key}' is missing or no text."
    versions = [table[key] for key in ("from", "to") if isinstance(table.get(key), str)]
    if len(versions) == 2:
        try:
            since, to = (parse_version(text) for text in versions)
            if since >= to:
                yield f"it goes from {versions[0]} to {versions[1]}, which is no step forward. Name the older version in 'from'."
            elif _SEMVER.fullmatch(codebook.version) and to > parse_version(codebook.version):
                yield f"it goes to {versions[1]}, but the codebook is at {codebook.version}. Raise 'version', or mend 'to'."
        except ValueError as error:
            yield f"{error}."
    for key in ("column", "list", "rename", "where"):
        if key in table and (not isinstance(table[key], str) or not table[key].strip()):
            yield f"'{key}' must be a text."
    if "map" in table and not (
        isinstance(table["map"], Mapping) and table["map"] and all(isinstance(v, str) and v.strip() for v in table["map"].values())
    ):
        yield "'map' must be a table { \"old value\" = \"new value\" } of texts. A value that shall vanish needs a person: use 'decide'."
    if "decide" in table and not (isinstance(table["decide"], Mapping) and table["decide"] and all(map(_texts, table["decide"].values()))):
        yield '\'decide\' must be a table { "old value" = ["choice", "choice"] }; an empty list offers every code.'
    if "drop" in table and table["drop"] is not True:
        yield "'drop' can only be true."
    if "recompute" in table and not (_texts(table["recompute"]) and table["recompute"]):
        yield "'recompute' must be a list of derived columns."
    values, whole = [k for k in ("map", "decide") if k in table], [k for k in ("rename", "drop") if k in table]
    if len(whole) > 1 or (values and whole):
        yield f"it has {' and '.join(values + whole)} at once. Write one migration for each."
    elif values and ("column" in table) == ("list" in table):
        yield "it needs 'column' (the values of one column) or 'list' (every column that uses the list), one of them."
    elif whole and ("column" not in table or "list" in table):
        yield f"'{whole[0]}' needs 'column'."
    elif not values and not whole and "recompute" not in table:
        yield "it says nothing to do. Give map, decide, rename, drop or recompute."
    elif not values and not whole and ("column" in table or "list" in table):
        yield "'recompute' alone takes neither 'column' nor 'list'."


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _condition(text: str, scope: Scope, where: str) -> tuple[Node, list[Problem]]:
    if not text.strip():
        return TRUE, []
    try:
        return parse(text, scope), []
    except ExpressionError as error:
        place = f"{where}, where, column {error.offset + 1}"
        return TRUE, [Problem("bad-expression", f"{place}: {error.reason}.", value=text, where=place)]


def _migration(codebook: Codebook, number: int, table: Mapping[str, Any], tree: Node) -> Migration:
    list_ = table.get("list", "")
    columns = tuple(c.name for c in codebook.columns if c.list == list_) if list_ else (table["column"],) if "column" in table else ()
    return Migration(
        number,
        table["from"],
        table["to"],
        columns,
        list_,
        dict(table.get("map", {})),
        {old: tuple(choices) for old, choices in table.get("decide", {}).items()},
        table.get("rename", ""),
        bool(table.get("drop")),
        tuple(table.get("recompute", ())),
        table.get("where", ""),
        tree,
        table["why"].strip(),
    )


def _with_earlier_names(migration: Migration, others: Sequence[Migration]) -> tuple[str, ...]:
    """The columns of a migration of a list, with the names that they had when it applies: before a rename to the same version or a later one."""
    renames = [(m.rename, m.columns[0]) for m in others if m.rename and parse_version(m.to) >= parse_version(migration.to)]
    names = list(migration.columns)
    for name in names:  # grows under way: a column may have been renamed several times
        names += [old for new, old in renames if new == name and old not in names]
    return tuple(names)


def _meaning(codebook: Codebook, migration: Migration, later: Sequence[Migration]) -> Iterator[str]:
    """Names and values that the codebook, or a later migration, does not know."""
    known = codebook.columns_by_name
    gone = {c: m for m in [migration, *later] if m.rename or m.drop for c in m.columns}
    given_up = any(m.drop for m in later)  # the columns that took codes from the list may be gone, and the list with them
    if migration.list and migration.list not in codebook.lists and not given_up:
        yield f"there is no list '{migration.list}'. {did_you_mean(migration.list, codebook.lists)}".rstrip()
    elif migration.list and not migration.columns and not given_up:
        yield f"no column uses the list '{migration.list}'."
    for name in () if migration.list else migration.columns:
        if name not in known and name not in gone:
            yield f"there is no column '{name}', and no migration renames or drops it. {did_you_mean(name, known)}".rstrip()
        elif name in known and name in gone and gone[name] is migration:
            yield f"column '{name}' still stands in the codebook: it cannot be renamed or dropped."
    if migration.rename and migration.rename not in known and migration.rename not in gone:
        yield f"there is no column '{migration.rename}' to rename to. {did_you_mean(migration.rename, known)}".rstrip()
    for name in migration.recompute:
        if name not in codebook.derivations:
            yield f"'{name}' is not computed. Derived columns: {', '.join(codebook.derivations)}."
    both = sorted(migration.map.keys() & migration.decide.keys())
    if both:
        yield f"{both[0]!r} stands in map and in decide."
    targets = [*migration.map.values(), *(choice for choices in migration.decide.values() for choice in choices)]
    for column in migration.columns:
        for value in dict.fromkeys(targets):
            said = _unfit(codebook, column, value, later)
            if said:
                yield said


def _unfit(codebook: Codebook, column: str, value: str, later: Sequence[Migration]) -> str:
    """Why a new value can stand neither in the codebook nor before a later migration; "" if it can."""
    for migration in later:
        if column in migration.columns:
            if migration.drop or value in migration.map or value in migration.decide:
                return ""
            column = migration.rename or column
    found = codebook.columns_by_name.get(column)
    if found is None:
        return ""  # told by itself
    if found.list and found.type != "integer" and value not in codebook.lists[found.list]:
        return f"{value!r} is not a code of the list {found.list} ({column}). {did_you_mean(value, codebook.lists[found.list].codes)}".rstrip()
    _, problem = coerce_cell(codebook, found, [value] if found.type == "list" else value)
    return problem.message if problem else ""


def _overlaps(ordered: Sequence[Migration]) -> Iterator[Problem]:
    for at, first in enumerate(ordered):
        for second in ordered[at + 1 :]:
            apart = parse_version(second.since) >= parse_version(first.to)
            if apart or (first.where and second.where):
                continue  # two conditions may exclude each other; where both hold for an event, a person is asked
            shared = [c for c in first.columns if c in second.columns]
            values = sorted((first.map.keys() | first.decide.keys()) & (second.map.keys() | second.decide.keys()))
            whole = (first.rename or first.drop) and (second.rename or second.drop)
            if shared and (values or whole):
                what = repr(values[0]) if values else "the whole column"
                said = f"migrations {first.number} and {second.number} both speak of {what} in {shared[0]}. Keep one, or give both a 'where'."
                yield _bad(f"{CODEBOOK_FILE}, migration {second.number}", said)


def _holes(ordered: Sequence[Migration]) -> Iterator[Problem]:
    """A major version that no migration leads over: values from before it never reach those that come after."""
    reached: Version | None = None
    for migration in ordered:
        since = parse_version(migration.since)
        if reached is not None and since > reached and since[0] != reached[0]:
            name = ".".join(map(str, reached))
            said = f"values of {name} never reach it: none leads from {name} to {migration.since}. Begin it at {name}, or add what is missing."
            yield _bad(f"{CODEBOOK_FILE}, migration {migration.number}", said)
        reached = max(reached or (0, 0, 0), parse_version(migration.to))


def _bad(where: str, text: str) -> Problem:
    return Problem("bad-migration", f"{where}: {text}", where=where)
