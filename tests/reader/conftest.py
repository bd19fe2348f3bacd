"""The reader is tested on the releases that the tests of `releases` build."""

from tests.releases.conftest import releases, shared

__all__ = ["releases", "shared"]
