"""Publishing to a store by URL: aside, read back, the list last; interrupted anywhere and run again; one publisher at a time."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from eventcoder.errors import MissingPart, ReleaseError, UsageError
from eventcoder.project import Project
from eventcoder.reader import load, versions
from eventcoder.releases import publish, storage
from eventcoder.releases.publishing import claiming
from eventcoder.releases.storage import open_store, scrubbed, shown
from eventcoder.releases.versions import Withdrawn, read_versions, write_versions
from tests.releases.workshop import Workshop

OLD, NEW = "2026.11.0", "2026.11.1"


class Mortal(MemoryFileSystem):
    """A store that is killed at its N-th writing call, in the middle of it, and does nothing any more afterwards."""

    protocol = "mortal"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    left = -1

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(super()._strip_protocol(path.replace("mortal://", "memory://")))

    def _spend(self, path: str, data: bytes | None = None) -> None:
        if Mortal.left == 0:
            if data is not None and not storage.OBJECTS.__contains__("mortal"):
                MemoryFileSystem.pipe_file(self, path, data[: len(data) // 2])
            Mortal.left = -2
        if Mortal.left == -2:
            raise OSError("killed")
        Mortal.left -= Mortal.left > 0

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **kwargs: Any) -> None:
        self._spend(path, value)
        super().pipe_file(path, value, mode=mode)

    def put_file(self, lpath: str, rpath: str, **kwargs: Any) -> None:
        self.pipe_file(rpath, Path(lpath).read_bytes())

    def cp_file(self, path1: str, path2: str, **kwargs: Any) -> None:
        self._spend(path2, MemoryFileSystem.cat_file(self, path1))
        super().cp_file(path1, path2)

    def mv(self, path1: str, path2: str, **kwargs: Any) -> None:
        self._spend(path2)  # a renaming happens or does not
        super().cp_file(path1, path2)
        super().rm(path1)

    def rm(self, path: str, recursive: bool = False, maxdepth: int | None = None) -> None:
        self._spend(path)
        super().rm(path, recursive=recursive)


@pytest.fixture
def project(shared: Workshop, tmp_path: Path) -> Project:
    """A project of its own with the two releases."""
    shutil.copytree(shared.project.releases_dir, tmp_path / "own" / "releases")
    return Project(tmp_path / "own", shared.project.settings)


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    fsspec.register_implementation("mortal", Mortal, clobber=True)
    monkeypatch.setenv("EVENTCODER_CACHE", str(tmp_path / "cache"))
    Mortal.store.clear()
    Mortal.left = -1
    yield "mortal://data/releases"
    Mortal.store.clear()


def first_only(project: Project) -> None:
    both = read_versions(project.releases_dir)
    write_versions(project.releases_dir, both.model_copy(update={"latest": OLD, "versions": both.versions[:1]}))


def test_a_store_gets_every_file_of_a_release_and_nothing_else(project: Project, url: str) -> None:
    (project.releases_dir / NEW / "my notes.txt").write_text("private", "utf-8")
    done = publish(project, url)
    assert (done.copied, done.latest, done.target) == ((OLD, NEW), NEW, url)
    assert publish(project, url, verify=True).copied == ()
    there = {name.removeprefix("/data/releases/") for name in Mortal.store}
    here = {p.relative_to(project.releases_dir).as_posix() for p in project.releases_dir.rglob("*") if p.is_file() and p.name != ".lock"}
    assert there == here - {f"{NEW}/my notes.txt"}
    assert load(url).attrs["fingerprint"] == load(project.releases_dir).attrs["fingerprint"]
    assert load(f"{url}/{OLD}").attrs["version"] == OLD
    assert [v["version"] for v in versions(f"{url}/versions.json")] == [OLD, NEW]


@pytest.mark.parametrize("objects", [True, False], ids=["object store", "files"])
def test_killed_at_any_call_the_old_version_loads_and_the_next_run_completes(
    project: Project, url: str, monkeypatch: pytest.MonkeyPatch, objects: bool
) -> None:
    if objects:
        monkeypatch.setattr(storage, "OBJECTS", (*storage.OBJECTS, "mortal"))
    monkeypatch.setattr(claiming, "PATIENCE", 0.05)
    every = read_versions(project.releases_dir)
    first_only(project)
    publish(project, url)
    before, folders = dict(Mortal.store), list(Mortal.pseudo_dirs)
    write_versions(project.releases_dir, every)
    Mortal.left = 10_000
    publish(project, url)
    calls = 10_000 - Mortal.left
    assert calls > 100
    for n in (0, 1, 2, 30, 59, 60, 90, 118, *range(calls - 7, calls)):
        Mortal.store.clear()
        Mortal.store.update(before)
        Mortal.pseudo_dirs[:] = folders
        Mortal.left = n
        with pytest.raises(ReleaseError, match="killed") if n < calls - 1 else _nothing():  # the last call takes the claim back
            publish(project, url)
        Mortal.left = -1
        listed = versions(url)
        assert [v["version"] for v in listed if v["latest"]] == [NEW if len(listed) == 2 else OLD], n
        assert len(load(url, columns=["event_id"])) == (11 if len(listed) == 2 else 12)
        publish(project, url, verify=True)
        assert load(url, columns=["event_id"]).attrs["version"] == NEW
        assert not [name for name in Mortal.store if "staging" in name or "publishing" in name or ".new" in name], n


class _nothing:
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


def test_a_store_that_gives_back_other_bytes_gets_no_list(project: Project, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoiling(self: Mortal, lpath: str, rpath: str, **kwargs: Any) -> None:
        data = Path(lpath).read_bytes()
        self.pipe_file(rpath, data.replace(b"a", b"b", 1) if rpath.endswith("events.csv") else data)

    monkeypatch.setattr(Mortal, "put_file", spoiling)
    with pytest.raises(ReleaseError, match=r"events\.csv does not come back as it was sent"):
        publish(project, url)
    assert not [name for name in Mortal.store if name.endswith("versions.json")]


def test_what_is_published_is_never_changed(project: Project, url: str, tmp_path: Path) -> None:
    publish(project, url)
    listed = json.loads(Mortal.store["/data/releases/versions.json"].getvalue())
    files = Mortal()

    def there(**first: Any) -> None:
        entries = [{**listed["versions"][0], **first}, listed["versions"][1]]
        files.pipe_file("/data/releases/versions.json", json.dumps({**listed, "versions": entries}).encode())

    there(manifest_sha256="0" * 64)
    with pytest.raises(ReleaseError, match="other content"):
        publish(project, url)
    there(version="2026.10.7")
    with pytest.raises(ReleaseError, match=r"2026\.10\.7, which this project does not know"):
        publish(project, url)
    there(withdrawn={"reason": "wrong", "time": "2026-11-20T00:00:00Z"})
    with pytest.raises(ReleaseError, match="was withdrawn, which this project does not know"):
        publish(project, url)
    files.pipe_file("/data/releases/versions.json", b"<html>")
    with pytest.raises(ReleaseError, match="not JSON"):
        publish(project, url)
    there()
    whole = files.cat_file(f"/data/releases/{NEW}/events.csv")
    files.pipe_file(f"/data/releases/{NEW}/events.csv", whole.replace(b"a", b"b", 1))
    assert publish(project, url).already == (OLD, NEW), "sizes and manifests alone do not show it"
    with pytest.raises(ReleaseError, match=r"events\.csv is damaged, though"):
        publish(project, url, verify=True)
    files.rm(f"/data/releases/{NEW}/events.csv")
    with pytest.raises(ReleaseError, match=r"events\.csv is missing, though"):
        publish(project, url)
    (project.releases_dir / NEW / "events.csv").write_text("", "utf-8")
    with pytest.raises(ReleaseError, match=r"events\.csv is damaged"):
        publish(project, "mortal://data/elsewhere")
    assert not [name for name in Mortal.store if "elsewhere" in name and ("versions.json" in name or NEW in name)]


def test_two_publishers(project: Project, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "PATIENCE", 0.2)
    monkeypatch.setattr(claiming, "BEAT", 0.01)
    store = open_store(url)
    other = claiming.Claim(store, "other")
    other.take()
    beating = threading.Thread(target=other.renew)
    beating.start()
    with pytest.raises(ReleaseError, match="Somebody else is publishing"):
        publish(project, url)
    other.end()
    beating.join()
    assert publish(project, url).copied == (OLD, NEW), "a claim that shows no life any more is taken over"
    assert store.read(claiming.CLAIM, 99) is None


def test_who_lost_the_claim_does_not_write_the_list(project: Project, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = Mortal.mv

    def taken(self: Mortal, path1: str, path2: str, **kwargs: Any) -> None:
        genuine(self, path1, path2)
        MemoryFileSystem.pipe_file(self, f"/data/releases/{claiming.CLAIM}", b'{"by": "other"}')

    monkeypatch.setattr(Mortal, "mv", taken)
    monkeypatch.setattr(claiming, "PATIENCE", 0.1)
    with pytest.raises(ReleaseError, match="Somebody else published"):
        publish(project, url)
    assert not [name for name in Mortal.store if name.endswith("versions.json")]


def redacting(project: Project) -> None:
    versions_ = read_versions(project.releases_dir)
    gone = versions_.versions[0].model_copy(
        update={"withdrawn": Withdrawn(reason="a name", time="2026-11-20T00:00:00Z", redacted=True, successor=NEW)}
    )
    write_versions(project.releases_dir, versions_.adding(gone))
    shutil.rmtree(project.releases_dir / OLD)


def test_a_redacted_version_is_removed_where_it_is_published(project: Project, url: str, tmp_path: Path) -> None:
    publish(project, url)
    publish(project, tmp_path / "web")
    redacting(project)
    for target in (url, tmp_path / "web", f"file://{tmp_path / 'web'}"):
        done = publish(project, target)
        assert done.removed == ((OLD,) if target != f"file://{tmp_path / 'web'}" else ())
        assert versions(str(target))[0]["withdrawn"]
        assert load(target).attrs["version"] == NEW
    assert not (tmp_path / "web" / OLD).exists() and not [name for name in Mortal.store if f"/{OLD}/" in name]


def test_candidates_are_published_only_when_asked_for(project: Project, url: str, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="no candidate"):
        publish(project, url, candidate=True)
    shutil.copytree(project.releases_dir, tmp_path / "candidate")
    shutil.move(tmp_path / "candidate", project.releases_dir / "candidate")
    assert publish(project, url).candidates is None
    assert not [name for name in Mortal.store if "candidate" in name]
    for target, below in ((url, f"{url}/candidate"), (tmp_path / "web", str(tmp_path / "web" / "candidate"))):
        done = publish(project, target, candidate=True)
        assert done.candidates is not None and done.candidates.copied == (OLD, NEW) and done.candidates.target == below
        assert load(below).attrs["version"] == NEW
    both = read_versions(project.releases_dir / "candidate")
    write_versions(project.releases_dir / "candidate", both.model_copy(update={"versions": both.versions[1:]}))
    assert publish(project, url, candidate=True).candidates.removed == (OLD,), "a candidate that was dropped"  # type: ignore[union-attr]


def test_targets_that_cannot_be_used(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for target, said in (
        ("https://user:geheim@data.example/x", r"https://data\.example/x cannot be written to"),
        ("s3://", "no bucket"),
        ("s3://bucket/x?secret=geheim", "no setting 'secret'.*endpoint_override"),
        ("mémoire://x", "no kind of place"),
        ("simplecache::s3://bucket/x", "no place that files can be put"),
        (str(project.releases_dir), "own releases folder"),
    ):
        with pytest.raises(UsageError, match=said) as caught:
            publish(project, target)
        assert "geheim" not in str(caught.value)
    monkeypatch.setattr(fsspec, "get_filesystem_class", _not_installed)
    with pytest.raises(MissingPart, match=r"pip install 'eventcoder\[s3\]'"):
        publish(project, "s3://bucket/x")
    with pytest.raises(MissingPart, match=r"pip install adlfs"):
        publish(project, "az://container/x")


def _not_installed(scheme: str) -> None:
    raise ImportError(f"Install the package for {scheme}")


def test_the_kind_of_place_in_capitals() -> None:
    store = open_store("MORTAL://data/releases/")
    assert (store.url, store.shown) == ("mortal://data/releases/", "mortal://data/releases")


def test_no_message_shows_what_is_secret_in_an_address(project: Project, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown("sftp://ada:geheim@host.example:22/data") == "sftp://host.example:22/data"
    assert shown("https://token@host.example/data?sig=geheim#part") == "https://host.example/data"
    assert shown("abfss://box@account.dfs.example/data") == "abfss://box@account.dfs.example/data"
    address = "sftp://ada:ge%2Fheim@host.example/data?sas_token=sig%3Dabcdef"
    said = scrubbed(f"cannot open {address} as ada:ge%2Fheim with sig=abcdef (sig%3Dabcdef)", address)
    assert "heim" not in said and "abcdef" not in said
    server = "s3://bucket/x?scheme=http&endpoint_override=127.0.0.1:9000"
    assert scrubbed("no answer from http://127.0.0.1:9000/bucket/x", server) == "no answer from http://127.0.0.1:9000/bucket/x"

    def refuse(self: Mortal, *args: Any, **kwargs: Any) -> None:
        raise PermissionError("geheim-key was refused")

    monkeypatch.setattr(Mortal, "put_file", refuse)
    monkeypatch.setattr(storage, "_options", lambda scheme, query: {})
    with pytest.raises(ReleaseError, match=r"mortal://data/releases/.* cannot be written: \.\.\. was refused") as caught:
        publish(project, f"{url}?token=geheim-key")
    assert "geheim" not in str(caught.value)
