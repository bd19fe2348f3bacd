"""What was read: records of coverage taken from options or a CSV file, checked and stored; and the weeks that nobody read. Floor 5.

A record names a country (or one division of it), a week or a range of days, the publishers that were read and who read them. Records add up:
the same one again changes nothing, another source or reader for the same week is one more record.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from eventcoder import clock
from eventcoder.coding.desk import Desk
from eventcoder.countries import CountryNames, split_names
from eventcoder.dataset.coverage import REMOVED, WEEK, covered_weeks, week_of, weeks_between
from eventcoder.errors import InputError, NotFound
from eventcoder.identity import digest
from eventcoder.ledger import Entry
from eventcoder.names import fold
from eventcoder.problem import Problem

COLUMNS = ("area", "country", "admin1", "week", "since", "until", "sources", "searched_by", "note")
LONGEST = timedelta(days=3_660)  # a longer range is a slip of the year


@dataclass(frozen=True, slots=True)
class Reading:
    """One record. `since` and `until` are the first and last day that were read for; `weekly`: given as a coding week."""

    country: str
    admin1: str | None
    since: date
    until: date
    weekly: bool
    sources: tuple[str, ...]
    searched_by: str | None = None
    note: str | None = None

    @property
    def area(self) -> str:
        return self.country + (f"/{self.admin1}" if self.admin1 else "")

    @property
    def span(self) -> str:
        return self.since.isoformat() if self.weekly else f"{self.since}..{self.until}"

    def body(self) -> dict[str, Any]:
        """The entry's body: `week`, or `since` and `until`."""
        days = {"week": self.since.isoformat()} if self.weekly else {"since": self.since.isoformat(), "until": self.until.isoformat()}
        more = {"admin1": self.admin1, "searched_by": self.searched_by, "note": self.note}
        return {"country": self.country, **days, "sources": list(self.sources), **{k: v for k, v in more.items() if v}}


@dataclass(slots=True)
class Gap:
    """A country's week that nobody recorded as read; `events` counts the settled events in it."""

    country: str
    week: date
    events: int = 0


