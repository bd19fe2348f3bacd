"""Crosswalks: how our codes stand to those of other schemes, as data in `schema/crosswalks/SCHEME.csv`. Floor 2.

A row says that events with one code of ours (and a condition over our columns) have a value there, or the other way round, whether that may be
converted without a person (`certain`), and what is lost. `schema/crosswalks/README.md` explains each cell. Nothing is guessed: what is uncertain
comes out as a candidate, what has no counterpart as nothing with the reason.

A project whose own `schema/` has no `crosswalks/` uses those that ship with the package; rows of theirs about codes that its codebook does not
have are left out then. A project's own rows must all be right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from eventcoder.codebook import Codebook
from eventcoder.codebook.closures import Closure, compile_closure
from eventcoder.codebook.expression.nodes import TRUE, Node, column_names
from eventcoder.codebook.expression.parser import parse
from eventcoder.codebook.expression.tokens import ExpressionError
from eventcoder.codebook.read import read_csv
from eventcoder.codebook.suggestion import did_you_mean
from eventcoder.errors import CodebookError, NotFound
from eventcoder.problem import Problem
from eventcoder.project import packaged_schema

FOLDER: Final = "crosswalks"
HEADER: Final = ("column", "ours", "field", "theirs", "condition", "direction", "certain", "loss", "source")
NONE: Final = "none"  # in place of a code: it has no counterpart, and `loss` says why
ANY: Final = "any"  # in `ours`: whatever the code, the condition decides
DIRECTIONS: Final = ("to", "from", "both")
CERTAIN: Final = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file. `tree` is the condition; `line` the line on which it begins."""

    line: int
    column: str
    ours: str
    field: str
    theirs: str
    condition: str
    direction: str
    certain: bool
    loss: str
    source: str
    tree: Node = TRUE

    @property
    def to(self) -> bool:
        """Whether the row speaks of our events in their codes."""
        return self.direction != "from"

    @property
    def back(self) -> bool:
        """Whether the row speaks of their values in our codes."""
        return self.direction != "to"


@dataclass(frozen=True, slots=True)
class Match:
    """What one event is there: `codes` hold all, of `candidates` any may hold. `losses` are sentences, those about a candidate begin with it."""

    codes: tuple[str, ...]
    candidates: tuple[str, ...]
    losses: tuple[str, ...]

    @property
    def certain(self) -> bool:
        """Whether there are codes and nothing is left to decide."""
        return bool(self.codes) and not self.candidates


@dataclass(frozen=True)
class Crosswalk:
    """The rows of one scheme in the order of the file."""

    id: str
    rows: tuple[Row, ...]
    codebook: Codebook

    @cached_property
    def _counterparts(self) -> dict[tuple[str, str, str], str]:
        return {(r.column, r.field, r.theirs): r.ours for r in self.rows if r.back and r.certain}

    def reads(self, column: str, field: str) -> tuple[str, ...]:
        """Our columns that decide what an event is there: `column` and those of the conditions."""
        trees = (r.tree for r in self.rows if r.to and r.column == column and r.field in (field, ""))
        return tuple(dict.fromkeys((column, *(name for tree in trees for name in column_names(tree)))))

    def converter(self, column: str, field: str) -> Callable[[Mapping[str, Any]], Match]:
        """A function from an event's values (those of `reads`; dates as ISO text) to what it is there in `field`."""
        rows = [r for r in self.rows if r.to and r.column == column and r.field in (field, "")]
        tested: list[tuple[Row, Closure]] = [(r, compile_closure(r.tree, self.codebook.lists)) for r in rows]
        known = {r.ours for r in rows} - {ANY}

        def convert(values: Mapping[str, Any]) -> Match:
            code = None if values[column] is None else str(values[column])
            fitting = [r for r, applies in tested if r.ours in (code, ANY) and applies(values) is True]
            codes = dict.fromkeys(r.theirs for r in fitting if r.certain and r.theirs != NONE)
            candidates = dict.fromkeys(r.theirs for r in fitting if not r.certain and r.theirs not in (NONE, *codes))
            losses = dict.fromkeys(r.loss if r.certain or r.theirs == NONE else f"{r.theirs}: {r.loss}" for r in fitting if r.loss)
            if code not in known:
                losses[f"The crosswalk {self.id} has no row for {code!r}." if code else f"{column} is empty."] = None
            elif not fitting:
                losses[f"No row of the crosswalk {self.id} fits."] = None
            return Match(tuple(codes), tuple(candidates), tuple(losses))

        return convert

    def counterpart(self, column: str, field: str, theirs: str) -> str | None:
        """Our code for one of their values where it is certain; `NONE` where certainly nothing of ours is; None where a person has to decide."""
        return self._counterparts.get((column, field, theirs))


