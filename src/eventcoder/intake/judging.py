"""Every check of the codebook over whole batches: which rows break what. Floor 5.

The bulk form of the checks (`codebook.duck`) is planned once and run on batch after batch; few rows are judged by the closures, which are done
before DuckDB is loaded. The verdicts are the same. Each run costs 0.2 s however few its rows (225 conditions are set up), so runs should be large.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.codebook.closures import LATEST_TODAY
from eventcoder.codebook.completion import Columns

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

    from eventcoder.codebook import Codebook

ROW = "_row"
FEW = 2_000  # rows; about what the closures judge while DuckDB is loaded and plans


class Judge:
    """Judges batches. Used from one thread at a time; DuckDB works without Python's lock, so that another thread can read on meanwhile."""

    def __init__(self, codebook: Codebook, latest_today: date) -> None:
        self._codebook = codebook
        self._today = latest_today
        self._con: DuckDBPyConnection | None = None
        self._schema: Any = None

    def broken(self, parts: Sequence[tuple[Columns, int]]) -> list[tuple[int, int]]:
        """(row, number of the check in `Codebook.checks`) of all that is broken, by row. The rows of all parts are counted through."""
        if sum(length for _, length in parts) <= FEW and self._con is None:
            out, before = [], 0
            for columns, length in parts:
                out += [(row + before, at) for row, at in self._few(columns, length)]
                before += length
            return out
        return self._many(parts)

    def close(self) -> None:
        if self._con is not None:
            self._con.close()
            self._con = None

    def _few(self, columns: Columns, length: int) -> list[tuple[int, int]]:
        blank = dict.fromkeys(self._codebook.names) | {LATEST_TODAY: self._today.isoformat()}
        out = []
        for row in range(length):
            values = {**blank, **{n: list(v) if isinstance(v := column[row], tuple) else v for n, column in columns.items()}}
            out += [(row, at) for at, (_, broken) in enumerate(self._codebook.compiled) if broken(values) is True]
        return out

    def _many(self, parts: Sequence[tuple[Columns, int]]) -> list[tuple[int, int]]:
        con = self._con or self._prepared()
        con.execute("TRUNCATE events")
        before = 0
        for columns, length in parts:
            con.register("batch", self._table(columns, length, before))
            con.execute("INSERT INTO events SELECT * FROM batch")
            con.unregister("batch")
            before += length
        out: list[tuple[int, int]] = []
        verdicts = con.sql("EXECUTE verdicts").to_arrow_table()
        for at in range(len(self._codebook.checks)):
            rows = verdicts.column(at + 1).combine_chunks()
            if rows.true_count:
                out += [(row, at) for row in verdicts.column(0).filter(rows).to_pylist()]
        return sorted(out)

    def _table(self, columns: Columns, length: int, before: int) -> pa.Table:
        import pyarrow as pa

        arrays = []
        for field in self._schema:
            values = columns.get(field.name)
            if values is None:
                arrays.append(pa.nulls(length, field.type))
            elif pa.types.is_date(field.type):
                arrays.append(pa.array(values, pa.string()).cast(field.type))
            else:
                arrays.append(pa.array(values, field.type))
        return pa.table(arrays, schema=self._schema).append_column(ROW, pa.array(range(before, before + length), pa.int64()))

    def _prepared(self) -> DuckDBPyConnection:
        import pyarrow as pa

        from eventcoder.codebook.arrow import arrow_schema
        from eventcoder.codebook.duck import connect, node_sql, prepare

        self._schema = arrow_schema(self._codebook)
        con = connect()
        prepare(con, self._codebook, self._today)
        con.register("batch", self._schema.empty_table().append_column(ROW, pa.array([], pa.int64())))
        con.execute("CREATE TABLE events AS SELECT * FROM batch")
        con.unregister("batch")
        conditions = "".join(f", {node_sql(self._codebook, check.broken)} AS c{at}" for at, check in enumerate(self._codebook.checks))
        con.execute(f"PREPARE verdicts AS SELECT {ROW}{conditions} FROM events")
        self._con = con
        return con
