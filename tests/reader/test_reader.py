"""What an analyst sees: right dtypes, filters that cannot be misspelt silently, versions, changes, what became of an event."""

from __future__ import annotations

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

import eventcoder
from eventcoder.errors import NotFound, ReleaseError, UsageError
from eventcoder.reader import changes, evidence, load, resolve, scan, versions
from eventcoder.releases import publish, release_folder, withdraw
from eventcoder.releases.layout import ACLED_COLUMNS
from tests.releases.workshop import Workshop, book

OLD, NEW = "2026.11.0", "2026.11.1"


def test_T30_whole_numbers_days_texts_and_lists_keep_their_kind(releases: Path) -> None:
    frame = load(releases)
    kinds = {n: str(t) for n, t in frame.dtypes.items()}
    assert (kinds["year"], kinds["fatalities"], kinds["timestamp"]) == ("Int16", "Int32", "Int64")
    assert frame["fatalities"].isna().any()
    assert kinds["event_date"] == "datetime64[s]"
    assert isinstance(frame["country"].dtype, pd.StringDtype)
    assert frame["country"].iloc[0] in set(frame["country"])
    assert all(isinstance(v, list) for v in frame["tags"])
    assert kinds["latitude"] == "Float64" or kinds["latitude"] == "float64"
    assert frame["event_id"].is_unique
    assert list(frame.index) == list(range(11))
    assert frame.attrs["version"] == NEW
    assert frame.attrs["citation"].startswith("Okafor, Ada; The Weir Team (2026): Weir Valley events, version 2026.11.1")
    assert len(frame.attrs["fingerprint"]) == 64
    assert frame.attrs["codebook_version"] == book().version


def test_T19_in_the_native_table_missing_is_not_zero_and_in_acleds_it_is(releases: Path) -> None:
    native, acled = load(releases), load(releases, acled=True)
    assert native["fatalities"].isna().sum() == 1
    assert acled["fatalities"].sum() == native["fatalities"].sum()
    assert str(acled["fatalities"].dtype) == "int64", "as pandas.read_csv gives it"


def test_load_acled_equals_the_acled_file(releases: Path) -> None:
    frame = load(releases, acled=True)
    assert tuple(frame.columns) == ACLED_COLUMNS
    expected = pd.read_csv(releases / NEW / "events_acled.csv")
    blank = [c for c in expected if expected[c].isna().all()]
    pd.testing.assert_frame_equal(frame.drop(columns=blank), expected.drop(columns=blank), check_dtype=True)
    assert frame[blank].isna().all().all()


def test_filters(releases: Path) -> None:
    everything = load(releases)
    country, day = everything["country"].iloc[0], everything["event_date"].sort_values().iloc[5].date()
    assert set(load(releases, country=country.upper())["country"]) == {country}
    assert len(load(releases, country=[country, "Iran"])) == everything["country"].isin([country, "Iran"]).sum()
    assert (load(releases, since=day)["event_date"] >= pd.Timestamp(day)).all()
    assert len(load(releases, since=day)) + len(load(releases, until=day)) == 11 + (everything["event_date"] == pd.Timestamp(day)).sum()
    assert len(load(releases, since=pd.Timestamp(day), until=day.isoformat())) >= 1
    kind = everything["event_type"].iloc[0]
    assert set(load(releases, event_type=kind, columns=["event_type"])["event_type"]) == {kind}
    assert list(load(releases, columns=["notes", "event_id"]).columns) == ["notes", "event_id"]
    assert scan(releases, country=country).count_rows() == (everything["country"] == country).sum()


def test_what_cannot_be_meant_is_refused_with_the_nearest(releases: Path) -> None:
    with pytest.raises(UsageError, match=r"'Iraqq' is not in the list countries.*Did you mean 'Iraq'"):
        load(releases, country="Iraqq")
    with pytest.raises(UsageError, match="Did you mean 'Protests'"):
        load(releases, event_type="Protest")
    with pytest.raises(UsageError, match="Did you mean 'fatalities'"):
        load(releases, columns=["fatalites"])
    with pytest.raises(UsageError, match="2020-13-01"):
        load(releases, since="2020-13-01")
    with pytest.raises(UsageError, match="lies after"):
        load(releases, since=date(2024, 1, 2), until=date(2024, 1, 1))
    with pytest.raises(NotFound, match=r"2026\.11\.7.*Did you mean 2026\.11\.1"):
        load(releases, version="2026.11.7")
    with pytest.raises(UsageError, match="holds neither"):
        load(releases / NEW / "codes")


