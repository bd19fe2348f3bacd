"""Agreement of a project: its blind double codings, as they were handed in, measured as its schema says. Floor 5."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eventcoder.agreement.choosing import Chosen, choose
from eventcoder.agreement.fields import read_fields, unnamed
from eventcoder.agreement.finding import Window
from eventcoder.agreement.measuring import FORMAT, Agreement, Plan, measure
from eventcoder.ledger.people.roster import roster
from eventcoder.team.tasks.codings import codings

if TYPE_CHECKING:
    from eventcoder.coding.opened import Opened


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures, what they rest on, and how they were made. `unnamed` are columns that coders fill in and the table says nothing of."""

    agreement: Agreement
    chosen: Chosen
    plan: Plan
    unnamed: tuple[str, ...] = ()
    round: str | None = None
    since: str | None = None
    until: str | None = None

    def as_json(self, shown: Callable[[str], str] = str) -> dict[str, Any]:
        """`shown` gives the name under which a coder is told."""
        return {
            "format": FORMAT,
            "round": self.round,
            "since": self.since,
            "until": self.until,
            "how": self.plan.as_json(),
            "left_out": {
                "coded_by_one": self.chosen.alone,
                "planted": self.chosen.planted,
                "coders_in_training": self.chosen.apart,
                "without_counterpart": self.chosen.bereft,
            },
            **self.agreement.as_json(shown),
        }


def measured(
    opened: Opened,
    *,
    round: str | None = None,
    since: str | None = None,
    until: str | None = None,
    by: Sequence[str] = (),
    days: float | None = None,
    km: float | None = None,
    samples: int = 200,
) -> Measured:
    """Compare the codings of the items that all their coders have handed in.

    Codings of coders in training are left out unless their round is asked for; planted drafts never count. `days` and `km` are the window of event
    finding (else the table's). Raises `CodebookError` for a table of columns that cannot be read.
    """
    fields = read_fields(opened.project.schema_dir)
    window = Window(fields.days if days is None else days, fields.km if km is None else km)
    learning = {one.name for one in roster(opened.ledger).members if one.in_training} if round is None else set()
    plan = Plan(fields, window, samples)
    with _no_pauses():
        chosen = choose(codings(opened, round=round), since=since, until=until, without=learning)
        found = measure(chosen.documents, plan, by)
    entered = [column.name for column in opened.codebook.columns if column.entered == "coder"]
    return Measured(found, chosen, plan, tuple(unnamed(fields, entered)), round, since, until)


@contextmanager
def _no_pauses() -> Iterator[None]:
    """The values of a hundred thousand events live till the end and hold no circles: the collector would take two thirds of the reading."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
