"""What is said about an article: names of fields, dates, visibility, sidecars. Floor 2.

Headers, front matter, JSON keys and CSV columns all go through `Origin.take`; the names people use for one thing are in `KEYS`. A value that
cannot be understood refuses the article: a wrong publication date moves every event in it, a misread visibility betrays a source.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from eventcoder.text import clean

KEYS = {
    "text": "text body content article article_text full_text fulltext maintext story",
    "published": "published date date_published published_date publication_date pub_date pubdate publish_date published_at publishedat datetime",
    "title": "title headline heading",
    "publisher": "publisher source sitename site_name outlet newspaper publication medium",
    "url": "url link source_url canonical permalink",
    "language": "language lang",
    "licence": "licence license rights",
    "visibility": "visibility",
    "invented": "invented fictional sample",
    "source_sha256": "source_sha256 sha256",
}
_CANONICAL = {name: field for field, names in KEYS.items() for name in names.split()}
# Known companions of an article that are not part of its record: never worth a warning.
_IGNORED = frozenset((
    "author", "authors", "byline", "by", "section", "tags", "keywords", "category", "categories", "description", "summary", "id", "note", "notes",
    "slug", "layout", "place", "retrieved",
))  # fmt: skip
_MONTHS = {m: n for n, names in enumerate(
    ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug", "september sep sept",
     "october oct", "november nov", "december dec"), 1) for m in names.split()}  # fmt: skip
_ISO = re.compile(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?:[t ]\d{1,2}[:.]\d{2}.*)?")
_DAY_FIRST = re.compile(r"(?:[a-z]+,?\s+)?(\d{1,2})(?:st|nd|rd|th)?[\s-]+([a-z]+)\.?,?[\s-]+(\d{4})(?:[,\s].*)?")
_MONTH_FIRST = re.compile(r"(?:[a-z]+,\s+)?([a-z]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?:[,\s].*)?")
_NUMERIC = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]+)*")


class Misread(ValueError):
    """Metadata that cannot be used. `code` is the problem's code; the message says what and how to mend it."""

    def __init__(self, code: str, message: str, field: str, value: Any) -> None:
        super().__init__(message)
        self.code, self.field, self.value = code, field, value


def canonical_key(name: str) -> str | None:
    """The field that a header, key or column of this name fills, or None."""
    return _CANONICAL.get(name.strip().casefold().replace(" ", "_").replace("-", "_"))


def is_ignored(name: str) -> bool:
    """True for names that go with articles but are no part of the record (author, tags, ...)."""
    return name.strip().casefold().replace(" ", "_") in _IGNORED


def nearest_key(name: str) -> str | None:
    """The known name that `name` may be a misspelling of."""
    near = difflib.get_close_matches(name.casefold(), _CANONICAL, 1)
    return near[0] if near else None


