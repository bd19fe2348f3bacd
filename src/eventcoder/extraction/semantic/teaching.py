"""Makes the head from the examples of `schema/examples`: multinomial logistic regression over their vectors. Floor 5.

scikit-learn fits, and is imported here only. The examples are those that teach the classifier; a project's own model gets a head of its own on
first use.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eventcoder.errors import CodebookError
from eventcoder.extraction.classifier.examples import Example, digest_of
from eventcoder.extraction.classifier.making import rows_of, scores, teaching, temperature
from eventcoder.extraction.classifier.training import out_of_fold
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.semantic.embedder import Embedder
from eventcoder.extraction.semantic.head import FILE, PROBES, Head, load_head
from eventcoder.extraction.semantic.voting import PRIOR, WEIGHT
from eventcoder.identity import digest
from eventcoder.project import packaged_schema

VERSION = 1
STRENGTH = 10.0  # inverse of the regularisation; by cross-validation over the examples
FOLDS = 5


def inputs_digest(examples: Sequence[Example], model: str) -> str:
    """What a head is made of, as a short hash. `model` is the hash of the model's files."""
    return digest([VERSION, STRENGTH, WEIGHT, PRIOR, digest_of(examples), model])[:12]


def is_stale(path: Path, examples: Sequence[Example]) -> bool:
    """Was the head made of other examples or by another version of this module? Needs neither the model nor the extra."""
    if not path.is_file():
        return True
    head = load_head(path)
    return head.version != inputs_digest(examples, str(head.about.get("model")))


def make_head(examples: Sequence[Example], embedder: Embedder, kit: Kit | None = None) -> Head:
    """Train. With a `kit` also measure: how it does with the classifier beside it, out of fold, and how sure it may be."""
    import numpy

    vectors = embedder.embed([e.sentence for e in examples])
    labels = numpy.array([e.sub_event_type or "" for e in examples])
    fitted = _fit(vectors, labels, [e.weight for e in examples])
    about: dict[str, Any] = {"version": inputs_digest(examples, embedder.key), "model": embedder.key, "examples": len(examples)}
    weights, bias = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:  # scikit-learn keeps one row
        weights, bias = numpy.vstack([-weights, weights]) / 2, numpy.array([-bias[0], bias[0]]) / 2
    head = Head(tuple(str(c) for c in fitted.classes_), weights.T.astype(numpy.float32), bias, embedder.embed(PROBES), about)
    if kit is not None:
        about |= _measured(examples, vectors, labels, kit)
    return head


def _fit(vectors: Any, labels: Any, weights: Any = None) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=STRENGTH, max_iter=300, tol=1e-3).fit(vectors, labels, sample_weight=weights)


def _measured(examples: Sequence[Example], vectors: Any, labels: Any, kit: Kit) -> dict[str, Any]:
    """Scores of the fused vote where neither part has seen the sentence, and the temperature that makes it say how often it is right."""
    import numpy
    from sklearn.model_selection import StratifiedGroupKFold

    groups = [e.group for e in examples]
    known, linear = out_of_fold(rows_of(examples, kit), labels.tolist(), groups, folds=FOLDS)
    own = numpy.zeros((len(labels), len(known)))
    for learn, test in StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(vectors, labels, groups):
        fitted = _fit(vectors[learn], labels[learn])
        own[numpy.ix_(test, [known.index(str(c)) for c in fitted.classes_])] = fitted.predict_proba(vectors[test])
    fused = numpy.log(numpy.clip(linear, 1e-9, 1.0)) + WEIGHT * numpy.log(numpy.clip(own, 1e-9, 1.0))
    shares = numpy.exp(fused - fused.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    alone = scores(known, own, labels.tolist())
    return {
        "temperature": temperature(shares, [known.index(label) for label in labels]),
        "alone": {"accuracy": alone["accuracy"], "f1": alone["f1"]},
        **scores(known, shares, labels.tolist()),
    }


def open_head(kit: Kit, embedder: Embedder, cache: Path) -> Head:
    """The head beside the classifier's model where it was trained with this model; else one of this project's `cache`, trained now if need be.

    Raises `CodebookError` where there is nothing to learn from.
    """
    path = kit.classifier_dir / FILE
    shipped = load_head(path if path.is_file() else packaged_schema() / "classifier" / FILE)
    if shipped.fits(embedder):
        return shipped
    examples = teaching(kit.schema_dir) or teaching(packaged_schema())
    if len({e.sub_event_type for e in examples}) < 2:
        raise CodebookError(f"{kit.schema_dir / 'examples'} has no examples to train the model with.", "Copy the package's schema/examples.")
    version = inputs_digest(examples, embedder.key)
    own = cache / f"semantic-{version}.npz"
    if own.is_file():
        try:
            return load_head(own)
        except CodebookError:
            pass  # cut off: made anew below
    head = make_head(examples, embedder)
    head.about["temperature"] = shipped.about.get("temperature", 1.0)  # measuring one's own would take minutes
    if cache.parent.is_dir():
        head.save(own)
    return head
