"""Over real HTTP: forms, retries, faults, cache, replay, budget, privacy. One fault is one document's; the others go on."""

from __future__ import annotations

import json
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from eventcoder.clock import now
from eventcoder.errors import UsageError
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.llm import LlmEngine, forget_document
from eventcoder.extraction.llm.client import address_of
from eventcoder.extraction.protocol import Extracted
from eventcoder.project import Project, Settings
from tests.extraction.llm.articles import GUSAU, GUSAU_ATTACK, GUSAU_SPEECH
from tests.extraction.llm.conftest import WORLD, Bench, Reply, Response, Server, refuses, says, text_of

ATTACK = text_of(GUSAU)
OTHERS = [text_of(f"In Kano, Nigeria, traders marched on Tuesday for the {n}th time.") for n in range(4, 9)]


def answers(request: dict[str, Any], number: int) -> Response:
    """A well-behaved model."""
    return says(GUSAU_ATTACK, GUSAU_SPEECH) if "Gusau" in request["messages"][-1]["content"] else says()


def failing_on_gusau(fault: Response) -> Reply:
    def reply(request: dict[str, Any], number: int) -> Response:
        return fault if "Gusau" in request["messages"][-1]["content"] else says()

    return reply


def told(out: Extracted) -> str:
    (problem,) = out.problems
    assert problem.where == out.document
    return problem.message


# -- the request


def test_the_request_carries_the_key_as_a_header_and_nothing_keeps_it(bench: Bench, server: Server) -> None:
    server.reply = answers
    (out,) = bench.read(ATTACK)
    assert len(out.drafts) == 2
    assert server.paths == ["/v1/chat/completions"]
    assert server.headers[0]["Authorization"] == f"Bearer {WORLD}"
    assert server.requests[0]["model"] == "tiny" and server.requests[0]["temperature"] == 0
    (kept,) = bench.cached
    assert WORLD not in kept.read_text("utf-8") and server.url not in kept.read_text("utf-8")


def test_a_key_that_the_endpoint_repeats_is_taken_out_of_the_message(bench: Bench, server: Server) -> None:
    server.reply = lambda request, number: refuses(401, f"Incorrect API key provided: {WORLD}. Find yours elsewhere.")
    first, second = bench.read(ATTACK, OTHERS[0], llm_parallel=1)
    assert first.failed and WORLD not in told(first) and "EVENTCODER_LLM_KEY is set but not accepted" in told(first)
    assert second.failed and len(server.requests) == 1  # another document would fare the same
    assert first.problems[0].code == second.problems[0].code == "llm-refused"


def test_the_schema_is_strict_and_holds_the_codebooks_labels(bench: Bench, server: Server, kit: Kit) -> None:
    bench.read(ATTACK)
    form = server.requests[0]["response_format"]["json_schema"]
    assert form["strict"] is True

    def objects(node: Any) -> list[dict[str, Any]]:
        if isinstance(node, list):
            return [o for one in node for o in objects(one)]
        if not isinstance(node, dict):
            return []
        return ([node] if "properties" in node else []) + [o for one in node.values() for o in objects(one)]

    every = objects(form["schema"])
    assert every and all(o["required"] == list(o["properties"]) and o["additionalProperties"] is False for o in every)
    text = json.dumps(form["schema"], ensure_ascii=False)
    for name in ("sub_event_types", "statuses", "inter"):
        assert all(json.dumps(code) in text for code in kit.codebook.lists[name].codes)


def test_the_prompt_is_made_of_the_codebook_and_its_examples(bench: Bench, server: Server, kit: Kit) -> None:
    bench.read(ATTACK)
    system = server.requests[0]["messages"][0]["content"]
    for row in kit.codebook.lists["sub_event_types"].rows:
        assert row["definition"] in system
    assert system.count('Example: "') >= len(kit.codebook.lists["sub_event_types"])
    assert "Thursday, 2026-05-07" in server.asked_about()


