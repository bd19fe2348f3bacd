"""The manifest: our block of `datapackage.json`, strict. Floor 6 (the reader of floor 7 reads it too).

Unknown keys, missing keys and other types are refused: what we publish has a model of its own. `format` is the number of this shape; a
reader that does not know it says which version of eventcoder it needs instead of guessing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, ValidationError, field_validator, model_serializer

from eventcoder.errors import ReleaseError
from eventcoder.releases.bounded import kind_of, read_bytes, strict_json
from eventcoder.releases.layout import MANIFEST, VERSION_PATTERN

FORMAT: Literal[1] = 1
Channel = Literal["released", "candidate"]
RELEASED: Channel = "released"
CANDIDATE: Channel = "candidate"  # not settled, will change; in a folder of its own
LARGEST_MANIFEST = 16 << 20  # bytes; a line or two a file and column: ours have 0.06 MB whatever the number of events
SHA256 = r"^[0-9a-f]{64}$"
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)")
_UNSAFE = re.compile(r"[\\:*?\"<>|\x00-\x1f]")


class Strict(BaseModel):
    """No unknown keys, no silent conversion, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def without_defaults(model: BaseModel, dumped: dict[str, Any], *keep: str) -> dict[str, Any]:
    """What a model dumps without the keys that have their default, those in `keep` apart."""
    default = {name: f.get_default(call_default_factory=True) for name, f in type(model).model_fields.items() if not f.is_required()}
    return {k: v for k, v in dumped.items() if k in keep or k not in default or getattr(model, k) != default[k]}


class FileFacts(Strict):
    """One file: hash and size; `rows` (without the header) and `columns` for tables."""

    sha256: str = Field(pattern=SHA256)
    bytes: int = Field(ge=0)
    rows: int | None = Field(default=None, ge=0)


class CodebookFacts(Strict):
    """Which codebook the release was checked with."""

    id: str
    version: str
    hash: str = Field(description="content hash of the whole schema folder")


class Engine(Strict):
    """What built it. The bytes of Parquet files depend on pyarrow; the fingerprint does not."""

    eventcoder: str
    pyarrow: str


class Manifest(Strict):
    """The block `eventcoder` of a release's `datapackage.json`.

    Of a candidate `previous` is the release that it was compared with, which lies in the folder above. `stale_days` is the team's promise: the
    latest version is never older than so many days (0: none was made). Keys with a default are written only where they say something else, so
    that a release without news of this kind is read by every eventcoder of its format; one that does not know candidates refuses them.
    """

    format: Literal[1]
    version: str
    previous: str | None
    created: str = Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
    project: str
    counts: dict[str, int]
    files: dict[str, FileFacts]
    fingerprint: str = Field(pattern=SHA256)
    codebook: CodebookFacts
    engine: Engine
    citation: str
    channel: Channel = RELEASED
    stale_days: int = Field(default=0, ge=0)

    @model_serializer(mode="wrap")
    def _without_defaults(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return without_defaults(self, handler(self))

    @field_validator("version", "previous")
    @classmethod
    def _calver(cls, value: str | None) -> str | None:
        if value is not None and not VERSION_PATTERN.fullmatch(value):
            raise ValueError("a version is YYYY.MM.N")
        return value

    @field_validator("files")
    @classmethod
    def _inside(cls, value: dict[str, FileFacts]) -> dict[str, FileFacts]:
        seen: dict[str, str] = {}
        for name in value:
            if not is_safe(name):
                raise ValueError(f"{name!r} leads out of the release")
            twin = seen.setdefault(folded_name(name), name)
            if twin != name:
                raise ValueError(f"{twin!r} and {name!r} are one file on systems that do not tell capitals or forms of letters apart")
        return value


def is_safe(name: str) -> bool:
    """Whether a relative file name stays inside a release and means the same file everywhere.

    Plain parts, no `..`, no drive, no hidden file, no name that Windows keeps for devices, no letters in another form than NFC.
    """
    parts = name.split("/")
    if len(name) >= 200 or len(parts) > 3 or not name.isprintable() or not unicodedata.is_normalized("NFC", name):
        return False
    return all(p and p[0] != "." and p[-1] not in ". " and not _UNSAFE.search(p) and not _DEVICE.match(p) for p in parts)


def folded_name(name: str) -> str:
    """The name as systems see it that do not tell capitals, or the forms of a letter, apart."""
    return unicodedata.normalize("NFKC", name).casefold()


def parse_manifest(text: str | bytes, where: str) -> tuple[Manifest, dict[str, Any]]:
    """The manifest and the whole descriptor around it. Raises `ReleaseError` saying what is wrong, or which format it would need."""
    raw = strict_json(text, where)
    block = raw.get("eventcoder") if isinstance(raw, dict) else None
    if not isinstance(block, Mapping):
        raise ReleaseError(f"{where} has no block 'eventcoder': it is no release of eventcoder.", "Give a release folder such as releases/2026.11.0.")
    number = block.get("format")
    if isinstance(number, int) and not isinstance(number, bool) and number > FORMAT:
        raise ReleaseError(
            f"{where} has manifest format {number}; this eventcoder knows formats up to {FORMAT}.",
            f"Upgrade it (pip install -U eventcoder) to a version that reads format {number}.",
        )
    if isinstance(number, bool):
        raise ReleaseError(f"{where} has no manifest format: {number} is no number.", "Fetch the release again.")
    try:
        return Manifest.model_validate(block), raw
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(p) for p in first["loc"])
        raise ReleaseError(f"{where}: '{place}': {first['msg']}.", "The manifest was changed or damaged; fetch the release again.") from None


def read_manifest(folder: Path) -> tuple[Manifest, dict[str, Any]]:
    """The manifest of a release folder. Raises `ReleaseError`."""
    path = folder / MANIFEST
    if kind_of(path) == "absent":
        raise ReleaseError(f"{folder} is not a release: it has no {MANIFEST}.", "Give a release folder such as releases/2026.11.0.")
    return parse_manifest(read_bytes(path, LARGEST_MANIFEST), str(path))
