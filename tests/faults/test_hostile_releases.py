"""Releases as somebody makes them who means harm or had a bad disk: every one is told, none hangs, none fills the memory, none is green.

Hashes, sizes and lists are made to fit the damage (`seal`) wherever the damage is in what the files say.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest

from eventcoder.codebook import Codebook
from eventcoder.releases import bounded, csvfile, parquetfile
from eventcoder.releases.checking.check import release_codebook
from eventcoder.releases.tables import write_parquet
from eventcoder.validation.rows import pages
from tests.conftest import Command
from tests.faults.damage import (
    Damage,
    Raw,
    broken_utf8,
    column,
    deep,
    files,
    link_to,
    long_cell,
    manifest,
    many_columns,
    of_table,
    patched,
    put,
    repeated,
    replaced,
    without,
)
from tests.releases.sealing import seal, write_descriptor
from tests.releases.workshop import Workshop

OLD, NEW = "2026.11.0", "2026.11.1"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two releases, made without the gate."""
    workshop = Workshop(tmp_path_factory.mktemp("hostile") / "project", n=6)
    workshop.release()
    workshop.second()
    workshop.ledger.close()
    yield workshop.project.releases_dir


@pytest.fixture
def releases(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy; the gate, which takes seconds, is left out: it has tests of its own."""
    monkeypatch.setattr("eventcoder.releases.checking.check.rejudge", lambda *_, **__: [])
    monkeypatch.setattr("eventcoder.releases.checking.check.release_codebook", lambda folder: codebook_of(folder, made))
    copy = tmp_path / "releases"
    shutil.copytree(made / OLD, copy / OLD, copy_function=os.link)  # nothing here writes into its files
    shutil.copytree(made / NEW, copy / NEW)
    shutil.copy(made / "versions.json", copy)
    return copy


@cache
def _good(made: Path) -> tuple[dict[str, bytes], Codebook]:
    return codebook_files(made / NEW), release_codebook(made / NEW)


def codebook_files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for part in ("codes", "codebook") for p in sorted((folder / part).iterdir()) if p.is_file()}


def codebook_of(folder: Path, made: Path) -> Codebook:
    """The undamaged codebook is compiled once; every other is read as `check` does."""
    files, codebook = _good(made)
    return codebook if codebook_files(folder) == files else release_codebook(folder)


def told(command: Command, target: Path, code: int = 1) -> set[str]:
    """The codes of everything that `check` tells."""
    report = command("check", target, "--json", code=code).one
    assert report["valid"] == (code == 0)
    return {p["code"] for p in report["problems"] if code == 0 or p["severity"] == "error"}


def test_the_undamaged_releases_are_fine(command: Command, releases: Path) -> None:
    assert told(command, releases / OLD, 0) == set()
    assert told(command, releases / NEW, 0) == set()
    assert told(command, releases, 0) == set()
    seal(releases / NEW)
    assert told(command, releases / NEW, 0) == set()


PLACES: list[tuple[str, Damage, set[str]]] = [
    ("a folder for a file", replaced("events.parquet", Path.mkdir), {"missing-file", "extra-file"}),
    ("a pipe for a table", replaced("events.csv", os.mkfifo), {"not-a-file"}),
    ("a pipe for a paper", replaced("LICENSE", os.mkfifo), {"not-a-file"}),
    ("a pipe for the manifest", replaced("datapackage.json", os.mkfifo), {"bad-manifest"}),
    ("a pipe for the checksums", replaced("SHA256SUMS", os.mkfifo), {"not-a-file", "changed-file"}),
    ("a pipe more", replaced("more", os.mkfifo), {"not-a-file", "checksums-differ"}),
    ("a link to a device", replaced("events.parquet", link_to("/dev/zero")), {"link-in-release"}),
    ("a link out", replaced("events.parquet", link_to(f"../../{OLD}/events.parquet")), {"link-in-release"}),
    ("a link to nothing", replaced("codes/inter.csv", link_to("nowhere")), {"link-in-release"}),
    ("a linked folder", replaced("codes", link_to("/usr")), {"link-in-release", "missing-file"}),
    ("a linked manifest", replaced("datapackage.json", link_to(f"../{OLD}/datapackage.json")), {"bad-manifest"}),
    ("linked checksums", replaced("SHA256SUMS", link_to(f"../{OLD}/SHA256SUMS")), {"link-in-release", "changed-file"}),
    ("a folder for the manifest", replaced("datapackage.json", Path.mkdir), {"bad-manifest"}),
    ("a folder for the checksums", replaced("SHA256SUMS", Path.mkdir), {"missing-file"}),
    ("an empty folder more", replaced("more", Path.mkdir), {"extra-file"}),
    ("another capital", put("LICENSe", b"x"), {"extra-file", "unsafe-name"}),
    ("another form of a letter", put("codes/inte\u0301r.csv", b"x"), {"unsafe-name"}),
    ("a hidden file", put(".hidden", b""), {"unsafe-name"}),
    ("a device of Windows", put("codes/nul.csv", b""), {"unsafe-name"}),
    ("a name in no encoding", lambda folder: Path(os.fsdecode(bytes(folder) + b"/\xff.csv")).write_bytes(b""), {"unsafe-name"}),
    ("a name that draws on the screen", put("a\x1b[2Jb", b""), {"unsafe-name"}),
    ("an empty table", put("events.parquet", b""), {"changed-file"}),
    ("a sparse file of a terabyte", lambda folder: os.truncate(folder / "events.csv", 1 << 40), {"changed-file"}),
    ("checksums of other words", put("SHA256SUMS", b"hello\n\x85\x00"), {"changed-file"}),
    ("no checksums", put("SHA256SUMS", b""), {"changed-file", "checksums-differ"}),
    ("checksums of a gigabyte", lambda folder: os.truncate(folder / "SHA256SUMS", 1 << 30), {"changed-file"}),
    ("a manifest of a gigabyte", lambda folder: os.truncate(folder / "datapackage.json", 1 << 30), {"bad-manifest"}),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "expected"), [p[1:] for p in PLACES], ids=[p[0] for p in PLACES])
def test_what_lies_there_is_told_before_it_is_opened(command: Command, releases: Path, damage: Damage, expected: set[str]) -> None:
    damage(releases / NEW)
    assert expected <= told(command, releases / NEW)


LIES: list[tuple[str, Callable[[Raw], object], set[str]]] = [
    *((f"format {f!r}", manifest(format=f), {"bad-manifest"}) for f in (0, 2, "1", True, None, 1.5, -1, 10**30)),
    *((f"the name {n!r}", files(n), {"bad-manifest"}) for n in ("../x", "/etc/passwd", "a/../../x", "C:\\x", "", "a//b", "x\u202ecsv", "n\x00",
                                                                 "aux.csv", "cafe\u0301.csv", "EVENTS.CSV", "x" * 300)),
    ("other rows", files("events.csv", rows=5_000), {"count-mismatch"}),
    ("no rows", files("events.parquet", rows=None), {"count-mismatch"}),
    ("rows of a paper", files("LICENSE", rows=3), {"count-mismatch"}),
    ("rows below nothing", files("events.csv", rows=-1), {"bad-manifest"}),
    ("another size", files("events.csv", bytes=7), {"changed-file"}),
    ("another hash", files("events.csv", sha256="0" * 64), {"changed-file"}),
    ("a hash in capitals", files("events.csv", sha256="A" * 64), {"bad-manifest"}),
    ("a file that is not there", files("more.csv"), {"missing-file"}),
    ("a table left out", without("eventcoder", "files", "evidence.csv"), {"missing-file", "extra-file"}),
    ("another count", lambda raw: raw["eventcoder"]["counts"].update(events=10**9), {"count-mismatch"}),
    ("another count of changes", lambda raw: raw["eventcoder"]["counts"].update(retracted=0), {"count-mismatch"}),
    ("a count of nothing", lambda raw: raw["eventcoder"]["counts"].update(witches=3), {"count-mismatch"}),
    ("another fingerprint", manifest(fingerprint="0" * 64), {"fingerprint-mismatch"}),
    ("another codebook", lambda raw: raw["eventcoder"]["codebook"].update(hash="0" * 64), {"codebook-mismatch"}),
    ("another version of the codebook", lambda raw: raw["eventcoder"]["codebook"].update(version="99.0.0"), {"codebook-mismatch"}),
    ("another version", manifest(version="2026.11.9"), {"renamed-release"}),
    ("a follower of itself", manifest(previous=NEW), {"broken-chain"}),
    ("a version that leads out", manifest(previous="../2026.11.0"), {"bad-manifest"}),
    ("no previous", manifest(previous=None), {"bad-manifest", "changes-do-not-replay"}),
    ("no block", without("eventcoder"), {"bad-manifest"}),
    ("a list for a block", lambda raw: raw.update(eventcoder=[]), {"bad-manifest"}),
    ("no resources", without("resources"), {"bad-manifest", "schema-mismatch"}),
    ("a number for resources", lambda raw: raw.update(resources=3), {"bad-manifest", "schema-mismatch"}),
    ("resources of numbers", lambda raw: raw.update(resources=[3]), {"bad-manifest", "schema-mismatch"}),
    ("schemas of texts", lambda raw: [r.update(schema="x") for r in raw["resources"]], {"schema-mismatch"}),
    ("fields of numbers", lambda raw: [r.update(schema={"fields": [1]}) for r in raw["resources"]], {"schema-mismatch"}),
    ("another hash among the resources", lambda raw: raw["resources"][0].update(hash="sha256:0"), {"bad-manifest"}),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "expected"), [p[1:] for p in LIES], ids=[p[0] for p in LIES])
def test_a_manifest_that_lies_is_told(command: Command, releases: Path, edit: Callable[[Raw], object], expected: set[str]) -> None:
    raw = json.loads((releases / NEW / "datapackage.json").read_bytes())
    edit(raw)
    write_descriptor(releases / NEW, raw)
    assert expected <= told(command, releases / NEW)


BOMBS = {
    "deep": b"[" * 200_000, "deep objects": b'{"a":' * 100_000,
    "a long number": b'{"format": ' + b"9" * 10_000 + b"}", "NaN": b'{"format": NaN}',
    "a key twice": b'{"format": 1, "format": 1}', "half": b'{"format": 1', "no UTF-8": b'{"\xff": 1}', "empty": b"",
    "a number": b"1", "null": b"null",
    "UTF-16": '{"format": 1}'.encode("utf-16"),
}  # fmt: skip


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS.keys())
def test_JSON_that_is_none_or_too_much_is_told(command: Command, releases: Path, monkeypatch: pytest.MonkeyPatch, made: Path, data: bytes) -> None:
    (releases / NEW / "datapackage.json").write_bytes(data)
    assert told(command, releases / NEW) == {"bad-manifest"}
    shutil.copy(made / NEW / "datapackage.json", releases / NEW)
    (releases / "versions.json").write_bytes(data)
    assert told(command, releases / NEW) == {"bad-manifest"}
    assert "bad-manifest" in told(command, releases)


PARTS = ("accepted", "across", "great_expectations", "latest_today", "profile", "thresholds")
VERDICTS: dict[str, Raw] = {
    "another verdict": {"valid": True},
    "a failure": {"valid": False},
    "a word for a verdict": {"valid": "yes"},
    **{f"{shape!r} for every part": dict.fromkeys(PARTS, shape) for shape in ([1], "x", {}, 5)},
}


@pytest.mark.parametrize("data", [*BOMBS.values(), *(json.dumps({"valid": True, **v}).encode() for v in VERDICTS.values())], ids=[*BOMBS, *VERDICTS])
def test_a_verdict_that_is_none_is_told(command: Command, releases: Path, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    from eventcoder.problem import Report
    from eventcoder.releases.checking.rejudging import rejudge
    from eventcoder.validation import GateResult

    monkeypatch.setattr("eventcoder.releases.checking.check.rejudge", rejudge)
    monkeypatch.setattr("eventcoder.validation.gate", lambda *_, **__: GateResult(Report(), {"rows": {}}, ""))
    put("validation.json", data)(releases / NEW)
    seal(releases / NEW)
    assert told(command, releases / NEW) == {"validation-differs"}


def test_a_file_cut_anywhere_is_told_though_the_hashes_fit(command: Command, releases: Path) -> None:
    folder = releases / NEW
    names = ("events.parquet", "evidence.parquet", "changes.parquet", "events.csv", "events_acled.csv", "retracted.csv", "codebook/rules.toml")
    for name in (*names, "codes/inter.csv"):
        good = (folder / name).read_bytes()
        for at in {0, 3, len(good) // 2, len(good) - 9} if name.endswith("parquet") else {0, len(good) // 2}:
            (folder / name).write_bytes(good[:at])
            seal(folder)
            assert told(command, folder), (name, at)
        (folder / name).write_bytes(good)


TABLES: list[tuple[str, Damage, set[str]]] = [
    ("a column more", of_table("events", lambda t: t.append_column("more", pa.nulls(len(t), pa.string()))), {"schema-mismatch"}),
    ("a column less", of_table("events", lambda t: t.drop_columns(["notes"])), {"schema-mismatch"}),
    ("no event_id", of_table("events", lambda t: t.drop_columns(["event_id"])), {"schema-mismatch"}),
    ("a column twice", of_table("events", lambda t: pa.table([*t.columns, t["notes"]], names=[*t.column_names, "notes"])), {"schema-mismatch"}),
    ("no columns", of_table("events", lambda t: t.select([])), {"schema-mismatch"}),
    ("numbers as texts", of_table("events", column("latitude", lambda t: t["latitude"].cast(pa.string()))), {"schema-mismatch"}),
    ("ids as numbers", of_table("events", column("event_id", lambda t: pa.array(range(len(t))))), {"schema-mismatch"}),
    ("structures", of_table("events", column("notes", lambda t: pa.array([{"a": 1}] * len(t)))), {"schema-mismatch"}),
    ("bytes for texts", of_table("events", column("notes", lambda t: t["notes"].cast(pa.binary()))), {"schema-mismatch"}),
    ("bytes that are no text", of_table("events", column("notes", broken_utf8)), {"unreadable-file"}),
    ("no id", of_table("events", column("event_id", lambda t: pa.nulls(len(t), pa.string()))), {"csv-differs", "fingerprint-mismatch"}),
    ("ids twice", of_table("events", lambda t: pa.concat_tables([t, t])), {"csv-differs", "count-mismatch", "changes-do-not-replay"}),
    ("another order", of_table("events", lambda t: t.take(pa.array(range(len(t))[::-1]))), {"csv-differs", "changes-do-not-replay"}),
    ("a side table retyped", of_table("event_sources", column("n_documents", lambda t: pa.nulls(len(t), pa.string()))), {"schema-mismatch"}),
    ("a side table of numbers", of_table("relations", lambda _: pa.table({"a": [1]})), {"schema-mismatch"}),
    ("changes of other columns", of_table("changes", lambda t: t.drop_columns(["op"])), {"unreadable-file"}),
    ("changes of no operation", of_table("changes", column("op", lambda t: pa.array(["x"] * len(t)))), {"changes-do-not-replay"}),
    ("changes without JSON", of_table("changes", column("new", lambda t: pa.array(["{"] * len(t)))), {"changes-do-not-replay"}),
    ("three thousand columns", of_table("events", many_columns), {"unreadable-file"}),
    ("lists in lists", of_table("events", deep), {"unreadable-file"}),
    ("one text a thousand times", of_table("actors", repeated), {"unreadable-file"}),
    ("texts that share beginnings",
     of_table("events", lambda t: t, use_dictionary=False, column_encoding={"notes": "DELTA_BYTE_ARRAY"}), {"unreadable-file"}),
    ("a footer of four gigabytes", patched("events.parquet", -8, b"\xff\xff\xff\xff"), {"unreadable-file"}),
    ("a footer of nothing", patched("events.parquet", -8, b"\x00\x00\x00\x00"), {"unreadable-file"}),
    ("a footer that is noise", patched("events.parquet", -3_000, bytes(range(256)) * 8), {"unreadable-file"}),
    ("another ending", patched("events.parquet", -4, b"PAR2"), {"unreadable-file"}),
    ("a cell of many megabytes", put("events.csv", b'"event_id"\n"' + b"x" * 9_000_000 + b'"\n'), {"unreadable-file"}),
    ("a cell beyond a block", lambda folder: long_cell(folder), {"unreadable-file"}),
    ("ten million columns", put("events.csv", b"," * 10_000_000), {"unreadable-file"}),
    ("a quote without end", put("evidence.csv", b'"event_id"\n"x'), {"csv-differs"}),
    ("NUL", put("events_acled.csv", b"\x00" * 5_000), {"unreadable-file"}),
    ("an empty CSV", put("events.csv", b""), {"unreadable-file"}),
    ("CSV in UTF-16", lambda folder: put("events.csv", (folder / "events.csv").read_text("utf-8").encode("utf-16"))(folder), {"unreadable-file"}),
    ("no list of the withdrawn", put("retracted.csv", b"hello\n"), {"unreadable-file"}),
    ("a broken codebook", put("codebook/rules.toml", b"[[rule]"), {"unreadable-file"}),
    ("a codebook without end", put("codebook/checks.toml", b"a = " + b"[" * 100_000), {"unreadable-file"}),
    ("a codebook of other words", put("codebook/columns.csv", b"\xff\xfe\x00"), {"unreadable-file"}),
    ("a list less", lambda folder: (folder / "codes" / "inter.csv").unlink(), {"missing-file"}),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "expected"), [p[1:] for p in TABLES], ids=[p[0] for p in TABLES])
def test_tables_that_hold_something_else_are_told_though_the_hashes_fit(command: Command, releases: Path, damage: Damage, expected: set[str]) -> None:
    damage(releases / NEW)
    seal(releases / NEW)
    assert expected <= told(command, releases / NEW)


def test_the_bounds_leave_room_for_ten_million_events(monkeypatch: pytest.MonkeyPatch, releases: Path, command: Command) -> None:
    assert bounded.LARGEST_FILE > 12e9 and parquetfile.MOST_ROWS >= 4 * 10e6 and pages.LARGEST_FOOTER > 10e6 / 131_072 * 55 * 200
    monkeypatch.setattr(bounded, "MOST_FILES", 20)
    monkeypatch.setattr("eventcoder.releases.checking.files.MOST_FILES", 20)
    assert told(command, releases / NEW) == {"extra-file"}
    monkeypatch.undo()
    assert csvfile.MOST_COLUMNS >= 1_000


def versions_edit(releases: Path, edit: Callable[[list[Raw]], object]) -> None:
    """Edit the entries of versions.json; `latest` is left as it is."""
    raw = json.loads((releases / "versions.json").read_bytes())
    edit(raw["versions"])
    (releases / "versions.json").write_text(json.dumps(raw), "utf-8")


def copied(releases: Path, name: str) -> None:
    shutil.copytree(releases / NEW, releases / name)


def edited_with_manifest(releases: Path) -> None:
    """A release changed together with its manifest and checksums: only the list of versions still knows what was published."""
    good = (releases / "versions.json").read_bytes()
    put("LICENSE", b"All rights reserved.\n")(releases / NEW)
    seal(releases / NEW)
    (releases / "versions.json").write_bytes(good)


WITHDRAWN = {"reason": "wrong", "time": "2026-11-20T00:00:00Z"}
FOLDERS: list[tuple[str, Damage, set[str]]] = [
    ("a version that is not there", lambda r: shutil.rmtree(r / OLD), {"missing-release"}),
    ("a file for a version", replaced(OLD, lambda p: p.write_text("x")), {"missing-release"}),
    ("a link for a version", lambda r: ((r / OLD).rename(r.parent / "moved"), (r / OLD).symlink_to("../moved")), {"link-in-release"}),
    ("a linked list", replaced("versions.json", link_to("../project")), {"bad-manifest"}),
    ("a pipe for a list", replaced("versions.json", os.mkfifo), {"bad-manifest"}),
    ("a copy under another number", lambda r: copied(r, "2026.11.7"), {"renamed-release"}),
    ("a version that is empty", lambda r: (r / "2026.11.7").mkdir(), {"bad-manifest"}),
    ("an edited release with its manifest", edited_with_manifest, {"changed-file"}),
    ("another fingerprint", lambda r: versions_edit(r, lambda v: v[1].update(fingerprint="0" * 64)), {"fingerprint-mismatch"}),
    ("other events", lambda r: versions_edit(r, lambda v: v[1].update(events=0)), {"bad-manifest"}),
    ("another previous", lambda r: versions_edit(r, lambda v: v[1].update(previous="2026.10.0")), {"broken-chain", "bad-manifest"}),
    ("no previous", lambda r: versions_edit(r, lambda v: v[1].update(previous=None)), {"broken-chain", "bad-manifest"}),
    ("a loop", lambda r: versions_edit(r, lambda v: v[0].update(previous=NEW)), {"broken-chain", "bad-manifest"}),
    ("a version twice", lambda r: versions_edit(r, lambda v: v.append(v[0])), {"bad-manifest"}),
    ("another latest", lambda r: versions_edit(r, lambda v: v[1].update(withdrawn=WITHDRAWN)), {"bad-manifest"}),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "expected"), [p[1:] for p in FOLDERS], ids=[p[0] for p in FOLDERS])
def test_a_folder_of_releases_is_held_against_its_list(command: Command, releases: Path, damage: Damage, expected: set[str]) -> None:
    damage(releases)
    assert told(command, releases) == expected


def test_what_is_only_odd_is_told_too_and_is_no_error(command: Command, releases: Path) -> None:
    (releases / "link").symlink_to(NEW)
    assert told(command, releases / "link", 0) == {"link-in-release"}
    (releases / "link").unlink()
    copied(releases, "copy")
    versions_edit(releases, lambda v: v.pop())
    raw = json.loads((releases / "versions.json").read_bytes())
    (releases / "versions.json").write_text(json.dumps({**raw, "latest": OLD}), "utf-8")
    assert told(command, releases, 0) == {"renamed-release", "unlisted-version"}


def test_what_is_no_release_at_all_is_wrong_use(command: Command, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for name in ("pipe", "loop", "nowhere"):
        assert command("check", tmp_path / name, code=2).err.startswith("error")
    bomb = tmp_path / "actors.parquet"
    write_parquet(repeated(pa.table({})), bomb)
    assert bomb.stat().st_size < 100_000
    assert "expand" in command("check", bomb, code=2).err
