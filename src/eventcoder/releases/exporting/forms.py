"""The dialects in which a release can be written, their file formats, and those that cannot be, with the reason. Floor 6; imports no engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eventcoder.codebook.suggestion import did_you_mean
from eventcoder.errors import UsageError

TABULAR: Final = ("csv", "parquet", "jsonl")
SUFFIXES: Final = {".csv": "csv", ".parquet": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl", ".geojson": "geojson"}


@dataclass(frozen=True, slots=True)
class Form:
    """One dialect. `formats` begins with the usual one; `scheme` and `field` name the crosswalk that gives its codes, and their place there;
    `dialect` and `vintage` the one of `schema/dialects` whose `[write]` says how it is written.
    """

    name: str
    title: str
    formats: tuple[str, ...] = TABULAR
    scheme: str = ""
    field: str = ""
    dialect: str = ""
    vintage: str | None = None


FORMS: Final[dict[str, Form]] = {
    form.name: form
    for form in (
        Form("native", "all columns as released"),
        Form("acled", "ACLED's 31 columns", dialect="acled", vintage="2024+"),
        Form("acled-2023", "the same with numbers for actor types and interaction", dialect="acled", vintage="2023"),
        Form("acled-monadic", "ACLED's actor-based form: one row an actor, ids repeat", dialect="acled", vintage="2024+ actor-based"),
        Form("long", "one row for each actor and associated actor, with the event's columns"),
        Form("plover", "PLOVER events and modes", scheme="plover", field="event/mode"),
        Form("cameo", "CAMEO codes", scheme="cameo", field="code"),
        Form("geojson", "points on a map", formats=("geojson",)),
    )
}
_SEE = "what can be said of single values stands in schema/crosswalks"
REFUSED: Final[dict[str, str]] = {
    "acled-2020": "files of 2020 to 2022 had row numbers of ACLED's own (data_id), sizes of crowds inside notes, and regions whose old"
    " bounds are only partly known; writing them would mean inventing them",
    "ucdp_ged": "UCDP GED needs conflicts and dyads with 25 deaths in a year, and deaths by side, which our table does not hold;"
    f" {_SEE}/ucdp_ged.csv",
    "mass_mobilization": "Mass Mobilization needs the protesters' demands on their own government, which our table does not hold;"
    f" {_SEE}/mass_mobilization.csv",
    "scad": f"SCAD needs issues, and whether a protest was organised, which our table does not hold, and joins days to campaigns; {_SEE}/scad.csv",
    "ccc": f"the Crowd Counting Consortium's table needs claims and their valence, which our table does not hold; {_SEE}/ccc.csv",
    "gtd": f"GTD needs weapons, targets and its three criteria of terrorism, which our table does not hold; {_SEE}/gtd.csv",
    "xsub": f"xSub is a count by area and period, not a table of events; {_SEE}/xsub.csv",
}


def form_called(name: str, schema_dir: Path) -> Form:
    """The dialect of this name: one of `FORMS`, or a dialect of the project's own that says how it is written.

    Raises `UsageError` for one that is unknown, and for one that cannot be written, with the reason.
    """
    if name in REFUSED:
        raise UsageError(f"A release cannot be written as {name}: {REFUSED[name]}.", f"Dialects that can be: {', '.join(FORMS)}.")
    if name not in FORMS:
        from eventcoder.intake.dialects import load_dialects

        own = load_dialects(schema_dir).get(name)
        if own is not None and own.write.possible:
            return Form(name, own.title, dialect=name)
        if own is not None:
            raise UsageError(f"A release cannot be written as {name}: {own.write.reason}", f"Dialects that can be: {', '.join(FORMS)}.")
        near = did_you_mean(name, FORMS)
        listed = f"Known: {', '.join(FORMS)}."
        raise UsageError(f"Unknown dialect {name!r}.", f"{near} {listed}" if near and near != listed else listed)
    return FORMS[name]


def format_of(form: Form, wanted: str | None, out: Path | None) -> str:
    """The file format: as asked for, else by the file's ending, else the dialect's usual one. Raises `UsageError` for one it cannot be written in."""
    if wanted is None and out is not None:
        wanted = SUFFIXES.get(out.suffix.lower())
        if wanted is None:
            endings = ", ".join(s for s, kind in SUFFIXES.items() if kind in form.formats)
            raise UsageError(f"{out}: the ending does not say in which format to write.", f"End it in {endings}, or give --format.")
    if wanted is None:
        return form.formats[0]
    if wanted not in form.formats:
        raise UsageError(f"The dialect {form.name} is not written as {wanted!r}.", f"Possible: {', '.join(form.formats)}.")
    return wanted
