"""The Great Expectations suite as data, derived from the codebook. Floor 4; imports no great_expectations.

An `Item` is one expectation with a stable id. Items about the values of one column have the same verdict on the full rows and on a condensed
frame (`profiles`); what is a share or a count of rows is judged on measures, and on full rows by an expectation of the same meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook, Column

SUITE_NAME = "eventcoder"


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


def _of_column(column: Column, codebook: Codebook) -> Iterator[Item]:
    name = column.name
    about = {"column": name}
    yield Item(f"{name}:exists", "expect_column_to_exist", about, f"{column.label or name} is a column of the codebook.")
    if column.required and column.entered != "system":
        yield Item(f"{name}:required", "expect_column_values_to_not_be_null", about, f"{name} is required.")
    if column.type == "list":
        return  # items of lists are judged by the rules: a cell with several values has no counterpart in a suite
    if column.list:
        codes: list[Any] = list(codebook.lists[column.list].codes)
        if column.type == "integer":
            codes = [int(code) for code in codes]
        why = f"{name} takes its values from the list {column.list}."
        yield Item(f"{name}:codes", "expect_column_values_to_be_in_set", {**about, "value_set": codes}, why)
    if column.min is not None or column.max is not None:
        bounds = {"min_value": column.min, "max_value": column.max}
        yield Item(f"{name}:range", "expect_column_values_to_be_between", about | bounds, f"{name} lies in its range ({column.unit or 'no unit'}).")
    if column.pattern:
        yield Item(f"{name}:form", "expect_column_values_to_match_regex", {**about, "regex": column.pattern}, f"{name} has its form.")


def unique_columns(codebook: Codebook) -> list[str]:
    """Columns that a keyed check of severity error makes unique by themselves."""
    return [check.key[0] for check in codebook.keyed if check.severity == "error" and len(check.key) == 1 and not check.where]


def row_items(codebook: Codebook) -> list[Item]:
    """What only full rows show: uniqueness and fill rates. On profiles the same is judged as a measure of the same id."""
    out = []
    for name in unique_columns(codebook):
        out.append(Item(f"{name}:unique", "expect_column_values_to_be_unique", {"column": name}, f"{name} belongs to one row."))
    for threshold in codebook.expectations:
        plain = threshold.get("kind") == "fill_rate" and "where" not in threshold and threshold.get("column") in codebook.names
        if plain and threshold.get("min") is not None:
            arguments = {"column": threshold["column"], "mostly": float(threshold["min"])}
            out.append(Item(f"{threshold['id']}:min", "expect_column_values_to_not_be_null", arguments, threshold["why"]))
    return out


def measure_item(id_: str, column: str, low: float | None, high: float | None, why: str, severity: str = "critical") -> Item:
    """A measure (a column of a frame of one row) lies between two bounds, either of which may be open."""
    return Item(id_, "expect_column_values_to_be_between", {"column": column, "min_value": low, "max_value": high}, why, severity)


def suite_json(codebook: Codebook) -> dict[str, Any]:
    """The suite for full rows, as Great Expectations' own JSON: for a team that runs it in its own GX project.

    Lists are expected as `a; b` and an empty list as null (the CSV form), dates as ISO text. Conditions over several columns are not in it: no GX
    expectation says them; `eventcoder validate` checks them. Deterministic.
    """
    return {
        "name": SUITE_NAME,
        "expectations": [item.as_json() for item in [*column_items(codebook), *row_items(codebook)]],
        "meta": {"eventcoder": {"codebook": codebook.id, "version": codebook.version, "hash": codebook.hash}},
        "notes": "Derived from the codebook by eventcoder. Rules over several columns are checked by 'eventcoder validate'.",
    }
