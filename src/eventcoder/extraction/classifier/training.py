"""Makes a model of examples: multinomial logistic regression over sparse features. Floor 5.

scikit-learn fits, and is imported here only; what comes out needs numpy alone. The same examples, lexicon and versions give the same model.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eventcoder.extraction.classifier import features as seen
from eventcoder.extraction.classifier.examples import Example, digest_of
from eventcoder.extraction.classifier.linear import Linear

Reader = Callable[[str], Mapping[str, float]]  # a text -> its features

STRENGTH = 3.0  # inverse of the regularisation; by cross-validation over the examples
LEAST = 2  # examples in which a feature must occur
NEGLIGIBLE = 0.04  # a feature whose weights are all smaller is left out of the file


def train(
    rows: Sequence[Mapping[str, float]], labels: Sequence[str], weights: Sequence[float] | None = None, *, strength: float = STRENGTH
) -> Linear:
    """A model of feature rows and their labels. Raises `ValueError` for fewer than two labels."""
    import numpy

    vocabulary = _vocabulary(rows)
    fitted = _fit(matrix(rows, vocabulary), labels, weights, strength)
    known = [str(c) for c in fitted.classes_]
    coefficients, bias = fitted.coef_, fitted.intercept_
    if len(known) == 2:  # two labels: scikit-learn keeps one row
        coefficients = numpy.vstack([-coefficients, coefficients])
        bias = numpy.array([-bias[0], bias[0]])
    table = coefficients.T.astype(numpy.float32)
    keep = numpy.flatnonzero(numpy.abs(table).max(axis=1) >= NEGLIGIBLE)
    names = sorted(vocabulary, key=vocabulary.__getitem__)
    return Linear(tuple(known), {names[j]: i for i, j in enumerate(keep)}, table[keep], bias.astype(numpy.float32))


def out_of_fold(rows: Sequence[Mapping[str, float]], labels: Sequence[str], groups: Sequence[str], *, folds: int = 5) -> Any:
    """Probabilities of each row by a model that saw neither it nor anything of its group: (labels in order, array rows x labels)."""
    import numpy
    from sklearn.model_selection import StratifiedGroupKFold

    known = sorted(set(labels))
    out = numpy.zeros((len(rows), len(known)))
    truth = numpy.array(labels)
    split = StratifiedGroupKFold(folds, shuffle=True, random_state=0)
    for learn, test in split.split(numpy.zeros(len(rows)), truth, list(groups)):
        part = [rows[i] for i in learn]
        vocabulary = _vocabulary(part)
        fitted = _fit(matrix(part, vocabulary), truth[learn], None, STRENGTH)
        columns = [known.index(str(c)) for c in fitted.classes_]
        out[numpy.ix_(test, columns)] = fitted.predict_proba(matrix([rows[i] for i in test], vocabulary))
    return known, out


def matrix(rows: Sequence[Mapping[str, float]], vocabulary: Mapping[str, int]) -> Any:
    """Rows of features as a sparse matrix; unknown features are passed over."""
    import numpy
    from scipy.sparse import csr_matrix

    starts, columns, values = [0], [], []
    for row in rows:
        for name, value in row.items():
            at = vocabulary.get(name)
            if at is not None:
                columns.append(at)
                values.append(value)
        starts.append(len(columns))
    return csr_matrix((numpy.array(values), numpy.array(columns, dtype=numpy.int32), numpy.array(starts)), shape=(len(rows), len(vocabulary)))


def _vocabulary(rows: Iterable[Mapping[str, float]]) -> dict[str, int]:
    often = Counter(name for row in rows for name in row)
    return {name: i for i, name in enumerate(sorted(name for name, n in often.items() if n >= LEAST))}


def _fit(table: Any, labels: Any, weights: Sequence[float] | None, strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    # one thread: on matrices of this size several only wait for each other, and the sums come out the same on every machine
    with threadpool_limits(1):
        return LogisticRegression(C=strength, max_iter=200, tol=1e-3).fit(table, labels, sample_weight=weights)


def inputs_digest(examples: Iterable[Example], lexicon: Path) -> str:
    """What a model is made of, as a short hash: the examples, the lexicon that reads them, and this package's features."""
    held = hashlib.sha256(f"{seen.VERSION} {STRENGTH} {LEAST} {NEGLIGIBLE} {digest_of(examples)}".encode())
    for path in sorted(lexicon.glob("*.csv")):
        if path.name in LEXICON:
            held.update(path.read_bytes())
    return held.hexdigest()[:12]


LEXICON = ("event_cues.csv", "signals.csv", "class_words.csv", "irregular_verbs.csv", "status_cues.csv")  # files that decide what the features are
