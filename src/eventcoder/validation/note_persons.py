"""Private persons in texts that are published: their names, telephone numbers, addresses and accounts in notes and reasons. Floor 4.

A name alone proves nothing: it is told only where words around it say that it belongs to a person (an age, kin, work, "named", a deed and a usual
given name), and not where they say that the person is known in public (an office or rank, followers, an actor of the event). What is a person's word
and what an office's stands in schema/lexicon/person_words.csv, usual given names in given_names.csv. Messages name nobody: a release publishes them.
DuckDB finds the pieces of text that may be meant with the same pattern that Python reads them by; each different piece is judged once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from eventcoder.countries import read_register, split_names
from eventcoder.problem import Problem

if TYPE_CHECKING:
    from eventcoder.problem import Severity

PERSONS: tuple[tuple[str, Severity], ...] = (("private-name-in-text", "warning"), ("contact-in-text", "warning"))
_UPPER = "".join(c for n in (*range(0x41, 0x370), *range(0x1E00, 0x1F00)) if (c := chr(n)).isupper() and c.isalpha())
_U, _L = f"[{_UPPER}]", r"[^\W\d_]"  # a capital of the Latin script; a letter
_TOKEN = rf"(?:(?:al|el|ad|ar|as|ash|an|az)-)?(?:{_U}(?:{_L}|['’‘-])+|{_U}\.)"
_FILLING = re.compile(r"[a-z][a-z'’-]*|\d{1,2}-year-old")
_AGE = re.compile(r", (?:aged |age )?\d{1,2}(?:[,;).]|$| years?\b| and\b)| \((?:aged |age )?\d{1,2}\)|, an? \d{1,2}[- ]year[- ]old")
_BIG = r"[^ -@\[-~]"  # in RE2: no small letter of ASCII, digit or sign; cheap, and sure to be met by every capital
# words that lead on to a place or another thing: after them a name needs to be known as one
_LEADING_ON = frozenset({
    "of", "in", "from", "near", "at", "to", "by", "with", "on", "for", "between", "and", "or", "against", "over", "as", "who", "were", "was", "the",
    "after", "before", "during", "outside", "inside", "a", "an",
})  # fmt: skip
_PLACING = frozenset({"in", "near", "at", "from", "to", "towards", "toward", "around", "outside", "inside", "between", "on"})
_PHONE = (
    r"(?<![\w.,:/+-])(?:\+[1-9](?:[ ().-]{0,2}\d){7,14}|00[1-9]\d{9,12}|0(?!\d[./-]\d\d[./-]\d{4})[1-9](?:[ ()/-]{0,2}\d){7,9}"
    r"|\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4})(?![\w-]|[.,]\d)"
)
_DATE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|\d{1,2} \d{1,2} \d{4}$")
_WINDOW = 90  # characters around a name that are looked at
_FILLED = 3  # words that may stand between a cue and the name
_LOOKED_AT = 4  # words before a name among which "man" or "spokesman" says what "named" does not
_EMAIL = r"[\w.+-]+(?:@|\(at\)|\[at\])[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_HANDLE = r"(?:^|[\s(:\"'])@[A-Za-z0-9_.]{3,}"


class Seen(NamedTuple):
    """A name in a piece of text, and whose it is."""

    kind: Literal["private", "public"]
    name: str

    @property
    def last(self) -> str:
        """By which a person is named again in the same text."""
        return self.name.split()[-1].lower()


@dataclass(frozen=True)
class PersonReader:
    """Finds private persons. `words` by use, `given` usual given names, `never` words that are no part of a person's name (lower case)."""

    words: Mapping[str, Sequence[str]]
    given: frozenset[str]
    never: frozenset[str]

    @classmethod
    def of(cls, schema_dir: Path | None) -> PersonReader:
        """With the words of this project's schema (default: the packaged ones)."""
        words: dict[str, list[str]] = {}
        for row in read_register(schema_dir, "person_words.csv", "lexicon"):
            words.setdefault(row["use"], []).extend(row["words"].split("/"))
        given = {name for row in read_register(schema_dir, "given_names.csv", "lexicon") for name in row["names"].split()}
        never = {word.lower() for word in words.get("group", ())}
        for row in read_register(schema_dir, "countries.csv", "lists"):
            never |= {part.lower() for name in (row["code"], *split_names(row["demonyms"])) for part in name.split()}
        never |= {
            name.lower()
            for row in read_register(schema_dir, "peoples.csv")
            for name in (row["name"], *split_names(row["aliases"]))
            if " " not in name
        }
        return cls(words, frozenset(given), frozenset(never - {name.lower() for name in given}))

    def _any(self, *uses: str) -> str:
        found = sorted({re.escape(word) for use in uses for word in self.words.get(use, ())}, key=len, reverse=True)
        return "|".join(found) or r"[^\s\S]"

    @cached_property
    def _uses(self) -> dict[str, str]:
        """What a cue before a name says, by the cue in small letters; where one word has two uses, the later of this order counts."""
        found = {"according to": "did"}
        for use in ("cause", "did", "naming", "person", "public"):
            found |= {word.lower(): use for word in self.words.get(use, ())}
        found |= {f"{word} of": use for use in ("of", "kin") for word in self.words.get(use, ())}
        return found

    @cached_property
    def _longest(self) -> int:
        return max(len(cue.split()) for cue in self._uses)

    @cached_property
    def _names(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![\w-]){_TOKEN}(?: (?:(?:{self._any('particle')}) ){{0,2}}{_TOKEN}){{0,3}}")

    @cached_property
    def _then(self) -> re.Pattern[str]:
        says, suffered = self._any("says"), self._any("suffered")
        return re.compile(rf" (?:{says})\b|, who\b|,? (?:was|were|has been|had been) (?:[a-z]+ly )?(?:{suffered})\b")

    @cached_property
    def _apposed(self) -> re.Pattern[str]:
        return re.compile(rf", (?:an?|the|his|her) (?:[a-z-]+ )?(?:{self._any('person')})\b")

    @cached_property
    def signs(self) -> str:
        """In RE2: one of these stands in every text in which `persons` finds somebody, and in few others."""
        person, given = self._any("person"), "|".join(re.escape(name) for name in sorted(self.given))
        cue = rf"{person}|{self._any('naming')}|(?:{self._any('kin')}) of"
        fill = r"(?:,? [a-z'-]+)?(?: [a-z'-]+)?,? ['\"“]?"
        age = r"(?:, (?:aged? )?\d\d?(?:[,;).]|$| and | year)| \((?:aged? )?\d\d?\)|, an? \d\d?.year)"
        return (
            rf"(?:^|[ (\"“])(?:(?i:{cue}){fill}(?:[a-z]+-)?{_BIG}|(?:{given}|[A-Z]\.)[ -](?:[a-z]+ )?(?:[a-z]+ )?(?:[a-z]+-)?{_BIG})"
            rf"|{_BIG}[^ ]*{age}|year.old{fill}{_BIG}|{_BIG}[^ ]*, (?:an?|the|his|her) (?:[a-z-]+ )?(?:{person})"
        )

    @cached_property
    def titles(self) -> str:
        """In RE2: an office before what may be a name."""
        return rf"(?:{self._any('public', 'cause')})(?: [a-z'-]+)?(?: [a-z'-]+)?,? {_BIG}"

    @cached_property
    def _calls(self) -> re.Pattern[str]:
        return re.compile(
            rf"\b(?i:{self._any('call')})(?: (?:no|number|is|at|on|us|him|her|them))?\.?:? ?(?P<number>\+?\d(?:[ ().-]{{0,2}}\d){{5,14}})(?![\w-])"
        )

    @cached_property
    def _street(self) -> re.Pattern[str]:
        house = r"(?:\b(?:at|lives in|living in|resides at|address:?|No\.?|[Nn]umber|[Hh]ouse(?: number)?|[Ff]lat|[Aa]partment) )"
        word = rf"{_U}[\w'’.-]*"
        return re.compile(rf"{house}(?P<number>\d{{1,4}}[A-Za-z]?),? (?:{word} ){{1,3}}(?:{self._any('street')})(?!\w)")

    # ------------------------------------------------------------------------------------------------ one text

    def seen(self, text: str) -> list[Seen]:
        """Every name in a text of which the words around say whose it is."""
        out = []
        for found in self._names.finditer(text):
            one = self._judged(found[0], text[max(0, found.start() - _WINDOW) : found.start()], text[found.end() : found.end() + _WINDOW])
            out += [one] if one else []
        return out

    def persons(self, text: str) -> list[str]:
        """Names of private persons in a text, once each, in its order. Who has an office in it is public wherever the name returns."""
        found = self.seen(text)
        public = {one.last for one in found if one.kind == "public"}
        return list(dict.fromkeys(one.name for one in found if one.kind == "private" and one.last not in public))

    def contacts(self, text: str) -> list[tuple[str, str]]:
        """(what it is, the characters) of everything by which a person can be reached or found."""
        out = [("an e-mail address", found[0]) for found in re.finditer(_EMAIL, text)]
        out += [("an account", found[0].strip(" (:\"'\n\t")) for found in re.finditer(_HANDLE, text)]
        numbers = [found[0] for found in re.finditer(_PHONE, text) if not _DATE.match(found[0])]
        numbers += [found["number"] for found in self._calls.finditer(text) if not _DATE.match(found["number"])]
        out += [("a telephone number", number) for number in dict.fromkeys(numbers)]
        for found in self._street.finditer(text):
            months = {"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}
            if found[0][found.end("number") - found.start() :].split()[0].strip(",").lower() not in months:  # '26 September Street'
                out.append(("the address of a house", found[0]))
        return out

    def _judged(self, name: str, before: str, after: str) -> Seen | None:
        parsed = self._parsed.get(name, 0)
        if parsed == 0:
            parsed = self._parsed[name] = self._parse(name)
        if parsed is None:
            return None
        lead, name, title, several, usual, initial = parsed
        before += lead
        use, cue, fill = self._cue(before.replace("'s ", " ").replace("’s ", " "))
        if title or use in ("public", "cause"):
            return Seen("public", name) if title or use == "public" or usual or several else None
        if _AGE.match(after) and (several or usual):
            return Seen("private", name)
        told = before.split()[-_LOOKED_AT:]
        person = use == "person" or any(self._uses.get(word.strip(",").lower()) == "person" for word in told) or "year" in before[-30:]
        if use == "naming" and any(self._uses.get(word.strip(",").lower()) == "public" for word in told):
            return Seen("public", name)
        if use == "naming" and (cue in self._address or person):
            return Seen("private", name)
        if use in ("person", "kin") and not (fill and fill[-1] in _LEADING_ON):
            return Seen("private", name) if several or (usual and use == "person") else None
        if several and self._apposed.match(after):
            return Seen("private", name)
        if told and told[-1] in _PLACING and cue != "according to":  # 'was killed in Ali Sabieh'
            return None
        if use or self._then.match(after):
            return Seen("private", name) if several and (usual or initial) else None
        return None

    @cached_property
    def _parsed(self) -> dict[str, Any]:
        """Names that were taken apart before: of places and actors the same ones return in every other sentence."""
        return {}

    def _parse(self, name: str) -> tuple[str, str, bool, bool, bool, bool] | None:
        """(words that lead on to the name, the name, an office among them?, several words?, a usual given name?, an initial?); None: no person's."""
        tokens, lead, title = name.split(), "", False
        while len(tokens) > 1 and (tokens[0] in self._titles or tokens[0].lower() in self.never or tokens[0].lower() in self._uses):
            title = title or tokens[0] in self._titles
            lead += f"{tokens[0]} "
            tokens = tokens[1:]
        if any(t.lower() in self.never or (len(t) > 1 and t.isupper() and t[-1] != ".") for t in tokens):
            return None
        first, several = tokens[0].removeprefix("al-").removeprefix("el-"), len(tokens) > 1
        usual = first in self.given or first.split("-")[0] in self.given
        return lead, " ".join(tokens), title, several, usual, several and len(tokens[0]) == 2 and tokens[0].endswith(".")

    def _cue(self, before: str) -> tuple[str, str, list[str]]:
        """(use, cue, words between it and the name) of the nearest cue; ("", "", []) if there is none."""
        words = [word.strip("\"“'(") for word in before.split()]
        if not before.endswith((" ", '"', "“", "'", "-", "(")) or (
            words and words[-1].endswith((".", ";", ":", "!", "?")) and words[-1] not in self.abbreviated
        ):
            return "", "", []
        for between in range(min(_FILLED, len(words)) + 1):
            fill, head = words[len(words) - between :], words[: len(words) - between]
            if fill and not _FILLING.fullmatch(fill[0].rstrip(",")):
                break
            for size in range(min(self._longest, len(head)), 0, -1):
                cue = " ".join(head[-size:]).rstrip(",").lower()
                if use := self._uses.get(cue):
                    return use, cue, [word.rstrip(",") for word in fill]
            if fill and re.fullmatch(r"\d{1,2}-year-old", fill[0]):
                return "person", fill[0], [word.rstrip(",") for word in fill[1:]]
        return "", "", []

    @cached_property
    def _titles(self) -> frozenset[str]:
        """Offices as a name may begin with them: 'President Ada Okafor', 'Gen. Okafor'."""
        public = self.words.get("public", ())
        return frozenset({word for word in public if " " not in word} | {word.capitalize() for word in public if " " not in word})

    @cached_property
    def _address(self) -> frozenset[str]:
        """Forms of address, in small letters."""
        return frozenset(word.lower() for word in self.words.get("naming", ()) if word[:1].isupper())

    @cached_property
    def abbreviated(self) -> frozenset[str]:
        return frozenset(word for words in self.words.values() for phrase in words for word in phrase.split() if word.endswith("."))

    @cached_property
    def contact_signs(self) -> str:
        """In RE2: one of these stands in every text in which `contacts` finds something."""
        street = rf"\d[A-Za-z]?,? {_BIG}[^ ]+ (?:[^ ]+ )?(?:[^ ]+ )?(?:{self._any('street')})"
        number = r"\+\d|(?:^|[ (])0\d[ ()./-]?\d[ ()./-]?\d|\d\d\d\)?[-. ]\d\d\d[-. ]\d\d\d\d"
        return rf"@|[(\[]at[)\]]|{number}|(?i:{self._any('call')})(?:\.?:? |: ?)(?:[a-z]+ )?\+?\d(?:[ ().-]?\d){{5}}|{street}"

    # ------------------------------------------------------------------------------------------------ many texts

    def problems_of(self, values: Mapping[str, Any], fields: Iterable[str] = ("notes",)) -> list[Problem]:
        """What one event's values tell, for `add`: the verdict of `person_problems`."""
        around = " | ".join(str(values[name]) for name in AROUND if values.get(name))
        out = []
        for field in fields:
            text = values.get(field)
            if isinstance(text, str) and text:
                out += [_contact(values.get("event_id"), field, what, piece) for what, piece in self.contacts(text)]
                out += [_named(values.get("event_id"), field, name) for name in self.persons(text) if name not in around]
        return out


AROUND = ("actor1", "actor2", "location", "admin1", "admin2", "admin3")  # what bears a person's name there is no private person


def person_problems(con: Any, texts: str, reader: PersonReader) -> Iterator[Problem]:
    """What a query of texts (event_id, field, text, around) shows of private persons; `around` holds names that are the event's actors and places."""
    contacts, names = _sql(reader.contact_signs), _sql(reader.signs)
    con.execute(f"CREATE OR REPLACE TEMP TABLE suspects AS SELECT * FROM ({texts}) WHERE regexp_matches(text, '{contacts}|{names}')")
    yield from _names(con, reader, names)
    reached = con.execute(f"SELECT event_id, field, text FROM suspects WHERE regexp_matches(text, '{contacts}') ORDER BY ALL")
    while batch := reached.fetchmany(20_000):
        for event_id, field, text in batch:
            yield from (_contact(event_id, field, what, piece) for what, piece in reader.contacts(text))
    con.execute("DROP TABLE suspects")


def _names(con: Any, reader: PersonReader, signs: str) -> Iterator[Problem]:
    """Sentences return in many notes: each different one is read once. A full stop after an abbreviation or an initial ends none."""
    import pyarrow as pa

    short = "|".join(re.escape(word[:-1]) for word in sorted(reader.abbreviated))
    whole = rf"regexp_replace(text, '\b(\p{{Lu}}|{_sql(short)})\. ', '\1.' || chr(1), 'g')"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE sentences AS SELECT row, replace(marked, chr(1), ' ') AS sentence FROM (
            SELECT rowid AS row, unnest(string_split({whole}, '. ')) AS marked FROM suspects)
        WHERE regexp_matches(sentence, '{signs}|{_sql(reader.titles)}')"""
    )
    different = [row[0] for row in con.execute("SELECT DISTINCT sentence FROM sentences").fetchall()]
    verdicts = [(sentence, one.kind, one.name, one.last) for sentence in different for one in reader.seen(sentence)]
    columns = zip(*verdicts, strict=True) if verdicts else ((), (), (), ())
    con.register("verdicts", pa.table({n: pa.array(c, pa.string()) for n, c in zip(("sentence", "kind", "name", "last"), columns, strict=True)}))
    found = con.execute(
        """WITH seen AS (SELECT s.row, v.kind, v.name, v.last FROM sentences AS s JOIN verdicts AS v USING (sentence)),
            public AS (SELECT DISTINCT row, last FROM seen WHERE kind = 'public')
        SELECT DISTINCT t.event_id, t.field, p.name FROM seen AS p JOIN suspects AS t ON t.rowid = p.row
            ANTI JOIN public AS u ON u.row = p.row AND u.last = p.last
        WHERE p.kind = 'private' AND NOT contains(coalesce(t.around, ''), p.name) ORDER BY ALL"""
    )
    while batch := found.fetchmany(20_000):
        for event_id, field, name in batch:
            yield _named(event_id, field, name)
    con.unregister("verdicts")
    con.execute("DROP TABLE sentences")


def _named(event_id: str | None, field: str, name: str) -> Problem:
    return Problem("private-name-in-text", _said(field, name), "warning", event_id, field, name)


@lru_cache(4096)
def _said(field: str, name: str) -> str:
    initials = " ".join(f"{part[0]}." for part in name.split() if part[0].isupper()) or f"{name[0]}."
    who = f"{_FIELDS.get(field, field)} names a person who seems to be private ({initials})."
    return f"{who} Say who it was without the name ('a farmer', 'a student of 23'), or accept it with 'eventcoder checks accept'."


def _contact(event_id: str | None, field: str, what: str, piece: str) -> Problem:
    message = f"{_FIELDS.get(field, field)} gives {what}. What is released stays public for good: take it out."
    return Problem("contact-in-text", message, "warning", event_id, field, piece)


_FIELDS = {"notes": "The note", "reason": "The reason", "note": "The remark"}


def _sql(pattern: str) -> str:
    return pattern.replace("'", "''")
