"""Places, offline: GeoNames from installed packages, the team's own places and those of earlier events.

gazetteer = open_gazetteer(codebook, team=places_from_entries(...), earlier=earlier_places(...))
gazetteer.lookup("Khartoum", country="Sudan")[0].point
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eventcoder.gazetteer.dump import Imported, import_dump, is_dump
from eventcoder.gazetteer.index import Progress, build_index, index_name, open_index
from eventcoder.gazetteer.place import Place, distance_km, earlier_places, places_from_entries, team_id
from eventcoder.gazetteer.registry import Gazetteer
from eventcoder.gazetteer.table import place_body, read_places_csv

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook

__all__ = [
    "Gazetteer",
    "Imported",
    "Place",
    "distance_km",
    "earlier_places",
    "import_dump",
    "is_dump",
    "open_gazetteer",
    "place_body",
    "places_from_entries",
    "read_places_csv",
    "team_id",
]


def open_gazetteer(
    codebook: Codebook,
    *,
    team: Sequence[Place] = (),
    earlier: Mapping[tuple[str, str], Place] | None = None,
    cache_dir: Path | None = None,
    schema_dir: Path | None = None,
    progress: Progress | None = None,
    extra_dir: Path | None = None,
) -> Gazetteer:
    """Open the gazetteer, building its index first where there is none (some 15 seconds, once a machine and version of the data).

    `team` are the team's own places, `earlier` those of events already coded; both rank before all others. `cache_dir` is where the index
    may lie (see `index`), `schema_dir` the project's `schema/` (default: the packaged one), `progress` is called with a line of text before
    and after building, `extra_dir` is the folder of imported GeoNames files (`<state folder>/places`). Raises `MissingPart` without the data
    packages, `OSError` when the index can be written nowhere.
    """
    connection, path = open_index(cache_dir, progress)

    def rebuild() -> tuple[sqlite3.Connection, Path]:
        build_index(path.parent / index_name(), progress)
        return open_index(cache_dir, progress)

    gazetteer = Gazetteer(codebook, connection, path, team=team, earlier=earlier, schema_dir=schema_dir, reopen=rebuild)
    if extra_dir is not None:
        gazetteer.attach(extra_dir)
    return gazetteer
