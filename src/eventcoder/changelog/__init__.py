"""Differences between two versions of the tables: previous + changes = this, exactly. Floor 3.

`diff` finds them, `overview` sums them up, `apply` replays them, `misreplayed` does so for millions of rows and says what does not fit, `reasons`
says why (from the ledger's acts, or from the change tables of releases in between).
The package is not called `changes` because `eventcoder.changes` is the analyst's function of that name, which a submodule would shadow.
Imports pyarrow: not for the coder's hot path.
"""

from eventcoder.changelog.codebooks import codebook_rows, composed, schema_change, version_row
from eventcoder.changelog.diff import counts, diff, with_columns
from eventcoder.changelog.overview import Overview, facts, overview
from eventcoder.changelog.proof import misreplayed
from eventcoder.changelog.reasons import HELD, ChainReasons, Explanation, LedgerReasons, NoReasons, Reasons
from eventcoder.changelog.replay import apply
from eventcoder.changelog.schema import BEGINNINGS, CHANGES_SCHEMA, ENDINGS, OPS, SCHEMA_OPS

__all__ = [
    "BEGINNINGS",
    "CHANGES_SCHEMA",
    "ENDINGS",
    "HELD",
    "OPS",
    "SCHEMA_OPS",
    "ChainReasons",
    "Explanation",
    "LedgerReasons",
    "NoReasons",
    "Overview",
    "Reasons",
    "apply",
    "codebook_rows",
    "composed",
    "counts",
    "diff",
    "facts",
    "misreplayed",
    "overview",
    "schema_change",
    "version_row",
    "with_columns",
]
