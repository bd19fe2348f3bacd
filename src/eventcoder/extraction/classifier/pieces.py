"""A piece of text as the rules read it, ready for `features`: tokens, cues, people, the rules' vote. Floor 5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eventcoder.extraction.actors import found_actors, people_with_names
from eventcoder.extraction.kit import Kit, find_people
from eventcoder.extraction.lexicon import Hit
from eventcoder.extraction.mentions import as_nouns
from eventcoder.extraction.roles import Person, speaks
from eventcoder.extraction.tokens import Tokens, tokenize
from eventcoder.extraction.typing import Typed, decide


@dataclass(frozen=True, slots=True)
class Piece:
    """A text read as one event. `typed` is the vote of the rules alone."""

    tokens: Tokens
    hits: Sequence[Hit]
    people: Sequence[Person]
    typed: Typed


def read_piece(text: str, kit: Kit, *, country: str | None = None, day: str | None = None) -> Piece:
    """The whole of `text` as one event, whatever its status."""
    tokens = tokenize(text)
    matches = found_actors(text, kit, country, day)
    people = [p for p in people_with_names(tokens, find_people(tokens, kit.lexicon), matches) if not speaks(tokens, p.end, p.start)]
    hits = as_nouns(tokens, [h for h in kit.lexicon.cues.find(tokens) if h.label != "NOISE"], people)
    return Piece(tokens, hits, people, decide(tokens, hits, people, kit.lexicon.signals))
