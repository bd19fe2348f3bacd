"""A trained multinomial model as a small file, and its probabilities. Floor 5.

The file is an `.npz`: `labels`, `names` (features, one a line), `weights` (int8, features x labels), `scale` (a label), `bias`, and `about` (JSON:
what it was made of and how it scored). Eight bits a weight are enough: the answer moves by less than a hundredth.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eventcoder.errors import CodebookError
from eventcoder.extraction.classifier.features import PARTS, SIGNALS, WORDS, Seen, parts

_KEPT = 50_000  # words whose parts are remembered; ever new ones of a large corpus are worked out again


@dataclass(slots=True)
class Linear:
    """Probabilities of labels from features. `about` says what it was trained on; `temperature` calibrates (1 = as trained)."""

    labels: tuple[str, ...]
    vocabulary: dict[str, int]
    weights: Any  # numpy float32, features x labels
    bias: Any  # numpy float32, labels
    about: dict[str, Any] = field(default_factory=dict)
    # word -> row or -1, number of parts, row of `_sums` or -1, rows of the pairs that it opens
    _words: dict[str, tuple[int, int, int, dict[str, int]]] = field(default_factory=dict, repr=False)
    _pairs: dict[str, dict[str, int]] = field(default_factory=dict, repr=False)  # first word -> second -> row
    _sums: Any = field(default=None, repr=False)  # numpy, the summed weights of a word's parts, a word a row
    _used: int = field(default=0, repr=False)

    @property
    def version(self) -> str:
        """A short name of what the model was made of."""
        return str(self.about.get("version", ""))

    def scores(self, seen: Seen) -> Any:
        """Unnormalised scores, one a label: the weighted sum of what is seen. Unknown features are passed over."""
        import numpy

        rows: list[int] = []
        values: list[float] = []
        vocabulary = self.vocabulary
        for name, value in seen.rules.items():
            if name in vocabulary:
                rows.append(vocabulary[name])
                values.append(value)
        known = self._words
        if len(known) > _KEPT:
            known.clear()
            self._used = 0
        summed: list[int] = []
        pieces = 0
        if seen.words:
            for word in seen.words:
                row, count, at, _ = known.get(word) or self._learn(word)
                pieces += count
                if row >= 0:
                    rows.append(row)
                if at >= 0:
                    summed.append(at)
            told = [pair for pair in seen.pairs if pair[1] in known[pair[0]][3]]
            told.sort()  # sums are made in one order, so that the same text always gets the same score
            rows += [known[first][3][second] for first, second in told]
            values += [WORDS / (len(seen.words) + len(seen.pairs)) ** 0.5] * (len(rows) - len(values))
        if seen.signals:
            rows += [vocabulary[name] for signal in seen.signals if (name := "s:" + signal) in vocabulary]
            values += [SIGNALS / len(seen.signals) ** 0.5] * (len(rows) - len(values))
        total = self.bias + numpy.asarray(values, dtype=numpy.float32) @ self.weights.take(rows, axis=0) if rows else self.bias.copy()
        if not summed:
            return total + 0.0
        return total + numpy.add.reduce(self._sums.take(summed, axis=0)) * numpy.float32(PARTS / pieces**0.5)

    def _learn(self, word: str) -> tuple[int, int, int, dict[str, int]]:
        """A word's row, how many parts it has, and where their sum is kept: parts are most features, and words come again."""
        import numpy

        if not self._pairs:
            for name, row in self.vocabulary.items():
                if " " in name and name.startswith("w:"):
                    first, _, second = name.partition(" ")
                    self._pairs.setdefault(first[2:], {})[second] = row
            self._pairs.setdefault("", {})
        names = parts(word)
        vocabulary = self.vocabulary
        rows = [vocabulary[key] for name in names if (key := "c:" + name) in vocabulary]
        at = -1
        if rows:
            at = self._used
            if self._sums is None or at >= len(self._sums):
                grown = numpy.empty((max(1024, 2 * at), len(self.labels)), dtype=self.weights.dtype)
                grown[:at] = self._sums if at else 0.0
                self._sums = grown
            self._sums[at] = self.weights[rows].sum(axis=0)
            self._used += 1
        held = self._words[word] = (vocabulary.get("w:" + word, -1), len(names), at, self._pairs.get(word, {}))
        return held

    def probabilities(self, seen: Seen) -> dict[str, float]:
        """Label -> calibrated probability."""
        import numpy

        scores = self.scores(seen) / float(self.about.get("temperature", 1.0))
        shifted = numpy.exp(scores - scores.max())
        return dict(zip(self.labels, (shifted / shifted.sum()).tolist(), strict=True))

    def save(self, path: Path) -> None:
        """Write the file; the same model gives the same bytes."""
        import numpy

        scale = numpy.abs(self.weights).max(axis=0) / 127.0
        scale[scale == 0] = 1.0
        names = "\n".join(sorted(self.vocabulary, key=self.vocabulary.__getitem__))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            numpy.savez_compressed(
                stream,
                labels=numpy.frombuffer("\n".join(self.labels).encode(), dtype=numpy.uint8),
                names=numpy.frombuffer(names.encode(), dtype=numpy.uint8),
                weights=numpy.rint(self.weights / scale).astype(numpy.int8),
                scale=scale.astype(numpy.float32),
                bias=self.bias.astype(numpy.float32),
                about=numpy.frombuffer(json.dumps(self.about, sort_keys=True, ensure_ascii=False).encode(), dtype=numpy.uint8),
            )


def load(path: Path) -> Linear:
    """Read a model. Raises `CodebookError` when the file is absent or damaged."""
    import zipfile

    import numpy

    try:
        # opened here, because numpy leaves a damaged file open
        with path.open("rb") as stream, numpy.load(stream, allow_pickle=False) as held:
            names = held["names"].tobytes().decode().split("\n")
            weights = held["weights"].astype(numpy.float32) * held["scale"]
            return Linear(
                labels=tuple(held["labels"].tobytes().decode().split("\n")),
                vocabulary={name: i for i, name in enumerate(names)},
                weights=weights,
                bias=held["bias"],
                about=json.loads(held["about"].tobytes().decode()),
            )
    except FileNotFoundError:
        raise CodebookError(f"{path} is not there.", "Copy it from the package's schema/classifier, or run 'eventcoder learn'.") from None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise CodebookError(f"{path} is damaged: {error}.", "Copy it from the package's schema/classifier, or run 'eventcoder learn'.") from None
