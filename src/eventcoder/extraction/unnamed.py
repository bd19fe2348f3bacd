"""Events for which the lexicon has no word: a sentence that tells of people, a day and a place, read by the classifier alone. Floor 5.

"Some 200 relatives of conscripts stood silently before the ministry on Sunday" holds no cue. Such a sentence opens an event only when it tells
a day near publication, a place, and a number of people or armed men, when nothing in it is planned, denied, summed up or only said, and when
the classifier is sure enough of a type that a crowd or an armed group brings about.
"""

from __future__ import annotations

from eventcoder.extraction.clauses import Piece
from eventcoder.extraction.kit import Kit, find_people
from eventcoder.extraction.mentions import Sentence, Statement
from eventcoder.extraction.typing import Typed
from eventcoder.extraction.word_sets import word_set

_ENOUGH = 0.36
_TYPES = frozenset(
    {"Peaceful protest", "Protest with intervention", "Violent demonstration", "Excessive force against protesters", "Mob violence", "Attack",
     "Armed clash", "Abduction/forced disappearance", "Air/drone strike", "Shelling/artillery/missile attack", "Remote explosive/landmine/IED",
     "Looting/property destruction"}
)  # fmt: skip
_DAYS = word_set("day_words")
_CROWDS = word_set("crowd_words")
_UNITS = word_set("units")
_BARRED = frozenset(
    {"deny", "negate", "condemn", "accuse", "total", "recurring", "nationwide", "anniversary", "court", "population", "plan", "predict", "threat",
     "fear", "announce", "disease"}
)  # fmt: skip


def may_tell(sentence: Sentence) -> bool:
    """A quick look: a word for a day, and a number or armed people, with no sign that bars an event."""
    forms = sentence.tokens.forms
    if _DAYS.isdisjoint(forms) or len(forms) < 9:
        return False
    if any(s.label in _BARRED and s.weight > 0.5 for s in sentence.signs):
        return False
    return not _CROWDS.isdisjoint(forms) or "armed" in forms or any(f[0].isdigit() for f in forms)


def unnamed(sentence: Sentence, kit: Kit) -> tuple[Statement, Typed] | None:
    """The whole sentence as one statement with the classifier's type, or None. `sentence.dates` must be resolved."""
    tokens = sentence.tokens
    if not any(d.known and d.precision == 1 and not d.spoken and not d.open_start and not d.attributive for d in sentence.dates):
        return None
    people = find_people(tokens, kit.lexicon)
    armed = any(p.kind in ("rebel", "militia", "identity") for p in people if p.counted)
    if not armed and not _many_people(tokens.forms):
        return None
    statement = Statement(sentence, [Piece(0, len(tokens), "main")], [])
    sentence.people = people
    typed = kit.voter.vote_statement(statement, Typed(None, 0.0, rule="no-cue"))
    if typed.sub_event_type not in _TYPES or typed.score < _ENOUGH:
        return None
    return statement, typed


def _many_people(forms: list[str]) -> bool:
    """A number and a plural that is no measure: "about 200 relatives", "hundreds of women", "fifty or so"."""
    for i, form in enumerate(forms):
        if (form.isdigit() and int(form[:9]) >= 10 and not 1900 <= int(form[:9]) <= 2100) or ("," in form and form[0].isdigit()) or form in _CROWDS:
            ahead = forms[i + 1 : i + 6]
            if not _UNITS.isdisjoint(ahead[:2]):
                continue
            if ahead[:2] == ["or", "so"] or any((f.endswith("s") and len(f) > 3) or f in ("people", "men", "women", "children") for f in ahead):
                return True
    return False
