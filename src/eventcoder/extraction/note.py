"""The drafted note: a sentence built from a draft's fields in the codebook's form, never copied from the source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

_VERBS = {
    "Peaceful protest": "{first} demonstrated{place}",
    "Protest with intervention": "{first} demonstrated{place} and {second} intervened",
    "Excessive force against protesters": "{second} used lethal force against {first}{place}",
    "Violent demonstration": "{first} demonstrated violently{place}",
    "Mob violence": "{first} attacked {second}{place}",
    "Armed clash": "{first} clashed with {second}{place}",
    "Government regains territory": "{first} regained territory from {second}{place}",
    "Non-state actor overtakes territory": "{first} took over territory from {second}{place}",
    "Non-violent transfer of territory": "{first} took control without fighting{place}",
    "Attack": "{first} attacked {second}{place}",
    "Abduction/forced disappearance": "{first} abducted {second}{place}",
    "Sexual violence": "{first} committed sexual violence against {second}{place}",
    "Chemical weapon": "{first} used a chemical weapon against {second}{place}",
    "Air/drone strike": "{first} carried out an air or drone strike on {second}{place}",
    "Suicide bomb": "{first} carried out a suicide bombing against {second}{place}",
    "Shelling/artillery/missile attack": "{first} shelled or fired missiles at {second}{place}",
    "Remote explosive/landmine/IED": "an explosive device of {first} went off against {second}{place}",
    "Grenade": "{first} threw a grenade at {second}{place}",
    "Agreement": "{first} reached an agreement with {second}{place}",
    "Arrests": "{first} arrested {second}{place}",
    "Change to group/activity": "{first} changed its activity{place}",
    "Disrupted weapons use": "{first} seized, intercepted or defused weapons of {second}{place}",
    "Headquarters or base established": "{first} established a base{place}",
    "Looting/property destruction": "{first} looted or destroyed property of {second}{place}",
    "Other": "a development involving {first} and {second} took place{place}",
}
_UNKNOWN = {"first": "an unnamed actor", "second": "an unnamed side"}


def draft_note(fields: Mapping[str, Any]) -> str | None:
    """ "On 15 January 2020, protesters ... in Town, Province, Country." or "Around ... (as reported), ..."; None without type or date."""
    kind, day = fields.get("sub_event_type"), fields.get("event_date")
    if kind not in _VERBS or not day:
        return None
    when = date.fromisoformat(str(day))
    spoken = f"{when.day} {when:%B %Y}"
    exact = fields.get("time_precision") == 1
    parts = [str(fields[k]) for k in ("location", "admin1", "country") if fields.get(k)]
    unique = [p for i, p in enumerate(parts) if p not in parts[:i]]
    near = "near " if fields.get("geo_precision") == 2 and fields.get("location") else "in "
    place = " " + near + ", ".join(unique) if unique else ""
    verb = _VERBS[kind].format(first=_side(fields, 1), second=_side(fields, 2), place=place)
    opening = f"On {spoken}, " if exact else f"Around {spoken} (as reported), "
    return opening + verb + "." + _figures(fields)


def _side(fields: Mapping[str, Any], number: int) -> str:
    actor = fields.get(f"actor{number}")
    groups = fields.get(f"assoc_actor_{number}") or []
    if not actor:
        return _UNKNOWN["first" if number == 1 else "second"]
    if str(actor).startswith(("Protesters (", "Rioters (", "Civilians (")):
        base = str(actor).split(" (", 1)[0].lower()
        names = [str(g).split(" (", 1)[0].lower() for g in groups]
        return f"{base} ({', '.join(names)})" if names else base
    return str(actor)


def _figures(fields: Mapping[str, Any]) -> str:
    out = []
    if fields.get("fatalities") is not None:
        number = fields["fatalities"]
        bound = "at least " if fields.get("fatalities_high") is None and number else ""
        out.append(
            "No deaths were reported."
            if number == 0
            else f"{bound[:1].upper() + bound[1:] if bound else ''}{number} {'person was' if number == 1 else 'people were'} killed."
        )
    for name, verb in (("injured", "injured"), ("arrested", "arrested")):
        low, high = fields.get(f"{name}_low"), fields.get(f"{name}_high")
        if low:
            span = str(low) if low == high else f"{low} to {high}" if high else f"at least {low}"
            out.append(f"{span[:1].upper() + span[1:]} {'was' if span == '1' else 'were'} {verb}.")
    if fields.get("crowd_text"):
        out.append(f"Crowd size as reported: {fields['crowd_text']}.")
    return (" " + " ".join(out)) if out else ""
