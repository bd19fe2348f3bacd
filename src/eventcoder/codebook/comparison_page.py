"""A comparison of two codebooks for people: as text for a terminal, as Markdown for a pull request. Floor 1."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eventcoder.codebook.change import KINDS, MEANINGS
from eventcoder.codebook.comparing import Comparison

_MARKUP = re.compile(r"([\\`*_{}\[\]<>|#@~])")
_LONGEST = 300  # characters of one line: a definition in full stands in the files


def comparison_text(found: Comparison) -> str:
    """Grouped by kind, worst first; the problems last, each with what to do."""
    lines = [_title(found)]
    for kind in KINDS:
        changes = found.of(kind)
        if changes:
            lines += ["", f"{kind} ({len(changes)}): {MEANINGS[kind]}"]
            lines += [f"  {c.what:<22} {_cut(c.sentence)}" for c in changes]
    problems = found.problems()
    if problems:
        lines.append("")
        lines += [f"{p.severity}: {p.message} [{p.code}]" for p in problems]
    return "\n".join(lines)


def comparison_markdown(found: Comparison) -> str:
    """The same as Markdown; texts of the codebook cannot become markup, links or mentions in it."""
    return "\n".join(_markdown(found)) + "\n"


def _markdown(found: Comparison) -> Iterator[str]:
    yield f"## Codebook {_plain(found.old.version)} → {_plain(found.new.version)}"
    yield ""
    yield f"{_plain(_demand(found))}"
    for problem in found.problems():
        yield ""
        yield f"> **{problem.severity}** {_plain(_cut(problem.message))} (`{problem.code}`)"
    for kind in KINDS:
        changes = found.of(kind)
        if changes:
            yield ""
            yield f"### {kind.capitalize()} ({len(changes)})"
            yield f"{MEANINGS[kind].capitalize()}."
            yield ""
            yield from (f"- {_plain(_cut(c.sentence))}" for c in changes)


def _title(found: Comparison) -> str:
    if not found.changes and found.declared == "none":
        return f"{found.new.id} {found.new.version}: no difference."
    return f"{found.old.id} {found.old.version} -> {found.new.id} {found.new.version}: {_demand(found)}"


def _demand(found: Comparison) -> str:
    number = len(found.changes)
    if not number:
        return f"no difference in what it says; the version is a {found.declared} step."
    step = {"none": "the version did not change", "backwards": "the version went back"}.get(found.declared, f"the version is a {found.declared} step")
    return f"{number} change{'s'[: number != 1]}, which demand at least a {found.required} step; {step}."


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)
