"""The pages that people read beside the data: citation and licence. Floor 6."""

from __future__ import annotations

import json

from eventcoder.project import Settings
from eventcoder.releases.package import LICENCES
from eventcoder.releases.papers.deposit import person


def citation(settings: Settings, version: str, created: str) -> str:
    """How to cite this version, in one line."""
    authors = "; ".join(settings.authors) or settings.title
    url = f" {settings.url}" if settings.url else ""
    doi = f" https://doi.org/{settings.doi}" if settings.doi else ""
    return f"{authors} ({created[:4]}): {settings.title}, version {version}.{url}{doi}"


def citation_file(settings: Settings, version: str, created: str) -> str:
    """CITATION.cff (format 1.2.0). Every text is written as a JSON string, which YAML reads as it is."""
    lines = [
        "cff-version: 1.2.0",
        'message: "If you use these data, cite this version of them."',
        "type: dataset",
        f"title: {_text(settings.title)}",
        f"version: {_text(version)}",
        f"date-released: {_text(created[:10])}",
        f"license: {_text(settings.licence)}",
    ]
    if settings.url:
        lines.append(f"url: {_text(settings.url)}")
    if settings.doi:
        lines.append(f"doi: {_text(settings.doi)}")
    if settings.keywords:
        lines += ["keywords:", *(f"  - {_text(word)}" for word in dict.fromkeys(settings.keywords))]
    lines.append("authors:")
    for author in settings.authors or (settings.title,):
        family, given = person(author)
        if given:
            lines += [f"  - family-names: {_text(family)}", f"    given-names: {_text(given)}"]
        else:
            lines.append(f"  - name: {_text(family)}")
    return "\n".join(lines) + "\n"


def licence_text(settings: Settings) -> str:
    """A short statement of the data's licence; the full text stands where it is published."""
    where = LICENCES.get(settings.licence)
    full = f"Its full text: {where}\n" if where else "Ask the authors for its full text if you do not know it.\n"
    return (
        f"{settings.title}\n\nThe data in this folder are made available under the licence {settings.licence}.\n{full}\n"
        "It covers the events, their coding and the tables around them. Short quotes in evidence.* stay the property of the publishers named\n"
        "with them and are shown as evidence only. The data come without warranty: they report what sources said, which may be wrong.\n"
    )


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
