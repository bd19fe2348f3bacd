"""Requests with their answers, kept so that a run can be repeated without the endpoint. Floor 5.

    .eventcoder/llm/<document>/<key>.json    {"key", "document", "request", "answer", "usable", "tokens_in", "tokens_out", "model", "seconds", "time"}

`key` is the sha256 of the canonical request body: the words, the model and the form of the answer, never the address or the key of the endpoint.
The folder of a document holds its text (inside the requests); `forget` removes it when the document is redacted.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eventcoder.errors import ProjectError
from eventcoder.identity import digest

FOLDER = "llm"


def key_of(body: Mapping[str, Any]) -> str:
    """The name of a request."""
    return digest(dict(body))


class Answers:
    """The answers of a project. `state` is its `.eventcoder` folder."""

    def __init__(self, state: Path) -> None:
        self.folder = state / FOLDER

    def get(self, document: str, key: str) -> dict[str, Any] | None:
        """The record of a request, or None if there is none (a damaged file counts as none: it is asked again)."""
        try:
            record = json.loads((self.folder / document / f"{key}.json").read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        sound = isinstance(record, dict) and record.get("key") == key and isinstance(record.get("answer"), str)
        return record if sound else None

    def put(self, document: str, key: str, record: Mapping[str, Any]) -> None:
        """Store a record under its request, whole or not at all. Raises `ProjectError` when the disk does not take it."""
        folder = self.folder / document
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=folder, prefix=".new-")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump({"key": key, "document": document, **record}, file, indent=1, sort_keys=True)  # ASCII: any character may come back
                Path(name).replace(folder / f"{key}.json")
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(name).unlink()
                raise
        except OSError as error:
            raise ProjectError(f"{folder} cannot be written: {error.strerror}.", "Make room, or mend the folder's rights.") from None

    def forget(self, document: str) -> bool:
        """Remove all that was asked and answered about a document; whether there was anything."""
        folder = self.folder / document
        if not folder.is_dir():
            return False
        shutil.rmtree(folder)
        return True
