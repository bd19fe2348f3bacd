"""Actors: the grammar of their names, the register of known ones, and how they are found in running text.

actors = ActorRegistry(codebook)
actors.generic("protesters", "Iran")                      "Protesters (Iran)"
actors.state_force("police", "Iran", "2020-01-15")        "Police Forces of Iran (1989-)"
actors.find("Sudanese soldiers clashed with the RSF", country="Sudan", on_date="2024-03-02")
"""

from __future__ import annotations

from eventcoder.actors.actor import Actor
from eventcoder.actors.finding import ActorMatch
from eventcoder.actors.grammar import StateForce, pair_key, parse_state_force, split_acronym, split_generic
from eventcoder.actors.registry import ActorRegistry

__all__ = ["Actor", "ActorMatch", "ActorRegistry", "StateForce", "pair_key", "parse_state_force", "split_acronym", "split_generic"]