def test_another_model_or_codebook_is_another_version(bench: Bench, kit: Kit, tmp_path: Path) -> None:
    one, two = bench.open(), bench.open(llm_model="org/other-7b:q4")
    assert one.version != two.version and two.version.startswith("org-other-7b-q4-")
    assert bench.open().version == one.version
    assert bench.open(llm_url="http://elsewhere.example/v1").version == one.version


@pytest.mark.parametrize("taken", ["json_object", "text"])
def test_what_the_endpoint_does_not_take_is_left_out_and_remembered(bench: Bench, server: Server, taken: str) -> None:
    def reply(request: dict[str, Any], number: int) -> Response:
        form = request.get("response_format", {}).get("type", "text")
        if form == "json_schema" or (form == "json_object" and taken == "text"):
            return refuses(400, f"'response_format' of type '{form}' is not supported")
        answer = answers(request, number)
        answer.content = f"<think>{{Let me see}}</think>\nHere you are:\n```json\n{answer.content}\n```" if taken == "text" else answer.content
        return answer

    server.reply = reply
    out = bench.read(ATTACK, *OTHERS[:2], llm_parallel=1)
    assert [len(o.drafts) for o in out] == [2, 0, 0] and not any(o.failed for o in out)
    assert len(server.requests) == 3 + (1 if taken == "json_object" else 2)
    assert "JSON Schema" in server.requests[-1]["messages"][0]["content"]
    # a replay looks under every form
    assert [len(o.drafts) for o in bench.read(ATTACK, *OTHERS[:2], replay=True)] == [2, 0, 0]


def test_a_temperature_that_is_not_taken_is_left_out(bench: Bench, server: Server) -> None:
    server.reply = lambda request, n: refuses(400, "Unsupported value: 'temperature'") if "temperature" in request else answers(request, n)
    (out,) = bench.read(ATTACK)
    assert len(out.drafts) == 2 and server.requests[-1]["response_format"]["type"] == "json_schema"


def test_a_request_that_is_too_long_is_no_matter_of_form(bench: Bench, server: Server) -> None:
    server.reply = failing_on_gusau(refuses(400, "This model's maximum context length is 4096 tokens. Please reduce the length of the messages."))
    first, second = bench.read(ATTACK, OTHERS[0])
    assert first.failed and "too long for the model" in told(first) and not second.failed
    assert len(server.requests) == 2


# -- faults


def test_busy_and_failing_endpoints_are_asked_again_within_bounds(bench: Bench, server: Server) -> None:
    faults = [refuses(429, "slow down", Retry_After="7"), refuses(503, "loading"), Response(hang_up=True)]
    server.reply = lambda request, number: faults[number - 1] if number <= 3 else answers(request, number)
    (out,) = bench.read(ATTACK)
    assert len(out.drafts) == 2 and len(server.requests) == 4
    assert bench.slept == [7.0, 2.0, 4.0]


def test_a_date_in_retry_after_is_waited_for(bench: Bench, server: Server) -> None:
    later = format_datetime(now() + timedelta(seconds=30), usegmt=True)
    server.reply = lambda request, number: refuses(429, "later", Retry_After=later) if number == 1 else answers(request, number)
    bench.read(ATTACK)
    assert 20 < bench.slept[0] <= 31


