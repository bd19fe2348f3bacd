"""Agreement in any table: a row a code (unit, coder, value), or a row a unit and a column a coder. Floor 5."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from eventcoder.agreement.choosing import pair_name
from eventcoder.agreement.columns import FieldAgreement, compared
from eventcoder.agreement.fields import VALUE, WITH_ABSENT, Field
from eventcoder.agreement.metrics import readable
from eventcoder.agreement.ratings import ABSENT, Numbering, Units
from eventcoder.agreement.sampling import Samples
from eventcoder.errors import InputError, UsageError
from eventcoder.intake.formats import open_sheet

MOST_CODERS = 200  # a wide table with more columns is a table of something else
_POINT = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class Shape:
    """How a table is read. Long: `unit`, `coder`, `value` name its columns. Wide (`value` None): every column but `unit` and `group` is a coder.

    `group` names the column by which units are resampled together (else each unit by itself); `missing` are cells that are empty in other words.
    """

    unit: str | None = None
    coder: str | None = None
    value: str | None = None
    group: str | None = None
    missing: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class TableAgreement:
    """What a table says: of all coders, and of each pair of them where it was asked."""

    name: str
    units: int
    coders: tuple[str, ...]
    found: FieldAgreement
    pairs: Mapping[str, FieldAgreement] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {"table": self.name, "units_in_table": self.units, "coders": list(self.coders), **self.found.as_json()}
        return {**out, "by": {"coder-pair": {name: one.as_json() for name, one in self.pairs.items()}}} if self.pairs else out


def agree_table(path: Path | str, shape: Shape, field_: Field, *, samples: int = 200, by_pair: bool = False) -> TableAgreement:
    """Compare the coders of a table (CSV, Parquet, XLSX, JSON; "-" is standard input).

    Raises `UsageError` for columns that there are not, `InputError` for what is no table, a cell that the metric cannot compare, and a coder who
    gave one unit two values, naming the place.
    """
    if field_.absent == VALUE and field_.metric not in WITH_ABSENT:
        said = f"On the metric {field_.metric} an empty cell has no distance from a value."
        raise UsageError(said, "Leave --absent-as-value out; the nominal figure with empty cells as a value is printed beside.")
    coders, groups, number = Numbering(), Numbering(), Numbering()
    places: dict[str, int] = {}
    known: dict[str, Any] = {}
    members: list[tuple[int, dict[int, int]]] = []
    for where, unit, group, coder, cell in _cells(path, shape):
        at = places.setdefault(unit, len(members))
        if at == len(members):
            members.append((groups[unit if group is None else group], {}))
        if group is not None and groups[group] != members[at][0]:
            raise InputError(f"{where}: unit {unit!r} stands in two groups.", "A unit belongs to one document.")
        who = coders[coder]
        if who in members[at][1]:
            raise InputError(f"{where}: {coder} gave unit {unit!r} a value before.", "One coder codes a unit once: which row counts?")
        if cell not in known:
            known[cell] = _read(cell, field_.metric, where)
        members[at][1][who] = ABSENT if known[cell] is None else number[known[cell]]
    if len(coders) < 2:
        who_is = f"one coder ({next(iter(coders))})" if coders else "no coder"
        raise InputError(f"{path} has {who_is}, and agreement takes two.", "See --unit, --coder and --value; without them a column is a coder.")
    names = [str(name) for name in coders]

    def figures(of: Collection[int] | None) -> FieldAgreement:
        import numpy as np

        chosen = [(g, {w: c for w, c in codes.items() if of is None or w in of}) for g, codes in members]
        units = Units.of(((g, sorted(codes)) for g, codes in chosen), len(groups))
        codes = np.array([codes[w] for _, codes in chosen for w in sorted(codes)], np.int64)
        return compared(field_, units, codes, list(number), drawn)

    drawn = Samples(len(groups), samples, "unit" if shape.group is None else "group")
    pairs = {pair_name(names[a], names[b]): figures((a, b)) for a, b in combinations(range(len(names)), 2)} if by_pair else {}
    return TableAgreement(Path(path).name, len(members), tuple(names), figures(None), dict(sorted(pairs.items())))


def _cells(path: Path | str, shape: Shape) -> Iterator[tuple[str, str, str | None, str, str]]:
    """Place in words, unit, group, coder, text of each cell."""
    with open_sheet(path) as sheet:
        columns = [name for name in sheet.columns if name]
        shape = _as_headed(shape, columns)
        wanted = {"--unit": shape.unit, "--coder": shape.coder, "--value": shape.value, "--group": shape.group}
        for option, name in wanted.items():
            if name is not None and name not in columns:
                raise UsageError(f"{option}: {sheet.name} has no column {name!r}.", f"It has {', '.join(columns[:20])}.")
        long = shape.value is not None
        if long and (shape.unit is None or shape.coder is None):
            raise UsageError("A table with a row a code needs --unit, --coder and --value.", "Without --coder and --value a column is a coder.")
        if shape.coder is not None and not long:
            raise UsageError("--coder names the column of coders, and --value has to name that of their values.", "Give both or none.")
        raters = [shape.coder or ""] if long else [name for name in columns if name not in (shape.unit, shape.group)]
        if len(raters) > MOST_CODERS:
            raise InputError(f"{sheet.name} has {len(raters)} columns, which are hardly coders.", "Name --unit, --coder and --value.")
        at = {name: n for n, name in enumerate(sheet.columns)}
        for piece in sheet.pieces():
            for fault in piece.faults:
                raise InputError(f"{fault.problem.where}: {fault.problem.message}", "Mend the table first.")
            for line, row in zip(piece.lines, piece.rows, strict=True):
                where = sheet.where(line)
                unit = _text(row[at[shape.unit]]) if shape.unit else str(line)
                group = _text(row[at[shape.group]]) if shape.group else None
                if not unit or group == "":
                    raise InputError(f"{where}: no {'unit' if not unit else 'group'} is named.", "Every row says what was coded.")
                if long:
                    coder = _text(row[at[shape.coder or ""]])
                    if not coder:
                        raise InputError(f"{where}: no coder is named.", "Every row says who coded.")
                    yield where, unit, group, coder, _given(row[at[shape.value or ""]], shape.missing)
                else:
                    for name in raters:
                        yield sheet.where(line, name), unit, group, name, _given(row[at[name]], shape.missing)


def _as_headed(shape: Shape, columns: Sequence[str]) -> Shape:
    """A table headed unit, coder and value is a row a code also where nobody says so, and a column headed unit is no coder: read as coders they
    would give figures of nonsense."""
    if shape.unit or shape.coder or shape.value:
        return shape
    named = {name.strip().casefold(): name for name in columns}
    if not {"unit", "coder", "value"} <= named.keys():
        return replace(shape, unit=named.get("unit"))
    return replace(shape, unit=named["unit"], coder=named["coder"], value=named["value"])


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else "; ".join(map(str, cell)) if isinstance(cell, list | tuple) else str(cell).strip()


def _given(cell: Any, missing: Collection[str]) -> str:
    text = _text(cell)
    return "" if text in missing or (text == "nan" and isinstance(cell, float)) else text


def _read(text: str, metric: str, where: str) -> Any:
    if not text:
        return None
    value: str | Sequence[str] = text
    if metric == "sets":
        value = [part for piece in text.split(";") if (part := piece.strip())]
    elif metric == "kilometres":
        value = [part for part in _POINT.split(text) if part]
        if len(value) != 2:
            raise InputError(f"{where}: {text!r} is no point.", "Give latitude and longitude with a comma or a space between them.")
    try:
        return readable(value, metric)
    except InputError as error:
        raise InputError(f"{where}: {error.message}", f"{error.remedy} If such a cell is empty in other words: --missing {text!r}.") from None
