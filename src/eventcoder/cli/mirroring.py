"""`publish` and `pull`: releases out of the project, and a copy of a release into somebody's own folder. Floor 8."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventcoder.cli.options import JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say, table, terminal_width
from eventcoder.cli.progress import working
from eventcoder.project import open_project

if TYPE_CHECKING:
    from eventcoder.reader.pulling import Pulled


def publish(
    target: Annotated[str, typer.Argument(help="A folder (e.g. of a web server), or a URL: s3://bucket/folder, gs://, az://", show_default=False)],
    candidate: Annotated[bool, typer.Option("--candidate", help="Publish the candidates too, to candidate/ below the target.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Read back whole what a store has already, not sizes and manifests alone.")] = False,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Copy the releases to a folder or an object store: files aside, verified by reading back, the list of versions last.

    Can be interrupted at any moment and run again. A published version is never changed; a redacted one is removed there too.
    Credentials come from where the store's own tools take them (AWS_ACCESS_KEY_ID, ~/.aws ...). Another S3 server than Amazon's:
    s3://bucket/folder?endpoint_override=HOST:PORT&region=REGION (and &scheme=http).
    """
    from eventcoder.releases import publish as copy

    with working("Publishing ..."):
        result = copy(open_project(project), target, candidate=candidate, verify=verify)
    if json_:
        emit(result.as_json())
    else:
        say(result.summary)


def pull(
    source: Annotated[str, typer.Argument(help="URL or folder of releases (https://, s3:// ...), or of one of them.", show_default=False)],
    to: Annotated[Path | None, typer.Option("--to", help="Folder of the copy; else one named like the dataset, here.", show_default=False)] = None,
    version: Annotated[str, typer.Option("--version", help="Version to have, newer or older than the one there.")] = "latest",
    limit: Annotated[int, typer.Option("--limit", help="How many touched events to print; 0 for all.", min=0)] = 20,
    json_: JsonOption = False,
) -> None:
    """Bring a local copy of a dataset to a version: fetch what is missing, verify every file, then move the pointer.

    Says what changed since the version that was there, and which events leave stale rows in tables kept by id. Can be interrupted at any
    moment and run again. Read the copy with eventcoder.load(FOLDER). The folder must be new, empty, or a copy made by pull.
    """
    from eventcoder.reader.pulling import pull as bring

    with _warnings_noted(), working("Pulling ..."):
        result = bring(source, to, version)
    if json_:
        emit(result.as_json())
    else:
        _tell(result, limit)


def _tell(result: Pulled, limit: int) -> None:
    say(f"{result.folder}  version {result.version}, {result.events:,} events; every file and the fingerprint verified")
    say(f"fetched {result.fetched} files ({_size(result.bytes)}), {result.kept} were there")
    for text in result.told:
        note(f"warning: {text}")
    if result.before is None:
        return
    if result.before == result.version:
        say("It was that version already.")
        return
    counts = ", ".join(f"{n:,} {op}" for op, n in result.counts.items()) or "no event changed"
    say(f"It was {result.before} before: {counts}.")
    if not result.touched:
        return
    say("In tables that you keep by event_id, remove or move these:")
    rows = [[r["op"], r["event_id"], _change(r), r["reason"] or ""] for r in result.touched[: limit or None]]
    for line in table(rows, ("what", "event", "change", "reason"), width=terminal_width()):
        say(f"  {line}")
    if limit and len(result.touched) > limit:
        note(f"... and {len(result.touched) - limit:,} more; --limit 0 shows all, --json has them too.")


def _change(row: dict[str, Any]) -> str:
    old, new = row["old"], row["new"]
    if isinstance(new, dict):
        return "; ".join(f"{name}: {old[name]} -> {new[name]}" for name in new)
    if row["op"] == "re-dated":
        return f"{old} -> {new}"
    return f"into {new}" if new else ""


def _size(n: int) -> str:
    return f"{n / 1e6:,.1f} MB" if n >= 100_000 else f"{n:,} bytes"


@contextmanager
def _warnings_noted() -> Iterator[None]:
    """What the library warns of (a withdrawn version, an old list), as lines for the person at the keyboard."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        try:
            yield
        finally:
            for warning in caught:
                if issubclass(warning.category, UserWarning):
                    note(f"warning: {warning.message}")
