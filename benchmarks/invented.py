"""Invented exports of millions of events: CSV files of the 31 columns, newest day first, as a download of such a dataset looks.

    python benchmarks/invented.py --rows 1000000 --out events.csv [--seed 1] [--check 3000]

Countries, places and regimes are real (`schema/`, the gazetteer), everything that happens is invented, and so are actors and publishers. Every
row abides by the codebook (`--check` proves it on a sample). The same seed, codebook and gazetteer always give the same bytes; memory does not
grow with the number of rows but for a few bytes each.

It is fast because rows are put together from pieces: for each country pools of actors, places, sources and associates are made beforehand,
already quoted as CSV, and a row picks from them. What a real export repeats (places, actors, sources) is repeated about as often here, and what
it does not repeat (ids, notes) is not: an importer that remembers cells gains here what it would gain there.
"""

from __future__ import annotations

import argparse
import csv
import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[1]
if str(TOP) not in sys.path:
    sys.path.insert(0, str(TOP))

from benchmarks.invented_world import FIRST_YEAR, LAST_DAY, RARE_TAGS, Country, cases, countries, crowd_tags, tails  # noqa: E402
from tests.synthetic_events import MONTHS  # noqa: E402

COLUMNS = (
    "event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type", "sub_event_type", "actor1", "assoc_actor_1", "inter1",
    "actor2", "assoc_actor_2", "inter2", "interaction", "civilian_targeting", "iso", "region", "country", "admin1", "admin2", "admin3", "location",
    "latitude", "longitude", "geo_precision", "source", "source_scale", "notes", "fatalities", "tags", "timestamp",
)  # fmt: skip
LAST_UPLOAD = date(2026, 11, 10)
EPOCH = date(1970, 1, 1)
CHUNK = 20_000


def _days(rows: int, seed: int) -> tuple[Any, Any]:
    """Days since the epoch, newest first, more of them in later years; and a number below 1 for each, from which its country follows."""
    import numpy

    rng = numpy.random.default_rng([seed, 0])
    first, last = (date(FIRST_YEAR, 1, 1) - EPOCH).days, (LAST_DAY - EPOCH).days
    weights = 1 + 14 * (numpy.arange(last - first + 1) / (last - first)) ** 2
    days = numpy.sort(rng.choice(numpy.arange(first, last + 1, dtype=numpy.int32), rows, p=weights / weights.sum()))[::-1]
    return days, rng.random(rows, dtype=numpy.float32)


def _countries_of(people: Sequence[Country], days: Any, draws: Any) -> Any:
    """Row -> number of its country: year by year, weighted by rank among the countries that are covered."""
    import numpy

    out = numpy.zeros(len(days), dtype=numpy.int16)
    share = 1 / (numpy.arange(len(people)) + 8.0)
    since = numpy.array([country.since for country in people])
    for year in range(FIRST_YEAR, LAST_DAY.year + 1):
        here = (days >= (date(year, 1, 1) - EPOCH).days) & (days < (date(year + 1, 1, 1) - EPOCH).days)
        covered = numpy.cumsum(numpy.where(since <= year, share, 0.0))
        out[here] = numpy.searchsorted(covered, draws[here] * covered[-1] * 0.999999, side="right")
    return out


def event_lines(rows: int, seed: int = 1) -> Iterator[str]:
    """The CSV text of `rows` invented events, in pieces of many lines; the header first."""
    import numpy

    yield ",".join(COLUMNS) + "\n"
    rng = random.Random(seed)
    people, kinds, ends, crowds = countries(rng), cases(), tails(rng, 6000), crowd_tags(rng)
    deaths = [0] * 55 + [1] * 18 + [2] * 9 + [3] * 6 + [4, 4, 5, 5, 6, 7, 8, 9, 10, 10, 12, 14] + [17, 23, 31, 100]
    first = (date(FIRST_YEAR, 1, 1) - EPOCH).days
    calendar = [date(FIRST_YEAR, 1, 1) + timedelta(days=i) for i in range((LAST_DAY - EPOCH).days - first + 1)]
    dated = [(d.isoformat() + f",{d.year},", f"{d.day} {MONTHS[d.month - 1]} {d.year}", d.year - FIRST_YEAR, d.day == 15) for d in calendar]
    uploads_end = (LAST_UPLOAD - EPOCH).days
    days, draws = _days(rows, seed)
    where = _countries_of(people, days, draws)
    left = numpy.bincount(where, minlength=len(people)).tolist()
    for start in range(0, rows, CHUNK):
        part = numpy.random.default_rng([seed, 1, start])
        size = min(CHUNK, rows - start)
        chances = part.random((size, 12)).tolist()
        whole = part.integers(0, 1 << 30, (size, 4)).tolist()
        lines: list[str] = []
        for (a, b, c, d, e, f, g, h, i, j, k, m), (p, q, r, s), day, number in zip(
            chances, whole, days[start : start + size].tolist(), where[start : start + size].tolist(), strict=True
        ):
            country = people[number]
            case = kinds[p % len(kinds)]
            cells, spoken, year, middle = dated[day - first]
            pools = country.pools[year]
            pool = pools[case.first]
            actor1 = pool[int(a * a * len(pool))]
            actor2 = assoc1 = assoc2 = ""
            if case.second:
                pool = pools[case.second]
                at = int(b * b * len(pool))
                actor2 = pool[at]
                if actor2 == actor1 and len(pool) > 1:
                    actor2 = pool[at - 1]
                if case.victims and c < 0.3:
                    assoc2 = country.victims[q % 30]
            if case.demonstration:
                if c < 0.6:
                    assoc1 = country.demonstrators[int(d * d * 140)]
                tags = crowds[r % len(crowds)]
                crowd = tags[11:].split(";")[0]
                who = "people" if crowd == "no report" else f"people ({crowd})"
            else:
                if c > 0.88 and case.inter1 not in ("Rioters", "Civilians"):
                    assoc1 = country.allies[int(d * len(country.allies))]
                    if assoc1 in (actor1, actor2):
                        assoc1 = ""
                tags = RARE_TAGS[r % 5] if e < 0.012 and case.victims else ""
                who = actor1.strip('"')
            dead = 0
            if case.deadly:
                dead = deaths[q % 104] if case.deadly > 1 or f < 0.06 else 0
                if case.deadly == 3 and not dead:
                    dead = 1
            place, location, admin1 = country.places[int(g * g * g * len(country.places))]
            if h < 0.93:
                precision, note = "1", f"On {spoken}, "
            else:
                precision, note = ("3" if middle and h > 0.98 else "2"), f"Around {spoken} (as reported), "
            note += f"{who} {case.deeds[s % len(case.deeds)]} in {location} ({admin1})."
            if dead:
                note += f" {dead} people were killed." if dead > 1 else " One person was killed."
            tail = ends[int(i * 6000)]
            note = note + tail if len(note) + len(tail) <= 400 else note[:400] if len(note) > 400 else note
            if len(note) < 100:
                note += " No further details were told by the sources."
            upload = day + 7 - (day + 2) % 7  # the Tuesday after
            if j < 0.3:
                upload += int(j * j * 20_000)
            stamp = min(upload, uploads_end) * 86_400 + 36_000 + int(k * 200) * 7
            source = country.sources[int(m * m * 180)]
            lines.append(
                f"{country.prefix}{left[number]},{cells}{precision},{case.types},{actor1},{assoc1},{case.inter1},{actor2},{assoc2},{case.inter2},"
                f'{case.closing},{place},{"1" if e < 0.7 else "2" if e < 0.98 else "3"},{source},"{note}",{dead},{tags},{stamp}\n'
            )
            left[number] -= 1
        yield "".join(lines)


