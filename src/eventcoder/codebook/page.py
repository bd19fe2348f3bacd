"""The codebook in words: one code for the terminal (`definition`), the whole as CODEBOOK.md for a release (`codebook_markdown`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from textwrap import wrap

from eventcoder.codebook.columns import Column
from eventcoder.codebook.lists import REQUIRED, CodeList
from eventcoder.codebook.rules import range_text
from eventcoder.codebook.schema import Codebook
from eventcoder.codebook.suggestion import did_you_mean
from eventcoder.errors import NotFound
from eventcoder.problem import SEVERITIES

WIDTH = 100  # characters of a line on the terminal
_SPACES = re.compile(r"\s+")
_SPECIAL = re.compile(r"([\\`*\[\]<>|~]|\b_\B|\B_\b|(?<!\w)_(?!\w))")  # what Markdown takes for a sign of its own; inside a word '_' is none
_ENTERED = {
    "coder": "the coder gives it",
    "default": "filled in when absent; the coder may say otherwise",
    "derived": "computed, never given",
    "system": "kept by the ledger",
}
_SEVERITY = {
    "error": "Errors: the event cannot be settled",
    "warning": "Warnings: the event is settled; the warning is published with the release",
    "info": "Hints",
}


def definition(codebook: Codebook, list_name: str, code: str) -> str:
    """What a code means, as plain text of a few lines that ends with a line break. `code` may be an old spelling or of another case.

    Raises `NotFound` naming the nearest for an unknown list or code.
    """
    codes = codebook.lists.get(list_name)
    if codes is None:
        raise NotFound(f"There is no list '{list_name}'.", did_you_mean(list_name, codebook.lists))
    found = codes.canonical(code)
    row = codes.get(found) if found is not None else None
    if row is None:
        raise NotFound(f"'{code}' is not a code of the list {list_name}.", did_you_mean(code, codes.codes))
    head = row["code"] if row["label"] in ("", row["code"]) else f"{row['code']}: {row['label']}"
    lines = [f"{head} ({list_name})"]
    lines += wrap(row["definition"], WIDTH, initial_indent="  ", subsequent_indent="  ")
    for title, text in _told(codebook, codes, row):
        lines += wrap(f"{title}: {text}", WIDTH, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines) + "\n"


def _told(codebook: Codebook, codes: CodeList, row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What stands in a code's row beside code, label and definition, each with its title; empty cells are passed over."""
    own = (name for name in codes.header if name not in REQUIRED and not name.endswith("_basis"))
    names = ("includes", "excludes", "parent", *own, "rank", "since", "until", "legacy")
    titles = {"until": "not used after", "legacy": "old spellings"}
    for name in names:
        text = row[name]
        stem = name.removesuffix("_min").removesuffix("_max")
        if not text or (name == f"{stem}_max" and row.get(f"{stem}_min")):
            continue  # nothing said, or said with its minimum
        if name == f"{stem}_min" and (most := row.get(f"{stem}_max")):
            yield stem.replace("_", " "), f"{text} to {most}"
            continue
        if name == "legal_interactions":
            text = "; ".join(_interactions(codebook, text))
        elif name not in ("includes", "excludes"):
            text = "; ".join(part.strip() for part in text.split("|"))
        yield titles.get(name, name.replace("_", " ")), text


def _interactions(codebook: Codebook, numbers: str) -> list[str]:
    """The labels of interactions given by their numbers (11 is state forces on both sides); a number without a label stays."""
    known = codebook.lists.get("interactions")
    if known is None or "number" not in known.attributes:
        return numbers.split()
    labels = dict(zip(known.column("number"), known.codes, strict=True))
    return [labels.get(number, number) for number in numbers.split()]


def codebook_markdown(codebook: Codebook) -> str:
    """The whole codebook as one Markdown page: columns, rules by severity, checks over many rows, lists, what no machine can check, history.

    The same codebook always gives the same text (no clock, no path).
    """
    parts = [*_opening(codebook), *_columns(codebook), *_rules(codebook), *_checks(codebook), *_lists(codebook), *_closing(codebook)]
    return "\n\n".join(parts) + "\n"


def _opening(codebook: Codebook) -> Iterator[str]:
    yield f"# {_plain(codebook.title)}"
    yield f"Codebook `{codebook.id}`, version {codebook.version}. Licence: {_plain(codebook.licence)}. SHA-256 of its files: `{codebook.hash}`."
    if basis := codebook.about.get("basis"):
        yield _plain(str(basis))
    counts = f"{len(codebook.columns)} columns, {len(codebook.lists)} lists of codes, {len(codebook.rules)} rules"
    yield f"This page is made from the codebook's files: {counts}, {len(codebook.keyed)} checks over several rows."
    yield (
        "- [Columns](#columns)\n- [Rules](#rules)\n- [Checks over many rows](#checks-over-many-rows)\n- [Lists of codes](#lists-of-codes)\n"
        "- [What no machine checks](#what-no-machine-checks)\n- [History](#history)"
    )


def _columns(codebook: Codebook) -> Iterator[str]:
    yield "## Columns"
    yield "In the order of the files. *Required* means that an event cannot be settled without it. Lists are separated by `; ` in CSV files."
    rows = [[f"`{c.name}`", c.type, "yes" if c.required else "", _plain(c.label)] for c in codebook.columns]
    yield _table(("Column", "Type", "Required", "Label"), rows)
    for column in codebook.columns:
        yield f"### `{column.name}`"
        yield _plain(column.description) or "No description."
        yield "\n".join(f"- {line}" for line in _about_column(codebook, column))


