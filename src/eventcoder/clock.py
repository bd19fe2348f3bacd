"""Time, in one place. Floor 0.

All clock times are aware UTC. `SOURCE_DATE_EPOCH` (seconds, the convention of reproducible builds) replaces the clock, so that a demo or a
test gives the same bytes twice. Functions that need the time take it as an argument; only edges call `now()`.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta


def now() -> datetime:
    """The present moment, aware UTC, whole seconds.

    Raises `UsageError` when `SOURCE_DATE_EPOCH` is set to something that is not a number of seconds.
    """
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    if fixed:
        try:
            return datetime.fromtimestamp(int(fixed), UTC)
        except (ValueError, OverflowError, OSError):
            from eventcoder.errors import UsageError

            raise UsageError(f"SOURCE_DATE_EPOCH={fixed!r} is not a number of seconds.", "Unset it, or give seconds since 1970.") from None
    return datetime.now(UTC).replace(microsecond=0)


def stamp(moment: datetime) -> str:
    """`2026-11-23T12:00:00Z`, the form used in every entry and file."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def unstamp(text: str) -> datetime:
    """The inverse of `stamp`. Raises ValueError for anything else."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def latest_today(moment: datetime) -> date:
    """The latest calendar day that is "today" anywhere (UTC+14): an event date after it lies in the future everywhere."""
    return (moment.astimezone(UTC) + timedelta(hours=14)).date()
