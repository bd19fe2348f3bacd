"""Reading `schema/dialects/*.toml`: strict keys, typed values, every fault named with its file and key. Floor 5.

A vintage is an overlay: its tables are laid over the dialect's, key by key (an array replaces an array; the arrays of
tables `set`, `rewrite` and `extract` grow); what comes out is a whole dialect of its own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from eventcoder.codebook.closures import compile_closure
from eventcoder.codebook.expression.nodes import TEXT, Call, ColumnRef, Node
from eventcoder.codebook.expression.parser import Scope, parse
from eventcoder.codebook.expression.tokens import ExpressionError
from eventcoder.codebook.suggestion import did_you_mean
from eventcoder.errors import CodebookError
from eventcoder.intake.dialects.cells import fold
from eventcoder.intake.dialects.model import Day, Dialect, Extract, Rewrite, Setting, Shape, Values, Vintage, When, Write, pattern_of, plain
from eventcoder.project import packaged_schema

FOLDER: Final = "dialects"
NATIVE: Final = "native"
MAX_PATTERN: Final = 300  # characters of a pattern
_BOOL, _TEXT, _TEXTS, _TABLE, _TABLES = "true or false", "a text", "a list of texts", "a table", "a list of tables"

_SHAPE = {"has": _TEXTS, "has_any": _TEXTS, "lacks": _TEXTS, "lacks_groups": _TEXTS, "alphabetical": _BOOL, "every": _TABLE, "some": _TABLE}
_OVERLAY: dict[str, Any] = {
    "columns": _TABLE,
    "kept": _TABLE,
    "ignored": _TABLE,
    "values": _TABLE,
    "nulls": {"everywhere": _TEXTS, "columns": _TABLE},
    "dates": {"years": _TABLE},
    "set": _TABLES,
    "rewrite": _TABLES,
    "extract": _TABLES,
    "constants": _TABLE,
    "when": {"start": None, "end": None, "precision": _TEXT, "unknown": _TEXTS},
    "rows": {"skip": _TEXT, "reason": _TEXT, "pairs": _BOOL},
    "identity": {"columns": _TEXTS, "natural": _TEXTS, "required": _BOOL},
    "treatment": {"keep_system": _TEXTS, "blank_stands": _TEXTS, "recomputed": _TEXTS, "fatalities": _TEXT},
    "losses": _TEXTS,
    "write": {
        "possible": _BOOL, "reason": _TEXT, "columns": _TEXTS, "names": _TABLE, "codes": _TABLE, "values": _TABLE, "nulls": _TABLE, "dates": _TEXT,
        "separator": _TEXT, "pairs": _BOOL, "losses": _TEXTS,
    },
}  # fmt: skip
_DIALECT = {"id": _TEXT, "title": _TEXT, "source": _TEXT, "own_names": _BOOL, "detect": _TABLES, "vintage": _TABLES, **_OVERLAY}
_VINTAGE = {"name": _TEXT, "title": _TEXT, "detect": _TABLES, **_OVERLAY}
_SET = {"column": _TEXT, "value": _TEXT, "otherwise": _TEXT}
_REWRITE = {"column": _TEXT, "pattern": _TEXT, "to": _TEXT}
_EXTRACT = {"from": _TEXT, "pattern": _TEXT, "into": _TEXT, "as": _TEXT}
_VALUES = {"known": _TABLE, "uncertain": _TEXTS, "certain": _TEXT}
_GROWING = ("set", "rewrite", "extract")
_SORTS = ("columns", "kept", "ignored")
WRITTEN_DATES: Final = ("iso", "day Month year")


class _Fault(ValueError):
    """Something wrong at a key."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}" if key else reason)


def load_dialects(schema_dir: Path) -> dict[str, Dialect]:
    """All dialects of a codebook's folder by id. Raises `CodebookError` naming file and key for one that is broken.

    A project whose own `schema/` has no `dialects/` uses those that ship with the package.
    """
    folder = schema_dir / FOLDER
    if not folder.is_dir():
        folder = packaged_schema() / FOLDER
    found: dict[str, Dialect] = {}
    for path in sorted(folder.glob("*.toml")):
        dialect = read_dialect(path)
        if dialect.id != path.stem:
            raise CodebookError(f"{FOLDER}/{path.name}: id: '{dialect.id}' is not the file's name.", "Give the file the dialect's id as its name.")
        found[dialect.id] = dialect
    if NATIVE not in found:
        raise CodebookError(f"{folder} has no dialect '{NATIVE}'.", f"Restore {NATIVE}.toml from version control.")
    return found


