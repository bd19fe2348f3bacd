"""Redaction end to end: nothing of the document is left in any file of the project, and what was released is there again without it."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest

from eventcoder import load, reader
from eventcoder.clock import unstamp
from eventcoder.dataset.acts import account
from eventcoder.dataset.canonical import canonical_table
from eventcoder.documents import Article, DocumentStore
from eventcoder.errors import LedgerError, NotFound, UsageError
from eventcoder.extraction.llm.cache import Answers
from eventcoder.ledger import new_entry, open_ledger
from eventcoder.ledger.exchange.journal import export_journal, import_journal
from eventcoder.problem import Report
from eventcoder.project import Project, Settings
from eventcoder.releases import check_release, withdraw
from eventcoder.releases.checking.reuse import reused
from eventcoder.releases.making.build import _documents
from eventcoder.releases.making.channel import build_candidate
from eventcoder.releases.manifest import read_manifest
from eventcoder.releases.papers.dictionary import SCHEMA
from eventcoder.releases.redaction.redacting import Redaction, plan, redact
from eventcoder.releases.redaction.traces import left_over, secrets_of_document, secrets_of_field
from eventcoder.releases.tables import read_changes, read_retracted, read_tables
from eventcoder.releases.versions import read_versions
from eventcoder.validation import GateResult
from tests.releases.workshop import Workshop, book

TITLE = "Whistle over the salt works"
URL = 'https://lantern.example/salt-works?x=1&y="2"'
PUBLISHER = "Lantern Evening Post"
TEXT = (
    'Zahra, who bakes in the lane, told the "Lantern" that four hundred workers of the salt works marched to the ford.\n'
    "The owner paid nothing since the second of May, and the guards looked away when the gate fell.\n"
)
QUOTE = "four hundred workers of the salt works marched"
NOTE = "On 3 May 2026, workers of the salt works gathered. The guards looked away when the gate fell, it was said."
NEEDLES = [TITLE, URL.partition("?")[0], PUBLISHER, QUOTE, "Zahra", "guards looked away", "paid nothing since"]


class Salt(Workshop):
    """The workshop with one document more: its text, its drafts and everything that is made of it."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        article = root / "raw" / "articles" / "salt.txt"
        article.parent.mkdir(parents=True)
        article.write_text(TEXT, "utf-8")
        article.with_name("salt.txt.toml").write_text(f"title = '{TITLE}'\npublisher = '{PUBLISHER}'\n", "utf-8")
        sha = hashlib.sha256(article.read_bytes()).hexdigest()
        given: dict[str, Any] = {"title": TITLE, "url": URL, "publisher": PUBLISHER}
        record, _ = DocumentStore(self.project.documents_dir).save(Article(TEXT, language="en", source_sha256=sha, source_name="salt.txt", **given))
        self.salt = self._enter("document", record.id, record.model_dump(mode="json"))
        start = TEXT.index(QUOTE)
        span = {"document": self.salt, "start": start, "end": start + len(QUOTE), "quote": QUOTE}
        plain = {k: v for k, v in span.items() if k != "document"}
        draft = {"draft_id": "d" * 16, "document": self.salt, "status": "codable", "clue": QUOTE, "statement": plain, "fields": {"notes": TEXT},
                 "evidence": {"notes": [plain]}, "score": 0.5, "engine": "rules", "engine_version": "1"}  # fmt: skip
        self._enter("draft", draft["draft_id"], draft)
        self._enter("decision", draft["draft_id"], {"decision": "accept", "document": self.salt, "reason": f"As told in {TITLE}"})
        event = self.ids[6]
        values = {"notes": NOTE, "source": [PUBLISHER, "Harbour Radio"]}
        count = {"kind": "crowd", "low": 400, "best": 400, "high": 400, "words": "four hundred workers", "rule": "number", "document": self.salt}
        self.act(event, {"act": "revise", "values": values, "reports": [{"document": self.salt}, {"document": self.later}],
                         "evidence": {"notes": [span]}, "counts": [count, {**count, "document": self.later, "words": "larger"}], "settled": True,
                         "reason": f"{PUBLISHER} saw it: {TITLE}"})  # fmt: skip
        self.event = event
        Answers(self.project.state_dir).put(self.salt, "k" * 8, {"request": TEXT, "answer": QUOTE})
        with sqlite3.connect(self.project.state_dir / "extracted.sqlite") as done:
            done.execute("CREATE TABLE done (engine TEXT, document TEXT, key TEXT, ids TEXT, times INTEGER)")
            done.execute("INSERT INTO done VALUES ('rules', ?, 'k', 'd', 1)", (self.salt,))
        done.close()

    def journal(self) -> Path:
        export_journal(self.ledger, self.project.journal_dir)
        return self.project.journal_dir

    def redact(self, document: str = "", reason: str = "The source is in danger.", **more: Any) -> Redaction:
        secrets = secrets_of_document(self.project, self.ledger, document or self.salt)
        return redact(self.project, self.ledger, secrets, reason=reason, coder="lead", time=self.moment + timedelta(days=2), **more)


