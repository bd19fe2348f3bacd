"""Only the code lists of the packaged codebook: what the registers need, without rules and columns."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from eventcoder.codebook.lists import CodeList
from eventcoder.project import packaged_schema


@dataclass(frozen=True)
class Lists:
    lists: dict[str, CodeList]


def packaged_lists() -> Lists:
    found = {}
    for name in ("countries", "inter", "associated_groups", "source_scales"):
        with (packaged_schema() / "lists" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
            header, *rows = csv.reader(handle)
        found[name] = CodeList(name, header, rows)
    return Lists(found)
