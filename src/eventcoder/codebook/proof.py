"""The proof of a codebook: everything that is wrong with a `schema/` folder, found at once. Behind `eventcoder codebook check`.

Reading and building name what cannot be understood; this adds what can be read and is still wrong: columns without a meaning, core columns that
are gone, lists that contradict themselves (`taxonomy`), keys and thresholds that name no column, rules that their own rows refute (`trials`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from eventcoder.clock import latest_today, now
from eventcoder.codebook.build import build
from eventcoder.codebook.columns import HEADER, Column, parse_columns
from eventcoder.codebook.expression.nodes import Call, ColumnRef, Literal, Node, walk
from eventcoder.codebook.read import CHECKS_FILE, COLUMNS_FILE, LISTS_DIR, RULES_FILE, content_hash, read_csv, read_files
from eventcoder.codebook.rules import PLACEHOLDER
from eventcoder.codebook.schema import Codebook
from eventcoder.codebook.suggestion import did_you_mean
from eventcoder.codebook.taxonomy import prove_lists
from eventcoder.codebook.trials import try_rules
from eventcoder.errors import CodebookError
from eventcoder.problem import Problem
from eventcoder.project import packaged_schema

CORE = ("acled", "native")  # groups of columns that every codebook keeps; "project" is free
_COMPARING = frozenset({"=", "<>", "in", "has_item"})
_LIST_FUNCTIONS = frozenset({"lookup", "lookup_number", "in_list", "all_in_list"})


def prove(schema_dir: Path, today: date | None = None) -> list[Problem]:
    """Every fault of the codebook in `schema_dir`; an empty list proves it. Faults are returned, never raised.

    `today` is the latest day that counts as today in the rules' rows (default: the clock's, at UTC+14).
    """
    try:
        files = read_files(schema_dir)
        codebook, problems = build(files, content_hash(files))
        given, _ = parse_columns(read_csv(COLUMNS_FILE, files[COLUMNS_FILE], HEADER, others=False))
    except CodebookError as error:
        return error.problems or [Problem("bad-codebook", f"{error.message} {error.remedy}".strip(), where=str(schema_dir))]
    whole = {column.name for column in codebook.columns}
    faulty = any(problem.where and problem.where.startswith(COLUMNS_FILE) for problem in problems)
    problems += _columns(given, {problem.field for problem in problems if problem.field not in whole})
    problems += prove_lists(codebook.lists)
    if not faulty:  # a faulty column is missing from everything below: one mistake gives one problem
        problems += _checks(codebook)
        problems += _unused(codebook)
        problems += _gone_codes(codebook)
        problems += try_rules(codebook, today or latest_today(now()))
    return problems


def placed_once(problem: Problem) -> Problem:
    """The problem with its place in `where` alone, for those who show both place and message."""
    return replace(problem, message=problem.message.removeprefix(f"{problem.where}: ")) if problem.where else problem


def _columns(columns: Iterable[Column], faulty: set[str | None]) -> Iterator[Problem]:
    """Meaning and order of the columns, and whether the core is whole."""
    by_name = {column.name: column for column in columns}
    for at, column in enumerate(by_name.values(), 1):
        where = f"{COLUMNS_FILE}, column '{column.name}'"
        if not column.description:
            message = f"{where}: no description. Say what the value means, and what null means."
            yield Problem("undescribed-column", message, field=column.name, where=where)
        elif "null" not in column.description.lower():
            yield Problem("undescribed-column", f"{where}: the description does not say what null means.", "warning", field=column.name, where=where)
        if column.order != at and not faulty:
            message = f"{where}: order is {column.order}, but it stands in place {at}. Count from 1 without gaps, in the order of the rows."
            yield Problem("bad-order", message, field=column.name, value=column.order, where=where)
    yield from _core(by_name, faulty)


def _core(by_name: Mapping[str, Column], faulty: set[str | None]) -> Iterator[Problem]:
    data = (packaged_schema() / COLUMNS_FILE).read_bytes()
    core = [column for column in parse_columns(read_csv(COLUMNS_FILE, data, HEADER, others=False))[0] if column.group in CORE]
    for wanted in core:
        has = by_name.get(wanted.name)
        where = f"{COLUMNS_FILE}, column '{wanted.name}'"
        if has is None:
            if wanted.name not in faulty:
                message = f"{where}: this column of every codebook is missing. Put it back; a project may add columns, not remove these."
                yield Problem("missing-core-column", message, field=wanted.name, where=where)
        elif (has.type, has.group) != (wanted.type, wanted.group):
            message = f"{where}: it must stay {wanted.type} of group {wanted.group} (is {has.type}, {has.group}): software and users rely on it."
            yield Problem("missing-core-column", message, field=wanted.name, where=where)
    names = [name for name in by_name if name in {column.name for column in core}]
    kept = [column.name for column in core if column.name in by_name]
    moved = next((name for name, right in zip(names, kept, strict=True) if name != right), None)
    if moved is not None:
        message = f"{COLUMNS_FILE}, column '{moved}': the columns of every codebook keep their order; '{kept[names.index(moved)]}' comes here."
        yield Problem("bad-order", message, field=moved, where=f"{COLUMNS_FILE}, column '{moved}'")


def _checks(codebook: Codebook) -> Iterator[Problem]:
    """Names in `checks.toml` that are no columns; thresholds without a bound."""
    for keyed in codebook.keyed:
        where = f"{CHECKS_FILE}, keyed '{keyed.id}'"
        for what, names in (("key", keyed.key), ("the message's placeholder", tuple(PLACEHOLDER.findall(keyed.message)))):
            for name in names:
                if name not in codebook.columns_by_name:
                    message = f"{where}: {what} names '{name}', which is no column. {did_you_mean(name, codebook.names)}".rstrip()
                    yield Problem("bad-rule", message, field=name, where=where)
        if not keyed.key:
            yield Problem("bad-rule", f"{where}: key is empty. Name the columns that must not repeat together.", where=where)
    for item in codebook.expectations:
        yield from _expectation(codebook, item)


def _expectation(codebook: Codebook, item: Mapping[str, Any]) -> Iterator[Problem]:
    where = f"{CHECKS_FILE}, expectation '{item['id']}'"
    column = item.get("column")
    if column is not None and "table" not in item and column not in codebook.columns_by_name:  # a side table's columns: when it is measured
        message = f"{where}: '{column}' is no column. {did_you_mean(str(column), codebook.names)}".rstrip()
        yield Problem("bad-expectation", message, field=str(column), where=where)
    bounds = [item[key] for key in ("min", "max") if key in item]
    if not bounds or not all(isinstance(bound, (int, float)) and not isinstance(bound, bool) for bound in bounds):
        yield Problem("bad-expectation", f"{where}: it needs min, max or both, as numbers.", where=where)
    for key in ("of", "where"):
        if key in item:
            try:
                codebook.expression(str(item[key]))
            except CodebookError as error:
                yield Problem("bad-expression", f"{where}, {key}: {error.message}", value=str(item[key]), where=where)


def _unused(codebook: Codebook) -> Iterator[Problem]:
    """Lists that no column and no expression uses, and that the software does not know either."""
    used = {column.list for column in codebook.columns}
    trees = [*codebook.derivations.values(), *(rule.broken for rule in codebook.rules), *(keyed.where_tree for keyed in codebook.keyed)]
    for tree in trees:
        used |= _lists_of(tree)
    known = {path.stem for path in (packaged_schema() / LISTS_DIR).glob("*.csv")}
    for name in codebook.lists:
        if name not in used | known:
            where = f"{LISTS_DIR}/{name}.csv"
            message = f"{where}: no column and no rule uses this list. Name it in {COLUMNS_FILE}, or remove it."
            yield Problem("unused-list", message, "info", where=where)


def _gone_codes(codebook: Codebook) -> Iterator[Problem]:
    """Rules and keyed checks that compare a coded column with what is no code of its list: they can never be true, or never false."""
    columns = codebook.columns_by_name
    trees = [(RULES_FILE, "rule", rule.id, rule.broken) for rule in codebook.rules]
    trees += [(CHECKS_FILE, "keyed", keyed.id, keyed.where_tree) for keyed in codebook.keyed]
    for file, what, name, tree in trees:
        where = f"{file}, {what} '{name}'"
        for column, value in dict.fromkeys(pair for node in walk(tree) if isinstance(node, Call) for pair in _compared(node)):
            codes = codebook.lists.get(columns[column].list) if column in columns else None
            if codes is not None and columns[column].type != "integer" and value not in codes:
                message = (
                    f"{where}: {value!r} is no code of {column} (list {codes.name}), so nothing has it. {did_you_mean(value, codes.codes)}".rstrip()
                )
                yield Problem("bad-rule", message, field=column, value=value, where=where)


def _compared(node: Call) -> list[tuple[str, str]]:
    """(column, text) of a comparison of a column with constants."""
    if node.name not in _COMPARING:
        return []
    columns = [arg.name for arg in node.args if isinstance(arg, ColumnRef)]
    texts = [arg.value for arg in node.args if isinstance(arg, Literal) and isinstance(arg.value, str) and arg.value]
    return [(column, text) for column in columns[:1] for text in texts]


def _lists_of(tree: Node) -> set[str]:
    """Names of the lists that an expression asks."""
    firsts = (node.args[0] for node in walk(tree) if isinstance(node, Call) and node.name in _LIST_FUNCTIONS)
    return {str(first.value) for first in firsts if isinstance(first, Literal)}
