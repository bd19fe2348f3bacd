"""What notes and crowd texts say against the columns beside them: another day, other numbers of dead, a crowd of another size. Floor 4.

Only plain contradictions are told, in the English phrases that coders write ('On 3 May 2026, ...', '4 people were killed'). A note that speaks of
other days or of several events at once is left alone: its numbers may be theirs. The words are data (schema/lexicon/note_words.csv), and so is
how far apart two numbers may be (schema/registers/note_checks.csv). DuckDB finds the rows that may be meant; they alone are read closely.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.countries import read_register
from eventcoder.problem import Problem

if TYPE_CHECKING:
    from eventcoder.problem import Severity

NOTE_FACTS: tuple[tuple[str, Severity], ...] = (
    ("note-date-differs", "warning"),
    ("note-deaths-differ", "warning"),
    ("crowd-text-differs", "warning"),
)
_NEEDED = {
    "event_date": "DATE", "date_start": "DATE", "date_end": "DATE", "time_precision": "INTEGER", "event_type": "VARCHAR", "notes": "VARCHAR",
    "fatalities": "BIGINT", "fatalities_basis": "VARCHAR", "crowd_low": "BIGINT", "crowd_high": "BIGINT", "crowd_text": "VARCHAR",
}  # fmt: skip
_DEADLY = ("Battles", "Violence against civilians", "Explosions/Remote violence")  # where a note about dead and no figure contradict each other
_OPENING = re.compile(r"^\s*(?:on|around|about)\s+\d{1,2}\s+[a-z]+\s+\d{4}", re.IGNORECASE)
# numbers in whose place a scale, a fraction or a range word stands are not read: '2 thousand', '10k', '1.5 million'
_SCALED = re.compile(r"\d\s*(?:k\b|m\b|thousand|hundred|million|dozen|lakh|[.]\d{1,2}\b)|[٠-٩۰-۹]", re.IGNORECASE)
_EACH = re.compile(r"\b(?:each|groups|crowds|teams|times)\b", re.IGNORECASE)  # '3 groups of 15'
_DIGITS = re.compile(r"\d{1,3}(?:[,. ]\d{3})+(?!\d)|\d+")
_MOST = 12  # numbers of one note whose sums are tried


def note_fact_problems(con: Any, columns: Sequence[str], *, schema_dir: Path | None = None) -> Iterator[Problem]:
    """The contradictions among the rows of the view `events` of a DuckDB connection; `columns` are those that the view has."""
    reader = NoteReader.of(schema_dir)
    given = ", ".join(f"TRY_CAST({name if name in columns else 'NULL'} AS {kind}) AS {name}" for name, kind in _NEEDED.items())
    con.execute(f"CREATE OR REPLACE VIEW told_facts AS SELECT event_id, {given} FROM events")
    yield from _dates(con, int(reader.limits["around_days"]))
    yield from _deaths(con, reader)
    yield from _crowds(con, reader)


def _dates(con: Any, around: int) -> Iterator[Problem]:
    """A day at the beginning of the note that cannot be the event's. Another month alone is the rule notes-month-differs."""
    rows = con.execute(
        r"""WITH told AS (SELECT event_id, event_date, time_precision, notes, coalesce(date_start, event_date) AS since,
                coalesce(date_end, event_date) AS until, date_start IS NOT NULL AS given,
                regexp_extract(notes, '^(On|Around|About) (\d{1,2} [A-Z][a-z]+ \d{4})', 2) AS said FROM told_facts
            WHERE event_date IS NOT NULL AND (starts_with(notes, 'On ') OR starts_with(notes, 'Around ') OR starts_with(notes, 'About '))),
        parsed AS (SELECT *, TRY_CAST(try_strptime(said, '%-d %B %Y') AS DATE) AS day FROM told WHERE said <> '')
        SELECT event_id, event_date, time_precision, said, since, until FROM parsed WHERE day IS NOT NULL AND NOT (day BETWEEN since AND until)
            AND NOT (coalesce(time_precision, 1) > 1 AND NOT given AND
                abs(day - event_date) <= CASE WHEN time_precision = 2 THEN $around ELSE 31 END)
            AND NOT (coalesce(time_precision, 1) = 1 AND starts_with(notes, 'On ') AND NOT contains(lower(notes), lower(monthname(event_date))))
        ORDER BY ALL""",
        {"around": around},
    ).fetchall()
    for event_id, day, precision, said, since, until in rows:
        coded = f"event_date is {day}" if (precision or 1) == 1 or since == until else f"the event is coded between {since} and {until}"
        message = f"The note says {said}, but {coded}. See in the source which is right: of day, month and year one was mistyped."
        yield Problem("note-date-differs", message, "warning", event_id, "event_date", day.isoformat())


