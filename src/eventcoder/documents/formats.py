"""One file's text -> text and metadata of one article: plain text, Markdown, HTML. Floor 2.

Each function takes decoded text and returns `(body, raw metadata, extractor, version)`; the body is not yet normalised, the metadata not yet
parsed. Plain text has three forms: a first line ` date 2020-01-17 Text ...`; a block of `Key: value` lines and an empty line; bare text.
"""

from __future__ import annotations

import re
from typing import Any

from eventcoder.documents.metadata import Misread, canonical_key, is_ignored

Parsed = tuple[str, dict[str, Any], str, str]

VERSION = "1"  # of our own readers: raise it when the same file would give another text
_DATED = re.compile(r"\s{0,3}date (\d{4}-\d{1,2}-\d{1,2})(?:[ \t]+|[ \t]*\r?\n\s*|\s*$)")
_HEADER = re.compile(r"([A-Za-z][A-Za-z _-]{0,30}):(?:[ \t]+(.*\S))?[ \t]*")
_FRONT = re.compile(r"---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)


def plain(text: str) -> Parsed:
    """Plain text in any of its three forms."""
    text = text.replace("\r\n", "\n").lstrip("\ufeff")
    if m := _DATED.match(text):
        return text[m.end() :], {"published": m[1]}, "plain", VERSION
    raw: dict[str, Any] = {}
    position = 0
    body = text.lstrip("\n")
    for line in body.split("\n"):
        if not line.strip():
            break
        m2 = _HEADER.fullmatch(line)
        if m2 is None or not (canonical_key(m2[1]) or is_ignored(m2[1])):
            return text, {}, "plain", VERSION
        raw.setdefault(m2[1], m2[2] or "")
        position += len(line) + 1
    if not any(canonical_key(k) for k in raw):
        return text, {}, "plain", VERSION
    return body[position:], raw, "plain", VERSION


def markdown(text: str) -> Parsed:
    """Markdown: front matter as metadata, the first top heading as title, markup as the plain text that a reader sees."""
    text = text.replace("\r\n", "\n").lstrip("\ufeff")
    raw: dict[str, Any] = {}
    if m := _FRONT.match(text):
        raw = front_matter(m[1])
        text = text[m.end() :]
    elif text.startswith("---\n") and not re.search(r"^---[ \t]*$", text[4:], re.MULTILINE):
        raise Misread("document-format", "its front matter has no closing line '---'.", "text", None)
    if m := re.match(r"\s*#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|$)", text) or re.match(r"\s*(\S[^\n]*)\n=+[ \t]*(?:\n|$)", text):
        raw.setdefault("title", _inline(m[1]))
        text = text[m.end() :]
    return _blocks(text), raw, "markdown", VERSION


def front_matter(block: str) -> dict[str, Any]:
    """`key: value` lines, strictly: plain or quoted scalars; `[a, b]` and `- item` lists are kept as lists. Raises `Misread`.

    Not YAML: no nesting, no types, no anchors. A value is always text, so that `no` and 2020-01-17 stay what was written.
    """
    raw: dict[str, Any] = {}
    last = ""
    for number, line in enumerate(block.split("\n"), 2):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if (m := re.fullmatch(r"\s*-\s+(.*\S)\s*", line)) and last and (raw[last] == "" or isinstance(raw[last], list)):
            raw[last] = [*(raw[last] or []), _scalar(m[1])]
            continue
        m = re.fullmatch(r"([A-Za-z][\w -]*?)\s*:(?:\s+(.*\S))?\s*", line)
        if m is None:
            raise Misread("document-format", f"line {number} of its front matter is not 'key: value': {line.strip()[:60]!r}.", "text", line.strip())
        last = m[1]
        if last in raw:
            raise Misread("document-format", f"line {number} of its front matter gives '{last}' a second time.", "text", last)
        value = m[2] or ""
        if value.startswith("[") and value.endswith("]"):
            raw[last] = [_scalar(part.strip()) for part in value[1:-1].split(",") if part.strip()]
        else:
            raw[last] = _scalar(value)
    return raw


def _scalar(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        quote = value[0]
        inner = value[1:-1]
        return inner.replace('\\"', '"').replace("\\\\", "\\") if quote == '"' else inner.replace("''", "'")
    return re.sub(r"\s+#.*$", "", value)


def _blocks(text: str) -> str:
    out: list[str] = []
    fenced = False
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r"<(script|style)\b.*?</\1\s*>", "", text, flags=re.DOTALL | re.IGNORECASE)
    for line in text.split("\n"):
        if re.match(r"\s*(```|~~~)", line):
            fenced = not fenced
            continue
        if fenced:
            out.append(line)
            continue
        if re.fullmatch(r"\s*([-*_])\s*(?:\1\s*){2,}", line) or re.fullmatch(r"\s*(=+|-{2,})\s*", line) or re.match(r"\s*\[[^\]]+\]:\s+\S+", line):
            out.append("")
            continue
        line = re.sub(r"^\s{0,3}#{1,6}[ \t]+(.*?)[ \t]*#*$", r"\1", line)
        line = re.sub(r"^\s{0,3}(?:>[ \t]?)+", "", line)
        line = re.sub(r"^\s*[-*+][ \t]+", "", line)
        out.append(_inline(line))
    return "\n".join(out)


def _inline(line: str) -> str:
    line = re.sub(r"!\[([^\]]*)\]\([^)]*\)", r"\1", line)
    line = re.sub(r"\[([^\]]+)\]\((?:[^()]|\([^)]*\))*\)", r"\1", line)
    line = re.sub(r"\[([^\]]+)\]\[[^\]]*\]", r"\1", line)
    line = re.sub(r"<(https?://[^>\s]+|[^>\s@]+@[^>\s]+)>", r"\1", line)
    line = re.sub(r"</?[A-Za-z][^>]*>", "", line)
    line = re.sub(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1", r"\2", line)
    line = re.sub(r"(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])", r"\1", line)
    line = re.sub(r"(?<!\w)_(?=\S)([^_]+?)(?<=\S)_(?!\w)", r"\1", line)
    line = re.sub(r"`([^`]+)`", r"\1", line)
    return re.sub(r"\\([\\`*_{}\[\]()#+\-.!>])", r"\1", line)


def declared_charset(data: bytes) -> str | None:
    """The charset that an HTML page names in its head."""
    m = _CHARSET.search(data[:4096])
    return m[1].decode("ascii") if m else None


def html(text: str) -> Parsed:
    """A web page: main text by trafilatura without comments; title, day, site and address from the page's own metadata.

    The day is taken from markup only (`meta`, `time`, JSON-LD): the extensive search of htmldate would take a footer's copyright year.
    """
    import trafilatura

    found: Any = trafilatura.bare_extraction(
        text, include_comments=False, with_metadata=True, date_extraction_params={"extensive_search": False, "original_date": True}
    )
    version = str(trafilatura.__version__)
    if found is None or not found.text:
        raise Misread("document-empty", "no article text was found in this page. Save the text itself as .txt.", "text", None)
    raw: dict[str, Any] = {"title": found.title, "published": found.date, "publisher": found.sitename, "url": found.url}
    if m := re.search(r"<html[^>]*?\slang\s*=\s*[\"']?([A-Za-z]{2,3})\b", text[:4096], re.IGNORECASE):
        raw["language"] = m[1]
    return found.text, {k: v for k, v in raw.items() if v}, "trafilatura", version
