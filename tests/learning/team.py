"""A team that codes invented articles: half of the teaching sentences are its codebook's examples, the other half are its documents.

So neither the packaged model of the tests nor a learned one has ever seen a sentence that it is tested on, unless a coder decided it.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from eventcoder.coding import Desk, NewEvent
from eventcoder.extraction.classifier.examples import COLUMNS, Example
from eventcoder.extraction.classifier.making import make_model, teaching
from eventcoder.intake.articles import ingest
from eventcoder.ledger import new_entry
from eventcoder.project import open_project, packaged_schema
from eventcoder.review import kit_of

TYPES = (
    "Peaceful protest", "Violent demonstration", "Attack", "Armed clash", "Abduction/forced disappearance", "Air/drone strike",
    "Looting/property destruction", "Arrests", "Mob violence",
)  # fmt: skip
USAGE = {"Looting/property destruction": "Mob violence"}  # this team's own: what is burned or looted is the work of a mob
SHOWN, READ = 30, 36  # of each type: examples of the codebook, sentences in documents
PUBLISHED = date(2026, 1, 1)


def sentences() -> dict[str, list[Example]]:
    """Teaching sentences of `TYPES`, in the order of the files."""
    out: dict[str, list[Example]] = defaultdict(list)
    for example in teaching(packaged_schema()):
        if example.sub_event_type in TYPES:
            out[example.sub_event_type].append(example)
    return out


def make_project(folder: Path) -> Path:
    """A project whose schema holds a part of the examples and the model that they make."""
    folder.mkdir()
    (folder / "eventcoder.toml").write_text('id = "team"\n', "utf-8")
    shutil.copytree(packaged_schema(), folder / "schema", ignore=shutil.ignore_patterns("examples"))
    (folder / "schema" / "examples").mkdir()
    with (folder / "schema" / "examples" / "types.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(COLUMNS)
        for found in sentences().values():
            table.writerows((e.sub_event_type, e.status, e.style, e.region, e.sentence) for e in found[:SHOWN])
    project = open_project(folder)
    schema = folder / "schema"
    make_model(teaching(schema), kit_of(project), scored=False).save(schema / "classifier" / "types.npz")
    return folder


class Team:
    """Documents and decisions of a project, without the time that a keyboard takes. `told` are the decided sentences: source name -> example."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.told: dict[str, Example] = {}
        self.events: dict[str, str] = {}

    def ingest(self, found: Iterable[Example], *, name: str = "a", two_in_one: bool = True) -> dict[str, list[Example]]:
        """Two sentences make a document. Returns document id -> its sentences."""
        held = list(found)
        size = 2 if two_in_one else 1
        rows, parts = [], {}
        for number in range(0, len(held), size):
            part = held[number : number + size]
            title = f"{name}{number}"
            published = (PUBLISHED + timedelta(days=number // 2)).isoformat()
            text = "\n\n".join(e.sentence for e in part)
            rows.append({"title": title, "published": published, "publisher": "Veranda Wire", "language": "en", "text": text})
            parts[title] = part
        path = self.root / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        with self.desk() as desk:
            result = ingest(desk.project, desk.ledger, [path], coder="ana", time=desk.moment)
            assert not result.refused, result.problems
            out = {}
            for document, entry in desk.ledger.latest("document").items():
                if entry.body["title"] in parts:
                    out[document] = parts[entry.body["title"]]
                    self.told.update((entry.body["source_name"], e) for e in out[document])
            assert len(out) == len(rows)
            return out

    def desk(self, coder: str = "ana") -> Desk:
        return Desk(open_project(self.root), coder=coder)

    def decide(
        self, documents: dict[str, list[Example]], kind: Callable[[Example], str] | None = None, *, coder: str = "ana", time: str | None = None
    ) -> None:
        """Accept every sentence of the documents as an event of the type that `kind` says (default: the sentence's own)."""
        with self.desk(coder) as desk:
            spans, news = [], []
            for document, found in sorted(documents.items()):
                text = desk.documents.text(document)
                for example in found:
                    start = text.index(example.sentence)
                    chosen = kind(example) if kind else str(example.sub_event_type)
                    spans.append((document, start, start + len(example.sentence), str(example.sub_event_type)))
                    news.append(NewEvent({"sub_event_type": chosen, "event_date": "2026-01-01"}, reports=[document]))
            made = desk.add_many(news, allow_open=True)
            for (document, start, end, _), outcome in zip(spans, made, strict=True):
                self.decision(desk, "accept", document, start, end, time=time, event_id=outcome.event_id)

    def decision(self, desk: Desk, what: str, document: str, start: int, end: int, *, time: str | None = None, **more: Any) -> str:
        """Append one decision; the id of its draft."""
        draft = f"{document[:8]}{start:04d}{end:04d}"
        before = desk.ledger.latest("decision").get(draft)
        body = {"decision": what, "document": document, "start": start, "end": end, "engine": "rules", "engine_version": "1.0", **more}
        entry = new_entry("decision", draft, body, coder=desk.coder, time=time or desk.moment, parents=(before.id,) if before else ())
        desk.ledger.append([entry])
        if "event_id" in more:
            self.events[draft] = more["event_id"]
        return draft


def usage(example: Example) -> str:
    """The type as this team uses the codebook."""
    kind = str(example.sub_event_type)
    return USAGE.get(kind, kind)


def mixed(each: int, *, skip: int = 0) -> list[Example]:
    """So many unseen sentences of each type, the types by turns."""
    found = sentences()
    return [found[kind][SHOWN + skip + n] for n in range(each) for kind in TYPES]
