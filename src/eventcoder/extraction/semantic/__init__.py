"""The engine `semantic`: the rules with sentence embeddings from a local model (extra `semantic`). Floor 5.

`models` finds the model · `weights`, `onnx_form`, `embedder` make vectors of sentences · `teaching`, `head` make types of vectors · `voting` brings
them together with the classifier · `engine` is the result.
"""

from eventcoder.extraction.semantic.engine import SemanticEngine, semantic_kit
from eventcoder.extraction.semantic.models import ModelError

__all__ = ["ModelError", "SemanticEngine", "semantic_kit"]
