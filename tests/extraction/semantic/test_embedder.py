"""Vectors of sentences: what is alike is near, numbers are those of the published model, and each sentence is read by itself."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy
import pytest

from eventcoder.extraction.semantic.embedder import LONGEST, Embedder, open_embedder
from eventcoder.extraction.semantic.models import ModelFiles
from eventcoder.extraction.semantic.weights import read_tensors

ALIKE = [
    ("Police fired tear gas at demonstrators in the capital.", "Security forces used tear gas to disperse a protest in the main city."),
    ("A roadside bomb killed three soldiers near the border.", "Three troops died when an improvised explosive went off beside the road."),
    ("Gunmen kidnapped two aid workers from a clinic.", "Two humanitarian staff were abducted by armed men at a health centre."),
]
UNLIKE = [
    ("Police fired tear gas at demonstrators in the capital.", "The recipe needs two eggs and a spoon of butter."),
    ("A roadside bomb killed three soldiers near the border.", "The orchestra opens its season with a symphony by Sibelius."),
    ("Gunmen kidnapped two aid workers from a clinic.", "Quarterly profits of the dairy rose by four per cent."),
]
# Printed in the documentation of sentence-transformers for this model ("Usage", cosine similarities of three sentences).
PUBLISHED = ("The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium.")
SIMILARITIES = {(0, 1): 0.6660, (0, 2): 0.1046, (1, 2): 0.1411}


def cosine(one: Any, two: Any) -> float:
    return float(one @ two)


def test_paraphrases_are_near_and_other_matters_far(embedder: Embedder) -> None:
    for one, two in ALIKE:
        assert cosine(embedder.one(one), embedder.one(two)) > 0.6, one
    for one, two in UNLIKE:
        assert cosine(embedder.one(one), embedder.one(two)) < 0.25, one


@pytest.mark.parametrize(("exact", "within"), [(True, 0.0002), (False, 0.03)])
def test_similarities_are_those_that_the_model_is_published_with(files: ModelFiles, exact: bool, within: float) -> None:
    vectors = open_embedder(files, exact=exact).embed(PUBLISHED)
    for (a, b), told in SIMILARITIES.items():
        assert cosine(vectors[a], vectors[b]) == pytest.approx(told, abs=within)


def test_the_graph_computes_what_the_weights_say(files: ModelFiles, embedder: Embedder) -> None:
    """Against the encoder written out in double precision, step by step as the BERT paper has it."""
    from tokenizers import Tokenizer

    sentence = "Residents of two villages fled after militiamen set fire to houses on Tuesday night."
    tensors = {name: numpy.asarray(values, dtype=numpy.float64) for name, values in read_tensors(files.weights).items() if "position_ids" not in name}
    config = json.loads((files.folder / "config.json").read_text("utf-8"))
    tokeniser = Tokenizer.from_file(str(files.folder / "tokenizer.json"))
    tokeniser.no_padding()
    expected = written_out(tensors, config, tokeniser.encode(sentence).ids)
    assert cosine(open_embedder(files, exact=True).one(sentence), expected) > 0.999999
    assert cosine(embedder.one(sentence), expected) > 0.98


def test_a_sentence_is_read_by_itself(files: ModelFiles) -> None:
    texts = [text for pair in ALIKE + UNLIKE for text in pair]
    together = open_embedder(files).embed(texts)
    backwards = open_embedder(files).embed(texts[::-1])[::-1]
    alone = open_embedder(files).one(texts[3])
    assert (together == backwards).all()
    assert (together[3] == alone).all()
    assert numpy.linalg.norm(together, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_a_text_without_end_is_cut_and_strange_ones_are_read(embedder: Embedder) -> None:
    long = "Soldiers shelled the market again. " * 400
    assert cosine(embedder.one(long), embedder.one("Soldiers shelled the market again. " * (LONGEST // 4))) > 0.95
    for text in ("", " ", "…", "🟥🟧", "x" * 50_000, "\x00", "قُتل ثلاثة"):
        assert math.isfinite(embedder.one(text).sum())


def written_out(weights: dict[str, Any], config: dict[str, Any], ids: list[int]) -> Any:
    heads, width = config["num_attention_heads"], config["hidden_size"]

    def norm(x: Any, name: str) -> Any:
        centred = x - x.mean(axis=1, keepdims=True)
        return (
            centred / numpy.sqrt((centred**2).mean(axis=1, keepdims=True) + config["layer_norm_eps"]) * weights[f"{name}.weight"]
            + weights[f"{name}.bias"]
        )

    def dense(x: Any, name: str) -> Any:
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    erf = numpy.vectorize(math.erf)
    x = weights["embeddings.word_embeddings.weight"][ids] + weights["embeddings.position_embeddings.weight"][: len(ids)]
    x = norm(x + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for layer in range(config["num_hidden_layers"]):
        at = f"encoder.layer.{layer}"
        query, key, value = (
            dense(x, f"{at}.attention.self.{part}").reshape(len(ids), heads, -1).transpose(1, 0, 2) for part in ("query", "key", "value")
        )
        looks = numpy.exp(query @ key.transpose(0, 2, 1) / math.sqrt(width / heads))
        looks /= looks.sum(axis=-1, keepdims=True)
        told = (looks @ value).transpose(1, 0, 2).reshape(len(ids), width)
        x = norm(x + dense(told, f"{at}.attention.output.dense"), f"{at}.attention.output.LayerNorm")
        inner = dense(x, f"{at}.intermediate.dense")
        inner = inner * 0.5 * (1 + erf(inner / math.sqrt(2)))
        x = norm(x + dense(inner, f"{at}.output.dense"), f"{at}.output.LayerNorm")
    mean = x.mean(axis=0)
    return mean / numpy.linalg.norm(mean)