def _about_column(codebook: Codebook, column: Column) -> Iterator[str]:
    required = "required" if column.required else "not required"
    yield f"{column.type}, {required}; {_ENTERED[column.entered]}"
    if column.unit:
        yield f"Unit: {_plain(column.unit)}"
    if column.list:
        yield f"Codes: [{column.list}](#{column.list.lower()}) ({len(codebook.lists[column.list])})"
    if column.min is not None or column.max is not None:
        yield f"Range: {range_text(column)}"
    if column.pattern:
        yield f"Form: {_code(column.pattern)}"


def _rules(codebook: Codebook) -> Iterator[str]:
    yield "## Rules"
    yield (
        "Each holds within one event. A rule is broken where its condition applies and what it expects is false; a missing value gives no verdict. "
        "Names in braces stand for the event's values."
    )
    for severity in SEVERITIES:
        rules = [rule for rule in codebook.rules if rule.severity == severity]
        if not rules:
            continue
        yield f"### {_SEVERITY[severity]}"
        for rule in rules:
            yield f"#### `{rule.id}`"
            yield _plain(rule.message)
            lines = [f"- Severity: {rule.severity}", f"- Columns: {', '.join(f'`{name}`' for name in rule.fields)}"]
            if rule.applies.strip():
                lines.append(f"- Where: {_code(rule.applies)}")
            lines += [f"- Expects: {_code(rule.expect)}", f"- Source: {_plain(rule.source)}"]
            yield "\n".join(lines)


def _checks(codebook: Codebook) -> Iterator[str]:
    yield "## Checks over many rows"
    if codebook.keyed:
        yield "No two events may share all values of a key (an error), or are shown as a pair to look at (a warning or a hint)."
        rows = [[f"`{k.id}`", k.severity, ", ".join(f"`{name}`" for name in k.key), _plain(k.message), _plain(k.source)] for k in codebook.keyed]
        yield _table(("Check", "Severity", "Key", "Message", "Source"), rows)
    if codebook.expectations:
        yield "Thresholds of the whole dataset: below the lowest value a release fails, above the highest it warns."
        shown = ("kind", "column", "of", "where", "min", "max")
        rows = []
        for item in codebook.expectations:
            what = ", ".join(f"{key} {_code(str(item[key])) if key in ('of', 'where', 'column') else item[key]}" for key in shown if key in item)
            rows.append([f"`{item['id']}`", what, _plain(str(item.get("why", "")))])
        yield _table(("Threshold", "What", "Why"), rows)


def _lists(codebook: Codebook) -> Iterator[str]:
    yield "## Lists of codes"
    for name in sorted(codebook.lists):
        codes = codebook.lists[name]
        users = [f"`{column.name}`" for column in codebook.columns if column.list == name]
        yield f"### {name}"
        yield f"{len(codes)} codes. " + (f"Used by {', '.join(users)}." if users else "No column takes its values from it.")
        filled = [attribute for attribute in codes.header if attribute not in REQUIRED[:5] and any(codes.column(attribute))]
        if any(codes.column("includes")) or any(codes.column("excludes")):
            for row in codes.rows:
                yield f"#### {_plain(row['code'])}"
                yield _plain(row["definition"]) or "No definition."
                yield "\n".join(f"- {title}: {_plain(text)}" for title, text in _told(codebook, codes, row)) or "- no further conditions"
        else:
            labelled = [] if all(row["label"] in ("", row["code"]) for row in codes.rows) else ["label"]
            shown = ["code", *labelled, "definition", *filled]
            yield _table([key.replace("_", " ") for key in shown], [[_plain(row[key]) for key in shown] for row in codes.rows])


def _closing(codebook: Codebook) -> Iterator[str]:
    yield "## What no machine checks"
    excused = [item for item in codebook.about.get("not_machine_checkable", ()) if isinstance(item, Mapping)]
    yield "\n".join(f"- {_plain(str(item.get('what', '')))}: {_plain(str(item.get('why', '')))}" for item in excused) or "Nothing is named."
    yield "## History"
    entries = [item for item in codebook.about.get("changelog", ()) if isinstance(item, Mapping)]
    lines = [f"- {item.get('version', '')} ({item.get('date', '')}): {_plain(str(item.get('changes', '')))}" for item in entries]
    yield "\n".join(lines) or "No changes are recorded."
    if credits := codebook.about.get("credits"):
        yield "\n".join(["Credits:", "", *(f"- {_plain(str(line))}" for line in credits)])


def _plain(text: str) -> str:
    """Text as one line in which Markdown sees no signs of its own."""
    return _SPECIAL.sub(r"\\\1", _SPACES.sub(" ", text).strip())


def _code(text: str) -> str:
    """Text as inline code, whatever backquotes it holds (more of them stand around it)."""
    line = _SPACES.sub(" ", text).strip()
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {line} {fence}" if longest else f"`{line}`"


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    cells = [list(header), *(list(row) for row in rows)]
    lines = ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in cells]
    lines.insert(1, "|" + " --- |" * len(cells[0]))
    return "\n".join(lines)


def _cell(text: str) -> str:
    """A cell: a '|' ends it even inside inline code, so every one that is not escaped yet is."""
    return re.sub(r"(?<!\\)((?:\\\\)*)\|", r"\1\\|", text)
