"""reliability.json and reliability.html of a release: how far its coders agree who coded the same documents apart. Floor 6.

Nothing where no document was coded by two. Coders stand under the names that the release gives them. Figures are rounded and samples drawn with a
fixed seed, so that the same ledger gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from eventcoder.dataset import pseudonym
from eventcoder.releases.bounded import LARGEST_JSON, kind_of, read_bytes, strict_json
from eventcoder.releases.layout import RELIABILITY
from eventcoder.validation.reports.sheet import contents, shown, table, whole_page

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook
    from eventcoder.coding.opened import Opened
    from eventcoder.ledger import Ledger
    from eventcoder.project import Project

SAMPLES = 200
BY = ("round", "country")
MOST_PAIRS = 100  # pairs of coders that are told of one by one
# tables of many columns scroll; what is said in words at their end must not become a column of single words
_STYLE = "<style>td { overflow-wrap: break-word; } td:last-child:not(.number) { min-width: 18rem; } tbody th { min-width: 10rem; }"
# a long head of a narrow column pushes the remarks out of sight: heads break, between words
_STYLE += " thead th { white-space: normal; overflow-wrap: normal; word-break: normal; }</style>"
_FINDING = ("Measure", "Value", "95% interval", "Remarks")
_HEADS = ("Field", "Metric", "Events", "Alpha", "95% interval", "Empty cells the other way", "Agree", "Cohen's kappa", "Fleiss' kappa", "Remarks")


@dataclass(frozen=True, slots=True)
class _Given:
    """What measuring needs of an opened project."""

    project: Project
    ledger: Ledger
    codebook: Codebook


def reliability(project: Project, ledger: Ledger, codebook: Codebook) -> dict[str, Any] | None:
    """What reliability.json says; None where no document was coded by two coders and handed in by both.

    Raises `CodebookError` for a table of columns (schema/team/agreement.csv) that cannot be read.
    """
    from dataclasses import replace

    from eventcoder.agreement.choosing import parted
    from eventcoder.agreement.codings import measured
    from eventcoder.agreement.measuring import measure
    from eventcoder.team.tasks.planting import planted_share

    found = measured(cast("Opened", _Given(project, ledger, codebook)), by=BY, samples=SAMPLES)
    if not found.chosen.documents:
        return None

    def named(coder: str) -> str:
        return pseudonym(coder, project.settings) or ""

    opened = cast("Opened", _Given(project, ledger, codebook))
    document = {**found.as_json(named), **({"planted": told} if (told := planted_share(opened)) else {})}
    parts = {by: {name: _brief(part.as_json(named)) for name, part in of.items()} for by, of in found.agreement.parts.items()}
    pairs = parted(found.chosen.documents, "coder-pair")
    plain = replace(found.plan, samples=0)
    if len(pairs) <= MOST_PAIRS:
        each = [measure(codings, plain).as_json(named) for codings in pairs.values()]
        parts["coder-pair"] = {" + ".join(one["coders"]): _brief(one) for one in sorted(each, key=lambda one: list(one["coders"]))}
    return {**document, "pairs": len(pairs), "by": parts}


def _brief(part: Mapping[str, Any]) -> dict[str, Any]:
    """Of a part: event finding and the alphas."""
    fields = {one["column"]: {"units": one["units"], **one["alpha"]} for one in part["fields"]}
    return {"documents": part["documents"], "events": part["finding"]["found_by_several"], "f1": part["finding"]["f1"], "alpha": fields}


def read_reliability(folder: Path) -> dict[str, Any] | None:
    """What a release says of its reliability; None where it says nothing. Raises `ReleaseError` for a file that cannot be read."""
    if kind_of(folder / RELIABILITY) != "file":
        return None
    found = strict_json(read_bytes(folder / RELIABILITY, LARGEST_JSON), RELIABILITY)
    return found if isinstance(found, dict) else None


def reliability_page(document: Mapping[str, Any], title: str, version: str) -> str:
    """The document as one page that opens without a network."""
    finding, how = document["finding"], document["how"]
    left = document["left_out"]
    window = how["window"]
    told = (
        f"{title}, version {version}. Documents that several coders coded, each without seeing the others' work: {document['documents']:,}; by"
        f" {len(document['coders']):,} coders in all: {document['codings']:,} codings. They are compared as they were handed in, before anything was"
        " adjudicated."
    )
    left_out = (
        f"Left out: documents that one coder coded: {left['coded_by_one']:,}; codings with a draft that was made wrong on purpose:"
        f" {left['planted']:,}; codings by coders in training: {left['coders_in_training']:,}"
    )
    bereft = left.get("without_counterpart")  # not in releases of older versions
    left_out += f"; codings that had only such ones to be compared with: {bereft:,}." if bereft else "."
    if planted := document.get("planted"):
        left_out += f" {_planted(planted)}"
    same = (
        f"Two codings of one document are one event if they lie at most {window['days']:g} days and {window['km']:g} km apart, matched one to one."
        f" {finding['events']:,} events were found by anybody, {finding['found_by_several']:,} of them by two coders or more;"
        f" in {finding['documents_without_event']:,} documents nobody found one."
    )
    rows = [
        ("F1 of event finding", *_figure(finding["f1"])),
        ("Alpha of whether a document holds an event", *_figure(finding["any_event_alpha"])),
    ]
    if alike := finding.get("any_event_agreement"):  # where nearly every document holds one, alpha is low beside a high share
        rows.append(("Share of equal answers to that", *_figure(alike)))
    parts = [
        ("finding", "Do they find the same events?", f"<p>{shown(same)}</p>\n{table('Event finding', _FINDING, rows)}"),
        ("fields", "Do they say the same of an event?", _fields(document["fields"])),
        ("parts", "By round, country and pair of coders", "\n".join(_part(by, of) for by, of in sorted(document["by"].items()))),
        ("how", "How it was measured", _how(how)),
    ]
    return whole_page("Reliability", [_STYLE, f"<p>{shown(told)}</p>", f"<p>{shown(left_out)}</p>", *contents(parts)])


def _planted(planted: Mapping[str, Any]) -> str:
    """How often a draft made wrong on purpose was taken as it was: of all coders together, as it is nobody's business of whom."""
    if planted["share"] is None:
        return f"Of the drafts made wrong {planted['decided']:,} were decided, by too few coders to say how."
    between = f"95% interval {planted['low']:.0%} to {planted['high']:.0%}"
    return f"Of {planted['decided']:,} drafts made wrong that were decided, {planted['accepted']:,} were accepted as they stood ({between})."


