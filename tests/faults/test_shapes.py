"""The JSON that scripts and other languages rely on (docs/cli.md): one test a shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eventcoder.codebook import load_codebook
from eventcoder.event import Draft
from eventcoder.project import packaged_schema
from tests.conftest import Command
from tests.faults.test_values import write_csv

PROBLEM = {"code", "severity", "event_id", "field", "value", "message"}
STEPS = ("type", "date", "places", "count", "actors")


@pytest.fixture
def marched(command: Command) -> str:
    """A document with one event; its id."""
    text = "SHIRAZ - Hundreds of teachers marched in Shiraz, Iran, on Sunday. Police arrested three people.\n\nAnother march is planned for Friday."
    Path("march.txt").write_text(text, "utf-8")
    command("ingest", "march.txt", "--published", "2026-05-04", "--publisher", "Qasr Daily")
    return str(command("documents", "--json").one["id"])


def test_add_answers_one_line_an_event_in_the_order_given(command: Command, clean: dict[str, str]) -> None:
    rows = [{**clean, "event_date": f"2026-05-{d:02}", "notes": f"On {d} May 2026, teachers met in Shiraz."} for d in (9, 3, 6)]
    answers = command("add", "--json", "-", stdin="\n".join(map(json.dumps, rows))).lines
    assert [set(a) for a in answers] == [{"event_id", "revision"}] * 3
    days = {e["event_id"]: e["event_date"] for e in command("list", "--json").lines}
    assert [days[a["event_id"]] for a in answers] == [r["event_date"] for r in rows]


def test_list_gives_the_columns_of_the_codebook_and_limit_0_gives_all(command: Command, clean: dict[str, str]) -> None:
    rows = [{**clean, "location": f"Village {i}", "notes": f"On 3 May 2026, teachers met in Village {i}."} for i in range(23)]
    command("add", "--json", "-", stdin="\n".join(map(json.dumps, rows)))
    assert len(command("list", "--json").lines) == 20
    events = command("list", "--json", "--limit", "0").lines
    assert len(events) == 23
    columns = {c.name: c.type for c in load_codebook(packaged_schema()).columns}
    assert set(events[0]) - {"state"} <= set(columns)
    kinds = {"integer": int, "number": (int, float), "list": list}
    for name, value in events[0].items():
        assert isinstance(value, kinds.get(columns.get(name, "text"), str)) or value is None, name


def test_extract_gives_drafts_whose_evidence_is_verbatim(command: Command, marched: str) -> None:
    drafts = command("extract", "--json").lines
    assert drafts
    text = command("documents", marched, "--json").one["text"]
    for draft in drafts:
        assert {"document", "draft_id", "status", "fields", "evidence", "score", "engine", "engine_version", "clue"} <= set(draft)
        Draft.model_validate(draft)
        assert draft["document"] == marched
        for spans in draft["evidence"].values():
            assert all(text[s["start"] : s["end"]] == s["quote"] for s in spans)
    assert command("extract", "--json").lines == drafts, "the same text and engine give the same drafts"


def test_T37_what_is_only_planned_is_never_codable_and_not_asked_about(command: Command, marched: str) -> None:
    drafts = command("extract", "--json").lines
    planned = [d for d in drafts if "Friday" in d["statement"]["quote"]]
    assert planned and {d["status"] for d in planned} == {"hypothetical"}
    assert all("Friday" not in d["statement"]["quote"] for d in command("extract", "--status", "codable", "--json").lines)
    assert command("extract", "--status", "codable", "--json").lines, "the march of Sunday is"
    assert command("list", "--json").lines == [], "a draft is no event"


def test_import_accounts_for_every_row(command: Command, clean: dict[str, str]) -> None:
    rows = [clean, {**clean, "notes": ""}, {**clean, "country": "Atlantis"}]
    account = command("import", write_csv("t.csv", rows), "--keep-going", "--json", code=1).one
    shape = {"read", "created", "revised", "unchanged", "rejected", "incomplete", "dialect", "vintage", "rejects_file"}
    assert shape <= set(account)
    assert account["read"] == account["created"] + account["revised"] + account["unchanged"] + account["rejected"] == 3
    assert (account["incomplete"], account["dialect"]) == (1, "native")
    assert Path(account["rejects_file"]).is_file()
    again = command("import", write_csv("t.csv", rows[:2]), "--json").one
    assert (again["unchanged"], again["created"], again["rejects_file"]) == (2, 0, None)


@pytest.mark.parametrize("words", [("validate",), ("check", "events.csv"), ("codebook", "check")])
def test_reports_have_one_shape(command: Command, clean: dict[str, str], words: tuple[str, ...]) -> None:
    command("add", "--json", "-", "--open", stdin=json.dumps({**clean, "notes": ""}))
    write_csv("events.csv", [{**clean, "event_id": "a123456789bc", "country": "Atlantis"}])
    ran = command(*words, "--json", code=None)
    report = ran.one
    assert set(report) == {"valid", "counts", "problems"}
    assert set(report["counts"]) == {"error", "warning", "info"}
    assert all(set(p) - {"where"} == PROBLEM for p in report["problems"])
    assert ran.code == (0 if report["valid"] else 1)
    assert report["problems"] or words[0] == "codebook"
    assert command(*words, "--format", "json", code=None).one == report


def test_diff_of_the_sample_releases() -> None:
    releases = packaged_schema().parent / "releases"
    if not (releases / "versions.json").exists():
        pytest.skip("the sample releases are not built yet")
    import contextlib
    import io

    from eventcoder.cli import run

    older, newer = sorted(p.name for p in releases.iterdir() if p.is_dir())[:2]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert run(["diff", older, newer, "--json", "--project", str(releases.parent)]) == 0
    told: dict[str, Any] = json.loads(out.getvalue())
    assert {"added", "revised", "retracted", "merged", "split", "changes"} <= set(told)
    for op in ("added", "revised", "retracted", "merged"):
        # rows without an event tell what happened to columns
        assert told[op] == len({c["event_id"] for c in told["changes"] if c["op"] == op} - {None}) >= 1
    assert all(c["reason"] for c in told["changes"] if c["op"] in ("retracted", "merged"))


@pytest.mark.parametrize("step", STEPS)
def test_try_answers_every_line_of_a_pipe_in_its_place(command: Command, step: str) -> None:
    text = "Three people were killed when police fired at protesters in Shiraz on Sunday."
    lines: list[Any] = [
        {"id": "a", "text": text, "published": "2026-05-04", "country": "Iran"}, {"id": 7, "text": ""}, "no object", {"id": "c"},
        {"id": "d", "text": text, "published": "May"}, {"text": text},
    ]  # fmt: skip
    data = "\n".join([*map(json.dumps, lines), "{broken", json.dumps({"id": "z", "text": text, "published": "2026-05-04"})])
    ran = command("try", step, "-", stdin=data, code=1)
    answers = ran.lines
    assert [a["id"] for a in answers] == ["a", 7, None, "c", "d", None, None, "z"]
    bad = [i for i, a in enumerate(answers) if "error" in a]
    assert set(bad) >= {2, 3, 6} and not set(bad) & {0, 1, 5, 7}
    assert "line 7" in answers[6]["error"]
    first = answers[0]
    shapes = {
        "type": {"sub_event_type", "score", "alternatives"},
        "date": {"start", "end", "time_precision", "rule"},
        "places": {"places"},
        "count": {"kind", "low", "best", "high", "rule", "counts"},
        "actors": {"actors"},
    }
    assert shapes[step] <= set(first)
    if step == "date":
        assert (first["start"], first["end"], first["time_precision"]) == ("2026-05-03", "2026-05-03", 1)
    if step == "count":
        assert (first["kind"], first["low"], first["best"]) == ("killed", 3, 3)
    if step == "places":
        assert {"start", "end", "name", "gazetteer_id", "latitude", "longitude", "country", "score"} <= set(first["places"][0])
        assert text[first["places"][0]["start"] : first["places"][0]["end"]] == "Shiraz"
    if step == "actors":
        assert {"start", "end", "name", "actor", "inter", "role"} <= set(first["actors"][0])
    if step == "type":
        assert first["sub_event_type"] == "Excessive force against protesters"
    single = command("try", step, text, "--published", "2026-05-04", "--country", "Iran", "--json").one
    assert {k: v for k, v in single.items() if k != "id"} == {k: v for k, v in first.items() if k != "id"}
