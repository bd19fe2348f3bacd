"""The store of source documents: texts and sidecars in one folder. Floor 2.

    <id>.txt     the stored text, UTF-8, LF; never changes (its hash is its name)
    <id>.json    the sidecar: a `Document` record as JSON with sorted keys

`<id>` is the first 16 hex digits of the sha256 of the text's UTF-8 bytes. Each file is written aside, flushed to disk and renamed; the text comes
first, so a document exists when its sidecar does. The `.txt` files may be missing (kept out of git where texts are under copyright).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from eventcoder.documents.article import Article
from eventcoder.documents.language import guess_language
from eventcoder.errors import InputError, NotFound, ProjectError
from eventcoder.event import Document

ID_LENGTH = 16
_ID = re.compile(r"[0-9a-f]{16}")
# What a later ingest of the same text may say anew. The way it was read (file, extractor, repairs) belongs to the first time.
METADATA = ("published", "publisher", "title", "url", "language", "licence", "visibility", "invented")


class DocumentStore:
    """Documents in `folder` (which is made when the first one is saved)."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    def ids(self) -> list[str]:
        """Ids of all documents, sorted."""
        if not self.folder.is_dir():
            return []
        return sorted(p.stem for p in self.folder.glob("*.json") if _ID.fullmatch(p.stem))

    def __contains__(self, document: str) -> bool:
        return bool(_ID.fullmatch(document)) and self._path(document, ".json").is_file()

    def find(self, prefix: str) -> str:
        """The one id that begins with `prefix`. Raises `NotFound` for none and for several (which are named)."""
        wanted = prefix.strip().lower()
        if wanted in self:
            return wanted
        hits = [i for i in self.ids() if i.startswith(wanted)] if wanted else []
        if len(hits) == 1:
            return hits[0]
        if hits:
            raise NotFound(f"Document id {prefix!r} fits {len(hits)} documents: {', '.join(hits[:5])}.", "Give more of its characters.")
        raise NotFound(f"There is no document {prefix!r}.", "'eventcoder documents' lists them.")

    def document(self, document: str) -> Document:
        """The sidecar of a document, also where its text is missing. Raises `NotFound`, `InputError` if the file is damaged."""
        path = self._path(document, ".json")
        try:
            found = Document.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            raise NotFound(f"There is no document {document!r}.", "'eventcoder documents' lists them.") from None
        except ValidationError as error:
            first = error.errors()[0]
            raise InputError(
                f"{path.name} is damaged: {'.'.join(str(p) for p in first['loc']) or 'the file'}: {first['msg']}.", "Restore it from version control."
            ) from None
        if found.id != document:
            raise InputError(f"{path.name} describes document {found.id}.", "Restore it from version control.")
        return found

    def has_text(self, document: str) -> bool:
        """True if the text lies in the store."""
        return self._path(document, ".txt").is_file()

    def text(self, document: str) -> str:
        """The stored text, verified against its hash. Raises `NotFound` where it is kept elsewhere, `InputError` where it was altered.

        CRLF line ends are undone before the check: stored texts have none, so that only a checkout can have put them there.
        """
        sidecar = self.document(document)
        try:
            data = self._path(document, ".txt").read_bytes()
        except FileNotFoundError:
            raise NotFound(
                f"The text of document {document} is not here ({sidecar.source_name or 'source unknown'}).",
                f"Ingest its source again, or copy {document}.txt into {self.folder.name}/ from where the texts are kept.",
            ) from None
        if hashlib.sha256(data).hexdigest() != sidecar.sha256:
            data = data.replace(b"\r\n", b"\n")
            if hashlib.sha256(data).hexdigest() != sidecar.sha256:
                raise InputError(
                    f"{document}.txt was altered after it was stored; evidence would point at wrong places.",
                    f"Restore it from version control, or remove {document}.txt and ingest its source again.",
                )
        return data.decode("utf-8")

    def save(self, article: Article) -> tuple[Document, bool]:
        """Store an article; its document, and True if it was not there before. A language that the article does not say is guessed.

        The same text is the same document: its sidecar stays as it is (see `update`), and a missing text is put back.
        Raises `ProjectError` if the folder cannot be written.
        """
        sha256 = article.sha256
        identity = sha256[:ID_LENGTH]
        if identity in self:
            known = self.document(identity)
            if known.sha256 != sha256:
                raise InputError(f"Two different texts have the id {identity}.", "Report this: it should not happen in the life of the universe.")
            if not self.has_text(identity):
                self._write(self._path(identity, ".txt"), article.text.encode("utf-8"))
            return known, False
        document = Document(
            id=identity,
            sha256=sha256,
            length=len(article.text),
            published=article.published,
            publisher=article.publisher,
            title=article.title,
            url=article.url,
            language=article.language or guess_language(article.text),
            licence=article.licence,
            visibility=article.visibility or "public",
            invented=bool(article.invented),
            source_name=article.source_name,
            source_sha256=article.source_sha256,
            extractor=article.extractor,
            extractor_version=article.extractor_version,
            repairs=article.repairs,
        )
        self._write(self._path(identity, ".txt"), article.text.encode("utf-8"))
        self._write_sidecar(document)
        return document, True

    def update(self, document: str, values: Mapping[str, Any]) -> Document:
        """Give a document new metadata (keys of `METADATA`); its text and the way it was read stay. The new record is returned."""
        known = self.document(document)
        allowed = {k: v for k, v in values.items() if k in METADATA}
        changed = Document.model_validate({**known.model_dump(), **allowed})
        if changed != known:
            self._write_sidecar(changed)
        return changed

    def _write_sidecar(self, document: Document) -> None:
        body = json.dumps(document.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, indent=1) + "\n"
        self._write(self._path(document.id, ".json"), body.encode("utf-8"))

    def _path(self, document: str, suffix: str) -> Path:
        return self.folder / f"{document}{suffix}"

    def _write(self, path: Path, data: bytes) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, aside = tempfile.mkstemp(prefix=".aside-", dir=self.folder)
        except OSError as error:
            raise ProjectError(f"{self.folder} cannot be written: {error.strerror}.", "Check its permissions and the space left.") from None
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            Path(aside).chmod(0o644)
            Path(aside).replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                Path(aside).unlink()
            raise ProjectError(f"{path.name} cannot be written: {error.strerror}.", "Check permissions and the space left.") from None
