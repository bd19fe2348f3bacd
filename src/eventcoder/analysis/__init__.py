"""Helpers for analysts, in the field's habits, that never say more than the data: panels, actors, deaths, other forms. Floor 7.

    inputs      frames of `load`, Arrow, polars; side tables of their release
    periods     days, Saturday weeks, months, quarters, years
    precision   how exactly day and place are known, and the warnings
    scope       for which time and countries a table speaks; covered: what was read, by area and period
    panel       to_panel
    deaths      sums as intervals; scenarios: fatality_scenarios
    by_actor    long_by_actor
    victims     deaths by side from counts; ucdp: as_ucdp; acled: as_acled

Imports of ours: floors 0 to 3, `releases.layout`, `reader`.
"""

from eventcoder.analysis.acled import as_acled
from eventcoder.analysis.by_actor import long_by_actor
from eventcoder.analysis.panel import to_panel
from eventcoder.analysis.scenarios import fatality_scenarios
from eventcoder.analysis.ucdp import as_ucdp

__all__ = ["as_acled", "as_ucdp", "fatality_scenarios", "long_by_actor", "to_panel"]
