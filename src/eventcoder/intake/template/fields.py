"""The columns of the sheet `events`: which they are, in what order, and who fills each of them in. Floor 5.

A coder enters what the codebook calls `coder` and `default`, in the codebook's order. `event_type` is computed, but stands before
`sub_event_type` because its choice shortens that list. The columns that tie a row to an event of the ledger come last.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from eventcoder.codebook import Codebook, CodeList, Column

TYPE, SUB_TYPE = "event_type", "sub_event_type"
IDENTITY = ("event_id", "event_id_cnty", "revision")


class Role(StrEnum):
    """Who fills a column in."""

    NEEDED = "needed"  # the coder, always: without it an event cannot be released
    OPTIONAL = "optional"  # the coder, where the source tells it
    FILLED = "filled"  # eventcoder, where the coder leaves it empty
    CHOICE = "choice"  # the coder, to shorten another list; computed at import all the same
    IDENTITY = "identity"  # nobody: empty for a new event, already there for one of the ledger


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the sheet: the codebook's column, its codes where it has a list, and its role."""

    column: Column
    role: Role
    codes: CodeList | None = None

    @property
    def name(self) -> str:
        return self.column.name

    @property
    def single(self) -> bool:
        """True where a cell holds one code, so that a drop-down can offer it."""
        return self.codes is not None and self.column.type != "list"

    @property
    def is_text(self) -> bool:
        """True where the cell is text whatever is typed: '1-2' must not become a day, nor '=x' a formula."""
        return self.column.type in ("string", "text", "list", "boolean")


def fields_of(codebook: Codebook) -> tuple[Field, ...]:
    """The columns of the sheet, from left to right."""
    by_name = codebook.columns_by_name

    def field(column: Column, role: Role) -> Field:
        return Field(column, role, codebook.lists[column.list] if column.list else None)

    out: list[Field] = []
    for column in codebook.columns:
        if column.entered not in ("coder", "default") or column.name in IDENTITY:
            continue
        if column.name == SUB_TYPE and depends(codebook):
            out.append(field(by_name[TYPE], Role.CHOICE))
        if column.entered == "default":
            role = Role.FILLED
        else:
            role = Role.NEEDED if column.required else Role.OPTIONAL
        out.append(field(column, role))
    return (*out, *(field(by_name[name], Role.IDENTITY) for name in IDENTITY if name in by_name))


def depends(codebook: Codebook) -> bool:
    """True if the list of sub-types says which type each belongs to, so that one choice can shorten the other."""
    first, second = (codebook.columns_by_name.get(name) for name in (TYPE, SUB_TYPE))
    if first is None or second is None or not first.list or not second.list or first.entered != "derived":
        return False
    return TYPE in codebook.lists[second.list].attributes
