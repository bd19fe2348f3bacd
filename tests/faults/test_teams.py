"""What goes wrong between people of one team, on a file and on a server: two who decide at once, somebody who leaves, clocks, disks, journals."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from eventcoder.coding import Desk, NewEvent
from eventcoder.errors import EventcoderError, LedgerConflict, LedgerError, Refused
from eventcoder.ledger import open_ledger
from eventcoder.ledger.address import read_address, shown
from eventcoder.ledger.exchange.journal import export_journal, import_journal
from eventcoder.ledger.work import find_task, stored_rows
from eventcoder.project import open_project
from eventcoder.team.adjudication.adjudicating import Decision, adjudicate
from eventcoder.team.adjudication.cases import waiting
from eventcoder.team.members.enrolling import disable
from eventcoder.team.tasks.assigning import Wish, assign
from eventcoder.team.tasks.claiming import finish, take, the_current
from eventcoder.team.tasks.codings import codings
from tests.conftest import CLEAN, Command
from tests.ledger.conftest import created
from tests.team.blindly import Room
from tests.team.working import Team

LOGIN = "postgres"  # all have that of whoever runs these tests: a server asks for the database's user as well
ELSEWHERE = {"location": "Marvdasht", "latitude": "29.8742", "longitude": "52.8025"}


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for a project whose ledger is a file, or on a server."""
    monkeypatch.delenv("EVENTCODER_LEDGER", raising=False)
    if request.param == "postgresql":
        monkeypatch.setenv("EVENTCODER_LEDGER", request.getfixturevalue("postgres_new")(1, project="trial"))
    return tmp_path


