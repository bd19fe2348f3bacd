"""The project's own codebook, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventcoder.codebook import Codebook, load_codebook


@pytest.fixture(scope="session")
def codebook() -> Codebook:
    return load_codebook(Path(__file__).parents[2] / "schema")
