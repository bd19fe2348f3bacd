"""The verdict on one event: every check of the codebook, run as Python closures. The same verdicts as the bulk form (`duck`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.codebook.closures import LATEST_TODAY
from eventcoder.codebook.coercion import wrong_type
from eventcoder.codebook.rules import PLACEHOLDER, Check
from eventcoder.codebook.suggestion import did_you_mean, no_column
from eventcoder.problem import Problem

if TYPE_CHECKING:
    from eventcoder.codebook.schema import Codebook

SHOWN = 80  # characters of a value inside a message


def shown(value: Any) -> str:
    """A value inside a message: lists joined, nothing for null, long texts cut."""
    if value is None or value == []:
        return "nothing"
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def formatted(message: str, values: Mapping[str, Any]) -> str:
    """The message with {column} placeholders filled; `{{` and `}}` stand for braces."""
    text = message.replace("{{", "\1").replace("}}", "\2")
    return PLACEHOLDER.sub(lambda found: shown(values.get(found[1])), text).replace("\1", "{").replace("\2", "}")


def problem_of(codebook: Codebook, check: Check, values: Mapping[str, Any], event_id: str | None) -> Problem:
    """The problem that a broken check means for an event with these values."""
    value = values.get(check.field) if check.field else None
    message = formatted(check.message, values)
    if check.code == "unknown-code" and check.field:
        known = codebook.lists[codebook.column(check.field).list]
        wrong = next((item for item in value if item not in known), "") if isinstance(value, list) else str(value)
        message = f"{message} {did_you_mean(wrong, known.codes)}".rstrip()
    return Problem(check.code, message, check.severity, event_id, check.field, value)


def check_event(codebook: Codebook, values: Mapping[str, Any], *, latest_today: date, event_id: str | None = None) -> list[Problem]:
    """Everything that is wrong with one event, in the order of the columns and then of the rules."""
    problems: list[Problem] = []
    row: dict[str, Any] = dict.fromkeys(codebook.names)
    for name, value in values.items():
        if name not in row:
            message = no_column(name, codebook.names, codebook.about.get("migration"))
            problems.append(Problem("unknown-column", message, "error", event_id, name, value))
        elif value is not None and (code := wrong_type(codebook.column(name), value)):
            message = f"{name} holds {shown(value)!r}, which is not a {codebook.column(name).type}."
            problems.append(Problem(code, message, "error", event_id, name, value))
        else:
            row[name] = value
    row[LATEST_TODAY] = latest_today.isoformat()
    problems += [problem_of(codebook, check, row, event_id) for check, broken in codebook.compiled if broken(row) is True]
    return problems
