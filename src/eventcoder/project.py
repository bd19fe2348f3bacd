"""A project: where things lie, and its settings. Floor 0.

Layout of a project folder:

    eventcoder.toml          settings (this module knows every key; an unknown one is an error that names the nearest)
    schema/                  the codebook as data; absent = the codebook that ships with the package
    raw/articles/            source files as they came (may be anywhere)
    raw/documents/           stored texts `<id>.txt` and sidecars `<id>.json` (may be kept out of git)
    raw/journal/             the ledger as sorted JSON Lines, one file per coder and month (goes into git)
    releases/                published versions
    .eventcoder/             state: ledger.sqlite, caches, drafts under way (never in git)
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from eventcoder.errors import ProjectError, UsageError

SETTINGS_FILE = "eventcoder.toml"
STATE_DIR = ".eventcoder"
LEDGER_FILE = "ledger.sqlite"
SERVER_SCHEMES = ("postgresql://", "postgres://")  # a ledger that begins so is a database on a server, anything else is a file
ENGINES = ("rules", "semantic", "llm")
APPROVALS = ("none", "share", "all")
REVIEW_ORDERS = ("uncertain", "newest", "text")
_SETTINGS = "host|hostaddr|port|dbname|user|password|passfile|service|sslmode"  # of a connection, as psql takes them: 'host=db password=...'
_ALMOST_URL = re.compile(rf"(?i)[a-z][a-z0-9+.-]+:/|postgres(ql)?(:|//)|[^/\\]+:[^/\\]*@|([^/\\]*\s)?({_SETTINGS})\s*=")


def almost_url(named: str) -> bool:
    """Whether the name of a ledger is no URL that begins with postgresql:// and yet no file either: a slip that would hide a password in a path."""
    return _ALMOST_URL.match(named) is not None


@dataclass(frozen=True, slots=True)
class Settings:
    """What `eventcoder.toml` says. Every key is optional; the comments give the meaning and the unit."""

    id: str = "dataset"  # short name used in file names and citations
    title: str = "Untitled event dataset"
    licence: str = "CC-BY-4.0"  # of the released data
    authors: tuple[str, ...] = ()  # for CITATION.cff
    url: str = ""  # where the dataset is published
    doi: str = ""  # identifier of the dataset in all its versions, such as 10.5281/zenodo.123; for citations and deposits
    keywords: tuple[str, ...] = ("political violence", "protest", "event data")  # for catalogues of datasets
    ledger: str = field(default="", repr=False)  # a file, or postgresql://USER@HOST/DATABASE; empty: .eventcoder/ledger.sqlite
    coder: str = ""  # default coder, if --coder and EVENTCODER_CODER are absent
    countries: tuple[str, ...] = ()  # scope of the project; empty = the world
    window_days: int = 7  # a statement is current if its event lies at most so many days before publication
    approval: str = "none"  # which clean events wait for a second person: "none", "all", or the "share" of schema/team/approval.csv
    cutoff_days: int = 0  # events younger than this many days at release time stay out (0 = none)
    stale_days: int = 0  # a promise: the latest version is never older than so many days; loading it then warns (0 = none made)
    claim_days: int = 14  # a task that a coder took and did not hand in is anybody's again after so many days
    double_share: float = 0.1  # part of the documents of each type and country that `assign` gives to two coders, each blind to the other
    control_share: float = 0.05  # part of the documents that is coded by two without any draft
    plant_share: float = 0.0  # part of the documents in which one draft is made wrong, to see how often a suggestion is accepted unread
    quote_length: int = 200  # characters of a source quote that a release may show
    public_coders: bool = False  # False: releases name coders by pseudonym
    duplicate_stop: float = 0.9  # an undecided pair of likely duplicates at or above this score stops a release
    crowd_scale: str = "acled"  # which word scale of schema/lexicon turns "hundreds" into a number
    presume_sides: bool = False  # may a draft name the side that a war suggests (schema/registers/presumed_attackers.csv) where the text names none?
    engine: str = "rules"  # which engine drafts where --engine is not given: rules, semantic or llm
    review_order: str = "uncertain"  # which drafts come first in review: "uncertain", "newest" or "text" (as the documents tell them)
    semantic_model: str = "sentence-transformers/all-MiniLM-L6-v2"  # of the engine semantic: a folder, or the name of a public model
    llm_url: str = ""  # of the engine llm: an OpenAI-compatible endpoint, e.g. http://localhost:11434/v1
    llm_model: str = ""  # the model's name at that endpoint
    llm_undisclosed: bool = False  # may texts that are not public be sent to the endpoint?
    llm_tokens: int = 0  # tokens that one run may spend (0 = no bound)
    llm_price_in: float = 0.0  # price of a million tokens read, in the currency that you like; 0 = not told
    llm_price_out: float = 0.0  # price of a million tokens written
    llm_parallel: int = 4  # requests under way at once
    llm_timeout: float = 120.0  # seconds that one answer may take


