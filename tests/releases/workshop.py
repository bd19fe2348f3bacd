"""A project in a temporary folder with documents and events in its ledger: the material of the tests on releases and the reader."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from eventcoder import validation
from eventcoder.codebook import Codebook, load_codebook
from eventcoder.event import Document
from eventcoder.ledger import new_entry, open_ledger
from eventcoder.problem import Report
from eventcoder.project import Project, Settings, packaged_schema
from eventcoder.releases import ReleaseResult, build_candidate, build_release
from eventcoder.releases.making import contents
from eventcoder.validation import GateResult, gate
from tests.synthetic_events import synthetic_values

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SYSTEM = {"timestamp", "n_reports", "n_publishers", "codebook_version", "revision", "first_release", "last_changed"}
_BOOK: list[Codebook] = []


def book() -> Codebook:
    if not _BOOK:
        _BOOK.append(load_codebook(packaged_schema()))
    return _BOOK[0]


def drawn(really: bool) -> AbstractContextManager[Any]:
    """report.html takes a second at first and half of one later: tests of everything else do without its charts."""
    return nullcontext() if really else mock.patch.object(contents, "release_report", lambda *_, **__: "<html></html>\n")


class Workshop:
    """Acts of a coder, one minute after the other; `release()` builds from what is there."""

    def __init__(self, root: Path, n: int = 12, **settings: Any) -> None:
        chosen: dict[str, Any] = {"id": "weir", "title": "Weir Valley events", "authors": ("Okafor, Ada", "The Weir Team"), "duplicate_stop": 1.01}
        self.project = Project(root, Settings(**{**chosen, **settings}))
        root.mkdir(parents=True, exist_ok=True)
        (root / "eventcoder.toml").write_text('id = "weir"\n', "utf-8")
        self.ledger = open_ledger(self.project.ledger_path if root.joinpath(".eventcoder").mkdir() is None else root)
        self.moment = START
        self.values = sorted(synthetic_values(n, 7), key=lambda v: v["event_id"])
        self.ids = [v["event_id"] for v in self.values]
        gazette = {"publisher": "The Weir Gazette", "url": "https://weir.example/7", "title": "Queues"}
        self.public = self.document("A day of fuel queues ended in a march.", **gazette)
        self.later = self.document("The march of Monday was larger than said.", publisher="Harbour Radio", title="More people")
        courier = {"publisher": "Night Courier", "url": "https://night.example/1", "visibility": "undisclosed"}
        self.secret = self.document("Told in confidence: names follow.", **courier)
        for number, values in enumerate(self.values):
            kept = {k: v for k, v in values.items() if k not in SYSTEM and k != "event_id" and v not in (None, [])}
            body: dict[str, Any] = {"act": "create", "values": kept, "settled": True, "codebook": book().version}
            if number == 5:  # nobody reported whether there were deaths
                kept = {k: v for k, v in kept.items() if not k.startswith("fatalities")}
                body["values"] = kept
            if number < 3:
                body["reports"] = [{"document": d} for d in (self.public, self.secret)[: 1 + (number == 0)]]
                body["evidence"] = {
                    "event_date": [{"document": self.public, "start": 0, "end": 5, "quote": "A day"}],
                    "notes": [{"document": self.public, "start": 9, "end": 20, "quote": "fuel queues"}],
                }
            if number == 0:
                body["evidence"]["actor1"] = [{"document": self.secret, "start": 0, "end": 4, "quote": "Told"}]
                count = {"kind": "crowd", "low": 20, "best": 20, "high": None, "words": "Told in", "rule": "at_least"}
                body["counts"] = [{**count, "document": self.secret}]
            self.act(values["event_id"], body)

    def document(self, text: str, **facts: Any) -> str:
        sha = hashlib.sha256(text.encode()).hexdigest()
        record = Document(id=sha[:16], sha256=sha, length=len(text), published="2026-10-30", language="en", **facts)
        return self._enter("document", record.id, record.model_dump(mode="json"))

    def _enter(self, kind: str, subject: str, body: dict[str, Any], **more: Any) -> str:
        self.moment += timedelta(minutes=1)
        self.ledger.append([new_entry(kind, subject, body, coder="ada", time=self.moment, **more)])
        return subject

    def act(self, event_id: str, body: dict[str, Any]) -> None:
        head = self.ledger.head(event_id)
        self._enter("act", event_id, body, parents=head.heads if head else ())

    def coverage(self, **body: Any) -> None:
        self._enter("coverage", f"{body['country']}/{body['week']}", body)

    def release(self, *, gated: str = "", **more: Any) -> ReleaseResult:
        """Build. The gate takes seconds: "whole" runs all of it, "rules" all but Great Expectations, "" is for tests of everything else."""
        checked = {"": lambda *_, **__: GateResult(Report(), {}, "<html></html>"), "rules": partial(gate, great_expectations=False), "whole": gate}
        with mock.patch.object(validation, "gate", checked[gated]), drawn(gated == "whole"):
            return build_release(self.project, self.ledger, book(), **{"time": self.moment + timedelta(days=1), **more})

    def candidate(self, *, gated: str = "rules", **more: Any) -> ReleaseResult:
        """Build a candidate. It leaves out what breaks the rules, so that many tests need them."""
        checked = {"": lambda *_, **__: GateResult(Report(), {}, "<html></html>"), "rules": partial(gate, great_expectations=False), "whole": gate}
        with mock.patch.object(validation, "gate", checked[gated]), drawn(gated == "whole"):
            return build_candidate(self.project, self.ledger, book(), **{"time": self.moment + timedelta(days=1), **more})

    def create(self, seed: int, *, settled: bool = True, **changed: Any) -> str:
        """One more event, of other values than those that are there; its id."""
        extra = {**synthetic_values(20, seed)[19], **changed}
        kept = {k: v for k, v in extra.items() if k not in SYSTEM and k != "event_id" and v not in (None, [])}
        self.act(extra["event_id"], {"act": "create", "values": kept, "settled": settled, "codebook": book().version})
        return str(extra["event_id"])

    def second(self, **more: Any) -> ReleaseResult:
        """One of each: a correction, an attached report, a retraction, a merge, an addition."""
        a, b, c, d, e = self.ids[:5]
        self.act(a, {"act": "revise", "values": {"location": "Weir Bridge"}, "settled": True, "reason": "misread map"})
        self.act(b, {"act": "attach", "reports": [{"document": self.later}], "settled": True})
        self.act(c, {"act": "retract", "reason": "the march was a film set"})
        self.act(d, {"act": "merge", "merged": [e], "settled": True})
        self.act(e, {"act": "merge", "successor": d, "reason": "same march, two papers"})
        extra = dict(synthetic_values(13, 8)[12])
        self.added = extra["event_id"]
        kept = {k: v for k, v in extra.items() if k not in SYSTEM and k != "event_id" and v not in (None, [])}
        self.act(self.added, {"act": "create", "values": kept, "settled": True, "codebook": book().version})
        return self.release(notes="Corrections of the first week.", **more)
