"""Taking conditions apart, so that many rows can be judged by few: what must all be true, and what reads one column only.

A condition in three-valued logic is true exactly where each of its conjuncts is true. Its value on a row is fixed by the values of its own parts:
the largest parts that read a single column.
"""

from __future__ import annotations

from collections.abc import Iterator

from eventcoder.codebook.expression.nodes import BOOL, LIST, TEXT, Call, ColumnRef, Literal, Node, column_names
from eventcoder.codebook.functions import lower

#: signs beyond ASCII that `functions.lower` makes an ASCII letter
ALSO = {"i": "\u0130", "k": "\u212a"}


def conjuncts(node: Node) -> Iterator[Node]:
    """Conditions that must all be true for `node` to be true, and the other way round."""
    if isinstance(node, Call):
        if node.name == "and":
            for arg in node.args:
                yield from conjuncts(arg)
            return
        inner = node.args[0] if node.name == "not" else None
        if isinstance(inner, Call) and inner.name == "not":
            yield from conjuncts(inner.args[0])
            return
        if isinstance(inner, Call) and inner.name == "or":
            for arg in inner.args:
                yield from conjuncts(Call("not", (arg,), BOOL))
            return
    yield node


def own_parts(node: Node) -> Iterator[tuple[str, Node]]:
    """(column, part) for the largest parts that read one column only. A list itself is such a part, not what is calculated as a list."""
    names = column_names(node)
    if len(names) == 1:
        yield names[0], ColumnRef(names[0], LIST) if node.type == LIST else node
    elif isinstance(node, Call):
        for arg in node.args:
            yield from own_parts(arg)


def mentioned(node: Node) -> tuple[str, tuple[str, ...]] | None:
    """(column, words) if `node` is true only where the column's text mentions one of these plain words; None for any other condition."""
    if not isinstance(node, Call):
        return None
    if node.name == "mentions":
        text, word = node.args
        if isinstance(text, ColumnRef) and text.type == TEXT and isinstance(word, Literal) and isinstance(word.value, str):
            return (text.name, (word.value,)) if word.value and word.value.isascii() else None
        return None
    if node.name != "or":
        return None
    found = [mentioned(arg) for arg in node.args]
    words = tuple(word for one in found if one for word in one[1])
    columns = {one[0] if one else None for one in found}
    column = columns.pop() if len(columns) == 1 else None
    return (column, words) if column else None


def words_pattern(words: tuple[str, ...]) -> str:
    """An RE2 pattern that is found in every text that mentions one of these ASCII words (and perhaps in others)."""
    return "|".join("".join(_sign(char) for char in lower(word)) for word in dict.fromkeys(words))


def _sign(char: str) -> str:
    if char.isalpha():
        return f"[{char}{char.upper()}{ALSO.get(char, '')}]"
    return char if char.isalnum() or char == " " else f"\\x{ord(char):02x}"