def parse_published(value: Any) -> date | None:
    """The calendar day of a publication date as written (a clock time is dropped, its day kept); None for nothing.

    Read: ISO days and times, `17 January 2020`, `January 17, 2020`, RFC 2822, and numeric dates that can be read in one way only.
    Raises `Misread` for ambiguous (03/04/2020), impossible, other-calendar (years before 1700) and unreadable dates.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise _bad_date(value, "is not a date", "Write it as YYYY-MM-DD.")
    text = value.strip().casefold()
    if m := _ISO.fullmatch(text):
        year, month, day = int(m[1]), int(m[3]), int(m[4])
    elif (m := _DAY_FIRST.fullmatch(text)) and m[2] in _MONTHS:
        year, month, day = int(m[3]), _MONTHS[m[2]], int(m[1])
    elif (m := _MONTH_FIRST.fullmatch(text)) and m[1] in _MONTHS:
        year, month, day = int(m[3]), _MONTHS[m[1]], int(m[2])
    elif m := _NUMERIC.fullmatch(text):
        first, second, year = int(m[1]), int(m[2]), int(m[3])
        if first <= 12 and second <= 12 and first != second:
            raise _bad_date(value, "can be read as two different days", "Write it as YYYY-MM-DD.")
        day, month = (first, second) if second <= 12 else (second, first)
    else:
        raise _bad_date(value, "cannot be read as a date", "Write it as YYYY-MM-DD.")
    if year < 1700:
        raise _bad_date(value, "seems to count years in another calendar", "Give the day of the Gregorian calendar as YYYY-MM-DD.")
    try:
        return date(year, month, day)
    except ValueError:
        raise _bad_date(value, "is not a day of the calendar", "Mend it, or give the right day as YYYY-MM-DD.") from None


def _bad_date(value: Any, what: str, remedy: str) -> Misread:
    return Misread("document-bad-date", f"the publication date {value!r} {what}. {remedy}", "published", value)


def parse_field(field: str, value: Any) -> Any:
    """One value of `KEYS` in the form that `Article` holds; None for nothing. Raises `Misread`."""
    if field == "published":
        return parse_published(value)
    if isinstance(value, Mapping):  # {"id": ..., "name": ...}, as news services write sources
        value = value.get("name")
    if isinstance(value, bool):
        text = "yes" if value else "no"
    elif value is None or isinstance(value, (list, tuple)):
        return None
    else:
        text = clean(str(value))
    if not text:
        return None
    if field == "visibility":
        if text.casefold() not in ("public", "undisclosed"):
            raise Misread("document-bad-visibility", f"visibility {text!r} is not known. Write public or undisclosed.", field, text)
        return text.casefold()
    if field == "invented":
        if text.casefold() not in ("yes", "no", "true", "false", "1", "0"):
            raise Misread("document-format", f"'invented' is {text!r}. Write yes or no.", field, text)
        return text.casefold() in ("yes", "true", "1")
    if field == "language":
        code = text.casefold().replace("_", "-")
        if not _LANGUAGE.fullmatch(code):
            raise Misread("document-format", f"language {text!r} is not a language code. Write a code such as en, es, ar or fa.", field, text)
        return code.split("-")[0]
    return " ".join(text.split()) if field in ("title", "publisher", "licence") else text


def take(raw: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Known fields of a record (without its text) in the form of `Article`, and the names that are not known. Raises `Misread`.

    Where two names fill one field (`date` and `published`), the first that `KEYS` lists wins.
    """
    found: dict[str, tuple[int, Any]] = {}
    unknown: list[str] = []
    for name, value in raw.items():
        field = canonical_key(str(name))
        if field is None:
            if not is_ignored(str(name)):
                unknown.append(str(name))
            continue
        if field == "text":
            continue
        parsed = parse_field(field, value)
        rank = KEYS[field].split().index(str(name).strip().casefold().replace(" ", "_").replace("-", "_"))
        if parsed is not None and (field not in found or rank < found[field][0]):
            found[field] = (rank, parsed)
    return {field: value for field, (_, value) in found.items()}, unknown


def sidecar_of(path: Path) -> Path | None:
    """The file that holds metadata of the raw article `path`: `a.txt.json`, `a.txt.toml`, `a.json`, `a.toml` for `a.txt`."""
    for suffix in (".json", ".toml"):
        if (beside := path.with_name(path.name + suffix)).is_file():
            return beside
    for suffix in (".json", ".toml"):
        beside = path.with_suffix(suffix)
        if beside != path and beside.is_file() and is_sidecar(beside):
            return beside
    return None


def is_sidecar(path: Path) -> bool:
    """True if the file holds metadata of an article beside it (and is not an article, as a JSON file with a text would be)."""
    if path.suffix == ".toml":
        return True
    if path.suffix != ".json":
        return False
    owners = [p for p in path.parent.glob(f"{_escaped(path.stem)}.*") if p != path and p.suffix not in (".json", ".toml")]
    if path.with_suffix("").is_file():
        owners.append(path.with_suffix(""))
    if not owners:
        return False
    try:
        raw = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError):
        return True  # broken, and it stands where a sidecar stands: the article beside it must not be read without it
    first = raw[0] if isinstance(raw, list) and raw else raw
    return not isinstance(first, dict) or not any(canonical_key(k) == "text" for k in first)


def _escaped(stem: str) -> str:
    return re.sub(r"([\[\]*?])", r"[\1]", stem)


def read_sidecar(path: Path) -> tuple[dict[str, Any], list[str]]:
    """Metadata of a sidecar file, and its unknown names. Raises `Misread` (`document-sidecar`, or that of the value)."""
    try:
        text = path.read_text("utf-8-sig")
        raw = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except OSError as error:
        raise Misread("document-sidecar", f"its sidecar {path.name} cannot be read: {error.strerror}.", "sidecar", path.name) from None
    except ValueError as error:
        said = f"its sidecar {path.name} is not valid {path.suffix[1:].upper()}: {error}. Mend or remove it."
        raise Misread("document-sidecar", said, "sidecar", path.name) from None
    if not isinstance(raw, dict):
        raise Misread("document-sidecar", f"its sidecar {path.name} must hold one object.", "sidecar", path.name)
    return take(raw)
