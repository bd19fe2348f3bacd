"""A GeoNames country file (`NG.txt`, `NG.zip` of download.geonames.org) as an index of its own beside the packaged one. Floor 2.

Such a file has every village, district and camp of a country, up to some millions of rows: they are read as a stream into
`<state folder>/places/<file>.sqlite`, never into the ledger, which keeps one entry with the file's name, sha256, count and licence. Names of
divisions come from the packaged index, else from `admin1CodesASCII.txt` and `admin2Codes.txt` beside the file, else from the file's own rows;
further names from `alternateNamesV2.txt` or `alternatenames/NG.txt` beside it.
"""

from __future__ import annotations

import hashlib
import io
import os
import sqlite3
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from eventcoder.errors import InputError
from eventcoder.gazetteer import index
from eventcoder.gazetteer.source import SourcePlace

LICENCE = "GeoNames (https://www.geonames.org), CC BY 4.0"
_COLUMNS = 19
_SITES = frozenset(
    [
        "CMP",
        "CMPRF",
        "CMPMN",
        "CMPO",
        "CMPL",
        "CMPLA",
        "AIRB",
        "AIRP",
        "AIRF",
        "MILB",
        "INSM",
        "OILF",
        "MN",
        "DAM",
        "PRKGT",
        "BDG",
        "CSTM",
        "PSN",
        "UNIV",
        "CTRR",
        "REFC",
    ]
)
_GONE = frozenset({"PPLQ", "PPLH", "PPLW"})  # abandoned, historical, destroyed
_DIVISIONS = {"ADM1": "admin1", "ADM2": "admin2", "ADM3": "admin2", "ADM4": "admin2"}
_NO_NAMES = frozenset({"link", "wkdt", "post", "iata", "icao", "faac", "unlc", "tcid", "phon", "piny"})
_KEPT_REFUSALS = 20
BATCH = 20_000


@dataclass(slots=True)
class Imported:
    """What became of the rows of a file: taken by kind, of other kinds, refused (with the first few reasons)."""

    file: str
    sha256: str
    path: Path
    taken: Counter[str] = field(default_factory=Counter)
    others: int = 0
    refused: int = 0
    reasons: list[str] = field(default_factory=list)
    known: bool = False

    @property
    def body(self) -> dict[str, Any]:
        """The body of the ledger entry: says which file a place came from, holds no place."""
        return {"gazetteer": self.file, "sha256": self.sha256, "places": sum(self.taken.values()), "licence": LICENCE}


def is_dump(path: Path) -> bool:
    """Is it a GeoNames file (tab-separated, 19 columns), not a CSV table of a team?"""
    if path.suffix.lower() == ".zip":
        return True
    try:
        with path.open("rb") as handle:
            first = handle.readline(65_536)
    except OSError:
        return False
    cells = first.split(b"\t")
    return len(cells) == _COLUMNS and cells[0].strip().isdigit()


def import_dump(path: Path, folder: Path, countries: Mapping[str, str], divisions: Mapping[tuple[str, str], str]) -> Imported:
    """Index a file in `folder`; a file that stands there unchanged is only reported (`known`).

    `countries` maps ISO 3166 alpha-2 codes to the codebook's countries, `divisions` (alpha-2, code) to the packaged names. Raises `InputError`
    for a file that is no GeoNames table or of which no row can be used, `OSError` when the folder cannot be written.
    """
    digest = _sha256(path)
    target = folder / f"{path.stem}.sqlite"
    found = Imported(path.name, digest, target)
    if (open_already := index.open_file(target)) is not None:
        meta = dict(open_already.execute("SELECT key, value FROM meta"))
        open_already.close()
        if meta.get("sha256") == digest:
            found.taken, found.known = Counter({"place": int(meta.get("places", 0))}), True
            return found
    folder.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=path.stem, suffix=".part", dir=folder)
    os.close(handle)
    try:
        connection = sqlite3.connect(aside)
        try:
            _fill(connection, path, found, countries, divisions)
        finally:
            connection.close()
        if not found.taken:
            first = f" First: {found.reasons[0]}" if found.reasons else ""
            raise InputError(f"{path.name} holds no place that can be used.{first}", "Give a country file of download.geonames.org/export/dump.")
        Path(aside).replace(target)
    except sqlite3.OperationalError as error:
        raise OSError(str(error)) from error
    finally:
        Path(aside).unlink(missing_ok=True)
    return found


def _fill(
    connection: sqlite3.Connection, path: Path, found: Imported, countries: Mapping[str, str], divisions: Mapping[tuple[str, str], str]
) -> None:
    connection.executescript(index.SETUP)
    names = {("1", *key): name for key, name in divisions.items()} | _beside(path)
    for cells in _rows(path, found, count=False):  # the file's own divisions first: they may stand after their places
        if cells[7] == "ADM1":
            names.setdefault(("1", cells[8], cells[10]), cells[1])
        elif cells[7] == "ADM2":
            names.setdefault(("2", f"{cells[8]}.{cells[10]}", cells[11]), cells[1])
    further = _alternates(path)
    batch: list[SourcePlace] = []
    with connection:
        for cells in _rows(path, found, count=True):
            place = _place(cells, found, countries, names)
            if place is None:
                continue
            place.names += further.get(place.id, [])
            batch.append(place)
            if len(batch) >= BATCH:
                index.store(connection, batch)
                batch.clear()
        index.store(connection, batch)
        count = sum(found.taken.values())
        meta = {"version": f"GeoNames {found.file} {found.sha256[:12]}", "sha256": found.sha256, "places": str(count), "complete": "yes"}
        connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())


