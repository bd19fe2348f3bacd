"""What a page is about. Floor 5."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """Facts of the release or of the query, all of them shown as they stand.

    `version` is empty for events that are not released; `query` says in words which events were asked for (empty: all of them); `warnings` are
    said at the top of the page, such as that a version was withdrawn.
    """

    title: str
    version: str = ""
    citation: str = ""
    created: str = ""  # time of the last act in it, ISO 8601
    licence: str = ""
    codebook: str = ""  # id and version
    previous: str | None = None
    query: str = ""
    warnings: tuple[str, ...] = ()
