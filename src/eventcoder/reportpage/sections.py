"""Figures -> the parts of the page about the events themselves: glance, map, time, deaths, places and actors, precision. Floor 5."""

from __future__ import annotations

from collections.abc import Mapping

from eventcoder.reportpage import charts
from eventcoder.reportpage.map import spoken, world_map
from eventcoder.reportpage.parts import barred, facts, figure, folded, many, paragraph, table
from eventcoder.reportpage.questions import LISTED, Deaths, Figures, grouped

BESIDE = 15  # countries that stand beside the map
DEATHS = ("Lowest", "Reported", "Highest", "Open upwards", "Not reported")
HOW_DEATHS = (
    "Lowest, reported and highest are sums over events of what sources support. 'Open upwards' counts events that have no highest figure "
    "('at least 52'): the sum of the highest is then a least sum. 'Not reported' counts events whose sources say nothing of deaths; they are in no "
    "sum and are not zeros; a blank says that no event of the row reports on deaths."
)


def _deaths(one: Deaths) -> tuple[int | None, ...]:
    return *one.sums, one.unbounded, one.silent


def glance(found: Figures, freshness: list[tuple[str, str, str]]) -> str:
    """The first figures of the page."""
    total = found.total
    span = f"{found.first} to {found.last}" if found.first != found.last else str(found.first)
    said = [f"{total.low:,} to {total.high:,}" if total.low != total.high else ""]
    said += [
        f"{many(total.unbounded, 'event')} open upwards" if total.unbounded else "",
        f"{many(total.silent, 'event')} without a word on deaths" if total.silent else "",
    ]
    opened = "; ".join(filter(None, said))
    return facts(
        [
            ("Events", f"{total.events:,}", span if found.first else "no dates"),
            ("Countries and territories", f"{sum(1 for c, _, _ in found.countries if c):,}", many(found.n_places, "place")),
            ("People reported killed", "not reported" if total.sums[1] is None else f"{total.reported:,}", opened),
            *freshness,
        ]
    )


def mapped(found: Figures) -> str:
    """The map with the countries beside it, and the places in a table."""
    heads = ("Country", "Events", "Reported killed", "Last event")
    rows = [(c, d.events, d.sums[1], last) for c, d, last in found.countries]
    beside = barred("Countries", heads[:2], [row[:2] for row in rows[:BESIDE]])
    rest = rows[BESIDE:]
    if rest:
        beside += paragraph(f"and {many(len(rest), 'further country', 'further countries')} with {many(sum(r[1] for r in rest), 'event')}", "faint")
    drawing = world_map(found)
    how = (
        f"Each dot is a cluster: the events of a cell of {found.clustered:g} degrees, at their middle; its area grows with the root of their number."
        if found.clustered
        else "Each dot is a place; its area is its number of events. Hollow dots stand for a wider area: no event there is placed at the town itself."
    )
    left = f" {many(found.unplaced, 'event')} without coordinates {'is' if found.unplaced == 1 else 'are'} not on it." if found.unplaced else ""
    imprecise = sum(n for (_, place), n in found.precision.items() if place is not None and place > 1)
    rough = f" {many(imprecise, 'event')} {'is' if imprecise == 1 else 'are'} known to a region or surroundings only." if imprecise else ""
    shown = figure(drawing, f"{spoken(found)} {how}{left}{rough} Outlines: Natural Earth; they say nothing about borders.") if drawing else ""
    if not drawing:
        shown = paragraph("No event has coordinates.")
    spots = [(s.name, s.events, s.exact, f"{s.latitude:.2f}", f"{s.longitude:.2f}") for s in found.spots[:100]]
    what = "Cluster around" if found.clustered else "Place"
    dots = table(
        f"The {len(spots)} largest dots of the map" if len(found.spots) > len(spots) else "The dots of the map",
        (what, "Events", "Placed exactly", "Latitude", "Longitude"),
        spots,
    )
    every = barred("All countries", heads, rows)
    tables = f"{folded('Table: all countries', every)}\n{folded('Table: dots of the map', dots)}"
    return f'<div class="beside"><div>{shown}</div><div>{beside}</div></div>\n{tables}'


