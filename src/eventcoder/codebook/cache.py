"""The parsed codebook as JSON, named by the hash of its files: `add` parses neither TOML nor CSV nor expressions.

Layout: `<cache_dir>/codebook-<first 16 of the hash>.json`. A damaged or foreign file is built anew; a folder that cannot be written is left alone.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from eventcoder.codebook.columns import Column
from eventcoder.codebook.expression.nodes import from_json, to_json
from eventcoder.codebook.lists import CodeList
from eventcoder.codebook.rules import Keyed, Rule
from eventcoder.codebook.schema import Codebook

RULE_FIELDS = ("id", "severity", "applies", "expect", "fields", "message", "source", "passing", "failing")  # in the cache's order
FORMAT = 1  # raise it whenever the meaning of the tree or of this file changes


def cache_path(cache_dir: Path, hash_: str) -> Path:
    return cache_dir / f"codebook-{hash_[:16]}.json"


def load(cache_dir: Path, hash_: str) -> Codebook | None:
    """The codebook of this hash, or None where the cache does not have it or cannot be trusted."""
    try:
        data = json.loads(cache_path(cache_dir, hash_).read_bytes())
        if data["format"] != FORMAT or data["hash"] != hash_:
            return None
        return _from(data)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return None


def save(cache_dir: Path, codebook: Codebook) -> None:
    """Write the cache aside and rename it into place; does nothing where the folder cannot be written."""
    import tempfile

    text = json.dumps(_to(codebook), ensure_ascii=False, separators=(",", ":"), default=str)  # default: TOML's dates
    with contextlib.suppress(OSError):
        cache_dir.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=cache_dir, prefix="codebook-", suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).replace(cache_path(cache_dir, codebook.hash))
        finally:
            Path(name).unlink(missing_ok=True)


def _to(codebook: Codebook) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "hash": codebook.hash,
        "about": codebook.about,
        "columns": [column.as_json() for column in codebook.columns],
        "lists": [code_list.as_json() for code_list in codebook.lists.values()],
        "derivations": {name: to_json(tree) for name, tree in codebook.derivations.items()},
        "rules": [[*(getattr(rule, name) for name in RULE_FIELDS), to_json(rule.applies_tree), to_json(rule.expect_tree)] for rule in codebook.rules],
        "keyed": [[k.id, k.severity, k.key, k.where, k.message, k.source, to_json(k.where_tree), k.extra] for k in codebook.keyed],
        "expectations": codebook.expectations,
    }


def _from(data: dict[str, Any]) -> Codebook:
    return Codebook(
        data["about"],
        data["hash"],
        tuple(Column(*cells) for cells in data["columns"]),
        {name: CodeList(name, header, rows) for name, header, rows in data["lists"]},
        tuple(
            Rule(r[0], r[1], r[2], r[3], tuple(r[4]), r[5], r[6], tuple(r[7]), tuple(r[8]), from_json(r[9]), from_json(r[10])) for r in data["rules"]
        ),
        tuple(Keyed(k[0], k[1], tuple(k[2]), k[3], k[4], k[5], from_json(k[6]), k[7]) for k in data["keyed"]),
        tuple(data["expectations"]),
        {name: from_json(tree) for name, tree in data["derivations"].items()},
    )
