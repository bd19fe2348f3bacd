"""What the declared migrations make of one event: values that change, and values that wait for a person. Floor 5.

Each value counts under the codebook of the act that gave it, so what a coder said later under a newer codebook is never touched. Nothing is
guessed: where a value has several futures, or a column two values, the whole field waits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from eventcoder.codebook.closures import LATEST_TODAY, Closure, compile_closure
from eventcoder.codebook.coercion import coerce_cell
from eventcoder.codebook.migrations import Migration, Version, migrations_of, parse_version, row_scope
from eventcoder.ledger.fold import fold, in_order

if TYPE_CHECKING:
    from datetime import date

    from eventcoder.codebook import Codebook
    from eventcoder.ledger import Entry, Folded

Decisions = Mapping[tuple[str, str], str]  # (field, old value) -> what a person made of it


@dataclass(frozen=True, slots=True)
class Waiting:
    """A value that a person must decide: `choices` are what it may become (empty: not a matter of choice, `why` says what to do)."""

    field: str
    value: str
    choices: tuple[str, ...]
    why: str
    migration: Migration | None = None


@dataclass(slots=True)
class Plan:
    """What happens to one event: `values` as an act has them (None clears), the evidence that moves with a renamed column, and what waits.

    `applied` names each change once: the migration, the column, the value before and after (None: none).
    """

    values: dict[str, Any] = field(default_factory=dict)
    evidence: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    applied: list[tuple[Migration, str, str | None, str | None]] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)

    @property
    def reason(self) -> str:
        """What the act gives as its reason: `migration FROM -> TO: why`, several of one step together."""
        whys: dict[str, dict[str, None]] = {}
        for migration, *_ in self.applied:
            whys.setdefault(f"migration {migration.since} -> {migration.to}", {})[migration.why] = None
        return "; ".join(f"{step}: {' '.join(told)}" for step, told in whys.items())


class Planner:
    """Makes plans under one codebook. `today` is the day that `latest_today()` stands for in conditions."""

    def __init__(self, codebook: Codebook, today: date) -> None:
        self._codebook = codebook
        self.migrations = migrations_of(codebook)
        self._groups = [(to, list(group)) for to, group in groupby(self.migrations, key=lambda m: m.to)]
        self._where: dict[int, Closure] = {m.number: compile_closure(m.where_tree, codebook.lists) for m in self.migrations if m.where}
        self._blank: dict[str, Any] = {**dict.fromkeys(row_scope(codebook)), LATEST_TODAY: today.isoformat()}
        self._old: dict[str, set[str]] = defaultdict(set)
        self._whole: set[str] = set()
        self._alone = tuple(m for m in self.migrations if not m.columns)
        for migration in self.migrations:
            for column in migration.columns:
                self._old[column] |= migration.map.keys() | migration.decide.keys()
                if migration.rename or migration.drop:
                    self._whole.add(column)
        self._coded = {c.name: frozenset(codebook.lists[c.list].codes) for c in codebook.columns if c.list and c.type != "integer"}
        self._known = frozenset(codebook.names)

    def concerns(self, values: Mapping[str, Any]) -> bool:
        """Whether any migration may have something to say of these values: quick, and never false where it has."""
        for column, old in self._old.items():
            value = values.get(column)
            if value is not None and (column in self._whole or not old.isdisjoint(_items(value))):
                return True
        return any(values.get(name) != self._computed(name, values) for m in self._alone for name in m.recompute)

    def plan(self, event: Folded, acts: Sequence[Entry], decisions: Decisions | None = None) -> Plan:
        """What becomes of the event, with what a person has decided."""
        return _Walk(self, event, acts, decisions or {}).plan()

    def unaccounted(self, values: Mapping[str, Any], but: Iterable[str] = ()) -> list[Waiting]:
        """Values that the codebook does not have (any more) and of which no migration speaks: of fields that are not in `but`."""
        out: list[Waiting] = []
        left = set(but)
        for name, codes in self._coded.items():
            value = values.get(name)
            if value is None or name in left:
                continue
            for item in dict.fromkeys(_items(value)):
                if item not in codes:
                    code_list = self._codebook.lists[self._codebook.column(name).list]
                    near = code_list.canonical(item)
                    choices = tuple(dict.fromkeys([*([near] if near else []), *code_list.codes]))
                    why = f"is no code of the list {code_list.name}, and no migration says what becomes of it"
                    out.append(Waiting(name, item, choices, why))
        for name in sorted(values.keys() - self._known - left - {"event_id"}):
            why = "stands in a column that the codebook does not have: declare a [[migration]] that renames or drops it"
            out.append(Waiting(name, "; ".join(_items(values[name])), (), why))
        return out

    def holds(self, migration: Migration, values: Mapping[str, Any]) -> bool:
        closure = self._where.get(migration.number)
        return closure is None or closure({**self._blank, **values}) is True

    def typed(self, column: str, items: list[str], like: Any) -> Any:
        """Texts as the stored value of a column; a column of an earlier version keeps the shape that it had."""
        known = self._codebook.columns_by_name.get(column)
        given: Any = list(dict.fromkeys(items)) if isinstance(like, list) else items[0]
        if known is None or isinstance(like, list):
            return given
        value, problem = coerce_cell(self._codebook, known, given)
        return given if problem else value

    def choices(self, column: str, told: Iterable[str]) -> tuple[str, ...]:
        """What may be chosen: what the migrations name, else every code of the column's list."""
        named = tuple(dict.fromkeys(told))
        known = self._codebook.columns_by_name.get(column)
        return named or (tuple(self._codebook.lists[known.list].codes) if known is not None and known.list else ())

    def _computed(self, name: str, values: Mapping[str, Any]) -> Any:
        value = self._codebook.derivers[name]({**self._blank, **values})
        return int(value) if isinstance(value, float) and value.is_integer() else value