def test_an_endpoint_that_keeps_failing_is_given_up_for_that_document(bench: Bench, server: Server) -> None:
    server.reply = failing_on_gusau(refuses(500, "out of memory"))
    first, second = bench.read(ATTACK, OTHERS[0])
    assert first.failed and "out of memory" in told(first) and first.problems[0].code == "llm-unreachable"
    assert not second.failed
    assert len(server.requests) == 6 and bench.slept == [1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize("fault", [Response(delay=1.2), Response(content="x" * 4000, drip=0.05)], ids=["silence", "dripping"])
def test_an_endpoint_that_does_not_answer_in_time_costs_that_document_only(bench: Bench, server: Server, fault: Response) -> None:
    server.reply = failing_on_gusau(fault)
    first, second = bench.read(ATTACK, OTHERS[0], llm_timeout=0.4)
    assert first.failed and "no answer within 0.4 seconds" in told(first)
    assert not second.failed and second.problems == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Response("I would rather talk about the weather."), "no JSON object"),
        (Response(""), "nothing"),
        (says(GUSAU_ATTACK, finish="length"), "breaks off"),
        (Response(json.dumps({"statements": [GUSAU_ATTACK]})[:-40]), "breaks off or is malformed"),
        (Response('{"events": [{"type": "Attack"}]}'), "another schema"),
        (Response('{"statements": "none"}'), "another schema"),
        (Response("[" * 100_000), "no JSON object"),
        (Response(raw=b"<html><body>Welcome to nginx</body></html>"), "did not answer with JSON"),
        (Response(raw=b'{"choices": []}'), "without 'choices'"),
        (Response(raw=b'{"error": {"message": "model is loading"}}'), "model is loading"),
        (Response(raw=b"[1, 2]"), "another form"),
        (Response(raw=b"\xff\xfe\x00"), "did not answer with JSON"),
    ],
    ids=["chat", "empty", "cut", "truncated", "schema", "no-list", "deep", "html", "no-choices", "error", "list", "binary"],
)
def test_nonsense_fails_its_document_and_is_asked_again_next_time(bench: Bench, server: Server, fault: Response, words: str) -> None:
    server.reply = failing_on_gusau(fault)
    first, *rest = bench.read(ATTACK, *OTHERS)
    assert first.failed and first.drafts == [] and first.problems[0].code == "llm-bad-answer" and words in told(first)
    assert not any(o.failed for o in rest)
    server.reply = answers
    before = len(server.requests)
    again, *rest = bench.read(ATTACK, *OTHERS)
    assert len(again.drafts) == 2 and not again.failed and len(server.requests) == before + 1


def test_a_redirect_is_not_followed(bench: Bench, server: Server) -> None:
    server.reply = lambda request, number: Response(status=307, raw=b"", headers={"Location": "http://127.0.0.1:9/elsewhere"})
    (out,) = bench.read(ATTACK)
    assert out.failed and "sends on to http://127.0.0.1:9/elsewhere" in told(out)


def test_an_unknown_model_stops_the_asking(bench: Bench, server: Server) -> None:
    server.reply = lambda request, number: refuses(404, "model 'tiny' not found")
    out = bench.read(ATTACK, *OTHERS, llm_parallel=1)
    assert all(o.failed for o in out) and "llm_model" in told(out[0]) and len(server.requests) == 1


def test_where_nobody_listens_the_run_ends_soon_and_cached_answers_still_count(bench: Bench, server: Server) -> None:
    server.reply = answers
    bench.read(ATTACK)
    gone = Server()
    gone.close()
    many = [text_of(f"In Kano, traders marched for the {n}th time.") for n in range(40)]
    out = bench.read(*many, ATTACK, llm_url=gone.url, llm_parallel=1)
    assert all(o.failed for o in out[:-1]) and len(out[-1].drafts) == 2
    assert "nothing listens there" in told(out[0]) and "not asked any more" in told(out[-2])
    assert len(bench.slept) == 5 * 4  # five documents, then no more


def test_answers_that_are_too_few_tokens_are_told(bench: Bench, server: Server) -> None:
    server.reply = lambda request, number: says(GUSAU_SPEECH, usage={"prompt_tokens": 1024, "completion_tokens": 20})
    (out,) = bench.read(ATTACK)
    assert [p.code for p in out.problems] == ["llm-prompt-cut"] and not out.failed


# -- cache and replay