def test_every_kind_of_source_gives_the_same(shared: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    project = shared.project
    prints = {load(s).attrs["fingerprint"] for s in (project.root, project.releases_dir, str(project.releases_dir / NEW))}
    monkeypatch.chdir(project.root)
    prints.add(eventcoder.load().attrs["fingerprint"])
    assert len(prints) == 1
    assert load(project.releases_dir / OLD).attrs["version"] == OLD
    assert callable(eventcoder.changes)


def test_versions_and_changes(releases: Path, shared: Workshop) -> None:
    listed = versions(releases)
    assert [(v["version"], v["previous"], v["latest"], v["events"]) for v in listed] == [(OLD, None, False, 12), (NEW, OLD, True, 11)]
    frame = changes(OLD, "latest", releases)
    assert set(frame["op"]) == {"added", "revised", "attached", "retracted", "merged"}
    assert frame.loc[frame["op"] == "merged", "merged_into"].tolist() == [shared.ids[3]]
    with pytest.raises(UsageError, match="newer than"):
        changes(NEW, OLD, releases)


def test_T25_changes_over_several_versions_keep_their_reasons(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "project")
    workshop.release()
    workshop.second()
    workshop.act(workshop.ids[0], {"act": "revise", "values": {"location": "Weir Mill"}, "settled": True, "reason": "second map"})
    workshop.act(workshop.ids[8], {"act": "retract", "reason": "not in the valley"})
    workshop.release()
    frame = changes(OLD, "latest", workshop.project.root).set_index("event_id")
    location = frame[frame["field"] == "location"].loc[workshop.ids[0]]
    assert (location["new"], location["reason"]) == ('"Weir Mill"', "second map")
    assert frame.loc[workshop.ids[8], "reason"] == "not in the valley"
    assert frame.loc[workshop.ids[2], "reason"] == "the march was a film set"
    assert frame.loc[workshop.ids[4], "merged_into"] == workshop.ids[3]
    workshop.act(workshop.ids[3], {"act": "merge", "successor": workshop.ids[5], "reason": "one march after all"})
    workshop.act(workshop.ids[5], {"act": "merge", "merged": [workshop.ids[3]], "settled": True})
    workshop.release()
    found = resolve(workshop.ids[4], workshop.project.root)
    assert (found["state"], found["current_id"], found["via"]) == ("merged", workshop.ids[5], [workshop.ids[3]])
    workshop.ledger.close()


def test_resolve(releases: Path, shared: Workshop) -> None:
    kept, gone, merged, survivor = shared.ids[0], shared.ids[2], shared.ids[4], shared.ids[3]
    assert resolve(kept, releases)["state"] == "current"
    assert {k: resolve(gone, releases)[k] for k in ("state", "current_id", "reason", "version")} == {
        "state": "retracted", "current_id": None, "reason": "the march was a film set", "version": NEW,
    }  # fmt: skip
    assert {k: resolve(merged, releases)[k] for k in ("state", "current_id", "reason")} == {
        "state": "merged", "current_id": survivor, "reason": "same march, two papers",
    }  # fmt: skip
    assert resolve(merged, releases, OLD)["state"] == "current"
    cnty = load(releases, OLD).set_index("event_id")["event_id_cnty"]
    assert resolve(cnty[merged], releases)["current_id"] == survivor
    with pytest.raises(NotFound):
        resolve("zzzzzzzzzzzz", releases)


def test_evidence(releases: Path, shared: Workshop) -> None:
    frame = evidence(shared.ids[0], releases)
    assert frame[["field", "quote", "publisher"]].values.tolist() == [
        ["event_date", "A day", "The Weir Gazette"],
        ["notes", "fuel queues", "The Weir Gazette"],
    ]
    assert frame["published"].iloc[0] == pd.Timestamp("2026-10-30")
    with pytest.raises(NotFound, match=shared.ids[3]):
        evidence(shared.ids[4], releases)


def test_a_withdrawn_version_warns_and_is_not_the_latest(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "project", 4)
    workshop.release()
    workshop.act(workshop.ids[0], {"act": "retract", "reason": "twice"})
    workshop.release()
    withdraw(workshop.project, NEW, "coordinates of one province are wrong", time=workshop.moment)
    assert load(workshop.project.root).attrs["version"] == OLD
    with pytest.warns(UserWarning, match="coordinates of one province are wrong"):
        load(workshop.project.root, NEW)
    assert [v["withdrawn"] for v in versions(workshop.project.root)] == [None, "coordinates of one province are wrong"]
    with pytest.raises(ReleaseError, match="already withdrawn"):
        withdraw(workshop.project, NEW, "again")
    with pytest.raises(NotFound):
        withdraw(workshop.project, "2020.01.0", "never was")
    third = workshop.release()
    assert (third.version, third.previous) == ("2026.11.2", OLD)
    workshop.ledger.close()


def test_a_manifest_of_a_later_format_is_refused(releases: Path) -> None:
    path = releases / NEW / "datapackage.json"
    raw = json.loads(path.read_text("utf-8"))
    raw["eventcoder"]["format"] = 3
    path.write_text(json.dumps(raw), "utf-8")
    (releases / "versions.json").unlink()
    with pytest.raises(ReleaseError, match=r"format 3.*knows formats up to 1.*pip install -U"):
        load(releases / NEW)


def test_publish_and_find_a_version(shared: Workshop, tmp_path: Path) -> None:
    target = tmp_path / "web"
    first = publish(shared.project, target)
    assert (first.copied, first.latest) == ((OLD, NEW), NEW)
    assert publish(shared.project, target).copied == ()
    assert load(target).attrs["fingerprint"] == load(shared.project.root).attrs["fingerprint"]
    (target / OLD / "events.csv").write_text("", "utf-8")
    with pytest.raises(ReleaseError, match=r"events\.csv is damaged"):
        publish(shared.project, target)
    assert release_folder(shared.project, "latest") == shared.project.releases_dir / NEW
    with pytest.raises(NotFound, match=NEW):
        release_folder(shared.project, "2026.01.0")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


class Breaking(Quiet):
    """Announces a whole Parquet file and hangs up in the middle of it."""

    def copyfile(self, source: Any, outputfile: Any) -> None:
        data = source.read()
        outputfile.write(data[: len(data) // 2] if self.path.endswith(".parquet") else data)
        self.close_connection = True


def test_a_connection_that_breaks_off_leaves_nothing_behind(served: tuple[str, http.server.ThreadingHTTPServer, Path]) -> None:
    url, server, folder = served
    server.RequestHandlerClass = functools.partial(Breaking, directory=str(folder / "web"))  # type: ignore[assignment]
    with pytest.raises(ReleaseError, match=r"events\.parquet"):
        load(url)
    assert [p.name for p in (folder / "cache" / "files").iterdir() if p.name.startswith(".part")] == []
    server.RequestHandlerClass = functools.partial(Quiet, directory=str(folder / "web"))  # type: ignore[assignment]
    assert len(load(url)) == 11, "the next try fetches all of it"


@pytest.fixture
def served(shared: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, http.server.ThreadingHTTPServer, Path]]:
    """The releases on a web server of this machine, and an empty cache."""
    publish(shared.project, tmp_path / "web")
    monkeypatch.setenv("EVENTCODER_CACHE", str(tmp_path / "cache"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path / "web")))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", server, tmp_path
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_url_is_fetched_verified_kept_and_works_offline(served: tuple[str, http.server.ThreadingHTTPServer, Path]) -> None:
    url, server, folder = served
    frame = load(url)
    assert frame.attrs["version"] == NEW
    assert len(load(url, country=frame["country"].iloc[0])) >= 1
    assert resolve(frame["event_id"].iloc[0], url)["state"] == "current"
    assert len(changes(OLD, NEW, url)) > 5
    manifest = json.loads((folder / "web" / NEW / "datapackage.json").read_text("utf-8"))["eventcoder"]
    kept = folder / "cache" / "files" / manifest["files"]["events.parquet"]["sha256"]
    kept.write_bytes(b"damaged")
    assert len(load(url)) == 11
    assert pq.read_metadata(kept).num_rows == 11, "the damaged copy was fetched again"
    server.shutdown()
    server.server_close()
    with pytest.warns(UserWarning, match="cannot be reached"):
        assert len(load(url)) == 11
    with pytest.warns(UserWarning, match="cannot be reached"), pytest.raises(ReleaseError, match="cannot be read"):
        load(url, OLD)


def test_a_file_that_is_not_what_was_announced_is_refused(served: tuple[str, http.server.ThreadingHTTPServer, Path]) -> None:
    url, _, folder = served
    whole = (folder / "web" / NEW / "events.parquet").read_bytes()
    changed = whole[:400] + bytes([whole[400] ^ 1]) + whole[401:]
    for other in (b"PAR1 nothing", b"", whole[: len(whole) // 2], changed, whole + b"and more"):
        (folder / "web" / NEW / "events.parquet").write_bytes(other)
        with pytest.raises(ReleaseError, match="other sha256"):
            load(url)
    assert [p.name for p in (folder / "cache" / "files").iterdir() if p.name.startswith(".part")] == []
    with pytest.raises(ReleaseError, match="404"):
        load(url + "nowhere")
