"""Tables of any format -> sheets of raw cells, every row with its place. Floor 5.

`open_sheet` finds out what a file is. Foreign files are never trusted: nothing in them is evaluated, expanded or followed, and what is held in
memory is bounded (`limits`).
"""

from __future__ import annotations

from eventcoder.intake.formats.opening import open_sheet
from eventcoder.intake.formats.sheet import Fault, Piece, Sheet

__all__ = ["Fault", "Piece", "Sheet", "open_sheet"]
