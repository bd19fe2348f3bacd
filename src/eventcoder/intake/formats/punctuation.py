"""How a CSV is written: what stands between cells, around them and before a quote inside them. Floor 5.

Found from the header and the first rows. What is usual (`,` `;` TAB `|`, double quotes, doubled inside) needs no proof; anything else is taken only
where every row looked at reads with it and not without. Two answers that are equally good are not chosen between: the file is refused.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

USUAL = ",;\t|"
_NAMES = {"\t": "a tab", " ": "a space", ",": "a comma", ";": "a semicolon", "|": "a bar"}
_ROWS = 200  # rows looked at
_ENOUGH = 0.8  # share of them that must have as many cells as the header
_NEVER = frozenset(" _-.\"'()[]{}<>/\\\r\n")  # signs that stand in names and texts
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)


class Ambiguous(ValueError):
    """Two ways to read the table are equally good."""


@dataclass(frozen=True, slots=True)
class Punctuation:
    """`padded`: a space after the delimiter is not part of the cell. `escaped`: a backslash stands before a quote inside a cell."""

    delimiter: str = ","
    quote: str = '"'
    padded: bool = False
    escaped: bool = False

    def reader(self, lines: Iterable[str]) -> Any:
        """A strict csv.reader; lines must have gone through `as_read` if that is not None."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            skipinitialspace=self.padded,
            escapechar="\\" if self.escaped else None,
            strict=True,
        )

    @property
    def as_read(self) -> Callable[[str], str] | None:
        """Doubles the backslashes that escape nothing, which the csv module would drop (`C:\\news`, MySQL's `\\N`)."""
        if not self.escaped:
            return None
        lone = re.compile(rf"\\(?:(?=[\\{re.escape(self.quote)}{re.escape(self.delimiter)}])(.)|)", re.DOTALL)

        def double(found: re.Match[str]) -> str:
            return found[0] if found[1] else "\\\\"

        return lambda line: lone.sub(double, line) if "\\" in line else line

    @property
    def shown(self) -> str:
        """The delimiter in words."""
        return _NAMES.get(self.delimiter) or (f"'{self.delimiter}'" if self.delimiter.isprintable() else f"U+{ord(self.delimiter):04X}")


@dataclass(frozen=True, slots=True)
class Trial:
    """What a sample gives under one punctuation. `shape`: how its rows differ from the header by one cell, all alike (see `fitted`)."""

    punctuation: Punctuation
    header: tuple[str, ...] = ()
    rows: int = 0
    share: float = 0.0
    shape: str = ""

    @property
    def whole(self) -> bool:
        """Every row reads, and there is one."""
        return self.rows > 0 and self.share == 1.0


def separator_line(line: str) -> str | None:
    """The delimiter that a first line `sep=;` names (Excel's own hint, not part of the table)."""
    found = _SEPARATOR_LINE.fullmatch(line)
    return found[1] if found else None


def find_punctuation(lines: Sequence[str], delimiter: str | None = None, escapes: Sequence[str] = ()) -> Trial:
    """The best punctuation for a sample of whole lines that begins with the header. Raises `Ambiguous`.

    `delimiter`: if the file names it; `escapes`: lines from anywhere in the file that hold a backslash before a quote.
    """
    best = _best([_tried(lines, delimiter)] if delimiter else [_tried(lines, one) for one in USUAL])
    if delimiter is None and (len(best.header) < 2 or best.share < 0.5):
        best = _unusual(lines, best)
    if not best.punctuation.escaped and _proven(best, escapes):
        best = replace(best, punctuation=replace(best.punctuation, escaped=True))
    return best


def fitted(header: Sequence[str], shape: str) -> tuple[str, ...]:
    """The header as long as the rows are."""
    if shape == "short":
        return tuple(header[:-1])
    return ("", *header) if shape == "index" else (*header, "") if shape == "trailing" else tuple(header)


def _best(trials: list[Trial]) -> Trial:
    several = [trial for trial in trials if len(trial.header) > 1]
    if len(several) < 2:
        return several[0] if several else trials[0]
    good = [trial for trial in several if trial.rows and trial.share >= _ENOUGH]
    if len(good) == 1:
        return good[0]
    first, second = sorted(good or several, key=lambda trial: -len(trial.header))[:2]
    if len(first.header) >= 2 * len(second.header):  # a sign that stands once or twice in a long header is part of a name
        return first
    said = f"its header can be split at {first.punctuation.shown} and at {second.punctuation.shown}"
    raise Ambiguous(f"{said} ({len(first.header)} and {len(second.header)} columns), and its rows do not tell which is meant")


