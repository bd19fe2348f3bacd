"""The checks of a dataset that lies in git, for every change that somebody proposes: the journal only grows, released versions stay as they are,
and what would be released next passes the gate. Floor 7.

`run.inspect(project, ...)` runs the steps and returns an `Inspection`; `rendering` shows it, `summary` writes the Markdown of what is pending.
Nothing here writes into the project: the ledger is built anew from the journal in a temporary folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

_HOMES = {"Inspection": "report", "Step": "report", "inspect": "run", "STEPS": "report"}
__all__ = ["STEPS", "Inspection", "Step", "inspect"]

if TYPE_CHECKING:
    from eventcoder.ci.report import STEPS, Inspection, Step
    from eventcoder.ci.run import inspect


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(f"eventcoder.ci.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'eventcoder.ci' has no attribute {name!r}")
