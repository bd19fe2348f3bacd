"""The functions of the expression language: names, argument types, result types, and what they mean in Python.

Arguments of kind "pattern" are text literals from the bounded subset of `expression.patterns`; "list name" and "attribute" are names of the
codebook's lists and of their columns, written bare or in quotes. Texts compare by code point, in both compiled forms.

`lower` maps each code point by itself (so a final sigma is an ordinary one and 'İ' becomes 'i'): that is what DuckDB does. `length` counts
code points. `decimals` counts up to 8.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date

TEXT, NUMBER, DATE, BOOL, LIST = "text", "number", "date", "bool", "list"
PATTERN, LIST_NAME, ATTRIBUTE, NUMBER_ATTRIBUTE = "pattern", "list name", "attribute", "number attribute"

MAX_DECIMALS = 8
OPEN_END = 9999  # regime_end of a regime that has not ended

_REGIME = re.compile(r"\(([0-9]{4})-([0-9]{4})?\)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes and gives. `text or list` is written as the kind "measurable"."""

    args: tuple[str, ...]
    result: str
    meaning: str


FUNCTIONS: dict[str, Signature] = {
    "lookup": Signature((LIST_NAME, TEXT, ATTRIBUTE), TEXT, "the attribute of a code; null for an unknown code or an empty cell"),
    "lookup_number": Signature((LIST_NAME, TEXT, NUMBER_ATTRIBUTE), NUMBER, "the same as a number"),
    "in_list": Signature((LIST_NAME, TEXT), BOOL, "whether the list has the code"),
    "all_in_list": Signature((LIST_NAME, LIST), BOOL, "whether the code list has every item of a list column"),
    "has_item": Signature((LIST, TEXT), BOOL, "whether a list column has the item"),
    "any_item_matches": Signature((LIST, PATTERN), BOOL, "whether the pattern is found in an item"),
    "count_items_matching": Signature((LIST, PATTERN), NUMBER, "in how many items the pattern is found"),
    "matches": Signature((TEXT, PATTERN), BOOL, "whether the pattern is found in the text"),
    "starts_with": Signature((TEXT, TEXT), BOOL, "whether the text begins so"),
    "ends_with": Signature((TEXT, TEXT), BOOL, "whether the text ends so"),
    "has_word": Signature((TEXT, TEXT), BOOL, "whether the word stands in the text, between spaces or its ends"),
    "suffix": Signature((TEXT,), TEXT, "the text between the last ( and the next ); null without any"),
    "regime_start": Signature((TEXT,), NUMBER, "the first year in (YYYY-YYYY) or (YYYY-)"),
    "regime_end": Signature((TEXT,), NUMBER, f"the last year; {OPEN_END} for an open end"),
    "year": Signature((DATE,), NUMBER, "the calendar year"),
    "month": Signature((DATE,), NUMBER, "1 to 12"),
    "day": Signature((DATE,), NUMBER, "1 to 31"),
    "days_between": Signature((DATE, DATE), NUMBER, "the second date minus the first, in days"),
    "length": Signature(("measurable",), NUMBER, "code points of a text, items of a list"),
    "combine_inter": Signature((TEXT, TEXT), TEXT, "the interaction label of two inter codes, in either order; of one alone if the second is null"),
    "decimals": Signature((NUMBER,), NUMBER, f"digits after the point, {MAX_DECIMALS} at most"),
    "latest_today": Signature((), DATE, "the latest calendar day that is today anywhere (UTC+14)"),
    "lower": Signature((TEXT,), TEXT, "in lower case, code point by code point"),
    "mentions": Signature((TEXT, TEXT), BOOL, "whether the text holds the other, whatever the case"),
}

#: functions that give a value although an argument is null (a null list is an empty one)
NULL_SAFE = frozenset({"combine_inter", "all_in_list", "any_item_matches", "count_items_matching", "latest_today"})


def lower(text: str) -> str:
    return text.lower() if text.isascii() else text.replace("İ", "i").replace("Σ", "σ").lower()


def mentions(text: str, word: str) -> bool:
    return lower(word) in lower(text)


def has_word(text: str, word: str) -> bool:
    return f" {word} " in f" {text} "


def suffix(text: str) -> str | None:
    start = text.rfind("(")
    end = text.find(")", start)
    return (text[start + 1 : end] or None) if 0 <= start < end else None


def regime_start(text: str) -> int | None:
    found = _REGIME.search(text)
    return int(found.group(1)) if found else None


def regime_end(text: str) -> int | None:
    found = _REGIME.search(text)
    return int(found.group(2) or OPEN_END) if found else None


def year(day: str) -> int:
    return int(day[:4])


def month(day: str) -> int:
    return int(day[5:7])


def day(day: str) -> int:
    return int(day[8:10])


def days_between(first: str, second: str) -> int:
    return date.fromisoformat(second).toordinal() - date.fromisoformat(first).toordinal()


def decimals(number: float) -> int:
    """For how many k of 0..7 `number * 10**k` is not whole: plain double arithmetic, the same in every engine."""
    count = 0
    for k in range(MAX_DECIMALS):
        scaled = number * 10.0**k
        if abs(scaled - math.floor(scaled + 0.5)) > 1e-6:
            count += 1
    return count
