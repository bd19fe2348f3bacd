"""A query in a codebook's codes: what was asked as SQL, and in words for the page. Floor 5."""

from __future__ import annotations

import difflib
import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from eventcoder.errors import UsageError

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook
    from eventcoder.codebook.lists import CodeList

TYPES = {"event_type": "event_types", "sub_event_type": "sub_event_types", "disorder_type": "disorder_types"}  # column -> list, in this order
_PERIOD = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?")


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for. Countries and types are codes of any of their lists (letter case and old spellings are forgiven); days are YYYY-MM-DD,
    or a month or a year as a whole; `where` is an expression of the codebook over an event's columns. All that is given must hold."""

    countries: Sequence[str] = ()
    types: Sequence[str] = ()  # event types, sub-event types or disorder types
    since: str | None = None
    until: str | None = None
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """The query resolved: `condition` is SQL over the columns, `words` say it ("" for everything), `countries` those asked for (None: all)."""

    condition: str
    words: str
    countries: tuple[str, ...] | None


def asked(query: Query, codebook: Codebook) -> Asked:
    """Raises `UsageError` for codes and days that are not understood, naming the nearest, `CodebookError` for a wrong expression."""
    from eventcoder.codebook.duck import node_sql, quoted

    conditions, words = [], []
    countries = tuple(dict.fromkeys(_code(codebook, {"country": "countries"}, name)[1] for name in query.countries))
    if countries:
        conditions.append(f"country IN ({', '.join(map(quoted, countries))})")
        words.append("country " + " or ".join(countries))
    kinds = list(dict.fromkeys(_code(codebook, TYPES, name) for name in query.types))
    if kinds:
        conditions.append("(" + " OR ".join(f'coalesce("{column}" = {quoted(code)}, FALSE)' for column, code in kinds) + ")")
        words.append("type " + " or ".join(code for _, code in kinds))
    since, until = _day(query.since, "since"), _day(query.until, "until", end=True)
    if since and until and since > until:
        raise UsageError(f"since {since} lies after until {until}.", "Swap them.")
    if since:
        conditions.append(f"event_date >= DATE '{since}'")
        words.append(f"from {since}")
    if until:
        conditions.append(f"event_date <= DATE '{until}'")
        words.append(f"until {until}")
    if query.where is not None:
        conditions.append(f"coalesce({node_sql(codebook, codebook.expression(query.where))}, FALSE)")
        words.append(f"where {query.where.strip()}")
    return Asked(" AND ".join(conditions) or "TRUE", "; ".join(words), countries or None)


def _code(codebook: Codebook, lists: dict[str, str], name: str) -> tuple[str, str]:
    """The column and the code that a name stands for in the first of the lists that knows it."""
    known: dict[str, str] = {}
    for column, listed in lists.items():
        if listed in codebook.lists:
            code = codebook.lists[listed].canonical(name)
            if code is None and column == "country":
                code = _by_iso(codebook.lists[listed], name)
            if code is not None:
                return column, code
            known |= {one.casefold(): one for one in codebook.lists[listed].codes}
    near = difflib.get_close_matches(name.casefold(), known, 1) if len(name) > 3 else []  # letters of a code are like no name
    what = "country" if "country" in lists else "type"
    raise UsageError(f"Unknown {what} {name!r}.", f"Did you mean {known[near[0]]!r}?" if near else "'eventcoder codebook show' lists them.")


def _by_iso(listed: CodeList, name: str) -> str | None:
    """The country whose ISO 3166-1 code this is, as `load` takes them."""
    wanted = name.strip().upper()
    wanted = str(int(wanted)) if wanted.isdecimal() and wanted.isascii() else wanted
    rows = ((code, listed.get(code) or {}) for code in listed.codes)
    return next((code for code, row in rows if wanted and wanted in (row.get("iso2"), row.get("iso3"), row.get("iso"))), None)


def _day(given: str | None, name: str, *, end: bool = False) -> date | None:
    if given is None:
        return None
    try:
        if whole := _PERIOD.fullmatch(given):
            year, month = int(whole[1]), int(whole[2] or (12 if end else 1))
            return date(year, month, monthrange(year, month)[1] if end else 1)
        return date.fromisoformat(given)
    except ValueError:
        raise UsageError(f"{name} {given!r} is not a day.", "Write it as YYYY-MM-DD, YYYY-MM or YYYY.") from None
