"""Documents that are kept for scoring and therefore never teach: those of a gold coding, and those that two coders read. Floor 5.

A gold coding is any `*.jsonl` under `raw/gold` of the project. Its documents are known by id, by the name of the source file or by their own text;
a document that nearly repeats one of them (a wire story printed twice) is kept aside too. Two coders read a document
that is coded blind, and one on whose drafts two have decided.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eventcoder.documents.article import Article
from eventcoder.documents.similar import Index, shingles
from eventcoder.errors import NotFound, Refused
from eventcoder.ledger.work import tasks
from eventcoder.problem import Problem
from eventcoder.text import normalise

if TYPE_CHECKING:
    from eventcoder.coding import Desk

GOLD_FOLDER = "gold"  # under raw/
GOLD, DOUBLE, ALIKE = "in a gold coding", "read by two coders", "nearly the same as a document kept aside"


@dataclass(frozen=True, slots=True)
class Aside:
    """Why documents are kept aside: id -> GOLD, DOUBLE or ALIKE."""

    why: Mapping[str, str]

    def counts(self) -> dict[str, int]:
        """Reason -> number of documents, for all that the project keeps aside."""
        told = list(self.why.values())
        return {reason: told.count(reason) for reason in (GOLD, DOUBLE, ALIKE) if reason in told}


def kept_aside(desk: Desk, decided: Mapping[str, str]) -> Aside:
    """Documents kept aside. `decided` are the documents with decisions and their texts: only these are held against the others' words.

    Raises `Refused` for a gold coding that cannot be read: what must be kept aside would not be known.
    """
    why: dict[str, str] = dict.fromkeys(double_coded(desk), DOUBLE)
    gold, texts = _gold(desk)
    why.update(dict.fromkeys(gold, GOLD))
    held = [*texts, *(_text(desk, document) for document in why)]
    index = Index()
    for number, text in enumerate(filter(None, held)):
        index.add(str(number), shingles(text))
    for document, text in decided.items():
        if document not in why and index.alike(shingles(text)):
            why[document] = ALIKE
    return Aside(why)


def double_coded(desk: Desk) -> set[str]:
    """Documents that are coded blind, or were decided on by two; a decision counts also where it was undone or replaced."""
    coders: dict[str, set[str]] = defaultdict(set)
    for entry in desk.ledger.entries(kind="decision"):
        if entry.body.get("document"):
            coders[str(entry.body["document"])].add(entry.coder)
    # a blind task is kept for comparing, also where one coder alone has it (training) or nobody has begun
    blind = {task.document for task in tasks(desk.ledger.store, blind=True) if task.state != "withdrawn"}
    return blind | {document for document, names in coders.items() if len(names) > 1}


def _gold(desk: Desk) -> tuple[set[str], list[str]]:
    """Ids of the gold's documents, and the texts that it carries itself."""
    names, texts = _read_gold(sorted((desk.project.root / "raw" / GOLD_FOLDER).rglob("*.jsonl")))
    ids = {Article(text).id for text in texts}
    for subject, entry in desk.ledger.latest("document").items():
        if subject in names or str(entry.body.get("source_name")) in names:
            ids.add(subject)
    return ids, texts


def _read_gold(paths: Iterable[Path]) -> tuple[set[str], list[str]]:
    names: set[str] = set()
    texts: list[str] = []
    problems: list[Problem] = []
    for path in paths:
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
                names.add(record["document"])
                if record.get("text"):
                    texts.append(normalise(record["text"]))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                told = "this line names no document; docs/gold.md describes the form."
                problems.append(Problem("gold-malformed", told, where=f"{path.name}, line {number}"))
    if problems:
        raise Refused("A gold coding under raw/gold cannot be read, so what must be kept aside is not known.", "Mend the lines.", problems)
    return names, texts


def _text(desk: Desk, document: str) -> str:
    try:
        return desk.documents.text(document)
    except NotFound:
        return ""
