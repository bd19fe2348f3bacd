"""What a threshold measures: each `[[expectation]]` of `checks.toml` checked key by key and compiled to aggregates. Floor 4.

    kind                 measures
    fill_rate            share of rows in which `column` has a value (also: where, table)
    share                share of rows (of those for which `of` holds) for which `where` holds
    mean                 mean of the numeric `column` (where, table)
    distinct             number of different values of `column` (where, table)
    rows                 number of rows (where, table)
    lag                  `quantile` of the days from `since` (else event_date) to `column` (where, least_rows)
    heaping              excess of the value `at` of `column` over its neighbours `below` and `above`, see below (where, least_rows)
    fresh_rows           rows whose event_date lies less than `days` days before the day of the verdict
    unidentified_actors  share of named actors (no associates) whose name begins with `prefix`
    unregistered_actors  share of named actors that are not in the register; names that end in `but` are not counted
    reports_mean         documents an event, among events that have documents
    single_report        share of events with one document, among events that have documents
    uncovered_weeks      share of released country-weeks (`by` country, or admin1) that nobody recorded as read
    alpha                Krippendorff's alpha of `column` over documents that two coders coded apart (least_units), see reliability.json
    event_finding        F1 of the events that two coders found in one document (least_units)

Heaping: with n(k) the rows of value k, L and U the mean of n over the values `below` and `above`, and N the rows of all neighbours, a smooth
distribution has about x = sqrt(L * U) rows of value `at` (the straight line through both on a logarithmic scale). The measure is
n(at) / (n(at) + N) - x / (x + N): 0 where it is smooth, 1 where there is nothing but `at`, below 0 where `at` is avoided.

One pass over the events answers all of them that are asked of events, one more each side table. What cannot be measured says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import TYPE_CHECKING, Any

from eventcoder.errors import CodebookError

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook import Codebook

Value = tuple[float | None, str]  # the measure, or None and why there is none
AGAINST_PREVIOUS = ("lost_rows", "drop", "kept", "drift")
OF_CODERS = ("alpha", "event_finding")  # measured on codings, which the tables do not hold
LEAST_ROWS = 30  # fewer rows carry no quantile and no heaping, unless a threshold says otherwise
_ALWAYS = frozenset({"id", "kind", "why", "min", "max", "source", "allow"})
KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "fill_rate": (("column",), ("where", "table")),
    "share": (("where",), ("of",)),
    "mean": (("column",), ("where", "table")),
    "distinct": (("column",), ("where", "table")),
    "rows": ((), ("where", "table")),
    "lag": (("column", "quantile"), ("since", "where", "least_rows")),
    "heaping": (("column", "at", "below", "above"), ("where", "least_rows")),
    "fresh_rows": (("days",), ()),
    "unidentified_actors": (("prefix",), ()),
    "unregistered_actors": ((), ("but",)),
    "reports_mean": ((), ()),
    "single_report": ((), ()),
    "uncovered_weeks": ((), ("by",)),
    "lost_rows": ((), ()),
    "drop": ((), ()),
    "kept": ((), ()),
    "drift": (("z", "rows", "recent_months"), ("warn_below",)),
    "alpha": (("column",), ("least_units",)),
    "event_finding": ((), ("least_units",)),
}
_NUMBERS = {"min", "max", "quantile", "at", "days", "z", "rows", "recent_months", "warn_below", "least_rows", "least_units"}
_RELATIONS: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "reports": ("SELECT sum(n_documents) AS n FROM event_sources GROUP BY event_id", {"event_sources": ("event_id", "n_documents")}),
    "mentions": (
        "SELECT m.actor, a.registered FROM event_actors m LEFT JOIN actors a USING (actor) WHERE m.role = 'actor' AND m.actor IS NOT NULL",
        {"event_actors": ("actor", "role"), "actors": ("actor", "registered")},
    ),
    "weeks": ("", {"coverage": ("country", "admin1", "since", "until")}),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """A compiled threshold: SQL aggregates over a relation (a table, or one of `reports`, `mentions`, `weeks`), and what becomes of their values."""

    relation: str
    terms: tuple[str, ...]
    finish: Callable[[Sequence[Any]], Value]


def compiled(threshold: Mapping[str, Any], codebook: Codebook) -> Measure | None:
    """How it is measured; None for what is measured against the previous release. Raises `CodebookError` for what makes no sense."""
    from eventcoder.codebook.duck import quoted

    _keys(threshold)
    kind = threshold["kind"]
    if kind in (*AGAINST_PREVIOUS, *OF_CODERS):
        if kind == "alpha":
            _columns_known(threshold["column"], codebook)
        return None
    if kind in ("fill_rate", "mean", "distinct", "rows"):
        return _of_rows(threshold, codebook)
    where = _condition(threshold.get("where"), codebook)
    least = int(threshold.get("least_rows", LEAST_ROWS))
    if kind == "share":
        of = _condition(threshold.get("of"), codebook)
        return Measure("events", (f"count(*) FILTER (({of}) AND ({where})) / nullif(count(*) FILTER ({of}), 0)",), _plain("no row to measure"))
    if kind == "lag":
        first, last = (_of_type(threshold.get("since", "event_date"), codebook, "date"), _of_type(threshold["column"], codebook, "date"))
        if not 0 <= threshold["quantile"] <= 1:
            raise CodebookError(f"quantile must lie between 0 and 1, not {threshold['quantile']!r}.")
        days = f'"{last}" - "{first}"'
        rows = f"count({days}) FILTER ({where})"
        quantile = f"quantile_disc({days}, {float(threshold['quantile'])}) FILTER (({where}) AND {days} IS NOT NULL)"
        return Measure("events", (rows, quantile), _enough(least, f"rows have {first} and {last}"))
    if kind == "heaping":
        name = _of_type(threshold["column"], codebook, "integer")
        below, above = _wholes(threshold, "below"), _wholes(threshold, "above")
        at = int(threshold["at"])
        sides = (f'"{name}" = {at}', *(f'"{name}" IN ({", ".join(map(str, side))})' for side in (below, above)))
        return Measure("events", tuple(f"count(*) FILTER (({where}) AND {side})" for side in sides), _excess(len(below), len(above), least))
    if kind == "fresh_rows":
        _of_type("event_date", codebook, "date")
        fresh = f"count(*) FILTER (eventcoder_latest_today() - event_date < {int(threshold['days'])} AND event_date <= eventcoder_latest_today())"
        return Measure("events", (fresh,), _plain("no row to measure"))
    if kind == "unidentified_actors":
        if not isinstance(threshold["prefix"], str) or not threshold["prefix"]:
            raise CodebookError("prefix must be a text, such as 'Unidentified'.")
        begins = f"count(*) FILTER (starts_with(actor, {quoted(threshold['prefix'])}))"
        return Measure("mentions", (f"{begins} / nullif(count(*), 0)",), _plain("no event names an actor"))
    if kind == "unregistered_actors":
        named = f"NOT ends_with(actor, {quoted(str(threshold['but']))})" if threshold.get("but") else "TRUE"
        share = f"count(*) FILTER (({named}) AND NOT registered) / nullif(count(*) FILTER (({named}) AND registered IS NOT NULL), 0)"
        return Measure("mentions", ("count(*) FILTER (registered)", share), _registered)
    if kind == "uncovered_weeks":
        if threshold.get("by", "country") not in ("country", "admin1"):
            raise CodebookError(f"by must be 'country' or 'admin1', not {threshold['by']!r}.")
        return Measure("weeks", (threshold.get("by", "country"),), _plain("no released week since coverage is recorded"))
    term = "avg(n)" if kind == "reports_mean" else "count(*) FILTER (n = 1) / nullif(count(*), 0)"
    return Measure("reports", (term,), _plain("no event has a document"))


def measure(measures: Sequence[Measure], tables: Mapping[str, pa.Table], codebook: Codebook, latest_today: date) -> list[Value]:
    """The values, in order. `tables` holds `events` in the codebook's columns and types and what side tables there are."""
    from eventcoder.codebook.duck import connect, prepare

    found: dict[int, Value] = {}
    relations: dict[str, list[int]] = {}
    for number, one in enumerate(measures):
        relations.setdefault(one.relation, []).append(number)
    con = connect()
    try:
        prepare(con, codebook, latest_today)
        for relation, numbers in relations.items():
            query, needs = _RELATIONS.get(relation, (f'SELECT * FROM "{relation}"', {relation: ()}))
            lacking = _lacking(tables, needs)
            if lacking:
                found.update(dict.fromkeys(numbers, (None, lacking)))
                continue
            if relation == "weeks":
                found.update({number: _uncovered(con, tables, measures[number].terms[0]) for number in numbers})
                continue
            for name in needs:
                con.register(name, tables[name])
            terms = [term for number in numbers for term in measures[number].terms]
            row = list(con.execute(f"SELECT {', '.join(terms)} FROM ({query})").fetchall()[0])
            for number in numbers:
                count = len(measures[number].terms)
                found[number] = measures[number].finish(row[:count])
                row = row[count:]
    finally:
        con.close()
    return [found[number] for number in range(len(measures))]


