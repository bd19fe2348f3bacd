"""Filling in: derived columns (always computed) and default columns (filled when absent).

The derivations are expressions of the rule language, so that `check` and the bulk form compare stored values with the same computation.
Labels that the codebook of the field gives to generic actors are facts about names, not code lists; classes of actors are found by their
number in the list `inter` (1 state forces at home, 3 political militia, 7 civilians, 8 external forces).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from eventcoder.codebook.closures import LATEST_TODAY
from eventcoder.problem import Problem

if TYPE_CHECKING:
    from eventcoder.codebook.schema import Codebook

#: column -> expression that gives its value
DERIVATIONS = {
    "year": "year(event_date)",
    "disorder_type": "lookup(sub_event_types, sub_event_type, disorder_type)",
    "event_type": "lookup(sub_event_types, sub_event_type, event_type)",
    "interaction": "CASE WHEN inter2 IS NULL AND actor2 IS NOT NULL THEN NULL ELSE combine_inter(inter1, inter2) END",
    "region": "lookup(countries, country, region)",
    "iso": "lookup_number(countries, country, iso)",
}

CROWD_TAG = "crowd size="
NO_REPORT = "no report"
_STATE, _MILITIA, _CIVILIANS, _EXTERNAL = "1", "3", "7", "8"
_UNIDENTIFIED = "Unidentified Armed Group"
_FORCES = re.compile(r"(?:Military|Police) Forces of (?P<country>.+?) \([0-9]{4}-")


def inter_of_generic(codebook: Codebook, actor: str | None, country: str | None) -> str | None:
    """The class of an actor whose name alone tells it: `Protesters (X)`, `Unidentified Armed Group (X)`, `Military Forces of X (YYYY-)`.

    State forces are those of the country of the event; the same forces abroad are external ones (ACLED Codebook, actor types).
    """
    if not actor or "inter" not in codebook.lists:
        return None
    inter = codebook.lists["inter"]
    name, bracket, _rest = actor.partition(" (")
    if bracket and name in ("Protesters", "Rioters", "Civilians"):
        return name if name in inter else None
    if bracket and name == _UNIDENTIFIED:
        return codebook.inter_code(_MILITIA)
    forces = _FORCES.match(actor)
    if forces and country:
        return codebook.inter_code(_STATE if forces["country"] == country else _EXTERNAL)
    return None


def civilian_targeting(codebook: Codebook, values: Mapping[str, Any]) -> str | None:
    """The code for civilian targeting that type and actors imply, by the attribute `civilian_targeting` of the sub-event type."""
    if not {"sub_event_types", "civilian_targeting"} <= codebook.lists.keys():
        return None
    when = codebook.lists["sub_event_types"].attribute(values.get("sub_event_type"), "civilian_targeting")
    civilians = codebook.inter_code(_CIVILIANS)
    if when == "always" or (when == "if_civilians" and civilians in (values.get("inter1"), values.get("inter2"))):
        return codebook.lists["civilian_targeting"].codes[0]
    return None


def derive(codebook: Codebook, values: Mapping[str, Any], regiven: Collection[str] = ()) -> tuple[dict[str, Any], list[Problem]]:
    """`values` completed. `regiven` names what was given in this act when an existing event is revised; then whatever else was computed
    from a value that changed is computed anew. Without it everything in `values` counts as given, and a derived value that differs from the
    computed one is a problem `derived-mismatch` (the computed value is kept).
    """
    out = dict(values)
    has = set(codebook.names)
    stale = set(values) - set(regiven) if regiven else set()
    changed = set(regiven)

    def fill(name: str, value: Any, *inputs: str) -> None:
        """Set a default: where there is none yet, or where it was computed from an input that changed."""
        if name not in has:
            return
        if out.get(name) in (None, []):
            if value is not None:
                out[name] = value
                changed.add(name)
        elif name in stale and changed.intersection(inputs) and out[name] != value:
            out[name] = value
            changed.add(name)

    for n in ("1", "2"):
        generic = inter_of_generic(codebook, out.get(f"actor{n}"), out.get("country"))
        if generic is not None or (out.get(f"actor{n}") is None and f"actor{n}" in changed):
            fill(f"inter{n}", generic, f"actor{n}", "country")
    fill("civilian_targeting", civilian_targeting(codebook, out), "sub_event_type", "inter1", "inter2")
    problems = _fill_derived(codebook, values, out, stale)
    if out.get("time_precision") == 1 and out.get("event_date"):
        fill("date_start", out["event_date"], "event_date", "time_precision")
        fill("date_end", out["event_date"], "event_date", "time_precision")
    _fill_fatalities(out, has, stale, changed)
    if out.get("geo_precision") is not None and "point_kind" in codebook.lists:
        kinds = codebook.lists["point_kind"].codes
        fill("point_kind", kinds[0] if out["geo_precision"] == 1 else kinds[-1], "geo_precision")
    _fill_crowd_tag(codebook, out, has, stale, changed)
    return out, problems


def _fill_derived(codebook: Codebook, values: Mapping[str, Any], out: dict[str, Any], stale: set[str]) -> list[Problem]:
    problems: list[Problem] = []
    row = {**dict.fromkeys(codebook.names), **out, LATEST_TODAY: None}
    for name, compute in codebook.derivers.items():
        right = compute(row)
        if isinstance(right, float) and right.is_integer():
            right = int(right)
        given = values.get(name)
        if right is None:
            if name in stale:
                out[name] = row[name] = None
            continue
        if given is not None and given != right and name not in stale:
            message = f"{name} is {given!r}, but the other values give {right!r}. Leave {name} out: it is computed."
            problems.append(Problem("derived-mismatch", message, field=name, value=given))
        out[name] = row[name] = right
    return problems


def _fill_fatalities(out: dict[str, Any], has: set[str], stale: set[str], changed: set[str]) -> None:
    names = ("fatalities_low", "fatalities_high", "fatalities_basis")
    total = out.get("fatalities")
    low, high, basis = (out.get(name) for name in names)
    renewed = "fatalities" in changed and stale.issuperset(name for name in names if out.get(name) is not None) and low == high
    if (low is None and high is None and basis is None and total is not None) or renewed:
        filled = (total, total, None if total is None else "none" if total == 0 else "number")
        out.update({name: value for name, value in zip(names, filled, strict=True) if name in has})


def _fill_crowd_tag(codebook: Codebook, out: dict[str, Any], has: set[str], stale: set[str], changed: set[str]) -> None:
    """Demonstrations carry one tag with the crowd's size in the source's words (ACLED Codebook, tags)."""
    if "tags" not in has or out.get("event_type") not in ("Protests", "Riots"):
        return
    tags = list(out.get("tags") or [])
    words = (out.get("crowd_text") or NO_REPORT).replace(";", ",")
    own = [tag for tag in tags if tag.startswith(CROWD_TAG)]
    if not own:
        out["tags"] = [CROWD_TAG + words, *tags]
    elif "tags" in stale and "crowd_text" in changed and len(own) == 1:
        out["tags"] = [CROWD_TAG + words if tag == own[0] else tag for tag in tags]
