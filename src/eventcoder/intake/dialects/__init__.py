"""Dialects: what tables from elsewhere call things and mean by them, as data in `schema/dialects/*.toml`. Floor 5.

`choose` finds the dialect by the header, `plan` finds the vintage by header and cells and says how each column of ours comes out of the table.
"""

from __future__ import annotations

from eventcoder.intake.dialects.choosing import choose
from eventcoder.intake.dialects.counting import IndexFacts
from eventcoder.intake.dialects.files import load_dialects
from eventcoder.intake.dialects.model import UNCERTAIN, Dialect, Plan, Producer, Skip, Survey, Vintage, Write
from eventcoder.intake.dialects.planning import plan
from eventcoder.intake.dialects.proof import prove

__all__ = ["UNCERTAIN", "Dialect", "IndexFacts", "Plan", "Producer", "Skip", "Survey", "Vintage", "Write", "choose", "load_dialects", "plan", "prove"]