def read_dialect(path: Path) -> Dialect:
    """One file. Raises `CodebookError` with file, key and reason."""
    try:
        return _parsed(path.read_text("utf-8"))
    except (ValueError, OSError) as error:
        raise CodebookError(f"{FOLDER}/{path.name}: {error}.", "Mend it, or restore it from version control.") from None


@lru_cache(maxsize=32)
def _parsed(text: str) -> Dialect:
    """What a file says. Kept: a process that takes in several tables meets the same dialects again. Raises `ValueError`."""
    raw = tomllib.loads(text)
    _check(raw, _DIALECT, "")
    base = _dialect(raw, raw)
    vintages = tuple(_vintage(raw, overlay, f"vintage[{number}]") for number, overlay in enumerate(raw.get("vintage", []), 1))
    names = [v.name for v in vintages]
    if len(set(names)) < len(names):
        raise _Fault("vintage", f"two are called '{next(n for n in names if names.count(n) > 1)}'")
    return replace(base, vintages=vintages)


def _vintage(raw: Mapping[str, Any], overlay: dict[str, Any], key: str) -> Vintage:
    _check(overlay, _VINTAGE, key)
    for needed in ("name", "title", "detect"):
        if needed not in overlay:
            raise _Fault(f"{key}.{needed}", "is missing")
    shapes = tuple(_shape(s, f"{key}.detect[{n}]") for n, s in enumerate(overlay["detect"], 1))
    return Vintage(overlay["name"], overlay["title"], shapes, _dialect(_laid_over(raw, overlay), raw, f"{key}: "))


