"""Gold codings: JSON Lines, one document a line (docs/gold.md describes the form). Floor 5."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError

from eventcoder.errors import InputError, Refused
from eventcoder.event import Record, Status
from eventcoder.problem import Problem
from eventcoder.text import normalise

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook

SAME_AS = "same_as"  # the one key of `fields` that is no column: a second telling of the statement with that id


class GoldStatement(Record):
    """One statement as a coder would code it from this text alone. `accept` holds other defensible values, per field or for `status`."""

    id: str
    quote: str = Field(min_length=3)
    status: Status
    fields: dict[str, Any] = Field(default_factory=dict)
    accept: dict[str, list[Any]] = Field(default_factory=dict)

    @property
    def same_as(self) -> str | None:
        """The id of the statement that this one tells again, or None."""
        value = self.fields.get(SAME_AS)
        return None if value is None else str(value)

    def wanted(self, name: str) -> list[Any]:
        """The gold value of a field and the accepted ones, the gold one first."""
        return [self.fields.get(name), *self.accept.get(name, ())]

    def accepts(self, status: str) -> bool:
        """Whether a coder could defend this status."""
        return status == self.status or status in self.accept.get("status", ())

    def right(self, name: str, value: Any) -> bool:
        """Whether a drafted value is the gold one or an accepted one; numbers compare as numbers, lists as sets, empty is null."""
        return any(same(value, wanted) for wanted in self.wanted(name))


class GoldDocument(Record):
    """A document's gold coding. `forbidden` are combinations of values that no codable draft may have.

    With `text` the document needs no project: it is read in memory, with the sidecar that the other keys give.
    """

    document: str
    published: date | None = None
    statements: list[GoldStatement]
    forbidden: list[dict[str, Any]] = Field(default_factory=list)
    text: str | None = Field(default=None, min_length=1)
    title: str | None = None
    publisher: str | None = None
    language: str | None = None
    url: str | None = None
    style: str | None = None
    region: str | None = None


def same(value: Any, wanted: Any) -> bool:
    """Equality of a drafted and a gold value; see `GoldStatement.right`."""
    if isinstance(value, list) and isinstance(wanted, list):
        return {str(v) for v in value} == {str(v) for v in wanted}
    empty: tuple[Any, ...] = (None, "", [])
    if value in empty or wanted in empty:
        return value in empty and wanted in empty
    if isinstance(value, int | float) and isinstance(wanted, int | float):
        return value == wanted
    return str(value) == str(wanted)


def read_gold(path: Path) -> list[GoldDocument]:
    """Read a gold file. Raises `InputError` if it cannot be read, `Refused` with every broken line."""
    try:
        lines = path.read_text("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is not UTF-8 (byte {error.start + 1}).", "Save it as UTF-8.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from None
    documents: list[GoldDocument] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path.name}, line {number}"
        try:
            document = GoldDocument.model_validate(json.loads(line))
        except ValidationError as error:
            for fault in error.errors():
                place = ".".join(map(str, fault["loc"]))
                problems.append(Problem("gold-malformed", f"{place}: {fault['msg']}. docs/gold.md describes the form.", field=place, where=where))
        except (ValueError, RecursionError) as error:
            problems.append(Problem("not-json", f"this is not a JSON object: {error}.", where=where))
        else:
            if document.document in seen:
                told = f"{document.document!r} stands on line {seen[document.document]} already; it would count twice."
                problems.append(Problem("gold-malformed", told, field="document", where=where))
            seen.setdefault(document.document, number)
            problems += _form_faults(document, where)
            documents.append(document)
    if problems:
        raise Refused(f"{path.name}: {len(problems)} problem(s).", "Mend the lines.", problems)
    if not documents:
        raise InputError(f"{path.name} holds no gold coding.", "Give one document a line; docs/gold.md describes the form.")
    return documents


def _form_faults(document: GoldDocument, where: str) -> Iterator[Problem]:
    """What the shape alone does not show: ids that stand twice, second tellings of nothing, quotes that are not in the text once."""
    ids = [s.id for s in document.statements]
    for statement in document.statements:
        place = f"{document.document} {statement.id}"
        if ids.count(statement.id) > 1:
            yield Problem("gold-malformed", f"{place}: the id stands {ids.count(statement.id)} times.", field="id", where=where)
        if statement.same_as is not None and (statement.same_as not in ids or statement.same_as == statement.id):
            yield Problem("gold-malformed", f"{place}: same_as names no other statement: {statement.same_as!r}.", field=SAME_AS, where=where)
        if document.text is not None:
            times = normalise(document.text).count(normalise(statement.quote))
            if times != 1:
                told = f"{place}: the quote stands {times} times in the text, not once; quote a longer or an exact piece."
                yield Problem("gold-malformed", told, field="quote", where=where)


def check_values(documents: Sequence[GoldDocument], codebook: Codebook) -> list[Problem]:
    """Columns and codes that the codebook does not know, days after publication, intervals without their day: slips of the gold's author."""
    out: list[Problem] = []
    for document in documents:
        for statement in document.statements:
            for name, text in dict.fromkeys(_value_faults(document, statement, codebook)):
                out.append(Problem("gold-value", f"{document.document} {statement.id}: {text}", field=name))
        for row in document.forbidden:
            for name in row:
                if name not in codebook.columns_by_name:
                    out.append(Problem("gold-value", f"{document.document}: forbidden names no column: {name!r}.", field=name))
    return out


def _codes_known(value: Any, codebook: Codebook, name: str) -> bool:
    return all(code is None or str(code) in codebook.lists[name] for code in (value if isinstance(value, list) else [value]))


def _value_faults(document: GoldDocument, statement: GoldStatement, codebook: Codebook) -> Iterator[tuple[str, str]]:
    for name in (*statement.fields, *statement.accept):
        column = codebook.columns_by_name.get(name)
        if name in (SAME_AS, "status"):
            continue
        if column is None:
            yield name, f"{name!r} is no column of the codebook."
            continue
        if column.list and name in statement.fields:
            # one of the values must be a code: a gold author may name what the codebook counts to a neighbour, and accept the neighbour
            known = [_codes_known(value, codebook, column.list) for value in statement.wanted(name)]
            if not any(known):
                yield name, f"{name} {statement.fields[name]!r} is no code of the list {column.list}."
    day = statement.fields.get("event_date")
    first, last = statement.fields.get("date_start", day), statement.fields.get("date_end", day)
    if statement.status == "codable" and day and document.published and str(day) > document.published.isoformat():
        yield "event_date", f"event_date {day} is later than the publication."
    if day and first and last and not str(first) <= str(day) <= str(last):
        yield "event_date", f"event_date {day} is not within {first} to {last}."