@dataclass
class Checker:
    """Reads records for one desk: country names and codes, publishers, divisions."""

    desk: Desk
    _told: set[str] = field(default_factory=set)

    def read(self, row: Mapping[str, Any], where: str | None = None) -> tuple[Reading | None, list[Problem]]:
        """A record from texts by the names of `COLUMNS` (`sources` may be a list). Errors: no record; warnings: it is taken as it stands."""
        given = {key: value.strip() if isinstance(value, str) else value for key, value in row.items() if value}
        problems: list[Problem] = []
        country, admin1 = self._area(given, problems, where)
        days = self._days(given, problems, where)
        sources = self._sources(given, problems, where)
        if any(p.severity == "error" for p in problems) or days is None:
            return None, problems
        if admin1:
            self._division(country, admin1, problems, where)
        since, until, weekly = days
        return Reading(country, admin1, since, until, weekly, sources, given.get("searched_by"), given.get("note")), problems

    def country(self, name: str) -> str | None:
        """The country that a name, an older name or an upper-case ISO code means; None for none or several."""
        return self.desk.codebook.lists["countries"].canonical(name) or self._names.country(name)

    def _area(self, given: Mapping[str, Any], problems: list[Problem], where: str | None) -> tuple[str, str | None]:
        from eventcoder.codebook.suggestion import did_you_mean

        whole, _, part = str(given.get("area") or given.get("country") or "").partition("/")
        name, admin1 = whole.strip(), part.strip() or given.get("admin1")
        if not name:
            problems.append(Problem("bad-coverage", "No country is given. Say which country was read for.", field="country", where=where))
            return "", admin1
        known = self.desk.codebook.lists["countries"]
        found = self.country(name)
        if found is None:
            several = self._names.countries(name)
            hint = f"It may mean {' or '.join(several)}." if several else did_you_mean(name, known.codes)
            message = f"Unknown country {name!r}. {hint} 'eventcoder codebook show countries' lists them.".replace("  ", " ")
            problems.append(Problem("bad-coverage", message, field="country", value=name, where=where))
        return found or "", admin1

    def _days(self, given: Mapping[str, Any], problems: list[Problem], where: str | None) -> tuple[date, date, bool] | None:
        def wrong(name: str, message: str) -> None:
            problems.append(Problem("bad-coverage", message, field=name, value=given.get(name), where=where))

        read: dict[str, date] = {}
        for name in ("week", "since", "until"):
            if given.get(name):
                try:
                    read[name] = date.fromisoformat(str(given[name]))
                except ValueError:
                    wrong(name, f"{given[name]!r} is not a day. Write it as YYYY-MM-DD.")
                    return None
        if set(read) not in ({"week"}, {"since", "until"}):
            wrong("week", "Give one: the week that was read (any day of it), or both the first and the last day (since, until).")
            return None
        if "week" in read:
            since = week_of(read["week"])
            days = (since, since + WEEK - timedelta(days=1), True)
        else:
            days = (read["since"], read["until"], False)
            if days[0] > days[1]:
                wrong("since", f"The first day {days[0]} lies after the last, {days[1]}.")
            elif days[1] - days[0] > LONGEST:
                wrong("since", f"{days[0]} to {days[1]} is longer than ten years. Check the years, or record it in parts.")
        today = clock.latest_today(self.desk.moment)
        if days[0] > today or (days[1] > today and not days[2]):
            wrong("week" if days[2] else "until", f"{days[1]} lies in the future, and what is not published yet cannot have been read.")
        elif days[1] > today:
            message = f"The week of {days[0]} is not over: it counts as read up to {days[1]}. Read the rest of it, too."
            problems.append(Problem("coverage-not-over", message, "warning", field="week", where=where))
        elif not days[2] and days[0] <= days[1] and not any(True for _ in covered_weeks([("x", None, days[0], days[1])])):
            message = f"{days[0]} to {days[1]} holds no whole week (Saturday to Friday): no week counts as read by this record alone."
            problems.append(Problem("coverage-not-over", message, "warning", field="since", where=where))
        return days

    def _sources(self, given: Mapping[str, Any], problems: list[Problem], where: str | None) -> tuple[str, ...]:
        from eventcoder.codebook.suggestion import nearest

        raw = given.get("sources") or ()
        names = split_names(raw) if isinstance(raw, str) else [str(name).strip() for name in raw if str(name).strip()]
        if not names:
            problems.append(Problem("bad-coverage", "No source is given. Say what was read.", field="sources", where=where))
        out = []
        for name in names:
            found = self.desk.publishers.canonical(name)
            out.append(found or name)
            if found is None and name not in self._told:
                self._told.add(name)
                like = nearest(name, (publisher.name for publisher in self.desk.publishers.publishers))
                hint = f"Did you mean '{like}'?" if like else "'eventcoder publishers add' registers it; in a team coders propose it."
                message = f"The publisher {name!r} is not registered; it is taken as it stands. {hint}"
                problems.append(Problem("unknown-publisher", message, "warning", field="sources", value=name, where=where))
        return tuple(dict.fromkeys(out))

    def _division(self, country: str, admin1: str, problems: list[Problem], where: str | None) -> None:
        """Tell a division that neither the gazetteer nor an event of the project has under this name."""
        from eventcoder.codebook.suggestion import did_you_mean
        from eventcoder.gazetteer.divisions import short_division

        key = f"{country}/{admin1}"
        known = self._divisions.get(country, {})
        if key in self._told or not known or admin1 in known.values():
            return
        if any(event.values.get("admin1") == admin1 for event in self.desk.ledger.events(states=("open", "settled"), country=country)):
            return
        self._told.add(key)
        like = known.get(fold(admin1)) or known.get(short_division(fold(admin1)))
        hint = f"Did you mean '{like}'?" if like else did_you_mean(admin1, dict.fromkeys(known.values()))
        hint = hint or "'eventcoder places find' shows names of divisions."
        message = f"No first-level division of {country} is called {admin1!r}; it is taken as it stands, for events with this very name. {hint}"
        problems.append(Problem("unknown-division", message, "warning", field="admin1", value=admin1, where=where))

    @cached_property
    def _names(self) -> CountryNames:
        listed = self.desk.codebook.lists["countries"]
        codes = {str(row["iso2"]): code for code in listed.codes if (row := listed.get(code) or {}).get("iso2")}
        return CountryNames(self.desk.codebook, schema_dir=self.desk.project.schema_dir, codes=codes)

    @cached_property
    def _divisions(self) -> dict[str, dict[str, str]]:
        """country -> folded name -> name; with and without the word for its kind ("Fars Province", "Fars")."""
        from eventcoder.gazetteer.divisions import short_division

        gazetteer = self.desk.gazetteer()
        out: dict[str, dict[str, str]] = {}
        for (iso2, _), name in gazetteer.divisions().items():
            if country := gazetteer.iso2.get(iso2):
                for key in (fold(name), short_division(fold(name))):
                    out.setdefault(country, {})[key] = name
        return out


