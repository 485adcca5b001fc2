"""Pages become text that helps a model: structure, code and formulas stay; hostile pages cost bounded time."""

import tracemalloc

import pytest

from udfs.sources import html
from udfs.sources.found import Undecodable
from udfs.sources.html import page
from udfs.sources.mathml import latex

LONG = "This is a sentence of a paragraph that is long enough to be taken for the main text of the page, in 1912. "
MENU = "<nav><ul>" + "<li><a href='/x'>Menu item</a></li>" * 9 + "</ul></nav>"


def text_of(*body: str, head: str = "") -> str:
    """Return the main text of a page with a menu and enough prose around what is looked at."""
    inner = "".join(body)
    source = (
        f"<html lang='en-US'><head><title>T</title>{head}</head><body>{MENU}<main><article><p>{LONG * 3}</p>{inner}"
        f"<p>{LONG * 3}</p></article></main><footer>Imprint and so on</footer></body></html>"
    )
    text = page(source.encode(), {})["text"] or ""
    assert "Menu item" not in text
    start, end = text.find("in 1912."), text.rfind("This is a sentence")
    paragraph = " ".join([LONG.strip()] * 3)
    assert text.startswith(paragraph), text
    assert text.endswith(paragraph), text
    assert start < end
    return text[len(paragraph) : -len(paragraph)].strip()


def test_headings_lists_tables_and_quotes() -> None:
    assert text_of("<h2>How it <em>was</em> built</h2>", "<p>One<br>two <b>bold</b>\n three.</p>") == (
        "## How it was built\n\nOne\ntwo bold three."
    )
    assert text_of("<ul><li>first</li><li>second <a href='/y'>with link</a><ol><li>inner</li></ol></li></ul>") == (
        "- first\n- second with link\n  1. inner"
    )
    assert text_of("<ul><li><h4>The first</h4></li></ul>") == "- The first"
    assert text_of("<dl><dt>Span</dt><dd>120 m</dd></dl>") == "- Span\n  120 m"
    rows = "<tr><th>Year</th><th>Length</th></tr><tr><td>1912</td><td>120 m</td></tr><tr><td>1950</td><td></td></tr>"
    assert text_of(f"<table>{rows}</table>") == "| Year | Length |\n|---|---|\n| 1912 | 120 m |\n| 1950 |  |"
    assert text_of("<blockquote><p>One.</p><p>Two.</p></blockquote>") == "> One.\n>\n> Two."


CODE = "def f(x):\n    if x:\n        return x * 2  # a_b\n\n    return None"
MARKED = "\n".join(f"<span class='k'>{line}</span>" for line in CODE.split("\n"))


@pytest.mark.parametrize(
    "block",
    [
        f"<pre>{CODE}</pre>",
        f"<pre><code class='python'>\n{CODE}\n</code></pre>",
        f"<div class='highlight'><pre>{MARKED}</pre></div>",
        f"<pre>{CODE}</pre>".replace("\n", "<br>"),
    ],
)  # fmt: skip
def test_code_keeps_its_lines_and_indents(block: str) -> None:
    assert text_of(block) == f"```\n{CODE}\n```"


def test_code_in_a_line() -> None:
    assert text_of("<p>Call <code>f(x)</code> on&shy;ce &amp; wait.</p>") == "Call `f(x)` once & wait."


