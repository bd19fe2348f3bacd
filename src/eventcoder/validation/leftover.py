"""Values of events that no table can show: in columns that the codebook does not have (any more), or a text where a list belongs. Floor 4.

Tables have the codebook's columns, so without these checks such values would leave the dataset without a word.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from eventcoder.codebook.migrations import migrations_of
from eventcoder.problem import Problem

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook

CODE = "column-left-behind"
MIGRATE = "Run 'eventcoder codebook migrate'."
_OWN = frozenset({"event_id"})


class Leftovers:
    """Which columns an event may hold under a codebook, and what its migrations say of others."""

    def __init__(self, codebook: Codebook) -> None:
        self._lists = frozenset(column.name for column in codebook.columns if column.type == "list")
        self._known = frozenset(codebook.columns_by_name) | _OWN
        self._version = codebook.version
        steps = migrations_of(codebook)
        self._renamed = {name: m.rename for m in steps if m.rename for name in m.columns}
        self._dropped = {name for m in steps if m.drop for name in m.columns}

    def of(self, event_id: str, values: Mapping[str, Any]) -> Iterator[Problem]:
        """What is wrong with one event: errors, and warnings for columns that a migration gives up."""
        for name, value in values.items():
            if value is not None and value != [] and name in self._known and isinstance(value, list) != (name in self._lists):
                kind = "a list, and holds a single value" if name in self._lists else "a single value, and holds a list"
                told = f"{name} takes {kind}. Give it again with 'eventcoder amend {event_id} --set {name}=...'."
                yield Problem("value-of-another-type", told, "error", event_id, name, value)
        for name in sorted(values.keys() - self._known):
            if values[name] is None or values[name] == []:
                continue
            yield Problem(CODE, self._told(name), "warning" if name in self._dropped else "error", event_id, name, values[name])

    def stopping(self, texts: Iterable[str], columns: Collection[str]) -> list[Problem]:
        """Of events as the ledger keeps them (`Ledger.event_texts`), one error for each column that still holds values which nobody gave up.

        `columns` are those that earlier releases had: together with what the migrations name, they are the ones to look for.
        """
        wanted = sorted(({*columns} | self._renamed.keys()) - self._known - self._dropped)
        if not wanted:
            return []
        found: Counter[str] = Counter()
        for text in texts:
            if any(f'"{name}":' in text for name in wanted):  # most events hold none: they need not be read
                values = json.loads(text)["values"]
                found.update(name for name in wanted if values.get(name) not in (None, []))
        return [Problem(CODE, f"{n} settled event(s): {self._told(name)}", field=name, value=n) for name, n in found.items()]

    def _told(self, name: str) -> str:
        lost = f"{name} is no column of the codebook {self._version}, so what stands in it would be in no release."
        if name in self._renamed:
            return f"{lost} It is called {self._renamed[name]} now. {MIGRATE}"
        if name in self._dropped:
            return f"{lost} A migration takes it out. {MIGRATE}"
        return f"{lost} Put the column back, or declare a [[migration]] that renames or drops it (see 'eventcoder codebook diff'). {MIGRATE}"
