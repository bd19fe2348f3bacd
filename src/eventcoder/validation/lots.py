"""Which events need a second person before they settle: none, all, or a share drawn by lot for each type and country. Floor 4.

The lot of an event is the hash of its id: it never changes, nobody can draw again, and everybody who asks gets the same answer. What changes is the
share that it is held against, when the event's type or country does.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.errors import CodebookError
from eventcoder.project import Project, packaged_schema

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook

FILE = Path("team") / "approval.csv"
Approval = Callable[[str, Mapping[str, Any]], bool]  # whether an event (id, values) needs a second person
LOOKED_AT = ("event_type", "sub_event_type", "country")
COLUMNS = ("event_type", "sub_event_type", "country", "share", "why")
_LISTS = {"sub_event_type": "sub_event_types", "country": "countries", "event_type": "event_types"}
_WEIGHT = {"sub_event_type": 4, "country": 2, "event_type": 1}  # what a row names, by how narrow it is


@dataclass(frozen=True, slots=True)
class Share:
    """One row: of the events that it fits, this part (0 to 1) needs a second person."""

    fits: Mapping[str, str]
    share: float
    why: str

    @property
    def narrowness(self) -> int:
        return sum(_WEIGHT[name] for name in self.fits)


@dataclass(frozen=True, slots=True)
class Lots:
    """The rows of `schema/team/approval.csv`, the narrowest first."""

    rows: tuple[Share, ...]

    def share(self, values: Mapping[str, Any]) -> Share:
        """The row that holds for these values: the narrowest that fits. None fits: nobody need approve."""
        fitting = (row for row in self.rows if all(values.get(name) == value for name, value in row.fits.items()))
        return next(fitting, Share({}, 0.0, "no row fits"))

    def drawn(self, event_id: str, values: Mapping[str, Any]) -> bool:
        """Whether this event needs a second person."""
        return lot(event_id) < self.share(values).share


def second_person(project: Project, codebook: Codebook) -> Approval | None:
    """Whether an event (id, values) needs a second person by the project's setting; None if none does. Raises `CodebookError`."""
    approval = project.settings.approval
    if approval == "share":
        return read_lots(project.schema_dir, codebook).drawn
    return None if approval == "none" else always


def always(event_id: str, values: Mapping[str, Any]) -> bool:
    """Every event needs one."""
    return True


def lot(event_id: str) -> float:
    """A number from 0 (included) to 1 (excluded), always the same for an event."""
    return int.from_bytes(hashlib.sha256(f"approval {event_id}".encode()).digest()[:6], "big") / 2**48


def read_lots(schema_dir: Path, codebook: Codebook) -> Lots:
    """The project's shares; those that ship with the package where it has none of its own. Raises `CodebookError` that names the line."""
    path = schema_dir / FILE
    if not path.is_file():
        path = packaged_schema() / FILE
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise CodebookError(f"{path} must have the columns {', '.join(COLUMNS)}.", "Restore its first line.")
            rows = [_row(f"{path}:{reader.line_num}", row, codebook) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CodebookError(f"{path} cannot be read: {error}.", f"It is a CSV with the columns {', '.join(COLUMNS)}.") from None
    seen: dict[tuple[tuple[str, str], ...], Share] = {}
    for row in rows:
        key = tuple(sorted(row.fits.items()))
        if key in seen:
            raise CodebookError(f"{path}: two rows are for {' and '.join(row.fits.values()) or 'everything'}.", "Keep one of them.")
        seen[key] = row
    return Lots(tuple(sorted(rows, key=lambda row: -row.narrowness)))


def _row(where: str, row: Mapping[str, Any], codebook: Codebook) -> Share:
    fits = {}
    for name, listed in _LISTS.items():
        text = (row.get(name) or "").strip()
        if text:
            code = codebook.lists[listed].canonical(text)
            if code is None:
                raise CodebookError(f"{where}: {text!r} is no {name.replace('_', ' ')} of the codebook.", "'eventcoder codebook show' lists them.")
            fits[name] = code
    try:
        share = float(row.get("share") or "")
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise CodebookError(f"{where}: share is {row.get('share')!r}.", "Give a number from 0 (nobody need approve) to 1 (all of them).")
    if not (row.get("why") or "").strip():
        raise CodebookError(f"{where}: the row gives no reason.", "Fill in 'why': whoever changes it later wants to know.")
    return Share(fits, share, str(row["why"]).strip())
