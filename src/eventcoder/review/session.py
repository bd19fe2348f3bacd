"""The drafts that a sitting of review decides: made when they are asked for, or taken from the ledger. Floor 5."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eventcoder.coding import Desk
from eventcoder.documents.article import MAX_READ
from eventcoder.errors import NotFound
from eventcoder.event import Document, Draft
from eventcoder.ledger import Entry, new_entry
from eventcoder.ledger.secrets import MARK

if TYPE_CHECKING:
    from eventcoder.extraction.kit import Kit
    from eventcoder.extraction.protocol import Engine
    from eventcoder.problem import Problem
    from eventcoder.project import Project

Progress = Callable[[str], None]
MACHINE_ROLE = "machine"


def kit_of(project: Project, *, desk: Desk | None = None, progress: Progress | None = None) -> Kit:
    """The extraction kit of a project: its codebook, gazetteer (the team's and earlier events' places first), actors and learned classifier."""
    from eventcoder.extraction.classifier.learned import take_learned
    from eventcoder.extraction.kit import Kit

    own = desk or Desk(project, readonly=True)
    try:
        kit = Kit(own.codebook, own.gazetteer(progress=progress), own.actors, project.settings, schema_dir=project.schema_dir)
        take_learned(kit, project.root)
        return kit
    finally:
        if desk is None:
            own.close()


class DraftSession:
    """Drafts of documents by one engine, made when asked for and kept while the session lasts.

    `rules` and `semantic` read on the spot: a place that was added a minute ago counts at once. What `llm` drafted is taken from the ledger, where
    `extract` put it: a coder's sitting never waits for an endpoint, and costs nothing. `problems` holds what the engine said of each document.
    """

    def __init__(self, desk: Desk, progress: Progress | None = None, *, engine: str = "rules") -> None:
        self.desk = desk
        self.kit = kit_of(desk.project, desk=desk, progress=progress)
        self.engine = engine
        self.problems: dict[str, list[Problem]] = {}
        self._reader: Engine | None = None
        self._stored: dict[str, list[Draft]] | None = None
        self._made: dict[str, list[Draft]] = {}

    def drafts_of(self, document: str) -> list[Draft]:
        """All drafts of one document, in the order of the text. Raises `NotFound` when its text is not on this machine."""
        if self.desk.document_meta(document).get("redacted"):
            raise NotFound("its content was redacted")
        if document not in self._made:
            self._made[document] = self._kept(document) if self.engine == "llm" else self._read(document)
        return self._made[document]

    def _read(self, document: str) -> list[Draft]:
        from eventcoder.extraction.engines import open_engine
        from eventcoder.extraction.protocol import Text

        if self._reader is None:
            self._reader = open_engine(self.engine, self.kit, self.desk.project)
        meta = Document.model_validate(dict(self.desk.document_meta(document)))
        if meta.length > MAX_READ:
            raise NotFound(
                f"it has {meta.length:,} characters, and {MAX_READ:,} is the most that is read as one document: split it into its articles"
            )
        (found,) = self._reader.read([Text(meta, self.desk.documents.text(document))])
        if found.problems:
            self.problems[document] = found.problems
        return found.drafts

    def _kept(self, document: str) -> list[Draft]:
        if self._stored is None:
            self._stored = newest_drafts(self.desk, self.engine)
        if document not in self._stored:
            raise NotFound(f"the engine '{self.engine}' has not read it; run 'eventcoder extract --engine {self.engine}' first")
        return self._stored[document]


class StoredDrafts:
    """A session on drafts that the ledger holds, as they were stored: no engine reads anything anew."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self.drafts = list(drafts)
        self.engine = drafts[0].engine if drafts else ""
        self.problems: dict[str, list[Problem]] = {}

    def drafts_of(self, document: str) -> list[Draft]:
        """Those of one document, in the order of the text."""
        return [draft for draft in self.drafts if draft.document == document]


def stored_draft(desk: Desk, draft_id: str) -> Draft | None:
    """The draft that the ledger holds under exactly this id; None if there is none, or it was redacted."""
    entry = next(iter(desk.ledger.entries(kind="draft", subject=draft_id)), None)
    return Draft.model_validate(entry.body) if entry is not None and not is_redacted(entry.body) else None


def is_redacted(body: Mapping[str, Any]) -> bool:
    """Whether nothing is left of a stored draft."""
    return bool(body.get("redacted")) or body.get("clue") == MARK


def named(desk: Desk, names: Sequence[str]) -> tuple[list[str], list[Draft]]:
    """Documents and stored drafts that these ids, or beginnings of ids, mean, each once. Raises `NotFound` for one that means neither or several."""
    documents: list[str] = []
    drafts: list[Draft] = []
    known: list[str] | None = None
    for name in dict.fromkeys(names):
        try:
            documents.append(desk.find_document(name))
            continue
        except NotFound as error:
            known = list(desk.ledger.latest("draft")) if known is None else known
            ids = [name] if name in known else [i for i in known if name and i.startswith(name)]
            if not ids:
                raise NotFound(error.message, f"{error.remedy} No stored draft begins so either: 'eventcoder extract --json' shows them.") from None
        if len(ids) > 1:
            raise NotFound(f"{len(ids)} drafts begin with {name!r}.", "Give more of the id.")
        found = stored_draft(desk, ids[0])
        if found is None:
            raise NotFound(f"Draft {ids[0]} was redacted.", "There is nothing to decide.")
        drafts.append(found)
    return list(dict.fromkeys(documents)), list({d.draft_id: d for d in drafts}.values())


def draft_session(desk: Desk, *, progress: Progress | None = None, engine: str | None = None) -> DraftSession:
    """A session on the project's documents with `engine`, or the one of the settings."""
    return DraftSession(desk, progress, engine=engine or desk.project.settings.engine)


def newest_drafts(desk: Desk, engine: str) -> dict[str, list[Draft]]:
    """Stored drafts of an engine by document: of several versions the one that read the document last."""
    last: dict[str, tuple[str, str]] = {}
    found: dict[tuple[str, str], list[Draft]] = {}
    for entry in desk.ledger.latest("draft").values():
        if entry.body.get("engine") != engine:
            continue
        draft = Draft.model_validate(entry.body)
        found.setdefault((draft.document, draft.engine_version), []).append(draft)
        last[draft.document] = max(last.get(draft.document, ("", "")), (entry.time, draft.engine_version))
    return {
        document: sorted(found[document, version], key=lambda d: (d.statement.start, d.statement.end, d.draft_id))
        for document, (_, version) in last.items()
    }


def draft_entry(draft: Draft, desk: Desk) -> Entry:
    """The ledger entry of a draft; its author is the engine, not the coder who asked for it."""
    return new_entry("draft", draft.draft_id, draft.as_json(), coder=f"{draft.engine}-{draft.engine_version}", role=MACHINE_ROLE, time=desk.moment)
