"""`trace`: where each value of a released event comes from. Floor 7.

Put together from what the releases say of themselves: the quotes in `evidence`, the acts in `acts`, and the changes of every version back to the one
that brought the event.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from eventcoder.changelog import BEGINNINGS
from eventcoder.codebook.suggestion import did_you_mean
from eventcoder.dataset.acts import ACCEPTED, ADJUDICATED, BY_HAND, EDITED
from eventcoder.dataset.schemas import EVENTS
from eventcoder.errors import EventcoderError, NotFound, ReleaseError, UsageError
from eventcoder.reader.source import Release, Source, find
from eventcoder.releases.tables import read_retracted

if TYPE_CHECKING:
    import pandas as pd

ID_LENGTH = 12
COMPUTED = "computed"  # by the codebook from other columns, or by the program
COLUMNS = (
    "field", "value", "quote", "n_quotes", "publisher", "url", "document_id", "engine", "coder", "role", "decision", "codebook_version", "act",
    "time", "reason", "since_version", "history", "taken_from",
)  # fmt: skip
_TEXTS = tuple(c for c in COLUMNS if c not in ("value", "n_quotes", "history"))


def trace(event_id: str, source: str | Path | None = None, version: str = "latest", *, field: str | None = None) -> pd.DataFrame:
    """Where each value of an event comes from: one row a column that has a value (or the one column `field`).

    `field`, `value`; `quote`, `publisher`, `url`, `document_id` of the first quote that supports it and `n_quotes` (all are in `evidence`);
    `engine` that proposed this very value (null: none did), `coder` and `role` of the last act that set it, `decision` (accepted, edited, imported,
    adjudicated, by hand, or computed: by the codebook or the program), `codebook_version`, `act`, `time`, `reason` of that act; `since_version`,
    the release that first had this value, and `history`: what it was before, newest first, each with `value`, `until` (the version that changed
    it), `reason`, `coder` and `act`. `taken_from`: where several codings of the event were adjudicated, the coder from whose coding this value was
    taken (where the coders agree, the first of them; null: the adjudicator wrote it).

    Releases built before there was a table of acts leave the columns from `engine` to `reason` null; `attrs["acts"]` is False then.
    `attrs["complete"]` is False where not all versions back to the event's first are at hand: `since_version` is null where they do not tell.
    `event_id` may also be an `event_id_cnty`, or any unique beginning of an id.
    Raises `NotFound` if the version does not hold the event (for a merged one it names where it went),
    `UsageError` for a column that there is not.
    """
    import pandas as pd

    found = find(source)
    release = found.release(version)
    event = event_row(release, event_id)
    names = list(event)
    if field is not None:
        if field not in names:
            raise UsageError(f"There is no column {field!r}.", did_you_mean(field, names))
        names = [field]
    identity = str(event["event_id"])
    entered = _entered(release)
    quotes, acts = _quotes(release, identity), _acts(release, identity)
    past = _past(found, release, identity)
    rows = []
    for name in names:
        if event[name] is None or event[name] == []:
            continue
        row = {
            **dict.fromkeys(COLUMNS),
            "field": name,
            "value": event[name],
            "n_quotes": len(quotes.get(name, ())),
            **(quotes[name][0] if name in quotes else {}),
            **_decided(name, acts, entered.get(name, "system")),
            "since_version": past.since.get(name, past.began),
            "history": past.history.get(name, []),
        }
        rows.append(row)
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame = frame.astype({**dict.fromkeys(_TEXTS, pd.StringDtype("pyarrow")), "n_quotes": "int64", "value": object, "history": object})
    frame.attrs.update(event_id=identity, version=release.version, acts=acts is not None, complete=past.began is not None)
    return frame


def rows_with(release: Release, name: str, column: str, value: str, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of a table with this value, read without holding the table. Raises `ReleaseError`."""
    return _filtered(release, name, pc.field(column) == value, columns)


def _filtered(release: Release, name: str, wanted: pc.Expression, columns: Sequence[str] | None = None) -> pa.Table:
    path = release.path(f"{name}.parquet")
    try:
        return ds.dataset(path, format="parquet").to_table(filter=wanted, columns=None if columns is None else list(columns))
    except (pa.ArrowException, OSError) as error:
        raise ReleaseError(f"{path} cannot be read: {error}", "Run 'eventcoder check' on the release, or fetch it again.") from None