MATHML = (
    "<math><mfrac><mn>1</mn><msqrt><mi>n</mi></msqrt></mfrac><mo>&#x2264;</mo>"
    "<msubsup><mo>&#x2211;</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></msubsup><msub><mi>x</mi><mi>i</mi></msub></math>"
)
NOTED = "<math><semantics><mi>x</mi><annotation encoding='application/x-tex'>x^{2}_1</annotation></semantics></math>"


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        (r"<script type='math/tex'>\frac{a_1}{b} * c</script>", r"$\frac{a_1}{b} * c$"),
        (r"<script type='math/tex; mode=display'>a &lt; b</script>", r"$$a &lt; b$$"),
        (r"<span class='MathJax_Preview'>x</span><span class='MathJax'>x</span><script type='math/tex'>x</script>",
         "$x$"),
        (f"<span class='katex'><span class='katex-mathml'>{NOTED}</span><span class='katex-html'>x2</span></span>",
         "$x^{2}_1$"),
        (f"<span class='katex-display'><span class='katex'>{NOTED}<i>x2</i></span></span>", "$$x^{2}_1$$"),
        (f"<mjx-container><svg></svg><mjx-assistive-mml>{NOTED}</mjx-assistive-mml></mjx-container>", "$x^{2}_1$"),
        ("<math alttext='E = mc^2' display='block'><mi>E</mi></math>", "$$E = mc^2$$"),
        ("<span class='mwe-math-element'><span style='display:none'><math alttext='{\\displaystyle x}'></math></span>"
         "<img class='mwe-math-fallback-image-inline' alt='{\\displaystyle x}'></span>", "$x$"),
        ("<img class='latex' src='/l.png' alt='\\alpha + 1'>", r"$\alpha + 1$"),
        (MATHML, r"$\frac{1}{\sqrt{n}}\le\sum_{i=1}^nx_i$"),
        (r"\(a_1 * b_2\) and $$\sum_i x_i$$", r"\(a_1 * b_2\) and $$\sum_i x_i$$"),
        ("10<sup>6</sup> m<sup>2</sup> of CO<sub>2</sub>, x<sub>i</sub>", "10^6 m^2 of CO2, x_i"),
        ("the 1<sup>st</sup> bridge<sup>3</sup>", "the 1st bridge3"),
    ],
)  # fmt: skip
def test_formulas_stay_in_their_sentence(markup: str, shown: str) -> None:
    assert (
        text_of(f"<p>So we see that {markup} holds for all of them.</p>")
        == f"So we see that {shown} holds for all of them."
    )


