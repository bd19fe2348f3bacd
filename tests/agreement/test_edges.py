"""Edges of agreement: what a metric cannot compare, whose coding counts, and what the window of days asks."""

from __future__ import annotations

from typing import Any

import pytest

from eventcoder.agreement.choosing import choose
from eventcoder.agreement.finding import Window, find
from eventcoder.agreement.metrics import readable
from eventcoder.errors import InputError
from eventcoder.ledger import fold, new_entry
from eventcoder.team.tasks.codings import Coding


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


def test_an_interval_within_another_is_no_day_apart() -> None:
    long, short = ({"event_date": a, "date_start": a, "date_end": b} for a, b in (("2026-05-01", "2026-05-20"), ("2026-05-05", "2026-05-06")))
    assert find([coding("ana", 1, long), coding("ben", 2, short)], Window(0, 50)).matched == 1
    assert find([coding("ana", 1, short), coding("ben", 2, {"event_date": "2026-05-07"})], Window(0, 50)).matched == 0
