"""The keys of `duplicates --decide`, and its file of decisions. Floor 8."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.cli.keys import CHOICES, END, read_choice, read_key, read_line
from eventcoder.errors import EventcoderError, InputError

if TYPE_CHECKING:
    from eventcoder.coding.deciding import Pairs
    from eventcoder.ledger import Folded
    from eventcoder.validation.duplicates.search import Pair

KEYS = " ".join(
    f"[b]{key}[/b] {name}"
    for key, name in zip("sdpcrkuq?", ("same", "different", "part of", "counter", "relation", "skip", "undo", "quit", "help"), strict=True)
)
RELATIONS = {"d": "different", "p": "part_of_campaign", "c": "counter_demonstration"}
HELP = """\
  s  the same event: merge them; asks which one stays (Enter: the older) and why
  d  two different events
  p  two events of one campaign
  c  one is a demonstration against the other
  r  another relation, from a list
  k  skip: comes again in the next sitting
  u  undo the last decision of this sitting
  q  quit; every decision is stored, and the next 'duplicates --decide' goes on here"""


class Sitting:
    """The loop of screen and key around `Pairs`."""

    def __init__(self, pairs: Pairs) -> None:
        from rich.console import Console

        self.pairs = pairs
        self.desk = pairs.desk
        self.console = Console(highlight=False)

    def run(self) -> None:
        """Until the coder quits, the input ends, or nothing is left."""
        from eventcoder.cli.sidebyside import show_pair
        from eventcoder.coding.deciding import older_first

        while (pair := self.pairs.current) is not None:
            a, b = older_first(self.desk.event(pair.a), self.desk.event(pair.b))
            total = len(self.pairs.waiting) + len(self.pairs.done) + len(self.pairs.skipped)
            show_pair(self.console, self.desk, pair, a, b, f"{total - len(self.pairs.waiting) + 1} of {total}")
            again = True
            while again:
                self.console.print(KEYS)
                key = read_key()
                if key in ("q", "Q", END):
                    return
                try:
                    again = self._do(key.casefold(), pair, a, b)
                except EventcoderError as error:
                    self.console.print(str(error), style="red", markup=False)
        self.console.print("Nothing is left.")

    def _do(self, key: str, pair: Pair, a: Folded, b: Folded) -> bool:
        """Carry a key out; True to wait for another key on the same screen."""
        if key == "s":
            return self._same(a, b)
        if key in RELATIONS:
            return self._relate(RELATIONS[key])
        if key == "r":
            kinds = self.desk.codebook.lists["relation_kinds"].codes
            for mark, kind in zip(CHOICES, kinds, strict=False):
                self.console.print(f"{mark:>3} {kind}", markup=False)
            self.console.print(f"How does {pair.a} stand to {pair.b}? (another key: back)")
            chosen = read_choice(kinds)
            return chosen is None or self._relate(chosen)
        if key == "k":
            self.pairs.skip()
            return False
        if key == "u":
            last = self.pairs.undo()
            self.console.print("There is nothing to undo in this sitting." if last is None else f"taken back: {last.decision}")
            return last is None
        self.console.print(HELP, markup=False)
        return True

    def _same(self, a: Folded, b: Folded) -> bool:
        from eventcoder.coding.deciding import SAME_REASON

        self.console.print("Which stays? [b]a[/b] the older (Enter)  [b]b[/b] the other  (another key: back)")
        key = read_key().casefold()
        if key not in ("a", "b", "\n", "\r"):
            return True
        keep, other = (b, a) if key == "b" else (a, b)
        reason = self._reason(SAME_REASON)
        if reason is None:
            return True
        outcome = self.pairs.same(keep.event_id, other.event_id, reason)
        self.console.print(f"{other.event_id} went into {keep.event_id}, which is {outcome.state}", style="green", markup=False)
        return False

    def _relate(self, kind: str) -> bool:
        from eventcoder.coding.deciding import REASONS

        reason = self._reason(REASONS.get(kind, ""))
        if reason is None:
            return True
        self.pairs.relate(kind, reason)
        self.console.print(kind, style="green", markup=False)
        return False

    def _reason(self, offered: str) -> str | None:
        """Why; Enter takes what is offered, Ctrl-D or Ctrl-C goes back (None)."""
        if sys.stdin.isatty():
            return read_line("Why? ", default=offered)
        answer = read_line("Why? ")
        return None if answer is None else answer.strip() or offered


def rows_of(file: Path) -> list[tuple[int, dict[str, Any]]]:
    """The rows of a file of decisions with their lines. Raises `InputError` for a file that cannot be read or lacks a column."""
    from eventcoder.coding.deciding import COLUMNS

    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InputError(f"{file} is not UTF-8 text.", "Save it as CSV (UTF-8).") from None
    first = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    names = {name.strip().casefold(): name for name in reader.fieldnames or () if name}
    missing = [name for name in COLUMNS[:3] if name not in names]
    if missing:
        raise InputError(f"{file} has no column {', '.join(missing)}.", f"A file of decisions has the columns {', '.join(COLUMNS)}.")
    return [(reader.line_num, {name: row.get(names[name]) for name in COLUMNS if name in names}) for row in reader]
