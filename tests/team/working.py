"""A team with documents and stored drafts, without the time that an engine takes to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from eventcoder.coding import Desk
from eventcoder.event import Draft
from eventcoder.intake.articles import ingest
from eventcoder.ledger import Entry, new_entry
from eventcoder.project import open_project
from eventcoder.review import Review, draft_entry
from tests.conftest import CLEAN

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TOWNS = (("Shiraz", 29.6104, 52.5311), ("Yazd", 31.8974, 54.3569), ("Ahvaz", 31.3203, 48.6693), ("Rasht", 37.2808, 49.5832))


class Session:
    """Stored drafts in the place of an engine's."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self.engine, self.problems = "rules", {}
        self._drafts = drafts

    def drafts_of(self, document: str) -> list[Draft]:
        return [d for d in self._drafts if d.document == document]


class Team:
    """lea leads; ana and ben read all, chloe reads French. One minute passes between two desks."""

    def __init__(self, root: Path, number: int = 4, *, registered: bool = True, languages: Sequence[str] = ("en",), login: str | None = None) -> None:
        self.root, self.moment, self.login = root, START, login
        (root / "eventcoder.toml").write_text('id = "trial"\n', "utf-8")
        with self.desk("lea") as desk:
            for n in range(number):
                (root / f"{n}.txt").write_text(f"Teachers gathered in {TOWNS[n % len(TOWNS)][0]} on 3 May. Note {n}.\n", "utf-8")
            for k, language in enumerate(languages):
                paths = [root / f"{n}.txt" for n in range(k, number, len(languages))]
                about = {"published": "2026-05-05", "publisher": "Qasr Daily", "language": language}
                ingest(desk.project, desk.ledger, paths, coder="lea", time=START, **about)
            notes = {desk.documents.text(d).rpartition(" ")[2].strip(): d for d in desk.ledger.latest("document")}
            self.documents = [notes[f"{n}."] for n in range(number)]
            self.drafts = [draft(d, n, TOWNS[n % len(TOWNS)]) for n, d in enumerate(self.documents)]
            desk.ledger.append([draft_entry(d, desk) for d in self.drafts])
            if registered:
                people = (("lea", "lead", []), ("ana", "coder", []), ("ben", "coder", []), ("chloe", "coder", ["fr"]))
                desk.ledger.append([self.member(name, role, languages=reads) for name, role, reads in people])

    def member(self, name: str, role: str, *, state: str = "active", languages: Sequence[str] = (), after: Sequence[str] = ()) -> Entry:
        body = {"name": name, "role": role, "state": state, "login": self.login, "languages": list(languages), "countries": [], "training": "none"}
        return new_entry("coder", name, body, coder="lea", role="lead", time=self.moment, parents=after)

    def disable(self, desk: Desk, name: str) -> None:
        last = desk.ledger.latest("coder")[name]
        desk.ledger.append([self.member(name, "coder", state="disabled", after=[last.id])])

    @contextmanager
    def desk(self, coder: str, *, days: int = 0, readonly: bool = False) -> Iterator[Desk]:
        self.moment += timedelta(minutes=1, days=days)
        with Desk(open_project(self.root), coder=coder, moment=self.moment, readonly=readonly) as desk:
            yield desk

    def review(self, desk: Desk, *documents: str) -> Review:
        return Review(desk, Session(self.drafts), documents=documents)  # type: ignore[arg-type]


def draft(document: str, number: int, town: tuple[str, float, float]) -> Draft:
    fields: dict[str, Any] = {k: v for k, v in CLEAN.items() if k not in ("source", "source_scale", "notes")}
    fields |= {"location": town[0], "latitude": town[1], "longitude": town[2], "assoc_actor_1": ["Teachers (Iran)"], "time_precision": 1}
    fields |= {"geo_precision": 1, "notes": f"On 3 May 2026, teachers gathered in {town[0]} (Fars).", "source_scale": "National"}
    return Draft(
        draft_id=f"{number:016x}", document=document, status="codable", clue="", statement={"start": 0, "end": 30, "quote": "x" * 30}, fields=fields,
        score=0.9 - number / 100, engine="rules", engine_version="1",
    )  # fmt: skip
