"""Drafts into a Parquet dataset: a folder with one file a part of the documents. Floor 5.

    part-*.parquet              drafts (`rows.schema`); a part's being there says that its documents are done, its metadata which and by what
    _problems/part-*.parquet    what could not be read, and what was dropped; readers of datasets pass over names that begin with '_'
    _run.json                   the engine and state that the drafts are of: another one is refused

A part is written aside and renamed (an object store shows an object when it is whole), after its problems.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from eventcoder.corpus.pieces import Answer, Item
from eventcoder.corpus.places import Place, asked
from eventcoder.corpus.rows import problem_schema, schema, table
from eventcoder.errors import InputError, Refused

RUN_FILE = "_run.json"
PROBLEMS = "_problems"
FORMAT = 1
_MARK = b"eventcoder"


@dataclass(frozen=True, slots=True)
class Counts:
    """What a part holds. `failed` documents were not read; `again` is how many of them might be, in another run."""

    documents: int = 0
    drafts: int = 0
    failed: int = 0
    again: int = 0
    undated: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


class ParquetTarget:
    """The folder that drafts go to. `about` is what all its parts must agree in: engine, version, state, source.

    Raises `Refused` where the folder holds drafts of something else, `InputError` where it holds other things. With `anew` what is there is replaced.
    """

    def __init__(self, where: Place, about: dict[str, str], *, anew: bool = False) -> None:
        self.where = where
        self._state = about["state"]
        if where.is_file():
            raise InputError(f"{where.shown} is a file.", "Name a folder: a dataset is a folder of Parquet files.")
        there = [name for name in where.inside() if "/" not in name and name.endswith(".parquet")]
        run = where.under(RUN_FILE)
        if run.exists():
            _same(json.loads(run.read()), about, where.shown, anew)
        elif there:
            raise InputError(f"{where.shown} holds other Parquet files ({there[0]}).", "Name a new folder for the drafts.")
        if anew:
            for name in there:
                where.under(name).remove()
        body = json.dumps({"format": FORMAT, **about}, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8")
        run.write(lambda stream: stream.write(body))
        self._there = set() if anew else set(there)

    def done(self, name: str, key: str) -> Counts | None:
        """What the part `name` holds, if it stands for `key` and nothing of it needs another try; else None."""
        if name not in self._there:
            return None
        import pyarrow.parquet as pq

        place = self.where.under(name)
        with asked(place), place.files.open_input_file(place.path) as stream:
            told = json.loads((pq.read_schema(stream).metadata or {}).get(_MARK, b"{}"))
        if told.get("key") != key or told.get("state") != self._state:
            return None
        counts = Counts(**told["counts"])
        return None if counts.again else counts

    def write(self, name: str, key: str, answers: Sequence[tuple[Item, Answer]]) -> Counts:
        """Write one part; what it holds."""
        import pyarrow.parquet as pq

        rows = [(item.id, *row) for item, answer in answers for row in answer.drafts]
        failed = [answer for _, answer in answers if answer.failed]
        undated = sum(1 for item, _ in answers if item.text is not None and item.text.document.published is None)
        counts = Counts(len(answers), len(rows), len(failed), sum(1 for a in failed if not a.lasting), undated)
        told = [(i.id, p.code, p.severity, p.field, p.message, a.failed) for i, a in answers for p in a.problems]
        problems = self.where.under(PROBLEMS).under(name)
        if told:
            problems.write(lambda stream: pq.write_table(table(told, problem_schema()), stream, compression="zstd"))
        elif name in self._there and problems.exists():
            problems.remove()
        about = json.dumps({"key": key, "state": self._state, "counts": {n: getattr(counts, n) for n in Counts.__slots__}}, sort_keys=True)
        columns = schema().with_metadata({_MARK: about.encode("utf-8")})
        self.where.under(name).write(lambda stream: pq.write_table(table(rows, columns), stream, compression="zstd"))
        return counts

    def keep_only(self, names: Iterable[str]) -> int:
        """Remove parts of documents that are no longer there; how many."""
        gone = sorted(self._there - set(names))
        for name in gone:
            self.where.under(name).remove()
            problems = self.where.under(PROBLEMS).under(name)
            if problems.exists():
                problems.remove()
        return len(gone)


def _same(told: dict[str, Any], about: dict[str, str], shown: str, anew: bool) -> None:
    """Raise `Refused` unless the folder is of this engine, state and source."""
    remedy = "Name a new folder, or give --again to replace all that is there."
    if told.get("format") != FORMAT:
        raise Refused(f"{shown} was written by another version of eventcoder.", "Name a new folder.")
    if told.get("source") != about["source"]:
        raise Refused(f"{shown} holds drafts of {told.get('source')}, not of {about['source']}.", "Name a new folder.")
    if anew:
        return
    was, now = (f"{d.get('engine')} {d.get('engine_version')}" for d in (told, about))
    if was != now:
        raise Refused(f"{shown} holds drafts of the engine {was}; this is {now}, and one dataset is of one engine.", remedy)
    if told.get("state") != about["state"]:
        raise Refused(f"{shown} was made with another state of codebook, word lists, registers or settings; one dataset is of one state.", remedy)
