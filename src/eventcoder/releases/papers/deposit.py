"""`zenodo.json`: the release as the deposit form of Zenodo takes it, so that nobody types it there by hand. Floor 6.

The fields are those of `metadata` in Zenodo's deposit API (POST /api/deposit/depositions with {"metadata": ...}). Nothing here is sent anywhere.
"""

from __future__ import annotations

import html
from typing import Any

from eventcoder.project import Settings

# Zenodo's name of a licence where it is not the SPDX one in small letters.
_LICENCES = {"CC0-1.0": "cc-zero"}


def person(author: str) -> tuple[str, str]:
    """(family name, given names) of an author written "Family, Given"; a name without a comma is an organisation's: (name, "")."""
    family, comma, given = author.partition(",")
    return (family.strip(), given.strip()) if comma and given.strip() else (author.strip().rstrip(",").strip(), "")


def deposit(
    settings: Settings,
    *,
    version: str,
    previous: str | None,
    created: str,
    citation: str,
    description: str,
    since: str | None,
    until: str | None,
    candidate: bool = False,
) -> dict[str, Any]:
    """The deposit's metadata. `since` and `until` are the first and last day of the events (ISO), None where there are none.

    The setting `doi` is the identifier of the dataset in all its versions: the deposit is a version of it, and of a new one it is said that it
    follows an older one; a `candidate` is no version of it, only a supplement. Without a `doi` only the address of the dataset is named: an
    identifier is never made up.
    """
    said = "CHANGES.md and changes.csv say what is different."
    follows = f"It follows version {previous}; {said}" if previous else "It is the first version."
    if candidate:
        follows = f"It was compared with release {previous}; {said}" if previous else "There is no release yet."
    out: dict[str, Any] = {
        "title": f"{settings.title}, version {version}",
        "upload_type": "dataset",
        "description": f"<p>{html.escape(description)}</p><p>{html.escape(follows)}</p><p>{html.escape(f'Cite as: {citation}')}</p>",
        "creators": [{"name": ", ".join(filter(None, person(author)))} for author in settings.authors or (settings.title,)],
        "version": version,
        "publication_date": created[:10],
        "access_right": "open",
        "license": _LICENCES.get(settings.licence, settings.licence.lower()),
        "keywords": list(settings.keywords),
        "language": "eng",
        "related_identifiers": _related(settings, previous, candidate),
    }
    if since and until:
        out["dates"] = [{"type": "Collected", "start": since, "end": until, "description": "Days of the events."}]
    return {"metadata": out}


def _related(settings: Settings, previous: str | None, candidate: bool) -> list[dict[str, str]]:
    out = []
    if settings.doi and candidate:
        out.append({"identifier": settings.doi, "relation": "isSupplementTo", "resource_type": "dataset"})
    elif settings.doi:
        relations = ("isVersionOf", "isNewVersionOf") if previous else ("isVersionOf",)
        out += [{"identifier": settings.doi, "relation": one, "resource_type": "dataset"} for one in relations]
    if settings.url:
        out.append({"identifier": settings.url, "relation": "isDocumentedBy"})
    return out
