"""Edges of agreement: what a metric cannot compare, whose coding counts, and what the window of days asks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eventcoder.agreement.choosing import choose, parted
from eventcoder.agreement.codings import measured
from eventcoder.agreement.fields import read_fields
from eventcoder.agreement.finding import Window, find
from eventcoder.agreement.measuring import Plan, measure
from eventcoder.agreement.metrics import Metric, readable
from eventcoder.agreement.table import _given
from eventcoder.coding import Desk
from eventcoder.errors import InputError
from eventcoder.ledger import fold, new_entry
from eventcoder.project import open_project, packaged_schema
from eventcoder.team.members.enrolling import enrol
from eventcoder.team.tasks.codings import Coding
from tests.agreement.test_project import coded
from tests.releases.workshop import Workshop


def coding(coder: str, slot: int = 1, *events: dict[str, Any], day: str = "2026-05-09") -> Coding:
    time = f"{day}T10:00:00Z"
    held = [
        fold([new_entry("act", f"{coder}{n:011d}", {"act": "create", "values": v, "held": f"d/{slot}"}, coder=coder, time=time)])
        for n, v in enumerate(events)
    ]
    return Coding(f"d/{slot}", "d", "d", coder, "May", True, False, None, time, held)


@pytest.mark.parametrize("metric", ["ratio", "log-ratio"])
def test_negative_numbers_have_no_ratio(metric: str) -> None:
    """The logarithm of none is minus infinity, and what comes of that is no number (T33)."""
    assert readable("0", metric) == 0
    with pytest.raises(InputError, match="is negative"):
        readable("-1", metric)


def test_of_two_codings_of_one_coder_the_first_counts() -> None:
    first, again, other = coding("ana", 1), coding("ana", 3, day="2026-06-09"), coding("ben", 2)
    assert choose({"d": [first, other, again]}).documents == [[first, other]]
    assert choose({"d": [first, again]}).documents == [] and choose({"d": [first, again]}).alone == 1, "nobody agrees with himself"


def test_one_value_alone_has_no_expected_disagreement_whatever_rounding_leaves() -> None:
    days = [float(n) ** 1.7 / 3 for n in range(1, 60)]
    assert not Metric("interval", days).expected(np.eye(len(days)) * 7, np.ones(len(days))).any()


def test_a_cell_that_is_no_number_is_empty_and_the_word_nan_is_a_word() -> None:
    assert _given(float("nan"), ()) == "" and _given("nan", ()) == "nan" and _given("?", ("?",)) == ""


def test_a_document_belongs_to_the_month_in_which_the_last_coder_handed_it_in() -> None:
    late = parted([[coding("ana", 1), coding("ben", 2, day="2026-06-01")]], "month")
    assert list(late) == ["2026-06"]


def test_an_interval_that_ends_before_it_begins_is_none() -> None:
    """The day of the event counts then, so that a slip in one field makes no missed event."""
    one, other = ({"event_date": "2026-05-03", "date_start": a, "date_end": b} for a, b in (("2026-05-09", "2026-05-01"), (None, None)))
    found = find([coding("ana", 1, one), coding("ben", 2, other)], Window(0, 50))
    assert found.matched == 1


def test_an_interval_within_another_is_no_day_apart() -> None:
    long, short = ({"event_date": a, "date_start": a, "date_end": b} for a, b in (("2026-05-01", "2026-05-20"), ("2026-05-05", "2026-05-06")))
    assert find([coding("ana", 1, long), coding("ben", 2, short)], Window(0, 50)).matched == 1
    assert find([coding("ana", 1, short), coding("ben", 2, {"event_date": "2026-05-07"})], Window(0, 50)).matched == 0


def test_a_coder_in_training_is_compared_only_where_the_round_is_asked_for(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "project")
    document = shop.document("A report of a march.")
    coded(shop, document, 1, "ana", {"event_date": "2026-05-01"})
    coded(shop, document, 2, "ben", {"event_date": "2026-05-01"})
    shop.ledger.close()
    with Desk(open_project(tmp_path / "project"), coder="lea", moment=shop.moment) as desk:
        enrol(desk, "lea", "lead")
        enrol(desk, "ana", "coder")
        enrol(desk, "ben", "coder", in_training=True)
        everything, this_round = measured(desk, samples=0), measured(desk, samples=0, round="May")
        assert (everything.agreement.documents, everything.chosen.apart) == (0, 1)
        assert (this_round.agreement.documents, this_round.chosen.apart) == (1, 0)


def test_drafts_of_one_document_are_one_document_to_the_intervals() -> None:
    """Drawn apart they would pretend to be as many texts, and the intervals would be too narrow."""

    def pairs(documents: int) -> list[list[Coding]]:
        out = []
        for n in range(24):
            day = f"2026-05-{n + 1:02d}"
            types = ("Attack", "Attack" if n % 3 else "Armed clash")
            ours = [
                coding(who, k + 1, {"event_date": day, "sub_event_type": t}) for k, (who, t) in enumerate(zip(("ana", "ben"), types, strict=True))
            ]
            out.append([replace(one, item=f"draft{n}", document=f"d{n % documents}") for one in ours])
        return out

    plan = Plan(read_fields(packaged_schema()), Window(1, 50), 200)
    apart, together = measure(pairs(24), plan), measure(pairs(3), plan)
    assert (apart.documents, together.documents) == (24, 3)
    assert apart.f1.low is not None and together.f1.low is None, "fewer than ten documents have no interval"
