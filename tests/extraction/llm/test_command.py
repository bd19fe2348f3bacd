"""The engine through the command line: drafts into the ledger, faults as messages and exit code 1, a replay without the endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Command
from tests.extraction.llm.articles import GUSAU, GUSAU_ATTACK, GUSAU_SPEECH
from tests.extraction.llm.conftest import WORLD, Response, Server, says


def answers(request: dict[str, Any], number: int) -> Response:
    if "Gusau" in request["messages"][-1]["content"]:
        return says(GUSAU_ATTACK, GUSAU_SPEECH)
    return Response("The weather is fine.")


@pytest.fixture
def project(command: Command, server: Server) -> Path:
    """A project with two articles, one of which the model cannot cope with."""
    server.reply = answers
    Path("eventcoder.toml").write_text(f'id = "trial"\nengine = "llm"\nllm_url = "{server.url}"\nllm_model = "tiny"\nllm_timeout = 5.0\n', "utf-8")
    folder = Path("news")
    folder.mkdir()
    (folder / "a.txt").write_text(GUSAU, "utf-8")
    (folder / "b.txt").write_text("In Kano, Nigeria, traders marched on Tuesday for better roads, a local paper reported on its front page.", "utf-8")
    command("ingest", folder, "--published", "2026-05-07")
    return Path.cwd()


def test_drafts_of_the_model_are_stored_and_what_failed_is_told_and_comes_again(command: Command, project: Path, server: Server) -> None:
    ran = command("extract", "--json", code=1)
    assert sorted(row["status"] for row in ran.lines) == ["codable", "speech_act"]
    assert all(row["engine"] == "llm" and row["engine_version"].startswith("tiny-") for row in ran.lines)
    assert "llm-bad-answer" in ran.err and "The weather is fine." in ran.err
    assert WORLD not in ran.out + ran.err
    server.reply = lambda request, number: says()
    again = command("extract", "--json")
    assert again.lines == ran.lines and len(server.requests) == 3, "what is stored is shown, only what failed is asked about"


def test_a_replay_gives_the_same_drafts_without_the_endpoint(
    command: Command, project: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = command("extract", "--json", "--no-store", code=1)
    monkeypatch.setenv("EVENTCODER_LLM_REPLAY", "1")
    asked = len(server.requests)
    second = command("extract", "--json", "--no-store", code=1)
    assert second.lines == first.lines and len(server.requests) == asked


def test_without_a_model_the_command_says_what_to_write(command: Command) -> None:
    ran = command("extract", "--engine", "llm", code=2)
    assert "llm_model" in ran.err