class _Walk:
    """One event on its way through the versions."""

    def __init__(self, planner: Planner, event: Folded, acts: Sequence[Entry], decisions: Decisions) -> None:
        self._planner = planner
        self._event = event
        self._decisions = decisions
        self._values = dict(event.values)
        self._versions = _versions(acts)
        self._origin = {name: name for name in event.values}  # name now -> name at first, for evidence
        self._held: set[str] = set()  # fields that wait
        self._out = Plan()

    def plan(self) -> Plan:
        for to, group in self._planner._groups:
            self._map(group)
            for migration in group:
                if migration.rename or migration.drop:
                    self._move(migration)
            self._recompute(group)
            now = {v: parse_version(to) for v in set(self._versions.values()) if v is not None and any(m.meant_for(v) for m in group)}
            self._versions = {name: now.get(v, v) if v is not None else None for name, v in self._versions.items()}
        before, after = self._event.values, self._values
        decided = {name for name, _ in self._decisions}  # to keep a value is a decision too, and is noted
        self._out.values = {n: after.get(n) for n in sorted(before.keys() | after.keys()) if before.get(n) != after.get(n) or n in decided}
        for name, old in self._origin.items():
            if name != old and name in after and self._event.evidence.get(old):
                self._out.evidence[name] = self._event.evidence[old]
        return self._out

    def _map(self, group: Sequence[Migration]) -> None:
        """All maps of one version at once: each looks at the values as they were before, and every column changes once."""
        before = self._values
        said: dict[str, list[Migration]] = defaultdict(list)
        for migration in group:
            for column in migration.columns:
                fits = (migration.map or migration.decide) and column in before and column not in self._held
                if fits and migration.meant_for(self._versions.get(column)) and self._planner.holds(migration, before):
                    said[column].append(migration)
        for column, migrations in said.items():
            self._column(column, before[column], migrations)

    def _column(self, column: str, value: Any, migrations: Sequence[Migration]) -> None:
        items: list[str] = []
        waiting: list[Waiting] = []
        applied: list[tuple[Migration, str, str | None, str | None]] = []
        for item in _items(value):
            hits = [m for m in migrations if item in m.map or item in m.decide]
            futures = {m.map[item] for m in hits if item in m.map}
            open_ = any(item in m.decide for m in hits) or len(futures) > 1
            if not hits:
                items.append(item)
            elif (column, item) in self._decisions:
                said = self._decisions[column, item]
                into = [part.strip() for part in said.split(";")] if isinstance(value, list) else [said]
                items += into
                applied.append((hits[0], column, item, "; ".join(into)))
            elif open_:
                told = [choice for m in hits for choice in ([m.map[item]] if item in m.map else m.decide[item])]
                if not any(w.value == item for w in waiting):
                    waiting.append(Waiting(column, item, self._planner.choices(column, told), hits[0].reason, hits[0]))
            else:
                (new,) = futures
                items.append(new)
                applied.append((hits[0], column, item, new))
        if waiting:
            self._held.add(column)
            self._out.waiting += waiting
        elif applied:
            self._values[column] = self._planner.typed(column, items, value)
            self._out.applied += applied

    def _move(self, migration: Migration) -> None:
        """Rename or drop a column."""
        (name,) = migration.columns
        if name not in self._values or name in self._held:
            return
        if not migration.meant_for(self._versions.get(name)) or not self._planner.holds(migration, self._values):
            return
        value, target = self._values[name], migration.rename
        told = "; ".join(_items(value))
        if target and self._values.get(target, value) != value:
            there = "; ".join(_items(self._values[target]))
            if (name, told) not in self._decisions:
                why = f"{migration.reason}. {target} has the value {there!r} already: say which one holds"
                self._held.add(name)
                self._out.waiting.append(Waiting(name, told, (told, there), why, migration))
                return
            value = value if self._decisions[name, told] == told else self._values[target]
        del self._values[name]
        if target:
            self._values[target] = value
            self._versions[target] = self._versions.get(name)
            self._origin[target] = self._origin.get(name, name)
        self._out.applied.append((migration, name, told, "; ".join(_items(value)) if target else None))

    def _recompute(self, group: Sequence[Migration]) -> None:
        at_work = {m.number for m, *_ in self._out.applied}
        for migration in group:
            alone = not migration.columns
            if not alone and migration.number not in at_work:
                continue
            if alone and not self._planner.holds(migration, self._values):
                continue
            for name in migration.recompute:
                old = self._values.get(name)
                if alone and not migration.meant_for(self._versions.get(name)):
                    continue
                new = self._planner._computed(name, self._values)
                if new == old:
                    continue
                if new is None:
                    del self._values[name]
                else:
                    self._values[name] = new
                self._out.applied.append((migration, name, _told(old), _told(new)))


def _versions(acts: Sequence[Entry]) -> dict[str, Version | None]:
    """Column -> version of the codebook under which its present value was given; None where the acts do not say."""
    of_act: dict[str, Version | None] = {}
    for act in in_order(acts):
        named = act.body.get("codebook")
        try:
            of_act[act.id] = parse_version(named) if isinstance(named, str) else of_act[act.parents[0]] if act.parents else None
        except ValueError:
            of_act[act.id] = None
    return {name: of_act.get(act) for name, act in fold(acts).provenance.items()}


def _items(value: Any) -> list[str]:
    """The value's texts: one, or those of a list."""
    return [str(item) for item in value] if isinstance(value, list) else [_told(value) or ""]


def _told(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
