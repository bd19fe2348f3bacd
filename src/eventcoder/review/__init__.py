"""Decisions on drafts: what waits for a coder, and what the coder's keys do. Floor 5.

A draft is the machine's proposal and is never edited; a coder's decision is a record of its own (ledger kind `decision`), kept beside the draft
for ever. `session` makes the drafts, `sitting` decides them. Nothing here prints.
"""

from eventcoder.review.session import MACHINE_ROLE, DraftSession, StoredDrafts, draft_entry, draft_session, kit_of, named, newest_drafts
from eventcoder.review.sitting import REVIEWED, WITHOUT_DRAFTS, Decided, Review, documents_of, span_of

__all__ = [
    "MACHINE_ROLE", "REVIEWED", "WITHOUT_DRAFTS", "Decided", "DraftSession", "Review", "StoredDrafts", "documents_of", "draft_entry",
    "draft_session", "kit_of", "named", "newest_drafts", "span_of",
]  # fmt: skip
