"""Rows of one id within a file: copies, the two sides of an actor-based pair, contradictions; and rows without any id. Floor 5.

The survey knows which ids come back and how often, so that only their rows are held, and only until the last of them was read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from eventcoder.codebook.closures import interaction_table
from eventcoder.intake.batch import EMPTY, Batch, together
from eventcoder.intake.reading import CONTENT, Reader, bare, folded
from eventcoder.problem import Problem

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook
    from eventcoder.intake.account import Account
    from eventcoder.intake.formats import Sheet
    from eventcoder.intake.rejects import Rejects
    from eventcoder.intake.survey import Repeats

SIDE = ("actor1", "assoc_actor_1", "inter1")
OTHER = {"actor1": "actor2", "assoc_actor_1": "assoc_actor_2", "inter1": "inter2"}


class Grouper:
    """Lets rows pass that stand alone, and holds the others until their group is whole."""

    def __init__(self, codebook: Codebook, reader: Reader, sheet: Sheet, repeats: Repeats, account: Account, rejects: Rejects) -> None:
        self._codebook = codebook
        self._reader = reader
        self._sheet = sheet
        self._repeats = repeats
        self._account = account
        self._rejects = rejects
        self._held: dict[str, list[Batch]] = {}
        self._contents: Counter[bytes] = Counter()
        self._interactions = interaction_table(codebook.lists)

    def sift(self, batch: Batch) -> Iterator[Batch]:
        """The rows that go on: those that stand alone, then one row of every group that this batch completed."""
        if not self._repeats and not any(key.startswith(CONTENT) for key in batch.keys):
            yield batch
            return
        whole: list[Batch] = []
        alone = [True] * len(batch)
        for place, key in enumerate(batch.keys):
            if key.startswith(CONTENT):
                short = bytes.fromhex(key[len(CONTENT) : len(CONTENT) + 24])
                self._contents[short] += 1
                batch.keys[place] = f"{key}:{self._contents[short]}"
            elif expected := self._repeats.times(bare(key)):
                alone[place] = False
                form = folded(bare(key))
                held = self._held.setdefault(form, [])
                held.append(batch.one(place))
                if len(held) >= expected:
                    whole += self._settle(form)
        yield batch.select(alone)
        yield from together(whole)

    def rest(self) -> Iterator[Batch]:
        """The groups that never became whole, because rows of theirs could not be read."""
        yield from together([b for form in list(self._held) for b in self._settle(form)])

    def _settle(self, form: str) -> list[Batch]:
        """The rows that the held ones come to: one a key, or none where they contradict each other."""
        groups: dict[str, list[Batch]] = {}
        for row in self._held.pop(form):
            groups.setdefault(row.keys[0], []).append(row)
        return [found for key, rows in groups.items() for found in self._one(key, rows)]

    def _one(self, key: str, rows: list[Batch]) -> list[Batch]:
        distinct = list({row.digests[0]: row for row in reversed(rows)}.values())[::-1]
        if len(distinct) == 1 and self._reader.plan.pairs and len(rows) == 2 and self._facing_itself(rows[0].row(0)):
            distinct = rows
        if len(distinct) == 1:
            self._account.unchanged += len(rows) - 1
            return distinct
        if self._reader.plan.pairs and len(distinct) == 2 and (pair := self._joined(*distinct)) is not None:
            self._account.unchanged += len(rows) - 1
            self._account.joined += 1
            return [pair]
        self._contradict(key, rows)
        return []

    def _joined(self, first: Batch, second: Batch) -> Batch | None:
        """Two sides of one event as one row, or None if they differ in more than their actors.

        Which of the two actors stands first says nothing in such files (ACLED Codebook, actors), but civilians stand second where they are the
        target, and demonstrators first: those are put in their order.
        """
        one, two = first.row(0), second.row(0)
        if any(one[name] != two[name] for name in one if name not in SIDE) or first.originals != second.originals:
            return None
        if one.get("actor1") in EMPTY or two.get("actor1") in EMPTY:
            return None
        if self._stands_second(one.get("inter1"), two.get("inter1"), one):
            first, second = second, first
        joined = first.one(0)
        for name, other in OTHER.items():
            if name in joined.given:
                joined.given[other] = second.given[name]
        lines = sorted((first.lines[0], second.lines[0]))
        joined.lines, joined.joined = [lines[0]], {0: (lines[1],)}
        return self._reader.renew(joined)

    def _facing_itself(self, row: dict[str, object]) -> bool:
        """Whether the event's interaction names two sides of the class of this row's actor: two equal rows are then its two sides, not copies."""
        mine = str(row.get("inter1"))
        return row.get("interaction") is not None and self._interactions.get((mine, mine)) == row["interaction"]

    def _stands_second(self, mine: object, other: object, row: dict[str, object]) -> bool:
        of = self._codebook.inter_code
        if mine == other:
            return False
        type_ = row.get("event_type") or self._codebook.lists["sub_event_types"].attribute(str(row.get("sub_event_type")), "event_type")
        first = {"Protests": of("6"), "Riots": of("5")}.get(str(type_))
        return mine == of("7") if first is None else other == first

    def _contradict(self, key: str, rows: list[Batch]) -> None:
        lines = ", ".join(str(row.lines[0]) for row in rows[:10]) + (f" and {len(rows) - 10} more" if len(rows) > 10 else "")
        told = bare(key)
        fields = sorted({n for row in rows[1:] for n in row.given if row.given[n] != rows[0].given.get(n)})
        said = f"lines {lines} have the same id {told} and say different things ({', '.join(fields[:6]) or 'kept columns'}). "
        said += "Keep one, or give the others ids of their own."
        found = Problem("duplicate-id", said, field=self._reader.plan.identity_names[0], value=told)
        for row in rows:
            self._rejects.add(row.lines[0], row.raws[0], [replace(found, where=self._sheet.where(row.lines[0]))])