def timeline(found: Figures) -> str:
    """Events over time by type."""
    drawing = charts.timeline(found)
    if not drawing:
        return paragraph("No event has a date.")
    unit = found.periods.unit
    rough = sum(n for (time, _), n in found.precision.items() if time is not None and time > (1 if unit == "day" else 2 if unit == "week" else 3))
    said = f"Events a {unit} by event type; a {unit} is called by its first day." if unit == "week" else f"Events a {unit} by event type."
    if rough:
        verbs = ("is", "stands") if rough == 1 else ("are", "stand")
        said += f" {many(rough, 'event')} {verbs[0]} known less exactly than to the {unit} and {verbs[1]} at the middle of what is known."
    kinds = [charts.type_name(kind) for kind, _ in grouped(found.types)]
    heads = (unit.capitalize(), "Events", *kinds, "Killed, lowest", "Killed, reported", "Killed, highest")
    return figure(drawing, said) + folded(f"Table: each {unit}", table(f"Events and deaths a {unit}", heads, list(charts.rows_of(found))))


def deaths(found: Figures) -> str:
    """Fatalities as intervals, over time and by type."""
    rows: list[tuple[str | int | None, ...]] = []
    looks = []
    for kind, one in grouped(found.types):
        rows.append((charts.type_name(kind), one.events, *_deaths(one)))
        looks.append("sum")
        for parent, name, sub in found.types:
            if parent == kind:
                rows.append((charts.type_name(name), sub.events, *_deaths(sub)))
                looks.append("under")
    if rows:
        rows.append(("All", found.total.events, *_deaths(found.total)))
        looks.append("sum")
    countries = [(c or charts.UNNAMED, d.events, *_deaths(d)) for c, d, _ in sorted(found.countries, key=lambda c: (-c[1].reported, c[0]))[:LISTED]]
    over_time, by_type = charts.deaths_over_time(found), charts.deaths_by_type(found)
    none = (
        "" if over_time else paragraph("No deaths are reported." if found.total.silent < found.total.events else "No event says anything of deaths.")
    )
    return "\n".join(
        [
            none,
            figure(
                over_time,
                "People killed: the line is the reported figure, the band reaches from the lowest to the highest. "
                "The table of the part before has the numbers.",
            ),
            figure(
                by_type,
                "People killed by event type: a bar from the lowest to the highest, a tick at the reported figure, "
                "an arrow where it is open upwards.",
            ),
            paragraph(HOW_DEATHS, "faint"),
            table("Events and people killed by type", ("Type", "Events", *DEATHS), rows, looks=looks),
            folded("Table: by country", table("Countries with most people reported killed", ("Country", "Events", *DEATHS), countries)),
        ]
    )


def leading(found: Figures) -> str:
    """Places and actors with most events."""
    places = barred(_top("Places", found.n_places), ("Place", "Events", "Reported killed"), [(p, d.events, d.sums[1]) for p, d in found.places])
    actors = barred(_top("Actors", found.n_actors), ("Actor", "Events"), found.actors)
    said = paragraph("Actors count where they are the first or the second of an event; which of the two says nothing.", "faint")
    return f'<div class="pair"><div>{places}</div><div>{actors}</div></div>{said}' if places or actors else paragraph("None.")


def _top(what: str, n: int) -> str:
    return f"{what}: the {LISTED} with most events, of {n:,}" if n > LISTED else what


def precision(found: Figures, labels: Mapping[str, Mapping[str, str]]) -> str:
    """How exactly day and place are known, against each other."""
    times = sorted({t for t, _ in found.precision}, key=lambda t: (t is None, t))
    places = sorted({p for _, p in found.precision}, key=lambda p: (p is None, p))
    if not times:
        return ""

    def label(name: str, code: int | None) -> str:
        said = labels.get(name, {}).get(str(code), "")
        return charts.UNNAMED if code is None else f"{code}: {said}" if said else str(code)

    rows = [
        (label("time_precision", t), *(found.precision.get((t, p), 0) for p in places), sum(n for (one, _), n in found.precision.items() if one == t))
        for t in times
    ]
    sums = [sum(n for (_, one), n in found.precision.items() if one == p) for p in places]
    total = found.total.events or 1
    exact = found.precision.get((1, 1), 0)
    said = paragraph(f"{exact:,} of {many(found.total.events, 'event')} ({100 * exact / total:.0f}%) are known to the day and to the town.")
    heads = ("Day known to \\ place known to", *(label("geo_precision", p) for p in places), "All")
    return said + table(
        "Events by how exactly day and place are known", heads, [*rows, ("All", *sums, found.total.events)], looks=[""] * len(rows) + ["sum"]
    )
