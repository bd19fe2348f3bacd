"""Build the sample data of this repository anew: python docs/sample.py. Writes raw/documents, raw/journal and releases.

Two invented coders, ana and ben, work on the sample articles at fixed times. The second release differs from the first by an addition, a
correction, an attached report, a retraction and a merge. Event ids are random, so that every run makes other ids: it is run when the format of
the ledger or of releases changes, not in passing.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eventcoder.codebook import load_codebook
from eventcoder.coding import Desk, NewEvent
from eventcoder.event import Draft
from eventcoder.intake.articles import ingest
from eventcoder.ledger import new_entry
from eventcoder.ledger.exchange.journal import export_journal
from eventcoder.project import Project, open_project
from eventcoder.releases import build_release
from eventcoder.review import REVIEWED, Review, draft_session

TOP = Path(__file__).resolve().parents[1]
LATER = "18_lyon_follow_up.txt"  # arrives after the first release
Chosen = tuple[str, str, str]  # document, location, type


def moment(month: int, day: int, hour: int = 9) -> datetime:
    """A working hour of 2026."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


def names_of(desk: Desk) -> dict[str, str]:
    """Document id -> file name."""
    return {key: str(entry.body["source_name"]) for key, entry in desk.ledger.latest("document").items()}


def review(project: Project, coder: str, when: datetime, decide: Callable[[Review, Draft, str], bool]) -> None:
    """A sitting in which `decide` acts on each draft, or returns False to skip it."""
    with Desk(project, coder=coder, moment=when) as desk:
        names = names_of(desk)
        sitting = Review(desk, draft_session(desk), statuses=REVIEWED)
        while (draft := sitting.current) is not None:
            if not decide(sitting, draft, names[draft.document]):
                sitting.skip()


def find(desk: Desk, **wanted: Any) -> str:
    """The id of the one live event with these values."""
    (event,) = [e for e in desk.ledger.events(states=("open", "settled")) if all(e.values.get(k) == v for k, v in wanted.items())]
    return event.event_id


REJECTED = {"lead": "place_unknown", "background": "outside_window", "codable": "wrong_reading"}


def first_sitting(sitting: Review, draft: Draft, name: str) -> bool:
    """Ana accepts what is clean, and rejects background and leads; the second report of the Quetta bombing is left to ben."""
    if name == "12_paper.json#1":
        return False
    if draft.fields.get("location") == "Biu":  # the road "between Damboa and Biu" is one place: near Damboa
        sitting.reject(draft, "wrong_reading")
        return True
    clean = not sitting.desk.prepare(sitting.proposal(draft).raw, reports=[draft.document]).errors
    if draft.status == "codable" and clean:
        sitting.accept(draft)
    else:
        sitting.reject(draft, REJECTED[draft.status])
    return True


def bens_reading(sitting: Review, draft: Draft, name: str) -> bool:
    """Ben reads the second report without looking at the list of likely events, and codes it as another one."""
    if name != "12_paper.json#1" or draft.status != "codable":
        return False
    edits = {
        "sub_event_type": "Remote explosive/landmine/IED",
        "actor1": "BLA: Baloch Liberation Army",
        "location": "Hazar Ganji",
        "admin1": "Balochistan",
        "latitude": "30.0942",
        "longitude": "66.9131",
        "gazetteer_id": "",
        "gazetteer_version": "",
        "fatalities": "5",
        "notes": "On 9 June 2026, a bomb of the BLA went off beside a police post at Hazar Ganji; four officers and a passer-by died.",
    }
    sitting.accept(draft, edits)
    return True


