"""The order in which a coder is asked: documents by their worth, their drafts by the text."""

from __future__ import annotations

import itertools

import pytest

from eventcoder.coding import Desk
from eventcoder.event import Draft, Span
from eventcoder.intake.articles import ingest
from eventcoder.learning.order import in_order, uncertainty, worth
from eventcoder.project import open_project
from eventcoder.review import Review, draft_session


def draft(name: str, status: str = "codable", others: tuple[float, ...] = (), score: float = 0.9) -> Draft:
    return Draft(
        draft_id=name, document=name[:1], status=status, clue="", statement=Span(start=0, end=1, quote="x"), fields={"sub_event_type": "Attack"},
        candidates={"sub_event_type": [{"value": f"t{i}", "score": s} for i, s in enumerate(others)]} if others else {}, score=score,
        engine="rules", engine_version="1",
    )  # fmt: skip


def test_uncertainty_is_the_entropy_of_the_type() -> None:
    assert uncertainty(draft("a", others=(0.5,))) == pytest.approx(1.0)
    assert uncertainty(draft("a", others=(0.25, 0.25, 0.25))) == pytest.approx(2.0)
    assert uncertainty(draft("a", others=(0.01,))) < uncertainty(draft("a", others=(0.2,))) < uncertainty(draft("a", others=(0.2, 0.2)))
    # an engine that names no alternatives has a score only
    assert uncertainty(draft("a", score=0.5)) == pytest.approx(1.0)
    assert uncertainty(draft("a", score=1.0)) == 0


def test_events_to_code_come_before_leads_and_the_uncertain_before_the_sure() -> None:
    waiting = {
        "b": [draft("b1", others=(0.02,))],
        "c": [draft("c1", others=(0.4, 0.2))],
        "l": [draft("l1", "lead", others=(0.4, 0.3))],
        "p": [draft("p1", "background", others=(0.4, 0.3))],
        "n": [],
    }
    days = dict.fromkeys(waiting, "2026-01-01")
    assert in_order(waiting, "uncertain", days) == ["c", "b", "l", "p", "n"]


def test_an_article_is_read_for_all_its_uncertain_drafts() -> None:
    """One article with three doubtful events is worth more than one with one; sure drafts beside them cost time."""
    one = [draft("a1", others=(0.4,))]
    three = [draft(f"b{i}", others=(0.4,)) for i in range(3)]
    diluted = [draft("c1", others=(0.4,)), *(draft(f"c{i}", others=(0.01,)) for i in range(5))]
    assert worth(three) > worth(one) > worth(diluted)


def test_by_day() -> None:
    waiting = {name: [draft(name)] for name in "abcd"}
    days = {"a": "2026-01-02", "b": "2026-01-03", "c": "", "d": "2026-01-03"}
    assert in_order(waiting, "newest", days) == ["b", "d", "a", "c"]
    assert in_order(waiting, "text", days) == ["c", "a", "b", "d"]


ARTICLES = {
    "one": ("2026-05-12", "Around 80 bakers rallied outside the town hall of Orsova in Romania on Monday over the price of flour."),
    "two": (
        "2026-05-13",
        "Unknown men attacked a depot in Orsova in Romania on Tuesday, firing at guards who fired back, and goods were burned and looted."
        " On Tuesday evening farmers marched in Timisoara, Romania, against the price of diesel.",
    ),
}


@pytest.fixture
def project(tmp_path):
    (tmp_path / "eventcoder.toml").write_text('id = "trial"\ncoder = "ana"\n', "utf-8")
    for name, (day, text) in ARTICLES.items():
        (tmp_path / f"{name}.txt").write_text(f"Title: {name}\nDate: {day}\nPublisher: Orsova Courier\nLanguage: en\n\n{text}\n", "utf-8")
    opened = open_project(tmp_path)
    with Desk(opened, coder="ana") as desk:
        ingest(opened, desk.ledger, [tmp_path / "one.txt", tmp_path / "two.txt"], coder="ana", time=desk.moment)
    return opened


def test_a_sitting_takes_a_document_as_a_whole_in_the_order_asked_for(project) -> None:
    with Desk(project, coder="ana") as desk:
        titles = {d: e.body["title"] for d, e in desk.ledger.latest("document").items()}

        def shown(order: str) -> list[str]:
            waiting = Review(desk, draft_session(desk), order=order).waiting
            assert all(a.statement.start <= b.statement.start for a, b in itertools.pairwise(waiting) if a.document == b.document)
            return list(dict.fromkeys(titles[d.document] for d in waiting))

        assert shown("text") == ["one", "two"]
        assert shown("newest") == ["two", "one"]
        assert shown("uncertain") == ["two", "one"], "a plain rally can wait"


def test_the_option_and_the_setting(project, capsys, monkeypatch) -> None:
    from eventcoder.cli import run

    def first(*args: str) -> str:
        monkeypatch.setattr("sys.stdin", __import__("io").StringIO("q\n"))
        assert run(["review", "--project", str(project.root), *args]) == 0
        out = capsys.readouterr().out
        return next(name for name, (day, _) in ARTICLES.items() if f"Orsova Courier, {day}" in out)

    assert first("--order", "text") == "one"
    assert first("--order", "newest") == "two"
    assert first() == "two"  # the setting is "uncertain"
    (project.root / "eventcoder.toml").write_text('id = "trial"\ncoder = "ana"\nreview_order = "text"\n', "utf-8")
    assert first() == "one"
    assert run(["review", "--project", str(project.root), "--order", "best"]) == 2
    assert "uncertain, newest, text" in capsys.readouterr().err
