"""The parts of our HTML pages: one file that opens without a network, in print, in the dark, and read aloud. Floor 4.

Plain string templates; every value is made harmless and escaped. No script, no font, no image, no link that leads outside.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from eventcoder.validation.reports.harmless import harmless

_STYLE = """
:root { color-scheme: light dark; --line: #8886; --soft: #8881; --good: #1a7f37; --bad: #b42318; --warn: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --good: #4ac26b; --bad: #ff7b72; --warn: #d4a72c; } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 76rem; margin: 1.5rem auto; padding: 0 1rem; }
h1 { margin: .2rem 0 .8rem; } h2 { margin: 2rem 0 .4rem; } a { color: inherit; }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; padding: 0; margin: .5rem 0 1rem; }
.scroll { overflow-x: auto; margin: .5rem 0 1.5rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 600; padding: .4rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; min-width: 4rem; }
thead th { border-bottom: 2px solid var(--line); white-space: nowrap; }
tbody th { overflow-wrap: normal; min-width: min(16rem, 30vw); font-weight: 500; font-family: ui-monospace, monospace; font-size: .9em; }
tbody tr:nth-child(even) { background: var(--soft); }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.verdict { font-size: 1.3rem; font-weight: 600; border-left: .5rem solid; padding: .4rem .8rem; background: var(--soft); }
.good { border-color: var(--good); } .bad { border-color: var(--bad); } .fair { border-color: var(--warn); }
.word-error, .word-fails, .word-failed { color: var(--bad); font-weight: 600; }
[class^='word-'] { white-space: nowrap; }
.word-warning, .word-warns { color: var(--warn); font-weight: 600; }
details { margin: .6rem 0; border-bottom: 1px solid var(--line); } summary { cursor: pointer; font-weight: 600; padding: .3rem 0; }
:focus-visible { outline: 3px solid #4493f8; outline-offset: 2px; }
pre, code { font-family: ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
@media print {
  body { max-width: none; margin: 0; font-size: 9pt; } nav { display: none; } .scroll { overflow: visible; }
  details:not([open])::details-content { content-visibility: visible; display: block; height: auto; }
  thead { display: table-header-group; } tr { break-inside: avoid; }
}
"""
_WORDS = frozenset({"error", "warning", "info", "fails", "warns", "holds", "unmeasured", "failed"})


def whole_page(title: str, body: Iterable[str]) -> str:
    """A complete HTML document; empty parts of `body` are left out."""
    joined = "\n".join(part for part in body if part)
    name = shown(title)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{name}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{name}</h1>\n{joined}\n</main>\n</body>\n</html>\n"
    )


def shown(value: object) -> str:
    """A value as the page may hold it."""
    return escape(harmless(str(value), lines=True))


def cell(value: Any) -> str:
    """One cell: numbers to the right, verdicts in their colour and always in words too."""
    if value is None:
        return "<td></td>"
    if isinstance(value, bool):
        return f"<td>{'yes' if value else 'no'}</td>"
    if isinstance(value, int | float):
        return f'<td class="number">{value:,}</td>' if isinstance(value, int) else f'<td class="number">{value:.{4 if abs(value) < 1 else 7}g}</td>'
    if isinstance(value, list | tuple):
        value = ", ".join(f"{v:g}" if isinstance(v, float) else str(v) for v in value)
    text = shown(value)
    return f'<td class="word-{text}">{text}</td>' if text in _WORDS else f"<td>{text}</td>"


def table(caption: str, heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """A table whose first column heads its rows; nothing where there are no rows. Wide ones scroll, with the keyboard too."""
    lines = []
    for first, *rest in rows:
        lines.append(f'<tr><th scope="row">{shown(first)}</th>{"".join(cell(value) for value in rest)}</tr>')
    if not lines:
        return ""
    head = "".join(f'<th scope="col">{shown(text)}</th>' for text in heads)
    label = shown(caption)
    inner = f"<table>\n<caption>{label}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(lines) + "\n</tbody>\n</table>"
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">\n{inner}\n</div>'


def details(title: str, body: str) -> str:
    """A part that opens on demand; nothing without a body."""
    return f"<details>\n<summary>{shown(title)}</summary>\n{body}\n</details>" if body else ""


def section(name: str, title: str, body: str) -> str:
    """A part with a heading that `contents` can lead to; nothing without a body."""
    return f'<section aria-labelledby="{name}">\n<h2 id="{name}">{shown(title)}</h2>\n{body}\n</section>' if body else ""


def contents(parts: Iterable[tuple[str, str, str]]) -> list[str]:
    """The parts (name, title, body) that have a body, as sections, with a list of links to them before."""
    present = [(name, title, body) for name, title, body in parts if body]
    links = "".join(f'<li><a href="#{name}">{shown(title)}</a></li>' for name, title, _ in present)
    nav = f'<nav aria-label="Parts of this page"><ul>{links}</ul></nav>' if len(present) > 1 else ""
    return [nav, *(section(name, title, body) for name, title, body in present)]
