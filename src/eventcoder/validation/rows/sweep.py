"""Which conditions are true in which rows of a large table: each is judged once for each combination of values that occurs. Floor 4.

Columns that repeat their values are encoded (`encoding`). A condition's value depends on its parts that read one column only; values of a column
that no part tells apart are one class, and the condition is judged for each combination of classes that occurs: a few thousand instead of a
million. What reads a column of ids or long texts is judged row by row in DuckDB, but first by those of its conjuncts that need not be: mostly
few rows are left. Whatever is left out is decided, never guessed: the verdicts are those of the closures (a test holds them equal).
"""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.codebook.closures import LATEST_TODAY, Closure, compile_closure
from eventcoder.codebook.conjuncts import conjuncts, mentioned, own_parts, words_pattern
from eventcoder.codebook.expression.nodes import ColumnRef, Node, column_names
from eventcoder.validation.rows.encoding import Combinations, Encoded, combine, encode

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from eventcoder.codebook import Codebook

ROW = "_row"
BY_HAND = 6_000  # values times conditions; about what the closures judge while DuckDB plans
SHARE = 8  # one row in so many: with more rows left, or more combinations, a condition is judged in every row
PIECE = 65_536  # rows that a thread takes at a time


class Sweep:
    """The conditions of one codebook over tables of its columns. Not for several threads; close it after use."""

    def __init__(self, codebook: Codebook, latest_today: date) -> None:
        from eventcoder.codebook.duck import connect, prepare

        self._codebook = codebook
        self._today = latest_today.isoformat()
        self._closures: dict[Node, Closure] = {}
        self._sql: dict[Node, str] = {}
        self._con = connect()
        self._lock = threading.Lock()  # the connection serves one thread at a time
        self._pool = ThreadPoolExecutor(os.cpu_count() or 1)
        prepare(self._con, codebook, latest_today)

    def __enter__(self) -> Sweep:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._pool.shutdown()
        self._con.close()

    def true(self, table: pa.Table, conditions: Sequence[Node]) -> dict[int, np.ndarray[Any, Any]]:
        """Place in `conditions` -> numbers of the rows (ascending) in which it is true; conditions that are true nowhere are left out."""
        import numpy as np

        if not len(table):
            return {}
        names = list(dict.fromkeys(name for node in conditions for name in column_names(node)))
        columns = dict(zip(names, self._pool.map(lambda name: encode(table.column(name)), names), strict=True))
        encoded = {name: column for name, column in columns.items() if column is not None}
        whole = [at for at, node in enumerate(conditions) if encoded.keys() >= set(column_names(node))]
        truths = self._by_value(encoded, [conditions[at] for at in whole], len(table))
        out = {at: np.flatnonzero(truth) for at, truth in zip(whole, truths, strict=True) if truth is not None and truth is not False}
        several = [at for at, truth in zip(whole, truths, strict=True) if truth is None]
        by_row = sorted(set(range(len(conditions))) - set(whole) | set(several))
        out |= self._by_row(table, encoded, {at: conditions[at] for at in by_row})
        return {at: rows for at, rows in out.items() if len(rows)}

    def _by_value(self, encoded: Mapping[str, Encoded], nodes: Sequence[Node], rows: int) -> list[Any]:
        """For each condition: a truth a row, False if it is true in none, None if there are too many combinations."""
        parts: dict[str, dict[Node, None]] = defaultdict(dict)
        groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for at, node in enumerate(nodes):
            for name, part in own_parts(node):
                parts[name][part] = None
            groups[tuple(sorted(column_names(node), key=lambda name: len(encoded[name])))].append(at)
        values = dict(zip(parts, self._pool.map(lambda name: self._part_values(encoded[name], name, list(parts[name])), parts), strict=True))

        def one(group: tuple[tuple[str, ...], list[int]]) -> list[Any]:
            names, members = group
            return self._group(encoded, values, names, [nodes[at] for at in members], rows)

        out: list[Any] = [None] * len(nodes)
        for (_, members), truths in zip(groups.items(), self._pool.map(one, groups.items()), strict=True):
            for at, truth in zip(members, truths, strict=True):
                out[at] = truth
        return out

    def _part_values(self, column: Encoded, name: str, parts: list[Node]) -> dict[Node, Any]:
        """For each part a number for each of the column's values, equal where the part's value is."""
        import numpy as np

        calculated = [part for part in parts if not isinstance(part, ColumnRef)]
        numbered = self._numbered({name: column.values}, calculated)
        own = np.arange(len(column)) if len(calculated) < len(parts) else None
        return {**dict(zip(calculated, numbered, strict=True)), **{part: own for part in parts if isinstance(part, ColumnRef)}}

    def _group(self, encoded: Mapping[str, Encoded], values: Mapping[str, Any], names: tuple[str, ...], nodes: list[Node], rows: int) -> list[Any]:
        """Truths of conditions that read the same columns."""
        import numpy as np

        if not names:
            truths = self._truths({"": None}, nodes, 1)
            return [np.ones(rows, np.bool_) if truth[0] else False for truth in truths]
        parts: dict[str, set[Node]] = defaultdict(set)
        for node in nodes:
            for name, part in own_parts(node):
                parts[name].add(part)
        classes, first = [], []
        for name in names:
            column = encoded[name]
            own = frozenset(parts[name])
            found = _classes([values[name][part] for part in own], len(column))
            if found is None:
                classes.append((column.codes, len(column)))
                first.append(np.arange(len(column)))
                continue
            of_value, leaders = found
            kept = column.kept.get(own)
            if kept is None:
                kept = column.kept[own] = of_value[column.codes]
            classes.append((kept, len(leaders)))
            first.append(leaders)
        combined = combine(classes, max(rows // SHARE, BY_HAND))
        if combined is None:
            return [None] * len(nodes)
        met = {name: encoded[name].values.take(_indices(leaders[part])) for name, leaders, part in zip(names, first, combined.parts, strict=True)}
        return [combined.rows(truth) if truth.any() else False for truth in self._truths(met, nodes, len(combined))]

    def _by_row(self, table: pa.Table, encoded: Mapping[str, Encoded], nodes: Mapping[int, Node]) -> dict[int, Any]:
        """Conditions with a column that is not encoded: where their other conjuncts leave few rows, in these; else in all rows."""
        import numpy as np
        import pyarrow as pa

        pieces = {at: list(conjuncts(node)) for at, node in nodes.items()}
        guards = list(dict.fromkeys(part for parts in pieces.values() for part in parts if encoded.keys() >= set(column_names(part))))
        truths = dict(zip(guards, self._by_value(encoded, guards, len(table)), strict=True))
        left: dict[int, Any] = {}
        for at, parts in pieces.items():
            known = [truths[part] for part in parts if truths.get(part) is not None]
            if not any(truth is False for truth in known):
                left[at] = np.logical_and.reduce(known) if known else None
        words: dict[str, tuple[str, ...]] = {}
        asked: dict[int, str] = {}
        for at, truth in left.items():
            if truth is None or not _few(truth):
                for name, own in filter(None, map(mentioned, pieces[at])):
                    words[name] = words.get(name, ()) + own
                    asked[at] = name
        hits = {name: self._matching(table.column(name), words_pattern(own)) for name, own in words.items()}
        for at, name in asked.items():
            left[at] = hits[name] if left[at] is None else left[at] & hits[name]
        wide = [at for at, truth in left.items() if truth is None or not _few(truth)]
        out = self._everywhere(table, {at: nodes[at] for at in wide})
        for at in left.keys() - set(wide):
            rows = np.flatnonzero(left[at])
            if len(rows):
                names = column_names(nodes[at])
                met = table.select(names).filter(pa.array(left[at]))  # take() would put all chunks together first
                out[at] = rows[self._truths({name: met.column(name) for name in names}, [nodes[at]], len(rows))[0]]
        return out

    def _matching(self, column: pa.ChunkedArray, pattern: str) -> np.ndarray[Any, Any]:
        """Where a pattern is found; null is no hit."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        pieces = [column.slice(start, PIECE) for start in range(0, len(column), PIECE)]
        plain = [piece.cast(pa.string()) if pa.types.is_dictionary(piece.type) else piece for piece in pieces]
        found = self._pool.map(lambda piece: pc.fill_null(pc.match_substring_regex(piece, pattern), False).to_numpy(), plain)
        return np.concatenate(list(found))

    def _everywhere(self, table: pa.Table, nodes: Mapping[int, Node]) -> dict[int, Any]:
        """Conditions judged in every row, in one pass."""
        import numpy as np
        import pyarrow as pa

        if not nodes:
            return {}
        names = dict.fromkeys(name for node in nodes.values() for name in column_names(node))
        numbered = table.select(list(names)).append_column(ROW, pa.array(np.arange(len(table))))
        pieces = pa.Table.from_batches(numbered.to_batches(max_chunksize=8_192))
        verdicts = self._query(pieces, [f"{ROW}", *(self._text(node) for node in nodes.values())])
        rows = verdicts.column(0)
        out = {}
        for column, at in enumerate(nodes, 1):
            verdict = verdicts.column(column)
            if any(chunk.true_count for chunk in verdict.chunks):
                out[at] = np.sort(rows.filter(verdict).to_numpy())
        return out

    def _truths(self, columns: Mapping[str, Any], nodes: Sequence[Node], length: int) -> list[np.ndarray[Any, Any]]:
        """For each condition where it is true, over rows made of these columns' values."""
        import numpy as np
        import pyarrow as pa

        if length * len(nodes) <= BY_HAND or "" in columns:
            return [np.fromiter((value is True for value in values), np.bool_, length) for values in self._by_closures(columns, nodes, length)]
        found = self._query(pa.table(dict(columns)), [self._text(node) for node in nodes])
        return [column.fill_null(False).to_numpy() for column in found.columns]

    def _numbered(self, columns: Mapping[str, Any], nodes: Sequence[Node]) -> list[np.ndarray[Any, Any]]:
        """For each expression a number for each row, equal where the values are."""
        import numpy as np
        import pyarrow as pa

        length = len(next(iter(columns.values())))
        if length * len(nodes) <= BY_HAND:
            out = []
            for values in self._by_closures(columns, nodes, length):
                numbers: dict[Any, int] = {}
                out.append(np.fromiter((numbers.setdefault(value, len(numbers)) for value in values), np.int32, length))
            return out
        found = self._query(pa.table(dict(columns)), [self._text(node) for node in nodes])
        coded = [column.combine_chunks().dictionary_encode("encode") for column in found.columns]
        return [(one.chunk(0) if isinstance(one, pa.ChunkedArray) else one).indices.to_numpy(zero_copy_only=False) for one in coded]

    def _by_closures(self, columns: Mapping[str, Any], nodes: Sequence[Node], length: int) -> Iterable[list[Any]]:
        import pyarrow as pa

        blank: dict[str, Any] = {**dict.fromkeys(self._codebook.names), LATEST_TODAY: self._today}
        held = {name: column.cast(pa.string()) if pa.types.is_date(column.type) else column for name, column in columns.items() if name}
        cells = [column.to_pylist() for column in held.values()]
        rows = [{**blank, **dict(zip(held, values, strict=True))} for values in zip(*cells, strict=True)] if held else [blank] * length
        for node in nodes:
            closure = self._closures.get(node)
            if closure is None:
                closure = self._closures[node] = compile_closure(node, self._codebook.lists)
            yield [closure(row) for row in rows]

    def _text(self, node: Node) -> str:
        from eventcoder.codebook.duck import node_sql

        text = self._sql.get(node)
        if text is None:
            text = self._sql[node] = node_sql(self._codebook, node)
        return text

    def _query(self, rows: pa.Table, terms: Sequence[str]) -> pa.Table:
        with self._lock:
            self._con.register("rows", rows)
            try:
                return self._con.sql(f"SELECT {', '.join(f'{term} AS c{at}' for at, term in enumerate(terms))} FROM rows").to_arrow_table()
            finally:
                self._con.unregister("rows")


def _few(truth: np.ndarray[Any, Any]) -> bool:
    import numpy as np

    return int(np.count_nonzero(truth)) * SHARE <= len(truth)


def _indices(numbers: np.ndarray[Any, Any]) -> pa.Array:
    import pyarrow as pa

    return pa.array(numbers)


def _classes(parts: list[np.ndarray[Any, Any]], length: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None:
    """Value -> class, and one value of each class, where values are told apart by these numbers; None if every value is its own class."""
    import numpy as np

    from eventcoder.validation.rows.encoding import smallest

    combined: Combinations | None = combine([(part, int(part.max(initial=0)) + 1) for part in parts], length) if parts else None
    if combined is None:
        return None
    keys, of_value = np.unique(combined.keys, return_inverse=True)
    if len(keys) == length:
        return None
    leaders = np.empty(len(keys), np.int64)
    leaders[of_value] = np.arange(length)
    return of_value.astype(smallest(len(keys))), leaders