def load_crosswalks(schema_dir: Path, codebook: Codebook) -> dict[str, Crosswalk]:
    """All crosswalks of a codebook's folder by the name of their scheme. Raises `CodebookError` naming file and line for one that is broken."""
    folder, own = _folder(schema_dir)
    found: dict[str, Crosswalk] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.csv")):
        rows, wrong = _rows(path, codebook, own=own)
        problems += wrong
        found[path.stem] = Crosswalk(path.stem, tuple(rows), codebook)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise CodebookError(f"The crosswalks in {folder} are broken: {problems[0].message}{more}", "Mend the line that is named.", problems)
    return found


def load_crosswalk(schema_dir: Path, codebook: Codebook, scheme: str) -> Crosswalk:
    """One of them; the other files are not read. Raises `NotFound` naming those there are, and `CodebookError`."""
    folder, own = _folder(schema_dir)
    path = folder / f"{scheme}.csv"
    if not path.is_file():
        raise NotFound(f"There is no crosswalk '{scheme}'.", did_you_mean(scheme, sorted(p.stem for p in folder.glob("*.csv"))))
    rows, problems = _rows(path, codebook, own=own)
    if problems:
        raise CodebookError(problems[0].message, "Mend the line that is named.", problems)
    return Crosswalk(scheme, tuple(rows), codebook)


def prove_crosswalks(schema_dir: Path, codebook: Codebook) -> Iterator[Problem]:
    """Every fault of the crosswalks, and `crosswalk-gap` (a warning) for each code of ours that a file does not mention. Never raises."""
    folder, own = _folder(schema_dir)
    for path in sorted(folder.glob("*.csv")):
        try:
            rows, problems = _rows(path, codebook, own=own)
        except CodebookError as error:
            yield Problem("bad-crosswalk", str(error), where=f"{FOLDER}/{path.name}")
            continue
        yield from problems
        for column in dict.fromkeys(r.column for r in rows):
            told = {r.ours for r in rows if r.to and r.column == column}
            for code in codebook.lists[codebook.columns_by_name[column].list]:
                if code not in told:
                    where = f"{FOLDER}/{path.name}"
                    message = f"{where}: nothing is said of {column} '{code}'. Add a row; 'none' and the reason where it has no counterpart."
                    yield Problem("crosswalk-gap", message, "warning", field=column, value=code, where=where)


def _folder(schema_dir: Path) -> tuple[Path, bool]:
    own = schema_dir / FOLDER
    return (own, True) if own.is_dir() else (packaged_schema() / FOLDER, False)


def _rows(path: Path, codebook: Codebook, *, own: bool) -> tuple[list[Row], list[Problem]]:
    """The rows of a file and what is wrong with them. Raises `CodebookError` for a file that cannot be read as a table of this header."""
    name = f"{FOLDER}/{path.name}"
    try:
        table = read_csv(name, path.read_bytes(), HEADER, others=False)
    except OSError as error:
        raise CodebookError(f"{path} cannot be read: {error.strerror}.", "Restore it from version control.") from None
    rows: list[Row] = []
    problems: list[Problem] = []
    for line, cells in zip(table.lines, table.dicts(), strict=True):
        where = f"{name}, line {line}"
        if not own and cells["column"] in codebook.columns_by_name and _unknown(codebook, cells["column"], cells["ours"]):
            continue  # the packaged file speaks of a code that this project does not have
        row, wrong = _row(codebook, cells, line, where)
        problems += wrong
        if row is not None:
            rows.append(row)
    return rows, problems + list(_contradictions(name, rows))


