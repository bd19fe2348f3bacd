"""`next`: everybody gets work of his own, nobody what another has, and nothing is lost when somebody leaves it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest

from eventcoder.coding import Desk
from eventcoder.errors import LedgerConflict, LedgerError, NotFound, Refused, UsageError
from eventcoder.ledger import new_entry
from eventcoder.ledger.backend import Store
from eventcoder.ledger.work import append_claim, body_of, find_task, task_id, tasks
from eventcoder.project import open_project
from eventcoder.team.tasks.assigning import Wish, assign, change
from eventcoder.team.tasks.claiming import current, finish, skip, take, the_current
from eventcoder.team.tasks.queue import queue

from .working import START, Team

POOL = Wish("pool", double=0.0)


def pool(team: Team, **wish: object) -> None:
    with team.desk("lea") as desk:
        assign(desk, [], Wish("pool", **{"double": 0.0, **wish}))  # type: ignore[arg-type]


def test_the_pool_is_handed_out_first_things_first(tmp_path: Path) -> None:
    team = Team(tmp_path)
    pool(team)
    with team.desk("ana") as desk:
        first = take(desk)
        assert first is not None and first.rank == 0 and first.holder == "ana" and first.until == "2026-11-16T09:03:00Z"
        assert take(desk) == first == the_current(desk)  # asked again it is the same
    with team.desk("ben") as desk:
        assert take(desk, peek=True) is not None and not current(desk)
        second = take(desk)
        assert second is not None and second.rank == 1
        assert finish(desk, second).events is None and take(desk).rank == 2  # type: ignore[union-attr]
    with team.desk("ana") as desk:
        third = next(t for t in tasks(desk.ledger.store) if t.rank == 3)
        assert take(desk, item=third.item) == find_task(desk.ledger.store, third.task)  # a document may be asked for
        with pytest.raises(UsageError, match="has 2 tasks"):
            the_current(desk)


def test_what_is_assigned_comes_first_and_to_nobody_else(tmp_path: Path) -> None:
    team = Team(tmp_path, 2)
    with team.desk("lea") as desk:
        assign(desk, team.documents[:1], Wish(to=["ben"], double=0))
        assign(desk, [], POOL)
    with team.desk("ana") as desk:
        assert take(desk).item == team.documents[1]  # type: ignore[union-attr]
        assert take(desk, item=team.documents[0]) is None
    with team.desk("ben") as desk:
        assert take(desk).item == team.documents[0]  # type: ignore[union-attr]
        finish(desk, the_current(desk))
        assert take(desk) is None


def test_a_skipped_item_goes_to_somebody_else(tmp_path: Path) -> None:
    team = Team(tmp_path, 1)
    with team.desk("lea") as desk:
        assign(desk, [], Wish(to=["ana"], double=0))
    with team.desk("ana") as desk:
        task = take(desk)
        assert task is not None
        with pytest.raises(UsageError, match="needs a reason"):
            skip(desk, task, "  ")
        skip(desk, task, "I know the author.")
        assert take(desk) is None
        with pytest.raises(Refused, match="is skipped"):
            finish(desk, find_task(desk.ledger.store, task.task))  # type: ignore[arg-type]
    with team.desk("ben") as desk:
        assert take(desk).refused == ("ana",)  # type: ignore[union-attr]


def test_languages_are_minded(tmp_path: Path) -> None:
    team = Team(tmp_path, 2, languages=("en", "fr"))
    pool(team)
    with team.desk("chloe") as desk:
        assert take(desk).language == "fr"  # type: ignore[union-attr]
        finish(desk, the_current(desk))
        assert take(desk) is None


def test_a_claim_expires_and_its_first_holder_is_told(tmp_path: Path) -> None:
    team = Team(tmp_path, 1)
    pool(team)
    with team.desk("ana") as desk:
        old = take(desk)
    with team.desk("ben", days=13) as desk:
        assert take(desk) is None
    with team.desk("ben", days=2) as desk:
        assert queue(desk).expired and take(desk).holder == "ben"  # type: ignore[union-attr]
    with team.desk("ana") as desk:
        with pytest.raises(LedgerConflict, match="claimed by ben"):
            finish(desk, old)  # type: ignore[arg-type]
        with pytest.raises(NotFound, match="has taken no task"):
            the_current(desk)


def test_claims_of_a_disabled_coder_go_to_others(tmp_path: Path) -> None:
    team = Team(tmp_path, 2)
    with team.desk("lea") as desk:
        assign(desk, [], Wish(to=["ana"], double=0))
    with team.desk("ana") as desk:
        take(desk)
    with team.desk("lea") as desk:
        team.disable(desk, "ana")
        assert dict(queue(desk).idle) == {"ana": 2}
    with pytest.raises(Refused, match="disabled"), team.desk("ana") as desk:
        take(desk)
    with team.desk("ben") as desk:
        assert finish(desk, take(desk)) and finish(desk, take(desk)) and take(desk) is None  # type: ignore[arg-type]


def test_two_tasks_of_one_document_never_go_to_one_coder(tmp_path: Path) -> None:
    team = Team(tmp_path, 1)
    pool(team, double=1.0)
    with team.desk("ana") as desk:
        task = take(desk)
        assert task is not None and task.blind and task.slots == 2
        finish(desk, task)
        assert take(desk) is None
    with team.desk("ben") as desk:
        assert take(desk).slot != task.slot  # type: ignore[union-attr]


def test_a_task_is_given_back_by_a_lead_only(tmp_path: Path) -> None:
    team = Team(tmp_path, 1)
    pool(team)
    with team.desk("ana") as desk:
        task = finish(desk, take(desk)).task  # type: ignore[arg-type]
        with pytest.raises(Refused, match="takes a lead"):
            change(desk, [task.task], "returned", "I forgot one.")
    with team.desk("lea") as desk:
        change(desk, [task.task], "returned", "The second rally is missing.")
        with pytest.raises(Refused, match="only what was handed in"):
            change(desk, [task.task], "returned", "Again.")
    with team.desk("ben") as desk:
        assert take(desk) is None
    with team.desk("ana") as desk:
        assert take(desk).reason == "The second rally is missing."  # type: ignore[union-attr]


@pytest.mark.parametrize("server", [False, True], ids=["sqlite", "postgresql"])
def test_many_coders_at_once_get_a_task_each(tmp_path: Path, server: bool, request: pytest.FixtureRequest) -> None:
    """More coders than tasks, at one moment: each task goes to one, and who gets none is told so."""
    number = 50 if server else 14
    if server:
        (tmp_path / "eventcoder.toml").write_text(f'id = "trial"\nledger = "{request.getfixturevalue("postgres_url")}"\n', "utf-8")
    else:
        (tmp_path / "eventcoder.toml").write_text('id = "trial"\n', "utf-8")
    with Desk(open_project(tmp_path), coder="lea", moment=START) as desk:
        bodies = [body_of(f"d{n:02}", 1, rank=n) for n in range(number - 2)]
        desk.ledger.append([desk.entry("assignment", task_id(body["item"], 1), body) for body in bodies])
    got: dict[str, str | None] = {}
    start = threading.Barrier(number)

    def ask(name: str) -> None:
        with Desk(open_project(tmp_path), coder=name) as desk:
            desk.ledger  # noqa: B018  opened before the others start
            start.wait()
            task = take(desk)
            got[name] = task.task if task else None

    threads = [threading.Thread(target=ask, args=(f"coder{n:02}",)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    given = [task for task in got.values() if task]
    assert len(got) == number and len(given) == number - 2 == len(set(given))
    with Desk(open_project(tmp_path), readonly=True) as desk:
        assert desk.ledger.verify() == []


def on_server(root: Path, url: str) -> Path:
    """A project of a lead and of Ana, who has a database user of her own that is not the one of these tests, with one task for anybody."""
    (root / "eventcoder.toml").write_text(f'id = "trial"\nledger = "{url}"\n', "utf-8")
    with Desk(open_project(root), coder="lea", moment=START) as desk:
        team = (("lea", "lead", "postgres"), ("ben", "coder", "postgres"), ("ana", "coder", "ana"))
        for name, role, login in team:
            body = {"name": name, "role": role, "state": "active", "login": login, "languages": [], "countries": [], "training": "none"}
            desk.ledger.append([new_entry("coder", name, body, coder="lea", role="lead", time=START)])
        desk.ledger.append([desk.entry("assignment", task_id("0" * 16, 1), body_of("0" * 16, 1))])
    return root


def test_a_task_that_the_server_refuses_to_give_stays_anybodys(tmp_path: Path, postgres_url: str) -> None:
    root = on_server(tmp_path, postgres_url)
    with Desk(open_project(root), coder="ana", moment=START) as desk:
        with pytest.raises(Refused, match="database user postgres may not store what ana did"):
            take(desk)
        assert find_task(desk.ledger.store, task_id("0" * 16, 1)).state == "assigned"  # type: ignore[union-attr]
        desk.coder = "ben"
        assert take(desk).holder == "ben"  # type: ignore[union-attr]


def test_a_connection_that_is_cut_before_the_commit_takes_nothing(tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = on_server(tmp_path, postgres_url)
    with Desk(open_project(root), coder="ben", moment=START) as desk:
        (server_process,) = desk.ledger.store.row("SELECT pg_backend_pid()")  # type: ignore[misc]

        def cut(store: Store, *given: Any) -> None:
            append_claim(store, *given)
            with psycopg.connect(postgres_url, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (server_process,))

        with monkeypatch.context() as patch, pytest.raises(LedgerError, match="nothing was stored"):
            patch.setattr("eventcoder.team.tasks.claiming.append_claim", cut)
            take(desk)
        assert find_task(desk.ledger.store, task_id("0" * 16, 1)).state == "assigned"  # type: ignore[union-attr]
        assert take(desk).holder == "ben"  # type: ignore[union-attr]
        assert len(list(desk.ledger.entries("assignment"))) == 2
