"""Where the project holds what has to go: entries of the ledger, files, caches. Floor 6. Nothing is changed here."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.coding.apart import MARK as MARK_OF_TASK
from eventcoder.countries import read_register, split_names
from eventcoder.documents import DocumentStore
from eventcoder.errors import InputError, NotFound, UsageError
from eventcoder.ledger import Entry, Ledger
from eventcoder.ledger.entry import COLUMNS, from_row
from eventcoder.ledger.fold import in_order
from eventcoder.ledger.hidden import VISIBLE
from eventcoder.ledger.redaction import stub_of
from eventcoder.ledger.secrets import MARK, SHORT, Secrets
from eventcoder.ledger.writing import acts_of
from eventcoder.releases.package import file_facts
from eventcoder.releases.redaction.reissue import found_in, written

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook
    from eventcoder.project import Project

PIECES = 12  # sentences of a text that are looked for in every file: the longest ones; a file that holds the article holds them
LEAST_PIECE = 30  # characters of such a sentence: shorter ones ("The march went on.") stand in other articles, too
NOT_OURS = frozenset({".git", ".venv", "node_modules", "__pycache__"})  # the history of git cannot be rewritten here, and is told of
CLOSED = frozenset({".zip", ".gz", ".bz2", ".xz", ".zst", ".7z", ".xlsx", ".docx", ".pdf", ".parquet"})  # compressed: a search finds nothing in them
_ENTRY = ", ".join(f"e.{name}" for name in COLUMNS.split(", "))
_SENTENCE = re.compile(r"[^.!?\n]+")


def find_document(ledger: Ledger, prefix: str) -> str:
    """The id of the one document that begins with `prefix`, redacted ones included. Raises `NotFound`."""
    found = [i for i in ledger.latest("document") if i.startswith(prefix.strip().lower())] if prefix.strip() else []
    if len(found) == 1:
        return found[0]
    what = f"{len(found)} documents begin with {prefix!r}" if found else f"No document {prefix!r} in this project"
    raise NotFound(f"{what}.", "'eventcoder documents' shows the ids.")


def secrets_of_document(project: Project, ledger: Ledger, document: str) -> Secrets:
    """What the ledger, the store and the drafts hold of a document. For one that was redacted already: what is still there of it."""
    bodies = [e.body for e in ledger.entries("document", subject=document) if not e.body.get("redacted")]
    store = DocumentStore(project.documents_dir)
    text = ""
    try:
        bodies.append(store.document(document).model_dump(mode="json"))
        text = (project.documents_dir / f"{document}.txt").read_text("utf-8", "replace")
    except (NotFound, InputError, OSError):
        pass
    naming = _naming(ledger, [document])
    quoted = [quote for entry in naming for quote in _quotes(entry.body, document)]
    names = {str(b["publisher"]) for b in bodies if b.get("publisher")}
    phrases = {str(b[k]) for b in bodies for k in ("title", "url") if b.get(k)}
    others: set[str] = set()
    publisher = min(names, default="")
    for identity, entry in ledger.latest("document").items():
        if identity != document:
            phrases -= {str(entry.body.get(k)) for k in ("title", "url")}
            if publisher and entry.body.get("publisher") == publisher:
                others.add(identity)
    known = bool(others) or publisher in _known_publishers(project, ledger)
    whole = "\n".join([text, *dict.fromkeys(q for q in quoted if q not in text)])
    return Secrets(
        document=document, phrases=tuple(sorted(phrases)), publisher=publisher, known=known, others=frozenset(others), text=whole,
        events=frozenset(e.subject for e in naming if e.kind == "act"),
    )  # fmt: skip


def secrets_of_field(ledger: Ledger, codebook: Codebook, event: str, field: str) -> Secrets:
    """What was ever written into one text field of an event, of the codings that it was adjudicated from, and of what came of the same codings.

    Raises `UsageError` for a field of another kind, or that never held anything.
    """
    free = [c.name for c in codebook.columns if c.type in ("text", "string") and not c.list and c.entered in ("coder", "default")]
    if field not in free:
        more = "Other values: 'eventcoder amend', 'eventcoder retract'."
        raise UsageError(f"'{field}' is no field of free text.", f"Such are: {', '.join(free)}. {more}")
    events = one_happening(ledger, event)
    values = {a.body.get("values", {}).get(field) for i in sorted(events) for a in acts_of(ledger.store, i)} - {None, "", MARK}
    if not values:
        raise UsageError(f"Event {event} holds nothing in '{field}' that could go.", "'eventcoder history' shows its acts.")
    return Secrets(event=event, field=field, values=tuple(sorted(map(str, values))), events=frozenset(events))


def one_happening(ledger: Ledger, event: str) -> set[str]:
    """The event with those that it was adjudicated from, or that came of it by adjudication, and so on: what one of them says all may say."""
    found: set[str] = set()
    todo = [event]
    while todo:
        current = todo.pop()
        if current in found:
            continue
        found.add(current)
        for act in acts_of(ledger.store, current):
            apart = act.body.get("adjudicated")
            todo += [str(i) for i in apart] if isinstance(apart, list) else []
            if act.body.get("act") == "adjudicate" and act.body.get("successor"):
                todo.append(str(act.body["successor"]))
            if act.body.get("draft"):  # what else was made of it apart, such as where it was planted with a mistake
                made = (e.body for e in _decisions(ledger, str(act.body["draft"])) if e.body.get("task"))
                todo += [str(body["event_id"]) for body in made if body.get("event_id")]
    return found


def _known_publishers(project: Project, ledger: Ledger) -> set[str]:
    """Names that stand in the project for other reasons than this document: in the register, in what was read for coverage."""
    names = {name for row in read_register(project.schema_dir, "publishers.csv") for name in (row["name"], *split_names(row.get("aliases") or ""))}
    names |= {str(e.body.get("name") or subject) for subject, e in ledger.latest("publisher").items()}
    return names | {str(s) for e in ledger.latest("coverage").values() for s in e.body.get("sources") or ()}


def _quotes(value: Any, document: str, inside: bool = False) -> Iterator[str]:
    if isinstance(value, dict):
        inside = inside or value.get("document") == document
        for key, inner in value.items():
            if inside and key in ("quote", "words") and isinstance(inner, str):
                yield inner
            else:
                yield from _quotes(inner, document, inside)
    elif isinstance(value, list):
        for inner in value:
            yield from _quotes(inner, document, inside)


def _naming(ledger: Ledger, needles: Collection[str]) -> list[Entry]:
    """Visible entries whose body holds one of these texts."""
    texts = sorted({json.dumps(n, ensure_ascii=False)[1:-1] for n in needles})
    if not texts:
        return []
    where = " OR ".join(["replace(e.body, ?, '') <> e.body"] * len(texts))  # not LIKE, which knows wildcards, nor a function of one database only
    return [from_row(row) for row in ledger.store.rows(f"SELECT {_ENTRY} FROM entries AS e WHERE {VISIBLE} AND ({where}) ORDER BY e.seq", texts)]


def entries_of(ledger: Ledger, secrets: Secrets) -> tuple[list[tuple[Entry, dict[str, Any]]], dict[str, list[Entry]]]:
    """The entries that hold the secrets, each with what may stay of its body; and the events that rest on the document, with their acts."""
    found = {e.id: e for e in _naming(ledger, [*secrets.needles, *([secrets.document] if secrets.document else [])])}
    events = sorted(secrets.events | ({secrets.event} - {""}))
    tied = {event: acts_of(ledger.store, event) for event in events}
    about: dict[str, str] = {}  # entry id -> the event that it belongs to
    for event, acts in tied.items():
        for act in acts:
            found[act.id] = act
            about[act.id] = event
            for redaction in ledger.entries("redaction", subject=act.id):
                found[redaction.id] = redaction
                about[redaction.id] = event
            if secrets.field and act.body.get("draft"):
                drafts = {e.id: e for e in _about_draft(ledger, str(act.body["draft"]), events)}
                found |= drafts
                about |= dict.fromkeys(drafts, event)
        for question in ledger.entries("query", subject=event) if secrets.field else ():
            found[question.id] = question
            about[question.id] = event
    if secrets.field:  # an engine's proposal that a coder typed again, without naming the draft; what was planted; what was edited
        naming = _naming(ledger, [v for v in secrets.values if len(v) >= SHORT])
        drafts = {e.id: e for e in naming if e.kind in ("draft", "decision", "assignment")}
        found |= drafts
        about |= dict.fromkeys(drafts, secrets.event)
    documents = {event: {str(r.get("document")) for act in acts for r in act.body.get("reports", ())} for event, acts in tied.items()}
    keeps = {event: secrets.keeps_publisher(named) for event, named in documents.items()}
    out = []
    for entry in found.values():
        owner = about.get(entry.id)
        stub = stub_of(entry, secrets, tied=owner is not None or _names(entry, secrets), keeps=keeps.get(owner or "", False))
        if stub is not None:
            out.append((entry, stub))
    return out, tied


def _about_draft(ledger: Ledger, draft: str, events: Collection[str]) -> list[Entry]:
    """A draft, the decisions on it that made one of these events, and the tasks in which it was planted."""
    decisions = _decisions(ledger, draft)
    planted = [e for e in ledger.entries("assignment", saying=[draft]) if isinstance(p := e.body.get("planted"), dict) and p.get("draft") == draft]
    return [*ledger.entries("draft", subject=draft), *(e for e in decisions if e.body.get("event_id") in events), *planted]


def _decisions(ledger: Ledger, draft: str) -> list[Entry]:
    """The decisions on a draft, those made for blind tasks included."""
    start = f"{draft}{MARK_OF_TASK}"
    about = "e.kind = 'decision' AND (e.subject = ? OR substr(e.subject, 1, ?) = ?)"
    sql = f"SELECT {_ENTRY} FROM entries AS e WHERE {about} AND {VISIBLE} ORDER BY e.seq"
    return [from_row(row) for row in ledger.store.rows(sql, (draft, len(start), start))]


def telling(ledger: Ledger, secrets: Secrets, entries: Collection[tuple[Entry, dict[str, Any]]]) -> set[str]:
    """Acts whose identity is computed from what has to go (whoever guesses it could prove the guess): those that are redacted or name the document,
    and all that came after them on the same event, as each names the one before."""
    redacted = {entry.id for entry, _ in entries if entry.kind == "act"}
    events = {entry.subject for entry, _ in entries if entry.kind == "act"} | secrets.events | ({secrets.event} - {""})
    out: set[str] = set()
    for event in events:
        ids = [(act.id, act.id in redacted or _names(act, secrets)) for act in in_order(acts_of(ledger.store, event), complete=False)]
        first = next((i for i, (_, tells) in enumerate(ids) if tells), len(ids))
        out.update(identity for identity, _ in ids[first:])
    return out


def _names(entry: Entry, secrets: Secrets) -> bool:
    return bool(secrets.document) and secrets.document in json.dumps(entry.body)


def source_files(project: Project, ledger: Ledger, document: str) -> tuple[list[Path], list[Path]]:
    """Files in raw/articles that the document was read from: those that held nothing else, with their sidecars, and those that hold more."""
    entries = ledger.latest("document")
    hashes = {str(e.body["source_sha256"]) for e in ledger.entries("document", subject=document) if e.body.get("source_sha256")}
    with suppress(NotFound, InputError):
        hashes |= {str(DocumentStore(project.documents_dir).document(document).source_sha256)} - {"None"}
    shared = {str(e.body.get("source_sha256")) for i, e in entries.items() if i != document}
    alone: list[Path] = []
    mixed: list[Path] = []
    folder = project.root / "raw" / "articles"
    for path in sorted(folder.rglob("*")) if hashes and folder.is_dir() else ():
        if path.is_file() and not path.is_symlink() and (found := file_facts(path).sha256) in hashes:
            if found in shared:
                mixed.append(path)
            else:
                alone += [p for p in (path, path.with_name(f"{path.name}.toml")) if p.is_file()]
    return alone, mixed


def left_over(project: Project, secrets: Secrets) -> tuple[list[Path], list[Path]]:
    """Files of the project that still hold the text, title or address, or what the field said; and those in which a search finds nothing
    because they are compressed (releases apart: their tables were made anew)."""
    pieces = sorted({p.strip() for p in _SENTENCE.findall(secrets.text) if len(p.strip()) >= LEAST_PIECE}, key=lambda p: (-len(p), p))[:PIECES]
    needles = written([*secrets.needles, *(v for v in secrets.values if len(v) >= SHORT), *pieces])
    held: list[Path] = []
    closed: list[Path] = []
    for path in _files(project.root):
        if path.suffix.lower() in CLOSED:
            if not path.is_relative_to(project.releases_dir):
                closed.append(path)
        elif any(True for _ in found_in(path, needles)):
            held.append(path)
    return held, closed


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or path.name in NOT_OURS:
            continue
        if path.is_dir():
            yield from _files(path)
        elif path.is_file():
            yield path
