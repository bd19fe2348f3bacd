"""The pages that people read beside the data: citation, licence, what changed. Floor 6."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from eventcoder.changelog import BEGINNINGS, ENDINGS, SCHEMA_OPS, counts, schema_change
from eventcoder.project import Settings
from eventcoder.releases.package import LICENCES

LISTED = 200  # events that CHANGES.md names a group; changes.csv has all
_BOOKKEEPING = {"timestamp", "revision", "last_changed", "n_reports", "n_publishers"}


def citation(settings: Settings, version: str, created: str) -> str:
    """How to cite this version, in one line."""
    authors = "; ".join(settings.authors) or settings.title
    url = f" {settings.url}" if settings.url else ""
    return f"{authors} ({created[:4]}): {settings.title}, version {version}.{url}"


def citation_file(settings: Settings, version: str, created: str) -> str:
    """CITATION.cff (format 1.2.0). Every text is written as a JSON string, which YAML reads as it is."""
    lines = [
        "cff-version: 1.2.0",
        'message: "If you use these data, cite this version of them."',
        "type: dataset",
        f"title: {_text(settings.title)}",
        f"version: {_text(version)}",
        f"date-released: {_text(created[:10])}",
        f"license: {_text(settings.licence)}",
    ]
    if settings.url:
        lines.append(f"url: {_text(settings.url)}")
    lines.append("authors:")
    for author in settings.authors or (settings.title,):
        family, comma, given = author.partition(",")
        if comma and given.strip():
            lines += [f"  - family-names: {_text(family.strip())}", f"    given-names: {_text(given.strip())}"]
        else:
            lines.append(f"  - name: {_text(author)}")
    return "\n".join(lines) + "\n"


def licence_text(settings: Settings) -> str:
    """A short statement of the data's licence; the full text stands where it is published."""
    where = LICENCES.get(settings.licence)
    full = f"Its full text: {where}\n" if where else "Ask the authors for its full text if you do not know it.\n"
    return (
        f"{settings.title}\n\nThe data in this folder are made available under the licence {settings.licence}.\n{full}\n"
        "It covers the events, their coding and the tables around them. Short quotes in evidence.* stay the property of the publishers named\n"
        "with them and are shown as evidence only. The data come without warranty: they report what sources said, which may be wrong.\n"
    )


def changes_page(changes: pa.Table, version: str, previous: str | None, notes: str, labels: Mapping[str, str]) -> str:
    """CHANGES.md: what is different from the previous version, for people. `labels` gives a short description of each event named."""
    lines = [f"# Changes in {version}", ""]
    lines += [notes.strip(), ""] if notes.strip() else []
    found = counts(changes)
    if previous is None:
        lines += [f"First version: {found['added']} events.", ""]
        return "\n".join(lines)
    lines += [f"Compared with {previous}. `changes.csv` has every change; {previous} and these changes give {version} exactly.", ""]
    lines += ["| what | how many |", "|---|---|", *(f"| {op} | {n} |" for op, n in found.items()), ""]
    rows = changes.to_pylist()
    schema = [r for r in rows if r["op"] in SCHEMA_OPS]
    if schema:
        lines += ["## Columns and codes", *(f"- {r['op'].replace('_', ' ')}: {_plain(schema_change(r))}" for r in schema), ""]
    for op in (*BEGINNINGS, *ENDINGS):
        lines += _section(op.capitalize(), [_event_line(r, labels) for r in rows if r["op"] == op])
    revised = [r for r in rows if r["op"] == "revised" and r["table"] == "events" and r["field"] not in _BOOKKEEPING]
    lines += _section("Revised", [f"- `{r['event_id']}` {r['field']}: {_short(r['old'])} → {_short(r['new'])}{_because(r)}" for r in revised])
    for op in ("attached", "detached"):
        lines += _section(f"Reports {op}", [_event_line(r, labels) for r in rows if r["op"] == op])
    return "\n".join(lines)


def _section(title: str, items: list[str]) -> list[str]:
    if not items:
        return []
    more = [f"- and {len(items) - LISTED} more"] if len(items) > LISTED else []
    return [f"## {title}", "", *items[:LISTED], *more, ""]


def _event_line(row: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    label = labels.get(row["event_id"] or "", "")
    into = f" → `{row['merged_into']}`" if row["merged_into"] else ""
    origin = f" (out of `{row['split_from']}`)" if row["split_from"] else ""
    return f"- `{row['event_id']}`{into}{origin}{' ' + label if label else ''}{_because(row)}"


def _because(row: Mapping[str, Any]) -> str:
    return f" ({_plain(row['reason'])})" if row["reason"] else ""


def _short(text: str | None) -> str:
    plain = _plain(text or "null")
    return plain if len(plain) <= 80 else plain[:79] + "…"


def _plain(text: str) -> str:
    """One line without characters that would be markup."""
    return " ".join(text.split()).replace("`", "'").replace("|", "¦").replace("<", "‹").replace(">", "›")


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
