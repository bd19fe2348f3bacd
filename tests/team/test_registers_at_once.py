"""Two leads at one name of a register: on one ledger the second is refused and told what the first did; journals may bring both."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.errors import LedgerConflict
from eventcoder.ledger import Ledger, new_entry, open_ledger
from eventcoder.ledger.registered import Word, status_of, words
from eventcoder.team.registers import registering
from eventcoder.team.registers.unregistered import queue
from tests.team.test_registers import REBELS, Clocked, Team

Act = Callable[[Clocked], Any]


@pytest.fixture(params=["sqlite", "postgresql"])
def team(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Team]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    made = Team(tmp_path / "team", ledger=url)
    yield made
    made.close()


def entered(name: str) -> Act:
    return lambda desk: registering.enter(desk, "actor", name, REBELS)


def accepted(name: str) -> Act:
    return lambda desk: registering.accept(desk, "actor", name)


def rejected(name: str) -> Act:
    return lambda desk: registering.reject(desk, "actor", name, "no source")


def changed(name: str) -> Act:
    return lambda desk: registering.change(desk, "actor", name, {"until": "2025-12-31"}, "disbanded")


def merged(name: str, into: str) -> Act:
    return lambda desk: registering.merge(desk, "actor", name, into, "the same")


def renamed(name: str, new: str) -> Act:
    return lambda desk: registering.rename(desk, "actor", name, new, "2024-03-01", "congress")


PAIRS: dict[str, tuple[Act, Act, str]] = {
    "one proposal accepted twice": (accepted("Asked A"), accepted("Asked A"), "'Asked A' was decided on meanwhile: lea accepted it, 2026-"),
    "one turns down what the other accepts": (accepted("Asked B"), rejected("Asked B"), "lea accepted it"),
    "one accepts what the other turns down": (rejected("Asked C"), accepted("Asked C"), "lea turned it down"),
    "one name entered twice": (entered("New A"), entered("New A"), "lea accepted it"),
    "two changes": (changed("Held A"), changed("Held A"), "lea accepted it"),
    "two new names for one": (renamed("Held B", "Later B"), renamed("Held B", "Other B"), "lea renamed it to Later B from 2024-03-01 on"),
    "one new name for two": (renamed("Held C", "Later C"), renamed("Held D", "Later C"), "'Later C' was decided on meanwhile: lea accepted it"),
    "merged into each other": (merged("Held E", "Held F"), merged("Held F", "Held E"), "was decided on meanwhile: lea"),
    "renamed while another is merged into it": (renamed("Held G", "Later G"), merged("Held H", "Held G"), "lea renamed it to Later G"),
    "taken back by its coder": (
        lambda desk: registering.reject(desk, "actor", "Asked D", "a slip") if desk.coder == "ben" else None, accepted("Asked D"),
        "ben took a proposal back",
    ),
}  # fmt: skip


def filled(team: Team) -> None:
    for letter in "ABCD":
        registering.propose(team.ben, "actor", f"Asked {letter}", REBELS, "three reports")
    for letter in "ABCDEFGH":
        registering.enter(team.lea, "actor", f"Held {letter}", REBELS)


def test_of_two_at_one_name_the_second_is_refused_and_told(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(team)
    late = team.mia
    append = late.ledger.append
    for what, (first, second, told) in PAIRS.items():
        other = team.ben if "its coder" in what else team.lea

        def after_the_other(entries: Any, first: Act = first, other: Clocked = other) -> Any:
            monkeypatch.setattr(late.ledger, "append", append)
            first(other)
            return append(entries)

        monkeypatch.setattr(late.ledger, "append", after_the_other)
        before = len(list(late.ledger.entries("actor")))
        with pytest.raises(LedgerConflict, match=told) as error:
            second(late)
        assert "Nothing was changed" in str(error.value) and "look at it and decide anew: eventcoder actors show '" in str(error.value)
        mine = [e for e in list(late.ledger.entries("actor"))[before:] if e.coder == "mia"]
        assert not mine, f"{what}: of what is refused nothing is stored"
    assert not [w for w in queue(team.lea, "actor") if w.rivals]
    # what the second wants after a look is stored
    registering.change(late, "actor", "Held A", {"inter": "Identity militia"}, "seen again")
    assert late.actors.inter_of("Held A") == "Identity militia"


def test_who_answers_a_proposal_that_its_coder_has_just_replaced_is_told_so(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    registering.propose(team.ben, "actor", "Asked", REBELS, "three reports")
    append = team.lea.ledger.append

    def after_the_coder(entries: Any) -> Any:
        monkeypatch.setattr(team.lea.ledger, "append", append)
        registering.propose(team.ben, "actor", "Asked", {"until": "2025-12-31"}, "disbanded")
        return append(entries)

    monkeypatch.setattr(team.lea.ledger, "append", after_the_coder)
    with pytest.raises(LedgerConflict, match=r"The actor 'Asked' was proposed anew meanwhile: ben proposed it, 2026-.* Nothing was changed."):
        registering.accept(team.lea, "actor", "Asked")
    registering.accept(team.lea, "actor", "Asked")
    actor = team.lea.actors.get("Asked")
    assert actor is not None and str(actor.until) == "2025-12-31"


def test_a_name_is_not_turned_down_while_another_proposal_of_it_is_open(team: Team) -> None:
    for desk in (team.ben, team.mia):
        registering.propose(desk, "actor", "Asked", REBELS | {"since": "2019" if desk is team.ben else "2020"}, f"{desk.coder} met them")
    registering.reject(team.lea, "actor", "Asked", "no source", by="ben")
    word = words(team.lea.ledger, "actor")["Asked"]
    assert word.rejected is None and [e.coder for e in word.proposed] == ["mia"]
    registering.reject(team.lea, "actor", "Asked", "none either")
    word = words(team.lea.ledger, "actor")["Asked"]
    assert word.rejected is not None and not word.proposed


def test_what_is_merged_into_a_renamed_name_leaves_its_days_as_they_are(tmp_path: Path) -> None:
    team = Team(tmp_path / "team")
    registering.enter(team.lea, "actor", "Held A", REBELS | {"since": "2019", "until": "2025"})
    registering.enter(team.lea, "actor", "Older", REBELS | {"since": "2010", "until": "2012"})
    registering.rename(team.lea, "actor", "Held A", "Later A", "2024-03-01", "congress")
    before = registering.registered_body(team.lea, "actor", "Later A")
    registering.merge(team.lea, "actor", "Older", "Later A", "the same")
    after = registering.registered_body(team.lea, "actor", "Later A")
    assert before is not None and after is not None and "Older" in after["aliases"]
    assert [after[key] for key in ("since", "until", "named")] == [before[key] for key in ("since", "until", "named")]
    team.close()


def test_a_further_proposal_without_a_reason_keeps_the_first_ones(tmp_path: Path) -> None:
    team = Team(tmp_path / "team")
    registering.propose(team.ben, "publisher", "Weir Post", {"language": "en"}, "met in May")
    again = registering.enter_or_propose(team.ben, "publisher", "Weir Post", {"scale": "National", "country": ["Iran", "IRN"]}).body
    assert (again["reason"], again["country"]) == ("met in May", "Iran"), "one country, however often it is said"
    team.close()


def test_a_desk_that_was_open_before_takes_nothing_back_of_what_others_decided(tmp_path: Path) -> None:
    team = Team(tmp_path / "team")
    registering.enter(team.lea, "actor", "Held A", REBELS)
    open_long = team.mia
    assert open_long.actors.known("Held A")
    changed("Held A")(team.lea)
    registering.change(open_long, "actor", "Held A", {"inter": "Identity militia"}, "their own words")
    actor = team.lea.actors.get("Held A")
    assert actor is not None and actor.inter == "Identity militia" and str(actor.until) == "2025-12-31"
    team.close()


def test_leads_at_one_moment_never_both_decide(team: Team) -> None:
    rounds = 5
    for number in range(rounds):
        registering.propose(team.ben, "actor", f"Front {number}", REBELS, "three reports")
    barrier = threading.Barrier(2)
    won: list[tuple[str, int]] = []
    refused: list[str] = []

    def lead(name: str) -> None:
        with Clocked(team.project, coder=name) as desk:
            desk.__dict__["codebook"] = team.lea.codebook
            for number in range(rounds):
                entry = new_entry(
                    "actor", f"Front {number}", {"name": f"Front {number}", "inter": "Rebel group" if name == "lea" else "Identity militia"},
                    coder=name, role="lead", time=desk.moment, parents=words(desk.ledger, "actor", f"Front {number}")[f"Front {number}"].heads,
                )  # fmt: skip
                barrier.wait(60)
                try:
                    desk.ledger.append([entry])
                    won.append((name, number))
                except LedgerConflict as error:
                    refused.append(str(error))
                barrier.wait(60)

    threads = [threading.Thread(target=lead, args=(name,)) for name in ("lea", "mia")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(number for _, number in won) == list(range(rounds)) and len(refused) == rounds
    assert not [w for w in queue(team.lea, "actor") if w.rivals]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with open_ledger(tmp_path_factory.mktemp("registers") / "ledger.sqlite") as opened:
        yield opened


numbers = count()
step = st.tuples(st.sampled_from(["", "proposed", "rejected", "withdrawn"]), st.sampled_from(["lea", "mia", "ben"]), st.integers(0, 2))


@given(st.lists(step, min_size=2, max_size=6))
@settings(max_examples=25)
def test_whatever_is_decided_on_what_was_seen_before_one_ledger_never_holds_two(ledger: Ledger, steps: list[tuple[str, str, int]]) -> None:
    name = f"Front {next(numbers)}"
    seen = [Word(name)]
    for number, (status, coder, ago) in enumerate(steps):
        word = seen[max(0, len(seen) - 1 - ago)]  # what this coder saw, which may be old
        own = [e.id for e in word.proposed if e.coder == coder]
        body = {
            "name": name,
            "note": str(number),
            **({"status": "proposed", "withdrawn": True} if status == "withdrawn" else {"status": status or "accepted"}),
        }
        parents = own if status == "withdrawn" else [] if status == "proposed" else list(word.heads)
        entry = new_entry("actor", name, body, coder=coder, time=f"2026-11-02T09:0{number}:00Z", parents=parents)
        before = words(ledger, "actor", name).get(name, Word(name))
        decided = [i for i in before.heads if status_of(ledger.entry(i)) in ("accepted", "rejected")]
        forgets = status in ("", "rejected") and not set(decided) <= set(parents)
        answers_again = status != "proposed" and not set(parents) <= set(before.heads)
        try:
            ledger.append([entry])
            assert not (forgets or answers_again)
        except LedgerConflict:
            assert (forgets or answers_again) and words(ledger, "actor", name).get(name, Word(name)) == before, "of what is refused nothing is stored"
        seen.append(words(ledger, "actor", name).get(name, Word(name)))
    assert not seen[-1].rivals
