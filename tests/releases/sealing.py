"""Make a damaged release fit its hashes again: what somebody would do who knows the format and means harm."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pyarrow.parquet as pq

from eventcoder.releases.package import all_files, checksums, file_facts
from eventcoder.releases.versions import read_versions, write_versions


def seal(folder: Path) -> None:
    """Make hashes, sizes, rows and lists fit what the files say now (rows of files that are no Parquet any more stay as they were)."""
    raw = json.loads((folder / "datapackage.json").read_text("utf-8"))
    files = raw["eventcoder"]["files"]
    for name in all_files(folder):
        if name not in ("datapackage.json", "SHA256SUMS"):
            rows = files.get(name, {}).get("rows")
            if name.endswith(".parquet"):
                with suppress(OSError, ValueError):
                    rows = pq.read_metadata(folder / name).num_rows
            files[name] = {**file_facts(folder / name).model_dump(), "rows": rows}
    for resource in raw["resources"]:
        facts = files[resource["path"]]
        resource |= {"bytes": facts["bytes"], "hash": f"sha256:{facts['sha256']}"}
    write_descriptor(folder, raw)


def write_descriptor(folder: Path, raw: object) -> None:
    """Write the descriptor, and make the checksums and the list of versions fit it."""
    (folder / "datapackage.json").write_text(json.dumps(raw), "utf-8")
    (folder / "SHA256SUMS").write_text(checksums(folder), "utf-8")
    versions = read_versions(folder.parent)
    entry = versions.entry(folder.name)
    assert entry is not None
    hash_ = file_facts(folder / "datapackage.json").sha256
    write_versions(folder.parent, versions.adding(entry.model_copy(update={"manifest_sha256": hash_})))
