"""T36: a new number is no new data. What a release says about how far its events and its reading go."""

from __future__ import annotations

from pathlib import Path

import eventcoder
from tests.conftest import Command


def test_T36_load_says_how_far_events_and_reading_go(released: Path, command: Command) -> None:
    before = eventcoder.load(".").attrs
    assert before["last_event_date"] == "2026-07-02"
    assert before["coverage_through"] is None, "nobody recorded what was read: a week without events is no quiet week"
    command("coverage", "add", "Iran", "--week", "2026-07-04", "--source", "Qasr Daily")
    event = command("list", "--json", "--limit", "1").one["event_id"]
    command("amend", event, "--set", "admin2=Shiraz", "--reason", "Division added.")
    command("release")
    after = eventcoder.load(".").attrs
    assert after["version"] > before["version"] and after["created"] >= before["created"]
    assert after["last_event_date"] == before["last_event_date"], "the second version has no newer event, and says so"
    assert after["coverage_through"] == "2026-07-10", "coding weeks end on Friday"


def test_T39_events_of_the_last_days_and_of_the_future_are_not_released(released: Path, command: Command, clean: dict[str, str]) -> None:
    from datetime import UTC, datetime, timedelta

    today = datetime.now(UTC).date()
    for day, flags in ((today - timedelta(days=2), ()), (today - timedelta(days=30), ()), (today + timedelta(days=9), ("--open",))):
        said = f"On {day.day} {day:%B %Y}, teachers gathered in Shiraz (Fars) again."
        options = {**clean, "event_date": day.isoformat(), "notes": said}
        command("add", *(p for n, v in options.items() for p in ("--" + n.replace("_", "-"), v)), *flags)
    Path("eventcoder.toml").write_text('id = "trial"\ncutoff_days = 7\n', "utf-8")
    command("release")
    days = eventcoder.load(".").event_date
    assert days.max().date() == today - timedelta(days=30)
    assert len(command("list", "--json", "--limit", "0").lines) == 6, "they wait in the ledger"
