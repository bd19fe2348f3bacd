"""Great Expectations, in one place: the only importer of great_expectations. Floor 4.

Everything is imported inside functions (the import alone takes seconds). Telemetry is switched off before it, the context lives in memory
and leaves no file behind, no progress bar is drawn, and what comes back is plain data without GX's run ids and clock.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from eventcoder.validation.suite import SEPARATOR, Item, column_items, row_items

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from eventcoder.codebook import Codebook
    from eventcoder.validation.profiles import Profile


def judge_profile(
    profile: Profile, codebook: Codebook, measures: Mapping[str, float], items: Sequence[Item], *, absent: frozenset[str] = frozenset()
) -> list[dict[str, Any]]:
    """GX's verdicts on a profile: the column items on a condensed frame, `items` (`suite.measure_item`) on `measures` by name.

    What asks the same of columns with the same values is judged once, for all of them (most rules are broken by no row): GX takes milliseconds
    for each question. One dict an expectation: `id, type, column, success, why`, and `exception` where GX could not judge. `absent` columns
    are left out of the frame.
    """
    import pandas as pd

    frame = condense(profile, absent)
    single = pd.DataFrame({name: [value] for name, value in measures.items()})
    with _quiet():
        return _run_once(frame, _present(column_items(codebook), frame)) + _run_once(single, list(items))


def judge_rows(events: pa.Table, codebook: Codebook) -> list[dict[str, Any]]:
    """GX's verdicts on the full rows, as a team's own GX project would get them from `suite.suite_json`. Slow and hungry: for comparison."""
    frame = full_frame(events)
    with _quiet():
        return _run(frame, _present([*column_items(codebook), *row_items(codebook)], frame))


def condense(profile: Profile, absent: frozenset[str] = frozenset()) -> pd.DataFrame:
    """A small frame in which every column holds the values that decide about it: all its codes, or its ends, or one that fits its form and
    one that does not, and a null if it has any; shorter columns repeat their values."""
    import pandas as pd

    deciding: dict[str, list[Any]] = {}
    for name, column in profile.columns.items():
        if name in absent:
            continue
        values: list[Any] = [value for value, _ in column.values]
        values += [v for v in (column.least, column.most, column.fitting, column.unfitting) if v is not None]
        if column.nulls:
            values.append(None)
        if not values and profile.rows:
            values = ["present"]  # free text without any null: that it is there is all that is asked
        deciding[name] = list(dict.fromkeys(values))
    length = max((len(values) for values in deciding.values()), default=0) if profile.rows else 0
    columns = {name: [values[i % len(values)] for i in range(length)] if values else [] for name, values in deciding.items()}
    return pd.DataFrame({name: pd.Series(values, dtype="object") for name, values in columns.items()})


def full_frame(events: pa.Table) -> pd.DataFrame:
    """The rows as the suite expects them: dates as ISO text, lists as `a; b`, an empty list as null, whole numbers whole."""
    import pandas as pd
    import pyarrow as pa

    columns: dict[str, Any] = {}
    for name in events.column_names:
        column = events[name]
        if pa.types.is_date(column.type):
            column = column.cast(pa.string())
        elif pa.types.is_list(column.type):
            texts = [SEPARATOR.join(i for i in items if i is not None) if items else None for items in column.to_pylist()]
            column = pa.chunked_array([texts], pa.string())
        whole = pa.types.is_integer(column.type)
        columns[name] = column.to_pandas(types_mapper=lambda _: pd.Int64Dtype()) if whole else pd.Series(column.to_pylist(), dtype="object")
    return pd.DataFrame(columns)


@contextmanager
def importing() -> Iterator[None]:
    """Import Great Expectations (seconds) in a thread while the block does other work, best in DuckDB or Arrow; done when the block is left."""
    if "great_expectations" in sys.modules:
        yield
        return
    thread = threading.Thread(target=_import, name="import of great_expectations", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _import() -> None:
    with _quiet():
        import_module("great_expectations")


def version() -> str:
    """The installed version of Great Expectations (without importing it)."""
    from importlib.metadata import version as installed

    return installed("great-expectations")


def _present(items: list[Item], frame: pd.DataFrame) -> list[Item]:
    """An absent column fails where it is asked to exist; nothing else can be asked of it."""
    there = {*frame.columns, None}  # None: of the whole table
    return [item for item in items if item.arguments.get("column") in there or item.type == "expect_column_to_exist"]


def _run_once(frame: pd.DataFrame, items: list[Item]) -> list[dict[str, Any]]:
    """`_run`, with one item for all that ask the same of the same values; where GX could not judge that one it is asked about each."""
    of_column = {str(name): repr(frame[name].tolist()) for name in frame.columns}
    groups: dict[str, list[Item]] = {}
    for item in items:
        column = item.arguments.get("column")
        asked = sorted((name, repr(value)) for name, value in item.arguments.items() if name != "column")
        groups.setdefault(repr((item.type, asked, of_column.get(str(column), column))), []).append(item)
    found = {verdict["id"]: verdict for verdict in _run(frame, [group[0] for group in groups.values()])}
    unclear = [item for group in groups.values() if "exception" in found[group[0].id] for item in group[1:]]
    found |= {verdict["id"]: verdict for verdict in _run(frame, unclear)}
    for group in groups.values():
        found |= {item.id: _verdict(item, found[group[0].id]["success"]) for item in group[1:] if item.id not in found}
    return [found[item.id] for item in items]


def _verdict(item: Item, success: bool) -> dict[str, Any]:
    about = {"id": item.id, "type": item.type, "column": item.arguments.get("column"), "success": success}
    return about | {"severity": item.severity, "why": item.why}


def _run(frame: pd.DataFrame, items: list[Item]) -> list[dict[str, Any]]:
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    if not items:
        return []
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch(batch_parameters={"dataframe": frame})
    result = batch.validate(gx.ExpectationSuite(name="eventcoder", expectations=[item.as_json() for item in items]), result_format="BOOLEAN_ONLY")
    told = {}
    for one in result.results:
        raised = _exception(one.exception_info)
        if one.expectation_config is not None:
            told[one.expectation_config.meta["eventcoder"]["id"]] = (bool(one.success) and raised is None, raised)
    out = []
    for item in items:
        success, raised = told.get(item.id, (False, "Great Expectations gave no verdict"))
        record = _verdict(item, success)
        out.append(record if raised is None else record | {"exception": raised})
    return out


def _exception(info: Any) -> str | None:
    """What GX tells about an exception, if there was one: its info is one record, or one a metric."""
    if not isinstance(info, dict):
        return None
    records = [info] if "raised_exception" in info else [record for record in info.values() if isinstance(record, dict)]
    for record in records:
        if record.get("raised_exception"):
            return str(record.get("exception_message") or "unknown exception").splitlines()[0]
    return None


@contextmanager
def _quiet() -> Iterator[None]:
    """GX without telemetry, log lines and warnings, for as long as the block lasts (the environment variable stays: GX reads it at import)."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logger = logging.getLogger("great_expectations")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
