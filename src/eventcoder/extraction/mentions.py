"""Statements inside a sentence: which clauses tell of which event, and which signs of status govern them.

A sentence is cut where a relative clause, a dash, a semicolon or a clause of cause or time begins. Pieces without an event of their own, or of
the same kind and day, are put together again: "police fired after protesters threw stones" is one statement, "Rahmani, who was killed on
3 January" inside a sentence about a march is another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from eventcoder.extraction.date_patterns import expressions
from eventcoder.extraction.dates import Resolved, resolve_each
from eventcoder.extraction.governing import broken, governor
from eventcoder.extraction.kit import Kit, find_people
from eventcoder.extraction.lexicon import Hit
from eventcoder.extraction.roles import Person
from eventcoder.extraction.tokens import Tokens, tokenize
from eventcoder.extraction.victims import Found

_RELATIVE = frozenset({"who", "which", "whose", "where", "when"})
_SUBORDINATE = frozenset({"after", "following", "since", "before", "because", "although", "despite", "amid"})
_DASHES = frozenset({"–", "—", "-"})
HYPOTHETICAL = frozenset({"plan", "predict", "threat", "call", "deny", "negate", "fear"})


@dataclass(slots=True)
class Piece:
    """One clause of a sentence, token range [start, end) of the sentence's tokens."""

    start: int
    end: int
    kind: str  # main | relative | sub | dash


@dataclass(slots=True)
class Sentence:
    """A sentence read: tokens (offsets relative to `offset`), cues, people, signs of status, dates."""

    text: str
    offset: int
    index: int
    tokens: Tokens
    hits: list[Hit]
    people: list[Person]
    signs: list[Hit]
    dates: list[Resolved] = field(default_factory=list)
    counts: list[Found] | None = None  # read once, on demand


@dataclass(slots=True)
class Statement:
    """A part of a sentence that tells of one event: its cues that happened, those that were only planned, said or remembered, and its signs."""

    sentence: Sentence
    pieces: list[Piece]
    hits: list[Hit]
    covered: list[tuple[Hit, Hit]] = field(default_factory=list)  # cue, the sign that governs it
    signs: list[Hit] = field(default_factory=list)

    @property
    def start(self) -> int:
        return self.sentence.tokens.starts[self.pieces[0].start]

    @property
    def end(self) -> int:
        return self.sentence.tokens.ends[self.pieces[-1].end - 1]

    @property
    def kind(self) -> str:
        return self.pieces[0].kind

    def holds(self, token: int) -> bool:
        """Does the token of the sentence belong to this statement?"""
        return any(p.start <= token < p.end for p in self.pieces)


def read_sentence(text: str, start: int, end: int, index: int, kit: Kit) -> Sentence | None:
    """The sentence at [start, end), or None when nothing in it could be an event."""
    body = text[start:end]
    tokens = tokenize(body)
    lexicon = kit.lexicon
    hits = lexicon.cues.find(tokens)
    if not hits and _POPULATION.isdisjoint(tokens.forms):
        return None
    noise = [h for h in hits if h.label == "NOISE" and h.weight >= 1]
    hits = [h for h in hits if h.label != "NOISE" and not any(n.start <= h.start < n.end for n in noise)]
    hits = [h for h in hits if not (h.end - h.start == 1 and tokens.forms[h.start] == "dead" and h.start and tokens.forms[h.start - 1] == "the")]
    signs = [s for s in lexicon.statuses.find(tokens) if not (tokens.forms[s.start] == "may" and tokens.is_capital(s.start))]
    if not hits and not any(s.label == "population" for s in signs):
        return None
    if noise and any(n.weight >= 1.5 and "/" in n.cue for n in noise) and all(lexicon.signals[h.label].family == "force" for h in hits):
        # A road accident or an earthquake kills as well, but is no event.
        strong = [h for h in hits if h.label not in ("DEATH", "INJURE", "KILL", "BODY_FOUND", "DISPLACE")]
        if not strong:
            return None
    people = find_people(tokens, lexicon)
    return Sentence(body, start, index, tokens, as_nouns(tokens, hits, people), people, signs)