def _deaths(con: Any, reader: NoteReader) -> Iterator[Problem]:
    killed, hurt, death = (
        "|".join(re.escape(word) for kind in kinds for word in reader.words.get(kind, ())) or "[^\\s\\S]"
        for kinds in (("killed", "killing"), ("hurt",), ("death",))
    )
    # a note that repeats the figure needs no closer look, unless nobody dies in it
    rows = con.execute(
        f"""SELECT event_id, fatalities, notes FROM told_facts WHERE notes IS NOT NULL
            AND (fatalities > 0 OR event_type IN {_DEADLY})
            AND coalesce(fatalities_basis, '') NOT IN ('word', 'split')
            AND CASE WHEN coalesce(fatalities, 0) = 0 THEN regexp_matches(notes, '(?i){killed}')
                WHEN contains(notes, fatalities::VARCHAR) AND list_contains(regexp_extract_all(substr(notes, 18), '[0-9,]+'), fatalities::VARCHAR)
                THEN regexp_matches(notes, '(?i){hurt}') AND NOT regexp_matches(lower(notes), '{death}')
                ELSE regexp_matches(notes, '(?i){killed}') END ORDER BY event_id"""
    )
    while batch := rows.fetchmany(20_000):  # millions of notes never stand in memory at once
        for event_id, dead, notes in batch:
            said = reader.against_deaths(notes, dead)
            if said:
                yield Problem("note-deaths-differ", said, "warning", event_id, "fatalities", dead)


def _crowds(con: Any, reader: NoteReader) -> Iterator[Problem]:
    rows = con.execute(
        """SELECT crowd_text, crowd_low, crowd_high, list(event_id ORDER BY event_id) FROM told_facts
        WHERE regexp_matches(crowd_text, '[0-9]') AND (crowd_low IS NOT NULL OR crowd_high IS NOT NULL) GROUP BY ALL ORDER BY ALL"""
    ).fetchall()
    for text, low, high, ids in rows:
        if reader.crowd_differs(text, low, high):
            for event_id in ids:
                yield _crowd_problem(text, low, high, event_id)


def _crowd_problem(text: str, low: int | None, high: int | None, event_id: str | None) -> Problem:
    coded = f"{low if low is not None else '?'} to {high if high is not None else '?'}" if low != high else f"{low}"
    message = f"crowd_text says '{text[:60]}', but the crowd is coded as {coded}. Correct the number that was mistyped."
    return Problem("crowd-text-differs", message, "warning", event_id, "crowd_low", low)


