"""T27, T28: a chain of releases under three codebooks. Old ones stay whole under their own; changes begin with what became of columns and codes."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder import validation
from eventcoder.changelog import SCHEMA_OPS, apply, codebook_rows, composed, diff, schema_change
from eventcoder.changelog.schema import CHANGES_SCHEMA
from eventcoder.codebook import load_codebook
from eventcoder.coding import Desk, migrating
from eventcoder.dataset.schemas import TABLES
from eventcoder.errors import CodebookError, ReleaseError
from eventcoder.project import packaged_schema
from eventcoder.reader import changes, load
from eventcoder.releases import build_release, check_release
from eventcoder.releases.checking.check import release_codebook
from eventcoder.releases.making import build
from eventcoder.releases.tables import read_changes, read_tables
from tests.releases.workshop import Workshop

HEAD = "code,label,definition,includes,excludes,parent,rank,since,until,legacy"
FIRST = (
    ("mood", "string", "moods", "", "How it felt. Null: nobody said."),
    ("spare", "string", "", "", "Nothing. Null: nothing."),
    ("stewards", "integer", "", "1000", "How many stewards. Null: nobody said."),
)


def write_codebook(folder: Path, version: str, columns: tuple[tuple[str, ...], ...], moods: tuple[str, ...], migrations: str = "") -> None:
    """The shipped codebook with columns of the project's own behind it."""
    if not folder.exists():
        shutil.copytree(packaged_schema(), folder, ignore=shutil.ignore_patterns("classifier", "examples", "lexicon", "registers", "crosswalks"))
    lines = (packaged_schema() / "columns.csv").read_text("utf-8").splitlines()
    for name, kind, codes, most, text in columns:
        lines.append(f"{len(lines)},{name},project,{kind},no,coder,{codes},,{most},,,{name.title()},{text}")
    (folder / "columns.csv").write_text("\n".join(lines) + "\n", "utf-8")
    rows = [HEAD, *(f"{mood},{mood},People are {mood}.,,,,,,," for mood in moods)]
    (folder / "lists" / "moods.csv").write_text("\n".join(rows) + "\n", "utf-8")
    about = (packaged_schema() / "codebook.toml").read_text("utf-8")
    entry = f'[[changelog]]\nversion = "{version}"\ndate = 2026-11-23\nchanges = "Moods."\n'
    (folder / "codebook.toml").write_text(re.sub(r'version = "[0-9.]+"', f'version = "{version}"', about, count=1) + entry + migrations, "utf-8")


MIGRATIONS = """
[[migration]]
from = "1.1.0"
to = "2.0.0"
list = "moods"
map = { "calm" = "quiet" }
decide = { "loud" = ["quiet", "tense"] }
why = "Loud crowds were tense, or not."

[[migration]]
from = "1.1.0"
to = "2.0.0"
column = "shade"
rename = "tint"
why = "Tint is the word."

[[migration]]
from = "1.0.0"
to = "2.0.0"
column = "spare"
drop = true
why = "Nobody used it."
"""


class Chain(Workshop):
    """Three codebooks, a release under each."""

    def released(self) -> str:
        self.book = load_codebook(self.project.schema_dir)
        return build_release(self.project, self.ledger, self.book, time=self.moment + timedelta(days=1)).version

    def revise(self, event_id: str, version: str, **values: Any) -> None:
        self.act(event_id, {"act": "revise", "values": values, "settled": True, "codebook": version, "reason": "seen on film"})