_POPULATION = frozenset({"living", "population", "home", "inhabitants", "lived", "live"})  # words of the signs about residents
_MODALS = frozenset(
    [
        "to",
        "will",
        "would",
        "could",
        "can",
        "may",
        "might",
        "must",
        "should",
        "not",
        "did",
        "do",
        "does",
        "they",
        "we",
        "you",
        "i",
        "who",
    ]
)
_SINGULARS = frozenset(["he", "she", "it", "who", "which", "that", "this", "also", "then"])


def as_nouns(tokens: Tokens, hits: Sequence[Hit], people: Sequence[Person]) -> list[Hit]:
    """ "attack", "protests", "march" are nouns unless a subject or an auxiliary stands right before them."""
    ends = {p.end for p in people}
    out = []
    for hit in hits:
        if hit.form in ("b", "s") and hit.end - hit.start == 1:
            before = tokens.forms[hit.start - 1] if hit.start else ""
            verb = before in (_MODALS if hit.form == "b" else _SINGULARS) or hit.start in ends
            if not verb:
                hit = hit._replace(form="n")
        out.append(hit)
    return out


def add_dates(sentence: Sentence, published: date | None, anchor: date | None) -> date | None:
    """Resolve the sentence's dates; planned ones may lie ahead. Returns the last exact day, to which "the next day" will refer."""
    planned = any(s.label in ("plan", "predict", "threat", "call", "fear") for s in sentence.signs)
    seen = expressions(sentence.text)
    if not seen:
        return anchor
    found = resolve_each(seen, sentence.text, published, anchor=anchor)
    if planned:
        ahead = {r.start: r for r in resolve_each(seen, sentence.text, published, planned=True, anchor=anchor)}
        found = [_planned(sentence, r, ahead.get(r.start)) for r in found]
    # "the anniversary of the 3 May massacre": the day remembered, not the day of what the sentence tells.
    sentence.dates = [r for r in found if not _remembered(sentence, r)] or found
    exact = [r for r in found if r.known and r.precision == 1]
    return exact[-1].first if exact else anchor


def _remembered(sentence: Sentence, when: Resolved) -> bool:
    at = sentence.tokens.at(when.start)
    return any(
        s.label == "anniversary" and 0 <= at - s.end <= 7 and not any(f in (",", "on", ";") for f in sentence.tokens.forms[s.end : at])
        for s in sentence.signs
    )


def _planned(sentence: Sentence, plain: Resolved, ahead: Resolved | None) -> Resolved:
    """The reading as a plan where a sign of plan stands before the expression in its clause."""
    at = sentence.tokens.at(plain.start)
    for sign in sentence.signs:
        if sign.label in ("plan", "predict", "threat", "call", "fear") and 0 <= at - sign.end <= 14 and not broken(sentence.tokens, sign.end, at):
            return ahead or plain
    return plain


def statements(sentence: Sentence, kit: Kit) -> list[Statement]:
    """The statements of a sentence, in order of their first words."""
    signals = kit.lexicon.signals
    opens = [h for h in sentence.hits if signals[h.label].opens in ("yes", "outcome", "detail")]
    if not opens and any(s.label in HYPOTHETICAL for s in sentence.signs):
        opens = [h for h in sentence.hits if signals[h.label].family in ("demo", "force")]
    if not opens and not any(s.label == "population" for s in sentence.signs):
        return []
    groups: list[list[Piece]] = []
    main: list[Piece] = []
    for piece in _pieces(sentence):
        own = [h for h in opens if piece.start <= h.start < piece.end]
        if piece.kind == "main" or not main:
            main.append(piece)
            if main not in groups:
                groups.append(main)
        elif own and _stands_alone(sentence, piece, own, main, opens, kit):
            groups.append([piece])
        else:
            (groups[-1] if piece.kind != "main" and groups[-1] is not main and not own else main).append(piece)
    out: list[Statement] = []
    for group in groups:
        group.sort(key=lambda p: p.start)
        inside = [h for h in sentence.hits if any(p.start <= h.start < p.end for p in group)]
        signs = [s for s in sentence.signs if any(p.start <= s.start < p.end for p in group)]
        if group is not main:
            signs = signs + [
                s
                for s in sentence.signs
                if s.label in HYPOTHETICAL | {"condemn"} and s not in signs and s.end <= group[0].start and group[0].start - s.end <= 4
            ]
        if not inside and not any(s.label == "population" for s in signs):
            continue
        out.append(_govern(Statement(sentence, group, inside, signs=signs), kit))
    return out