def write_events(path: Path, rows: int, seed: int = 1) -> None:
    """Write `rows` invented events to a CSV file in UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(event_lines(rows, seed))


def write_resaved(source: Path, target: Path) -> None:
    """The same events as another program would save them: CRLF, and coordinates with the noise of binary floats (114.59100000000001)."""
    at = (COLUMNS.index("latitude"), COLUMNS.index("longitude"))
    with source.open(encoding="utf-8", newline="") as read, target.open("w", encoding="utf-8", newline="") as write:
        rows, out = csv.reader(read), csv.writer(write, lineterminator="\r\n")
        out.writerow(next(rows))
        for row in rows:
            for place in at:
                row[place] = repr(math.nextafter(float(row[place]), math.inf))
            out.writerow(row)


def write_revised(source: Path, target: Path, every: int = 100) -> None:
    """The same events with one cell changed in every `every`th row: the note, the dead or the precision of the place."""
    notes, dead, geo = (COLUMNS.index(c) for c in ("notes", "fatalities", "geo_precision"))
    with source.open(encoding="utf-8", newline="") as read, target.open("w", encoding="utf-8", newline="") as write:
        rows, out = csv.reader(read), csv.writer(write, lineterminator="\n")
        out.writerow(next(rows))
        for number, row in enumerate(rows):
            if number % every == every - 1:
                turn = number // every % 3
                if turn == 1 and row[dead] != "0":
                    row[dead] = str(int(row[dead]) + 1)
                elif turn == 2:
                    row[geo] = "2" if row[geo] == "1" else "1"
                else:
                    row[notes] += " A later report confirms this account."
            out.writerow(row)


def check(path: Path, sample: int) -> dict[str, int]:
    """Findings by severity and code among `sample` rows spread over the file, coerced and derived as an import does it."""
    from collections import Counter

    from eventcoder.clock import latest_today, now
    from eventcoder.codebook import load_codebook

    codebook = load_codebook(TOP / "schema")
    today = latest_today(now())
    with path.open(encoding="utf-8", newline="") as file:
        rows = sum(1 for _ in csv.reader(file)) - 1
    found: Counter[str] = Counter()
    with path.open(encoding="utf-8", newline="") as file:
        for number, raw in enumerate(csv.DictReader(file)):
            if number % max(1, rows // sample):
                continue
            values, problems = codebook.coerce(raw)
            given = {name: value for name, value in values.items() if value not in (None, [])}
            given |= {"fatalities_low": given.get("fatalities"), "fatalities_basis": "unknown"}  # as the dialect of such files does
            derived, mismatches = codebook.derive(given)
            lengths = 100 <= len(raw["notes"]) <= 410
            found.update(f"{p.severity} {p.code}" for p in [*problems, *mismatches, *codebook.check(derived, latest_today=today)])
            found.update(["rows"] if lengths else ["rows", "notes of another length"])
    return dict(found.most_common())


def main() -> None:
    """Write one file; with --check say what the codebook finds in it."""
    parser = argparse.ArgumentParser(description="Write a CSV of invented events.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--check", type=int, default=0, metavar="SAMPLE", help="check so many rows by the codebook")
    given = parser.parse_args()
    start = time.perf_counter()
    write_events(given.out, given.rows, given.seed)
    seconds = time.perf_counter() - start
    size = given.out.stat().st_size
    print(f"{given.rows:,} rows, {size / 1e6:,.0f} MB in {seconds:.1f} s: {given.rows / seconds:,.0f} rows/s", file=sys.stderr)
    if given.check:
        print(check(given.out, given.check))


if __name__ == "__main__":
    main()
