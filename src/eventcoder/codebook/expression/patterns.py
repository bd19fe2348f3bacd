r"""Patterns: a bounded subset of regular expressions on which Python's `re` and RE2 (DuckDB) agree.

Literals, `.`, classes `[a-z]` `[^...]`, `\d \w \s` (ASCII), escaped signs, anchors `^ $ \b`, alternation, groups, `? * + {m} {m,} {m,n}`. No back
references, no lookaround, no flags. A pattern is parsed and written anew in one explicit form for both engines: `\d` becomes `[0-9]`, every
group non-capturing, `$` the very end of the text (Python's own `$` also matches before a last line break).

Against patterns that take for ever in a backtracking engine: a repeated group holds no repetition and no alternative, and at most two ambiguous
repetitions stand in one pattern (an unanchored beginning counts as one).
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_PATTERN = 200  # characters
MAX_REPEAT = 100  # the largest m and n in {m,n}; RE2 itself allows 1000 in all
MAX_AMBIGUOUS = 2
MAX_DEPTH = 10

MAX_WAYS = 4_096

_END = "\0"  # stands for the end anchor until the engine is known; no pattern can hold it
_TOP = 0x10FFFF
Ranges = tuple[tuple[int, int], ...]
_CLASSES: dict[str, Ranges] = {
    "d": ((48, 57),),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "s": ((9, 10), (12, 13), (32, 32)),
}
_SIGNS = frozenset(".^$*+?{}[]()|\\-/ '\"#&~=:;,!<>%@_")


class PatternError(ValueError):
    """A pattern outside the subset; `offset` counts characters of the pattern from 0."""

    def __init__(self, reason: str, offset: int) -> None:
        self.reason = reason
        self.offset = offset
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class _Atom:
    """One element of a sequence. `chars` is set for single characters; `source` is the form that both engines get."""

    source: str
    chars: Ranges | None = None
    anchor: str = ""
    repeats: bool = False  # holds a repetition or an alternative
    low: int = 1
    high: int | None = 1  # None: endless


def _join(ranges: list[tuple[int, int]]) -> Ranges:
    out: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if out and low <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(high, out[-1][1]))
        else:
            out.append((low, high))
    return tuple(out)


def _negate(ranges: Ranges) -> Ranges:
    out: list[tuple[int, int]] = []
    at = 0
    for low, high in ranges:
        if at < low:
            out.append((at, low - 1))
        at = high + 1
    if at <= _TOP:
        out.append((at, _TOP))
    return tuple(out)


def _overlap(a: Ranges, b: Ranges) -> bool:
    return any(x[0] <= y[1] and y[0] <= x[1] for x in a for y in b)


def _escape(code: int) -> str:
    char = chr(code)
    if char.isascii() and not char.isalnum() and char not in " _":
        return {"\n": r"\n", "\t": r"\t", "\r": r"\r", "\f": r"\f"}.get(char, "\\" + char)
    return char


def _class_source(ranges: Ranges, negated: bool) -> str:
    body = "".join(_escape(low) if low == high else f"{_escape(low)}-{_escape(high)}" for low, high in ranges)
    return f"[{'^' if negated else ''}{body}]"


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.ambiguous = 0
        self.ways = 1  # in how many ways bounded repetitions and alternatives may share text, at worst

    def fail(self, reason: str, at: int | None = None) -> PatternError:
        return PatternError(reason, self.at if at is None else at)

    @property
    def here(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""

    def alternatives(self, depth: int) -> tuple[str, bool, bool]:
        """Source, whether it holds repetitions or alternatives, whether every branch is anchored at the beginning."""
        if depth > MAX_DEPTH:
            raise self.fail(f"groups nested deeper than {MAX_DEPTH}")
        branches = [self.sequence(depth)]
        while self.here == "|":
            self.at += 1
            branches.append(self.sequence(depth))
        if depth:
            self.ways *= len(branches)
        source = "|".join(branch[0] for branch in branches)
        return source, len(branches) > 1 or any(branch[1] for branch in branches), all(branch[2] for branch in branches)

    def sequence(self, depth: int) -> tuple[str, bool, bool]:
        atoms: list[_Atom] = []
        while self.here and self.here not in "|)":
            atoms.append(self.quantified(depth))
        for at, atom in enumerate(atoms):
            if atom.low == atom.high:
                continue
            following = atoms[at + 1] if at + 1 < len(atoms) else None
            last = following is None and depth == 0
            closed = following is not None and following.anchor == "$"
            apart = (
                following is not None
                and following.low > 0
                and following.chars is not None
                and atom.chars is not None
                and not _overlap(atom.chars, following.chars)
            )
            if last or closed or apart:
                continue
            if atom.high is None:
                self.ambiguous += 1
            else:
                self.ways *= atom.high - atom.low + 1
        repeats = any(atom.repeats for atom in atoms)
        return "".join(atom.source for atom in atoms), repeats, bool(atoms) and atoms[0].anchor == "^"

    def quantified(self, depth: int) -> _Atom:
        begin = self.at
        atom = self.atom(depth)
        sign = self.here
        if sign == "" or sign not in "?*+{":
            return atom
        if atom.anchor:
            raise self.fail("an anchor cannot be repeated")
        low, high, source = self.bounds()
        if self.here and self.here in "?*+{":
            raise self.fail("a second repetition sign (lazy and possessive forms are not part of the subset)")
        many = high is None or high > 1
        if many and atom.repeats:
            raise self.fail("a repeated group may not hold repetitions or alternatives (it could take for ever)", begin)
        return _Atom(atom.source + source, atom.chars, "", True, low, high)

    def bounds(self) -> tuple[int, int | None, str]:
        sign = self.here
        self.at += 1
        if sign != "{":
            return (0 if sign in "?*" else 1), (1 if sign == "?" else None), sign
        close = self.text.find("}", self.at)
        first, comma, second = self.text[self.at : close].partition(",") if close > 0 else ("", "", "")
        if not (first.isascii() and first.isdigit()) or (second and not (second.isascii() and second.isdigit())):
            raise self.fail("a repetition is written {2}, {2,} or {2,5}")
        low = int(first[:6])
        high = int(second[:6]) if second else (None if comma else low)
        if max(low, high or 0) > MAX_REPEAT or (high is not None and high < low):
            raise self.fail(f"repetition bounds must rise and be at most {MAX_REPEAT}")
        self.at = close + 1
        return low, high, "{" + str(low) + ("" if not comma else "," if high is None else f",{high}") + "}"

    def atom(self, depth: int) -> _Atom:
        sign = self.here
        if sign == "(":
            return self.group(depth)
        if sign == "[":
            return self.char_class()
        self.at += 1
        if sign == ".":
            return _Atom("[^\\n]", _negate(((10, 10),)))
        if sign in "^$":
            return _Atom("^" if sign == "^" else _END, anchor=sign)
        if sign in "*+?{":
            raise self.fail("nothing to repeat", self.at - 1)
        if sign in "]}":
            raise self.fail(f"write \\{sign} for the sign itself", self.at - 1)
        if sign == "\\":
            return self.escaped()
        return _Atom(_escape(ord(sign)), ((ord(sign), ord(sign)),))

    def escaped(self) -> _Atom:
        sign = self.here
        self.at += 1
        if sign == "b":
            return _Atom(r"\b", anchor="b")
        if sign in _CLASSES and sign:
            return _Atom(_class_source(_CLASSES[sign], False), _CLASSES[sign])
        if sign and sign in _SIGNS:
            return _Atom(_escape(ord(sign)), ((ord(sign), ord(sign)),))
        raise self.fail(f"'\\{sign}' is not part of the subset", self.at - 2)

    def group(self, depth: int) -> _Atom:
        begin = self.at
        self.at += 1
        if self.text.startswith("?:", self.at):
            self.at += 2
        elif self.here == "?":
            raise self.fail("only plain groups (...) and (?:...) are part of the subset: no lookaround, names or flags", begin)
        source, repeats, _anchored = self.alternatives(depth + 1)
        if self.here != ")":
            raise self.fail("a group that is never closed", begin)
        self.at += 1
        return _Atom(f"(?:{source})", repeats=repeats)

    def char_class(self) -> _Atom:
        begin = self.at
        self.at += 1
        negated = self.here == "^"
        self.at += negated
        ranges: list[tuple[int, int]] = []
        while self.here != "]" or self.at == begin + 1 + negated:
            if not self.here or self.here == "[":
                raise self.fail("write \\[ for the sign itself inside a class" if self.here else "a class that is never closed", begin)
            if self.here == "]":
                raise self.fail("an empty class", begin)
            low = self.class_item(ranges)
            if low is None:
                continue
            if self.here == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self.class_item(ranges)
                if high is None or high < low:
                    raise self.fail("a range that does not rise", begin)
                ranges.append((low, high))
            else:
                ranges.append((low, low))
        self.at += 1
        joined = _join(ranges)
        return _Atom(_class_source(joined, negated), _negate(joined) if negated else joined)

    def class_item(self, ranges: list[tuple[int, int]]) -> int | None:
        sign = self.here
        self.at += 1
        if sign != "\\":
            return ord(sign)
        sign = self.here
        self.at += 1
        if sign and sign in _CLASSES:
            ranges.extend(_CLASSES[sign])
            return None
        if sign and sign in _SIGNS:
            return ord(sign)
        raise self.fail(f"'\\{sign}' is not part of the subset", self.at - 2)


def _canonical(pattern: str) -> str:
    if len(pattern) > MAX_PATTERN:
        raise PatternError(f"longer than {MAX_PATTERN} characters", MAX_PATTERN)
    if any(ord(char) < 32 or 0xD800 <= ord(char) <= 0xDFFF for char in pattern):
        raise PatternError("holds a control character", 0)
    reader = _Reader(pattern)
    source, _repeats, anchored = reader.alternatives(0)
    if reader.here:
        raise reader.fail("')' without '('")
    if (reader.ambiguous and reader.ambiguous + (not anchored) > MAX_AMBIGUOUS) or reader.ways > MAX_WAYS:
        raise PatternError("too many repetitions or alternatives that may share text; anchor it with ^ or use narrower classes", 0)
    return source


def for_re2(pattern: str) -> str:
    """The pattern in the form for RE2 (DuckDB). Raises `PatternError` for anything outside the subset."""
    return _canonical(pattern).replace(_END, r"\z")


def for_python(pattern: str) -> str:
    """The pattern in the form for Python's `re` (compile it with re.ASCII). Raises `PatternError`."""
    return _canonical(pattern).replace(_END, r"\Z")
