"""Check one CSV or Parquet file of events, in a release or anywhere. Floor 6."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from eventcoder.errors import InputError, ReleaseError
from eventcoder.problem import Problem
from eventcoder.releases.csvfile import text_pieces, typed
from eventcoder.releases.layout import CODEBOOK

if TYPE_CHECKING:
    from eventcoder.actors import ActorRegistry
    from eventcoder.codebook import Codebook


def check_event_file(path: Path, codebook: Codebook | None, today: date) -> Iterator[Problem]:
    """Types and rules of every row. Raises `InputError` for a file that cannot be read."""
    from eventcoder.codebook.arrow import arrow_schema
    from eventcoder.validation.rows.bulk import validate_events
    from eventcoder.validation.rows.pieces import validate_parquet

    book = codebook or codebook_around(path)
    schema = arrow_schema(book)
    registered = _register_around(path, book).known
    if path.suffix == ".parquet":
        yield from validate_parquet(path, book, latest_today=today, registered=registered)
        if not pq.read_metadata(path).num_rows:
            yield _nothing(path)
        return
    kinds = {f.name: f.type for f in schema}
    pieces, row = [], 0
    try:
        for texts in text_pieces(path):  # the text form of millions of rows is never held as a whole
            piece, misfits = typed(texts, kinds)
            yield from _misfits(misfits, texts, book, path, row)
            pieces.append(piece)
            row += texts.num_rows
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"{path} cannot be read as CSV in UTF-8: {str(error).rstrip('.')}.", "Give a CSV or Parquet file of events.") from None
    yield from validate_events(pa.concat_tables(pieces), book, latest_today=today, registered=registered)
    if not row:
        yield _nothing(path)


def _register_around(path: Path, book: Codebook) -> ActorRegistry:
    """The register of actors as the release has it in which the file lies; else the packaged one."""
    from eventcoder.releases.tables import read_parquet
    from eventcoder.validation.across import register_of

    beside = path.parent / "actors.parquet"
    if not (path.parent / CODEBOOK).is_dir() or not beside.is_file():
        return register_of(None, book)
    try:
        return register_of(read_parquet(beside), book)
    except ReleaseError:
        return register_of(None, book)  # 'check' of the whole release tells what is wrong with it


def _nothing(path: Path) -> Problem:
    return Problem("no-rows", "There is not one event in the file: nothing was checked. Is it the right one, and whole?", "warning", where=path.name)


def _misfits(misfits: list[tuple[str, int, str]], texts: pa.Table, book: Codebook, path: Path, before: int) -> Iterator[Problem]:
    """Cells that are no value of their column; `before` rows of the file came before these."""
    for column, row, text in misfits:
        _, problems = book.coerce({column: text})
        code = problems[0].code if problems else "not-a-value"
        message = problems[0].message if problems else f"{text!r} is no value of {column}."
        event_id = texts.column("event_id")[row].as_py() if "event_id" in texts.column_names else None
        yield Problem(code, message, "error", event_id, column, text, f"{path.name}, row {before + row + 1}")


def codebook_around(path: Path) -> Codebook:
    """The codebook that lies beside the file (it is part of a release), the one of the project around it, or the packaged one."""
    from eventcoder.codebook import load_codebook
    from eventcoder.project import SETTINGS_FILE, open_project, packaged_schema

    if (path.parent / CODEBOOK).is_dir():
        from eventcoder.releases.checking.check import release_codebook

        return release_codebook(path.parent)
    root = next((p for p in path.resolve().parents if (p / SETTINGS_FILE).is_file()), None)
    return load_codebook(open_project(root).schema_dir if root else packaged_schema())
