"""The pydantic model of an event's values, made from the columns; for borders where a typed object is wanted.

It takes typed values (JSON), not text from forms: codes are exact, dates are ISO text. A test proves that it accepts and refuses the same typed
values as `Codebook.coerce`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr, create_model

from eventcoder.codebook.coercion import clean_text, wrong_type
from eventcoder.codebook.columns import LARGEST, Column
from eventcoder.codebook.expression.patterns import for_python
from eventcoder.codebook.schema import Codebook


def event_model(codebook: Codebook) -> type[BaseModel]:
    """A frozen model with every column, all optional (an open event has gaps), that refuses unknown keys."""
    fields: dict[str, Any] = {}
    for column in codebook.columns:
        value: Any = _type(codebook, column)
        if column.type == "list":
            fields[column.name] = (value, Field(default_factory=list, description=column.description))
        else:
            fields[column.name] = (value | None, Field(None, description=column.description))
    return create_model("EventValues", __config__=ConfigDict(extra="forbid", frozen=True), **fields)


def _type(codebook: Codebook, column: Column) -> Any:
    if column.type == "boolean":
        return StrictBool
    if column.type in ("integer", "number"):
        low = column.min if column.min is not None else -LARGEST
        high = column.max if column.max is not None else LARGEST
        number: Any = StrictInt if column.type == "integer" else StrictInt | StrictFloat
        bounded: Any = Annotated[number, Field(ge=low, le=high)]
        return Annotated[bounded, AfterValidator(_one_of(codebook, column))] if column.list else bounded
    text: Any = Annotated[StrictStr, AfterValidator(_text(codebook, column))]
    return list[text] if column.type == "list" else text


def _one_of(codebook: Codebook, column: Column) -> Any:
    codes = codebook.lists[column.list]

    def check(value: Any) -> Any:
        if str(value) not in codes:
            raise ValueError(f"not a code of the list {column.list}")
        return value

    return check


def _text(codebook: Codebook, column: Column) -> Any:
    pattern = re.compile(for_python(column.pattern), re.ASCII) if column.pattern else None
    codes = codebook.lists[column.list] if column.list else None

    def check(value: str) -> str:
        if column.type == "date":
            if wrong_type(column, value):
                raise ValueError("not a day YYYY-MM-DD")
            _bounded(column, value)
        elif clean_text(column, value) != value:
            raise ValueError("not clean text: NFC, stripped, without control characters, not too long, no ';' in an item of a list")
        if codes is not None and value not in codes:
            raise ValueError(f"not a code of the list {column.list}")
        if pattern is not None and not pattern.search(value):
            raise ValueError(f"not of the form {column.pattern}")
        return value

    return check


def _bounded(column: Column, day: str) -> None:
    if (column.min is not None and day < str(column.min)) or (column.max is not None and day > str(column.max)):
        raise ValueError("out of range")