@dataclass(frozen=True, slots=True)
class Project:
    """An opened project folder."""

    root: Path
    settings: Settings = field(default_factory=Settings)

    @property
    def schema_dir(self) -> Path:
        own = self.root / "schema"
        return own if own.is_dir() else packaged_schema()

    @property
    def documents_dir(self) -> Path:
        return self.root / "raw" / "documents"

    @property
    def journal_dir(self) -> Path:
        return self.root / "raw" / "journal"

    @property
    def releases_dir(self) -> Path:
        return self.root / "releases"

    @property
    def state_dir(self) -> Path:
        return self.root / STATE_DIR

    @property
    def ledger_at(self) -> Path | str:
        """Where the ledger lies: the path of an SQLite file, or a URL `postgresql://...` (which may hold a password: `ledger.address.shown`
        names it in messages).

        `EVENTCODER_LEDGER`, else `ledger` in the settings, names it; a path is relative to the project. Raises `ProjectError` for a URL of
        another kind, or one that is almost a URL: it would else become the name of a file, password and all.
        """
        variable = os.environ.get("EVENTCODER_LEDGER", "").strip()
        named = variable or self.settings.ledger.strip()
        if not named:
            return self.state_dir / LEDGER_FILE
        if named.lower().startswith(SERVER_SCHEMES):
            return named
        if almost_url(named):
            source = "EVENTCODER_LEDGER" if variable else f"The setting 'ledger' in {SETTINGS_FILE}"
            raise ProjectError(
                f"{source} is neither the path of a file nor a URL that begins with postgresql://.",
                "Write postgresql://USER@HOST:PORT/DATABASE for a database on a server, or the path of an SQLite file.",
            )
        return (self.root / named).resolve()

    @property
    def ledger_project(self) -> str:
        """The project that a new ledger belongs to, so that it refuses journals of another one: `id`.

        Empty where journals lie already: those that name no project (of the time before they did) keep their bytes, others name it themselves.
        """
        return "" if any(self.journal_dir.glob("*.jsonl")) else self.settings.id

    @property
    def ledger_path(self) -> Path:
        """The SQLite file of a project that keeps its ledger in one. Raises `ProjectError` where it is on a server: use `ledger_at`."""
        at = self.ledger_at
        if isinstance(at, Path):
            return at
        raise ProjectError("This project's ledger is a database on a server, not a file.", "Name a file by EVENTCODER_LEDGER to use one.")


def packaged_schema() -> Path:
    """The default codebook: inside the installed package, or `schema/` of the source checkout."""
    inside = Path(__file__).parent / "schema"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "schema"


def find_root(start: Path | None = None) -> Path:
    """The nearest folder upwards from `start` (default: here) that holds `eventcoder.toml`. Raises `ProjectError`."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / SETTINGS_FILE).is_file():
            return folder
    raise ProjectError(f"No {SETTINGS_FILE} in {here} or above it.", "Run 'eventcoder init DIR' to make a project, or give --project DIR.")


def open_project(directory: str | Path | None = None) -> Project:
    """Open the project in `directory`, or the nearest one upwards from here. Raises `ProjectError`."""
    if directory is None:
        root = find_root()
    else:
        root = Path(directory).resolve()
        if not (root / SETTINGS_FILE).is_file():
            raise ProjectError(f"{root} is not a project: it has no {SETTINGS_FILE}.", f"Run 'eventcoder init {directory}' first.")
    return Project(root, read_settings(root / SETTINGS_FILE))


def read_settings(path: Path) -> Settings:
    """Parse `eventcoder.toml`. Raises `ProjectError` naming the key for unknown keys and wrong types."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProjectError(f"{path} is not valid TOML: {error}.", "Mend the line it names.") from None
    except OSError as error:
        raise ProjectError(f"{path} cannot be read: {error.strerror}.") from None
    known = {f.name: f for f in fields(Settings)}
    values: dict[str, Any] = {}
    for key, value in raw.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            raise ProjectError(f"{path}: unknown setting '{key}'.", f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known)}.")
        default = known[key].default
        if isinstance(default, tuple):
            if not (isinstance(value, list) and all(isinstance(v, str) for v in value)):
                raise ProjectError(f"{path}: '{key}' must be a list of texts.")
            value = tuple(value)
        elif isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        elif type(value) is not type(default):
            raise ProjectError(f"{path}: '{key}' must be {_kind(default)}, not {value!r}.")
        values[key] = value
    for key, allowed in (("approval", APPROVALS), ("engine", ENGINES), ("review_order", REVIEW_ORDERS)):
        if values.get(key, allowed[0]) not in allowed:
            raise ProjectError(f"{path}: '{key}' must be one of {', '.join(allowed)}, not {values[key]!r}.")
    if values.get("doi") and not re.fullmatch(r"10\.\d{4,9}/[^\s\"<>]+", values["doi"]):
        raise ProjectError(f"{path}: 'doi' must be the bare identifier, such as 10.5281/zenodo.123, not {values['doi']!r}.")
    for key in ("window_days", "claim_days", "cutoff_days", "stale_days", "quote_length", "llm_tokens", "llm_price_in", "llm_price_out"):
        if values.get(key, 0) < 0:
            raise ProjectError(f"{path}: '{key}' must not be negative.")
    for key in ("double_share", "control_share", "plant_share"):
        if not 0 <= values.get(key, 0) <= 1:
            raise ProjectError(f"{path}: '{key}' is a part of the whole, from 0 to 1, not {values[key]!r}.")
    return Settings(**values)


def _kind(default: Any) -> str:
    return {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}[type(default)]


def coder_name(project: Project, given: str | None) -> str:
    """Who acts: `--coder`, else `EVENTCODER_CODER`, else the project's `coder`; never the system's user. Raises `UsageError`."""
    name = given or os.environ.get("EVENTCODER_CODER") or project.settings.coder
    if not name:
        raise UsageError("Who is coding is not known.", 'Give --coder NAME, set EVENTCODER_CODER, or put coder = "NAME" into eventcoder.toml.')
    if not name.isprintable() or len(name) > 64 or name != name.strip() or any(c in name for c in '/\\:*?"<>|'):
        raise UsageError(f"{name!r} cannot be a coder's name.", "Use up to 64 letters, digits, '.', '-' or '_'.")
    return name
