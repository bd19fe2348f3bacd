"""Statements inside a sentence: which clauses tell of which event, and which signs of status govern them.

A sentence is cut where a relative clause, a dash, a semicolon or a clause of cause or time begins. Pieces without an event of their own, or of
the same kind and day, are put together again: "police fired after protesters threw stones" is one statement, "Rahmani, who was killed on
3 January" inside a sentence about a march is another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from eventcoder.extraction.clauses import Piece, pieces
from eventcoder.extraction.date_patterns import expressions
from eventcoder.extraction.dates import Resolved, resolve_each
from eventcoder.extraction.governing import broken, governor
from eventcoder.extraction.kit import Kit, find_people
from eventcoder.extraction.lexicon import Hit
from eventcoder.extraction.roles import Person
from eventcoder.extraction.tokens import Tokens, tokenize
from eventcoder.extraction.victims import Found
from eventcoder.extraction.word_sets import word_set

PLANNING = frozenset({"plan", "predict", "threat", "call", "fear", "announce"})
HYPOTHETICAL = PLANNING | {"deny", "negate"}
TALK = frozenset({"condemn", "accuse", "speech"})
_SPEAKS_ALONE = HYPOTHETICAL | TALK | {"population", "total", "anniversary", "occur"}  # signs worth a statement where no cue of an event stands


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
    plain: dict[int, Resolved] = field(default_factory=dict)  # dates that are read as planned, read as past: by their start
    counts: list[Found] | None = None  # read once, on demand

    @property
    def kinds(self) -> set[str]:
        """Names of its signs."""
        return {s.label for s in self.signs}


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

    @property
    def ranges(self) -> tuple[tuple[int, int], ...] | None:
        """The token ranges of its clauses, or None where it is the whole sentence."""
        if len(self.pieces) == 1 and self.pieces[0].start == 0 and self.pieces[0].end == len(self.sentence.tokens):
            return None
        return tuple((p.start, p.end) for p in self.pieces)

    def holds(self, token: int) -> bool:
        """Does the token of the sentence belong to this statement?"""
        return any(p.start <= token < p.end for p in self.pieces)


def read_sentence(text: str, start: int, end: int, index: int, kit: Kit) -> Sentence | None:
    """The sentence at [start, end), or None when nothing in it could be an event."""
    body = text[start:end]
    tokens = tokenize(body)
    lexicon = kit.lexicon
    hits = lexicon.cues.find(tokens)
    noise = [h for h in hits if h.label == "NOISE" and h.weight >= 1]
    hits = [h for h in hits if h.label != "NOISE" and not any(n.start <= h.start < n.end for n in noise)]
    hits = [h for h in hits if not (h.end - h.start == 1 and tokens.forms[h.start] == "dead" and h.start and tokens.forms[h.start - 1] == "the")]
    signs = [s for s in lexicon.statuses.find(tokens) if not _part_of_a_name(tokens, s)]
    if not hits:
        return Sentence(body, start, index, tokens, [], [], signs)
    if noise and any(n.weight >= 1.5 and "/" in n.cue for n in noise) and all(lexicon.signals[h.label].family == "force" for h in hits):
        # A road accident or an earthquake kills as well, but is no event.
        strong = [h for h in hits if h.label not in ("DEATH", "INJURE", "KILL", "BODY_FOUND", "DISPLACE")]
        if not strong:
            return None
    people = find_people(tokens, lexicon)
    return Sentence(body, start, index, tokens, as_nouns(tokens, hits, people), people, signs)


_MODALS = word_set("before_base_verbs")
_SINGULARS = word_set("before_third_person")


def _part_of_a_name(tokens: Tokens, sign: Hit) -> bool:
    """ "May", "Memorial Hall", "the High Court": a capital inside the sentence makes a name of it."""
    if tokens.forms[sign.start] == "may":
        return tokens.is_capital(sign.start)
    return sign.label in ("anniversary", "court") and sign.start > 0 and tokens.is_capital(sign.start) and not tokens.text.isupper()


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


def add_dates(sentence: Sentence, published: date | None, anchor: date | None, heads: str | None = None) -> date | None:
    """Resolve the sentence's dates; planned ones may lie ahead. Returns the last exact day, to which "the next day" will refer.

    `heads` says which comes first in a bulletin's item heads, "day" or "month".
    """
    planned = any(s.label in PLANNING for s in sentence.signs)
    seen = expressions(sentence.text)
    if not seen:
        return anchor
    if heads is not None and seen[0].rule == "item-head":
        seen[0].parts["order"] = heads
    found = [_of_the_talk(sentence.tokens, r) for r in resolve_each(seen, sentence.text, published, anchor=anchor)]
    if planned:
        ahead = {r.start: r for r in resolve_each(seen, sentence.text, published, planned=True, anchor=anchor)}
        sentence.plain = {r.start: r for r in found}
        found = [_planned(sentence, r, ahead.get(r.start)) for r in found]
    # "the anniversary of the 3 May massacre": the day remembered, not the day of what the sentence tells.
    sentence.dates = [r for r in found if not _remembered(sentence, r)] or found
    exact = [r for r in found if r.known and r.precision == 1]
    return exact[-1].first if exact else anchor


def _of_the_talk(tokens: Tokens, when: Resolved) -> Resolved:
    """ "a spokeswoman said in the small hours of Saturday", "said in a statement late Sunday": the day of the talk."""
    if when.spoken or not when.known:
        return when
    at = tokens.at(when.start)
    for i in range(at - 1, max(-1, at - 9), -1):
        form = tokens.forms[i]
        if form in _SAID and at - i > 1:
            return replace(when, spoken=True)
        if form not in _AROUND_TALK:
            break
    return when


_SAID = frozenset({"said", "wrote", "announced", "confirmed", "reported", "added", "told"})
_AROUND_TALK = word_set("around_talk")


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
        if (
            sign.label in PLANNING
            and (sign.label != "announce" or sign.weight >= 1)
            and (sign.label != "predict" or sign.weight >= 0.8)  # "would", "could": often of what is past
            and 0 <= at - sign.end <= 14
            and not broken(sentence.tokens, sign.end, at)
        ):
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
    marks = [sentence.tokens.at(r.start) for r in sentence.dates]
    groups: list[list[Piece]] = []
    main: list[Piece] = []
    for piece in pieces(sentence.tokens, sentence.hits, opens, marks):
        own = [h for h in opens if piece.start <= h.start < piece.end]
        if piece.kind == "total":
            groups.append([piece])
        elif piece.kind == "main" or not main:
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
        if not inside and group[0].kind != "total" and not any(s.label == "population" for s in signs):
            continue
        out.append(_govern(Statement(sentence, group, inside, signs=signs), kit))
    return out


def _families(hits: Sequence[Hit], kit: Kit) -> set[str]:
    return {kit.lexicon.signals[h.label].family for h in hits}


def _stands_alone(sentence: Sentence, piece: Piece, own: Sequence[Hit], main: Sequence[Piece], opens: Sequence[Hit], kit: Kit) -> bool:
    """Does a subordinate piece tell of another event than the main clause?"""
    others = [h for h in opens if any(p.start <= h.start < p.end for p in main)]
    dated = any(piece.start <= sentence.tokens.at(r.start) < piece.end for r in sentence.dates)
    if piece.kind == "dash" or (piece.kind == "clause" and others):
        return True
    if not others:
        # "followers who had gathered on Monday tore down the gate": without a comma it goes on with the main clause, whose place it shares.
        closed = sentence.tokens.forms[piece.start] not in ("who", "whose") or sentence.tokens.forms[piece.start - 1] == ","
        return dated and piece.kind == "relative" and closed
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


def telling_clauses(statement: Statement) -> list[Piece]:
    """The subordinate clauses that hold all cues: "Schools were closed on Tuesday after gangs attacked Solino on Monday". Else empty."""
    subs = [p for p in statement.pieces if p.kind == "sub" and any(p.start <= h.start < p.end for h in statement.hits)]
    return subs if subs and all(any(p.start <= h.start < p.end for p in subs) for h in statement.hits) else []


_SPANS = frozenset({"weeks", "months", "years", "week", "month", "year"})


def _long_before(statement: Statement, hit: Hit) -> Hit | None:
    """ "kept vigil, three weeks after nine growers died there": what the clause tells is remembered."""
    forms = statement.sentence.tokens.forms
    for piece in statement.pieces:
        if (
            piece.kind == "sub"
            and piece.start <= hit.start < piece.end
            and forms[piece.start] in ("after", "since")
            and forms[piece.start - 1] in _SPANS
        ):
            return Hit(piece.start - 1, piece.start + 1, "anniversary", 1.0, "n", "long before")
    return None


def _govern(statement: Statement, kit: Kit) -> Statement:
    """Take out the cues that a sign governs: planned, denied, condemned, remembered."""
    free: list[Hit] = []
    for hit in statement.hits:
        sign = governor(statement.sentence.tokens, statement.signs, hit) or _long_before(statement, hit)
        if sign is None:
            free.append(hit)
        else:
            statement.covered.append((hit, sign))
    return replace(statement, hits=free)