def holding(root: Path, needles: list[str] = NEEDLES) -> set[str]:
    """Files in which something of it stands, however it is written; compressed tables are opened."""
    found = set()
    for path in root.rglob("*"):
        if not path.is_file():
            continue
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            data = json.dumps([table.schema.to_string(), table.to_pylist()], default=str, ensure_ascii=False)
        else:
            data = path.read_bytes().decode("utf-8", "replace")
        found |= {f"{path.relative_to(root)}: {n}" for n in needles if n in data}
    return found


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the gate, which takes seconds, but for the test that is about it."""
    if "whole" not in request.node.name:
        no_gate(monkeypatch)


def no_gate(patch: pytest.MonkeyPatch) -> None:
    """Neither the gate nor the papers that take a second each: they are made of tables that are looked at here."""
    patch.setattr("eventcoder.releases.making.contents.dictionary_table", lambda *_: SCHEMA.empty_table())
    patch.setattr("eventcoder.releases.making.contents.release_report", lambda *_, **__: "<html></html>")
    patch.setattr("eventcoder.validation.gate", lambda *_, **__: GateResult(Report(), {}, "<html></html>"))
    patch.setattr("eventcoder.releases.checking.check.rejudge", lambda *_, **__: [])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        no_gate(patch)
        return make(tmp_path_factory.mktemp("salt") / "project")


def make(root: Path, gated: str = "", *, whole: bool = True) -> Path:
    """A project with four releases: two show the document, the third tells of it in its changes, the fourth does not (`whole`; else the two)."""
    salt = Salt(root)
    salt.release(notes=f"With {TITLE}.", gated=gated)
    salt.second(gated=gated)
    if not whole:
        salt.ledger.close()
        return root
    known = salt.ledger.latest("document")[salt.salt]
    salt._enter("document", salt.salt, {**known.body, "visibility": "undisclosed"}, parents=(known.id,))  # as a team does in a hurry
    salt.act(
        salt.event, {"act": "revise", "values": {"location": "Old Ford", "notes": "Workers marched."}, "settled": True, "reason": "names of places"}
    )
    salt.release(notes="Hidden.", gated=gated)
    salt.act(salt.ids[7], {"act": "revise", "values": {"location": "Mill Lane"}, "settled": True, "reason": "misread"})
    salt.release(gated=gated)
    salt.journal()
    salt.ledger.close()
    return root


@pytest.fixture
def salt(built: Path, tmp_path: Path) -> Any:
    made = opened(Path(shutil.copytree(built, tmp_path / "project")))
    yield made
    made.ledger.close()


@pytest.fixture(scope="module")
def gone(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the tests that only look share: the project before, the project after, and what was said to be planned and done."""
    made = opened(Path(shutil.copytree(built, tmp_path_factory.mktemp("gone") / "project")))
    old = Path(shutil.copytree(made.project.journal_dir, made.project.root.parent / "old"))
    secrets = secrets_of_document(made.project, made.ledger, made.salt)
    planned = plan(made.project, made.ledger, secrets, time=made.moment + timedelta(days=2))
    assert {n for line in holding(made.project.root) for n in NEEDLES if n in line} == set(NEEDLES)
    with pytest.MonkeyPatch.context() as patch:
        no_gate(patch)
        done = made.redact()
    yield SimpleNamespace(salt=made, before=built, old=old, planned=planned, done=done, releases=made.project.releases_dir)
    made.ledger.close()


