"""What a model is asked to answer, as a pydantic model whose JSON Schema is derived from the codebook; and an answer read leniently. Floor 5.

The schema that is sent is strict: every field named, labels as enumerations. Reading is lenient: an endpoint may ignore the schema, and one wrong
label must not cost the statement beside it. What is wrong is told by who uses the values.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model, field_validator

from eventcoder.codebook import Codebook

COUNTED = ("killed", "injured", "arrested", "crowd")
ACTORS = ("actor1", "actor2")
PLACES = ("location", "admin1", "country")
FIELDS = ("sub_event_type", "date", *PLACES, *ACTORS, *COUNTED)
_THOUGHT = re.compile(r"\A\s*<(think|thinking|reasoning)>.*?</\1>", re.DOTALL)
_MOST_STARTS = 200  # places of an answer at which a JSON object may begin


class Quoted(BaseModel):
    """A value with the words of the document that say so. Null value: the document does not tell."""

    model_config = ConfigDict(extra="ignore")
    value: str | int | float | None = None
    quote: str = ""
    english: str | None = None
    actor_class: str | None = None

    @field_validator("quote", mode="before")
    @classmethod
    def _text(cls, value: Any) -> Any:
        return "" if value is None else value

    @property
    def told(self) -> bool:
        """Does it say anything? A model abstains with null, or with an empty value."""
        return bool(self.quote.strip()) or self.value not in (None, "")


class Statement(BaseModel):
    """One statement of a document, as the model tells it."""

    model_config = ConfigDict(extra="ignore")
    quote: str = ""
    status: str = ""
    clue: str | None = None
    sub_event_type: Quoted = Quoted()
    date: Quoted = Quoted()
    location: Quoted = Quoted()
    admin1: Quoted = Quoted()
    country: Quoted = Quoted()
    actor1: Quoted = Quoted()
    actor2: Quoted = Quoted()
    killed: Quoted = Quoted()
    injured: Quoted = Quoted()
    arrested: Quoted = Quoted()
    crowd: Quoted = Quoted()

    @field_validator("quote", "status", mode="before")
    @classmethod
    def _text(cls, value: Any) -> Any:
        return "" if value is None else value

    @field_validator(*FIELDS, mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        """A value without its quote is taken for what it is, so that it can be reported; the word null is no value."""
        if value is None or (isinstance(value, str) and value.strip().casefold() in ("null", "none", "")):
            return Quoted()
        return value if isinstance(value, dict) else Quoted(value=value if isinstance(value, str | int | float) else str(value))

    def field(self, name: str) -> Quoted:
        """The field called `name`."""
        value = getattr(self, name)
        assert isinstance(value, Quoted)
        return value


class BadAnswer(ValueError):
    """An answer that holds no statements in any form that can be read; the message says what it holds."""


def answer_schema(codebook: Codebook) -> dict[str, Any]:
    """The JSON Schema of the answer, with the codebook's statuses, types and classes as enumerations."""
    lists = codebook.lists
    statuses, types, classes = (list(lists[name].codes) for name in ("statuses", "sub_event_types", "inter"))
    quote = Annotated[str, Field(description="words of the document, copied exactly")]
    english = Annotated[str | None, Field(description="the quote in English if the document is in another language, else null")]
    columns = {column.name: column.description for column in codebook.columns}

    def quoted(name: str, value: Any, **more: Any) -> Any:
        return create_model(name, __config__=ConfigDict(extra="forbid"), value=value, quote=quote, **more)

    def said(column: str, words: str) -> Any:
        """The codebook's own first sentence about the column, before what the model needs besides."""
        first = columns.get(column, "").split(". ")[0]
        return Field(description=f"{first}. {words}" if first else words)

    label = Annotated[str, Field(json_schema_extra=_enumerated(types))]
    translated = quoted("Translated", str, english=english)
    actor = quoted("Actor", str, english=english, actor_class=Annotated[str, Field(json_schema_extra=_enumerated(classes))])
    number = quoted("People", int, english=english)
    fields: dict[str, Any] = {
        "quote": quote,
        "status": Annotated[str, Field(json_schema_extra=_enumerated(statuses))],
        "clue": Annotated[str | None, Field(description="the words of the document that decide the status, copied exactly")],
        "sub_event_type": quoted("Type", label) | None,
        "date": Annotated[translated | None, Field(description="day of the event as YYYY-MM-DD; quote the words that tell it")],
        "location": Annotated[translated | None, said("location", "The name in English letters; quote it as written.")],
        "admin1": Annotated[translated | None, said("admin1", "Only if the document names it.")],
        "country": Annotated[translated | None, said("country", "Only if the document names it.")],
        "actor1": Annotated[actor | None, said("actor1", "The name or the words in English; quote them as written.")],
        "actor2": Annotated[actor | None, said("actor2", "As actor1.")],
    }
    for name in COUNTED:
        what = f"people {'in the crowd' if name == 'crowd' else name}; quote the number with its noun and verb"
        fields[name] = Annotated[number | None, Field(description=what)]
    statement = create_model("StatementAnswer", __config__=ConfigDict(extra="forbid"), **fields)
    whole = create_model("Answer", __config__=ConfigDict(extra="forbid"), statements=(list[statement], ...))  # type: ignore[valid-type]
    out: dict[str, Any] = _strict(whole.model_json_schema())
    return out


