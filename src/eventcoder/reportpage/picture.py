"""SVG as the drawing library gives it, made small, quiet and safe to stand in a page. Floor 5.

Several pictures share one page, so ids are named after their picture. What a mark says becomes its `<title>` (a tooltip, where there is a mouse);
to somebody who listens the whole picture is one image with one text, and the table below it has the numbers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

_SVG = "{http://www.w3.org/2000/svg}"
_NUMBER = re.compile(r"-?[0-9]+\.[0-9]+(?:e-?[0-9]+)?")
_DRAWN = ("d", "transform", "x", "y", "x2", "y2", "width", "height")
_DROPPED = ("role", "aria-roledescription", "aria-hidden", "aria-label", "pointer-events", "class")


def quiet(svg: str, name: str, text: str, look: str) -> str:
    """The picture for the page: `name` is unlike every other on it, `text` says what is seen, `look` is its class in the style sheet."""
    from lxml import etree

    root = etree.fromstring(svg.encode(), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    ids = {str(node.get("id")): f"{name}-{at}" for at, node in enumerate(root.iter(f"{_SVG}clipPath"))}
    for node in list(root.iter(f"{_SVG}*")):
        _clean(node, ids)
    width, height = root.get("width"), root.get("height")
    root.attrib.clear()
    for key, value in (("class", look), ("viewBox", f"0 0 {width} {height}"), ("role", "img"), ("aria-label", text)):
        root.set(key, value)
    etree.cleanup_namespaces(root)
    text_form: str = etree.tostring(root, encoding="unicode", with_tail=False)
    return text_form.replace(' xmlns="http://www.w3.org/2000/svg"', "", 1)


def _clean(node: _Element, ids: dict[str, str]) -> None:
    said = node.get("aria-label") if node.get("aria-roledescription") not in ("axis", "legend") else None
    parent = node.getparent()
    if parent is not None and (node.get("display") == "none" or node.get("class") in ("background", "foreground") or node.get("opacity") == "0"):
        parent.remove(node)
        return
    for name in _DROPPED:
        node.attrib.pop(name, None)
    for name in _DRAWN:
        if name in node.attrib:
            node.set(name, _NUMBER.sub(_shorter, str(node.get(name))))
    if node.get("id") in ids:
        node.set("id", ids[str(node.get("id"))])
    if "clip-path" in node.attrib:
        node.set("clip-path", re.sub(r"#([\w-]+)", lambda found: "#" + ids.get(found[1], found[1]), str(node.get("clip-path"))))
    for name in [n for n, value in node.attrib.items() if (n, value) in (("opacity", "1"), ("font-family", "sans-serif"))]:
        node.attrib.pop(name)
    if said:
        title = node.makeelement(f"{_SVG}title")
        title.text = said
        node.insert(0, title)


def _shorter(found: re.Match[str]) -> str:
    return f"{round(float(found[0]), 1):g}" if abs(float(found[0])) < 100_000 else found[0]
