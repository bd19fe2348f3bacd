"""Quick proofs that a check between tables finds nothing, with numbers of rows in the place of joins. Floor 4.

Joining eight million rows of actors by id, side and name to three million events takes a quarter of a minute; to look up each row's event once,
and to compare the names of the two columns, a tenth of it. A proof that does not succeed says nothing: then the check's own query decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


def actors_agree(tables: Mapping[str, pa.Table]) -> bool:
    """Whether `event_actors` names exactly the two actors of every event: as many rows as there are names, each for another event, all equal."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    events, named = tables["events"], tables["event_actors"]
    texts = ((events, ("event_id", "actor1", "actor2")), (named, ("event_id", "role", "actor")))
    if not all(pa.types.is_string(table.schema.field(name).type) for table, names in texts for name in names):
        return False
    acting = named.filter(pc.fill_null(pc.equal(named["role"], "actor"), False))
    found = pc.index_in(acting["event_id"], value_set=events["event_id"].combine_chunks())
    if found.null_count or acting["event_id"].null_count:
        return False
    rows = found.to_numpy()
    told = 0
    for side in (1, 2):
        here = np.asarray(pc.fill_null(pc.equal(acting["side"], side), False))
        places = rows[here]
        names = events[f"actor{side}"]
        if len(places) != len(names) - names.null_count or not _different(places, len(events)):
            return False
        if not names.combine_chunks().take(pa.array(places)).equals(acting["actor"].filter(pa.array(here)).combine_chunks()):
            return False
        told += len(places)
    return told == len(acting)


def _different(numbers: np.ndarray[Any, Any], size: int) -> bool:
    """Whether no number occurs twice; all are smaller than `size`."""
    import numpy as np

    seen = np.zeros(size, np.bool_)
    seen[numbers] = True
    return int(np.count_nonzero(seen)) == len(numbers)


PROOFS: Mapping[str, Callable[[Mapping[str, pa.Table]], bool]] = {"actors-differ": actors_agree}
