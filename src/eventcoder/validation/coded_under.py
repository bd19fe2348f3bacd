"""Events that were coded under a codebook which is not there yet. Floor 4.

Every value keeps the version of the codebook under which it was coded (T28). One that is newer than the codebook at hand means that somebody
works with another `schema/`: its rules were not those that judge here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from eventcoder.codebook.migrations import Version, parse_version
from eventcoder.problem import Problem

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.codebook import Codebook

AHEAD = "codebook-ahead"


def codebook_problems(events: pa.Table, codebook: Codebook) -> Iterator[Problem]:
    """One error for each event whose `codebook_version` is newer than the codebook's own. Versions that are none are the rules' business."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not {"event_id", "codebook_version"} <= set(events.column_names) or (own := _version(codebook.version)) is None:
        return
    column = events["codebook_version"]
    newer = [text for text in pc.unique(column).to_pylist() if text and (told := _version(text)) is not None and told > own]
    if not newer:
        return
    rows = events.select(["event_id", "codebook_version"]).filter(pc.is_in(column, value_set=pa.array(newer, pa.string())))
    for row in rows.to_pylist():
        message = (
            f"The event was coded under codebook {row['codebook_version']}, and the codebook here is {codebook.version}. Bring schema/ up to date, "
            "or find out whose codebook that was."
        )
        yield Problem(AHEAD, message, "error", row["event_id"], "codebook_version", row["codebook_version"])


def _version(text: str) -> Version | None:
    try:
        return parse_version(text)
    except ValueError:
        return None
