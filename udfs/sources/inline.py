"""What a text extractor would lose from a page: formulas as LaTeX, exponents and indices, the layout of code.

Each is written into the parsed page as text, in place, before the main text is sought.
"""

import re
from typing import Any

from udfs.sources.mathml import latex

# Marks beside a text that are not of it: MediaWiki's [edit] and footnote numbers, Sphinx's anchors.
_MARKS = "//span[@class='mw-editsection'] | //sup[@class='reference'] | //a[@class='headerlink']"
_TEX_SCRIPT = "script[starts-with(@type, 'math/tex')]"
_RENDERED = "contains(concat(' ', @class, ' '), ' {} ')"
_DRAWN_BY_MATHJAX = " or ".join(
    _RENDERED.format(c) for c in ("MathJax", "MathJax_Display", "MathJax_Preview", "MathJax_SVG", "MathJax_CHTML")
)
_WRAPPERS = f"ancestor::*[self::mjx-container or {_RENDERED.format('katex')} or {_RENDERED.format('mwe-math-element')}]"
_FORMULA_IMAGE = re.compile(r"(?:^|\s)(?:latex|tex|math|mwe-math-fallback-image-(?:inline|display))(?:\s|$)")
_FORMULA_SOURCE = re.compile(r"latex\.codecogs\.com|/latex\.php\?|/math/render/")
_STYLE = re.compile(r"^\{\\displaystyle\s++(.*)\}$", re.S)
_ELEMENT_COUNT = re.compile(r"(?:[A-Z][a-z]?|[)\]])$")  # CO2, Ca(OH)2
_RAISED = re.compile(r"(?:[0-9)\]}]|(?<![A-Za-z])[A-Za-z]{1,3})$")  # 10^6, km^2; not a footnote's mark behind a word
_EXPONENT = re.compile(r"[-+−–]?(?:\d{1,4}|[a-z])")


def write_inline(tree: Any) -> None:
    """Put formulas, exponents and code into a parsed page as text."""
    for mark in tree.xpath(_MARKS):
        mark.drop_tree()
    _formulas(tree)
    _scripts(tree)
    for block in list(tree.iter("pre")):
        _code(block)


def _formulas(tree: Any) -> None:
    scripts = tree.xpath(f"//{_TEX_SCRIPT}")
    if scripts:
        for drawn in tree.xpath(f"//*[{_DRAWN_BY_MATHJAX}]"):
            if drawn.getparent() is not None:
                drawn.drop_tree()
    for script in scripts:
        _put(script, script.text or "", "display" in script.get("type"))
    for math in tree.xpath("//*[local-name()='math']"):
        if math.getroottree().getroot() is tree:  # else it went with a formula around it
            whole = next(iter(math.xpath(_WRAPPERS)), math)
            parent = whole.getparent()
            shown = math.get("display") == "block" or "katex-display" in (parent.get("class") or "")
            _put(whole, _source(math), shown)
    for image in tree.xpath("//img[@alt]"):
        if _FORMULA_IMAGE.search(image.get("class") or "") or _FORMULA_SOURCE.search(image.get("src") or ""):
            _put(image, image.get("alt").strip("$"), False)


def _source(math: Any) -> str:
    """Return a formula's own TeX where the page carries it, else what its MathML says."""
    for note in math.xpath(".//*[local-name()='annotation']"):
        if "tex" in (note.get("encoding") or "").lower() and (note.text or "").strip():
            return str(note.text)
    return math.get("alttext") or latex(math)


def _put(element: Any, tex: str, display: bool) -> None:
    """Put a formula in the place of an element."""
    tex = " ".join(tex.split())
    while found := _STYLE.match(tex):
        tex = found[1].strip()
    mark, tail = "$$" if display else "$", element.tail
    element.clear()
    element.tag, element.text, element.tail = "span", f"{mark}{tex}{mark}" if tex else "", tail


def _scripts(tree: Any) -> None:
    for element in list(tree.iter("sub", "sup")):
        text = element.text_content().strip()
        before = element.getprevious()
        left = (before.tail if before is not None else element.getparent().text) or "" if text else ""
        if element.tag == "sup":
            sign = "^" if _EXPONENT.fullmatch(text) and _RAISED.search(left) else ""
        else:
            sign = "" if text.isdigit() and _ELEMENT_COUNT.search(left) else "_"
        if text and sign and left[-1:].strip():
            element.text = sign + (element.text or "").lstrip()
        element.tag = "span"


def _code(block: Any) -> None:
    """Make a block of code one element with its text, lines and indents as they are."""
    for line_break in block.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "")
    text, tail = block.text_content().strip("\n"), block.tail
    block.clear()
    block.tag, block.text, block.tail = "code", "\n".join(line.rstrip() for line in text.split("\n")) + "\n", tail
