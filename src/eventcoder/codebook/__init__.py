"""The codebook: `schema/` read, checked and compiled twice (Python closures for one event, DuckDB for millions). Floor 1.

`load_codebook` is what everybody calls. Importing this package imports neither pydantic nor an engine; the derived schemas and the bulk form
live in modules of their own: `duck`, `arrow`, `jsonschema`, `tableschema`, `model`, `proof`, `page`.
"""

from __future__ import annotations

from pathlib import Path

from eventcoder.codebook import cache
from eventcoder.codebook.columns import Column
from eventcoder.codebook.lists import CodeList
from eventcoder.codebook.read import content_hash, read_files
from eventcoder.codebook.rules import Check, Keyed, Rule
from eventcoder.codebook.schema import Codebook
from eventcoder.errors import CodebookError

__all__ = ["Check", "CodeList", "Codebook", "Column", "Keyed", "Rule", "load_codebook"]


KEPT = 4  # codebooks that a process keeps: releases that are checked one after the other mostly have the same one
_KEPT: dict[str, Codebook] = {}


def load_codebook(schema_dir: Path, cache_dir: Path | None = None) -> Codebook:
    """The codebook in `schema_dir`; from `cache_dir` where its parsed form lies there, which is written otherwise. What was loaded before by
    this process is given again, if the files say the same: a codebook is never changed.

    Raises `CodebookError` for one that is broken; its `problems` name every fault with file, place and reason.
    """
    files = read_files(schema_dir)
    hash_ = content_hash(files)
    known = _KEPT.get(hash_)
    if known is not None and (cache_dir is None or cache.cache_path(cache_dir, hash_).is_file()):
        return known
    if cache_dir is not None and (cached := cache.load(cache_dir, hash_)) is not None:
        return _kept(cached)
    if known is not None and cache_dir is not None:
        cache.save(cache_dir, known)
        return known
    from eventcoder.codebook.build import build

    codebook, problems = build(files, hash_)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise CodebookError(f"The codebook in {schema_dir} is broken: {errors[0].message}{more}", "Run 'eventcoder codebook check'.", errors)
    if cache_dir is not None:
        cache.save(cache_dir, codebook)
    return _kept(codebook)


def _kept(codebook: Codebook) -> Codebook:
    _KEPT[codebook.hash] = codebook
    for oldest in list(_KEPT)[:-KEPT] if KEPT else list(_KEPT):
        _KEPT.pop(oldest, None)
    return codebook
