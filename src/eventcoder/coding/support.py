"""What stands behind a new event: its reports, evidence, counts and draft, read and held against the project's documents. Floor 5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eventcoder.coding.records import NewEvent, remark_text
from eventcoder.errors import NotFound, UsageError
from eventcoder.problem import Problem

if TYPE_CHECKING:
    from pydantic import ValidationError

    from eventcoder.coding.opened import Opened


@dataclass(slots=True)
class Support:
    """Whole document ids, spans and counts that may be stored; `problems` are structural: with any of them nothing is stored."""

    reports: list[str] = field(default_factory=list)
    evidence: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    counts: list[dict[str, Any]] = field(default_factory=list)
    draft: str | None = None
    reason: str | None = None
    problems: list[Problem] = field(default_factory=list)


def read_support(opened: Opened, new: NewEvent) -> Support:
    """Check what `new` hands in beside its values. A quote must stand in the stored text exactly where the span says, if the text is here."""
    out = Support()
    out.reports = _reports(opened, new, out.problems)
    if new.evidence:
        out.evidence = _evidence(opened, new, out.problems)
    if new.counts:
        out.counts = _counts(opened, new, out.problems)
    for name in ("draft", "reason"):
        value = getattr(new, name)
        if value is not None and not isinstance(value, str):
            out.problems.append(_bad(new, name, value, f"'{name}' is a text."))
        elif value:
            try:
                setattr(out, name, remark_text(value) if name == "reason" else value)
            except UsageError as error:
                out.problems.append(_bad(new, name, value, str(error)))
    return out


def _bad(new: NewEvent, name: str, value: Any, said: str) -> Problem:
    return Problem("bad-support", said, field=name, value=str(value)[:200], where=new.where)


def _reports(opened: Opened, new: NewEvent, problems: list[Problem]) -> list[str]:
    if isinstance(new.reports, str) or not isinstance(new.reports, Sequence) or not all(isinstance(r, str) and r for r in new.reports):
        problems.append(_bad(new, "documents", new.reports, "'documents' is a list of document ids."))
        return []
    found = [_document(opened, new, "documents", name, problems) for name in new.reports]
    return list(dict.fromkeys(d for d in found if d))


def _document(opened: Opened, new: NewEvent, field_: str, name: str, problems: list[Problem]) -> str | None:
    try:
        return opened.find_document(name)
    except NotFound as error:
        problems.append(Problem("unknown-document", str(error), field=field_, value=name, where=new.where))
        return None


def _evidence(opened: Opened, new: NewEvent, problems: list[Problem]) -> dict[str, list[dict[str, Any]]]:
    from pydantic import ValidationError

    from eventcoder.event import Evidence

    if not isinstance(new.evidence, Mapping) or not all(isinstance(v, Sequence) and not isinstance(v, str) for v in new.evidence.values()):
        problems.append(_bad(new, "evidence", new.evidence, "'evidence' maps a column to a list of {document, start, end, quote}."))
        return {}
    out: dict[str, list[dict[str, Any]]] = {}
    for name, spans in new.evidence.items():
        if name not in opened.codebook.columns_by_name:
            problems.append(_bad(new, "evidence", name, f"There is no column '{name}' that evidence could support."))
            continue
        for span in spans:
            try:
                read = Evidence.model_validate(span)
            except ValidationError as error:
                problems.append(_bad(new, f"evidence.{name}", span, _said(error)))
                continue
            document = _document(opened, new, f"evidence.{name}", read.document, problems)
            if document is None:
                continue
            try:
                text = opened.documents.text(document)
            except NotFound:
                text = None  # texts may be kept off this machine
            if text is not None and text[read.start : read.end] != read.quote:
                said = f"The text of {document} does not say {read.quote[:80]!r} at {read.start} to {read.end}. A quote is verbatim."
                problems.append(Problem("quote-not-verbatim", said, field=name, value=read.quote[:200], where=new.where))
                continue
            out.setdefault(name, []).append({**read.model_dump(), "document": document})
    return out


def _counts(opened: Opened, new: NewEvent, problems: list[Problem]) -> list[dict[str, Any]]:
    from pydantic import ValidationError

    from eventcoder.event import Count

    if isinstance(new.counts, str | Mapping) or not isinstance(new.counts, Sequence):
        problems.append(_bad(new, "counts", new.counts, "'counts' is a list of {kind, low, best, high, words, document}."))
        return []
    out: list[dict[str, Any]] = []
    for count in new.counts:
        try:
            read = Count.model_validate(count)
        except ValidationError as error:
            problems.append(_bad(new, "counts", count, _said(error)))
            continue
        kept = {name: value for name, value in read.model_dump().items() if value is not None and value != ""}
        if read.document is not None:
            document = _document(opened, new, "counts", read.document, problems)
            if document is None:
                continue
            kept["document"] = document
        out.append(kept)
    return out


def _said(error: ValidationError) -> str:
    """The first complaint of the record model, with the place."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}." if place else f"{first['msg']}."


def put_support(
    body: dict[str, Any], reports: Sequence[str], evidence: Mapping[str, Sequence[Mapping[str, Any]]], counts: Sequence[Mapping[str, Any]]
) -> None:
    """Put what supports an event into the body of an act."""
    documents = list(dict.fromkeys([*reports, *(s["document"] for spans in evidence.values() for s in spans)]))
    if documents:
        body["reports"] = [{"document": d} for d in documents]
    if evidence:
        body["evidence"] = {f: [dict(s) for s in spans] for f, spans in evidence.items() if spans}
    if counts:
        body["counts"] = [dict(c) for c in counts]