def _keys(threshold: Mapping[str, Any]) -> None:
    """Raise `CodebookError` for an unknown kind, a key that it does not know or lacks, and a number that is none."""
    from eventcoder.codebook.suggestion import did_you_mean

    kind = threshold.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        hint = did_you_mean(str(kind), KINDS) or f"Known: {', '.join(KINDS)}."
        raise CodebookError(f"unknown kind {kind!r}. {hint}")
    required, optional = KINDS[kind]
    for key in threshold:
        if key not in _ALWAYS and key not in required and key not in optional:
            raise CodebookError(f"kind '{kind}' knows no '{key}'. {did_you_mean(key, (*required, *optional, 'min', 'max', 'why'))}".rstrip())
    for key in required:
        if key not in threshold or threshold[key] == "":
            told = {"where": "the condition that it counts", "column": "the column that it is about"}.get(key, "see the head of checks.toml")
            raise CodebookError(f"kind '{kind}' needs '{key}', {told}.")
    for key in sorted(_NUMBERS & set(threshold)):
        if isinstance(threshold[key], bool) or not isinstance(threshold[key], int | float):
            raise CodebookError(f"{key} must be a number, not {threshold[key]!r}.")


def _of_rows(threshold: Mapping[str, Any], codebook: Codebook) -> Measure:
    """fill_rate, mean, distinct and rows: of the events, or (without a condition) of a side table."""
    kind, table = threshold["kind"], threshold.get("table", "events")
    kinds = _columns(table, codebook)
    column = threshold.get("column")
    if table != "events" and threshold.get("where"):
        raise CodebookError("'where' speaks of the columns of events and cannot be asked of another table.")
    if kind != "rows" and column not in kinds:
        from eventcoder.codebook.suggestion import did_you_mean

        inside = f" in {table}" if table != "events" else ""
        raise CodebookError(f"there is no column {column!r}{inside}. {did_you_mean(str(column), kinds)}".rstrip())
    where = _condition(threshold.get("where"), codebook)
    if kind == "rows":
        return Measure(table, (f"count(*) FILTER ({where})",), _plain(""))
    name = f'"{column}"'
    if kind == "distinct":
        return Measure(table, (f"count(DISTINCT {name}) FILTER ({where})",), _plain(""))
    if kind == "mean":
        if kinds[str(column)] != "number":
            raise CodebookError(f"a mean needs a column of numbers; '{column}' is none.")
        return Measure(table, (f"avg({name}) FILTER ({where})",), _plain(f"no row has {column}"))
    present = f"len({name}) > 0" if kinds[str(column)] == "list" else f"{name} IS NOT NULL"
    return Measure(table, (f"count(*) FILTER (({present}) AND ({where})) / nullif(count(*) FILTER ({where}), 0)",), _plain("no row to measure"))


