"""Worker processes: one that dies or hangs costs one document, order and the other documents stay."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from eventcoder.corpus.pieces import Answer, Item, answered, cut
from eventcoder.corpus.pools import Processes
from eventcoder.corpus.recipe import Here, Opened, Recipe
from eventcoder.corpus.source import item_of
from eventcoder.errors import MissingPart, UsageError
from eventcoder.event import Draft, Span
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.protocol import Extracted, Text, Workers
from eventcoder.project import Settings


class Fragile:
    """An engine that does what a text tells it to."""

    name = "fragile"
    version = "1"
    workers: Workers = "processes"

    def read(self, texts: Sequence[Text]) -> Iterator[Extracted]:
        for one in texts:
            if "KILL" in one.text:
                os.kill(os.getpid(), signal.SIGKILL)
            if "HANG" in one.text:
                time.sleep(60)
            if "STUMBLE" in one.text:
                raise IndexError("list index out of range")
            if "MODEL" in one.text:
                raise MissingPart("The model is not there.", "Install it.")
            if "SLOW" in one.text:
                time.sleep(0.3)
            span = Span(start=0, end=len(one.text), quote=one.text)
            draft = Draft(
                draft_id="d" + one.document.id, document=one.document.id, status="lead", clue="", statement=span, score=0.5, engine="fragile",
                engine_version="1",
            )  # fmt: skip
            yield Extracted(one.document.id, [draft])

    def close(self) -> None:
        pass


@dataclass(frozen=True)
class FragileRecipe(Recipe):
    """A recipe for it; "unopenable" is one whose engine cannot be opened, "stillborn" one whose worker dies while it opens."""

    def open(self, progress: object = None) -> Opened:
        if self.engine == "unopenable":
            raise MissingPart("The model is not there.", "Install it.")
        if self.engine == "stillborn":
            os._exit(7)
        kit = object.__new__(Kit)
        kit.caches = {}
        return Opened(Fragile(), kit, None)  # type: ignore[arg-type]


def recipe(engine: str = "fragile") -> FragileRecipe:
    return FragileRecipe(engine, Path(), Settings(), Path("absent"), "")


def items(*texts: str) -> list[Item]:
    return [item_of({"id": str(n), "text": text}, f"row {n}") for n, text in enumerate(texts)]


def through(number: int, given: list[Item], most: int = 4, patience: float = 900.0) -> list[tuple[str, Answer]]:
    pool = Processes(recipe(), number, patience)
    try:
        return [(item.id, answer) for item, answer in answered(pool, given, most)]
    finally:
        pool.close()


def test_answers_come_in_order_though_some_take_longer() -> None:
    given = items("SLOW", *(f"text {n}" for n in range(40)), "SLOW too", "the end")
    got = through(3, given, most=2)
    assert [i for i, _ in got] == [str(n) for n in range(43)]
    assert [a.drafts[0].statement.quote for _, a in got] == [i.text.text for i in given if i.text]


def test_the_document_over_which_a_worker_dies_is_named_and_no_other_is_lost() -> None:
    texts = [f"text {n}" for n in range(30)]
    texts[5], texts[17], texts[29] = "KILL one", "KILL two", "KILL three"
    got = through(2, items(*texts))
    assert [i for i, a in got if a.failed] == ["5", "17", "29"]
    (problem,) = got[5][1].problems
    assert problem.code == "reader-died" and "signal SIGKILL" in problem.message and "(row 5)" in problem.message
    assert all(len(a.drafts) == 1 for i, a in got if i not in ("5", "17", "29"))


def test_a_worker_that_hangs_is_given_up_after_a_while() -> None:
    got = through(2, items("a", "HANG", "b", "c"), patience=2.0)
    assert [a.failed for _, a in got] == [False, True, False, False]
    assert "took longer than" in got[1][1].problems[0].message


def test_a_fault_of_the_engine_over_one_document_is_told_and_the_run_goes_on() -> None:
    for number in (1, 2):
        opened = recipe().open()
        pool = Here(opened) if number == 1 else Processes(recipe(), number)
        got = [(i.id, a) for i, a in answered(pool, items("a", "STUMBLE", "b"))]
        pool.close()
        assert [a.failed for _, a in got] == [False, True, False]
        assert got[1][1].problems[0].code == "reading-stumbled" and "IndexError: list index out of range" in got[1][1].problems[0].message


def test_what_would_stop_every_document_stops_the_run() -> None:
    with pytest.raises(MissingPart, match="The model is not there"):
        through(2, items("a", "MODEL", "b"))
    for name, error in (("unopenable", MissingPart), ("stillborn", UsageError)):
        pool = Processes(recipe(name), 2)
        with pytest.raises(error):
            list(answered(pool, items("a", "b")))
        pool.close()


def test_only_a_bounded_number_of_documents_is_under_way() -> None:
    taken = 0

    def endless() -> Iterator[Item]:
        nonlocal taken
        for item in items("SLOW", *(f"text {n}" for n in range(2000))):
            taken += 1
            yield item

    pool = Processes(recipe(), 2)
    answers = answered(pool, endless(), 4)
    next(answers)
    assert taken < 200
    answers.close()  # type: ignore[attr-defined]
    pool.close()


def test_pieces_are_bounded_by_documents_and_characters() -> None:
    pieces = list(cut(items(*["a" * 150_000] * 5, *["b"] * 40), 16))
    assert [len(p) for p in pieces] == [2, 2, 16, 16, 9]
