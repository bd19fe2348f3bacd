"""What analysts call: `load`, `scan`, `versions`, `changes`, `resolve`, `evidence`. Floor 7.

    source      finds releases: a project, a releases folder, one release, a URL
    remote      fetches over HTTP into a cache that is verified and works offline afterwards
    frame       Arrow to pandas with the right dtypes
    filters     country, days, types: checked against the release's own code lists
    loading     load, scan
    past        versions, changes, resolve, evidence

Imports of ours: floors 0, 1, 3, and of `releases` only what describes files (manifest, versions, layout, tables, the ACLED form).
"""

from eventcoder.reader.loading import load, scan
from eventcoder.reader.past import changes, evidence, resolve, versions

__all__ = ["changes", "evidence", "load", "resolve", "scan", "versions"]
