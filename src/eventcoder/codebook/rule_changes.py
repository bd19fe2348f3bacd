"""What changed in rules, keyed checks and thresholds between two codebooks. Floor 1.

Only an error can make an event invalid: what a warning or an information demands is additive, however strict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eventcoder.codebook.change import Change, Kind, quoted
from eventcoder.codebook.rules import Keyed, Rule
from eventcoder.codebook.schema import Codebook
from eventcoder.problem import SEVERITIES

_UNSAID = ("why", "message", "source", "id")


def rule_changes(old: Codebook, new: Codebook) -> Iterator[Change]:
    """Rules by their id, keyed checks likewise, then thresholds."""
    before, after = _all(old), _all(new)
    for name, rule in before.items():
        now = after.get(name)
        if now is None:
            yield Change("rule-removed", "additive", name, rule.severity, None, f"Rule {name} ({rule.severity}) is gone.")
        else:
            yield from _rule(name, rule, now)
    for name, rule in after.items():
        if name not in before:
            yield Change("rule-added", _weight(rule.severity), name, None, rule.severity, f"Rule {name} ({rule.severity}) is new.")
    yield from _thresholds({str(e["id"]): e for e in old.expectations}, {str(e["id"]): e for e in new.expectations})


def _all(codebook: Codebook) -> dict[str, Rule | Keyed]:
    both: list[Rule | Keyed] = [*codebook.rules, *codebook.keyed]
    return {rule.id: rule for rule in both}


def _weight(severity: str) -> Kind:
    return "narrowing" if severity == "error" else "additive"


def _condition(rule: Rule | Keyed) -> Any:
    """What the rule demands, whatever its spaces and capitals of keywords."""
    return (rule.applies_tree, rule.expect_tree) if isinstance(rule, Rule) else (rule.key, rule.where_tree, dict(rule.extra))


def _written(rule: Rule | Keyed) -> str:
    if isinstance(rule, Rule):
        return f"where {rule.applies}: {rule.expect}" if rule.applies else rule.expect
    return f"key {', '.join(rule.key)}" + (f" where {rule.where}" if rule.where else "")


def _rule(name: str, old: Rule | Keyed, new: Rule | Keyed) -> Iterator[Change]:
    if old.severity != new.severity:
        raised = SEVERITIES.index(new.severity) < SEVERITIES.index(old.severity)
        what, kind = ("rule-severity-raised", _weight(new.severity)) if raised else ("rule-severity-lowered", "additive")
        said = f"Rule {name} is {'an' if new.severity[0] in 'ei' else 'a'} {new.severity} now, it was {old.severity}."
        yield Change(what, "narrowing" if kind == "narrowing" else "additive", name, old.severity, new.severity, said)
    if _condition(old) != _condition(new):
        said = f"Rule {name} demands something else: {quoted(_written(new))}, it was {quoted(_written(old))}."
        yield Change("rule-condition-changed", _weight(new.severity), name, _written(old), _written(new), said)
    texts = [(getattr(r, "fields", ()), r.message, r.source) for r in (old, new)]
    if texts[0] != texts[1]:
        yield Change("rule-message-changed", "wording", name, old.message, new.message, f"Rule {name} is told in other words.")


def _thresholds(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> Iterator[Change]:
    for name, item in old.items():
        now = new.get(name)
        if now is None:
            yield Change("threshold-removed", "additive", name, _bounds(item), None, f"Threshold {name} is gone.")
            continue
        if _rest(item) != _rest(now):
            yield Change("threshold-changed", "narrowing", name, _bounds(item), _bounds(now), f"Threshold {name} measures something else.")
        elif _bounds(item) != _bounds(now):
            tighter = _least(now) > _least(item) or _most(now) < _most(item)
            what = "threshold-tightened" if tighter else "threshold-loosened"
            said = f"Threshold {name} is {_bounds(now)}, it was {_bounds(item)}."
            yield Change(what, "narrowing" if tighter else "additive", name, _bounds(item), _bounds(now), said)
        if item.get("why") != now.get("why"):
            yield Change("threshold-reason-changed", "wording", name, item.get("why"), now.get("why"), f"Threshold {name} gives another reason.")
    for name, item in new.items():
        if name not in old:
            yield Change("threshold-added", "narrowing", name, None, _bounds(item), f"Threshold {name} is new: {_bounds(item)}.")


def _bounds(item: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {item[key]}" for key in ("min", "max") if key in item) or "without bounds"


def _rest(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key not in ("min", "max", *_UNSAID)}


def _least(item: Mapping[str, Any]) -> float:
    return float(item["min"]) if isinstance(item.get("min"), (int, float)) else float("-inf")


def _most(item: Mapping[str, Any]) -> float:
    return float(item["max"]) if isinstance(item.get("max"), (int, float)) else float("inf")
