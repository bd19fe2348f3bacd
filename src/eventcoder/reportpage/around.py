"""The parts of the page about what stands around the events: what was read, what changed, what was checked. Floor 5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventcoder.reportpage.changing import Changed
from eventcoder.reportpage.parts import folded, many, named, paragraph, table
from eventcoder.reportpage.reading import PART, READ, UNREAD, Coverage, Matrix
from eventcoder.validation.reports.sheet import shown

_VERDICTS = {"fails": 0, "warns": 1, "unmeasured": 2, "holds": 3}
_WORDS = {READ: "read", PART: "read in part", UNREAD: "not recorded as read"}


def reading(found: Coverage) -> str:
    """Coverage by country and period."""
    if found.through is None:
        return paragraph(
            "Nobody recorded what was read. A week or a country without events may mean that nothing happened, or that nobody looked: "
            "nothing here is a zero."
        )
    said = paragraph(
        f"Read through {found.through}, {many(found.countries, 'country', 'countries')}. "
        "A 0 stands only where records say that the whole country was read."
    )
    key = "".join(
        f'<span><span class="key {look}">{sign}</span>{words}</span> '
        for look, sign, words in (
            ("read", "12", "read throughout, events"), ("zero", "0", "read throughout, none"), ("part", "12", "read in part: events found, no zero"),
            ("unread", "·", "not recorded as read"),
        )
    )  # fmt: skip
    return said + f'<p class="faint">{key}</p>' + "\n".join(_matrix(one) for one in found.matrices)


def _matrix(one: Matrix) -> str:
    unit = one.periods.unit
    caption = f"Events by country and {'week (Saturday to Friday; the first day is named)' if unit == 'week' else unit}"
    heads = "".join(f'<th scope="col">{one.periods.name(start)}</th>' for start in one.periods.starts)
    lines = []
    for country, cells in one.rows:
        shown_cells = []
        for state, n in cells:
            look = "zero" if state == READ and not n else state
            sign = "·" if n is None else f"{n:,}"
            shown_cells.append(f'<td class="{look}" title="{_WORDS[state]}">{sign}</td>')
        lines.append(f'<tr><th scope="row">{named(country)}</th>{"".join(shown_cells)}</tr>')
    more = (
        paragraph(f"and {many(one.further, 'further country', 'further countries')}; the table coverage of the release has all.", "faint")
        if one.further
        else ""
    )
    body = f'<table class="weeks"><caption>{caption}</caption><thead><tr><th scope="col">Country</th>{heads}</tr></thead><tbody>\n' + "\n".join(lines)
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}">\n{body}\n</tbody></table>\n</div>{more}'


def changes(found: Changed | None, previous: str | None, first: bool) -> str:
    """What changed since the version before."""
    if found is None:
        return ""
    if first:
        return paragraph("This is the first version.")
    counted = [(op.replace("_", " "), n) for op, n in found.counts.items() if n]
    parts = [
        paragraph(
            f"Against {previous}. CHANGES.md tells more, the table changes has every change; {previous} and these changes give this version exactly."
        )
    ]
    parts.append(table("Events by what happened to them", ("What", "Events"), counted) or paragraph("No event changed."))
    if found.deaths:
        parts.append(paragraph(f"Revisions change the people reported killed by {found.deaths:+,}."))
    for one in found.notable:
        kept = [at for at in range(4) if any(row[at] for row in one.rows)]  # what was retracted has no value now
        rows = [tuple(row[at] for at in kept) for row in one.rows]
        label = f"{one.what}: {many(one.events, 'event')}" + (f", {len(rows)} of them here" if one.events > len(rows) else "")
        parts.append(table(label, [("Event", "Before", "Now", "Reason")[at] for at in kept], rows))
    return "\n".join(parts)


def checks(document: Mapping[str, Any] | None, *, of_all: bool = False) -> str:
    """What was checked before the release, out of validation.json. Says so where there is no such document, and that it is `of_all` events."""
    if not document or "counts" not in document:
        return paragraph("What was checked is not told here.")
    counts = document["counts"]
    valid = bool(document.get("valid"))
    verdict = "Passed: no errors" if valid else f"Failed: {many(counts.get('error', 0), 'error')}"
    looked = sum(len(document.get(group) or []) for group in ("rules", "keyed", "references", "column_checks"))
    expectations = document.get("great_expectations") or {}
    told = f"{verdict}, {many(counts.get('warning', 0), 'warning')}. {looked:,} checks of rows, keys and references"
    told += f", {expectations['evaluated']:,} expectations ({expectations['failed']:,} not met)." if expectations else "."
    remaining = [(r["code"], r["severity"], r["problems"], r["example"]) for r in document.get("remaining") or []]
    thresholds = sorted(document.get("thresholds") or [], key=lambda t: (_VERDICTS.get(t["verdict"], 4), t["id"]))
    rows = [(t["id"], t.get("value"), t.get("min"), t.get("max"), t["verdict"], t.get("why")) for t in thresholds]
    heads = ("Threshold", "Measured", "Minimum", "Maximum", "Verdict", "Why")
    beyond = [row for row in rows if row[4] in ("fails", "warns")]
    return "\n".join(
        [
            f'<p class="verdict">{shown(told)}</p>',
            paragraph("These figures are of the whole version, not of the events on this page.") if of_all else "",
            table("What remains, worst first", ("Code", "Severity", "Problems", "For example"), remaining)
            or paragraph("Nothing remains: every check holds."),
            table("Thresholds that are not kept", heads, beyond),
            folded(f"Table: all {len(rows)} thresholds of the dataset", table("Thresholds of the dataset", heads, rows)),
            paragraph("validation.html has every check with what it found."),
        ]
    )
