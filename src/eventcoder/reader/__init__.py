"""What analysts call: `load`, `scan`, `pull`, `versions`, `changes`, `resolve`, `evidence`, `trace`, `report`. Floor 7.

    source      finds releases: a project, a releases folder, one release, a URL
    remote      fetches by URL into a cache that is verified and works offline afterwards; `web` over HTTP
    pulling     pull: a local copy brought to any version; `touched` says which events leave stale rows
    frame       Arrow to pandas with the right dtypes
    filters     country, days, types, precision: checked against the release's own code lists; `selecting` reads the rows
    loading     load, scan
    channels    releases, candidates, or both; how old data may be
    listing     versions
    resolving   resolve
    changing    changes: what makes one version out of another
    past        evidence
    tracing     trace
    reporting   report

Imports of ours: floors 0, 1, 3, `reportpage`, and of `releases` only what describes files (manifest, versions, layout,
tables, the ACLED form, places).
"""

from eventcoder.reader.changing import changes
from eventcoder.reader.listing import versions
from eventcoder.reader.loading import load, scan
from eventcoder.reader.past import evidence
from eventcoder.reader.pulling import Pulled, pull
from eventcoder.reader.reporting import report
from eventcoder.reader.resolving import resolve
from eventcoder.reader.tracing import trace

__all__ = ["Pulled", "changes", "evidence", "load", "pull", "report", "resolve", "scan", "trace", "versions"]
