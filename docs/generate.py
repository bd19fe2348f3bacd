"""Write what is derived from the code: docs/cli.md, schema/event.schema.json, and the classifiers of schema/classifier.

`--check` only says whether they are true (exit code 1 if not). The classifiers are judged by the hash of what they were made of, not by their
bytes: another processor may round otherwise. To make the one of the engine semantic its extra and its model must be installed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
CLI = TOP / "docs" / "cli.md"
SCHEMA = TOP / "schema" / "event.schema.json"
MODEL = TOP / "schema" / "classifier" / "types.npz"
HEAD = TOP / "schema" / "classifier" / "semantic.npz"
STATUSES = TOP / "schema" / "classifier" / "statuses.npz"
ABOUT = """# Command line

Generated from the commands' own `--help` by `make generated`; `make lint` fails when it is stale.

Exit codes: 0 fine; 1 the input was read and has problems; 2 wrong use, or input that cannot be read at all.
Results go to standard output, everything else to standard error. `--project` and `--coder` may also stand before the command.
"""


def help_of(*words: str) -> str:
    """The help page of a command as plain text, the same on every terminal."""
    env = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", "TERMINAL_WIDTH": "100"}
    command = [sys.executable, "-m", "eventcoder", *words, "--help"]
    text = subprocess.run(command, capture_output=True, text=True, env=env, check=True).stdout
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def cli_page() -> str:
    """docs/cli.md: the overview and every command, with its subcommands."""
    from eventcoder.cli.directory import COMMANDS

    parts = [ABOUT, "```text\n" + help_of() + "\n```"]
    for name, listing in COMMANDS.items():
        page = help_of(name)
        parts.append(f"## {name}\n\n```text\n{page}\n```")
        if listing.group:
            for sub in re.findall(r"^│ ([a-z][a-z-]*) {2,}", page.split("Commands", 1)[1], re.MULTILINE):
                parts.append(f"### {name} {sub}\n\n```text\n{help_of(name, sub)}\n```")
    return "\n\n".join(parts) + "\n"


def classifier_is_stale() -> bool:
    """Was the model made of other examples, another lexicon or another version of the features?"""
    from eventcoder.extraction.classifier.linear import load
    from eventcoder.extraction.classifier.making import teaching
    from eventcoder.extraction.classifier.training import inputs_digest

    return not MODEL.exists() or load(MODEL).version != inputs_digest(teaching(TOP / "schema"), TOP / "schema" / "lexicon")


def make_classifier() -> None:
    """Train it anew (about a minute)."""
    from eventcoder.extraction.classifier.making import make_model, teaching
    from eventcoder.project import open_project
    from eventcoder.review import kit_of

    make_model(teaching(TOP / "schema"), kit_of(open_project(TOP))).save(MODEL)


def statuses_are_stale() -> bool:
    """The same of the model of statuses."""
    from eventcoder.extraction.classifier.doubting import status_examples
    from eventcoder.extraction.classifier.linear import load
    from eventcoder.extraction.classifier.training import inputs_digest

    return not STATUSES.exists() or load(STATUSES).version != inputs_digest(status_examples(TOP / "schema"), TOP / "schema" / "lexicon")


def make_status_model() -> None:
    """Train it anew (half a minute)."""
    from eventcoder.extraction.classifier.doubting import make_statuses, status_examples
    from eventcoder.project import open_project
    from eventcoder.review import kit_of

    make_statuses(status_examples(TOP / "schema"), kit_of(open_project(TOP))).save(STATUSES)


def head_is_stale() -> bool:
    """The same of the types by sentence vectors; asks for no extra."""
    from eventcoder.extraction.classifier.making import teaching
    from eventcoder.extraction.semantic.teaching import is_stale

    return is_stale(HEAD, teaching(TOP / "schema"))


def make_semantic_head() -> None:
    """Train it anew (half a minute). Raises what opening the model raises."""
    from eventcoder.extraction.classifier.making import teaching
    from eventcoder.extraction.semantic.embedder import open_embedder
    from eventcoder.extraction.semantic.models import find_model
    from eventcoder.extraction.semantic.teaching import make_head
    from eventcoder.project import Settings, open_project
    from eventcoder.review import kit_of

    embedder = open_embedder(find_model(Settings().semantic_model, TOP))
    make_head(teaching(TOP / "schema"), embedder, kit_of(open_project(TOP))).save(HEAD)


def main() -> int:
    """Write the files, or with --check compare them."""
    from eventcoder.codebook.jsonschema import event_schema_text

    made = {
        MODEL: (classifier_is_stale(), make_classifier),
        STATUSES: (statuses_are_stale(), make_status_model),
        HEAD: (head_is_stale(), make_semantic_head),
    }
    old = [path for path, (is_old, _) in made.items() if is_old]
    wanted = {CLI: cli_page(), SCHEMA: event_schema_text(TOP / "schema")}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(TOP)} is stale: run 'make generated' and commit it.")
        for path in old:
            print(f"{path.relative_to(TOP)} is stale: run 'make generated' and commit it.")
        return 1 if stale or old else 0
    for path in stale:
        path.write_text(wanted[path], "utf-8")
        print(f"wrote {path.relative_to(TOP)}")
    for path in old:
        made[path][1]()
        print(f"wrote {path.relative_to(TOP)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
