"""eventcoder: from news articles to a checked, versioned event dataset. The names below are the analyst's API and load lazily."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"
__all__ = [
    "__version__", "as_acled", "as_ucdp", "changes", "evidence", "fatality_scenarios", "load", "long_by_actor", "pull", "report", "resolve",
    "scan", "to_panel", "trace", "versions",
]  # fmt: skip
_ANALYSIS = ("as_acled", "as_ucdp", "fatality_scenarios", "long_by_actor", "to_panel")

if TYPE_CHECKING:
    from eventcoder.analysis import as_acled, as_ucdp, fatality_scenarios, long_by_actor, to_panel
    from eventcoder.reader import changes, evidence, load, pull, report, resolve, scan, trace, versions


def __getattr__(name: str) -> Any:
    if name in __all__:
        import importlib

        # the module is not called `load`, so that the function of that name cannot be shadowed by a submodule
        module = importlib.import_module("eventcoder.analysis" if name in _ANALYSIS else "eventcoder.reader")
        for public in _ANALYSIS if name in _ANALYSIS else (n for n in __all__[1:] if n not in _ANALYSIS):
            globals()[public] = getattr(module, public)
        return globals()[name]
    raise AttributeError(f"module 'eventcoder' has no attribute {name!r}")
