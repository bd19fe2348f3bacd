"""Drafts held against a gold coding: event finding, rows that must not be, fields, types, statuses, calibration, keystrokes. Floor 5.

Events are matched one to one within windows of day, place and type that are printed with the figures, and, apart from that, by their words alone.
Fields are scored on both kinds of pairs, so that a wrong value cannot hide a found event. A field that the gold leaves out is not scored; a gold
null that the engine fills is an invention and counts as wrong.
"""

from eventcoder.evaluation.effort import Keyboard
from eventcoder.evaluation.figures import Evaluation, Miss
from eventcoder.evaluation.gold import GoldDocument, GoldStatement, check_values, read_gold
from eventcoder.evaluation.judging import Judge, Windows
from eventcoder.evaluation.measures import Figure
from eventcoder.evaluation.printing import as_text
from eventcoder.evaluation.score import evaluate
from eventcoder.evaluation.typing_step import TypeStep, evaluate_types

__all__ = [
    "Evaluation",
    "Figure",
    "GoldDocument",
    "GoldStatement",
    "Judge",
    "Keyboard",
    "Miss",
    "TypeStep",
    "Windows",
    "as_text",
    "check_values",
    "evaluate",
    "evaluate_types",
    "read_gold",
]