def read_file(path: Path, desk: Desk) -> tuple[list[Reading], list[Problem]]:
    """Records of a CSV file (columns of `COLUMNS`, in any order, `,` or `;` between them), and every problem with its line.

    Raises `InputError` for a file that cannot be read, is empty, or has no line of names.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise InputError(f"{path} cannot be read: {reason}.", "Give a CSV file in UTF-8.") from None
    if not lines:
        raise InputError(f"{path} is empty.", f"Give a CSV file with a first line of names: {', '.join(COLUMNS)}.")
    reader = csv.DictReader(lines, delimiter=";" if lines[0].count(";") > lines[0].count(",") else ",")
    heads = [name.strip().lower() for name in reader.fieldnames or ()]
    problems = _heads(heads, path)
    if problems:
        return [], problems
    reader.fieldnames = heads
    checker, readings = Checker(desk), []
    for row in reader:
        where = f"{path.name}, line {reader.line_num}"
        if None in row:
            problems.append(Problem("bad-coverage", "The line has more cells than the first. Quote cells that hold the separator.", where=where))
            continue
        reading, found = checker.read(row, where)
        problems += found
        readings += [reading] if reading else []
    return readings, problems


def _heads(heads: Sequence[str], path: Path) -> list[Problem]:
    from eventcoder.codebook.suggestion import did_you_mean

    where = f"{path.name}, line 1"
    out = [
        Problem("unknown-column", f"There is no column '{name}'. {did_you_mean(name, COLUMNS)}".rstrip(), field=name, where=where)
        for name in heads
        if name not in COLUMNS
    ]
    for needed in (("area", "country"), ("week", "since"), ("sources",)):
        if not set(needed) & set(heads):
            out.append(Problem("missing-column", f"There is no column {' or '.join(needed)}. Add it.", field=needed[0], where=where))
    return out


def store(desk: Desk, readings: Iterable[Reading], *, dry_run: bool = False) -> tuple[list[Reading], list[Reading]]:
    """Append the records that are new, in one transaction; returns the new ones and those that are known. With `dry_run` nothing is stored."""
    latest = desk.ledger.latest("coverage")
    there = {_said(entry.body, entry.coder) for entry in latest.values() if REMOVED not in entry.body}
    fresh: list[Reading] = []
    known: list[Reading] = []
    for reading in readings:
        said = _said(reading.body(), desk.coder)
        (known if said in there else fresh).append(reading)
        there.add(said)
    if fresh and not dry_run:
        entries = []
        for one in fresh:
            subject = f"{one.country}/{one.admin1 or ''}/{one.span}/{digest(_said(one.body(), desk.coder))[:12]}"
            parents = (latest[subject].id,) if subject in latest else ()  # it was taken back before
            entries.append(desk.entry("coverage", subject, one.body(), parents))
        desk.ledger.append(entries)
    return fresh, known


def remove(desk: Desk, wanted: Mapping[str, Any], reason: str, *, dry_run: bool = False) -> list[dict[str, Any]]:
    """Take back every record whose body says what `wanted` does (country, admin1, and week or since and until), whoever read it; their bodies.

    The records stay in the ledger and count no more. Raises `NotFound` where there is none.
    """
    taken = [
        entry
        for entry in desk.ledger.latest("coverage").values()
        if REMOVED not in entry.body and all((entry.body.get(key) or None) == value for key, value in wanted.items())
    ]
    if not taken:
        raise NotFound("No such coverage is recorded.", "'eventcoder coverage list' shows the records: area and days must be exactly theirs.")
    if not dry_run:
        desk.ledger.append(desk.entry("coverage", one.subject, {**one.body, REMOVED: reason}, (one.id,)) for one in taken)
    return [one.body for one in taken]


def _said(body: Mapping[str, Any], coder: str) -> str:
    """A record's content and reader as one text, the same whatever the order of its sources."""
    fair = {**body, "sources": sorted(body.get("sources") or ()), "searched_by": body.get("searched_by") or coder}
    return repr(sorted((key, value) for key, value in fair.items() if value))


def recorded(
    entries: Iterable[Entry], *, country: str | None = None, since: date | None = None, until: date | None = None
) -> Iterator[dict[str, Any]]:
    """What is recorded, by first day and area: the bodies with `since` and `until` of weeks too, `coder`, and `searched_by` (else the coder)."""
    rows = []
    for entry in entries:
        body = dict(entry.body)
        if REMOVED in body:
            continue
        first = date.fromisoformat(str(body.get("week") or body.get("since")))
        last = first + WEEK - timedelta(days=1) if body.get("week") else date.fromisoformat(str(body.get("until")))
        if (country and body.get("country") != country) or (since and last < since) or (until and first > until):
            continue
        by = body.get("searched_by") or entry.coder
        rows.append({**body, "since": first.isoformat(), "until": last.isoformat(), "searched_by": by, "coder": entry.coder})
    return iter(sorted(rows, key=lambda row: (row["since"], row["country"], row.get("admin1") or "", row["until"], row["searched_by"])))


def gaps(desk: Desk, *, country: str | None = None, since: date | None = None, until: date | None = None) -> list[Gap]:
    """Weeks of a country without coverage of any part of it: those with settled events, and those between its first and last recorded week."""
    rows = list(recorded(desk.ledger.latest("coverage").values(), country=country))
    spans = [(row["country"], row.get("admin1"), date.fromisoformat(row["since"]), date.fromisoformat(row["until"])) for row in rows]
    read: dict[str, set[date]] = {}
    for (name, _), weeks in covered_weeks(spans).items():
        read.setdefault(name, set()).update(weeks)
    found: dict[tuple[str, date], Gap] = {}
    for name, weeks_read in read.items():
        for week in weeks_between(min(weeks_read), max(weeks_read)):
            found[name, week] = Gap(name, week)
    for event in desk.ledger.events(states=("settled",), country=country, since=since, until=until):
        where, day = event.values.get("country"), event.values.get("event_date")
        if where and day:
            week = week_of(date.fromisoformat(day))
            found.setdefault((where, week), Gap(where, week)).events += 1
    kept = (gap for (name, week), gap in sorted(found.items()) if week not in read.get(name, ()))
    return [gap for gap in kept if (since is None or gap.week + WEEK > since) and (until is None or gap.week <= until)]
