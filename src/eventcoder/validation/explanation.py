"""What a problem's code means and how to mend it: `eventcoder explain CODE`. Floor 4.

Rules, keyed checks and thresholds explain themselves from the codebook. Codes of the software itself (structure of files, ledger, releases)
stand in `schema/problems.csv`: `code,area,meaning,remedy`, shipped with the package, so that a project with its own codebook has them too.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from eventcoder.errors import InputError, NotFound
from eventcoder.project import packaged_schema

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook
    from eventcoder.codebook.rules import Keyed, Rule

PROBLEMS_FILE = "problems.csv"
_SEVERITY = {
    "error": "error: the event stays open, and a release stops",
    "warning": "warning: it is told and published with the release, and stops nothing",
    "info": "info: told, no more",
}


_BOUNDS = (
    "'eventcoder checks list --ledger' shows what is measured. Mend the rows; or change the bound in schema/checks.toml with its reason"
    " ('eventcoder checks suggest' proposes one); or let a warning stand for a time with 'eventcoder checks accept'."
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What there is to say of one code: where it belongs, in words, and named facts in their order."""

    code: str
    kind: str
    facts: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """Some lines for people, without a newline at the end."""
        return "\n".join([f"{self.code}: {self.kind}.", *(f"  {name}: {' '.join(text.split())}" for name, text in self.facts)])

    @property
    def line(self) -> str:
        """The code and the first fact, on one line."""
        return f"{self.code}: {' '.join(self.facts[0][1].split())}"

    def as_json(self) -> dict[str, str]:
        """`code`, `kind`, and each fact under its name in lower case with underscores."""
        return {"code": self.code, "kind": self.kind} | {name.lower().replace(" ", "_"): text for name, text in self.facts}


def explain(code: str, codebook: Codebook) -> str:
    """What the problem `code` means, where it comes from and how to mend it, as plain text. Raises `NotFound` naming the nearest code."""
    return explained(code, codebook).text


def explained(code: str, codebook: Codebook) -> Explanation:
    """The same in parts. Raises `NotFound` naming the nearest code."""
    found = next((one for one in _of_codebook(codebook, code)), None)
    if found is not None:
        return found
    known = problem_codes()
    if code in known:
        return _own(code, known[code])
    from eventcoder.codebook.suggestion import did_you_mean

    hint = did_you_mean(code, all_codes(codebook))
    raise NotFound(f"There is no problem code '{code}'.", hint or "'eventcoder explain --all' lists them.")


def explain_all(codebook: Codebook) -> list[Explanation]:
    """Every code that can be explained, by kind, then by name."""
    found = {code: _own(code, row) for code, row in problem_codes().items()} | {one.code: one for one in _of_codebook(codebook)}
    return sorted(found.values(), key=lambda one: (one.kind, one.code))


def _own(code: str, row: tuple[str, str, str]) -> Explanation:
    area, meaning, remedy = row
    return Explanation(code, area, (("Meaning", meaning), ("What to do", remedy)))


def _of_codebook(codebook: Codebook, code: str | None = None) -> Iterator[Explanation]:
    """Rules, keyed checks and thresholds: all, or the one that is called `code`."""
    for rule in codebook.rules:
        if code in (None, rule.id):
            yield _rule(rule)
    for keyed in codebook.keyed:
        if code in (None, keyed.id):
            yield _keyed(keyed)
    for threshold in codebook.expectations:
        if code in (None, threshold["id"]):
            bounds = [f"{name} {threshold[name]}" for name in ("min", "max") if name in threshold]
            measured = ", ".join([f"{threshold.get('kind', '')} {threshold.get('column', '')}".strip(), *bounds])
            kind = "a threshold of the whole dataset: below min fails, above max warns"
            yield Explanation(str(threshold["id"]), kind, (("Why", str(threshold["why"])), ("Measured", measured), ("What to do", _BOUNDS)))


def all_codes(codebook: Codebook) -> list[str]:
    """Every code that can be explained, sorted: rules, keyed checks, thresholds, and the software's own."""
    own = [rule.id for rule in codebook.rules] + [keyed.id for keyed in codebook.keyed] + [str(e["id"]) for e in codebook.expectations]
    return sorted({*own, *problem_codes()})


@cache
def problem_codes() -> dict[str, tuple[str, str, str]]:
    """code -> (area, meaning, remedy) of the software's own codes. Raises `InputError` where the table is absent or broken."""
    path = packaged_schema() / PROBLEMS_FILE
    try:
        with path.open(encoding="utf-8", newline="") as file:
            found = {row["code"]: (row["area"], row["meaning"], row["remedy"]) for row in csv.DictReader(file, strict=True)}
    except (OSError, KeyError, csv.Error) as error:
        raise InputError(f"{path} cannot be read: {error}.", "Install eventcoder again.") from None
    if short := [code for code, cells in found.items() if not all(cells)]:
        raise InputError(f"{path}: the row of '{short[0]}' lacks a cell.", "Install eventcoder again.")
    return found


def _rule(rule: Rule) -> Explanation:
    facts = [("Message", rule.message)]
    if rule.applies:
        facts.append(("Applies where", rule.applies))
    facts += [("Must hold", rule.expect), ("Columns", ", ".join(rule.fields)), ("Source", rule.source)]
    return Explanation(rule.id, f"a rule of the codebook ({_SEVERITY[rule.severity]})", tuple(facts))


def _keyed(keyed: Keyed) -> Explanation:
    facts = [("Message", keyed.message), ("At most one row with the same", ", ".join(keyed.key))]
    if keyed.where:
        facts.append(("Among rows where", keyed.where))
    return Explanation(keyed.id, f"a check over several rows ({_SEVERITY[keyed.severity]})", (*facts, ("Source", keyed.source)))