@dataclass(frozen=True)
class NoteReader:
    """Reads numbers of people out of notes. `words` by kind, `numbers` number words with their values, `limits` of note_checks.csv."""

    words: Mapping[str, Sequence[str]]
    numbers: Mapping[str, int]
    limits: Mapping[str, float]

    @classmethod
    def of(cls, schema_dir: Path | None) -> NoteReader:
        """With the words and limits of this project's schema (default: the packaged ones)."""
        words: dict[str, list[str]] = defaultdict(list)
        numbers = {}
        for row in read_register(schema_dir, "note_words.csv", "lexicon"):
            words[row["kind"]].append(row["text"])
            if row["kind"] == "number":
                numbers[row["text"]] = int(row["why"])
        limits = {"deaths_apart": 2.0, "crowd_apart": 1.25, "around_days": 10.0}  # for a project whose register is older
        limits |= {row["name"]: float(row["value"]) for row in read_register(schema_dir, "note_checks.csv")}
        return cls(words, numbers, limits)

    @cached_property
    def _number(self) -> str:
        return "|".join([r"\d[\d,]*", *sorted(self.numbers, key=len, reverse=True)])

    @cached_property
    def _killed(self) -> re.Pattern[str]:
        stop, killed = "|".join(self.words["other_unit"]), "|".join(self.words["killed"])
        between = rf"(?: (?!(?:{stop})\b)[a-z'-]+){{0,4}}?"
        passive = rf"{between} (?:were|was|been|being|shot|found)(?: [a-z]+ly)? (?:{killed})\b"
        closing = rf"{between} (?:{killed})(?=[.,;:)]|$| (?:and|in|by|during|when|as|on|at|near|after|while)\b)"
        before = rf"\b(?:{'|'.join(self.words['killing'])})(?: (?:at least|about|around|some|nearly|up to|over|an estimated))? "
        return re.compile(rf"\b({self._number})(?:{passive}|{closing})|{before}({self._number})\b(?! (?:others? )?(?:{stop})\b)")

    @cached_property
    def _hurt(self) -> re.Pattern[str]:
        hurt = "|".join(self.words["hurt"])
        return re.compile(
            rf"\b({self._number})(?: [a-z'-]+){{0,3}}? (?:{hurt})\b|\b(?:{hurt}|injuring|wounding)(?: at least| about)? ({self._number})\b"
        )

    @cached_property
    def _every(self) -> re.Pattern[str]:
        return re.compile(rf"\b({self._number})\b")

    @cached_property
    def _dies(self) -> re.Pattern[str]:
        return _any_of(self.words["death"])

    @cached_property
    def _elsewhere(self) -> re.Pattern[str]:
        return _any_of(self.words["elsewhere"])

    def _value(self, text: str) -> int:
        return self.numbers[text] if text in self.numbers else int(text.replace(",", "") or 0)

    def numbers_of(self, values: Mapping[str, Any]) -> list[Problem]:
        """What the note and the crowd text of one event's values say against its numbers: the verdict of `note_fact_problems`, for `add`."""
        out, event_id = [], values.get("event_id")
        note, dead = values.get("notes"), values.get("fatalities")
        basis, kind = values.get("fatalities_basis"), values.get("event_type")
        if note and basis not in ("word", "split") and ((dead or 0) > 0 or kind in _DEADLY) and (said := self.against_deaths(note, dead)):
            out.append(Problem("note-deaths-differ", said, "warning", event_id, "fatalities", dead))
        text, low, high = values.get("crowd_text"), values.get("crowd_low"), values.get("crowd_high")
        if text and (low is not None or high is not None) and self.crowd_differs(text, low, high):
            out.append(_crowd_problem(text, low, high, event_id))
        return out

    def against_deaths(self, note: str, dead: int | None) -> str | None:
        """What to say if the note's numbers of dead cannot make `dead` (None: not reported); None if they may, or if nothing plain is told."""
        text = _OPENING.sub("", note).lower()
        if dead is not None and dead > 0 and self._dies.search(text):
            every = [self._value(found) for found in self._every.findall(text)]
            if min(abs(total - dead) for total in _sums(every[:_MOST])) <= self.limits["deaths_apart"]:
                return None  # by far the commonest case
        if self._elsewhere.search(text) or _SCALED.search(text):
            return None
        told = sorted({self._value(next(filter(None, match))) for match in self._killed.findall(text)} - {0})
        if dead is not None and dead > 0:
            if told:
                said = f"fatalities is {dead}, but the note tells of {_listed(told)} killed."
                return f"{said} Correct the figure that was mistyped, or say in the note where it comes from."
            if self._dies.search(text) or dead not in {self._value(next(filter(None, match))) for match in self._hurt.findall(text)}:
                return None
            said = f"fatalities is {dead}, but the note tells of {dead} injured and of nobody who died."
            return f"{said} Move the figure to injured_low and injured_high."
        if not told or any(re.search(rf"\b{word}\b", text) for word in self.words["nobody"]):
            return None
        coded = "is not given (not reported)" if dead is None else "is 0"
        return f"fatalities {coded}, but the note tells of {_listed(told)} killed. Give fatalities with fatalities_low and fatalities_basis."

    def crowd_differs(self, text: str, low: int | None, high: int | None) -> bool:
        """Whether no number of the text lies in the coded interval, or near it."""
        if _SCALED.search(text) or _EACH.search(text):
            return False
        told = [int(re.sub(r"\D", "", found)) for found in _DIGITS.findall(text)]
        apart = self.limits["crowd_apart"]
        return bool(told) and not any((low is None or n * apart >= low) and (high is None or n <= high * apart + 1) for n in told)


def _any_of(pieces: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(piece) for piece in pieces) or r"(?!)")


def _sums(numbers: Sequence[int]) -> set[int]:
    sums = {0}
    for number in numbers:
        sums |= {one + number for one in sums}
    return sums - {0} or {0}


def _listed(numbers: Sequence[int]) -> str:
    return " and ".join(str(number) for number in numbers[:3])
