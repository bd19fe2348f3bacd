"""`eventcoder learn`: the model follows the team's usage, is kept in versions, and never takes a worse one's place unasked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from eventcoder.extraction.classifier.features import VERSION
from eventcoder.extraction.classifier.linear import load
from eventcoder.extraction.classifier.voting import read_priors
from eventcoder.extraction.engines import open_engine
from eventcoder.extraction.protocol import Text
from eventcoder.extraction.trial import try_type
from eventcoder.project import open_project
from eventcoder.review import Review, draft_session, kit_of
from tests.conftest import Ran
from tests.learning.team import Team, mixed, sentences, usage

Run = Callable[..., Ran]
LOOTED = "On 3 February 2026, in Kano, youths looted three grocery shops and set a pharmacy ablaze; no one was hurt."


@pytest.fixture(scope="module")
def learned_project(decided_project: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A project that has learned once, and what the command said."""
    import subprocess
    import sys

    root = tmp_path_factory.mktemp("learned") / "project"
    shutil.copytree(decided_project, root)
    done = subprocess.run([sys.executable, "-m", "eventcoder", "learn", "--project", root], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return root, done.stdout


@pytest.fixture
def learned(learned_project: tuple[Path, str], tmp_path: Path) -> Team:
    return Team(Path(shutil.copytree(learned_project[0], tmp_path / "project")))


def test_the_model_learns_how_this_team_codes(learned_project: tuple[Path, str]) -> None:
    root, said = learned_project
    row = next(line for line in said.splitlines() if line.startswith("  Mob violence"))
    assert row.endswith("gained"), said
    scores = json.loads((root / "classifier" / "1" / "scores.json").read_text("utf-8"))
    mob = next(t for t in scores["by_document"]["types"] if t["name"] == "Mob violence")
    assert mob["n"] == 64
    assert mob["after"] > mob["before"] + 0.1
    assert mob["low"] > 0
    assert not any(t["verdict"] == "lost" for t in scores["by_document"]["types"])
    assert scores["by_time"]["weighted_f1"]["n"] > 40
    assert scores["decisions"] == 288
    assert scores["documents"] == 144
    assert sum(b["n"] for b in scores["calibration"]["bins"]) == 288
    assert scores["calibration"]["expected_error"] < 0.1


def test_sentences_that_nobody_decided_are_typed_by_the_team_s_usage(learned: Team) -> None:
    left = [e.sentence for e in sentences()["Looting/property destruction"][62:]]
    kit = kit_of(open_project(learned.root))
    now = [try_type({"text": s}, kit)["sub_event_type"] for s in left]
    assert now.count("Mob violence") > 0.7 * len(left)
    (learned.root / "classifier" / "current").write_text("base\n", "utf-8")
    kit = kit_of(open_project(learned.root))
    before = [try_type({"text": s}, kit)["sub_event_type"] for s in left]
    assert before.count("Looting/property destruction") > 0.6 * len(left)


def test_the_shares_of_types_move_towards_the_team_s(learned: Team) -> None:
    start = read_priors(learned.root / "schema" / "classifier" / "priors.csv")
    now = read_priors(learned.root / "classifier" / "1" / "priors.csv")
    assert start["Mob violence"] < now["Mob violence"] < 64 / 288
    assert now["Peaceful protest"] < start["Peaceful protest"]
    assert set(now) == set(start), "what the team never met stays possible"
    assert sum(now.values()) == pytest.approx(1.0, abs=0.002)


def test_the_version_stands_in_engine_and_drafts(learned: Team) -> None:
    documents = learned.ingest([e for e in mixed(1) if e.sub_event_type == "Attack"], name="b")
    with learned.desk() as desk:
        kit = kit_of(desk.project, desk=desk)
        engine = open_engine("rules", kit, desk.project)
        assert "+learned.1." in engine.version
        (document,) = documents
        meta = desk.documents.document(document)
        (read,) = engine.read([Text(meta, desk.documents.text(document))])
        assert {d.engine_version for d in read.drafts} == {engine.version}
        sitting = Review(desk, draft_session(desk), documents=[document])
        assert {d.engine_version for d in sitting.waiting} <= {engine.version}
    (learned.root / "classifier" / "current").write_text("base\n", "utf-8")
    with learned.desk() as desk:
        base = open_engine("rules", kit_of(desk.project, desk=desk), desk.project)
        assert "learned" not in base.version
        (again,) = base.read([Text(meta, desk.documents.text(document))])
        assert not {d.draft_id for d in again.drafts} & {d.draft_id for d in read.drafts}


def test_the_same_decisions_give_the_same_bytes(learned: Team, decided_project: Path, tmp_path: Path, run: Run) -> None:
    other = Path(shutil.copytree(decided_project, tmp_path / "elsewhere"))
    run(other, "learn")
    for name in ("types.npz", "priors.csv", "scores.json"):
        assert (other / "classifier" / "1" / name).read_bytes() == (learned.root / "classifier" / "1" / name).read_bytes(), name


def test_nothing_new_makes_no_new_version(learned: Team, run: Run) -> None:
    assert "Nothing new" in run(learned.root, "learn").out
    assert sorted(p.name for p in (learned.root / "classifier").iterdir()) == ["1", "current"]


def test_a_second_lesson_is_held_against_the_first(learned: Team, run: Run) -> None:
    """The first version has read most of the decisions; it must not be credited with them."""
    learned.decide(learned.ingest(mixed(4, skip=32), name="b"), usage)
    before = (learned.root / "classifier" / "1" / "scores.json").read_bytes()
    out = run(learned.root, "learn", "--anyway", "--json").one
    assert out["before"] == "learned.1"
    assert out["stored"] == 2
    f1 = out["by_document"]["weighted_f1"]
    assert f1["before"] < 0.9, "trained anew without the fold"
    assert f1["low"] <= 0.02
    assert (learned.root / "classifier" / "1" / "scores.json").read_bytes() == before
    assert (learned.root / "classifier" / "current").read_text("utf-8") == "2\n"


def test_a_worse_model_does_not_take_the_place_of_a_better_one(fresh: Team, run: Run) -> None:
    found = mixed(12)
    kinds = [str(e.sub_event_type) for e in found]
    wrong = dict(zip([e.sentence for e in found], [*kinds[4:], *kinds[:4]], strict=True))
    documents = fresh.ingest(found)
    # a third of the decisions are shuffled: nothing can be learned from them, and something is lost
    fresh.decide(documents, lambda e: str(e.sub_event_type) if len(e.sentence) % 3 else wrong[e.sentence])
    refused = run(fresh.root, "learn", code=1)
    assert "not taken: over documents it is worse than base" in refused.err
    assert "weighted F1" in refused.out, "the comparison is shown"
    assert not (fresh.root / "classifier").exists()
    assert "learned.1 is in use" in run(fresh.root, "learn", "--anyway").out


def test_too_few_decisions_change_nothing(fresh: Team, run: Run) -> None:
    assert "0 decisions teach types, and 50 are needed" in run(fresh.root, "learn", code=1).err
    fresh.decide(fresh.ingest(mixed(5)), usage)
    said = run(fresh.root, "learn", code=1).err
    assert "45 decisions teach types" in said
    assert not (fresh.root / "classifier").exists()


def test_one_type_alone_teaches_nothing(fresh: Team, run: Run) -> None:
    fresh.decide(fresh.ingest(mixed(6)), lambda _: "Attack")
    assert "All 54 decisions are of the type Attack" in run(fresh.root, "learn", code=1).err


def test_versions_are_chosen_and_listed(learned: Team, run: Run) -> None:
    assert "The packaged model is in use" in run(learned.root, "learn", "--use", "base").out
    assert not kit_of(open_project(learned.root)).model_version
    assert "Learned versions: 1" in run(learned.root, "learn", "--use", "7", code=2).err
    run(learned.root, "learn", "--use", "1")
    assert kit_of(open_project(learned.root)).model_version.startswith("learned.1.")
    listed = run(learned.root, "learn", "--list").out
    assert "*       learned.1" in listed
    (line,) = run(learned.root, "learn", "--list", "--json").lines
    assert (line["version"], line["in_use"], line["decisions"]) == (1, True, 288)


def test_going_back_and_learning_again_compares_with_the_packaged_model(learned: Team, run: Run) -> None:
    run(learned.root, "learn", "--use", "base")
    told = run(learned.root, "learn", "--dry-run", "--json").one
    assert (told["before"], told["stored"]) == ("base", None)
    assert sorted(p.name for p in (learned.root / "classifier").iterdir()) == ["1", "current"], "a dry run writes nothing"


def test_what_cannot_be_used_is_named_with_its_remedy(learned: Team, run: Run) -> None:
    folder = learned.root / "classifier"
    text = LOOTED
    (folder / "current").write_text("3\n", "utf-8")
    assert "version 3, which is not here" in run(learned.root, "try", "type", text, code=2).err
    (folder / "current").write_text("best\n", "utf-8")
    assert "no version" in run(learned.root, "learn", code=2).err
    (folder / "current").write_text("1\n", "utf-8")
    model = load(folder / "1" / "types.npz")
    model.about["features"] = VERSION - 1
    model.save(folder / "1" / "types.npz")
    assert "'eventcoder learn' again" in run(learned.root, "try", "type", text, code=2).err
    (folder / "1" / "types.npz").write_bytes(b"PK")
    assert "damaged" in run(learned.root, "learn", "--use", "1", code=2).err
    run(learned.root, "learn", "--use", "base")
    assert "sub_event_type" in run(learned.root, "try", "type", text).out
