"""What `validate` holds the ledger against, as far as it is at hand: texts, gazetteer, registers, the latest release. Floor 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventcoder.cli.output import note
from eventcoder.errors import InputError, MissingPart, ReleaseError

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.coding import Desk
    from eventcoder.gazetteer.atlas import Atlas


def at_hand(desk: Desk) -> dict[str, Any]:
    """Keyword arguments of `project_report`. What is not there is left out, and a part that should be there and cannot be read is told."""
    return {
        "documents": desk.documents,
        "atlas": _atlas(desk),
        "register": desk.actors,
        "released": _latest_release(desk),
        "schema_dir": desk.project.schema_dir,
    }


def _atlas(desk: Desk) -> Atlas | None:
    from eventcoder.gazetteer.atlas import open_atlas

    try:
        team = desk.team_places if desk.has_ledger else []
        return open_atlas(desk.codebook, team=team, schema_dir=desk.project.schema_dir, extra_dir=desk.project.state_dir / "places", progress=note)
    except (MissingPart, OSError) as error:
        note(f"Points are not compared with the gazetteer: {error}")
        return None


def _latest_release(desk: Desk) -> dict[str, pa.Table] | None:
    from eventcoder.releases.layout import RETRACTED, VERSIONS
    from eventcoder.releases.tables import read_parquet, read_retracted, still_withdrawn
    from eventcoder.releases.versions import read_versions

    folder = desk.project.releases_dir
    if not (folder / VERSIONS).is_file():
        return None
    try:
        latest = read_versions(folder).latest
        if latest is None:
            return None
        release = folder / latest
        return {"events": read_parquet(release / "events.parquet"), "retracted": still_withdrawn(read_retracted(release / RETRACTED))}
    except (ReleaseError, InputError) as error:
        note(f"The ledger is not compared with the latest release: {error}")
        return None
