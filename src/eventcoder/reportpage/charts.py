"""Figures -> charts: events over time by type, deaths over time and by type, each in a wide and a narrow form. Floor 5.

The style sheet shows the form that fits the page; a wide chart made small would have letters that nobody can read. Colours are those of Okabe and
Ito, which people who see few colours can tell apart; what a colour says stands in words in the table below each chart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from eventcoder.reportpage.drawing import FAINT, LOOK, altair, drawn
from eventcoder.reportpage.periods import Periods
from eventcoder.reportpage.questions import Deaths, Figures, grouped
from eventcoder.validation.reports.harmless import harmless
from eventcoder.validation.reports.sheet import shown

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000", "#8C6D00")
OTHER, UNNAMED = "Other types", "not given"
FORMS = (("wide", 1000, 260), ("narrow", 262, 200))  # class, width and height of what is inside the axes, in pixels
ROOM = 54  # pixels for the labels of an axis
RED = "#B0413E"
# a long name in two lines where there is little room: broken after a stroke, or after the last space of its first 17 letters
_BROKEN = (
    "length(datum.label) < 18 ? datum.label : "
    "split(replace(datum.label, test(/^.{1,16}\\//, datum.label) ? /^(.{1,16}\\/)/ : /^(.{1,17}) /, '$1\\n'), '\\n')"
)


def type_name(code: str) -> str:
    """How an event type is called on the page."""
    return harmless(code) or UNNAMED


def timeline(found: Figures) -> str:
    """Events a period, stacked by type."""
    if not found.timeline:
        return ""
    types = sorted({kind for _, kind in found.timeline})
    named = types if len(types) <= len(COLOURS) else [k for k, _ in grouped(found.types)][: len(COLOURS) - 1]
    domain = [type_name(k) for k in sorted(named)] + ([OTHER] if len(named) < len(types) else [])
    rows: list[dict[str, Any]] = []
    sums: dict[date, int] = {}
    ends = dict(zip(found.periods.starts, found.periods.ends(), strict=True))
    stacked: dict[tuple[date, str], int] = {}
    for (start, kind), n in found.timeline.items():
        key = (start, type_name(kind) if kind in named else OTHER)
        stacked[key] = stacked.get(key, 0) + n
    for (start, kind), n in sorted(stacked.items(), key=lambda one: (one[0][0], domain.index(one[0][1]))):
        below = sums.get(start, 0)
        sums[start] = below + n
        said = f"{found.periods.name(start)}: {n:,} {kind}"
        rows.append({"a": str(start), "b": str(ends[start]), "low": below, "high": below + n, "kind": kind, "said": said})
    top = max(sums, key=lambda d: (sums[d], d))
    text = f"Events a {found.periods.unit} by type, {_span(found.periods)}. Most, {sums[top]:,}, in {found.periods.name(top)}."
    alt = altair()
    out = []
    for look, width, height in FORMS:
        chart = (
            alt.Chart(alt.NamedData(name="rows"), width=width, height=height)
            .mark_bar(stroke="#ffffff", strokeWidth=0.4, clip=True)
            .encode(
                x=_days(found.periods, look),
                x2="b:T",
                y=_amount("low:Q", f"events a {found.periods.unit}", sums[top], room=ROOM),
                y2="high:Q",
                color=alt.Color("kind:N", scale=alt.Scale(domain=domain, range=list(COLOURS)), legend=None),
                description="said:N",
            )
            .configure(**LOOK)
        )
        out.append(drawn(chart, f"timeline-{look}", text, look, rows=rows))
    return _legend(domain) + "".join(out)


def _legend(names: Sequence[str]) -> str:
    """What the colours mean: words of the page and not of the picture, so that they wrap and keep their size."""
    square = '<svg viewBox="0 0 8 8" aria-hidden="true"><rect width="8" height="8" fill="{}"/></svg>'
    items = "".join(f"<li>{square.format(colour)}{shown(name)}</li>" for name, colour in zip(names, COLOURS, strict=False))
    return f'<ul class="legend">{items}</ul>'


def deaths_over_time(found: Figures) -> str:
    """Reported deaths a period, with the interval from lowest to highest."""
    if not found.total.sums[2]:
        return ""
    ends = dict(zip(found.periods.starts, found.periods.ends(), strict=True))
    rows: list[dict[str, Any]] = []
    for start in found.periods.starts:
        one = found.deaths.get(start)
        if one is not None and one.silent < one.events:
            said = f"{found.periods.name(start)}: {interval(one)}"
            rows.append({"a": str(start), "b": str(ends[start]), "low": one.low, "high": one.high, "best": one.reported, "said": said})
    text = f"People reported killed a {found.periods.unit}, {_span(found.periods)}: {interval(found.total)} in all."
    alt = altair()
    highest = max(max(row["high"], row["best"]) for row in rows)
    out = []
    for look, width, height in FORMS:
        base = alt.Chart(alt.NamedData(name="rows"), width=width, height=height * 3 // 4)
        band = base.mark_rect(fill="#E8B7A9", aria=False).encode(
            x=_days(found.periods, look), x2="b:T", y=_amount("low:Q", "people killed", highest, room=ROOM), y2="high:Q"
        )
        line = base.mark_rect(stroke=RED, strokeWidth=2).encode(
            x=_days(found.periods, look), x2="b:T", y=_amount("best:Q", "people killed", highest, room=ROOM), y2="best:Q", description="said:N"
        )
        out.append(drawn(alt.layer(band, line).configure(**LOOK), f"deaths-{look}", text, look, rows=rows))
    return "".join(out)


def deaths_by_type(found: Figures) -> str:
    """The interval of deaths of each event type: a bar from lowest to highest, a tick where the reported sum is, an arrow where it is open."""
    rows: list[dict[str, Any]] = [
        {
            "kind": type_name(kind),
            "low": one.low,
            "high": one.high,
            "best": one.reported,
            "open": one.unbounded > 0,
            "said": f"{type_name(kind)}: {interval(one)}",
        }
        for kind, one in sorted(grouped(found.types), key=lambda g: (-g[1].reported, g[0]))
        if one.sums[2]
    ]
    if not rows:
        return ""
    text = "People reported killed by event type: " + "; ".join(str(row["said"]) for row in rows) + "."
    alt = altair()
    highest = max(max(row["high"], row["best"]) for row in rows)
    out = []
    for look, width, _ in FORMS:
        narrow = look == "narrow"
        base = alt.Chart(alt.NamedData(name="rows"), width=width - (72 if narrow else 130), height=alt.Step(42 if narrow else 34))
        broken = {"labelExpr": _BROKEN} if narrow else {}
        labels = alt.Axis(title=None, labelLimit=118 if narrow else 190, minExtent=118 if narrow else 190, domain=False, ticks=False, **broken)
        y = alt.Y("kind:N", sort=[row["kind"] for row in rows], axis=labels)
        bar = base.mark_bar(height=14, fill="#E8B7A9", aria=False).encode(x=_amount("low:Q", "people killed", highest, along=True), x2="high:Q", y=y)
        tick = base.mark_tick(thickness=3, height=22, color=RED).encode(
            x=_amount("best:Q", "people killed", highest, along=True), y=y, description="said:N"
        )
        arrow = (
            base.transform_filter("datum.open")
            .mark_point(shape="triangle-right", filled=True, size=70, color=FAINT, xOffset=7, opacity=1, aria=False)
            .encode(x=_amount("high:Q", "people killed", highest, along=True), y=y)
        )
        out.append(drawn(alt.layer(bar, tick, arrow).configure(**LOOK), f"kinds-{look}", text, look, rows=rows))
    return "".join(out)


def interval(one: Deaths) -> str:
    """Deaths in words: low, reported, high, and what the sums leave open."""
    if one.events and one.silent == one.events:
        return "deaths not reported on"
    said = f"{one.reported:,} reported" if one.low == one.high else f"{one.low:,} to {one.high:,}, {one.reported:,} reported"
    return said + (" (open upwards)" if one.unbounded else "")


def _span(periods: Periods) -> str:
    first, last = periods.name(periods.starts[0]), periods.name(periods.starts[-1])
    return first if first == last else f"{first} to {last}"


def _days(periods: Periods, look: str) -> Any:
    alt = altair()
    bounds = [str(periods.starts[0]), str(periods.ends()[-1])]
    shape = (
        "%Y"
        if periods.unit == "year" or (len(periods.starts) > 36 and periods.unit == "month")
        else "%b %Y"
        if periods.unit == "month"
        else "%d %b %Y"
    )
    axis = alt.Axis(title=None, format=shape, grid=False, tickCount=8 if look == "wide" else 3, labelOverlap=True, labelFlush=False)
    scale = alt.Scale(type="utc", domain=[{"expr": f"utc({d[:4]},{int(d[5:7]) - 1},{int(d[8:])})"} for d in bounds], nice=False)
    return alt.X("a:T", scale=scale, axis=axis)


def _amount(field: str, title: str, top: int, *, along: bool = False, room: int = 0) -> Any:
    """The axis of a count that reaches to `top`; `room` is the least width of its labels, so that pictures keep their shape."""
    alt = altair()
    values = ticks(top)
    axis = alt.Axis(title=title, format=",d", values=values, grid=True, **({"minExtent": room} if room else {}))
    return (alt.X if along else alt.Y)(field, axis=axis, scale=alt.Scale(domain=[0, max(top, values[-1])], nice=False))


def ticks(top: int) -> list[int]:
    """Three to six round whole numbers from 0 up to `top`, the last at or above it."""
    step = 1
    while step * 5 < top:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return [step * n for n in range(max(1, -(-top // step)) + 1)]


def rows_of(found: Figures) -> Iterable[tuple[Any, ...]]:
    """The numbers of both charts over time: period, events, then each type in order of size, then deaths (low, reported, high)."""
    kinds = [kind for kind, _ in grouped(found.types)]
    for start in found.periods.starts:
        one = found.deaths.get(start, Deaths(0, 0, 0, 0, 0, 0))
        yield (found.periods.name(start), one.events, *(found.timeline.get((start, kind), 0) for kind in kinds), *one.sums)
