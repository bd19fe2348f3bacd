"""Releases and candidates: which of them `load` reads, how rows are marked that are not released, and how old data may be. Floor 7.

Channels are never mixed unless that is asked for, and then every row says what it is. A candidate is the whole as it would be; beside a release only
those of its events count that no release ever held, as a release's own rows stand until the next one.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from eventcoder import clock
from eventcoder.errors import NotFound, UsageError
from eventcoder.reader import remote
from eventcoder.reader.source import Release, Source, find
from eventcoder.releases.layout import CANDIDATES, RETRACTED, UNSETTLED, VERSIONS
from eventcoder.releases.manifest import CANDIDATE, RELEASED
from eventcoder.releases.tables import read_retracted, read_states

if TYPE_CHECKING:
    import pandas as pd

BOTH = "both"
CHANNELS = (RELEASED, CANDIDATE, BOTH)
SETTLED = "settled"
MARKS = ("channel", "state")  # the columns by which rows of several channels are told apart
_LEVEL = 4  # of the stack: the analyst's line, not ours


@dataclass(frozen=True, slots=True)
class Part:
    """One release or candidate that is read. `marked`: rows say what they are; `without`: ids that are left out; `states`: of events that are not
    settled."""

    release: Release
    marked: bool = False
    without: pa.Array | None = None
    states: Mapping[str, str] = field(default_factory=dict)

    def narrowed(self, wanted: ds.Expression | None) -> ds.Expression | None:
        if self.without is None:
            return wanted
        new = ~ds.field("event_id").isin(self.without)
        return new if wanted is None else wanted & new

    def needs(self, names: Sequence[str]) -> list[str]:
        """Further columns that must be read to mark the rows."""
        return ["event_id"] if self.marked and "event_id" not in names else []

    def mark(self, frame: pd.DataFrame, table: pa.Table) -> None:
        """Add the columns `channel` and `state`."""
        if not self.marked:
            return
        import pandas as pd

        kind = pd.StringDtype("pyarrow")
        frame["channel"] = pd.array([self.release.manifest.channel] * len(frame), dtype=kind)
        states = [self.states.get(i, SETTLED) for i in table.column("event_id").to_pylist()] if self.states else [SETTLED] * len(frame)
        frame["state"] = pd.array(states, dtype=kind)


def one(found: Source, version: str, channel: str) -> Release:
    """The one release or candidate that `scan` reads."""
    _known(channel)
    if channel == BOTH:
        raise UsageError("scan() reads one channel.", 'Use load(channel="both"), or scan each of "released" and "candidate".')
    return parts(found, version, channel)[0].release


def parts(found: Source, version: str, channel: str) -> list[Part]:
    """What is to be read, the release first. Raises `UsageError`, and `NotFound` where there is no candidate."""
    _known(channel)
    own = found.versions.channel == CANDIDATE or (found.single is not None and found.single.manifest.channel == CANDIDATE)
    if channel == RELEASED:
        release = found.release(version)
        if release.manifest.channel == CANDIDATE:
            said = f"{release.version} is a candidate and no release: it holds events that are not settled, and it will change."
            warnings.warn(f'{said} Say channel="candidate" if you mean it.', UserWarning, stacklevel=_LEVEL)
        return [Part(release)]
    if channel == CANDIDATE:
        candidate = (found if own else candidates(found)).release(version)
        if not own:
            _warn_if_overtaken(candidate, found.versions.latest)
        return [Part(candidate, True, None, read_states(candidate.path(UNSETTLED)))]
    if own:
        raise UsageError("This is a folder of candidates: the releases are not in it.", "Name the folder of releases above it.")
    release = found.release(version)
    candidate = candidates(found).release()
    _warn_if_overtaken(candidate, release.version)
    retracted = read_retracted(release.path(RETRACTED)).column("event_id")
    released = pq.read_table(release.path("events.parquet"), columns=["event_id"]).column("event_id")
    known = pc.unique(pa.chunked_array([*released.chunks, *retracted.chunks], pa.string()))
    return [Part(release, True), Part(candidate, True, known, read_states(candidate.path(UNSETTLED)))]


def joined(parts: Sequence[Part], frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The frames of the parts as one. The attributes are those of the release; `candidate` has those of the candidate."""
    last = parts[-1].release
    if last.manifest.channel == CANDIDATE:
        keep = ("version", "fingerprint", "citation", "created", "last_event_date", "coverage_through")
        told: dict[str, Any] = {k: frames[-1].attrs[k] for k in keep if k in frames[-1].attrs}
        told |= {"beside": last.manifest.previous, "changes": {op: n for op, n in last.manifest.counts.items() if op in _OPS}}
        frames[0].attrs["candidate"] = told
    if len(frames) == 1:
        return frames[0]
    import pandas as pd

    attrs = {**frames[0].attrs, "rows": sum(len(f) for f in frames)}
    filled = [f for f in frames if len(f)] or [frames[0]]
    whole: pd.DataFrame = pd.concat(filled, ignore_index=True)
    whole.attrs = attrs
    return whole


_OPS = ("added", "revised", "retracted", "merged", "split", "restored", "attached", "detached")


def candidates(found: Source) -> Source:
    """The candidates that lie beside releases. Raises `NotFound` if there are none."""
    if found.folder is not None:
        folder = found.folder / CANDIDATES
        if not (folder / VERSIONS).is_file():
            raise NotFound(
                f"{found.folder} has no candidates.", "'eventcoder release --candidate' makes one; what is released is in the other channel."
            )
        return find(folder)
    if not found.url:
        raise NotFound("Beside this one release no candidates are known.", "Name the folder of all releases.")
    return find(remote.join(found.url, CANDIDATES))


def warn_of_age(release: Release, attrs: Mapping[Any, Any], max_age_days: int | None, *, promised: bool) -> None:
    """Say that data are older than asked for, or the latest version older than its publisher promised (T36): a copy that is no longer brought up to
    date looks like any other."""
    today = clock.now().date()
    if max_age_days is not None:
        if isinstance(max_age_days, bool) or not isinstance(max_age_days, int) or max_age_days < 0:
            raise UsageError(f"max_age_days={max_age_days!r} is no number of days.", "Give a whole number, such as 30.")
        what = "What was read goes through" if attrs.get("coverage_through") else "Nobody recorded what was read; the last event was on"
        day = attrs.get("coverage_through") or attrs.get("last_event_date")
        if day is None or (today - date.fromisoformat(str(day))).days > max_age_days:
            said = f"{what} {day or 'no day'}: version {release.version} is older than the {max_age_days} days that were asked for."
            warnings.warn(said, UserWarning, stacklevel=_LEVEL - 1)
        return
    age = (today - date.fromisoformat(release.manifest.created[:10])).days
    if promised and 0 < release.manifest.stale_days < age:
        said = (
            f"Version {release.version} is the latest one here and {age} days old; its publisher promises at most {release.manifest.stale_days}. "
            "This copy may not be brought up to date any more: look where it was first published."
        )
        warnings.warn(said, UserWarning, stacklevel=_LEVEL - 1)


def _known(channel: str) -> None:
    if channel not in CHANNELS:
        raise UsageError(f"There is no channel {channel!r}.", f"There are: {', '.join(CHANNELS)}.")


def _warn_if_overtaken(candidate: Release, latest: str | None) -> None:
    if candidate.manifest.previous != latest:
        said = f"Candidate {candidate.version} was made beside release {candidate.manifest.previous or 'none'}, and this is {latest or 'none'}."
        warnings.warn(f"{said} Some of it may be released or withdrawn by now: use a newer candidate.", UserWarning, stacklevel=_LEVEL + 1)
