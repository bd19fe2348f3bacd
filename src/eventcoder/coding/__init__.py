"""The desk: a coder's acts, checked against the codebook and then appended to the ledger. Floor 5.

Every way into the ledger that concerns events (options, JSON, prompts, review, bulk edits) goes through `Desk`, so that all of them give the
same verdicts. What is refused is not stored at all:

- structural problems (a text where a number belongs, an unknown code or column, an impossible date) are always refused;
- broken rules and missing values are refused too, unless the coder says that the event shall stay open (`allow_open`);
- warnings never refuse.

A clean event settles by itself unless the project demands approval. Nothing here prints, and the time is passed in. Heavy libraries are not
imported: this is on the path of `add` and `list`.
"""

from eventcoder.coding.desk import Desk
from eventcoder.coding.opened import LIVE_STATES
from eventcoder.coding.records import NewEvent, Outcome, Prepared

__all__ = ["LIVE_STATES", "Desk", "NewEvent", "Outcome", "Prepared"]
