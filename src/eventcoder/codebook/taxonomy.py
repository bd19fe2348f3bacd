"""Faults of code lists that reading alone does not see: parents, old spellings, prefixes, and how the lists refer to each other.

Part of the proof of a codebook. Lists of a project's own are judged by the columns that every list has; the lists that the software itself
reads (types, interactions, countries) also by their attributes, where they have them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from eventcoder.codebook.lists import SEPARATOR, CodeList
from eventcoder.codebook.read import LISTS_DIR
from eventcoder.codebook.suggestion import did_you_mean
from eventcoder.problem import Problem, Severity

Lists = Mapping[str, CodeList]

#: (list, attribute, list that it names codes of): what is computed from a code goes through these
REFERENCES = (
    ("sub_event_types", "event_type", "event_types"),
    ("sub_event_types", "disorder_type", "disorder_types"),
    ("countries", "region", "regions"),
)
#: (list, attribute, words that it may hold): the software acts on each
WORDS = (
    ("sub_event_types", "civilian_targeting", ("always", "if_civilians", "never", "never_warn")),
    ("sub_event_types", "fatalities", ("any", "zero")),
)
#: (list, attribute, form): values of a column are made of them, so every code needs one of its own
UNIQUE = (
    ("countries", "iso", "[0-9]{1,3}"),
    ("inter", "number", "[1-9]"),
    ("interactions", "number", "[1-9][0-9]"),
    ("sub_event_types", "rank", "[1-9][0-9]*"),
)
PREFIX = re.compile("[A-Z]{3}")  # ACLED Codebook, table 1: the letters of event_id_cnty


def prove_lists(lists: Lists) -> Iterator[Problem]:
    """Everything that is wrong within the lists and between them, list by list."""
    for name, codes in lists.items():
        yield from _definitions(name, codes)
        yield from _parents(name, codes)
        yield from _spellings(name, codes)
        yield from _prefixes(name, codes)
    yield from _references(lists)


def _told(code: str, name: str, item: str, text: str, severity: Severity = "error") -> Problem:
    where = f"{LISTS_DIR}/{name}.csv, code '{item}'"
    return Problem(code, f"{where}: {text}".rstrip(), severity, value=item, where=where)


def _definitions(name: str, codes: CodeList) -> Iterator[Problem]:
    for code in codes:
        if not codes.attribute(code, "definition"):
            yield _told("undescribed-code", name, code, "no definition. Say in one to three sentences what it means.", "warning")


def _parents(name: str, codes: CodeList) -> Iterator[Problem]:
    for code in codes:
        parent = codes.attribute(code, "parent")
        if parent is None:
            continue
        if parent not in codes:
            yield _told("missing-parent", name, code, f"its parent '{parent}' is not a code of the list. {did_you_mean(parent, codes.codes)}")
            continue
        seen = {code}
        above: str | None = parent
        while above is not None and above not in seen:
            seen.add(above)
            above = codes.attribute(above, "parent")
        if above == code:
            yield _told("missing-parent", name, code, "it is its own ancestor: the chain of parents runs in a circle.")


def _spellings(name: str, codes: CodeList) -> Iterator[Problem]:
    folded: dict[str, str] = {}
    for code in codes:
        if (other := folded.setdefault(code.casefold(), code)) != code:
            yield _told("ambiguous-spelling", name, code, f"it differs from '{other}' by capital letters only, which input may ignore.")
    old: dict[str, str] = {}
    for code in codes:
        for spelling in (codes.attribute(code, "legacy") or "").split(SEPARATOR):
            key = spelling.strip().casefold()
            if not key:
                continue
            if folded.get(key, code) != code:
                message = f"its old spelling '{spelling.strip()}' is a code of the list itself ('{folded[key]}'), and would never be read as {code}."
                yield _told("ambiguous-spelling", name, code, message)
            elif (other := old.setdefault(key, code)) != code:
                yield _told("ambiguous-spelling", name, code, f"its old spelling '{spelling.strip()}' is also one of '{other}'.")


def _prefixes(name: str, codes: CodeList) -> Iterator[Problem]:
    if "prefix" not in codes.attributes:
        return
    first: dict[str, str] = {}
    for code in codes:
        prefix = codes.attribute(code, "prefix") or ""
        if not PREFIX.fullmatch(prefix):
            yield _told("taxonomy-gap", name, code, f"prefix {prefix!r} is not three capital letters, so no event_id_cnty could be made of it.")
        elif (other := first.setdefault(prefix, code)) != code:
            yield _told("duplicate-prefix", name, code, f"prefix {prefix} belongs to '{other}' already: event_id_cnty would not tell them apart.")


def _references(lists: Lists) -> Iterator[Problem]:
    for name, attribute, other in REFERENCES:
        codes = lists.get(name)
        if codes is None or attribute not in codes.attributes or other not in lists:
            continue
        for code in codes:
            said = codes.attribute(code, attribute)
            if said is None:
                yield _told("taxonomy-gap", name, code, f"no {attribute}, which is computed from it.")
            elif said not in lists[other]:
                yield _told("taxonomy-gap", name, code, f"{attribute} '{said}' is not a code of {other}. {did_you_mean(said, lists[other].codes)}")
        for code in sorted(set(lists[other]) - set(codes.column(attribute)), key=lists[other].codes.index):
            yield _told("taxonomy-gap", other, code, f"no code of {name} leads to it, so no event can have it.", "warning")
    for name, attribute, words in WORDS:
        codes = lists.get(name)
        for code in codes if codes is not None and attribute in codes.attributes else ():
            said = codes.attribute(code, attribute) if codes else None
            if said not in words:
                yield _told("taxonomy-gap", name, code, f"{attribute} {said or ''!r} is not one of {', '.join(words)}.")
    for name, attribute, form in UNIQUE:
        codes = lists.get(name)
        if codes is not None and attribute in codes.attributes:
            yield from _unique(name, codes, attribute, form)
    yield from _legal(lists)


def _unique(name: str, codes: CodeList, attribute: str, form: str) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for code in codes:
        said = codes.attribute(code, attribute) or ""
        if not re.fullmatch(form, said):
            yield _told("taxonomy-gap", name, code, f"{attribute} {said!r} does not have the form {form}.")
        elif (other := first.setdefault(said, code)) != code:
            yield _told("taxonomy-gap", name, code, f"{attribute} {said} belongs to '{other}' already.")


def _legal(lists: Lists) -> Iterator[Problem]:
    types, interactions = lists.get("sub_event_types"), lists.get("interactions")
    if types is None or interactions is None or "legal_interactions" not in types.attributes or "number" not in interactions.attributes:
        return
    numbers = {number for number in interactions.column("number") if number}
    for code in types:
        for number in (types.attribute(code, "legal_interactions") or "").split():
            if number not in numbers:
                yield _told("taxonomy-gap", "sub_event_types", code, f"legal_interactions names {number}, which no code of interactions has.")