def main() -> None:
    """Make everything in a temporary project, then put it in place."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        shutil.copytree(TOP / "schema", root / "schema")
        shutil.copy(TOP / "eventcoder.toml", root)
        articles = root / "raw" / "articles"
        shutil.copytree(TOP / "raw" / "articles", articles)
        later = (articles / LATER).read_bytes()
        (articles / LATER).unlink()
        project = open_project(root)
        codebook = load_codebook(project.schema_dir)
        with Desk(project, coder="ana", moment=moment(8, 10)) as desk:
            ingest(project, desk.ledger, [articles], coder="ana", time=moment(8, 10))
            for country, week in (("Iran", "2026-02-28"), ("Nigeria", "2026-04-18"), ("Nigeria", "2026-07-11"), ("Pakistan", "2026-06-06")):
                body = {"country": country, "week": week, "sources": ["Qasr Daily", "Veranda Wire", "Delta Morning Post"]}
                desk.ledger.append([new_entry("coverage", f"{country}//{week}", body, coder="ana", time=moment(8, 10))])
        review(project, "ana", moment(8, 11), first_sitting)
        review(project, "ben", moment(8, 12), bens_reading)
        with Desk(project, coder="ana", readonly=True) as desk:
            build_release(project, desk.ledger, codebook, version="2026.09.0", time=moment(9, 1), notes="First sample release.")
        (articles / LATER).write_bytes(later)
        with Desk(project, coder="ben", moment=moment(9, 14)) as desk:
            second_month(project, desk, articles)
            build_release(
                project, desk.ledger, codebook, version="2026.10.0", time=moment(10, 1), notes="Corrections of September, and the attack at Komanda."
            )
            export_journal(desk.ledger, project.journal_dir)
        for part in ("raw/documents", "raw/journal", "releases"):
            shutil.rmtree(TOP / part, ignore_errors=True)
            shutil.copytree(root / part, TOP / part, ignore=shutil.ignore_patterns(".lock"))


def second_month(project: Project, desk: Desk, articles: Path) -> None:
    """What September brings: one each of correction, attached report, retraction, merge and addition."""
    ids = {name: key for key, name in names_of(desk).items()}
    kano = find(desk, location="Kano")
    desk.amend(kano, {"fatalities": "3"}, reason="The hospital reported a third death on 23 April.")
    (follow_up,) = ingest(project, desk.ledger, [articles / LATER], coder="ben", time=moment(9, 14)).documents
    desk.attach(find(desk, location="Lyon"), [follow_up])
    desk.retract(find(desk, location="Orsova"), reason="The paper withdrew its report: the rally was announced, but not held.")
    desk.merge(find(desk, location="Quetta"), [find(desk, location="Hazar Ganji")], reason="One bombing, told by two papers.")
    place = {
        "gazetteer_id": "team:komanda",
        "name": "Komanda",
        "country": "Democratic Republic of Congo",
        "admin1": "Ituri",
        "latitude": 1.3667,
        "longitude": 29.7667,
    }
    desk.ledger.append([new_entry("place", "team:komanda", place, coder="ben", time=moment(9, 14))])
    document = ids["07_ituri_attack.md"]
    text = desk.documents.text(document)
    quote = "attacked the village of Komanda in Ituri province during the night of 4 May and killed at least 11 civilians"
    start = text.index(quote)
    raw = {
        "event_date": "2026-05-04", "time_precision": 1, "sub_event_type": "Attack", "actor1": "ADF: Allied Democratic Forces",
        "actor2": "Civilians (Democratic Republic of Congo)", "country": "Democratic Republic of Congo", "admin1": "Ituri", "location": "Komanda",
        "latitude": 1.3667, "longitude": 29.7667, "geo_precision": 1, "fatalities": 11, "fatalities_low": 11, "fatalities_basis": "number",
        "notes": "On 4 May 2026, fighters of the ADF attacked Komanda (Ituri) at night and killed at least 11 civilians with machetes.",
    }  # fmt: skip
    evidence = {"location": [{"document": document, "start": start, "end": start + len(quote), "quote": quote}]}
    desk.add(NewEvent(raw, reports=[document], evidence=evidence))


if __name__ == "__main__":
    os.environ.pop("SOURCE_DATE_EPOCH", None)
    main()