def _columns(table: Any, codebook: Codebook) -> dict[str, str]:
    """Columns of a table with "number", "list" or another word for the rest. Raises `CodebookError` for a table that there is not."""
    if table == "events":
        return {column.name: "list" if column.type == "list" else column.kind for column in codebook.columns}
    from eventcoder.codebook.suggestion import did_you_mean
    from eventcoder.dataset.schemas import SIDE_SCHEMAS

    if table not in SIDE_SCHEMAS:
        raise CodebookError(f"there is no table {table!r}. {did_you_mean(str(table), ('events', *SIDE_SCHEMAS))}".rstrip())
    words = {"int64": "number", "list<item: string>": "list", "list<element: string>": "list"}
    return {field.name: words.get(str(field.type), "text") for field in SIDE_SCHEMAS[table]}


def _of_type(name: Any, codebook: Codebook, type_: str) -> str:
    from eventcoder.codebook.suggestion import did_you_mean

    column = codebook.columns_by_name.get(str(name))
    if column is None:
        raise CodebookError(f"there is no column {name!r}. {did_you_mean(str(name), codebook.names)}".rstrip())
    if column.type != type_:
        raise CodebookError(f"column '{name}' is {column.type}; {type_} is needed.")
    return column.name


def _columns_known(name: Any, codebook: Codebook) -> None:
    from eventcoder.codebook.suggestion import did_you_mean

    if name not in codebook.columns_by_name:
        raise CodebookError(f"there is no column {name!r}. {did_you_mean(str(name), codebook.names)}".rstrip())


