"""README.md is true: its commands run in order in a new project, its Python shows what it says, and docs/cli.md knows every command."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from eventcoder.cli.directory import COMMANDS
from eventcoder.project import packaged_schema
from tests.conftest import CLEAN, Command

TOP = packaged_schema().parent
README = (TOP / "README.md").read_text("utf-8")
NOT_HERE = ("make", "python", "pip")  # environments are made by `make demo` and `make test` themselves


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def shell_words(block: str) -> list[list[str]]:
    """The commands of a shell block as words; input redirections stay as `<`, name."""
    lines = block.replace("\\\n", " ").splitlines()
    return [words for line in lines for part in line.split(" && ") if (words := shlex.split(part, comments=True))]


class Reader:
    """Somebody who types what the README shows, with names of their own in the places of ID, DOCUMENT and the like."""

    def __init__(self, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        self.command = command
        self.monkeypatch = monkeypatch
        self.ran: list[str] = []

    def fill(self, words: list[str]) -> list[str]:
        live = [e["event_id"] for e in self.command("list", "--json", "--limit", "0").lines] if {"ID", "SURVIVOR"} & set(words) else []
        names = {"ID": live[:1], "SURVIVOR": live[1:2], "DOCUMENT": []}
        if "DOCUMENT" in words:
            names["DOCUMENT"] = [d["id"] for d in self.command("documents", "--json").lines][:1]
        return [(names[w] or [w])[0] if w in names else w for w in words]

    def type(self, words: list[str]) -> None:
        if words[0] in NOT_HERE:
            return
        if words[0] == "cd":
            shutil.copytree(TOP / "raw" / "articles", Path(words[1]) / "raw" / "articles", dirs_exist_ok=True)
            self.monkeypatch.chdir(words[1])
        elif words[0] == "export":
            self.monkeypatch.setenv(*words[1].split("=", 1))
        else:
            assert words[0] == "eventcoder", f"the test does not know how to run {words}"
            stdin = b""
            if "<" in words:
                stdin = Path(words[words.index("<") + 1]).read_bytes()
                words = words[: words.index("<")]
            self.command(*self.fill(words[1:]), stdin=stdin)
            self.ran.append(words[1])


def test_the_commands_of_the_readme_run_as_they_stand(
    command: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    events = [{**CLEAN, "event_date": f"2026-06-{d:02}", "notes": f"On {d} June 2026, teachers met in Shiraz."} for d in (3, 10, 17, 24)]
    reader = Reader(command, monkeypatch)
    *early, last = blocks("sh")
    for block in early:
        for words in shell_words(block):
            if "<" in words:
                Path("events.jsonl").write_text("".join(json.dumps(e) + "\n" for e in events), "utf-8")
            reader.type(words)
    shown = {"init", "ingest", "review", "add", "list", "show", "amend", "attach", "retract", "merge", "history", "places", "explain"}
    assert shown <= set(reader.ran)
    command("journal", "export")
    command("release", "--coder", "lea")  # a lead of the README's team
    assert "check" in " ".join(w for words in shell_words(last) for w in words), "the block for continuous integration is the last"
    for words in shell_words(last):
        reader.type(words)


def test_every_command_that_is_named_exists() -> None:
    named = set(re.findall(r"eventcoder ([a-z]+)", README)) - {"is", "builds"}
    assert named <= set(COMMANDS), named - set(COMMANDS)
    page = (TOP / "docs" / "cli.md").read_text("utf-8")
    assert [name for name in COMMANDS if f"\n## {name}\n" not in page] == []


def test_files_that_the_readme_points_to_exist() -> None:
    assert [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link and not (TOP / link).exists()] == []


def session(block: str) -> list[tuple[str, str]]:
    """The statements of an interactive session, each with the output that it is said to have."""
    out: list[tuple[list[str], list[str]]] = []
    for line in block.splitlines():
        if line.startswith(">>> "):
            out.append(([line[4:]], []))
        elif line.startswith("... "):
            out[-1][0].append(line[4:])
        else:
            out[-1][1].append(line)
    return [("\n".join(code), "\n".join(said).rstrip()) for code, said in out]


def test_the_python_of_the_readme_shows_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    if not (TOP / "releases" / "versions.json").exists():
        pytest.skip("the sample releases are not built yet")
    monkeypatch.chdir(TOP)
    found = re.search(r"<!-- loaded.*?-->\n```python\n(.*?)```", README, re.DOTALL)
    assert found, "the README shows how a release is loaded"
    names: dict[str, object] = {}
    statements = session(found[1])
    assert sum(bool(said) for _, said in statements) >= 1
    for code, said in statements:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            tree = ast.parse(code)
            if len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
                value = eval(code, names)
                if value is not None:
                    print(repr(value))
            else:
                exec(code, names)
        assert [line.rstrip() for line in out.getvalue().rstrip().splitlines()] == [line.rstrip() for line in said.splitlines()], code
