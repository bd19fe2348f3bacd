import pytest

from eventcoder.codebook import load_codebook
from eventcoder.intake.dialects import load_dialects
from eventcoder.project import packaged_schema

from ..vintages import Sample
from .reading import read_table


@pytest.fixture(scope="session")
def codebook(tmp_path_factory):
    return load_codebook(packaged_schema(), tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def dialects():
    return load_dialects(packaged_schema())


@pytest.fixture(scope="session")
def read(codebook, dialects):
    """A sample, or a dialect's name, columns and rows, as a table that was read."""

    def do(what, columns=(), rows=(), **options):
        if isinstance(what, Sample):
            return read_table(dialects[what.dialect], what.columns, what.cells, codebook, **options)
        return read_table(dialects[what], columns, rows, codebook, **options)

    return do
