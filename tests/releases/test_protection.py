"""What must not leave: every file of every release is searched for what is known of undisclosed documents and for coders' names.

One project goes through what teams do: several coders, drafts of an engine, a merge and its undoing, a split, a retraction, a document that is
undisclosed later, a detached one, a redaction.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from eventcoder.coding import Desk
from eventcoder.dataset.schemas import UNDISCLOSED, WITHHELD
from eventcoder.errors import ReleaseError
from eventcoder.ledger import new_entry
from eventcoder.ledger.redaction import without_document
from eventcoder.reader import changes
from eventcoder.releases import check_release
from tests.releases.workshop import Workshop, book

CODERS = ("Benedikt Oyelaran", "Zsofia-Marie")
SECRET_TEXT = "Told in confidence: names follow."
LATER_TEXT = "The gatekeeper of the north mill gave this account on condition of silence. He counted ninety carts before dawn on the river road."
QUOTE = "He counted ninety carts before dawn on the river road."


class Story:
    """The project; `told` maps each version to what it must not say."""

    def __init__(self, root: Path) -> None:
        self.shop = Workshop(root, quote_length=24)
        self.told: dict[str, list[str]] = {}
        shop = self.shop
        self.facts = {"publisher": "Mill Road Bulletin", "url": "https://millroad.example/private/77", "title": "What the gatekeeper of the mill saw"}
        self.late = shop.document(LATER_TEXT, **self.facts)
        self.forbidden = [SECRET_TEXT, "Told in", "Night Courier", "night.example", *self.hashes(SECRET_TEXT), *CODERS]
        span = {"document": self.late, "start": 76, "end": 130, "quote": QUOTE}
        proposal = {"document": self.late, "fields": {"location": shop.values[6]["location"]}, "evidence": {"notes": [span]}}
        self.enter("draft", "d" * 64, proposal, coder="rules-0.5.0", role="machine")
        self.enter("decision", "d" * 64, {"decision": "attach", "event_id": shop.ids[6]}, coder=CODERS[0])
        counts = [
            {
                "document": self.late,
                "kind": "crowd",
                "low": 90,
                "best": 90,
                "high": None,
                "words": "ninety carts before dawn on the river road",
                "rule": "number",
            }
        ]
        attached = {"act": "attach", "reports": [{"document": self.late}], "evidence": {"notes": [span]}, "counts": counts, "draft": "d" * 64}
        self.act(6, {**attached, "values": {"source": ["Mill Road Bulletin"]}, "settled": True}, CODERS[0])
        shop.coverage(
            country="Iran", week="2026-10-26", sources=["The Weir Gazette", "Night Courier"], note=f"Read by {CODERS[1]}", searched_by=CODERS[1]
        )
        self.release()

    def hashes(self, text: str) -> list[str]:
        sha = hashlib.sha256(text.encode()).hexdigest()
        return [sha[:16], sha]

    def enter(self, kind: str, subject: str, body: dict[str, Any], coder: str, **more: Any) -> None:
        last = self.shop.ledger.latest(kind).get(subject)
        parents = (last.id,) if last else ()
        self.shop.ledger.append([new_entry(kind, subject, body, coder=coder, time=self.shop.moment, parents=parents, **more)])

    def act(self, number: int, body: dict[str, Any], coder: str) -> None:
        event = self.shop.ids[number]
        head = self.shop.ledger.head(event)
        assert head is not None
        self.shop.ledger.append([new_entry("act", event, body, coder=coder, time=self.shop.moment, parents=head.heads)])

    def release(self, *, gated: str = "") -> str:
        done = self.shop.release(gated=gated)
        assert done.status == "released"
        self.told[done.version] = list(self.forbidden)
        return done.version

    def desk(self) -> Desk:
        return Desk(self.shop.project, coder=CODERS[1])

    def merged_and_back(self) -> None:
        a, b = self.shop.ids[1], self.shop.ids[0]
        with self.desk() as desk:
            desk.merge(a, [b], reason="the Night Courier tells of the same march", beyond=True)
        self.release()
        with self.desk() as desk:
            desk.unmerge(b, reason=f"{CODERS[0]} showed that night.example/1 is another march")
        self.release()

    def undisclosed_since(self) -> None:
        record = dict(self.shop.ledger.latest("document")[self.late].body)
        self.enter("document", self.late, {**record, "visibility": "undisclosed"}, coder=CODERS[0])
        self.forbidden += [
            QUOTE,
            QUOTE[:20],
            "ninety carts",
            "gatekeeper",
            *self.facts.values(),
            "millroad.example",
            *self.hashes(LATER_TEXT),
            "d" * 64,
        ]
        self.act(7, {"act": "relate", "relations": [{"kind": "part_of_campaign", "event_id": self.shop.ids[8], "note": QUOTE}]}, CODERS[0])
        self.release(gated="rules")

    def detached_and_retracted(self) -> None:
        with self.desk() as desk:
            desk.detach(self.shop.ids[6], [self.late], reason="What the gatekeeper of the mill saw was another night")
            desk.retract(self.shop.ids[2], reason="Mill Road Bulletin took it back")
            desk.retract(self.shop.ids[9], reason="a film set")
        self.release()
        with self.desk() as desk:
            desk.restore(self.shop.ids[2], reason="they were wrong")
        act = self.shop.ledger.acts(self.shop.ids[6])[1]
        self.shop.ledger.redact(act.id, without_document(act.body, self.late), coder=CODERS[0], time=self.shop.moment, reason="asked for")
        note = self.shop.ledger.acts(self.shop.ids[7])[-1]
        bare = {**note.body, "relations": [{**note.body["relations"][0], "note": ""}]}
        self.shop.ledger.redact(note.id, bare, coder=CODERS[0], time=self.shop.moment, reason="asked for")
        self.act(7, {"act": "revise", "values": {"tags": ["crowd size unknown"]}, "settled": True, "reason": "misread"}, CODERS[1])
        self.release()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    made = Story(tmp_path_factory.mktemp("told") / "project")
    made.merged_and_back()
    made.undisclosed_since()
    made.detached_and_retracted()
    yield made
    made.shop.ledger.close()


def said(folder: Path) -> dict[str, str]:
    """Every file of a release as text: bytes as they are, and the values of Parquet files, which are packed."""
    out = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        text = path.read_bytes().decode("utf-8", "replace")
        if path.suffix == ".parquet":
            text += json.dumps(pq.read_table(path).to_pylist(), ensure_ascii=False, default=str) + str(pq.read_schema(path).metadata)
        out[path.relative_to(folder).as_posix()] = text
    return out


def test_no_file_of_any_release_tells_what_must_not_be_told(story: Story) -> None:
    assert len(story.told) == 6
    for version, forbidden in story.told.items():
        for name, text in said(story.shop.project.releases_dir / version).items():
            folded = text.casefold()
            found = [word for word in forbidden if word.casefold() in folded]
            assert not found, f"{version}/{name} says {found}"


def test_the_changes_over_several_versions_do_not_tell_it_either(story: Story) -> None:
    first, *later = sorted(story.told)
    for newer in (later[2], later[-1]):  # when a document had just become undisclosed, and at the end
        folded = json.dumps(changes(first, newer, story.shop.project.releases_dir).astype(object).values.tolist(), default=str).casefold()
        found = [word for word in story.told[newer] if word.casefold() in folded]
        assert not found, f"from {first} to {newer}: {found}"


def test_the_search_would_find_what_is_public(story: Story) -> None:
    first = said(story.shop.project.releases_dir / min(story.told))
    for word in ("Mill Road Bulletin", "https://millroad.example/private/77", *story.hashes(LATER_TEXT)[:1]):
        assert any(word in text for name, text in first.items() if name.endswith(".parquet")), word
        assert any(word in text for name, text in first.items() if name.endswith(".csv")), word
    assert QUOTE not in "".join(first.values()), "a quote is cut at the project's length"
    assert QUOTE[:20] in first["evidence.csv"]


def test_no_document_is_told_whole_and_no_quote_is_longer_than_the_setting(story: Story) -> None:
    texts = ["A day of fuel queues ended in a march.", "The march of Monday was larger than said.", LATER_TEXT]
    for version in story.told:
        folder = story.shop.project.releases_dir / version
        assert not [name for name, text in said(folder).items() for whole in texts if whole in text]
        assert max(len(q) for q in pq.read_table(folder / "evidence.parquet")["quote"].to_pylist()) <= 25
        words = pq.read_table(folder / "event_counts.parquet")["words"].to_pylist()
        assert [w for w in words if len(w) > 25] == []


def test_what_is_withheld_is_said_to_be(story: Story) -> None:
    last = max(story.told)
    acts = pq.read_table(story.shop.project.releases_dir / last / "acts.parquet").to_pylist()
    mine = [r for r in acts if r["event_id"] == story.shop.ids[1]]
    assert mine[0]["act"] != WITHHELD, "it drew on nothing hidden then"
    assert [r["reason"] for r in mine if r["kind"] == "merge"] == [WITHHELD]
    assert {r["act"] for r in mine if r["number"] >= 2} == {WITHHELD}
    taken = next(r for r in acts if r["event_id"] == story.shop.ids[0] and r["kind"] in ("restore", "split", "revise"))
    assert taken["reason"] == WITHHELD
    relations = pq.read_table(story.shop.project.releases_dir / sorted(story.told)[3] / "relations.parquet").to_pylist()
    assert WITHHELD in {r["note"] for r in relations}
    coverage = pq.read_table(story.shop.project.releases_dir / last / "coverage.parquet").to_pylist()
    assert coverage[0]["publishers"] == ["The Weir Gazette", UNDISCLOSED]
    assert re.fullmatch(r"Read by coder-[0-9a-f]{8}", coverage[0]["note"])


@pytest.mark.usefixtures("without_rules")
def test_each_release_checks_clean(story: Story) -> None:
    assert check_release(story.shop.project.releases_dir).errors == []


def test_a_note_that_names_its_undisclosed_source_stops_the_release(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "project", 3)
    shop.act(shop.ids[0], {"act": "revise", "values": {"notes": "On 4 July 2026, the Night Courier saw a march in Weir."}, "settled": True})
    with pytest.raises(ReleaseError, match=r"notes gives the publisher of a document that is not public"):
        shop.release()
    shop.act(shop.ids[0], {"act": "revise", "values": {"notes": "As https://www.night.example/1/ has it, a march."}, "settled": True})
    with pytest.raises(ReleaseError, match=r"notes gives the address, headline or identity"):
        shop.release()
    shop.act(shop.ids[0], {"act": "revise", "values": {"notes": "Told by the Night Courier.", "actor2": "Night Courier"}, "settled": True})
    assert shop.release().status == "released", "who is an actor may be named"
    assert book()
