"""What a problem's code means and how to mend it: `eventcoder explain CODE`. Floor 4.

Rules, keyed checks and thresholds explain themselves from the codebook. Codes of the software itself (structure of files, ledger, releases)
stand in `schema/problems.csv`: `code,area,meaning,remedy`, shipped with the package, so that a project with its own codebook has them too.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
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


def explain(code: str, codebook: Codebook) -> str:
    """What the problem `code` means, where it comes from and how to mend it, as plain text. Raises `NotFound` naming the nearest code."""
    for rule in codebook.rules:
        if rule.id == code:
            return _rule(rule)
    for keyed in codebook.keyed:
        if keyed.id == code:
            return _keyed(keyed)
    for threshold in codebook.expectations:
        if threshold["id"] == code:
            bounds = [f"{name} {threshold[name]}" for name in ("min", "max") if name in threshold]
            measured = ", ".join([f"{threshold.get('kind', '')} {threshold.get('column', '')}".strip(), *bounds])
            kind = "a threshold of the whole dataset: below min fails, above max warns"
            return _lines(code, kind, [("Measured", measured), ("Why", threshold["why"])])
    known = problem_codes()
    if code in known:
        area, meaning, remedy = known[code]
        return _lines(code, area, [("Meaning", meaning), ("What to do", remedy)])
    from eventcoder.codebook.suggestion import did_you_mean

    raise NotFound(f"There is no problem code '{code}'.", did_you_mean(code, all_codes(codebook)))


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
            return {row["code"]: (row["area"], row["meaning"], row["remedy"]) for row in csv.DictReader(file, strict=True)}
    except (OSError, KeyError, csv.Error) as error:
        raise InputError(f"{path} cannot be read: {error}.", "Install eventcoder again.") from None


def _rule(rule: Rule) -> str:
    facts = [("Message", rule.message)]
    if rule.applies:
        facts.append(("Applies where", rule.applies))
    facts += [("Must hold", rule.expect), ("Columns", ", ".join(rule.fields)), ("Source", rule.source)]
    return _lines(rule.id, f"a rule of the codebook ({_SEVERITY[rule.severity]})", facts)


def _keyed(keyed: Keyed) -> str:
    facts = [("Message", keyed.message), ("At most one row with the same", ", ".join(keyed.key))]
    if keyed.where:
        facts.append(("Among rows where", keyed.where))
    return _lines(keyed.id, f"a check over several rows ({_SEVERITY[keyed.severity]})", [*facts, ("Source", keyed.source)])


def _lines(code: str, kind: str, facts: Iterable[tuple[str, str]]) -> str:
    return "\n".join([f"{code}: {kind}.", *(f"  {name}: {' '.join(text.split())}" for name, text in facts)])
