"""A release in the forms that others read. Floor 6; of intake it needs nothing, a crosswalk and the release's own code lists decide.

    forms      which dialects there are, in which file formats, and which cannot be written, with the reason
    shapes     batches of events -> batches of the dialect's columns, and what is lost on the way
    coded      the shape of dialects whose codes come from a crosswalk
    writers    batches -> CSV, Parquet, JSON Lines, GeoJSON
    target     where a file may be written; written aside, then renamed
    run        the whole

`export_release` and `ExportResult` load lazily: the names of the dialects, which help pages show, need no engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["ExportResult", "export_release"]

if TYPE_CHECKING:
    from eventcoder.releases.exporting.run import ExportResult, export_release


def __getattr__(name: str) -> Any:
    if name in __all__:
        from eventcoder.releases.exporting import run

        return getattr(run, name)
    raise AttributeError(f"module 'eventcoder.releases.exporting' has no attribute {name!r}")
