"""The journal as files: every line intact, in its place and in the exported form, and no line of the base taken away or rewritten. Floor 7.

Entries count, not bytes: a journal that was checked out with other line ends or whose lines moved to their right file has lost nothing. What a
redaction replaced is as it should be. How the entries fit together (parents, conflicts) is the business of the import.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from eventcoder.ci.git import Blob, Repository, pointer
from eventcoder.clock import stamp
from eventcoder.ledger.entry import Entry
from eventcoder.ledger.exchange.journal_line import SUFFIX, entry_line, file_name, read_lines
from eventcoder.ledger.redaction import is_redacted_form
from eventcoder.problem import Problem
from eventcoder.releases.package import file_facts

FOLDER = "raw/journal"
AHEAD = timedelta(days=1)  # clocks differ, and zones are mistaken
SHOWN = 20  # lines that are told one by one for a file; the rest are counted
Face = tuple[str, str, tuple[str, ...], str, str]  # what stays the same when somebody rewrites an entry and its id


@dataclass(slots=True)
class Reading:
    """What stands in the journal now. `ids` are all entries; `faces` those of files that are not as in the base; `altered` id -> place."""

    ahead: str  # no entry can have been made after it
    files: dict[str, Path] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    faces: dict[str, tuple[Face, str]] = field(default_factory=dict)
    suspects: list[tuple[Entry, str]] = field(default_factory=list)
    redactions: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    silent: dict[str, tuple[Entry, str]] = field(default_factory=dict)  # acts that need a reason and give none
    problems: list[Problem] = field(default_factory=list)

    def altered(self) -> dict[str, tuple[Entry, str]]:
        """Entries that do not match their id and that no redaction explains, by id, with their place."""
        return {e.id: (e, where) for e, where in self.suspects if not is_redacted_form(e, self.redactions.get(e.id, ()))}


def inspect_journal(repository: Repository, commits: Sequence[str | None], folder: Path, moment: datetime) -> tuple[list[str], list[Problem]]:
    """What there is, in words, and what is wrong with the journal in `folder` (a project's `raw/journal`), held against those of commits: first
    the base (None: there is none), by which new entries are counted, then others such as HEAD. `moment` is now.

    Raises `InputError` if the clone lacks files of a commit.
    """
    older = [{n: b for n, b in repository.files(c, FOLDER).items() if n.endswith(SUFFIX)} if c else {} for c in commits]
    reading = Reading(ahead=stamp(moment + AHEAD))
    here = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*" + SUFFIX))} if folder.is_dir() else {}
    place = repository.prefix + FOLDER + "/"
    changed = set()
    for name, path in here.items():
        if path.is_symlink() or not path.is_file():
            told = "A journal is a plain file; this is a link or a folder. Put the file itself here."
            reading.problems.append(Problem("journal-misplaced", told, where=place + name))
            continue
        if "/" in name:
            told = "No command reads journals in folders below raw/journal. Move the file up, or import it and export the journal again."
            reading.problems.append(Problem("journal-misplaced", told, where=place + name))
        olds = [base.get(f"{FOLDER}/{name}") for base in older]
        if any(old is None or old.id != repository.hash_of(path) for old in olds):
            changed.add(name)
        reading.files[name] = path
        _read(reading, path, place + name, name in changed)
    problems = list(reading.problems)
    altered = reading.altered()
    known, told_of, taken = _against(repository, older, reading, altered, place)
    for i, (entry, where) in altered.items():
        if i not in told_of:
            told = f"Entry {entry.id[:12]} (about {entry.subject}, by {entry.coder}) does not match its id: the line was edited. Restore it."
            problems.append(Problem("journal-entry-altered", told, event_id=_event(entry), where=where))
    problems += taken
    for i, (entry, where) in reading.silent.items():
        if i not in known and entry.intact():  # what was redacted may have lost its reason, what was edited is told already
            told = f"The {entry.body['act']} by {entry.coder} gives no reason: what was coded changes or goes, and nobody can say why."
            told += " Take the line out and do it by its command, with --reason."
            problems.append(Problem("act-without-reason", told, event_id=entry.subject, where=where))
    lines = _told(reading, known, commits[0], bool(older[0]))
    if commits[0] and repository.prefix_at(commits[0]) != repository.prefix:
        lines.append(f"the project lay in {repository.prefix_at(commits[0]) or './'} then")
    return lines, problems


def _event(entry: Entry) -> str | None:
    return entry.subject if entry.kind == "act" else None


def _read(reading: Reading, path: Path, place: str, changed: bool) -> None:
    """Take in one file and judge what a file alone shows."""
    before: tuple[str, str] | None = None
    odd: Counter[str] = Counter()
    first: dict[str, int] = {}
    late: dict[str, int] = {}
    with path.open("rb") as raws:
        number, raw = 0, b""
        for where, item in read_lines(path):
            at = f"{place}{where.removeprefix(path.name)}"
            if isinstance(item, Problem):
                reading.problems.append(Problem(item.code, item.message, item.severity, where=at))
                continue
            line = int(where.rpartition(" ")[2])
            while number < line:
                number, raw = number + 1, next(raws)
            if isinstance(item, dict):
                if line > 1:
                    told = "A header stands in the middle: two files were put together. Run 'eventcoder journal import' and 'journal export'."
                    reading.problems.append(Problem("journal-unsorted", told, where=at))
                continue
            form = _form(item, raw)
            if form:
                odd[form] += 1
                first.setdefault(form, line)
            reading.problems += _placed(item, path.name, before, reading.ids, at)
            before = max(before or ("", ""), (item.time, item.id))
            if item.time > reading.ahead:
                late[item.time] = line
            _keep(reading, item, at, changed)
    if late:
        told = (
            f"By their times, {len(late)} entries were made in days to come (the last: {max(late)}): the coder's clock was wrong, and what others do "
            "until then would count as earlier. Take these lines out before they are merged, set the clock, and do the work anew."
        )
        reading.problems.append(Problem("journal-time-ahead", told, value=max(late), where=f"{place}, line {late[max(late)]}"))
    for form, n in odd.items():
        told = f"{n} line(s) {form} Export the journal again, or restore the file."
        reading.problems.append(Problem("journal-line-form", told, "warning", value=n, where=f"{place}, line {first[form]}"))


def _form(entry: Entry, raw: bytes) -> str:
    """How a line differs from the one that an export would write, in words; "" if it does not."""
    text = raw.removeprefix(b"\xef\xbb\xbf")
    if text == entry_line(entry).encode("utf-8", "surrogatepass"):
        return ""
    if text.rstrip(b"\r\n") == entry_line(entry).rstrip("\n").encode("utf-8", "surrogatepass"):
        return "end as on Windows; put 'raw/journal/** -text' into .gitattributes." if text.endswith(b"\r\n") else "lack the line end."
    return "say the same in another form than an export writes."


def _placed(entry: Entry, file: str, before: tuple[str, str] | None, ids: set[str], at: str) -> Iterator[Problem]:
    """Is the entry in the file of its coder and month, in order, and for the first time?"""
    again = "Run 'eventcoder journal import', delete the file, run 'eventcoder journal export'."
    right = file_name(entry.coder, entry.time[:7])
    if right != file:
        told = f"An entry by {entry.coder} of {entry.time[:7]} belongs into {right}. {again}"
        yield Problem("journal-misplaced", told, event_id=_event(entry), where=at)
    if entry.id in ids:
        yield Problem("journal-line-twice", f"Entry {entry.id[:12]} stands in the journal already. Delete one of the two lines.", where=at)
    elif before is not None and (entry.time, entry.id) < before:
        told = f"The line of {entry.time} stands behind one of {before[0]}; a journal is sorted by time and id. {again}"
        yield Problem("journal-unsorted", told, where=at)


def _keep(reading: Reading, entry: Entry, at: str, changed: bool) -> None:
    reading.ids.add(entry.id)
    if changed:
        reading.faces[entry.id] = ((entry.kind, entry.subject, entry.parents, entry.coder, entry.time), at)
    if changed and entry.kind == "act" and _needs_reason(entry.body) and not str(entry.body.get("reason") or "").strip():
        reading.silent[entry.id] = (entry, at)
    if entry.kind == "redaction":
        reading.redactions.setdefault(entry.subject, []).append(entry.body)
    if not entry.intact():
        reading.suspects.append((entry, at))


def _needs_reason(body: Mapping[str, Any]) -> bool:
    """Acts that take something of what was coded away; rows of a table that come again, and drafts, say elsewhere where they come from."""
    act = body.get("act")
    return act == "retract" or (act == "merge" and bool(body.get("successor"))) or (act == "revise" and not (body.get("import") or body.get("draft")))


def _against(
    repository: Repository, older: Sequence[Mapping[str, Blob]], reading: Reading, altered: Mapping[str, tuple[Entry, str]], place: str
) -> tuple[set[str], set[str], list[Problem]]:
    """The ids that the first commit had in files that changed since any; the ids that the problems are about; what was taken away or rewritten."""
    known: set[str] = set()
    told_of: set[str] = set()
    problems: list[Problem] = []
    new_faces = dict(reading.faces.values())
    for number, path, blob in sorted((n, path, blob) for n, base in enumerate(older) for path, blob in base.items()):
        name = path.removeprefix(FOLDER + "/")
        if name in reading.files and blob.id == repository.hash_of(reading.files[name]):
            known |= {i for i, (_, at) in reading.faces.items() if number == 0 and at.startswith(place + name + ", ")}
            continue
        data = repository.read(blob)
        meant = pointer(data)
        if meant is not None:
            same = name in reading.files and file_facts(reading.files[name]).sha256 == meant.sha256
            if number == len(older) - 1 or not same:
                told = (
                    "Git holds a pointer (Git LFS) for this file, so nobody sees what was taken out of it. Write 'raw/journal/** -text' at the end "
                    "of .gitattributes, run 'git add --renormalize raw/journal', and commit that before anything else."
                )
                problems.append(Problem("journal-misplaced", told, where=place + name))
            continue
        there = _entries(data)
        known |= there.keys() if number == 0 else set()
        there = {i: raw for i, raw in there.items() if i not in told_of}
        gone = {i: raw for i, raw in there.items() if i not in reading.ids}
        rewritten = {i: altered[i][1] for i in there if i in altered}
        rewritten |= {i: new_faces[face] for i, raw in gone.items() if (face := _face(raw)) in new_faces}
        removed = [i for i in gone if i not in rewritten]
        told_of |= {*rewritten, *removed}
        problems += [_rewritten(there[i], i, where) for i, where in list(rewritten.items())[:SHOWN]]
        if len(rewritten) > SHOWN:
            problems.append(_many("journal-line-rewritten", len(rewritten) - SHOWN, "rewritten", place + name))
        if removed and name not in reading.files:
            told = f"The file is gone, and with it {len(removed)} entries that are nowhere else. Restore it; corrections are new entries."
            problems.append(Problem("journal-line-removed", told, value=len(removed), where=place + name))
            continue
        for i in removed[:SHOWN]:
            raw = there[i]
            told = f"Entry {i[:12]} ({raw['kind']} about {raw['subject']}, by {raw['coder']}, {raw['time']}) was taken out. Restore the line."
            problems.append(Problem("journal-line-removed", told, event_id=raw["subject"] if raw["kind"] == "act" else None, where=place + name))
        if len(removed) > SHOWN:
            problems.append(_many("journal-line-removed", len(removed) - SHOWN, "taken out", place + name))
    return known, told_of, problems


def _rewritten(raw: Mapping[str, Any], entry_id: str, where: str) -> Problem:
    told = (
        f"The line of entry {entry_id[:12]} ({raw['kind']} about {raw['subject']}, by {raw['coder']}, {raw['time']}) was rewritten. "
        "Restore it; to correct an event, use 'eventcoder amend'."
    )
    return Problem("journal-line-rewritten", told, event_id=raw["subject"] if raw["kind"] == "act" else None, where=where)


def _many(code: str, n: int, what: str, where: str) -> Problem:
    return Problem(code, f"And {n} more lines were {what}. Restore the file from git.", value=n, where=where)


def _entries(data: bytes) -> dict[str, dict[str, Any]]:
    """The entries of a journal of an older commit by id, without their bodies; lines that were no entries even then do not count."""
    out = {}
    for line in data.splitlines():
        try:
            raw = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(raw, dict) and all(isinstance(raw.get(k), str) for k in ("id", "kind", "subject", "coder", "time")):
            out[raw["id"]] = {k: raw.get(k) for k in ("kind", "subject", "parents", "coder", "time")}
    return out


def _face(raw: Mapping[str, Any]) -> Face:
    parents = raw["parents"] if isinstance(raw["parents"], list) else []
    return raw["kind"], raw["subject"], tuple(str(p) for p in parents), raw["coder"], raw["time"]


def _told(reading: Reading, known: set[str], commit: str | None, compared: bool) -> list[str]:
    lines = [f"{len(reading.ids)} entries in {len(reading.files)} file(s)"]
    if compared:
        new = Counter(face[3] for i, (face, _) in reading.faces.items() if i not in known)
        by = ", ".join(f"{coder} {n}" for coder, n in sorted(new.items()))
        lines.append(f"{new.total()} new since the base" + (f": {by}" if by else ""))
    elif commit:
        lines.append("the base holds no journal in this folder, so nothing can have been taken away")
    return lines
