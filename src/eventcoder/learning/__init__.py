"""Learning from decisions: what a team decided teaches the classifier of types, in versions with scores; and which drafts are asked first. Floor 5.

`decisions` reads the ledger, `aside` says which documents are kept for scoring, `fitting` trains, `comparing` holds the new model against the one in
use, `gains` works out what it won or lost, `lesson` brings these together, `versions` keeps the models, `order` puts drafts in order.
"""

from eventcoder.learning.lesson import Lesson, learn
from eventcoder.learning.versions import Version, store, use, versions

__all__ = ["Lesson", "Version", "learn", "store", "use", "versions"]
