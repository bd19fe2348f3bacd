"""What coders did with planted drafts: leads read all, coders their own once it was adjudicated, readers of releases one share of all."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventcoder.ledger.work import body_of, task_id
from eventcoder.releases.papers.reliability import reliability, reliability_page
from eventcoder.review import Review, StoredDrafts
from eventcoder.team.adjudication.adjudicating import Decision, adjudicate
from eventcoder.team.adjudication.cases import waiting
from eventcoder.team.tasks.claiming import finish, take
from eventcoder.team.tasks.planting import plant, planted_counts, planted_share
from tests.conftest import Command

from .working import Team


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """ana, ben and lea each get a planted draft, and handle it as: accepted, rejected, accepted; each other coder reads the true one."""
    team = Team(tmp_path, 3)
    pairs = (("ana", "ben"), ("ben", "lea"), ("lea", "ana"))
    with team.desk("lea") as desk:
        bodies = []
        for draft, pair in zip(team.drafts, pairs, strict=True):
            made = plant(desk, [draft], [d.fields for d in team.drafts], "x")
            assert made is not None
            bodies += [body_of(draft.document, n, slots=2, blind=True, assigned_for=who, round="May", planted=made[1] if n == 1 else None)
                       for n, who in enumerate(pair, 1)]  # fmt: skip
        desk.ledger.append([desk.entry("assignment", task_id(b["document"], b["slot"]), b) for b in bodies])
    for draft, (first, second) in zip(team.drafts, pairs, strict=True):
        for who in (first, second):
            with team.desk(who) as desk:
                task = take(desk, item=draft.document)
                assert task is not None
                sitting = Review(desk, StoredDrafts(team.drafts), documents=[draft.document])
                if who == "ben" and first == "ben":
                    sitting.reject(sitting.waiting[0], "not_an_event")
                else:
                    sitting.accept(sitting.waiting[0], allow_open=True)
                finish(desk, task)
    return team


def test_who_sees_what_became_of_planted_drafts(team: Team, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    with team.desk("lea") as desk:
        rows = {row["coder"]: row for row in planted_counts(desk)}
        assert [(rows[n]["accepted"], rows[n]["rejected"], rows[n]["share"]) for n in ("ana", "ben", "lea")] == [
            (1, 0, 1.0),
            (0, 1, 0.0),
            (1, 0, 1.0),
        ]
        assert 0.2 < rows["ana"]["low"] < 0.21 and rows["ana"]["high"] == 1.0  # one of one says little
        assert planted_counts(desk, coder="ana") == []  # nothing was adjudicated: which drafts are wrong is not told yet
        share = planted_share(desk)
        assert share is not None and (share["coders"], share["decided"], share["accepted"], share["share"]) == (3, 3, 2, 0.6667)
        document = reliability(desk.project, desk.ledger, desk.codebook)
        assert document is None or document["planted"] == share
    monkeypatch.chdir(team.root)
    assert [row["coder"] for row in command("feedback", "--planted", "--json", "--coder", "lea").lines] == ["ana", "ben", "lea"]
    assert "No planted draft of yours" in command("feedback", "--planted", "--coder", "ana").err
    assert "No planted draft of yours" in command("feedback", "--planted", "--of", "ana", "--coder", "ana").err
    assert "may read the feedback to ana only" in command("feedback", "--planted", "--of", "ben", "--coder", "ana", code=1).err
    with team.desk("lea") as desk:
        desk.ledger.append([team.member("rui", "lead")])
    with team.desk("rui") as desk:
        for case in waiting(desk):
            rows = [(row, Decision(reason="Read.", exists=False if row.single else None, errors={"event": "slip"})) for row in case.rows]
            adjudicate(desk, [(case, rows)], allow_open=True)
    assert [(r["coder"], r["accepted"]) for r in command("feedback", "--planted", "--json", "--coder", "ana").lines] == [("ana", 1)]
    assert command("feedback", "--planted", "--csv", "-", "--coder", "lea").out.startswith(
        "coder,planted,accepted,corrected,rejected,none,share,low,high"
    )


def test_the_page_of_a_release_tells_one_share_of_all() -> None:
    figure = {"value": None, "low": None, "reason": "nothing"}
    document = {"documents": 1, "coders": ["C1", "C2"], "codings": 2, "by": {}, "fields": [],
                "finding": {"events": 0, "found_by_several": 0, "documents_without_event": 1, "f1": figure, "any_event_alpha": figure},
                "left_out": {"coded_by_one": 0, "planted": 3, "coders_in_training": 0},
                "how": {"window": {"days": 7, "km": 50}, "bootstrap": {"interval": 0.95, "samples": 0}, "columns": {}}}  # fmt: skip
    planted = {"coders": 3, "decided": 3, "accepted": 2, "share": 0.6667, "low": 0.2077, "high": 0.9385}
    page = reliability_page({**document, "planted": planted}, "Weir", "2026.11.0")
    assert "Of 3 drafts made wrong that were decided, 2 were accepted as they stood (95% interval 21% to 94%)." in page
    bereft = {**document, "left_out": {**document["left_out"], "without_counterpart": 3}}
    assert "codings that had only such ones to be compared with: 3." in reliability_page(bereft, "Weir", "2026.11.0")
    part = {"documents": 41, "events": 37, "f1": {**figure, "value": 0.5}, "alpha": {}}
    page = reliability_page({**document, "by": {"round": {"May": part}}}, "Weir", "2026.11.0")
    assert page.index(">Events<") < page.index(">37<"), "an alpha of three events is no alpha of three hundred"
    few = {"coders": 2, "decided": 2, "accepted": None, "share": None, "low": None, "high": None}
    assert "by too few coders to say how" in reliability_page({**document, "planted": few}, "Weir", "2026.11.0")
    assert "made wrong that" not in reliability_page(document, "Weir", "2026.11.0")  # an older document