def _unknown(codebook: Codebook, column: str, code: str) -> bool:
    codes: Sequence[str] = codebook.lists[listed].codes if (listed := codebook.columns_by_name[column].list) else ()
    return code not in (NONE, ANY, *codes)


def _row(codebook: Codebook, cells: Mapping[str, str], line: int, where: str) -> tuple[Row | None, list[Problem]]:
    problems: list[Problem] = []

    def bad(message: str, field: str, code: str = "bad-crosswalk") -> None:
        problems.append(Problem(code, f"{where}: {message}".strip(), field=field, value=cells[field], where=where))

    known = codebook.columns_by_name.get(cells["column"])
    if known is None or not known.list:
        listed = [c.name for c in codebook.columns if c.list]
        bad(f"column '{cells['column']}' is no column of ours with a list of codes. {did_you_mean(cells['column'], listed)}", "column")
    elif _unknown(codebook, known.name, cells["ours"]):
        bad(
            f"ours '{cells['ours']}' is no code of the list {known.list}. {did_you_mean(cells['ours'], codebook.lists[known.list])}",
            "ours",
            "unknown-code",
        )
    if not cells["theirs"]:
        bad("theirs is empty. Write their value, or 'none' and the reason in loss.", "theirs")
    elif (cells["theirs"] == NONE) != (not cells["field"]):
        bad("field names where their value stands; it is empty exactly where theirs is 'none'.", "field")
    if cells["direction"] not in DIRECTIONS:
        bad(f"direction '{cells['direction']}' is none of {', '.join(DIRECTIONS)}.", "direction")
    if cells["ours"] == NONE and cells["direction"] != "from":
        bad("a value without a code of ours has the direction 'from'.", "direction")
    if cells["theirs"] == NONE and cells["direction"] != "to":
        bad("a code without a value of theirs has the direction 'to'.", "direction")
    if cells["ours"] == ANY and (cells["direction"] != "to" or not cells["condition"]):
        bad("'any' code of ours needs a condition, and the direction 'to'.", "ours")
    if cells["certain"] not in CERTAIN:
        bad(f"certain '{cells['certain']}' is neither yes nor no.", "certain")
    if not cells["loss"] and (cells["certain"] == "no" or NONE in (cells["ours"], cells["theirs"])):
        bad("loss is empty. Say in a sentence what is lost, or what a person has to decide.", "loss")
    if not cells["source"]:
        bad("source is empty. Say on what the row rests.", "source")
    tree: Node = TRUE
    if cells["condition"]:
        if cells["direction"] == "from":
            bad("a condition speaks of our columns, which their values do not have yet. Leave it out, or use the direction 'to'.", "condition")
        try:
            tree = parse(cells["condition"], codebook.scope)
        except ExpressionError as error:
            bad(f"condition, column {error.offset + 1}: {error.reason}.", "condition", "bad-expression")
    if problems:
        return None, problems
    return Row(line=line, tree=tree, **{**cells, "certain": CERTAIN[cells["certain"]]}), []  # type: ignore[arg-type]


def _contradictions(name: str, rows: Sequence[Row]) -> Iterator[Problem]:
    """Rows that stand twice, and certain rows from a value that another row from it contradicts."""
    seen: dict[tuple[str, ...], int] = {}
    back: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        for way in ("to", "from") if row.direction == "both" else (row.direction,):
            key = (row.column, row.ours, row.field, row.theirs, row.condition, way)
            where = f"{name}, line {row.line}"
            if row.theirs != NONE and key in seen:
                yield Problem("bad-crosswalk", f"{where}: says the same as line {seen[key]}. Take one out.", value=row.theirs, where=where)
            seen[key] = row.line
        if row.back:
            back.setdefault((row.column, row.field, row.theirs), []).append(row)
    for (_, field, theirs), found in back.items():
        sure = next((r for r in found if r.certain), None)
        other = next((r for r in found if sure is not None and r.ours != sure.ours), None)
        if sure is not None and other is not None:
            where = f"{name}, line {sure.line}"
            message = f"{where}: {field} '{theirs}' is certainly '{sure.ours}', but line {other.line} says '{other.ours}'."
            yield Problem("bad-crosswalk", message, field="certain", value=theirs, where=where)