def _enumerated(codes: list[str]) -> dict[str, Any]:
    return {"enum": list(codes)}


def _strict(node: Any) -> Any:
    """The form that strict endpoints ask for: every property required, no titles, no defaults, nothing beside a reference."""
    if isinstance(node, list):
        return [_strict(one) for one in node]
    if not isinstance(node, dict):
        return node
    out = {key: _strict(value) for key, value in node.items() if key != "default" and not (key == "title" and isinstance(value, str))}
    if "properties" in out:
        out["required"] = list(out["properties"])
        out["additionalProperties"] = False
    return out


def read_answer(content: str) -> tuple[list[Statement], list[str]]:
    """The statements of an answer, and what of it could not be read, in words. Raises `BadAnswer` where there is no list of statements."""
    found = _object(content)
    listed = found.get("statements")
    if not isinstance(listed, list):
        keys = ", ".join(repr(str(key)[:40]) for key in list(found)[:5]) or "nothing"
        raise BadAnswer(f"a JSON object of another schema: it holds {keys}, not 'statements'")
    out: list[Statement] = []
    faults: list[str] = []
    for number, raw in enumerate(listed, 1):
        if not isinstance(raw, dict):
            faults.append(f"statement {number} is no object but {_short(raw)}")
            continue
        try:
            out.append(Statement.model_validate(raw))
        except ValidationError as error:
            first = error.errors()[0]
            faults.append(
                f"statement {number}: '{'.'.join(str(part) for part in first['loc'])}' cannot be read ({first['msg']}): {_short(first['input'])}"
            )
    if listed and not out:
        raise BadAnswer(f"no statement of a form that can be read ({faults[0]})")
    return out, faults


def _object(content: str) -> dict[str, Any]:
    """The JSON object of an answer, also where thoughts, a fence or words stand around it."""
    text = _THOUGHT.sub("", content).strip()
    if not text:
        raise BadAnswer("nothing")
    other: dict[str, Any] | None = None
    decoder = json.JSONDecoder()
    at, starts = text.find("{"), 0
    while at >= 0 and starts < _MOST_STARTS:
        starts += 1
        try:
            found, end = decoder.raw_decode(text, at)
        except ValueError:
            if starts == 1 and '"statements"' in text[at : at + 40]:
                raise BadAnswer(f"JSON that breaks off or is malformed: …{_short(text[-60:])}") from None
            at = text.find("{", at + 1)
            continue
        except RecursionError:
            break
        if isinstance(found, dict):
            if "statements" in found:
                return found
            other = other or found
        at = text.find("{", end)
    if other is not None:
        return other
    raise BadAnswer(f"no JSON object but {_short(text)}")


def _short(value: Any) -> str:
    return repr(value if len(str(value)) <= 80 else str(value)[:80] + "…")
