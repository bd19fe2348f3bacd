"""`pull`: a copy brought from any version to any other, proved; interrupted anywhere and run again; and what became of the events in it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eventcoder.cli import run
from eventcoder.errors import NotFound, ReleaseError, UsageError
from eventcoder.reader import load, pull, pulling, versions
from eventcoder.releases import check_release, staging
from eventcoder.releases.package import all_files
from eventcoder.releases.versions import Withdrawn, read_versions, write_versions
from tests.reader.test_remote import NEW, OLD, Server, odd, site  # noqa: F401
from tests.releases.narrow import full_disk
from tests.releases.workshop import Workshop

LAST = "2026.11.2"


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """Three versions: in the last one an event was re-dated and moved, and a retracted one is back."""
    workshop = Workshop(tmp_path_factory.mktemp("three") / "project")
    workshop.release()
    workshop.second()
    day = {"event_date": "2026-01-09", "event_date_earliest": "2026-01-09", "event_date_latest": "2026-01-09"}
    workshop.act(workshop.ids[7], {"act": "revise", "values": {**day, "location": "Weir Mill"}, "settled": True, "reason": "second map"})
    workshop.act(workshop.ids[2], {"act": "restore", "reason": "no film after all", "settled": True})
    workshop.release()
    yield workshop
    workshop.ledger.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Power failures are not what these tests are about."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture
def published(three: Workshop, tmp_path: Path) -> Path:
    return Path(shutil.copytree(three.project.releases_dir, tmp_path / "published"))


def proved(copy: Path, version: str, published: Path) -> None:
    """The copy is this version, to the byte, and nothing else lies in it."""
    assert load(copy).attrs["version"] == version
    assert sorted(p.name for p in copy.iterdir()) == [".lock", ".pulled.json", version, "versions.json"]
    assert check_release(copy, deep=False).valid
    assert all_files(copy / version) == all_files(published / version)
    assert all((copy / version / name).read_bytes() == (published / version / name).read_bytes() for name in all_files(copy / version))


def test_from_any_version_to_any_other(published: Path, tmp_path: Path, three: Workshop) -> None:
    copy = tmp_path / "copy"
    before = None
    for version in (OLD, LAST, NEW, OLD, OLD):
        done = pull(published, copy, version)
        assert (done.folder, done.version, done.before) == (copy / version, version, before)
        assert done.fetched + done.kept == len(all_files(published / version))
        proved(copy, version, published)
        before = version
    assert done.fetched == 0


def test_what_leaves_stale_rows_is_told(published: Path, tmp_path: Path, three: Workshop) -> None:
    copy, ids = tmp_path / "copy", three.ids
    pull(published, copy, OLD)
    done = pull(published, copy, NEW)
    assert done.counts == {"added": 1, "revised": 3, "attached": 1, "retracted": 1, "merged": 1}
    told = {(r["op"], r["event_id"]): (r["old"], r["new"], r["reason"]) for r in done.touched}
    assert told["retracted", ids[2]] == (None, None, "the march was a film set")
    assert told["merged", ids[4]] == (None, ids[3], "same march, two papers")
    assert told["moved", ids[0]][1:] == ({"location": "Weir Bridge"}, "misread map")
    pull(published, copy, OLD)
    far = pull(published, copy)
    told = {(r["op"], r["event_id"]): (r["old"], r["new"], r["reason"]) for r in far.touched}
    assert ("retracted", ids[2]) not in told, "it is back"
    assert told["merged", ids[4]] == (None, ids[3], "same march, two papers")
    old = three.values[7]
    assert told["re-dated", ids[7]][:2] == (str(old["event_date"]), "2026-01-09")
    assert told["moved", ids[7]][:2] == ({"location": old["location"]}, {"location": "Weir Mill"})
    assert far.counts["merged"] == 1 and "retracted" not in far.counts
    back = pull(published, copy, OLD)
    assert {(r["op"], r["event_id"]) for r in back.touched if r["op"] == "absent"} == {("absent", three.added)}
    assert "retracted" not in back.counts and back.counts["absent"] == 1


def test_only_what_differs_comes_over_the_line(site: str, tmp_path: Path) -> None:  # noqa: F811
    pull(site, tmp_path / "copy", OLD)
    Server.asked.clear()
    done = pull(site, tmp_path / "copy")
    assert not [p for p in Server.asked if "/codes/" in p or "LICENSE" in p or OLD in p]
    assert done.fetched > 5 and done.bytes > 1000
    Server.asked.clear()
    assert pull(site, tmp_path / "copy").fetched == 0
    assert Server.asked == ["/versions.json"]
    damaged = tmp_path / "copy" / NEW / "events.csv"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"!")
    (tmp_path / "copy" / NEW / "LICENSE").unlink()
    Server.asked.clear()
    assert pull(site, tmp_path / "copy").fetched == 2
    assert Server.asked == ["/versions.json", f"/{NEW}/LICENSE", f"/{NEW}/events.csv"]
    assert json.loads((tmp_path / "copy" / ".pulled.json").read_text("utf-8")) == {"source": site}


@pytest.mark.parametrize("n", [0, 1, 12, "fingerprint", "place", "list", "removal"])
def test_killed_at_any_step_the_old_version_loads_and_the_next_pull_completes(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n: int | str
) -> None:
    copy = tmp_path / "copy"
    pull(published, copy, OLD)
    left = [n]

    def killed(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    genuine = pulling._Origin.fetch

    def fetch(self: pulling._Origin, name: str, to: Path) -> None:
        if left[0] == 0:
            to.parent.mkdir(parents=True, exist_ok=True)
            to.with_name(".part-killed").write_bytes(b"half")
            to.write_bytes(b"half")
            raise KeyboardInterrupt
        left[0] = left[0] - 1 if isinstance(left[0], int) else left[0]
        genuine(self, name, to)

    with monkeypatch.context() as patched:
        patched.setattr(pulling._Origin, "fetch", fetch)
        steps = {"fingerprint": "fingerprint", "place": "staging.put_in_place", "list": "write_versions", "removal": "shutil.rmtree"}
        if n in steps:
            patched.setattr(f"eventcoder.reader.pulling.{steps[n]}", killed)
        with pytest.raises(KeyboardInterrupt):
            pull(published, copy)
    assert load(copy).attrs["version"] == (LAST if n == "removal" else OLD)
    assert len(load(copy)) in (11, 12)
    done = pull(published, copy)
    assert done.version == LAST
    proved(copy, LAST, published)


def test_a_server_that_lies_leaves_the_old_version(site: str, tmp_path: Path) -> None:  # noqa: F811
    copy = tmp_path / "copy"
    pull(site, copy, OLD)
    odd(lambda r: r.bytes(b"<html>Sign in</html>"), "events.csv")
    with pytest.raises(ReleaseError, match=r"events\.csv breaks off"):
        pull(site, copy)
    assert load(copy).attrs["version"] == OLD
    odd(lambda r: r.bytes(b"", code=404), "events_acled.csv")
    with pytest.raises(ReleaseError, match=r"events_acled\.csv.*404"):
        pull(site, copy)
    Server.odd = staticmethod(lambda _: False)
    assert pull(site, copy).version == NEW


def test_hashes_that_fit_are_not_enough(published: Path, tmp_path: Path) -> None:
    pull(published, tmp_path / "copy", OLD)
    listed = json.loads((published / "versions.json").read_text("utf-8"))
    listed["versions"][-1]["fingerprint"] = "0" * 64
    (published / "versions.json").write_text(json.dumps(listed), "utf-8")
    with pytest.raises(ReleaseError, match=r"do not give the fingerprint.*stays as it was"):
        pull(published, tmp_path / "copy")
    assert load(tmp_path / "copy").attrs["version"] == OLD


def test_a_full_disk_leaves_the_old_version(published: Path, site: str, tmp_path: Path) -> None:  # noqa: F811
    for source, newest in ((str(published), LAST), (site, NEW)):
        copy = tmp_path / newest
        pull(source, copy, OLD)
        with full_disk(5000), pytest.raises(ReleaseError, match="cannot be written: File too large"):
            pull(source, copy)
        assert load(copy).attrs["version"] == OLD
        assert pull(source, copy).version == newest


def test_a_disk_that_was_full_at_the_first_byte(published: Path, tmp_path: Path) -> None:
    with full_disk(0), pytest.raises(ReleaseError, match="copy cannot be written: File too large"):
        pull(published, tmp_path / "copy")
    assert pull(published, tmp_path / "copy").version == LAST, "what the first try left is no reason to refuse the folder"
    assert sorted(p.name for p in (tmp_path / "copy").iterdir()) == [".lock", ".pulled.json", LAST, "versions.json"]


def test_a_source_on_this_machine_that_is_damaged(published: Path, tmp_path: Path) -> None:
    pull(published, tmp_path / "copy", OLD)
    (published / LAST / "events.csv").write_bytes(b"event_id")
    (published / NEW / "events.parquet").unlink()
    for version, name in ((LAST, "events.csv"), (NEW, "events.parquet")):
        with pytest.raises(ReleaseError, match=f"{version}/{name} is missing or damaged"):
            pull(published, tmp_path / "copy", version)
    assert load(tmp_path / "copy").attrs["version"] == OLD


def test_a_withdrawn_and_a_redacted_version(published: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    pull(published, copy)
    write_versions(published, read_versions(published).withdrawing(LAST, "coordinates are wrong", "2026-11-20T00:00:00Z"))
    done = pull(published, copy)
    assert (done.version, done.before) == (NEW, LAST)
    assert done.told == (f"Version {LAST}, which was here, was withdrawn on 2026-11-20: coordinates are wrong.",)
    with pytest.warns(UserWarning, match="was withdrawn on 2026-11-20: coordinates are wrong"):
        pull(published, copy, LAST)
    with pytest.warns(UserWarning, match="coordinates are wrong"):
        load(copy, LAST)
    assert versions(copy)[0]["withdrawn"]
    listed = read_versions(published)
    gone = Withdrawn(reason="a name stood in it", time="2026-11-21T00:00:00Z", redacted=True, successor=NEW)
    write_versions(published, listed.adding(listed.versions[-1].model_copy(update={"withdrawn": gone})))
    shutil.rmtree(published / LAST)
    with pytest.raises(NotFound, match=f"redacted on 2026-11-21: a name stood in it.*Use {NEW}"):
        pull(published, copy, LAST)
    done = pull(published, copy)
    assert done.told == (f"Version {LAST}, which was here, was redacted on 2026-11-21: a name stood in it. {NEW} stands for it.",)
    proved(copy, NEW, published)


def test_only_copies_are_ever_changed(published: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.docx").write_bytes(b"years of work")
    for folder, said in (
        (other, "something else than a copy"),
        (published, "releases of a project"),
        (other / "thesis.docx", "no folder"),
        (Path(shutil.copytree(published, tmp_path / "mirror")), "something else than a copy"),
    ):
        with pytest.raises(UsageError, match=said):
            pull(published, folder)
    (tmp_path / "project" / "releases").mkdir(parents=True)
    (tmp_path / "project" / "eventcoder.toml").write_text("")
    for folder in (tmp_path / "project", tmp_path / "project" / "releases"):
        with pytest.raises(UsageError, match="releases of a project"):
            pull(published, folder)
    with pytest.raises(NotFound, match=r"2026\.11\.7.*Did you mean"):
        pull(published, tmp_path / "copy", "2026.11.7")
    assert not (tmp_path / "copy").exists()
    pull(published, tmp_path / "copy")
    raw = (tmp_path / "copy" / LAST / "datapackage.json").read_text("utf-8")
    (tmp_path / "copy" / LAST / "datapackage.json").write_text(raw.replace('"project": "weir"', '"project": "other"'), "utf-8")
    with pytest.raises(UsageError, match="a copy of other, not of weir"):
        pull(published, tmp_path / "copy")
    with staging.locked(tmp_path / "busy"), pytest.raises(ReleaseError, match="Another pull is under way"):
        pull(published, tmp_path / "busy")


def test_a_copy_that_was_spoilt_is_mended(published: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    pull(published, copy, OLD)
    (copy / "versions.json").write_text("{", "utf-8")
    assert pull(published, copy, OLD).fetched == 0
    (copy / OLD / "events.parquet").write_bytes(b"PAR1")
    done = pull(published, copy)
    assert done.told[0].startswith(f"What changed since {OLD} cannot be said") and done.counts == {}
    proved(copy, LAST, published)


def test_the_command(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], three: Workshop) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["pull", str(published), "--version", OLD]) == 0
    assert f"{tmp_path / 'weir' / OLD}  version {OLD}, 12 events; every file and the fingerprint verified" in capsys.readouterr().out
    assert run(["pull", str(published), "--version", NEW, "--limit", "1"]) == 0
    out, err = capsys.readouterr()
    assert f"It was {OLD} before: 1 added, 3 revised, 1 attached, 1 retracted, 1 merged." in out
    assert f"retracted  {three.ids[2]}" in out and "the march was a film set" in out and "... and 2 more" in err
    assert run(["pull", str(published), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["version"], told["before"]) == (LAST, NEW) and {r["op"] for r in told["touched"]} == {"re-dated", "moved"}
    assert run(["pull", str(published)]) == 0
    assert "It was that version already." in capsys.readouterr().out
    write_versions(published, read_versions(published).withdrawing(OLD, "wrong", "2026-11-20T00:00:00Z"))
    assert run(["pull", str(published), "--version", OLD]) == 0
    assert "warning: Version 2026.11.0 was withdrawn on 2026-11-20: wrong" in capsys.readouterr().err
    assert run(["pull", str(published), "--version", "2025.01.0"]) == 2
    assert "Did you mean" in capsys.readouterr().err


def test_what_a_dataset_is_called_makes_a_plain_folder() -> None:
    assert [pulling._slug(t) for t in ("weir", "../../etc", "Événements 2026", "")] == ["weir", "etc", "v-nements-2026", "dataset"]
