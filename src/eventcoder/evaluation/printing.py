"""An evaluation as text, for people. Floor 5."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from eventcoder.evaluation.figures import Evaluation, Miss
from eventcoder.evaluation.measures import COVERAGE, RESAMPLES, ClassScore
from eventcoder.evaluation.pairing import LEVELS, NONE

_WIDTH = 60  # characters of a quote in the table of errors


def as_text(found: Evaluation, *, errors: int = 10) -> str:
    """All figures, then the first `errors` errors, the gravest first."""
    parts = [
        [f"{found.documents} documents; [..-..] is the middle {COVERAGE:.0%} of {RESAMPLES} resamples of the documents"],
        ["", "Matching, one to one", *(f"  {line}" for line in found.windows)],
        ["", "Events", *_events(found)],
        ["", "Rows that must not be", *_never(found)],
        ["", "Fields, over gold events that a codable draft tells of (by windows, else by words)", *_fields(found)],
        ["", "Types", *class_lines(found.types)],
        [f"  weighted F1 {found.type_f1(weighted=True).as_text()}   macro F1 {found.type_f1(weighted=False).as_text()}"],
        ["", "Do the scores of types mean what they say?", *found.type_calibration.as_text()],
        ["", "Do the scores of rows? (right: the row is a gold event of that type)", *found.row_calibration.as_text()],
        ["", "Statuses (gold down, draft across)", *_confusion(found)],
        [f"  macro F1 {found.status_f1().as_text()}   of statements with a draft {found.status_f1(found=True).as_text()}"],
        [f"  accuracy {found.status_accuracy().as_text()}   of statements with a draft {found.status_accuracy(found=True).as_text()}"],
        ["", "Keystrokes from draft to gold", *_keys(found)],
        ["", *errors_text(found.misses, errors)],
    ]
    return "\n".join(line.rstrip() for part in parts for line in part).rstrip()


def errors_text(misses: Sequence[Miss], errors: int) -> Iterator[str]:
    """How many errors of each kind, then the first of them as a table."""
    if not misses:
        yield "No errors."
        return
    kinds = Counter(m.what for m in misses)
    yield "Errors: " + ", ".join(f"{n} {what}" for what, n in kinds.most_common())
    shown = list(misses[:errors])
    if shown:
        yield from _table([[m.document, m.statement, m.what, _short(m.wanted), _short(m.got), _short(m.quote)] for m in shown], _HEAD)
    if len(misses) > len(shown):
        yield f"... and {len(misses) - len(shown)} more; --errors N shows more, --errors-csv FILE writes all."


_HEAD = ["document", "id", "what", "wanted", "got", "quote"]


def _events(found: Evaluation) -> Iterator[str]:
    yield "           found missed invented doubled  precision         recall            F1"
    for level in LEVELS:
        numbers = [found.sums.count(f"{level}.{part}") for part in ("found", "missed", "invented", "doubled")]
        shares = [found.precision(level).as_text(), found.recall(level).as_text(), found.f1(level).as_text()]
        yield f"  {level:<8} {numbers[0]:>5} {numbers[1]:>6} {numbers[2]:>8} {numbers[3]:>7}  " + "  ".join(f"{s:<16}" for s in shares)
    yield f"  doubled: a second row of an event that is found. Counted as invented, lenient F1 would be {found.f1(doubles=True).as_text()}."


def _never(found: Evaluation) -> Iterator[str]:
    rows = found.never_rows
    named = ", ".join(f"{n} {name}" for name, n in rows.items())
    yield f"  {sum(rows.values())} ({named})"


def _fields(found: Evaluation) -> Iterator[str]:
    fields = found.fields
    if not fields:
        yield "  undefined (no gold event has a codable draft)"
    for name, figure in fields.items():
        yield f"  {name:<26} {figure.as_text():<20} {figure.right or 0:.0f}/{figure.total or 0:.0f}"
    for name in found.sums.names("unasked."):
        if number := found.sums.count(f"unasked.{name}"):
            yield f"  {name:<26} named {number} times where the gold names none"


def class_lines(rows: Sequence[ClassScore]) -> Iterator[str]:
    rows = [r for r in rows if r.name != NONE]
    if rows:
        yield "  " + f"{'':<36}gold drafted right  precision  recall  F1"
    for row in rows:
        shares = "  ".join(f"{_plain(v):>8}" for v in (row.precision, row.recall, row.f1))
        yield f"  {row.name:<36}{row.gold:>4} {row.drafted:>7} {row.right:>5}  {shares}"


def _confusion(found: Evaluation) -> Iterator[str]:
    pairs = found.sums.pairs("status")
    names = [n for n in ("codable", "lead", "background", "aggregate", "attribute", "speech_act", "hypothetical", NONE) if any(n in p for p in pairs)]
    if not pairs:
        yield "  undefined (the gold has no statement)"
        return
    yield "  " + f"{'':<13}" + "".join(f"{n[:10]:>11}" for n in names)
    for wanted in names:
        if wanted != NONE:
            yield f"  {wanted:<13}" + "".join(f"{pairs.get((wanted, got), 0) or '.':>11}" for got in names)
    stray = {name: found.sums.count(f"stray.{name}") for name in found.sums.names("stray.")}
    if stray:
        yield "  drafts on words that the gold says nothing about: " + ", ".join(f"{n} {name}" for name, n in stray.items())


def _keys(found: Evaluation) -> Iterator[str]:
    if not found.sums.names("keys."):
        yield "  not counted"
        return
    for end, told in (("", "without notes"), ("_note", "with notes (typed in 'add', drafted in 'review')")):
        review, blank = found.sums.count(f"keys.review{end}"), found.sums.count(f"keys.blank{end}")
        yield f"  {found.effort(note=bool(end)).as_text():<18} review {review}, blank add {blank}   {told}"


def _table(rows: Sequence[Sequence[str]], head: Sequence[str]) -> Iterator[str]:
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    for row in (head, *rows):
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _short(value: Any) -> str:
    text = " ".join(str("" if value is None else value).split())
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
