"""A judge that knows the packaged codebook, gazetteer and actors."""

from __future__ import annotations

import pytest

from eventcoder.actors import ActorRegistry
from eventcoder.codebook import load_codebook
from eventcoder.evaluation import Judge
from eventcoder.gazetteer import open_gazetteer
from eventcoder.project import packaged_schema


@pytest.fixture(scope="session")
def judge() -> Judge:
    codebook = load_codebook(packaged_schema())
    return Judge(codebook, open_gazetteer(codebook), ActorRegistry(codebook))