def opened(root: Path) -> Salt:
    made = object.__new__(Salt)
    made.project = Project(root, Settings(id="weir", title="Weir Valley events", authors=("Okafor, Ada", "The Weir Team"), duplicate_stop=1.01))
    made.ledger = open_ledger(made.project.ledger_path)
    made.salt = next(i for i, e in made.ledger.latest("document").items() if e.body["title"] == TITLE)
    made.moment = unstamp(max(e.time for e in made.ledger.entries()))
    made.event = next(e.subject for e in made.ledger.entries("act") if made.salt in json.dumps(e.body))
    return made


def test_nothing_of_the_document_is_left_in_any_file(gone: Any) -> None:
    root, ledger = gone.salt.project.root, gone.salt.ledger
    assert holding(root) == set()
    assert gone.done.held == () and gone.done.done
    assert not (root / "raw" / "articles" / "salt.txt").exists() and not (root / "raw" / "articles" / "salt.txt.toml").exists()
    assert ledger.verify() == []
    trace = list(ledger.entries("redaction"))
    assert {e.coder for e in trace} == {"lead"} and {e.body["reason"] for e in trace} == {"The source is in danger."}
    assert ledger.latest("document")[gone.salt.salt].body == {"id": gone.salt.salt, "redacted": True, "visibility": "undisclosed"}


def test_what_was_released_is_there_again_without_it(gone: Any) -> None:
    releases = gone.releases
    assert [(v.version, v.redacted, v.successor) for v in gone.done.versions] == [
        ("2026.11.0", True, "2026.11.4"), ("2026.11.1", True, "2026.11.5"), ("2026.11.2", True, "2026.11.6"), ("2026.11.3", False, "2026.11.7"),
    ]  # fmt: skip
    assert [p for p in check_release(releases) if p.severity == "error"] == []
    listed = read_versions(releases)
    assert listed.latest == "2026.11.7" and [v.version for v in listed.redacted] == ["2026.11.0", "2026.11.1", "2026.11.2"]
    assert {p.name for p in releases.iterdir() if p.is_dir()} == {f"2026.11.{n}" for n in range(3, 8)}
    for told in gone.done.versions:
        was, now = (
            load(folder, version=v).set_index("event_id") for folder, v in ((gone.before / "releases", told.version), (releases, told.successor))
        )
        assert list(was.index) == list(now.index)
        other = [c for c in was.columns if c not in ("notes", "source", "first_release", "last_changed")]
        assert was[other].equals(now[other])
        assert set(now["first_release"]) <= {f"2026.11.{n}" for n in range(4, 8)}
    with pytest.raises(NotFound, match=r"redacted on .* The source is in danger.* Use 2026.11.4"):
        load(releases, version="2026.11.0")
    with pytest.warns(UserWarning, match="withdrawn"):
        load(releases, version="2026.11.3")
    steps = reader.changes("2026.11.4", "2026.11.7", source=releases)
    assert {"added", "retracted", "merged", "revised"} <= set(steps["op"])


def test_a_folder_that_should_be_gone_is_told(gone: Any, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(gone.releases, tmp_path / "releases"))
    shutil.copytree(gone.before / "releases" / "2026.11.0", copy / "2026.11.0")
    assert "redacted-release" in {p.code for p in check_release(copy, deep=False) if p.severity == "error"}


