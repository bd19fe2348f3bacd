"""Files and folders -> articles. Floor 2.

Read: .txt, .md, .html, .json, .jsonl, .csv (and files of other names, given explicitly, as plain text). A folder is walked in sorted order; names
that begin with `.` or `_`, READMEs and files of other kinds are left out and counted. Links that lead out of the given folder are not followed.
Every error `Problem` stands for exactly one refused file or row, and the others go on; warnings come before their article.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from eventcoder.documents import formats
from eventcoder.documents.article import MAX_FILE, MAX_READ, MAX_TEXT, Article
from eventcoder.documents.encoding import Decoded, Undecodable, decode, garbled, unscramble
from eventcoder.documents.metadata import Misread, canonical_key, is_sidecar, nearest_key, read_sidecar, sidecar_of, take
from eventcoder.documents.records import rows_of
from eventcoder.problem import Problem
from eventcoder.text import file_name, normalise

ONE = {".txt": formats.plain, ".text": formats.plain, ".md": formats.markdown, ".markdown": formats.markdown,
       ".html": formats.html, ".htm": formats.html, ".xhtml": formats.html}  # fmt: skip
MANY = frozenset((".json", ".jsonl", ".ndjson", ".csv", ".tsv"))
FOREIGN = {".pdf": "PDF", ".docx": "Word", ".doc": "Word", ".odt": "OpenDocument", ".rtf": "RTF", ".epub": "EPUB", ".xlsx": "Excel", ".xls": "Excel"}


def read_articles(path: Path, *, defaults: Mapping[str, Any] | None = None) -> Iterator[Article | Problem]:
    """Read a file or a folder. `defaults` (names of `Article`: published, publisher, language, licence, visibility) fill what files do not say.

    Two of them do more: visibility "undisclosed" stands against any file, and a default day replaces one that cannot be understood (with a warning).
    Never raises for bad input: a path that does not exist or cannot be read gives a Problem like any other.
    """
    given = {k: v for k, v in (defaults or {}).items() if v is not None}
    if path.is_dir():
        yield from _folder(path, given)
    else:
        yield from _file(path, file_name(path.name), given)


def _folder(root: Path, given: Mapping[str, Any]) -> Iterator[Article | Problem]:
    base = root.resolve()
    left_out: Counter[str] = Counter()
    seen = False
    unreadable: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=unreadable.append):
        here = Path(folder)
        for name in sorted(folders):
            if (here / name).is_symlink() and not (here / name).resolve().is_relative_to(base):
                yield _outside(here / name, root)
        folders[:] = sorted(n for n in folders if not n.startswith((".", "_")) and not (here / n).is_symlink())
        for name in sorted(names):
            path = here / name
            suffix = path.suffix.lower()
            if name.startswith((".", "_")) or path.stem.upper() == "README" or is_sidecar(path):
                continue
            if suffix not in ONE and suffix not in MANY and suffix not in FOREIGN:
                left_out[suffix or "no suffix"] += 1
                continue
            if path.is_symlink() and not path.resolve().is_relative_to(base):
                yield _outside(path, root)
                continue
            seen = True
            yield from _file(path, file_name(path.relative_to(root).as_posix()), given)
    for error in unreadable:
        seen = True
        yield Problem("document-unreadable", f"{error.filename} cannot be read: {error.strerror}.", where=str(error.filename))
    if left_out:
        kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(left_out.items()))
        yield Problem("document-left-out", f"{root}: files of other kinds were left out ({kinds}).", "info", where=str(root))
    if not seen:
        yield Problem("document-no-files", f"{root} holds no articles. Read are {', '.join(sorted({*ONE, *MANY}))}.", where=str(root))


def _outside(path: Path, root: Path) -> Problem:
    said = f"{path} is a link that leads out of {root}; it was not followed. Give its target as a path of its own if you want it."
    return Problem("document-link-outside", said, "warning", where=str(path))


def _file(path: Path, name: str, given: Mapping[str, Any]) -> Iterator[Article | Problem]:
    suffix = path.suffix.lower()
    try:
        if suffix in FOREIGN:
            raise Undecodable("document-format", f"{FOREIGN[suffix]} files cannot be read; save it as .txt or .html")
        many = suffix in MANY
        if not path.is_file():
            raise Undecodable("document-unreadable", "it does not exist" if not path.exists() else "it is not a file")
        if (size := path.stat().st_size) > (MAX_FILE if many else MAX_TEXT):
            limit = (MAX_FILE if many else MAX_TEXT) // 2**20
            raise Undecodable("document-too-large", f"it has {size / 2**20:.0f} MB, and {limit} MB is the limit; split it")
        data = path.read_bytes()
        decoded = decode(data, formats.declared_charset(data) if ONE.get(suffix) is formats.html else None)
    except OSError as error:
        yield Problem("document-unreadable", f"{name} cannot be read: {error.strerror}.", where=str(path))
        return
    except Undecodable as error:
        yield Problem(error.code, f"{name} was not read: {error}.", where=str(path))
        return
    for said in (*decoded.warnings, *([] if many or decoded.garbled is None else [decoded.garbled])):
        yield Problem("document-encoding", f"{name}: {said}.", "warning", where=str(path))
    digest = hashlib.sha256(data).hexdigest()
    try:
        beside: dict[str, Any] = {}
        if (sidecar := sidecar_of(path)) is not None:
            beside, unknown = read_sidecar(sidecar)
            for key in unknown:
                near = nearest_key(key)
                said = f"{sidecar.name}: '{key}' is not known and was left out." + (f" Did you mean '{near}'?" if near else "")
                yield Problem("document-unknown-key", said, "warning", field=key, where=str(sidecar))
            if beside.pop("source_sha256", digest) != digest:
                said = f"its sidecar {sidecar.name} gives another sha256: this is not the file that it describes"
                raise Misread("document-sidecar", f"{said}.", "sha256", digest)
    except Misread as error:
        yield Problem(error.code, f"{name} was not read: {error}", field=error.field, value=error.value, where=str(path))
        return
    if not many:
        yield from _one(path, name, decoded, digest, beside, given)
        return
    for row in rows_of(decoded.text, suffix):
        where = f"{path}, {row.label}" if row.label else str(path)
        if row.fault is not None:
            yield Problem(row.fault[0], f"{name}{', ' + row.label if row.label else ''} was not read: {row.fault[1]}.", where=where)
            continue
        label = f"{name}#{row.label.split()[-1]}" if row.label else name
        text, rounds = unscramble(row.text)
        repairs = decoded.repairs + ((f"mojibake undone: UTF-8 had been read as Windows-1252 ({rounds} times)",) if rounds else ())
        if (left := garbled(text)) is not None:
            yield Problem("document-encoding", f"{label}: {left}.", "warning", where=where)
        yield from _finish(label, where, text, row.raw, digest, row.extractor, formats.VERSION, repairs, beside, given)


def _one(path: Path, name: str, decoded: Decoded, digest: str, beside: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[Article | Problem]:
    try:
        text, raw, extractor, version = ONE.get(path.suffix.lower(), formats.plain)(decoded.text)
    except Misread as error:
        yield Problem(error.code, f"{name} was not read: {error}", field=error.field, value=error.value, where=str(path))
        return
    yield from _finish(name, str(path), text, raw, digest, extractor, version, decoded.repairs, beside, given)


def _finish(
    name: str,
    where: str,
    text: str,
    raw: Mapping[str, Any],
    digest: str,
    extractor: str,
    version: str,
    repairs: tuple[str, ...],
    beside: Mapping[str, Any],
    given: Mapping[str, Any],
) -> Iterator[Article | Problem]:
    """Metadata parsed, text normalised, gaps filled and told. The sidecar (`beside`) stands over the file, the file over the defaults (`given`)."""
    # What the sidecar says is not even looked at in the file, so that a bad date can be mended from outside.
    asked = {k: v for k, v in raw.items() if canonical_key(str(k)) not in beside}
    try:
        said, _ = take(asked)
    except Misread as error:
        if error.code != "document-bad-date" or "published" not in given:
            yield Problem(error.code, f"{name} was not read: {error}", field=error.field, value=error.value, where=where)
            return
        instead = f"{name}: the publication date {error.value!r} cannot be used; {given['published']} is taken, as given."
        yield Problem(error.code, instead, "warning", field=error.field, value=error.value, where=where)
        said, _ = take({k: v for k, v in asked.items() if canonical_key(str(k)) != "published"})
    said.pop("source_sha256", None)
    body = normalise(text)
    if not body:
        yield Problem("document-empty", f"{name} was not read: it holds no text.", where=where)
        return
    if len(body) > MAX_TEXT:
        yield Problem("document-too-large", f"{name} was not read: its text has {len(body):,} characters.", where=where)
        return
    if len(body) > MAX_READ:
        long = f"{name} has {len(body):,} characters; drafts are made of at most {MAX_READ:,}. Split it into its articles."
        yield Problem("document-too-large", long, "warning", where=where)
    article = Article(body, source_name=name, source_sha256=digest, extractor=extractor, extractor_version=version, repairs=repairs)
    article = replace(article, **{**given, **said, **beside})
    if given.get("visibility") == "undisclosed":
        article = replace(article, visibility="undisclosed")
    if article.published is None:
        said_so = f"{name} has no publication date, so no relative date in it can be resolved. Give --published, a header line 'Date:', or a sidecar."
        yield Problem("document-no-date", said_so, "warning", field="published", where=where)
    yield article
