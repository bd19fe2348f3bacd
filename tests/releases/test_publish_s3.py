"""Publish, load and pull through the S3 protocol, against a real server on this machine where 'moto_server' is installed."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import unquote

import pytest

from eventcoder.cli import run
from eventcoder.errors import ReleaseError
from eventcoder.project import Project
from eventcoder.reader import changes, load, pull, versions
from eventcoder.releases import publish, staging
from eventcoder.releases.publishing.claiming import CLAIM
from eventcoder.releases.storage import Store, open_store
from eventcoder.releases.versions import read_versions, write_versions
from tests.corpus.test_object_store import bucket  # noqa: F401
from tests.releases.test_publish_store import first_only, redacting
from tests.releases.workshop import Workshop

OLD, NEW = "2026.11.0", "2026.11.1"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_releases_in_a_bucket(
    shared: Workshop,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    bucket: str,  # noqa: F811
) -> None:
    pytest.importorskip("s3fs")
    monkeypatch.setenv("EVENTCODER_CACHE", str(tmp_path / "cache"))
    shutil.copytree(shared.project.releases_dir, tmp_path / "own" / "releases")
    (tmp_path / "own" / "eventcoder.toml").write_text('id = "weir"\n', "utf-8")
    project = Project(tmp_path / "own", shared.project.settings)
    every = read_versions(project.releases_dir)
    first_only(project)
    url = bucket.format("data/releases")
    assert publish(project, url).copied == (OLD,)
    assert load(url).attrs["version"] == OLD
    pull(url, tmp_path / "copy")

    write_versions(project.releases_dir, every)
    store = open_store(url)
    genuine, left = Store.place, [20]

    def dying(self: Store, name: str, to: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise ReleaseError("killed")
        genuine(self, name, to)

    with monkeypatch.context() as patched:
        patched.setattr(Store, "place", dying)
        with pytest.raises(ReleaseError, match="killed"):
            publish(project, url)
    assert [v["version"] for v in versions(url)] == [OLD] and len(store.sizes(NEW)) == 20
    assert run(["publish", url, "--project", str(project.root)]) == 0
    out = capsys.readouterr().out
    assert f"Published {NEW}; s3://news/data/releases has 2 version(s), latest {NEW}." in out
    assert publish(project, url, verify=True).copied == ()
    assert store.folders() == [OLD, NEW, "versions.json"] and store.read(CLAIM, 99) is None

    assert load(url).attrs["fingerprint"] == load(project.releases_dir).attrs["fingerprint"]
    assert len(changes(OLD, NEW, url)) > 5
    done = pull(url, tmp_path / "copy")
    assert (done.before, done.version, done.counts["merged"]) == (OLD, NEW, 1)
    assert load(tmp_path / "copy").attrs["version"] == NEW

    assert not store.write(CLAIM, b"{}", new=False) or not store.write(CLAIM, b"{}", new=True), "S3 itself refuses a second claim"
    store.remove(CLAIM)
    redacting(project)
    assert publish(project, url).removed == (OLD,) and store.folders() == [NEW, "versions.json"]

    address = unquote(url.partition("endpoint_override=")[2])
    with pytest.raises(ReleaseError, match=r"s3://no-such-bucket/x/.* (cannot be|is not there)") as caught:
        publish(project, url.replace("s3://news/data/releases", "s3://no-such-bucket/x"))
    assert address not in str(caught.value).partition(":")[0]
    with pytest.raises(ReleaseError, match="is not there"):
        load(bucket.format("nowhere"))
    with staging.locked(project.state_dir / "publishing"), pytest.raises(ReleaseError, match="Another publication of this project is under way"):
        publish(project, url)
