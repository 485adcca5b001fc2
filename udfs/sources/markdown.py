"""The main text of a page, as a tree of a few elements -> plain text with its headings, lists, tables and code."""

import re
from collections.abc import Iterator
from typing import Any

from lxml.etree import strip_elements, strip_tags

_BREAK = "\v"  # a line break that the page means, until white space is folded
_SPACE = re.compile(r"[ \t\r\n\f\xa0]+")
_AROUND_BREAK = re.compile(r" *\v[ \v]*")
_FRAME = (
    "nav", "header", "footer", "aside", "form", "script", "style", "noscript", "template", "iframe", "svg", "button",
    "select", "textarea", "object", "head",
)  # fmt: skip
_NAMES = {
    **{f"h{i}": "head" for i in range(1, 7)}, **dict.fromkeys(("ul", "ol", "dl"), "list"),
    **dict.fromkeys(("li", "dt", "dd"), "item"), **dict.fromkeys(("td", "th"), "cell"), "tr": "row", "br": "lb",
    "blockquote": "quote", "table": "table", "code": "code", "p": "p",
    **dict.fromkeys(("body", "div", "section", "article", "main", "figure", "figcaption", "details", "summary"), "div"),
}  # fmt: skip
_BLOCKS = {"p", "head", "list", "table", "quote", "code", "div"}


def markdown(body: Any) -> str:
    """Return the text: blocks between blank lines; `#` before headings, `-` or numbers before items, `|` between
    cells, fences around code. No emphasis and no links, so that a sentence stays as it reads.
    """
    return "\n\n".join(filter(None, _blocks(body)))


def whole_body(tree: Any) -> Any:
    """Turn a parsed page, without its menus and forms, into the elements that `markdown` knows; in linear time."""
    strip_elements(tree, *_FRAME, with_tail=False)
    strip_tags(tree, "thead", "tbody", "tfoot")
    for element in tree.iter("*"):
        kind, name = str(element.tag), _NAMES.get(str(element.tag), "span")
        element.attrib.clear()
        element.tag = name
        if name in ("head", "list", "item"):
            element.set("rend", kind)
        elif kind == "th":
            element.set("role", "head")
    tree.tag = "body"
    return tree


def _blocks(element: Any) -> Iterator[str]:
    """Yield the blocks of an element; loose text between them is one too."""
    loose = [element.text or ""]
    for child in element:
        if _is_block(child):
            yield _tidy("".join(loose))
            yield _block(child)
            loose = [child.tail or ""]
        else:
            loose += [_inline(child), child.tail or ""]
    yield _tidy("".join(loose))


def _is_block(element: Any) -> bool:
    if element.tag == "code":
        return "\n" in "".join(element.itertext()).strip("\n") or element.getparent().tag == "body"
    return element.tag in _BLOCKS


def _block(element: Any) -> str:
    if element.tag == "head":
        level = element.get("rend", "h2")[1:]
        text = " ".join(_tidy(_inside(element)).split("\n"))
        if element.getparent().tag in ("item", "cell"):
            return text
        return f"{'#' * (int(level) if level.isdigit() else 2)} {text}" if text else ""
    if element.tag == "code":
        text = "".join(element.itertext()).strip("\n")
        return f"```\n{text}\n```" if text.strip() else ""
    if element.tag == "list":
        return "\n".join(_items(element))
    if element.tag == "table":
        return _table(element)
    inner = "\n\n".join(filter(None, _blocks(element)))
    return "\n".join(f"> {line}".rstrip() for line in inner.split("\n")) if element.tag == "quote" and inner else inner


def _items(element: Any) -> Iterator[str]:
    for number, item in enumerate(element, 1):
        mark = f"{number}." if element.get("rend") == "ol" else "-"
        kind = item.get("rend") or ""
        inner = "\n".join(filter(None, _blocks(item)))
        if inner:
            first, *rest = inner.split("\n")
            yield f"  {first}" if kind.startswith("dd") else f"{mark} {first}"
            yield from (f"  {line}" for line in rest)


def _table(element: Any) -> str:
    rows = [[_cell(c) for c in row if c.tag == "cell"] if row.tag == "row" else [_cell(row)] for row in element]
    rows = [row for row in rows if any(row)]
    if max(map(len, rows), default=0) < 2:  # a column alone is layout
        return "\n\n".join(cell for row in rows for cell in row)
    lines = [f"| {' | '.join(row)} |" if len(row) > 1 else row[0] for row in rows]
    if next((c.get("role") for c in element.iter("cell")), None) == "head" and len(rows[0]) > 1:
        lines.insert(1, "|" + "---|" * len(rows[0]))
    return "\n".join(lines)


def _cell(element: Any) -> str:
    return " ".join(" ".join(filter(None, _blocks(element))).split())


def _inline(element: Any) -> str:
    if element.tag == "lb":
        return _BREAK
    if element.tag == "code":
        text = " ".join("".join(element.itertext()).split())
        return f"`{text}`" if text else ""
    return _inside(element)


def _inside(element: Any) -> str:
    parts = [element.text or ""]
    for child in element:
        around = _BREAK if child.tag in _BLOCKS and child.tag != "code" else ""
        parts += [around, _inline(child), around, child.tail or ""]
    return "".join(parts)


def _tidy(text: str) -> str:
    return _AROUND_BREAK.sub("\n", _SPACE.sub(" ", text)).strip()