def _place(cells: list[str], found: Imported, countries: Mapping[str, str], names: Mapping[tuple[str, str, str], str]) -> SourcePlace | None:
    group, code, iso2 = cells[6], cells[7], cells[8]
    kind = "place" if (group == "P" and code not in _GONE) or (group in ("S", "L") and code in _SITES) else _DIVISIONS.get(code, "")
    if not kind:
        found.others += 1
        return None
    try:
        key, latitude, longitude = int(cells[0]), float(cells[4]), float(cells[5])
        population = int(cells[14] or 0)
    except ValueError:
        _refuse(found, cells, "its id, point or population is no number")
        return None
    if iso2 not in countries:
        _refuse(found, cells, f"country code {iso2!r} is not in the codebook")
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180) or (latitude == 0 and longitude == 0) or not cells[1].strip():
        _refuse(found, cells, f"{latitude}, {longitude} is no point of a place")
        return None
    found.taken[kind] += 1
    admin1 = names.get(("1", iso2, cells[10]))
    admin2 = names.get(("2", f"{iso2}.{cells[10]}", cells[11])) if cells[11] else None
    alternates = [n for n in cells[3].split(",") if n and not (n.isascii() and n == n.lower())] if cells[3] else []
    if cells[2] and cells[2] != cells[1]:
        alternates.append(cells[2])
    own = cells[1] if kind != "admin1" else admin1 or cells[1]
    return SourcePlace(
        id=key, name=own, iso2=iso2, admin1=admin1, admin2=cells[1] if code == "ADM2" else admin2, latitude=round(latitude, 4),
        longitude=round(longitude, 4), population=population, kind=kind, code=cells[10], names=alternates,
    )  # fmt: skip


def _refuse(found: Imported, cells: list[str], why: str) -> None:
    found.refused += 1
    if len(found.reasons) < _KEPT_REFUSALS:
        found.reasons.append(f"{cells[0]} {cells[1]}: {why}")


def _rows(path: Path, found: Imported, *, count: bool) -> Iterator[list[str]]:
    with _open(path) as lines:
        for number, line in enumerate(lines, 1):
            cells = line.rstrip("\r\n").split("\t")
            if len(cells) == _COLUMNS:
                yield cells
            elif line.strip() and count:
                found.refused += 1
                if len(found.reasons) < _KEPT_REFUSALS:
                    found.reasons.append(f"line {number}: {len(cells)} columns, not {_COLUMNS}")


@contextmanager
def _open(path: Path) -> Iterator[IO[str]]:
    """The table's lines, from the file or from the text file of that name inside a zip."""
    try:
        if path.suffix.lower() != ".zip":
            with path.open(encoding="utf-8", errors="replace", newline="\n") as handle:
                yield handle
            return
        with zipfile.ZipFile(path) as archive:
            texts = [n for n in archive.namelist() if n.lower().endswith(".txt") and "readme" not in n.lower()]
            if not texts:
                raise InputError(f"{path.name} holds no text file.", "Give a country file of download.geonames.org/export/dump.")
            chosen = next((n for n in texts if Path(n).stem == path.stem), texts[0])
            with archive.open(chosen) as raw, io.TextIOWrapper(raw, encoding="utf-8", errors="replace", newline="\n") as handle:
                yield handle
    except zipfile.BadZipFile:
        raise InputError(f"{path.name} is not a whole zip file.", "Load it down again.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from None


def _beside(path: Path) -> dict[tuple[str, str, str], str]:
    """Names of divisions from GeoNames' tables in the same folder."""
    names: dict[tuple[str, str, str], str] = {}
    for level, file in (("1", "admin1CodesASCII.txt"), ("2", "admin2Codes.txt")):
        beside = path.parent / file
        for line in beside.read_text("utf-8", errors="replace").splitlines() if beside.is_file() else ():
            code, _, rest = line.partition("\t")
            holder, _, last = code.rpartition(".")
            if holder and rest:
                names[level, holder, last] = rest.split("\t")[0]
    return names


def _alternates(path: Path) -> dict[int, list[str]]:
    """Further names from the alternate names beside the file; only a country's own table is held, the world's is left out."""
    beside = path.parent / "alternatenames" / f"{path.stem}.txt"
    names: dict[int, list[str]] = {}
    if beside.is_file():
        with beside.open(encoding="utf-8", errors="replace", newline="\n") as handle:
            for line in handle:
                cells = line.rstrip("\r\n").split("\t")
                if len(cells) > 3 and cells[2] not in _NO_NAMES and cells[1].isdigit() and cells[3]:
                    names.setdefault(int(cells[1]), []).append(cells[3])
    return names


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
