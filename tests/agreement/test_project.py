"""Agreement of a project: blind tasks in the ledger, what the command says of them, what a release publishes, and levels that may be demanded."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from eventcoder import validation
from eventcoder.dataset import pseudonym
from eventcoder.errors import ReleaseError
from eventcoder.identity import new_event_id
from eventcoder.ledger import new_entry
from eventcoder.ledger.work import body_of, find_task, task_id
from eventcoder.releases import ReleaseResult, build_release, check_release
from eventcoder.releases.measuring import measured_ledger, measured_release
from eventcoder.releases.papers.reliability import reliability
from eventcoder.releases.redaction.redacting import redact
from eventcoder.releases.redaction.traces import secrets_of_document
from eventcoder.validation import gate
from tests.agreement.coded import SHIRAZ, YAZD
from tests.releases.workshop import Workshop, book, drawn
from tests.team.blindly import Room

DOCUMENTS = 12


def coded(shop: Workshop, document: str, slot: int, coder: str, *events: dict[str, Any], **task: Any) -> None:
    """A coder's coding of a document, handed in."""
    name = task_id(document, slot)
    shop._enter("assignment", name, body_of(document, slot, slots=2, blind=True, **{"round": "May", **task}))
    for values in events:
        kept = {k: v for k, v in values.items() if v is not None}
        body = {"act": "create", "held": name, "values": kept, "codebook": book().version}
        shop.ledger.append([new_entry("act", new_event_id(), body, coder=coder, time=shop.moment)])
    now = find_task(shop.ledger.store, name)
    assert now is not None
    shop._enter("assignment", name, now.body_with(state="done", by=coder), parents=now.heads)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """Twelve documents with two events each, coded by ana and ben, who reads three days wrong and misses one event."""
    shop = Workshop(tmp_path_factory.mktemp("agreement") / "project")
    for n in range(DOCUMENTS):
        document = shop.document(f"Report {n} of a week of marches and attacks.")
        shiraz = {**SHIRAZ, "event_date": f"2026-05-{n + 1:02d}"}
        yazd = {**YAZD, "event_date": f"2026-05-{n + 2:02d}", "fatalities": n + 1}
        late = {**shiraz, "event_date": f"2026-05-{n + 4:02d}"} if n < 3 else shiraz
        coded(shop, document, 1, "ana", shiraz, yazd)
        coded(shop, document, 2, "ben", *([late] if n == 5 else [late, yazd]))
    yield shop
    shop.ledger.close()


def released(shop: Workshop, *expectations: dict[str, Any]) -> ReleaseResult:
    codebook = replace(book(), expectations=expectations)
    with mock.patch.object(validation, "gate", partial(gate, great_expectations=False)), drawn(False):
        return build_release(shop.project, shop.ledger, codebook, time=shop.moment)


LEVEL = {"id": "types-agree", "kind": "alpha", "column": "sub_event_type", "min": 0.667, "why": "Codes that two readers cannot agree on are no data.",
         "least_units": 10}  # fmt: skip


FOUND = {"id": "found", "kind": "event_finding", "min": 0.6, "why": "Half of the events.", "least_units": 10}


def test_a_level_that_is_not_reached_stops_a_release(shop: Workshop) -> None:
    with pytest.raises(ReleaseError) as caught:
        released(shop, FOUND | {"id": "found-all", "min": 0.99})
    (told,) = (problem.message for problem in caught.value.problems if problem.code == "found-all")
    assert "eventcoder agree" in told and "adjudication does not" in told, "'validate' has nothing to mend here"


def test_a_release_says_how_far_its_coders_agree(shop: Workshop, tmp_path: Path) -> None:
    result = released(shop, LEVEL, FOUND)
    folder = result.folder
    assert folder is not None
    text = (folder / "reliability.json").read_text("utf-8")
    found = json.loads(text)
    assert (found["documents"], found["finding"]["events"], found["finding"]["found_by_several"]) == (12, 24, 23)
    assert found["finding"]["f1"]["value"] == round(2 * 23 / 47, 4)
    day = next(one for one in found["fields"] if one["column"] == "event_date")
    assert day["percent_agreement"]["value"] == round(20 / 23, 4)
    names = sorted(pseudonym(name, shop.project.settings) or "" for name in ("ana", "ben"))
    assert found["coders"] == names
    assert list(found["by"]["coder-pair"]) == [" + ".join(names)]
    assert found == json.loads(json.dumps(reliability(shop.project, shop.ledger, book())))
    page = (folder / "reliability.html").read_text("utf-8")
    assert "7 days and 50 km" in page
    assert not any(f'"{name}' in text or f">{name}" in page for name in ("ana", "ben"))
    assert "http" not in page.replace("http-equiv", "")
    # the levels are measured anew on what the release itself says of its coders
    with mock.patch.object(validation, "gate", partial(gate, great_expectations=False)):
        assert not check_release(folder, codebook=replace(book(), expectations=(LEVEL, FOUND))).errors
    listed = json.loads((folder / "datapackage.json").read_text("utf-8"))["eventcoder"]["files"]
    assert {"reliability.json", "reliability.html"} <= set(listed)
    verdicts = {one["id"]: one["verdict"] for one in json.loads((folder / "validation.json").read_text("utf-8"))["thresholds"]}
    assert verdicts == {"types-agree": "holds", "found": "holds"}


