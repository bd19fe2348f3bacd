"""Agreement as text for the terminal and as rows for a spreadsheet. Floor 5."""

from __future__ import annotations

from collections.abc import Iterator

from eventcoder.agreement.choosing import Chosen
from eventcoder.agreement.coefficients import NO_CATEGORY, UNVARIED
from eventcoder.agreement.columns import FieldAgreement
from eventcoder.agreement.fields import unit_apart
from eventcoder.agreement.measuring import Agreement, Plan
from eventcoder.agreement.sampling import LEVEL, Figure
from eventcoder.agreement.table import TableAgreement

HEAD = ("field", "metric", "units", "alpha", f"{LEVEL:.0%} interval", "other way", "agree", "Cohen", "Fleiss", "")
CSV_HEAD = (
    "by", "part", "column", "metric", "absent", "units", "one_empty", "all_empty", "statistic", "value", "low", "high", "reason",
)  # fmt: skip
NAMED = 8  # coders of a table that are named
_OTHER_WAY = "other way: alpha with empty cells taken the other way (as a value instead of missing, or the reverse)."


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}" if value < 0.9995 or value == 1 else f"{value:.4f}"


def interval(figure: Figure) -> str:
    return "-" if figure.low is None or figure.high is None else f"{number(figure.low)} to {number(figure.high)}"


def rows(fields: tuple[FieldAgreement, ...]) -> list[list[str]]:
    """The cells of `HEAD` for each field."""
    return [
        [
            one.column, one.metric, f"{one.units:,}", number(one.alpha.value), interval(one.alpha), number(one.otherwise.value),
            "-" if one.share.value is None else f"{one.share.value:.1%}", number(one.cohen.value), number(one.fleiss.value), _remark(one),
        ]
        for one in fields
    ]  # fmt: skip


def _remark(one: FieldAgreement) -> str:
    told = [f"below {one.level:g}"] if one.below else []
    if one.apart:
        told.append(f"{one.apart:.3g}{unit_apart(one.metric, one.column)} apart on average")
    if one.only and one.units > 1:
        told.append(f"all are {one.only}")
    return "; ".join(told)


def given(fields: tuple[FieldAgreement, ...]) -> tuple[FieldAgreement, ...]:
    """The fields that any unit was given by two coders."""
    return tuple(one for one in fields if one.units)


def notes(fields: tuple[FieldAgreement, ...]) -> Iterator[str]:
    """What the table of figures needs to be understood, and why figures are missing."""
    if any(one.otherwise.value is not None for one in fields):
        yield _OTHER_WAY
    if any(one.alpha.reason.endswith(UNVARIED) for one in fields):
        yield f"no alpha where all values are the same: {UNVARIED}."
    why: dict[str, list[str]] = {}
    for one in fields:
        if not one.units:
            why.setdefault("no event was given a value by two coders", []).append(one.column)
        elif one.alpha.reason:
            if not one.alpha.reason.endswith(UNVARIED):
                why.setdefault(f"no alpha, {one.alpha.reason}", []).append(one.column)
        else:
            for figure, name in ((one.cohen, "Cohen's"), (one.fleiss, "Fleiss'")):
                if figure.reason and not figure.reason.startswith(NO_CATEGORY):
                    why.setdefault(f"no {name} kappa, {figure.reason}", []).append(one.column)
        if one.alpha.unsure:
            why.setdefault(f"no interval, {one.alpha.unsure}", []).append(one.column)
    for reason, names in why.items():
        yield f"{reason}: {', '.join(dict.fromkeys(names))}" if len(fields) > 1 else reason


def heading(found: Agreement, chosen: Chosen, plan: Plan) -> Iterator[str]:
    """What was compared and how, before the figures."""
    yield f"{found.documents:,} documents coded by several, {found.codings:,} codings, {len(found.coders)} coders"
    left = [
        (chosen.alone, "document{} coded by one person alone"),
        (chosen.planted, "coding{} with a planted draft"),
        (chosen.apart, "coding{} by coders in training"),
        (chosen.bereft, "coding{} that had only those to be compared with"),
    ]
    if told := [f"{n:,} {what.format('' if n == 1 else 's')}" for n, what in left if n]:
        yield f"left out: {', '.join(told)}"
    yield f"one event: same document, at most {plan.window} apart, matched one to one (--window-days, --window-km)"
    if plan.samples:
        yield f"intervals: {LEVEL:.0%}, from {plan.samples} samples of documents, fixed seed"


def finding(found: Agreement) -> Iterator[str]:
    f1, any_event = found.f1, found.any_event
    about = f"{found.events:,} events, {found.shared:,} of them found by several"
    yield f"event finding   F1 {number(f1.value)} ({interval(f1)}); {about}" if f1.value is not None else f"event finding   no F1: {f1.reason}"
    told = f"alpha {number(any_event.value)} ({interval(any_event)})" if any_event.value is not None else f"no alpha: {any_event.reason}"
    alike = f"; {found.any_share.value:.1%} agree" if found.any_share.value is not None else ""
    yield f"any event?      {told}{alike}; {found.both_empty:,} documents in which nobody found one"
    if any_event.unsure:
        yield f"                no interval: {any_event.unsure}"


def table_heading(found: TableAgreement) -> str:
    named = ", ".join(found.coders[:NAMED]) + (f" and {len(found.coders) - NAMED} more" if len(found.coders) > NAMED else "")
    return f"{found.name}: {found.units:,} units, {len(found.coders)} coders ({named})"


def csv_rows(found: Agreement, by: str = "", part: str = "") -> Iterator[list[object]]:
    """Rows of `CSV_HEAD`, the whole first, then its parts."""
    for name, figure, units in (
        ("f1", found.f1, found.events),
        ("any_event_alpha", found.any_event, found.documents),
        ("any_event_agreement", found.any_share, found.documents),
    ):
        yield [by, part, "", "", "", units, "", "", name, figure.value, figure.low, figure.high, figure.reason]
    for one in found.fields:
        yield from field_rows(one, by, part)
    for by_name, parts in found.parts.items():
        for part_name, inner in parts.items():
            yield from csv_rows(inner, by_name, part_name)


def field_rows(one: FieldAgreement, by: str = "", part: str = "") -> Iterator[list[object]]:
    figures = {
        "alpha": one.alpha, "alpha_otherwise": one.otherwise, "percent_agreement": one.share, "cohens_kappa": one.cohen, "fleiss_kappa": one.fleiss,
    }  # fmt: skip
    for name, figure in figures.items():
        about = [by, part, one.column, one.metric, one.absent, one.units, one.one_empty, one.all_empty]
        yield [*about, name, figure.value, figure.low, figure.high, figure.reason]
