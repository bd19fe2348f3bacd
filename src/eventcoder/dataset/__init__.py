"""Current settled events as canonical Arrow tables. Floor 3.

`build_tables` makes them from folded events; `schemas` says what the tables around the events hold; `canonical` says what makes two tables
the same and gives a set of tables its fingerprint. Imports pyarrow: not for the coder's hot path.
"""

from eventcoder.dataset.build import History, build_tables, pseudonym
from eventcoder.dataset.canonical import canonical_table, conform, fingerprint
from eventcoder.dataset.schemas import EVENTS, RECORD_SCHEMAS, RECORDS, REGISTERS, SIDE_SCHEMAS, TABLES, UNDISCLOSED

__all__ = [
    "EVENTS",
    "RECORDS",
    "RECORD_SCHEMAS",
    "REGISTERS",
    "SIDE_SCHEMAS",
    "TABLES",
    "UNDISCLOSED",
    "History",
    "build_tables",
    "canonical_table",
    "conform",
    "fingerprint",
    "pseudonym",
]
