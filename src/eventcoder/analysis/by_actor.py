"""`long_by_actor`: one row an event and actor. Floor 7."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventcoder.analysis.inputs import columns_of
from eventcoder.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

KEPT = ("event_date", "country", "admin1", "event_type", "sub_event_type")


def long_by_actor(events: Any) -> pd.DataFrame:
    """One row for every actor and associated actor of every event, in the order of the events.

    `events`: a frame of `load`, a pyarrow table or dataset, a polars frame. Columns: `event_id` (or `event_id_cnty`), `event_date`, `country`,
    `admin1`, `event_type`, `sub_event_type`, then

    - `actor`, its class `inter` (missing for associated actors, which have none), `side` (1 or 2: no side is said to have begun),
      `role` (actor, associated), `number` (place in its list, from 1);
    - `rows_of_event`, and `first_row_of_event`, true once an event: `long[long["first_row_of_event"]]` is one row an event again;
    - `event_fatalities`: the deaths of the whole event, repeated in all its rows. They are nobody's victims and nobody's losses by this table; a sum
      over rows counts them several times.

    An actor who stands twice in an event has two rows: count events with `long.drop_duplicates(["event_id", "actor"])`. An event without any actor
    keeps a row with none. Raises `UsageError` for absent columns, and where an event stands in several rows.
    """
    import numpy as np
    import pandas as pd

    from eventcoder.analysis.inputs import IDS, frame_of

    key = next((name for name in IDS if name in frame_of(events, names=IDS).columns), None)
    if key is None:
        raise UsageError("events has no column event_id.", "Load it with its ids: leave columns= out, or name event_id as well.")
    named = ("actor1", "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2")
    frame = columns_of(events, (key, *named), (*KEPT, "fatalities"))
    parts = []
    for side in (1, 2):
        actor = frame[f"actor{side}"]
        have = actor.notna() if side == 2 else actor.notna() | ((frame["assoc_actor_1"].str.len() == 0) & _nobody(frame))
        at = np.flatnonzero(have.to_numpy())
        parts.append(_part(at, actor.iloc[at], frame[f"inter{side}"].iloc[at], side, "actor", np.ones(len(at), dtype=np.int64)))
        spread = frame[f"assoc_actor_{side}"].explode().dropna()
        at = spread.index.to_numpy()
        number = spread.groupby(level=0).cumcount().to_numpy() + 1
        parts.append(_part(at, spread, pd.Series([None] * len(at), dtype="string"), side, "associated", number))
    rows = pd.concat(parts, ignore_index=True).sort_values(["_at", "side", "role", "number"], kind="stable", ignore_index=True)
    at = rows.pop("_at").to_numpy()
    out = frame[[key, *KEPT]].take(at).reset_index(drop=True)
    out = pd.concat([out, rows], axis=1)
    out["rows_of_event"] = np.bincount(at, minlength=len(frame))[at]
    out["first_row_of_event"] = np.r_[True, at[1:] != at[:-1]][: len(at)]
    out["event_fatalities"] = frame["fatalities"].take(at).reset_index(drop=True)
    out.attrs = {
        **frame.attrs,
        "rows": None,
        "actors": "One row an event and actor. event_fatalities are those of the whole event in each of its rows: do not sum them over rows.",
    }
    return out


def _nobody(frame: pd.DataFrame) -> pd.Series[bool]:
    return frame["actor1"].isna() & frame["actor2"].isna() & (frame["assoc_actor_2"].str.len() == 0)


def _part(at: Any, actor: Any, inter: Any, side: int, role: str, number: Any) -> pd.DataFrame:
    import pandas as pd

    texts = {"actor": actor.astype("string").array, "inter": inter.astype("string").array, "role": pd.array([role], dtype="string").repeat(len(at))}
    return pd.DataFrame({"_at": at, **texts, "side": side, "number": number})
