"""Small sets of words by role, from `schema/lexicon/statement_words.csv`: how statements are cut, placed and dated. Floor 5.

Roles: abbreviations, bodies, sites, parts (of names: no towns), before_base_verbs, before_third_person (before a verb), brought, says, speakers
(sources and hospitals), crowd_words, day_words units (a quick look for events without a cue), event_plurals, place_plurals, many, ordinals (sums),
main_goes_on (what opens the main clause again after a comma).
"""

from __future__ import annotations

from functools import lru_cache

from eventcoder.errors import CodebookError
from eventcoder.extraction.lexicon import read_table
from eventcoder.project import packaged_schema


@lru_cache(maxsize=1)
def _sets() -> dict[str, frozenset[str]]:
    rows = read_table(packaged_schema() / "lexicon" / "statement_words.csv", ("role", "words"))
    return {row["role"]: frozenset(row["words"].split()) for row in rows}


def word_set(role: str) -> frozenset[str]:
    """The words of a role. Raises `CodebookError` for a role that the packaged list lacks."""
    try:
        return _sets()[role]
    except KeyError:
        raise CodebookError(f"schema/lexicon/statement_words.csv lacks the role {role!r}.", "Reinstall the package.") from None
