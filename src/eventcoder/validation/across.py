"""Checks of a release that look across its rows or beyond it: places, actors, notes. Floor 4.

Places are held against the packaged gazetteer, and all of it follows packaged registers and word lists, which grow: the gazetteer's version and a
hash of the lists go into the document, as others may judge another way, and verdicts are only compared where both are the same. The team's own
places and imported files are not in a release; 'eventcoder validate' knows them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from eventcoder.identity import digest
from eventcoder.problem import Problem
from eventcoder.validation.actor_use import ACTORS, actor_problems
from eventcoder.validation.geography import GEOGRAPHY, geography_problems, open_reference
from eventcoder.validation.notes import NOTES, notes_told, remark_problems
from eventcoder.validation.tally import by_code, limited

if TYPE_CHECKING:
    import pyarrow as pa

    from eventcoder.actors import ActorRegistry
    from eventcoder.codebook import Codebook


@dataclass(frozen=True, slots=True)
class Across:
    """`gazetteer` is the version that points were compared with, None if there was none; `registers` the hash of the registers that were used."""

    gazetteer: str | None = None
    registers: str = ""
    problems: list[Problem] = field(default_factory=list, repr=False)

    def as_json(self) -> dict[str, Any]:
        """What the document of the verdict says: every check with its severity at worst, and how much it found."""
        counts = by_code(self.problems)
        checks = [{"id": code, "severity": severity, "problems": counts[code]} for code, severity in (*GEOGRAPHY, *ACTORS, *NOTES)]
        return {"gazetteer": self.gazetteer, "registers": self.registers, "checks": checks}


def register_of(actors: pa.Table | None, codebook: Codebook) -> ActorRegistry:
    """The packaged register with what the table of actors of a release says that the team registered itself."""
    from eventcoder.actors import ActorRegistry

    return ActorRegistry(codebook, _registered(actors))


def across(tables: Mapping[str, pa.Table], codebook: Codebook, *, most: int | None = None, register: ActorRegistry | None = None) -> Across:
    """All of it over the tables of a release, the events in the codebook's columns. A gazetteer that is absent is one info. `register` is what
    `register_of` gives for these tables, if it was asked already.

    With `most`, so many problems of one check are told and the further ones counted (`tally`).
    """
    events = tables["events"]
    atlas, problems = open_reference(codebook)
    if atlas is not None:
        problems += geography_problems(events, codebook, atlas, most=most)
    actors = tables.get("actors")
    own = {body["name"] for body in _registered(actors)}
    problems += limited(actor_problems(events, codebook, register or register_of(actors, codebook), own=own), most)
    problems += limited(chain(notes_told(events), remark_problems(tables)), most)
    return Across(atlas.version if atlas is not None else None, packaged_registers(), problems)


def _registered(actors: pa.Table | None) -> list[dict[str, Any]]:
    """The team's own actors as bodies of the register. A release lists the classes that occur with the registered one: of several none is known."""
    if actors is None:
        return []
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pa.string()
    kinds = {"actor": text, "inter": pa.list_(text), "country": text, "since": text, "until": text, "registered": pa.bool_()}
    try:
        actors = actors.select(list(kinds)).cast(pa.schema(kinds.items()))
    except (KeyError, pa.ArrowException):  # no such table: the check of the release's form says what is wrong with it
        return []
    rows = actors.filter(pc.equal(actors.column("registered"), True)).to_pylist()
    return [
        {"name": row["actor"], "inter": row["inter"][0] if len(row["inter"] or ()) == 1 else None, "country": row["country"]}
        | {edge: row[edge] for edge in ("since", "until") if _is_day(row[edge])}
        for row in rows
        if row["actor"]
    ]


def _is_day(text: str | None) -> bool:
    from datetime import date

    try:
        return bool(text) and bool(date.fromisoformat(f"{text}-01-01" if len(str(text)) == 4 else str(text)))
    except ValueError:
        return False


@cache
def packaged_registers() -> str:
    """A hash of the registers, word lists and countries that come with the program, line ends apart."""
    from eventcoder.project import packaged_schema

    schema = packaged_schema()
    found = [schema / "lists" / "countries.csv", *(p for part in ("registers", "lexicon") for p in (schema / part).rglob("*.csv"))]
    told = {p.relative_to(schema).as_posix(): hashlib.sha256(p.read_bytes().replace(b"\r\n", b"\n")).hexdigest() for p in found}
    return digest(told)[:16]


def same_gazetteer(then: Mapping[str, Any] | None, now: Mapping[str, Any]) -> bool:
    """Whether two documents of a verdict rest on one version of the gazetteer and of the registers; an older document does not say."""
    one, other = ((document or {}).get("across") for document in (then, now))
    if not (isinstance(one, Mapping) and isinstance(other, Mapping)):
        return False
    return all(one.get(name) == other.get(name) for name in ("gazetteer", "registers"))


def as_judged_then(problems: Iterable[Problem], then: Mapping[str, Any] | None, now: Mapping[str, Any]) -> Iterator[Problem]:
    """The problems of a release that is judged again: what another gazetteer says against a point is an info, no error.

    `then` is the published document of the verdict (None: not readable), `now` that of this run.
    """
    same = same_gazetteer(then, now)
    codes = {code for code, _ in GEOGRAPHY}
    for problem in problems:
        yield problem if same or problem.code not in codes else replace(problem, severity="info")
