"""eventcoder: from news articles to a checked, versioned event dataset. The names below are the analyst's API and load lazily."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"
__all__ = ["__version__", "changes", "evidence", "load", "resolve", "scan", "versions"]

if TYPE_CHECKING:
    from eventcoder.reader import changes, evidence, load, resolve, scan, versions


def __getattr__(name: str) -> Any:
    if name in __all__:
        import importlib

        # the module is not called `load`, so that the function of that name cannot be shadowed by a submodule
        module = importlib.import_module("eventcoder.reader")
        for public in __all__[1:]:
            globals()[public] = getattr(module, public)
        return globals()[name]
    raise AttributeError(f"module 'eventcoder' has no attribute {name!r}")
