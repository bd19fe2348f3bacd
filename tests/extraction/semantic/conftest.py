"""The public model from its installed package; tests that need it are passed over where the extra is not installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventcoder.extraction.semantic.embedder import Embedder, open_embedder
from eventcoder.extraction.semantic.models import PACKAGES, ModelFiles, find_model
from eventcoder.project import Settings


@pytest.fixture(scope="session")
def files() -> ModelFiles:
    pytest.importorskip("onnxruntime", reason="the extra 'semantic' is not installed")
    pytest.importorskip("tokenizers", reason="the extra 'semantic' is not installed")
    name = Settings().semantic_model
    pytest.importorskip(PACKAGES[name].module, reason="the package with the model is not installed")
    return find_model(name, Path())


@pytest.fixture(scope="session")
def embedder(files: ModelFiles) -> Embedder:
    return open_embedder(files)
