"""The teaching examples: enough of each, none twice, every code known; and the classifier that is made of them."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventcoder.codebook import load_codebook
from eventcoder.errors import CodebookError
from eventcoder.extraction.classifier.examples import read_examples
from eventcoder.extraction.classifier.features import Seen, as_row
from eventcoder.extraction.classifier.linear import load
from eventcoder.extraction.classifier.making import teaching
from eventcoder.extraction.classifier.training import inputs_digest, train
from eventcoder.extraction.mentions import read_sentence, statements

TOP = Path(__file__).resolve().parents[2]
SCHEMA = TOP / "schema"
MODEL = SCHEMA / "classifier" / "types.npz"


@pytest.fixture(scope="module")
def examples():
    return read_examples(SCHEMA / "examples")


def test_every_type_has_at_least_sixty_and_the_statuses_three_hundred(examples):
    types = Counter(e.sub_event_type for e in examples if e.status == "codable" and e.sub_event_type)
    book = load_codebook(SCHEMA)
    assert set(types) == set(book.lists["sub_event_types"].codes)
    assert min(types.values()) >= 60
    statuses = Counter(e.status for e in examples if e.group.startswith("statuses"))
    assert sum(statuses.values()) >= 300
    assert set(statuses) >= set(book.lists["statuses"].codes) - {"lead"}  # a lead is an event whose day or place is not told


def test_no_example_stands_twice_and_every_code_is_the_codebooks(examples):
    folded = Counter(re.sub(r"\W+", " ", e.sentence.lower()).strip() for e in examples)
    assert [s for s, n in folded.items() if n > 1] == []
    book = load_codebook(SCHEMA)
    assert {e.status for e in examples} <= {*book.lists["statuses"].codes, "none"}


def test_examples_come_from_all_over_the_world_and_in_all_styles(examples):
    assert len(Counter(e.region for e in examples)) >= 10
    styles = Counter(e.style for e in examples)
    assert {"wire", "local", "police", "ngo", "social", "note", "translated"} <= set(styles)


def test_the_model_was_made_of_these_examples_and_this_lexicon():
    """A changed example or cue asks for `make generated`."""
    assert load(MODEL).version == inputs_digest(teaching(SCHEMA), SCHEMA / "lexicon")


def test_the_model_is_right_on_sentences_that_it_did_not_see():
    about = load(MODEL).about
    assert about["accuracy"] >= 0.72
    assert min(about["f1_by_type"].values()) >= 0.5


def test_a_damaged_model_is_named(tmp_path):
    broken = tmp_path / "types.npz"
    broken.write_bytes(MODEL.read_bytes()[:1000])
    with pytest.raises(CodebookError, match=r"types\.npz is damaged"):
        load(broken)
    with pytest.raises(CodebookError, match="not there"):
        load(tmp_path / "none.npz")


words = st.lists(st.sampled_from(["police", "fired", "march", "bomb", "exploded", "@", "#", "soldiers", "market", "a"]), min_size=1, max_size=12)


@given(words, st.lists(st.sampled_from(["KILL", "PROTEST", "IED", "k:state"]), max_size=3))
def test_the_quick_sum_is_the_sum_over_the_features(chosen, signals):
    """What `scores` works out word by word equals the product of the feature row with the weights."""
    model = load(MODEL)
    seen = Seen(sorted(set(chosen)), set(itertools.pairwise(chosen)), sorted(set(signals)), {"r:Attack": 0.4})
    slow = model.bias.copy()
    for name, value in as_row(seen).items():
        if name in model.vocabulary:
            slow = slow + value * model.weights[model.vocabulary[name]]
    assert model.scores(seen) == pytest.approx(slow, abs=1e-3)


def test_a_saved_model_reads_back_the_same_and_gives_the_same_bytes(tmp_path):
    rows = [{"w:march": 1.0, "w:peace": 0.5}, {"w:bomb": 1.0}, {"w:march": 0.9}, {"w:bomb": 0.8, "w:peace": 0.1}]
    model = train(rows, ["Peaceful protest", "Grenade", "Peaceful protest", "Grenade"])
    model.about = {"version": "x", "temperature": 1.0}
    for name in ("one.npz", "two.npz"):
        model.save(tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    again = load(tmp_path / "one.npz")
    seen = Seen(["march"], [], [], {})
    assert again.labels == model.labels
    assert again.probabilities(seen)["Peaceful protest"] == pytest.approx(model.probabilities(seen)["Peaceful protest"], abs=0.02)
    assert again.probabilities(seen)["Peaceful protest"] > 0.5


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("Since the start of the year at least 214 people have been killed in some sixty attacks across the province.", "aggregate"),
        ("The union says that it will march on the parliament next week if the talks fail.", "hypothetical"),
        ("The prime minister condemned the bombing of the mosque and promised an inquiry.", "speech_act"),
        ("His father had been shot dead by the same militia during the war of the 1990s.", "background"),
    ],
)
def test_the_second_opinion_takes_sums_plans_talk_and_memories_for_no_event(kit, sentence, status):
    (statement, *_) = statements_of(sentence, kit)
    judged = kit.doubter.doubt(statement)
    assert judged is not None and judged.status == status and "reads like" in judged.clue


@pytest.mark.parametrize(
    "sentence",
    [
        "Gunmen killed three farmers in the village of Dankolo on Tuesday and drove off their cattle.",
        "About 400 teachers gathered in front of the ministry in La Paz on Monday to demand back pay.",
        "An air strike hit a market in Tora on Saturday, killing eleven people.",
    ],
)
def test_the_second_opinion_leaves_events_alone(kit, sentence):
    assert all(kit.doubter.doubt(statement) is None for statement in statements_of(sentence, kit))


def statements_of(sentence, kit):
    read = read_sentence(sentence, 0, len(sentence), 0, kit)
    assert read is not None
    return statements(read, kit)