@pytest.fixture(scope="module")
def light() -> Iterator[None]:
    """The whole gate but Great Expectations, in building and in checking."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "gate", partial(validation.gate, great_expectations=False))
        yield


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory, light: None) -> Iterator[tuple[Chain, list[str]]]:
    made = Chain(tmp_path_factory.mktemp("chain") / "project", n=8)
    schema = made.project.root / "schema"
    write_codebook(schema, "1.0.0", FIRST, ("calm", "loud", "odd"))
    for number, event_id in enumerate(made.ids):
        made.revise(event_id, "1.0.0", mood=("calm", "loud", "odd")[number % 3], spare="x", stewards=number)
    versions = [made.released()]
    write_codebook(schema, "1.1.0", (*FIRST, ("shade", "string", "", "", "Colour. Null: nobody said.")), ("calm", "loud", "odd", "tense"))
    made.revise(made.ids[0], "1.1.0", mood="tense", shade="red")
    made.revise(made.ids[3], "1.1.0", shade="green")
    versions.append(made.released())
    columns = (FIRST[0], (*FIRST[2][:3], "100", FIRST[2][4]), ("tint", "string", "", "", "Colour. Null: nobody said."))
    write_codebook(schema, "2.0.0", columns, ("quiet", "odd", "tense"), MIGRATIONS)
    made.moment += timedelta(minutes=1)
    with Desk(made.project, coder="ana", moment=made.moment) as desk:
        assert migrating.migrate(desk).changed == 8
        rows = [
            {"event_id": i.event_id, "field": i.field, "value": i.value, "decision": i.choices[n % 2]} for n, i in enumerate(migrating.worklist(desk))
        ]
        assert len(rows) == 3 and migrating.decide(desk, rows).changed == 3
        assert list(migrating.worklist(desk)) == []
    versions.append(made.released())
    yield made, versions
    made.ledger.close()


def schema_rows(table: pa.Table) -> list[str]:
    return [f"{r['op']} {schema_change(r)}" for r in table.to_pylist() if r["op"] in SCHEMA_OPS]


def test_every_release_is_whole_under_its_own_codebook(chain: tuple[Chain, list[str]]) -> None:
    made, versions = chain
    report = check_release(made.project.releases_dir)
    assert [p for p in report if p.severity == "error"] == []
    old, _, new = (load(made.project.releases_dir, version) for version in versions)
    assert old.attrs["codebook_version"] == "1.0.0" and {"spare", "mood"} <= set(old.columns) and "tint" not in old.columns
    assert set(old["mood"]) == {"calm", "loud", "odd"} and set(new["mood"]) <= {"quiet", "odd", "tense"}
    assert new.attrs["codebook_version"] == "2.0.0" and sorted(new["tint"].dropna()) == ["green", "red"] and "spare" not in new.columns
    assert set(new["codebook_version"]) == {"2.0.0"}


def test_changes_begin_with_the_codebook(chain: tuple[Chain, list[str]]) -> None:
    made, versions = chain
    first, second, third = (read_changes(made.project.releases_dir / v / "changes.parquet") for v in versions)
    assert schema_rows(first) == []
    assert schema_rows(second) == ["codebook_changed version 1.0.0 -> 1.1.0", "column_added shade (string)", "code_added moods: tense"]
    assert schema_rows(third) == [
        "codebook_changed version 1.1.0 -> 2.0.0",
        "column_removed spare (string)",
        "column_renamed shade -> tint",
        "code_removed moods: loud",
        "code_renamed moods: calm -> quiet",
    ]
    assert third.column("op").to_pylist()[0] == "codebook_changed"
    reasons = {r["reason"] for r in third.to_pylist() if r["field"] == "mood"}
    assert all(str(reason).startswith("migration 1.1.0 -> 2.0.0: Loud crowds were tense, or not.") for reason in reasons)
    page = (made.project.releases_dir / versions[2] / "CHANGES.md").read_text("utf-8")
    assert "code renamed: moods: calm" in page and "column renamed: shade" in page


def test_changes_over_three_codebooks_are_composed_and_replay_exactly(chain: tuple[Chain, list[str]]) -> None:
    made, versions = chain
    folders = [made.project.releases_dir / v for v in versions]
    steps = [read_changes(f / "changes.parquet") for f in folders[1:]]
    old, new = read_tables(folders[0]), read_tables(folders[2])
    books = [release_codebook(f) for f in (folders[0], folders[2])]
    table = diff(old, new, codebook=composed(steps))
    assert table.equals(diff(old, new, codebook=codebook_rows(*books)))
    assert schema_rows(table) == [
        "codebook_changed version 1.0.0 -> 2.0.0",
        "column_added tint (string)",  # it came between under another name
        "column_removed spare (string)",
        "code_added moods: tense",
        "code_removed moods: loud",
        "code_renamed moods: calm -> quiet",
    ]
    frame = changes(versions[0], versions[2], source=made.project.releases_dir)
    assert list(frame["op"][:6]) == [r["op"] for r in table.to_pylist()][:6]
    again = apply(old, table, new)
    assert all(again[name].equals(new[name]) for name in TABLES)


def test_a_reader_that_is_too_old_for_a_release_says_so(chain: tuple[Chain, list[str]], tmp_path: Path) -> None:
    made, versions = chain
    folder = tmp_path / versions[2]
    shutil.copytree(made.project.releases_dir / versions[2], folder)
    path = folder / "datapackage.json"
    package = json.loads(path.read_text("utf-8"))
    key = next(k for k, v in package.items() if isinstance(v, dict) and "format" in v)
    package[key]["format"] += 1
    path.write_text(json.dumps(package), "utf-8")
    with pytest.raises(ReleaseError, match="Upgrade it"):
        load(folder)


def test_a_release_under_a_narrower_codebook_is_refused_until_the_events_fit(chain: tuple[Chain, list[str]], tmp_path: Path) -> None:
    made, _ = chain
    made.revise(made.ids[7], "2.0.0", notes="Another note, so that there is something to release.")
    other = tmp_path / "schema"
    shutil.copytree(made.project.schema_dir, other)
    text = (other / "columns.csv").read_text("utf-8")
    (other / "columns.csv").write_text(text.replace(",project,integer,no,coder,,,100,", ",project,integer,no,coder,,,3,"), "utf-8")
    with pytest.raises(ReleaseError) as caught:
        build_release(made.project, made.ledger, load_codebook(other), time=made.moment + timedelta(days=2), dry_run=True)
    assert {p.code for p in caught.value.problems if p.severity == "error"} == {"out-of-range"}


def test_a_published_codebook_that_this_program_refuses_stops_no_release(chain: tuple[Chain, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    made, versions = chain

    def refused(_: Path) -> None:
        raise CodebookError("stricter than it was")

    monkeypatch.setattr("eventcoder.releases.checking.check.release_codebook", refused)
    rows = build._codebook_rows(made.project.releases_dir / versions[0], made.book)
    assert [row[:6] for row in rows] == [("codebook_changed", "codebook", None, "version", '"1.0.0"', '"2.0.0"')]


def told(op: str, field: str, old: str | None, new: str | None) -> dict[str, str | None]:
    texts = [None if v is None else json.dumps(v) for v in (old, new)]
    return {"op": op, "table": "codebook", "field": field, "old": texts[0], "new": texts[1]}


def table_of(rows: list[dict[str, str | None]]) -> pa.Table:
    return pa.table({n: pa.array([r.get(n) for r in rows], pa.string()) for n in CHANGES_SCHEMA.names}, CHANGES_SCHEMA)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sets(st.integers(0, 5)), min_size=2, max_size=6), st.data())
def test_composed_rows_lead_from_the_first_list_to_the_last(lists: list[set[int]], data: st.DataObject) -> None:
    """Random lists of codes; between two of them some codes are renamed, the others come and go."""
    steps = []
    for before, after in pairwise(lists):
        gone, came = sorted(before - after), sorted(after - before)
        number = data.draw(st.integers(0, min(len(gone), len(came))))
        rows = [told("code_renamed", "kinds", str(a), str(b)) for a, b in zip(gone[:number], came[:number], strict=True)]
        rows += [told("code_removed", "kinds", str(a), None) for a in gone[number:]]
        rows += [told("code_added", "kinds", None, str(b)) for b in came[number:]]
        steps.append(table_of(data.draw(st.permutations(rows))))
    codes = {str(code) for code in lists[0]}
    result = composed(steps)
    olds = [json.loads(str(row[4])) for row in result if row[4] is not None]
    news = [json.loads(str(row[5])) for row in result if row[5] is not None]
    assert len(set(olds)) == len(olds) and len(set(news)) == len(news) and set(olds) <= codes
    assert (codes - set(olds)) | set(news) == {str(code) for code in lists[-1]}
