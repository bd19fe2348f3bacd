"""What the engine needs, opened once: codebook, gazetteer, actors, settings and the compiled lexicons of `schema/lexicon`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eventcoder.extraction.lexicon import CueMatcher, Hit, Inflector, read_table, share
from eventcoder.extraction.numbers import NumberWords
from eventcoder.extraction.roles import Person
from eventcoder.extraction.tokens import Tokens
from eventcoder.extraction.typing import Signal
from eventcoder.project import Settings, packaged_schema


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The compiled word lists. Build with `open_lexicon`."""

    cues: CueMatcher
    classes: CueMatcher
    statuses: CueMatcher
    signals: dict[str, Signal]
    numbers: NumberWords
    counted: frozenset[str] = field(default_factory=frozenset)


_FILES = ("irregular_verbs.csv", "signals.csv", "event_cues.csv", "class_words.csv", "status_cues.csv", "number_words.csv")
_KEPT: dict[tuple[object, ...], Lexicon] = {}  # compiled ones of this process, the last two
KEPT = 2


def open_lexicon(folder: Path, scale: str = "acled") -> Lexicon:
    """Read and compile `schema/lexicon`; files that say the same were compiled once. Raises CodebookError for missing files, columns or
    unknown signals."""
    if not all((folder / name).is_file() for name in _FILES):
        return _compiled(folder, scale)  # says which is missing
    key = (scale, *((folder / name).read_bytes() for name in _FILES))
    known = _KEPT.get(key)
    if known is None:
        known = _KEPT[key] = _compiled(folder, scale)
        for oldest in list(_KEPT)[:-KEPT]:
            _KEPT.pop(oldest, None)
    return known


def _compiled(folder: Path, scale: str) -> Lexicon:
    inflector = Inflector((r["base"], r["past"], r["participle"]) for r in read_table(folder / "irregular_verbs.csv", ("base", "past", "participle")))
    signals = {
        r["signal"]: Signal(r["signal"], r["sub_event_type"], float(r["weight"]), r["opens"], r["family"])
        for r in read_table(folder / "signals.csv", ("signal", "sub_event_type", "weight", "opens", "family"))
    }
    cue_rows = read_table(folder / "event_cues.csv", ("cue", "signal", "weight"))
    unknown = sorted({r["signal"] for r in cue_rows} - signals.keys())
    if unknown:
        from eventcoder.errors import CodebookError

        raise CodebookError(f"{folder / 'event_cues.csv'} names the unknown signal {unknown[0]!r}.", "Add it to signals.csv or mend the row.")
    class_rows = read_table(folder / "class_words.csv", ("words", "class", "person"))
    status_rows = read_table(folder / "status_cues.csv", ("cue", "sign", "weight"))
    lexicon = Lexicon(
        cues=CueMatcher(((r["cue"], r["signal"], float(r["weight"])) for r in cue_rows), inflector),
        classes=CueMatcher(((r["words"], r["class"], 1.0 if r["person"] == "yes" else 0.0) for r in class_rows), inflector),
        statuses=CueMatcher(((r["cue"], r["sign"], float(r["weight"])) for r in status_rows), inflector),
        signals=signals,
        numbers=NumberWords(read_table(folder / "number_words.csv", ("words", "scale", "kind", "low", "best")), scale),
    )
    share((lexicon.cues, lexicon.classes, lexicon.statuses))
    return lexicon


