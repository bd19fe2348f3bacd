"""The engine `semantic`: reads as the rules do, and decides types with the vectors of candidate sentences besides. Floor 5.

Only statements that the rules take for events are embedded. Drafts have this engine's name, version and ids.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from eventcoder.event import Draft
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.protocol import Extracted, Text
from eventcoder.extraction.rules import RulesEngine
from eventcoder.extraction.semantic.embedder import open_embedder
from eventcoder.extraction.semantic.models import find_model
from eventcoder.extraction.semantic.teaching import open_head
from eventcoder.extraction.semantic.voting import SemanticVoter
from eventcoder.identity import digest
from eventcoder.project import Project

NAME = "semantic"


class SemanticEngine(RulesEngine):
    """Opens the model that the project names. Raises `ModelError`, `MissingPart`, `CodebookError`."""

    name = NAME

    def __init__(self, kit: Kit, project: Project) -> None:
        super().__init__(semantic_kit(kit, project), project)
        voter = self.kit.voter
        self.version += f"{'.' if '+' in self.version else '+'}{voter.embedder.key[:8]}.{voter.head.version}"

    def read(self, texts: Sequence[Text]) -> Iterator[Extracted]:
        """One answer a text; see `protocol.Engine`."""
        for answer in super().read(texts):
            answer.drafts = renamed(answer.drafts, self.version)
            yield answer

    def close(self) -> None:
        """The model's memory goes with the engine."""


def semantic_kit(kit: Kit, project: Project) -> Kit:
    """A copy of `kit` whose votes on types bring in the vectors: what `trial.try_type` takes for this engine. The given kit stays as it is."""
    files = find_model(project.settings.semantic_model, project.root)
    embedder = open_embedder(files)
    other = copy.copy(kit)
    other.voter = SemanticVoter(kit.voter, open_head(kit, embedder, project.state_dir / "cache"), embedder)
    return other


def renamed(drafts: Sequence[Draft], version: str) -> list[Draft]:
    """The rules' drafts as this engine's: name, version, ids, and the links between them."""
    names = {draft.draft_id: digest([draft.draft_id, NAME, version])[:16] for draft in drafts}

    def linked(entry: dict[str, Any]) -> dict[str, Any]:
        return {**entry, "draft": names.get(entry["draft"], entry["draft"])} if "draft" in entry else entry

    return [
        draft.model_copy(
            update={
                "draft_id": names[draft.draft_id],
                "engine": NAME,
                "engine_version": version,
                "candidates": {field: [linked(entry) for entry in entries] for field, entries in draft.candidates.items()},
            }
        )
        for draft in drafts
    ]
