"""Drafts held against a gold coding: event finding, statuses, fields, forbidden rows. Floor 5.

Statements are matched with drafts by overlap of their text (the larger overlap first), never by their values, so that a wrong value cannot hide
a found event. A field that the gold leaves out is not scored; a gold null that the engine fills is an invention and counts as wrong.
"""

from eventcoder.evaluation.gold import GoldDocument, GoldStatement, read_gold
from eventcoder.evaluation.score import Evaluation, evaluate

__all__ = ["Evaluation", "GoldDocument", "GoldStatement", "evaluate", "read_gold"]
