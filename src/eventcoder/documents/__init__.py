"""Source documents: reading raw articles of any supported format, and the store of their texts and sidecars. Floor 2.

    read_articles   files and folders -> `Article` or `Problem`, one at a time
    DocumentStore   `raw/documents/<id>.txt` and `<id>.json`
    near_duplicates pairs of documents that say nearly the same (one wire story in two papers)

Nothing here writes to the ledger; `eventcoder.intake.articles.ingest` (floor 5) does.
"""

from eventcoder.documents.article import Article
from eventcoder.documents.language import guess_language
from eventcoder.documents.reading import read_articles
from eventcoder.documents.similar import NearDuplicate, near_duplicates
from eventcoder.documents.store import DocumentStore

__all__ = ["Article", "DocumentStore", "NearDuplicate", "guess_language", "near_duplicates", "read_articles"]
