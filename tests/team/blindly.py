"""Two coders' blind codings of documents, put into a ledger: the material of the tests on adjudication."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from eventcoder.coding import Desk
from eventcoder.identity import new_event_id
from eventcoder.intake.articles import ingest
from eventcoder.ledger import new_entry
from eventcoder.ledger.exchange.journal import export_journal, import_journal
from eventcoder.ledger.work import body_of, find_task, task_id
from eventcoder.project import Project, open_project
from tests.conftest import CLEAN

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TEXT = (
    "Teachers gathered in Shiraz on 3 May to demand late salaries. Some hundred came, the union said.\n\n"
    "In Yazd, two men were killed on Monday when a shell hit the bus station."
)
SHELLING = {
    "sub_event_type": "Shelling/artillery/missile attack", "actor1": "Unidentified Armed Group (Iran)", "actor2": "Civilians (Iran)",
    "assoc_actor_1": "", "location": "Yazd", "admin1": "Yazd", "latitude": "31.8974", "longitude": "54.3569", "fatalities": "2",
    "event_date": "2026-05-04", "notes": "On 4 May 2026, a shell hit the bus station of Yazd (Yazd); two men were killed.",
}  # fmt: skip


class Room:
    """A project with documents, and people who code them apart, one minute after the other."""

    def __init__(self, root: Path, texts: Sequence[str] = (TEXT,), ledger: str = "") -> None:
        (root / "eventcoder.toml").write_text('id = "trial"\n' + (f'ledger = "{ledger}"\n' if ledger else ""), "utf-8")
        self.root, self.moment = root, START
        files = []
        for number, text in enumerate(texts):
            files.append(root / f"{number}.txt")
            files[-1].write_text(text, "utf-8")
        with self.desk("lea") as desk:
            ingest(desk.project, desk.ledger, files, coder="lea", time=START, published="2026-05-05", publisher="Qasr Daily")
            self.documents = sorted(desk.ledger.latest("document"), key=lambda d: list(texts).index(desk.documents.text(d)))

    @property
    def project(self) -> Project:
        return open_project(self.root)

    @contextmanager
    def desk(self, coder: str) -> Iterator[Desk]:
        self.moment += timedelta(minutes=1)
        with Desk(self.project, coder=coder, moment=self.moment) as desk:
            yield desk

    def span(self, words: str, document: int = 0) -> dict[str, Any]:
        with self.desk("lea") as desk:
            start = desk.documents.text(self.documents[document]).index(words)
        return {"document": self.documents[document], "start": start, "end": start + len(words), "quote": words}

    def coded(
        self, slot: int, coder: str, *events: Mapping[str, Any], document: int = 0, slots: int = 2, done: bool = True, **task: Any
    ) -> list[str]:
        """A coder's coding of a document, handed in unless not `done`: ids of the held events. An event's key `evidence` maps columns to words, its
        key `draft` names a draft."""
        item = self.documents[document]
        name, ids = task_id(item, slot), []
        marked = [{c: [self.span(w, document)] for c, w in event.get("evidence", {}).items()} for event in events]
        with self.desk(coder) as desk:
            body = body_of(item, slot, slots=slots, blind=True, round="May", **task)
            role = {"coder": coder, "time": self.moment}
            first = new_entry("assignment", name, body, **role)
            desk.ledger.append([first])
            for event, evidence in zip(events, marked, strict=True):
                ids.append(new_event_id())
                raw = {**CLEAN, **{k: v for k, v in event.items() if k not in ("evidence", "draft")}}
                ready = desk.prepare({k: v for k, v in raw.items() if v != ""}, reports=[item])
                assert not ready.structural, ready.structural
                values = {k: v for k, v in ready.values.items() if v not in (None, [])}
                act = {"act": "create", "held": name, "values": values, "reports": [{"document": item}], "evidence": evidence}
                act |= {"codebook": desk.codebook.version} | ({"draft": event["draft"]} if "draft" in event else {})
                desk.ledger.append([desk.act(ids[-1], act, ())])
            if done:
                task_now = find_task(desk.ledger.store, name)
                assert task_now is not None
                desk.ledger.append([new_entry("assignment", name, task_now.body_with(state="done", by=coder), parents=task_now.heads, **role)])
        return ids


def amend_apart(room: Room, event: str, folder: Path, theirs: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    """The event amended by bob on a laptop and by ann here, with bob's journal brought in afterwards: a conflict wherever they differ."""
    laptop = folder / "laptop"
    laptop.mkdir()
    with room.desk("ann") as desk:
        export_journal(desk.ledger, folder / "before")
    with Room(laptop, ()).desk("bob") as desk:
        import_journal(desk.ledger, folder / "before")
        desk.amend(event, theirs, reason="Another paper.")
        export_journal(desk.ledger, folder / "bob")
    with room.desk("ann") as desk:
        desk.amend(event, own, reason="The hospital.")
        import_journal(desk.ledger, folder / "bob")
