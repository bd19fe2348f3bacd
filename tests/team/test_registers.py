"""Registers of a team: proposed, accepted, renamed, merged; and what of that reaches events, drafts and releases."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventcoder.actors import ActorRegistry
from eventcoder.actors.actor import Actor, actor_of
from eventcoder.coding import Desk
from eventcoder.dataset import build_tables
from eventcoder.errors import EventcoderError, NotFound, Refused, UsageError
from eventcoder.ledger import Entry, Ledger, new_entry, open_ledger
from eventcoder.ledger.exchange.journal import export_journal, import_journal
from eventcoder.ledger.registered import accepted, word_of, words
from eventcoder.ledger.writing import insert
from eventcoder.names import Period
from eventcoder.project import Project, Settings
from eventcoder.releases.checking.check import check_release
from eventcoder.team.registers import registering
from eventcoder.team.registers.renaming import named_otherwise
from eventcoder.team.registers.unregistered import Waiting, queue
from eventcoder.validation import project_report
from eventcoder.validation.actor_use import actor_problems
from tests.conftest import CLEAN, Command
from tests.register_lists import packaged_lists
from tests.releases.workshop import Workshop, book

GROUP, LATER = "Zarlan Liberation Front", "Zarlan Unity Front"
REBELS = {"inter": "Rebel group", "country": ["Iraq"], "aliases": ["ZLF"]}
TIME = datetime(2026, 11, 2, 9, tzinfo=UTC)


class Clocked(Desk):
    """A desk whose acts are one minute apart."""

    minutes = 0

    @property
    def moment(self) -> datetime:
        Clocked.minutes += 1
        return TIME.replace(hour=9 + Clocked.minutes // 60 % 12, minute=Clocked.minutes % 60)


class Team:
    """Lea and Mia lead, Ben and Cem code. `ledger` is a database in which one user stands for all of them, if not a file."""

    def __init__(self, root: Path, ledger: str = "") -> None:
        root.mkdir(parents=True, exist_ok=True)
        (root / "eventcoder.toml").write_text('id = "team"\n', "utf-8")
        self.project = Project(root, Settings(id="team", ledger=ledger) if ledger else Settings(id="team"))
        self.desks: dict[str, Desk] = {}
        login = "postgres" if ledger else None
        with Desk(self.project, coder="lea") as desk:
            for name, role in (("lea", "lead"), ("mia", "lead"), ("ben", "coder"), ("cem", "coder")):
                body = {"name": name, "role": role, "state": "active", "login": login, "languages": [], "countries": [], "training": "none"}
                desk.ledger.append([new_entry("coder", name, body, coder="lea", time=TIME)])

    def __getattr__(self, name: str) -> Desk:
        """The desk of a coder."""
        if name not in ("lea", "mia", "ben", "cem"):
            raise AttributeError(name)
        if name not in self.desks:
            self.desks[name] = Clocked(self.project, coder=name)
            self.desks[name].__dict__["codebook"] = book()
        desk = self.desks[name]
        for cached in ("actors", "publishers", "team_places"):
            desk.__dict__.pop(cached, None)
        return desk

    def close(self) -> None:
        for desk in self.desks.values():
            desk.close()


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    made = Team(tmp_path / "team")
    yield made
    made.close()


def stored_event(desk: Desk, event_id: str, **values: Any) -> str:
    settled = {"act": "create", "settled": True, "codebook": book().version, "values": {**EVENT, **values}}
    desk.ledger.append([new_entry("act", event_id, settled, coder=desk.coder, role="lead" if desk.coder == "lea" else "coder", time=TIME)])
    return event_id


EVENT = {
    "event_date": "2024-05-03", "time_precision": 1, "sub_event_type": "Armed clash", "actor1": GROUP, "inter1": "Rebel group",
    "actor2": "Military Forces of Iraq (2022-)", "inter2": "State forces", "country": "Iraq", "location": "Kirkuk", "source": ["Tigris Courier"],
    "source_scale": "Subnational",
}  # fmt: skip


def brought(ledger: Ledger, *entries: Entry) -> None:
    """Store entries as they came in by a journal, or were stored before there were decisions to answer."""
    with ledger.store.writing():
        insert(ledger.store, [entry.row() for entry in entries], brought=True)


def find(desk: Desk, name: str, kind: str = "actor") -> Waiting | None:
    return next((w for w in queue(desk, kind) if w.name == name), None)


# -- proposals


def test_a_proposal_is_not_used_before_a_lead_accepts_it(team: Team) -> None:
    with pytest.raises(Refused, match=r"ben is registered as coder .* Ask lea or mia\. Or propose it: eventcoder actors propose 'Zarlan"):
        registering.enter(team.ben, "actor", GROUP, REBELS)
    registering.propose(team.ben, "actor", GROUP, REBELS, "three reports")
    assert not team.cem.actors.known(GROUP) and team.cem.actors.resolve("ZLF") is None
    with pytest.raises(Refused, match="that takes a lead"):
        registering.accept(team.ben, "actor", GROUP)
    with pytest.raises(Refused, match="ben proposed just this"):
        registering.propose(team.cem, "actor", GROUP, REBELS, "mine")
    registering.accept(team.lea, "actor", GROUP, {"since": "2019"})
    assert team.cem.actors.resolve("ZLF", country="Iraq", on_date="2020-01-01") == GROUP
    assert team.cem.actors.resolve("ZLF", country="Iraq", on_date="2018-01-01") is None, "the lead said since when"
    with pytest.raises(NotFound, match="lea accepted it on 2026-11-02"):
        registering.accept(team.lea, "actor", GROUP)


def test_a_coder_takes_back_an_own_proposal_and_no_other(team: Team) -> None:
    registering.propose(team.ben, "actor", GROUP, REBELS, "three reports")
    registering.propose(team.cem, "actor", GROUP, {"inter": "Identity militia"}, "mine")
    (gone,) = registering.reject(team.ben, "actor", GROUP, "I misread the reports")
    said = words(team.lea.ledger, "actor", GROUP)[GROUP]
    assert [e.coder for e in said.proposed] == ["cem"] and said.rejected is None and gone.body["status"] == "proposed"
    with pytest.raises(Refused, match="that takes a lead"):
        registering.reject(team.ben, "actor", GROUP, "theirs")
    with pytest.raises(Refused, match="that takes a lead"):
        registering.reject(team.ben, "actor", GROUP, "theirs", by="cem")
    # whoever writes such an entry past the program takes nothing of others back
    forged = {"name": GROUP, "status": "proposed", "withdrawn": True}
    team.ben.ledger.append([new_entry("actor", GROUP, forged, coder="ben", time=TIME, parents=[said.proposed[0].id])])
    assert words(team.lea.ledger, "actor", GROUP)[GROUP].proposed == said.proposed
    registering.propose(team.ben, "actor", GROUP, REBELS, "after all")
    assert {e.coder for e in words(team.lea.ledger, "actor", GROUP)[GROUP].proposed} == {"ben", "cem"}
    registering.accept(team.lea, "actor", GROUP, by="ben")
    assert not words(team.lea.ledger, "actor", GROUP)[GROUP].proposed and team.ben.actors.resolve("ZLF") == GROUP


def test_a_proposed_change_leaves_the_accepted_name_in_use(team: Team) -> None:
    registering.enter(team.lea, "actor", GROUP, REBELS)
    registering.propose(team.ben, "actor", GROUP, {"aliases": ["Sons of Zarlan"]}, "called so on the radio")
    registering.propose(team.cem, "actor", GROUP, {"inter": "Identity militia"}, "they fight for their people alone")
    assert team.ben.actors.resolve("ZLF") == GROUP and team.ben.actors.resolve("Sons of Zarlan") is None
    with pytest.raises(Refused, match=r"ben, cem, each in another way. Say whose"):
        registering.accept(team.lea, "actor", GROUP)
    registering.reject(team.lea, "actor", GROUP, "no source", by="cem")
    assert [e.coder for e in words(team.lea.ledger, "actor", GROUP)[GROUP].proposed] == ["ben"]
    assert team.lea.actors.inter_of(GROUP) == "Rebel group"
    registering.change(team.lea, "actor", GROUP, {"until": "2025-12-31"}, "disbanded")
    held = words(team.lea.ledger, "actor", GROUP)[GROUP]
    assert not held.proposed, "who changes a name has seen what was proposed for it"


def test_of_a_proposal_that_was_overtaken_only_the_change_is_taken(team: Team, tmp_path: Path) -> None:
    registering.enter(team.lea, "actor", GROUP, REBELS)
    first = accepted(team.lea.ledger, "actor")[GROUP]
    offline = {**first.body, "aliases": ["ZLF", "Sons of Zarlan"], "status": "proposed"}
    registering.change(team.lea, "actor", GROUP, {"until": "2025-12-31"}, "disbanded")
    # Ben's journal comes in after Lea's change; it was written before
    team.ben.ledger.append([new_entry("actor", GROUP, offline, coder="ben", time=TIME, parents=[first.id])])
    registering.accept(team.lea, "actor", GROUP)
    actor = team.lea.actors.get(GROUP)
    assert actor is not None and actor.until == date(2025, 12, 31) and "Sons of Zarlan" in actor.aliases


def test_a_coder_proposes_a_new_name_and_a_lead_gives_it_from_the_proposed_day(team: Team) -> None:
    registering.enter(team.lea, "actor", GROUP, REBELS)
    with pytest.raises(Refused, match=rf"Or propose it: eventcoder actors propose '{GROUP}' --rename '{LATER}' --from 2024-03-01 --reason TEXT"):
        registering.rename(team.ben, "actor", GROUP, LATER, "2024-03-01", "congress")
    with pytest.raises(UsageError, match="not a day"):
        registering.propose_rename(team.ben, "actor", GROUP, LATER, "in March", "congress")
    registering.propose_rename(team.ben, "actor", GROUP, LATER, "2024-03-01", "congress")
    assert team.cem.actors.resolve("ZLF", on_date="2024-05-05") == GROUP, "not before a lead accepts it"
    with pytest.raises(Refused, match=f"rename to {LATER} from 2024-03-01 on.*Take that back first"):
        registering.propose(team.ben, "actor", GROUP, {"aliases": ["Sons of Zarlan"]}, "on the radio")
    registering.propose(team.cem, "actor", GROUP, {"aliases": ["Sons of Zarlan"]}, "on the radio")
    with pytest.raises(Refused, match="ben, cem, each in another way"):
        registering.accept(team.lea, "actor", GROUP)
    with pytest.raises(UsageError, match="nothing to put right"):
        registering.accept(team.lea, "actor", GROUP, {"since": "2019"}, by="ben")
    gone, stays = registering.accept(team.lea, "actor", GROUP, by="ben", reason="seen the minutes")
    assert (gone.body["renamed"], stays.subject, gone.role) == ("2024-03-01", LATER, "lead")
    assert [team.cem.actors.resolve("ZLF", on_date=day) for day in ("2024-02-29", "2024-03-01")] == [GROUP, LATER]
    # what cem proposed is not lost: it waits, and the line beside it says what became of the name
    waiting = find(team.lea, GROUP)
    assert waiting is not None and [e.coder for e in waiting.proposed] == ["cem"] and "reject" in waiting.command and LATER in waiting.command
    with pytest.raises(Refused, match=f"another name of '{LATER}' by now"):
        registering.accept(team.lea, "actor", GROUP)
    held = words(team.ben.ledger, "actor")[GROUP].accepted
    assert held is not None
    anew = team.ben.entry("actor", GROUP, {**REBELS, "name": GROUP, "status": "proposed", "reason": "an older program asked"}, [held.id])
    team.ben.ledger.append([anew])
    both = find(team.lea, GROUP)
    assert both is not None and {e.coder for e in both.proposed} == {"ben", "cem"} and f"reject '{GROUP}' --by cem " in both.command
    registering.reject(team.ben, "actor", GROUP, "not yet")
    registering.reject(team.lea, "actor", GROUP, "it is called otherwise now")
    assert find(team.lea, GROUP) is None and team.lea.actors.resolve("ZLF", on_date="2024-03-01") == LATER


def test_a_coder_proposes_to_merge_and_a_lead_accepts_or_not(team: Team) -> None:
    registering.enter(team.lea, "actor", GROUP, REBELS)
    registering.enter(team.lea, "actor", "Zarlan Men", {"inter": "Rebel group", "aliases": ["ZM"]})
    with pytest.raises(NotFound, match=f"Did you mean '{GROUP}'"):
        registering.propose_merge(team.ben, "actor", "Zarlan Men", "Zarlan Liberation Frnt", "the same")
    for coder in (team.ben, team.cem):
        registering.propose_merge(coder, "actor", "Zarlan Men" if coder is team.ben else "Free Zarlan", GROUP, "the same")
    registering.reject(team.lea, "actor", "Free Zarlan", "a banner of others")
    assert team.ben.actors.known("Zarlan Men") and words(team.lea.ledger, "actor")["Free Zarlan"].rejected is not None
    registering.rename(team.lea, "actor", GROUP, LATER, "2024-03-01", "congress")
    registering.accept(team.lea, "actor", "Zarlan Men")
    assert team.ben.actors.resolve("ZM") == LATER, "merged into what is called otherwise by now"
    # made one by mistake: proposed anew, it is a name of its own again
    registering.propose(team.ben, "actor", "Zarlan Men", {"inter": "Identity militia"}, "they split in 2020")
    registering.accept(team.lea, "actor", "Zarlan Men")
    assert team.ben.actors.inter_of("Zarlan Men") == "Identity militia"


def test_further_proposals_of_a_coder_add_up_and_those_of_others_stay(team: Team) -> None:
    registering.enter(team.lea, "actor", GROUP, {**REBELS, "since": "2019", "aliases": ["ZLF", "Old Zarlan"]})
    registering.propose(team.ben, "actor", GROUP, {"aliases": ["Sons of Zarlan"]}, "on the radio", drop=["since", "aliases=Old Zarlan"])
    registering.propose(team.ben, "actor", GROUP, {"country": ["Iran"]}, "a base in Iran")
    registering.propose(team.cem, "actor", GROUP, {"aliases": ["Zarlan's Own"]}, "on a flag")
    with pytest.raises(UsageError, match=r"'ZLFF' is not what is said of .* Its aliases: ZLF; Old Zarlan"):
        registering.propose(team.cem, "actor", GROUP, {}, "a slip", drop=["aliases=ZLFF"])
    mine, theirs = words(team.lea.ledger, "actor", GROUP)[GROUP].proposed
    assert mine.body["reason"] == "on the radio; a base in Iran" and theirs.coder == "cem"
    registering.accept(team.lea, "actor", GROUP, by="cem")
    registering.accept(team.lea, "actor", GROUP)
    actor = team.lea.actors.get(GROUP)
    assert actor is not None and (actor.since, actor.countries) == (None, ("Iran",))
    assert set(actor.aliases) == {"ZLF", "Zarlan's Own", "Sons of Zarlan"}, "of ben's proposal only what it changes is taken"


def test_a_name_turned_down_stays_so_when_a_new_proposal_is_taken_back(team: Team) -> None:
    stored_event(team.ben, "aaaaaaaaaaaa")
    registering.reject(team.lea, "actor", GROUP, "a village")
    registering.propose(team.ben, "actor", GROUP, REBELS, "it is a group")
    registering.reject(team.ben, "actor", GROUP, "no, a village")
    assert find(team.lea, GROUP) is None and words(team.lea.ledger, "actor")[GROUP].rejected is not None


def test_what_a_team_proposed_is_told_to_older_programs_as_a_newer_format(team: Team, tmp_path: Path) -> None:
    registering.enter(team.lea, "actor", "Old Guard", {"inter": "Political militia"})
    registering.propose(team.ben, "actor", GROUP, REBELS, "three reports")
    export_journal(team.lea.ledger, tmp_path / "journal")
    formats = {p.name[:3]: p.read_text("utf-8")[:13] for p in (tmp_path / "journal").iterdir()}
    assert formats == {"lea": '{"journal":1,', "ben": '{"journal":2,'}


@given(st.randoms(use_true_random=False), st.integers(2, 7))
def test_what_holds_does_not_depend_on_the_order_in_which_entries_come(shuffle: random.Random, n: int) -> None:
    entries: list[Entry] = []
    for number in range(n):
        parents = [e.id for e in entries if shuffle.random() < 0.5]
        body = {"name": GROUP, "note": str(number)}
        if status := shuffle.choice(["", "proposed", "rejected", "withdrawn"]):
            body |= {"status": "proposed", "withdrawn": True} if status == "withdrawn" else {"status": status}
        coder = shuffle.choice(["lea", "ben"])
        entries.append(new_entry("actor", GROUP, body, coder=coder, time=f"2026-11-02T09:0{shuffle.randrange(3)}:00Z", parents=parents))
    said = word_of(GROUP, entries)
    others = list(entries)
    shuffle.shuffle(others)
    assert word_of(GROUP, others) == said
    assert (said.accepted is None) == all("status" in e.body for e in entries), "nothing but another accepted entry takes an accepted one away"
    decided = {i for e in entries if e.body.get("status") != "proposed" for i in e.parents}
    own = {i for e in entries for i in e.parents if e.coder == next(p.coder for p in entries if p.id == i)}
    assert not {p.id for p in said.proposed} & (decided | own), "decisions answer what they name, and coders their own proposals"


def test_registers_of_before_hold_as_they_did(tmp_path: Path) -> None:
    bodies = [("Old Guard", {"name": "Old Guard", "inter": inter}) for inter in ("Rebel group", "Political militia")] + [("X", {"name": "X"})]
    with open_ledger(tmp_path / "ledger.sqlite") as ledger:
        for minute, (name, body) in enumerate(bodies):
            brought(ledger, new_entry("actor", name, body, coder="ana", time=TIME.replace(minute=minute)))
        assert accepted(ledger, "actor") == ledger.latest("actor")
        assert not words(ledger, "actor")["Old Guard"].rivals


def test_decisions_of_two_leads_apart_are_told(team: Team, tmp_path: Path) -> None:
    team.lea.ledger.append([
        new_entry("actor", GROUP, {"name": GROUP, "status": "proposed"}, coder="ben", time=TIME),
    ])  # fmt: skip
    proposal = words(team.lea.ledger, "actor", GROUP)[GROUP].proposed[0]
    for minute, inter in ((1, "Rebel group"), (2, "Political militia")):
        body = {"name": GROUP, "inter": inter}
        brought(team.lea.ledger, new_entry("actor", GROUP, body, coder="lea", time=TIME.replace(minute=minute), parents=[proposal.id]))
    waiting = find(team.lea, GROUP)
    assert waiting is not None and [e.body["inter"] for e in waiting.rivals] == ["Rebel group"]
    assert team.lea.actors.inter_of(GROUP) == "Political militia"
    registering.change(team.lea, "actor", GROUP, {"inter": "Rebel group"}, "agreed")
    assert find(team.lea, GROUP) is None


def test_what_one_lead_accepted_and_another_turned_down_apart_is_told(team: Team, capsys: pytest.CaptureFixture[str]) -> None:
    from eventcoder.cli.registering import told_queue

    team.lea.ledger.append([new_entry("actor", GROUP, {"name": GROUP, **REBELS, "status": "proposed"}, coder="ben", time=TIME)])
    proposal = words(team.lea.ledger, "actor", GROUP)[GROUP].proposed[0]
    for minute, coder, body in ((1, "lea", {"name": GROUP, **REBELS}), (2, "mia", {"name": GROUP, "status": "rejected", "reason": "a club"})):
        brought(team.lea.ledger, new_entry("actor", GROUP, body, coder=coder, time=TIME.replace(minute=minute), parents=[proposal.id]))
    told_queue(team.lea, "actor", rejected=False, limit=0, as_json=False)
    told = capsys.readouterr().out
    assert "decided apart by mia, 2026-11-02  (turned it down)" in told and f"actors change '{GROUP}' --reason TEXT" in told
    assert team.lea.actors.inter_of(GROUP) == "Rebel group", "what is accepted stays"
    registering.change(team.lea, "actor", GROUP, {}, "they exist")
    assert find(team.lea, GROUP) is None
    with pytest.raises(Refused, match="just so"):
        registering.change(team.lea, "actor", GROUP, {}, "once more")
    registering.propose(team.ben, "actor", GROUP, {"aliases": ["Zarlan Boys"]}, "heard")
    registering.reject(team.lea, "actor", GROUP, "no source")
    assert find(team.lea, GROUP) is None, "a change that was turned down is no decision apart"


# -- names and their days


@pytest.fixture(scope="module")
def renamed() -> ActorRegistry:
    named = [{"name": GROUP, "since": "2019-01-01", "until": "2024-02-29"}, {"name": LATER, "since": "2024-03-01", "until": None}]
    bodies = [
        {"name": GROUP, "merged_into": LATER, "inter": "Rebel group"},
        {"name": LATER, "inter": "Rebel group", "country": "Iraq", "since": "2019", "aliases": ["ZLF"], "named": named},
    ]
    return ActorRegistry(packaged_lists(), bodies)


@pytest.mark.parametrize(
    ("asked", "day", "name"),
    [
        (GROUP, "2024-02-29", GROUP), (GROUP, "2024-03-01", LATER), (LATER, "2023-01-01", GROUP), ("ZLF", "2023-01-01", GROUP),
        ("Zarlan unity Front", "2026-01-01", LATER), (GROUP, None, LATER), (GROUP, "2018-12-31", None),
    ],
)  # fmt: skip
def test_T21_an_actor_bears_the_name_of_the_day(renamed: ActorRegistry, asked: str, day: str | None, name: str | None) -> None:
    assert renamed.resolve(asked, country="Iraq", on_date=day) == name
    found = renamed.find(f"fighters of the {asked} said", country="Iraq", on_date=day)
    assert [m.actor for m in found if m.kind == "named"] == [name]


def test_both_names_are_known_and_offered(renamed: ActorRegistry) -> None:
    assert renamed.known(GROUP) and renamed.known(LATER)
    assert renamed.complete("zarlan") == [GROUP, LATER]
    assert renamed.inter_of(GROUP, country="Iraq") == "Rebel group"


@given(
    st.builds(
        Actor,
        name=st.just(LATER),
        aliases=st.lists(st.sampled_from(["ZLF", "Sons of Zarlan"]), unique=True).map(tuple),
        inter=st.sampled_from([None, "Rebel group"]),
        countries=st.lists(st.sampled_from(["Iraq", "Iran"]), unique=True).map(tuple),
        since=st.none() | st.dates(date(1950, 1, 1)),
        until=st.none() | st.dates(date(1950, 1, 1)),
        named=st.dates(date(1950, 1, 1)).map(lambda day: (Period(GROUP, None, day), Period(LATER, day, None))) | st.just(()),
    )
)
def test_an_actor_comes_back_from_its_body(actor: Actor) -> None:
    assert actor_of(actor.body()) == actor


def test_a_rename_changes_no_event_and_says_what_would(team: Team) -> None:
    registering.enter(team.lea, "actor", GROUP, REBELS)
    before = stored_event(team.ben, "aaaaaaaaaaaa", event_date="2024-02-29")
    after = stored_event(team.ben, "bbbbbbbbbbbb", event_date="2024-03-01", assoc_actor_1=[GROUP, "Farmers (Iraq)"])
    registering.rename(team.lea, "actor", GROUP, LATER, "2024-03-01", "congress")
    found = named_otherwise(team.lea, "actor", GROUP, LATER, date(2024, 3, 1))
    assert found.events == {"actor1": [after], "assoc_actor_1": [after]}
    assert found.commands == (
        f"""eventcoder amend --where "actor1 = '{GROUP}' AND event_date >= DATE '2024-03-01'" --set "actor1={LATER}" --expect 1 """
        f'--reason "{GROUP} is called {LATER} from 2024-03-01 on"',
        f'eventcoder amend {after} --set "assoc_actor_1={LATER}; Farmers (Iraq)" --reason "{GROUP} is called {LATER} from 2024-03-01 on"',
    )
    assert [team.lea.event(e).values["actor1"] for e in (before, after)] == [GROUP, GROUP]
    events = build_tables(team.lea.ledger.events(), book(), documents={}, settings=team.project.settings)["events"]
    told = actor_problems(events, book(), team.lea.actors, own={GROUP, LATER})
    assert [(p.code, p.event_id) for p in told if p.code.startswith("actor-outside")] == [("actor-outside-its-time", after)]


def test_what_cannot_be_renamed_is_refused(team: Team) -> None:
    registering.enter(team.lea, "actor", GROUP, {**REBELS, "since": "2019"})
    registering.rename(team.lea, "actor", GROUP, LATER, "2024-03-01", "congress")
    for old, new, day, said in (
        (LATER, "Q Front", "2024-03-01", "cannot have another name"),
        (GROUP, "Q Front", "2025-01-01", f"former name of '{LATER}'"),
        (LATER, "MEK: Mujahideen e Khalq", "2025-01-01", "actors merge"),
        (LATER, "Protesters (Iraq)", "2025-01-01", "not in use"),
        ("Police Forces of Iran (1989-)", "Q Front", "2025-01-01", "codebook's forms"),
        (LATER, "Q; R", "2025-01-01", "cannot hold ';'"),
        (LATER, "Q Front", "March 2025", "not a day"),
        ("Zarlan Unitty Front", "Q Front", "2025-01-01", "Did you mean 'Zarlan Unity Front'"),
    ):
        with pytest.raises(EventcoderError) as error:
            registering.rename(team.lea, "actor", old, new, day, "x")
        assert said in str(error.value)
    registering.rename(team.lea, "actor", LATER, GROUP, "2025-01-01", "called as before")
    days = ("2023-05-05", "2024-05-05", "2025-05-05")
    assert [team.lea.actors.resolve("ZLF", on_date=day) for day in days] == [GROUP, LATER, GROUP]


def test_the_table_of_actors_has_a_row_for_each_name_with_its_days(team: Team) -> None:
    registering.enter(team.lea, "actor", GROUP, {**REBELS, "country": ["Iraq", "Iran"]})
    registering.enter(team.lea, "actor", "Zarlan Men", {"inter": "Rebel group"})
    stored_event(team.ben, "aaaaaaaaaaaa", actor1="Zarlan Men")
    registering.propose(team.ben, "actor", "Orsova Men", {"inter": "Rebel group"}, "seen")
    registering.merge(team.lea, "actor", "Zarlan Men", GROUP, "the same")
    registering.rename(team.lea, "actor", GROUP, LATER, "2024-03-01", "congress")
    bodies = [e.body for e in accepted(team.lea.ledger, "actor").values()]
    table = build_tables(team.lea.ledger.events(), book(), documents={}, actors=bodies, settings=team.project.settings)["actors"]
    rows = {r["actor"]: (r["country"], r["since"], r["until"], r["aliases"]) for r in table.to_pylist() if r["registered"]}
    assert rows == {
        GROUP: (None, None, "2024-02-29", ["ZLF", "Zarlan Men", LATER]),
        LATER: (None, "2024-03-01", None, ["ZLF", GROUP, "Zarlan Men"]),
        "Zarlan Men": (None, None, None, [GROUP]),
    }


def test_a_release_knows_the_teams_names_and_a_rename_leaves_it_as_it_was(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "shop", n=6)
    shop.ledger.append([new_entry("actor", GROUP, {"name": GROUP, **REBELS, "country": "Iraq"}, coder="ana", time=shop.moment)])
    shop.create(3, actor1=GROUP)
    shop.create(4, actor1="Nobody's Men")
    shop.release()
    folder = next(p for p in (shop.project.releases_dir).iterdir() if p.is_dir())
    for name in ("events.csv", "events.parquet"):
        doubted = {p.value for p in check_release(folder / name) if p.code == "actor-form"}
        assert GROUP not in doubted and "Nobody's Men" in doubted, "what the team registered is in the release's table of actors"
    (copy := tmp_path / "copy").mkdir()
    for part in ("codebook", "codes"):
        shutil.copytree(folder / part, copy / part)
    shutil.copy(folder / "events.parquet", copy)
    text = ["x"]
    for odd in (
        {"inter": text, "registered": ["yes"]},
        {"inter": [1], "registered": [True]},
        {"actor": [[1]], "inter": [text], "registered": [True]},
    ):
        whole = {"actor": text, "country": text, "since": text, "until": text, **odd}
        pq.write_table(pa.table(whole), copy / "actors.parquet")
        doubted = {p.value for p in check_release(copy / "events.parquet") if p.code == "actor-form"}
        assert GROUP in doubted, "a table of actors of another form registers nobody, and the events are checked"
    files = {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    with Clocked(shop.project, coder="ana") as desk:
        registering.rename(desk, "actor", GROUP, LATER, "2024-03-01", "congress")
    assert {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == files


# -- what waits


def test_the_queue_holds_names_of_events_that_nobody_registered(team: Team) -> None:
    stored_event(team.ben, "aaaaaaaaaaaa")
    stored_event(team.ben, "bbbbbbbbbbbb", country="Iran", assoc_actor_2=["Orsova Men"])
    stored_event(team.ben, "cccccccccccc")
    held = {"act": "create", "held": "doc/1", "values": {**EVENT, "actor1": "Told to nobody"}}
    team.ben.ledger.append([new_entry("act", "dddddddddddd", held, coder="ben", time=TIME)])
    rows = queue(team.lea, "actor")
    assert [(w.name, w.events, w.country, w.hint) for w in rows] == [(GROUP, 3, "Iraq", "Rebel group"), ("Orsova Men", 1, "Iran", None)]
    assert rows[0].command == f"eventcoder actors add '{GROUP}' --inter 'Rebel group' --country Iraq"
    registering.reject(team.lea, "actor", "Orsova Men", "a village")
    with pytest.raises(NotFound):
        registering.reject(team.lea, "actor", "Orsova Man", "a village")
    registering.propose(team.ben, "actor", GROUP, REBELS, "three reports")
    (only,) = queue(team.lea, "actor")
    assert only.events == 3 and only.command == f"eventcoder actors accept '{GROUP}'"
    registering.accept(team.lea, "actor", GROUP)
    assert queue(team.lea, "actor") == []
    assert [w.name for w in queue(team.lea, "actor", rejected=True)] == ["Orsova Men"]


def test_a_merged_name_is_another_name_and_waits_no_longer(team: Team) -> None:
    registering.enter(team.lea, "actor", GROUP, {**REBELS, "since": "2019"})
    registering.enter(team.lea, "actor", "Zarlan Men", {"inter": "Rebel group", "aliases": ["ZM"], "since": "2012"})
    stored_event(team.ben, "aaaaaaaaaaaa", actor1="Zarlan Men")
    registering.merge(team.lea, "actor", "Zarlan Men", GROUP, "the same")
    registering.merge(team.lea, "actor", "Free Zarlan", GROUP, "a banner")
    resolved = [team.lea.actors.resolve(name, on_date="2013-01-01") for name in ("Zarlan Men", "ZM", "Free Zarlan")]
    assert resolved == [GROUP] * 3 and not team.lea.actors.known("Zarlan Men")
    assert find(team.lea, "Zarlan Men") is None
    assert named_otherwise(team.lea, "actor", "Zarlan Men", GROUP).count == 1
    with pytest.raises(Refused, match=r"merged into .* already"):
        registering.merge(team.lea, "actor", "Zarlan Men", GROUP, "again")


def test_journals_of_lead_and_coder_give_one_register_in_either_order(team: Team, tmp_path: Path) -> None:
    registering.propose(team.ben, "actor", GROUP, REBELS, "three reports")
    registering.accept(team.lea, "actor", GROUP)
    registering.rename(team.lea, "actor", GROUP, LATER, "2024-03-01", "congress")
    registering.propose(team.cem, "actor", LATER, {"aliases": ["ZUF"]}, "so on their flag")
    export_journal(team.lea.ledger, tmp_path / "journal")
    files = sorted((tmp_path / "journal").iterdir())
    said = []
    for number, order in enumerate((files, files[::-1])):
        with open_ledger(tmp_path / f"{number}.sqlite", project="") as ledger:
            import_journal(ledger, order)
            said.append(words(ledger, "actor"))
    assert said[0] == said[1] == words(team.lea.ledger, "actor")


# -- publishers and places


def test_publishers_of_documents_and_events_wait_for_the_lead(team: Team) -> None:
    for number, (name, visible) in enumerate((("Weir Post", "public"), ("Night Courier", "undisclosed"), ("Reuters", "public"))):
        meta = {"publisher": name, "visibility": visible, "url": f"https://www.{name.split()[0].lower()}.example/1", "language": "en"}
        team.ben.ledger.append([new_entry("document", f"{number}" * 12, meta, coder="ben", time=TIME)])
    stored_event(team.ben, "aaaaaaaaaaaa", source=["Weir Post"])
    stored_event(team.ben, "bbbbbbbbbbbb", source=["Weir Post", "Undisclosed Source", "AFP"], source_scale="Subnational-International")
    (only,) = queue(team.lea, "publisher")
    assert (only.name, only.documents, only.events) == ("Weir Post", 1, 2)
    assert only.command == "eventcoder publishers add 'Weir Post' --scale Subnational --domain weir.example --country Iraq --language en"


def test_a_publisher_with_owner_domains_and_names(team: Team) -> None:
    given = {"scale": "national", "ownership": "State", "domain": ["https://www.weir.example/news", "weirpost.example"], "country": "IRQ"}
    registering.propose(team.ben, "publisher", "Weir Post", given, "read daily")
    assert team.ben.publishers.get("Weir Post") is None
    registering.accept(team.lea, "publisher", "Weir Post")
    registering.rename(team.lea, "publisher", "Weir Post", "Weir Times", "2025-01-01", "sold")
    publisher = team.ben.publishers.get("https://weirpost.example/7")
    assert publisher is not None and (publisher.scale, publisher.ownership, publisher.country) == ("National", "state", "Iraq")
    assert [publisher.name_on(date(2024, 12, 31)), publisher.name_on(date(2025, 1, 1)), publisher.name_on(None)] == [
        "Weir Post", "Weir Times", "Weir Times",
    ]  # fmt: skip
    assert team.ben.publishers.known("Weir Post") and team.ben.publishers.scale(["Weir Post"]) == "National"
    with pytest.raises(EventcoderError, match=r"Unknown kind of ownership 'crown'. Known: state, public"):
        registering.change(team.lea, "publisher", "Weir Times", {"ownership": "crown"}, "")


def test_a_domain_or_another_name_leads_to_one_publisher(team: Team) -> None:
    registering.enter(team.lea, "publisher", "Weir Post", {"scale": "National", "domain": ["weir.example"], "aliases": ["The Post"]})
    for told in ({"domain": ["https://www.weir.example/x"]}, {"aliases": ["the post"]}, {"aliases": ["Weir Post"]}):
        with pytest.raises(Refused, match=r"belongs to the publisher 'Weir Post'.*publishers propose 'Weir Star' --merge-into 'Weir Post'"):
            registering.propose(team.ben, "publisher", "Weir Star", {"scale": "National", **told}, "read daily")
        with pytest.raises(Refused, match="publishers merge 'Weir Star' 'Weir Post'"):
            registering.enter(team.lea, "publisher", "Weir Star", {"scale": "National", **told})
    registering.change(team.lea, "publisher", "Weir Post", {"ownership": "private"}, "its own domain is no obstacle")
    body = {"name": "Weir Sun", "scale": "National", "domain": "weir.example"}
    brought(team.lea.ledger, new_entry("publisher", "Weir Sun", body, coder="lea", time=TIME))
    registering.change(team.lea, "publisher", "Weir Sun", {"ownership": "private"}, "nor is what they share from before")
    registering.propose(team.ben, "publisher", "Weir Star", {"language": "es_MX"}, "read daily")
    with pytest.raises(UsageError, match="is no code of a language"):
        registering.propose(team.cem, "publisher", "Weir Star", {"language": "Español"}, "read daily")
    with pytest.raises(UsageError, match=r"Nobody has said the scale of Weir Star\. Accept it with --scale"):
        registering.accept(team.lea, "publisher", "Weir Star")
    (star,) = registering.accept(team.lea, "publisher", "Weir Star", {"scale": "National"})
    assert star.body["language"] == "es", "as documents bear it"
    with pytest.raises(UsageError, match="needs a reason"):
        registering.merge(team.lea, "publisher", "Weir Star", "Weir Post", " ")


def test_whoever_looks_is_told_the_command_of_the_own_role(team: Team) -> None:
    stored_event(team.ben, "aaaaaaaaaaaa")
    stored_event(team.ben, "bbbbbbbbbbbb", actor1="Katiba of nobody")
    told = {name: [w.command for w in queue(getattr(team, name), "actor")] for name in ("lea", "ben")}
    assert all(c.startswith("eventcoder actors add ") for c in told["lea"])
    assert all(c.startswith("eventcoder actors propose ") and c.endswith(" --reason TEXT") for c in told["ben"]) and len(told["ben"]) == 2


def test_a_place_is_used_once_it_is_accepted(team: Team) -> None:
    body, problems = team.ben.new_place({"name": "Zarlabad", "country": "Iraq", "latitude": 33.1, "longitude": 44.2})
    assert not problems
    registering.propose_place(team.ben, body, "not in the gazetteer")
    assert team.cem.team_places == []
    with pytest.raises(Refused, match="takes a lead"):
        registering.enter_place(team.ben, body)
    with pytest.raises(Refused, match="ben proposed just this"):
        registering.propose_place(team.cem, body, "I, too")
    registering.accept(team.lea, "place", "Zarlabad")
    with pytest.raises(Refused, match="registered already, just so"):
        registering.propose_place(team.cem, body, "I, too")
    assert [p.name for p in team.cem.team_places] == ["Zarlabad"]


# -- as it is typed


def test_from_the_queue_to_the_register_in_the_terminal(command: Command) -> None:
    command("add", *(w for k, v in {**CLEAN, "actor1": GROUP, "inter1": "Rebel group"}.items() for w in (f"--{k.replace('_', '-')}", v)), "--open")
    waiting = command("actors", "queue", "--json").one
    assert waiting["name"] == GROUP and waiting["events"] == 1 and waiting["used_as"] == "Rebel group"
    said = command("actors", "queue").out
    assert f"    eventcoder actors add '{GROUP}' --inter 'Rebel group' --country Iran\n" in said
    command("actors", "propose", GROUP, "--inter", "Rebel group", "--country", "Iran", "--reason", "three reports")
    assert f"not yet accepted: {GROUP}" in command("actors", "find", "zarlan").err
    for register in ("actors", "publishers", "places"):  # as grep does: nothing found
        assert command(register, "find", "Qqqzx", code=1).out == ""
    assert "by ana" in command("actors", "list", "--proposed").out
    command("actors", "accept", GROUP)
    named = command("actors", "rename", GROUP, LATER, "--from", "2026-01-01", "--reason", "congress")
    line = named.out.splitlines()[-1]
    assert "1 event from 2026-01-01 on bears the name" in named.err and line.startswith('eventcoder amend --where "actor1')
    shown = command("actors", "show", LATER).out
    assert f"named        {GROUP}  ... to 2025-12-31" in shown and f"{GROUP}: renamed from 2026-01-01 on by ana: congress" in shown
    import shlex

    command(*shlex.split(line)[1:])
    assert command("list", "--json").one["actor1"] == LATER
    assert command("actors", "queue").err == "No actor waits.\n"
    assert "Did you mean 'Zarlan Unity Front'" in command("actors", "show", "Zarlan Unity Frnt", code=None).err


def test_a_proposed_name_in_the_terminal(command: Command) -> None:
    command("actors", "add", GROUP, "--inter", "Rebel group", "--country", "Iran", "--alias", "ZLF")
    for wrong in (["--rename", LATER], ["--from", "2026-01-01"], ["--merge-into", "X", "--alias", "Y"], ["--merge-into", "X", "--drop", "aliases"]):
        assert command("actors", "propose", GROUP, *wrong, "--reason", "x", code=2).out == ""
    asks = ("--rename", LATER, "--from", "2026-01-01", "--reason", "congress")
    assert command("actors", "propose", GROUP, *asks).out == f"{GROUP}  proposed: rename to {LATER} from 2026-01-01 on\n"
    assert f"(rename to {LATER} from 2026-01-01 on)" in command("actors", "queue").out
    command("actors", "accept", GROUP, "--reason", "seen")
    command("actors", "propose", LATER, "--drop", "aliases=ZLF", "--reason", "never called so")
    assert f"{LATER}  [no longer ZLF]  by ana" in command("actors", "list", "--proposed").out
    entered = command("actors", "add", "ZLF", "--inter", "Political militia")
    assert f"{LATER} bears this as another name, too. To end that: eventcoder actors change '{LATER}' --drop aliases=ZLF" in entered.err


def test_a_scale_that_waits_for_a_lead_is_taken_for_the_draft_at_hand(team: Team, capsys: pytest.CaptureFixture[str]) -> None:
    from eventcoder.cli.form import scale_meanwhile, scale_to_give

    registering.enter_or_propose(team.ben, "publisher", "Weir Post", {"scale": "Regional"})
    with mock.patch("eventcoder.cli.form._publisher", lambda *_: "Weir Post"):
        assert scale_to_give(team.ben, "any") == "Regional"
        assert "waits for a lead" in capsys.readouterr().err
        taken, told = scale_meanwhile(team.ben, "any", {"source": ["Weir Post"]})
        assert taken == "Regional" and "until a lead decides about Weir Post" in told, "nobody is asked at every report of a paper"
        assert scale_meanwhile(team.ben, "any", {"source": ["Weir Post"], "source_scale": "National"}) == (None, "")
    with mock.patch("eventcoder.cli.form._publisher", lambda *_: "Dale Post"):
        assert scale_meanwhile(team.ben, "any", {"source": ["Dale Post"]})[1].startswith("p  proposes to the leads of what scale Dale Post")
        assert "once and for all" in scale_meanwhile(team.lea, "any", {"source": ["Dale Post"]})[1]
    with mock.patch("eventcoder.cli.form._publisher", lambda *_: "AFP"):
        assert scale_to_give(team.ben, "any") is None
        assert "knows the scale of AFP" in capsys.readouterr().err


def test_what_is_coded_by_hand_takes_the_scale_that_waits_for_a_lead(tmp_path: Path) -> None:
    from eventcoder.cli.form import store_event
    from eventcoder.coding import NewEvent
    from tests.conftest import CLEAN
    from tests.team.working import Team as Readers

    room = Readers(tmp_path, 1)
    with room.desk("ana") as desk:
        registering.enter_or_propose(desk, "publisher", "Weir Post", {"scale": "Regional"})
        raw = {**{name: value for name, value in CLEAN.items() if name != "source_scale"}, "source": "Weir Post"}
        with mock.patch("eventcoder.cli.form._publisher", lambda *_: "Weir Post"):
            stored = store_event(desk, NewEvent(raw, reports=(room.documents[0],)))
            said = {"source_scale": "National", "event_date": "2026-05-06", "notes": CLEAN["notes"].replace("3 May", "6 May")}
            other = store_event(desk, NewEvent(raw | said, reports=(room.documents[0],)), allow_open=True)
        assert stored is not None and desk.event(stored.event_id).values["source_scale"] == "Regional"
        assert other is not None and desk.event(other.event_id).values["source_scale"] == "National", "what the coder says herself stands"


def test_what_was_proposed_for_a_name_outlives_a_merge_into_it(team: Team) -> None:
    registering.enter(team.lea, "actor", GROUP, REBELS)
    for name in ("Zarlan Men", "Zarlan Boys"):
        registering.enter(team.lea, "actor", name, {"inter": "Rebel group", "country": ["Iraq"]})
    stored_event(team.ben, "aaaaaaaaaaaa")
    registering.propose_rename(team.ben, "actor", GROUP, LATER, "2024-03-01", "congress")
    registering.propose_merge(team.cem, "actor", "Zarlan Men", GROUP, "the same")
    registering.accept(team.lea, "actor", "Zarlan Men")
    registering.merge(team.lea, "actor", "Zarlan Boys", GROUP, "the same")
    (waits,) = queue(team.lea, "actor")
    assert waits.name == GROUP and waits.events == 1, "that events bear the name is told of a registered one, too"
    registering.accept(team.lea, "actor", GROUP)
    assert team.lea.actors.resolve("Zarlan Men") == team.lea.actors.resolve("ZLF") == LATER
    assert queue(team.lea, "actor") == []


def test_a_registered_name_is_not_told_to_be_registered(team: Team) -> None:
    said = [p for p in team.ben.prepare({"actor1": GROUP, "inter1": "Rebel group"}).problems if p.code == "actor-form"]
    assert [p.value for p in said] == [GROUP]
    stored_event(team.ben, "aaaaaaaaaaaa")
    today = date(2026, 11, 3)

    def doubted() -> list[object]:
        report = project_report(team.lea.ledger, book(), latest_today=today, register=team.lea.actors)
        return [p.value for p in report if p.code == "actor-form"]

    assert doubted() == [GROUP]
    registering.enter_or_propose(team.lea, "actor", GROUP, REBELS)
    assert doubted() == []
    assert not any(p.code == "actor-form" for p in team.ben.prepare({"actor1": GROUP, "inter1": "Rebel group"}).problems)