def _laid_over(raw: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    """The dialect's tables with the vintage's over them."""
    out: dict[str, Any] = {}
    for name in _OVERLAY:
        below, above = raw.get(name), overlay.get(name)
        if above is None:
            out[name] = below
        elif below is None or not isinstance(above, dict | list):
            out[name] = above
        elif name in _GROWING:
            replaced = {item.get("column") for item in above} if name == "set" else set()
            out[name] = [*(item for item in below if item.get("column") not in replaced or name != "set"), *above]
        elif isinstance(above, dict):
            out[name] = _merged(below, above)
        else:
            out[name] = above
    for sort in _SORTS:  # a column that the vintage sorts otherwise leaves the sort that it had; it may be mapped and kept
        moved = {n for other in _SORTS if other != sort and {sort, other} != {"columns", "kept"} for n in overlay.get(other, {})}
        out[sort] = {n: v for n, v in (out[sort] or {}).items() if n in overlay.get(sort, {}) or n not in moved}
    return {k: v for k, v in out.items() if v is not None}


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    inner = {k: _merged(below[k], v) if isinstance(v, dict) and isinstance(below.get(k), dict) else v for k, v in above.items()}
    return {**below, **inner}


def _check(table: Mapping[str, Any], keys: Mapping[str, Any], at: str) -> None:
    """Known keys of the right kind, through the tables whose keys are fixed."""
    for name, value in table.items():
        key = f"{at}.{name}" if at else name
        if name not in keys:
            raise _Fault(key, f"there is no such key. {did_you_mean(name, keys)}".rstrip(" ."))
        kind = keys[name]
        if isinstance(kind, dict):
            if not isinstance(value, dict):
                raise _Fault(key, f"must be {_TABLE}")
            _check(value, kind, key)
        elif kind is not None and not _is(value, kind):
            raise _Fault(key, f"must be {kind}")


def _is(value: Any, kind: str) -> bool:
    if kind == _BOOL:
        return isinstance(value, bool)
    if kind == _TEXT:
        return isinstance(value, str)
    if kind == _TABLE:
        return isinstance(value, dict)
    inner = str if kind == _TEXTS else dict
    return isinstance(value, list) and all(isinstance(item, inner) for item in value)


def _texts(table: Mapping[str, Any], key: str) -> dict[str, str]:
    for name, value in table.items():
        if not isinstance(value, str):
            raise _Fault(f"{key}.{name}", f"must be {_TEXT}")
    return dict(table)


def _names(table: Mapping[str, Any], key: str) -> None:
    for name in table:
        if name != plain(name):
            raise _Fault(f"{key}.{name}", f"columns of the source are written plain: '{plain(name)}'")


def _pattern(text: Any, key: str) -> re.Pattern[str]:
    if not isinstance(text, str) or not text or len(text) > MAX_PATTERN:
        raise _Fault(key, f"must be a pattern of at most {MAX_PATTERN} characters")
    try:
        return re.compile(text, re.ASCII)
    except re.error as error:
        raise _Fault(key, f"is no pattern: {error}") from None


def _shape(raw: dict[str, Any], key: str) -> Shape:
    _check(raw, _SHAPE, key)
    forms = {kind: {n: _pattern(p, f"{key}.{kind}.{n}") for n, p in raw.get(kind, {}).items()} for kind in ("every", "some")}
    if not raw:
        raise _Fault(key, "demands nothing")
    has, has_any, lacks, groups = (tuple(raw.get(name, ())) for name in ("has", "has_any", "lacks", "lacks_groups"))
    return Shape(has, has_any, lacks, groups, raw.get("alphabetical", False), forms["every"], forms["some"])


def _dialect(raw: Mapping[str, Any], top: Mapping[str, Any], at: str = "") -> Dialect:
    """A dialect, or the whole that a vintage makes of it. `top` holds what vintages cannot change."""
    for needed in ("id", "title", "source"):
        if needed not in top:
            raise _Fault(needed, "is missing")
    for needed in ("identity", "treatment"):
        if needed not in raw:
            raise _Fault(at + needed, "is missing")
    for sort in _SORTS:
        _names(_texts(raw.get(sort, {}), at + sort), at + sort)
    columns, kept, ignored = (dict(raw.get(sort, {})) for sort in _SORTS)
    if twice := ignored.keys() & {*columns, *kept}:
        raise _Fault(f"{at}ignored.{min(twice)}", "is mapped or kept as well")
    identity, treatment, rows, nulls = raw["identity"], raw["treatment"], raw.get("rows", {}), raw.get("nulls", {})
    figures = treatment.get("fatalities", "given")
    if figures not in ("given", "conservative"):
        raise _Fault(at + "treatment.fatalities", "must be 'given' or 'conservative'")
    if ("skip" in rows) != ("reason" in rows):
        raise _Fault(at + "rows", "skip and reason go together")
    names = {*columns, *kept, *ignored}
    return Dialect(
        id=top["id"],
        title=top["title"],
        source=top["source"],
        own_names=top.get("own_names", False),
        shapes=tuple(_shape(s, f"detect[{n}]") for n, s in enumerate(top.get("detect", []), 1)),
        columns=columns,
        kept=kept,
        ignored=ignored,
        values={name: _values(v, f"{at}values.{name}") for name, v in raw.get("values", {}).items()},
        nulls={name: frozenset(_list(v, f"{at}nulls.columns.{name}")) for name, v in nulls.get("columns", {}).items()},
        null_texts=frozenset(nulls.get("everywhere", ())),
        years=_texts(raw.get("dates", {}).get("years", {}), at + "dates.years"),
        settings=tuple(_setting(s, f"{at}set[{n}]", names) for n, s in enumerate(raw.get("set", []), 1)),
        rewrites=tuple(_rewrite(r, f"{at}rewrite[{n}]") for n, r in enumerate(raw.get("rewrite", []), 1)),
        extracts=tuple(_extract(e, f"{at}extract[{n}]") for n, e in enumerate(raw.get("extract", []), 1)),
        constants=_texts(raw.get("constants", {}), at + "constants"),
        when=_when(raw["when"], at + "when") if "when" in raw else None,
        skip=_setting({"column": "", "value": rows["skip"]}, at + "rows.skip", names, "bool") if "skip" in rows else None,
        skip_reason=rows.get("reason", ""),
        pairs=rows.get("pairs", False),
        identity=tuple(identity.get("columns", ())),
        natural=tuple(identity.get("natural", ())),
        identity_required=identity.get("required", False),
        keep_system=tuple(treatment.get("keep_system", ())),
        blank_stands=tuple(treatment.get("blank_stands", ())),
        recomputed=tuple(treatment.get("recomputed", ())),
        conservative_fatalities=figures == "conservative",
        losses=tuple(raw.get("losses", ())),
        write=_write(raw.get("write"), at + "write"),
    )


def _list(value: Any, key: str) -> list[str]:
    if not _is(value, _TEXTS):
        raise _Fault(key, f"must be {_TEXTS}")
    return list(value)


def _values(raw: Any, key: str) -> Values:
    if not isinstance(raw, dict):
        raise _Fault(key, f"must be {_TABLE}")
    _check(raw, _VALUES, key)
    known = {fold(old): ours for old, ours in _texts(raw.get("known", {}), f"{key}.known").items()}
    uncertain = frozenset(map(fold, raw.get("uncertain", ())))
    if both := uncertain & known.keys():
        raise _Fault(f"{key}.uncertain", f"'{min(both)}' is among the known values as well")
    return Values(known, uncertain, _pattern(raw["certain"], f"{key}.certain") if "certain" in raw else None)


class _Columns(dict[str, str]):
    """The columns of the source as the parser asks for them: all of text; a name with digits may be known by its form with `#`."""

    def get(self, key: str, default: Any = None) -> Any:
        return TEXT if key in self or pattern_of(key) in self else default


def _compiled(text: str, key: str, want: str, names: set[str]) -> tuple[tuple[str, ...], Any]:
    """(columns in the order in which they are named, closure over their texts)."""
    try:
        node = parse(text, Scope(_Columns(dict.fromkeys(sorted(names), TEXT)), {}), want)
    except ExpressionError as error:
        raise _Fault(key, f"column {error.offset + 1}: {error.reason.rstrip('.')}") from None
    return tuple(dict.fromkeys(_columns(node))), compile_closure(node, {})


def _columns(node: Node) -> list[str]:
    if isinstance(node, ColumnRef):
        return [node.name]
    return [name for arg in node.args for name in _columns(arg)] if isinstance(node, Call) else []


def _need(raw: dict[str, Any], keys: Mapping[str, str], key: str, optional: tuple[str, ...] = ()) -> None:
    _check(raw, keys, key)
    for name in keys:
        if name not in raw and name not in optional:
            raise _Fault(f"{key}.{name}", "is missing")


def _setting(raw: dict[str, Any], key: str, names: set[str], want: str = "text") -> Setting:
    _need(raw, _SET, key, ("otherwise",))
    otherwise = raw.get("otherwise", "uncertain")
    if otherwise not in ("uncertain", "blank"):
        raise _Fault(f"{key}.otherwise", "must be 'uncertain' or 'blank'")
    sources, compute = _compiled(raw["value"], f"{key}.value" if raw["column"] else key, want, names)
    return Setting(raw["column"], sources, compute, otherwise == "blank")


def _rewrite(raw: dict[str, Any], key: str) -> Rewrite:
    _need(raw, _REWRITE, key)
    pattern = _pattern(raw["pattern"], f"{key}.pattern")
    _form(raw["to"], pattern, f"{key}.to")
    return Rewrite(raw["column"], pattern, raw["to"])


def _extract(raw: dict[str, Any], key: str) -> Extract:
    _need(raw, _EXTRACT, key)
    pattern = _pattern(raw["pattern"], f"{key}.pattern")
    form = raw["as"]
    _form(form, pattern, f"{key}.as")
    prefix = form.split("{")[0]
    if not prefix:
        raise _Fault(f"{key}.as", "must begin with a text by which the item is known")
    return Extract(raw["from"], pattern, raw["into"], form, prefix)


def _form(form: str, pattern: re.Pattern[str], key: str) -> None:
    if re.sub(r"\{[0-9]\}", "", form).strip("{}") != re.sub(r"\{[0-9]\}", "", form):
        raise _Fault(key, "braces stand around the number of a group only")
    if any(int(n) > pattern.groups for n in re.findall(r"\{([0-9])\}", form)):
        raise _Fault(key, f"the pattern has {pattern.groups} groups")


def _when(raw: dict[str, Any], key: str) -> When:
    if "start" not in raw:
        raise _Fault(f"{key}.start", "is missing")
    start, end = (_day(raw[name], f"{key}.{name}") if name in raw else None for name in ("start", "end"))
    assert start is not None
    return When(start, end, raw.get("precision"), frozenset(raw.get("unknown", ())))


def _day(raw: Any, key: str) -> Day:
    if isinstance(raw, str):
        return Day(column=raw)
    if isinstance(raw, dict) and set(raw) == {"year", "month", "day"} and all(isinstance(v, str) for v in raw.values()):
        return Day(parts=(raw["year"], raw["month"], raw["day"]))
    raise _Fault(key, "is a column, or a table of three: year, month, day")


def _write(raw: dict[str, Any] | None, key: str) -> Write:
    if raw is None or not raw.get("possible", False):
        return Write(reason=(raw or {}).get("reason", "No way back is known."))
    dates = raw.get("dates", "iso")
    if dates not in WRITTEN_DATES:
        raise _Fault(f"{key}.dates", f"must be one of {', '.join(WRITTEN_DATES)}")
    values = {ours: _texts(v, f"{key}.values.{ours}") for ours, v in raw.get("values", {}).items()}
    return Write(
        possible=True,
        columns=tuple(raw.get("columns", ())),
        names=_texts(raw.get("names", {}), f"{key}.names"),
        codes=_texts(raw.get("codes", {}), f"{key}.codes"),
        values=values,
        nulls=_texts(raw.get("nulls", {}), f"{key}.nulls"),
        dates=dates,
        separator=raw.get("separator", "; "),
        pairs=raw.get("pairs", False),
        losses=tuple(raw.get("losses", ())),
    )
