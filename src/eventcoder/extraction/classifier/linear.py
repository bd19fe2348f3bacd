"""A trained multinomial model as a small file, and its probabilities. Floor 5.

The file is an `.npz`: `labels`, `names` (features, one a line), `weights` (int8, features x labels), `scale` (a label), `bias`, and `about` (JSON:
what it was made of and how it scored). Eight bits a weight are enough: the answer moves by less than a hundredth.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
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
    _parts: dict[str, tuple[int, Any]] = field(default_factory=dict, repr=False)

    @property
    def version(self) -> str:
        """A short name of what the model was made of."""
        return str(self.about.get("version", ""))

    def scores(self, seen: Seen) -> Any:
        """Unnormalised scores, one a label: the weighted sum of what is seen. Unknown features are passed over."""
        import numpy

        rows: list[int] = []
        values: list[float] = []
        get = self.vocabulary.get
        for name, value in seen.rules.items():
            at = get(name)
            if at is not None:
                rows.append(at)
                values.append(value)
        count = len(seen.words) + len(seen.pairs)
        for group, names, weight in (("w:", seen.words, WORDS), ("w:", seen.pairs, WORDS), ("s:", seen.signals, SIGNALS)):
            value = weight / (count if group == "w:" else len(names)) ** 0.5 if names else 0.0
            for name in names:
                at = get(group + name)
                if at is not None:
                    rows.append(at)
                    values.append(value)
        total = self.bias + numpy.asarray(values, dtype=numpy.float32) @ self.weights[rows] if rows else self.bias.copy()
        return total + self._of_parts(seen.words)

    def _of_parts(self, words: Sequence[str]) -> Any:
        """The parts of words count for most features, and words come again: the sum over the parts of each is kept."""
        import numpy

        known = self._parts
        found = []
        pieces = 0
        for word in words:
            held = known.get(word)
            if held is None:
                names = list(parts(word))
                rows = [at for at in (self.vocabulary.get(f"c:{name}") for name in names) if at is not None]
                held = (len(names), self.weights[rows].sum(axis=0) if rows else None)
                if len(known) < _KEPT:
                    known[word] = held
            pieces += held[0]
            if held[1] is not None:
                found.append(held[1])
        if not found:
            return 0.0
        return numpy.add.reduce(found) * numpy.float32(PARTS / pieces**0.5)

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