def event_row(release: Release, given: str, columns: Sequence[str] | None = None) -> dict[str, Any]:
    """The event of an id, an `event_id_cnty` or a unique beginning of an id. Raises `UsageError` for anything but a text, `NotFound`."""
    if not isinstance(given, str):
        raise UsageError(f"event_id is no text but {type(given).__name__}.", "Give one id; for a whole table of ids there is resolve().")
    given = given.strip()
    found = rows_with(release, EVENTS, "event_id_cnty" if given[:3].isupper() else "event_id", given, columns).to_pylist()
    if not found and 3 < len(given) < ID_LENGTH:
        begun = _filtered(release, EVENTS, pc.starts_with(pc.field("event_id"), given), columns).slice(0, 6).to_pylist()
        if len(begun) > 1:
            raise NotFound(f"'{given}' begins the ids of several events: {', '.join(r['event_id'] for r in begun[:5])}.", "Give more of the id.")
        found = begun
    if found:
        return dict(found[0])
    withdrawn = read_retracted(release.path("retracted.csv")).to_pylist()
    gone = next((r for r in withdrawn if r["restored_in"] is None and given in (r["event_id"], r["event_id_cnty"])), None)
    into = "Ids have 12 characters; resolve() says what became of one."
    if gone:
        into = f"It was {gone['op']} in {gone['version']}" + (f"; see {gone['successor']}." if gone["successor"] else ".")
    raise NotFound(f"Version {release.version} has no event {given!r}.", into)


def _entered(release: Release) -> dict[str, str]:
    """Column -> how it gets its value (coder, default, derived, system), as the release's own codebook says."""
    try:
        with release.path("codebook/columns.csv").open(encoding="utf-8", newline="") as handle:
            return {str(row.get("name")): str(row.get("entered")) for row in csv.DictReader(handle)}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ReleaseError(f"The codebook of {release.version} cannot be read: {error}", "Fetch the release again.") from None


def _quotes(release: Release, event_id: str) -> dict[str, list[dict[str, Any]]]:
    """Column -> its quotes in the order of the table, each with what is known of the document."""
    sources = {r["document_id"]: r for r in rows_with(release, "event_sources", "event_id", event_id).to_pylist()}
    out: dict[str, list[dict[str, Any]]] = {}
    for row in rows_with(release, "evidence", "event_id", event_id).to_pylist():
        said = sources.get(row["document_id"], {})
        told = {"quote": row["quote"], "document_id": row["document_id"], "publisher": said.get("publisher"), "url": said.get("url")}
        out.setdefault(row["field"], []).append(told)
    return out


def _acts(release: Release, event_id: str) -> list[dict[str, Any]] | None:
    """The acts on the event in their order; None for a release without such a table."""
    if "acts.parquet" not in release.manifest.files:
        return None
    return sorted(rows_with(release, "acts", "event_id", event_id).to_pylist(), key=lambda r: r["number"])


def _decided(name: str, acts: list[dict[str, Any]] | None, entered: str) -> dict[str, Any]:
    """The columns from `engine` to `reason` for one field."""
    if acts is None:
        return {}
    act = next((a for a in reversed(acts) if name in (a["fields"] or ())), acts[0] if acts and acts[0]["kind"] == "create" else None)
    if act is None or entered == "system":
        return {"decision": COMPUTED}
    decision, engine = act["decision"], None
    proposed = bool(act["engine"]) and name in (act["proposed"] or ())
    if decision == ADJUDICATED and entered != "derived":
        engine = act["engine"] if proposed else None
    elif proposed:
        engine, decision = act["engine"], ACCEPTED
    elif entered in ("derived", "system"):
        decision = COMPUTED
    elif act["engine"]:  # nothing was typed where a draft was taken as it was
        decision = EDITED if act["decision"] == EDITED else COMPUTED
    sources = dict(text.partition("=")[::2] for text in act.get("taken") or ())  # older releases do not have the column
    told = {k: act[k] for k in ("coder", "role", "codebook_version", "act", "time", "reason")}
    return {**told, "engine": engine, "decision": decision or BY_HAND, "taken_from": sources.get(name) if entered != "derived" else None}


@dataclass(slots=True)
class _Past:
    """What the changes say: `began` is the version that brought the event (None: it was not reached)."""

    began: str | None = None
    since: dict[str, str] = field(default_factory=dict)
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def _past(found: Source, release: Release, event_id: str) -> _Past:
    past = _Past()
    for one in _backwards(found, release):
        for row in rows_with(one, "changes", "event_id", event_id).to_pylist():
            if row["op"] in BEGINNINGS:
                past.began = one.version
            elif row["op"] == "revised" and row["table"] == EVENTS and row["field"] is not None:
                past.since.setdefault(row["field"], one.version)
                past.history.setdefault(row["field"], []).append(_before(row, one.version))
        if past.began is not None:
            break
    return past


def _before(row: Mapping[str, Any], version: str) -> dict[str, Any]:
    value = None if row["old"] is None else json.loads(row["old"])
    return {"value": value, "until": version, **{k: row[k] for k in ("reason", "coder", "act")}}


def _backwards(found: Source, release: Release) -> Iterator[Release]:
    """The release and those before it, as far as they can be read: one that was redacted, or lies elsewhere, ends the walk."""
    whole = replace(found, single=None) if found.versions.versions else None
    one = release
    yield one
    while whole is not None and one.manifest.previous is not None:
        try:
            one = whole.release(one.manifest.previous, warn=False)
        except EventcoderError:
            return
        yield one
