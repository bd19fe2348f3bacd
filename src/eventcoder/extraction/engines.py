"""Engines by name: `rules`, `semantic`, `llm`. Floor 5.

Only the engine that is asked for is imported: `rules` needs nothing beyond the package, the others an extra each.
"""

from __future__ import annotations

from eventcoder.errors import UsageError
from eventcoder.extraction.classifier.learned import take_learned
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.protocol import Engine
from eventcoder.project import ENGINES, Project


def open_engine(name: str, kit: Kit, project: Project) -> Engine:
    """The engine called `name`, ready to read. Raises `UsageError` for another name, an extra that is not installed or a setting that lacks.

    The kit takes the classifier that the project learned and chose, if there is one: its version stands in the engine's.
    """
    take_learned(kit, project.root)
    if name == "rules":
        from eventcoder.extraction.rules import RulesEngine

        return RulesEngine(kit, project)
    if name == "semantic":
        from eventcoder.extraction.semantic import SemanticEngine

        return SemanticEngine(kit, project)
    if name == "llm":
        from eventcoder.extraction.llm import LlmEngine

        return LlmEngine(kit, project)
    raise UsageError(f"Unknown engine {name!r}.", f"Known: {', '.join(ENGINES)}.")