def test_the_ledger_gives_what_was_reissued(gone: Any) -> None:
    result = gone.salt.release(dry_run=True)
    assert (result.status, result.version) == ("nothing to release", "2026.11.7")
    acts = acts_as_from_the_ledger(gone.salt)
    assert {"[withheld]"} == {a["act"] for a in acts if a["event_id"] == gone.salt.event and a["number"] > 1}, "each identity rests on the one before"
    assert sum(a["act"] == "[withheld]" for a in acts) < len(acts)
    told = pq.read_table(gone.releases / "2026.11.6" / "changes.parquet").to_pylist()
    assert {r["act"] for r in told if r["event_id"] == gone.salt.event and r["op"] == "revised"} == {"[withheld]"}


def acts_as_from_the_ledger(salt: Salt) -> list[dict[str, Any]]:
    """The acts of the latest version, which must be those that a release would now make of the ledger."""
    releases = salt.project.releases_dir
    shown = pq.read_table(releases / str(read_versions(releases).latest) / "acts.parquet")
    documents = _documents(salt.ledger.latest("document"))
    found = account(salt.ledger, shown.column("event_id").combine_chunks(), documents=documents, settings=salt.project.settings)
    rows: list[dict[str, Any]] = shown.to_pylist()
    made = canonical_table("acts", found.table, shown.schema).to_pylist()
    for was, now in zip(rows, made, strict=True):  # a reason that was withheld stays so, where the ledger now has one without what had to go
        assert was == {**now, "reason": was["reason"] if was["reason"] == "[withheld]" else now["reason"]}
    return rows


def test_what_was_planned_is_what_was_done(gone: Any) -> None:
    for name in ("entries", "events", "reworded", "files", "versions", "candidates"):
        assert getattr(gone.planned, name) == getattr(gone.done, name), name
    assert gone.planned.events == (gone.salt.event,) and gone.planned.entries["document"] == 2


def test_an_old_journal_does_not_bring_it_back(gone: Any, tmp_path: Path) -> None:
    heads = gone.salt.ledger.store.rows("SELECT * FROM heads ORDER BY event_id")
    new = gone.salt.project.journal_dir
    for order in ([gone.old, new], [new, gone.old]):
        with open_ledger(tmp_path / f"{order[0].name}.sqlite") as other:
            for folder in order:
                assert [p for p in import_journal(other, folder).problems if p.severity == "error"] == []
            assert other.store.rows("SELECT * FROM heads ORDER BY event_id") == heads and other.verify() == []


@pytest.mark.slow
def test_again_finds_nothing_and_an_interrupted_run_is_finished(salt: Salt, monkeypatch: pytest.MonkeyPatch) -> None:
    from eventcoder.releases.redaction import redacting, reissue

    class Killed(BaseException):
        pass

    def killed(*_: Any, **__: Any) -> None:
        raise Killed

    for module, name in ((reissue, "write_versions"), (redacting, "_redact_entries"), (redacting, "_forget"), (redacting, "left_over")):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, killed)
            with pytest.raises(Killed):
                salt.redact()
        assert read_versions(salt.project.releases_dir).latest is not None
    done = salt.redact()
    assert holding(salt.project.root) == set() and done.held == ()
    assert [p for p in check_release(salt.project.releases_dir, deep=False) if p.severity == "error"] == []
    assert len(read_versions(salt.project.releases_dir).versions) == 8
    assert salt.redact().nothing


@pytest.mark.slow
def test_a_second_document_goes_out_of_the_stubs_of_the_first(salt: Salt) -> None:
    other = next(i for i, e in salt.ledger.latest("document").items() if e.body.get("title") == "More people")
    salt.redact(other)
    salt.redact()
    assert holding(salt.project.root) == set() and salt.ledger.verify() == []
    listed = read_versions(salt.project.releases_dir)
    assert [listed.successor_of(f"2026.11.{n}") for n in range(5)] == ["2026.11.8", "2026.11.9", "2026.11.10", "2026.11.11", "2026.11.8"]
    assert [p for p in check_release(salt.project.releases_dir, deep=False) if p.severity == "error"] == []


