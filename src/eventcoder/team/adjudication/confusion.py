"""What coders took for what: coded and adjudicated values counted by field, by coder, and by item of the codebook. Floor 5.

Counted are codings whose event stands. Columns in coders' own words are left out; what is computed is, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from eventcoder.team.adjudication.adjudicating import EVENT
from eventcoder.team.adjudication.aligning import NEVER
from eventcoder.team.adjudication.feedback import Judged, judged
from eventcoder.team.adjudication.grounds import read_grounds

if TYPE_CHECKING:
    from eventcoder.coding import Desk

By = Literal["field", "pair", "coder", "code"]
SHOWN = 3  # values that a code was corrected to, the most frequent first


@dataclass(slots=True)
class Tally:
    """Codings of one thing: how many, how many were overruled, why, and to what."""

    codings: int = 0
    overruled: int = 0
    classes: Counter[str] = field(default_factory=Counter)
    instead: Counter[str] = field(default_factory=Counter)

    def as_json(self, classes: Iterable[str]) -> dict[str, Any]:
        share = round(self.overruled / self.codings, 4) if self.codings else None
        return {"codings": self.codings, "overruled": self.overruled, "share": share} | {name: self.classes[name] for name in classes}


def confusion(desk: Desk, *, field: str | None = None, by: By | None = None, round: str | None = None) -> list[dict[str, Any]]:
    """Rows of counts. `by` "field" (the default without `field`): each column; "pair" (the default with it): coded and adjudicated value, those
    that agree too; "coder": each coder and column; "code": each code of the codebook that was given, with its definition and what it was
    corrected to.

    A class of error is a column with its number. Raises `CodebookError` for an unknown field.
    """
    grounds = read_grounds(desk.project.schema_dir)
    if field is not None and field != EVENT:
        desk.codebook.column(field)
    columns = [c for c in desk.codebook.columns if c.entered in ("coder", "default") and c.name not in NEVER | grounds.free]
    names = [c.name for c in columns if field in (None, c.name)]
    if by == "code":
        names = [name for name in names if desk.codebook.column(name).list]
    way = by or ("pair" if field else "field")
    found: dict[tuple[str, ...], Tally] = {}
    lists = {name: desk.codebook.column(name).list for name in names}
    for one in judged(desk, round=round) if desk.has_ledger else ():
        if field in (None, EVENT) and way in ("field", "coder"):
            _finding(one, way, found)
        if one.made is None:
            continue
        for name in names:
            coded, stands = _text(one.held.values.get(name)), _text((one.made.body.get("values") or {}).get(name))
            if coded is None and stands is None:
                continue
            key = {"field": (name,), "coder": (one.held.coder, name), "code": (name, coded or ""), "pair": (name, coded or "", stands or "")}[way]
            if way == "code" and coded is None:
                continue
            tally = found.setdefault(key, Tally())
            tally.codings += 1
            if coded != stands:
                tally.overruled += 1
                tally.instead[stands or "(none)"] += 1
                said = one.overruled.get(name)
                if said and said.get("class"):
                    tally.classes[said["class"]] += 1
    rows = sorted(found.items(), key=lambda item: (-item[1].overruled, -item[1].codings, item[0]))
    return [_row(desk, way, key, tally, list(grounds.classes), lists) for key, tally in rows]


def _finding(one: Judged, way: str, found: dict[tuple[str, ...], Tally]) -> None:
    """Whether events were found: those handed in, those that are none, those that a coder missed."""

    def tally(coder: str) -> Tally:
        return found.setdefault((coder, EVENT) if way == "coder" else (EVENT,), Tally())

    if not one.planted:
        tally(one.held.coder).codings += 1
        if EVENT in one.overruled:
            tally(one.held.coder).overruled += 1
            tally(one.held.coder).classes[str(one.overruled[EVENT].get("class"))] += 1
    for said in one.end.body.get("missed") or ():
        mine = tally(str(said.get("coder")))
        mine.codings += 1
        mine.overruled += 1
        mine.classes[str(said.get("class"))] += 1


def _text(value: Any) -> str | None:
    """A value as it is counted: the items of a list in their alphabetical order, since order says nothing there."""
    if value in (None, "", []):
        return None
    return "; ".join(sorted(value)) if isinstance(value, list) else str(value)


def _row(desk: Desk, way: str, key: tuple[str, ...], tally: Tally, classes: list[str], lists: Mapping[str, str | None]) -> dict[str, Any]:
    counted = tally.as_json(classes)
    if way == "field":
        return {"field": key[0], **counted}
    if way == "coder":
        return {"coder": key[0], "field": key[1], **counted}
    if way == "pair":
        told = {name: counted[name] for name in classes}
        return {"field": key[0], "coded": key[1] or None, "adjudicated": key[2] or None, "codings": tally.codings, **told}
    named = lists.get(key[0])
    entry = (desk.codebook.lists[named].get(key[1]) or {}) if named else {}
    instead = "; ".join(f"{value} {count}" for value, count in tally.instead.most_common(SHOWN))
    return {"field": key[0], "code": key[1], **counted, "instead": instead or None, "definition": entry.get("definition") or None}
