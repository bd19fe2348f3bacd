"""Releases by URL: servers that break off, lie, send on or never end; an old list offline; what is fetched and what is not."""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import os
import re
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from eventcoder.errors import MissingPart, NotFound, ReleaseError, UsageError
from eventcoder.reader import evidence, load, remote, report, scan, versions, web
from eventcoder.releases import publish
from tests.releases.narrow import full_disk
from tests.releases.workshop import Workshop

OLD, NEW = "2026.11.0", "2026.11.1"
Answer = Callable[["Server"], bool]


class Server(http.server.SimpleHTTPRequestHandler):
    """Serves the folder, unless `odd` answers (it says so); remembers what was asked for."""

    odd: Answer = staticmethod(lambda _: False)
    asked: list[str] = []  # noqa: RUF012
    seen: list[dict[str, str]] = []  # noqa: RUF012

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        Server.asked.append(self.path)
        Server.seen.append(dict(self.headers))
        if not Server.odd(self):
            super().do_GET()

    def bytes(self, data: bytes, *, code: int = 200, length: int | None = None, kind: str = "text/html") -> bool:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data) if length is None else length))
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = True
        return True

    def sent_on(self, to: str) -> bool:
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()
        return True


@pytest.fixture
def site(shared: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The releases on a web server of this machine, and an empty cache."""
    monkeypatch.setenv("EVENTCODER_CACHE", str(tmp_path / "cache"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    Server.odd = staticmethod(lambda _: False)
    Server.asked.clear()
    Server.seen.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Server, directory=str(shared.project.releases_dir)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def odd(what: Answer, where: str = "events.parquet") -> None:
    Server.odd = staticmethod(lambda request: where in request.path and what(request))


def file_of(request: Server) -> bytes:
    return Path(request.translate_path(request.path)).read_bytes()


def nothing_half(cache: Path) -> None:
    assert not [p.name for p in (cache / "files").iterdir() if p.name.startswith(".part")]


def endless(request: Server) -> bool:
    request.send_response(200)
    request.end_headers()
    block = b"x" * (1 << 16)
    try:
        for _ in range(4000):
            request.wfile.write(block)
    except OSError:
        pass  # the reader has seen enough
    return True


DAMAGE = {
    "cut off": (lambda r: r.bytes(file_of(r)[:999], length=len(file_of(r))), r"breaks off after 999 of .* bytes"),
    "cut off, as announced": (lambda r: r.bytes(file_of(r)[:999]), r"breaks off after 999 of .* bytes"),
    "other bytes": (lambda r: r.bytes(file_of(r)[:-9] + b"123456789"), "not what the release's manifest announces"),
    "a page": (lambda r: r.bytes(b"<html>Sign in</html>"), "breaks off after 20 of"),
    "endless": (endless, "longer than announced"),
    "longer": (lambda r: r.bytes(file_of(r) + b"and more"), "longer than announced"),
    "announced longer": (lambda r: r.bytes(file_of(r), length=len(file_of(r)) + 9), "breaks off after"),
    "announced shorter": (lambda r: r.bytes(file_of(r), length=9), "breaks off after 9 of"),
    "gone": (lambda r: r.bytes(b"", code=404), "answers 404"),
    "out of order": (lambda r: r.bytes(b"", code=503), "answers 503"),
    "no answer": (lambda r: setattr(r, "close_connection", True) or True, "cannot be read"),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_what_is_not_the_file_is_refused_and_not_kept(site: str, tmp_path: Path, how: str) -> None:
    answer, said = DAMAGE[how]
    odd(answer)
    with pytest.raises(ReleaseError, match=said) as caught:
        load(site)
    assert "events.parquet" in str(caught.value)
    nothing_half(tmp_path / "cache")
    Server.odd = staticmethod(lambda _: False)
    assert len(load(site)) == 11, "the next try fetches all of it"


@pytest.mark.parametrize(
    "answer", [lambda r: r.bytes(b"<!DOCTYPE html><p>Welcome to the hotel"), lambda r: r.bytes(b"", code=502)], ids=["page", "502"]
)
def test_a_server_in_trouble_gives_the_list_of_last_time(site: str, answer: Answer) -> None:
    odd(answer, "versions.json")
    with pytest.raises(ReleaseError, match=r"web page instead|answers 502"):
        load(site)
    Server.odd = staticmethod(lambda _: False)
    load(site)
    odd(answer, "versions.json")
    with pytest.warns(UserWarning, match=r"cannot be reached; the list of versions is the one of \d{4}-\d\d-\d\d \(0 days old\)") as told:
        assert len(load(site)) == 11
    assert told[0].filename == __file__, "the warning points at the user's line"
    Server.odd = staticmethod(lambda _: False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load(site)


NO_LISTS = ((b'{"format": 1, "latest"', r"is not JSON \(22 bytes\)"), (b"\xff\xfe", "is not JSON"), (b"", "is empty: it is no list"))


def test_a_list_that_is_none_is_not_kept(site: str) -> None:
    for data, said in NO_LISTS:
        odd(lambda r, data=data: r.bytes(data), "versions.json")  # type: ignore[misc]
        with pytest.raises(ReleaseError, match=f"{said}.*tell the publisher"):
            load(site)
    Server.odd = staticmethod(lambda _: False)
    load(site)
    for data, said in NO_LISTS:  # half of it, say, because the publisher is just copying it
        odd(lambda r, data=data: r.bytes(data), "versions.json")  # type: ignore[misc]
        with pytest.warns(UserWarning, match=f"the one of .*{said}"):
            assert load(site).attrs["version"] == NEW
    odd(lambda r: r.bytes(b'{"format": 7}'), "versions.json")
    with pytest.raises(ReleaseError, match=r"format 7; this eventcoder knows 1\..*Upgrade"):
        load(site)
    odd(lambda r: r.bytes(b'{"error": "quota"}'), "versions.json")
    with pytest.raises(ReleaseError, match=r"error: Extra inputs are not permitted\. Tell the publisher\.$"):
        load(site)
    odd(endless, "versions.json")
    with pytest.raises(ReleaseError, match="longer than announced: more than 64,000,000 bytes"):
        load(site)
    odd(lambda r: r.bytes(b"", code=502), "versions.json")
    with pytest.warns(UserWarning, match="the one of"):
        assert len(load(site)) == 11, "the good list of last time is still there"


def test_a_kept_list_that_is_damaged_says_which_file(site: str, tmp_path: Path) -> None:
    load(site)
    (kept,) = (tmp_path / "cache" / "lists").iterdir()
    good = kept.read_bytes()
    odd(lambda r: r.bytes(b"", code=502), "versions.json")
    kept.write_bytes(good[:99])
    with pytest.raises(ReleaseError, match=rf"answers 502 .*{kept.name} cannot be used: .* is not JSON.*the network.*kept anew"):
        load(site)
    kept.unlink()
    kept.mkdir()
    with pytest.raises(ReleaseError, match="cannot be used: Is a directory"):
        load(site)
    kept.rmdir()
    Server.odd = staticmethod(lambda _: False)
    half = kept.with_name(".part-killed")
    half.write_bytes(good[:9])
    os.utime(half, (1, 1))
    load(site)
    assert kept.read_bytes() == good and not half.exists()


def packed(request: Server, data: bytes, how: str = "gzip") -> bool:
    request.send_response(200)
    request.send_header("Content-Encoding", how)
    request.send_header("Content-Length", str(len(data)))
    request.end_headers()
    request.wfile.write(data)
    return True


def test_a_server_that_packs_unasked(site: str) -> None:
    odd(lambda r: packed(r, gzip.compress(file_of(r))), "")
    assert load(site).attrs["version"] == NEW
    odd(lambda r: packed(r, file_of(r), "br"), "versions.json")
    with pytest.warns(UserWarning, match=r"comes packed \(br\), which nobody asked for"):
        load(site)
    for data, said in (
        (gzip.compress(bytes(70_000_000), 1), "longer than announced"),
        (gzip.compress(b" " * 999)[:-9], "breaks off"),
        (b"no", "header"),
    ):
        odd(lambda r, data=data: packed(r, data), f"{OLD}/datapackage.json")  # type: ignore[misc]
        with pytest.raises(ReleaseError, match=said):
            load(site, OLD)


def test_where_files_are_kept(site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "ada"))
    monkeypatch.setenv("EVENTCODER_CACHE", "~/kept")
    assert len(load(site)) == 11 and (tmp_path / "ada" / "kept" / "files").is_dir(), "quoted in a shell, the tilde stays"

    def homeless(*_: object) -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("EVENTCODER_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(ReleaseError, match=r"no folder to keep fetched files in.*EVENTCODER_CACHE"):
        load(site)


def test_how_old_the_kept_list_is_whatever_the_clock_says(site: str, tmp_path: Path) -> None:
    load(site)
    (kept,) = (tmp_path / "cache" / "lists").iterdir()
    odd(lambda r: r.bytes(b"", code=500), "versions.json")
    for offset, said in ((-3 * 86400 - 60, r"\(3 days old\)"), (-86400 - 60, r"\(1 day old\)"), (9 * 86400, "clock has not reached")):
        os.utime(kept, (time.time() + offset,) * 2)
        with pytest.warns(UserWarning, match=said):
            load(site)


def test_redirects(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Server.odd = staticmethod(lambda r: r.path.startswith("/moved/") and r.sent_on(r.path.removeprefix("/moved")))
    host = site.removeprefix("http://")
    assert len(load(f"http://ada:geheim@{host}/moved")) == 11
    assert {s.get("Authorization") for s in Server.seen} == {"Basic YWRhOmdlaGVpbQ=="}, "to the same server the name and password go along"
    other = site.replace("127.0.0.1", "localhost")
    Server.seen.clear()
    Server.odd = staticmethod(lambda r: r.path.startswith("/away/") and r.sent_on(other + r.path.removeprefix("/away")))
    versions(f"http://ada:geheim@{host}/away")
    assert [s.get("Authorization") for s in Server.seen] == ["Basic YWRhOmdlaGVpbQ==", None], "to another one they do not"
    for to in ("file:///etc/hostname", "ftp://ftp.example/versions.json"):
        Server.odd = staticmethod(lambda r, to=to: r.sent_on(to))
        with pytest.raises(ReleaseError, match=r"(file|ftp):.* not (followed|allowed)"):
            versions(f"{site}/elsewhere")
    Server.odd = staticmethod(lambda r: r.sent_on(r.path))
    with pytest.raises(ReleaseError, match="infinite loop"):
        versions(f"{site}/round")
    for to in ("http://[::1/", "http://host.example:port/"):
        Server.odd = staticmethod(lambda r, to=to: r.sent_on(to))
        with pytest.raises(ReleaseError, match=r"cannot be read: (Invalid IPv6 URL|Port could not be cast)"):
            versions(f"{site}/elsewhere")
    Server.odd = staticmethod(lambda r: setattr(r, "close_connection", r.wfile.write(b"\x1b[2J\x00nonsense\r\n\r\n") > 0) or True)
    with pytest.raises(ReleaseError, match=r"cannot be read: \[2J nonsense\."):
        versions(f"{site}/elsewhere")
    secure = web._Redirects()
    request = web.urllib.request.Request("https://data.example/versions.json")
    with pytest.raises(ReleaseError, match="not followed"):
        secure.redirect_request(request, None, 302, "", {}, "http://data.example/versions.json")  # type: ignore[arg-type]


def test_a_server_that_never_gets_done_is_given_up(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "PATIENCE", 0.1)

    def dripping(request: Server) -> bool:
        request.send_response(200)
        request.end_headers()
        try:
            for _ in range(100):
                request.wfile.write(b" ")
                request.wfile.flush()
                time.sleep(0.02)
        except OSError:
            pass
        return True

    odd(dripping, "versions.json")
    with pytest.raises(ReleaseError, match="sends only"):
        versions(site)


def test_only_what_is_needed_is_fetched_and_only_once(site: str) -> None:
    frame = load(site)
    assert Server.asked == ["/versions.json", f"/{NEW}/datapackage.json", f"/{NEW}/events.parquet", f"/{NEW}/statistics.json"]
    Server.asked.clear()
    evidence(frame["event_id"].iloc[0], site)
    scan(site)
    assert {p.rsplit("/", 1)[1] for p in Server.asked} == {"versions.json", "evidence.parquet", "event_sources.parquet"}
    Server.asked.clear()
    load(site)
    assert Server.asked == ["/versions.json"]


def test_a_report_by_url_has_the_title_of_the_release(site: str, shared: Workshop) -> None:
    here = report(shared.project.releases_dir, where="fatalities > 900")
    assert "No event answers this query" in here
    assert report(site, where="fatalities > 900") == here


def test_what_may_be_named(site: str, shared: Workshop) -> None:
    assert load(f"{site}/versions.json").attrs["version"] == NEW
    assert load(f"{site}/{OLD}/").attrs["version"] == OLD
    assert load(f"{site}/{OLD}/datapackage.json").attrs["version"] == OLD
    assert load(f"HTTP{site[4:]}").attrs["version"] == NEW
    assert load(f"file://{shared.project.releases_dir}").attrs["version"] == NEW
    assert load(f"file://{shared.project.releases_dir / OLD}").attrs["version"] == OLD
    with pytest.raises(NotFound, match=r"2026\.10\.1.*Did you mean"):
        load(site, "2026.10.1")
    with pytest.raises(ReleaseError, match="answers 404"):
        load(f"{site}/nowhere")
    with pytest.raises(UsageError, match="port is no number"):
        load("http://ada:geheim@host.example:port/x")
    with pytest.raises(UsageError, match="no kind of place"):
        load("nowhere://x/y")
    for address in ("http://[::1/x", "https://", "s3:///", "", " "):
        with pytest.raises(UsageError, match=r"no address that|names no host or bucket|No place is named"):
            load(address)
    with pytest.raises(ReleaseError, match=r"cannot be read: File name too long\."):
        load("x" * 300)


def test_a_signature_goes_with_every_request_and_into_no_message(site: str) -> None:
    assert len(load(f"{site}/?sig=geheim%3D")) == 11
    assert all(p.endswith("?sig=geheim%3D") for p in Server.asked)
    odd(lambda r: r.bytes(b"", code=403), "versions.json")
    with pytest.raises(ReleaseError, match=re.escape(f"{site}/versions.json cannot be read: the server answers 403")) as caught:
        load(f"{site}/?sig=geheim%3D")
    assert "geheim" not in str(caught.value)
    odd(lambda r: r.bytes(b"", code=500), "versions.json")
    with pytest.warns(UserWarning) as told:
        load(f"{site}/?sig=another")
    assert "another" not in str(told[0].message) and "geheim" not in str(told[0].message)


def test_a_full_or_readonly_disk(site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with full_disk(5000), pytest.raises(ReleaseError, match=r"cache/files cannot be written: File too large.*EVENTCODER_CACHE"):
        load(site)
    assert not list((tmp_path / "cache" / "files").iterdir())
    (tmp_path / "no folder").write_text("")
    monkeypatch.setenv("EVENTCODER_CACHE", str(tmp_path / "no folder"))
    with pytest.raises(ReleaseError, match=r"cannot be written: Not a directory.*EVENTCODER_CACHE"):
        load(site)


def test_a_damaged_file_of_the_cache_is_fetched_again(site: str, tmp_path: Path) -> None:
    load(site)
    for path in (tmp_path / "cache" / "files").iterdir():
        data = path.read_bytes()
        path.write_bytes(data[:20] + bytes([data[20] ^ 1]) + data[21:])
    assert load(site).attrs["version"] == NEW
    path.unlink()
    path.mkdir()
    with pytest.raises(ReleaseError, match="cannot be written"):
        load(site)


def test_a_redacted_version_leaves_the_cache(shared: Workshop, site: str, tmp_path: Path) -> None:
    load(site, OLD)
    listed = json.loads((shared.project.releases_dir / "versions.json").read_text("utf-8"))
    kept = tmp_path / "cache" / "files"
    assert (kept / listed["versions"][0]["manifest_sha256"]).is_file() and len(list(kept.iterdir())) == 3
    listed["versions"][0]["withdrawn"] = {"reason": "a name", "time": "2026-11-20T00:00:00Z", "redacted": True, "successor": NEW}
    odd(lambda r: r.bytes(json.dumps(listed).encode()), "versions.json")
    assert load(site).attrs["version"] == NEW
    assert not (kept / listed["versions"][0]["manifest_sha256"]).exists() and len(list(kept.iterdir())) == 3
    with pytest.raises(NotFound, match=f"redacted on 2026-11-20: a name.*{NEW}"):
        load(site, OLD)


def test_half_files_of_killed_processes_are_swept_when_they_are_old(site: str, tmp_path: Path) -> None:
    kept = tmp_path / "cache" / "files"
    kept.mkdir(parents=True)
    for name, age in ((".part-old", 90_000), (".part-new", 60)):
        (kept / name).write_bytes(b"half")
        os.utime(kept / name, (time.time() - age,) * 2)
    load(site)
    assert [p.name for p in kept.iterdir() if p.name.startswith(".part")] == [".part-new"]


def test_from_a_store_and_offline_afterwards(shared: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTCODER_CACHE", str(tmp_path / "cache"))
    files = fsspec.filesystem("memory")
    url = "memory://remote-test/releases"
    try:
        publish(shared.project, url)
        assert len(load(url)) == 11

        def away(*args: Any, **kwargs: Any) -> None:
            raise OSError("no route")

        with monkeypatch.context() as patched:
            patched.setattr(type(files), "_open", away)
            with pytest.warns(UserWarning, match="cannot be reached.*no route"):
                assert len(load(url)) == 11
            with pytest.warns(UserWarning), pytest.raises(ReleaseError, match="no route"):
                load(url, OLD)
        with pytest.raises(ReleaseError, match=r"memory://remote-test/nowhere/versions\.json is not there"):
            load("memory://remote-test/nowhere")
    finally:
        files.rm("/remote-test", recursive=True)
    with monkeypatch.context() as patched:
        patched.setattr(fsspec, "get_filesystem_class", lambda scheme: __import__("no_such_package"))
        with pytest.raises(MissingPart, match="pip install gcsfs"):
            load("gs://bucket/releases")


@pytest.mark.slow
def test_another_locale_and_time_zone_read_the_same(shared: Workshop, tmp_path: Path) -> None:
    releases = shared.project.releases_dir
    code = (
        "import json, sys, eventcoder\n"
        f"frame = eventcoder.load('file://{releases}')\n"
        f"done = eventcoder.pull('{releases}', '{tmp_path / 'copy'}', '{OLD}')\n"
        "print(json.dumps([frame.attrs['fingerprint'], str(frame['event_date'].min().date()), done.version]))"
    )
    odd_places = {"LC_ALL": "C", "LANG": "tr_TR.UTF-8", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "TZ": "Pacific/Kiritimati"}
    out = subprocess.run([sys.executable, "-c", code], env={**os.environ, **odd_places}, capture_output=True, text=True, check=True).stdout
    frame = load(releases)
    assert json.loads(out) == [frame.attrs["fingerprint"], str(frame["event_date"].min().date()), OLD]


def test_the_address_of_a_file() -> None:
    assert remote.join("https://x.example/a/", "b c.csv") == "https://x.example/a/b%20c.csv"
    assert remote.join("https://x.example/a?k=v", "b", "c") == "https://x.example/a/b/c?k=v"
    assert remote.join("s3://bucket/a?region=r", "b c") == "s3://bucket/a/b c?region=r"
