"""Rows by country and month of event_date against the previous release: which cells lost or gained more than releases do. Floor 4.

For a cell with `old` and `new` rows, and `withdrawn` rows of it that were withdrawn with a trace since:

    r = ln((new + withdrawn + 5) / (old + 5))          5 rows more on both sides, so that small cells do not shout
    z = (r - median) / s,  s = 1.4826 * MAD            median and MAD of r over the old months; s at least 0.05 and at most 0.12

The ends of s: where nothing changed a cell that lost a tenth would otherwise have an endless z, and where half of the cells changed a halved
one would have none. With fewer than 10 old cells the median counts as 0 and s as 0.05.

A cell alarms where |z| >= `z`, it changed by `rows` rows or more, and (new + withdrawn) / old lies below `min` (error) or `warn_below` (warning)
or new / old above `max` (warning). The last `recent_months` months that a country had, and later ones, may grow: reports still come in. A
country that is new, and months before a country's first one, are told once as info; a country that is gone is told once instead of month by
month. Where the median itself lies beyond the bounds the whole dataset changed: one problem says so, and s has no upper end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import exp, log
from statistics import median
from typing import TYPE_CHECKING, Any

from eventcoder.problem import Problem, Severity

if TYPE_CHECKING:
    import pyarrow as pa

TOLD = 50  # cells that are told one by one
ADDED = 5  # rows that both sides of a ratio are given
LEAST_SCALE, MOST_SCALE, FEW_CELLS = 0.05, 0.12, 10
STALE = "stale-allowance"


@dataclass(frozen=True, slots=True)
class Cell:
    """A country and month (`month` None: all months of a country that is gone) with its rows in both releases."""

    country: str
    month: date | None
    old: int
    new: int
    withdrawn: int = 0
    z: float = 0.0
    severity: Severity | None = None  # None: nothing to tell

    @property
    def kept(self) -> float:
        """Rows that are there or were withdrawn with a trace, as a share of the old ones."""
        return (self.new + self.withdrawn) / self.old if self.old else float("inf")

    @property
    def change(self) -> float:
        """r: the logarithm of the damped ratio."""
        return log((self.new + self.withdrawn + ADDED) / (self.old + ADDED))

    @property
    def name(self) -> str:
        return f"{self.country}, {self.month:%Y-%m}" if self.month else f"{self.country}, all months"


@dataclass(frozen=True, slots=True)
class Drift:
    """The verdict: how many cells are beyond the bounds and not allowed, and everything to tell."""

    alarms: int
    problems: tuple[Problem, ...]


def drift(
    threshold: Mapping[str, Any], events: pa.Table, before: pa.Table, *, traced: frozenset[str] = frozenset(), latest_today: date
) -> Drift | None:
    """Compare two releases cell by cell; None where they cannot be (a table lacks country or event_date, or the older one has no dated row).

    `threshold` is an expectation of kind `drift` with its allowances under `allow`; `traced` are the ids that were withdrawn with a trace.
    """
    cells = counted(events, before, traced)
    if not cells or not any(cell.old for cell in cells):
        return None
    judged, centre = judge(cells, threshold)
    allowances = list(threshold.get("allow", ()))
    spans = _spans(cells)
    used: set[int] = set()
    alarms: list[Cell] = []
    allowed: list[tuple[Cell, Mapping[str, Any]]] = []
    for cell in judged:
        covering = [n for n, one in enumerate(allowances) if not _expired(one, latest_today) and _covers(one, cell, spans)]
        used.update(covering)
        if covering:
            allowed.append((cell, allowances[covering[0]]))
        else:
            alarms.append(cell)
    check = str(threshold["id"])
    details = _details(alarms[:TOLD], events, before, traced)
    problems = _whole(check, centre, threshold)
    count = len(alarms) + len(problems)
    problems += [_alarm(check, cell, details.get((cell.country, cell.month), {})) for cell in alarms[:TOLD]]
    if len(alarms) > TOLD:
        rest = alarms[TOLD:]
        worst: Severity = "error" if any(cell.severity == "error" for cell in rest) else "warning"
        changed = sum(abs(cell.new - cell.old) for cell in rest)
        problems.append(Problem(check, f"{len(rest)} more country-months ({changed} rows) are beyond the bounds. Look at the worst first.", worst))
    for cell, one in allowed[:TOLD]:
        message = (
            f"{cell.name}: {cell.old} rows in the release before, {cell.new} now (z = {cell.z:.1f}), as schema/checks.toml allows: {one['reason']}"
        )
        problems.append(Problem(check, message, "info", field="event_date", value=cell.name))
    if len(allowed) > TOLD:
        problems.append(Problem(check, f"{len(allowed) - TOLD} more country-months changed as schema/checks.toml allows.", "info"))
    problems += _news(check, cells, spans, int(threshold["rows"]))
    problems += [_stale(check, one, latest_today) for n, one in enumerate(allowances) if n not in used]
    return Drift(count, tuple(problems))


def counted(events: pa.Table, before: pa.Table, traced: Iterable[str] = ()) -> list[Cell]:
    """All cells of both tables, sorted; [] where one of them lacks the columns."""
    import pyarrow as pa

    from eventcoder.codebook.duck import connect

    if not all(_dated(table) for table in (events, before)):
        return []
    rows = (
        "SELECT country, date_trunc('month', event_date)::DATE AS month, count(*) AS n FROM {} WHERE country IS NOT NULL AND event_date IS NOT NULL"
    )
    con = connect()
    try:
        con.register("now", events)
        con.register("was", before)
        withdrawn = "SELECT NULL::VARCHAR AS country, NULL::DATE AS month, 0 AS n WHERE FALSE"
        if traced and "event_id" in before.column_names:
            con.register("traced", pa.table({"event_id": pa.array(sorted(traced), pa.string())}))
            withdrawn = rows.format("was") + " AND event_id IN (SELECT event_id FROM traced) GROUP BY ALL"
        found = con.execute(
            f"""SELECT country, month, coalesce(o.n, 0), coalesce(n.n, 0), coalesce(w.n, 0)
            FROM ({rows.format("was")} GROUP BY ALL) o FULL JOIN ({rows.format("now")} GROUP BY ALL) n USING (country, month)
            LEFT JOIN ({withdrawn}) w USING (country, month) ORDER BY ALL"""
        ).fetchall()
    finally:
        con.close()
    return [Cell(country, month, int(old), int(new), int(gone)) for country, month, old, new, gone in found]


def judge(cells: Sequence[Cell], threshold: Mapping[str, Any]) -> tuple[list[Cell], float]:
    """The cells that alarm, the worst first, with z and severity; and the median of r over the old months."""
    spans = _spans(cells)
    recent = {country: _shifted(last, 1 - int(threshold["recent_months"])) for country, (_, last) in spans.items()}
    settled = [cell.change for cell in cells if cell.month and cell.country in spans and spans[cell.country][0] <= cell.month < recent[cell.country]]
    enough = len(settled) >= FEW_CELLS
    centre = median(settled) if enough else 0.0
    spread = 1.4826 * median([abs(r - centre) for r in settled]) if enough else 0.0
    most = max(MOST_SCALE, spread) if _beyond(centre, threshold) else MOST_SCALE
    scale = min(most, max(LEAST_SCALE, spread))
    out: list[Cell] = []
    gone = {country for country in spans if not any(cell.new for cell in cells if cell.country == country)} if cells else set()
    for country in sorted(gone):
        mine = [cell for cell in cells if cell.country == country]
        out.append(_judged(Cell(country, None, sum(c.old for c in mine), 0, sum(c.withdrawn for c in mine)), centre, scale, threshold, grows=False))
    for cell in cells:
        if cell.country in spans and cell.country not in gone and cell.month:
            grows = not spans[cell.country][0] <= cell.month < recent[cell.country]
            out.append(_judged(cell, centre, scale, threshold, grows=grows))
    out = [cell for cell in out if cell.severity is not None]
    return sorted(out, key=lambda c: (c.severity != "error", -abs(c.z), c.country, c.month or date.min)), centre


def _judged(cell: Cell, centre: float, scale: float, threshold: Mapping[str, Any], *, grows: bool) -> Cell:
    z = (cell.change - centre) / scale
    least, warn, most = (threshold.get(key) for key in ("min", "warn_below", "max"))
    lost = cell.old - cell.new - cell.withdrawn
    severity: Severity | None = None
    if lost >= threshold["rows"] and z <= -threshold["z"]:
        severity = "error" if least is not None and cell.kept < least else "warning" if warn is not None and cell.kept < warn else None
    elif not grows and cell.new - cell.old >= threshold["rows"] and z >= threshold["z"]:
        severity = "warning" if most is not None and (not cell.old or cell.new / cell.old > most) else None
    return replace(cell, z=z, severity=severity)


def _dated(table: pa.Table) -> bool:
    import pyarrow as pa

    names = table.column_names
    return "country" in names and "event_date" in names and pa.types.is_date(table.schema.field("event_date").type)


def _spans(cells: Sequence[Cell]) -> dict[str, tuple[date, date]]:
    """First and last month of each country in the older release."""
    out: dict[str, tuple[date, date]] = {}
    for cell in cells:
        if cell.old and cell.month:
            first, last = out.get(cell.country, (cell.month, cell.month))
            out[cell.country] = (min(first, cell.month), max(last, cell.month))
    return out


def _shifted(month: date, by: int) -> date:
    number = max(12, month.year * 12 + month.month - 1 + by)
    return date(number // 12, number % 12 + 1, 1)


def _details(cells: Sequence[Cell], events: pa.Table, before: pa.Table, traced: frozenset[str]) -> dict[tuple[str, date | None], dict[str, int]]:
    """Of the cells that are told: rows that moved out and in, went without a trace, and are there for the first time."""
    import pyarrow as pa

    from eventcoder.codebook.duck import connect

    if not cells or any("event_id" not in table.column_names for table in (events, before)):
        return {}
    con = connect()
    try:
        con.register("now", events.select(["event_id", "country", "event_date"]))
        con.register("was", before.select(["event_id", "country", "event_date"]))
        months = pa.table({"country": [c.country for c in cells], "month": pa.array([c.month for c in cells], pa.date32())})
        con.register("told", months)
        con.register("traced", pa.table({"event_id": pa.array(sorted(traced), pa.string())}))
        here = "FROM {0} a JOIN told t ON a.country = t.country AND (t.month IS NULL OR date_trunc('month', a.event_date) = t.month)"
        away = "(b.country IS DISTINCT FROM a.country OR (t.month IS NOT NULL AND date_trunc('month', b.event_date) IS DISTINCT FROM t.month))"
        lost = con.execute(
            f"""SELECT t.country, t.month, count(*) FILTER (b.event_id IS NOT NULL AND {away}),
                count(*) FILTER (b.event_id IS NULL AND NOT EXISTS (SELECT 1 FROM traced w WHERE w.event_id = a.event_id))
            {here.format("was")} LEFT JOIN now b USING (event_id) GROUP BY ALL"""
        ).fetchall()
        won = con.execute(
            f"""SELECT t.country, t.month, count(*) FILTER (b.event_id IS NOT NULL AND {away}), count(*) FILTER (b.event_id IS NULL)
            {here.format("now")} LEFT JOIN was b USING (event_id) GROUP BY ALL"""
        ).fetchall()
    finally:
        con.close()
    out: dict[tuple[str, date | None], dict[str, int]] = {}
    for rows, names in ((lost, ("moved_out", "gone")), (won, ("moved_in", "late"))):
        for country, month, *counts in rows:
            out.setdefault((country, month), {}).update(zip(names, counts, strict=True))
    return out


def _alarm(check: str, cell: Cell, details: Mapping[str, int]) -> Problem:
    lost = cell.new < cell.old
    ratio = f"{cell.new / cell.old:.2f} times as many, " if cell.old else ""
    parts = [f"{cell.name}: {cell.old} rows in the release before, {cell.new} now ({ratio}z = {cell.z:.1f})."]
    if cell.withdrawn:
        parts.append(f"{cell.withdrawn} were withdrawn with a reason and do not count as lost.")
    if details and lost:
        parts.append(f"{details.get('moved_out', 0)} stand under another country or month now, {details.get('gone', 0)} are gone without a trace.")
    elif details:
        parts.append(
            f"{details.get('late', 0)} are late additions (not in the release before): read this rise as coding, not as events;"
            f" {details.get('moved_in', 0)} came from another country or month."
        )
    month = f"from = '{cell.month:%Y-%m}', until = '{cell.month:%Y-%m}', " if cell.month else ""
    country = cell.country.replace("'", " ")
    parts.append(
        f"{'Bring them back' if lost else 'Look at what was added'}, or allow it in schema/checks.toml: [[allow]] check = '{check}',"
        f" country = '{country}', {month}reason = '...'."
    )
    return Problem(check, " ".join(parts), cell.severity or "warning", field="event_date", value=cell.name)


def _whole(check: str, centre: float, threshold: Mapping[str, Any]) -> list[Problem]:
    """One problem where the middle country-month of the old months is itself beyond the bounds."""
    ratio, severity = exp(centre), _beyond(centre, threshold)
    if severity is None:
        return []
    message = (
        f"The middle country-month of the old months has about {ratio:.2f} times the rows of the release before: the whole dataset changed, not"
        " single months. Say in the release notes what was coded anew, or look for a filter or an import of only a part."
    )
    return [Problem(check, message, severity, field="event_date", value="all")]


def _beyond(centre: float, threshold: Mapping[str, Any]) -> Severity | None:
    ratio = exp(centre)
    least, warn, most = (threshold.get(key) for key in ("min", "warn_below", "max"))
    if ratio < 1:
        return "error" if least is not None and ratio < least else "warning" if warn is not None and ratio < warn else None
    return "warning" if most is not None and ratio > most else None


def _news(check: str, cells: Sequence[Cell], spans: Mapping[str, tuple[date, date]], least: int) -> list[Problem]:
    """Countries that are new, and months before the first that a country had: told once each, because neither is a fault."""
    out = []
    for country in sorted({cell.country for cell in cells}):
        added = [cell for cell in cells if cell.country == country and cell.new and not cell.old and cell.month]
        if country not in spans:
            rows, months = sum(c.new for c in added), len(added)
            has = f"{rows} row{'s'[: rows != 1]} in {months} month{'s'[: months != 1]}"
            message = f"{country} is new: it has {has}, and none in the release before."
            out.append(Problem(check, message, "info", field="country", value=country))
            continue
        early = [cell for cell in added if cell.month and cell.month < spans[country][0]]
        rows = sum(cell.new for cell in early)
        if rows >= least:
            message = (
                f"{country} now begins in {early[0].month:%Y-%m} instead of {spans[country][0]:%Y-%m}: {rows} rows of {len(early)} earlier months."
            )
            out.append(Problem(check, message, "info", field="country", value=country))
    return out


def _expired(one: Mapping[str, Any], today: date) -> bool:
    return bool(one.get("expires")) and str(one["expires"]) < today.isoformat()


def _covers(one: Mapping[str, Any], cell: Cell, spans: Mapping[str, tuple[date, date]]) -> bool:
    first, last = (cell.month, cell.month) if cell.month else spans[cell.country]
    since, until = (str(one.get(key) or edge) for key, edge in (("from", "0000-00"), ("until", "9999-99")))
    return one.get("country") in (None, cell.country) and since <= f"{first:%Y-%m}" and f"{last:%Y-%m}" <= until


def _stale(check: str, one: Mapping[str, Any], today: date) -> Problem:
    span = " ".join(f"{key} {one[key]}" for key in ("country", "from", "until") if one.get(key))
    why = f"has expired ({one['expires']})" if _expired(one, today) else "matches nothing that changed"
    message = (
        f"schema/checks.toml: the [[allow]] of '{check}' ({span}: {one['reason']}) {why}. Take it out, so that it does not hide the next change."
    )
    return Problem(STALE, message, "warning", value=span)