def together(*work: Callable[[], object]) -> list[EventcoderError | None]:
    """Run these at one moment, each in a thread of its own; what each was refused with."""
    start, told = threading.Barrier(len(work)), dict[int, EventcoderError | None]()

    def run(number: int) -> None:
        start.wait()
        try:
            work[number]()
            told[number] = None
        except EventcoderError as error:
            told[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [told[number] for number in range(len(work))]


def test_leads_who_adjudicate_one_item_at_the_same_moment_make_one_event(home: Path) -> None:
    room = Room(home)
    held = [*room.coded(1, "ann", {}), *room.coded(2, "bob", ELSEWHERE)]
    leads = {"lea": "ann", "max": "bob", "kim": "ann"}
    made: dict[str, str] = {}

    def decide(lead: str) -> None:
        with Desk(room.project, coder=lead, moment=room.moment) as desk:
            (case,) = waiting(desk)
            ready.wait()
            said = Decision({"location": leads[lead]}, {}, {"location": "slip"}, f"{lead} looked at the map.")
            (made[lead],) = (o.event_id for o in adjudicate(desk, [(case, [(case.rows[0], said)])]))

    ready = threading.Barrier(len(leads))
    told = together(*(lambda lead=lead: decide(lead) for lead in leads))
    assert len(made) == 1
    (winner,) = made
    refused = [error for error in told if error is not None]
    assert len(refused) == 2 and all(
        isinstance(e, LedgerConflict) and f"by {winner}" in e.message and "Nothing of yours" in e.message for e in refused
    )
    with room.desk("lea") as desk:
        assert {e.event_id for e in desk.ledger.events()} == {*held, *made.values()}
        assert {desk.event(i).successor for i in held} == {made[winner]} and waiting(desk) == [] and desk.ledger.verify() == []


def test_a_coder_who_is_disabled_while_handing_in_has_handed_in_or_has_not(home: Path) -> None:
    team = Team(home, 2, login=LOGIN)
    with team.desk("lea") as desk:
        assign(desk, team.documents, Wish("pool", double=0.0, blind=True))
    held = {}
    with team.desk("ana") as desk:
        for document in team.documents:
            assert take(desk, item=document) is not None
            held[document] = desk.add(NewEvent(CLEAN, reports=[document])).event_id
    with team.desk("ana") as desk:
        first, second = (the_current(desk, document) for document in team.documents)
        finish(desk, first)
    ready = threading.Barrier(2)

    def at_once(coder: str, act: Callable[[Desk], object]) -> None:
        with Desk(open_project(home), coder=coder, moment=team.moment) as desk:
            assert desk.people.members
            ready.wait()
            act(desk)

    said, none = together(lambda: at_once("ana", lambda desk: finish(desk, second)), lambda: at_once("lea", lambda d: disable(d, "ana", "left")))
    assert none is None, "a lead's word is never lost to a race"
    with team.desk("lea") as desk:
        now = find_task(desk.ledger.store, second.task)
        assert now is not None
        assert (now.state, now.holder) == (("done", "ana") if said is None else ("returned", None))
        assert said is None or isinstance(said, LedgerConflict | Refused)
        assert find_task(desk.ledger.store, first.task).holder == "ana"  # type: ignore[union-attr]
        assert desk.people.get("ana").state == "disabled" and desk.ledger.verify() == []  # type: ignore[union-attr]
    with team.desk("ben") as desk:
        mine = take(desk)
        assert (mine is None) == (said is None)
        if mine is not None:
            finish(desk, mine)
    with team.desk("lea") as desk:
        found = {item: [(c.coder, [e.event_id for e in c.events]) for c in of] for item, of in codings(desk).items()}
        assert found[first.item] == [("ana", [held[first.item]])], "what was handed in before stays a coding"
        assert found[second.item] == ([("ana", [held[second.item]])] if said is None else [("ben", [])])
        assert {desk.event(event).state for event in held.values()} == {"held"}, "nothing of it is in the dataset, and nothing is lost"


def test_a_clock_that_goes_backwards_loses_no_claim_no_hand_in_and_no_decision(home: Path) -> None:
    team = Team(home, 1, login=LOGIN)
    with team.desk("lea") as desk:
        assign(desk, team.documents, Wish(to=["ana", "ben"], double=1.0))
    for coder, place in (("ana", {}), ("ben", ELSEWHERE)):
        with team.desk(coder) as desk:
            task = take(desk)
            assert task is not None
            event = desk.add(NewEvent(CLEAN, reports=team.documents)).event_id
        with team.desk(coder, days=-3) as desk:  # the laptop's battery was empty
            if place:
                desk.amend(event, place, reason="Read again.")
            finish(desk, the_current(desk))
            assert find_task(desk.ledger.store, task.task).state == "done"  # type: ignore[union-attr]
    with team.desk("lea", days=-30) as desk:
        (case,) = waiting(desk)
        assert {side.event.values["location"] for side in case.rows[0].sides} == {"Shiraz", "Marvdasht"}
        decision = Decision({"location": "ben"}, {}, {"location": "slip"}, "As printed.")
        (outcome,) = adjudicate(desk, [(case, [(case.rows[0], decision)])])
        assert disable(desk, "ben", "left") == 0
    with team.desk("lea", days=-1) as desk:
        assert waiting(desk) == [] and desk.event(outcome.event_id).values["location"] == "Marvdasht"
        assert desk.people.get("ben").state == "disabled"  # type: ignore[union-attr]
        assert desk.ledger.verify() == []
        before = stored_rows(desk.ledger.store)
        desk.ledger.rebuild()
        assert stored_rows(desk.ledger.store) == before


# -- journals of a team


def _another_project(lines: list[str]) -> list[str]:
    return [lines[0].replace('"project":"trial"', '"project":"other"'), *lines[1:]]


def _newer(lines: list[str]) -> list[str]:
    head = json.loads(lines[0])
    return [json.dumps({**head, "journal": head["journal"] + 1}), *lines[1:]]


def _another_holder(lines: list[str]) -> list[str]:
    return [line.replace('"by":"ben"', '"by":"ana"') for line in lines]


def _no_longer_held(lines: list[str]) -> list[str]:
    return [line.replace('"held":', '"kept":') for line in lines]


def _cut(lines: list[str]) -> list[str]:
    return [*lines[:-1], lines[-1][:-30]]


DAMAGES = {
    _another_project: "journal-foreign-project", _newer: "journal-newer-format", _another_holder: "journal-entry-altered",
    _no_longer_held: "journal-entry-altered", _cut: "journal-truncated",
}  # fmt: skip


@pytest.mark.parametrize("home", ["sqlite"], indirect=True)
def test_a_teams_journal_that_was_edited_cut_or_comes_from_elsewhere_changes_no_task(home: Path, tmp_path: Path) -> None:
    team = Team(home, 1, login=LOGIN)
    with team.desk("lea") as desk:
        assign(desk, team.documents, Wish(to=["ana", "ben"], double=1.0))
        export_journal(desk.ledger, tmp_path / "before")
    with open_ledger(tmp_path / "other.sqlite", project="trial") as other:
        import_journal(other, tmp_path / "before")
    with team.desk("ben") as desk:
        task = take(desk)
        assert task is not None
        desk.add(NewEvent(CLEAN, reports=team.documents))
        finish(desk, the_current(desk))
        export_journal(desk.ledger, tmp_path / "after")
    (file,) = [p for p in (tmp_path / "after").iterdir() if p.name.startswith("ben")]
    whole = file.read_text("utf-8")
    with open_ledger(tmp_path / "other.sqlite") as other:
        before = stored_rows(other.store)
        for damage, code in DAMAGES.items():
            changed = "\n".join(damage(whole.splitlines()))
            assert changed != whole.rstrip("\n"), damage.__name__
            file.write_text(changed + ("" if damage is _cut else "\n"), "utf-8")
            came = import_journal(other, file)
            assert code in {p.code for p in came.problems if p.severity == "error"} and came.new == 0, damage.__name__
            assert all(p.message.rstrip()[-1] in ".)" and len(p.message) > 30 for p in came.problems)
            assert stored_rows(other.store) == before and other.states() == {}
        file.write_text(whole, "utf-8")
        assert import_journal(other, file).problems == [] and import_journal(other, file).new == 0
        now = find_task(other.store, task.task)
        assert now is not None and (now.state, now.holder) == ("done", "ben") and other.states() == {"held": 1} and other.verify() == []


# -- a disk that takes no more


@contextmanager
def no_room(size: int) -> Iterator[None]:
    """No file grows beyond this many bytes: what a quota does to a program, and without a right of the machine's owner."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_on_a_full_disk_stores_nothing_half_is_not_called_damaged_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    stored = 1
    with open_ledger(path, project="sample") as ledger:
        ledger.append([created("event0000000")])
        for size in (0, 8_000, 400_000, 1_000_000):
            with no_room(size), pytest.raises(LedgerError) as told:
                for number in range(200):
                    ledger.append([created(f"a{size:07d}{number:04d}"), created(f"b{size:07d}{number:04d}")])
                    stored += 2
            assert "othing was stored" in told.value.message and "Free some space" in told.value.remedy
            assert "damaged" not in told.value.message, "who believes that moves the ledger away"
            assert sum(1 for _ in ledger.entries()) == stored == sum(ledger.states().values())
        entries = [created(f"c{number:011d}") for number in range(400)]
        with no_room(1_000_000), pytest.raises(LedgerError, match="othing was stored"):
            ledger.append(entries, batch="table")
        assert sum(1 for _ in ledger.entries()) == stored and ledger.verify() == []
        ledger.append(entries, batch="table")
        ledger.seal("table", "ana", "2026-03-05T11:00:00Z")
        assert sum(ledger.states().values()) == stored + 400 and ledger.verify() == []
    with no_room(0), pytest.raises(LedgerError, match=r"takes no more.*Nothing was stored") as told:
        open_ledger(path)
    assert "damaged" not in told.value.message
    with open_ledger(path) as ledger:
        assert sum(ledger.states().values()) == stored + 400


def test_work_that_finds_no_room_stays_where_it_was(tmp_path: Path) -> None:
    team = Team(tmp_path, 1)
    with team.desk("lea") as desk:
        assign(desk, team.documents, Wish("pool", double=0.0))
    with team.desk("ana") as desk:
        assert desk.people.get("ana")
        with no_room(0), pytest.raises(LedgerError, match="othing was stored"):
            take(desk)
        task = take(desk)
        assert task is not None and task.holder == "ana"
        with no_room(0), pytest.raises(LedgerError, match="othing was stored"):
            finish(desk, task)
        assert the_current(desk).state == "claimed" and finish(desk, task).task.state == "done" and desk.ledger.verify() == []


# -- passwords

PASSWORD = "QZ@:/?#%ZQ"
COMMANDS = (
    ("coders", "add", "ana", "--role", "lead"), ("coders", "list"), ("coders", "disable", "ana", "--reason", "left"), ("assign",), ("next",),
    ("next", "--done"), ("queue",), ("queue", "--json"), ("approve",), ("ask", "k3m9", "When?"), ("answer", "k3m9", "Now."), ("adjudicate", "--list"),
    ("adjudicate", "--list", "--json"), ("feedback",), ("agree",), ("log",), ("history", "k3m9"), ("actors", "list"), ("publishers", "queue"),
    ("actors", "propose", "X", "--reason", "r"), ("journal", "sync", "shared"), ("journal", "export"), ("ledger", "status"), ("ledger", "upgrade"),
    ("ledger", "setup", "{}"), ("ledger", "backup", "kept.sqlite"), ("release",), ("validate",), ("doctor",),
)  # fmt: skip


def test_no_command_of_a_team_tells_the_password_of_a_server_that_does_not_answer(
    command: Command, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from eventcoder.ledger.address import Address
    from tests.faults.server import free_port

    url = Address("ana", PASSWORD, "127.0.0.1", str(free_port()), "events").url
    assert read_address(url).password == PASSWORD
    monkeypatch.setenv("EVENTCODER_LEDGER", url)
    caplog.set_level(0)
    for words in COMMANDS:
        ran = command(*(word.format(url) for word in words), code=None)
        told = ran.out + ran.err
        assert ran.code in (1, 2) and "No such option" not in told and "No such command" not in told, f"{words}: {ran.code} {told}"
        assert "QZ" not in told and "ZQ" not in told and "%40" not in told, words
        assert "does not answer" in told and shown(url) in " ".join(told.split()), f"{words}: {told}"
    assert "QZ" not in caplog.text and "%40" not in caplog.text
    assert not any(b"QZ" in p.read_bytes() or "QZ" in p.name for p in Path().rglob("*") if p.is_file()), "and no file holds it"


def test_a_journal_of_another_project_is_refused_and_a_new_laptop_becomes_the_teams(
    command: Command, options: Callable[..., list[str]], tmp_path: Path
) -> None:
    command("add", *options())
    command("journal", "export")
    for name, code, new in (("other", 1, 0), ("laptop", 0, 1)):
        root = tmp_path / name
        root.mkdir()
        (root / "eventcoder.toml").write_text(f'id = "{name}"\n', "utf-8")
        if name == "other":
            command("add", *options(event_date="2026-05-09"), "--project", root)
        ran = command("journal", "import", "raw/journal", "--json", "--project", root, code=code).one
        assert [p["code"] for p in ran["problems"]] == ["journal-foreign-project"] * code and ran["new"] == new
        assert "to project 'trial', not to 'other'" in str(ran["problems"]) or not code
    command("journal", "export", "--project", tmp_path / "laptop")
    command("journal", "import", tmp_path / "laptop" / "raw" / "journal")
    command("journal", "import", tmp_path / "laptop" / "raw" / "journal", "--project", tmp_path / "other", code=1)


def test_a_project_that_began_by_reading_articles_refuses_the_journal_of_another(command: Command, tmp_path: Path) -> None:
    """`init`, `ingest` is how every project begins: the ledger made then must know whose it is."""
    for name in ("north", "south", "west"):
        root = tmp_path / name
        command("init", root)
        if name == "west":
            command("journal", "sync", tmp_path / "empty", "--project", root)
        (root / "a.txt").write_text(f"Nurses marched in Jos, said the {name}ern paper.", "utf-8")
        command("ingest", root / "a.txt", "--publisher", "Savanna Post", "--published", "2026-05-04", "--project", root)
    command("journal", "sync", tmp_path / "shared", "--project", tmp_path / "north")
    for name in ("south", "west"):
        ran = command("journal", "sync", tmp_path / "shared", "--json", "--project", tmp_path / name, code=1).one
        assert [p["code"] for p in ran["problems"]] == ["journal-foreign-project"] and ran["new"] == 0
