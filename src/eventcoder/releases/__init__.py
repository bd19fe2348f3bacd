"""Releases: immutable folders that explain and verify themselves. Floor 6.

`build_release` makes one from the ledger's settled events, `check_release` verifies one by its own files, `publish` copies them elsewhere,
`withdraw` marks one. `layout` says which files there are and what is in them. The names load lazily, so
that the reader, which needs the manifest only, does not import the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

_HOMES = {
    "ReleaseResult": "making.result",
    "build_candidate": "making.channel",
    "build_release": "making.build",
    "check_release": "checking.check",
    "Published": "publishing.publish",
    "publish": "publishing.publish",
    "release_folder": "withdrawing",
    "withdraw": "withdrawing",
}
__all__ = ["Published", "ReleaseResult", "build_candidate", "build_release", "check_release", "publish", "release_folder", "withdraw"]

if TYPE_CHECKING:
    from eventcoder.releases.checking.check import check_release
    from eventcoder.releases.making.build import build_release
    from eventcoder.releases.making.channel import build_candidate
    from eventcoder.releases.making.result import ReleaseResult
    from eventcoder.releases.publishing.publish import Published, publish
    from eventcoder.releases.withdrawing import release_folder, withdraw


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(f"eventcoder.releases.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'eventcoder.releases' has no attribute {name!r}")
