"""The team's own parameters of likely duplicates: `schema/duplicates.toml` over the defaults of `similar.Parameters`. Floor 4."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from eventcoder.errors import CodebookError
from eventcoder.validation.duplicates.similar import DEFAULT, Parameters

FILE = "duplicates.toml"


def read_parameters(schema_dir: Path) -> Parameters:
    """The parameters of a project: the defaults where the file says nothing or is absent.

    Raises `CodebookError` for a file that is no TOML, a name that is no parameter, a value of another type, or one without its reason.
    """
    path = schema_dir / FILE
    try:
        read = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return DEFAULT
    except (OSError, ValueError) as error:
        raise CodebookError(f"{path} cannot be read: {error}.", "It is a TOML file with [[parameter]] tables: name, value, why.") from None
    rows = read.get("parameter", [])
    if read.keys() - {"parameter"} or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CodebookError(f"{path} may hold [[parameter]] tables only.", "Each has name, value, why.")
    return replace(DEFAULT, **dict(_given(path, row) for row in rows))


def _given(path: Path, row: dict[str, Any]) -> tuple[str, Any]:
    """Name and value of one table."""
    known = {field.name: getattr(DEFAULT, field.name) for field in fields(Parameters)}
    name, value = row.get("name"), row.get("value")
    if name not in known:
        near = difflib.get_close_matches(str(name), known, 1)
        raise CodebookError(
            f"{path}: unknown parameter {name!r}.", f"Did you mean '{near[0]}'?" if near else "'eventcoder duplicates --parameters' lists them."
        )
    if not str(row.get("why") or "").strip():
        raise CodebookError(f"{path}: {name} has no reason.", 'Add why = "...": it is read by whoever has to trust the list.')
    default = known[name]
    one = default[0] if isinstance(default, tuple) else default
    given = value if isinstance(value, list) else [value]
    fits = isinstance(value, list) == isinstance(default, tuple) and given and all(_is_like(each, one) for each in given)
    if not fits or (isinstance(default, tuple) and not isinstance(one, str) and len(given) != len(default)):
        raise CodebookError(
            f"{path}: {name} = {value!r} does not fit.", f"It is {default if not isinstance(default, tuple) else list(default)} by default."
        )
    return name, tuple(given) if isinstance(default, tuple) else type(default)(value)


def _is_like(value: Any, default: Any) -> bool:
    """Texts for texts, whole numbers for whole numbers, numbers from 0 for numbers."""
    if isinstance(default, str):
        return isinstance(value, str) and bool(value)
    if isinstance(value, bool) or not isinstance(value, int if isinstance(default, int) else int | float):
        return False
    return bool(value >= 0)