def test_what_was_answered_is_never_asked_twice_and_gives_the_same_drafts(bench: Bench, server: Server) -> None:
    server.reply = answers
    first = bench.read(ATTACK, *OTHERS)
    assert len(server.requests) == 6
    server.reply = lambda request, number: says()
    second = bench.read(ATTACK, *OTHERS)
    assert len(server.requests) == 6
    assert [[d.as_json() for d in o.drafts] for o in first] == [[d.as_json() for d in o.drafts] for o in second]
    assert bench.engine is not None and (bench.engine.account.requests, bench.engine.account.cached) == (0, 6)


def test_a_replay_needs_no_endpoint_and_names_what_lacks_an_answer(bench: Bench, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.reply = answers
    bench.read(ATTACK)
    asked = len(server.requests)
    monkeypatch.setenv("EVENTCODER_LLM_REPLAY", "1")
    project = Project(bench.root, Settings(llm_model="tiny"))
    engine = LlmEngine(bench.kit, project)
    known, unknown = engine.read([ATTACK, OTHERS[0]])
    assert len(known.drafts) == 2 and not known.failed
    assert unknown.failed and [p.code for p in unknown.problems] == ["llm-no-answer"] and unknown.document in told(unknown)
    assert len(server.requests) == asked


def test_a_damaged_file_of_the_cache_is_asked_again(bench: Bench, server: Server) -> None:
    server.reply = answers
    bench.read(ATTACK)
    (kept,) = bench.cached
    for damage in ("", "{", "[]", '{"key": "other"}', "\x00"):
        kept.write_text(damage, "utf-8")
        (out,) = bench.read(ATTACK)
        assert len(out.drafts) == 2
    assert len(server.requests) == 6


def test_a_redacted_document_leaves_nothing_in_the_cache(bench: Bench, server: Server) -> None:
    server.reply = answers
    bench.read(ATTACK, OTHERS[0])
    assert forget_document(bench.project(), ATTACK.document.id) is True
    assert [p.parent.name for p in bench.cached] == [OTHERS[0].document.id]
    assert forget_document(bench.project(), ATTACK.document.id) is False


# -- many documents


def test_requests_run_side_by_side_and_answers_come_in_order(bench: Bench, server: Server) -> None:
    def reply(request: dict[str, Any], number: int) -> Response:
        answer = answers(request, number)
        answer.delay = 0.3 if number == 1 else 0.1
        return answer

    server.reply = reply
    out = bench.read(ATTACK, *OTHERS, llm_parallel=3)
    assert [o.document for o in out] == [t.document.id for t in (ATTACK, *OTHERS)]
    assert 1 < server.most_at_once <= 3


def test_a_long_document_is_read_to_its_end_without_telling_anything_twice(bench: Bench, server: Server) -> None:
    filler = "\n\n".join(f"Paragraph {n} tells of the harvest and of the price of maize in the valley. " * 4 for n in range(40))
    long = text_of(f"Report of the season.\n\n{filler}\n\n{GUSAU}\n\n{filler}")
    server.reply = answers
    (out,) = bench.read(long)
    assert sum(d.status == "codable" for d in out.drafts) == 1
    assert len(server.requests) >= 5
    sent = "".join(r["messages"][-1]["content"] for r in server.requests)
    assert all(f"Paragraph {n} tells" in sent for n in range(40))
    assert "part 2 of" in server.asked_about(1) and "Report of the season." in server.asked_about(1)


def test_a_document_of_which_one_part_has_no_answer_failed_and_keeps_its_other_parts(bench: Bench, server: Server) -> None:
    filler = "\n\n".join(f"Paragraph {n} tells of the harvest and of the price of maize in the valley. " * 4 for n in range(40))
    long = text_of(f"{GUSAU}\n\n{filler}\n\nThe end.")
    server.reply = lambda request, n: refuses(400, "no") if "The end." in request["messages"][-1]["content"] else answers(request, n)
    (out,) = bench.read(long)
    assert out.failed and out.drafts == []
    asked = len(server.requests)
    server.reply = answers
    (out,) = bench.read(long)
    assert not out.failed and len(server.requests) == asked + 1 and any(d.status == "codable" for d in out.drafts)


def test_empty_and_enormous_documents(bench: Bench, server: Server) -> None:
    empty, enormous, normal = bench.read(text_of(" \n "), text_of("word " * 2_000_000), ATTACK)
    assert not empty.failed and empty.drafts == []
    assert enormous.failed and enormous.problems[0].code == "llm-too-long" and "10,000,000 characters" in told(enormous)
    assert not normal.failed and len(server.requests) == 1


# -- budget and cost


def test_the_budget_stops_cleanly_and_the_next_run_goes_on(bench: Bench, server: Server) -> None:
    server.reply = answers
    out = bench.read(ATTACK, *OTHERS, llm_parallel=1, llm_tokens=14_000)
    failed = [o for o in out if o.failed]
    assert 0 < len(failed) < 6 and all(o.problems[0].code == "llm-budget" for o in failed)
    assert [o.failed for o in out] == sorted(o.failed for o in out)  # first come, first read
    assert bench.engine is not None and "(used up)" in bench.engine.summary()
    asked = len(server.requests)
    out = bench.read(ATTACK, *OTHERS)
    assert not any(o.failed for o in out) and len(server.requests) == 6 and asked == 6 - len(failed)


def test_tokens_and_cost_are_told_before_and_after(bench: Bench, server: Server) -> None:
    server.reply = lambda request, number: says(usage={"prompt_tokens": 5000, "completion_tokens": 200})
    engine = bench.open(llm_price_in=2.0, llm_price_out=10.0)
    before = engine.outlook([ATTACK, OTHERS[0]])
    assert "2 requests to send, 0 answers in the cache; about " in before and "cost about 0.0" in before
    list(engine.read([ATTACK, OTHERS[0]]))
    assert engine.summary() == "llm: 2 requests, 0 answers from the cache, 10,000 tokens read and 400 written, cost 0.0240."
    assert "0 requests to send, 2 answers in the cache" in engine.outlook([ATTACK, OTHERS[0]])


def test_an_endpoint_that_does_not_count_gives_sums_that_say_about(bench: Bench, server: Server) -> None:
    server.reply = lambda request, number: says(usage=None)
    bench.read(ATTACK)
    assert bench.engine is not None and "about " in bench.engine.summary()


# -- privacy and settings


def test_what_is_not_public_is_never_sent_unless_the_project_allows_it(bench: Bench, server: Server) -> None:
    server.reply = answers
    secret = text_of(GUSAU, visibility="undisclosed")
    closed, public = bench.read(secret, OTHERS[0])
    assert closed.failed and closed.problems[0].code == "llm-undisclosed" and "llm_undisclosed = true" in told(closed)
    assert not public.failed and len(server.requests) == 1 and "Gusau" not in server.asked_about()
    assert not any("Gusau" in p.read_text("utf-8") for p in bench.cached)
    (opened,) = bench.read(secret, llm_undisclosed=True)
    assert len(opened.drafts) == 2
    (closed,) = bench.read(secret)  # not even from the cache, once the project closes it again
    assert closed.failed


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"llm_model": ""}, "Which model"),
        ({"llm_url": ""}, "Where the model"),
        ({"llm_url": "localhost:11434"}, "not a web address"),
        ({"llm_url": "ftp://localhost/v1"}, "not a web address"),
        ({"llm_url": "http://localhost:notaport/v1"}, "not a web address"),
        ({"llm_url": "https://user:secret@host.example/v1"}, "name or password"),
    ],
)
def test_settings_that_cannot_be_used_are_told_at_once(bench: Bench, settings: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        bench.open(**settings)
    assert "secret" not in str(caught.value)


def test_the_address_is_completed_once() -> None:
    assert address_of("http://localhost:11434/v1/") == "http://localhost:11434/v1/chat/completions"
    assert address_of("https://host.example/openai/chat/completions?api-version=1") == "https://host.example/openai/chat/completions?api-version=1"