def _pieces(sentence: Sentence) -> list[Piece]:
    forms = sentence.tokens.forms
    out: list[Piece] = []
    start, kind = 0, "main"
    i = 1
    while i < len(forms):
        form, last = forms[i], forms[i - 1]
        new = None
        if form in _RELATIVE and (last == "," or form in ("who", "which", "whose")) and not (last == "," and form == "when"):
            new = "relative"
        elif form in _SUBORDINATE and i + 1 < len(forms) and i > 2:
            new = "sub"
        elif form in _DASHES and forms[i - 1 : i] != ["-"]:
            new = "dash" if kind != "dash" else "main"
        elif (
            form == ";"
            or (last == "," and form in ("while", "whereas", "but", "meanwhile", "adding"))
            or (form == "and" and i + 1 < len(forms) and forms[i + 1] == "that")
        ):
            new = "clause"
        elif form == "," and kind in ("relative", "sub") and i + 1 < len(forms) and (forms[i + 1] in _BACK or _main_verb(sentence, i + 1)):
            new = "main"
        if new is not None and i > start:
            out.append(Piece(start, i, kind))
            start, kind = i, new
        i += 1
    out.append(Piece(start, len(forms), kind))
    return out


_BACK = frozenset(
    [
        "have",
        "has",
        "had",
        "was",
        "were",
        "is",
        "are",
        "police",
        "protesters",
        "demonstrators",
        "residents",
        "security",
        "troops",
        "soldiers",
        "militants",
        "gunmen",
        "hundreds",
        "thousands",
        "dozens",
        "chanted",
        "killing",
        "wounding",
        "injuring",
        "leaving",
    ]
)


def _main_verb(sentence: Sentence, at: int) -> bool:
    """After the comma a past-tense cue begins at once: the main clause goes on (", chanted slogans")."""
    return any(h.start == at and h.form == "d" for h in sentence.hits)


def _families(hits: Sequence[Hit], kit: Kit) -> set[str]:
    return {kit.lexicon.signals[h.label].family for h in hits}


def _stands_alone(sentence: Sentence, piece: Piece, own: Sequence[Hit], main: Sequence[Piece], opens: Sequence[Hit], kit: Kit) -> bool:
    """Does a subordinate piece tell of another event than the main clause?"""
    others = [h for h in opens if any(p.start <= h.start < p.end for p in main)]
    dated = any(piece.start <= sentence.tokens.at(r.start) < piece.end for r in sentence.dates)
    if piece.kind in ("clause", "dash"):
        return True
    if not others:
        return dated and piece.kind == "relative"
    family, rest = _families(own, kit), _families(others, kit)
    word = sentence.tokens.forms[piece.start]
    if piece.kind == "relative" and family == {"demo"} and word == "who":
        # "opened fire on traders who were protesting": the clause says who the crowd was.
        return False
    if piece.kind == "relative":
        if word in ("who", "whose"):
            return dated or (
                any(
                    h.label in ("KILL", "ASSASSINATE", "EXECUTE", "SHOT_DEAD", "ABDUCT", "ARREST", "DEATH")
                    and _passive_after(sentence.tokens, piece, h)
                    for h in own
                )
                and "demo" in rest
            )
        return dated and not (family & rest and _undated(sentence, main))
    if dated and any(not any(p.start <= sentence.tokens.at(r.start) < p.end for p in [piece]) for r in sentence.dates):
        return True
    if "demo" in rest and family == {"demo"}:
        return False
    return not (family & rest) or ("demo" in rest and "force" in family)


def _undated(sentence: Sentence, pieces: Sequence[Piece]) -> bool:
    return not any(p.start <= sentence.tokens.at(r.start) < p.end for r in sentence.dates for p in pieces)


def _passive_after(tokens: Tokens, piece: Piece, hit: Hit) -> bool:
    return hit.form == "d" and any(f in ("was", "were", "been") for f in tokens.forms[piece.start : hit.start])


def _govern(statement: Statement, kit: Kit) -> Statement:
    """Take out the cues that a sign governs: planned, denied, condemned, remembered."""
    free: list[Hit] = []
    for hit in statement.hits:
        sign = governor(statement.sentence.tokens, statement.signs, hit)
        if sign is None:
            free.append(hit)
        else:
            statement.covered.append((hit, sign))
    return replace(statement, hits=free)
