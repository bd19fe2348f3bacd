"""What changed in the code lists between two codebooks. Floor 1.

An attribute weighs as much as what it decides: one that a derivation reads changes derived values (breaking), one that a rule reads or that
the software may read changes verdicts (narrowing).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from eventcoder.codebook.change import Change, Kind, quoted, same_words
from eventcoder.codebook.expression.nodes import Call, Literal, Node, walk
from eventcoder.codebook.lists import SEPARATOR, CodeList
from eventcoder.codebook.schema import Codebook

MEANING = ("definition", "includes", "excludes")
WORDING = ("label",)
_LOOKUPS = ("lookup", "lookup_number")
_COMBINE = "combine_inter"  # reads the attribute `number` of two lists without naming them
_COMBINED = {("inter", "number"), ("interactions", "number")}
_NO_MAP: Mapping[str, str] = {}


def list_changes(old: Codebook, new: Codebook, mapped: Mapping[str, Mapping[str, str]], decided: Mapping[str, set[str]]) -> Iterator[Change]:
    """`mapped` (list -> old code -> new) and `decided` (list -> codes that a person decides) are what the newer codebook's migrations declare."""
    deriving = _read_by(new.derivations.values()) | _read_by(old.derivations.values())
    for name, before in old.lists.items():
        after = new.lists.get(name)
        if after is None:
            users = [c.name for c in old.columns if c.list == name]
            said = f"List {name} is gone" + (f"; it was the list of {', '.join(users)}." if users else ".")
            yield Change("list-removed", "breaking" if users else "narrowing", name, len(before), None, said, True)
            continue
        yield from _codes(before, after, mapped.get(name, _NO_MAP), decided.get(name, set()))
        yield from _rows(before, after, mapped.get(name, _NO_MAP), deriving)
    for name, added in new.lists.items():
        if name not in old.lists:
            yield Change("list-added", "additive", name, None, len(added), f"List {name} is new ({len(added)} codes).")


def _codes(old: CodeList, new: CodeList, mapped: Mapping[str, str], decided: set[str]) -> Iterator[Change]:
    renamed = set()
    for code in old.codes:
        if code in new:
            continue
        into = mapped.get(code)
        if into is not None and into in new and into not in old and into not in renamed:
            renamed.add(into)
            said = f"{old.name}: {quoted(code)} is called {quoted(into)} now."
            yield Change("code-renamed", "breaking", f"{old.name}.{into}", code, into, said, True)
        elif into is not None:
            said = f"{old.name}: {quoted(code)} is gone; a migration makes {quoted(into)} of it."
            yield Change("code-removed", "breaking", f"{old.name}.{code}", code, None, said, True)
        elif code in decided:
            said = f"{old.name}: {quoted(code)} is gone; a person decides what becomes of each value."
            yield Change("code-removed", "breaking", f"{old.name}.{code}", code, None, said, True)
        else:
            said = f"{old.name}: {quoted(code)} is gone; no migration says what becomes of its values."
            yield Change("code-removed", "breaking", f"{old.name}.{code}", code, None, said)
    for code in new.codes:
        if code not in old and code not in renamed:
            yield Change("list-code-added", "additive", f"{old.name}.{code}", None, code, f"{old.name}: {quoted(code)} is new.")
    kept = [code for code in new.codes if code in old]
    before = [code for code in old.codes if code in new]
    if kept != before:
        # defaults take the first or the last code of a list
        kind: Kind = "narrowing" if (kept[0], kept[-1]) != (before[0], before[-1]) else "wording"
        yield Change("codes-reordered", kind, old.name, None, None, f"The codes of {old.name} stand in another order.")


def _rows(old: CodeList, new: CodeList, mapped: Mapping[str, str], deriving: set[tuple[str, str]]) -> Iterator[Change]:
    gone = [name for name in old.attributes if name not in new.attributes]
    for name in new.attributes:
        if name not in old.attributes:
            yield Change("attribute-added", "additive", f"{old.name}.{name}", None, name, f"{old.name}: attribute {name} is new.")
    for name in gone:
        kind: Kind = "breaking" if (old.name, name) in deriving else "narrowing"
        yield Change("attribute-removed", kind, f"{old.name}.{name}", name, None, f"{old.name}: attribute {name} is gone.", True)
    shared = [name for name in old.attributes if name in new.attributes and name != "code"]
    pairs = [(code, code) for code in old.codes if code in new]
    pairs += [(code, into) for code, into in mapped.items() if code in old and code not in new and into in new and into not in old]
    for code, now in pairs:
        a, b = old.get(code), new.get(now)
        if a is None or b is None or all(a[name] == b[name] for name in shared):
            continue
        for name in shared:
            if a[name] != b[name]:
                yield _cell(old.name, now, name, a[name], b[name], deriving)


def _cell(name: str, code: str, attribute: str, old: str, new: str, deriving: set[tuple[str, str]]) -> Change:
    subject = f"{name}.{code}"
    if attribute in WORDING:
        return Change("label-changed", "wording", subject, old, new, f"{subject} is labelled {quoted(new)}, it was {quoted(old)}.")
    if attribute in MEANING:
        if same_words(old, new):
            return Change("code-meaning-changed", "wording", subject, old, new, f"{subject}: {attribute} is written otherwise, in the same words.")
        said = f"{subject}: {attribute} says something else. If values coded so far would be coded otherwise now, that is a major step."
        return Change("code-meaning-changed", "narrowing", subject, old, new, said)
    said = f"{subject}: {attribute} is {quoted(new)}, it was {quoted(old)}."
    if attribute == "legacy":
        lost = {s.strip() for s in old.split(SEPARATOR)} - {s.strip() for s in new.split(SEPARATOR)} - {""}
        kind: Kind = "narrowing" if lost else "additive"
        return Change("attribute-changed", kind, subject, old, new, said)
    if (name, attribute) in deriving:
        said += " Derived values change: a migration with 'recompute' renews those that are stored."
        return Change("attribute-changed", "breaking", subject, old, new, said, True)
    return Change("attribute-changed", "narrowing", subject, old, new, said)


def _read_by(trees: Iterable[Node]) -> set[tuple[str, str]]:
    """(list, attribute) that these expressions look up."""
    found: set[tuple[str, str]] = set()
    for tree in trees:
        found |= _of(tree)
    return found


def _of(tree: Node) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for node in walk(tree):
        if not isinstance(node, Call):
            continue
        if node.name in _LOOKUPS:
            names = [arg.value for arg in node.args if isinstance(arg, Literal)]
            if len(names) >= 2:
                found.add((str(names[0]), str(names[-1])))
        elif node.name == _COMBINE:
            found |= _COMBINED
    return found
