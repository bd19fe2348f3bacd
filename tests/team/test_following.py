"""What came after a release, and from whom: by what the release holds, not by clocks."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventcoder.coding.opened import Opened
from eventcoder.errors import NotFound, UsageError
from eventcoder.ledger import new_entry
from eventcoder.reader.holding import holding
from eventcoder.team.following import ANY, Wanted, entries_of, story, summary
from tests.conftest import Command
from tests.releases.workshop import Workshop
from tests.team.blindly import SHELLING, Room

OLD = "2026-11-02T08:00:00Z"  # before everything that the workshop did


class Late(Workshop):
    """A workshop into which journals of coders who were offline come."""

    def by(self, coder: str, event_id: str, body: dict, time: str = OLD) -> str:
        head = self.ledger.head(event_id)
        entry = new_entry("act", event_id, body, coder=coder, time=time, parents=head.heads if head else ())
        self.ledger.append([entry])
        return entry.id


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Late:
    shop = Late(tmp_path_factory.mktemp("following") / "weir", 6)
    shop.create(31, settled=False)
    shop.act(shop.ids[4], {"act": "retract", "reason": "a film set"})
    shop.release()
    return shop


def after(shop: Late, **more: str) -> set[str]:
    with Opened(shop.project, readonly=True) as opened:
        return {entry.id for entry in entries_of(opened, Wanted(after=holding(shop.project.releases_dir), **more))}


def test_after_a_release_is_what_it_does_not_hold_whatever_the_clocks_said(shop: Late) -> None:
    assert after(shop) == set(), "an event that was open or withdrawn then is no change"
    revise = {"act": "revise", "values": {"location": "Weir Bridge"}, "settled": True, "reason": "misread map"}
    late = shop.by("cem", shop.ids[3], revise)
    on_withheld = shop.by("cem", shop.ids[0], revise)
    assert holding(shop.project.releases_dir).withheld == {shop.ids[0]: 1}, "the act on it is counted, not named"
    new = shop.by("cem", "zz0000000001", {"act": "create", "values": {"country": "Iran"}, "settled": True})
    still_open = shop.by("cem", "zz0000000002", {"act": "create", "values": {"country": "Iran"}})
    now = shop.by("dia", shop.ids[1], {"act": "retract", "reason": "never held"}, "2027-01-01T00:00:00Z")
    assert after(shop) == {late, on_withheld, new, now} and still_open not in after(shop)
    assert after(shop, by="dia") == {now} == after(shop, act="retract")
    assert after(shop, column="location") == {late, on_withheld}
    with Opened(shop.project, readonly=True) as opened:
        lines = summary(entries_of(opened, Wanted(after=holding(shop.project.releases_dir))))
        assert [(line.coder, line.what, line.entries, len(line.subjects)) for line in lines] == [
            ("cem", "create", 1, 1), ("cem", "revise", 2, 2), ("dia", "retract", 1, 1),
        ]  # fmt: skip


def test_filters_hold_together(shop: Late) -> None:
    imported = {"act": "revise", "values": {"notes": "x"}, "import": {"file": "may.csv", "sha256": "ab", "line": 3}}
    came = shop.by("eva", shop.ids[2], imported, "2026-11-02T23:59:59Z")
    with Opened(shop.project, readonly=True) as opened:
        for wanted in (
            Wanted(imported="may.csv"),
            Wanted(imported=ANY),
            Wanted(by="eva", until="2026-11-02"),
            Wanted(event=shop.ids[2], column="notes"),
        ):
            assert came in {entry.id for entry in entries_of(opened, wanted)}
        assert list(entries_of(opened, Wanted(imported="june.csv"))) == list(entries_of(opened, Wanted(by="eva", since="2026-11-03"))) == []
        times = [entry.time for entry in entries_of(opened, Wanted())]
        assert times == sorted(times, reverse=True) and len(times) == sum(1 for _ in opened.ledger.entries())
        for wrong in (Wanted(act="fib"), Wanted(column="deaths"), Wanted(kind="nemesis"), Wanted(kind="draft", act="create")):
            with pytest.raises((UsageError, NotFound)):
                list(entries_of(opened, wrong))


def test_what_was_coded_blind_shows_to_its_coder_alone_until_all_are_done(tmp_path: Path) -> None:
    room = Room(tmp_path)
    (held,) = room.coded(1, "ana", SHELLING)
    room.coded(2, "ben", done=False)
    task = f"{room.documents[0]}/1"

    def seen(coder: str) -> set[str]:
        with room.desk(coder) as desk:
            return {entry.subject for entry in entries_of(desk, Wanted(kind="act"))}

    assert (held in seen("ana"), held in seen("ben"), held in seen("lea")) == (True, False, False)
    with room.desk("ana") as desk:
        event = desk.event(held)
        kinds = [(entry.kind, entry.subject) for entry in story(desk, event)]
        assert ("act", held) in kinds and ("assignment", task) in kinds


def test_commands_know_nothing_of_what_others_code_blind(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(tmp_path)
    (held,) = room.coded(1, "ana", SHELLING)
    (other,) = room.coded(2, "ben", SHELLING, done=False)
    for words in (("show", held), ("history", held), ("trace", held)):
        assert command(*words, "--project", tmp_path).out
        monkeypatch.setenv("EVENTCODER_CODER", "ben")
        assert f"No event '{held}'" in command(*words, "--project", tmp_path, code=2).err
        monkeypatch.setenv("EVENTCODER_CODER", "ana")
    listed = {line["event_id"] for line in command("list", "--state", "held", "--json", "--project", tmp_path).lines}
    assert listed == {held} and other not in command("log", "-n", "0", "--json", "--project", tmp_path).out
    assert command("list", "--json", "--project", tmp_path).lines == [], "they are no part of the dataset"
