"""The engine `llm`: statements read by a language model, checked word for word against the text. Floor 5.

`answer` what is asked for · `prompt`, `windows` the request · `client`, `requests`, `cache`, `budget` the asking · `quotes`, `days`, `spots`,
`people` what the text bears out · `making`, `drafts`, `engine` the result. Nothing is imported but the package and the standard library.
"""

from eventcoder.extraction.llm.engine import LlmEngine, forget_document

__all__ = ["LlmEngine", "forget_document"]
