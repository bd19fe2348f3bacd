"""`adjudicate` and `feedback` as their users meet them: by options, by file, by keys, and with roles."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from eventcoder.coding import NewEvent
from eventcoder.ledger.people.roster import Member
from tests.conftest import CLEAN
from tests.team.blindly import SHELLING, Room, amend_apart

ELSEWHERE = {"location": "Marvdasht", "latitude": "29.8742", "longitude": "52.8025"}
RALLY = {"evidence": {"event_date": "3 May", "location": "Shiraz"}}
HIT = {**SHELLING, "evidence": {"fatalities": "two men were killed"}}


@pytest.fixture
def room(command) -> Room:
    """A document coded by ann and bob: a rally of which they place differently, and a shelling that ann alone saw."""
    room = Room(Path.cwd())
    room.coded(1, "ann", RALLY, HIT)
    room.coded(2, "bob", RALLY | ELSEWHERE)
    return room


def test_what_waits_and_how_it_is_decided_by_options(command, room: Room) -> None:
    item = room.documents[0]
    assert command("adjudicate", "--json").one == {
        "item": item, "kind": "codings", "document": item, "round": "May", "coders": ["ann", "bob"], "events": 2, "seen_by_one": 1, "differing": 1,
    }  # fmt: skip
    assert "1 item to adjudicate" in command("adjudicate", "--list").err
    shown = command("adjudicate", item[:6], "--list").out
    assert "2  bob" in shown and "Marvdasht  <- 'Shiraz'" in shown and "Only ann saw this event; bob did not." in shown
    assert "Teachers gathered in Shiraz on 3 May to demand late salaries." in shown, "the sentence in which the words stand"
    rows = command("adjudicate", item, "--json").one["rows"]
    assert [row["decide"] for row in rows] == [["location"], ["event"]] and rows[1]["not_seen_by"] == ["bob"]
    ran = command("adjudicate", item, "--take", "location=ann", code=1)
    assert "--error location=CLASS" in ran.err and f"--found or --drop {rows[1]['events']['ann']}" in ran.err
    command("adjudicate", item, "--take", "location=cyd", "--reason", "x", code=2)
    command("adjudicate", item, "--take", "event_type=ann", "--reason", "x", code=2)
    assert "no row differs" in command("adjudicate", item, "--take", "event_date=ann", code=2).err
    command("adjudicate", "--take", "location=ann", code=2)
    assert "is one of the coders" in command("adjudicate", item, "--take", "location=ann", "--coder", "ann", code=1).err
    told = ["--take", "location=ann", "--error", "location=slip", "--found", rows[1]["events"]["ann"], "--reason", "The text says Shiraz."]
    assert [r["stored"] for r in command("adjudicate", item, *told, "--dry-run", "--json").lines] == [False, False]
    made = [r["event_id"] for r in command("adjudicate", item, *told, "--json").lines]
    assert {r["event_id"]: r["location"] for r in command("list", "--json").lines} == dict(zip(made, ["Shiraz", "Yazd"], strict=True))
    assert "ana adjudicated it" in command("adjudicate", item, *told, code=2).err
    place = command("trace", made[0], "location", "--json").one
    assert (place["taken_from"]["coder"], place["decided_by"]) == ("ann", "ana")
    assert "taken from the coding of ann" in command("trace", made[0], "location").out
    assert "taken from 1 coding" in command("history", made[0]).out


def test_coders_read_their_own_and_a_reviewer_everybodys(command, room: Room) -> None:
    with room.desk("lea") as desk:
        people = {"lea": "lead", "ann": "coder", "bob": "coder", "rita": "reviewer", "zoe": "coder"}
        for name, role in people.items():
            desk.ledger.append([desk.entry("coder", name, Member(name, role).body())])
    item = room.documents[0]
    held = command("adjudicate", item, "--json", "--coder", "rita").one["rows"][1]["events"]["ann"]
    assert "takes a reviewer" in command("adjudicate", item, "--json", "--coder", "zoe", code=1).err
    told = ["--take", "location=ann", "--error", "all=slip", "--drop", held, "--reason", "Known from another paper."]
    command("adjudicate", item, *told, "--coder", "rita")
    assert [c["field"] for c in command("feedback", "--json", "--coder", "bob").lines] == ["location"]
    said = command("feedback", "--coder", "ann").out
    assert "coded what is no event: Shelling" in said and "you marked: 'two men were killed'" in said and "Marvdasht" not in said
    assert "may read the feedback to bob only" in command("feedback", "--coder", "bob", "--of", "ann", code=1).err
    assert len(command("feedback", "--json", "--coder", "rita").lines) == 2
    assert len(command("feedback", "--json", "--coder", "rita", "--of", "ann", "--round", "May").lines) == 1
    command("feedback", "--confusion", "--coder", "ann", code=1)
    table = csv.DictReader(io.StringIO(command("feedback", "--confusion", "--field", "location", "--csv", "-", "--coder", "lea").out))
    assert {(r["coded"], r["adjudicated"], r["slip"]) for r in table} == {("Shiraz", "Shiraz", "0"), ("Marvdasht", "Shiraz", "1")}


def test_a_file_decides_many_items_or_none(command) -> None:
    room = Room(Path.cwd(), [f"Teachers gathered in Shiraz on 3 May, report {n}." for n in range(3)])
    for number in range(3):
        room.coded(1, "ann", RALLY, document=number)
        room.coded(2, "bob", RALLY | ELSEWHERE if number else RALLY, document=number)
    assert "1 with nothing to decide" in command("adjudicate", "--list").err
    assert len(command("adjudicate", "--agreed", "--json").lines) == 1
    one = {"row": 1, "take": {"location": "bob"}, "error": {"location": "judgement"}, "reason": "The map."}
    first, second = room.documents[1:]
    file = json.dumps([{"item": first, "rows": [one]}, {"item": second, "rows": [{**one, "error": {}}]}])
    ran = command("adjudicate", "--from", "-", stdin=file, code=1)
    assert f"item {second} row 1" in ran.err and len(command("adjudicate", "--json").lines) == 2, "nothing of the file was stored"
    assert "no class of error" in command("adjudicate", "--from", "-", stdin=file.replace("judgement", "typo"), code=2).err
    assert "has another form" in command("adjudicate", "--from", "-", stdin='{"item": 3}', code=2).err
    lines = "\n".join(json.dumps({"item": item, "rows": [one]}) for item in (first, second))
    assert len(command("adjudicate", "--from", "-", "--json", stdin=lines).lines) == 2
    assert "Nothing waits" in command("adjudicate").out


def test_what_breaks_a_rule_is_named_and_does_not_hold_back_what_all_agree_on(command) -> None:
    room = Room(Path.cwd(), [f"Teachers gathered in Shiraz on 3 May, report {n}." for n in range(2)])
    for number in range(2):
        for slot, coder in enumerate(("ann", "bob"), 1):
            room.coded(slot, coder, {"crowd_low": "100"} if number else RALLY, document=number)
    ran = command("adjudicate", "--agreed", code=1)
    assert f"item {room.documents[1]} row 1" in ran.err and "crowd-text-missing" in ran.err and "--open" in ran.err, "which item, and what to do"
    assert "1 event stands" in ran.err and [r["item"] for r in command("adjudicate", "--json").lines] == [room.documents[1]]
    assert f"item {room.documents[1]}" in command("adjudicate", room.documents[1], "--reason", "Agreed.", code=1).err
    shown = command("adjudicate", stdin="\no\n").out
    assert "Teachers gathered in Shiraz on 3 May, report 1." in shown and "d shows all" not in shown, "nobody marked words: the text is shown"
    assert sorted(r["state"] for r in command("list", "--json").lines) == ["open", "settled"]


def test_of_a_long_text_in_which_nobody_marked_words_the_beginning_is_shown(command) -> None:
    room = Room(Path.cwd(), [f"Teachers gathered in Shiraz on 3 May. {'They came from many towns. ' * 60}Nobody was hurt."])
    for slot, coder in enumerate(("ann", "bob"), 1):
        room.coded(slot, coder, {"location": "Shiraz"} if slot == 1 else ELSEWHERE)
    shown = command("adjudicate", stdin="q\n").out
    assert "Teachers gathered in Shiraz" in shown and "(d shows all of it)" in shown and "Nobody was hurt" not in shown
    assert "Nobody was hurt" in command("adjudicate", stdin="d\nq\n").out


def test_what_all_agree_on_is_stored_by_who_may_and_by_no_coder_of_it(command) -> None:
    room = Room(Path.cwd())
    for slot, coder in enumerate(("ann", "bob"), 1):
        room.coded(slot, coder, RALLY)
    ran = command("adjudicate", "--agreed", "--coder", "ann")
    assert "1 item was coded by ann and left to somebody else." in ran.err and "0 events stand" in ran.err
    with room.desk("lea") as desk:
        for name, role in {"lea": "lead", "ann": "coder", "bob": "coder", "zoe": "coder"}.items():
            desk.ledger.append([desk.entry("coder", name, Member(name, role).body())])
    ran = command("adjudicate", "--agreed", "--coder", "zoe", code=1)
    assert "takes a reviewer" in ran.err and "rules" not in ran.err, "no rule is broken: zoe may not"
    assert "1 event stands" in command("adjudicate", "--agreed", "--coder", "lea").err


def test_an_event_in_conflict_that_has_no_document_is_shown_without_a_fault(command, tmp_path: Path) -> None:
    room = Room(Path.cwd())
    with room.desk("ann") as desk:
        event = desk.add(NewEvent({k: v for k, v in (CLEAN | SHELLING).items() if v})).event_id
    amend_apart(room, event, tmp_path, {"fatalities": 3}, {"fatalities": 5})
    assert "o document" not in (shown := command("adjudicate", stdin="q\n").out) and "fatalities" in shown
    assert "No document is tied to this event." in command("adjudicate", stdin="d\nq\n").out


def test_a_sitting_by_keys_asks_for_what_differs_alone(command, room: Room) -> None:
    # take 1, because of a slip, why; the second event exists, Enter takes the proposed class, why; Enter stores
    keys = ["?", "1", "3", "The text says Shiraz.", "y", "", "A shell fell.", ""]
    ran = command("adjudicate", stdin="\n".join(keys) + "\n")
    assert "1 of 1 items adjudicated" in ran.out and "2 overlooked text" in ran.out
    told = {c["field"]: (c["coder"], c["error"]) for c in command("feedback", "--json").lines}
    assert told == {"location": ("bob", "slip"), "event": ("bob", "overlooked-text")}


def test_a_sitting_that_is_broken_off_stores_nothing_of_the_item(command, room: Room) -> None:
    for keys in (["1", "3"], ["1", "3", "why", "n", "4"], ["1", "3", "why", "s"], ["q"]):
        ran = command("adjudicate", stdin="\n".join(keys) + "\n")
        assert "0 of 1 items adjudicated" in ran.out
    assert command("adjudicate", "--json").one["differing"] == 1
    # a third value that is none is asked for again; rows that are one event are joined
    ran = command("adjudicate", stdin="e\nGhost Town\n4\nFars\nnorth\n\n\n1\nwhy\ny\n\nwhy\n\no\n")
    assert "'north'" in ran.out and "latitude" in ran.err and "1 of 1 items adjudicated" in ran.out
    assert {r["location"]: r["state"] for r in command("list", "--json").lines} == {"Ghost Town": "open", "Yazd": "settled"}


def test_an_empty_value_clears_a_field_in_which_coders_differ(command) -> None:
    room = Room(Path.cwd())
    room.coded(1, "ann", {"assoc_actor_1": "Teachers (Iran)"})
    room.coded(2, "bob", {"assoc_actor_1": "Students (Iran)"})
    item = room.documents[0]
    cleared = ["--set", "assoc_actor_1=", "--error", "all=judgement", "--reason", "Nobody counted."]
    made = command("adjudicate", item, *cleared, "--json").lines[0]["event_id"]
    values = command("show", made, "--json").one
    assert not values.get("assoc_actor_1")
    assert {(c["field"], c["now"]) for c in command("feedback", "--json", "--of", "bob").lines} == {("assoc_actor_1", None)}


def test_the_side_that_a_planted_draft_misled_is_said_to_be_none(command) -> None:
    """Without a word the reviewer sees one of two coders and wonders."""
    room = Room(Path.cwd(), [f"Teachers gathered in Shiraz on 3 May, report {n}." for n in range(2)])
    planted = {"draft": "d1", "field": "location", "true": "Shiraz", "wrong": "Marvdasht"}
    for number, taken in enumerate(([{**RALLY, "draft": "d1"}], [])):  # accepted, and seen through
        room.coded(1, "ann", *taken, document=number, planted=planted)
        room.coded(2, "bob", {**RALLY, "draft": "d1"}, document=number)
        shown = command("adjudicate", room.documents[number], "--list").out
        assert "ann had a draft that was planted with a mistake: what ann coded is no side here." in shown and "Only bob" not in shown


def test_an_item_that_somebody_else_decided_meanwhile_is_left(command, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    from eventcoder.cli import weighing
    from eventcoder.errors import LedgerConflict

    def late(*_: object, **__: object) -> None:
        raise LedgerConflict("Somebody was faster.", "Look at it.")

    monkeypatch.setattr(weighing, "adjudicate", late)
    ran = command("adjudicate", stdin="1\n3\nThe text says Shiraz.\ny\n\nA shell fell.\n\nq\n")
    assert "Somebody was faster." in ran.out and "Nothing is left." in ran.out, "it is not asked again how it shall be stored"
