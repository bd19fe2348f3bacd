"""Releases: immutable folders that explain and verify themselves. Floor 6.

`build_release` makes one from the ledger's settled events, `check_release` verifies one by its own files, `publish` copies them elsewhere,
`withdraw` marks one, `export_acled` writes the 31 columns. `layout` says which files there are and what is in them. The names load lazily, so
that the reader, which needs the manifest only, does not import the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

_HOMES = {
    "ReleaseResult": "build",
    "build_release": "build",
    "check_release": "check",
    "Published": "publishing",
    "export_acled": "publishing",
    "publish": "publishing",
    "release_folder": "publishing",
    "withdraw": "publishing",
}
__all__ = ["Published", "ReleaseResult", "build_release", "check_release", "export_acled", "publish", "release_folder", "withdraw"]

if TYPE_CHECKING:
    from eventcoder.releases.build import ReleaseResult, build_release
    from eventcoder.releases.check import check_release
    from eventcoder.releases.publishing import Published, export_acled, publish, release_folder, withdraw


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(f"eventcoder.releases.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'eventcoder.releases' has no attribute {name!r}")
