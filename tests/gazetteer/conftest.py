"""A codebook's lists as they stand in schema/, and the gazetteer over the real data (its index is built once a machine, then reused)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from eventcoder.gazetteer import Gazetteer, open_gazetteer
from tests.register_lists import Lists, packaged_lists


@pytest.fixture(scope="session")
def codebook() -> Lists:
    return packaged_lists()


@pytest.fixture(scope="session")
def gazetteer(codebook: Lists) -> Iterator[Gazetteer]:
    opened = open_gazetteer(codebook)
    yield opened
    opened.close()
