"""The trained part of the engine: from a sentence's vector to types, as a small file. Floor 5.

The file is an `.npz`: `labels`, `weights` (float16, vector x labels), `bias`, `probes` (vectors of `PROBES` by the model that it was trained with)
and `about` (JSON: what it was made of and how it scored).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eventcoder.errors import CodebookError
from eventcoder.extraction.semantic.embedder import Embedder

FILE = "semantic.npz"  # beside the classifier's model
PROBES = (
    "Hundreds of teachers marched through the centre of town on Monday to demand unpaid wages.",
    "A drone hit a fuel depot overnight, killing two guards.",
    "The two governments signed a ceasefire after talks in the capital.",
    "Gunmen took nine passengers from a bus and asked for a ransom.",
)
_SAME = 0.97  # cosine of the probes at which a model counts as the one that the head was trained with; another model's vectors are near 0


@dataclass(slots=True)
class Head:
    """Log-probabilities of labels from a vector."""

    labels: tuple[str, ...]
    weights: Any  # numpy float32, vector x labels
    bias: Any
    probes: Any
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """A short name of what it was made of."""
        return str(self.about.get("version", ""))

    def log_shares(self, vector: Any) -> Any:
        """Logarithms of probabilities, one a label."""
        import numpy

        scores = vector @ self.weights + self.bias
        scores = scores - scores.max(axis=-1, keepdims=True)
        return scores - numpy.log(numpy.exp(scores).sum(axis=-1, keepdims=True))

    def fits(self, embedder: Embedder) -> bool:
        """Was it trained with this model, in whatever file and precision it lies here? Asked of the model itself, by the probes."""
        found = embedder.embed(PROBES)
        return bool(found.shape == self.probes.shape and (found * self.probes).sum(axis=1).min() >= _SAME)

    def save(self, path: Path) -> None:
        """Write the file: aside and then renamed, so that no other process reads half of it."""
        import numpy

        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        with aside.open("wb") as stream:
            numpy.savez_compressed(
                stream,
                labels=numpy.frombuffer("\n".join(self.labels).encode(), dtype=numpy.uint8),
                weights=self.weights.astype(numpy.float16),
                bias=self.bias.astype(numpy.float32),
                probes=self.probes.astype(numpy.float16),
                about=numpy.frombuffer(json.dumps(self.about, sort_keys=True, ensure_ascii=False).encode(), dtype=numpy.uint8),
            )
        aside.replace(path)


def load_head(path: Path) -> Head:
    """Read a head. Raises `CodebookError` when the file is absent or damaged."""
    import zipfile

    import numpy

    remedy = "Copy it from the package's schema/classifier."
    try:
        with path.open("rb") as stream, numpy.load(stream, allow_pickle=False) as held:
            return Head(
                labels=tuple(held["labels"].tobytes().decode().split("\n")),
                weights=held["weights"].astype(numpy.float32),
                bias=held["bias"],
                probes=held["probes"].astype(numpy.float32),
                about=json.loads(held["about"].tobytes().decode()),
            )
    except FileNotFoundError:
        raise CodebookError(f"{path} is not there.", remedy) from None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise CodebookError(f"{path} is damaged: {error}.", remedy) from None