@pytest.mark.parametrize(
    ("inner", "tex"),
    [
        ("<mi>sin</mi><mo>&#x2061;</mo><mi>x</mi>", r"\sin x"),
        ("<mi>&#x3B1;</mi><mi>x</mi><mo>+</mo><mi>&#x394;</mi>", r"\alpha x+\Delta"),
        ("<mover><mi>v</mi><mo>&#x2192;</mo></mover>", r"\vec{v}"),
        ("<munder><mo>lim</mo><mrow><mi>n</mi><mo>&#x2192;</mo><mi>&#x221E;</mi></mrow></munder>",
         r"\lim_{n\to\infty}"),
        ("<mfenced open='[' close=')'><mi>a</mi><mi>b</mi></mfenced>", "[a,b)"),
        ("<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr><mtr><mtd/><mtd><mn>4</mn></mtd></mtr></mtable>",
         r"\begin{matrix}1 & 2 \\  & 4\end{matrix}"),
        ("<msup><mrow><mo>(</mo><mi>a</mi><mo>)</mo></mrow><mn>2</mn></msup>", "{(a)}^2"),
        ("<mi mathvariant='double-struck'>R</mi><mtext>&#xA0;if 5%</mtext>", r"\mathbb{R}\text{ if 5%}"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot><mn>50%</mn>", r"\sqrt[3]{x}50\%"),
        ("<mfrac><mi>a</mi></mfrac><unknown><mi>b</mi></unknown>", "ab"),
        ("<mrow>" * 500 + "<mi>x</mi>", ""),
    ],
)  # fmt: skip
def test_mathml_becomes_latex(inner: str, tex: str) -> None:
    tree = html._parsed(f"<html><body><math>{inner}</math></body></html>")
    assert latex(tree.xpath("//math")[0]) == tex


HEAD = """<meta name="Robots" content="NoAI, index, noarchive"><link rel="license" href="https://cc.org/by/4.0/">
<meta property="og:title" content="The bridge">"""


def test_what_a_page_says_of_itself() -> None:
    body = f"<h1>THE bridge</h1><p>{LONG * 4}</p>"
    source = f"<html lang='de-AT'><head><title>x | y</title>{HEAD}</head><body>{body}</body></html>"
    fields = page(source.encode(), {"x-robots-tag": "noimageai"})
    assert {k: v for k, v in fields.items() if k != "text"} == {
        "title": "The bridge", "language": "de", "license": "https://cc.org/by/4.0/", "redirect": None,
        "robots": "noai, noarchive, noimageai",
    }  # fmt: skip
    assert (fields["text"] or "").startswith("# THE bridge\n\nThis is")


def test_a_page_that_sends_on() -> None:
    meta = '<meta http-equiv="Refresh" content="0; URL=\'https://new.org/\'">'
    refresh = f"<html><head>{meta}</head><body><a>here</a></body></html>"
    assert page(refresh.encode(), {})["redirect"] == "https://new.org/"


@pytest.mark.parametrize("content", [" " * 1_000_000 + "x", "0" * 500_000 + " " * 500_000, "0;url=" + " " * 1_000_000])
def test_a_refresh_without_an_address_sends_nowhere(content: str) -> None:
    refresh = f"<html><head><meta http-equiv='refresh' content='{content}'></head><body>{P}</body></html>"
    assert page(refresh.encode(), {})["redirect"] is None


@pytest.mark.parametrize(
    "body", [b"", b"   ", b"<html>", b"<!-- x -->", b"\0\0", b"<?xml version='1.0' encoding='utf-16'?>"]
)
def test_a_page_without_text_is_empty(body: bytes) -> None:
    assert page(body, {})["text"] == ""


def test_nul_bytes_and_an_xml_declaration_end_nothing() -> None:
    body = f"<p>\0{LONG * 3}</p><p>Br\0ücke. {LONG}</p>"
    source = f"<?xml version='1.0' encoding='ISO-8859-1'?><html><body>{body}</body></html>"
    assert "Brücke. This is" in (page(source.encode(), {})["text"] or "")


P = f"<p>{LONG}</p>"
MANY = html.MAX_ELEMENTS + 2000
BOMBS = {
    "nested": "<div>" * MANY + P, "nested tables": "<table><tr><td>" * MANY + P, "nested lists": "<ul><li>" * MANY + P,
    "nested marks": "<p>" + "<sup>" * MANY + P, "paragraphs": P * MANY, "breaks": "<br>a" * MANY,
    "links": "<a href='x'>link</a>" * MANY, "exponents": "<p>" + "x<sup>2</sup>" * MANY,
    "formulas": "<p>" + "<math><mi>x</mi></math> " * MANY, "cells": "<table>" + "<tr><td>1<td>2" * MANY,
    "loose text": "<div>some text</div>" * MANY, "brackets": "<" * 9 * MANY, "spaces": " " * 99 * MANY + P,
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_bounded_memory_and_no_square_of_time(name: str) -> None:
    source = f"<html><head><title>t</title></head><body>{P}{BOMBS[name]}</body></html>".encode()
    tracemalloc.start()
    text = page(source, {})["text"] or ""
    assert tracemalloc.get_traced_memory()[1] < 25 * len(source) + 20_000_000
    tracemalloc.stop()
    assert len(text) <= len(source)


def test_a_tag_of_many_attributes_is_not_parsed() -> None:
    with pytest.raises(Undecodable, match="a tag with 200001 attributes"):
        page(b"<html><body " + b" ".join(b"a%d='>'" % i for i in range(200_000)) + b"><p>x</body></html>", {})


def test_a_large_page_keeps_its_structure() -> None:
    rows = "".join(f"<tr><td>Bridge {i}</td><td>{i} m</td></tr>" for i in range(html.MAX_ELEMENTS // 3))
    body = f"{MENU}<h2>All bridges</h2><table><tbody>{rows}</tbody></table><ul><li>one<li>two</ul>{P}"
    source = f"<html><body>{body}</body></html>"
    text = page(source.encode(), {})["text"] or ""
    assert text.startswith("## All bridges\n\n| Bridge 0 | 0 m |\n| Bridge 1 | 1 m |\n")
    assert text.endswith(f"- one\n- two\n\n{LONG.strip()}")