def _figure(figure: Mapping[str, Any]) -> tuple[Any, str, str]:
    if figure["value"] is None:
        return "none", "", figure.get("reason", "")
    if figure["low"] is None:
        return figure["value"], "", f"No interval: {figure['no_interval']}." if figure.get("no_interval") else ""
    return figure["value"], f"{figure['low']:g} to {figure['high']:g}", ""


def _fields(fields: Iterable[Mapping[str, Any]]) -> str:
    from eventcoder.agreement.fields import unit_apart

    rows = []
    for one in fields:
        value, between, remark = _figure(one["alpha"])
        remarks = [remark] if remark else []
        if one["level"] is not None and one["alpha"]["value"] is not None and one["alpha"]["value"] < one["level"]:
            remarks.append(f"Below the {one['level']:g} that the team wants.")
        if one.get("mean_apart"):
            remarks.append(f"On average {one['mean_apart']:g}{unit_apart(one['metric'], one['column'])} apart.")
        share = one["percent_agreement"]["value"]
        kappas = (one["cohens_kappa"]["value"], one["fleiss_kappa"]["value"])
        agree = None if share is None else f"{share:.1%}"
        rows.append((one["column"], one["metric"], one["units"], value, between, one["alpha_otherwise"]["value"], agree, *kappas, " ".join(remarks)))
    said = (
        "<p>On the events that both found. Krippendorff's alpha is 1 for complete agreement and 0 for what chance alone would give; kappa is for"
        " categories only. A field in which the coders hardly differ because there is hardly anything to differ about has a low alpha and a high"
        " percentage, or no alpha at all.</p>\n"
    )
    kept = [at for at in range(len(_HEADS)) if any(row[at] not in (None, "") for row in rows)]  # an empty column pushes the remarks out of sight
    return said + table("Agreement by field", [_HEADS[at] for at in kept], [[row[at] for at in kept] for row in rows])


def _part(by: str, parts: Mapping[str, Any]) -> str:
    columns = list(next(iter(parts.values()))["alpha"]) if parts else []
    kept = [name for name in columns if any(part["alpha"][name]["value"] is not None for part in parts.values())]
    rows = [
        (name, part["documents"], part.get("events"), part["f1"]["value"], *(part["alpha"][column]["value"] for column in kept))
        for name, part in parts.items()
    ]
    return table(f"F1 and alpha by {by}", (by.capitalize(), "Documents", "Events", "F1", *kept), rows)


def _how(how: Mapping[str, Any]) -> str:
    boot = how["bootstrap"]
    said = (
        f"Intervals: {boot['interval']:.0%}, percentiles of {boot['samples']} samples of documents, drawn with a fixed seed. Empty cells are missing"
        " or a value of their own, as the table says; numbers, days and points with empty cells as a value are compared as equal or not."
    )
    rows = [(name, one["metric"], one["absent"], one["level"], one["why"]) for name, one in how["columns"].items()]
    return f"<p>{shown(said)}</p>\n" + table("Metrics", ("Field", "Metric", "Empty cells", "Alpha wanted", "Why"), rows)