def _tried(lines: Sequence[str], delimiter: str) -> Trial:
    plain = _trial(lines, Punctuation(delimiter))
    single = Punctuation(delimiter, quote="'")
    if len(plain.header) > 1 and all(len(c) > 1 and c[0] == c[-1] == "'" for c in plain.header if c):
        quoted = _trial(lines, single)
        return quoted if quoted.whole or not quoted.rows else plain
    if plain.share == 1.0 or not plain.rows:
        return plain
    usual = plain.punctuation
    others = [replace(usual, padded=True), replace(usual, escaped=True), replace(usual, padded=True, escaped=True)]
    begins = re.compile(rf"(?:^|{re.escape(delimiter)})\s*\"")
    if not any(begins.search(line) for line in lines):  # else they are double quotes that are broken, not signs of the text
        others += [single, replace(single, escaped=True)]
    return next((trial for other in others if (trial := _trial(lines, other)).whole), plain)


def _unusual(lines: Sequence[str], best: Trial) -> Trial:
    first = next((line for line in lines if line.strip()), "")
    signs = [c for c in dict.fromkeys(first) if not c.isalnum() and c not in _NEVER and c not in USUAL]
    tried = [trial for sign in signs if (trial := _tried(lines, sign)).whole and len(trial.header) > 2 and all(trial.header[:-1])]
    if len(tried) > 1:
        said = " and at ".join(trial.punctuation.shown for trial in tried[:2])
        raise Ambiguous(f"its header can be split at {said}, and its rows do not tell which is meant")
    return tried[0] if tried else best


def _proven(trial: Trial, escapes: Sequence[str]) -> bool:
    """Whether lines with a backslash before a quote read as rows with escapes only."""
    width = len(trial.header)
    plain, escaped = trial.punctuation, replace(trial.punctuation, escaped=True)
    with_only = 0
    for line in escapes:
        reads, reads_escaped = _reads(line, plain, width), _reads(line, escaped, width)
        if reads and not reads_escaped:
            return False
        with_only += reads_escaped and not reads
    return with_only > 0


def _reads(line: str, punctuation: Punctuation, width: int) -> bool:
    return next((len(cells) == width for cells in _records([line], punctuation) if cells is not None), False)


def _trial(lines: Sequence[str], punctuation: Punctuation) -> Trial:
    records = _records(lines, punctuation)
    header = next((cells for cells in records if cells), None)
    if header is None:
        return Trial(punctuation)
    rows = [cells for cells in records if cells is None or len(cells) > 1 or (cells and cells[0].strip())]
    widths = Counter(len(cells) if cells is not None else 0 for cells in rows)
    width = len(header)
    shape = ""
    if rows and len(widths) == 1 and width not in widths:
        shape = _shape(header, [cells for cells in rows if cells is not None])
    header = list(fitted(header, shape))
    share = widths[len(header)] / len(rows) if rows else 0.0
    return Trial(punctuation, tuple(name.strip() for name in header), len(rows), share, shape)


def _shape(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """`trailing`: the rows end with a delimiter, the header does not; `short`: the other way round; `index`: rows begin with their number."""
    if len(rows) < 2:
        return ""  # one row may be a broken one
    more = len(rows[0]) - len(header)
    if more == 1 and all(not cells[-1] for cells in rows):
        return "trailing"
    if more == 1 and all(re.fullmatch(r"\d{1,9}", c[0]) for c in rows) and len({int(c[0]) - n for n, c in enumerate(rows)}) == 1:
        return "index"
    return "short" if more == -1 and not header[-1].strip() else ""


def _records(lines: Sequence[str], punctuation: Punctuation) -> Iterator[list[str] | None]:
    """Records of a sample, None for one that breaks (then it goes on with the line behind the one where that began)."""
    as_read = punctuation.as_read
    seen = [as_read(line) for line in lines] if as_read else lines
    start = given = 0
    while start < len(seen):
        reader = punctuation.reader(iter(seen[start:]))
        before = start
        try:
            for cells in reader:
                given += 1
                yield cells
                if given > _ROWS:
                    return
                start = before + reader.line_num
            return
        except csv.Error:
            given += 1
            yield None
            if given > _ROWS:
                return
            start += 1