@pytest.mark.slow
def test_what_one_field_said_goes_alone(salt: Salt) -> None:
    with pytest.raises(UsageError, match="no field of free text"):
        secrets_of_field(salt.ledger, book(), salt.event, "fatalities")
    withdraw(salt.project, "2026.11.1", "A slip.")  # what came in it is news in the next one that stands
    typed = {"draft_id": "f" * 16, "document": salt.salt, "fields": {"notes": NOTE}, "evidence": {}}  # proposed, and typed by a coder without it
    salt._enter("draft", "f" * 16, typed)
    secrets = secrets_of_field(salt.ledger, book(), salt.event, "notes")
    redact(salt.project, salt.ledger, secrets, reason="A private person.", coder="lead", time=salt.moment + timedelta(days=2))
    held = holding(salt.project.root, [NOTE])
    assert held == set()
    frame = load(salt.project.releases_dir).set_index("event_id")
    assert frame.loc[salt.event, "notes"] == "[redacted]" and frame.loc[salt.event, "location"] == "Old Ford"
    for version in read_versions(salt.project.releases_dir).versions:
        folder = salt.project.releases_dir / version.version
        if version.withdrawn is None:
            tables, changes = read_tables(folder), read_changes(folder / "changes.parquet")
            assert list(reused(read_manifest(folder)[0], tables, changes, read_retracted(folder / "retracted.csv"))) == []
            ended = [(r["op"], r["merged_into"] is None, r["reason"]) for r in changes.to_pylist() if r["op"] in ("merged", "retracted")]
            assert version.version != "2026.11.5" or ended == [
                ("retracted", True, "the march was a film set"),
                ("merged", False, "same march, two papers"),
            ]
    assert "[withheld]" in {a["act"] for a in acts_as_from_the_ledger(salt) if a["event_id"] == salt.event}
    assert salt.ledger.verify() == []


def test_it_is_refused_before_anything_is_changed(salt: Salt) -> None:
    with pytest.raises(UsageError, match="reason"):
        salt.redact(reason=" ")
    with pytest.raises(UsageError, match="repeats"):
        salt.redact(reason=f"A court forbade '{TITLE}'.")
    line = new_entry("act", "f00000000000", {"act": "create", "values": {}}, coder="ben", time=salt.moment)
    (salt.project.journal_dir / "ben-2026-11.jsonl").write_text(json.dumps(line.as_json()) + "\n", "utf-8")
    ledgers = len(list(salt.ledger.entries("redaction")))
    (salt.project.journal_dir / "ada-2026-11.jsonl").write_text(json.dumps(line.as_json()) + "\n", "utf-8")
    with pytest.raises(LedgerError, match="does not know"):
        salt.redact()
    assert len(list(salt.ledger.entries("redaction"))) == ledgers and read_versions(salt.project.releases_dir).redacted == []


def test_files_that_still_hold_it_are_named(gone: Any) -> None:
    project = gone.salt.project
    several, old = project.root / "raw" / "articles" / "several.jsonl", project.root / "old.zip"
    several.write_text(json.dumps({"text": TEXT}) + "\n", "utf-8")
    old.write_bytes(b"PK")
    assert left_over(project, gone.done.secrets) == ([several], [old])
    several.write_text("Nothing of it.", "utf-8")
    old.unlink()
    assert left_over(project, gone.done.secrets) == ([], [])
    several.unlink()


@pytest.mark.slow
def test_the_whole_gate_passes_what_was_reissued_and_candidates_go(tmp_path: Path) -> None:
    salt = opened(make(tmp_path / "project", gated="rules", whole=False))
    salt.act(salt.event, {"act": "revise", "values": {"location": "Old Ford"}, "settled": False, "reason": "to be looked at"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("eventcoder.validation.gate", lambda *_, **__: GateResult(Report(), {}, "<html></html>"))
        build_candidate(salt.project, salt.ledger, book(), time=salt.moment + timedelta(days=1))
    done = salt.redact()
    assert all(v.successor and not v.why for v in done.versions)
    assert len(done.candidates) == 1 and not (salt.project.releases_dir / "candidate" / done.candidates[0]).exists()
    assert holding(salt.project.root) == set()
    assert [p for p in check_release(salt.project.releases_dir) if p.severity == "error"] == []
    salt.ledger.close()
