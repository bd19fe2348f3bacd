"""Building a codebook from its files, with everything that is wrong with it. Slow by comparison: the hot path takes the `cache`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from eventcoder.codebook import derivation
from eventcoder.codebook.columns import HEADER, KIND, Column, parse_columns
from eventcoder.codebook.expression.nodes import Node
from eventcoder.codebook.expression.parser import Scope, parse
from eventcoder.codebook.expression.patterns import PatternError, for_python
from eventcoder.codebook.expression.tokens import ExpressionError
from eventcoder.codebook.lists import REQUIRED, CodeList, parse_list
from eventcoder.codebook.migrations import read_migrations
from eventcoder.codebook.read import CHECKS_FILE, CODEBOOK_FILE, COLUMNS_FILE, LISTS_DIR, RULES_FILE, read_csv, read_toml
from eventcoder.codebook.rulebook import parse_checks, parse_rules
from eventcoder.codebook.schema import Codebook
from eventcoder.codebook.suggestion import did_you_mean
from eventcoder.problem import Problem

SEMVER = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")


def build(files: Mapping[str, bytes], hash_: str) -> tuple[Codebook, list[Problem]]:
    """The codebook that the files say, and everything that is wrong with it. Raises `CodebookError` where a file cannot be read at all."""
    problems: list[Problem] = []
    about = read_toml(CODEBOOK_FILE, files[CODEBOOK_FILE])
    problems += _check_about(about)
    columns, found = parse_columns(read_csv(COLUMNS_FILE, files[COLUMNS_FILE], HEADER, others=False))
    problems += found
    lists: dict[str, CodeList] = {}
    for file in files:
        if file.startswith(f"{LISTS_DIR}/"):
            name = file.removeprefix(f"{LISTS_DIR}/").removesuffix(".csv")
            lists[name], found = parse_list(name, read_csv(file, files[file], REQUIRED, others=True))
            problems += found
    kept: list[Column] = []
    for column in columns:
        wrong = _check_column(column, lists)
        problems += wrong
        if not wrong:
            kept.append(column)
    # a faulty column stays known to expressions: one mistake gives one problem
    scope = Scope({column.name: KIND[column.type] for column in columns}, lists)
    derivations: dict[str, Node] = {}
    for column in kept:
        if column.entered == "derived":
            tree, wrong_derivation = _derivation(column, scope)
            problems += wrong_derivation
            if tree is not None:
                derivations[column.name] = tree
    rules, found = parse_rules(read_toml(RULES_FILE, files[RULES_FILE]), scope)
    problems += found
    raw_checks = read_toml(CHECKS_FILE, files[CHECKS_FILE]) if CHECKS_FILE in files else {}
    keyed, expectations, found = parse_checks(raw_checks, scope, {rule.id for rule in rules})
    problems += found
    codebook = Codebook(about, hash_, tuple(kept), lists, tuple(rules), tuple(keyed), tuple(expectations), derivations)
    if not problems:  # a migration names columns and codes: where these are faulty, one mistake gives one problem
        problems += read_migrations(codebook)[1]
    return codebook, problems


def _check_about(about: Mapping[str, Any]) -> list[Problem]:
    out = [
        Problem("bad-version" if key == "version" else "bad-codebook", f"{CODEBOOK_FILE}: '{key}' is missing or no text.", field=key, where=key)
        for key in ("id", "version", "title", "licence")
        if not isinstance(about.get(key), str) or not about[key]
    ]
    version = about.get("version")
    if isinstance(version, str) and version and not SEMVER.fullmatch(version):
        out.append(Problem("bad-version", f"{CODEBOOK_FILE}: version {version!r} is not MAJOR.MINOR.PATCH.", value=version, where=CODEBOOK_FILE))
    return out


def _check_column(column: Column, lists: Mapping[str, CodeList]) -> list[Problem]:
    where = f"{COLUMNS_FILE}, column '{column.name}'"
    if column.list and column.list not in lists:
        message = f"{where}: there is no list '{column.list}'. {did_you_mean(column.list, lists)}".rstrip()
        return [Problem("unknown-list", message, field=column.name, value=column.list, where=where)]
    if column.list and column.type not in ("string", "list", "integer"):
        return [Problem("bad-column", f"{where}: a list of codes needs type string, list or integer.", field=column.name, where=where)]
    if column.list and column.type == "integer" and not all(code.isascii() and code.isdigit() for code in lists[column.list].codes):
        return [Problem("bad-column", f"{where}: list '{column.list}' has codes that are not whole numbers.", field=column.name, where=where)]
    wrong = _check_pattern(column) if column.pattern else None
    return [wrong] if wrong else []


def _derivation(column: Column, scope: Scope) -> tuple[Node | None, list[Problem]]:
    where = f"{COLUMNS_FILE}, column '{column.name}'"
    text = derivation.DERIVATIONS.get(column.name)
    if text is None:
        message = f"{where}: nothing computes it, so it cannot be 'derived'. Known: {', '.join(derivation.DERIVATIONS)}."
        return None, [Problem("bad-column", message, field=column.name, where=where)]
    try:
        return parse(text, scope, column.kind), []
    except ExpressionError as error:
        return None, [Problem("bad-expression", f"{where}: it is computed as {text}, but {error.reason}.", field=column.name, where=where)]


def _check_pattern(column: Column) -> Problem | None:
    """`bad-expression` for a column whose pattern lies outside the subset."""
    try:
        for_python(column.pattern)
    except PatternError as error:
        where = f"columns.csv, column '{column.name}', pattern, column {error.offset + 1}"
        return Problem("bad-expression", f"{where}: {error.reason}.", field=column.name, value=column.pattern, where=where)
    return None
