"""`versions` and `follow` as an analyst sees them; `release --candidate` refuses what makes no sense."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Command
from tests.releases.conftest import releases, shared
from tests.releases.workshop import Workshop

__all__ = ["releases", "shared"]


def test_versions_are_listed_newest_first(command: Command, releases: Path) -> None:
    lines = command("versions", releases).out.splitlines()
    assert [line.split()[0] for line in lines] == ["version", "2026.11.1", "2026.11.0"]
    assert "latest." in lines[1] and "The first week." in lines[2]
    assert [e["coverage_through"] for e in command("versions", releases, "--json").lines] == ["2026-11-01"] * 2
    assert "has no candidates" in command("versions", releases, "--candidates", code=2).err
    assert "no version yet" in command("versions").err


def test_follow_tells_what_became_of_events(command: Command, releases: Path, shared: Workshop) -> None:
    kept, gone, merged, survivor = shared.ids[0], shared.ids[2], shared.ids[4], shared.ids[3]
    place = ("--source", str(releases))
    assert f"{kept}  stands, since 2026.11.0, last changed in 2026.11.1" in command("follow", kept, *place).out
    assert f"{merged}  merged in 2026.11.1 into {survivor}: same march, two papers" in command("follow", merged, *place).out
    assert f"{gone}  retracted in 2026.11.1: the march was a film set." in command("follow", gone, *place).out
    told = command("follow", "-", *place, "--json", stdin=f"{merged}\n\n{kept}\nzzzzzzzzzzzz\n", code=1).lines
    assert [(t["state"], t["current_id"]) for t in told] == [("merged", survivor), ("current", kept), ("unknown", None)]
    assert "2026.11.0" in command("follow", gone, *place, "--version", "2026.11.0").out
    assert "12 characters" in command("follow", "nothing", *place, code=2).err


def test_options_of_a_candidate_are_not_those_of_a_release(command: Command) -> None:
    assert "Leave --version out" in command("release", "--candidate", "--version", "2026.11.0", code=2).err
    assert "a release is never removed" in command("release", "--keep", "3", code=2).err