class Kit:
    """Everything that `extract_document` and the `try_*` functions take.

    `codebook`, `gazetteer` and `actors` are the opened registries of floors 1 and 2; `settings` gives the window and the scale of crowd
    words; `schema_dir` is the project's schema folder (default: the packaged one).
    """

    def __init__(self, codebook: Any, gazetteer: Any, actors: Any, settings: Settings | None = None, *, schema_dir: Path | None = None) -> None:
        self.codebook = codebook
        self.gazetteer = gazetteer
        self.actors = actors
        self.settings = settings or Settings()
        self.schema_dir = schema_dir or packaged_schema()
        self.lexicon = open_lexicon(self.schema_dir / "lexicon", self.settings.crowd_scale)
        self.caches: dict[str, dict[Any, Any]] = {}
        self.learned: Path | None = None  # folder of a model that the project learned, in place of the packaged one (`classifier.learned`)
        self.model_version = ""  # of that model, as it stands in an engine's version; "" for the packaged one
        self._voter: Any = None
        self._doubter: Any = None

    @property
    def classifier_dir(self) -> Path:
        """Where the classifier lies: the project's schema, or the packaged one where the project has none of its own."""
        own = self.schema_dir / "classifier"
        return own if own.is_dir() else packaged_schema() / "classifier"

    @property
    def voter(self) -> Any:
        """The classifier of types (`classifier.voting.Voter`), opened on first use; another one may be put in its place."""
        if self._voter is None:
            from eventcoder.extraction.classifier.learned import open_learned
            from eventcoder.extraction.classifier.voting import open_voter

            self._voter = open_learned(self.learned) if self.learned else open_voter(self.classifier_dir)
        return self._voter

    @voter.setter
    def voter(self, voter: Any) -> None:
        self._voter = voter

    @property
    def doubter(self) -> Any:
        """The second opinion on statuses (`classifier.doubting.Doubter`), opened on first use."""
        if self._doubter is None:
            from eventcoder.extraction.classifier.doubting import MODEL, open_doubter

            own = self.classifier_dir
            self._doubter = open_doubter(own if (own / MODEL).is_file() else packaged_schema() / "classifier")
        return self._doubter

    def cache(self, name: str) -> dict[Any, Any]:
        """A memory for look-ups that repeat between documents (place names, actors); results must depend on the key only."""
        return self.caches.setdefault(name, {})


def find_people(tokens: Tokens, lexicon: Lexicon, named: Sequence[Person] = ()) -> list[Person]:
    """Class words of the tokens, in order; named actors of the registry take precedence where they overlap."""
    generic = [
        Person(h.start, h.end, h.label, h.weight > 0, char_start=tokens.starts[h.start], char_end=tokens.ends[h.end - 1])
        for h in lexicon.classes.find(tokens)
    ]
    if not named:
        return _settled(generic, tokens)
    taken = [(p.start, p.end) for p in named]
    kept = [p for p in generic if not any(p.start < end and start < p.end for start, end in taken)]
    return _settled(sorted([*kept, *named], key=lambda p: (p.start, p.end)), tokens)


_FAMILY_WORDS = frozenset({"police", "army", "security", "military"})


def _settled(people: list[Person], tokens: Tokens) -> list[Person]:
    """Compounds ("police officers", "suspected militants members") end in their last noun: a class word directly before another is its adjective."""
    out: list[Person] = []
    for person in people:
        if out and out[-1].end == person.start and out[-1].actor is None and out[-1].kind != "civilian_site":
            first = out.pop()
            kind = (
                first.kind
                if first.kind in ("state", "rebel", "militia", "identity", "foreign")
                and person.kind in ("people", "civilian")
                and tokens.forms[person.start] in _MEMBERS
                else person.kind
            )
            person = Person(first.start, person.end, kind, person.counted, person.actor, person.inter, first.char_start, person.char_end)
        out.append(person)
    return out


_MEMBERS = frozenset(
    [
        "member",
        "members",
        "leader",
        "leaders",
        "commander",
        "commanders",
        "personnel",
        "officer",
        "officers",
        "official",
        "officials",
        "men",
        "man",
        "suspects",
        "suspect",
        "unit",
        "units",
        "recruits",
        "fighters",
    ]
)


def signals_of(hits: Sequence[Hit]) -> set[str]:
    """Names of the signals among hits."""
    return {h.label for h in hits}
