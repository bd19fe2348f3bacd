"""The pieces that a page is put together from: tables, bars in tables, figures, folded parts. Floor 5.

Every value goes through `shown`: signs that would act or hide are written out, what would be markup is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from eventcoder.validation.reports.sheet import shown

NAMELESS = "not given"


def named(code: str | None) -> str:
    """A code or name for a reader, ready for the page; the direction of its letters is kept to itself."""
    return f"<bdi>{shown(code)}</bdi>" if code else NAMELESS


def number(n: int) -> str:
    return f'<td class="number">{n:,}</td>'


def cell(value: Any) -> str:
    """A cell of a table: numbers to the right, days as they are written, nothing for None."""
    if isinstance(value, bool) or value is None:
        return f"<td>{'' if value is None else 'yes' if value else 'no'}</td>"
    if isinstance(value, int):
        return number(value)
    if isinstance(value, float):
        return f'<td class="number">{value:.4g}</td>'
    return f"<td>{value.isoformat() if isinstance(value, date) else named(str(value)) if value != '' else ''}</td>"


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], *, looks: Sequence[str] = ()) -> str:
    """A table whose first column heads its rows (texts are escaped here); nothing where there are no rows. Wide ones scroll by keyboard too."""
    lines = []
    rows = list(rows)
    for at, (first, *rest) in enumerate(rows):
        look = f' class="{looks[at]}"' if at < len(looks) and looks[at] else ""
        lines.append(f'<tr{look}><th scope="row">{named(str(first))}</th>{"".join(cell(v) for v in rest)}</tr>')
    numeric = [at > 0 and any(_counted(r[at]) for r in rows) and all(r[at] is None or _counted(r[at]) for r in rows) for at in range(len(heads))]
    return _framed(caption, heads, lines, numeric) if lines else ""


def _counted(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def barred(caption: str, heads: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> str:
    """A table with a bar for the second column, which is a number; its bar is beside it and as long as its share of the largest."""
    top = max((row[1] for row in rows), default=0) or 1
    lines = []
    for first, n, *rest in rows:
        drawn = f'<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width="{100 * n / top:.1f}" height="8"/></svg>'
        bar = f'<td class="bar">{drawn}</td>'
        lines.append(f'<tr><th scope="row">{named(first)}</th>{number(n)}{bar}{"".join(cell(v) for v in rest)}</tr>')
    # the bar's column has no name of its own: it shows what the cell before it says
    shown_heads = [*heads[:2], "", *heads[2:]]
    return _framed(caption, shown_heads, lines, [False, True, False, *(text != "Last event" for text in heads[2:])], "bars") if lines else ""


def _framed(caption: str, heads: Sequence[str], lines: Sequence[str], numeric: Sequence[bool], look: str = "plain") -> str:
    head = "".join(
        f'<th scope="col"{f" class={chr(34)}number{chr(34)}" if right else ""}>{shown(text)}</th>' if text else "<td></td>"
        for text, right in zip(heads, numeric, strict=True)
    )
    label = shown(caption)
    inner = (
        f'<table class="{look}">\n<caption>{label}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n' + "\n".join(lines) + "\n</tbody>\n</table>"
    )
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">\n{inner}\n</div>'


def figure(drawing: str, caption: str) -> str:
    """A drawing with the sentence that explains it."""
    return f"<figure>\n{drawing}\n<figcaption>{shown(caption)}</figcaption>\n</figure>" if drawing else ""


def folded(title: str, body: str) -> str:
    """A part that opens on demand, and is open on paper; nothing without a body."""
    return f"<details>\n<summary>{shown(title)}</summary>\n{body}\n</details>" if body else ""


def paragraph(text: str, look: str = "") -> str:
    """Plain words; nothing for no words."""
    return f"<p{f' class={chr(34)}{look}{chr(34)}' if look else ''}>{shown(text)}</p>" if text else ""


def facts(pairs: Iterable[tuple[str, str, str]]) -> str:
    """Name, figure, and a remark below it."""
    items = "".join(
        f"<div><dt>{shown(name)}</dt><dd>{shown(value)}{f'<small>{shown(remark)}</small>' if remark else ''}</dd></div>"
        for name, value, remark in pairs
    )
    return f'<dl class="facts">{items}</dl>'


def many(n: int, one: str, several: str = "") -> str:
    """`1 event`, `2,000 events`."""
    return f"{n:,} {one if n == 1 else several or one + 's'}"