def of_coders(threshold: Mapping[str, Any], reliability: Mapping[str, Any] | None) -> Value:
    """A measure of how far coders agree, from what reliability.json says of them."""
    if reliability is None:
        return None, "no document was coded by two coders"
    least = int(threshold.get("least_units", LEAST_ROWS))
    if threshold["kind"] == "event_finding":
        units, called, figure = reliability["finding"]["events"], "events were found by coders of one document", reliability["finding"]["f1"]
    else:
        found = next((one for one in reliability["fields"] if one["column"] == threshold["column"]), None)
        if found is None:
            return None, f"schema/team/agreement.csv does not measure {threshold['column']}"
        units, called, figure = found["units"], f"events were given {threshold['column']} by two coders", found["alpha"]
    if figure["value"] is None:
        return None, str(figure.get("reason", ""))
    return (None, f"{units} {called}; it takes {least}") if units < least else (float(figure["value"]), "")


def _wholes(threshold: Mapping[str, Any], key: str) -> list[int]:
    found = threshold[key]
    if not isinstance(found, list) or not found or not all(isinstance(n, int) and not isinstance(n, bool) for n in found):
        raise CodebookError(f"{key} must be a list of whole numbers, the neighbours of 'at' on that side.")
    if threshold["at"] in found:
        raise CodebookError(f"{key} holds {threshold['at']}, which is 'at' itself.")
    return sorted(set(found))


def _condition(text: str | None, codebook: Codebook) -> str:
    from eventcoder.codebook.duck import node_sql

    return node_sql(codebook, codebook.expression(text)) if text else "TRUE"


def _plain(otherwise: str) -> Callable[[Sequence[Any]], Value]:
    return lambda row: (None, otherwise) if row[0] is None else (float(row[0]), "")


def _enough(least: int, what: str) -> Callable[[Sequence[Any]], Value]:
    return lambda row: (None, f"{row[0]} {what}; it takes {least}") if row[0] < least or row[1] is None else (float(row[1]), "")


def _excess(below: int, above: int, least: int) -> Callable[[Sequence[Any]], Value]:
    def finish(row: Sequence[Any]) -> Value:
        at, low, high = row
        near = low + high
        if at + near < least:
            return None, f"{at + near} rows hold the value or its neighbours; it takes {least}"
        smooth = sqrt((low / below) * (high / above))
        return at / (at + near) - (smooth / (smooth + near) if near else 0.0), ""

    return finish


def _registered(row: Sequence[Any]) -> Value:
    if not row[0]:
        return None, "no actor that an event names is registered"
    return (None, "no event names an actor that could be registered") if row[1] is None else (float(row[1]), "")


def _lacking(tables: Mapping[str, pa.Table], needs: Mapping[str, Sequence[str]]) -> str:
    """What of `needs` is absent or of another type than a release has, in words; "" where all is there."""
    from eventcoder.dataset.schemas import SIDE_SCHEMAS

    for name, columns in needs.items():
        if name not in tables:
            return f"there is no table {name}"
        for column in columns or (SIDE_SCHEMAS[name].names if name in SIDE_SCHEMAS else ()):
            if column not in tables[name].column_names or tables[name].schema.field(column).type != SIDE_SCHEMAS[name].field(column).type:
                return f"{name}.{column} is absent or of another type"
    return ""


def _uncovered(con: Any, tables: Mapping[str, pa.Table], by: str) -> Value:
    """By country a week counts as read where any part of the country was; by admin1 where the whole country or that division was."""
    from eventcoder.dataset.coverage import coverage_weeks

    weeks = coverage_weeks(tables["coverage"])
    if not len(weeks):
        return None, "no coverage of a whole week is recorded ('eventcoder coverage add')"
    con.register("read_weeks", weeks)
    con.register("events", tables["events"])
    division = "NULL::VARCHAR" if by == "country" else "admin1"
    here = "" if by == "country" else "AND (r.admin1 IS NULL OR r.admin1 = c.admin1)"
    week = "event_date - CAST((dayofweek(event_date) + 1) % 7 AS INTEGER)"  # its Saturday
    total, read = con.execute(
        f"""WITH cells AS (SELECT DISTINCT country, {division} AS admin1, {week} AS week
            FROM events WHERE country IS NOT NULL AND event_date IS NOT NULL)
        SELECT count(*), count(*) FILTER (EXISTS (SELECT 1 FROM read_weeks r WHERE r.country = c.country AND r.week = c.week {here}))
        FROM cells c WHERE week >= (SELECT min(week) FROM read_weeks)"""
    ).fetchall()[0]
    return (1 - read / total, "") if total else (None, "no released week since coverage is recorded")
