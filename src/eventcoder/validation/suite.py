"""The Great Expectations suite as data, derived from the codebook. Floor 4; imports no great_expectations.

An `Item` is one expectation with a stable id. Items about the values of one column have the same verdict on the full rows and on a condensed
frame (`profiles`); what is a share or a count of rows is judged on measures, and on full rows by an expectation of the same meaning. The items of
a list are judged in the form that files give it, one text with `; ` between them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook, Column
    from eventcoder.codebook.rules import Keyed

SUITE_NAME = "eventcoder"
SEPARATOR = "; "  # between the items of a list, as in the CSV of releases
_DAY = r"^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])\Z"
_ITEM = "[^; ](?:[^;]*[^; ])?"  # not empty, no spaces around it, no separator within
_MEASURED = {
    "mean": "expect_column_mean_to_be_between",
    "distinct": "expect_column_unique_value_count_to_be_between",
    "rows": "expect_table_row_count_to_be_between",
}
_PANDAS = {"integer": "Int64", "number": "float64", "boolean": "boolean"}  # all else is text


@dataclass(frozen=True, slots=True)
class Item:
    """One expectation: GX's type and arguments, and why. `severity` is GX's word (critical, warning, info)."""

    id: str
    type: str
    arguments: dict[str, Any] = field(hash=False)
    why: str
    severity: str = "critical"

    def as_json(self) -> dict[str, Any]:
        return {
            "type": self.type,
            "kwargs": self.arguments,
            "meta": {"eventcoder": {"id": self.id, "why": self.why}},
            "severity": self.severity,
        }


def column_items(codebook: Codebook) -> list[Item]:
    """What every single value of a column must be: there, present where required, a code of its list, in range, of its form."""
    out: list[Item] = []
    for column in codebook.columns:
        out += _of_column(column, codebook)
    return out


def has_form(column: Column) -> bool:
    """Whether single texts decide about the column: those of a pattern, and every list."""
    return bool(column.type == "list" or column.pattern)


def cell_form(column: Column, codebook: Codebook, *, re2: bool = False) -> str | None:
    """The regular expression that every text of the column matches, for Python's `re` or for RE2; None where there is none to ask for.

    The items of a list are joined: each is a code of the list that the codebook names, else a text that is neither empty nor padded.
    """
    from eventcoder.codebook.expression.patterns import for_python, for_re2

    if column.type == "list":
        item = f"(?:{'|'.join(_literal(code) for code in codebook.lists[column.list].codes)})" if column.list else _ITEM
        return rf"^{item}(?:{SEPARATOR}{item})*{chr(92)}{'z' if re2 else 'Z'}"
    if column.pattern:
        return for_re2(column.pattern) if re2 else for_python(column.pattern)
    return None


def _literal(text: str) -> str:
    return "".join(f"\\{sign}" if sign in r"\.^$*+?{}[]()|" else sign for sign in text)


def _of_column(column: Column, codebook: Codebook) -> Iterator[Item]:
    name = column.name
    about = {"column": name}
    yield Item(f"{name}:exists", "expect_column_to_exist", about, f"{column.label or name} is a column of the codebook.")
    if column.required and column.entered != "system":
        yield Item(f"{name}:required", "expect_column_values_to_not_be_null", about, f"{name} is required.")
    form = cell_form(column, codebook)
    if column.type == "list":
        why = f"The items of {name} are codes of the list {column.list}." if column.list else f"{name} holds items with '{SEPARATOR}' between them."
        yield Item(f"{name}:items", "expect_column_values_to_match_regex", {**about, "regex": form}, why)
        return
    if column.list:
        codes: list[Any] = list(codebook.lists[column.list].codes)
        if column.type == "integer":
            codes = [int(code) for code in codes]
        why = f"{name} takes its values from the list {column.list}."
        yield Item(f"{name}:codes", "expect_column_values_to_be_in_set", {**about, "value_set": codes}, why)
    if column.min is not None or column.max is not None:
        bounds = {"min_value": column.min, "max_value": column.max}
        yield Item(f"{name}:range", "expect_column_values_to_be_between", about | bounds, f"{name} lies in its range ({column.unit or 'no unit'}).")
    if form:
        yield Item(f"{name}:form", "expect_column_values_to_match_regex", {**about, "regex": form}, f"{name} has its form.")
    if column.type == "date":
        yield Item(f"{name}:day", "expect_column_values_to_match_regex", {**about, "regex": _DAY}, f"{name} is a day, YYYY-MM-DD.")


def unique_columns(codebook: Codebook) -> list[str]:
    """Columns that a keyed check of severity error makes unique by themselves; rows without a value do not count."""
    found = [check.key[0] for check in codebook.keyed if check.severity == "error" and len(check.key) == 1 and _only_present(check)]
    return list(dict.fromkeys(found))


def _only_present(check: Keyed) -> bool:
    return not check.where or " ".join(check.where.split()) == f"{check.key[0]} IS NOT NULL"


def row_items(codebook: Codebook) -> list[Item]:
    """What only full rows show: uniqueness, fill rates, means, numbers of values and rows. On profiles each is a measure of the same id."""
    out = []
    for name in unique_columns(codebook):
        out.append(Item(f"{name}:unique", "expect_column_values_to_be_unique", {"column": name}, f"{name} belongs to one row."))
    for threshold in codebook.expectations:
        if "where" not in threshold:
            out += _of_threshold(threshold, codebook)
    return out


def _of_threshold(threshold: Mapping[str, Any], codebook: Codebook) -> Iterator[Item]:
    """Its bounds, as far as an expectation says the same; those over conditions, other tables or the release before have none."""
    kind, name = str(threshold.get("kind")), threshold.get("column")
    plain = name in codebook.names and codebook.column(str(name)).type != "list"
    for bound, severity in (("min", "critical"), ("max", "warning")):
        limit = threshold.get(bound)
        if limit is None:
            continue
        arguments: dict[str, Any] = {} if kind == "rows" else {"column": name}
        if kind == "fill_rate" and name in codebook.names and bound == "min":
            type_, arguments["mostly"] = "expect_column_values_to_not_be_null", float(limit)
        elif kind in _MEASURED and (kind == "rows" or plain):
            type_, arguments[f"{bound}_value"] = _MEASURED[kind], limit
        else:
            continue
        yield Item(f"{threshold['id']}:{bound}", type_, arguments, threshold["why"], severity)


def measure_item(id_: str, column: str, low: float | None, high: float | None, why: str, severity: str = "critical") -> Item:
    """A measure (a column of a frame of one row) lies between two bounds, either of which may be open."""
    return Item(id_, "expect_column_values_to_be_between", {"column": column, "min_value": low, "max_value": high}, why, severity)


def suite_text(codebook: Codebook) -> str:
    """`suite_json` as a file holds it: the same codebook gives the same bytes."""
    return json.dumps(suite_json(codebook), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def suite_json(codebook: Codebook) -> dict[str, Any]:
    """The suite for full rows, as Great Expectations' own JSON: for a team that runs it in its own GX project.

    Lists are expected as `a; b` and an empty list as null (the CSV form), dates as ISO text; `meta.eventcoder.dtypes` is what pandas needs to
    read a release's CSV so. Conditions over several columns are not in it: no GX expectation says them; `eventcoder validate` checks them.
    Deterministic.
    """
    dtypes = {column.name: _PANDAS.get(column.type, "str") for column in codebook.columns}
    return {
        "name": SUITE_NAME,
        "expectations": [item.as_json() for item in [*column_items(codebook), *row_items(codebook)]],
        "meta": {"eventcoder": {"codebook": codebook.id, "version": codebook.version, "hash": codebook.hash, "dtypes": dtypes}},
        "notes": "Derived from the codebook by eventcoder. Rules over several columns are checked by 'eventcoder validate'.",
    }