def test_levels_are_measured_on_ledger_and_release_and_what_is_thin_is_unmeasured(shop: Workshop, tmp_path: Path) -> None:
    thin = {**LEVEL, "id": "thin", "least_units": 1000}
    gone = {**LEVEL, "id": "gone", "column": "notes"}
    codebook = replace(book(), expectations=(LEVEL, thin, gone))
    with mock.patch.object(validation, "gate", partial(gate, great_expectations=False)), drawn(False):
        found = {one.id: one for one in measured_ledger(shop.project, shop.ledger, codebook, time=shop.moment).judged}
    assert found["types-agree"].value == 1.0
    assert found["thin"].verdict == "unmeasured"
    assert "23 events" in found["thin"].note
    assert "does not measure notes" in found["gone"].note
    bare = Workshop(tmp_path / "bare")
    folder = bare.release().folder
    bare.ledger.close()
    assert folder is not None
    assert not (folder / "reliability.json").exists()
    assert measured_release(folder, codebook).judged[0].note == "no document was coded by two coders"


def test_a_threshold_of_a_column_that_there_is_not_makes_no_sense(shop: Workshop) -> None:
    from eventcoder.validation.thresholds import misshapen

    (problem,) = misshapen(replace(book(), expectations=({**LEVEL, "column": "sub_event_typ"},)))
    assert "Did you mean 'sub_event_type'" in problem.message


def test_the_command_says_what_was_compared(command) -> None:
    assert "No document has been coded by two coders" in command("agree").err
    room = Room(Path.cwd(), [f"Teachers gathered in Shiraz on 3 May, report {n}." for n in range(3)])
    for n in range(3):
        room.coded(1, "ann", {}, document=n)
        room.coded(2, "bob", {"sub_event_type": "Protest with intervention"} if n else {}, document=n, done=n < 2)
    shown = command("agree", "--by", "coder-pair").out
    assert "2 documents coded by several, 4 codings, 2 coders" in shown
    assert "at most 7 days and 50 km apart" in shown
    assert "sub_event_type" in shown
    assert "below 0.8" in shown
    assert "2 documents; it takes 10" in shown
    assert "ann + bob" in shown
    found = command("agree", "--json", "--window-days", "1", "--window-km", "0", "--bootstrap", "50").one
    assert found["how"]["window"] == {"days": 1, "km": 0}
    assert found["how"]["bootstrap"]["samples"] == 50
    kind = next(one for one in found["fields"] if one["column"] == "sub_event_type")
    assert kind["percent_agreement"]["value"] == 0.5
    rows = list(csv.DictReader(io.StringIO(command("agree", "--csv", "--by", "month").out)))
    assert {row["by"] for row in rows} == {"", "month"}
    assert "no round 'June'" in command("agree", "--round", "June", code=2).err
    assert "No document" in command("agree", "--until", "2026-01-01").err
    command("agree", "--by", "moon", code=2)
    command("agree", "--since", "yesterday", code=2)
    command("agree", "--metric", "ratio", code=2)


def test_a_version_that_is_made_anew_and_a_candidate_say_it_too(shop: Workshop) -> None:
    released(shop)  # nothing new, after the tests above
    first = sorted(path for path in shop.project.releases_dir.glob("2026*") if path.is_dir())[-1]
    told = (first / "reliability.json").read_text("utf-8")
    shop.create(5, settled=False)
    candidate = shop.candidate().folder
    assert candidate is not None
    assert json.loads((candidate / "reliability.json").read_text("utf-8"))["finding"] == json.loads(told)["finding"]
    with mock.patch.object(validation, "gate", partial(gate, great_expectations=False)), drawn(False):
        secrets = secrets_of_document(shop.project, shop.ledger, shop.public)
        redact(shop.project, shop.ledger, secrets, reason="Its source asked for it.", coder="lea", time=shop.moment)
    anew = sorted(path for path in shop.project.releases_dir.glob("2026*") if path.is_dir())[-1]
    assert anew != first
    assert (anew / "reliability.json").read_text("utf-8") == told
    assert (anew / "reliability.html").is_file()
